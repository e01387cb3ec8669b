// What waits for a partner: references into the cache, by priority, bounded. What does not fit, or is no longer in
// memory when its turn comes, is not lost: the partner's Have shows the gap and it comes from the log.
#include "internal.h"

// The bulk lane may overtake our hello on the alert lane: until the partner is known to have heard that one, it would
// ignore what comes on the other.
wf_lane lane_for(const wf_exchange *x, uint32_t index, wf_priority priority) {
  const partner *p = &x->partner[index];
  const lane_state *bulk = &p->lane[WF_LANE_BULK - 1];
  if (priority <= WF_PRIORITY_LAUNCH || !p->heard_live || !bulk->up || !bulk->greeted || bulk->closing)
    return WF_LANE_ALERT;
  return WF_LANE_BULK;
}

wf_priority priority_of(const wf_bundle *bundle) {
  if (bundle->stream.stream_class == WF_STREAM_CONTRIBUTIONS) return WF_PRIORITY_CONTRIBUTION;
  if (bundle->stream.stream_class == WF_STREAM_STATUS) return WF_PRIORITY_STATUS;
  wf_record_view r;
  for (size_t at = 0; wf_bundle_next(bundle, &at, &r);)
    if (r.payload == WF_PAYLOAD_PRODUCT) return WF_PRIORITY_WARNING;
  return WF_PRIORITY_LAUNCH;
}

// What leaves the queue unsent was left out of Haves while it waited: the partner is told of it now, or, when nothing
// newer of its stream comes, it would never know.
static void unsent(partner *p, const queued *q) {
  bit_set(p->have_dirty, q->epoch_slot);
}

void queue_bundle(wf_exchange *x, uint32_t index, const entry *e, uint64_t serial) {
  partner *p = &x->partner[index];
  if (!p->live || ranges_have(&x->epochs[e->epoch_slot].peer[index].has, e->first, e->last)) return;
  const wf_priority priority = e->priority < WF_PRIORITY_BACKFILL ? e->priority : WF_PRIORITY_STATUS;
  const queued q = {serial, e->first, e->last, e->epoch_slot, e->generation, x->now.mono.ns};
  if (p->queue[priority].count == p->queue[priority].capacity) {
    unsent(p, wf_ring_at(&p->queue[priority], 0));
    p->dropped++;
  }
  wf_ring_push_evict(&p->queue[priority], &q);
}

void queue_clear(wf_exchange *x, uint32_t index) {
  queued q;
  for (int i = 0; i < WF_PRIORITY_BACKFILL; i++)
    while (wf_ring_pop(&x->partner[index].queue[i], &q) == WF_OK) continue;
}

void queue_lowest(const wf_exchange *x, uint32_t index, uint64_t lowest[EPOCHS_MAX]) {
  for (uint32_t slot = 0; slot < x->epoch_high; slot++) lowest[slot] = UINT64_MAX;
  for (int i = 0; i < WF_PRIORITY_BACKFILL; i++) {
    const wf_ring *ring = &x->partner[index].queue[i];
    for (size_t k = 0; k < ring->count; k++) {
      const queued *q = wf_ring_at(ring, k);
      if (q->first < lowest[q->epoch_slot]) lowest[q->epoch_slot] = q->first;
    }
  }
}

uint64_t queue_bytes(const wf_exchange *x, uint32_t index) {
  uint64_t bytes = 0;
  for (int i = 0; i < WF_PRIORITY_BACKFILL; i++) bytes += x->partner[index].queue[i].count * sizeof(queued);
  return bytes;
}

// The one place where a record leaves: nothing goes to who is not in its audience, whatever asked for it.
bool send_bundle(wf_exchange *x, uint32_t index, wf_lane lane, wf_priority priority, uint32_t slot, wf_bytes bundle,
                 bool backfill) {
  enum { HEAD = 32 };
  const wf_stream_name *name = &x->streams[x->epochs[slot].stream].name;
  if (!partner_may_hold(x, index, name) || !effects_have_room(x, 1, bundle.size + HEAD)) return false;
  const wf_deliver deliver = {bundle, backfill, !same_nation(name->origin, x->config.nation)};
  uint8_t *bytes = scratch_take(x, bundle.size + HEAD);
  size_t length = 0;
  x->out.kind = WF_FRAME_DELIVER;
  x->out.deliver = deliver;
  if (wf_frame_encode(&x->out, bytes, bundle.size + HEAD, &length) != WF_OK) return false;
  send_bytes(x, index, lane, priority, (wf_bytes){bytes, length});
  return true;
}

// Older contributions give way to newer ones when the partner is this far behind: they come by backfill.
static bool gives_way(const wf_exchange *x, const wf_ring *ring, wf_priority priority, const queued *q) {
  return priority == WF_PRIORITY_CONTRIBUTION && ring->count > 1 && x->now.mono.ns - q->since_ns > LIVE_AGE_MAX_NS;
}

static bool send_queued(wf_exchange *x, uint32_t index, wf_lane lane, wf_priority priority) {
  partner *p = &x->partner[index];
  wf_ring *ring = &p->queue[priority];
  const queued *q = wf_ring_at(ring, 0);
  const epoch *ep = &x->epochs[q->epoch_slot];
  queued gone;
  if (gives_way(x, ring, priority, q)) {
    unsent(p, q);
  } else if (ep->used && ep->generation == q->generation && !ranges_have(&ep->peer[index].has, q->first, q->last)) {
    const entry *e = cache_at(x, q->serial);
    if (!e || e->state != ENTRY_READY) {
      unsent(p, q);
      serve_later(x, index, q->epoch_slot, q->first, q->last);
    } else {
      if (!send_bundle(x, index, lane, priority, q->epoch_slot, cache_bytes(x, e), false)) return false;
      p->sent_records += q->last - q->first + 1;
    }
  }
  return wf_ring_pop(ring, &gone) == WF_OK;
}

// The best thing that may go out now; false when there is none.
static bool flush_one(wf_exchange *x, uint32_t index) {
  partner *p = &x->partner[index];
  for (int i = 0; i < WF_PRIORITY_BACKFILL; i++) {
    const wf_lane lane = lane_for(x, index, (wf_priority)i);
    if (p->queue[i].count && p->lane[lane - 1].credit) return send_queued(x, index, lane, (wf_priority)i);
  }
  return serve_next(x, index, lane_for(x, index, WF_PRIORITY_BACKFILL));
}

void queue_flush(wf_exchange *x) {
  for (uint32_t i = 0; i < x->partner_count; i++) {
    session_control(x, i);
    if (!x->partner[i].live) continue;
    relay_send(x, i);
    have_acknowledge(x, i);
    want_send(x, i);
    while (flush_one(x, i)) continue;
    have_send(x, i);
  }
}
