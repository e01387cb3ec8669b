// Where and when it went up, from a state at or after burnout. For a given burn time and mass ratio a notional
// ascent (powered.h; one stage, two equal ones for the fast) has six unknowns: the site (two), the tilt of the thrust
// (two), the thrust and the coast since burnout. Six numbers of the state fix them. Burn time and mass ratio are not
// known: the answer is the weighted mean over a small grid of both, its covariance the spread over the grid plus what
// the state's own brings.
#include <math.h>
#include <string.h>

#include "ascent.h"
#include "base/mat.h"
#include "fall.h"
#include "height.h"
#include "motion/impact.h"

#define EXHAUST_M_S 2700.0
#define SUBSTEP_S 2.5  // answers within about a metre of those at 1 s
#define ROUNDS 25
#define KEEP_JACOBIAN 0.15       // shrinking of the residual per step, above which a new one pays
#define BURN_SIGMA 0.15          // relative, about a given burn time
#define BURN_SIGMA_DEFAULT 0.30  // about one taken from the speed alone
#define ALONG_SIGMA 0.10         // of the way flown under thrust: pitch programmes differ from ours …
#define ALONG_SIGMA_STAGED 0.15  // … and staging does
#define ACROSS_SIGMA 0.02
#define TWO_STAGES_M_S 3600.0  // speed, reduced to the ground, from which two stages are supposed
#define DRY_PER_PROPELLANT 0.11
#define SITE_SIGMA_M 500.0
#define CAUSAL_S 3.0  // softness of "burnout was before the state"
#define N 6

enum { NORTH, EAST, TILT_N, TILT_E, THRUST, COAST };

typedef struct guess {
  double x[N];
} guess;  // m, m, rad, rad, factor, s
typedef struct problem {
  double state[6];
  wf_site origin;  // of the north and east offsets
  int stages;
  double burn_s, propellant_share;  // share of the mass at each ignition
} problem;
typedef struct solution {
  wf_lla site;
  double coast_s, ascent_s, along_sigma, jac_inv[36];
  double flown_en_m[2];
} solution;

static void vehicle_of(const problem *p, const guess *g, wf_launch *launch) {
  memset(launch, 0, sizeof *launch);
  const double en_m[3] = {g->x[EAST], g->x[NORTH], 0.0};
  double pos[3];
  wf_geo_ecef_from_enu(&p->origin, en_m, pos);
  wf_geo_lla_from_ecef(pos, &launch->site);
  launch->site.h_m = 0.0;
  launch->azimuth_rad = wf_atan2(g->x[TILT_E], g->x[TILT_N]);
  wf_vehicle *v = &launch->vehicle;
  v->stage_count = p->stages;
  v->pitch_start_s = 5.0;
  v->burnout_elevation_rad = 0.5 * WF_PI - wf_hypot(g->x[TILT_N], g->x[TILT_E]);
  double left_kg = 1.0;  // only ratios matter
  for (int i = 0; i < p->stages; i++) {
    wf_stage *s = &v->stage[i];
    s->propellant_kg = p->propellant_share * left_kg;
    s->dry_kg = i + 1 < p->stages ? DRY_PER_PROPELLANT * s->propellant_kg : 0.0;
    s->burn_s = p->burn_s / p->stages;
    s->thrust_n = g->x[THRUST] * EXHAUST_M_S * s->propellant_kg / s->burn_s;
    s->drag_area_m2 = 3e-5;  // per kg at launch
    left_kg -= s->propellant_kg + s->dry_kg;
  }
  v->payload_kg = left_kg;
}

// state(unknowns) − state, metres and seconds' worth of metres per second.
static wf_status miss(const problem *p, const guess *g, double r[N]) {
  wf_launch launch;
  wf_ascent a;
  wf_powered_state s;
  if (!(g->x[THRUST] > 0.1 && g->x[THRUST] < 10.0)) return WF_EDIVERGED;
  vehicle_of(p, g, &launch);
  wf_ascent_init(&a, &launch);
  wf_powered_init(&launch, &s);
  if (wf_ascent_advance(&a, p->burn_s, SUBSTEP_S, &s) != WF_OK) return WF_EDIVERGED;
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
  wf_motion_propagate(&vacuum, g->x[COAST], 4.0, s.state, NULL, NULL);
  for (int i = 0; i < N; i++) r[i] = s.state[i] - p->state[i];
  return isfinite(r[0]) && isfinite(r[3]) ? WF_OK : WF_EDIVERGED;
}

// Solves a x = b for `columns` right-hand sides in place (Gauss with partial pivoting); a and b are overwritten.
static wf_status solve(double a[N * N], double *b, int columns) {
  for (int k = 0; k < N; k++) {
    int pivot = k;
    for (int i = k + 1; i < N; i++)
      if (a[i * N + k] * a[i * N + k] > a[pivot * N + k] * a[pivot * N + k]) pivot = i;
    if (a[pivot * N + k] == 0.0 || !isfinite(a[pivot * N + k])) return WF_ESINGULAR;
    for (int j = 0; j < N; j++) {
      const double t = a[k * N + j];
      a[k * N + j] = a[pivot * N + j];
      a[pivot * N + j] = t;
    }
    for (int j = 0; j < columns; j++) {
      const double t = b[k * columns + j];
      b[k * columns + j] = b[pivot * columns + j];
      b[pivot * columns + j] = t;
    }
    for (int i = 0; i < N; i++) {
      if (i == k) continue;
      const double f = a[i * N + k] / a[k * N + k];
      for (int j = k; j < N; j++) a[i * N + j] -= f * a[k * N + j];
      for (int j = 0; j < columns; j++) b[i * columns + j] -= f * b[k * columns + j];
    }
  }
  for (int i = 0; i < N; i++)
    for (int j = 0; j < columns; j++) b[i * columns + j] /= a[i * N + i];
  return WF_OK;
}

static wf_status jacobian(const problem *p, const guess *g, const double r[N], double jac[N * N]) {
  static const double delta[N] = {10.0, 10.0, 1e-4, 1e-4, 1e-4, 0.01};
  for (int j = 0; j < N; j++) {
    guess moved = *g;
    double rm[N];
    moved.x[j] += delta[j];
    if (miss(p, &moved, rm) != WF_OK) return WF_EDIVERGED;
    for (int i = 0; i < N; i++) jac[i * N + j] = (rm[i] - r[i]) / delta[j];
  }
  return WF_OK;
}

// Metres: a velocity counts over the burn.
static double size_of(const problem *p, const double r[N]) {
  return wf_sqrt(wf_vec_dot(r, r) + p->burn_s * p->burn_s * wf_vec_dot(r + 3, r + 3));
}

static double limit_of(const double d[N], double burn_s) {
  const double most[N] = {2e5, 2e5, 0.3, 0.3, 0.2, 0.5 * burn_s};
  double scale = 1.0;
  for (int i = 0; i < N; i++) {
    const double size = d[i] < 0.0 ? -d[i] : d[i];
    if (size * scale > most[i]) scale = most[i] / size;
  }
  return scale;
}

// Halves the step until it helps. False when no step does.
static bool descend(const problem *p, guess *g, double r[N], const double d[N]) {
  double scale = limit_of(d, p->burn_s);
  for (int halving = 0; halving < 8; halving++, scale *= 0.5) {
    double rn[N];
    guess next = *g;
    for (int i = 0; i < N; i++) next.x[i] -= scale * d[i];
    if (miss(p, &next, rn) != WF_OK || !(size_of(p, rn) < size_of(p, r))) continue;
    *g = next;
    memcpy(r, rn, N * sizeof *r);
    return true;
  }
  return false;
}

// The Jacobian, seven ascents each, is kept while steps by it shrink the residual well; the last is taken at the
// solution, since the covariance comes from it. `known`: jac holds that of a problem nearby.
static wf_status newton(const problem *p, guess *g, bool known, double jac[N * N]) {
  double r[N];
  bool here = false;  // taken at g
  if (miss(p, g, r) != WF_OK) return WF_EDIVERGED;
  for (int round = 0; round < ROUNDS; round++) {
    const double size = size_of(p, r);
    if (size < 1.0) return here ? WF_OK : jacobian(p, g, r, jac);
    if (!known && jacobian(p, g, r, jac) != WF_OK) return WF_EDIVERGED;
    here = !known;
    double d[N], lu[N * N];
    memcpy(lu, jac, sizeof lu);
    memcpy(d, r, sizeof d);
    const bool better = solve(lu, d, 1) == WF_OK && descend(p, g, r, d);
    if (!better && here) return WF_EDIVERGED;
    known = better && size_of(p, r) < KEEP_JACOBIAN * size;
    if (better) here = false;
  }
  return WF_EDIVERGED;
}

// Back along the arc to where the height fits the burn; then a mean ascent below it.
static void first_guess(problem *p, guess *g) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
  double s[6], up[3], h, climb, coast = 0.0;
  memcpy(s, p->state, sizeof s);
  for (;;) {
    h = wf_motion_height_m(s, up);
    climb = wf_vec_dot(s + 3, up);
    if (h <= 0.35 * climb * p->burn_s || coast > 5400.0) break;
    wf_motion_propagate(&vacuum, -5.0, 5.0, s, NULL, NULL);
    coast += 5.0;
  }
  const double speed = wf_sqrt(wf_vec_dot(s + 3, s + 3));
  wf_lla below;
  wf_geo_lla_from_ecef(s, &below);
  below.h_m = 0.0;
  wf_site_init(&p->origin, &below);
  const double *east = p->origin.enu_from_ecef, *north = east + 3;
  const double ve = wf_vec_dot(east, s + 3), vn = wf_vec_dot(north, s + 3), level = wf_hypot(ve, vn);
  const double tilt = 1.3 * wf_atan2(level, climb), run_m = 0.35 * p->burn_s;
  const double unit_e = level > 0.0 ? ve / level : 0.0, unit_n = level > 0.0 ? vn / level : 1.0;
  const double gain = -p->stages * EXHAUST_M_S * wf_log(1.0 - p->propellant_share);
  *g = (guess){{-run_m * vn, -run_m * ve, tilt * unit_n, tilt * unit_e, (speed + 6.0 * p->burn_s) / gain, coast}};
}

// The middle of the grid: where the others begin.
typedef struct start {
  bool known;
  wf_lla site;
  guess g;
  double gain, jac[N * N];
} start;

// From the middle's site and tilt; thrust by what the propellant gives, half of a longer burn before the middle of it.
static void guess_from(const problem *p, const start *from, guess *g) {
  const double gain = -p->stages * EXHAUST_M_S * wf_log(1.0 - p->propellant_share);
  double pos[3], enu[3];
  wf_geo_ecef_from_lla(&from->site, pos);
  wf_geo_enu_from_ecef(&p->origin, pos, enu);
  *g = from->g;
  g->x[EAST] = enu[0];
  g->x[NORTH] = enu[1];
  g->x[THRUST] *= from->gain / gain;
}

static wf_status solve_from(problem *p, const start *from, guess *g, double jac[N * N]) {
  first_guess(p, g);  // sets the origin, too
  if (!from->known) return newton(p, g, false, jac);
  const guess first = *g;
  guess_from(p, from, g);
  memcpy(jac, from->jac, N * N * sizeof *jac);
  if (newton(p, g, true, jac) == WF_OK) return WF_OK;
  *g = first;
  return newton(p, g, false, jac);
}

static wf_status solve_one(problem *p, start *from, solution *out) {
  double jac[N * N];
  guess g;
  if (solve_from(p, from, &g, jac) != WF_OK) return WF_EDIVERGED;
  wf_launch launch;
  vehicle_of(p, &g, &launch);
  if (!from->known) {
    *from = (start){.known = true, .site = launch.site, .g = g};
    from->gain = -p->stages * EXHAUST_M_S * wf_log(1.0 - p->propellant_share);
    memcpy(from->jac, jac, sizeof jac);
  }
  out->site = launch.site;
  out->coast_s = g.x[COAST];
  out->ascent_s = p->burn_s;
  out->along_sigma = p->stages == 1 ? ALONG_SIGMA : ALONG_SIGMA_STAGED;
  out->flown_en_m[0] = -g.x[EAST];
  out->flown_en_m[1] = -g.x[NORTH];
  wf_mat_identity(N, out->jac_inv);
  return solve(jac, out->jac_inv, N);
}

// The speed that the state's energy would be at the ground.
static double ground_speed_m_s(const double state[6]) {
  double energy;
  wf_motion_osculating(state, &energy, NULL, NULL);
  const double ground = energy + WF_WGS84_GM_M3_S2 / WF_WGS84_A_M;
  return ground > 0.0 ? wf_sqrt(2.0 * ground) : 0.0;
}

static double default_burn_s(double speed) {
  return speed < 2500.0 ? 60.0 : speed < TWO_STAGES_M_S ? 85.0 : speed < 5600.0 ? 140.0 : 290.0;
}

// Three-point Gauss–Hermite nodes in burn time and in the share of propellant.
static const double NODE[3] = {-1.7320508075688772, 0.0, 1.7320508075688772};
static const double NODE_WEIGHT[3] = {1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0};

typedef struct mixture {
  double weight, north_m, east_m, delay_s, delay2, cov[3], spread[3];
} mixture;

static void add_to(mixture *m, double w, double north_m, double east_m, const solution *s, const double *cov) {
  const double delay = -(s->ascent_s + s->coast_s);
  double c[36] = {0};
  if (cov != NULL) wf_mat_congruence(N, s->jac_inv, cov, NULL, c);
  const double e = s->flown_en_m[0], n = s->flown_en_m[1];
  const double along = s->along_sigma * s->along_sigma, across = ACROSS_SIGMA * ACROSS_SIGMA;
  const double model_ee = SITE_SIGMA_M * SITE_SIGMA_M + along * e * e + across * n * n;
  const double model_nn = SITE_SIGMA_M * SITE_SIGMA_M + along * n * n + across * e * e;
  m->weight += w;
  m->north_m += w * north_m;
  m->east_m += w * east_m;
  m->delay_s += w * delay;
  m->delay2 += w * (delay * delay + c[COAST * N + COAST]);
  m->cov[0] += w * (c[EAST * N + EAST] + model_ee);
  m->cov[1] += w * (c[EAST * N + NORTH] + (along - across) * e * n);
  m->cov[2] += w * (c[NORTH * N + NORTH] + model_nn);
  m->spread[0] += w * east_m * east_m;
  m->spread[1] += w * east_m * north_m;
  m->spread[2] += w * north_m * north_m;
}

static void conclude(const mixture *m, const wf_site *centre, wf_launch_estimate *out) {
  const double inv = 1.0 / m->weight, east = m->east_m * inv, north = m->north_m * inv;
  const double en_m[3] = {east, north, 0.0};
  double pos[3];
  wf_lla place;
  wf_geo_ecef_from_enu(centre, en_m, pos);
  wf_geo_lla_from_ecef(pos, &place);
  out->lat_rad = place.lat_rad;
  out->lon_rad = place.lon_rad;
  out->delay_s = m->delay_s * inv;
  const double var = m->delay2 * inv - out->delay_s * out->delay_s;
  out->delay_sigma_s = var > 0.0 ? wf_sqrt(var) : 0.0;
  out->cov_en_m2[0] = (m->cov[0] + m->spread[0]) * inv - east * east;
  out->cov_en_m2[1] = (m->cov[1] + m->spread[1]) * inv - east * north;
  out->cov_en_m2[2] = (m->cov[2] + m->spread[2]) * inv - north * north;
}

wf_status wf_motion_launch_back(const double state_ecef[6], const double *cov, double burn_s_guess,
                                wf_launch_estimate *out) {
  memset(out, 0, sizeof *out);
  for (int i = 0; i < 6; i++)
    if (!isfinite(state_ecef[i])) return WF_EINVAL;
  double up[3];
  if (wf_vec_dot(state_ecef, state_ecef) < 1e12 || !(wf_motion_height_m(state_ecef, up) > 0.0)) return WF_EINVAL;
  if (!isfinite(burn_s_guess) || burn_s_guess > 2000.0) return WF_EINVAL;
  const double speed = ground_speed_m_s(state_ecef);
  const bool known = burn_s_guess > 0.0;
  const double burn_s = known ? burn_s_guess : default_burn_s(speed);
  const double burn_sigma = known ? BURN_SIGMA : BURN_SIGMA_DEFAULT;
  const int stages = speed < TWO_STAGES_M_S ? 1 : 2;
  mixture m = {0};
  wf_site centre;
  bool have_centre = false;
  start middle = {0};
  for (int k = 0; k < 9; k++) {
    const int b = (k / 3 + 1) % 3, s = (k % 3 + 1) % 3;  // the middle of the grid first
    problem p = {.stages = stages, .burn_s = burn_s * (1.0 + burn_sigma * NODE[b])};
    p.propellant_share = (stages == 1 ? 0.75 : 0.68) + 0.05 * NODE[s];
    memcpy(p.state, state_ecef, sizeof p.state);
    solution sol;
    if (solve_one(&p, &middle, &sol) != WF_OK) continue;
    if (!have_centre) wf_site_init(&centre, &sol.site);
    have_centre = true;
    double pos[3], enu[3];
    wf_geo_ecef_from_lla(&sol.site, pos);
    wf_geo_enu_from_ecef(&centre, pos, enu);
    add_to(&m, NODE_WEIGHT[b] * NODE_WEIGHT[s] * wf_normal_cdf(sol.coast_s / CAUSAL_S), enu[1], enu[0], &sol, cov);
  }
  if (!(m.weight > 1e-6)) return WF_EDIVERGED;
  conclude(&m, &centre, out);
  return WF_OK;
}
