// A sensor as its own nation knows it. Never leaves the nation.
#ifndef WF_MODEL_SENSOR_H
#define WF_MODEL_SENSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "geo/wgs84.h"
#include "model/nation.h"

#define WF_SENSOR_NAME_SIZE 32
#define WF_SENSOR_MAX 256  // per nation
#define WF_SENSOR_NONE UINT16_MAX

typedef enum wf_sensor_kind {
  WF_SENSOR_RADAR = 1, WF_SENSOR_INFRARED = 2,
  // What tells, instead of plots: another system's tracks, a warning service's launch reports, an agency's seismic events.
  WF_SENSOR_SYSTEM = 3, WF_SENSOR_SERVICE = 4, WF_SENSOR_SEISMIC = 5
} wf_sensor_kind;
const char *wf_sensor_kind_name(wf_sensor_kind kind);  // "radar", "infrared", "system", "service", "seismic"
bool wf_sensor_kind_parse(const char *text, wf_sensor_kind *out);

typedef struct wf_sensor {
  char name[WF_SENSOR_NAME_SIZE];
  wf_sensor_kind kind;
  wf_lla lla;                                  // radar site, or the (geostationary) satellite's fixed place
  double sigma_range_m, sigma_az_rad, sigma_el_rad;  // infrared: az and el are across-line angles, range unused
  double sigma_range_rate_m_s;                 // 0 = not measured
  double detection_probability;
  double clutter_mean_per_scan;                // uniform over the box below
  double box_range_m[2], box_az_rad[2], box_el_rad[2];  // where clutter falls, not coverage; az may start below 0
  // Optional knowledge; 0 = unknown.
  double scan_period_s, range_max_m, el_min_rad;
  double bias_sigma_range_m, bias_sigma_az_rad, bias_sigma_el_rad;
  // How it speaks when not in Watchfire's own report; all 0: it does not.
  struct wf_sensor_feed {
    bool asterix;                // sac and sic are its own
    uint8_t sac, sic;
    bool refraction;             // its elevations and ranges are apparent ones: correct them
    double clock_offset_s;       // of its clock from UTC, subtracted
    double max_age_s;            // older plots are stale (0 = 30)
    double sigma_height_m;       // of heights and flight levels it reports (0 = 200)
  } feed;
} wf_sensor;

#endif
