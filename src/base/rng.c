// xoshiro256++ 1.0 (Blackman and Vigna 2021, "Scrambled linear pseudorandom number generators", ACM TOMS 47(4)),
// seeded by splitmix64.
#include "base/rng.h"

#include <string.h>

#include "base/fmath.h"
#include "base/hashmap.h"

static const uint64_t GOLDEN = UINT64_C(0x9e3779b97f4a7c15);  // 2^64 / golden ratio, odd

__extension__ typedef unsigned __int128 uint128;

static uint64_t rotate_left(uint64_t x, int k) {
  return x << k | x >> (64 - k);
}

void wf_rng_seed(wf_rng *rng, uint64_t seed) {
  memset(rng, 0, sizeof *rng);  // the padding too: snapshots are compared byte by byte
  for (int i = 0; i < 4; i++) rng->s[i] = wf_mix64(seed += GOLDEN);
}

void wf_rng_seed_stream(wf_rng *rng, uint64_t seed, uint64_t label) {
  wf_rng_seed(rng, wf_mix64(seed + GOLDEN) ^ rotate_left(wf_mix64(label ^ GOLDEN), 32));
}

uint64_t wf_rng_u64(wf_rng *rng) {
  uint64_t *s = rng->s;
  const uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
  const uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left(s[3], 45);
  return result;
}

// The high word of a 64×64 product, with the short first interval rejected (Lemire 2019, "Fast random integer
// generation in an interval").
uint64_t wf_rng_below(wf_rng *rng, uint64_t bound) {
  if (bound == 0) return 0;
  const uint64_t reject_below = -bound % bound;
  for (;;) {
    const uint128 product = (uint128)wf_rng_u64(rng) * bound;
    if ((uint64_t)product >= reject_below) return (uint64_t)(product >> 64);
  }
}

double wf_rng_uniform(wf_rng *rng) {
  return (double)(wf_rng_u64(rng) >> 11) * 0x1p-53;
}

double wf_rng_between(wf_rng *rng, double low, double high) {
  return low + (high - low) * wf_rng_uniform(rng);
}

// Marsaglia's polar method: two normals per accepted pair, the second kept.
double wf_rng_normal(wf_rng *rng) {
  if (rng->has_spare) {
    rng->has_spare = 0;
    return rng->spare;
  }
  double u, v, r2;
  do {
    u = 2.0 * wf_rng_uniform(rng) - 1.0;
    v = 2.0 * wf_rng_uniform(rng) - 1.0;
    r2 = u * u + v * v;
  } while (r2 >= 1.0 || r2 == 0.0);
  const double scale = wf_sqrt(-2.0 * wf_log(r2) / r2);
  rng->spare = v * scale;
  rng->has_spare = 1;
  return u * scale;
}

// Counts unit-rate arrivals in [0, mean] (Knuth, TAOCP vol. 2, 3.4.1).
static unsigned poisson_small(wf_rng *rng, double mean) {
  const double limit = wf_exp(-mean);
  unsigned n = 0;
  for (double product = wf_rng_uniform(rng); product > limit; product *= wf_rng_uniform(rng)) n++;
  return n;
}

// Transformed rejection with the exact acceptance test (Hörmann 1993, "The transformed rejection method for
// generating Poisson random variables", algorithm PTRS without its squeeze step).
static unsigned poisson_large(wf_rng *rng, double mean) {
  const double b = 0.931 + 2.53 * wf_sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inv_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double log_mean = wf_log(mean);
  for (;;) {
    const double u = wf_rng_uniform(rng) - 0.5;
    const double v = wf_rng_uniform(rng);
    const double us = 0.5 - (u < 0.0 ? -u : u);
    const double k = wf_floor((2.0 * a / us + b) * u + mean + 0.43);
    if (k < 0.0 || us <= 0.0) continue;
    const double lhs = wf_log(v * inv_alpha / (a / (us * us) + b));
    if (lhs <= k * log_mean - mean - wf_log_gamma(k + 1.0)) return (unsigned)k;
  }
}

unsigned wf_rng_poisson(wf_rng *rng, double mean) {
  if (!(mean > 0.0)) return 0;
  if (mean > 1e6) mean = 1e6;
  return mean < 12.0 ? poisson_small(rng, mean) : poisson_large(rng, mean);
}
