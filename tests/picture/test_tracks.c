// What a common track is and becomes: events before any state, life, merge and split, numbers, a broken nation.
#include "../wf_test.h"
#include "crowd.h"

static const wf_picture_config config = {.tracks_max = 16, .contributions_max = 4096, .medium_vacuum = 1};
static wf_picture *picture;
static nation jpn, kor, usa;
static double truth[6];
static wf_rng rng;

static int setup(void **state) {
  picture = wf_picture_new(&config);
  nation_init(&jpn, "JPN", 11, 37.0, 137.0);
  nation_init(&kor, "KOR", 22, 37.5, 129.0);
  nation_init(&usa, "USA", 33, 38.0, 131.0);
  nation_burnout(2800.0, 0.75, 1.6, truth);
  wf_rng_seed(&rng, 17);
  return 0;
}

static int teardown(void **state) {
  wf_picture_free(picture);
  return 0;
}

static void say(const wf_contribution *c) {
  const wf_status s = wf_picture_insert(picture, c);
  if (s != WF_OK) fail_msg("%s: %s", wf_status_name(s), wf_picture_refusal_name(wf_picture_check(c)));
}

static void say_status(nation *n, double t_s, uint8_t life, uint8_t phase, uint8_t reason) {
  crowd one = {.count = 0};
  crowd_status(n, life, phase, reason, nation_time(t_s), &one);
  say(&one.item[0]);
}

// The nation states the whole position and velocity, off by `shift` metres along z, with 100 m and 3 m/s.
static void say_state(nation *n, const double x[6], double t_s, double shift_m) {
  wf_contribution c;
  nation_envelope(n, WF_CONTRIBUTION_TRACKLET, nation_time(t_s), &c);
  double y[36] = {0};
  memcpy(c.tracklet.reference, x, sizeof c.tracklet.reference);
  c.tracklet.reference[2] += shift_m;
  for (int i = 0; i < 6; i++) {
    const double sigma = i < 3 ? 100.0 : 3.0;
    y[i * 7] = 1.0 / (sigma * sigma);
    c.tracklet.vector[i] = wf_rng_normal(&rng) / sigma;
  }
  wf_mat_pack_upper(6, y, c.tracklet.information);
  c.tracklet.phase = WF_PHASE_COAST;
  c.tracklet.plots = 2;
  say(&c);
}

static void at(double t_s, double x[6]) {
  memcpy(x, truth, sizeof truth);
  if (t_s > 0.0) nation_fall(t_s, x);
}

// ---- Events before any state ------------------------------------------------------------------------------------
static void a_launch_seen_from_space_alone(void **state) {
  crowd one = {.count = 0};
  double x[6];
  crowd_truth(39.0, 127.0, 1.5, 60.0, 12.0, x);
  crowd_detection(&usa, x, nation_time(12.0), 10e3, &one);
  say(&one.item[0]);
  wf_picture_advance(picture, nation_time(12.5));
  assert_int_equal(wf_picture_count(picture), 1);
  const wf_common_track *t = wf_picture_at(picture, 0);
  assert_int_equal(t->track.phase, WF_PHASE_BOOST);
  assert_int_equal(t->track.life, WF_LIFE_CONFIRMED);
  assert_int_equal(t->track.sources, WF_SOURCE_INFRARED);
  assert_true(t->number != 0 && t->event != 0);
  assert_false(t->contributor[0].has_state);
  assert_false(t->impact.valid);
  assert_true(t->track.covariance[0] >= 1e8);
  assert_float_equal(t->track.state[0], x[0], 1e-6);
  assert_true(t->track.state[3] == 0.0);
  const double early = t->track.covariance[0];
  const uint64_t event = t->event;
  wf_picture_advance(picture, nation_time(30.0));
  t = wf_picture_at(picture, 0);
  assert_true(t->track.covariance[0] > 2.0 * early);  // nobody knows where it went
  assert_true(t->event == event);
}

static void a_detection_without_place(void **state) {
  wf_contribution c;
  nation_envelope(&usa, WF_CONTRIBUTION_DETECTION, nation_time(5.0), &c);
  c.detection.first_detection = nation_time(3.0);
  say(&c);
  wf_picture_advance(picture, nation_time(6.0));
  const wf_common_track *t = wf_picture_at(picture, 0);
  assert_int_equal(t->track.phase, WF_PHASE_UNKNOWN);
  assert_int_equal(t->track.first_detection.ns, nation_time(3.0).ns);
  assert_true(t->track.covariance[0] > 6e6 * 6e6);
}

static void a_status_alone_is_no_event(void **state) {
  say_status(&usa, 5.0, WF_LIFE_LOST, WF_PHASE_BOOST, WF_REASON_NOT_SEEN);
  wf_picture_advance(picture, nation_time(6.0));
  assert_int_equal(wf_picture_count(picture), 0);
}

// The coarse place gives way to the radar's track, and it is one track under one number.
static void a_detection_becomes_a_track(void **state) {
  crowd one = {.count = 0};
  double x[6];
  crowd_truth(39.0, 127.0, 1.5, 60.0, 12.0, x);
  crowd_detection(&usa, x, nation_time(12.0), 10e3, &one);
  say(&one.item[0]);
  wf_picture_advance(picture, nation_time(13.0));
  const uint64_t number = wf_picture_at(picture, 0)->number, event = wf_picture_at(picture, 0)->event;
  for (double t = 30.0; t < 80.0; t += 1.0) {
    wf_contribution c;
    crowd_truth(39.0, 127.0, 1.5, 60.0, t, x);
    nation_envelope(&kor, WF_CONTRIBUTION_TRACKLET, nation_time(t), &c);
    crowd_position(x, 100.0, t < 60.0 ? WF_PHASE_BOOST : WF_PHASE_COAST, &rng, &c.tracklet);
    say(&c);
    wf_picture_advance(picture, nation_time(t + 0.5));
    assert_int_equal(wf_picture_count(picture), 1);
  }
  const wf_common_track *t = wf_picture_at(picture, 0);
  assert_true(t->number == number && t->event == event);
  assert_int_equal(t->contributor_count, 2);
  assert_int_equal(t->track.sources, WF_SOURCE_INFRARED | WF_SOURCE_RADAR);
  assert_int_equal(t->track.phase, WF_PHASE_COAST);
  assert_true(t->track.burnout.ns >= nation_time(60.0).ns && t->track.burnout.ns < nation_time(62.0).ns);
  nation_fall(0.5, x);
  double e2 = 0.0;
  for (int i = 0; i < 3; i++) e2 += (t->track.state[i] - x[i]) * (t->track.state[i] - x[i]);
  assert_true(wf_sqrt(e2) < 300.0);
}

// ---- Life: one row per rule -------------------------------------------------------------------------------------
typedef struct life_row {
  const char *what;
  uint8_t jpn, kor;  // what they say at 10 s; 0 nothing
  double quiet_s;    // then silence until 10 + quiet
  bool again;        // KOR sees it again at the end
  uint8_t life, reason;
} life_row;

static const life_row life_rows[] = {
    {"both follow it", 0, 0, 1.0, false, WF_LIFE_CONFIRMED, WF_REASON_NONE},
    {"one lost it, one follows it", WF_LIFE_LOST, 0, 1.0, false, WF_LIFE_CONFIRMED, WF_REASON_NONE},
    {"one says failed, one follows it", WF_LIFE_FAILED, 0, 1.0, false, WF_LIFE_CONFIRMED, WF_REASON_NONE},
    {"failed, and nobody follows it", WF_LIFE_FAILED, WF_LIFE_LOST, 1.0, false, WF_LIFE_FAILED, WF_REASON_NOT_SEEN},
    {"ended for one, lost for the other", WF_LIFE_ENDED, WF_LIFE_LOST, 1.0, false, WF_LIFE_ENDED, WF_REASON_NOT_SEEN},
    {"lost by both", WF_LIFE_LOST, WF_LIFE_LOST, 1.0, false, WF_LIFE_LOST, WF_REASON_NOT_SEEN},
    {"between looks", WF_LIFE_COASTING, WF_LIFE_COASTING, 1.0, false, WF_LIFE_COASTING, WF_REASON_NONE},
    {"quiet for half a minute", 0, 0, 30.0, false, WF_LIFE_COASTING, WF_REASON_NONE},
    {"quiet for two minutes", 0, 0, 120.0, false, WF_LIFE_LOST, WF_REASON_NOT_SEEN},
    {"quiet until long after its impact", 0, 0, 1200.0, false, WF_LIFE_LOST, WF_REASON_NOT_SEEN},
    {"found again", WF_LIFE_LOST, WF_LIFE_LOST, 30.0, true, WF_LIFE_CONFIRMED, WF_REASON_NONE},
};

static void life(void **state) {
  for (size_t i = 0; i < sizeof life_rows / sizeof *life_rows; i++) {
    const life_row *r = &life_rows[i];
    teardown(NULL);
    setup(NULL);
    double x[6];
    for (double t = 0.0; t < 9.5; t += 1.0) {
      at(t, x);
      say_state(&jpn, x, t, 0.0);
      say_state(&kor, x, t, 0.0);
    }
    if (r->jpn != 0) say_status(&jpn, 10.0, r->jpn, WF_PHASE_COAST, WF_REASON_NOT_SEEN);
    if (r->kor != 0) say_status(&kor, 10.0, r->kor, WF_PHASE_COAST, WF_REASON_NOT_SEEN);
    at(10.0 + r->quiet_s, x);
    if (r->again) say_state(&kor, x, 10.0 + r->quiet_s, 0.0);
    wf_picture_advance(picture, nation_time(10.0 + r->quiet_s));
    const wf_common_track *t = wf_picture_at(picture, 0);
    if (wf_picture_count(picture) != 1 || t->track.life != r->life || t->track.reason != r->reason)
      fail_msg("%s: %zu tracks, %s, %s", r->what, wf_picture_count(picture), wf_life_name(t->track.life),
               wf_life_reason_name(t->track.reason));
  }
}

// A lost track only gets wider, and is kept for an hour at most.
static void a_lost_track_widens(void **state) {
  double x[6], last = 0.0;
  for (double t = 0.0; t < 9.5; t += 1.0) {
    at(t, x);
    say_state(&jpn, x, t, 0.0);
  }
  say_status(&jpn, 10.0, WF_LIFE_LOST, WF_PHASE_COAST, WF_REASON_NOT_SEEN);
  for (double t = 11.0; t < 400.0; t += 20.0) {
    wf_picture_advance(picture, nation_time(t));
    const wf_common_track *k = wf_picture_at(picture, 0);
    const double trace = k->track.covariance[0] + k->track.covariance[7] + k->track.covariance[14];
    assert_true(trace > last);
    last = trace;
    assert_int_equal(k->track.life, WF_LIFE_LOST);
    assert_true(k->impact.valid);
  }
  wf_picture_advance(picture, nation_time(3500.0));
  assert_int_equal(wf_picture_count(picture), 1);
  wf_picture_advance(picture, nation_time(3700.0));
  assert_int_equal(wf_picture_count(picture), 0);
}

static double lost_and_found(double shift_m, double *velocity_before, double *velocity_after) {
  double x[6];
  teardown(NULL);
  setup(NULL);
  for (double t = 0.0; t < 59.5; t += 1.0) {
    at(t, x);
    say_state(&jpn, x, t, 0.0);
  }
  wf_picture_advance(picture, nation_time(59.0));
  const double *p = wf_picture_at(picture, 0)->track.covariance;
  *velocity_before = wf_sqrt(p[21] + p[28] + p[35]);
  say_status(&jpn, 60.0, WF_LIFE_LOST, WF_PHASE_COAST, WF_REASON_NOT_SEEN);
  at(360.0, x);
  say_state(&jpn, x, 360.0, shift_m);
  wf_picture_advance(picture, nation_time(360.0));
  assert_int_equal(wf_picture_count(picture), 1);
  const wf_common_track *t = wf_picture_at(picture, 0);
  p = t->track.covariance;
  *velocity_after = wf_sqrt(p[21] + p[28] + p[35]);
  return t->track.state[2] - x[2];
}

// Seen where free fall put it, a lost object has done nothing else: what was known counts as if it had been seen all
// along. Seen elsewhere, it has.
static void a_lost_track_is_found(void **state) {
  double before, after;
  const double where_it_must_be = lost_and_found(0.0, &before, &after);
  assert_true(where_it_must_be < 300.0 && where_it_must_be > -300.0);
  assert_true(after < before);
  const double elsewhere = lost_and_found(1200.0, &before, &after);
  assert_true(elsewhere > 900.0 && elsewhere < 1500.0);
  assert_true(after > 2.0 * before);
}

// ---- Whose object is whose ------------------------------------------------------------------------------------------
// Two nations' objects that begin apart and turn out to be one: one track under the older number, the younger an alias.
static void two_that_are_one_merge(void **state) {
  double x[6];
  uint64_t younger = 0;
  for (double t = 0.0; t < 60.0; t += 1.0) {
    at(t, x);
    say_state(&jpn, x, t, 0.0);
    // KOR's first five are 40 km off; then its filter finds the object (and tells it whole).
    if (t >= 5.0 && t < 10.0) say_state(&kor, x, t, 40e3);
    if (t >= 10.0) {
      wf_contribution c;
      nation_envelope(&kor, WF_CONTRIBUTION_TRACKLET, nation_time(t), &c);
      crowd_position(x, 50.0, WF_PHASE_COAST, &rng, &c.tracklet);
      if (t == 10.0) {
        double y[36] = {0};
        for (int i = 0; i < 6; i++) y[i * 7] = i < 3 ? 1e-4 : 1e-2;
        wf_mat_pack_upper(6, y, c.tracklet.information);
        c.tracklet.position_only = 0;
        c.tracklet.whole = 1;
      }
      say(&c);
    }
    wf_picture_advance(picture, nation_time(t + 0.2));
    if (t == 8.0) {
      assert_int_equal(wf_picture_count(picture), 2);
      for (size_t i = 0; i < 2; i++)
        if (strcmp(wf_picture_at(picture, i)->contributor[0].nation.code, "KOR") == 0)
          younger = wf_picture_at(picture, i)->number;
    }
  }
  assert_int_equal(wf_picture_count(picture), 1);
  const wf_common_track *t = wf_picture_at(picture, 0);
  assert_int_equal(t->contributor_count, 2);
  assert_true(younger != 0 && younger != t->number);
  assert_ptr_equal(wf_picture_find(picture, younger), t);
  assert_true(wf_picture_resolve(picture, younger) == t->number);
  assert_true(t->track.first_detection.ns == nation_time(0.0).ns);
}

// Joined at first, then far apart: the later one leaves, the founder keeps the number, both keep the event.
static void one_that_is_two_splits(void **state) {
  double x[6];
  uint64_t number = 0, event = 0;
  for (double t = 0.0; t < 60.0; t += 1.0) {
    at(t, x);
    say_state(&jpn, x, t, 0.0);
    if (t > 10.0) x[5] += 300.0;
    say_state(&kor, x, t, 300.0 * (t > 10.0 ? t - 10.0 : 0.0));
    if (t < 5.0) continue;
    wf_picture_advance(picture, nation_time(t + 0.2));
    if (t != 5.0) continue;
    number = wf_picture_at(picture, 0)->number;
    event = wf_picture_at(picture, 0)->event;
  }
  assert_int_equal(wf_picture_count(picture), 2);
  const wf_common_track *stays = wf_picture_find(picture, number);
  assert_non_null(stays);
  assert_string_equal(stays->contributor[0].nation.code, "JPN");
  for (size_t i = 0; i < 2; i++) assert_true(wf_picture_at(picture, i)->event == event);
}

// A nation that follows two objects says that they are two, however near they are.
static void two_of_one_nation_stay_two(void **state) {
  nation other = jpn;
  double x[6];
  other.object = 12;
  other.id.stream = 2;
  for (double t = 0.0; t < 30.0; t += 1.0) {
    at(t, x);
    say_state(&jpn, x, t, 0.0);
    say_state(&other, x, t, 150.0);
    say_state(&kor, x, t, 0.0);
    wf_picture_advance(picture, nation_time(t + 0.2));
  }
  assert_int_equal(wf_picture_count(picture), 2);
}

// Registration errors of 20 m and 0.5 mrad make no duplicates and no splits.
static void bias_makes_no_duplicates(void **state) {
  nation biased[3] = {jpn, kor, usa};
  for (int i = 0; i < 3; i++) {
    biased[i].bias_range_m = i == 1 ? -20.0 : 20.0;
    biased[i].bias_az_rad = i == 2 ? -0.5e-3 : 0.5e-3;
    biased[i].bias_el_rad = i == 0 ? -0.5e-3 : 0.5e-3;
  }
  double x[6];
  size_t most = 0;
  for (double t = 0.0; t < 300.0; t += 1.0) {
    at(t, x);
    for (int i = 0; i < 3; i++) {
      const wf_plot plot = nation_look(&biased[i], x, nation_time(t), &rng);
      wf_contribution c;
      if (nation_see(&biased[i], &plot, x) && nation_tracklet(&biased[i], &c)) say(&c);
    }
    wf_picture_advance(picture, nation_time(t + 0.2));
    if (wf_picture_count(picture) > most) most = wf_picture_count(picture);
  }
  assert_int_equal(most, 1);
  assert_int_equal(wf_picture_at(picture, 0)->contributor_count, 3);
}

// One nation's filter breaks: its increments are left out, it leaves, and the others' track goes on unharmed.
static void a_broken_nation_harms_nobody(void **state) {
  double x[6];
  uint64_t number = 0;
  for (double t = 0.0; t < 60.0; t += 1.0) {
    at(t, x);
    say_state(&jpn, x, t, 0.0);
    say_state(&kor, x, t, 0.0);
    say_state(&usa, x, t, t > 30.0 ? 80e3 : 0.0);
    wf_picture_advance(picture, nation_time(t + 0.2));
    if (t == 5.0) number = wf_picture_at(picture, 0)->number;
    const wf_common_track *k = wf_picture_find(picture, t < 5.0 ? wf_picture_at(picture, 0)->number : number);
    assert_non_null(k);
    nation_fall(0.2, x);
    assert_true(wf_vec_norm(k->track.state) > 0.0);
    double e2 = 0.0;
    for (int i = 0; i < 3; i++) e2 += (k->track.state[i] - x[i]) * (k->track.state[i] - x[i]);
    if (wf_sqrt(e2) > 1000.0) fail_msg("%.0f m off at %.0f s", wf_sqrt(e2), t);
  }
  const wf_common_track *k = wf_picture_find(picture, number);
  assert_int_equal(k->contributor_count, 2);
  assert_int_equal(wf_picture_count(picture), 2);
}

int main(void) {
#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      ROW(a_launch_seen_from_space_alone),
      ROW(a_detection_without_place),
      ROW(a_status_alone_is_no_event),
      ROW(a_detection_becomes_a_track),
      ROW(life),
      ROW(a_lost_track_widens),
      ROW(a_lost_track_is_found),
      ROW(two_that_are_one_merge),
      ROW(one_that_is_two_splits),
      ROW(two_of_one_nation_stay_two),
      ROW(bias_makes_no_duplicates),
      ROW(a_broken_nation_harms_nobody),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
