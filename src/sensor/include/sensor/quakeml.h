// QuakeML 1.2 → seismic events, and what may be said of one. Lenient: what the schema does not allow but is there in
// the wild (other words for a type, missing parts, other namespaces) is read as far as it says something.
#ifndef WF_SENSOR_QUAKEML_H
#define WF_SENSOR_QUAKEML_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/time.h"
#include "sensor/ccsds.h"

#define WF_SEISMIC_ID_SIZE 192
#define WF_SEISMIC_WORD_SIZE 48

typedef struct wf_seismic_event {
  char id[WF_SEISMIC_ID_SIZE];      // publicID
  char type[WF_SEISMIC_WORD_SIZE];  // as the agency states it, in small letters, '_' as ' '; "" = not stated
  char agency[WF_SEISMIC_WORD_SIZE];
  char magnitude_type[WF_SEISMIC_WORD_SIZE];
  bool has_time, has_place, has_depth, has_magnitude;
  bool depth_doubtful;  // below 800 m but not 0: kilometres are often written where metres belong
  wf_time time;         // of origin
  double lat_rad, lon_rad;
  double horizontal_sigma_m;  // 0 = not stated
  double depth_m, depth_sigma_m;
  double magnitude, magnitude_sigma;
} wf_seismic_event;

typedef enum wf_seismic_verdict {
  WF_SEISMIC_NOTHING = 0,         // nothing is said of it
  WF_SEISMIC_POSSIBLE_EXPLOSION,  // "possible explosion near a known test site"
} wf_seismic_verdict;

typedef struct wf_seismic_assessment {
  wf_seismic_verdict verdict;
  const char *site;   // the nearest known test site
  double distance_m;  // to it
  char why[128];      // the rule that decided, with its numbers
} wf_seismic_assessment;

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
