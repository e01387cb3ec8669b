#include "warn/probability.h"

#include "base/fmath.h"
#include "geo/wgs84.h"

enum { STEPS = 32 };
#define CHI2_95 5.991464547107979

typedef struct point {
  double lat_rad, lon_rad;
} point;

static double unwrap(double lon_rad, double around_rad) {
  return around_rad + wf_wrap_pi(lon_rad - around_rad);
}

// Even-odd rule along the parallel through p, longitudes unwrapped around it.
static bool ring_crossed(point p, const double *lat_lon, uint32_t points) {
  bool inside = false;
  for (uint32_t i = 0, j = points - 1; i < points; j = i++) {
    const double lat_i = lat_lon[2 * i], lat_j = lat_lon[2 * j];
    if ((lat_i > p.lat_rad) == (lat_j > p.lat_rad)) continue;
    const double lon_i = unwrap(lat_lon[2 * i + 1], p.lon_rad);
    const double lon_j = lon_i + wf_wrap_pi(lat_lon[2 * j + 1] - lat_lon[2 * i + 1]);
    const double crossing = lon_i + (p.lat_rad - lat_i) / (lat_j - lat_i) * (lon_j - lon_i);
    if (crossing > p.lon_rad) inside = !inside;
  }
  return inside;
}

static bool contains(const wf_area *area, point p) {
  bool inside = false;
  const double *ring = area->lat_lon_rad;
  for (uint32_t r = 0; r < area->ring_count; r++) {
    if (area->ring_points[r] >= 3 && ring_crossed(p, ring, area->ring_points[r])) inside = !inside;
    ring += 2 * area->ring_points[r];
  }
  return inside;
}

// How far outside [low, high] x is.
static double outside(double x, double low, double high) {
  return x < low ? low - x : x > high ? x - high : 0.0;
}

// Outside this box no point of the ellipse can be inside the area: a cheap refusal of most areas. The farthest point
// looked at is 1.24 semi-major axes away (2.15 σ along both axes, and the 95 % axis is 2.45 σ).
static bool far_away(const wf_ground_ellipse *e, const wf_area *area) {
  const double reach_rad = 2.0 * e->semi_major_95_m / WF_WGS84_B_M;
  uint32_t points = 0;
  for (uint32_t r = 0; r < area->ring_count; r++) points += area->ring_points[r];
  if (points == 0) return true;
  double south = 4, north = -4, west = 4, east = -4;  // longitudes from the ellipse's
  for (uint32_t i = 0; i < points; i++) {
    const double lat = area->lat_lon_rad[2 * i], lon = wf_wrap_pi(area->lat_lon_rad[2 * i + 1] - e->lon_rad);
    if (lat < south) south = lat;
    if (lat > north) north = lat;
    if (lon < west) west = lon;
    if (lon > east) east = lon;
  }
  if (outside(e->lat_rad, south, north) > reach_rad) return true;
  // An area that seems to go half way round may lie on both sides of the far meridian: then longitude says nothing.
  return east - west < WF_PI && outside(0.0, west, east) * wf_cos(e->lat_rad) > reach_rad;
}

double wf_warn_probability(const wf_ground_ellipse *e, const wf_area *area) {
  if (far_away(e, area)) return 0.0;
  double sin_az, cos_az, normal[STEPS];
  wf_sincos(e->azimuth_rad, &sin_az, &cos_az);
  for (int i = 0; i < STEPS; i++) normal[i] = wf_normal_quantile((i + 0.5) / STEPS);
  const double major_m = e->semi_major_95_m / wf_sqrt(CHI2_95), minor_m = e->semi_minor_95_m / wf_sqrt(CHI2_95);
  const double metres_per_lon = WF_WGS84_A_M * wf_cos(e->lat_rad);
  int hits = 0;
  for (int i = 0; i < STEPS; i++) {
    const double along_m = major_m * normal[i];
    for (int k = 0; k < STEPS; k++) {
      const double across_m = minor_m * normal[k];
      const double north_m = along_m * cos_az - across_m * sin_az, east_m = along_m * sin_az + across_m * cos_az;
      const point p = {e->lat_rad + north_m / WF_WGS84_A_M,
                       e->lon_rad + (metres_per_lon > 1.0 ? east_m / metres_per_lon : 0.0)};
      hits += contains(area, p);
    }
  }
  return (double)hits / (STEPS * STEPS);
}
