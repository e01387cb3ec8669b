// What is written for every stage, mode and issuer: complete, honest, the same each time.
#include "../wf_test.h"
#include "products.h"
#include "warn/cap.h"

#define SENDER "watchfire.test@example.org"
static char out[256 * 1024], again[256 * 1024];
static size_t length;

static const char *const NATIONS[] = {"JPN", "KOR", "USA"};

static void write_it(const wf_product *p) {
  assert_int_equal(wf_cap_write(p, SENDER, TEST_AREAS, TEST_AREA_COUNT, out, sizeof out, &length), WF_OK);
  assert_int_equal(strlen(out), length);
}

static int occurrences(const char *what) {
  int n = 0;
  for (const char *at = out; (at = strstr(at, what)) != NULL; at++) n++;
  return n;
}

static void test_exercise_is_said_first(void **state) {
  static const char *const FIRST[] = {"EXERCISE EXERCISE EXERCISE ", "【訓練 訓練 訓練】", "[훈련 훈련 훈련] "};
  static const char *const TEXTS[] = {"<event>", "<senderName>", "<headline>", "<description>", "<instruction>"};
  for (int stage = WF_STAGE_LAUNCH_NOTICE; stage <= WF_STAGE_LAST; stage++) {
    wf_product p = test_product("JPN", WF_MODE_EXERCISE, stage);
    write_it(&p);
    assert_non_null(strstr(out, "<status>Exercise</status>"));
    for (int t = 0; t < 5; t++)
      for (int l = 0; l < 3; l++) {
        char start[128];
        snprintf(start, sizeof start, "%s%s", TEXTS[t], FIRST[l]);
        assert_int_equal(occurrences(start), 1);
      }
    p.mode = WF_MODE_LIVE;
    write_it(&p);
    assert_non_null(strstr(out, "<status>Actual</status>"));
    assert_null(strstr(out, "EXERCISE"));
    p.mode = WF_MODE_TEST;
    write_it(&p);
    assert_non_null(strstr(out, "<status>Test</status>"));
    assert_null(strstr(out, "EXERCISE"));
  }
}

static void test_unreleased_is_a_draft(void **state) {
  wf_product p = test_product("JPN", WF_MODE_LIVE, WF_STAGE_AREA);
  p.state = WF_PRODUCT_FIRST_CONFIRMED;
  write_it(&p);
  assert_non_null(strstr(out, "<status>Draft</status>"));
  p.state = WF_PRODUCT_WITHDRAWN;
  assert_int_equal(wf_cap_write(&p, SENDER, NULL, 0, out, sizeof out, &length), WF_EDENIED);
}

static void test_no_slot_is_left_and_no_zulu(void **state) {
  for (int nation = 0; nation < 3; nation++)
    for (int stage = WF_STAGE_LAUNCH_NOTICE; stage <= WF_STAGE_LAST; stage++) {
      const wf_product p = test_product(NATIONS[nation], WF_MODE_EXERCISE, stage);
      write_it(&p);
      assert_null(strchr(out, '{'));
      assert_null(strstr(out, ":00Z"));
      assert_null(strstr(out, "+00:00"));
      assert_int_equal(occurrences("<info>"), 3);
      assert_non_null(strstr(out, nation == 2 ? "-00:00</sent>" : "+09:00</sent>"));
    }
}

static void test_references(void **state) {
  wf_product p = test_product("USA", WF_MODE_EXERCISE, WF_STAGE_AREA);
  write_it(&p);
  assert_non_null(strstr(out, "<msgType>Update</msgType>"));
  assert_non_null(strstr(out, "<references>" SENDER ",watchfire-USA-exercise-1234567890abcdef,"));
  p.supersedes_sent.ns = 0;  // it was never published: nobody can know it
  write_it(&p);
  assert_non_null(strstr(out, "<msgType>Alert</msgType>"));
  assert_null(strstr(out, "<references>"));
  p = test_product("USA", WF_MODE_EXERCISE, WF_STAGE_ALL_CLEAR);
  write_it(&p);
  assert_non_null(strstr(out, "<msgType>Update</msgType>"));
  assert_int_equal(occurrences("<responseType>AllClear</responseType>"), 3);
  assert_null(strstr(out, "Cancel"));
}

// 2022-11-03: a track that had vanished was announced as having passed over.
static void test_nothing_lost_is_said_to_have_passed(void **state) {
  static const char *const NEVER[] = {"passed", "通過", "통과", "AllClear", "Past<"};
  const wf_product p = test_product("JPN", WF_MODE_LIVE, WF_STAGE_LOST_TRACK);
  write_it(&p);
  for (int i = 0; i < 5; i++) assert_null(strstr(out, NEVER[i]));
  assert_non_null(strstr(out, "The threat remains"));
  assert_non_null(strstr(out, "危険は続いています"));
  assert_non_null(strstr(out, "위험은 계속됩니다"));
}

static void test_areas(void **state) {
  wf_product p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_LAUNCH_NOTICE);
  write_it(&p);
  assert_null(strstr(out, "<area>"));
  p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_AREA);
  write_it(&p);
  assert_int_equal(occurrences("<polygon>"), 3);
  p.impact.area = TEST_PLACES[1];  // over the antimeridian
  write_it(&p);
  assert_int_equal(occurrences("<polygon>"), 6);
  p.impact.area = TEST_PLACES[4];  // over a pole
  write_it(&p);
  assert_int_equal(occurrences("<circle>"), 3);
  p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_THREATENED_AREAS);
  write_it(&p);
  assert_int_equal(occurrences("<value>JP-02</value>"), 3);
  assert_int_equal(occurrences("<areaDesc>青森県</areaDesc>"), 1);
  assert_int_equal(occurrences("<areaDesc>아오모리현</areaDesc>"), 1);
}

static void test_bounds(void **state) {
  wf_product p = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_IMMINENT);
  p.area_count = WF_PRODUCT_AREA_MAX;
  for (int i = 0; i < WF_PRODUCT_AREA_MAX; i++) {
    p.area[i] = p.area[0];
    snprintf(p.area[i].code, sizeof p.area[i].code, "JP-%02d", i % 2 + 1);
  }
  assert_int_equal(wf_cap_write(&p, SENDER, TEST_AREAS, TEST_AREA_COUNT, out, 192 * 1024, &length), WF_OK);
  assert_int_equal(wf_cap_write(&p, SENDER, TEST_AREAS, TEST_AREA_COUNT, again, length, &length), WF_EFULL);
  size_t same;
  assert_int_equal(wf_cap_write(&p, SENDER, TEST_AREAS, TEST_AREA_COUNT, again, length + 1, &same), WF_OK);
  assert_int_equal(same, length);
  assert_memory_equal(out, again, length);  // the same product, the same bytes
}

static wf_status refused(const wf_product *p, const char *sender) {
  return wf_cap_write(p, sender, TEST_AREAS, TEST_AREA_COUNT, out, sizeof out, &length);
}

static void test_what_cannot_be_written(void **state) {
  const wf_product good = test_product("JPN", WF_MODE_EXERCISE, WF_STAGE_AREA);
  wf_product p = good;
  assert_int_equal(refused(&p, "a sender"), WF_EINVAL);
  assert_int_equal(refused(&p, "a,b"), WF_EINVAL);
  assert_int_equal(refused(&p, ""), WF_EINVAL);
  p.expires = test_time(75.9);  // the same second as sent
  assert_int_equal(refused(&p, SENDER), WF_ETIME);
  p = good;
  p.mode = WF_MODE_NONE;
  assert_int_equal(refused(&p, SENDER), WF_EMODE);
  p = good;
  p.stage = WF_STAGE_LAST + 1;
  assert_int_equal(refused(&p, SENDER), WF_EINVAL);
  p = good;
  p.label[0] = '\x01';
  assert_int_equal(refused(&p, SENDER), WF_EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exercise_is_said_first),
      cmocka_unit_test(test_unreleased_is_a_draft),
      cmocka_unit_test(test_no_slot_is_left_and_no_zulu),
      cmocka_unit_test(test_references),
      cmocka_unit_test(test_nothing_lost_is_said_to_have_passed),
      cmocka_unit_test(test_areas),
      cmocka_unit_test(test_bounds),
      cmocka_unit_test(test_what_cannot_be_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
