// Own records → bundles. A record is said at once: to the partners as a part of a bundle's body, before its signature
// exists. While a signature is out, the body of the next bundle grows; so at low rate a bundle is one record, and under
// load the cost of signing is shared.
#include <string.h>

#include "internal.h"

#define BODY_HEAD_MAX 2560  // name, hash, 64 ends
#define SIGNING_MAX 32      // bundles of one stream out for signature
#define RECORD_HEAD_MAX 40  // what numbering adds to a record

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

// ---- Saying: records get their numbers, go to the partners as a part of a body, and into the own picture
static uint32_t records_max(const wf_exchange *x) {
  return x->config.bundle_records_max;
}

static bool body_is_full(const wf_exchange *x, const stream *s) {
  return s->body.used >= BUNDLE_TARGET_BYTES || s->body.records >= records_max(x);
}

// A partner that is told this body can take no more: the next one is not begun for it.
static bool listener_is_full(const wf_exchange *x, const open_body *b) {
  for (uint32_t i = 0; i < x->partner_count; i++)
    if (b->told >> i & 1 && x->partner[i].lane[b->told_on_alert_lane >> i & 1 ? 0 : 1].credit == 0) return true;
  return false;
}

static bool sendable(const partner *p, wf_lane lane) {
  const lane_state *l = &p->lane[lane - 1];
  return p->live && l->up && l->greeted && !l->closing;
}

// Whether a partner is told in parts: it understands them, takes bytes now, and nothing better or older waits for it.
static bool may_say_to(const wf_exchange *x, uint32_t index, const stream *s, wf_lane lane) {
  const partner *p = &x->partner[index];
  if (p->version < 2 || p->unsealed >= WF_PARTS_MAX || !partner_may_hold(x, index, &s->name)) return false;
  if (!sendable(p, lane) || p->lane[lane - 1].credit == 0) return false;
  for (int i = 0; i < WF_PRIORITY_BACKFILL && i <= (int)s->open.priority; i++)
    if (p->queue[i].count) return false;
  return true;
}

static size_t first_open_size(const stream *s) {
  wf_reader open = wf_reader_of(s->open.bytes, s->open.used);
  return (size_t)wf_read_uint(&open, 4);
}

static void choose_listeners(wf_exchange *x, stream *s) {
  open_body *b = &s->body;
  b->told = b->told_on_alert_lane = 0;
  if (s->signing >= SAID_AHEAD_MAX || b->used + first_open_size(s) + RECORD_HEAD_MAX > WF_PARTS_BODY_MAX) return;
  for (uint32_t i = 0; i < x->partner_count; i++) {
    const wf_lane lane = lane_for(x, i, s->open.priority);
    if (!may_say_to(x, i, s, lane)) continue;
    b->told |= (uint16_t)(1u << i);
    if (lane == WF_LANE_ALERT) b->told_on_alert_lane |= (uint16_t)(1u << i);
    x->partner[i].unsealed++;
  }
}

static wf_status begin_body(wf_exchange *x, stream *s) {
  const uint32_t slot = epoch_make(x, &s->name, x->epoch, NONE);
  if (slot == NONE) return WF_EFULL;
  open_body *b = &s->body;
  wf_bundle head = {.stream = s->name, .epoch = x->epoch, .first = s->next_sequence};
  memcpy(head.previous_hash, s->last_hash, WF_HASH_SIZE);
  statements(x, s, s->next_sequence == 1, &head);
  wf_writer w = wf_writer_of(b->bytes, OPEN_BYTES);
  wf_bundle_put_body(&w, &head, (wf_bytes){b->bytes, 0});
  if (w.failed) return WF_EFULL;
  b->used = w.offset;
  b->id = ++x->next_body;
  b->epoch = x->epoch;
  b->epoch_slot = slot;
  b->generation = x->epochs[slot].generation;
  b->first = s->next_sequence;
  b->priority = s->open.priority;
  epoch_state_end(x, &head);
  choose_listeners(x, s);
  return WF_OK;
}

// Moves waiting records into the body as far as they fit.
static void number_records(wf_exchange *x, stream *s) {
  open_body *b = &s->body;
  wf_reader open = wf_reader_of(s->open.bytes, s->open.used);
  const size_t room = b->told ? WF_PARTS_BODY_MAX : OPEN_BYTES;
  size_t taken = 0;
  if (wf_time_before(s->last_publish, x->now.wall)) s->last_publish = x->now.wall;
  while (s->open.records && !body_is_full(x, s)) {
    const size_t size = (size_t)wf_read_uint(&open, 4);
    if (b->used + size + RECORD_HEAD_MAX > room) break;
    wf_writer w = wf_writer_of(b->bytes + b->used, OPEN_BYTES - b->used);
    b->last = s->next_sequence++;
    wf_bundle_put_record(&w, b->last, s->last_publish, x->not_durable ? WF_RECORD_NOT_DURABLE : 0,
                         wf_read_bytes(&open, size));
    b->used += w.offset;
    b->records++;
    s->open.records--;
    taken = open.offset;
  }
  if (s->open.priority < b->priority) b->priority = s->open.priority;
  s->open.used -= taken;
  if (s->open.used) memmove(s->open.bytes, s->open.bytes + taken, s->open.used);
  if (s->open.records == 0) s->open.priority = WF_PRIORITY_BACKFILL;
}

// The body's bytes from `from` on, as they lie in this step's scratch memory (the body may begin anew within the step).
static wf_bytes tell_part(wf_exchange *x, stream *s, size_t from, uint32_t records) {
  enum { HEAD = 40 };
  open_body *b = &s->body;
  const wf_bytes piece = {b->bytes + from, b->used - from};
  uint8_t *bytes = scratch_take(x, piece.size + HEAD);
  size_t length = 0;
  if (!bytes) return (wf_bytes){0};  // say() saw to it that there is room
  x->out.kind = WF_FRAME_PART;
  x->out.part = (wf_part){b->id, from, piece};
  if (wf_frame_encode(&x->out, bytes, piece.size + HEAD, &length) != WF_OK) return (wf_bytes){0};
  for (uint32_t i = 0; i < x->partner_count; i++) {
    if (!(b->told >> i & 1)) continue;
    const wf_lane lane = b->told_on_alert_lane >> i & 1 ? WF_LANE_ALERT : WF_LANE_BULK;
    send_bytes(x, i, lane, b->priority, (wf_bytes){bytes, length});
    x->partner[i].sent_records += records;
  }
  return (wf_bytes){bytes + length - piece.size, piece.size};
}

// The waiting records, as far as the body takes them. False when nothing moved.
static bool say(wf_exchange *x, stream *s) {
  open_body *b = &s->body;
  if (s->open.records == 0 || body_is_full(x, s)) return false;
  if (b->records && (b->epoch != x->epoch || listener_is_full(x, b))) return false;
  if (!effects_have_room(x, records_max(x) + x->partner_count + 16, OPEN_BYTES + 64)) return false;
  if (b->records == 0 && begin_body(x, s) != WF_OK) return false;
  const uint32_t before = b->records;
  const size_t written = b->used, from = before ? b->used : 0;
  number_records(x, s);
  if (b->records == before) return false;
  x->epochs[b->epoch_slot].pending_high = b->last;
  wf_bytes piece = tell_part(x, s, from, b->records - before);
  const entry as = {
      .epoch_slot = b->epoch_slot, .generation = b->generation, .source = NONE, .priority = b->priority, .own = true};
  piece.data += written - from;
  piece.size -= written - from;
  deliver_piece(x, &s->name, b->epoch, &as, piece);
  return true;
}

// ---- Closing: the body is hashed and signed. With the signature's place left empty, straight into the cache.
static wf_status close_body(wf_exchange *x, stream *s) {
  open_body *b = &s->body;
  uint64_t serial;
  if (!effects_have_room(x, 2, WF_SIGN_MESSAGE_SIZE)) return WF_EFULL;
  entry *e = cache_insert(x, b->used + 10 + 2 + WF_SIGNATURE_SIZE, &serial);
  if (!e) return WF_EFULL;
  static const uint8_t unsigned_yet[WF_SIGNATURE_SIZE];
  wf_writer bundle = wf_writer_of(x->cache.bytes + e->offset, e->size);
  wf_bundle_put(&bundle, (wf_bytes){b->bytes, b->used}, unsigned_yet);
  e->size = bundle.offset;
  e->state = ENTRY_SIGNING;
  e->own = e->delivered = true;
  e->epoch_slot = b->epoch_slot;
  e->generation = b->generation;
  e->first = b->first;
  e->last = b->last;
  e->records = b->records;
  e->priority = b->priority;
  e->body_id = b->id;
  e->told = b->told;
  e->told_on_alert_lane = b->told_on_alert_lane;
  wf_bundle_hash((wf_bytes){b->bytes, b->used}, e->hash);
  if (b->epoch == x->epoch) memcpy(s->last_hash, e->hash, WF_HASH_SIZE);
  uint8_t *message = scratch_take(x, WF_SIGN_MESSAGE_SIZE);
  wf_bundle_sign_message(e->hash, message);
  wf_exchange_effect *sign = effect_add(x, WF_XE_SIGN);
  sign->token = token_make(TOKEN_SIGN, serial);
  sign->priority = b->priority;
  sign->bytes = (wf_bytes){message, WF_SIGN_MESSAGE_SIZE};
  s->signing++;
  b->records = 0;
  b->used = 0;
  return WF_OK;
}

// Whether the next record would have to go into another body.
static bool body_is_stuck(const wf_exchange *x, const stream *s) {
  const open_body *b = &s->body;
  if (body_is_full(x, s) || b->epoch != x->epoch || listener_is_full(x, b)) return true;
  return s->open.records && b->used + first_open_size(s) + RECORD_HEAD_MAX > (b->told ? WF_PARTS_BODY_MAX : OPEN_BYTES);
}

// Records are said at once; their body is closed when no signature is out, or when it can take no more.
void publish_open(wf_exchange *x, uint32_t stream_slot) {
  stream *s = &x->streams[stream_slot];
  for (bool moved = true; moved;) {
    moved = x->epoch_ready && say(x, s);
    if (s->body.records == 0 || s->signing >= SIGNING_MAX || (s->signing > 0 && !body_is_stuck(x, s))) return;
    if (close_body(x, s) != WF_OK) return;  // when there is no room the records stay
    moved = moved || s->open.records > 0;
  }
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
  wf_nation outsider;
  if (!audience_is_whole(x, &x->streams[input->stream].name.audience, &outsider)) {
    alarm_raise(x, WF_ALARM_REFUSED_INPUT, outsider, "nothing is said to an audience with %s in it, which is no member",
                outsider.code);
    return WF_EDENIED;
  }
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

// A statement that no record carries within a tick goes out by itself: also where the audience has lost a member and
// nothing else is said any more, since those that are left must know where an epoch ended.
void publish_statements(wf_exchange *x) {
  for (uint32_t i = 0; i < x->stream_count; i++) {
    const stream *s = &x->streams[i];
    wf_bundle head;
    if (s->used && s->own && s->open.records == 0 && s->body.records == 0 && statements(x, s, false, &head))
      publish_marker(x, i);
  }
}

static void seal_for(wf_exchange *x, uint32_t index, const entry *e, const uint8_t *signature) {
  const wf_lane lane = e->told_on_alert_lane >> index & 1 ? WF_LANE_ALERT : WF_LANE_BULK;
  x->out.kind = WF_FRAME_SEAL;
  x->out.seal.id = e->body_id;
  memcpy(x->out.seal.signature, signature, WF_SIGNATURE_SIZE);
  if (x->partner[index].unsealed) x->partner[index].unsealed--;
  send_frame(x, index, lane, e->priority);  // whatever the credit: the parts are there already
}

static void tell_bundle(wf_exchange *x, const entry *e, uint64_t serial, const wf_bundle *bundle) {
  for (uint32_t i = 0; i < x->partner_count; i++) {
    if (!partner_may_hold(x, i, &bundle->stream)) continue;
    if (e->told >> i & 1)
      seal_for(x, i, e, bundle->signature);
    else
      queue_bundle(x, i, e, serial);
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
  tell_bundle(x, e, serial, &bundle);
  bundle_store(x, e, NONE);
  publish_open(x, ep->stream);
  return WF_OK;
}

static bool untell(uint16_t *told, uint16_t on_alert_lane, uint32_t index, wf_lane lane) {
  const uint16_t bit = (uint16_t)(1u << index);
  const bool here = *told & bit && ((on_alert_lane & bit) != 0) == (lane == WF_LANE_ALERT);
  if (here) *told &= (uint16_t)~bit;
  return here;
}

// Who was told in parts over a connection that ended gets the whole bundle when it is signed.
void publish_lane_down(wf_exchange *x, uint32_t index, wf_lane lane) {
  partner *p = &x->partner[index];
  for (uint32_t i = 0; i < x->stream_count && p->unsealed; i++) {
    open_body *b = &x->streams[i].body;
    if (x->streams[i].own && b->records && untell(&b->told, b->told_on_alert_lane, index, lane)) p->unsealed--;
  }
  for (uint64_t serial = x->cache.oldest; serial < x->cache.next && p->unsealed; serial++) {
    entry *e = cache_at(x, serial);
    if (e->state == ENTRY_SIGNING && untell(&e->told, e->told_on_alert_lane, index, lane)) p->unsealed--;
  }
}
