// Does the shared picture's 95 % impact area hold the true point 95 times in 100, and is it no larger than need be?
// Flights of six kinds, each drawn anew, from truth through sensors, own trackers, release and the common picture.
// Drawn are direction, reach, apogee, all noise, and what the areas assume not to know: the ballistic coefficient
// (5,000 kg/m² by 30 %), the air's density (5 %) and the wind (10 m/s), the latter two as smooth functions of the
// height.
//
// The bound is the Cramér–Rao bound: the covariance of a filter that is linearised about the truth and gets all
// nations' true detections after burnout, from nothing; with the same prior of the ballistic coefficient and the same
// density and wind on the way down. It knows nothing of the boost, so the first areas may be smaller; and it knows that
// the radars are aligned, which a nation with several of them does not (docs/tracking.md, registration).
//   bench_impact [FLIGHTS_PER_KIND [FIRST_SEED [KIND]]]
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/rng.h"
#include "estimate/fall.h"
#include "estimate/view.h"
#include "picture/picture.h"
#include "release/policy.h"
#include "sim/sensing.h"
#include "track/tracker.h"

enum { PLOTS_MAX = 1024, BANDS = 4, OBJECTS = 64 };
#define STEP_S 1.0
#define CLAIM_EVERY_S 20.0
#define AREA_MOST_M 100e3

typedef struct kind {
  const char *name, *scenario;
  double apogee_m, range_m, duration_s;  // 0: as the scenario has it
} kind;

static const kind KINDS[] = {
    {"short", "depressed", 130e3, 420e3, 420.0},
    {"medium", "trilateral", 0, 0, 0},
    {"depressed", "depressed", 0, 0, 0},
    {"lofted", "trilateral", 900e3, 950e3, 1200.0},
    {"salvo", "salvo", 0, 0, 0},
    {"staged", "overflight-japan", 0, 0, 0},
};

typedef struct tally {
  unsigned long flights, claims, inside, band_claims[BANDS], band_inside[BANDS], last_claims, last_inside;
  double error2, size2;
  unsigned long sized, band_sized[BANDS];
  double log_ratio, band_log_ratio[BANDS];  // ln of the area's mean radius over the bound's, summed
} tally;

// What all detections since burnout tell of one object, at best.
typedef struct bound {
  bool begun;
  wf_filter filter;  // as of the last detection, about the truth
  wf_time time;
} bound;

typedef struct eye {
  wf_sensor sensor;
  wf_site site;
} eye;

typedef struct run {
  wf_scenario *scenario;
  wf_truth *truth;
  wf_sensing *sensing;
  wf_picture *picture;
  wf_release_policy policy;
  wf_audience audience;
  wf_tracker *tracker[WF_NATION_MAX];
  uint64_t sequence[WF_NATION_MAX];
  wf_sensed pending;
  bool has_pending;
  int last_inside[OBJECTS];  // per object: −1 none, else whether the last area held it
  bound bound[OBJECTS];
  eye eye[WF_NATION_MAX][WF_SENSOR_MAX];
} run;

static bool begin(run *r, const kind *k, uint64_t seed) {
  wf_scenario_error error;
  wf_rng rng;
  memset(r, 0, sizeof *r);
  wf_rng_seed_stream(&rng, seed, 0x696d70);
  if (wf_scenario_load_builtin(k->scenario, &r->scenario, &error) != WF_OK) return false;
  r->scenario->seed = seed;
  if (k->duration_s > 0) r->scenario->duration_s = k->duration_s;
  const double turn = 0.03 * wf_rng_normal(&rng), reach = 1.0 + 0.05 * wf_rng_normal(&rng),
               lift = 1.0 + 0.05 * wf_rng_normal(&rng);
  for (size_t i = 0; i < r->scenario->launch_count; i++) {
    wf_scenario_launch *l = &r->scenario->launch[i];
    l->azimuth_rad += turn;
    l->range_m = (k->range_m > 0 ? k->range_m : l->range_m) * reach;
    l->apogee_m = (k->apogee_m > 0 ? k->apogee_m : l->apogee_m) * lift;
    if (l->failure.kind == WF_FAILURE_NONE)
      l->beta_kg_m2 =
          WF_IMPACT_ATMOSPHERE.beta_kg_m2 * wf_exp(WF_IMPACT_ATMOSPHERE.beta_sigma_ratio * wf_rng_normal(&rng));
  }
  r->scenario->density_sigma_ratio = WF_IMPACT_ATMOSPHERE.density_sigma_ratio;
  r->scenario->wind_sigma_m_s = WF_IMPACT_ATMOSPHERE.wind_sigma_m_s;
  if (wf_truth_create(r->scenario, &r->truth, NULL) != WF_OK ||
      wf_sensing_create(r->scenario, r->truth, -1, WF_SENSING_BY_ARRIVAL, &r->sensing) != WF_OK)
    return false;
  const wf_picture_config config = {.tracks_max = 64, .contributions_max = 16384};
  r->picture = wf_picture_new(&config);
  for (size_t i = 0; i < r->scenario->nation_count; i++) {
    const wf_tracker_config tracker = {
        .tracks_max = 256, .plots_per_scan_max = PLOTS_MAX, .mode = WF_MODE_EXERCISE, .id_seed = i + 1};
    static wf_sensor sensors[WF_SENSOR_MAX];
    uint16_t index;
    r->tracker[i] = wf_tracker_new(&tracker);
    const size_t count = wf_scenario_registry(r->scenario, r->scenario->nation[i], sensors, WF_SENSOR_MAX);
    for (size_t s = 0; s < count; s++) {
      (void)wf_tracker_add_sensor(r->tracker[i], &sensors[s], &index);
      r->eye[i][index].sensor = sensors[s];
      wf_site_init(&r->eye[i][index].site, &sensors[s].lla);
    }
    wf_audience_add(&r->audience, r->scenario->nation[i]);
  }
  for (int i = 0; i < OBJECTS; i++) r->last_inside[i] = -1;
  return r->picture != NULL && wf_release_profile("warning-data-open", &r->audience, &r->policy) == WF_OK;
}

static void end(run *r) {
  for (size_t i = 0; r->scenario != NULL && i < r->scenario->nation_count; i++)
    if (r->tracker[i] != NULL) wf_tracker_free(r->tracker[i]);
  if (r->picture != NULL) wf_picture_free(r->picture);
  if (r->sensing != NULL) wf_sensing_free(r->sensing);
  if (r->truth != NULL) wf_truth_free(r->truth);
  if (r->scenario != NULL) wf_scenario_free(r->scenario);
}

static void bound_medium(wf_filter *f, double height_m) {
  if (f->size == 6 && height_m < 110e3) wf_filter_add_ln_beta(f, WF_LN_BETA_MEAN, WF_LN_BETA_SIGMA);
  if (f->size == 7 && height_m > 115e3) wf_filter_drop_ln_beta(f);
}

static void bound_begin(bound *b, const double state[6], wf_time at) {
  *b = (bound){.begun = true, .filter = {.model = WF_MODEL_COAST, .size = 6}, .time = at};
  memcpy(b->filter.x, state, 6 * sizeof *state);
  for (int i = 0; i < 6; i++) b->filter.p[7 * i] = i < 3 ? 1e12 : 25e6;
}

static void bound_learn(run *r, uint16_t nation, const wf_sensed *seen) {
  wf_truth_state truth;
  const size_t k = (size_t)seen->object;
  if (seen->object < 0 || k >= OBJECTS || seen->plot.kind != WF_PLOT_RADAR) return;
  const wf_truth_object *o = wf_truth_object_at(r->truth, k);
  if (seen->plot.time.ns < o->thrust_ends.ns || wf_truth_at(r->truth, k, seen->plot.time, &truth) != WF_OK) return;
  bound *b = &r->bound[k];
  const eye *e = &r->eye[nation][seen->plot.sensor];
  if (!b->begun) bound_begin(b, truth.state, seen->plot.time);
  wf_noise noise = WF_NOISE_DEFAULT;
  noise.gravity = WF_GRAVITY_J4;
  bound_medium(&b->filter, truth.height_m);
  const double dt_s = wf_time_diff_s(seen->plot.time, b->time);
  if (dt_s < 0) return;  // a late one of another radar, by less than a second
  wf_filter_predict(&b->filter, &noise, dt_s, NULL);
  b->time = seen->plot.time;
  memcpy(b->filter.x, truth.state, sizeof truth.state);
  const double beta = wf_truth_launch(r->truth, o->launch)->vehicle.payload_beta_kg_m2;
  if (b->filter.size == 7) b->filter.x[6] = wf_log(beta);
  wf_view view = {.kind = WF_PLOT_RADAR, .dim = 3, .site = &e->site};
  const double sigma[4] = {e->sensor.sigma_range_m, e->sensor.sigma_az_rad, e->sensor.sigma_el_rad,
                           e->sensor.sigma_range_rate_m_s};
  if ((seen->plot.flags & WF_PLOT_HAS_RANGE_RATE) && sigma[3] > 0) view.dim = 4;
  for (int c = 0; c < 4; c++) view.variance[c] = sigma[c] * sigma[c];
  wf_expected expected;
  static const double none[WF_VIEW_DIM];
  if (wf_view_expect(&view, &b->filter, &expected) != WF_OK) return;
  wf_filter_update(&b->filter, expected.dim, none, expected.h, expected.variance, expected.s_chol);
}

// The mean radius of the best area there can be, m; 0: none.
static double bound_radius_m(const bound *b) {
  wf_impact impact;
  if (!b->begun || wf_filter_impact(&b->filter, false, WF_GRAVITY_J4, &impact) != WF_OK ||
      impact.reason != WF_IMPACT_OK)
    return 0.0;
  return sqrt(impact.semi_major_95_m * impact.semi_minor_95_m);
}

static bool next_scan(run *r, wf_time until, uint16_t *nation, wf_plot *plots, size_t *count) {
  *count = 0;
  if (!r->has_pending) r->has_pending = wf_sensing_next(r->sensing, &r->pending);
  if (!r->has_pending || r->pending.arrival.ns > until.ns) return false;
  const wf_sensed first = r->pending;
  *nation = first.nation;
  while (r->has_pending && r->pending.sensor == first.sensor && r->pending.plot.time.ns == first.plot.time.ns) {
    if (*count < PLOTS_MAX) plots[(*count)++] = r->pending.plot;
    bound_learn(r, first.nation, &r->pending);
    r->has_pending = wf_sensing_next(r->sensing, &r->pending);
  }
  return true;
}

static void share(run *r, size_t nation, wf_time now) {
  static wf_contribution out[256];
  const wf_nation code = r->scenario->nation[nation];
  const size_t count = wf_tracker_contributions(r->tracker[nation], now, out, 256);
  for (size_t i = 0; i < count; i++) {
    wf_release_verdict verdict;
    wf_release_judge(&r->policy, &r->audience, code, &out[i], &verdict);
    if (!verdict.allowed) continue;
    out[i].id = (wf_contribution_id){code, 1, 1, ++r->sequence[nation]};
    out[i].publish_time = now;
    (void)wf_picture_insert(r->picture, &out[i]);
  }
}

// The object nearest to the track now; -1: none within 50 km.
static int object_of(const run *r, const wf_common_track *t) {
  int best = -1;
  double least = 50e3 * 50e3;
  for (size_t k = 0; k < wf_truth_count(r->truth) && k < OBJECTS; k++) {
    wf_truth_state s;
    double d2 = 0;
    if (wf_truth_at(r->truth, k, t->track.time, &s) != WF_OK) continue;
    for (int a = 0; a < 3; a++) d2 += (t->track.state[a] - s.state[a]) * (t->track.state[a] - s.state[a]);
    if (d2 < least) least = d2, best = (int)k;
  }
  return best;
}

static bool inside(const wf_ground_ellipse *e, const wf_truth_object *o, double *error2) {
  const double north = (o->impact_lat_rad - e->lat_rad) * 6.36e6;
  const double east = wf_wrap_pi(o->impact_lon_rad - e->lon_rad) * 6.38e6 * wf_cos(e->lat_rad);
  const double c = wf_cos(e->azimuth_rad), s = wf_sin(e->azimuth_rad);
  const double along = north * c + east * s, across = east * c - north * s;
  *error2 = north * north + east * east;
  return along * along / (e->semi_major_95_m * e->semi_major_95_m) +
             across * across / (e->semi_minor_95_m * e->semi_minor_95_m) <=
         1.0;
}

static void claim(run *r, const wf_common_track *t, wf_time now, tally *sum) {
  const int k = object_of(r, t);
  const wf_truth_object *o = k >= 0 ? wf_truth_object_at(r->truth, (size_t)k) : NULL;
  const wf_ground_ellipse *e = &t->impact.area;
  double error2;
  if (o == NULL || !o->has_impact || !t->impact.valid || t->track.life > WF_LIFE_COASTING) return;
  const double left_s = wf_time_diff_s(o->impact_time, now);
  if (left_s < 5.0 || e->semi_major_95_m > AREA_MOST_M) return;
  const bool hit = inside(e, o, &error2);
  const double whole_s = wf_time_diff_s(o->impact_time, o->thrust_ends);
  int band = (int)(BANDS * (1.0 - left_s / whole_s));
  band = band < 0 ? 0 : band >= BANDS ? BANDS - 1 : band;
  sum->claims++;
  sum->inside += hit;
  sum->band_claims[band]++;
  sum->band_inside[band] += hit;
  sum->error2 += error2;
  sum->size2 += (e->semi_major_95_m * e->semi_major_95_m + e->semi_minor_95_m * e->semi_minor_95_m) / 5.991;
  r->last_inside[k] = hit;
  const double best_m = bound_radius_m(&r->bound[k]);
  if (best_m <= 0.0) return;
  const double ratio = log(sqrt(e->semi_major_95_m * e->semi_minor_95_m) / best_m);
  sum->sized++;
  sum->log_ratio += ratio;
  sum->band_sized[band]++;
  sum->band_log_ratio[band] += ratio;
}

static void fly(run *r, tally *sum) {
  static wf_plot plots[PLOTS_MAX];
  for (double t = STEP_S; t <= r->scenario->duration_s; t += STEP_S) {
    const wf_time now = wf_time_add_s(r->scenario->start, t);
    uint16_t nation;
    size_t count;
    while (next_scan(r, now, &nation, plots, &count)) (void)wf_tracker_scan(r->tracker[nation], plots, count, NULL);
    for (size_t i = 0; i < r->scenario->nation_count; i++) {
      wf_tracker_advance(r->tracker[i], now);
      share(r, i, now);
    }
    wf_picture_advance(r->picture, now);
    if (fmod(t, CLAIM_EVERY_S) != 0.0) continue;
    for (size_t i = 0; i < wf_picture_count(r->picture); i++) claim(r, wf_picture_outline_at(r->picture, i), now, sum);
  }
  for (int i = 0; i < OBJECTS; i++) {
    sum->last_claims += r->last_inside[i] >= 0;
    sum->last_inside += r->last_inside[i] > 0;
  }
}

static double share_of(unsigned long part, unsigned long all) {
  return all > 0 ? 100.0 * (double)part / (double)all : 0.0;
}

static double mean_ratio(double log_sum, unsigned long count) {
  return count > 0 ? exp(log_sum / (double)count) : 0.0;
}

int main(int argc, char **argv) {
  const int flights = argc > 1 ? atoi(argv[1]) : 2;
  const uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  const char *only = argc > 3 ? argv[3] : NULL;
  static run r;
  bool good = true;
  printf(
      "%-10s flights areas  inside     by quarter of the fall         last area  error/stated  size/bound  by "
      "quarter\n",
      "kind");
  for (size_t k = 0; k < sizeof KINDS / sizeof KINDS[0]; k++) {
    tally sum = {0};
    if (only != NULL && strcmp(only, KINDS[k].name) != 0) continue;
    for (int i = 0; i < flights; i++) {
      if (begin(&r, &KINDS[k], first + (uint64_t)i)) {
        sum.flights++;
        fly(&r, &sum);
      }
      end(&r);
    }
    printf("%-10s %7lu %5lu  %5.1f %%  ", KINDS[k].name, sum.flights, sum.claims, share_of(sum.inside, sum.claims));
    for (int b = 0; b < BANDS; b++) printf(" %5.1f %%", share_of(sum.band_inside[b], sum.band_claims[b]));
    printf("   %5.1f %%   %5.2f       ", share_of(sum.last_inside, sum.last_claims),
           sum.size2 > 0 ? sqrt(sum.error2 / sum.size2) : 0.0);
    printf("  %5.2f     ", mean_ratio(sum.log_ratio, sum.sized));
    for (int b = 0; b < BANDS; b++) printf(" %5.2f", mean_ratio(sum.band_log_ratio[b], sum.band_sized[b]));
    printf("\n");
    fflush(stdout);
    // A few flights scatter widely; 93..97 % is asked of a thousand.
    const double low = flights >= 1000 ? 93.0 : 75.0, high = flights >= 1000 ? 97.0 : 100.0;
    const double got = share_of(sum.inside, sum.claims);
    if (sum.claims == 0 || got < low || got > high) good = false;
  }
  if (!good) printf("NOT GOOD ENOUGH: 93 to 97 %% of a thousand flights of each kind (75 to 100 %% of a few)\n");
  return good ? 0 : 1;
}
