#include <stdlib.h>
#include <string.h>

#include "internal.h"

bool stream_same(const wf_stream_name *a, const wf_stream_name *b) {
  return a->mode == b->mode && a->writer == b->writer && a->stream_class == b->stream_class &&
         same_nation(a->origin, b->origin) && wf_audience_equal(&a->audience, &b->audience);
}

uint32_t stream_find(const wf_exchange *x, const wf_stream_name *name) {
  for (uint32_t i = 0; i < x->stream_count; i++)
    if (x->streams[i].used && stream_same(&x->streams[i].name, name)) return i;
  return NONE;
}

static bool stream_proven(const wf_exchange *x, const stream *s) {
  if (s->own) return true;
  for (uint32_t i = 0; i < s->epoch_count; i++)
    if (x->epochs[s->epoch_slot[i]].proven) return true;
  return false;
}

static void epoch_forget(wf_exchange *x, uint32_t slot) {
  epoch *e = &x->epochs[slot];
  stream *s = stream_of(x, e);
  for (uint32_t i = 0; i < s->epoch_count; i++) {
    if (s->epoch_slot[i] != slot) continue;
    memmove(&s->epoch_slot[i], &s->epoch_slot[i + 1], (s->epoch_count - i - 1) * sizeof s->epoch_slot[0]);
    s->epoch_count--;
    break;
  }
  e->used = false;
}

// A stream known by hearsay only gives way when a nation's share of streams, or all of them, are used up.
static void stream_forget_hearsay(wf_exchange *x, wf_nation origin, bool any_origin) {
  for (uint32_t i = 0; i < x->stream_count; i++) {
    stream *s = &x->streams[i];
    if (!s->used || stream_proven(x, s) || (!any_origin && !same_nation(s->name.origin, origin))) continue;
    while (s->epoch_count) epoch_forget(x, s->epoch_slot[0]);
    s->used = false;
    return;
  }
}

static uint32_t streams_of_origin(const wf_exchange *x, wf_nation origin) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < x->stream_count; i++)
    count += x->streams[i].used && same_nation(x->streams[i].name.origin, origin);
  return count;
}

static uint32_t stream_free_slot(wf_exchange *x) {
  for (uint32_t i = 0; i < x->stream_count; i++)
    if (!x->streams[i].used) return i;
  return x->stream_count < WF_STREAMS_MAX ? x->stream_count++ : NONE;
}

uint32_t stream_make(wf_exchange *x, const wf_stream_name *name) {
  uint32_t slot = stream_find(x, name);
  if (slot != NONE) return slot;
  if (streams_of_origin(x, name->origin) >= WF_STREAMS_PER_ORIGIN) stream_forget_hearsay(x, name->origin, false);
  if (streams_of_origin(x, name->origin) >= WF_STREAMS_PER_ORIGIN) return NONE;
  slot = stream_free_slot(x);
  if (slot == NONE) stream_forget_hearsay(x, name->origin, true);
  if (slot == NONE) slot = stream_free_slot(x);
  if (slot == NONE) return NONE;
  uint8_t *open = x->streams[slot].open.bytes, *body = x->streams[slot].body.bytes;
  const bool own = same_nation(name->origin, x->config.nation) && name->writer == x->config.writer;
  if (own && !open) {
    open = malloc(OPEN_BYTES);  // at most WF_STREAMS_PER_ORIGIN times
    body = malloc(OPEN_BYTES);
    if (!open || !body) {
      free(open);
      free(body);
      return NONE;
    }
    x->memory_bytes += 2 * OPEN_BYTES;
  }
  x->streams[slot] =
      (stream){.name = *name, .used = true, .own = own, .next_sequence = 1, .open.bytes = open, .body.bytes = body};
  return slot;
}

uint32_t epoch_of(const wf_exchange *x, uint32_t stream_slot, uint64_t number) {
  const stream *s = &x->streams[stream_slot];
  for (uint32_t i = s->epoch_count; i-- > 0;)
    if (x->epochs[s->epoch_slot[i]].number == number) return s->epoch_slot[i];
  return NONE;
}

uint32_t epoch_find(const wf_exchange *x, const wf_stream_name *name, uint64_t number) {
  const uint32_t slot = stream_find(x, name);
  return slot == NONE ? NONE : epoch_of(x, slot, number);
}

bool epoch_closed(const wf_exchange *x, const wf_stream_name *name, uint64_t number) {
  const uint32_t slot = stream_find(x, name);
  return slot != NONE && number < x->streams[slot].floor_epoch;
}

// Room for one more: hearsay goes first, then the oldest epoch of the stream that has most; it is closed for good.
static bool epoch_make_room(wf_exchange *x, stream *wanted_by) {
  for (uint32_t i = 0; i < x->epoch_high; i++)
    if (x->epochs[i].used && !x->epochs[i].proven &&
        (wanted_by->epoch_count < EPOCHS_PER_STREAM || stream_of(x, &x->epochs[i]) == wanted_by)) {
      epoch_forget(x, i);
      return true;
    }
  stream *most = wanted_by;
  for (uint32_t i = 0; i < x->stream_count && wanted_by->epoch_count < EPOCHS_PER_STREAM; i++)
    if (x->streams[i].used && x->streams[i].epoch_count > most->epoch_count) most = &x->streams[i];
  if (most->epoch_count < 2) return false;
  most->floor_epoch = x->epochs[most->epoch_slot[0]].number + 1;
  epoch_forget(x, most->epoch_slot[0]);
  return true;
}

static uint32_t epoch_free_slot(wf_exchange *x) {
  for (uint32_t i = 0; i < x->epoch_high; i++)
    if (!x->epochs[i].used) return i;
  return x->epoch_high < EPOCHS_MAX ? x->epoch_high++ : NONE;
}

static void epoch_place(wf_exchange *x, stream *s, uint32_t slot) {
  uint32_t at = s->epoch_count;
  while (at > 0 && x->epochs[s->epoch_slot[at - 1]].number > x->epochs[slot].number) {
    s->epoch_slot[at] = s->epoch_slot[at - 1];
    at--;
  }
  s->epoch_slot[at] = slot;
  s->epoch_count++;
}

uint32_t epoch_make(wf_exchange *x, const wf_stream_name *name, uint64_t number, uint32_t hearsay_of) {
  const uint32_t stream_slot = stream_make(x, name);
  if (stream_slot == NONE || number < x->streams[stream_slot].floor_epoch) return NONE;
  uint32_t slot = epoch_of(x, stream_slot, number);
  if (slot != NONE) {
    if (hearsay_of == NONE) x->epochs[slot].proven = true;
    return slot;
  }
  stream *s = &x->streams[stream_slot];
  if (s->epoch_count == EPOCHS_PER_STREAM && !epoch_make_room(x, s)) return NONE;
  slot = epoch_free_slot(x);
  if (slot == NONE && epoch_make_room(x, s)) slot = epoch_free_slot(x);
  if (slot == NONE || number < s->floor_epoch) return NONE;
  epoch *e = &x->epochs[slot];
  const uint32_t generation = e->generation + 1;
  memset(e, 0, sizeof *e);
  *e = (epoch){.used = true,
               .proven = hearsay_of == NONE,
               .generation = generation,
               .stream = stream_slot,
               .hearsay_of = hearsay_of,
               .number = number,
               .end = UINT64_MAX,
               .aside_above = UINT64_MAX,
               .want_from = NONE,
               .want_avoid = NONE};
  epoch_place(x, s, slot);
  return slot;
}

uint32_t partner_index(const wf_exchange *x, wf_nation nation) {
  for (uint32_t i = 0; i < x->partner_count; i++)
    if (same_nation(x->partner[i].nation, nation)) return i;
  return NONE;
}

bool partner_may_hold(const wf_exchange *x, uint32_t index, const wf_stream_name *name) {
  if (wf_planted(WF_PLANT_RELAY_OUTSIDE_AUDIENCE)) return true;
  return x->partner[index].membership == WF_MEMBER && wf_audience_has(&name->audience, x->partner[index].nation) &&
         wf_audience_has(&name->audience, x->config.nation);
}

// A superseded epoch that no successor names has no valid record (its writer did not know of it, or lost it).
uint64_t epoch_valid_end(const wf_exchange *x, const epoch *e) {
  if (e->end != UINT64_MAX) return e->end;
  const stream *s = &x->streams[e->stream];
  for (uint32_t i = s->epoch_count; i-- > 0;) {
    const epoch *later = &x->epochs[s->epoch_slot[i]];
    if (later->number <= e->number) break;
    if (later->proven && chain_contiguous(&later->have) > 0) return 0;
  }
  return UINT64_MAX;
}

// Anything older of this stream may have become an orphan, or stopped being one.
static void epoch_review(wf_exchange *x, uint32_t stream_slot, uint64_t before, int64_t at_ns) {
  const stream *s = &x->streams[stream_slot];
  for (uint32_t i = 0; i < s->epoch_count; i++) {
    epoch *e = &x->epochs[s->epoch_slot[i]];
    if (e->number < before && (!e->review_mono_ns || at_ns < e->review_mono_ns)) e->review_mono_ns = at_ns;
  }
}

static void epoch_end_stated(wf_exchange *x, const wf_stream_name *name, const wf_epoch_end *stated) {
  const uint32_t slot = epoch_make(x, name, stated->epoch, NONE);
  if (slot == NONE) return;
  epoch *e = &x->epochs[slot];
  if (e->end != UINT64_MAX && stated->end <= e->end) return;
  e->end = stated->end;
  if (e->aside_above < e->end) e->review_mono_ns = x->now.mono.ns;  // taken back at once
}

void epoch_state_end(wf_exchange *x, const wf_bundle *bundle) {
  const uint32_t stream_slot = stream_find(x, &bundle->stream);
  if (stream_slot == NONE || (bundle->first != 1 && bundle->end_count == 0)) return;
  for (uint32_t i = 0; i < bundle->end_count; i++) epoch_end_stated(x, &bundle->stream, &bundle->end[i]);
  epoch_review(x, stream_slot, bundle->epoch, x->now.mono.ns + ORPHAN_AFTER_NS);
  x->look_for_gaps = true;
}

void epoch_touched(wf_exchange *x, uint32_t slot) {
  for (uint32_t i = 0; i < x->partner_count; i++) bit_set(x->partner[i].have_dirty, slot);
  x->look_for_gaps = true;
}
