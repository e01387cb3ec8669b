// CAP messages from outside. Whatever comes, a verdict with its rule and a bounded sentence comes out.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "warn/cap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char rule[48], detail[160];
  const wf_cap_verdict verdict = wf_cap_check((const char *)data, size, rule, detail);
  if (strnlen(rule, sizeof rule) == sizeof rule || strnlen(detail, sizeof detail) == sizeof detail) abort();
  if ((verdict == WF_CAP_ACCEPT) != (rule[0] == '\0')) abort();
  return 0;
}
