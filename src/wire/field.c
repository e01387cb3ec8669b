#include "field.h"

uint64_t wf_read_varint(wf_reader *r) {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const uint64_t byte = wf_read_uint(r, 1);
    if (r->failed) return 0;
    if (shift == 63 && byte > 1) break;  // more than 64 bits
    value |= (byte & 0x7f) << shift;
    if (!(byte & 0x80)) return value;
  }
  r->failed = true;
  return 0;
}

static uint64_t read_little_endian(wf_reader *r, unsigned bytes) {
  const wf_bytes raw = wf_read_bytes(r, bytes);
  uint64_t value = 0;
  if (r->failed) return 0;
  for (unsigned i = 0; i < bytes; i++) value |= (uint64_t)raw.data[i] << (8 * i);
  return value;
}

bool wf_field_next(wf_reader *r, wf_field *out) {
  if (r->failed || r->offset >= r->size) return false;
  const uint64_t tag = wf_read_varint(r);
  if (r->failed || tag >> 3 == 0 || tag >> 3 > 0x1fffffff) {
    r->failed = true;
    return false;
  }
  *out = (wf_field){.number = (uint32_t)(tag >> 3), .type = (wf_wire_type)(tag & 7)};
  switch (tag & 7) {
    case WF_WIRE_VARINT:
      out->value = wf_read_varint(r);
      break;
    case WF_WIRE_FIXED64:
      out->value = read_little_endian(r, 8);
      break;
    case WF_WIRE_FIXED32:
      out->value = read_little_endian(r, 4);
      break;
    case WF_WIRE_BYTES: {
      const uint64_t size = wf_read_varint(r);
      if (!r->failed && size > r->size - r->offset) r->failed = true;
      if (!r->failed) out->bytes = wf_read_bytes(r, (size_t)size);
      break;
    }
    default:
      r->failed = true;  // groups are not part of proto3
  }
  return !r->failed;
}

size_t wf_varint_size(uint64_t value) {
  size_t size = 1;
  while (value >>= 7) size++;
  return size;
}

void wf_write_varint(wf_writer *w, uint64_t value) {
  while (value >= 0x80) {
    wf_write_uint(w, (value & 0x7f) | 0x80, 1);
    value >>= 7;
  }
  wf_write_uint(w, value, 1);
}

void wf_put_varint(wf_writer *w, uint32_t number, uint64_t value) {
  if (value == 0) return;
  wf_write_varint(w, (uint64_t)number << 3 | WF_WIRE_VARINT);
  wf_write_varint(w, value);
}

void wf_put_fixed64(wf_writer *w, uint32_t number, uint64_t value) {
  if (value == 0) return;
  uint8_t raw[8];
  for (unsigned i = 0; i < 8; i++) raw[i] = (uint8_t)(value >> (8 * i));
  wf_write_varint(w, (uint64_t)number << 3 | WF_WIRE_FIXED64);
  wf_write_bytes(w, raw, sizeof raw);
}

void wf_put_bytes(wf_writer *w, uint32_t number, wf_bytes bytes) {
  wf_write_varint(w, (uint64_t)number << 3 | WF_WIRE_BYTES);
  wf_write_varint(w, bytes.size);
  wf_write_bytes(w, bytes.data, bytes.size);
}
