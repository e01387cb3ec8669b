#include "warn/map.h"

#include <string.h>

#include "base/fmath.h"
#include "geo/geodesic.h"
#include "geo/wgs84.h"
#include "motion/dynamics.h"
#include "motion/impact.h"
#include "warn/warn.h"

#define BURN_STEP_S 2.0
#define CHI_95 2.4477468306808166
#define LIFT_MOST 2.0      // lift over drag of what glides, notional; anything up to it is as likely
#define GLIDES_FROM 0.05   // below this chance of not being ballistic nothing is said of a glide
#define SIDEWAYS 0.5       // of the glide's length, to each side (95 %)
#define ORBITAL_MOST 0.95  // of circular speed squared: beyond, a glide goes anywhere
#define MU_M3_S2 3.986004418e14

static void add(wf_impact_map *map, double weight, const wf_ground_ellipse *area) {
  map->part[map->count].weight = weight;
  map->part[map->count++].area = *area;
}

// Engine on along the velocity for so long, then free fall: where it comes down.
static bool burn_on(const wf_track *t, double burn_s, wf_ground_ellipse *area) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0};
  double state[6];
  wf_impact impact;
  memcpy(state, t->state, sizeof state);
  for (double left_s = burn_s; left_s > 0; left_s -= BURN_STEP_S) {
    const double step_s = left_s < BURN_STEP_S ? left_s : BURN_STEP_S;
    const double speed_m_s = wf_sqrt(state[3] * state[3] + state[4] * state[4] + state[5] * state[5]);
    for (int i = 3; i < 6 && speed_m_s > 0; i++) state[i] += state[i] / speed_m_s * t->thrust_m_s2 * step_s;
    wf_motion_propagate(&vacuum, step_s, step_s, state, NULL, NULL);
  }
  if (wf_motion_impact(&WF_IMPACT_VACUUM, state, NULL, &impact) != WF_OK || impact.reason != WF_IMPACT_OK) return false;
  area->lat_rad = impact.lat_rad;
  area->lon_rad = impact.lon_rad;
  return true;
}

// While it thrusts the engine may stop at any moment. What is left of the burn is unknown, so exponential with a mean
// of 40 s (a notional stage half-way); its five fifths stand for it by their medians.
static void add_burning(const wf_common_track *t, wf_impact_map *map) {
  static const double LEFT_S[] = {4.2, 14.3, 27.7, 48.2, 92.1};  // −40 ln(1 − q), q = 0.1, 0.3 … 0.9
  for (size_t k = 0; k < sizeof LEFT_S / sizeof *LEFT_S; k++) {
    wf_ground_ellipse part = t->impact.area;
    if (burn_on(&t->track, LEFT_S[k], &part)) add(map, 0.2, &part);
  }
}

// Range of an equilibrium glide from the present speed, per unit of lift over drag (Eggers, Allen, Neice, NACA TR 1382,
// 1958, eq. 35: R/2 · L/D · ln 1/(1 − V²)).
static double glide_m(const double state[6]) {
  const double r_m = wf_sqrt(state[0] * state[0] + state[1] * state[1] + state[2] * state[2]);
  double v2 = (state[3] * state[3] + state[4] * state[4] + state[5] * state[5]) * r_m / MU_M3_S2;
  if (v2 > ORBITAL_MOST) v2 = ORBITAL_MOST;
  return -0.5 * WF_WGS84_A_M * wf_log(1.0 - v2);
}

// It pulls up and glides on past the point where it would fall, some way to each side: by quarters of the lift.
static void add_gliding(const wf_common_track *t, double chance, wf_impact_map *map) {
  const wf_ground_ellipse *fall = &t->impact.area;
  wf_lla at;
  double course_rad = 0, back_rad = 0;
  wf_geo_lla_from_ecef(t->track.state, &at);
  wf_geo_distance_m(fall->lat_rad, fall->lon_rad, at.lat_rad, at.lon_rad, &back_rad, NULL);
  course_rad = back_rad + WF_PI;
  for (int k = 0; k < 4; k++) {
    const double length_m = glide_m(t->track.state) * LIFT_MOST * (k + 0.5) / 4, step_m = length_m / (k + 0.5) / 2;
    wf_ground_ellipse part = {.azimuth_rad = wf_wrap_2pi(course_rad)};
    wf_geo_direct(fall->lat_rad, fall->lon_rad, course_rad, length_m, &part.lat_rad, &part.lon_rad);
    const double along_m = wf_hypot(fall->semi_major_95_m, step_m);
    const double side_m = wf_hypot(fall->semi_minor_95_m, SIDEWAYS * length_m);
    part.semi_major_95_m = along_m > side_m ? along_m : side_m;
    part.semi_minor_95_m = along_m > side_m ? side_m : along_m;
    if (side_m > along_m) part.azimuth_rad = wf_wrap_2pi(course_rad + WF_PI / 2);
    add(map, chance / 4, &part);
  }
}

void wf_warn_map_of_fall(const wf_common_track *t, wf_impact_map *out) {
  out->count = 0;
  if (!t->impact.valid) return;
  if (t->track.phase == WF_PHASE_BOOST && t->track.thrust_m_s2 > 0)
    add_burning(t, out);
  else
    add(out, 1, &t->impact.area);
}

void wf_warn_map(const wf_common_track *t, wf_impact_map *out) {
  double class[WF_CLASS_COUNT];
  wf_warn_map_of_fall(t, out);
  if (out->count != 1 || t->track.phase == WF_PHASE_BOOST) return;
  wf_warn_classify(t, class);
  const double glides = class[WF_CLASS_NOT_BALLISTIC];
  if (glides < GLIDES_FROM) return;
  out->part[0].weight = 1 - glides;
  add_gliding(t, glides, out);
}
