// Every shipped scenario loads, flies, and does what its title says.
#include <math.h>
#include <stdlib.h>

#include "base/fmath.h"
#include "bound.h"
#include "fixture.h"

static fixture shipped(const char *name) {
  fixture f;
  wf_scenario_error error;
  if (wf_scenario_load_builtin(name, &f.scenario, &error)) fail_msg("%s:%u: %s", name, error.line, error.text);
  assert_int_equal(wf_truth_create(f.scenario, &f.truth, NULL), WF_OK);
  return f;
}

static int nation_of(const fixture *f, const char *code) {
  wf_nation nation;
  assert_int_equal(wf_nation_parse(code, &nation), WF_OK);
  int index = wf_scenario_nation_index(f->scenario, nation);
  assert_true(index >= 0);
  return index;
}

// Target plots of one nation's sensors of a kind; *first_s: of the first one.
static size_t seen(const fixture *f, const char *code, wf_plot_kind kind, double *first_s) {
  size_t count, n = 0;
  wf_sensed *all = fixture_sense(f, nation_of(f, code), WF_SENSING_BY_TIME, &count);
  for (size_t i = 0; i < count; i++) {
    if (all[i].object == WF_SENSING_CLUTTER || all[i].plot.kind != kind) continue;
    if (n++ == 0) *first_s = wf_time_diff_s(all[i].plot.time, f->scenario->start);
  }
  free(all);
  return n;
}

static bool lands_within(const fixture *f, size_t object, double lat0, double lat1, double lon0, double lon1) {
  const wf_truth_object *o = wf_truth_object_at(f->truth, object);
  double lat = o->impact_lat_rad / WF_DEG, lon = o->impact_lon_rad / WF_DEG;
  return o->has_impact && lat > lat0 && lat < lat1 && lon > lon0 && lon < lon1;
}

static void all_load_and_fly(void **unused) {
  static const char *const expected[] = {"trilateral",       "lofted-icbm", "overflight-japan",
                                         "failed-satellite", "salvo",       "depressed"};
  for (size_t i = 0; i < wf_scenario_builtin_count(); i++) {
    const char *name = wf_scenario_builtin_at(i)->name;
    fixture f = shipped(name);
    assert_string_equal(f.scenario->name, name);
    assert_true(f.scenario->title[0] && f.scenario->description[0]);
    assert_int_equal(f.scenario->nation_count, 3);
    for (size_t k = 0; k < wf_truth_count(f.truth); k++) {
      const wf_truth_object *o = wf_truth_object_at(f.truth, k);
      assert_true(o->has_impact);
      double margin_s = f.scenario->duration_s - wf_time_diff_s(o->impact_time, f.scenario->start);
      if (margin_s < 20) fail_msg("%s ends %.1f s after the impact of object %zu", name, margin_s, k);
    }
    fixture_free(&f);
  }
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    fixture f = shipped(expected[i]);
    fixture_free(&f);
  }
}

static void trilateral_shows_the_value_of_sharing(void **unused) {
  fixture f = shipped(WF_SCENARIO_DEFAULT);
  double infrared_s, kor_s, usa_s, jpn_s;
  assert_true(f.scenario->duration_s / 5 <= 150);  // the demo runs at five times real time
  assert_true(lands_within(&f, 0, 38, 42, 135, 139.5));
  assert_true(seen(&f, "USA", WF_PLOT_LOS, &infrared_s) > 20);
  assert_true(seen(&f, "KOR", WF_PLOT_RADAR, &kor_s) > 50);
  assert_true(seen(&f, "USA", WF_PLOT_RADAR, &usa_s) > 50);
  assert_true(seen(&f, "JPN", WF_PLOT_RADAR, &jpn_s) > 100);
  print_message("first plot: USA infrared %.1f, KOR %.1f, USA radar %.1f, JPN %.1f s\n", infrared_s, kor_s, usa_s,
                jpn_s);
  assert_true(infrared_s + 20 < kor_s && kor_s < usa_s && usa_s + 100 < jpn_s);
  // The best possible: below 20 km the three together are sooner than each alone.
  double all_s = bound_time_s(f.scenario, f.truth, -1, 20e3);
  for (int nation = 0; nation < 3; nation++) {
    double alone_s = bound_time_s(f.scenario, f.truth, nation, 20e3);
    print_message("impact below 20 km at best: %s alone %.1f s, the three %.1f s\n", f.scenario->nation[nation].code,
                  alone_s, all_s);
    assert_true(isfinite(alone_s) && all_s + 8 < alone_s);
  }
  assert_true(all_s + 100 < bound_time_s(f.scenario, f.truth, nation_of(&f, "JPN"), 20e3));
  fixture_free(&f);
}

static void lofted_flight_leaves_everybodys_reach(void **unused) {
  fixture f = shipped("lofted-icbm");
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  assert_near(o->apogee_m, 6000e3, 6e3);
  assert_true(wf_time_diff_s(o->impact_time, o->begins) > 3600);
  size_t count;
  wf_sensed *all = fixture_sense(&f, -1, WF_SENSING_BY_TIME, &count);
  double last_s = 0, gap_s = 0;
  for (size_t i = 0; i < count; i++) {
    if (all[i].object == WF_SENSING_CLUTTER) continue;
    double t_s = wf_time_diff_s(all[i].plot.time, f.scenario->start);
    if (last_s > 0 && t_s - last_s > gap_s) gap_s = t_s - last_s;
    last_s = t_s;
  }
  assert_true(gap_s > 1800);  // and they see it again before it comes down
  assert_true(wf_time_diff_s(o->impact_time, f.scenario->start) - last_s < 60);
  free(all);
  fixture_free(&f);
}

static void overflight_passes_over_japan(void **unused) {
  fixture f = shipped("overflight-japan");
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  bool over = false;
  wf_truth_state s;
  for (wf_time t = o->begins; !wf_truth_at(f.truth, 0, t, &s); t = wf_time_add_s(t, 1)) {
    wf_lla lla;
    wf_geo_lla_from_ecef(s.state, &lla);
    double lat = lla.lat_rad / WF_DEG, lon = lla.lon_rad / WF_DEG;
    over = over || (lat > 42 && lat < 44 && lon > 141 && lon < 144.5 && lla.h_m > 100e3);  // central Hokkaido
  }
  assert_true(over);
  assert_true(lands_within(&f, 0, 35, 50, 147, 179));
  fixture_free(&f);
}

static void failed_satellite_falls_into_the_yellow_sea(void **unused) {
  fixture f = shipped("failed-satellite");
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  double first_s, nominal_s = wf_powered_burnout_s(&wf_truth_launch(f.truth, 0)->vehicle);
  assert_true(wf_time_diff_s(o->thrust_ends, o->begins) < nominal_s - 60);
  assert_true(lands_within(&f, 0, 34, 38, 122, 125.5));  // open water between Shandong and the peninsula
  assert_int_equal(seen(&f, "JPN", WF_PLOT_RADAR, &first_s), 0);
  assert_true(seen(&f, "KOR", WF_PLOT_RADAR, &first_s) > 50);
  assert_true(seen(&f, "USA", WF_PLOT_LOS, &first_s) > 20);
  fixture_free(&f);
}

static void salvo_is_four_at_once(void **unused) {
  fixture f = shipped("salvo");
  assert_int_equal(wf_truth_count(f.truth), 4);
  wf_time last_begins = wf_truth_object_at(f.truth, 3)->begins;
  for (size_t k = 0; k < 4; k++) {
    const wf_truth_object *o = wf_truth_object_at(f.truth, k);
    assert_true(wf_time_diff_s(last_begins, o->begins) < 60);
    assert_true(wf_time_before(last_begins, o->impact_time));
    assert_near(o->range_m, 1000e3, 50);
    assert_true(lands_within(&f, k, 37, 43, 134, 138.5));
  }
  fixture_free(&f);
}

static void depressed_stays_below_japans_horizon(void **unused) {
  fixture f = shipped("depressed");
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  int jpn = nation_of(&f, "JPN");
  wf_truth_state s;
  double first_s;
  for (wf_time t = o->begins; !wf_truth_at(f.truth, 0, t, &s); t = wf_time_add_s(t, 0.5)) {
    for (size_t i = 0; i < f.scenario->sensor_count; i++) {
      const wf_scenario_sensor *sensor = &f.scenario->sensor[i];
      wf_site site;
      double rae[3];
      if (sensor->nation != jpn) continue;
      wf_site_init(&site, &sensor->known.lla);
      wf_geo_rae_from_ecef(&site, s.state, rae, NULL);
      assert_true(rae[2] < sensor->known.el_min_rad);   // hidden by the horizon,
      assert_true(rae[0] < sensor->known.range_max_m);  // not by the radar's reach
    }
  }
  assert_int_equal(seen(&f, "JPN", WF_PLOT_RADAR, &first_s), 0);
  assert_true(seen(&f, "KOR", WF_PLOT_RADAR, &first_s) > 100);
  assert_true(seen(&f, "USA", WF_PLOT_LOS, &first_s) > 5);
  fixture_free(&f);
}

static void broken_links_is_trilateral_with_faults(void **unused) {
  fixture f = shipped("broken-links"), g = shipped("trilateral");
  assert_true(f.scenario->link_fault_count == 3 && f.scenario->node_fault_count == 1);
  size_t n, m;
  wf_sensed *a = fixture_sense(&f, -1, WF_SENSING_BY_ARRIVAL, &n),
            *b = fixture_sense(&g, -1, WF_SENSING_BY_ARRIVAL, &m);
  assert_int_equal(n, m);
  for (size_t i = 0; i < n; i++) assert_memory_equal(&a[i].plot, &b[i].plot, sizeof(wf_plot));
  free(a);
  free(b);
  fixture_free(&f);
  fixture_free(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_load_and_fly),
      cmocka_unit_test(trilateral_shows_the_value_of_sharing),
      cmocka_unit_test(lofted_flight_leaves_everybodys_reach),
      cmocka_unit_test(overflight_passes_over_japan),
      cmocka_unit_test(failed_satellite_falls_into_the_yellow_sea),
      cmocka_unit_test(salvo_is_four_at_once),
      cmocka_unit_test(depressed_stays_below_japans_horizon),
      cmocka_unit_test(broken_links_is_trilateral_with_faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
