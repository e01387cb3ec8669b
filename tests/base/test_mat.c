#include <math.h>

#include "../wf_test.h"
#include "base/mat.h"
#include "base/rng.h"

static const uint64_t SEED = 1910;
enum { MAX = 12 };

static void random_matrix(wf_rng *rng, int count, double *a) {
  for (int i = 0; i < count; i++) a[i] = wf_rng_normal(rng);
}

// Symmetric positive definite, its scales spread as those of positions and velocities are.
static void random_spd(wf_rng *rng, int n, double *a) {
  double r[MAX * MAX], scale[MAX];
  random_matrix(rng, n * n, r);
  for (int i = 0; i < n; i++) scale[i] = pow(10.0, wf_rng_between(rng, -4.0, 4.0));
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double s = i == j ? 0.1 : 0.0;
      for (int k = 0; k < n; k++) s += r[i * n + k] * r[j * n + k];
      a[i * n + j] = s * scale[i] * scale[j];
    }
}

// Largest difference, each element in units of its diagonal's sizes.
static double scaled_difference(int n, const double *a, const double *b, const double *sizes) {
  double worst = 0.0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      worst = fmax(worst, fabs(a[i * n + j] - b[i * n + j]) / sqrt(sizes[i * n + i] * sizes[j * n + j]));
  return worst;
}

static void products(void **state) {
  (void)state;
  const double a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {7, 8, 9, 10, 11, 12};
  double c[9];
  wf_mat_mul(2, 3, 2, a, b, c);
  assert_memory_equal(c, ((double[]){58, 64, 139, 154}), 4 * sizeof(double));
  wf_mat_mul_t(2, 3, 2, a, b, c);  // b as 2×3
  assert_memory_equal(c, ((double[]){50, 68, 122, 167}), 4 * sizeof(double));
  wf_mat_t_mul(2, 3, 2, a, b, c);  // a as 3×2
  assert_memory_equal(c, ((double[]){89, 98, 116, 128}), 4 * sizeof(double));
  double d[9], x[3], y[3] = {1, 2, 3}, z[3] = {-2, 0.5, 4};
  wf_mat_identity(3, d);
  assert_true(d[0] == 1 && d[1] == 0 && d[4] == 1 && d[8] == 1 && d[6] == 0);
  wf_vec_cross(y, z, x);
  assert_true(x[0] == 6.5 && x[1] == -10 && x[2] == 4.5 && wf_vec_dot(x, y) == 0 &&
              wf_vec_norm((double[3]){2, 3, 6}) == 7);
  double s[4] = {1, 2, 4, 5};
  wf_mat_symmetrise(2, s);
  assert_true(s[1] == 3 && s[2] == 3);
  assert_true(wf_mat_quadratic(2, s, (double[]){1, -2}) == 1 - 12 + 20);
}

static void congruence(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  for (int n = 1; n <= MAX; n++) {
    double f[MAX * MAX], p[MAX * MAX], q[MAX * MAX], out[MAX * MAX], naive[MAX * MAX];
    random_matrix(&rng, n * n, f), random_spd(&rng, n, p), random_spd(&rng, n, q);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        long double s = q[i * n + j];
        for (int k = 0; k < n; k++)
          for (int l = 0; l < n; l++) s += (long double)f[i * n + k] * p[k * n + l] * f[j * n + l];
        naive[i * n + j] = (double)s;
      }
    wf_mat_congruence(n, f, p, q, out);
    assert_true(scaled_difference(n, out, naive, naive) < 1e-13);
    for (int i = 0; i < n * n; i++) assert_true(out[i] == out[i % n * n + i / n]);  // exactly symmetric
    wf_mat_congruence(n, f, p, NULL, out);
    for (int i = 0; i < n * n; i++) naive[i] -= q[i];
    wf_mat_congruence(n, f, p, NULL, p);  // in place
    assert_memory_equal(p, out, (size_t)(n * n) * sizeof(double));
  }
}

static void factor_and_solve(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 1);
  for (int round = 0; round < 300; round++) {
    const int n = 1 + round % MAX;
    double a[MAX * MAX], l[MAX * MAX], back[MAX * MAX], x[MAX], b[MAX];
    random_spd(&rng, n, a);
    assert_int_equal(wf_mat_cholesky(n, a, l), WF_OK);
    wf_mat_mul_t(n, n, n, l, l, back);
    assert_true(scaled_difference(n, a, back, a) < 1e-14);
    for (int i = 0; i < n; i++)
      for (int j = i + 1; j < n; j++) assert_true(l[i * n + j] == 0.0);
    memcpy(back, a, sizeof back);
    assert_int_equal(wf_mat_cholesky(n, back, back), WF_OK);  // in place
    assert_memory_equal(back, l, (size_t)(n * n) * sizeof(double));
    random_matrix(&rng, n, x);
    for (int i = 0; i < n; i++) {
      b[i] = 0.0;
      for (int j = 0; j < n; j++) b[i] += a[i * n + j] * x[j];
    }
    wf_mat_solve_lower(n, l, b);
    wf_mat_solve_lower_t(n, l, b);
    double residual = 0.0;
    for (int i = 0; i < n; i++) {
      double r = 0.0, size = 0.0;
      for (int j = 0; j < n; j++) r += a[i * n + j] * (b[j] - x[j]), size += fabs(a[i * n + j] * x[j]);
      residual = fmax(residual, fabs(r) / size);
    }
    assert_true(residual < 1e-12);
    double log_det = 0.0;
    for (int i = 0; i < n; i++) log_det += 2.0 * log(l[i * n + i]);
    assert_true(fabs(wf_mat_log_det_cholesky(n, l) - log_det) < 1e-12 * fmax(1.0, fabs(log_det)));
  }
}

static void inverse(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 2);
  double worst = 0.0;
  for (int round = 0; round < 300; round++) {
    const int n = 1 + round % MAX;
    double a[MAX * MAX], inv[MAX * MAX], product[MAX * MAX];
    random_spd(&rng, n, a);
    assert_int_equal(wf_mat_spd_inverse(n, a, inv), WF_OK);
    wf_mat_mul(n, n, n, a, inv, product);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        assert_true(inv[i * n + j] == inv[j * n + i]);
        worst = fmax(worst, fabs(product[i * n + j] - (i == j)) * sqrt(a[j * n + j] / a[i * n + i]));
      }
  }
  print_message("a · inverse − 1: worst %.2g\n", worst);
  assert_true(worst < 1e-9);
  // Positions to the metre with velocities to the µm/s, strongly correlated: condition 1e24 before scaling.
  const double a[4] = {1e12, 0.999, 0.999, 1e-12},
               want[4] = {1e-12 / 0.001999, -0.999 / 0.001999, -0.999 / 0.001999, 1e12 / 0.001999};
  double inv[4];
  assert_int_equal(wf_mat_spd_inverse(2, a, inv), WF_OK);
  for (int i = 0; i < 4; i++) assert_true(fabs(inv[i] / want[i] - 1.0) < 1e-12);
}

static void not_positive_definite(void **state) {
  (void)state;
  double out[9];
  assert_int_equal(wf_mat_cholesky(2, (double[]){1, 2, 2, 1}, out), WF_ESINGULAR);
  assert_int_equal(wf_mat_cholesky(2, (double[]){1, 1, 1, 1}, out), WF_ESINGULAR);
  assert_int_equal(wf_mat_cholesky(2, (double[]){NAN, 0, 0, 1}, out), WF_ESINGULAR);
  assert_int_equal(wf_mat_cholesky(3, (double[]){1, 0, 0, 0, 1, NAN, 0, NAN, 1}, out), WF_ESINGULAR);
  assert_int_equal(wf_mat_cholesky(1, (double[]){INFINITY}, out), WF_ESINGULAR);
  assert_int_equal(wf_mat_spd_inverse(2, (double[]){1, 2, 2, 1}, out), WF_ESINGULAR);
  assert_int_equal(wf_mat_spd_inverse(2, (double[]){0, 0, 0, 1}, out), WF_ESINGULAR);
  assert_int_equal(wf_mat_spd_inverse(2, (double[]){-1, 0, 0, 1}, out), WF_ESINGULAR);
}

static void eigen(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 3);
  for (int round = 0; round < 400; round++) {
    const int n = 1 + round % 8;
    double a[64], values[8], v[64];
    if (round % 2) {
      random_spd(&rng, n, a);
    } else {
      random_matrix(&rng, n * n, a);
      wf_mat_symmetrise(n, a);
    }
    wf_mat_eigen_sym(n, a, values, v);
    double size = 0.0;
    for (int i = 0; i < n; i++) size = fmax(size, fabs(values[i]));
    for (int i = 0; i + 1 < n; i++) assert_true(values[i] <= values[i + 1]);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        double av = 0.0, dot = 0.0;
        for (int k = 0; k < n; k++) av += a[i * n + k] * v[k * n + j], dot += v[k * n + i] * v[k * n + j];
        assert_true(fabs(av - values[j] * v[i * n + j]) < 1e-13 * size);
        assert_true(fabs(dot - (i == j)) < 1e-13);
      }
  }
  double values[2], v[4];
  wf_mat_eigen_sym(2, (double[]){2, 1, 1, 2}, values, v);
  assert_true(fabs(values[0] - 1.0) < 1e-15 && fabs(values[1] - 3.0) < 1e-15 && fabs(fabs(v[0]) - M_SQRT1_2) < 1e-15);
  // A needle: the small eigenvalue keeps its digits.
  wf_mat_eigen_sym(2, (double[]){1e12, 1.0, 1.0, 1e-6}, values, v);
  assert_true(fabs(values[0] / (1e-6 - 1e-12) - 1.0) < 1e-9 && values[1] == 1e12);
  wf_mat_eigen_sym(2, (double[]){0, 0, 0, 0}, values, v);
  assert_true(values[0] == 0.0 && values[1] == 0.0 && v[0] == 1.0);
}

static void packing(void **state) {
  (void)state;
  double full[36], upper[21], again[36];
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) full[i * 6 + j] = 10 * fmin(i, j) + fmax(i, j);
  wf_mat_pack_upper(6, full, upper);
  assert_true(upper[0] == 0 && upper[5] == 5 && upper[6] == 11 && upper[10] == 15 && upper[20] == 55);
  wf_mat_unpack_upper(6, upper, again);
  assert_memory_equal(full, again, sizeof full);
}

int main(void) {
  print_message("seed %llu\n", (unsigned long long)SEED);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products),
      cmocka_unit_test(congruence),
      cmocka_unit_test(factor_and_solve),
      cmocka_unit_test(inverse),
      cmocka_unit_test(not_positive_definite),
      cmocka_unit_test(eigen),
      cmocka_unit_test(packing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
