// watchfire storm: nations under simulated faults, seed after seed.
#include "sim/storm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/plant.h"
#include "cli.h"
#include "storm_workers.h"

static void print_help(void) {
  puts(
      "Usage: watchfire storm [--from N] [--seeds N] [--shrink] [--coverage] [--until-failure] [--jobs N]\n"
      "                       [--plant NAME] [--plants]\n\n"
      "Runs 3 to 7 nations in one process under a virtual clock, with links, disks, clocks, sensors and nodes failing\n"
      "in every way that docs/storm.md lists, all from one seed; then checks the invariants stated there. One seed in\n"
      "four has whole nodes, the others bare exchanges.\n\n"
      "  --from N          first seed (default 1)\n"
      "  --seeds N         how many (default 200); 0 = until stopped (Ctrl-C)\n"
      "  --jobs N          processes (default: one per processor)\n"
      "  --shrink          shrink each failing seed to its shortest list of faults and print it\n"
      "  --coverage        print how often each fault, alarm and step of the protocol occurred\n"
      "  --until-failure   stop at the first seed that fails\n"
      "  --plant NAME      with a planted bug, in a build that has them (meson setup -Dplants=true): the storm must\n"
      "                    then fail\n"
      "  --plants          list the planted bugs and exit\n\n"
      "The last line is `SEEDS seeds, N failed`; exit 1 if any failed.\n\n"
      "Example:\n  watchfire storm --from 4711 --seeds 1 --shrink");
}

static double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct tally {
  uint64_t done, failed, crashes, records;
  double simulated_s, slowest_s;
  uint64_t slowest_seed;
  wf_storm_coverage coverage;
} tally;

static void take(void *context, const storm_outcome *o) {
  tally *t = context;
  const wf_storm_result *r = &o->result;
  t->done++;
  t->failed += r->failed;
  t->crashes += r->crashes;
  t->records += r->records;
  t->simulated_s += r->simulated_s;
  if (!r->failed && r->settled_s > t->slowest_s) {
    t->slowest_s = r->settled_s;
    t->slowest_seed = o->seed;
  }
  for (size_t i = 0; i < WF_STORM_COVER_MAX; i++) t->coverage.count[i] += r->coverage.count[i];
  if (r->failed) fputs(o->report, stdout);
  fflush(stdout);
  if (isatty(STDERR_FILENO))
    fprintf(stderr, "\r%llu seeds, %llu failed", (unsigned long long)t->done, (unsigned long long)t->failed);
}

static void print_coverage(const wf_storm_coverage *c) {
  puts("how often      what");
  for (size_t i = 0; i < WF_STORM_COVER_MAX && wf_storm_cover_name(i) != NULL; i++)
    printf("%12llu   %s\n", (unsigned long long)c->count[i], wf_storm_cover_name(i));
}

static int run(const storm_job *job, bool coverage) {
  tally t = {0};
  const double start = seconds_now();
  if (!storm_workers_run(job, take, &t)) {
    fprintf(stderr, "watchfire storm: cannot start %u processes\n", job->workers);
    return WF_CLI_USAGE;
  }
  const double took_s = seconds_now() - start;
  if (isatty(STDERR_FILENO)) fputc('\n', stderr);
  if (coverage) print_coverage(&t.coverage);
  printf(
      "%.1f seeds/s, %.2f simulated hours per second, %.1f in all; %llu crashes, %llu rows written; all settled within "
      "%.1f s (seed %llu)\n",
      (double)t.done / took_s, t.simulated_s / 3600 / took_s, t.simulated_s / 3600, (unsigned long long)t.crashes,
      (unsigned long long)t.records, t.slowest_s, (unsigned long long)t.slowest_seed);
  printf("%llu seeds, %llu failed\n", (unsigned long long)t.done, (unsigned long long)t.failed);
  return t.failed > 0 ? WF_CLI_BAD_INPUT : WF_CLI_OK;
}

static int list_plants(void) {
  for (int i = WF_PLANT_NONE + 1; i < WF_PLANT_COUNT; i++) puts(wf_plant_name((wf_plant)i));
  return WF_CLI_OK;
}

static bool plant(const char *name) {
  for (int i = WF_PLANT_NONE + 1; name != NULL && i < WF_PLANT_COUNT; i++)
    if (strcmp(wf_plant_name((wf_plant)i), name) == 0) return wf_plant_set((wf_plant)i);
  return false;
}

static bool read_number(const char *text, uint64_t *out) {
  char *end = NULL;
  if (text == NULL || text[0] < '0' || text[0] > '9') return false;
  *out = strtoull(text, &end, 10);
  return *end == '\0';
}

typedef struct options {
  storm_job job;
  uint64_t workers;
  bool coverage;
} options;

static bool *switch_of(options *o, const char *a) {
  if (strcmp(a, "--shrink") == 0) return &o->job.shrink;
  if (strcmp(a, "--until-failure") == 0) return &o->job.until_failure;
  return strcmp(a, "--coverage") == 0 ? &o->coverage : NULL;
}

static uint64_t *number_of(options *o, const char *a) {
  if (strcmp(a, "--from") == 0) return &o->job.from;
  if (strcmp(a, "--seeds") == 0) return &o->job.seeds;
  return strcmp(a, "--jobs") == 0 ? &o->workers : NULL;
}

int wf_cli_storm(int argc, char **argv) {
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  options o = {.job = {.from = 1, .seeds = 200}, .workers = processors > 0 ? (uint64_t)processors : 1};
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
    if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
      print_help();
      return WF_CLI_OK;
    }
    if (strcmp(a, "--plants") == 0) return list_plants();
    if (switch_of(&o, a) != NULL) {
      *switch_of(&o, a) = true;
    } else if (strcmp(a, "--plant") == 0) {
      if (!plant(next)) return wf_cli_usage_error("storm", "no such planted bug in this build: %s", next ? next : "");
      i++;
    } else if (number_of(&o, a) != NULL) {
      if (!read_number(next, number_of(&o, a))) return wf_cli_usage_error("storm", "%s needs a whole number", a);
      i++;
    } else {
      return wf_cli_usage_error("storm", "unknown option: %s", a);
    }
  }
  if (o.workers < 1 || o.workers > 64) return wf_cli_usage_error("storm", "--jobs must be 1 to 64");
  o.job.workers = (unsigned)o.workers;
  if (o.job.seeds > 0 && o.job.seeds < o.job.workers) o.job.workers = (unsigned)o.job.seeds;
  return run(&o.job, o.coverage);
}
