// How long from the first launch detection or confirmed track anywhere to a proposal, and to the launch notice at every
// nation: the demo's scenarios with whole nodes under the virtual clock. Prints what it measures.
#include <stdlib.h>

#include "run.h"

#define PROPOSED_S 1.0  // after the datagram with the first detection came in
#define EVERYWHERE_S 2.0
#define LINK_S 0.1  // 20 ms each way and its jitter, and one turn about

// When the first nation anywhere had a launch detection (a satellite's) or a confirmed track of its own sensors.
static double known_s(run *r) {
  double first_s = 1e9;
  for (uint32_t n = 0; n < r->config.node_count; n++) {
    static const wf_value_event *events[WF_VALUE_EVENTS_MAX];
    const size_t count = wf_node_value(wf_world_node(r->world, n), events, WF_VALUE_EVENTS_MAX);
    for (size_t i = 0; i < count; i++)
      for (int k = 0; k < events[i]->nation_count; k++) {
        const wf_value_entry *e = &events[i]->nation[k].alone;
        const double s = wf_time_diff_s(e->detected, r->scenario->start);
        if (e->detected.ns != 0 && s < first_s) first_s = s;
      }
  }
  return first_s;
}

static double notice_s(run *r, uint32_t nation) {
  for (size_t i = 0; i < r->count; i++)
    if (r->entry[i].nation == nation && r->entry[i].product.stage == WF_STAGE_LAUNCH_NOTICE) return r->entry[i].at_s;
  fail_msg("%s: no notice at %s", r->scenario->name, r->scenario->nation[nation].code);
  return 0;
}

static void from_detection_to_notice(const char *name) {
  run *r = run_scenario(name, &(run_options){.until_s = 200});
  const double detected_s = known_s(r);
  double first_s = 1e9, last_s = 0;
  for (uint32_t n = 0; n < r->config.node_count; n++) {
    const double s = notice_s(r, n) - detected_s;
    if (s < first_s) first_s = s;
    if (s > last_s) last_s = s;
  }
  print_message(
      "%-17s first detection %5.1f s (came in at %5.1f s); known %5.1f s; notice proposed %+.3f s, in all %zu nations "
      "%+.3f s\n",
      name, r->first_detection_s, r->first_arrival_s, detected_s, first_s, r->scenario->nation_count, last_s);
  assert_true(first_s >= 0 && first_s <= PROPOSED_S);
  assert_true(last_s <= EVERYWHERE_S + LINK_S);
  run_end(r);
}

static void test_the_demo_scenarios(void **state) {
  static const char *const NAMES[] = {"trilateral",       "overflight-japan", "salvo",
                                      "failed-satellite", "depressed",        "lofted-icbm"};
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) from_detection_to_notice(NAMES[i]);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  run_folder(argv[1]);
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_demo_scenarios)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
