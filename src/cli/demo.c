// watchfire demo: three nations, one launch, one shared picture.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "demo/options.h"
#include "scenario_file.h"
#include "warn/cap.h"

static void print_help(void) {
  puts(
      "Usage: watchfire demo [SCENARIO] [OPTION…]\n\n"
      "Starts one real daemon per nation on this machine (loopback, mutual TLS, own keys, own store), feeds each its "
      "own\n"
      "sensors over UDP, serves a console per nation, prints what happens and, at the end, what sharing was worth.\n\n"
      "  SCENARIO        a name from `watchfire simulate --list` or a YAML file (default: " WF_SCENARIO_DEFAULT
      ")\n"
      "  --speed N|max   record time runs N times as fast as real time (default 5); max: virtual time, one process, "
      "no\n"
      "                  sockets, no consoles\n"
      "  --port P        of the first console; the other nations' follow (default 8080)\n"
      "  --out DIR       where keys, stores, CAP messages and report.json go (default demo-out)\n"
      "  --keep          leave the consoles up after the end, until Ctrl-C\n"
      "  --no-officers   nobody confirms proposals but you, in the console\n"
      "  --help          this text\n\n"
      "All data are notional; everything is marked EXERCISE.\n\n"
      "Example:\n  watchfire demo lofted-icbm --speed max --out /tmp/lofted");
}

bool demo_make_dir(const char *path) {
  char part[1024];
  if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part) return false;
  for (char *at = part + 1; *at != '\0'; at++) {
    if (*at != '/') continue;
    *at = '\0';
    if (mkdir(part, 0777) != 0 && errno != EEXIST) return false;
    *at = '/';
  }
  return mkdir(part, 0777) == 0 || errno == EEXIST;
}

bool demo_write_cap(const char *dir, const char *nation, const wf_product *product, const wf_area *areas,
                    size_t area_count) {
  static char xml[256 * 1024];
  char path[1024], folder[900], sender[64];
  snprintf(folder, sizeof folder, "%s/%s/cap", dir, nation);
  snprintf(path, sizeof path, "%s/%016llx.xml", folder, (unsigned long long)product->id);
  snprintf(sender, sizeof sender, "watchfire.%s.exercise", nation);
  size_t length = 0;
  if (wf_cap_write(product, sender, areas, area_count, xml, sizeof xml, &length) != WF_OK || !demo_make_dir(folder)) {
    fprintf(stderr, "watchfire demo: no CAP message for product %016llx\n", (unsigned long long)product->id);
    return false;
  }
  FILE *file = fopen(path, "wb");
  const bool ok = file != NULL && fwrite(xml, 1, length, file) == length;
  if (file == NULL || fclose(file) != 0 || !ok) {
    fprintf(stderr, "watchfire demo: %s: %s\n", path, strerror(errno));
    return false;
  }
  return true;
}

static bool parse_speed(const char *text, double *speed) {
  if (strcmp(text, "max") == 0) {
    *speed = 0;
    return true;
  }
  char *end;
  *speed = strtod(text, &end);
  return *end == '\0' && isfinite(*speed) && *speed > 0 && *speed <= 1000;
}

static int parse(int argc, char **argv, demo_options *o) {
  for (int i = 1; i < argc; i++) {
    const char *arg = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (strcmp(arg, "--keep") == 0)
      o->keep = true;
    else if (strcmp(arg, "--no-officers") == 0)
      o->officers = false;
    else if (arg[0] == '-' && value == NULL)
      return wf_cli_usage_error("demo", "unknown option or missing value: %s", arg);
    else if (strcmp(arg, "--speed") == 0) {
      if (!parse_speed(value, &o->speed))
        return wf_cli_usage_error("demo", "--speed: '%s' is neither a number in 0..1000 nor max", value);
      i++;
    } else if (strcmp(arg, "--port") == 0) {
      o->port = atoi(value);
      if (o->port < 1 || o->port > 65000) return wf_cli_usage_error("demo", "--port: '%s' is not a port", value);
      i++;
    } else if (strcmp(arg, "--out") == 0) {
      o->out_dir = value;
      i++;
    } else if (arg[0] == '-')
      return wf_cli_usage_error("demo", "unknown option: %s", arg);
    else if (o->scenario != NULL)
      return wf_cli_usage_error("demo", "one scenario at a time: '%s' and '%s'", o->scenario, arg);
    else
      o->scenario = arg;
  }
  return WF_CLI_OK;
}

static int run(const demo_options *o, const wf_scenario *scenario) {
  wf_truth *truth = NULL;
  size_t bad_launch = 0;
  if (wf_truth_create(scenario, &truth, &bad_launch) != WF_OK) {
    fprintf(stderr, "watchfire demo: %s: launch %zu cannot be flown as asked\n", scenario->name, bad_launch);
    return WF_CLI_USAGE;
  }
  demo_log *log = demo_log_new(scenario, truth, stdout);
  printf("EXERCISE EXERCISE EXERCISE — %s\n%s\n", scenario->name, scenario->title);
  int status = o->speed > 0 ? demo_run_real(o, scenario, truth, log) : demo_run_fast(o, scenario, truth, log);
  if (status == WF_CLI_OK || status == WF_CLI_BAD_INPUT) {
    char report[1024];
    snprintf(report, sizeof report, "%s/report.json", o->out_dir);
    if (!demo_log_finish(log, report)) {
      fprintf(stderr, "watchfire demo: %s: %s\n", report, strerror(errno));
      status = WF_CLI_BAD_INPUT;
    }
    printf("Report: %s\nEXERCISE EXERCISE EXERCISE\n", report);
  }
  demo_log_free(log);
  wf_truth_free(truth);
  return status;
}

int wf_cli_demo(int argc, char **argv) {
  if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    print_help();
    return WF_CLI_OK;
  }
  demo_options options = {.speed = 5, .port = 8080, .out_dir = "demo-out", .officers = true};
  const int usage = parse(argc, argv, &options);
  if (usage != WF_CLI_OK) return usage;
  wf_scenario *scenario = wf_cli_scenario("demo", options.scenario != NULL ? options.scenario : WF_SCENARIO_DEFAULT);
  if (scenario == NULL) return WF_CLI_USAGE;
  if (!demo_make_dir(options.out_dir)) {
    fprintf(stderr, "watchfire demo: %s: %s\n", options.out_dir, strerror(errno));
    wf_scenario_free(scenario);
    return WF_CLI_USAGE;
  }
  const int status = run(&options, scenario);
  wf_scenario_free(scenario);
  return status;
}
