// The policy file: what it says becomes rules; every wrong place is told with its line, and then nothing is loaded.
#include "../wf_test.h"
#include "io/policy_yaml.h"

typedef struct heard {
  unsigned long line[32];
  char what[32][160];
  int count;
} heard;

static void hear(void *context, const char *file, unsigned long line, const char *what) {
  heard *h = context;
  assert_string_equal(file, "policy.yaml");
  assert_true(h->count < 32);
  h->line[h->count] = line;
  snprintf(h->what[h->count], sizeof h->what[0], "%s", what);
  h->count++;
}

static const wf_sensor sensors[] = {{.name = "RADAR-N"}, {.name = "RADAR-S"}};
static const wf_nation own = {"JPN"};

static wf_status parse(const char *text, wf_release_policy *out, heard *h) {
  wf_diag diag = {hear, h, 0};
  memset(h, 0, sizeof *h);
  return wf_policy_parse("policy.yaml", text, strlen(text), own, sensors, 2, out, &diag);
}

static void reads_rules(void **state) {
  static const char text[] =
      "version: 1\n"
      "rules:\n"
      "  - audience: JPN KOR USA\n"
      "    profile: warning-data\n"
      "    withhold_sensors: [RADAR-S]\n"
      "    place_grain_m: 20000\n"
      "  - name: close\n"
      "    audience: USA JPN\n"
      "    kinds: [detection, plot]\n"
      "    hide_plot_count: yes\n";
  wf_release_policy p, again;
  heard h;
  assert_int_equal(parse(text, &p, &h), WF_OK);
  assert_int_equal(h.count, 0);
  assert_int_equal(p.rule_count, 2);
  assert_string_equal(p.rule[0].name, "warning-data JPN KOR USA");
  assert_int_equal(p.rule[0].audience.count, 3);
  assert_true(p.rule[0].sensors_deny_low == 2);
  assert_true(p.rule[0].place_grain_m == 20000.0);
  assert_int_equal(p.rule[0].hide_coverage, 1);
  assert_int_equal(p.rule[1].kinds, WF_RELEASE_DETECTION | WF_RELEASE_PLOT);
  assert_int_equal(p.rule[1].hide_plot_count, 1);
  assert_true(p.rule[1].place_grain_m == 0.0);
  assert_int_equal(parse(text, &again, &h), WF_OK);
  assert_true(p.version == again.version && p.version != 0);
}

static void reads_guard_regions_and_fields(void **state) {
  static const char text[] =
      "version: 1\n"
      "rules:\n"
      "  - audience: JPN KOR USA\n"
      "    profile: warning-data\n"
      "    guard: medium\n"
      "    first_hold_s: 5\n"
      "    guard_grid_s: 4\n"
      "    min_interval_s: 6\n"
      "    delay_s: 30\n"
      "    only_above_m: 100000\n"
      "    hide: [sources, launch_time]\n"
      "    withhold_regions: [\"33 35 124 132\"]\n"
      "    only_regions: [\"30 45 120 150\", \"-10 10 170 -170\"]\n"
      "  - name: metres\n"
      "    audience: JPN USA\n"
      "    kinds: [tracklet]\n"
      "    guard: 700\n";
  wf_release_policy p;
  heard h;
  if (parse(text, &p, &h) != WF_OK) fail_msg("line %lu: %s", h.line[0], h.what[0]);
  const wf_release_rule *r = &p.rule[0];
  assert_true(r->guard_sigma_m == 500.0 && r->guard_hold_s == 5.0 && r->guard_grid_s == 4.0);
  assert_true(r->min_interval_s == 6.0 && r->delay_s == 30.0 && r->only_above_m == 100e3);
  assert_true(wf_release_guard_of(r).grid_s == 6.0);
  assert_int_equal(r->hidden, WF_HIDE_SOURCES | WF_HIDE_LAUNCH_TIME);
  assert_int_equal(r->withhold_count, 1);
  assert_int_equal(r->only_count, 2);
  assert_true(r->only[1].lon_rad[0] > r->only[1].lon_rad[1]);
  assert_true(p.rule[1].guard_sigma_m == 700.0 && p.rule[1].guard_hold_s == 0.0);
}

static void refuses_bad_guards_and_regions(void **state) {
  static const char *const bad[] = {"guard: strong",           "guard: 5",
                                    "first_hold_s: 200",       "delay_s: -1",
                                    "hide: [everything]",      "withhold_regions: [\"35 33 124 132\"]",
                                    "only_regions: [\"1 2\"]", "only_regions: [\"10 20 100 190\"]",
                                    "min_interval_s: often",   "guard_grid_s: 100",
                                    "only_above_m: 300000"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char text[512];
    wf_release_policy p;
    heard h;
    snprintf(text, sizeof text, "version: 1\nrules:\n  - audience: JPN USA\n    profile: plots\n    %s\n", bad[i]);
    if (parse(text, &p, &h) == WF_OK) fail_msg("accepted: %s", bad[i]);
    assert_int_equal(h.line[0], 5);
    assert_int_equal(p.rule_count, 0);
  }
}

typedef struct row {
  const char *text;
  unsigned long line;
  const char *says;
} row;

#define HEAD "version: 1\nrules:\n"
static const row rows[] = {
    {"", 1, "empty"},
    {"version: [", 2, "not YAML"},
    {"version: 2\nrules: []\n", 1, "not understood"},
    {"rules: []\n", 1, "version"},
    {HEAD "  - audience: JPN\n    profile: plots\n", 3, "two or more"},
    {HEAD "  - audience: jpn kor\n    profile: plots\n", 3, "list of two or more"},
    {HEAD "  - audience: KOR USA\n    profile: plots\n", 3, "JPN itself is not in"},
    {HEAD "  - audience: JPN KOR\n    profile: all\n", 4, "not a built-in profile"},
    {HEAD "  - audience: JPN KOR\n", 3, "would allow nothing"},
    {HEAD "  - audience: JPN KOR\n    kinds: [launch]\n", 3, "needs a name"},
    {HEAD "  - audience: JPN KOR\n    name: a\n    kinds:\n      - launch\n      - everything\n", 7, "is not one of"},
    {HEAD "  - audience: JPN KOR\n    profile: plots\n    time_grain_s: soon\n", 5, "not a number from 0 to 60"},
    {HEAD "  - audience: JPN KOR\n    profile: plots\n    time_grain_s: -1\n", 5, "not a number"},
    {HEAD "  - audience: JPN KOR\n    profile: plots\n    place_grain_m: nan\n", 5, "not a number"},
    {HEAD "  - audience: JPN KOR\n    profile: plots\n    hide_coverage: maybe\n", 5, "yes or no"},
    {HEAD "  - audience: JPN KOR\n    profile: plots\n    withhold_sensors: [RADAR-X]\n", 5,
     "no sensor of this nation"},
    {HEAD "  - audience: JPN KOR\n    profile: plots\n    color: red\n", 5, "color"},
    {HEAD
     "  - audience: JPN KOR\n    profile: plots\n    name: a\n  - audience: JPN USA\n    profile: plots\n    name: a\n",
     8, "there twice"},
};

static void names_every_wrong_place(void **state) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    wf_release_policy p;
    heard h;
    const wf_status status = parse(rows[i].text, &p, &h);
    if (status == WF_OK || h.count != 1 || h.line[0] != rows[i].line || strstr(h.what[0], rows[i].says) == NULL)
      fail_msg("row %zu: status %s, %d told, line %lu: %s", i, wf_status_name(status), h.count, h.line[0], h.what[0]);
    assert_int_equal(p.rule_count, 0);
  }
}

static void a_missing_file_is_told(void **state) {
  heard h = {0};
  wf_release_policy p;
  wf_diag diag = {NULL, &h, 0};
  assert_int_equal(wf_policy_load("/nonexistent/policy.yaml", own, sensors, 2, &p, &diag), WF_EIO);
  assert_int_equal(diag.count, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_rules),
      cmocka_unit_test(reads_guard_regions_and_fields),
      cmocka_unit_test(refuses_bad_guards_and_regions),
      cmocka_unit_test(names_every_wrong_place),
      cmocka_unit_test(a_missing_file_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
