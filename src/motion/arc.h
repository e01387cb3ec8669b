// An arc under error control (Dormand & Prince 1980, RK5(4)7M), with sensitivities carried beside the state.
#ifndef WF_MOTION_ARC_H
#define WF_MOTION_ARC_H

#include "base/status.h"
#include "motion/dynamics.h"

// Columns: 6 of the state at the start, then drag (relative: density, or the inverse of beta), then wind x, y, z ECEF.
#define WF_ARC_DRAG 6
#define WF_ARC_WIND 7
#define WF_ARC_WIDTH 10

typedef struct wf_arc {
  wf_dynamics dyn;
  double t_s, step_s;  // time along the arc; step to try next (its sign is the direction)
  double tolerance_m;  // for the whole arc
  double span_s;       // how long the arc is expected to be, |s|: turns errors in velocity into metres
  double state[6];
  bool with_columns;
  double columns[6 * WF_ARC_WIDTH];
  long evaluations;
  // Derivatives at the present point ("first same as last").
  bool have_slope;
  double slope[6], column_slope[6 * WF_ARC_WIDTH];
} wf_arc;

void wf_arc_start(wf_arc *arc, const wf_dynamics *dyn, const double state[6], double tolerance_m, double span_s,
                  double direction, bool with_columns);
// One accepted step, at most limit_s long. WF_EDIVERGED when no step is short enough (or the state is not finite).
wf_status wf_arc_step(wf_arc *arc, double limit_s);
// Exactly dt_s (either sign, at most a step already accepted) in one step without control.
void wf_arc_nudge(wf_arc *arc, double dt_s);

#endif
