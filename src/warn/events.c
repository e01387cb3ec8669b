// The events of the picture, remembered beyond the picture: an object that is no longer listed is lost, not gone.
#include <string.h>

#include "base/fmath.h"
#include "geo/wgs84.h"
#include "inside.h"

// An object last seen this shortly before its impact went where it was expected: it was below everybody's horizon, or
// so near the ground that nothing but its fall was left. Counted from when it was seen, so that time alone proves
// nothing.
#define SETS_BEFORE_S 180.0
#define FALLS_BEFORE_S 30.0
#define SETS_UNSAID_S 90.0
#define FORGET_AFTER_S 3600.0
#define HIGH_M 30e3
#define SALVO_S 300.0
#define SALVO_M 300e3

uint8_t *warn_marks_of(const wf_warn *w, const warn_event *e) {
  return w->marks + (size_t)(e - w->events) * w->area_count;
}

warn_event *warn_event_find(const wf_warn *w, uint64_t event) {
  uint32_t slot;
  return wf_hashmap_get(&w->index, event, &slot) == WF_OK ? &w->events[slot] : NULL;
}

// The one longest gone of those that nobody waits for.
static warn_event *forget_one(wf_warn *w, wf_time now) {
  warn_event *oldest = NULL;
  for (uint32_t i = 0; i < w->event_count; i++) {
    warn_event *e = &w->events[i];
    const bool kept = e->released != 0 && !warn_is_information(e);
    const bool idle = e->closed || (!kept && wf_time_diff_s(now, e->last_listed) > FORGET_AFTER_S);
    if (e->listed || !idle) continue;
    if (oldest == NULL || wf_time_before(e->last_listed, oldest->last_listed)) oldest = e;
  }
  if (oldest != NULL) wf_hashmap_remove(&w->index, oldest->event);
  return oldest;
}

warn_event *warn_event_of(wf_warn *w, uint64_t event, wf_time now) {
  warn_event *e = warn_event_find(w, event);
  if (e != NULL) return e;
  e = w->event_count < w->config.events_max ? &w->events[w->event_count++] : forget_one(w, now);
  if (e == NULL) {
    w->stats.events_refused++;
    return NULL;
  }
  *e = (warn_event){.event = event, .used = true, .first_seen = now, .last_listed = now};
  if (w->area_count > 0) {
    memset(warn_marks_of(w, e), 0, w->area_count);
    memset(warn_pass_of(w, e, 0), 0, w->area_count * sizeof(warn_pass));
  }
  wf_hashmap_put(&w->index, event, (uint32_t)(e - w->events));
  return e;
}

static bool ends_known(const wf_track *t) {
  if (t->life == WF_LIFE_FAILED) return true;
  return t->life == WF_LIFE_ENDED && (t->reason == WF_REASON_IMPACT_TIME_PASSED ||
                                      t->reason == WF_REASON_FALL_OBSERVED || t->reason == WF_REASON_ORBITAL);
}

static bool is_alive(const wf_track *t) {
  return t->life == WF_LIFE_CONFIRMED || t->life == WF_LIFE_COASTING;
}

// The object whose state is the event's: one that flies before one that is lost, that before one that ended, and of
// those the least certain end.
static int rank(const wf_common_track *t) {
  if (is_alive(&t->track)) return 0;
  if (t->track.life == WF_LIFE_TENTATIVE) return 2;
  if (!ends_known(&t->track)) return 1;
  if (t->track.reason == WF_REASON_ORBITAL) return 5;
  return t->track.reason == WF_REASON_FALL_OBSERVED ? 4 : 3;
}

static const wf_common_track *leader(const warn_event *e, const wf_common_track *const *tracks, size_t count) {
  const wf_common_track *best = NULL;
  for (size_t i = 0; i < count; i++)
    if (tracks[i]->event == e->event && (best == NULL || rank(tracks[i]) < rank(best))) best = tracks[i];
  return best;
}

static bool foretold(const warn_event *e, const wf_common_track *t) {
  const double left_s = wf_time_diff_s(t->impact.time, e->seen);
  if (!t->impact.valid) return false;
  if (t->track.reason == WF_REASON_BELOW_HORIZON) return left_s < SETS_BEFORE_S;
  // Nations have not all said yet why they see it no more.
  return left_s < (t->track.life == WF_LIFE_COASTING ? SETS_UNSAID_S : FALLS_BEFORE_S);
}

// That somebody says "lost" is no look at it: while it coasts, its newest statement is not when it was seen.
static void note_seen(warn_event *e, const wf_common_track *t) {
  const bool followed = t->track.life != WF_LIFE_COASTING && t->track.life != WF_LIFE_LOST;
  if (followed || e->seen.ns == 0 || wf_time_before(t->track.last_update, e->seen)) e->seen = t->track.last_update;
}

// Whatever its life is called: what nobody saw for half a minute is not seen.
static bool is_unseen(const wf_warn_config *c, const warn_event *e, const wf_common_track *t, wf_time now) {
  if (is_alive(&t->track) && t->track.last_update.ns != 0) return wf_time_diff_s(now, e->seen) > c->lost_after_s;
  return t->track.life == WF_LIFE_LOST || (t->track.life == WF_LIFE_ENDED && !ends_known(&t->track));
}

// A node that has just started is still being told what its partners know.
static bool is_settled(const wf_warn *w, wf_time now) {
  return wf_time_diff_s(now, w->started) > w->config.lost_after_s;
}

static void lose(warn_event *e, wf_time now) {
  e->alive = false;
  if (e->lost_since.ns != 0) return;
  e->lost_since = e->asked = now;
  e->answered = e->escalated = false;
}

// What superseded the old warnings was "lost": now that it flies on, they are told again.
static void find_again(warn_event *e) {
  e->lost_since.ns = 0;
  e->fell = false;
  e->asked.ns = 0;
  e->answered = e->escalated = false;
  if (!e->told[WF_STAGE_LOST_TRACK]) return;
  e->told[WF_STAGE_OVERFLIGHT] = e->told[WF_STAGE_DEBRIS] = false;
  e->told[WF_STAGE_LOST_TRACK] = e->told[WF_STAGE_AREA] = false;
  e->told[WF_STAGE_THREATENED_AREAS] = e->told[WF_STAGE_IMMINENT] = false;
}

static void see(const wf_warn *w, warn_event *e, wf_time now, const wf_common_track *t) {
  wf_lla lla;
  e->listed = true;
  e->last_listed = now;
  e->life = t->track.life;
  e->reason = t->track.reason;
  note_seen(e, t);
  e->sources |= t->track.sources;
  e->single_source = t->contributor_count == 1;
  memcpy(e->label, t->label, sizeof e->label);
  if (t->track.launch.valid) e->launch = t->track.launch;
  wf_geo_lla_from_ecef(t->track.state, &lla);
  e->high = e->high || lla.h_m > HIGH_M;
  // What it was when it was first not seen, it stays until it is seen again: predictions widen and move meanwhile.
  const bool unseen = is_unseen(&w->config, e, t, now);
  if (unseen && e->lost_since.ns == 0 && foretold(e, t)) e->fell = true;
  e->alive = is_alive(&t->track) && !unseen;
  if (unseen && !e->fell) {
    e->over = false;
    if (is_settled(w, now)) lose(e, now);
    return;
  }
  e->over = !e->alive && t->track.life != WF_LIFE_TENTATIVE;
  if (e->over && e->over_since.ns == 0) e->over_since = now;
  if (!e->over) e->over_since.ns = 0;
  if (e->alive) find_again(e);
}

// One name gave way to another: what was told under it was told of the same thing.
static void move_to(wf_warn *w, warn_event *from, warn_event *to) {
  for (int s = 0; s < WARN_STAGE_COUNT; s++) to->told[s] |= from->told[s];
  for (size_t i = 0; i < w->area_count; i++)
    warn_marks_of(w, to)[i] |= warn_marks_of(w, from)[i] & (WARN_MARK_TOLD | WARN_MARK_TOLD_FALL);
  if (wf_time_before(from->first_seen, to->first_seen)) to->first_seen = from->first_seen;
  if (from->released != 0 && wf_time_before(to->released_at, from->released_at)) {
    to->released = from->released;
    to->released_at = from->released_at;
    to->released_expires = from->released_expires;
    to->released_stage = from->released_stage;
  }
  if (from->told[WF_STAGE_AREA] && !to->had_area) to->told_area = from->told_area;
  warn_close(w, from);
}

static void miss(wf_warn *w, warn_event *e, wf_time now) {
  const uint64_t other = w->config.resolve != NULL ? w->config.resolve(w->config.resolve_context, e->event) : e->event;
  warn_event *to = other != e->event ? warn_event_find(w, other) : NULL;
  if (to != NULL && !to->closed)
    move_to(w, e, to);
  else if (!e->over && wf_time_diff_s(now, e->last_listed) > w->config.lost_after_s && is_settled(w, now))
    lose(e, now);
}

// Launched within minutes of one another from near one another: a salvo, of which more may follow.
static bool same_salvo(const warn_event *a, const warn_event *b) {
  if (wf_time_diff_s(a->first_seen, b->first_seen) > SALVO_S || wf_time_diff_s(b->first_seen, a->first_seen) > SALVO_S)
    return false;
  if (!a->launch.valid || !b->launch.valid) return true;
  const double north_m = (a->launch.area.lat_rad - b->launch.area.lat_rad) * WF_WGS84_A_M;
  const double east_m =
      wf_wrap_pi(a->launch.area.lon_rad - b->launch.area.lon_rad) * WF_WGS84_A_M * wf_cos(a->launch.area.lat_rad);
  return wf_hypot(north_m, east_m) < SALVO_M;
}

static bool told_of(const warn_event *e) {
  return e->told[WF_STAGE_LAUNCH_NOTICE] || e->released != 0;
}

// Not one object under two names: two engines were seen to burn, or the launches lie apart by more than they are
// unsure.
static bool two_launches(const warn_event *a, const warn_event *b) {
  if ((a->sources & b->sources & WF_SOURCE_INFRARED) != 0) return true;
  if (!a->launch.valid || !b->launch.valid) return false;
  const double apart_s = wf_time_diff_s(a->launch.time, b->launch.time);
  const double unsure_s = 3.0 * (a->launch.time_sigma_s + b->launch.time_sigma_s) + 10.0;
  return apart_s > unsure_s || apart_s < -unsure_s;
}

static void count_salvo(wf_warn *w, warn_event *e) {
  int n = 1;
  e->others = false;
  for (uint32_t i = 0; i < w->event_count && n < UINT8_MAX; i++) {
    const warn_event *o = &w->events[i];
    if (o == e || !o->used || o->cancelled || warn_is_information(o) || !told_of(o)) continue;
    if (!o->closed) e->others = true;
    if (same_salvo(e, o) && two_launches(e, o)) n++;
  }
  e->at_least = (uint8_t)n;
}

// A cancelled event stays so until a kind of source sees it that had not.
static bool stays_cancelled(const warn_event *e, const wf_common_track *lead) {
  return e->cancelled && (lead->track.sources & ~e->cancelled_sources) == 0;
}

void warn_gather(wf_warn *w, wf_time now, const wf_common_track *const *tracks, size_t count) {
  if (w->started.ns == 0) w->started = now;
  for (uint32_t i = 0; i < w->event_count; i++) w->events[i].listed = false;
  for (size_t i = 0; i < count; i++) {
    warn_event *e = warn_event_of(w, tracks[i]->event, now);
    if (e != NULL) e->listed = true;
  }
  for (uint32_t i = 0; i < w->event_count; i++) {
    warn_event *e = &w->events[i];
    const wf_common_track *lead = e->listed ? leader(e, tracks, count) : NULL;
    if (lead != NULL && stays_cancelled(e, lead)) continue;
    if (lead != NULL && (!e->closed || is_alive(&lead->track))) {
      see(w, e, now, lead);
      count_salvo(w, e);
      if (e->alive && (e->closed || e->told[WF_STAGE_ALL_CLEAR])) warn_reopen(w, e);
      if (lead->impact.valid) {
        e->area = lead->impact;
        e->had_area = true;
      }
      warn_assess_areas(w, e, lead, now, tracks, count);
    } else if (lead == NULL && !e->closed && !warn_is_information(e)) {
      miss(w, e, now);
    }
  }
}
