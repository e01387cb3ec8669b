// The front door: what comes from outside is taken, or refused by name and counted.
#include "../wf_test.h"
#include "base/fmath.h"
#include "nations.h"

typedef struct heard {
  uint32_t alarms[WF_ALARM_KIND_COUNT];
  char text[160];  // of the newest alarm
} heard;

static void listen(void *context, uint32_t node, wf_time at, const wf_effect *effect) {
  heard *h = context;
  if (effect->kind != WF_OUT_ALARM || node != 0) return;
  h->alarms[effect->alarm]++;
  snprintf(h->text, sizeof h->text, "%s", effect->text);
}

static wf_node_counters counters(nations *n, uint32_t node) {
  wf_node_counters c;
  wf_node_counters_get(nations_node(n, node), &c);
  return c;
}

static void start(nations *n, heard *h) {
  memset(h, 0, sizeof *h);
  nations_prepare(n, 2);
  nations_start(n);
  assert_non_null(n->world);
  wf_world_on_effect(n->world, listen, h);
  nations_run(n, 3);
}

static void unknown_sensor_is_refused_by_name(void **state) {
  nations n;
  heard h;
  wf_plot plot;
  start(&n, &h);
  wf_sensor_report report = nations_report(&n, 0, &plot);
  const wf_node_counters before = counters(&n, 0);
  snprintf(report.sensor, sizeof report.sensor, "NOBODY-R9");
  nations_hear(&n, 0, &report);
  const wf_node_counters after = counters(&n, 0);
  assert_int_equal(after.datagrams_refused, before.datagrams_refused + 1);
  assert_int_equal(after.plots, before.plots);
  assert_int_equal(h.alarms[WF_ALARM_REFUSED_INPUT], 1);
  assert_non_null(strstr(h.text, "NOBODY-R9"));
  // A partner's sensor is unknown here, too.
  memcpy(report.sensor, n.c.sensors[1].name, sizeof report.sensor);
  nations_hear(&n, 0, &report);
  assert_int_equal(counters(&n, 0).datagrams_refused, before.datagrams_refused + 2);
  nations_end(&n);
}

static void another_mode_is_refused(void **state) {
  nations n;
  heard h;
  wf_plot plot;
  start(&n, &h);
  const wf_node_counters before = counters(&n, 0);
  wf_sensor_report report = nations_report(&n, 0, &plot);
  report.mode = WF_MODE_LIVE;
  nations_hear(&n, 0, &report);
  const wf_node_counters after = counters(&n, 0);
  assert_int_equal(after.datagrams_refused, before.datagrams_refused + 1);
  assert_int_equal(after.plots, before.plots);
  assert_int_equal(h.alarms[WF_ALARM_REFUSED_INPUT], 1);
  assert_non_null(strstr(h.text, "live"));
  nations_end(&n);
}

static void garbage_is_counted_and_does_not_drown_the_list(void **state) {
  nations n;
  heard h;
  start(&n, &h);
  uint8_t bytes[300];
  for (int k = 0; k < 1000; k++) {
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)wf_rng_u64(&n.c.rng);
    wf_world_sensor(n.world, 0, (wf_bytes){bytes, (size_t)(k % 300)});
  }
  const wf_node_counters after = counters(&n, 0);
  assert_int_equal(after.datagrams_refused, 1000);
  assert_in_range(h.alarms[WF_ALARM_REFUSED_INPUT], 1, 10);  // 1, 2, 4 … 512
  nations_run(&n, 3);                                        // and the next good one is heard
  assert_true(counters(&n, 0).plots > after.plots);
  nations_end(&n);
}

static void impossible_plot_is_refused_and_its_neighbour_taken(void **state) {
  nations n;
  heard h;
  wf_plot plots[2];
  start(&n, &h);
  const wf_node_counters before = counters(&n, 0);
  n.now_s += 1.0;
  wf_sensor_report report = nations_report(&n, 0, &plots[0]);
  plots[1] = plots[0];
  plots[1].time = wf_time_add_s(plots[1].time, 3600.0);
  report.plots_cap = report.plot_count = 2;
  nations_hear(&n, 0, &report);
  const wf_node_counters after = counters(&n, 0);
  assert_int_equal(after.datagrams_refused, before.datagrams_refused);
  assert_int_equal(after.plots, before.plots + 2);
  assert_int_equal(after.plots_rejected[WF_PLOT_FUTURE], before.plots_rejected[WF_PLOT_FUTURE] + 1);
  wf_sensor_view view;
  assert_int_equal(wf_node_sensors(nations_node(&n, 0), &view, 1), 1);
  assert_int_equal(view.rejected, 1);
  nations_end(&n);
}

static void lost_datagrams_are_counted(void **state) {
  nations n;
  heard h;
  start(&n, &h);
  n.c.sequence[0] += 5;
  nations_run(&n, 1);
  wf_sensor_view view;
  assert_int_equal(wf_node_sensors(nations_node(&n, 0), &view, 1), 1);
  assert_int_equal(view.lost_datagrams, 5);
  nations_end(&n);
}

static void silent_sensor_raises_one_alarm_and_is_heard_again(void **state) {
  nations n;
  heard h;
  wf_sensor_view view;
  start(&n, &h);
  n.mute[0] = true;
  nations_run(&n, 20);
  assert_int_equal(h.alarms[WF_ALARM_SENSOR_SILENT], 1);
  assert_non_null(strstr(h.text, n.c.sensors[0].name));
  wf_node_sensors(nations_node(&n, 0), &view, 1);
  assert_int_equal(view.state, 4);
  n.mute[0] = false;
  nations_run(&n, 2);
  wf_node_sensors(nations_node(&n, 0), &view, 1);
  assert_int_equal(view.state, 1);
  n.mute[0] = true;  // a second silence is a second alarm
  nations_run(&n, 20);
  assert_int_equal(h.alarms[WF_ALARM_SENSOR_SILENT], 2);
  nations_end(&n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unknown_sensor_is_refused_by_name),
      cmocka_unit_test(another_mode_is_refused),
      cmocka_unit_test(garbage_is_counted_and_does_not_drown_the_list),
      cmocka_unit_test(impossible_plot_is_refused_and_its_neighbour_taken),
      cmocka_unit_test(lost_datagrams_are_counted),
      cmocka_unit_test(silent_sensor_raises_one_alarm_and_is_heard_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
