// CCSDS Tracking Data Message 1.0 and 2.0 (CCSDS 503.0-B-2), KVN and XML: text → metadata and observations, one by one.
// Strict: an unknown keyword, a bad number or time, a missing mandatory keyword end the reading with line and reason.
#ifndef WF_SENSOR_TDM_H
#define WF_SENSOR_TDM_H

#include "sensor/ccsds.h"

#define WF_TDM_META_MAX 64
#define WF_TDM_TEXT_MAX 16384  // all metadata of a segment

typedef enum wf_tdm_type { WF_TDM_TEXT, WF_TDM_NUMBER, WF_TDM_TIME } wf_tdm_type;

typedef struct wf_tdm_meta {
  const char *keyword;  // of the standard; never freed
  const char *text;     // as written, in the reader's memory
  wf_tdm_type type;
  double number;
  wf_time time;
} wf_tdm_meta;

typedef struct wf_tdm_segment {
  unsigned index;  // 0, 1, …
  const char *version, *originator, *message_id;
  wf_time creation_date;
  bool utc;  // TIME_SYSTEM is UTC: times of observations are wf_time; otherwise they are what that clock shows
  unsigned count;
  wf_tdm_meta meta[WF_TDM_META_MAX];
} wf_tdm_segment;

typedef struct wf_tdm_observation {
  const char *keyword, *unit;
  wf_time time;
  double value;
  unsigned line;
} wf_tdm_observation;

typedef struct wf_tdm_visitor {
  void *context;
  void (*segment)(void *context, const wf_tdm_segment *segment);  // when its metadata are complete
  void (*observation)(void *context, const wf_tdm_segment *segment, const wf_tdm_observation *observation);
} wf_tdm_visitor;

// WF_EFORMAT and a fault; what was visited before it was good.
wf_status wf_tdm_read(wf_bytes text, const wf_tdm_visitor *visitor, wf_ccsds_fault *fault);
const wf_tdm_meta *wf_tdm_find(const wf_tdm_segment *segment, const char *keyword);  // NULL: not there

#endif
