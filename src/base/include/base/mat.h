// Small fixed-size matrices: row-major arrays of double, sizes passed as constants so that the compiler
// unrolls and vectorises. No allocation. Outputs must not overlap inputs unless said otherwise.
#ifndef WF_BASE_MAT_H
#define WF_BASE_MAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

// c[n×p] = a[n×m] · b[m×p]
static inline void wf_mat_mul(int n, int m, int p, const double *a, const double *b, double *c) {
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < p; j++) c[i * p + j] = 0.0;
    for (int k = 0; k < m; k++) {
      const double aik = a[i * m + k];
      for (int j = 0; j < p; j++) c[i * p + j] += aik * b[k * p + j];
    }
  }
}
// c[n×p] = a[n×m] · bᵀ with b[p×m]
static inline void wf_mat_mul_t(int n, int m, int p, const double *a, const double *b, double *c) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < p; j++) {
      double s = 0.0;
      for (int k = 0; k < m; k++) s += a[i * m + k] * b[j * m + k];
      c[i * p + j] = s;
    }
}
// c[n×p] = aᵀ · b with a[m×n], b[m×p]
static inline void wf_mat_t_mul(int n, int m, int p, const double *a, const double *b, double *c) {
  for (int i = 0; i < n * p; i++) c[i] = 0.0;
  for (int k = 0; k < m; k++)
    for (int i = 0; i < n; i++) {
      const double aki = a[k * n + i];
      for (int j = 0; j < p; j++) c[i * p + j] += aki * b[k * p + j];
    }
}
static inline void wf_mat_identity(int n, double *a) {
  for (int i = 0; i < n * n; i++) a[i] = 0.0;
  for (int i = 0; i < n; i++) a[i * n + i] = 1.0;
}
// a = (a + aᵀ)/2
static inline void wf_mat_symmetrise(int n, double *a) {
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) {
      const double v = 0.5 * (a[i * n + j] + a[j * n + i]);
      a[i * n + j] = v;
      a[j * n + i] = v;
    }
}
// out[n×n] = f · p · fᵀ (+ q when not NULL), symmetrised; n ≤ 12. p and out may be the same.
void wf_mat_congruence(int n, const double *f, const double *p, const double *q, double *out);

// Lower Cholesky factor of a symmetric positive definite matrix (the upper triangle of l is zeroed).
// WF_ESINGULAR when a pivot is not above zero. a and l may be the same.
wf_status wf_mat_cholesky(int n, const double *a, double *l);
void wf_mat_solve_lower(int n, const double *l, double *x);    // x = L⁻¹ x
void wf_mat_solve_lower_t(int n, const double *l, double *x);  // x = L⁻ᵀ x
// out = a⁻¹ of a symmetric positive definite matrix, scaled to unit diagonal before factoring; n ≤ 12.
wf_status wf_mat_spd_inverse(int n, const double *a, double *out);
double wf_mat_log_det_cholesky(int n, const double *l);            // ln det(L Lᵀ)
double wf_mat_quadratic(int n, const double *a, const double *x);  // xᵀ a x
// Eigenvalues ascending and eigenvectors in columns (cyclic Jacobi), n ≤ 8.
void wf_mat_eigen_sym(int n, const double *a, double *values, double *vectors);
// Upper triangle by rows ⇄ full symmetric matrix: 21 numbers for n = 6 (the order of interfaces and wire).
void wf_mat_pack_upper(int n, const double *full, double *upper);
void wf_mat_unpack_upper(int n, const double *upper, double *full);

static inline double wf_vec_dot(const double a[3], const double b[3]) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
static inline void wf_vec_cross(const double a[3], const double b[3], double c[3]) {
  c[0] = a[1] * b[2] - a[2] * b[1];
  c[1] = a[2] * b[0] - a[0] * b[2];
  c[2] = a[0] * b[1] - a[1] * b[0];
}
static inline void wf_vec_sub(const double a[3], const double b[3], double c[3]) {
  for (int i = 0; i < 3; i++) c[i] = a[i] - b[i];
}
double wf_vec_norm(const double a[3]);

#endif
