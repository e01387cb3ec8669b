#include <math.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "geo/geodesic.h"
#include "geo/horizon.h"

static const uint64_t SEED = 1966;

static void ecef(double lat_deg, double lon_deg, double h_m, double pos[3]) {
  wf_geo_ecef_from_lla(&(wf_lla){lat_deg * WF_DEG, lon_deg * WF_DEG, h_m}, pos);
}

// The same question answered the slow way: the least geodetic height along the segment.
static double least_height_m(const double a[3], const double b[3]) {
  double low = 0.0, high = 1.0, least = INFINITY;
  for (int round = 0; round < 8; round++) {  // height along a line has one minimum: scan, then scan around the least
    double best = low;
    const double step = (high - low) / 64.0;
    for (int i = 0; i <= 64; i++) {
      const double s = low + i * step;
      double pos[3];
      wf_lla lla;
      for (int k = 0; k < 3; k++) pos[k] = a[k] + s * (b[k] - a[k]);
      wf_geo_lla_from_ecef(pos, &lla);
      if (lla.h_m < least) least = lla.h_m, best = s;
    }
    low = fmax(0.0, best - step), high = fmin(1.0, best + step);
  }
  return least;
}

static void sight_against_heights(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  int clear = 0, blocked = 0;
  for (int i = 0; i < 4000; i++) {
    double a[3], b[3];
    const double lat = wf_rng_between(&rng, -80, 80), lon = wf_rng_between(&rng, -180, 180);
    ecef(lat, lon, wf_exp(wf_rng_between(&rng, 2, 16)), a);
    ecef(lat + wf_rng_between(&rng, -10, 10), lon + wf_rng_between(&rng, -30, 30), wf_exp(wf_rng_between(&rng, 2, 14)),
         b);
    const double clearance_m = i % 3 == 0 ? 0.0 : wf_rng_between(&rng, -300.0, 5.0);
    const double margin_m = least_height_m(a, b) - clearance_m;
    // The raised ellipsoid is not exactly a surface of equal height: c f² apart, here below a centimetre.
    if (fabs(margin_m) < 0.01) continue;
    const bool seen = wf_geo_line_of_sight(a, b, clearance_m);
    assert_true(seen == wf_geo_line_of_sight(b, a, clearance_m));
    assert_true(seen == (margin_m > 0.0));
    if (seen) clear++;
    if (!seen) blocked++;
  }
  print_message("%d clear, %d blocked\n", clear, blocked);
  assert_true(clear > 300 && blocked > 300);
}

static void sight_edges(void **state) {
  (void)state;
  double a[3], b[3], up[3], below[3], under[3];
  ecef(36, 128, 0, a), ecef(36, -52, 0, b), ecef(36, 128, 4e7, up), ecef(36, 128, -1, below),
      ecef(-36, -52, 4e7, under);
  assert_false(wf_geo_line_of_sight(a, b, 0));
  assert_true(wf_geo_line_of_sight(a, up, 0) && wf_geo_line_of_sight(a, a, 0));
  assert_false(wf_geo_line_of_sight(a, below, 0));
  assert_true(wf_geo_line_of_sight(a, below, -2));
  assert_false(wf_geo_line_of_sight(a, under, 0));
  assert_false(wf_geo_line_of_sight(a, up, 10));  // an end inside the raised ellipsoid
  assert_false(wf_geo_line_of_sight((double[3]){NAN, 0, 0}, up, 0));
  // A tangent at height h: just above grazes past, just below does not.
  const double above[3] = {WF_WGS84_A_M + 1e-3, -3e6, 0}, above2[3] = {WF_WGS84_A_M + 1e-3, 3e6, 0};
  const double deep[3] = {WF_WGS84_A_M - 1e-3, -3e6, 0}, deep2[3] = {WF_WGS84_A_M - 1e-3, 3e6, 0};
  assert_true(wf_geo_line_of_sight(above, above2, 0));
  assert_false(wf_geo_line_of_sight(deep, deep2, 0));
}

static double elevation(const wf_site *site, double lat_rad, double lon_rad, double h_m, double *range_m) {
  double pos[3], rae[3];
  wf_geo_ecef_from_lla(&(wf_lla){lat_rad, lon_rad, h_m}, pos);
  wf_geo_rae_from_ecef(site, pos, rae, NULL);
  *range_m = rae[0];
  return rae[2];
}

// Geometric: the height found is seen, a metre lower is not, for every limit at once.
static void lowest_is_lowest(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 1);
  int found = 0, ground = 0, none = 0;
  for (int i = 0; i < 3000; i++) {
    wf_site site;
    wf_site_init(&site, &(wf_lla){wf_asin(wf_rng_between(&rng, -1, 1)), wf_rng_between(&rng, -WF_PI, WF_PI),
                                  i % 7 == 0 ? -400.0 : wf_exp(wf_rng_between(&rng, 0, 8))});
    double lat, lon, h = -1, range_m;
    wf_geo_direct(site.lla.lat_rad, site.lla.lon_rad, wf_rng_between(&rng, 0, 2 * WF_PI),
                  wf_exp(wf_rng_between(&rng, 5, 16.2)), &lat, &lon);
    const double el_min = wf_rng_between(&rng, -5, 20) * WF_DEG;
    const double limit_m = i % 2 ? 0.0 : wf_exp(wf_rng_between(&rng, 12, 16));
    const wf_status status = wf_geo_lowest_visible_m(&site, lat, lon, el_min, limit_m, 1.0, &h);
    const double clearance_m = site.lla.h_m < 0.0 ? site.lla.h_m - 1.0 : 0.0;
    if (status != WF_OK) {
      assert_int_equal(status, WF_ENOTFOUND);
      none++;
      continue;
    }
    double pos[3], below[3];
    wf_geo_ecef_from_lla(&(wf_lla){lat, lon, h + 1e-3}, pos);  // off the very edge, which rounding decides
    assert_true(elevation(&site, lat, lon, h, &range_m) >= el_min - 1e-11);
    assert_true(limit_m == 0.0 || range_m <= limit_m * (1.0 + 1e-12));
    assert_true(wf_geo_line_of_sight(site.pos_ecef_m, pos, clearance_m));
    if (h == 0.0) ground++;
    if (h < 1.0) continue;
    found++;
    wf_geo_ecef_from_lla(&(wf_lla){lat, lon, h - 1.0}, below);
    const double el_below = elevation(&site, lat, lon, h - 1.0, &range_m);
    assert_true(el_below < el_min || (limit_m > 0.0 && range_m > limit_m) ||
                !wf_geo_line_of_sight(site.pos_ecef_m, below, clearance_m));
  }
  print_message("%d above the horizon, %d on the ground in view, %d never\n", found, ground, none);
  assert_true(found > 500 && ground > 100 && none > 100);
}

// Over a place 1000 km away a radar on the ground first sees what is about d²/(2R) up.
static void known_heights(void **state) {
  (void)state;
  wf_site site;
  wf_site_init(&site, &(wf_lla){0, 0, 0});
  double h;
  // Along the equator, a circle: h = a (1/cos θ − 1).
  const double angle = 1000e3 / WF_WGS84_A_M;
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, angle, 0, 0, 1.0, &h), WF_OK);
  assert_true(fabs(h - WF_WGS84_A_M * (1.0 / cos(angle) - 1.0)) < 1e-3);
  // At 5° of elevation: a cos(el)/cos(el + θ) − a.
  const double el = 5 * WF_DEG;
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, angle, el, 0, 1.0, &h), WF_OK);
  assert_true(fabs(h - WF_WGS84_A_M * (cos(el) / cos(el + angle) - 1.0)) < 1e-3);
  // Straight up, and the far side.
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, 0, el, 0, 1.0, &h), WF_OK);
  assert_true(h < 1e-4);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, WF_PI, 0, 0, 1.0, &h), WF_ENOTFOUND);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, angle, 0, 500e3, 1.0, &h), WF_ENOTFOUND);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, angle, 0, -1, 1.0, &h), WF_EINVAL);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, angle, NAN, 0, 1.0, &h), WF_EINVAL);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, angle, 0, 0, 0.0, &h), WF_EINVAL);
}

// From a mountain: the sea in view has height 0, and the horizon lies where geometry says.
static void mountain(void **state) {
  (void)state;
  wf_site site;
  const double top_m = 3000.0, horizon = acos(WF_WGS84_A_M / (WF_WGS84_A_M + top_m));
  wf_site_init(&site, &(wf_lla){0, 0, top_m});
  double h;
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, 0.9 * horizon, -0.2, 0, 1.0, &h), WF_OK);
  assert_true(h == 0.0);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, 0.9 * horizon, 0, 0, 1.0, &h), WF_OK);
  assert_true(h > 2000.0);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, 2.0 * horizon, -0.2, 0, 1.0, &h), WF_OK);
  assert_true(fabs(h - WF_WGS84_A_M * (1.0 / cos(horizon) - 1.0)) < 1.0);
  // With refraction the horizon is further off: the same place is ground in view at 1.1 times the distance.
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, 1.1 * horizon, -0.2, 0, 1.0, &h), WF_OK);
  assert_true(h > 1.0);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, 1.1 * horizon, -0.2, 0, 4.0 / 3.0, &h), WF_OK);
  assert_true(h == 0.0);
}

static void refraction(void **state) {
  (void)state;
  wf_site site;
  wf_site_init(&site, &(wf_lla){0, 0, 0});
  double straight, bent;
  // Low and near: the flat rule of the 4/3 Earth, d²/(2 k R). The exponential air is a little thinner aloft.
  for (double d = 20e3; d <= 100e3; d += 20e3) {
    wf_geo_lowest_visible_m(&site, 0, d / WF_WGS84_A_M, 0, 0, 4.0 / 3.0, &bent);
    const double flat = d * d / (2.0 * WF_WGS84_A_M * 4.0 / 3.0);
    assert_true(bent > 0.99 * flat && bent < 1.03 * flat);
  }
  // Far: a ray that leaves horizontally is bent by 0.6° to 0.75° in all through a standard radio atmosphere (surface
  // refractivity 313: Bean and Dutton 1966, table 3.20 ff.), which far away is an angle of the place.
  const double angle = 30 * WF_DEG;
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, angle, 0, 0, 1.0, &straight), WF_OK);
  assert_int_equal(wf_geo_lowest_visible_m(&site, 0, angle, 0, 0, 4.0 / 3.0, &bent), WF_OK);
  const double per_rad = WF_WGS84_A_M * sin(angle) / (cos(angle) * cos(angle));
  const double bending_deg = (straight - bent) / per_rad / WF_DEG;
  print_message("4/3: a horizontal ray bends by %.3f deg; 30 deg away %.1f km instead of %.1f km\n", bending_deg,
                bent / 1e3, straight / 1e3);
  assert_true(bending_deg > 0.5 && bending_deg < 0.85);
  // A high ray bends by the surface refractivity times the cotangent of its elevation.
  const double el = 45 * WF_DEG, near = 0.05;
  wf_geo_lowest_visible_m(&site, 0, near, el, 0, 4.0 / 3.0, &bent);
  wf_geo_lowest_visible_m(&site, 0, near, el, 0, 1.0, &straight);
  const double bending = (straight - bent) / (WF_WGS84_A_M * sin(near) / (cos(el + near) * cos(el + near)));
  assert_true(fabs(bending / 313.6e-6 - 1.0) < 0.05);
}

int main(void) {
  print_message("seed %llu\n", (unsigned long long)SEED);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sight_against_heights), cmocka_unit_test(sight_edges), cmocka_unit_test(lowest_is_lowest),
      cmocka_unit_test(known_heights),         cmocka_unit_test(mountain),    cmocka_unit_test(refraction),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
