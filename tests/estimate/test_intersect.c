// Covariance intersection against what it promises: consistent for any correlation, nothing gained from the same twice,
// the better one alone when it is better everywhere.
#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "estimate/intersect.h"
#include "../wf_test.h"

enum { N = 6 };

static void random_covariance(wf_rng *rng, const double scale[N], double p[N * N]) {
  double a[N * N];
  for (int i = 0; i < N * N; i++) a[i] = wf_rng_normal(rng);
  wf_mat_mul_t(N, N, N, a, a, p);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) p[N * i + j] = (p[N * i + j] + (i == j ? 0.5 : 0.0)) * scale[i] * scale[j];
}

static const double SCALE[N] = {900, 700, 1200, 8, 5, 11};

static void the_same_twice_adds_nothing(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 3);
  double p[N * N], x[N] = {6.5e6, 1e5, -3e6, 2e3, -3e3, 100}, xf[N], pf[N * N], w;
  random_covariance(&rng, SCALE, p);
  assert_int_equal(wf_intersect(N, x, p, x, p, xf, pf, &w), WF_OK);
  for (int i = 0; i < N; i++) {
    assert_float_equal(xf[i], x[i], 1e-6);
    assert_float_equal(pf[7 * i] / p[7 * i], 1.0, 1e-9);
  }
}

static void the_better_everywhere_stands_alone(void **state) {
  wf_rng rng;
  wf_rng_seed(&rng, 4);
  double p[N * N], worse[N * N], x[N] = {0}, other[N] = {1e3, 2e3, 3e3, 1, 2, 3}, xf[N], pf[N * N], w;
  random_covariance(&rng, SCALE, p);
  for (int i = 0; i < N * N; i++) worse[i] = 4.0 * p[i];
  assert_int_equal(wf_intersect(N, x, p, other, worse, xf, pf, &w), WF_OK);
  assert_true(w == 1.0);
  assert_int_equal(wf_intersect(N, other, worse, x, p, xf, pf, &w), WF_OK);
  assert_true(w == 0.0);
  for (int i = 0; i < N; i++) assert_float_equal(xf[i], 0.0, 1e-6);
}

// Complementary in two axes: the closed solution of two diagonal estimates mirrored in each other is ω = ½.
static void mirrored_estimates_share_alike(void **state) {
  const double pa[4] = {100, 0, 0, 1}, pb[4] = {1, 0, 0, 100}, x[2] = {0, 0};
  double xf[2], pf[4], w;
  assert_int_equal(wf_intersect(2, x, pa, x, pb, xf, pf, &w), WF_OK);
  assert_float_equal(w, 0.5, 1e-9);
  assert_float_equal(pf[0], 2.0 / 1.01, 1e-9);
  assert_float_equal(pf[3], 2.0 / 1.01, 1e-9);
}

// Errors with any correlation: e_b = ρ-part of e_a and a part of its own, whitened by each one's factor. The mean of
// eᵀ P⁻¹ e must stay at or below 6 for all, and a plain sum must break it for strong correlation (so the test can
// fail).
static void honest_for_any_correlation(void **state) {
  enum { RUNS = 4000 };
  wf_rng rng;
  wf_rng_seed(&rng, 5);
  for (int k = 0; k <= 4; k++) {
    const double rho = 0.25 * k, own = wf_sqrt(1.0 - rho * rho);
    double pa[N * N], pb[N * N], la[N * N], lb[N * N], nees = 0.0, naive = 0.0;
    random_covariance(&rng, SCALE, pa);
    random_covariance(&rng, SCALE, pb);
    assert_int_equal(wf_mat_cholesky(N, pa, la), WF_OK);
    assert_int_equal(wf_mat_cholesky(N, pb, lb), WF_OK);
    for (int run = 0; run < RUNS; run++) {
      double u[N], v[N], ea[N], eb[N], x[N], p[N * N], y[N * N];
      for (int i = 0; i < N; i++) {
        u[i] = wf_rng_normal(&rng);
        v[i] = rho * u[i] + own * wf_rng_normal(&rng);
      }
      wf_mat_mul(N, N, 1, la, u, ea);
      wf_mat_mul(N, N, 1, lb, v, eb);
      assert_int_equal(wf_intersect(N, ea, pa, eb, pb, x, p, NULL), WF_OK);
      assert_int_equal(wf_mat_spd_inverse(N, p, y), WF_OK);
      nees += wf_mat_quadratic(N, y, x) / RUNS;
      double ya[N * N], yb[N * N], sum[N * N], pn[N * N], h[N], hb[N], xn[N];
      wf_mat_spd_inverse(N, pa, ya);
      wf_mat_spd_inverse(N, pb, yb);
      for (int i = 0; i < N * N; i++) sum[i] = ya[i] + yb[i];
      wf_mat_spd_inverse(N, sum, pn);
      wf_mat_mul(N, N, 1, ya, ea, h);
      wf_mat_mul(N, N, 1, yb, eb, hb);
      for (int i = 0; i < N; i++) h[i] += hb[i];
      wf_mat_mul(N, N, 1, pn, h, xn);
      naive += wf_mat_quadratic(N, sum, xn) / RUNS;
    }
    print_message("correlation %.2f: NEES %.2f by intersection, %.2f by a sum\n", rho, nees, naive);
    assert_true(nees < 6.2);
    if (k == 4) assert_true(naive > 6.5);
  }
}

// A filter under thrust has states that the other does not speak of: they stay, and nothing becomes smaller than the
// truth allows.
static void filter_with_more_states(void **state) {
  wf_filter f = {.model = WF_MODEL_BOOST, .size = 9};
  double other[6] = {0}, p[36] = {0};
  for (int i = 0; i < 9; i++) f.p[10 * i] = i < 3 ? 1e6 : i < 6 ? 1e4 : 25.0;
  for (int i = 0; i < 6; i++) p[7 * i] = i < 3 ? 1e4 : 4e4;
  const wf_filter before = f;
  double w;
  assert_int_equal(wf_intersect_filter(&f, other, p, &w), WF_OK);
  assert_true(w > 0.0 && w < 1.0);
  assert_true(f.p[0] < before.p[0]);
  assert_true(f.p[60] >= before.p[60]);  // nobody said anything of the thrust: it is known worse, if at all
  p[0] = -1.0;
  const wf_filter good = f;
  assert_int_equal(wf_intersect_filter(&f, other, p, &w), WF_ESINGULAR);
  assert_memory_equal(&good, &f, sizeof f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_twice_adds_nothing),    cmocka_unit_test(the_better_everywhere_stands_alone),
      cmocka_unit_test(mirrored_estimates_share_alike), cmocka_unit_test(honest_for_any_correlation),
      cmocka_unit_test(filter_with_more_states),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
