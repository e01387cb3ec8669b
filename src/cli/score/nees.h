// Errors of tracks against the truths they are judged against: pooled RMSE, NEES (Bar-Shalom, Li & Kirubarajan 2001,
// section 5.4.2) and efficiency against the bound, over everything and by the age of the truth.
#ifndef WF_SCORE_NEES_H
#define WF_SCORE_NEES_H

#include "bound.h"

#define WF_SCORE_DOF 6

// Sums over reports whose truth is from_s ≤ age < to_s old.
typedef struct wf_score_band {
  double from_s, to_s;
  uint64_t reports, with_covariance, with_bound;
  double position_m2, velocity_m2_s2;  // squared errors
  double nees;
  double bounded_position_m2, bounded_velocity_m2_s2;  // squared errors of the reports with a bound …
  double bound_position_m2, bound_velocity_m2_s2;      // … and the bound's traces
} wf_score_band;

typedef struct wf_score_scan_nees {
  double sum;
  uint32_t reports;
} wf_score_scan_nees;

typedef struct wf_score_errors {
  wf_score_band all;  // from --from-age on
  wf_score_band band[WF_SCORE_BANDS];
  wf_score_scan_nees *scan;           // per scan, from --from-age on
  uint32_t scans_with, scans_inside;  // scans with a NEES, and with its mean inside its 95 % bounds
  uint32_t objects;                   // different truths among the reports with a covariance
} wf_score_errors;

// target: per track row a truth row or WF_SCORE_NONE. bounds may be NULL.
wf_status wf_score_errors_compute(const wf_score_scene *scene, const uint32_t *target, const wf_score_bounds *bounds,
                                  double from_age_s, wf_score_errors *out);
void wf_score_errors_free(wf_score_errors *errors);

// eᵀ P⁻¹ e of 6 states, P as its upper triangle by rows; NaN when P is not positive definite.
double wf_score_nees(const double error[6], const double covariance[21]);
// Two-sided 95 % bounds of the mean of n independent values of NEES (χ² with 6 n degrees of freedom, over n).
void wf_score_nees_bounds(uint64_t n, double *lower, double *upper);

// √(Σ squared error / reports), and so on; NaN of nothing.
double wf_score_rmse(double squared, uint64_t reports);
double wf_score_efficiency(double squared, double bound);

#endif
