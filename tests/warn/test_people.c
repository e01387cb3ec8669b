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

static wf_status decide_as(wf_warn *w, double at_s, uint64_t id, wf_decision decision, const char *person) {
  return wf_warn_decide(w, test_time(at_s), id, decision, person);
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
    flight_look(w, 100 + 61 * n, &t, NULL);  // an area is told anew once a minute at most
    if (n == 1) assert_int_equal(decide(w, 162, wf_warn_at(w, 2)->id, "ono"), WF_OK);
  }
  assert_int_equal(wf_warn_count(w), 4);  // the notice and three areas
  assert_int_equal(wf_warn_at(w, 0)->state, WF_PRODUCT_PROPOSED);
  assert_int_equal(wf_warn_at(w, 1)->state, WF_PRODUCT_SUPERSEDED);
  assert_int_equal(wf_warn_at(w, 2)->state, WF_PRODUCT_FIRST_CONFIRMED);  // not taken from under the second person
  assert_int_equal(wf_warn_at(w, 3)->state, WF_PRODUCT_PROPOSED);
  assert_int_equal(decide(w, 223, wf_warn_at(w, 2)->id, "kim"), WF_OK);
  assert_int_equal(wf_warn_at(w, 0)->state, WF_PRODUCT_SUPERSEDED);  // older, and says less
  assert_int_equal(wf_warn_at(w, 3)->state, WF_PRODUCT_PROPOSED);
  flight_release(w, 224, wf_warn_at(w, 3)->id);
  assert_int_equal(wf_warn_at(w, 3)->supersedes, wf_warn_at(w, 2)->id);
  assert_int_equal(wf_warn_at(w, 3)->supersedes_sent.ns, test_time(223).ns);
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

// The correction and the cancellation are ready from the moment an alert is out, and cost one word and one more person.
static void test_errors_are_cancelled(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  static char xml[192 * 1024];
  size_t length;
  flight_look(w, 100, &t, NULL);
  const wf_product *notice = wf_warn_at(w, 0);
  wf_product ready;
  assert_int_equal(wf_warn_prepared(w, notice, WF_STAGE_CANCEL, &ready), WF_EDENIED);  // nothing is out yet
  assert_int_equal(decide_as(w, 101, notice->id, WF_DECISION_CANCEL, "ono"), WF_EDENIED);
  flight_release(w, 110, notice->id);
  for (int k = 0; k < 2; k++) {
    assert_int_equal(wf_warn_prepared(w, notice, k == 0 ? WF_STAGE_CANCEL : WF_STAGE_CORRECTION, &ready), WF_OK);
    ready.state = WF_PRODUCT_RELEASED;
    ready.released_at = test_time(111);
    assert_int_equal(wf_cap_write(&ready, "n@x", FLIGHT_AREAS, FLIGHT_AREA_COUNT, xml, sizeof xml, &length), WF_OK);
    assert_non_null(strstr(xml, k == 0 ? "<msgType>Cancel<" : "<msgType>Update<"));
  }
  assert_int_equal(wf_warn_count(w), 1);  // nothing is proposed by being ready
  assert_int_equal(decide_as(w, 112, notice->id, WF_DECISION_CANCEL, "ono"), WF_OK);
  const wf_product *cancel = flight_newest(w, WF_STAGE_CANCEL, 18);
  assert_int_equal(cancel->state, WF_PRODUCT_FIRST_CONFIRMED);
  assert_int_equal(decide_as(w, 113, cancel->id, WF_DECISION_CONFIRM, "Ono "), WF_EDENIED);
  assert_int_equal(decide_as(w, 114, cancel->id, WF_DECISION_CONFIRM, "kim"), WF_OK);
  assert_int_equal(cancel->supersedes, notice->id);
  for (int s = 115; s < 400; s++) flight_look(w, s, &t, NULL);
  assert_int_equal(wf_warn_count(w), 2);  // an error stays one while nothing else sees it
  t.track.sources |= WF_SOURCE_INFRARED | WF_SOURCE_VOICE;
  flight_look(w, 400, &t, NULL);
  flight_newest(w, WF_STAGE_LAUNCH_NOTICE, 1);  // somebody else sees it, too
  assert_int_equal(wf_warn_count(w), 3);
  wf_warn_free(w);
}

static void test_roles(void **state) {
  static const wf_officer OFFICERS[] = {{"Viewer", WF_ROLE_VIEWER},
                                        {"Watch A", WF_ROLE_WATCH_OFFICER},
                                        {"Watch B", WF_ROLE_WATCH_OFFICER},
                                        {"Release", WF_ROLE_RELEASE_AUTHORITY},
                                        {"Admin", WF_ROLE_ADMINISTRATOR}};
  wf_warn_config config = flight_config();
  config.officers = OFFICERS;
  config.officer_count = 5;
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_look(w, 100, &t, NULL);
  const uint64_t id = wf_warn_at(w, 0)->id;
  static const char *const MAY_NOT[] = {"Viewer", "Admin", "Nobody we know"};
  for (int i = 0; i < 3; i++)
    for (int d = WF_DECISION_CONFIRM; d <= WF_DECISION_KEEP; d++)
      assert_int_equal(decide_as(w, 101, id, (wf_decision)d, MAY_NOT[i]), WF_EDENIED);
  assert_int_equal(decide_as(w, 102, id, WF_DECISION_CONFIRM, "Watch A"), WF_OK);
  assert_int_equal(decide_as(w, 103, id, WF_DECISION_CONFIRM, "Watch B"),
                   WF_EDENIED);  // two watch officers do not release
  assert_int_equal(decide_as(w, 104, id, WF_DECISION_CONFIRM, "Release"), WF_OK);
  wf_warn_free(w);
}

// "Track lost: keep, correct or cancel?" Nobody answers: it is kept, widened and escalated, and never cancelled.
static void lost_and_asked(bool answered, int escalated) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  wf_warn_question q[4];
  flight_aim(&t, 40.5, 139.6, 20e3, 900);  // 34 km west of the border: nobody is threatened …
  flight_look(w, 100, &t, NULL);
  assert_int_equal(wf_warn_questions(w, q, 4), 0);
  t.track.life = WF_LIFE_LOST;
  flight_look(w, 110, &t, NULL);
  assert_int_equal(wf_warn_questions(w, q, 4), 1);
  assert_int_equal(wf_time_diff_s(q[0].due, q[0].asked), 60);
  const uint64_t lost = flight_newest(w, WF_STAGE_LOST_TRACK, 5)->id;
  if (answered) assert_int_equal(decide_as(w, 150, lost, WF_DECISION_KEEP, "ono"), WF_OK);
  for (int s = 151; s < 400; s++) flight_look(w, s, &t, NULL);
  wf_warn_stats stats;
  wf_warn_stats_get(w, &stats);
  assert_int_equal(stats.escalated, escalated);
  if (escalated) assert_int_equal(flight_newest(w, WF_STAGE_LOST_TRACK, 17)->area_count, 1);  // … until it is widened
  assert_int_equal(flight_count(w, WF_STAGE_CANCEL) + flight_count(w, WF_STAGE_ALL_CLEAR), 0);
  wf_warn_free(w);
}

static void test_a_lost_track_asks(void **state) {
  lost_and_asked(false, 1);
  lost_and_asked(true, 0);
}

// The pre-delegated fallback: only of its stages, only when it waited and is near.
static void test_delegation(void **state) {
  wf_warn_config config = flight_config();
  config.delegated[WF_STAGE_THREATENED_AREAS] = true;
  config.delegate_after_s = 20;
  config.delegate_within_s = 180;
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  flight_aim(&t, 40.5, 140.5, 10e3, 400);  // earliest 383.6
  for (int s = 100; s < 203; s++) flight_look(w, s, &t, NULL);
  const wf_product *p = flight_newest(w, WF_STAGE_THREATENED_AREAS, 3);
  assert_int_equal(p->state, WF_PRODUCT_PROPOSED);
  flight_look(w, 204, &t, NULL);
  assert_int_equal(p->state, WF_PRODUCT_RELEASED);
  assert_string_equal(p->second_operator, "delegated");
  wf_warn_stats stats;
  wf_warn_stats_get(w, &stats);
  assert_int_equal(stats.delegated, 1);
  wf_warn_free(w);
}

static void test_months_of_products(void **state) {
  wf_warn_config config = flight_config();
  config.products_max = 4;
  wf_warn *w = flight_warn(&config);
  wf_common_track t = launch(1);
  for (int n = 0; n < 10; n++) {
    flight_aim(&t, 30.0 + n, 130, 30e3, 1900);
    flight_look(w, 100 + 61 * n, &t, NULL);
  }
  assert_int_equal(wf_warn_count(w), 11);
  assert_int_equal(wf_warn_first(w), 7);
  assert_null(wf_warn_at(w, 6));
  assert_null(wf_warn_at(w, 11));
  flight_release(w, 700, wf_warn_at(w, 10)->id);
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
      cmocka_unit_test(test_errors_are_cancelled),
      cmocka_unit_test(test_roles),
      cmocka_unit_test(test_a_lost_track_asks),
      cmocka_unit_test(test_delegation),
      cmocka_unit_test(test_months_of_products),
      cmocka_unit_test(test_months_of_events),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
