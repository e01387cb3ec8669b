#include "sensor/refraction.h"

#include "base/fmath.h"

#define N0 315e-6
#define SCALE_M 7350.0
#define TOP_M 100e3  // above it the ray is straight to a millimetre
#define LOWEST_RAD (-0.1)

static double refractivity(double h_m) {
  return N0 * wf_exp(-h_m / SCALE_M);
}

typedef struct ray {
  double h_m, theta_rad, phi_rad;  // height, local elevation, angle at the Earth's centre
} ray;

// d/ds along the ray in a spherically layered medium: dh = sin θ, dφ = cos θ / r, dθ = cos θ (1/r + n'/n).
static ray slope(const ray *a, double radius_m) {
  double s, c;
  wf_sincos(a->theta_rad, &s, &c);
  const double n = refractivity(a->h_m), r = radius_m + a->h_m;
  return (ray){s, c * (1.0 / r - n / SCALE_M / (1.0 + n)), c / r};
}

static ray moved(const ray *a, const ray *d, double ds) {
  return (ray){a->h_m + ds * d->h_m, a->theta_rad + ds * d->theta_rad, a->phi_rad + ds * d->phi_rad};
}

// One step of the midpoint rule.
static void advance(ray *a, double radius_m, double ds) {
  const ray first = slope(a, radius_m), half = moved(a, &first, 0.5 * ds), d = slope(&half, radius_m);
  *a = moved(a, &d, ds);
}

void wf_sensor_unbend(const wf_lla *site, double apparent_el_rad, double measured_range_m, double *el_rad,
                      double *range_m) {
  *el_rad = apparent_el_rad;
  *range_m = measured_range_m;
  if (!(apparent_el_rad > LOWEST_RAD && measured_range_m > 0)) return;
  const double sin_lat = wf_sin(site->lat_rad), w = 1.0 - WF_WGS84_E2 * sin_lat * sin_lat;
  const double radius_m = WF_WGS84_A_M * wf_sqrt(1.0 - WF_WGS84_E2) / w;  // √(meridian · prime vertical)
  ray a = {site->h_m, apparent_el_rad, 0};
  double left_m = measured_range_m;
  for (int i = 0; i < 4000 && left_m > 0 && a.h_m < TOP_M; i++) {
    // Short where the air changes: a fiftieth of the scale height up, and never more than 5 km along.
    const double climb = wf_sin(a.theta_rad);
    double ds = climb > 0.03 ? 0.02 * SCALE_M / climb : 5000.0;
    if (ds > 5000.0) ds = 5000.0;
    const double slower = 1.0 + refractivity(a.h_m + 0.5 * ds * climb);
    if (ds * slower > left_m) ds = left_m / slower;
    advance(&a, radius_m, ds);
    left_m -= ds * slower;
    if (a.h_m < -1000.0) return;  // into the ground: no such measurement
  }
  // Where it ends, seen from the site; the rest above the air is straight.
  const double r = radius_m + a.h_m, from = radius_m + site->h_m, local = a.theta_rad - a.phi_rad;
  const double x = r * wf_sin(a.phi_rad) + (left_m > 0 ? left_m * wf_cos(local) : 0);
  const double y = r * wf_cos(a.phi_rad) - from + (left_m > 0 ? left_m * wf_sin(local) : 0);
  *el_rad = wf_atan2(y, x);
  *range_m = wf_hypot(x, y);
}
