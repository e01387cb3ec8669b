// A track that was not seen, and a plot nobody explains where it would be if it had been pushed a little before:
// the push is opened as a second explanation, beside the one that was not seen. Whichever is wrong dies by itself.
#include <math.h>

#include "internal.h"

#define PUSH_CHANCE 1e-6        // of a push between two plots of a track that fits
#define PUSH_CHANCE_UNFIT 1e-3  // … of one that begins not to
#define UNFIT 1.6
#define PUSH_SIGMA_M_S2 25.0  // an engine
#define TURN_SIGMA_M_S2 10.0  // wings
#define PLOTS_BEFORE 6
#define SINCE_MAX_S 15.0
#define HIDDEN_S 8.0      // across the line of sight a push stays within the gate so long before it shows
#define TURN_NOISE 300.0  // factor on the white acceleration of AIR while it turns

// Adds an acceleration of that size since a while: G σ² Gᵀ with G = (½ τ², τ, 1).
void wf_track_add_push(wf_filter *f, double sigma_m_s2, double since_s) {
  const double g[3] = {0.5 * since_s * since_s, since_s, 1.0};
  const int n = f->size, blocks = n / 3;
  for (int a = 0; a < blocks; a++)
    for (int b = 0; b < blocks; b++)
      for (int i = 0; i < 3; i++) f->p[n * (3 * a + i) + 3 * b + i] += g[a] * g[b] * sigma_m_s2 * sigma_m_s2;
}

static void as_pushed(const object *o, const wf_filter *fall, wf_filter *out) {
  *out = (wf_filter){.model = wf_track_may_turn(o) ? WF_MODEL_MANOEUVRE : WF_MODEL_BOOST, .size = 9};
  for (int i = 0; i < 6; i++) {
    out->x[i] = fall->x[i];
    for (int j = 0; j < 6; j++) out->p[9 * i + j] = fall->p[fall->size * i + j];
  }
}

static bool may_be_pushed(const wf_tracker *t, const object *o, const group *g) {
  const bool alone = o->active == 1u << SLOT_COAST || o->active == 1u << SLOT_BURNT || o->active == 1u << SLOT_AIR;
  const double since_s = wf_track_unseen_s(o, g->sensor, g->time);
  return o->used && o->eligible && !o->seen && alone && o->pub.plots >= PLOTS_BEFORE &&
         (o->pub.life == WF_LIFE_CONFIRMED || o->pub.life == WF_LIFE_COASTING) && since_s > 0.05 &&
         since_s < SINCE_MAX_S;
}

typedef struct found {
  uint32_t plot;
  double log_l;
} found;

static bool best_plot(const wf_tracker *t, const group *g, const wf_filter *f, found *out) {
  wf_expected e;
  bool any = false;
  if (wf_view_expect(&g->view, f, &e) != WF_OK) return false;
  for (uint32_t k = 0; k < g->count; k++) {
    double r[WF_VIEW_DIM];
    if (t->taken[k] || fabs(g->plot[k].radar.range_m - e.z[0]) > 5.0 * e.sigma[0]) continue;
    wf_view_residual(&e, &g->plot[k], r);
    const double chi2 = wf_filter_chi2(e.dim, e.s_chol, r), log_l = e.log_norm - 0.5 * chi2;
    if (chi2 > t->gate[e.dim] || (any && log_l <= out->log_l)) continue;
    *out = (found){k, log_l};
    any = true;
  }
  return any;
}

// Both explanations by Bayes: seen and pushed, or neither.
static void accept(wf_tracker *t, object *o, const group *g, int lead, wf_filter *push, const found *hit, double odds) {
  const wf_plot *plot = &g->plot[hit->plot];
  wf_view view;
  wf_track_look(&t->watcher[g->sensor], plot, &view);
  if (lead == SLOT_AIR) {
    o->slot[SLOT_AIR] = *push;
    o->air_noise = TURN_NOISE;
  } else {
    wf_filter *boost = &o->slot[SLOT_BOOST];
    *boost = *push;
    if (isnan(wf_view_update_iterated(&view, plot, 3, boost))) return;
    o->active |= 1u << SLOT_BOOST;
    o->weight[SLOT_BOOST] = odds / (1.0 + odds);
    o->weight[lead] = 1.0 / (1.0 + odds);
    o->seen = true;
    o->misses = 0;
    o->pub.plots++;
    o->pub.last_update = plot->time;
    o->pub.last_sensor = plot->sensor;
    wf_track_credit(o, plot->sensor, plot->time);
    wf_track_phase(t, o);
    t->taken[hit->plot] = 1;
    return;
  }
  static const double even[SLOTS] = {0};
  const rivals none = {.own = 1.0};
  wf_track_update(t, o, plot, t->plot_id[hit->plot], even, &none);
  t->taken[hit->plot] = 1;
}

static double likelihood(const wf_view *view, wf_filter *f, const wf_plot *plot) {
  wf_expected e;
  double r[WF_VIEW_DIM];
  if (wf_view_expect(view, f, &e) != WF_OK) return -1e9;
  wf_view_residual(&e, plot, r);
  return e.log_norm - 0.5 * wf_filter_chi2(e.dim, e.s_chol, r);
}

static void take_tail(wf_tracker *t, object *o, const group *g, int lead, const found *hit, double log_l) {
  double all[SLOTS];
  const rivals none = {.own = 1.0};
  for (int s = 0; s < SLOTS; s++) all[s] = s == lead ? log_l : -1e9;
  wf_track_update(t, o, &g->plot[hit->plot], t->plot_id[hit->plot], all, &none);
  t->taken[hit->plot] = 1;
}

static void try_push(wf_tracker *t, object *o, const group *g) {
  const watcher *w = &t->watcher[g->sensor];
  const int lead = wf_track_best_slot(o);
  const bool unfit = o->brisk > UNFIT;
  const double hidden_s = unfit && lead != SLOT_AIR ? HIDDEN_S : 0.0;  // a turn shows at once
  const double since_s = wf_track_unseen_s(o, g->sensor, g->time) + hidden_s;
  const double chance = unfit ? PUSH_CHANCE_UNFIT : PUSH_CHANCE;
  const double pd = wf_track_detection_probability(w, lead);
  wf_filter push;
  if (lead == SLOT_AIR)
    push = o->slot[SLOT_AIR];
  else
    as_pushed(o, &o->slot[lead], &push);
  wf_track_add_push(&push, lead == SLOT_AIR ? TURN_SIGMA_M_S2 : PUSH_SIGMA_M_S2, since_s);
  found hit;
  if (!best_plot(t, g, &push, &hit)) return;
  const double density = w->clutter_density + NEW_PER_SCAN / w->volume;
  const double log_none = wf_log((1.0 - pd) / pd * density);
  const double log_tail = likelihood(&g->view, &o->slot[lead], &g->plot[hit.plot]);
  const double log_odds = wf_log(chance) + hit.log_l - (log_tail > log_none ? log_tail : log_none);
  if (log_odds >= 0.0)
    accept(t, o, g, lead, &push, &hit, wf_exp(log_odds < 30.0 ? log_odds : 30.0));
  else if (log_tail > log_none)  // an unlucky plot of its own, just outside the gate
    take_tail(t, o, g, lead, &hit, log_tail);
}

void wf_track_pushes(wf_tracker *t, const group *g) {
  if (g->view.kind != WF_PLOT_RADAR || g->view.dim > 3) return;
  for (uint32_t i = 0; i < t->objects; i++)
    if (may_be_pushed(t, &t->object[i], g)) try_push(t, &t->object[i], g);
}
