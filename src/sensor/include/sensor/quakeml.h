// QuakeML 1.2 → seismic events, and what may be said of one. Lenient: what the schema does not allow but is there in
// the wild (other words for a type, missing parts, other namespaces) is read as far as it says something.
#ifndef WF_SENSOR_QUAKEML_H
#define WF_SENSOR_QUAKEML_H

#include <stdbool.h>

#include "base/bytes.h"
#include "model/seismic.h"
#include "sensor/ccsds.h"

typedef void wf_seismic_visitor(void *context, const wf_seismic_event *event);

// Calls visit for each event in order. WF_EFORMAT and a fault when it is not XML or no QuakeML; a DOCTYPE is refused.
wf_status wf_quakeml_read(wf_bytes text, wf_seismic_visitor *visit, void *context, wf_ccsds_fault *fault);

// The rules, in order; docs/sensors.md has them:
// 1. no place or magnitude: nothing. 2. more than 20 km from every known site: nothing.
// 3. the agency states an explosion: possible explosion. 4. the agency states anything but an earthquake: nothing.
// 5. magnitude below 3.5, or known to be deeper than 2 km: nothing. 6. else possible explosion.
void wf_seismic_assess(const wf_seismic_event *event, wf_seismic_assessment *out);
const char *wf_seismic_verdict_text(wf_seismic_verdict verdict);

#endif
