#include "sim/truth.h"

#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/rng.h"
#include "geo/geodesic.h"
#include "weather.h"

#define WF_TRUTH_BOOST_NODE_S 0.25
#define WF_TRUTH_COAST_NODE_S 1.0
#define WF_TRUTH_FALL_NODE_S 0.1  // below WF_TRUTH_AIR_M
#define WF_TRUTH_FALL_STEP_S 0.02
#define WF_TRUTH_AIR_M 130e3
#define WF_TRUTH_REENTRY_M 100e3
#define WF_TRUTH_SPACE_PERIGEE_M (6371e3 + 120e3)
#define WF_TRUTH_LONGEST_S (12 * 3600.0)
#define WF_TRUTH_SOLVE_ROUNDS 6
#define WF_TRUTH_SOLVE_MATCH_M 20.0

typedef struct wf_truth_node {
  double t_s, state[6];
} wf_truth_node;  // seconds since the scenario's start

typedef struct wf_truth_path {
  wf_truth_object about;
  wf_truth_node *node;
  size_t node_count, node_room;
  int burn_count;
  wf_scenario_span burn[WF_STAGES_MAX];
  double thrust_end_s;
} wf_truth_path;

struct wf_truth {
  const wf_scenario *scenario;
  wf_weather weather;
  wf_launch *launch;
  size_t path_count;
  wf_truth_path *path;
};

// What a body does after its engines: its state, when, and how the air slows it.
typedef struct wf_truth_body {
  double t_s, state[6];
  wf_dynamics dyn;
} wf_truth_body;

static double wf_truth_height_m(const double pos_ecef_m[3]) {
  wf_lla lla;
  wf_geo_lla_from_ecef(pos_ecef_m, &lla);
  return lla.h_m;
}

static wf_status wf_truth_push(wf_truth_path *path, double t_s, const double state[6]) {
  if (path->node_count == path->node_room) {
    size_t room = path->node_room ? 2 * path->node_room : 1024;
    wf_truth_node *grown = realloc(path->node, room * sizeof *grown);
    if (!grown) return WF_ENOMEM;
    path->node = grown;
    path->node_room = room;
  }
  wf_truth_node *node = &path->node[path->node_count++];
  node->t_s = t_s;
  memcpy(node->state, state, sizeof node->state);
  return WF_OK;
}

// Numbers that came through libm (the solver uses geodesics) are rounded, so that its last bit cannot reach a plot.
static double wf_truth_rounded(double value, double unit) {
  return wf_floor(value / unit + 0.5) * unit;
}

static void wf_truth_round_launch(wf_launch *launch) {
  launch->azimuth_rad = wf_truth_rounded(launch->azimuth_rad, 1e-9);
  launch->vehicle.burnout_elevation_rad = wf_truth_rounded(launch->vehicle.burnout_elevation_rad, 1e-9);
  for (int i = 0; i < launch->vehicle.stage_count; i++) {
    wf_stage *stage = &launch->vehicle.stage[i];
    stage->thrust_n = wf_truth_rounded(stage->thrust_n, 1e-3);
    stage->propellant_kg = wf_truth_rounded(stage->propellant_kg, 1e-6);
    stage->dry_kg = wf_truth_rounded(stage->dry_kg, 1e-6);
  }
}

static double wf_truth_burnout_s(const wf_scenario_launch *wanted, const wf_launch *launch) {
  double burnout_s = wf_powered_burnout_s(&launch->vehicle);
  bool early = wanted->failure.kind != WF_FAILURE_NONE && wanted->failure.at_s < burnout_s;
  return early ? wanted->failure.at_s : burnout_s;
}

// Burns of the flight, cut where thrust ends early.
static void wf_truth_burns(const wf_launch *launch, double t0_s, double end_s, wf_truth_path *path) {
  double t_s = 0;
  for (int i = 0; i < launch->vehicle.stage_count && t_s < end_s; i++) {
    double to_s = t_s + launch->vehicle.stage[i].burn_s;
    if (to_s > end_s) to_s = end_s;
    path->burn[path->burn_count++] = (wf_scenario_span){t0_s + t_s, t0_s + to_s};
    path->thrust_end_s = t0_s + to_s;
    t_s = to_s + launch->vehicle.stage[i].coast_after_s;
  }
}

// The next instant at which the thrust switches, so that a node stands on it.
static double wf_truth_next_switch(const wf_truth_path *path, double t_s) {
  double next = 1e300;
  for (int i = 0; i < path->burn_count; i++) {
    if (path->burn[i].from_s > t_s + 1e-9 && path->burn[i].from_s < next) next = path->burn[i].from_s;
    if (path->burn[i].to_s > t_s + 1e-9 && path->burn[i].to_s < next) next = path->burn[i].to_s;
  }
  return next;
}

// Flies from the pad until the engines are done. *down: it fell back to the ground before.
static wf_status wf_truth_ascend(const wf_launch *launch, double t0_s, double end_s, wf_truth_path *path,
                                 wf_truth_body *body, bool *down) {
  wf_powered_state s;
  wf_powered_init(launch, &s);
  wf_status status = wf_truth_push(path, t0_s, s.state);
  double t_s = t0_s;
  *down = false;
  while (!status && t_s < t0_s + end_s - 1e-9 && !*down) {
    double next_s = t_s + WF_TRUTH_BOOST_NODE_S, switch_s = wf_truth_next_switch(path, t_s);
    if (next_s > switch_s) next_s = switch_s;
    if (next_s > t0_s + end_s) next_s = t0_s + end_s;
    status = wf_powered_advance(launch, next_s - t_s, &s);
    t_s = next_s;
    if (!status) status = wf_truth_push(path, t_s, s.state);
    *down = wf_truth_height_m(s.state) < -0.5;
  }
  body->t_s = t_s;
  memcpy(body->state, s.state, sizeof body->state);
  return status;
}

// The instant of height 0 between a body above it and `span_s` later, below it.
static void wf_truth_touch_down(wf_truth_body *body, double span_s) {
  double low_s = 0, high_s = span_s, state[6];
  for (int i = 0; i < 40; i++) {
    double mid_s = 0.5 * (low_s + high_s);
    memcpy(state, body->state, sizeof state);
    wf_motion_propagate(&body->dyn, mid_s, WF_TRUTH_FALL_STEP_S, state, NULL, NULL);
    if (wf_truth_height_m(state) > 0) {
      low_s = mid_s;
    } else {
      high_s = mid_s;
    }
  }
  wf_motion_propagate(&body->dyn, high_s, WF_TRUTH_FALL_STEP_S, body->state, NULL, NULL);
  body->t_s += high_s;
}

static bool wf_truth_in_orbit(const double state[6]) {
  double energy, perigee_m, apogee_m;
  wf_motion_osculating(state, &energy, &perigee_m, &apogee_m);
  return energy >= 0 || perigee_m > WF_TRUTH_SPACE_PERIGEE_M;
}

// Falls freely until the ground, or for an object in orbit until the scenario ends.
static wf_status wf_truth_fall(const wf_truth *truth, double until_s, wf_truth_path *path, wf_truth_body *body) {
  bool orbit = wf_truth_in_orbit(body->state);
  double end_s = orbit ? until_s : body->t_s + WF_TRUTH_LONGEST_S;
  wf_status status = WF_OK;
  while (!status && body->t_s < end_s) {
    const double height_m = wf_truth_height_m(body->state);
    bool air = height_m < WF_TRUTH_AIR_M;
    double span_s = air ? WF_TRUTH_FALL_NODE_S : WF_TRUTH_COAST_NODE_S;
    double state[6];
    memcpy(state, body->state, sizeof state);
    if (air)
      wf_weather_fall(&truth->weather, &body->dyn, height_m, span_s, WF_TRUTH_FALL_STEP_S, state);
    else
      wf_motion_propagate(&body->dyn, span_s, 0.5 * WF_TRUTH_COAST_NODE_S, state, NULL, NULL);
    if (wf_truth_height_m(state) <= 0) {
      wf_truth_touch_down(body, span_s);
      path->about.has_impact = true;
      return wf_truth_push(path, body->t_s, body->state);
    }
    memcpy(body->state, state, sizeof state);
    body->t_s += span_s;
    status = wf_truth_push(path, body->t_s, body->state);
  }
  return status;
}

// What there is to say about a finished path.
static void wf_truth_describe(const wf_truth *truth, wf_truth_path *path) {
  wf_truth_object *about = &path->about;
  const wf_time start = truth->scenario->start;
  const wf_lla *site = &truth->launch[about->launch].site;
  about->begins = wf_time_add_s(start, path->node[0].t_s);
  about->thrust_ends = wf_time_add_s(start, path->thrust_end_s);
  for (size_t i = 0; i < path->node_count; i++) {
    double height_m = wf_truth_height_m(path->node[i].state);
    if (i == 0 || height_m > about->apogee_m) {
      about->apogee_m = height_m;
      about->apogee_time = wf_time_add_s(start, path->node[i].t_s);
    }
  }
  if (!about->has_impact) return;
  const wf_truth_node *last = &path->node[path->node_count - 1];
  const double *v = last->state + 3;
  wf_lla impact;
  wf_geo_lla_from_ecef(last->state, &impact);
  about->impact_time = wf_time_add_s(start, last->t_s);
  about->impact_lat_rad = impact.lat_rad;
  about->impact_lon_rad = impact.lon_rad;
  about->impact_speed_m_s = wf_sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  about->range_m = wf_geo_distance_m(site->lat_rad, site->lon_rad, impact.lat_rad, impact.lon_rad, NULL, NULL);
}

static wf_dynamics wf_truth_body_dynamics(const wf_scenario_launch *wanted, const wf_launch *launch, bool failed) {
  double beta = failed ? wanted->failure.beta_kg_m2 : launch->vehicle.payload_beta_kg_m2;
  return (wf_dynamics){.gravity = WF_GRAVITY_J4, .inv_beta_m2_kg = beta > 0 ? 1.0 / beta : 0.0};
}

// Coasts whole until the break-up at until_s, or to the ground before it.
static wf_status wf_truth_coast_until(double until_s, wf_truth_path *path, wf_truth_body *body) {
  wf_status status = WF_OK;
  while (!status && !path->about.has_impact && body->t_s < until_s - 1e-9) {
    double span_s = until_s - body->t_s;
    if (span_s > WF_TRUTH_COAST_NODE_S) span_s = WF_TRUTH_COAST_NODE_S;
    wf_truth_body before = *body;
    wf_motion_propagate(&body->dyn, span_s, WF_TRUTH_FALL_STEP_S, body->state, NULL, NULL);
    body->t_s += span_s;
    if (wf_truth_height_m(body->state) <= 0) {
      *body = before;
      wf_truth_touch_down(body, span_s);
      path->about.has_impact = true;
    }
    status = wf_truth_push(path, body->t_s, body->state);
  }
  return status;
}

// The main body of one launch into path; *left is the body when it breaks up, or at the end of its thrust.
static wf_status wf_truth_fly(const wf_truth *truth, size_t index, wf_truth_path *path, wf_truth_body *left) {
  const wf_scenario_launch *wanted = &truth->scenario->launch[index];
  const wf_launch *launch = &truth->launch[index];
  double end_s = wf_truth_burnout_s(wanted, launch);
  bool failed = wanted->failure.kind != WF_FAILURE_NONE;
  path->about.launch = (uint16_t)index;
  path->thrust_end_s = wanted->at_s;
  wf_truth_burns(launch, wanted->at_s, end_s, path);
  wf_status status = wf_truth_ascend(launch, wanted->at_s, end_s, path, left, &path->about.has_impact);
  if (!status && failed && !path->about.has_impact) {
    left->dyn = wf_truth_body_dynamics(wanted, launch, false);
    status = wf_truth_coast_until(wanted->at_s + wanted->failure.at_s, path, left);
  }
  if (status || path->about.has_impact) return status;
  left->dyn = wf_truth_body_dynamics(wanted, launch, failed);
  wf_truth_body body = *left;
  return wf_truth_fall(truth, truth->scenario->duration_s, path, &body);
}

static wf_status wf_truth_piece(const wf_truth *truth, size_t launch, int piece, const wf_truth_body *left,
                                wf_truth_path *path) {
  wf_truth_body body = *left;
  wf_rng rng;
  wf_rng_seed_stream(&rng, truth->scenario->seed, UINT64_C(0x7069656365000000) + launch * 256 + (uint64_t)piece);
  for (int i = 0; i < 3; i++) {
    body.state[3 + i] += truth->scenario->launch[launch].failure.spread_m_s * wf_rng_normal(&rng);
  }
  body.dyn.inv_beta_m2_kg *= wf_rng_between(&rng, 0.7, 1.5);
  path->about.launch = (uint16_t)launch;
  path->about.piece = (uint16_t)piece;
  path->thrust_end_s = body.t_s;
  wf_status status = wf_truth_push(path, body.t_s, body.state);
  return status ? status : wf_truth_fall(truth, truth->scenario->duration_s, path, &body);
}

static wf_status wf_truth_launch_objects(wf_truth *truth, size_t index) {
  const wf_scenario_launch *wanted = &truth->scenario->launch[index];
  wf_truth_body left;
  wf_truth_path *path = &truth->path[truth->path_count++];
  wf_status status = wf_truth_fly(truth, index, path, &left);
  int pieces = wanted->failure.kind == WF_FAILURE_BREAKUP ? wanted->failure.pieces : 1;
  for (int k = 1;
       k < pieces && !status && !(path->about.has_impact && left.t_s >= path->node[path->node_count - 1].t_s); k++) {
    status = wf_truth_piece(truth, index, k, &left, &truth->path[truth->path_count++]);
  }
  return status;
}

// A body of another ballistic coefficient than the solver's falls elsewhere: ask for that much more or less.
static wf_status wf_truth_solve(const wf_scenario_launch *wanted, wf_launch *out) {
  double ask_m = wanted->range_m, flight_s;
  for (int round = 0; round < WF_TRUTH_SOLVE_ROUNDS; round++) {
    wf_status status = wf_powered_solve(&wanted->site, wanted->azimuth_rad, wanted->apogee_m, ask_m, out, &flight_s);
    if (status) return status;
    if (wanted->beta_kg_m2 > 0) out->vehicle.payload_beta_kg_m2 = wanted->beta_kg_m2;
    wf_truth_round_launch(out);
    wf_scenario_launch whole = *wanted;
    whole.failure.kind = WF_FAILURE_NONE;
    const wf_scenario alone = {.launch_count = 1, .launch = &whole};
    wf_truth_path path = {0};
    wf_truth_body left;
    const wf_truth one = {.scenario = &alone, .launch = out};
    status = wf_truth_fly(&one, 0, &path, &left);
    if (!status) wf_truth_describe(&one, &path);
    free(path.node);
    if (status || !path.about.has_impact) return WF_EDIVERGED;
    double miss_m = wanted->range_m - path.about.range_m;
    if (miss_m > -WF_TRUTH_SOLVE_MATCH_M && miss_m < WF_TRUTH_SOLVE_MATCH_M) return WF_OK;
    ask_m += miss_m;
  }
  return WF_EDIVERGED;
}

static wf_status wf_truth_build(wf_truth *truth, size_t *bad_launch) {
  const wf_scenario *scenario = truth->scenario;
  for (size_t i = 0; i < scenario->launch_count; i++) {
    const wf_scenario_launch *wanted = &scenario->launch[i];
    wf_status status = WF_OK;
    if (wanted->solve) {
      status = wf_truth_solve(wanted, &truth->launch[i]);
    } else {
      truth->launch[i] = (wf_launch){wanted->site, wanted->azimuth_rad, wanted->vehicle};
    }
    if (!status) status = wf_truth_launch_objects(truth, i);
    if (status) {
      if (bad_launch) *bad_launch = i;
      return status;
    }
  }
  for (size_t i = 0; i < truth->path_count; i++) {
    truth->path[i].about.id = (int32_t)i;
    wf_truth_describe(truth, &truth->path[i]);
  }
  return WF_OK;
}

wf_status wf_truth_create(const wf_scenario *scenario, wf_truth **out, size_t *bad_launch) {
  size_t paths = 0;
  for (size_t i = 0; i < scenario->launch_count; i++) {
    bool breakup = scenario->launch[i].failure.kind == WF_FAILURE_BREAKUP;
    paths += breakup ? (size_t)scenario->launch[i].failure.pieces : 1;
  }
  wf_truth *truth = calloc(1, sizeof *truth);
  *out = NULL;
  if (!truth) return WF_ENOMEM;
  truth->scenario = scenario;
  wf_weather_draw(scenario, &truth->weather);
  truth->launch = calloc(scenario->launch_count + 1, sizeof *truth->launch);
  truth->path = calloc(paths + 1, sizeof *truth->path);
  wf_status status = truth->launch && truth->path ? wf_truth_build(truth, bad_launch) : WF_ENOMEM;
  if (status) {
    wf_truth_free(truth);
    return status;
  }
  *out = truth;
  return WF_OK;
}

void wf_truth_free(wf_truth *truth) {
  if (!truth) return;
  for (size_t i = 0; truth->path && i < truth->path_count; i++) free(truth->path[i].node);
  free(truth->path);
  free(truth->launch);
  free(truth);
}

size_t wf_truth_count(const wf_truth *truth) {
  return truth->path_count;
}

const wf_truth_object *wf_truth_object_at(const wf_truth *truth, size_t object) {
  return &truth->path[object].about;
}

const wf_launch *wf_truth_launch(const wf_truth *truth, size_t launch) {
  return &truth->launch[launch];
}

// Cubic Hermite between two nodes: exact in value and velocity at both.
static void wf_truth_interpolate(const wf_truth_node *a, const wf_truth_node *b, double t_s, double state[6]) {
  double h = b->t_s - a->t_s, u = (t_s - a->t_s) / h, w = 1 - u;
  for (int i = 0; i < 3; i++) {
    double pa = a->state[i], pb = b->state[i], va = a->state[3 + i], vb = b->state[3 + i];
    state[i] = w * w * (1 + 2 * u) * pa + u * u * (1 + 2 * w) * pb + h * u * w * (w * va - u * vb);
    state[3 + i] = 6 * u * w * (pb - pa) / h + w * (1 - 3 * u) * va + u * (1 - 3 * w) * vb;
  }
}

static const wf_truth_node *wf_truth_node_before(const wf_truth_path *path, double t_s) {
  size_t low = 0, high = path->node_count - 1;  // node[low] ≤ t < node[high]
  while (high - low > 1) {
    size_t mid = low + (high - low) / 2;
    if (path->node[mid].t_s <= t_s) {
      low = mid;
    } else {
      high = mid;
    }
  }
  return &path->node[low];
}

static wf_phase wf_truth_phase(const wf_truth_path *path, double t_s, const wf_truth_state *s) {
  if (t_s < path->thrust_end_s) return WF_PHASE_BOOST;
  const double *p = s->state, *v = s->state + 3;
  bool falling = p[0] * v[0] + p[1] * v[1] + p[2] * v[2] < 0;
  return falling && s->height_m < WF_TRUTH_REENTRY_M ? WF_PHASE_REENTRY : WF_PHASE_COAST;
}

wf_status wf_truth_at(const wf_truth *truth, size_t object, wf_time time, wf_truth_state *out) {
  if (object >= truth->path_count) return WF_EINVAL;
  const wf_truth_path *path = &truth->path[object];
  double t_s = wf_time_diff_s(time, truth->scenario->start);
  if (path->node_count < 2 || t_s < path->node[0].t_s || t_s > path->node[path->node_count - 1].t_s) {
    return WF_ENOTFOUND;
  }
  const wf_truth_node *node = wf_truth_node_before(path, t_s);
  wf_truth_interpolate(node, node + 1, t_s, out->state);
  out->height_m = wf_truth_height_m(out->state);
  out->phase = wf_truth_phase(path, t_s, out);
  out->thrusting = false;
  for (int i = 0; i < path->burn_count; i++) {
    out->thrusting = out->thrusting || (t_s >= path->burn[i].from_s && t_s < path->burn[i].to_s);
  }
  return WF_OK;
}
