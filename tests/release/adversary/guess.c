// Maximum likelihood over candidate sites, pooled over all flights: every clue is a log likelihood of a site, and they
// add. Each clue's own constants (how strong it is, a common delay) are fitted or known: the adversary knows the
// radar's class (its noise, reach and least elevation), the policy, and where the flights really were.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat.h"
#include "shared.h"

#define RAD (WF_PI / 180.0)
#define WF_PI 3.14159265358979323846
#define EARTH_M 6371e3
#define ANGLE_TOLERANCE_RAD 4e-3
#define RANGE_TOLERANCE 0.05
#define EDGE_SIGMA_S 3.0  // of the first and last word, whatever is held
#define EDGE_COMMON_S 8.0
#define EDGE_MOST_S 100.0
#define HELD_SIGMA 0.33  // of a bilinear field between knots that are 0 or 1
#define HELD_LENGTH_M 400e3
#define LAST_TIMES 4.0  // the last word is held for so much longer
#define ROBUST 12.0

typedef struct edge {  // the first or the last word of each flight
  int count, flight[FLIGHTS_MAX];
  double at_s[FLIGHTS_MAX], factor[FLIGHTS_MAX * FLIGHTS_MAX], usual_s;
} edge;

typedef struct work {
  const flights *f;
  const told *t;
  const radar *radar;
  bool coverage_known;  // its reach and least elevation; else they are fitted, too
  const wf_release_rule *rule;
  size_t stride;  // of increments, when there are many
  edge first, last;
  double minute[FLIGHTS_MAX][PATH_MAX / 60 + 1];  // statements in each minute of each flight
} work;

static void site_frame(const wf_lla *site, double pos[3], double up[3]) {
  wf_geo_ecef_from_lla(site, pos);
  up[0] = cos(site->lat_rad) * cos(site->lon_rad);
  up[1] = cos(site->lat_rad) * sin(site->lon_rad);
  up[2] = sin(site->lat_rad);
}

// ---- Declared: the axes point at the radar, their ratio says how far it is ------------------------------------------
static void find_axes(heard *h, const radar *r) {
  double values[3], vectors[9];
  wf_mat_eigen_sym(3, h->information, values, vectors);
  h->pointed = !h->whole && values[2] > 2.0 * values[1];
  for (int i = 0; i < 3; i++) h->axis[i] = vectors[3 * i + 2];
  // Of two axes across, the plots of several seconds' flight blur one: the sharper one tells the range.
  h->range_m = sqrt(values[2] / values[1]) * r->sigma_range_m / r->sigma_angle_rad;
}

static double shape(const heard *h, const double u[3], double range_m) {
  if (!h->pointed) return 0;
  const double angle = acos(fmin(1.0, fabs(wf_vec_dot(u, h->axis)))) / ANGLE_TOLERANCE_RAD;
  const double ratio = log(h->range_m / range_m) / RANGE_TOLERANCE;
  return -0.5 * (fmin(angle * angle, ROBUST) + fmin(ratio * ratio, ROBUST));
}

// ---- Means: they scatter across the line of sight, in proportion to the range
// ----------------------------------------
typedef struct scatter_sums {
  double n, along, across, across_scaled, ln_range, all;
} scatter_sums;

static void scatter_add(scatter_sums *s, const double e[3], const double u[3], double range_m, double weight) {
  double along = 0, all = 0;
  for (int i = 0; i < 3; i++) {
    along += e[i] * u[i];
    all += e[i] * e[i];
  }
  const double across = all - along * along;
  s->n += 1;
  s->along += weight * along * along;
  s->across += weight * across;
  s->across_scaled += weight * across / (range_m * range_m);
  s->ln_range += log(range_m);
  s->all += weight * all;
}

static double scatter(const scatter_sums *s) {
  if (s->n < 10) return 0;
  const double none = -1.5 * s->n * log(s->all / (3 * s->n));
  const double ratio = -0.5 * s->n * log(s->along / s->n) - s->n * log(s->across / (2 * s->n));
  const double scaled =
      -0.5 * s->n * log(s->along / s->n) - s->n * log(s->across_scaled / (2 * s->n)) - 2.0 * s->ln_range;
  return fmax(ratio, scaled) - none;
}

// ---- Registration errors turn everything about the radar
// --------------------------------------------------------------
typedef struct rotation_sums {
  double a[9], b[3], variance, n;
} rotation_sums;

static void rotation_add(rotation_sums *s, const double e[3], const double u[3], const double up[3], double range_m) {
  double basis[3][3], norm = 0;
  for (int i = 0; i < 3; i++) basis[0][i] = u[i];
  wf_vec_cross(u, up, basis[1]);
  for (int i = 0; i < 3; i++) norm += basis[1][i] * basis[1][i];
  norm = sqrt(norm) + 1e-9;
  wf_vec_cross(basis[1], u, basis[2]);
  for (int i = 0; i < 3; i++) {
    basis[1][i] *= range_m;         // azimuth: as far as the ground distance
    basis[2][i] *= range_m / norm;  // elevation: as far as the range
  }
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < 3; i++) s->b[k] += basis[k][i] * e[i];
    for (int m = 0; m < 3; m++)
      for (int i = 0; i < 3; i++) s->a[3 * k + m] += basis[k][i] * basis[m][i];
  }
  for (int i = 0; i < 3; i++) s->variance += e[i] * e[i];
  s->n += 3;
}

static double rotation(const rotation_sums *s) {
  double inverse[9];
  if (s->n < 30 || wf_mat_spd_inverse(3, s->a, inverse) != WF_OK) return 0;
  return 0.5 * wf_mat_quadratic(3, inverse, s->b) / (s->variance / s->n);
}

// ---- Sizes and rates: far away less is known, so that less is said
// ---------------------------------------------------
static double rate(const work *w, const double pos[3]) {
  static const double scale[] = {0.6, 0.8, 1.0, 1.25, 1.6};
  const double per_minute = 60.0 / wf_release_guard_of(w->rule).grid_s;
  double best = -1e30;
  if (!(w->rule->guard_sigma_m > 0)) return 0;
  for (int k = 0; k < 5; k++) {
    double sum = 0;
    for (int i = 0; i < w->f->count; i++)
      for (int m = 0; m * 60 + 30 < w->f->path[i].count; m++) {
        if (m * 60.0 < w->t->first_s[i] + 30 || (m + 1) * 60.0 > w->t->last_s[i]) continue;
        const double *x = w->f->path[i].state[m * 60 + 30];
        const double d[3] = {x[0] - pos[0], x[1] - pos[1], x[2] - pos[2]};
        const double cross = wf_vec_norm(d) * w->radar->sigma_angle_rad, p = scale[k] * w->rule->guard_sigma_m / cross;
        const double expected = fmin(0.98, p * p), n = fmin(w->minute[i][m], per_minute);
        sum += n * log(expected) + (per_minute - n) * log(1 - expected);
      }
    best = fmax(best, sum);
  }
  return best * 0.2;  // neighbouring minutes are not independent
}

// ---- The first and the last word: on the horizon, or at the radar's reach ------------------------------------------
static bool told_there(const wf_release_rule *rule, const double x[3]) {
  wf_lla at;
  if (!(rule->only_above_m > 0) && rule->only_count == 0) return true;
  wf_geo_lla_from_ecef(x, &at);
  const wf_release_region *box = rule->only;
  return at.h_m >= rule->only_above_m &&
         (rule->only_count == 0 || (at.lat_rad >= box->lat_rad[0] && at.lat_rad <= box->lat_rad[1] &&
                                    at.lon_rad >= box->lon_rad[0] && at.lon_rad <= box->lon_rad[1]));
}

static bool visible(const radar *r, const wf_release_rule *rule, const double pos[3], const double up[3],
                    const double x[3]) {
  if (!told_there(rule, x)) return false;
  const double d[3] = {x[0] - pos[0], x[1] - pos[1], x[2] - pos[2]};
  const double range = wf_vec_norm(d);
  return range <= r->range_max_m && wf_vec_dot(d, up) >= range * sin(r->el_min_rad);
}

#define STRIDE 8

static double enters_s(const path *p, const radar *r, const wf_release_rule *rule, const double pos[3],
                       const double up[3]) {
  int k = 0;
  while (k < p->count && !visible(r, rule, pos, up, p->state[k])) k += STRIDE;
  if (k >= p->count) return p->count;
  while (k > 0 && visible(r, rule, pos, up, p->state[k - 1])) k--;
  return k;
}

static double leaves_s(const path *p, const radar *r, const wf_release_rule *rule, const double pos[3],
                       const double up[3]) {
  int k = p->count - 1;
  while (k >= 0 && !visible(r, rule, pos, up, p->state[k])) k -= STRIDE;
  if (k < 0) return 0;
  while (k + 1 < p->count && visible(r, rule, pos, up, p->state[k + 1])) k++;
  return k;
}

static bool prepare_edge(const work *w, edge *e, const double *at_s, double hold_s) {
  e->count = 0;
  for (int i = 0; i < w->f->count; i++)
    if (at_s[i] >= 0) {
      e->flight[e->count] = i;
      e->at_s[e->count++] = at_s[i];
    }
  const int n = e->count;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      const path *a = &w->f->path[e->flight[i]], *b = &w->f->path[e->flight[j]];
      const double *x = a->state[(int)fmin(e->at_s[i], a->count - 1)],
                   *y = b->state[(int)fmin(e->at_s[j], b->count - 1)];
      const double d[3] = {x[0] - y[0], x[1] - y[1], x[2] - y[2]};
      const double held = HELD_SIGMA * hold_s;
      e->factor[n * i + j] = held * held * exp(-wf_vec_norm(d) / HELD_LENGTH_M) + EDGE_COMMON_S * EDGE_COMMON_S +
                             (i == j ? EDGE_SIGMA_S * EDGE_SIGMA_S : 0);
    }
  e->usual_s = 0.5 * hold_s;
  return n >= 5 && wf_mat_cholesky(n, e->factor, e->factor) == WF_OK;
}

// How late the first word comes after the edge: a common delay, and what the hold adds, a smooth field of known size.
static double edge_of(const work *w, const radar *cover, const edge *e, const double pos[3], const double up[3],
                      bool last) {
  double r[FLIGHTS_MAX], square = 0;
  if (e->count < 5) return 0;
  for (int i = 0; i < e->count; i++) {
    const path *p = &w->f->path[e->flight[i]];
    const double expected = last ? leaves_s(p, cover, w->rule, pos, up) : enters_s(p, cover, w->rule, pos, up);
    r[i] = fmax(-EDGE_MOST_S, fmin(EDGE_MOST_S, e->at_s[i] - expected - e->usual_s));
  }
  wf_mat_solve_lower(e->count, e->factor, r);
  for (int i = 0; i < e->count; i++) square += r[i] * r[i];
  return -0.5 * square;
}

// The likeliest coverage of those there may be, for each edge by itself and for both together.
static void edges(const work *w, const double pos[3], const double up[3], double out[CLUES + 1], double *both) {
  static const double reach_m[] = {600e3, 750e3, 900e3, 1050e3, 1300e3, 2000e3}, least_deg[] = {0.5, 2.0, 3.5};
  radar cover = *w->radar;
  out[CLUE_FIRST] = out[CLUE_LAST] = *both = -1e300;
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 3; j++) {
      if (w->coverage_known && i + j > 0) return;
      if (!w->coverage_known) {
        cover.range_max_m = reach_m[i];
        cover.el_min_rad = least_deg[j] * RAD;
      }
      const double first = edge_of(w, &cover, &w->first, pos, up, false);
      const double last = edge_of(w, &cover, &w->last, pos, up, true);
      out[CLUE_FIRST] = fmax(out[CLUE_FIRST], first);
      out[CLUE_LAST] = fmax(out[CLUE_LAST], last);
      *both = fmax(*both, first + last);
    }
}

// ---- Together -----------------------------------------------------------------------------------------------------
static void likelihood(const work *w, const wf_lla *site, int only, double out[CLUES + 1]) {
  double pos[3], up[3];
  scatter_sums single = {0};
  rotation_sums turn = {0};
  site_frame(site, pos, up);
  memset(out, 0, (CLUES + 1) * sizeof *out);
  const bool all = only == CLUE_ALL, plots = all || only <= CLUE_ROTATION;
  for (size_t k = 0; plots && k < w->t->count; k += w->stride) {
    const heard *h = &w->t->item[k];
    double u[3], range = 0;
    for (int i = 0; i < 3; i++) u[i] = h->place[i] - h->error[i] - pos[i];
    range = wf_vec_norm(u);
    for (int i = 0; i < 3; i++) u[i] /= range;
    out[CLUE_SHAPE] += shape(h, u, range);
    if (h->whole) continue;
    scatter_add(&single, h->error, u, range, 1.0);
    rotation_add(&turn, h->error, u, up, range);
  }
  out[CLUE_SCATTER] = scatter(&single);
  out[CLUE_ROTATION] = rotation(&turn);
  if (all || only == CLUE_RATE) out[CLUE_RATE] = rate(w, pos);
  double both = 0;
  if (all || only >= CLUE_FIRST) edges(w, pos, up, out, &both);
  for (int c = 0; c < CLUE_FIRST; c++) out[CLUE_ALL] += out[c];
  out[CLUE_ALL] += both;
}

static double distance_m(const wf_lla *a, const wf_lla *b) {
  const double s = sin(0.5 * (a->lat_rad - b->lat_rad)), c = sin(0.5 * (a->lon_rad - b->lon_rad));
  return 2 * EARTH_M * asin(sqrt(s * s + cos(a->lat_rad) * cos(b->lat_rad) * c * c));
}

static double bearing_rad(const wf_lla *from, const wf_lla *to) {
  const double d = to->lon_rad - from->lon_rad;
  return atan2(sin(d) * cos(to->lat_rad),
               cos(from->lat_rad) * sin(to->lat_rad) - sin(from->lat_rad) * cos(to->lat_rad) * cos(d));
}

// Coarse grid over the region, then finer ones about the best of each clue.
static void search(const work *w, wf_lla best[CLUES + 1]) {
  double top[CLUES + 1], value[CLUES + 1];
  for (int c = 0; c <= CLUES; c++) top[c] = -1e300;
  for (double lat = 30; lat <= 47; lat += 0.5)
    for (double lon = 121; lon <= 147; lon += 0.5) {
      const wf_lla site = {lat * RAD, lon * RAD, 300};
      likelihood(w, &site, CLUE_ALL, value);
      for (int c = 0; c <= CLUES; c++)
        if (value[c] > top[c]) {
          top[c] = value[c];
          best[c] = site;
        }
    }
  for (double step = 0.15; step > 0.004; step /= 4)
    for (int c = 0; c <= CLUES; c++) {
      const wf_lla centre = best[c];
      for (int i = -4; i <= 4; i++)
        for (int j = -4; j <= 4; j++) {
          const wf_lla site = {centre.lat_rad + i * step * RAD, centre.lon_rad + j * step * RAD, 300};
          likelihood(w, &site, c, value);
          if (value[c] <= top[c]) continue;
          top[c] = value[c];
          best[c] = site;
        }
    }
}

void guess_site(const flights *f, const told *t, const radar *truth, const wf_release_rule *rule, bool coverage_known,
                guess *out) {
  work *w = calloc(1, sizeof *w);
  wf_lla best[CLUES + 1] = {0};
  const wf_lla middle = {40 * RAD, 126.7 * RAD, 0};
  if (w == NULL) abort();
  *w = (work){
      .f = f, .t = t, .radar = truth, .coverage_known = coverage_known, .rule = rule, .stride = 1 + t->count / 3000};
  for (size_t k = 0; k < t->count; k++) find_axes(&t->item[k], truth);
  for (size_t k = 0; k < t->count; k++) {
    const int m = (int)(t->item[k].valid_s / 60.0);
    if (m >= 0 && m <= PATH_MAX / 60) w->minute[t->item[k].flight][m] += 1;
  }
  if (!prepare_edge(w, &w->first, t->first_s, rule->guard_hold_s)) w->first.count = 0;
  if (!prepare_edge(w, &w->last, t->last_s, LAST_TIMES * rule->guard_hold_s)) w->last.count = 0;
  search(w, best);
  for (int c = 0; c <= CLUES; c++) {
    out->error_km[c] = distance_m(&best[c], &truth->site) / 1000;
    double d = fabs(bearing_rad(&middle, &best[c]) - bearing_rad(&middle, &truth->site));
    out->bearing_deg[c] = (d > WF_PI ? 2 * WF_PI - d : d) / RAD;
  }
  free(w);
}
