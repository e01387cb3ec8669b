// Bundles: consecutive records of one stream and epoch, chained by hash, signed once. Parsed in place, because what is
// hashed, signed, stored and passed on is the bytes as received: nothing here ever re-encodes.
#ifndef WF_WIRE_BUNDLE_H
#define WF_WIRE_BUNDLE_H

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "wire/codec.h"
#include "wire/limits.h"
#include "wire/stream.h"

#define WF_SIGN_CONTEXT "watchfire-bundle-1"
#define WF_SIGN_MESSAGE_SIZE (sizeof WF_SIGN_CONTEXT + WF_HASH_SIZE)  // the context's NUL is part of it: 51 bytes

// Where an earlier epoch of the stream ends: its highest valid number.
typedef struct wf_epoch_end {
  uint64_t epoch, end;
} wf_epoch_end;

typedef struct wf_bundle {
  wf_stream_name stream;
  uint64_t epoch, first, last;
  uint8_t previous_hash[WF_HASH_SIZE];
  wf_bytes body;             // borrowed from the input
  const uint8_t *signature;  // WF_SIGNATURE_SIZE bytes, borrowed
  uint32_t record_count;
  uint32_t end_count;
  wf_epoch_end end[WF_EPOCH_ENDS_MAX];  // ascending by epoch, all below `epoch`
} wf_bundle;

// The envelope of one record of a bundle.
typedef struct wf_record_view {
  wf_bytes bytes;  // the whole encoded Record
  uint64_t sequence;
  wf_time valid_time, publish_time;
  uint32_t flags;
  uint32_t payload;  // field number of its payload in Record; 0 = none: it only carries its bundle's statements
} wf_record_view;
enum { WF_RECORD_NOT_DURABLE = 1 };                        // wf_record_view.flags
enum { WF_PAYLOAD_PRODUCT = 20, WF_PAYLOAD_OPAQUE = 40 };  // of wf_record_view.payload

// Checks a whole Bundle: name, bounds, consecutive numbers from `first`, every record's envelope. WF_EFORMAT with
// reason.
wf_status wf_bundle_parse(wf_bytes in, wf_bundle *out, char reason[WF_REASON_SIZE]);
// The same for a body alone, or its beginning up to the end of a record; out->signature = NULL.
wf_status wf_body_parse(wf_bytes body, wf_bundle *out, char reason[WF_REASON_SIZE]);
// What a frame carries of a bundle: all of it (Deliver), or its body's beginning (a first Part). WF_ENOTFOUND: nothing.
struct wf_frame;
wf_status wf_frame_bundle(const struct wf_frame *frame, wf_bundle *out, char reason[WF_REASON_SIZE]);
// The records of a parsed bundle, in order; *offset starts at 0.
bool wf_bundle_next(const wf_bundle *bundle, size_t *offset, wf_record_view *out);
wf_status wf_record_view_parse(wf_bytes in, wf_record_view *out, char reason[WF_REASON_SIZE]);

void wf_bundle_hash(wf_bytes body, uint8_t hash[WF_HASH_SIZE]);  // BLAKE2b-256
void wf_bundle_sign_message(const uint8_t hash[WF_HASH_SIZE], uint8_t out[WF_SIGN_MESSAGE_SIZE]);

// Building. The record's number, publish time and flags are put around its given encoding (which must have none).
void wf_bundle_put_record(wf_writer *records, uint64_t sequence, wf_time publish_time, uint32_t flags,
                          wf_bytes encoded);
// Head fields and the records written by wf_bundle_put_record make a body; body and signature make a Bundle.
void wf_bundle_put_body(wf_writer *out, const wf_bundle *head, wf_bytes records);
void wf_bundle_put(wf_writer *out, wf_bytes body, const uint8_t signature[WF_SIGNATURE_SIZE]);

#endif
