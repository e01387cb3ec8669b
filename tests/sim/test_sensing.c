// The notional sensors: statistics of their dice, geometry, independence of their streams, order.
#include <math.h>
#include <stdlib.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "fixture.h"
#include "geo/horizon.h"

// n values of mean 0 and sigma 1: mean within 4/√n, variance within 4·√(2/n).
static void assert_standard_normal(const char *what, double sum, double sum2, double n) {
  double mean = sum / n, variance = sum2 / n - mean * mean;
  if (fabs(mean) > 4 / sqrt(n) || fabs(variance - 1) > 4 * sqrt(2 / n)) {
    fail_msg("%s: mean %.4f, variance %.4f of %.0f", what, mean, variance, n);
  }
}

// A dense scan and no clutter: many plots of one flight.
static const fixture_change dense[] = {
    {13, "        scan_period_s: 0.1\n        detection_probability: 0.8\n        sigma_range_rate_m_s: 3"}};

static void noise_and_detection_follow_their_figures(void **unused) {
  fixture f = fixture_fly(dense, 1);
  size_t count, covered = 0, n = 0;
  wf_sensed *all = fixture_sense(&f, 0, WF_SENSING_BY_TIME, &count);
  double sum[4] = {0}, sum2[4] = {0};
  wf_site site;
  wf_truth_state s;
  wf_site_init(&site, &f.scenario->sensor[0].known.lla);
  for (size_t i = 0; i < count; i++, n++) {
    const wf_plot *p = &all[i].plot;
    double rae[3];
    assert_int_equal(all[i].object, 0);
    assert_int_equal(wf_truth_at(f.truth, 0, p->time, &s), WF_OK);
    wf_geo_rae_from_ecef(&site, s.state, rae, NULL);
    double rate = wf_geo_range_rate_m_s(&site, s.state, s.state + 3, NULL);
    const double e[4] = {(p->radar.range_m - rae[0]) / 30, wf_wrap_pi(p->radar.az_rad - rae[1]) / 1e-3,
                         (p->radar.el_rad - rae[2]) / 1e-3, (p->radar.range_rate_m_s - rate) / 3};
    for (int k = 0; k < 4; k++) sum[k] += e[k], sum2[k] += e[k] * e[k];
  }
  static const char *const name[4] = {"range", "azimuth", "elevation", "range rate"};
  for (int k = 0; k < 4; k++) assert_standard_normal(name[k], sum[k], sum2[k], (double)n);
  for (size_t k = 0; k < wf_sensing_scan_count(f.scenario, 0); k++) {
    if (wf_truth_at(f.truth, 0, wf_sensing_scan_time(f.scenario, 0, k), &s)) continue;
    covered += wf_sensing_covers(&f.scenario->sensor[0], &s);
  }
  assert_true(n > 2000);
  assert_true(fabs((double)n - 0.8 * (double)covered) < 4 * sqrt(0.16 * (double)covered));
  free(all);
  fixture_free(&f);
}

static void a_bias_shifts_every_plot(void **unused) {
  fixture f = fixture_fly(dense, 1);
  const fixture_change biased[] = {
      {13,
       "        scan_period_s: 0.1\n        detection_probability: 0.8\n        sigma_range_rate_m_s: 3\n"
       "        bias: {range_m: 20, az_mrad: 0.5, el_mrad: -0.3}"}};
  fixture g = fixture_fly(biased, 1);
  size_t n, m;
  wf_sensed *a = fixture_sense(&f, 0, WF_SENSING_BY_TIME, &n), *b = fixture_sense(&g, 0, WF_SENSING_BY_TIME, &m);
  assert_int_equal(n, m);
  for (size_t i = 0; i < n; i++) {
    assert_near(b[i].plot.radar.range_m - a[i].plot.radar.range_m, 20, 1e-6);
    assert_near(wf_wrap_pi(b[i].plot.radar.az_rad - a[i].plot.radar.az_rad), 0.5e-3, 1e-9);
    assert_near(b[i].plot.radar.el_rad - a[i].plot.radar.el_rad, -0.3e-3, 1e-9);
  }
  free(a);
  free(b);
  fixture_free(&f);
  fixture_free(&g);
}

static void clutter_fills_its_box_evenly(void **unused) {
  const fixture_change change[] = {{13,
                                    "        clutter_per_scan: 5\n"
                                    "        clutter_box: {range_km: [100, 300], az_deg: [-40, 60], el_deg: [3, 33]}"},
                                   {18, "launches: []"},
                                   {19, NULL},
                                   {20, NULL},
                                   {21, NULL},
                                   {22, NULL},
                                   {23, NULL},
                                   {24, NULL}};
  fixture f = fixture_fly(change, 8);
  size_t n, scans = wf_sensing_scan_count(f.scenario, 0);
  wf_sensed *all = fixture_sense(&f, 0, WF_SENSING_BY_TIME, &n);
  double sum[3] = {0}, sum2[3] = {0};
  assert_int_equal(scans, 641);
  assert_true(fabs((double)n - 5.0 * (double)scans) < 4 * sqrt(5.0 * (double)scans));
  for (size_t i = 0; i < n; i++) {
    const wf_plot *p = &all[i].plot;
    assert_int_equal(all[i].object, WF_SENSING_CLUTTER);
    assert_true(p->radar.az_rad >= 0 && p->radar.az_rad < 2 * WF_PI);
    const double u[3] = {(p->radar.range_m - 200e3) / 100e3, (wf_wrap_pi(p->radar.az_rad) / WF_DEG - 10) / 50,
                         (p->radar.el_rad / WF_DEG - 18) / 15};
    for (int k = 0; k < 3; k++) {
      assert_true(fabs(u[k]) <= 1 + 1e-12);
      sum[k] += u[k] * sqrt(3), sum2[k] += u[k] * u[k] * 3;  // sigma 1 when even
    }
  }
  for (int k = 0; k < 3; k++) assert_standard_normal("clutter", sum[k], sum2[k], (double)n);
  free(all);
  fixture_free(&f);
}

// Plots of the sensor with that name that stem from one object (-1: clutter).
static size_t plots_of(const fixture *f, const wf_sensed *all, size_t count, const char *name, int32_t object,
                       wf_plot *out) {
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(f->scenario->sensor[all[i].sensor].known.name, name) || all[i].object != object) continue;
    out[n] = all[i].plot;
    out[n++].sensor = 0;
  }
  return n;
}

static void assert_same_plots(const fixture *f, const fixture *g, const char *sensor, int32_t object, bool all_of_it) {
  size_t n, m;
  wf_sensed *a = fixture_sense(f, -1, WF_SENSING_BY_TIME, &n), *b = fixture_sense(g, -1, WF_SENSING_BY_TIME, &m);
  wf_plot *p = calloc(n + 1, sizeof *p), *q = calloc(m + 1, sizeof *q);
  n = plots_of(f, a, n, sensor, object, p);
  m = plots_of(g, b, m, sensor, object, q);
  assert_true(n > 20);
  if (all_of_it) assert_int_equal(n, m);
  size_t k = 0, kept = 0;  // with an outage g has fewer, but each of them is one of f's
  for (size_t i = 0; i < m; i++, kept++) {
    while (k < n && p[k].time.ns < q[i].time.ns) k++;
    if (all_of_it) k = i;
    assert_true(k < n);
    assert_memory_equal(&p[k], &q[i], sizeof(wf_plot));
  }
  assert_int_equal(kept, m);
  free(a);
  free(b);
  free(p);
  free(q);
}

static void adding_a_sensor_changes_no_other(void **unused) {
  const fixture_change base[] = {{13, "        clutter_per_scan: 3"}};
  const fixture_change more[] = {
      {13, "        clutter_per_scan: 3"},
      {8, "    radars:\n      - {name: R0, lat_deg: 37, lon_deg: 136, range_max_km: 900, clutter_per_scan: 4}"}};
  fixture f = fixture_fly(base, 1), g = fixture_fly(more, 2);
  assert_same_plots(&f, &g, "R1", 0, true);
  assert_same_plots(&f, &g, "I1", 0, true);
  fixture_free(&f);
  fixture_free(&g);
}

static void adding_a_launch_changes_no_other(void **unused) {
  const fixture_change more[] = {{24, "    salvo: {count: 3, interval_s: 5, azimuth_step_deg: 2}"}};
  fixture f = fixture_fly(NULL, 0), g = fixture_fly(more, 1);
  assert_same_plots(&f, &g, "R1", 0, true);
  fixture_free(&f);
  fixture_free(&g);
}

static void an_outage_only_leaves_a_gap(void **unused) {
  const fixture_change out[] = {{13, "        scan_period_s: 1\n        outages: [{from_s: 200, to_s: 260.5}]"}};
  fixture f = fixture_fly(NULL, 0), g = fixture_fly(out, 1);
  size_t n, m, inside = 0;
  wf_sensed *a = fixture_sense(&f, 0, WF_SENSING_BY_TIME, &n), *b = fixture_sense(&g, 0, WF_SENSING_BY_TIME, &m);
  for (size_t i = 0; i < n; i++) {
    double t_s = wf_time_diff_s(a[i].plot.time, f.scenario->start);
    inside += t_s >= 200 && t_s < 260.5;
  }
  for (size_t i = 0; i < m; i++) {
    double t_s = wf_time_diff_s(b[i].plot.time, g.scenario->start);
    assert_false(t_s >= 200 && t_s < 260.5);
  }
  assert_true(inside > 40);
  assert_int_equal(n - inside, m);
  assert_same_plots(&f, &g, "R1", 0, false);
  free(a);
  free(b);
  fixture_free(&f);
  fixture_free(&g);
}

static void nothing_is_seen_through_the_earth(void **unused) {
  const fixture_change low[] = {{10, "        lat_deg: 33"},
                                {11, "        lon_deg: 140"},
                                {12, "        range_max_km: 5000\n        el_min_deg: -10\n        height_m: 1000"}};
  fixture f = fixture_fly(low, 3);
  size_t n, hidden = 0;
  wf_sensed *all = fixture_sense(&f, 0, WF_SENSING_BY_TIME, &n);
  wf_site site;
  wf_truth_state s;
  wf_site_init(&site, &f.scenario->sensor[0].known.lla);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(wf_truth_at(f.truth, 0, all[i].plot.time, &s), WF_OK);
    assert_true(wf_geo_line_of_sight(site.pos_ecef_m, s.state, 0));
  }
  for (size_t k = 0; k < wf_sensing_scan_count(f.scenario, 0); k++) {
    if (wf_truth_at(f.truth, 0, wf_sensing_scan_time(f.scenario, 0, k), &s)) continue;
    hidden += !wf_sensing_covers(&f.scenario->sensor[0], &s);
  }
  assert_true(n > 300 && hidden > 50);
  free(all);
  fixture_free(&f);
}

static void the_horizon_is_the_elevation_limit(void **unused) {
  const fixture_change limit[] = {
      {13, "        scan_period_s: 1\n        el_min_deg: 20\n        sigma_el_mrad: 0.001"}};
  fixture f = fixture_fly(limit, 1);
  size_t n;
  wf_sensed *all = fixture_sense(&f, 0, WF_SENSING_BY_TIME, &n);
  assert_true(n > 100);
  for (size_t i = 0; i < n; i++) assert_true(all[i].plot.radar.el_rad > 20 * WF_DEG - 1e-5);
  free(all);
  fixture_free(&f);
}

static void infrared_sees_only_fire_above_the_cloud(void **unused) {
  const fixture_change fast[] = {{17, "        lon_deg: 120\n        scan_period_s: 0.05"}};
  fixture f = fixture_fly(fast, 1);
  size_t n;
  wf_sensed *all = fixture_sense(&f, 1, WF_SENSING_BY_TIME, &n);
  double sum = 0, sum2 = 0;
  assert_true(n > 500);
  for (size_t i = 0; i < n; i++) {
    const wf_plot *p = &all[i].plot;
    wf_truth_state s;
    double u[3], d[3];
    assert_int_equal(p->kind, WF_PLOT_LOS);
    assert_int_equal(wf_truth_at(f.truth, 0, p->time, &s), WF_OK);
    assert_true(s.thrusting && s.height_m >= 10e3);
    wf_vec_sub(s.state, p->los.origin_ecef_m, u);
    double range_m = wf_vec_norm(u);
    for (int k = 0; k < 3; k++) d[k] = p->los.unit_ecef[k] - u[k] / range_m;
    assert_near(wf_vec_norm(p->los.unit_ecef), 1, 1e-12);
    double across2 = wf_vec_dot(d, d) / (25e-6 * 25e-6);  // chi-square with 2 degrees of freedom
    sum += across2, sum2 += across2 * across2;
  }
  double mean = sum / (double)n;
  assert_true(fabs(mean - 2) < 4 * 2 / sqrt((double)n));
  free(all);
  fixture_free(&f);
}

static void same_seed_same_bytes(void **unused) {
  const fixture_change a7[] = {{13, "        clutter_per_scan: 3"}},
                       a8[] = {{13, "        clutter_per_scan: 3"}, {5, "seed: 8"}};
  fixture f = fixture_fly(a7, 1), g = fixture_fly(a7, 1), h = fixture_fly(a8, 2);
  size_t n, m, k;
  wf_sensed *a = fixture_sense(&f, -1, WF_SENSING_BY_TIME, &n), *b = fixture_sense(&g, -1, WF_SENSING_BY_TIME, &m),
            *c = fixture_sense(&h, -1, WF_SENSING_BY_TIME, &k);
  assert_int_equal(n, m);
  for (size_t i = 0; i < n; i++) {
    assert_memory_equal(&a[i].plot, &b[i].plot, sizeof(wf_plot));
    assert_int_equal(a[i].object, b[i].object);
  }
  assert_true(n != k || memcmp(&a[0].plot, &c[0].plot, sizeof(wf_plot)) != 0);
  free(a);
  free(b);
  free(c);
  fixture_free(&f);
  fixture_free(&g);
  fixture_free(&h);
}

static void plots_come_in_the_order_asked_for(void **unused) {
  const fixture_change late[] = {{13, "        clutter_per_scan: 3\n        phase_s: 0.3\n        latency_s: 2.25"}};
  fixture f = fixture_fly(late, 1);
  for (int order = WF_SENSING_BY_TIME; order <= WF_SENSING_BY_ARRIVAL; order++) {
    size_t n, swaps = 0;
    wf_sensed *all = fixture_sense(&f, -1, order, &n);
    for (size_t i = 0; i < n; i++) {
      double latency_s = f.scenario->sensor[all[i].sensor].latency_s;
      assert_near(wf_time_diff_s(all[i].arrival, all[i].plot.time), latency_s, 1e-9);
      assert_int_equal(all[i].plot.sensor, f.scenario->sensor[all[i].sensor].registry);
      if (i == 0) continue;
      wf_time before = order ? all[i - 1].arrival : all[i - 1].plot.time,
              now = order ? all[i].arrival : all[i].plot.time;
      assert_false(wf_time_before(now, before));
      swaps += wf_time_before(all[i].plot.time, all[i - 1].plot.time);
    }
    assert_true((swaps > 0) == (order == WF_SENSING_BY_ARRIVAL));
    free(all);
  }
  fixture_free(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(noise_and_detection_follow_their_figures),
      cmocka_unit_test(a_bias_shifts_every_plot),
      cmocka_unit_test(clutter_fills_its_box_evenly),
      cmocka_unit_test(adding_a_sensor_changes_no_other),
      cmocka_unit_test(adding_a_launch_changes_no_other),
      cmocka_unit_test(an_outage_only_leaves_a_gap),
      cmocka_unit_test(nothing_is_seen_through_the_earth),
      cmocka_unit_test(the_horizon_is_the_elevation_limit),
      cmocka_unit_test(infrared_sees_only_fire_above_the_cloud),
      cmocka_unit_test(same_seed_same_bytes),
      cmocka_unit_test(plots_come_in_the_order_asked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
