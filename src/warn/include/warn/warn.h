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
  double area_max_semi_major_m;     // an "area" product needs a 95 % semi-major below this (100 km)
  double threatened_probability;    // P ≥ this threatens an own area
  double imminent_s;                // below this to the earliest impact: imminent (120 s)
  double lost_after_s;              // 30 s
  bool automatic[16];               // by wf_product_stage: released without people (off by default)
} wf_warn_config;

// An own area: ISO 3166-2 code, name per language (UTF-8), rings of (lat, lon) radians. Borrowed for the life of warn.
typedef struct wf_area {
  char code[WF_AREA_CODE_SIZE];
  const char *name_en, *name_ja, *name_ko;
  uint32_t ring_count;
  const uint32_t *ring_points;     // points in each ring
  const double *lat_lon_rad;       // all rings, pairs
} wf_area;

typedef struct wf_warn wf_warn;
wf_warn *wf_warn_new(const wf_warn_config *config, const wf_area *areas, size_t area_count);
void wf_warn_free(wf_warn *warn);

// Looks at the national picture; new or changed products appear at the end of the list.
void wf_warn_assess(wf_warn *warn, wf_time now, const wf_common_track *const *tracks, size_t count);

size_t wf_warn_count(const wf_warn *warn);
const wf_product *wf_warn_at(const wf_warn *warn, size_t index);
const wf_product *wf_warn_find(const wf_warn *warn, uint64_t id);

typedef enum wf_decision { WF_DECISION_CONFIRM = 1, WF_DECISION_WITHDRAW = 2 } wf_decision;
// First confirmation by one person, release by a second, different one. WF_EDENIED with the reason for the same person;
// WF_ENOTFOUND; WF_EEXIST when already released.
wf_status wf_warn_decide(wf_warn *warn, wf_time now, uint64_t product, wf_decision decision, const char *person);

#endif
