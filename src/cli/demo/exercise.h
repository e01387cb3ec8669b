// The exercise's control, for consoles: what is played, paused and going on, launches flown again, sensors silenced,
// nodes killed. A feed of its own (docs/console-feed.md) at a Unix socket, turned by the demo's own loop.
#ifndef WF_CLI_DEMO_EXERCISE_H
#define WF_CLI_DEMO_EXERCISE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/status.h"
#include "base/time.h"
#include "sim/scenario.h"

enum { EXERCISE_FAULTS_MAX = 64, EXERCISE_LAUNCHES_MAX = 16 };

typedef struct exercise_fault {
  bool kill;  // else a sensor is silent
  uint32_t nation, sensor;  // sensor: index in the scenario
  wf_time from, until;
  bool begun, ended;
} exercise_fault;

typedef struct exercise_launch {
  size_t of;  // index in the scenario
  wf_time at;
} exercise_launch;

typedef struct exercise {
  const wf_scenario *scenario;
  double rate;  // when it runs
  // Record time = record_epoch + rate · (UTC − real_epoch), as every node has it.
  wf_time record_epoch, real_epoch;
  bool paused, over;
  bool clock_changed;   // nodes must be told
  bool launch_added;    // sensors must be fed anew
  exercise_fault fault[EXERCISE_FAULTS_MAX];
  size_t fault_count;
  exercise_launch launch[EXERCISE_LAUNCHES_MAX];
  size_t launch_count;
  struct exercise_server *server;
} exercise;

wf_time exercise_now(const exercise *x);
bool exercise_open(exercise *x, const char *socket);  // false, and said on stderr
void exercise_turn(exercise *x);                      // what has come is done
void exercise_close(exercise *x);
bool exercise_silent(const exercise *x, uint32_t sensor, wf_time at);

#endif
