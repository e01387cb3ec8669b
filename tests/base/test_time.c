#include <math.h>
#include <time.h>

#include "../wf_test.h"
#include "base/rng.h"
#include "base/time.h"

static const uint64_t SEED = 3339;

static const char *shown(int64_t ns, int decimals) {
  static char text[WF_TIME_RFC3339_SIZE];
  return wf_time_format((wf_time){ns}, decimals, text);
}

static void formats(void **state) {
  (void)state;
  assert_string_equal(shown(0, 0), "1970-01-01T00:00:00Z");
  assert_string_equal(shown(-1, 9), "1969-12-31T23:59:59.999999999Z");
  assert_string_equal(shown(-1, 0), "1969-12-31T23:59:59Z");  // cut, never rounded up
  assert_string_equal(shown(1795448635123456789, 9), "2026-11-23T15:43:55.123456789Z");
  assert_string_equal(shown(1795448635123456789, 3), "2026-11-23T15:43:55.123Z");
  assert_string_equal(shown(951782399999999999, 1), "2000-02-28T23:59:59.9Z");
  assert_string_equal(shown(951782400000000000, -3), "2000-02-29T00:00:00Z");
  assert_string_equal(shown(INT64_MAX, 20), "2262-04-11T23:47:16.854775807Z");
  assert_string_equal(shown(INT64_MIN, 9), "1677-09-21T00:12:43.145224192Z");
}

static void parses(void **state) {
  (void)state;
  const struct {
    const char *text;
    int64_t ns;
  } rows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-23T15:43:55.123456789Z", 1795448635123456789},
      {"2026-11-23T15:43:55.1234567891234Z", 1795448635123456789},
      {"2026-11-24T00:43:55.5+09:00", 1795448635500000000},
      {"2026-11-23T10:13:55-05:30", 1795448635000000000},
      {"2000-02-29T00:00:00Z", 951782400000000000},
      {"1969-12-31T23:59:59.999999999Z", -1},
      {"2016-12-31T23:59:60Z", 1483228800000000000},  // a leap second is the next second
      {"2017-01-01T08:59:60.25+09:00", 1483228800250000000},
      {"2262-04-11T23:47:16.854775807Z", INT64_MAX},
      {"1677-09-21T00:12:43.145224192Z", INT64_MIN},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    wf_time t = {7};
    assert_int_equal(wf_time_parse(rows[i].text, &t), WF_OK);
    assert_true(t.ns == rows[i].ns);
  }
}

static void refuses(void **state) {
  (void)state;
  const char *const rows[] = {
      "",
      "now",
      "2026-11-23",
      "2026-11-23T15:43:55",
      "2026-11-23T15:43:55.Z",
      "2026-11-23T15:43Z",
      "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z",
      "2026-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "2026-04-00T00:00:00Z",
      "2026-11-23T24:00:00Z",
      "2026-11-23T15:60:00Z",
      "2026-11-23T15:43:61Z",
      "2026-11-23T15:43:60Z",
      "2026-11-23 15:43:55Z",
      "2026-11-23T15:43:55z",
      "2026-11-23T15:43:55Z ",
      " 2026-11-23T15:43:55Z",
      "2026-11-23T15:43:55+0900",
      "2026-11-23T15:43:55+24:00",
      "2026-11-23T15:43:55+09:60",
      "2026-11-23T15:43:55+09",
      "+026-11-23T15:43:55Z",
      "2026-11-23T15:43:5\xc3Z",
      "0000-01-01T00:00:00Z",
      "2026-1-23T15:43:55Z",
      "2026-11-23T15:43:55-",
  };
  wf_time t = {7};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) assert_int_equal(wf_time_parse(rows[i], &t), WF_EFORMAT);
  assert_int_equal(wf_time_parse(NULL, &t), WF_EFORMAT);
  assert_int_equal(wf_time_parse("2262-04-11T23:47:16.854775808Z", &t), WF_ETIME);
  assert_int_equal(wf_time_parse("1677-09-21T00:12:43.145224191Z", &t), WF_ETIME);
  assert_int_equal(wf_time_parse("9999-12-31T23:59:59Z", &t), WF_ETIME);
  assert_true(t.ns == 7);  // untouched
}

static void round_trips(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  for (int i = 0; i < 200000; i++) {
    const int64_t ns = (int64_t)wf_rng_u64(&rng);
    wf_time t;
    const char *text = shown(ns, 9);
    assert_int_equal(wf_time_parse(text, &t), WF_OK);
    assert_true(t.ns == ns);
    const time_t s = (time_t)((ns - ((ns % WF_NS_PER_S) + WF_NS_PER_S) % WF_NS_PER_S) / WF_NS_PER_S);
    struct tm tm;
    gmtime_r(&s, &tm);
    char want[80];
    strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S", &tm);
    assert_memory_equal(text, want, 19);
  }
}

static void seconds(void **state) {
  (void)state;
  assert_true(wf_ns_from_s(1.5) == 1500000000 && wf_ns_from_s(-1.5) == -1500000000 && wf_ns_from_s(0.1) == 100000000);
  assert_true(wf_ns_from_s(4e-10) == 0 && wf_ns_from_s(6e-10) == 1 && wf_ns_from_s(-6e-10) == -1);
  assert_true(wf_ns_from_s(NAN) == 0 && wf_ns_from_s(INFINITY) == INT64_MAX && wf_ns_from_s(-INFINITY) == INT64_MIN);
  assert_true(wf_ns_from_s(1e10) == INT64_MAX && wf_ns_from_s(-1e10) == INT64_MIN);
  assert_true(wf_ns_from_s(9223372036.0) == 9223372036000000000 && wf_ns_from_s(-9223372036.0) == -9223372036000000000);
  assert_true(wf_ns_from_s(-9223372036.5) == -9223372036500000000);
  assert_true(wf_time_add_s((wf_time){INT64_MAX - 5}, 1.0).ns == INT64_MAX);
  assert_true(wf_time_add_s((wf_time){INT64_MIN + 5}, -1.0).ns == INT64_MIN);
  assert_true(wf_time_from_s(1795448635.0).ns == 1795448635000000000);
  assert_true(wf_time_to_s((wf_time){-1500000000}) == -1.5 &&
              wf_time_to_s((wf_time){1795448635500000000}) == 1795448635.5);
  assert_true(wf_time_diff_s((wf_time){2500000000}, (wf_time){0}) == 2.5);
  assert_true(wf_time_before((wf_time){1}, (wf_time){2}) && !wf_time_before((wf_time){2}, (wf_time){2}));
  assert_true(wf_mono_diff_ns((wf_mono){5}, (wf_mono){3}) == 2 && wf_time_diff_ns((wf_time){5}, (wf_time){3}) == 2);
}

int main(void) {
  print_message("seed %llu\n", (unsigned long long)SEED);
  const struct CMUnitTest tests[] = {cmocka_unit_test(formats), cmocka_unit_test(parses), cmocka_unit_test(refuses),
                                     cmocka_unit_test(round_trips), cmocka_unit_test(seconds)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
