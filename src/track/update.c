// One plot into one track: every slot's filter, the weights, and what is owed to partners.
#include <math.h>
#include <string.h>

#include "internal.h"

#define FIT_MEMORY 0.92  // of the running mean of χ² per component: a dozen plots
#define BRISK_MEMORY 0.6
#define SAGITTA_MAX 0.5  // of the range sigma

void wf_track_restart_increment(const wf_tracker *t, object *o) {
  double state[6];
  wf_increment_clear(&o->increment);
  wf_track_blend(t, o, state, o->p_epoch);
  o->increment_epoch = o->time;
  o->increment_valid = true;
}

// All that is known of the object: what replaces, for the receiver, what was told before.
bool wf_track_whole(const wf_tracker *t, object *o, wf_tracklet *out) {
  double covariance[36], information[36];
  *out = (wf_tracklet){.whole = 1, .phase = o->pub.phase};
  wf_track_blend(t, o, out->reference, covariance);
  if (wf_mat_spd_inverse(6, covariance, information) != WF_OK) return false;
  wf_mat_pack_upper(6, information, out->information);
  wf_track_lean(t, o, out);
  return true;
}

void wf_track_note_pending(object *o, wf_time time, uint8_t sources, const wf_tracklet *tracklet) {
  if (o->pending_count == PENDING) {  // nobody collects: the oldest goes, it can never be late and right
    memmove(o->pending, o->pending + 1, (PENDING - 1) * sizeof o->pending[0]);
    o->pending_count--;
  }
  o->pending[o->pending_count++] = (struct pending){time, sources, *tracklet};
}

// Of several looks within a moment one statement is made: a fast radar must not flood the partners.
static bool merge_pending(object *o, wf_time time, uint8_t source, const wf_filter *f, const wf_tracklet *tracklet) {
  struct pending *last = o->pending_count > 0 ? &o->pending[o->pending_count - 1] : NULL;
  if (last == NULL || !last->tracklet.position_only) return false;
  const double dt_s = wf_time_diff_s(time, last->time);
  if (dt_s > WF_SAY_EVERY_S || dt_s < -WF_SAY_EVERY_S) return false;
  const wf_dynamics fall = {WF_GRAVITY_J2, 0.0};
  double acc[3], velocity[9];
  wf_motion_acceleration(&fall, f->x, f->x + 3, acc, NULL, NULL, NULL);
  for (int i = 0; i < 3; i++) {
    if (f->size == 9) acc[i] += f->x[6 + i];
    for (int j = 0; j < 3; j++) velocity[3 * i + j] = f->p[f->size * (3 + i) + 3 + j];
  }
  if (dt_s >= 0.0) {
    wf_tracklet newer = *tracklet;
    wf_tracklet_absorb(&newer, &last->tracklet, dt_s, acc, velocity);
    last->tracklet = newer;
    last->time = time;
  } else {
    wf_tracklet_absorb(&last->tracklet, tracklet, -dt_s, acc, velocity);
  }
  last->sources |= source;
  return true;
}

// Information for partners. A free fall is gathered over time; anything with noise in its motion is told plot by plot,
// each about the position at its own time, which is right under any motion.
static void gather(object *o, const wf_filter *f, const wf_expected *e, const double *r, uint8_t source) {
  if (o->increment_valid) {
    wf_increment_gather(&o->increment, e, e->variance, r);
    return;
  }
  wf_tracklet tracklet;
  wf_increment_of_plot(e, e->variance, r, f->x, &tracklet);
  if (!merge_pending(o, o->time, source, f, &tracklet)) wf_track_note_pending(o, o->time, source, &tracklet);
}

// A track that is sure of falling freely and fits teaches what the sensors' biases are.
static bool teaches(const object *o, int slot) {
  return o->active == 1u << slot && wf_track_is_firm(o) && !o->starting && o->fit < MISFIT;
}

// The covariance of a track that was given one plot and may have made another, or none: the mixture of what each would
// have made of it, about the state it was given (Bar-Shalom, Li & Kirubarajan 2001, eq. 1.4.16-9). The state itself is
// not averaged, so close tracks do not run into each other.
static void spread(const wf_filter *before, wf_filter *f, const wf_expected *e, const rivals *others, const double *own,
                   const double shift[3]) {
  const int n = f->size;
  double total = others->own + others->none, part, d[WF_VIEW_DIM], k[WF_FILTER_MAX * WF_VIEW_DIM], step[WF_FILTER_MAX];
  if (others->count == 0 && others->none < 0.01) return;
  for (uint32_t i = 0; i < others->count; i++) total += others->share[i];
  for (int i = 0; i < n; i++)  // K = P⁺ Hᵀ R⁻¹
    for (int c = 0; c < e->dim; c++) {
      double sum = 0.0;
      for (int j = 0; j < 6; j++) sum += f->p[n * i + j] * e->h[6 * c + j];
      k[e->dim * i + c] = sum / e->variance[c];
    }
  const double none = others->none / total;
  for (int i = 0; i < n * n; i++) f->p[i] += none * (before->p[i] - f->p[i]);
  for (uint32_t r = 0; r <= others->count; r++) {
    if (r < others->count) {
      wf_view_residual(e, others->plot[r], d);
      for (int c = 0; c < e->dim; c++) d[c] -= own[c] + (c < 3 ? shift[c] : 0.0);
      part = others->share[r] / total;
    } else {
      for (int c = 0; c < e->dim; c++) d[c] = own[c];
      part = none;
    }
    wf_mat_mul(n, e->dim, 1, k, d, step);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) f->p[n * i + j] += part * step[i] * step[j];
  }
}

// So uncertain across the line of sight that the sagitta of the circle of equal range counts: one linear step would
// throw a long-lost track far off.
static bool is_wide(const wf_expected *e) {
  if (e->kind != WF_PLOT_RADAR) return false;
  const double az = e->sigma[1] * wf_cos(e->z[2]), el = e->sigma[2];
  return 0.5 * e->z[0] * (az * az + el * el) > SAGITTA_MAX * wf_sqrt(e->variance[0]);
}

static void update_slot(wf_tracker *t, object *o, int slot, const wf_view *seen, const wf_plot *plot, bool lead,
                        const rivals *others) {
  wf_filter *f = &o->slot[slot];
  const watcher *w = &t->watcher[plot->sensor];
  wf_sensitivity *drift = wf_track_drift(o, slot);
  wf_view view = *seen;
  wf_expected e;
  wf_filter before;
  double r[WF_VIEW_DIM], unbiased[WF_VIEW_DIM], shift[3], delta[6], g[3 * WF_BIAS_DIM];
  const bool contested = others->count > 0 || others->none > 0.01;
  if (drift == NULL) wf_track_bias_blur(t, w, &view);
  if (wf_view_expect(&view, f, &e) != WF_OK) {
    t->stats.covariance_repairs += !wf_filter_mend(f);
    if (wf_view_expect(&view, f, &e) != WF_OK) return;
  }
  wf_view_residual(&e, plot, r);
  wf_track_bias_expect(t, o, slot, w, &e, shift);
  for (int c = 0; c < e.dim; c++) unbiased[c] = r[c] - (c < 3 ? shift[c] : 0.0);
  if (lead) {
    const uint8_t source = plot->kind == WF_PLOT_LOS ? WF_SOURCE_INFRARED : WF_SOURCE_RADAR;
    const double misfit = wf_filter_chi2(e.dim, e.s_chol, unbiased) / e.dim;
    o->fit = FIT_MEMORY * o->fit + (1.0 - FIT_MEMORY) * misfit;
    o->brisk = BRISK_MEMORY * o->brisk + (1.0 - BRISK_MEMORY) * misfit;
    gather(o, f, &e, unbiased, source);
  }
  const bool biased = drift != NULL && (w->bias >= 0 || drift->sensors != 0);
  if (biased) wf_sensitivity_innovation(drift, w->bias, &e, g);
  if (contested) before = *f;
  for (int i = 0; i < 6; i++) delta[i] = -f->x[i];
  if (o->pub.plots < 6 || is_wide(&e))  // relinearise
    wf_view_update_iterated(&view, plot, 3, f);
  else
    wf_filter_update(f, e.dim, drift == NULL ? unbiased : r, e.h, e.variance, e.s_chol);
  for (int i = 0; i < 6; i++) delta[i] += f->x[i];
  if (lead && o->increment_valid) wf_increment_shift(&o->increment, delta);
  if (contested) spread(&before, f, &e, others, unbiased, shift);
  if (biased) wf_track_bias_update(t, o, slot, w, &e, r, teaches(o, slot), g);
}

// By Bayes: how well each explained the plot, and how likely it was to be seen at all.
static void reweigh(object *o, const watcher *w, const double log_l[SLOTS]) {
  double top = -1e300;
  for (int s = 0; s < SLOTS; s++)
    if (wf_track_has(o, s) && log_l[s] > top) top = log_l[s];
  for (int s = 0; s < SLOTS; s++) {
    const double down = log_l[s] - top;
    if (wf_track_has(o, s)) o->weight[s] *= wf_track_detection_probability(w, s) * wf_exp(down > -60.0 ? down : -60.0);
  }
  wf_track_normalise(o);
}

static void remember_start(object *o, const wf_plot *plot, uint32_t plot_id) {
  if (plot->kind != WF_PLOT_RADAR) o->starting = false;
  if (!o->starting) return;
  o->start[o->start_count] = *plot;
  o->start_id[o->start_count++] = plot_id;
}

void wf_track_update(wf_tracker *t, object *o, const wf_plot *plot, uint32_t plot_id, const double likelihood[SLOTS],
                     const rivals *others) {
  wf_view view;
  double log_l[SLOTS];
  memcpy(log_l, likelihood, sizeof log_l);
  wf_track_look(&t->watcher[plot->sensor], plot, &view);
  if (plot->time.ns != o->time.ns) wf_track_predict(t, o, plot->time);
  const int lead = wf_track_best_slot(o);
  // A plot cannot tell at once a push that has just begun from none; that there is a flame to be seen can.
  if (plot->kind == WF_PLOT_LOS && wf_track_flame(o, plot->time)) log_l[SLOT_BOOST] = log_l[lead];
  for (int s = 0; s < SLOTS; s++)
    if (wf_track_has(o, s)) update_slot(t, o, s, &view, plot, s == lead, others);
  reweigh(o, &t->watcher[plot->sensor], log_l);
  remember_start(o, plot, plot_id);
  if (o->starting) wf_track_refit(t, o);
  wf_track_past_add(t, o, t->look_next - 1, plot_id - (t->plot_ids - t->look[(t->look_next - 1) % LOOKS].count) - 1);
  if (others->count > 0 || others->none > 0.01) o->blurred = true;
  o->seen = true;
  o->misses = 0;
  o->pub.plots++;
  o->pub.last_update = plot->time;
  o->pub.last_sensor = plot->sensor;
  o->pub.sources |= plot->kind == WF_PLOT_LOS ? WF_SOURCE_INFRARED : WF_SOURCE_RADAR;
  wf_track_credit(o, plot->sensor, plot->time);
  wf_track_doubt(t, o);
  wf_track_phase(t, o);
}
