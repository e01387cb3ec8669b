// The invariants every storm must leave whole, as numbered in docs/storm.md.
#ifndef WF_SIM_STORM_CHECK_H
#define WF_SIM_STORM_CHECK_H

#include "sim/storm.h"
#include "sim/world.h"
#include "wire/link.h"

typedef struct storm_check {
  wf_world *world;
  const wf_world_config *config;
  bool lost_disk[WF_WORLD_NODES_MAX], full_disk[WF_WORLD_NODES_MAX];
  size_t exchange_bytes[WF_WORLD_NODES_MAX];  // at the first start
  wf_frame *frame;                            // scratch
  char why[200];                              // the first thing found while it ran
} storm_check;

wf_status storm_check_begin(storm_check *check, wf_world *world, const wf_world_config *config);
void storm_check_watch(storm_check *check);                 // bounds, now
void storm_check_crash(storm_check *check, uint32_t node);  // it has just stopped: was more acknowledged than is there?
bool storm_check_settled(storm_check *check);               // everybody is linked and has everything
void storm_check_end(storm_check *check, wf_storm_result *result);
void storm_check_free(storm_check *check);

#endif
