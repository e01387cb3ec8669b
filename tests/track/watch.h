// Made-up skies for the tracker's tests: flights, radars, clutter, and the truth behind every plot.
#ifndef WF_TEST_WATCH_H
#define WF_TEST_WATCH_H

#include <math.h>
#include <stdlib.h>

#include "../estimate/flight.h"
#include "../wf_test.h"
#include "track/tracker.h"

#define WATCH_SCAN_S 2.0

static inline wf_sensor watch_radar(const char *name, double clutter) {
  wf_sensor s = {.kind = WF_SENSOR_RADAR,
                 .lla = {27.75 * WF_DEG, -137.0 * WF_DEG, 0.0},
                 .sigma_range_m = 30.0,
                 .sigma_az_rad = 1e-3,
                 .sigma_el_rad = 1e-3,
                 .detection_probability = 0.9,
                 .clutter_mean_per_scan = clutter,
                 .box_range_m = {150e3, 1000e3},
                 .box_az_rad = {-1.570796, 1.745329},
                 .box_el_rad = {0.034907, 1.308997},
                 .scan_period_s = WATCH_SCAN_S};
  snprintf(s.name, sizeof s.name, "%s", name);
  return s;
}

static inline wf_tracker *watch_tracker(wf_medium medium, uint32_t tracks, uint32_t plots) {
  const wf_tracker_config config = {
      .tracks_max = tracks, .plots_per_scan_max = plots, .medium = medium, .mode = WF_MODE_TEST, .id_seed = 99};
  wf_tracker *t = wf_tracker_new(&config);
  assert_non_null(t);
  return t;
}

static inline uint16_t watch_add(wf_tracker *t, const wf_sensor *s) {
  uint16_t index;
  assert_int_equal(wf_tracker_add_sensor(t, s, &index), WF_OK);
  return index;
}

// A state at the end of a boost as in the shared sets, scattered.
static inline void watch_launch(wf_rng *rng, double state[6]) {
  flight_start(80e3 + wf_rng_between(rng, -10e3, 10e3), 2950.0 * (1.0 + 0.03 * wf_rng_normal(rng)),
               wf_rng_between(rng, 36.0, 48.0) * WF_DEG, wf_rng_between(rng, 86.0, 94.0) * WF_DEG, state);
  for (int i = 0; i < 3; i++) state[i] += wf_rng_between(rng, -15e3, 15e3);
}

// One plot of a state with the sensor's noise, if it is detected.
static inline bool watch_plot(const wf_sensor *s, const wf_site *site, uint16_t index, const double state[6],
                              wf_time time, wf_rng *rng, wf_plot *out) {
  if (wf_rng_uniform(rng) >= s->detection_probability) return false;
  double rae[3];
  wf_geo_rae_from_ecef(site, state, rae, NULL);
  *out = (wf_plot){.time = time, .sensor = index, .kind = WF_PLOT_RADAR};
  out->radar.range_m = rae[0] + s->sigma_range_m * wf_rng_normal(rng);
  out->radar.az_rad = wf_wrap_2pi(rae[1] + s->sigma_az_rad * wf_rng_normal(rng));
  out->radar.el_rad = rae[2] + s->sigma_el_rad * wf_rng_normal(rng);
  return true;
}

static inline size_t watch_clutter(const wf_sensor *s, uint16_t index, wf_time time, wf_rng *rng, wf_plot *out,
                                   size_t cap) {
  size_t count = wf_rng_poisson(rng, s->clutter_mean_per_scan);
  if (count > cap) count = cap;
  for (size_t k = 0; k < count; k++) {
    out[k] = (wf_plot){.time = time, .sensor = index, .kind = WF_PLOT_RADAR};
    out[k].radar.range_m = wf_rng_between(rng, s->box_range_m[0], s->box_range_m[1]);
    out[k].radar.az_rad = wf_wrap_2pi(wf_rng_between(rng, s->box_az_rad[0], s->box_az_rad[1]));
    out[k].radar.el_rad = wf_rng_between(rng, s->box_el_rad[0], s->box_el_rad[1]);
  }
  return count;
}

// A line of sight from a satellite with 1-sigma noise across it.
static inline wf_plot watch_line(uint16_t index, const double origin[3], double sigma_rad, const double pos[3],
                                 wf_time time, wf_rng *rng) {
  wf_plot p = {.time = time, .sensor = index, .kind = WF_PLOT_LOS};
  double line[3];
  wf_vec_sub(pos, origin, line);
  const double range = wf_vec_norm(line);
  for (int i = 0; i < 3; i++) {
    p.los.origin_ecef_m[i] = origin[i];
    line[i] = line[i] / range + sigma_rad * wf_rng_normal(rng);
  }
  const double n = wf_vec_norm(line);
  for (int i = 0; i < 3; i++) p.los.unit_ecef[i] = line[i] / n;
  return p;
}

// The confirmed or coasting track nearest to a position within reach_m, or NULL.
static inline const wf_track *watch_nearest(const wf_tracker *t, const double pos[3], double reach_m) {
  const wf_track *best = NULL;
  for (size_t i = 0; i < wf_tracker_count(t); i++) {
    const wf_track *k = wf_tracker_at(t, i);
    if (k->life != WF_LIFE_CONFIRMED && k->life != WF_LIFE_COASTING) continue;
    double d[3];
    wf_vec_sub(k->state, pos, d);
    if (wf_vec_norm(d) < reach_m) {
      reach_m = wf_vec_norm(d);
      best = k;
    }
  }
  return best;
}

static inline unsigned watch_confirmed(const wf_tracker *t) {
  wf_tracker_stats s;
  wf_tracker_stats_get(t, &s);
  return (unsigned)s.confirmed;
}

#endif
