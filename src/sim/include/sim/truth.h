// What really flew: every object of a scenario from launch (or break-up) to the ground, in ECEF.
// Truth uses J2..J4, drag with the US Standard Atmosphere and fine steps; interpolation between its nodes is good to
// a few centimetres. Deterministic for a scenario and its seed (the seed only moves break-up pieces).
#ifndef WF_SIM_TRUTH_H
#define WF_SIM_TRUTH_H

#include "model/contribution.h"
#include "sim/scenario.h"

typedef struct wf_truth wf_truth;

typedef struct wf_truth_object {
  int32_t id;           // 0, 1, …: index of the object
  uint16_t launch;      // index in wf_scenario.launch
  uint16_t piece;       // 0: the vehicle itself; 1…: further pieces of its break-up
  wf_time begins;       // launch, or break-up for further pieces
  wf_time thrust_ends;  // last second of thrust (equals begins for pieces)
  bool has_impact;      // false: still up when the calculation ended (orbit)
  wf_time impact_time;  // at WGS-84 height 0
  double impact_lat_rad, impact_lon_rad, impact_speed_m_s;
  double range_m;  // geodesic from the launch site to the impact
  wf_time apogee_time;
  double apogee_m;  // height
} wf_truth_object;

typedef struct wf_truth_state {
  double state[6];  // ECEF m, m/s
  double height_m;
  wf_phase phase;  // boost until thrust_ends (pauses between stages too); re-entry below 100 km falling
  bool thrusting;  // an engine burns at this moment
} wf_truth_state;

// Integrates everything. WF_EDIVERGED when a flight asked for by apogee and range has no solution (*bad_launch, may be
// NULL, is its index); WF_ENOMEM. The scenario must outlive the truth.
wf_status wf_truth_create(const wf_scenario *scenario, wf_truth **out, size_t *bad_launch);
void wf_truth_free(wf_truth *truth);

size_t wf_truth_count(const wf_truth *truth);
const wf_truth_object *wf_truth_object_at(const wf_truth *truth, size_t object);
// The vehicle that flew (solved for, when the scenario asked for apogee and range).
const wf_launch *wf_truth_launch(const wf_truth *truth, size_t launch);
// WF_ENOTFOUND before it begins and after its impact.
wf_status wf_truth_at(const wf_truth *truth, size_t object, wf_time time, wf_truth_state *out);

#endif
