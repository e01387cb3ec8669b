#include "release/guard.h"

#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/hashmap.h"
#include "base/mat.h"
#include "estimate/filter.h"
#include "geo/wgs84.h"
#include "guard_noise.h"

#define KNOWN_LESS 0.9  // of the stated covariance: what is known must be better than what is said, in every direction
#define VELOCITY_FINE 0.1    // of sigma, per second: the first statement's velocity, when it is known so well …
#define VELOCITY_COARSE 0.5  // … and when not
#define STEPS 12             // doublings of a sigma that does not suffice
#define LEFT_TO_DRAW 0.02    // of sigma²: a draw with less freedom would follow the truth
#define QUIET_S 8.0          // without a plot: longer than a few missed scans
#define SLEEPS_S 120.0       // an object not asked for so long begins again
#define SPEED_SIGMA_M_S 100.0
#define LAUNCH_STEP_M 1000.0
#define CHI2_2_95 5.991

// All plots of one grid step under thrust, as information about the position at the grid point.
typedef struct cell {
  bool used;
  wf_time at;
  uint8_t sources, phase;
  double origin[3], information[9], vector[3], velocity[3];
} cell;

// What the audience has been told of an object while it falls: as the receiver knows it, and how well.
typedef struct told {
  uint64_t object;
  wf_time touched, last;
  // When it may be spoken of: [0] as satellites see it, [1] as radars do. Nothing told is about before.
  bool opened[2];
  wf_time since[2];
  bool falls, thrusted;
  double x[6], d[36];
  cell cell;
} told;

struct wf_guard {
  uint8_t secret[WF_GUARD_SECRET_SIZE];
  uint32_t cap, count;
  told *told;
  wf_hashmap index;
  int64_t turn;
};

wf_guard *wf_guard_new(uint32_t objects_max, const uint8_t secret[WF_GUARD_SECRET_SIZE]) {
  wf_guard *g = calloc(1, sizeof *g);
  if (g == NULL) return NULL;
  size_t slots = 16;
  while (slots < 2 * (size_t)objects_max) slots *= 2;
  g->cap = objects_max > 0 ? objects_max : 1;
  g->told = calloc(g->cap, sizeof *g->told);
  wf_hashmap_slot *map = calloc(slots, sizeof *map);
  if (g->told == NULL || map == NULL) {
    free(map);
    free(g->told);
    free(g);
    return NULL;
  }
  wf_hashmap_init(&g->index, map, slots);
  memcpy(g->secret, secret, sizeof g->secret);
  return g;
}

void wf_guard_free(wf_guard *g) {
  if (g == NULL) return;
  free(g->index.slots);
  free(g->told);
  free(g);
}

static uint32_t longest_silent(const wf_guard *g) {
  uint32_t oldest = 0;
  for (uint32_t i = 1; i < g->count; i++)
    if (wf_time_before(g->told[i].touched, g->told[oldest].touched)) oldest = i;
  return oldest;
}

static told *told_of(wf_guard *g, uint64_t object, wf_time now) {
  uint32_t i;
  if (wf_hashmap_get(&g->index, object, &i) != WF_OK) {
    if (g->count < g->cap) {
      i = g->count++;
    } else {
      i = longest_silent(g);
      (void)wf_hashmap_remove(&g->index, g->told[i].object);
    }
    g->told[i] = (told){.object = object, .touched = now};
    (void)wf_hashmap_put(&g->index, object, i);
  }
  told *t = &g->told[i];
  if (wf_time_diff_s(now, t->touched) > SLEEPS_S) *t = (told){.object = object};
  t->touched = now;
  return t;
}

// ---- The first and the last word ----------------------------------------------------------------------------------
#define KNOT_RAD (4.0 * WF_DEG)  // between independent values: some 400 km
#define CLOSES_TIMES 4.0         // the last word costs nobody anything: it may come later than the first

static double at_knot(const wf_guard *g, int64_t row, int64_t column, guard_purpose purpose) {
  return guard_uniform(g->secret, (uint64_t)row, (uint64_t)column, purpose) < 0.5 ? 0.0 : 1.0;
}

// A smooth secret function of the place, 0 to 1: bilinear between knots that are all or nothing, since what hides is how
// much it differs.
static double secret_of_place(const wf_guard *g, const double pos_ecef_m[3], guard_purpose purpose) {
  wf_lla lla;
  wf_geo_lla_from_ecef(pos_ecef_m, &lla);
  const double y = lla.lat_rad / KNOT_RAD, x = lla.lon_rad / KNOT_RAD, row = wf_floor(y), column = wf_floor(x);
  const int64_t r = (int64_t)row, c = (int64_t)column;
  const double v = y - row, u = x - column;
  return (1 - v) * ((1 - u) * at_knot(g, r, c, purpose) + u * at_knot(g, r, c + 1, purpose)) +
         v * ((1 - u) * at_knot(g, r + 1, c, purpose) + u * at_knot(g, r + 1, c + 1, purpose));
}

wf_time wf_guard_opens(wf_guard *g, const wf_guard_level *level, uint64_t object, bool radar,
                       const double pos_ecef_m[3], wf_time now) {
  told *t = told_of(g, object, now);
  if (t->opened[radar]) return t->since[radar];
  t->opened[radar] = true;
  const double hold_s = radar ? level->hold_s * secret_of_place(g, pos_ecef_m, GUARD_OPEN) : 0.0;
  t->since[radar] = wf_time_add_s(now, hold_s);
  return t->since[radar];
}

double wf_guard_closes_s(const wf_guard *g, const wf_guard_level *level, const double pos_ecef_m[3]) {
  return CLOSES_TIMES * level->hold_s * secret_of_place(g, pos_ecef_m, GUARD_CLOSE);
}

static int64_t grid_ns(const wf_guard_level *level) {
  const int64_t ns = wf_ns_from_s(level->grid_s);
  return ns > 0 ? ns : wf_ns_from_s(1.0);
}

// Twice per grid step: statements in free fall are made at its points, plots under thrust gathered half a step around.
bool wf_guard_turn(wf_guard *g, const wf_guard_level *level, wf_time now) {
  const int64_t turn = now.ns / (grid_ns(level) / 2);
  const bool fresh = turn != g->turn;
  g->turn = turn;
  return fresh;
}

// ---- Noise of a given covariance ----------------------------------------------------------------------------------
// to += L n with L Lᵀ = stated − known. False when that is not positive: nothing is added.
static bool fill_up(int n, const double *stated, const double *known, const double *normals, double *to) {
  double l[36];
  for (int i = 0; i < n * n; i++) l[i] = stated[i] - known[i];
  if (wf_mat_cholesky(n, l, l) != WF_OK) return false;
  for (int i = 0; i < n; i++)
    for (int j = 0; j <= i; j++) to[i] += l[n * i + j] * normals[j];
  return true;
}

static bool is_below(int n, const double *known, const double *stated) {
  double rest[36];
  for (int i = 0; i < n * n; i++) rest[i] = KNOWN_LESS * stated[i] - known[i];
  return wf_mat_cholesky(n, rest, rest) == WF_OK;
}

static void sphere(int n, double variance, double *out) {
  for (int i = 0; i < n * n; i++) out[i] = i % (n + 1) == 0 ? variance : 0.0;
}

// The smallest sphere of sigma · 2ᵏ that holds what is known. False when none does.
static bool find_sphere(int n, double sigma, const double *known, double *out) {
  for (int k = 0; k < STEPS; k++, sigma *= 2.0) {
    sphere(n, sigma * sigma, out);
    if (is_below(n, known, out)) return true;
  }
  return false;
}

// ---- Free fall: the plots of a sensor that is nowhere -------------------------------------------------------------
static bool begin_covariance(double sigma, const double known[36], double out[36]) {
  static const double velocity[] = {VELOCITY_FINE, VELOCITY_COARSE};
  for (int k = 0; k < STEPS; k++, sigma *= 2.0)
    for (int v = 0; v < 2; v++) {
      memset(out, 0, 36 * sizeof *out);
      for (int i = 0; i < 3; i++) {
        out[7 * i] = sigma * sigma;
        out[7 * (i + 3)] = sigma * sigma * velocity[v] * velocity[v];
      }
      if (is_below(6, known, out)) return true;
    }
  return false;
}

static bool begin_fall(const wf_guard *g, told *t, const wf_guard_level *level, const double x[6], const double p[36],
                       wf_time at, wf_tracklet *out) {
  double normals[GUARD_NORMALS], y[36];
  if (!begin_covariance(level->sigma_m, p, t->d)) return false;
  guard_normals(g->secret, t->object, at, GUARD_BEGIN, normals);
  memcpy(t->x, x, sizeof t->x);
  if (!fill_up(6, t->d, p, normals, t->x) || wf_mat_spd_inverse(6, t->d, y) != WF_OK) return false;
  t->falls = true;
  t->last = at;
  *out = (wf_tracklet){.whole = t->thrusted};
  memcpy(out->reference, t->x, sizeof out->reference);
  wf_mat_pack_upper(6, y, out->information);
  return true;
}

// What the audience knows, carried to the present beside what is known: the tracker's own motion (drag and all) carries
// the state, and the small difference goes with the transition of free fall.
static bool carry(told *t, const wf_guard_object *o, const double now[6], wf_time at) {
  wf_filter f = {.model = WF_MODEL_COAST, .size = 6};
  double then[6], unused[36], stm[36], apart[6], moved[6];
  if (o->at(o->context, o->object, t->last, then, unused) != WF_OK) return false;
  memcpy(f.x, then, sizeof then);
  memcpy(f.p, t->d, sizeof t->d);
  wf_filter_predict(&f, &WF_NOISE_DEFAULT, wf_time_diff_s(at, t->last), stm);
  memcpy(t->d, f.p, sizeof t->d);
  for (int i = 0; i < 6; i++) apart[i] = t->x[i] - then[i];
  wf_mat_mul(6, 6, 1, stm, apart, moved);
  for (int i = 0; i < 6; i++) t->x[i] = now[i] + moved[i];
  t->last = at;
  return true;
}

// The innovation u of a plot of variance σ² by the audience's own track (state t->x, covariance D), drawn given
// q = t->x − x: what the audience's track errs beside the nation's own (state x, covariance P). q has covariance
// Q = D − P and is independent of the nation's error, since both come of the same plots. u is to be as if measured by
// an independent sensor, so Cov(u) = D₃ + σ²I and Cov(u, q) = −D₃ₓ₆; so u = −D₃ₓ₆ Q⁻¹ q + noise of what covariance is
// left. Nothing is left when the audience would come to know more than the nation: then it waits.
static bool draw_innovation(const wf_guard *g, const told *t, double variance, const double x[6], const double p[36],
                            wf_time at, double u[3]) {
  double q_cov[36], q_inverse[36], gain[18], spread[9], left[9], q[6], normals[GUARD_NORMALS];
  const double zero[9] = {0};
  for (int i = 0; i < 36; i++) q_cov[i] = t->d[i] - p[i];
  for (int i = 0; i < 6; i++) q[i] = t->x[i] - x[i];
  if (wf_mat_spd_inverse(6, q_cov, q_inverse) != WF_OK) return false;
  wf_mat_mul(3, 6, 6, t->d, q_inverse, gain);
  wf_mat_mul_t(3, 6, 3, gain, t->d, spread);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      left[3 * i + j] = t->d[6 * i + j] - spread[3 * i + j] + (i == j ? variance * (1.0 - LEFT_TO_DRAW) : 0.0);
  wf_mat_symmetrise(3, left);
  wf_mat_mul(3, 6, 1, gain, q, u);
  for (int i = 0; i < 3; i++) u[i] = -u[i];
  guard_normals(g->secret, t->object, at, GUARD_FALL, normals);
  if (!fill_up(3, left, zero, normals, u)) return false;
  // The part kept back to stay away from singular is given independently.
  for (int i = 0; i < 3; i++) u[i] += wf_sqrt(variance * LEFT_TO_DRAW) * normals[3 + i];
  return true;
}

// The receiver's own update with that plot: what it knows from now on.
static bool learn(told *t, double variance, const double u[3]) {
  double s[9], h[18] = {0}, r[3] = {variance, variance, variance}, chol[9];
  wf_filter f = {.model = WF_MODEL_COAST, .size = 6};
  for (int i = 0; i < 3; i++) {
    h[6 * i + i] = 1.0;
    for (int j = 0; j < 3; j++) s[3 * i + j] = t->d[6 * i + j] + (i == j ? variance : 0.0);
  }
  if (wf_mat_cholesky(3, s, chol) != WF_OK) return false;
  memcpy(f.x, t->x, sizeof t->x);
  memcpy(f.p, t->d, sizeof t->d);
  wf_filter_update(&f, 3, u, h, r, chol);
  memcpy(t->x, f.x, sizeof t->x);
  memcpy(t->d, f.p, sizeof t->d);
  return true;
}

static const double *difference(const double a[36], const double b[36], double out[36]) {
  for (int i = 0; i < 36; i++) out[i] = a[i] - b[i];
  return out;
}

static bool fall_on(const wf_guard *g, told *t, const wf_guard_level *level, const wf_guard_object *o,
                    const double x[6], const double p[36], wf_time at, wf_tracklet *out) {
  const double variance = level->sigma_m * level->sigma_m;
  double before[3], u[3], rest[36];
  if (!carry(t, o, x, at)) return false;
  // The nation has come to doubt what it knew (a cloud, air): what was told is worth less, too.
  if (wf_mat_cholesky(6, difference(t->d, p, rest), rest) != WF_OK) {
    for (int i = 0; i < 36; i++) t->d[i] += p[i];
    return false;
  }
  if (!draw_innovation(g, t, variance, x, p, at, u)) return false;
  memcpy(before, t->x, sizeof before);
  if (!learn(t, variance, u)) return false;
  *out = (wf_tracklet){0};
  const double information[36] = {[0] = 1.0 / variance, [7] = 1.0 / variance, [14] = 1.0 / variance};
  memcpy(out->reference, t->x, sizeof out->reference);
  for (int i = 0; i < 3; i++) out->reference[i] = before[i] + u[i];  // the plot itself
  wf_mat_pack_upper(6, information, out->information);
  return true;
}

// ---- Under thrust, and in straight flight -------------------------------------------------------------------------
static void open_cell(cell *c, const wf_tracklet *t, wf_time at) {
  *c = (cell){.used = true, .at = at};
  memcpy(c->origin, t->reference, sizeof c->origin);
}

static void gather(cell *c, const wf_contribution *increment) {
  const wf_tracklet *t = &increment->tracklet;
  const double dt_s = wf_time_diff_s(c->at, increment->valid_time);
  double y[36], away[3];
  wf_mat_unpack_upper(6, t->information, y);
  for (int i = 0; i < 3; i++) away[i] = t->reference[i] + t->reference[i + 3] * dt_s - c->origin[i];
  for (int i = 0; i < 3; i++) {
    c->vector[i] += t->vector[i];
    for (int j = 0; j < 3; j++) {
      c->information[3 * i + j] += y[6 * i + j];
      c->vector[i] += y[6 * i + j] * away[j];
    }
  }
  memcpy(c->velocity, t->reference + 3, sizeof c->velocity);
  c->sources |= increment->sources;
  c->phase = t->phase;
}

bool wf_guard_take(wf_guard *g, const wf_guard_level *level, const wf_contribution *c, wf_time now) {
  const wf_tracklet *t = &c->tracklet;
  const bool thrust = t->phase != WF_PHASE_COAST && t->phase != WF_PHASE_REENTRY;
  if (!t->position_only || !thrust) return false;
  if (c->sources == WF_SOURCE_INFRARED) return true;
  const int64_t grid = grid_ns(level), half = grid / 2;
  const wf_time at = {(c->valid_time.ns + half) / grid * grid};
  told *o = told_of(g, c->object, now);
  if (at.ns < wf_guard_opens(g, level, c->object, true, t->reference, now).ns ||
      (o->cell.used && o->cell.at.ns > at.ns))
    return false;  // too late for its cell
  if (!o->cell.used || o->cell.at.ns != at.ns) open_cell(&o->cell, t, at);
  gather(&o->cell, c);
  return false;
}

static bool close_cell(const wf_guard *g, told *t, const wf_guard_level *level, wf_tracklet *out) {
  cell *c = &t->cell;
  double known[9], stated[9], normals[GUARD_NORMALS], at[3], shift[3];
  c->used = false;
  if (wf_mat_spd_inverse(3, c->information, known) != WF_OK) return false;
  wf_mat_mul(3, 3, 1, known, c->vector, shift);
  const double moved = SPEED_SIGMA_M_S * 0.5 * level->grid_s;
  for (int i = 0; i < 3; i++) {
    at[i] = c->origin[i] + shift[i];
    known[4 * i] += moved * moved;
  }
  if (!find_sphere(3, level->sigma_m, known, stated)) return false;
  for (int i = 0; i < 3; i++) known[4 * i] -= moved * moved;  // an allowance, not an error that is surely there
  guard_normals(g->secret, t->object, c->at, GUARD_THRUST, normals);
  if (!fill_up(3, stated, known, normals, at)) return false;
  *out = (wf_tracklet){.position_only = 1};
  memcpy(out->reference, at, sizeof at);
  memcpy(out->reference + 3, c->velocity, sizeof c->velocity);
  const double information[36] = {[0] = 1.0 / stated[0], [7] = 1.0 / stated[4], [14] = 1.0 / stated[8]};
  wf_mat_pack_upper(6, information, out->information);
  t->thrusted = true;
  return true;
}

// Nothing has been seen for longer than usual: the radars have lost it, and only what is left of the hold is spoken of
// it.
static bool has_ended(const wf_guard *g, const wf_guard_level *level, const wf_guard_object *o, const double x[6],
                      wf_time at) {
  const double silent_s = wf_time_diff_s(at, o->last_plot);
  return silent_s > QUIET_S && silent_s > wf_guard_closes_s(g, level, x);
}

// ---- What is due --------------------------------------------------------------------------------------------------
static bool due_of_fall(wf_guard *g, told *t, const wf_guard_level *level, const wf_guard_object *o, wf_time now,
                        wf_contribution *out) {
  const int64_t grid = grid_ns(level);
  const wf_time at = {now.ns / grid * grid};
  double x[6], p[36];
  t->cell.used = false;  // what follows holds it
  const bool radar = (o->sources & WF_SOURCE_RADAR) != 0;
  const double silent_s = wf_time_diff_s(at, o->last_plot);
  if (silent_s > QUIET_S && silent_s > CLOSES_TIMES * level->hold_s) return false;
  if (t->falls ? at.ns <= t->last.ns : t->opened[radar] && at.ns < t->since[radar].ns) return false;
  if (o->at(o->context, o->object, at, x, p) != WF_OK) return false;
  if (!t->falls && at.ns < wf_guard_opens(g, level, o->object, radar, x, now).ns) return false;
  if (has_ended(g, level, o, x, at)) return false;
  out->valid_time = at;
  return t->falls ? fall_on(g, t, level, o, x, p, at, &out->tracklet)
                  : begin_fall(g, t, level, x, p, at, &out->tracklet);
}

// ln β is known by how the body falls, not by who watches; its sigma is, so it goes in steps.
static void coarse_ln_beta(const wf_guard_object *o, wf_tracklet *out) {
  if (!(o->ln_beta_sigma > 0.0)) return;
  out->ln_beta = wf_floor(o->ln_beta * 4.0 + 0.5) * 0.25;
  out->ln_beta_sigma = o->ln_beta_sigma <= 0.3 ? 0.3 : 0.8;
}

bool wf_guard_due(wf_guard *g, const wf_guard_level *level, const wf_guard_object *o, wf_time now,
                  wf_contribution *out) {
  told *t = told_of(g, o->object, now);
  memset(out, 0, sizeof *out);
  out->kind = WF_CONTRIBUTION_TRACKLET;
  out->object = o->object;
  out->sources = o->sources;
  if (o->phase == WF_PHASE_COAST || o->phase == WF_PHASE_REENTRY) {
    if (!due_of_fall(g, t, level, o, now, out)) return false;
    coarse_ln_beta(o, &out->tracklet);
  } else {
    t->falls = false;
    if (!t->cell.used || now.ns < t->cell.at.ns + grid_ns(level) / 2) return false;
    out->valid_time = t->cell.at;
    out->sources = t->cell.sources;
    if (!close_cell(g, t, level, &out->tracklet)) return false;
  }
  out->tracklet.phase = o->phase;
  return true;
}

// ---- Places -------------------------------------------------------------------------------------------------------
void wf_guard_place(const wf_guard *g, double sigma_m, uint64_t object, double pos[3], double covariance_m2[6]) {
  double known[9], stated[9], normals[GUARD_NORMALS];
  wf_mat_unpack_upper(3, covariance_m2, known);
  guard_normals(g->secret, object, (wf_time){0}, GUARD_PLACE, normals);
  if (find_sphere(3, sigma_m, known, stated)) (void)fill_up(3, stated, known, normals, pos);
  wf_mat_pack_upper(3, stated, covariance_m2);
}

void wf_guard_launch(const wf_guard *g, uint64_t object, wf_launch_area *launch) {
  wf_ground_ellipse *e = &launch->area;
  double s, c, normals[GUARD_NORMALS], stated[4], shift[2] = {0};
  if (!launch->valid) return;
  const double a = e->semi_major_95_m * e->semi_major_95_m / CHI2_2_95;
  const double b = e->semi_minor_95_m * e->semi_minor_95_m / CHI2_2_95;
  wf_sincos(e->azimuth_rad, &s, &c);
  const double known[4] = {a * s * s + b * c * c, (a - b) * s * c, (a - b) * s * c,
                           a * c * c + b * s * s};  // east, north
  guard_normals(g->secret, object, (wf_time){0}, GUARD_LAUNCH, normals);
  if (find_sphere(2, LAUNCH_STEP_M, known, stated)) (void)fill_up(2, stated, known, normals, shift);
  const double circle = wf_cos(e->lat_rad) > 0.01 ? wf_cos(e->lat_rad) : 0.01;
  e->lon_rad += shift[0] / (WF_WGS84_A_M * circle);
  e->lat_rad += shift[1] / WF_WGS84_A_M;
  e->semi_major_95_m = e->semi_minor_95_m = wf_sqrt(stated[0] * CHI2_2_95);
  e->azimuth_rad = 0.0;
}
