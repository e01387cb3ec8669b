// The life of a common track, from what its nations say and from silence. Nothing here ever says "passed".
#include "rules.h"

#define COASTING_S 20.0  // silence after which a nation is taken not to follow an object any more
#define LOST_S 90.0      // silence of all after which the track is lost
#define SETTLE_S 30.0
#define KEEP_OVER_S 900.0
#define KEEP_LOST_S 3600.0

static bool says_gone(const wf_pic_member *m) {
  return m->life >= WF_LIFE_LOST;
}

bool wf_pic_active(const wf_pic_member *m, wf_time at) {
  return !says_gone(m) && m->life != WF_LIFE_COASTING && wf_time_diff_s(at, m->last_valid) <= COASTING_S;
}

bool wf_pic_holds(const wf_pic_member *m, wf_time at) {
  return !says_gone(m) && !m->orphan && wf_time_diff_s(at, m->last_valid) <= LOST_S;
}

// The newest word of one life among the members; NULL when nobody says it.
static const wf_pic_member *who_says(const wf_pic_world *w, const wf_pic_track *t, uint8_t life) {
  const wf_pic_member *newest = NULL;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_member *m = &w->member[i];
    if (m->life == life && (newest == NULL || m->said_at.ns > newest->said_at.ns)) newest = m;
  }
  return newest;
}

static bool any_active(const wf_pic_world *w, const wf_pic_track *t, wf_time at) {
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track)
    if (wf_pic_active(&w->member[i], at)) return true;
  return false;
}

static bool all_gone(const wf_pic_world *w, const wf_pic_track *t) {
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track)
    if (!says_gone(&w->member[i])) return false;
  return true;
}

// Rules in order; the first that holds decides.
static void judge(const wf_pic_world *w, const wf_pic_track *t, wf_time at, uint8_t *life, uint8_t *reason) {
  const wf_pic_member *failed = who_says(w, t, WF_LIFE_FAILED), *ended = who_says(w, t, WF_LIFE_ENDED);
  const wf_pic_member *lost = who_says(w, t, WF_LIFE_LOST);
  *reason = WF_REASON_NONE;
  if (any_active(w, t, at)) {  // 1: somebody follows it
    *life = WF_LIFE_CONFIRMED;
  } else if (failed != NULL) {  // 2: positive evidence of a failed flight, and nobody follows it
    *life = WF_LIFE_FAILED;
    *reason = failed->reason;
  } else if (ended != NULL) {  // 3: a nation that followed it to the end says so
    *life = WF_LIFE_ENDED;
    *reason = ended->reason;
  } else if (all_gone(w, t)) {  // 4: every nation has lost it
    *life = WF_LIFE_LOST;
    *reason = lost != NULL ? lost->reason : WF_REASON_NOT_SEEN;
  } else if (wf_time_diff_s(at, t->last_valid) > LOST_S) {  // 5: silence
    *life = WF_LIFE_LOST;
    *reason = WF_REASON_NOT_SEEN;
  } else {  // 6: between looks
    *life = WF_LIFE_COASTING;
  }
}

static void widen(wf_flight *f, wf_lean *lean, bool vacuum, wf_time at) {
  if (f->wide || f->mode < WF_FLIGHT_BOOST) return;
  wf_flight_settle(f, lean, vacuum, at);
  f->wide = 1;
}

void wf_pic_life(wf_pic_world *w, uint32_t track, wf_time at) {
  wf_pic_track *t = &w->track[track];
  judge(w, t, at, &t->life, &t->reason);
  if (t->life == WF_LIFE_LOST) widen(&t->fused, NULL, w->vacuum, at);
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    wf_pic_member *m = &w->member[i];
    if (m->life == WF_LIFE_LOST || wf_time_diff_s(at, m->last_valid) > LOST_S)
      widen(&m->alone, &m->lean, w->vacuum, at);
  }
}

// Long silences are walked through in steps, at ticks that all nodes run.
static bool rests(const wf_flight *f) {
  return f->mode < WF_FLIGHT_BOOST || f->ground != WF_FLIGHT_UP;
}

static void settle(wf_flight *f, wf_lean *lean, bool vacuum, wf_time at) {
  if (!rests(f) && wf_time_diff_s(at, f->time) >= SETTLE_S) wf_flight_settle(f, lean, vacuum, at);
}

void wf_pic_settle(wf_pic_world *w, uint32_t track, wf_time at) {
  wf_pic_track *t = &w->track[track];
  settle(&t->fused, NULL, w->vacuum, at);
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track)
    settle(&w->member[i].alone, &w->member[i].lean, w->vacuum, at);
}

static wf_time settle_due(const wf_flight *f) {
  return rests(f) ? (wf_time){INT64_MAX} : wf_time_add_s(f->time, SETTLE_S);
}

static bool is_over(const wf_pic_track *t) {
  return t->life == WF_LIFE_ENDED || t->life == WF_LIFE_FAILED;
}

bool wf_pic_life_over(const wf_pic_world *w, uint32_t track, wf_time at) {
  const wf_pic_track *t = &w->track[track];
  return wf_time_diff_s(at, t->last_valid) >= (is_over(t) ? KEEP_OVER_S : KEEP_LOST_S);
}

wf_time wf_pic_life_deadline(const wf_pic_world *w, uint32_t track) {
  const wf_pic_track *t = &w->track[track];
  const wf_time now = w->state->tick;
  wf_time due = wf_time_add_s(t->last_valid, is_over(t) ? KEEP_OVER_S : KEEP_LOST_S);
  const wf_time fused = settle_due(&t->fused);
  if (fused.ns < due.ns) due = fused;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_time alone = settle_due(&w->member[i].alone);
    if (alone.ns < due.ns) due = alone;
    const double steps[] = {COASTING_S, LOST_S};
    for (int k = 0; k < 2; k++) {
      // One nanosecond past the limit, since the rules above ask for more than it.
      const wf_time limit = wf_time_add_ns(wf_time_add_s(w->member[i].last_valid, steps[k]), 1);
      if (limit.ns > now.ns && limit.ns < due.ns) due = limit;
    }
  }
  return due;
}
