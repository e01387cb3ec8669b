#include "bound.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat.h"
#include "motion/dynamics.h"

#define STEP_MAX_S 2.0
// What a truth's states may differ from its motion, m/s²: far above J2 against J4 (1e-4), below drag at 80 km.
#define SLACK_M_S2 0.02
#define SLACK_M 0.05

void wf_score_move(wf_score_motion motion, double dt_s, double state[6], double *stm) {
  if (motion == WF_SCORE_MOTION_COAST) {
    const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
    wf_motion_propagate(&vacuum, dt_s, STEP_MAX_S, state, stm, NULL);
    return;
  }
  for (int i = 0; i < 3; i++) state[i] += dt_s * state[3 + i];
  if (stm == NULL) return;
  wf_mat_identity(6, stm);
  for (int i = 0; i < 3; i++) stm[6 * i + 3 + i] = dt_s;
}

static double step_s(const wf_score_scene *scene, uint32_t from_row, uint32_t to_row) {
  return (double)(scene->scan[scene->truth.scan[to_row]].time_ns - scene->scan[scene->truth.scan[from_row]].time_ns) *
         1e-9;
}

// How far the next state is from where the motion leads, in units of what is allowed.
static double misfit(const wf_score_scene *scene, wf_score_motion motion, uint32_t from_row, uint32_t to_row) {
  double state[6], apart[3];
  const double dt_s = step_s(scene, from_row, to_row), *to = &scene->truth.state[6 * (size_t)to_row];
  memcpy(state, &scene->truth.state[6 * (size_t)from_row], sizeof state);
  wf_score_move(motion, dt_s, state, NULL);
  wf_vec_sub(state, to, apart);
  return wf_vec_norm(apart) / (SLACK_M + 0.5 * SLACK_M_S2 * dt_s * dt_s);
}

static wf_score_motion motion_of(const wf_score_scene *scene, uint32_t truth) {
  const uint32_t *row = &scene->truth.order[scene->truth.begin[truth]];
  if (scene->truth.begin[truth + 1] - scene->truth.begin[truth] < 2) return WF_SCORE_MOTION_COAST;
  const double coast = misfit(scene, WF_SCORE_MOTION_COAST, row[0], row[1]);
  const double straight = misfit(scene, WF_SCORE_MOTION_STRAIGHT, row[0], row[1]);
  if (coast > 1.0 && straight > 1.0) return WF_SCORE_MOTION_NEITHER;
  return coast <= straight ? WF_SCORE_MOTION_COAST : WF_SCORE_MOTION_STRAIGHT;
}

// One truth's information, kept at the time of its first state: nothing is inverted on the way.
typedef struct gather {
  const wf_score_scene *scene;
  const wf_score_plots *plots;
  wf_score_bounds *out;
  uint32_t *next;  // per plot: the truth's next detection (plots are in time order), WF_SCORE_NONE at the end
  double information[36];
  double stm[36];  // from the first state to now
} gather;

// H at the truth, carried back by the transition, weighted with the measurement's own variances.
static void add_detection(gather *g, const double state[6], const wf_plot *plot) {
  wf_view view;
  wf_expected e;
  double back[WF_VIEW_DIM * 6];
  wf_score_look(g->plots, plot, &view);
  wf_view_at(&view, state, &e);
  wf_mat_mul(e.dim, 6, 6, e.h, g->stm, back);
  for (int d = 0; d < e.dim; d++)
    for (int i = 0; i < 6; i++)
      for (int j = 0; j < 6; j++) g->information[6 * i + j] += back[6 * d + i] * back[6 * d + j] / view.variance[d];
}

static void take_bound(gather *g, uint32_t row) {
  double covariance[36];
  if (wf_mat_spd_inverse(6, g->information, covariance) != WF_OK) return;
  wf_mat_congruence(6, g->stm, covariance, NULL, covariance);
  const double position = covariance[0] + covariance[7] + covariance[14];
  const double velocity = covariance[21] + covariance[28] + covariance[35];
  if (!(position > 0.0 && velocity > 0.0 && isfinite(position) && isfinite(velocity))) return;
  g->out->position_m2[row] = position;
  g->out->velocity_m2_s2[row] = velocity;
  wf_mat_pack_upper(6, covariance, &g->out->covariance[21 * (size_t)row]);
}

static void carry(gather *g, wf_score_motion motion, uint32_t from_row, uint32_t to_row) {
  double state[6], stm[36], all[36];
  memcpy(state, &g->scene->truth.state[6 * (size_t)from_row], sizeof state);
  wf_score_move(motion, step_s(g->scene, from_row, to_row), state, stm);
  wf_mat_mul(6, 6, 6, stm, g->stm, all);
  memcpy(g->stm, all, sizeof all);
}

static void bound_truth(gather *g, uint32_t truth, uint32_t detection) {
  const wf_score_side *side = &g->scene->truth;
  const wf_score_motion motion = motion_of(g->scene, truth);
  g->out->motion[truth] = (uint8_t)motion;
  g->out->objects_of[motion]++;
  if (motion == WF_SCORE_MOTION_NEITHER) return;
  memset(g->information, 0, sizeof g->information);
  wf_mat_identity(6, g->stm);
  uint32_t components = 0;
  for (uint32_t k = side->begin[truth]; k < side->begin[truth + 1]; k++) {
    const uint32_t row = side->order[k];
    if (k > side->begin[truth]) {
      if (misfit(g->scene, motion, side->order[k - 1], row) > 1.0) return;
      carry(g, motion, side->order[k - 1], row);
    }
    const int64_t now_ns = g->scene->scan[side->scan[row]].time_ns;
    for (; detection != WF_SCORE_NONE; detection = g->next[detection]) {
      const wf_plot *plot = &g->plots->plot[detection].plot;
      if (plot->time.ns > now_ns) break;
      if (plot->time.ns < now_ns) continue;  // told already
      add_detection(g, &side->state[6 * (size_t)row], plot);
      components += plot->kind == WF_PLOT_LOS ? 2 : 3;
    }
    if (components >= 6) take_bound(g, row);
  }
}

// The scan of a time; WF_SCORE_NONE when there is none.
static uint32_t scan_at(const wf_score_scene *scene, int64_t time_ns) {
  size_t low = 0, high = scene->scans;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (scene->scan[middle].time_ns < time_ns)
      low = middle + 1;
    else
      high = middle;
  }
  return low < scene->scans && scene->scan[low].time_ns == time_ns ? (uint32_t)low : WF_SCORE_NONE;
}

// Chains every truth's detections; first[truth] is its first.
static void chain(gather *g, uint32_t *first, const char *path, wf_diag *diag) {
  for (size_t k = 0; k < g->scene->truth.objects; k++) first[k] = WF_SCORE_NONE;
  for (size_t i = g->plots->count; i-- > 0;) {
    const wf_score_plot *p = &g->plots->plot[i];
    if (p->truth == WF_SCORE_NONE) continue;
    const uint32_t scan = scan_at(g->scene, p->plot.time.ns);
    if (scan == WF_SCORE_NONE || wf_score_truth_row(g->scene, scan, p->truth) == WF_SCORE_NONE)
      wf_diag_say(diag, path, 0, "a plot of object %lld at %g s, when the truth has no state of it",
                  g->scene->truth_id[p->truth], wf_time_to_s(p->plot.time));
    g->next[i] = first[p->truth];
    first[p->truth] = (uint32_t)i;
  }
}

wf_status wf_score_bounds_compute(const wf_score_scene *scene, const wf_score_plots *plots, const char *plots_path,
                                  wf_diag *diag, wf_score_bounds *out) {
  const size_t rows = scene->truth.rows, objects = scene->truth.objects;
  *out = (wf_score_bounds){
      .position_m2 = calloc(rows + 1, sizeof *out->position_m2),
      .velocity_m2_s2 = calloc(rows + 1, sizeof *out->velocity_m2_s2),
      .covariance = calloc(21 * rows + 1, sizeof *out->covariance),
      .motion = calloc(objects + 1, sizeof *out->motion),
  };
  uint32_t *first = calloc(objects + 1, sizeof *first);
  gather g = {.scene = scene, .plots = plots, .out = out, .next = calloc(plots->count + 1, sizeof *g.next)};
  const bool ok = out->position_m2 != NULL && out->velocity_m2_s2 != NULL && out->covariance != NULL &&
                  out->motion != NULL && first != NULL && g.next != NULL;
  if (ok) {
    for (size_t i = 0; i < rows; i++) out->position_m2[i] = out->velocity_m2_s2[i] = NAN;
    chain(&g, first, plots_path, diag);
    for (uint32_t k = 0; k < objects; k++) bound_truth(&g, k, first[k]);
    for (size_t i = 0; i < rows; i++) out->rows_without += isnan(out->position_m2[i]) ? 1 : 0;
  }
  free(first);
  free(g.next);
  return ok ? WF_OK : WF_ENOMEM;
}

void wf_score_bounds_free(wf_score_bounds *bounds) {
  free(bounds->position_m2);
  free(bounds->velocity_m2_s2);
  free(bounds->covariance);
  free(bounds->motion);
  *bounds = (wf_score_bounds){0};
}
