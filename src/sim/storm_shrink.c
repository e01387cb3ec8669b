// The shortest plan that still fails.
#include <string.h>

#include "sim/storm.h"

static bool fails(const wf_storm_plan *plan) {
  wf_storm_result result;
  return wf_storm_run(plan, &result) == WF_OK && result.failed;
}

static void drop_faults(wf_storm_plan *plan) {
  for (size_t i = 0; i < plan->fault_count;) {
    wf_storm_plan fewer = *plan;
    memmove(&fewer.fault[i], &fewer.fault[i + 1], (fewer.fault_count - i - 1) * sizeof fewer.fault[0]);
    fewer.fault_count--;
    if (fails(&fewer))
      *plan = fewer;
    else
      i++;
  }
}

static void shorten_faults(wf_storm_plan *plan) {
  for (size_t i = 0; i < plan->fault_count; i++)
    for (int halving = 0; halving < 4; halving++) {
      wf_storm_plan shorter = *plan;
      wf_storm_fault *f = &shorter.fault[i];
      f->to_s = f->from_s + 0.5 * (f->to_s - f->from_s);
      if (!fails(&shorter)) break;
      *plan = shorter;
    }
}

// Nations that no fault names may not be needed.
static void drop_nations(wf_storm_plan *plan) {
  for (uint32_t nodes = 3; nodes < plan->nodes; nodes++) {
    wf_storm_plan fewer = *plan;
    fewer.nodes = nodes;
    for (size_t i = 0; i < plan->fault_count; i++)
      if (plan->fault[i].a >= nodes || plan->fault[i].b >= nodes) fewer.nodes = plan->nodes;
    if (fewer.nodes == plan->nodes || !fails(&fewer)) continue;
    *plan = fewer;
    return;
  }
}

void wf_storm_shrink(wf_storm_plan *plan) {
  drop_faults(plan);
  shorten_faults(plan);
  drop_faults(plan);
  drop_nations(plan);
  wf_storm_plan apart = *plan;
  apart.pact = false;
  if (plan->pact && fails(&apart)) *plan = apart;
}
