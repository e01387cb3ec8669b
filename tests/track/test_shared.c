// The shared tracking sets: every object found, nothing false, errors as large as the covariances say.
#include "../shared_dir.h"
#include "../wf_test.h"
#include "io/csv.h"
#include "watch.h"

typedef struct set {
  const char *dir;
  wf_diag diag;
  wf_sensor sensor[8];
  wf_site site[8];
  size_t sensors;
  wf_csv_truth *truth;
  size_t truths;
} set;

static const char *file(const set *s, const char *name) {
  static char path[1024];
  snprintf(path, sizeof path, "%s/%s", s->dir, name);
  return path;
}

typedef struct judged {
  int scans, inside, truths, tracked, spurious;
  double nees;
} judged;

// The track of a truth: nearest in position and motion (objects cross within a few hundred metres).
static const wf_track *track_of(const wf_tracker *t, const double truth[6]) {
  const wf_track *best = NULL;
  double least = 3e3;
  for (size_t i = 0; i < wf_tracker_count(t); i++) {
    const wf_track *k = wf_tracker_at(t, i);
    if (k->life != WF_LIFE_CONFIRMED && k->life != WF_LIFE_COASTING) continue;
    double d[3], v[3];
    wf_vec_sub(k->state, truth, d);
    wf_vec_sub(k->state + 3, truth + 3, v);
    const double apart = wf_vec_norm(d) + 10.0 * wf_vec_norm(v);
    if (apart < least) {
      least = apart;
      best = k;
    }
  }
  return best;
}

// Every truth of the present time against its track; times are those of the file.
static void judge(const set *s, const wf_tracker *t, double time_s, judged *j) {
  double sum = 0.0;
  int n = 0, firm = 0, there = 0;
  for (size_t i = 0; i < s->truths; i++) {
    if (fabs(s->truth[i].time_s - time_s) > 1e-6) continue;
    const wf_track *k = track_of(t, s->truth[i].state);
    j->truths++;
    there++;
    if (k == NULL) continue;
    j->tracked++;
    sum += flight_nees(k->state, s->truth[i].state, k->covariance);
    n++;
  }
  for (size_t i = 0; i < wf_tracker_count(t); i++)
    firm += wf_tracker_at(t, i)->life == WF_LIFE_CONFIRMED || wf_tracker_at(t, i)->life == WF_LIFE_COASTING;
  j->spurious += firm > there ? firm - there : 0;
  if (n == 0 || time_s < 10.0) return;
  j->scans++;
  j->nees += sum / n;
  j->inside += sum > wf_chi2_quantile(6 * n, 0.025) && sum < wf_chi2_quantile(6 * n, 0.975);
}

static judged run(const char *shared, const char *name) {
  static char dir[512];
  snprintf(dir, sizeof dir, "%s/data/tracking/%s", shared, name);
  set s = {.dir = dir};
  judged j = {0};
  wf_status status;
  s.sensors = wf_csv_read_sensors(file(&s, "sensors.csv"), &s.diag, s.sensor, 8, &status);
  assert_int_equal(wf_csv_read_truth(file(&s, "truth.csv"), &s.diag, &s.truth, &s.truths), WF_OK);
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 1024, 4096);
  for (size_t i = 0; i < s.sensors; i++) watch_add(t, &s.sensor[i]);
  wf_csv *csv;
  wf_csv_plots bound;
  assert_int_equal(wf_csv_open(file(&s, "plots.csv"), &s.diag, &csv), WF_OK);
  assert_int_equal(wf_csv_plots_bind(csv, s.sensor, s.sensors, s.site, &bound), WF_OK);
  static wf_plot scan[4096];
  size_t count = 0;
  bool more = true;
  while (more) {
    wf_plot p;
    more = wf_csv_plots_next(csv, &bound, &p);
    if (count > 0 && (!more || p.time.ns != scan[0].time.ns)) {
      assert_int_equal(wf_tracker_scan(t, scan, count, NULL), WF_OK);
      judge(&s, t, wf_time_to_s(scan[0].time), &j);
      count = 0;
    }
    if (more) scan[count++] = p;
  }
  assert_int_equal(s.diag.count, 0);
  wf_csv_close(csv);
  wf_tracker_free(t);
  free(s.truth);
  print_message("%s: NEES %.2f, inside 95 %% bounds at %d of %d scans, completeness %.4f, spurious %d\n", name,
                j.nees / j.scans, j.inside, j.scans, (double)j.tracked / j.truths, j.spurious);
  return j;
}

static const char *shared_dir;

// Without process noise an object's error hardly changes with time (bal-1: the exact fit to all its true plots has NEES
// 8.2, 12.5, 17.0, 10.8 at 50, 100, 150, 294 s): its mean over the run is one sample, the objects are the samples.
static void consistent(const char *name, int objects) {
  const judged j = run(shared_dir, name);
  const double mean = j.nees / j.scans;
  assert_true(mean > wf_chi2_quantile(6 * objects, 0.025) / objects);
  assert_true(mean < wf_chi2_quantile(6 * objects, 0.975) / objects);
  assert_true(j.inside >= 0.7 * j.scans);
  assert_true(j.tracked >= 0.97 * j.truths);
  assert_int_equal(j.spurious, 0);
}

static void bal_1(void **state) {
  consistent("bal-1", 1);
}
static void bal_10(void **state) {
  consistent("bal-10", 10);
}
static void bal_100(void **state) {
  consistent("bal-100", 100);
}
static void share_20(void **state) {
  consistent("share-20", 20);
}

// Registration errors of 15–20 m and 0.3–0.5 mrad in both radars, unstated: found and taken out.
static void share_20_bias(void **state) {
  const judged j = run(shared_dir, "share-20-bias");
  assert_true(j.nees / j.scans < 7.0 && j.nees / j.scans > 3.0);
  assert_true(j.tracked >= 0.97 * j.truths);
  assert_int_equal(j.spurious, 0);
}

int main(void) {
  shared_dir = wf_test_shared();
  if (shared_dir == NULL) return WF_TEST_SKIPPED;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bal_1),    cmocka_unit_test(bal_10),        cmocka_unit_test(bal_100),
      cmocka_unit_test(share_20), cmocka_unit_test(share_20_bias),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
