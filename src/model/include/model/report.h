// What others found out and tell: tracks of another system, launches that a service or a person reports. Not plots.
#ifndef WF_MODEL_REPORT_H
#define WF_MODEL_REPORT_H

#include "model/impact_area.h"

// One object as another system holds it at one time.
typedef struct wf_system_track {
  wf_time time;
  uint64_t number;        // that system's own, the same for the same object
  double state[6];        // ECEF m, m/s
  double covariance[21];  // upper triangle by rows
  uint8_t phase;          // wf_phase
  uint8_t ended;          // that system drops it
} wf_system_track;

typedef struct wf_launch_report {
  uint64_t number;  // the reporter's own, the same for the same launch
  wf_launch_area launch;
} wf_launch_report;

#endif
