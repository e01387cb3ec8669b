// Least-squares fit of a free-falling or straight-flying state to a few plots (Gauss–Newton), for starting filters.
#ifndef WF_ESTIMATE_BATCH_H
#define WF_ESTIMATE_BATCH_H

#include "estimate/view.h"

#define WF_BATCH_MAX 8

typedef struct wf_batch_item { wf_view view; wf_plot plot; } wf_batch_item;

typedef struct wf_batch_result {
  double chi2;      // of the plots' residuals (prior left out)
  int dof;          // measurement components − 6, may be ≤ 0
  int iterations;
} wf_batch_result;

// Fits position and velocity at time `at`, by COAST (6 states) or AIR without noise. filter->x holds the first guess
// (position and velocity at `at`), filter->model the model. prior_mean/prior_information (6, 6×6) may be NULL; without a
// prior the covariance is the inverse information of the plots alone. WF_ESINGULAR when they do not determine a state,
// WF_EDIVERGED when it does not settle. On failure the filter is unspecified.
wf_status wf_batch_fit(const wf_batch_item *items, int count, wf_time at, const double *prior_mean,
                       const double *prior_information, wf_filter *filter, wf_batch_result *result);

// Expected values and Jacobian (dim × 6) of one plot with respect to the state at `at`.
void wf_batch_jacobian(const wf_batch_item *item, const wf_filter *filter, wf_time at, wf_expected *expected,
                       double *h);

#endif
