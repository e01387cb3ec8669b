// A TDM in place of plots.csv.
#ifndef WF_CLI_TRACK_TDM_H
#define WF_CLI_TRACK_TDM_H

#include "sensor/tdm_plots.h"
#include "track_run.h"

typedef struct wf_track_tdm {
  wf_tdm_plot *plot;  // NULL: the file is none
  size_t count, at;
} wf_track_tdm;

// WF_ENOTFOUND: the file is no TDM (or standard input): it is for the CSV reader. Else what is wrong was said.
wf_status wf_track_tdm_open(wf_track_run *run, const char *path, bool round_trip, wf_track_tdm *out);

#endif
