// Height above WGS-84 and the local vertical without an angle: what drag and impact need many times per step.
#ifndef WF_MOTION_HEIGHT_H
#define WF_MOTION_HEIGHT_H

#include "base/fmath.h"
#include "geo/wgs84.h"

// Bowring (1976), one iteration on the sine and cosine of the reduced latitude. The height is second order in the
// latitude's error, so it is good to below 1 µm up to 1,000 km and below 1 mm up to 20,000 km. up: unit normal.
static inline double wf_motion_height_m(const double pos_ecef_m[3], double up[3]) {
  const double x = pos_ecef_m[0], y = pos_ecef_m[1], z = pos_ecef_m[2];
  const double p = wf_sqrt(x * x + y * y);
  const double r = wf_sqrt(x * x + y * y + z * z);
  const double ep2_b = WF_WGS84_E2 / (1.0 - WF_WGS84_E2) * WF_WGS84_B_M;
  // tan of the reduced latitude, improved by the factor for points off the surface.
  const double su0 = z * (1.0 - WF_WGS84_F) * (1.0 + ep2_b / r), cu0 = p;
  const double nu = 1.0 / wf_sqrt(su0 * su0 + cu0 * cu0);
  const double su = su0 * nu, cu = cu0 * nu;
  const double sp0 = z + ep2_b * su * su * su, cp0 = p - WF_WGS84_E2 * WF_WGS84_A_M * cu * cu * cu;
  const double np = 1.0 / wf_sqrt(sp0 * sp0 + cp0 * cp0);
  const double sp = sp0 * np, cp = cp0 * np;
  const double inv_p = p > 0.0 ? 1.0 / p : 0.0;
  up[0] = cp * x * inv_p;
  up[1] = cp * y * inv_p;
  up[2] = sp;
  return p * cp + z * sp - WF_WGS84_A_M * wf_sqrt(1.0 - WF_WGS84_E2 * sp * sp);
}

#endif
