// The filters against differences, against Monte Carlo, and the start by least squares.
#include "../wf_test.h"
#include "estimate/batch.h"
#include "flight.h"

static void jacobians_match_differences(void **state) {
  double x[6];
  flight_start(200e3, 2500.0, 0.7, 1.2, x);
  wf_site site;
  wf_view radar = flight_radar(&site);
  radar.dim = 4;
  radar.variance[3] = 1.0;
  wf_view line = {.kind = WF_PLOT_LOS, .dim = 2, .origin_ecef_m = {4.2e7, 0, 0}, .variance = {1e-9, 1e-9}};
  for (int v = 0; v < 2; v++) {
    const wf_view *view = v == 0 ? &radar : &line;
    wf_expected e;
    wf_view_at(view, x, &e);
    for (int j = 0; j < 6; j++) {
      const double step = j < 3 ? 10.0 : 0.1;
      double at[6];
      wf_plot plot = {.kind = view->kind};
      for (int i = 0; i < 6; i++) at[i] = x[i] + (i == j ? step : 0.0);
      wf_expected moved;
      wf_view_at(view, at, &moved);
      if (v == 0)
        plot.radar.range_m = moved.z[0], plot.radar.az_rad = moved.z[1], plot.radar.el_rad = moved.z[2],
        plot.radar.range_rate_m_s = moved.z[3];
      else
        memcpy(plot.los.unit_ecef, moved.axis + 6, sizeof plot.los.unit_ecef);
      double r[WF_VIEW_DIM];
      wf_view_residual(&e, &plot, r);
      for (int c = 0; c < e.dim; c++) {
        const double scale = c == 0 && v == 0 ? 1.0 : v == 0 && c == 3 ? 1e-2 : 1e-5;
        assert_float_equal(r[c] / step, e.h[6 * c + j], 2e-4 * scale);
      }
    }
  }
}

static void azimuth_wraps(void **state) {
  wf_expected e = {.kind = WF_PLOT_RADAR, .dim = 3, .z = {1e5, 0.001, 0.3}};
  const wf_plot plot = {.kind = WF_PLOT_RADAR, .radar = {1e5, 2.0 * WF_PI - 0.001, 0.3, 0.0}};
  double r[WF_VIEW_DIM];
  wf_view_residual(&e, &plot, r);
  assert_float_equal(r[1], -0.002, 1e-12);
}

// Every model's covariance must be what a cloud of states moved one by one shows (noise off).
static void transitions_match_moved_states(void **state) {
  static const wf_noise quiet = {.boost_decay_s = 40.0, .exhaust_m_s = 2600.0, .manoeuvre_decay_s = 15.0};
  static const struct {
    uint8_t model, size;
  } kind[] = {
      {WF_MODEL_COAST, 6}, {WF_MODEL_COAST, 7}, {WF_MODEL_AIR, 6}, {WF_MODEL_BOOST, 9}, {WF_MODEL_MANOEUVRE, 9}};
  for (size_t k = 0; k < sizeof kind / sizeof kind[0]; k++) {
    const int n = kind[k].size;
    wf_filter f = {.model = kind[k].model, .size = kind[k].size};
    flight_start(30e3, 2000.0, 0.7, 1.2, f.x);
    if (n == 7) f.x[6] = 8.0;
    if (n == 9)
      for (int i = 0; i < 3; i++) f.x[6 + i] = 0.015 * f.x[3 + i] + (i == 1 ? 6.0 : 0.0);
    for (int j = 0; j < n; j++) {  // column j of the transition from a unit variance in direction j
      wf_filter g = f, moved = f;
      const double step = j < 3 ? 10.0 : j < 6 ? 0.1 : 1e-3;
      g.p[n * j + j] = 1.0;
      wf_filter_predict(&g, &quiet, 1.0, NULL);
      moved.x[j] += step;
      wf_filter_predict(&moved, &quiet, 1.0, NULL);
      for (int i = 0; i < n; i++) {
        const double slope = (moved.x[i] - g.x[i]) / step;
        assert_float_equal(g.p[n * i + i], slope * slope, 3e-3 * (1.0 + slope * slope));
      }
    }
  }
}

static wf_batch_result fit(wf_rng *rng, int plots, double truth[6], wf_filter *filter) {
  wf_site site;
  wf_batch_item item[WF_BATCH_MAX];
  flight_start(90e3, 2950.0, 0.73, 1.57, truth);
  for (int k = 0; k < plots; k++) {
    if (k > 0) flight_fall(2.0, truth);
    item[k].view = flight_radar(&site);
    item[k].plot = flight_plot(&item[k].view, truth, wf_time_from_s(2.0 * k), rng);
  }
  filter->model = WF_MODEL_COAST;
  for (int i = 0; i < 6; i++) filter->x[i] = truth[i] + (i < 3 ? 5e3 : 1e3);
  wf_batch_result result;
  assert_int_equal(wf_batch_fit(item, plots, item[plots - 1].plot.time, NULL, NULL, filter, &result), WF_OK);
  return result;
}

static void batch_start_is_consistent(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 11);
  enum { RUNS = 400 };
  double nees = 0.0, chi2 = 0.0;
  for (int n = 0; n < RUNS; n++) {
    double truth[6];
    wf_filter filter;
    const wf_batch_result result = fit(&rng, 3, truth, &filter);
    assert_int_equal(result.dof, 3);
    nees += flight_nees(filter.x, truth, filter.p) / RUNS;
    chi2 += result.chi2 / RUNS;
  }
  print_message("batch of 3: NEES %.3f (6), chi2 %.3f (3)\n", nees, chi2);
  assert_true(nees > wf_chi2_quantile(6 * RUNS, 0.005) / RUNS && nees < wf_chi2_quantile(6 * RUNS, 0.995) / RUNS);
  assert_true(chi2 > wf_chi2_quantile(3 * RUNS, 0.005) / RUNS && chi2 < wf_chi2_quantile(3 * RUNS, 0.995) / RUNS);
}

static void one_plot_is_no_state(void **state) {
  wf_site site;
  wf_rng rng;
  wf_rng_seed(&rng, 1);
  wf_filter filter = {.model = WF_MODEL_COAST};
  flight_start(90e3, 2950.0, 0.73, 1.57, filter.x);
  wf_batch_item item = {.view = flight_radar(&site)};
  item.plot = flight_plot(&item.view, filter.x, wf_time_from_s(0.0), &rng);
  wf_batch_result result;
  assert_int_equal(wf_batch_fit(&item, 1, item.plot.time, NULL, NULL, &filter, &result), WF_ESINGULAR);
}

// A hundred flights of 100 s from a batch start: mean NEES inside its 95 % bounds at nearly every scan.
static void coast_filter_is_consistent(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 5);
  enum { RUNS = 100, SCANS = 50 };
  static double nees[SCANS];
  wf_site site;
  const wf_view view = flight_radar(&site);
  for (int n = 0; n < RUNS; n++) {
    double truth[6];
    wf_filter f;
    fit(&rng, 3, truth, &f);
    for (int k = 0; k < SCANS; k++) {
      flight_fall(2.0, truth);
      wf_filter_predict(&f, &WF_NOISE_DEFAULT, 2.0, NULL);
      const wf_plot plot = flight_plot(&view, truth, wf_time_from_s(0.0), &rng);
      wf_expected e;
      double r[WF_VIEW_DIM];
      assert_int_equal(wf_view_expect(&view, &f, &e), WF_OK);
      wf_view_residual(&e, &plot, r);
      wf_filter_update(&f, e.dim, r, e.h, e.variance, e.s_chol);
      assert_true(wf_filter_mend(&f));
      nees[k] += flight_nees(f.x, truth, f.p) / RUNS;
    }
  }
  const double low = wf_chi2_quantile(6 * RUNS, 0.025) / RUNS, high = wf_chi2_quantile(6 * RUNS, 0.975) / RUNS;
  int inside = 0;
  double mean = 0.0;
  for (int k = 0; k < SCANS; k++) {
    inside += nees[k] > low && nees[k] < high;
    mean += nees[k] / SCANS;
  }
  print_message("coast: mean NEES %.3f; %d of %d scans inside %.2f..%.2f\n", mean, inside, SCANS, low, high);
  assert_true(inside >= 40);
}

static void iterated_update_bends(void **state) {
  // From a plot and a velocity of ±3.5 km/s about nothing, two seconds later: the plain update is off by the curvature
  // of the range sphere, the iterated one finds the plot.
  wf_rng rng;
  wf_rng_seed(&rng, 3);
  wf_site site;
  const wf_view view = flight_radar(&site);
  double truth[6], nees = 0.0;
  enum { RUNS = 300 };
  for (int n = 0; n < RUNS; n++) {
    flight_start(90e3, 2950.0, 0.73, 1.57, truth);
    for (int i = 3; i < 6; i++) truth[i] = 3500.0 * wf_rng_normal(&rng);
    const wf_plot first = flight_plot(&view, truth, wf_time_from_s(0.0), &rng);
    wf_filter f = {.model = WF_MODEL_COAST, .size = 6};
    double c[9];
    wf_view_position(&view, &first, f.x, c);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) f.p[6 * i + j] = c[3 * i + j];
      f.p[7 * (3 + i)] = 3500.0 * 3500.0;
    }
    flight_fall(2.0, truth);
    wf_filter_predict(&f, &WF_NOISE_DEFAULT, 2.0, NULL);
    const wf_plot second = flight_plot(&view, truth, wf_time_from_s(2.0), &rng);
    wf_view_update_iterated(&view, &second, 4, &f);
    nees += flight_nees(f.x, truth, f.p) / RUNS;
  }
  print_message("iterated two-point start: NEES %.3f (6)\n", nees);
  assert_true(nees > 5.4 && nees < 6.6);
}

static void broken_covariance_is_mended(void **state) {
  wf_filter f = {.model = WF_MODEL_COAST, .size = 6};
  flight_start(90e3, 2950.0, 0.73, 1.57, f.x);
  for (int i = 0; i < 6; i++) f.p[7 * i] = 100.0;
  assert_true(wf_filter_mend(&f));
  f.p[1] = f.p[6] = 500.0;  // correlation 5
  assert_false(wf_filter_mend(&f));
  assert_true(wf_filter_mend(&f));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(jacobians_match_differences),    cmocka_unit_test(azimuth_wraps),
      cmocka_unit_test(transitions_match_moved_states), cmocka_unit_test(batch_start_is_consistent),
      cmocka_unit_test(one_plot_is_no_state),           cmocka_unit_test(coast_filter_is_consistent),
      cmocka_unit_test(iterated_update_bends),          cmocka_unit_test(broken_covariance_is_mended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
