// A community of nations with small nodes, for storms and tests: one radar each, one object past burnout above all of
// them, the built-in "warning-data" policy between everybody.
#ifndef WF_SIM_COMMUNITY_H
#define WF_SIM_COMMUNITY_H

#include "base/rng.h"
#include "geo/wgs84.h"
#include "sim/world.h"
#include "wire/codec.h"

#define WF_COMMUNITY_MAX 7

typedef struct wf_community {
  uint32_t count;
  wf_world_config config;  // may be changed before a world is made from it
  wf_audience everybody;
  wf_sensor sensors[WF_COMMUNITY_MAX];
  wf_site sites[WF_COMMUNITY_MAX];
  uint64_t sequence[WF_COMMUNITY_MAX];  // of each radar's datagrams
  double object[6];
  wf_rng rng;  // noise of the radars
} wf_community;

const char *wf_community_code(uint32_t nation);  // JPN, KOR, USA, AUS, CAN, NZL, PHL
wf_status wf_community_init(wf_community *community, uint32_t count, uint64_t seed);
void wf_community_fly(wf_community *community, double seconds);
// What a radar tells of the object now: one plot, or none when `sees` is false or the object is below its horizon.
wf_sensor_report wf_community_report(wf_community *community, uint32_t nation, wf_time at, bool sees, wf_plot *plot);

#endif
