// The warnings of 100 events over 1,000 own areas, every prediction new at each look: looks per second of one core.
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fmath.h"
#include "base/rng.h"
#include "geo/wgs84.h"
#include "warn/areas.h"

enum { EVENTS = 100, AREAS = 1000, LOOKS = 10, RINGS_MAX = 64 };

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// The prefectures again and again: as many corners as real areas have, and many in reach of one ellipse.
static size_t fill_areas(wf_area out[AREAS]) {
  size_t count, corners = 0;
  const wf_area *areas = wf_areas_of((wf_nation){"JPN"}, &count);
  for (size_t i = 0; i < AREAS; i++) {
    out[i] = areas[i % count];
    snprintf(out[i].code, sizeof out[i].code, "X-%03zu", i);
    for (uint32_t r = 0; r < out[i].ring_count; r++) corners += out[i].ring_points[r];
  }
  return corners;
}

static void aim(wf_rng *rng, wf_common_track *t, double semi_major_m) {
  t->impact = (wf_impact_area){.valid = true, .time = {1000 * WF_NS_PER_S}, .time_sigma_s = 10};
  t->impact.area = (wf_ground_ellipse){wf_rng_between(rng, 33, 43) * WF_DEG, wf_rng_between(rng, 131, 143) * WF_DEG,
                                       semi_major_m, semi_major_m / 3, wf_rng_between(rng, 0, WF_PI)};
}

// Over Japan from the west, a thousand kilometres more.
static void fly(wf_rng *rng, wf_common_track *t) {
  const wf_lla at = {wf_rng_between(rng, 34, 42) * WF_DEG, 127 * WF_DEG, 200e3};
  const double v_enu[3] = {2500, wf_rng_between(rng, -500, 500), 2500};
  wf_site site;
  wf_site_init(&site, &at);
  for (int i = 0; i < 3; i++) {
    t->track.state[i] = site.pos_ecef_m[i];
    for (int k = 0; k < 3; k++) t->track.state[3 + i] += site.enu_from_ecef[3 * k + i] * v_enu[k];
  }
  t->impact.time = wf_time_add_s(t->track.time, 700);
}

static void run(const wf_area *areas, size_t corners, double semi_major_m, double corridor_m) {
  const wf_warn_config config = {.nation = {"JPN"},
                                 .mode = WF_MODE_EXERCISE,
                                 .events_max = 512,
                                 .products_max = 256,
                                 .area_max_semi_major_m = 100e3,
                                 .threatened_probability = 0.01,
                                 .imminent_s = 120,
                                 .lost_after_s = 30,
                                 .corridor_m = corridor_m};
  wf_warn *w = wf_warn_new(&config, areas, AREAS);
  wf_common_track *tracks = calloc(EVENTS, sizeof *tracks);
  const wf_common_track *list[EVENTS];
  wf_rng rng;
  wf_rng_seed(&rng, 1);
  double spent_s = 0;
  for (int look = 0; look < LOOKS; look++) {
    for (int i = 0; i < EVENTS; i++) {
      tracks[i].event = tracks[i].number = (uint64_t)i + 1;
      tracks[i].track.life = WF_LIFE_CONFIRMED;
      tracks[i].track.state[0] = 6478137;
      tracks[i].track.last_update = (wf_time){(look + 1) * WF_NS_PER_S};
      aim(&rng, &tracks[i], semi_major_m);
      memset(tracks[i].track.state, 0, sizeof tracks[i].track.state);
      tracks[i].track.time = (wf_time){(look + 1) * WF_NS_PER_S};
      fly(&rng, &tracks[i]);
      list[i] = &tracks[i];
    }
    const double start_s = now_s();
    wf_warn_assess(w, (wf_time){(look + 1) * WF_NS_PER_S}, list, EVENTS);
    spent_s += now_s() - start_s;
  }
  printf(
      "%d events x %d areas (%zu corners), semi-major %3.0f km, corridor %2.0f km: %.1f looks/s, %.2f ms per event\n",
      EVENTS, AREAS, corners, semi_major_m / 1000, corridor_m / 1000, LOOKS / spent_s, 1000 * spent_s / LOOKS / EVENTS);
  free(tracks);
  wf_warn_free(w);
}

int main(void) {
  static wf_area areas[AREAS];
  const size_t corners = fill_areas(areas);
  run(areas, corners, 10e3, 0);
  run(areas, corners, 30e3, 0);
  run(areas, corners, 95e3, 0);
  run(areas, corners, 10e3, 50e3);
  run(areas, corners, 95e3, 50e3);
  return 0;
}
