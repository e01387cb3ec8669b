// What the troposphere does to a radar's measurement: the ray bends, so the apparent elevation is too high, and it is
// slower than light in vacuum, so the range is too long. Model: refractivity N(h) = 315 exp(−h/7.35 km), the mean of
// the world (ITU-R P.453-14, equation 9 and its constants), over a sphere of the site's mean radius of curvature; the
// ray is integrated, no 4/3 Earth.
#ifndef WF_SENSOR_REFRACTION_H
#define WF_SENSOR_REFRACTION_H

#include "geo/wgs84.h"

// Apparent elevation and measured range (m, of group delay) → geometric ones. Elevations below −0.1 rad are left as
// they are.
void wf_sensor_unbend(const wf_lla *site, double apparent_el_rad, double measured_range_m, double *el_rad,
                      double *range_m);

#endif
