// Flights that several tests of this room start from.
#ifndef WF_TEST_STATES_H
#define WF_TEST_STATES_H

#include "base/fmath.h"
#include "geo/wgs84.h"

// A state at a height (m) and speed (m/s) over the rotating Earth; angles in degrees.
static inline void state_at(double lat_deg, double lon_deg, double h_m, double speed_m_s, double elevation_deg,
                            double azimuth_deg, double state[6]) {
  const wf_lla lla = {lat_deg * WF_DEG, lon_deg * WF_DEG, h_m};
  double r[9];
  wf_geo_ecef_from_lla(&lla, state);
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, r);
  const double el = elevation_deg * WF_DEG, az = azimuth_deg * WF_DEG;
  const double enu[3] = {wf_cos(el) * wf_sin(az), wf_cos(el) * wf_cos(az), wf_sin(el)};
  for (int i = 0; i < 3; i++) state[3 + i] = speed_m_s * (r[i] * enu[0] + r[3 + i] * enu[1] + r[6 + i] * enu[2]);
}

#endif
