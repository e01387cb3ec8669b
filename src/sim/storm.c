#include "sim/storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "motion/dynamics.h"
#include "picture/picture.h"
#include "sim/world.h"
#include "storm_check.h"
#include "wire/codec.h"

enum { NODES_MIN = 3, NODES_MAX = 5, HEAL_S = 40 };
static const char *const NATIONS[NODES_MAX] = {"JPN", "KOR", "USA", "AUS", "NZL"};
static const char *const FAULT_NAMES[WF_STORM_FAULT_KINDS] = {"cut",   "delay",     "stall",
                                                              "crash", "lose-disk", "clock-step"};

// ---- The plan -----------------------------------------------------------------------------------------------------

static wf_storm_fault random_fault(wf_rng *rng, const wf_storm_plan *plan) {
  const double latest_s = plan->duration_s * 2.0 / 3.0;
  wf_storm_fault f = {.kind = (wf_storm_fault_kind)wf_rng_below(rng, WF_STORM_FAULT_KINDS)};
  f.a = (uint32_t)wf_rng_below(rng, plan->nodes);
  f.b = (f.a + 1 + (uint32_t)wf_rng_below(rng, plan->nodes - 1)) % plan->nodes;
  f.from_s = wf_rng_between(rng, 1.0, latest_s);
  f.to_s = f.from_s + wf_rng_between(rng, 0.2, latest_s - f.from_s + 1.0);
  return f;
}

void wf_storm_plan_from_seed(uint64_t seed, wf_storm_plan *plan) {
  wf_rng rng;
  wf_rng_seed_stream(&rng, seed, 1);
  *plan = (wf_storm_plan){.seed = seed, .nodes = NODES_MIN + (uint32_t)wf_rng_below(&rng, NODES_MAX - NODES_MIN + 1)};
  plan->duration_s = wf_rng_between(&rng, 30.0, 60.0);
  plan->fault_count = 1 + wf_rng_below(&rng, 10);
  for (size_t i = 0; i < plan->fault_count; i++) plan->fault[i] = random_fault(&rng, plan);
}

char *wf_storm_fault_text(const wf_storm_fault *f, char *out, size_t size) {
  const bool pair = f->kind == WF_STORM_CUT || f->kind == WF_STORM_DELAY;
  if (pair)
    snprintf(out, size, "%s %s-%s %.1f..%.1f s", FAULT_NAMES[f->kind], NATIONS[f->a], NATIONS[f->b], f->from_s,
             f->to_s);
  else
    snprintf(out, size, "%s %s %.1f..%.1f s", FAULT_NAMES[f->kind], NATIONS[f->a], f->from_s, f->to_s);
  return out;
}

// ---- The weather: one object, one radar per nation ----------------------------------------------------------------

typedef struct storm {
  const wf_storm_plan *plan;
  wf_world *world;
  wf_world_config config;
  wf_sensor sensors[NODES_MAX];
  wf_site sites[NODES_MAX];
  double object[6];
  wf_rng rng;
  uint64_t sequence[NODES_MAX];
  storm_check check;
} storm;

static void place_sensors(storm *s) {
  for (uint32_t i = 0; i < s->plan->nodes; i++) {
    wf_sensor *sensor = &s->sensors[i];
    *sensor = (wf_sensor){.kind = WF_SENSOR_RADAR,
                          .lla = {(34.0 + 1.5 * i) * WF_DEG, (-139.0 + 2.0 * i) * WF_DEG, 50.0},
                          .sigma_range_m = 30,
                          .sigma_az_rad = 1e-3,
                          .sigma_el_rad = 1e-3,
                          .detection_probability = 0.9,
                          .scan_period_s = 1,
                          .range_max_m = 2e6,
                          .el_min_rad = 0.01};
    snprintf(sensor->name, sizeof sensor->name, "%s-R1", NATIONS[i]);
    wf_site_init(&s->sites[i], &sensor->lla);
  }
}

// Past burnout, 90 km up, climbing east: the whole storm fits its coast.
static void launch_object(storm *s) {
  const wf_lla at = {33.0 * WF_DEG, -140.0 * WF_DEG, 90e3};
  wf_site site;
  wf_site_init(&site, &at);
  const double v_enu[3] = {2000.0, 300.0, 2100.0};
  memcpy(s->object, site.pos_ecef_m, sizeof site.pos_ecef_m);
  wf_mat_t_mul(3, 3, 1, site.enu_from_ecef, v_enu, s->object + 3);
}

static bool see(storm *s, uint32_t node, wf_time at, wf_plot *plot) {
  double rae[3];
  wf_geo_rae_from_ecef(&s->sites[node], s->object, rae, NULL);
  const bool seen = wf_rng_uniform(&s->rng) < s->sensors[node].detection_probability;
  *plot = (wf_plot){.time = at, .kind = WF_PLOT_RADAR};
  plot->radar.range_m = rae[0] + 30.0 * wf_rng_normal(&s->rng);
  plot->radar.az_rad = wf_wrap_2pi(rae[1] + 1e-3 * wf_rng_normal(&s->rng));
  plot->radar.el_rad = rae[2] + 1e-3 * wf_rng_normal(&s->rng);
  return seen && rae[2] > s->sensors[node].el_min_rad;
}

static void scan(storm *s, uint32_t node, wf_time at) {
  static uint8_t bytes[4096];
  wf_plot plot;
  wf_sensor_report report = {.mode = WF_MODE_EXERCISE,
                             .sequence = ++s->sequence[node],
                             .time = at,
                             .status = 1,
                             .plots = &plot,
                             .plots_cap = 1};
  report.plot_count = see(s, node, at, &plot) ? 1 : 0;
  memcpy(report.sensor, s->sensors[node].name, sizeof report.sensor);
  size_t length = 0;
  if (wf_wire_encode_sensor_report(&report, bytes, sizeof bytes, &length) == WF_OK)
    wf_world_sensor(s->world, node, (wf_bytes){bytes, length});
}

// ---- Faults -------------------------------------------------------------------------------------------------------

static void begin(storm *s, const wf_storm_fault *f) {
  switch (f->kind) {
    case WF_STORM_CUT:
      wf_world_cut(s->world, f->a, f->b, true);
      break;
    case WF_STORM_DELAY:
      wf_world_delay(s->world, f->a, f->b, 400 * WF_NS_PER_MS);
      break;
    case WF_STORM_STALL:
      wf_world_stall_reader(s->world, f->a, true);
      break;
    case WF_STORM_LOSE_DISK:
      wf_world_crash(s->world, f->a);
      wf_world_lose_disk(s->world, f->a);
      s->check.lost_disk[f->a] = true;
      break;
    case WF_STORM_CRASH:
      wf_world_crash(s->world, f->a);
      break;
    case WF_STORM_CLOCK_STEP:
      wf_world_step_clock(s->world, f->a, 150 * WF_NS_PER_MS);
      break;
    case WF_STORM_FAULT_KINDS:
      break;
  }
}

static void end(storm *s, const wf_storm_fault *f) {
  switch (f->kind) {
    case WF_STORM_CUT:
      wf_world_cut(s->world, f->a, f->b, false);
      break;
    case WF_STORM_DELAY:
      wf_world_delay(s->world, f->a, f->b, 0);
      break;
    case WF_STORM_STALL:
      wf_world_stall_reader(s->world, f->a, false);
      break;
    case WF_STORM_LOSE_DISK:
    case WF_STORM_CRASH:
      wf_world_restart(s->world, f->a);
      break;
    case WF_STORM_CLOCK_STEP:
      wf_world_step_clock(s->world, f->a, -150 * WF_NS_PER_MS);
      break;
    case WF_STORM_FAULT_KINDS:
      break;
  }
}

static void faults_between(storm *s, double from_s, double to_s) {
  for (size_t i = 0; i < s->plan->fault_count; i++) {
    const wf_storm_fault *f = &s->plan->fault[i];
    if (f->to_s > from_s && f->to_s <= to_s) end(s, f);
    if (f->from_s > from_s && f->from_s <= to_s) begin(s, f);
  }
}

static void heal(storm *s) {
  for (uint32_t a = 0; a < s->plan->nodes; a++) {
    wf_world_restart(s->world, a);
    wf_world_stall_reader(s->world, a, false);
    for (uint32_t b = 0; b < a; b++) {
      wf_world_cut(s->world, a, b, false);
      wf_world_delay(s->world, a, b, 0);
    }
  }
}

// ---- The run ------------------------------------------------------------------------------------------------------

static wf_status make_world(storm *s) {
  s->config = (wf_world_config){
      .seed = s->plan->seed, .start = {INT64_C(1767225600) * WF_NS_PER_S}, .node_count = s->plan->nodes};
  s->config.link_delay_ns = (int64_t)(wf_rng_between(&s->rng, 1.0, 80.0) * 1e6);
  s->config.link_jitter_ns = (int64_t)(wf_rng_between(&s->rng, 0.0, 30.0) * 1e6);
  s->config.sync_delay_ns = (int64_t)(wf_rng_between(&s->rng, 0.5, 50.0) * 1e6);
  wf_audience everybody = {0};
  wf_nation nations[NODES_MAX];
  for (uint32_t i = 0; i < s->plan->nodes; i++) {
    wf_nation_parse(NATIONS[i], &nations[i]);
    wf_audience_add(&everybody, nations[i]);
  }
  for (uint32_t i = 0; i < s->plan->nodes; i++) {
    wf_node_config *c = &s->config.node[i];
    wf_node_config_limits(c);
    c->tracks_max = 64;
    c->plots_per_scan_max = 16;
    c->picture_tracks_max = 32;
    c->picture_contributions_max = 4096;
    c->exchange.cache_bytes = 1u << 20;
    c->exchange.partner_queue_bytes = 256u << 10;
    c->medium = WF_MEDIUM_VACUUM;
    c->exchange.nation = nations[i];
    c->exchange.writer = 1;
    c->exchange.mode = WF_MODE_EXERCISE;
    for (uint32_t k = 0; k < s->plan->nodes; k++)
      if (k != i) c->exchange.partner[c->exchange.partner_count++].nation = nations[k];
    c->sensor_count = 1;
    c->sensors = &s->sensors[i];
    if (wf_release_profile("warning-data", &everybody, &c->policy) != WF_OK) return WF_EINVAL;
  }
  s->world = wf_world_new(&s->config);
  return s->world != NULL ? WF_OK : WF_ENOMEM;
}

static void one_second(storm *s, double now_s) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0};
  faults_between(s, now_s - 1.0, now_s);
  wf_motion_propagate(&vacuum, 1.0, 1.0, s->object, NULL, NULL);
  for (uint32_t i = 0; i < s->plan->nodes; i++) scan(s, i, wf_time_add_s(s->config.start, now_s));
  wf_world_run_until(s->world, wf_time_add_s(s->config.start, now_s + 0.999));
}

wf_status wf_storm_run(const wf_storm_plan *plan, wf_storm_result *result) {
  *result = (wf_storm_result){0};
  storm *s = calloc(1, sizeof *s);
  if (s == NULL) return WF_ENOMEM;
  s->plan = plan;
  wf_rng_seed_stream(&s->rng, plan->seed, 2);
  place_sensors(s);
  launch_object(s);
  wf_status status = make_world(s);
  if (status == WF_OK) {
    storm_check_begin(&s->check, s->world, &s->config);
    for (double now_s = 1.0; now_s <= plan->duration_s; now_s += 1.0) one_second(s, now_s);
    heal(s);
    const wf_time quiet = wf_time_add_s(s->config.start, plan->duration_s + HEAL_S);
    wf_world_run_until(s->world, quiet);
    storm_check_end(&s->check, result);
    wf_world_stats stats;
    wf_world_stats_get(s->world, &stats);
    result->frames = stats.frames;
    result->crashes = stats.crashes;
    result->records = stats.rows;
    result->simulated_s = plan->duration_s + HEAL_S;
  }
  storm_check_free(&s->check);
  wf_world_free(s->world);
  free(s);
  return status;
}

void wf_storm_shrink(wf_storm_plan *plan) {
  for (size_t i = 0; i < plan->fault_count;) {
    wf_storm_plan fewer = *plan;
    memmove(&fewer.fault[i], &fewer.fault[i + 1], (fewer.fault_count - i - 1) * sizeof fewer.fault[0]);
    fewer.fault_count--;
    wf_storm_result result;
    if (wf_storm_run(&fewer, &result) == WF_OK && result.failed)
      *plan = fewer;
    else
      i++;
  }
}
