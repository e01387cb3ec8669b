// Registration errors of two own radars, redrawn each time and not stated to the tracker: the tracks stay consistent.
#include "../wf_test.h"
#include "watch.h"

#define OBJECTS 6
#define SCANS 70

static wf_sensor radar_at(const char *name, double lon_deg) {
  wf_sensor s = watch_radar(name, 1.0);
  s.lla.lat_rad = 31.35 * WF_DEG;
  s.lla.lon_rad = lon_deg * WF_DEG;
  s.box_range_m[0] = 30e3;
  s.box_az_rad[0] = 0.0;
  s.box_az_rad[1] = 6.283185;
  return s;
}

typedef struct result {
  double nees;
  int n;
  double sigma_m;
} result;

static result watch(uint64_t seed, double range_m, double angle_rad, double stated_scale) {
  wf_rng rng;
  wf_rng_seed(&rng, seed);
  wf_tracker *t = watch_tracker(WF_MEDIUM_VACUUM, 256, 256);
  wf_sensor s[2] = {radar_at("W", -138.95), radar_at("E", -130.52)};
  wf_site site[2];
  uint16_t index[2];
  double bias[2][3], truth[OBJECTS][6];
  for (int k = 0; k < 2; k++) {
    s[k].bias_sigma_range_m = stated_scale * range_m;
    s[k].bias_sigma_az_rad = s[k].bias_sigma_el_rad = stated_scale * angle_rad;
    wf_site_init(&site[k], &s[k].lla);
    index[k] = watch_add(t, &s[k]);
    for (int c = 0; c < 3; c++) bias[k][c] = (c == 0 ? range_m : angle_rad) * wf_rng_normal(&rng);
  }
  for (int i = 0; i < OBJECTS; i++) watch_launch(&rng, truth[i]);
  result r = {0};
  for (int scan = 0; scan < SCANS; scan++) {
    const wf_time now = wf_time_from_s(WATCH_SCAN_S * scan);
    for (int k = 0; k < 2; k++) {
      wf_plot p[OBJECTS];
      size_t n = 0;
      for (int i = 0; i < OBJECTS; i++) {
        if (k == 0 && scan > 0) flight_fall(WATCH_SCAN_S, truth[i]);
        if (!watch_plot(&s[k], &site[k], index[k], truth[i], now, &rng, &p[n])) continue;
        p[n].radar.range_m += bias[k][0];
        p[n].radar.az_rad = wf_wrap_2pi(p[n].radar.az_rad + bias[k][1]);
        p[n++].radar.el_rad += bias[k][2];
      }
      wf_tracker_scan(t, p, n, NULL);
    }
    for (int i = 0; scan >= 40 && i < OBJECTS; i++) {
      const wf_track *k = watch_nearest(t, truth[i], 3e3);
      if (k == NULL) continue;
      r.nees += flight_nees(k->state, truth[i], k->covariance);
      r.sigma_m += sqrt(k->covariance[0] + k->covariance[7] + k->covariance[14]);
      r.n++;
    }
  }
  assert_true(r.n > 0.9 * OBJECTS * (SCANS - 40));
  wf_tracker_free(t);
  return r;
}

static double mean_over_draws(double range_m, double angle_rad, double stated, double *sigma_m) {
  enum { RUNS = 60 };
  double nees = 0.0;
  *sigma_m = 0.0;
  for (int run = 0; run < RUNS; run++) {
    const result r = watch(9000 + (uint64_t)run, range_m, angle_rad, stated);
    nees += r.nees / r.n / RUNS;
    *sigma_m += r.sigma_m / r.n / RUNS;
  }
  print_message("bias %.0f m, %.1f mrad, stated x%.0f: NEES/6 %.2f, sigma %.0f m\n", range_m, 1e3 * angle_rad, stated,
                nees / 6.0, *sigma_m);
  return nees / 6.0;
}

static void unstated_biases_are_found(void **state) {
  double sigma;
  const double nees = mean_over_draws(20.0, 0.5e-3, 0.0, &sigma);
  assert_true(nees > 0.8 && nees < 1.3);
}

static void stated_biases_are_considered(void **state) {
  double sigma;
  const double nees = mean_over_draws(20.0, 0.5e-3, 1.0, &sigma);
  assert_true(nees > 0.8 && nees < 1.3);
}

// Aligned radars must not pay much for the suspicion.
static void aligned_radars_are_seen_to_be(void **state) {
  double aligned, biased;
  const double nees = mean_over_draws(0.0, 0.0, 0.0, &aligned);
  (void)mean_over_draws(20.0, 0.5e-3, 0.0, &biased);
  assert_true(nees > 0.75 && nees < 1.2);
  assert_true(aligned < biased);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unstated_biases_are_found),
      cmocka_unit_test(stated_biases_are_considered),
      cmocka_unit_test(aligned_radars_are_seen_to_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
