// A bundle from a partner: checked, delivered, verified, stored, acknowledged. From the origin itself, over a mutually
// authenticated link, it is delivered before its signature is checked; passed on by others, after.
#include <string.h>

#include "internal.h"

// UNSURE: its numbers are held, but what is held is not in memory to be compared.
typedef enum intake { INTAKE_NEW, INTAKE_DUPLICATE, INTAKE_UNSURE, INTAKE_CONFLICT, INTAKE_STORE } intake;

static intake judge(wf_exchange *x, uint32_t slot, const wf_bundle *b, const uint8_t hash[WF_HASH_SIZE]) {
  if (slot == NONE) return INTAKE_NEW;
  const epoch *ep = &x->epochs[slot];
  uint64_t serial;
  const entry *known = cache_find(x, slot, b->first, &serial);
  if (known && memcmp(known->hash, hash, WF_HASH_SIZE) == 0) return INTAKE_DUPLICATE;
  if (!known && !x->not_durable && ranges_have(&ep->unstored, b->first, b->last)) return INTAKE_STORE;
  if (evidence_has(x, slot, hash)) return INTAKE_DUPLICATE;
  if (known || fork_expects(x, slot, b->last, hash)) return INTAKE_CONFLICT;
  const uint8_t *end = chain_end_at(&ep->have, b->last);
  if (end) return memcmp(end, hash, WF_HASH_SIZE) != 0 ? INTAKE_CONFLICT : INTAKE_DUPLICATE;
  if (chain_has(&ep->have, b->first, b->last)) return INTAKE_UNSURE;
  return chain_overlaps(&ep->have, b->first, b->last) ? INTAKE_CONFLICT : INTAKE_NEW;
}

// What is live is not kept waiting by a slow store; what was asked for can be asked for again.
static bool has_room(wf_exchange *x, uint32_t slot, const wf_bundle *b, bool backfill) {
  if (x->unverified_count == UNVERIFIED_MAX || (backfill && !store_takes_more(x))) return false;
  if (slot == NONE) return true;
  const chain *have = &x->epochs[slot].have;
  if (have->count + 8 < CHAIN_RANGES_MAX) return true;
  // Nearly too many gaps: only what joins a piece.
  return chain_overlaps(have, b->first > 1 ? b->first - 1 : 1, b->last + 1);
}

static wf_status take_in(wf_exchange *x, uint32_t source, const wf_deliver *deliver, wf_bundle *b, uint32_t slot,
                         intake kind, const uint8_t hash[WF_HASH_SIZE], bool said) {
  uint64_t serial;
  entry *e = has_room(x, slot, b, deliver->backfill) ? cache_insert(x, deliver->bundle.size, &serial) : NULL;
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
  if (kind == INTAKE_DUPLICATE || kind == INTAKE_UNSURE) {
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
  if (kind == INTAKE_UNSURE) fork_suspect(x, slot, b.last, hash, NULL, source);
  if (kind == INTAKE_DUPLICATE || kind == INTAKE_UNSURE) {
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

// Somebody else speaks with this node's name and key.
static void look_for_twin(wf_exchange *x, const wf_bundle *b) {
  if (!epoch_is_a_twins(x, &b->stream, b->epoch, b->last)) return;
  alarm_raise(x, WF_ALARM_TWIN, x->config.nation, "another node speaks as %s under epoch %llu", x->config.nation.code,
              (unsigned long long)b->epoch);
  epoch_raise_for_twin(x, b->epoch);
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
  x->look_to_store = true;
  x->store_from = 0;
  want_progress(x, e->epoch_slot, e->source, e->backfill);
}

static void drop_copy(wf_exchange *x, entry *e, intake kind) {
  if (kind == INTAKE_UNSURE) fork_suspect(x, e->epoch_slot, e->last, e->hash, NULL, e->source);
  cache_drop(x, e);
}

// Under numbers that are held already: the same bundle, come another way, or a lie.
static void accept_overlap(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  const intake kind = judge(x, e->epoch_slot, b, e->hash);
  const entry *known = cache_find(x, e->epoch_slot, b->first, NULL);
  if (kind == INTAKE_STORE)
    accept_again(x, e, serial);
  else if ((kind == INTAKE_DUPLICATE || kind == INTAKE_UNSURE) && known != e)
    drop_copy(x, e, kind);
  else
    fork_found(x, e, serial, b);
}

// A verified bundle joins its epoch.
static void join(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  epoch *ep = &x->epochs[e->epoch_slot];
  const entry *other = other_copy(x, e);
  if (other && other->delivered) e->delivered = true;  // it came directly too, and was delivered on the way in
  const chain_link link = link_of(b, e->hash);
  fork_neighbours(x, e->epoch_slot, b, e->hash);
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

static wf_status restore_refused(wf_exchange *x, const char *why) {
  alarm_raise(x, WF_ALARM_STORE_DAMAGED, x->config.nation, "a stored bundle is not used: %s", why);
  return WF_EFORMAT;
}

static wf_status restore_conflict(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  const intake kind = judge(x, e->epoch_slot, b, e->hash);
  if (kind == INTAKE_DUPLICATE || kind == INTAKE_UNSURE)
    drop_copy(x, e, kind);
  else
    fork_restored(x, e, serial, b);
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
  fork_neighbours(x, slot, &b, e->hash);
  if (chain_add(&ep->have, &link) == CHAIN_FULL) return WF_EFULL;
  cache_index(x, e, serial);
  epoch_state_end(x, &b);
  if (e->own && b.stream.writer == x->config.writer && b.epoch >= x->epoch) {
    epoch_raise(x, b.epoch);
    x->first_epoch = x->epoch;
  }
  if (!wf_planted(WF_PLANT_RESTORE_HALF)) deliver_bundle(x, &b, e);
  return WF_OK;
}
