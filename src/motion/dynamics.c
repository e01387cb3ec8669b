#include "motion/dynamics.h"

#include <math.h>

#include "field.h"

void wf_motion_gravity(wf_gravity model, const double pos_ecef_m[3], double acc_m_s2[3], double *jac_pos) {
  if (jac_pos != NULL)
    wf_field_gravity(model, pos_ecef_m, true, acc_m_s2, jac_pos);
  else
    wf_field_gravity(model, pos_ecef_m, false, acc_m_s2, NULL);
}

void wf_motion_acceleration(const wf_dynamics *dyn, const double pos_ecef_m[3], const double vel_ecef_m_s[3],
                            double acc_m_s2[3], double *jac_pos, double *jac_vel, double *jac_inv_beta) {
  wf_field f;
  const bool want_jac = jac_pos != NULL || jac_vel != NULL;
  // The sensitivity to inv_beta is not zero in vacuum, so it asks for the drag by itself.
  const bool has_drag = dyn->inv_beta_m2_kg != 0.0 || jac_inv_beta != NULL;
  wf_field_at(dyn, pos_ecef_m, vel_ecef_m_s, has_drag, want_jac, &f);
  for (int i = 0; i < 3; i++) {
    acc_m_s2[i] = f.acc[i];
    if (jac_inv_beta != NULL) jac_inv_beta[i] = f.drag_unit[i];
  }
  for (int i = 0; i < 9; i++) {
    if (jac_pos != NULL) jac_pos[i] = f.d_pos[i];
    if (jac_vel != NULL) jac_vel[i] = f.d_vel[i];
  }
}

void wf_motion_osculating(const double state_ecef[6], double *energy_j_kg, double *perigee_radius_m,
                          double *apogee_radius_m) {
  const double *pos = state_ecef;
  const double vel[3] = {state_ecef[3] - WF_WGS84_OMEGA_RAD_S * pos[1], state_ecef[4] + WF_WGS84_OMEGA_RAD_S * pos[0],
                         state_ecef[5]};
  double h[3];
  wf_vec_cross(pos, vel, h);
  const double gm = WF_WGS84_GM_M3_S2;
  const double energy = 0.5 * wf_vec_dot(vel, vel) - gm / wf_sqrt(wf_vec_dot(pos, pos));
  const double p = wf_vec_dot(h, h) / gm;
  const double ecc2 = 1.0 + 2.0 * energy * p / gm;
  const double ecc = ecc2 > 0.0 ? wf_sqrt(ecc2) : 0.0;
  if (energy_j_kg != NULL) *energy_j_kg = energy;
  if (perigee_radius_m != NULL) *perigee_radius_m = p / (1.0 + ecc);
  // 2a − perigee: well conditioned where 1 − e is not (straight up and down).
  if (apogee_radius_m != NULL) *apogee_radius_m = energy < 0.0 ? -gm / energy - p / (1.0 + ecc) : INFINITY;
}
