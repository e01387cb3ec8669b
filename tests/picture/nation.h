// A nation as the picture sees it: a radar, a filter and the increments it sends. For tests and the benchmark.
#ifndef WF_TEST_NATION_H
#define WF_TEST_NATION_H

#include <string.h>

#include "base/fmath.h"
#include "base/rng.h"
#include "estimate/batch.h"
#include "estimate/increment.h"
#include "motion/dynamics.h"
#include "picture/picture.h"

#define NATION_EPOCH_S 1.8e9  // the tests' time zero
#define NATION_START_PLOTS 3

typedef struct nation {
  wf_contribution_id id;  // of its next contribution
  uint64_t object;
  wf_site site;
  wf_view view;
  double bias_range_m, bias_az_rad, bias_el_rad;
  wf_filter filter;
  wf_increment increment;
  wf_batch_item item[NATION_START_PLOTS];
  int plots;
  wf_time time;
} nation;

static inline wf_time nation_time(double t_s) {
  return wf_time_from_s(NATION_EPOCH_S + t_s);
}

static inline void nation_init(nation *n, const char *code, uint64_t object, double lat_deg, double lon_deg) {
  memset(n, 0, sizeof *n);
  wf_nation_parse(code, &n->id.origin);
  n->id.stream = 1;
  n->id.epoch = 7;
  n->object = object;
  const wf_lla lla = {lat_deg * WF_DEG, lon_deg * WF_DEG, 100.0};
  wf_site_init(&n->site, &lla);
  n->view = (wf_view){.kind = WF_PLOT_RADAR, .dim = 3, .variance = {900.0, 1e-6, 1e-6}};
}

static inline wf_plot nation_look(const nation *n, const double truth[6], wf_time at, wf_rng *rng) {
  wf_view view = n->view;
  wf_expected e;
  view.site = &n->site;
  wf_view_at(&view, truth, &e);
  return (wf_plot){.time = at,
                   .kind = WF_PLOT_RADAR,
                   .radar = {.range_m = e.z[0] + n->bias_range_m + 30.0 * wf_rng_normal(rng),
                             .az_rad = wf_wrap_2pi(e.z[1] + n->bias_az_rad + 1e-3 * wf_rng_normal(rng)),
                             .el_rad = e.z[2] + n->bias_el_rad + 1e-3 * wf_rng_normal(rng)}};
}

// A contribution's envelope, numbers counted up.
static inline void nation_envelope(nation *n, uint8_t kind, wf_time at, wf_contribution *out) {
  memset(out, 0, sizeof *out);
  n->id.sequence++;
  out->id = n->id;
  out->kind = kind;
  out->sources = WF_SOURCE_RADAR;
  out->object = n->object;
  out->valid_time = at;
  out->publish_time = wf_time_add_ns(at, 50 * WF_NS_PER_MS);
}

static inline bool nation_begin(nation *n, const wf_plot *plot, const double truth[6]) {
  wf_view view = n->view;
  view.site = &n->site;
  n->item[n->plots++] = (wf_batch_item){view, *plot};
  n->time = plot->time;
  if (n->plots < NATION_START_PLOTS) return false;
  wf_batch_result result;
  double information[36];
  n->filter = (wf_filter){.model = WF_MODEL_COAST, .size = 6};
  memcpy(n->filter.x, truth, 6 * sizeof *truth);
  if (wf_batch_fit(n->item, n->plots, plot->time, NULL, NULL, &n->filter, &result) != WF_OK ||
      wf_mat_spd_inverse(6, n->filter.p, information) != WF_OK) {
    n->plots = 0;
    return false;
  }
  wf_increment_seed(&n->increment, information, NATION_START_PLOTS);
  return true;
}

static inline void nation_carry(nation *n, wf_time to) {
  double stm[36];
  wf_filter_predict(&n->filter, &WF_NOISE_DEFAULT, wf_time_diff_s(to, n->time), stm);
  wf_increment_carry(&n->increment, stm);
  n->time = to;
}

static inline void nation_update(nation *n, const wf_plot *plot) {
  wf_view view = n->view;
  wf_expected e;
  double r[WF_VIEW_DIM], delta[6];
  view.site = &n->site;
  wf_view_expect(&view, &n->filter, &e);
  wf_view_residual(&e, plot, r);
  wf_increment_gather(&n->increment, &e, e.variance, r);
  for (int i = 0; i < 6; i++) delta[i] = -n->filter.x[i];
  wf_filter_update(&n->filter, e.dim, r, e.h, e.variance, e.s_chol);
  for (int i = 0; i < 6; i++) delta[i] += n->filter.x[i];
  wf_increment_shift(&n->increment, delta);
}

static inline bool nation_tracklet(nation *n, wf_contribution *out) {
  nation_envelope(n, WF_CONTRIBUTION_TRACKLET, n->time, out);
  if (n->plots < NATION_START_PLOTS || wf_increment_take(&n->increment, n->filter.x, &out->tracklet) != WF_OK)
    return false;
  out->tracklet.phase = WF_PHASE_COAST;
  wf_increment_clear(&n->increment);
  return true;
}

// One plot of a falling object; true when the filter runs.
static inline bool nation_see(nation *n, const wf_plot *plot, const double truth[6]) {
  if (n->plots < NATION_START_PLOTS) return nation_begin(n, plot, truth);
  nation_carry(n, plot->time);
  nation_update(n, plot);
  return true;
}

static inline void nation_fall(double dt_s, double state[6]) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
  wf_motion_propagate(&vacuum, dt_s, 1.0, state, NULL, NULL);
}

// At burnout over 39 N 128 E, going east.
static inline void nation_burnout(double speed_m_s, double angle_rad, double azimuth_rad, double state[6]) {
  wf_site site;
  const wf_lla lla = {39.0 * WF_DEG, 128.0 * WF_DEG, 95e3};
  wf_site_init(&site, &lla);
  const double enu[3] = {speed_m_s * wf_cos(angle_rad) * wf_sin(azimuth_rad),
                         speed_m_s * wf_cos(angle_rad) * wf_cos(azimuth_rad), speed_m_s * wf_sin(angle_rad)};
  for (int i = 0; i < 3; i++) {
    state[i] = site.pos_ecef_m[i];
    state[3 + i] =
        site.enu_from_ecef[i] * enu[0] + site.enu_from_ecef[3 + i] * enu[1] + site.enu_from_ecef[6 + i] * enu[2];
  }
}

// (x − truth)ᵀ P⁻¹ (x − truth)
static inline double nation_nees(const double *x, const double *truth, const double *p) {
  double inverse[36], e[6];
  for (int i = 0; i < 6; i++) e[i] = x[i] - truth[i];
  if (wf_mat_spd_inverse(6, p, inverse) != WF_OK) return 1e9;
  return wf_mat_quadratic(6, inverse, e);
}

#endif
