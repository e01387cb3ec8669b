// Boost, coast and re-entry: infrared satellites alone and together, a radar from burnout to the ground, and what is
// told to partners on the way. The vehicle is notional, flown by motion/powered.h with drag.
#include "../wf_test.h"
#include "motion/powered.h"
#include "watch.h"

#define STEP_S 1.0
#define SECONDS_MAX 1500
#define SIGMA_LINE_RAD 25e-6

static const double west[3] = {4.2164e7 * -0.866025403784, 4.2164e7 * -0.5, 0.0};             // 210 E
static const double east[3] = {4.2164e7 * -0.173648177667, 4.2164e7 * -0.984807753012, 0.0};  // 260 E

typedef struct flight {
  int seconds, burnout_s;
  double state[SECONDS_MAX][6], height_m[SECONDS_MAX];
} flight;

// Launched at 30 N 140 W eastward: apogee 320 km, range 1,100 km.
static const flight *flown(void) {
  static flight f;
  if (f.seconds > 0) return &f;
  const wf_lla site = {30.0 * WF_DEG, -140.0 * WF_DEG, 0.0};
  wf_launch launch;
  double flight_s;
  assert_int_equal(wf_powered_solve(&site, 1.57, 320e3, 1100e3, &launch, &flight_s), WF_OK);
  wf_powered_state s;
  wf_powered_init(&launch, &s);
  f.burnout_s = (int)ceil(wf_powered_burnout_s(&launch.vehicle));
  for (f.seconds = 0; f.seconds < SECONDS_MAX; f.seconds++) {
    wf_lla lla;
    wf_geo_lla_from_ecef(s.state, &lla);
    if (f.seconds > 10 && lla.h_m < 0.0) break;
    memcpy(f.state[f.seconds], s.state, sizeof s.state);
    f.height_m[f.seconds] = lla.h_m;
    assert_int_equal(wf_powered_advance(&launch, STEP_S, &s), WF_OK);
  }
  return &f;
}

static wf_sensor satellite(const char *name, double lon_deg) {
  wf_sensor s = {.kind = WF_SENSOR_INFRARED,
                 .lla = {0.0, lon_deg * WF_DEG, 35786e3},
                 .sigma_az_rad = SIGMA_LINE_RAD,
                 .sigma_el_rad = SIGMA_LINE_RAD,
                 .detection_probability = 0.95,
                 .scan_period_s = 1.0};
  snprintf(s.name, sizeof s.name, "%s", name);
  return s;
}

static bool burning(const flight *f, int second) {
  return second < f->burnout_s && f->height_m[second] > 10e3;
}

static double error_m(const double *x, const double *truth) {
  double d[3];
  wf_vec_sub(x, truth, d);
  return wf_vec_norm(d);
}

// One satellite: a detection at once, a large honest place that contains the truth, a boost, never an impact.
static void one_satellite_tells_a_launch(void **state) {
  const flight *f = flown();
  enum { RUNS = 40 };
  int inside = 0, looks = 0;
  for (int run = 0; run < RUNS; run++) {
    wf_rng rng;
    wf_rng_seed(&rng, 400 + (uint64_t)run);
    wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 64, 64);
    const wf_sensor s = satellite("S1", 210.0);
    const uint16_t index = watch_add(t, &s);
    bool told = false;
    for (int second = 0; second < f->burnout_s; second++) {
      if (!burning(f, second) || wf_rng_uniform(&rng) > 0.95) continue;
      const wf_plot p = watch_line(index, west, SIGMA_LINE_RAD, f->state[second], wf_time_from_s(second), &rng);
      wf_tracker_scan(t, &p, 1, NULL);
      assert_int_equal(wf_tracker_count(t), 1);
      const wf_track *k = wf_tracker_at(t, 0);
      assert_int_equal(k->life, WF_LIFE_CONFIRMED);
      assert_int_equal(k->sources, WF_SOURCE_INFRARED);
      wf_contribution out[8];
      const size_t sent = wf_tracker_contributions(t, wf_time_from_s(second), out, 8);
      if (!told) {
        assert_true(sent >= 1);
        assert_int_equal(out[0].kind, WF_CONTRIBUTION_DETECTION);
        assert_true(out[0].detection.covariance_m2[0] + out[0].detection.covariance_m2[3] +
                        out[0].detection.covariance_m2[5] >
                    1e8);
        told = true;
      }
      wf_impact_area impact;
      assert_int_equal(wf_tracker_impact(t, k->id, &impact), WF_EAGAIN);
      double p3[9], y3[9], e[3];
      for (int i = 0; i < 3; i++) {
        e[i] = k->state[i] - f->state[second][i];
        for (int j = 0; j < 3; j++) p3[3 * i + j] = k->covariance[6 * i + j];
      }
      assert_int_equal(wf_mat_spd_inverse(3, p3, y3), WF_OK);
      inside += wf_mat_quadratic(3, y3, e) < 11.34;  // 99 % of three dimensions
      looks++;
    }
    assert_true(told);
    wf_tracker_free(t);
  }
  print_message("one satellite: truth inside the 99 %% place at %.3f of looks\n", (double)inside / looks);
  assert_true(inside > 0.95 * looks);
}

static const wf_track *nearest(const wf_tracker *t, const double *truth) {
  const wf_track *best = NULL;
  for (size_t i = 0; i < wf_tracker_count(t); i++) {
    const wf_track *k = wf_tracker_at(t, i);
    if (best == NULL || error_m(k->state, truth) < error_m(best->state, truth)) best = k;
  }
  return best;
}

// Two stages with a gap of seconds between them, seen by their flames alone: the gap may be taken for the end, but the
// next flame must show that it was not.
static void the_next_stage_is_seen(void **state) {
  enum { RUNS = 20, LATEST_S = 3 };
  const wf_lla site = {30.0 * WF_DEG, -140.0 * WF_DEG, 0.0};
  wf_launch launch;
  double flight_s;
  int taken_for_fall = 0;
  assert_int_equal(wf_powered_solve(&site, 1.57, 900e3, 950e3, &launch, &flight_s), WF_OK);
  assert_int_equal(launch.vehicle.stage_count, 2);
  const double gap_from = launch.vehicle.stage[0].burn_s, gap_s = 6.0, again = gap_from + gap_s;
  launch.vehicle.stage[0].coast_after_s = gap_s;
  for (int run = 0; run < RUNS; run++) {
    wf_rng rng;
    wf_rng_seed(&rng, 700 + (uint64_t)run);
    wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 64, 64);
    wf_sensor s1 = satellite("S1", 210.0), s2 = satellite("S2", 260.0);
    s1.scan_period_s = s2.scan_period_s = 2.0;
    const uint16_t i1 = watch_add(t, &s1), i2 = watch_add(t, &s2);
    wf_powered_state s;
    wf_powered_init(&launch, &s);
    for (int second = 0; second < again + 40.0; second++) {
      const wf_time now = wf_time_from_s(second);
      wf_plot p[2];
      size_t n = 0;
      const bool flame = second > 25 && (second < gap_from || second >= again);
      const bool first = second % 2 == 0;
      double elsewhere[6];  // something warm, far away: a look that does not show the object
      for (int i = 0; i < 6; i++) elsewhere[i] = s.state[i] + (i < 3 ? 1e6 * wf_rng_normal(&rng) : 0.0);
      if (flame && wf_rng_uniform(&rng) < 0.95)
        p[n++] = watch_line(first ? i1 : i2, first ? west : east, SIGMA_LINE_RAD, s.state, now, &rng);
      p[n++] = watch_line(first ? i1 : i2, first ? west : east, SIGMA_LINE_RAD, elsewhere, now, &rng);
      wf_tracker_scan(t, p, n, NULL);
      wf_tracker_advance(t, now);
      wf_impact_area impact;
      const wf_track *k = nearest(t, s.state);
      const bool falls = k != NULL && wf_tracker_impact(t, k->id, &impact) == WF_OK;
      taken_for_fall += falls && second >= gap_from && second < again;
      if (falls && second > again + LATEST_S)
        fail_msg("run %d: still an impact %g s into the stage", run, second - again);
      assert_int_equal(wf_powered_advance(&launch, STEP_S, &s), WF_OK);
    }
    wf_tracker_free(t);
  }
  print_message("between two stages: taken for falling in %.1f s of %.0f\n", (double)taken_for_fall / RUNS, gap_s);
}

// A radar that looks twenty times a second at a boost: at most four statements a second and object, with every look in
// them.
static void told_to_a_rate_in_boost(void **state) {
  const wf_lla site = {30.0 * WF_DEG, -140.0 * WF_DEG, 0.0};
  wf_launch launch;
  double flight_s;
  wf_rng rng;
  wf_rng_seed(&rng, 91);
  assert_int_equal(wf_powered_solve(&site, 1.57, 320e3, 1100e3, &launch, &flight_s), WF_OK);
  wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 64, 64);
  wf_sensor radar = watch_radar("R1", 0.0);
  radar.scan_period_s = 0.05;
  const uint16_t index = watch_add(t, &radar);
  wf_site at;
  wf_site_init(&at, &radar.lla);
  wf_powered_state s;
  wf_powered_init(&launch, &s);
  assert_int_equal(wf_powered_advance(&launch, 40.0, &s), WF_OK);
  int looks = 0, plots = 0, in_boost = 0;
  for (int second = 0; second < 40; second++) {
    int told = 0;
    for (int k = 0; k < 20; k++) {
      const wf_time now = wf_time_from_s(40.0 + second + 0.05 * k);
      wf_plot p;
      wf_contribution out[16];
      if (watch_plot(&radar, &at, index, s.state, now, &rng, &p)) {
        wf_tracker_scan(t, &p, 1, NULL);
        looks++;
      }
      for (size_t n = wf_tracker_contributions(t, now, out, 16), i = 0; i < n; i++) {
        if (out[i].kind != WF_CONTRIBUTION_TRACKLET) continue;
        told++;
        plots += out[i].tracklet.plots;
        in_boost += out[i].tracklet.phase == WF_PHASE_BOOST;
      }
      assert_int_equal(wf_powered_advance(&launch, 0.05, &s), WF_OK);
    }
    if (told > 5) fail_msg("second %d: %d statements", second, told);
  }
  print_message("20 looks a second in boost: %d looks told in %d statements, %d of boost\n", plots, in_boost, in_boost);
  assert_true(looks > 300 && in_boost > 60);
  assert_true(plots > looks - 30 && plots <= looks);
  wf_tracker_free(t);
}

typedef struct watched {
  double nees[SECONDS_MAX];
  int n[SECONDS_MAX];
  double burnout_s;
  int burnouts;
  double error[SECONDS_MAX];
} watched;

// Two satellites from cloud to burnout and a radar above its horizon, through one flight; NEES gathered per second.
static void watch_flight(const flight *f, uint64_t seed, bool lines, bool radar, watched *w) {
  wf_rng rng;
  wf_rng_seed(&rng, seed);
  wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 64, 64);
  const wf_sensor s1 = satellite("S1", 210.0), s2 = satellite("S2", 260.0);
  wf_sensor r = watch_radar("R1", 1.0);
  r.scan_period_s = 1.0;
  const uint16_t i1 = watch_add(t, &s1), i2 = watch_add(t, &s2), ir = watch_add(t, &r);
  wf_site site;
  wf_site_init(&site, &r.lla);
  for (int second = 0; second < f->seconds; second++) {
    const double *truth = f->state[second];
    const wf_time now = wf_time_from_s(second);
    if (lines && burning(f, second)) {
      wf_plot p[2];
      size_t n = 0;
      if (wf_rng_uniform(&rng) < 0.95) p[n++] = watch_line(i1, west, SIGMA_LINE_RAD, truth, now, &rng);
      if (wf_rng_uniform(&rng) < 0.95) p[n++] = watch_line(i2, east, SIGMA_LINE_RAD, truth, now, &rng);
      wf_tracker_scan(t, p, n, NULL);
    }
    double rae[3];
    wf_plot p[32];
    wf_geo_rae_from_ecef(&site, truth, rae, NULL);
    size_t n = radar && rae[2] > 0.035 && watch_plot(&r, &site, ir, truth, now, &rng, &p[0]) ? 1 : 0;
    if (radar) n += watch_clutter(&r, ir, now, &rng, p + n, 31);
    if (n > 0) wf_tracker_scan(t, p, n, NULL);
    wf_tracker_advance(t, wf_time_from_s(second + 0.5));
    const wf_track *k = watch_nearest(t, truth, 300e3);
    wf_track_event e[32];
    for (size_t got = wf_tracker_events(t, e, 32), i = 0; i < got; i++)
      if (e[i].kind == WF_TRACK_BURNOUT) {
        w->burnout_s += wf_time_to_s(e[i].time);
        w->burnouts++;
      }
    if (k == NULL || k->last_update.ns != now.ns) continue;
    w->nees[second] += flight_nees(k->state, truth, k->covariance);
    w->error[second] += error_m(k->state, truth);
    w->n[second]++;
  }
  wf_tracker_free(t);
}

static double mean_nees(const watched *w, int from, int to) {
  double sum = 0.0;
  int n = 0;
  for (int s = from; s < to; s++) {
    sum += w->nees[s];
    n += w->n[s];
  }
  assert_true(n > 0);
  return sum / n;
}

static void boost_to_ground(void **state) {
  const flight *f = flown();
  static watched w;
  enum { RUNS = 25 };
  memset(&w, 0, sizeof w);
  for (int run = 0; run < RUNS; run++) watch_flight(f, 700 + (uint64_t)run, true, true, &w);
  int low = f->seconds - 1;
  while (f->height_m[low] < 15e3) low--;
  int seen = 0, over = 0;
  for (int s = 0; s < f->burnout_s; s++)
    if (burning(f, s) && seen == 0) seen = s;
  for (over = f->seconds - 1; f->height_m[over] < 90e3;) over--;
  const double boost = mean_nees(&w, seen + 10, f->burnout_s), after = mean_nees(&w, f->burnout_s, f->burnout_s + 20);
  const double coast = mean_nees(&w, f->burnout_s + 20, over), entry = mean_nees(&w, over, low);
  print_message("NEES/6: boost %.2f, 20 s about burnout %.2f, coast %.2f, re-entry to 15 km %.2f\n", boost / 6,
                after / 6, coast / 6, entry / 6);
  print_message("burnout at %d s, told on average at %.1f s (%d of %d flights)\n", f->burnout_s,
                w.burnout_s / w.burnouts, w.burnouts, RUNS);
  assert_true(boost / 6 > 0.3 && boost / 6 < 1.5);
  assert_true(after / 6 > 0.3 && after / 6 < 2.0);
  assert_true(coast / 6 > 0.6 && coast / 6 < 1.4);
  assert_true(entry / 6 > 0.4 && entry / 6 < 2.0);
  assert_true(w.burnouts >= RUNS && w.burnouts <= RUNS + 2);
  assert_true(fabs(w.burnout_s / w.burnouts - f->burnout_s) < 6.0);
}

static void satellites_alone_and_radar_alone(void **state) {
  const flight *f = flown();
  static watched lines, radar;
  enum { RUNS = 25 };
  memset(&lines, 0, sizeof lines);
  memset(&radar, 0, sizeof radar);
  for (int run = 0; run < RUNS; run++) {
    watch_flight(f, 800 + (uint64_t)run, true, false, &lines);
    watch_flight(f, 900 + (uint64_t)run, false, true, &radar);
  }
  const int last = f->burnout_s - 2;
  print_message("two satellites at the end of boost: NEES/6 %.2f, error %.0f m\n",
                mean_nees(&lines, last - 30, last) / 6, lines.error[last] / lines.n[last]);
  assert_true(mean_nees(&lines, last - 30, last) / 6 < 1.6);
  assert_true(lines.error[last] / lines.n[last] < 3000.0);
  const double coast = mean_nees(&radar, f->burnout_s + 30, f->burnout_s + 200);
  print_message("radar alone, coast: NEES/6 %.2f\n", coast / 6);
  assert_true(coast / 6 > 0.5 && coast / 6 < 1.5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_satellite_tells_a_launch),     cmocka_unit_test(the_next_stage_is_seen),
      cmocka_unit_test(told_to_a_rate_in_boost),          cmocka_unit_test(boost_to_ground),
      cmocka_unit_test(satellites_alone_and_radar_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
