// Any bundle: parsed or refused with a reason; the records that were counted can be walked.
#include <stdlib.h>

#include "wire/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char reason[WF_REASON_SIZE];
  wf_bundle bundle;
  wf_record_view record;
  uint64_t expected;
  uint32_t count = 0;
  if (wf_body_parse((wf_bytes){data, size}, &bundle, reason) != WF_OK && reason[0] == 0) abort();
  if (wf_bundle_parse((wf_bytes){data, size}, &bundle, reason) != WF_OK) {
    if (reason[0] == 0) abort();
    return 0;
  }
  expected = bundle.first;
  for (size_t at = 0; wf_bundle_next(&bundle, &at, &record); count++)
    if (record.sequence != expected++) abort();
  if (count != bundle.record_count || expected != bundle.last + 1) abort();
  return 0;
}
