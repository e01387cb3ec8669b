// The storm: whole nodes under random faults from one seed, then the invariants. A failing seed is shrunk to its shortest
// list of faults.
#ifndef WF_SIM_STORM_H
#define WF_SIM_STORM_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

#define WF_STORM_FAULTS_MAX 24

typedef enum wf_storm_fault_kind {
  WF_STORM_CUT, WF_STORM_DELAY, WF_STORM_STALL, WF_STORM_CRASH, WF_STORM_LOSE_DISK, WF_STORM_CLOCK_STEP, WF_STORM_FAULT_KINDS
} wf_storm_fault_kind;

typedef struct wf_storm_fault { wf_storm_fault_kind kind; uint32_t a, b; double from_s, to_s; } wf_storm_fault;

typedef struct wf_storm_plan {
  uint64_t seed;
  uint32_t nodes;          // 3..5
  double duration_s;       // faults happen in the first two thirds
  size_t fault_count;
  wf_storm_fault fault[WF_STORM_FAULTS_MAX];
} wf_storm_plan;

typedef struct wf_storm_result {
  bool failed;
  char why[240];           // the invariant by number and what broke it
  uint64_t records, frames, crashes;
  double simulated_s;
} wf_storm_result;

void wf_storm_plan_from_seed(uint64_t seed, wf_storm_plan *plan);
wf_status wf_storm_run(const wf_storm_plan *plan, wf_storm_result *result);
// Drops faults while it still fails; leaves the shortest failing plan found.
void wf_storm_shrink(wf_storm_plan *plan);
// "cut 0-1 12.0..20.5 s". Returns out.
char *wf_storm_fault_text(const wf_storm_fault *fault, char *out, size_t size);

#endif
