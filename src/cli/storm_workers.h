// Seeds of the storm on as many processors as there are: each worker is a process and takes every Nth seed.
#ifndef WF_CLI_STORM_WORKERS_H
#define WF_CLI_STORM_WORKERS_H

#include "sim/storm.h"

#define STORM_REPORT_SIZE 3200

typedef struct storm_job {
  uint64_t from, seeds;  // seeds 0: until stopped
  unsigned workers;
  bool shrink, until_failure;
} storm_job;

// How one seed went. report: what to tell of a failure; empty when there is none.
typedef struct storm_outcome {
  uint64_t seed;
  bool died;  // the worker itself did, in this seed
  wf_storm_result result;
  char report[STORM_REPORT_SIZE];
} storm_outcome;

typedef void storm_take(void *context, const storm_outcome *outcome);

// Ends when all seeds are done, at the first failure if so asked, or when interrupted. False when workers cannot start.
bool storm_workers_run(const storm_job *job, storm_take *take, void *context);

#endif
