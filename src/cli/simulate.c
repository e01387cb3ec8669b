// watchfire simulate: a scenario's truth and what its sensors report, as files.
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "scenario_file.h"
#include "simulate_files.h"

#define NAME "simulate"

static const char HELP[] =
    "Usage: watchfire simulate SCENARIO --out DIR [--seed N]\n"
    "       watchfire simulate --list\n"
    "Flies a scenario and writes what its notional sensors report. SCENARIO is a built-in name or a YAML file.\n\n"
    "  --out DIR   where the files go; made when it is not there\n"
    "  --seed N    another throw of the dice (default: the scenario's own). Same seed, same bytes\n"
    "  --list      the built-in scenarios\n\n"
    "Files: sensors.csv, plots.csv, plots_labels.csv (radars); infrared.csv, los.csv, los_labels.csv (infrared lines\n"
    "of sight); truth.csv, impacts.csv, meta.json. A summary of who saw what goes to standard output.\n\n"
    "Example:\n"
    "  watchfire simulate trilateral --out /tmp/trilateral\n";

typedef struct options {
  const char *scenario, *out;
  bool has_seed, list, help;
  uint64_t seed;
} options;

static int parse_options(int argc, char **argv, options *o) {
  static const struct option longs[] = {{"out", required_argument, NULL, 'o'},
                                        {"seed", required_argument, NULL, 's'},
                                        {"list", no_argument, NULL, 'l'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  *o = (options){0};
  optind = 1;
  opterr = 0;
  for (int c; (c = getopt_long(argc, argv, "ho:", longs, NULL)) != -1;) {
    switch (c) {
      case 'o':
        o->out = optarg;
        break;
      case 's':
        o->has_seed = wf_cli_seed(optarg, &o->seed);
        if (!o->has_seed) return wf_cli_usage_error(NAME, "--seed: '%s' is not a whole number", optarg);
        break;
      case 'l':
        o->list = true;
        break;
      case 'h':
        o->help = true;
        break;
      default:
        return wf_cli_usage_error(NAME, "cannot make sense of '%s'", argv[optind - 1]);
    }
  }
  if (o->help || o->list) return WF_CLI_OK;
  if (optind + 1 != argc) return wf_cli_usage_error(NAME, "exactly one SCENARIO is needed (see --list)");
  o->scenario = argv[optind];
  return o->out ? WF_CLI_OK : wf_cli_usage_error(NAME, "--out DIR is needed");
}

static bool make_one_folder(const char *path) {
  struct stat about;
  if (mkdir(path, 0777) == 0) return true;
  int why = errno;
  if (why == EEXIST && stat(path, &about) == 0 && S_ISDIR(about.st_mode)) return true;
  fprintf(stderr, "%s: %s\n", path, why == EEXIST ? "is not a folder" : strerror(why));
  return false;
}

// With its parents.
static bool make_folder(const char *path) {
  char part[1024];
  size_t size = strlen(path);
  if (size == 0 || size >= sizeof part - 32) {
    fprintf(stderr, "watchfire simulate: --out: the path is empty or too long\n");
    return false;
  }
  for (size_t i = 1; i < size; i++) {
    if (path[i] != '/') continue;
    memcpy(part, path, i);
    part[i] = 0;
    if (!make_one_folder(part)) return false;
  }
  return make_one_folder(path);
}

static void print_objects(const wf_scenario *scenario, const wf_truth *truth) {
  for (size_t k = 0; k < wf_truth_count(truth); k++) {
    const wf_truth_object *o = wf_truth_object_at(truth, k);
    printf("object %d: %s at %.0f s, thrust to %.1f s, apogee %.1f km", (int)o->id, scenario->launch[o->launch].name,
           wf_time_diff_s(o->begins, scenario->start), wf_time_diff_s(o->thrust_ends, scenario->start),
           o->apogee_m / 1e3);
    if (o->has_impact) {
      printf(", down at %.1f s, %.1f km away\n", wf_time_diff_s(o->impact_time, scenario->start), o->range_m / 1e3);
    } else {
      printf(", still up at the end\n");
    }
  }
}

static void print_summary(const wf_scenario *scenario, const wf_truth *truth, const wf_simulated_counts *counts) {
  print_objects(scenario, truth);
  for (size_t i = 0; i < scenario->sensor_count; i++) {
    const wf_scenario_sensor *s = &scenario->sensor[i];
    printf("sensor %s (%s %s): ", s->known.name, scenario->nation[s->nation].code,
           s->known.kind == WF_SENSOR_RADAR ? "radar" : "infrared");
    if (counts->by_sensor[i]) {
      printf("first plot at %.1f s, %zu in all\n", counts->first_s[i], counts->by_sensor[i]);
    } else {
      printf("sees nothing\n");
    }
  }
  printf("%zu radar plots (%zu false), %zu lines of sight (%zu false)\n", counts->radar_plots, counts->radar_false,
         counts->sight_lines, counts->sight_false);
}

static int simulate(const wf_scenario *scenario, const char *dir) {
  wf_truth *truth;
  size_t bad = 0;
  wf_status status = wf_truth_create(scenario, &truth, &bad);
  if (status) {
    fprintf(stderr, "watchfire simulate: %s cannot be flown (%s)\n",
            bad < scenario->launch_count ? scenario->launch[bad].name : "the scenario", wf_status_name(status));
    return WF_CLI_USAGE;
  }
  wf_simulated_counts counts = {.by_sensor = calloc(scenario->sensor_count + 1, sizeof(size_t)),
                                .first_s = calloc(scenario->sensor_count + 1, sizeof(double))};
  bool good = counts.by_sensor && counts.first_s && make_folder(dir) && wf_write_sensors(dir, scenario) &&
              wf_write_plots(dir, scenario, truth, &counts) && wf_write_truth(dir, scenario, truth) &&
              wf_write_impacts(dir, scenario, truth) && wf_write_meta(dir, scenario, truth);
  if (good) print_summary(scenario, truth, &counts);
  free(counts.by_sensor);
  free(counts.first_s);
  wf_truth_free(truth);
  return good ? WF_CLI_OK : WF_CLI_USAGE;
}

int wf_cli_simulate(int argc, char **argv) {
  options o;
  int code = parse_options(argc, argv, &o);
  if (code) return code;
  if (o.help) fputs(HELP, stdout);
  if (o.list) wf_cli_scenario_list();
  if (o.help || o.list) return WF_CLI_OK;
  wf_scenario *scenario = wf_cli_scenario(NAME, o.scenario);
  if (!scenario) return WF_CLI_USAGE;
  if (o.has_seed) scenario->seed = o.seed;
  code = simulate(scenario, o.out);
  wf_scenario_free(scenario);
  return code;
}
