// Pieces of the console feed shared by its files.
#ifndef WF_IO_FEED_JSON_H
#define WF_IO_FEED_JSON_H

#include "io/feed_state.h"

enum { FLOWN_MAX = 240, PREDICTED_MAX = 120 };

// Where a track has been: one point per FLOWN_EVERY_S of record time, the oldest thinned out when full.
typedef struct flown {
  uint64_t number;
  wf_time last;
  size_t count;
  struct {
    wf_time at;
    float lat_deg, lon_deg, h_m;
  } point[FLOWN_MAX];
} flown;

json_t *feed_time(wf_time t);  // null for ns 0
json_t *feed_hex(uint64_t value);
json_t *feed_sources(uint8_t sources);
json_t *feed_launch(const wf_launch_area *launch);                // or null
json_t *feed_impact(const wf_impact_area *impact);  // or null
void flown_note(flown *history, const wf_track *track);
json_t *feed_track(const wf_common_track *track, const flown *history, wf_time now, bool with_contributors);
json_t *feed_product(const wf_product *product, const wf_area *areas, size_t area_count);
// Cues, the ones of before while they are fresh; a new reference.
json_t *feed_cues(const wf_node *node, json_t *before, wf_time *made);
// feed_told.c
json_t *feed_seismic(const wf_node *node);
json_t *feed_reports(const wf_node *node);
json_t *feed_value(const wf_value_event *event);

#endif
