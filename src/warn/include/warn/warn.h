// picture → staged products: proposals until people confirm. Each product follows from a numbered rule (warn/rules.c).
#ifndef WF_WARN_WARN_H
#define WF_WARN_WARN_H

#include <stddef.h>

#include "base/status.h"
#include "model/product.h"
#include "model/track.h"

typedef struct wf_warn_config {
  wf_nation nation;
  wf_mode mode;
  uint32_t events_max, products_max;
  double area_max_semi_major_m;   // an "area" product needs a 95 % semi-major below this (100 km)
  double threatened_probability;  // P ≥ this threatens an own area
  double imminent_s;              // below this to the earliest impact: imminent (120 s)
  double lost_after_s;            // 30 s
  bool automatic[16];             // by wf_product_stage: released without people (off by default)
  // The name under which the picture now holds an event; the same name when it did not give way. NULL: names never do.
  uint64_t (*resolve)(const void *context, uint64_t event);
  const void *resolve_context;
} wf_warn_config;

// An own area: ISO 3166-2 code, name per language (UTF-8), rings of (lat, lon) radians. Borrowed for the life of warn.
typedef struct wf_area {
  char code[WF_AREA_CODE_SIZE];
  const char *name_en, *name_ja, *name_ko;
  uint32_t ring_count;
  const uint32_t *ring_points;  // points in each ring
  const double *lat_lon_rad;    // all rings, pairs
} wf_area;

typedef struct wf_warn wf_warn;
wf_warn *wf_warn_new(const wf_warn_config *config, const wf_area *areas, size_t area_count);
void wf_warn_free(wf_warn *warn);

// Looks at the national picture; new products appear at the end of the list. An event whose objects are no longer
// listed is lost, not gone; one that flies although it was thought over is told anew.
void wf_warn_assess(wf_warn *warn, wf_time now, const wf_common_track *const *tracks, size_t count);

// Products are numbered from 0 in the order they were made; the newest products_max are kept, wf_warn_first is the
// oldest.
size_t wf_warn_count(const wf_warn *warn);
size_t wf_warn_first(const wf_warn *warn);
const wf_product *wf_warn_at(const wf_warn *warn, size_t index);  // NULL when not kept
const wf_product *wf_warn_find(const wf_warn *warn, uint64_t id);

typedef enum wf_decision { WF_DECISION_CONFIRM = 1, WF_DECISION_WITHDRAW = 2 } wf_decision;
// First confirmation by one person, release by a second, different one. WF_EDENIED for the same person or a product
// that was withdrawn or superseded; WF_ENOTFOUND; WF_EEXIST when already released; WF_ETIME when it has lapsed.
wf_status wf_warn_decide(wf_warn *warn, wf_time now, uint64_t product, wf_decision decision, const char *person);

// Proposes the correction of a released product, with what is known now. WF_ENOTFOUND, WF_EDENIED when it is not
// released.
wf_status wf_warn_correct(wf_warn *warn, wf_time now, uint64_t product);

// A product released in an earlier life of this node, oldest first, before the first assessment: what was told is not
// told twice. WF_EINVAL when it was not released, WF_EMODE, WF_EEXIST, WF_EFULL.
wf_status wf_warn_restore(wf_warn *warn, const wf_product *released);

// The rules, for people: number, stage (0: that of what is renewed), words.
typedef struct wf_warn_rule {
  uint8_t number, stage;
  const char *says;
} wf_warn_rule;
size_t wf_warn_rules(wf_warn_rule *out, size_t cap);

typedef struct wf_warn_stats {
  uint64_t events_refused;  // more events at once than events_max
  uint64_t open_forgotten;  // proposals overwritten before anybody decided: products_max is too small
} wf_warn_stats;
void wf_warn_stats_get(const wf_warn *warn, wf_warn_stats *out);

#endif
