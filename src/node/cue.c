#include "node/cue.h"

#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "core.h"
#include "motion/dynamics.h"

#define STEP_S 4.0
#define STEP_FINE_S 0.5
#define POSITION_SIGMA_MOST_M 300e3
#define BETA_UNKNOWN_KG_M2 5000.0

typedef struct walk {
  wf_dynamics dyn;
  double t_s, x[6], phi[36];  // phi: from the track's time
} walk;

static void go(walk *w, double dt_s) {
  double stm[36], phi[36];
  wf_motion_propagate(&w->dyn, dt_s, 2.0, w->x, stm, NULL);
  wf_mat_mul(6, 6, 6, stm, w->phi, phi);
  memcpy(w->phi, phi, sizeof phi);
  w->t_s += dt_s;
}

static bool covers(const wf_site *site, const wf_sensor *s, const double x[6]) {
  double rae[3];
  wf_geo_rae_from_ecef(site, x, rae, NULL);
  return rae[0] <= s->range_max_m && rae[2] >= s->el_min_rad;
}

static bool down(const double x[6]) {
  wf_lla lla;
  wf_geo_lla_from_ecef(x, &lla);
  return lla.h_m <= 0.0;
}

// In coarse steps to the first that is covered, or no longer is, then back one and on in fine ones.
static bool walk_until(walk *w, const wf_site *site, const wf_sensor *s, bool covered) {
  while (w->t_s < WF_CUE_HORIZON_S && !down(w->x)) {
    const walk before = *w;
    go(w, STEP_S);
    if (covers(site, s, w->x) != covered || down(w->x)) continue;
    *w = before;
    while (covers(site, s, w->x) != covered && w->t_s < before.t_s + STEP_S) go(w, STEP_FINE_S);
    return true;
  }
  return false;
}

static void volume(const walk *w, const wf_site *site, const wf_common_track *t, wf_cue *out) {
  double rae[3], jacobian[9], p[36], now[36], s[9];
  wf_geo_rae_from_ecef(site, w->x, rae, jacobian);
  memcpy(p, t->track.covariance, sizeof p);
  wf_mat_congruence(6, w->phi, p, NULL, now);
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) {
      s[3 * i + j] = 0.0;
      for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) s[3 * i + j] += jacobian[3 * i + a] * now[6 * a + b] * jacobian[3 * j + b];
    }
  out->range_m = rae[0];
  out->az_rad = rae[1];
  out->el_rad = rae[2];
  out->sigma_range_m = wf_sqrt(s[0]);
  out->sigma_az_rad = wf_sqrt(s[4]);
  out->sigma_el_rad = wf_sqrt(s[8]);
  out->volume_m3 =
      216.0 * out->sigma_range_m * out->sigma_az_rad * rae[0] * wf_cos(rae[2]) * out->sigma_el_rad * rae[0];
  memcpy(out->pos_ecef_m, w->x, sizeof out->pos_ecef_m);
}

static bool falls(const wf_track *t) {
  const double variance = t->covariance[0] + t->covariance[7] + t->covariance[14];
  return (t->phase == WF_PHASE_COAST || t->phase == WF_PHASE_REENTRY) && t->life >= WF_LIFE_CONFIRMED &&
         t->life <= WF_LIFE_LOST && variance < POSITION_SIGMA_MOST_M * POSITION_SIGMA_MOST_M;
}

bool wf_cue_of(const wf_common_track *t, const wf_sensor *s, bool vacuum, wf_cue *out) {
  if (s->kind != WF_SENSOR_RADAR || !(s->range_max_m > 0.0) || !falls(&t->track)) return false;
  const double beta = t->track.ln_beta_sigma > 0.0 ? wf_exp(t->track.ln_beta) : BETA_UNKNOWN_KG_M2;
  walk w = {.dyn = {WF_GRAVITY_J4, vacuum ? 0.0 : 1.0 / beta}};
  wf_site site;
  wf_site_init(&site, &s->lla);
  memcpy(w.x, t->track.state, sizeof w.x);
  wf_mat_identity(6, w.phi);
  memset(out, 0, sizeof *out);
  out->track = t->number;
  memcpy(out->label, t->label, sizeof out->label);
  out->inside = covers(&site, s, w.x) && !down(w.x);
  if (!out->inside && !walk_until(&w, &site, s, true)) return false;
  out->enters = wf_time_add_s(t->track.time, w.t_s);
  volume(&w, &site, t, out);
  if (walk_until(&w, &site, s, false) || down(w.x)) out->leaves = wf_time_add_s(t->track.time, w.t_s);
  return true;
}

size_t wf_node_cues(const wf_node *node, wf_cue *out, size_t cap) {
  size_t count = 0;
  const size_t tracks = wf_picture_count(node->national);
  for (size_t i = 0; i < tracks && count < cap; i++) {
    const wf_common_track *t = wf_picture_outline_at(node->national, i);
    for (uint32_t k = 0; k < node->config.sensor_count && count < cap; k++) {
      if (!wf_cue_of(t, &node->sensors[k], node->config.medium == WF_MEDIUM_VACUUM, &out[count])) continue;
      out[count++].sensor = (uint16_t)k;
    }
  }
  return count;
}
