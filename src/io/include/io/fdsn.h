// An FDSN event service (or any address that answers with QuakeML) asked every so often. Each event is handed over as a
// sensor's report, so that the core, and a recording of it, has what was told.
#ifndef WF_IO_FDSN_H
#define WF_IO_FDSN_H

#include <uv.h>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "model/nation.h"
#include "model/sensor.h"

typedef struct wf_fdsn_config {
  uv_loop_t *loop;
  const char *url;     // http or https; 204 means "no event"
  const char *source;  // the sensor's name
  double every_s;
  wf_mode mode;
  void *context;
  wf_time (*now)(void *context);
  void (*report)(void *context, wf_bytes report);
  void (*failed)(void *context, const char *text);  // once per row of failures
} wf_fdsn_config;

typedef struct wf_fdsn wf_fdsn;
wf_status wf_fdsn_open(const wf_fdsn_config *config, wf_fdsn **out);
void wf_fdsn_close(wf_fdsn *fdsn);  // frees itself while the loop runs on

typedef struct wf_fdsn_stats {
  uint64_t polls, failures, events, incomplete;
} wf_fdsn_stats;
void wf_fdsn_stats_get(const wf_fdsn *fdsn, wf_fdsn_stats *out);

#endif
