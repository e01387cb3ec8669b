#include "estimate/batch.h"

#include <math.h>
#include <string.h>

#include "base/fmath.h"
#include "motion/dynamics.h"

#define ITERATIONS_MAX 12
#define STEP_S 2.5

// State at the plot's time and the transition from `at` to it.
static void carry(const wf_filter *filter, double dt_s, double state[6], double stm[36]) {
  memcpy(state, filter->x, 6 * sizeof *state);
  if (filter->model == WF_MODEL_COAST) {
    const wf_dynamics dyn = {WF_GRAVITY_J2, filter->size == 7 ? wf_exp(-filter->x[6]) : 0.0};
    wf_motion_propagate(&dyn, dt_s, STEP_S, state, stm, NULL);
    return;
  }
  wf_mat_identity(6, stm);
  for (int i = 0; i < 3; i++) {
    state[i] += dt_s * state[3 + i];
    stm[6 * i + 3 + i] = dt_s;
  }
}

void wf_batch_jacobian(const wf_batch_item *item, const wf_filter *filter, wf_time at, wf_expected *expected,
                       double *h) {
  double state[6], stm[36];
  carry(filter, wf_time_diff_s(item->plot.time, at), state, stm);
  wf_view_at(&item->view, state, expected);
  wf_mat_mul(expected->dim, 6, 6, expected->h, stm, h);
}

// Adds one plot's information about the state at `at`: y += Hᵀ R⁻¹ H, v += Hᵀ R⁻¹ r. Returns its χ².
static double gather(const wf_batch_item *item, const wf_filter *filter, wf_time at, double y[36], double v[6]) {
  double h[WF_VIEW_DIM * 6], residual[WF_VIEW_DIM], chi2 = 0.0;
  wf_expected e;
  wf_batch_jacobian(item, filter, at, &e, h);
  wf_view_residual(&e, &item->plot, residual);
  for (int c = 0; c < e.dim; c++) {
    const double weight = 1.0 / e.variance[c];
    chi2 += residual[c] * residual[c] * weight;
    for (int i = 0; i < 6; i++) {
      v[i] += h[6 * c + i] * weight * residual[c];
      for (int j = 0; j < 6; j++) y[6 * i + j] += h[6 * c + i] * weight * h[6 * c + j];
    }
  }
  return chi2;
}

static void add_prior(const double *mean, const double *information, const wf_filter *filter, double y[36],
                      double v[6]) {
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) {
      y[6 * i + j] += information[6 * i + j];
      v[i] += information[6 * i + j] * (mean[j] - filter->x[j]);
    }
}

wf_status wf_batch_fit(const wf_batch_item *items, int count, wf_time at, const double *prior_mean,
                       const double *prior_information, wf_filter *filter, wf_batch_result *result) {
  filter->size = 6;
  *result = (wf_batch_result){.dof = -6};
  for (int k = 0; k < count; k++) result->dof += items[k].view.dim;
  for (int it = 1; it <= ITERATIONS_MAX; it++) {
    double y[36] = {0}, v[6] = {0}, step[6];
    result->chi2 = 0.0;
    result->iterations = it;
    for (int k = 0; k < count; k++) result->chi2 += gather(&items[k], filter, at, y, v);
    if (prior_information != NULL) add_prior(prior_mean, prior_information, filter, y, v);
    if (wf_mat_spd_inverse(6, y, filter->p) != WF_OK) return WF_ESINGULAR;
    wf_mat_mul(6, 6, 1, filter->p, v, step);
    for (int i = 0; i < 6; i++) filter->x[i] += step[i];
    // Settled: the step is far below the fit's own uncertainty.
    if (wf_vec_dot(step, v) + wf_vec_dot(step + 3, v + 3) < 1e-6) return WF_OK;
    if (!(wf_vec_norm(filter->x) < 1e9)) return WF_EDIVERGED;
  }
  return WF_EDIVERGED;
}
