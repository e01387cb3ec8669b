// The value of sharing, measured live: for every event, when each nation's own sensors alone would have known, and when
// this node knew with everything the partners released. "Shared" is the national picture; "alone" is own sensors only.
#ifndef WF_NODE_VALUE_H
#define WF_NODE_VALUE_H

#include "model/impact_area.h"
#include "model/track.h"

#define WF_VALUE_EVENTS_MAX 256
#define WF_VALUE_AREA_M 20000.0  // "first impact area": 95 % semi-major axis below this

// What one observer knew first. Times are the node's record time at which it was known; ns 0 = not yet.
typedef struct wf_value_entry {
  wf_time detected, tracked, launch_known, area_known, lost;
  wf_impact_area first_area;   // the first below WF_VALUE_AREA_M
  wf_impact_area latest;       // the newest prediction …
  wf_time latest_at;           // … and when it was known
} wf_value_entry;

typedef struct wf_value_event {
  uint64_t event;
  char label[WF_COMMON_NUMBER_SIZE];
  wf_value_entry shared;
  uint8_t nation_count;
  struct { wf_nation nation; bool own; wf_value_entry alone; } nation[WF_NATION_MAX];
} wf_value_event;

#endif
