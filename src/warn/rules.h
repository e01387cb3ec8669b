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
};

enum { WARN_STAGE_COUNT = WF_STAGE_CORRECTION + 1 };

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
  uint64_t digest;  // of the predictions the areas were assessed by
  uint16_t threatened_count;
  bool news;  // an area is threatened that was not told
  struct wf_threatened threatened[WF_PRODUCT_AREA_MAX];
  // Told.
  bool told[WARN_STAGE_COUNT];
  wf_impact_area told_area;
  bool closed;        // the all-clear is out, or nothing was ever told and it is over
  uint64_t released;  // the newest released product, 0 = none
  wf_time released_at, released_expires;
  uint8_t released_stage;
  uint32_t open;  // proposals that wait for people
} warn_event;

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
