// A bundle from a partner: checked, delivered, verified, stored, acknowledged. From the origin itself, over a mutually
// authenticated link, it is delivered before its signature is checked; passed on by others, after.
#include <string.h>

#include "internal.h"

typedef enum intake { INTAKE_NEW, INTAKE_DUPLICATE, INTAKE_CONFLICT, INTAKE_STORE } intake;

bool stores_have_room(const wf_exchange *x) {
  return x->stores[(x->next_store + STORES_MAX / 8) % STORES_MAX].token == 0;  // an eighth is kept for own records
}

static uint32_t evidence_place(const wf_exchange *x, const entry *e) {
  for (uint32_t i = 0; i < x->evidence_count; i++) {
    const evidence *v = &x->evidence[i];
    if (v->epoch_slot == e->epoch_slot && v->generation == e->generation && memcmp(v->hash, e->hash, WF_HASH_SIZE) == 0)
      return i + 1;
  }
  return 0;
}

wf_status bundle_store(wf_exchange *x, const entry *e, uint32_t source) {
  store_write *w = &x->stores[x->next_store % STORES_MAX];
  wf_exchange_effect *out = w->token == 0 ? effect_add(x, WF_XE_STORE) : NULL;
  const epoch *ep = &x->epochs[e->epoch_slot];
  if (!out) {
    alarm_raise(x, WF_ALARM_OVERLOAD, x->config.nation, "the store does not keep up: a bundle is not stored");
    return WF_EFULL;
  }
  const uint64_t token = token_make(TOKEN_STORE, x->next_store++);
  *w = (store_write){token, e->epoch_slot, e->generation, source, e->first, e->last, e->own, evidence_place(x, e)};
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
  return WF_OK;
}

static bool evidence_known(const wf_exchange *x, uint32_t slot, uint64_t first, const uint8_t hash[WF_HASH_SIZE]) {
  for (uint32_t i = 0; i < x->evidence_count; i++) {
    const evidence *v = &x->evidence[i];
    if (v->epoch_slot == slot && v->generation == x->epochs[slot].generation && v->first == first &&
        memcmp(v->hash, hash, WF_HASH_SIZE) == 0)
      return true;
  }
  return false;
}

bool evidence_has(const wf_exchange *x, uint32_t slot, const uint8_t hash[WF_HASH_SIZE]) {
  for (uint32_t i = 0; i < x->evidence_count; i++) {
    const evidence *v = &x->evidence[i];
    if (v->epoch_slot == slot && v->generation == x->epochs[slot].generation &&
        memcmp(v->hash, hash, WF_HASH_SIZE) == 0)
      return true;
  }
  return false;
}

static intake judge(wf_exchange *x, uint32_t slot, const wf_bundle *b, const uint8_t hash[WF_HASH_SIZE]) {
  if (slot == NONE) return INTAKE_NEW;
  const epoch *ep = &x->epochs[slot];
  uint64_t serial;
  const entry *known = cache_find(x, slot, b->first, &serial);
  if (known && memcmp(known->hash, hash, WF_HASH_SIZE) == 0) return INTAKE_DUPLICATE;
  if (!known && !x->not_durable && ranges_have(&ep->unstored, b->first, b->last)) return INTAKE_STORE;
  if (evidence_known(x, slot, b->first, hash)) return INTAKE_DUPLICATE;
  if (known) return INTAKE_CONFLICT;
  const uint8_t *end = chain_end_at(&ep->have, b->last);
  if (end && memcmp(end, hash, WF_HASH_SIZE) != 0) return INTAKE_CONFLICT;
  if (chain_has(&ep->have, b->first, b->last)) return INTAKE_DUPLICATE;  // too old to compare with what is in memory
  return chain_overlaps(&ep->have, b->first, b->last) ? INTAKE_CONFLICT : INTAKE_NEW;
}

static bool has_room(wf_exchange *x, uint32_t slot, const wf_bundle *b) {
  if (x->unverified_count == UNVERIFIED_MAX || !stores_have_room(x)) return false;
  if (slot == NONE) return true;
  const chain *have = &x->epochs[slot].have;
  if (have->count + 8 < CHAIN_RANGES_MAX) return true;
  // Nearly too many gaps: only what joins a piece.
  return chain_overlaps(have, b->first > 1 ? b->first - 1 : 1, b->last + 1);
}

static wf_status take_in(wf_exchange *x, uint32_t source, const wf_deliver *deliver, wf_bundle *b, uint32_t slot,
                         intake kind, const uint8_t hash[WF_HASH_SIZE], bool said) {
  uint64_t serial;
  entry *e = has_room(x, slot, b) ? cache_insert(x, deliver->bundle.size, &serial) : NULL;
  if (!e) {
    x->partner[source].dropped++;
    return WF_EFULL;  // not acknowledged: it will be asked for again
  }
  memcpy(x->cache.bytes + e->offset, deliver->bundle.data, deliver->bundle.size);
  if (wf_bundle_parse(cache_bytes(x, e), b, x->reason) != WF_OK) return WF_EFORMAT;  // the same bytes: cannot be
  e->state = ENTRY_UNVERIFIED;
  e->source = source;
  e->epoch_slot = slot;
  e->generation = slot == NONE ? 0 : x->epochs[slot].generation;
  e->relayed = !same_nation(b->stream.origin, x->partner[source].nation);
  e->backfill = deliver->backfill;
  e->own = same_nation(b->stream.origin, x->config.nation);
  e->priority = priority_of(b);
  e->first = b->first;
  e->last = b->last;
  e->records = b->record_count;
  memcpy(e->hash, hash, WF_HASH_SIZE);
  memcpy(e->before, b->previous_hash, WF_HASH_SIZE);
  if (slot != NONE && kind == INTAKE_NEW) cache_index(x, e, serial);
  e->delivered = kind == INTAKE_STORE || said;
  if (!e->relayed && !said && kind == INTAKE_NEW) {
    deliver_bundle(x, b, e);
    e->delivered = true;
  }
  verify_add(x, e, serial);
  return WF_OK;
}

const char *receive_refusal(const wf_exchange *x, uint32_t source, const wf_bundle *b, wf_alarm_kind *alarm) {
  *alarm = WF_ALARM_MODE_MISMATCH;
  if (b->stream.mode != x->config.mode) return "a record of another mode";
  *alarm = WF_ALARM_OUTSIDE_AUDIENCE;
  if (!wf_audience_has(&b->stream.audience, x->config.nation)) return "a record this nation may not have";
  if (!wf_audience_has(&b->stream.audience, x->partner[source].nation)) return "a record its sender may not have";
  *alarm = WF_ALARM_REFUSED_INPUT;
  if (!is_member(x, b->stream.origin)) return "a record of a nation that is no member";
  return NULL;
}

// Once, for a nation that is no member: its records go on coming through others, which may well be.
static bool refusal_is_news(wf_exchange *x, const wf_bundle *b, wf_alarm_kind alarm) {
  const uint32_t origin = alarm == WF_ALARM_REFUSED_INPUT ? partner_index(x, b->stream.origin) : NONE;
  if (origin == NONE) return true;
  const bool news = !x->partner[origin].refusal_told;
  x->partner[origin].refusal_told = true;
  return news;
}

// The same numbers came another way, or something else under them.
static void said_otherwise(wf_exchange *x, early *said, intake kind) {
  if (kind == INTAKE_DUPLICATE) {
    said->sealed = true;
    if (!said->shown) early_free(x, said);
  } else if (kind == INTAKE_CONFLICT && said->shown) {
    early_take_back(x, said, "another record has its number");
  }
}

static wf_status take_in_said(wf_exchange *x, uint32_t source, const wf_deliver *deliver, wf_bundle *b, uint32_t slot,
                              intake kind, const uint8_t hash[WF_HASH_SIZE], early *said) {
  const wf_status status = take_in(x, source, deliver, b, slot, kind, hash, said->shown);
  if (status != WF_OK && said->shown) early_take_back(x, said, "no room: it will be asked for again");
  early_free(x, said);
  return status;
}

wf_status receive_bundle(wf_exchange *x, uint32_t source, const wf_deliver *deliver, early *said) {
  partner *p = &x->partner[source];
  wf_bundle b;
  uint8_t hash[WF_HASH_SIZE];
  wf_alarm_kind alarm;
  if (wf_bundle_parse(deliver->bundle, &b, x->reason) != WF_OK) return WF_EFORMAT;
  const char *why = receive_refusal(x, source, &b, &alarm);
  if (why) {
    p->dropped += b.record_count;
    if (refusal_is_news(x, &b, alarm)) alarm_raise(x, alarm, p->nation, "%s sent %s", p->nation.code, why);
    return alarm == WF_ALARM_MODE_MISMATCH ? WF_EMODE : WF_OK;
  }
  p->heard_data_ns = x->now.mono.ns;
  wf_bundle_hash(b.body, hash);
  const bool direct = same_nation(b.stream.origin, p->nation);
  uint32_t slot = direct ? epoch_make(x, &b.stream, b.epoch, NONE) : epoch_find(x, &b.stream, b.epoch);
  const intake kind = epoch_closed(x, &b.stream, b.epoch) ? INTAKE_DUPLICATE : judge(x, slot, &b, hash);
  if (direct && slot == NONE && kind != INTAKE_DUPLICATE) {
    alarm_raise(x, WF_ALARM_OVERLOAD, p->nation, "%s has more streams or epochs than are kept", p->nation.code);
    return WF_OK;
  }
  if (slot != NONE) ranges_add(&x->epochs[slot].peer[source].has, b.first, b.last);
  if (said) said_otherwise(x, said, kind);
  if (kind == INTAKE_DUPLICATE) {
    p->duplicates += b.record_count;
    if (wf_planted(WF_PLANT_ACCEPT_DUPLICATE)) deliver_bundle(x, &b, &(entry){.epoch_slot = slot, .source = source});
    return WF_OK;
  }
  const uint32_t records = b.record_count;
  const wf_status status = said ? take_in_said(x, source, deliver, &b, slot, kind, hash, said)
                                : take_in(x, source, deliver, &b, slot, kind, hash, false);
  if (status == WF_OK) p->received_records += records;
  return status;
}

// Of two bundles with one number the lower hash is in the picture, at every node alike; the other is shown beside it.
// The one that came first may be gone from memory; its hash is then known from the chain, if it ends a piece there.
static void settle(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  entry *other = cache_find(x, e->epoch_slot, e->first, NULL);
  if (other == e || (other && other->state != ENTRY_READY)) other = NULL;
  const uint8_t *other_hash = other ? other->hash : chain_end_at(&x->epochs[e->epoch_slot].have, e->last);
  wf_bundle loser;
  if (other_hash && memcmp(e->hash, other_hash, WF_HASH_SIZE) < 0) {
    const bool shown = other && wf_bundle_parse(cache_bytes(x, other), &loser, x->reason) == WF_OK;
    retract_bundle(x, shown ? &loser : b, shown ? other : e, "another record has its number");
    if (shown) aside_bundle(x, &loser, other, "evidence of equivocation");
    if (!e->delivered) deliver_bundle(x, b, e);
    if (other) cache_drop(x, other);
    cache_index(x, e, serial);
  } else {
    if (e->delivered) retract_bundle(x, b, e, "another record has its number");
    aside_bundle(x, b, e, "evidence of equivocation");
  }
  e->state = ENTRY_READY;
  e->pinned = false;
}

static void evidence_add(wf_exchange *x, const entry *e, const uint8_t hash[WF_HASH_SIZE]) {
  if (x->evidence_count == EVIDENCE_MAX) return;  // counted by the alarms
  evidence *v = &x->evidence[x->evidence_count++];
  *v = (evidence){.epoch_slot = e->epoch_slot, .generation = e->generation, .first = e->first};
  memcpy(v->hash, hash, WF_HASH_SIZE);
}

// Both of them, so that neither is news when it comes again.
static void evidence_keep(wf_exchange *x, const entry *e) {
  const entry *other = cache_find(x, e->epoch_slot, e->first, NULL);
  const uint8_t *end = chain_end_at(&x->epochs[e->epoch_slot].have, e->last);
  evidence_add(x, e, e->hash);
  if (other && other != e)
    evidence_add(x, e, other->hash);
  else if (end)
    evidence_add(x, e, end);
}

static void equivocation(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  uint64_t other_serial = 0;
  const entry *other = cache_find(x, e->epoch_slot, e->first, &other_serial);
  evidence_keep(x, e);
  alarm_raise(x, WF_ALARM_EQUIVOCATION, b->stream.origin, "%s said two things under number %llu of epoch %llu",
              b->stream.origin.code, (unsigned long long)e->first, (unsigned long long)b->epoch);
  bundle_store(x, e, e->source);
  relay_evidence(x, e, serial);
  if (other && other != e && other->state == ENTRY_READY) relay_evidence(x, other, other_serial);
  settle(x, e, serial, b);
}

// Somebody else speaks with this node's name and key.
static void look_for_twin(wf_exchange *x, const wf_bundle *b) {
  if (!same_nation(b->stream.origin, x->config.nation) || b->stream.writer != x->config.writer || b->epoch < x->epoch)
    return;
  const uint32_t slot = epoch_find(x, &b->stream, b->epoch);
  if (b->epoch == x->epoch && slot != NONE && b->last <= x->epochs[slot].pending_high) return;
  alarm_raise(x, WF_ALARM_TWIN, x->config.nation, "another node speaks as %s under epoch %llu", x->config.nation.code,
              (unsigned long long)b->epoch);
  epoch_raise(x, b->epoch);
}

// The same bundle, come another way.
static entry *other_copy(wf_exchange *x, const entry *e) {
  entry *other = e->epoch_slot == NONE ? NULL : cache_find(x, e->epoch_slot, e->first, NULL);
  return other && other != e && memcmp(other->hash, e->hash, WF_HASH_SIZE) == 0 ? other : NULL;
}

// Written again because the first time failed: the core has had it.
static void accept_again(wf_exchange *x, entry *e, uint64_t serial) {
  e->state = ENTRY_READY;
  e->pinned = false;
  cache_index(x, e, serial);
  want_progress(x, e->epoch_slot, e->source, e->backfill);  // store_again takes it from here
}

// Under numbers that are held already: the same bundle, come another way, or a lie.
static void accept_overlap(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  const intake kind = judge(x, e->epoch_slot, b, e->hash);
  const entry *known = cache_find(x, e->epoch_slot, b->first, NULL);
  if (kind == INTAKE_STORE)
    accept_again(x, e, serial);
  else if (kind == INTAKE_DUPLICATE && known != e)
    cache_drop(x, e);
  else
    equivocation(x, e, serial, b);
}

// A verified bundle joins its epoch.
static void join(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  epoch *ep = &x->epochs[e->epoch_slot];
  const entry *other = other_copy(x, e);
  if (other && other->delivered) e->delivered = true;  // it came directly too, and was delivered on the way in
  const chain_link link = link_of(b, e->hash);
  const chain_verdict verdict = chain_add(&ep->have, &link);
  if (verdict == CHAIN_FULL) {
    if (e->delivered) retract_bundle(x, b, e, "too many gaps: it will be asked for again");
    cache_drop(x, e);
    return;
  }
  if (verdict == CHAIN_BROKEN && !ep->broken_told) {
    ep->broken_told = true;
    alarm_raise(x, WF_ALARM_BAD_CHAIN, b->stream.origin, "the chain of %s breaks at number %llu", b->stream.origin.code,
                (unsigned long long)b->first);
  }
  e->state = ENTRY_READY;
  e->pinned = false;
  if (!e->indexed) cache_index(x, e, serial);
  epoch_state_end(x, b);
  if (!e->delivered) deliver_bundle(x, b, e);
  e->delivered = true;
  ranges_add(&ep->peer[e->source].has, b->first, b->last);
  epoch_touched(x, e->epoch_slot);
  relay_bundle(x, e, serial);
  bundle_store(x, e, e->source);
  if (wf_planted(WF_PLANT_ACKNOWLEDGE_BEFORE_SYNC)) {
    ranges_add(&ep->durable, b->first, b->last);
    bit_set(x->partner[e->source].ack_dirty, e->epoch_slot);
  }
  want_progress(x, e->epoch_slot, e->source, e->backfill);
}

void accept_bundle(wf_exchange *x, entry *e, uint64_t serial) {
  wf_bundle b;
  if (wf_bundle_parse(cache_bytes(x, e), &b, x->reason) != WF_OK) return;  // it was parsed before: cannot be
  if (!is_member(x, b.stream.origin)) {                                    // since it came
    if (e->delivered) retract_bundle(x, &b, e, "its nation is no member any more");
    cache_drop(x, e);
    return;
  }
  const uint32_t slot = epoch_make(x, &b.stream, b.epoch, NONE);
  if (slot == NONE) {
    alarm_raise(x, WF_ALARM_OVERLOAD, b.stream.origin, "%s has more streams or epochs than are kept",
                b.stream.origin.code);
    cache_drop(x, e);
    return;
  }
  cache_move(x, e, slot);
  look_for_twin(x, &b);
  if (chain_overlaps(&x->epochs[slot].have, b.first, b.last))
    accept_overlap(x, e, serial, &b);
  else
    join(x, e, serial, &b);
}

void refuse_bundle(wf_exchange *x, entry *e) {
  wf_bundle b;
  if (wf_bundle_parse(cache_bytes(x, e), &b, x->reason) != WF_OK) return;
  const uint32_t source = e->source;
  const bool direct = !e->relayed;
  alarm_raise(x, WF_ALARM_BAD_SIGNATURE, b.stream.origin, "a bundle of %s from %s has a wrong signature",
              b.stream.origin.code, x->partner[source].nation.code);
  const entry *other = other_copy(x, e);
  if (e->delivered && !(other && other->state == ENTRY_READY)) retract_bundle(x, &b, e, "its signature is wrong");
  cache_drop(x, e);
  if (direct) link_close(x, source, WF_LANE_ALERT, WF_BYE_MALFORMED, "wrong signature");
}

static void store_failed(wf_exchange *x, const store_write *w) {
  epoch *ep = &x->epochs[w->epoch_slot];
  if (ep->used && ep->generation == w->generation) ranges_add(&ep->unstored, w->first, w->last);
  if (w->evidence) x->evidence[w->evidence - 1].unstored = true;
  if (x->not_durable) return;
  x->not_durable = true;
  alarm_raise(x, WF_ALARM_STORE_FAILED, x->config.nation, "a bundle could not be stored: not durable from now on");
  epoch_raise(x, 0);
}

wf_status bundle_stored(wf_exchange *x, const wf_exchange_input *input) {
  store_write *w = &x->stores[token_serial(input->token) % STORES_MAX];
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
      v->unstored = bundle_store(x, e, NONE) != WF_OK;
    }
  }
}

// What could not be written, while it is still in memory. The rest is asked for again (want.c).
void store_again(wf_exchange *x) {
  if (x->not_durable) return;
  store_evidence_again(x);
  for (uint32_t slot = 0; slot < x->epoch_high; slot++) {
    epoch *ep = &x->epochs[slot];
    const range_set unstored = ep->unstored;
    for (uint32_t i = 0; ep->used && i < unstored.count; i++) {
      const entry *e;
      for (uint64_t n = unstored.range[i].first;
           n <= unstored.range[i].last && stores_have_room(x) && effects_have_room(x, 64, 0); n = e->last + 1) {
        e = cache_find(x, slot, n, NULL);
        if (!e || e->state != ENTRY_READY) break;
        bundle_store(x, e, NONE);
        ranges_remove(&ep->unstored, e->first, e->last);
        epoch_touched(x, slot);
      }
    }
  }
}

// What is on the disk is not what was written. It is written again from memory (store_again), or asked for again
// (want.c), and until then offered to nobody.
void bundle_damaged(wf_exchange *x, uint32_t slot, uint64_t first, uint64_t last) {
  epoch *ep = &x->epochs[slot];
  const wf_nation origin = x->streams[ep->stream].name.origin;
  alarm_raise(x, WF_ALARM_STORE_DAMAGED, origin, "stored records %llu to %llu of %s are damaged: to be fetched again",
              (unsigned long long)first, (unsigned long long)last, origin.code);
  ranges_remove(&ep->durable, first, last);
  ranges_add(&ep->lost, first, last);
  ranges_add(&ep->unstored, first, last);
  epoch_touched(x, slot);
  x->look_for_gaps = true;
}

static wf_status restore_refused(wf_exchange *x, const char *why) {
  alarm_raise(x, WF_ALARM_STORE_DAMAGED, x->config.nation, "a stored bundle is not used: %s", why);
  return WF_EFORMAT;
}

static wf_status restore_conflict(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  if (judge(x, e->epoch_slot, b, e->hash) == INTAKE_DUPLICATE) {
    cache_drop(x, e);
    return WF_OK;
  }
  evidence_keep(x, e);
  settle(x, e, serial, b);
  return WF_OK;
}

// One bundle of the own store, at the start. It was verified before it was stored.
wf_status bundle_restore(wf_exchange *x, const wf_exchange_input *input) {
  wf_bundle b;
  uint64_t serial;
  if (input->damaged && !wf_planted(WF_PLANT_ACCEPT_DAMAGED)) return restore_refused(x, "not what was written");
  if (wf_bundle_parse(input->bytes, &b, x->reason) != WF_OK) return restore_refused(x, x->reason);
  if (b.stream.mode != x->config.mode) return WF_EMODE;
  if (!wf_audience_has(&b.stream.audience, x->config.nation)) return WF_EDENIED;
  const uint32_t slot = epoch_make(x, &b.stream, b.epoch, NONE);
  entry *e = slot == NONE ? NULL : cache_insert(x, input->bytes.size, &serial);
  if (!e) return WF_EFULL;
  epoch *ep = &x->epochs[slot];
  memcpy(x->cache.bytes + e->offset, input->bytes.data, input->bytes.size);
  *e = (entry){.state = ENTRY_READY,
               .epoch_slot = slot,
               .generation = ep->generation,
               .source = NONE,
               .backfill = true,
               .first = b.first,
               .last = b.last,
               .offset = e->offset,
               .size = e->size,
               .priority = priority_of(&b),
               .own = same_nation(b.stream.origin, x->config.nation)};
  wf_bundle_hash(b.body, e->hash);
  wf_bundle_parse(cache_bytes(x, e), &b, x->reason);
  ranges_add(&ep->durable, b.first, b.last);
  if (chain_overlaps(&ep->have, b.first, b.last)) return restore_conflict(x, e, serial, &b);
  const chain_link link = link_of(&b, e->hash);
  if (chain_add(&ep->have, &link) == CHAIN_FULL) return WF_EFULL;
  cache_index(x, e, serial);
  epoch_state_end(x, &b);
  if (e->own && b.stream.writer == x->config.writer && b.epoch >= x->epoch) epoch_raise(x, b.epoch);
  if (!wf_planted(WF_PLANT_RESTORE_HALF)) deliver_bundle(x, &b, e);
  return WF_OK;
}
