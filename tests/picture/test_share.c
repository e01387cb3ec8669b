// Two nations' radars on the shared ballistic sets: plots → own-sensor tracks → increments → common picture, against
// one tracker that is given all plots. Needs ../shared; without it test_fusion.c holds the same thing on flights of its
// own.
#include "../shared_dir.h"
#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "picture/picture.h"
#include "track/tracker.h"

#define SCANS 180
#define PERIOD_S 2.0
#define PLOTS_MAX 400
#define TRUTH_MAX 4000
#define OBJECTS 20
#define EPOCH_S 1.8e9
#define CUTOFF_M 3000.0

typedef struct truth_row {
  double t_s;
  int id;
  double x[6];
} truth_row;
typedef struct set {
  wf_sensor sensor[2];
  struct {
    wf_plot plot[PLOTS_MAX];
    int count;
  } scan[SCANS][2];
  truth_row truth[TRUTH_MAX];
  int truths;
} set;
static set data;

static FILE *open_file(const char *dir, const char *name, const char *file) {
  char path[512], line[512];
  snprintf(path, sizeof path, "%s/data/tracking/%s/%s", dir, name, file);
  FILE *f = fopen(path, "r");
  if (f != NULL && fgets(line, sizeof line, f) == NULL) {
    fclose(f);
    return NULL;
  }
  return f;
}

static bool read_sensors(const char *dir, const char *name) {
  FILE *f = open_file(dir, name, "sensors.csv");
  if (f == NULL) return false;
  for (int i = 0; i < 2; i++) {
    wf_sensor *s = &data.sensor[i];
    memset(s, 0, sizeof *s);
    s->kind = WF_SENSOR_RADAR;
    if (fscanf(f, "%31[^,],%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf\n", s->name, &s->lla.lat_rad,
               &s->lla.lon_rad, &s->lla.h_m, &s->sigma_range_m, &s->sigma_az_rad, &s->sigma_el_rad,
               &s->detection_probability, &s->clutter_mean_per_scan, &s->box_range_m[0], &s->box_range_m[1],
               &s->box_az_rad[0], &s->box_az_rad[1], &s->box_el_rad[0], &s->box_el_rad[1]) != 15)
      return false;
    s->lla.lat_rad *= WF_DEG;
    s->lla.lon_rad *= WF_DEG;
    s->scan_period_s = PERIOD_S;
  }
  fclose(f);
  return true;
}

static bool read_plots(const char *dir, const char *name) {
  FILE *f = open_file(dir, name, "plots.csv");
  double t, r, az, el;
  char sensor[32];
  if (f == NULL) return false;
  memset(data.scan, 0, sizeof data.scan);
  while (fscanf(f, "%lf,%31[^,],%lf,%lf,%lf\n", &t, sensor, &r, &az, &el) == 5) {
    const int i = sensor[0] == 'E', k = (int)(t / PERIOD_S + 0.5);
    if (k >= SCANS || data.scan[k][i].count == PLOTS_MAX) continue;
    data.scan[k][i].plot[data.scan[k][i].count++] =
        (wf_plot){.time = wf_time_from_s(EPOCH_S + t), .kind = WF_PLOT_RADAR, .radar = {r, az, el, 0.0}};
  }
  fclose(f);
  return true;
}

static bool read_truth(const char *dir, const char *name) {
  FILE *f = open_file(dir, name, "truth.csv");
  truth_row w;
  if (f == NULL) return false;
  data.truths = 0;
  while (data.truths < TRUTH_MAX && fscanf(f, "%lf,%d,%lf,%lf,%lf,%lf,%lf,%lf\n", &w.t_s, &w.id, &w.x[0], &w.x[1],
                                           &w.x[2], &w.x[3], &w.x[4], &w.x[5]) == 8)
    data.truth[data.truths++] = w;
  fclose(f);
  return true;
}

static wf_tracker *tracker_with(int first, int count, uint64_t seed) {
  const wf_tracker_config config = {.tracks_max = 2048,
                                    .plots_per_scan_max = 2 * PLOTS_MAX,
                                    .medium = WF_MEDIUM_VACUUM,
                                    .mode = WF_MODE_TEST,
                                    .id_seed = seed};
  wf_tracker *t = wf_tracker_new(&config);
  uint16_t index;
  for (int i = first; i < first + count; i++)
    assert_int_equal(wf_tracker_add_sensor(t, &data.sensor[i], &index), WF_OK);
  return t;
}

static void scan(wf_tracker *t, int k, int i, uint16_t sensor) {
  for (int n = 0; n < data.scan[k][i].count; n++) data.scan[k][i].plot[n].sensor = sensor;
  (void)wf_tracker_scan(t, data.scan[k][i].plot, (size_t)data.scan[k][i].count, NULL);
}

typedef struct score_sum {
  double error2, nees;
  int hits, missed, duplicates, scans_inside, scans;
} score_sum;

typedef struct estimate {
  const double *state, *covariance;
} estimate;

// Each true object against the nearest estimate; estimates beyond one per object are duplicates.
static void score_scan(const estimate *e, int count, double t_s, score_sum *s) {
  double nees = 0.0;
  int hits = 0, close_total = 0, objects = 0;
  for (int i = 0; i < data.truths; i++) {
    const truth_row *w = &data.truth[i];
    if (w->t_s != t_s) continue;
    objects++;
    double best = CUTOFF_M * CUTOFF_M;
    int found = -1;
    for (int k = 0; k < count; k++) {
      double d2 = 0.0;
      for (int a = 0; a < 3; a++) d2 += (e[k].state[a] - w->x[a]) * (e[k].state[a] - w->x[a]);
      if (d2 < best) best = d2, found = k;
      close_total += d2 < CUTOFF_M * CUTOFF_M;
    }
    if (found < 0) {
      s->missed++;
      continue;
    }
    double inverse[36], d[6];
    for (int a = 0; a < 6; a++) d[a] = e[found].state[a] - w->x[a];
    if (wf_mat_spd_inverse(6, e[found].covariance, inverse) == WF_OK) nees += wf_mat_quadratic(6, inverse, d);
    s->error2 += best;
    s->hits++;
    hits++;
  }
  if (close_total > objects) s->duplicates += close_total - objects;
  if (hits == 0) return;
  s->nees += nees;
  s->scans++;
  const double low = wf_chi2_quantile(6 * hits, 0.025), high = wf_chi2_quantile(6 * hits, 0.975);
  s->scans_inside += nees >= low && nees <= high;
}

static void offer(wf_picture *p, wf_tracker *t, const char *code, uint64_t *sequence, wf_time now) {
  static wf_contribution out[512];
  const size_t n = wf_tracker_contributions(t, now, out, 512);
  for (size_t i = 0; i < n; i++) {
    wf_nation_parse(code, &out[i].id.origin);
    out[i].id.stream = 1;
    out[i].id.epoch = 1;
    out[i].id.sequence = ++*sequence;
    out[i].publish_time = now;
    const wf_status status = wf_picture_insert(p, &out[i]);
    if (status != WF_OK)
      fail_msg("insert: %s, %s", wf_status_name(status), wf_picture_refusal_name(wf_picture_check(&out[i])));
  }
}

static size_t of_picture(const wf_picture *p, estimate *e, size_t cap) {
  size_t n = 0;
  for (size_t i = 0; i < wf_picture_count(p) && n < cap; i++) {
    const wf_common_track *t = wf_picture_at(p, i);
    if (t->track.life == WF_LIFE_CONFIRMED || t->track.life == WF_LIFE_COASTING)
      e[n++] = (estimate){t->track.state, t->track.covariance};
  }
  return n;
}

static size_t of_tracker(const wf_tracker *t, wf_time now, estimate *e, double (*room)[42], size_t cap) {
  size_t n = 0;
  for (size_t i = 0; i < wf_tracker_count(t) && n < cap; i++) {
    const wf_track *k = wf_tracker_at(t, i);
    if (k->life != WF_LIFE_CONFIRMED && k->life != WF_LIFE_COASTING) continue;
    if (wf_tracker_predict(t, k->id, now, room[n], room[n] + 6) != WF_OK) continue;
    e[n] = (estimate){room[n], room[n] + 6};
    n++;
  }
  return n;
}

static void report(const char *who, const score_sum *s) {
  print_message("%-8s RMSE %7.1f m, NEES %5.2f, inside its bounds at %3.0f %% of %d scans, missed %d, duplicates %d\n",
                who, wf_sqrt(s->error2 / s->hits), s->nees / s->hits, 100.0 * s->scans_inside / s->scans, s->scans,
                s->missed, s->duplicates);
}

static void run(const char *name, score_sum *common, score_sum *single) {
  const char *codes[2] = {"JPN", "KOR"};
  const wf_picture_config config = {
      .tracks_max = 256, .contributions_max = 65536, .medium_vacuum = 1, .impact_interval_s = 600.0};
  wf_picture *picture = wf_picture_new(&config);
  wf_tracker *own[2] = {tracker_with(0, 1, 1), tracker_with(1, 1, 2)}, *all = tracker_with(0, 2, 3);
  uint64_t sequence[2] = {0, 0};
  static estimate e[256];
  static double room[256][42];
  for (int k = 0; k < SCANS; k++) {
    const wf_time now = wf_time_from_s(EPOCH_S + k * PERIOD_S);
    for (int i = 0; i < 2; i++) {
      scan(own[i], k, i, 0);
      scan(all, k, i, (uint16_t)i);
      offer(picture, own[i], codes[i], &sequence[i], now);
    }
    wf_picture_advance(picture, now);
    if (k * PERIOD_S < 20.0) continue;
    score_scan(e, (int)of_picture(picture, e, 256), k * PERIOD_S, common);
    score_scan(e, (int)of_tracker(all, now, e, room, 256), k * PERIOD_S, single);
  }
  wf_picture_stats stats;
  wf_picture_stats_get(picture, &stats);
  print_message("%s: %llu contributions, %llu applied, %llu rollbacks, unfit %llu\n", name,
                (unsigned long long)stats.inserted, (unsigned long long)stats.replayed,
                (unsigned long long)stats.rollbacks, (unsigned long long)stats.unfit);
  report("common", common);
  report("single", single);
  wf_picture_free(picture);
  for (int i = 0; i < 2; i++) wf_tracker_free(own[i]);
  wf_tracker_free(all);
}

static void share_20(void **state) {
  const char *dir = wf_test_shared();
  score_sum common = {0}, single = {0};
  assert_true(read_sensors(dir, "share-20") && read_plots(dir, "share-20") && read_truth(dir, "share-20"));
  run("share-20", &common, &single);
  assert_true(common.error2 / common.hits <= 1.05 * 1.05 * single.error2 / single.hits);
  assert_true(common.scans_inside >= 0.9 * common.scans);
  assert_int_equal(common.duplicates, 0);
  assert_true(common.missed <= 1.25 * single.missed + 10);
}

static void share_20_bias(void **state) {
  const char *dir = wf_test_shared();
  score_sum common = {0}, single = {0};
  assert_true(read_sensors(dir, "share-20-bias") && read_plots(dir, "share-20-bias") &&
              read_truth(dir, "share-20-bias"));
  run("share-20-bias", &common, &single);  // the tracker with both radars finds and removes the errors by itself, too
  assert_int_equal(common.duplicates, 0);
  assert_true(common.nees / common.hits < 7.0);
  // One draw scatters by more than a few percent; bench_bias measures many against the bound.
  assert_true(common.error2 / common.hits <= 1.15 * 1.15 * single.error2 / single.hits);
}

int main(void) {
  if (wf_test_shared() == NULL) return WF_TEST_SKIPPED;
  const struct CMUnitTest tests[] = {cmocka_unit_test(share_20), cmocka_unit_test(share_20_bias)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
