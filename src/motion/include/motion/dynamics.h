// How an object without engines moves: gravity, drag and the rotating frame, in ECEF.
// State: position m, velocity m/s, both ECEF. Deterministic (base/fmath.h only).
#ifndef WF_MOTION_DYNAMICS_H
#define WF_MOTION_DYNAMICS_H

#include <stdbool.h>

#include "base/status.h"
#include "geo/wgs84.h"

#define WF_WGS84_J2 1.082629821e-3
#define WF_WGS84_J3 (-2.53881e-6)
#define WF_WGS84_J4 (-1.65597e-6)

typedef enum wf_gravity { WF_GRAVITY_J2, WF_GRAVITY_J4 } wf_gravity;

typedef struct wf_dynamics {
  wf_gravity gravity;
  double inv_beta_m2_kg;  // 1 / ballistic coefficient (m/(Cd·A)); 0 = vacuum
} wf_dynamics;

// Acceleration m/s² (gravity + drag + Coriolis + centrifugal). jac_pos, jac_vel: 3×3 or NULL; jac_inv_beta: 3 or NULL.
void wf_motion_acceleration(const wf_dynamics *dyn, const double pos_ecef_m[3], const double vel_ecef_m_s[3],
                            double acc_m_s2[3], double *jac_pos, double *jac_vel, double *jac_inv_beta);
// Gravitation alone (no rotation terms), m/s².
void wf_motion_gravity(wf_gravity model, const double pos_ecef_m[3], double acc_m_s2[3], double *jac_pos);

// One fixed RK4 step for filters. state[6] in place; stm (6×6, may be NULL) receives the transition matrix of this
// step; sens_inv_beta (6, may be NULL) the sensitivity to inv_beta.
void wf_motion_rk4_step(const wf_dynamics *dyn, double dt_s, double state[6], double *stm, double *sens_inv_beta);
// Fixed steps of at most step_max_s over dt_s (either sign); stm is the product.
void wf_motion_propagate(const wf_dynamics *dyn, double dt_s, double step_max_s, double state[6], double *stm, double *sens_inv_beta);
// Error-controlled (embedded 8(7) or 5(4)) for planning: absolute tolerance in metres over the arc.
wf_status wf_motion_propagate_adaptive(const wf_dynamics *dyn, double dt_s, double tolerance_m, double state[6]);

// Specific orbital energy (J/kg) and perigee radius (m) of the osculating inertial ellipse.
void wf_motion_osculating(const double state_ecef[6], double *energy_j_kg, double *perigee_radius_m, double *apogee_radius_m);

#endif
