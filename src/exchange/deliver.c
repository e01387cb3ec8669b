// Records to the core: delivered, set aside with a reason, or taken back.
#include <string.h>

#include "internal.h"

// Times no honest clock makes. The last rule alone looks at the own clock, so that a picture hardly ever depends on
// when a record came.
const char *wf_exchange_impossible_time(wf_time valid, wf_time publish, wf_time now) {
  if (valid.ns <= 0 || publish.ns <= 0) return "time missing or before 1970";
  if (valid.ns - publish.ns > VALID_AHEAD_MAX_NS) return "valid long after it was published";
  if (publish.ns - now.ns > FUTURE_MAX_NS) return "published in the future";
  return NULL;
}

static const char *impossible_time(const wf_exchange *x, const wf_record_view *r) {
  return wf_exchange_impossible_time(r->valid_time, r->publish_time, x->now.wall);
}

static wf_exchange_effect *record_effect(wf_exchange *x, wf_exchange_effect_kind kind, const wf_bundle *b,
                                         const entry *e, const wf_record_view *r) {
  wf_exchange_effect *out = effect_add(x, kind);
  if (!out) return NULL;
  out->nation = b->stream.origin;
  out->row.stream = b->stream;
  out->row.stream_index = e->epoch_slot == NONE ? NONE : x->epochs[e->epoch_slot].stream;
  out->row.epoch = out->epoch = b->epoch;
  out->row.first = b->first;
  out->row.last = b->last;
  memcpy(out->row.hash, e->hash, WF_HASH_SIZE);
  out->sequence = r->sequence;
  out->valid_time = r->valid_time;
  out->publish_time = r->publish_time;
  out->own = same_nation(b->stream.origin, x->config.nation) && b->stream.writer == x->config.writer;
  out->relayed = e->relayed;
  out->backfill = e->backfill;
  out->priority = e->priority;
  if (kind != WF_XE_RETRACT) out->bytes = r->bytes;
  return out;
}

static const char orphan[] = "orphan of an ended epoch";

static void deliver_record(wf_exchange *x, const wf_bundle *b, const entry *e, const wf_record_view *r) {
  if (r->payload == 0) return;
  const char *why = impossible_time(x, r);
  if (why)
    alarm_raise(x, WF_ALARM_QUARANTINED_TIME, b->stream.origin, "%s record %llu: %s", b->stream.origin.code,
                (unsigned long long)r->sequence, why);
  epoch *ep = e->epoch_slot == NONE ? NULL : &x->epochs[e->epoch_slot];
  if (!why && ep && r->sequence > ep->aside_above && ranges_add(&ep->aside, r->sequence, r->sequence) == WF_OK)
    why = orphan;
  wf_exchange_effect *out = record_effect(x, why ? WF_XE_ASIDE : WF_XE_DELIVER, b, e, r);
  if (out) out->text = why;
}

void deliver_bundle(wf_exchange *x, const wf_bundle *b, const entry *e) {
  const uint64_t said = x->early_count ? early_said(x, e->epoch_slot, b) : 0;
  wf_record_view r;
  for (size_t at = 0; wf_bundle_next(b, &at, &r);)
    if (r.sequence > said) deliver_record(x, b, e, &r);
}

void deliver_piece(wf_exchange *x, const wf_stream_name *name, uint64_t epoch_number, const entry *as, wf_bytes piece) {
  wf_bundle *b = &x->head;
  wf_record_view r;
  b->stream = *name;
  b->epoch = epoch_number;
  b->body = piece;
  for (size_t at = 0; wf_bundle_next(b, &at, &r);) {
    b->first = b->last = r.sequence;
    deliver_record(x, b, as, &r);
  }
}

static bool is_aside(const wf_exchange *x, const entry *e, const wf_record_view *r) {
  if (impossible_time(x, r)) return true;
  return e->epoch_slot != NONE && ranges_have(&x->epochs[e->epoch_slot].aside, r->sequence, r->sequence);
}

void retract_bundle(wf_exchange *x, const wf_bundle *b, const entry *e, const char *why) {
  wf_record_view r;
  for (size_t at = 0; wf_bundle_next(b, &at, &r);) {
    if (r.payload == 0 || is_aside(x, e, &r)) continue;
    wf_exchange_effect *out = record_effect(x, WF_XE_RETRACT, b, e, &r);
    if (out) out->text = why;
  }
}

void aside_bundle(wf_exchange *x, const wf_bundle *b, const entry *e, const char *why) {
  wf_record_view r;
  for (size_t at = 0; wf_bundle_next(b, &at, &r);) {
    if (r.payload == 0) continue;
    wf_exchange_effect *out = record_effect(x, WF_XE_ASIDE, b, e, &r);
    if (out) out->text = why;
  }
}

// ---- Recasting: orphans are set aside once it is clear that they are, and delivered when their epoch's end is
// extended.
static void recast_ask(wf_exchange *x) {
  const epoch *ep = &x->epochs[x->recast.epoch_slot];
  uint64_t first = 0, last = 0;
  for (uint32_t i = 0; i < x->recast.ranges.count && first == 0; i++) {
    const wf_range r = x->recast.ranges.range[i];
    if (r.last <= x->recast.reached) continue;
    first = r.first > x->recast.reached ? r.first : x->recast.reached + 1;
    last = r.last;
  }
  wf_exchange_effect *out = first ? effect_add(x, WF_XE_FETCH) : NULL;
  x->recast.busy = out != NULL;
  if (!out) return;
  out->token = token_make(TOKEN_RECAST, ++x->recast.serial);
  out->row.stream = x->streams[ep->stream].name;
  out->row.stream_index = ep->stream;
  out->row.epoch = out->epoch = ep->number;
  out->row.first = first;
  out->row.last = last;
  out->limit_bytes = FETCH_BYTES;
}

// What stands on the wrong side: held above the end but not set aside, or set aside below it.
static void misplaced(const epoch *e, range_set *out) {
  range_set held, less = e->aside, below = {0};
  chain_ranges(&e->have, &held);
  if (e->aside_above > 0) ranges_add(&less, 1, e->aside_above < WF_SEQUENCE_MAX ? e->aside_above : WF_SEQUENCE_MAX);
  ranges_subtract(&held, &less, out);
  if (e->aside_above < WF_SEQUENCE_MAX) ranges_add(&below, e->aside_above + 1, WF_SEQUENCE_MAX);
  range_set back;
  ranges_subtract(&e->aside, &below, &back);
  for (uint32_t i = 0; i < back.count; i++) ranges_add(out, back.range[i].first, back.range[i].last);
}

static void review(wf_exchange *x, uint32_t slot) {
  epoch *e = &x->epochs[slot];
  e->review_mono_ns = 0;
  e->aside_above = epoch_valid_end(x, e);
  misplaced(e, &x->recast.ranges);
  if (x->recast.ranges.count == 0) return;
  x->recast.epoch_slot = slot;
  x->recast.generation = e->generation;
  x->recast.reached = 0;
  recast_ask(x);
}

void recast_due(wf_exchange *x) {
  for (uint32_t i = 0; i < x->epoch_high && !x->recast.busy; i++)
    if (x->epochs[i].used && x->epochs[i].review_mono_ns && x->epochs[i].review_mono_ns <= x->now.mono.ns) review(x, i);
}

static void recast_record(wf_exchange *x, epoch *ep, const wf_bundle *b, const entry *e, const wf_record_view *r) {
  const bool is_aside = ranges_have(&ep->aside, r->sequence, r->sequence), to_be = r->sequence > ep->aside_above;
  if (is_aside == to_be || r->payload == 0 || impossible_time(x, r)) return;
  if (to_be) {
    wf_exchange_effect *out = record_effect(x, WF_XE_RETRACT, b, e, r);
    if (out) out->text = orphan;
  } else {
    const range_set aside = ep->aside, one = {.count = 1, .range = {{r->sequence, r->sequence}}};
    ranges_subtract(&aside, &one, &ep->aside);
  }
  deliver_record(x, b, e, r);
}

static void recast_bundle(wf_exchange *x, wf_bytes bytes) {
  wf_bundle b;
  wf_record_view r;
  if (wf_bundle_parse(bytes, &b, x->reason) != WF_OK) return;
  entry e = {.epoch_slot = x->recast.epoch_slot, .generation = x->recast.generation, .backfill = true};
  wf_bundle_hash(b.body, e.hash);
  for (size_t at = 0; wf_bundle_next(&b, &at, &r);) recast_record(x, &x->epochs[e.epoch_slot], &b, &e, &r);
  if (b.last > x->recast.reached) x->recast.reached = b.last;
}

wf_status recast_fetched(wf_exchange *x, const wf_exchange_input *input) {
  if (!x->recast.busy || token_serial(input->token) != x->recast.serial) return WF_EINVAL;
  epoch *e = &x->epochs[x->recast.epoch_slot];
  const uint64_t before = x->recast.reached;
  const bool gone = !e->used || e->generation != x->recast.generation;
  if (!gone && input->damaged) bundle_damaged(x, x->recast.epoch_slot, input->first, input->last);
  if (!gone && input->bytes.size && !input->damaged) recast_bundle(x, input->bytes);
  x->recast.progressed = x->recast.progressed || x->recast.reached > before;
  if (input->ok) return WF_OK;
  x->recast.busy = false;
  if (!gone && x->recast.progressed) recast_ask(x);
  x->recast.progressed = false;
  if (!gone && !x->recast.busy && !e->review_mono_ns)
    e->review_mono_ns = x->now.mono.ns + WF_NS_PER_S;  // was all of it stored?
  return WF_OK;
}
