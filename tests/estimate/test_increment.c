// The sum of increments is the filter's posterior: fused one after another by someone who only has them.
#include "../wf_test.h"
#include "estimate/batch.h"
#include "estimate/increment.h"
#include "flight.h"

#define SCANS 60

typedef struct receiver {
  double state[6], covariance[36];
} receiver;

static void receiver_carry(receiver *r, double dt_s) {
  wf_filter f = {.model = WF_MODEL_COAST, .size = 6};
  memcpy(f.x, r->state, sizeof r->state);
  memcpy(f.p, r->covariance, sizeof r->covariance);
  wf_filter_predict(&f, &WF_NOISE_DEFAULT, dt_s, NULL);
  memcpy(r->state, f.x, sizeof r->state);
  memcpy(r->covariance, f.p, sizeof r->covariance);
}

static void update(const wf_view *view, const wf_plot *plot, wf_filter *f, wf_increment *inc) {
  wf_expected e;
  double r[WF_VIEW_DIM], delta[6];
  assert_int_equal(wf_view_expect(view, f, &e), WF_OK);
  wf_view_residual(&e, plot, r);
  wf_increment_gather(inc, &e, e.variance, r);
  for (int i = 0; i < 6; i++) delta[i] = -f->x[i];
  wf_filter_update(f, e.dim, r, e.h, e.variance, e.s_chol);
  for (int i = 0; i < 6; i++) delta[i] += f->x[i];
  wf_increment_shift(inc, delta);
}

// One run; sent_every: scans per contribution. Leaves the filter, the receiver and the truth at the end.
static void run(wf_rng *rng, int sent_every, wf_filter *f, receiver *remote, double truth[6]) {
  wf_site site;
  const wf_view view = flight_radar(&site);
  wf_batch_item item[3];
  flight_start(90e3, 2950.0, 0.73, 1.57, truth);
  for (int k = 0; k < 3; k++) {
    if (k > 0) flight_fall(2.0, truth);
    item[k] = (wf_batch_item){view, flight_plot(&view, truth, wf_time_from_s(2.0 * k), rng)};
  }
  *f = (wf_filter){.model = WF_MODEL_COAST};
  memcpy(f->x, truth, 6 * sizeof *truth);
  wf_batch_result result;
  assert_int_equal(wf_batch_fit(item, 3, item[2].plot.time, NULL, NULL, f, &result), WF_OK);
  wf_increment inc;
  double information[36];
  assert_int_equal(wf_mat_spd_inverse(6, f->p, information), WF_OK);
  wf_increment_seed(&inc, information, 3);
  memcpy(remote->state, f->x, sizeof remote->state);  // a receiver that knows next to nothing
  for (int i = 0; i < 36; i++) remote->covariance[i] = i % 7 != 0 ? 0.0 : i < 18 ? 1e14 : 1e10;
  for (int k = 1; k <= SCANS; k++) {
    double stm[36];
    flight_fall(2.0, truth);
    wf_filter_predict(f, &WF_NOISE_DEFAULT, 2.0, stm);
    wf_increment_carry(&inc, stm);
    receiver_carry(remote, 2.0);
    if (wf_rng_uniform(rng) < 0.9) {
      const wf_plot plot = flight_plot(&view, truth, wf_time_from_s(0.0), rng);
      update(&view, &plot, f, &inc);
    }
    if (k % sent_every != 0 && k != SCANS) continue;
    wf_tracklet tracklet;
    assert_int_equal(wf_increment_take(&inc, f->x, &tracklet), WF_OK);
    wf_increment_clear(&inc);
    assert_int_equal(wf_tracklet_fuse(&tracklet, remote->state, remote->covariance), WF_OK);
  }
}

static void sum_equals_posterior(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 21);
  for (int every = 1; every <= 15; every += 7) {
    wf_filter f;
    receiver remote;
    double truth[6];
    run(&rng, every, &f, &remote, truth);
    // The difference in units of the posterior's own sigma, and the information itself.
    const double apart = flight_nees(remote.state, f.x, f.p);
    print_message("every %d scans: apart %.2e sigma^2\n", every, apart);
    assert_true(apart < 1e-3);
    for (int i = 0; i < 6; i++) assert_float_equal(remote.covariance[7 * i] / f.p[7 * i], 1.0, 1e-3);
  }
}

static void fused_increments_are_consistent(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 22);
  enum { RUNS = 150 };
  double nees = 0.0;
  for (int n = 0; n < RUNS; n++) {
    wf_filter f;
    receiver remote;
    double truth[6];
    run(&rng, 5, &f, &remote, truth);
    nees += flight_nees(remote.state, truth, remote.covariance) / RUNS;
  }
  const double low = wf_chi2_quantile(6 * RUNS, 0.005) / RUNS, high = wf_chi2_quantile(6 * RUNS, 0.995) / RUNS;
  print_message("fused increments: NEES %.3f, bounds %.2f..%.2f\n", nees, low, high);
  assert_true(nees > low && nees < high);
}

// Two positions a fifth of a second apart as one: what a filter makes of them one by one, and no more.
static void positions_put_together(void **state) {
  const double dt_s = 0.2;
  double truth[6], later[6], acc[3], velocity[9] = {0};
  wf_rng rng;
  wf_rng_seed(&rng, 3);
  flight_start(90e3, 2950.0, 0.73, 1.57, truth);
  memcpy(later, truth, sizeof later);
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
  wf_motion_propagate(&vacuum, dt_s, 1.0, later, NULL, NULL);
  wf_motion_acceleration(&vacuum, truth, truth + 3, acc, NULL, NULL, NULL);
  wf_filter one_by_one = {.model = WF_MODEL_COAST, .size = 6};
  for (int i = 0; i < 6; i++) {
    one_by_one.p[7 * i] = i < 3 ? 1e6 : 400.0;
    one_by_one.x[i] = truth[i] + (i < 3 ? 1e3 : 20.0) * wf_rng_normal(&rng);
  }
  for (int i = 0; i < 3; i++) velocity[4 * i] = 400.0;
  wf_filter at_once = one_by_one;
  wf_tracklet first = {.position_only = 1, .plots = 1}, second = first;
  double y[36] = {0};
  for (int i = 0; i < 3; i++) {
    y[7 * i] = 1.0 / (30.0 * 30.0);
    first.vector[i] = (truth[i] - one_by_one.x[i] + 30.0 * wf_rng_normal(&rng)) * y[7 * i];
  }
  wf_mat_pack_upper(6, y, first.information);
  memcpy(first.reference, one_by_one.x, sizeof first.reference);
  wf_filter_predict(&at_once, &WF_NOISE_DEFAULT, dt_s, NULL);
  memcpy(second.reference, at_once.x, sizeof second.reference);
  for (int i = 0; i < 3; i++) second.vector[i] = (later[i] - at_once.x[i] + 30.0 * wf_rng_normal(&rng)) * y[7 * i];
  memcpy(second.information, first.information, sizeof second.information);
  assert_int_equal(wf_tracklet_fuse(&first, one_by_one.x, one_by_one.p), WF_OK);
  wf_filter_predict(&one_by_one, &WF_NOISE_DEFAULT, dt_s, NULL);
  assert_int_equal(wf_tracklet_fuse(&second, one_by_one.x, one_by_one.p), WF_OK);
  wf_tracklet_absorb(&second, &first, dt_s, acc, velocity);
  assert_int_equal(second.plots, 2);
  assert_int_equal(wf_tracklet_fuse(&second, at_once.x, at_once.p), WF_OK);
  for (int i = 0; i < 3; i++) {
    assert_float_equal(at_once.x[i], one_by_one.x[i], 2.0);
    const double ratio = wf_sqrt(at_once.p[7 * i] / one_by_one.p[7 * i]);
    assert_true(ratio > 0.99 && ratio < 1.02);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sum_equals_posterior),
      cmocka_unit_test(positions_put_together),
      cmocka_unit_test(fused_increments_are_consistent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
