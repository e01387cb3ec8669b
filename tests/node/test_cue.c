// Cues against the truth: an object that rises into a radar's sky does so when and where the cue said.
#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "motion/dynamics.h"
#include "node/cue.h"

static const wf_dynamics FALL = {WF_GRAVITY_J4, 0.0};

static wf_sensor radar(double lat_deg, double lon_deg) {
  return (wf_sensor){.name = "R",
                     .kind = WF_SENSOR_RADAR,
                     .lla = {lat_deg * WF_DEG, lon_deg * WF_DEG, 100.0},
                     .range_max_m = 1000e3,
                     .el_min_rad = 3.0 * WF_DEG};
}

// 100 km above 39 N 126 E, eastward and up.
static wf_common_track rising(void) {
  wf_common_track t = {.number = 7, .label = "K7P"};
  const wf_lla lla = {39.0 * WF_DEG, 126.0 * WF_DEG, 100e3};
  wf_site site;
  wf_site_init(&site, &lla);
  const double enu[3] = {2100.0, 0.0, 2000.0};
  for (int i = 0; i < 3; i++) {
    t.track.state[i] = site.pos_ecef_m[i];
    for (int k = 0; k < 3; k++) t.track.state[3 + i] += site.enu_from_ecef[3 * k + i] * enu[k];
    t.track.covariance[7 * i] = 200.0 * 200.0;
    t.track.covariance[7 * (i + 3)] = 5.0 * 5.0;
  }
  t.track.phase = WF_PHASE_COAST;
  t.track.life = WF_LIFE_CONFIRMED;
  t.track.time = wf_time_from_s(1.8e9);
  return t;
}

static bool seen(const wf_sensor *s, const double x[6], double rae[3]) {
  wf_site site;
  wf_site_init(&site, &s->lla);
  wf_geo_rae_from_ecef(&site, x, rae, NULL);
  return rae[0] <= s->range_max_m && rae[2] >= s->el_min_rad;
}

static void comes_when_and_where_it_was_said(void **state) {
  const wf_common_track t = rising();
  const wf_sensor s = radar(38.0, 140.0);
  wf_cue cue;
  double x[6], rae[3];
  assert_true(wf_cue_of(&t, &s, true, &cue));
  assert_false(cue.inside);
  const double after_s = wf_time_diff_s(cue.enters, t.track.time);
  assert_true(after_s > 5.0);
  memcpy(x, t.track.state, sizeof x);
  wf_motion_propagate(&FALL, after_s - 1.0, 2.0, x, NULL, NULL);
  assert_false(seen(&s, x, rae));
  wf_motion_propagate(&FALL, 1.0, 2.0, x, NULL, NULL);
  assert_true(seen(&s, x, rae));
  assert_float_equal(cue.range_m, rae[0], 1.0);
  assert_float_equal(cue.az_rad, rae[1], 1e-6);
  assert_float_equal(cue.el_rad, rae[2], 1e-6);
  // 200 m and 5 m/s, carried on: the spread at the radar's range.
  const double spread_m = wf_sqrt(200.0 * 200.0 + 25.0 * after_s * after_s);
  assert_true(cue.sigma_range_m > 0.5 * spread_m && cue.sigma_range_m < 2.0 * spread_m);
  assert_true(cue.sigma_az_rad * cue.range_m > 0.5 * spread_m && cue.sigma_az_rad * cue.range_m < 2.0 * spread_m);
  assert_true(cue.volume_m3 > 0.0);
  assert_true(cue.leaves.ns > cue.enters.ns);
}

static void one_in_coverage_is_said_to_be(void **state) {
  const wf_common_track t = rising();
  const wf_sensor s = radar(38.0, 127.0);
  wf_cue cue;
  assert_true(wf_cue_of(&t, &s, true, &cue));
  assert_true(cue.inside);
  assert_int_equal(cue.enters.ns, t.track.time.ns);
}

static void none_where_there_is_nothing_to_say(void **state) {
  wf_common_track t = rising();
  wf_cue cue;
  const wf_sensor far = radar(-30.0, 140.0), near = radar(38.0, 140.0);
  wf_sensor blind = near, satellite = near;
  blind.range_max_m = 0.0;
  satellite.kind = WF_SENSOR_INFRARED;
  assert_false(wf_cue_of(&t, &far, true, &cue));
  assert_false(wf_cue_of(&t, &blind, true, &cue));
  assert_false(wf_cue_of(&t, &satellite, true, &cue));
  t.track.phase = WF_PHASE_BOOST;
  assert_false(wf_cue_of(&t, &near, true, &cue));
  t.track.phase = WF_PHASE_COAST;
  t.track.covariance[0] = 400e3 * 400e3;
  assert_false(wf_cue_of(&t, &near, true, &cue));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(comes_when_and_where_it_was_said),
      cmocka_unit_test(one_in_coverage_is_said_to_be),
      cmocka_unit_test(none_where_there_is_nothing_to_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
