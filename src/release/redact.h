// Takes out of an allowed contribution what its rule does not let go.
#ifndef WF_RELEASE_REDACT_H
#define WF_RELEASE_REDACT_H

#include "release/policy.h"

void wf_release_redact(const wf_release_rule *rule, wf_contribution *contribution);

#endif
