// Announced windows as they are published, and what is no window.
#include "../wf_test.h"
#include "base/fmath.h"
#include "warn/windows.h"

static wf_time at(const char *text) {
  wf_time t;
  assert_int_equal(wf_time_parse(text, &t), WF_OK);
  return t;
}

static wf_window out[WF_WINDOWS_MAX];
static size_t count;
static char reason[96];

static void parse(const char *text) {
  const wf_status status = wf_windows_parse(text, strlen(text), at("2023-05-29T00:00:00Z"), out, &count, reason);
  if (status != WF_OK) fail_msg("%s: %s", text, reason);
}

static void test_hydropac(void **state) {
  parse(
      "HYDROPAC 1234/23. WESTERN NORTH PACIFIC. 1. HAZARDOUS OPERATIONS, SPACE DEBRIS 301500Z MAY TO 101500Z JUN, IN "
      "AREAS BOUND BY:\nA. 36-05.5N 123-22.0E, 36-05.5N 123-39.0E,\n   35-22-30N 123-39-00E, 35-22-30N 123-22-00E.\n"
      "B. 33-40N 122-53E, 33-40N 123-30E, 34-57N 123-30E, 34-57N 122-53E, 33-40N 122-53E.\n2. CANCEL THIS MSG 101600Z "
      "JUN "
      "23.");
  assert_int_equal(count, 2);
  assert_string_equal(out[0].zone, "A");
  assert_int_equal(out[0].point_count, 4);
  assert_int_equal(out[1].point_count, 4);  // closed in the text
  assert_int_equal(out[0].from.ns, at("2023-05-30T15:00:00Z").ns);
  assert_int_equal(out[1].to.ns, at("2023-06-10T15:00:00Z").ns);
  assert_true(wf_hypot(out[0].lat_lon_rad[0] / WF_DEG - 36.0916667, out[0].lat_lon_rad[4] / WF_DEG - 35.375) < 1e-6);
  const double lat = 36 * WF_DEG, lon = 123.5 * WF_DEG;
  assert_int_equal(wf_windows_match(out, count, lat, lon, at("2023-05-31T00:00:00Z")), WF_WINDOW_INSIDE);
  assert_int_equal(wf_windows_match(out, count, lat, lon, at("2023-05-30T14:59:59Z")), WF_WINDOW_PLACE_ONLY);
  assert_int_equal(wf_windows_match(out, count, lat, 125 * WF_DEG, at("2023-05-31T00:00:00Z")), WF_WINDOW_NOWHERE);
}

static void test_daily_and_notam(void **state) {
  parse(
      "NAVAREA XI 0134/09. ROCKET LAUNCHING 0200Z TO 0700Z DAILY 04 TO 08 APR 09 IN AREA BOUNDED BY 40-41.73N "
      "135-34.75E, "
      "40-27.37N 138-30.67E, 40-16.57N 138-30.37E, 40-30.87N 135-34.43E");
  assert_int_equal(count, 1);
  assert_int_equal(out[0].daily_from_s, 7200);
  assert_int_equal(out[0].from.ns, at("2009-04-04T00:00:00Z").ns);
  const double lat = 40.5 * WF_DEG, lon = 137 * WF_DEG;
  assert_int_equal(wf_windows_match(out, 1, lat, lon, at("2009-04-05T02:30:00Z")), WF_WINDOW_INSIDE);
  assert_int_equal(wf_windows_match(out, 1, lat, lon, at("2009-04-05T08:30:00Z")), WF_WINDOW_PLACE_ONLY);
  parse("A) RJJJ B) 2311211500 C) 2311301500 E) AREA BOUNDED BY 364500N1232000E-364500N1234000W-353000S1234000W");
  assert_int_equal(out[0].from.ns, at("2023-11-21T15:00:00Z").ns);
  assert_true(out[0].lat_lon_rad[3] < 0 && out[0].lat_lon_rad[4] < 0);
}

static void test_a_notice_in_few_words(void **state) {
  wf_bulletin b;
  parse(
      "NAVAREA XI 0342/23 301500Z MAY TO 101500Z JUN A. 36-05.5N 123-22.0E, 36-05.5N 123-39.0E, 35-22.5N 123-39.0E "
      "B. 14-00N 129-00E, 14-00N 130-00E, 11-30N 130-00E");
  assert_int_equal(wf_windows_bulletin(out, count, "NAVAREA XI 0342/23", &b), WF_OK);
  assert_int_equal(b.kind, WF_BULLETIN_NOTICE);
  assert_int_equal(b.from.ns, at("2023-05-30T15:00:00Z").ns);
  assert_int_equal(b.to.ns, at("2023-06-10T15:00:00Z").ns);
  assert_true(b.place.semi_major_95_m > 1300e3 && b.place.semi_major_95_m < 1450e3);
  assert_string_equal(b.origin, "NAVAREA XI 0342/23");
  parse("NOTAM 301500Z MAY TO 101500Z JUN 10-00N 179-30E, 10-00N 179-30W, 11-00N 179-30W");
  assert_int_equal(wf_windows_bulletin(out, count, "across", &b), WF_OK);  // across the antimeridian
  assert_true(b.place.semi_major_95_m < 100e3 && wf_cos(b.place.lon_rad) < -0.999);
  assert_int_equal(wf_windows_bulletin(out, 0, "", &b), WF_EINVAL);
}

static void test_dates(void **state) {
  parse("2012-12-10..22 07:00-12:00 KST daily 35-44.10N 124-30.50E 35-44.12N 124-54.38E 34-58.72N 124-56.18E");
  assert_int_equal(out[0].daily_from_s, 22 * 3600);  // 07:00 in Korea
  assert_int_equal(out[0].daily_to_s, 3 * 3600);
  parse("2023-05-30 15:00 .. 2023-06-10 15:00 UTC 36-42N 123-30E");
  assert_int_equal(out[0].point_count, 1);
  parse("2023-11-22 00:00 .. 12-01 00:00 JST 36-42N 123-30E");
  assert_int_equal(out[0].from.ns, at("2023-11-21T15:00:00Z").ns);
  parse("281500Z DEC TO 031500Z JAN 24 10-00N 179-00E 10-00N 179-00W 12-00N 179-00W 12-00N 179-00E");
  assert_int_equal(out[0].from.ns, at("2023-12-28T15:00:00Z").ns);
  assert_int_equal(wf_windows_match(out, 1, 11 * WF_DEG, 179.9 * WF_DEG, at("2024-01-01T00:00:00Z")), WF_WINDOW_INSIDE);
  assert_int_equal(wf_windows_match(out, 1, 11 * WF_DEG, 178.0 * WF_DEG, at("2024-01-01T00:00:00Z")),
                   WF_WINDOW_NOWHERE);
}

static void test_what_is_no_window(void **state) {
  static const char *const TEXTS[] = {"",
                                      "36-42N 123-30E",
                                      "301500Z MAY TO 101500Z JUN",
                                      "301500Z MAY TO 101500Z JUN 36-42N 123-30E 36-43N 123-31E",
                                      "331500Z MAY TO 101500Z JUN 36-42N 123-30E",
                                      "101500Z JUN TO 301500Z MAY 23 36-42N",
                                      "2012-12-10..22 07:00-12:00 PYT daily 35-44N 124-30E",
                                      "301500Z MAY TO 101500Z JUN 96-42N 123-30E",
                                      "301500Z MAY TO 101500Z JUN 36-72N 123-30E"};
  for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
    const wf_status status =
        wf_windows_parse(TEXTS[i], strlen(TEXTS[i]), at("2023-05-29T00:00:00Z"), out, &count, reason);
    if (status == WF_OK) fail_msg("taken: %s", TEXTS[i]);
    assert_true(reason[0] != '\0');
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_hydropac), cmocka_unit_test(test_daily_and_notam),
                                     cmocka_unit_test(test_a_notice_in_few_words), cmocka_unit_test(test_dates),
                                     cmocka_unit_test(test_what_is_no_window)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
