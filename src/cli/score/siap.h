// The SIAP attributes (Votruba et al. 2001) with the association of tracks to truths over time that docs/score.md
// defines: three scans to begin, two misses to end.
#ifndef WF_SCORE_SIAP_H
#define WF_SCORE_SIAP_H

#include "match.h"

// A track stands for a truth from start to end, both included.
typedef struct wf_score_association {
  uint32_t truth, track;  // objects
  uint32_t start_scan, end_scan;
} wf_score_association;

typedef struct wf_score_siap {
  double completeness, ambiguity, spuriousness, position_accuracy_m, velocity_accuracy_m_s;
} wf_score_siap;

typedef struct wf_score_continuity {
  double lifetime_s, time_tracked_s, longest_segment_s;
  uint32_t min_tracks_needed;
} wf_score_continuity;

// What is summed before dividing: of a scan, or of a run.
typedef struct wf_score_siap_sum {
  double truths, truths_tracked, tracks, tracks_associated, position_m, velocity_m_s;
} wf_score_siap_sum;

typedef struct wf_score_siap_run {
  wf_score_association *association;  // by truth, then start
  size_t associations;
  uint32_t *first;                  // truths + 1: of truth k from first[k] to first[k + 1] − 1
  wf_score_siap_sum *scan;          // per scan
  wf_score_continuity *continuity;  // per truth
  wf_score_siap total;
  double rate_of_number_changes_per_s, longest_track_segment;
} wf_score_siap_run;

#define WF_SCORE_SCANS_TO_BEGIN 3
#define WF_SCORE_MISSES_TO_END 2

// Associations of one track: candidate[i] is the nearest truth object at its i-th report in scan[i], or WF_SCORE_NONE.
// Room for count / WF_SCORE_SCANS_TO_BEGIN + 1. Returns how many.
size_t wf_score_associate(const uint32_t *candidate, const uint32_t *scan, size_t count, wf_score_association *out);

void wf_score_siap_of(const wf_score_siap_sum *sum, wf_score_siap *out);
wf_status wf_score_siap_compute(const wf_score_scene *scene, const wf_score_matches *matches, wf_score_siap_run *out);
void wf_score_siap_free(wf_score_siap_run *run);

// The same attributes without memory: each track stands for its nearest truth of the scan. And how often the track
// assigned to a truth is another than the one before.
typedef struct wf_score_nearest {
  wf_score_siap siap;
  uint32_t number_changes;
  double assigned_completeness;  // the share of truth states that the best assignment gives a track
} wf_score_nearest;
wf_status wf_score_nearest_compute(const wf_score_scene *scene, const wf_score_matches *matches, wf_score_nearest *out);

#endif
