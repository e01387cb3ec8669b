// The name of a stream: what a nation's writer says to one audience, by class. An audience never changes; a changed
// audience is a new stream.
#ifndef WF_WIRE_STREAM_H
#define WF_WIRE_STREAM_H

#include "model/nation.h"

#define WF_HASH_SIZE 32
#define WF_SIGNATURE_SIZE 64

typedef enum wf_stream_class {
  WF_STREAM_ALERTS = 1,
  WF_STREAM_CONTRIBUTIONS = 2,
  WF_STREAM_STATUS = 3
} wf_stream_class;

typedef struct wf_stream_name {
  wf_mode mode;
  wf_nation origin;
  uint32_t writer;
  wf_audience audience;
  wf_stream_class stream_class;
} wf_stream_name;

#endif
