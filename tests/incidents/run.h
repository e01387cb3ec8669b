// A public failure as a scenario: whole nodes under the virtual clock, officers or nobody at the desks, and every
// product with the second at which it was proposed, changed or released.
#ifndef WF_TEST_INCIDENTS_RUN_H
#define WF_TEST_INCIDENTS_RUN_H

#include "../wf_test.h"
#include "sim/feeder.h"
#include "sim/scenario.h"
#include "sim/truth.h"
#include "sim/world.h"

enum { RUN_ENTRIES_MAX = 2048 };

typedef struct run_entry {
  double at_s;      // since the scenario's start
  uint32_t nation;  // index in the scenario
  wf_product product;
} run_entry;

// An act at a desk: on the first product of that stage that is released (for KEEP: proposed; for CONFIRM: confirmed by
// one), so long after it.
typedef struct run_act {
  const char *nation;
  uint8_t stage;
  wf_decision decision;
  double after_s;
  const char *person;
} run_act;

typedef struct run_options {
  bool officers;  // two persons confirm everything, 4 and 9 s after it was proposed
  const run_act *acts;
  size_t act_count;
  bool delegated[16], automatic[16];
  double until_s;  // stop there; 0: the whole scenario
} run_options;

typedef struct run {
  wf_scenario *scenario;
  wf_truth *truth;
  run_options options;
  wf_world *world;
  wf_world_config config;
  wf_sensor *sensors;
  size_t count;
  run_entry entry[RUN_ENTRIES_MAX];
  bool acted[8];
  double first_detection_s, first_arrival_s;  // the first plot of a target anywhere: seen, and come in
} run;

// `name`: a file of tests/incidents, or a shipped scenario. Stops the test when it does not load.
run *run_scenario(const char *name, const run_options *options);
void run_end(run *r);

int run_nation(const run *r, const char *code);
// The first entry of a nation in a stage and state; NULL when there is none. Stage 0: any.
const run_entry *run_first(const run *r, const char *nation, uint8_t stage, wf_product_state state);
// When, in seconds; fails the test when never.
double run_first_s(const run *r, const char *nation, uint8_t stage, wf_product_state state);
size_t run_count(const run *r, const char *nation, uint8_t stage, wf_product_state state);
// The first time an area is named in a warning (not in what ends one); negative: never. threat < 0: any.
double run_area_s(const run *r, const char *nation, const char *code, int threat);
// What is below holds of every product of every nation of every incident.
void run_check_all(const run *r);
void run_print(const run *r);
void run_folder(const char *path);  // where the scenarios are

#endif
