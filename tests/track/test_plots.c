// Bad plots are refused by name and counted; the good ones beside them are processed. Lives end for a reason.
#include "../wf_test.h"
#include "watch.h"

static wf_plot plain(double time_s) {
  wf_plot p = {.kind = WF_PLOT_RADAR, .time = wf_time_from_s(time_s)};
  p.radar.range_m = 5e5;
  p.radar.az_rad = 1.0;
  p.radar.el_rad = 0.5;
  return p;
}

static void each_refusal_by_its_name(void **state) {
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 16, 64);
  const wf_sensor radar = watch_radar("R1", 5.0);
  watch_add(t, &radar);
  uint16_t again;
  assert_int_equal(wf_tracker_add_sensor(t, &radar, &again), WF_EEXIST);
  wf_plot p[11];
  for (int i = 0; i < 11; i++) {
    p[i] = plain(100.0);
    p[i].radar.range_m += 1000.0 * i;
  }
  p[1].radar.range_m = NAN;
  p[2].radar.az_rad = 57.3;  // degrees
  p[3].radar.el_rad = 28.6;  // degrees
  p[4].sensor = 9;
  p[5].radar.range_m = -1.0;
  p[6].flags = WF_PLOT_HAS_SIGMAS;
  p[6].sigma[0] = INFINITY;
  p[10].flags = WF_PLOT_HAS_SIGMAS;
  for (int i = 0; i < 3; i++) p[10].sigma[i] = i == 0 ? 30.0 : 1e270;
  p[7] = p[0];  // said twice
  p[8].kind = 77;
  p[9].kind = WF_PLOT_LOS;  // a line of sight that is no unit vector
  for (int i = 0; i < 3; i++) p[9].los.unit_ecef[i] = 0.1, p[9].los.origin_ecef_m[i] = 2e7;
  uint8_t verdict[11];
  assert_int_equal(wf_tracker_scan(t, p, 11, verdict), WF_EINVAL);
  const uint8_t expected[11] = {WF_PLOT_OK,           WF_PLOT_NOT_FINITE,     WF_PLOT_DEGREES,
                                WF_PLOT_DEGREES,      WF_PLOT_UNKNOWN_SENSOR, WF_PLOT_OUT_OF_RANGE,
                                WF_PLOT_NOT_FINITE,   WF_PLOT_DUPLICATE,      WF_PLOT_OUT_OF_RANGE,
                                WF_PLOT_OUT_OF_RANGE, WF_PLOT_OUT_OF_RANGE};
  for (int i = 0; i < 11; i++) assert_int_equal(verdict[i], expected[i]);
  wf_plot old = plain(10.0);
  assert_int_equal(wf_tracker_scan(t, &old, 1, verdict), WF_EINVAL);
  assert_int_equal(verdict[0], WF_PLOT_TOO_OLD);
  wf_tracker_advance(t, wf_time_from_s(101.0));
  wf_plot early = plain(500.0);
  assert_int_equal(wf_tracker_scan(t, &early, 1, verdict), WF_EINVAL);
  assert_int_equal(verdict[0], WF_PLOT_FUTURE);
  static wf_plot many[100];
  static uint8_t verdicts[100];
  for (int i = 0; i < 100; i++) {
    many[i] = plain(102.0);
    many[i].radar.range_m += 500.0 * i;
  }
  wf_tracker_scan(t, many, 100, verdicts);
  assert_int_equal(verdicts[99], WF_PLOT_SCAN_FULL);
  wf_tracker_stats s;
  wf_tracker_stats_get(t, &s);
  assert_int_equal(s.rejected[WF_PLOT_NOT_FINITE], 2);
  assert_int_equal(s.rejected[WF_PLOT_OUT_OF_RANGE], 4);
  assert_int_equal(s.rejected[WF_PLOT_DEGREES], 2);
  assert_int_equal(s.rejected[WF_PLOT_SCAN_FULL], 36);
  assert_string_equal(wf_plot_reject_name(WF_PLOT_UNKNOWN_SENSOR), "unknown sensor");
  wf_tracker_free(t);
}

// Bad plots among good ones change nothing for the good ones.
static void bad_plots_poison_nothing(void **state) {
  double end[2][6];
  for (int bad = 0; bad < 2; bad++) {
    wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 64, 64);
    const wf_sensor radar = watch_radar("R1", 5.0);
    const uint16_t index = watch_add(t, &radar);
    wf_site site;
    wf_rng rng;
    double truth[6];
    wf_site_init(&site, &radar.lla);
    wf_rng_seed(&rng, 4);
    watch_launch(&rng, truth);
    for (int scan = 0; scan < 30; scan++) {
      wf_plot p[4];
      size_t n = watch_plot(&radar, &site, index, truth, wf_time_from_s(2.0 * scan), &rng, &p[0]) ? 1 : 0;
      if (bad) {
        p[n] = plain(2.0 * scan);
        p[n++].radar.el_rad = NAN;
        p[n] = plain(2.0 * scan);
        p[n++].radar.az_rad = 90.0;
      }
      wf_tracker_scan(t, p, n, NULL);
      flight_fall(2.0, truth);
    }
    assert_int_equal(watch_confirmed(t), 1);
    memcpy(end[bad], wf_tracker_at(t, 0)->state, sizeof end[bad]);
    wf_tracker_free(t);
  }
  assert_memory_equal(end[0], end[1], sizeof end[0]);
}

// Three plots within 0.7 s of a thing at 15 km/s (tdm_e17 of the CCSDS examples): refused, and said why.
static void faster_than_any_flight(void **state) {
  static const double RAE[3][4] = {{33.2613, 2808269.6, 191.40208435, 25.44166756},
                                   {33.7008, 2803173.1, 191.43959045, 25.51874924},
                                   {33.9686, 2799875.4, 191.46458435, 25.56875038}};
  wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 64, 64);
  wf_sensor radar = watch_radar("R1", 1.0);
  radar.scan_period_s = 0.0;  // not stated
  const uint16_t index = watch_add(t, &radar);
  uint8_t verdict = 0;
  for (int i = 0; i < 3; i++) {
    wf_plot p = {.kind = WF_PLOT_RADAR, .sensor = index, .time = wf_time_from_s(1000.0 + RAE[i][0])};
    p.radar.range_m = RAE[i][1];
    p.radar.az_rad = RAE[i][2] * WF_DEG;
    p.radar.el_rad = RAE[i][3] * WF_DEG;
    assert_int_equal(wf_tracker_scan(t, &p, 1, &verdict), i < 2 ? WF_OK : WF_EINVAL);
    assert_int_equal(verdict, i < 2 ? WF_PLOT_OK : WF_PLOT_IMPLAUSIBLE);
  }
  wf_tracker_stats s;
  wf_tracker_stats_get(t, &s);
  assert_int_equal(s.rejected[WF_PLOT_IMPLAUSIBLE], 1);
  assert_int_equal(wf_tracker_count(t), 0);
  assert_non_null(strstr(wf_plot_reject_name(WF_PLOT_IMPLAUSIBLE), "implausibl"));
  wf_tracker_free(t);
}

static bool heard(wf_tracker *t, wf_track_event_kind kind, uint8_t reason) {
  wf_track_event e[64];
  const size_t n = wf_tracker_events(t, e, 64);
  for (size_t i = 0; i < n; i++)
    if (e[i].kind == kind && e[i].reason == reason) return true;
  return false;
}

// A flight watched for a minute, then out of sight: lost for a reason, found again, and over after its impact time.
static void lost_found_and_ended(void **state) {
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 64, 64);
  const wf_sensor radar = watch_radar("R1", 0.0);
  const uint16_t index = watch_add(t, &radar);
  wf_site site;
  wf_rng rng;
  double truth[6];
  wf_site_init(&site, &radar.lla);
  wf_rng_seed(&rng, 6);
  watch_launch(&rng, truth);
  const uint64_t *id = NULL;
  uint64_t kept = 0;
  for (int scan = 0; scan < 75; scan++) {
    wf_plot p;
    const bool hidden = scan >= 30 && scan < 45;
    const bool seen = watch_plot(&radar, &site, index, truth, wf_time_from_s(2.0 * scan), &rng, &p) && !hidden;
    if (seen) wf_tracker_scan(t, &p, 1, NULL);
    wf_tracker_advance(t, wf_time_from_s(2.0 * scan + 1.9));
    flight_fall(2.0, truth);
    if (scan == 29) {
      assert_int_equal(wf_tracker_count(t), 1);
      id = &wf_tracker_at(t, 0)->id;
      kept = *id;
      assert_int_equal(wf_tracker_at(t, 0)->life, WF_LIFE_CONFIRMED);
    }
    if (scan == 44) {
      assert_int_equal(wf_tracker_find(t, kept)->life, WF_LIFE_LOST);
      assert_true(heard(t, WF_TRACK_LOST, WF_REASON_OUT_OF_COVERAGE));  // the only radar fell silent
    }
  }
  bool others = true;
  assert_true(wf_tracker_fed_by(t, kept, &others) == 1 && !others);
  assert_true(wf_tracker_fed_by(t, 12345, NULL) == 0);
  assert_int_equal(wf_tracker_find(t, kept)->life, WF_LIFE_CONFIRMED);
  assert_true(heard(t, WF_TRACK_FOUND, WF_REASON_NONE));
  wf_impact_area impact;
  assert_int_equal(wf_tracker_impact(t, kept, &impact), WF_OK);
  assert_true(impact.valid && impact.area.semi_major_95_m < 20e3);
  for (double s = 150.0; s < wf_time_to_s(impact.time) + 60.0; s += 2.0) {
    wf_tracker_advance(t, wf_time_from_s(s));
    const wf_track *k = wf_tracker_find(t, kept);
    if (k != NULL && s < wf_time_to_s(impact.time) - 5.0) assert_int_not_equal(k->life, WF_LIFE_ENDED);
    if (k != NULL && s > wf_time_to_s(impact.time) + 5.0) assert_int_equal(k->life, WF_LIFE_ENDED);
  }
  wf_track_event e[64];
  bool ended = false;
  for (size_t n = wf_tracker_events(t, e, 64), i = 0; i < n; i++)
    ended = ended || (e[i].kind == WF_TRACK_ENDED && e[i].reason != WF_REASON_IMPACT_TIME_PASSED);
  assert_true(ended);  // unseen to the end: nobody may say that it came down
  wf_tracker_free(t);
}

// Air traffic: straight, level, slow. It must be tracked, and must not be given an impact area.
static void straight_and_level(void **state) {
  wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 64, 64);
  wf_sensor radar = watch_radar("R1", 2.0);
  radar.box_range_m[0] = 5e3;
  radar.box_range_m[1] = 2e5;
  const uint16_t index = watch_add(t, &radar);
  wf_site site;
  wf_rng rng;
  wf_site_init(&site, &radar.lla);
  wf_rng_seed(&rng, 8);
  double enu[3] = {60e3, 40e3, 9e3}, truth[6] = {0};
  const double v_enu[3] = {-180.0, 90.0, 0.0};
  int tracked = 0;
  for (int scan = 0; scan < 60; scan++) {
    wf_plot p;
    wf_geo_ecef_from_enu(&site, enu, truth);
    if (watch_plot(&radar, &site, index, truth, wf_time_from_s(2.0 * scan), &rng, &p)) wf_tracker_scan(t, &p, 1, NULL);
    const wf_track *k = watch_nearest(t, truth, 1e3);
    tracked += k != NULL;
    wf_impact_area impact;
    if (k != NULL && scan > 20) assert_int_equal(wf_tracker_impact(t, k->id, &impact), WF_EAGAIN);
    for (int i = 0; i < 3; i++) enu[i] += 2.0 * v_enu[i];
  }
  assert_int_equal(watch_confirmed(t), 1);
  assert_true(tracked >= 54);
  assert_int_equal(wf_tracker_at(t, 0)->phase, WF_PHASE_UNKNOWN);
  wf_tracker_free(t);
}

// One line of sight, then nothing for four minutes: thrust that grows as mass goes must not be carried so far.
static void a_boost_unseen_stays_finite(void **state) {
  wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 16, 64);
  const wf_sensor eye = {.kind = WF_SENSOR_INFRARED, .name = "EYE", .sigma_az_rad = 5e-5, .detection_probability = 0.9};
  watch_add(t, &eye);
  wf_plot p = {.kind = WF_PLOT_LOS, .time = wf_time_from_s(765.0)};
  p.los.origin_ecef_m[0] = 4.2e7;
  p.los.unit_ecef[1] = 0.1;
  p.los.unit_ecef[0] = -sqrt(1.0 - 0.1 * 0.1);
  assert_int_equal(wf_tracker_scan(t, &p, 1, NULL), WF_OK);
  p.time = wf_time_from_s(1000.0);
  p.los.unit_ecef[2] = 0.05;
  p.los.unit_ecef[0] = -sqrt(1.0 - 0.1 * 0.1 - 0.05 * 0.05);
  assert_int_equal(wf_tracker_scan(t, &p, 1, NULL), WF_OK);
  assert_true(wf_tracker_count(t) > 0);
  for (size_t i = 0; i < wf_tracker_count(t); i++)
    for (int c = 0; c < 6; c++) {
      assert_true(fabs(wf_tracker_at(t, i)->state[c]) < 1e8);
      assert_true(wf_tracker_at(t, i)->covariance[7 * c] > 0.0 && isfinite(wf_tracker_at(t, i)->covariance[7 * c]));
    }
  wf_tracker_free(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_refusal_by_its_name), cmocka_unit_test(bad_plots_poison_nothing),
      cmocka_unit_test(lost_found_and_ended),     cmocka_unit_test(straight_and_level),
      cmocka_unit_test(faster_than_any_flight),   cmocka_unit_test(a_boost_unseen_stays_finite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
