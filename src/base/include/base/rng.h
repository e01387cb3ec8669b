// Seeded random numbers (xoshiro256++ seeded by splitmix64): the same seed gives the same bytes everywhere.
#ifndef WF_BASE_RNG_H
#define WF_BASE_RNG_H

#include <stdint.h>

typedef struct wf_rng {
  uint64_t s[4];
  double spare;
  int has_spare;
} wf_rng;

void wf_rng_seed(wf_rng *rng, uint64_t seed);
// An independent stream derived from a seed and a label, so that adding a sensor does not change another's noise.
void wf_rng_seed_stream(wf_rng *rng, uint64_t seed, uint64_t label);
uint64_t wf_rng_u64(wf_rng *rng);
uint64_t wf_rng_below(wf_rng *rng, uint64_t bound);  // 0..bound−1, unbiased; bound 0 gives 0
double wf_rng_uniform(wf_rng *rng);                  // [0, 1)
double wf_rng_between(wf_rng *rng, double low, double high);
double wf_rng_normal(wf_rng *rng);                  // mean 0, sigma 1
unsigned wf_rng_poisson(wf_rng *rng, double mean);  // mean 0..1e6

#endif
