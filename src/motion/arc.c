#include "arc.h"

#include <math.h>
#include <string.h>

#include "field.h"

#define STAGES 7
#define W WF_ARC_WIDTH
#define STEP_MIN_S 1e-7
#define SHARE_MIN 0.1
#define CAUTION 0.1  // the estimate does not see the kinks of the atmosphere's layers

// Dormand & Prince, J. Comput. Appl. Math. 6 (1980), table 2. The last row of A is the solution of order 5.
static const double A[STAGES][STAGES - 1] = {
    {0},
    {1.0 / 5},
    {3.0 / 40, 9.0 / 40},
    {44.0 / 45, -56.0 / 15, 32.0 / 9},
    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
    {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84},
};
// Order 5 minus order 4.
static const double E[STAGES] = {71.0 / 57600, 0, -71.0 / 16695, 71.0 / 1920, -17253.0 / 339200, 22.0 / 525, -1.0 / 40};

static double magnitude(double x) {
  return x < 0.0 ? -x : x;
}

typedef struct work {
  wf_field field[STAGES];
  double k[STAGES][6], kc[STAGES][6 * W], state[6], columns[6 * W];
} work;

// A y plus the forcing of drag and wind.
static void column_slopes(const wf_field *f, double inv_beta, const double *y, double *k) {
  const int width = inv_beta != 0.0 ? W : WF_ARC_DRAG;
  memcpy(k, y + 3 * W, 3 * W * sizeof *k);
  for (int i = 0; i < 3; i++) {
    const double *g = &f->d_pos[3 * i], *d = &f->d_vel[3 * i];
    double *row = &k[(3 + i) * W];
    for (int j = 0; j < width; j++) {
      row[j] = g[0] * y[j] + g[1] * y[W + j] + g[2] * y[2 * W + j] + d[0] * y[3 * W + j] + d[1] * y[4 * W + j] +
               d[2] * y[5 * W + j];
    }
    if (inv_beta == 0.0) continue;
    row[WF_ARC_DRAG] += inv_beta * f->drag_unit[i];
    for (int j = 0; j < 3; j++) row[WF_ARC_WIND + j] += f->d_wind[3 * i + j];
  }
}

static void slopes(wf_arc *arc, const double *state, wf_field *f, double *k) {
  const bool has_drag = arc->dyn.inv_beta_m2_kg != 0.0;
  arc->evaluations++;
  if (arc->with_columns)
    wf_field_at(&arc->dyn, state, state + 3, has_drag, true, f);
  else
    wf_field_at(&arc->dyn, state, state + 3, has_drag, false, f);
  for (int i = 0; i < 3; i++) {
    k[i] = state[3 + i];
    k[3 + i] = f->acc[i];
  }
}

static void begin(wf_arc *arc, work *w) {
  if (!arc->have_slope) {
    slopes(arc, arc->state, &w->field[0], arc->slope);
    if (arc->with_columns) column_slopes(&w->field[0], arc->dyn.inv_beta_m2_kg, arc->columns, arc->column_slope);
  }
  arc->have_slope = true;
  memcpy(w->k[0], arc->slope, sizeof arc->slope);
}

// All stages of a step of h for the state; the new point is in w->state, its slope in the last stage.
static void attempt(wf_arc *arc, double h, work *w) {
  begin(arc, w);
  for (int stage = 1; stage < STAGES; stage++) {
    memcpy(w->state, arc->state, sizeof arc->state);
    for (int s = 0; s < stage; s++)
      for (int i = 0; i < 6; i++) w->state[i] += h * A[stage][s] * w->k[s][i];
    slopes(arc, w->state, &w->field[stage], w->k[stage]);
  }
}

// The columns follow through the stages of a step that was good, along the fields kept from it. In vacuum those of drag
// and wind stay zero and are left out.
static void follow(wf_arc *arc, double h, work *w) {
  const int width = arc->dyn.inv_beta_m2_kg != 0.0 ? W : WF_ARC_DRAG;
  memcpy(w->kc[0], arc->column_slope, sizeof arc->column_slope);
  for (int stage = 1; stage < STAGES; stage++) {
    memcpy(w->columns, arc->columns, sizeof arc->columns);
    for (int s = 0; s < stage; s++) {
      const double c = h * A[stage][s];
      if (c == 0.0) continue;
      for (int row = 0; row < 6 * W; row += W)
        for (int i = row; i < row + width; i++) w->columns[i] += c * w->kc[s][i];
    }
    column_slopes(&w->field[stage], arc->dyn.inv_beta_m2_kg, w->columns, w->kc[stage]);
  }
  memcpy(arc->columns, w->columns, sizeof arc->columns);
  memcpy(arc->column_slope, w->kc[STAGES - 1], sizeof arc->column_slope);
}

static void accept(wf_arc *arc, double h, work *w) {
  if (arc->with_columns) follow(arc, h, w);
  memcpy(arc->state, w->state, sizeof arc->state);
  memcpy(arc->slope, w->k[STAGES - 1], sizeof arc->slope);
  arc->t_s += h;
}

// Metres at the end of the arc that this step's local error is worth.
static double error_m(const wf_arc *arc, double h, const work *w) {
  double e[6] = {0};
  for (int s = 0; s < STAGES; s++)
    for (int i = 0; i < 6; i++) e[i] += h * E[s] * w->k[s][i];
  const double left_s = arc->span_s - magnitude(arc->t_s);
  const double lever_s = left_s > 10.0 ? left_s : 10.0;
  return wf_sqrt(wf_vec_dot(e, e)) + lever_s * wf_sqrt(wf_vec_dot(e + 3, e + 3));
}

void wf_arc_start(wf_arc *arc, const wf_dynamics *dyn, const double state[6], double tolerance_m, double span_s,
                  double direction, bool with_columns) {
  memset(arc, 0, sizeof *arc);
  arc->dyn = *dyn;
  arc->tolerance_m = tolerance_m;
  arc->span_s = span_s;
  arc->with_columns = with_columns;
  arc->step_s = direction < 0.0 ? -1.0 : 1.0;
  memcpy(arc->state, state, sizeof arc->state);
  for (int i = 0; i < 6; i++) arc->columns[i * W + i] = 1.0;
}

// Allowed over estimated error, for this step; a NaN stays one, and is refused.
static double success(const wf_arc *arc, double h, const work *w) {
  const double share = arc->span_s > 0.0 ? magnitude(h) / arc->span_s : 1.0;
  // The part of the tolerance that falls to this step; a floor keeps short steps of re-entry from starving.
  const double allowed = CAUTION * arc->tolerance_m * (share > SHARE_MIN ? share : SHARE_MIN);
  const double error = error_m(arc, h, w);
  return error == 0.0 ? 1e6 : allowed / error;
}

// The usual controller of order 5, kept between a tenth and five times.
static double growth(double ratio) {
  if (!isfinite(ratio) || ratio < 1e-6) return 0.1;
  const double grow = 0.8 * wf_exp(0.2 * wf_log(ratio < 1e6 ? ratio : 1e6));
  return grow > 5.0 ? 5.0 : grow < 0.1 ? 0.1 : grow;
}

wf_status wf_arc_step(wf_arc *arc, double limit_s) {
  work w;
  double h = arc->step_s;
  for (;;) {
    const bool limited = magnitude(h) > limit_s;
    if (limited) h = h < 0.0 ? -limit_s : limit_s;
    attempt(arc, h, &w);
    const double ratio = success(arc, h, &w), next = h * growth(ratio);
    if (ratio >= 1.0) {
      // A step cut by the caller's limit says nothing against the longer one.
      if (!limited || magnitude(next) > magnitude(arc->step_s)) arc->step_s = next;
      accept(arc, h, &w);
      return WF_OK;
    }
    if (magnitude(h) < STEP_MIN_S) return WF_EDIVERGED;
    h = arc->step_s = next;
  }
}

void wf_arc_nudge(wf_arc *arc, double dt_s) {
  work w;
  attempt(arc, dt_s, &w);
  accept(arc, dt_s, &w);
}

wf_status wf_motion_propagate_adaptive(const wf_dynamics *dyn, double dt_s, double tolerance_m, double state[6]) {
  const double span = magnitude(dt_s);
  if (!isfinite(span) || !(tolerance_m > 0.0)) return WF_EINVAL;
  for (int i = 0; i < 6; i++)
    if (!isfinite(state[i])) return WF_EINVAL;
  if (span == 0.0) return WF_OK;
  wf_arc arc;
  wf_arc_start(&arc, dyn, state, tolerance_m, span, dt_s, false);
  for (;;) {
    const double left = span - magnitude(arc.t_s);
    if (left <= STEP_MIN_S) {
      wf_arc_nudge(&arc, dt_s - arc.t_s);
      break;
    }
    const wf_status status = wf_arc_step(&arc, left);
    if (status != WF_OK) return status;
  }
  memcpy(state, arc.state, sizeof arc.state);
  return WF_OK;
}
