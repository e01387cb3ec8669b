// Watchfire's own sensor report (proto/watchfire.proto, SensorReport): one datagram → plots of one registered sensor.
#ifndef WF_SENSOR_REPORT_H
#define WF_SENSOR_REPORT_H

#include "base/bytes.h"
#include "model/sensor.h"
#include "wire/codec.h"

typedef struct wf_sensor_registry { const wf_sensor *sensors; uint32_t count; wf_mode mode; } wf_sensor_registry;

// Index of a sensor by name; WF_SENSOR_NONE when it is not registered.
uint16_t wf_sensor_find(const wf_sensor_registry *registry, const char *name);

// Decodes one datagram into report (whose plots array the caller owns) and stamps each plot with the sensor's index.
// WF_EFORMAT malformed, WF_EMODE from another mode, WF_ENOTFOUND unknown sensor; reason says it in words.
wf_status wf_sensor_decode_report(const wf_sensor_registry *registry, wf_bytes datagram, wf_sensor_report *report,
                                  uint16_t *sensor, char reason[WF_REASON_SIZE]);

#endif
