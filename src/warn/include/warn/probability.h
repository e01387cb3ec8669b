// The probability that an object falls inside an area: the impact ellipse's Gaussian integrated over the polygon.
#ifndef WF_WARN_PROBABILITY_H
#define WF_WARN_PROBABILITY_H

#include "model/impact_area.h"
#include "warn/warn.h"

// By 1597 equally probable points of a lattice (error below 0.005: tests/warn/test_probability.c). Rings by the
// even-odd rule (holes are rings too), closed or not; the antimeridian is nothing special; areas narrower than 180°.
double wf_warn_probability(const wf_ground_ellipse *ellipse, const wf_area *area);

#endif
