// Commonality: how much two participants' pictures are one. Tracks go by name, nothing by place: a common picture says
// the same number of the same thing everywhere.
#ifndef WF_SCORE_COMMON_H
#define WF_SCORE_COMMON_H

#include <jansson.h>

#include "tracks_file.h"

typedef struct wf_score_common {
  size_t scans;          // times at which both report anything
  size_t here, there;    // reports of tracks at those times, in either
  size_t both;           // of a track that both report then
  size_t identical;      // … with the same state, to the last bit
  double sum_m, most_m;  // distances of the positions of `both`
} wf_score_common;

// WF_ENOMEM.
wf_status wf_score_common_compute(const wf_score_tracks *here, const wf_score_tracks *there, wf_score_common *out);
json_t *wf_score_common_report(const wf_score_common *c);

#endif
