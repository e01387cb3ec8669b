// Frames out of a partner's bytes, cut anywhere: every frame lies inside what was received and within the bound.
#include <stdlib.h>

#include "io/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { MAX = 300 };
  size_t at = 0, before = 0, sum = 0;
  wf_bytes frame;
  while (wf_frames_next((wf_bytes){data, size}, MAX, &at, &frame) == WF_OK) {
    if (frame.size > MAX || at != before + 4 + frame.size || at > size || frame.data != data + before + 4) abort();
    for (size_t i = 0; i < frame.size; i++) sum += frame.data[i];
    before = at;
  }
  return sum == SIZE_MAX;
}
