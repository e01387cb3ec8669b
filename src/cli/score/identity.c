#include "identity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

#define CLUTTER (WF_SCORE_NONE - 1)  // a vote for no object

static double gate_of(int dim) {
  static const double chi2_999[WF_VIEW_DIM + 1] = {0.0, 10.827566, 13.815511, 16.266236, 18.466827};
  return chi2_999[dim];
}

// Votes of all reports, those of one report together.
typedef struct votes {
  uint32_t *vote;
  size_t count, cap;
  uint32_t *begin;  // per track row, and the end
} votes;

// Normalised distance of a plot from what its sensor would report of the state. expected: of the same sensor and kind.
static double distance2(const wf_view *view, const wf_expected *expected, const wf_plot *plot) {
  if (plot->kind == WF_PLOT_RADAR) {  // most plots fail in range already
    const double r = plot->radar.range_m - expected->z[0], range2 = r * r / view->variance[0];
    if (!(range2 < gate_of(3))) return INFINITY;
  }
  double residual[WF_VIEW_DIM], sum = 0.0;
  const int dim = view->dim < expected->dim ? view->dim : expected->dim;
  wf_view_residual(expected, plot, residual);
  for (int i = 0; i < dim; i++) sum += residual[i] * residual[i] / view->variance[i];
  return sum < gate_of(dim) ? sum : INFINITY;
}

// The vote of one sensor's plots from *at on; moves *at to the next sensor's.
static uint32_t vote_of_sensor(const wf_score_plots *plots, size_t *at, size_t end, const double state[6]) {
  const uint16_t sensor = plots->plot[*at].plot.sensor;
  uint32_t vote = WF_SCORE_NONE;
  double least = INFINITY;
  wf_expected expected = {0};
  for (; *at < end && plots->plot[*at].plot.sensor == sensor; ++*at) {
    const wf_score_plot *p = &plots->plot[*at];
    wf_view view;
    wf_score_look(plots, &p->plot, &view);
    if (expected.dim != view.dim || expected.kind != view.kind) wf_view_at(&view, state, &expected);
    const double d2 = distance2(&view, &expected, &p->plot);
    if (!(d2 < least)) continue;
    least = d2;
    vote = p->truth == WF_SCORE_NONE ? CLUTTER : p->truth;
  }
  return vote;
}

static bool collect(const wf_score_scene *scene, const wf_score_plots *plots, votes *out) {
  for (uint32_t s = 0; s < scene->scans; s++) {
    size_t first;
    const size_t count = wf_score_plots_at(plots, scene->scan[s].time_ns, &first);
    for (uint32_t row = scene->scan[s].track_first; row < scene->scan[s].track_end; row++) {
      out->begin[row] = (uint32_t)out->count;
      for (size_t at = first; at < first + count;) {
        const uint32_t vote = vote_of_sensor(plots, &at, first + count, &scene->track.state[6 * (size_t)row]);
        if (vote == WF_SCORE_NONE) continue;
        if (!wf_score_grow((void **)&out->vote, sizeof *out->vote, out->count, &out->cap)) return false;
        out->vote[out->count++] = vote;
      }
    }
  }
  out->begin[scene->track.rows] = (uint32_t)out->count;
  return true;
}

static int by_value(const void *a, const void *b) {
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

// The most frequent of some votes, `present` if it is among the most frequent; sorts them. WF_SCORE_NONE of none.
static uint32_t majority(uint32_t *vote, size_t count, uint32_t present) {
  uint32_t best = WF_SCORE_NONE;
  size_t most = 0;
  if (count > 1) qsort(vote, count, sizeof *vote, by_value);
  for (size_t i = 0; i < count;) {
    size_t end = i + 1;
    while (end < count && vote[end] == vote[i]) end++;
    if (end - i > most || (end - i == most && vote[i] == present)) {
      best = vote[i];
      most = end - i;
    }
    i = end;
  }
  return best;
}

// Appends a report's votes to some; without clutter if asked.
static size_t append(const votes *all, uint32_t row, bool clutter, uint32_t *to, size_t count) {
  for (uint32_t i = all->begin[row]; i < all->begin[row + 1]; i++)
    if (clutter || all->vote[i] != CLUTTER) to[count++] = all->vote[i];
  return count;
}

static uint32_t changes_of(const wf_score_scene *scene, const votes *all, uint32_t track, uint32_t *scratch) {
  const wf_score_side *side = &scene->track;
  uint32_t present = WF_SCORE_NONE, changes = 0, from = side->begin[track];
  for (uint32_t k = side->begin[track]; k < side->begin[track + 1]; k++) {
    const double now_s = scene->scan[side->scan[side->order[k]]].time_s;
    while (now_s - scene->scan[side->scan[side->order[from]]].time_s >= WF_SCORE_IDENTITY_WINDOW_S) from++;
    size_t count = 0;
    for (uint32_t i = from; i <= k; i++) count = append(all, side->order[i], false, scratch, count);
    const uint32_t now = majority(scratch, count, present);
    if (now == WF_SCORE_NONE) continue;
    changes += present != WF_SCORE_NONE && now != present;
    present = now;
  }
  return changes;
}

static void judge_track(const wf_score_scene *scene, const votes *all, uint32_t track, uint32_t *scratch,
                        wf_score_identity *out) {
  const wf_score_side *side = &scene->track;
  if (side->begin[track] == side->begin[track + 1]) return;  // all its lines were replaced or left out
  size_t count = 0;
  for (uint32_t k = side->begin[track]; k < side->begin[track + 1]; k++)
    count = append(all, side->order[k], true, scratch, count);
  const uint32_t truth = majority(scratch, count, WF_SCORE_NONE);
  out->changes += changes_of(scene, all, track, scratch);
  if (truth == WF_SCORE_NONE || truth == CLUTTER) {
    out->unidentified++;
    return;
  }
  out->identified++;
  out->truth_of[track] = truth;
  for (uint32_t k = side->begin[track]; k < side->begin[track + 1]; k++)
    out->target[side->order[k]] = wf_score_truth_row(scene, side->scan[side->order[k]], truth);
}

static uint32_t *nones(size_t count) {
  uint32_t *all = calloc(count + 1, sizeof *all);
  for (size_t i = 0; all != NULL && i < count; i++) all[i] = WF_SCORE_NONE;
  return all;
}

static bool measure_cover(const wf_score_scene *scene, wf_score_identity *out) {
  bool *covered = calloc(scene->truth.rows + 1, sizeof *covered);
  if (covered == NULL) return false;
  size_t states = 0, reports = 0;
  for (size_t row = 0; row < scene->track.rows; row++) {
    if (out->target[row] == WF_SCORE_NONE) continue;
    reports++;
    states += !covered[out->target[row]];
    covered[out->target[row]] = true;
  }
  free(covered);
  out->completeness = scene->truth.rows > 0 ? (double)states / (double)scene->truth.rows : 0.0;
  out->ambiguity = states > 0 ? (double)reports / (double)states : 1.0;
  return true;
}

wf_status wf_score_identity_by_label(const wf_score_scene *scene, const wf_score_plots *plots, wf_score_identity *out) {
  *out = (wf_score_identity){
      .by_label = true, .target = nones(scene->track.rows), .truth_of = nones(scene->track.objects)};
  votes all = {.begin = calloc(scene->track.rows + 1, sizeof *all.begin)};
  bool ok = out->target != NULL && out->truth_of != NULL && all.begin != NULL && collect(scene, plots, &all);
  uint32_t *scratch = ok ? calloc(all.count + 1, sizeof *scratch) : NULL;
  ok = scratch != NULL;
  for (uint32_t k = 0; ok && k < scene->track.objects; k++) judge_track(scene, &all, k, scratch, out);
  ok = ok && measure_cover(scene, out);
  free(scratch);
  free(all.vote);
  free(all.begin);
  return ok ? WF_OK : WF_ENOMEM;
}

wf_status wf_score_identity_nearest(const wf_score_scene *scene, const wf_score_matches *matches,
                                    wf_score_identity *out) {
  *out = (wf_score_identity){.target = nones(scene->track.rows)};
  if (out->target == NULL) return WF_ENOMEM;
  memcpy(out->target, matches->nearest, scene->track.rows * sizeof *out->target);
  return WF_OK;
}

wf_status wf_score_identity_assigned(const wf_score_scene *scene, const wf_score_matches *matches,
                                     wf_score_identity *out) {
  *out = (wf_score_identity){.target = nones(scene->track.rows)};
  if (out->target == NULL) return WF_ENOMEM;
  for (uint32_t row = 0; row < scene->truth.rows; row++)
    if (matches->track_of[row] != WF_SCORE_NONE) out->target[matches->track_of[row]] = row;
  return WF_OK;
}

void wf_score_identity_free(wf_score_identity *identity) {
  free(identity->target);
  free(identity->truth_of);
  *identity = (wf_score_identity){0};
}

uint32_t wf_score_identity_truth(const wf_score_scene *scene, const wf_score_identity *identity, uint32_t track_row) {
  if (identity->by_label) return identity->truth_of[scene->track.object[track_row]];
  const uint32_t row = identity->target[track_row];
  return row == WF_SCORE_NONE ? WF_SCORE_NONE : scene->truth.object[row];
}
