// Microbenchmarks of the ground floor, beside libm where that has the same. Prints a table; fails only when it
// cannot measure. meson test --benchmark
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "geo/wgs84.h"

enum { INPUTS = 1024, ROUNDS = 400, REPEATS = 7 };

static double input[INPUTS], input2[INPUTS];
static volatile double sink;

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

// Best of several repeats: the machine's own pace, without what else runs on it.
static double best_ns(void (*once)(int i)) {
  double best = 1e300;
  for (int r = 0; r < REPEATS; r++) {
    const double start = now_ns();
    for (int k = 0; k < ROUNDS; k++)
      for (int i = 0; i < INPUTS; i++) once(i);
    const double each = (now_ns() - start) / ((double)ROUNDS * INPUTS);
    if (each < best) best = each;
  }
  return best;
}

static void nothing(int i) {
  sink = input[i];
}

static void ours_sincos(int i) {
  double s, c;
  wf_sincos(input[i], &s, &c);
  sink = s + c;
}
static void libm_sincos(int i) {
  sink = sin(input[i]) + cos(input[i]);
}
static void ours_atan2(int i) {
  sink = wf_atan2(input[i], input2[i]);
}
static void libm_atan2(int i) {
  sink = atan2(input[i], input2[i]);
}
static void ours_exp(int i) {
  sink = wf_exp(input[i]);
}
static void libm_exp(int i) {
  sink = exp(input[i]);
}
static void ours_log(int i) {
  sink = wf_log(input2[i]);
}
static void libm_log(int i) {
  sink = log(input2[i]);
}
static void ours_pow(int i) {
  sink = wf_pow(input2[i], 0.7);
}
static void libm_pow(int i) {
  sink = pow(input2[i], 0.7);
}

static double f[36], p[36], out[36];

static void mul6(int i) {
  f[0] = input[i];
  wf_mat_mul(6, 6, 6, f, p, out);
  sink = out[35];
}
static void congruence6(int i) {
  f[0] = input[i];
  wf_mat_congruence(6, f, p, p, out);
  sink = out[35];
}
static void cholesky6(int i) {
  p[0] = 10.0 + input2[i];
  sink = wf_mat_cholesky(6, p, out) == WF_OK ? out[35] : 0.0;
}
static void cholesky3(int i) {
  static double a[9] = {4, 1, 0.5, 1, 3, 0.2, 0.5, 0.2, 2}, l[9];
  a[0] = 4.0 + input2[i];
  sink = wf_mat_cholesky(3, a, l) == WF_OK ? l[8] : 0.0;
}
static void inverse6(int i) {
  p[0] = 10.0 + input2[i];
  sink = wf_mat_spd_inverse(6, p, out) == WF_OK ? out[35] : 0.0;
}
static wf_site site;
static double position[INPUTS][3];
static void to_rae(int i) {
  double rae[3], jacobian[9];
  wf_geo_rae_from_ecef(&site, position[i], rae, jacobian);
  sink = rae[1] + jacobian[4];
}
static void to_lla(int i) {
  wf_lla lla;
  wf_geo_lla_from_ecef(position[i], &lla);
  sink = lla.lat_rad;
}

static void row(const char *name, double base_ns, void (*ours)(int), void (*libm)(int)) {
  const double a = best_ns(ours) - base_ns;
  if (libm == NULL) {
    printf("%-26s %8.1f ns\n", name, a);
    return;
  }
  const double b = best_ns(libm) - base_ns;
  printf("%-26s %8.1f ns   libm %8.1f ns   ratio %.2f\n", name, a, b, a / b);
}

int main(void) {
  wf_rng rng;
  wf_rng_seed(&rng, 1);
  wf_site_init(&site, &(wf_lla){0.65, 2.4, 50.0});
  for (int i = 0; i < INPUTS; i++) {
    input[i] = wf_rng_between(&rng, -10.0, 10.0);
    input2[i] = wf_rng_between(&rng, 0.01, 10.0);
    wf_geo_ecef_from_lla(&(wf_lla){wf_rng_between(&rng, 0.4, 0.9), wf_rng_between(&rng, 2.0, 2.8), 1e5 * input2[i]},
                         position[i]);
  }
  for (int i = 0; i < 36; i++) f[i] = wf_rng_normal(&rng);
  wf_mat_identity(6, p);
  wf_mat_congruence(6, f, p, p, p);
  const double base_ns = best_ns(nothing);
  if (!(base_ns > 0.0)) return 1;
  row("sin and cos, |x| < 10", base_ns, ours_sincos, libm_sincos);
  row("atan2", base_ns, ours_atan2, libm_atan2);
  row("exp", base_ns, ours_exp, libm_exp);
  row("log", base_ns, ours_log, libm_log);
  row("pow", base_ns, ours_pow, libm_pow);
  row("6x6 multiply", base_ns, mul6, NULL);
  row("6x6 congruence F P F' + Q", base_ns, congruence6, NULL);
  row("3x3 Cholesky", base_ns, cholesky3, NULL);
  row("6x6 Cholesky", base_ns, cholesky6, NULL);
  row("6x6 SPD inverse", base_ns, inverse6, NULL);
  row("ECEF to RAE with Jacobian", base_ns, to_rae, NULL);
  row("ECEF to geodetic", base_ns, to_lla, NULL);
  return 0;
}
