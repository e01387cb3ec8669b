// Prints a hash of the bits of what base and geo compute over many inputs. The same on every machine, compiler,
// optimisation level and libm variant; bits.sh compares several of those with the value kept there.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "base/hashmap.h"
#include "base/mat.h"
#include "base/rng.h"
#include "geo/horizon.h"
#include "geo/wgs84.h"

static uint64_t hash;

static void add(const double *values, int count) {
  for (int i = 0; i < count; i++) {
    uint64_t bits;
    memcpy(&bits, &values[i], sizeof bits);
    hash = wf_mix64(hash ^ bits) + 0x9e3779b97f4a7c15u;
  }
}

static void add_fmath(wf_rng *rng) {
  const double x = wf_rng_between(rng, -1e3, 1e3), y = wf_rng_between(rng, -1.0, 1.0), z = wf_exp(30.0 * y);
  double s, c;
  wf_sincos(x, &s, &c);
  add((double[]){s, c, wf_atan2(x, y), wf_atan(x), wf_asin(y), wf_acos(y), z, wf_log(z), wf_pow(z, y), wf_hypot(x, y)},
      10);
  add((double[]){wf_fmod_pos(x, z), wf_wrap_pi(x), wf_wrap_2pi(x), wf_floor(x), wf_rng_normal(rng)}, 5);
}

static void add_distributions(wf_rng *rng) {
  const double p = wf_rng_uniform(rng);
  add((double[]){wf_chi2_quantile(1 + (int)wf_rng_below(rng, 60), p), wf_normal_quantile(p), wf_log_gamma(50.0 * p)},
      3);
  add((double[]){wf_rng_poisson(rng, 5.0), wf_rng_poisson(rng, 50.0)}, 2);
}

static void add_mat(wf_rng *rng) {
  double f[36], p[36], l[36], inverse[36], values[6], vectors[36];
  for (int i = 0; i < 36; i++) f[i] = wf_rng_normal(rng);
  wf_mat_identity(6, p);
  wf_mat_congruence(6, f, p, p, p);
  if (wf_mat_cholesky(6, p, l) != WF_OK || wf_mat_spd_inverse(6, p, inverse) != WF_OK) hash++;
  wf_mat_eigen_sym(6, p, values, vectors);
  add(p, 36), add(l, 36), add(inverse, 36), add(values, 6), add(vectors, 36);
}

static void add_geo(wf_rng *rng) {
  const wf_lla a = {wf_rng_between(rng, -1.5, 1.5), wf_rng_between(rng, -3.1, 3.1), wf_rng_between(rng, 0, 2000)};
  const wf_lla b = {wf_rng_between(rng, -1.5, 1.5), wf_rng_between(rng, -3.1, 3.1), wf_rng_between(rng, 0, 4e7)};
  wf_site site;
  double pos[3], rae[3], jacobian[9], height = -1.0;
  wf_lla back;
  wf_site_init(&site, &a);
  wf_geo_ecef_from_lla(&b, pos);
  wf_geo_lla_from_ecef(pos, &back);
  wf_geo_rae_from_ecef(&site, pos, rae, jacobian);
  add(pos, 3), add(&back.lat_rad, 1), add(&back.lon_rad, 1), add(&back.h_m, 1), add(rae, 3), add(jacobian, 9);
  wf_geo_lla_jacobian(&b, jacobian);
  (void)wf_geo_lowest_visible_m(&site, b.lat_rad, b.lon_rad, 0.02, 0.0, 4.0 / 3.0, &height);
  add(jacobian, 9), add(&height, 1);
}

int main(void) {
  wf_rng rng;
  wf_rng_seed(&rng, 1);
  for (int i = 0; i < 2000; i++) {
    for (int k = 0; k < 10; k++) add_fmath(&rng);
    if (i % 10 == 0) add_distributions(&rng);
    add_mat(&rng);
    add_geo(&rng);
  }
  printf("%016" PRIx64 "\n", hash);
  return 0;
}
