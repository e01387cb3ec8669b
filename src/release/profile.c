// The built-in profiles. `warning-data` is what the public agreement names: estimated launch point, trajectory,
// predicted impact point, from detection to impact, with the class of the source; nothing about the sensors. `plots` is
// for exercises and closer agreements.
#include <stdio.h>
#include <string.h>

#include "release/policy.h"

#define WARNING_DATA_KINDS                                                                                   \
  (WF_RELEASE_DETECTION | WF_RELEASE_TRACKLET | WF_RELEASE_LAUNCH | WF_RELEASE_STATUS | WF_RELEASE_PRODUCT | \
   WF_RELEASE_LINK_STATUS | WF_RELEASE_SEISMIC)
#define TOLD_KINDS (WF_RELEASE_SYSTEM_TRACK | WF_RELEASE_LAUNCH_REPORT | WF_RELEASE_VOICE)
#define TIME_GRAIN_S 1.0
#define PLACE_GRAIN_M 5000.0

static const struct wf_release_rule profiles[] = {
    {.name = "warning-data",
     .kinds = WARNING_DATA_KINDS,
     .time_grain_s = TIME_GRAIN_S,
     .place_grain_m = PLACE_GRAIN_M,
     .hide_plot_count = 1,
     .hide_coverage = 1,
     .guard_sigma_m = WF_GUARD_FULL_M,
     .guard_hold_s = WF_GUARD_FULL_HOLD_S},
    // The same without the guard, for partners who know each other's radars: one picture as good as all plots'.
    {.name = "warning-data-open",
     .kinds = WARNING_DATA_KINDS,
     .time_grain_s = TIME_GRAIN_S,
     .place_grain_m = PLACE_GRAIN_M,
     .hide_plot_count = 1,
     .hide_coverage = 1},
    {.name = "plots", .kinds = WARNING_DATA_KINDS | WF_RELEASE_PLOT | TOLD_KINDS},
};

// "warning-data JPN KOR USA", cut where it does not fit: the rule's index stays unambiguous.
static void name_rule(const char *profile, const wf_audience *audience, char out[WF_RULE_NAME_SIZE]) {
  char text[WF_AUDIENCE_TEXT_SIZE], whole[WF_RULE_NAME_SIZE + WF_AUDIENCE_TEXT_SIZE + 1];
  snprintf(whole, sizeof whole, "%.31s %s", profile, wf_audience_format(audience, text));
  memcpy(out, whole, WF_RULE_NAME_SIZE - 1);
  out[WF_RULE_NAME_SIZE - 1] = '\0';
}

wf_status wf_release_profile(const char *profile, const wf_audience *audience, wf_release_policy *policy) {
  if (audience->count < 2) return WF_EINVAL;
  for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
    if (strcmp(profiles[i].name, profile) != 0) continue;
    if (policy->rule_count >= WF_RULES_MAX) return WF_EFULL;
    wf_release_rule *rule = &policy->rule[policy->rule_count++];
    *rule = profiles[i];
    rule->audience = *audience;
    name_rule(profile, audience, rule->name);
    memset(policy->profile, 0, sizeof policy->profile);
    memcpy(policy->profile, profiles[i].name, strlen(profiles[i].name));
    return WF_OK;
  }
  return WF_ENOTFOUND;
}
