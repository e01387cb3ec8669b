// One report of one sensor about one place in the sky.
#ifndef WF_MODEL_PLOT_H
#define WF_MODEL_PLOT_H

#include <stdint.h>

#include "base/time.h"

typedef enum wf_plot_kind {
  WF_PLOT_RADAR = 1,  // range, azimuth, elevation at the site (see geo/wgs84.h for the conventions)
  WF_PLOT_LOS = 2,    // line of sight from a known place: origin and unit vector in ECEF; no range
} wf_plot_kind;

enum { WF_PLOT_HAS_RANGE_RATE = 1, WF_PLOT_HAS_SIGMAS = 2 };  // wf_plot.flags

typedef struct wf_plot {
  wf_time time;        // of the measurement
  uint16_t sensor;     // index in the nation's sensor registry
  uint8_t kind;        // wf_plot_kind
  uint8_t flags;
  float intensity;     // infrared: relative; 0 = not given
  union {
    struct { double range_m, az_rad, el_rad, range_rate_m_s; } radar;
    struct { double origin_ecef_m[3], unit_ecef[3]; } los;
  };
  double sigma[3];     // WF_PLOT_HAS_SIGMAS: radar range m, az rad, el rad; LOS: [0] rad in both across directions
} wf_plot;

#endif
