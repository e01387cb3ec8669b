#include <math.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "geo/wgs84.h"

static const uint64_t SEED = 4326;
static const double MICROMETRE = 1e-6;

static double distance(const double a[3], const double b[3]) {
  double d[3];
  wf_vec_sub(a, b, d);
  return wf_vec_norm(d);
}

// Heights from the bottom of the sea to the orbit of communication satellites, most of them low.
static wf_lla random_place(wf_rng *rng) {
  const double up = wf_rng_uniform(rng);
  return (wf_lla){wf_asin(wf_rng_between(rng, -1.0, 1.0)), wf_rng_between(rng, -WF_PI, WF_PI),
                  -12000.0 + 5.0e7 * up * up * up};
}

// Angle errors as metres: latitude by the radius, longitude by the distance from the axis.
static double lla_error_m(const wf_lla *a, const wf_lla *b) {
  double pos[3];
  wf_geo_ecef_from_lla(a, pos);
  const double radius = wf_vec_norm(pos), from_axis = hypot(pos[0], pos[1]);
  double error = fabs(a->lat_rad - b->lat_rad) * radius;
  error = fmax(error, fabs(wf_wrap_pi(a->lon_rad - b->lon_rad)) * from_axis);
  return fmax(error, fabs(a->h_m - b->h_m));
}

static double lla_round_trip_m(const wf_lla *lla) {
  double pos[3], again[3];
  wf_lla back;
  wf_geo_ecef_from_lla(lla, pos);
  wf_geo_lla_from_ecef(pos, &back);
  wf_geo_ecef_from_lla(&back, again);
  return fmax(lla_error_m(lla, &back), distance(pos, again));
}

static void geodetic_round_trips(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  double worst = 0.0;
  for (int i = 0; i < 500000; i++) {
    const wf_lla lla = random_place(&rng);
    worst = fmax(worst, lla_round_trip_m(&lla));
  }
  print_message("geodetic -> ECEF -> geodetic: worst %.3g m\n", worst);
  assert_true(worst < MICROMETRE);
}

static void geodetic_edges(void **state) {
  (void)state;
  const double lats[] = {-90, -90 + 1e-13, -89.9999999, -45, -1e-9, -1e-300, 0, 1e-300, 1e-12, 30, 89.99999999999, 90};
  const double lons[] = {-180 + 1e-13, -179.9999999, -90, -1e-15, 0, 1e-300, 45, 90, 135, 179.99999999999, 180};
  const double heights[] = {-6.2e6, -10000, -1e-6, 0, 1e-9, 8848.86, 1e5, 4e5, 2e7, 3.5786e7, 4e7, 5e7};
  double worst = 0.0;
  for (size_t i = 0; i < sizeof lats / sizeof *lats; i++)
    for (size_t j = 0; j < sizeof lons / sizeof *lons; j++)
      for (size_t k = 0; k < sizeof heights / sizeof *heights; k++) {
        const wf_lla lla = {lats[i] * WF_DEG, lons[j] * WF_DEG, heights[k]};
        worst = fmax(worst, lla_round_trip_m(&lla));
      }
  print_message("edges of the globe: worst %.3g m\n", worst);
  assert_true(worst < MICROMETRE);
}

// Values that follow from the definition of the ellipsoid alone.
static void known_places(void **state) {
  (void)state;
  wf_lla lla;
  wf_geo_lla_from_ecef((double[3]){WF_WGS84_A_M, 0, 0}, &lla);
  assert_true(lla.lat_rad == 0.0 && lla.lon_rad == 0.0 && fabs(lla.h_m) < 1e-9);
  wf_geo_lla_from_ecef((double[3]){0, 0, WF_WGS84_B_M + 1000.0}, &lla);
  assert_true(lla.lat_rad == WF_PI / 2 && lla.lon_rad == 0.0 && fabs(lla.h_m - 1000.0) < 1e-8);
  wf_geo_lla_from_ecef((double[3]){0, 0, -WF_WGS84_B_M}, &lla);
  assert_true(lla.lat_rad == -WF_PI / 2 && fabs(lla.h_m) < 1e-8);
  wf_geo_lla_from_ecef((double[3]){-7e6, 0, 0}, &lla);
  assert_true(lla.lon_rad == WF_PI && fabs(lla.h_m - (7e6 - WF_WGS84_A_M)) < 1e-8);
  wf_geo_lla_from_ecef((double[3]){-7e6, -0.0, 0}, &lla);
  assert_true(lla.lon_rad == WF_PI);
  // Computed with 40 digits from the defining equations (mpmath): 35.6581 N, 139.7414 E, 25 m.
  double pos[3];
  wf_geo_ecef_from_lla(&(wf_lla){35.6581 * WF_DEG, 139.7414 * WF_DEG, 25.0}, pos);
  assert_true(distance(pos, (double[3]){-3959318.94708452422, 3352831.22768621682, 3697449.19582107667}) < 5e-9);
  wf_geo_ecef_from_lla(&(wf_lla){-54.8 * WF_DEG, -68.3 * WF_DEG, 36000e3}, pos);
  assert_true(distance(pos, (double[3]){9035269.47540621259, -22704629.5796724019, -34605797.7590028515}) < 5e-8);
}

// Down to 1 km from the centre, where a point has several geodetic coordinates: one that leads back is asked for.
static void deep_inside(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 1);
  double worst = 0.0;
  for (int i = 0; i < 300000; i++) {
    const double radius = 1000.0 * wf_exp(wf_rng_between(&rng, 0.0, 11.0));  // to 60,000 km
    double sin_lat = wf_rng_between(&rng, -1.0, 1.0), cos_lat = sqrt(1.0 - sin_lat * sin_lat);
    if (i % 5 == 0) sin_lat = 0.0, cos_lat = 1.0;
    if (i % 5 == 1) cos_lat = 0.0, sin_lat = i % 2 ? 1.0 : -1.0;
    if (i % 5 == 2) sin_lat = 1e-9 * wf_rng_normal(&rng), cos_lat = 1.0;
    const double lon = wf_rng_between(&rng, -WF_PI, WF_PI);
    const double pos[3] = {radius * cos_lat * cos(lon), radius * cos_lat * sin(lon), radius * sin_lat};
    wf_lla lla;
    double again[3];
    wf_geo_lla_from_ecef(pos, &lla);
    wf_geo_ecef_from_lla(&lla, again);
    const double error = distance(pos, again);
    if (error > worst) worst = error;
    if (!(error < MICROMETRE)) print_message("at %.17g %.17g %.17g: %g m\n", pos[0], pos[1], pos[2], error);
  }
  // The cusps of the ellipse's evolute: a double and a triple root.
  const double cusp = WF_WGS84_A_M * WF_WGS84_E2;
  for (int i = -3; i <= 3; i++) {
    const double pos[3] = {cusp * (1.0 + i * 1e-9), 0.0, i % 2 * 1e-3};
    wf_lla lla;
    double again[3];
    wf_geo_lla_from_ecef(pos, &lla);
    wf_geo_ecef_from_lla(&lla, again);
    worst = fmax(worst, distance(pos, again));
  }
  print_message("ECEF -> geodetic -> ECEF from 1 km to 60,000 km: worst %.3g m\n", worst);
  assert_true(worst < MICROMETRE);
}

static double enu_round_trip_m(const wf_site *site, const double pos[3]) {
  double enu[3], again[3], rae[3];
  wf_geo_enu_from_ecef(site, pos, enu);
  wf_geo_ecef_from_enu(site, enu, again);
  double error = distance(pos, again);
  wf_geo_rae_from_ecef(site, pos, rae, NULL);
  assert_true(rae[1] >= 0.0 && rae[1] < 2.0 * M_PI && fabs(rae[2]) <= M_PI / 2);
  wf_geo_ecef_from_rae(site, rae, again, NULL);
  return fmax(error, distance(pos, again));
}

static void local_round_trips(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 2);
  double worst = 0.0;
  for (int i = 0; i < 300000; i++) {
    wf_lla place = random_place(&rng);
    place.h_m = wf_rng_between(&rng, -100.0, 4000.0);
    if (i % 10 == 0) place.lat_rad = i % 20 ? WF_PI / 2 : -WF_PI / 2;
    wf_site site;
    wf_site_init(&site, &place);
    double pos[3];
    if (i % 3 == 0) {  // near the site, the vertical included
      const double s = wf_exp(wf_rng_between(&rng, -14.0, 17.0));
      const double g = i % 2 ? 1.0 : 1e-7;
      const double enu[3] = {s * g * wf_rng_normal(&rng), s * g * wf_rng_normal(&rng), s * wf_rng_normal(&rng)};
      wf_geo_ecef_from_enu(&site, enu, pos);
    } else {
      const wf_lla there = random_place(&rng);
      wf_geo_ecef_from_lla(&there, pos);
    }
    worst = fmax(worst, enu_round_trip_m(&site, pos));
  }
  print_message("ECEF -> ENU, RAE -> ECEF: worst %.3g m\n", worst);
  assert_true(worst < MICROMETRE);
}

static void compass(void **state) {
  (void)state;
  wf_site site;
  wf_site_init(&site, &(wf_lla){37.5 * WF_DEG, 127.0 * WF_DEG, 100.0});
  const struct {
    double enu[3], rae[3];
  } rows[] = {
      {{0, 10, 0}, {10, 0, 0}},
      {{10, 0, 0}, {10, M_PI / 2, 0}},
      {{0, -10, 0}, {10, M_PI, 0}},
      {{-10, 0, 0}, {10, 3 * M_PI / 2, 0}},
      {{0, 0, 10}, {10, 0, M_PI / 2}},
      {{0, 0, -10}, {10, 0, -M_PI / 2}},
      {{0, 0, 0}, {0, 0, 0}},
      {{9e-8, 0, 10}, {10, 0, M_PI / 2 - 9e-9}},
      {{3, 4, 5}, {7.0710678118654755, 0.64350110879328439, M_PI / 4}},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    double rae[3], jacobian[9];
    wf_geo_rae_from_enu(rows[i].enu, rae, jacobian);
    for (int k = 0; k < 3; k++) assert_true(fabs(rae[k] - rows[i].rae[k]) < 2e-15 * (k == 0 ? 10 : 1) + 1e-18);
    for (int k = 0; k < 9; k++) assert_true(isfinite(jacobian[k]));
  }
  // A higher point over the same place is straight up; one further north is north.
  double above[3], north[3], enu[3];
  wf_geo_ecef_from_lla(&(wf_lla){37.5 * WF_DEG, 127.0 * WF_DEG, 5100.0}, above);
  wf_geo_enu_from_ecef(&site, above, enu);
  assert_true(fabs(enu[0]) < 1e-8 && fabs(enu[1]) < 1e-8 && fabs(enu[2] - 5000.0) < 1e-8);
  wf_geo_ecef_from_lla(&(wf_lla){37.6 * WF_DEG, 127.0 * WF_DEG, 100.0}, north);
  wf_geo_enu_from_ecef(&site, north, enu);
  assert_true(fabs(enu[0]) < 1e-8 && enu[1] > 11000.0 && enu[2] < -9.0 && enu[2] > -10.0);
}

typedef void (*map3)(const void *context, const double in[3], double out[3]);

// Fourth-order central differences; steps scaled per input. Returns the largest error relative to the column's size.
static double jacobian_error(map3 map, const void *context, const double at[3], const double step[3], int angle_row,
                             const double jacobian[9]) {
  double worst = 0.0;
  for (int j = 0; j < 3; j++) {
    double f[4][3];
    const double offset[4] = {-2, -1, 1, 2};
    for (int k = 0; k < 4; k++) {
      double x[3] = {at[0], at[1], at[2]};
      x[j] += offset[k] * step[j];
      map(context, x, f[k]);
    }
    for (int i = 0; i < 3; i++) {
      double inner = f[2][i] - f[1][i], outer = f[3][i] - f[0][i];
      if (i == angle_row) inner = wf_wrap_pi(inner), outer = wf_wrap_pi(outer);
      const double numeric = (8.0 * inner - outer) / (12.0 * step[j]);
      double row = 0.0;
      for (int k = 0; k < 3; k++) row = fmax(row, fabs(jacobian[3 * i + k] * step[k]));
      worst = fmax(worst, fabs(numeric - jacobian[3 * i + j]) * step[j] / row);
    }
  }
  return worst;
}

static void map_lla(const void *context, const double in[3], double out[3]) {
  (void)context;
  wf_lla lla;
  wf_geo_lla_from_ecef(in, &lla);
  out[0] = lla.lat_rad, out[1] = lla.lon_rad, out[2] = lla.h_m;
}
static void map_rae_enu(const void *context, const double in[3], double out[3]) {
  (void)context;
  wf_geo_rae_from_enu(in, out, NULL);
}
static void map_enu_rae(const void *context, const double in[3], double out[3]) {
  (void)context;
  wf_geo_enu_from_rae(in, out, NULL);
}
static void map_rae_ecef(const void *context, const double in[3], double out[3]) {
  wf_geo_rae_from_ecef(context, in, out, NULL);
}
static void map_ecef_rae(const void *context, const double in[3], double out[3]) {
  wf_geo_ecef_from_rae(context, in, out, NULL);
}

static void jacobians(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 3);
  double worst[5] = {0};
  for (int i = 0; i < 20000; i++) {
    const wf_lla place = random_place(&rng);
    double pos[3], jacobian[9];
    wf_geo_ecef_from_lla(&place, pos);
    const double from_axis = hypot(pos[0], pos[1]);
    if (from_axis < 1e4) continue;  // differences, not the Jacobian, fail near the axis
    const double h = 1e-3 * from_axis, steps[3] = {h, h, h};
    wf_geo_lla_jacobian(&place, jacobian);
    worst[0] = fmax(worst[0], jacobian_error(map_lla, NULL, pos, steps, 1, jacobian));

    wf_site site;
    wf_site_init(&site, &(wf_lla){place.lat_rad, place.lon_rad, 50.0});
    const double rae[3] = {wf_exp(wf_rng_between(&rng, 5.0, 16.0)), wf_rng_between(&rng, 0.0, 2.0 * WF_PI),
                           wf_rng_between(&rng, -1.4, 1.4)};
    double enu[3], there[3], again[3];
    wf_geo_enu_from_rae(rae, enu, jacobian);
    const double rae_steps[3] = {1e-2 * rae[0], 1e-3, 1e-3};
    worst[1] = fmax(worst[1], jacobian_error(map_enu_rae, NULL, rae, rae_steps, -1, jacobian));
    wf_geo_ecef_from_rae(&site, rae, there, jacobian);
    worst[2] = fmax(worst[2], jacobian_error(map_ecef_rae, &site, rae, rae_steps, -1, jacobian));
    const double g = 2e-4 * rae[0], enu_steps[3] = {g, g, g};
    wf_geo_rae_from_enu(enu, again, jacobian);
    worst[3] = fmax(worst[3], jacobian_error(map_rae_enu, NULL, enu, enu_steps, 1, jacobian));
    wf_geo_rae_from_ecef(&site, there, again, jacobian);
    worst[4] = fmax(worst[4], jacobian_error(map_rae_ecef, &site, there, enu_steps, 1, jacobian));
  }
  print_message("Jacobians against differences: lla %.1g, enu/rae %.1g, ecef/rae %.1g, rae/enu %.1g, rae/ecef %.1g\n",
                worst[0], worst[1], worst[2], worst[3], worst[4]);
  for (int i = 0; i < 5; i++) assert_true(worst[i] < 1e-6);
}

// Products of the two directions' Jacobians are the identity, close to the vertical too.
static void jacobians_are_inverse(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 4);
  double worst = 0.0;
  for (int i = 0; i < 20000; i++) {
    const double rae[3] = {wf_exp(wf_rng_between(&rng, 2.0, 17.0)), wf_rng_between(&rng, 0.0, 2.0 * WF_PI),
                           i % 4 ? wf_rng_between(&rng, -1.5, 1.5) : M_PI / 2 - 1e-4};
    double enu[3], again[3], forth[9], back[9], product[9];
    wf_geo_enu_from_rae(rae, enu, forth);
    wf_geo_rae_from_enu(enu, again, back);
    wf_mat_mul(3, 3, 3, back, forth, product);
    const double unit[3] = {rae[0], 1.0, 1.0};
    for (int r = 0; r < 3; r++)
      for (int c = 0; c < 3; c++) worst = fmax(worst, fabs(product[3 * r + c] - (r == c)) * unit[c] / unit[r]);
  }
  print_message("d(rae)/d(enu) · d(enu)/d(rae) − 1: worst %.2g\n", worst);
  assert_true(worst < 1e-10);
}

static void range_rates(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 5);
  double worst = 0.0, worst_rate = 0.0;
  for (int i = 0; i < 20000; i++) {
    const wf_lla place = random_place(&rng), target = random_place(&rng);
    wf_site site;
    wf_site_init(&site, &(wf_lla){place.lat_rad, place.lon_rad, 50.0});
    double pos[3], vel[3], jacobian[6];
    wf_geo_ecef_from_lla(&target, pos);
    for (int k = 0; k < 3; k++) vel[k] = 3000.0 * wf_rng_normal(&rng);
    const double rate = wf_geo_range_rate_m_s(&site, pos, vel, jacobian);
    const double dt = 0.01;
    double before[3], after[3];
    for (int k = 0; k < 3; k++) before[k] = pos[k] - vel[k] * dt, after[k] = pos[k] + vel[k] * dt;
    const double range = distance(pos, site.pos_ecef_m);
    if (range < 1e5) continue;
    const double numeric = (distance(after, site.pos_ecef_m) - distance(before, site.pos_ecef_m)) / (2.0 * dt);
    worst_rate = fmax(worst_rate, fabs(numeric - rate));
    const double h = 1e-4 * range;
    for (int k = 0; k < 3; k++) {
      double a[3] = {pos[0], pos[1], pos[2]}, b[3] = {pos[0], pos[1], pos[2]};
      a[k] -= h, b[k] += h;
      const double slope =
          (wf_geo_range_rate_m_s(&site, b, vel, NULL) - wf_geo_range_rate_m_s(&site, a, vel, NULL)) / (2.0 * h);
      worst = fmax(worst, fabs(slope - jacobian[k]) * range / wf_vec_norm(vel));
      double w[3] = {vel[0], vel[1], vel[2]};
      w[k] += 1.0;
      worst = fmax(worst, fabs(wf_geo_range_rate_m_s(&site, pos, w, NULL) - rate - jacobian[3 + k]));
    }
  }
  print_message("range rate: worst %.2g m/s, Jacobian %.2g\n", worst_rate, worst);
  assert_true(worst_rate < 1e-3 && worst < 1e-6);
  wf_site here;
  wf_site_init(&here, &(wf_lla){0, 0, 0});
  double jacobian[6];
  assert_true(wf_geo_range_rate_m_s(&here, here.pos_ecef_m, (double[3]){1, 2, 3}, jacobian) == 0.0);
}

int main(void) {
  print_message("seed %llu\n", (unsigned long long)SEED);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(geodetic_round_trips),
      cmocka_unit_test(geodetic_edges),
      cmocka_unit_test(known_places),
      cmocka_unit_test(deep_inside),
      cmocka_unit_test(local_round_trips),
      cmocka_unit_test(compass),
      cmocka_unit_test(jacobians),
      cmocka_unit_test(jacobians_are_inverse),
      cmocka_unit_test(range_rates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
