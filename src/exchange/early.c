// What a partner says before it is signed. Over a mutually authenticated connection the parts of a body are handed on
// as they come; the seal makes a bundle of them, which then goes the way of every bundle (receive.c). Nothing is
// stored, acknowledged or passed on before. What is never sealed is taken back.
#include <string.h>

#include "internal.h"

static early *find(partner *p, wf_lane lane, uint64_t id) {
  for (int i = 0; i < WF_PARTS_MAX; i++)
    if (p->early[i].used && !p->early[i].cut && p->early[i].lane == lane && p->early[i].id == id) return &p->early[i];
  return NULL;
}

void early_free(wf_exchange *x, early *e) {
  if (e->used) x->early_count--;
  e->used = false;
}

static entry entry_for(const wf_exchange *x, const early *e, uint32_t source) {
  const epoch *ep = &x->epochs[e->epoch_slot];
  const bool known = ep->used && ep->generation == e->generation;
  return (entry){.epoch_slot = known ? e->epoch_slot : NONE, .generation = e->generation, .source = source};
}

void early_take_back(wf_exchange *x, early *e, const char *why) {
  wf_bundle b;
  const entry as = entry_for(x, e, NONE);
  if (e->shown && wf_body_parse((wf_bytes){e->bytes, e->size}, &b, x->reason) == WF_OK) retract_bundle(x, &b, &as, why);
  e->shown = false;
}

// A place for one more; what a dead connection left behind gives way.
static early *free_place(wf_exchange *x, partner *p) {
  early *oldest = NULL;
  for (int i = 0; i < WF_PARTS_MAX; i++) {
    early *e = &p->early[i];
    if (!e->used) return e;
    if (e->cut && (!oldest || e->since_ns < oldest->since_ns)) oldest = e;
  }
  if (!oldest) return NULL;
  early_take_back(x, oldest, "its connection ended before it was signed");
  early_free(x, oldest);
  return oldest;
}

static bool overlaps(uint64_t a_first, uint64_t a_last, uint64_t b_first, uint64_t b_last) {
  return a_first <= b_last && b_first <= a_last;
}

// Whether something was handed on, or is held, under these numbers.
static bool numbers_taken(wf_exchange *x, uint32_t slot, uint64_t first, uint64_t last, const early *except) {
  if (chain_overlaps(&x->epochs[slot].have, first, last)) return true;
  for (uint32_t i = 0; i < x->unverified_count; i++) {
    const entry *e = cache_at(x, x->unverified[i]);
    if (e && e->epoch_slot == slot && e->delivered && overlaps(first, last, e->first, e->last)) return true;
  }
  for (uint32_t p = 0; p < x->partner_count && x->early_count > 1; p++)
    for (int i = 0; i < WF_PARTS_MAX; i++) {
      const early *e = &x->partner[p].early[i];
      if (e->used && e != except && e->shown && e->epoch_slot == slot && overlaps(first, last, e->first, e->last))
        return true;
    }
  return false;
}

static wf_status malformed(wf_exchange *x, const char *why) {
  memcpy(x->reason, why, strlen(why) + 1);
  return WF_EFORMAT;
}

static wf_priority priority_in(const wf_bundle *b, wf_bytes piece) {
  wf_bundle part = {.stream = b->stream, .body = piece};
  return priority_of(&part);
}

static void hand_on(wf_exchange *x, uint32_t index, early *e, const wf_bundle *head, wf_bytes piece) {
  entry as = entry_for(x, e, index);
  as.priority = priority_in(head, piece);
  deliver_piece(x, &head->stream, head->epoch, &as, piece);
}

// The first part of a body: everything about its bundle but the rest of the records and the signature.
static wf_status begin(wf_exchange *x, uint32_t index, wf_lane lane, const wf_part *part) {
  partner *p = &x->partner[index];
  wf_bundle b;
  wf_alarm_kind alarm;
  if (wf_body_parse(part->piece, &b, x->reason) != WF_OK) return WF_EFORMAT;
  const char *why = receive_refusal(x, index, &b, &alarm);
  if (why) {
    alarm_raise(x, alarm, p->nation, "%s sent %s", p->nation.code, why);
    return alarm == WF_ALARM_MODE_MISMATCH ? WF_EMODE : WF_OK;
  }
  if (!same_nation(b.stream.origin, p->nation)) return malformed(x, "part: not of the sender's own streams");
  p->heard_data_ns = x->now.mono.ns;
  const uint32_t slot = epoch_closed(x, &b.stream, b.epoch) ? NONE : epoch_make(x, &b.stream, b.epoch, NONE);
  early *e = slot == NONE ? NULL : free_place(x, p);
  if (!e) {
    p->dropped++;  // not acknowledged: it will be asked for
    return WF_OK;
  }
  uint8_t *bytes = e->bytes;
  *e = (early){.used = true,
               .lane = lane,
               .id = part->id,
               .first = b.first,
               .last = b.last,
               .epoch_slot = slot,
               .generation = x->epochs[slot].generation,
               .records = b.record_count,
               .since_ns = x->now.mono.ns,
               .size = part->piece.size,
               .bytes = bytes};
  x->early_count++;
  memcpy(e->bytes, part->piece.data, part->piece.size);
  e->shown = !numbers_taken(x, slot, b.first, b.last, e);
  if (e->shown) hand_on(x, index, e, &b, (wf_bytes){e->bytes, e->size});
  return WF_OK;
}

// The numbers of a further part, which must go on where the body stood.
static wf_status numbers_of(wf_exchange *x, const early *e, wf_bytes piece, uint64_t *last, uint32_t *records) {
  const wf_bundle part = {.body = piece};
  wf_record_view r;
  *last = e->last;
  *records = e->records;
  for (size_t at = 0; wf_bundle_next(&part, &at, &r); (*last)++, (*records)++)
    if (r.sequence != *last + 1) return malformed(x, "part: record.sequence: not consecutive");
  if (*records > WF_BUNDLE_RECORDS_MAX) return malformed(x, "part: more records than a bundle may have");
  return WF_OK;
}

wf_status early_part(wf_exchange *x, uint32_t index, wf_lane lane, const wf_part *part) {
  early *e = find(&x->partner[index], lane, part->id);
  uint64_t last;
  uint32_t records;
  if (!e && part->offset) return WF_OK;  // of a body that had no room, or came another way
  if (!e) return begin(x, index, lane, part);
  if (part->offset != e->size) return malformed(x, "part.offset: not where the part before ended");
  const wf_status status = numbers_of(x, e, part->piece, &last, &records);
  if (status != WF_OK || last == e->last) return status == WF_OK ? malformed(x, "part: no record") : status;
  if (e->shown && numbers_taken(x, e->epoch_slot, e->last + 1, last, e))
    early_take_back(x, e, "another record has its number");
  memcpy(e->bytes + e->size, part->piece.data, part->piece.size);
  e->size += part->piece.size;
  e->last = last;
  e->records = records;
  x->partner[index].heard_data_ns = x->now.mono.ns;
  const epoch *ep = &x->epochs[e->epoch_slot];
  if (!e->shown || !ep->used || ep->generation != e->generation) return WF_OK;
  const wf_bundle head = {.stream = x->streams[ep->stream].name, .epoch = ep->number};
  hand_on(x, index, e, &head, (wf_bytes){e->bytes + part->offset, part->piece.size});
  return WF_OK;
}

wf_status early_seal(wf_exchange *x, uint32_t index, wf_lane lane, const wf_seal *seal) {
  early *e = find(&x->partner[index], lane, seal->id);
  if (!e || e->sealed) return WF_OK;
  uint8_t *bytes = scratch_take(x, e->size + 80);
  if (!bytes) return WF_EFULL;
  wf_writer w = wf_writer_of(bytes, e->size + 80);
  wf_bundle_put(&w, (wf_bytes){e->bytes, e->size}, seal->signature);
  const wf_deliver deliver = {.bundle = {bytes, w.offset}};
  const wf_status status = receive_bundle(x, index, &deliver, e);
  if (status == WF_EFORMAT && e->used) {
    early_take_back(x, e, "it makes no bundle");
    early_free(x, e);
  }
  return status;
}

uint64_t early_said(wf_exchange *x, uint32_t slot, const wf_bundle *b) {
  uint64_t said = 0;
  if (slot == NONE) return 0;
  for (uint32_t p = 0; p < x->partner_count; p++)
    for (int i = 0; i < WF_PARTS_MAX; i++) {
      early *e = &x->partner[p].early[i];
      if (!e->used || !e->shown || e->epoch_slot != slot || e->generation != x->epochs[slot].generation ||
          !overlaps(b->first, b->last, e->first, e->last))
        continue;
      if (e->size <= b->body.size && memcmp(e->bytes, b->body.data, e->size) == 0) {
        said = e->last;
        early_free(x, e);
      } else {
        early_take_back(x, e, "another record has its number");
      }
    }
  return said;
}

// Under way: not to be asked for.
void early_ranges(const wf_exchange *x, uint32_t slot, range_set *out) {
  for (uint32_t p = 0; p < x->partner_count && x->early_count; p++)
    for (int i = 0; i < WF_PARTS_MAX; i++) {
      const early *e = &x->partner[p].early[i];
      if (e->used && !e->cut && !e->sealed && e->epoch_slot == slot && e->generation == x->epochs[slot].generation)
        ranges_add(out, e->first, e->last);
    }
}

void early_lane_down(wf_exchange *x, uint32_t index, wf_lane lane) {
  for (int i = 0; i < WF_PARTS_MAX; i++) {
    early *e = &x->partner[index].early[i];
    if (!e->used || e->cut || e->lane != lane) continue;
    e->cut = true;
    e->since_ns = x->now.mono.ns;
    if (!e->shown) early_free(x, e);
  }
}

static void expire(wf_exchange *x, uint32_t index, early *e) {
  const int64_t waited_ns = x->now.mono.ns - e->since_ns;
  partner *p = &x->partner[index];
  if (waited_ns <= (e->cut ? UNSEALED_CUT_NS : UNSEALED_MAX_NS)) return;
  if (!effects_have_room(x, e->records + 8, 1024)) return;  // in a later tick
  const bool blame = !e->cut && !e->sealed;
  if (blame)
    alarm_raise(x, WF_ALARM_BAD_SIGNATURE, p->nation, "%s said records %llu to %llu and did not sign them",
                p->nation.code, (unsigned long long)e->first, (unsigned long long)e->last);
  if (!wf_planted(WF_PLANT_KEEP_UNSIGNED))
    early_take_back(x, e, e->cut ? "its connection ended before it was signed" : "it was not signed in time");
  early_free(x, e);
  if (blame) link_close(x, index, WF_LANE_ALERT, WF_BYE_UNSIGNED, "said and not signed in time");
}

void early_expire(wf_exchange *x) {
  for (uint32_t p = 0; p < x->partner_count && x->early_count; p++)
    for (int i = 0; i < WF_PARTS_MAX; i++)
      if (x->partner[p].early[i].used) expire(x, p, &x->partner[p].early[i]);
}
