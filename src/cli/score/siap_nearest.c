#include <stdlib.h>

#include "siap.h"

static void sum_tracks(const wf_score_scene *scene, const wf_score_matches *matches, bool *tracked,
                       wf_score_siap_sum *sum) {
  for (uint32_t row = 0; row < scene->track.rows; row++) {
    const uint32_t truth = matches->nearest[row];
    if (truth == WF_SCORE_NONE) continue;
    sum->tracks_associated += 1.0;
    sum->position_m += wf_score_distance_m(scene, truth, row);
    sum->velocity_m_s += wf_score_speed_apart_m_s(scene, truth, row);
    if (!tracked[truth]) sum->truths_tracked += 1.0;
    tracked[truth] = true;
  }
}

static uint32_t count_changes(const wf_score_scene *scene, const wf_score_matches *matches, uint32_t truth) {
  uint32_t before = WF_SCORE_NONE, changes = 0;
  for (uint32_t k = scene->truth.begin[truth]; k < scene->truth.begin[truth + 1]; k++) {
    const uint32_t row = matches->track_of[scene->truth.order[k]];
    if (row == WF_SCORE_NONE) continue;
    const uint32_t track = scene->track.object[row];
    changes += before != WF_SCORE_NONE && before != track;
    before = track;
  }
  return changes;
}

wf_status wf_score_nearest_compute(const wf_score_scene *scene, const wf_score_matches *matches,
                                   wf_score_nearest *out) {
  *out = (wf_score_nearest){0};
  bool *tracked = calloc(scene->truth.rows + 1, sizeof *tracked);
  if (tracked == NULL) return WF_ENOMEM;
  wf_score_siap_sum sum = {.truths = (double)scene->truth.rows, .tracks = (double)scene->track.rows};
  sum_tracks(scene, matches, tracked, &sum);
  wf_score_siap_of(&sum, &out->siap);
  size_t assigned = 0;
  for (size_t row = 0; row < scene->truth.rows; row++) assigned += matches->track_of[row] != WF_SCORE_NONE;
  if (scene->truth.rows > 0) out->assigned_completeness = (double)assigned / (double)scene->truth.rows;
  for (uint32_t k = 0; k < scene->truth.objects; k++) out->number_changes += count_changes(scene, matches, k);
  free(tracked);
  return WF_OK;
}
