// The integral over areas: against Monte Carlo and against what is known exactly.
#include "../wf_test.h"
#include "base/fmath.h"
#include "base/rng.h"
#include "geo/geodesic.h"
#include "warn/areas.h"
#include "warn/probability.h"

#define CHI2_95 5.991464547107979
#define METRE_RAD (1.0 / 6371000.0)

// A point of the ellipse's Gaussian, placed by the geodesic.
static void draw(wf_rng *rng, const wf_ground_ellipse *e, double *lat_rad, double *lon_rad) {
  const double along_m = wf_rng_normal(rng) * e->semi_major_95_m / wf_sqrt(CHI2_95);
  const double across_m = wf_rng_normal(rng) * e->semi_minor_95_m / wf_sqrt(CHI2_95);
  wf_geo_direct(e->lat_rad, e->lon_rad, e->azimuth_rad + wf_atan2(across_m, along_m), wf_hypot(along_m, across_m),
                lat_rad, lon_rad);
}

// Plain even-odd test, side by side with nothing shared with the code under test.
static bool inside(const wf_area *a, double lat_rad, double lon_rad) {
  bool in = false;
  const double *p = a->lat_lon_rad;
  for (uint32_t r = 0; r < a->ring_count; r++) {
    for (uint32_t i = 0, k = a->ring_points[r] - 1; i < a->ring_points[r]; k = i++) {
      const double y0 = p[2 * k] - lat_rad, y1 = p[2 * i] - lat_rad;
      const double x0 = wf_wrap_pi(p[2 * k + 1] - lon_rad), x1 = wf_wrap_pi(p[2 * i + 1] - lon_rad);
      if ((y0 > 0) != (y1 > 0) && x0 - y0 * (x1 - x0) / (y1 - y0) > 0) in = !in;
    }
    p += 2 * a->ring_points[r];
  }
  return in;
}

static double monte_carlo(wf_rng *rng, const wf_ground_ellipse *e, const wf_area *a, int n) {
  int hits = 0;
  for (int i = 0; i < n; i++) {
    double lat_rad, lon_rad;
    draw(rng, e, &lat_rad, &lon_rad);
    hits += inside(a, lat_rad, lon_rad);
  }
  return (double)hits / n;
}

static void test_against_monte_carlo(void **state) {
  size_t count;
  const wf_area *areas = wf_areas_of((wf_nation){"JPN"}, &count);
  wf_rng rng;
  wf_rng_seed(&rng, 31);
  double worst = 0;
  int compared = 0;
  for (int n = 0; n < 24; n++) {
    const wf_ground_ellipse e = {wf_rng_between(&rng, 33, 43) * WF_DEG, wf_rng_between(&rng, 131, 142) * WF_DEG,
                                 wf_rng_between(&rng, 5e3, 95e3), wf_rng_between(&rng, 1e3, 5e3),
                                 wf_rng_between(&rng, 0, WF_PI)};
    for (size_t i = 0; i < count; i++) {
      const double p = wf_warn_probability(&e, &areas[i]);
      if (p == 0 && n % 8 != 0) continue;
      const double off = p - monte_carlo(&rng, &e, &areas[i], 10000);
      if (off > worst || -off > worst) worst = off < 0 ? -off : off;
      compared++;
    }
  }
  print_message("seed 31: %d integrals, worst difference %.4f (Monte Carlo 3 sigma: 0.015)\n", compared, worst);
  assert_true(compared > 50);
  assert_true(worst < 0.02);
}

// The part of a Gaussian beyond a line is known: the line turns through all directions and moves out into the tail.
static void test_half_planes(void **state) {
  const wf_ground_ellipse e = {0.3, 1.0, 20e3, 6e3, 0.6};
  const double major_m = e.semi_major_95_m / wf_sqrt(CHI2_95), minor_m = e.semi_minor_95_m / wf_sqrt(CHI2_95);
  double worst = 0;
  for (int turn = 0; turn < 36; turn++)
    for (int k = -10; k <= 10; k++) {
      const double way_rad = turn * WF_PI / 18, from = k * 0.3;  // sigmas along the normal
      const double a = way_rad - e.azimuth_rad;
      const double sigma_m = wf_hypot(major_m * wf_cos(a), minor_m * wf_sin(a));
      double ring[8];
      static const uint32_t FOUR = 4;
      for (int c = 0; c < 4; c++) {  // a square of 2000 km, one side on the line
        const double out_m = c < 2 ? from * sigma_m : from * sigma_m + 400e3,
                     side_m = c == 0 || c == 3 ? -400e3 : 400e3;
        ring[2 * c] = e.lat_rad + (out_m * wf_cos(way_rad) - side_m * wf_sin(way_rad)) * METRE_RAD;
        ring[2 * c + 1] =
            e.lon_rad + (out_m * wf_sin(way_rad) + side_m * wf_cos(way_rad)) * METRE_RAD / wf_cos(e.lat_rad);
      }
      const wf_area area = {"XX", "", "", "", 1, &FOUR, ring};
      const double off = wf_warn_probability(&e, &area) - (1 - wf_normal_cdf(from));
      if (off > worst || -off > worst) worst = off < 0 ? -off : off;
    }
  print_message("half planes: worst difference %.4f\n", worst);
  assert_true(worst < 0.005);
}

static void box_ring(double out[8], double south_deg, double west_deg, double north_deg, double east_deg) {
  const double ring[8] = {south_deg, west_deg, south_deg, east_deg, north_deg, east_deg, north_deg, west_deg};
  for (int i = 0; i < 8; i++) out[i] = i % 2 == 1 ? wf_wrap_pi(ring[i] * WF_DEG) : ring[i] * WF_DEG;
}

static void test_antimeridian(void **state) {
  static const uint32_t FOUR = 4;
  double ring[8];
  const wf_area area = {"XX", "", "", "", 1, &FOUR, ring};
  static const double CENTRES[] = {0, 100, 179, 179.99, 180, -179.99, -179, -100};
  double first = -1;
  for (size_t i = 0; i < sizeof CENTRES / sizeof CENTRES[0]; i++) {
    const wf_ground_ellipse e = {10 * WF_DEG, wf_wrap_pi(CENTRES[i] * WF_DEG), 200e3, 150e3, 0.7};
    box_ring(ring, 9.5, CENTRES[i] - 0.3, 11, CENTRES[i] + 0.9);
    const double p = wf_warn_probability(&e, &area);
    if (first < 0) first = p;
    assert_true(p > 0.3 && p < 0.5);
    assert_float_equal(p, first, 0.003);  // the same everywhere
    const wf_ground_ellipse opposite = {10 * WF_DEG, wf_wrap_pi((CENTRES[i] + 180) * WF_DEG), 200e3, 150e3, 0.7};
    assert_true(wf_warn_probability(&opposite, &area) == 0);
  }
}

static void test_holes_and_islands(void **state) {
  static const uint32_t RINGS[] = {4, 4, 4};
  double rings[24];
  const wf_ground_ellipse e = {10 * WF_DEG, 20 * WF_DEG, 30e3, 30e3, 0};
  wf_area area = {"XX", "", "", "", 1, RINGS, rings};
  box_ring(rings, 5, 15, 15, 25);
  box_ring(rings + 8, 9.9, 19.9, 10.1, 20.1);
  box_ring(rings + 16, 9.95, 19.95, 10.05, 20.05);
  const double whole = wf_warn_probability(&e, &area);
  area.ring_count = 2;
  const double with_hole = wf_warn_probability(&e, &area);
  area.ring_count = 3;
  const double with_island = wf_warn_probability(&e, &area);
  area.ring_count = 1;
  area.lat_lon_rad = rings + 8;
  const double hole = wf_warn_probability(&e, &area);
  area.lat_lon_rad = rings + 16;
  const double island = wf_warn_probability(&e, &area);
  assert_true(whole == 1.0 && hole > 0.3 && hole < 0.7 && island > 0.05 && island < hole);
  assert_float_equal(with_hole, whole - hole, 1e-12);
  assert_float_equal(with_island, whole - hole + island, 1e-12);
}

// Rings may be closed or not; what has no area holds nothing.
static void test_odd_rings(void **state) {
  static const uint32_t FIVE = 5, TWO = 2, NONE = 0;
  double ring[10];
  const wf_ground_ellipse e = {10 * WF_DEG, 20 * WF_DEG, 3e3, 3e3, 0};
  box_ring(ring, 5, 15, 15, 25);
  memcpy(ring + 8, ring, 2 * sizeof ring[0]);
  assert_true(wf_warn_probability(&e, &(wf_area){"XX", "", "", "", 1, &FIVE, ring}) == 1.0);
  assert_true(wf_warn_probability(&e, &(wf_area){"XX", "", "", "", 1, &TWO, ring}) == 0.0);
  assert_true(wf_warn_probability(&e, &(wf_area){"XX", "", "", "", 0, &NONE, ring}) == 0.0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_against_monte_carlo), cmocka_unit_test(test_half_planes),
      cmocka_unit_test(test_antimeridian),        cmocka_unit_test(test_holes_and_islands),
      cmocka_unit_test(test_odd_rings),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
