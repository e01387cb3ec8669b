// A TDM's ranges and angles → plots of registered radars. The station is the participant that the signal's path ends at;
// it must be a sensor's name. Only what makes a plot: range, azimuth and elevation (ANGLE_TYPE AZEL) of one time, in UTC.
#ifndef WF_SENSOR_TDM_PLOTS_H
#define WF_SENSOR_TDM_PLOTS_H

#include "model/plot.h"
#include "sensor/report.h"
#include "sensor/tdm.h"

typedef struct wf_tdm_plot {
  wf_plot plot;
  unsigned line;  // of its range
} wf_tdm_plot;

typedef struct wf_tdm_plots {
  const wf_sensor_registry *registry;
  bool round_trip;    // RANGE is the whole path of the signal, there and back
  wf_tdm_plot *plot;  // the caller's room
  size_t count, cap;
  // What gives no plot, one line for a person; may be NULL.
  void *context;
  void (*refused)(void *context, unsigned line, const char *text);
} wf_tdm_plots;

// Plots in the order of their segments. A segment whose plots approach or recede faster than anything near the Earth can
// is refused as a whole. WF_EFORMAT and a fault: the message is malformed, what came before counts.
wf_status wf_tdm_plots_read(wf_bytes text, wf_tdm_plots *out, wf_ccsds_fault *fault);

#endif
