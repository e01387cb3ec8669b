// The numbered list of rules: given an event as it stands, which product to propose next. One rule, one reason.
#ifndef WF_WARN_RULES_H
#define WF_WARN_RULES_H

#include "warn/warn.h"

// Numbers that the wording of a product depends on, or that are proposed outside the list's turn.
enum {
  WARN_RULE_FALL_OBSERVED = 7,
  WARN_RULE_TIME_OVER = 8,
  WARN_RULE_LOST_TIME_OVER = 9,
  WARN_RULE_ORBIT = 10,
  WARN_RULE_RENEW = 12,
  WARN_RULE_CORRECTION = 13,
  WARN_RULE_PASSED = 15,
  WARN_RULE_UNANSWERED = 17,
  WARN_RULE_CANCEL = 18,
  WARN_RULE_SEISMIC = 19,
  WARN_RULE_NOTICE = 20,
  WARN_RULE_OUT_OF_REACH = 21,
  WARN_RULE_LAST = WARN_RULE_OUT_OF_REACH,
};

enum { WARN_STAGE_COUNT = WF_STAGE_LAST + 1 };

// An event as it stands and what was told of it.
typedef struct warn_event {
  uint64_t event;
  char label[WF_COMMON_NUMBER_SIZE];
  // Seen: of the object that decides (events.c), now or when last listed.
  bool used, listed, alive, over;  // over: the flight ended and it is known how
  bool fell;                       // was last seen so near its end that it went where it was expected
  bool high;                       // was ever above 30 km
  uint8_t life, reason, sources;
  bool single_source;
  wf_time first_seen, last_listed, over_since, lost_since;  // ns 0 = it is not
  wf_launch_area launch;
  // Predicted: the newest valid prediction, the last time any object of the event can fall, own areas.
  bool had_area;
  wf_impact_area area;
  wf_time latest;
  uint64_t digest;                   // of the predictions the areas were assessed by
  uint16_t threatened_count;         // listed: threatened, under the path, or told
  uint16_t falls, passings, debris;  // of them: P ≥ p1; in the corridor; P ≥ p1 of pieces alone
  bool news;                         // an area is threatened that was not told, or not of this
  uint16_t to_pass, passed;          // told that it passes over and not over yet; of these, seen to be past
  wf_time out_of_reach_since;        // it is followed and can reach no area that was told; ns 0 = it can, or none was
  wf_time next_passing;              // the earliest over an own area; ns 0 = none
  struct wf_threatened threatened[WF_PRODUCT_AREA_MAX];
  // Told.
  bool told[WARN_STAGE_COUNT];
  wf_impact_area told_area;
  wf_time told_area_at;
  bool closed;     // the all-clear is out, or nothing was ever told and it is over
  bool cancelled;  // by people: an error. It stays so until a source sees it that had not
  uint8_t cancelled_sources;
  bool held;      // an all-clear waits for other events over the same areas
  wf_time asked;  // "track lost: keep, correct, cancel?"; ns 0 = not asked
  bool answered, escalated;
  bool others;        // other events are open
  uint8_t at_least;   // objects of its salvo
  wf_time seen;       // last update of the object that decides
  uint64_t released;  // the newest released product, 0 = none
  wf_time released_at, released_expires;
  uint8_t released_stage;
  uint32_t open;         // proposals that wait for people
  wf_bulletin bulletin;  // kind: this is no flight but information only, which no rule of the list looks at
} warn_event;

static inline bool warn_is_information(const warn_event *e) {
  return e->bulletin.kind != WF_BULLETIN_NONE;
}

typedef struct warn_rule {
  uint8_t number;
  uint8_t stage;     // wf_product_stage; 0: that of the newest released product
  const char *says;  // for people and docs
  bool (*applies)(const wf_warn_config *config, wf_time now, const warn_event *event);
} warn_rule;

// Tried in order; every rule that applies proposes its product.
extern const warn_rule WARN_RULES[];
extern const int WARN_RULE_COUNT;

// The time before which impact has a 5 % chance: what countdowns show.
wf_time warn_earliest(const wf_impact_area *impact);
// The time after which impact has a 0.5 % chance left.
wf_time warn_latest(const wf_impact_area *impact);

#endif
