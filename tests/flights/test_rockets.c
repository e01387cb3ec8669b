// Real ascents (read from launch broadcasts, so made by no model of ours): height and downrange distance become a path,
// two notional radars look at it once a second, and the tracker must hold on to it through staging, boostback and entry
// burns. Prints a line per rocket.
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../shared_dir.h"
#include "../track/watch.h"
#include "../wf_test.h"
#include "geo/geodesic.h"
#include "motion/dynamics.h"

#define SECONDS_MAX 700
#define SMOOTH_S 3.0  // readings are rounded to 100 m
#define NEAR_M 30e3

static const char *const ROCKET[] = {
    "BulgariaSat-1", "Falcon_Heavy_Demo_1", "FormoSat-5", "Iridium_NEXT_3", "Iridium_NEXT_8", "Jason-3",
    "KoreaSat_5A",   "SAOCOM_1A",           "SES-11",     "SES-9",          "SpaceX_CRS-11",  "SpaceX_CRS-12"};
enum { ROCKETS = sizeof ROCKET / sizeof ROCKET[0] };
static const char *shared;

typedef struct ascent {
  int seconds;
  double height_m[SECONDS_MAX], downrange_m[SECONDS_MAX], pos[SECONDS_MAX][3];
  double burn_over_s;  // last end of a burn before a free rise to the top; 0: it burns on
  double top_m;
  int top_s;
} ascent;

static json_t *load(const char *rocket, const char *file) {
  char path[1024];
  snprintf(path, sizeof path, "%s/data/telemetry/%s/%s", shared, rocket, file);
  return json_load_file(path, 0, NULL);
}

// Gauss-weighted mean over the neighbours; ends keep what they have.
static void smooth(double *x, int n) {
  static double out[SECONDS_MAX];
  for (int i = 0; i < n; i++) {
    double sum = 0.0, weight = 0.0;
    const int reach = i < n - 1 - i ? (i < 9 ? i : 9) : (n - 1 - i < 9 ? n - 1 - i : 9);
    for (int k = -reach; k <= reach; k++) {
      const double w = exp(-0.5 * k * k / (SMOOTH_S * SMOOTH_S));
      sum += w * x[i + k];
      weight += w;
    }
    out[i] = sum / weight;
  }
  memcpy(x, out, (size_t)n * sizeof *x);
}

static double event_s(json_t *events, const char *name) {
  json_t *e = json_object_get(events, name);
  return json_is_number(e) ? json_number_value(e) : 0.0;
}

static void read_ascent(const char *rocket, ascent *a) {
  json_t *data = load(rocket, "analysed.json"), *events = load(rocket, "events.json");
  assert_non_null(data);
  assert_non_null(events);
  json_t *h = json_object_get(data, "altitude"), *d = json_object_get(data, "downrange_distance");
  a->seconds = (int)json_array_size(h);
  assert_true(a->seconds > 300 && a->seconds < SECONDS_MAX && json_array_size(d) == (size_t)a->seconds);
  for (int i = 0; i < a->seconds; i++) {
    a->height_m[i] = 1e3 * json_number_value(json_array_get(h, (size_t)i));
    a->downrange_m[i] = 1e3 * json_number_value(json_array_get(d, (size_t)i));
  }
  smooth(a->height_m, a->seconds);
  smooth(a->downrange_m, a->seconds);
  a->top_s = 0;
  for (int i = 0; i < a->seconds; i++) {
    double lat, lon;
    wf_geo_direct(28.5 * WF_DEG, -140.0 * WF_DEG, 80.0 * WF_DEG, a->downrange_m[i], &lat, &lon);
    wf_geo_ecef_from_lla(&(wf_lla){lat, lon, a->height_m[i]}, a->pos[i]);
    if (a->height_m[i] > a->height_m[a->top_s]) a->top_s = i;
  }
  a->top_m = a->height_m[a->top_s];
  a->burn_over_s = 0.0;
  static const char *const END[] = {"meco", "boostback_end"};
  for (int i = 0; i < 2 && event_s(events, "ses1") == 0.0; i++) {  // where no further stage burns on
    const double s = event_s(events, END[i]);
    if (s > a->burn_over_s && s < a->top_s) a->burn_over_s = s;
  }
  json_decref(data);
  json_decref(events);
}

// Highest point of a free fall from a state.
static double apogee_of(const double state[6]) {
  double s[6], top = -1e9;
  memcpy(s, state, sizeof s);
  for (int i = 0; i < 600; i++) {
    wf_lla lla;
    wf_geo_lla_from_ecef(s, &lla);
    if (lla.h_m < top) break;
    top = lla.h_m;
    const wf_dynamics fall = {WF_GRAVITY_J4, 0.0};
    wf_motion_propagate(&fall, 1.0, 1.0, s, NULL, NULL);
  }
  return top;
}

typedef struct held {
  int first_s, seen, followed, numbers, lost, stagings, burnouts, spare;
  double error2, apogee_m;
  bool apogee;
} held;

static held follow(const ascent *a, uint64_t seed) {
  held h = {.first_s = -1};
  wf_rng rng;
  wf_rng_seed(&rng, seed);
  wf_tracker *t = watch_tracker(WF_MEDIUM_ATMOSPHERE, 256, 256);
  wf_sensor radar[2] = {watch_radar("R1", 2.0), watch_radar("R2", 2.0)};
  wf_site site[2];
  uint16_t index[2];
  const double place[2][2] = {{26.3, -138.6}, {31.2, -133.0}};
  for (int k = 0; k < 2; k++) {
    radar[k].lla = (wf_lla){place[k][0] * WF_DEG, place[k][1] * WF_DEG, 0.0};
    radar[k].scan_period_s = 1.0;
    radar[k].range_max_m = 2000e3;
    radar[k].el_min_rad = 0.035;
    radar[k].box_range_m[0] = 50e3;
    radar[k].box_az_rad[0] = 0.0;
    radar[k].box_az_rad[1] = 6.283185;
    wf_site_init(&site[k], &radar[k].lla);
    index[k] = watch_add(t, &radar[k]);
  }
  uint64_t own = 0;
  for (int second = 0; second < a->seconds; second++) {
    const wf_time now = wf_time_from_s(second);
    bool seen = false;
    for (int k = 0; k < 2; k++) {
      wf_plot p[64];
      double state[6] = {a->pos[second][0], a->pos[second][1], a->pos[second][2]}, rae[3];
      wf_geo_rae_from_ecef(&site[k], state, rae, NULL);
      size_t n = 0;
      if (rae[2] > radar[k].el_min_rad) {
        seen = true;
        n = watch_plot(&radar[k], &site[k], index[k], state, now, &rng, &p[0]);
      }
      n += watch_clutter(&radar[k], index[k], now, &rng, p + n, 60);
      if (n > 0) wf_tracker_scan(t, p, n, NULL);
    }
    wf_tracker_advance(t, wf_time_from_s(second + 0.5));
    wf_track_event e[64];
    for (size_t n = wf_tracker_events(t, e, 64), i = 0; i < n; i++) {
      h.stagings += e[i].track == own && e[i].kind == WF_TRACK_STAGING;
      h.burnouts += e[i].track == own && e[i].kind == WF_TRACK_BURNOUT;
      h.lost += seen && e[i].track == own && e[i].kind == WF_TRACK_LOST;
    }
    const wf_track *k = watch_nearest(t, a->pos[second], NEAR_M);
    if (h.first_s < 0 && k == NULL) continue;
    if (h.first_s < 0) h.first_s = second;
    if (!seen) continue;
    h.seen++;
    h.spare = (int)watch_confirmed(t) - 1 > h.spare ? (int)watch_confirmed(t) - 1 : h.spare;
    if (k == NULL) continue;
    h.followed++;
    if (k->id != own) h.numbers++;
    own = k->id;
    double d[3];
    wf_vec_sub(k->state, a->pos[second], d);
    h.error2 += wf_vec_dot(d, d);
    if (a->burn_over_s > 0.0 && second == (int)a->burn_over_s + 15 && second < a->top_s) {
      h.apogee = true;
      h.apogee_m = apogee_of(k->state);
    }
  }
  wf_tracker_free(t);
  return h;
}

static void real_rockets(void **state) {
  static ascent a;
  double sum2 = 0.0;
  int apogees = 0, kept = 0;
  print_message(
      "| rocket | seconds | tracked from s | followed | tracks | lost | stagings, burnouts told | rms error m | "
      "apogee read km | predicted 15 s after the burn km | error km "
      "|\n|---|---|---|---|---|---|---|---|---|---|---|\n");
  for (int i = 0; i < ROCKETS; i++) {
    read_ascent(ROCKET[i], &a);
    const held h = follow(&a, 40 + (uint64_t)i);
    print_message("| %s | %d | %d | %d of %d | %d | %d | %d, %d | %.0f | %.1f | ", ROCKET[i], a.seconds, h.first_s,
                  h.followed, h.seen, h.numbers, h.lost, h.stagings, h.burnouts, sqrt(h.error2 / h.followed),
                  a.top_m / 1e3);
    if (h.apogee) {
      print_message("%.1f | %+.1f |\n", h.apogee_m / 1e3, (h.apogee_m - a.top_m) / 1e3);
      sum2 += (h.apogee_m - a.top_m) * (h.apogee_m - a.top_m);
      apogees++;
    } else {
      print_message("– | – |\n");
    }
    assert_true(h.first_s >= 0);
    kept += h.numbers == 1 && h.lost == 0;
    assert_true(h.followed >= 0.98 * h.seen);
  }
  print_message("apogee: %d predicted, rms error %.1f km\n", apogees, sqrt(sum2 / apogees) / 1e3);
  assert_true(apogees >= 6);
  assert_int_equal(kept, ROCKETS);
}

int main(void) {
  shared = wf_test_shared();
  if (shared == NULL) return WF_TEST_SKIPPED;
  const struct CMUnitTest tests[] = {cmocka_unit_test(real_rockets)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
