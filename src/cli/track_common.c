// --common: each sensor its own nation. Its own tracker, its contributions (late by --delay), one common picture.
#include <stdlib.h>
#include <string.h>

#include "picture/picture.h"
#include "release/policy.h"
#include "track_run.h"

#define OUTBOX 1024
#define CONTRIBUTIONS_MAX 65536
#define TRACKS_PER_NATION 2048

typedef struct late {
  wf_time due;
  wf_contribution contribution;
} late;

typedef struct common {
  size_t nations;
  wf_tracker *tracker[WF_SENSOR_MAX];
  wf_guard *guard[WF_SENSOR_MAX];  // NULL: off
  wf_guard_level level;
  uint64_t sequence[WF_SENSOR_MAX];
  wf_plot *plot;  // of one nation in one scan
  uint8_t *reject;
  size_t *row;  // where in the scan each stood
  wf_contribution *out;
  late *late;  // in order of becoming due: every delay is the same
  size_t late_count, late_cap;
  wf_picture *picture;
} common;

// Sensor 0 is nation XAA, 1 is XAB, … codes no state has.
static wf_nation nation_of(size_t sensor) {
  return (wf_nation){{'X', (char)('A' + sensor / 26), (char)('A' + sensor % 26), 0}};
}

static void common_close(void *way) {
  common *w = way;
  for (size_t i = 0; i < w->nations; i++) {
    wf_tracker_free(w->tracker[i]);
    wf_guard_free(w->guard[i]);
  }
  if (w->picture != NULL) wf_picture_free(w->picture);
  free(w->plot);
  free(w->reject);
  free(w->row);
  free(w->out);
  free(w->late);
  free(w);
}

static bool open_trackers(common *w, const wf_track_run *run) {
  for (size_t i = 0; i < run->sensors; i++) {
    const wf_tracker_config config = {.tracks_max = TRACKS_PER_NATION,
                                      .plots_per_scan_max = WF_SCAN_MAX / 4,
                                      .medium = run->opt.medium,
                                      .mode = WF_MODE_TEST,
                                      .id_seed = i + 1};
    uint16_t index;
    w->tracker[i] = wf_tracker_new(&config);
    if (w->tracker[i] == NULL) return false;
    w->nations = i + 1;
    if (wf_tracker_add_sensor(w->tracker[i], &run->sensor[i], &index) != WF_OK) return false;
    // A secret that is none: here the same input has to give the same output.
    const uint8_t secret[WF_GUARD_SECRET_SIZE] = {(uint8_t)i, (uint8_t)(i >> 8)};
    w->guard[i] = run->opt.guard_sigma_m > 0.0 ? wf_guard_new(TRACKS_PER_NATION, secret) : NULL;
    if (run->opt.guard_sigma_m > 0.0 && w->guard[i] == NULL) return false;
  }
  return true;
}

static void *common_open(const wf_track_run *run) {
  common *w = calloc(1, sizeof *w);
  if (w == NULL) return NULL;
  const wf_picture_config config = {.tracks_max = TRACKS_PER_NATION,
                                    .contributions_max = CONTRIBUTIONS_MAX,
                                    .medium_vacuum = run->opt.medium == WF_MEDIUM_VACUUM,
                                    .impact_interval_s = run->opt.impact_every_s};
  w->level = (wf_guard_level){run->opt.guard_sigma_m, WF_GUARD_GRID_S, run->opt.guard_hold_s};
  w->picture = wf_picture_new(&config);
  w->plot = calloc(WF_SCAN_MAX, sizeof *w->plot);
  w->reject = calloc(WF_SCAN_MAX, sizeof *w->reject);
  w->row = calloc(WF_SCAN_MAX, sizeof *w->row);
  w->out = calloc(OUTBOX, sizeof *w->out);
  if (w->picture != NULL && w->plot != NULL && w->reject != NULL && w->row != NULL && w->out != NULL &&
      open_trackers(w, run))
    return w;
  common_close(w);
  return NULL;
}

static bool post(common *w, const wf_contribution *c, wf_time due) {
  if (w->late_count == w->late_cap) {
    const size_t cap = w->late_cap == 0 ? OUTBOX : 2 * w->late_cap;
    late *bigger = realloc(w->late, cap * sizeof *bigger);
    if (bigger == NULL) return false;
    w->late = bigger;
    w->late_cap = cap;
  }
  w->late[w->late_count++] = (late){due, *c};
  return true;
}

static void send(common *w, const wf_track_run *run, size_t nation, wf_time now, wf_contribution *c) {
  c->id = (wf_contribution_id){nation_of(nation), 0, 1, ++w->sequence[nation]};
  c->publish_time = now;
  (void)post(w, c, wf_time_add_s(now, run->opt.delay_s));
}

static wf_status state_at(void *tracker, uint64_t object, wf_time at, double state[6], double covariance[36]) {
  return wf_tracker_predict(tracker, object, at, state, covariance);
}

// Objects followed by their own sensor, as the guard tells them.
static void send_guarded(common *w, const wf_track_run *run, size_t nation, wf_time now) {
  wf_tracker *tracker = w->tracker[nation];
  if (w->guard[nation] == NULL || !wf_guard_turn(w->guard[nation], &w->level, now)) return;
  for (size_t i = 0; i < wf_tracker_count(tracker); i++) {
    const wf_track *t = wf_tracker_at(tracker, i);
    if (!wf_guard_wants(t->life)) continue;
    const wf_guard_object object = {t->id,          t->phase, t->sources, t->ln_beta, t->ln_beta_sigma,
                                    t->last_update, tracker,  state_at};
    wf_contribution c;
    if (wf_guard_due(w->guard[nation], &w->level, &object, now, &c)) send(w, run, nation, now, &c);
  }
}

static bool guard(common *w, size_t nation, wf_time now, wf_contribution *c) {
  wf_guard *g = w->guard[nation];
  if (g == NULL) return true;
  if (c->kind == WF_CONTRIBUTION_DETECTION && c->detection.has_place)
    wf_guard_place(g, w->level.sigma_m, c->object, c->detection.pos_ecef_m, c->detection.covariance_m2);
  if (c->kind == WF_CONTRIBUTION_LAUNCH) wf_guard_launch(g, c->object, &c->launch);
  return c->kind != WF_CONTRIBUTION_TRACKLET || wf_guard_take(g, &w->level, c, now);
}

static void send_contributions(common *w, const wf_track_run *run, size_t nation, wf_time now) {
  size_t count;
  do {
    count = wf_tracker_contributions(w->tracker[nation], now, w->out, OUTBOX);
    for (size_t k = 0; k < count; k++)
      if (guard(w, nation, now, &w->out[k])) send(w, run, nation, now, &w->out[k]);
  } while (count == OUTBOX);
  send_guarded(w, run, nation, now);
}

static void track_nation(common *w, wf_track_run *run, size_t nation, wf_time now) {
  size_t count = 0;
  for (size_t k = 0; k < run->count; k++) {
    if (run->scan[k].sensor != nation) continue;
    w->row[count] = k;
    w->plot[count] = run->scan[k];
    w->plot[count++].sensor = 0;
  }
  wf_tracker_scan(w->tracker[nation], w->plot, count, w->reject);
  for (size_t k = 0; k < count; k++) run->reject[w->row[k]] = w->reject[k];
  wf_tracker_advance(w->tracker[nation], now);
  send_contributions(w, run, nation, now);
}

static void receive(common *w, wf_time now) {
  size_t done = 0;
  if (w->late_count == 0) return;
  while (done < w->late_count && !wf_time_before(now, w->late[done].due))
    (void)wf_picture_insert(w->picture, &w->late[done++].contribution);  // refusals are counted by the picture
  memmove(w->late, w->late + done, (w->late_count - done) * sizeof *w->late);
  w->late_count -= done;
}

static void write_common(wf_track_run *run, const wf_common_track *track, wf_time at) {
  const char *status = wf_track_status(&run->opt, track->track.life);
  if (status == NULL) return;
  const char *contributor[WF_NATION_MAX];
  for (int i = 0; i < track->contributor_count; i++) {
    const char *code = track->contributor[i].nation.code;
    contributor[i] = run->sensor[(size_t)(code[1] - 'A') * 26 + (size_t)(code[2] - 'A')].name;
  }
  const bool with = track->impact.valid && wf_impact_due(&run->impacts, track->number, at, run->opt.impact_every_s);
  const wf_track_line line = {
      .time_s = wf_time_to_s(at),
      .track = track->number,
      .status = status,
      .state = track->track.state,
      .covariance = track->track.covariance,
      .phase = track->track.phase,
      .impact = with ? &track->impact : NULL,
      .contributors = contributor,
      .contributor_count = track->contributor_count,
  };
  wf_track_line_print(run->out, &line);
}

static void common_scan(void *way, wf_track_run *run) {
  common *w = way;
  const wf_time now = run->scan[0].time;
  for (size_t i = 0; i < w->nations; i++) track_nation(w, run, i, now);
  receive(w, now);
  wf_picture_advance(w->picture, now);
  for (size_t i = 0; i < wf_picture_count(w->picture); i++) write_common(run, wf_picture_at(w->picture, i), now);
}

static void common_finish(void *way, wf_track_run *run) {}

static void common_stats(const void *way, wf_tracker_stats *out) {
  const common *w = way;
  *out = (wf_tracker_stats){0};
  for (size_t i = 0; i < w->nations; i++) {
    wf_tracker_stats s;
    wf_tracker_stats_get(w->tracker[i], &s);
    out->plots += s.plots;
    out->associated += s.associated;
    out->initiated += s.initiated;
    out->confirmed += s.confirmed;
    out->dropped += s.dropped;
    out->covariance_repairs += s.covariance_repairs;
    out->full += s.full;
    for (int k = 0; k < WF_PLOT_REJECT_COUNT; k++) out->rejected[k] += s.rejected[k];
  }
}

const wf_track_way WF_TRACK_COMMON = {common_open, common_scan, common_finish, common_stats, common_close};
