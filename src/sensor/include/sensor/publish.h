// Tracks for others' systems: ASTERIX category 062, and CCSDS OEM (502.0) with covariance. A track that a format cannot
// say is left out with a reason, never bent to fit.
#ifndef WF_SENSOR_PUBLISH_H
#define WF_SENSOR_PUBLISH_H

#include "base/time.h"
#include "sensor/asterix.h"

typedef enum wf_publish_reason {
  WF_PUBLISH_OK = 0,
  WF_PUBLISH_HEIGHT,  // I062/130 ends at 150,000 ft (45.7 km) and begins at −1,500 ft
  WF_PUBLISH_CLIMB,   // I062/220 ends at ±1.04 km/s
  WF_PUBLISH_SPEED,   // I062/185 ends at ±8.19 km/s
  WF_PUBLISH_STATE,   // not finite, or at no place
} wf_publish_reason;
const char *wf_publish_reason_name(wf_publish_reason reason);

typedef struct wf_publish_track {
  wf_time time;
  double state[6];  // ECEF m, m/s
  uint16_t number;  // I062/040
  bool tentative, simulated, coasting;
} wf_publish_track;

// One record of 062 in the editions' choice of it: 010, 015, 070, 105, 185 (east and north), 040, 080, 130 (above the
// ellipsoid), 220.
wf_publish_reason wf_publish_062(const wf_asterix_editions *editions, uint8_t sac, uint8_t sic,
                                 const wf_publish_track *track, wf_asterix_record *out);

// ---- OEM: header, then for each object metadata, states, covariances. Each writes whole lines; WF_EFULL. ----------
typedef enum wf_oem_version { WF_OEM_2, WF_OEM_3 } wf_oem_version;
wf_status wf_oem_header(wf_oem_version version, wf_time created, const char *originator, char *out, size_t size);
wf_status wf_oem_metadata(const char *name, const char *id, wf_time first, wf_time last, char *out, size_t size);
wf_status wf_oem_state(wf_time time, const double state[6], char *out, size_t size);
// covariance: upper triangle by rows, m and m/s; at a state's time. Between COVARIANCE_START and COVARIANCE_STOP lines.
wf_status wf_oem_covariance(wf_time time, const double covariance[21], char *out, size_t size);

#endif
