// The checker: one row per rule; what is written here passes; hostile input is refused in bounded time.
#include <stdlib.h>
#include <time.h>

#include "../wf_test.h"
#include "base/rng.h"
#include "products.h"
#include "warn/cap.h"

static const char GOOD[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<alert "
    "xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>X-1</identifier><sender>node@example.org</sender>"
    "<sent>2026-11-22T06:00:00-00:00</sent><status>Exercise</status><msgType>Alert</msgType><scope>Public</scope>"
    "<info><language>en</language><category>Security</category><event>Ballistic missile</event>"
    "<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Likely</certainty>"
    "<expires>2026-11-22T06:30:00-00:00</expires><web>https://example.org/a</web>"
    "<resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType><size>10</size></resource>"
    "<area><areaDesc>Test</areaDesc>"
    "<polygon>38.0,128.0 38.5,128.0 38.5,128.5 38.0,128.0</polygon><circle>38.0,128.0 25</circle>"
    "<altitude>0</altitude><ceiling>100</ceiling></area></info></alert>";

typedef struct row {
  const char *rule;  // "" accept
  const char *from, *to;
} row;

#define DOCTYPE "<?xml version=\"1.0\"?>\n<!DOCTYPE alert [<!ENTITY a \"b\">]>\n<alert xmlns"
#define SIGNED "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><x/></Signature>"

static const row ROWS[] = {
    {"", "X-1", "X-1"},
    {"", "<info>", "<!-- a comment --><info>"},
    {"", "<sent>2026-11-22T06:00:00-00:00", "<sent> 2026-11-22T15:00:00+09:00\n"},
    {"", "</info></alert>", "</info>" SIGNED "</alert>"},
    {"", "xmlns=", "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\" xmlns="},
    {"2-no-doctype", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<alert xmlns", DOCTYPE},
    {"2-no-doctype", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "<!DOCTYPE alert SYSTEM \"file:///etc/passwd\">"},
    {"3-well-formed", "</info></alert>", "</alert></info>"},
    {"3-well-formed", "Test<", "&a;<"},
    {"3-well-formed", "Test<", "\xff\xfe<"},
    {"3-well-formed", "<info>", "<p:info>"},
    {"4-root", "cap:1.2", "cap:1.1"},
    {"5-expected-element", "<scope>Public</scope>", "<scope>Public</scope><what>Public</what>"},
    {"5-expected-element", "<info><language>en</language><category>Security</category>",
     "<info><category>Security</category><language>en</language>"},
    {"5-expected-element", "</info></alert>", "</info>" SIGNED "<incidents>a</incidents></alert>"},
    {"5-expected-element", "<info>", "<note xmlns=\"urn:a\">b</note><info>"},
    {"6-required-element", "<scope>Public</scope>", ""},
    {"6-required-element", "<areaDesc>Test</areaDesc>", ""},
    {"7-repeated-element", "<scope>Public</scope>", "<scope>Public</scope><scope>Public</scope>"},
    {"8-attribute", "<identifier>", "<identifier a=\"b\">"},
    {"9-content", "<info>", "<info>text"},
    {"9-content", "Ballistic missile", "<b>Ballistic</b>"},
    {"10-choice", "Exercise", "exercise"},
    {"10-choice", "Exercise", "Exercise System"},
    {"10-choice", "Exercise", "xercise"},
    {"10-choice", "<status>Exercise", "<status> Exercise"},
    {"11-time", "06:00:00-00:00", "06:00:00Z"},
    {"11-time", "06:00:00-00:00", "06:00:00.5-00:00"},
    {"11-time", "06:00:00-00:00", "06:00:00,00:00"},
    {"11-time", "11-22T06:00", "11-31T06:00"},
    {"11-time", "06:00:00-00:00", "06:00:60-00:00"},
    {"11-time", "06:00:00-00:00", "06:00:00+14:01"},
    {"12-language", "<language>en<", "<language>en_US<"},
    {"13-number", "<size>10<", "<size>1e3<"},
    {"13-number", "<altitude>0<", "<altitude>low<"},
    {"14-uri", "https://example.org/a", "http://[/"},
    {"15-identifier", "X-1", "X 1"},
    {"15-identifier", "X-1", ""},
    {"16-sender", "node@example.org", "node@example.org, other"},
    {"16-sender", "node@example.org", "a&amp;b"},
    {"17-utc-zone", "06:30:00-00:00", "06:30:00+00:00"},
    {"18-references-missing", "<msgType>Alert", "<msgType>Update"},
    {"18-references-missing", "<msgType>Alert", "<msgType>Cancel"},
    {"18-references-missing", "<msgType>Alert", "<msgType>Ack"},
    {"18-references-missing", "<msgType>Alert", "<msgType>Error"},
    {"18-references-missing", "Alert</msgType><scope>Public</scope>",
     "Update</msgType><scope>Public</scope><references> </references>"},
    {"19-references-form", "Alert</msgType><scope>Public</scope>",
     "Update</msgType><scope>Public</scope><references>a,b</references>"},
    {"19-references-form", "Alert</msgType><scope>Public</scope>",
     "Update</msgType><scope>Public</scope><references>a,b,2026-11-22T05:50:00Z</references>"},
    {"", "Alert</msgType><scope>Public</scope>",
     "Update</msgType><scope>Public</scope><references>a,b,2026-11-22T05:50:00-00:00 a,c,2026-11-22T05:51:00+09:00"
     "</references>"},
    {"20-restriction-missing", "Public", "Restricted"},
    {"21-addresses-missing", "Public", "Private"},
    {"", "<scope>Public</scope>", "<scope>Restricted</scope><restriction>agencies</restriction>"},
    {"", "<scope>Public</scope>", "<scope>Private</scope><addresses>a@example.org</addresses>"},
    {"22-expires", "06:30:00-00:00", "06:00:00-00:00"},
    {"22-expires", "06:30:00-00:00", "14:59:59+09:00"},
    {"23-polygon-form", "38.5,128.5 ", "38.5;128.5 "},
    {"23-polygon-form", "38.5,128.5 ", "38.5,nan "},
    {"23-polygon-form", "38.5,128.5 ", "38.5,1e2 "},
    {"24-polygon-points", "38.5,128.5 ", ""},
    {"25-polygon-closed", "38.5,128.5 38.0,128.0", "38.5,128.5 38.0,128.1"},
    {"26-polygon-range", "38.5,128.5 ", "38.5,180.5 "},
    {"26-polygon-range", "38.5,128.5 ", "-90.5,128.5 "},
    {"27-polygon-crosses", "38.0,128.0 38.5,128.0 38.5,128.5 38.0,128.0",
     "38.0,128.0 38.5,128.5 38.5,128.0 38.0,128.5 38.0,128.0"},
    {"27-polygon-crosses", "38.0,128.0 38.5,128.0 38.5,128.5 38.0,128.0",
     "38.0,179.9 38.5,-179.9 38.5,179.9 38.0,-179.9 38.0,179.9"},
    {"", "38.0,128.0 38.5,128.0 38.5,128.5 38.0,128.0", "38.0,179.9 38.0,-179.9 38.5,-179.9 38.5,179.9 38.0,179.9"},
    {"29-circle-form", "38.0,128.0 25", "38.0,128.0"},
    {"29-circle-form", "38.0,128.0 25", "38.0 128.0 25"},
    {"30-circle-radius", "38.0,128.0 25", "38.0,128.0 -1"},
    {"30-circle-radius", "38.0,128.0 25", "38.0,128.0 99999"},
    {"31-circle-range", "38.0,128.0 25", "98.0,128.0 25"},
    {"32-ceiling", "<altitude>0</altitude>", ""},
    {"32-ceiling", "<altitude>0</altitude>", "<altitude>200</altitude>"},
    {"33-empty", "<areaDesc>Test", "<areaDesc> "},
};

// GOOD with one piece replaced.
static size_t mutate(const row *r, char *out, size_t size) {
  const char *at = strstr(GOOD, r->from);
  assert_non_null(at);
  const int n = snprintf(out, size, "%.*s%s%s", (int)(at - GOOD), GOOD, r->to, at + strlen(r->from));
  assert_true(n > 0 && (size_t)n < size);
  return (size_t)n;
}

static void test_one_row_per_rule(void **state) {
  char xml[4096], rule[48], detail[160];
  const wf_cap_rule *rules;
  const size_t count = wf_cap_rules(&rules);
  bool seen[64] = {0};
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    const size_t size = mutate(&ROWS[i], xml, sizeof xml);
    const wf_cap_verdict verdict = wf_cap_check(xml, size, rule, detail);
    if (strcmp(rule, ROWS[i].rule) != 0) print_message("%s -> %s: %s\n", ROWS[i].from, ROWS[i].to, detail);
    assert_string_equal(rule, ROWS[i].rule);
    assert_int_equal(verdict == WF_CAP_ACCEPT, ROWS[i].rule[0] == '\0');
    assert_int_equal(detail[0] == '\0', ROWS[i].rule[0] == '\0');
    seen[atoi(rule)] = true;
  }
  // 1 and 28 have tests of their own: their messages are large.
  for (size_t i = 0; i < count; i++) assert_true(seen[rules[i].number] || i + 1 == 1 || i + 1 == 28);
}

static void test_sizes(void **state) {
  char rule[48], detail[160];
  char *large = malloc(WF_CAP_CHECK_MAX + 1);
  assert_non_null(large);
  memset(large, ' ', WF_CAP_CHECK_MAX + 1);
  assert_int_equal(wf_cap_check(large, 0, rule, detail), WF_CAP_REJECT);
  assert_string_equal(rule, "1-size");
  assert_int_equal(wf_cap_check(large, WF_CAP_CHECK_MAX + 1, rule, detail), WF_CAP_REJECT);
  assert_string_equal(rule, "1-size");
  assert_int_equal(wf_cap_check(large, WF_CAP_CHECK_MAX, rule, detail), WF_CAP_REJECT);
  assert_string_equal(rule, "3-well-formed");
  free(large);
}

// A ring of `points` pairs in place of the polygon.
static size_t with_ring(char *out, size_t size, int points) {
  const char *at = strstr(GOOD, "38.0,128.0 38.5"), *rest = strstr(GOOD, "</polygon>");
  size_t n = (size_t)snprintf(out, size, "%.*s", (int)(at - GOOD), GOOD);
  for (int i = 0; i < points; i++)
    n += (size_t)snprintf(out + n, size - n, "%d.%05d,%d ", i % 2 == 0 || i == points - 1 ? 10 : 20,
                          i == points - 1 ? 0 : i, i == points - 1 ? 0 : i % 2);
  n += (size_t)snprintf(out + n, size - n, "%s", rest);
  assert_true(n < size);
  return n;
}

static void test_work_is_bounded(void **state) {
  static char xml[1 << 20];
  char rule[48], detail[160];
  const clock_t start = clock();
  wf_cap_check(xml, with_ring(xml, sizeof xml, 20000), rule, detail);
  const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  print_message("20,000 points: %.2f s, %s\n", seconds, rule);
  assert_true(seconds < 5.0);
  assert_int_equal(wf_cap_check(xml, with_ring(xml, sizeof xml, 20001), rule, detail), WF_CAP_REJECT);
  assert_string_equal(rule, "28-polygon-size");
}

static void test_deep_nesting_is_refused(void **state) {
  static char xml[900000];
  char rule[48], detail[160];
  size_t n = 0;
  for (int i = 0; i < 200000; i++) n += (size_t)snprintf(xml + n, sizeof xml - n, "<a>");
  assert_int_equal(wf_cap_check(xml, n, rule, detail), WF_CAP_REJECT);
  assert_string_equal(rule, "3-well-formed");
}

static void test_what_is_written_passes(void **state) {
  static const char *const NATIONS[] = {"JPN", "KOR", "USA"};
  static char xml[256 * 1024];
  char rule[48], detail[160];
  size_t length;
  for (int i = 0; i < 3 * 3 * 8; i++) {
    const wf_product p = test_product(NATIONS[i / 24], WF_MODE_LIVE + i / 8 % 3, WF_STAGE_LAUNCH_NOTICE + i % 8);
    assert_int_equal(wf_cap_write(&p, "a@b", TEST_AREAS, TEST_AREA_COUNT, xml, sizeof xml, &length), WF_OK);
    assert_int_equal(wf_cap_check(xml, length, rule, detail), WF_CAP_ACCEPT);
  }
}

static void test_every_ellipse_passes(void **state) {
  static char xml[256 * 1024];
  char rule[48], detail[160];
  size_t length;
  wf_rng rng;
  const uint64_t seed = 20261123;
  wf_rng_seed(&rng, seed);
  for (int i = 0; i < 2000 + TEST_PLACE_COUNT; i++) {
    wf_product p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_AREA);
    wf_ground_ellipse *e = &p.impact.area;
    if (i < TEST_PLACE_COUNT) {
      *e = TEST_PLACES[i];
    } else {
      e->lat_rad = (wf_rng_uniform(&rng) - 0.5) * WF_PI;
      e->lon_rad = (wf_rng_uniform(&rng) - 0.5) * 2 * WF_PI;
      e->semi_major_95_m = wf_exp(wf_rng_uniform(&rng) * 15);
      e->semi_minor_95_m = e->semi_major_95_m * wf_exp(-6 * wf_rng_uniform(&rng));
      e->azimuth_rad = wf_rng_uniform(&rng) * 2 * WF_PI;
    }
    assert_int_equal(wf_cap_write(&p, "a@b", NULL, 0, xml, sizeof xml, &length), WF_OK);
    if (wf_cap_check(xml, length, rule, detail) != WF_CAP_ACCEPT)
      print_message("seed %llu, %d: %s %s at %f %f, %f × %f m, %f\n", (unsigned long long)seed, i, rule, detail,
                    e->lat_rad, e->lon_rad, e->semi_major_95_m, e->semi_minor_95_m, e->azimuth_rad);
    assert_string_equal(rule, "");
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_one_row_per_rule),       cmocka_unit_test(test_sizes),
      cmocka_unit_test(test_work_is_bounded),        cmocka_unit_test(test_deep_nesting_is_refused),
      cmocka_unit_test(test_what_is_written_passes), cmocka_unit_test(test_every_ellipse_passes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
