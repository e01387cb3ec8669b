#include "redact.h"

#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "geo/wgs84.h"

wf_time wf_release_coarse_time(wf_time t, double grain_s) {
  const int64_t grain = wf_ns_from_s(grain_s);
  if (grain <= 1 || t.ns <= 0) return t;
  return (wf_time){t.ns - t.ns % grain};
}

static double to_grid(double value, double step) {
  return wf_floor(value / step + 0.5) * step;
}

// The place goes to the middle of a cell of a fixed grid (latitude, longitude, height), and its covariance becomes a
// sphere that holds the old one and the rounding, so that neither the place nor the axes point anywhere.
static void coarse_place(double pos_ecef_m[3], double covariance_m2[6], double grain_m) {
  double full[9], values[3], vectors[9];
  wf_lla lla;
  wf_geo_lla_from_ecef(pos_ecef_m, &lla);
  lla.lat_rad = to_grid(lla.lat_rad, grain_m / WF_WGS84_A_M);
  const double c = wf_cos(lla.lat_rad);
  lla.lon_rad = to_grid(lla.lon_rad, grain_m / (WF_WGS84_A_M * (c > 0.01 ? c : 0.01)));
  lla.h_m = to_grid(lla.h_m, grain_m);
  wf_geo_ecef_from_lla(&lla, pos_ecef_m);
  wf_mat_unpack_upper(3, covariance_m2, full);
  wf_mat_eigen_sym(3, full, values, vectors);
  const double held = values[2] > grain_m * grain_m ? values[2] : grain_m * grain_m;
  const double variance = held + grain_m * grain_m / 12.0;
  const double sphere[6] = {variance, 0.0, 0.0, variance, 0.0, variance};
  memcpy(covariance_m2, sphere, sizeof sphere);
}

static void redact_detection(const wf_release_rule *rule, wf_contribution *c) {
  if (rule->time_grain_s > 0.0) {
    c->valid_time = wf_release_coarse_time(c->valid_time, rule->time_grain_s);
    c->detection.first_detection = wf_release_coarse_time(c->detection.first_detection, rule->time_grain_s);
  }
  if (!c->detection.has_place) {
    memset(c->detection.pos_ecef_m, 0, sizeof c->detection.pos_ecef_m);
    memset(c->detection.covariance_m2, 0, sizeof c->detection.covariance_m2);
  } else if (rule->place_grain_m > 0.0) {
    coarse_place(c->detection.pos_ecef_m, c->detection.covariance_m2, rule->place_grain_m);
  }
}

static void redact_status(const wf_release_rule *rule, wf_contribution *c) {
  const bool tells_coverage =
      c->status.reason == WF_REASON_BELOW_HORIZON || c->status.reason == WF_REASON_OUT_OF_COVERAGE;
  if (rule->hide_coverage && tells_coverage) c->status.reason = WF_REASON_NOT_SEEN;
}

static void hide_launch_time(wf_contribution *c) {
  c->launch.time = c->valid_time;
  if (c->launch.time_sigma_s < 60.0) c->launch.time_sigma_s = 60.0;
}

// That something was reported stays said, since it must not be fused as if it had been seen; and voice stays voice.
static void hide_sources(wf_contribution *c) {
  c->sources &= WF_SOURCE_VOICE;
  if (c->reported != 0 && wf_reported_kind(c->reported) != WF_REPORTED_VOICE)
    c->reported = wf_reported_of(WF_REPORTED_UNSAID, c->reported >> 3);
}

static void hide(const wf_release_rule *rule, wf_contribution *c) {
  if (rule->hidden & WF_HIDE_SOURCES) hide_sources(c);
  if ((rule->hidden & WF_HIDE_FIRST_DETECTION) && c->kind == WF_CONTRIBUTION_DETECTION)
    c->detection.first_detection = c->valid_time;
  if ((rule->hidden & WF_HIDE_BALLISTIC_COEFFICIENT) && c->kind == WF_CONTRIBUTION_TRACKLET)
    c->tracklet.ln_beta = c->tracklet.ln_beta_sigma = 0.0;
  if ((rule->hidden & WF_HIDE_LAUNCH_TIME) && c->kind == WF_CONTRIBUTION_LAUNCH) hide_launch_time(c);
}

void wf_release_redact(const wf_release_rule *rule, wf_contribution *c) {
  switch (c->kind) {
    case WF_CONTRIBUTION_DETECTION:
      redact_detection(rule, c);
      break;
    case WF_CONTRIBUTION_TRACKLET:
      if (rule->hide_plot_count) c->tracklet.plots = 0;
      break;
    case WF_CONTRIBUTION_STATUS:
      redact_status(rule, c);
      break;
    default:
      break;
  }
  hide(rule, c);
}
