// What others read of a track.
#include <string.h>

#include "internal.h"

// The published state and covariance, with what the likeliest filter knows of ln β and of how it goes with the state.
void wf_track_falling(const object *o, wf_filter *out) {
  wf_filter f = o->slot[wf_track_best_slot(o)];
  if (f.size != 6 && f.size != 7) f.size = 6;
  memcpy(f.x, o->pub.state, sizeof o->pub.state);
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < 6; k++) f.p[i * f.size + k] = o->pub.covariance[6 * i + k];
  *out = f;
}

wf_status wf_track_impact_of(const wf_tracker *t, const wf_filter *fall, wf_impact *out) {
  const bool vacuum = t->config.medium == WF_MEDIUM_VACUUM;
  return wf_filter_impact(fall, vacuum, vacuum ? WF_GRAVITY_J2 : WF_GRAVITY_J4, out);
}

void wf_track_publish(wf_tracker *t, object *o) {
  wf_track *pub = &o->pub;
  pub->time = o->time;
  wf_track_blend(t, o, pub->state, pub->covariance);
  const int best = wf_track_best_slot(o);
  const wf_filter *f = &o->slot[best];
  if (f->size == 7) {
    pub->ln_beta = f->x[6];
    pub->ln_beta_sigma = wf_sqrt(f->p[48]);
  }
  const bool doubtful = o->crowd != 0 && (o->unsettled || o->contested);
  pub->group = doubtful ? o->crowd : 0;
  pub->group_count = doubtful ? o->crowd_size : 0;
  if (pub->last_update.ns != o->time.ns) return;
  wf_track_falling(o, &o->fall);
  o->fall_time = o->time;
}

size_t wf_tracker_count(const wf_tracker *t) {
  return t->live;
}

const wf_track *wf_tracker_at(const wf_tracker *t, size_t index) {
  return index < t->live ? &t->object[t->listed[index]].pub : NULL;
}

static const object *find(const wf_tracker *t, uint64_t id) {
  for (uint32_t i = 0; i < t->objects; i++)
    if (t->object[i].used && t->object[i].pub.id == id) return &t->object[i];
  return NULL;
}

const wf_track *wf_tracker_find(const wf_tracker *t, uint64_t id) {
  const object *o = find(t, id);
  return o != NULL ? &o->pub : NULL;
}

wf_status wf_tracker_predict(const wf_tracker *t, uint64_t id, wf_time at, double state[6], double covariance[36]) {
  const object *o = find(t, id);
  if (o == NULL) return WF_ENOTFOUND;
  object moved = *o;
  const double dt_s = wf_time_diff_s(at, o->time);
  for (int s = 0; s < SLOTS && dt_s != 0.0; s++) {
    double stm[36];
    if (!wf_track_has(o, s)) continue;
    wf_filter_predict(&moved.slot[s], &t->noise, dt_s, stm);
    wf_sensitivity *drift = wf_track_drift(&moved, s);
    if (drift != NULL && drift->sensors != 0) wf_sensitivity_carry(drift, stm);
  }
  wf_track_blend(t, &moved, state, covariance);
  return WF_OK;
}

uint64_t wf_tracker_fed_by(const wf_tracker *t, uint64_t id, bool *others) {
  const object *o = find(t, id);
  if (others != NULL) *others = o != NULL && o->fed_by_others;
  return o != NULL ? o->fed_by : 0;
}

#define IMPACT_DOUBT 0.02  // while thrust or straight flight is likelier than this, where it falls is not known

wf_status wf_tracker_impact(const wf_tracker *t, uint64_t id, wf_impact_area *out) {
  *out = (wf_impact_area){.reason = WF_IMPACT_NOT_CONVERGED};
  const object *o = find(t, id);
  if (o == NULL) return WF_ENOTFOUND;
  if (o->pub.not_ballistic || o->share[SLOT_BOOST] > IMPACT_DOUBT || o->share[SLOT_AIR] > IMPACT_DOUBT)
    return WF_EAGAIN;
  // Coasting teaches nothing: what the last plot told stands. A lost object is uncertain by more every second.
  const bool as_learnt = o->pub.life != WF_LIFE_LOST && o->fall_time.ns != 0;
  wf_filter filter = o->fall;
  if (!as_learnt) wf_track_falling(o, &filter);
  wf_impact impact;
  const wf_status status = wf_track_impact_of(t, &filter, &impact);
  out->reason = (uint8_t)impact.reason;
  if (status != WF_OK || impact.reason != WF_IMPACT_OK) return status;
  out->valid = true;
  out->time = wf_time_add_s(as_learnt ? o->fall_time : o->pub.time, impact.delay_s);
  out->time_sigma_s = impact.delay_sigma_s;
  out->area = (wf_ground_ellipse){impact.lat_rad, impact.lon_rad, impact.semi_major_95_m, impact.semi_minor_95_m,
                                  impact.azimuth_rad};
  return WF_OK;
}

wf_status wf_tracker_footprint(const wf_tracker *t, uint64_t id, wf_impact_area *out) {
  *out = (wf_impact_area){.reason = WF_IMPACT_NOT_CONVERGED};
  const object *o = find(t, id);
  if (o == NULL) return WF_ENOTFOUND;
  if (o->fall_time.ns == 0 || o->pub.phase == WF_PHASE_BOOST || o->pub.phase == WF_PHASE_UNKNOWN) return WF_EAGAIN;
  if (!o->pub.not_ballistic && !wf_track_is_flat(o->fall.x)) return WF_EAGAIN;
  return wf_track_reach(&o->fall, o->fall_time, out);
}

size_t wf_tracker_events(wf_tracker *t, wf_track_event *out, size_t cap) {
  size_t count = 0;
  while (count < cap && wf_ring_pop(&t->events, &out[count]) == WF_OK) count++;
  return count;
}

void wf_tracker_stats_get(const wf_tracker *t, wf_tracker_stats *out) {
  *out = t->stats;
}
