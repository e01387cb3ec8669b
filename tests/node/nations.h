// Two or three whole nodes in memory: one radar each, one object in free fall above all of them, the world's links and
// disks between them.
#ifndef WF_TEST_NODE_NATIONS_H
#define WF_TEST_NODE_NATIONS_H

#include <stdbool.h>

#include "sim/community.h"

#define NATIONS_MAX 3

typedef struct nations {
  wf_community c;
  wf_world *world;
  bool blind[NATIONS_MAX];  // its radar reports, but sees nothing
  bool mute[NATIONS_MAX];   // its radar reports nothing
  double now_s;
} nations;

// Fills in the configuration; a test may change it before nations_start.
void nations_prepare(nations *n, uint32_t count);
void nations_start(nations *n);
void nations_end(nations *n);
// The world goes on for that many seconds, each radar looking once per second.
void nations_run(nations *n, double seconds);
wf_sensor_report nations_report(nations *n, uint32_t node, wf_plot *plot);
void nations_hear(nations *n, uint32_t node, const wf_sensor_report *report);
wf_node *nations_node(nations *n, uint32_t node);
// Digests at a time some seconds ago. True when every nation that is up has the same, over the same records.
bool nations_agree(nations *n, double seconds_ago);

#endif
