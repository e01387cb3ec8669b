// One run: a community, what it has to say, and the faults of a plan.
#include "sim/storm.h"

#include <stdlib.h>

#include "base/fmath.h"
#include "storm_inside.h"

#define HEAL_S 40.0
#define QUIET_S 12.0  // after everybody has everything

// Links, disks and machines as the dice have it.
static void draw_world(storm *s) {
  wf_world_config *c = &s->community.config;
  c->bare = s->plan->bare;
  c->link_delay_ns = (int64_t)(wf_rng_between(&s->rng, 1.0, 80.0) * 1e6);
  c->link_jitter_ns = (int64_t)(wf_rng_between(&s->rng, 0.0, 30.0) * 1e6);
  c->sync_delay_ns = (int64_t)(wf_rng_between(&s->rng, 0.5, 50.0) * 1e6);
  c->link_credit_bytes = (int64_t)(2e3 * wf_exp(wf_rng_between(&s->rng, 0.0, 3.5)));  // to 66 kB
  c->advance_ns = (int64_t)(wf_rng_between(&s->rng, 0.1, 2.0) * 1e9);  // pictures follow behind on a busy machine
  const uint32_t stores_max = 8u << wf_rng_below(&s->rng, 6);  // so that a slow disk has more to do than it takes
  for (uint32_t i = 0; i < s->plan->nodes; i++) {
    c->node[i].exchange.partner_queue_bytes = 64u << 10;
    c->node[i].exchange.stores_max = stores_max;
  }
  for (size_t i = 0; i < s->plan->fault_count; i++)
    if (s->plan->fault[i].kind == WF_STORM_JOIN) c->joins_later[s->plan->fault[i].a] = true;
}

static wf_status make_world(storm *s) {
  wf_status status = wf_community_init(&s->community, s->plan->nodes, s->plan->seed);
  if (status == WF_OK) status = storm_load_begin(s);
  if (status != WF_OK) return status;
  draw_world(s);
  s->world = wf_world_new(&s->community.config);
  if (s->world == NULL) return WF_ENOMEM;
  storm_tamper_begin(s);
  for (size_t i = 0; i < s->plan->fault_count; i++) s->check.coverage.count[s->plan->fault[i].kind]++;
  return storm_check_begin(&s->check, s->world, &s->community.config);
}

static void run_to(storm *s, double at_s) {
  wf_world_run_until(s->world, wf_time_add_s(s->community.config.start, at_s));
  storm_check_crashes(&s->check);
}

static double least(double a, double b) {
  return a < b ? a : b;
}

// From one thing that happens to the next: faults begin and end at any moment, not on a grid.
static void rain(storm *s) {
  double watch_s = 1.0;
  while (s->now_s < s->plan->duration_s) {
    const double at_s = least(least(storm_faults_next(s), storm_load_next(s)), least(watch_s, s->plan->duration_s));
    run_to(s, at_s);
    storm_faults_at(s, at_s);
    storm_check_crashes(&s->check);
    storm_load_at(s, at_s);
    s->now_s = at_s;
    if (at_s < watch_s) continue;
    watch_s += 1.0;
    storm_check_watch(&s->check);
  }
}

// Nothing is said any more: what was said settles, and some seconds later orphans are known for what they are. Looked
// at between the seconds, when digests are not on their way.
static void settle(storm *s, wf_storm_result *result) {
  const double end_s = s->plan->duration_s + 1.0;
  double after_s = 0.5;
  result->settled_s = HEAL_S;
  for (; after_s < HEAL_S && after_s < result->settled_s + QUIET_S; after_s += 1.0) {
    run_to(s, end_s + after_s);
    storm_check_watch(&s->check);
    if (after_s < result->settled_s && storm_check_settled(&s->check)) result->settled_s = after_s;
  }
  result->simulated_s = end_s + after_s;
}

wf_status wf_storm_run(const wf_storm_plan *plan, wf_storm_result *result) {
  *result = (wf_storm_result){0};
  storm *s = calloc(1, sizeof *s);
  if (s == NULL) return WF_ENOMEM;
  s->plan = plan;
  s->twin_of = UINT32_MAX;
  wf_rng_seed_stream(&s->rng, plan->seed, 2);
  const wf_status status = make_world(s);
  if (status == WF_OK) {
    rain(s);
    storm_heal(s);
    storm_check_crashes(&s->check);
    settle(s, result);
    storm_check_end(&s->check, result);
    wf_world_stats stats;
    wf_world_stats_get(s->world, &stats);
    result->frames = stats.frames;
    result->crashes = stats.crashes;
    result->records = stats.rows;
  }
  storm_check_free(&s->check);
  wf_world_free(s->world);
  free(s);
  return status;
}
