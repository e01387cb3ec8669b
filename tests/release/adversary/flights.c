// Flights of many kinds from one region, seen by one radar, told under one rule: tracker, judgement and guard as in a
// node.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "shared.h"
#include "track/tracker.h"

#define TICK_S 0.5
#define QUIET_S 60.0
#define LATENCY_S 0.15
#define SCAN_PLOTS 64

static void choose_launch(wf_rng *rng, int index, wf_scenario_launch *out) {
  snprintf(out->name, sizeof out->name, "flight-%d", index);
  out->at_s = SPACING_S * index;
  out->site = (wf_lla){wf_rng_between(rng, 39.0, 41.0) * WF_DEG, wf_rng_between(rng, 125.2, 128.2) * WF_DEG, 100.0};
  out->azimuth_rad = wf_rng_between(rng, 65.0, 125.0) * WF_DEG;
  out->solve = true;
  out->range_m = wf_rng_between(rng, 700e3, 1300e3);
  out->apogee_m = out->range_m * wf_rng_between(rng, 0.22, 0.4);
}

static void follow(const wf_truth *truth, int index, wf_time launch, path *out) {
  wf_truth_state s;
  out->count = 0;
  while (out->count < PATH_MAX &&
         wf_truth_at(truth, (size_t)index, wf_time_add_s(launch, out->count + 1e-3), &s) == WF_OK)
    memcpy(out->state[out->count++], s.state, sizeof s.state);
}

bool flights_make(flights *f, int count, uint64_t seed) {
  wf_rng rng;
  wf_rng_seed(&rng, seed);
  memset(f, 0, sizeof *f);
  wf_scenario *s = f->scenario = calloc(1, sizeof *s);
  if (s == NULL) return false;
  s->start = wf_time_from_s(1.8e9);
  s->duration_s = SPACING_S * count;
  s->seed = seed;
  s->nation_count = s->sensor_count = 1;
  (void)wf_nation_parse("JPN", &s->nation[0]);
  s->sensor = calloc(1, sizeof *s->sensor);
  s->launch = calloc((size_t)count, sizeof *s->launch);
  s->launch_count = (size_t)count;
  f->count = count;
  if (s->sensor == NULL || s->launch == NULL) return false;
  for (int i = 0; i < count; i++) choose_launch(&rng, i, &s->launch[i]);
  if (wf_truth_create(s, &f->truth, NULL) != WF_OK) return false;
  for (int i = 0; i < count; i++) follow(f->truth, i, wf_time_add_s(s->start, SPACING_S * i), &f->path[i]);
  return true;
}

void flights_free(flights *f) {
  if (f->truth != NULL) wf_truth_free(f->truth);
  if (f->scenario == NULL) return;
  free(f->scenario->sensor);
  free(f->scenario->launch);
  free(f->scenario);
}

bool sees(const radar *r, const double pos_ecef_m[3]) {
  wf_site site;
  double rae[3];
  wf_site_init(&site, &r->site);
  wf_geo_rae_from_ecef(&site, pos_ecef_m, rae, NULL);
  return rae[2] >= r->el_min_rad && rae[0] <= r->range_max_m;
}

int flights_seen(const flights *f, const radar *r) {
  int seen = 0;
  for (int i = 0; i < f->count; i++) {
    int seconds = 0;
    for (int k = 0; k < f->path[i].count; k += 10) seconds += 10 * sees(r, f->path[i].state[k]);
    seen += seconds >= 100;
  }
  return seen;
}

static void place_radar(const radar *r, wf_scenario_sensor *out) {
  *out = (wf_scenario_sensor){.bias_range_m = r->bias_range_m,
                              .bias_az_rad = r->bias_az_rad,
                              .bias_el_rad = r->bias_el_rad,
                              .latency_s = LATENCY_S};
  out->known = (wf_sensor){.name = "R",
                           .kind = WF_SENSOR_RADAR,
                           .lla = r->site,
                           .sigma_range_m = r->sigma_range_m,
                           .sigma_az_rad = r->sigma_angle_rad,
                           .sigma_el_rad = r->sigma_angle_rad,
                           .detection_probability = 0.9,
                           .scan_period_s = r->scan_s,
                           .range_max_m = r->range_max_m,
                           .el_min_rad = r->el_min_rad,
                           .box_range_m = {5e3, r->range_max_m},
                           .box_az_rad = {0, 2 * WF_PI},
                           .box_el_rad = {0, 0.5 * WF_PI}};
}

// ---- The nation ---------------------------------------------------------------------------------------------------
typedef struct later {
  double due_s;
  wf_contribution c;
} later;

typedef struct nation {
  const flights *flights;
  wf_tracker *tracker;
  wf_guard *guard;
  wf_release_policy policy;
  wf_nation code;
  later waiting[256];
  size_t waiting_count;
  told *told;
} nation;

static void keep(nation *n, double now_s, const wf_contribution *c) {
  told *t = n->told;
  const double valid_s = wf_time_diff_s(c->valid_time, n->flights->scenario->start);
  const int flight = (int)(now_s / SPACING_S);
  const path *p = &n->flights->path[flight];
  heard h = {.flight = flight, .published_s = now_s - SPACING_S * flight, .kind = c->kind};
  h.valid_s = valid_s - SPACING_S * flight;
  if (c->kind == WF_CONTRIBUTION_DETECTION) {
    const double first_s = wf_time_diff_s(c->detection.first_detection, n->flights->scenario->start);
    if (t->first_s[flight] < 0) t->first_s[flight] = first_s - SPACING_S * flight;
    return;
  }
  if (c->kind != WF_CONTRIBUTION_TRACKLET) return;
  if (t->first_s[flight] < 0) t->first_s[flight] = h.published_s;
  t->last_s[flight] = h.published_s;
  const int second = (int)(h.valid_s - 1e-3);
  if (second < 0 || second + 1 >= p->count || t->count == t->cap) return;
  // Truth at the valid time, and the error: information⁻¹ (vector − Y (truth − reference)), about the position.
  double y[36], e[6], inverse[9], part = h.valid_s - 1e-3 - second;
  wf_mat_unpack_upper(6, c->tracklet.information, y);
  for (int i = 0; i < 6; i++) e[i] = c->tracklet.vector[i];
  double truth[6];
  for (int i = 0; i < 6; i++) truth[i] = p->state[second][i] + part * (p->state[second + 1][i] - p->state[second][i]);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) e[i] += y[6 * i + j] * (c->tracklet.reference[j] - truth[j]);
  for (int i = 0; i < 9; i++) h.information[i] = y[6 * (i / 3) + i % 3];
  if (wf_mat_spd_inverse(3, h.information, inverse) != WF_OK) return;
  wf_mat_mul(3, 3, 1, inverse, e, h.error);
  for (int i = 0; i < 3; i++) h.place[i] = truth[i] + h.error[i];
  h.whole = c->tracklet.whole;
  h.position_only = c->tracklet.position_only;
  t->item[t->count++] = h;
}

static wf_status state_at(void *tracker, uint64_t object, wf_time at, double state[6], double covariance[36]) {
  return wf_tracker_predict(tracker, object, at, state, covariance);
}

static wf_guard_object object_of(const nation *n, const wf_track *t) {
  return (wf_guard_object){t->id,          t->phase,   t->sources, t->ln_beta, t->ln_beta_sigma,
                           t->last_update, n->tracker, state_at};
}

static void judge(nation *n, double now_s, wf_time now, wf_contribution *c, bool guarded) {
  const wf_track *t = wf_tracker_find(n->tracker, c->object);
  const wf_guard_object o = t != NULL ? object_of(n, t) : (wf_guard_object){0};
  wf_release_context x = {
      .feed_known = true, .guard = n->guard, .object = t != NULL ? &o : NULL, .now = now, .guarded = guarded};
  if (t != NULL) wf_geo_lla_from_ecef(t->state, &x.place);
  x.place_known = t != NULL;
  wf_release_verdict v;
  wf_release_judge_in(&n->policy, &n->policy.rule[0].audience, n->code, &x, c, &v);
  if (!v.allowed) return;
  if (v.delay_s > 0.0 && n->waiting_count < 256)
    n->waiting[n->waiting_count++] = (later){now_s + v.delay_s, *c};
  else
    keep(n, now_s, c);
}

static void share(nation *n, double now_s, wf_time now) {
  const wf_guard_level level = wf_release_guard_of(&n->policy.rule[0]);
  wf_contribution c[64];
  for (size_t i = 0; i < n->waiting_count;) {
    if (n->waiting[i].due_s > now_s) {
      i++;
      continue;
    }
    keep(n, now_s, &n->waiting[i].c);
    n->waiting[i] = n->waiting[--n->waiting_count];
  }
  if (level.sigma_m > 0.0 && wf_guard_turn(n->guard, &level, now))
    for (size_t i = 0; i < wf_tracker_count(n->tracker); i++) {
      const wf_track *t = wf_tracker_at(n->tracker, i);
      if (!wf_guard_wants(t->life)) continue;
      const wf_guard_object o = object_of(n, t);
      if (wf_guard_due(n->guard, &level, &o, now, &c[0])) judge(n, now_s, now, &c[0], true);
    }
  const size_t count = wf_tracker_contributions(n->tracker, now, c, 64);
  for (size_t i = 0; i < count; i++) judge(n, now_s, now, &c[i], false);
}

static bool found(nation *n, const flights *f, const wf_release_rule *rule, uint64_t seed) {
  const wf_tracker_config config = {
      .tracks_max = 64, .plots_per_scan_max = SCAN_PLOTS, .medium = WF_MEDIUM_ATMOSPHERE, .id_seed = seed};
  uint8_t secret[WF_GUARD_SECRET_SIZE] = {0};
  uint16_t index;
  memcpy(secret, &seed, sizeof seed);
  n->flights = f;
  n->tracker = wf_tracker_new(&config);
  n->guard = wf_guard_new(64, secret);
  n->code = f->scenario->nation[0];
  n->policy.rule_count = 1;
  n->policy.rule[0] = *rule;
  return n->tracker != NULL && n->guard != NULL &&
         wf_tracker_add_sensor(n->tracker, &f->scenario->sensor[0].known, &index) == WF_OK;
}

static void run(nation *n, flights *f, wf_sensing *sensing) {
  wf_plot plots[SCAN_PLOTS];
  wf_sensed next;
  bool more = wf_sensing_next(sensing, &next);
  while (more) {
    const wf_time scan = next.plot.time;
    const double at_s = wf_time_diff_s(scan, f->scenario->start) + LATENCY_S;
    size_t count = 0;
    for (; more && next.plot.time.ns == scan.ns; more = wf_sensing_next(sensing, &next))
      if (count < SCAN_PLOTS) plots[count++] = next.plot;
    wf_tracker_scan(n->tracker, plots, count, NULL);
    share(n, at_s, wf_time_add_s(f->scenario->start, at_s));
    // Until the next scan, ticks; for a minute at most: then there is nothing left to say.
    const double next_s = more ? wf_time_diff_s(next.plot.time, f->scenario->start) + LATENCY_S : at_s + QUIET_S;
    for (double s = at_s + TICK_S; s < next_s && s < at_s + QUIET_S; s += TICK_S) {
      const wf_time tick = wf_time_add_s(f->scenario->start, s);
      wf_tracker_advance(n->tracker, tick);
      share(n, s, tick);
    }
  }
}

bool tell_all(flights *f, const radar *r, const wf_release_rule *rule, told *out) {
  nation *n = calloc(1, sizeof *n);
  wf_sensing *sensing = NULL;
  out->count = 0;
  for (int i = 0; i < FLIGHTS_MAX; i++) out->first_s[i] = out->last_s[i] = -1.0;
  place_radar(r, &f->scenario->sensor[0]);
  bool good = n != NULL && found(n, f, rule, f->scenario->seed * 1000 + (uint64_t)(r->site.lat_rad * 1e6));
  good = good && wf_sensing_create(f->scenario, f->truth, -1, WF_SENSING_BY_TIME, &sensing) == WF_OK;
  if (good) {
    n->told = out;
    run(n, f, sensing);
  }
  if (sensing != NULL) wf_sensing_free(sensing);
  if (n != NULL) {
    wf_tracker_free(n->tracker);
    wf_guard_free(n->guard);
  }
  free(n);
  return good;
}
