// What every decoder built on protobuf-c shares: a fixed arena instead of the heap, and checks that name what is wrong.
#ifndef WF_WIRE_PB_H
#define WF_WIRE_PB_H

#include <stdio.h>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "watchfire.pb-c.h"
#include "wire/codec.h"
#include "wire/stream.h"

// Unpacks into this thread's scratch memory, valid until the next call in the thread. NULL and a reason when the bytes
// are not this message or ask for more memory than the scratch has (repeated elements blow up a small message).
void *wf_pb_unpack(const ProtobufCMessageDescriptor *descriptor, wf_bytes in, const char *what,
                   char reason[WF_REASON_SIZE]);
// Packs; WF_EFULL when it does not fit.
wf_status wf_pb_pack(const ProtobufCMessage *message, uint8_t *out, size_t size, size_t *length);

__attribute__((format(printf, 3, 4))) wf_status wf_refuse(wf_status status, char reason[WF_REASON_SIZE],
                                                          const char *format, ...);

static inline bool wf_is_finite(double x) {
  return x - x == 0.0;
}
static inline bool wf_in(double x, double low, double high) {
  return x >= low && x <= high;
}  // false for NaN
bool wf_all_finite(const double *x, size_t count, double bound);
bool wf_text_ok(const char *text, size_t size);  // valid UTF-8 without control characters, fits in size with its NUL
bool wf_time_ok(int64_t ns);                     // 1970 to 2200: later arithmetic cannot overflow

// Stream names; `encode` points into *in, whose audience strings are placed in *strings.
wf_status wf_stream_name_decode(const Watchfire__V1__StreamName *in, wf_stream_name *out, char reason[WF_REASON_SIZE]);
typedef struct wf_stream_name_pb {
  Watchfire__V1__StreamName pb;
  wf_stream_name name;
  char *member[WF_NATION_MAX];
} wf_stream_name_pb;
Watchfire__V1__StreamName *wf_stream_name_encode(const wf_stream_name *in, wf_stream_name_pb *memory);

#endif
