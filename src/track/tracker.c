// The tracker's front: memory, sensors, and the step. Start reading at step().
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define GATE_LOSS 1e-4  // of true plots
#define ARCS_PER_TRACK 12
#define PAST_LEAST (1u << 14)
#define PAST_MOST (1u << 17)
#define EMPTY_SCANS_MAX 3  // a sensor silent for longer is down, not empty

static bool take_memory(wf_tracker *t) {
  const size_t tracks = t->config.tracks_max, plots = t->config.plots_per_scan_max;
  t->arcs_max = ARCS_PER_TRACK * tracks + CANDIDATES;
  t->starts_max = 256;
  while (t->starts_max < 8 * plots) t->starts_max *= 2;
  t->watcher = calloc(WF_SENSOR_MAX, sizeof *t->watcher);
  t->object = calloc(tracks, sizeof *t->object);
  t->listed = calloc(tracks, sizeof *t->listed);
  t->row_object = calloc(tracks, sizeof *t->row_object);
  t->free_cost = calloc(tracks, sizeof *t->free_cost);
  t->column_of = calloc(tracks, sizeof *t->column_of);
  t->plot = calloc(plots, sizeof *t->plot);
  t->taken = calloc(plots, sizeof *t->taken);
  t->plot_id = calloc(plots, sizeof *t->plot_id);
  t->arc = calloc(t->arcs_max, sizeof *t->arc);
  t->pair = calloc(t->arcs_max, sizeof *t->pair);
  t->start = calloc(t->starts_max, sizeof *t->start);
  t->event_memory = calloc(EVENTS, sizeof *t->event_memory);
  t->assign = wf_assign_new(tracks, plots);
  t->marginal = wf_marginal_new(t->arcs_max, plots);
  t->unsure = calloc(t->arcs_max, sizeof *t->unsure);
  t->probability = calloc(t->arcs_max, sizeof *t->probability);
  t->degree = calloc(plots, sizeof *t->degree);
  t->found = calloc(t->arcs_max, sizeof *t->found);
  t->claim = calloc(plots, sizeof *t->claim);
  t->past_max = PAST_LEAST;
  while (t->past_max < 4 * plots && t->past_max < PAST_MOST) t->past_max *= 2;
  t->past = calloc(t->past_max, sizeof *t->past);
  t->past_owner = calloc(t->past_max, sizeof *t->past_owner);
  t->history = calloc(tracks, sizeof *t->history);
  t->crowd = wf_track_crowd_new(t->config.id_seed);
  if (t->claim == NULL || t->past == NULL || t->past_owner == NULL || t->history == NULL || t->crowd == NULL)
    return false;
  return t->watcher != NULL && t->object != NULL && t->listed != NULL && t->row_object != NULL &&
         t->free_cost != NULL && t->column_of != NULL && t->plot != NULL && t->taken != NULL && t->plot_id != NULL &&
         t->arc != NULL && t->pair != NULL && t->start != NULL && t->event_memory != NULL && t->assign != NULL &&
         t->marginal != NULL && t->unsure != NULL && t->probability != NULL && t->degree != NULL && t->found != NULL;
}

wf_tracker *wf_tracker_new(const wf_tracker_config *config) {
  if (config->tracks_max == 0 || config->plots_per_scan_max == 0) return NULL;
  wf_tracker *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  t->config = *config;
  t->noise = WF_NOISE_DEFAULT;
  // The real Earth for real flights; exercises in vacuum are J2 by convention.
  t->noise.gravity = config->medium == WF_MEDIUM_VACUUM ? WF_GRAVITY_J2 : WF_GRAVITY_J4;
  for (int dim = 1; dim < 5; dim++)
    t->gate[dim] = config->gate_chi2 > 0.0 ? config->gate_chi2 : wf_chi2_quantile(dim, 1.0 - GATE_LOSS);
  if (!take_memory(t)) {
    wf_tracker_free(t);
    return NULL;
  }
  wf_ring_init(&t->events, t->event_memory, sizeof *t->event_memory, EVENTS);
  return t;
}

void wf_tracker_free(wf_tracker *t) {
  if (t == NULL) return;
  free(t->watcher);
  free(t->object);
  free(t->listed);
  free(t->row_object);
  free(t->free_cost);
  free(t->column_of);
  free(t->plot);
  free(t->taken);
  free(t->plot_id);
  free(t->arc);
  free(t->pair);
  free(t->start);
  free(t->event_memory);
  wf_assign_free(t->assign);
  wf_marginal_free(t->marginal);
  free(t->unsure);
  free(t->probability);
  free(t->degree);
  free(t->found);
  free(t->claim);
  free(t->past);
  free(t->past_owner);
  free(t->history);
  wf_track_crowd_free(t->crowd);
  free(t);
}

wf_status wf_tracker_add_sensor(wf_tracker *t, const wf_sensor *sensor, uint16_t *index) {
  for (size_t i = 0; i < t->watchers; i++)
    if (strncmp(t->watcher[i].sensor.name, sensor->name, WF_SENSOR_NAME_SIZE) == 0) return WF_EEXIST;
  if (t->watchers == WF_SENSOR_MAX) return WF_EFULL;
  wf_track_watcher_init(&t->watcher[t->watchers], sensor);
  *index = (uint16_t)t->watchers++;
  wf_track_bias_enlist(t);
  return WF_OK;
}

const wf_sensor *wf_tracker_sensor(const wf_tracker *t, uint16_t index) {
  return index < t->watchers ? &t->watcher[index].sensor : NULL;
}

object *wf_track_new_object(wf_tracker *t, wf_time time) {
  uint32_t at = 0;
  while (at < t->objects && t->object[at].used) at++;
  if (at == t->config.tracks_max) {
    t->stats.full++;
    return NULL;
  }
  if (at == t->objects) t->objects++;
  object *o = &t->object[at];
  memset(o, 0, sizeof *o);
  o->used = o->visible = o->eligible = true;
  o->time = time;
  o->fit = o->brisk = o->air_noise = 1.0;
  o->pub.id = wf_mix64(t->config.id_seed + 0x9e3779b97f4a7c15u * ++t->ids) | 1u;
  o->pub.life = WF_LIFE_TENTATIVE;
  o->pub.last_sensor = WF_SENSOR_NONE;
  wf_track_past_begin(t, o);
  t->live++;
  return o;
}

static int by_time_sensor_range(const void *a, const void *b) {
  const wf_plot *p = a, *q = b;
  if (p->sensor != q->sensor) return p->sensor < q->sensor ? -1 : 1;
  if (p->kind != q->kind) return p->kind < q->kind ? -1 : 1;
  if (p->flags != q->flags) return p->flags < q->flags ? -1 : 1;
  const double *x = p->kind == WF_PLOT_RADAR ? &p->radar.range_m : p->los.unit_ecef;
  const double *y = q->kind == WF_PLOT_RADAR ? &q->radar.range_m : q->los.unit_ecef;
  for (int i = 0; i < 3; i++)
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  return 0;
}

static int by_time(const void *a, const void *b) {
  const wf_plot *p = a, *q = b;
  if (p->time.ns != q->time.ns) return p->time.ns < q->time.ns ? -1 : 1;
  return by_time_sensor_range(a, b);
}

// Learns how often a sensor looks, when it does not say, and how late its plots come.
static void note_scan(const wf_tracker *t, watcher *w, wf_time time) {
  const double gap_s = wf_time_diff_s(time, w->last_scan), late_s = t->clocked ? wf_time_diff_s(t->now, time) : 0.0;
  w->latency_s = late_s > w->latency_s ? late_s : 0.98 * w->latency_s;
  if (w->has_scanned && gap_s > 0.4 && w->sensor.scan_period_s <= 0.0 && (w->period_s == 0.0 || gap_s < w->period_s))
    w->period_s = gap_s;
  if (!w->has_scanned || gap_s > 0.0) w->last_scan = time;
  w->has_scanned = true;
  w->empty_scans = 0;
}

// A sensor that should have reported by now and did not has seen nothing.
static void note_empty_scans(wf_tracker *t) {
  for (size_t i = 0; i < t->watchers; i++) {
    watcher *w = &t->watcher[i];
    if (!w->has_scanned || w->period_s <= 0.0) continue;
    while (w->empty_scans < EMPTY_SCANS_MAX &&
           wf_time_diff_s(t->now, w->last_scan) > 1.6 * w->period_s + w->latency_s) {
      w->last_scan = wf_time_add_s(w->last_scan, w->period_s);
      w->empty_scans++;
      wf_track_misses(t, (uint16_t)i, w->last_scan);
    }
  }
}

static void begin(wf_tracker *t, const group *g) {
  if (!t->has_time || wf_time_before(t->now, g->time)) t->now = g->time;
  t->has_time = true;
  wf_track_past_look(t, g);
  for (uint32_t k = 0; k < g->count; k++) {
    t->taken[k] = 0;
    t->plot_id[k] = ++t->plot_ids;
  }
  for (uint32_t i = 0; i < t->objects; i++) {
    object *o = &t->object[i];
    o->seen = o->contested = false;
    if (o->used && !wf_track_is_gone(o)) wf_track_predict(t, o, g->time);
  }
}

static void finish(wf_tracker *t) {
  for (uint32_t i = 0; i < t->objects; i++) {
    object *o = &t->object[i];
    if (o->used && !wf_track_is_gone(o)) wf_track_publish(t, o);
    if (o->used) wf_track_life(t, o);
  }
  t->live = 0;
  for (uint32_t i = 0; i < t->objects; i++)
    if (t->object[i].used) t->listed[t->live++] = i;
  while (t->objects > 0 && !t->object[t->objects - 1].used) t->objects--;
}

// One look of one sensor: carry every track to it, give each the plot it most likely made, see whether what is
// left tells of a push, start tracks on the rest, count what was not seen, and let lives go on.
static void step(wf_tracker *t, const group *g) {
  note_scan(t, &t->watcher[g->sensor], g->time);
  begin(t, g);
  note_empty_scans(t);
  wf_track_associate(t, g, true);
  wf_track_associate(t, g, false);
  wf_track_distrust_look(t, g);
  wf_track_pushes(t, g);
  if (g->view.kind == WF_PLOT_LOS)
    wf_track_initiate_lines(t, g);
  else
    wf_track_initiate(t, g);
  wf_track_misses(t, g->sensor, g->time);
  wf_track_bias_settle(t);
  wf_track_crowds(t, g);
  finish(t);
  wf_track_distrust_place(t, g->sensor);
}

// Plots of one sensor and kind within GROUP_SPAN_S, from `from`; they are put in order of range. Returns the end.
static size_t next_group(wf_tracker *t, size_t from, size_t count, group *g) {
  const wf_plot *first = &t->plot[from];
  size_t end = from + 1;
  while (end < count && t->plot[end].sensor == first->sensor && t->plot[end].kind == first->kind &&
         t->plot[end].flags == first->flags && wf_time_diff_s(t->plot[end].time, first->time) <= GROUP_SPAN_S)
    end++;
  const wf_time last = t->plot[end - 1].time;
  *g = (group){.sensor = first->sensor, .plot = first, .count = (uint32_t)(end - from)};
  g->spread_s = wf_time_diff_s(last, first->time) / 2.0;
  g->time = wf_time_add_ns(first->time, wf_time_diff_ns(last, first->time) / 2);
  wf_track_look(&t->watcher[first->sensor], first, &g->view);
  qsort(&t->plot[from], end - from, sizeof t->plot[0], by_time_sensor_range);
  return end;
}

// What turned out to be implausible only beside the plots before it.
static void name_implausible(wf_tracker *t, const wf_plot *plots, size_t count, uint8_t *rejects) {
  t->stats.rejected[WF_PLOT_IMPLAUSIBLE] += t->refused_count;
  for (uint32_t i = 0; i < t->refused_count; i++)
    for (size_t k = 0; rejects != NULL && k < count; k++) {
      const wf_plot *p = &plots[k], *r = &t->refused[i];
      const bool same = p->sensor == r->sensor && p->time.ns == r->time.ns && p->kind == r->kind &&
                        p->radar.range_m == r->radar.range_m && p->radar.az_rad == r->radar.az_rad;
      if (rejects[k] == WF_PLOT_OK && same) rejects[k] = WF_PLOT_IMPLAUSIBLE;
    }
}

wf_status wf_tracker_scan(wf_tracker *t, const wf_plot *plots, size_t count, uint8_t *rejects) {
  size_t good = 0;
  t->refused_count = 0;
  for (size_t k = 0; k < count; k++) {
    uint8_t verdict = good < t->config.plots_per_scan_max ? wf_track_check(t, &plots[k]) : WF_PLOT_SCAN_FULL;
    if (verdict == WF_PLOT_OK) t->plot[good++] = plots[k];
    if (rejects != NULL) rejects[k] = verdict;
    t->stats.plots++;
    if (verdict != WF_PLOT_OK) t->stats.rejected[verdict]++;
  }
  qsort(t->plot, good, sizeof t->plot[0], by_time);
  for (size_t from = 0; from < good;) {
    group g;
    from = next_group(t, from, good, &g);
    step(t, &g);
  }
  name_implausible(t, plots, count, rejects);
  return good == count && t->refused_count == 0 ? WF_OK : WF_EINVAL;
}

void wf_tracker_advance(wf_tracker *t, wf_time now) {
  t->clocked = true;
  if (t->has_time && !wf_time_before(t->now, now)) return;
  t->now = now;
  t->has_time = true;
  for (uint32_t i = 0; i < t->objects; i++) t->object[i].seen = false;
  note_empty_scans(t);
  finish(t);
}
