// tracks.jsonl (docs/score.md): one JSON object a line. Every bad line or field is named with file and line and left
// out; the good rest is read. One line is in memory as JSON at a time; what is kept is some 250 bytes per line.
#ifndef WF_SCORE_TRACKS_FILE_H
#define WF_SCORE_TRACKS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "io/csv.h"

// Where and when a track's owner expects it to come down.
typedef struct wf_score_claim {
  double time_s, lat_rad, lon_rad;
  double semi_major_95_m, semi_minor_95_m, azimuth_rad;  // semi_major_95_m 0: no area given
} wf_score_claim;

typedef struct wf_score_line {
  int64_t time_ns;
  uint32_t track;   // index in name
  uint32_t sensor;  // hash of the sensor's name, 0 = none given
  uint32_t claim;   // index in claim, WF_SCORE_NONE = none
  unsigned long number;
  bool has_covariance, revised;
  double state[6];
  double covariance[21];  // upper triangle by rows
} wf_score_line;

typedef struct wf_score_tracks {
  char *path;
  wf_score_line *line;
  size_t count, cap;
  wf_score_claim *claim;
  size_t claims, claims_cap;
  char **name;
  size_t names, names_cap;
  size_t not_confirmed;  // lines with status tentative or lost: not scored
} wf_score_tracks;

// "-" is stdin. WF_EIO when it cannot be opened or read (told), WF_ENOMEM. Free in every case.
wf_status wf_score_tracks_read(const char *path, wf_diag *diag, wf_score_tracks *out);
// The same from an open file; name is for messages.
wf_status wf_score_tracks_parse(FILE *file, const char *name, wf_diag *diag, wf_score_tracks *out);
void wf_score_tracks_free(wf_score_tracks *tracks);

#endif
