#include <math.h>

#include "gospa.h"

double wf_score_ospa_scan(const wf_score_scene *scene, const wf_score_matches *matches, uint32_t scan) {
  wf_score_gospa g;
  wf_score_gospa_scan(scene, matches, scan, &g);
  const wf_score_scan *s = &scene->scan[scan];
  const uint32_t truths = s->truth_end - s->truth_first, tracks = s->track_end - s->track_first;
  const uint32_t larger = truths > tracks ? truths : tracks;
  if (larger == 0) return 0.0;
  // Of the larger side, whoever has no partner nearer than the cut-off costs cutoff²: paired at the cut-off or alone.
  const uint32_t alone = truths > tracks ? g.n_missed : g.n_false;
  return sqrt((g.localisation_m2 + alone * matches->cutoff_m * matches->cutoff_m) / larger);
}
