// One run: nations, one object, one radar each, and the faults of a plan.
#include "sim/storm.h"

#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "motion/dynamics.h"
#include "picture/picture.h"
#include "sim/world.h"
#include "storm_check.h"
#include "storm_inside.h"
#include "wire/codec.h"

enum { NODES_MAX = STORM_NODES_MAX, SLICES = 10 };  // slices of a second: faults begin and end at their borders
enum { LATE_MAX = 64, DATAGRAM_MAX = 512 };
#define HEAL_S 40.0
#define QUIET_S 12.0  // after everybody has everything

// A datagram that waits somewhere on its way.
typedef struct late {
  double at_s;
  uint32_t node;
  size_t size;
  uint8_t bytes[DATAGRAM_MAX];
} late;

typedef struct storm {
  const wf_storm_plan *plan;
  wf_world *world;
  wf_world_config config;
  wf_sensor sensors[NODES_MAX];
  wf_site sites[NODES_MAX];
  double object[6];
  wf_rng rng;
  uint64_t sequence[NODES_MAX];
  double sensor_trouble_s[NODES_MAX];  // how late datagrams may come; below 0: none
  late late[LATE_MAX];
  size_t late_count;
  storm_check check;
} storm;

// ---- The weather: one object, one radar per nation ----------------------------------------------------------------

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
    strcpy(sensor->name, "XXX-R1");
    memcpy(sensor->name, STORM_NATIONS[i], 3);
    wf_site_init(&s->sites[i], &sensor->lla);
    s->sensor_trouble_s[i] = -1.0;
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

// On its way the datagram may be lost, doubled, or held up.
static void send_datagram(storm *s, uint32_t node, double now_s, wf_bytes datagram) {
  const double trouble_s = s->sensor_trouble_s[node];
  if (trouble_s < 0.0) {
    wf_world_sensor(s->world, node, datagram);
    return;
  }
  if (wf_rng_uniform(&s->rng) < 0.3) return;
  const int copies = wf_rng_uniform(&s->rng) < 0.3 ? 2 : 1;
  for (int i = 0; i < copies && s->late_count < LATE_MAX; i++) {
    late *l = &s->late[s->late_count++];
    *l = (late){.at_s = now_s + wf_rng_uniform(&s->rng) * trouble_s, .node = node, .size = datagram.size};
    memcpy(l->bytes, datagram.data, datagram.size);
  }
}

static void deliver_late(storm *s, double now_s) {
  for (size_t i = 0; i < s->late_count;) {
    late *l = &s->late[i];
    if (l->at_s > now_s) {
      i++;
      continue;
    }
    wf_world_sensor(s->world, l->node, (wf_bytes){l->bytes, l->size});
    *l = s->late[--s->late_count];
  }
}

static void scan(storm *s, uint32_t node, double now_s) {
  uint8_t bytes[DATAGRAM_MAX];
  wf_plot plot;
  const wf_time at = wf_time_add_s(s->config.start, now_s);
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
    send_datagram(s, node, now_s, (wf_bytes){bytes, length});
}

// ---- Faults -------------------------------------------------------------------------------------------------------

static void set_fault(storm *s, const wf_storm_fault *f, bool on) {
  const int64_t amount_ns = on ? wf_ns_from_s(f->amount) : 0;
  switch (f->kind) {
    case WF_STORM_CUT:
    case WF_STORM_FLAP:
      wf_world_cut(s->world, f->a, f->b, on);
      break;
    case WF_STORM_HOLE:
      wf_world_hole(s->world, f->a, f->b, on);
      break;
    case WF_STORM_DELAY:
      wf_world_delay(s->world, f->a, f->b, amount_ns);
      break;
    case WF_STORM_DELAY_ONE_WAY:
      wf_world_delay_one_way(s->world, f->a, f->b, amount_ns);
      break;
    case WF_STORM_STALL:
      wf_world_stall_reader(s->world, f->a, on);
      break;
    case WF_STORM_CRASH:
    case WF_STORM_LOSE_DISK:
      if (!on) {
        wf_world_restart(s->world, f->a);
        break;
      }
      wf_world_crash(s->world, f->a);
      storm_check_crash(&s->check, f->a);
      if (f->kind == WF_STORM_LOSE_DISK) {
        wf_world_lose_disk(s->world, f->a);
        s->check.lost_disk[f->a] = true;
      }
      break;
    case WF_STORM_SLOW_DISK:
      wf_world_slow_disk(s->world, f->a, amount_ns);
      break;
    case WF_STORM_FULL_DISK:
      wf_world_full_disk(s->world, f->a, on);
      s->check.full_disk[f->a] = true;
      break;
    case WF_STORM_CLOCK_STEP:
      wf_world_step_clock(s->world, f->a, wf_ns_from_s(on ? f->amount : -f->amount));
      break;
    case WF_STORM_CLOCK_DRIFT:
      wf_world_drift_clock(s->world, f->a, on ? (int64_t)f->amount : 0);
      break;
    case WF_STORM_SENSOR:
      s->sensor_trouble_s[f->a] = on ? f->amount : -1.0;
      break;
    case WF_STORM_FAULT_KINDS:
      break;
  }
}

// A flap is a cut that comes and goes.
static void flap(storm *s, const wf_storm_fault *f, double before_s, double now_s) {
  const long was = (long)((before_s - f->from_s) / f->amount), is = (long)((now_s - f->from_s) / f->amount);
  if (was != is) wf_world_cut(s->world, f->a, f->b, is % 2 == 0);
}

static void faults_between(storm *s, double before_s, double now_s) {
  for (size_t i = 0; i < s->plan->fault_count; i++) {
    const wf_storm_fault *f = &s->plan->fault[i];
    if (f->from_s > before_s && f->from_s <= now_s) set_fault(s, f, true);
    if (f->kind == WF_STORM_FLAP && f->from_s <= before_s && f->to_s > now_s) flap(s, f, before_s, now_s);
    if (f->to_s > before_s && f->to_s <= now_s) set_fault(s, f, false);
  }
}

static void heal(storm *s) {
  for (uint32_t a = 0; a < s->plan->nodes; a++) {
    wf_world_restart(s->world, a);
    wf_world_stall_reader(s->world, a, false);
    wf_world_slow_disk(s->world, a, 0);
    wf_world_full_disk(s->world, a, false);
    wf_world_drift_clock(s->world, a, 0);
    for (uint32_t b = 0; b < a; b++) {
      wf_world_cut(s->world, a, b, false);
      wf_world_hole(s->world, a, b, false);
      wf_world_hole(s->world, b, a, false);
      wf_world_delay(s->world, a, b, 0);
    }
  }
}

// ---- The run ------------------------------------------------------------------------------------------------------

static wf_status make_node(storm *s, uint32_t i, const wf_nation *nations, const wf_audience *everybody,
                           const wf_audience *pact) {
  wf_node_config *c = &s->config.node[i];
  wf_node_config_limits(c);
  c->tracks_max = 64;
  c->plots_per_scan_max = 16;
  c->picture_tracks_max = 32;
  c->picture_contributions_max = 4096;
  c->exchange.cache_bytes = 1u << 20;
  c->exchange.partner_queue_bytes = 64u << 10;
  c->medium = WF_MEDIUM_VACUUM;
  c->exchange.nation = nations[i];
  c->exchange.writer = 1;
  c->exchange.mode = WF_MODE_EXERCISE;
  for (uint32_t k = 0; k < s->plan->nodes; k++)
    if (k != i) c->exchange.partner[c->exchange.partner_count++].nation = nations[k];
  c->sensor_count = 1;
  c->sensors = &s->sensors[i];
  wf_status status = wf_release_profile("warning-data", everybody, &c->policy);
  if (status == WF_OK && wf_audience_has(pact, nations[i])) status = wf_release_profile("plots", pact, &c->policy);
  return status;
}

static wf_status make_world(storm *s) {
  s->config = (wf_world_config){
      .seed = s->plan->seed, .start = {INT64_C(1767225600) * WF_NS_PER_S}, .node_count = s->plan->nodes};
  s->config.link_delay_ns = (int64_t)(wf_rng_between(&s->rng, 1.0, 80.0) * 1e6);
  s->config.link_jitter_ns = (int64_t)(wf_rng_between(&s->rng, 0.0, 30.0) * 1e6);
  s->config.sync_delay_ns = (int64_t)(wf_rng_between(&s->rng, 0.5, 50.0) * 1e6);
  s->config.link_credit_bytes = (int64_t)(2e3 * wf_exp(wf_rng_between(&s->rng, 0.0, 3.5)));  // to 66 kB
  wf_audience everybody = {0}, pact = {0};
  wf_nation nations[NODES_MAX];
  for (uint32_t i = 0; i < s->plan->nodes; i++) {
    wf_nation_parse(STORM_NATIONS[i], &nations[i]);
    wf_audience_add(&everybody, nations[i]);
    if (s->plan->pact && i < 2) wf_audience_add(&pact, nations[i]);
  }
  for (uint32_t i = 0; i < s->plan->nodes; i++) {
    const wf_status status = make_node(s, i, nations, &everybody, &pact);
    if (status != WF_OK) return status;
  }
  s->world = wf_world_new(&s->config);
  return s->world != NULL ? WF_OK : WF_ENOMEM;
}

static void one_second(storm *s, double now_s) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0};
  wf_motion_propagate(&vacuum, 1.0, 1.0, s->object, NULL, NULL);
  for (uint32_t i = 0; i < s->plan->nodes; i++) scan(s, i, now_s);
  for (int k = 1; k <= SLICES; k++) {
    const double at_s = now_s + (double)k / SLICES;
    wf_world_run_until(s->world, wf_time_add_s(s->config.start, at_s - 0.001));
    faults_between(s, at_s - 1.0 / SLICES, at_s);
    deliver_late(s, at_s);
  }
  storm_check_watch(&s->check);
}

// Nothing is seen any more: what was said settles, and some seconds later orphans are known for what they are. Looked
// at between the seconds, when digests are not on their way.
static void settle(storm *s, wf_storm_result *result) {
  const double end_s = s->plan->duration_s + 1.0;
  double after_s = 0.5;
  result->settled_s = HEAL_S;
  for (; after_s < HEAL_S && after_s < result->settled_s + QUIET_S; after_s += 1.0) {
    wf_world_run_until(s->world, wf_time_add_s(s->config.start, end_s + after_s));
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
  wf_rng_seed_stream(&s->rng, plan->seed, 2);
  place_sensors(s);
  launch_object(s);
  wf_status status = make_world(s);
  if (status == WF_OK) status = storm_check_begin(&s->check, s->world, &s->config);
  if (status == WF_OK) {
    for (double now_s = 1.0; now_s <= plan->duration_s; now_s += 1.0) one_second(s, now_s);
    heal(s);
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
