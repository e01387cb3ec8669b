// What goes wrong when, all from one seed; and the shortest plan that still fails.
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "sim/storm.h"
#include "storm_inside.h"

const char *const STORM_NATIONS[STORM_NODES_MAX] = {"JPN", "KOR", "USA", "AUS", "NZL"};

typedef enum ends { BETWEEN, ONE_WAY, ALONE } ends;

// low..high: of the amount.
static const struct {
  const char *name, *unit;
  ends ends;
  double low, high;
} KINDS[WF_STORM_FAULT_KINDS] = {
    [WF_STORM_CUT] = {"cut", "", BETWEEN, 0, 0},
    [WF_STORM_HOLE] = {"hole", "", ONE_WAY, 0, 0},
    [WF_STORM_FLAP] = {"flap", "s", BETWEEN, 0.1, 2.0},
    [WF_STORM_DELAY] = {"delay", "s", BETWEEN, 0.05, 0.9},
    [WF_STORM_DELAY_ONE_WAY] = {"delay-one-way", "s", ONE_WAY, 0.05, 0.9},
    [WF_STORM_STALL] = {"stall", "", ALONE, 0, 0},
    [WF_STORM_CRASH] = {"crash", "", ALONE, 0, 0},
    [WF_STORM_LOSE_DISK] = {"lose-disk", "", ALONE, 0, 0},
    [WF_STORM_SLOW_DISK] = {"slow-disk", "s", ALONE, 0.1, 4.0},
    [WF_STORM_FULL_DISK] = {"full-disk", "", ALONE, 0, 0},
    [WF_STORM_CLOCK_STEP] = {"clock-step", "s", ALONE, -2.0, 2.0},
    [WF_STORM_CLOCK_DRIFT] = {"clock-drift", "ppm", ALONE, -500.0, 500.0},
    [WF_STORM_SENSOR] = {"sensor", "s", ALONE, 0.0, 15.0},
};

static wf_storm_fault random_fault(wf_rng *rng, const wf_storm_plan *plan) {
  const double latest_s = plan->duration_s * 2.0 / 3.0;
  wf_storm_fault f = {.kind = (wf_storm_fault_kind)wf_rng_below(rng, WF_STORM_FAULT_KINDS)};
  f.a = (uint32_t)wf_rng_below(rng, plan->nodes);
  f.b = (f.a + 1 + (uint32_t)wf_rng_below(rng, plan->nodes - 1)) % plan->nodes;
  f.from_s = wf_rng_uniform(rng) < 0.1 ? 0.1 : wf_rng_between(rng, 0.5, latest_s);  // some are there from the start
  f.to_s = f.from_s + wf_rng_between(rng, 0.2, latest_s - f.from_s + 1.0);
  f.amount = wf_rng_between(rng, KINDS[f.kind].low, KINDS[f.kind].high);
  return f;
}

void wf_storm_plan_from_seed(uint64_t seed, wf_storm_plan *plan) {
  wf_rng rng;
  wf_rng_seed_stream(&rng, seed, 1);
  *plan = (wf_storm_plan){.seed = seed};
  plan->nodes = STORM_NODES_MIN + (uint32_t)wf_rng_below(&rng, STORM_NODES_MAX - STORM_NODES_MIN + 1);
  plan->pact = wf_rng_uniform(&rng) < 0.5;
  plan->duration_s = wf_rng_between(&rng, 30.0, 60.0);
  plan->fault_count = 1 + wf_rng_below(&rng, 12);
  for (size_t i = 0; i < plan->fault_count; i++) plan->fault[i] = random_fault(&rng, plan);
}

char *wf_storm_fault_text(const wf_storm_fault *f, char *out, size_t size) {
  char who[16], amount[24] = "";
  const char *b = STORM_NATIONS[f->b];
  switch (KINDS[f->kind].ends) {
    case BETWEEN:
      snprintf(who, sizeof who, "%s-%s", STORM_NATIONS[f->a], b);
      break;
    case ONE_WAY:
      snprintf(who, sizeof who, "%s>%s", STORM_NATIONS[f->a], b);
      break;
    case ALONE:
      snprintf(who, sizeof who, "%s", STORM_NATIONS[f->a]);
      break;
  }
  if (KINDS[f->kind].unit[0] != '\0') snprintf(amount, sizeof amount, " by %.3g %s", f->amount, KINDS[f->kind].unit);
  snprintf(out, size, "%s %s%s %.1f..%.1f s", KINDS[f->kind].name, who, amount, f->from_s, f->to_s);
  return out;
}

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

void wf_storm_shrink(wf_storm_plan *plan) {
  drop_faults(plan);
  shorten_faults(plan);
  wf_storm_plan apart = *plan;
  apart.pact = false;
  if (plan->pact && fails(&apart)) *plan = apart;
}
