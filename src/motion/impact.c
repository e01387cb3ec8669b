#include "motion/impact.h"

#include <math.h>
#include <string.h>

#include "arc.h"
#include "base/mat.h"
#include "fall.h"
#include "height.h"

#define CHI2_2_95 5.991
#define ON_GROUND_M 1.0            // a start no deeper than this is on the ground, not below it
#define ATMOSPHERE_TOP_M 100000.0  // a perigee above it is an orbit
#define LOW_M 100000.0             // below it steps are short, so that a dip to the ground is not stepped over
#define LOW_STEP_S 15.0
#define HIGH_STEP_S 300.0
#define TIME_MAX_S 432000.0
#define EVALUATIONS_MAX 200000
#define CROSSING_ROUNDS 30
#define SPREAD_TOLERANCE_M 10.0  // of sigma points, kilometres apart
#define BETA_TOLERANCE_M 1.0
#define WIDE_RATIO 0.05  // 1-sigma of the place over the distance to go …
#define WIDE_M 2000.0    // … and in metres, above which a straight line through the nominal flight misleads

const wf_impact_options WF_IMPACT_VACUUM = {.gravity = WF_GRAVITY_J2, .tolerance_m = 0.1};
const wf_impact_options WF_IMPACT_ATMOSPHERE = {.gravity = WF_GRAVITY_J2,
                                                .beta_kg_m2 = 5000.0,
                                                .beta_sigma_ratio = 0.3,
                                                .density_sigma_ratio = 0.05,
                                                .wind_sigma_m_s = 10.0,
                                                .tolerance_m = 0.1};

const char *wf_impact_reason_name(wf_impact_reason reason) {
  switch (reason) {
    case WF_IMPACT_OK:
      return "ok";
    case WF_IMPACT_ORBIT:
      return "orbit";
    case WF_IMPACT_BELOW_GROUND:
      return "below_ground";
    case WF_IMPACT_NOT_CONVERGED:
      return "not_converged";
  }
  return "unknown";
}

void wf_motion_ellipse(const double cov_en_m2[3], double chi2, double *semi_major_m, double *semi_minor_m,
                       double *azimuth_rad) {
  const double ee = cov_en_m2[0], en = cov_en_m2[1], nn = cov_en_m2[2];
  const double mean = 0.5 * (ee + nn), half = wf_hypot(0.5 * (nn - ee), en);
  const double major = mean + half, minor = mean - half;
  *semi_major_m = major > 0.0 ? wf_sqrt(chi2 * major) : 0.0;
  *semi_minor_m = minor > 0.0 ? wf_sqrt(chi2 * minor) : 0.0;
  double azimuth = 0.5 * wf_atan2(2.0 * en, nn - ee);
  if (azimuth < 0.0) azimuth += WF_PI;
  *azimuth_rad = azimuth >= WF_PI ? 0.0 : azimuth;
}

// Shortens the last step until it ends on the ground: Newton on the height, kept inside a shrinking bracket.
static void refine_crossing(const wf_arc *before, double step_s, wf_arc *at) {
  double low = 0.0, high = step_s, up[3];
  double tau = 0.5 * step_s;
  for (int round = 0; round < CROSSING_ROUNDS; round++) {
    *at = *before;
    at->with_columns = false;
    wf_arc_nudge(at, tau);
    const double h = wf_motion_height_m(at->state, up), rate = wf_vec_dot(at->state + 3, up);
    if (h > 0.0)
      low = tau;
    else
      high = tau;
    if ((h < 0.0 ? -h : h) < 1e-6 || high - low < 1e-12) break;
    const double next = rate < 0.0 ? tau - h / rate : -1.0;
    tau = next > low && next < high ? next : 0.5 * (low + high);
  }
  *at = *before;
  wf_arc_nudge(at, tau);
}

// Orbits and escapes that need no integration.
static bool stays_up(const wf_impact_options *opt, const wf_fall *fall) {
  const double top = opt->beta_kg_m2 > 0.0 ? ATMOSPHERE_TOP_M : 0.0;
  if (fall->energy_j_kg >= 0.0 && fall->outward) return true;
  return fall->perigee_radius_m - WF_WGS84_A_M > top;
}

static wf_impact_reason fly_down(const wf_impact_options *opt, const double state[6], bool with_columns, wf_arc *end) {
  const wf_dynamics dyn = {opt->gravity, opt->beta_kg_m2 > 0.0 ? 1.0 / opt->beta_kg_m2 : 0.0};
  double up[3];
  const double start_m = wf_motion_height_m(state, up);
  if (start_m < -ON_GROUND_M) return WF_IMPACT_BELOW_GROUND;
  wf_fall fall;
  wf_fall_estimate(state, &fall);
  if (stays_up(opt, &fall)) return WF_IMPACT_ORBIT;
  wf_arc arc;
  wf_arc_start(&arc, &dyn, state, opt->tolerance_m, fall.time_s, 1.0, with_columns);
  double height_m = start_m;
  if (start_m <= 0.0 && wf_vec_dot(state + 3, up) <= 0.0) {
    *end = arc;
    return WF_IMPACT_OK;
  }
  const double slack_s = opt->beta_kg_m2 > 0.0 ? 7200.0 : 60.0;
  const double limit_s = 1.1 * fall.period_s + slack_s < TIME_MAX_S ? 1.1 * fall.period_s + slack_s : TIME_MAX_S;
  while (arc.t_s < limit_s && arc.evaluations < EVALUATIONS_MAX) {
    const wf_arc before = arc;
    if (wf_arc_step(&arc, height_m < LOW_M ? LOW_STEP_S : HIGH_STEP_S) != WF_OK) return WF_IMPACT_NOT_CONVERGED;
    height_m = wf_motion_height_m(arc.state, up);
    if (height_m <= 0.0 && wf_vec_dot(arc.state + 3, up) < 0.0) {
      refine_crossing(&before, arc.t_s - before.t_s, end);
      return WF_IMPACT_OK;
    }
  }
  return height_m > LOW_M ? WF_IMPACT_ORBIT : WF_IMPACT_NOT_CONVERGED;
}

// Rows east, north and time: how a displacement at the nominal impact time moves the crossing of the ground. The
// displaced body reaches the surface δt = −u·δr/(u·v) later, having moved on by v δt.
static void crossing_rows(const double state[6], const double r_enu[9], double rows[9]) {
  const double *v = state + 3, *u = r_enu + 6;
  const double descent = wf_vec_dot(u, v);
  const double safe = descent < -1e-3 ? descent : -1e-3;  // m/s; a body at rest on the ground has no crossing
  for (int axis = 0; axis < 2; axis++) {
    const double along = wf_vec_dot(r_enu + 3 * axis, v) / safe;
    for (int j = 0; j < 3; j++) rows[3 * axis + j] = r_enu[3 * axis + j] - along * u[j];
  }
  for (int j = 0; j < 3; j++) rows[6 + j] = -u[j] / safe;
}

// c[3×3] += s · sᵀ of east, north, time for one column of T[3×WIDTH].
static void add_column(const double *t, int column, double variance, double c[9]) {
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) c[3 * i + j] += variance * t[i * WF_ARC_WIDTH + column] * t[j * WF_ARC_WIDTH + column];
}

// ln β is what is normal: half the coefficient moves the impact by more than twice of it does, and the area must hold
// both. Gauss–Hermite of three points (weights 1/6 at ±√3 σ), moments about the nominal impact. False: one does not
// come down.
static bool add_beta(const wf_impact_options *opt, const double state[6], const wf_arc *nominal, const double r_enu[9],
                     double c[9]) {
  double sum[9] = {0};
  for (int sign = -1; sign <= 1; sign += 2) {
    wf_impact_options moved = *opt;
    double d[3], offset[3];
    wf_arc end;
    moved.beta_kg_m2 *= wf_exp(sign * 1.7320508075688772 * opt->beta_sigma_ratio);
    if (moved.tolerance_m < BETA_TOLERANCE_M) moved.tolerance_m = BETA_TOLERANCE_M;
    if (fly_down(&moved, state, false, &end) != WF_IMPACT_OK) return false;
    wf_vec_sub(end.state, nominal->state, d);
    for (int i = 0; i < 2; i++) offset[i] = wf_vec_dot(r_enu + 3 * i, d);
    offset[2] = end.t_s - nominal->t_s;
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++) sum[3 * i + j] += offset[i] * offset[j] / 6.0;
  }
  for (int i = 0; i < 9; i++) c[i] += sum[i];
  return true;
}

// The part that no tracking removes: ballistic coefficient, density and wind of the way down.
static void add_floor(const wf_impact_options *opt, const double state[6], const wf_arc *nominal, const double r_enu[9],
                      const double *t, double c[9]) {
  const double *up = r_enu + 6;
  double drag = opt->density_sigma_ratio * opt->density_sigma_ratio;
  if (opt->beta_sigma_ratio > 0.0 && !(opt->beta_kg_m2 > 0.0 && add_beta(opt, state, nominal, r_enu, c)))
    drag += opt->beta_sigma_ratio * opt->beta_sigma_ratio;
  const double wind = opt->wind_sigma_m_s * opt->wind_sigma_m_s;
  add_column(t, WF_ARC_DRAG, drag, c);
  double vertical[3] = {0};  // the wind is horizontal: take the vertical part out of an isotropic one
  for (int j = 0; j < 3; j++) {
    add_column(t, WF_ARC_WIND + j, wind, c);
    for (int i = 0; i < 3; i++) vertical[i] += t[i * WF_ARC_WIDTH + WF_ARC_WIND + j] * up[j];
  }
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) c[3 * i + j] -= wind * vertical[i] * vertical[j];
}

static void add_state(const double *t, const double *cov, double c[9]) {
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      for (int a = 0; a < 6; a++)
        for (int b = 0; b < 6; b++) c[3 * i + j] += t[i * WF_ARC_WIDTH + a] * cov[6 * a + b] * t[j * WF_ARC_WIDTH + b];
}

// Unscented transform (Julier & Uhlmann 1997, kappa = 0) of the state alone. Moments are taken about the nominal
// impact, so a curved spread counts as spread. Where a point does not come down, its pair is taken as linear.
static void add_state_sigma_points(const wf_impact_options *opt, const double state[6], const double *chol,
                                   const wf_arc *nominal, const double r_enu[9], const double *t, double c[9]) {
  static const double spread = 2.449489742783178;  // √6
  wf_impact_options rough = *opt;
  if (rough.tolerance_m < SPREAD_TOLERANCE_M) rough.tolerance_m = SPREAD_TOLERANCE_M;
  for (int axis = 0; axis < 6; axis++) {
    double offset[2][3];
    bool both = true;
    for (int sign = 0; sign < 2 && both; sign++) {
      double s[6], d[3];
      wf_arc end;
      for (int i = 0; i < 6; i++) s[i] = state[i] + (sign == 0 ? spread : -spread) * chol[6 * i + axis];
      both = fly_down(&rough, s, false, &end) == WF_IMPACT_OK;
      if (!both) break;
      wf_vec_sub(end.state, nominal->state, d);
      offset[sign][0] = wf_vec_dot(r_enu, d);
      offset[sign][1] = wf_vec_dot(r_enu + 3, d);
      offset[sign][2] = end.t_s - nominal->t_s;
    }
    double linear[3] = {0};
    for (int i = 0; i < 3; i++)
      for (int a = 0; a < 6; a++) linear[i] += t[i * WF_ARC_WIDTH + a] * chol[6 * a + axis];
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++) {
        if (both)
          c[3 * i + j] += (offset[0][i] * offset[0][j] + offset[1][i] * offset[1][j]) / 12.0;
        else
          c[3 * i + j] += linear[i] * linear[j];
      }
  }
}

static bool is_wide(const double state[6], const wf_arc *end, const double c[9]) {
  double d[3];
  wf_vec_sub(end->state, state, d);
  const double sigma = wf_sqrt(c[0] + c[4]);
  return sigma > WIDE_M && sigma > WIDE_RATIO * wf_sqrt(wf_vec_dot(d, d));
}

static void spread_of(const wf_impact_options *opt, const double state[6], const double *cov, const wf_arc *end,
                      const double r_enu[9], wf_impact *out) {
  double rows[9], t[3 * WF_ARC_WIDTH], c[9] = {0}, chol[36];
  crossing_rows(end->state, r_enu, rows);
  wf_mat_mul(3, 3, WF_ARC_WIDTH, rows, end->columns, t);
  add_state(t, cov, c);
  if (is_wide(state, end, c) && wf_mat_cholesky(6, cov, chol) == WF_OK) {
    memset(c, 0, sizeof c);
    add_state_sigma_points(opt, state, chol, end, r_enu, t, c);
  }
  add_floor(opt, state, end, r_enu, t, c);
  out->cov_en_m2[0] = c[0];
  out->cov_en_m2[1] = c[1];
  out->cov_en_m2[2] = c[4];
  out->delay_sigma_s = c[8] > 0.0 ? wf_sqrt(c[8]) : 0.0;
  wf_motion_ellipse(out->cov_en_m2, CHI2_2_95, &out->semi_major_95_m, &out->semi_minor_95_m, &out->azimuth_rad);
}

static bool usable(const wf_impact_options *opt, const double state[6], const double *cov) {
  if (!(opt->tolerance_m > 0.0) || !(opt->beta_kg_m2 >= 0.0)) return false;
  for (int i = 0; i < 6; i++)
    if (!isfinite(state[i])) return false;
  for (int i = 0; cov != NULL && i < 36; i++)
    if (!isfinite(cov[i])) return false;
  return wf_vec_dot(state, state) > 1e6;
}

wf_status wf_motion_impact(const wf_impact_options *opt, const double state_ecef[6], const double *cov,
                           wf_impact *out) {
  memset(out, 0, sizeof *out);
  out->reason = WF_IMPACT_NOT_CONVERGED;
  if (!usable(opt, state_ecef, cov)) return WF_EINVAL;
  wf_arc end;
  out->reason = fly_down(opt, state_ecef, cov != NULL, &end);
  if (out->reason == WF_IMPACT_NOT_CONVERGED) return WF_EDIVERGED;
  if (out->reason != WF_IMPACT_OK) return WF_OK;
  wf_lla place;
  double r_enu[9];
  wf_geo_lla_from_ecef(end.state, &place);
  wf_geo_enu_from_ecef_rotation(place.lat_rad, place.lon_rad, r_enu);
  out->delay_s = end.t_s;
  out->lat_rad = place.lat_rad;
  out->lon_rad = place.lon_rad;
  out->speed_m_s = wf_sqrt(wf_vec_dot(end.state + 3, end.state + 3));
  if (cov != NULL) spread_of(opt, state_ecef, cov, &end, r_enu, out);
  return WF_OK;
}
