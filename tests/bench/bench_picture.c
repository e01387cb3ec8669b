// The common picture's pace: N objects from three nations at 1 Hz each, the picture advanced every 100 ms of its time.
// In order, and with every contribution up to half a second late (each advance then goes back). One core.
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../picture/nation.h"

enum { SECONDS = 20, NATIONS = 3, OBJECTS_MOST = 2000 };

static double cpu_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct item {
  double arrival_s;
  wf_contribution c;
} item;

static int by_arrival(const void *a, const void *b) {
  const item *x = a, *y = b;
  return (x->arrival_s > y->arrival_s) - (x->arrival_s < y->arrival_s);
}

static void state_of(int object, double state[6]) {
  wf_site site;
  const wf_lla lla = {(30.0 + 0.01 * (object % 50) * 20.0 / 50.0 + object / 50) * WF_DEG,
                      (120.0 + 0.4 * (object % 50)) * WF_DEG, 150e3};
  wf_site_init(&site, &lla);
  const double enu[3] = {1800.0, 300.0, 1900.0};
  for (int i = 0; i < 3; i++) {
    state[i] = site.pos_ecef_m[i];
    state[3 + i] =
        site.enu_from_ecef[i] * enu[0] + site.enu_from_ecef[3 + i] * enu[1] + site.enu_from_ecef[6 + i] * enu[2];
  }
}

static void fill(wf_contribution *c, int who, int object, uint64_t sequence, double t_s, const double x[6],
                 wf_rng *rng) {
  static const char codes[NATIONS][4] = {"JPN", "KOR", "USA"};
  memset(c, 0, sizeof *c);
  memcpy(c->id.origin.code, codes[who], 4);
  c->id.stream = c->id.epoch = 1;
  c->id.sequence = sequence;
  c->kind = WF_CONTRIBUTION_TRACKLET;
  c->sources = WF_SOURCE_RADAR;
  c->object = (uint64_t)(object + 1);
  c->valid_time = c->publish_time = nation_time(t_s);
  memcpy(c->tracklet.reference, x, 6 * sizeof *x);
  c->tracklet.phase = WF_PHASE_COAST;
  double y[36] = {0};
  for (int i = 0; i < 6; i++) {
    const double sigma = i < 3 ? 200.0 : 10.0;
    y[i * 7] = 1.0 / (sigma * sigma);
    c->tracklet.vector[i] = wf_rng_normal(rng) / sigma;
  }
  wf_mat_pack_upper(6, y, c->tracklet.information);
}

static size_t make(item *items, int objects, double late_s) {
  wf_rng rng;
  wf_rng_seed(&rng, 7);
  size_t n = 0;
  for (int object = 0; object < objects; object++) {
    double x[6];
    state_of(object, x);
    const double phase = wf_rng_uniform(&rng) * 0.3;
    nation_fall(phase, x);
    for (int k = 0; k < SECONDS; k++)
      for (int who = 0; who < NATIONS; who++) {
        const double t = k + phase + 0.3 * who;
        fill(&items[n].c, who, object, n + 1, t, x, &rng);
        items[n++].arrival_s = t + late_s * wf_rng_uniform(&rng);
        nation_fall(who < 2 ? 0.3 : 0.4, x);
      }
  }
  qsort(items, n, sizeof *items, by_arrival);
  return n;
}

typedef struct result {
  double advance_s, read_s, worst_ms;
  wf_picture_stats stats;
  size_t tracks;
} result;

static result run(const item *items, size_t count, int objects) {
  const wf_picture_config config = {
      .tracks_max = (uint32_t)objects + 64, .contributions_max = (uint32_t)count + 64, .medium_vacuum = 1};
  wf_picture *p = wf_picture_new(&config);
  result r = {0};
  size_t next = 0;
  for (int tick = 1; tick <= SECONDS * 10; tick++) {
    const double start = cpu_s();
    while (next < count && items[next].arrival_s <= 0.1 * tick) (void)wf_picture_insert(p, &items[next++].c);
    wf_picture_advance(p, nation_time(0.1 * tick));
    const double took = cpu_s() - start;
    r.advance_s += took;
    if (1e3 * took > r.worst_ms) r.worst_ms = 1e3 * took;
  }
  const double start = cpu_s();
  for (size_t i = 0; i < wf_picture_count(p); i++) (void)wf_picture_at(p, i);
  r.read_s = cpu_s() - start;
  r.tracks = wf_picture_count(p);
  wf_picture_stats_get(p, &r.stats);
  wf_picture_free(p);
  return r;
}

// One contribution that is late by so much, into a picture that has run for two minutes at one increment per object and
// four seconds: what the next advance costs, in ms, and how many contributions it replays.
static void rollback_curve(void) {
  static const int sizes[] = {1, 10, 100, 500, OBJECTS_MOST};
  static const double lateness_s[] = {0.1, 1.0, 5.0, 20.0, 60.0, 119.0};
  enum { RUN_S = 124, EVERY_S = 4 };
  printf("\nms of one advance after one contribution that is late by …\nobjects");
  for (size_t k = 0; k < sizeof lateness_s / sizeof *lateness_s; k++) printf("  %7.1f s", lateness_s[k]);
  printf("\n");
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    const int n = sizes[i];
    const wf_picture_config config = {.tracks_max = (uint32_t)n + 64,
                                      .contributions_max = (uint32_t)(n * (RUN_S / EVERY_S + 1)) + 64,
                                      .medium_vacuum = 1};
    wf_picture *p = wf_picture_new(&config);
    double(*x)[6] = calloc((size_t)n, sizeof *x);
    wf_rng rng;
    wf_rng_seed(&rng, 11);
    uint64_t sequence = 0;
    wf_contribution c;
    for (int object = 0; object < n; object++) state_of(object, x[object]);
    for (int t = 0; t <= RUN_S; t += EVERY_S) {
      for (int object = 0; object < n; object++) {
        fill(&c, 0, object, ++sequence, t, x[object], &rng);
        (void)wf_picture_insert(p, &c);
        nation_fall(EVERY_S, x[object]);
      }
      for (int s = 0; s < EVERY_S; s++) wf_picture_advance(p, nation_time(t + s + 1));
    }
    printf("%7d", n);
    for (size_t k = 0; k < sizeof lateness_s / sizeof *lateness_s; k++) {
      const double at = RUN_S + EVERY_S - lateness_s[k];
      double late[6];
      state_of(0, late);
      nation_fall(at, late);
      fill(&c, 1, 0, k + 1, at, late, &rng);
      const double start = cpu_s();
      (void)wf_picture_insert(p, &c);
      wf_picture_advance(p, nation_time(RUN_S + EVERY_S));
      printf("  %9.2f", 1e3 * (cpu_s() - start));
      fflush(stdout);
    }
    printf("\n");
    free(x);
    wf_picture_free(p);
  }
}

int main(void) {
  static const int sizes[] = {10, 50, 200, 500, 1000, OBJECTS_MOST};
  item *items = malloc(sizeof *items * OBJECTS_MOST * NATIONS * SECONDS);
  if (items == NULL) return 1;
  printf("objects  late_s  contributions/s  replayed/s  ms CPU per s  worst tick ms  us per applied  read+impact ms\n");
  for (int late = 0; late < 2; late++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      const size_t count = make(items, sizes[i], late * 0.5);
      const result r = run(items, count, sizes[i]);
      printf("%7d  %6.1f  %15.0f  %10.0f  %12.2f  %13.2f  %14.2f  %14.1f\n", sizes[i], late * 0.5,
             (double)count / SECONDS, (double)r.stats.replayed / SECONDS, 1e3 * r.advance_s / SECONDS, r.worst_ms,
             1e6 * r.advance_s / (double)r.stats.replayed, 1e3 * r.read_s);
      if (r.tracks != (size_t)sizes[i]) {
        printf("%zu tracks for %d objects\n", r.tracks, sizes[i]);
        return 1;
      }
    }
  free(items);
  rollback_curve();
  return 0;
}
