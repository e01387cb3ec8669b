#include "siap.h"

#include <stdlib.h>

typedef struct work {
  const wf_score_scene *scene;
  const wf_score_matches *matches;
  wf_score_siap_run *out;
  uint32_t *candidate, *scan;     // of one track's reports
  bool *seen_truth, *seen_track;  // per row: counted already
} work;

static int by_truth(const void *a, const void *b) {
  const wf_score_association *x = a, *y = b;
  if (x->truth != y->truth) return x->truth < y->truth ? -1 : 1;
  if (x->start_scan != y->start_scan) return x->start_scan < y->start_scan ? -1 : 1;
  return x->track < y->track ? -1 : x->track > y->track;
}

static void associate_all(work *w) {
  const wf_score_side *track = &w->scene->track;
  for (uint32_t k = 0; k < track->objects; k++) {
    const uint32_t from = track->begin[k], count = track->begin[k + 1] - from;
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t row = track->order[from + i], nearest = w->matches->nearest[row];
      w->candidate[i] = nearest == WF_SCORE_NONE ? WF_SCORE_NONE : w->scene->truth.object[nearest];
      w->scan[i] = track->scan[row];
    }
    wf_score_association *to = &w->out->association[w->out->associations];
    const size_t found = wf_score_associate(w->candidate, w->scan, count, to);
    for (size_t i = 0; i < found; i++) to[i].track = k;
    w->out->associations += found;
  }
  qsort(w->out->association, w->out->associations, sizeof *w->out->association, by_truth);
  size_t at = 0;
  for (uint32_t k = 0; k <= w->scene->truth.objects; k++) {
    while (at < w->out->associations && w->out->association[at].truth < k) at++;
    w->out->first[k] = (uint32_t)at;
  }
}

// One report of an associated track. Both rows count once a scan, however many associations hold.
static void count_report(work *w, const wf_score_association *a, uint32_t track_row) {
  const uint32_t scan = w->scene->track.scan[track_row];
  wf_score_siap_sum *sum = &w->out->scan[scan];
  if (!w->seen_track[track_row]) sum->tracks_associated += 1.0;
  w->seen_track[track_row] = true;
  const uint32_t truth_row = wf_score_truth_row(w->scene, scan, a->truth);
  if (truth_row == WF_SCORE_NONE) return;
  if (!w->seen_truth[truth_row]) sum->truths_tracked += 1.0;
  w->seen_truth[truth_row] = true;
  sum->position_m += wf_score_distance_m(w->scene, truth_row, track_row);
  sum->velocity_m_s += wf_score_speed_apart_m_s(w->scene, truth_row, track_row);
}

// Place in track->order of the first report at or after a scan.
static uint32_t first_report(const wf_score_side *track, uint32_t object, uint32_t scan) {
  uint32_t low = track->begin[object], high = track->begin[object + 1];
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (track->scan[track->order[middle]] < scan)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static void sum_scans(work *w) {
  const wf_score_side *track = &w->scene->track;
  for (size_t i = 0; i < w->scene->scans; i++) {
    w->out->scan[i].truths = w->scene->scan[i].truth_end - w->scene->scan[i].truth_first;
    w->out->scan[i].tracks = w->scene->scan[i].track_end - w->scene->scan[i].track_first;
  }
  for (uint32_t i = 0; i < w->out->associations; i++) {
    const wf_score_association *a = &w->out->association[i];
    for (uint32_t k = first_report(track, a->track, a->start_scan); k < track->begin[a->track + 1]; k++) {
      if (track->scan[track->order[k]] > a->end_scan) break;
      count_report(w, a, track->order[k]);
    }
  }
}

void wf_score_siap_of(const wf_score_siap_sum *s, wf_score_siap *out) {
  *out = (wf_score_siap){
      .completeness = s->truths > 0.0 ? s->truths_tracked / s->truths : 0.0,
      .ambiguity = s->truths_tracked > 0.0 ? s->tracks_associated / s->truths_tracked : 1.0,
      .spuriousness = s->tracks > 0.0 ? (s->tracks - s->tracks_associated) / s->tracks : 0.0,
      .position_accuracy_m = s->tracks_associated > 0.0 ? s->position_m / s->tracks_associated : 0.0,
      .velocity_accuracy_m_s = s->tracks_associated > 0.0 ? s->velocity_m_s / s->tracks_associated : 0.0,
  };
}

static double seconds(const wf_score_scene *scene, uint32_t from_scan, uint32_t to_scan) {
  return scene->scan[to_scan].time_s - scene->scan[from_scan].time_s;
}

static const wf_score_association *of_truth(const wf_score_siap_run *run, uint32_t truth, size_t *count) {
  *count = run->first[truth + 1] - run->first[truth];
  return &run->association[run->first[truth]];
}

// When the last association of a track with this truth ends.
static uint32_t last_end(const wf_score_association *a, size_t count, uint32_t track) {
  uint32_t end = 0;
  for (size_t i = 0; i < count; i++)
    if (a[i].track == track && a[i].end_scan > end) end = a[i].end_scan;
  return end;
}

// Of the associations that hold in a scan, that of the track whose last one ends latest; NULL when none holds.
static const wf_score_association *longest_holding(const wf_score_association *a, size_t count, uint32_t scan) {
  const wf_score_association *best = NULL;
  uint32_t best_end = 0;
  for (size_t i = 0; i < count; i++) {
    if (scan < a[i].start_scan || scan > a[i].end_scan) continue;
    const uint32_t end = last_end(a, count, a[i].track);
    if (best != NULL && end <= best_end) continue;
    best = &a[i];
    best_end = end;
  }
  return best;
}

static uint32_t min_tracks_needed(const work *w, uint32_t truth) {
  const wf_score_side *side = &w->scene->truth;
  size_t count;
  const wf_score_association *a = of_truth(w->out, truth, &count);
  uint32_t needed = 0;
  for (uint32_t k = side->begin[truth]; count > 0 && k < side->begin[truth + 1];) {
    const uint32_t scan = side->scan[side->order[k]];
    const wf_score_association *best = longest_holding(a, count, scan);
    if (best == NULL) {
      k++;
      continue;
    }
    needed++;
    if (best->end_scan == scan) return needed;
    while (k < side->begin[truth + 1] && side->scan[side->order[k]] <= best->end_scan) k++;
  }
  return needed;
}

// Seconds between neighbouring scans of the truth that lie inside one association.
static double time_tracked_s(const work *w, uint32_t truth) {
  const wf_score_side *side = &w->scene->truth;
  size_t count;
  const wf_score_association *a = of_truth(w->out, truth, &count);
  double total_s = 0.0;
  for (uint32_t k = side->begin[truth]; k + 1 < side->begin[truth + 1]; k++) {
    const uint32_t from = side->scan[side->order[k]], to = side->scan[side->order[k + 1]];
    bool inside = false;
    for (size_t i = 0; i < count && !inside; i++) inside = from >= a[i].start_scan && to <= a[i].end_scan;
    if (inside) total_s += seconds(w->scene, from, to);
  }
  return total_s;
}

// The most that one track had of this truth; its separate times add.
static double longest_segment_s(const work *w, uint32_t truth) {
  size_t count;
  const wf_score_association *a = of_truth(w->out, truth, &count);
  double longest_s = 0.0;
  for (size_t i = 0; i < count; i++) {
    double sum_s = 0.0;
    for (size_t j = 0; j < count; j++)
      if (a[j].track == a[i].track) sum_s += seconds(w->scene, a[j].start_scan, a[j].end_scan);
    if (sum_s > longest_s) longest_s = sum_s;
  }
  return longest_s;
}

static void measure_continuity(work *w) {
  const wf_score_side *side = &w->scene->truth;
  double changes = 0.0, tracked_s = 0.0, longest_s = 0.0, lifetime_s = 0.0;
  for (uint32_t k = 0; k < side->objects; k++) {
    wf_score_continuity *c = &w->out->continuity[k];
    const uint32_t first = side->order[side->begin[k]], last = side->order[side->begin[k + 1] - 1];
    c->lifetime_s = seconds(w->scene, side->scan[first], side->scan[last]);
    c->time_tracked_s = time_tracked_s(w, k);
    c->longest_segment_s = longest_segment_s(w, k);
    c->min_tracks_needed = min_tracks_needed(w, k);
    if (c->min_tracks_needed > 0) changes += c->min_tracks_needed - 1.0;
    tracked_s += c->time_tracked_s;
    longest_s += c->longest_segment_s;
    lifetime_s += c->lifetime_s;
  }
  w->out->rate_of_number_changes_per_s = tracked_s > 0.0 ? changes / tracked_s : 0.0;
  w->out->longest_track_segment = lifetime_s > 0.0 ? longest_s / lifetime_s : 0.0;
}

static void add_sum(wf_score_siap_sum *total, const wf_score_siap_sum *scan) {
  total->truths += scan->truths;
  total->truths_tracked += scan->truths_tracked;
  total->tracks += scan->tracks;
  total->tracks_associated += scan->tracks_associated;
  total->position_m += scan->position_m;
  total->velocity_m_s += scan->velocity_m_s;
}

wf_status wf_score_siap_compute(const wf_score_scene *scene, const wf_score_matches *matches, wf_score_siap_run *out) {
  const size_t rows = scene->track.rows, most = rows / WF_SCORE_SCANS_TO_BEGIN + scene->track.objects + 1;
  *out = (wf_score_siap_run){
      .association = calloc(most, sizeof *out->association),
      .first = calloc(scene->truth.objects + 1, sizeof *out->first),
      .scan = calloc(scene->scans + 1, sizeof *out->scan),
      .continuity = calloc(scene->truth.objects + 1, sizeof *out->continuity),
  };
  work w = {
      .scene = scene,
      .matches = matches,
      .out = out,
      .candidate = calloc(rows + 1, sizeof *w.candidate),
      .scan = calloc(rows + 1, sizeof *w.scan),
      .seen_truth = calloc(scene->truth.rows + 1, sizeof *w.seen_truth),
      .seen_track = calloc(rows + 1, sizeof *w.seen_track),
  };
  const bool ok = out->association != NULL && out->first != NULL && out->scan != NULL && out->continuity != NULL &&
                  w.candidate != NULL && w.scan != NULL && w.seen_truth != NULL && w.seen_track != NULL;
  if (ok) {
    associate_all(&w);
    sum_scans(&w);
    wf_score_siap_sum total = {0};
    for (size_t i = 0; i < scene->scans; i++) add_sum(&total, &out->scan[i]);
    wf_score_siap_of(&total, &out->total);
    measure_continuity(&w);
  }
  free(w.candidate);
  free(w.scan);
  free(w.seen_truth);
  free(w.seen_track);
  return ok ? WF_OK : WF_ENOMEM;
}

void wf_score_siap_free(wf_score_siap_run *run) {
  free(run->association);
  free(run->first);
  free(run->scan);
  free(run->continuity);
  *run = (wf_score_siap_run){0};
}
