// Free fall through the whole tracker: consistency by Monte Carlo, start, false tracks, the same bytes for the same
// input.
#include "../wf_test.h"
#include "watch.h"

#define OBJECTS 60
#define SCANS 60

typedef struct sky {
  wf_sensor radar;
  wf_site site;
  wf_tracker *tracker;
  uint16_t index;
  wf_rng rng;
  double truth[OBJECTS][6];
  double born_s[OBJECTS];
} sky;

static void sky_open(sky *s, uint64_t seed, double clutter) {
  memset(s, 0, sizeof *s);
  wf_rng_seed(&s->rng, seed);
  s->radar = watch_radar("R1", clutter);
  wf_site_init(&s->site, &s->radar.lla);
  s->tracker = watch_tracker(WF_MEDIUM_VACUUM, 2048, 4096);
  s->index = watch_add(s->tracker, &s->radar);
}

// All objects that exist at the scan, moved to it, plotted, with clutter, tracked.
static void sky_scan(sky *s, int scan, int objects, bool detected[OBJECTS]) {
  static wf_plot plot[4096];
  size_t count = 0;
  const wf_time time = wf_time_from_s(WATCH_SCAN_S * scan);
  for (int k = 0; k < objects; k++) {
    detected[k] = false;
    if (WATCH_SCAN_S * scan < s->born_s[k]) continue;
    if (WATCH_SCAN_S * scan > s->born_s[k]) flight_fall(WATCH_SCAN_S, s->truth[k]);
    detected[k] = watch_plot(&s->radar, &s->site, s->index, s->truth[k], time, &s->rng, &plot[count]);
    count += detected[k];
  }
  count += watch_clutter(&s->radar, s->index, time, &s->rng, plot + count, 4096 - count);
  assert_int_equal(wf_tracker_scan(s->tracker, plot, count, NULL), WF_OK);
}

static void raid_is_consistent(void **state) {
  static sky s;
  sky_open(&s, 31, 20.0);
  for (int k = 0; k < OBJECTS; k++) {
    watch_launch(&s.rng, s.truth[k]);
    s.born_s[k] = 2.0 * (double)wf_rng_below(&s.rng, 20);
  }
  int inside = 0, judged = 0, tracked = 0, all = 0;
  double mean = 0.0;
  for (int scan = 0; scan < SCANS; scan++) {
    bool detected[OBJECTS];
    sky_scan(&s, scan, OBJECTS, detected);
    double sum = 0.0;
    int n = 0;
    for (int k = 0; k < OBJECTS; k++) {
      if (WATCH_SCAN_S * scan < s.born_s[k] + 10.0) continue;
      const wf_track *t = watch_nearest(s.tracker, s.truth[k], 10e3);
      all++;
      if (t == NULL) continue;
      tracked++;
      sum += flight_nees(t->state, s.truth[k], t->covariance);
      n++;
    }
    if (n < 20) continue;
    judged++;
    mean += sum / n;
    inside += sum > wf_chi2_quantile(6 * n, 0.025) && sum < wf_chi2_quantile(6 * n, 0.975);
  }
  print_message("NEES %.2f; inside 95 %% bounds at %d of %d scans; tracked %.4f\n", mean / judged, inside, judged,
                (double)tracked / all);
  assert_true(inside >= 0.9 * judged);
  assert_true(tracked >= 0.99 * all);
  assert_int_equal(watch_confirmed(s.tracker), OBJECTS);
  wf_tracker_stats stats;
  wf_tracker_stats_get(s.tracker, &stats);
  assert_int_equal(stats.covariance_repairs, 0);
  assert_int_equal(stats.full, 0);
  wf_tracker_free(s.tracker);
}

static void confirms_within_three_scans_of_the_first_plot(void **state) {
  enum { RUNS = 300 };
  int in_time = 0, possible = 0;
  double delay = 0.0;
  for (int run = 0; run < RUNS; run++) {
    static sky s;
    sky_open(&s, 1000 + (uint64_t)run, 20.0);
    watch_launch(&s.rng, s.truth[0]);
    s.born_s[0] = 6.0;
    int first = -1, confirmed = -1, plots = 0;
    for (int scan = 0; scan < 14 && (confirmed < 0 || scan <= first + 3); scan++) {
      bool detected[OBJECTS];
      sky_scan(&s, scan, 1, detected);
      if (detected[0] && first < 0) first = scan;
      plots += detected[0] && scan <= first + 3;
      if (first >= 0 && confirmed < 0 && watch_nearest(s.tracker, s.truth[0], 10e3) != NULL) confirmed = scan;
    }
    assert_true(confirmed >= 0);
    possible += plots >= 3;
    in_time += confirmed - first <= 3;
    delay += WATCH_SCAN_S * (confirmed - first) / RUNS;
    wf_tracker_free(s.tracker);
  }
  print_message("confirmed within 3 scans of the first plot: %d of %d (three plots there: %d); mean %.2f s\n", in_time,
                RUNS, possible, delay);
  assert_true(in_time >= 0.95 * RUNS);
  assert_true(delay < 5.0);
}

static void clutter_makes_no_track(void **state) {
  static sky s;
  bool detected[OBJECTS];
  sky_open(&s, 77, 20.0);
  for (int scan = 0; scan < 900; scan++) sky_scan(&s, scan, 0, detected);  // half an hour
  assert_int_equal(watch_confirmed(s.tracker), 0);
  wf_tracker_free(s.tracker);
  sky_open(&s, 78, 200.0);
  for (int scan = 0; scan < 300; scan++) sky_scan(&s, scan, 0, detected);
  wf_tracker_stats stats;
  wf_tracker_stats_get(s.tracker, &stats);
  print_message("200 false plots per scan, 10 min: %llu pairs, %llu confirmed\n", (unsigned long long)stats.initiated,
                (unsigned long long)stats.confirmed);
  assert_int_equal(stats.confirmed, 0);
  wf_tracker_free(s.tracker);
}

static uint64_t hash(uint64_t h, const void *data, size_t size) {
  const uint8_t *b = data;
  for (size_t i = 0; i < size; i++) h = (h ^ b[i]) * 0x100000001b3u;
  return h;
}

static uint64_t run_hash(void) {
  static sky s;
  bool detected[OBJECTS];
  uint64_t h = 0xcbf29ce484222325u;
  sky_open(&s, 5, 20.0);
  for (int k = 0; k < 20; k++) watch_launch(&s.rng, s.truth[k]);
  static wf_contribution out[512];
  for (int scan = 0; scan < 30; scan++) {
    sky_scan(&s, scan, 20, detected);
    const size_t sent = wf_tracker_contributions(s.tracker, wf_time_from_s(2.0 * scan), out, 512);
    h = hash(h, out, sent * sizeof out[0]);
    for (size_t i = 0; i < wf_tracker_count(s.tracker); i++) h = hash(h, wf_tracker_at(s.tracker, i), sizeof(wf_track));
  }
  wf_tracker_free(s.tracker);
  return h;
}

static void same_input_same_bytes(void **state) {
  const uint64_t first = run_hash();
  // Dirty the heap in between: nothing may depend on what memory held before.
  void *dirt = malloc(1 << 22);
  memset(dirt, 0xa5, 1 << 22);
  free(dirt);
  assert_true(first == run_hash());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(raid_is_consistent),
      cmocka_unit_test(confirms_within_three_scans_of_the_first_plot),
      cmocka_unit_test(clutter_makes_no_track),
      cmocka_unit_test(same_input_same_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
