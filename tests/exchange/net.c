#include "net.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hashmap.h"

enum {
  EV_TICK,
  EV_FRAME,
  EV_SIGNED,
  EV_VERIFIED,
  EV_STORED,
  EV_EPOCH,
  EV_FETCHED,
  EV_LINK_UP,
  EV_LINK_DOWN,
  EV_CREDIT,
  EV_CALL
};
#define START_NS (INT64_C(1780000000) * WF_NS_PER_S)

void net_defaults(net_config *c) {
  *c = (net_config){.nodes = 3,
                    .link_delay_ns = 20 * WF_NS_PER_MS,
                    .link_jitter_ns = 5 * WF_NS_PER_MS,
                    .sync_delay_ns = 4 * WF_NS_PER_MS,
                    .sign_ns = 50000,
                    .verify_ns = 150000,
                    .tick_ns = 50 * WF_NS_PER_MS,
                    .reconnect_ns = 200 * WF_NS_PER_MS,
                    .credit = 256 * 1024,
                    .cache_bytes = 2u << 20,
                    .queue_bytes = 64u << 10};
}

wf_nation net_nation(uint32_t i) {
  static const char *const code[NET_NODES_MAX] = {"JPN", "KOR", "USA", "AUS", "CAN", "GBR", "NZL", "PHL"};
  wf_nation nation = {""};
  wf_nation_parse(code[i], &nation);
  return nation;
}

wf_audience net_audience(const char *text) {
  wf_audience audience = {0};
  wf_audience_parse(text, &audience);
  return audience;
}

void net_fail(net *n, const char *format, ...) {
  if (n->failure[0]) return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(n->failure, sizeof n->failure, format, arguments);
  va_end(arguments);
}

// ---- Events ------------------------------------------------------------------------------------------------------
static bool before(const net_event *a, const net_event *b) {
  return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void push(net *n, net_event e) {
  if (n->heap_count == n->heap_capacity) {
    n->heap_capacity = n->heap_capacity ? n->heap_capacity * 2 : 1024;
    n->heap = realloc(n->heap, n->heap_capacity * sizeof *n->heap);
  }
  e.order = n->order++;
  size_t i = n->heap_count++;
  while (i > 0 && before(&e, &n->heap[(i - 1) / 2])) {
    n->heap[i] = n->heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  n->heap[i] = e;
}

static net_event pop(net *n) {
  const net_event top = n->heap[0], last = n->heap[--n->heap_count];
  size_t i = 0;
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= n->heap_count) break;
    if (child + 1 < n->heap_count && before(&n->heap[child + 1], &n->heap[child])) child++;
    if (!before(&n->heap[child], &last)) break;
    n->heap[i] = n->heap[child];
    i = child;
  }
  if (n->heap_count) n->heap[i] = last;
  return top;
}

static uint8_t *copy_of(const void *data, size_t size) {
  uint8_t *copy = malloc(size ? size : 1);
  if (size) memcpy(copy, data, size);
  return copy;
}

net_pair *net_pair_of(net *n, uint32_t a, uint32_t b) {
  return a < b ? &n->pair[a][b] : &n->pair[b][a];
}

wf_clock net_clock(const net *n, uint32_t i) {
  return (wf_clock){{START_NS + n->mono_ns + n->node[i].clock_offset_ns}, {n->mono_ns + 1}};
}

static uint32_t index_of(const net *n, wf_nation nation) {
  for (uint32_t i = 0; i < n->config.nodes; i++)
    if (wf_nation_compare(net_nation(i), nation) == 0) return i;
  return UINT32_MAX;
}

// ---- What the core got -------------------------------------------------------------------------------------------
static bool same_name(const wf_stream_name *a, const wf_stream_name *b) {
  return a->mode == b->mode && a->writer == b->writer && a->stream_class == b->stream_class &&
         wf_nation_compare(a->origin, b->origin) == 0 && wf_audience_equal(&a->audience, &b->audience);
}

static uint64_t name_key(const wf_stream_name *s) {
  uint64_t key = (uint64_t)s->stream_class << 8 | s->writer << 4 | (unsigned)s->mode;
  for (int k = 0; k < 3; k++) key = wf_mix64(key ^ (uint64_t)(uint8_t)s->origin.code[k] << 16);
  for (uint32_t i = 0; i < s->audience.count; i++)
    for (int k = 0; k < 3; k++) key = wf_mix64(key + (uint8_t)s->audience.member[i].code[k]);
  return key;
}

static net_record *record_of(net_node *d, const wf_stream_name *stream, uint64_t epoch, uint64_t sequence, bool make) {
  if (make && (d->record_count + 1) * 2 > d->index_size) {
    d->index_size = d->index_size ? d->index_size * 2 : 4096;
    d->index = realloc(d->index, d->index_size * sizeof *d->index);
    memset(d->index, 0xff, d->index_size * sizeof *d->index);
    for (uint32_t i = 0; i < d->record_count; i++) {
      const net_record *r = &d->records[i];
      size_t at = wf_mix64(name_key(&r->stream) ^ wf_mix64(r->epoch * 31 + r->sequence)) & (d->index_size - 1);
      while (d->index[at] != UINT32_MAX) at = (at + 1) & (d->index_size - 1);
      d->index[at] = i;
    }
  }
  if (d->index_size == 0) return NULL;
  size_t at = wf_mix64(name_key(stream) ^ wf_mix64(epoch * 31 + sequence)) & (d->index_size - 1);
  for (; d->index[at] != UINT32_MAX; at = (at + 1) & (d->index_size - 1)) {
    net_record *r = &d->records[d->index[at]];
    if (r->epoch == epoch && r->sequence == sequence && same_name(&r->stream, stream)) return r;
  }
  if (!make) return NULL;
  if (d->record_count == d->record_capacity) {
    d->record_capacity = d->record_capacity ? d->record_capacity * 2 : 1024;
    d->records = realloc(d->records, d->record_capacity * sizeof *d->records);
  }
  d->index[at] = (uint32_t)d->record_count;
  net_record *r = &d->records[d->record_count++];
  memset(r, 0, sizeof *r);
  r->stream = *stream;
  r->epoch = epoch;
  r->sequence = sequence;
  return r;
}

static void take_record(net *n, uint32_t i, const wf_exchange_effect *e) {
  net_record *r = record_of(&n->node[i], &e->row.stream, e->epoch, e->sequence, true);
  if (!wf_audience_has(&e->row.stream.audience, net_nation(i)))
    net_fail(n, "%s was given a record outside its audience", net_nation(i).code);
  if (e->kind == WF_XE_RETRACT) {
    if (--r->delivered < 0) net_fail(n, "%s: a record was retracted that was not delivered", net_nation(i).code);
    return;
  }
  uint8_t hash[WF_HASH_SIZE];
  crypto_generichash(hash, sizeof hash, e->bytes.data, e->bytes.size, NULL, 0);
  if (e->kind == WF_XE_ASIDE) {
    r->aside++;
    return;
  }
  memcpy(r->delivered_hash, hash, sizeof hash);
  if (++r->delivered > 1)
    net_fail(n, "%s: record %s %d/%llu/%llu was delivered twice", net_nation(i).code, e->row.stream.origin.code,
             (int)e->row.stream.stream_class, (unsigned long long)e->epoch, (unsigned long long)e->sequence);
}

uint64_t net_delivered(const net *n, uint32_t i) {
  uint64_t count = 0;
  for (size_t k = 0; k < n->node[i].record_count; k++) count += (uint64_t)n->node[i].records[k].delivered;
  return count;
}

// ---- Effects -----------------------------------------------------------------------------------------------------
// Not Ed25519, which would cost more than everything else here: a keyed hash, the key being the nation.
void net_sign(wf_nation nation, wf_bytes message, uint8_t out[WF_SIGNATURE_SIZE]) {
  uint8_t key[16] = {0};
  memcpy(key, nation.code, 3);
  crypto_generichash(out, WF_SIGNATURE_SIZE, message.data, message.size, key, sizeof key);
}

static void arrive(net *n, uint32_t from, uint32_t to, uint8_t lane, uint8_t *bytes, size_t size) {
  net_pair *p = net_pair_of(n, from, to);
  net_lane *l = &p->lane[lane - 1];
  const int way = from < to ? 0 : 1;
  int64_t at = n->mono_ns + n->config.link_delay_ns + p->extra_delay_ns;
  if (n->config.link_jitter_ns) at += (int64_t)wf_rng_below(&n->rng, (uint64_t)n->config.link_jitter_ns);
  if (at <= l->last_arrival_ns[way]) at = l->last_arrival_ns[way] + 1;
  l->last_arrival_ns[way] = at;
  push(n, (net_event){.at_ns = at,
                      .kind = EV_FRAME,
                      .node = to,
                      .peer = from,
                      .lane = lane,
                      .life = l->generation,
                      .value = l->sent[way]++,
                      .bytes = bytes,
                      .size = size});
}

// What leaves a node is looked at here: no name and no byte of a stream may go to who is not in its audience.
static void inspect(net *n, uint32_t to, wf_bytes bytes) {
  static wf_frame frame;
  char reason[WF_REASON_SIZE];
  wf_bundle bundle;
  if (wf_frame_decode(bytes, &frame, reason) != WF_OK) {
    net_fail(n, "a frame that cannot be decoded was sent: %s", reason);
    return;
  }
  if (wf_frame_bundle(&frame, &bundle, reason) == WF_OK && !wf_audience_has(&bundle.stream.audience, net_nation(to)))
    net_fail(n, "a bundle was sent to %s, outside its audience", net_nation(to).code);
  if (frame.kind == WF_FRAME_HAVE || frame.kind == WF_FRAME_ACK)
    for (uint32_t i = 0; i < frame.have.count; i++)
      if (!wf_audience_has(&frame.have.entry[i].stream.audience, net_nation(to)))
        net_fail(n, "a stream's name was sent outside its audience");
  if (frame.kind == WF_FRAME_WANT && !wf_audience_has(&frame.want.stream.audience, net_nation(to)))
    net_fail(n, "a want went outside the audience");
}

static void do_send(net *n, uint32_t from, const wf_exchange_effect *e) {
  const uint32_t to = index_of(n, e->nation);
  net_pair *p = net_pair_of(n, from, to);
  n->frames++;
  n->bytes += e->bytes.size;
  inspect(n, to, e->bytes);
  if (!p->lane[e->lane - 1].up) return;
  uint8_t *bytes = copy_of(e->bytes.data, e->bytes.size);
  size_t size = e->bytes.size;
  if (n->tamper && !n->tamper(n, from, to, bytes, &size)) {
    free(bytes);
    return;
  }
  p->lane[e->lane - 1].in_flight[from < to ? 0 : 1] += size;
  arrive(n, from, to, (uint8_t)e->lane, bytes, size);
}

static void do_store(net *n, uint32_t i, const wf_exchange_effect *e) {
  net_disk *d = &n->node[i].disk;
  const bool ok = !d->full;
  const size_t at = d->count;
  if (ok) {
    if (d->count == d->capacity) {
      d->capacity = d->capacity ? d->capacity * 2 : 256;
      d->rows = realloc(d->rows, d->capacity * sizeof *d->rows);
    }
    d->rows[d->count++] =
        (net_row){.row = e->row, .bytes = copy_of(e->bytes.data, e->bytes.size), .size = e->bytes.size};
  }
  const int64_t jitter = (int64_t)wf_rng_below(&n->rng, (uint64_t)n->config.sync_delay_ns + 1);
  push(n, (net_event){.at_ns = n->mono_ns + n->config.sync_delay_ns + jitter,
                      .kind = EV_STORED,
                      .node = i,
                      .life = n->node[i].life,
                      .token = e->token,
                      .value = at,
                      .ok = ok});
}

static void do_fetch(net *n, uint32_t i, const wf_exchange_effect *e) {
  const net_disk *d = &n->node[i].disk;
  int64_t at = n->mono_ns + WF_NS_PER_MS;
  size_t bytes = 0;
  uint64_t next = e->row.first;  // ascending
  for (bool found = true; found && bytes <= e->limit_bytes;) {
    const net_row *best = NULL;
    found = false;
    for (size_t k = 0; k < d->count; k++) {
      const net_row *r = &d->rows[k];
      if (!r->durable || r->row.epoch != e->row.epoch || r->row.last < next || r->row.first > e->row.last ||
          !same_name(&r->row.stream, &e->row.stream))
        continue;
      if (!best || r->row.first < best->row.first) best = r;
    }
    if (!best) break;
    found = true;
    push(n, (net_event){.at_ns = at++,
                        .kind = EV_FETCHED,
                        .node = i,
                        .life = n->node[i].life,
                        .token = e->token,
                        .ok = true,
                        .bytes = copy_of(best->bytes, best->size),
                        .size = best->size});
    next = best->row.last + 1;
    bytes += best->size;
  }
  push(n, (net_event){.at_ns = at, .kind = EV_FETCHED, .node = i, .life = n->node[i].life, .token = e->token});
}

static void do_verify(net *n, uint32_t i, const wf_exchange_effect *e) {
  uint8_t right[WF_SIGNATURE_SIZE];
  net_sign(e->nation, e->bytes, right);
  push(n, (net_event){.at_ns = n->mono_ns + n->config.verify_ns,
                      .kind = EV_VERIFIED,
                      .node = i,
                      .life = n->node[i].life,
                      .token = e->token,
                      .ok = memcmp(right, e->signature, sizeof right) == 0});
}

static void do_sign(net *n, uint32_t i, const wf_exchange_effect *e) {
  uint8_t *signature = malloc(WF_SIGNATURE_SIZE);
  net_sign(net_nation(i), e->bytes, signature);
  push(n, (net_event){.at_ns = n->mono_ns + n->config.sign_ns,
                      .kind = EV_SIGNED,
                      .node = i,
                      .life = n->node[i].life,
                      .token = e->token,
                      .bytes = signature,
                      .size = WF_SIGNATURE_SIZE});
}

static void do_close(net *n, uint32_t i, const wf_exchange_effect *e) {
  const uint32_t peer = index_of(n, e->nation);
  push(n, (net_event){.at_ns = n->mono_ns + 1,
                      .kind = EV_LINK_DOWN,
                      .node = i,
                      .peer = peer,
                      .lane = (uint8_t)e->lane,
                      .life = net_pair_of(n, i, peer)->lane[e->lane - 1].generation});
}

static void perform(net *n, uint32_t i, const wf_exchange_effect *e) {
  switch (e->kind) {
    case WF_XE_SEND:
      do_send(n, i, e);
      break;
    case WF_XE_CLOSE:
      do_close(n, i, e);
      break;
    case WF_XE_SIGN:
      do_sign(n, i, e);
      break;
    case WF_XE_VERIFY:
      do_verify(n, i, e);
      break;
    case WF_XE_STORE:
      do_store(n, i, e);
      break;
    case WF_XE_EPOCH:
      n->node[i].disk.epoch_written = e->epoch;
      push(n, (net_event){.at_ns = n->mono_ns + n->config.sync_delay_ns,
                          .kind = EV_EPOCH,
                          .node = i,
                          .life = n->node[i].life,
                          .token = e->token,
                          .value = e->epoch,
                          .ok = !n->node[i].disk.full});
      break;
    case WF_XE_FETCH:
      do_fetch(n, i, e);
      break;
    case WF_XE_DELIVER:
    case WF_XE_RETRACT:
    case WF_XE_ASIDE:
      take_record(n, i, e);
      break;
    case WF_XE_ALARM:
      n->node[i].alarms[e->alarm]++;
      if (n->trace)
        printf("%9.3f %s alarm %s: %s\n", (double)n->mono_ns * 1e-9, net_nation(i).code, wf_alarm_name(e->alarm),
               e->text);
      break;
  }
}

static wf_status step(net *n, uint32_t i, wf_exchange_input input) {
  wf_exchange_effect e;
  const uint32_t life = n->node[i].life;
  const wf_status status = wf_exchange_step(n->node[i].x, net_clock(n, i), &input);
  if (status == WF_EAGAIN) net_fail(n, "effects were left over");
  while (n->node[i].life == life && n->node[i].x && wf_exchange_effect_next(n->node[i].x, &e)) perform(n, i, &e);
  return status;
}

// ---- Links -------------------------------------------------------------------------------------------------------
static void want_link(net *n, uint32_t a, uint32_t b, uint8_t lane) {
  const int64_t wait = n->config.reconnect_ns / 2 + (int64_t)wf_rng_below(&n->rng, (uint64_t)n->config.reconnect_ns);
  push(n, (net_event){.at_ns = n->mono_ns + wait,
                      .kind = EV_LINK_UP,
                      .node = a,
                      .peer = b,
                      .lane = lane,
                      .life = net_pair_of(n, a, b)->lane[lane - 1].generation});
}

static void tell_link(net *n, uint32_t i, uint32_t peer, uint8_t lane, bool up) {
  if (!n->node[i].x) return;
  step(n, i,
       (wf_exchange_input){
           .kind = up ? WF_XI_LINK_UP : WF_XI_LINK_DOWN, .nation = net_nation(peer), .lane = (wf_lane)lane});
  if (up)
    step(n, i,
         (wf_exchange_input){
             .kind = WF_XI_WRITABLE, .nation = net_nation(peer), .lane = (wf_lane)lane, .credit = n->config.credit});
}

static void link_up(net *n, uint32_t a, uint32_t b, uint8_t lane, uint32_t generation) {
  net_pair *p = net_pair_of(n, a, b);
  net_lane *l = &p->lane[lane - 1];
  if (l->up || l->generation != generation) return;
  if (p->cut || p->hole[0] || p->hole[1] || !n->node[a].x || !n->node[b].x) {
    want_link(n, a, b, lane);
    return;
  }
  *l = (net_lane){.up = true, .generation = l->generation};
  tell_link(n, a, b, lane, true);
  tell_link(n, b, a, lane, true);
}

static void link_down(net *n, uint32_t a, uint32_t b, uint8_t lane) {
  net_lane *l = &net_pair_of(n, a, b)->lane[lane - 1];
  if (!l->up) return;
  l->up = false;
  l->generation++;
  tell_link(n, a, b, lane, false);
  tell_link(n, b, a, lane, false);
  want_link(n, a, b, lane);
}

void net_cut(net *n, uint32_t a, uint32_t b, bool cut) {
  net_pair_of(n, a, b)->cut = cut;
  if (cut)
    for (uint8_t lane = 1; lane <= 2; lane++) link_down(n, a, b, lane);
}

void net_hole(net *n, uint32_t from, uint32_t to, bool hole) {
  net_pair_of(n, from, to)->hole[from < to ? 0 : 1] = hole;
}

static void give_credit(net *n, uint32_t i, uint32_t peer, uint8_t lane) {
  const net_lane *l = &net_pair_of(n, i, peer)->lane[lane - 1];
  const uint64_t used = l->in_flight[i < peer ? 0 : 1];
  if (used >= n->config.credit) return;
  step(n, i,
       (wf_exchange_input){.kind = WF_XI_WRITABLE,
                           .nation = net_nation(peer),
                           .lane = (wf_lane)lane,
                           .credit = n->config.credit - used});
}

static void frame_arrives(net *n, net_event *e) {
  net_pair *p = net_pair_of(n, e->node, e->peer);
  net_lane *l = &p->lane[e->lane - 1];
  const int way = e->peer < e->node ? 0 : 1;
  if (!l->up || l->generation != e->life) return;
  if (n->node[e->node].stalled || p->hole[way] || e->value != l->taken[way]) {  // later, in order
    net_event later = *e;
    later.at_ns = n->mono_ns + 10 * WF_NS_PER_MS;
    e->bytes = NULL;
    push(n, later);
    return;
  }
  l->taken[way]++;
  l->in_flight[way] -= e->size;
  step(n, e->node,
       (wf_exchange_input){
           .kind = WF_XI_FRAME, .nation = net_nation(e->peer), .lane = (wf_lane)e->lane, .bytes = {e->bytes, e->size}});
  push(n, (net_event){.at_ns = n->mono_ns + n->config.link_delay_ns,
                      .kind = EV_CREDIT,
                      .node = e->peer,
                      .peer = e->node,
                      .lane = e->lane,
                      .life = e->life});
}

// ---- Life and death ----------------------------------------------------------------------------------------------
net *net_new(const net_config *config) {
  net *n = calloc(1, sizeof *n);
  n->config = *config;
  wf_rng_seed(&n->rng, config->seed);
  for (uint32_t i = 0; i < config->nodes; i++) {
    wf_exchange_config *c = &n->node[i].config;
    *c = (wf_exchange_config){.nation = net_nation(i),
                              .mode = WF_MODE_EXERCISE,
                              .cache_bytes = config->cache_bytes,
                              .partner_queue_bytes = config->queue_bytes};
    for (uint32_t k = 0; k < config->nodes; k++)
      if (k != i) c->partner[c->partner_count++].nation = net_nation(k);
  }
  for (uint32_t a = 0; a < config->nodes; a++)
    for (uint32_t b = a + 1; b < config->nodes; b++)
      for (uint8_t lane = 1; lane <= 2; lane++) want_link(n, a, b, lane);
  return n;
}

static void forget_records(net_node *d) {
  d->record_count = 0;
  if (d->index_size) memset(d->index, 0xff, d->index_size * sizeof *d->index);
}

void net_start(net *n, uint32_t i) {
  net_node *d = &n->node[i];
  if (d->x) return;
  d->config.boot = wf_rng_u64(&n->rng);
  d->life++;
  d->stalled = false;
  d->x = wf_exchange_new(&d->config);
  forget_records(d);
  step(n, i, (wf_exchange_input){.kind = WF_XI_START, .epoch_stored = d->disk.epoch});
  for (size_t k = 0; k < d->disk.count; k++)
    step(n, i, (wf_exchange_input){.kind = WF_XI_RESTORE, .bytes = {d->disk.rows[k].bytes, d->disk.rows[k].size}});
  push(n, (net_event){.at_ns = n->mono_ns + 1, .kind = EV_TICK, .node = i, .life = d->life});
}

void net_input(net *n, uint32_t i, wf_exchange_input input) {
  step(n, i, input);
}

// What was not synced is lost from some point on; the last write may be torn and is then recognised and dropped.
void net_crash(net *n, uint32_t i) {
  net_node *d = &n->node[i];
  if (!d->x) return;
  wf_exchange_free(d->x);
  d->x = NULL;
  d->life++;
  size_t keep = 0;
  for (size_t k = 0; k < d->disk.count; k++)
    if (d->disk.rows[k].durable) keep = k + 1;
  if (keep < d->disk.count) keep += wf_rng_below(&n->rng, d->disk.count - keep + 1);
  for (size_t k = keep; k < d->disk.count; k++) free(d->disk.rows[k].bytes);
  d->disk.count = keep;
  for (size_t k = 0; k < keep; k++) d->disk.rows[k].durable = true;
  if (wf_rng_below(&n->rng, 2))
    d->disk.epoch = d->disk.epoch_written > d->disk.epoch ? d->disk.epoch_written : d->disk.epoch;
  for (uint32_t peer = 0; peer < n->config.nodes; peer++)
    for (uint8_t lane = 1; peer != i && lane <= 2; lane++) link_down(n, i, peer, lane);
}

void net_lose_disk(net *n, uint32_t i) {
  net_disk *d = &n->node[i].disk;
  for (size_t k = 0; k < d->count; k++) free(d->rows[k].bytes);
  d->count = 0;
  d->epoch = d->epoch_written = 0;
}

void net_free(net *n) {
  for (uint32_t i = 0; i < n->config.nodes; i++) {
    wf_exchange_free(n->node[i].x);
    net_lose_disk(n, i);
    free(n->node[i].disk.rows);
    free(n->node[i].records);
    free(n->node[i].index);
  }
  for (size_t k = 0; k < n->heap_count; k++) free(n->heap[k].bytes);
  free(n->heap);
  free(n);
}

void net_call_at(net *n, int64_t in_ns, uint64_t value) {
  push(n, (net_event){.at_ns = n->mono_ns + in_ns, .kind = EV_CALL, .value = value});
}

static void stored(net *n, const net_event *e) {
  net_disk *d = &n->node[e->node].disk;
  if (e->ok && e->value < d->count)
    for (size_t k = 0; k <= e->value; k++) d->rows[k].durable = true;  // a sync covers all that was written before
  step(n, e->node, (wf_exchange_input){.kind = WF_XI_STORED, .token = e->token, .ok = e->ok});
}

static void happen(net *n, net_event *e) {
  if (e->kind == EV_CALL) {
    n->hook(n, e->value);
    return;
  }
  if (e->kind == EV_LINK_UP) link_up(n, e->node, e->peer, e->lane, e->life);
  if (e->kind == EV_LINK_DOWN && net_pair_of(n, e->node, e->peer)->lane[e->lane - 1].generation == e->life)
    link_down(n, e->node, e->peer, e->lane);
  if (!n->node[e->node].x) return;
  if (e->kind == EV_FRAME) frame_arrives(n, e);
  const net_lane *l = e->kind == EV_CREDIT ? &net_pair_of(n, e->node, e->peer)->lane[e->lane - 1] : NULL;
  if (l && l->up && l->generation == e->life) give_credit(n, e->node, e->peer, e->lane);
  if (e->kind == EV_LINK_UP || e->kind == EV_LINK_DOWN || e->kind == EV_FRAME || e->kind == EV_CREDIT ||
      e->life != n->node[e->node].life)
    return;
  if (e->kind == EV_TICK) {
    step(n, e->node, (wf_exchange_input){.kind = WF_XI_TICK});
    push(n, (net_event){.at_ns = n->mono_ns + n->config.tick_ns, .kind = EV_TICK, .node = e->node, .life = e->life});
  }
  const wf_bytes bytes = {e->bytes, e->size};
  if (e->kind == EV_SIGNED)
    step(n, e->node, (wf_exchange_input){.kind = WF_XI_SIGNED, .token = e->token, .bytes = bytes});
  if (e->kind == EV_VERIFIED)
    step(n, e->node, (wf_exchange_input){.kind = WF_XI_VERIFIED, .token = e->token, .ok = e->ok});
  if (e->kind == EV_STORED) stored(n, e);
  if (e->kind == EV_EPOCH) {
    if (e->ok && e->value > n->node[e->node].disk.epoch) n->node[e->node].disk.epoch = e->value;
    step(n, e->node, (wf_exchange_input){.kind = WF_XI_STORED, .token = e->token, .ok = e->ok});
  }
  if (e->kind == EV_FETCHED)
    step(n, e->node, (wf_exchange_input){.kind = WF_XI_FETCHED, .token = e->token, .ok = e->ok, .bytes = bytes});
}

void net_run(net *n, int64_t for_ns) {
  const int64_t until = n->mono_ns + for_ns;
  while (n->heap_count && n->heap[0].at_ns <= until && !n->failure[0]) {
    net_event e = pop(n);
    n->mono_ns = e.at_ns;
    n->events++;
    happen(n, &e);
    free(e.bytes);
  }
  n->mono_ns = until;
}

bool net_publish(net *n, uint32_t i, const wf_audience *audience, wf_stream_class stream_class, wf_priority priority,
                 wf_bytes payload) {
  static uint8_t bytes[WF_RECORD_MAX];
  wf_record_body body = {.kind = WF_BODY_OPAQUE, .opaque = payload, .valid_time = net_clock(n, i).wall};
  uint32_t stream;
  size_t length;
  if (!n->node[i].x || wf_exchange_open_stream(n->node[i].x, audience, stream_class, &stream) != WF_OK) return false;
  if (wf_wire_encode_record(&body, bytes, sizeof bytes, &length) != WF_OK) return false;
  const bool ok =
      step(n, i,
           (wf_exchange_input){
               .kind = WF_XI_PUBLISH, .stream = stream, .priority = priority, .bytes = {bytes, length}}) == WF_OK;
  n->node[i].published += ok;
  n->node[i].refused += !ok;
  return ok;
}

// ---- The rules ---------------------------------------------------------------------------------------------------
static void check_record(net *n, uint32_t holder, const wf_bundle *b, const wf_record_view *r) {
  uint8_t hash[WF_HASH_SIZE];
  crypto_generichash(hash, sizeof hash, r->bytes.data, r->bytes.size, NULL, 0);
  for (uint32_t i = 0; i < n->config.nodes; i++) {
    if (!n->node[i].x || !wf_audience_has(&b->stream.audience, net_nation(i))) continue;
    const net_record *at = record_of(&n->node[i], &b->stream, b->epoch, r->sequence, false);
    if (!at || at->delivered != 1)
      net_fail(n, "%s lacks %s class %d epoch %llu number %llu (%s), durable at %s", net_nation(i).code,
               b->stream.origin.code, (int)b->stream.stream_class, (unsigned long long)b->epoch,
               (unsigned long long)r->sequence,
               !at         ? "never heard"
               : at->aside ? "set aside"
                           : "retracted",
               net_nation(holder).code);
    else if (memcmp(at->delivered_hash, hash, sizeof hash) != 0)
      net_fail(n, "%s has other bytes than %s said", net_nation(i).code, b->stream.origin.code);
  }
}

// Every record on a live node's disk must be at every live member; the author's own also when the author is down.
static void check_rows(net *n, uint32_t i) {
  const net_disk *d = &n->node[i].disk;
  char reason[WF_REASON_SIZE];
  for (size_t k = 0; k < d->count && !n->failure[0]; k++) {
    wf_bundle b;
    wf_record_view r;
    if (!d->rows[k].durable) continue;
    if (wf_bundle_parse((wf_bytes){d->rows[k].bytes, d->rows[k].size}, &b, reason) != WF_OK) {
      net_fail(n, "a stored bundle does not parse: %s", reason);
      return;
    }
    for (size_t at = 0; wf_bundle_next(&b, &at, &r);)
      if (r.payload) check_record(n, i, &b, &r);
  }
}

static void check_disk(net *n, uint32_t i) {
  const net_disk *d = &n->node[i].disk;
  for (size_t k = 0; k < d->count; k++)
    if (!wf_audience_has(&d->rows[k].row.stream.audience, net_nation(i)))
      net_fail(n, "%s stored a bundle outside its audience", net_nation(i).code);
}

void net_check_all(net *n) {
  for (uint32_t i = 0; i < n->config.nodes; i++) {
    check_rows(n, i);
    check_disk(n, i);
  }
}
