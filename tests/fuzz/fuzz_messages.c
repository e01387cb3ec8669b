// Any bytes as a TDM, an OEM and as QuakeML: what is visited is finite, what is refused has a line and a reason.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sensor/oem.h"
#include "sensor/quakeml.h"
#include "sensor/tdm.h"
#include "sensor/tdm_plots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_segment(void *context, const wf_tdm_segment *segment) {
  if (segment->count > WF_TDM_META_MAX || wf_tdm_find(segment, "PARTICIPANT_1") == NULL) abort();
}
static void on_observation(void *context, const wf_tdm_segment *segment, const wf_tdm_observation *o) {
  if (!isfinite(o->value) || o->line == 0) abort();
}
static void on_state(void *context, const wf_oem_segment *segment, wf_time time, const double state[6], unsigned line) {
  for (int i = 0; i < 6; i++)
    if (!isfinite(state[i])) abort();
  if (segment->frame[0] == '\0' || line == 0) abort();
}
static void on_covariance(void *context, const wf_oem_segment *segment, wf_time time, const double covariance[21],
                          bool own_frame, unsigned line) {
  for (int i = 0; i < 21; i++)
    if (covariance[i] != covariance[i]) abort();
}
static void on_event(void *context, const wf_seismic_event *event) {
  wf_seismic_assessment a;
  wf_seismic_assess(event, &a);
  if (a.why[0] == '\0') abort();
}

// As plots of a radar by whatever name the message gives its station: the first word behind PARTICIPANT_1.
static void as_plots(const uint8_t *data, size_t size) {
  static wf_tdm_plot plot[256];
  wf_sensor radar = {.kind = WF_SENSOR_RADAR, .sigma_range_m = 30.0};
  const wf_sensor_registry registry = {&radar, 1, WF_MODE_TEST};
  wf_tdm_plots plots = {.registry = &registry, .round_trip = size % 2, .plot = plot, .cap = 256};
  wf_ccsds_fault fault = {0};
  for (size_t i = 0; i + 16 < size; i++) {
    if (memcmp(data + i, "PARTICIPANT_1", 13) != 0) continue;
    for (i += 13; i < size && (data[i] == ' ' || data[i] == '=' || data[i] == '>'); i++) continue;
    for (size_t k = 0; k + 1 < sizeof radar.name && i + k < size && data[i + k] > ' ' && data[i + k] != '<'; k++)
      radar.name[k] = (char)data[i + k];
    break;
  }
  (void)wf_tdm_plots_read((wf_bytes){data, size}, &plots, &fault);
  if (plots.count > plots.cap) abort();
  for (size_t i = 0; i < plots.count; i++)
    if (plot[i].plot.sensor != 0 || plot[i].plot.kind != WF_PLOT_RADAR) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  as_plots(data, size);
  const wf_tdm_visitor visitor = {NULL, on_segment, on_observation};
  wf_ccsds_fault fault = {0};
  if (wf_tdm_read((wf_bytes){data, size}, &visitor, &fault) == WF_EFORMAT && fault.reason[0] == '\0') abort();
  const wf_oem_visitor oem = {NULL, NULL, on_state, on_covariance};
  fault = (wf_ccsds_fault){0};
  if (wf_oem_read((wf_bytes){data, size}, &oem, &fault) == WF_EFORMAT && fault.reason[0] == '\0') abort();
  fault = (wf_ccsds_fault){0};
  if (wf_quakeml_read((wf_bytes){data, size}, on_event, NULL, &fault) == WF_EFORMAT && fault.line == 0) abort();
  return 0;
}
