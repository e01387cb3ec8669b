// Impact areas that tracks gave against where their truths come down.
#ifndef WF_SCORE_IMPACT_ERROR_H
#define WF_SCORE_IMPACT_ERROR_H

#include "bound.h"
#include "identity.h"

typedef struct wf_score_impact {
  uint32_t track_row, truth;  // row, object
  double error_m;             // along the ground
  double time_error_s;        // claimed − true
  double ahead_s;             // from the report to the true impact
  double bound_m2;            // trace of the bound of the impact point at that moment; NaN where there is none
  const wf_score_claim *claim;
  bool inside_95;  // the true point is inside the claimed area; false without an area
} wf_score_impact;

// Claims that have a bound.
typedef struct wf_score_impact_sum {
  size_t claims;
  double squared_m2, bound_m2;  // sums of squared errors and of bounds
} wf_score_impact_sum;

typedef struct wf_score_impacts {
  wf_score_impact *impact;  // by time
  size_t count;
  size_t with_area, inside;
  uint32_t objects;  // truths with a claim; below: of the last claim about each
  double final_rms_m, final_median_m;
  double median_m;                                       // of all claims
  wf_score_impact_sum all, band[WF_SCORE_BANDS], final;  // by the truth's age; of the last claim about each truth
} wf_score_impacts;

// Claims of tracks without an identity, or whose truth is not in impacts.csv, are left out. bounds may be NULL. The
// bound of an impact point is that of the state, carried along the fall in vacuum; only where the truth itself falls
// so.
wf_status wf_score_impacts_compute(const wf_score_scene *scene, const wf_score_identity *identity,
                                   const wf_score_bounds *bounds, const wf_csv_impact *known, size_t count,
                                   wf_score_impacts *out);
void wf_score_impacts_free(wf_score_impacts *impacts);

// True when a point lies inside a claimed area.
bool wf_score_inside(const wf_score_claim *claim, double lat_rad, double lon_rad);

#endif
