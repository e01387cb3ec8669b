// The parts of a sensor's report that are no plots: tracks, launches, seismic events.
#ifndef WF_WIRE_TOLD_REPORT_H
#define WF_WIRE_TOLD_REPORT_H

#include "pb.h"

wf_status wf_told_decode(const Watchfire__V1__SensorReport *in, wf_sensor_report *out, char reason[WF_REASON_SIZE]);
// Appends at *used.
wf_status wf_told_encode(const wf_sensor_report *in, uint8_t *out, size_t size, size_t *used);

#endif
