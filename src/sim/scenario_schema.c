#include "scenario_schema.h"

#include "yaml/load.h"

#define WF_NEED(type, member) CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)
#define WF_MAY(type, member) \
  CYAML_FIELD_STRING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, 0, CYAML_UNLIMITED)
#define WF_MAP(type, member, fields) \
  CYAML_FIELD_MAPPING_PTR(#member, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, type, member, fields)
#define WF_LIST(type, member, entry, min, max) \
  CYAML_FIELD_SEQUENCE(#member, CYAML_FLAG_POINTER | ((min) ? 0 : CYAML_FLAG_OPTIONAL), type, member, entry, min, max)
#define WF_PAIR(type, member, optional) \
  CYAML_FIELD_SEQUENCE_FIXED(#member, CYAML_FLAG_POINTER | (optional), type, member, &wf_text_schema, 2)
#define WF_ENTRY(type, fields) \
  { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, type, fields) }

static const cyaml_schema_value_t wf_text_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, CYAML_UNLIMITED)};

static const cyaml_schema_field_t wf_box_fields[] = {
    WF_PAIR(wf_yaml_box, range_km, CYAML_FLAG_OPTIONAL), WF_PAIR(wf_yaml_box, az_deg, CYAML_FLAG_OPTIONAL),
    WF_PAIR(wf_yaml_box, el_deg, CYAML_FLAG_OPTIONAL), CYAML_FIELD_END};

static const cyaml_schema_field_t wf_bias_fields[] = {WF_MAY(wf_yaml_bias, range_m), WF_MAY(wf_yaml_bias, az_mrad),
                                                      WF_MAY(wf_yaml_bias, el_mrad), CYAML_FIELD_END};

static const cyaml_schema_field_t wf_span_fields[] = {WF_NEED(wf_yaml_span, from_s), WF_NEED(wf_yaml_span, to_s),
                                                      CYAML_FIELD_END};
static const cyaml_schema_value_t wf_span_schema = WF_ENTRY(wf_yaml_span, wf_span_fields);

static const cyaml_schema_field_t wf_radar_fields[] = {
    WF_NEED(wf_yaml_radar, name),
    WF_NEED(wf_yaml_radar, lat_deg),
    WF_NEED(wf_yaml_radar, lon_deg),
    WF_MAY(wf_yaml_radar, height_m),
    WF_MAY(wf_yaml_radar, sigma_range_m),
    WF_MAY(wf_yaml_radar, sigma_az_mrad),
    WF_MAY(wf_yaml_radar, sigma_el_mrad),
    WF_MAY(wf_yaml_radar, sigma_range_rate_m_s),
    WF_MAY(wf_yaml_radar, scan_period_s),
    WF_MAY(wf_yaml_radar, phase_s),
    WF_MAY(wf_yaml_radar, latency_s),
    WF_MAY(wf_yaml_radar, range_min_km),
    WF_NEED(wf_yaml_radar, range_max_km),
    WF_MAY(wf_yaml_radar, el_min_deg),
    WF_MAY(wf_yaml_radar, detection_probability),
    WF_MAY(wf_yaml_radar, clutter_per_scan),
    WF_MAP(wf_yaml_radar, clutter_box, wf_box_fields),
    WF_MAP(wf_yaml_radar, bias, wf_bias_fields),
    WF_MAP(wf_yaml_radar, bias_sigma, wf_bias_fields),
    WF_LIST(wf_yaml_radar, outages, &wf_span_schema, 0, WF_SCENARIO_OUTAGES_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_value_t wf_radar_schema = WF_ENTRY(wf_yaml_radar, wf_radar_fields);

static const cyaml_schema_field_t wf_infrared_fields[] = {
    WF_NEED(wf_yaml_infrared, name),
    WF_NEED(wf_yaml_infrared, lon_deg),
    WF_MAY(wf_yaml_infrared, sigma_urad),
    WF_MAY(wf_yaml_infrared, scan_period_s),
    WF_MAY(wf_yaml_infrared, phase_s),
    WF_MAY(wf_yaml_infrared, latency_s),
    WF_MAY(wf_yaml_infrared, first_seen_height_km),
    WF_MAY(wf_yaml_infrared, detection_probability),
    WF_MAY(wf_yaml_infrared, clutter_per_scan),
    WF_MAP(wf_yaml_infrared, clutter_box, wf_box_fields),
    WF_MAP(wf_yaml_infrared, bias, wf_bias_fields),
    WF_LIST(wf_yaml_infrared, outages, &wf_span_schema, 0, WF_SCENARIO_OUTAGES_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_value_t wf_infrared_schema = WF_ENTRY(wf_yaml_infrared, wf_infrared_fields);

static const cyaml_schema_field_t wf_nation_fields[] = {
    WF_NEED(wf_yaml_nation, nation), WF_LIST(wf_yaml_nation, radars, &wf_radar_schema, 0, WF_SENSOR_MAX),
    WF_LIST(wf_yaml_nation, infrared, &wf_infrared_schema, 0, WF_SENSOR_MAX), CYAML_FIELD_END};
static const cyaml_schema_value_t wf_nation_schema = WF_ENTRY(wf_yaml_nation, wf_nation_fields);

static const cyaml_schema_field_t wf_stage_fields[] = {WF_NEED(wf_yaml_stage, thrust_kn),
                                                       WF_NEED(wf_yaml_stage, burn_s),
                                                       WF_NEED(wf_yaml_stage, propellant_kg),
                                                       WF_NEED(wf_yaml_stage, dry_kg),
                                                       WF_MAY(wf_yaml_stage, coast_after_s),
                                                       WF_MAY(wf_yaml_stage, drag_area_m2),
                                                       CYAML_FIELD_END};
static const cyaml_schema_value_t wf_stage_schema = WF_ENTRY(wf_yaml_stage, wf_stage_fields);

static const cyaml_schema_field_t wf_vehicle_fields[] = {
    WF_LIST(wf_yaml_vehicle, stages, &wf_stage_schema, 1, WF_STAGES_MAX), WF_NEED(wf_yaml_vehicle, payload_kg),
    WF_MAY(wf_yaml_vehicle, pitch_start_s), WF_NEED(wf_yaml_vehicle, burnout_elevation_deg), CYAML_FIELD_END};

static const cyaml_schema_field_t wf_flight_fields[] = {WF_NEED(wf_yaml_flight, apogee_km),
                                                        WF_NEED(wf_yaml_flight, range_km), CYAML_FIELD_END};

static const cyaml_schema_field_t wf_failure_fields[] = {
    WF_NEED(wf_yaml_failure, kind),  WF_NEED(wf_yaml_failure, at_s),      WF_MAY(wf_yaml_failure, beta_kg_m2),
    WF_MAY(wf_yaml_failure, pieces), WF_MAY(wf_yaml_failure, spread_m_s), CYAML_FIELD_END};

static const cyaml_schema_field_t wf_salvo_fields[] = {WF_NEED(wf_yaml_salvo, count),
                                                       WF_NEED(wf_yaml_salvo, interval_s),
                                                       WF_MAY(wf_yaml_salvo, azimuth_step_deg), CYAML_FIELD_END};

static const cyaml_schema_field_t wf_launch_fields[] = {WF_MAY(wf_yaml_launch, name),
                                                        WF_NEED(wf_yaml_launch, at_s),
                                                        WF_NEED(wf_yaml_launch, lat_deg),
                                                        WF_NEED(wf_yaml_launch, lon_deg),
                                                        WF_MAY(wf_yaml_launch, height_m),
                                                        WF_NEED(wf_yaml_launch, azimuth_deg),
                                                        WF_MAY(wf_yaml_launch, beta_kg_m2),
                                                        WF_MAP(wf_yaml_launch, flight, wf_flight_fields),
                                                        WF_MAP(wf_yaml_launch, vehicle, wf_vehicle_fields),
                                                        WF_MAP(wf_yaml_launch, failure, wf_failure_fields),
                                                        WF_MAP(wf_yaml_launch, salvo, wf_salvo_fields),
                                                        CYAML_FIELD_END};
static const cyaml_schema_value_t wf_launch_schema = WF_ENTRY(wf_yaml_launch, wf_launch_fields);

static const cyaml_schema_field_t wf_link_fields[] = {WF_PAIR(wf_yaml_link, between, 0),
                                                      WF_NEED(wf_yaml_link, from_s),
                                                      WF_NEED(wf_yaml_link, to_s),
                                                      WF_NEED(wf_yaml_link, kind),
                                                      WF_MAY(wf_yaml_link, delay_s),
                                                      WF_MAY(wf_yaml_link, loss),
                                                      CYAML_FIELD_END};
static const cyaml_schema_value_t wf_link_schema = WF_ENTRY(wf_yaml_link, wf_link_fields);

static const cyaml_schema_field_t wf_node_fields[] = {WF_NEED(wf_yaml_node, nation), WF_NEED(wf_yaml_node, kill_s),
                                                      WF_MAY(wf_yaml_node, restart_s), CYAML_FIELD_END};
static const cyaml_schema_value_t wf_node_schema = WF_ENTRY(wf_yaml_node, wf_node_fields);

static const cyaml_schema_field_t wf_faults_fields[] = {
    WF_LIST(wf_yaml_faults, links, &wf_link_schema, 0, WF_SCENARIO_FAULTS_MAX),
    WF_LIST(wf_yaml_faults, nodes, &wf_node_schema, 0, WF_SCENARIO_FAULTS_MAX), CYAML_FIELD_END};

static const cyaml_schema_field_t wf_scenario_fields[] = {
    WF_NEED(wf_yaml_scenario, name),
    WF_NEED(wf_yaml_scenario, title),
    WF_MAY(wf_yaml_scenario, description),
    WF_NEED(wf_yaml_scenario, start),
    WF_NEED(wf_yaml_scenario, duration_s),
    WF_MAY(wf_yaml_scenario, seed),
    WF_LIST(wf_yaml_scenario, nations, &wf_nation_schema, 1, WF_NATION_MAX),
    WF_LIST(wf_yaml_scenario, launches, &wf_launch_schema, 0, WF_SCENARIO_LAUNCHES_MAX),
    WF_MAP(wf_yaml_scenario, faults, wf_faults_fields),
    CYAML_FIELD_END};
static const cyaml_schema_value_t wf_scenario_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, wf_yaml_scenario, wf_scenario_fields)};

wf_status wf_yaml_scenario_load(const char *text, size_t size, const wf_yaml_where *where, wf_yaml_scenario **out,
                                wf_scenario_error *error) {
  void *raw = NULL;
  const wf_status status = wf_yaml_load(text, size, where, &wf_scenario_schema, &raw, &error->line, error->text, sizeof error->text);
  *out = raw;
  return status;
}

void wf_yaml_scenario_free(wf_yaml_scenario *raw) { wf_yaml_free(&wf_scenario_schema, raw); }
