#include "pb.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"

#define SCRATCH_SIZE (1024 * 1024)  // 60 times the largest honest message; a message that needs more is refused

static _Thread_local _Alignas(16) uint8_t scratch[SCRATCH_SIZE];

static void *take(void *context, size_t size) {
  wf_arena *arena = context;
  // Not wf_arena_alloc: the zeroing of what protobuf-c overwrites anyway would double the cost of a decode.
  const size_t rounded = (size + 15) & ~(size_t)15;
  if (rounded < size || rounded > arena->size - arena->used) return NULL;
  void *memory = arena->base + arena->used;
  arena->used += rounded;
  return memory;
}

static void drop(void *context, void *memory) {
  (void)context;
  (void)memory;
}

void *wf_pb_unpack(const ProtobufCMessageDescriptor *descriptor, wf_bytes in, const char *what,
                   char reason[WF_REASON_SIZE]) {
  wf_arena arena;
  wf_arena_init(&arena, scratch, sizeof scratch);
  ProtobufCAllocator allocator = {.alloc = take, .free = drop, .allocator_data = &arena};
  void *message = protobuf_c_message_unpack(descriptor, &allocator, in.size, in.data);
  if (!message) wf_refuse(WF_EFORMAT, reason, "%s: not valid protobuf, or too many elements", what);
  return message;
}

wf_status wf_pb_pack(const ProtobufCMessage *message, uint8_t *out, size_t size, size_t *length) {
  const size_t needed = protobuf_c_message_get_packed_size(message);
  if (needed > size) return WF_EFULL;
  *length = protobuf_c_message_pack(message, out);
  return WF_OK;
}

wf_status wf_refuse(wf_status status, char reason[WF_REASON_SIZE], const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reason, WF_REASON_SIZE, format, arguments);
  va_end(arguments);
  return status;
}

bool wf_all_finite(const double *x, size_t count, double bound) {
  for (size_t i = 0; i < count; i++)
    if (!wf_in(x[i], -bound, bound)) return false;
  return true;
}

// Length of the UTF-8 sequence at s, 0 when it is not one (RFC 3629: no overlong forms, no surrogates).
static size_t utf8_length(const unsigned char *s) {
  const unsigned char c = s[0];
  size_t length = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
  for (size_t i = 1; i < length; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  if (c == 0xe0 && s[1] < 0xa0) return 0;
  if (c == 0xed && s[1] > 0x9f) return 0;
  if (c == 0xf0 && s[1] < 0x90) return 0;
  if (c == 0xf4 && s[1] > 0x8f) return 0;
  return length;
}

bool wf_text_ok(const char *text, size_t size) {
  if (strlen(text) >= size) return false;
  const unsigned char *s = (const unsigned char *)text;
  while (*s) {
    if (*s < 0x20 || *s == 0x7f) return false;
    const size_t length = utf8_length(s);
    if (length == 0) return false;
    s += length;
  }
  return true;
}

bool wf_time_ok(int64_t ns) {
  return ns >= 0 && ns < INT64_C(7258118400) * WF_NS_PER_S;  // 2200-01-01
}

static wf_status audience_decode(char *const *text, size_t count, wf_audience *out, char reason[WF_REASON_SIZE]) {
  *out = (wf_audience){0};
  if (count < 1 || count > WF_NATION_MAX)
    return wf_refuse(WF_EFORMAT, reason, "stream.audience: %zu members, 1 to %d allowed", count, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++) {
    wf_nation member;
    if (wf_nation_parse(text[i], &member) != WF_OK)
      return wf_refuse(WF_EFORMAT, reason, "stream.audience: not a nation code");
    if (i > 0 && wf_nation_compare(out->member[i - 1], member) >= 0)
      return wf_refuse(WF_EFORMAT, reason, "stream.audience: not sorted, or twice the same");
    if (wf_audience_add(out, member) != WF_OK) return wf_refuse(WF_EFORMAT, reason, "stream.audience: not a set");
  }
  return WF_OK;
}

wf_status wf_stream_name_decode(const Watchfire__V1__StreamName *in, wf_stream_name *out, char reason[WF_REASON_SIZE]) {
  if (!in) return wf_refuse(WF_EFORMAT, reason, "stream: missing");
  memset(out, 0, sizeof *out);
  if (in->mode < 1 || in->mode > 3)
    return wf_refuse(WF_EFORMAT, reason, "stream.mode: %d is not a mode", (int)in->mode);
  if (in->stream_class < 1 || in->stream_class > 3)
    return wf_refuse(WF_EFORMAT, reason, "stream.stream_class: %u is not a class", in->stream_class);
  if (wf_nation_parse(in->origin, &out->origin) != WF_OK)
    return wf_refuse(WF_EFORMAT, reason, "stream.origin: not a nation code");
  out->mode = (wf_mode)in->mode;
  out->stream_class = (wf_stream_class)in->stream_class;
  out->writer = in->writer;
  const wf_status status = audience_decode(in->audience, in->n_audience, &out->audience, reason);
  if (status != WF_OK) return status;
  if (!wf_audience_has(&out->audience, out->origin))
    return wf_refuse(WF_EFORMAT, reason, "stream.audience: lacks the origin");
  return WF_OK;
}

Watchfire__V1__StreamName *wf_stream_name_encode(const wf_stream_name *in, wf_stream_name_pb *memory) {
  watchfire__v1__stream_name__init(&memory->pb);
  memory->name = *in;
  memory->pb.mode = (Watchfire__V1__Mode)in->mode;
  memory->pb.origin = memory->name.origin.code;
  memory->pb.writer = in->writer;
  memory->pb.stream_class = in->stream_class;
  memory->pb.n_audience = in->audience.count;
  memory->pb.audience = memory->member;
  for (size_t i = 0; i < in->audience.count; i++) memory->member[i] = memory->name.audience.member[i].code;
  return &memory->pb;
}
