#include "base/mat.h"

#include "base/fmath.h"

enum { CONGRUENCE_MAX = 12, INVERSE_MAX = 12, EIGEN_SWEEPS = 60 };

// Specialised below for the sizes of states and measurements, so that the loops have constant bounds.
static inline __attribute__((always_inline)) void congruence(int n, const double *f, const double *p, const double *q,
                                                             double *out) {
  double fp[CONGRUENCE_MAX * CONGRUENCE_MAX];
  double ft[CONGRUENCE_MAX * CONGRUENCE_MAX];
  double sum[CONGRUENCE_MAX * CONGRUENCE_MAX];
  wf_mat_mul(n, n, n, f, p, fp);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) ft[j * n + i] = f[i * n + j];
  wf_mat_mul(n, n, n, fp, ft, sum);
  if (q != NULL)
    for (int i = 0; i < n * n; i++) sum[i] += q[i];
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) out[i * n + j] = 0.5 * (sum[i * n + j] + sum[j * n + i]);
}

void wf_mat_congruence(int n, const double *f, const double *p, const double *q, double *out) {
  switch (n) {
    case 3:
      congruence(3, f, p, q, out);
      return;
    case 6:
      congruence(6, f, p, q, out);
      return;
    case 7:
      congruence(7, f, p, q, out);
      return;
    case 9:
      congruence(9, f, p, q, out);
      return;
    default:
      congruence(n, f, p, q, out);
      return;
  }
}

static inline __attribute__((always_inline)) wf_status cholesky(int n, const double *a, double *l) {
  for (int j = 0; j < n; j++) {
    double pivot = a[j * n + j];
    for (int k = 0; k < j; k++) pivot -= l[j * n + k] * l[j * n + k];
    if (!(pivot > 0.0 && pivot <= 1.7976931348623157e308)) return WF_ESINGULAR;
    const double root = wf_sqrt(pivot);
    const double inverse = 1.0 / root;
    l[j * n + j] = root;
    for (int i = j + 1; i < n; i++) {
      double s = a[i * n + j];
      for (int k = 0; k < j; k++) s -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = s * inverse;
    }
  }
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) l[i * n + j] = 0.0;
  return WF_OK;
}

wf_status wf_mat_cholesky(int n, const double *a, double *l) {
  switch (n) {
    case 3:
      return cholesky(3, a, l);
    case 6:
      return cholesky(6, a, l);
    default:
      return cholesky(n, a, l);
  }
}

void wf_mat_solve_lower(int n, const double *l, double *x) {
  for (int i = 0; i < n; i++) {
    double s = x[i];
    for (int k = 0; k < i; k++) s -= l[i * n + k] * x[k];
    x[i] = s / l[i * n + i];
  }
}

void wf_mat_solve_lower_t(int n, const double *l, double *x) {
  for (int i = n - 1; i >= 0; i--) {
    double s = x[i];
    for (int k = i + 1; k < n; k++) s -= l[k * n + i] * x[k];
    x[i] = s / l[i * n + i];
  }
}

// In place: a lower triangular matrix by its inverse.
static inline __attribute__((always_inline)) void invert_lower(int n, double *l) {
  for (int j = 0; j < n; j++) {
    l[j * n + j] = 1.0 / l[j * n + j];
    for (int i = j + 1; i < n; i++) {
      double s = 0.0;
      for (int k = j; k < i; k++) s -= l[i * n + k] * l[k * n + j];
      l[i * n + j] = s / l[i * n + i];
    }
  }
}

// Positions (m²) and velocities (m²/s²) differ by many powers of ten: unit diagonal first, so that the factor's
// rounding does not drown the small ones.
static inline __attribute__((always_inline)) wf_status spd_inverse(int n, const double *a, double *out) {
  double scale[INVERSE_MAX];
  double l[INVERSE_MAX * INVERSE_MAX];
  for (int i = 0; i < n; i++) {
    const double diagonal = a[i * n + i];
    if (!(diagonal > 0.0 && diagonal <= 1.7976931348623157e308)) return WF_ESINGULAR;
    scale[i] = 1.0 / wf_sqrt(diagonal);
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) l[i * n + j] = a[i * n + j] * scale[i] * scale[j];
  if (cholesky(n, l, l) != WF_OK) return WF_ESINGULAR;
  invert_lower(n, l);
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) {
      double s = 0.0;
      for (int k = j; k < n; k++) s += l[k * n + i] * l[k * n + j];
      s *= scale[i] * scale[j];
      out[i * n + j] = s;
      out[j * n + i] = s;
    }
  return WF_OK;
}

wf_status wf_mat_spd_inverse(int n, const double *a, double *out) {
  switch (n) {
    case 3:
      return spd_inverse(3, a, out);
    case 6:
      return spd_inverse(6, a, out);
    default:
      return spd_inverse(n, a, out);
  }
}

double wf_mat_log_det_cholesky(int n, const double *l) {
  double sum = 0.0;
  for (int i = 0; i < n; i++) sum += wf_log(l[i * n + i]);
  return 2.0 * sum;
}

double wf_mat_quadratic(int n, const double *a, const double *x) {
  double sum = 0.0;
  for (int i = 0; i < n; i++) {
    double row = 0.0;
    for (int j = 0; j < n; j++) row += a[i * n + j] * x[j];
    sum += row * x[i];
  }
  return sum;
}

// The rotation that makes element (p, q) zero, applied on both sides and gathered in v (Golub and Van Loan,
// "Matrix Computations", 4th ed., 8.5.2).
static void jacobi_rotate(int n, double *a, double *v, int p, int q) {
  const double apq = a[p * n + q];
  if (apq == 0.0) return;
  const double tau = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
  const double size = __builtin_fabs(tau);
  // Beyond 1e150 the square would overflow, and t is 1/(2 τ) to the last bit anyway.
  double t = size > 1e150 ? 0.5 / size : 1.0 / (size + wf_sqrt(1.0 + tau * tau));
  if (tau < 0.0) t = -t;
  const double c = 1.0 / wf_sqrt(1.0 + t * t), s = t * c;
  for (int k = 0; k < n; k++) {
    const double akp = a[k * n + p], akq = a[k * n + q];
    a[k * n + p] = c * akp - s * akq;
    a[k * n + q] = s * akp + c * akq;
  }
  for (int k = 0; k < n; k++) {
    const double apk = a[p * n + k], aqk = a[q * n + k];
    a[p * n + k] = c * apk - s * aqk;
    a[q * n + k] = s * apk + c * aqk;
  }
  a[p * n + q] = a[q * n + p] = 0.0;
  for (int k = 0; k < n; k++) {
    const double vkp = v[k * n + p], vkq = v[k * n + q];
    v[k * n + p] = c * vkp - s * vkq;
    v[k * n + q] = s * vkp + c * vkq;
  }
}

static void swap_columns(int n, double *v, int a, int b) {
  for (int k = 0; k < n; k++) {
    const double t = v[k * n + a];
    v[k * n + a] = v[k * n + b];
    v[k * n + b] = t;
  }
}

static void sort_eigen(int n, double *values, double *vectors) {
  for (int i = 0; i < n; i++) {
    int least = i;
    for (int j = i + 1; j < n; j++)
      if (values[j] < values[least]) least = j;
    if (least == i) continue;
    const double t = values[i];
    values[i] = values[least];
    values[least] = t;
    swap_columns(n, vectors, i, least);
  }
}

void wf_mat_eigen_sym(int n, const double *a, double *values, double *vectors) {
  double w[8 * 8];
  for (int i = 0; i < n * n; i++) w[i] = a[i];
  wf_mat_identity(n, vectors);
  for (int sweep = 0; sweep < EIGEN_SWEEPS; sweep++) {
    double off = 0.0;
    for (int p = 0; p < n; p++)
      for (int q = p + 1; q < n; q++) {
        // Relative to its own two diagonal elements: small eigenvalues of badly scaled matrices stay accurate.
        const double size = __builtin_fabs(w[p * n + q]);
        const double limit = wf_sqrt(__builtin_fabs(w[p * n + p])) * wf_sqrt(__builtin_fabs(w[q * n + q]));
        if (size <= 1e-18 * limit) continue;
        off += size;
        jacobi_rotate(n, w, vectors, p, q);
      }
    if (!(off > 0.0)) break;
  }
  for (int i = 0; i < n; i++) values[i] = w[i * n + i];
  sort_eigen(n, values, vectors);
}

void wf_mat_pack_upper(int n, const double *full, double *upper) {
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) *upper++ = full[i * n + j];
}

void wf_mat_unpack_upper(int n, const double *upper, double *full) {
  for (int i = 0; i < n; i++)
    for (int j = i; j < n; j++) full[i * n + j] = full[j * n + i] = *upper++;
}

double wf_vec_norm(const double a[3]) {
  return wf_sqrt(wf_vec_dot(a, a));
}
