// A few of the documented flights, watched by the notional sensors; all of them are flown by the benchmark `flights`.
#include <stdlib.h>
#include <string.h>

#include "../wf_test.h"
#include "fly.h"

static const char *sensors_path;

static fly_result watch(const char *date, fly_path *path, const entry **about) {
  fly_result r;
  size_t i = 0;
  while (i < FLIGHTS && strcmp(TABLE[i].date, date) != 0) i++;
  assert_true(i < FLIGHTS);
  *about = &TABLE[i];
  wf_scenario *sensors = fly_sensors(sensors_path);
  assert_non_null(sensors);
  assert_true(fly_path_of(&TABLE[i], path));
  fly_watch(sensors, &TABLE[i], path, 100 * (i + 1), &r);
  wf_scenario_free(sensors);
  print_message("%s %s: %s, launch %.1f km off, impact %.1f km off, %d track(s)\n", date, TABLE[i].name,
                wf_flight_class_name(r.found), r.launch_error_m / 1e3, r.impact_error_m / 1e3, r.numbers);
  return r;
}

static void falls(const char *date) {
  const entry *e;
  fly_path path;
  const fly_result r = watch(date, &path, &e);
  assert_int_equal(r.found, fly_label(e->label));
  assert_true(r.launch_valid && r.launch_error_m < 10e3 && r.launch_inside);
  assert_true(r.impact_valid && r.impact_error_m < 20e3 && r.impact_inside);
  assert_int_equal(r.numbers, 1);  // through staging, and through what no radar reaches
  assert_false(r.not_ballistic_said);
  assert_true(r.burnout_seen);
  fly_path_free(&path);
}

static void ballistic(void **state) {
  falls("2022-11-01");  // 100 km up, 200 km far
  falls("2017-08-28");  // two stages, over Hokkaido
  falls("2023-04-12");  // 3,000 km up
}

static void pulls_up(void **state) {
  const entry *e;
  fly_path path;
  const fly_result r = watch("2023-12-17", &path, &e);
  assert_true(r.not_ballistic_said && r.said_s > path.turn_s && r.said_s < path.turn_s + 45.0);
  assert_int_equal(r.found, WF_CLASS_NOT_BALLISTIC);
  assert_true(r.footprints > 30);
  assert_int_equal(r.footprints_holding, r.footprints);
  fly_path_free(&path);
}

// It turns where no radar sees it: the footprint must have been given for its flatness alone.
static void glides_unseen(void **state) {
  const entry *e;
  fly_path path;
  const fly_result r = watch("2025-01-06", &path, &e);
  assert_int_equal(r.found, WF_CLASS_NOT_BALLISTIC);
  assert_true(r.footprints > 30);
  assert_int_equal(r.footprints_holding, r.footprints);
  fly_path_free(&path);
}

static void failures_do_not_pass(void **state) {
  static const char *const date[] = {"2012-04-12", "2022-11-02", "2023-05-30"};
  for (size_t i = 0; i < sizeof date / sizeof *date; i++) {
    const entry *e;
    fly_path path;
    const fly_result r = watch(date[i], &path, &e);
    assert_true(r.tracked);
    assert_false(r.passed);
    fly_path_free(&path);
  }
}

static void reaches_orbit(void **state) {
  const entry *e;
  fly_path path;
  const fly_result r = watch("2023-11-21", &path, &e);
  assert_int_equal(r.found, WF_CLASS_SPACE_LAUNCH);
  assert_int_equal(r.reason, WF_REASON_ORBITAL);
  assert_false(r.impact_valid);
  assert_int_equal(r.numbers, 1);  // the last stage lights six minutes after the second
  assert_true(r.launch_error_m < 10e3 && r.launch_inside);
  fly_path_free(&path);
}

int main(int argc, char **argv) {
  assert_true(argc > 1);
  sensors_path = argv[1];
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ballistic),     cmocka_unit_test(pulls_up),
      cmocka_unit_test(glides_unseen), cmocka_unit_test(failures_do_not_pass),
      cmocka_unit_test(reaches_orbit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
