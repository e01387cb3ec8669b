// Every tick the errors are estimated anew from what the members of common tracks know alone: their filters, predicted
// to one time, are all that is needed (with the errors given, they are independent). So there is no history to keep
// right over rollbacks, splits and merges, and the result is a function of the set of contributions like everything
// here.
#include "registration.h"

#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "state.h"

#define N WF_LEAN
#define D WF_REGISTRATION_MAX
#define TRACKS_MOST 96   // more of them tell nothing new of a dozen numbers
#define ODDS_LEAST 0.02  // below, states are left as they are
#define LOG_ODDS_MOST 40.0

// 1-sigma of the errors before any data.
static const double PRIOR[N] = {20.0, 0.5e-3, 0.5e-3, 0.003};

typedef struct equations {
  int n;  // 4 × nations
  double information[D * D], vector[D];
} equations;

// A state that depends on all nations' errors: x given b is N(x + V b, P).
typedef struct pool {
  int n;
  double x[6], p[36], v[6 * D];
} pool;

static int index_of(const wf_pic_registration *r, wf_nation nation) {
  for (int i = 0; i < r->nations; i++)
    if (wf_nation_compare(r->nation[i], nation) == 0) return i;
  return -1;
}

static bool leans(const wf_pic_member *m) {
  return m->lean.known && m->tracklets && m->alone.mode == WF_FLIGHT_COAST && m->alone.ground != WF_FLIGHT_DOWN &&
         !m->alone.wide && m->strikes == 0;
}

// Of each nation the member that measured last, in the order of r->nation. Returns how many there are.
static int speakers(const wf_pic_world *w, const wf_pic_track *t, const wf_pic_registration *r,
                    const wf_pic_member *out[WF_NATION_MAX]) {
  int count = 0;
  for (int i = 0; i < r->nations; i++) out[i] = NULL;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_member *m = &w->member[i];
    const int k = leans(m) ? index_of(r, m->nation) : -1;
    if (k < 0) continue;
    count += out[k] == NULL;
    const bool newer = out[k] == NULL || m->alone.measured.ns > out[k]->alone.measured.ns ||
                       (m->alone.measured.ns == out[k]->alone.measured.ns && m->object < out[k]->object);
    if (newer) out[k] = m;
  }
  return count;
}

static bool state_at(const wf_pic_world *w, const wf_pic_member *m, wf_time at, wf_flight *f, wf_lean *lean) {
  *f = m->alone;
  *lean = m->lean;
  wf_flight_predict_leaning(f, lean, w->vacuum, at);
  return f->mode == WF_FLIGHT_COAST && f->ground != WF_FLIGHT_DOWN && lean->known;
}

static void pool_begin(pool *p, const wf_flight *f, const wf_lean *lean, int nation, int n) {
  p->n = n;
  memcpy(p->x, f->filter.x, sizeof p->x);
  wf_flight_covariance6(f, p->p);
  memset(p->v, 0, sizeof p->v);
  for (int i = 0; i < 6; i++)
    for (int c = 0; c < N; c++) p->v[D * i + N * nation + c] = lean->v[N * i + c];
}

// Another nation's state joins: its difference d = W b + noise of covariance S = P + P', W = V − V', says what b is.
static void pool_join(pool *p, const wf_flight *f, const wf_lean *lean, int nation, equations *e) {
  double s[36], inverse[36], other[36], w[6 * D], sw[6 * D], d[6], sd[6], gain[36], p_new[36];
  wf_flight_covariance6(f, other);
  for (int i = 0; i < 36; i++) s[i] = p->p[i] + other[i];
  if (wf_mat_spd_inverse(6, s, inverse) != WF_OK) return;
  memcpy(w, p->v, sizeof w);
  for (int i = 0; i < 6; i++) {
    d[i] = f->filter.x[i] - p->x[i];
    for (int c = 0; c < N; c++) w[D * i + N * nation + c] -= lean->v[N * i + c];
  }
  for (int i = 0; i < 6; i++) {
    sd[i] = 0.0;
    for (int j = 0; j < 6; j++) sd[i] += inverse[6 * i + j] * d[j];
    for (int a = 0; a < p->n; a++) {
      sw[D * i + a] = 0.0;
      for (int j = 0; j < 6; j++) sw[D * i + a] += inverse[6 * i + j] * w[D * j + a];
    }
  }
  for (int a = 0; e != NULL && a < p->n; a++)
    for (int i = 0; i < 6; i++) {
      e->vector[a] += w[D * i + a] * sd[i];
      for (int b = 0; b < p->n; b++) e->information[D * a + b] += w[D * i + a] * sw[D * i + b];
    }
  wf_mat_mul(6, 6, 6, p->p, inverse, gain);
  for (int i = 0; i < 6; i++)
    for (int a = 0; a < p->n; a++)
      for (int j = 0; j < 6; j++) p->v[D * i + a] -= gain[6 * i + j] * w[D * j + a];
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++) p->x[i] += gain[6 * i + j] * d[j];
  wf_mat_mul(6, 6, 6, gain, other, p_new);  // P S⁻¹ P'
  wf_mat_symmetrise(6, p_new);
  memcpy(p->p, p_new, sizeof p_new);
}

// The members that lean, together; false when there is none.
static bool pool_of(const wf_pic_world *w, const wf_pic_track *t, const wf_pic_registration *r, wf_time at,
                    equations *e, pool *p) {
  const wf_pic_member *who[WF_NATION_MAX];
  bool begun = false;
  if (speakers(w, t, r, who) == 0) return false;
  for (int k = 0; k < r->nations; k++) {
    wf_flight f;
    wf_lean lean;
    if (who[k] == NULL || !state_at(w, who[k], at, &f, &lean)) continue;
    if (!begun)
      pool_begin(p, &f, &lean, k, N * r->nations);
    else
      pool_join(p, &f, &lean, k, e);
    begun = true;
    for (int a = 0; e != NULL && a < N; a++) {
      e->vector[N * k + a] += lean.vector[a];
      for (int b = 0; b < N; b++) e->information[D * (N * k + a) + N * k + b] += lean.information[N * a + b];
    }
  }
  return begun;
}

static int by_number(const void *a, const void *b) {
  const wf_pic_track *const *x = a, *const *y = b;
  return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

static int nations_leaning(const wf_pic_world *w, const wf_pic_track *t) {
  wf_nation first = {{0}};
  int count = 0;
  for (uint32_t i = t->first_member; i != WF_NIL && count < 2; i = w->member[i].next_in_track) {
    const wf_pic_member *m = &w->member[i];
    if (!leans(m) || (count > 0 && wf_nation_compare(m->nation, first) == 0)) continue;
    first = m->nation;
    count++;
  }
  return count;
}

// Tracks that several nations know, thinned by their numbers until few enough remain.
static int choose(const wf_pic_world *w, const wf_pic_track *out[TRACKS_MOST]) {
  uint64_t mask = 0;
  for (;;) {
    int count = 0;
    for (uint32_t i = 0; i < w->state->tracks_high && count <= TRACKS_MOST; i++) {
      const wf_pic_track *t = &w->track[i];
      if (!t->used || (t->number & mask) != 0 || nations_leaning(w, t) < 2) continue;
      if (count < TRACKS_MOST) out[count] = t;
      count++;
    }
    if (count <= TRACKS_MOST) {
      qsort(out, (size_t)count, sizeof *out, by_number);
      return count;
    }
    mask = mask << 1 | 1;
  }
}

static void find_nations(const wf_pic_world *w, const wf_pic_track *const *track, int count, wf_pic_registration *r) {
  r->nations = 0;
  for (int k = 0; k < count; k++)
    for (uint32_t i = track[k]->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
      const wf_pic_member *m = &w->member[i];
      if (!leans(m) || index_of(r, m->nation) >= 0 || r->nations == WF_NATION_MAX) continue;
      int at = r->nations++;
      for (; at > 0 && wf_nation_compare(r->nation[at - 1], m->nation) > 0; at--) r->nation[at] = r->nation[at - 1];
      r->nation[at] = m->nation;
    }
}

// Inverse of a symmetric positive definite matrix, scaled to unit diagonal (Gauss–Jordan needs no pivoting then); the
// logarithm of the inverse's determinant.
static bool invert(const double *m, int n, double *out, double *log_det) {
  double scale[D];
  *log_det = 0.0;
  for (int i = 0; i < n; i++) {
    if (!(m[D * i + i] > 0.0)) return false;
    scale[i] = 1.0 / wf_sqrt(m[D * i + i]);
    *log_det += 2.0 * wf_log(scale[i]);
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) out[D * i + j] = m[D * i + j] * scale[i] * scale[j];
  for (int c = 0; c < n; c++) {
    const double pivot = out[D * c + c];
    if (!(pivot > 1e-14)) return false;
    *log_det -= wf_log(pivot);
    out[D * c + c] = 1.0;
    for (int j = 0; j < n; j++) out[D * c + j] /= pivot;
    for (int i = 0; i < n; i++) {
      const double factor = i == c ? 0.0 : out[D * i + c];
      if (i == c) continue;
      out[D * i + c] = 0.0;
      for (int j = 0; j < n; j++) out[D * i + j] -= factor * out[D * c + j];
    }
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++)
      out[D * i + j] = out[D * j + i] = 0.5 * (out[D * i + j] + out[D * j + i]) * scale[i] * scale[j];
  return true;
}

// Mean and covariance, mixed with "no errors at all" by the evidence: ln B = ½ vᵀ M v + ½ ln (det M / det M₀).
static bool solve(equations *e, wf_pic_registration *r) {
  double log_bayes;
  for (int i = 0; i < e->n; i++) e->information[D * i + i] += 1.0 / (PRIOR[i % N] * PRIOR[i % N]);
  if (!invert(e->information, e->n, r->covariance, &log_bayes)) return false;
  for (int i = 0; i < e->n; i++) {
    r->mean[i] = 0.0;
    for (int j = 0; j < e->n; j++) r->mean[i] += r->covariance[D * i + j] * e->vector[j];
    log_bayes += e->vector[i] * r->mean[i] - 2.0 * wf_log(PRIOR[i % N]);
  }
  const double half = 0.5 * log_bayes;
  const double odds = 1.0 / (1.0 + wf_exp(half > LOG_ODDS_MOST    ? -LOG_ODDS_MOST
                                          : half < -LOG_ODDS_MOST ? LOG_ODDS_MOST
                                                                  : -half));
  for (int i = 0; i < e->n; i++)
    for (int j = 0; j < e->n; j++)
      r->covariance[D * i + j] = odds * r->covariance[D * i + j] + odds * (1.0 - odds) * r->mean[i] * r->mean[j];
  for (int i = 0; i < e->n; i++) r->mean[i] *= odds;
  r->odds = odds;
  return true;
}

void wf_pic_register(wf_pic_world *w, wf_time at) {
  wf_pic_registration *r = &w->state->registration;
  const wf_pic_track *track[TRACKS_MOST];
  const int count = choose(w, track);
  r->odds = 0.0;
  find_nations(w, track, count, r);
  if (r->nations < 2) return;
  equations e = {.n = N * r->nations};
  for (int k = 0; k < count; k++) {
    pool p;
    (void)pool_of(w, track[k], r, at, &e, &p);
  }
  if (!solve(&e, r)) r->odds = 0.0;
}

bool wf_pic_unlean(const wf_pic_world *w, const wf_pic_track *t, wf_flight *fused) {
  const wf_pic_registration *r = &w->state->registration;
  pool p;
  if (r->odds < ODDS_LEAST || fused->mode != WF_FLIGHT_COAST || fused->ground == WF_FLIGHT_DOWN) return false;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track)
    if (w->member[i].reported != 0 && w->member[i].tracklets) return false;  // no sum of those that lean
  if (!pool_of(w, t, r, fused->time, NULL, &p)) return false;
  const int n = fused->filter.size;
  double vm[6 * D];
  for (int i = 0; i < 6; i++)
    for (int a = 0; a < p.n; a++) {
      fused->filter.x[i] += p.v[D * i + a] * r->mean[a];
      vm[D * i + a] = 0.0;
      for (int b = 0; b < p.n; b++) vm[D * i + a] += p.v[D * i + b] * r->covariance[D * b + a];
    }
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 6; j++)
      for (int a = 0; a < p.n; a++) fused->filter.p[n * i + j] += vm[D * i + a] * p.v[D * j + a];
  return true;
}
