#include "wire/bundle.h"

#include <sodium.h>
#include <string.h>

#include "field.h"
#include "pb.h"
#include "wire/link.h"

static wf_status split_bundle(wf_bytes in, wf_bundle *out, char reason[WF_REASON_SIZE]) {
  wf_reader r = wf_reader_of(in.data, in.size);
  wf_field field;
  bool has_body = false;
  while (wf_field_next(&r, &field)) {
    if (field.number == 1 && field.type == WF_WIRE_BYTES) {
      if (has_body) return wf_refuse(WF_EFORMAT, reason, "bundle.body: twice");
      has_body = true;
      out->body = field.bytes;
    } else if (field.number == 2 && field.type == WF_WIRE_BYTES) {
      if (out->signature) return wf_refuse(WF_EFORMAT, reason, "bundle.signature: twice");
      if (field.bytes.size != WF_SIGNATURE_SIZE) return wf_refuse(WF_EFORMAT, reason, "bundle.signature: not 64 bytes");
      out->signature = field.bytes.data;
    }
  }
  if (r.failed) return wf_refuse(WF_EFORMAT, reason, "bundle: not valid protobuf");
  if (!has_body) return wf_refuse(WF_EFORMAT, reason, "bundle.body: missing");
  if (!out->signature) return wf_refuse(WF_EFORMAT, reason, "bundle.signature: missing");
  return WF_OK;
}

static wf_status read_stream(wf_bytes in, wf_stream_name *out, char reason[WF_REASON_SIZE]) {
  const Watchfire__V1__StreamName *name = wf_pb_unpack(&watchfire__v1__stream_name__descriptor, in, "stream", reason);
  return name ? wf_stream_name_decode(name, out, reason) : WF_EFORMAT;
}

// Each record carries its own number, so what matters is that they are consecutive.
static wf_status read_record(wf_bytes in, wf_bundle *out, char reason[WF_REASON_SIZE]) {
  wf_record_view record;
  const wf_status status = wf_record_view_parse(in, &record, reason);
  if (status != WF_OK) return status;
  if (record.sequence < 1 || record.sequence > WF_SEQUENCE_MAX)
    return wf_refuse(WF_EFORMAT, reason, "record.sequence: 0 or above 2^48-1");
  if (++out->record_count > WF_BUNDLE_RECORDS_MAX)
    return wf_refuse(WF_EFORMAT, reason, "bundle: more than %d records", WF_BUNDLE_RECORDS_MAX);
  if (out->record_count == 1) out->first = record.sequence;
  if (record.sequence != out->first + out->record_count - 1)
    return wf_refuse(WF_EFORMAT, reason, "record.sequence: not consecutive inside the bundle");
  out->last = record.sequence;
  return WF_OK;
}

static wf_status read_end(wf_bytes in, wf_bundle *out, char reason[WF_REASON_SIZE]) {
  wf_reader r = wf_reader_of(in.data, in.size);
  wf_field field;
  wf_epoch_end end = {0};
  while (wf_field_next(&r, &field)) {
    if (field.number == 1 && field.type == WF_WIRE_VARINT) end.epoch = field.value;
    if (field.number == 2 && field.type == WF_WIRE_VARINT) end.end = field.value;
  }
  if (r.failed) return wf_refuse(WF_EFORMAT, reason, "body.ends: not valid protobuf");
  if (out->end_count == WF_EPOCH_ENDS_MAX)
    return wf_refuse(WF_EFORMAT, reason, "body.ends: more than %d", WF_EPOCH_ENDS_MAX);
  if (end.epoch <= (out->end_count ? out->end[out->end_count - 1].epoch : 0) || end.end > WF_SEQUENCE_MAX)
    return wf_refuse(WF_EFORMAT, reason, "body.ends: not ascending, or above 2^48-1");
  out->end[out->end_count++] = end;
  return WF_OK;
}

static wf_status read_body_field(const wf_field *field, wf_bundle *out, char reason[WF_REASON_SIZE]) {
  if (field->number == 1 && field->type == WF_WIRE_BYTES) {
    if (out->stream.audience.count) return wf_refuse(WF_EFORMAT, reason, "body.stream: twice");
    return read_stream(field->bytes, &out->stream, reason);
  }
  if (field->number == 3 && field->type == WF_WIRE_BYTES) {
    if (field->bytes.size != WF_HASH_SIZE) return wf_refuse(WF_EFORMAT, reason, "body.previous_hash: not 32 bytes");
    memcpy(out->previous_hash, field->bytes.data, WF_HASH_SIZE);
  }
  if (field->number == 2 && field->type == WF_WIRE_VARINT) out->epoch = field->value;
  if (field->number == 5 && field->type == WF_WIRE_BYTES) return read_end(field->bytes, out, reason);
  if (field->number == 4 && field->type == WF_WIRE_BYTES) return read_record(field->bytes, out, reason);
  return WF_OK;
}

static wf_status check_head(const wf_bundle *b, char reason[WF_REASON_SIZE]) {
  if (!b->stream.audience.count) return wf_refuse(WF_EFORMAT, reason, "body.stream: missing");
  if (b->epoch < 1 || b->epoch > WF_EPOCH_MAX) return wf_refuse(WF_EFORMAT, reason, "body.epoch: 0 or above 2^62");
  if (b->record_count == 0) return wf_refuse(WF_EFORMAT, reason, "body.records: none");
  if (b->end_count && b->end[b->end_count - 1].epoch >= b->epoch)
    return wf_refuse(WF_EFORMAT, reason, "body.ends: not before its epoch");
  return WF_OK;
}

static wf_status read_body(wf_bundle *out, char reason[WF_REASON_SIZE]) {
  wf_status status = WF_OK;
  wf_reader r = wf_reader_of(out->body.data, out->body.size);
  wf_field field;
  while (status == WF_OK && wf_field_next(&r, &field)) status = read_body_field(&field, out, reason);
  if (status != WF_OK) return status;
  if (r.failed) return wf_refuse(WF_EFORMAT, reason, "body: not valid protobuf");
  return check_head(out, reason);
}

wf_status wf_bundle_parse(wf_bytes in, wf_bundle *out, char reason[WF_REASON_SIZE]) {
  memset(out, 0, offsetof(wf_bundle, end));
  reason[0] = 0;
  if (in.size > WF_BUNDLE_MAX) return wf_refuse(WF_EFORMAT, reason, "bundle: longer than %d bytes", WF_BUNDLE_MAX);
  const wf_status status = split_bundle(in, out, reason);
  return status == WF_OK ? read_body(out, reason) : status;
}

wf_status wf_body_parse(wf_bytes body, wf_bundle *out, char reason[WF_REASON_SIZE]) {
  memset(out, 0, offsetof(wf_bundle, end));
  reason[0] = 0;
  if (body.size > WF_BUNDLE_MAX) return wf_refuse(WF_EFORMAT, reason, "body: longer than %d bytes", WF_BUNDLE_MAX);
  out->body = body;
  return read_body(out, reason);
}

wf_status wf_frame_bundle(const wf_frame *frame, wf_bundle *out, char reason[WF_REASON_SIZE]) {
  if (frame->kind == WF_FRAME_DELIVER) return wf_bundle_parse(frame->deliver.bundle, out, reason);
  if (frame->kind == WF_FRAME_PART && frame->part.offset == 0) return wf_body_parse(frame->part.piece, out, reason);
  return WF_ENOTFOUND;
}

bool wf_bundle_next(const wf_bundle *bundle, size_t *offset, wf_record_view *out) {
  wf_reader r = wf_reader_of(bundle->body.data, bundle->body.size);
  char reason[WF_REASON_SIZE];
  wf_field field;
  r.offset = *offset;
  while (wf_field_next(&r, &field)) {
    *offset = r.offset;
    if (field.number == 4 && field.type == WF_WIRE_BYTES)
      return wf_record_view_parse(field.bytes, out, reason) == WF_OK;
  }
  return false;
}

wf_status wf_record_view_parse(wf_bytes in, wf_record_view *out, char reason[WF_REASON_SIZE]) {
  *out = (wf_record_view){.bytes = in};
  if (in.size > WF_RECORD_MAX) return wf_refuse(WF_EFORMAT, reason, "record: longer than %d bytes", WF_RECORD_MAX);
  wf_reader r = wf_reader_of(in.data, in.size);
  wf_field field;
  while (wf_field_next(&r, &field)) {
    if (field.number == 1 && field.type == WF_WIRE_VARINT) out->sequence = field.value;
    if (field.number == 2 && field.type == WF_WIRE_FIXED64) out->valid_time.ns = (int64_t)field.value;
    if (field.number == 3 && field.type == WF_WIRE_FIXED64) out->publish_time.ns = (int64_t)field.value;
    if (field.number == 4 && field.type == WF_WIRE_VARINT) out->flags |= (uint32_t)field.value;
    if (field.number >= 10) out->payload = field.number;  // known or of a newer version
  }
  return r.failed ? wf_refuse(WF_EFORMAT, reason, "record: not valid protobuf") : WF_OK;
}

void wf_bundle_hash(wf_bytes body, uint8_t hash[WF_HASH_SIZE]) {
  crypto_generichash(hash, WF_HASH_SIZE, body.data, body.size, NULL, 0);
}

void wf_bundle_sign_message(const uint8_t hash[WF_HASH_SIZE], uint8_t out[WF_SIGN_MESSAGE_SIZE]) {
  memcpy(out, WF_SIGN_CONTEXT, sizeof WF_SIGN_CONTEXT);
  memcpy(out + sizeof WF_SIGN_CONTEXT, hash, WF_HASH_SIZE);
}

// Protobuf lets fields stand in any order and takes the last of a scalar given twice, so the number and times can go
// around an encoding without opening it.
void wf_bundle_put_record(wf_writer *records, uint64_t sequence, wf_time publish_time, uint32_t flags,
                          wf_bytes encoded) {
  const size_t head = 1 + wf_varint_size(sequence) + (publish_time.ns ? 9 : 0);
  const size_t tail = flags ? 1 + wf_varint_size(flags) : 0;
  wf_write_varint(records, 4 << 3 | WF_WIRE_BYTES);
  wf_write_varint(records, head + encoded.size + tail);
  wf_put_varint(records, 1, sequence);
  wf_put_fixed64(records, 3, (uint64_t)publish_time.ns);
  wf_write_bytes(records, encoded.data, encoded.size);
  wf_put_varint(records, 4, flags);
}

void wf_bundle_put_body(wf_writer *out, const wf_bundle *head, wf_bytes records) {
  uint8_t name[128];
  size_t length = 0;
  wf_stream_name_pb memory;
  if (wf_pb_pack(&wf_stream_name_encode(&head->stream, &memory)->base, name, sizeof name, &length) != WF_OK)
    out->failed = true;
  wf_put_bytes(out, 1, (wf_bytes){name, length});
  wf_put_varint(out, 2, head->epoch);
  wf_put_bytes(out, 3, (wf_bytes){head->previous_hash, WF_HASH_SIZE});
  for (uint32_t i = 0; i < head->end_count; i++) {
    uint8_t end[32];
    wf_writer w = wf_writer_of(end, sizeof end);
    wf_put_varint(&w, 1, head->end[i].epoch);
    wf_put_varint(&w, 2, head->end[i].end);
    wf_put_bytes(out, 5, (wf_bytes){end, w.offset});
  }
  wf_write_bytes(out, records.data, records.size);
}

void wf_bundle_put(wf_writer *out, wf_bytes body, const uint8_t signature[WF_SIGNATURE_SIZE]) {
  wf_put_bytes(out, 1, body);
  wf_put_bytes(out, 2, (wf_bytes){signature, WF_SIGNATURE_SIZE});
}
