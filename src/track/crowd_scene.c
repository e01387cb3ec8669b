// The scene of a crowd: every remembered look, linearised about one trajectory amid all members. Without process noise
// a state now and a handful of plots are all there is: each plot adds (HΦ)ᵀR⁻¹(HΦ) to what is known of the state now,
// the same whoever made it.
#include <math.h>
#include <string.h>

#include "crowd.h"

#define CLOUD_M 2000.0  // 1-sigma of what goes along, about the others
#define CLOUD_M_S 30.0
#define STEP_S 2.5
#define GATE 20.0         // χ² of a plot by the state as the other plots have it
#define ROOM 25.0         // variances of the measurement: what was taken wrongly may have led it so far astray
#define STATE_SPREAD 4.0  // … with its covariance enlarged so many times

static double scale_of(int i) {
  return i < 3 ? 1.0 : CROWD_SCALE_S;
}

static void scale_columns(int rows, double *jac) {
  for (int r = 0; r < rows; r++)
    for (int j = 3; j < 6; j++) jac[6 * r + j] /= CROWD_SCALE_S;
}

// The anchor as information about the state now.
static bool anchor_prior(const wf_tracker *t, const wf_crowd *c, crowd_member *m, wf_time now) {
  const wf_dynamics dyn = {(wf_gravity)t->noise.gravity, 0.0};
  double state[6], stm[36], inverse[36], weighted[36], d[6];
  memcpy(state, c->common, sizeof state);
  wf_motion_propagate(&dyn, wf_time_diff_s(m->h->anchor_time, now), STEP_S, state, stm, NULL);
  if (m->h->anchor.size != 6 || wf_mat_spd_inverse(6, m->h->anchor.p, inverse) != WF_OK) return false;
  for (int i = 0; i < 6; i++) d[i] = m->h->anchor.x[i] - state[i];
  scale_columns(6, stm);
  wf_mat_mul(6, 6, 6, inverse, stm, weighted);
  wf_mat_t_mul(6, 6, 6, stm, weighted, m->prior);
  wf_mat_t_mul(6, 6, 1, weighted, d, m->prior_v);
  return true;
}

static bool uses(const wf_crowd *c, uint16_t sensor, const wf_tracker *t) {
  for (int i = 0; i < c->known; i++)
    for (int k = 0; k < c->m[i].h->count; k++) {
      const glance *l = wf_track_past_at(t, c->m[i].h->hit[k].look);
      if (l != NULL && l->sensor == sensor) return true;
    }
  return false;
}

// What a member's history no longer holds is settled, for all.
static bool is_before_anchor(const wf_crowd *c, const glance *l) {
  for (int i = 0; i < c->known; i++)
    if (c->m[i].h->anchored && !wf_time_before(c->m[i].h->anchor_time, l->time)) return true;
  return false;
}

static uint32_t first_look(const wf_tracker *t, const wf_crowd *c) {
  uint32_t first = t->look_next;
  for (int i = 0; i < c->known; i++)
    for (int k = 0; k < c->m[i].h->count; k++)
      if (c->m[i].h->hit[k].look < first) first = c->m[i].h->hit[k].look;
  return first;
}

// The latest looks of the sensors that saw any member, oldest first.
static void choose_looks(const wf_tracker *t, wf_crowd *c) {
  const uint32_t first = first_look(t, c);
  uint32_t number[CROWD_LOOKS];
  bool known[WF_SENSOR_MAX] = {0}, wanted[WF_SENSOR_MAX] = {0};
  int count = 0;
  for (uint32_t n = t->look_next; n-- > first && count < CROWD_LOOKS;) {
    const glance *l = wf_track_past_at(t, n);
    if (l == NULL || is_before_anchor(c, l)) break;
    if (!known[l->sensor]) wanted[l->sensor] = uses(c, l->sensor, t);
    known[l->sensor] = true;
    if (wanted[l->sensor]) number[count++] = n;
  }
  c->looks = count;
  for (int k = 0; k < count; k++) c->look[k].number = number[count - 1 - k];
}

typedef struct sight {
  const glance *l;
  const wf_plot *plot;  // the first of the look
  wf_view view;
  double shift[WF_VIEW_DIM];  // registration
  wf_expected e;
  double rate[WF_VIEW_DIM];
} sight;

static const wf_plot *plot_of(const wf_tracker *t, const glance *l, uint32_t k) {
  return &t->past[(l->first + k) & (t->past_max - 1)];
}

static bool look_at(const wf_tracker *t, uint32_t number, sight *s) {
  s->l = wf_track_past_at(t, number);
  if (s->l == NULL || s->l->count == 0) return false;
  const watcher *w = &t->watcher[s->l->sensor];
  s->plot = plot_of(t, s->l, 0);
  wf_track_look(w, s->plot, &s->view);
  for (int c = 0; c < WF_VIEW_DIM; c++)
    s->shift[c] = w->bias >= 0 && c < 3 ? t->registration.mean[3 * w->bias + c] : 0.0;
  return true;
}

// The look from a state then; stm: from now to then. jac in sigmas and scaled velocities.
static void expect(sight *s, const double state[6], const double stm[36], double jac[6 * WF_VIEW_DIM]) {
  wf_view_at(&s->view, state, &s->e);
  wf_mat_mul(s->e.dim, 6, 6, s->e.h, stm, jac);
  for (int r = 0; r < s->e.dim; r++) {
    s->rate[r] = 0.0;
    for (int j = 0; j < 3; j++) s->rate[r] += s->e.h[6 * r + j] * state[3 + j];
    for (int j = 0; j < 6; j++) jac[6 * r + j] /= wf_sqrt(s->view.variance[r]);
  }
  scale_columns(s->e.dim, jac);
}

static void residual(const sight *s, const wf_plot *plot, double r[WF_VIEW_DIM]) {
  wf_view_residual(&s->e, plot, r);
  const double dt_s = wf_time_diff_s(plot->time, s->l->time);
  for (int i = 0; i < s->e.dim; i++) r[i] = r[i] - s->shift[i] - s->rate[i] * dt_s;
}

static void in_sigmas(const sight *s, double r[WF_VIEW_DIM]) {
  for (int i = 0; i < s->e.dim; i++) r[i] /= wf_sqrt(s->view.variance[i]);
}

// What is c to the side of the line of sight is c² / 2r farther than it is along it. What the angles' noise adds to c²
// in the mean is taken out again.
static void flatten(const sight *s, double r[WF_VIEW_DIM]) {
  if (s->view.kind != WF_PLOT_RADAR) return;
  const double cos_el = wf_cos(s->e.z[2]), az = cos_el * cos_el;
  r[0] -= 0.5 * s->e.z[0] * (az * (r[1] * r[1] - s->view.variance[1]) + r[2] * r[2] - s->view.variance[2]);
}

// Whether a plot is another track's for good: of a confirmed one that is no member.
static bool is_foreign(const wf_tracker *t, const glance *l, uint32_t k, uint32_t crowd) {
  const uint32_t owner = t->past_owner[(l->first + k) & (t->past_max - 1)];
  if (owner == 0) return false;
  const object *o = &t->object[owner - 1];
  return o->used && wf_track_is_firm(o) && o->crowd != crowd;
}

// Where in a look a member may have been seen: mean and spread in the look's own sigmas.
typedef struct gate {
  double mean[WF_VIEW_DIM], l[WF_VIEW_DIM * WF_VIEW_DIM], reach;
} gate;

static bool gate_of(const wf_crowd *c, const crowd_member *m, int dim, const double *jac, gate *g) {
  double p[36], d[6], jp[6 * WF_VIEW_DIM], wide[WF_VIEW_DIM * WF_VIEW_DIM];
  for (int i = 0; i < 6; i++) {
    d[i] = (m->state[i] - c->common[i]) * scale_of(i);
    for (int j = 0; j < 6; j++) p[6 * i + j] = m->covariance[6 * i + j] * scale_of(i) * scale_of(j);
  }
  wf_mat_mul(dim, 6, 1, jac, d, g->mean);
  wf_mat_mul(dim, 6, 6, jac, p, jp);
  wf_mat_mul_t(dim, 6, dim, jp, jac, wide);
  for (int i = 0; i < dim * dim; i++) wide[i] = STATE_SPREAD * wide[i] + (i % (dim + 1) == 0 ? 1.0 + ROOM : 0.0);
  g->reach = wf_sqrt(GATE * wide[0]);
  return wf_mat_cholesky(dim, wide, g->l) == WF_OK;
}

static bool is_inside(const gate *g, int dim, const double r[WF_VIEW_DIM]) {
  double d[WF_VIEW_DIM];
  for (int i = 0; i < dim; i++) d[i] = r[i] - g->mean[i];
  return fabs(d[0]) < g->reach && wf_filter_chi2(dim, g->l, d) < GATE;
}

static void keep_plot(crowd_look *k, uint32_t index, const double r[WF_VIEW_DIM]) {
  if (k->count == CROWD_PLOTS) return;
  int at = k->count++;
  for (; at > 0 && k->plot[at - 1].r[0] > r[0]; at--) k->plot[at] = k->plot[at - 1];
  crowd_plot *p = &k->plot[at];
  *p = (crowd_plot){.index = (uint16_t)index};
  for (int i = 0; i < k->dim; i++) {
    p->r[i] = r[i];
    p->square += r[i] * r[i];
    for (int j = 0; j < 6; j++) p->v[j] += k->jac[6 * i + j] * r[i];
  }
}

// The plots members may have made; their own always.
static void find_plots(const wf_tracker *t, const wf_crowd *c, const sight *s, crowd_look *k) {
  gate g[CROWD_MEMBERS];
  bool good[CROWD_MEMBERS];
  double low = 1e9, high = -1e9;
  for (int i = 0; i < c->members; i++) {
    good[i] = gate_of(c, &c->m[i], k->dim, k->jac, &g[i]);
    if (!good[i]) continue;
    if (g[i].mean[0] - g[i].reach < low) low = g[i].mean[0] - g[i].reach;
    if (g[i].mean[0] + g[i].reach > high) high = g[i].mean[0] + g[i].reach;
  }
  for (uint32_t p = 0; p < s->l->count; p++) {
    const wf_plot *plot = plot_of(t, s->l, p);
    const uint32_t owner = t->past_owner[(s->l->first + p) & (t->past_max - 1)];
    const bool own = owner != 0 && t->object[owner - 1].used && t->object[owner - 1].crowd == c->m[0].crowd;
    double r[WF_VIEW_DIM] = {0};
    residual(s, plot, r);
    const double first = r[0] / wf_sqrt(s->view.variance[0]);
    if (!own && (first < low - 1e3 || first > high + 1e3 || is_foreign(t, s->l, p, c->m[0].crowd))) continue;
    flatten(s, r);
    in_sigmas(s, r);
    bool inside = own;
    for (int i = 0; i < c->members && !inside; i++) inside = good[i] && is_inside(&g[i], k->dim, r);
    if (inside) keep_plot(k, p, r);
  }
}

static const past_hit *hit_in(const history *h, uint32_t look_number) {
  int low = 0, high = h->count;
  while (low < high) {
    const int mid = (low + high) / 2;
    if (h->hit[mid].look < look_number)
      low = mid + 1;
    else
      high = mid;
  }
  return low < h->count && h->hit[low].look == look_number ? &h->hit[low] : NULL;
}

static int place_of(const crowd_look *k, uint32_t index) {
  for (int p = 0; p < k->count; p++)
    if (k->plot[p].index == index) return p;
  return NO_PLOT;
}

// Members as they were: the plots in their histories. One in two histories (one was started on the other's) is the
// first one's.
static void take_own(wf_crowd *c, int look) {
  crowd_look *k = &c->look[look];
  for (int p = 0; p < CROWD_PLOTS; p++) c->owner[look][p] = NO_PLOT;
  for (int i = 0; i < c->members; i++) {
    const past_hit *hit = hit_in(c->m[i].h, k->number);
    const int at = hit == NULL ? NO_PLOT : place_of(k, hit->plot);
    c->m[i].at[look] = at != NO_PLOT && c->owner[look][at] == NO_PLOT ? (int8_t)at : NO_PLOT;
    if (c->m[i].at[look] != NO_PLOT) c->owner[look][at] = (int8_t)i;
  }
}

static void weigh_look(const wf_tracker *t, const sight *s, crowd_look *k) {
  const watcher *w = &t->watcher[s->l->sensor];
  const double pd = wf_track_detection_probability(w, SLOT_COAST);
  const double rate_density = s->view.dim == 4 ? 1.0 / (2.0 * SPEED_MAX_M_S) : 1.0;
  double log_volume = 0.5 * s->view.dim * wf_log(2.0 * WF_PI);
  for (int i = 0; i < s->view.dim; i++) log_volume += 0.5 * wf_log(s->view.variance[i]);
  k->miss = -wf_log(1.0 - pd);
  k->gain =
      wf_log(pd / (1.0 - pd)) - wf_log((w->clutter_density + NEW_PER_SCAN / w->volume) * rate_density) - log_volume;
}

// Backwards along a trajectory, look by look.
typedef struct backward {
  wf_dynamics dyn;
  double state[6], stm[36];  // stm: from now to then
  wf_time at;
} backward;

static backward from_now(const wf_tracker *t, const double state[6], wf_time now) {
  backward b = {.dyn = {(wf_gravity)t->noise.gravity, 0.0}, .at = now};
  memcpy(b.state, state, sizeof b.state);
  wf_mat_identity(6, b.stm);
  return b;
}

static void go_to(backward *b, wf_time time) {
  double step[36], product[36];
  wf_motion_propagate(&b->dyn, wf_time_diff_s(time, b->at), STEP_S, b->state, step, NULL);
  b->at = time;
  wf_mat_mul(6, 6, 6, step, b->stm, product);
  memcpy(b->stm, product, sizeof product);
}

// Plots older than the first look stay as they are.
static void take_older(const wf_tracker *t, wf_crowd *c, backward *b) {
  const uint32_t first = first_look(t, c), end = c->looks > 0 ? c->look[0].number : first;
  for (uint32_t n = end; n-- > first;) {
    sight s;
    double jac[6 * WF_VIEW_DIM], r[WF_VIEW_DIM];
    bool there = false;
    for (int i = 0; i < c->known; i++) {
      const past_hit *hit = hit_in(c->m[i].h, n);
      if (hit == NULL) continue;
      if (!there) {
        if (!look_at(t, n, &s)) break;
        go_to(b, s.l->time);
        expect(&s, b->state, b->stm, jac);
        there = true;
      }
      residual(&s, plot_of(t, s.l, hit->plot), r);
      flatten(&s, r);
      in_sigmas(&s, r);
      for (int d = 0; d < s.e.dim; d++)
        for (int a = 0; a < 6; a++) {
          c->m[i].prior_v[a] += jac[6 * d + a] * r[d];
          for (int e = 0; e < 6; e++) c->m[i].prior[6 * a + e] += jac[6 * d + a] * jac[6 * d + e];
        }
    }
  }
}

static void linearise(const wf_tracker *t, wf_crowd *c, wf_time now) {
  backward b = from_now(t, c->common, now);
  for (int n = c->looks - 1; n >= 0; n--) {
    crowd_look *k = &c->look[n];
    sight s;
    *k = (crowd_look){.number = k->number};
    if (look_at(t, k->number, &s)) {
      go_to(&b, s.l->time);
      expect(&s, b.state, b.stm, k->jac);
      k->dim = s.e.dim;
      wf_mat_t_mul(6, k->dim, 6, k->jac, k->jac, k->information);
      weigh_look(t, &s, k);
      find_plots(t, c, &s, k);
    }
    take_own(c, n);
  }
  take_older(t, c, &b);
}

// Where the crowd is as a whole.
static void find_common(wf_tracker *t, wf_crowd *c) {
  double weight = 0.0;
  memset(c->common, 0, sizeof c->common);
  for (int i = 0; i < c->known; i++) {
    crowd_member *m = &c->m[i];
    wf_track_blend(t, m->o, m->state, m->covariance);
    const double w = 1.0 / (m->covariance[0] + m->covariance[7] + m->covariance[14]);
    for (int a = 0; a < 6; a++) c->common[a] += w * m->state[a];
    weight += w;
  }
  for (int a = 0; a < 6; a++) c->common[a] /= weight;
}

// One more, somewhere among those known and going along with them.
static void imagine(wf_crowd *c) {
  if (c->members == CROWD_MEMBERS) return;
  crowd_member *spare = &c->m[c->members++];
  *spare = (crowd_member){.h = &c->blank, .crowd = c->m[0].crowd};
  c->blank = (history){.slot = SLOT_COAST};
  for (int a = 0; a < 6; a++) {
    spare->state[a] = c->common[a];
    spare->covariance[7 * a] = a < 3 ? CLOUD_M * CLOUD_M : CLOUD_M_S * CLOUD_M_S;
  }
}

// A member of the crowd and nothing else is known.
static void cloud_prior(crowd_member *m) {
  for (int a = 0; a < 6; a++) {
    const double sigma = (a < 3 ? CLOUD_M : CLOUD_M_S) * scale_of(a);
    m->prior[7 * a] = 1.0 / (sigma * sigma);
  }
}

bool wf_crowd_gather(wf_tracker *t, wf_crowd *c, wf_time now) {
  choose_looks(t, c);
  if (c->looks < 3) return false;
  find_common(t, c);
  imagine(c);
  for (int i = 0; i < c->members; i++) {
    crowd_member *m = &c->m[i];
    memset(m->prior, 0, sizeof m->prior);
    memset(m->prior_v, 0, sizeof m->prior_v);
    if (!m->h->anchored)
      cloud_prior(m);
    else if (!anchor_prior(t, c, m, now))
      return false;
  }
  linearise(t, c, now);
  return true;
}

bool wf_crowd_refine(const wf_tracker *t, wf_crowd *c, int index, wf_time now) {
  crowd_member *m = &c->m[index];
  double info[36], v[6], own[6];
  for (int a = 0; a < 6; a++) m->reference[a] = c->common[a] + m->best_x[a] / scale_of(a);
  wf_mat_mul(6, 6, 1, m->prior, m->best_x, own);
  memcpy(info, m->prior, sizeof info);
  for (int a = 0; a < 6; a++) v[a] = m->prior_v[a] - own[a];
  backward b = from_now(t, m->reference, now);
  double sum = 0.0;
  int count = -6;
  for (int n = c->looks - 1; n >= 0; n--) {
    sight s;
    double jac[6 * WF_VIEW_DIM], r[WF_VIEW_DIM];
    if (m->best[n] == NO_PLOT || !look_at(t, c->look[n].number, &s)) continue;
    go_to(&b, s.l->time);
    expect(&s, b.state, b.stm, jac);
    residual(&s, plot_of(t, s.l, c->look[n].plot[m->best[n]].index), r);
    in_sigmas(&s, r);
    for (int d = 0; d < s.e.dim; d++, count++) {
      sum += r[d] * r[d];
      for (int a = 0; a < 6; a++) {
        v[a] += jac[6 * d + a] * r[d];
        for (int e = 0; e < 6; e++) info[6 * a + e] += jac[6 * d + a] * jac[6 * d + e];
      }
    }
  }
  m->misfit = count > 0 ? sum / count : 1.0;
  if (wf_mat_spd_inverse(6, info, m->best_p) != WF_OK) return false;
  wf_mat_mul(6, 6, 1, m->best_p, v, m->best_x);
  return true;
}
