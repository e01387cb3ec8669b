#include "estimate/intersect.h"

#include <string.h>

#include "base/mat.h"

enum { STEPS = 48 };  // halvings: to the last bit that matters

// −ln det P(ω) = const + Σ ln(ω + (1 − ω) λᵢ) is concave: its slope falls from left to right.
static double slope(int n, const double *lambda, double w) {
  double sum = 0.0;
  for (int i = 0; i < n; i++) {
    const double inside = w + (1.0 - w) * lambda[i];
    sum += (1.0 - lambda[i]) / (inside > 1e-12 ? inside : 1e-12);
  }
  return sum;
}

double wf_intersect_weight(int n, const double *eigenvalues) {
  double low = 0.0, high = 1.0;
  if (slope(n, eigenvalues, 0.0) <= 0.0) return 0.0;
  if (slope(n, eigenvalues, 1.0) >= 0.0) return 1.0;
  for (int i = 0; i < STEPS; i++) {
    const double middle = 0.5 * (low + high);
    if (slope(n, eigenvalues, middle) > 0.0)
      low = middle;
    else
      high = middle;
  }
  return 0.5 * (low + high);
}

// Eigenvalues of Lᵀ Y L with P = L Lᵀ.
static wf_status compare(int n, const double *p, const double *y, double *values) {
  double l[64], yl[64], m[64], vectors[64];
  if (wf_mat_cholesky(n, p, l) != WF_OK) return WF_ESINGULAR;
  wf_mat_mul(n, n, n, y, l, yl);
  wf_mat_t_mul(n, n, n, l, yl, m);
  wf_mat_symmetrise(n, m);
  wf_mat_eigen_sym(n, m, values, vectors);
  return WF_OK;
}

wf_status wf_intersect(int n, const double *xa, const double *pa, const double *xb, const double *pb, double *x,
                       double *p, double *weight) {
  double ya[64], yb[64], y[64], values[8], vector[8], joint[64], state[8];
  if (wf_mat_spd_inverse(n, pa, ya) != WF_OK || wf_mat_spd_inverse(n, pb, yb) != WF_OK) return WF_ESINGULAR;
  if (compare(n, pa, yb, values) != WF_OK) return WF_ESINGULAR;
  const double w = wf_intersect_weight(n, values);
  for (int i = 0; i < n * n; i++) y[i] = w * ya[i] + (1.0 - w) * yb[i];
  if (wf_mat_spd_inverse(n, y, joint) != WF_OK) return WF_ESINGULAR;
  for (int i = 0; i < n; i++) {  // about xa: differences, not places of thousands of kilometres
    vector[i] = 0.0;
    for (int j = 0; j < n; j++) vector[i] += (1.0 - w) * yb[i * n + j] * (xb[j] - xa[j]);
  }
  wf_mat_mul(n, n, 1, joint, vector, state);
  for (int i = 0; i < n; i++) x[i] = xa[i] + state[i];
  memcpy(p, joint, (size_t)(n * n) * sizeof *p);
  if (weight != NULL) *weight = w;
  return WF_OK;
}

wf_status wf_intersect_filter(wf_filter *filter, const double state[6], const double covariance[36], double *weight) {
  const int n = filter->size;
  double p6[36], y6[36], values[WF_FILTER_MAX] = {0}, y[81], p[81], v[WF_FILTER_MAX] = {0}, step[WF_FILTER_MAX];
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) p6[6 * i + j] = filter->p[i * n + j];
  if (wf_mat_spd_inverse(6, covariance, y6) != WF_OK || wf_mat_spd_inverse(n, filter->p, y) != WF_OK)
    return WF_ESINGULAR;
  if (compare(6, p6, y6, values) != WF_OK) return WF_ESINGULAR;
  const double w = wf_intersect_weight(n, values);
  for (int i = 0; i < n * n; i++) y[i] *= w;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) {
      y[i * n + j] += (1.0 - w) * y6[6 * i + j];
      v[i] += (1.0 - w) * y6[6 * i + j] * (state[j] - filter->x[j]);
    }
  if (wf_mat_spd_inverse(n, y, p) != WF_OK) return WF_ESINGULAR;
  wf_mat_mul(n, n, 1, p, v, step);
  for (int i = 0; i < n; i++) filter->x[i] += step[i];
  memcpy(filter->p, p, (size_t)(n * n) * sizeof *p);
  if (weight != NULL) *weight = w;
  return WF_OK;
}
