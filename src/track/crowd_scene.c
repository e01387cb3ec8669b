// The scene of a crowd: every member against every remembered look, linearised about where the member's present
// estimate says it was. Without process noise a state now and a handful of plots are all there is: each plot adds
// (HΦ)ᵀR⁻¹(HΦ) to what is known of the state now.
#include <math.h>
#include <string.h>

#include "crowd.h"

#define CLOUD_M 2000.0  // 1-sigma of what goes along, about the others
#define CLOUD_M_S 30.0
#define STEP_S 2.5
#define GATE 20.0         // χ² of a choice, by the state as the other plots have it
#define ROOM 25.0         // variances of the measurement: what was taken wrongly may have led it so far astray
#define STATE_SPREAD 4.0  // … with its covariance enlarged so many times

static void scale_columns(int rows, double *jac) {
  for (int r = 0; r < rows; r++)
    for (int j = 3; j < 6; j++) jac[6 * r + j] /= CROWD_SCALE_S;
}

// The anchor as information about the state now.
static bool anchor_prior(const wf_tracker *t, crowd_member *m, wf_time now) {
  const wf_dynamics dyn = {(wf_gravity)t->noise.gravity, 0.0};
  double state[6], stm[36], inverse[36], weighted[36], d[6];
  memcpy(state, m->reference, sizeof state);
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

// The latest looks of the sensors that saw any member, oldest first.
static void choose_looks(const wf_tracker *t, wf_crowd *c) {
  uint32_t first = t->look_next;
  for (int i = 0; i < c->known; i++)
    for (int k = 0; k < c->m[i].h->count; k++)
      if (c->m[i].h->hit[k].look < first) first = c->m[i].h->hit[k].look;
  bool known[WF_SENSOR_MAX] = {0}, wanted[WF_SENSOR_MAX] = {0};
  int count = 0;
  for (uint32_t n = t->look_next; n-- > first && count < CROWD_LOOKS;) {
    const glance *l = wf_track_past_at(t, n);
    if (l == NULL || is_before_anchor(c, l)) break;
    if (!known[l->sensor]) wanted[l->sensor] = uses(c, l->sensor, t);
    known[l->sensor] = true;
    if (wanted[l->sensor]) c->look[CROWD_LOOKS - ++count] = n;
  }
  memmove(c->look, c->look + CROWD_LOOKS - count, (size_t)count * sizeof *c->look);
  c->looks = count;
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

static void residual(const sight *s, const wf_plot *plot, double r[WF_VIEW_DIM]) {
  wf_view_residual(&s->e, plot, r);
  const double dt_s = wf_time_diff_s(plot->time, s->l->time);
  for (int i = 0; i < s->e.dim; i++) r[i] = (r[i] - s->shift[i] - s->rate[i] * dt_s) / wf_sqrt(s->view.variance[i]);
}

// Whether a plot is another track's for good: of a confirmed one that is no member.
static bool is_foreign(const wf_tracker *t, const glance *l, uint32_t k, uint32_t crowd) {
  const uint32_t owner = t->past_owner[(l->first + k) & (t->past_max - 1)];
  if (owner == 0) return false;
  const object *o = &t->object[owner - 1];
  return o->used && wf_track_is_firm(o) && o->crowd != crowd;
}

static uint32_t first_at(const wf_tracker *t, const glance *l, double range_m) {
  uint32_t low = 0, high = l->count;
  while (low < high) {
    const uint32_t mid = (low + high) / 2;
    if (plot_of(t, l, mid)->radar.range_m < range_m)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

// Keeps the likeliest; the one made so far stays first.
static void offer(cell *e, double chi2[CROWD_CHOICES], uint32_t plot, double value, const double *r) {
  int at = e->count;
  if (at == CROWD_CHOICES) {
    at = 1;
    for (int i = 2; i < CROWD_CHOICES; i++)
      if (chi2[i] > chi2[at]) at = i;
    if (value >= chi2[at]) return;
  } else {
    e->count++;
  }
  e->plot[at] = (uint16_t)plot;
  chi2[at] = value;
  memcpy(e->r[at], r, sizeof e->r[at]);
}

static void find_choices(const wf_tracker *t, const crowd_member *m, const sight *s, cell *e) {
  double p[36], jp[6 * WF_VIEW_DIM], spread[WF_VIEW_DIM * WF_VIEW_DIM], l[WF_VIEW_DIM * WF_VIEW_DIM];
  double wide[WF_VIEW_DIM * WF_VIEW_DIM], l_wide[WF_VIEW_DIM * WF_VIEW_DIM];
  double chi2[CROWD_CHOICES];
  const int dim = e->dim;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      p[6 * i + j] = m->covariance[6 * i + j] * (i < 3 ? 1.0 : CROWD_SCALE_S) * (j < 3 ? 1.0 : CROWD_SCALE_S);
  wf_mat_mul(dim, 6, 6, e->jac, p, jp);
  wf_mat_mul_t(dim, 6, dim, jp, e->jac, spread);
  for (int i = 0; i < dim * dim; i++) {
    spread[i] = STATE_SPREAD * spread[i] + (i % (dim + 1) == 0 ? 1.0 : 0.0);
    wide[i] = spread[i] + (i % (dim + 1) == 0 ? ROOM : 0.0);
  }
  if (wf_mat_cholesky(dim, spread, l) != WF_OK || wf_mat_cholesky(dim, wide, l_wide) != WF_OK) return;
  const bool radar = s->view.kind == WF_PLOT_RADAR;
  const double reach_m = wf_sqrt(GATE * wide[0] * s->view.variance[0]) + fabs(s->shift[0]) + fabs(s->rate[0]) * 0.2;
  for (uint32_t k = radar ? first_at(t, s->l, s->e.z[0] - reach_m) : 0; k < s->l->count; k++) {
    const wf_plot *plot = plot_of(t, s->l, k);
    if (radar && plot->radar.range_m > s->e.z[0] + reach_m) break;
    if (e->at == 0 && e->plot[0] == k) continue;
    double r[WF_VIEW_DIM] = {0};
    residual(s, plot, r);
    const double value = wf_filter_chi2(dim, l_wide, r);
    if (!(value < GATE) || is_foreign(t, s->l, k, m->crowd)) continue;
    offer(e, chi2, k, value, r);
    if (wf_filter_chi2(dim, l, r) < GATE) e->open = true;
  }
}

// One member in one look, seen from where its estimate was then; stm: from now to then.
static void see(const wf_tracker *t, const crowd_member *m, sight *s, const double state[6], const double stm[36],
                const past_hit *own, cell *e) {
  wf_view_at(&s->view, state, &s->e);
  e->dim = s->e.dim;
  wf_mat_mul(s->e.dim, 6, 6, s->e.h, stm, e->jac);
  for (int r = 0; r < s->e.dim; r++) {
    s->rate[r] = 0.0;
    for (int j = 0; j < 3; j++) s->rate[r] += s->e.h[6 * r + j] * state[3 + j];
    for (int j = 0; j < 6; j++) e->jac[6 * r + j] /= wf_sqrt(s->view.variance[r]);
  }
  scale_columns(s->e.dim, e->jac);
  if (own != NULL) {
    e->plot[0] = (uint16_t)own->plot;
    residual(s, plot_of(t, s->l, own->plot), e->r[0]);
    e->count = 1;
    e->at = 0;
  }
  find_choices(t, m, s, e);
}

static const past_hit *hit_in(const history *h, uint32_t look_number, int *left) {
  while (*left > 0 && h->hit[*left - 1].look > look_number) --*left;
  return *left > 0 && h->hit[*left - 1].look == look_number ? &h->hit[*left - 1] : NULL;
}

static void linearise(const wf_tracker *t, wf_crowd *c, int index, wf_time now) {
  crowd_member *m = &c->m[index];
  const wf_dynamics dyn = {(wf_gravity)t->noise.gravity, 0.0};
  double state[6], stm[36], step[36], product[36];
  wf_time at = now;
  int left = m->h->count;
  memcpy(state, m->reference, sizeof state);
  wf_mat_identity(6, stm);
  for (int k = c->looks - 1; k >= 0; k--) {
    cell *e = wf_crowd_cell(c, index, k);
    *e = (cell){.at = NO_CHOICE};
    sight s;
    if (!look_at(t, c->look[k], &s)) continue;
    if (m->h->anchored && !wf_time_before(m->h->anchor_time, s.l->time)) continue;
    wf_motion_propagate(&dyn, wf_time_diff_s(s.l->time, at), STEP_S, state, step, NULL);
    at = s.l->time;
    wf_mat_mul(6, 6, 6, step, stm, product);
    memcpy(stm, product, sizeof stm);
    see(t, m, &s, state, stm, hit_in(m->h, c->look[k], &left), e);
  }
  for (; left > 0; left--) {  // older plots stay as they are
    sight s;
    cell e = {.at = NO_CHOICE};
    if (!look_at(t, m->h->hit[left - 1].look, &s)) continue;
    wf_motion_propagate(&dyn, wf_time_diff_s(s.l->time, at), STEP_S, state, step, NULL);
    at = s.l->time;
    wf_mat_mul(6, 6, 6, step, stm, product);
    memcpy(stm, product, sizeof stm);
    see(t, m, &s, state, stm, &m->h->hit[left - 1], &e);
    wf_crowd_add(&e, 0, 1.0, m->prior, m->prior_v);
  }
}

// A plot two members have in their histories (one was started on the other's) is the first one's.
static void no_plot_twice(wf_crowd *c) {
  for (int k = 0; k < c->looks; k++)
    for (int i = 1; i < c->members; i++) {
      cell *e = wf_crowd_cell(c, i, k);
      for (int b = 0; e->at != NO_CHOICE && b < i; b++) {
        const cell *other = wf_crowd_cell(c, b, k);
        if (other->at != NO_CHOICE && other->plot[other->at] == e->plot[e->at]) e->at = NO_CHOICE;
      }
    }
}

void wf_crowd_contests(wf_crowd *c) {
  c->contests = 0;
  for (int i = 0; i < c->members; i++)
    for (int k = 0; k < c->looks; k++) {
      const cell *e = wf_crowd_cell(c, i, k);
      if (e->open) c->contest[c->contests++] = (struct contest){(uint8_t)i, (uint8_t)k};
    }
}

static void weigh_looks(const wf_tracker *t, wf_crowd *c) {
  for (int k = 0; k < c->looks; k++) {
    sight s;
    if (!look_at(t, c->look[k], &s)) continue;
    const watcher *w = &t->watcher[s.l->sensor];
    const double pd = wf_track_detection_probability(w, SLOT_COAST);
    const double rate_density = s.view.dim == 4 ? 1.0 / (2.0 * SPEED_MAX_M_S) : 1.0;
    double log_volume = 0.5 * s.view.dim * wf_log(2.0 * WF_PI);
    for (int i = 0; i < s.view.dim; i++) log_volume += 0.5 * wf_log(s.view.variance[i]);
    c->miss[k] = -wf_log(1.0 - pd);
    c->gain[k] =
        wf_log(pd / (1.0 - pd)) - wf_log((w->clutter_density + NEW_PER_SCAN / w->volume) * rate_density) - log_volume;
  }
}

// Where the crowd is as a whole.
static void find_middle(wf_tracker *t, wf_crowd *c) {
  double weight = 0.0;
  memset(c->middle, 0, sizeof c->middle);
  for (int i = 0; i < c->known; i++) {
    crowd_member *m = &c->m[i];
    wf_track_blend(t, m->o, m->reference, m->covariance);
    const double w = 1.0 / (m->covariance[0] + m->covariance[7] + m->covariance[14]);
    for (int a = 0; a < 6; a++) c->middle[a] += w * m->reference[a];
    weight += w;
  }
  for (int a = 0; a < 6; a++) c->middle[a] /= weight;
}

// One more, somewhere among those known and going along with them.
static void imagine(wf_crowd *c) {
  if (c->members == CROWD_MEMBERS) return;
  crowd_member *spare = &c->m[c->members++];
  *spare = (crowd_member){.h = &c->blank, .crowd = c->m[0].crowd};
  c->blank = (history){.slot = SLOT_COAST};
  for (int a = 0; a < 6; a++) {
    spare->reference[a] = c->middle[a];
    spare->covariance[7 * a] = a < 3 ? CLOUD_M * CLOUD_M : CLOUD_M_S * CLOUD_M_S;
  }
}

// A member of the crowd and nothing else is known.
static void cloud_prior(const wf_crowd *c, crowd_member *m) {
  for (int a = 0; a < 6; a++) {
    const double scale = a < 3 ? 1.0 : CROWD_SCALE_S, sigma = (a < 3 ? CLOUD_M : CLOUD_M_S) * scale;
    m->prior[7 * a] = 1.0 / (sigma * sigma);
    m->prior_v[a] = m->prior[7 * a] * (c->middle[a] - m->reference[a]) * scale;
  }
}

bool wf_crowd_gather(wf_tracker *t, wf_crowd *c, wf_time now) {
  choose_looks(t, c);
  if (c->looks < 3) return false;
  find_middle(t, c);
  imagine(c);
  weigh_looks(t, c);
  for (int i = 0; i < c->members; i++) {
    crowd_member *m = &c->m[i];
    memset(m->prior, 0, sizeof m->prior);
    memset(m->prior_v, 0, sizeof m->prior_v);
    if (!m->h->anchored)
      cloud_prior(c, m);
    else if (!anchor_prior(t, m, now))
      return false;
    linearise(t, c, i, now);
  }
  no_plot_twice(c);
  wf_crowd_contests(c);
  return c->contests > 0;
}
