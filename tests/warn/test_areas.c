// The shipped areas against tables of seats and islands (tools/areas): every prefecture, province and state holds its
// own, no other area does; rings are closed figures within range; names are there in every language.
#include <stdlib.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "warn/areas.h"
#include "warn/probability.h"

static const char *names_path, *places_path;

static const struct {
  const char *nation, *prefix;
  size_t count;
} NATIONS[] = {{"JPN", "JP-", 47}, {"KOR", "KR-", 17}, {"USA", "US-", 56}};

static const wf_area *areas_of(const char *code, size_t *count) {
  for (int i = 0; i < 3; i++) {
    wf_nation nation;
    assert_int_equal(wf_nation_parse(NATIONS[i].nation, &nation), WF_OK);
    if (strncmp(code, NATIONS[i].prefix, 3) == 0) return wf_areas_of(nation, count);
  }
  *count = 0;
  return NULL;
}

// Korean cities drawn by hand lie over the province around them.
static bool may_overlap(const char *city) {
  static const char *const DRAWN[] = {"KR-26", "KR-27", "KR-28", "KR-29"};
  for (int i = 0; i < 4; i++)
    if (strcmp(DRAWN[i], city) == 0) return true;
  return false;
}

// By the same integral that warns: a point is an ellipse of a metre.
static void check_place(const char *code, const char *place, double lat_deg, double lon_deg) {
  const wf_ground_ellipse here = {lat_deg * WF_DEG, lon_deg * WF_DEG, 1.0, 1.0, 0.0};
  size_t count;
  const wf_area *areas = areas_of(code, &count);
  bool found = false;
  for (size_t i = 0; i < count; i++) {
    if (wf_warn_probability(&here, &areas[i]) < 0.5) continue;
    const bool own = strcmp(areas[i].code, code) == 0;
    if (!own && !may_overlap(code)) print_message("%s lies in %s\n", place, areas[i].code);
    assert_true(own || may_overlap(code));
    found = found || own;
  }
  if (!found) print_message("%s does not lie in %s\n", place, code);
  assert_true(found);
}

static void test_seats(void **state) {
  char line[512];
  FILE *file = fopen(names_path, "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof line, file));
  int count = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    char code[8], seat[64];
    double lat_deg, lon_deg;
    assert_int_equal(sscanf(line, "%7[^,],%*[^,],%*[^,],%*[^,],%*[^,],%63[^,],%lf,%lf", code, seat, &lat_deg, &lon_deg),
                     4);
    check_place(code, seat, lat_deg, lon_deg);
    count++;
  }
  fclose(file);
  assert_int_equal(count, 47 + 17 + 56);
}

static void test_places(void **state) {
  char line[512];
  FILE *file = fopen(places_path, "r");
  assert_non_null(file);
  assert_non_null(fgets(line, sizeof line, file));
  int count = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    char code[8], place[64];
    double lat_deg, lon_deg;
    assert_int_equal(sscanf(line, "%7[^,],%63[^,],%lf,%lf", code, place, &lat_deg, &lon_deg), 4);
    check_place(code, place, lat_deg, lon_deg);
    count++;
  }
  fclose(file);
  assert_true(count > 40);
}

// Places at sea, abroad, or in areas that are not the nation's.
static void test_elsewhere(void **state) {
  static const double PLACES[][2] = {{39.0, 135.0}, {37.57, 126.98}, {39.03, 125.75},
                                     {0, 0},        {20.0, -180.0},  {43.1, 131.9}};
  for (size_t n = 0; n < sizeof PLACES / sizeof PLACES[0]; n++) {
    const wf_ground_ellipse here = {PLACES[n][0] * WF_DEG, PLACES[n][1] * WF_DEG, 1.0, 1.0, 0.0};
    for (int i = 0; i < 3; i++) {
      size_t count;
      const wf_area *areas = areas_of(NATIONS[i].prefix, &count);
      for (size_t k = 0; k < count; k++)
        if (strcmp(areas[k].code, "KR-11") != 0) assert_true(wf_warn_probability(&here, &areas[k]) < 0.5);
    }
  }
}

static void check_area(const wf_area *a, const char *prefix) {
  assert_int_equal(strncmp(a->code, prefix, 3), 0);
  assert_true(a->name_en[0] != '\0' && a->name_ja[0] != '\0' && a->name_ko[0] != '\0' && a->ring_count > 0);
  const double *p = a->lat_lon_rad;
  for (uint32_t r = 0; r < a->ring_count; r++) {
    assert_true(a->ring_points[r] >= 3);
    for (uint32_t i = 0; i < a->ring_points[r]; i++, p += 2)
      assert_true(p[0] > -WF_PI / 2 && p[0] < WF_PI / 2 && p[1] >= -WF_PI && p[1] <= WF_PI);
  }
}

static void test_tables(void **state) {
  for (int i = 0; i < 3; i++) {
    size_t count;
    const wf_area *areas = areas_of(NATIONS[i].prefix, &count);
    assert_int_equal(count, NATIONS[i].count);
    for (size_t k = 0; k < count; k++) {
      check_area(&areas[k], NATIONS[i].prefix);
      if (k > 0) assert_true(strcmp(areas[k - 1].code, areas[k].code) < 0);
    }
  }
  size_t count = 1;
  assert_null(wf_areas_of((wf_nation){"FRA"}, &count));
  assert_int_equal(count, 0);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  names_path = argv[1];
  places_path = argv[2];
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_seats), cmocka_unit_test(test_places),
                                     cmocka_unit_test(test_elsewhere), cmocka_unit_test(test_tables)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
