// node.yaml: what is right loads, what is wrong is named with its line.
#include <stdlib.h>
#include <unistd.h>

#include "io/config.h"
#include "io/pki.h"
#include "wf_test.h"

#define DAY 86400
static char dir[64];

typedef struct told {
  unsigned long line[32];
  char text[32][256];
  unsigned count;
} told;

static void on_told(void *context, const char *file, unsigned long line, const char *what) {
  told *t = context;
  if (t->count < 32) {
    t->line[t->count] = line;
    snprintf(t->text[t->count], sizeof t->text[0], "%s", what);
  }
  t->count++;
}

static const char *write_file(const char *name, const char *text) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  return path;
}

static void ok(wf_status status, const char *reason) {
  if (status != WF_OK) fail_msg("%s", reason);
}

static void make_nation(const char *code, wf_mode mode, const char *name) {
  char authority[96], bundle[96], reason[WF_IO_REASON_SIZE];
  wf_nation nation;
  ok(wf_nation_parse(code, &nation), code);
  snprintf(authority, sizeof authority, "%s/%s", dir, name);
  snprintf(bundle, sizeof bundle, "%s/%s.pem", dir, name);
  ok(wf_pki_init(authority, nation, mode, 365 * DAY, false, reason), reason);
  const wf_pki_request r = {.role = WF_PKI_NODE, .name = "1", .from_s = -60, .for_s = DAY};
  ok(wf_pki_issue(authority, &r, reason), reason);
  ok(wf_pki_export(authority, bundle, false, reason), reason);
}

static int setup(void **state) {
  snprintf(dir, sizeof dir, "/tmp/wf_config_XXXXXX");
  assert_non_null(mkdtemp(dir));
  make_nation("JPN", WF_MODE_EXERCISE, "jpn");
  make_nation("USA", WF_MODE_EXERCISE, "usa");
  make_nation("USA", WF_MODE_LIVE, "usalive");
  return 0;
}

static int teardown(void **state) {
  char command[96];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command);
}

static const char GOOD[] =
    "nation: JPN\n"                                                                // 1
    "mode: exercise\n"                                                             // 2
    "keys:\n"                                                                      // 3
    "  certificate: jpn/node-1.pem\n"                                              // 4
    "  key: jpn/node-1.key\n"                                                      // 5
    "  signing_key: jpn/node-1.sign\n"                                             // 6
    "listen: 127.0.0.1:7701\n"                                                     // 7
    "partners:\n"                                                                  // 8
    "  - nation: USA\n"                                                            // 9
    "    address: \"[::1]:7702\"\n"                                                // 10
    "    trust: usa.pem\n"                                                         // 11
    "store: store.db\n"                                                            // 12
    "feed: feed.sock\n"                                                            // 13
    "udp:\n"                                                                       // 14
    "  - listen: 127.0.0.1:7800\n"                                                 // 15
    "sensors:\n"                                                                   // 16
    "  - name: JPN-R1\n"                                                           // 17
    "    kind: radar\n"                                                            // 18
    "    lat_deg: 43.1\n"                                                          // 19
    "    lon_deg: 141.3\n"                                                         // 20
    "    sigma_range_m: 30\n"                                                      // 21
    "    sigma_az_rad: 0.001\n"                                                    // 22
    "    sigma_el_rad: 0.0012\n"                                                   // 23
    "    scan_period_s: 5\n"                                                       // 24
    "    clutter_box: {range_m: [1e4, 1e6], az_rad: [-0.5, 1], el_rad: [0, 1]}\n"  // 25
    "  - {name: JPN-IR, kind: infrared, lat_deg: 0, lon_deg: 140, h_m: 3.5786e7, sigma_az_rad: 2e-5, sigma_el_rad: "
    "2e-5}\n"                                                                                   // 26
    "automatic: [launch_notice]\n"                                                              // 27
    "clock: {record_epoch: 2026-03-01T00:00:00Z, real_epoch: 2026-03-01T12:00:00Z, rate: 5}\n"  // 28
    "limits: {tracks: 100, cache_mb: 8}\n";                                                     // 29

static void good_one_loads_and_checks(void **state) {
  told t = {0};
  wf_diag diag = {on_told, &t, 0};
  wf_config *c = wf_config_load(write_file("node.yaml", GOOD), &diag);
  if (c == NULL) fail_msg("line %lu: %s", t.line[0], t.text[0]);
  assert_string_equal(c->nation.code, "JPN");
  assert_int_equal(c->mode, WF_MODE_EXERCISE);
  assert_int_equal(c->writer, 1);
  assert_string_equal(c->partner[0].address.host, "::1");
  assert_int_equal(c->partner[0].address.port, 7702);
  assert_int_equal(c->listen.port, 7701);
  assert_int_equal(c->sensor_count, 2);
  assert_true(c->sensors[0].lla.lat_rad > 0.752 && c->sensors[0].lla.lat_rad < 0.7523);
  assert_true(c->sensors[0].box_az_rad[0] == -0.5);
  assert_int_equal(c->sensors[1].kind, WF_SENSOR_INFRARED);
  assert_true(c->automatic[WF_STAGE_LAUNCH_NOTICE] && !c->automatic[WF_STAGE_AREA]);
  assert_true(c->rate == 5);
  assert_int_equal(c->limits.tracks, 100);
  assert_int_equal(c->limits.cache_bytes, 8 << 20);
  assert_true(c->policy.rule_count >= 1);
  char expected[128];
  snprintf(expected, sizeof expected, "%s/store.db", dir);
  assert_string_equal(c->store, expected);
  const unsigned long bad = wf_config_check(c, &diag);
  if (bad != 0) fail_msg("%s", t.text[0]);
  wf_config_free(c);
}

static void policy_file_is_read_and_held_against_the_partners(void **state) {
  static char text[8192];
  told t = {0};
  wf_diag diag = {on_told, &t, 0};
  snprintf(text, sizeof text, "%srelease: {policy: policy.yaml}\n", GOOD);
  write_file("policy.yaml",
             "version: 1\nrules:\n  - audience: JPN USA\n    profile: plots\n    withhold_sensors: [JPN-IR]\n");
  wf_config *c = wf_config_load(write_file("node.yaml", text), &diag);
  if (c == NULL) fail_msg("line %lu: %s", t.line[0], t.text[0]);
  assert_int_equal(c->policy.rule_count, 1);
  assert_true(c->policy.rule[0].sensors_deny_low == 2);
  wf_config_free(c);
  write_file("policy.yaml", "version: 1\nrules:\n  - audience: AUS JPN\n    profile: plots\n");
  assert_null(wf_config_load(write_file("node.yaml", text), &diag));
  assert_non_null(strstr(t.text[0], "AUS, which is no active partner"));
  assert_int_equal(t.line[0], 30);
  memset(&t, 0, sizeof t);
  write_file("policy.yaml", "version: 1\nrules:\n  - audience: JPN USA\n    profile: everything\n");
  assert_null(wf_config_load(write_file("node.yaml", text), &diag));
  assert_non_null(strstr(t.text[0], "not a built-in profile"));
  assert_int_equal(t.line[0], 4);
}

// One line replaced (or, with an empty text, taken out), and the line and words that must be told.
static void each_mistake_is_named_with_its_line(void **state) {
  const struct {
    unsigned line;
    const char *text;
    unsigned told_line;
    const char *word;
  } cases[] = {
      {1, "", 1, "nation"},  // own nation missing
      {1, "nation: Japan\n", 1, "three capital letters"},
      {2, "mode: real\n", 2, "live, test, exercise"},
      {3, "kyes:\n", 3, "kyes"},  // unknown key
      {7, "listen: 127.0.0.1\n", 7, "not an address"},
      {7, "listen: 127.0.0.1:70000\n", 7, "not an address"},
      {9, "  - nation: JPN\n", 9, "own nation"},
      {10, "", 9, "is needed"},
      {18, "    kind: lidar\n", 18, "not radar, infrared, system"},
      {19, "    lat_deg: 143.1\n", 19, "outside -90 to 90"},
      {19, "    lat_deg: north\n", 19, "not a number"},
      {19, "    lat_deg: nan\n", 19, "not a number"},
      {21, "", 17, "a radar needs it"},
      {22, "    sigma_az_rad: 0.5\n", 22, "degrees?"},
      {25, "    clutter_box: {az_rad: [-90, 90]}\n", 25, "degrees?"},
      {25, "    clutter_box: {el_rad: [1, 0]}\n", 25, "below the second"},
      {25, "    sigma: 3\n", 25, "sigma"},
      {26, "  - {name: JPN-R1, kind: infrared, lat_deg: 0, lon_deg: 140, sigma_az_rad: 2e-5, sigma_el_rad: 2e-5}\n", 26,
       "twice"},
      {27, "automatic: [everything]\n", 27, "not a stage"},
      {27, "automatic: [cancel]\n", 27, "without people"},
      {27, "delegated: [correction]\n", 27, "without people"},
      {27, "officers: [{name: a, role: king}]\n", 27, "not viewer"},
      {27, "post: [\"ftp://example.org\"]\n", 27, "not an http"},
      {27, "cot: nowhere\n", 27, "not an address"},
      {28, "clock: {record_epoch: yesterday, real_epoch: 2026-03-01T12:00:00Z}\n", 28, "not a time"},
      {29, "limits: {tracks: 10.5}\n", 29, "whole number"},
      {29, "limits: {heartbeat_ms: 600}\n", 29, "two heartbeats"},
      {29, "release: {audiences: [\"JPN KOR\"]}\n", 29, "this nation and active partners"},
      {29, "release: {profile: everything}\n", 29, "not a built-in profile"},
      {29, "\tlimits: {}\n", 29, "YAML"},
      {29, "areas: absent.json\n", 0, "absent.json"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[sizeof GOOD + 256] = "";
    unsigned line = 1;
    for (const char *p = GOOD; *p != '\0'; line++) {
      const size_t length = (size_t)(strchr(p, '\n') - p) + 1;
      if (line == cases[i].line)
        strcat(text, cases[i].text);
      else
        strncat(text, p, length);
      p += length;
    }
    told t = {0};
    wf_diag diag = {on_told, &t, 0};
    wf_config *c = wf_config_load(write_file("bad.yaml", text), &diag);
    if (c != NULL) fail_msg("case %zu (%s) was taken", i, cases[i].text);
    bool found = false;
    for (unsigned k = 0; k < t.count && k < 32; k++)
      found = found || (t.line[k] == cases[i].told_line && strstr(t.text[k], cases[i].word) != NULL);
    if (!found)
      fail_msg("case %zu: told \"%s\" at line %lu, expected \"%s\" at line %u", i, t.text[0], t.line[0], cases[i].word,
               cases[i].told_line);
  }
}

static void all_mistakes_are_told_at_once(void **state) {
  told t = {0};
  wf_diag diag = {on_told, &t, 0};
  assert_null(wf_config_load(
      write_file("bad.yaml",
                 "nation: jpn\nmode: real\nkeys: {certificate: a, key: b, signing_key: c}\nstore: s\nfeed: f\n"
                 "log: loud\nmedium: water\n"),
      &diag));
  assert_int_equal(t.count, 4);
}

static unsigned long check_with(const char *from, const char *to, told *t) {
  char text[sizeof GOOD + 256] = "";
  const char *at = strstr(GOOD, from);
  assert_non_null(at);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(at - GOOD), GOOD, to, at + strlen(from));
  memset(t, 0, sizeof *t);
  wf_diag diag = {on_told, t, 0};
  wf_config *c = wf_config_load(write_file("x.yaml", text), &diag);
  if (c == NULL) fail_msg("%s", t->text[0]);
  const unsigned long count = wf_config_check(c, &diag);
  wf_config_free(c);
  return count;
}

static void what_the_files_hold_is_checked(void **state) {
  const struct {
    const char *from, *to, *word;
  } cases[] = {
      {"jpn/node-1.pem", "jpn/absent.pem", "No such file"},
      {"jpn/node-1.key", "usa/node-1.key", "does not belong"},
      {"jpn/node-1.sign", "usa/node-1.sign", "stream-signing key"},
      {"jpn/node-1.pem", "usa/node-1.pem", "certificate of USA"},
      {"usa.pem", "jpn.pem", "a bundle of JPN"},
      {"usa.pem", "usalive.pem", "a bundle for live"},
      {"usa.pem", "absent.pem", "trust in USA"},
      {"store.db", "absent/store.db", "cannot write"},
      {"mode: exercise", "mode: test", "certificate for exercise"},
      {"jpn/node-1.sign", "jpn/node-1.key", "not an Ed25519"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    told t;
    if (check_with(cases[i].from, cases[i].to, &t) == 0) fail_msg("case %zu was taken", i);
    bool found = false;
    for (unsigned k = 0; k < t.count && k < 32; k++) found = found || strstr(t.text[k], cases[i].word) != NULL;
    if (!found) fail_msg("case %zu: told \"%s\", expected \"%s\"", i, t.text[0], cases[i].word);
  }
}

static void areas_come_from_geojson(void **state) {
  told t = {0};
  wf_diag diag = {on_told, &t, 0};
  wf_area *areas = NULL;
  size_t count = 0;
  assert_int_equal(
      wf_areas_load(
          write_file(
              "a.json",
              "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"code\":\"JP-02\","
              "\"name_en\":\"Aomori\",\"name_ja\":\"青森県\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[["
              "[140,40],[141,40],[141,41],[140,40]]]}}]}"),
          &areas, &count, &diag),
      WF_OK);
  assert_int_equal(count, 1);
  assert_string_equal(areas[0].name_ja, "青森県");
  assert_string_equal(areas[0].name_ko, "Aomori");
  assert_int_equal(areas[0].ring_points[0], 4);
  assert_true(areas[0].lat_lon_rad[1] > 2.44 && areas[0].lat_lon_rad[1] < 2.45);
  wf_areas_free(areas, count);
  const char *bad[] = {
      "{", "[]", "{\"features\":[{}]}",
      "{\"features\":[{\"properties\":{\"code\":\"JP-02\"},\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}}]}",
      ("{\"features\":[{\"properties\":{\"code\":\"JP-02\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[41,"
       "140],[40,141],[3,4],[41,140]]]}}]}")};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    diag.count = 0;
    assert_int_equal(wf_areas_load(write_file("a.json", bad[i]), &areas, &count, &diag), WF_EFORMAT);
    assert_true(diag.count > 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(good_one_loads_and_checks),
      cmocka_unit_test(policy_file_is_read_and_held_against_the_partners),
      cmocka_unit_test(each_mistake_is_named_with_its_line),
      cmocka_unit_test(all_mistakes_are_told_at_once),
      cmocka_unit_test(what_the_files_hold_is_checked),
      cmocka_unit_test(areas_come_from_geojson),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
