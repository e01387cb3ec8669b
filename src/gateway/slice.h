// Where the sections of a state message stand in its text, so that they can be kept and passed on without being
// written again. Works on text that a JSON parser has accepted; on any other bytes it stays inside them and fails.
#ifndef WF_GATEWAY_SLICE_H
#define WF_GATEWAY_SLICE_H

#include <stddef.h>

#include "base/status.h"

typedef struct wf_gateway_slice {
  const char *name;  // without quotes
  size_t name_size;
  const char *text;  // the value
  size_t size;
} wf_gateway_slice;

// The members of the top-level object's member "state". WF_EFORMAT: none, or a name that is not 1–31 characters of
// [a-z0-9_]; WF_EFULL: more than max.
wf_status wf_gateway_slice_sections(const char *text, size_t size, wf_gateway_slice *out, size_t max, size_t *count);

#endif
