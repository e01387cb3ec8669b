#include "flight.h"

#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "estimate/intersect.h"
#include "geo/wgs84.h"

// Noise of a lost object, m²/s³. In space nothing but gravity moves it (after 10 min 2.4 m/s and 1 km, for what is not
// thought of); in air it may break up.
#define LOST_NOISE_SPACE 0.01
#define LOST_NOISE_AIR 1.0
#define AIR_BELOW_M 100000.0
#define THRUST_MEAN_M_S2 30.0  // a notional thrust before anything is measured
#define THRUST_SIGMA_M_S2 25.0
#define LN_BETA_SIGMA_LEAST 0.3  // of a stated one: it is no increment, and may come again with the next object
#define LN_BETA_LEAST 3.0
#define LN_BETA_MOST 13.8
#define START_POS_SIGMA_M 1e6  // broad enough to say nothing beside a first increment
#define START_VEL_SIGMA_M_S 5000.0
#define BOOST_UNSEEN_S 10.0
#define CHUNK_BOOST_S 1.0
#define CHUNK_HIGH_S 10.0
#define CHUNK_LOW_S 1.0
#define DRAG_BELOW_M 150000.0
#define DEEP_M (-20000.0)  // below, whatever the filter thinks it is doing
#define SEED_VEL_SIGMA_M_S 500.0
#define SEED_ACC_M_S2 40.0
#define SEED_AGE_MAX_S 300.0
#define PREDICT_MAX_S 86400.0
#define FOUND_CHI2 27.9  // 6 degrees of freedom, 1e-4: within it, what is seen is where the lost one must be

// Height over the ellipsoid to some 50 m: enough to tell air from vacuum and ground from air.
static double rough_height_m(const double pos[3]) {
  const double r = wf_vec_norm(pos);
  if (r < 1.0) return -WF_WGS84_A_M;
  const double s = pos[2] / r;
  return r - WF_WGS84_A_M * (1.0 - WF_WGS84_F * s * s);
}

// Thrust points along the velocity; from rest, up.
static void heading(const double *x, double unit[3]) {
  const double *v = wf_vec_norm(x + 3) > 100.0 ? x + 3 : x;
  const double norm = wf_vec_norm(v);
  for (int i = 0; i < 3; i++) unit[i] = norm > 0.0 ? v[i] / norm : 0.0;
}

static void resize(wf_filter *f, uint8_t model, uint8_t size) {
  double p6[36];
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) p6[i * 6 + j] = f->p[i * f->size + j];
  memset(f->p, 0, sizeof f->p);
  for (int i = 6; i < WF_FILTER_MAX; i++) f->x[i] = 0.0;
  f->model = model;
  f->size = size;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) f->p[i * size + j] = p6[i * 6 + j];
}

static void set_boost(wf_filter *f) {
  double unit[3];
  resize(f, WF_MODEL_BOOST, 9);
  heading(f->x, unit);
  for (int i = 0; i < 3; i++) {
    f->x[6 + i] = THRUST_MEAN_M_S2 * unit[i];
    f->p[(6 + i) * 10] = THRUST_SIGMA_M_S2 * THRUST_SIGMA_M_S2;
  }
}

// ln β is a state in air only: above, nothing depends on it.
static void fit_medium(wf_flight *f, bool vacuum) {
  const bool air = !vacuum && rough_height_m(f->filter.x) < DRAG_BELOW_M;
  if (air && f->filter.size == 6) wf_filter_add_ln_beta(&f->filter, WF_LN_BETA_MEAN, WF_LN_BETA_SIGMA);
  if (!air && f->filter.size == 7) resize(&f->filter, WF_MODEL_COAST, 6);
  if (f->filter.size != 7) return;
  if (f->filter.x[6] < LN_BETA_LEAST) f->filter.x[6] = LN_BETA_LEAST;
  if (f->filter.x[6] > LN_BETA_MOST) f->filter.x[6] = LN_BETA_MOST;
}

void wf_flight_seed(wf_flight *f, const double pos_ecef_m[3], const double covariance_m2[6], wf_time at) {
  double pos[9];
  memset(f, 0, sizeof *f);
  f->time = f->measured = at;
  f->mode = WF_FLIGHT_SEED;
  f->filter.model = WF_MODEL_COAST;
  f->filter.size = 6;
  wf_mat_unpack_upper(3, covariance_m2, pos);
  for (int i = 0; i < 3; i++) {
    f->filter.x[i] = pos_ecef_m[i];
    f->filter.p[(3 + i) * 7] = SEED_VEL_SIGMA_M_S * SEED_VEL_SIGMA_M_S;
    for (int j = 0; j < 3; j++) f->filter.p[i * 6 + j] = pos[i * 3 + j];
  }
}

// The object may have gone any way with up to SEED_ACC: widen, do not move.
static void predict_seed(wf_flight *f, double dt_s) {
  const double age = dt_s < SEED_AGE_MAX_S ? dt_s : SEED_AGE_MAX_S;
  const double vel = SEED_VEL_SIGMA_M_S + SEED_ACC_M_S2 * age;
  const double pos = (SEED_VEL_SIGMA_M_S + 0.5 * SEED_ACC_M_S2 * age) * age;
  for (int i = 0; i < 3; i++) {
    f->filter.p[i * 7] += pos * pos;
    f->filter.p[(i + 3) * 7] = vel * vel;
  }
}

// White acceleration of density q along each axis, on top of straight motion (Bar-Shalom, Li & Kirubarajan 2001, eq.
// 6.2.2-12).
static void lose(wf_flight *f, double q, double dt_s) {
  double *s = f->lost;
  s[0] += dt_s * (2.0 * s[1] + dt_s * (s[2] + q * dt_s / 3.0));
  s[1] += dt_s * (s[2] + q * dt_s / 2.0);
  s[2] += dt_s * q;
}

void wf_flight_take_loss(wf_flight *f) {
  const int n = f->filter.size;
  for (int i = 0; f->mode >= WF_FLIGHT_BOOST && i < 3; i++) {
    f->filter.p[i * n + i] += f->lost[0];
    f->filter.p[i * n + i + 3] += f->lost[1];
    f->filter.p[(i + 3) * n + i] += f->lost[1];
    f->filter.p[(i + 3) * n + i + 3] += f->lost[2];
  }
  memset(f->lost, 0, sizeof f->lost);
}

// Whether numbers can be those of a flight; false for NaN and infinities too.
static bool plausible(const wf_filter *f) {
  const double r = wf_vec_norm(f->x), v = wf_vec_norm(f->x + 3);
  if (!(r > 6.0e6 && r < 1.0e8 && v < 3.0e4)) return false;
  for (int i = 0; i < f->size; i++)
    if (!(f->p[i * f->size + i] > 0.0 && f->p[i * f->size + i] < 1e18) || !(f->x[i] > -1e9 && f->x[i] < 1e9))
      return false;
  return f->size < 9 || wf_vec_norm(f->x + 6) < 1e3;
}

static bool met_the_ground(const wf_flight *f) {
  const double h = rough_height_m(f->filter.x);
  if (f->mode != WF_FLIGHT_COAST) return h < DEEP_M;  // a boost begins near the ground, with a coarse place
  return h < DEEP_M || (h < 0.0 && wf_vec_dot(f->filter.x, f->filter.x + 3) < 0.0);
}

// A step that met the ground ends the flight; one that the integrator could not follow (dense air, a light body) too.
// The real Earth for real flights (J4: J3 and J4 make 80 m in an hour); exercises in vacuum are J2 by convention.
static void step(wf_flight *f, wf_lean *lean, bool vacuum, double dt_s) {
  wf_noise noise = WF_NOISE_DEFAULT;
  double stm[36];
  if (!vacuum) noise.gravity = WF_GRAVITY_J4;
  const wf_filter before = f->filter;
  wf_filter_predict(&f->filter, &noise, dt_s, lean != NULL ? stm : NULL);
  if (lean != NULL) wf_lean_carry(lean, stm);
  const bool air = rough_height_m(before.x) < AIR_BELOW_M;
  if (f->wide) lose(f, air ? LOST_NOISE_AIR : LOST_NOISE_SPACE, dt_s);
  if (!plausible(&f->filter)) {
    f->filter = before;
    f->ground = WF_FLIGHT_DOWN;
  } else if (met_the_ground(f)) {
    f->ground = WF_FLIGHT_DOWN;
  }
}

static void predict_coast(wf_flight *f, wf_lean *lean, bool vacuum, double dt_s) {
  while (dt_s > 0.0 && f->ground != WF_FLIGHT_DOWN) {
    fit_medium(f, vacuum);
    const double chunk = f->filter.size == 7 ? CHUNK_LOW_S : CHUNK_HIGH_S;
    const double part = dt_s < chunk ? dt_s : chunk;
    step(f, lean, vacuum, part);
    dt_s -= part;
  }
}

static void predict_boost(wf_flight *f, bool vacuum, double dt_s) {
  while (dt_s > 0.0 && f->ground != WF_FLIGHT_DOWN) {
    const double part = dt_s < CHUNK_BOOST_S ? dt_s : CHUNK_BOOST_S;
    step(f, NULL, vacuum, part);
    dt_s -= part;
  }
}

void wf_flight_predict(wf_flight *f, bool vacuum, wf_time to) {
  wf_flight_predict_leaning(f, NULL, vacuum, to);
}

void wf_flight_predict_leaning(wf_flight *f, wf_lean *lean, bool vacuum, wf_time to) {
  double dt_s = wf_time_diff_s(to, f->time);
  if (f->mode == WF_FLIGHT_NONE || !(dt_s > 0.0)) return;
  if (dt_s > PREDICT_MAX_S) dt_s = PREDICT_MAX_S;
  if (f->mode == WF_FLIGHT_SEED) predict_seed(f, dt_s);
  if (f->mode != WF_FLIGHT_COAST && lean != NULL) lean->known = 0;
  if (f->mode == WF_FLIGHT_BOOST) {
    const double unseen = BOOST_UNSEEN_S - wf_time_diff_s(f->time, f->measured);
    const double powered = dt_s < unseen ? dt_s : (unseen > 0.0 ? unseen : 0.0);
    predict_boost(f, vacuum, powered);
    dt_s -= powered;
    if (dt_s > 0.0) wf_flight_to_coast(f, false);
  }
  if (f->mode == WF_FLIGHT_COAST) predict_coast(f, lean, vacuum, dt_s);
  f->time = to;
}

void wf_flight_settle(wf_flight *f, wf_lean *lean, bool vacuum, wf_time to) {
  wf_flight next = *f;
  wf_lean next_lean;
  if (lean != NULL) next_lean = *lean;
  if (f->mode < WF_FLIGHT_BOOST || f->ground != WF_FLIGHT_UP) return;
  wf_flight_predict_leaning(&next, lean != NULL ? &next_lean : NULL, vacuum, to);
  if (next.ground == WF_FLIGHT_DOWN) {
    f->ground = WF_FLIGHT_LANDING;
    return;
  }
  *f = next;
  if (lean != NULL) *lean = next_lean;
}

double wf_flight_thrust_m_s2(const wf_flight *f) {
  double unit[3];
  if (f->mode != WF_FLIGHT_BOOST) return 0.0;
  heading(f->filter.x, unit);
  return wf_vec_dot(f->filter.x + 6, unit);
}

void wf_flight_to_coast(wf_flight *f, bool stated) {
  if (f->mode != WF_FLIGHT_BOOST) return;
  double unit[3];
  heading(f->filter.x, unit);
  const double felt = wf_flight_thrust_m_s2(f), thrust = felt > 20.0 ? felt : 20.0;
  // The engine stopped somewhere in the last second (stated), or anywhere around the last measurement (not seen).
  const double along = thrust * (stated ? 0.5 : 12.0), across = stated ? 0.0 : 0.5 * along;
  resize(&f->filter, WF_MODEL_COAST, 6);
  for (int i = 0; i < 3; i++) {
    for (int j = 0; j < 3; j++)
      f->filter.p[(3 + i) * 6 + 3 + j] += unit[i] * unit[j] * (along * along - across * across);
    f->filter.p[(3 + i) * 7] += across * across;
  }
  f->mode = WF_FLIGHT_COAST;
}

void wf_flight_to_boost(wf_flight *f) {
  if (f->mode != WF_FLIGHT_COAST) return;
  set_boost(&f->filter);
  for (int i = 3; i < 6; i++) f->filter.p[i * 10] += 50.0 * 50.0;
  f->mode = WF_FLIGHT_BOOST;
}

// P⁺ = (P⁻¹ + HᵀYH)⁻¹ without inverting P, so that Y may have any rank: with P = L Lᵀ,
// P⁺ = L (I + Lᵀ Hᵀ Y H L)⁻¹ Lᵀ, positive by construction; x⁺ = x + P⁺ Hᵀ (v − Y (H x − reference)).
// *shift2, when not NULL: Δxᵀ P⁻¹ Δx, how far it moves the state in units of what was known; never above the χ² of the
// innovation.
static wf_status add_information(wf_filter *f, const double y[36], const double vector[6], const double reference[6],
                                 double *shift2) {
  const int n = f->size;
  double l[81], yl[54], m[81], z[81], p[81], column[WF_FILTER_MAX], residual[6];
  if (wf_mat_cholesky(n, f->p, l) != WF_OK) return WF_ESINGULAR;
  wf_mat_mul(6, 6, n, y, l, yl);
  wf_mat_t_mul(n, 6, n, l, yl, m);  // the rows of L below H are not reached: H picks the first six
  wf_mat_symmetrise(n, m);
  for (int i = 0; i < n; i++) m[i * n + i] += 1.0;
  if (wf_mat_cholesky(n, m, m) != WF_OK) return WF_ESINGULAR;
  for (int j = 0; j < n; j++) {
    for (int i = 0; i < n; i++) column[i] = l[j * n + i];
    wf_mat_solve_lower(n, m, column);
    for (int i = 0; i < n; i++) z[j * n + i] = column[i];  // row j of z = (C⁻¹ Lᵀ)ᵀ
  }
  for (int i = 0; i < 6; i++) {
    residual[i] = vector[i];
    for (int j = 0; j < 6; j++) residual[i] -= y[i * 6 + j] * (f->x[j] - reference[j]);
  }
  wf_mat_mul_t(n, n, n, z, z, p);
  for (int i = 0; i < n; i++) {
    column[i] = 0.0;
    for (int j = 0; j < 6; j++) column[i] += p[i * n + j] * residual[j];
    f->x[i] += column[i];
  }
  if (shift2 != NULL) {
    wf_mat_solve_lower(n, l, column);
    *shift2 = 0.0;
    for (int i = 0; i < n; i++) *shift2 += column[i] * column[i];
  }
  memcpy(f->p, p, (size_t)(n * n) * sizeof *p);
  return plausible(f) ? WF_OK : WF_EINVAL;
}

static void start(wf_flight *f, bool vacuum, const wf_tracklet *tracklet, wf_time at, wf_flight_mode mode) {
  memset(f, 0, sizeof *f);
  f->time = at;
  f->mode = (uint8_t)mode;
  f->filter.model = WF_MODEL_COAST;
  f->filter.size = 6;
  memcpy(f->filter.x, tracklet->reference, sizeof tracklet->reference);
  for (int i = 0; i < 3; i++) {
    f->filter.p[i * 7] = START_POS_SIGMA_M * START_POS_SIGMA_M;
    f->filter.p[(i + 3) * 7] = START_VEL_SIGMA_M_S * START_VEL_SIGMA_M_S;
  }
  if (mode == WF_FLIGHT_BOOST)
    set_boost(&f->filter);
  else
    fit_medium(f, vacuum);
  if (f->filter.size == 7 && tracklet->ln_beta_sigma > 0.0) {
    const double stated = tracklet->ln_beta_sigma;
    const double sigma = tracklet->whole || stated > LN_BETA_SIGMA_LEAST ? stated : LN_BETA_SIGMA_LEAST;
    f->filter.x[6] = tracklet->ln_beta;
    f->filter.p[48] = sigma * sigma;
  }
}

// A lost object is first looked for where free fall put it; elsewhere it has done something else.
static wf_status add_information_found(wf_flight *f, const double y[36], const double vector[6],
                                       const double reference[6], double *shift2) {
  const wf_filter before = f->filter;
  double shift = 0.0;
  wf_status status = add_information(&f->filter, y, vector, reference, &shift);
  if (f->lost[2] > 0.0 && (status != WF_OK || shift > FOUND_CHI2)) {
    f->filter = before;
    wf_flight_take_loss(f);
    status = add_information(&f->filter, y, vector, reference, &shift);
  }
  memset(f->lost, 0, sizeof f->lost);
  if (shift2 != NULL) *shift2 = shift;
  return status;
}

static wf_status increment(wf_flight *f, const wf_tracklet *tracklet, double *shift2) {
  double y[36];
  wf_mat_unpack_upper(6, tracklet->information, y);
  return add_information_found(f, y, tracklet->vector, tracklet->reference, shift2);
}

wf_status wf_flight_measure_leaning(wf_flight *f, wf_lean *lean, bool vacuum, const wf_tracklet *tracklet, wf_time at,
                                    wf_flight_mode mode, double *shift2) {
  wf_flight next = *f;
  wf_lean next_lean;
  double shift = 0.0, before[6];
  if (lean != NULL) next_lean = *lean;
  if (next.mode >= WF_FLIGHT_BOOST) wf_flight_predict_leaning(&next, lean != NULL ? &next_lean : NULL, vacuum, at);
  bool fresh = next.mode < WF_FLIGHT_BOOST || next.ground == WF_FLIGHT_DOWN;
  if (fresh) {
    start(&next, vacuum, tracklet, at, mode);
  } else if (mode == WF_FLIGHT_COAST) {
    wf_flight_to_coast(&next, true);
    fit_medium(&next, vacuum);
  } else {
    wf_flight_to_boost(&next);
  }
  memcpy(before, next.filter.x, sizeof before);
  wf_status status = increment(&next, tracklet, &shift);
  if (status != WF_OK && !fresh) {  // a filter gone astray begins again from what its nation says now
    fresh = true;
    start(&next, vacuum, tracklet, at, mode);
    memcpy(before, next.filter.x, sizeof before);
    status = increment(&next, tracklet, NULL);
  } else if (fresh) {
    shift = 0.0;
  }
  if (status != WF_OK) return status;
  if (shift2 != NULL) *shift2 = shift;
  next.measured = at;
  next.wide = 0;
  next.ground = WF_FLIGHT_UP;
  *f = next;
  if (lean == NULL) return WF_OK;
  *lean = next_lean;
  if (mode == WF_FLIGHT_COAST)
    wf_lean_measure(lean, tracklet, vacuum, fresh, before, f->filter.p, f->filter.size);
  else
    lean->known = 0;
  return WF_OK;
}

wf_status wf_flight_measure(wf_flight *f, bool vacuum, const wf_tracklet *tracklet, wf_time at, wf_flight_mode mode,
                            double *shift2) {
  return wf_flight_measure_leaning(f, NULL, vacuum, tracklet, at, mode, shift2);
}

wf_status wf_flight_begin(wf_flight *f, wf_lean *lean, bool vacuum, const wf_tracklet *tracklet, wf_time at,
                          wf_flight_mode mode) {
  wf_flight next = {0};
  const wf_status status = wf_flight_measure_leaning(&next, lean, vacuum, tracklet, at, mode, NULL);
  if (status == WF_OK) *f = next;
  return status;
}

// Whether it has done nothing else than fall since it was lost, as far as the other one tells.
static bool fell_freely(const wf_flight *lost, const wf_flight *other) {
  wf_flight bare = *lost;
  double chi2, cost;
  memset(bare.lost, 0, sizeof bare.lost);
  return wf_flight_distance(&bare, other, 0.0, 0.0, &chi2, &cost) == WF_OK && chi2 <= FOUND_CHI2;
}

wf_status wf_flight_join(wf_flight *f, const wf_flight *other) {
  double p6[36], y[36];
  const double zero[6] = {0};
  wf_flight next = *f, joins = *other;
  if (other->lost[2] > 0.0 && fell_freely(other, f)) memset(joins.lost, 0, sizeof joins.lost);
  wf_flight_covariance6(&joins, p6);
  if (wf_mat_spd_inverse(6, p6, y) != WF_OK) return WF_ESINGULAR;
  const bool both_lost = f->lost[2] > 0.0 && other->lost[2] > 0.0;
  if (both_lost || (f->lost[2] > 0.0 && !fell_freely(f, other))) wf_flight_take_loss(&next);
  memset(next.lost, 0, sizeof next.lost);
  const wf_status status = add_information(&next.filter, y, zero, other->filter.x, NULL);
  if (status != WF_OK) return status;
  if (next.measured.ns < other->measured.ns) next.measured = other->measured;
  *f = next;
  return WF_OK;
}

wf_status wf_flight_intersect(wf_flight *f, const wf_flight *other) {
  double p6[36];
  wf_flight next = *f;
  wf_flight_covariance6(other, p6);
  const wf_status status = wf_intersect_filter(&next.filter, other->filter.x, p6, NULL);
  if (status != WF_OK) return status;
  if (!plausible(&next.filter)) return WF_EINVAL;
  if (next.measured.ns < other->measured.ns) next.measured = other->measured;
  *f = next;
  return WF_OK;
}

wf_status wf_flight_distance(const wf_flight *a, const wf_flight *b, double pos_sigma_m, double vel_sigma_m_s,
                             double *chi2, double *cost) {
  double s[36], other[36], d[6];
  wf_flight_covariance6(a, s);
  wf_flight_covariance6(b, other);
  for (int i = 0; i < 6; i++) {
    for (int j = 0; j < 6; j++) s[i * 6 + j] += other[i * 6 + j];
    const double loose = i < 3 ? pos_sigma_m : vel_sigma_m_s;
    s[i * 6 + i] += loose * loose;
    d[i] = a->filter.x[i] - b->filter.x[i];
  }
  if (wf_mat_cholesky(6, s, s) != WF_OK) return WF_ESINGULAR;
  wf_mat_solve_lower(6, s, d);
  *chi2 = 0.0;
  for (int i = 0; i < 6; i++) *chi2 += d[i] * d[i];
  *cost = *chi2 + wf_mat_log_det_cholesky(6, s);
  return WF_OK;
}

static double trace3(const wf_filter *f, int first) {
  double sum = 0.0;
  for (int i = first; i < first + 3; i++) sum += f->p[i * f->size + i];
  return sum;
}

double wf_flight_position_variance(const wf_flight *f) {
  return trace3(&f->filter, 0) + 3.0 * f->lost[0];
}
double wf_flight_velocity_variance(const wf_flight *f) {
  return trace3(&f->filter, 3) + 3.0 * f->lost[2];
}

bool wf_flight_has_state(const wf_flight *f) {
  return f->mode >= WF_FLIGHT_BOOST && wf_flight_position_variance(f) < 5e4 * 5e4 &&
         wf_flight_velocity_variance(f) < 1e3 * 1e3;
}

void wf_flight_covariance6(const wf_flight *f, double out[36]) {
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) out[i * 6 + j] = f->filter.p[i * f->filter.size + j];
  for (int i = 0; i < 3; i++) {
    out[i * 7] += f->lost[0];
    out[i * 6 + 3 + i] += f->lost[1];
    out[(3 + i) * 6 + i] += f->lost[1];
    out[(3 + i) * 7] += f->lost[2];
  }
}

bool wf_flight_ln_beta(const wf_flight *f, double *ln_beta, double *sigma) {
  if (f->mode != WF_FLIGHT_COAST || f->filter.size != 7) return false;
  *ln_beta = f->filter.x[6];
  *sigma = wf_sqrt(f->filter.p[48]);
  return true;
}
