// A national picture made by hand, a person or two, and what the warnings become.
#ifndef WF_TEST_WARN_FLIGHT_H
#define WF_TEST_WARN_FLIGHT_H

#include "../wf_test.h"
#include "base/fmath.h"
#include "model/track.h"
#include "products.h"
#include "warn/cap.h"
#include "warn/warn.h"

// Two squares of 1° side by side, and one far away.
static const uint32_t FLIGHT_RING[] = {4};
static const double FLIGHT_WEST[] = {0.69813, 2.44346, 0.69813, 2.46091, 0.71558, 2.46091, 0.71558, 2.44346};
static const double FLIGHT_EAST[] = {0.69813, 2.46091, 0.69813, 2.47837, 0.71558, 2.47837, 0.71558, 2.46091};
static const double FLIGHT_FAR[] = {0.3, 2.3, 0.3, 2.35, 0.35, 2.35, 0.35, 2.3};
static const wf_area FLIGHT_AREAS[] = {{"XX-W", "West", "西", "서", 1, FLIGHT_RING, FLIGHT_WEST},
                                       {"XX-E", "East", "東", "동", 1, FLIGHT_RING, FLIGHT_EAST},
                                       {"XX-F", "Far", "遠", "먼", 1, FLIGHT_RING, FLIGHT_FAR}};
enum { FLIGHT_AREA_COUNT = 3 };

static inline wf_warn_config flight_config(void) {
  return (wf_warn_config){.nation = {"JPN"},
                          .mode = WF_MODE_EXERCISE,
                          .events_max = 8,
                          .products_max = 64,
                          .area_max_semi_major_m = 100e3,
                          .threatened_probability = 0.01,
                          .imminent_s = 120,
                          .lost_after_s = 30};
}

static inline wf_warn *flight_warn(const wf_warn_config *config) {
  wf_warn *w = wf_warn_new(config, FLIGHT_AREAS, FLIGHT_AREA_COUNT);
  assert_non_null(w);
  wf_warn_assess(w, test_time(-1000), NULL, 0);  // it has been running for a while
  return w;
}

// An object 100 km up, seen by radar.
static inline wf_common_track flight_track(uint64_t event) {
  wf_common_track t = {.number = event, .event = event, .label = "K7Q2FM", .contributor_count = 2};
  t.track.id = event;
  t.track.life = WF_LIFE_CONFIRMED;
  t.track.sources = WF_SOURCE_RADAR;
  t.track.state[0] = 6378137.0 + 100e3;
  t.track.launch = (wf_launch_area){true, test_time(0), 5, test_ellipse(39.66, 124.71, 8000, 3000, 30)};
  return t;
}

static inline void flight_aim(wf_common_track *t, double lat_deg, double lon_deg, double major_m, double impact_s) {
  t->impact = (wf_impact_area){.valid = true, .time = test_time(impact_s), .time_sigma_s = 10};
  t->impact.area = test_ellipse(lat_deg, lon_deg, major_m, major_m / 3, 90);
}

static inline void flight_look(wf_warn *w, double now_s, wf_common_track *a, wf_common_track *b) {
  const wf_common_track *list[2];
  size_t count = 0;
  if (a != NULL) list[count++] = a;
  if (b != NULL) list[count++] = b;
  for (size_t i = 0; i < count; i++) {
    wf_track *t = (i == 0 && a != NULL) ? &a->track : &b->track;
    if (t->life == WF_LIFE_CONFIRMED) t->last_update = test_time(now_s);
  }
  wf_warn_assess(w, test_time(now_s), list, count);
}

// The newest product; asserts its stage and that it came from the rule.
static inline const wf_product *flight_newest(const wf_warn *w, wf_product_stage stage, int rule) {
  assert_true(wf_warn_count(w) > 0);
  const wf_product *p = wf_warn_at(w, wf_warn_count(w) - 1);
  assert_non_null(p);
  assert_int_equal(p->stage, stage);
  assert_int_equal(p->rule, rule);
  return p;
}

static inline int flight_count(const wf_warn *w, wf_product_stage stage) {
  int n = 0;
  for (size_t i = wf_warn_first(w); i < wf_warn_count(w); i++) n += wf_warn_at(w, i)->stage == (uint8_t)stage;
  return n;
}

// Two persons release it; what goes out must pass the checker.
static inline void flight_release(wf_warn *w, double now_s, uint64_t id) {
  static char xml[256 * 1024];
  char rule[48], detail[160];
  size_t length;
  assert_int_equal(wf_warn_decide(w, test_time(now_s), id, WF_DECISION_CONFIRM, "ono"), WF_OK);
  assert_int_equal(wf_warn_decide(w, test_time(now_s), id, WF_DECISION_CONFIRM, "kim"), WF_OK);
  const wf_product *p = wf_warn_find(w, id);
  assert_int_equal(p->state, WF_PRODUCT_RELEASED);
  assert_int_equal(wf_cap_write(p, "node@example.org", FLIGHT_AREAS, FLIGHT_AREA_COUNT, xml, sizeof xml, &length),
                   WF_OK);
  const wf_cap_verdict verdict = wf_cap_check(xml, length, rule, detail);
  if (verdict != WF_CAP_ACCEPT) print_message("%s: %s\n", rule, detail);
  assert_int_equal(verdict, WF_CAP_ACCEPT);
}

#endif
