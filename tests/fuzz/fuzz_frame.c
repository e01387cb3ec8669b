// Any frame: decoded or refused with a reason; what was decoded encodes and decodes again.
#include <stdlib.h>

#include "wire/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static wf_frame frame;
  static uint8_t bytes[2 * WF_FRAME_MAX];
  char reason[WF_REASON_SIZE];
  size_t length;
  if (wf_frame_decode((wf_bytes){data, size}, &frame, reason) != WF_OK) {
    if (reason[0] == 0) abort();
    return 0;
  }
  if (frame.kind == WF_FRAME_UNKNOWN) return 0;
  if (wf_frame_encode(&frame, bytes, sizeof bytes, &length) != WF_OK) abort();
  if (length <= WF_FRAME_MAX && wf_frame_decode((wf_bytes){bytes, length}, &frame, reason) != WF_OK) abort();
  return 0;
}
