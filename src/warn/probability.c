#include "warn/probability.h"

#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "geo/wgs84.h"
#include "integral.h"

#define CHI2_95 5.991464547107979  // of two degrees of freedom
#define POLE_RAD 1.57

warn_box warn_box_of(const wf_area *area) {
  warn_box box = {4, -4, 0, -1};
  size_t points = 0;
  for (uint32_t r = 0; r < area->ring_count; r++) points += area->ring_points[r];
  if (points == 0) return box;
  const double *p = area->lat_lon_rad, first_rad = p[1];
  double west_rad = 0, east_rad = 0;  // from the first point
  for (size_t i = 0; i < points; i++, p += 2) {
    const double lon_rad = wf_wrap_pi(p[1] - first_rad);
    if (p[0] < box.south_rad) box.south_rad = p[0];
    if (p[0] > box.north_rad) box.north_rad = p[0];
    if (lon_rad < west_rad) west_rad = lon_rad;
    if (lon_rad > east_rad) east_rad = lon_rad;
  }
  box.mid_lon_rad = wf_wrap_pi(first_rad + (west_rad + east_rad) / 2);
  box.half_lon_rad = (east_rad - west_rad) / 2;
  return box;
}

void warn_lattice_fill(warn_lattice *lattice, int points, int step) {
  lattice->count = points;
  for (int i = 0; i < points; i++) lattice->along[i] = wf_normal_quantile((i + 0.5) / points);
  for (int i = 0; i < points; i++) lattice->across[i] = lattice->along[i * step % points];
}

static int by_latitude(const void *a, const void *b) {
  const double *x = a, *y = b;  // lat, east
  if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
  return (x[1] > y[1]) - (x[1] < y[1]);
}

void warn_cloud_place(warn_cloud *c, const warn_lattice *lattice, const wf_ground_ellipse *e) {
  double sin_az, cos_az;
  wf_sincos(e->azimuth_rad, &sin_az, &cos_az);
  const double major_m = e->semi_major_95_m / wf_sqrt(CHI2_95), minor_m = e->semi_minor_95_m / wf_sqrt(CHI2_95);
  const double s = wf_sin(e->lat_rad), n_m = WF_WGS84_A_M / wf_sqrt(1 - WF_WGS84_E2 * s * s);  // prime vertical
  const double m_m = n_m * (1 - WF_WGS84_E2) / (1 - WF_WGS84_E2 * s * s);                      // meridian
  double half_lon_rad = 0;
  c->count = lattice->count;
  for (int i = 0; i < c->count; i++) {
    const double along_m = major_m * lattice->along[i], across_m = minor_m * lattice->across[i];
    const double lat_rad = e->lat_rad + (along_m * cos_az - across_m * sin_az) / m_m;
    const double parallel_m = n_m * wf_cos(lat_rad > POLE_RAD ? POLE_RAD : lat_rad < -POLE_RAD ? -POLE_RAD : lat_rad);
    c->point[i].lat_rad = lat_rad;
    c->point[i].east_rad = (along_m * sin_az + across_m * cos_az) / parallel_m;
    const double off_rad = c->point[i].east_rad < 0 ? -c->point[i].east_rad : c->point[i].east_rad;
    if (off_rad > half_lon_rad) half_lon_rad = off_rad;
  }
  qsort(c->point, (size_t)c->count, sizeof c->point[0], by_latitude);
  c->mid_lon_rad = e->lon_rad;
  c->box = (warn_box){c->point[0].lat_rad, c->point[c->count - 1].lat_rad, e->lon_rad, half_lon_rad};
}

bool warn_boxes_apart(const warn_box *a, const warn_box *b) {
  const double off_rad = wf_wrap_pi(a->mid_lon_rad - b->mid_lon_rad);
  return a->north_rad < b->south_rad || b->north_rad < a->south_rad || b->half_lon_rad < 0 ||
         (off_rad < 0 ? -off_rad : off_rad) > a->half_lon_rad + b->half_lon_rad;
}

// First point at or north of a latitude.
static int first_from(const warn_cloud *c, double lat_rad) {
  int low = 0, high = c->count;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (c->point[middle].lat_rad < lat_rad)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// Even-odd rule: every side of a ring turns over the points that lie west of it within its latitudes.
static void turn_over(warn_cloud *c, const double a[2], const double b[2]) {
  const double south_rad = a[0] < b[0] ? a[0] : b[0], north_rad = a[0] < b[0] ? b[0] : a[0];
  if (south_rad == north_rad || north_rad < c->box.south_rad || south_rad > c->box.north_rad) return;
  const double slope = (b[1] - a[1]) / (b[0] - a[0]);
  for (int i = first_from(c, south_rad); i < c->count && c->point[i].lat_rad < north_rad; i++)
    if (a[1] + (c->point[i].lat_rad - a[0]) * slope > c->point[i].east_rad) c->inside[i] = !c->inside[i];
}

double warn_cloud_inside(warn_cloud *c, const wf_area *area, const warn_box *box) {
  if (warn_boxes_apart(&c->box, box)) return 0.0;
  memset(c->inside, 0, (size_t)c->count * sizeof *c->inside);
  const double shift_rad = wf_wrap_pi(box->mid_lon_rad - c->mid_lon_rad);
  const double *ring = area->lat_lon_rad;
  for (uint32_t r = 0; r < area->ring_count; ring += 2 * area->ring_points[r++]) {
    const uint32_t points = area->ring_points[r];
    if (points < 3) continue;
    const double *last = ring + 2 * (points - 1);
    double from[2] = {last[0], shift_rad + wf_wrap_pi(last[1] - box->mid_lon_rad)};
    for (uint32_t i = 0; i < points; i++) {
      const double to[2] = {ring[2 * i], shift_rad + wf_wrap_pi(ring[2 * i + 1] - box->mid_lon_rad)};
      turn_over(c, from, to);
      memcpy(from, to, sizeof from);
    }
  }
  int hits = 0;
  for (int i = 0; i < c->count; i++) hits += c->inside[i];
  return (double)hits / c->count;
}

// Holds every point of the cloud (the outermost lie at 3.42 sigma) without placing it.
static warn_box reach_of(const wf_ground_ellipse *e) {
  const double reach_rad = 3.5 * e->semi_major_95_m / wf_sqrt(CHI2_95) / (WF_WGS84_B_M * (1 - WF_WGS84_E2));
  const double furthest_rad = (e->lat_rad < 0 ? -e->lat_rad : e->lat_rad) + reach_rad;
  const double half_rad = furthest_rad < POLE_RAD ? reach_rad / wf_cos(furthest_rad) : WF_PI;
  return (warn_box){e->lat_rad - reach_rad, e->lat_rad + reach_rad, e->lon_rad, half_rad};
}

bool warn_within_reach(const wf_ground_ellipse *ellipse, const warn_box *box) {
  const warn_box reach = reach_of(ellipse);
  return !warn_boxes_apart(&reach, box);
}

double wf_warn_probability(const wf_ground_ellipse *ellipse, const wf_area *area) {
  warn_lattice lattice;
  warn_cloud cloud;
  const warn_box box = warn_box_of(area);
  if (!warn_within_reach(ellipse, &box)) return 0.0;
  warn_lattice_fill(&lattice, WARN_CLOUD_POINTS, WARN_CLOUD_STEP);
  warn_cloud_place(&cloud, &lattice, ellipse);
  return warn_cloud_inside(&cloud, area, &box);
}
