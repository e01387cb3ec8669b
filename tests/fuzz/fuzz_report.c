// Any datagram: decoded or refused with a reason; what was decoded encodes and decodes to the same again.
#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static wf_sensor_report room(wf_plot *plots, wf_system_track *tracks, wf_launch_report *launches,
                             wf_seismic_event *events) {
  return (wf_sensor_report){.plots = plots,
                            .plots_cap = 4096,
                            .tracks = tracks,
                            .tracks_cap = 256,
                            .launches = launches,
                            .launches_cap = 64,
                            .seismic = events,
                            .seismic_cap = 64};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static wf_plot plots[4096], again[4096];
  static uint8_t bytes[1 << 20];
  static wf_system_track tracks[2][256];
  static wf_launch_report launches[2][64];
  static wf_seismic_event events[2][64];
  char reason[WF_REASON_SIZE];
  size_t length;
  wf_sensor_report report = room(plots, tracks[0], launches[0], events[0]);
  wf_sensor_report second = room(again, tracks[1], launches[1], events[1]);
  if (wf_wire_decode_sensor_report((wf_bytes){data, size}, &report, reason) != WF_OK) {
    if (reason[0] == 0 || report.plot_count + report.track_count + report.launch_count + report.seismic_count != 0)
      abort();
    return 0;
  }
  if (wf_wire_encode_sensor_report(&report, bytes, sizeof bytes, &length) != WF_OK) abort();
  if (length > 64 * 1024) return 0;  // an encoding may be longer than the input it came from
  if (wf_wire_decode_sensor_report((wf_bytes){bytes, length}, &second, reason) != WF_OK) abort();
  if (second.plot_count != report.plot_count || memcmp(plots, again, report.plot_count * sizeof plots[0]) != 0) abort();
  if (second.track_count != report.track_count || second.launch_count != report.launch_count ||
      second.seismic_count != report.seismic_count ||
      memcmp(tracks[0], tracks[1], report.track_count * sizeof tracks[0][0]) != 0)
    abort();
  for (size_t i = 0; i < report.seismic_count; i++)
    if (strcmp(events[0][i].id, events[1][i].id) != 0 || events[0][i].time.ns != events[1][i].time.ns) abort();
  return 0;
}
