// What is told to partners: enough to rebuild the track, nothing twice, soon at first and seldom later.
#include "../wf_test.h"
#include "estimate/increment.h"
#include "watch.h"

#define SCANS 120
#define OUT 64

typedef struct receiver {
  wf_filter f;
  wf_time time;
  int tracklets, detections, launches, statuses, plots;
  uint64_t object;
} receiver;

static void receive(receiver *r, const wf_contribution *c) {
  if (r->object == 0) {
    r->object = c->object;
    assert_int_equal(c->kind, WF_CONTRIBUTION_DETECTION);  // before anything else
  }
  assert_true(c->object == r->object);
  assert_int_equal(c->sources, WF_SOURCE_RADAR);
  assert_int_equal(c->publish_time.ns, 0);
  assert_int_equal(c->id.sequence, 0);
  r->detections += c->kind == WF_CONTRIBUTION_DETECTION;
  r->launches += c->kind == WF_CONTRIBUTION_LAUNCH;
  r->statuses += c->kind == WF_CONTRIBUTION_STATUS;
  if (c->kind != WF_CONTRIBUTION_TRACKLET) return;
  if (r->tracklets++ == 0 || c->tracklet.whole) {  // knows next to nothing, or is told all anew
    r->f = (wf_filter){.model = WF_MODEL_COAST, .size = 6};
    memcpy(r->f.x, c->tracklet.reference, sizeof c->tracklet.reference);
    for (int i = 0; i < 6; i++) r->f.p[7 * i] = i < 3 ? 1e13 : 1e9;
    r->time = c->valid_time;
  }
  assert_true(c->valid_time.ns >= r->time.ns);
  wf_filter_predict(&r->f, &WF_NOISE_DEFAULT, wf_time_diff_s(c->valid_time, r->time), NULL);
  r->time = c->valid_time;
  r->plots += c->tracklet.plots;
  assert_int_equal(wf_tracklet_fuse(&c->tracklet, r->f.x, r->f.p), WF_OK);
}

typedef struct outcome {
  receiver r;
  double own[6], own_p[36], truth[6];
  uint32_t plots;
} outcome;

static outcome run(uint64_t seed) {
  outcome o = {0};
  wf_rng rng;
  wf_rng_seed(&rng, seed);
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 256, 256);
  const wf_sensor radar = watch_radar("R1", 10.0);
  const uint16_t index = watch_add(t, &radar);
  wf_site site;
  wf_site_init(&site, &radar.lla);
  watch_launch(&rng, o.truth);
  for (int scan = 0; scan < SCANS; scan++) {
    if (scan > 0) flight_fall(WATCH_SCAN_S, o.truth);
    const wf_time now = wf_time_from_s(WATCH_SCAN_S * scan);
    wf_plot p[64];
    size_t n = watch_plot(&radar, &site, index, o.truth, now, &rng, &p[0]) ? 1 : 0;
    n += watch_clutter(&radar, index, now, &rng, p + n, 60);
    wf_tracker_scan(t, p, n, NULL);
    wf_contribution out[OUT];
    const size_t sent = wf_tracker_contributions(t, now, out, OUT);
    assert_true(sent < OUT);
    for (size_t i = 0; i < sent; i++) {
      receive(&o.r, &out[i]);
    }
    assert_int_equal(wf_tracker_contributions(t, now, out, OUT), 0);  // nothing twice
  }
  const wf_track *k = watch_nearest(t, o.truth, 10e3);
  assert_non_null(k);
  memcpy(o.own, k->state, sizeof o.own);
  memcpy(o.own_p, k->covariance, sizeof o.own_p);
  o.plots = k->plots;
  wf_filter_predict(&o.r.f, &WF_NOISE_DEFAULT, wf_time_diff_s(k->time, o.r.time), NULL);
  wf_tracker_free(t);
  return o;
}

static void sum_of_contributions_is_the_track(void **state) {
  enum { RUNS = 40 };
  double apart = 0.0, nees = 0.0, ratio = 0.0;
  for (int n = 0; n < RUNS; n++) {
    const outcome o = run(3000 + (uint64_t)n);
    assert_true(o.r.plots <= (int)o.plots && o.r.plots + 6 > (int)o.plots);  // the last few wait to be worth it
    apart += flight_nees(o.r.f.x, o.own, o.own_p) / RUNS;
    nees += flight_nees(o.r.f.x, o.truth, o.r.f.p) / RUNS;
    ratio += o.r.f.p[21] / o.own_p[21] / RUNS;
  }
  const double low = wf_chi2_quantile(6 * RUNS, 0.005) / RUNS, high = wf_chi2_quantile(6 * RUNS, 0.995) / RUNS;
  print_message("receiver: %.3f sigma^2 from the track, NEES %.2f (%.2f..%.2f), velocity variance ratio %.3f\n", apart,
                nees, low, high, ratio);
  assert_true(apart < 0.3);  // what waits to be sent
  assert_true(nees > low && nees < high);
  assert_true(ratio > 0.98 && ratio < 1.15);
}

// A radar that looks four times a second is told about once a second, with every plot in it; what tells nothing waits.
static void gathered_to_a_rate(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 41);
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 64, 64);
  wf_sensor radar = watch_radar("R1", 0.0);
  radar.scan_period_s = 0.25;
  const uint16_t index = watch_add(t, &radar);
  wf_site site;
  wf_site_init(&site, &radar.lla);
  double truth[6];
  watch_launch(&rng, truth);
  int detections = 0, launches = 0, early = 0, late = 0, early_plots = 0, late_plots = 0;
  for (int scan = 0; scan < 1600; scan++) {
    const wf_time now = wf_time_from_s(0.25 * scan);
    wf_plot p;
    wf_contribution out[16];
    if (watch_plot(&radar, &site, index, truth, now, &rng, &p)) wf_tracker_scan(t, &p, 1, NULL);
    flight_fall(0.25, truth);
    for (size_t n = wf_tracker_contributions(t, now, out, 16), i = 0; i < n; i++) {
      detections += out[i].kind == WF_CONTRIBUTION_DETECTION;
      launches += out[i].kind == WF_CONTRIBUTION_LAUNCH;
      if (out[i].kind != WF_CONTRIBUTION_TRACKLET) continue;
      early += scan >= 160 && scan < 240;
      early_plots += scan >= 160 && scan < 240 ? out[i].tracklet.plots : 0;
      late += scan >= 1520;
      late_plots += scan >= 1520 ? out[i].tracklet.plots : 0;
    }
  }
  print_message("tracklets (plots) in 20 s: %d (%d) after 40 s, %d (%d) after 380 s; %d launch estimates\n", early,
                early_plots, late, late_plots, launches);
  assert_int_equal(detections, 1);
  assert_true(launches >= 3 && launches <= 12);
  assert_true(early >= 15 && early <= 20 && early_plots >= 60);
  assert_true(late < early && late_plots >= 60);
  wf_tracker_free(t);
}

// With room for few, everything still comes, in turns.
static void a_small_outbox_loses_nothing(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 12);
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 256, 256);
  const wf_sensor radar = watch_radar("R1", 0.0);
  const uint16_t index = watch_add(t, &radar);
  wf_site site;
  wf_site_init(&site, &radar.lla);
  double truth[8][6];
  uint64_t told[8] = {0};
  int detections = 0;
  for (int k = 0; k < 8; k++) watch_launch(&rng, truth[k]);
  for (int scan = 0; scan < 20; scan++) {
    wf_plot p[8];
    size_t n = 0;
    for (int k = 0; k < 8; k++) {
      if (scan > 0) flight_fall(WATCH_SCAN_S, truth[k]);
      n += watch_plot(&radar, &site, index, truth[k], wf_time_from_s(2.0 * scan), &rng, &p[n]);
    }
    wf_tracker_scan(t, p, n, NULL);
    for (int ask = 0; ask < 40; ask++) {
      wf_contribution one;
      if (wf_tracker_contributions(t, wf_time_from_s(2.0 * scan), &one, 1) == 0) break;
      if (one.kind != WF_CONTRIBUTION_DETECTION) continue;
      for (int i = 0; i < detections; i++) assert_true(told[i] != one.object);
      assert_true(detections < 8);
      told[detections++] = one.object;
    }
  }
  assert_int_equal(detections, 8);
  wf_tracker_free(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sum_of_contributions_is_the_track),
      cmocka_unit_test(gathered_to_a_rate),
      cmocka_unit_test(a_small_outbox_loses_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
