// Seas by name: places everybody knows, no place in two, parts against a count of random falls, and the words.
#include <stdlib.h>

#include "../wf_test.h"
#include "base/rng.h"
#include "geo/wgs84.h"
#include "products.h"
#include "warn/areas.h"
#include "warn/cap.h"
#include "warn/probability.h"
#include "warn/seas.h"

static const char *at(double lat_deg, double lon_deg) {
  const wf_sea *s = wf_sea_at(lat_deg * WF_DEG, lon_deg * WF_DEG);
  return s != NULL ? s->code : "none";
}

// Places at sea far enough from any coast that a coarse outline must know them.
static void test_known_places(void **state) {
  static const struct {
    double lat_deg, lon_deg;
    const char *code;
  } PLACES[] = {
      {40.0, 134.0, "sea-of-japan"},
      {38.0, 130.5, "sea-of-japan"},
      {44.5, 139.0, "sea-of-japan"},
      {37.4, 137.8, "sea-of-japan"},
      {34.6, 129.9, "korea-strait"},
      {34.0, 128.0, "korea-strait"},
      {41.3, 140.6, "tsugaru-strait"},
      {36.0, 124.0, "yellow-sea"},
      {38.5, 123.5, "yellow-sea"},
      {38.8, 119.5, "bohai-sea"},
      {30.0, 126.0, "east-china-sea"},
      {27.0, 124.0, "east-china-sea"},
      {15.0, 115.0, "south-china-sea"},
      {34.0, 131.9, "seto-inland-sea"},
      {25.0, 135.0, "philippine-sea"},
      {30.0, 134.0, "philippine-sea"},
      {33.0, 137.0, "philippine-sea"},
      {54.0, 149.0, "sea-of-okhotsk"},
      {45.2, 144.5, "sea-of-okhotsk"},
      {57.0, 178.0, "bering-sea"},
      {57.0, -178.0, "bering-sea"},
      {38.0, 145.0, "north-pacific"},
      {41.0, 142.5, "north-pacific"},
      {35.0, 180.0, "north-pacific"},
      {40.0, -150.0, "north-pacific"},
      {19.0, -160.0, "north-pacific"},
      {30.0, 141.0, "north-pacific"},
      {36.2, 138.2, "none"},
      {39.0, 126.2, "none"},
      {47.0, 130.0, "none"},
      {-20.0, 150.0, "none"},
      {40.0, 20.0, "none"},
      {48.0, -110.0, "none"},
  };
  for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++)
    if (strcmp(at(PLACES[i].lat_deg, PLACES[i].lon_deg), PLACES[i].code) != 0)
      fail_msg("%.1f %.1f: %s, not %s", PLACES[i].lat_deg, PLACES[i].lon_deg, at(PLACES[i].lat_deg, PLACES[i].lon_deg),
               PLACES[i].code);
}

// A small circle anywhere: the parts of neighbours never add up to more than all of it.
static void test_no_place_in_two(void **state) {
  for (double lat_deg = 1.3; lat_deg < 66; lat_deg += 4.3)
    for (double lon_deg = 100.7; lon_deg < 280; lon_deg += 3.3) {
      const wf_ground_ellipse e = test_ellipse(lat_deg, lon_deg > 180 ? lon_deg - 360 : lon_deg, 60e3, 60e3, 0);
      wf_sea_part parts[WF_SEA_PARTS_MAX];
      double sum = 0;
      const size_t count = wf_seas_of(&e, parts);
      for (size_t i = 0; i < count; i++) sum += parts[i].probability;
      if (sum > 1 + 1e-9) fail_msg("%.1f %.1f: %.3f", lat_deg, lon_deg, sum);
    }
}

static void test_parts_against_a_count(void **state) {
  static const struct {
    double lat_deg, lon_deg, major_m, minor_m, az_deg;
  } E[] = {{37.4, 137.4, 60e3, 30e3, 40},
           {41.3, 140.4, 90e3, 30e3, 80},
           {43.5, 145.0, 200e3, 90e3, 20},
           {34.3, 129.4, 80e3, 40e3, 60},
           {53.0, 179.9, 300e3, 200e3, 5}};
  size_t area_count;
  const wf_area *areas = wf_areas_of((wf_nation){"JPN"}, &area_count);
  wf_rng rng;
  wf_rng_seed(&rng, 20221004);
  for (size_t k = 0; k < sizeof E / sizeof E[0]; k++) {
    const wf_ground_ellipse e = test_ellipse(E[k].lat_deg, E[k].lon_deg, E[k].major_m, E[k].minor_m, E[k].az_deg);
    wf_sea_part parts[WF_SEA_PARTS_MAX];
    const size_t count = wf_seas_of(&e, parts);
    assert_true(count > 0);
    enum { FALLS = 2000 };
    int hits[WF_SEA_PARTS_MAX] = {0};
    const double scale = 1.0 / 2.4477468306808166 / WF_WGS84_A_M;
    for (int i = 0; i < FALLS; i++) {
      const double a = e.semi_major_95_m * wf_rng_normal(&rng), b = e.semi_minor_95_m * wf_rng_normal(&rng);
      const double s = wf_sin(e.azimuth_rad), c = wf_cos(e.azimuth_rad);
      const double lat = e.lat_rad + (a * c - b * s) * scale, lon = e.lon_rad + (a * s + b * c) * scale / wf_cos(lat);
      const wf_area *land;
      if (wf_warn_nearest_m(lat, lon, areas, area_count, &land) == 0) continue;
      const wf_sea *sea = wf_sea_at(lat, lon);
      for (size_t p = 0; p < count; p++) hits[p] += parts[p].sea == sea;
    }
    for (size_t p = 0; p < count; p++) {
      const double counted = (double)hits[p] / FALLS;
      print_message("%-15s %.3f, counted %.3f\n", parts[p].sea->code, parts[p].probability, counted);
      assert_true(parts[p].probability - counted < 0.04 && counted - parts[p].probability < 0.04);
      assert_true(p == 0 || parts[p].probability <= parts[p - 1].probability);
    }
  }
}

static void test_the_nearest_area(void **state) {
  size_t count;
  const wf_area *areas = wf_areas_of((wf_nation){"JPN"}, &count), *which;
  // Okushiri (Hokkaido) from 42.2 N 138.0 E: its west coast lies at 139.41 E, 116 km away.
  const double okushiri_m = wf_warn_nearest_m(42.2 * WF_DEG, 138.0 * WF_DEG, areas, count, &which);
  assert_string_equal(which->code, "JP-01");
  assert_true(okushiri_m > 108e3 && okushiri_m < 124e3);
  assert_true(wf_warn_nearest_m(36.2 * WF_DEG, 138.2 * WF_DEG, areas, count, &which) == 0);
  assert_string_equal(which->code, "JP-20");
  assert_true(wf_warn_nearest_m(0, 0, areas, 0, &which) > 1e8 && which == NULL);
}

static char xml[192 * 1024];

static const char *written(wf_product *p) {
  size_t count, length;
  const wf_area *areas = wf_areas_of((wf_nation){"JPN"}, &count);
  p->area_count = 0;
  assert_int_equal(wf_cap_write(p, "n@example.org", areas, count, xml, sizeof xml, &length), WF_OK);
  return xml;
}

static void says(const char *text, const char *words) {
  if (strstr(text, words) == NULL) fail_msg("does not say: %s\n%s", words, strstr(text, "<description>"));
}

static void test_the_words(void **state) {
  wf_product p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_AREA);
  p.impact.area = test_ellipse(40.3, 135.5, 20e3, 8e3, 60);  // some 350 km from the coast: the limit lies in the area
  const char *text = written(&p);
  says(text, "It is expected to fall into the sea: Sea of Japan (East Sea). ");
  says(text, "落下する場所は海上(日本海)と予想されます。");
  says(text, "바다(동해)에 떨어질 것으로 예상됩니다.");
  says(text, "<value>sea-of-japan P=1.000</value>");
  p.impact.area = test_ellipse(41.2, 138.2, 20e3, 8e3, 60);
  says(written(&p), "200海里(約370km)の内側です。");
  says(xml, "inside 200 nautical miles (370 km). ");
  p.impact.area = test_ellipse(38.0, 155.0, 20e3, 8e3, 60);
  says(written(&p), "200海里(約370km)の外側です。");
  says(xml, "海上(北太平洋)");
  p.impact.area = test_ellipse(38.0, 145.2, 60e3, 8e3, 90);  // the limit runs through it: neither is said
  says(written(&p), "海上(北太平洋)");
  assert_null(strstr(xml, "200海里"));
  p.impact.area = test_ellipse(36.2, 138.2, 8e3, 4e3, 0);
  assert_null(strstr(written(&p), "sea: "));
  p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_ALL_CLEAR);
  p.impact.area = test_ellipse(40.3, 135.5, 20e3, 8e3, 60);
  p.rule = 8;
  says(written(&p), "海上(日本海)に落下したとみられます。");
  p.rule = 9;  // lost: where it fell is not known
  assert_null(strstr(written(&p), "日本海"));
}

static void test_overhead_with_height(void **state) {
  wf_product p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_OVERFLIGHT);
  size_t length;
  for (int i = 0; i < 2; i++) {
    p.area[i].threat = WF_THREAT_OVERFLIGHT;
    p.area[i].latest = wf_time_add_s(p.area[i].earliest, 70);
    p.area[i].height_m = 873.9e3;
  }
  assert_int_equal(wf_cap_write(&p, "n@example.org", TEST_AREAS, TEST_AREA_COUNT, xml, sizeof xml, &length), WF_OK);
  says(xml, "Aomori between 00:53 Japan time and 00:56, 873 km up or more");
  says(xml, "青森県(日本時間0時53分から0時56分の間、高度873km以上)");
  says(xml, "아오모리현(일본 시각 0시 53분에서 0시 56분 사이, 고도 873 km 이상)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_places),
      cmocka_unit_test(test_no_place_in_two),
      cmocka_unit_test(test_parts_against_a_count),
      cmocka_unit_test(test_the_nearest_area),
      cmocka_unit_test(test_the_words),
      cmocka_unit_test(test_overhead_with_height),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
