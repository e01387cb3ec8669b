// The notional sensors look at one flight once a second; the tracker of one nation follows it.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "fly.h"
#include "geo/geodesic.h"

#define NEAR_M 50e3
#define NEAR_BOOST_M 400e3  // infrared alone knows no better
#define BESIDE_SIGMA 9.0
#define PLOTS_MAX 64

wf_scenario *fly_sensors(const char *path) {
  static char text[1 << 16];
  wf_scenario *s = NULL;
  wf_scenario_error error;
  FILE *f = fopen(path, "r");
  if (f == NULL) return NULL;
  const size_t size = fread(text, 1, sizeof text, f);
  fclose(f);
  if (wf_scenario_load_yaml(text, size, &s, &error) != WF_OK) {
    fprintf(stderr, "%s:%u: %s\n", path, error.line, error.text);
    return NULL;
  }
  return s;
}

wf_flight_class fly_label(label l) {
  static const wf_flight_class CLASS[] = {WF_CLASS_SHORT_RANGE,      WF_CLASS_MEDIUM_RANGE, WF_CLASS_INTERMEDIATE_RANGE,
                                          WF_CLASS_INTERCONTINENTAL, WF_CLASS_SPACE_LAUNCH, WF_CLASS_NOT_BALLISTIC,
                                          WF_CLASS_UNKNOWN};
  return CLASS[l];
}

double fly_distance_m(const wf_ground_ellipse *a, double lat_rad, double lon_rad, bool *inside) {
  double bearing;
  const double d = wf_geo_distance_m(a->lat_rad, a->lon_rad, lat_rad, lon_rad, &bearing, NULL);
  const double along = d * wf_cos(bearing - a->azimuth_rad), across = d * wf_sin(bearing - a->azimuth_rad);
  const double x = along / a->semi_major_95_m, y = across / a->semi_minor_95_m;
  if (inside != NULL) *inside = x * x + y * y <= 1.0;
  return d;
}

typedef struct eye {
  const wf_scenario_sensor *about;
  wf_site site;
} eye;

static wf_plot line_of(const eye *e, const double state[6], wf_rng *rng) {
  wf_plot p = {.kind = WF_PLOT_LOS};
  double u[3];
  wf_vec_sub(state, e->site.pos_ecef_m, u);
  const double range = wf_vec_norm(u);
  for (int i = 0; i < 3; i++) {
    u[i] = u[i] / range + e->about->known.sigma_az_rad * wf_rng_normal(rng);
    p.los.origin_ecef_m[i] = e->site.pos_ecef_m[i];
  }
  const double n = wf_vec_norm(u);
  for (int i = 0; i < 3; i++) p.los.unit_ecef[i] = u[i] / n;
  return p;
}

static wf_plot echo_of(const eye *e, const double rae[3], wf_rng *rng) {
  const wf_sensor *s = &e->about->known;
  wf_plot p = {.kind = WF_PLOT_RADAR};
  p.radar.range_m = rae[0] + s->sigma_range_m * wf_rng_normal(rng);
  p.radar.az_rad = wf_wrap_2pi(rae[1] + s->sigma_az_rad * wf_rng_normal(rng));
  p.radar.el_rad = rae[2] + s->sigma_el_rad * wf_rng_normal(rng);
  return p;
}

static size_t clutter_of(const wf_sensor *s, wf_rng *rng, wf_plot *out) {
  size_t count = s->kind == WF_SENSOR_RADAR ? wf_rng_poisson(rng, s->clutter_mean_per_scan) : 0;
  if (count > PLOTS_MAX - FLY_PIECES) count = PLOTS_MAX - FLY_PIECES;
  for (size_t k = 0; k < count; k++) {
    out[k] = (wf_plot){.kind = WF_PLOT_RADAR};
    out[k].radar.range_m = wf_rng_between(rng, s->box_range_m[0], s->box_range_m[1]);
    out[k].radar.az_rad = wf_wrap_2pi(wf_rng_between(rng, s->box_az_rad[0], s->box_az_rad[1]));
    out[k].radar.el_rad = wf_rng_between(rng, s->box_el_rad[0], s->box_el_rad[1]);
  }
  return count;
}

static size_t look(const eye *e, uint16_t index, const fly_path *path, int second, wf_rng *rng, wf_plot *out) {
  size_t count = 0;
  for (int k = 0; k < path->bodies; k++) {
    const fly_body *b = &path->body[k];
    if (second < b->begins_s || second >= b->ends_s) continue;
    wf_truth_state truth = {.thrusting = b->thrusting[second]};
    wf_lla lla;
    double rae[3];
    memcpy(truth.state, b->state[second], sizeof truth.state);
    wf_geo_lla_from_ecef(truth.state, &lla);
    truth.height_m = lla.h_m;
    if (!wf_sensing_covers(e->about, &truth)) continue;
    if (wf_rng_uniform(rng) >= e->about->known.detection_probability) continue;
    wf_geo_rae_from_ecef(&e->site, truth.state, rae, NULL);
    out[count++] = e->about->known.kind == WF_SENSOR_RADAR ? echo_of(e, rae, rng) : line_of(e, truth.state, rng);
  }
  count += clutter_of(&e->about->known, rng, out + count);
  for (size_t i = 0; i < count; i++) {
    out[i].time = wf_time_from_s(second);
    out[i].sensor = index;
  }
  return count;
}

// The firm track that is this body's: nearest, within what it says of itself or a fixed reach.
static const wf_track *track_of(const wf_tracker *t, const double truth[6]) {
  const wf_track *best = NULL;
  double least = 1e300;
  for (size_t i = 0; i < wf_tracker_count(t); i++) {
    const wf_track *k = wf_tracker_at(t, i);
    double d[3];
    if (k->life != WF_LIFE_CONFIRMED && k->life != WF_LIFE_COASTING) continue;
    wf_vec_sub(k->state, truth, d);
    const double sigma = sqrt(k->covariance[0] + k->covariance[7] + k->covariance[14]);
    const double reach = fmin(fmax(NEAR_M, BESIDE_SIGMA * sigma), NEAR_BOOST_M), apart = wf_vec_norm(d);
    if (apart < reach && apart < least) {
      least = apart;
      best = k;
    }
  }
  return best;
}

static void judge_class(const wf_tracker *t, const wf_track *k, fly_result *r) {
  wf_common_track c = {.track = *k};
  double p[WF_CLASS_COUNT];
  (void)wf_tracker_impact(t, k->id, &c.impact);
  wf_warn_classify(&c, p);
  r->found = 0;
  for (int i = 1; i < WF_CLASS_COUNT; i++)
    if (p[i] > p[r->found]) r->found = (wf_flight_class)i;
  r->share = p[r->found];
}

static void judge(const wf_tracker *t, const wf_track *k, const fly_path *path, fly_result *r) {
  wf_impact_area impact;
  r->tracked = true;
  judge_class(t, k, r);
  if (wf_tracker_impact(t, k->id, &impact) != WF_OK || !impact.valid) return;
  r->impact_valid = true;
  r->impact_error_m = fly_distance_m(&impact.area, path->down_lat_rad, path->down_lon_rad, &r->impact_inside);
  r->impact_area_m = impact.area.semi_major_95_m;
}

static void judge_fall(const wf_tracker *t, const wf_track *k, const fly_path *path, fly_result *r) {
  wf_impact_area impact;
  if (wf_tracker_impact(t, k->id, &impact) == WF_OK && impact.valid)
    r->last_fall_error_m = fly_distance_m(&impact.area, path->down_lat_rad, path->down_lon_rad, NULL);
}

static void judge_launch(const wf_track *k, const fly_path *path, fly_result *r) {
  if (!k->launch.valid) return;
  r->launch_valid = true;
  r->launch_error_m = fly_distance_m(&k->launch.area, path->site.lat_rad, path->site.lon_rad, &r->launch_inside);
  r->launch_area_m = k->launch.area.semi_major_95_m;
}

// After the first turn: what is said of where it may come down.
static void judge_footprint(const wf_tracker *t, const wf_track *k, const fly_path *path, fly_result *r) {
  wf_impact_area area;
  bool inside;
  if (wf_tracker_impact(t, k->id, &area) == WF_OK && area.valid && area.area.semi_major_95_m > 0.0) r->falls_stated++;
  if (wf_tracker_footprint(t, k->id, &area) != WF_OK || !area.valid) return;
  r->footprints++;
  (void)fly_distance_m(&area.area, path->down_lat_rad, path->down_lon_rad, &inside);
  r->footprints_holding += inside;
}

#define SETTLED_S 10.0
#define REENTRY_M 90e3
#define LOW_M 15e3
#define STILL_UP_M 20e3
#define PASSED_M 50e3

// Boost from ten seconds after the detection, coast from twenty after burnout, re-entry down to 15 km.
static void judge_consistency(const wf_track *k, const double truth[6], int second, const fly_path *path,
                              fly_result *r) {
  wf_lla lla;
  double inverse[36], e[6];
  if (k->last_update.ns != wf_time_from_s(second).ns) return;
  wf_geo_lla_from_ecef(truth, &lla);
  int part = -1;
  if (second < path->burnout_s && second > r->detected_s + SETTLED_S)
    part = 0;
  else if (second > path->burnout_s + 2.0 * SETTLED_S)
    part = lla.h_m > REENTRY_M || wf_vec_dot(truth, truth + 3) > 0.0 ? 1 : lla.h_m > LOW_M ? 2 : -1;
  if (part < 0 || r->detected_s == 0.0 || wf_mat_spd_inverse(6, k->covariance, inverse) != WF_OK) return;
  for (int i = 0; i < 6; i++) e[i] = k->state[i] - truth[i];
  r->nees[part] += wf_mat_quadratic(6, inverse, e);
  r->looks[part]++;
}

// "Over, its impact time has passed" is only right of what is down, or nearly, where it was said to come down.
static bool came_down(const fly_path *path, int second, const fly_result *r) {
  const fly_body *b = &path->body[0];
  wf_lla lla = {0.0, 0.0, 0.0};
  if (second < b->ends_s) wf_geo_lla_from_ecef(b->state[second], &lla);
  return lla.h_m < STILL_UP_M && r->last_fall_error_m < PASSED_M;
}

static void hear(wf_tracker *t, const fly_path *path, uint64_t own, int second, fly_result *r) {
  wf_track_event e[64];
  for (size_t n = wf_tracker_events(t, e, 64), i = 0; i < n; i++) {
    const double at_s = wf_time_to_s(e[i].time);
    const wf_track *k = wf_tracker_find(t, e[i].track);
    if (e[i].kind == WF_TRACK_DETECTED && r->detected_s == 0.0)
      r->detected_s = wf_time_to_s(k != NULL ? k->first_detection : e[i].time), r->confirmed_s = at_s;
    if (e[i].kind == WF_TRACK_BURNOUT) r->burnout_seen = true, r->burnout_error_s = at_s - path->burnout_s;
    if (e[i].kind == WF_TRACK_NOT_BALLISTIC && !r->not_ballistic_said) r->not_ballistic_said = true, r->said_s = at_s;
    if (e[i].kind == WF_TRACK_FAILED) r->failed_said = true;
    if (e[i].kind == WF_TRACK_ENDED && e[i].reason == WF_REASON_IMPACT_TIME_PASSED && e[i].track == own)
      r->passed = r->passed || !came_down(path, second, r);
  }
}

void fly_watch(const wf_scenario *sensors, const entry *flown, const fly_path *path, uint64_t seed, fly_result *r) {
  const wf_tracker_config config = {.tracks_max = 256,
                                    .plots_per_scan_max = PLOTS_MAX,
                                    .medium = WF_MEDIUM_ATMOSPHERE,
                                    .mode = WF_MODE_TEST,
                                    .id_seed = 1};
  wf_tracker *t = wf_tracker_new(&config);
  eye eyes[8];
  wf_rng rng;
  memset(r, 0, sizeof *r);
  r->found = WF_CLASS_UNKNOWN;
  wf_rng_seed(&rng, seed);
  const size_t count = sensors->sensor_count < 8 ? sensors->sensor_count : 8;
  for (size_t i = 0; i < count; i++) {
    uint16_t index;
    eyes[i].about = &sensors->sensor[i];
    wf_site_init(&eyes[i].site, &eyes[i].about->known.lla);
    if (wf_tracker_add_sensor(t, &eyes[i].about->known, &index) != WF_OK) exit(1);
  }
  const fly_body *first = &path->body[0];
  const double half_s = 0.5 * (path->down_s > 0.0 ? path->down_s : 0.0), after_s = path->burnout_s + 30.0;
  r->judged_s = half_s > after_s ? half_s : after_s;
  if (flown->kind == NOT_BALLISTIC && path->turn_s > 0.0 && r->judged_s < path->turn_s + 30.0)
    r->judged_s = path->turn_s + 30.0;
  if (r->judged_s > first->ends_s - 2.0) r->judged_s = first->ends_s - 2.0;
  uint64_t own = 0;
  for (int second = 0; second < first->ends_s + 90 && second < FLY_SECONDS_MAX; second++) {
    const wf_time now = wf_time_from_s(second);
    wf_plot plot[PLOTS_MAX];
    wf_contribution told[64];
    for (size_t i = 0; i < count; i++) {
      const size_t n = look(&eyes[i], (uint16_t)i, path, second, &rng, plot);
      if (n > 0) wf_tracker_scan(t, plot, n, NULL);
    }
    wf_tracker_advance(t, wf_time_from_s(second + 0.3));
    (void)wf_tracker_contributions(t, now, told, 64);
    hear(t, path, own, second, r);
    if (second >= first->ends_s) {
      const wf_track *k = wf_tracker_find(t, own);
      if (k != NULL) r->life = k->life, r->reason = k->reason;
      continue;
    }
    const wf_track *k = track_of(t, first->state[second]);
    if (k == NULL) k = wf_tracker_find(t, own);  // unseen now, maybe lost: what it says stands
    if (k == NULL) continue;
    if (k->id != own) r->numbers++;
    own = k->id;
    r->life = k->life, r->reason = k->reason;
    judge_launch(k, path, r);
    judge_consistency(k, first->state[second], second, path, r);
    judge_fall(t, k, path, r);
    if (second == (int)r->judged_s) judge(t, k, path, r);
    if (path->turn_s > 0.0 && second > path->turn_s) judge_footprint(t, k, path, r);
  }
  wf_tracker_free(t);
}
