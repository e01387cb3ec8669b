// The four files of the command line, on top of csv.c.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "io/csv.h"

#define SATELLITE_HEIGHT_M 1.0e6

typedef struct sensor_columns {
  int name, kind, lat, lon, h, sigma[3], sigma_rate, pd, clutter, box[6], period, range_max, el_min, bias[3];
} sensor_columns;

static sensor_columns find_sensor_columns(wf_csv *csv) {
  static const char *const sigma[3] = {"sigma_r_m", "sigma_az_rad", "sigma_el_rad"};
  static const char *const box[6] = {"r0", "r1", "az0", "az1", "el0", "el1"};
  static const char *const bias[3] = {"bias_sigma_r_m", "bias_sigma_az_rad", "bias_sigma_el_rad"};
  sensor_columns c = {
      .name = wf_csv_need(csv, "sensor"),
      .lat = wf_csv_need(csv, "lat_deg"),
      .lon = wf_csv_need(csv, "lon_deg"),
      .h = wf_csv_need(csv, "h_m"),
      .pd = wf_csv_need(csv, "pd"),
      .clutter = wf_csv_need(csv, "clutter_mean_per_scan"),
      .kind = wf_csv_column(csv, "kind"),
      .sigma_rate = wf_csv_column(csv, "sigma_range_rate_m_s"),
      .period = wf_csv_column(csv, "scan_period_s"),
      .range_max = wf_csv_column(csv, "r_max_m"),
      .el_min = wf_csv_column(csv, "el_min_rad"),
  };
  for (int i = 0; i < 3; i++) c.sigma[i] = wf_csv_need(csv, sigma[i]);
  for (int i = 0; i < 6; i++) c.box[i] = wf_csv_need(csv, box[i]);
  for (int i = 0; i < 3; i++) c.bias[i] = wf_csv_column(csv, bias[i]);
  return c;
}

static bool read_sensor_numbers(wf_csv *csv, const sensor_columns *c, wf_sensor *s) {
  double lat_deg, lon_deg;
  if (!wf_csv_number(csv, c->lat, &lat_deg) || !wf_csv_number(csv, c->lon, &lon_deg)) return false;
  s->lla.lat_rad = lat_deg * WF_DEG;
  s->lla.lon_rad = lon_deg * WF_DEG;
  static const double box_default[6] = {0.0, 2.0e6, 0.0, 2.0 * WF_PI, 0.0, 0.5 * WF_PI};
  bool ok = wf_csv_number_or(csv, c->h, 0.0, &s->lla.h_m) &&
            wf_csv_number_or(csv, c->pd, 0.9, &s->detection_probability) &&
            wf_csv_number_or(csv, c->clutter, 1.0, &s->clutter_mean_per_scan) &&
            wf_csv_number_or(csv, c->sigma[0], 0.0, &s->sigma_range_m) &&
            wf_csv_number_or(csv, c->sigma_rate, 0.0, &s->sigma_range_rate_m_s) &&
            wf_csv_number_or(csv, c->period, 0.0, &s->scan_period_s) &&
            wf_csv_number_or(csv, c->range_max, 0.0, &s->range_max_m) &&
            wf_csv_number_or(csv, c->el_min, 0.0, &s->el_min_rad) &&
            wf_csv_number_or(csv, c->bias[0], 0.0, &s->bias_sigma_range_m) &&
            wf_csv_number_or(csv, c->bias[1], 0.0, &s->bias_sigma_az_rad) &&
            wf_csv_number_or(csv, c->bias[2], 0.0, &s->bias_sigma_el_rad) &&
            wf_csv_number(csv, c->sigma[1], &s->sigma_az_rad) && wf_csv_number(csv, c->sigma[2], &s->sigma_el_rad);
  double box[6];
  for (int i = 0; ok && i < 6; i++) ok = wf_csv_number_or(csv, c->box[i], box_default[i], &box[i]);
  if (!ok) return false;
  memcpy(s->box_range_m, &box[0], sizeof s->box_range_m);
  memcpy(s->box_az_rad, &box[2], sizeof s->box_az_rad);
  memcpy(s->box_el_rad, &box[4], sizeof s->box_el_rad);
  return true;
}

// Each wrong value by its name; false when the sensor cannot be used.
static bool check_sensor(wf_csv *csv, wf_diag *diag, const wf_sensor *s) {
  const char *wrong = NULL;
  if (fabs(s->lla.lat_rad) > 0.5 * WF_PI)
    wrong = "lat_deg is not within -90..90";
  else if (fabs(s->lla.lon_rad) > 2.0 * WF_PI)
    wrong = "lon_deg is not within -360..360";
  else if (s->kind == WF_SENSOR_RADAR && !(s->sigma_range_m > 0.0))
    wrong = "sigma_r_m is not above 0";
  else if (!(s->sigma_az_rad > 0.0) || !(s->sigma_el_rad > 0.0))
    wrong = "sigma_az_rad or sigma_el_rad is not above 0";
  else if (s->sigma_az_rad > 0.5 || s->sigma_el_rad > 0.5)
    wrong = "angle sigmas above 0.5 rad (degrees for radians?)";
  else if (!(s->detection_probability > 0.0) || s->detection_probability > 1.0)
    wrong = "pd is not within 0..1";
  else if (s->clutter_mean_per_scan < 0.0)
    wrong = "clutter_mean_per_scan is negative";
  if (wrong == NULL) return true;
  wf_diag_say(diag, wf_csv_path(csv), wf_csv_line(csv), "sensor %s: %s", s->name, wrong);
  return false;
}

static bool read_sensor(wf_csv *csv, wf_diag *diag, const sensor_columns *c, wf_sensor *s) {
  *s = (wf_sensor){0};
  const char *name = wf_csv_text(csv, c->name), *kind = wf_csv_text(csv, c->kind);
  if (*name == '\0' || strlen(name) >= sizeof s->name) {
    wf_diag_say(diag, wf_csv_path(csv), wf_csv_line(csv), "sensor: a name of 1 to %d bytes is needed",
                WF_SENSOR_NAME_SIZE - 1);
    return false;
  }
  memcpy(s->name, name, strlen(name) + 1);
  if (*kind != '\0' && strcmp(kind, "radar") != 0 && strcmp(kind, "infrared") != 0) {
    wf_diag_say(diag, wf_csv_path(csv), wf_csv_line(csv), "kind: \"%.40s\" is neither radar nor infrared", kind);
    return false;
  }
  if (!read_sensor_numbers(csv, c, s)) return false;
  const bool infrared = *kind != '\0' ? *kind == 'i' : s->lla.h_m > SATELLITE_HEIGHT_M;
  s->kind = infrared ? WF_SENSOR_INFRARED : WF_SENSOR_RADAR;
  return check_sensor(csv, diag, s);
}

static int sensor_by_name(const wf_sensor *sensors, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(sensors[i].name, name) == 0) return (int)i;
  return -1;
}

size_t wf_csv_read_sensors(const char *path, wf_diag *diag, wf_sensor *out, size_t cap, wf_status *status) {
  wf_csv *csv = NULL;
  *status = wf_csv_open(path, diag, &csv);
  if (*status != WF_OK) return 0;
  const sensor_columns columns = find_sensor_columns(csv);
  size_t count = 0;
  while (wf_csv_next(csv)) {
    wf_sensor sensor;
    if (!read_sensor(csv, diag, &columns, &sensor)) continue;
    if (sensor_by_name(out, count, sensor.name) >= 0)
      wf_diag_say(diag, wf_csv_path(csv), wf_csv_line(csv), "sensor %s is there already", sensor.name);
    else if (count == cap)
      wf_diag_say(diag, wf_csv_path(csv), wf_csv_line(csv), "more than %zu sensors", cap);
    else
      out[count++] = sensor;
  }
  wf_csv_close(csv);
  return count;
}

wf_status wf_csv_plots_bind(wf_csv *csv, const wf_sensor *sensors, size_t sensor_count, wf_site *sites,
                            wf_csv_plots *out) {
  *out = (wf_csv_plots){
      .time = wf_csv_need(csv, "time_s"),
      .sensor = wf_csv_need(csv, "sensor"),
      .range = wf_csv_need(csv, "range_m"),
      .az = wf_csv_need(csv, "az_rad"),
      .el = wf_csv_need(csv, "el_rad"),
      .range_rate = wf_csv_column(csv, "range_rate_m_s"),
      .sigma = {wf_csv_column(csv, "sigma_r_m"), wf_csv_column(csv, "sigma_az_rad"),
                wf_csv_column(csv, "sigma_el_rad")},
      .sensors = sensors,
      .sensor_count = sensor_count,
      .sites = sites,
  };
  for (size_t i = 0; i < sensor_count; i++) wf_site_init(&sites[i], &sensors[i].lla);
  const bool complete = out->time >= 0 && out->sensor >= 0 && out->range >= 0 && out->az >= 0 && out->el >= 0;
  return complete ? WF_OK : WF_EFORMAT;
}

// Azimuth and elevation seen from the satellite, in the local frame at its place.
static void set_line(wf_plot *plot, const wf_site *site, double az_rad, double el_rad) {
  plot->kind = WF_PLOT_LOS;
  double sin_az, cos_az, sin_el, cos_el;
  wf_sincos(az_rad, &sin_az, &cos_az);
  wf_sincos(el_rad, &sin_el, &cos_el);
  const double enu[3] = {cos_el * sin_az, cos_el * cos_az, sin_el};
  for (int i = 0; i < 3; i++) {
    plot->los.origin_ecef_m[i] = site->pos_ecef_m[i];
    plot->los.unit_ecef[i] =
        site->enu_from_ecef[i] * enu[0] + site->enu_from_ecef[3 + i] * enu[1] + site->enu_from_ecef[6 + i] * enu[2];
  }
}

static bool read_own_sigmas(wf_csv *csv, const wf_csv_plots *bound, wf_plot *out) {
  double sigma[3];
  for (int i = 0; i < 3; i++)
    if (!wf_csv_number_or(csv, bound->sigma[i], 0.0, &sigma[i])) return false;
  const bool line = out->kind == WF_PLOT_LOS;
  if (line ? !(sigma[1] > 0.0) : !(sigma[0] > 0.0 && sigma[1] > 0.0 && sigma[2] > 0.0)) return true;
  out->flags |= WF_PLOT_HAS_SIGMAS;
  memcpy(out->sigma, sigma, sizeof sigma);
  if (line) out->sigma[0] = sigma[1];
  return true;
}

static bool read_plot(wf_csv *csv, const wf_csv_plots *bound, uint16_t index, wf_plot *out) {
  double time_s, az_rad, el_rad;
  *out = (wf_plot){.sensor = index, .kind = WF_PLOT_RADAR};
  if (!wf_csv_number(csv, bound->time, &time_s) || !wf_csv_number(csv, bound->az, &az_rad) ||
      !wf_csv_number(csv, bound->el, &el_rad))
    return false;
  out->time = wf_time_from_s(time_s);
  if (bound->sensors[index].kind == WF_SENSOR_INFRARED && *wf_csv_text(csv, bound->range) == '\0') {
    set_line(out, &bound->sites[index], az_rad, el_rad);
    return read_own_sigmas(csv, bound, out);
  }
  out->radar.az_rad = az_rad;
  out->radar.el_rad = el_rad;
  if (!wf_csv_number(csv, bound->range, &out->radar.range_m)) return false;
  if (!read_own_sigmas(csv, bound, out)) return false;
  if (*wf_csv_text(csv, bound->range_rate) == '\0') return true;
  out->flags |= WF_PLOT_HAS_RANGE_RATE;
  return wf_csv_number(csv, bound->range_rate, &out->radar.range_rate_m_s);
}

bool wf_csv_plots_next(wf_csv *csv, const wf_csv_plots *bound, wf_plot *out) {
  while (wf_csv_next(csv)) {
    const char *name = wf_csv_text(csv, bound->sensor);
    const int sensor = sensor_by_name(bound->sensors, bound->sensor_count, name);
    if (sensor < 0)
      wf_diag_say(wf_csv_diag(csv), wf_csv_path(csv), wf_csv_line(csv), "unknown sensor \"%.40s\"", name);
    else if (read_plot(csv, bound, (uint16_t)sensor, out))
      return true;
  }
  return false;
}

size_t wf_csv_read_infrared(const char *path, wf_diag *diag, wf_sensor *out, size_t count, size_t cap,
                            wf_status *status) {
  wf_csv *csv = NULL;
  *status = wf_csv_open(path, diag, &csv);
  if (*status != WF_OK) return count;
  const int name = wf_csv_need(csv, "sensor"), lat = wf_csv_need(csv, "lat_deg"), lon = wf_csv_need(csv, "lon_deg"),
            h = wf_csv_need(csv, "h_m"), sigma = wf_csv_need(csv, "sigma_rad"), pd = wf_csv_need(csv, "pd"),
            period = wf_csv_column(csv, "scan_period_s"), clutter = wf_csv_column(csv, "clutter_mean_per_scan");
  while (wf_csv_next(csv)) {
    wf_sensor s = {.kind = WF_SENSOR_INFRARED};
    const char *text = wf_csv_text(csv, name);
    double lat_deg, lon_deg;
    if (!wf_csv_number(csv, lat, &lat_deg) || !wf_csv_number(csv, lon, &lon_deg) ||
        !wf_csv_number(csv, h, &s.lla.h_m) || !wf_csv_number(csv, sigma, &s.sigma_az_rad) ||
        !wf_csv_number(csv, pd, &s.detection_probability) || !wf_csv_number_or(csv, period, 0.0, &s.scan_period_s) ||
        !wf_csv_number_or(csv, clutter, 0.0, &s.clutter_mean_per_scan))
      continue;
    s.lla.lat_rad = lat_deg * WF_DEG;
    s.lla.lon_rad = lon_deg * WF_DEG;
    s.sigma_el_rad = s.sigma_az_rad;
    snprintf(s.name, sizeof s.name, "%s", text);
    if (*text == '\0' || strlen(text) >= sizeof s.name || sensor_by_name(out, count, text) >= 0)
      wf_diag_say(diag, wf_csv_path(csv), wf_csv_line(csv), "sensor: \"%.40s\" is no new name", text);
    else if (count == cap)
      wf_diag_say(diag, wf_csv_path(csv), wf_csv_line(csv), "more than %zu sensors", cap);
    else if (check_sensor(csv, diag, &s))
      out[count++] = s;
  }
  wf_csv_close(csv);
  return count;
}

wf_status wf_csv_lines_bind(wf_csv *csv, const wf_sensor *sensors, size_t sensor_count, wf_csv_lines *out) {
  *out = (wf_csv_lines){
      .time = wf_csv_need(csv, "time_s"),
      .sensor = wf_csv_need(csv, "sensor"),
      .origin = {wf_csv_need(csv, "x_m"), wf_csv_need(csv, "y_m"), wf_csv_need(csv, "z_m")},
      .unit = {wf_csv_need(csv, "ux"), wf_csv_need(csv, "uy"), wf_csv_need(csv, "uz")},
      .sigma = wf_csv_column(csv, "sigma_rad"),
      .sensors = sensors,
      .sensor_count = sensor_count,
  };
  bool complete = out->time >= 0 && out->sensor >= 0;
  for (int i = 0; i < 3; i++) complete = complete && out->origin[i] >= 0 && out->unit[i] >= 0;
  return complete ? WF_OK : WF_EFORMAT;
}

static bool read_line_of_sight(wf_csv *csv, const wf_csv_lines *bound, uint16_t index, wf_plot *out) {
  double time_s, sigma_rad;
  *out = (wf_plot){.sensor = index, .kind = WF_PLOT_LOS};
  if (!wf_csv_number(csv, bound->time, &time_s) || !wf_csv_number_or(csv, bound->sigma, 0.0, &sigma_rad)) return false;
  out->time = wf_time_from_s(time_s);
  for (int i = 0; i < 3; i++)
    if (!wf_csv_number(csv, bound->origin[i], &out->los.origin_ecef_m[i]) ||
        !wf_csv_number(csv, bound->unit[i], &out->los.unit_ecef[i]))
      return false;
  if (sigma_rad > 0.0) {
    out->flags = WF_PLOT_HAS_SIGMAS;
    for (int i = 0; i < 3; i++) out->sigma[i] = sigma_rad;
  }
  return true;
}

bool wf_csv_lines_next(wf_csv *csv, const wf_csv_lines *bound, wf_plot *out) {
  while (wf_csv_next(csv)) {
    const char *name = wf_csv_text(csv, bound->sensor);
    const int sensor = sensor_by_name(bound->sensors, bound->sensor_count, name);
    if (sensor < 0)
      wf_diag_say(wf_csv_diag(csv), wf_csv_path(csv), wf_csv_line(csv), "unknown sensor \"%.40s\"", name);
    else if (read_line_of_sight(csv, bound, (uint16_t)sensor, out))
      return true;
  }
  return false;
}

// Doubles an array that is full. False when out of memory.
static bool grow(void **array, size_t item, size_t count, size_t *cap) {
  if (count < *cap) return true;
  const size_t wanted = *cap == 0 ? 1024 : 2 * *cap;
  void *bigger = realloc(*array, wanted * item);
  if (bigger == NULL) return false;
  *array = bigger;
  *cap = wanted;
  return true;
}

wf_status wf_csv_read_truth(const char *path, wf_diag *diag, wf_csv_truth **out, size_t *count) {
  static const char *const name[8] = {"time_s", "id", "x", "y", "z", "vx", "vy", "vz"};
  *out = NULL;
  *count = 0;
  wf_csv *csv = NULL;
  wf_status status = wf_csv_open(path, diag, &csv);
  if (status != WF_OK) return status;
  int column[8];
  for (int i = 0; i < 8; i++) {
    column[i] = wf_csv_need(csv, name[i]);
    if (column[i] < 0) status = WF_EFORMAT;
  }
  size_t cap = 0;
  while (status == WF_OK && wf_csv_next(csv)) {
    if (!grow((void **)out, sizeof **out, *count, &cap)) {
      status = WF_ENOMEM;
      break;
    }
    wf_csv_truth *row = &(*out)[*count];
    bool ok = wf_csv_number(csv, column[0], &row->time_s) && wf_csv_integer(csv, column[1], &row->id);
    for (int i = 0; ok && i < 6; i++) ok = wf_csv_number(csv, column[2 + i], &row->state[i]);
    if (ok) ++*count;
  }
  wf_csv_close(csv);
  return status;
}

wf_status wf_csv_read_impacts(const char *path, wf_diag *diag, wf_csv_impact **out, size_t *count) {
  *out = NULL;
  *count = 0;
  wf_csv *csv = NULL;
  wf_status status = wf_csv_open(path, diag, &csv);
  if (status != WF_OK) return status;
  const int id = wf_csv_need(csv, "id"), time = wf_csv_need(csv, "t_impact_s"), lat = wf_csv_need(csv, "lat_deg"),
            lon = wf_csv_need(csv, "lon_deg");
  if (id < 0 || time < 0 || lat < 0 || lon < 0) status = WF_EFORMAT;
  size_t cap = 0;
  while (status == WF_OK && wf_csv_next(csv)) {
    if (!grow((void **)out, sizeof **out, *count, &cap)) {
      status = WF_ENOMEM;
      break;
    }
    wf_csv_impact *row = &(*out)[*count];
    double lat_deg, lon_deg;
    if (!wf_csv_integer(csv, id, &row->id) || !wf_csv_number(csv, time, &row->time_s) ||
        !wf_csv_number(csv, lat, &lat_deg) || !wf_csv_number(csv, lon, &lon_deg))
      continue;
    row->lat_rad = lat_deg * WF_DEG;
    row->lon_rad = lon_deg * WF_DEG;
    ++*count;
  }
  wf_csv_close(csv);
  return status;
}
