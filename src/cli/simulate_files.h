// The files of `watchfire simulate` (docs/scenarios.md, "What simulate writes").
#ifndef WF_CLI_SIMULATE_FILES_H
#define WF_CLI_SIMULATE_FILES_H

#include <stdio.h>

#include "sim/sensing.h"

typedef struct wf_simulated_counts {
  size_t radar_plots, radar_false, sight_lines, sight_false;
  size_t *by_sensor;  // target plots; scenario->sensor_count of them, caller's
  double *first_s;    // of each sensor's first target plot; −1 before
} wf_simulated_counts;

// Each writes one file below dir. false: the message is on stderr.
bool wf_write_sensors(const char *dir, const wf_scenario *scenario);  // sensors.csv and infrared.csv
bool wf_write_plots(const char *dir, const wf_scenario *scenario, const wf_truth *truth, wf_simulated_counts *counts);
bool wf_write_truth(const char *dir, const wf_scenario *scenario, const wf_truth *truth);
bool wf_write_impacts(const char *dir, const wf_scenario *scenario, const wf_truth *truth);
bool wf_write_meta(const char *dir, const wf_scenario *scenario, const wf_truth *truth);  // meta.json

#endif
