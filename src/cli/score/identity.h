// Which truth each track is judged against.
//
// By label: at every report, each sensor that has plots at that very time votes with the label of the plot most
// plausible for the track's state: the least normalised distance (z − h(x))ᵀ R⁻¹ (z − h(x)), within the 99.9 % gate.
// The track's identity is its most frequent label over its whole life (clutter counts: such a track is false), whatever
// the distance. A change of identity is a change of the most frequent object among the votes of the last 10 s.
// By distance: the nearest truth of each scan within the cut-off.
#ifndef WF_SCORE_IDENTITY_H
#define WF_SCORE_IDENTITY_H

#include "detections.h"
#include "match.h"

#define WF_SCORE_IDENTITY_WINDOW_S 10.0

typedef struct wf_score_identity {
  bool by_label;
  uint32_t *target;                   // per track row: the truth row it is judged against, or WF_SCORE_NONE
  uint32_t *truth_of;                 // by label only. Per track object: its truth object, or WF_SCORE_NONE
  uint32_t identified, unidentified;  // tracks with an object as identity, and without (clutter, or no vote)
  uint32_t changes;
  double completeness;  // the share of truth states with a report of a track of that identity
  double ambiguity;     // how many such reports there are per such state; 1 of none
} wf_score_identity;

wf_status wf_score_identity_by_label(const wf_score_scene *scene, const wf_score_plots *plots, wf_score_identity *out);
wf_status wf_score_identity_nearest(const wf_score_scene *scene, const wf_score_matches *matches,
                                    wf_score_identity *out);
// The best assignment of each scan (match.h), whatever the labels say.
wf_status wf_score_identity_assigned(const wf_score_scene *scene, const wf_score_matches *matches,
                                     wf_score_identity *out);
void wf_score_identity_free(wf_score_identity *identity);

// The truth object a report is judged against, also when that has no state then (by label).
uint32_t wf_score_identity_truth(const wf_score_scene *scene, const wf_score_identity *identity, uint32_t track_row);

// How soon each truth that was detected at all has a track with its identity. By label only.
typedef struct wf_score_starts {
  uint32_t objects;             // with at least one detection
  uint32_t never;               // … without any track
  uint32_t within_three_scans;  // first report at most three scans after the first detection
  double mean_delay_s;          // of those with a track; NaN without any
} wf_score_starts;
wf_status wf_score_starts_compute(const wf_score_scene *scene, const wf_score_plots *plots,
                                  const wf_score_identity *identity, wf_score_starts *out);

#endif
