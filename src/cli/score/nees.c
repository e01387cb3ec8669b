#include "nees.h"

#include <math.h>
#include <stdlib.h>

#include "base/fmath.h"
#include "base/mat.h"

double wf_score_nees(const double error[6], const double covariance[21]) {
  double full[36], factor[36], x[6], sum = 0.0;
  wf_mat_unpack_upper(6, covariance, full);
  if (wf_mat_cholesky(6, full, factor) != WF_OK) return NAN;
  for (int i = 0; i < 6; i++) x[i] = error[i];
  wf_mat_solve_lower(6, factor, x);
  for (int i = 0; i < 6; i++) sum += x[i] * x[i];
  return sum;
}

// Beyond the degrees that base/fmath.h covers: Wilson & Hilferty (1931), there exact to 1e-6.
static double quantile(uint64_t dof, double p) {
  if (dof <= 10000) return wf_chi2_quantile((int)dof, p);
  const double k = (double)dof, root = 1.0 - 2.0 / (9.0 * k) + wf_normal_quantile(p) * sqrt(2.0 / (9.0 * k));
  return k * root * root * root;
}

void wf_score_nees_bounds(uint64_t n, double *lower, double *upper) {
  *lower = quantile(WF_SCORE_DOF * n, 0.025) / (double)n;
  *upper = quantile(WF_SCORE_DOF * n, 0.975) / (double)n;
}

double wf_score_rmse(double squared, uint64_t reports) {
  return reports > 0 ? sqrt(squared / (double)reports) : NAN;
}

double wf_score_efficiency(double squared, double bound) {
  return bound > 0.0 ? sqrt(squared / bound) : NAN;
}

// One report against its truth.
typedef struct pair {
  double position_m2, velocity_m2_s2, nees;        // nees NaN: no covariance
  double bound_position_m2, bound_velocity_m2_s2;  // NaN: none
} pair;

static pair compare(const wf_score_scene *scene, const wf_score_bounds *bounds, uint32_t row, uint32_t truth) {
  const double *x = &scene->track.state[6 * (size_t)row], *t = &scene->truth.state[6 * (size_t)truth];
  const wf_score_line *line = &scene->tracks->line[scene->track_line[row]];
  double error[6];
  for (int i = 0; i < 6; i++) error[i] = x[i] - t[i];
  return (pair){
      .position_m2 = wf_vec_dot(error, error),
      .velocity_m2_s2 = wf_vec_dot(error + 3, error + 3),
      .nees = line->has_covariance ? wf_score_nees(error, line->covariance) : NAN,
      .bound_position_m2 = bounds == NULL ? NAN : bounds->position_m2[truth],
      .bound_velocity_m2_s2 = bounds == NULL ? NAN : bounds->velocity_m2_s2[truth],
  };
}

static void add(wf_score_band *b, const pair *p) {
  b->reports++;
  b->position_m2 += p->position_m2;
  b->velocity_m2_s2 += p->velocity_m2_s2;
  if (!isnan(p->nees)) {
    b->with_covariance++;
    b->nees += p->nees;
  }
  if (isnan(p->bound_position_m2)) return;
  b->with_bound++;
  b->bounded_position_m2 += p->position_m2;
  b->bounded_velocity_m2_s2 += p->velocity_m2_s2;
  b->bound_position_m2 += p->bound_position_m2;
  b->bound_velocity_m2_s2 += p->bound_velocity_m2_s2;
}

static void judge_scans(const wf_score_scene *scene, wf_score_errors *out) {
  double lower = 0.0, upper = 0.0;
  uint32_t known = 0;  // the number of reports that lower and upper are for
  for (size_t i = 0; i < scene->scans; i++) {
    const wf_score_scan_nees *s = &out->scan[i];
    if (s->reports == 0) continue;
    if (s->reports != known) wf_score_nees_bounds(s->reports, &lower, &upper);
    known = s->reports;
    const double mean = s->sum / s->reports;
    out->scans_with++;
    out->scans_inside += mean >= lower && mean <= upper;
  }
}

static void add_report(const wf_score_scene *scene, const wf_score_bounds *bounds, uint32_t row, uint32_t truth,
                       double from_age_s, bool *counted, wf_score_errors *out) {
  const double age_s = wf_score_age_s(scene, truth);
  const pair p = compare(scene, bounds, row, truth);
  for (int b = 0; b < WF_SCORE_BANDS; b++)
    if (age_s >= out->band[b].from_s && age_s < out->band[b].to_s) add(&out->band[b], &p);
  if (age_s < from_age_s) return;
  add(&out->all, &p);
  if (isnan(p.nees)) return;
  out->scan[scene->track.scan[row]].sum += p.nees;
  out->scan[scene->track.scan[row]].reports++;
  out->objects += !counted[scene->truth.object[truth]];
  counted[scene->truth.object[truth]] = true;
}

wf_status wf_score_errors_compute(const wf_score_scene *scene, const uint32_t *target, const wf_score_bounds *bounds,
                                  double from_age_s, wf_score_errors *out) {
  *out = (wf_score_errors){
      .all = {.from_s = from_age_s, .to_s = INFINITY},
      .scan = calloc(scene->scans + 1, sizeof *out->scan),
  };
  for (int b = 0; b < WF_SCORE_BANDS; b++) {
    out->band[b].from_s = WF_SCORE_BAND_S[b];
    out->band[b].to_s = WF_SCORE_BAND_S[b + 1];
  }
  bool *counted = calloc(scene->truth.objects + 1, sizeof *counted);
  const bool ok = out->scan != NULL && counted != NULL;
  for (uint32_t row = 0; ok && row < scene->track.rows; row++)
    if (target[row] != WF_SCORE_NONE) add_report(scene, bounds, row, target[row], from_age_s, counted, out);
  if (ok) judge_scans(scene, out);
  free(counted);
  return ok ? WF_OK : WF_ENOMEM;
}

void wf_score_errors_free(wf_score_errors *errors) {
  free(errors->scan);
  errors->scan = NULL;
}
