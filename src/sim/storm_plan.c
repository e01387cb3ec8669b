// What goes wrong when, all from one seed.
#include <stdio.h>

#include "base/rng.h"
#include "storm_inside.h"

typedef enum ends { BETWEEN, ONE_WAY, ALONE } ends;

// weight: how often it is drawn against the others. low..high: of the amount.
static const struct {
  const char *name, *unit;
  ends ends;
  unsigned weight;
  double low, high;
} KINDS[WF_STORM_FAULT_KINDS] = {
    [WF_STORM_CUT] = {"cut", "", BETWEEN, 6, 0, 0},
    [WF_STORM_HOLE] = {"hole", "", ONE_WAY, 6, 0, 0},
    [WF_STORM_FLAP] = {"flap", "s", BETWEEN, 5, 0.1, 2.0},
    [WF_STORM_DELAY] = {"delay", "s", BETWEEN, 4, 0.05, 0.9},
    [WF_STORM_DELAY_ONE_WAY] = {"delay-one-way", "s", ONE_WAY, 4, 0.05, 0.9},
    [WF_STORM_STALL] = {"stall", "", ALONE, 5, 0, 0},
    [WF_STORM_CRASH] = {"crash", "", ALONE, 5, 0, 0},
    [WF_STORM_DIE] = {"die", "effects", ALONE, 5, 1, 200},
    [WF_STORM_LOSE_DISK] = {"lose-disk", "", ALONE, 4, 0, 0},
    [WF_STORM_ROT] = {"rot", "rows", ALONE, 3, 1, 8},
    [WF_STORM_ROT_LIVE] = {"rot-live", "rows", ALONE, 2, 1, 8},
    [WF_STORM_JOIN] = {"join", "", ALONE, 3, 0, 0},
    [WF_STORM_SLOW_DISK] = {"slow-disk", "s", ALONE, 4, 0.1, 4.0},
    [WF_STORM_FULL_DISK] = {"full-disk", "", ALONE, 5, 0, 0},
    [WF_STORM_CLOCK_STEP] = {"clock-step", "s", ALONE, 5, -2.0, 2.0},
    [WF_STORM_CLOCK_DRIFT] = {"clock-drift", "ppm", ALONE, 3, -500.0, 500.0},
    [WF_STORM_SENSOR] = {"sensor", "s", ALONE, 4, 0.0, 15.0},
    [WF_STORM_CORRUPT] = {"corrupt", "of frames", ONE_WAY, 3, 0.005, 0.3},
    [WF_STORM_REPEAT] = {"repeat", "per s", ONE_WAY, 4, 1, 20},
    [WF_STORM_SUSPEND] = {"suspend", "", ALONE, 2, 0, 0},
    [WF_STORM_REVOKE] = {"revoke", "", ALONE, 2, 0, 0},
    [WF_STORM_TWIN] = {"twin", "s", ALONE, 3, 0.5, 6.0},
    [WF_STORM_LIE] = {"lie", "of bundles", ONE_WAY, 3, 0.05, 0.5},
};

static wf_storm_fault_kind random_kind(wf_rng *rng) {
  unsigned sum = 0;
  for (int k = 0; k < WF_STORM_FAULT_KINDS; k++) sum += KINDS[k].weight;
  uint64_t at = wf_rng_below(rng, sum);
  int kind = 0;
  while (at >= KINDS[kind].weight) at -= KINDS[kind++].weight;
  return (wf_storm_fault_kind)kind;
}

static wf_storm_fault random_fault(wf_rng *rng, const wf_storm_plan *plan) {
  const double latest_s = plan->duration_s * 2.0 / 3.0;
  wf_storm_fault f = {.kind = random_kind(rng)};
  f.a = (uint32_t)wf_rng_below(rng, plan->nodes);
  f.b = (f.a + 1 + (uint32_t)wf_rng_below(rng, plan->nodes - 1)) % plan->nodes;
  f.from_s = wf_rng_uniform(rng) < 0.1 ? 0.1 : wf_rng_between(rng, 0.5, latest_s);  // some are there from the start
  f.to_s = f.from_s + wf_rng_between(rng, 0.2, latest_s - f.from_s + 1.0);
  if (f.kind == WF_STORM_JOIN) f.from_s = 0.0;
  // What a revoked nation said last reaches some and not others, for good: their pictures cannot be compared.
  if (f.kind == WF_STORM_REVOKE && !plan->bare) f.kind = WF_STORM_SUSPEND;
  if (f.kind == WF_STORM_TWIN && !plan->bare) f.kind = WF_STORM_LOSE_DISK;  // it has no radar of its own
  f.amount = wf_rng_between(rng, KINDS[f.kind].low, KINDS[f.kind].high);
  return f;
}

// Mostly few nations: a fault then matters more, and a seed costs less. Whole nodes are the dear ones.
void wf_storm_plan_from_seed(uint64_t seed, wf_storm_plan *plan) {
  wf_rng rng;
  wf_rng_seed_stream(&rng, seed, 1);
  *plan = (wf_storm_plan){.seed = seed};
  plan->bare = seed % 4 != 0;
  plan->nodes = STORM_NODES_MIN;
  while (plan->nodes < STORM_NODES_MAX && wf_rng_uniform(&rng) < 0.4) plan->nodes++;
  plan->pact = wf_rng_uniform(&rng) < 0.5;
  plan->duration_s = wf_rng_between(&rng, 30.0, 60.0);
  plan->fault_count = 1 + wf_rng_below(&rng, 12);
  for (size_t i = 0; i < plan->fault_count; i++) plan->fault[i] = random_fault(&rng, plan);
}

const char *wf_storm_fault_name(wf_storm_fault_kind kind) {
  return (unsigned)kind < WF_STORM_FAULT_KINDS ? KINDS[kind].name : NULL;
}

char *wf_storm_fault_text(const wf_storm_fault *f, char *out, size_t size) {
  char who[16], amount[32] = "";
  const char *a = wf_community_code(f->a), *b = wf_community_code(f->b);
  switch (KINDS[f->kind].ends) {
    case BETWEEN:
      snprintf(who, sizeof who, "%s-%s", a, b);
      break;
    case ONE_WAY:
      snprintf(who, sizeof who, "%s>%s", a, b);
      break;
    case ALONE:
      snprintf(who, sizeof who, "%s", a);
      break;
  }
  if (KINDS[f->kind].unit[0] != '\0') snprintf(amount, sizeof amount, " by %.3g %s", f->amount, KINDS[f->kind].unit);
  snprintf(out, size, "%s %s%s %.2f..%.2f s", KINDS[f->kind].name, who, amount, f->from_s, f->to_s);
  return out;
}
