// What kind of flight it is, as probabilities: by the energy that the range stands for, by the shape, by orbit.
#include "base/fmath.h"
#include "geo/geodesic.h"
#include "geo/wgs84.h"
#include "motion/dynamics.h"
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

void wf_warn_classify(const wf_common_track *t, double out[WF_CLASS_COUNT]) {
  for (int i = 0; i < WF_CLASS_COUNT; i++) out[i] = 0;
  double energy, perigee_m, apogee_m;
  if (t->track.reason == WF_REASON_ORBITAL) {
    out[WF_CLASS_SPACE_LAUNCH] = 1;
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
  by_range(range_m, sigma_m, (1 - flat) * (1 - open), out);
  out[WF_CLASS_NOT_BALLISTIC] = flat * (1 - open);
  out[WF_CLASS_UNKNOWN] = open;
}
