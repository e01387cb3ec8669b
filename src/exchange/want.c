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

static bool wait_is_over(wf_exchange *x, epoch *e, const range_set *held) {
  const partner *p = &x->partner[e->want_from];
  range_set left;
  ranges_subtract(&e->wanted, held, &left);
  if (left.count == 0) {
    e->want_from = e->want_avoid = NONE;
    return true;
  }
  const int64_t now = x->now.mono.ns,
                progress = e->want_progress_ns > e->want_sent_ns ? e->want_progress_ns : e->want_sent_ns;
  const int64_t heard = p->heard_data_ns > progress ? p->heard_data_ns : progress;
  if (now - heard < WANT_QUIET_NS && now - progress < WANT_STARVED_NS) return false;
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

static bool try_others(wf_exchange *x, uint32_t slot, uint32_t origin, const range_set *held) {
  const uint32_t avoid = x->epochs[slot].want_avoid;
  for (uint32_t i = 0; i < x->partner_count; i++)
    if (i != origin && i != avoid && try_partner(x, slot, i, held)) return true;
  return avoid != NONE && try_partner(x, slot, avoid, held);
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
  if (e->want_from != NONE && !wait_is_over(x, e, &held)) return;
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

// Something that is held already, to see what the partner has under the same number.
void want_evidence(wf_exchange *x, uint32_t slot, uint32_t index, uint64_t number) {
  const range_set one = {.count = 1, .range = {{number, number}}};
  if (x->epochs[slot].want_from == NONE && can_ask(x, &x->epochs[slot], index)) ask(x, slot, index, &one);
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
    if (!e->used || e->want_from != index) continue;
    wf_want *want = &x->out.want;
    x->out.kind = WF_FRAME_WANT;
    want->stream = x->streams[e->stream].name;
    want->epoch = e->number;
    want->count = e->wanted.count;
    for (uint32_t i = 0; i < e->wanted.count; i++) want->range[i] = e->wanted.range[i];
    if (send_frame(x, index, WF_LANE_ALERT, WF_PRIORITY_STATUS) == WF_OK) continue;
    bit_set(p->want_dirty, slot);
    return;
  }
}

void want_progress(wf_exchange *x, uint32_t slot, uint32_t index) {
  if (x->epochs[slot].want_from == index) x->epochs[slot].want_progress_ns = x->now.mono.ns;
}

void want_session_end(wf_exchange *x, uint32_t index) {
  for (uint32_t slot = 0; slot < x->epoch_high; slot++)
    if (x->epochs[slot].want_from == index) x->epochs[slot].want_from = NONE;
  x->look_for_gaps = true;
}
