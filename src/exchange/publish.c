// Own records → bundles. At low rate a bundle is one record, sent at once; while a signature is out, records wait in
// the open bundle and share the next one, so the cost of signing adapts by itself.
#include <string.h>

#include "internal.h"

#define BODY_HEAD_MAX 2560  // name, hash, 64 ends
#define SIGNING_MAX 32      // bundles of one stream out for signature

// Only what is here and verified counts: a partner's word could name any number.
static uint64_t highest_known(const epoch *e) {
  const uint64_t top = chain_top(&e->have);
  return e->pending_high > top ? e->pending_high : top;
}

// What the next bundle must say of earlier epochs: all of their ends when its epoch begins (so that the statement does
// not hang on one lost bundle), then any that turned out to lie further. True when it must say something.
static bool statements(const wf_exchange *x, const stream *s, bool begins, wf_bundle *head) {
  head->end_count = 0;
  for (uint32_t i = 0; i < s->epoch_count && head->end_count < WF_EPOCH_ENDS_MAX; i++) {
    const epoch *e = &x->epochs[s->epoch_slot[i]];
    uint64_t end = highest_known(e);
    if (e->number >= x->epoch) break;
    const bool grew = end > 0 && (e->end == UINT64_MAX || end > e->end);
    if (e->end != UINT64_MAX && e->end > end) end = e->end;
    if (grew || (begins && end > 0)) head->end[head->end_count++] = (wf_epoch_end){e->number, end};
  }
  return head->end_count > 0;
}

// Numbers the waiting records and writes them as fields of a body. Publish time never goes back within a stream.
static void number_records(wf_exchange *x, stream *s, wf_writer *records) {
  wf_reader open = wf_reader_of(s->open.bytes, s->open.used);
  if (wf_time_before(s->last_publish, x->now.wall)) s->last_publish = x->now.wall;
  for (uint32_t i = 0; i < s->open.records; i++) {
    const size_t size = (size_t)wf_read_uint(&open, 4);
    const wf_bytes encoded = wf_read_bytes(&open, size);
    wf_bundle_put_record(records, s->next_sequence++, s->last_publish, x->not_durable ? WF_RECORD_NOT_DURABLE : 0,
                         encoded);
  }
}

static size_t records_bound(const stream *s) {
  return s->open.used + 24u * s->open.records;
}

// Body with the signature's place left empty, straight into the cache.
static entry *seal(wf_exchange *x, stream *s, uint64_t *serial) {
  const size_t bound = records_bound(s);
  uint8_t *scratch = scratch_take(x, 2 * bound + BODY_HEAD_MAX);
  if (!scratch) return NULL;
  wf_bundle head = {.stream = s->name, .epoch = x->epoch};
  const stream before = *s;
  memcpy(head.previous_hash, s->last_hash, WF_HASH_SIZE);
  statements(x, s, s->next_sequence == 1, &head);
  wf_writer records = wf_writer_of(scratch, bound), body = wf_writer_of(scratch + bound, bound + BODY_HEAD_MAX);
  number_records(x, s, &records);
  wf_bundle_put_body(&body, &head, (wf_bytes){records.data, records.offset});
  static const uint8_t unsigned_yet[WF_SIGNATURE_SIZE];
  entry *e = records.failed || body.failed ? NULL : cache_insert(x, body.offset + 10 + 2 + WF_SIGNATURE_SIZE, serial);
  if (!e) {
    *s = before;
    return NULL;
  }
  wf_writer bundle = wf_writer_of(x->cache.bytes + e->offset, e->size);
  wf_bundle_put(&bundle, (wf_bytes){body.data, body.offset}, unsigned_yet);
  e->size = bundle.offset;
  e->state = ENTRY_SIGNING;
  e->own = true;
  e->first = before.next_sequence;
  e->last = s->next_sequence - 1;
  e->priority = s->open.priority;
  wf_bundle_hash((wf_bytes){body.data, body.offset}, e->hash);
  memcpy(s->last_hash, e->hash, WF_HASH_SIZE);
  head.first = e->first;
  epoch_state_end(x, &head);
  return e;
}

static wf_status close_bundle(wf_exchange *x, uint32_t stream_slot) {
  stream *s = &x->streams[stream_slot];
  const uint32_t slot = epoch_make(x, &s->name, x->epoch, NONE);
  uint64_t serial;
  if (slot == NONE || !effects_have_room(x, 2, 0)) return WF_EFULL;
  entry *e = seal(x, s, &serial);
  uint8_t *message = e ? scratch_take(x, WF_SIGN_MESSAGE_SIZE) : NULL;
  if (!e) return WF_EFULL;
  e->epoch_slot = slot;
  e->generation = x->epochs[slot].generation;
  x->epochs[slot].pending_high = e->last;
  if (!message) return WF_EFULL;
  wf_bundle_sign_message(e->hash, message);
  wf_exchange_effect *sign = effect_add(x, WF_XE_SIGN);
  sign->token = token_make(TOKEN_SIGN, serial);
  sign->bytes = (wf_bytes){message, WF_SIGN_MESSAGE_SIZE};
  s->signing++;
  s->open.used = s->open.records = 0;
  s->open.priority = WF_PRIORITY_BACKFILL;
  return WF_OK;
}

static bool open_is_full(const wf_exchange *x, const stream *s) {
  return s->open.used >= BUNDLE_TARGET_BYTES || s->open.records >= x->config.bundle_records_max;
}

void publish_open(wf_exchange *x, uint32_t stream_slot) {
  stream *s = &x->streams[stream_slot];
  if (!x->epoch_ready || s->open.records == 0 || s->signing >= SIGNING_MAX) return;
  if (s->signing > 0 && !open_is_full(x, s)) return;
  close_bundle(x, stream_slot);  // when there is no room the records stay in the open bundle
}

static wf_status add_record(wf_exchange *x, uint32_t stream_slot, wf_priority priority, wf_bytes record) {
  stream *s = &x->streams[stream_slot];
  if (OPEN_BYTES - s->open.used < record.size + 4 || s->open.records == WF_BUNDLE_RECORDS_MAX)
    publish_open(x, stream_slot);
  if (OPEN_BYTES - s->open.used < record.size + 4 || s->open.records == WF_BUNDLE_RECORDS_MAX) {
    alarm_raise(x, WF_ALARM_OVERLOAD, x->config.nation, "own records come faster than they can be signed");
    return WF_EFULL;
  }
  wf_writer open = wf_writer_of(s->open.bytes + s->open.used, OPEN_BYTES - s->open.used);
  wf_write_uint(&open, record.size, 4);
  wf_write_bytes(&open, record.data, record.size);
  s->open.used += open.offset;
  if (s->open.records++ == 0 || priority < s->open.priority) s->open.priority = priority;
  publish_open(x, stream_slot);
  return WF_OK;
}

wf_status publish(wf_exchange *x, const wf_exchange_input *input) {
  wf_record_view record;
  if (input->stream >= x->stream_count || !x->streams[input->stream].own || input->priority >= WF_PRIORITY_BACKFILL)
    return WF_EINVAL;
  if (input->bytes.size > WF_RECORD_MAX - 32) return WF_EINVAL;
  const wf_status status = wf_record_view_parse(input->bytes, &record, x->reason);
  if (status != WF_OK) return status;
  if (record.sequence || record.publish_time.ns || record.valid_time.ns <= 0) return WF_EINVAL;
  return add_record(x, input->stream, input->priority, input->bytes);
}

// A record without payload, to carry a statement.
static wf_status publish_marker(wf_exchange *x, uint32_t stream_slot) {
  uint8_t bytes[16];
  wf_writer w = wf_writer_of(bytes, sizeof bytes);
  wf_write_uint(&w, 2 << 3 | 1, 1);  // valid_time_ns, fixed64, little-endian
  for (int i = 0; i < 8; i++) wf_write_uint(&w, (uint64_t)x->now.wall.ns >> (8 * i) & 0xff, 1);
  return add_record(x, stream_slot, WF_PRIORITY_STATUS, (wf_bytes){bytes, w.offset});
}

// A statement that no record carries within a tick goes out by itself.
void publish_statements(wf_exchange *x) {
  for (uint32_t i = 0; i < x->stream_count; i++) {
    const stream *s = &x->streams[i];
    wf_bundle head;
    if (s->used && s->own && s->open.records == 0 && statements(x, s, false, &head)) publish_marker(x, i);
  }
}

wf_status bundle_signed(wf_exchange *x, const wf_exchange_input *input) {
  const uint64_t serial = token_serial(input->token);
  entry *e = cache_at(x, serial);
  if (!e || e->state != ENTRY_SIGNING || input->bytes.size != WF_SIGNATURE_SIZE) return WF_EINVAL;
  memcpy(x->cache.bytes + e->offset + e->size - WF_SIGNATURE_SIZE, input->bytes.data, WF_SIGNATURE_SIZE);
  epoch *ep = &x->epochs[e->epoch_slot];
  stream *s = stream_of(x, ep);
  wf_bundle bundle;
  if (s->signing > 0) s->signing--;
  if (wf_bundle_parse(cache_bytes(x, e), &bundle, x->reason) != WF_OK) return WF_EINVAL;
  const chain_link link = link_of(&bundle, e->hash);
  chain_add(&ep->have, &link);
  e->state = ENTRY_READY;
  e->pinned = false;
  cache_index(x, e, serial);
  epoch_touched(x, e->epoch_slot);
  for (uint32_t i = 0; i < x->partner_count; i++)
    if (partner_may_hold(x, i, &s->name)) queue_bundle(x, i, e, serial);
  deliver_bundle(x, &bundle, e);
  bundle_store(x, e, NONE);
  publish_open(x, ep->stream);
  return WF_OK;
}
