#include "motion/powered.h"

#include <math.h>

#include "ascent.h"
#include "field.h"

#define SUBSTEP_S 0.05
#define COAST_TOLERANCE_M 1e-3
#define EVENT_EPS_S 1e-9

double wf_powered_burnout_s(const wf_vehicle *v) {
  double t = 0.0;
  for (int i = 0; i < v->stage_count; i++) {
    t += v->stage[i].burn_s;
    if (i + 1 < v->stage_count) t += v->stage[i].coast_after_s;
  }
  return t;
}

// Where in the programme a time falls. A stage's dry mass is dropped at the end of its burn; its coast belongs to it.
typedef struct segment {
  int stage;
  double start_s, end_s;
  bool burning;
} segment;

static segment segment_at(const wf_vehicle *v, double t_s) {
  double t = 0.0;
  for (int i = 0; i < v->stage_count; i++) {
    const double burn_end = t + v->stage[i].burn_s;
    if (t_s < burn_end - EVENT_EPS_S) return (segment){i, t, burn_end, true};
    if (i + 1 == v->stage_count) break;
    t = burn_end + v->stage[i].coast_after_s;
    if (t_s < t - EVENT_EPS_S) return (segment){i, burn_end, t, false};
  }
  return (segment){-1, wf_powered_burnout_s(v), INFINITY, false};
}

static double mass_kg(const wf_vehicle *v, const segment *s, double t_s) {
  double m = v->payload_kg;
  if (s->stage < 0) return m;
  for (int i = s->stage + 1; i < v->stage_count; i++) m += v->stage[i].propellant_kg + v->stage[i].dry_kg;
  if (!s->burning) return m;
  const wf_stage *g = &v->stage[s->stage];
  return m + g->dry_kg + g->propellant_kg * (s->end_s - t_s) / g->burn_s;
}

void wf_ascent_init(wf_ascent *a, const wf_launch *launch) {
  a->launch = launch;
  a->burnout_s = wf_powered_burnout_s(&launch->vehicle);
  wf_geo_ecef_from_lla(&launch->site, a->pad_ecef_m);
  wf_geo_enu_from_ecef_rotation(launch->site.lat_rad, launch->site.lon_rad, a->r_enu);
  const double s = wf_sin(launch->azimuth_rad), c = wf_cos(launch->azimuth_rad);
  for (int i = 0; i < 3; i++) a->forward[i] = s * a->r_enu[i] + c * a->r_enu[3 + i];
}

static void thrust_direction(const wf_ascent *a, double t_s, double dir[3]) {
  const wf_vehicle *v = &a->launch->vehicle;
  const double *up = a->r_enu + 6;
  double elevation = 0.5 * WF_PI;
  const double turn_s = a->burnout_s - v->pitch_start_s;
  if (t_s > v->pitch_start_s && turn_s > 0.0)
    elevation += (v->burnout_elevation_rad - elevation) * (t_s - v->pitch_start_s) / turn_s;
  double s, c;
  wf_sincos(elevation, &s, &c);
  for (int i = 0; i < 3; i++) dir[i] = c * a->forward[i] + s * up[i];
}

static void slope(const wf_ascent *a, const segment *seg, double t_s, const double *state, double *k) {
  const wf_vehicle *v = &a->launch->vehicle;
  const wf_stage *g = &v->stage[seg->stage];
  const double m = mass_kg(v, seg, t_s);
  const wf_dynamics dyn = {WF_GRAVITY_J2, g->drag_area_m2 / m};
  wf_field f;
  wf_field_at(&dyn, state, state + 3, true, false, &f);
  double dir[3];
  thrust_direction(a, t_s, dir);
  const double push = seg->burning ? g->thrust_n / m : 0.0;
  for (int i = 0; i < 3; i++) {
    k[i] = state[3 + i];
    k[3 + i] = f.acc[i] + push * dir[i];
  }
}

static void rk4(const wf_ascent *a, const segment *seg, double t_s, double h, double *state) {
  double k1[6], k2[6], k3[6], k4[6], s[6];
  slope(a, seg, t_s, state, k1);
  for (int i = 0; i < 6; i++) s[i] = state[i] + 0.5 * h * k1[i];
  slope(a, seg, t_s + 0.5 * h, s, k2);
  for (int i = 0; i < 6; i++) s[i] = state[i] + 0.5 * h * k2[i];
  slope(a, seg, t_s + 0.5 * h, s, k3);
  for (int i = 0; i < 6; i++) s[i] = state[i] + h * k3[i];
  slope(a, seg, t_s + h, s, k4);
  for (int i = 0; i < 6; i++) state[i] += h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
}

// The pad carries a vehicle whose thrust does not yet lift it.
static bool held_by_pad(const wf_ascent *a, const segment *seg, double t_s, const double *state) {
  double above[3], k[6];
  wf_vec_sub(state, a->pad_ecef_m, above);
  if (wf_vec_dot(above, a->r_enu + 6) > 0.0) return false;
  slope(a, seg, t_s, state, k);
  return wf_vec_dot(k + 3, a->r_enu + 6) <= 0.0;
}

wf_status wf_ascent_advance(const wf_ascent *a, double until_s, double substep_s, wf_powered_state *s) {
  const wf_vehicle *v = &a->launch->vehicle;
  while (s->t_s < until_s - EVENT_EPS_S) {
    const segment seg = segment_at(v, s->t_s);
    if (seg.stage < 0) break;
    double end_s = seg.end_s < until_s ? seg.end_s : until_s;
    if (s->t_s < v->pitch_start_s - EVENT_EPS_S && end_s > v->pitch_start_s) end_s = v->pitch_start_s;
    const double span = end_s - s->t_s;
    const int count = (int)(-wf_floor(-(span / substep_s) + 1e-9));
    const double h = span / (count > 0 ? count : 1), start_s = s->t_s;
    for (int n = 0; n < count; n++) {
      const double t = start_s + n * h;
      if (!held_by_pad(a, &seg, t, s->state)) rk4(a, &seg, t, h, s->state);
    }
    s->t_s = end_s;
  }
  const segment seg = segment_at(v, s->t_s);
  s->stage = seg.stage;
  s->mass_kg = mass_kg(v, &seg, s->t_s);
  if (seg.stage < 0 && until_s > s->t_s) {
    const wf_dynamics dyn = wf_ascent_coast(v);
    const wf_status status = wf_motion_propagate_adaptive(&dyn, until_s - s->t_s, COAST_TOLERANCE_M, s->state);
    if (status != WF_OK) return status;
  }
  s->t_s = until_s;
  return isfinite(s->state[0] + s->state[3]) ? WF_OK : WF_EDIVERGED;
}

wf_dynamics wf_ascent_coast(const wf_vehicle *v) {
  return (wf_dynamics){WF_GRAVITY_J2, v->payload_beta_kg_m2 > 0.0 ? 1.0 / v->payload_beta_kg_m2 : 0.0};
}

static bool usable(const wf_vehicle *v) {
  if (v->stage_count < 0 || v->stage_count > WF_STAGES_MAX || !(v->payload_kg > 0.0)) return false;
  for (int i = 0; i < v->stage_count; i++) {
    const wf_stage *s = &v->stage[i];
    if (!(s->burn_s > 0.0) || !(s->propellant_kg >= 0.0) || !(s->dry_kg >= 0.0) || !(s->thrust_n >= 0.0)) return false;
    if (!(s->coast_after_s >= 0.0) || !(s->drag_area_m2 >= 0.0)) return false;
    if (!isfinite(s->burn_s + s->propellant_kg + s->dry_kg + s->thrust_n + s->coast_after_s + s->drag_area_m2))
      return false;
  }
  return isfinite(v->payload_kg + v->pitch_start_s + v->burnout_elevation_rad);
}

void wf_powered_init(const wf_launch *launch, wf_powered_state *s) {
  const segment seg = segment_at(&launch->vehicle, 0.0);
  *s = (wf_powered_state){.mass_kg = mass_kg(&launch->vehicle, &seg, 0.0), .stage = seg.stage};
  wf_geo_ecef_from_lla(&launch->site, s->state);
}

wf_status wf_powered_advance(const wf_launch *launch, double dt_s, wf_powered_state *s) {
  if (!(dt_s >= 0.0) || !isfinite(dt_s) || !usable(&launch->vehicle)) return WF_EINVAL;
  wf_ascent a;
  wf_ascent_init(&a, launch);
  return wf_ascent_advance(&a, s->t_s + dt_s, SUBSTEP_S, s);
}
