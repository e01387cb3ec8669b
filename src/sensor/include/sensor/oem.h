// CCSDS Orbit Ephemeris Message 1.0 to 3.0 (CCSDS 502.0-B-3), KVN: text → segments, states, covariances, one by one.
// Strict, as sensor/tdm.h: what the standard does not have ends the reading with line and reason.
#ifndef WF_SENSOR_OEM_H
#define WF_SENSOR_OEM_H

#include "sensor/ccsds.h"

#define WF_OEM_WORD_SIZE 96

typedef struct wf_oem_segment {
  unsigned index;  // 0, 1, …
  char object_name[WF_OEM_WORD_SIZE], object_id[WF_OEM_WORD_SIZE], center[WF_OEM_WORD_SIZE], frame[WF_OEM_WORD_SIZE];
  bool utc;         // else times are what that clock shows
  bool earth_fixed; // about the Earth, in a frame that turns with it (ITRF…, WGS-84)
} wf_oem_segment;

typedef struct wf_oem_visitor {
  void *context;
  void (*segment)(void *context, const wf_oem_segment *segment);  // may be NULL, as the others
  void (*state)(void *context, const wf_oem_segment *segment, wf_time time, const double state[6], unsigned line);
  // covariance: upper triangle by rows, m and m/s; own_frame: it is stated in the segment's.
  void (*covariance)(void *context, const wf_oem_segment *segment, wf_time time, const double covariance[21],
                     bool own_frame, unsigned line);
} wf_oem_visitor;

// WF_EFORMAT and a fault; what was visited before it was good.
wf_status wf_oem_read(wf_bytes text, const wf_oem_visitor *visitor, wf_ccsds_fault *fault);

#endif
