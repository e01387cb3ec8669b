#include "plane.h"

#include <string.h>

#include "base/fmath.h"
#include "geo/geodesic.h"
#include "geo/wgs84.h"

// Squared distance in metres² from the origin to a side; where on it comes out as a part of its length.
static double to_side_m2(const double a[2], const double b[2], double *at) {
  const double d[2] = {b[0] - a[0], b[1] - a[1]}, length2 = d[0] * d[0] + d[1] * d[1];
  *at = length2 > 0 ? -(a[0] * d[0] + a[1] * d[1]) / length2 : 0;
  *at = *at < 0 ? 0 : *at > 1 ? 1 : *at;
  const double x = a[0] + *at * d[0], y = a[1] + *at * d[1];
  return x * x + y * y;
}

// Even-odd rule: the side lies across the way east.
static bool turns(const double a[2], const double b[2]) {
  return (a[0] > 0) != (b[0] > 0) && a[1] + (b[1] - a[1]) * a[0] / (a[0] - b[0]) > 0;
}

typedef struct nearest {
  bool inside;
  double m2, lat_rad, lon_rad;
} nearest;

// Stops at the first side within `enough_m2`.
static nearest look(double lat_rad, double lon_rad, const wf_area *area, double enough_m2) {
  nearest n = {.m2 = WARN_FAR_M * WARN_FAR_M};
  const double *ring = area->lat_lon_rad, scale = WF_WGS84_A_M * wf_cos(lat_rad);
  for (uint32_t r = 0; r < area->ring_count; ring += 2 * area->ring_points[r++]) {
    const uint32_t points = area->ring_points[r];
    if (points < 3) continue;
    const double *from = ring + 2 * (points - 1);
    double a[2] = {(from[0] - lat_rad) * WF_WGS84_A_M, wf_wrap_pi(from[1] - lon_rad) * scale};
    for (uint32_t i = 0; i < points; i++) {
      const double *to = ring + 2 * i;
      const double b[2] = {(to[0] - lat_rad) * WF_WGS84_A_M, wf_wrap_pi(to[1] - lon_rad) * scale};
      double at;
      const double m2 = to_side_m2(a, b, &at);
      if (m2 < n.m2) {
        n.m2 = m2;
        n.lat_rad = from[0] + at * (to[0] - from[0]);
        n.lon_rad = from[1] + at * wf_wrap_pi(to[1] - from[1]);
      }
      if (m2 <= enough_m2) return n;
      if (turns(a, b)) n.inside = !n.inside;
      memcpy(a, b, sizeof a);
      from = to;
    }
  }
  return n;
}

bool warn_near_area(double lat_rad, double lon_rad, const wf_area *area, double within_m) {
  const nearest n = look(lat_rad, lon_rad, area, within_m * within_m);
  return n.inside || n.m2 <= within_m * within_m;
}

double warn_distance_m(double lat_rad, double lon_rad, const wf_area *area) {
  const nearest n = look(lat_rad, lon_rad, area, 0);
  if (n.inside) return 0;
  if (n.m2 >= WARN_FAR_M * WARN_FAR_M) return WARN_FAR_M;
  return wf_geo_distance_m(lat_rad, lon_rad, n.lat_rad, n.lon_rad, NULL, NULL);
}
