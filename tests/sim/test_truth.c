// What really flew: solved flights, consistency with the impact solver, interpolation, failures, break-ups, orbits.
#include <math.h>
#include <stdlib.h>

#include "base/mat.h"
#include "fixture.h"
#include "geo/geodesic.h"
#include "motion/impact.h"

static double distance_m(const double a[3], const double b[3]) {
  double d[3];
  wf_vec_sub(a, b, d);
  return wf_vec_norm(d);
}

static void reaches_apogee_and_range(void **unused) {
  static const struct {
    double apogee_km, range_km;
    const char *beta;
  } wanted[] = {{320, 1100, NULL},  {60, 450, NULL},     {550, 2700, NULL},
                {6000, 1000, NULL}, {320, 1100, "1500"}, {2800, 930, "4000"}};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    char flight[160];
    snprintf(flight, sizeof flight, "    flight: {apogee_km: %g, range_km: %g}%s%s", wanted[i].apogee_km,
             wanted[i].range_km, wanted[i].beta ? "\n    beta_kg_m2: " : "", wanted[i].beta ? wanted[i].beta : "");
    const fixture_change change[] = {{23, flight}};
    fixture f = fixture_fly(change, 1);
    const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
    assert_true(o->has_impact);
    assert_near(o->apogee_m, wanted[i].apogee_km * 1e3, 1e-3 * wanted[i].apogee_km * 1e3);
    assert_near(o->range_m, wanted[i].range_km * 1e3, 25);
    if (wanted[i].beta) {
      assert_near(wf_truth_launch(f.truth, 0)->vehicle.payload_beta_kg_m2, atof(wanted[i].beta), 0);
    }
    fixture_free(&f);
  }
}

static void agrees_with_the_impact_solver(void **unused) {
  fixture f = fixture_fly(NULL, 0);
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  const wf_impact_options opt = {.gravity = WF_GRAVITY_J4,
                                 .beta_kg_m2 = wf_truth_launch(f.truth, 0)->vehicle.payload_beta_kg_m2,
                                 .tolerance_m = 0.01};
  for (double after_s = 0; after_s < 500; after_s += 45.5) {
    wf_time t = wf_time_add_s(o->thrust_ends, after_s);
    wf_truth_state s;
    wf_impact impact;
    assert_int_equal(wf_truth_at(f.truth, 0, t, &s), WF_OK);
    assert_int_equal(wf_motion_impact(&opt, s.state, NULL, &impact), WF_OK);
    assert_near(impact.delay_s, wf_time_diff_s(o->impact_time, t), 2e-3);
    assert_true(wf_geo_distance_m(impact.lat_rad, impact.lon_rad, o->impact_lat_rad, o->impact_lon_rad, NULL, NULL) <
                2);
  }
  fixture_free(&f);
}

static void interpolates_the_ascent_finely(void **unused) {
  fixture f = fixture_fly(NULL, 0);
  const wf_launch *launch = wf_truth_launch(f.truth, 0);
  wf_powered_state s;
  wf_powered_init(launch, &s);
  for (double t_s = 0.613; t_s < wf_powered_burnout_s(&launch->vehicle); t_s += 0.613) {
    wf_truth_state truth;
    assert_int_equal(wf_powered_advance(launch, t_s - s.t_s, &s), WF_OK);
    assert_int_equal(wf_truth_at(f.truth, 0, wf_time_add_s(f.scenario->start, 10 + t_s), &truth), WF_OK);
    assert_true(distance_m(truth.state, s.state) < 0.05);
    assert_true(distance_m(truth.state + 3, s.state + 3) < 0.5);
    assert_int_equal(truth.phase, WF_PHASE_BOOST);
    assert_true(truth.thrusting);
  }
  fixture_free(&f);
}

static void interpolates_the_fall_finely(void **unused) {
  fixture f = fixture_fly(NULL, 0);
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  const wf_dynamics dyn = {WF_GRAVITY_J4, 1 / wf_truth_launch(f.truth, 0)->vehicle.payload_beta_kg_m2};
  wf_truth_state from, to;
  for (wf_time t = wf_time_add_s(o->thrust_ends, 1); wf_time_diff_s(o->impact_time, t) > 1;
       t = wf_time_add_s(t, 0.73)) {
    assert_int_equal(wf_truth_at(f.truth, 0, t, &from), WF_OK);
    assert_int_equal(wf_truth_at(f.truth, 0, wf_time_add_s(t, 0.73), &to), WF_OK);
    wf_motion_propagate(&dyn, 0.73, 0.01, from.state, NULL, NULL);
    assert_true(distance_m(from.state, to.state) < 0.05);
  }
  fixture_free(&f);
}

static void has_phases_in_order_and_ends(void **unused) {
  fixture f = fixture_fly(NULL, 0);
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  wf_truth_state s;
  int last = WF_PHASE_BOOST, seen = 1 << WF_PHASE_BOOST;
  assert_int_equal(wf_truth_at(f.truth, 0, wf_time_add_s(o->begins, -0.001), &s), WF_ENOTFOUND);
  assert_int_equal(wf_truth_at(f.truth, 0, wf_time_add_s(o->impact_time, 0.001), &s), WF_ENOTFOUND);
  assert_int_equal(wf_truth_at(f.truth, 1, o->begins, &s), WF_EINVAL);
  for (wf_time t = o->begins; !wf_truth_at(f.truth, 0, t, &s); t = wf_time_add_s(t, 0.5)) {
    assert_true((int)s.phase >= last);
    last = s.phase;
    seen |= 1 << last;
  }
  assert_int_equal(seen, 1 << WF_PHASE_BOOST | 1 << WF_PHASE_COAST | 1 << WF_PHASE_REENTRY);
  assert_int_equal(wf_truth_at(f.truth, 0, o->impact_time, &s), WF_OK);
  assert_true(fabs(s.height_m) < 0.5);
  fixture_free(&f);
}

static void thrust_that_ends_early_falls_short(void **unused) {
  const fixture_change change[] = {{24, "    failure: {kind: thrust-end, at_s: 60}"}};
  fixture f = fixture_fly(change, 1);
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  wf_truth_state s;
  assert_int_equal(wf_truth_count(f.truth), 1);
  assert_near(wf_time_diff_s(o->thrust_ends, o->begins), 60, 1e-6);
  assert_true(o->has_impact && o->range_m < 500e3);
  assert_int_equal(wf_truth_at(f.truth, 0, wf_time_add_s(o->begins, 61), &s), WF_OK);
  assert_false(s.thrusting);
  fixture_free(&f);
}

static void breaks_into_pieces_by_the_seed(void **unused) {
  fixture_change change[] = {{24, "    failure: {kind: breakup, at_s: 300, pieces: 4, spread_m_s: 30}"},
                             {5, "seed: 7"}};
  fixture a = fixture_fly(change, 2), again = fixture_fly(change, 2);
  change[1].text = "seed: 8";
  fixture other = fixture_fly(change, 2);
  assert_int_equal(wf_truth_count(a.truth), 4);
  for (size_t k = 0; k < 4; k++) {
    const wf_truth_object *o = wf_truth_object_at(a.truth, k), *p = wf_truth_object_at(again.truth, k),
                          *q = wf_truth_object_at(other.truth, k);
    assert_int_equal(o->piece, k);
    assert_true(o->has_impact);
    assert_int_equal(o->impact_time.ns, p->impact_time.ns);
    assert_true((o->impact_time.ns == q->impact_time.ns) == (k == 0));
    if (k) assert_near(wf_time_diff_s(o->begins, wf_truth_object_at(a.truth, 0)->begins), 300, 1e-6);
  }
  fixture_free(&a);
  fixture_free(&again);
  fixture_free(&other);
}

static void knows_what_stays_up(void **unused) {
  const fixture_change change[] = {{23,
                                    "    vehicle:\n      stages:\n"
                                    "        - {thrust_kn: 1900, burn_s: 140, propellant_kg: 90000, dry_kg: 4000}\n"
                                    "        - {thrust_kn: 180, burn_s: 330, propellant_kg: 18000, dry_kg: 800}\n"
                                    "      payload_kg: 500\n      burnout_elevation_deg: -25"}};
  fixture f = fixture_fly(change, 1);
  const wf_truth_object *o = wf_truth_object_at(f.truth, 0);
  wf_truth_state s;
  assert_false(o->has_impact);
  assert_int_equal(wf_truth_at(f.truth, 0, wf_time_add_s(f.scenario->start, 639), &s), WF_OK);
  assert_true(s.height_m > 100e3);
  fixture_free(&f);
}

static void names_the_launch_it_cannot_fly(void **unused) {
  const fixture_change change[] = {{23, "    flight: {apogee_km: 10, range_km: 15000}"}};
  wf_scenario *s;
  wf_truth *truth;
  size_t bad = 99;
  assert_int_equal(fixture_load(change, 1, &s, NULL), WF_OK);
  assert_int_equal(wf_truth_create(s, &truth, &bad), WF_EDIVERGED);
  assert_null(truth);
  assert_int_equal(bad, 0);
  wf_scenario_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reaches_apogee_and_range),       cmocka_unit_test(agrees_with_the_impact_solver),
      cmocka_unit_test(interpolates_the_ascent_finely), cmocka_unit_test(interpolates_the_fall_finely),
      cmocka_unit_test(has_phases_in_order_and_ends),   cmocka_unit_test(thrust_that_ends_early_falls_short),
      cmocka_unit_test(breaks_into_pieces_by_the_seed), cmocka_unit_test(knows_what_stays_up),
      cmocka_unit_test(names_the_launch_it_cannot_fly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
