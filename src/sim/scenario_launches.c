// Launches, from YAML. Vehicles are notional.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "scenario_read.h"

#define NUM(key, fallback, low, high, unit) wf_reading_number(r, base, #key, raw->key, fallback, low, high, unit)

static void wf_reading_stage(wf_reading *r, const wf_yaml_stage *raw, const char *base, wf_stage *out) {
  out->thrust_n = NUM(thrust_kn, 0, 0.001, 1e5, 1e3);
  out->burn_s = NUM(burn_s, 0, 0.1, 2000, 1);
  out->propellant_kg = NUM(propellant_kg, 0, 0.1, 1e7, 1);
  out->dry_kg = NUM(dry_kg, 0, 0, 1e7, 1);
  out->coast_after_s = NUM(coast_after_s, 0, 0, 2000, 1);
  out->drag_area_m2 = NUM(drag_area_m2, 0.3, 0, 1000, 1);
}

static void wf_reading_vehicle(wf_reading *r, const wf_yaml_vehicle *raw, const char *launch, double beta_kg_m2,
                               wf_vehicle *out) {
  char base[WF_YAML_PATH_SIZE + 32];
  out->stage_count = (int)raw->stages_count;
  for (unsigned i = 0; i < raw->stages_count; i++) {
    snprintf(base, sizeof base, "%s.vehicle.stages[%u]", launch, i);
    wf_reading_stage(r, &raw->stages[i], base, &out->stage[i]);
  }
  snprintf(base, sizeof base, "%s.vehicle", launch);
  out->payload_kg = NUM(payload_kg, 0, 0.1, 1e6, 1);
  out->payload_beta_kg_m2 = beta_kg_m2;
  out->pitch_start_s = NUM(pitch_start_s, 5, 0, 1000, 1);
  out->burnout_elevation_rad = NUM(burnout_elevation_deg, 0, -30, 90, WF_DEG);
}

static void wf_reading_failure(wf_reading *r, const wf_yaml_failure *raw, const char *launch, wf_scenario_launch *out) {
  char base[WF_YAML_PATH_SIZE + 32];
  snprintf(base, sizeof base, "%s.failure", launch);
  if (strcmp(raw->kind, "thrust-end") == 0) {
    out->failure.kind = WF_FAILURE_THRUST_END;
  } else if (strcmp(raw->kind, "breakup") == 0) {
    out->failure.kind = WF_FAILURE_BREAKUP;
  } else {
    wf_reading_fail(r, base, "kind", "'%.40s' is not one of thrust-end, breakup", raw->kind);
  }
  out->failure.at_s = NUM(at_s, 0, 0.1, 1e5, 1);
  out->failure.beta_kg_m2 = NUM(beta_kg_m2, 1500, 1, 1e6, 1);
  int pieces = out->failure.kind == WF_FAILURE_BREAKUP ? 3 : 1;
  out->failure.pieces = wf_reading_integer(r, base, "pieces", raw->pieces, pieces, 1, WF_SCENARIO_PIECES_MAX);
  out->failure.spread_m_s = NUM(spread_m_s, 20, 0, 1000, 1);
  if (out->failure.kind == WF_FAILURE_THRUST_END && (raw->pieces || raw->spread_m_s)) {
    wf_reading_fail(r, base, raw->pieces ? "pieces" : "spread_m_s", "only a breakup has pieces");
  }
}

static void wf_reading_one_launch(wf_reading *r, const wf_yaml_launch *raw, unsigned index, const char *base,
                                  double duration_s, wf_scenario_launch *out) {
  snprintf(out->name, sizeof out->name, "launch-%u", index + 1);
  wf_reading_name(r, base, "name", raw->name, out->name, 37);  // leaves room for "-256"
  out->at_s = NUM(at_s, 0, 0, duration_s, 1);
  out->site.lat_rad = NUM(lat_deg, 0, -90, 90, WF_DEG);
  out->site.lon_rad = NUM(lon_deg, 0, -180, 180, WF_DEG);
  out->site.h_m = NUM(height_m, 0, 0, 6000, 1);
  out->azimuth_rad = NUM(azimuth_deg, 0, -360, 360, WF_DEG);
  out->beta_kg_m2 = NUM(beta_kg_m2, raw->flight ? 0 : 5000, 1, 1e6, 1);
  if (!raw->flight == !raw->vehicle) {
    wf_reading_fail(r, base, "", "a launch needs either flight (apogee and range) or vehicle, and not both");
  } else if (raw->flight) {
    char at[WF_YAML_PATH_SIZE + 8];
    snprintf(at, sizeof at, "%s.flight", base);
    out->solve = true;
    out->apogee_m = wf_reading_number(r, at, "apogee_km", raw->flight->apogee_km, 0, 10, 50000, 1e3);
    out->range_m = wf_reading_number(r, at, "range_km", raw->flight->range_km, 0, 20, 19000, 1e3);
  } else {
    wf_reading_vehicle(r, raw->vehicle, base, out->beta_kg_m2, &out->vehicle);
  }
  if (raw->failure) wf_reading_failure(r, raw->failure, base, out);
}

// The launch just read is the first of the salvo; the others follow it.
static void wf_reading_salvo(wf_reading *r, const wf_yaml_salvo *raw, const char *launch, wf_scenario *s) {
  char base[WF_YAML_PATH_SIZE + 32];
  snprintf(base, sizeof base, "%s.salvo", launch);
  int count = wf_reading_integer(r, base, "count", raw->count, 1, 1, WF_SCENARIO_LAUNCHES_MAX);
  double interval_s = NUM(interval_s, 0, 0, 3600, 1);
  double step_rad = NUM(azimuth_step_deg, 0, -90, 90, WF_DEG);
  if (s->launch_count + (size_t)count - 1 > WF_SCENARIO_LAUNCHES_MAX) {
    wf_reading_fail(r, base, "count", "more than %d launches in all", WF_SCENARIO_LAUNCHES_MAX);
  }
  if (r->status) return;
  const wf_scenario_launch first = s->launch[s->launch_count - 1];
  for (int i = 0; i < count; i++) {
    wf_scenario_launch *one = &s->launch[s->launch_count - 1 + (size_t)i];
    *one = first;
    snprintf(one->name, sizeof one->name, "%.36s-%d", first.name, i + 1);
    one->at_s = first.at_s + i * interval_s;
    one->azimuth_rad = first.azimuth_rad + i * step_rad;
  }
  s->launch_count += (size_t)count - 1;
}

void wf_reading_launches(wf_reading *r, const wf_yaml_scenario *raw, wf_scenario *s) {
  char base[WF_YAML_PATH_SIZE];
  if (r->status) return;
  s->launch = calloc(WF_SCENARIO_LAUNCHES_MAX, sizeof *s->launch);
  if (!s->launch) {
    r->status = WF_ENOMEM;
    return;
  }
  for (unsigned i = 0; i < raw->launches_count && !r->status; i++) {
    snprintf(base, sizeof base, "launches[%u]", i);
    if (s->launch_count == WF_SCENARIO_LAUNCHES_MAX) {
      wf_reading_fail(r, base, "", "more than %d launches in all", WF_SCENARIO_LAUNCHES_MAX);
      return;
    }
    wf_reading_one_launch(r, &raw->launches[i], i, base, s->duration_s, &s->launch[s->launch_count++]);
    if (raw->launches[i].salvo) wf_reading_salvo(r, raw->launches[i].salvo, base, s);
  }
}
