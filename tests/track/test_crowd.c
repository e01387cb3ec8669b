// A separating cloud, closer together than the radar's cross-range error: every object keeps a track and a number, and
// their covariances tell the truth, at first by their doubt about who made what.
#include "../wf_test.h"
#include "watch.h"

enum { OBJECTS = 8, SCANS = 90 };

typedef struct cloud {
  wf_tracker *tracker;
  wf_rng rng;
  wf_sensor radar;
  wf_site site;
  uint16_t index;
  double truth[OBJECTS][6];
} cloud;

static void cloud_open(cloud *c, uint64_t seed) {
  double centre[6];
  wf_rng_seed(&c->rng, seed);
  c->radar = watch_radar("R1", 10.0);
  wf_site_init(&c->site, &c->radar.lla);
  c->tracker = watch_tracker(WF_MEDIUM_VACUUM, 256, 512);
  c->index = watch_add(c->tracker, &c->radar);
  watch_launch(&c->rng, centre);
  for (int k = 0; k < OBJECTS; k++)
    for (int i = 0; i < 6; i++) c->truth[k][i] = centre[i] + (i < 3 ? 300.0 : 3.0) * wf_rng_normal(&c->rng);
}

static void cloud_scan(cloud *c, int scan) {
  static wf_plot plot[512];
  const wf_time now = wf_time_from_s(1000.0 + WATCH_SCAN_S * scan);
  size_t count = 0;
  for (int k = 0; k < OBJECTS; k++) {
    if (scan > 0) flight_fall(WATCH_SCAN_S, c->truth[k]);
    count += watch_plot(&c->radar, &c->site, c->index, c->truth[k], now, &c->rng, &plot[count]);
  }
  count += watch_clutter(&c->radar, c->index, now, &c->rng, plot + count, 400);
  assert_int_equal(wf_tracker_scan(c->tracker, plot, count, NULL), WF_OK);
}

// Pairs of least NEES first; the mean over the objects. *found: how many have a track.
static double paired_nees(const cloud *c, int *found) {
  bool used[64] = {0}, done[OBJECTS] = {0};
  double sum = 0.0;
  for (*found = 0; *found < OBJECTS; ++*found) {
    int object = -1;
    size_t track = 0;
    double least = 1e8;
    for (int k = 0; k < OBJECTS; k++)
      for (size_t i = 0; i < wf_tracker_count(c->tracker) && i < 64; i++) {
        const wf_track *t = wf_tracker_at(c->tracker, i);
        if (done[k] || used[i] || (t->life != WF_LIFE_CONFIRMED && t->life != WF_LIFE_COASTING)) continue;
        const double nees = flight_nees(t->state, c->truth[k], t->covariance);
        if (nees >= least) continue;
        least = nees;
        object = k;
        track = i;
      }
    if (object < 0) break;
    done[object] = used[track] = true;
    sum += least;
  }
  return *found > 0 ? sum / *found : NAN;
}

static void a_cloud_is_told_apart(void **state) {
  cloud c;
  double late = 0.0, all = 0.0;
  int judged = 0, tracked = 0, possible = 0, grouped = 0;
  cloud_open(&c, 1);
  for (int scan = 0; scan < SCANS; scan++) {
    cloud_scan(&c, scan);
    int found;
    const double nees = paired_nees(&c, &found);
    if (scan < 8) continue;
    possible += OBJECTS;
    tracked += found;
    for (size_t i = 0; i < wf_tracker_count(c.tracker); i++) grouped += wf_tracker_at(c.tracker, i)->group_count > 1;
    all += nees / (SCANS - 8);
    if (scan < SCANS - 20) continue;
    late += nees;
    judged++;
  }
  print_message(
      "NEES %.2f, of the last 20 scans %.2f; tracked %.4f; numbers given %u; said to be of a group %d times\n", all,
      late / judged, (double)tracked / possible, watch_confirmed(c.tracker), grouped);
  assert_true(all < 9.0);
  assert_true(late / judged < 8.0);
  assert_true(tracked >= 0.95 * possible);
  assert_true(watch_confirmed(c.tracker) <= OBJECTS + 1);
  assert_true(grouped > 0);
  wf_tracker_free(c.tracker);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_cloud_is_told_apart)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
