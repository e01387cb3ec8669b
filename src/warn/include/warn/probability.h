// The probability that an object falls inside an area: the impact ellipse's Gaussian integrated over the polygon.
#ifndef WF_WARN_PROBABILITY_H
#define WF_WARN_PROBABILITY_H

#include "model/impact_area.h"
#include "warn/warn.h"

// By 32 × 32 equally probable points of the ellipse: steps of 0.1 %. Rings by the even-odd rule (holes are rings too);
// the antimeridian and areas on both its sides are handled by unwrapping longitudes around the ellipse's centre.
double wf_warn_probability(const wf_ground_ellipse *ellipse, const wf_area *area);

#endif
