// Truth and tracks side by side: rows grouped into scans. A scan is one distinct time of either side; times are
// compared as whole nanoseconds.
#ifndef WF_SCORE_SCENE_H
#define WF_SCORE_SCENE_H

#include <stddef.h>
#include <stdint.h>

#include "io/csv.h"
#include "tracks_file.h"

#define WF_SCORE_NONE UINT32_MAX

// One side (truths or tracks). Rows are ordered by time, then object.
typedef struct wf_score_side {
  size_t rows, objects;
  double *state;     // 6 per row: ECEF m, m/s
  uint32_t *object;  // of each row
  uint32_t *scan;    // of each row
  uint32_t *begin;  // objects + 1: the rows of object k in time order are order[begin[k]] … order[begin[k + 1] − 1]
  uint32_t *order;
} wf_score_side;

typedef struct wf_score_scan {
  int64_t time_ns;
  double time_s;
  uint32_t truth_first, truth_end, track_first, track_end;  // rows
} wf_score_scan;

typedef struct wf_score_scene {
  wf_score_side truth, track;
  long long *truth_id;   // per truth object, ascending
  uint32_t *track_line;  // per track row: its line in `tracks`
  const wf_score_tracks *tracks;
  wf_score_scan *scan;
  size_t scans;
} wf_score_scene;

// Takes the rows of both files; borrows `tracks`. A truth twice at one time is told through diag and left out; so is a
// track twice at one time, unless the later line is a revision or another sensor's, which then replaces the earlier.
// WF_ENOMEM.
wf_status wf_score_scene_build(const wf_csv_truth *truth, size_t count, const char *truth_path,
                               const wf_score_tracks *tracks, wf_diag *diag, wf_score_scene *out);
void wf_score_scene_free(wf_score_scene *scene);

// Ages by which errors are told apart: band b from WF_SCORE_BAND_S[b] to WF_SCORE_BAND_S[b + 1].
#define WF_SCORE_BANDS 4
extern const double WF_SCORE_BAND_S[WF_SCORE_BANDS + 1];

// Index of a truth object by its id; WF_SCORE_NONE when there is none.
uint32_t wf_score_truth_find(const wf_score_scene *scene, long long id);
// The row of a truth object in a scan; WF_SCORE_NONE when it has no state there.
uint32_t wf_score_truth_row(const wf_score_scene *scene, uint32_t scan, uint32_t truth);
// Seconds since the truth's first state.
double wf_score_age_s(const wf_score_scene *scene, uint32_t truth_row);

#endif
