// What the CCSDS messages have in common (CCSDS 503.0-B-2, 502.0-B-3): times, numbers, and faults with a line.
#ifndef WF_SENSOR_CCSDS_H
#define WF_SENSOR_CCSDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/time.h"

#define WF_CCSDS_REASON_SIZE 160

typedef struct wf_ccsds_fault {
  unsigned line;  // 1, 2, …
  char reason[WF_CCSDS_REASON_SIZE];
} wf_ccsds_fault;

// "2005-160T20:15:00.25" or "2005-06-09T20:15:00.25", with or without Z: ns since 1970 as that clock counts, read as if
// it were UTC. Digits beyond ns are cut. WF_EFORMAT, WF_ETIME.
wf_status wf_ccsds_time(const char *text, wf_time *out);
// A decimal number, nothing else around it. WF_EFORMAT.
wf_status wf_ccsds_number(const char *text, double *out);

#endif
