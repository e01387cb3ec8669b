// Any datagram: decoded or refused with a reason; what was decoded encodes and decodes to the same again.
#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static wf_plot plots[4096], again[4096];
  static uint8_t bytes[1 << 20];
  char reason[WF_REASON_SIZE];
  size_t length;
  wf_sensor_report report = {.plots = plots, .plots_cap = 4096}, second = {.plots = again, .plots_cap = 4096};
  if (wf_wire_decode_sensor_report((wf_bytes){data, size}, &report, reason) != WF_OK) {
    if (reason[0] == 0 || report.plot_count != 0) abort();
    return 0;
  }
  if (wf_wire_encode_sensor_report(&report, bytes, sizeof bytes, &length) != WF_OK) abort();
  if (length > 64 * 1024) return 0;  // an encoding may be longer than the input it came from
  if (wf_wire_decode_sensor_report((wf_bytes){bytes, length}, &second, reason) != WF_OK) abort();
  if (second.plot_count != report.plot_count || memcmp(plots, again, report.plot_count * sizeof plots[0]) != 0) abort();
  return 0;
}
