// Tracks that stop fitting: an engine that starts again, a turn, two objects that cross. None may be lost, and none may
// go on being sure.
#include "../wf_test.h"
#include "watch.h"

static void push(const double acc_m_s2, double state[6]) {
  double u[3];
  const double v = wf_vec_norm(state + 3);
  for (int i = 0; i < 3; i++) u[i] = state[3 + i] / v;
  for (int i = 0; i < 3; i++) {
    state[i] += 0.5 * acc_m_s2 * u[i] * 0.01;
    state[3 + i] += acc_m_s2 * u[i] * 0.1;
  }
}

// Half a minute of thrust after a minute and a half of free fall.
static void engine_starts_again(void **state) {
  enum { RUNS = 20 };
  int kept = 0, said = 0;
  double late_nees = 0.0;
  for (int run = 0; run < RUNS; run++) {
    wf_rng rng;
    wf_rng_seed(&rng, 60 + (uint64_t)run);
    wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 64, 64);
    const wf_sensor radar = watch_radar("R1", 0.0);
    const uint16_t index = watch_add(t, &radar);
    wf_site site;
    wf_site_init(&site, &radar.lla);
    double truth[6];
    watch_launch(&rng, truth);
    uint64_t id = 0;
    bool boost = false;
    for (int scan = 0; scan < 110; scan++) {
      const wf_time now = wf_time_from_s(2.0 * scan);
      wf_plot p;
      if (watch_plot(&radar, &site, index, truth, now, &rng, &p)) wf_tracker_scan(t, &p, 1, NULL);
      const wf_track *k = watch_nearest(t, truth, 20e3);
      if (scan == 40) {
        assert_non_null(k);
        id = k->id;
      }
      boost = boost || (scan > 45 && scan < 70 && k != NULL && k->phase == WF_PHASE_BOOST);
      wf_impact_area impact;  // while it pushes there must be no confident impact far from what will be
      if (scan == 56 && k != NULL && wf_tracker_impact(t, k->id, &impact) == WF_OK && impact.valid)
        assert_true(impact.area.semi_major_95_m > 3e3);
      for (int i = 0; i < 20; i++) {
        if (scan >= 45 && scan < 60) push(25.0, truth);
        flight_fall(0.1, truth);
      }
    }
    const wf_track *k = wf_tracker_find(t, id);
    kept += k != NULL && k == watch_nearest(t, truth, 20e3);
    said += boost;
    if (k != NULL) {
      double at[6], p6[36];
      assert_int_equal(wf_tracker_predict(t, id, wf_time_from_s(220.0), at, p6), WF_OK);
      late_nees += flight_nees(at, truth, p6) / RUNS;
    }
    wf_tracker_free(t);
  }
  print_message("engine started again: track kept %d of %d, called boost %d, NEES a minute and a half later %.1f\n",
                kept, RUNS, said, late_nees);
  assert_true(kept >= RUNS - 1);
  assert_true(said >= RUNS - 2);
  assert_true(late_nees < 15.0);
}

// An aircraft turns at 1 g through a half circle.
static void aircraft_turns(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 5);
  wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 64, 64);
  wf_sensor radar = watch_radar("R1", 0.0);
  radar.box_range_m[0] = 5e3;
  radar.box_range_m[1] = 2e5;
  const uint16_t index = watch_add(t, &radar);
  wf_site site;
  wf_site_init(&site, &radar.lla);
  double enu[3] = {60e3, 40e3, 9e3}, heading = 0.3;
  uint64_t id = 0;
  int held = 0;
  for (int scan = 0; scan < 90; scan++) {
    double truth[6] = {0};
    wf_plot p;
    wf_geo_ecef_from_enu(&site, enu, truth);
    if (watch_plot(&radar, &site, index, truth, wf_time_from_s(2.0 * scan), &rng, &p)) wf_tracker_scan(t, &p, 1, NULL);
    const wf_track *k = watch_nearest(t, truth, 2e3);
    if (scan == 20) {
      assert_non_null(k);
      id = k->id;
    }
    held += scan > 20 && k != NULL && k->id == id;
    if (scan > 25 && scan < 56) heading += 2.0 * 9.81 / 220.0;
    enu[0] += 2.0 * 220.0 * wf_sin(heading);
    enu[1] += 2.0 * 220.0 * wf_cos(heading);
  }
  print_message("turn: held at %d of 69 scans\n", held);
  assert_true(held >= 65);
  wf_tracker_free(t);
}

// Twelve objects from one place, a few m/s apart: as many tracks as objects, and none without an object.
static void a_separating_cloud(void **state) {
  enum { OBJECTS = 12, SCANS = 100 };
  wf_rng rng;
  wf_rng_seed(&rng, 17);
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 512, 512);
  const wf_sensor radar = watch_radar("R1", 20.0);
  const uint16_t index = watch_add(t, &radar);
  wf_site site;
  wf_site_init(&site, &radar.lla);
  double truth[OBJECTS][6], centre[6];
  watch_launch(&rng, centre);
  for (int k = 0; k < OBJECTS; k++)
    for (int i = 0; i < 6; i++) truth[k][i] = centre[i] + (i < 3 ? 300.0 : 3.0) * wf_rng_normal(&rng);
  int tracks = 0, judged = 0;
  for (int scan = 0; scan < SCANS; scan++) {
    wf_plot p[128];
    size_t n = 0;
    const wf_time now = wf_time_from_s(2.0 * scan);
    for (int k = 0; k < OBJECTS; k++) {
      if (scan > 0) flight_fall(2.0, truth[k]);
      n += watch_plot(&radar, &site, index, truth[k], now, &rng, &p[n]);
    }
    n += watch_clutter(&radar, index, now, &rng, p + n, 100);
    wf_tracker_scan(t, p, n, NULL);
    if (scan < 50) continue;
    for (size_t i = 0; i < wf_tracker_count(t); i++) {
      const uint8_t life = wf_tracker_at(t, i)->life;
      tracks += life == WF_LIFE_CONFIRMED || life == WF_LIFE_COASTING;
    }
    judged++;
  }
  print_message("cloud of %d: %.2f tracks on average after 100 s\n", OBJECTS, (double)tracks / judged);
  assert_true((double)tracks / judged > OBJECTS - 0.8 && (double)tracks / judged < OBJECTS + 0.8);
  wf_tracker_free(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(engine_starts_again),
      cmocka_unit_test(aircraft_turns),
      cmocka_unit_test(a_separating_cloud),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
