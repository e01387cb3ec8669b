#include "sensor/report.h"

#include <stdio.h>
#include <string.h>

uint16_t wf_sensor_find(const wf_sensor_registry *registry, const char *name) {
  for (uint32_t i = 0; i < registry->count; i++)
    if (strcmp(registry->sensors[i].name, name) == 0) return (uint16_t)i;
  return WF_SENSOR_NONE;
}

wf_status wf_sensor_decode_report(const wf_sensor_registry *registry, wf_bytes datagram, wf_sensor_report *report,
                                  uint16_t *sensor, char reason[WF_REASON_SIZE]) {
  wf_status status = wf_wire_decode_sensor_report(datagram, report, reason);
  if (status != WF_OK) return status;
  if (report->mode != registry->mode) {
    snprintf(reason, WF_REASON_SIZE, "report is %s, node is %s", wf_mode_name(report->mode),
             wf_mode_name(registry->mode));
    return WF_EMODE;
  }
  *sensor = wf_sensor_find(registry, report->sensor);
  if (*sensor == WF_SENSOR_NONE) {
    snprintf(reason, WF_REASON_SIZE, "unknown sensor \"%s\"", report->sensor);
    return WF_ENOTFOUND;
  }
  for (size_t i = 0; i < report->plot_count; i++) report->plots[i].sensor = *sensor;
  return WF_OK;
}
