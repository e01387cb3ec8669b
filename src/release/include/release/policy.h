// What leaves the nation, to whom, in what form. The only room that sees both the nation's full data and an audience.
// Default deny. Policy is data, parsed by the driver (io/config) into these structs; this room judges.
#ifndef WF_RELEASE_POLICY_H
#define WF_RELEASE_POLICY_H

#include <stddef.h>

#include "base/status.h"
#include "model/contribution.h"
#include "model/sensor.h"

#define WF_RULES_MAX 64
#define WF_RULE_NAME_SIZE 32

// Record kinds a rule can speak of, a bit mask.
enum {
  WF_RELEASE_DETECTION = 1, WF_RELEASE_TRACKLET = 2, WF_RELEASE_LAUNCH = 4, WF_RELEASE_STATUS = 8,
  WF_RELEASE_PRODUCT = 16, WF_RELEASE_LINK_STATUS = 32, WF_RELEASE_PLOT = 64
};

typedef struct wf_release_rule {
  char name[WF_RULE_NAME_SIZE];       // cited in every explanation and audit row
  wf_audience audience;               // exactly the stream's audience
  uint32_t kinds;                     // WF_RELEASE_ mask
  uint64_t sensors_deny_low;          // bit per own sensor index < 64: tracks fed by it are withheld
  double min_interval_s;              // between two tracklets of an object; 0 = as formed
  double time_grain_s;                // first-detection times are stated on this grid; 0 = exact
  double place_grain_m;               // detection places are stated with at least this sigma; 0 = exact
  uint8_t hide_plot_count;
} wf_release_rule;

typedef struct wf_release_policy { uint32_t rule_count; wf_release_rule rule[WF_RULES_MAX]; char profile[WF_RULE_NAME_SIZE]; uint64_t version; } wf_release_policy;

// Fills one rule for an audience by a built-in profile: "warning-data" or "plots". WF_ENOTFOUND for another name.
wf_status wf_release_profile(const char *profile, const wf_audience *audience, wf_release_policy *policy);

typedef struct wf_release_verdict {
  bool allowed;
  uint32_t rule;          // index; UINT32_MAX = no rule: denied by default
  char why[96];           // one sentence for a person
} wf_release_verdict;

// Judges one contribution for one audience, and redacts it in place when allowed.
void wf_release_judge(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                      wf_contribution *contribution, wf_release_verdict *verdict);

#endif
