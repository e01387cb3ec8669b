#include "frame.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

void wf_gateway_framer_init(wf_gateway_framer *framer, size_t message_max) {
  *framer = (wf_gateway_framer){.message_max = message_max};
}

void wf_gateway_framer_reset(wf_gateway_framer *framer) {
  framer->start = framer->end = 0;
}

void wf_gateway_framer_free(wf_gateway_framer *framer) {
  free(framer->bytes);
  framer->bytes = NULL;
  framer->start = framer->end = framer->capacity = 0;
}

wf_status wf_gateway_framer_add(wf_gateway_framer *framer, const void *bytes, size_t size) {
  if (size == 0) return WF_OK;
  if (framer->start > 0) {
    memmove(framer->bytes, framer->bytes + framer->start, framer->end - framer->start);
    framer->end -= framer->start;
    framer->start = 0;
  }
  if (framer->end + size > framer->capacity) {
    size_t capacity = framer->capacity ? framer->capacity : 65536;
    while (capacity < framer->end + size) capacity *= 2;
    uint8_t *grown = realloc(framer->bytes, capacity);
    if (!grown) return WF_ENOMEM;
    framer->bytes = grown;
    framer->capacity = capacity;
  }
  memcpy(framer->bytes + framer->end, bytes, size);
  framer->end += size;
  return WF_OK;
}

wf_status wf_gateway_framer_next(wf_gateway_framer *framer, const char **message, size_t *size) {
  if (framer->end - framer->start < 4) return WF_EAGAIN;
  wf_reader reader = wf_reader_of(framer->bytes + framer->start, 4);
  size_t length = (size_t)wf_read_uint(&reader, 4);
  if (length == 0 || length > framer->message_max) return WF_EFORMAT;
  if (framer->end - framer->start < 4 + length) return WF_EAGAIN;
  *message = (const char *)framer->bytes + framer->start + 4;
  *size = length;
  framer->start += 4 + length;
  return WF_OK;
}
