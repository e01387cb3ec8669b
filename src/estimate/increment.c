#include "estimate/increment.h"

#include <string.h>

#include "base/fmath.h"

void wf_increment_clear(wf_increment *increment) {
  *increment = (wf_increment){0};
  wf_mat_identity(6, increment->stm);
}

void wf_increment_carry(wf_increment *increment, const double stm[36]) {
  double product[36], offset[6];
  wf_mat_mul(6, 6, 6, stm, increment->stm, product);
  memcpy(increment->stm, product, sizeof product);
  wf_mat_mul(6, 6, 1, stm, increment->offset, offset);
  memcpy(increment->offset, offset, sizeof offset);
}

void wf_increment_gather(wf_increment *increment, const wf_expected *expected, const double *variance,
                         const double *residual) {
  double h[WF_VIEW_DIM * 6];
  wf_mat_mul(expected->dim, 6, 6, expected->h, increment->stm, h);
  for (int c = 0; c < expected->dim; c++) {
    const double weight = 1.0 / variance[c];
    double r = residual[c];
    for (int j = 0; j < 6; j++) r += expected->h[6 * c + j] * increment->offset[j];
    for (int i = 0; i < 6; i++) {
      const double hw = h[6 * c + i] * weight;
      increment->v[i] += hw * r;
      for (int j = 0; j < 6; j++) increment->y[6 * i + j] += hw * h[6 * c + j];
      if (c < 3 && expected->kind == WF_PLOT_RADAR) increment->lean[3 * i + c] += hw;
    }
    if (c >= 3 || expected->kind != WF_PLOT_RADAR) continue;
    increment->lean_information[c] += weight;
    increment->lean_vector[c] += weight * r;
  }
  increment->plots++;
}

void wf_increment_shift(wf_increment *increment, const double delta[6]) {
  for (int i = 0; i < 6; i++) increment->offset[i] += delta[i];
}

void wf_increment_seed(wf_increment *increment, const double information[36], uint16_t plots) {
  wf_increment_clear(increment);
  memcpy(increment->y, information, sizeof increment->y);
  increment->plots = plots;
}

// Gauss–Jordan with partial pivoting, rows scaled so that metres and metres per second weigh alike.
static wf_status invert_6(const double *a, double *inverse) {
  double m[6][12];
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) {
      m[i][j] = a[6 * i + j];
      m[i][6 + j] = i == j ? 1.0 : 0.0;
    }
  for (int c = 0; c < 6; c++) {
    int pivot = c;
    for (int i = c + 1; i < 6; i++)
      if (m[i][c] * m[i][c] > m[pivot][c] * m[pivot][c]) pivot = i;
    const double p = m[pivot][c];
    if (!(p * p > 1e-30)) return WF_ESINGULAR;
    for (int j = 0; j < 12; j++) {
      const double swap = m[c][j];
      m[c][j] = m[pivot][j] / p;
      if (pivot != c) m[pivot][j] = swap;
    }
    for (int i = 0; i < 6; i++) {
      const double factor = i == c ? 0.0 : m[i][c];
      for (int j = 0; factor != 0.0 && j < 12; j++) m[i][j] -= factor * m[c][j];
    }
  }
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) inverse[6 * i + j] = m[i][6 + j];
  return WF_OK;
}

// Rounding on the way to the present leaves directions without information a little below zero; they are set to none.
static void keep_positive(double y[36]) {
  double values[6], vectors[36];
  wf_mat_eigen_sym(6, y, values, vectors);
  const double least = values[5] * 1e-13;
  if (values[0] < least) {
    memset(y, 0, 36 * sizeof y[0]);
    for (int k = 0; k < 6; k++)
      for (int i = 0; i < 6 && values[k] >= least; i++)
        for (int j = 0; j < 6; j++) y[6 * i + j] += values[k] * vectors[6 * i + k] * vectors[6 * j + k];
  }
  wf_mat_symmetrise(6, y);
}

wf_status wf_increment_take(const wf_increment *increment, const double filter_state[6], wf_tracklet *out) {
  double back[36], yb[36], y[36];
  if (invert_6(increment->stm, back) != WF_OK) return WF_ESINGULAR;
  wf_mat_mul(6, 6, 6, increment->y, back, yb);
  wf_mat_t_mul(6, 6, 6, back, yb, y);
  wf_mat_symmetrise(6, y);
  keep_positive(y);
  *out = (wf_tracklet){.plots = increment->plots};
  wf_mat_pack_upper(6, y, out->information);
  wf_mat_t_mul(6, 6, 1, back, increment->v, out->vector);
  wf_mat_t_mul(6, 6, 3, back, increment->lean, out->lean);
  for (int c = 0; c < 3; c++) {
    out->lean_information[c == 0 ? 0 : c == 1 ? 3 : 5] = increment->lean_information[c];
    out->lean_vector[c] = increment->lean_vector[c];
  }
  for (int i = 0; i < 6; i++) out->reference[i] = filter_state[i] - increment->offset[i];
  return WF_OK;
}

double wf_increment_gain(const wf_increment *increment, const double *p_at_epoch) {
  double trace = 0.0;
  for (int i = 0; i < 36; i++) trace += increment->y[i] * p_at_epoch[i];
  return trace;
}

void wf_increment_of_plot(const wf_expected *expected, const double *variance, const double *residual,
                          const double state[6], wf_tracklet *out) {
  *out = (wf_tracklet){.plots = 1, .position_only = 1};
  double y[36] = {0};
  const int dim = expected->dim < 3 ? expected->dim : 3;  // range rate says nothing about the position
  for (int c = 0; c < dim; c++)
    for (int i = 0; i < 3; i++) {
      const double hw = expected->h[6 * c + i] / variance[c];
      out->vector[i] += hw * residual[c];
      for (int j = 0; j < 3; j++) y[6 * i + j] += hw * expected->h[6 * c + j];
    }
  wf_mat_pack_upper(6, y, out->information);
  memcpy(out->reference, state, sizeof out->reference);
}

// With W = dt² Pv: Y' = (Y⁻¹ + W)⁻¹ = Y − Y (Y + W⁻¹)⁻¹ Y, which asks for no inverse of Y.
static void blur_position(double y[9], double v[3], double dt_s, const double velocity_covariance[9]) {
  double w[9], sum[9], gain[9], yg[9], less[9], less_v[3];
  for (int i = 0; i < 9; i++) w[i] = dt_s * dt_s * velocity_covariance[i];
  if (wf_mat_spd_inverse(3, w, sum) != WF_OK) return;
  for (int i = 0; i < 9; i++) sum[i] += y[i];
  if (wf_mat_spd_inverse(3, sum, gain) != WF_OK) return;
  wf_mat_mul(3, 3, 3, y, gain, yg);
  wf_mat_mul(3, 3, 3, yg, y, less);
  wf_mat_mul(3, 3, 1, yg, v, less_v);
  for (int i = 0; i < 9; i++) y[i] -= less[i];
  for (int i = 0; i < 3; i++) v[i] -= less_v[i];
  wf_mat_symmetrise(3, y);
}

void wf_tracklet_absorb(wf_tracklet *newer, const wf_tracklet *older, double dt_s, const double acc_m_s2[3],
                        const double velocity_covariance[9]) {
  double whole[36], sum[36], y[9], v[3], d[3];
  wf_mat_unpack_upper(6, older->information, whole);
  wf_mat_unpack_upper(6, newer->information, sum);
  for (int i = 0; i < 3; i++) {
    v[i] = older->vector[i];
    d[i] = newer->reference[i] - older->reference[i] - dt_s * (older->reference[3 + i] + 0.5 * dt_s * acc_m_s2[i]);
    for (int j = 0; j < 3; j++) y[3 * i + j] = whole[6 * i + j];
  }
  blur_position(y, v, dt_s, velocity_covariance);
  for (int i = 0; i < 3; i++) {
    newer->vector[i] += v[i];
    for (int j = 0; j < 3; j++) {
      newer->vector[i] -= y[3 * i + j] * d[j];
      sum[6 * i + j] += y[3 * i + j];
    }
  }
  wf_mat_pack_upper(6, sum, newer->information);
  newer->plots = (uint16_t)(newer->plots + older->plots);
}

wf_status wf_tracklet_fuse(const wf_tracklet *tracklet, double state[6], double covariance[36]) {
  double y[36], prior[36], p[36], v[6], step[6];
  if (wf_mat_spd_inverse(6, covariance, prior) != WF_OK) return WF_ESINGULAR;
  wf_mat_unpack_upper(6, tracklet->information, y);
  for (int i = 0; i < 6; i++) {
    v[i] = tracklet->vector[i];
    for (int j = 0; j < 6; j++) v[i] += y[6 * i + j] * (tracklet->reference[j] - state[j]);
  }
  for (int i = 0; i < 36; i++) y[i] += prior[i];
  if (wf_mat_spd_inverse(6, y, p) != WF_OK) return WF_ESINGULAR;
  wf_mat_mul(6, 6, 1, p, v, step);
  for (int i = 0; i < 6; i++) state[i] += step[i];
  memcpy(covariance, p, sizeof p);
  return WF_OK;
}
