// Frames of the partner link ⇄ bytes. On the wire each is a 4-byte big-endian length and one Frame.
#ifndef WF_WIRE_LINK_H
#define WF_WIRE_LINK_H

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "wire/codec.h"
#include "wire/limits.h"
#include "wire/stream.h"

typedef enum wf_frame_kind {
  WF_FRAME_UNKNOWN = 0,  // a newer version's frame: to be counted and passed over
  WF_FRAME_HELLO,
  WF_FRAME_HAVE,
  WF_FRAME_DELIVER,
  WF_FRAME_WANT,
  WF_FRAME_ACK,
  WF_FRAME_PING,
  WF_FRAME_PONG,
  WF_FRAME_BYE,
  WF_FRAME_RELAY,
  WF_FRAME_PART,  // from here on: version 2
  WF_FRAME_SEAL,
} wf_frame_kind;

typedef enum wf_bye_reason {
  WF_BYE_NORMAL = 1,
  WF_BYE_MALFORMED,
  WF_BYE_VERSION,
  WF_BYE_MODE,
  WF_BYE_IDENTITY,
  WF_BYE_SILENT,
  WF_BYE_TWIN,
  WF_BYE_ORDER,
  WF_BYE_UNSIGNED,
  WF_BYE_SUSPENDED,
  WF_BYE_REVOKED,
  WF_BYE_REASON_COUNT
} wf_bye_reason;
const char *wf_bye_name(wf_bye_reason reason);

typedef struct wf_range {
  uint64_t first, last;
} wf_range;  // inclusive, first ≥ 1

typedef struct wf_hello {
  uint32_t version, version_min;
  wf_mode mode;
  wf_nation nation;
  uint32_t writer, lane;
  wf_time wall;
  uint64_t boot, epoch;
} wf_hello;
typedef struct wf_stream_have {
  wf_stream_name stream;
  uint64_t epoch, contiguous, highest_known_epoch;
  uint32_t extra_count;
  wf_range extra[WF_HAVE_RANGES_MAX];  // ascending, disjoint, above contiguous
  bool has_end_hash;
  uint8_t end_hash[WF_HASH_SIZE];  // of the bundle that ends at contiguous
} wf_stream_have;
typedef struct wf_have {
  bool snapshot;
  uint32_t count;
  wf_stream_have entry[WF_HAVE_ENTRIES_MAX];
} wf_have;  // also an Ack
typedef struct wf_want {
  wf_stream_name stream;
  uint64_t epoch;
  uint32_t count;
  wf_range range[WF_HAVE_RANGES_MAX];
} wf_want;
typedef struct wf_deliver {
  wf_bytes bundle;
  bool backfill, relayed;
} wf_deliver;  // bundle: borrowed from the input
typedef struct wf_ping {
  uint64_t id;
  int64_t sent_mono_ns;
  wf_time sent_wall;
  uint32_t linked_count;
  wf_nation linked[WF_NATION_MAX];
} wf_ping;
typedef struct wf_pong {
  uint64_t id;
  int64_t sent_mono_ns;
  wf_time received_wall, replied_wall;
} wf_pong;
typedef struct wf_bye {
  wf_bye_reason reason;
  char text[WF_BYE_TEXT_SIZE];
} wf_bye;
typedef struct wf_relay {
  uint32_t count;
  wf_nation origin[WF_NATION_MAX];
} wf_relay;

// A bundle's body on its way to a partner before it is signed: its bytes as they are written, and then the signature.
typedef struct wf_part {
  uint64_t id;      // of the body, on this connection
  uint64_t offset;  // of the piece in the body
  wf_bytes piece;   // borrowed from the input
} wf_part;
typedef struct wf_seal {
  uint64_t id;
  uint8_t signature[WF_SIGNATURE_SIZE];
} wf_seal;

typedef struct wf_frame {
  wf_frame_kind kind;
  union {
    wf_hello hello;
    wf_have have;
    wf_deliver deliver;
    wf_want want;
    wf_ping ping;
    wf_pong pong;
    wf_bye bye;
    wf_relay relay;
    wf_part part;
    wf_seal seal;
  };
} wf_frame;  // WF_FRAME_ACK uses `have`; large (tens of kB): keep one, do not put it on a stack

wf_status wf_frame_decode(wf_bytes in, wf_frame *out, char reason[WF_REASON_SIZE]);
// WF_EFULL when it does not fit, WF_EINVAL for WF_FRAME_UNKNOWN.
wf_status wf_frame_encode(const wf_frame *frame, uint8_t *out, size_t size, size_t *length);

#endif
