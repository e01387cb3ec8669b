// A notional vehicle for a flight of which only apogee and range are known. Nothing here describes a real one: masses
// follow from the rocket equation with round numbers, sized so that the solved thrust stays near its nominal value.
#include <math.h>
#include <string.h>

#include "arc.h"
#include "ascent.h"
#include "base/mat.h"
#include "fall.h"
#include "geo/geodesic.h"
#include "height.h"
#include "motion/impact.h"

#define EXHAUST_M_S 2700.0
#define DRY_SHARE 0.10  // dry over dry and propellant, each stage
#define SUBSTEP_S 0.05
#define SCAN_SUBSTEP_S 0.5
#define ROUNDS 40
#define REDESIGNS 4
#define MATCH 1e-6  // relative, in apogee and place
#define EARTH_M 6371000.0

typedef struct notional {
  double speed_max_m_s;
  int stages;
  double burn_s[3], payload_kg, beta_kg_m2, drag_area_m2;
} notional;
// By the speed that the flight needs at the ground.
static const notional CLASSES[] = {
    {2500.0, 1, {60.0}, 500.0, 4000.0, 0.15},
    {3600.0, 1, {85.0}, 700.0, 5000.0, 0.25},
    {5600.0, 2, {75.0, 65.0}, 800.0, 8000.0, 0.40},
    {6600.0, 2, {125.0, 165.0}, 1000.0, 10000.0, 0.80},
    {INFINITY, 3, {100.0, 95.0, 95.0}, 1000.0, 10000.0, 0.80},
};
// Low and far: a short hard burn, or the climb alone would pass the apogee.
static const notional DEPRESSED = {INFINITY, 1, {40.0}, 500.0, 8000.0, 0.15};

typedef struct goal {
  wf_lla site;
  double azimuth_rad, apogee_m, range_m;
} goal;
typedef struct flight {
  double apogee_m, time_s, miss[3];
} flight;

// The ellipse through two points of the surface range_m apart with this apogee: speed and elevation at the ground.
static void ballistic_need(double apogee_m, double range_m, double *speed_m_s, double *elevation_rad) {
  const double ra = EARTH_M + apogee_m, psi = 0.5 * range_m / EARTH_M;
  const double ecc = (ra - EARTH_M) / (ra - EARTH_M * wf_cos(psi));
  const double a = ra / (1.0 + ecc), p = ra * (1.0 - ecc), gm = WF_WGS84_GM_M3_S2;
  *speed_m_s = wf_sqrt(gm * (2.0 / EARTH_M - 1.0 / a));
  *elevation_rad = wf_acos(wf_sqrt(gm * p) / (EARTH_M * *speed_m_s));
}

static const notional *class_of(const goal *g, double speed_m_s) {
  if (g->apogee_m < 0.15 * g->range_m && speed_m_s < 4000.0) return &DEPRESSED;
  const notional *c = CLASSES;
  while (speed_m_s >= c->speed_max_m_s) c++;
  return c;
}

// Sizes the stages from the top for equal shares of delta_v.
static void size_vehicle(const notional *n, double delta_v_m_s, wf_vehicle *v) {
  memset(v, 0, sizeof *v);
  v->stage_count = n->stages;
  v->payload_kg = n->payload_kg;
  v->payload_beta_kg_m2 = n->beta_kg_m2;
  v->pitch_start_s = 5.0;
  const double ratio = wf_exp(delta_v_m_s / n->stages / EXHAUST_M_S), dry = DRY_SHARE / (1.0 - DRY_SHARE);
  double above_kg = n->payload_kg;
  for (int i = n->stages - 1; i >= 0; i--) {
    wf_stage *s = &v->stage[i];
    const double room = 1.0 - (ratio - 1.0) * dry;
    s->burn_s = n->burn_s[i];
    s->propellant_kg = above_kg * (ratio - 1.0) / (room > 0.05 ? room : 0.05);
    s->dry_kg = dry * s->propellant_kg;
    s->thrust_n = EXHAUST_M_S * s->propellant_kg / s->burn_s;
    s->coast_after_s = 2.0;
    s->drag_area_m2 = n->drag_area_m2;
    above_kg += s->propellant_kg + s->dry_kg;
  }
}

// The unknowns: tilt of the last thrust from the vertical, north and east (no pole where a lofted flight lies), and
// a factor on every thrust.
typedef struct unknown {
  double x[3];
} unknown;

static void apply(const goal *g, const wf_vehicle *sized, const unknown *u, wf_launch *out) {
  out->site = g->site;
  out->vehicle = *sized;
  out->vehicle.burnout_elevation_rad = 0.5 * WF_PI - wf_hypot(u->x[0], u->x[1]);
  out->azimuth_rad = wf_atan2(u->x[1], u->x[0]);
  if (out->azimuth_rad < 0.0) out->azimuth_rad += 2.0 * WF_PI;
  for (int i = 0; i < sized->stage_count; i++) out->vehicle.stage[i].thrust_n *= u->x[2];
}

static wf_status find_apogee(const wf_dynamics *dyn, const double state[6], double *apogee_m) {
  wf_arc arc;
  wf_fall fall;
  double up[3];
  wf_fall_estimate(state, &fall);
  wf_arc_start(&arc, dyn, state, 0.1, fall.time_s, 1.0, false);
  *apogee_m = wf_motion_height_m(state, up);
  if (wf_vec_dot(state + 3, up) <= 0.0) return WF_OK;
  if (fall.energy_j_kg >= 0.0) return WF_EDIVERGED;
  for (wf_arc before = arc; arc.t_s < fall.period_s; before = arc) {
    if (wf_arc_step(&arc, 300.0) != WF_OK) return WF_EDIVERGED;
    wf_motion_height_m(arc.state, up);
    if (wf_vec_dot(arc.state + 3, up) > 0.0) continue;
    double low = 0.0, high = arc.t_s - before.t_s;
    for (int i = 0; i < 40; i++) {
      const double mid = 0.5 * (low + high);
      arc = before;
      wf_arc_nudge(&arc, mid);
      *apogee_m = wf_motion_height_m(arc.state, up);
      if (wf_vec_dot(arc.state + 3, up) > 0.0)
        low = mid;
      else
        high = mid;
    }
    return WF_OK;
  }
  return WF_EDIVERGED;
}

// Misses, relative: apogee, then the place along and across the wanted bearing.
static wf_status fly(const goal *g, const wf_launch *launch, double substep_s, flight *f) {
  wf_ascent a;
  wf_powered_state s;
  wf_ascent_init(&a, launch);
  wf_powered_init(launch, &s);
  if (wf_ascent_advance(&a, a.burnout_s, substep_s, &s) != WF_OK) return WF_EDIVERGED;
  const wf_dynamics dyn = wf_ascent_coast(&launch->vehicle);
  if (find_apogee(&dyn, s.state, &f->apogee_m) != WF_OK) return WF_EDIVERGED;
  const wf_impact_options opt = {
      .gravity = dyn.gravity, .beta_kg_m2 = launch->vehicle.payload_beta_kg_m2, .tolerance_m = 0.1};
  wf_impact impact;
  if (wf_motion_impact(&opt, s.state, NULL, &impact) != WF_OK || impact.reason != WF_IMPACT_OK) return WF_EDIVERGED;
  double bearing;
  const double d = wf_geo_distance_m(g->site.lat_rad, g->site.lon_rad, impact.lat_rad, impact.lon_rad, &bearing, NULL);
  double along, across;
  wf_sincos(bearing - g->azimuth_rad, &across, &along);
  f->time_s = s.t_s + impact.delay_s;
  f->miss[0] = f->apogee_m / g->apogee_m - 1.0;
  f->miss[1] = d * along / g->range_m - 1.0;
  f->miss[2] = d * across / g->range_m;
  return WF_OK;
}

static double size_of(const flight *f) {
  return wf_sqrt(wf_vec_dot(f->miss, f->miss));
}

static wf_status try_flight(const goal *g, const wf_vehicle *sized, const unknown *u, double substep_s, flight *f) {
  wf_launch launch;
  if (!(u->x[2] > 0.2 && u->x[2] < 5.0) || wf_hypot(u->x[0], u->x[1]) > 2.6) return WF_EDIVERGED;
  apply(g, sized, u, &launch);
  return fly(g, &launch, substep_s, f);
}

// A coarse look over tilt and thrust, so that Newton starts on the right hill.
static wf_status scan(const goal *g, const wf_vehicle *sized, double tilt_rad, unknown *best) {
  double least = INFINITY;
  const double s = wf_sin(g->azimuth_rad), c = wf_cos(g->azimuth_rad);
  for (int i = 0; i < 9; i++)
    for (int j = 0; j < 7; j++) {
      const double tilt = tilt_rad * (0.4 + 0.2 * i);
      const unknown u = {{tilt * c, tilt * s, 0.76 + 0.08 * j}};
      flight f;
      if (try_flight(g, sized, &u, SCAN_SUBSTEP_S, &f) != WF_OK || !(size_of(&f) < least)) continue;
      least = size_of(&f);
      *best = u;
    }
  return isfinite(least) ? WF_OK : WF_EDIVERGED;
}

// Cramer's rule; false when the three directions do not span.
static bool solve3(const double a[9], const double b[3], double x[3]) {
  double c[3];
  const double col[3][3] = {{a[0], a[3], a[6]}, {a[1], a[4], a[7]}, {a[2], a[5], a[8]}};
  wf_vec_cross(col[1], col[2], c);
  const double det = wf_vec_dot(col[0], c);
  if (det == 0.0 || !isfinite(det)) return false;
  x[0] = wf_vec_dot(b, c) / det;
  wf_vec_cross(col[2], col[0], c);
  x[1] = wf_vec_dot(b, c) / det;
  wf_vec_cross(col[0], col[1], c);
  x[2] = wf_vec_dot(b, c) / det;
  return true;
}

static wf_status newton_direction(const goal *g, const wf_vehicle *sized, const unknown *u, const flight *f,
                                  double direction[3]) {
  double jac[9];
  for (int j = 0; j < 3; j++) {
    unknown moved = *u;
    flight fm;
    moved.x[j] += 1e-4;
    if (try_flight(g, sized, &moved, SUBSTEP_S, &fm) != WF_OK) return WF_EDIVERGED;
    for (int i = 0; i < 3; i++) jac[3 * i + j] = (fm.miss[i] - f->miss[i]) / 1e-4;
  }
  return solve3(jac, f->miss, direction) ? WF_OK : WF_EDIVERGED;
}

static wf_status newton(const goal *g, const wf_vehicle *sized, unknown *u, flight *f) {
  if (try_flight(g, sized, u, SUBSTEP_S, f) != WF_OK) return WF_EDIVERGED;
  for (int round = 0; round < ROUNDS && size_of(f) > MATCH; round++) {
    double d[3];
    if (newton_direction(g, sized, u, f, d) != WF_OK) return WF_EDIVERGED;
    const double tilt_step = wf_hypot(d[0], d[1]), thrust_step = d[2] < 0.0 ? -d[2] : d[2];
    double scale = 1.0;
    if (tilt_step > 0.3) scale = 0.3 / tilt_step;
    if (thrust_step * scale > 0.15) scale = 0.15 / thrust_step;
    bool better = false;
    for (int halving = 0; halving < 8 && !better; halving++, scale *= 0.5) {
      unknown next = *u;
      flight fn;
      for (int i = 0; i < 3; i++) next.x[i] -= scale * d[i];
      if (try_flight(g, sized, &next, SUBSTEP_S, &fn) != WF_OK || !(size_of(&fn) < size_of(f))) continue;
      *u = next;
      *f = fn;
      better = true;
    }
    if (!better) return WF_EDIVERGED;
  }
  return size_of(f) <= MATCH ? WF_OK : WF_EDIVERGED;
}

wf_status wf_powered_solve(const wf_lla *site, double azimuth_rad, double apogee_m, double range_m, wf_launch *out,
                           double *flight_s) {
  const goal g = {*site, azimuth_rad, apogee_m, range_m};
  if (!(apogee_m > site->h_m) || !(apogee_m < 1e8) || !(range_m > 1000.0) || !(range_m < 1.9e7)) return WF_EINVAL;
  if (!isfinite(site->lat_rad + site->lon_rad + site->h_m + azimuth_rad)) return WF_EINVAL;
  double speed_m_s, elevation_rad;
  ballistic_need(apogee_m, range_m, &speed_m_s, &elevation_rad);
  const notional *n = class_of(&g, speed_m_s);
  // Gravity takes about 0.6 g for the length of the burn; drag a little.
  double delta_v = speed_m_s + 0.6 * 9.8 * (n->burn_s[0] + n->burn_s[1] + n->burn_s[2]) + 100.0;
  unknown u = {{0}};
  wf_vehicle sized;
  flight f;
  wf_status status = WF_EDIVERGED;
  for (int design = 0; design < REDESIGNS; design++) {
    size_vehicle(n, delta_v, &sized);
    if (design == 0) status = scan(&g, &sized, 1.3 * (0.5 * WF_PI - elevation_rad), &u);
    if (status == WF_OK) status = newton(&g, &sized, &u, &f);
    if (status != WF_OK) return status;
    if (u.x[2] > 0.97 && u.x[2] < 1.03) break;
    delta_v *= u.x[2];
    u.x[2] = 1.0;
  }
  apply(&g, &sized, &u, out);
  *flight_s = f.time_s;
  return WF_OK;
}
