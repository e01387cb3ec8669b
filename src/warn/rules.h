// The numbered list of rules: given an event as it stands, which product to propose next. One rule, one reason.
#ifndef WF_WARN_RULES_H
#define WF_WARN_RULES_H

#include "warn/warn.h"

// Numbers of rules that the wording of a product depends on.
enum { WARN_RULE_FALL_OBSERVED = 7, WARN_RULE_TIME_OVER = 8, WARN_RULE_LOST_TIME_OVER = 9, WARN_RULE_ORBIT = 10 };

// What is remembered of an event between looks.
typedef struct warn_event {
  uint64_t event;
  wf_time first_seen, last_seen, lost_since;
  bool had_area;             // a predicted area was ever valid
  wf_impact_area last_area;  // the newest valid prediction
  wf_impact_area told_area;  // as of the last AREA product
  bool told[16];             // by wf_product_stage: proposed since the last reset
  uint16_t threatened_count;
  struct wf_threatened threatened[WF_PRODUCT_AREA_MAX];  // as assessed now
  uint16_t told_threatened_count;
  uint64_t newest_product;  // what the next one supersedes
} warn_event;

typedef struct warn_rule {
  uint8_t number;
  wf_product_stage stage;
  const char *says;  // for people and docs
  bool (*applies)(const wf_warn_config *config, wf_time now, const warn_event *event, const wf_common_track *track);
} warn_rule;

// Tried in order; every rule that applies proposes its product.
extern const warn_rule WARN_RULES[];
extern const int WARN_RULE_COUNT;

// The time before which impact has a 5 % chance: what countdowns show.
wf_time warn_earliest(const wf_impact_area *impact);
// The time after which impact has a 0.5 % chance left.
wf_time warn_latest(const wf_impact_area *impact);

#endif
