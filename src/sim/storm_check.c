// What is looked at while it rains.
#include "storm_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_BUNDLE_BYTES (192u * 1024)  // what an own stream takes when a partner is the first to tell of it …
#define OPEN_BUNDLES 16                  // … at most so often
#define OVER_CREDIT_BYTES (24u * 1024)   // one frame, a bundle at most, may overshoot its credit; and seals go out
#define DECODE_EVERY 8                   // of the frames that are no bundles: the storm looks at one in so many

// The first thing that breaks counts: what follows may be its consequence.
void storm_broken(storm_check *c, const char *format, ...) {
  if (c->why[0] != '\0') return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(c->why, sizeof c->why, format, arguments);
  va_end(arguments);
}

const char *storm_code(const storm_check *c, uint32_t node) {
  return c->config->node[node].exchange.nation.code;
}

bool storm_faulty(const storm_check *c) {
  for (uint32_t i = 0; i < c->config->node_count; i++)
    if (c->corrupts[i] || c->lies[i]) return true;
  return false;
}

// Whether this stream's origin has said two things under one number. If it bundled them differently, too, a record may
// be handed on twice: the exchange settles such forks bundle by bundle.
bool storm_origin_lied(const storm_check *c, const wf_stream_name *stream) {
  for (uint32_t i = 0; i < c->config->node_count; i++)
    if (c->lies[i] && wf_nation_compare(c->config->node[i].exchange.nation, stream->origin) == 0) return true;
  return false;
}

bool storm_origin_revoked(const storm_check *c, const wf_stream_name *stream) {
  for (uint32_t i = 0; i < c->config->node_count; i++)
    if (c->revoked[i] && wf_nation_compare(c->config->node[i].exchange.nation, stream->origin) == 0) return true;
  return false;
}

static bool anybody_lied(const storm_check *c) {
  bool any = false;
  for (uint32_t i = 0; i < c->config->node_count; i++) any = any || c->lies[i];
  return any;
}

wf_frame_kind storm_frame_kind(wf_bytes frame) {
  const unsigned kind = frame.size > 0 && (frame.data[0] & 7) == 2 ? frame.data[0] >> 3 : 0;
  return kind <= WF_FRAME_SEAL ? (wf_frame_kind)kind : WF_FRAME_UNKNOWN;
}

// Invariant 2: no byte of a record is ever sent to a nation outside its audience. Invariant 3: nothing is sent under an
// epoch that a crash could forget.
static void look_at_bundle(storm_check *c, uint32_t from, uint32_t to) {
  char reason[WF_REASON_SIZE];
  wf_bundle bundle;
  const wf_status status = wf_frame_bundle(c->frame, &bundle, reason);
  if (status == WF_ENOTFOUND) return;  // a further part
  if (status != WF_OK) {
    storm_broken(c, "0: %s sent a bundle that does not parse: %s", storm_code(c, from), reason);
    return;
  }
  if (c->frame->kind == WF_FRAME_DELIVER) storm_cover_deliver(c, &c->frame->deliver, &bundle);
  if (!wf_audience_has(&bundle.stream.audience, c->config->node[to].exchange.nation))
    storm_broken(c, "2: a record of %s reached %s, outside its audience", bundle.stream.origin.code, storm_code(c, to));
  // Its own of now: what it said before it lost its disk may come back to it and be passed on.
  const bool own = wf_nation_compare(bundle.stream.origin, c->config->node[from].exchange.nation) == 0 &&
                   bundle.epoch == wf_world_epoch_used(c->world, from);
  if (own && !c->full_disk[from] && bundle.epoch > wf_world_epoch(c->world, from))
    storm_broken(c, "3: %s sent a record under an epoch that is not durable", storm_code(c, from));
}

// Invariant 2, too: to whom it has suspended or revoked a nation says nothing. (Who is out itself may not know.)
static void check_membership(storm_check *c, uint32_t from, uint32_t to, wf_frame_kind kind) {
  const bool says = kind == WF_FRAME_DELIVER || kind == WF_FRAME_PART || kind == WF_FRAME_SEAL || kind == WF_FRAME_HAVE;
  if (says && (c->suspended[to] || c->revoked[to]))
    storm_broken(c, "2: %s told %s something, which is no member any more", storm_code(c, from), storm_code(c, to));
}

static void on_frame(void *context, uint32_t from, uint32_t to, wf_bytes bytes) {
  storm_check *c = context;
  char reason[WF_REASON_SIZE];
  const wf_frame_kind kind = storm_frame_kind(bytes);
  check_membership(c, from, to, kind);
  const bool look =
      kind == WF_FRAME_DELIVER || kind == WF_FRAME_PART || kind == WF_FRAME_BYE || c->frames++ % DECODE_EVERY == 0;
  if (look && (wf_frame_decode(bytes, c->frame, reason) != WF_OK || c->frame->kind != kind)) {
    storm_broken(c, "0: %s sent a frame that does not decode: %s", storm_code(c, from), reason);
    return;
  }
  storm_cover_frame(c, kind);
  if (kind == WF_FRAME_DELIVER || kind == WF_FRAME_PART) look_at_bundle(c, from, to);
}

// Alarms that nothing but a faulty node can cause.
static bool never_among_honest(wf_alarm_kind alarm) {
  switch (alarm) {
    case WF_ALARM_EQUIVOCATION:
    case WF_ALARM_BAD_CHAIN:
    case WF_ALARM_BAD_SIGNATURE:
    case WF_ALARM_MODE_MISMATCH:
    case WF_ALARM_MALFORMED:
    case WF_ALARM_OUTSIDE_AUDIENCE:
    case WF_ALARM_QUARANTINED_TIME:
      return true;
    default:
      return false;
  }
}

static void on_alarm(storm_check *c, uint32_t node, wf_alarm_kind alarm, const char *text) {
  if ((unsigned)alarm < WF_ALARM_KIND_COUNT) c->alarmed[node][alarm] = true;
  // A spoilt digest is compared before its signature is found wrong.
  if (alarm == WF_ALARM_PICTURE_DIFFERS && !storm_faulty(c)) storm_broken(c, "4: %s: %s", storm_code(c, node), text);
  if (never_among_honest(alarm) && !storm_faulty(c))
    storm_broken(c, "3: %s: %s: %s", storm_code(c, node), wf_alarm_name(alarm), text);
}

static void on_effect(void *context, uint32_t node, wf_time at, const wf_effect *effect) {
  storm_check *c = context;
  storm_cover_effect(c, node, effect);
  if (effect->kind == WF_OUT_ALARM) on_alarm(c, node, effect->alarm, effect->text);
  if (effect->kind != WF_OUT_EXCHANGE) return;
  const wf_exchange_effect *e = &effect->exchange;
  if (node >= c->config->node_count) {
    if (e->kind == WF_XE_EPOCH && c->twin_epoch_count < STORM_TWIN_EPOCHS_MAX)
      c->twin_epochs[c->twin_epoch_count++] = e->epoch;
    return;  // what it has goes with it
  }
  if (e->kind == WF_XE_ALARM) on_alarm(c, node, e->alarm, e->text);
  if ((e->kind == WF_XE_DELIVER || e->kind == WF_XE_RETRACT) && !storm_heard_take(&c->heard[node], e) &&
      !storm_origin_lied(c, &e->row.stream))
    storm_broken(c, "1: record %llu of %s was delivered twice at %s", (unsigned long long)e->sequence,
                 e->row.stream.origin.code, storm_code(c, node));
}

wf_status storm_check_begin(storm_check *c, wf_world *world, const wf_world_config *config) {
  c->world = world;
  c->twin_of = UINT32_MAX;
  c->config = config;
  c->frame = malloc(sizeof *c->frame);
  if (c->frame == NULL) return WF_ENOMEM;
  wf_world_on_frame(world, on_frame, c);
  wf_world_on_effect(world, on_effect, c);
  return WF_OK;
}

void storm_check_free(storm_check *c) {
  for (int i = 0; i < WF_WORLD_NODES_MAX; i++) storm_heard_free(&c->heard[i]);
  free(c->frame);
}

void storm_check_lie(storm_check *c, uint32_t from, uint32_t to, const wf_bundle *said, const uint8_t *hash) {
  if (c->lie_count == STORM_LIES_MAX) return;
  storm_lie *l = &c->lie[c->lie_count++];
  *l = (storm_lie){from, to, said->stream, said->epoch, said->first, said->last, {0}};
  memcpy(l->hash, hash, WF_HASH_SIZE);
}

void storm_check_twin(storm_check *c, uint32_t of) {
  c->twin_of = of;
  c->twin_since = wf_world_up(c->world, of) ? wf_world_crashes(c->world, of) : UINT64_MAX;
}

// Invariant 5: memory and queue bounds are never exceeded.
static void watch_node(storm_check *c, uint32_t node) {
  const wf_exchange_config *x = &c->config->node[node].exchange;
  const size_t bytes = wf_world_exchange_bytes(c->world, node);
  if (c->exchange_bytes[node] == 0) c->exchange_bytes[node] = bytes;
  const size_t most = c->exchange_bytes[node] + OPEN_BUNDLES * OPEN_BUNDLE_BYTES;
  if (bytes > most)
    storm_broken(c, "5: the exchange of %s holds %zu bytes, more than %zu", x->nation.code, bytes, most);
  wf_link_view links[WF_NATION_MAX];
  const size_t count = wf_world_links(c->world, node, links, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++)
    if (links[i].queued_bytes > x->partner_queue_bytes)
      storm_broken(c, "5: %s holds %llu bytes for %s, more than %zu", x->nation.code,
                   (unsigned long long)links[i].queued_bytes, links[i].nation.code, x->partner_queue_bytes);
  const wf_node *n = wf_world_node(c->world, node);
  wf_node_counters counters = {0};
  if (n != NULL) wf_node_counters_get(n, &counters);
  if (counters.records_twice > 0 && !anybody_lied(c)) storm_broken(c, "1: a record came twice to %s", x->nation.code);
}

void storm_check_watch(storm_check *c) {
  for (uint32_t i = 0; i < c->config->node_count; i++)
    if (wf_world_up(c->world, i)) watch_node(c, i);
  wf_world_stats stats;
  wf_world_stats_get(c->world, &stats);
  if (stats.over_credit_bytes > OVER_CREDIT_BYTES)
    storm_broken(c, "5: %llu bytes more on a link than it could take", (unsigned long long)stats.over_credit_bytes);
}

// Up to where a stream's epoch is without a gap in the rows of a node.
static uint64_t rows_up_to(const storm_check *c, uint32_t node, const wf_stream_view *stream) {
  uint64_t top = 0;
  for (bool grew = true; grew;) {
    grew = false;
    for (size_t i = 0; i < wf_world_rows(c->world, node); i++) {
      wf_world_row row;
      wf_world_row_at(c->world, node, i, &row);
      if (row.epoch != stream->epoch || row.first > top + 1 || row.last <= top || row.torn) continue;
      if (!stream_name_equal(&row.stream, &stream->name)) continue;
      top = row.last;
      grew = true;
    }
  }
  return top;
}

static uint32_t partner_number(const storm_check *c, uint32_t author, uint32_t node) {
  const wf_exchange_config *x = &c->config->node[author].exchange;
  uint32_t i = 0;
  while (i < x->partner_count && wf_nation_compare(x->partner[i].nation, c->config->node[node].exchange.nation) != 0)
    i++;
  return i;
}

// Invariant 1: what was acknowledged to its author survives a crash.
static void check_acknowledged(storm_check *c, uint32_t node, uint32_t author) {
  wf_stream_view views[WF_STREAMS_MAX];
  const size_t count = author == node ? 0 : wf_world_streams(c->world, author, views, WF_STREAMS_MAX);
  for (size_t i = 0; i < count; i++) {
    if (wf_nation_compare(views[i].name.origin, c->config->node[author].exchange.nation) != 0) continue;
    const uint64_t told = views[i].acknowledged[partner_number(c, author, node)];
    const uint64_t there = told > 0 ? rows_up_to(c, node, &views[i]) : 0;
    if (told > there)
      storm_broken(c, "1: %s acknowledged %llu records of %s and has %llu after a crash", storm_code(c, node),
                   (unsigned long long)told, storm_code(c, author), (unsigned long long)there);
  }
}

void storm_check_crashes(storm_check *c) {
  for (uint32_t node = 0; node < c->config->node_count; node++) {
    const uint64_t crashes = wf_world_crashes(c->world, node);
    if (crashes == c->crashes[node]) continue;
    c->crashes[node] = crashes;
    storm_heard_clear(&c->heard[node]);
    // What a faulty sender has acknowledged means nothing; what a twin has is on the twin's disk.
    const bool kept = !c->lost_disk[node] && !c->corrupts[node] && node != c->twin_of;
    for (uint32_t a = 0; a < c->config->node_count && kept; a++) check_acknowledged(c, node, a);
  }
}
