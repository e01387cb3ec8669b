// What others told, as told.c and seismic.c keep it.
#ifndef WF_NODE_TOLD_H
#define WF_NODE_TOLD_H

#include "core.h"
#include "wire/limits.h"

enum { TOLD_OBJECTS_MAX = 512, TOLD_NONE = UINT16_MAX };

// An object of another system, or a launch that a service numbers.
typedef struct told_object {
  bool used, lost;
  uint16_t sensor;
  uint64_t number, object;  // theirs, and the name under which it is told
  wf_time first, last, sent;
  double pos_ecef_m[3];
  wf_launch_area launch;
} told_object;

struct told_state {
  wf_told_counts counts;
  uint64_t names;  // given so far
  told_object object[TOLD_OBJECTS_MAX];
  wf_report_view report[WF_NODE_REPORTS_MAX];  // a ring
  uint64_t reports;
  wf_seismic_view seismic[WF_NODE_SEISMIC_MAX];
  uint32_t seismic_count;
  wf_system_track tracks[WF_REPORT_TRACKS_MAX];  // scratch of one report
  wf_launch_report launches[WF_REPORT_LAUNCHES_MAX];
  wf_seismic_event events[WF_REPORT_SEISMIC_MAX];
};

#endif
