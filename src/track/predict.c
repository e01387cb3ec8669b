// Carrying a track's filters to a time, and reading one state out of several.
#include <math.h>
#include <string.h>

#include "internal.h"

#define BURN_TIME_S 80.0    // mean time to burnout: how fast BOOST feeds BURNT
#define BACKWARD_MAX_S 2.0  // models with noise are not carried back further
#define BOOST_BLIND_S 60.0  // unseen for longer, a boost is over
#define ALL_BURNT_S 1e6
#define RESTART_WITHIN_S 30.0  // the next stage lights so soon after a burnout, or not unasked
#define RESTART_MEAN_S 300.0
#define RESTART_M_S2 22.0
#define RESTART_AXIAL_M_S2 12.0
#define RESTART_ACROSS_M_S2 8.0

// The height terms that phases and drag need; geodetic to a few metres would do.
double wf_track_height(const double pos_ecef_m[3], double up[3]) {
  wf_lla lla;
  wf_geo_lla_from_ecef(pos_ecef_m, &lla);
  double sin_lat, cos_lat, sin_lon, cos_lon;
  wf_sincos(lla.lat_rad, &sin_lat, &cos_lat);
  wf_sincos(lla.lon_rad, &sin_lon, &cos_lon);
  up[0] = cos_lat * cos_lon;
  up[1] = cos_lat * sin_lon;
  up[2] = sin_lat;
  return lla.h_m;
}

void wf_track_slot_off(object *o, int slot) {
  o->active &= (uint8_t) ~(1u << slot);
  o->weight[slot] = 0.0;
}

void wf_track_normalise(object *o) {
  double sum = 0.0;
  for (int s = 0; s < SLOTS; s++) sum += wf_track_has(o, s) ? o->weight[s] : 0.0;
  for (int s = 0; s < SLOTS; s++) o->weight[s] = wf_track_has(o, s) && sum > 0.0 ? o->weight[s] / sum : 0.0;
}

int wf_track_best_slot(const object *o) {
  int best = -1;
  for (int s = 0; s < SLOTS; s++)
    if (wf_track_has(o, s) && (best < 0 || o->weight[s] > o->weight[best])) best = s;
  return best;
}

// Moment match of position and velocity over some slots; weights need not sum to 1.
static void blend(const object *o, uint8_t mask, const double *weight, double state[6], double covariance[36]) {
  double sum = 0.0;
  memset(state, 0, 6 * sizeof *state);
  memset(covariance, 0, 36 * sizeof *covariance);
  for (int s = 0; s < SLOTS; s++)
    if ((mask >> s) & 1u) sum += weight[s];
  for (int s = 0; s < SLOTS; s++)
    for (int i = 0; ((mask >> s) & 1u) && i < 6; i++) state[i] += weight[s] / sum * o->slot[s].x[i];
  for (int s = 0; s < SLOTS; s++) {
    if (!((mask >> s) & 1u)) continue;
    const wf_filter *f = &o->slot[s];
    for (int i = 0; i < 6; i++)
      for (int j = 0; j < 6; j++)
        covariance[6 * i + j] +=
            weight[s] / sum * (f->p[f->size * i + j] + (f->x[i] - state[i]) * (f->x[j] - state[j]));
  }
}

void wf_track_blend(const wf_tracker *t, object *o, double state[6], double covariance[36]) {
  const int best = wf_track_best_slot(o);
  const bool alone = o->active == (1u << best);
  if (alone) {
    const wf_filter *f = &o->slot[best];
    memcpy(state, f->x, 6 * sizeof *state);
    for (int i = 0; i < 6; i++)
      for (int j = 0; j < 6; j++) covariance[6 * i + j] = f->p[f->size * i + j];
  } else {
    blend(o, o->active, o->share, state, covariance);
  }
  // Several slots: the likeliest one's share of the biases stands for all.
  const wf_sensitivity *drift = wf_track_drift(o, best);
  if (drift != NULL && drift->sensors != 0 && !t->registration_nominal)
    wf_registration_apply(&t->registration, drift, state, covariance);
}

// BURNT takes over from BOOST what may have burnt out since the last look (the interaction step of an IMM, Blom &
// Bar-Shalom 1988, in one direction only: engines do not start again unasked).
static void feed_burnt(object *o, double dt_s) {
  const double part = 1.0 - wf_exp(-dt_s / BURN_TIME_S), moved = part * o->weight[SLOT_BOOST];
  if (!(moved > 0.0)) return;
  const double weight[SLOTS] = {[SLOT_BOOST] = moved, [SLOT_BURNT] = o->weight[SLOT_BURNT]};
  const uint8_t mask = (uint8_t)(1u << SLOT_BOOST | (wf_track_has(o, SLOT_BURNT) ? 1u << SLOT_BURNT : 0u));
  wf_filter mixed = {.model = WF_MODEL_COAST, .size = 6};
  if (wf_track_has(o, SLOT_BURNT) && o->slot[SLOT_BURNT].size == 7) wf_filter_drop_ln_beta(&o->slot[SLOT_BURNT]);
  blend(o, mask, weight, mixed.x, mixed.p);
  const double kept = o->weight[SLOT_BURNT] / (moved + o->weight[SLOT_BURNT]);
  for (int k = 0; k < 6 * WF_BIAS_DIM; k++) o->drift[1].u[k] *= kept;  // BOOST's has none
  o->slot[SLOT_BURNT] = mixed;
  o->active |= 1u << SLOT_BURNT;
  o->weight[SLOT_BOOST] -= moved;
  o->weight[SLOT_BURNT] += moved;
}

// The next stage as it may have lit since the last look: where BURNT is, with thrust along the way it flies.
void wf_track_next_stage(const wf_filter *fall, wf_filter *out) {
  const double speed = wf_vec_norm(fall->x + 3);
  *out = (wf_filter){.model = WF_MODEL_BOOST, .size = 9};
  for (int i = 0; i < 6; i++) {
    out->x[i] = fall->x[i];
    for (int j = 0; j < 6; j++) out->p[9 * i + j] = fall->p[fall->size * i + j];
  }
  for (int i = 0; i < 3; i++) {
    const double ui = fall->x[3 + i] / speed;
    out->x[6 + i] = RESTART_M_S2 * ui;
    for (int j = 0; j < 3; j++) {
      const double uu = ui * fall->x[3 + j] / speed;
      out->p[9 * (6 + i) + 6 + j] = RESTART_AXIAL_M_S2 * RESTART_AXIAL_M_S2 * uu +
                                    RESTART_ACROSS_M_S2 * RESTART_ACROSS_M_S2 * ((i == j ? 1.0 : 0.0) - uu);
    }
  }
}

// Moment match of two nine-state filters; `part` is the share of b.
static void mix_9(wf_filter *a, const wf_filter *b, double part) {
  double mean[9], da[9], db[9];
  for (int i = 0; i < 9; i++) {
    mean[i] = (1.0 - part) * a->x[i] + part * b->x[i];
    da[i] = a->x[i] - mean[i];
    db[i] = b->x[i] - mean[i];
  }
  for (int i = 0; i < 9; i++)
    for (int j = 0; j < 9; j++)
      a->p[9 * i + j] = (1.0 - part) * (a->p[9 * i + j] + da[i] * da[j]) + part * (b->p[9 * i + j] + db[i] * db[j]);
  memcpy(a->x, mean, sizeof mean);
}

// Stages: for a while after a burnout BURNT gives a little back to BOOST.
static void feed_boost(object *o, wf_time time, double dt_s) {
  if (!wf_track_has(o, SLOT_BURNT) || o->pub.burnout.ns == 0 || o->pub.not_ballistic) return;
  if (wf_time_diff_s(time, o->pub.burnout) > RESTART_WITHIN_S || wf_vec_norm(o->slot[SLOT_BURNT].x + 3) < 1.0) return;
  const double moved = (1.0 - wf_exp(-dt_s / RESTART_MEAN_S)) * o->weight[SLOT_BURNT];
  if (!(moved > 0.0)) return;
  wf_filter lit;
  wf_track_next_stage(&o->slot[SLOT_BURNT], &lit);
  if (wf_track_has(o, SLOT_BOOST) && o->slot[SLOT_BOOST].model == WF_MODEL_BOOST)
    mix_9(&o->slot[SLOT_BOOST], &lit, moved / (moved + o->weight[SLOT_BOOST]));
  else if (!wf_track_has(o, SLOT_BOOST))
    o->slot[SLOT_BOOST] = lit;
  else
    return;
  o->active |= 1u << SLOT_BOOST;
  o->weight[SLOT_BOOST] += moved;
  o->weight[SLOT_BURNT] -= moved;
}

// Drag comes and goes with height (only where the medium has air). Ascending it waits for the lower limit, so that a
// boost phase's end is not burdened with a seventh state it cannot estimate.
static void set_drag(const wf_tracker *t, object *o, int slot) {
  wf_filter *f = &o->slot[slot];
  if (f->model != WF_MODEL_COAST || t->config.medium == WF_MEDIUM_VACUUM) return;
  if (f->size == 6 && o->height_m < BETA_HEIGHT_M) {
    const bool known = o->pub.ln_beta_sigma > 0.0;
    wf_filter_add_ln_beta(f, known ? o->pub.ln_beta : WF_LN_BETA_MEAN, known ? o->pub.ln_beta_sigma : WF_LN_BETA_SIGMA);
  } else if (f->size == 7 && o->height_m > BETA_HEIGHT_M + 5e3) {
    wf_filter_drop_ln_beta(f);
  }
}

// Back further than noise allows, only the free fall remains an explanation.
static bool can_go_back(const object *o, double dt_s) {
  return dt_s >= 0.0 || dt_s > -BACKWARD_MAX_S || o->active == 1u << SLOT_COAST || o->active == 1u << SLOT_BURNT;
}

static void carry(wf_tracker *t, object *o, wf_time time) {
  const double dt_s = wf_time_diff_s(time, o->time);
  const int best = wf_track_best_slot(o);
  for (int s = 0; s < SLOTS; s++) {
    if (!wf_track_has(o, s)) continue;
    double stm[36];
    set_drag(t, o, s);
    wf_noise noise = t->noise;
    noise.air_m2_s3 *= o->air_noise;
    wf_filter_predict(&o->slot[s], &noise, dt_s, stm);
    wf_sensitivity *drift = wf_track_drift(o, s);
    if (drift != NULL && drift->sensors != 0) wf_sensitivity_carry(drift, stm);
    if (s == best && o->increment_valid) wf_increment_carry(&o->increment, stm);
  }
  o->time = time;
}

// A boost that nothing is seen of is carried so far and no further: its thrust grows as its mass goes, without bound.
// What is left of it falls.
static void end_blind_boost(wf_tracker *t, object *o) {
  const wf_time until = wf_time_add_s(o->pub.last_update, BOOST_BLIND_S);
  if (o->active == 1u << SLOT_BOOST) {
    if (wf_time_before(o->time, until)) carry(t, o, until);
    feed_burnt(o, ALL_BURNT_S);
  }
  wf_track_slot_off(o, SLOT_BOOST);
}

void wf_track_predict(wf_tracker *t, object *o, wf_time time) {
  if (wf_track_has(o, SLOT_BOOST) && wf_time_diff_s(time, o->pub.last_update) > BOOST_BLIND_S) end_blind_boost(t, o);
  const double dt_s = wf_time_diff_s(time, o->time);
  o->eligible = can_go_back(o, dt_s) && dt_s > -LATE_MAX_S;
  if (!o->eligible || dt_s == 0.0) return;
  if (wf_track_has(o, SLOT_BOOST) && dt_s > 0.0 && o->slot[SLOT_BOOST].model == WF_MODEL_BOOST) feed_burnt(o, dt_s);
  if (dt_s > 0.0) feed_boost(o, time, dt_s);
  carry(t, o, time);
}
