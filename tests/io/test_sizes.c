// The sizes of impact areas over time, as consoles get them.
#include "feed_sizes.h"
#include "wf_test.h"

static wf_time at(double s) {
  return wf_time_from_s(1700000000.0 + s);
}

static wf_impact_area area(double impact_s, double semi_major_m) {
  return (wf_impact_area){.valid = true, .time = at(impact_s), .area.semi_major_95_m = semi_major_m};
}

static json_int_t cell(const json_t *list, size_t event, size_t row, size_t column) {
  const json_t *rows = json_object_get(json_array_get(list, event), "rows");
  const json_t *value = json_array_get(json_array_get(rows, row), column);
  return json_is_integer(value) ? json_integer_value(value) : -1;
}

static size_t rows_of(const json_t *list, size_t event) {
  return json_array_size(json_object_get(json_array_get(list, event), "rows"));
}

static void rows_from_the_first_area_to_the_impact(void **state) {
  feed_sizes *sizes = feed_sizes_new();
  wf_value_event event = {.event = 7, .nation_count = 2};
  memcpy(event.nation[0].nation.code, "KOR", 4);
  memcpy(event.nation[1].nation.code, "JPN", 4);
  const wf_value_event *list[] = {&event};
  feed_sizes_note(sizes, at(0), list, 1);  // nobody knows an area yet
  event.shared.latest = area(100, 61000);
  event.nation[1].alone.latest = area(100, 88000.6);
  for (double t = 10; t < 140; t += 1) feed_sizes_note(sizes, at(t), list, 1);
  json_t *json = feed_sizes_json(sizes);
  assert_int_equal(json_array_size(json), 1);
  assert_string_equal(json_string_value(json_object_get(json_array_get(json, 0), "event")), "0000000000000007");
  assert_string_equal(json_string_value(json_object_get(json_array_get(json, 0), "from")), "2023-11-14T22:13:30.000Z");
  assert_int_equal(rows_of(json, 0), 23);  // 10, 14, … 98: every 4 s until the impact
  assert_int_equal(cell(json, 0, 1, 0), 4);
  assert_int_equal(cell(json, 0, 1, 1), 61000);
  assert_int_equal(cell(json, 0, 1, 2), -1);
  assert_int_equal(cell(json, 0, 1, 3), 88001);
  json_decref(json);
  feed_sizes_free(sizes);
}

// An event of hours and very many events stay within their bounds; the newest row is always there.
static void memory_is_bounded(void **state) {
  feed_sizes *sizes = feed_sizes_new();
  wf_value_event event = {.event = 1};
  const wf_value_event *list[] = {&event};
  event.shared.latest = area(1e6, 1000);
  for (int i = 0; i < 5000; i++) feed_sizes_note(sizes, at(4.0 * i), list, 1);
  json_t *json = feed_sizes_json(sizes);
  size_t rows = rows_of(json, 0);
  assert_in_range(rows, 80, 160);
  assert_int_equal(cell(json, 0, 0, 0), 0);
  assert_int_equal(cell(json, 0, rows - 1, 0), 4 * 4999);
  json_decref(json);
  for (uint64_t e = 2; e < 500; e++) {
    event.event = e;
    feed_sizes_note(sizes, at(30000), list, 1);
  }
  json = feed_sizes_json(sizes);
  assert_in_range(json_array_size(json), 10, 64);
  json_decref(json);
  feed_sizes_free(sizes);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rows_from_the_first_area_to_the_impact),
                                     cmocka_unit_test(memory_is_bounded)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
