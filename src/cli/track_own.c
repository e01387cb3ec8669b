// All sensors as one nation: one tracker. With --lag, lines wait for later plots and are revised by them.
#include <stdlib.h>
#include <string.h>

#include "track_run.h"

// A line as it was filtered, waiting for --lag. Until then the track may be confirmed, renamed by nothing, or gone.
typedef struct held {
  wf_time at;
  uint64_t track;
  uint8_t life, phase;
  uint16_t sensor;
  uint32_t group, group_count;
  double state[6], covariance[36];
} held;

typedef struct own {
  wf_tracker *tracker;
  held *held;
  size_t count, cap;
} own;

static void *own_open(const wf_track_run *run) {
  own *w = calloc(1, sizeof *w);
  if (w == NULL) return NULL;
  const wf_tracker_config config = {.tracks_max = WF_TRACKS_MAX,
                                    .plots_per_scan_max = WF_SCAN_MAX,
                                    .medium = run->opt.medium,
                                    .mode = WF_MODE_TEST,
                                    .id_seed = 1};
  w->tracker = wf_tracker_new(&config);
  bool good = w->tracker != NULL;
  for (size_t i = 0; good && i < run->sensors; i++) {
    uint16_t index;
    good = wf_tracker_add_sensor(w->tracker, &run->sensor[i], &index) == WF_OK;
  }
  if (good) return w;
  wf_tracker_free(w->tracker);
  free(w);
  return NULL;
}

static void write_line(const own *w, wf_track_run *run, const held *h, bool revised) {
  const char *status = wf_track_status(&run->opt, h->life);
  if (status == NULL) return;
  wf_impact_area impact;
  const bool with = wf_tracker_impact(w->tracker, h->track, &impact) == WF_OK && impact.valid &&
                    wf_impact_due(&run->impacts, h->track, h->at, run->opt.impact_every_s);
  const wf_track_line line = {
      .time_s = wf_time_to_s(h->at),
      .track = h->track,
      .sensor = run->sensor[h->sensor].name,
      .status = status,
      .state = h->state,
      .covariance = h->covariance,
      .phase = h->phase,
      .impact = with ? &impact : NULL,
      .revised = revised,
      .group = h->group,
      .group_count = h->group_count,
  };
  wf_track_line_print(run->out, &line);
}

// The track as it is now, at a time; false when it is gone or that time cannot be reached from here.
static bool hold_of(const own *w, const wf_track *track, wf_time at, held *out) {
  *out = (held){.at = at,
                .track = track->id,
                .life = track->life,
                .phase = track->phase,
                .sensor = track->last_sensor,
                .group = track->group,
                .group_count = track->group_count};
  return wf_tracker_predict(w->tracker, track->id, at, out->state, out->covariance) == WF_OK;
}

// What later plots say about a held line. A free fall is as good backwards as forwards; back into thrust or a turn it
// is not, and the line stays as it was.
static bool revise(const own *w, held *h) {
  const wf_track *track = wf_tracker_find(w->tracker, h->track);
  if (track == NULL || track->life == WF_LIFE_TENTATIVE || track->life == WF_LIFE_ENDED) return false;
  const bool falls = track->phase == WF_PHASE_COAST || track->phase == WF_PHASE_REENTRY;
  const bool since = track->burnout.ns == 0 || wf_time_before(track->burnout, h->at);
  if (h->life == WF_LIFE_TENTATIVE) h->life = WF_LIFE_CONFIRMED;
  if (!falls || !since || wf_time_before(track->last_update, h->at)) return false;
  held better;
  if (!hold_of(w, track, h->at, &better)) return false;
  better.life = h->life;
  *h = better;
  return true;
}

static void release_held(own *w, wf_track_run *run, wf_time until) {
  size_t sent = 0;
  if (w->count == 0) return;
  for (; sent < w->count && !wf_time_before(until, w->held[sent].at); sent++) {
    const bool revised = revise(w, &w->held[sent]);
    write_line(w, run, &w->held[sent], revised);
  }
  memmove(w->held, w->held + sent, (w->count - sent) * sizeof *w->held);
  w->count -= sent;
}

static bool hold(own *w, const held *h) {
  if (w->count == w->cap) {
    const size_t cap = w->cap == 0 ? 1024 : 2 * w->cap;
    held *bigger = realloc(w->held, cap * sizeof *bigger);
    if (bigger == NULL) return false;
    w->held = bigger;
    w->cap = cap;
  }
  w->held[w->count++] = *h;
  return true;
}

static void own_scan(void *way, wf_track_run *run) {
  own *w = way;
  const wf_time at = run->scan[0].time;
  wf_tracker_scan(w->tracker, run->scan, run->count, run->reject);
  const size_t tracks = wf_tracker_count(w->tracker);
  for (size_t i = 0; i < tracks; i++) {
    held h;
    if (!hold_of(w, wf_tracker_at(w->tracker, i), at, &h)) continue;
    if (run->opt.lag_s <= 0.0 || !hold(w, &h)) write_line(w, run, &h, false);
  }
  if (run->opt.lag_s > 0.0) release_held(w, run, wf_time_add_s(at, -run->opt.lag_s));
}

static void own_finish(void *way, wf_track_run *run) {
  release_held(way, run, (wf_time){INT64_MAX});
}

static void own_stats(const void *way, wf_tracker_stats *out) {
  const own *w = way;
  wf_tracker_stats_get(w->tracker, out);
}

static void own_close(void *way) {
  own *w = way;
  wf_tracker_free(w->tracker);
  free(w->held);
  free(w);
}

const wf_track_way WF_TRACK_OWN = {own_open, own_scan, own_finish, own_stats, own_close};
