// Sensors as the tracker sees them: noise, false-alarm density, what they could see.
#include "geo/horizon.h"
#include "internal.h"

static double box_volume(const wf_sensor *s) {
  const double az = s->box_az_rad[1] - s->box_az_rad[0], el = s->box_el_rad[1] - s->box_el_rad[0];
  const double angles = (az > 0.0 ? az : 2.0 * WF_PI) * (el > 0.0 ? el : 0.5 * WF_PI);
  if (s->kind == WF_SENSOR_INFRARED) return az > 0.0 && el > 0.0 ? angles : 0.07;  // the Earth's disc from afar, sr
  const double range = s->box_range_m[1] - s->box_range_m[0];
  return angles * (range > 0.0 ? range : 1e6);
}

void wf_track_watcher_init(watcher *w, const wf_sensor *sensor) {
  *w = (watcher){.sensor = *sensor, .period_s = sensor->scan_period_s, .noise_factor = 1.0, .bias = -1};
  wf_site_init(&w->site, &sensor->lla);
  w->volume = box_volume(sensor);
  // No sensor is free of false plots; one in a thousand scans at least.
  const double mean = sensor->clutter_mean_per_scan > 1e-3 ? sensor->clutter_mean_per_scan : 1e-3;
  w->clutter_density = mean / w->volume;
  w->variance[0] = sensor->sigma_range_m * sensor->sigma_range_m;
  w->variance[1] = sensor->sigma_az_rad * sensor->sigma_az_rad;
  w->variance[2] = sensor->sigma_el_rad * sensor->sigma_el_rad;
  w->variance[3] = sensor->sigma_range_rate_m_s * sensor->sigma_range_rate_m_s;
}

void wf_track_look(const watcher *w, const wf_plot *plot, wf_view *view) {
  *view = (wf_view){.kind = plot->kind, .dim = 3, .site = &w->site};
  const bool own = plot->flags & WF_PLOT_HAS_SIGMAS;
  if (plot->kind == WF_PLOT_LOS) {
    view->dim = 2;
    for (int i = 0; i < 3; i++) view->origin_ecef_m[i] = plot->los.origin_ecef_m[i];
    const double own_variance = plot->sigma[0] * plot->sigma[0];
    for (int i = 0; i < 2; i++) view->variance[i] = own ? own_variance : w->variance[1 + i];
    return;
  }
  const double factor2 = w->noise_factor * w->noise_factor;  // already in those of the sensor
  for (int i = 0; i < 3; i++) view->variance[i] = own ? factor2 * plot->sigma[i] * plot->sigma[i] : w->variance[i];
  if ((plot->flags & WF_PLOT_HAS_RANGE_RATE) && w->variance[3] > 0.0) {
    view->dim = 4;
    view->variance[3] = w->variance[3];
  }
}

bool wf_track_could_see(const watcher *w, const double pos_ecef_m[3], uint8_t *why_not) {
  *why_not = WF_REASON_NONE;
  if (w->sensor.kind > WF_SENSOR_INFRARED) {  // it tells, it does not look
    *why_not = WF_REASON_OUT_OF_COVERAGE;
    return false;
  }
  if (w->sensor.kind == WF_SENSOR_INFRARED) {
    if (!wf_geo_line_of_sight(w->site.pos_ecef_m, pos_ecef_m, 0.0)) *why_not = WF_REASON_BELOW_HORIZON;
    return *why_not == WF_REASON_NONE;
  }
  double rae[3];
  wf_geo_rae_from_ecef(&w->site, pos_ecef_m, rae, NULL);
  if (rae[2] < w->sensor.el_min_rad)
    *why_not = WF_REASON_BELOW_HORIZON;
  else if (w->sensor.range_max_m > 0.0 && rae[0] > w->sensor.range_max_m)
    *why_not = WF_REASON_OUT_OF_COVERAGE;
  return *why_not == WF_REASON_NONE;
}

// An infrared satellite sees the flame, so only what is under thrust.
double wf_track_detection_probability(const watcher *w, int slot) {
  if (w->sensor.kind == WF_SENSOR_INFRARED && slot != SLOT_BOOST) return 1e-3;
  const double pd = w->sensor.detection_probability;
  return pd > 0.999 ? 0.999 : pd < 0.01 ? 0.01 : pd;
}
