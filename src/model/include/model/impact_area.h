// Ground areas with their uncertainty, as every record and screen states them.
#ifndef WF_MODEL_IMPACT_AREA_H
#define WF_MODEL_IMPACT_AREA_H

#include <stdbool.h>

#include "base/time.h"

// A 95 % ellipse on WGS-84 height 0 (χ²₂ = 5.991), azimuth of the major axis clockwise from north.
typedef struct wf_ground_ellipse { double lat_rad, lon_rad, semi_major_95_m, semi_minor_95_m, azimuth_rad; } wf_ground_ellipse;

typedef struct wf_impact_area {
  bool valid;
  uint8_t reason;  // wf_impact_reason of motion/impact.h when not valid
  wf_time time;
  double time_sigma_s;
  wf_ground_ellipse area;
} wf_impact_area;

typedef struct wf_launch_area {
  bool valid;
  wf_time time;
  double time_sigma_s;
  wf_ground_ellipse area;
} wf_launch_area;

#endif
