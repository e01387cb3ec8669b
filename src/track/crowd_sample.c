// Sharing out the plots among close objects by Markov chain Monte Carlo over all remembered looks at once (Oh, Russell
// & Sastry 2009, "Markov chain Monte Carlo data association for multi-target tracking"). Free fall without noise lets
// every state be integrated out: what is sampled is only who made which plot. Two kinds of move:
//   1. in one look, what two members made is drawn anew from its exact conditional distribution (Gibbs);
//   2. two members exchange all they made in a stretch of looks (Metropolis): the way out of having swapped.
// Kept: the likeliest sharing out of all seen, and how far the others lie from it.
#include <math.h>
#include <string.h>

#include "crowd.h"

#define STRETCHES_PER_SWEEP 3  // per member
#define WARM_LOOKS 40          // up to so many the whole search is made at every look
#define WARM_EVERY 3
#define REBUILDS_PER_SWEEP 2  // per member
// The chain is short and begins at the best: at its own heat it would make doubt look smaller than it is.
#define SPREAD_HEAT 3.0
#define REBUILD_MAX 3
#define OPTIONS (CROWD_CHOICES + 1)

void wf_crowd_add(const cell *e, int choice, double sign, double info[36], double v[6]) {
  for (int r = 0; r < e->dim; r++) {
    const double *j = &e->jac[6 * r];
    const double z = sign * e->r[choice][r];
    for (int a = 0; a < 6; a++) {
      const double s = sign * j[a];
      v[a] += j[a] * z;
      for (int b = 0; b < 6; b++) info[6 * a + b] += s * j[b];
    }
  }
}

static double square(const cell *e, int choice) {
  double sum = 0.0;
  for (int r = 0; r < e->dim; r++) sum += e->r[choice][r] * e->r[choice][r];
  return sum;
}

// ½ vᵀ Y⁻¹ v − ½ ln det Y: what integrating the state out leaves. −∞ when Y is singular.
static double evidence(const double info[36], const double v[6], double l[36]) {
  double y[6];
  if (wf_mat_cholesky(6, info, l) != WF_OK) return -1e300;
  memcpy(y, v, sizeof y);
  wf_mat_solve_lower(6, l, y);
  double sum = 0.0;
  for (int i = 0; i < 6; i++) sum += y[i] * y[i];
  return 0.5 * sum - 0.5 * wf_mat_log_det_cholesky(6, l);
}

static double evidence_by(const double l[36], double log_det, const double v[6]) {
  double y[6], sum = 0.0;
  memcpy(y, v, sizeof y);
  wf_mat_solve_lower(6, l, y);
  for (int i = 0; i < 6; i++) sum += y[i] * y[i];
  return 0.5 * sum - 0.5 * log_det;
}

static void total_up(const wf_crowd *c, int index, double info[36], double v[6]) {
  const crowd_member *m = &c->m[index];
  memcpy(info, m->prior, sizeof m->prior);
  memcpy(v, m->prior_v, sizeof m->prior_v);
  for (int k = 0; k < c->looks; k++) {
    const cell *e = wf_crowd_cell(c, index, k);
    if (e->at != NO_CHOICE) wf_crowd_add(e, e->at, 1.0, info, v);
  }
}

static double score_of(const wf_crowd *c, int index, const double info[36], const double v[6]) {
  double l[36], sum = evidence(info, v, l);
  for (int k = 0; k < c->looks; k++) {
    const cell *e = wf_crowd_cell(c, index, k);
    if (e->at != NO_CHOICE) sum += c->gain[k] - 0.5 * square(e, e->at);
  }
  return sum;
}

// Who of the others has a plot in a look, or −1.
static int owner_of(const wf_crowd *c, int look, uint32_t plot) {
  for (int i = 0; i < c->members; i++) {
    const cell *e = wf_crowd_cell(c, i, look);
    if (e->at != NO_CHOICE && e->plot[e->at] == plot) return i;
  }
  return -1;
}

// What each choice of one member in one look is worth, all its other choices as they are.
typedef struct options {
  int count;
  int8_t choice[OPTIONS];
  double value[OPTIONS];
  double info[36], v[6];  // without this look
} options;

static void weigh(const wf_crowd *c, int index, int look, int partner, options *w) {
  const crowd_member *m = &c->m[index];
  const cell *e = wf_crowd_cell(c, index, look);
  double l[36], with[36];
  memcpy(w->info, m->info, sizeof w->info);
  memcpy(w->v, m->v, sizeof w->v);
  if (e->at != NO_CHOICE) wf_crowd_add(e, e->at, -1.0, w->info, w->v);
  w->count = 1;
  w->choice[0] = NO_CHOICE;
  w->value[0] = evidence(w->info, w->v, l);
  if (e->count == 0) return;
  double none[6] = {0};
  memcpy(with, w->info, sizeof with);
  for (int r = 0; r < e->dim; r++)
    for (int a = 0; a < 6; a++)
      for (int b = 0; b < 6; b++) with[6 * a + b] += e->jac[6 * r + a] * e->jac[6 * r + b];
  if (wf_mat_cholesky(6, with, l) != WF_OK) return;
  const double log_det = wf_mat_log_det_cholesky(6, l);
  for (int k = 0; k < e->count; k++) {
    const int owner = owner_of(c, look, e->plot[k]);
    if (owner >= 0 && owner != index && owner != partner) continue;
    for (int a = 0; a < 6; a++) {
      none[a] = w->v[a];
      for (int r = 0; r < e->dim; r++) none[a] += e->jac[6 * r + a] * e->r[k][r];
    }
    w->choice[w->count] = (int8_t)k;
    w->value[w->count++] = c->gain[look] - 0.5 * square(e, k) + evidence_by(l, log_det, none);
  }
}

static void choose(wf_crowd *c, int index, int look, const options *w, int option) {
  crowd_member *m = &c->m[index];
  cell *e = wf_crowd_cell(c, index, look);
  memcpy(m->info, w->info, sizeof m->info);
  memcpy(m->v, w->v, sizeof m->v);
  e->at = w->choice[option];
  if (e->at != NO_CHOICE) wf_crowd_add(e, e->at, 1.0, m->info, m->v);
}

static int option_now(const options *w, const cell *e) {
  for (int i = 0; i < w->count; i++)
    if (w->choice[i] == e->at) return i;
  return 0;
}

// Both members' choices in one look, drawn from what all the rest says about them.
static void redraw(wf_crowd *c, int a, int b, int look) {
  options wa, wb;
  double weight[OPTIONS * OPTIONS] = {0}, top = -1e300, sum = 0.0;
  const cell *ea = wf_crowd_cell(c, a, look), *eb = wf_crowd_cell(c, b, look);
  weigh(c, a, look, b, &wa);
  weigh(c, b, look, a, &wb);
  for (int i = 0; i < wa.count; i++)
    for (int k = 0; k < wb.count; k++) {
      const bool same =
          wa.choice[i] != NO_CHOICE && wb.choice[k] != NO_CHOICE && ea->plot[wa.choice[i]] == eb->plot[wb.choice[k]];
      const double value = same ? -1e300 : wa.value[i] + wb.value[k];
      weight[OPTIONS * i + k] = value;
      if (value > top) top = value;
    }
  const double before = weight[OPTIONS * option_now(&wa, ea) + option_now(&wb, eb)];
  for (int i = 0; i < wa.count; i++)
    for (int k = 0; k < wb.count; k++) {
      const double down = (weight[OPTIONS * i + k] - top) / c->heat;
      sum += down > -40.0 ? wf_exp(down) : 0.0;
    }
  double left = sum * wf_rng_uniform(&c->rng);
  for (int i = 0; i < wa.count; i++)
    for (int k = 0; k < wb.count; k++) {
      const double value = weight[OPTIONS * i + k];
      const double down = (value - top) / c->heat;
      left -= down > -40.0 ? wf_exp(down) : 0.0;
      if (left > 0.0) continue;
      choose(c, a, look, &wa, i);
      choose(c, b, look, &wb, k);
      c->score += value - before;
      return;
    }
}

static int choice_of(const cell *e, uint32_t plot) {
  for (int k = 0; k < e->count; k++)
    if (e->plot[k] == plot) return k;
  return NO_CHOICE;
}

// Two members exchange what they made in looks [from, to).
static bool exchange(wf_crowd *c, int a, int b, int from, int to) {
  int8_t next[2][CROWD_LOOKS];
  for (int k = from; k < to; k++) {
    const cell *ea = wf_crowd_cell(c, a, k), *eb = wf_crowd_cell(c, b, k);
    next[0][k] = next[1][k] = NO_CHOICE;
    if (eb->at != NO_CHOICE && (next[0][k] = (int8_t)choice_of(ea, eb->plot[eb->at])) == NO_CHOICE) return false;
    if (ea->at != NO_CHOICE && (next[1][k] = (int8_t)choice_of(eb, ea->plot[ea->at])) == NO_CHOICE) return false;
  }
  const int who[2] = {a, b};
  double info[2][36], v[2][6], gained = 0.0, l[36];
  for (int s = 0; s < 2; s++) {
    const crowd_member *m = &c->m[who[s]];
    memcpy(info[s], m->info, sizeof info[s]);
    memcpy(v[s], m->v, sizeof v[s]);
    for (int k = from; k < to; k++) {
      const cell *e = wf_crowd_cell(c, who[s], k);
      if (e->at != NO_CHOICE) {
        wf_crowd_add(e, e->at, -1.0, info[s], v[s]);
        gained += 0.5 * square(e, e->at) - c->gain[k];
      }
      if (next[s][k] != NO_CHOICE) {
        wf_crowd_add(e, next[s][k], 1.0, info[s], v[s]);
        gained += c->gain[k] - 0.5 * square(e, next[s][k]);
      }
    }
    gained += evidence(info[s], v[s], l) - evidence(m->info, m->v, l);
  }
  const double odds = gained / c->heat;
  if (!(odds >= 0.0) && !(wf_rng_uniform(&c->rng) < wf_exp(odds > -40.0 ? odds : -40.0))) return false;
  for (int s = 0; s < 2; s++) {
    memcpy(c->m[who[s]].info, info[s], sizeof info[s]);
    memcpy(c->m[who[s]].v, v[s], sizeof v[s]);
    for (int k = from; k < to; k++) wf_crowd_cell(c, who[s], k)->at = next[s][k];
  }
  c->score += gained;
  return true;
}

// Somebody who has, or could have, one of the plots this member could have made in the look.
static int partner_of(wf_crowd *c, int index, int look) {
  const cell *e = wf_crowd_cell(c, index, look);
  const int first = e->count == 0 ? 0 : (int)wf_rng_below(&c->rng, (uint64_t)e->count);
  for (int k = 0; k < e->count; k++) {
    const int owner = owner_of(c, look, e->plot[(first + k) % e->count]);
    if (owner >= 0 && owner != index) return owner;
  }
  for (;;) {
    const int other = (int)wf_rng_below(&c->rng, (uint64_t)c->members);
    if (other != index && other != c->without) return other;
  }
}

// A cell in which something else could have been chosen.
static const struct contest *any_contest(wf_crowd *c) {
  for (;;) {
    const struct contest *at = &c->contest[wf_rng_below(&c->rng, (uint64_t)c->contests)];
    if (at->member != c->without) return at;
  }
}

static void stretch(wf_crowd *c) {
  const struct contest *at = any_contest(c);
  const int partner = partner_of(c, at->member, at->look);
  const uint64_t kind = wf_rng_below(&c->rng, 3);
  int from = 0, to = at->look + 1;
  if (kind > 0) {
    from = at->look - (int)wf_rng_below(&c->rng, 12);
    to = at->look + 1 + (int)wf_rng_below(&c->rng, 12);
    if (kind == 2) to = c->looks;
  }
  exchange(c, at->member, partner, from < 0 ? 0 : from, to > c->looks ? c->looks : to);
}

// A few members forget what they made in looks [from, to) and share it out anew, look by look, away from what they
// keep: wrong plots hold each other in place, this lets go of all of them at once.
static void rebuild(wf_crowd *c, const int *who, int count, int from, int to, bool backward) {
  int8_t was[REBUILD_MAX][CROWD_LOOKS];
  double info[REBUILD_MAX][36], v[REBUILD_MAX][6];
  const double score = c->score;
  for (int s = 0; s < count; s++) {
    crowd_member *m = &c->m[who[s]];
    double l[36];
    memcpy(info[s], m->info, sizeof info[s]);
    memcpy(v[s], m->v, sizeof v[s]);
    c->score -= evidence(m->info, m->v, l);
    for (int k = from; k < to; k++) {
      cell *e = wf_crowd_cell(c, who[s], k);
      was[s][k] = e->at;
      if (e->at == NO_CHOICE) continue;
      wf_crowd_add(e, e->at, -1.0, m->info, m->v);
      c->score -= c->gain[k] - 0.5 * square(e, e->at);
      e->at = NO_CHOICE;
    }
    c->score += evidence(m->info, m->v, l);
  }
  for (int n = from; n < to; n++) {
    const int k = backward ? from + to - 1 - n : n;
    for (int a = 0; a < count; a++)
      for (int b = a + 1; b < count; b++) redraw(c, who[a], who[b], k);
  }
  const double odds = (c->score - score) / c->heat;
  if (odds >= 0.0 || wf_rng_uniform(&c->rng) < wf_exp(odds > -40.0 ? odds : -40.0)) return;
  c->score = score;
  for (int s = 0; s < count; s++) {
    memcpy(c->m[who[s]].info, info[s], sizeof info[s]);
    memcpy(c->m[who[s]].v, v[s], sizeof v[s]);
    for (int k = from; k < to; k++) wf_crowd_cell(c, who[s], k)->at = was[s][k];
  }
}

static void let_go(wf_crowd *c) {
  const struct contest *at = any_contest(c);
  int who[REBUILD_MAX] = {at->member, partner_of(c, at->member, at->look)}, count = 2;
  const int third = partner_of(c, at->member, (int)wf_rng_below(&c->rng, (uint64_t)c->looks));
  if (third != who[0] && third != who[1]) who[count++] = third;
  const int middle = (int)wf_rng_below(&c->rng, (uint64_t)c->looks + 1);
  switch (wf_rng_below(&c->rng, 6)) {
    case 0:  // everything, from where they are farthest apart
      rebuild(c, who, 2, 0, c->looks, true);
      break;
    case 1:
      rebuild(c, who, 2, 0, c->looks, false);
      break;
    case 2:
    case 3:
      rebuild(c, who, count, 0, middle, true);
      break;
    default:
      rebuild(c, who, count, middle, c->looks, false);
      break;
  }
}

static bool state_of(const crowd_member *m, double x[6], double p[36]) {
  if (wf_mat_spd_inverse(6, m->info, p) != WF_OK) return false;
  wf_mat_mul(6, 6, 1, p, m->v, x);
  return true;
}

static void keep_best(wf_crowd *c) {
  c->best_score = c->score;
  for (int i = 0; i < c->members; i++)
    for (int k = 0; k < c->looks; k++) c->best[i][k] = wf_crowd_cell(c, i, k)->at;
}

static void restart(wf_crowd *c) {
  c->score = 0.0;
  for (int i = 0; i < c->members; i++) {
    crowd_member *m = &c->m[i];
    total_up(c, i, m->info, m->v);
    c->score += score_of(c, i, m->info, m->v);
  }
}

static void sweep(wf_crowd *c) {
  for (int n = 0; n < c->contests; n++) {
    const struct contest *at = any_contest(c);
    redraw(c, at->member, partner_of(c, at->member, at->look), at->look);
    if (c->score > c->best_score + 1e-6) keep_best(c);
  }
  for (int n = 0; n < STRETCHES_PER_SWEEP * c->members; n++) {
    stretch(c);
    if (c->score > c->best_score + 1e-6) keep_best(c);
  }
  for (int n = 0; n < REBUILDS_PER_SWEEP * c->members; n++) {
    let_go(c);
    if (c->score > c->best_score + 1e-6) keep_best(c);
  }
}

// sum and sum of squares about the reference; turned about the best at the end.
static void note(wf_crowd *c) {
  for (int i = 0; i < c->members; i++) {
    double x[6], p[36];
    if (!state_of(&c->m[i], x, p)) continue;
    for (int a = 0; a < 6; a++) {
      c->m[i].mean[a] += x[a];
      for (int b = 0; b < 6; b++) c->m[i].spread[6 * a + b] += x[a] * x[b];
    }
  }
  c->sampled++;
}

static double misfit_of(const wf_crowd *c, int index) {
  const crowd_member *m = &c->m[index];
  double sum = 0.0;
  int count = -6;
  for (int k = 0; k < c->looks; k++) {
    const cell *e = wf_crowd_cell(c, index, k);
    for (int r = 0; e->at != NO_CHOICE && r < e->dim; r++, count++) {
      double z = e->r[e->at][r];
      for (int j = 0; j < 6; j++) z -= e->jac[6 * r + j] * m->best_x[j];
      sum += z * z;
    }
  }
  return count > 0 ? sum / count : 1.0;
}

static bool conclude(wf_crowd *c) {
  for (int i = 0; i < c->members; i++) {
    crowd_member *m = &c->m[i];
    for (int k = 0; k < c->looks; k++) wf_crowd_cell(c, i, k)->at = c->best[i][k];
    total_up(c, i, m->info, m->v);
    if (!state_of(m, m->best_x, m->best_p)) return false;
    m->misfit = misfit_of(c, i);
    const double n = c->sampled;
    for (int a = 0; a < 6 && c->sampled > 0; a++)
      for (int b = 0; b < 6; b++)
        m->spread[6 * a + b] = m->spread[6 * a + b] / n - m->mean[a] / n * m->best_x[b] -
                               m->best_x[a] * m->mean[b] / n + m->best_x[a] * m->best_x[b];
  }
  return true;
}

static void restore(wf_crowd *c) {
  for (int i = 0; i < c->members; i++)
    for (int k = 0; k < c->looks; k++) wf_crowd_cell(c, i, k)->at = c->best[i][k];
  restart(c);
}

static void anneal(wf_crowd *c, const double *heat, int count) {
  bool open = false;
  for (int n = 0; n < c->contests; n++) open = open || c->contest[n].member != c->without;
  if (!open || c->members - (c->without >= 0) < 2) return;
  for (int n = 0; n < count; n++) {
    c->heat = heat[n];
    sweep(c);
  }
}

// What it costs that a member is there: not to have been seen, since it was first.
static double cost_of_being(const wf_crowd *c, int index) {
  double cost = 0.0;
  bool there = false;
  for (int k = 0; k < c->looks; k++) {
    there = there || wf_crowd_cell(c, index, k)->at != NO_CHOICE;
    cost += there ? c->miss[k] : 0.0;
  }
  return cost;
}

// Whether all is likelier without a member, its plots being the others'. If so it has none from here on.
bool wf_crowd_without(wf_crowd *c, int index, double bonus) {
  static const double heat[] = {6.0, 4.0, 3.0, 2.0, 1.5, 1.0, 1.0};
  int8_t with[CROWD_MEMBERS][CROWD_LOOKS];
  const int steps = (int)(sizeof heat / sizeof *heat);
  restore(c);
  anneal(c, heat, steps);  // both get the same chance
  restore(c);
  const double score = c->score, saved = cost_of_being(c, index);
  memcpy(with, c->best, sizeof with);
  for (int k = 0; k < c->looks; k++) wf_crowd_cell(c, index, k)->at = NO_CHOICE;
  restart(c);
  keep_best(c);
  c->without = index;
  anneal(c, heat, steps);
  c->without = -1;
  if (c->best_score + saved + bonus > score) {
    restore(c);
    return true;
  }
  memcpy(c->best, with, sizeof with);
  restore(c);
  c->best_score = c->score;
  return false;
}

// The likeliest sharing out that is found.
void wf_crowd_search(wf_crowd *c) {
  static const double heat[] = {10.0, 8.0, 6.0, 4.0, 3.0, 2.0, 1.5, 1.0, 1.0};
  c->without = -1;
  restart(c);
  keep_best(c);
  const int all = (int)(sizeof heat / sizeof *heat), skip = c->looks > WARM_LOOKS && c->looks % WARM_EVERY != 0 ? 5 : 0;
  anneal(c, heat + skip, all - skip);
  restore(c);
}

// How far others that are likely lie from it. False when the plots do not determine a state.
bool wf_crowd_sample(wf_crowd *c, int sweeps) {
  c->sampled = 0;
  c->heat = SPREAD_HEAT;
  for (int i = 0; i < c->members; i++) {
    memset(c->m[i].mean, 0, sizeof c->m[i].mean);
    memset(c->m[i].spread, 0, sizeof c->m[i].spread);
  }
  for (int n = 0; n < sweeps && c->contests > 0; n++) {
    sweep(c);
    note(c);
  }
  return conclude(c);
}

// A member is left out for good.
void wf_crowd_expel(wf_crowd *c, int index) {
  const int last = --c->members;
  if (index != last) {
    c->m[index] = c->m[last];
    memcpy(c->best[index], c->best[last], sizeof c->best[index]);
    memcpy(wf_crowd_cell(c, index, 0), wf_crowd_cell(c, last, 0), CROWD_LOOKS * sizeof(cell));
  }
  wf_crowd_contests(c);
}

// What a plot adds to somebody who has none in that look.
static double adds(const wf_crowd *c, const cell *e, int choice, int look, double info[36], double v[6]) {
  double l[36], without = evidence(info, v, l);
  wf_crowd_add(e, choice, 1.0, info, v);
  return c->gain[look] - 0.5 * square(e, choice) + evidence(info, v, l) - without;
}

double wf_crowd_worth(const wf_crowd *c, int index) {
  double info[CROWD_MEMBERS][36], v[CROWD_MEMBERS][6], l[36];
  const crowd_member *m = &c->m[index];
  double worth = evidence(m->info, m->v, l) - evidence(m->prior, m->prior_v, l);
  bool there = false;
  for (int i = 0; i < c->members; i++) {
    memcpy(info[i], c->m[i].info, sizeof info[i]);
    memcpy(v[i], c->m[i].v, sizeof v[i]);
  }
  for (int k = 0; k < c->looks; k++) {
    const cell *e = wf_crowd_cell(c, index, k);
    there = there || e->at != NO_CHOICE;
    worth -= there ? c->miss[k] : 0.0;
    if (e->at == NO_CHOICE) continue;
    worth += c->gain[k] - 0.5 * square(e, e->at);
    double best = 0.0, best_info[36], best_v[6];
    int taker = -1;
    for (int i = 0; i < c->members; i++) {
      const cell *other = wf_crowd_cell(c, i, k);
      if (i == index || other->at != NO_CHOICE) continue;
      const int choice = choice_of(other, e->plot[e->at]);
      if (choice == NO_CHOICE) continue;
      double new_info[36], new_v[6];
      memcpy(new_info, info[i], sizeof new_info);
      memcpy(new_v, v[i], sizeof new_v);
      const double gained = adds(c, other, choice, k, new_info, new_v);
      if (gained <= best) continue;
      best = gained;
      taker = i;
      memcpy(best_info, new_info, sizeof best_info);
      memcpy(best_v, new_v, sizeof best_v);
    }
    if (taker < 0) continue;
    worth -= best;
    memcpy(info[taker], best_info, sizeof best_info);
    memcpy(v[taker], best_v, sizeof best_v);
  }
  return worth;
}
