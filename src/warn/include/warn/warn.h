// picture → staged products: proposals until people confirm. Each product follows from a numbered rule (warn/rules.c).
#ifndef WF_WARN_WARN_H
#define WF_WARN_WARN_H

#include <stddef.h>

#include "base/status.h"
#include "model/product.h"
#include "model/track.h"

// Who may do what: a viewer nothing; a watch officer confirms first, keeps, and prepares corrections and cancellations;
// what is released needs a release authority among its two. An administrator configures and releases nothing.
typedef enum wf_role {
  WF_ROLE_VIEWER = 1,
  WF_ROLE_WATCH_OFFICER,
  WF_ROLE_RELEASE_AUTHORITY,
  WF_ROLE_ADMINISTRATOR
} wf_role;
const char *wf_role_name(wf_role role);  // "viewer", "watch_officer", …
#define WF_OFFICERS_MAX 32
typedef struct wf_officer {
  char name[WF_OPERATOR_SIZE];
  wf_role role;
} wf_officer;

typedef struct wf_warn_config {
  wf_nation nation;
  wf_mode mode;
  uint32_t events_max, products_max;
  double area_max_semi_major_m;   // an "area" product needs a 95 % semi-major below this (100 km)
  double threatened_probability;  // P ≥ this threatens an own area
  double imminent_s;              // below this to the earliest impact: imminent (120 s)
  double lost_after_s;            // 30 s
  bool automatic[16];             // by wf_product_stage: released without people (off by default)
  double corridor_m;              // own areas within this of the path are told that it passes over; 0: never
  double corridor_sigma_max_m;    // … once the path is known across to this (1 sigma); 0: always
  double answer_s;                // after this long "track lost" that nobody answered is kept, widened, escalated (60)
  // The pre-delegated fallback, by stage: released when it waited delegate_after_s, nobody answered, and the earliest
  // impact or passing is nearer than delegate_within_s. Off by default; shown for as long as it is on.
  bool delegated[16];
  double delegate_after_s, delegate_within_s;
  const struct wf_officer *officers;  // who may do what; none: everybody is a release authority. Borrowed
  size_t officer_count;
  // The name under which the picture now holds an event; the same name when it did not give way. NULL: names never do.
  uint64_t (*resolve)(const void *context, uint64_t event);
  const void *resolve_context;
} wf_warn_config;

// An own area: ISO 3166-2 code, name per language (UTF-8), rings of (lat, lon) radians. Borrowed for the life of warn.
typedef struct wf_area {
  char code[WF_AREA_CODE_SIZE];
  const char *name_en, *name_ja, *name_ko;
  uint32_t ring_count;
  const uint32_t *ring_points;  // points in each ring
  const double *lat_lon_rad;    // all rings, pairs
} wf_area;

typedef struct wf_warn wf_warn;
wf_warn *wf_warn_new(const wf_warn_config *config, const wf_area *areas, size_t area_count);
void wf_warn_free(wf_warn *warn);

// Looks at the national picture; new products appear at the end of the list. An event whose objects are no longer
// listed is lost, not gone; one that flies although it was thought over is told anew.
void wf_warn_assess(wf_warn *warn, wf_time now, const wf_common_track *const *tracks, size_t count);

// What others report and is told as information only. Proposes its product (rules 19, 20) when it says anything new:
// the same event again, much the same, is WF_EEXIST; a seismic event that cannot have been an explosion is
// WF_ENOTFOUND. WF_EINVAL for no kind or impossible times, WF_EFULL. It never touches a flight's events.
wf_status wf_warn_inform(wf_warn *warn, wf_time now, uint64_t event, const wf_bulletin *bulletin);

// The text of an announced window (warn/windows.h), given by a person who may act: proposed as a notice. WF_EDENIED,
// WF_ETIME when it is over, WF_EEXIST when it was told, or why it is not understood, with the reason in words.
wf_status wf_warn_notice(wf_warn *warn, wf_time now, const char *text, size_t size, const char *person,
                         char reason[96]);

// What kind of flight it is. Probabilities that add up to 1; unknown while nothing tells.
typedef enum wf_flight_class {
  WF_CLASS_SHORT_RANGE,         // below 1,000 km
  WF_CLASS_MEDIUM_RANGE,        // below 3,000 km
  WF_CLASS_INTERMEDIATE_RANGE,  // below 5,500 km
  WF_CLASS_INTERCONTINENTAL,
  WF_CLASS_SPACE_LAUNCH,
  WF_CLASS_NOT_BALLISTIC,  // flatter than any fall
  WF_CLASS_UNKNOWN,
  WF_CLASS_COUNT
} wf_flight_class;
const char *wf_flight_class_name(wf_flight_class c);
void wf_warn_classify(const wf_common_track *track, double probability[WF_CLASS_COUNT]);

// Products are numbered from 0 in the order they were made; the newest products_max are kept, wf_warn_first is the
// oldest.
size_t wf_warn_count(const wf_warn *warn);
size_t wf_warn_first(const wf_warn *warn);
const wf_product *wf_warn_at(const wf_warn *warn, size_t index);  // NULL when not kept
const wf_product *wf_warn_find(const wf_warn *warn, uint64_t id);

typedef enum wf_decision {
  WF_DECISION_CONFIRM = 1,
  WF_DECISION_WITHDRAW,
  WF_DECISION_CORRECT,  // of a released product: proposes its correction with what is known now, confirmed by who asks
  WF_DECISION_CANCEL,   // of a released product: proposes to say that it was an error, confirmed by who asks
  WF_DECISION_KEEP,     // answers "track lost": what was told stands
} wf_decision;
const char *wf_decision_name(wf_decision decision);  // "confirm", …
wf_decision wf_decision_parse(const char *name);     // 0: no such word
// First confirmation by one person, release by a second, different one. WF_EDENIED for the same person, for a role that
// may not, or a product that was withdrawn or superseded; WF_ENOTFOUND; WF_EEXIST when already released; WF_ETIME when
// it has lapsed.
wf_status wf_warn_decide(wf_warn *warn, wf_time now, uint64_t product, wf_decision decision, const char *person);
bool wf_warn_may_act(const wf_warn *warn, const char *person);  // a watch officer or a release authority

// Proposes the correction of a released product, with what is known now. WF_ENOTFOUND, WF_EDENIED when it is not
// released.
wf_status wf_warn_correct(wf_warn *warn, wf_time now, uint64_t product);

// The text that is ready from the moment an alert is released: its correction or its cancellation (stage), as it would
// go out. Nothing is proposed by it. WF_EDENIED when the alert is not released, WF_EINVAL for another stage.
wf_status wf_warn_prepared(const wf_warn *warn, const wf_product *alert, wf_product_stage stage, wf_product *out);

// Questions to the officer: a track was lost; keep, correct or cancel?
typedef struct wf_warn_question {
  uint64_t event;
  char label[8];
  wf_time asked, due;
  bool answered, escalated;  // escalated: nobody answered; what was told is kept, widened
} wf_warn_question;
size_t wf_warn_questions(const wf_warn *warn, wf_warn_question *out, size_t cap);

// A product released in an earlier life of this node, oldest first, before the first assessment: what was told is not
// told twice. WF_EINVAL when it was not released, WF_EMODE, WF_EEXIST, WF_EFULL.
wf_status wf_warn_restore(wf_warn *warn, const wf_product *released);

// The rules, for people: number, stage (0: that of what is renewed), words.
typedef struct wf_warn_rule {
  uint8_t number, stage;
  const char *says;
} wf_warn_rule;
size_t wf_warn_rules(wf_warn_rule *out, size_t cap);

typedef struct wf_warn_stats {
  uint64_t events_refused;  // more events at once than events_max
  uint64_t open_forgotten;  // proposals overwritten before anybody decided: products_max is too small
  uint64_t escalated;       // questions that nobody answered in time
  uint64_t delegated;       // products released by the pre-delegated fallback
} wf_warn_stats;
void wf_warn_stats_get(const wf_warn *warn, wf_warn_stats *out);

#endif
