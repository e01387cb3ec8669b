// Launch points of solved flights, found again from a state after burnout.
#include <math.h>

#include "../wf_test.h"
#include "base/mat.h"
#include "geo/geodesic.h"
#include "motion/impact.h"
#include "motion/powered.h"
#include "states.h"

static const wf_lla SITE = {40.0 * WF_DEG, 126.0 * WF_DEG, 0.0};

typedef struct found {
  double miss_m, chi2, time_error_s, time_sigma_s, major_m;
} found;

static found look_back(double azimuth_deg, double apogee_km, double range_km, double after_s, bool burn_known) {
  wf_launch launch;
  wf_powered_state s;
  wf_launch_estimate e;
  double flight_s, cov[36] = {0};
  for (int i = 0; i < 3; i++) {
    cov[7 * i] = 100.0 * 100.0;
    cov[7 * (i + 3)] = 5.0 * 5.0;
  }
  assert_int_equal(wf_powered_solve(&SITE, azimuth_deg * WF_DEG, apogee_km * 1e3, range_km * 1e3, &launch, &flight_s),
                   WF_OK);
  const double burn_s = wf_powered_burnout_s(&launch.vehicle);
  wf_powered_init(&launch, &s);
  assert_int_equal(wf_powered_advance(&launch, burn_s + after_s, &s), WF_OK);
  assert_int_equal(wf_motion_launch_back(s.state, cov, burn_known ? burn_s : 0.0, &e), WF_OK);
  const wf_lla place = {e.lat_rad, e.lon_rad, 0.0};
  wf_site site;
  double pos[3], d[3], minor, azimuth;
  wf_site_init(&site, &place);
  wf_geo_ecef_from_lla(&SITE, pos);
  wf_geo_enu_from_ecef(&site, pos, d);
  const double *c = e.cov_en_m2;
  found f = {
      .miss_m = hypot(d[0], d[1]), .time_error_s = e.delay_s + burn_s + after_s, .time_sigma_s = e.delay_sigma_s};
  f.chi2 = (d[0] * d[0] * c[2] - 2 * d[0] * d[1] * c[1] + d[1] * d[1] * c[0]) / (c[0] * c[2] - c[1] * c[1]);
  wf_motion_ellipse(c, 5.991, &f.major_m, &minor, &azimuth);
  printf(
      "apogee %4.0f range %4.0f km, %2.0f s after burnout, burn time %s: %5.1f km off, area %5.1f x %4.1f km, time "
      "%+5.1f s (sigma %4.1f)\n",
      apogee_km, range_km, after_s, burn_known ? "known " : "guessed", f.miss_m / 1e3, f.major_m / 1e3, minor / 1e3,
      f.time_error_s, f.time_sigma_s);
  return f;
}

static void single_stage(void **unused) {
  static const double flights[][3] = {
      {118, 100, 200}, {181, 120, 450}, {80, 250, 1000}, {90, 550, 500}, {70, 620, 300}};
  for (size_t i = 0; i < sizeof flights / sizeof flights[0]; i++)
    for (int after = 0; after <= 40; after += 40)
      for (int known = 0; known < 2; known++) {
        const found f = look_back(flights[i][0], flights[i][1], flights[i][2], after, known);
        assert_true(f.miss_m < 5000.0);
        assert_true(f.chi2 < 9.21);  // 99 %
        assert_true(fabs(f.time_error_s) < 2.6 * f.time_sigma_s);
        assert_true(f.major_m < 20e3);
      }
}

static void staged(void **unused) {
  static const double flights[][3] = {
      {75, 1000, 800}, {75, 2000, 800}, {70, 6000, 1000}, {73, 550, 2700}, {80, 970, 4500}};
  for (size_t i = 0; i < sizeof flights / sizeof flights[0]; i++)
    for (int known = 0; known < 2; known++) {
      const found f = look_back(flights[i][0], flights[i][1], flights[i][2], 20, known);
      assert_true(f.chi2 < 9.21);
      assert_true(fabs(f.time_error_s) < 2.6 * f.time_sigma_s);
    }
}

static void refuses(void **unused) {
  wf_launch_estimate e;
  double s[6];
  state_at(40, 126, 30e3, 1000, 40, 90, s);
  s[0] = NAN;
  assert_int_equal(wf_motion_launch_back(s, NULL, 60, &e), WF_EINVAL);
  state_at(40, 126, -30e3, 1000, 40, 90, s);
  assert_int_equal(wf_motion_launch_back(s, NULL, 60, &e), WF_EINVAL);
  state_at(40, 126, 500e3, 7150, 0, 90, s);  // an orbit: nothing below to have come from
  assert_int_equal(wf_motion_launch_back(s, NULL, 60, &e), WF_EDIVERGED);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(single_stage),
      cmocka_unit_test(staged),
      cmocka_unit_test(refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
