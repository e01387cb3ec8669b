// Any record: decoded or refused with a reason; what was decoded encodes, decodes and encodes to the same bytes.
#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t first[1 << 17], second[1 << 17];
  char reason[WF_REASON_SIZE];
  wf_record_body body;
  size_t a = 0, b = 0;
  if (wf_wire_decode_record((wf_bytes){data, size}, &body, reason) != WF_OK) {
    if (reason[0] == 0) abort();
    return 0;
  }
  if (body.kind == WF_BODY_UNKNOWN || body.kind == WF_BODY_OPAQUE) return 0;
  if (wf_wire_encode_record(&body, first, sizeof first, &a) != WF_OK) abort();
  if (wf_wire_decode_record((wf_bytes){first, a}, &body, reason) != WF_OK) abort();
  if (wf_wire_encode_record(&body, second, sizeof second, &b) != WF_OK || a != b) abort();
  return 0;
}
