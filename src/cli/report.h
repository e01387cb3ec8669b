// What the ways of `watchfire report` share.
#ifndef WF_CLI_REPORT_H
#define WF_CLI_REPORT_H

#include <jansson.h>

#include "base/bytes.h"
#include "wire/codec.h"

typedef struct wf_cli_telling {
  const char *node, *person, *source;
  wf_mode mode;  // of the node, and its record time
  wf_time now;
  unsigned long told, bad;
} wf_cli_telling;

// Sends a report of t->source to the node. False, and said on stderr, when it was not taken.
bool wf_cli_tell(wf_cli_telling *t, wf_sensor_report *report);
__attribute__((format(printf, 4, 5))) void wf_cli_telling_bad(wf_cli_telling *t, const char *file, unsigned line,
                                                              const char *format, ...);
void wf_cli_tell_quakeml(wf_cli_telling *t, const char *file, wf_bytes text);
void wf_cli_tell_tdm(wf_cli_telling *t, const char *file, wf_bytes text);
void wf_cli_tell_oem(wf_cli_telling *t, const char *file, wf_bytes text);

#endif
