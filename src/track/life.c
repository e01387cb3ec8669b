// The life of a track, as rules: confirmed, coasting, lost with a reason, found again, ended, dropped.
#include <math.h>
#include <string.h>

#include "internal.h"
#include "motion/impact.h"

#define MISSED_BY_CHANCE 1e-6  // a detection probability that makes a row of misses rarer than this: lost
#define MISSES_TO_COAST 2
#define MISSES_TENTATIVE 2
#define TENTATIVE_MAX_S 20.0
#define UNSEEN_TO_LOST_S 10.0  // nobody could see it
#define SILENT_TO_LOST_S 30.0  // nobody looked
#define AIR_LOST_S 120.0
#define ENDED_KEPT_S 30.0
#define END_SIGMAS 2.0
#define HORIZON_GUESS_RAD 0.05  // where no horizon is configured: vanishing below this is setting

void wf_track_event_add(wf_tracker *t, wf_track_event_kind kind, const object *o, uint8_t reason) {
  const wf_track_event event = {.kind = kind, .track = o->pub.id, .time = o->time, .reason = reason};
  wf_ring_push_evict(&t->events, &event);
}

static credit *credit_of(object *o, uint16_t sensor) {
  for (int i = 0; i < o->credit_count; i++)
    if (o->credit[i].sensor == sensor) return &o->credit[i];
  return NULL;
}

void wf_track_credit(object *o, uint16_t sensor, wf_time time) {
  if (sensor < 64)
    o->fed_by |= UINT64_C(1) << sensor;
  else
    o->fed_by_others = true;
  credit *c = credit_of(o, sensor);
  if (c == NULL && o->credit_count < CREDITS) {
    c = &o->credit[o->credit_count++];
  } else if (c == NULL) {  // the one longest silent makes room
    c = &o->credit[0];
    for (int i = 1; i < CREDITS; i++)
      if (wf_time_before(o->credit[i].last, c->last)) c = &o->credit[i];
  }
  c->sensor = sensor;
  c->last = c->seen = time;
}

// Since the sensor saw it, where others did meanwhile; since anybody did, when it never has.
double wf_track_unseen_s(const object *o, uint16_t sensor, wf_time time) {
  wf_time last = o->pub.last_update;
  for (int i = 0; i < o->credit_count; i++)
    if (o->credit[i].sensor == sensor && wf_time_before(o->credit[i].seen, last)) last = o->credit[i].seen;
  return wf_time_diff_s(time, last);
}

static void miss(wf_tracker *t, object *o, const watcher *w) {
  double pd = 0.0;
  for (int s = 0; s < SLOTS; s++) {
    if (!wf_track_has(o, s)) continue;
    const double slot_pd = wf_track_detection_probability(w, s);
    pd += o->weight[s] * slot_pd;
    o->weight[s] *= 1.0 - slot_pd;
  }
  wf_track_normalise(o);
  o->llr += wf_log(1.0 - (pd < 0.999 ? pd : 0.999));
  if (pd > 0.05) o->misses++;
  wf_track_phase(t, o);
}

// A sensor looked and these tracks were not in what it saw. Only a sensor that has seen a track is expected to see it
// again: coverage is seldom stated.
void wf_track_misses(wf_tracker *t, uint16_t sensor, wf_time time) {
  const watcher *w = &t->watcher[sensor];
  for (uint32_t i = 0; i < t->objects; i++) {
    object *o = &t->object[i];
    if (!o->used || o->seen || wf_track_is_gone(o)) continue;
    credit *c = credit_of(o, sensor);
    if (c == NULL || wf_time_diff_s(time, c->last) < 0.6 * w->period_s) continue;
    c->last = time;
    double pos[3];
    const double dt_s = wf_time_diff_s(time, o->time);
    for (int k = 0; k < 3; k++) pos[k] = o->pub.state[k] + dt_s * o->pub.state[3 + k];
    uint8_t why;
    o->visible = wf_track_could_see(w, pos, &why);
    if (o->visible)
      miss(t, o, w);
    else
      o->unseen_reason = why;
  }
}

static bool may_confirm(const wf_tracker *t, const object *o) {
  if (o->pub.sources == WF_SOURCE_INFRARED) {
    const bool silent = t->watcher[o->pub.last_sensor].sensor.clutter_mean_per_scan < 1e-3;
    return silent || (o->pub.plots >= 2 && o->llr >= LLR_TO_CONFIRM);
  }
  return o->pub.plots >= PLOTS_TO_CONFIRM && o->llr >= LLR_TO_CONFIRM;
}

static bool shares_start(const object *a, const object *b) {
  for (int i = 0; i < a->start_count; i++)
    for (int k = 0; k < b->start_count; k++)
      if (a->start_id[i] == b->start_id[k]) return true;
  return false;
}

// A confirmed track owns its plots: tentative tracks and lone plots that claim one of them are forgotten.
static void claim_plots(wf_tracker *t, const object *o) {
  for (uint32_t i = 0; i < t->objects; i++) {
    object *other = &t->object[i];
    if (other->used && other != o && !wf_track_is_firm(other) && shares_start(o, other)) wf_track_drop(t, other);
  }
  for (uint32_t n = 0; n < t->starts_max; n++)
    for (int k = 0; k < o->start_count; k++)
      if (t->start[n].id == o->start_id[k]) t->start[n].id = 0;
}

void wf_track_confirm(wf_tracker *t, object *o) {
  o->pub.life = WF_LIFE_CONFIRMED;
  o->pub.confirmed_at = o->time;
  o->owes_detection = o->owes_launch = true;
  t->stats.confirmed++;
  wf_track_event_add(t, WF_TRACK_DETECTED, o, WF_REASON_NONE);
  wf_track_event_add(t, WF_TRACK_CONFIRMED, o, WF_REASON_NONE);
  claim_plots(t, o);
}

void wf_track_drop(wf_tracker *t, object *o) {
  if (wf_track_is_firm(o)) wf_track_event_add(t, WF_TRACK_DROPPED, o, o->pub.reason);
  o->used = false;
  t->live--;
  t->stats.dropped++;
}

static void change(wf_tracker *t, object *o, wf_life life, wf_life_reason reason, int event) {
  o->pub.life = (uint8_t)life;
  o->pub.reason = (uint8_t)reason;
  o->owes_status = true;
  if (event != 0) wf_track_event_add(t, (wf_track_event_kind)event, o, (uint8_t)reason);
}

static unsigned misses_to_lose(const wf_tracker *t, const object *o) {
  const double pd = wf_track_detection_probability(&t->watcher[o->pub.last_sensor], SLOT_COAST);
  const double count = wf_floor(wf_log(MISSED_BY_CHANCE) / wf_log(1.0 - (pd > 0.05 ? pd : 0.05)) + 0.999);
  return count < 5.0 ? 5u : count > 30.0 ? 30u : (unsigned)count;
}

static wf_life_reason why_missed(const wf_tracker *t, const object *o) {
  const watcher *w = &t->watcher[o->pub.last_sensor];
  double rae[3];
  if (w->sensor.kind == WF_SENSOR_INFRARED) return WF_REASON_OUT_OF_COVERAGE;
  wf_geo_rae_from_ecef(&w->site, o->pub.state, rae, NULL);
  return rae[2] < HORIZON_GUESS_RAD && o->climb_m_s < 0.0 ? WF_REASON_BELOW_HORIZON : WF_REASON_NOT_SEEN;
}

// When the flight ends by what is known at this moment; 0 when it does not fall.
static void foresee_end(const wf_tracker *t, object *o) {
  o->ends_at = (wf_time){0};
  wf_impact impact;
  wf_filter fall;
  if (o->pub.phase == WF_PHASE_UNKNOWN || o->pub.not_ballistic) return;
  wf_track_falling(o, &fall);
  if (wf_track_impact_of(t, &fall, &impact) != WF_OK) return;
  if (impact.reason == WF_IMPACT_ORBIT) o->pub.reason = WF_REASON_ORBITAL;
  if (impact.reason == WF_IMPACT_OK)
    o->ends_at = wf_time_add_s(o->time, impact.delay_s + END_SIGMAS * impact.delay_sigma_s);
}

static void lose(wf_tracker *t, object *o, wf_life_reason reason) {
  change(t, o, WF_LIFE_LOST, reason, WF_TRACK_LOST);
  foresee_end(t, o);
}

static void live_tentative(wf_tracker *t, object *o) {
  const double age_s = wf_time_diff_s(t->now, o->pub.last_update);
  if (may_confirm(t, o))
    wf_track_confirm(t, o);
  else if (o->misses >= MISSES_TENTATIVE || o->llr < LLR_TO_DROP || age_s > TENTATIVE_MAX_S)
    wf_track_drop(t, o);
}

static void live_tracked(wf_tracker *t, object *o) {
  const double age_s = wf_time_diff_s(t->now, o->pub.last_update);
  if (o->height_m < 0.0 && o->climb_m_s < 0.0 && o->pub.phase != WF_PHASE_UNKNOWN && !o->seen)
    change(t, o, WF_LIFE_ENDED, WF_REASON_IMPACT_TIME_PASSED, WF_TRACK_ENDED);
  else if (o->misses >= misses_to_lose(t, o))
    lose(t, o, why_missed(t, o));
  else if (!o->visible && age_s > UNSEEN_TO_LOST_S)
    lose(t, o, (wf_life_reason)o->unseen_reason);
  else if (age_s > SILENT_TO_LOST_S)
    lose(t, o, WF_REASON_OUT_OF_COVERAGE);
  else if (o->misses >= MISSES_TO_COAST && o->pub.life == WF_LIFE_CONFIRMED)
    change(t, o, WF_LIFE_COASTING, WF_REASON_NONE, 0);
  else if (o->misses == 0 && o->pub.life == WF_LIFE_COASTING)
    change(t, o, WF_LIFE_CONFIRMED, WF_REASON_NONE, 0);
}

static void live_lost(wf_tracker *t, object *o) {
  const double age_s = wf_time_diff_s(t->now, o->pub.last_update);
  if (o->seen) {
    change(t, o, WF_LIFE_CONFIRMED, WF_REASON_NONE, WF_TRACK_FOUND);
    return;
  }
  // What set as foretold may be said to have come down; what should have been seen and was not, may not.
  const bool foretold = o->pub.reason == WF_REASON_BELOW_HORIZON;
  if (o->ends_at.ns != 0 && wf_time_before(o->ends_at, t->now))
    change(t, o, WF_LIFE_ENDED, foretold ? WF_REASON_IMPACT_TIME_PASSED : (wf_life_reason)o->pub.reason,
           WF_TRACK_ENDED);
  else if (o->ends_at.ns == 0 && age_s > AIR_LOST_S)
    change(t, o, WF_LIFE_ENDED, (wf_life_reason)o->pub.reason, WF_TRACK_ENDED);
}

void wf_track_life(wf_tracker *t, object *o) {
  switch ((wf_life)o->pub.life) {
    case WF_LIFE_TENTATIVE:
      live_tentative(t, o);
      break;
    case WF_LIFE_CONFIRMED:
    case WF_LIFE_COASTING:
      live_tracked(t, o);
      break;
    case WF_LIFE_LOST:
      live_lost(t, o);
      break;
    case WF_LIFE_ENDED:
    case WF_LIFE_FAILED:
      if (wf_time_diff_s(t->now, o->time) > ENDED_KEPT_S) wf_track_drop(t, o);
      break;
  }
}
