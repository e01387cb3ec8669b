// The two halves of `watchfire release`.
#ifndef WF_CLI_RELEASE_H
#define WF_CLI_RELEASE_H

#include <stdio.h>

int wf_cli_release_explain(int argc, char **argv);
int wf_cli_release_list(int argc, char **argv);

#endif
