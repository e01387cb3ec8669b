// Plots per second through the tracker alone: no parsing, no output, no impact areas. A raid of its own making: objects
// over a minute from about one place, one radar with clutter. Prints one line per size.
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fmath.h"
#include "base/rng.h"
#include "motion/dynamics.h"
#include "track/tracker.h"

#define SCAN_S 2.0
#define SCANS 150

typedef struct raid {
  wf_plot *plot;
  size_t *first;
  size_t plots;
  wf_sensor radar;
} raid;

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static wf_sensor radar_of(double clutter) {
  return (wf_sensor){.name = "R1",
                     .kind = WF_SENSOR_RADAR,
                     .lla = {27.75 * WF_DEG, -137.0 * WF_DEG, 0.0},
                     .sigma_range_m = 30.0,
                     .sigma_az_rad = 1e-3,
                     .sigma_el_rad = 1e-3,
                     .detection_probability = 0.9,
                     .clutter_mean_per_scan = clutter,
                     .box_range_m = {150e3, 1000e3},
                     .box_az_rad = {-1.570796, 1.745329},
                     .box_el_rad = {0.034907, 1.308997}};
}

static void launch(wf_rng *rng, double state[6]) {
  wf_site site;
  const wf_lla lla = {(30.0 + wf_rng_between(rng, -0.27, 0.27)) * WF_DEG,
                      (-139.5 + wf_rng_between(rng, -0.3, 0.3)) * WF_DEG, 80e3 + wf_rng_between(rng, -10e3, 10e3)};
  wf_site_init(&site, &lla);
  const double speed = 2950.0 * (1.0 + 0.03 * wf_rng_normal(rng)), up = wf_rng_between(rng, 36.0, 48.0) * WF_DEG;
  const double az = wf_rng_between(rng, 86.0, 94.0) * WF_DEG;
  const double enu[3] = {speed * wf_cos(up) * wf_sin(az), speed * wf_cos(up) * wf_cos(az), speed * wf_sin(up)};
  for (int i = 0; i < 3; i++) {
    state[i] = site.pos_ecef_m[i];
    state[3 + i] =
        site.enu_from_ecef[i] * enu[0] + site.enu_from_ecef[3 + i] * enu[1] + site.enu_from_ecef[6 + i] * enu[2];
  }
}

static wf_plot plot_at(double time_s, double range_m, double az_rad, double el_rad) {
  wf_plot p = {.kind = WF_PLOT_RADAR, .time = wf_time_from_s(time_s)};
  p.radar.range_m = range_m;
  p.radar.az_rad = wf_wrap_2pi(az_rad);
  p.radar.el_rad = el_rad;
  return p;
}

static raid make(int objects, double clutter) {
  raid r = {.radar = radar_of(clutter)};
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
  wf_rng rng;
  wf_site site;
  double(*state)[6] = calloc((size_t)objects, sizeof *state), *born = calloc((size_t)objects, sizeof *born);
  r.plot = calloc((size_t)(SCANS * (objects + 2.0 * clutter + 64.0)), sizeof *r.plot);
  r.first = calloc(SCANS + 1, sizeof *r.first);
  wf_rng_seed(&rng, 1);
  wf_site_init(&site, &r.radar.lla);
  for (int k = 0; k < objects; k++) {
    launch(&rng, state[k]);
    born[k] = 2.0 * (double)wf_rng_below(&rng, 31);
  }
  for (int scan = 0; scan < SCANS; scan++) {
    const double t = SCAN_S * scan;
    r.first[scan] = r.plots;
    for (int k = 0; k < objects; k++) {
      if (t < born[k]) continue;
      if (t > born[k]) wf_motion_propagate(&vacuum, SCAN_S, SCAN_S, state[k], NULL, NULL);
      double rae[3];
      wf_geo_rae_from_ecef(&site, state[k], rae, NULL);
      if (rae[2] > 0.035 && wf_rng_uniform(&rng) < 0.9)
        r.plot[r.plots++] = plot_at(t, rae[0] + 30.0 * wf_rng_normal(&rng), rae[1] + 1e-3 * wf_rng_normal(&rng),
                                    rae[2] + 1e-3 * wf_rng_normal(&rng));
    }
    for (unsigned n = wf_rng_poisson(&rng, clutter); n > 0; n--)
      r.plot[r.plots++] = plot_at(t, wf_rng_between(&rng, 150e3, 1000e3), wf_rng_between(&rng, -1.57, 1.745),
                                  wf_rng_between(&rng, 0.035, 1.309));
  }
  r.first[SCANS] = r.plots;
  free(state);
  free(born);
  return r;
}

static void run(int objects, double clutter) {
  const raid r = make(objects, clutter);
  double best = 1e300;
  wf_tracker_stats stats = {0};
  const int repeats = objects > 500 || clutter > 500.0 ? 1 : 5;
  for (int repeat = 0; repeat < repeats; repeat++) {
    const wf_tracker_config config = {.tracks_max = (uint32_t)(2 * objects + 4.0 * clutter + 512.0),
                                      .plots_per_scan_max = (uint32_t)(objects + 2.0 * clutter + 64.0),
                                      .medium = WF_MEDIUM_VACUUM,
                                      .mode = WF_MODE_TEST,
                                      .id_seed = 1};
    wf_tracker *t = wf_tracker_new(&config);
    uint16_t index;
    if (t == NULL || wf_tracker_add_sensor(t, &r.radar, &index) != WF_OK) exit(1);
    const double start = now_s();
    for (int scan = 0; scan < SCANS; scan++)
      wf_tracker_scan(t, r.plot + r.first[scan], r.first[scan + 1] - r.first[scan], NULL);
    const double took = now_s() - start;
    if (took < best) best = took;
    wf_tracker_stats_get(t, &stats);
    wf_tracker_free(t);
  }
  printf("%7d %8.0f %9zu %9llu %12.0f %12.1f\n", objects, clutter, r.plots, (unsigned long long)stats.confirmed,
         (double)r.plots / best, SCAN_S * SCANS / best);
  free(r.plot);
  free(r.first);
}

int main(int argc, char **argv) {
  static const struct {
    int objects;
    double clutter;
  } size[] = {
      {1, 20.0}, {10, 20.0}, {100, 0.0}, {100, 20.0}, {100, 200.0}, {1000, 20.0}, {1000, 2000.0}, {5000, 20.0},
  };
  const bool all = argc > 1 && strcmp(argv[1], "all") == 0;
  printf("objects  clutter     plots confirmed      plots/s    real time\n");
  for (size_t i = 0; i < sizeof size / sizeof size[0]; i++)
    if (all || size[i].objects * (1.0 + size[i].clutter) <= 1e5) run(size[i].objects, size[i].clutter);
  return 0;
}
