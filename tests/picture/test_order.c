// The picture is a function of the set: whatever the order, the lateness, the repeats and the moments of looking.
#include <stdlib.h>

#include "../wf_test.h"
#include "base/bytes.h"
#include "crowd.h"

#define END_S 240.0
#define FLIGHTS 5

static crowd all;
static wf_picture_config config = {.tracks_max = 32, .contributions_max = CROWD_MAX, .medium_vacuum = 1};

typedef struct shuffled {
  double arrival_s;
  size_t index;
} shuffled;

static int by_arrival(const void *a, const void *b) {
  const shuffled *x = a, *y = b;
  if (x->arrival_s != y->arrival_s) return x->arrival_s < y->arrival_s ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

static wf_picture *in_order(double until_s) {
  wf_picture *p = wf_picture_new(&config);
  for (size_t i = 0; i < all.count; i++) assert_int_equal(wf_picture_insert(p, &all.item[i]), WF_OK);
  wf_picture_advance(p, nation_time(until_s));
  return p;
}

static void assert_same(wf_picture *a, wf_picture *b, double at_s) {
  wf_picture_digest x, y;
  assert_int_equal(wf_picture_digest_at(a, nation_time(at_s), &x), WF_OK);
  assert_int_equal(wf_picture_digest_at(b, nation_time(at_s), &y), WF_OK);
  assert_memory_equal(x.record_set, y.record_set, WF_DIGEST_SIZE);
  assert_memory_equal(x.picture, y.picture, WF_DIGEST_SIZE);
  assert_true(x.parameters == y.parameters);
}

static void any_order_gives_the_same(int vacuum) {
  config.medium_vacuum = vacuum;
  wf_picture *reference = in_order(END_S);
  static shuffled order[CROWD_MAX];
  uint64_t rollbacks = 0;
  for (uint64_t seed = 1; seed <= 4; seed++) {
    wf_rng rng;
    wf_rng_seed(&rng, seed);
    // Most a little late, some very, one stream in a block; advanced every 100 ms to 3 s; one in five comes twice.
    const double tail = seed % 3 == 0 ? 100.0 : 5.0;
    for (size_t i = 0; i < all.count; i++) {
      const double late = wf_rng_uniform(&rng) < 0.1 ? tail * wf_rng_uniform(&rng) : 0.3 * wf_rng_uniform(&rng);
      const double outage = seed % 2 == 0 && all.item[i].id.stream == 11 ? 80.0 : 0.0;
      order[i] = (shuffled){wf_time_diff_s(all.item[i].valid_time, nation_time(0.0)) + late + outage, i};
    }
    qsort(order, all.count, sizeof *order, by_arrival);
    wf_picture *p = wf_picture_new(&config);
    double next = 0.0;
    for (size_t i = 0; i < all.count; i++) {
      while (next < order[i].arrival_s) {
        wf_picture_advance(p, nation_time(next));
        if (wf_rng_uniform(&rng) < 0.05) (void)wf_picture_at(p, 0);
        next += wf_rng_between(&rng, 0.1, 3.0);
      }
      const wf_contribution *c = &all.item[order[i].index];
      assert_int_equal(wf_picture_insert(p, c), WF_OK);
      if (wf_rng_uniform(&rng) < 0.2) assert_int_equal(wf_picture_insert(p, c), WF_EEXIST);
    }
    wf_picture_advance(p, nation_time(END_S));
    for (double t = 30.0; t <= END_S; t += 42.0) assert_same(reference, p, t);
    assert_same(reference, p, END_S);
    wf_picture_stats stats;
    wf_picture_stats_get(p, &stats);
    rollbacks += stats.rollbacks;
    assert_true(stats.duplicates > 0);
    wf_picture_free(p);
  }
  print_message("%zu contributions, 4 orders, %llu rollbacks: one digest\n", all.count, (unsigned long long)rollbacks);
  assert_true(rollbacks > 100);
  // To hold beside another build or machine: the same everywhere.
  wf_picture_digest d;
  char hex[2 * WF_DIGEST_SIZE + 1];
  assert_int_equal(wf_picture_digest_at(reference, nation_time(END_S), &d), WF_OK);
  wf_hex(d.picture, sizeof d.picture, hex);
  print_message("picture %s\n", hex);
  wf_picture_free(reference);
}

static void any_order_in_air(void **state) {
  any_order_gives_the_same(0);
}
static void any_order_in_vacuum(void **state) {
  any_order_gives_the_same(1);
}

// A single different bit, or a missing record, is seen.
static void digest_can_differ(void **state) {
  wf_picture *a = in_order(END_S), *b = wf_picture_new(&config);
  for (size_t i = 0; i < all.count; i++) {
    wf_contribution c = all.item[i];
    if (i == all.count / 2) c.tracklet.vector[0] += 1e-9;
    assert_int_equal(wf_picture_insert(b, &c), WF_OK);
  }
  wf_picture_advance(b, nation_time(END_S));
  wf_picture_digest x, y;
  assert_int_equal(wf_picture_digest_at(a, nation_time(END_S), &x), WF_OK);
  assert_int_equal(wf_picture_digest_at(b, nation_time(END_S), &y), WF_OK);
  assert_memory_not_equal(x.record_set, y.record_set, WF_DIGEST_SIZE);
  assert_memory_not_equal(x.picture, y.picture, WF_DIGEST_SIZE);
  wf_picture_free(a);
  wf_picture_free(b);
}

// Taking a record out gives the picture that never had it; looking back does not disturb.
static void removal_and_looking_back(void **state) {
  wf_picture *with = in_order(END_S), *without = wf_picture_new(&config);
  const size_t gone = all.count / 3;
  for (size_t i = 0; i < all.count; i++)
    if (i != gone) assert_int_equal(wf_picture_insert(without, &all.item[i]), WF_OK);
  wf_picture_advance(without, nation_time(END_S));
  wf_picture_digest before, after;
  assert_int_equal(wf_picture_digest_at(with, nation_time(END_S), &before), WF_OK);
  for (double t = END_S; t > 0.0; t -= 17.0) {
    wf_picture_digest past;
    assert_int_equal(wf_picture_digest_at(with, nation_time(t), &past), WF_OK);
  }
  assert_int_equal(wf_picture_digest_at(with, nation_time(END_S), &after), WF_OK);
  assert_memory_equal(&before, &after, sizeof before);
  assert_int_equal(wf_picture_remove(with, &all.item[gone].id), WF_OK);
  assert_int_equal(wf_picture_remove(with, &all.item[gone].id), WF_ENOTFOUND);
  wf_picture_advance(with, nation_time(END_S));
  assert_same(with, without, END_S);
  assert_same(with, without, END_S / 2.0);
  wf_picture_free(with);
  wf_picture_free(without);
}

// What was shown before a late founder came is still found, under its old number.
static void old_numbers_stay(void **state) {
  wf_picture *p = wf_picture_new(&config);
  uint64_t shown[64], events[64];
  size_t count = 0;
  // USA's stream arrives only at the end: until then numbers come from KOR's contributions.
  for (size_t i = 0; i < all.count; i++)
    if (strcmp(all.item[i].id.origin.code, "USA") != 0) assert_int_equal(wf_picture_insert(p, &all.item[i]), WF_OK);
  wf_picture_advance(p, nation_time(END_S));
  for (count = 0; count < wf_picture_count(p); count++) {
    shown[count] = wf_picture_at(p, count)->number;
    events[count] = wf_picture_at(p, count)->event;
  }
  assert_int_equal(count, FLIGHTS);
  for (size_t i = 0; i < all.count; i++)
    if (strcmp(all.item[i].id.origin.code, "USA") == 0) assert_int_equal(wf_picture_insert(p, &all.item[i]), WF_OK);
  wf_picture_advance(p, nation_time(END_S));
  assert_int_equal(wf_picture_count(p), FLIGHTS);
  for (size_t i = 0; i < count; i++) {
    const wf_common_track *t = wf_picture_find(p, shown[i]);
    assert_non_null(t);
    assert_true(t->number != shown[i]);
    assert_true(wf_picture_resolve(p, shown[i]) == t->number);
    assert_ptr_equal(wf_picture_find(p, events[i]), t);
    assert_int_equal(t->contributor_count, 3);
    assert_int_equal(strlen(t->label), 6);
  }
  assert_null(wf_picture_find(p, 12345));
  assert_true(wf_picture_resolve(p, 12345) == 12345);
  wf_picture_free(p);
}

// One system of KOR follows every other flight, and somebody in JPN was told of each launch.
static void add_what_was_told(wf_rng *rng) {
  for (int f = 0; f < FLIGHTS; f++) {
    const double lat = 38.5 + 0.15 * f, lon = 126.0 + 0.1 * f, azimuth = 1.5 + 0.05 * f, start_s = 7.0 * f;
    nation system, person;
    nation_init(&system, "KOR", wf_mix64((uint64_t)(1000 + f)), 37.0, 133.0);
    nation_init(&person, "JPN", wf_mix64((uint64_t)(2000 + f)), 36.0, 130.0);
    system.id.stream = (uint32_t)(30 + f);
    person.id.stream = (uint32_t)(40 + f);
    crowd_launch(&person, lat + 0.01, lon, nation_time(start_s + 61.0), 20e3, &all);
    all.item[all.count - 1].reported = wf_reported_of(WF_REPORTED_VOICE, 0);
    all.item[all.count - 1].sources = WF_SOURCE_VOICE;
    for (double t = 50.0; f % 2 == 0 && start_s + t < END_S; t += 4.0) {
      wf_contribution item;
      double x[6], y[36] = {0};
      crowd_truth(lat, lon, azimuth, 65.0, t, x);
      nation_envelope(&system, WF_CONTRIBUTION_TRACKLET, nation_time(start_s + t), &item);
      item.reported = wf_reported_of(WF_REPORTED_SYSTEM, 0);
      item.sources = WF_SOURCE_SYSTEM;
      for (int i = 0; i < 6; i++) {
        const double sigma = i < 3 ? 400.0 : 15.0;
        item.tracklet.reference[i] = x[i] + sigma * wf_rng_normal(rng);
        y[7 * i] = 1.0 / (sigma * sigma);
      }
      wf_mat_pack_upper(6, y, item.tracklet.information);
      item.tracklet.whole = 1;
      crowd_add(&all, &item);
    }
  }
}

static void any_order_of_what_was_told(void **state) {
  static crowd seen;
  wf_rng rng;
  wf_rng_seed(&rng, 12);
  seen = all;
  add_what_was_told(&rng);
  assert_true(all.count > seen.count + 100);
  any_order_gives_the_same(1);
  any_order_gives_the_same(0);
  wf_picture *p = in_order(END_S);
  int systems = 0, voices = 0;
  assert_int_equal(wf_picture_count(p), FLIGHTS);  // nobody's word made another object of it
  for (size_t i = 0; i < FLIGHTS; i++) {
    const wf_common_track *t = wf_picture_at(p, i);
    voices += (t->track.sources & WF_SOURCE_VOICE) != 0;  // launches lie 17 km and 7 s apart: whose is whose, who knows
    systems += (t->track.sources & WF_SOURCE_SYSTEM) != 0;
  }
  assert_int_equal(systems, 3);
  assert_true(voices > 0);
  wf_picture_free(p);
  all = seen;
}

static int make(void **state) {
  crowd_make(&all, FLIGHTS, 7.0, END_S, 99);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_order_in_air),  cmocka_unit_test(any_order_in_vacuum),
      cmocka_unit_test(digest_can_differ), cmocka_unit_test(removal_and_looking_back),
      cmocka_unit_test(old_numbers_stay),  cmocka_unit_test(any_order_of_what_was_told),
  };
  return cmocka_run_group_tests(tests, make, NULL);
}
