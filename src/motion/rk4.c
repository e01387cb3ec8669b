// The filters' integrator: classical Runge–Kutta of order 4, with the variational equations taken through the same
// four stages. The transition matrix is therefore the exact derivative of the step, not an approximation of it.
#include <math.h>

#include "field.h"

// Columns carried beside the state: 6 of the transition matrix, one of inv_beta, one of padding for the vectors.
#define WIDTH 8
#define WIDTH_STM 6
#define STEPS_MAX 1000000  // no caller may hang a filter with an absurd time
typedef double columns[6 * WIDTH];

// k = A y (+ the drag forcing of column 6) for the rows of A = [0 I; d_pos d_vel].
static inline void variation(const wf_field *f, int width, bool has_drag, const double *y, double *k) {
  for (int j = 0; j < 3 * width; j++) k[j] = y[3 * width + j];
  for (int i = 0; i < 3; i++) {
    const double *g = &f->d_pos[3 * i], *d = &f->d_vel[3 * i];
    double *row = &k[(3 + i) * width];
    for (int j = 0; j < width; j++) row[j] = g[0] * y[j] + g[1] * y[width + j] + g[2] * y[2 * width + j];
    if (has_drag) {
      for (int j = 0; j < width; j++)
        row[j] += d[0] * y[3 * width + j] + d[1] * y[4 * width + j] + d[2] * y[5 * width + j];
      if (width == WIDTH) row[6] += f->drag_unit[i];
    } else if (i < 2) {  // only Coriolis: one entry per row
      for (int j = 0; j < width; j++) row[j] += d[1 - i] * y[(4 - i) * width + j];
    }
  }
}

static inline void step(const wf_dynamics *dyn, double dt, double *state, double *y, int width, bool has_drag) {
  static const double at[4] = {0.0, 0.5, 0.5, 1.0};
  static const double weight[4] = {1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0};
  double k[6] = {0}, sum[6] = {0}, s[6];
  columns ky = {0}, sum_y, sy;
  for (int j = 0; j < 6 * width; j++) sum_y[j] = 0.0;
  for (int stage = 0; stage < 4; stage++) {
    const double h = dt * at[stage];
    for (int i = 0; i < 6; i++) s[i] = state[i] + h * k[i];
    wf_field f;
    wf_field_at(dyn, s, s + 3, has_drag, width > 0, &f);
    for (int i = 0; i < 3; i++) {
      k[i] = s[3 + i];
      k[3 + i] = f.acc[i];
    }
    for (int i = 0; i < 6; i++) sum[i] += weight[stage] * k[i];
    if (width == 0) continue;
    for (int j = 0; j < 6 * width; j++) sy[j] = y[j] + h * ky[j];
    variation(&f, width, has_drag, sy, ky);
    for (int j = 0; j < 6 * width; j++) sum_y[j] += weight[stage] * ky[j];
  }
  for (int i = 0; i < 6; i++) state[i] += dt * sum[i];
  for (int j = 0; j < 6 * width; j++) y[j] += dt * sum_y[j];
}

// One instance per case, so that loops over columns have constant bounds.
static void step_state(const wf_dynamics *dyn, double dt, double *state) {
  if (dyn->inv_beta_m2_kg == 0.0)
    step(dyn, dt, state, NULL, 0, false);
  else
    step(dyn, dt, state, NULL, 0, true);
}
static void step_stm(const wf_dynamics *dyn, double dt, double *state, double *y) {
  if (dyn->inv_beta_m2_kg == 0.0)
    step(dyn, dt, state, y, WIDTH_STM, false);
  else
    step(dyn, dt, state, y, WIDTH_STM, true);
}
static void step_all(const wf_dynamics *dyn, double dt, double *state, double *y) {
  step(dyn, dt, state, y, WIDTH, true);
}

static void run(const wf_dynamics *dyn, double dt, int count, double state[6], double *stm, double *sens_inv_beta) {
  columns y = {0};
  const int width = sens_inv_beta != NULL ? WIDTH : WIDTH_STM;
  for (int i = 0; i < 6; i++) y[i * width + i] = 1.0;
  for (int n = 0; n < count; n++) {
    if (sens_inv_beta != NULL)
      step_all(dyn, dt, state, y);
    else if (stm != NULL)
      step_stm(dyn, dt, state, y);
    else
      step_state(dyn, dt, state);
  }
  for (int i = 0; i < 6; i++) {
    for (int j = 0; stm != NULL && j < 6; j++) stm[6 * i + j] = y[i * width + j];
    if (sens_inv_beta != NULL) sens_inv_beta[i] = y[i * width + 6];
  }
}

void wf_motion_rk4_step(const wf_dynamics *dyn, double dt_s, double state[6], double *stm, double *sens_inv_beta) {
  run(dyn, dt_s, 1, state, stm, sens_inv_beta);
}

void wf_motion_propagate(const wf_dynamics *dyn, double dt_s, double step_max_s, double state[6], double *stm,
                         double *sens_inv_beta) {
  const double span = dt_s < 0.0 ? -dt_s : dt_s;
  int count = 1;
  // A step that does not divide the span is shortened, never stretched. 1e-9: a whole number of steps stays whole.
  if (step_max_s > 0.0 && span > step_max_s) {
    const double steps = -wf_floor(-(span / step_max_s) + 1e-9);
    count = steps < STEPS_MAX ? (int)steps : STEPS_MAX;
  }
  run(dyn, dt_s / count, dt_s == 0.0 ? 0 : count, state, stm, sens_inv_beta);
}
