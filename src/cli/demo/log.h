// What the demo saw, second by second, whichever way the nodes ran; at the end, the value of sharing.
#ifndef WF_CLI_DEMO_LOG_H
#define WF_CLI_DEMO_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "node/value.h"
#include "sim/truth.h"

typedef struct demo_log demo_log;

// out receives what happens, line by line; NULL = silent. The scenario and truth must outlive it.
demo_log *demo_log_new(const wf_scenario *scenario, const wf_truth *truth, FILE *out);
void demo_log_free(demo_log *log);

// What one nation's node has in its ledger at record time `at`. Call once a second of record time for each nation.
void demo_log_sample(demo_log *log, wf_time at, uint32_t nation, const wf_value_event *const *events, size_t count);
// A line of its own, stamped with the time since the scenario's start.
void demo_log_say(demo_log *log, wf_time at, const char *format, ...) __attribute__((format(printf, 3, 4)));
void demo_log_count_product(demo_log *log, uint32_t nation, bool released);

// The value-of-sharing table, and DIR/report.json. False when the file cannot be written.
bool demo_log_finish(demo_log *log, const char *report_path);

// How the checks ended: shared never later than the best nation alone, and its area never larger than 1.05 times.
typedef struct demo_checks {
  bool later, larger;
  double worst_delay_s, worst_area_ratio;
  size_t compared;
} demo_checks;
void demo_log_checks(const demo_log *log, demo_checks *out);

#endif
