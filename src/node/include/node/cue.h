// Cues: from the common track to each own radar: when and where an object in free fall will come into its coverage, and
// the volume to search then. Pointing, not tracking: the state is carried along its mean, its covariance with it.
#ifndef WF_NODE_CUE_H
#define WF_NODE_CUE_H

#include "node/node.h"

typedef struct wf_cue {
  uint64_t track;                      // common number
  char label[WF_COMMON_NUMBER_SIZE];
  uint16_t sensor;                     // index among the node's sensors
  bool inside;                         // in coverage now
  wf_time enters, leaves;              // leaves ns 0: not within the horizon
  double range_m, az_rad, el_rad;      // at `enters`
  double sigma_range_m, sigma_az_rad, sigma_el_rad;
  double volume_m3;                    // of the box of 3 sigma either way
  double pos_ecef_m[3];
} wf_cue;

#define WF_CUE_HORIZON_S 3600.0

// By track, then sensor; radars with a stated reach only. An object under thrust, or known worse than 300 km, has none.
size_t wf_node_cues(const wf_node *node, wf_cue *out, size_t cap);
// One of them; false when the object does not come into coverage before it falls or the horizon ends.
bool wf_cue_of(const wf_common_track *track, const wf_sensor *sensor, bool vacuum, wf_cue *out);

#endif
