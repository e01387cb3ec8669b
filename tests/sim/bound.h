// What the radar plots of a flight could tell at best about its impact: the information of the plots in coast, all
// referred to the state at the end of thrust, as a 95 % area. No tracker is involved.
#ifndef WF_TEST_SIM_BOUND_H
#define WF_TEST_SIM_BOUND_H

#include <math.h>
#include <string.h>

#include "base/mat.h"
#include "geo/wgs84.h"
#include "motion/impact.h"
#include "sim/sensing.h"

typedef struct bound {
  double state[6];  // at the end of thrust
  double info[36];
  int plots;
} bound;

// Adds one plot of a known object. stm: from the end of thrust to the plot's time; state: the truth then.
static inline void bound_add(bound *b, const wf_scenario_sensor *sensor, const double state[6], const double stm[36]) {
  const wf_sensor *k = &sensor->known;
  const double sigma[3] = {k->sigma_range_m, k->sigma_az_rad, k->sigma_el_rad};
  wf_site site;
  double rae[3], jac[9], h[18] = {0}, hs[18];
  wf_site_init(&site, &k->lla);
  wf_geo_rae_from_ecef(&site, state, rae, jac);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) h[6 * i + j] = jac[3 * i + j] / sigma[i];
  wf_mat_mul(3, 6, 6, h, stm, hs);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      for (int m = 0; m < 3; m++) b->info[6 * i + j] += hs[6 * m + i] * hs[6 * m + j];
  b->plots++;
}

// Semi-major axis of the 95 % impact area, m; INFINITY while it is not determined.
static inline double bound_semi_major_m(const bound *b) {
  double cov[36];
  wf_impact impact;
  wf_impact_options vacuum = WF_IMPACT_VACUUM;
  if (b->plots < 3 || wf_mat_spd_inverse(6, b->info, cov) != WF_OK) return INFINITY;
  if (wf_motion_impact(&vacuum, b->state, cov, &impact) != WF_OK || impact.reason != WF_IMPACT_OK) return INFINITY;
  return impact.semi_major_95_m;
}

// Seconds after the scenario's start at which the bound for object 0 first falls below limit_m, from the radars of one
// nation (index) or of all (-1); INFINITY when it never does.
static inline double bound_time_s(const wf_scenario *scenario, const wf_truth *truth, int nation, double limit_m) {
  const wf_truth_object *object = wf_truth_object_at(truth, 0);
  const wf_dynamics dyn = {WF_GRAVITY_J4, 0};
  bound b = {0};
  wf_sensing *sensing;
  wf_sensed s;
  wf_truth_state truth_state;
  double stm[36], at_s = INFINITY;
  wf_time epoch = object->thrust_ends;
  if (wf_truth_at(truth, 0, epoch, &truth_state)) return INFINITY;
  memcpy(b.state, truth_state.state, sizeof b.state);
  if (wf_sensing_create(scenario, truth, nation, WF_SENSING_BY_TIME, &sensing)) return INFINITY;
  while (wf_sensing_next(sensing, &s) && !isfinite(at_s)) {
    double dt_s = wf_time_diff_s(s.plot.time, epoch), state[6];
    if (s.object != 0 || s.plot.kind != WF_PLOT_RADAR || dt_s <= 0) continue;
    if (wf_truth_at(truth, 0, s.plot.time, &truth_state) || truth_state.phase != WF_PHASE_COAST) continue;
    memcpy(state, b.state, sizeof state);
    wf_motion_propagate(&dyn, dt_s, 1.0, state, stm, NULL);
    bound_add(&b, &scenario->sensor[s.sensor], truth_state.state, stm);
    if (bound_semi_major_m(&b) < limit_m) at_s = wf_time_diff_s(s.plot.time, scenario->start);
  }
  wf_sensing_free(sensing);
  return at_s;
}

#endif
