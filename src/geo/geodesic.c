#include "geo/geodesic.h"

#include <geodesic.h>
#include <stddef.h>

#include "base/fmath.h"

static struct geod_geodesic ellipsoid(void) {
  struct geod_geodesic g;
  geod_init(&g, WF_WGS84_A_M, WF_WGS84_F);
  return g;
}

// A pole must not become 90.00000000000001°, which the library answers with NaN.
static double latitude_deg(double lat_rad) {
  const double deg = lat_rad / WF_DEG;
  return deg > 90.0 ? 90.0 : deg < -90.0 ? -90.0 : deg;
}

double wf_geo_distance_m(double lat1_rad, double lon1_rad, double lat2_rad, double lon2_rad, double *azi1_rad,
                         double *azi2_rad) {
  const struct geod_geodesic g = ellipsoid();
  double distance_m, azi1_deg, azi2_deg;
  geod_inverse(&g, latitude_deg(lat1_rad), lon1_rad / WF_DEG, latitude_deg(lat2_rad), lon2_rad / WF_DEG, &distance_m,
               &azi1_deg, &azi2_deg);
  if (azi1_rad != NULL) *azi1_rad = wf_wrap_2pi(azi1_deg * WF_DEG);
  if (azi2_rad != NULL) *azi2_rad = wf_wrap_2pi(azi2_deg * WF_DEG);
  return distance_m;
}

static void direct(const struct geod_geodesic *g, double lat_rad, double lon_rad, double azi_rad, double distance_m,
                   double *lat2_rad, double *lon2_rad) {
  double lat_deg, lon_deg;
  geod_direct(g, latitude_deg(lat_rad), lon_rad / WF_DEG, azi_rad / WF_DEG, distance_m, &lat_deg, &lon_deg, NULL);
  *lat2_rad = lat_deg * WF_DEG;
  *lon2_rad = wf_wrap_pi(lon_deg * WF_DEG);
}

void wf_geo_direct(double lat_rad, double lon_rad, double azi_rad, double distance_m, double *lat2_rad,
                   double *lon2_rad) {
  const struct geod_geodesic g = ellipsoid();
  direct(&g, lat_rad, lon_rad, azi_rad, distance_m, lat2_rad, lon2_rad);
}

void wf_geo_ellipse(double lat_rad, double lon_rad, double semi_major_m, double semi_minor_m, double azimuth_rad, int n,
                    double *lat_rad_out, double *lon_rad_out) {
  const struct geod_geodesic g = ellipsoid();
  for (int i = 0; i < n; i++) {
    double s, c;
    wf_sincos(2.0 * WF_PI * i / n, &s, &c);
    const double along_m = semi_major_m * c, across_m = semi_minor_m * s;
    direct(&g, lat_rad, lon_rad, azimuth_rad + wf_atan2(across_m, along_m), wf_hypot(along_m, across_m),
           &lat_rad_out[i], &lon_rad_out[i]);
  }
}
