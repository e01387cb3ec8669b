// What the guard tells is honest (its errors have the stated covariance), does not point anywhere, and cannot be
// averaged into pointing; and a receiver that fuses it is as sure as it may be.
#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "estimate/filter.h"
#include "estimate/increment.h"
#include "geo/wgs84.h"
#include "release/guard.h"
#include "release/policy.h"

#define SIGMA_M 1000.0
#define STEPS 60
#define FLIGHTS 400

static const wf_guard_level LEVEL = {SIGMA_M, 2.0, 0.0};
static const double EPOCH_S = 1.8e9;

// A nation's own knowledge of one falling object: a filter fed by a radar-like sensor, 30 m along one axis, 600 m
// across.
typedef struct nation {
  wf_rng *rng;
  wf_time time;
  double truth[6];
  wf_filter known;
} nation;

static void truth_at(const nation *n, wf_time at, double state[6]) {
  wf_filter f = {.model = WF_MODEL_COAST, .size = 6};
  memcpy(f.x, n->truth, sizeof n->truth);
  wf_filter_move(&f, &WF_NOISE_DEFAULT, wf_time_diff_s(at, n->time), state);
}

static wf_status known_at(void *context, uint64_t object, wf_time at, double state[6], double covariance[36]) {
  const nation *n = context;
  wf_filter f = n->known;
  wf_filter_predict(&f, &WF_NOISE_DEFAULT, wf_time_diff_s(at, n->time), NULL);
  memcpy(state, f.x, 6 * sizeof *state);
  memcpy(covariance, f.p, 36 * sizeof *covariance);
  return WF_OK;
}

static void draw(wf_rng *rng, int n, const double *covariance, double *to) {
  double l[36];
  assert_int_equal(wf_mat_cholesky(n, covariance, l), WF_OK);
  for (int j = 0; j < n; j++) {
    const double z = wf_rng_normal(rng);
    for (int i = j; i < n; i++) to[i] += l[n * i + j] * z;
  }
}

static void begin(nation *n, wf_rng *rng) {
  memset(n, 0, sizeof *n);
  n->rng = rng;
  n->time = wf_time_from_s(EPOCH_S);
  const double start[6] = {-3.5e6, 4.2e6, 4.1e6, 900, 1500, 1800};
  memcpy(n->truth, start, sizeof start);
  n->known = (wf_filter){.model = WF_MODEL_COAST, .size = 6};
  memcpy(n->known.x, start, sizeof start);
  for (int i = 0; i < 6; i++) n->known.p[7 * i] = i < 3 ? 400.0 * 400.0 : 150.0 * 150.0;
  draw(rng, 6, n->known.p, n->known.x);
}

static void look(nation *n, double range_sigma_m, double cross_sigma_m) {
  const double h[18] = {[0] = 1, [7] = 1, [14] = 1};
  const double r[3] = {range_sigma_m * range_sigma_m, cross_sigma_m * cross_sigma_m, cross_sigma_m * cross_sigma_m};
  double next[6], s[9], residual[3];
  const wf_time at = wf_time_add_s(n->time, 2.0);
  truth_at(n, at, next);
  wf_filter_predict(&n->known, &WF_NOISE_DEFAULT, 2.0, NULL);
  memcpy(n->truth, next, sizeof next);
  n->time = at;
  for (int i = 0; i < 3; i++) residual[i] = n->truth[i] + wf_sqrt(r[i]) * wf_rng_normal(n->rng) - n->known.x[i];
  (void)wf_filter_innovation(&n->known, 3, h, r, s);
  wf_filter_update(&n->known, 3, residual, h, r, s);
}

typedef struct sums {
  double error2[3], product[3], lag[3], nees, whiteness;
  int count, nees_count;
} sums;

// The receiver: a filter of increments alone.
static void fuse(wf_filter *f, bool *has, wf_time *time, const wf_contribution *c) {
  if (!*has) {
    *f = (wf_filter){.model = WF_MODEL_COAST, .size = 6};
    memcpy(f->x, c->tracklet.reference, 6 * sizeof(double));
    for (int i = 0; i < 6; i++) f->p[7 * i] = i < 3 ? 1e12 : 2.5e7;
    *time = c->valid_time;
    *has = true;
  }
  wf_filter_predict(f, &WF_NOISE_DEFAULT, wf_time_diff_s(c->valid_time, *time), NULL);
  *time = c->valid_time;
  assert_int_equal(wf_tracklet_fuse(&c->tracklet, f->x, f->p), WF_OK);
}

static void note_error(sums *s, const double error[3], double before[3]) {
  for (int i = 0; i < 3; i++) {
    s->error2[i] += error[i] * error[i];
    s->product[i] += error[i] * error[(i + 1) % 3];
    s->lag[i] += error[i] * before[i];
    before[i] = error[i];
  }
  s->count++;
}

static void note_nees(sums *s, const wf_filter *f, const double truth[6]) {
  double inverse[36], error[6];
  for (int i = 0; i < 6; i++) error[i] = f->x[i] - truth[i];
  assert_int_equal(wf_mat_spd_inverse(6, f->p, inverse), WF_OK);
  s->nees += wf_mat_quadratic(6, inverse, error);
  s->nees_count++;
}

static void fly(wf_rng *rng, wf_guard *guard, uint64_t object, double cross_sigma_m, sums *s) {
  nation n;
  wf_filter f;
  wf_time time;
  bool has = false;
  double before[3] = {0};
  begin(&n, rng);
  wf_guard_object o = {object, WF_PHASE_COAST, WF_SOURCE_RADAR, 0, 0, {0}, &n, known_at};
  for (int k = 0; k < STEPS; k++) {
    wf_contribution c;
    look(&n, 30.0, cross_sigma_m);
    o.last_plot = n.time;
    if (!wf_guard_due(guard, &LEVEL, &o, n.time, &c)) continue;
    assert_int_equal(c.valid_time.ns % (2 * WF_NS_PER_S), 0);
    if (has) {
      double truth[6], error[3];
      truth_at(&n, c.valid_time, truth);
      for (int i = 0; i < 3; i++) error[i] = c.tracklet.reference[i] - truth[i];
      assert_true(c.tracklet.information[0] == 1.0 / (SIGMA_M * SIGMA_M) && c.tracklet.information[1] == 0.0);
      note_error(s, error, before);
    }
    fuse(&f, &has, &time, &c);
    if (k % 20 == 19) note_nees(s, &f, n.truth);
  }
}

static sums fly_all(double cross_sigma_m) {
  wf_rng rng;
  sums s = {0};
  const uint8_t secret[WF_GUARD_SECRET_SIZE] = {1, 2, 3};
  wf_guard *guard = wf_guard_new(FLIGHTS, secret);
  assert_non_null(guard);
  wf_rng_seed(&rng, 17);
  for (uint64_t i = 0; i < FLIGHTS; i++) fly(&rng, guard, 1000 + i, cross_sigma_m, &s);
  wf_guard_free(guard);
  return s;
}

// One grid step after another, for flights whose sensor is 30 m along x and 600 m across: what goes out errs by 1,000 m
// every way, step by step anew. Relative error of a variance over N statements: √(2/N).
static void errors_are_a_sphere_and_independent(void **state) {
  const sums s = fly_all(600.0);
  const double n = s.count, variance = SIGMA_M * SIGMA_M;
  assert_true(n > 0.9 * FLIGHTS * (STEPS - 2));
  print_message(
      "%d statements: sigma %.0f %.0f %.0f m, correlations %.3f %.3f %.3f, with the one before %.3f %.3f %.3f\n",
      s.count, wf_sqrt(s.error2[0] / n), wf_sqrt(s.error2[1] / n), wf_sqrt(s.error2[2] / n),
      s.product[0] / n / variance, s.product[1] / n / variance, s.product[2] / n / variance, s.lag[0] / n / variance,
      s.lag[1] / n / variance, s.lag[2] / n / variance);
  for (int i = 0; i < 3; i++) {
    assert_in_range((uint64_t)(1000.0 * s.error2[i] / n / variance), 960, 1040);
    assert_true(wf_sqrt(s.product[i] * s.product[i]) / n / variance < 0.03);
    assert_true(wf_sqrt(s.lag[i] * s.lag[i]) / n / variance < 0.03);
  }
}

static void fused_it_is_honest(void **state) {
  const double cross[] = {100.0, 600.0, 900.0};
  for (int k = 0; k < 3; k++) {
    const sums s = fly_all(cross[k]);
    const double mean = s.nees / s.nees_count;
    print_message("own sensor %.0f m across: NEES of what was told %.2f over %d (6 expected)\n", cross[k], mean,
                  s.nees_count);
    assert_true(mean > 5.6 && mean < 6.4);
  }
}

// Worse known than told: the guard waits, and the receiver still never knows more than the nation.
static void waits_when_too_little_is_known(void **state) {
  const sums s = fly_all(3000.0);
  print_message("own sensor 3,000 m across: %d statements of %d, NEES %.2f\n", s.count, FLIGHTS * STEPS,
                s.nees / s.nees_count);
  assert_true(s.count < FLIGHTS * STEPS / 2);
  assert_true(s.nees / s.nees_count < 7.0);
}

static void same_secret_same_words(void **state) {
  wf_rng rng;
  uint8_t secret[WF_GUARD_SECRET_SIZE] = {9};
  wf_contribution c[3];
  for (int k = 0; k < 3; k++) {
    nation n;
    if (k == 2) secret[5] = 1;
    wf_guard *guard = wf_guard_new(2, secret);
    wf_rng_seed(&rng, 5);
    begin(&n, &rng);
    wf_guard_object o = {7, WF_PHASE_COAST, WF_SOURCE_RADAR, 0, 0, {0}, &n, known_at};
    for (int i = 0; i < 5; i++) {
      look(&n, 30, 300);
      o.last_plot = n.time;
      (void)wf_guard_due(guard, &LEVEL, &o, n.time, &c[k]);
    }
    wf_guard_free(guard);
  }
  assert_memory_equal(&c[0], &c[1], sizeof c[0]);
  assert_memory_not_equal(&c[0], &c[2], sizeof c[0]);
}

// Under thrust: single plots become spheres; all plots of a step one statement; lines of sight pass.
static void plots_under_thrust(void **state) {
  wf_rng rng;
  const uint8_t secret[WF_GUARD_SECRET_SIZE] = {4};
  wf_guard *guard = wf_guard_new(8, secret);
  double error2[3] = {0}, product = 0;
  const int flights = 20000;
  wf_rng_seed(&rng, 23);
  for (int k = 0; k < flights; k++) {
    const double truth[3] = {-3.4e6, 4.2e6, 4.0e6}, sigma[3] = {30, 700, 700};
    wf_contribution c = {.kind = WF_CONTRIBUTION_TRACKLET, .sources = WF_SOURCE_RADAR, .object = (uint64_t)k + 1}, out,
                    none;
    c.valid_time = wf_time_from_s(EPOCH_S + 10.0 * k);
    c.tracklet.position_only = 1;
    c.tracklet.phase = WF_PHASE_BOOST;
    double y[36] = {0};
    for (int i = 0; i < 3; i++) {
      y[7 * i] = 1.0 / (sigma[i] * sigma[i]);
      c.tracklet.reference[i] = truth[i] + 500.0;
      c.tracklet.vector[i] = y[7 * i] * (-500.0 + sigma[i] * wf_rng_normal(&rng));
    }
    wf_mat_pack_upper(6, y, c.tracklet.information);
    assert_false(wf_guard_take(guard, &LEVEL, &c, c.valid_time));
    const wf_guard_object o = {c.object, WF_PHASE_BOOST, WF_SOURCE_RADAR, 0, 0, {0}, NULL, NULL};
    assert_false(wf_guard_due(guard, &LEVEL, &o, wf_time_add_s(c.valid_time, 0.9), &out));
    assert_true(wf_guard_due(guard, &LEVEL, &o, wf_time_add_s(c.valid_time, 1.1), &out));
    assert_false(wf_guard_due(guard, &LEVEL, &o, wf_time_add_s(c.valid_time, 3.0), &none));
    double error[3];
    for (int i = 0; i < 3; i++) error[i] = out.tracklet.reference[i] - truth[i];
    for (int i = 0; i < 3; i++) error2[i] += error[i] * error[i] / flights;
    product += error[0] * error[1] / flights;
    assert_true(out.tracklet.position_only && out.tracklet.information[0] == 1e-6);
    c.sources = WF_SOURCE_INFRARED;
    assert_true(wf_guard_take(guard, &LEVEL, &c, c.valid_time));
  }
  print_message("under thrust: sigma %.0f %.0f %.0f m\n", wf_sqrt(error2[0]), wf_sqrt(error2[1]), wf_sqrt(error2[2]));
  for (int i = 0; i < 3; i++) assert_in_range((uint64_t)(error2[i] / 1e3), 960, 1040);
  assert_true(product < 3e4 && product > -3e4);
  wf_guard_free(guard);
}

static void places_and_launches(void **state) {
  wf_rng rng;
  double error2[3] = {0}, east2 = 0, north2 = 0;
  const int many = 20000;
  const uint8_t secret[WF_GUARD_SECRET_SIZE] = {5};
  wf_guard *guard = wf_guard_new(1, secret);
  wf_rng_seed(&rng, 29);
  for (int k = 0; k < many; k++) {
    const double truth[3] = {-3.4e6, 4.2e6, 4.0e6}, needle[6] = {9e6, 8e6, 0, 9e6, 0, 900};
    double full[9], pos[3], told[6];
    memcpy(pos, truth, sizeof pos);
    wf_mat_unpack_upper(3, needle, full);
    draw(&rng, 3, full, pos);
    memcpy(told, needle, sizeof told);
    wf_guard_place(guard, 5000.0, (uint64_t)k, pos, told);
    assert_true(told[0] == 25e6 && told[3] == 25e6 && told[5] == 25e6 && told[1] == 0);
    for (int i = 0; i < 3; i++) error2[i] += (pos[i] - truth[i]) * (pos[i] - truth[i]) / many;
    wf_launch_area l = {.valid = true, .area = {40 * WF_DEG, 127 * WF_DEG, 2448, 245, 0.6}};
    const double s[2] = {1000 * wf_rng_normal(&rng), 100 * wf_rng_normal(&rng)};
    l.area.lat_rad += (s[0] * wf_cos(0.6) - s[1] * wf_sin(0.6)) / WF_WGS84_A_M;
    l.area.lon_rad += (s[0] * wf_sin(0.6) + s[1] * wf_cos(0.6)) / WF_WGS84_A_M / wf_cos(40 * WF_DEG);
    wf_guard_launch(guard, (uint64_t)k, &l);
    assert_true(l.area.semi_major_95_m == l.area.semi_minor_95_m);
    const double north = (l.area.lat_rad - 40 * WF_DEG) * WF_WGS84_A_M;
    const double east = (l.area.lon_rad - 127 * WF_DEG) * WF_WGS84_A_M * wf_cos(40 * WF_DEG);
    const double variance = l.area.semi_major_95_m * l.area.semi_major_95_m / 5.991;
    east2 += east * east / variance / many;
    north2 += north * north / variance / many;
  }
  for (int i = 0; i < 3; i++) assert_in_range((uint64_t)(error2[i] / 1e4), 2400, 2600);
  assert_in_range((uint64_t)(1000 * east2), 960, 1040);
  assert_in_range((uint64_t)(1000 * north2), 960, 1040);
  wf_guard_free(guard);
}

// Names say nothing of how many there are: neighbours differ in about half of their bits, and their differences all
// differ.
static void names_are_opaque(void **state) {
  const uint8_t secret[WF_GUARD_SECRET_SIZE] = {6};
  double bits = 0;
  for (uint64_t n = 0; n < 1000; n++)
    bits += __builtin_popcountll(wf_guard_name(secret, n) ^ wf_guard_name(secret, n + 1)) / 1000.0;
  assert_true(bits > 30 && bits < 33);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(errors_are_a_sphere_and_independent),
      cmocka_unit_test(fused_it_is_honest),
      cmocka_unit_test(waits_when_too_little_is_known),
      cmocka_unit_test(same_secret_same_words),
      cmocka_unit_test(plots_under_thrust),
      cmocka_unit_test(places_and_launches),
      cmocka_unit_test(names_are_opaque),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
