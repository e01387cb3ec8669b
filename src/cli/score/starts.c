#include <math.h>
#include <stdlib.h>

#include "identity.h"

// The first scan at or after a time.
static uint32_t scan_from(const wf_score_scene *scene, int64_t time_ns) {
  uint32_t scan = 0;
  while (scan < scene->scans && scene->scan[scan].time_ns < time_ns) scan++;
  return scan;
}

static void first_reports(const wf_score_scene *scene, const wf_score_identity *identity, uint32_t *first_scan) {
  for (uint32_t row = (uint32_t)scene->track.rows; row-- > 0;) {
    const uint32_t truth = identity->truth_of[scene->track.object[row]];
    if (truth != WF_SCORE_NONE) first_scan[truth] = scene->track.scan[row];
  }
}

wf_status wf_score_starts_compute(const wf_score_scene *scene, const wf_score_plots *plots,
                                  const wf_score_identity *identity, wf_score_starts *out) {
  *out = (wf_score_starts){.mean_delay_s = NAN};
  uint32_t *reported = calloc(scene->truth.objects + 1, sizeof *reported);
  bool *seen = calloc(scene->truth.objects + 1, sizeof *seen);
  if (reported == NULL || seen == NULL) {
    free(reported);
    free(seen);
    return WF_ENOMEM;
  }
  for (size_t k = 0; k < scene->truth.objects; k++) reported[k] = WF_SCORE_NONE;
  first_reports(scene, identity, reported);
  double sum_s = 0.0;
  for (size_t i = 0; i < plots->count; i++) {
    const uint32_t truth = plots->plot[i].truth;
    if (truth == WF_SCORE_NONE || seen[truth]) continue;
    seen[truth] = true;
    out->objects++;
    if (reported[truth] == WF_SCORE_NONE) {
      out->never++;
      continue;
    }
    const int64_t detected_ns = plots->plot[i].plot.time.ns;
    sum_s += (double)(scene->scan[reported[truth]].time_ns - detected_ns) * 1e-9;
    out->within_three_scans += reported[truth] <= scan_from(scene, detected_ns) + 3;
  }
  if (out->objects > out->never) out->mean_delay_s = sum_s / (out->objects - out->never);
  free(reported);
  free(seen);
  return WF_OK;
}
