// The metrics of `watchfire score` as functions: association rules, assignment by brute force, NEES, the bound.
#include <math.h>
#include <stdlib.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "bound.h"
#include "geo/geodesic.h"
#include "gospa.h"
#include "identity.h"
#include "impact_error.h"
#include "nees.h"
#include "siap.h"

#define NONE WF_SCORE_NONE
#define ROWS_MAX 64

// A scene made by hand.
typedef struct stage {
  wf_csv_truth truth[ROWS_MAX];
  size_t truths;
  wf_score_line line[ROWS_MAX];
  char *name[8];
  wf_score_claim claim[8];
  wf_score_tracks tracks;
  wf_diag diag;
  wf_score_scene scene;
} stage;

static stage *stage_new(void) {
  static char names[8][2] = {"a", "b", "c", "d", "e", "f", "g", "h"};
  stage *s = calloc(1, sizeof *s);
  for (int i = 0; i < 8; i++) s->name[i] = names[i];
  s->tracks = (wf_score_tracks){.line = s->line, .name = s->name, .names = 8, .claim = s->claim};
  return s;
}

static void add_truth(stage *s, double time_s, long long id, const double state[6]) {
  wf_csv_truth *t = &s->truth[s->truths++];
  *t = (wf_csv_truth){.time_s = time_s, .id = id};
  memcpy(t->state, state, sizeof t->state);
}

static void add_track(stage *s, double time_s, uint32_t track, const double state[6]) {
  wf_score_line *l = &s->line[s->tracks.count++];
  *l = (wf_score_line){.time_ns = wf_time_from_s(time_s).ns, .track = track, .claim = NONE};
  memcpy(l->state, state, sizeof l->state);
}

static void stage_build(stage *s) {
  assert_int_equal(wf_score_scene_build(s->truth, s->truths, "truth", &s->tracks, &s->diag, &s->scene), WF_OK);
}

static void stage_free(stage *s) {
  wf_score_scene_free(&s->scene);
  free(s);
}

typedef struct rule {
  const char *why, *candidates;  // one letter per report; '.' = none
  const char *expected;          // "truth start end" triples
} rule;

// Each row: what one track's nearest truths are, scan by scan, and what follows.
static void association_rules(void **state) {
  static const rule rules[] = {
      {"two scans are not enough", "aa", ""},
      {"three are, from the first of them", "aaa", "a02"},
      {"a miss starts the count again", "aa.aaa", "a35"},
      {"another candidate starts the count again", "aabaaa", "a35"},
      {"no candidate at all", ".....", ""},
      {"one miss inside is forgiven", "aaa.aa", "a05"},
      {"two misses end it at its last success", "aaa..aa", "a02"},
      {"… and three more begin another", "aaa..aaa", "a02a57"},
      {"one miss at the end leaves it at its last success", "aaa.", "a02"},
      {"a run of another counts from its first scan while the old one ends", "aaabbb", "a02b35"},
      {"a success between the misses forgives them, and the other's run goes on", "aaababb", "a04b36"},
      {"misses are set to 0 by a success only: the first miss of the new one ends it", "aaababb.b", "a04b36"},
      {"a run of misses without candidate is no run", "aaa...bbb", "a02b68"},
  };
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    const rule *r = &rules[i];
    uint32_t candidate[16], scan[16];
    wf_score_association found[8];
    char text[32] = "";
    const size_t n = strlen(r->candidates);
    for (uint32_t k = 0; k < n; k++) {
      candidate[k] = r->candidates[k] == '.' ? NONE : (uint32_t)(r->candidates[k] - 'a');
      scan[k] = k;
    }
    const size_t count = wf_score_associate(candidate, scan, n, found);
    for (size_t k = 0; k < count; k++) {
      const char triple[4] = {(char)('a' + found[k].truth), (char)('0' + found[k].start_scan),
                              (char)('0' + found[k].end_scan), '\0'};
      strcat(text, triple);
    }
    if (strcmp(text, r->expected) != 0) print_error("%s: %s\n", r->candidates, r->why);
    assert_string_equal(text, r->expected);
  }
}

// Least Σ min(d, c)² over min(n, m) pairs, by trying all.
static double brute(const double *d, size_t n, size_t m, double c, size_t row, unsigned used, size_t left) {
  if (left == 0) return 0.0;
  if (row == n) return INFINITY;
  double best = n - row > left ? brute(d, n, m, c, row + 1, used, left) : INFINITY;
  for (size_t k = 0; k < m; k++) {
    if ((used >> k) & 1u) continue;
    const double cut = d[row * m + k] < c ? d[row * m + k] : c;
    const double rest = cut * cut + brute(d, n, m, c, row + 1, used | 1u << k, left - 1);
    if (rest < best) best = rest;
  }
  return best;
}

// GOSPA² = Σ min(d, c)² over the best min(n, m) pairs + c²/2 for each of the |n − m| others, and OSPA likewise:
// whoever is paired at the cut-off costs the same as one missed and one false.
static void gospa_and_ospa_by_brute_force(void **state) {
  const double c = 1000.0;
  wf_rng rng;
  wf_rng_seed(&rng, 11);
  for (int round = 0; round < 500; round++) {
    stage *s = stage_new();
    const size_t n = wf_rng_below(&rng, 5), m = wf_rng_below(&rng, 5);
    double d[25];
    for (size_t i = 0; i < n; i++) {
      const double x[6] = {wf_rng_between(&rng, 0, 2000), wf_rng_between(&rng, 0, 2000)};
      add_truth(s, 1.0, (long long)i, x);
    }
    for (uint32_t k = 0; k < m; k++) {
      const double x[6] = {wf_rng_between(&rng, 0, 2000), wf_rng_between(&rng, 0, 2000)};
      add_track(s, 1.0, k, x);
      for (size_t i = 0; i < n; i++) d[i * m + k] = hypot(s->truth[i].state[0] - x[0], s->truth[i].state[1] - x[1]);
    }
    stage_build(s);
    if (n + m > 0) {
      wf_score_matches matches;
      wf_score_gospa g;
      assert_int_equal(wf_score_match(&s->scene, c, &matches), WF_OK);
      wf_score_gospa_scan(&s->scene, &matches, 0, &g);
      const size_t few = n < m ? n : m, many = n < m ? m : n;
      const double least = brute(d, n, m, c, 0, 0, few);
      assert_float_equal(g.distance_m, sqrt(least + 0.5 * c * c * (double)(many - few)), 1e-9);
      assert_float_equal(wf_score_ospa_scan(&s->scene, &matches, 0),
                         sqrt((least + c * c * (double)(many - few)) / (double)many), 1e-9);
      assert_int_equal(n - g.n_missed, m - g.n_false);
      wf_score_matches_free(&matches);
    } else {
      assert_int_equal(s->scene.scans, 0);
    }
    stage_free(s);
  }
}

static void nees_of_known_errors(void **state) {
  const double error[6] = {300, 400, 0, 3, 4, 0};
  double covariance[21] = {0};
  for (int i = 0, at = 0; i < 6; at += 6 - i, i++) covariance[at] = i < 3 ? 125000.0 : 12.5;
  assert_float_equal(wf_score_nees(error, covariance), 4.0, 1e-12);
  covariance[0] = -1.0;
  assert_true(isnan(wf_score_nees(error, covariance)));
  // χ² tables: 6 degrees 1.23734, 14.44938; 60 degrees 40.48175, 83.29767.
  double lower, upper;
  wf_score_nees_bounds(1, &lower, &upper);
  assert_float_equal(lower, 1.23734, 1e-5);
  assert_float_equal(upper, 14.44938, 1e-5);
  wf_score_nees_bounds(10, &lower, &upper);
  assert_float_equal(lower, 4.048175, 1e-6);
  assert_float_equal(upper, 8.329767, 1e-6);
  // No step where the method changes (10,000 degrees of freedom).
  double before, after;
  wf_score_nees_bounds(1666, &before, &upper);
  wf_score_nees_bounds(1667, &after, &upper);
  assert_float_equal(before, after, 1e-3);
  assert_true(after > before);
}

static void a_scene_sorts_and_refuses_doubles(void **state) {
  stage *s = stage_new();
  const double x[6] = {1, 2, 3}, y[6] = {4, 5, 6};
  add_truth(s, 2.0, 7, x);
  add_truth(s, 0.0, 9, x);
  add_truth(s, 0.0, 7, x);
  add_truth(s, 0.0, 7, y);  // twice: told, the first stays
  add_track(s, 2.0, 1, x);
  add_track(s, 1.0, 0, x);
  add_track(s, 1.0, 0, y);  // twice: told, the first stays
  add_track(s, 2.0, 1, y);  // a revision: replaces
  s->line[3].revised = true;
  stage_build(s);
  assert_int_equal(s->diag.count, 2);
  assert_int_equal(s->scene.scans, 3);
  assert_int_equal(s->scene.truth.rows, 3);
  assert_int_equal(s->scene.track.rows, 2);
  assert_int_equal(wf_score_truth_find(&s->scene, 9), 1);
  assert_int_equal(wf_score_truth_find(&s->scene, 8), NONE);
  const uint32_t row = wf_score_truth_row(&s->scene, 2, 0);
  assert_float_equal(wf_score_age_s(&s->scene, row), 2.0, 0.0);
  assert_int_equal(wf_score_truth_row(&s->scene, 2, 1), NONE);
  assert_float_equal(s->scene.truth.state[6 * wf_score_truth_row(&s->scene, 0, 0)], 1.0, 0.0);
  assert_float_equal(s->scene.track.state[6 * s->scene.scan[1].track_first], 1.0, 0.0);
  assert_float_equal(s->scene.track.state[6 * s->scene.scan[2].track_first], 4.0, 0.0);
  stage_free(s);
}

static wf_score_plots *radar_at(double lat_deg, double lon_deg) {
  wf_score_plots *p = calloc(1, sizeof *p);
  p->plot = calloc(ROWS_MAX, sizeof *p->plot);
  p->sensors = 1;
  p->sensor[0] = (wf_sensor){.name = "R",
                             .kind = WF_SENSOR_RADAR,
                             .lla = {lat_deg * WF_DEG, lon_deg * WF_DEG, 0.0},
                             .sigma_range_m = 30.0,
                             .sigma_az_rad = 1e-3,
                             .sigma_el_rad = 1e-3};
  wf_site_init(&p->site[0], &p->sensor[0].lla);
  return p;
}

static void add_plot(wf_score_plots *p, double time_s, uint32_t truth, const double state[6]) {
  double rae[3];
  wf_geo_rae_from_ecef(&p->site[0], state, rae, NULL);
  p->plot[p->count++] = (wf_score_plot){
      .plot = {.time = wf_time_from_s(time_s), .kind = WF_PLOT_RADAR, .radar = {rae[0], rae[1], rae[2], 0.0}},
      .truth = truth};
}

static void plots_free(wf_score_plots *p) {
  wf_score_plots_free(p);
  free(p);
}

// An object that hangs 100 km east of a radar at 0 N 0 E, on its horizon: range, azimuth and elevation are the axes, so
// the bound is that of a straight line through n points of variance s² = 30² + 2 (100 km · 1 mrad)², 2 s apart, at its
// last point: position s² (4n − 2)/(n (n + 1)), velocity 12 s² / (2² n (n² − 1)).
static void bound_of_a_straight_line(void **state) {
  stage *s = stage_new();
  wf_score_plots *p = radar_at(0.0, 0.0);
  const double x[6] = {WF_WGS84_A_M, 100e3, 0, 0, 0, 0};
  for (int k = 0; k < 6; k++) {
    add_truth(s, 2.0 * k, 5, x);
    add_plot(p, 2.0 * k, 0, x);
  }
  add_plot(p, 0.0, NONE, x);  // clutter adds nothing
  stage_build(s);
  wf_score_bounds b;
  assert_int_equal(wf_score_bounds_compute(&s->scene, p, "plots", &s->diag, &b), WF_OK);
  assert_int_equal(b.motion[0], WF_SCORE_MOTION_STRAIGHT);
  assert_true(isnan(b.position_m2[0]));
  assert_int_equal(b.rows_without, 1);
  const double s2 = 900.0 + 2.0 * 1e4;
  for (int n = 2; n <= 6; n++) {
    assert_float_equal(b.position_m2[n - 1] / (s2 * (4.0 * n - 2.0) / (n * (n + 1.0))), 1.0, 1e-9);
    assert_float_equal(b.velocity_m2_s2[n - 1] / (12.0 * s2 / (4.0 * n * (n * n - 1.0))), 1.0, 1e-9);
  }
  wf_score_bounds_free(&b);
  plots_free(p);
  stage_free(s);
}

// Information by finite differences of (first state → plot), the way it is defined.
static void fisher(const wf_score_plots *p, const double first[6], int plots, double step_s, double y[36]) {
  for (int i = 0; i < 36; i++) y[i] = 0.0;
  for (int k = 0; k < plots; k++) {
    double j[18];
    for (int c = 0; c < 6; c++) {
      double rae[2][3];
      const double h = c < 3 ? 10.0 : 0.1;
      for (int side = 0; side < 2; side++) {
        double x[6];
        memcpy(x, first, sizeof x);
        x[c] += side == 0 ? -h : h;
        wf_score_move(WF_SCORE_MOTION_COAST, step_s * k, x, NULL);
        wf_geo_rae_from_ecef(&p->site[0], x, rae[side], NULL);
      }
      for (int r = 0; r < 3; r++) j[6 * r + c] = (rae[1][r] - rae[0][r]) / (2.0 * h);
    }
    for (int r = 0; r < 3; r++) {
      const double variance = r == 0 ? 900.0 : 1e-6;
      for (int a = 0; a < 36; a++) y[a] += j[6 * r + a / 6] * j[6 * r + a % 6] / variance;
    }
  }
}

static void bound_of_a_coast(void **state) {
  enum { PLOTS = 20 };
  const double step_s = 10.0;
  stage *s = stage_new();
  wf_score_plots *p = radar_at(27.75, -137.0);
  double first[6] = {-4244587.0117, -3663178.7010, 3205838.5590, 202.3577, -2841.9588, 824.8663}, x[6], at_last[36];
  memcpy(x, first, sizeof x);
  for (int k = 0; k < PLOTS; k++) {
    if (k > 0) wf_score_move(WF_SCORE_MOTION_COAST, step_s, x, NULL);
    add_truth(s, step_s * k, 0, x);
    add_plot(p, step_s * k, 0, x);
  }
  stage_build(s);
  wf_score_bounds b;
  assert_int_equal(wf_score_bounds_compute(&s->scene, p, "plots", &s->diag, &b), WF_OK);
  assert_int_equal(b.motion[0], WF_SCORE_MOTION_COAST);
  double y[36], covariance[36], stm[36];
  fisher(p, first, PLOTS, step_s, y);
  assert_int_equal(wf_mat_spd_inverse(6, y, covariance), WF_OK);
  memcpy(x, first, sizeof x);
  wf_score_move(WF_SCORE_MOTION_COAST, step_s * (PLOTS - 1), x, stm);
  wf_mat_congruence(6, stm, covariance, NULL, at_last);
  assert_float_equal(b.position_m2[PLOTS - 1] / (at_last[0] + at_last[7] + at_last[14]), 1.0, 1e-4);
  assert_float_equal(b.velocity_m2_s2[PLOTS - 1] / (at_last[21] + at_last[28] + at_last[35]), 1.0, 1e-4);
  wf_score_bounds_free(&b);
  plots_free(p);
  stage_free(s);
}

// From the first step that is neither free fall nor straight there is no bound.
static void no_bound_under_thrust(void **state) {
  stage *s = stage_new();
  wf_score_plots *p = radar_at(0.0, 0.0);
  double x[6] = {WF_WGS84_A_M + 1e5, 1e5, 0, 0, 1000, 0};
  for (int k = 0; k < 6; k++) {
    if (k > 0) wf_score_move(WF_SCORE_MOTION_COAST, 2.0, x, NULL);
    if (k == 4) x[0] += 1.0;  // half a metre per second squared
    add_truth(s, 2.0 * k, 0, x);
    add_plot(p, 2.0 * k, 0, x);
  }
  stage_build(s);
  wf_score_bounds b;
  assert_int_equal(wf_score_bounds_compute(&s->scene, p, "plots", &s->diag, &b), WF_OK);
  assert_false(isnan(b.position_m2[3]));
  assert_true(isnan(b.position_m2[4]));
  assert_true(isnan(b.position_m2[5]));
  wf_score_bounds_free(&b);
  plots_free(p);
  stage_free(s);
}

// A track 3 km from its object and 1 km from another: the plots say whose it is, not the distance.
static void identity_by_the_plots_it_follows(void **state) {
  stage *s = stage_new();
  wf_score_plots *p = radar_at(0.0, 0.0);
  for (int k = 0; k < 12; k++) {
    const double mine[6] = {WF_WGS84_A_M + 1e5, 2e5, 0}, other[6] = {WF_WGS84_A_M + 1e5, 2e5, 4e3};
    const double track[6] = {WF_WGS84_A_M + 1e5, 2e5, 3e3}, far[6] = {WF_WGS84_A_M + 5e5, 2e5, 0};
    add_truth(s, k, 40, mine);
    add_truth(s, k, 41, other);
    add_track(s, k, 0, track);
    add_track(s, k, 1, far);
    add_plot(p, k, k < 7 ? 0 : 1, track);  // the measurements of 40, then 41, land on the track
    add_plot(p, k, NONE, far);
  }
  stage_build(s);
  wf_score_identity id;
  wf_score_starts starts;
  assert_int_equal(wf_score_identity_by_label(&s->scene, p, &id), WF_OK);
  assert_int_equal(id.truth_of[0], 0);
  assert_int_equal(id.truth_of[1], NONE);  // clutter
  assert_int_equal(id.identified, 1);
  assert_int_equal(id.unidentified, 1);
  assert_float_equal(id.completeness, 0.5, 0.0);  // one of two objects, always
  assert_float_equal(id.ambiguity, 1.0, 0.0);
  assert_int_equal(id.changes, 0);  // five of twelve, but never the most of the last 10 s
  assert_int_equal(s->scene.truth.object[id.target[s->scene.scan[11].track_first]], 0);
  assert_int_equal(wf_score_starts_compute(&s->scene, p, &id, &starts), WF_OK);
  assert_int_equal(starts.objects, 2);
  assert_int_equal(starts.never, 1);
  assert_float_equal(starts.mean_delay_s, 0.0, 0.0);
  wf_score_identity_free(&id);
  for (size_t i = 0; i < p->count; i++)
    if (p->plot[i].truth != NONE) p->plot[i].truth = p->plot[i].plot.time.ns < 4 * WF_NS_PER_S ? 0 : 1;
  assert_int_equal(wf_score_identity_by_label(&s->scene, p, &id), WF_OK);
  assert_int_equal(id.truth_of[0], 1);
  assert_int_equal(id.changes, 1);
  wf_score_identity_free(&id);
  plots_free(p);
  stage_free(s);
}

static void inside_an_area(void **state) {
  wf_score_claim c = {.lat_rad = 30.0 * WF_DEG,
                      .lon_rad = -128.0 * WF_DEG,
                      .semi_major_95_m = 2000.0,
                      .semi_minor_95_m = 500.0,
                      .azimuth_rad = 60.0 * WF_DEG};
  static const struct {
    double azimuth_deg, distance_m;
    bool inside;
  } points[] = {{60, 1990, true},  {60, 2010, false}, {240, 1990, true}, {150, 490, true},
                {150, 510, false}, {0, 570, true},    {0, 580, false}};  // 1/√(cos²60/2000² + sin²60/500²) = 571.7 …
  for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
    double lat_rad, lon_rad;
    wf_geo_direct(c.lat_rad, c.lon_rad, points[i].azimuth_deg * WF_DEG, points[i].distance_m, &lat_rad, &lon_rad);
    assert_int_equal(wf_score_inside(&c, lat_rad, lon_rad), points[i].inside);
  }
  c.semi_major_95_m = 0.0;
  assert_false(wf_score_inside(&c, c.lat_rad, c.lon_rad));  // no area holds nothing
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(association_rules),        cmocka_unit_test(gospa_and_ospa_by_brute_force),
      cmocka_unit_test(nees_of_known_errors),     cmocka_unit_test(a_scene_sorts_and_refuses_doubles),
      cmocka_unit_test(bound_of_a_straight_line), cmocka_unit_test(bound_of_a_coast),
      cmocka_unit_test(no_bound_under_thrust),    cmocka_unit_test(identity_by_the_plots_it_follows),
      cmocka_unit_test(inside_an_area),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
