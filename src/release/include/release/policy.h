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
  uint8_t hide_coverage;              // "below horizon" and "out of coverage" are stated as "not seen"
} wf_release_rule;

typedef struct wf_release_policy { uint32_t rule_count; wf_release_rule rule[WF_RULES_MAX]; char profile[WF_RULE_NAME_SIZE]; uint64_t version; } wf_release_policy;

// Adds one rule for an audience by a built-in profile: "warning-data" or "plots". WF_ENOTFOUND for another name, WF_EFULL,
// WF_EINVAL for an audience of fewer than two.
wf_status wf_release_profile(const char *profile, const wf_audience *audience, wf_release_policy *policy);

typedef struct wf_release_verdict {
  bool allowed;
  uint32_t rule;          // index; UINT32_MAX = no rule: denied by default
  char why[96];           // one sentence for a person
} wf_release_verdict;

// What the contribution itself does not say.
typedef struct wf_release_context {
  bool feed_known;           // whether the next is known
  uint64_t fed_by;           // bit per own sensor index < 64 that fed the object
  bool fed_by_others;        // a sensor of index ≥ 64 did, too
  wf_time last_tracklet;     // valid_time of the object's last increment to this audience; ns 0 = none yet
} wf_release_context;

// Judges one contribution for one audience, and redacts it in place when allowed. The rules of judgement, in order, are
// in judge.c and docs/release.md. Without a context the feed is unknown, so a rule that withholds sensors denies.
void wf_release_judge_in(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                         const wf_release_context *context, wf_contribution *contribution, wf_release_verdict *verdict);
void wf_release_judge(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                      wf_contribution *contribution, wf_release_verdict *verdict);
// The same for what is not a contribution: one WF_RELEASE_ kind, nothing to redact.
void wf_release_judge_kind(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin, uint32_t kind,
                           wf_release_verdict *verdict);
const char *wf_release_kind_name(uint32_t kind);  // "detection", "tracklet", …; "unknown" for several or none
// How far apart increments to this audience are wanted, s: the origin then gathers longer instead of losing any.
double wf_release_min_interval_s(const wf_release_policy *policy, const wf_audience *audience);

#endif
