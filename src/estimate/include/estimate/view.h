// What a sensor reports about a state, with Jacobians: radar range, azimuth, elevation (and range rate) at its site, or
// an infrared line of sight as two small angles across the line.
#ifndef WF_ESTIMATE_VIEW_H
#define WF_ESTIMATE_VIEW_H

#include "base/status.h"
#include "estimate/filter.h"
#include "geo/wgs84.h"
#include "model/plot.h"

#define WF_VIEW_DIM 4

// One sensor at one moment.
typedef struct wf_view {
  uint8_t kind;                  // wf_plot_kind
  uint8_t dim;                   // 3 radar, 4 radar with range rate, 2 line of sight
  const wf_site *site;           // radar
  double origin_ecef_m[3];       // line of sight
  double variance[WF_VIEW_DIM];  // of each component
} wf_view;

// What a filter expects that view to report.
typedef struct wf_expected {
  uint8_t kind, dim;
  double z[WF_VIEW_DIM];          // radar: range m, azimuth rad, elevation rad, range rate m/s; line of sight: 0, 0
  double axis[9];                 // line of sight: two unit vectors across the expected line, and the line (rows, ECEF)
  double h[WF_VIEW_DIM * 6];      // d z / d (position, velocity)
  double variance[WF_VIEW_DIM];
  double s_chol[WF_VIEW_DIM * WF_VIEW_DIM];
  double sigma[WF_VIEW_DIM];      // √ of S's diagonal
  double log_norm;                // −½ ln det(2π S)
} wf_expected;

// WF_ESINGULAR when S does not factor (a broken covariance).
wf_status wf_view_expect(const wf_view *view, const wf_filter *filter, wf_expected *out);
// z and h alone at a state.
void wf_view_at(const wf_view *view, const double state[6], wf_expected *out);
// Plot minus expectation, azimuth wrapped.
void wf_view_residual(const wf_expected *expected, const wf_plot *plot, double residual[WF_VIEW_DIM]);

// Iterated update (Bell & Cathey 1993): relinearised at each new estimate, for wide priors. Returns the log-likelihood
// of the plot with the last linearisation; NaN when the covariance is broken (the filter is then left as it was).
double wf_view_update_iterated(const wf_view *view, const wf_plot *plot, int iterations, wf_filter *filter);

// A radar plot as an ECEF position with covariance (3×3).
void wf_view_position(const wf_view *view, const wf_plot *plot, double pos_ecef_m[3], double covariance[9]);

#endif
