// watchfire storm: whole nodes under simulated faults, seed after seed.
#include "sim/storm.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

static void print_help(void) {
  puts(
      "Usage: watchfire storm [--from N] [--seeds N] [--shrink]\n\n"
      "Runs 3 to 5 whole nodes in one process under a virtual clock, with links cut, delayed and stalled, nodes "
      "crashed\n"
      "and restarted, disks lost and clocks stepped, all from one seed; then checks the invariants of "
      "docs/storm.md.\n\n"
      "  --from N    first seed (default 1)\n"
      "  --seeds N   how many (default 200); 0 = until stopped\n"
      "  --shrink    shrink each failing seed to its shortest list of faults and print it\n\n"
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

static int run(uint64_t from, uint64_t seeds, bool shrink) {
  uint64_t failed = 0, done = 0;
  double simulated_s = 0;
  const double start = seconds_now();
  for (uint64_t seed = from; seeds == 0 || seed < from + seeds; seed++) {
    wf_storm_plan plan;
    wf_storm_result result;
    wf_storm_plan_from_seed(seed, &plan);
    if (wf_storm_run(&plan, &result) != WF_OK) {
      fprintf(stderr, "watchfire storm: out of memory\n");
      return WF_CLI_USAGE;
    }
    done++;
    simulated_s += result.simulated_s;
    if (result.failed) {
      failed++;
      report_failure(seed, &plan, &result, shrink);
    }
    if (isatty(STDERR_FILENO))
      fprintf(stderr, "\r%llu seeds, %llu failed", (unsigned long long)done, (unsigned long long)failed);
    fflush(stdout);
  }
  const double took_s = seconds_now() - start;
  if (isatty(STDERR_FILENO)) fputc('\n', stderr);
  printf("%.1f seeds/s, %.1f simulated hours in %.0f s\n%llu seeds, %llu failed\n", (double)done / took_s,
         simulated_s / 3600, took_s, (unsigned long long)done, (unsigned long long)failed);
  return failed > 0 ? WF_CLI_BAD_INPUT : WF_CLI_OK;
}

int wf_cli_storm(int argc, char **argv) {
  uint64_t from = 1, seeds = 200;
  bool shrink = false;
  // Nodes come and go by the dozen, each with buffers it hardly touches: fresh pages cost less than clearing used ones.
  mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      print_help();
      return WF_CLI_OK;
    }
    if (strcmp(argv[i], "--shrink") == 0) {
      shrink = true;
      continue;
    }
    uint64_t *number = strcmp(argv[i], "--from") == 0 ? &from : strcmp(argv[i], "--seeds") == 0 ? &seeds : NULL;
    if (number == NULL) return wf_cli_usage_error("storm", "unknown option: %s", argv[i]);
    char *end = NULL;
    if (i + 1 >= argc || argv[i + 1][0] < '0' || argv[i + 1][0] > '9')
      return wf_cli_usage_error("storm", "%s needs a whole number", argv[i]);
    *number = strtoull(argv[++i], &end, 10);
    if (*end != '\0') return wf_cli_usage_error("storm", "'%s' is not a whole number", argv[i]);
  }
  return run(from, seeds, shrink);
}
