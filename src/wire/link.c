#include "wire/link.h"

#include <string.h>

#include "field.h"
#include "pb.h"

const char *wf_bye_name(wf_bye_reason reason) {
  static const char *const name[WF_BYE_REASON_COUNT] = {"unknown", "normal",   "malformed", "version",
                                                        "mode",    "identity", "silent",    "twin",
                                                        "order",   "unsigned", "suspended", "revoked"};
  return (unsigned)reason < WF_BYE_REASON_COUNT ? name[reason] : name[0];
}

// ---- Decoding ------------------------------------------------------------------------------------------------
static wf_status decode_hello(const Watchfire__V1__Hello *in, wf_hello *out, char reason[WF_REASON_SIZE]) {
  if (in->version_min < 1 || in->version < in->version_min)
    return wf_refuse(WF_EFORMAT, reason, "hello.version: no range of versions");
  if (in->mode < 1 || in->mode > 3) return wf_refuse(WF_EFORMAT, reason, "hello.mode: %d is not a mode", (int)in->mode);
  if (in->lane < 1 || in->lane > 2) return wf_refuse(WF_EFORMAT, reason, "hello.lane: %u is not a lane", in->lane);
  if (wf_nation_parse(in->nation, &out->nation) != WF_OK)
    return wf_refuse(WF_EFORMAT, reason, "hello.nation: not a nation code");
  if (!wf_time_ok(in->wall_ns)) return wf_refuse(WF_ETIME, reason, "hello.wall_ns: not between 1970 and 2200");
  if (in->epoch > WF_EPOCH_MAX) return wf_refuse(WF_EFORMAT, reason, "hello.epoch: above 2^62");
  out->version = in->version;
  out->version_min = in->version_min;
  out->mode = (wf_mode)in->mode;
  out->writer = in->writer;
  out->lane = in->lane;
  out->wall.ns = in->wall_ns;
  out->boot = in->boot;
  out->epoch = in->epoch;
  return WF_OK;
}

// Ascending, disjoint, not empty, above `floor`.
static wf_status decode_ranges(Watchfire__V1__Range *const *in, size_t count, uint64_t floor, wf_range *out,
                               char reason[WF_REASON_SIZE]) {
  if (count > WF_HAVE_RANGES_MAX)
    return wf_refuse(WF_EFORMAT, reason, "ranges: %zu, at most %d", count, WF_HAVE_RANGES_MAX);
  for (size_t i = 0; i < count; i++) {
    if (in[i]->first <= floor || in[i]->last < in[i]->first || in[i]->last > WF_SEQUENCE_MAX)
      return wf_refuse(WF_EFORMAT, reason, "ranges[%zu]: empty, not ascending or above 2^48-1", i);
    out[i] = (wf_range){in[i]->first, in[i]->last};
    floor = in[i]->last;
  }
  return WF_OK;
}

static wf_status decode_stream_have(const Watchfire__V1__StreamHave *in, wf_stream_have *out,
                                    char reason[WF_REASON_SIZE]) {
  wf_status status = wf_stream_name_decode(in->stream, &out->stream, reason);
  if (status != WF_OK) return status;
  if (in->epoch < 1 || in->epoch > WF_EPOCH_MAX || in->highest_known_epoch > WF_EPOCH_MAX)
    return wf_refuse(WF_EFORMAT, reason, "have.epoch: 0 or above 2^62");
  if (in->contiguous > WF_SEQUENCE_MAX) return wf_refuse(WF_EFORMAT, reason, "have.contiguous: above 2^48-1");
  out->epoch = in->epoch;
  out->contiguous = in->contiguous;
  out->highest_known_epoch = in->highest_known_epoch;
  if (in->end_hash.len != 0 && in->end_hash.len != WF_HASH_SIZE)
    return wf_refuse(WF_EFORMAT, reason, "have.end_hash: not 32 bytes");
  out->has_end_hash = in->end_hash.len > 0;
  if (out->has_end_hash) memcpy(out->end_hash, in->end_hash.data, WF_HASH_SIZE);
  out->extra_count = (uint32_t)in->n_extra;
  return decode_ranges(in->extra, in->n_extra, in->contiguous, out->extra, reason);
}

static wf_status decode_haves(Watchfire__V1__StreamHave *const *in, size_t count, wf_have *out,
                              char reason[WF_REASON_SIZE]) {
  if (count > WF_HAVE_ENTRIES_MAX)
    return wf_refuse(WF_EFORMAT, reason, "have: %zu streams, at most %d", count, WF_HAVE_ENTRIES_MAX);
  out->count = (uint32_t)count;
  out->snapshot = false;
  wf_status status = WF_OK;
  for (size_t i = 0; status == WF_OK && i < count; i++) status = decode_stream_have(in[i], &out->entry[i], reason);
  return status;
}

static wf_status decode_want(const Watchfire__V1__Want *in, wf_want *out, char reason[WF_REASON_SIZE]) {
  const wf_status status = wf_stream_name_decode(in->stream, &out->stream, reason);
  if (status != WF_OK) return status;
  if (in->epoch < 1 || in->epoch > WF_EPOCH_MAX) return wf_refuse(WF_EFORMAT, reason, "want.epoch: 0 or above 2^62");
  out->epoch = in->epoch;
  out->count = (uint32_t)in->n_ranges;
  return decode_ranges(in->ranges, in->n_ranges, 0, out->range, reason);
}

static wf_status decode_nations(char *const *in, size_t count, wf_nation *out, uint32_t *out_count,
                                char reason[WF_REASON_SIZE]) {
  if (count > WF_NATION_MAX) return wf_refuse(WF_EFORMAT, reason, "nations: %zu, at most %d", count, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++)
    if (wf_nation_parse(in[i], &out[i]) != WF_OK)
      return wf_refuse(WF_EFORMAT, reason, "nations[%zu]: not a nation code", i);
  *out_count = (uint32_t)count;
  return WF_OK;
}

static wf_status decode_ping(const Watchfire__V1__Ping *in, wf_ping *out, char reason[WF_REASON_SIZE]) {
  if (!wf_time_ok(in->sent_wall_ns)) return wf_refuse(WF_ETIME, reason, "ping.sent_wall_ns: not between 1970 and 2200");
  out->id = in->id;
  out->sent_mono_ns = in->sent_mono_ns;
  out->sent_wall.ns = in->sent_wall_ns;
  return decode_nations(in->linked, in->n_linked, out->linked, &out->linked_count, reason);
}

static wf_status decode_pong(const Watchfire__V1__Pong *in, wf_pong *out, char reason[WF_REASON_SIZE]) {
  if (!wf_time_ok(in->received_wall_ns) || !wf_time_ok(in->replied_wall_ns))
    return wf_refuse(WF_ETIME, reason, "pong: a time is not between 1970 and 2200");
  *out = (wf_pong){in->id, in->sent_mono_ns, {in->received_wall_ns}, {in->replied_wall_ns}};
  return WF_OK;
}

static wf_status decode_bye(const Watchfire__V1__Bye *in, wf_bye *out, char reason[WF_REASON_SIZE]) {
  if (!wf_text_ok(in->text, WF_BYE_TEXT_SIZE)) return wf_refuse(WF_EFORMAT, reason, "bye.text: too long or not UTF-8");
  out->reason = in->reason < WF_BYE_REASON_COUNT ? (wf_bye_reason)in->reason : 0;
  memcpy(out->text, in->text, strlen(in->text) + 1);
  return WF_OK;
}

static wf_status decode_deliver(wf_bytes in, wf_deliver *out, char reason[WF_REASON_SIZE]) {
  wf_reader r = wf_reader_of(in.data, in.size);
  wf_field field;
  memset(out, 0, sizeof *out);
  while (wf_field_next(&r, &field)) {
    if (field.number == 1 && field.type == WF_WIRE_BYTES) out->bundle = field.bytes;
    if (field.number == 2 && field.type == WF_WIRE_VARINT) out->backfill = field.value != 0;
    if (field.number == 3 && field.type == WF_WIRE_VARINT) out->relayed = field.value != 0;
  }
  if (r.failed) return wf_refuse(WF_EFORMAT, reason, "deliver: not valid protobuf");
  return out->bundle.data ? WF_OK : wf_refuse(WF_EFORMAT, reason, "deliver.bundle: missing");
}

static wf_status decode_part(wf_bytes in, wf_part *out, char reason[WF_REASON_SIZE]) {
  wf_reader r = wf_reader_of(in.data, in.size);
  wf_field field;
  memset(out, 0, sizeof *out);
  while (wf_field_next(&r, &field)) {
    if (field.number == 1 && field.type == WF_WIRE_VARINT) out->id = field.value;
    if (field.number == 2 && field.type == WF_WIRE_VARINT) out->offset = field.value;
    if (field.number == 3 && field.type == WF_WIRE_BYTES) out->piece = field.bytes;
  }
  if (r.failed) return wf_refuse(WF_EFORMAT, reason, "part: not valid protobuf");
  if (out->piece.size == 0) return wf_refuse(WF_EFORMAT, reason, "part.piece: missing");
  if (out->offset > WF_PARTS_BODY_MAX || out->piece.size > WF_PARTS_BODY_MAX - out->offset)
    return wf_refuse(WF_EFORMAT, reason, "part: its body is longer than %d bytes", WF_PARTS_BODY_MAX);
  return WF_OK;
}

static wf_status decode_seal(wf_bytes in, wf_seal *out, char reason[WF_REASON_SIZE]) {
  wf_reader r = wf_reader_of(in.data, in.size);
  wf_field field;
  bool has_signature = false;
  out->id = 0;
  while (wf_field_next(&r, &field)) {
    if (field.number == 1 && field.type == WF_WIRE_VARINT) out->id = field.value;
    if (field.number != 2 || field.type != WF_WIRE_BYTES) continue;
    if (field.bytes.size != WF_SIGNATURE_SIZE) return wf_refuse(WF_EFORMAT, reason, "seal.signature: not 64 bytes");
    memcpy(out->signature, field.bytes.data, WF_SIGNATURE_SIZE);
    has_signature = true;
  }
  if (r.failed) return wf_refuse(WF_EFORMAT, reason, "seal: not valid protobuf");
  return has_signature ? WF_OK : wf_refuse(WF_EFORMAT, reason, "seal.signature: missing");
}

static const ProtobufCMessageDescriptor *descriptor_of(wf_frame_kind kind) {
  switch (kind) {
    case WF_FRAME_HELLO:
      return &watchfire__v1__hello__descriptor;
    case WF_FRAME_HAVE:
      return &watchfire__v1__have__descriptor;
    case WF_FRAME_WANT:
      return &watchfire__v1__want__descriptor;
    case WF_FRAME_ACK:
      return &watchfire__v1__ack__descriptor;
    case WF_FRAME_PING:
      return &watchfire__v1__ping__descriptor;
    case WF_FRAME_PONG:
      return &watchfire__v1__pong__descriptor;
    case WF_FRAME_BYE:
      return &watchfire__v1__bye__descriptor;
    case WF_FRAME_RELAY:
      return &watchfire__v1__relay__descriptor;
    default:
      return NULL;
  }
}

static wf_status decode_body(wf_bytes in, wf_frame *out, char reason[WF_REASON_SIZE]) {
  if (out->kind == WF_FRAME_DELIVER) return decode_deliver(in, &out->deliver, reason);
  if (out->kind == WF_FRAME_PART) return decode_part(in, &out->part, reason);
  if (out->kind == WF_FRAME_SEAL) return decode_seal(in, &out->seal, reason);
  const void *pb = wf_pb_unpack(descriptor_of(out->kind), in, "frame", reason);
  if (!pb) return WF_EFORMAT;
  switch (out->kind) {
    case WF_FRAME_HELLO:
      return decode_hello(pb, &out->hello, reason);
    case WF_FRAME_WANT:
      return decode_want(pb, &out->want, reason);
    case WF_FRAME_PING:
      return decode_ping(pb, &out->ping, reason);
    case WF_FRAME_PONG:
      return decode_pong(pb, &out->pong, reason);
    case WF_FRAME_BYE:
      return decode_bye(pb, &out->bye, reason);
    case WF_FRAME_HAVE: {
      const Watchfire__V1__Have *have = pb;
      const wf_status status = decode_haves(have->streams, have->n_streams, &out->have, reason);
      out->have.snapshot = have->snapshot;
      return status;
    }
    case WF_FRAME_ACK: {
      const Watchfire__V1__Ack *ack = pb;
      return decode_haves(ack->durable, ack->n_durable, &out->have, reason);
    }
    default: {
      const Watchfire__V1__Relay *relay = pb;
      return decode_nations(relay->origins, relay->n_origins, out->relay.origin, &out->relay.count, reason);
    }
  }
}

wf_status wf_frame_decode(wf_bytes in, wf_frame *out, char reason[WF_REASON_SIZE]) {
  wf_reader r = wf_reader_of(in.data, in.size);
  wf_bytes body = {0};
  wf_field field;
  out->kind = WF_FRAME_UNKNOWN;
  reason[0] = 0;
  if (in.size > WF_FRAME_MAX) return wf_refuse(WF_EFORMAT, reason, "frame: longer than %d bytes", WF_FRAME_MAX);
  while (wf_field_next(&r, &field)) {
    if (field.number < WF_FRAME_HELLO || field.number > WF_FRAME_SEAL) continue;
    if (field.type != WF_WIRE_BYTES)
      return wf_refuse(WF_EFORMAT, reason, "frame: body %u is not a message", field.number);
    if (out->kind != WF_FRAME_UNKNOWN) return wf_refuse(WF_EFORMAT, reason, "frame: two bodies");
    out->kind = (wf_frame_kind)field.number;
    body = field.bytes;
  }
  if (r.failed) return wf_refuse(WF_EFORMAT, reason, "frame: not valid protobuf");
  return out->kind == WF_FRAME_UNKNOWN ? WF_OK : decode_body(body, out, reason);
}

// ---- Encoding ------------------------------------------------------------------------------------------------

typedef struct range_memory {
  Watchfire__V1__Range range[WF_HAVE_RANGES_MAX], *list[WF_HAVE_RANGES_MAX];
} range_memory;

static Watchfire__V1__Range **encode_ranges(const wf_range *in, uint32_t count, range_memory *m) {
  for (uint32_t i = 0; i < count; i++) {
    watchfire__v1__range__init(&m->range[i]);
    m->range[i].first = in[i].first;
    m->range[i].last = in[i].last;
    m->list[i] = &m->range[i];
  }
  return m->list;
}

// Have and Ack: one stream at a time, appended, since the concatenation of encodings is the encoding of all.
static wf_status encode_haves(const wf_have *in, bool ack, wf_writer *w) {
  if (in->count > WF_HAVE_ENTRIES_MAX) return WF_EINVAL;
  for (uint32_t i = 0; i < in->count; i++) {
    const wf_stream_have *from = &in->entry[i];
    if (from->extra_count > WF_HAVE_RANGES_MAX) return WF_EINVAL;
    Watchfire__V1__StreamHave entry, *list = &entry;
    wf_stream_name_pb name;
    range_memory ranges;
    watchfire__v1__stream_have__init(&entry);
    entry.stream = wf_stream_name_encode(&from->stream, &name);
    entry.epoch = from->epoch;
    entry.contiguous = from->contiguous;
    entry.highest_known_epoch = from->highest_known_epoch;
    uint8_t end_hash[WF_HASH_SIZE];
    memcpy(end_hash, from->end_hash, sizeof end_hash);
    if (from->has_end_hash) entry.end_hash = (ProtobufCBinaryData){sizeof end_hash, end_hash};
    entry.n_extra = from->extra_count;
    entry.extra = encode_ranges(from->extra, from->extra_count, &ranges);
    Watchfire__V1__Have have;
    watchfire__v1__have__init(&have);
    Watchfire__V1__Ack durable;
    watchfire__v1__ack__init(&durable);
    have.n_streams = durable.n_durable = 1;
    have.streams = durable.durable = &list;
    size_t length = 0;
    const wf_status status =
        wf_pb_pack(ack ? &durable.base : &have.base, w->data + w->offset, w->size - w->offset, &length);
    if (status != WF_OK) return status;
    w->offset += length;
  }
  if (!ack) wf_put_varint(w, 2, in->snapshot);
  return w->failed ? WF_EFULL : WF_OK;
}

static wf_status pack_into(wf_writer *w, const ProtobufCMessage *message) {
  size_t length = 0;
  const wf_status status = wf_pb_pack(message, w->data + w->offset, w->size - w->offset, &length);
  w->offset += length;
  return status;
}

static wf_status encode_hello(const wf_hello *in, wf_writer *w) {
  Watchfire__V1__Hello pb;
  watchfire__v1__hello__init(&pb);
  wf_nation nation = in->nation;
  pb.version = in->version;
  pb.version_min = in->version_min;
  pb.mode = (Watchfire__V1__Mode)in->mode;
  pb.nation = nation.code;
  pb.writer = in->writer;
  pb.lane = in->lane;
  pb.wall_ns = in->wall.ns;
  pb.boot = in->boot;
  pb.epoch = in->epoch;
  return pack_into(w, &pb.base);
}

static wf_status encode_want(const wf_want *in, wf_writer *w) {
  Watchfire__V1__Want pb;
  watchfire__v1__want__init(&pb);
  wf_stream_name_pb name;
  range_memory ranges;
  if (in->count > WF_HAVE_RANGES_MAX) return WF_EINVAL;
  pb.stream = wf_stream_name_encode(&in->stream, &name);
  pb.epoch = in->epoch;
  pb.n_ranges = in->count;
  pb.ranges = encode_ranges(in->range, in->count, &ranges);
  return pack_into(w, &pb.base);
}

static wf_status encode_ping(const wf_ping *in, wf_writer *w) {
  Watchfire__V1__Ping pb;
  watchfire__v1__ping__init(&pb);
  wf_nation nation[WF_NATION_MAX];
  char *list[WF_NATION_MAX];
  if (in->linked_count > WF_NATION_MAX) return WF_EINVAL;
  pb.id = in->id;
  pb.sent_mono_ns = in->sent_mono_ns;
  pb.sent_wall_ns = in->sent_wall.ns;
  pb.n_linked = in->linked_count;
  pb.linked = list;
  for (uint32_t i = 0; i < in->linked_count; i++) {
    nation[i] = in->linked[i];
    list[i] = nation[i].code;
  }
  return pack_into(w, &pb.base);
}

static wf_status encode_pong(const wf_pong *in, wf_writer *w) {
  Watchfire__V1__Pong pb;
  watchfire__v1__pong__init(&pb);
  pb.id = in->id;
  pb.sent_mono_ns = in->sent_mono_ns;
  pb.received_wall_ns = in->received_wall.ns;
  pb.replied_wall_ns = in->replied_wall.ns;
  return pack_into(w, &pb.base);
}

static wf_status encode_bye(const wf_bye *in, wf_writer *w) {
  Watchfire__V1__Bye pb;
  watchfire__v1__bye__init(&pb);
  wf_bye copy = *in;
  pb.reason = in->reason;
  pb.text = copy.text;
  return pack_into(w, &pb.base);
}

static wf_status encode_relay(const wf_relay *in, wf_writer *w) {
  Watchfire__V1__Relay pb;
  watchfire__v1__relay__init(&pb);
  wf_relay copy = *in;
  char *list[WF_NATION_MAX];
  if (in->count > WF_NATION_MAX) return WF_EINVAL;
  for (uint32_t i = 0; i < in->count; i++) list[i] = copy.origin[i].code;
  pb.n_origins = in->count;
  pb.origins = list;
  return pack_into(w, &pb.base);
}

static wf_status encode_deliver(const wf_deliver *in, wf_writer *w) {
  wf_put_bytes(w, 1, in->bundle);
  wf_put_varint(w, 2, in->backfill);
  wf_put_varint(w, 3, in->relayed);
  return w->failed ? WF_EFULL : WF_OK;
}

static wf_status encode_part(const wf_part *in, wf_writer *w) {
  wf_put_varint(w, 1, in->id);
  wf_put_varint(w, 2, in->offset);
  wf_put_bytes(w, 3, in->piece);
  return w->failed ? WF_EFULL : WF_OK;
}

static wf_status encode_seal(const wf_seal *in, wf_writer *w) {
  wf_put_varint(w, 1, in->id);
  wf_put_bytes(w, 2, (wf_bytes){in->signature, WF_SIGNATURE_SIZE});
  return w->failed ? WF_EFULL : WF_OK;
}

static wf_status encode_body(const wf_frame *frame, wf_writer *w) {
  switch (frame->kind) {
    case WF_FRAME_HELLO:
      return encode_hello(&frame->hello, w);
    case WF_FRAME_HAVE:
      return encode_haves(&frame->have, false, w);
    case WF_FRAME_DELIVER:
      return encode_deliver(&frame->deliver, w);
    case WF_FRAME_WANT:
      return encode_want(&frame->want, w);
    case WF_FRAME_ACK:
      return encode_haves(&frame->have, true, w);
    case WF_FRAME_PING:
      return encode_ping(&frame->ping, w);
    case WF_FRAME_PONG:
      return encode_pong(&frame->pong, w);
    case WF_FRAME_BYE:
      return encode_bye(&frame->bye, w);
    case WF_FRAME_RELAY:
      return encode_relay(&frame->relay, w);
    case WF_FRAME_PART:
      return encode_part(&frame->part, w);
    case WF_FRAME_SEAL:
      return encode_seal(&frame->seal, w);
    default:
      return WF_EINVAL;
  }
}

// The body is written behind room for the longest head, then moved up to its head: one pass, no second buffer.
wf_status wf_frame_encode(const wf_frame *frame, uint8_t *out, size_t size, size_t *length) {
  enum { HEAD = 1 + 4 };
  if (size < HEAD) return WF_EFULL;
  wf_writer w = wf_writer_of(out + HEAD, size - HEAD);
  const wf_status status = encode_body(frame, &w);
  if (status != WF_OK) return status;
  uint8_t head[HEAD + 8];
  wf_writer h = wf_writer_of(head, sizeof head);
  wf_write_varint(&h, (uint64_t)frame->kind << 3 | WF_WIRE_BYTES);
  wf_write_varint(&h, w.offset);
  if (h.offset > HEAD) return WF_EFULL;
  memmove(out + h.offset, out + HEAD, w.offset);
  memcpy(out, head, h.offset);
  *length = h.offset + w.offset;
  return WF_OK;
}
