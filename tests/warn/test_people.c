// Two persons release; one withdraws; what is superseded, when; corrections, restarts, and tables that are full.
#include "flight.h"

static wf_common_track launch(uint64_t event) {
  wf_common_track t = flight_track(event);
  t.track.sources = WF_SOURCE_INFRARED;
  return t;
}

static wf_status decide(wf_warn *w, double now_s, uint64_t id, const char *person) {
  return wf_warn_decide(w, test_time(now_s), id, WF_DECISION_CONFIRM, person);
}

static void test_two_different_persons(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_look(w, 100, &t, NULL);
  const wf_product *p = wf_warn_at(w, 0);
  assert_int_equal(decide(w, 101, p->id, ""), WF_EDENIED);
  assert_int_equal(decide(w, 101, p->id, "  "), WF_EDENIED);
  assert_int_equal(decide(w, 101, p->id, NULL), WF_EDENIED);
  assert_int_equal(decide(w, 101, p->id + 1, "ono"), WF_ENOTFOUND);
  assert_int_equal(decide(w, 101, p->id, "ono"), WF_OK);
  assert_int_equal(p->state, WF_PRODUCT_FIRST_CONFIRMED);
  static const char *const SAME[] = {"ono", "ono ", " ONO"};
  for (int i = 0; i < 3; i++) assert_int_equal(decide(w, 102, p->id, SAME[i]), WF_EDENIED);
  assert_int_equal(p->state, WF_PRODUCT_FIRST_CONFIRMED);
  assert_int_equal(decide(w, 103, p->id, "kim"), WF_OK);
  assert_int_equal(p->state, WF_PRODUCT_RELEASED);
  assert_int_equal(p->released_at.ns, test_time(103).ns);
  assert_string_equal(p->first_operator, "ono");
  assert_string_equal(p->second_operator, "kim");
  assert_int_equal(decide(w, 104, p->id, "lee"), WF_EEXIST);
  assert_int_equal(wf_warn_decide(w, test_time(104), p->id, WF_DECISION_WITHDRAW, "lee"), WF_EDENIED);
  assert_int_equal(wf_warn_decide(w, test_time(104), p->id, (wf_decision)9, "lee"), WF_EINVAL);
  wf_warn_free(w);
}

// Names are cut to their field: two that differ only beyond it count as one person.
static void test_long_names(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_look(w, 100, &t, NULL);
  const uint64_t id = wf_warn_at(w, 0)->id;
  assert_int_equal(decide(w, 101, id, "abcdefghijklmnopqrstuvwxyz0123456789"), WF_OK);
  assert_int_equal(decide(w, 101, id, "abcdefghijklmnopqrstuvwxyz0123456700"), WF_EDENIED);
  wf_warn_free(w);
}

static void test_withdrawn_is_not_proposed_again(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_look(w, 100, &t, NULL);
  const wf_product *p = wf_warn_at(w, 0);
  assert_int_equal(decide(w, 101, p->id, "ono"), WF_OK);
  assert_int_equal(wf_warn_decide(w, test_time(102), p->id, WF_DECISION_WITHDRAW, "kim"), WF_OK);
  assert_int_equal(p->state, WF_PRODUCT_WITHDRAWN);
  assert_string_equal(p->second_operator, "kim");
  assert_int_equal(decide(w, 103, p->id, "lee"), WF_EDENIED);
  for (int s = 104; s < 2000; s += 10) flight_look(w, s, &t, NULL);
  assert_int_equal(wf_warn_count(w), 1);
  wf_warn_free(w);
}

static void test_newer_versions(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  for (int n = 0; n < 3; n++) {  // three areas, each out of the one before
    flight_aim(&t, 30.0 + n, 130, 30e3, 900);
    flight_look(w, 100 + n, &t, NULL);
    if (n == 1) assert_int_equal(decide(w, 101.5, wf_warn_at(w, 2)->id, "ono"), WF_OK);
  }
  assert_int_equal(wf_warn_count(w), 4);  // the notice and three areas
  assert_int_equal(wf_warn_at(w, 0)->state, WF_PRODUCT_PROPOSED);
  assert_int_equal(wf_warn_at(w, 1)->state, WF_PRODUCT_SUPERSEDED);
  assert_int_equal(wf_warn_at(w, 2)->state, WF_PRODUCT_FIRST_CONFIRMED);  // not taken from under the second person
  assert_int_equal(wf_warn_at(w, 3)->state, WF_PRODUCT_PROPOSED);
  assert_int_equal(decide(w, 103, wf_warn_at(w, 2)->id, "kim"), WF_OK);
  assert_int_equal(wf_warn_at(w, 0)->state, WF_PRODUCT_SUPERSEDED);  // older, and says less
  assert_int_equal(wf_warn_at(w, 3)->state, WF_PRODUCT_PROPOSED);
  flight_release(w, 104, wf_warn_at(w, 3)->id);
  assert_int_equal(wf_warn_at(w, 3)->supersedes, wf_warn_at(w, 2)->id);
  assert_int_equal(wf_warn_at(w, 3)->supersedes_sent.ns, test_time(103).ns);
  wf_warn_free(w);
}

// "Lost" is no reason to forget a warning that waits for its second person.
static void test_lost_leaves_warnings_open(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_aim(&t, 40.5, 140.5, 10e3, 2000);
  flight_look(w, 100, &t, NULL);
  const uint64_t threat = flight_newest(w, WF_STAGE_THREATENED_AREAS, 3)->id;
  t.track.life = WF_LIFE_LOST;
  flight_look(w, 110, &t, NULL);
  flight_release(w, 111, flight_newest(w, WF_STAGE_LOST_TRACK, 5)->id);
  assert_int_equal(wf_warn_find(w, threat)->state, WF_PRODUCT_PROPOSED);
  flight_release(w, 112, threat);
  wf_warn_free(w);
}

static void test_policy_may_release(void **state) {
  wf_warn_config config = flight_config();
  config.automatic[WF_STAGE_LAUNCH_NOTICE] = true;
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_aim(&t, 40.5, 140.5, 10e3, 2000);
  flight_look(w, 100, &t, NULL);
  assert_int_equal(wf_warn_at(w, 0)->state, WF_PRODUCT_RELEASED);
  assert_string_equal(wf_warn_at(w, 0)->first_operator, "policy");
  assert_int_equal(wf_warn_at(w, 1)->state, WF_PRODUCT_PROPOSED);  // only the stages that policy names
  wf_warn_free(w);
}

static void test_corrections(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_look(w, 100, &t, NULL);
  const uint64_t notice = wf_warn_at(w, 0)->id;
  assert_int_equal(wf_warn_correct(w, test_time(101), notice), WF_EDENIED);
  assert_int_equal(wf_warn_correct(w, test_time(101), 5), WF_ENOTFOUND);
  flight_release(w, 101, notice);
  assert_int_equal(wf_warn_correct(w, test_time(102), notice), WF_OK);
  const wf_product *p = flight_newest(w, WF_STAGE_CORRECTION, 13);
  assert_int_equal(p->supersedes, notice);
  flight_release(w, 103, p->id);
  wf_warn_free(w);
}

static void test_nothing_is_told_twice_after_a_restart(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config), *again = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_aim(&t, 40.5, 140.5, 10e3, 2000);
  flight_look(w, 100, &t, NULL);
  const wf_product threat = *flight_newest(w, WF_STAGE_THREATENED_AREAS, 3);
  assert_int_equal(wf_warn_restore(again, &threat), WF_EINVAL);  // it was not released
  flight_release(w, 101, threat.id);
  assert_int_equal(wf_warn_restore(again, wf_warn_find(w, threat.id)), WF_OK);
  assert_int_equal(wf_warn_restore(again, wf_warn_find(w, threat.id)), WF_EEXIST);
  wf_product live = *wf_warn_find(w, threat.id);
  live.mode = WF_MODE_LIVE;
  assert_int_equal(wf_warn_restore(again, &live), WF_EMODE);
  for (int s = 110; s < 200; s++) flight_look(again, s, &t, NULL);
  assert_int_equal(wf_warn_count(again), 1);
  flight_look(again, 1890, &t, NULL);
  assert_int_equal(flight_newest(again, WF_STAGE_IMMINENT, 4)->supersedes, threat.id);
  wf_warn_free(again);
  wf_warn_free(w);
}

static void test_months_of_products(void **state) {
  wf_warn_config config = flight_config();
  config.products_max = 4;
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  for (int n = 0; n < 10; n++) {
    flight_aim(&t, 30.0 + n, 130, 30e3, 900);
    flight_look(w, 100 + n, &t, NULL);
  }
  assert_int_equal(wf_warn_count(w), 11);
  assert_int_equal(wf_warn_first(w), 7);
  assert_null(wf_warn_at(w, 6));
  assert_null(wf_warn_at(w, 11));
  flight_release(w, 120, wf_warn_at(w, 10)->id);
  wf_warn_stats stats;
  wf_warn_stats_get(w, &stats);
  assert_int_equal(stats.open_forgotten, 1);  // the launch notice; superseded ones are no loss
  wf_warn_free(w);
}

static void test_months_of_events(void **state) {
  const wf_warn_config config = flight_config();  // 8 events
  wf_warn *w = flight_warn(&config);
  wf_common_track t[9];
  const wf_common_track *list[9];
  for (int i = 0; i < 9; i++) {
    t[i] = launch(1000 + (uint64_t)i);
    list[i] = &t[i];
  }
  wf_warn_assess(w, test_time(0), list, 9);
  wf_warn_stats stats;
  wf_warn_stats_get(w, &stats);
  assert_int_equal(stats.events_refused, 1);
  assert_int_equal(wf_warn_count(w), 8);
  for (int n = 0; n < 40; n++) {  // one after another, with nobody there
    wf_common_track one = launch(2000 + (uint64_t)n);
    flight_look(w, 8000 + n * 4000, &one, NULL);
    bool told = false;
    for (size_t i = wf_warn_first(w); i < wf_warn_count(w); i++) told |= wf_warn_at(w, i)->event == 2000 + (uint64_t)n;
    assert_true(told);
  }
  wf_warn_stats_get(w, &stats);
  assert_int_equal(stats.events_refused, 1);
  wf_warn_free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two_different_persons),
      cmocka_unit_test(test_long_names),
      cmocka_unit_test(test_withdrawn_is_not_proposed_again),
      cmocka_unit_test(test_newer_versions),
      cmocka_unit_test(test_lost_leaves_warnings_open),
      cmocka_unit_test(test_policy_may_release),
      cmocka_unit_test(test_corrections),
      cmocka_unit_test(test_nothing_is_told_twice_after_a_restart),
      cmocka_unit_test(test_months_of_products),
      cmocka_unit_test(test_months_of_events),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
