// What the files of `watchfire track` share: options, input, and the two ways to run (one nation; one per sensor).
#ifndef WF_CLI_TRACK_RUN_H
#define WF_CLI_TRACK_RUN_H

#include "diag.h"
#include "io/csv.h"
#include "track/tracker.h"
#include "track_output.h"

#define WF_TRACKS_MAX 8192
#define WF_SCAN_MAX 65536

typedef struct wf_track_options {
  const char *sensors, *plots, *output, *infrared, *los;
  wf_medium medium;
  double impact_every_s, lag_s, delay_s, guard_sigma_m, guard_hold_s;
  bool tentative, lost, stats, help, common, round_trip;
} wf_track_options;

// When each track's impact was last written.
typedef struct wf_impact_clock {
  struct wf_impact_told {
    uint64_t track;
    wf_time at;
  } * told;
  size_t count;
} wf_impact_clock;
// True every `every_s` per track, and remembers that. Old entries make room by age.
bool wf_impact_due(wf_impact_clock *clock, uint64_t track, wf_time at, double every_s);

typedef struct wf_track_run {
  wf_track_options opt;
  wf_diag diag;
  wf_sensor sensor[WF_SENSOR_MAX];
  wf_site site[WF_SENSOR_MAX];
  size_t sensors;
  FILE *out;
  wf_plot *scan;      // rows of one time
  const char **file;  // … and where they stood
  unsigned long *line;
  uint8_t *reject;
  size_t count;
  wf_impact_clock impacts;
} wf_track_run;

// How a scan is turned into lines. open: NULL when out of memory. `scan` processes run->scan and fills run->reject.
typedef struct wf_track_way {
  void *(*open)(const wf_track_run *run);
  void (*scan)(void *way, wf_track_run *run);
  void (*finish)(void *way, wf_track_run *run);
  void (*stats)(const void *way, wf_tracker_stats *out);
  void (*close)(void *way);
} wf_track_way;
extern const wf_track_way WF_TRACK_OWN, WF_TRACK_COMMON;

const char *wf_track_status(const wf_track_options *opt, uint8_t life);  // NULL: no line

#endif
