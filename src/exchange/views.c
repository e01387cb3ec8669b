// What people look at.
#include "internal.h"

static uint64_t missing_of(const wf_exchange *x, wf_nation origin) {
  uint64_t missing = 0;
  for (uint32_t slot = 0; slot < x->epoch_high; slot++) {
    const epoch *e = &x->epochs[slot];
    if (!e->used || !same_nation(x->streams[e->stream].name.origin, origin)) continue;
    uint64_t top = chain_top(&e->have), held = 0;
    for (uint32_t p = 0; p < x->partner_count; p++) {
      const range_set *has = &e->peer[p].has;
      if (has->count && has->range[has->count - 1].last > top) top = has->range[has->count - 1].last;
    }
    for (uint32_t i = 0; i < e->have.count; i++) held += e->have.piece[i].last - e->have.piece[i].first + 1;
    missing += top - held;
  }
  return missing;
}

static bool relays(const partner *by, wf_nation origin) {
  for (uint32_t k = 0; k < by->asked.count; k++)
    if (by->live && same_nation(by->asked.origin[k], origin)) return true;
  return false;
}

size_t wf_exchange_links(const wf_exchange *x, wf_link_view *out, size_t cap) {
  size_t count = 0;
  for (uint32_t i = 0; i < x->partner_count && count < cap; i++) {
    const partner *p = &x->partner[i];
    wf_link_view *v = &out[count++];
    int64_t trip_ns, offset_ns, sigma_ns;
    *v = (wf_link_view){.nation = p->nation,
                        .membership = p->membership,
                        .last_heard = p->last_heard_wall,
                        .queued_bytes = queue_bytes(x, i),
                        .backfill_left = serve_left(x, i),
                        .missing_records = missing_of(x, p->nation),
                        .received_records = p->received_records,
                        .duplicates = p->duplicates,
                        .sent_records = p->sent_records};
    for (int k = 0; k < 2; k++) v->up[k] = p->lane[k].up && p->lane[k].greeted && !p->lane[k].closing;
    for (uint32_t k = 0; k < x->partner_count; k++) v->relayed_by[k] = relays(&x->partner[k], p->nation);
    if (!clock_estimate(&p->clock, &trip_ns, &offset_ns, &sigma_ns)) continue;
    v->round_trip_ms = (double)trip_ns / WF_NS_PER_MS;
    v->clock_offset_ms = (double)offset_ns / WF_NS_PER_MS;
    v->clock_offset_sigma_ms = (double)sigma_ns / WF_NS_PER_MS;
  }
  return count;
}

size_t wf_exchange_streams(const wf_exchange *x, wf_stream_view *out, size_t cap) {
  size_t count = 0;
  for (uint32_t i = 0; i < x->stream_count && count < cap; i++) {
    const stream *s = &x->streams[i];
    if (!s->used) continue;
    wf_stream_view *v = &out[count++];
    *v = (wf_stream_view){.name = s->name, .epoch = s->own ? x->epoch : 0};
    if (s->epoch_count == 0) continue;
    const epoch *e = &x->epochs[s->epoch_slot[s->epoch_count - 1]];
    v->epoch = e->number;
    v->contiguous = chain_contiguous(&e->have);
    v->highest = chain_top(&e->have);
    v->durable = ranges_contiguous(&e->durable);
    for (uint32_t p = 0; p < x->partner_count; p++) v->acknowledged[p] = e->peer[p].durable;
  }
  return count;
}

uint64_t wf_exchange_epoch(const wf_exchange *x) {
  return x->epoch;
}
size_t wf_exchange_memory_bytes(const wf_exchange *x) {
  return x->memory_bytes;
}
