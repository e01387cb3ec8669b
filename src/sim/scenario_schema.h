// The YAML of a scenario as libcyaml loads it: every scalar stays text (NULL when absent), so that numbers are read
// strictly and errors can name the line. docs/scenarios.md documents each key.
#ifndef WF_SIM_SCENARIO_SCHEMA_H
#define WF_SIM_SCENARIO_SCHEMA_H

#include "sim/scenario.h"

typedef struct wf_yaml_box {
  char **range_km, **az_deg, **el_deg;
} wf_yaml_box;  // pairs
typedef struct wf_yaml_bias {
  char *range_m, *az_mrad, *el_mrad;
} wf_yaml_bias;
typedef struct wf_yaml_span {
  char *from_s, *to_s;
} wf_yaml_span;

typedef struct wf_yaml_radar {
  char *name, *lat_deg, *lon_deg, *height_m;
  char *sigma_range_m, *sigma_az_mrad, *sigma_el_mrad, *sigma_range_rate_m_s;
  char *scan_period_s, *phase_s, *latency_s;
  char *range_min_km, *range_max_km, *el_min_deg;
  char *detection_probability, *clutter_per_scan;
  wf_yaml_box *clutter_box;
  wf_yaml_bias *bias, *bias_sigma;
  wf_yaml_span *outages;
  unsigned outages_count;
} wf_yaml_radar;

typedef struct wf_yaml_infrared {
  char *name, *lon_deg, *sigma_urad, *scan_period_s, *phase_s, *latency_s;
  char *first_seen_height_km, *detection_probability, *clutter_per_scan;
  wf_yaml_box *clutter_box;
  wf_yaml_bias *bias;
  wf_yaml_span *outages;
  unsigned outages_count;
} wf_yaml_infrared;

typedef struct wf_yaml_nation {
  char *nation;
  wf_yaml_radar *radars;
  unsigned radars_count;
  wf_yaml_infrared *infrared;
  unsigned infrared_count;
} wf_yaml_nation;

typedef struct wf_yaml_stage {
  char *thrust_kn, *burn_s, *propellant_kg, *dry_kg, *coast_after_s, *drag_area_m2;
} wf_yaml_stage;

typedef struct wf_yaml_vehicle {
  wf_yaml_stage *stages;
  unsigned stages_count;
  char *payload_kg, *pitch_start_s, *burnout_elevation_deg;
} wf_yaml_vehicle;

typedef struct wf_yaml_flight {
  char *apogee_km, *range_km;
} wf_yaml_flight;
typedef struct wf_yaml_failure {
  char *kind, *at_s, *beta_kg_m2, *pieces, *spread_m_s;
} wf_yaml_failure;
typedef struct wf_yaml_salvo {
  char *count, *interval_s, *azimuth_step_deg;
} wf_yaml_salvo;

typedef struct wf_yaml_launch {
  char *name, *at_s, *lat_deg, *lon_deg, *height_m, *azimuth_deg, *beta_kg_m2;
  wf_yaml_flight *flight;
  wf_yaml_vehicle *vehicle;
  wf_yaml_failure *failure;
  wf_yaml_salvo *salvo;
} wf_yaml_launch;

typedef struct wf_yaml_link {
  char **between, *from_s, *to_s, *kind, *delay_s, *loss;
} wf_yaml_link;
typedef struct wf_yaml_node {
  char *nation, *kill_s, *restart_s;
} wf_yaml_node;

typedef struct wf_yaml_faults {
  wf_yaml_link *links;
  unsigned links_count;
  wf_yaml_node *nodes;
  unsigned nodes_count;
} wf_yaml_faults;

typedef struct wf_yaml_scenario {
  char *name, *title, *description, *start, *duration_s, *seed;
  wf_yaml_nation *nations;
  unsigned nations_count;
  wf_yaml_launch *launches;
  unsigned launches_count;
  wf_yaml_faults *faults;
} wf_yaml_scenario;

struct wf_yaml_where;

// Checks the text against the schema and loads it. WF_EFORMAT with *error filled, else *out for wf_yaml_scenario_free.
wf_status wf_yaml_scenario_load(const char *text, size_t size, const struct wf_yaml_where *where,
                                wf_yaml_scenario **out, wf_scenario_error *error);
void wf_yaml_scenario_free(wf_yaml_scenario *raw);

#endif
