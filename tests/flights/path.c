// What flew: powered ascent by motion/powered.h; then a fall, a third burn into orbit, a glide or a pull-up, or a
// failure.
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "fly.h"
#include "motion/atmosphere.h"

#define STEP_S 0.05
#define BETA_TUMBLING_KG_M2 300.0
#define INSERTION_M_S2 25.0
#define LIFT_TO_DRAG 2.5
#define LIFT_MAX_M_S2 100.0
#define GLIDE_END_M_S 800.0
#define PULL_UP_S 15.0

typedef enum manner { FALLS, INSERTS, GLIDES, PULLS_UP } manner;

typedef struct flying {
  double t_s, state[6], beta_kg_m2;
  bool thrusting, done, lifted;
  double lift_from_s, climbed_s;
} flying;

static double height_of(const double pos[3], double up[3]) {
  wf_lla lla;
  wf_geo_lla_from_ecef(pos, &lla);
  wf_site site;
  wf_site_init(&site, &lla);
  for (int i = 0; i < 3; i++) up[i] = site.enu_from_ecef[6 + i];
  return lla.h_m;
}

// A burn along the horizon at the top of the flight, until the perigee is above the air.
static void insertion(flying *f, const double up[3], double a[3]) {
  double energy, perigee_m, apogee_m, climb = wf_vec_dot(up, f->state + 3), level[3];
  if (f->done || (climb > 0.0 && !f->thrusting)) return;
  wf_motion_osculating(f->state, &energy, &perigee_m, &apogee_m);
  f->thrusting = perigee_m < 6371e3 + 350e3;
  f->done = !f->thrusting;
  if (f->done) return;
  for (int i = 0; i < 3; i++) level[i] = f->state[3 + i] - climb * up[i];
  const double n = wf_vec_norm(level);
  const double lift = climb < 0.0 ? 9.0 : 0.0;  // keeps it from sinking meanwhile
  for (int i = 0; i < 3; i++) a[i] += INSERTION_M_S2 * level[i] / n + lift * up[i];
}

// Lift across the path: up until level, then what holds a shallow descent, a third of it to one side; or up once, for a
// while.
static void lift(flying *f, manner how, const double up[3], double height_m, double a[3]) {
  const double *v = f->state + 3;
  const double speed = wf_vec_norm(v), climb = wf_vec_dot(up, v);
  double u[3], normal[3], side[3];
  if (!f->lifted && (climb > 0.0 || height_m > 38e3)) return;
  if (!f->lifted) f->lift_from_s = f->t_s;
  f->lifted = true;
  if (speed < GLIDE_END_M_S || (how == PULLS_UP && f->t_s > f->lift_from_s + PULL_UP_S)) return;
  for (int i = 0; i < 3; i++) u[i] = v[i] / speed;
  for (int i = 0; i < 3; i++) normal[i] = up[i] - wf_vec_dot(up, u) * u[i];
  const double n = wf_vec_norm(normal);
  for (int i = 0; i < 3; i++) normal[i] /= n;
  wf_vec_cross(u, normal, side);
  double most = LIFT_TO_DRAG * 0.5 * wf_motion_density_kg_m3(height_m, NULL) * speed * speed / f->beta_kg_m2;
  if (most > LIFT_MAX_M_S2) most = LIFT_MAX_M_S2;
  double want = how == PULLS_UP ? most : 9.7 - speed * speed / 6.4e6 - 0.1 * (climb + 40.0);
  if (want > most) want = most;
  if (want < 0.0) want = 0.0;
  for (int i = 0; i < 3; i++) a[i] += want * (normal[i] + (how == GLIDES ? 0.35 : 0.0) * side[i]);
}

// Velocity by the extra push, position by both halves of it: enough for a made-up path.
static void advance(flying *f, manner how, double step_s) {
  double up[3], a[3] = {0};
  const double height_m = height_of(f->state, up);
  if (how == INSERTS) insertion(f, up, a);
  if (how == GLIDES || how == PULLS_UP) lift(f, how, up, height_m, a);
  const wf_dynamics dyn = {WF_GRAVITY_J4, height_m < 200e3 ? 1.0 / f->beta_kg_m2 : 0.0};
  for (int i = 0; i < 3; i++) f->state[3 + i] += 0.5 * step_s * a[i];
  wf_motion_rk4_step(&dyn, step_s, f->state, NULL, NULL);
  for (int i = 0; i < 3; i++) f->state[3 + i] += 0.5 * step_s * a[i];
  f->t_s += step_s;
}

static bool begin_body(fly_path *p, int begins_s) {
  fly_body *b = &p->body[p->bodies];
  b->begins_s = b->ends_s = begins_s;
  b->state = calloc(FLY_SECONDS_MAX, sizeof *b->state);
  b->thrusting = calloc(FLY_SECONDS_MAX, sizeof *b->thrusting);
  if (b->state == NULL || b->thrusting == NULL) return false;
  p->bodies++;
  return true;
}

static void note(fly_body *b, const double state[6], bool thrusting) {
  memcpy(b->state[b->ends_s], state, sizeof b->state[0]);
  b->thrusting[b->ends_s++] = thrusting;
}

static bool burns(const wf_vehicle *v, double t_s) {
  double from = 0.0;
  for (int i = 0; i < v->stage_count; i++) {
    if (t_s >= from && t_s < from + v->stage[i].burn_s) return true;
    from += v->stage[i].burn_s + v->stage[i].coast_after_s;
  }
  return false;
}

static void climb(const wf_launch *launch, double until_s, fly_body *b, flying *f) {
  wf_powered_state s;
  wf_powered_init(launch, &s);
  for (; s.t_s < until_s - 1e-9;) {
    note(b, s.state, burns(&launch->vehicle, s.t_s));
    const double step_s = until_s - s.t_s < 1.0 ? until_s - s.t_s : 1.0;
    if (wf_powered_advance(launch, step_s, &s) != WF_OK) break;
  }
  // The rest of a broken second belongs to the fall: rows stand on whole seconds.
  f->t_s = s.t_s;
  memcpy(f->state, s.state, sizeof f->state);
}

static void fall(fly_path *p, fly_body *b, flying *f, manner how) {
  double up[3];
  while (b->ends_s < FLY_SECONDS_MAX) {
    while (f->t_s < b->ends_s && height_of(f->state, up) >= 0.0)
      advance(f, how, b->ends_s - f->t_s < STEP_S ? b->ends_s - f->t_s : STEP_S);
    const double below_m = -height_of(f->state, up);
    if (below_m > 0.0) {  // back to the ground
      const double over_s = below_m / -wf_vec_dot(up, f->state + 3);
      for (int i = 0; i < 3; i++) f->state[i] -= over_s * f->state[3 + i];
      f->t_s -= over_s;
      break;
    }
    note(b, f->state, f->thrusting);
    if (f->done && b->ends_s > p->burnout_s + 400.0) return;
    if (f->thrusting) p->burnout_s = f->t_s;
  }
  if (p->turn_s == 0.0 && f->lifted) p->turn_s = f->lift_from_s;
  if (b != &p->body[0]) return;
  wf_lla lla;
  wf_geo_lla_from_ecef(f->state, &lla);
  p->down_s = f->t_s;
  p->down_lat_rad = lla.lat_rad;
  p->down_lon_rad = lla.lon_rad;
}

static bool solve(const entry *e, const wf_lla *site, wf_launch *launch) {
  double flight_s;
  if (e->kind != NOT_BALLISTIC)
    return wf_powered_solve(site, e->azimuth_deg * WF_DEG, e->apogee_km * 1e3, e->range_km * 1e3, launch, &flight_s) ==
           WF_OK;
  for (double share = 0.6; share > 0.3; share -= 0.05) {
    const double apogee_m = 1e3 * (e->apogee_km < 45.0 ? 45.0 : e->apogee_km);
    if (wf_powered_solve(site, e->azimuth_deg * WF_DEG, apogee_m, share * e->range_km * 1e3, launch, &flight_s) ==
        WF_OK)
      return true;
  }
  return false;
}

bool fly_path_of(const entry *e, fly_path *out) {
  wf_launch launch;
  memset(out, 0, sizeof *out);
  out->site = (wf_lla){e->lat_deg * WF_DEG, e->lon_deg * WF_DEG, 0.0};
  if (!solve(e, &out->site, &launch) || !begin_body(out, 0)) return false;
  const double whole_s = wf_powered_burnout_s(&launch.vehicle);
  const bool fails = e->kind == FAILURE;
  out->burnout_s = fails ? e->fails_at * whole_s : whole_s;
  flying f = {.beta_kg_m2 = fails                      ? BETA_TUMBLING_KG_M2
                            : e->kind == NOT_BALLISTIC ? 3000.0
                                                       : launch.vehicle.payload_beta_kg_m2};
  climb(&launch, out->burnout_s, &out->body[0], &f);
  const flying at_end = f;
  const bool glider = e->name[0] == 'H';
  const manner how = e->kind == SPACE_LAUNCH ? INSERTS : e->kind != NOT_BALLISTIC ? FALLS : glider ? GLIDES : PULLS_UP;
  fall(out, &out->body[0], &f, how);
  wf_rng rng;
  wf_rng_seed(&rng, 7);
  for (int k = 1; fails && e->breaks_up && k < FLY_PIECES; k++) {
    flying piece = at_end;
    piece.beta_kg_m2 = BETA_TUMBLING_KG_M2 / (1.0 + k);
    for (int i = 3; i < 6; i++) piece.state[i] += 30.0 * wf_rng_normal(&rng);
    if (!begin_body(out, (int)wf_floor(at_end.t_s + 0.999))) return false;
    fall(out, &out->body[k], &piece, FALLS);
  }
  return true;
}

void fly_path_free(fly_path *p) {
  for (int k = 0; k < p->bodies; k++) {
    free(p->body[k].state);
    free(p->body[k].thrusting);
  }
}
