// The value-of-sharing table: each event, each nation alone, and what every screen had by sharing.
#ifndef WF_CLI_DEMO_TABLE_H
#define WF_CLI_DEMO_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "node/value.h"
#include "sim/truth.h"

#define DEMO_EVENTS_MAX 64
// Shared knowledge cannot be on every screen before it has crossed the links: what counts as "later" is more than this.
#define DEMO_LINK_ALLOWANCE_S 0.5

typedef struct demo_event {
  uint64_t id;
  char label[WF_COMMON_NUMBER_SIZE];
  int object;                                                  // truth, -1 = none matched
  wf_value_entry alone[WF_NATION_MAX], shared[WF_NATION_MAX];  // each from that nation's own node
  size_t compared, larger;  // seconds compared; seconds with a shared area above 1.05 times
  double worst_area_ratio;
  wf_time worst_area_at;
  bool later;            // a screen knew later than the best nation alone, links allowed for
  double worst_delay_s;  // slowest screen behind the best nation alone (detection and first area)
} demo_event;

typedef struct demo_table {
  const wf_scenario *scenario;
  const wf_truth *truth;
  const demo_event *events;
  size_t event_count;
  const size_t *proposed, *released;  // products per nation
} demo_table;

const wf_impact_area *demo_event_last_area(const demo_event *event, size_t nations);  // NULL when there never was one
bool demo_event_was_shared(const demo_event *event, size_t nations);                  // on every screen at some time
void demo_event_check(demo_event *event, size_t nations);
void demo_table_print(const demo_table *table, FILE *out);
bool demo_table_write_json(const demo_table *table, const char *path);

#endif
