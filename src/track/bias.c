// Registration errors of own radars beside the free-fall slots (estimate/registration.h): which sensors have any, how
// each track's estimate depends on them, what the tracks together say about them.
#include <string.h>

#include "internal.h"

#define ODDS_LEAST 0.02

// Where nothing is stated but several radars look at the same sky, they are not taken to be aligned.
static const double UNSTATED[3] = {20.0, 0.5e-3, 0.5e-3};

static void enlist(wf_tracker *t, watcher *w, const double sigma[3]) {
  if (w->bias < 0) w->bias = (int8_t)wf_registration_add(&t->registration, sigma);
  t->registration_stale = true;
}

void wf_track_bias_enlist(wf_tracker *t) {
  static const double none[3] = {0.0, 0.0, 0.0};
  int radars = 0;
  bool stated_any = false;
  if (t->registration_nominal) {  // the one radar is one of several now
    memset(&t->registration, 0, sizeof t->registration);
    for (size_t i = 0; i < t->watchers; i++) t->watcher[i].bias = -1;
  }
  for (size_t i = 0; i < t->watchers; i++) radars += t->watcher[i].sensor.kind == WF_SENSOR_RADAR;
  for (size_t i = 0; i < t->watchers; i++) {
    watcher *w = &t->watcher[i];
    const wf_sensor *s = &w->sensor;
    const double stated[3] = {s->bias_sigma_range_m, s->bias_sigma_az_rad, s->bias_sigma_el_rad};
    if (s->kind != WF_SENSOR_RADAR) continue;
    const bool states = stated[0] > 0.0 || stated[1] > 0.0 || stated[2] > 0.0;
    stated_any = stated_any || states;
    if (states)
      enlist(t, w, stated);
    else
      enlist(t, w, radars > 1 ? UNSTATED : none);
  }
  t->registration_nominal = radars == 1 && !stated_any;
  t->registration.suspected = !stated_any;
}

wf_sensitivity *wf_track_drift(object *o, int slot) {
  return slot == SLOT_COAST ? &o->drift[0] : slot == SLOT_BURNT ? &o->drift[1] : NULL;
}

// What known biases make of a plot's residual in this slot.
void wf_track_bias_expect(const wf_tracker *t, object *o, int slot, const watcher *w, const wf_expected *expected,
                          double shift[3]) {
  const wf_sensitivity *drift = wf_track_drift(o, slot);
  shift[0] = shift[1] = shift[2] = 0.0;
  if (t->registration_nominal) return;
  if (drift == NULL) {
    for (int c = 0; w->bias >= 0 && c < 3; c++) shift[c] = t->registration.mean[3 * w->bias + c];
    return;
  }
  if (drift->sensors == 0 && w->bias < 0) return;
  double g[3 * WF_BIAS_DIM];
  wf_sensitivity_innovation(drift, w->bias, expected, g);
  wf_registration_expect(&t->registration, drift, w->bias, g, shift);
}

// Slots with noise of their own take what is not known of the bias as more of it.
void wf_track_bias_blur(const wf_tracker *t, const watcher *w, wf_view *view) {
  if (w->bias < 0 || t->registration_nominal || view->kind != WF_PLOT_RADAR) return;
  for (int c = 0; c < 3; c++) {
    const int at = 3 * w->bias + c;
    view->variance[c] += t->registration.covariance[WF_BIAS_DIM * at + at];
  }
}

// A free-fall slot was updated: g of wf_sensitivity_innovation before, the filter after.
void wf_track_bias_update(wf_tracker *t, object *o, int slot, const watcher *w, const wf_expected *expected,
                          const double *residual, bool teaches, const double *g) {
  wf_sensitivity *drift = wf_track_drift(o, slot);
  if (teaches && !t->registration_nominal && expected->dim >= 3) {
    double l[9];
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++) l[3 * i + j] = expected->s_chol[expected->dim * i + j];
    wf_registration_learn(&t->registration, drift, w->bias, g, residual, l);
    t->registration_stale = true;
  }
  const wf_filter *f = &o->slot[slot];
  wf_sensitivity_update(drift, w->bias, expected, expected->variance, f->p, f->size, g);
}

// Whether registration errors count in this track's state.
bool wf_track_is_biased(const wf_tracker *t, object *o) {
  const wf_sensitivity *drift = wf_track_drift(o, wf_track_best_slot(o));
  return !t->registration_nominal && drift != NULL && drift->sensors != 0 && t->registration.odds > ODDS_LEAST;
}

// Of an increment the dependence was gathered with it. Of a whole state x̂ = x + U b + noise: L = Y U, D = Uᵀ Y U.
void wf_track_lean(const wf_tracker *t, object *o, wf_tracklet *out) {
  out->leans = t->registration_nominal;
  if (!out->leans || !out->whole) return;
  const int slot = wf_track_best_slot(o);
  if (slot != SLOT_COAST || o->active != 1u << SLOT_COAST) {
    out->leans = 0;
    return;
  }
  double y[36], u[18], d[9];
  for (int i = 0; i < 6; i++)
    for (int c = 0; c < 3; c++) u[3 * i + c] = o->drift[0].u[WF_BIAS_DIM * i + c];  // the one radar has index 0
  wf_mat_unpack_upper(6, out->information, y);
  wf_mat_mul(6, 6, 3, y, u, out->lean);
  wf_mat_t_mul(3, 6, 3, u, out->lean, d);
  wf_mat_symmetrise(3, d);
  wf_mat_pack_upper(3, d, out->lean_information);
}

void wf_track_bias_settle(wf_tracker *t) {
  if (t->registration_stale) (void)wf_registration_solve(&t->registration);  // keeps the last one when it cannot
  t->registration_stale = false;
}

// The sensitivity of a batch fit: U = P Σ (H Φ)ᵀ R⁻¹ D over its plots, as one update from nothing.
void wf_track_bias_refit(wf_tracker *t, object *o, const wf_batch_item *item) {
  wf_sensitivity *drift = &o->drift[0];
  const wf_filter *f = &o->slot[SLOT_COAST];
  memset(drift, 0, sizeof *drift);
  if (t->registration.sensors == 0) return;
  for (int k = 0; k < o->start_count; k++) {
    const watcher *w = &t->watcher[item[k].plot.sensor];
    if (w->bias < 0) continue;
    wf_expected e;
    double h[WF_VIEW_DIM * 6];
    wf_batch_jacobian(&item[k], f, o->time, &e, h);
    drift->sensors |= (uint8_t)(1u << w->bias);
    for (int i = 0; i < 6; i++)
      for (int c = 0; c < 3; c++)
        for (int j = 0; j < 6; j++)
          drift->u[WF_BIAS_DIM * i + 3 * w->bias + c] += f->p[6 * i + j] * h[6 * c + j] / e.variance[c];
  }
}
