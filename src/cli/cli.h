// What the subcommands of `watchfire` share. One file per subcommand, one row in the table of main.c.
#ifndef WF_CLI_H
#define WF_CLI_H

// Exit codes: done; done, but some input was bad (each place named on stderr); usage or configuration error.
enum { WF_CLI_OK = 0, WF_CLI_BAD_INPUT = 1, WF_CLI_USAGE = 2 };

// argv[0] is the subcommand's own name.
typedef struct wf_cli_command {
  const char *name, *summary;
  int (*run)(int argc, char **argv);
} wf_cli_command;

// Prints "watchfire NAME: message" and how to get help on stderr. Returns WF_CLI_USAGE.
__attribute__((format(printf, 2, 3))) int wf_cli_usage_error(const char *name, const char *format, ...);

int wf_cli_cap(int argc, char **argv);
int wf_cli_log(int argc, char **argv);
int wf_cli_pki(int argc, char **argv);
int wf_cli_decode(int argc, char **argv);
int wf_cli_demo(int argc, char **argv);
int wf_cli_operator(int argc, char **argv);
int wf_cli_propagate(int argc, char **argv);
int wf_cli_report(int argc, char **argv);
int wf_cli_replay(int argc, char **argv);
int wf_cli_after_action(int argc, char **argv);  // report RECORDING
int wf_cli_top(int argc, char **argv);
int wf_cli_release(int argc, char **argv);
int wf_cli_score(int argc, char **argv);
int wf_cli_simulate(int argc, char **argv);
int wf_cli_export(int argc, char **argv);
int wf_cli_send(int argc, char **argv);
int wf_cli_status(int argc, char **argv);
int wf_cli_track(int argc, char **argv);
int wf_cli_storm(int argc, char **argv);

#endif
