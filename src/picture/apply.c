// One contribution at a time, in order; and the ticks between them.
#include <string.h>

#include "base/fmath.h"
#include "geo/wgs84.h"
#include "rules.h"

#define SAME_NATION_KEPT 2   // objects of one nation remembered in a track after it lost them
#define PHASE_RECENT_S 10.0  // a nation's word on the phase counts this long
#define CHI2_2_95 5.991
#define SHIFT_MOST 50.0  // an increment that moves a coasting state by seven of its own sigmas is wrong …
// How far another system's registration and model may be off (associate.c has the same for nations).
#define REPORTED_POS_M 700.0
#define REPORTED_VEL_M_S 5.0
#define REPORTED_BOOST_POS_M 1500.0
#define REPORTED_BOOST_VEL_M_S 100.0
#define SUPPORT_S 20.0  // … when another nation measured the state so lately

static wf_flight_mode stated_mode(const wf_tracklet *t, const wf_flight *before) {
  if (t->phase == WF_PHASE_BOOST) return WF_FLIGHT_BOOST;
  if (t->phase == WF_PHASE_COAST || t->phase == WF_PHASE_REENTRY) return WF_FLIGHT_COAST;
  if (before->mode >= WF_FLIGHT_BOOST) return (wf_flight_mode)before->mode;
  return t->position_only ? WF_FLIGHT_BOOST : WF_FLIGHT_COAST;
}

// Nations may differ for some seconds about burnout. Who knows the velocity best decides.
static wf_flight_mode fused_mode(const wf_pic_world *w, const wf_pic_track *t, uint32_t member, wf_time at) {
  const wf_pic_member *m = &w->member[member];
  const wf_flight_mode wanted = (wf_flight_mode)m->alone.mode;
  if (t->fused.mode < WF_FLIGHT_BOOST || t->fused.mode == wanted) return wanted;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_member *o = &w->member[i];
    if (i == member || !o->tracklets || o->reported != 0 || o->alone.mode != t->fused.mode) continue;
    if (wf_time_diff_s(at, o->alone.measured) > PHASE_RECENT_S) continue;
    if (wf_flight_velocity_variance(&o->alone) < wf_flight_velocity_variance(&m->alone))
      return (wf_flight_mode)t->fused.mode;
  }
  return wanted;
}

// What the coasting members know alone, together. False when there is none.
static bool coast_sum(const wf_pic_world *w, const wf_pic_track *t, wf_time at, wf_flight *out) {
  return wf_pic_sum(w, t, WF_FLIGHT_COAST, at, out);
}

static bool supported_by_others(const wf_pic_world *w, const wf_pic_track *t, const wf_pic_member *m, wf_time at) {
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_member *o = &w->member[i];
    if (o->tracklets && o->reported == 0 && wf_nation_compare(o->nation, m->nation) != 0 &&
        wf_time_diff_s(at, o->alone.measured) <= SUPPORT_S)
      return true;
  }
  return false;
}

// One nation's broken filter must not break the common state: its increment is left out and its member checked.
static bool take_increment(wf_pic_world *w, wf_pic_track *t, wf_pic_member *m, const wf_contribution *c,
                           wf_flight_mode mode) {
  wf_flight next = t->fused;
  double shift2 = 0.0;
  if (wf_flight_measure(&next, w->vacuum, &c->tracklet, c->valid_time, mode, &shift2) != WF_OK) {
    w->state->unfit++;
    return false;
  }
  const bool coasting = t->fused.mode == WF_FLIGHT_COAST && mode == WF_FLIGHT_COAST;
  if (coasting && shift2 > SHIFT_MOST && supported_by_others(w, t, m, c->valid_time)) {
    w->state->unfit++;
    m->strikes++;
    return false;
  }
  t->fused = next;
  return true;
}

// Whether the sum of the coasting members leaves nobody out who measured lately.
static bool all_coast(const wf_pic_world *w, const wf_pic_track *t, wf_time at) {
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_member *m = &w->member[i];
    if (m->tracklets && m->reported == 0 && m->alone.mode != WF_FLIGHT_COAST &&
        wf_time_diff_s(at, m->alone.measured) <= PHASE_RECENT_S)
      return false;
  }
  return true;
}

// The sum of what the coasting members know, when that is better than the fused state: a nation that saw burnout
// earlier has gathered more in coast than the fused boost filter kept, and one that told all it knows has told more
// than its increments.
static void take_better_sum(wf_pic_world *w, wf_pic_track *t, wf_time at) {
  wf_flight coast;
  if (!coast_sum(w, t, at, &coast)) return;
  if (t->fused.mode == WF_FLIGHT_COAST) wf_flight_predict(&t->fused, w->vacuum, at);
  const bool better = t->fused.mode != WF_FLIGHT_COAST || all_coast(w, t, at) ||
                      wf_flight_velocity_variance(&coast) < wf_flight_velocity_variance(&t->fused);
  if (better) t->fused = coast;
}

// A state that somebody else holds. What it rests on may be in the fused state already.
static void fuse_reported(wf_pic_world *w, wf_pic_track *t, wf_pic_member *m, wf_time at) {
  wf_flight next = t->fused;
  double chi2, cost;
  if (t->fused.mode < WF_FLIGHT_BOOST || t->fused.ground == WF_FLIGHT_DOWN) {
    t->fused = m->alone;
    return;
  }
  wf_flight_predict(&next, w->vacuum, at);
  const double pos = next.mode == WF_FLIGHT_BOOST ? REPORTED_BOOST_POS_M : REPORTED_POS_M;
  const double vel = next.mode == WF_FLIGHT_BOOST ? REPORTED_BOOST_VEL_M_S : REPORTED_VEL_M_S;
  if (wf_flight_distance(&next, &m->alone, pos, vel, &chi2, &cost) != WF_OK || chi2 > SHIFT_MOST ||
      wf_flight_intersect(&next, &m->alone) != WF_OK) {
    w->state->unfit++;  // whether it is another object is what the checks of members find out
    return;
  }
  t->fused = next;
}

static void fuse_tracklet(wf_pic_world *w, uint32_t member, const wf_contribution *c) {
  wf_pic_track *t = &w->track[w->member[member].track];
  const bool boosting = t->fused.mode == WF_FLIGHT_BOOST;
  if (c->reported != 0) {
    fuse_reported(w, t, &w->member[member], c->valid_time);
    return;
  }
  const wf_flight_mode mode = fused_mode(w, t, member, c->valid_time);
  if (c->tracklet.whole) {
    if (mode != WF_FLIGHT_COAST) return;  // others know better that it is still under thrust
    if (boosting && t->burnout.ns == 0) t->burnout = c->valid_time;
    if (boosting) {
      wf_flight_predict(&t->fused, w->vacuum, c->valid_time);
      wf_flight_to_coast(&t->fused, true);
    }
    take_better_sum(w, t, c->valid_time);
    return;
  }
  if (!take_increment(w, t, &w->member[member], c, mode) || !boosting || t->fused.mode != WF_FLIGHT_COAST) return;
  if (t->burnout.ns == 0) t->burnout = c->valid_time;
  take_better_sum(w, t, c->valid_time);
}

// Coarse places are statements, not increments: the best one stands until there is a state.
static void fuse_seed(wf_pic_world *w, uint32_t member, wf_time at) {
  wf_pic_track *t = &w->track[w->member[member].track];
  const wf_flight *seed = &w->member[member].alone;
  if (seed->mode != WF_FLIGHT_SEED || t->fused.mode >= WF_FLIGHT_BOOST) return;
  wf_flight now = t->fused;
  wf_flight_predict(&now, w->vacuum, at);
  if (now.mode == WF_FLIGHT_NONE || wf_flight_position_variance(seed) <= wf_flight_position_variance(&now))
    t->fused = *seed;
}

static void take_detection(wf_pic_member *m, const wf_contribution *c) {
  if (c->detection.first_detection.ns != 0 && c->detection.first_detection.ns < m->first_detection.ns)
    m->first_detection = c->detection.first_detection;
  if (c->detection.has_place && !m->tracklets)
    wf_flight_seed(&m->alone, c->detection.pos_ecef_m, c->detection.covariance_m2, c->valid_time);
}

static void take_tracklet(wf_pic_world *w, wf_pic_member *m, const wf_contribution *c) {
  const wf_flight_mode mode = stated_mode(&c->tracklet, &m->alone);
  if (!m->tracklets) m->alone.mode = WF_FLIGHT_NONE;  // the first increment holds what the coarse place was made of
  const wf_status status =
      c->tracklet.whole
          ? wf_flight_begin(&m->alone, &m->lean, w->vacuum, &c->tracklet, c->valid_time, mode)
          : wf_flight_measure_leaning(&m->alone, &m->lean, w->vacuum, &c->tracklet, c->valid_time, mode, NULL);
  if (status != WF_OK) {
    w->state->unfit++;
    return;
  }
  m->tracklets = 1;
  m->plots += c->tracklet.plots;
  if (c->tracklet.phase != WF_PHASE_UNKNOWN) m->phase = c->tracklet.phase;
  if (m->life >= WF_LIFE_COASTING) m->life = WF_LIFE_CONFIRMED;  // it follows the object again
}

// A launch place of an object nothing else is known of is a coarse place at the launch time.
static void take_launch(wf_pic_member *m, const wf_contribution *c) {
  if (!c->launch.valid) return;
  m->launch = c->launch;
  if (m->alone.mode != WF_FLIGHT_NONE) return;
  const wf_lla place = {c->launch.area.lat_rad, c->launch.area.lon_rad, 0.0};
  double pos[3];
  wf_geo_ecef_from_lla(&place, pos);
  const double var = c->launch.area.semi_major_95_m * c->launch.area.semi_major_95_m / CHI2_2_95 + 1e6;
  const double covariance[6] = {var, 0, 0, var, 0, var};
  // What was told of a launch is told later: since then it flies, nobody here knows where to.
  const bool earlier = c->reported != 0 && wf_time_before(c->launch.time, c->valid_time);
  wf_flight_seed(&m->alone, pos, covariance, earlier ? c->launch.time : c->valid_time);
  if (earlier) wf_flight_predict(&m->alone, false, c->valid_time);
}

static void take_status(wf_pic_world *w, wf_pic_member *m, const wf_contribution *c) {
  m->life = c->status.life;
  m->reason = c->status.reason;
  m->said_at = c->valid_time;
  if (c->status.phase != WF_PHASE_UNKNOWN) m->phase = c->status.phase;
  if (c->status.phase != WF_PHASE_COAST && c->status.phase != WF_PHASE_REENTRY) return;
  if (m->alone.mode != WF_FLIGHT_BOOST) return;
  wf_flight_predict(&m->alone, w->vacuum, c->valid_time);
  wf_flight_to_coast(&m->alone, true);
  if (m->track == WF_NIL) return;
  wf_pic_track *t = &w->track[m->track];
  if (t->fused.mode != WF_FLIGHT_BOOST || fused_mode(w, t, (uint32_t)(m - w->member), c->valid_time) != WF_FLIGHT_COAST)
    return;
  wf_flight_predict(&t->fused, w->vacuum, c->valid_time);
  wf_flight_to_coast(&t->fused, true);
  if (t->burnout.ns == 0) t->burnout = c->valid_time;
}

static void take(wf_pic_world *w, wf_pic_member *m, const wf_contribution *c) {
  m->contributions++;
  m->sources |= c->sources;
  m->last_valid = c->valid_time;
  switch (c->kind) {
    case WF_CONTRIBUTION_DETECTION:
      take_detection(m, c);
      break;
    case WF_CONTRIBUTION_TRACKLET:
      take_tracklet(w, m, c);
      break;
    case WF_CONTRIBUTION_LAUNCH:
      take_launch(m, c);
      break;
    default:
      take_status(w, m, c);
      break;
  }
}

// A track remembers a few objects that its nations have lost; the oldest of them make room.
static void forget_old_objects(wf_pic_world *w, uint32_t track, const wf_pic_member *fresh) {
  for (;;) {
    uint32_t oldest = WF_NIL, count = 0;
    for (uint32_t i = w->track[track].first_member; i != WF_NIL; i = w->member[i].next_in_track) {
      if (wf_nation_compare(w->member[i].nation, fresh->nation) != 0 || w->member[i].reported != fresh->reported)
        continue;
      count++;
      if (oldest == WF_NIL || w->member[i].last_valid.ns < w->member[oldest].last_valid.ns) oldest = i;
    }
    if (count < SAME_NATION_KEPT) return;
    wf_pic_member_remove(w, oldest);
  }
}

// Finds the new object's track, or founds one. False when there is no room.
static bool place(wf_pic_world *w, uint32_t member, wf_time at) {
  uint32_t track = wf_pic_candidate(w, member, at);
  if (track == WF_NIL) {
    track = wf_pic_track_add(w, &w->member[member].first, 0, at);
    if (track == WF_NIL) return false;
  } else {
    forget_old_objects(w, track, &w->member[member]);
  }
  wf_pic_join(w, member, track);
  return true;
}

static void update_track(wf_pic_world *w, uint32_t member, const wf_contribution *c) {
  const wf_pic_member *m = &w->member[member];
  wf_pic_track *t = &w->track[m->track];
  t->last_valid = c->valid_time;
  t->sources |= c->sources;
  if (c->kind == WF_CONTRIBUTION_TRACKLET && m->tracklets)
    fuse_tracklet(w, member, c);
  else
    fuse_seed(w, member, c->valid_time);
  const wf_launch_area *l = &m->launch;
  if (c->kind == WF_CONTRIBUTION_LAUNCH && wf_pic_better_launch(t, l, c->reported != 0)) {
    t->launch = *l;
    t->launch_reported = c->reported != 0;
  }
  wf_pic_life(w, m->track, c->valid_time);
}

// A status says nothing about an object nobody has spoken of (it may have been withheld), and neither does a launch
// estimate without a place.
static bool can_found(const wf_contribution *c) {
  return c->kind == WF_CONTRIBUTION_DETECTION || c->kind == WF_CONTRIBUTION_TRACKLET ||
         (c->kind == WF_CONTRIBUTION_LAUNCH && c->launch.valid);
}

// A new object of a new epoch: the writer has started again, and its former objects come back under other names. They
// must not be held to be others than the new ones.
static void orphan_former(wf_pic_world *w, const wf_contribution *c) {
  for (uint32_t i = 0; i < w->state->members_high; i++) {
    wf_pic_member *m = &w->member[i];
    if (m->used && m->reported == c->reported && wf_nation_compare(m->nation, c->id.origin) == 0 &&
        m->first.id.epoch < c->id.epoch && wf_contribution_writer(&m->first.id) == wf_contribution_writer(&c->id))
      m->orphan = 1;
  }
}

static bool is_private(const wf_pic_key *key) {
  return (key->id.stream & 3u) == WF_STREAM_PRIVATE;
}

static void note_told(wf_pic_member *m, const wf_contribution *c) {
  const wf_pic_key key = wf_pic_key_of(c);
  if (!is_private(&key) && (m->told.valid.ns == 0 || wf_pic_key_compare(&key, &m->told) < 0)) m->told = key;
}

// Partners must find an object under the name it has here: as soon as others were told of it, it is named after what
// they were told first, and no longer after what this nation alone knew.
static void name_as_told(wf_pic_world *w, uint32_t track, const wf_pic_witness *witness) {
  wf_pic_track *t = &w->track[track];
  const wf_pic_key *first = NULL;
  if (!is_private(&t->founder)) return;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_key *told = &w->member[i].told;
    if (told->valid.ns != 0 && (first == NULL || wf_pic_key_compare(told, first) < 0)) first = told;
  }
  if (first == NULL) return;
  const uint64_t number = t->number, event = t->event;
  wf_pic_track_rename(w, track, first);
  if (witness == NULL) return;
  witness->superseded(witness->context, number, t->number);
  if (event != t->event) witness->superseded(witness->context, event, t->event);
}

void wf_pic_apply(wf_pic_world *w, const wf_contribution *c) {
  wf_pic_state *s = w->state;
  wf_pic_chain(s->chain, c);
  s->applied++;
  s->changed = 1;
  s->time = c->valid_time;
  uint32_t member = wf_pic_member_find(w, c->id.origin, c->object);
  const bool known = member != WF_NIL;
  if (!known && !can_found(c)) return;
  if (!known) {
    orphan_former(w, c);
    member = wf_pic_member_add(w, c);
  }
  if (member == WF_NIL) return;
  note_told(&w->member[member], c);
  take(w, &w->member[member], c);
  if (!known && c->kind == WF_CONTRIBUTION_TRACKLET && !w->member[member].tracklets) {
    wf_pic_member_remove(w, member);  // its first increment fits no flight: nothing is known of it
    return;
  }
  if (!known && !place(w, member, c->valid_time)) {
    wf_pic_member_remove(w, member);
    return;
  }
  update_track(w, member, c);
}

void wf_pic_tick(wf_pic_world *w, wf_time at, const wf_pic_witness *witness) {
  wf_pic_state *s = w->state;
  s->changed = 0;
  s->tick = s->time = at;
  for (uint32_t i = 0; i < s->tracks_high; i++)
    if (w->track[i].used) {
      wf_pic_life(w, i, at);
      wf_pic_settle(w, i, at);
      name_as_told(w, i, witness);
    }
  wf_pic_recheck(w, at);
  wf_pic_merge(w, at, witness);
  wf_pic_register(w, at);
  s->deadline.ns = INT64_MAX;
  for (uint32_t i = 0; i < s->tracks_high; i++) {
    if (!w->track[i].used) continue;
    if (wf_pic_life_over(w, i, at)) {
      wf_pic_track_remove(w, i);
      continue;
    }
    const wf_time due = wf_pic_life_deadline(w, i);
    if (due.ns < s->deadline.ns) s->deadline = due;
  }
  if (s->deadline.ns <= at.ns) s->deadline.ns = at.ns + WF_NS_PER_S;
  if (s->tracks == 0) {
    memset(s->chain, 0, sizeof s->chain);
    s->tracks_high = s->members_high = 0;
  }
}

static int64_t whole_second_at_or_after(int64_t ns) {
  int64_t q = ns / WF_NS_PER_S;
  if (ns > q * WF_NS_PER_S) q++;
  return q * WF_NS_PER_S;
}

void wf_pic_run_to(wf_pic_world *w, wf_time to, const wf_pic_witness *witness) {
  wf_pic_state *s = w->state;
  while (s->changed || s->deadline.ns != INT64_MAX) {
    const int64_t due = whole_second_at_or_after(s->changed ? s->time.ns : s->deadline.ns);
    if (due > to.ns) break;
    wf_pic_tick(w, (wf_time){due}, witness);
  }
  if (s->time.ns < to.ns) s->time = to;
}
