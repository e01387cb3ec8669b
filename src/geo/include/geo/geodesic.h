// Geodesics on WGS-84 (Karney 2013, through PROJ's geodesic.h). Uses libm inside: never in `picture` nor in
// anything hashed; for display, products and scoring.
#ifndef WF_GEO_GEODESIC_H
#define WF_GEO_GEODESIC_H

#include "geo/wgs84.h"

// Distance in metres and azimuths (radians clockwise from north) at both ends; pointers may be NULL.
double wf_geo_distance_m(double lat1_rad, double lon1_rad, double lat2_rad, double lon2_rad, double *azi1_rad,
                         double *azi2_rad);
// The point at a distance along an azimuth. Heights are not touched.
void wf_geo_direct(double lat_rad, double lon_rad, double azi_rad, double distance_m, double *lat2_rad,
                   double *lon2_rad);
// n points of the boundary of a ground ellipse (semi-axes m, azimuth of the major axis), closed by the caller.
void wf_geo_ellipse(double lat_rad, double lon_rad, double semi_major_m, double semi_minor_m, double azimuth_rad, int n,
                    double *lat_rad_out, double *lon_rad_out);

#endif
