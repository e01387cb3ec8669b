// Where it comes down: convergence, covariance against Monte Carlo, the floor of re-entry, orbits, bad input.
#include <math.h>
#include <time.h>

#include "../wf_test.h"
#include "base/mat.h"
#include "base/rng.h"
#include "motion/impact.h"
#include "states.h"

#define SEED 20261123

static double place_apart_m(const wf_impact *a, const wf_impact *b) {
  const wf_lla la = {a->lat_rad, a->lon_rad, 0.0}, lb = {b->lat_rad, b->lon_rad, 0.0};
  double pa[3], pb[3], d[3];
  wf_geo_ecef_from_lla(&la, pa);
  wf_geo_ecef_from_lla(&lb, pb);
  wf_vec_sub(pa, pb, d);
  return wf_vec_norm(d);
}

static void converges(void **unused) {
  static const double flights[][4] = {// height m, speed m/s, elevation, azimuth
                                      {60e3, 2800, 42, 100},
                                      {30e3, 1500, 60, 20},
                                      {300e3, 7000, 75, 60},
                                      {200e3, 6800, 20, 45},
                                      {100e3, 3000, -10, 250}};
  for (size_t i = 0; i < sizeof flights / sizeof flights[0]; i++)
    for (double beta = 0.0; beta < 20000.0; beta = beta == 0.0 ? 500.0 : beta * 3.0) {
      double s[6];
      const double *f = flights[i];
      state_at(40, 127, f[0], f[1], f[2], f[3], s);
      wf_impact_options opt = WF_IMPACT_VACUUM;
      wf_impact rough, fine, gravity;
      opt.beta_kg_m2 = beta;
      assert_int_equal(wf_motion_impact(&opt, s, NULL, &rough), WF_OK);
      opt.tolerance_m = 1e-5;
      assert_int_equal(wf_motion_impact(&opt, s, NULL, &fine), WF_OK);
      assert_int_equal(fine.reason, WF_IMPACT_OK);
      opt.gravity = WF_GRAVITY_J4;
      assert_int_equal(wf_motion_impact(&opt, s, NULL, &gravity), WF_OK);
      printf(
          "v %.0f m/s el %3.0f beta %5.0f: %6.1f s, default tolerance off by %.4f m and %.5f s; J4 moves it %.0f m\n",
          f[1], f[2], beta, fine.delay_s, place_apart_m(&rough, &fine), fabs(rough.delay_s - fine.delay_s),
          place_apart_m(&gravity, &fine));
      assert_true(place_apart_m(&rough, &fine) < 1.0);
      assert_true(fabs(rough.delay_s - fine.delay_s) < 0.1);
    }
}

// An independent way down: fixed steps of RK4, then the crossing by bisection on the last step.
static void agrees_with_fixed_steps(void **unused) {
  double s[6], x[6], last[6];
  state_at(40, 127, 60e3, 2800, 42, 100, s);
  const wf_dynamics dyn = {WF_GRAVITY_J2, 1.0 / 3000.0};
  wf_impact_options opt = WF_IMPACT_VACUUM;
  wf_impact impact;
  opt.beta_kg_m2 = 3000.0;
  assert_int_equal(wf_motion_impact(&opt, s, NULL, &impact), WF_OK);
  memcpy(x, s, sizeof x);
  wf_lla lla = {0, 0, 1};
  double t = 0.0;
  while (lla.h_m > 0.0) {
    memcpy(last, x, sizeof last);
    wf_motion_rk4_step(&dyn, 0.02, x, NULL, NULL);
    t += 0.02;
    wf_geo_lla_from_ecef(x, &lla);
  }
  double low = 0.0, high = 0.02;
  for (int i = 0; i < 60; i++) {
    const double mid = 0.5 * (low + high);
    memcpy(x, last, sizeof x);
    wf_motion_rk4_step(&dyn, mid, x, NULL, NULL);
    wf_geo_lla_from_ecef(x, &lla);
    if (lla.h_m > 0.0)
      low = mid;
    else
      high = mid;
  }
  const wf_impact other = {.lat_rad = lla.lat_rad, .lon_rad = lla.lon_rad};
  assert_true(place_apart_m(&impact, &other) < 0.1);
  assert_true(fabs(t - 0.02 + high - impact.delay_s) < 0.01);
}

static void orbits_and_others(void **unused) {
  double s[6];
  wf_impact out;
  state_at(10, 20, 500e3, 7150, 0, 90, s);
  assert_int_equal(wf_motion_impact(&WF_IMPACT_VACUUM, s, NULL, &out), WF_OK);
  assert_int_equal(out.reason, WF_IMPACT_ORBIT);
  assert_int_equal(wf_motion_impact(&WF_IMPACT_ATMOSPHERE, s, NULL, &out), WF_OK);
  assert_int_equal(out.reason, WF_IMPACT_ORBIT);
  assert_string_equal(wf_impact_reason_name(out.reason), "orbit");
  state_at(10, 20, 500e3, 12000, 30, 90, s);  // escapes
  assert_int_equal(wf_motion_impact(&WF_IMPACT_VACUUM, s, NULL, &out), WF_OK);
  assert_int_equal(out.reason, WF_IMPACT_ORBIT);
  state_at(10, 20, 200e3, 7100, 0, 90, s);  // perigee far below the ground of the other side
  assert_int_equal(wf_motion_impact(&WF_IMPACT_ATMOSPHERE, s, NULL, &out), WF_OK);
  assert_int_equal(out.reason, WF_IMPACT_OK);
  state_at(10, 20, -500, 100, -20, 90, s);
  assert_int_equal(wf_motion_impact(&WF_IMPACT_VACUUM, s, NULL, &out), WF_OK);
  assert_int_equal(out.reason, WF_IMPACT_BELOW_GROUND);
  state_at(10, 20, 0, 300, 45, 90, s);  // a shot from the ground
  assert_int_equal(wf_motion_impact(&WF_IMPACT_VACUUM, s, NULL, &out), WF_OK);
  assert_int_equal(out.reason, WF_IMPACT_OK);
  assert_true(fabs(out.delay_s - 2 * 300 * 0.70711 / 9.78) < 0.5);
  state_at(10, 20, 0, 0, 0, 0, s);  // lying on it
  assert_int_equal(wf_motion_impact(&WF_IMPACT_VACUUM, s, NULL, &out), WF_OK);
  assert_int_equal(out.reason, WF_IMPACT_OK);
  assert_true(out.delay_s == 0.0);
}

static void bad_values(void **unused) {
  double s[6], cov[36];
  wf_impact out;
  wf_mat_identity(6, cov);
  state_at(40, 127, 60e3, 2800, 42, 100, s);
  cov[7] = NAN;
  assert_int_equal(wf_motion_impact(&WF_IMPACT_VACUUM, s, cov, &out), WF_EINVAL);
  s[5] = INFINITY;
  assert_int_equal(wf_motion_impact(&WF_IMPACT_VACUUM, s, NULL, &out), WF_EINVAL);
  const double centre[6] = {1, 2, 3, 4, 5, 6};
  assert_int_equal(wf_motion_impact(&WF_IMPACT_VACUUM, centre, NULL, &out), WF_EINVAL);
  wf_impact_options opt = WF_IMPACT_VACUUM;
  opt.beta_kg_m2 = -1.0;
  state_at(40, 127, 60e3, 2800, 42, 100, s);
  assert_int_equal(wf_motion_impact(&opt, s, NULL, &out), WF_EINVAL);
}

// Fractions of drawn impacts inside the stated 95 % area and time window, and the ratio of areas.
static void against_monte_carlo(const wf_impact_options *opt, const double s[6], double sigma_m, double sigma_m_s,
                                int n, double coverage[2]) {
  double cov[36] = {0};
  for (int i = 0; i < 3; i++) {
    cov[7 * i] = sigma_m * sigma_m;
    cov[7 * (i + 3)] = sigma_m_s * sigma_m_s;
  }
  wf_impact stated;
  assert_int_equal(wf_motion_impact(opt, s, cov, &stated), WF_OK);
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  const wf_lla centre = {stated.lat_rad, stated.lon_rad, 0.0};
  wf_site site;
  wf_site_init(&site, &centre);
  const double *c = stated.cov_en_m2, det = c[0] * c[2] - c[1] * c[1];
  int inside = 0, in_time = 0;
  for (int i = 0; i < n; i++) {
    double x[6], pos[3], enu[3];
    wf_impact one;
    wf_impact_options o = *opt;
    for (int k = 0; k < 6; k++) x[k] = s[k] + (k < 3 ? sigma_m : sigma_m_s) * wf_rng_normal(&rng);
    if (o.beta_kg_m2 > 0.0)
      o.beta_kg_m2 *= exp(-wf_rng_normal(&rng) * hypot(opt->beta_sigma_ratio, opt->density_sigma_ratio));
    assert_int_equal(wf_motion_impact(&o, x, NULL, &one), WF_OK);
    const wf_lla place = {one.lat_rad, one.lon_rad, 0.0};
    wf_geo_ecef_from_lla(&place, pos);
    wf_geo_enu_from_ecef(&site, pos, enu);
    inside += (enu[0] * enu[0] * c[2] - 2 * enu[0] * enu[1] * c[1] + enu[1] * enu[1] * c[0]) / det < 5.991;
    in_time += fabs(one.delay_s - stated.delay_s) < 1.96 * stated.delay_sigma_s;
  }
  coverage[0] = (double)inside / n;
  coverage[1] = (double)in_time / n;
  printf("sigma %5.0f m %4.0f m/s: area %.0f x %.0f m, time %.2f s; of %d drawn %.3f inside, %.3f in the time window\n",
         sigma_m, sigma_m_s, stated.semi_major_95_m, stated.semi_minor_95_m, stated.delay_sigma_s, n, coverage[0],
         coverage[1]);
}

static void covariance_is_honest(void **unused) {
  double s[6], coverage[2];
  printf("seed %d\n", SEED);
  state_at(40, 127, 60e3, 2800, 42, 100, s);
  against_monte_carlo(&WF_IMPACT_VACUUM, s, 100, 5, 2000, coverage);
  assert_true(fabs(coverage[0] - 0.95) < 0.015 && fabs(coverage[1] - 0.95) < 0.015);
  wf_impact_options air = WF_IMPACT_ATMOSPHERE;
  air.wind_sigma_m_s = 0.0;
  against_monte_carlo(&air, s, 100, 5, 1000, coverage);
  assert_true(fabs(coverage[0] - 0.95) < 0.025);
  // Wide: the first seconds of a track. Linearisation alone would leave more outside.
  against_monte_carlo(&WF_IMPACT_VACUUM, s, 2000, 150, 2000, coverage);
  assert_true(coverage[0] > 0.93 && coverage[0] < 0.975);
  state_at(40, 127, 200e3, 6300, 40, 60, s);
  against_monte_carlo(&WF_IMPACT_VACUUM, s, 2000, 120, 2000, coverage);
  assert_true(coverage[0] > 0.92 && coverage[0] < 0.98);
}

// The floor of the design notes, 1-sigma half axes in km: a 2.8 km/s burnout, 30 % in beta, 5 % in density, 10 m/s.
static void floor_of_reentry(void **unused) {
  static const double beta[3] = {1500, 3000, 10000}, stated[3][2] = {{1.5, 0.3}, {0.5, 0.1}, {0.06, 0.02}};
  const double zero[36] = {0};
  double s[6];
  state_at(40, 127, 80e3, 2800, 46, 100, s);
  for (int i = 0; i < 3; i++) {
    wf_impact_options opt = WF_IMPACT_ATMOSPHERE;
    wf_impact out;
    double major, minor, azimuth;
    opt.beta_kg_m2 = beta[i];
    assert_int_equal(wf_motion_impact(&opt, s, zero, &out), WF_OK);
    wf_motion_ellipse(out.cov_en_m2, 1.0, &major, &minor, &azimuth);
    printf("beta %5.0f kg/m2: 1-sigma %.3f x %.3f km (stated %.2f x %.2f), azimuth %.1f deg\n", beta[i], major / 1e3,
           minor / 1e3, stated[i][0], stated[i][1], azimuth / WF_DEG);
    assert_true(major / 1e3 > 0.7 * stated[i][0] && major / 1e3 < 1.4 * stated[i][0]);
    assert_true(minor / 1e3 > 0.6 * stated[i][1] && minor / 1e3 < 1.6 * stated[i][1]);
  }
}

static void ellipse(void **unused) {
  double major, minor, azimuth;
  const double north[3] = {1.0, 0.0, 4.0}, east[3] = {9.0, 0.0, 1.0}, diagonal[3] = {5.0, 3.0, 5.0};
  wf_motion_ellipse(north, 5.991, &major, &minor, &azimuth);
  assert_true(fabs(major - sqrt(4 * 5.991)) < 1e-12 && fabs(minor - sqrt(5.991)) < 1e-12 && azimuth == 0.0);
  wf_motion_ellipse(east, 1.0, &major, &minor, &azimuth);
  assert_true(fabs(major - 3.0) < 1e-12 && fabs(azimuth - 0.5 * WF_PI) < 1e-12);
  wf_motion_ellipse(diagonal, 1.0, &major, &minor, &azimuth);
  assert_true(fabs(major - sqrt(8.0)) < 1e-12 && fabs(minor - sqrt(2.0)) < 1e-12);
  assert_true(fabs(azimuth - 0.25 * WF_PI) < 1e-12);
  const double other[3] = {5.0, -3.0, 5.0};
  wf_motion_ellipse(other, 1.0, &major, &minor, &azimuth);
  assert_true(fabs(azimuth - 0.75 * WF_PI) < 1e-12);
}

static void speed(void **unused) {
  double s[6], cov[36] = {0};
  wf_impact out;
  state_at(40, 127, 60e3, 2800, 42, 100, s);
  for (int wide = 0; wide < 2; wide++)
    for (int air = 0; air < 2; air++) {
      struct timespec a, b;
      for (int i = 0; i < 3; i++) {
        cov[7 * i] = 1e4;
        cov[7 * (i + 3)] = wide ? 4e4 : 25.0;
      }
      clock_gettime(CLOCK_MONOTONIC, &a);
      for (int i = 0; i < 200; i++)
        assert_int_equal(wf_motion_impact(air ? &WF_IMPACT_ATMOSPHERE : &WF_IMPACT_VACUUM, s, cov, &out), WF_OK);
      clock_gettime(CLOCK_MONOTONIC, &b);
      printf("impact in %s%s: %.0f us\n", air ? "the atmosphere" : "vacuum", wide ? ", by sigma points" : "",
             ((double)(b.tv_sec - a.tv_sec) * 1e6 + (double)(b.tv_nsec - a.tv_nsec) * 1e-3) / 200);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(converges),
      cmocka_unit_test(agrees_with_fixed_steps),
      cmocka_unit_test(orbits_and_others),
      cmocka_unit_test(bad_values),
      cmocka_unit_test(covariance_is_honest),
      cmocka_unit_test(floor_of_reentry),
      cmocka_unit_test(ellipse),
      cmocka_unit_test(speed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
