// Who holds what. A Have goes out on the lane its stream's bundles use, behind them, and leaves out what still waits
// in the queue: so whatever a partner lacks of it will not come by itself, and may be asked for at once.
#include <string.h>

#include "internal.h"

static void fill_entry(const wf_exchange *x, const epoch *e, wf_stream_have *out) {
  const stream *s = &x->streams[e->stream];
  out->stream = s->name;
  out->epoch = e->number;
  out->highest_known_epoch = x->epochs[s->epoch_slot[s->epoch_count - 1]].number;
  out->contiguous = 0;
  out->extra_count = 0;
  out->has_end_hash = false;
}

// Ranges below `limit`.
static void fill_ranges(const range_set *set, uint64_t limit, wf_stream_have *out) {
  for (uint32_t i = 0; i < set->count && set->range[i].first < limit; i++) {
    wf_range r = set->range[i];
    if (r.last >= limit) r.last = limit - 1;
    if (r.first == 1)
      out->contiguous = r.last;
    else if (out->extra_count < WF_HAVE_RANGES_MAX)
      out->extra[out->extra_count++] = r;
  }
}

static void fill_end_hash(const epoch *e, wf_stream_have *out) {
  out->has_end_hash = out->contiguous > 0 && out->contiguous == chain_contiguous(&e->have);
  if (out->has_end_hash) memcpy(out->end_hash, e->have.piece[0].end, WF_HASH_SIZE);
}

static bool tellable(const wf_exchange *x, uint32_t partner_index, uint32_t slot) {
  const epoch *e = &x->epochs[slot];
  return e->used && e->have.count > 0 && partner_may_hold(x, partner_index, &x->streams[e->stream].name);
}

// One frame of what is marked in `dirty` for one lane; false when there was nothing to say or no way to say it.
static bool tell(wf_exchange *x, uint32_t index, uint64_t *dirty, wf_lane lane, bool snapshot, bool all_classes) {
  wf_have *have = &x->out.have;
  uint32_t told[WF_HAVE_ENTRIES_MAX];
  uint64_t waiting[EPOCHS_MAX];
  queue_lowest(x, index, waiting);
  x->out.kind = WF_FRAME_HAVE;
  have->snapshot = snapshot;
  have->count = 0;
  for (uint32_t slot = 0; slot < x->epoch_high && have->count < WF_HAVE_ENTRIES_MAX; slot++) {
    if (!bit_get(dirty, slot)) continue;
    const epoch *e = &x->epochs[slot];
    if (!tellable(x, index, slot)) {
      bit_clear(dirty, slot);
      continue;
    }
    const bool alert = x->streams[e->stream].name.stream_class == WF_STREAM_ALERTS;
    if (!all_classes && alert != (lane == WF_LANE_ALERT)) continue;
    range_set had, held;
    chain_ranges(&e->have, &had);
    ranges_subtract(&had, &e->lost, &held);
    fill_entry(x, e, &have->entry[have->count]);
    fill_ranges(&held, waiting[slot], &have->entry[have->count]);
    fill_end_hash(e, &have->entry[have->count]);
    told[have->count++] = slot;
  }
  if (have->count == 0 || send_frame(x, index, lane, WF_PRIORITY_STATUS) != WF_OK) return false;
  for (uint32_t i = 0; i < have->count; i++) bit_clear(dirty, told[i]);
  return true;
}

static bool any(const uint64_t *bits) {
  for (int i = 0; i < EPOCHS_MAX / 64; i++)
    if (bits[i]) return true;
  return false;
}

void have_acknowledge(wf_exchange *x, uint32_t index) {
  wf_have *ack = &x->out.have;
  partner *p = &x->partner[index];
  uint32_t told[WF_HAVE_ENTRIES_MAX];
  if (!any(p->ack_dirty) || p->lane[0].credit == 0) return;
  x->out.kind = WF_FRAME_ACK;
  ack->snapshot = false;
  ack->count = 0;
  for (uint32_t slot = 0; slot < x->epoch_high && ack->count < WF_HAVE_ENTRIES_MAX; slot++) {
    if (!bit_get(p->ack_dirty, slot)) continue;
    if (!tellable(x, index, slot)) {
      bit_clear(p->ack_dirty, slot);
      continue;
    }
    fill_entry(x, &x->epochs[slot], &ack->entry[ack->count]);
    fill_ranges(&x->epochs[slot].durable, UINT64_MAX, &ack->entry[ack->count]);
    told[ack->count++] = slot;
  }
  if (ack->count == 0 || send_frame(x, index, WF_LANE_ALERT, WF_PRIORITY_LAUNCH) != WF_OK) return;
  for (uint32_t i = 0; i < ack->count; i++) bit_clear(p->ack_dirty, told[i]);
}

void have_send(wf_exchange *x, uint32_t index) {
  partner *p = &x->partner[index];
  const wf_lane bulk = lane_for(x, index, WF_PRIORITY_STATUS);
  const bool one_lane = bulk == WF_LANE_ALERT;
  for (int round = 0; round < 2; round++) {
    uint64_t *dirty = round == 0 ? p->snapshot_dirty : p->have_dirty;
    if (!any(dirty) || (round == 1 && x->now.mono.ns - p->have_sent_ns < HAVE_EVERY_NS)) continue;
    if (round == 1) p->have_sent_ns = x->now.mono.ns;
    while (p->lane[0].credit && tell(x, index, dirty, WF_LANE_ALERT, round == 0, one_lane)) continue;
    while (!one_lane && p->lane[1].credit && tell(x, index, dirty, bulk, round == 0, false)) continue;
  }
}

void have_session_start(wf_exchange *x, uint32_t index) {
  partner *p = &x->partner[index];
  memset(p->snapshot_dirty, 0xff, sizeof p->snapshot_dirty);
  memset(p->have_dirty, 0, sizeof p->have_dirty);
  memset(p->ack_dirty, 0xff, sizeof p->ack_dirty);
  memset(p->want_dirty, 0, sizeof p->want_dirty);
  for (uint32_t slot = 0; slot < x->epoch_high; slot++) x->epochs[slot].peer[index] = (peer_knowledge){0};
}

void have_tell_all_of(wf_exchange *x, uint32_t index, wf_nation origin) {
  for (uint32_t slot = 0; slot < x->epoch_high; slot++) {
    const epoch *e = &x->epochs[slot];
    if (e->used && same_nation(x->streams[e->stream].name.origin, origin))
      bit_set(x->partner[index].snapshot_dirty, slot);
  }
}

// The bulk lane is new: what was in flight on the old one is lost.
void have_tell_bulk(wf_exchange *x, uint32_t index) {
  memset(x->partner[index].snapshot_dirty, 0xff, sizeof x->partner[index].snapshot_dirty);
}

// A partner knows of an own epoch, or a number in it, that this node never made.
static void look_for_twin(wf_exchange *x, const wf_stream_have *h) {
  const uint64_t top = h->extra_count ? h->extra[h->extra_count - 1].last : h->contiguous;
  if (!epoch_is_a_twins(x, &h->stream, h->epoch, top)) return;
  alarm_raise(x, WF_ALARM_TWIN, x->config.nation,
              "a partner knows epoch %llu of this node, up to number %llu: a second node, or a lost store",
              (unsigned long long)h->epoch, (unsigned long long)top);
  // Only hearsay: a partner gone wrong must not use up the epochs there are, and with them this node's voice.
  const uint64_t clock_ms = x->now.wall.ns > 0 ? (uint64_t)(x->now.wall.ns / WF_NS_PER_MS) : 0;
  if (h->epoch <= clock_ms + EPOCH_AHEAD_MAX_MS) epoch_raise_for_twin(x, h->epoch);
}

// The same number ends with another hash: somewhere up to it the origin said two things. The partner's bundle is asked
// for, as evidence (fork.c).
static void look_for_fork(wf_exchange *x, uint32_t index, uint32_t slot, const wf_stream_have *h) {
  epoch *e = &x->epochs[slot];
  const uint8_t *ours = chain_end_at(&e->have, h->contiguous);
  if (!ours || memcmp(ours, h->end_hash, WF_HASH_SIZE) == 0 || evidence_has(x, slot, h->end_hash) ||
      evidence_has(x, slot, ours))
    return;
  if (!e->broken_told)
    alarm_raise(x, WF_ALARM_BAD_CHAIN, h->stream.origin,
                "%s holds another chain of %s than this node, up to number %llu", x->partner[index].nation.code,
                h->stream.origin.code, (unsigned long long)h->contiguous);
  e->broken_told = true;
  fork_suspect(x, slot, h->contiguous, h->end_hash, ours, index);
}

static wf_status learn(wf_exchange *x, uint32_t index, const wf_stream_have *h, bool durable) {
  partner *p = &x->partner[index];
  if (h->stream.mode != x->config.mode) {
    alarm_raise(x, WF_ALARM_MODE_MISMATCH, p->nation, "%s has a stream of another mode", p->nation.code);
    return WF_EMODE;
  }
  if (!partner_may_hold(x, index, &h->stream)) {
    alarm_raise(x, WF_ALARM_OUTSIDE_AUDIENCE, p->nation, "%s named a stream outside its audience", p->nation.code);
    return WF_OK;
  }
  if (!is_member(x, h->stream.origin)) return WF_OK;  // others may well hold it
  look_for_twin(x, h);
  const uint32_t slot = epoch_make(x, &h->stream, h->epoch, same_nation(h->stream.origin, p->nation) ? NONE : index);
  if (slot == NONE) return WF_OK;
  peer_knowledge *peer = &x->epochs[slot].peer[index];
  if (h->contiguous) ranges_add(&peer->has, 1, h->contiguous);
  for (uint32_t i = 0; i < h->extra_count; i++) ranges_add(&peer->has, h->extra[i].first, h->extra[i].last);
  if (durable && h->contiguous > peer->durable) peer->durable = h->contiguous;
  if (h->has_end_hash) look_for_fork(x, index, slot, h);
  return WF_OK;
}

wf_status have_received(wf_exchange *x, uint32_t index, const wf_have *have, bool durable) {
  wf_status status = WF_OK;
  for (uint32_t i = 0; status == WF_OK && i < have->count; i++) status = learn(x, index, &have->entry[i], durable);
  x->look_for_gaps = true;
  return status;
}
