// What is missing, and whom to ask for it. The receiver asks: only it knows what it lacks and which way is dead.
#include "internal.h"

// What is held (and stored, if that failed and the store works again) or under verification: not to be asked for.
static void held_ranges(wf_exchange *x, uint32_t slot, range_set *out) {
  const epoch *ep = &x->epochs[slot];
  range_set had;
  chain_ranges(&ep->have, &had);
  *out = had;
  if (!x->not_durable && ep->unstored.count) ranges_subtract(&had, &ep->unstored, out);
  for (uint32_t i = 0; i < x->unverified_count; i++) {
    const entry *e = cache_at(x, x->unverified[i]);
    if (e && e->epoch_slot == slot) ranges_add(out, e->first, e->last);
  }
  early_ranges(x, slot, out);
}

static bool wait_is_over(wf_exchange *x, uint32_t slot, const range_set *held) {
  epoch *e = &x->epochs[slot];
  const partner *p = &x->partner[e->want_from];
  range_set left;
  ranges_subtract(&e->wanted, held, &left);
  if (left.count == 0) {
    e->want_from = e->want_avoid = NONE;
    return true;
  }
  const int64_t now = x->now.mono.ns;
  int64_t progress = e->want_progress_ns > e->want_sent_ns ? e->want_progress_ns : e->want_sent_ns;
  if (p->backfill_ns > progress) progress = p->backfill_ns;  // busy with what was asked of it before
  const int64_t heard = p->heard_data_ns > progress ? p->heard_data_ns : progress;
  if (now - heard < WANT_QUIET_NS && now - progress < WANT_STARVED_NS) return false;
  bit_set(x->partner[e->want_from].want_dirty, slot);  // it is told that it need not
  e->want_avoid = e->want_from;
  e->want_from = NONE;
  return true;
}

static bool can_ask(const wf_exchange *x, const epoch *e, uint32_t index) {
  return x->partner[index].live && partner_may_hold(x, index, &x->streams[e->stream].name);
}

static void ask(wf_exchange *x, uint32_t slot, uint32_t index, const range_set *lack) {
  epoch *e = &x->epochs[slot];
  e->want_from = index;
  e->wanted = *lack;
  if (e->wanted.count > WF_HAVE_RANGES_MAX) e->wanted.count = WF_HAVE_RANGES_MAX;
  e->want_sent_ns = e->want_progress_ns = x->now.mono.ns;
  bit_set(x->partner[index].want_dirty, slot);
}

// Asks this partner if it has something that is lacking.
static bool try_partner(wf_exchange *x, uint32_t slot, uint32_t index, const range_set *held) {
  range_set lack;
  if (index == NONE || !can_ask(x, &x->epochs[slot], index)) return false;
  ranges_subtract(&x->epochs[slot].peer[index].has, held, &lack);
  if (lack.count == 0) return false;
  ask(x, slot, index, &lack);
  return true;
}

// How many epochs a partner is filling up for us: who has least to do is asked next.
static uint32_t asked_of(const wf_exchange *x, uint32_t index) {
  uint32_t count = 0;
  for (uint32_t slot = 0; slot < x->epoch_high; slot++)
    count += x->epochs[slot].used && x->epochs[slot].want_from == index;
  return count;
}

static bool try_others(wf_exchange *x, uint32_t slot, uint32_t origin, const range_set *held) {
  const uint32_t avoid = x->epochs[slot].want_avoid;
  bool tried[WF_NATION_MAX] = {false};
  for (uint32_t k = 0; k < x->partner_count; k++) {
    uint32_t best = NONE;
    for (uint32_t i = 0; i < x->partner_count; i++)
      if (i != origin && i != avoid && !tried[i] && (best == NONE || asked_of(x, i) < asked_of(x, best))) best = i;
    if (best == NONE) break;
    if (try_partner(x, slot, best, held)) return true;
    tried[best] = true;
  }
  return avoid != NONE && try_partner(x, slot, avoid, held);
}

// The origin came back while another was asked in its place.
static bool origin_is_better(const wf_exchange *x, const epoch *e, uint32_t origin, const range_set *held) {
  range_set lack;
  if (origin == NONE || e->want_from == origin || e->want_avoid == origin || !can_ask(x, e, origin)) return false;
  ranges_subtract(&e->peer[origin].has, held, &lack);
  return lack.count > 0;
}

static uint64_t first_lacking(const wf_exchange *x, const epoch *e, const range_set *held) {
  uint64_t first = 0;
  for (uint32_t i = 0; i < x->partner_count; i++) {
    range_set lack;
    if (!can_ask(x, e, i)) continue;
    ranges_subtract(&e->peer[i].has, held, &lack);
    if (lack.count && (first == 0 || lack.range[0].first < first)) first = lack.range[0].first;
  }
  return first;
}

// The origin first. Others at once when the origin cannot be reached; while it can, only after what should have come
// by itself has not.
static void look(wf_exchange *x, uint32_t slot) {
  epoch *e = &x->epochs[slot];
  const uint32_t origin = partner_index(x, x->streams[e->stream].name.origin);
  const bool origin_live = origin != NONE && x->partner[origin].live;
  range_set held;
  held_ranges(x, slot, &held);
  if (origin != NONE && x->partner[origin].membership != WF_MEMBER) return;
  if (e->want_from != NONE && origin_is_better(x, e, origin, &held)) {
    bit_set(x->partner[e->want_from].want_dirty, slot);
    e->want_from = NONE;
  }
  if (e->want_from != NONE && !wait_is_over(x, slot, &held)) return;
  const uint64_t first = first_lacking(x, e, &held);
  if (first != e->lacking_first) {
    e->lacking_first = first;
    e->lacking_since_ns = x->now.mono.ns;
  }
  if (first == 0 || wf_planted(WF_PLANT_NEVER_ASK)) return;
  if (origin_live && e->want_avoid != origin && try_partner(x, slot, origin, &held)) return;
  if (!origin_live || x->now.mono.ns - e->lacking_since_ns >= THIRD_PARTY_AFTER_NS) {
    if (try_others(x, slot, origin, &held)) return;
    if (origin_live) try_partner(x, slot, origin, &held);
  }
}

void want_look(wf_exchange *x) {
  x->look_for_gaps = false;
  x->looked_mono_ns = x->now.mono.ns;
  for (uint32_t slot = 0; slot < x->epoch_high; slot++)
    if (x->epochs[slot].used) look(x, slot);
}

void want_send(wf_exchange *x, uint32_t index) {
  partner *p = &x->partner[index];
  for (uint32_t slot = 0; slot < x->epoch_high && p->lane[0].credit; slot++) {
    if (!bit_get(p->want_dirty, slot)) continue;
    const epoch *e = &x->epochs[slot];
    bit_clear(p->want_dirty, slot);
    if (!e->used) continue;
    const bool asked = e->want_from == index;
    wf_want *want = &x->out.want;
    x->out.kind = WF_FRAME_WANT;
    want->stream = x->streams[e->stream].name;
    want->epoch = e->number;
    want->count = asked ? e->wanted.count : 0;
    for (uint32_t i = 0; i < want->count; i++) want->range[i] = e->wanted.range[i];
    if (send_frame(x, index, WF_LANE_ALERT, WF_PRIORITY_STATUS) == WF_OK) continue;
    bit_set(p->want_dirty, slot);
    return;
  }
}

void want_progress(wf_exchange *x, uint32_t slot, uint32_t index, bool backfill) {
  if (backfill) x->partner[index].backfill_ns = x->now.mono.ns;
  if (x->epochs[slot].want_from == index) x->epochs[slot].want_progress_ns = x->now.mono.ns;
}

void want_session_end(wf_exchange *x, uint32_t index) {
  for (uint32_t slot = 0; slot < x->epoch_high; slot++)
    if (x->epochs[slot].want_from == index) x->epochs[slot].want_from = NONE;
  x->look_for_gaps = true;
}
