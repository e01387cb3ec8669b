// Own areas under the path: the ground track of the prediction, as wide as policy says and as it is uncertain.
#include <string.h>

#include "base/fmath.h"
#include "geo/wgs84.h"
#include "inside.h"
#include "motion/dynamics.h"
#include "plane.h"

enum { PATH_POINTS = 100 };
#define STEP_MIN_S 2.0
#define LEAVES 1.25  // an area in the corridor leaves it when the corridor is this much too narrow
#define CHI_95 2.4477468306808166
#define TWO_SIGMA 2.0
#define LENGTH_KNOWN 3.0

typedef struct path_point {
  wf_time time;
  double lat_rad, lon_rad, height_m, half_m;
} path_point;

typedef struct path {
  int count;
  double sigma_m, step_m;  // largest across; largest step
  path_point point[PATH_POINTS];
} path;

warn_pass *warn_pass_of(const wf_warn *w, const warn_event *e, size_t area) {
  return w->passes + (size_t)(e - w->events) * w->area_count + area;
}

static double across_m(const wf_ground_ellipse *e, double course_rad) {
  double s, c;
  wf_sincos(e->azimuth_rad - course_rad, &s, &c);
  return wf_hypot(e->semi_major_95_m * s, e->semi_minor_95_m * c) / CHI_95;
}

static double course_of(const path_point *a, const path_point *b, double *distance_m) {
  const double north_m = (b->lat_rad - a->lat_rad) * WF_WGS84_A_M;
  const double east_m = wf_wrap_pi(b->lon_rad - a->lon_rad) * WF_WGS84_A_M * wf_cos(a->lat_rad);
  *distance_m = wf_hypot(north_m, east_m);
  return wf_atan2(east_m, north_m);
}

// As near to the fall as the corridor is wide nothing passes over anybody any more: there the probability speaks.
static void leave_out_fall(path *p) {
  double ahead_m = 0, distance_m = 0;
  while (p->count > 0 && ahead_m < p->point[p->count - 1].half_m) {
    if (p->count > 1) course_of(&p->point[p->count - 2], &p->point[p->count - 1], &distance_m);
    ahead_m += distance_m;
    p->count--;
  }
}

// Free fall from the state to the predicted impact. Above the air this is the path; in it, it is nearly down.
static void path_of(const wf_common_track *t, const wf_warn_config *config, path *p) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0};
  double state[6];
  wf_lla lla;
  memcpy(state, t->track.state, sizeof state);
  const double left_s = wf_time_diff_s(t->impact.time, t->track.time);
  double step_s = left_s / (PATH_POINTS - 1);
  if (step_s < STEP_MIN_S) step_s = STEP_MIN_S;
  *p = (path){0};
  while (p->count < PATH_POINTS && p->count * step_s <= left_s) {
    wf_geo_lla_from_ecef(state, &lla);
    if (lla.h_m < 0) break;
    p->point[p->count] =
        (path_point){wf_time_add_s(t->track.time, p->count * step_s), lla.lat_rad, lla.lon_rad, lla.h_m, 0};
    p->count++;
    wf_motion_propagate(&vacuum, step_s, step_s, state, NULL, NULL);
  }
  double course_rad = 0, distance_m = 0;
  for (int i = 0; i + 1 < p->count; i++) {
    course_rad = course_of(&p->point[i], &p->point[i + 1], &distance_m);
    if (distance_m > p->step_m) p->step_m = distance_m;
  }
  p->sigma_m = across_m(&t->impact.area, course_rad);
  for (int i = 0; i < p->count; i++)
    p->point[i].half_m = config->corridor_m + TWO_SIGMA * p->sigma_m * (i + 1) / p->count;
  leave_out_fall(p);
}

static bool near_box(const path_point *p, const warn_box *box, double within_m) {
  if (box->half_lon_rad < 0) return false;
  const double reach_rad = within_m / WF_WGS84_A_M, c = wf_cos(p->lat_rad);
  double off_rad = wf_wrap_pi(p->lon_rad - box->mid_lon_rad);
  if (off_rad < 0) off_rad = -off_rad;
  return p->lat_rad > box->south_rad - reach_rad && p->lat_rad < box->north_rad + reach_rad &&
         off_rad * c < box->half_lon_rad * c + reach_rad;
}

static bool over(const path *p, const wf_area *area, const warn_box *box, double factor, warn_pass *pass) {
  *pass = (warn_pass){.height_m = 1e9};
  for (int i = 0; i < p->count; i++) {
    const path_point *at = &p->point[i];
    const double within_m = at->half_m * factor + p->step_m / 2;
    if (!near_box(at, box, within_m) || !warn_near_area(at->lat_rad, at->lon_rad, area, within_m)) continue;
    if (pass->first.ns == 0) pass->first = at->time;
    pass->last = at->time;
    if (at->height_m < pass->height_m) pass->height_m = at->height_m;
  }
  return pass->first.ns != 0;
}

// What the path can come near, by its ends alone: most objects pass nobody's areas, and cost no path.
static bool comes_near(const wf_warn *w, const wf_common_track *lead) {
  wf_lla from;
  wf_geo_lla_from_ecef(lead->track.state, &from);
  const wf_ground_ellipse *to = &lead->impact.area;
  const double east_rad = wf_wrap_pi(to->lon_rad - from.lon_rad), north_rad = to->lat_rad - from.lat_rad;
  const double length_rad = wf_hypot(north_rad, east_rad);
  const double margin_rad = (w->config.corridor_m + to->semi_major_95_m) / WF_WGS84_A_M + 0.3 * length_rad;
  const double top_rad = (from.lat_rad > to->lat_rad ? from.lat_rad : to->lat_rad) + margin_rad;
  const double low_rad = (from.lat_rad < to->lat_rad ? from.lat_rad : to->lat_rad) - margin_rad;
  const double furthest_rad = top_rad > -low_rad ? top_rad : -low_rad;
  if (furthest_rad > 1.3) return true;  // near a pole
  const warn_box box = {low_rad, top_rad, wf_wrap_pi(from.lon_rad + east_rad / 2),
                        (east_rad < 0 ? -east_rad : east_rad) / 2 + margin_rad / wf_cos(furthest_rad)};
  for (size_t i = 0; i < w->area_count; i++)
    if (!warn_boxes_apart(&box, &w->boxes[i])) return true;
  return false;
}

void warn_assess_corridor(wf_warn *w, warn_event *e, const wf_common_track *lead, wf_time now) {
  uint8_t *marks = warn_marks_of(w, e);
  path p;
  if (w->config.corridor_m <= 0 || !e->alive || e->lost_since.ns != 0 || !lead->impact.valid) return;
  if (lead->track.phase == WF_PHASE_BOOST) return;  // where a flight goes whose engine still burns, nobody knows
  // How far it flies must be known roughly, or the path ends anywhere.
  if (lead->impact.area.semi_major_95_m > LENGTH_KNOWN * w->config.area_max_semi_major_m) return;
  if (!comes_near(w, lead)) return;
  path_of(lead, &w->config, &p);
  const bool known = w->config.corridor_sigma_max_m <= 0 || p.sigma_m <= w->config.corridor_sigma_max_m;
  for (size_t i = 0; i < w->area_count; i++) {
    warn_pass pass;
    const bool was = (marks[i] & WARN_MARK_CORRIDOR) != 0;
    if (!known && !was) continue;
    // What has been said to have passed is not told again for the tail of the corridor.
    const bool is = (marks[i] & WARN_MARK_PASSED) == 0 && over(&p, &w->areas[i], &w->boxes[i], was ? LEAVES : 1, &pass);
    marks[i] = (uint8_t)((marks[i] & ~WARN_MARK_CORRIDOR) | (is ? WARN_MARK_CORRIDOR : 0));
    if (is) *warn_pass_of(w, e, i) = pass;
  }
}
