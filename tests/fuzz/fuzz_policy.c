// Release policies from outside: any text is either a policy or refused with a place and a reason.
#include <stdlib.h>

#include "io/policy_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const wf_sensor sensors[] = {{.name = "RADAR-N"}, {.name = "RADAR-S"}};
  const wf_nation own = {"JPN"};
  wf_release_policy policy;
  wf_diag diag = {NULL, NULL, 0};
  const wf_status status = wf_policy_parse("policy", (const char *)data, size, own, sensors, 2, &policy, &diag);
  if ((status == WF_OK) != (diag.count == 0) || policy.rule_count > WF_RULES_MAX) abort();
  return 0;
}
