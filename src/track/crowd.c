// Objects that compete for plots look after look belong together: while they do, and until it is clear who made what,
// all their plots of the last minutes are shared out again at every look (crowd_scene.c, crowd_sample.c).
#include "crowd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHANCE_LEAST 0.02    // of a plot being another's, to count
#define CONTEST_MEMORY 0.97  // per look
#define CONTEST_ENOUGH 0.6   // expected wrong plots in memory
#define QUIET_S 20.0
#define NEAR_M 5e3
#define ALONG_M_S 60.0
#define FALLS 1.6  // χ² per component of what does fall freely, with some plots of others
#define FAR_APART 1e6
#define ROUNDS 4  // so many may be found in one look
#define LATE_LOOKS 6
#define WORTH_OF_NEW 5.0  // in ln
#define WORTH_OF_OLD 12.0
#define WORTH_DOUBTED 60.0  // by a quick look
#define SETTLED 0.05        // of the covariance: less doubt than this is none

wf_crowd *wf_track_crowd_new(uint64_t seed) {
  wf_crowd *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->look = calloc(CROWD_LOOKS, sizeof *c->look);
  c->assign = wf_assign_new(CROWD_MEMBERS, CROWD_PLOTS);
  wf_crowd_open(c);
  wf_rng_seed(&c->rng, seed ^ 0x63726f7764u);
  if (c->look != NULL && c->assign != NULL) return c;
  wf_track_crowd_free(c);
  return NULL;
}

void wf_track_crowd_free(wf_crowd *c) {
  if (c == NULL) return;
  free(c->look);
  wf_assign_free(c->assign);
  free(c);
}

static int size_of(const wf_tracker *t, uint32_t crowd) {
  int count = 0;
  for (uint32_t i = 0; i < t->objects; i++) count += t->object[i].used && t->object[i].crowd == crowd;
  return count;
}

// Two objects become of one crowd, unless it grew too large to be looked at as a whole.
static void join(wf_tracker *t, object *a, object *b) {
  if (a->crowd != 0 && a->crowd == b->crowd) return;
  const int size = (a->crowd != 0 ? size_of(t, a->crowd) : 1) + (b->crowd != 0 ? size_of(t, b->crowd) : 1);
  if (size > CROWD_MEMBERS) return;
  const uint32_t from = b->crowd, to = a->crowd != 0 ? a->crowd : from != 0 ? from : ++t->crowds;
  a->crowd = b->crowd = to;
  for (uint32_t i = 0; from != 0 && from != to && i < t->objects; i++)
    if (t->object[i].used && t->object[i].crowd == from) t->object[i].crowd = to;
}

// Together for longer than a moment, as far as is known: what crosses fast is told apart by itself.
static bool goes_along(const object *a, const object *b) {
  double d[3], v[3], place = 0.0, speed = 0.0;
  wf_vec_sub(a->pub.state, b->pub.state, d);
  wf_vec_sub(a->pub.state + 3, b->pub.state + 3, v);
  for (int i = 0; i < 3; i++) {
    place += a->pub.covariance[7 * i] + b->pub.covariance[7 * i];
    speed += a->pub.covariance[7 * (3 + i)] + b->pub.covariance[7 * (3 + i)];
  }
  return wf_vec_norm(d) < NEAR_M + 2.0 * wf_sqrt(place) && wf_vec_norm(v) < ALONG_M_S + 2.0 * wf_sqrt(speed) &&
         place < NEAR_M * NEAR_M && speed < 9.0 * ALONG_M_S * ALONG_M_S;
}

// Notes whose plots of this look may be another's.
void wf_track_crowd_meet(wf_tracker *t, const group *g) {
  for (uint32_t k = 0; k < g->count; k++) t->claim[k] = 0;
  for (size_t k = 0; k < t->arcs; k++) {
    const arc *a = &t->arc[k];
    if (t->probability[k] < CHANCE_LEAST || t->degree[a->column] < 2) continue;
    object *o = &t->object[t->row_object[a->row]];
    if (t->claim[a->column] == 0) {
      t->claim[a->column] = t->row_object[a->row] + 1;
      continue;
    }
    object *other = &t->object[t->claim[a->column] - 1];
    const double doubt = t->probability[k] * (1.0 - t->probability[k]);
    o->contest += doubt;
    other->contest += doubt;
    o->contested = other->contested = true;
    o->crowd_time = other->crowd_time = g->time;
    if ((o->contest > CONTEST_ENOUGH && other->contest > CONTEST_ENOUGH) || goes_along(o, other)) join(t, o, other);
  }
}

static bool may_be_member(const wf_tracker *t, const object *o, wf_time now) {
  const history *h = &t->history[o - t->object];
  return o->used && wf_track_is_firm(o) && !wf_track_is_gone(o) && !wf_track_has(o, SLOT_AIR) && o->time.ns == now.ns &&
         (h->count > 2 || h->anchored) && (!wf_track_has(o, h->slot) || o->slot[h->slot].size == 6);
}

// How the new estimate depends on the sensors' registration errors: U = P Σ (HΦ)ᵀ R⁻¹ D.
static void find_drift(const wf_tracker *t, const wf_crowd *c, int index, wf_filter *f) {
  const crowd_member *m = &c->m[index];
  wf_sensitivity *drift = wf_track_drift(m->o, m->h->slot);
  if (drift == NULL || t->registration.sensors == 0) return;
  memset(drift, 0, sizeof *drift);
  for (int k = 0; k < c->looks; k++) {
    const crowd_look *look = &c->look[k];
    const glance *l = wf_track_past_at(t, look->number);
    if (m->at[k] == NO_PLOT || l == NULL || t->watcher[l->sensor].bias < 0 || look->dim < 3) continue;
    const watcher *w = &t->watcher[l->sensor];
    drift->sensors |= (uint8_t)(1u << w->bias);
    for (int i = 0; i < 6; i++)
      for (int r = 0; r < 3; r++)
        for (int j = 0; j < 6; j++)
          drift->u[WF_BIAS_DIM * i + 3 * w->bias + r] +=
              m->best_p[6 * i + j] / (i < 3 ? 1.0 : CROWD_SCALE_S) * look->jac[6 * r + j] / wf_sqrt(w->variance[r]);
  }
  for (int i = 0; i < 6; i++)
    for (int b = 0; b < WF_BIAS_DIM; b++) f->x[i] += drift->u[WF_BIAS_DIM * i + b] * t->registration.mean[b];
}

// Gives a member what was found: state, covariance with the doubt about who made what, and its plots.
static void write_back(wf_tracker *t, wf_crowd *c, int index) {
  crowd_member *m = &c->m[index];
  wf_filter *f = &m->o->slot[m->h->slot];
  double doubt = 0.0;
  if (m->misfit > FALLS && f->size == 6 && f->p[0] > 0.0) return;
  if (m->o->active != 1u << m->h->slot) {
    m->o->active = (uint8_t)(1u << m->h->slot);
    m->o->weight[m->h->slot] = 1.0;
    f->model = WF_MODEL_COAST;
    f->size = 6;
    wf_track_normalise(m->o);
    wf_track_phase(t, m->o);
  }
  for (int i = 0; i < 6; i++) {
    const double part = m->spread[7 * i] / m->best_p[7 * i] - 1.0;
    if (part > doubt) doubt = part;
    f->x[i] = m->reference[i] + (m->best_x[i] + m->mean[i]) / (i < 3 ? 1.0 : CROWD_SCALE_S);
    for (int j = 0; j < 6; j++)
      f->p[6 * i + j] = m->spread[6 * i + j] / (i < 3 ? 1.0 : CROWD_SCALE_S) / (j < 3 ? 1.0 : CROWD_SCALE_S);
  }
  wf_mat_symmetrise(6, f->p);
  find_drift(t, c, index, f);
  m->o->unsettled = doubt > SETTLED;
  m->o->blurred = true;
}

static void keep_hits(wf_tracker *t, wf_crowd *c, int index) {
  history *h = c->m[index].h;
  uint16_t count = 0;
  while (count < h->count && h->hit[count].look < c->look[0].number) count++;
  for (int k = 0; k < c->looks && count < HISTORY; k++) {
    const int at = c->m[index].at[k];
    if (at == NO_PLOT) continue;
    const crowd_look *look = &c->look[k];
    h->hit[count++] = (past_hit){look->number, look->plot[at].index};
    wf_track_past_own(t, wf_track_past_at(t, look->number), look->plot[at].index,
                      (uint32_t)(c->m[index].o - t->object) + 1);
  }
  h->count = count;
}

static void release_hits(wf_tracker *t, const wf_crowd *c, int index) {
  const history *h = c->m[index].h;
  for (int k = 0; k < h->count; k++) {
    const glance *l = wf_track_past_at(t, h->hit[k].look);
    if (l != NULL) wf_track_past_own(t, l, h->hit[k].plot, 0);
  }
}

// Plots of late that none of those known made.
static bool is_strained(const wf_crowd *c) {
  for (int k = c->looks > LATE_LOOKS ? c->looks - LATE_LOOKS : 0; k < c->looks; k++)
    for (int p = 0; p < c->look[k].count; p++)
      if (c->owner[k][p] == NO_PLOT) return true;
  return false;
}

// Enough plots of its own, lately too, and all are likelier with it than without it.
static bool is_real(wf_crowd *c, int index) {
  if (!is_strained(c) || !wf_crowd_with(c, index, WORTH_OF_NEW)) return false;
  int count = 0, late = 0;
  for (int k = 0; k < c->looks; k++) {
    const bool has = c->m[index].best[k] != NO_PLOT;
    count += has;
    late += has && k >= c->looks - LATE_LOOKS;
  }
  const int possible = c->looks < LATE_LOOKS ? c->looks : LATE_LOOKS;
  return count >= PLOTS_TO_CONFIRM && 2 * late >= possible;
}

static void make_real(wf_tracker *t, wf_crowd *c, wf_time now) {
  crowd_member *m = &c->m[c->members - 1];
  object *o = wf_track_new_object(t, now);
  if (o == NULL) return;
  m->o = o;
  m->h = &t->history[o - t->object];
  o->active = 1u << SLOT_COAST;
  o->weight[SLOT_COAST] = 1.0;
  o->slot[SLOT_COAST] = (wf_filter){.model = WF_MODEL_COAST, .size = 6};
  o->crowd = m->crowd;
  o->crowd_time = now;
  o->seen = true;
  o->llr = LLR_TO_CONFIRM;
  o->pub.sources = WF_SOURCE_RADAR;
  o->pub.first_detection = o->pub.last_update = now;
  for (int k = c->looks - 1; k >= 0; k--) {
    if (m->at[k] == NO_PLOT) continue;
    const glance *l = wf_track_past_at(t, c->look[k].number);
    o->pub.plots++;
    o->pub.first_detection = l->time;
    o->pub.last_sensor = l->sensor;
    wf_track_credit(o, l->sensor, now);
  }
  t->stats.initiated++;
}

// A tentative track on plots that have been shared out among confirmed ones is none.
static void drop_shadows(wf_tracker *t, uint32_t crowd) {
  for (uint32_t i = 0; i < t->objects; i++) {
    object *o = &t->object[i];
    if (!o->used || wf_track_is_firm(o)) continue;
    int taken = 0;
    for (int k = 0; k < t->history[i].count; k++) {
      const glance *l = wf_track_past_at(t, t->history[i].hit[k].look);
      const uint32_t owner = l == NULL ? 0 : t->past_owner[(l->first + t->history[i].hit[k].plot) & (t->past_max - 1)];
      taken += owner != 0 && owner != i + 1 && t->object[owner - 1].crowd == crowd;
    }
    if (taken > 0 && 2 * taken >= t->history[i].count) wf_track_drop(t, o);
  }
}

// The one whose being there explains least, when all is likelier without it; −1: none.
static int find_least(wf_crowd *c) {
  int least = -1;
  double worth = WORTH_DOUBTED;
  for (int i = 0; i < c->members; i++) {
    const double value = wf_crowd_worth(c, i);
    if (value >= worth || c->m[i].o == NULL) continue;
    worth = value;
    least = i;
  }
  return least >= 0 && c->members > 2 && wf_crowd_without(c, least, -WORTH_OF_OLD) ? least : -1;
}

// Who there is: perhaps one more than known, perhaps one less; or one known was mistaken and is the new one instead.
static bool settle_members(wf_tracker *t, wf_crowd *c, wf_time now) {
  int last = c->members - 1;
  const bool spare = c->members > c->known, found = spare && is_real(c, last);
  if (spare && !found) wf_crowd_expel(c, last);
  const int least = find_least(c);
  if (least < 0) {
    if (found) make_real(t, c, now);
    return found;
  }
  if (found) {
    c->m[last].o = c->m[least].o;
    c->m[last].h = c->m[least].h;
  } else {
    wf_track_drop(t, c->m[least].o);
  }
  wf_crowd_expel(c, least);
  return false;
}

// How little a found object has to do with a known one: it was seen with other plots, or is somewhere else.
static double apart(const wf_crowd *c, int found, int known) {
  const crowd_member *from = &c->m[found], *to = &c->m[known];
  double cost = 0.0, d2 = 0.0;
  int left = to->h->count;
  for (int k = c->looks - 1; k >= 0; k--) {
    const crowd_look *look = &c->look[k];
    const int at = from->at[k];
    while (left > 0 && to->h->hit[left - 1].look > look->number) left--;
    const bool same = at != NO_PLOT && left > 0 && to->h->hit[left - 1].look == look->number &&
                      to->h->hit[left - 1].plot == look->plot[at].index;
    cost -= same ? 1.0 : 0.0;
  }
  for (int i = 0; i < 3; i++) {
    const double d = c->common[i] + from->best_x[i] - to->state[i];
    d2 += d * d;
  }
  return cost + 0.1 * wf_log(1.0 + d2 / 1e4);
}

// Numbers stay with what they were seen with: found states and known objects are paired anew, nearest first in
// sum.
static void keep_numbers(wf_tracker *t, wf_crowd *c) {
  wf_arc_pair pair[CROWD_MEMBERS * CROWD_MEMBERS];
  double free_cost[CROWD_MEMBERS];
  uint32_t column_of[CROWD_MEMBERS];
  object *o[CROWD_MEMBERS];
  history *h[CROWD_MEMBERS];
  size_t count = 0;
  for (int i = 0; i < c->members; i++) {
    if (c->m[i].h->anchored || (c->m[i].h->count > 0 && c->m[i].h->hit[0].look < c->look[0].number)) return;
    free_cost[i] = FAR_APART;
    o[i] = c->m[i].o;
    h[i] = c->m[i].h;
    for (int k = 0; k < c->members; k++) pair[count++] = (wf_arc_pair){(uint32_t)i, (uint32_t)k, apart(c, i, k)};
  }
  const size_t n = (size_t)c->members;
  if (wf_assign_solve(t->assign, pair, count, free_cost, n, n, column_of, NULL) != WF_OK) return;
  for (int i = 0; i < c->members; i++)
    if (column_of[i] == WF_ASSIGN_FREE) return;
  for (int i = 0; i < c->members; i++) {
    c->m[i].o = o[column_of[i]];
    c->m[i].h = h[column_of[i]];
  }
}

// Sharing out rests on free fall: a few may have been mistaken for being under thrust, but not most.
static bool mostly_fall(const wf_crowd *c) {
  int fall = 0;
  for (int i = 0; i < c->members; i++) {
    const int best = wf_track_best_slot(c->m[i].o);
    fall += best == SLOT_COAST || best == SLOT_BURNT;
  }
  return 2 * fall >= c->members;
}

// Shares the plots out once. True when somebody new was found.
static bool share_out(wf_tracker *t, uint32_t crowd, wf_time now) {
  wf_crowd *c = t->crowd;
  c->members = 0;
  for (uint32_t i = 0; i < t->objects && c->members < CROWD_MEMBERS; i++)
    if (t->object[i].crowd == crowd && may_be_member(t, &t->object[i], now))
      c->m[c->members++] = (crowd_member){.o = &t->object[i], .h = &t->history[i], .crowd = crowd};
  c->known = c->members;
  if (c->members < 2 || !mostly_fall(c) || !wf_crowd_gather(t, c, now)) return false;
  for (int i = 0; i < c->known; i++) release_hits(t, c, i);
  wf_crowd_search(c);
  const bool grows = settle_members(t, c, now);
  const bool good = wf_crowd_sample(c);
  object *newest = grows ? c->m[c->members - 1].o : NULL;
  if (good && !grows) keep_numbers(t, c);
  for (int i = 0; i < c->members; i++) {
    if (good && wf_crowd_refine(t, c, i, now)) write_back(t, c, i);
    keep_hits(t, c, i);
  }
  if (grows) {
    wf_track_confirm(t, newest);
    wf_track_phase(t, newest);
  }
  drop_shadows(t, crowd);
  return grows;
}

// What goes along with a crowd is of it, whether it was mistaken for a member yet or not.
static void gather_in(wf_tracker *t, object *o) {
  if (!wf_track_is_firm(o) || wf_track_is_gone(o)) return;
  for (uint32_t i = 0; i < t->objects && o->crowd == 0; i++) {
    object *other = &t->object[i];
    if (other->used && other->crowd != 0 && wf_track_is_firm(other) && goes_along(o, other)) join(t, other, o);
  }
}

static bool is_active(const wf_tracker *t, uint32_t crowd, wf_time now, bool *at_once) {
  bool active = false;
  for (uint32_t i = 0; i < t->objects; i++) {
    const object *o = &t->object[i];
    if (!o->used || o->crowd != crowd) continue;
    active = active || o->unsettled || wf_time_diff_s(now, o->crowd_time) < QUIET_S;
    *at_once = *at_once || o->contested || o->unsettled;
  }
  return active;
}

void wf_track_crowds(wf_tracker *t, const group *g) {
  uint32_t done = 0, busy = 0;
  for (uint32_t i = 0; i < t->objects; i++) {
    object *o = &t->object[i];
    o->contest *= CONTEST_MEMORY;
    if (t->crowds_alive && o->used && o->crowd == 0) gather_in(t, o);
  }
  t->crowds_alive = false;
  for (;;) {  // crowds by their number
    uint32_t next = 0;
    for (uint32_t i = 0; i < t->objects; i++) {
      const object *o = &t->object[i];
      if (o->used && o->crowd > done && (next == 0 || o->crowd < next)) next = o->crowd;
    }
    if (next == 0) break;
    done = next;
    bool at_once = false;
    if (is_active(t, next, g->time, &at_once)) {
      t->crowds_alive = true;
      const uint32_t size = (uint32_t)size_of(t, next);
      for (uint32_t i = 0; i < t->objects; i++)
        if (t->object[i].crowd == next) t->object[i].crowd_size = size;
      busy += at_once;
      for (int n = 0; at_once && n < ROUNDS && share_out(t, next, g->time); n++) {
      }
      continue;
    }
    for (uint32_t i = 0; i < t->objects; i++)
      if (t->object[i].crowd == next) t->object[i].crowd = 0;
  }
  t->crowd->busy = busy;  // the next look's work is divided among so many
}
