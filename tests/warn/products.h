// Products of every stage and mode for the tests of what is written.
#ifndef WF_TEST_WARN_PRODUCTS_H
#define WF_TEST_WARN_PRODUCTS_H

#include <string.h>

#include "base/fmath.h"
#include "model/contribution.h"
#include "model/product.h"
#include "warn/warn.h"

#define TEST_T0_S INT64_C(1795448635)

static const uint32_t TEST_RING_POINTS[] = {4};
static const double TEST_RINGS[] = {0.70, 2.45, 0.75, 2.45, 0.75, 2.53, 0.70, 2.53};
static const wf_area TEST_AREAS[] = {
    {"JP-01", "Hokkaido", "北海道", "홋카이도", 1, TEST_RING_POINTS, TEST_RINGS},
    {"JP-02", "Aomori", "青森県", "아오모리현", 1, TEST_RING_POINTS, TEST_RINGS},
};
enum { TEST_AREA_COUNT = 2 };

static inline wf_time test_time(double after_s) {
  return wf_time_add_s((wf_time){TEST_T0_S * WF_NS_PER_S}, after_s);
}

static inline wf_ground_ellipse test_ellipse(double lat_deg, double lon_deg, double major_m, double minor_m,
                                             double az_deg) {
  return (wf_ground_ellipse){lat_deg * WF_DEG, lon_deg * WF_DEG, major_m, minor_m, az_deg * WF_DEG};
}

static inline wf_product test_product(const char *nation, wf_mode mode, wf_product_stage stage) {
  wf_product p = {.id = 0x1234567890abcdefu + (uint64_t)stage,
                  .event = 0xfeedface00000001u,
                  .label = "K7Q2FM",
                  .stage = (uint8_t)stage,
                  .state = WF_PRODUCT_RELEASED,
                  .rule = (uint8_t)stage,
                  .mode = mode,
                  .proposed_at = test_time(60),
                  .released_at = test_time(75.25),
                  .expires = test_time(1200),
                  .sources = WF_SOURCE_INFRARED | WF_SOURCE_RADAR,
                  .single_source = stage == WF_STAGE_LAUNCH_NOTICE};
  memcpy(p.issuer.code, nation, 4);
  p.launch = (wf_launch_area){true, test_time(0), 5, test_ellipse(39.66, 124.71, 8000, 3000, 30)};
  if (stage == WF_STAGE_LAUNCH_NOTICE) return p;
  if (stage == WF_STAGE_SEISMIC || stage == WF_STAGE_NOTICE) {
    p.launch.valid = false;
    p.sources = 0;
    p.bulletin = (wf_bulletin){.kind = stage == WF_STAGE_SEISMIC ? WF_BULLETIN_SEISMIC : WF_BULLETIN_NOTICE,
                               .possible_explosion = stage == WF_STAGE_SEISMIC,
                               .from = test_time(0),
                               .to = test_time(stage == WF_STAGE_NOTICE ? 86400 : 0),
                               .place = test_ellipse(41.3, 129.1, 20e3, 20e3, 0),
                               .origin = "NAVAREA XI 0342"};
    if (stage == WF_STAGE_SEISMIC) {
      p.bulletin.has_magnitude = p.bulletin.has_depth = true;
      p.bulletin.magnitude = 6.3;
      memcpy(p.bulletin.origin, "USGS", 5);
    }
    return p;
  }
  p.impact = (wf_impact_area){
      .valid = true, .time = test_time(620), .time_sigma_s = 12, .area = test_ellipse(41.2, 140.4, 18500, 4200, 75)};
  p.supersedes = 0x1234567890abcdefu;
  p.supersedes_sent = test_time(40);
  if (stage < WF_STAGE_THREATENED_AREAS) return p;
  p.area_count = 2;
  memcpy(p.area[0].code, "JP-02", 6);
  memcpy(p.area[1].code, "JP-01", 6);
  p.area[0].probability = 0.62;
  p.area[1].probability = 0.11;
  p.area[0].earliest = p.area[1].earliest = test_time(600);
  return p;
}

// Ellipses that are hard to draw: antimeridian, poles, needles, points.
static const wf_ground_ellipse TEST_PLACES[] = {{0.72, 2.45, 18500, 4200, 1.3},  {0.3, 3.14, 90e3, 20e3, 1.5},
                                                {0.3, -3.14, 60e3, 60e3, 0},     {-0.9, 3.1415926, 300e3, 5e3, 1.57},
                                                {1.5533, 1.0, 40e3, 9e3, 0.4},   {0.0, 0.0, 10, 1, 0},
                                                {1.2, -3.0, 2000e3, 500e3, 0.7}, {-1.57, 0.0, 1000e3, 900e3, 0.7}};
enum { TEST_PLACE_COUNT = sizeof TEST_PLACES / sizeof TEST_PLACES[0] };

#endif
