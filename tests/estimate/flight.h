// A notional coast and a radar to watch it, shared by the estimate and track tests.
#ifndef WF_TEST_FLIGHT_H
#define WF_TEST_FLIGHT_H

#include "base/fmath.h"
#include "base/rng.h"
#include "estimate/view.h"
#include "motion/dynamics.h"

// At the end of boost: height, speed, angle above the horizon, azimuth; 30 N 140 W.
static inline void flight_start(double height_m, double speed_m_s, double angle_rad, double azimuth_rad,
                                double state[6]) {
  wf_site site;
  const wf_lla lla = {30.0 * WF_DEG, -140.0 * WF_DEG, height_m};
  wf_site_init(&site, &lla);
  const double enu[3] = {speed_m_s * wf_cos(angle_rad) * wf_sin(azimuth_rad),
                         speed_m_s * wf_cos(angle_rad) * wf_cos(azimuth_rad), speed_m_s * wf_sin(angle_rad)};
  for (int i = 0; i < 3; i++) {
    state[i] = site.pos_ecef_m[i];
    state[3 + i] =
        site.enu_from_ecef[i] * enu[0] + site.enu_from_ecef[3 + i] * enu[1] + site.enu_from_ecef[6 + i] * enu[2];
  }
}

static inline wf_view flight_radar(wf_site *site) {
  const wf_lla lla = {27.75 * WF_DEG, -137.0 * WF_DEG, 0.0};
  wf_site_init(site, &lla);
  return (wf_view){.kind = WF_PLOT_RADAR, .dim = 3, .site = site, .variance = {900.0, 1e-6, 1e-6}};
}

// A noisy plot of a state.
static inline wf_plot flight_plot(const wf_view *view, const double state[6], wf_time time, wf_rng *rng) {
  wf_expected e;
  wf_view_at(view, state, &e);
  return (wf_plot){.time = time,
                   .kind = WF_PLOT_RADAR,
                   .radar = {.range_m = e.z[0] + 30.0 * wf_rng_normal(rng),
                             .az_rad = wf_wrap_2pi(e.z[1] + 1e-3 * wf_rng_normal(rng)),
                             .el_rad = e.z[2] + 1e-3 * wf_rng_normal(rng)}};
}

static inline void flight_fall(double dt_s, double state[6]) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
  wf_motion_propagate(&vacuum, dt_s, 1.0, state, NULL, NULL);
}

// (x − truth)ᵀ P⁻¹ (x − truth)
static inline double flight_nees(const double *x, const double *truth, const double *p) {
  double inverse[36], e[6];
  for (int i = 0; i < 6; i++) e[i] = x[i] - truth[i];
  if (wf_mat_spd_inverse(6, p, inverse) != WF_OK) return 1e9;
  return wf_mat_quadratic(6, inverse, e);
}

#endif
