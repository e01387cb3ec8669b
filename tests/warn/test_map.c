// The map of where it may fall: one part for a fall, a mixture while the engine burns or when it may glide.
#include "flight.h"
#include "geo/geodesic.h"
#include "geo/wgs84.h"
#include "warn/map.h"

// Eastward over 40 N 135 E, so high and so fast; launched 700 km behind and falling 300 km ahead.
static wf_common_track flying(double height_m, double speed_m_s, double climb_m_s) {
  wf_common_track t = flight_track(1);
  const wf_lla at = {40 * WF_DEG, 135 * WF_DEG, height_m};
  wf_site site;
  wf_site_init(&site, &at);
  memcpy(t.track.state, site.pos_ecef_m, sizeof site.pos_ecef_m);
  for (int k = 0; k < 3; k++)
    t.track.state[3 + k] = site.enu_from_ecef[k] * speed_m_s + site.enu_from_ecef[6 + k] * climb_m_s;
  t.track.phase = WF_PHASE_COAST;
  t.track.launch.area = test_ellipse(40, 126.8, 2000, 1000, 0);
  flight_aim(&t, 40, 138.5, 15e3, 300);
  return t;
}

static double ahead_m(const wf_common_track *t, const wf_ground_ellipse *e) {
  const wf_ground_ellipse *from = &t->track.launch.area;
  return wf_geo_distance_m(from->lat_rad, from->lon_rad, e->lat_rad, e->lon_rad, NULL, NULL);
}

static double sum_of(const wf_impact_map *map) {
  double sum = 0;
  for (int i = 0; i < map->count; i++) sum += map->part[i].weight;
  return sum;
}

static void test_a_fall_is_one_part(void **state) {
  wf_common_track t = flying(250e3, 2800, 100);
  wf_impact_map map;
  wf_warn_map(&t, &map);
  assert_int_equal(map.count, 1);
  assert_true(map.part[0].weight == 1);
  assert_memory_equal(&map.part[0].area, &t.impact.area, sizeof t.impact.area);
  t.impact.valid = false;
  wf_warn_map(&t, &map);
  assert_int_equal(map.count, 0);
}

static void test_while_it_burns(void **state) {
  wf_common_track t = flying(80e3, 1500, 1200);
  wf_impact_map map;
  t.track.phase = WF_PHASE_BOOST;
  t.track.thrust_m_s2 = 30;
  wf_warn_map(&t, &map);
  assert_int_equal(map.count, 5);
  assert_true(sum_of(&map) > 0.999 && sum_of(&map) < 1.001);
  for (int i = 1; i < 5; i++)  // the longer it burns, the further it goes
    assert_true(ahead_m(&t, &map.part[i].area) > ahead_m(&t, &map.part[i - 1].area) + 10e3);
  t.track.thrust_m_s2 = 150;  // into orbit if it burns on: what does not come down is not in the map
  wf_warn_map(&t, &map);
  assert_true(map.count < 5 && sum_of(&map) < 0.9);
}

static void test_a_flat_flight_may_glide(void **state) {
  wf_common_track t = flying(45e3, 1900, 0);
  wf_impact_map map;
  wf_warn_map(&t, &map);
  assert_int_equal(map.count, 5);
  assert_true(sum_of(&map) > 0.999 && sum_of(&map) < 1.001);
  assert_true(map.part[0].weight < 0.5);
  double before_m = ahead_m(&t, &map.part[0].area);
  for (int i = 1; i < 5; i++) {
    const wf_ground_ellipse *e = &map.part[i].area;
    print_message("part %d: weight %.2f, %.0f km past the fall, %.0f by %.0f km\n", i, map.part[i].weight,
                  (ahead_m(&t, e) - ahead_m(&t, &map.part[0].area)) / 1e3, e->semi_major_95_m / 1e3,
                  e->semi_minor_95_m / 1e3);
    assert_true(ahead_m(&t, e) > before_m && e->semi_minor_95_m <= e->semi_major_95_m);
    before_m = ahead_m(&t, e);
  }
  // 0.5 · 6378 km · 2 · (1 − 1/8) · −ln(1 − V²) with V² = 1900² · 6415e3 / 3.986e14 = 0.0581: 334 km for the last part.
  assert_true(before_m - ahead_m(&t, &map.part[0].area) > 310e3 && before_m - ahead_m(&t, &map.part[0].area) < 350e3);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_fall_is_one_part), cmocka_unit_test(test_while_it_burns),
                                     cmocka_unit_test(test_a_flat_flight_may_glide)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
