// Sharing out the plots among close objects, over all remembered looks at once. Free fall without noise lets every
// state be integrated out: what is searched is only who made which plot. Moves:
//   1. in one look, all plots are given anew to all members, or to some, by assignment with exact costs; noise on the
//      costs (Papandreou and Yuille 2011, "Perturb-and-MAP random fields") makes it a draw;
//   2. the histories are cut at one or two moments and all pieces linked anew by assignment: any number of members may
//      have swapped there;
//   3. a few neighbours forget a stretch and share it out again look by look, then settle; kept when likelier.
// Kept: the likeliest sharing out of all seen, and how far the others lie from it (Oh, Russell and Sastry 2009, "Markov
// chain Monte Carlo data association for multi-target tracking").
#include <math.h>
#include <string.h>

#include "crowd.h"

#define GATE 40.0  // χ² of a plot by what the others say
#define SETTLE_SWEEPS 3
#define WORK 120000       // members weighed in looks, in one search
#define WORK_TRIED 15000  // … to see whether all is likelier without one
#define WORK_SAMPLED 60000
#define REBUILD_MAX 5
#define MODE_DEPTH 8.0  // in ln, below the likeliest
#define MODE_APART 8    // plots
#define SPREAD_HEAT 1.0
#define OPTIONS (CROWD_PLOTS + 1)
#define IMPOSSIBLE (-1e300)

// A = L D Lᵀ with a unit diagonal in L, where 1/D is kept; returns det A, or 0 when it is not positive definite.
static double factor(const double a[36], double l[36]) {
  double product = 1.0, d[6];
  for (int j = 0; j < 6; j++) {
    double u[6], own = a[7 * j];
    for (int k = 0; k < j; k++) {
      u[k] = l[6 * j + k] * d[k];
      own -= l[6 * j + k] * u[k];
    }
    if (!(own > 0.0)) return 0.0;
    d[j] = own;
    product *= own;
    const double inverse = 1.0 / own;
    l[7 * j] = inverse;
    for (int i = j + 1; i < 6; i++) {
      double s = a[6 * i + j];
      for (int k = 0; k < j; k++) s -= l[6 * i + k] * u[k];
      l[6 * i + j] = s * inverse;
    }
  }
  return product;
}

// L⁻¹ in
static void solve(const double l[36], const double in[6], double out[6]) {
  for (int i = 0; i < 6; i++) {
    double s = in[i];
    for (int k = 0; k < i; k++) s -= l[6 * i + k] * out[k];
    out[i] = s;
  }
}

// Σ a b / D
static double dot(const double l[36], const double a[6], const double b[6]) {
  double s = 0.0;
  for (int i = 0; i < 6; i++) s += a[i] * b[i] * l[7 * i];
  return s;
}

// ½ vᵀ Y⁻¹ v − ½ ln det Y: what integrating the state out leaves.
static double evidence(const double info[36], const double v[6]) {
  double l[36], y[6];
  const double det = factor(info, l);
  if (det == 0.0) return IMPOSSIBLE;
  solve(l, v, y);
  return 0.5 * dot(l, y, y) - 0.5 * wf_log(det);
}

static void add(const crowd_look *k, int plot, double sign, double info[36], double v[6]) {
  for (int a = 0; a < 36; a++) info[a] += sign * k->information[a];
  for (int a = 0; a < 6; a++) v[a] += sign * k->plot[plot].v[a];
}

static void total_up(const wf_crowd *c, const crowd_member *m, double info[36], double v[6]) {
  memcpy(info, m->prior, sizeof m->prior);
  memcpy(v, m->prior_v, sizeof m->prior_v);
  for (int k = 0; k < c->looks; k++)
    if (m->at[k] != NO_PLOT) add(&c->look[k], m->at[k], 1.0, info, v);
}

static void restart(wf_crowd *c) {
  memset(c->owner, NO_PLOT, sizeof c->owner);
  c->score = 0.0;
  for (int i = 0; i < c->members; i++) {
    crowd_member *m = &c->m[i];
    total_up(c, m, m->info, m->v);
    c->score += evidence(m->info, m->v);
    for (int k = 0; k < c->looks; k++) {
      if (m->at[k] == NO_PLOT) continue;
      c->score += c->look[k].gain - 0.5 * c->look[k].plot[m->at[k]].square;
      c->owner[k][m->at[k]] = (int8_t)i;
    }
  }
}

static void keep_best(wf_crowd *c) {
  c->best_score = c->score;
  for (int i = 0; i < c->members; i++) memcpy(c->m[i].best, c->m[i].at, (size_t)c->looks);
}

static void keep_better(wf_crowd *c) {
  if (c->score > c->best_score + 1e-6) keep_best(c);
}

static void restore(wf_crowd *c) {
  for (int i = 0; i < c->members; i++) memcpy(c->m[i].at, c->m[i].best, (size_t)c->looks);
  restart(c);
}

static double dot6(const double a[6], const double b[6]) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] + a[4] * b[4] + a[5] * b[5];
}

static bool weigh(wf_crowd *c, int index, int look, crowd_options *w) {
  const crowd_member *m = &c->m[index];
  const crowd_look *k = &c->look[look];
  double l[36], x[6], half[WF_VIEW_DIM][6], mean[WF_VIEW_DIM], s[WF_VIEW_DIM * WF_VIEW_DIM];
  const int dim = k->dim;
  c->work++;
  memcpy(w->info, m->info, sizeof w->info);
  memcpy(w->v, m->v, sizeof w->v);
  if (m->at[look] != NO_PLOT) add(k, m->at[look], -1.0, w->info, w->v);
  w->count = 0;
  w->now = -1;
  w->now_value = 0.0;
  if (k->count == 0) return true;
  if (factor(w->info, l) == 0.0) return false;
  solve(l, w->v, x);
  for (int a = 0; a < dim; a++) {
    solve(l, &k->jac[6 * a], half[a]);
    mean[a] = dot(l, half[a], x);
    for (int b = 0; b <= a; b++) s[dim * a + b] = dot(l, half[a], half[b]) + (a == b ? 1.0 : 0.0);
  }
  double det = 1.0;
  for (int j = 0; j < dim; j++) {  // L D Lᵀ again
    double u[WF_VIEW_DIM];
    for (int q = 0; q < j; q++) {
      u[q] = s[dim * j + q] / s[dim * q + q];
      s[dim * j + j] -= s[dim * j + q] * u[q];
    }
    det *= s[dim * j + j];
    s[dim * j + j] = 1.0 / s[dim * j + j];
    for (int i = j + 1; i < dim; i++) {
      for (int q = 0; q < j; q++) s[dim * i + j] -= s[dim * i + q] * u[q];
      s[dim * i + j] *= s[dim * j + j];
    }
  }
  const double base = k->gain - 0.5 * wf_log(det), reach = GATE / s[0];
  for (int p = 0; p < k->count; p++) {
    const double first = k->plot[p].r[0] - mean[0];
    const bool own = p == m->at[look];
    if (!own && first * first > reach) continue;
    double y[WF_VIEW_DIM], chi2 = 0.0;
    for (int a = 0; a < dim; a++) {
      double d = k->plot[p].r[a] - mean[a];
      for (int q = 0; q < a; q++) d -= s[dim * a + q] * y[q];
      y[a] = d;
      chi2 += d * d * s[dim * a + a];
    }
    if (!own && chi2 > GATE) continue;
    if (own) {
      w->now = w->count;
      w->now_value = base - 0.5 * chi2;
    }
    w->plot[w->count] = (int8_t)p;
    w->value[w->count++] = base - 0.5 * chi2;
  }
  return true;
}

static void choose(wf_crowd *c, int index, int look, const crowd_options *w, int plot) {
  crowd_member *m = &c->m[index];
  memcpy(m->info, w->info, sizeof m->info);
  memcpy(m->v, w->v, sizeof m->v);
  m->at[look] = (int8_t)plot;
  if (plot == NO_PLOT) return;
  add(&c->look[look], plot, 1.0, m->info, m->v);
  c->owner[look][plot] = (int8_t)index;
}

// A draw of Gumbel's distribution, by a table of its quantiles: it is asked for very often.
static double gumbel(wf_crowd *c) {
  return c->gumbel[wf_rng_u64(&c->rng) >> (64 - CROWD_QUANTILE_BITS)];
}

void wf_crowd_open(wf_crowd *c) {
  const int count = 1 << CROWD_QUANTILE_BITS;
  for (int i = 0; i < count; i++) c->gumbel[i] = -wf_log(-wf_log((i + 0.5) / count));
}

// The plots of one look among some members, the others' left alone.
static void assign_look(wf_crowd *c, const int *who, int count, int look) {
  crowd_options *w = c->scratch;
  wf_arc_pair *pair = c->pair;
  double *free_cost = c->free_cost;
  uint32_t column[CROWD_MEMBERS];
  size_t pairs = 0;
  double before = 0.0, after = 0.0;
  bool mine[CROWD_MEMBERS] = {0};
  if (c->look[look].count == 0) return;
  for (int s = 0; s < count; s++) mine[who[s]] = true;
  for (int s = 0; s < count; s++) {
    if (!weigh(c, who[s], look, &w[s])) return;
    before += w[s].now_value;
    free_cost[s] = c->heat > 0.0 ? -c->heat * gumbel(c) : 0.0;
    for (int p = 0; p < w[s].count; p++) {
      const int owner = c->owner[look][w[s].plot[p]];
      if (owner != NO_PLOT && !mine[owner]) continue;
      const double noise = c->heat > 0.0 ? c->heat * gumbel(c) : 0.0;
      pair[pairs++] = (wf_arc_pair){(uint32_t)s, (uint32_t)w[s].plot[p], -w[s].value[p] - noise};
    }
  }
  if (wf_assign_solve(c->assign, pair, pairs, free_cost, (size_t)count, c->look[look].count, column, NULL) != WF_OK)
    return;
  for (int s = 0; s < count; s++)
    if (c->m[who[s]].at[look] != NO_PLOT) c->owner[look][c->m[who[s]].at[look]] = NO_PLOT;
  for (int s = 0; s < count; s++) {
    const int plot = column[s] == WF_ASSIGN_FREE ? NO_PLOT : (int)column[s];
    for (int p = 0; p < w[s].count; p++)
      if (w[s].plot[p] == plot) after += w[s].value[p];
    choose(c, who[s], look, &w[s], plot);
  }
  c->score += after - before;
}

static int everybody(const wf_crowd *c, int who[CROWD_MEMBERS]) {
  int count = 0;
  for (int i = 0; i < c->members; i++)
    if (i != c->without) who[count++] = i;
  return count;
}

// Look by look at no heat, until nothing changes.
static void settle(wf_crowd *c, const int *who, int count) {
  const double heat = c->heat;
  c->heat = 0.0;
  for (int n = 0; n < SETTLE_SWEEPS; n++) {
    const double score = c->score;
    for (int k = 0; k < c->looks; k++) assign_look(c, who, count, n % 2 == 0 ? c->looks - 1 - k : k);
    if (c->score < score + 1e-6) break;
  }
  c->heat = heat;
}

typedef struct piece {
  double info[36], v[6];
} piece;

// The pieces [from, to) of all linked anew to what is left of all. Returns whether anything changed.
static bool relink(wf_crowd *c, const int *who, int count, int from, int to, piece *part) {
  wf_arc_pair *pair = c->pair;
  double *free_cost = c->free_cost, value[CROWD_MEMBERS][CROWD_MEMBERS];
  uint32_t column[CROWD_MEMBERS];
  size_t pairs = 0;
  bool same = true;
  for (int i = 0; i < count; i++) {
    const crowd_member *m = &c->m[who[i]];
    free_cost[i] = 1e12;
    for (int j = 0; j < count; j++) {
      piece p = {{0}, {0}};
      for (int a = 0; a < 36; a++) p.info[a] = m->info[a] - part[i].info[a] + part[j].info[a];
      for (int a = 0; a < 6; a++) p.v[a] = m->v[a] - part[i].v[a] + part[j].v[a];
      value[i][j] = evidence(p.info, p.v);
      const double noise = c->heat > 0.0 ? c->heat * gumbel(c) : 0.0;
      if (value[i][j] != IMPOSSIBLE) pair[pairs++] = (wf_arc_pair){(uint32_t)i, (uint32_t)j, -value[i][j] - noise};
    }
  }
  c->work += count * count / 2;
  if (wf_assign_solve(c->assign, pair, pairs, free_cost, (size_t)count, (size_t)count, column, NULL) != WF_OK)
    return false;
  for (int i = 0; i < count; i++) {
    if (column[i] == WF_ASSIGN_FREE) return false;
    same = same && column[i] == (uint32_t)i;
  }
  if (same) return false;
  int8_t at[CROWD_MEMBERS][CROWD_LOOKS];
  piece old[CROWD_MEMBERS];
  for (int i = 0; i < count; i++) {
    memcpy(at[i], c->m[who[i]].at, (size_t)c->looks);
    old[i] = part[i];
  }
  for (int i = 0; i < count; i++) {
    crowd_member *m = &c->m[who[i]];
    const int j = (int)column[i];
    if (j == i) continue;
    c->score += value[i][j] - value[i][i];
    for (int a = 0; a < 36; a++) m->info[a] += old[j].info[a] - old[i].info[a];
    for (int a = 0; a < 6; a++) m->v[a] += old[j].v[a] - old[i].v[a];
    part[i] = old[j];
    for (int k = from; k < to; k++) {
      m->at[k] = at[j][k];
      if (m->at[k] != NO_PLOT) c->owner[k][m->at[k]] = (int8_t)who[i];
    }
  }
  return true;
}

static void extend(const wf_crowd *c, const int *who, int count, int look, double sign, piece *part) {
  for (int i = 0; i < count; i++) {
    const int at = c->m[who[i]].at[look];
    if (at != NO_PLOT) add(&c->look[look], at, sign, part[i].info, part[i].v);
  }
}

// Pieces of one length, cut at every look in turn.
static void relink_all(wf_crowd *c, const int *who, int count, int length) {
  piece part[CROWD_MEMBERS];
  memset(part, 0, sizeof part);
  int to = 0;
  for (int from = 0; from < c->looks; from++) {
    for (; to < c->looks && to - from < length; to++) extend(c, who, count, to, 1.0, part);
    if (from > 0 || to < c->looks) relink(c, who, count, from, to, part);
    extend(c, who, count, from, -1.0, part);
    if (c->heat > 0.0) keep_better(c);
  }
}

// A member and those that are nearest to it in one look.
static int neighbours(wf_crowd *c, int who[REBUILD_MAX]) {
  double x[6], l[36], y[6], mean[CROWD_MEMBERS][WF_VIEW_DIM];
  const int look = (int)wf_rng_below(&c->rng, (uint64_t)c->looks);
  const crowd_look *k = &c->look[look];
  int all[CROWD_MEMBERS] = {0};
  const int members = everybody(c, all), wanted = 2 + (int)wf_rng_below(&c->rng, REBUILD_MAX - 1);
  for (int i = 0; i < members; i++) {
    const crowd_member *m = &c->m[all[i]];
    if (factor(m->info, l) == 0.0) return 0;
    solve(l, m->v, y);
    for (int a = 5; a >= 0; a--) {
      double s = y[a] * l[7 * a];
      for (int b = a + 1; b < 6; b++) s -= l[6 * b + a] * x[b];
      x[a] = s;
    }
    for (int a = 0; a < k->dim; a++) mean[i][a] = dot6(&k->jac[6 * a], x);
  }
  const int first = (int)wf_rng_below(&c->rng, (uint64_t)members);
  bool used[CROWD_MEMBERS] = {0};
  int count = 0;
  who[count++] = all[first];
  used[first] = true;
  while (count < wanted && count < members) {
    int best = -1;
    double least = 1e300;
    for (int i = 0; i < members; i++) {
      double d2 = 0.0;
      for (int a = 0; a < k->dim; a++) d2 += (mean[i][a] - mean[first][a]) * (mean[i][a] - mean[first][a]);
      if (used[i] || d2 >= least) continue;
      least = d2;
      best = i;
    }
    used[best] = true;
    who[count++] = all[best];
  }
  return count;
}

static void forget(wf_crowd *c, int index, int from, int to) {
  crowd_member *m = &c->m[index];
  c->score -= evidence(m->info, m->v);
  for (int k = from; k < to; k++) {
    if (m->at[k] == NO_PLOT) continue;
    add(&c->look[k], m->at[k], -1.0, m->info, m->v);
    c->score -= c->look[k].gain - 0.5 * c->look[k].plot[m->at[k]].square;
    c->owner[k][m->at[k]] = NO_PLOT;
    m->at[k] = NO_PLOT;
  }
  c->score += evidence(m->info, m->v);
}

static void swap_back(wf_crowd *c, const int *who, int count, int8_t was[][CROWD_LOOKS], const piece *sum) {
  for (int s = 0; s < count; s++)
    for (int k = 0; k < c->looks; k++)
      if (c->m[who[s]].at[k] != NO_PLOT) c->owner[k][c->m[who[s]].at[k]] = NO_PLOT;
  for (int s = 0; s < count; s++) {
    crowd_member *m = &c->m[who[s]];
    memcpy(m->info, sum[s].info, sizeof m->info);
    memcpy(m->v, sum[s].v, sizeof m->v);
    memcpy(m->at, was[s], (size_t)c->looks);
    for (int k = 0; k < c->looks; k++)
      if (m->at[k] != NO_PLOT) c->owner[k][m->at[k]] = (int8_t)who[s];
  }
}

typedef const int8_t *plots_of_member;

// Which member of another sharing out each is now: the one whose plots it has. Returns how many plots are the same.
static int recognise(wf_crowd *c, const plots_of_member *other, uint32_t column[CROWD_MEMBERS]) {
  int same[CROWD_MEMBERS][CROWD_MEMBERS] = {{0}}, sum = 0;
  for (int k = 0; k < c->looks; k++)
    for (int j = 0; j < c->members; j++) {
      const int at = other[j][k];
      if (at != NO_PLOT && c->owner[k][at] != NO_PLOT) same[c->owner[k][at]][j]++;
    }
  size_t pairs = 0;
  for (int i = 0; i < c->members; i++) {
    c->free_cost[i] = 1e12;
    for (int j = 0; j < c->members; j++) c->pair[pairs++] = (wf_arc_pair){(uint32_t)i, (uint32_t)j, -same[i][j]};
  }
  const size_t n = (size_t)c->members;
  if (wf_assign_solve(c->assign, c->pair, pairs, c->free_cost, n, n, column, NULL) != WF_OK) return -1;
  for (int i = 0; i < c->members; i++) sum += same[i][column[i]];
  return sum;
}

static int same_as_mode(wf_crowd *c, const crowd_mode *mode) {
  plots_of_member other[CROWD_MEMBERS];
  uint32_t column[CROWD_MEMBERS];
  for (int i = 0; i < c->members; i++) other[i] = mode->at[i];
  return recognise(c, other, column);
}

// Remembers what is nearly as likely as the likeliest and something else than what is remembered already.
static void keep_mode(wf_crowd *c) {
  int at = -1, worst = 0, made = 0;
  if (!c->collecting || c->score < c->best_score - MODE_DEPTH) return;
  for (int n = 0; n < c->modes; n++)
    if (fabs(c->mode[n].score - c->score) < 1e-6) return;
  for (int i = 0; i < c->members; i++)
    for (int k = 0; k < c->looks; k++) made += c->m[i].at[k] != NO_PLOT;
  for (int n = 0; n < c->modes; n++) {
    if (c->mode[n].score < c->mode[worst].score) worst = n;
    if (at < 0 && made - same_as_mode(c, &c->mode[n]) < MODE_APART) at = n;
  }
  if (at < 0 && c->modes < CROWD_MODES)
    c->mode[at = c->modes++].score = IMPOSSIBLE;
  else if (at < 0)
    at = worst;
  if (c->mode[at].score >= c->score) return;
  c->mode[at].score = c->score;
  for (int i = 0; i < c->members; i++) memcpy(c->mode[at].at[i], c->m[i].at, (size_t)c->looks);
}

// Some members forget what they made in looks [from, to) and share it out anew, look by look, away from what they
// keep: wrong plots hold each other in place, this lets go of all of them at once.
static void rebuild(wf_crowd *c, const int *who, int count, int from, int to, bool backward, bool cool) {
  int8_t was[REBUILD_MAX][CROWD_LOOKS];
  piece sum[REBUILD_MAX];
  const double score = c->score;
  for (int s = 0; s < count; s++) {
    const crowd_member *m = &c->m[who[s]];
    memcpy(was[s], m->at, (size_t)c->looks);
    memcpy(sum[s].info, m->info, sizeof m->info);
    memcpy(sum[s].v, m->v, sizeof m->v);
    forget(c, who[s], from, to);
  }
  for (int n = from; n < to; n++) assign_look(c, who, count, backward ? from + to - 1 - n : n);
  if (cool) {
    settle(c, who, count);
    keep_mode(c);
  }
  const double odds = (c->score - score) / c->heat;
  if (odds >= 0.0 || wf_rng_uniform(&c->rng) < wf_exp(odds > -40.0 ? odds : -40.0)) {
    keep_better(c);
    return;
  }
  swap_back(c, who, count, was, sum);
  c->score = score;
}

static void let_go(wf_crowd *c, bool cool) {
  int who[REBUILD_MAX];
  const int count = neighbours(c, who);
  if (count < 2) return;
  const int middle = (int)wf_rng_below(&c->rng, (uint64_t)c->looks + 1);
  const int length = 2 + (int)wf_rng_below(&c->rng, (uint64_t)c->looks);
  switch (wf_rng_below(&c->rng, 6)) {
    case 0:  // everything, from where they are farthest apart
      rebuild(c, who, count, 0, c->looks, true, cool);
      break;
    case 1:
      rebuild(c, who, count, 0, c->looks, false, cool);
      break;
    case 2:
      rebuild(c, who, count, 0, middle, true, cool);
      break;
    case 3:
      rebuild(c, who, count, middle, c->looks, false, cool);
      break;
    default:
      rebuild(c, who, count, middle > length ? middle - length : 0, middle, wf_rng_below(&c->rng, 2) == 0, cool);
      break;
  }
}

// Many crowds at once get less time each.
static long fair(const wf_crowd *c, long work) {
  return c->busy > 1 ? work / c->busy : work;
}

static void descend(wf_crowd *c) {
  int who[CROWD_MEMBERS];
  const int count = everybody(c, who);
  c->heat = 0.0;
  settle(c, who, count);
  relink_all(c, who, count, c->looks);
  settle(c, who, count);
  keep_better(c);
}

static void explore(wf_crowd *c, long wanted) {
  int who[CROWD_MEMBERS];
  const int count = everybody(c, who);
  if (count < 2) return;
  const long work = fair(c, wanted), until = c->work + work;
  descend(c);
  while (c->work < until) {
    const double part = (double)(until - c->work) / (double)work;
    c->heat = 0.5 + 3.0 * part * part;
    for (int n = 0; n < 4 * count && c->work < until; n++) let_go(c, true);
    c->heat = 0.0;
    relink_all(c, who, count,
               wf_rng_below(&c->rng, 2) == 0 ? c->looks : 1 + (int)wf_rng_below(&c->rng, (uint64_t)c->looks));
    settle(c, who, count);
    keep_better(c);
  }
  restore(c);
  descend(c);
  restore(c);
}

// What it costs that a member is there: not to have been seen, since it was first.
static double cost_of_being(const wf_crowd *c, int index) {
  double cost = 0.0;
  bool there = false;
  for (int k = 0; k < c->looks; k++) {
    there = there || c->m[index].at[k] != NO_PLOT;
    cost += there ? c->look[k].miss : 0.0;
  }
  return cost;
}

// Whether all is likelier without a member, its plots being the others'. If so it has none from here on.
bool wf_crowd_without(wf_crowd *c, int index, double bonus) {
  int8_t with[CROWD_MEMBERS][CROWD_LOOKS];
  restore(c);
  explore(c, WORK_TRIED);  // both get the same chance
  restore(c);
  const double score = c->score, saved = cost_of_being(c, index);
  for (int i = 0; i < c->members; i++) memcpy(with[i], c->m[i].best, sizeof with[i]);
  memset(c->m[index].at, NO_PLOT, sizeof c->m[index].at);
  restart(c);
  keep_best(c);
  c->without = index;
  explore(c, WORK_TRIED);
  c->without = -1;
  if (c->best_score + saved + bonus > score) {
    restore(c);
    return true;
  }
  for (int i = 0; i < c->members; i++) memcpy(c->m[i].best, with[i], sizeof with[i]);
  restore(c);
  c->best_score = c->score;
  return false;
}

// The likeliest sharing out that is found among those known; who may be there beside them gets nothing.
void wf_crowd_search(wf_crowd *c) {
  c->without = c->members > c->known ? c->members - 1 : -1;
  restart(c);
  keep_best(c);
  c->modes = 0;
  c->collecting = true;
  explore(c, WORK);
  c->collecting = false;
  c->without = -1;
}

// Whether all is likelier by more than `bonus` with one that was kept out of the search. If not it has nothing.
bool wf_crowd_with(wf_crowd *c, int index, double bonus) {
  int8_t without[CROWD_MEMBERS][CROWD_LOOKS];
  restore(c);
  const double score = c->score;
  for (int i = 0; i < c->members; i++) memcpy(without[i], c->m[i].best, sizeof without[i]);
  explore(c, WORK_TRIED);
  restore(c);
  if (c->score > score + cost_of_being(c, index) + bonus) {
    c->modes = 0;
    return true;
  }
  for (int i = 0; i < c->members; i++) memcpy(c->m[i].best, without[i], sizeof without[i]);
  restore(c);
  c->best_score = c->score;
  return false;
}

// Both members' choices in one look, drawn from what all the rest says about them.
static void redraw(wf_crowd *c, int a, int b, int look) {
  crowd_options *wa = &c->scratch[0], *wb = &c->scratch[1];
  double weight[OPTIONS * OPTIONS], top = IMPOSSIBLE, sum = 0.0;
  if (!weigh(c, a, look, wa) || !weigh(c, b, look, wb)) return;
  const double before = wa->now_value + wb->now_value;
  int pa[OPTIONS], pb[OPTIONS], na = 0, nb = 0;
  double va[OPTIONS], vb[OPTIONS];
  pa[na] = pb[nb] = NO_PLOT;
  va[na++] = vb[nb++] = 0.0;
  for (int p = 0; p < wa->count; p++) {
    const int owner = c->owner[look][wa->plot[p]];
    if (owner != NO_PLOT && owner != a && owner != b) continue;
    pa[na] = wa->plot[p];
    va[na++] = wa->value[p];
  }
  for (int p = 0; p < wb->count; p++) {
    const int owner = c->owner[look][wb->plot[p]];
    if (owner != NO_PLOT && owner != a && owner != b) continue;
    pb[nb] = wb->plot[p];
    vb[nb++] = wb->value[p];
  }
  for (int i = 0; i < na; i++)
    for (int k = 0; k < nb; k++)
      if ((pa[i] == NO_PLOT || pa[i] != pb[k]) && va[i] + vb[k] > top) top = va[i] + vb[k];
  for (int i = 0; i < na; i++)
    for (int k = 0; k < nb; k++) {
      const bool same = pa[i] != NO_PLOT && pa[i] == pb[k];
      const double down = (va[i] + vb[k] - top) / c->heat;
      weight[nb * i + k] = same || down < -40.0 ? 0.0 : wf_exp(down);
      sum += weight[nb * i + k];
    }
  double left = sum * wf_rng_uniform(&c->rng);
  for (int n = 0; n < na * nb; n++) {
    left -= weight[n];
    if (left > 0.0 || weight[n] <= 0.0) continue;
    if (c->m[a].at[look] != NO_PLOT) c->owner[look][c->m[a].at[look]] = NO_PLOT;
    if (c->m[b].at[look] != NO_PLOT) c->owner[look][c->m[b].at[look]] = NO_PLOT;
    choose(c, a, look, wa, pa[n / nb]);
    choose(c, b, look, wb, pb[n % nb]);
    c->score += va[n / nb] + vb[n % nb] - before;
    return;
  }
}

static bool state_of(const crowd_member *m, double x[6], double p[36]) {
  if (wf_mat_spd_inverse(6, m->info, p) != WF_OK) return false;
  wf_mat_mul(6, 6, 1, p, m->v, x);
  return true;
}

// Two members exchange what they made in looks [from, to), by Metropolis.
static void exchange(wf_crowd *c, const int who[2], int from, int to, piece part[2]) {
  double info[2][36], v[2][6], gained = 0.0;
  for (int s = 0; s < 2; s++) {
    const crowd_member *m = &c->m[who[s]];
    for (int a = 0; a < 36; a++) info[s][a] = m->info[a] - part[s].info[a] + part[1 - s].info[a];
    for (int a = 0; a < 6; a++) v[s][a] = m->v[a] - part[s].v[a] + part[1 - s].v[a];
    gained += evidence(info[s], v[s]) - evidence(m->info, m->v);
  }
  c->work += 2;
  const double odds = gained / c->heat;
  if (!(odds >= 0.0) && !(wf_rng_uniform(&c->rng) < wf_exp(odds > -40.0 ? odds : -40.0))) return;
  const piece first = part[0];
  part[0] = part[1];
  part[1] = first;
  crowd_member *m[2] = {&c->m[who[0]], &c->m[who[1]]};
  for (int s = 0; s < 2; s++) {
    memcpy(m[s]->info, info[s], sizeof info[s]);
    memcpy(m[s]->v, v[s], sizeof v[s]);
  }
  for (int k = from; k < to; k++) {
    const int8_t at = m[0]->at[k];
    m[0]->at[k] = m[1]->at[k];
    m[1]->at[k] = at;
    for (int s = 0; s < 2; s++)
      if (m[s]->at[k] != NO_PLOT) c->owner[k][m[s]->at[k]] = (int8_t)who[s];
  }
  c->score += gained;
}

static void exchange_all(wf_crowd *c, const int who[2], int length) {
  piece part[2];
  memset(part, 0, sizeof part);
  int to = 0;
  for (int from = 0; from < c->looks; from++) {
    for (; to < c->looks && to - from < length; to++) extend(c, who, 2, to, 1.0, part);
    if (from > 0 || to < c->looks) exchange(c, who, from, to, part);
    extend(c, who, 2, from, -1.0, part);
  }
}

typedef struct moments {
  double mean[6], square[36];
} moments;

// Sums of means and of covariances about the likeliest.
static void note(wf_crowd *c, moments *sum) {
  uint32_t column[CROWD_MEMBERS];
  plots_of_member best[CROWD_MEMBERS];
  double x[CROWD_MEMBERS][6], p[CROWD_MEMBERS][36];
  for (int i = 0; i < c->members; i++)
    if (!state_of(&c->m[i], x[i], p[i])) return;
  for (int i = 0; i < c->members; i++) best[i] = c->m[i].best;
  if (recognise(c, best, column) < 0) return;
  for (int i = 0; i < c->members; i++) {
    const crowd_member *m = &c->m[column[i]];
    moments *to = &sum[column[i]];
    for (int a = 0; a < 6; a++) {
      to->mean[a] += x[i][a] - m->best_x[a];
      for (int b = 0; b < 6; b++)
        to->square[6 * a + b] += (x[i][a] - m->best_x[a]) * (x[i][b] - m->best_x[b]) + p[i][6 * a + b];
    }
  }
}

static void stir(wf_crowd *c) {
  for (int n = 0; n < c->members; n++) {
    int who[REBUILD_MAX];
    if (neighbours(c, who) < 2) return;
    for (int k = 0; k < c->looks; k++) redraw(c, who[0], who[1], k);
    exchange_all(c, who, wf_rng_below(&c->rng, 2) == 0 ? c->looks : 1 + (int)wf_rng_below(&c->rng, (uint64_t)c->looks));
    if (n % 4 == 0) let_go(c, false);
  }
}

// A walk from where it is: means and squares of what it passes, by weight.
static bool walk(wf_crowd *c, long work, double weight) {
  moments sum[CROWD_MEMBERS];
  int count = 0;
  memset(sum, 0, sizeof sum);
  const long from = c->work;
  while (c->members > 1 && (c->work < from + work || count == 0)) {
    const long before = c->work;
    stir(c);
    if (c->work == before) return false;
    if (c->work <= from + work / 5 && c->work < from + work) continue;
    note(c, sum);
    count++;
  }
  if (count == 0) return false;
  for (int i = 0; i < c->members; i++) {
    for (int a = 0; a < 6; a++) c->m[i].mean[a] += weight * sum[i].mean[a] / count;
    for (int a = 0; a < 36; a++) c->m[i].spread[a] += weight * sum[i].square[a] / count;
  }
  return true;
}

// What else is likely: how all sharings out are spread, about the likeliest. A walk seldom finds its way from one mode
// to another: one is made from each. False when the plots do not determine a state.
bool wf_crowd_sample(wf_crowd *c) {
  double weight[CROWD_MODES], total = 1.0;
  int walks = 1, made = 0;
  c->without = -1;
  restore(c);
  for (int i = 0; i < c->members; i++) {
    crowd_member *m = &c->m[i];
    memset(m->mean, 0, sizeof m->mean);
    memset(m->spread, 0, sizeof m->spread);
    if (!state_of(m, m->best_x, m->best_p)) return false;
    for (int k = 0; k < c->looks; k++) made += m->at[k] != NO_PLOT;
  }
  for (int n = 0; n < c->modes; n++) {
    weight[n] = 0.0;
    const double down = c->mode[n].score - c->best_score;
    if (down < -MODE_DEPTH || made - same_as_mode(c, &c->mode[n]) < MODE_APART) continue;
    weight[n] = down < 0.0 ? wf_exp(down) : 1.0;
    walks++;
  }
  c->heat = SPREAD_HEAT;
  const long work = fair(c, WORK_SAMPLED) / walks;
  if (!walk(c, work, 1.0)) return false;
  for (int n = 0; n < c->modes; n++) {
    if (weight[n] == 0.0) continue;
    for (int i = 0; i < c->members; i++) memcpy(c->m[i].at, c->mode[n].at[i], (size_t)c->looks);
    restart(c);
    if (walk(c, work, weight[n])) total += weight[n];
  }
  for (int i = 0; i < c->members; i++) {
    crowd_member *m = &c->m[i];
    for (int a = 0; a < 6; a++) m->mean[a] /= total;
    for (int a = 0; a < 6; a++)
      for (int b = 0; b < 6; b++) m->spread[6 * a + b] = m->spread[6 * a + b] / total - m->mean[a] * m->mean[b];
  }
  restore(c);
  return true;
}

// A member is left out for good.
void wf_crowd_expel(wf_crowd *c, int index) {
  const int last = --c->members;
  if (index != last) {
    c->m[index] = c->m[last];
    c->modes = 0;
  }
  for (int i = 0; i < c->members; i++) memcpy(c->m[i].at, c->m[i].best, sizeof c->m[i].at);
  restart(c);
  c->best_score = c->score;
}

double wf_crowd_worth(const wf_crowd *c, int index) {
  double info[CROWD_MEMBERS][36], v[CROWD_MEMBERS][6], base[CROWD_MEMBERS];
  const crowd_member *m = &c->m[index];
  double worth = evidence(m->info, m->v) - evidence(m->prior, m->prior_v);
  bool there = false;
  for (int i = 0; i < c->members; i++) {
    memcpy(info[i], c->m[i].info, sizeof info[i]);
    memcpy(v[i], c->m[i].v, sizeof v[i]);
    base[i] = evidence(info[i], v[i]);
  }
  for (int k = 0; k < c->looks; k++) {
    const crowd_look *look = &c->look[k];
    const int at = m->at[k];
    there = there || at != NO_PLOT;
    worth -= there ? look->miss : 0.0;
    if (at == NO_PLOT) continue;
    const double alone = look->gain - 0.5 * look->plot[at].square;
    double best = 0.0, best_value = 0.0;
    int taker = -1;
    worth += alone;
    for (int i = 0; i < c->members; i++) {
      if (i == index || c->m[i].at[k] != NO_PLOT) continue;
      piece p;
      memcpy(p.info, info[i], sizeof p.info);
      memcpy(p.v, v[i], sizeof p.v);
      add(look, at, 1.0, p.info, p.v);
      const double value = evidence(p.info, p.v), gained = alone + value - base[i];
      if (gained <= best) continue;
      best = gained;
      best_value = value;
      taker = i;
    }
    if (taker < 0) continue;
    worth -= best;
    add(look, at, 1.0, info[taker], v[taker]);
    base[taker] = best_value;
  }
  return worth;
}
