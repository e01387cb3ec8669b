// Who is near whom in one scan: the best assignment of truths to tracks and each track's nearest truth.
#ifndef WF_SCORE_MATCH_H
#define WF_SCORE_MATCH_H

#include "scene.h"

// For the whole run. Rows and WF_SCORE_NONE.
typedef struct wf_score_matches {
  double cutoff_m;
  uint32_t *track_of;  // per truth row: the track row assigned to it, nearer than the cut-off
  uint32_t *nearest;   // per track row: the nearest truth row nearer than the cut-off, assigned or not
} wf_score_matches;

// Assignment: the least sum of min(d, cutoff)² over min(truths, tracks) pairs; pairs at the cut-off are not kept.
// WF_ENOMEM.
wf_status wf_score_match(const wf_score_scene *scene, double cutoff_m, wf_score_matches *out);
void wf_score_matches_free(wf_score_matches *matches);

// Distance of two rows' positions (m) and velocities (m/s).
double wf_score_distance_m(const wf_score_scene *scene, uint32_t truth_row, uint32_t track_row);
double wf_score_speed_apart_m_s(const wf_score_scene *scene, uint32_t truth_row, uint32_t track_row);

#endif
