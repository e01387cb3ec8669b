// Scenarios from outside: any text is either a scenario or refused with a reason.
#include <stdlib.h>

#include "sim/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  wf_scenario *scenario;
  wf_scenario_error error;
  wf_status status = wf_scenario_load_yaml((const char *)data, size, &scenario, &error);
  if ((status == WF_OK) != (scenario != NULL) || (status && !error.text[0])) abort();
  wf_scenario_free(scenario);
  return 0;
}
