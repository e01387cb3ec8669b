// What kind of flight it is, as probabilities: by the longest range its energy could reach (a lofted flight falls
// near), by the shape, by orbit, by what it did in the air.
#include "base/fmath.h"
#include "geo/geodesic.h"
#include "geo/wgs84.h"
#include "motion/impact.h"
#include "warn/warn.h"

#define CHI_95 2.4477468306808166
// Flat: an apogee below 0.48 of that of the flight of least energy over the same range, ± 0.12. Over short ranges that
// is a launch at 26° (docs/warnings.md), flatter than anything that falls through the air can be.
#define FLAT 0.48
#define FLAT_SIGMA 0.12

const char *wf_flight_class_name(wf_flight_class c) {
  static const char *const NAMES[WF_CLASS_COUNT] = {"short_range",      "medium_range", "intermediate_range",
                                                    "intercontinental", "space_launch", "not_ballistic",
                                                    "unknown"};
  return (unsigned)c < WF_CLASS_COUNT ? NAMES[c] : NAMES[WF_CLASS_UNKNOWN];
}

// Ranges of the four classes: 1,000, 3,000, 5,500 km.
static void by_range(double range_m, double sigma_m, double part, double out[WF_CLASS_COUNT]) {
  static const double BOUND_M[] = {1e6, 3e6, 5.5e6};
  double before = 0;
  for (int i = 0; i < 4; i++) {
    const double up_to = i < 3 ? wf_normal_cdf((BOUND_M[i] - range_m) / sigma_m) : 1.0;
    out[i] = part * (up_to - before);
    before = up_to;
  }
}

// Apogee over range of the flight of least energy over a round Earth: a quarter for short ranges, 0.13 for 10,000 km.
static double least_energy_shape(double range_m) {
  double s, c;
  wf_sincos(range_m / WF_WGS84_A_M / 2, &s, &c);
  return range_m > 1e3 ? 0.5 * WF_WGS84_A_M * (s + c - 1) / range_m : 0.25;
}

#define LEAST_SIGMA 0.02  // of the range: drag, what is not known of the burn

static double ground_radius_m(const double pos[3]) {
  const double up2 = pos[2] * pos[2] / (pos[0] * pos[0] + pos[1] * pos[1] + pos[2] * pos[2]);
  return WF_WGS84_A_M * (1.0 - WF_WGS84_F * up2);
}

// Energy against the turning ground below: Jacobi's integral, so it is the same all along a fall.
static double ground_energy_j_kg(const double state[6], double ground_m) {
  const double r = wf_sqrt(state[0] * state[0] + state[1] * state[1] + state[2] * state[2]);
  const double v2 = state[3] * state[3] + state[4] * state[4] + state[5] * state[5];
  const double turn = WF_WGS84_OMEGA_RAD_S * wf_sqrt(state[0] * state[0] + state[1] * state[1]), low = ground_m / r;
  return 0.5 * (v2 - turn * turn * (1.0 - low * low)) - WF_WGS84_GM_M3_S2 / r;
}

// The longest range that a vacuum ellipse of this energy reaches between two points of a sphere: sin ψ/2 = Q/(2 − Q)
// with Q = v² r/GM at the ground (Bate, Mueller & White 1971, eq. 6.2-18).
static double longest_range_m(double energy_j_kg, double ground_m) {
  const double q = 2.0 * (energy_j_kg * ground_m / WF_WGS84_GM_M3_S2 + 1.0);
  if (q <= 0.0) return 0.0;
  if (q >= 1.0) return WF_PI * ground_m;
  return 2.0 * ground_m * wf_asin(q / (2.0 - q));
}

// How well it is known: through the speed.
static double range_sigma_m(const wf_track *t, double energy_j_kg, double ground_m) {
  double variance = 0;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) variance += t->state[3 + i] * t->covariance[6 * (3 + i) + 3 + j] * t->state[3 + j];
  const double sigma_j_kg = wf_sqrt(variance > 0 ? variance : 0), range_m = longest_range_m(energy_j_kg, ground_m);
  return longest_range_m(energy_j_kg + sigma_j_kg, ground_m) - range_m + LEAST_SIGMA * range_m + 1.0;
}

void wf_warn_classify(const wf_common_track *t, double out[WF_CLASS_COUNT]) {
  for (int i = 0; i < WF_CLASS_COUNT; i++) out[i] = 0;
  double energy, perigee_m, apogee_m;
  if (t->track.reason == WF_REASON_ORBITAL || t->impact.reason == WF_IMPACT_ORBIT) {
    out[WF_CLASS_SPACE_LAUNCH] = 1;
    return;
  }
  if (t->track.not_ballistic) {
    out[WF_CLASS_NOT_BALLISTIC] = 1;
    return;
  }
  if (!t->impact.valid || !t->track.launch.valid) {
    out[WF_CLASS_UNKNOWN] = 1;
    return;
  }
  const wf_ground_ellipse *l = &t->track.launch.area, *f = &t->impact.area;
  const double range_m = wf_geo_distance_m(l->lat_rad, l->lon_rad, f->lat_rad, f->lon_rad, NULL, NULL);
  const double sigma_m = wf_hypot(l->semi_major_95_m, f->semi_major_95_m) / CHI_95 + 1.0;
  wf_motion_osculating(t->track.state, &energy, &perigee_m, &apogee_m);
  const double shape = (apogee_m - WF_WGS84_A_M) / (range_m > 1 ? range_m : 1) / least_energy_shape(range_m);
  const double shape_sigma = FLAT_SIGMA + shape * sigma_m / (range_m + sigma_m);
  const double flat = wf_normal_cdf((FLAT - shape) / shape_sigma);
  // Under thrust the range is what it would be if the engine stopped now: a lower bound, so all beyond stays open.
  const double open = t->track.phase == WF_PHASE_BOOST ? 0.5 : 0.0;
  const double ground_m = ground_radius_m(t->track.state);
  energy = ground_energy_j_kg(t->track.state, ground_m);
  by_range(longest_range_m(energy, ground_m), range_sigma_m(&t->track, energy, ground_m), (1 - flat) * (1 - open), out);
  out[WF_CLASS_NOT_BALLISTIC] = flat * (1 - open);
  out[WF_CLASS_UNKNOWN] = open;
}
