#include "estimate/filter.h"

#include <math.h>
#include <string.h>

#include "base/fmath.h"
#include "motion/atmosphere.h"
#include "motion/dynamics.h"

#define STEP_COAST_S 2.5  // RK4 in coast: below 10 µm over 300 s
#define STEP_DRAG_S 0.5
#define STEP_NOISE_S 2.0
#define STEP_THRUST_S 1.0  // the transition in boost is a short series

const wf_noise WF_NOISE_DEFAULT = {
    .air_m2_s3 = 0.02,
    .boost_axial = 0.08,
    .boost_across = 0.2,
    .boost_decay_s = 40.0,
    .boost_floor_m_s2 = 8.0,
    .exhaust_m_s = 2600.0,
    .manoeuvre_m2_s5 = 20.0,
    .manoeuvre_decay_s = 15.0,
    .ln_beta_per_s = 2e-4,
    .density_ratio = 0.05,
    .density_memory_s = 3.0,
    .wind_m_s = 10.0,
};

// out = f p fᵀ for the upper-left blocks of a 6-state transition; the compiler sees constant sizes.
static void spread_6(wf_filter *filter, const double *stm) {
  wf_mat_congruence(6, stm, filter->p, NULL, filter->p);
}

static void coast_6(wf_filter *filter, const wf_noise *noise, double dt_s, double *stm) {
  const wf_dynamics dyn = {(wf_gravity)noise->gravity, 0.0};
  wf_motion_propagate(&dyn, dt_s, STEP_COAST_S, filter->x, stm, NULL);
  spread_6(filter, stm);
}

// What drag does that no ballistic coefficient explains: air 5 % denser or thinner over a few seconds of fall, and
// wind. Velocity noise along the path and across it, with drag a_d = ρ v² / 2β (Vallado 2013, eq. 8-28).
static void air_noise(const wf_filter *filter, const wf_noise *noise, double dt_s, double q[49]) {
  const double *v = filter->x + 3, speed_m_s = wf_vec_norm(v);
  wf_lla lla;
  wf_geo_lla_from_ecef(filter->x, &lla);
  const double density = wf_motion_density_kg_m3(lla.h_m, NULL);
  const double drag_m_s2 = 0.5 * density * speed_m_s * speed_m_s * wf_exp(-filter->x[6]);
  const double memory_s = 2.0 * noise->density_memory_s * fabs(dt_s);
  const double along = noise->density_ratio * drag_m_s2,
               across = speed_m_s > 1.0 ? drag_m_s2 * noise->wind_m_s / speed_m_s : 0.0;
  for (int i = 0; i < 3; i++) {
    for (int k = 0; k < 3; k++) {
      const double uu = speed_m_s > 1.0 ? v[i] * v[k] / (speed_m_s * speed_m_s) : 0.0;
      q[7 * (3 + i) + 3 + k] = memory_s * (along * along * uu + across * across * ((i == k) - uu));
    }
  }
}

// ln β: d/d(ln β) = −(1/β) d/d(1/β).
static void drag_step(wf_filter *filter, const wf_noise *noise, double dt_s, double *stm) {
  const wf_dynamics dyn = {(wf_gravity)noise->gravity, wf_exp(-filter->x[6])};
  double sens[6], f[49] = {0}, q[49] = {0};
  wf_motion_propagate(&dyn, dt_s, STEP_DRAG_S, filter->x, stm, sens);
  for (int i = 0; i < 6; i++) {
    for (int j = 0; j < 6; j++) f[7 * i + j] = stm[6 * i + j];
    f[7 * i + 6] = -dyn.inv_beta_m2_kg * sens[i];
  }
  f[48] = 1.0;
  air_noise(filter, noise, dt_s, q);
  q[48] = noise->ln_beta_per_s * fabs(dt_s);
  wf_mat_congruence(7, f, filter->p, q, filter->p);
}

// In short pieces, so that noise put in early has grown by the end.
static void coast_7(wf_filter *filter, const wf_noise *noise, double dt_s, double *stm) {
  const int pieces = 1 + (int)(fabs(dt_s) / STEP_NOISE_S);
  drag_step(filter, noise, dt_s / pieces, stm);
  for (int i = 1; i < pieces; i++) {
    double piece[36], whole[36];
    drag_step(filter, noise, dt_s / pieces, piece);
    wf_mat_mul(6, 6, 6, piece, stm, whole);
    memcpy(stm, whole, sizeof whole);
  }
}

// White acceleration (Bar-Shalom, Li & Kirubarajan 2001, eq. 6.2.2-12).
static void air_6(wf_filter *filter, const wf_noise *noise, double dt_s, double *stm) {
  double q[36] = {0};
  const double a = fabs(dt_s), s = dt_s < 0.0 ? -1.0 : 1.0, density = noise->air_m2_s3;
  wf_mat_identity(6, stm);
  for (int i = 0; i < 3; i++) {
    stm[6 * i + 3 + i] = dt_s;
    filter->x[i] += filter->x[3 + i] * dt_s;
    q[7 * i] = density * a * a * a / 3.0;
    q[6 * i + 3 + i] = q[6 * (3 + i) + i] = s * density * a * a / 2.0;
    q[7 * (3 + i)] = density * a;
  }
  wf_mat_congruence(6, stm, filter->p, q, filter->p);
}

// Unit vector of the velocity; up when it is too slow to say.
static void heading(const double *x, double u[3]) {
  const double *from = wf_vec_norm(x + 3) > 20.0 ? x + 3 : x;
  const double n = wf_vec_norm(from);
  for (int i = 0; i < 3; i++) u[i] = n > 0.0 ? from[i] / n : 0.0;
}

// How the third triple moves: da/dt = m a, its derivatives with a (growth is quadratic: a²/exhaust) and with v (the
// direction it turns to), and the density of its random walk; 3×3 each.
typedef struct law {
  double m[9], by_a[9], by_v[9], density[9];
} law;

static law boost_law(const wf_filter *filter, const wf_noise *noise) {
  const double *a = filter->x + 6, speed = wf_vec_norm(filter->x + 3);
  double u[3];
  heading(filter->x, u);
  const double axial = wf_vec_dot(a, u), growth = axial > 0.0 ? axial / noise->exhaust_m_s : 0.0;
  const double decay = 1.0 / noise->boost_decay_s;
  const double size = fabs(axial) > noise->boost_floor_m_s2 ? fabs(axial) : noise->boost_floor_m_s2;
  const double along = noise->boost_axial * noise->boost_axial * size * size;
  const double across = 2.0 * decay * noise->boost_across * noise->boost_across * size * size;
  const double turn = speed > 100.0 ? (growth + decay) / speed : 0.0;
  law l;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      const double uu = u[i] * u[j], rest = (i == j ? 1.0 : 0.0) - uu;
      l.m[3 * i + j] = growth * uu - decay * rest;
      l.by_a[3 * i + j] = l.m[3 * i + j] + growth * uu;
      l.by_v[3 * i + j] = turn * (axial * rest + u[i] * (a[j] - axial * u[j]));
      l.density[3 * i + j] = along * uu + across * rest;
    }
  return l;
}

static law manoeuvre_law(const wf_noise *noise) {
  law l = {{0}};
  for (int i = 0; i < 9; i += 4) {
    l.m[i] = l.by_a[i] = -1.0 / noise->manoeuvre_decay_s;
    l.density[i] = noise->manoeuvre_m2_s5;
  }
  return l;
}

// Random walk of acceleration, density d (3×3), over dt (Bar-Shalom et al. 2001, eq. 6.2.3-7, per direction).
static void acceleration_noise(const double d[9], double dt, double q[81]) {
  const double a = fabs(dt), s = dt < 0.0 ? -1.0 : 1.0;
  const double w[3][3] = {{a * a * a * a * a / 20.0, s * a * a * a * a / 8.0, a * a * a / 6.0},
                          {s * a * a * a * a / 8.0, a * a * a / 3.0, s * a * a / 2.0},
                          {a * a * a / 6.0, s * a * a / 2.0, a}};
  for (int bi = 0; bi < 3; bi++)
    for (int bj = 0; bj < 3; bj++)
      for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) q[9 * (3 * bi + i) + 3 * bj + j] = w[bi][bj] * d[3 * i + j];
}

static void thrust_step(wf_filter *filter, const wf_noise *noise, double dt, double *stm) {
  const wf_dynamics dyn = {WF_GRAVITY_J2, 0.0};
  const law l = filter->model == WF_MODEL_BOOST ? boost_law(filter, noise) : manoeuvre_law(noise);
  double f[81] = {0}, q[81], jerk[3];
  wf_motion_rk4_step(&dyn, dt, filter->x, stm, NULL);
  double *a = filter->x + 6;
  wf_mat_mul(3, 3, 1, l.m, a, jerk);
  for (int i = 0; i < 3; i++) {
    filter->x[i] += a[i] * dt * dt / 2.0 + jerk[i] * dt * dt * dt / 6.0;
    filter->x[3 + i] += a[i] * dt + jerk[i] * dt * dt / 2.0;
    a[i] += jerk[i] * dt;
  }
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) f[9 * i + j] = stm[6 * i + j];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      const double one = i == j ? 1.0 : 0.0, by_a = l.by_a[3 * i + j], by_v = l.by_v[3 * i + j];
      f[9 * i + 6 + j] = one * dt * dt / 2.0 + by_a * dt * dt * dt / 6.0;
      f[9 * (3 + i) + 6 + j] = one * dt + by_a * dt * dt / 2.0;
      f[9 * (6 + i) + 6 + j] = one + by_a * dt;
      f[9 * (3 + i) + 3 + j] += by_v * dt * dt / 2.0;
      f[9 * (6 + i) + 3 + j] = by_v * dt;
    }
  acceleration_noise(l.density, dt, q);
  wf_mat_congruence(9, f, filter->p, q, filter->p);
}

static void thrust_9(wf_filter *filter, const wf_noise *noise, double dt_s, double *stm) {
  const int count = (int)wf_floor(fabs(dt_s) / STEP_THRUST_S + 0.999999);
  double one[36], product[36];
  wf_mat_identity(6, stm);
  for (int i = 0; i < count; i++) {
    thrust_step(filter, noise, dt_s / count, one);
    wf_mat_mul(6, 6, 6, one, stm, product);
    memcpy(stm, product, sizeof product);
  }
}

void wf_filter_predict(wf_filter *filter, const wf_noise *noise, double dt_s, double *stm) {
  double own[36];
  if (stm == NULL) stm = own;
  if (dt_s == 0.0) {
    wf_mat_identity(6, stm);
    return;
  }
  switch ((wf_model)filter->model) {
    case WF_MODEL_COAST:
      if (filter->size == 7)
        coast_7(filter, noise, dt_s, stm);
      else
        coast_6(filter, noise, dt_s, stm);
      break;
    case WF_MODEL_AIR:
      air_6(filter, noise, dt_s, stm);
      break;
    case WF_MODEL_BOOST:
    case WF_MODEL_MANOEUVRE:
      thrust_9(filter, noise, dt_s, stm);
      break;
  }
}

void wf_filter_move(const wf_filter *filter, const wf_noise *noise, double dt_s, double state[6]) {
  if (filter->model != WF_MODEL_COAST) {
    wf_filter copy = *filter;
    wf_filter_predict(&copy, noise, dt_s, NULL);
    memcpy(state, copy.x, 6 * sizeof *state);
    return;
  }
  const bool drag = filter->size == 7;
  const wf_dynamics dyn = {(wf_gravity)noise->gravity, drag ? wf_exp(-filter->x[6]) : 0.0};
  memcpy(state, filter->x, 6 * sizeof *state);
  wf_motion_propagate(&dyn, dt_s, drag ? STEP_DRAG_S : STEP_COAST_S, state, NULL, NULL);
}

void wf_filter_add_ln_beta(wf_filter *filter, double ln_beta, double sigma) {
  double p[49] = {0};
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) p[7 * i + j] = filter->p[6 * i + j];
  p[48] = sigma * sigma;
  memcpy(filter->p, p, sizeof p);
  filter->x[6] = ln_beta;
  filter->size = 7;
}

void wf_filter_drop_ln_beta(wf_filter *filter) {
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) filter->p[6 * i + j] = filter->p[7 * i + j];
  filter->size = 6;
}

static inline __attribute__((always_inline)) void innovation(int n, int dim, const double *p, const double *h,
                                                             const double *r_var, double *s) {
  double hp[4 * 6];
  for (int k = 0; k < dim; k++)
    for (int j = 0; j < 6; j++) {
      double sum = 0.0;
      for (int i = 0; i < 6; i++) sum += h[6 * k + i] * p[n * i + j];
      hp[6 * k + j] = sum;
    }
  for (int k = 0; k < dim; k++)
    for (int l = 0; l <= k; l++) {
      double sum = 0.0;
      for (int j = 0; j < 6; j++) sum += hp[6 * k + j] * h[6 * l + j];
      s[dim * k + l] = s[dim * l + k] = sum + (k == l ? r_var[k] : 0.0);
    }
}

#define LN_2PI 1.8378770664093454836

double wf_filter_innovation(const wf_filter *filter, int dim, const double *h, const double *r_var, double *s_chol) {
  double s[16];
  if (filter->size == 6 && dim == 3)
    innovation(6, 3, filter->p, h, r_var, s);
  else
    innovation(filter->size, dim, filter->p, h, r_var, s);
  if (wf_mat_cholesky(dim, s, s_chol) != WF_OK) return NAN;
  return -0.5 * (dim * LN_2PI + wf_mat_log_det_cholesky(dim, s_chol));
}

double wf_filter_chi2(int dim, const double *s_chol, const double *residual) {
  double y[4];
  for (int i = 0; i < dim; i++) y[i] = residual[i];
  wf_mat_solve_lower(dim, s_chol, y);
  double chi2 = 0.0;
  for (int i = 0; i < dim; i++) chi2 += y[i] * y[i];
  return chi2;
}

// Joseph form (Bierman 1977, eq. V.3.2): P = (I − KH) P (I − KH)ᵀ + K R Kᵀ, multiplied out so that H's six columns
// are all that is touched.
static inline __attribute__((always_inline)) void joseph(int n, int dim, double *x, double *p, const double *residual,
                                                         const double *h, const double *r_var, const double *s_chol) {
  double ph[WF_FILTER_MAX * 4], k[WF_FILTER_MAX * 4], a[WF_FILTER_MAX * WF_FILTER_MAX], ah[WF_FILTER_MAX * 4];
  for (int i = 0; i < n; i++)
    for (int c = 0; c < dim; c++) {
      double sum = 0.0;
      for (int j = 0; j < 6; j++) sum += p[n * i + j] * h[6 * c + j];
      ph[dim * i + c] = sum;
    }
  for (int i = 0; i < n; i++) {
    double *row = &k[dim * i];
    for (int c = 0; c < dim; c++) row[c] = ph[dim * i + c];
    wf_mat_solve_lower(dim, s_chol, row);
    wf_mat_solve_lower_t(dim, s_chol, row);
    for (int c = 0; c < dim; c++) x[i] += row[c] * residual[c];
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = p[n * i + j];
      for (int c = 0; c < dim; c++) sum -= k[dim * i + c] * ph[dim * j + c];
      a[n * i + j] = sum;
    }
  for (int i = 0; i < n; i++)  // (A Hᵀ − K R), so that P = A − (A Hᵀ − K R) Kᵀ
    for (int c = 0; c < dim; c++) {
      double sum = -k[dim * i + c] * r_var[c];
      for (int j = 0; j < 6; j++) sum += a[n * i + j] * h[6 * c + j];
      ah[dim * i + c] = sum;
    }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = a[n * i + j];
      for (int c = 0; c < dim; c++) sum -= ah[dim * i + c] * k[dim * j + c];
      p[n * i + j] = sum;
    }
  wf_mat_symmetrise(n, p);
}

void wf_filter_update(wf_filter *filter, int dim, const double *residual, const double *h, const double *r_var,
                      const double *s_chol) {
  if (filter->size == 6 && dim == 3)
    joseph(6, 3, filter->x, filter->p, residual, h, r_var, s_chol);
  else if (filter->size == 9 && dim == 3)
    joseph(9, 3, filter->x, filter->p, residual, h, r_var, s_chol);
  else
    joseph(filter->size, dim, filter->x, filter->p, residual, h, r_var, s_chol);
}

bool wf_filter_mend(wf_filter *filter) {
  const int n = filter->size;
  double scaled[WF_FILTER_MAX * WF_FILTER_MAX] = {0}, l[WF_FILTER_MAX * WF_FILTER_MAX];
  bool sound = true;
  for (int i = 0; i < n; i++)
    if (!(filter->p[n * i + i] > 0.0)) sound = false;
  if (sound) {
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++)
        scaled[n * i + j] = filter->p[n * i + j] / wf_sqrt(filter->p[n * i + i] * filter->p[n * j + j]);
    sound = wf_mat_cholesky(n, scaled, l) == WF_OK;
  }
  if (sound) return true;
  wf_mat_symmetrise(n, filter->p);
  for (int i = 0; i < n; i++) {  // keep the variances, forget the correlations: always positive definite
    const double v = filter->p[n * i + i];
    for (int j = 0; j < n; j++) filter->p[n * i + j] = filter->p[n * j + i] = 0.0;
    filter->p[n * i + i] = v > 0.0 && isfinite(v) ? v : (i < 3 ? 1e6 : 1e4);
  }
  return false;
}
