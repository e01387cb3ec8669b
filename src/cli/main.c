// watchfire: a table of subcommands.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const wf_cli_command COMMANDS[] = {
    {"cap", "hold CAP 1.2 messages against the rules", wf_cli_cap},
    {"decode", "sensor data of any format to JSON Lines", wf_cli_decode},
    {"log", "check, list and export what a store holds", wf_cli_log},
    {"pki", "national authority, certificates, trust in partners", wf_cli_pki},
    {"demo", "three nations, one launch, one shared picture", wf_cli_demo},
    {"export", "tracks as ASTERIX 062 or CCSDS OEM", wf_cli_export},
    {"operator", "who may sign in at a node's consoles, and as what", wf_cli_operator},
    {"propagate", "fly a state to its impact, or for a time", wf_cli_propagate},
    {"replay", "a recording through the core again: shown, or compared", wf_cli_replay},
    {"report", "an after-action report of a recording; or tell a node: by voice, seismic, tracks", wf_cli_report},
    {"release", "what would go to whom, and why; what went to whom", wf_cli_release},
    {"score", "measure tracks against the truth", wf_cli_score},
    {"send", "datagrams of a capture again, with their timing", wf_cli_send},
    {"simulate", "fly a scenario and write what its sensors report", wf_cli_simulate},
    {"status", "health of a node, its links and its sensors", wf_cli_status},
    {"storm", "whole nodes under simulated faults, seed after seed", wf_cli_storm},
    {"top", "the console's list in a terminal", wf_cli_top},
    {"track", "plots to tracks with impact areas", wf_cli_track},
};
#define COMMAND_COUNT (sizeof COMMANDS / sizeof COMMANDS[0])

static void print_help(FILE *to) {
  fputs("Usage: watchfire COMMAND [OPTION…] [FILE…]\n\nCommands:\n", to);
  for (size_t i = 0; i < COMMAND_COUNT; i++) fprintf(to, "  %-10s %s\n", COMMANDS[i].name, COMMANDS[i].summary);
  fputs(
      "\nOptions:\n  --help     this text; `watchfire COMMAND --help` for one command\n  --version  the version\n"
      "\nResults go to standard output, diagnostics to standard error. Exit status: 0 done; 1 done, but some input\n"
      "was bad; 2 usage or configuration error.\n\nExample:\n  watchfire propagate state.json\n",
      to);
}

int wf_cli_usage_error(const char *name, const char *format, ...) {
  va_list args;
  va_start(args, format);
  fprintf(stderr, "watchfire %s: ", name);
  vfprintf(stderr, format, args);
  fprintf(stderr, "\nTry 'watchfire %s --help'.\n", name);
  va_end(args);
  return WF_CLI_USAGE;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    print_help(stderr);
    return WF_CLI_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
    print_help(stdout);
    return WF_CLI_OK;
  }
  if (strcmp(argv[1], "--version") == 0) {
    puts("watchfire " WF_VERSION);
    return WF_CLI_OK;
  }
  for (size_t i = 0; i < COMMAND_COUNT; i++)
    if (strcmp(argv[1], COMMANDS[i].name) == 0) return COMMANDS[i].run(argc - 1, argv + 1);
  fprintf(stderr, "watchfire: unknown command '%s'\nTry 'watchfire --help'.\n", argv[1]);
  return WF_CLI_USAGE;
}
