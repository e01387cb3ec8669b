// watchfire storm: whole nodes under simulated faults, seed after seed.
#include "sim/storm.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/plant.h"
#include "cli.h"

static void print_help(void) {
  puts(
      "Usage: watchfire storm [--from N] [--seeds N] [--shrink] [--until-failure] [--plant NAME] [--plants]\n\n"
      "Runs 3 to 5 whole nodes in one process under a virtual clock, with links, disks, clocks, sensors and nodes\n"
      "failing in every way that docs/storm.md lists, all from one seed; then checks the invariants stated there.\n\n"
      "  --from N          first seed (default 1)\n"
      "  --seeds N         how many (default 200); 0 = until stopped\n"
      "  --shrink          shrink each failing seed to its shortest list of faults and print it\n"
      "  --until-failure   stop at the first seed that fails\n"
      "  --plant NAME      with a planted bug, in a build that has them (meson setup -Dplants=true): the storm must\n"
      "                    then fail\n"
      "  --plants          list the planted bugs and exit\n\n"
      "The last line is `SEEDS seeds, N failed`; exit 1 if any failed.\n\n"
      "Example:\n  watchfire storm --from 4711 --seeds 1 --shrink");
}

static void report_failure(uint64_t seed, wf_storm_plan *plan, const wf_storm_result *result, bool shrink) {
  printf("seed %llu failed: %s\n  repeat with: watchfire storm --from %llu --seeds 1 --shrink\n",
         (unsigned long long)seed, result->why, (unsigned long long)seed);
  if (!shrink) return;
  wf_storm_shrink(plan);
  printf("  shortest fault list, %u nodes:\n", plan->nodes);
  char text[96];
  for (size_t i = 0; i < plan->fault_count; i++)
    printf("    %s\n", wf_storm_fault_text(&plan->fault[i], text, sizeof text));
}

static double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct options {
  uint64_t from, seeds;
  bool shrink, until_failure;
} options;

typedef struct tally {
  uint64_t done, failed, crashes, records;
  double simulated_s, slowest_s;
} tally;

static void count(tally *t, const wf_storm_result *result) {
  t->done++;
  t->failed += result->failed;
  t->crashes += result->crashes;
  t->records += result->records;
  t->simulated_s += result->simulated_s;
  if (!result->failed && result->settled_s > t->slowest_s) t->slowest_s = result->settled_s;
}

static int run(const options *o) {
  tally t = {0};
  const double start = seconds_now();
  for (uint64_t seed = o->from; o->seeds == 0 || seed < o->from + o->seeds; seed++) {
    wf_storm_plan plan;
    wf_storm_result result;
    wf_storm_plan_from_seed(seed, &plan);
    if (wf_storm_run(&plan, &result) != WF_OK) {
      fprintf(stderr, "watchfire storm: out of memory\n");
      return WF_CLI_USAGE;
    }
    count(&t, &result);
    if (result.failed) report_failure(seed, &plan, &result, o->shrink);
    if (isatty(STDERR_FILENO))
      fprintf(stderr, "\r%llu seeds, %llu failed", (unsigned long long)t.done, (unsigned long long)t.failed);
    fflush(stdout);
    if (result.failed && o->until_failure) break;
  }
  const double took_s = seconds_now() - start;
  if (isatty(STDERR_FILENO)) fputc('\n', stderr);
  printf("%.1f seeds/s, %.1f simulated hours in %.0f s; %llu crashes, %llu rows written; all settled within %.1f s\n",
         (double)t.done / took_s, t.simulated_s / 3600, took_s, (unsigned long long)t.crashes,
         (unsigned long long)t.records, t.slowest_s);
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

int wf_cli_storm(int argc, char **argv) {
  options o = {.from = 1, .seeds = 200};
  // Nodes come and go by the dozen, each with buffers it hardly touches: fresh pages cost less than clearing used ones.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
    uint64_t *number = strcmp(a, "--from") == 0 ? &o.from : strcmp(a, "--seeds") == 0 ? &o.seeds : NULL;
    if (strcmp(a, "--help") == 0 || strcmp(a, "-h") == 0) {
      print_help();
      return WF_CLI_OK;
    }
    if (strcmp(a, "--plants") == 0) return list_plants();
    if (strcmp(a, "--shrink") == 0) {
      o.shrink = true;
    } else if (strcmp(a, "--until-failure") == 0) {
      o.until_failure = true;
    } else if (strcmp(a, "--plant") == 0) {
      if (!plant(next)) return wf_cli_usage_error("storm", "no such planted bug in this build: %s", next ? next : "");
      i++;
    } else if (number != NULL) {
      if (!read_number(next, number)) return wf_cli_usage_error("storm", "%s needs a whole number", a);
      i++;
    } else {
      return wf_cli_usage_error("storm", "unknown option: %s", a);
    }
  }
  return run(&o);
}
