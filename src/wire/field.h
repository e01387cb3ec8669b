// A cursor over protobuf fields, for the few places where the exact bytes of a sub-message matter (bundles, records):
// protobuf-c decodes into structs and would lose them. Bounded, no allocation.
#ifndef WF_WIRE_FIELD_H
#define WF_WIRE_FIELD_H

#include "base/bytes.h"

typedef enum wf_wire_type {
  WF_WIRE_VARINT = 0,
  WF_WIRE_FIXED64 = 1,
  WF_WIRE_BYTES = 2,
  WF_WIRE_FIXED32 = 5
} wf_wire_type;

typedef struct wf_field {
  uint32_t number;
  wf_wire_type type;
  uint64_t value;  // varint and fixed
  wf_bytes bytes;  // WF_WIRE_BYTES
} wf_field;

// Next field; false at the end or when the bytes are not protobuf (then r->failed).
bool wf_field_next(wf_reader *r, wf_field *out);

uint64_t wf_read_varint(wf_reader *r);
void wf_write_varint(wf_writer *w, uint64_t value);
size_t wf_varint_size(uint64_t value);
// Scalars that are 0 are left out, as proto3 does.
void wf_put_varint(wf_writer *w, uint32_t number, uint64_t value);
void wf_put_fixed64(wf_writer *w, uint32_t number, uint64_t value);
void wf_put_bytes(wf_writer *w, uint32_t number, wf_bytes bytes);

#endif
