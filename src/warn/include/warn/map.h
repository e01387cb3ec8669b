// Where an object may fall, as a map: a mixture of Gaussians over the ground. One part for a fall from a known state;
// several while the engine may still burn, or while it may glide instead of falling.
#ifndef WF_WARN_MAP_H
#define WF_WARN_MAP_H

#include "model/track.h"

enum { WF_IMPACT_PARTS_MAX = 10 };

typedef struct wf_impact_map {
  int count;  // 0: nothing is predicted
  struct wf_impact_part {
    double weight;  // all of them add up to 1, or to less when it may not come down at all
    wf_ground_ellipse area;
  } part[WF_IMPACT_PARTS_MAX];
} wf_impact_map;

// Falls alone: what warnings are made by.
void wf_warn_map_of_fall(const wf_common_track *track, wf_impact_map *out);
// With where it may glide: for people who decide. Nobody is warned by a glide that nobody has seen.
void wf_warn_map(const wf_common_track *track, wf_impact_map *out);

#endif
