// The invariants every storm must leave whole, as numbered in docs/storm.md.
#ifndef WF_SIM_STORM_CHECK_H
#define WF_SIM_STORM_CHECK_H

#include "sim/storm.h"
#include "sim/world.h"
#include "wire/link.h"

typedef struct storm_check {
  wf_world *world;
  const wf_world_config *config;
  bool lost_disk[WF_WORLD_NODES_MAX];
  wf_frame *frame;    // scratch
  char outside[160];  // first byte seen outside its audience
  char differs[160];  // first alarm that two equal record sets gave two pictures
} storm_check;

void storm_check_begin(storm_check *check, wf_world *world, const wf_world_config *config);
void storm_check_end(storm_check *check, wf_storm_result *result);
void storm_check_free(storm_check *check);

#endif
