#include <math.h>
#include <stdlib.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "base/rng.h"

static const uint64_t SEED = 2019;

// xoshiro256++ written down a second time, straight from its definition over a plain state, with splitmix64.
static uint64_t splitmix(uint64_t *x) {
  uint64_t z = (*x += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static void same_bytes_everywhere(void **state) {
  (void)state;
  // Published first outputs of splitmix64 for seed 1234567.
  uint64_t x = 1234567;
  assert_true(splitmix(&x) == 6457827717110365317u && splitmix(&x) == 3203168211198807973u);
  wf_rng rng;
  wf_rng_seed(&rng, 1234567);
  assert_true(rng.s[0] == 6457827717110365317u && rng.s[1] == 3203168211198807973u);
  // xoshiro256++ from the state 1, 2, 3, 4: the first outputs by hand are rotl(1 + 4, 23) + 1 and so on.
  rng.s[0] = 1, rng.s[1] = 2, rng.s[2] = 3, rng.s[3] = 4;
  const uint64_t want[4] = {41943041u, 58720359u, 3588806011781223u, 3591011842654386u};
  for (int i = 0; i < 4; i++) assert_true(wf_rng_u64(&rng) == want[i]);
}

static void streams_differ(void **state) {
  (void)state;
  wf_rng a, b, c, again;
  wf_rng_seed_stream(&a, SEED, 1);
  wf_rng_seed_stream(&b, SEED, 2);
  wf_rng_seed_stream(&c, SEED + 1, 1);
  wf_rng_seed_stream(&again, SEED, 1);
  assert_memory_equal(&a, &again, sizeof a);
  double ab = 0, ac = 0;
  for (int i = 0; i < 100000; i++) {
    const double x = wf_rng_uniform(&a) - 0.5, y = wf_rng_uniform(&b) - 0.5, z = wf_rng_uniform(&c) - 0.5;
    ab += x * y, ac += x * z;
  }
  // Each sum has mean 0 and sigma √n/12 = 26.
  assert_true(fabs(ab) < 5 * 26.4 && fabs(ac) < 5 * 26.4);
}

// χ² of counts against expected ones, beyond which chance goes once in a million.
static void check_counts(const char *name, const double *count, const double *expected, int bins) {
  double chi2 = 0.0;
  for (int i = 0; i < bins; i++) chi2 += (count[i] - expected[i]) * (count[i] - expected[i]) / expected[i];
  const double limit = wf_chi2_quantile(bins - 1, 1.0 - 1e-6);
  print_message("%-24s chi2 %.1f of %d, limit %.1f\n", name, chi2, bins - 1, limit);
  assert_true(chi2 < limit);
}

static void uniform_and_below(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  double count[50] = {0}, expected[50], below[50] = {0};
  for (int i = 0; i < 50; i++) expected[i] = 10000;
  for (int i = 0; i < 500000; i++) {
    const double u = wf_rng_uniform(&rng);
    assert_true(u >= 0.0 && u < 1.0);
    count[(int)(u * 50)]++;
    below[wf_rng_below(&rng, 50)]++;
  }
  check_counts("uniform", count, expected, 50);
  check_counts("below 50", below, expected, 50);
  assert_true(wf_rng_below(&rng, 0) == 0 && wf_rng_below(&rng, 1) == 0);
  // A bound of ¾ of the range: a plain remainder would return the low third twice as often.
  int low = 0;
  for (int i = 0; i < 90000; i++) low += wf_rng_below(&rng, 3ull << 62) < (1ull << 62);
  assert_true(abs(low - 30000) < 5 * 142);
  const double v = wf_rng_between(&rng, -3.0, 5.0);
  assert_true(v >= -3.0 && v < 5.0);
}

static void normal(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 1);
  enum { BINS = 40, N = 400000 };
  double count[BINS] = {0}, expected[BINS], product = 0, before = 0;
  for (int i = 0; i < BINS; i++) expected[i] = N / (double)BINS;
  for (int i = 0; i < N; i++) {
    const double x = wf_rng_normal(&rng);
    count[(int)fmin(BINS * wf_normal_cdf(x), BINS - 1)]++;
    product += x * before, before = x;
  }
  check_counts("normal", count, expected, BINS);
  assert_true(fabs(product) < 5 * sqrt(N));  // neighbours (the kept spare) are not correlated
}

static void poisson_of(wf_rng *rng, double mean) {
  enum { N = 100000, BINS = 20 };
  double count[BINS] = {0}, expected[BINS] = {0};
  // Bins of about equal probability, from the exact distribution.
  double p = exp(-mean), sum = 0.0;
  const int last = (int)(mean + 12 * sqrt(mean) + 30);
  assert_true(last < 2000);
  int bin_of[2000];
  for (int k = 0; k <= last; k++) {
    bin_of[k] = (int)fmin(BINS * sum, BINS - 1);
    sum += p, expected[bin_of[k]] += N * p, p *= mean / (k + 1);
  }
  for (int i = 0; i < N; i++) {
    const unsigned k = wf_rng_poisson(rng, mean);
    assert_true(k <= (unsigned)last);
    count[bin_of[k]]++;
  }
  int bins = 0;
  double c[BINS], e[BINS];
  for (int i = 0; i < BINS; i++)
    if (expected[i] > 20) c[bins] = count[i], e[bins++] = expected[i];
  char name[40];
  snprintf(name, sizeof name, "Poisson %g", mean);
  check_counts(name, c, e, bins);
}

static void poisson(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 2);
  const double means[] = {0.3, 2.0, 11.9, 12.0, 30.0, 100.0, 600.0};
  for (size_t i = 0; i < sizeof means / sizeof *means; i++) poisson_of(&rng, means[i]);
  assert_true(wf_rng_poisson(&rng, 0.0) == 0 && wf_rng_poisson(&rng, -1.0) == 0 && wf_rng_poisson(&rng, NAN) == 0);
  double sum = 0.0;
  for (int i = 0; i < 2000; i++) sum += wf_rng_poisson(&rng, 1e6);
  assert_true(fabs(sum / 2000 - 1e6) < 5 * 1000 / sqrt(2000));
}

int main(void) {
  print_message("seed %llu\n", (unsigned long long)SEED);
  const struct CMUnitTest tests[] = {cmocka_unit_test(same_bytes_everywhere), cmocka_unit_test(streams_differ),
                                     cmocka_unit_test(uniform_and_below), cmocka_unit_test(normal),
                                     cmocka_unit_test(poisson)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
