// The feed's framing: each message is a 4-byte big-endian length and that many bytes (docs/console-feed.md).
#ifndef WF_GATEWAY_FRAME_H
#define WF_GATEWAY_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define WF_GATEWAY_MESSAGE_MAX (16u << 20)  // a longer message is refused, and the feed with it

typedef struct wf_gateway_framer {
  uint8_t *bytes;
  size_t start, end, capacity;
  size_t message_max;
} wf_gateway_framer;

void wf_gateway_framer_init(wf_gateway_framer *framer, size_t message_max);
void wf_gateway_framer_reset(wf_gateway_framer *framer);  // forgets the bytes, keeps the memory
void wf_gateway_framer_free(wf_gateway_framer *framer);

// Appends bytes as they came. WF_ENOMEM. Callers drain with _next after each _add, so the memory stays below one
// message and one read.
wf_status wf_gateway_framer_add(wf_gateway_framer *framer, const void *bytes, size_t size);

// The next whole message, borrowed until the next _add. WF_EAGAIN: more bytes needed. WF_EFORMAT: length 0 or above
// the bound; nothing after it can be trusted.
wf_status wf_gateway_framer_next(wf_gateway_framer *framer, const char **message, size_t *size);

#endif
