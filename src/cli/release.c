// watchfire release: what would go to whom, and why; what went to whom, when, under which rule.
#include "release/release.h"

#include <string.h>

#include "cli.h"

static const char HELP[] =
    "Usage: watchfire release explain POLICY.yaml --nation NAT --to AUDIENCE --kind KIND [OPTION…]\n"
    "       watchfire release list STORE [--to NAT…] [--from TIME] [--until TIME] [OPTION…]\n"
    "\n"
    "explain: whether a record of this kind would go to this audience, rule by rule and field by field.\n"
    "list: what a node's store says was told, to whom, under which rule of which policy; and what was withheld.\n"
    "\n"
    "`watchfire release explain --help` and `watchfire release list --help` say more.\n"
    "\n"
    "Example:\n"
    "  watchfire release explain policy.yaml --nation JPN --to \"JPN KOR USA\" --kind tracklet\n"
    "  watchfire release list jpn.db --to KOR --from 2026-03-10T12:00:00Z\n";

int wf_cli_release(int argc, char **argv) {
  if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    fputs(HELP, stdout);
    return WF_CLI_OK;
  }
  if (argc >= 2 && strcmp(argv[1], "explain") == 0) return wf_cli_release_explain(argc - 1, argv + 1);
  if (argc >= 2 && strcmp(argv[1], "list") == 0) return wf_cli_release_list(argc - 1, argv + 1);
  return wf_cli_usage_error("release", argc < 2 ? "explain or list is needed" : "'%s' is neither explain nor list",
                            argc < 2 ? "" : argv[1]);
}
