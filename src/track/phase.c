// Which phase of flight a track is in: slots that no longer explain anything are dropped, and what that means is told.
#include <math.h>

#include "internal.h"

#define THRUST_LEAST_M_S2 4.0  // below, no engine is at work
#define PUSHED_SIGMAS 4.0
#define BOOST_OVER 0.1
#define TURN_SHARE 0.99  // no free fall explains it
#define TURN_LOOKS 4
#define FALL_WEIGHT_MIN 0.15
#define REENTRY_HEIGHT_M 100e3
#define DRAG_FREE_M 95e3  // above, air is no matter to a contribution

static void thrust_of(const object *o, double *axial, double *sigma) {
  const wf_filter *f = &o->slot[SLOT_BOOST];
  const double speed = wf_vec_norm(f->x + 3);
  *axial = *sigma = 0.0;
  if (speed < 1.0) return;
  double u[3], variance = 0.0;
  for (int i = 0; i < 3; i++) u[i] = f->x[3 + i] / speed;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) variance += u[i] * f->p[9 * (6 + i) + 6 + j] * u[j];
  *axial = wf_vec_dot(u, f->x + 6);
  *sigma = wf_sqrt(variance > 0.0 ? variance : 0.0);
}

static bool manoeuvres(const object *o) {
  return wf_track_has(o, SLOT_BOOST) && o->slot[SLOT_BOOST].model == WF_MODEL_MANOEUVRE;
}

// No fall explains it for some looks in a row, not even one whose drag was anybody's guess when it began (doubt.c): it
// has wings or fins.
static bool turns(object *o) {
  const bool alone = manoeuvres(o) && o->share[SLOT_BOOST] > TURN_SHARE;
  o->turning = !alone ? 0 : o->seen && o->turning < TURN_LOOKS ? o->turning + 1 : o->turning;
  return o->turning == TURN_LOOKS;
}

// With the boost ruled out, COAST and BURNT are the same fall with more or fewer plots in it; the likelier one is kept
// as soon as it is clearly so.
static double least_weight(const object *o, int slot) {
  const bool falls = slot == SLOT_COAST || slot == SLOT_BURNT;
  return falls && !wf_track_has(o, SLOT_BOOST) && !wf_track_has(o, SLOT_AIR) ? FALL_WEIGHT_MIN : WEIGHT_MIN;
}

// Thrust in whatever direction, against the way it flies too (a stage that brakes).
static bool is_pushed(const object *o) {
  const wf_filter *f = &o->slot[SLOT_BOOST];
  const double *a = f->x + 6, size = wf_vec_norm(a);
  double variance = 0.0;
  if (size < THRUST_LEAST_M_S2) return false;
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++) variance += a[i] * f->p[9 * (6 + i) + 6 + j] * a[j] / (size * size);
  return size > PUSHED_SIGMAS * wf_sqrt(variance > 0.0 ? variance : 0.0);
}

// The filter knows no least thrust; the part of its belief that lies below it is no boost.
static void share_out(object *o) {
  double sum = 0.0;
  for (int s = 0; s < SLOTS; s++) o->share[s] = o->weight[s];
  if (wf_track_has(o, SLOT_BOOST) && !manoeuvres(o) && o->active != 1u << SLOT_BOOST && !is_pushed(o)) {
    double axial, sigma;
    thrust_of(o, &axial, &sigma);
    o->share[SLOT_BOOST] *= wf_normal_cdf((axial - THRUST_LEAST_M_S2) / (sigma > 0.1 ? sigma : 0.1));
  }
  for (int s = 0; s < SLOTS; s++) sum += o->share[s];
  for (int s = 0; s < SLOTS && sum > 0.0; s++) o->share[s] /= sum;
}

static void drop_slots(object *o) {
  share_out(o);
  for (int s = 0; s < SLOTS; s++)
    if (wf_track_has(o, s) && o->share[s] < least_weight(o, s) && o->active != 1u << s) wf_track_slot_off(o, s);
  wf_track_normalise(o);
  share_out(o);
}

static void watch_stages(wf_tracker *t, object *o) {
  double axial, sigma;
  thrust_of(o, &axial, &sigma);
  o->pub.thrust_m_s2 = axial > 0.0 ? axial : 0.0;
  if (axial - sigma > o->axial_max_m_s2) o->axial_max_m_s2 = axial - sigma;
  if (axial + sigma < 0.5 * o->axial_max_m_s2 && axial - sigma > 0.0) {
    o->axial_max_m_s2 = axial;
    wf_track_event_add(t, WF_TRACK_STAGING, o, WF_REASON_NONE);
  }
}

// A boost is over when that is nearly sure, and begins again when it is likelier than not.
static wf_phase phase_of(const object *o) {
  if (o->share[SLOT_AIR] > 0.5) return WF_PHASE_UNKNOWN;
  if (!manoeuvres(o) && o->share[SLOT_BOOST] > (o->pub.phase == WF_PHASE_BOOST ? BOOST_OVER : 0.5))
    return WF_PHASE_BOOST;
  return o->height_m < REENTRY_HEIGHT_M && o->climb_m_s < 0.0 ? WF_PHASE_REENTRY : WF_PHASE_COAST;
}

static bool has_one_slot(const object *o) {
  return (o->active & (o->active - 1)) == 0;
}

// Free fall without noise or drag, and no other explanation alive.
static bool falls_freely(const wf_tracker *t, const object *o) {
  const bool alone = o->active == 1u << SLOT_COAST || o->active == 1u << SLOT_BURNT;
  return alone && !o->starting && (t->config.medium == WF_MEDIUM_VACUUM || o->height_m > DRAG_FREE_M);
}

// What was gathered so far goes out as it is when the rules of gathering change.
static void close_increment(const wf_tracker *t, object *o) {
  wf_tracklet tracklet;
  double state[6], covariance[36];
  wf_track_blend(t, o, state, covariance);
  o->increment_valid = false;
  if (o->increment.plots == 0 || wf_increment_take(&o->increment, o->slot[wf_track_best_slot(o)].x, &tracklet) != WF_OK)
    return;
  tracklet.phase = o->pub.phase;
  wf_track_lean(t, o, &tracklet);
  wf_track_note_pending(o, o->time, o->pub.sources, &tracklet);
}

// The engine has stopped: since the plots were told one by one, under thrust, the filters here have come to know more
// than their sum says. So all of it is told in place of what was told before, look by look while several explanations
// are weighed against each other, for the last time when free fall is the only one; from there increments go on.
static void tell_whole(const wf_tracker *t, object *o) {
  wf_tracklet tracklet;
  if (!wf_track_whole(t, o, &tracklet)) return;
  for (int i = 0; i < o->pending_count; i++) tracklet.plots = (uint16_t)(tracklet.plots + o->pending[i].tracklet.plots);
  o->pending_count = 0;  // what waits is in it
  wf_track_note_pending(o, o->time, o->pub.sources, &tracklet);
}

void wf_track_phase(wf_tracker *t, object *o) {
  double up[3], state[6], covariance[36];
  const uint8_t before = o->pub.phase;
  const bool weighed = !has_one_slot(o);
  drop_slots(o);
  wf_track_blend(t, o, state, covariance);
  o->height_m = wf_track_height(state, up);
  o->climb_m_s = wf_vec_dot(up, state + 3);
  if (o->pub.phase == WF_PHASE_BOOST && wf_track_has(o, SLOT_BOOST))
    watch_stages(t, o);
  else
    o->pub.thrust_m_s2 = 0.0;
  const bool free_fall = falls_freely(t, o);
  if (o->increment_valid && !free_fall) close_increment(t, o);
  o->pub.phase = (uint8_t)phase_of(o);
  const bool falls = o->pub.phase == WF_PHASE_COAST || o->pub.phase == WF_PHASE_REENTRY;
  const bool fell = before == WF_PHASE_COAST || before == WF_PHASE_REENTRY;
  if (falls && (!fell || weighed || (!o->increment_valid && free_fall))) tell_whole(t, o);
  if (!o->increment_valid && free_fall) wf_track_restart_increment(t, o);
  if (wf_track_is_firm(o) && turns(o) && !o->pub.not_ballistic) {
    o->pub.not_ballistic = true;
    wf_track_event_add(t, WF_TRACK_NOT_BALLISTIC, o, WF_REASON_NONE);
  }
  if (before == o->pub.phase) return;
  o->owes_status = true;
  if (o->pub.phase == WF_PHASE_BOOST && o->pub.burnout.ns != 0) {
    o->pub.burnout = (wf_time){0};
    wf_track_event_add(t, WF_TRACK_STAGING, o, WF_REASON_NONE);
  }
  if (before == WF_PHASE_BOOST && o->pub.phase != WF_PHASE_UNKNOWN && wf_track_is_firm(o)) {
    o->pub.burnout = o->time;
    o->owes_launch = true;
    wf_track_event_add(t, WF_TRACK_BURNOUT, o, WF_REASON_NONE);
  }
}
