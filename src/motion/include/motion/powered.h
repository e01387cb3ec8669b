// Powered flight: stages of constant thrust and mass flow, a pitch programme, staging; for truth and planning.
#ifndef WF_MOTION_POWERED_H
#define WF_MOTION_POWERED_H

#include "base/status.h"
#include "motion/dynamics.h"

#define WF_STAGES_MAX 4
typedef struct wf_stage { double thrust_n, burn_s, propellant_kg, dry_kg, coast_after_s; double drag_area_m2; } wf_stage;

typedef struct wf_vehicle {
  int stage_count;
  wf_stage stage[WF_STAGES_MAX];
  double payload_kg, payload_beta_kg_m2;  // the body that falls
  // Pitch programme: vertical until pitch_start_s, then pitched over to reach burnout_elevation_rad above the local
  // horizon by the end of the last stage, linear in time (thrust direction, local frame of the launch site).
  double pitch_start_s, burnout_elevation_rad;
} wf_vehicle;

typedef struct wf_launch { wf_lla site; double azimuth_rad; wf_vehicle vehicle; } wf_launch;

typedef struct wf_powered_state { double t_s; double state[6]; double mass_kg; int stage; /* −1 when burnt out */ } wf_powered_state;

// At rest on the launch site at t = 0.
void wf_powered_init(const wf_launch *launch, wf_powered_state *s);
// Advances by dt_s with sub-steps of at most 0.05 s under thrust; stops at nothing (the caller watches height).
wf_status wf_powered_advance(const wf_launch *launch, double dt_s, wf_powered_state *s);
double wf_powered_burnout_s(const wf_vehicle *v);  // end of the last stage

// Solves a notional vehicle (stages and burn times by the speed needed), its burnout elevation, launch azimuth and thrust
// so that the flight reaches apogee_m and comes down range_m from the site (WGS-84 geodesic) on the bearing azimuth_rad.
// The launch azimuth in out differs from the bearing by what the Earth turns under the flight. Flight time comes out in *flight_s. WF_EDIVERGED when it cannot.
wf_status wf_powered_solve(const wf_lla *site, double azimuth_rad, double apogee_m, double range_m, wf_launch *out, double *flight_s);

#endif
