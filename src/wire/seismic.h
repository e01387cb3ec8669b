// A seismic event, in a sensor's report and in a record.
#ifndef WF_WIRE_SEISMIC_H
#define WF_WIRE_SEISMIC_H

#include "model/seismic.h"
#include "pb.h"

wf_status wf_seismic_event_decode(const Watchfire__V1__SeismicEvent *in, wf_seismic_event *out,
                                  char reason[WF_REASON_SIZE]);
// The texts stay in *in.
void wf_seismic_event_encode(wf_seismic_event *in, Watchfire__V1__SeismicEvent *out);

#endif
