#include <math.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "base/rng.h"
#include "geo/geodesic.h"

static const uint64_t SEED = 2013;

typedef struct arc {
  double lat1, lon1, azi1, lat2, lon2, azi2, s12;
} arc;

static void check(const arc *a, double tolerance_m, double tolerance_deg) {
  double azi1, azi2, lat2, lon2;
  const double s12 =
      wf_geo_distance_m(a->lat1 * WF_DEG, a->lon1 * WF_DEG, a->lat2 * WF_DEG, a->lon2 * WF_DEG, &azi1, &azi2);
  assert_true(fabs(s12 - a->s12) < tolerance_m);
  assert_true(fabs(wf_wrap_pi(azi1 - a->azi1 * WF_DEG)) / WF_DEG < tolerance_deg);
  assert_true(fabs(wf_wrap_pi(azi2 - a->azi2 * WF_DEG)) / WF_DEG < tolerance_deg);
  assert_true(azi1 >= 0.0 && azi1 < 2.0 * M_PI);
  wf_geo_direct(a->lat1 * WF_DEG, a->lon1 * WF_DEG, a->azi1 * WF_DEG, a->s12, &lat2, &lon2);
  assert_true(fabs(lat2 - a->lat2 * WF_DEG) / WF_DEG < tolerance_deg);
  assert_true(fabs(wf_wrap_pi(lon2 - a->lon2 * WF_DEG)) / WF_DEG < tolerance_deg);
}

// Karney 2013, "Algorithms for geodesics", J. Geodesy 87: table 2 (direct) and table 4 (an inverse, nearly antipodal),
// printed there to the figures given here; and New York (JFK) to London (LHR) as the GeographicLib documentation has
// it.
static void published_cases(void **state) {
  (void)state;
  const arc rows[] = {
      {40, 0, 30, 41.79331020506, 137.84490004377, 149.09016931807, 10000000},
      {-30, 0, 161.89052473633, 29.9, 179.8, 18.09073724574, 19989832.82761},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) check(&rows[i], 1e-5, 2e-11);
  const double jfk_lhr_m = wf_geo_distance_m(40.6 * WF_DEG, -73.8 * WF_DEG, 51.6 * WF_DEG, -0.5 * WF_DEG, NULL, NULL);
  assert_true(fabs(jfk_lhr_m - 5551759.400) < 1e-3);
}

// What the ellipsoid itself says, by numerical quadrature here.
static void quarter_meridian_and_equator(void **state) {
  (void)state;
  double meridian_m = 0.0;
  const int n = 2000;
  for (int i = 0; i < n; i++) {  // midpoint rule: spectrally accurate over a quarter period
    const double s = sin((i + 0.5) / n * M_PI / 2), w = 1.0 - WF_WGS84_E2 * s * s;
    meridian_m += WF_WGS84_A_M * (1.0 - WF_WGS84_E2) / (w * sqrt(w)) * (M_PI / 2 / n);
  }
  assert_true(fabs(wf_geo_distance_m(0, 0, WF_PI / 2, 1.0, NULL, NULL) - meridian_m) < 1e-6);
  assert_true(fabs(wf_geo_distance_m(-WF_PI / 2, 0.3, WF_PI / 2, 1.0, NULL, NULL) - 2.0 * meridian_m) < 1e-6);
  const double degree_m = WF_WGS84_A_M * WF_DEG;
  assert_true(fabs(wf_geo_distance_m(0, 179.5 * WF_DEG, 0, -179.5 * WF_DEG, NULL, NULL) - degree_m) < 1e-6);
  assert_true(wf_geo_distance_m(0.5, 1.0, 0.5, 1.0, NULL, NULL) == 0.0);
}

static void there_and_back(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  double worst_m = 0.0, worst_chord_m = 0.0;
  for (int i = 0; i < 20000; i++) {
    const double lat = wf_asin(wf_rng_between(&rng, -1, 1)), lon = wf_rng_between(&rng, -WF_PI, WF_PI);
    const double azi = wf_rng_between(&rng, 0, 2 * WF_PI), distance_m = wf_exp(wf_rng_between(&rng, 0, 16.7));
    double lat2, lon2;
    wf_geo_direct(lat, lon, azi, distance_m, &lat2, &lon2);
    assert_true(fabs(lat2) <= M_PI / 2 && lon2 > -M_PI && lon2 <= M_PI);
    worst_m = fmax(worst_m, fabs(wf_geo_distance_m(lat, lon, lat2, lon2, NULL, NULL) - distance_m));
    if (distance_m > 10e3) continue;  // against the frames of wgs84.h: near, the arc is its chord
    wf_site site;
    wf_site_init(&site, &(wf_lla){lat, lon, 0});
    double pos[3], rae[3];
    wf_geo_ecef_from_lla(&(wf_lla){lat2, lon2, 0}, pos);
    wf_geo_rae_from_ecef(&site, pos, rae, NULL);
    worst_chord_m = fmax(worst_chord_m, fabs(rae[0] - distance_m));
    worst_chord_m = fmax(worst_chord_m, fabs(wf_wrap_pi(rae[1] - azi)) * distance_m);
  }
  print_message("direct then inverse: worst %.2g m; against a chord below 10 km: %.2g m\n", worst_m, worst_chord_m);
  assert_true(worst_m < 2e-8 && worst_chord_m < 5e-3);
}

static void ground_ellipse(void **state) {
  (void)state;
  enum { N = 72 };
  double lat[N], lon[N], largest = 0, least = 1e9;
  const double centre_lat = 40.0 * WF_DEG, centre_lon = 179.9 * WF_DEG, azimuth = 30.0 * WF_DEG;
  wf_geo_ellipse(centre_lat, centre_lon, 20000.0, 5000.0, azimuth, N, lat, lon);
  for (int i = 0; i < N; i++) {
    double azi;
    const double r = wf_geo_distance_m(centre_lat, centre_lon, lat[i], lon[i], &azi, NULL);
    const double along = r * cos(azi - azimuth) / 20000.0, across = r * sin(azi - azimuth) / 5000.0;
    assert_true(fabs(along * along + across * across - 1.0) < 1e-9);
    assert_true(lon[i] > -M_PI && lon[i] <= M_PI);
    largest = fmax(largest, r), least = fmin(least, r);
  }
  assert_true(fabs(largest - 20000.0) < 1e-6 && fabs(least - 5000.0) < 1e-6);
}

int main(void) {
  print_message("seed %llu\n", (unsigned long long)SEED);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(published_cases),
      cmocka_unit_test(quarter_meridian_and_equator),
      cmocka_unit_test(there_and_back),
      cmocka_unit_test(ground_ellipse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
