#include "gospa.h"

#include <math.h>

void wf_score_gospa_scan(const wf_score_scene *scene, const wf_score_matches *matches, uint32_t scan,
                         wf_score_gospa *out) {
  const wf_score_scan *s = &scene->scan[scan];
  uint32_t pairs = 0;
  *out = (wf_score_gospa){0};
  for (uint32_t row = s->truth_first; row < s->truth_end; row++) {
    if (matches->track_of[row] == WF_SCORE_NONE) continue;
    const double d = wf_score_distance_m(scene, row, matches->track_of[row]);
    out->localisation_m2 += d * d;
    pairs++;
  }
  const double half_m2 = 0.5 * matches->cutoff_m * matches->cutoff_m;  // c^p / α
  out->n_missed = s->truth_end - s->truth_first - pairs;
  out->n_false = s->track_end - s->track_first - pairs;
  out->missed_m2 = out->n_missed * half_m2;
  out->false_m2 = out->n_false * half_m2;
  out->distance_m = sqrt(out->localisation_m2 + out->missed_m2 + out->false_m2);
}

void wf_score_gospa_run(const wf_score_scene *scene, const wf_score_matches *matches, wf_score_gospa_mean *out) {
  *out = (wf_score_gospa_mean){0};
  if (scene->scans == 0) return;
  for (uint32_t i = 0; i < scene->scans; i++) {
    wf_score_gospa g;
    wf_score_gospa_scan(scene, matches, i, &g);
    out->distance_m += g.distance_m;
    out->localisation_m2 += g.localisation_m2;
    out->missed_m2 += g.missed_m2;
    out->false_m2 += g.false_m2;
    out->n_missed += g.n_missed;
    out->n_false += g.n_false;
    out->ospa_m += wf_score_ospa_scan(scene, matches, i);
  }
  double *const all[] = {&out->distance_m, &out->localisation_m2, &out->missed_m2, &out->false_m2,
                         &out->n_missed,   &out->n_false,         &out->ospa_m};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) *all[i] /= (double)scene->scans;
}
