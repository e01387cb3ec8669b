// Bad places in input files, named on stderr.
#ifndef WF_CLI_DIAG_H
#define WF_CLI_DIAG_H

#include "io/csv.h"

// "name: file:line: what" on stderr; name is the subcommand.
wf_diag wf_cli_diag(const char *name);

#endif
