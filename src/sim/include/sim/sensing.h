// What the notional sensors report about the truth, one plot at a time in time order.
// Every sensor draws from its own random streams, named after the sensor and the object: adding a sensor or an object
// changes nobody else's noise, and an outage only leaves a gap.
#ifndef WF_SIM_SENSING_H
#define WF_SIM_SENSING_H

#include "model/plot.h"
#include "sim/truth.h"

#define WF_SENSING_CLUTTER (-1)

typedef enum wf_sensing_order {
  WF_SENSING_BY_TIME,     // of measurement
  WF_SENSING_BY_ARRIVAL,  // measurement + the sensor's latency: as the nodes receive them
} wf_sensing_order;

typedef struct wf_sensed {
  wf_plot plot;     // plot.sensor: index in its nation's registry
  uint16_t nation;  // index in wf_scenario.nation
  uint16_t sensor;  // index in wf_scenario.sensor
  int32_t object;   // truth id, or WF_SENSING_CLUTTER. For scoring only: never shown to a node
  wf_time arrival;  // plot.time + latency
} wf_sensed;

typedef struct wf_sensing wf_sensing;

// nation: index, or -1 for all. scenario and truth must outlive it. The seed is the scenario's.
wf_status wf_sensing_create(const wf_scenario *scenario, const wf_truth *truth, int nation, wf_sensing_order order,
                            wf_sensing **out);
void wf_sensing_free(wf_sensing *sensing);
// False at the end of the scenario. Equal times: in the order of the scenario's sensors.
bool wf_sensing_next(wf_sensing *sensing, wf_sensed *out);

// Geometry alone (no dice, no outage): could this sensor see the object in that state?
bool wf_sensing_covers(const wf_scenario_sensor *sensor, const wf_truth_state *state);
// The scan times of one sensor: number of scans and the time of each (0-based). Outages are not left out.
size_t wf_sensing_scan_count(const wf_scenario *scenario, size_t sensor);
wf_time wf_sensing_scan_time(const wf_scenario *scenario, size_t sensor, size_t scan);

#endif
