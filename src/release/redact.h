// Takes out of an allowed contribution what its rule does not let go.
#ifndef WF_RELEASE_REDACT_H
#define WF_RELEASE_REDACT_H

#include "release/policy.h"

// Down to the grid: what is stated is never later than what happened.
wf_time wf_release_coarse_time(wf_time t, double grain_s);
void wf_release_redact(const wf_release_rule *rule, wf_contribution *contribution);

#endif
