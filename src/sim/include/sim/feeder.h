// A scenario's sensors as their nodes hear them: one datagram (proto/watchfire.proto, SensorReport) per scan, in order of
// arrival. A scan without plots still says "alive"; a sensor that is out says nothing.
#ifndef WF_SIM_FEEDER_H
#define WF_SIM_FEEDER_H

#include "base/bytes.h"
#include "node/node.h"
#include "sim/sensing.h"

typedef struct wf_feeder wf_feeder;

typedef struct wf_fed {
  uint32_t nation;       // index in the scenario
  uint32_t sensor;       // index in the scenario
  wf_time scan, arrival;
  size_t plots;
  wf_bytes datagram;     // borrowed until the next call
} wf_fed;

// The scenario and truth must outlive it. NULL when out of memory.
wf_feeder *wf_feeder_new(const wf_scenario *scenario, const wf_truth *truth, wf_mode mode);
void wf_feeder_free(wf_feeder *feeder);
bool wf_feeder_next(wf_feeder *feeder, wf_fed *out);

// A node's configuration as a scenario states it: its nation, its sensors, everybody else as partner, one audience of
// all under a release profile. sensors: room for WF_SENSOR_MAX, kept by the caller as long as the node is being made.
wf_status wf_scenario_node_config(const wf_scenario *scenario, uint32_t nation, wf_mode mode, const char *profile,
                                  wf_sensor *sensors, wf_node_config *out);

#endif
