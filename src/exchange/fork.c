// Two bundles with one number: both are kept and passed on as evidence, and the one with the lower hash is in the
// picture. Wherever two hashes do not meet there may be another version that is not here: it is asked for, by number,
// of one partner after the other.
#include <string.h>

#include "internal.h"

#define ASK_AGAIN_NS (2 * WF_NS_PER_S)
#define ASK_SELDOM_NS (32 * WF_NS_PER_S)
#define COMPARE_AGAIN_NS (1 * WF_NS_PER_S)
#define UNSURE_MAX (SUSPECTS_MAX / 2)

// ---- Evidence
static bool is_evidence(const wf_exchange *x, const evidence *v, uint32_t slot, const uint8_t hash[WF_HASH_SIZE]) {
  return v->epoch_slot == slot && v->generation == x->epochs[slot].generation &&
         memcmp(v->hash, hash, WF_HASH_SIZE) == 0;
}

bool evidence_has(const wf_exchange *x, uint32_t slot, const uint8_t hash[WF_HASH_SIZE]) {
  for (uint32_t i = 0; i < x->evidence_count; i++)
    if (is_evidence(x, &x->evidence[i], slot, hash)) return true;
  return false;
}

static void evidence_add(wf_exchange *x, uint32_t slot, uint64_t first, uint64_t last,
                         const uint8_t hash[WF_HASH_SIZE]) {
  if (x->evidence_count == EVIDENCE_MAX || evidence_has(x, slot, hash)) return;  // counted by the alarms
  evidence *v = &x->evidence[x->evidence_count++];
  *v = (evidence){.epoch_slot = slot, .generation = x->epochs[slot].generation, .first = first, .last = last};
  memcpy(v->hash, hash, WF_HASH_SIZE);
}

// ---- Suspects
static bool alive(const wf_exchange *x, const suspect *s) {
  return s->used && x->epochs[s->epoch_slot].used && x->epochs[s->epoch_slot].generation == s->generation;
}

static const suspect *suspect_of(const wf_exchange *x, uint32_t slot, uint64_t last,
                                 const uint8_t other[WF_HASH_SIZE]) {
  for (int i = 0; i < SUSPECTS_MAX; i++) {
    const suspect *s = &x->suspect[i];
    if (alive(x, s) && s->epoch_slot == slot && s->last == last && memcmp(s->other, other, WF_HASH_SIZE) == 0) return s;
  }
  return NULL;
}

bool fork_expects(const wf_exchange *x, uint32_t slot, uint64_t last, const uint8_t hash[WF_HASH_SIZE]) {
  const suspect *s = suspect_of(x, slot, last, hash);
  return s && s->own_known;
}

// A free place, or that of the oldest. Of what is only unsure there are at most so many.
static suspect *place_for(wf_exchange *x, bool unsure) {
  suspect *oldest = &x->suspect[0];
  int count = 0;
  for (int i = 0; i < SUSPECTS_MAX; i++) {
    suspect *s = &x->suspect[i];
    if (!alive(x, s)) s->used = false;
    count += s->used && s->unsure;
    if (!s->used || (oldest->used && s->since_ns < oldest->since_ns)) oldest = s;
  }
  return unsure && (count >= UNSURE_MAX || oldest->used) ? NULL : oldest;
}

void fork_suspect(wf_exchange *x, uint32_t slot, uint64_t last, const uint8_t other[WF_HASH_SIZE], const uint8_t *own,
                  uint32_t from) {
  if (evidence_has(x, slot, other) || suspect_of(x, slot, last, other) ||
      (own && memcmp(own, other, WF_HASH_SIZE) == 0))
    return;
  suspect *s = place_for(x, own == NULL);
  if (!s) return;
  *s = (suspect){.used = true,
                 .unsure = own == NULL,
                 .own_known = own != NULL,
                 .epoch_slot = slot,
                 .generation = x->epochs[slot].generation,
                 .last = last,
                 .ask = from == NONE ? 0 : from,
                 .every_ns = ASK_AGAIN_NS,
                 .since_ns = x->now.mono.ns};
  memcpy(s->other, other, WF_HASH_SIZE);
  if (own) memcpy(s->own, own, WF_HASH_SIZE);
}

void fork_neighbours(wf_exchange *x, uint32_t slot, const wf_bundle *b, const uint8_t hash[WF_HASH_SIZE]) {
  const chain *have = &x->epochs[slot].have;
  const uint8_t *left = b->first > 1 ? chain_end_at(have, b->first - 1) : NULL;
  const uint8_t *named = chain_before_at(have, b->last + 1);
  if (left) fork_suspect(x, slot, b->first - 1, b->previous_hash, left, NONE);
  if (named) fork_suspect(x, slot, b->last, named, hash, NONE);
}

void fork_session_start(wf_exchange *x, uint32_t index) {
  for (int i = 0; i < SUSPECTS_MAX; i++) {
    suspect *s = &x->suspect[i];
    if (!s->used) continue;
    s->ask = index;
    s->every_ns = ASK_AGAIN_NS;
    s->asked_ns = 0;
  }
}

// What is held under the number: from memory, or else from the store (one question at a time).
static void own_is(suspect *s, const uint8_t hash[WF_HASH_SIZE]) {
  memcpy(s->own, hash, WF_HASH_SIZE);
  s->own_known = true;
  s->used = memcmp(s->own, s->other, WF_HASH_SIZE) != 0;
}

static bool own_in_memory(wf_exchange *x, suspect *s) {
  for (uint64_t serial = x->cache.next; serial-- > x->cache.oldest;) {
    const entry *e = cache_at(x, serial);
    if (e->state != ENTRY_READY || e->epoch_slot != s->epoch_slot || e->generation != s->generation ||
        e->last != s->last)
      continue;
    own_is(s, e->hash);
    return true;
  }
  return false;
}

static void compare(wf_exchange *x, suspect *s) {
  if (x->compare.busy || (s->compared_ns && x->now.mono.ns - s->compared_ns < COMPARE_AGAIN_NS)) return;
  if (own_in_memory(x, s)) return;
  const epoch *ep = &x->epochs[s->epoch_slot];
  wf_exchange_effect *out = effects_have_room(x, 8, 0) ? effect_add(x, WF_XE_FETCH) : NULL;
  if (!out) return;
  s->compared_ns = x->now.mono.ns;
  x->compare.busy = true;
  x->compare.suspect = (uint32_t)(s - x->suspect);
  x->compare.since_ns = s->since_ns;
  out->token = token_make(TOKEN_COMPARE, ++x->compare.serial);
  out->row.stream = x->streams[ep->stream].name;
  out->row.stream_index = ep->stream;
  out->row.epoch = out->epoch = ep->number;
  out->row.first = out->row.last = s->last;
  out->limit_bytes = FETCH_BYTES;
}

// Both may be there, after a restart.
static void compare_bundle(wf_exchange *x, suspect *s, wf_bytes bytes) {
  uint8_t hash[WF_HASH_SIZE];
  wf_bundle b;
  if (wf_bundle_parse(bytes, &b, x->reason) != WF_OK) return;
  wf_bundle_hash(b.body, hash);
  if (memcmp(hash, s->other, WF_HASH_SIZE) == 0) {
    s->other_here = true;
    s->first = b.first;
  } else {
    memcpy(s->own, hash, WF_HASH_SIZE);
    s->own_known = true;
  }
}

wf_status fork_fetched(wf_exchange *x, const wf_exchange_input *input) {
  if (!x->compare.busy || token_serial(input->token) != x->compare.serial) return WF_EINVAL;
  suspect *s = &x->suspect[x->compare.suspect];
  const bool same = alive(x, s) && s->since_ns == x->compare.since_ns;
  if (same && input->damaged) bundle_damaged(x, s->epoch_slot, input->first, input->last);
  if (same && input->bytes.size && !input->damaged) compare_bundle(x, s, input->bytes);
  if (input->ok) return WF_OK;
  x->compare.busy = false;
  if (!same || !s->other_here) return WF_OK;
  if (s->own_known) {
    evidence_add(x, s->epoch_slot, s->first, s->last, s->own);
    evidence_add(x, s->epoch_slot, s->first, s->last, s->other);
  }
  s->used = false;
  return WF_OK;
}

// ---- Asking
static bool can_ask(const wf_exchange *x, const suspect *s, uint32_t index) {
  const partner *p = &x->partner[index];
  const epoch *ep = &x->epochs[s->epoch_slot];
  return p->live && p->lane[0].credit && partner_may_hold(x, index, &x->streams[ep->stream].name) &&
         ranges_have(&ep->peer[index].has, s->last, s->last);
}

// Beside what is wanted of the epoch otherwise: a Want takes the place of the one before.
static void want_number(wf_exchange *x, const suspect *s, uint32_t index) {
  const epoch *ep = &x->epochs[s->epoch_slot];
  range_set ranges = {0};
  if (ep->want_from == index) ranges = ep->wanted;
  if (ranges.count >= WF_HAVE_RANGES_MAX) ranges.count = WF_HAVE_RANGES_MAX - 1;
  ranges_add(&ranges, s->last, s->last);
  wf_want *want = &x->out.want;
  x->out.kind = WF_FRAME_WANT;
  want->stream = x->streams[ep->stream].name;
  want->epoch = ep->number;
  want->count = ranges.count;
  for (uint32_t i = 0; i < want->count; i++) want->range[i] = ranges.range[i];
  send_frame(x, index, WF_LANE_ALERT, WF_PRIORITY_STATUS);
}

static void ask(wf_exchange *x, suspect *s) {
  if (s->asked_ns && x->now.mono.ns - s->asked_ns < s->every_ns) return;
  for (uint32_t i = 0; i < x->partner_count; i++) {
    const uint32_t index = (s->ask + i) % x->partner_count;
    if (!can_ask(x, s, index)) continue;
    want_number(x, s, index);
    s->asked_ns = x->now.mono.ns;
    s->ask = (index + 1) % x->partner_count;
    if (++s->asked % x->partner_count == 0 && s->every_ns < ASK_SELDOM_NS) s->every_ns *= 2;
    return;
  }
}

void fork_look(wf_exchange *x) {
  for (int i = 0; i < SUSPECTS_MAX; i++) {
    suspect *s = &x->suspect[i];
    if (s->used && (!alive(x, s) || evidence_has(x, s->epoch_slot, s->other))) s->used = false;
    if (s->used && !s->own_known) compare(x, s);
    if (s->used && s->own_known) ask(x, s);
  }
}

// ---- Both are here
// The one that came first may be gone from memory; its hash is then known from the chain, if it ends a piece there, or
// from the suspicion that brought the other.
static const uint8_t *other_hash(wf_exchange *x, const entry *e, const entry *other) {
  if (other && other != e) return other->hash;
  const uint8_t *end = chain_end_at(&x->epochs[e->epoch_slot].have, e->last);
  if (end && memcmp(end, e->hash, WF_HASH_SIZE) != 0) return end;
  const suspect *s = suspect_of(x, e->epoch_slot, e->last, e->hash);
  return s && s->own_known ? s->own : NULL;
}

// Of two bundles with one number the lower hash is in the picture, at every node alike; the other is shown beside it.
static void settle(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  entry *other = cache_find(x, e->epoch_slot, e->first, NULL);
  if (other == e || (other && other->state != ENTRY_READY)) other = NULL;
  const uint8_t *hash = other_hash(x, e, other);
  wf_bundle loser;
  if (hash && memcmp(e->hash, hash, WF_HASH_SIZE) < 0) {
    const bool shown = other && wf_bundle_parse(cache_bytes(x, other), &loser, x->reason) == WF_OK;
    retract_bundle(x, shown ? &loser : b, shown ? other : e, "another record has its number");
    if (shown) aside_bundle(x, &loser, other, "evidence of equivocation");
    if (!e->delivered) deliver_bundle(x, b, e);
    if (other && !store_writes(x, other)) cache_drop(x, other);
    cache_index(x, e, serial);
  } else {
    if (e->delivered) retract_bundle(x, b, e, "another record has its number");
    aside_bundle(x, b, e, "evidence of equivocation");
  }
  e->state = ENTRY_READY;
  e->pinned = e->waits && e->own && !x->not_durable;
}

// Both of them, so that neither is news when it comes again. False: there is no room, so both would be news for ever.
static bool evidence_keep(wf_exchange *x, const entry *e) {
  const uint8_t *other = other_hash(x, e, cache_find(x, e->epoch_slot, e->first, NULL));
  if (x->evidence_count + 2 > EVIDENCE_MAX) return false;
  evidence_add(x, e->epoch_slot, e->first, e->last, e->hash);
  if (other) evidence_add(x, e->epoch_slot, e->first, e->last, other);
  return true;
}

// The two need not follow the same bundle: the fork may lie further back.
static void look_back(wf_exchange *x, const entry *e, const entry *other) {
  if (e->first == 1 || (other && memcmp(other->before, e->before, WF_HASH_SIZE) == 0)) return;
  fork_suspect(x, e->epoch_slot, e->first - 1, e->before, NULL, e->source);
}

static void pass_on(wf_exchange *x, const entry *e, const entry *other) {
  relay_evidence(x, e);
  if (other)
    relay_evidence(x, other);
  else
    serve_evidence_of(x, e->epoch_slot, e->first);
}

// Beyond so many numbers said twice, more are alarmed, stored and settled, and not passed on: they would go round for
// ever, and who lies that much is known by then.
void fork_found(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  uint64_t other_serial = 0;
  entry *other = cache_find(x, e->epoch_slot, e->first, &other_serial);
  if (other == e || (other && other->state != ENTRY_READY)) other = NULL;
  const bool listed = evidence_keep(x, e);
  alarm_raise(x, WF_ALARM_EQUIVOCATION, b->stream.origin, "%s said two things under number %llu of epoch %llu",
              b->stream.origin.code, (unsigned long long)e->first, (unsigned long long)b->epoch);
  e->state = ENTRY_READY;
  bundle_store(x, e, e->source);
  if (listed) {
    pass_on(x, e, other);
    look_back(x, e, other);
  }
  settle(x, e, serial, b);
}

// The same at the start, from the own store: told and passed on before.
void fork_restored(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *b) {
  (void)evidence_keep(x, e);
  settle(x, e, serial, b);
}
