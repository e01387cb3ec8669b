// What the files of warn share: events (events.c), areas (assess.c), products (products.c), people (people.c).
#ifndef WF_WARN_INSIDE_H
#define WF_WARN_INSIDE_H

#include "base/hashmap.h"
#include "integral.h"
#include "rules.h"

// Per event and own area.
enum {
  WARN_MARK_THREATENED = 1,
  WARN_MARK_TOLD = 2,
  WARN_MARK_CORRIDOR = 4,   // lies under the path
  WARN_MARK_TOLD_FALL = 8,  // was told that something may fall there, not only that it passes over
  WARN_MARK_DEBRIS = 16,    // only pieces may fall there
  WARN_MARK_PASSED = 32,    // was told that it is past
};

// When it is over an area, and the least height it has then.
typedef struct warn_pass {
  wf_time first, last;  // first.ns 0 = never
  double height_m;
} warn_pass;

struct wf_warn {
  wf_warn_config config;
  const wf_area *areas;
  size_t area_count;
  warn_box *boxes;
  warn_lattice lattice;
  warn_cloud cloud;
  double *probability;   // of the areas, while one event is assessed
  double *map;           // the same, of one object
  double *pieces;        // the same, of objects other than the one that leads
  warn_pass *passes;     // event × area
  uint32_t event_count;  // slots ever used
  warn_event *events;
  uint8_t *marks;  // event × area
  wf_hashmap_slot *slots;
  wf_hashmap index;      // event id → slot
  wf_product *products;  // a ring: product n is in slot n % products_max
  size_t product_count;  // ever made
  wf_time started;       // first assessment
  wf_warn_stats stats;
};

// events.c
void warn_gather(wf_warn *w, wf_time now, const wf_common_track *const *tracks, size_t count);
warn_event *warn_event_of(wf_warn *w, uint64_t event, wf_time now);  // NULL when there is no room
warn_event *warn_event_find(const wf_warn *w, uint64_t event);
uint8_t *warn_marks_of(const wf_warn *w, const warn_event *e);

// assess.c: own areas by every object of the event.
void warn_assess_areas(wf_warn *w, warn_event *e, const wf_common_track *lead, wf_time now,
                       const wf_common_track *const *tracks, size_t count);

// Over which areas the path leads: marks and times.
void warn_assess_corridor(wf_warn *w, warn_event *e, const wf_common_track *lead, wf_time now);
// Nobody knows where it is: the last prediction, twice as wide.
void warn_assess_widened(wf_warn *w, warn_event *e);
bool warn_is_overhead(uint8_t marks);  // was told that it passes over, and nothing falls there
bool warn_is_past(const warn_event *e, uint8_t marks, const warn_pass *pass);
warn_pass *warn_pass_of(const wf_warn *w, const warn_event *e, size_t area);

// products.c
void warn_propose(wf_warn *w, warn_event *e, wf_time now, const warn_rule *rule);
void warn_close(wf_warn *w, warn_event *e);
void warn_reopen(wf_warn *w, warn_event *e);
void warn_release(wf_warn *w, wf_product *p, wf_time now);
void warn_settle(wf_warn *w, wf_product *p, wf_product_state state);  // an open one that is open no more
wf_status warn_take_over(wf_warn *w, warn_event *e, const wf_product *released);
void warn_lapse(wf_warn *w, wf_time now);
void warn_delegate(wf_warn *w, wf_time now);
void warn_fill_prepared(const wf_warn *w, wf_product *p, const warn_event *e, wf_time now, uint8_t stage);
bool warn_is_open(const wf_product *p);
wf_product *warn_newest(const wf_warn *w);  // of one product or more
wf_product *warn_product_find(const wf_warn *w, uint64_t id);

#endif
