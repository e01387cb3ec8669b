#include "geo/wgs84.h"

#include <stddef.h>

#include "base/fmath.h"
#include "base/mat.h"

static const double AXIS_M = 1e-7;  // nearer than this to an axis, the angle around it means nothing

void wf_geo_ecef_from_lla(const wf_lla *lla, double pos_ecef_m[3]) {
  double sin_lat, cos_lat, sin_lon, cos_lon;
  wf_sincos(lla->lat_rad, &sin_lat, &cos_lat);
  wf_sincos(lla->lon_rad, &sin_lon, &cos_lon);
  const double n = WF_WGS84_A_M / wf_sqrt(1.0 - WF_WGS84_E2 * sin_lat * sin_lat);
  const double from_axis = (n + lla->h_m) * cos_lat;
  pos_ecef_m[0] = from_axis * cos_lon;
  pos_ecef_m[1] = from_axis * sin_lon;
  pos_ecef_m[2] = ((1.0 - WF_WGS84_E2) * n + lla->h_m) * sin_lat;
}

// Tangent of the reduced latitude of the foot point, for a point p from the axis and z ≥ 0 above the equator, both in
// semi-major axes: the positive root of g(T) = p T − z' − e² T/√(1 + T²), z' = √(1 − e²) z (Fukushima 2006,
// "Transformation from Cartesian to geodetic coordinates accelerated by Halley's method", J. Geodesy 79, eq. 8). g(0) ≤
// 0 and g is convex for T > 0: there is one positive root, and Newton's iteration falls on it monotonically after its
// first step from any place where g rises. That holds everywhere for p > e², and to the right of the root always.
static double reduced_latitude_tangent(double p, double z) {
  const double axis_ratio = 1.0 - WF_WGS84_F;
  const double zc = axis_ratio * z;
  double t;
  if (p > 2.0 * WF_WGS84_E2) {
    // Bowring 1976, "Transformation from spatial to geographical coordinates", start for any height.
    const double second_e2 = WF_WGS84_E2 / (1.0 - WF_WGS84_E2);
    t = zc / p * (1.0 + second_e2 * axis_ratio / wf_sqrt(p * p + z * z));
  } else {
    t = (zc + WF_WGS84_E2) / (p > 1e-100 ? p : 1e-100);  // right of the root, and close to it near the axis
  }
  for (int i = 0; i < 60; i++) {
    const double inverse = 1.0 / wf_sqrt(1.0 + t * t);
    const double g = p * t - zc - WF_WGS84_E2 * t * inverse;
    const double slope = p - WF_WGS84_E2 * inverse * inverse * inverse;
    if (!(slope > 0.0)) break;
    const double step = g / slope;
    t -= step;
    if (t < 0.0) t = 0.0;
    if (__builtin_fabs(step) <= 1e-9 * t) break;  // the error after it is of the order of its square
  }
  return t;
}

void wf_geo_lla_from_ecef(const double pos_ecef_m[3], wf_lla *lla) {
  const double from_axis = wf_hypot(pos_ecef_m[0], pos_ecef_m[1]);
  const double above = __builtin_fabs(pos_ecef_m[2]);
  const double t = reduced_latitude_tangent(from_axis / WF_WGS84_A_M, above / WF_WGS84_A_M);
  const double axis_ratio = 1.0 - WF_WGS84_F;
  // The foot point on the ellipse and the normal there; differences first, so that a small height keeps its digits.
  const double cos_reduced = 1.0 / wf_sqrt(1.0 + t * t);
  const double normal = 1.0 / wf_sqrt(axis_ratio * axis_ratio + t * t);
  const double lat_rad = wf_atan2(t, axis_ratio);
  lla->h_m = (from_axis - WF_WGS84_A_M * cos_reduced) * (axis_ratio * normal) +
             (above - WF_WGS84_B_M * (t * cos_reduced)) * (t * normal);
  lla->lat_rad = pos_ecef_m[2] < 0.0 ? -lat_rad : lat_rad;
  lla->lon_rad = wf_atan2(pos_ecef_m[1], pos_ecef_m[0]);
}

void wf_geo_lla_jacobian(const wf_lla *lla, double d_lla_d_ecef[9]) {
  double sin_lat, cos_lat;
  wf_sincos(lla->lat_rad, &sin_lat, &cos_lat);
  double enu[9];
  wf_geo_enu_from_ecef_rotation(lla->lat_rad, lla->lon_rad, enu);
  const double w2 = 1.0 - WF_WGS84_E2 * sin_lat * sin_lat;
  const double w = wf_sqrt(w2);
  const double meridian_m = WF_WGS84_A_M * (1.0 - WF_WGS84_E2) / (w2 * w) + lla->h_m;
  const double from_axis_m = (WF_WGS84_A_M / w + lla->h_m) * cos_lat;
  const double per_east = __builtin_fabs(from_axis_m) > AXIS_M ? 1.0 / from_axis_m : 0.0;
  for (int i = 0; i < 3; i++) {
    d_lla_d_ecef[i] = enu[3 + i] / meridian_m;
    d_lla_d_ecef[3 + i] = enu[i] * per_east;
    d_lla_d_ecef[6 + i] = enu[6 + i];
  }
}

void wf_geo_enu_from_ecef_rotation(double lat_rad, double lon_rad, double r[9]) {
  double sin_lat, cos_lat, sin_lon, cos_lon;
  wf_sincos(lat_rad, &sin_lat, &cos_lat);
  wf_sincos(lon_rad, &sin_lon, &cos_lon);
  r[0] = -sin_lon;
  r[1] = cos_lon;
  r[2] = 0.0;
  r[3] = -sin_lat * cos_lon;
  r[4] = -sin_lat * sin_lon;
  r[5] = cos_lat;
  r[6] = cos_lat * cos_lon;
  r[7] = cos_lat * sin_lon;
  r[8] = sin_lat;
}

void wf_site_init(wf_site *site, const wf_lla *lla) {
  site->lla = *lla;
  wf_geo_ecef_from_lla(lla, site->pos_ecef_m);
  wf_geo_enu_from_ecef_rotation(lla->lat_rad, lla->lon_rad, site->enu_from_ecef);
}

void wf_geo_enu_from_ecef(const wf_site *site, const double pos_ecef_m[3], double enu_m[3]) {
  double d[3];
  wf_vec_sub(pos_ecef_m, site->pos_ecef_m, d);
  for (int i = 0; i < 3; i++) enu_m[i] = wf_vec_dot(site->enu_from_ecef + 3 * i, d);
}

void wf_geo_ecef_from_enu(const wf_site *site, const double enu_m[3], double pos_ecef_m[3]) {
  const double e = enu_m[0], n = enu_m[1], u = enu_m[2];
  const double *r = site->enu_from_ecef;
  for (int i = 0; i < 3; i++) pos_ecef_m[i] = site->pos_ecef_m[i] + (r[i] * e + r[3 + i] * n + r[6 + i] * u);
}

void wf_geo_rae_from_enu(const double enu_m[3], double rae[3], double *jacobian) {
  const double e = enu_m[0], n = enu_m[1], u = enu_m[2];
  const double ground2 = e * e + n * n;
  const double ground = wf_sqrt(ground2), range2 = ground2 + u * u;
  const double range = wf_sqrt(range2);
  const bool on_vertical = ground <= AXIS_M;
  rae[0] = range;
  rae[1] = on_vertical ? 0.0 : wf_wrap_2pi(wf_atan2(e, n));
  rae[2] = wf_atan2(u, ground);
  if (jacobian == NULL) return;
  const double per_range = range > 0.0 ? 1.0 / range : 0.0;
  const double per_ground = ground > 0.0 ? 1.0 / ground : 0.0;
  const double per_range2 = per_range * per_range;
  const double per_ground2 = on_vertical ? 0.0 : per_ground * per_ground;
  jacobian[0] = e * per_range;
  jacobian[1] = n * per_range;
  jacobian[2] = u * per_range;
  jacobian[3] = n * per_ground2;
  jacobian[4] = -e * per_ground2;
  jacobian[5] = 0.0;
  jacobian[6] = -u * (e * per_ground) * per_range2;
  jacobian[7] = -u * (n * per_ground) * per_range2;
  jacobian[8] = ground * per_range2;
}

void wf_geo_enu_from_rae(const double rae[3], double enu_m[3], double *jacobian) {
  double sin_az, cos_az, sin_el, cos_el;
  wf_sincos(rae[1], &sin_az, &cos_az);
  wf_sincos(rae[2], &sin_el, &cos_el);
  const double range = rae[0];
  enu_m[0] = range * cos_el * sin_az;
  enu_m[1] = range * cos_el * cos_az;
  enu_m[2] = range * sin_el;
  if (jacobian == NULL) return;
  jacobian[0] = cos_el * sin_az;
  jacobian[1] = range * cos_el * cos_az;
  jacobian[2] = -range * sin_el * sin_az;
  jacobian[3] = cos_el * cos_az;
  jacobian[4] = -range * cos_el * sin_az;
  jacobian[5] = -range * sin_el * cos_az;
  jacobian[6] = sin_el;
  jacobian[7] = 0.0;
  jacobian[8] = range * cos_el;
}

void wf_geo_rae_from_ecef(const wf_site *site, const double pos_ecef_m[3], double rae[3], double *jacobian) {
  double enu_m[3], by_enu[9];
  wf_geo_enu_from_ecef(site, pos_ecef_m, enu_m);
  wf_geo_rae_from_enu(enu_m, rae, jacobian != NULL ? by_enu : NULL);
  if (jacobian != NULL) wf_mat_mul(3, 3, 3, by_enu, site->enu_from_ecef, jacobian);
}

void wf_geo_ecef_from_rae(const wf_site *site, const double rae[3], double pos_ecef_m[3], double *jacobian) {
  double enu_m[3], enu_by_rae[9];
  wf_geo_enu_from_rae(rae, enu_m, jacobian != NULL ? enu_by_rae : NULL);
  wf_geo_ecef_from_enu(site, enu_m, pos_ecef_m);
  if (jacobian != NULL) wf_mat_t_mul(3, 3, 3, site->enu_from_ecef, enu_by_rae, jacobian);
}

double wf_geo_range_rate_m_s(const wf_site *site, const double pos_ecef_m[3], const double vel_ecef_m_s[3],
                             double *jacobian) {
  double d[3];
  wf_vec_sub(pos_ecef_m, site->pos_ecef_m, d);
  const double range = wf_vec_norm(d);
  const double per_range = range > 0.0 ? 1.0 / range : 0.0;
  const double rate = wf_vec_dot(d, vel_ecef_m_s) * per_range;
  if (jacobian == NULL) return rate;
  for (int i = 0; i < 3; i++) {
    const double along = d[i] * per_range;
    jacobian[i] = (vel_ecef_m_s[i] - rate * along) * per_range;
    jacobian[3 + i] = along;
  }
  return rate;
}
