// Which plots each track may have made: range window by binary search, then angles, then χ².
#include <math.h>

#include "internal.h"

#define LOST_SIGMA_MAX_M 50e3

// First plot of the group with range at or above a value.
static uint32_t first_at(const group *g, double range_m) {
  uint32_t low = 0, high = g->count;
  while (low < high) {
    const uint32_t mid = (low + high) / 2;
    if (g->plot[mid].radar.range_m < range_m)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

typedef struct candidate {
  uint32_t plot;
  double log_l[SLOTS];
  bool inside;
} candidate;
typedef struct candidates {
  uint32_t count;
  candidate item[CANDIDATES];
} candidates;

static candidate *candidate_of(candidates *c, uint32_t plot) {
  for (uint32_t i = 0; i < c->count; i++)
    if (c->item[i].plot == plot) return &c->item[i];
  if (c->count == CANDIDATES) return NULL;
  candidate *k = &c->item[c->count++];
  *k = (candidate){.plot = plot};
  for (int s = 0; s < SLOTS; s++) k->log_l[s] = -1e9;
  return k;
}

// The plot's residual at its own time: within a group the expected value moves along with the track.
static void residual_of(const wf_expected *e, const double rate[WF_VIEW_DIM], const double shift[3], const group *g,
                        const wf_plot *plot, double r[WF_VIEW_DIM]) {
  wf_view_residual(e, plot, r);
  for (int i = 0; i < e->dim && i < 3; i++) r[i] -= shift[i];
  if (g->spread_s == 0.0) return;
  const double dt_s = wf_time_diff_s(plot->time, g->time);
  for (int i = 0; i < e->dim; i++) r[i] -= rate[i] * dt_s;
}

// Lost, and by now anywhere in a region that no linear step spans: one plot would make it certain of a wrong state.
// What is seen starts a track of its own; the picture, where partners know more, joins the two.
static bool lost_from_view(const object *o, const wf_filter *f) {
  const double variance_m2 = f->p[0] + f->p[f->size + 1] + f->p[2 * (f->size + 1)];
  return o->pub.life == WF_LIFE_LOST && variance_m2 > LOST_SIGMA_MAX_M * LOST_SIGMA_MAX_M;
}

static void gate_slot(wf_tracker *t, object *o, int slot, const group *g, candidates *c) {
  wf_expected e;
  wf_filter *f = &o->slot[slot];
  if (lost_from_view(o, f)) return;
  if (wf_view_expect(&g->view, f, &e) != WF_OK) {
    t->stats.covariance_repairs += !wf_filter_mend(f);
    if (wf_view_expect(&g->view, f, &e) != WF_OK) return;
  }
  const double gate = t->gate[e.dim], reach = wf_sqrt(gate);
  double rate[WF_VIEW_DIM] = {0}, window[WF_VIEW_DIM], shift[3];
  wf_track_bias_expect(t, o, slot, &t->watcher[g->sensor], &e, shift);
  for (int i = 0; i < e.dim; i++) {
    if (g->spread_s > 0.0)
      for (int j = 0; j < 3; j++) rate[i] += e.h[6 * i + j] * f->x[3 + j];
    window[i] = reach * e.sigma[i] + fabs(rate[i]) * g->spread_s + (i < 3 ? fabs(shift[i]) : 0.0);
  }
  const bool radar = e.kind == WF_PLOT_RADAR;
  const uint32_t from = radar ? first_at(g, e.z[0] - window[0]) : 0;
  for (uint32_t k = from; k < g->count; k++) {
    const wf_plot *plot = &g->plot[k];
    if (radar && plot->radar.range_m > e.z[0] + window[0]) break;
    if (t->taken[k] || (radar && fabs(plot->radar.el_rad - e.z[2]) > window[2])) continue;
    double r[WF_VIEW_DIM];
    residual_of(&e, rate, shift, g, plot, r);
    if (fabs(r[1]) > window[1]) continue;
    const double chi2 = wf_filter_chi2(e.dim, e.s_chol, r);
    if (!(chi2 < 4.0 * gate)) continue;
    candidate *k_of = candidate_of(c, k);
    if (k_of == NULL) continue;
    k_of->log_l[slot] = e.log_norm - 0.5 * chi2;
    if (chi2 < gate) k_of->inside = true;
  }
}

// ln Σ w exp(l) over the slots.
static double log_mixture(const object *o, const double log_l[SLOTS]) {
  double top = -1e9, sum = 0.0;
  for (int s = 0; s < SLOTS; s++)
    if (wf_track_has(o, s) && log_l[s] > top) top = log_l[s];
  for (int s = 0; s < SLOTS; s++)
    if (wf_track_has(o, s)) sum += o->weight[s] * wf_exp(log_l[s] - top > -700.0 ? log_l[s] - top : -700.0);
  return top + wf_log(sum > 1e-300 ? sum : 1e-300);
}

static double detection_probability(const watcher *w, const object *o) {
  double pd = 0.0;
  for (int s = 0; s < SLOTS; s++)
    if (wf_track_has(o, s)) pd += o->weight[s] * wf_track_detection_probability(w, s);
  return pd > 0.999 ? 0.999 : pd < 1e-3 ? 1e-3 : pd;
}

static void gate_object(wf_tracker *t, uint32_t index, const group *g) {
  object *o = &t->object[index];
  const watcher *w = &t->watcher[g->sensor];
  static const double rate_density = 1.0 / (2.0 * SPEED_MAX_M_S);
  const double density = (w->clutter_density + NEW_PER_SCAN / w->volume) * (g->view.dim == 4 ? rate_density : 1.0);
  candidates c = {0};
  for (int s = 0; s < SLOTS; s++)
    if (wf_track_has(o, s)) gate_slot(t, o, s, g, &c);
  const double pd = detection_probability(w, o), log_false = wf_log(density), log_hit = wf_log(pd);
  bool any = false;
  const uint32_t row = (uint32_t)(t->arcs == 0 ? 0 : t->arc[t->arcs - 1].row + 1);
  for (uint32_t k = 0; k < c.count; k++) {
    if (!c.item[k].inside) continue;
    if (t->arcs == t->arcs_max) {
      t->stats.full++;
      break;
    }
    const double gain = log_hit + log_mixture(o, c.item[k].log_l) - log_false;
    arc *a = &t->arc[t->arcs++];
    *a = (arc){.row = row, .column = c.item[k].plot, .cost = -gain};
    for (int s = 0; s < SLOTS; s++) a->log_l[s] = c.item[k].log_l[s];
    any = true;
  }
  if (!any) return;
  t->row_object[row] = index;
  t->free_cost[row] = -wf_log(1.0 - pd);
}

void wf_track_gate(wf_tracker *t, const group *g, bool confirmed) {
  t->arcs = 0;
  for (uint32_t i = 0; i < t->objects; i++) {
    const object *o = &t->object[i];
    if (o->used && o->eligible && !o->seen && wf_track_is_firm(o) == confirmed && !wf_track_is_gone(o))
      gate_object(t, i, g);
  }
}
