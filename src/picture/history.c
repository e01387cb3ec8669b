// Forward through the log, back to snapshots. A late contribution makes the state from its time on invalid; the next
// advance goes back to the newest snapshot before it, once for all that came. Snapshots thin out with age, so that
// going back by a lateness costs about as much again in replay.
#include <string.h>

#include "inside.h"

#define SNAPSHOT_EVERY_S 1.0

static void superseded(void *context, uint64_t number, uint64_t by) {
  wf_pic_alias_add(context, number, by);
}

static void take_out(wf_picture *p, uint32_t index) {
  const wf_pic_snapshot s = p->snapshot[index];
  memmove(&p->snapshot[index], &p->snapshot[index + 1], (p->snapshots - index - 1) * sizeof s);
  p->snapshot[--p->snapshots] = s;  // its memory is free again, behind the used ones
}

// The one whose loss hurts least: the gap it leaves is the smallest for its age.
static uint32_t least_needed(const wf_picture *p, wf_time now) {
  uint32_t best = 1;
  double best_ratio = 0.0;
  for (uint32_t i = 1; i + 1 < p->snapshots; i++) {
    const wf_time before = p->snapshot[i - 1].world.state->time, after = p->snapshot[i + 1].world.state->time;
    const double gap = before.ns == INT64_MIN ? 1e9 : wf_time_diff_s(after, before);
    const double ratio = gap / (wf_time_diff_s(now, p->snapshot[i].world.state->time) + 1.0);
    if (i > 1 && ratio >= best_ratio) continue;
    best = i;
    best_ratio = ratio;
  }
  return best;
}

static void save(wf_picture *p) {
  const wf_time now = p->live.state->time, last = p->snapshot[p->snapshots - 1].world.state->time;
  if (last.ns != INT64_MIN && wf_time_diff_s(now, last) < SNAPSHOT_EVERY_S) return;
  if (p->snapshots == WF_PIC_SNAPSHOTS) take_out(p, least_needed(p, now));
  wf_pic_snapshot *s = &p->snapshot[p->snapshots++];
  wf_pic_world_copy(&s->world, &p->live);
  s->applied = p->live_applied;
}

// `keep`: live, not scratch: snapshots are taken and superseded numbers noted.
static void forward(wf_picture *p, wf_pic_world *w, uint32_t *applied, wf_time to, bool keep) {
  const wf_pic_witness witness = {superseded, p};
  const wf_pic_witness *const told = keep ? &witness : NULL;
  while (*applied < p->log.count) {
    const wf_contribution *c = wf_pic_log_at(&p->log, *applied);
    if (c->valid_time.ns > to.ns) break;
    wf_pic_run_to(w, wf_time_add_ns(c->valid_time, -1), told);
    if (keep && w->state->time.ns < c->valid_time.ns) save(p);
    wf_pic_apply(w, c);
    ++*applied;
    if (keep) p->stats.replayed++;
  }
  wf_pic_run_to(w, to, told);
  if (keep) save(p);
}

void wf_pic_begin(wf_picture *p) {
  wf_pic_world_clear(&p->live);
  wf_pic_world_clear(&p->snapshot[0].world);
  p->snapshot[0].applied = 0;
  p->snapshots = 1;
  p->live_applied = 0;
  p->dirty_from.ns = INT64_MAX;
}

// Newest snapshot whose time is before `limit`. The first one always is: insert keeps to that.
static const wf_pic_snapshot *before(const wf_picture *p, wf_time limit) {
  for (uint32_t i = p->snapshots; i-- > 0;)
    if (p->snapshot[i].world.state->time.ns < limit.ns) return &p->snapshot[i];
  return NULL;
}

static void drop_stale_snapshots(wf_picture *p) {
  while (p->snapshots > 1 && p->snapshot[p->snapshots - 1].world.state->time.ns >= p->dirty_from.ns) p->snapshots--;
}

static bool go_back(wf_picture *p, wf_time limit) {
  const wf_pic_snapshot *s = before(p, limit);
  if (s == NULL) return false;
  wf_pic_world_copy(&p->live, &s->world);
  p->live_applied = s->applied;
  p->stats.rollbacks++;
  return true;
}

void wf_pic_bring_to(wf_picture *p, wf_time now) {
  const bool stale = p->dirty_from.ns <= p->live.state->time.ns, backwards = now.ns < p->live.state->time.ns;
  if (stale || backwards) {
    wf_time limit = stale ? p->dirty_from : wf_time_add_ns(now, 1);
    if (now.ns + 1 < limit.ns) limit.ns = now.ns + 1;
    wf_pic_remember(p);
    drop_stale_snapshots(p);
    if (!go_back(p, limit)) return;  // asked for a time before all that is held
    // Snapshots after `now` hold what the log still says, but the next advance is to take them anew, in order.
    while (p->snapshots > 1 && p->snapshot[p->snapshots - 1].world.state->time.ns > now.ns) p->snapshots--;
  }
  p->dirty_from.ns = INT64_MAX;
  forward(p, &p->live, &p->live_applied, now, true);
  if (stale || backwards) wf_pic_recognise(p);
}

// The newest snapshot outside the rollback window that has taken something; else the oldest that has. 0 = none.
static uint32_t new_base(const wf_picture *p) {
  const wf_time edge = wf_time_add_s(p->live.state->time, -p->config.rollback_s);
  uint32_t base = 0;
  for (uint32_t i = 1; i < p->snapshots; i++) {
    const wf_time t = p->snapshot[i].world.state->time;
    if (t.ns >= p->dirty_from.ns || (base > 0 && t.ns > edge.ns)) break;
    if (p->snapshot[i].applied > 0) base = i;
  }
  return base;
}

// The oldest part of the log becomes final. The rollback window is kept if it can be; memory bounds come first.
bool wf_pic_make_room(wf_picture *p) {
  const uint32_t base = new_base(p);
  if (base == 0) return false;
  const uint32_t done = p->snapshot[base].applied;
  for (uint32_t i = 0; i < base; i++) take_out(p, 0);
  wf_pic_log_drop_first(&p->log, done);
  for (uint32_t i = 0; i < p->snapshots; i++) p->snapshot[i].applied -= done;
  p->live_applied = p->live_applied > done ? p->live_applied - done : 0;
  return true;
}

bool wf_pic_scratch_to(wf_picture *p, wf_time at) {
  const bool stale = p->dirty_from.ns <= p->live.state->time.ns;
  uint32_t applied;
  if (!stale && p->live.state->time.ns <= at.ns) {
    wf_pic_world_copy(&p->scratch, &p->live);
    applied = p->live_applied;
  } else {
    const wf_time limit = p->dirty_from.ns <= at.ns ? p->dirty_from : wf_time_add_ns(at, 1);
    const wf_pic_snapshot *s = before(p, limit);
    if (s == NULL) return false;
    wf_pic_world_copy(&p->scratch, &s->world);
    applied = s->applied;
  }
  forward(p, &p->scratch, &applied, at, false);
  return true;
}
