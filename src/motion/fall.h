// How long a body stays up, from two bodies alone: the span that the planning integrator spreads its tolerance over.
#ifndef WF_MOTION_FALL_H
#define WF_MOTION_FALL_H

#include <stdbool.h>

typedef struct wf_fall {
  double energy_j_kg, perigee_radius_m, apogee_radius_m;
  double period_s;  // of the osculating ellipse; for escapes a time to pass the Earth
  double time_s;    // to the way down through the ground, or a period when it does not come down
  bool outward;     // climbing now
} wf_fall;

void wf_fall_estimate(const double state_ecef[6], wf_fall *fall);

#endif
