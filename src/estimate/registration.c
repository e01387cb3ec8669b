#include "estimate/registration.h"

#include <math.h>
#include <string.h>

#include "base/fmath.h"

#define N WF_BIAS_DIM

int wf_registration_add(wf_registration *registration, const double sigma[3]) {
  if (registration->sensors == WF_BIAS_SENSORS) return -1;
  const int index = registration->sensors++;
  for (int c = 0; c < 3; c++) {
    const int at = 3 * index + c;
    const double variance = sigma[c] > 0.0 ? sigma[c] * sigma[c] : 1e-18;
    registration->information[N * at + at] = 1.0 / variance;
    registration->covariance[N * at + at] = registration->prior[at] = variance;
  }
  return index;
}

// Mixture with "no biases at all" by the evidence: ln B = ½ vᵀ M v + ½ ln (det M / det M₀).
static void weigh_none(wf_registration *registration, int n, double log_det) {
  double log_bayes = log_det;
  for (int i = 0; i < n; i++)
    log_bayes += registration->vector[i] * registration->mean[i] - wf_log(registration->prior[i]);
  const double half = 0.5 * log_bayes > 40.0 ? 40.0 : 0.5 * log_bayes < -40.0 ? -40.0 : 0.5 * log_bayes;
  const double odds = registration->suspected ? 1.0 / (1.0 + wf_exp(-half)) : 1.0;
  registration->odds = odds;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      registration->covariance[N * i + j] = odds * registration->covariance[N * i + j] +
                                            odds * (1.0 - odds) * registration->mean[i] * registration->mean[j];
  for (int i = 0; i < n; i++) registration->mean[i] *= odds;
}

// Gauss–Jordan without pivoting is safe on a positive definite matrix scaled to unit diagonal.
wf_status wf_registration_solve(wf_registration *registration) {
  const int n = 3 * registration->sensors;
  double a[N * N], scale[N], log_det = 0.0;
  for (int i = 0; i < n; i++) {
    if (!(registration->information[N * i + i] > 0.0)) return WF_ESINGULAR;
    scale[i] = 1.0 / wf_sqrt(registration->information[N * i + i]);
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) a[N * i + j] = registration->information[N * i + j] * scale[i] * scale[j];
  for (int c = 0; c < n; c++) {
    const double pivot = a[N * c + c];
    if (!(pivot > 1e-14)) return WF_ESINGULAR;
    log_det -= wf_log(pivot);
    a[N * c + c] = 1.0;
    for (int j = 0; j < n; j++) a[N * c + j] /= pivot;
    for (int i = 0; i < n; i++) {
      if (i == c) continue;
      const double factor = a[N * i + c];
      a[N * i + c] = 0.0;
      for (int j = 0; j < n; j++) a[N * i + j] -= factor * a[N * c + j];
    }
  }
  for (int i = 0; i < n; i++) {
    registration->mean[i] = 0.0;
    for (int j = 0; j < n; j++) {
      registration->covariance[N * i + j] = 0.5 * (a[N * i + j] + a[N * j + i]) * scale[i] * scale[j];
      registration->mean[i] += registration->covariance[N * i + j] * registration->vector[j];
    }
  }
  for (int i = 0; i < n; i++) log_det += 2.0 * wf_log(scale[i]);
  weigh_none(registration, n, log_det);
  return WF_OK;
}

void wf_sensitivity_carry(wf_sensitivity *s, const double stm[36]) {
  for (int k = 0; k < WF_BIAS_SENSORS; k++) {
    if (!((s->sensors >> k) & 1u)) continue;
    double u[18];
    for (int i = 0; i < 6; i++)
      for (int c = 0; c < 3; c++) {
        u[3 * i + c] = 0.0;
        for (int j = 0; j < 6; j++) u[3 * i + c] += stm[6 * i + j] * s->u[N * j + 3 * k + c];
      }
    for (int i = 0; i < 6; i++)
      for (int c = 0; c < 3; c++) s->u[N * i + 3 * k + c] = u[3 * i + c];
  }
}

static uint8_t involved(const wf_sensitivity *s, int index) {
  return (uint8_t)(s->sensors | (index >= 0 ? 1u << index : 0u));
}

void wf_sensitivity_innovation(const wf_sensitivity *s, int index, const wf_expected *expected, double *g) {
  memset(g, 0, 3 * N * sizeof *g);
  for (int k = 0; k < WF_BIAS_SENSORS; k++) {
    if (!((s->sensors >> k) & 1u)) continue;
    for (int r = 0; r < expected->dim && r < 3; r++)
      for (int c = 0; c < 3; c++)
        for (int j = 0; j < 6; j++) g[N * r + 3 * k + c] -= expected->h[6 * r + j] * s->u[N * j + 3 * k + c];
  }
  for (int c = 0; index >= 0 && c < 3; c++) g[N * c + 3 * index + c] += 1.0;
}

void wf_sensitivity_update(wf_sensitivity *s, int index, const wf_expected *expected, const double *variance,
                           const double *p, int n, const double *g) {
  double gain[18];  // K = P⁺ Hᵀ R⁻¹, position and velocity rows
  for (int i = 0; i < 6; i++)
    for (int r = 0; r < 3; r++) {
      gain[3 * i + r] = 0.0;
      for (int j = 0; r < expected->dim && j < 6; j++)
        gain[3 * i + r] += p[n * i + j] * expected->h[6 * r + j] / variance[r];
    }
  s->sensors = involved(s, index);
  for (int k = 0; k < WF_BIAS_SENSORS; k++) {
    if (!((s->sensors >> k) & 1u)) continue;
    for (int i = 0; i < 6; i++)
      for (int c = 0; c < 3; c++)
        for (int r = 0; r < 3; r++) s->u[N * i + 3 * k + c] += gain[3 * i + r] * g[N * r + 3 * k + c];
  }
}

void wf_registration_learn(wf_registration *registration, const wf_sensitivity *s, int index, const double *g,
                           const double *residual, const double *s_chol) {
  const uint8_t mask = involved(s, index);
  double weighted[3 * N] = {0}, y[3];  // L⁻¹ G and L⁻¹ r
  for (int c = 0; c < 3; c++) y[c] = residual[c];
  wf_mat_solve_lower(3, s_chol, y);
  for (int k = 0; k < N; k++) {
    if (!((mask >> (k / 3)) & 1u)) continue;
    double column[3] = {g[k], g[N + k], g[2 * N + k]};
    wf_mat_solve_lower(3, s_chol, column);
    for (int r = 0; r < 3; r++) weighted[N * r + k] = column[r];
  }
  for (int i = 0; i < N; i++) {
    if (!((mask >> (i / 3)) & 1u)) continue;
    for (int r = 0; r < 3; r++) registration->vector[i] += weighted[N * r + i] * y[r];
    for (int j = 0; j < N; j++)
      for (int r = 0; r < 3; r++) registration->information[N * i + j] += weighted[N * r + i] * weighted[N * r + j];
  }
}

void wf_registration_expect(const wf_registration *registration, const wf_sensitivity *s, int index, const double *g,
                            double expected[3]) {
  const uint8_t mask = involved(s, index);
  for (int r = 0; r < 3; r++) {
    expected[r] = 0.0;
    for (int k = 0; k < N; k++)
      if ((mask >> (k / 3)) & 1u) expected[r] += g[N * r + k] * registration->mean[k];
  }
}

void wf_registration_apply(const wf_registration *registration, const wf_sensitivity *s, double state[6],
                           double covariance[36]) {
  double um[6 * N];
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < N; k++) {
      um[N * i + k] = 0.0;
      if (!((s->sensors >> (k / 3)) & 1u)) continue;
      state[i] -= s->u[N * i + k] * registration->mean[k];
      for (int j = 0; j < N; j++)
        if ((s->sensors >> (j / 3)) & 1u) um[N * i + k] += s->u[N * i + j] * registration->covariance[N * j + k];
    }
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) {
      double sum = 0.0;
      for (int k = 0; k < N; k++) sum += um[N * i + k] * s->u[N * j + k];
      covariance[6 * i + j] += sum;
    }
}
