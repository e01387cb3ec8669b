// What the files of the storm share. Nobody outside includes it.
#ifndef WF_SIM_STORM_INSIDE_H
#define WF_SIM_STORM_INSIDE_H

#include "base/rng.h"
#include "sim/community.h"
#include "sim/storm.h"
#include "storm_check.h"

enum { STORM_NODES_MIN = 3, STORM_NODES_MAX = WF_COMMUNITY_MAX };
enum { LATE_MAX = 64, DATAGRAM_MAX = 512, KEPT_MAX = 32, KEPT_BYTES = 4096, LIES_MAX = 6 };

// A datagram that waits somewhere on its way.
typedef struct late {
  double at_s;
  uint32_t node;
  size_t size;
  uint8_t bytes[DATAGRAM_MAX];
} late;

// A frame that a faulty sender says again.
typedef struct kept {
  uint32_t from, to;
  size_t size;
  uint8_t bytes[KEPT_BYTES];
} kept;

// A body that is said otherwise to one partner than to the others, until its seal goes out.
typedef struct lying {
  uint32_t from, to;
  uint64_t id;  // 0 = none
  size_t size;
  uint8_t body[KEPT_BYTES];
} lying;

typedef struct storm {
  const wf_storm_plan *plan;
  wf_world *world;
  wf_community community;
  wf_audience pact;
  wf_rng rng;
  double now_s;
  // storm_load.c
  double scanned_s, publish_mean_s, publish_s[STORM_NODES_MAX];
  size_t payload_max;
  uint32_t twin_of;  // UINT32_MAX: nobody
  double twin_publish_s;
  double sensor_trouble_s[STORM_NODES_MAX];  // how late datagrams may come; below 0: none
  late late[LATE_MAX];
  size_t late_count;
  // storm_tamper.c
  double corrupt[STORM_NODES_MAX][STORM_NODES_MAX], lie[STORM_NODES_MAX][STORM_NODES_MAX];  // [from][to]: the share
  uint32_t lies;
  lying lying[LIES_MAX];
  wf_rng tamper_rng;
  kept kept[KEPT_MAX];
  size_t kept_next;
  uint64_t crashes_seen[STORM_NODES_MAX];
  storm_check check;
} storm;

// Each of these: when the next thing of its kind happens, after now_s; and what happens at that time.
double storm_faults_next(const storm *s);
void storm_faults_at(storm *s, double at_s);
void storm_heal(storm *s);
wf_status storm_load_begin(storm *s);
double storm_load_next(const storm *s);
void storm_load_at(storm *s, double at_s);

void storm_tamper_begin(storm *s);
void storm_repeat(storm *s, uint32_t from, uint32_t to);  // something old, once more

#endif
