// The storm: whole nodes, or bare exchanges, under random faults from one seed, then the invariants (docs/storm.md). A
// failing seed is shrunk to its shortest list of faults.
#ifndef WF_SIM_STORM_H
#define WF_SIM_STORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define WF_STORM_FAULTS_MAX 24

typedef enum wf_storm_fault_kind {
  WF_STORM_CUT,            // a-b: connections end, none can be made
  WF_STORM_HOLE,           // a→b: what is sent that way waits
  WF_STORM_FLAP,           // a-b: cut and healed again every amount seconds
  WF_STORM_DELAY,          // a-b: amount seconds more, both ways
  WF_STORM_DELAY_ONE_WAY,  // a→b: amount seconds more
  WF_STORM_STALL,          // a reads nothing off its links
  WF_STORM_CRASH,          // a stops; what was not synced may be lost, the last write torn
  WF_STORM_DIE,            // a stops in the middle of a step, after amount more effects
  WF_STORM_LOSE_DISK,      // a stops and starts again with an empty disk
  WF_STORM_ROT,            // a stops; amount rows of its disk have a bit changed when it starts again
  WF_STORM_ROT_LIVE,       // the same while it runs
  WF_STORM_JOIN,           // a starts for the first time when the fault ends
  WF_STORM_SLOW_DISK,      // a's syncs take amount seconds more
  WF_STORM_FULL_DISK,      // a's disk refuses everything
  WF_STORM_CLOCK_STEP,     // a's clock is amount seconds off
  WF_STORM_CLOCK_DRIFT,    // a's clock drifts by amount ppm
  WF_STORM_SENSOR,         // a's datagrams are lost, doubled, reordered and late by up to amount seconds
  WF_STORM_CORRUPT,        // a→b: a share `amount` of the frames has bits changed: a is faulty
  WF_STORM_REPEAT,         // a→b: old bundles and wants come again, amount per second, past the order of the link
  WF_STORM_LIE,            // a→b: a share `amount` of a's new bundles says something else to b than to others, signed
  WF_STORM_SUSPEND,        // a is suspended by all others
  WF_STORM_REVOKE,         // a is revoked by all others, for good
  WF_STORM_TWIN,           // a second live node with a's name and keys; every amount seconds links change hands
  WF_STORM_FAULT_KINDS
} wf_storm_fault_kind;

typedef struct wf_storm_fault {
  wf_storm_fault_kind kind;
  uint32_t a, b;
  double from_s, to_s, amount;
} wf_storm_fault;

typedef struct wf_storm_plan {
  uint64_t seed;
  uint32_t nodes;     // 3..7
  bool bare;          // exchanges alone, with opaque records: cheap, and every delivery is seen
  bool pact;          // the first two nations also share streams with nobody else
  double duration_s;  // faults happen in the first two thirds
  size_t fault_count;
  wf_storm_fault fault[WF_STORM_FAULTS_MAX];
} wf_storm_plan;

// How often what happened, by name: faults, alarms, frames and transitions of the protocol.
#define WF_STORM_COVER_MAX 96
typedef struct wf_storm_coverage {
  uint64_t count[WF_STORM_COVER_MAX];
} wf_storm_coverage;
const char *wf_storm_cover_name(size_t index);  // NULL beyond the list

typedef struct wf_storm_result {
  bool failed;
  char why[240];  // the invariant by number and what broke it
  uint64_t records, frames, crashes;
  double simulated_s;
  double settled_s;  // after the last fault healed: until everybody had everything
  wf_storm_coverage coverage;
} wf_storm_result;

void wf_storm_plan_from_seed(uint64_t seed, wf_storm_plan *plan);
wf_status wf_storm_run(const wf_storm_plan *plan, wf_storm_result *result);
// Drops faults, and shortens them, while it still fails; leaves the shortest failing plan found.
void wf_storm_shrink(wf_storm_plan *plan);
// "cut JPN-KOR 12.0..20.5 s". Returns out.
char *wf_storm_fault_text(const wf_storm_fault *fault, char *out, size_t size);
const char *wf_storm_fault_name(wf_storm_fault_kind kind);

#endif
