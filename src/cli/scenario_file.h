// A scenario as people name it on the command line: a built-in name or a file.
#ifndef WF_CLI_SCENARIO_FILE_H
#define WF_CLI_SCENARIO_FILE_H

#include "sim/scenario.h"

// Says on stderr what is wrong ("file:line: text", or the known names) under the subcommand's name; NULL then.
// Release with wf_scenario_free.
wf_scenario *wf_cli_scenario(const char *command, const char *name_or_path);
// The built-in scenarios with their titles, one line each, on stdout.
void wf_cli_scenario_list(void);
// A whole number for --seed; false when it is not one.
bool wf_cli_seed(const char *text, uint64_t *out);

#endif
