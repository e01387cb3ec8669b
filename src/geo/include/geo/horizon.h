// Who can see what: straight-line visibility over the ellipsoid, and a radar's elevation and range limits.
#ifndef WF_GEO_HORIZON_H
#define WF_GEO_HORIZON_H

#include <stdbool.h>

#include "geo/wgs84.h"

// True when the segment between two points does not pass through the ellipsoid raised by clearance_m (may be
// negative). Grazing, to about 3 µm, counts as clear; an end inside does not.
bool wf_geo_line_of_sight(const double a_ecef_m[3], const double b_ecef_m[3], double clearance_m);
// Lowest height (m above the ellipsoid, 0..1e8) over (lat, lon) that a site sees at or above the apparent elevation
// el_min_rad and within range_max_m (0 = no limit). earth_radius_factor 1 = geometric, exact over the ellipsoid; 4/3 =
// standard refraction at the ground, decaying upwards with a scale height of 8 km (0.5..10 allowed). 0 where the
// ground itself is in view. WF_ENOTFOUND when no height is visible, WF_EINVAL for a limit outside its range.
wf_status wf_geo_lowest_visible_m(const wf_site *site, double lat_rad, double lon_rad, double el_min_rad,
                                  double range_max_m, double earth_radius_factor, double *height_m);

#endif
