#include "simulate_files.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"

static FILE *wf_open_below(const char *dir, const char *name, char path[1024]) {
  snprintf(path, 1024, "%s/%s", dir, name);
  FILE *file = fopen(path, "wb");
  if (!file) fprintf(stderr, "%s: %s\n", path, strerror(errno));
  return file;
}

static bool wf_close_written(FILE *file, const char *path) {
  bool bad = ferror(file) != 0;
  errno = 0;
  bad = fclose(file) != 0 || bad;
  if (bad) fprintf(stderr, "%s: %s\n", path, errno ? strerror(errno) : "cannot be written");
  return !bad;
}

// Milliseconds where they are exact, nanoseconds where not.
static void wf_print_time(FILE *file, int64_t ns) {
  if (ns % WF_NS_PER_MS == 0) {
    fprintf(file, "%lld.%03d", (long long)(ns / WF_NS_PER_S), (int)(ns % WF_NS_PER_S / WF_NS_PER_MS));
  } else {
    fprintf(file, "%lld.%09d", (long long)(ns / WF_NS_PER_S), (int)(ns % WF_NS_PER_S));
  }
}

static const char *wf_nation_of(const wf_scenario *scenario, const wf_scenario_sensor *sensor) {
  return scenario->nation[sensor->nation].code;
}

static void wf_print_radar(FILE *file, const wf_scenario *scenario, const wf_scenario_sensor *sensor) {
  const wf_sensor *k = &sensor->known;
  fprintf(file, "%s,%.9f,%.9f,%.1f,%.6g,%.6g,%.6g,%.6g,%.6g", k->name, k->lla.lat_rad / WF_DEG, k->lla.lon_rad / WF_DEG,
          k->lla.h_m, k->sigma_range_m, k->sigma_az_rad, k->sigma_el_rad, k->detection_probability,
          k->clutter_mean_per_scan);
  fprintf(file, ",%.6f,%.6f,%.6f,%.6f,%.6f,%.6f", k->box_range_m[0], k->box_range_m[1], k->box_az_rad[0],
          k->box_az_rad[1], k->box_el_rad[0], k->box_el_rad[1]);
  fprintf(file, ",%.6g,%.1f,%.6f,%.6g,%.6g,%.6g,%.6g,%s\n", k->scan_period_s, k->range_max_m, k->el_min_rad,
          k->bias_sigma_range_m, k->bias_sigma_az_rad, k->bias_sigma_el_rad, k->sigma_range_rate_m_s,
          wf_nation_of(scenario, sensor));
}

static void wf_print_infrared(FILE *file, const wf_scenario *scenario, const wf_scenario_sensor *sensor) {
  const wf_sensor *k = &sensor->known;
  fprintf(file, "%s,%s,%.9f,%.9f,%.1f,%.6g,%.6g,%.6g,%.1f,%.6g\n", k->name, wf_nation_of(scenario, sensor),
          k->lla.lat_rad / WF_DEG, k->lla.lon_rad / WF_DEG, k->lla.h_m, k->sigma_az_rad, k->scan_period_s,
          k->detection_probability, sensor->first_seen_height_m, k->clutter_mean_per_scan);
}

static bool wf_write_sensor_file(const char *dir, const char *name, const wf_scenario *scenario, wf_sensor_kind kind,
                                 const char *header,
                                 void (*print)(FILE *, const wf_scenario *, const wf_scenario_sensor *)) {
  char path[1024];
  FILE *file = wf_open_below(dir, name, path);
  if (!file) return false;
  fprintf(file, "%s\n", header);
  for (size_t i = 0; i < scenario->sensor_count; i++) {
    if (scenario->sensor[i].known.kind == kind) print(file, scenario, &scenario->sensor[i]);
  }
  return wf_close_written(file, path);
}

bool wf_write_sensors(const char *dir, const wf_scenario *scenario) {
  return wf_write_sensor_file(dir, "sensors.csv", scenario, WF_SENSOR_RADAR,
                              "sensor,lat_deg,lon_deg,h_m,sigma_r_m,sigma_az_rad,sigma_el_rad,pd,"
                              "clutter_mean_per_scan,r0,r1,az0,az1,el0,el1,scan_period_s,r_max_m,el_min_rad,"
                              "bias_sigma_r_m,bias_sigma_az_rad,bias_sigma_el_rad,sigma_range_rate_m_s,nation",
                              wf_print_radar) &&
         wf_write_sensor_file(dir, "infrared.csv", scenario, WF_SENSOR_INFRARED,
                              "sensor,nation,lat_deg,lon_deg,h_m,sigma_rad,scan_period_s,pd,first_seen_h_m,"
                              "clutter_mean_per_scan",
                              wf_print_infrared);
}

typedef struct wf_plot_files {
  FILE *plots, *labels, *los, *los_labels;
  bool rate;  // any radar measures range rate: one more column
} wf_plot_files;

static void wf_print_sensed(const wf_plot_files *files, const wf_scenario *scenario, const wf_sensed *sensed) {
  const wf_plot *p = &sensed->plot;
  bool radar = p->kind == WF_PLOT_RADAR;
  FILE *file = radar ? files->plots : files->los;
  wf_print_time(file, wf_time_diff_ns(p->time, scenario->start));
  fprintf(file, ",%s", scenario->sensor[sensed->sensor].known.name);
  if (radar) {
    fprintf(file, ",%.3f,%.8f,%.8f", p->radar.range_m, p->radar.az_rad, p->radar.el_rad);
    if (files->rate && (p->flags & WF_PLOT_HAS_RANGE_RATE)) fprintf(file, ",%.3f", p->radar.range_rate_m_s);
    if (files->rate && !(p->flags & WF_PLOT_HAS_RANGE_RATE)) fputc(',', file);
    fputc('\n', file);
  } else {
    const double *o = p->los.origin_ecef_m, *u = p->los.unit_ecef;
    fprintf(file, ",%.3f,%.3f,%.3f,%.12f,%.12f,%.12f,%.6g\n", o[0], o[1], o[2], u[0], u[1], u[2], p->sigma[0]);
  }
  fprintf(radar ? files->labels : files->los_labels, "%d\n", (int)sensed->object);
}

static void wf_count_sensed(const wf_scenario *scenario, const wf_sensed *sensed, wf_simulated_counts *counts) {
  bool radar = sensed->plot.kind == WF_PLOT_RADAR, clutter = sensed->object == WF_SENSING_CLUTTER;
  counts->radar_plots += radar;
  counts->radar_false += radar && clutter;
  counts->sight_lines += !radar;
  counts->sight_false += !radar && clutter;
  if (clutter) return;
  if (counts->by_sensor[sensed->sensor]++ == 0) {
    counts->first_s[sensed->sensor] = wf_time_diff_s(sensed->plot.time, scenario->start);
  }
}

static bool wf_any_range_rate(const wf_scenario *scenario) {
  for (size_t i = 0; i < scenario->sensor_count; i++) {
    if (scenario->sensor[i].known.sigma_range_rate_m_s > 0) return true;
  }
  return false;
}

static void wf_print_all_sensed(const wf_plot_files *files, const wf_scenario *scenario, wf_sensing *sensing,
                                wf_simulated_counts *counts) {
  wf_sensed sensed;
  fprintf(files->plots, "time_s,sensor,range_m,az_rad,el_rad%s\n", files->rate ? ",range_rate_m_s" : "");
  fprintf(files->labels, "label\n");
  fprintf(files->los, "time_s,sensor,x_m,y_m,z_m,ux,uy,uz,sigma_rad\n");
  fprintf(files->los_labels, "label\n");
  while (wf_sensing_next(sensing, &sensed)) {
    wf_print_sensed(files, scenario, &sensed);
    wf_count_sensed(scenario, &sensed, counts);
  }
}

bool wf_write_plots(const char *dir, const wf_scenario *scenario, const wf_truth *truth, wf_simulated_counts *counts) {
  static const char *const name[4] = {"plots.csv", "plots_labels.csv", "los.csv", "los_labels.csv"};
  char path[4][1024];
  FILE *file[4] = {0};
  wf_sensing *sensing = NULL;
  bool good = true;
  for (int i = 0; i < 4 && good; i++) good = (file[i] = wf_open_below(dir, name[i], path[i])) != NULL;
  if (good && wf_sensing_create(scenario, truth, -1, WF_SENSING_BY_TIME, &sensing)) {
    fprintf(stderr, "watchfire simulate: out of memory\n");
    good = false;
  }
  if (good) {
    const wf_plot_files files = {file[0], file[1], file[2], file[3], wf_any_range_rate(scenario)};
    wf_print_all_sensed(&files, scenario, sensing, counts);
  }
  for (int i = 0; i < 4; i++) {
    if (file[i]) good = wf_close_written(file[i], path[i]) && good;
  }
  wf_sensing_free(sensing);
  return good;
}

static int wf_compare_ns(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

// Every scan time of every sensor, once, in order; NULL when out of memory.
static int64_t *wf_all_scan_times(const wf_scenario *scenario, size_t *count) {
  size_t total = 0, kept = 0;
  for (size_t i = 0; i < scenario->sensor_count; i++) total += wf_sensing_scan_count(scenario, i);
  int64_t *ns = malloc((total + 1) * sizeof *ns);
  if (!ns) return NULL;
  *count = 0;
  for (size_t i = 0; i < scenario->sensor_count; i++) {
    size_t scans = wf_sensing_scan_count(scenario, i);
    for (size_t k = 0; k < scans; k++) ns[(*count)++] = wf_sensing_scan_time(scenario, i, k).ns;
  }
  qsort(ns, *count, sizeof *ns, wf_compare_ns);
  for (size_t i = 0; i < *count; i++) {
    if (i == 0 || ns[i] != ns[i - 1]) ns[kept++] = ns[i];
  }
  *count = kept;
  return ns;
}

static bool wf_anyone_covers(const wf_scenario *scenario, const wf_truth_state *state) {
  for (size_t i = 0; i < scenario->sensor_count; i++) {
    if (wf_sensing_covers(&scenario->sensor[i], state)) return true;
  }
  return false;
}

bool wf_write_truth(const char *dir, const wf_scenario *scenario, const wf_truth *truth) {
  char path[1024];
  size_t count = 0;
  int64_t *ns = wf_all_scan_times(scenario, &count);
  FILE *file = ns ? wf_open_below(dir, "truth.csv", path) : NULL;
  if (!file) {
    free(ns);
    return false;
  }
  fprintf(file, "time_s,id,x,y,z,vx,vy,vz\n");
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < wf_truth_count(truth); k++) {
      wf_truth_state s;
      if (wf_truth_at(truth, k, (wf_time){ns[i]}, &s) || !wf_anyone_covers(scenario, &s)) continue;
      wf_print_time(file, ns[i] - scenario->start.ns);
      fprintf(file, ",%zu,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f\n", k, s.state[0], s.state[1], s.state[2], s.state[3],
              s.state[4], s.state[5]);
    }
  }
  free(ns);
  return wf_close_written(file, path);
}

bool wf_write_impacts(const char *dir, const wf_scenario *scenario, const wf_truth *truth) {
  char path[1024];
  FILE *file = wf_open_below(dir, "impacts.csv", path);
  if (!file) return false;
  fprintf(file, "id,t_impact_s,lat_deg,lon_deg\n");
  for (size_t k = 0; k < wf_truth_count(truth); k++) {
    const wf_truth_object *o = wf_truth_object_at(truth, k);
    if (!o->has_impact) continue;
    fprintf(file, "%zu,%.4f,%.9f,%.9f\n", k, wf_time_diff_s(o->impact_time, scenario->start),
            o->impact_lat_rad / WF_DEG, o->impact_lon_rad / WF_DEG);
  }
  return wf_close_written(file, path);
}

static double wf_rounded(double value, double unit) {
  return wf_floor(value / unit + 0.5) * unit;
}

static json_t *wf_object_json(const wf_scenario *scenario, const wf_truth_object *o) {
  const wf_scenario_launch *launch = &scenario->launch[o->launch];
  json_t *json = json_object();
  json_object_set_new(json, "id", json_integer(o->id));
  json_object_set_new(json, "launch", json_string(launch->name));
  json_object_set_new(json, "piece", json_integer(o->piece));
  json_object_set_new(json, "begins_s", json_real(wf_time_diff_s(o->begins, scenario->start)));
  json_object_set_new(json, "thrust_ends_s", json_real(wf_time_diff_s(o->thrust_ends, scenario->start)));
  json_object_set_new(json, "launch_lat_deg", json_real(wf_rounded(launch->site.lat_rad / WF_DEG, 1e-9)));
  json_object_set_new(json, "launch_lon_deg", json_real(wf_rounded(launch->site.lon_rad / WF_DEG, 1e-9)));
  json_object_set_new(json, "apogee_m", json_real(wf_rounded(o->apogee_m, 0.1)));
  json_object_set_new(json, "range_m", o->has_impact ? json_real(wf_rounded(o->range_m, 0.1)) : json_null());
  json_object_set_new(json, "flight_s",
                      o->has_impact ? json_real(wf_time_diff_s(o->impact_time, o->begins)) : json_null());
  return json;
}

bool wf_write_meta(const char *dir, const wf_scenario *scenario, const wf_truth *truth) {
  char path[1024], start[WF_TIME_RFC3339_SIZE];
  FILE *file = wf_open_below(dir, "meta.json", path);
  if (!file) return false;
  json_t *meta = json_object(), *objects = json_array();
  json_object_set_new(meta, "scenario", json_string(scenario->name));
  json_object_set_new(meta, "title", json_string(scenario->title));
  json_object_set_new(meta, "start", json_string(wf_time_format(scenario->start, 3, start)));
  json_object_set_new(meta, "duration_s", json_real(scenario->duration_s));
  // 64 bits without a sign: more than a JSON number is sure to hold.
  json_object_set_new(meta, "seed", json_sprintf("%llu", (unsigned long long)scenario->seed));
  for (size_t k = 0; k < wf_truth_count(truth); k++) {
    json_array_append_new(objects, wf_object_json(scenario, wf_truth_object_at(truth, k)));
  }
  json_object_set_new(meta, "objects", objects);
  json_dumpf(meta, file, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
  fputc('\n', file);
  json_decref(meta);
  return wf_close_written(file, path);
}
