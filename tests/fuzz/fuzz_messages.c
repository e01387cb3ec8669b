// Any bytes as a TDM, an OEM and as QuakeML: what is visited is finite, what is refused has a line and a reason.
#include <math.h>
#include <stdlib.h>

#include "sensor/oem.h"
#include "sensor/quakeml.h"
#include "sensor/tdm.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
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
