#include "sim/sensing.h"

#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/rng.h"
#include "geo/horizon.h"

#define WF_SENSING_CLUTTER_RATE_M_S 4000.0  // false plots' range rate lies within ±this

typedef struct wf_sensing_sensor {
  const wf_scenario_sensor *about;
  uint16_t index;  // in wf_scenario.sensor
  wf_site site;
  wf_rng clutter;  // and the order within a scan
  wf_rng *target;  // one per object
  size_t scan, scan_count;
} wf_sensing_sensor;

struct wf_sensing {
  const wf_scenario *scenario;
  const wf_truth *truth;
  wf_sensing_order order;
  size_t sensor_count;
  wf_sensing_sensor *sensor;
  wf_rng *targets;  // of all sensors
  wf_sensed *scan;  // the plots of the scan being handed out
  size_t scan_size, scan_room, scan_given;
};

static uint64_t wf_sensing_label(const char *name, uint64_t object) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);  // FNV-1a, 64 bits
  for (; *name; name++) h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
  for (int i = 0; i < 8; i++) h = (h ^ ((object >> (8 * i)) & 0xff)) * UINT64_C(0x100000001b3);
  return h;
}

size_t wf_sensing_scan_count(const wf_scenario *scenario, size_t sensor) {
  const wf_scenario_sensor *about = &scenario->sensor[sensor];
  int64_t left_ns = wf_ns_from_s(scenario->duration_s) - wf_ns_from_s(about->phase_s);
  return left_ns < 0 ? 0 : (size_t)(left_ns / wf_ns_from_s(about->known.scan_period_s)) + 1;
}

wf_time wf_sensing_scan_time(const wf_scenario *scenario, size_t sensor, size_t scan) {
  const wf_scenario_sensor *about = &scenario->sensor[sensor];
  return wf_time_add_ns(scenario->start,
                        wf_ns_from_s(about->phase_s) + (int64_t)scan * wf_ns_from_s(about->known.scan_period_s));
}

static bool wf_sensing_radar_covers(const wf_scenario_sensor *about, const wf_site *site, const wf_truth_state *state,
                                    const double rae[3]) {
  if (rae[0] < about->range_min_m || rae[0] > about->known.range_max_m || rae[2] < about->known.el_min_rad)
    return false;
  // Above the site's tangent plane nothing of the Earth can stand between.
  return rae[2] >= 0 || wf_geo_line_of_sight(site->pos_ecef_m, state->state, 0);
}

static bool wf_sensing_infrared_covers(const wf_scenario_sensor *about, const wf_site *site,
                                       const wf_truth_state *state) {
  return state->thrusting && state->height_m >= about->first_seen_height_m &&
         wf_geo_line_of_sight(site->pos_ecef_m, state->state, 0);
}

bool wf_sensing_covers(const wf_scenario_sensor *sensor, const wf_truth_state *state) {
  wf_site site;
  double rae[3];
  wf_site_init(&site, &sensor->known.lla);
  if (sensor->known.kind == WF_SENSOR_INFRARED) return wf_sensing_infrared_covers(sensor, &site, state);
  wf_geo_rae_from_ecef(&site, state->state, rae, NULL);
  return wf_sensing_radar_covers(sensor, &site, state, rae);
}

static bool wf_sensing_out(const wf_sensing *sensing, const wf_scenario_sensor *about, wf_time time) {
  double t_s = wf_time_diff_s(time, sensing->scenario->start);
  for (int i = 0; i < about->outage_count; i++) {
    if (t_s >= about->outage[i].from_s && t_s < about->outage[i].to_s) return true;
  }
  return false;
}

// Angles back into their ranges: beyond the zenith a beam looks the other way.
static void wf_sensing_fold(double *az_rad, double *el_rad) {
  if (*el_rad > 0.5 * WF_PI) {
    *el_rad = WF_PI - *el_rad;
    *az_rad += WF_PI;
  }
  *az_rad = wf_wrap_2pi(*az_rad);
}

static void wf_sensing_radar_plot(const wf_sensing_sensor *s, const double rae[3], double range_rate_m_s,
                                  wf_plot *plot) {
  const wf_sensor *known = &s->about->known;
  plot->kind = WF_PLOT_RADAR;
  plot->flags = WF_PLOT_HAS_SIGMAS | (known->sigma_range_rate_m_s > 0 ? WF_PLOT_HAS_RANGE_RATE : 0);
  plot->radar.range_m = rae[0];
  plot->radar.az_rad = rae[1];
  plot->radar.el_rad = rae[2];
  plot->radar.range_rate_m_s = known->sigma_range_rate_m_s > 0 ? range_rate_m_s : 0;
  wf_sensing_fold(&plot->radar.az_rad, &plot->radar.el_rad);
  plot->sigma[0] = known->sigma_range_m;
  plot->sigma[1] = known->sigma_az_rad;
  plot->sigma[2] = known->sigma_el_rad;
}

static void wf_sensing_los_plot(const wf_sensing_sensor *s, const double unit[3], wf_plot *plot) {
  plot->kind = WF_PLOT_LOS;
  plot->flags = WF_PLOT_HAS_SIGMAS;
  memcpy(plot->los.origin_ecef_m, s->site.pos_ecef_m, sizeof plot->los.origin_ecef_m);
  memcpy(plot->los.unit_ecef, unit, sizeof plot->los.unit_ecef);
  plot->sigma[0] = s->about->known.sigma_az_rad;
}

static bool wf_sensing_radar_target(wf_sensing_sensor *s, wf_rng *rng, const wf_truth_state *state, wf_plot *plot) {
  const wf_scenario_sensor *about = s->about;
  double rae[3], noise[4];
  wf_geo_rae_from_ecef(&s->site, state->state, rae, NULL);
  if (!wf_sensing_radar_covers(about, &s->site, state, rae)) return false;
  bool detected = wf_rng_uniform(rng) < about->known.detection_probability;
  for (int i = 0; i < 4; i++) noise[i] = wf_rng_normal(rng);
  double rate_m_s = wf_geo_range_rate_m_s(&s->site, state->state, state->state + 3, NULL);
  rae[0] += about->bias_range_m + about->known.sigma_range_m * noise[0];
  rae[1] += about->bias_az_rad + about->known.sigma_az_rad * noise[1];
  rae[2] += about->bias_el_rad + about->known.sigma_el_rad * noise[2];
  wf_sensing_radar_plot(s, rae, rate_m_s + about->known.sigma_range_rate_m_s * noise[3], plot);
  return detected && rae[0] > 0;
}

static void wf_sensing_normalise(double v[3]) {
  double size = wf_sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  for (int i = 0; i < 3; i++) v[i] /= size;
}

static bool wf_sensing_infrared_target(wf_sensing_sensor *s, wf_rng *rng, const wf_truth_state *state, wf_plot *plot) {
  const wf_scenario_sensor *about = s->about;
  if (!wf_sensing_infrared_covers(about, &s->site, state)) return false;
  bool detected = wf_rng_uniform(rng) < about->known.detection_probability;
  double across = about->bias_az_rad + about->known.sigma_az_rad * wf_rng_normal(rng);  // along east-west
  double up = about->bias_el_rad + about->known.sigma_el_rad * wf_rng_normal(rng);
  double u[3], e1[3], e2[3];
  for (int i = 0; i < 3; i++) u[i] = state->state[i] - s->site.pos_ecef_m[i];
  wf_sensing_normalise(u);
  // East-west and north-south across the line; a geostationary satellite never looks along the Earth's axis.
  e1[0] = -u[1], e1[1] = u[0], e1[2] = 0;
  wf_sensing_normalise(e1);
  e2[0] = u[1] * e1[2] - u[2] * e1[1], e2[1] = u[2] * e1[0] - u[0] * e1[2], e2[2] = u[0] * e1[1] - u[1] * e1[0];
  for (int i = 0; i < 3; i++) u[i] += across * e1[i] + up * e2[i];
  wf_sensing_normalise(u);
  wf_sensing_los_plot(s, u, plot);
  return detected;
}

static wf_sensed *wf_sensing_append(wf_sensing *sensing, const wf_sensing_sensor *s, wf_time time, int32_t object) {
  if (sensing->scan_size == sensing->scan_room) return NULL;
  wf_sensed *out = &sensing->scan[sensing->scan_size++];
  *out = (wf_sensed){.plot = {.time = time, .sensor = s->about->registry},
                     .nation = s->about->nation,
                     .sensor = s->index,
                     .object = object,
                     .arrival = wf_time_add_s(time, s->about->latency_s)};
  return out;
}

static void wf_sensing_clutter(wf_sensing *sensing, wf_sensing_sensor *s, wf_time time) {
  const wf_sensor *known = &s->about->known;
  unsigned count = known->clutter_mean_per_scan > 0 ? wf_rng_poisson(&s->clutter, known->clutter_mean_per_scan) : 0;
  for (unsigned i = 0; i < count; i++) {
    double rae[3], far[3];
    rae[0] = wf_rng_between(&s->clutter, known->box_range_m[0], known->box_range_m[1]);
    rae[1] = wf_rng_between(&s->clutter, known->box_az_rad[0], known->box_az_rad[1]);
    rae[2] = wf_rng_between(&s->clutter, known->box_el_rad[0], known->box_el_rad[1]);
    double rate_m_s = wf_rng_between(&s->clutter, -WF_SENSING_CLUTTER_RATE_M_S, WF_SENSING_CLUTTER_RATE_M_S);
    wf_sensed *out = wf_sensing_append(sensing, s, time, WF_SENSING_CLUTTER);
    if (!out) return;
    if (known->kind == WF_SENSOR_RADAR) {
      wf_sensing_radar_plot(s, rae, rate_m_s, &out->plot);
    } else {
      rae[0] = 1e7;  // any point on the line
      wf_geo_ecef_from_rae(&s->site, rae, far, NULL);
      for (int k = 0; k < 3; k++) far[k] -= s->site.pos_ecef_m[k];
      wf_sensing_normalise(far);
      wf_sensing_los_plot(s, far, &out->plot);
    }
  }
}

// So that a plot's place in its scan says nothing about what it is.
static void wf_sensing_shuffle(wf_sensing *sensing, wf_sensing_sensor *s) {
  for (size_t i = sensing->scan_size; i > 1; i--) {
    size_t j = (size_t)wf_rng_below(&s->clutter, i);
    wf_sensed swap = sensing->scan[i - 1];
    sensing->scan[i - 1] = sensing->scan[j];
    sensing->scan[j] = swap;
  }
}

static void wf_sensing_do_scan(wf_sensing *sensing, wf_sensing_sensor *s) {
  wf_time time = wf_sensing_scan_time(sensing->scenario, s->index, s->scan++);
  sensing->scan_size = sensing->scan_given = 0;
  for (size_t k = 0; k < wf_truth_count(sensing->truth); k++) {
    wf_truth_state state;
    wf_plot plot = {0};
    if (wf_truth_at(sensing->truth, k, time, &state)) continue;
    bool seen = s->about->known.kind == WF_SENSOR_RADAR ? wf_sensing_radar_target(s, &s->target[k], &state, &plot)
                                                        : wf_sensing_infrared_target(s, &s->target[k], &state, &plot);
    wf_sensed *out = seen ? wf_sensing_append(sensing, s, time, (int32_t)k) : NULL;
    if (!out) continue;
    plot.time = time;
    plot.sensor = s->about->registry;
    out->plot = plot;
  }
  wf_sensing_clutter(sensing, s, time);
  wf_sensing_shuffle(sensing, s);
  if (wf_sensing_out(sensing, s->about, time)) sensing->scan_size = 0;  // dice thrown all the same
}

// The sensor whose next scan comes first, or NULL when all are done.
static wf_sensing_sensor *wf_sensing_first(wf_sensing *sensing) {
  wf_sensing_sensor *first = NULL;
  int64_t first_ns = 0;
  for (size_t i = 0; i < sensing->sensor_count; i++) {
    wf_sensing_sensor *s = &sensing->sensor[i];
    if (s->scan >= s->scan_count) continue;
    wf_time time = wf_sensing_scan_time(sensing->scenario, s->index, s->scan);
    if (sensing->order == WF_SENSING_BY_ARRIVAL) time = wf_time_add_s(time, s->about->latency_s);
    if (!first || time.ns < first_ns) {
      first = s;
      first_ns = time.ns;
    }
  }
  return first;
}

bool wf_sensing_next(wf_sensing *sensing, wf_sensed *out) {
  while (sensing->scan_given == sensing->scan_size) {
    wf_sensing_sensor *s = wf_sensing_first(sensing);
    if (!s) return false;
    wf_sensing_do_scan(sensing, s);
  }
  *out = sensing->scan[sensing->scan_given++];
  return true;
}

static void wf_sensing_add_sensor(wf_sensing *sensing, size_t index) {
  const wf_scenario *scenario = sensing->scenario;
  size_t objects = wf_truth_count(sensing->truth);
  wf_sensing_sensor *s = &sensing->sensor[sensing->sensor_count];
  s->about = &scenario->sensor[index];
  s->index = (uint16_t)index;
  s->target = sensing->targets + sensing->sensor_count * objects;
  s->scan_count = wf_sensing_scan_count(scenario, index);
  wf_site_init(&s->site, &s->about->known.lla);
  wf_rng_seed_stream(&s->clutter, scenario->seed, wf_sensing_label(s->about->known.name, 0));
  for (size_t k = 0; k < objects; k++) {
    wf_rng_seed_stream(&s->target[k], scenario->seed, wf_sensing_label(s->about->known.name, k + 1));
  }
  double mean = s->about->known.clutter_mean_per_scan;
  size_t room = objects + (size_t)(mean + 12 * wf_sqrt(mean)) + 32;
  if (room > sensing->scan_room) sensing->scan_room = room;
  sensing->sensor_count++;
}

wf_status wf_sensing_create(const wf_scenario *scenario, const wf_truth *truth, int nation, wf_sensing_order order,
                            wf_sensing **out) {
  wf_sensing *sensing = calloc(1, sizeof *sensing);
  *out = NULL;
  if (!sensing) return WF_ENOMEM;
  sensing->scenario = scenario;
  sensing->truth = truth;
  sensing->order = order;
  sensing->sensor = calloc(scenario->sensor_count + 1, sizeof *sensing->sensor);
  sensing->targets = calloc(scenario->sensor_count * wf_truth_count(truth) + 1, sizeof *sensing->targets);
  for (size_t i = 0; sensing->sensor && sensing->targets && i < scenario->sensor_count; i++) {
    if (nation < 0 || scenario->sensor[i].nation == nation) wf_sensing_add_sensor(sensing, i);
  }
  sensing->scan = calloc(sensing->scan_room + 1, sizeof *sensing->scan);
  if (!sensing->sensor || !sensing->targets || !sensing->scan) {
    wf_sensing_free(sensing);
    return WF_ENOMEM;
  }
  *out = sensing;
  return WF_OK;
}

void wf_sensing_free(wf_sensing *sensing) {
  if (!sensing) return;
  free(sensing->sensor);
  free(sensing->targets);
  free(sensing->scan);
  free(sensing);
}
