#include "fall.h"

#include "base/fmath.h"
#include "base/mat.h"
#include "motion/dynamics.h"

#define GROUND_RADIUS_M 6371000.0

void wf_fall_estimate(const double state_ecef[6], wf_fall *fall) {
  const double *r = state_ecef, *v = state_ecef + 3;
  const double gm = WF_WGS84_GM_M3_S2;
  wf_motion_osculating(state_ecef, &fall->energy_j_kg, &fall->perigee_radius_m, &fall->apogee_radius_m);
  const double radius = wf_sqrt(wf_vec_dot(r, r));
  const double climb = wf_vec_dot(r, v);  // the same in both frames
  fall->outward = climb > 0.0;
  if (fall->energy_j_kg >= 0.0) {
    fall->period_s = fall->time_s = 2.0 * radius / (wf_sqrt(wf_vec_dot(v, v)) + 1.0);
    return;
  }
  const double a = -0.5 * gm / fall->energy_j_kg, rate = wf_sqrt(gm / a) / a;  // mean motion
  const double ecc = 1.0 - fall->perigee_radius_m / a;
  fall->period_s = 2.0 * WF_PI / rate;
  fall->time_s = fall->period_s;
  if (fall->perigee_radius_m >= GROUND_RADIUS_M || ecc <= 0.0) return;
  // Kepler's equation at both ends; the ground is crossed on the way down, at an eccentric anomaly in (π, 2π).
  const double e_now = wf_atan2(climb / wf_sqrt(gm * a), 1.0 - radius / a);
  const double e_ground = 2.0 * WF_PI - wf_acos((1.0 - GROUND_RADIUS_M / a) / ecc);
  const double m_now = e_now - climb / wf_sqrt(gm * a), m_ground = e_ground - ecc * wf_sin(e_ground);
  fall->time_s = wf_fmod_pos(m_ground - m_now, 2.0 * WF_PI) / rate;
  if (fall->time_s > 0.99 * fall->period_s || fall->time_s < 1.0) fall->time_s = 1.0;  // already at the ground
}
