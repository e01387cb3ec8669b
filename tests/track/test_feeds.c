// Feeds that are wrong in one way or another, beside one or two that are right: the tracker stays up, says which sensor
// is not what it is said to be, and the tracks of the others are as good as without it.
#include "../wf_test.h"
#include "watch.h"

#define OBJECTS 6
#define SCANS 70

enum { RIGHT, MOVED, NOISY, DEAF, DOUBLED, JUMPING, DEGREES, NANS, FEEDS };
static const char *const FEED[FEEDS] = {
    "right",           "moved by 100 km",     "10 times the noise", "detection probability 0.1", "everything twice",
    "jumping in time", "degrees for radians", "not numbers"};

typedef struct outcome {
  double nees, error_m, spare;
  int n, missing;
  wf_sensor_doubt doubt[3];
  double factor;
  wf_tracker_stats stats;
} outcome;

static wf_sensor radar_at(const char *name, double lat_deg, double lon_deg) {
  wf_sensor s = watch_radar(name, 2.0);
  s.lla.lat_rad = lat_deg * WF_DEG;
  s.lla.lon_rad = lon_deg * WF_DEG;
  s.box_range_m[0] = 30e3;
  s.box_az_rad[0] = 0.0;
  s.box_az_rad[1] = 6.283185;
  return s;
}

// The plots of the third radar, spoilt; those it really has by its own stated place and noise.
static size_t spoil(int how, wf_plot *p, size_t n, int scan, wf_rng *rng) {
  for (size_t i = 0; i < n; i++) {
    if (how == DEGREES) {
      p[i].radar.az_rad /= WF_DEG;
      p[i].radar.el_rad /= WF_DEG;
    }
    if (how == NANS && wf_rng_uniform(rng) < 0.5) p[i].radar.el_rad = NAN;
    if (how == JUMPING) p[i].time = wf_time_add_s(p[i].time, scan % 3 == 0 ? 900.0 : scan % 3 == 1 ? -200.0 : 0.0);
  }
  return n;
}

static void judge(const wf_tracker *t, double truth[OBJECTS][6], wf_time now, outcome *o) {
  unsigned firm = 0;
  for (size_t i = 0; i < wf_tracker_count(t); i++) {
    const uint8_t life = wf_tracker_at(t, i)->life;
    firm += life == WF_LIFE_CONFIRMED || life == WF_LIFE_COASTING;
  }
  o->spare += (double)firm - OBJECTS;
  for (int i = 0; i < OBJECTS; i++) {
    const wf_track *k = watch_nearest(t, truth[i], 3e3);
    if (k == NULL) {
      o->missing++;
      continue;
    }
    double d[3], state[6], covariance[36];
    assert_int_equal(wf_tracker_predict(t, k->id, now, state, covariance), WF_OK);
    wf_vec_sub(state, truth[i], d);
    o->nees += flight_nees(state, truth[i], covariance);
    o->error_m += wf_vec_norm(d);
    o->n++;
  }
}

static outcome run(int how) {
  outcome o = {0};
  wf_rng rng;
  wf_rng_seed(&rng, 900);
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 512, 256);
  wf_sensor s[3] = {radar_at("A", 27.75, -137.0), radar_at("B", 31.35, -134.0), radar_at("C", 32.0, -138.0)}, real[3];
  wf_site site[3];
  uint16_t index[3];
  double truth[OBJECTS][6];
  memcpy(real, s, sizeof s);
  if (how == NOISY) real[2].sigma_range_m *= 10.0, real[2].sigma_az_rad *= 10.0, real[2].sigma_el_rad *= 10.0;
  if (how == MOVED) real[2].lla.lat_rad += 100e3 / 6.37e6;
  if (how == DEAF) real[2].detection_probability = 0.1;
  for (int k = 0; k < 3; k++) {
    index[k] = watch_add(t, &s[k]);
    wf_site_init(&site[k], &real[k].lla);
  }
  for (int i = 0; i < OBJECTS; i++) watch_launch(&rng, truth[i]);
  for (int scan = 0; scan < SCANS; scan++) {
    for (int k = 0; k < 3; k++) {
      const wf_time now = wf_time_from_s(1000.0 + WATCH_SCAN_S * scan + 0.5 * k);
      wf_plot p[64];
      size_t n = 0;
      for (int i = 0; i < OBJECTS; i++) {
        flight_fall(k == 0 ? (scan > 0 ? 1.0 : 0.0) : 0.5, truth[i]);
        n += watch_plot(&real[k], &site[k], index[k], truth[i], now, &rng, &p[n]);
      }
      n += watch_clutter(&s[k], index[k], now, &rng, p + n, 40);
      wf_tracker_advance(t, now);
      if (k == 2) n = spoil(how, p, n, scan, &rng);
      wf_tracker_scan(t, p, n, NULL);
      if (k == 2 && how == DOUBLED) wf_tracker_scan(t, p, n, NULL);
    }
    if (scan >= 35) judge(t, truth, wf_time_from_s(1000.0 + WATCH_SCAN_S * scan + 1.0), &o);
  }
  for (int k = 0; k < 3; k++) o.doubt[k] = wf_tracker_sensor_doubt(t, index[k], k == 2 ? &o.factor : NULL);
  wf_tracker_stats_get(t, &o.stats);
  print_message(
      "%s: NEES/6 %.2f, error %.0f m, missing %d of %d, spare tracks %.2f; C is %s, factor %.1f; covariances mended "
      "%llu\n",
      FEED[how], o.nees / o.n / 6.0, o.error_m / o.n, o.missing, o.missing + o.n, o.spare / (SCANS - 35),
      wf_sensor_doubt_name(o.doubt[2]), o.factor, (unsigned long long)o.stats.covariance_repairs);
  wf_tracker_free(t);
  return o;
}

// The tracks of A and B, whatever C says.
static void unharmed(const outcome *o) {
  assert_true(o->missing < 0.02 * (o->n + o->missing));
  assert_true(o->nees / o->n / 6.0 < 1.6);
  assert_int_equal(o->doubt[0], WF_SENSOR_TRUSTED);
  assert_int_equal(o->doubt[1], WF_SENSOR_TRUSTED);
}

static void right(void **state) {
  const outcome o = run(RIGHT);
  unharmed(&o);
  assert_int_equal(o.stats.covariance_repairs, 0);
  assert_int_equal(o.doubt[2], WF_SENSOR_TRUSTED);
  assert_true(o.factor == 1.0);
}

static void moved_by_100_km(void **state) {
  const outcome o = run(MOVED);
  unharmed(&o);
  assert_int_equal(o.doubt[2], WF_SENSOR_MISPLACED);
}

static void ten_times_the_noise(void **state) {
  const outcome o = run(NOISY);
  unharmed(&o);
  assert_int_equal(o.doubt[2], WF_SENSOR_NOISY);
  assert_true(o.factor > 6.0 && o.factor < 15.0);
  assert_true(o.spare / (SCANS - 35) < 0.5);
}

static void hardly_detects(void **state) {
  const outcome o = run(DEAF);
  unharmed(&o);
  assert_int_equal(o.doubt[2], WF_SENSOR_TRUSTED);
}

static void said_twice(void **state) {
  const outcome o = run(DOUBLED);
  unharmed(&o);
  assert_true(o.stats.rejected[WF_PLOT_DUPLICATE] > 300);
}

static void jumps_in_time(void **state) {
  const outcome o = run(JUMPING);
  unharmed(&o);
  assert_true(o.stats.rejected[WF_PLOT_FUTURE] > 100);
  assert_true(o.stats.rejected[WF_PLOT_TOO_OLD] > 100);
}

static void degrees_for_radians(void **state) {
  const outcome o = run(DEGREES);
  unharmed(&o);
  assert_true(o.stats.rejected[WF_PLOT_DEGREES] > 300);
  assert_non_null(strstr(wf_plot_reject_name(WF_PLOT_DEGREES), "degrees"));
}

static void not_numbers(void **state) {
  const outcome o = run(NANS);
  unharmed(&o);
  assert_true(o.stats.rejected[WF_PLOT_NOT_FINITE] > 150);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(right),
      cmocka_unit_test(moved_by_100_km),
      cmocka_unit_test(ten_times_the_noise),
      cmocka_unit_test(hardly_detects),
      cmocka_unit_test(said_twice),
      cmocka_unit_test(jumps_in_time),
      cmocka_unit_test(degrees_for_radians),
      cmocka_unit_test(not_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
