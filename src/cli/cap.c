// watchfire cap: CAP 1.2 messages held against the schema's rules and those the schema misses.
#include "warn/cap.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "whole_file.h"

static void print_help(void) {
  puts(
      "Usage: watchfire cap check FILE…\n"
      "       watchfire cap rules\n\n"
      "check   holds each CAP 1.2 message against the OASIS schema's rules and those the schema misses. Prints one "
      "line\n"
      "        per file: the file, accept, warn or reject, and the rule that decided. Opens nothing but the files "
      "named;\n"
      "        document types and entities are refused. - is standard input.\n"
      "rules   prints the list of rules.\n\n"
      "Exit status: 0 all accepted (warnings included); 1 a file was rejected or could not be read; 2 usage error.\n\n"
      "Example:\n  watchfire cap check alert.xml");
}

static bool check(const char *path) {
  size_t size = 0;
  // One byte more than allowed is read, so that the checker sees that it is too large.
  char rule[48], detail[160], *text = (char *)wf_cli_whole_file(path, WF_CAP_CHECK_MAX + 1, &size);
  if (text == NULL) {
    fprintf(stderr, "watchfire cap: %s: %s\n", path, strerror(errno));
    return false;
  }
  const wf_cap_verdict verdict = wf_cap_check(text, size, rule, detail);
  free(text);
  printf("%s: %s%s%s%s%s\n", path, wf_cap_verdict_name(verdict), rule[0] != '\0' ? " " : "", rule,
         rule[0] != '\0' ? ": " : "", detail);
  return verdict != WF_CAP_REJECT;
}

static int print_rules(void) {
  const wf_cap_rule *rules;
  const size_t count = wf_cap_rules(&rules);
  for (size_t i = 0; i < count; i++)
    printf("%2u  %-6s  %-20s  %s\n", rules[i].number, wf_cap_verdict_name(rules[i].verdict), rules[i].name,
           rules[i].says);
  return WF_CLI_OK;
}

int wf_cli_cap(int argc, char **argv) {
  if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    print_help();
    return WF_CLI_OK;
  }
  if (argc == 2 && strcmp(argv[1], "rules") == 0) return print_rules();
  if (argc < 2 || strcmp(argv[1], "check") != 0) return wf_cli_usage_error("cap", "expected 'check FILE…' or 'rules'");
  if (argc < 3) return wf_cli_usage_error("cap", "check: no file named");
  int status = WF_CLI_OK;
  for (int i = 2; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0) {
      print_help();
      return WF_CLI_OK;
    }
    if (argv[i][0] == '-' && argv[i][1] != '\0') return wf_cli_usage_error("cap", "unknown option: %s", argv[i]);
  }
  for (int i = 2; i < argc; i++)
    if (!check(argv[i])) status = WF_CLI_BAD_INPUT;
  return status;
}
