// Scenarios as YAML: what is read, what is refused, and at which line.
#include <stdlib.h>

#include "base/fmath.h"
#include "fixture.h"

static void reads_values_and_defaults(void **unused) {
  wf_scenario *s;
  wf_scenario_error error;
  assert_int_equal(fixture_load(NULL, 0, &s, &error), WF_OK);
  assert_string_equal(s->name, "test");
  assert_int_equal(s->start.ns, INT64_C(1773179880) * WF_NS_PER_S);
  assert_int_equal(s->seed, 7);
  assert_int_equal(s->nation_count, 2);
  assert_int_equal(s->sensor_count, 2);
  assert_string_equal(s->nation[1].code, "KOR");
  const wf_scenario_sensor *radar = &s->sensor[0], *infrared = &s->sensor[1];
  assert_int_equal(radar->known.kind, WF_SENSOR_RADAR);
  assert_near(radar->known.lla.lat_rad, 38.4 * WF_DEG, 1e-15);
  assert_near(radar->known.range_max_m, 800e3, 1e-6);
  assert_near(radar->known.sigma_range_m, 30, 0);
  assert_near(radar->known.sigma_az_rad, 1e-3, 1e-12);
  assert_near(radar->known.detection_probability, 0.9, 0);
  assert_near(radar->known.sigma_range_rate_m_s, 0, 0);
  assert_int_equal(infrared->known.kind, WF_SENSOR_INFRARED);
  assert_int_equal(infrared->nation, 1);
  assert_int_equal(infrared->registry, 0);
  assert_near(infrared->known.sigma_az_rad, 25e-6, 1e-15);
  assert_near(infrared->first_seen_height_m, 10e3, 0);
  assert_near(infrared->known.lla.h_m, 35786e3, 0);
  assert_int_equal(s->link_fault_count, 1);
  assert_int_equal(s->link_fault[0].kind, WF_LINK_DELAY);
  assert_near(s->link_fault[0].delay_s, 0.5, 0);
  assert_int_equal(s->node_fault_count, 1);
  assert_near(s->node_fault[0].restart_s, 9, 0);
  wf_scenario_free(s);
}

static void expands_a_salvo(void **unused) {
  const fixture_change change[] = {{24, "    salvo: {count: 3, interval_s: 12, azimuth_step_deg: 2}"}};
  wf_scenario *s;
  assert_int_equal(fixture_load(change, 1, &s, NULL), WF_OK);
  assert_int_equal(s->launch_count, 3);
  assert_string_equal(s->launch[2].name, "launch-1-3");
  assert_near(s->launch[2].at_s, 34, 1e-12);
  assert_near(s->launch[2].azimuth_rad, 88 * WF_DEG, 1e-12);
  wf_scenario_free(s);
}

static void gives_a_nations_registry(void **unused) {
  wf_scenario *s;
  wf_sensor registry[4];
  wf_nation jpn, usa;
  assert_int_equal(fixture_load(NULL, 0, &s, NULL), WF_OK);
  assert_int_equal(wf_nation_parse("JPN", &jpn), WF_OK);
  assert_int_equal(wf_nation_parse("USA", &usa), WF_OK);
  assert_int_equal(wf_scenario_registry(s, jpn, registry, 4), 1);
  assert_string_equal(registry[0].name, "R1");
  assert_int_equal(wf_scenario_registry(s, usa, registry, 4), 0);
  assert_int_equal(wf_scenario_nation_index(s, usa), -1);
  wf_scenario_free(s);
}

typedef struct refusal {
  fixture_change change;
  unsigned line;
  wf_status status;
  const char *says;
} refusal;

static const refusal refusals[] = {
    {{1, "name: a b"}, 1, WF_EINVAL, "letters"},
    {{1, NULL}, 1, WF_EFORMAT, "name"},
    {{2, "titel: A test"}, 2, WF_EFORMAT, "titel"},
    {{3, "start: yesterday"}, 3, WF_EINVAL, "yesterday"},
    {{4, "duration_s: 640x"}, 4, WF_EINVAL, "not a number"},
    {{4, "duration_s: nan"}, 4, WF_EINVAL, "not a number"},
    {{4, "duration_s: -1"}, 4, WF_EINVAL, "-1 is not within"},
    {{5, "seed: -3"}, 5, WF_EINVAL, "seed"},
    {{7, "  - nation: jpn"}, 7, WF_EINVAL, "capital"},
    {{9, "      - name: I1"}, 16, WF_EINVAL, "twice"},
    {{10, "        lat_deg: 95"}, 10, WF_EINVAL, "lat_deg: 95"},
    {{10, "        lat_deg: [1, 2]"}, 10, WF_EFORMAT, ""},
    {{11, NULL}, 9, WF_EFORMAT, "lon_deg"},
    {{12, "        range_max_km: 5"}, 12, WF_EINVAL, "range_min_km"},
    {{13, "        scan_period_s: 0"}, 13, WF_EINVAL, "scan_period_s"},
    {{13, "        outages: [{from_s: 9, to_s: 3}]"}, 13, WF_EINVAL, "later"},
    {{13, "        clutter_box: {az_deg: [10, 5]}"}, 13, WF_EINVAL, "below the second"},
    {{13, "        clutter_box: {az_deg: [10]}"}, 13, WF_EFORMAT, ""},
    {{13, "        lat_deg: 3"}, 13, WF_EFORMAT, "lat_deg"},
    {{14, "  - nation: JPN"}, 14, WF_EINVAL, "twice"},
    {{17, "        lon_deg: 120\n        clutter_per_scan: 1"}, 18, WF_EINVAL, "clutter_box"},
    {{19, "  - at_s: 700"}, 19, WF_EINVAL, "at_s"},
    {{23, "    beta_kg_m2: 5000"}, 19, WF_EINVAL, "either flight"},
    {{23, "    flight: {apogee_km: 320, range_km: 99999}"}, 23, WF_EINVAL, "range_km"},
    {{23, "    flight: {apogee_km: 320}"}, 23, WF_EFORMAT, "range_km"},
    {{24, "    salvo: {count: 300, interval_s: 1}"}, 24, WF_EINVAL, "count"},
    {{24, "    salvo: {count: 1.5, interval_s: 1}"}, 24, WF_EINVAL, "whole"},
    {{24, "    failure: {kind: explode, at_s: 5}"}, 24, WF_EINVAL, "breakup"},
    {{27, "    - {between: [JPN, USA], from_s: 1, to_s: 2, kind: cut}"}, 27, WF_EINVAL, "USA"},
    {{27, "    - {between: [JPN, JPN], from_s: 1, to_s: 2, kind: cut}"}, 27, WF_EINVAL, "different"},
    {{27, "    - {between: [JPN, KOR], from_s: 1, to_s: 2, kind: loss}"}, 27, WF_EINVAL, "probability"},
    {{27, "    - {between: [JPN, KOR], from_s: 1, to_s: 2, kind: cutt}"}, 27, WF_EINVAL, "cutt"},
    {{29, "    - {nation: JPN, kill_s: 5, restart_s: 3}"}, 29, WF_EINVAL, "later"},
    {{29, "    - {nation: JPN, kill_s: 5"}, 30, WF_EFORMAT, "not YAML"},
    {{29, "---\nname: second"}, 30, WF_EFORMAT, "second"},
    {{9, "      - name: &x R1"}, 0, WF_OK, NULL},
};

static void names_line_and_reason(void **unused) {
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    const refusal *r = &refusals[i];
    wf_scenario *s;
    wf_scenario_error error;
    wf_status status = fixture_load(&r->change, 1, &s, &error);
    if (status != r->status || error.line != r->line || (r->says && !strstr(error.text, r->says))) {
      fail_msg("line %d '%s': status %s, line %u (expected %u), '%s'", r->change.line,
               r->change.text ? r->change.text : "(absent)", wf_status_name(status), error.line, r->line, error.text);
    }
    assert_true((s != NULL) == (status == WF_OK));
    wf_scenario_free(s);
  }
}

static void refuses_what_is_no_scenario(void **unused) {
  const char *const text[] = {"", "\n# nothing\n", "- a\n", "name\n", "\xff\xfe", "a: *b\n", "\t"};
  for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
    wf_scenario *s;
    wf_scenario_error error;
    assert_int_equal(wf_scenario_load_yaml(text[i], strlen(text[i]), &s, &error), WF_EFORMAT);
    assert_null(s);
    assert_true(error.text[0] != 0);
  }
}

static void finds_builtin_scenarios(void **unused) {
  wf_scenario *s;
  wf_scenario_error error;
  assert_int_equal(wf_scenario_load_builtin("no-such", &s, &error), WF_ENOTFOUND);
  assert_non_null(strstr(error.text, "no-such"));
  assert_int_equal(wf_scenario_load_builtin(WF_SCENARIO_DEFAULT, &s, &error), WF_OK);
  wf_scenario_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_values_and_defaults),   cmocka_unit_test(expands_a_salvo),
      cmocka_unit_test(gives_a_nations_registry),    cmocka_unit_test(names_line_and_reason),
      cmocka_unit_test(refuses_what_is_no_scenario), cmocka_unit_test(finds_builtin_scenarios),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
