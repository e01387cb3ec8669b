// One JSON line per track and scan time, as interfaces.md fixes it.
#ifndef WF_CLI_TRACK_OUTPUT_H
#define WF_CLI_TRACK_OUTPUT_H

#include <stdio.h>

#include "model/track.h"

typedef struct wf_track_line {
  double time_s;
  uint64_t track;
  const char *sensor;  // NULL: null
  const char *status;
  const double *state, *covariance;
  uint8_t phase;
  const wf_impact_area *impact;     // NULL: left out
  const char *const *contributors;  // with count; NULL: left out
  int contributor_count;
  bool revised;
  uint32_t group, group_count;  // objects not told apart for sure; left out when 0
} wf_track_line;

void wf_track_line_print(FILE *out, const wf_track_line *line);

#endif
