// Bundles to the own disk. What the store has no room for waits in memory and is written when it has; own bundles are
// held there until then. If memory runs out too, the node goes on under a new epoch that is marked "not durable":
// nothing waits for a disk. What a write that failed leaves behind is written again from memory, or asked for again.
#include <string.h>

#include "internal.h"

static bool stores_have_room(const wf_exchange *x) {
  const uint32_t max = x->config.stores_max;
  return x->stores[(x->next_store + max / 8) % max].token == 0;  // an eighth is kept for own records
}

// For more from others: a place among the writes, or else in memory for some that wait.
bool store_takes_more(const wf_exchange *x) {
  return stores_have_room(x) || x->waiting_bytes < x->cache.size / 4;
}

static evidence *evidence_of(wf_exchange *x, uint32_t slot, uint32_t generation, const uint8_t hash[WF_HASH_SIZE]) {
  for (uint32_t i = 0; i < x->evidence_count; i++) {
    evidence *v = &x->evidence[i];
    if (v->epoch_slot == slot && v->generation == generation && memcmp(v->hash, hash, WF_HASH_SIZE) == 0) return v;
  }
  return NULL;
}

bool store_writes(const wf_exchange *x, const entry *e) {
  for (uint32_t i = 0; i < x->config.stores_max; i++) {
    const store_write *w = &x->stores[i];
    if (w->token && w->epoch_slot == e->epoch_slot && w->generation == e->generation &&
        memcmp(w->hash, e->hash, WF_HASH_SIZE) == 0)
      return true;
  }
  return e->waits;
}

static bool begin_write(wf_exchange *x, const entry *e, uint32_t source) {
  store_write *w = &x->stores[x->next_store % x->config.stores_max];
  wf_exchange_effect *out = w->token == 0 ? effect_add(x, WF_XE_STORE) : NULL;
  const epoch *ep = &x->epochs[e->epoch_slot];
  if (!out) return false;
  const uint64_t token = token_make(TOKEN_STORE, x->next_store++);
  *w = (store_write){token, e->epoch_slot, e->generation, source, e->first, e->last, e->own, {0}};
  memcpy(w->hash, e->hash, WF_HASH_SIZE);
  out->token = token;
  out->row = (wf_stored_row){.stream = x->streams[ep->stream].name,
                             .stream_index = ep->stream,
                             .epoch = ep->number,
                             .first = e->first,
                             .last = e->last};
  memcpy(out->row.hash, e->hash, WF_HASH_SIZE);
  out->nation = out->row.stream.origin;
  out->epoch = ep->number;
  out->own = e->own;
  out->bytes = cache_bytes(x, e);
  return true;
}

// From this bundle on there may be something to be written.
static void look_to_store(wf_exchange *x, uint64_t from) {
  if (!x->look_to_store || from < x->store_from) x->store_from = from;
  x->look_to_store = true;
}

void bundle_store(wf_exchange *x, entry *e, uint32_t source) {
  if (begin_write(x, e, source) || wf_planted(WF_PLANT_FORGET_UNSTORED)) return;
  e->waits = true;
  x->waiting_bytes += e->size;
  e->pinned = e->own && !x->not_durable;
  look_to_store(x, cache_serial(x, e));
  alarm_raise(x, WF_ALARM_OVERLOAD, x->config.nation, "the store does not keep up: writes wait in memory");
}

// In 64 pieces at most; then some that are written are written again.
static void add_unstored(wf_exchange *x, epoch *ep, uint64_t first, uint64_t last) {
  range_set *set = &ep->unstored;
  look_to_store(x, 0);
  if (ranges_add(set, first, last) == WF_OK) return;
  uint32_t i = 0;
  while (i + 1 < set->count && set->range[i + 1].last < first) i++;
  if (set->range[i].last < first)
    ranges_add(set, set->range[i].last + 1, last);
  else
    ranges_add(set, first, set->range[i].first - 1);
}

// A bundle leaves the memory before it could be written.
void store_missed(wf_exchange *x, entry *e) {
  epoch *ep = &x->epochs[e->epoch_slot];
  evidence *v = evidence_of(x, e->epoch_slot, e->generation, e->hash);
  x->waiting_bytes -= e->size;
  e->waits = false;
  if (ep->used && ep->generation == e->generation) add_unstored(x, ep, e->first, e->last);
  if (v) v->unstored = true;
}

static void go_on_without(wf_exchange *x, const char *why) {
  if (x->not_durable) return;
  x->not_durable = true;
  alarm_raise(x, WF_ALARM_STORE_FAILED, x->config.nation, "%s: not durable from now on", why);
  epoch_raise(x, 0);
}

// Memory is full of own bundles that wait for the store. True when the oldest may go now.
bool store_gives_way(wf_exchange *x, const entry *oldest) {
  if (!oldest->waits || !oldest->pinned) return false;
  for (uint64_t serial = x->cache.oldest; serial < x->cache.next; serial++) {
    entry *e = cache_at(x, serial);
    if (e->waits) e->pinned = false;
  }
  go_on_without(x, "the store does not keep up and memory is full");
  x->epoch_ready = true;  // a store that does not answer is not waited for
  return true;
}

static void store_failed(wf_exchange *x, const store_write *w) {
  epoch *ep = &x->epochs[w->epoch_slot];
  if (ep->used && ep->generation == w->generation) add_unstored(x, ep, w->first, w->last);
  evidence *v = evidence_of(x, w->epoch_slot, w->generation, w->hash);  // it may have become that meanwhile
  if (v) v->unstored = true;
  go_on_without(x, "a bundle could not be stored");
}

// What waits, and what failed and is still in memory. (What is not is asked for again: want.c.) An own bundle may take
// the last place.
static bool to_be_written(wf_exchange *x, const entry *e) {
  if (e->state != ENTRY_READY || e->epoch_slot == NONE) return false;
  const epoch *ep = &x->epochs[e->epoch_slot];
  if (!ep->used || ep->generation != e->generation) return false;
  if (e->waits) return true;
  return !x->not_durable && ep->unstored.count && ranges_have(&ep->unstored, e->first, e->last) &&
         cache_find(x, e->epoch_slot, e->first, NULL) == e;
}

static bool write_again(wf_exchange *x, entry *e) {
  if (!effects_have_room(x, 64, 0) || (!e->own && !stores_have_room(x)) ||
      !begin_write(x, e, e->waits ? e->source : NONE))
    return false;
  if (e->waits) {
    x->waiting_bytes -= e->size;
    e->waits = e->pinned = false;
  } else {
    ranges_remove(&x->epochs[e->epoch_slot].unstored, e->first, e->last);
  }
  epoch_touched(x, e->epoch_slot);
  return true;
}

// Goes on where it stopped for want of room.
static void store_waiting(wf_exchange *x) {
  if (!x->look_to_store) return;
  if (x->store_from < x->cache.oldest) x->store_from = x->cache.oldest;
  for (; x->store_from < x->cache.next; x->store_from++) {
    entry *e = cache_at(x, x->store_from);
    if (to_be_written(x, e) && !write_again(x, e)) return;
  }
  x->look_to_store = false;
}

wf_status bundle_stored(wf_exchange *x, const wf_exchange_input *input) {
  store_write *w = &x->stores[token_serial(input->token) % x->config.stores_max];
  if (w->token != input->token) return WF_EINVAL;
  const store_write done = *w;
  w->token = 0;
  epoch *ep = &x->epochs[done.epoch_slot];
  if (!input->ok) {
    store_failed(x, &done);
    return WF_OK;
  }
  if (!ep->used || ep->generation != done.generation) return WF_OK;
  ranges_add(&ep->durable, done.first, done.last);
  if (ep->lost.count) ranges_remove(&ep->lost, done.first, done.last);
  if (done.source != NONE) bit_set(x->partner[done.source].ack_dirty, done.epoch_slot);
  const uint32_t origin = partner_index(x, x->streams[ep->stream].name.origin);
  if (origin != NONE) bit_set(x->partner[origin].ack_dirty, done.epoch_slot);
  // Whose session began before this was on the disk has been told nothing of it.
  if (evidence_of(x, done.epoch_slot, done.generation, done.hash)) serve_evidence_of(x, done.epoch_slot, done.first);
  store_waiting(x);
  return WF_OK;
}

// Of two bundles with one number the cache finds one by its number; the other is looked for by its hash.
static void store_evidence_again(wf_exchange *x) {
  for (uint32_t i = 0; i < x->evidence_count; i++) {
    evidence *v = &x->evidence[i];
    for (uint64_t serial = x->cache.oldest; v->unstored && serial < x->cache.next; serial++) {
      const entry *e = cache_at(x, serial);
      if (e->state != ENTRY_READY || e->epoch_slot != v->epoch_slot || e->generation != v->generation ||
          memcmp(e->hash, v->hash, WF_HASH_SIZE) != 0 || !stores_have_room(x) || !effects_have_room(x, 64, 0))
        continue;
      v->unstored = !begin_write(x, e, NONE);
    }
  }
}

void store_again(wf_exchange *x) {
  if (!x->not_durable) store_evidence_again(x);
  store_waiting(x);
}

// What is on the disk is not what was written. It is written again from memory, or asked for again, and until then
// offered to nobody.
void bundle_damaged(wf_exchange *x, uint32_t slot, uint64_t first, uint64_t last) {
  epoch *ep = &x->epochs[slot];
  const wf_nation origin = x->streams[ep->stream].name.origin;
  alarm_raise(x, WF_ALARM_STORE_DAMAGED, origin, "stored records %llu to %llu of %s are damaged: to be fetched again",
              (unsigned long long)first, (unsigned long long)last, origin.code);
  ranges_remove(&ep->durable, first, last);
  ranges_add(&ep->lost, first, last);
  add_unstored(x, ep, first, last);
  epoch_touched(x, slot);
  x->look_for_gaps = true;
}
