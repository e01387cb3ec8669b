// Impossible contributions are refused by name; bounds are reached, counted, and nothing breaks.
#include <math.h>

#include "../wf_test.h"
#include "crowd.h"

static nation jpn;
static double truth[6];

static wf_contribution tracklet(void) {
  wf_contribution c;
  wf_rng rng;
  wf_rng_seed(&rng, 1);
  nation_envelope(&jpn, WF_CONTRIBUTION_TRACKLET, nation_time(100.0), &c);
  crowd_position(truth, 100.0, WF_PHASE_COAST, &rng, &c.tracklet);
  return c;
}

static wf_contribution detection(void) {
  crowd one = {.count = 0};
  crowd_detection(&jpn, truth, nation_time(100.0), 5e3, &one);
  return one.item[0];
}

static wf_contribution launch(void) {
  crowd one = {.count = 0};
  crowd_launch(&jpn, 39.0, 127.0, nation_time(100.0), 5e3, &one);
  return one.item[0];
}

static wf_contribution status(void) {
  crowd one = {.count = 0};
  crowd_status(&jpn, WF_LIFE_LOST, WF_PHASE_COAST, WF_REASON_NOT_SEEN, nation_time(100.0), &one);
  return one.item[0];
}

static wf_picture *picture;

static void refused(wf_contribution c, wf_picture_refusal why) {
  wf_picture_stats before, after;
  wf_picture_stats_get(picture, &before);
  const wf_picture_refusal found = wf_picture_check(&c);
  if (found != why) fail_msg("%s instead of %s", wf_picture_refusal_name(found), wf_picture_refusal_name(why));
  assert_int_equal(wf_picture_insert(picture, &c), WF_EINVAL);
  wf_picture_stats_get(picture, &after);
  assert_int_equal(after.refused, before.refused + 1);
  assert_int_equal(after.refused_by[why], before.refused_by[why] + 1);
  assert_int_equal(after.inserted, before.inserted);
}

#define WITH(make, change, why) \
  do {                          \
    wf_contribution c = make(); \
    change;                     \
    refused(c, why);            \
  } while (0)

static void impossible_ones_are_refused_by_name(void **state) {
  const wf_picture_config config = {.tracks_max = 4, .contributions_max = 16};
  picture = wf_picture_new(&config);
  WITH(tracklet, memset(&c.id.origin, 0, 4), WF_REFUSAL_NO_ORIGIN);
  WITH(tracklet, memcpy(c.id.origin.code, "jpn", 4), WF_REFUSAL_NO_ORIGIN);
  WITH(tracklet, memcpy(c.id.origin.code, "JPNX", 4), WF_REFUSAL_NO_ORIGIN);
  WITH(tracklet, c.kind = 0, WF_REFUSAL_KIND);
  WITH(tracklet, c.kind = 9, WF_REFUSAL_KIND);
  WITH(tracklet, c.sources = 16, WF_REFUSAL_ENUMERATION);
  WITH(tracklet, c.reported = WF_REPORTED_UNSAID + 1, WF_REFUSAL_ENUMERATION);
  WITH(tracklet, c.reported = WF_REPORTED_UNSAID, WF_REFUSAL_ENUMERATION);  // an increment that somebody reported
  WITH(tracklet, c.tracklet.phase = 4, WF_REFUSAL_ENUMERATION);
  WITH(tracklet, c.tracklet.whole = 2, WF_REFUSAL_ENUMERATION);
  WITH(status, c.status.life = 0, WF_REFUSAL_ENUMERATION);
  WITH(status, c.status.reason = 200, WF_REFUSAL_ENUMERATION);
  WITH(tracklet, c.valid_time.ns = -1, WF_REFUSAL_TIME);
  WITH(tracklet, c.valid_time.ns = INT64_MAX, WF_REFUSAL_TIME);
  WITH(tracklet, c.publish_time = nation_time(80.0), WF_REFUSAL_TIME);
  WITH(detection, c.detection.first_detection = nation_time(-1e6), WF_REFUSAL_TIME);
  WITH(launch, c.launch.time = nation_time(1e6), WF_REFUSAL_TIME);
  WITH(tracklet, c.tracklet.reference[4] = (double)NAN, WF_REFUSAL_NOT_FINITE);
  WITH(tracklet, c.tracklet.information[7] = (double)INFINITY, WF_REFUSAL_NOT_FINITE);
  WITH(tracklet, c.tracklet.vector[0] = (double)NAN, WF_REFUSAL_NOT_FINITE);
  WITH(detection, c.detection.covariance_m2[2] = (double)NAN, WF_REFUSAL_NOT_FINITE);
  WITH(launch, c.launch.area.azimuth_rad = (double)INFINITY, WF_REFUSAL_NOT_FINITE);
  WITH(tracklet, for (int i = 0; i < 3; i++) c.tracklet.reference[i] *= 0.9, WF_REFUSAL_UNDERGROUND);
  WITH(detection, for (int i = 0; i < 3; i++) c.detection.pos_ecef_m[i] = 0.0, WF_REFUSAL_UNDERGROUND);
  WITH(tracklet, for (int i = 0; i < 3; i++) c.tracklet.reference[i] *= 20.0, WF_REFUSAL_TOO_FAR);
  WITH(detection, c.detection.covariance_m2[0] = 1e16, WF_REFUSAL_TOO_FAR);
  WITH(tracklet, c.tracklet.reference[3] = 13e3, WF_REFUSAL_TOO_FAST);
  WITH(tracklet, c.tracklet.information[0] = -1.0, WF_REFUSAL_NOT_POSITIVE);
  WITH(tracklet, c.tracklet.information[1] = 1.0, WF_REFUSAL_NOT_POSITIVE);
  WITH(tracklet, memset(c.tracklet.information, 0, sizeof c.tracklet.information), WF_REFUSAL_NOT_POSITIVE);
  WITH(detection, c.detection.covariance_m2[0] = 0.0, WF_REFUSAL_NOT_POSITIVE);
  WITH(detection, c.detection.covariance_m2[1] = 2e8, WF_REFUSAL_NOT_POSITIVE);
  WITH(launch, c.launch.area.semi_minor_95_m = 2e4, WF_REFUSAL_NOT_POSITIVE);
  WITH(tracklet, c.tracklet.information[0] = 1e8, WF_REFUSAL_TOO_CERTAIN);
  WITH(tracklet, c.tracklet.ln_beta_sigma = -1.0, WF_REFUSAL_BALLISTIC_COEFFICIENT);
  WITH(tracklet, c.tracklet.ln_beta_sigma = 1.0, WF_REFUSAL_BALLISTIC_COEFFICIENT);
  WITH(launch, c.launch.area.lat_rad = 2.0, WF_REFUSAL_PLACE);
  WITH(launch, c.launch.area.semi_major_95_m = 2e7, WF_REFUSAL_PLACE);
  for (int i = 0; i < WF_REFUSAL_COUNT; i++)
    for (int k = 0; k < i; k++)
      assert_string_not_equal(wf_picture_refusal_name((wf_picture_refusal)i),
                              wf_picture_refusal_name((wf_picture_refusal)k));
  wf_picture_advance(picture, nation_time(200.0));
  assert_int_equal(wf_picture_count(picture), 0);
  wf_picture_free(picture);
}

static void late_and_double_ones(void **state) {
  const wf_picture_config config = {.tracks_max = 4, .contributions_max = 16};
  picture = wf_picture_new(&config);
  wf_contribution c = tracklet();
  c.publish_time = wf_time_add_s(c.valid_time, WF_TOO_LATE_S + 0.001);
  assert_int_equal(wf_picture_insert(picture, &c), WF_ETIME);
  c.publish_time = wf_time_add_s(c.valid_time, WF_TOO_LATE_S);
  assert_int_equal(wf_picture_insert(picture, &c), WF_OK);
  assert_int_equal(wf_picture_insert(picture, &c), WF_EEXIST);
  c.valid_time = wf_time_add_s(c.valid_time, 1.0);  // the same id with other content: still that id
  assert_int_equal(wf_picture_insert(picture, &c), WF_EEXIST);
  wf_picture_stats s;
  wf_picture_stats_get(picture, &s);
  assert_int_equal(s.too_late, 1);
  assert_int_equal(s.duplicates, 2);
  assert_int_equal(s.inserted, 1);
  wf_picture_free(picture);
}

// More tracks than there is room for: the rest is counted, those that are there go on.
static void more_tracks_than_room(void **state) {
  const wf_picture_config config = {.tracks_max = 8, .contributions_max = 4096, .medium_vacuum = 1};
  picture = wf_picture_new(&config);
  wf_rng rng;
  wf_rng_seed(&rng, 5);
  for (int k = 0; k < 20; k++)
    for (int i = 0; i < 30; i++) {
      wf_contribution c;
      double x[6];
      crowd_truth(30.0 + i, 120.0 + 2.0 * i, 1.0, 60.0, 65.0 + k, x);
      nation_envelope(&jpn, WF_CONTRIBUTION_TRACKLET, nation_time(65.0 + k), &c);
      c.object = 1000 + (uint64_t)i;
      crowd_position(x, 100.0, WF_PHASE_COAST, &rng, &c.tracklet);
      assert_int_equal(wf_picture_insert(picture, &c), WF_OK);
    }
  wf_picture_advance(picture, nation_time(90.0));
  wf_picture_stats s;
  wf_picture_stats_get(picture, &s);
  assert_int_equal(wf_picture_count(picture), 8);
  assert_int_equal(s.full, 20 * 22);
  for (size_t i = 0; i < 8; i++) assert_int_equal(wf_picture_at(picture, i)->contributor[0].contributions, 20);
  assert_null(wf_picture_at(picture, 8));
  wf_picture_free(picture);
}

// A full log lets its oldest part become final and goes on; what comes for that part is refused and counted.
static void longer_than_the_log(void **state) {
  const wf_picture_config config = {.tracks_max = 8, .contributions_max = 256, .medium_vacuum = 1, .rollback_s = 20.0};
  static crowd c;
  crowd_make(&c, 2, 5.0, 400.0, 3);
  picture = wf_picture_new(&config);
  wf_picture *whole =
      wf_picture_new(&(wf_picture_config){.tracks_max = 8, .contributions_max = CROWD_MAX, .medium_vacuum = 1});
  const wf_contribution first = c.item[0];
  for (double t = 0.0; t < 400.0; t += 1.0) {
    for (size_t i = 0; i < c.count; i++) {
      const double v = wf_time_diff_s(c.item[i].valid_time, nation_time(t));
      if (v < 0.0 || v >= 1.0) continue;
      assert_int_equal(wf_picture_insert(picture, &c.item[i]), WF_OK);
      assert_int_equal(wf_picture_insert(whole, &c.item[i]), WF_OK);
    }
    wf_picture_advance(picture, nation_time(t + 1.0));
  }
  wf_picture_advance(whole, nation_time(400.0));
  wf_picture_digest a, b;
  assert_true(c.count > 3 * config.contributions_max);
  assert_int_equal(wf_picture_digest_at(picture, nation_time(400.0), &a), WF_OK);
  assert_int_equal(wf_picture_digest_at(whole, nation_time(400.0), &b), WF_OK);
  assert_memory_equal(a.picture, b.picture, WF_DIGEST_SIZE);
  assert_memory_equal(a.record_set, b.record_set, WF_DIGEST_SIZE);
  assert_int_equal(wf_picture_digest_at(picture, nation_time(10.0), &a), WF_ETIME);
  wf_contribution late = first;
  late.id.sequence += 100000;
  assert_int_equal(wf_picture_insert(picture, &late), WF_EFULL);
  wf_picture_stats s;
  wf_picture_stats_get(picture, &s);
  assert_int_equal(s.beyond_window, 1);
  wf_picture_free(picture);
  wf_picture_free(whole);
}

// Contributions of the future alone cannot push out the present.
static void a_log_full_of_future(void **state) {
  const wf_picture_config config = {.tracks_max = 8, .contributions_max = 16, .medium_vacuum = 1};
  picture = wf_picture_new(&config);
  wf_contribution c = tracklet();
  for (int i = 0; i < 16; i++) {
    c.id.sequence++;
    c.valid_time = c.publish_time = nation_time(1e6 + i);
    assert_int_equal(wf_picture_insert(picture, &c), WF_OK);
  }
  c.id.sequence++;
  assert_int_equal(wf_picture_insert(picture, &c), WF_EFULL);
  wf_picture_stats s;
  wf_picture_stats_get(picture, &s);
  assert_int_equal(s.full, 1);
  wf_picture_free(picture);
}

static int make(void **state) {
  nation_init(&jpn, "JPN", 7, 36.0, 138.0);
  nation_burnout(2800.0, 0.75, 1.6, truth);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(impossible_ones_are_refused_by_name),
      cmocka_unit_test(late_and_double_ones),
      cmocka_unit_test(more_tracks_than_room),
      cmocka_unit_test(longer_than_the_log),
      cmocka_unit_test(a_log_full_of_future),
  };
  return cmocka_run_group_tests(tests, make, NULL);
}
