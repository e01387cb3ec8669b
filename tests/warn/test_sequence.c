// Whole flights over time: what is proposed when, and what never.
#include "flight.h"

static wf_common_track launch(void) {
  wf_common_track t = flight_track(77);
  t.track.sources = WF_SOURCE_INFRARED;
  t.contributor_count = 1;
  return t;
}

static void test_a_flight_in_stages(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_look(w, 30, &t, NULL);
  const wf_product *p = flight_newest(w, WF_STAGE_LAUNCH_NOTICE, 1);
  assert_true(p->single_source && !p->impact.valid && p->supersedes == 0);
  const uint64_t notice = p->id;
  flight_release(w, 40, notice);
  t.contributor_count = 3;
  flight_aim(&t, 40.5, 140.5, 150e3, 900);
  flight_look(w, 100, &t, NULL);
  assert_int_equal(wf_warn_count(w), 1);  // too large to be said
  flight_aim(&t, 40.5, 138.5, 40e3, 900);
  flight_look(w, 150, &t, NULL);
  const uint64_t area = flight_newest(w, WF_STAGE_AREA, 2)->id;
  flight_release(w, 160, area);
  assert_int_equal(wf_warn_find(w, area)->supersedes, notice);
  assert_int_equal(wf_warn_find(w, area)->supersedes_sent.ns, test_time(40).ns);
  flight_aim(&t, 40.5, 140.9, 20e3, 900);  // moved: a new area, and own areas
  flight_look(w, 200, &t, NULL);
  p = flight_newest(w, WF_STAGE_THREATENED_AREAS, 3);
  assert_int_equal(p->area_count, 2);
  assert_string_equal(p->area[0].code, "XX-W");
  assert_string_equal(p->area[1].code, "XX-E");
  assert_true(p->area[0].probability > p->area[1].probability);
  assert_int_equal(p->supersedes, area);
  flight_release(w, 210, p->id);
  flight_look(w, 760, &t, NULL);
  const size_t before = wf_warn_count(w);
  flight_look(w, 764, &t, NULL);  // 900 − 16.4 − 120 s
  flight_release(w, 770, flight_newest(w, WF_STAGE_IMMINENT, 4)->id);
  assert_int_equal(wf_warn_count(w), before + 1);
  t.track.life = WF_LIFE_ENDED;
  t.track.reason = WF_REASON_IMPACT_TIME_PASSED;
  flight_look(w, 910, &t, NULL);
  assert_int_equal(wf_warn_count(w), before + 1);  // the countdown is at zero: nothing is said to be over
  flight_look(w, 928, &t, NULL);
  flight_release(w, 930, flight_newest(w, WF_STAGE_IMPACT_EXPECTED, 6)->id);
  flight_look(w, 980, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_ALL_CLEAR), 0);
  flight_look(w, 988, &t, NULL);
  p = flight_newest(w, WF_STAGE_ALL_CLEAR, 8);
  assert_int_equal(p->area_count, 2);  // for those who were warned
  flight_release(w, 990, p->id);
  const size_t all = wf_warn_count(w);
  for (int s = 1000; s < 9000; s += 100) flight_look(w, s, s < 1900 ? &t : NULL, NULL);
  assert_int_equal(wf_warn_count(w), all);
  wf_warn_free(w);
}

// 2022-11-03: a track that had vanished was announced as having passed over.
static void nothing_passes(bool listed, uint8_t life, uint8_t reason) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_aim(&t, 40.5, 140.9, 20e3, 900);
  flight_look(w, 100, &t, NULL);
  for (size_t i = 0; i < wf_warn_count(w); i++) flight_release(w, 101, wf_warn_at(w, i)->id);
  const size_t before = wf_warn_count(w);
  t.track.life = life;
  t.track.reason = reason;
  double told_s = 0;
  for (int s = 101; s < 8000; s++) {
    flight_look(w, s, listed ? &t : NULL, NULL);
    for (size_t i = before; i < wf_warn_count(w); i++) {
      const wf_product *p = wf_warn_at(w, i);
      assert_true(p->stage == WF_STAGE_LOST_TRACK || (p->stage == WF_STAGE_ALL_CLEAR && p->rule == 9));
      if (p->stage == WF_STAGE_LOST_TRACK && told_s == 0) {
        told_s = s;
        assert_int_equal(p->area_count, 2);  // the threat stands where it stood
        flight_release(w, s, p->id);
      }
    }
  }
  assert_true(told_s > 0 && told_s <= 131);  // within 30 s
  assert_int_equal(flight_count(w, WF_STAGE_IMPACT_EXPECTED), 0);
  assert_int_equal(flight_count(w, WF_STAGE_ALL_CLEAR), 1);
  wf_warn_free(w);
}

static void test_a_lost_track_never_passes(void **state) {
  nothing_passes(true, WF_LIFE_LOST, WF_REASON_NOT_SEEN);
  nothing_passes(true, WF_LIFE_LOST, WF_REASON_OUT_OF_COVERAGE);
  nothing_passes(true, WF_LIFE_COASTING, WF_REASON_NONE);
  nothing_passes(true, WF_LIFE_ENDED, WF_REASON_NOT_SEEN);
  nothing_passes(false, WF_LIFE_LOST, WF_REASON_NOT_SEEN);  // not even in the list any more
}

// Set below the horizon a minute before its impact, or last seen seconds before it: it fell where it was expected.
static void setting_is_not_losing(double last_seen_s, uint8_t life, uint8_t reason, int lost) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_aim(&t, 40.5, 140.9, 20e3, 900);
  flight_look(w, last_seen_s, &t, NULL);
  t.track.life = life;
  t.track.reason = reason;
  for (int s = (int)last_seen_s + 1; s < 1000; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_LOST_TRACK), 2 * lost);  // once more when nobody answers
  assert_int_equal(flight_count(w, WF_STAGE_IMPACT_EXPECTED), 1 - lost);
  wf_warn_free(w);
}

static void test_setting_is_not_losing(void **state) {
  setting_is_not_losing(840, WF_LIFE_LOST, WF_REASON_BELOW_HORIZON, 0);
  setting_is_not_losing(719, WF_LIFE_LOST, WF_REASON_BELOW_HORIZON, 1);
  setting_is_not_losing(880, WF_LIFE_LOST, WF_REASON_NOT_SEEN, 0);
  setting_is_not_losing(869, WF_LIFE_LOST, WF_REASON_NOT_SEEN, 1);
  setting_is_not_losing(880, WF_LIFE_ENDED, WF_REASON_OUT_OF_COVERAGE, 0);
  setting_is_not_losing(869, WF_LIFE_ENDED, WF_REASON_OUT_OF_COVERAGE, 1);
}

// A node that has just started does not call lost what its partners are about to tell it.
static void test_a_start_is_no_loss(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = wf_warn_new(&config, FLIGHT_AREAS, FLIGHT_AREA_COUNT);
  wf_common_track t = launch();
  t.track.life = WF_LIFE_COASTING;
  t.track.last_update = test_time(0);
  flight_aim(&t, 40.5, 140.9, 20e3, 2000);
  for (int s = 100; s < 110; s++) flight_look(w, s, &t, NULL);
  t.track.life = WF_LIFE_CONFIRMED;
  for (int s = 110; s < 120; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_LOST_TRACK), 0);
  assert_int_equal(flight_count(w, WF_STAGE_THREATENED_AREAS), 1);
  wf_warn_free(w);
}

// Told, then seen to go elsewhere: the all-clear need not wait until it is down, and the event stays open.
static void test_out_of_reach(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  t.track.phase = WF_PHASE_COAST;
  t.track.state[0] = 6378137.0 + 400e3;  // high for its range: it falls
  flight_aim(&t, 40.5, 140.9, 20e3, 900);
  flight_look(w, 100, &t, NULL);
  for (size_t i = 0; i < wf_warn_count(w); i++) flight_release(w, 101, wf_warn_at(w, i)->id);
  flight_aim(&t, 40.5, 139.2, 20e3, 900);  // 68 km from the border: below the threshold, but not out of reach
  for (int s = 110; s < 200; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_ALL_CLEAR), 0);
  flight_aim(&t, 40.5, 136.0, 20e3, 900);  // 340 km from the border
  for (int s = 200; s < 230; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_ALL_CLEAR), 0);
  for (int s = 230; s < 240; s++) flight_look(w, s, &t, NULL);
  const wf_product *p = flight_newest(w, WF_STAGE_ALL_CLEAR, 21);
  assert_int_equal(p->area_count, 2);
  flight_release(w, 241, p->id);
  flight_aim(&t, 40.5, 140.9, 20e3, 900);  // and back: told anew
  for (int s = 242; s < 250; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_THREATENED_AREAS), 2);
  assert_int_equal(flight_count(w, WF_STAGE_LAUNCH_NOTICE), 1);
  t.track.phase = WF_PHASE_BOOST;  // a stage lights: nowhere is out of reach
  flight_aim(&t, 40.5, 136.0, 20e3, 900);
  for (int s = 250; s < 400; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_ALL_CLEAR), 1);
  wf_warn_free(w);
}

// Last seen as foretold; then the prediction, no longer updated, moves and widens.
static void test_fallen_stays_fallen(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_aim(&t, 40.5, 140.9, 20e3, 900);
  flight_look(w, 880, &t, NULL);
  t.track.life = WF_LIFE_LOST;
  flight_look(w, 890, &t, NULL);
  flight_aim(&t, 40.5, 140.9, 40e3, 915);
  for (int s = 891; s < 1100; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_LOST_TRACK), 0);
  assert_int_equal(flight_count(w, WF_STAGE_IMPACT_EXPECTED), 1);
  wf_warn_free(w);
}

static void test_lost_then_found(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_aim(&t, 40.5, 140.9, 20e3, 2000);
  flight_look(w, 100, &t, NULL);
  t.track.life = WF_LIFE_LOST;
  flight_look(w, 110, &t, NULL);
  const uint64_t lost = flight_newest(w, WF_STAGE_LOST_TRACK, 5)->id;
  flight_look(w, 120, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_LOST_TRACK), 1);
  flight_release(w, 121, lost);
  t.track.life = WF_LIFE_CONFIRMED;
  flight_look(w, 130, &t, NULL);  // found: area and threat are told again, after "lost"
  const wf_product *p = flight_newest(w, WF_STAGE_THREATENED_AREAS, 3);
  assert_int_equal(p->supersedes, lost);
  assert_int_equal(flight_count(w, WF_STAGE_AREA), 2);
  t.track.life = WF_LIFE_LOST;
  flight_look(w, 140, &t, NULL);
  flight_newest(w, WF_STAGE_LOST_TRACK, 5);
  assert_int_equal(flight_count(w, WF_STAGE_LOST_TRACK), 2);
  wf_warn_free(w);
}

static void test_an_observed_fall(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_aim(&t, 40.5, 140.9, 20e3, 900);
  flight_look(w, 100, &t, NULL);
  flight_release(w, 101, wf_warn_at(w, 0)->id);
  t.track.life = WF_LIFE_FAILED;
  t.track.reason = WF_REASON_FALL_OBSERVED;
  flight_look(w, 200, &t, NULL);
  flight_newest(w, WF_STAGE_ALL_CLEAR, 7);
  wf_warn_free(w);
}

// Nobody was told anything: there is nothing to take back, and what waited is settled.
static void test_no_all_clear_for_what_was_never_said(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_look(w, 100, &t, NULL);
  t.track.life = WF_LIFE_ENDED;
  t.track.reason = WF_REASON_FALL_OBSERVED;
  flight_look(w, 200, &t, NULL);
  assert_int_equal(wf_warn_count(w), 1);
  assert_int_equal(wf_warn_at(w, 0)->state, WF_PRODUCT_SUPERSEDED);
  wf_warn_free(w);
}

// The all-clear was given, and it flies.
static void test_told_anew_after_a_wrong_all_clear(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_look(w, 100, &t, NULL);
  flight_release(w, 101, wf_warn_at(w, 0)->id);
  t.track.life = WF_LIFE_ENDED;
  t.track.reason = WF_REASON_FALL_OBSERVED;
  flight_look(w, 200, &t, NULL);
  const uint64_t clear = flight_newest(w, WF_STAGE_ALL_CLEAR, 7)->id;
  flight_release(w, 201, clear);
  t.track.life = WF_LIFE_CONFIRMED;
  t.track.reason = WF_REASON_NONE;
  flight_look(w, 210, &t, NULL);
  assert_int_equal(flight_newest(w, WF_STAGE_LAUNCH_NOTICE, 1)->supersedes, clear);
  wf_warn_free(w);
}

static void test_areas_enter_and_stay(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_aim(&t, 40.5, 140.5, 10e3, 2000);  // inside West
  flight_look(w, 100, &t, NULL);
  const wf_product *p = flight_newest(w, WF_STAGE_THREATENED_AREAS, 3);
  assert_int_equal(p->area_count, 1);
  assert_true(p->area[0].probability > 0.99);
  assert_int_equal(p->area[0].earliest.ns, wf_time_add_s(test_time(2000), -16.448536269514722).ns);
  const size_t before = wf_warn_count(w);
  flight_aim(&t, 40.5, 141.5, 10e3, 2000);  // inside East: new; West was told and stays, now with probability 0
  flight_look(w, 110, &t, NULL);
  p = flight_newest(w, WF_STAGE_THREATENED_AREAS, 3);
  assert_int_equal(p->area_count, 2);
  assert_string_equal(p->area[0].code, "XX-E");
  assert_string_equal(p->area[1].code, "XX-W");
  assert_true(p->area[1].probability == 0);
  assert_true(wf_warn_count(w) > before);
  for (size_t i = wf_warn_first(w); i < wf_warn_count(w); i++)  // never the one that is far away
    for (int k = 0; k < wf_warn_at(w, i)->area_count; k++)
      assert_string_not_equal(wf_warn_at(w, i)->area[k].code, "XX-F");
  wf_warn_free(w);
}

// Nothing is proposed again while a probability moves about its threshold.
static void test_threshold_with_hysteresis(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_aim(&t, 40.5, 139.83, 20e3, 2000);  // 14 km west of the border, sigma 8.2 km: P about 0.04
  flight_look(w, 100, &t, NULL);
  assert_int_equal(flight_count(w, WF_STAGE_THREATENED_AREAS), 1);
  for (int s = 101; s < 200; s++) {
    flight_aim(&t, 40.5, s % 2 == 0 ? 139.83 : 139.76, 20e3, 2000);
    flight_look(w, s, &t, NULL);
  }
  assert_int_equal(flight_count(w, WF_STAGE_THREATENED_AREAS), 1);
  wf_warn *other = flight_warn(&config);
  flight_aim(&t, 40.5, 139.70, 20e3, 2000);  // 25 km: P about 0.001
  flight_look(other, 100, &t, NULL);
  assert_int_equal(flight_count(other, WF_STAGE_THREATENED_AREAS), 0);
  wf_warn_free(other);
  wf_warn_free(w);
}

// Stage and warhead of one event: each adds its areas, and one that flies keeps the event open.
static void test_two_objects_of_one_event(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track a = launch(), b = launch();
  b.number = b.track.id = 78;
  flight_aim(&a, 40.5, 140.5, 10e3, 2000);
  flight_aim(&b, 40.5, 141.5, 10e3, 2500);
  flight_look(w, 100, &a, &b);
  const wf_product *p = flight_newest(w, WF_STAGE_THREATENED_AREAS, 3);
  assert_int_equal(p->area_count, 2);
  flight_release(w, 101, p->id);
  a.track.life = WF_LIFE_ENDED;
  a.track.reason = WF_REASON_FALL_OBSERVED;
  flight_look(w, 2100, &a, &b);
  assert_int_equal(flight_count(w, WF_STAGE_ALL_CLEAR), 0);
  b.track = a.track;
  flight_look(w, 2600, &a, &b);
  assert_int_equal(flight_count(w, WF_STAGE_ALL_CLEAR), 1);
  wf_warn_free(w);
}

static uint64_t resolve(const void *context, uint64_t event) {
  return event == 77 ? *(const uint64_t *)context : event;
}

// The picture found that two names are one object: nothing is lost, nothing is told twice.
static void test_a_name_that_gives_way(void **state) {
  uint64_t now_called = 77;
  wf_warn_config config = flight_config();
  config.resolve = resolve;
  config.resolve_context = &now_called;
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(), other = flight_track(99);
  flight_look(w, 100, &t, &other);
  const uint64_t notice = wf_warn_at(w, 0)->id;
  flight_release(w, 101, notice);
  assert_int_equal(wf_warn_count(w), 2);
  now_called = 99;
  flight_look(w, 110, &other, NULL);
  flight_look(w, 200, &other, NULL);
  assert_int_equal(wf_warn_count(w), 2);
  flight_aim(&other, 40.5, 138.5, 40e3, 900);
  flight_look(w, 210, &other, NULL);
  assert_int_equal(flight_newest(w, WF_STAGE_AREA, 2)->supersedes, notice);
  wf_warn_free(w);
}

static void test_alerts_are_renewed(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  flight_look(w, 100, &t, NULL);
  const uint64_t notice = wf_warn_at(w, 0)->id;
  flight_release(w, 101, notice);
  for (int s = 102; s < 579; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(wf_warn_count(w), 1);
  flight_look(w, 581, &t, NULL);
  const wf_product *p = flight_newest(w, WF_STAGE_LAUNCH_NOTICE, 12);
  assert_int_equal(p->supersedes, notice);
  assert_true(wf_time_before(wf_warn_find(w, notice)->expires, p->expires));
  wf_warn_free(w);
}

// A proposal that nobody takes up stays while its event is open.
static void test_proposals_do_not_lapse(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch();
  for (int s = 100; s < 5000; s += 10) flight_look(w, s, &t, NULL);
  const wf_product *p = wf_warn_at(w, 0);
  assert_int_equal(p->state, WF_PRODUCT_PROPOSED);
  flight_release(w, 5000, p->id);
  wf_warn_free(w);
}

static void test_the_same_every_time(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w[2] = {flight_warn(&config), flight_warn(&config)};
  for (int n = 0; n < 2; n++) {
    wf_common_track t = launch(), other = flight_track(99);
    for (int s = 100; s < 400; s += 7) {
      flight_aim(&t, 40.5, 138.5 + s * 0.01, 40e3, 900);
      flight_look(w[n], s, &t, s % 2 == 0 ? &other : NULL);
    }
  }
  assert_int_equal(wf_warn_count(w[0]), wf_warn_count(w[1]));
  for (size_t i = 0; i < wf_warn_count(w[0]); i++) {
    assert_int_equal(wf_warn_at(w[0], i)->id, wf_warn_at(w[1], i)->id);
    assert_memory_equal(wf_warn_at(w[0], i), wf_warn_at(w[1], i), sizeof(wf_product));
    for (size_t k = 0; k < i; k++) assert_int_not_equal(wf_warn_at(w[0], i)->id, wf_warn_at(w[0], k)->id);
  }
  wf_warn_free(w[0]);
  wf_warn_free(w[1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_flight_in_stages),
      cmocka_unit_test(test_a_lost_track_never_passes),
      cmocka_unit_test(test_setting_is_not_losing),
      cmocka_unit_test(test_a_start_is_no_loss),
      cmocka_unit_test(test_out_of_reach),
      cmocka_unit_test(test_fallen_stays_fallen),
      cmocka_unit_test(test_lost_then_found),
      cmocka_unit_test(test_an_observed_fall),
      cmocka_unit_test(test_no_all_clear_for_what_was_never_said),
      cmocka_unit_test(test_told_anew_after_a_wrong_all_clear),
      cmocka_unit_test(test_areas_enter_and_stay),
      cmocka_unit_test(test_threshold_with_hysteresis),
      cmocka_unit_test(test_two_objects_of_one_event),
      cmocka_unit_test(test_a_name_that_gives_way),
      cmocka_unit_test(test_alerts_are_renewed),
      cmocka_unit_test(test_proposals_do_not_lapse),
      cmocka_unit_test(test_the_same_every_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
