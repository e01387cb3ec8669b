// What is information only: proposed once, updated when it changes, released by two, corrected and taken back, and
// never in the way of a flight's warnings.
#include "flight.h"

static wf_bulletin seismic(double magnitude) {
  return (wf_bulletin){.kind = WF_BULLETIN_SEISMIC,
                       .possible_explosion = true,
                       .has_magnitude = true,
                       .magnitude = magnitude,
                       .from = test_time(0),
                       .to = test_time(0),
                       .place = test_ellipse(41.3, 129.1, 12e3, 12e3, 0),
                       .origin = "USGS"};
}

static void test_a_seismic_event(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_bulletin b = seismic(5.1);
  b.possible_explosion = false;
  assert_int_equal(wf_warn_inform(w, test_time(10), 500, &b), WF_ENOTFOUND);  // nothing is said of an earthquake
  assert_int_equal(wf_warn_count(w), 0);
  b.possible_explosion = true;
  assert_int_equal(wf_warn_inform(w, test_time(20), 500, &b), WF_OK);
  const wf_product *p = flight_newest(w, WF_STAGE_SEISMIC, 19);
  assert_int_equal(p->area_count, 0);
  assert_false(p->impact.valid);
  const uint64_t first = p->id;
  flight_release(w, 30, first);
  b.magnitude = 5.3;
  assert_int_equal(wf_warn_inform(w, test_time(40), 500, &b), WF_EEXIST);  // much the same
  b.magnitude = 5.8;
  assert_int_equal(wf_warn_inform(w, test_time(50), 500, &b), WF_OK);
  p = flight_newest(w, WF_STAGE_SEISMIC, 19);
  assert_int_equal(p->supersedes, first);
  flight_release(w, 60, p->id);
  const size_t count = wf_warn_count(w);
  for (int s = 70; s < 20000; s += 50) flight_look(w, s, NULL, NULL);
  assert_int_equal(wf_warn_count(w), count);  // not lost, not renewed, no all-clear
  wf_warn_free(w);
}

// The agency looks again: it was deep. What is out is corrected, what was only proposed goes.
static void test_no_explosion_after_all(void **state) {
  const wf_warn_config config = flight_config();
  static char xml[192 * 1024];
  size_t length;
  for (int released = 0; released < 2; released++) {
    wf_warn *w = flight_warn(&config);
    wf_bulletin b = seismic(5.1);
    assert_int_equal(wf_warn_inform(w, test_time(20), 500, &b), WF_OK);
    const uint64_t id = flight_newest(w, WF_STAGE_SEISMIC, 19)->id;
    if (released) flight_release(w, 30, id);
    b.possible_explosion = false;
    assert_int_equal(wf_warn_inform(w, test_time(40), 500, &b), WF_OK);
    if (released) {
      const wf_product *p = flight_newest(w, WF_STAGE_CORRECTION, 13);
      assert_int_equal(p->supersedes, id);
      assert_int_equal(wf_cap_write(p, "n@example.org", NULL, 0, xml, sizeof xml, &length), WF_OK);
      assert_non_null(strstr(xml, "it was probably no explosion"));
      assert_null(strstr(xml, "may have been an explosion"));
    } else {
      assert_int_equal(wf_warn_count(w), 1);
      assert_int_equal(wf_warn_find(w, id)->state, WF_PRODUCT_SUPERSEDED);
    }
    b.possible_explosion = true;  // and once more
    assert_int_equal(wf_warn_inform(w, test_time(50), 500, &b), WF_OK);
    flight_newest(w, WF_STAGE_SEISMIC, 19);
    wf_warn_free(w);
  }
}

static void test_it_can_be_taken_back(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  const wf_bulletin b = seismic(5.1);
  static char xml[192 * 1024];
  size_t length;
  assert_int_equal(wf_warn_inform(w, test_time(20), 500, &b), WF_OK);
  const uint64_t id = flight_newest(w, WF_STAGE_SEISMIC, 19)->id;
  flight_release(w, 30, id);
  assert_int_equal(wf_warn_decide(w, test_time(40), id, WF_DECISION_CANCEL, "ono"), WF_OK);
  const wf_product *cancel = flight_newest(w, WF_STAGE_CANCEL, 18);
  assert_int_equal(wf_warn_decide(w, test_time(41), cancel->id, WF_DECISION_CONFIRM, "kim"), WF_OK);
  assert_int_equal(wf_cap_write(cancel, "n@example.org", NULL, 0, xml, sizeof xml, &length), WF_OK);
  assert_non_null(strstr(xml, "The earlier information was given in error"));
  assert_non_null(strstr(xml, "<msgType>Cancel</msgType>"));
  assert_null(strstr(xml, "issile"));                                      // it never was one
  assert_int_equal(wf_warn_inform(w, test_time(50), 500, &b), WF_EEXIST);  // and stays so
  wf_warn_free(w);
}

static void test_a_notice_lasts_as_long_as_its_window(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config);
  wf_bulletin b = seismic(0);
  b.kind = WF_BULLETIN_NOTICE;
  b.to = test_time(86400);
  assert_int_equal(wf_warn_inform(w, test_time(20), 600, &b), WF_OK);
  assert_int_equal(flight_newest(w, WF_STAGE_NOTICE, 20)->expires.ns, b.to.ns);
  b.to = test_time(-1);
  assert_int_equal(wf_warn_inform(w, test_time(20), 601, &b), WF_EINVAL);
  b = (wf_bulletin){0};
  assert_int_equal(wf_warn_inform(w, test_time(20), 602, &b), WF_EINVAL);
  wf_warn_free(w);
}

static void test_a_notice_as_it_is_published(void **state) {
  static const wf_officer OFFICERS[] = {{"ono", WF_ROLE_WATCH_OFFICER}, {"abe", WF_ROLE_VIEWER}};
  static const char TEXT[] =
      "NAVAREA XI 0342/26. ROCKET. 201500Z NOV TO 301500Z NOV 36-05.5N 123-22.0E, 36-05.5N "
      "123-39.0E, 35-22.5N 123-39.0E";
  wf_warn_config config = flight_config();
  config.officers = OFFICERS;
  config.officer_count = 2;
  wf_warn *w = flight_warn(&config);
  char reason[96];
  assert_int_equal(wf_warn_notice(w, test_time(0), TEXT, strlen(TEXT), "abe", reason), WF_EDENIED);
  assert_int_equal(wf_warn_notice(w, test_time(0), "nothing", 7, "ono", reason), WF_EFORMAT);
  assert_true(reason[0] != '\0');
  assert_int_equal(wf_warn_notice(w, test_time(0), TEXT, strlen(TEXT), "ono", reason), WF_OK);
  const wf_product *p = flight_newest(w, WF_STAGE_NOTICE, 20);
  assert_string_equal(p->bulletin.origin, "NAVAREA XI 0342/26");
  assert_int_equal(wf_warn_notice(w, test_time(9), TEXT, strlen(TEXT), "ono", reason), WF_EEXIST);
  assert_int_equal(wf_warn_notice(w, test_time(86400 * 30), TEXT, strlen(TEXT), "ono", reason), WF_ETIME);
  wf_warn_free(w);
}

// A flight is warned of exactly as it is without them.
static void test_flights_do_not_notice(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *quiet = flight_warn(&config), *busy = flight_warn(&config);
  wf_bulletin b = seismic(6.3);
  assert_int_equal(wf_warn_inform(busy, test_time(5), 500, &b), WF_OK);
  flight_release(busy, 6, flight_newest(busy, WF_STAGE_SEISMIC, 19)->id);
  wf_common_track t = flight_track(77);
  flight_aim(&t, 40.5, 140.9, 20e3, 900);
  for (int s = 10; s < 2000; s++) {
    if (s == 500) t.track.life = WF_LIFE_LOST;
    flight_look(quiet, s, &t, NULL);
    flight_look(busy, s, &t, NULL);
    assert_int_equal(wf_warn_count(busy), wf_warn_count(quiet) + 1);
  }
  for (size_t i = 0; i < wf_warn_count(quiet); i++) {
    const wf_product *a = wf_warn_at(quiet, i), *c = wf_warn_at(busy, i + 1);
    assert_int_equal(a->stage, c->stage);
    assert_int_equal(a->proposed_at.ns, c->proposed_at.ns);
    assert_int_equal(a->at_least, c->at_least);
  }
  assert_int_equal(wf_warn_inform(busy, test_time(2000), 77, &b), WF_EINVAL);  // a flight's name is no bulletin's
  wf_warn_free(quiet);
  wf_warn_free(busy);
}

static void test_told_before_a_restart(void **state) {
  const wf_warn_config config = flight_config();
  wf_warn *w = flight_warn(&config), *again = flight_warn(&config);
  const wf_bulletin b = seismic(5.1);
  assert_int_equal(wf_warn_inform(w, test_time(20), 500, &b), WF_OK);
  const wf_product *p = flight_newest(w, WF_STAGE_SEISMIC, 19);
  flight_release(w, 30, p->id);
  assert_int_equal(wf_warn_restore(again, p), WF_OK);
  assert_int_equal(wf_warn_inform(again, test_time(40), 500, &b), WF_EEXIST);
  const size_t count = wf_warn_count(again);
  for (int s = 50; s < 9000; s += 50) flight_look(again, s, NULL, NULL);
  assert_int_equal(wf_warn_count(again), count);
  wf_warn_free(w);
  wf_warn_free(again);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_seismic_event),
                                     cmocka_unit_test(test_no_explosion_after_all),
                                     cmocka_unit_test(test_it_can_be_taken_back),
                                     cmocka_unit_test(test_a_notice_as_it_is_published),
                                     cmocka_unit_test(test_a_notice_lasts_as_long_as_its_window),
                                     cmocka_unit_test(test_flights_do_not_notice),
                                     cmocka_unit_test(test_told_before_a_restart)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
