// Nations and their sensors, from YAML. All sensors are notional.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "scenario_read.h"

#define WF_GEOSTATIONARY_HEIGHT_M 35786000.0

#define NUM(key, fallback, low, high, unit) wf_reading_number(r, base, #key, raw->key, fallback, low, high, unit)

static void wf_reading_timing(wf_reading *r, const char *base, const char *period, const char *phase,
                              const char *latency, double period_default_s, wf_scenario_sensor *out) {
  out->known.scan_period_s = wf_reading_number(r, base, "scan_period_s", period, period_default_s, 0.02, 600, 1);
  out->phase_s = wf_reading_number(r, base, "phase_s", phase, 0, 0, 600, 1);
  out->latency_s = wf_reading_number(r, base, "latency_s", latency, out->latency_s, 0, 100, 1);
}

static void wf_reading_outages(wf_reading *r, const char *base, const wf_yaml_span *spans, unsigned count,
                               wf_scenario_sensor *out) {
  char at[WF_YAML_PATH_SIZE + 16];
  for (unsigned i = 0; i < count; i++) {
    wf_scenario_span *span = &out->outage[out->outage_count++];
    snprintf(at, sizeof at, "%s.outages[%u]", base, i);
    span->from_s = wf_reading_number(r, at, "from_s", spans[i].from_s, 0, 0, 1e6, 1);
    span->to_s = wf_reading_number(r, at, "to_s", spans[i].to_s, 0, 0, 1e6, 1);
    if (span->from_s >= span->to_s) wf_reading_fail(r, at, "to_s", "must be later than from_s");
  }
}

static void wf_reading_bias(wf_reading *r, const char *base, const char *key, const wf_yaml_bias *raw, double low_sign,
                            double *range_m, double *az_rad, double *el_rad) {
  char at[WF_YAML_PATH_SIZE + 16];
  if (!raw) return;
  snprintf(at, sizeof at, "%s.%s", base, key);
  *range_m = wf_reading_number(r, at, "range_m", raw->range_m, 0, low_sign * 1e5, 1e5, 1);
  *az_rad = wf_reading_number(r, at, "az_mrad", raw->az_mrad, 0, low_sign * 100, 100, 1e-3);
  *el_rad = wf_reading_number(r, at, "el_mrad", raw->el_mrad, 0, low_sign * 100, 100, 1e-3);
}

static void wf_reading_box(wf_reading *r, const char *base, const wf_yaml_box *raw, wf_sensor *out) {
  char at[WF_YAML_PATH_SIZE + 16];
  if (!raw) return;
  snprintf(at, sizeof at, "%s.clutter_box", base);
  wf_reading_pair(r, at, "range_km", raw->range_km, 0, 1e5, 1e3, out->box_range_m);
  wf_reading_pair(r, at, "az_deg", raw->az_deg, -360, 360, WF_DEG, out->box_az_rad);
  wf_reading_pair(r, at, "el_deg", raw->el_deg, -90, 90, WF_DEG, out->box_el_rad);
  if (out->box_az_rad[1] - out->box_az_rad[0] > 2 * WF_PI + 1e-9) {
    wf_reading_fail(r, at, "az_deg", "spans more than a full turn");
  }
}

static void wf_reading_radar(wf_reading *r, const wf_yaml_radar *raw, const char *base, wf_scenario_sensor *out) {
  wf_sensor *known = &out->known;
  known->kind = WF_SENSOR_RADAR;
  wf_reading_name(r, base, "name", raw->name, known->name, sizeof known->name);
  known->lla.lat_rad = NUM(lat_deg, 0, -90, 90, WF_DEG);
  known->lla.lon_rad = NUM(lon_deg, 0, -180, 180, WF_DEG);
  known->lla.h_m = NUM(height_m, 0, -500, 20000, 1);
  known->sigma_range_m = NUM(sigma_range_m, 30, 0.01, 1e5, 1);
  known->sigma_az_rad = NUM(sigma_az_mrad, 1e-3, 1e-3, 200, 1e-3);
  known->sigma_el_rad = NUM(sigma_el_mrad, 1e-3, 1e-3, 200, 1e-3);
  known->sigma_range_rate_m_s = NUM(sigma_range_rate_m_s, 0, 1e-3, 1e4, 1);
  known->detection_probability = NUM(detection_probability, 0.9, 0, 1, 1);
  known->clutter_mean_per_scan = NUM(clutter_per_scan, 0, 0, 1e4, 1);
  known->range_max_m = NUM(range_max_km, 0, 1, 1e5, 1e3);
  known->el_min_rad = NUM(el_min_deg, 2 * WF_DEG, -10, 89, WF_DEG);
  out->range_min_m = NUM(range_min_km, 10e3, 0, 1e5, 1e3);
  if (out->range_min_m >= known->range_max_m) wf_reading_fail(r, base, "range_max_km", "must be beyond range_min_km");
  out->latency_s = 0.1;
  wf_reading_timing(r, base, raw->scan_period_s, raw->phase_s, raw->latency_s, 1, out);
  known->box_range_m[0] = out->range_min_m, known->box_range_m[1] = known->range_max_m;
  known->box_az_rad[0] = 0, known->box_az_rad[1] = 2 * WF_PI;
  known->box_el_rad[0] = known->el_min_rad, known->box_el_rad[1] = 0.5 * (known->el_min_rad + 0.5 * WF_PI);
  wf_reading_box(r, base, raw->clutter_box, known);
  wf_reading_bias(r, base, "bias", raw->bias, -1, &out->bias_range_m, &out->bias_az_rad, &out->bias_el_rad);
  wf_reading_bias(r, base, "bias_sigma", raw->bias_sigma, 0, &known->bias_sigma_range_m, &known->bias_sigma_az_rad,
                  &known->bias_sigma_el_rad);
  wf_reading_outages(r, base, raw->outages, raw->outages_count, out);
}

static void wf_reading_infrared(wf_reading *r, const wf_yaml_infrared *raw, const char *base, wf_scenario_sensor *out) {
  wf_sensor *known = &out->known;
  double unused = 0;
  known->kind = WF_SENSOR_INFRARED;
  wf_reading_name(r, base, "name", raw->name, known->name, sizeof known->name);
  known->lla = (wf_lla){0, NUM(lon_deg, 0, -180, 180, WF_DEG), WF_GEOSTATIONARY_HEIGHT_M};
  known->sigma_az_rad = known->sigma_el_rad = NUM(sigma_urad, 25e-6, 0.01, 1e5, 1e-6);
  known->detection_probability = NUM(detection_probability, 0.95, 0, 1, 1);
  known->clutter_mean_per_scan = NUM(clutter_per_scan, 0, 0, 1e4, 1);
  known->el_min_rad = -0.5 * WF_PI;
  out->first_seen_height_m = NUM(first_seen_height_km, 10e3, 0, 1e3, 1e3);
  out->latency_s = 1.0;
  wf_reading_timing(r, base, raw->scan_period_s, raw->phase_s, raw->latency_s, 2, out);
  wf_reading_box(r, base, raw->clutter_box, known);
  if (known->clutter_mean_per_scan > 0 &&
      (!raw->clutter_box || !raw->clutter_box->az_deg || !raw->clutter_box->el_deg)) {
    wf_reading_fail(r, base, "clutter_per_scan", "needs clutter_box with az_deg and el_deg");
  }
  wf_reading_bias(r, base, "bias", raw->bias, -1, &unused, &out->bias_az_rad, &out->bias_el_rad);
  wf_reading_outages(r, base, raw->outages, raw->outages_count, out);
}

static void wf_reading_unique_sensor(wf_reading *r, const char *base, const wf_scenario *s) {
  const char *name = s->sensor[s->sensor_count - 1].known.name;
  for (size_t i = 0; i + 1 < s->sensor_count; i++) {
    if (strcmp(s->sensor[i].known.name, name) == 0) wf_reading_fail(r, base, "name", "'%s' is used twice", name);
  }
}

static void wf_reading_one_nation(wf_reading *r, const wf_yaml_nation *raw, unsigned index, wf_scenario *s) {
  char base[WF_YAML_PATH_SIZE];
  wf_nation nation;
  uint16_t registry = 0;
  snprintf(base, sizeof base, "nations[%u]", index);
  if (wf_nation_parse(raw->nation, &nation)) {
    wf_reading_fail(r, base, "nation", "'%.40s' is not three capital letters", raw->nation);
  } else if (wf_scenario_nation_index(s, nation) >= 0) {
    wf_reading_fail(r, base, "nation", "%s is listed twice", nation.code);
  } else {
    s->nation[s->nation_count++] = nation;
  }
  for (unsigned i = 0; i < raw->radars_count + raw->infrared_count && !r->status; i++) {
    wf_scenario_sensor *sensor = &s->sensor[s->sensor_count++];
    sensor->nation = (uint16_t)index;
    sensor->registry = registry++;
    if (i < raw->radars_count) {
      snprintf(base, sizeof base, "nations[%u].radars[%u]", index, i);
      wf_reading_radar(r, &raw->radars[i], base, sensor);
    } else {
      unsigned k = i - raw->radars_count;
      snprintf(base, sizeof base, "nations[%u].infrared[%u]", index, k);
      wf_reading_infrared(r, &raw->infrared[k], base, sensor);
    }
    wf_reading_unique_sensor(r, base, s);
  }
}

void wf_reading_nations(wf_reading *r, const wf_yaml_scenario *raw, wf_scenario *s) {
  size_t total = 0;
  for (unsigned i = 0; i < raw->nations_count; i++) {
    size_t own = (size_t)raw->nations[i].radars_count + raw->nations[i].infrared_count;
    if (own > WF_SENSOR_MAX) wf_reading_fail(r, "nations", "", "more than %d sensors in one nation", WF_SENSOR_MAX);
    total += own;
  }
  if (total > WF_SCENARIO_SENSORS_MAX) {
    wf_reading_fail(r, "nations", "", "more than %d sensors", WF_SCENARIO_SENSORS_MAX);
  }
  if (r->status) return;
  s->sensor = calloc(total + 1, sizeof *s->sensor);
  if (!s->sensor) {
    r->status = WF_ENOMEM;
    return;
  }
  for (unsigned i = 0; i < raw->nations_count && !r->status; i++) {
    wf_reading_one_nation(r, &raw->nations[i], i, s);
  }
}
