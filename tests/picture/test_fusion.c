// Fused from two nations' increments against one filter that has all plots (vacuum, coast).
#include "../wf_test.h"
#include "nation.h"

#define RUNS 100
#define SCANS 120

typedef struct central {
  wf_filter filter;
  wf_time time;
  bool running;
} central;

static void central_see(central *c, const nation *n, const wf_plot *plot) {
  wf_view view = n->view;
  wf_expected e;
  double r[WF_VIEW_DIM];
  if (!c->running) return;
  view.site = &n->site;
  wf_filter_predict(&c->filter, &WF_NOISE_DEFAULT, wf_time_diff_s(plot->time, c->time), NULL);
  c->time = plot->time;
  wf_view_expect(&view, &c->filter, &e);
  wf_view_residual(&e, plot, r);
  wf_filter_update(&c->filter, e.dim, r, e.h, e.variance, e.s_chol);
}

typedef struct sums {
  double fused2, central2, nees, worst_area_ratio;
  int count, duplicates, areas;
} sums;

static double squared(const double *a, const double *b) {
  double s = 0.0;
  for (int i = 0; i < 3; i++) s += (a[i] - b[i]) * (a[i] - b[i]);
  return s;
}

// The fused 95 % area is never larger than 1.05 times the best nation's own at the same time.
static void compare_areas(const wf_common_track *t, sums *s) {
  if (!t->impact.valid) return;
  for (int k = 0; k < t->contributor_count; k++) {
    if (!t->contributor[k].impact.valid) continue;
    const double ratio = t->impact.area.semi_major_95_m / t->contributor[k].impact.area.semi_major_95_m;
    if (ratio > s->worst_area_ratio) s->worst_area_ratio = ratio;
    s->areas++;
  }
}

static void score(wf_picture *picture, const central *c, const double truth[6], sums *s) {
  if (wf_picture_count(picture) != 1) s->duplicates++;
  if (wf_picture_count(picture) == 0 || !c->running) return;
  const wf_common_track *t = wf_picture_at(picture, 0);
  if (t->contributor_count < 2) return;
  s->fused2 += squared(t->track.state, truth);
  s->central2 += squared(c->filter.x, truth);
  s->nees += nation_nees(t->track.state, truth, t->track.covariance);
  s->count++;
  compare_areas(t, s);
}

static void run(uint64_t seed, int every, sums *s) {
  const wf_picture_config config = {
      .tracks_max = 8, .contributions_max = 2048, .medium_vacuum = 1, .impact_interval_s = 5.0};
  wf_picture *picture = wf_picture_new(&config);
  nation n[2];
  central c = {0};
  double truth[6];
  wf_rng rng;
  wf_rng_seed(&rng, seed);
  nation_init(&n[0], "JPN", 11, 37.0, 137.0);
  nation_init(&n[1], "KOR", 22, 37.5, 129.0);
  nation_burnout(2800.0, 0.75, 1.6, truth);
  for (int k = 0; k < SCANS; k++) {
    // The second nation looks half a second after the first.
    for (int i = 0; i < 2; i++) {
      const wf_time at = nation_time(k + 0.5 * i);
      if (k + i > 0) nation_fall(0.5, truth);
      const wf_plot plot = nation_look(&n[i], truth, at, &rng);
      wf_contribution contribution;
      const bool had = n[i].plots >= NATION_START_PLOTS;
      const bool running = nation_see(&n[i], &plot, truth);
      if (running && i == 0 && !c.running) {
        c = (central){n[0].filter, at, true};
        // The second nation's first plots are missing here: the central filter gets them late, as its own start does.
      } else {
        central_see(&c, &n[i], &plot);
      }
      if (!running || (had && (k + i) % every != 0) || !nation_tracklet(&n[i], &contribution)) continue;
      assert_string_equal(wf_picture_refusal_name(wf_picture_check(&contribution)), "none");
      assert_int_equal(wf_picture_insert(picture, &contribution), WF_OK);
    }
    wf_picture_advance(picture, nation_time(k + 0.5));
    if (k >= 10 && (k + 1) % every == 0) score(picture, &c, truth, s);
  }
  wf_picture_free(picture);
}

static void fused_is_as_good_as_central(void **state) {
  for (int every = 1; every <= 5; every += 4) {
    sums s = {0};
    for (uint64_t seed = 1; seed <= RUNS; seed++) run(seed, every, &s);
    const double ratio = wf_sqrt(s.fused2 / s.central2), nees = s.nees / s.count;
    // Successive scans of a run are correlated, so the bounds are those of the runs, not of all scans.
    const double low = wf_chi2_quantile(6 * RUNS, 0.025) / RUNS, high = wf_chi2_quantile(6 * RUNS, 0.975) / RUNS;
    print_message(
        "an increment every %d s: RMSE fused %.1f m, central %.1f m (ratio %.4f), NEES %.3f (%.2f..%.2f), "
        "worst area ratio %.4f of %d\n",
        every, wf_sqrt(s.fused2 / s.count), wf_sqrt(s.central2 / s.count), ratio, nees, low, high, s.worst_area_ratio,
        s.areas);
    assert_true(ratio <= 1.05);
    assert_true(nees > low && nees < high);
    assert_int_equal(s.duplicates, 0);
    assert_true(s.areas > RUNS);
    assert_true(s.worst_area_ratio <= 1.05);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(fused_is_as_good_as_central)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
