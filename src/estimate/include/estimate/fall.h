// Where a filtered free fall comes down, with position, velocity and ln β as filtered together.
#ifndef WF_ESTIMATE_FALL_H
#define WF_ESTIMATE_FALL_H

#include "estimate/filter.h"
#include "motion/impact.h"

// filter: 6 states (β is then assumed, WF_IMPACT_ATMOSPHERE) or 7 with ln β. As wf_motion_impact otherwise.
wf_status wf_filter_impact(const wf_filter *filter, bool vacuum, wf_gravity gravity, wf_impact *out);

#endif
