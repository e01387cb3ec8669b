// A seismic event as an agency states it, and what may be said of it.
#ifndef WF_MODEL_SEISMIC_H
#define WF_MODEL_SEISMIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define WF_SEISMIC_ID_SIZE 192
#define WF_SEISMIC_WORD_SIZE 48
#define WF_SEISMIC_WHY_SIZE 128

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
  uint8_t verdict;                  // wf_seismic_verdict
  char site[WF_SEISMIC_WORD_SIZE];  // the nearest known test site; "" = the event has no place
  double distance_m;                // to it
  char why[WF_SEISMIC_WHY_SIZE];    // the rule that decided, with its numbers
} wf_seismic_assessment;

#endif
