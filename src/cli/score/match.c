#include "match.h"

#include <stdlib.h>

#include "base/mat.h"
#include "estimate/assign.h"
#include "grow.h"

// A track row by its x coordinate, so that a truth looks only at tracks that can be near.
typedef struct by_x {
  double x;
  uint32_t track;  // row − first row of the scan
} by_x;

typedef struct work {
  const wf_score_scene *scene;
  wf_score_matches *out;
  wf_assign *assign;
  by_x *sorted;
  double *free_cost;
  uint32_t *column_of;
  double *least_m;  // per track of the scan: the distance of its nearest truth
  wf_arc_pair *pair;
  size_t pairs, cap;
} work;

double wf_score_distance_m(const wf_score_scene *scene, uint32_t truth_row, uint32_t track_row) {
  double apart[3];
  wf_vec_sub(&scene->truth.state[6 * (size_t)truth_row], &scene->track.state[6 * (size_t)track_row], apart);
  return wf_vec_norm(apart);
}

double wf_score_speed_apart_m_s(const wf_score_scene *scene, uint32_t truth_row, uint32_t track_row) {
  double apart[3];
  wf_vec_sub(&scene->truth.state[6 * (size_t)truth_row + 3], &scene->track.state[6 * (size_t)track_row + 3], apart);
  return wf_vec_norm(apart);
}

static int compare_x(const void *a, const void *b) {
  const by_x *p = a, *q = b;
  if (p->x != q->x) return p->x < q->x ? -1 : 1;
  return p->track < q->track ? -1 : p->track > q->track;
}

// First of the sorted tracks with x ≥ from.
static size_t first_from(const by_x *sorted, size_t count, double from) {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (sorted[middle].x < from)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// Every pair nearer than the cut-off, and each track's nearest truth.
static bool find_pairs(work *w, const wf_score_scan *scan) {
  const double cutoff_m = w->out->cutoff_m;
  const size_t tracks = scan->track_end - scan->track_first;
  for (uint32_t k = 0; k < tracks; k++) {
    w->sorted[k] = (by_x){w->scene->track.state[6 * (size_t)(scan->track_first + k)], k};
    w->least_m[k] = cutoff_m;
  }
  qsort(w->sorted, tracks, sizeof *w->sorted, compare_x);
  w->pairs = 0;
  for (uint32_t row = scan->truth_first; row < scan->truth_end; row++) {
    const double x = w->scene->truth.state[6 * (size_t)row];
    for (size_t i = first_from(w->sorted, tracks, x - cutoff_m); i < tracks && w->sorted[i].x <= x + cutoff_m; i++) {
      const uint32_t track = w->sorted[i].track;
      const double d = wf_score_distance_m(w->scene, row, scan->track_first + track);
      if (!(d < cutoff_m)) continue;
      if (!wf_score_grow((void **)&w->pair, sizeof *w->pair, w->pairs, &w->cap)) return false;
      w->pair[w->pairs++] = (wf_arc_pair){row - scan->truth_first, track, d * d};
      if (d >= w->least_m[track]) continue;
      w->least_m[track] = d;
      w->out->nearest[scan->track_first + track] = row;
    }
  }
  return true;
}

// A truth that stays free costs cutoff², what a pair at the cut-off costs: so the least total is that of the full
// assignment, whichever side is larger (the difference is a constant).
static bool match_scan(work *w, const wf_score_scan *scan) {
  const uint32_t truths = scan->truth_end - scan->truth_first, tracks = scan->track_end - scan->track_first;
  if (!find_pairs(w, scan)) return false;
  for (uint32_t i = 0; i < truths; i++) w->free_cost[i] = w->out->cutoff_m * w->out->cutoff_m;
  if (wf_assign_solve(w->assign, w->pair, w->pairs, w->free_cost, truths, tracks, w->column_of, NULL) != WF_OK)
    return false;
  for (uint32_t i = 0; i < truths; i++)
    if (w->column_of[i] != WF_ASSIGN_FREE)
      w->out->track_of[scan->truth_first + i] = scan->track_first + w->column_of[i];
  return true;
}

static uint32_t *nones(size_t count) {
  uint32_t *all = calloc(count + 1, sizeof *all);
  for (size_t i = 0; all != NULL && i < count; i++) all[i] = WF_SCORE_NONE;
  return all;
}

wf_status wf_score_match(const wf_score_scene *scene, double cutoff_m, wf_score_matches *out) {
  size_t truths = 1, tracks = 1;  // in the largest scan
  for (size_t i = 0; i < scene->scans; i++) {
    const wf_score_scan *s = &scene->scan[i];
    if (s->truth_end - s->truth_first > truths) truths = s->truth_end - s->truth_first;
    if (s->track_end - s->track_first > tracks) tracks = s->track_end - s->track_first;
  }
  *out = (wf_score_matches){cutoff_m, nones(scene->truth.rows), nones(scene->track.rows)};
  work w = {
      .scene = scene,
      .out = out,
      .assign = wf_assign_new(truths, tracks),
      .sorted = calloc(tracks, sizeof *w.sorted),
      .free_cost = calloc(truths, sizeof *w.free_cost),
      .column_of = calloc(truths, sizeof *w.column_of),
      .least_m = calloc(tracks, sizeof *w.least_m),
  };
  bool ok = out->track_of != NULL && out->nearest != NULL && w.assign != NULL && w.sorted != NULL &&
            w.free_cost != NULL && w.column_of != NULL && w.least_m != NULL;
  for (size_t i = 0; ok && i < scene->scans; i++) ok = match_scan(&w, &scene->scan[i]);
  wf_assign_free(w.assign);
  free(w.sorted);
  free(w.free_cost);
  free(w.column_of);
  free(w.least_m);
  free(w.pair);
  return ok ? WF_OK : WF_ENOMEM;
}

void wf_score_matches_free(wf_score_matches *matches) {
  free(matches->track_of);
  free(matches->nearest);
  *matches = (wf_score_matches){0};
}
