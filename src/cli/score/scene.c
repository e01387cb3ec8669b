#include "scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

const double WF_SCORE_BAND_S[WF_SCORE_BANDS + 1] = {0.0, 30.0, 60.0, 120.0, INFINITY};

// Where a row of the file goes: sorted by time, object, and its place in the file.
typedef struct place {
  int64_t time_ns;
  uint32_t object, line;
} place;

static int by_place(const void *a, const void *b) {
  const place *x = a, *y = b;
  if (x->time_ns != y->time_ns) return x->time_ns < y->time_ns ? -1 : 1;
  if (x->object != y->object) return x->object < y->object ? -1 : 1;
  return x->line < y->line ? -1 : x->line > y->line;
}

static int by_id(const void *a, const void *b) {
  const long long x = *(const long long *)a, y = *(const long long *)b;
  return x < y ? -1 : x > y;
}

uint32_t wf_score_truth_find(const wf_score_scene *scene, long long id) {
  const long long *at = bsearch(&id, scene->truth_id, scene->truth.objects, sizeof id, by_id);
  return at == NULL ? WF_SCORE_NONE : (uint32_t)(at - scene->truth_id);
}

static bool list_truths(wf_score_scene *scene, const wf_csv_truth *truth, size_t count) {
  scene->truth_id = calloc(count + 1, sizeof *scene->truth_id);
  if (scene->truth_id == NULL) return false;
  for (size_t i = 0; i < count; i++) scene->truth_id[i] = truth[i].id;
  qsort(scene->truth_id, count, sizeof *scene->truth_id, by_id);
  size_t kept = 0;
  for (size_t i = 0; i < count; i++)
    if (kept == 0 || scene->truth_id[kept - 1] != scene->truth_id[i]) scene->truth_id[kept++] = scene->truth_id[i];
  scene->truth.objects = kept;
  return true;
}

static place *place_truths(const wf_score_scene *scene, const wf_csv_truth *truth, const char *path, wf_diag *diag,
                           size_t *count) {
  place *all = calloc(*count + 1, sizeof *all);
  if (all == NULL) return NULL;
  for (size_t i = 0; i < *count; i++)
    all[i] = (place){wf_time_from_s(truth[i].time_s).ns, wf_score_truth_find(scene, truth[i].id), (uint32_t)i};
  qsort(all, *count, sizeof *all, by_place);
  size_t kept = 0;
  for (size_t i = 0; i < *count; i++) {
    if (kept > 0 && all[kept - 1].time_ns == all[i].time_ns && all[kept - 1].object == all[i].object)
      wf_diag_say(diag, path, 0, "object %lld is there twice at %g s: the first is used", truth[all[i].line].id,
                  truth[all[i].line].time_s);
    else
      all[kept++] = all[i];
  }
  *count = kept;
  return all;
}

static place *place_tracks(const wf_score_tracks *tracks, wf_diag *diag, size_t *count) {
  place *all = calloc(tracks->count + 1, sizeof *all);
  if (all == NULL) return NULL;
  for (size_t i = 0; i < tracks->count; i++)
    all[i] = (place){tracks->line[i].time_ns, tracks->line[i].track, (uint32_t)i};
  qsort(all, tracks->count, sizeof *all, by_place);
  size_t kept = 0;
  for (size_t i = 0; i < tracks->count; i++) {
    if (kept == 0 || all[kept - 1].time_ns != all[i].time_ns || all[kept - 1].object != all[i].object) {
      all[kept++] = all[i];
      continue;
    }
    const wf_score_line *now = &tracks->line[all[i].line], *before = &tracks->line[all[kept - 1].line];
    if (now->revised || now->sensor != before->sensor)
      all[kept - 1] = all[i];
    else
      wf_diag_say(diag, tracks->path, now->number, "track %s is there already at %g s (line %lu)",
                  tracks->name[now->track], (double)now->time_ns * 1e-9, before->number);
  }
  *count = kept;
  return all;
}

static bool take_side(wf_score_side *side, size_t rows) {
  side->rows = rows;
  side->state = calloc(6 * rows + 1, sizeof *side->state);
  side->object = calloc(rows + 1, sizeof *side->object);
  side->scan = calloc(rows + 1, sizeof *side->scan);
  side->order = calloc(rows + 1, sizeof *side->order);
  side->begin = calloc(side->objects + 2, sizeof *side->begin);
  return side->state != NULL && side->object != NULL && side->scan != NULL && side->order != NULL &&
         side->begin != NULL;
}

// Rows by object, in time order (rows are in time order already).
static void index_side(wf_score_side *side) {
  for (size_t i = 0; i < side->rows; i++) side->begin[side->object[i] + 2]++;
  for (size_t k = 2; k <= side->objects; k++) side->begin[k] += side->begin[k - 1];
  for (size_t i = 0; i < side->rows; i++) side->order[side->begin[side->object[i] + 1]++] = (uint32_t)i;
}

static void fill(wf_score_side *side, uint32_t row, const place *from, uint32_t scan, const double state[6]) {
  side->object[row] = from->object;
  side->scan[row] = scan;
  memcpy(&side->state[6 * (size_t)row], state, 6 * sizeof *state);
}

// Merges both lists of places into scans.
static void fill_scans(wf_score_scene *scene, const wf_csv_truth *truth, const place *truths, const place *tracks) {
  const wf_score_tracks *lines = scene->tracks;
  uint32_t i = 0, k = 0;
  while (i < scene->truth.rows || k < scene->track.rows) {
    const bool either = i < scene->truth.rows && (k == scene->track.rows || truths[i].time_ns <= tracks[k].time_ns);
    const int64_t now = either ? truths[i].time_ns : tracks[k].time_ns;
    const uint32_t scan = (uint32_t)scene->scans++;
    wf_score_scan *s = &scene->scan[scan];
    *s = (wf_score_scan){.time_ns = now, .time_s = wf_time_to_s((wf_time){now}), .truth_first = i, .track_first = k};
    for (; i < scene->truth.rows && truths[i].time_ns == now; i++)
      fill(&scene->truth, i, &truths[i], scan, truth[truths[i].line].state);
    for (; k < scene->track.rows && tracks[k].time_ns == now; k++) {
      fill(&scene->track, k, &tracks[k], scan, lines->line[tracks[k].line].state);
      scene->track_line[k] = tracks[k].line;
    }
    s->truth_end = i;
    s->track_end = k;
  }
}

wf_status wf_score_scene_build(const wf_csv_truth *truth, size_t count, const char *truth_path,
                               const wf_score_tracks *tracks, wf_diag *diag, wf_score_scene *out) {
  *out = (wf_score_scene){.tracks = tracks, .track.objects = tracks->names};
  if (!list_truths(out, truth, count)) return WF_ENOMEM;
  size_t truth_rows = count, track_rows = 0;
  place *truths = place_truths(out, truth, truth_path, diag, &truth_rows);
  place *lines = place_tracks(tracks, diag, &track_rows);
  out->scan = calloc(truth_rows + track_rows + 1, sizeof *out->scan);
  out->track_line = calloc(track_rows + 1, sizeof *out->track_line);
  const bool ok = truths != NULL && lines != NULL && out->scan != NULL && out->track_line != NULL &&
                  take_side(&out->truth, truth_rows) && take_side(&out->track, track_rows);
  if (ok) {
    fill_scans(out, truth, truths, lines);
    index_side(&out->truth);
    index_side(&out->track);
  }
  free(truths);
  free(lines);
  return ok ? WF_OK : WF_ENOMEM;
}

static void free_side(wf_score_side *side) {
  free(side->state);
  free(side->object);
  free(side->scan);
  free(side->order);
  free(side->begin);
}

void wf_score_scene_free(wf_score_scene *scene) {
  free_side(&scene->truth);
  free_side(&scene->track);
  free(scene->truth_id);
  free(scene->track_line);
  free(scene->scan);
  *scene = (wf_score_scene){0};
}

uint32_t wf_score_truth_row(const wf_score_scene *scene, uint32_t scan, uint32_t truth) {
  uint32_t low = scene->scan[scan].truth_first, high = scene->scan[scan].truth_end;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (scene->truth.object[middle] < truth)
      low = middle + 1;
    else
      high = middle;
  }
  const bool found = low < scene->scan[scan].truth_end && scene->truth.object[low] == truth;
  return found ? low : WF_SCORE_NONE;
}

double wf_score_age_s(const wf_score_scene *scene, uint32_t truth_row) {
  const uint32_t first = scene->truth.order[scene->truth.begin[scene->truth.object[truth_row]]];
  return (double)(scene->scan[scene->truth.scan[truth_row]].time_ns - scene->scan[scene->truth.scan[first]].time_ns) *
         1e-9;
}
