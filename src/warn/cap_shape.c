#include "cap_shape.h"

#include <stdio.h>

#include "base/fmath.h"
#include "geo/geodesic.h"

#define SMALLEST_M 200.0  // thinner ellipses would be lost in the rounding of the coordinates
#define POLE_DEG 89.0     // an area that reaches so far is drawn as a circle
#define OUTWARD 1.008629  // 1/cos(π/24): the polygon holds the ellipse, not the reverse
enum { CLIPPED = 2 * WARN_ELLIPSE_POINTS };

typedef struct point {
  double lat_deg, lon_deg;
} point;

static void put_polygon(warn_shape *out, const point *p, int count, double shift_deg) {
  char *text = out->text[out->count];
  int at = 0;
  for (int i = 0; i <= count && at < WARN_SHAPE_TEXT; i++) {
    const point *v = &p[i % count];
    at += snprintf(text + at, (size_t)(WARN_SHAPE_TEXT - at), "%s%.4f,%.4f", i > 0 ? " " : "", v->lat_deg,
                   v->lon_deg + shift_deg);
  }
  out->count++;
}

// The part of a convex polygon on one side of a meridian (Sutherland and Hodgman).
static int clip(const point *in, int count, double meridian_deg, bool east, point out[CLIPPED]) {
  int kept = 0;
  for (int i = 0; i < count; i++) {
    const point a = in[i], b = in[(i + 1) % count];
    const double da = east ? a.lon_deg - meridian_deg : meridian_deg - a.lon_deg;
    const double db = east ? b.lon_deg - meridian_deg : meridian_deg - b.lon_deg;
    if (da >= 0) out[kept++] = a;
    if ((da < 0) != (db < 0) && da != db)
      out[kept++] = (point){a.lat_deg + (b.lat_deg - a.lat_deg) * (da / (da - db)), meridian_deg};
  }
  return kept;
}

static void put_circle(const wf_ground_ellipse *e, double semi_major_m, warn_shape *out) {
  out->circle = true;
  out->count = 1;
  snprintf(out->text[0], WARN_SHAPE_TEXT, "%.4f,%.4f %.3f", e->lat_rad / WF_DEG, wf_wrap_pi(e->lon_rad) / WF_DEG,
           semi_major_m / 1000.0);
}

void warn_shape_of(const wf_ground_ellipse *e, warn_shape *out) {
  *out = (warn_shape){0};
  const double major_m = (e->semi_major_95_m > SMALLEST_M ? e->semi_major_95_m : SMALLEST_M) * OUTWARD;
  const double minor_m = (e->semi_minor_95_m > SMALLEST_M ? e->semi_minor_95_m : SMALLEST_M) * OUTWARD;
  double lat[WARN_ELLIPSE_POINTS], lon[WARN_ELLIPSE_POINTS];
  const double lat_deg = e->lat_rad / WF_DEG, reach_deg = major_m / WF_WGS84_B_M / WF_DEG;
  if (lat_deg + reach_deg > POLE_DEG || lat_deg - reach_deg < -POLE_DEG) {
    put_circle(e, major_m, out);
    return;
  }
  wf_geo_ellipse(e->lat_rad, e->lon_rad, major_m, minor_m, e->azimuth_rad, WARN_ELLIPSE_POINTS, lat, lon);
  const double centre_deg = wf_wrap_pi(e->lon_rad) / WF_DEG;
  point p[WARN_ELLIPSE_POINTS], part[CLIPPED];
  double west = 1e9, east = -1e9;
  for (int i = 0; i < WARN_ELLIPSE_POINTS; i++) {
    p[i] = (point){lat[i] / WF_DEG, centre_deg + wf_wrap_pi(lon[i] - e->lon_rad) / WF_DEG};
    if (p[i].lon_deg < west) west = p[i].lon_deg;
    if (p[i].lon_deg > east) east = p[i].lon_deg;
  }
  const double edge = east > 180 ? 180 : -180;
  if (east <= 180 && west >= -180) {
    put_polygon(out, p, WARN_ELLIPSE_POINTS, 0);
    return;
  }
  int kept = clip(p, WARN_ELLIPSE_POINTS, edge, false, part);  // west of the antimeridian
  if (kept >= 3) put_polygon(out, part, kept, edge > 0 ? 0 : 360);
  kept = clip(p, WARN_ELLIPSE_POINTS, edge, true, part);
  if (kept >= 3) put_polygon(out, part, kept, edge > 0 ? -360 : 0);
}
