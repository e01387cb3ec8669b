// Where and when it comes down, with honest uncertainty; and where and when it went up.
#ifndef WF_MOTION_IMPACT_H
#define WF_MOTION_IMPACT_H

#include <stdbool.h>

#include "base/status.h"
#include "motion/dynamics.h"

typedef enum wf_impact_reason { WF_IMPACT_OK = 0, WF_IMPACT_ORBIT, WF_IMPACT_BELOW_GROUND, WF_IMPACT_NOT_CONVERGED } wf_impact_reason;
const char *wf_impact_reason_name(wf_impact_reason reason);  // "ok", "orbit", …

// Ground area at WGS-84 height 0. cov_en: east-north covariance m² {ee, en, nn} at the impact point.
// The 95 % axes are √5.991 σ; azimuth of the major axis in radians clockwise from north, [0, π).
typedef struct wf_impact {
  wf_impact_reason reason;
  double delay_s, delay_sigma_s;  // after the state's time
  double lat_rad, lon_rad;
  double speed_m_s;
  double cov_en_m2[3];
  double semi_major_95_m, semi_minor_95_m, azimuth_rad;
} wf_impact;

typedef struct wf_impact_options {
  wf_gravity gravity;
  double beta_kg_m2;            // ballistic coefficient; 0 = vacuum
  double beta_sigma_ratio;      // relative 1-sigma of beta (0.3 where unknown)
  double density_sigma_ratio;   // relative 1-sigma of air density (0.05)
  double wind_sigma_m_s;        // (10)
  double tolerance_m;           // of the planning integrator (0.1)
} wf_impact_options;
extern const wf_impact_options WF_IMPACT_VACUUM;      // J2, no drag, no floor
extern const wf_impact_options WF_IMPACT_ATMOSPHERE;  // J2, beta 5000 ± 30 %, 5 % density, 10 m/s wind

// WF_OK with the reason in out whenever the question has an answer (orbit and below ground are answers); WF_EINVAL for
// values that are not finite or out of range; WF_EDIVERGED with WF_IMPACT_NOT_CONVERGED. Where the reason is not
// WF_IMPACT_OK the other fields are 0. The place is always that of the nominal state.
// cov: 6×6 of the state, or NULL (then the areas are zero). The never-below floor of re-entry (tracking.md) comes
// from the three sigmas above. Linear with the exact transition, falling back on sigma points when the spread is wide.
wf_status wf_motion_impact(const wf_impact_options *opt, const double state_ecef[6], const double *cov, wf_impact *out);

// A covariance east-north → axes and azimuth. chi2: 5.991 for 95 %.
void wf_motion_ellipse(const double cov_en_m2[3], double chi2, double *semi_major_m, double *semi_minor_m, double *azimuth_rad);

// Launch-point back-propagation from a climbing or coasting state at or after burnout, with a notional ascent. The answer
// averages over what is not known: burn time (±15 % about burn_s_guess; 0 = from the energy, ±30 %), mass ratio, shape of
// the pitch programme. cov: 6×6 of the state or NULL. WF_EDIVERGED when no ascent leads to the state.
typedef struct wf_launch_estimate { double delay_s, delay_sigma_s;  /* before the state: negative */ double lat_rad, lon_rad; double cov_en_m2[3]; } wf_launch_estimate;
wf_status wf_motion_launch_back(const double state_ecef[6], const double *cov, double burn_s_guess, wf_launch_estimate *out);

#endif
