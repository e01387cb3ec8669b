#ifndef WF_CLI_DEMO_OPTIONS_H
#define WF_CLI_DEMO_OPTIONS_H

#include <stdbool.h>

#include "log.h"
#include "warn/warn.h"

typedef struct demo_options {
  const char *scenario;  // built-in name or path
  double speed;          // 0 = max: virtual time, one process, no sockets
  int port;              // of the first console; 0 = none in fast time
  const char *out_dir;
  bool keep, officers;  // officers: scripted exercise officers confirm proposals
} demo_options;

// Each runs the whole scenario and fills the log; the exit code of the command.
int demo_run_fast(const demo_options *options, const wf_scenario *scenario, const wf_truth *truth, demo_log *log);
int demo_run_real(const demo_options *options, const wf_scenario *scenario, const wf_truth *truth, demo_log *log);

// Two scripted exercise officers per nation: seconds of record time after a proposal at which each confirms.
#define DEMO_OFFICER_1_S 4.0
#define DEMO_OFFICER_2_S 8.0

// Writes a released product as CAP under DIR/<nation>/cap; false and a message on stderr when it cannot.
bool demo_write_cap(const char *dir, const char *nation, const wf_product *product, const wf_area *areas,
                    size_t area_count);
bool demo_make_dir(const char *path);  // with parents

#endif
