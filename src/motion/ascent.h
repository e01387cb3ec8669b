// The ascent with its frame computed once, for those who fly it many times (the solvers).
#ifndef WF_MOTION_ASCENT_H
#define WF_MOTION_ASCENT_H

#include "motion/powered.h"

typedef struct wf_ascent {
  const wf_launch *launch;
  double burnout_s;
  double pad_ecef_m[3], r_enu[9];
  double forward[3];  // horizontal unit vector along the launch azimuth, ECEF
} wf_ascent;

void wf_ascent_init(wf_ascent *a, const wf_launch *launch);
wf_status wf_ascent_advance(const wf_ascent *a, double until_s, double substep_s, wf_powered_state *s);
// What moves the payload after burnout.
wf_dynamics wf_ascent_coast(const wf_vehicle *v);

#endif
