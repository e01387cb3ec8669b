// How far from the theoretical bound, and how honest: one radar on falling objects, many runs of its own making.
//   coast  RUNS   errors against the posterior Cramér–Rao bound (no prior, no process noise, each run's own
//   detections),
//                 mean NEES of every scan against its 95 % bounds, and how many 95 % impact areas hold the impact
//   cluster RUNS  a separating cloud closer together than the cross-range error (300 m and 3 m/s per axis): tracked,
//   NEES
//                 of tracks and objects paired likeliest first, speed by number of objects
//   dense  HOURS  100 objects with 200 false plots per scan: completeness, speed; then false plots alone
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../estimate/flight.h"
#include "base/rng.h"
#include "motion/impact.h"
#include "track/tracker.h"

#define SCANS 300
#define BANDS 3

static const double BAND_FROM_S[BANDS + 1] = {30.0, 60.0, 120.0, 1e9};

static wf_sensor radar_of(double clutter, double period_s) {
  return (wf_sensor){.name = "R1",
                     .kind = WF_SENSOR_RADAR,
                     .lla = {27.75 * WF_DEG, -137.0 * WF_DEG, 0.0},
                     .sigma_range_m = 30.0,
                     .sigma_az_rad = 1e-3,
                     .sigma_el_rad = 1e-3,
                     .detection_probability = 0.9,
                     .clutter_mean_per_scan = clutter,
                     .box_range_m = {150e3, 1000e3},
                     .box_az_rad = {-1.570796, 1.745329},
                     .box_el_rad = {0.034907, 1.308997},
                     .scan_period_s = period_s};
}

static wf_tracker *tracker_of(const wf_sensor *radar, uint32_t tracks) {
  const wf_tracker_config config = {
      .tracks_max = tracks, .plots_per_scan_max = 1024, .medium = WF_MEDIUM_VACUUM, .mode = WF_MODE_TEST, .id_seed = 1};
  wf_tracker *t = wf_tracker_new(&config);
  uint16_t index;
  if (t == NULL || wf_tracker_add_sensor(t, radar, &index) != WF_OK) exit(1);
  return t;
}

static void launch(wf_rng *rng, double state[6]) {
  flight_start(80e3 + wf_rng_between(rng, -10e3, 10e3), 2800.0 * (1.0 + 0.03 * wf_rng_normal(rng)),
               wf_rng_between(rng, 36.0, 48.0) * WF_DEG, wf_rng_between(rng, 86.0, 94.0) * WF_DEG, state);
  for (int i = 0; i < 3; i++) state[i] += wf_rng_between(rng, -15e3, 15e3);
}

static const wf_track *nearest(const wf_tracker *t, const double pos[3]) {
  const wf_track *best = NULL;
  double reach = 10e3;
  for (size_t i = 0; i < wf_tracker_count(t); i++) {
    const wf_track *k = wf_tracker_at(t, i);
    double d[3];
    if (k->life != WF_LIFE_CONFIRMED && k->life != WF_LIFE_COASTING) continue;
    wf_vec_sub(k->state, pos, d);
    if (wf_vec_norm(d) >= reach) continue;
    reach = wf_vec_norm(d);
    best = k;
  }
  return best;
}

typedef struct tally {
  double error2[BANDS][2], bound[BANDS][2];
  double nees[SCANS];
  int count[SCANS], areas, inside;
} tally;

// Information about the state now: carried over dt, then with a plot.
static void carry(double info[36], double truth[6], double dt_s) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
  double back[6], inverse[36], half[36];
  wf_motion_propagate(&vacuum, dt_s, 1.0, truth, NULL, NULL);
  memcpy(back, truth, sizeof back);
  wf_motion_propagate(&vacuum, -dt_s, 1.0, back, inverse, NULL);
  wf_mat_mul(6, 6, 6, info, inverse, half);
  wf_mat_t_mul(6, 6, 6, inverse, half, info);
}

static void inform(double info[36], const wf_view *view, const double truth[6]) {
  wf_expected e;
  wf_view_at(view, truth, &e);
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < 6; i++)
      for (int j = 0; j < 6; j++) info[6 * i + j] += e.h[6 * c + i] * e.h[6 * c + j] / view->variance[c];
}

static void judge_area(tally *y, const wf_tracker *t, const wf_track *track, const double truth[6]) {
  wf_impact_area area;
  wf_impact real;
  if (wf_tracker_impact(t, track->id, &area) != WF_OK || !area.valid) return;
  if (wf_motion_impact(&WF_IMPACT_VACUUM, truth, NULL, &real) != WF_OK || real.reason != WF_IMPACT_OK) return;
  const double north = (real.lat_rad - area.area.lat_rad) * 6.36e6;
  const double east = (real.lon_rad - area.area.lon_rad) * 6.378e6 * wf_cos(real.lat_rad);
  const double along = north * wf_cos(area.area.azimuth_rad) + east * wf_sin(area.area.azimuth_rad);
  const double across = east * wf_cos(area.area.azimuth_rad) - north * wf_sin(area.area.azimuth_rad);
  const double a = along / area.area.semi_major_95_m, b = across / area.area.semi_minor_95_m;
  y->areas++;
  y->inside += a * a + b * b <= 1.0;
}

static void coast_run(uint64_t seed, tally *y) {
  wf_rng rng;
  wf_site site;
  const wf_sensor radar = radar_of(1e-3, 1.0);
  const wf_view view = flight_radar(&site);
  wf_tracker *t = tracker_of(&radar, 32);
  double truth[6], info[36] = {0};
  int first = -1;
  wf_rng_seed(&rng, seed);
  launch(&rng, truth);
  for (int scan = 0; scan < SCANS; scan++) {
    if (scan > 0) carry(info, truth, 1.0);
    const wf_time now = wf_time_from_s(1000.0 + scan);
    const bool seen = wf_rng_uniform(&rng) < 0.9;
    if (seen) {
      const wf_plot plot = flight_plot(&view, truth, now, &rng);
      inform(info, &view, truth);
      wf_tracker_scan(t, &plot, 1, NULL);
      if (first < 0) first = scan;
    } else {
      wf_tracker_advance(t, now);
    }
    const wf_track *track = nearest(t, truth);
    double bound[36], state[6], covariance[36];
    if (track == NULL || first < 0 || wf_tracker_predict(t, track->id, now, state, covariance) != WF_OK) continue;
    const double age_s = scan - first;
    y->nees[scan] += flight_nees(state, truth, covariance);
    y->count[scan]++;
    if (scan == SCANS / 2) judge_area(y, t, track, truth);
    if (wf_mat_spd_inverse(6, info, bound) != WF_OK) continue;
    for (int b = 0; b < BANDS; b++)
      for (int i = 0; age_s >= BAND_FROM_S[b] && age_s < BAND_FROM_S[b + 1] && i < 6; i++) {
        y->error2[b][i / 3] += (state[i] - truth[i]) * (state[i] - truth[i]);
        y->bound[b][i / 3] += bound[7 * i];
      }
  }
  wf_tracker_free(t);
}

static void coast(int runs) {
  static tally y;
  for (int run = 0; run < runs; run++) coast_run(1000 + (uint64_t)run, &y);
  static const char *const name[BANDS] = {"30-60 s", "60-120 s", "120 s-end"};
  for (int b = 0; b < BANDS; b++)
    printf("coast, %d runs, %s: position efficiency %.3f, velocity %.3f\n", runs, name[b],
           sqrt(y.error2[b][0] / y.bound[b][0]), sqrt(y.error2[b][1] / y.bound[b][1]));
  int judged = 0, inside = 0;
  for (int scan = 10; scan < SCANS; scan++) {
    const int n = y.count[scan];
    if (n < 2) continue;
    judged++;
    inside += y.nees[scan] > wf_chi2_quantile(6 * n, 0.025) && y.nees[scan] < wf_chi2_quantile(6 * n, 0.975);
  }
  printf("coast, %d runs: mean NEES inside its 95 %% bounds at %.3f of scans from 10 s on\n", runs,
         (double)inside / judged);
  printf("coast, %d runs: %.3f of %d impact areas at half time hold the impact\n", runs, (double)y.inside / y.areas,
         y.areas);
}

static double cpu_s(void) {
  return (double)clock() / CLOCKS_PER_SEC;
}

static size_t false_plots(const wf_sensor *s, wf_time now, wf_rng *rng, wf_plot *out) {
  const size_t count = wf_rng_poisson(rng, s->clutter_mean_per_scan);
  for (size_t k = 0; k < count; k++) {
    out[k] = (wf_plot){.time = now, .kind = WF_PLOT_RADAR};
    out[k].radar.range_m = wf_rng_between(rng, s->box_range_m[0], s->box_range_m[1]);
    out[k].radar.az_rad = wf_wrap_2pi(wf_rng_between(rng, s->box_az_rad[0], s->box_az_rad[1]));
    out[k].radar.el_rad = wf_rng_between(rng, s->box_el_rad[0], s->box_el_rad[1]);
  }
  return count;
}

static void dense(double hours) {
  enum { OBJECTS = 100, LOOKS = 150 };
  static double truth[OBJECTS][6];
  static wf_plot plot[1024];
  const wf_sensor radar = radar_of(200.0, 2.0);
  wf_site site;
  const wf_view view = flight_radar(&site);
  wf_tracker *t = tracker_of(&radar, 2048);
  wf_rng rng;
  wf_rng_seed(&rng, 77);
  for (int k = 0; k < OBJECTS; k++) launch(&rng, truth[k]);
  double spent_s = 0.0;
  long tracked = 0, there = 0;
  for (int scan = 0; scan < LOOKS; scan++) {
    const wf_time now = wf_time_from_s(1000.0 + 2.0 * scan);
    size_t count = 0;
    for (int k = 0; k < OBJECTS; k++) {
      if (scan > 0) flight_fall(2.0, truth[k]);
      if (wf_rng_uniform(&rng) < 0.9) plot[count++] = flight_plot(&view, truth[k], now, &rng);
    }
    count += false_plots(&radar, now, &rng, plot + count);
    const double from_s = cpu_s();
    wf_tracker_scan(t, plot, count, NULL);
    spent_s += cpu_s() - from_s;
    for (int k = 0; k < OBJECTS; k++) tracked += nearest(t, truth[k]) != NULL;
    there += OBJECTS;
  }
  printf("dense: %d objects at once, 200 false plots per scan: completeness %.4f, %.0f times real time\n", OBJECTS,
         (double)tracked / (double)there, 2.0 * LOOKS / spent_s);
  wf_tracker_free(t);
  t = tracker_of(&radar, 2048);
  for (int scan = 0; scan < (int)(1800.0 * hours); scan++) {
    const wf_time now = wf_time_from_s(1000.0 + 2.0 * scan);
    wf_tracker_scan(t, plot, false_plots(&radar, now, &rng, plot), NULL);
  }
  wf_tracker_stats stats;
  wf_tracker_stats_get(t, &stats);
  printf("dense: %.1f h of 200 false plots per scan alone: %llu false confirmed tracks\n", hours,
         (unsigned long long)stats.confirmed);
  wf_tracker_free(t);
}

enum { CLOUD_MAX = 24 };

// Tracks and objects paired, least NEES first. Returns how many.
static int pair_up(const wf_tracker *t, double truth[][6], int objects, double *nees) {
  bool used[4 * CLOUD_MAX] = {0}, done[CLOUD_MAX] = {0};
  for (int found = 0;; found++) {
    int object = -1;
    size_t track = 0;
    double least = 1e8;
    for (int k = 0; k < objects; k++)
      for (size_t i = 0; i < wf_tracker_count(t) && i < 4 * CLOUD_MAX; i++) {
        const wf_track *at = wf_tracker_at(t, i);
        if (done[k] || used[i] || (at->life != WF_LIFE_CONFIRMED && at->life != WF_LIFE_COASTING)) continue;
        const double value = flight_nees(at->state, truth[k], at->covariance);
        if (value >= least) continue;
        least = value;
        object = k;
        track = i;
      }
    if (object < 0) return found;
    done[object] = used[track] = true;
    *nees += least;
  }
}

typedef struct cloud_sums {
  double objects, tracked, nees, judged, spent_s;
} cloud_sums;

static void cloud_run(uint64_t seed, int objects, cloud_sums *sums) {
  enum { LOOKS = 100 };
  static double truth[CLOUD_MAX][6];
  static wf_plot plot[1024];
  const wf_sensor radar = radar_of(20.0, 2.0);
  wf_site site;
  const wf_view view = flight_radar(&site);
  wf_tracker *t = tracker_of(&radar, 256);
  wf_rng rng;
  double centre[6];
  wf_rng_seed(&rng, seed);
  launch(&rng, centre);
  for (int k = 0; k < objects; k++)
    for (int i = 0; i < 6; i++) truth[k][i] = centre[i] + (i < 3 ? 300.0 : 3.0) * wf_rng_normal(&rng);
  for (int scan = 0; scan < LOOKS; scan++) {
    const wf_time now = wf_time_from_s(1000.0 + 2.0 * scan);
    size_t count = 0;
    for (int k = 0; k < objects; k++) {
      if (scan > 0) flight_fall(2.0, truth[k]);
      if (wf_rng_uniform(&rng) < 0.9) plot[count++] = flight_plot(&view, truth[k], now, &rng);
    }
    count += false_plots(&radar, now, &rng, plot + count);
    const double from_s = cpu_s();
    wf_tracker_scan(t, plot, count, NULL);
    sums->spent_s += cpu_s() - from_s;
    double nees = 0.0;
    const int found = pair_up(t, truth, objects, &nees);
    sums->objects += objects;
    sums->tracked += found;
    if (scan < 5) continue;
    sums->nees += nees;
    sums->judged += found;
  }
  wf_tracker_free(t);
}

static void cluster(int runs) {
  static const int objects[] = {2, 4, 8, 12, CLOUD_MAX};
  for (size_t n = 0; n < sizeof objects / sizeof *objects; n++) {
    cloud_sums sums = {0};
    for (int run = 0; run < runs; run++) cloud_run(500 + (uint64_t)run, objects[n], &sums);
    printf("cluster, %d runs: %d objects tracked %.4f of the time, NEES from 10 s on %.2f, %.0f times real time\n",
           runs, objects[n], sums.tracked / sums.objects, sums.nees / sums.judged, 200.0 * runs / sums.spent_s);
  }
}

int main(int argc, char **argv) {
  const double amount = argc > 2 ? atof(argv[2]) : 0.0;
  if (argc < 2 || strcmp(argv[1], "coast") == 0) coast(amount >= 2.0 ? (int)amount : 100);
  if (argc < 2 || strcmp(argv[1], "cluster") == 0) cluster(amount >= 1.0 ? (int)amount : 1);
  if (argc < 2 || strcmp(argv[1], "dense") == 0) dense(amount > 0.0 ? amount : 1.0);
  return 0;
}
