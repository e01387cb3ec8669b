#include "geo/horizon.h"

#include "base/fmath.h"
#include "base/mat.h"

// Grazing counts as seeing: this much of the square of the raised ellipsoid's radius, about 3 µm of depth. Two points
// on the ground itself would otherwise be decided by rounding.
static const double GRAZING = 1e-12;

static const double HEIGHT_MAX_M = 1e8;       // nothing is looked for above
static const double HEIGHT_STEP_M = 1e-5;     // resolution of a height found
static const double SCALE_HEIGHT_M = 8000.0;  // of the refractivity, see ray_height_m
static const double THIN_AIR_M = 80000.0;     // straight above

bool wf_geo_line_of_sight(const double a_ecef_m[3], const double b_ecef_m[3], double clearance_m) {
  const double equator_m = WF_WGS84_A_M + clearance_m, pole_m = WF_WGS84_B_M + clearance_m;
  const double scale[3] = {1.0 / equator_m, 1.0 / equator_m, 1.0 / pole_m};
  // In these units the ellipsoid is the unit sphere, and lines stay lines.
  double a[3], b[3], d[3];
  for (int i = 0; i < 3; i++) {
    a[i] = a_ecef_m[i] * scale[i];
    b[i] = b_ecef_m[i] * scale[i];
    d[i] = b[i] - a[i];
  }
  const double outside = 1.0 - GRAZING;
  if (!(wf_vec_dot(a, a) >= outside && wf_vec_dot(b, b) >= outside)) return false;
  if (wf_vec_dot(a, d) >= 0.0 || wf_vec_dot(b, d) <= 0.0) return true;  // nearest at an end
  double moment[3];
  wf_vec_cross(a, d, moment);
  return wf_vec_dot(moment, moment) >= outside * wf_vec_dot(d, d);
}

// The vertical over the place, as the site sees it.
typedef struct look {
  const wf_site *site;
  double foot_ecef_m[3], up[3];
  double ground_m;  // the site itself may lie below the ellipsoid: then so does its ground
} look;

static look look_of(const wf_site *site, double lat_rad, double lon_rad) {
  look k = {.site = site, .ground_m = site->lla.h_m < 0.0 ? site->lla.h_m - 1.0 : 0.0};
  double rotation[9];
  wf_geo_ecef_from_lla(&(wf_lla){lat_rad, lon_rad, 0.0}, k.foot_ecef_m);
  wf_geo_enu_from_ecef_rotation(lat_rad, lon_rad, rotation);
  for (int i = 0; i < 3; i++) k.up[i] = rotation[6 + i];
  return k;
}

static bool seen_straight(const look *k, double height_m, double sin_el_min) {
  double pos[3], d[3];
  for (int i = 0; i < 3; i++) pos[i] = k->foot_ecef_m[i] + height_m * k->up[i];
  wf_vec_sub(pos, k->site->pos_ecef_m, d);
  // A site on the ground sees its own place, whatever the direction of a line of no length.
  if (wf_vec_dot(d, k->site->enu_from_ecef + 6) < sin_el_min * wf_vec_norm(d)) return false;
  return wf_geo_line_of_sight(k->site->pos_ecef_m, pos, k->ground_m);
}

// Both the elevation of a point and its clearance of the Earth grow with its height, so bisection finds the first.
static wf_status lowest_straight(const look *k, double sin_el_min, double *height_m) {
  double low = 0.0, high = HEIGHT_MAX_M;
  *height_m = 0.0;
  if (seen_straight(k, low, sin_el_min)) return WF_OK;
  if (!seen_straight(k, high, sin_el_min)) return WF_ENOTFOUND;
  while (high - low > HEIGHT_STEP_M) {
    const double middle = 0.5 * (low + high);
    if (seen_straight(k, middle, sin_el_min)) {
      high = middle;
    } else {
      low = middle;
    }
  }
  *height_m = high;
  return WF_OK;
}

// Air over a sphere: n = 1 + n0 exp(−h/H).
typedef struct air {
  double radius_m, n0;
} air;
typedef struct ray {
  double height_m, el_rad;
} ray;

// dh/dθ and dε/dθ of a ray over a sphere (ε its elevation, θ the angle at the centre): dε/dθ = 1 + (r/n) dn/dr, the
// differential form of Bouguer's n r cos ε = constant (Bean and Dutton, "Radio Meteorology", 1966, ch. 3).
static ray ray_slope(const air *a, const ray *r) {
  double s, c;
  wf_sincos(r->el_rad, &s, &c);
  const double radius = a->radius_m + r->height_m;
  const double excess = a->n0 * wf_exp(-r->height_m / SCALE_HEIGHT_M);
  return (ray){radius * s / c, 1.0 - radius * excess / (SCALE_HEIGHT_M * (1.0 + excess))};
}

static ray ray_at(const ray *r, const ray *slope, double step_rad) {
  return (ray){r->height_m + step_rad * slope->height_m, r->el_rad + step_rad * slope->el_rad};
}

static void ray_step(const air *a, double step_rad, ray *r) {
  const ray k1 = ray_slope(a, r);
  const ray m1 = ray_at(r, &k1, 0.5 * step_rad), k2 = ray_slope(a, &m1);
  const ray m2 = ray_at(r, &k2, 0.5 * step_rad), k3 = ray_slope(a, &m2);
  const ray m3 = ray_at(r, &k3, step_rad), k4 = ray_slope(a, &m3);
  r->height_m += step_rad / 6.0 * (k1.height_m + 2.0 * (k2.height_m + k3.height_m) + k4.height_m);
  r->el_rad += step_rad / 6.0 * (k1.el_rad + 2.0 * (k2.el_rad + k3.el_rad) + k4.el_rad);
}

// Height of the lowest ray at a central angle from the site: the one at el_min, or the one that grazes the ground.
// The Earth-radius factor k gives the gradient of the refractive index at sea level, −(1 − 1/k)/R. It is not held
// constant upwards, as the flat 4/3-Earth would have it (that is good to a few km, and degrees wrong in space), but
// decays with a scale height of 8 km, which for k = 4/3 is a surface refractivity of 314: the standard value.
static double ray_height_m(double radius_m, double site_m, double el_min_rad, double angle_rad, double factor) {
  const double ground_m = site_m < 0.0 ? site_m : 0.0;
  const air a = {radius_m, (1.0 - 1.0 / factor) * SCALE_HEIGHT_M / radius_m};
  const double n_ground = 1.0 + a.n0 * wf_exp(-ground_m / SCALE_HEIGHT_M);
  const double n_site = 1.0 + a.n0 * wf_exp(-site_m / SCALE_HEIGHT_M);
  const double grazing_rad = -wf_acos(n_ground * (radius_m + ground_m) / (n_site * (radius_m + site_m)));
  const bool grazes = el_min_rad <= grazing_rad;
  ray r = {site_m, grazes ? grazing_rad : el_min_rad};
  double left_rad = angle_rad;
  while (left_rad > 0.0 && r.height_m < THIN_AIR_M && r.el_rad < 1.5) {
    double s, c;
    wf_sincos(r.el_rad, &s, &c);
    double step_rad = 4000.0 * c / radius_m;  // at most 4 km of path
    if (step_rad > left_rad) step_rad = left_rad;
    ray_step(&a, step_rad, &r);
    left_rad -= step_rad;
  }
  if (grazes && left_rad <= 0.0 && r.el_rad < 0.0) return 0.0;  // this side of the horizon: the ground itself
  if (r.el_rad + left_rad >= 0.5 * WF_PI) return HEIGHT_MAX_M;
  const double height_m = (radius_m + r.height_m) * wf_cos(r.el_rad) / wf_cos(r.el_rad + left_rad) - radius_m;
  return height_m < 0.0 ? 0.0 : height_m;
}

// A straight-line height less what refraction takes off it, on a sphere through the site.
static double refracted_m(const look *k, double el_min_rad, double factor, double straight_m) {
  const double *s = k->site->pos_ecef_m, *p = k->foot_ecef_m;
  double moment[3];
  wf_vec_cross(s, p, moment);
  const double angle_rad = wf_atan2(wf_vec_norm(moment), wf_vec_dot(s, p));
  const double site_m = k->site->lla.h_m, radius_m = wf_vec_norm(s) - site_m;
  const double bent_m = ray_height_m(radius_m, site_m, el_min_rad, angle_rad, factor);
  if (bent_m <= 0.0) return 0.0;
  const double height_m = straight_m + (bent_m - ray_height_m(radius_m, site_m, el_min_rad, angle_rad, 1.0));
  return height_m > 0.0 ? height_m : 0.0;
}

// Raises *height_m to where the vertical enters the sphere of the range limit; WF_ENOTFOUND when it is past it.
static wf_status limit_range(const look *k, double range_max_m, double *height_m) {
  double d[3];
  wf_vec_sub(k->foot_ecef_m, k->site->pos_ecef_m, d);
  const double nearest_m = -wf_vec_dot(d, k->up);  // height of the nearest point of the vertical
  const double half2 = range_max_m * range_max_m - (wf_vec_dot(d, d) - nearest_m * nearest_m);
  if (!(half2 >= 0.0)) return WF_ENOTFOUND;
  const double half_m = wf_sqrt(half2);
  if (*height_m > nearest_m + half_m) return WF_ENOTFOUND;
  if (*height_m < nearest_m - half_m) *height_m = nearest_m - half_m;
  return WF_OK;
}

wf_status wf_geo_lowest_visible_m(const wf_site *site, double lat_rad, double lon_rad, double el_min_rad,
                                  double range_max_m, double earth_radius_factor, double *height_m) {
  if (!(el_min_rad >= -0.5 * WF_PI && el_min_rad <= 0.5 * WF_PI)) return WF_EINVAL;
  if (!(range_max_m >= 0.0) || !(earth_radius_factor >= 0.5 && earth_radius_factor <= 10.0)) return WF_EINVAL;
  const look k = look_of(site, lat_rad, lon_rad);
  const wf_status status = lowest_straight(&k, wf_sin(el_min_rad), height_m);
  if (status != WF_OK) return status;
  if (earth_radius_factor != 1.0) *height_m = refracted_m(&k, el_min_rad, earth_radius_factor, *height_m);
  return range_max_m > 0.0 ? limit_range(&k, range_max_m, height_m) : WF_OK;
}
