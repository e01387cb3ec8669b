// Length-prefixed frames in a stream of bytes: 4 bytes big-endian, then that many. Partner links and the console feed.
#ifndef WF_IO_FRAMES_H
#define WF_IO_FRAMES_H

#include "base/bytes.h"
#include "base/status.h"

// The frame at *at of what has been received; *at moves behind it. WF_EAGAIN: not all of it is here yet. WF_EINVAL: it
// announces more than max. The frame may be empty; it is borrowed from the stream.
static inline wf_status wf_frames_next(wf_bytes stream, size_t max, size_t *at, wf_bytes *frame) {
  if (stream.size - *at < 4) return WF_EAGAIN;
  const uint8_t *p = stream.data + *at;
  const size_t size = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
  if (size > max) return WF_EINVAL;
  if (stream.size - *at - 4 < size) return WF_EAGAIN;
  *frame = (wf_bytes){p + 4, size};
  *at += 4 + size;
  return WF_OK;
}

#endif
