#include "sim/feeder.h"

#include <stdlib.h>
#include <string.h>

#include "warn/areas.h"
#include "wire/codec.h"

enum { PLOTS_MAX = 2048, DATAGRAM_MAX = 256 * 1024 };

struct wf_feeder {
  const wf_scenario *scenario;
  wf_mode mode;
  wf_sensing *sensing;
  wf_sensed ahead;  // the plot not yet put in a datagram
  bool has_ahead;
  size_t *next_scan;  // per sensor
  uint64_t *sequence;
  wf_plot plots[PLOTS_MAX];
  uint8_t datagram[DATAGRAM_MAX];
};

static bool is_out(const wf_scenario *scenario, const wf_scenario_sensor *sensor, wf_time scan) {
  const double at_s = wf_time_diff_s(scan, scenario->start);
  for (int i = 0; i < sensor->outage_count; i++)
    if (at_s >= sensor->outage[i].from_s && at_s < sensor->outage[i].to_s) return true;
  return false;
}

// The next scan of all sensors by arrival; equal arrivals in the order of the scenario, as wf_sensing_next gives them.
static bool next_scan(const wf_feeder *f, size_t *sensor, wf_time *scan, wf_time *arrival) {
  bool found = false;
  for (size_t i = 0; i < f->scenario->sensor_count; i++) {
    if (f->next_scan[i] >= wf_sensing_scan_count(f->scenario, i)) continue;
    const wf_time at = wf_sensing_scan_time(f->scenario, i, f->next_scan[i]);
    const wf_time heard = wf_time_add_s(at, f->scenario->sensor[i].latency_s);
    if (found && !wf_time_before(heard, *arrival)) continue;
    found = true;
    *sensor = i;
    *scan = at;
    *arrival = heard;
  }
  return found;
}

static size_t collect(wf_feeder *f, size_t sensor, wf_time scan) {
  size_t count = 0;
  while (f->has_ahead && f->ahead.sensor == sensor && f->ahead.plot.time.ns == scan.ns) {
    if (count < PLOTS_MAX) f->plots[count++] = f->ahead.plot;
    f->has_ahead = wf_sensing_next(f->sensing, &f->ahead);
  }
  return count;
}

static wf_status encode(wf_feeder *f, size_t sensor, wf_time scan, size_t count, wf_fed *out) {
  const wf_scenario_sensor *s = &f->scenario->sensor[sensor];
  wf_sensor_report report = {.mode = f->mode,
                             .sequence = ++f->sequence[sensor],
                             .time = scan,
                             .status = 1,
                             .plot_count = count,
                             .plots = f->plots,
                             .plots_cap = PLOTS_MAX};
  for (size_t i = 0; i < sizeof report.sensor; i++) report.sensor[i] = s->known.name[i];
  size_t length = 0;
  const wf_status status = wf_wire_encode_sensor_report(&report, f->datagram, sizeof f->datagram, &length);
  out->datagram = (wf_bytes){f->datagram, length};
  return status;
}

bool wf_feeder_next(wf_feeder *f, wf_fed *out) {
  size_t sensor;
  wf_time scan, arrival;
  while (next_scan(f, &sensor, &scan, &arrival)) {
    f->next_scan[sensor]++;
    const size_t count = collect(f, sensor, scan);
    if (is_out(f->scenario, &f->scenario->sensor[sensor], scan)) continue;
    *out = (wf_fed){.nation = f->scenario->sensor[sensor].nation,
                    .sensor = (uint32_t)sensor,
                    .scan = scan,
                    .arrival = arrival,
                    .plots = count};
    if (encode(f, sensor, scan, count, out) == WF_OK) return true;
  }
  return false;
}

wf_feeder *wf_feeder_new(const wf_scenario *scenario, const wf_truth *truth, wf_mode mode) {
  wf_feeder *f = calloc(1, sizeof *f);
  if (f == NULL) return NULL;
  f->scenario = scenario;
  f->mode = mode;
  f->next_scan = calloc(scenario->sensor_count + 1, sizeof *f->next_scan);
  f->sequence = calloc(scenario->sensor_count + 1, sizeof *f->sequence);
  if (f->next_scan == NULL || f->sequence == NULL ||
      wf_sensing_create(scenario, truth, -1, WF_SENSING_BY_ARRIVAL, &f->sensing) != WF_OK) {
    wf_feeder_free(f);
    return NULL;
  }
  f->has_ahead = wf_sensing_next(f->sensing, &f->ahead);
  return f;
}

void wf_feeder_free(wf_feeder *f) {
  if (f == NULL) return;
  wf_sensing_free(f->sensing);
  free(f->next_scan);
  free(f->sequence);
  free(f);
}

wf_status wf_scenario_node_config(const wf_scenario *scenario, uint32_t nation, wf_mode mode, const char *profile,
                                  wf_sensor *sensors, wf_node_config *out) {
  *out = (wf_node_config){.medium = WF_MEDIUM_ATMOSPHERE, .sensors = sensors};
  wf_node_config_limits(out);
  wf_exchange_config *x = &out->exchange;
  x->nation = scenario->nation[nation];
  x->writer = 1;
  x->mode = mode;
  wf_audience everybody = {0};
  for (size_t i = 0; i < scenario->nation_count; i++) {
    wf_audience_add(&everybody, scenario->nation[i]);
    if (i != nation) x->partner[x->partner_count++].nation = scenario->nation[i];
  }
  out->sensor_count = (uint32_t)wf_scenario_registry(scenario, x->nation, sensors, WF_SENSOR_MAX);
  for (int i = 0; i < 8; i++) out->guard_secret[i] = (uint8_t)(scenario->seed >> (8 * i));
  memcpy(out->guard_secret + 8, x->nation.code, 3);
  out->areas = wf_areas_of(x->nation, &out->area_count);
  return wf_release_profile(profile, &everybody, &out->policy);
}
