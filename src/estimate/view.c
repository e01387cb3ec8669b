#include "estimate/view.h"

#include <math.h>
#include <string.h>

#include "base/fmath.h"

// Two unit vectors across `line`, right-handed with it, the same for the same line everywhere.
static void across_axes(const double line[3], double axis[9]) {
  int least = 0;
  for (int i = 1; i < 3; i++)
    if (fabs(line[i]) < fabs(line[least])) least = i;
  double reference[3] = {0};
  reference[least] = 1.0;
  wf_vec_cross(line, reference, axis);
  const double n = wf_vec_norm(axis);
  for (int i = 0; i < 3; i++) axis[i] /= n;
  wf_vec_cross(line, axis, axis + 3);
  memcpy(axis + 6, line, 3 * sizeof *line);
}

static void line_at(const wf_view *view, const double state[6], wf_expected *out) {
  double line[3];
  wf_vec_sub(state, view->origin_ecef_m, line);
  const double range = wf_vec_norm(line);
  const double inverse = range > 1.0 ? 1.0 / range : 1.0;
  for (int i = 0; i < 3; i++) line[i] *= inverse;
  across_axes(line, out->axis);
  for (int c = 0; c < 2; c++) {
    out->z[c] = 0.0;
    for (int i = 0; i < 3; i++) {
      out->h[6 * c + i] = out->axis[3 * c + i] * inverse;
      out->h[6 * c + 3 + i] = 0.0;
    }
  }
}

static void radar_at(const wf_view *view, const double state[6], wf_expected *out) {
  double jacobian[9];
  wf_geo_rae_from_ecef(view->site, state, out->z, jacobian);
  for (int c = 0; c < 3; c++)
    for (int i = 0; i < 3; i++) {
      out->h[6 * c + i] = jacobian[3 * c + i];
      out->h[6 * c + 3 + i] = 0.0;
    }
  if (view->dim == 4) out->z[3] = wf_geo_range_rate_m_s(view->site, state, state + 3, out->h + 18);
}

void wf_view_at(const wf_view *view, const double state[6], wf_expected *out) {
  out->kind = view->kind;
  out->dim = view->dim;
  memcpy(out->variance, view->variance, sizeof out->variance);
  if (view->kind == WF_PLOT_LOS)
    line_at(view, state, out);
  else
    radar_at(view, state, out);
}

wf_status wf_view_expect(const wf_view *view, const wf_filter *filter, wf_expected *out) {
  wf_view_at(view, filter->x, out);
  out->log_norm = wf_filter_innovation(filter, out->dim, out->h, out->variance, out->s_chol);
  if (isnan(out->log_norm)) return WF_ESINGULAR;
  for (int i = 0; i < out->dim; i++) {
    double sum = 0.0;
    for (int j = 0; j <= i; j++) sum += out->s_chol[out->dim * i + j] * out->s_chol[out->dim * i + j];
    out->sigma[i] = wf_sqrt(sum);
  }
  return WF_OK;
}

void wf_view_residual(const wf_expected *expected, const wf_plot *plot, double residual[WF_VIEW_DIM]) {
  if (expected->kind == WF_PLOT_LOS) {
    const double *u = plot->los.unit_ecef, along = wf_vec_dot(u, expected->axis + 6);
    const double scale = along > 1e-3 ? 1.0 / along : 1e3;  // far off the line: far outside every gate
    residual[0] = wf_vec_dot(u, expected->axis) * scale;
    residual[1] = wf_vec_dot(u, expected->axis + 3) * scale;
    return;
  }
  residual[0] = plot->radar.range_m - expected->z[0];
  residual[1] = wf_wrap_pi(plot->radar.az_rad - expected->z[1]);
  residual[2] = plot->radar.el_rad - expected->z[2];
  if (expected->dim == 4) residual[3] = plot->radar.range_rate_m_s - expected->z[3];
}

double wf_view_update_iterated(const wf_view *view, const wf_plot *plot, int iterations, wf_filter *filter) {
  const wf_filter prior = *filter;
  double log_likelihood = NAN;
  for (int it = 0; it < iterations; it++) {
    wf_expected e;
    double residual[WF_VIEW_DIM], r[WF_VIEW_DIM];
    wf_filter next = prior;
    wf_view_at(view, filter->x, &e);
    e.log_norm = wf_filter_innovation(&prior, e.dim, e.h, e.variance, e.s_chol);
    if (isnan(e.log_norm)) break;
    wf_view_residual(&e, plot, residual);
    for (int c = 0; c < e.dim; c++) {
      r[c] = residual[c];
      for (int j = 0; j < 6; j++) r[c] += e.h[6 * c + j] * (filter->x[j] - prior.x[j]);
    }
    // The last pass counts: residual and S about the converged state, which near-linear measurements share.
    log_likelihood = e.log_norm - 0.5 * wf_filter_chi2(e.dim, e.s_chol, r);
    wf_filter_update(&next, e.dim, r, e.h, e.variance, e.s_chol);
    *filter = next;
  }
  return log_likelihood;
}

void wf_view_position(const wf_view *view, const wf_plot *plot, double pos_ecef_m[3], double covariance[9]) {
  const double rae[3] = {plot->radar.range_m, plot->radar.az_rad, plot->radar.el_rad};
  double jacobian[9];
  wf_geo_ecef_from_rae(view->site, rae, pos_ecef_m, jacobian);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      double sum = 0.0;
      for (int c = 0; c < 3; c++) sum += jacobian[3 * i + c] * view->variance[c] * jacobian[3 * j + c];
      covariance[3 * i + j] = sum;
    }
}
