// plots.csv with plots_labels.csv: which plots are whose.
#ifndef WF_SCORE_DETECTIONS_H
#define WF_SCORE_DETECTIONS_H

#include "estimate/view.h"
#include "scene.h"

typedef struct wf_score_plot {
  wf_plot plot;
  uint32_t truth;  // object; WF_SCORE_NONE: clutter
} wf_score_plot;

typedef struct wf_score_plots {
  wf_sensor sensor[WF_SENSOR_MAX];
  wf_site site[WF_SENSOR_MAX];
  size_t sensors;
  wf_score_plot *plot;  // by time, then sensor
  size_t count, cap;
} wf_score_plots;

// Row n of the labels belongs to line n of the plots. Bad lines of any of the files, labels that are no truth's and
// plots without a label are told and left out. WF_EIO when a file cannot be opened, WF_EFORMAT when a column is missing
// (both told), WF_ENOMEM. Free in every case.
wf_status wf_score_plots_read(const char *sensors, const char *plots, const char *labels, const wf_score_scene *scene,
                              wf_diag *diag, wf_score_plots *out);
void wf_score_plots_free(wf_score_plots *plots);

// The plots of one time: count, and the first in *first.
size_t wf_score_plots_at(const wf_score_plots *plots, int64_t time_ns, size_t *first);
// How a plot was measured.
void wf_score_look(const wf_score_plots *plots, const wf_plot *plot, wf_view *view);

#endif
