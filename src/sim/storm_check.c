#include "storm_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "wire/bundle.h"

#define OPEN_BUNDLE_BYTES (128u * 1024)  // what an own stream takes when a partner is the first to tell of it …
#define OPEN_BUNDLES 16                  // … at most so often
#define OVER_CREDIT_BYTES 4096           // one frame may overshoot its credit
#define SETTLED_WITHIN_S 25.0            // invariant 5: progress after the last fault healed
#define COMES_WITHIN_S 5                 // a record said just before the end, to everybody

// The first thing that breaks counts: what follows may be its consequence.
__attribute__((format(printf, 2, 3))) static void broken(storm_check *c, const char *format, ...) {
  if (c->why[0] != '\0') return;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(c->why, sizeof c->why, format, arguments);
  va_end(arguments);
}

static const char *code_of(const storm_check *c, uint32_t node) {
  return c->config->node[node].exchange.nation.code;
}

// Invariant 2: no byte of a record is ever sent to a nation outside its audience. Invariant 3: nothing is sent under an
// epoch that a crash could forget.
static void on_frame(void *context, uint32_t from, uint32_t to, wf_bytes bytes) {
  storm_check *c = context;
  char reason[WF_REASON_SIZE];
  if (wf_frame_decode(bytes, c->frame, reason) != WF_OK) {
    broken(c, "0: %s sent a frame that does not decode: %s", code_of(c, from), reason);
    return;
  }
  if (c->frame->kind != WF_FRAME_DELIVER) return;
  wf_bundle bundle;
  if (wf_bundle_parse(c->frame->deliver.bundle, &bundle, reason) != WF_OK) return;
  if (!wf_audience_has(&bundle.stream.audience, c->config->node[to].exchange.nation))
    broken(c, "2: a record of %s reached %s, outside its audience", bundle.stream.origin.code, code_of(c, to));
  // Its own of now: what it said before it lost its disk may come back to it and be passed on.
  const bool own = wf_nation_compare(bundle.stream.origin, c->config->node[from].exchange.nation) == 0 &&
                   bundle.epoch == wf_node_epoch(wf_world_node(c->world, from));
  if (own && !c->full_disk[from] && bundle.epoch > wf_world_epoch(c->world, from))
    broken(c, "3: %s sent a record under an epoch that is not durable", code_of(c, from));
}

static void on_effect(void *context, uint32_t node, wf_time at, const wf_effect *effect) {
  storm_check *c = context;
  if (effect->kind == WF_OUT_ALARM && effect->alarm == WF_ALARM_PICTURE_DIFFERS)
    broken(c, "4: %s: %s", code_of(c, node), effect->text);
  const bool fork = effect->kind == WF_OUT_EXCHANGE && effect->exchange.kind == WF_XE_ALARM &&
                    (effect->exchange.alarm == WF_ALARM_EQUIVOCATION || effect->exchange.alarm == WF_ALARM_BAD_CHAIN);
  if (fork) broken(c, "3: %s: %s", code_of(c, node), effect->exchange.text);
}

wf_status storm_check_begin(storm_check *c, wf_world *world, const wf_world_config *config) {
  c->world = world;
  c->config = config;
  c->frame = malloc(sizeof *c->frame);
  if (c->frame == NULL) return WF_ENOMEM;
  for (uint32_t i = 0; i < config->node_count; i++)
    c->exchange_bytes[i] = wf_node_exchange_bytes(wf_world_node(world, i));
  wf_world_on_frame(world, on_frame, c);
  wf_world_on_effect(world, on_effect, c);
  return WF_OK;
}

void storm_check_free(storm_check *c) {
  free(c->frame);
}

// Invariant 5: memory and queue bounds are never exceeded.
static void watch_node(storm_check *c, uint32_t node, const wf_node *n) {
  const wf_exchange_config *x = &c->config->node[node].exchange;
  const size_t bytes = wf_node_exchange_bytes(n), most = c->exchange_bytes[node] + OPEN_BUNDLES * OPEN_BUNDLE_BYTES;
  if (bytes > most) broken(c, "5: the exchange of %s holds %zu bytes, more than %zu", x->nation.code, bytes, most);
  wf_link_view links[WF_NATION_MAX];
  const size_t count = wf_node_links(n, links, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++)
    if (links[i].queued_bytes > x->partner_queue_bytes)
      broken(c, "5: %s holds %llu bytes for %s, more than %zu", x->nation.code,
             (unsigned long long)links[i].queued_bytes, links[i].nation.code, x->partner_queue_bytes);
  wf_node_counters counters;
  wf_node_counters_get(n, &counters);
  if (counters.records_twice > 0) broken(c, "1: a record came twice to %s", x->nation.code);
}

void storm_check_watch(storm_check *c) {
  for (uint32_t i = 0; i < c->config->node_count; i++) {
    const wf_node *n = wf_world_node(c->world, i);
    if (n != NULL) watch_node(c, i, n);
  }
  wf_world_stats stats;
  wf_world_stats_get(c->world, &stats);
  if (stats.over_credit_bytes > OVER_CREDIT_BYTES)
    broken(c, "5: %llu bytes more on a link than it could take", (unsigned long long)stats.over_credit_bytes);
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
void storm_check_crash(storm_check *c, uint32_t node) {
  for (uint32_t author = 0; author < c->config->node_count && !c->lost_disk[node]; author++) {
    wf_stream_view views[WF_STREAMS_MAX];
    const wf_node *n = author == node ? NULL : wf_world_node(c->world, author);
    const size_t count = n != NULL ? wf_node_streams(n, views, WF_STREAMS_MAX) : 0;
    for (size_t i = 0; i < count; i++) {
      if (wf_nation_compare(views[i].name.origin, c->config->node[author].exchange.nation) != 0) continue;
      const uint64_t told = views[i].acknowledged[partner_number(c, author, node)];
      const uint64_t there = told > 0 ? rows_up_to(c, node, &views[i]) : 0;
      if (told > there)
        broken(c, "1: %s acknowledged %llu records of %s and has %llu after a crash", code_of(c, node),
               (unsigned long long)told, code_of(c, author), (unsigned long long)there);
    }
  }
}

static const wf_stream_view *find_view(const wf_stream_view *views, size_t count, const wf_stream_view *like) {
  for (size_t i = 0; i < count; i++)
    if (stream_name_equal(&views[i].name, &like->name)) return &views[i];
  return NULL;
}

static bool linked(const wf_node *n) {
  wf_link_view links[WF_NATION_MAX];
  const size_t count = wf_node_links(n, links, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++)
    if (!links[i].up[0] || !links[i].up[1]) return false;
  return true;
}

// Every stream of this node stands at the same epoch and number, without a gap, at every member.
static bool has_all(const storm_check *c, uint32_t node, const wf_stream_view *views, size_t count) {
  wf_stream_view theirs[WF_STREAMS_MAX];
  for (uint32_t other = 0; other < c->config->node_count; other++) {
    const wf_node *n = wf_world_node(c->world, other);
    if (n == NULL) return false;
    const size_t their_count = other == node ? 0 : wf_node_streams(n, theirs, WF_STREAMS_MAX);
    for (size_t i = 0; i < count && other != node; i++) {
      if (views[i].contiguous != views[i].highest) return false;
      if (!wf_audience_has(&views[i].name.audience, c->config->node[other].exchange.nation)) continue;
      const wf_stream_view *t = find_view(theirs, their_count, &views[i]);
      if (t == NULL || t->epoch != views[i].epoch || t->contiguous != views[i].contiguous) return false;
    }
  }
  return true;
}

bool storm_check_settled(storm_check *c) {
  for (uint32_t i = 0; i < c->config->node_count; i++) {
    wf_stream_view views[WF_STREAMS_MAX];
    const wf_node *n = wf_world_node(c->world, i);
    if (n == NULL || !linked(n) || !has_all(c, i, views, wf_node_streams(n, views, WF_STREAMS_MAX))) return false;
  }
  return true;
}

static bool same_bundle(const wf_world_row *a, const wf_world_row *b) {
  return a->epoch == b->epoch && stream_name_equal(&a->stream, &b->stream) && a->first == b->first;
}

static size_t count_equal(const storm_check *c, uint32_t node, const wf_world_row *row, bool *differs) {
  size_t count = 0;
  for (size_t i = 0; i < wf_world_rows(c->world, node); i++) {
    wf_world_row other;
    wf_world_row_at(c->world, node, i, &other);
    if (!same_bundle(row, &other)) continue;
    count++;
    if (row->bytes.size != other.bytes.size || memcmp(row->bytes.data, other.bytes.data, row->bytes.size) != 0)
      *differs = true;
  }
  return count;
}

static bool member(const storm_check *c, uint32_t node, const wf_world_row *row) {
  return wf_audience_has(&row->stream.audience, c->config->node[node].exchange.nation);
}

// Invariant 1: every record durable at its author is at every member of its audience, exactly once, bytes identical.
static void check_row(const storm_check *c, uint32_t author, const wf_world_row *row, wf_storm_result *r) {
  for (uint32_t node = 0; node < c->config->node_count && !r->failed; node++) {
    if (!member(c, node, row)) continue;
    bool differs = false;
    const size_t count = count_equal(c, node, row, &differs);
    if (count == 1 && !differs) continue;
    r->failed = true;
    snprintf(r->why, sizeof r->why, "1: %s's record %llu..%llu (class %d, epoch %llu) is %zu times at %s%s",
             c->config->node[author].exchange.nation.code, (unsigned long long)row->first,
             (unsigned long long)row->last, (int)row->stream.stream_class, (unsigned long long)row->epoch, count,
             c->config->node[node].exchange.nation.code, differs ? ", with other bytes" : "");
  }
}

// On its way when the run ended: nothing can be said of it.
static bool said_just_now(const storm_check *c, const wf_world_row *row) {
  char reason[WF_REASON_SIZE];
  wf_bundle bundle;
  wf_record_view record;
  size_t at = 0;
  if (wf_bundle_parse(row->bytes, &bundle, reason) != WF_OK || !wf_bundle_next(&bundle, &at, &record)) return false;
  return wf_time_diff_s(wf_world_now(c->world), record.publish_time) < 5.0;
}

static void check_copies(const storm_check *c, wf_storm_result *r) {
  for (uint32_t author = 0; author < c->config->node_count && !r->failed; author++)
    for (size_t i = 0; i < wf_world_rows(c->world, author) && !r->failed; i++) {
      wf_world_row row;
      wf_world_row_at(c->world, author, i, &row);
      if (wf_nation_compare(row.stream.origin, c->config->node[author].exchange.nation) == 0 && !said_just_now(c, &row))
        check_row(c, author, &row, r);
    }
}

// Invariant 3: no stream has a gap that is not reported: after healing, what is known is held.
static void check_gaps(const storm_check *c, wf_storm_result *r) {
  for (uint32_t node = 0; node < c->config->node_count && !r->failed; node++) {
    wf_stream_view views[WF_STREAMS_MAX];
    const wf_node *n = wf_world_node(c->world, node);
    const size_t count = n != NULL ? wf_node_streams(n, views, WF_STREAMS_MAX) : 0;
    for (size_t i = 0; i < count && !r->failed; i++) {
      if (views[i].contiguous == views[i].highest) continue;
      r->failed = true;
      snprintf(r->why, sizeof r->why, "3: %s holds %s class %d up to %llu of %llu",
               c->config->node[node].exchange.nation.code, views[i].name.origin.code, (int)views[i].name.stream_class,
               (unsigned long long)views[i].contiguous, (unsigned long long)views[i].highest);
    }
  }
}

// Invariant 4: all members with the same records have the same common picture; after healing they have the same
// records.
static void check_audience(const storm_check *c, const wf_audience *audience, wf_time at, wf_storm_result *r,
                           bool *may_come) {
  wf_picture_digest first = {0};
  uint32_t compared_to = UINT32_MAX;
  for (uint32_t node = 0; node < c->config->node_count && !r->failed; node++) {
    wf_picture_digest digest;
    wf_node *n = wf_world_node(c->world, node);
    if (!wf_audience_has(audience, c->config->node[node].exchange.nation)) continue;
    if (n == NULL || wf_node_digest_of(n, audience, at, &digest) != WF_OK) {
      r->failed = true;
      snprintf(r->why, sizeof r->why, "4: %s cannot say what its picture was", code_of(c, node));
      return;
    }
    if (compared_to == UINT32_MAX) {
      compared_to = node;
      first = digest;
    }
    const bool same_set = memcmp(digest.record_set, first.record_set, WF_DIGEST_SIZE) == 0;
    if (same_set && memcmp(digest.picture, first.picture, WF_DIGEST_SIZE) == 0) continue;
    r->failed = true;
    *may_come = !same_set;
    snprintf(r->why, sizeof r->why, "4: %s and %s have %s", code_of(c, compared_to), code_of(c, node),
             same_set ? "different pictures of the same records" : "different records in the picture after healing");
  }
}

// False: they differ, but only by records that may still come.
static bool check_pictures_at(const storm_check *c, wf_time at, wf_storm_result *r) {
  bool may_come = false;
  r->failed = false;
  r->why[0] = '\0';
  for (uint32_t node = 0; node < c->config->node_count; node++) {
    const wf_release_policy *policy = &c->config->node[node].policy;
    for (uint32_t i = 0; i < policy->rule_count && !r->failed; i++)
      check_audience(c, &policy->rule[i].audience, at, r, &may_come);
  }
  return !may_come;
}

// A track's end is stated with the time of its last plot, long after it: whatever moment the pictures are compared at,
// a record valid before it may just be on its way. So a record that is missing has some seconds to come.
static void check_pictures(const storm_check *c, wf_storm_result *r) {
  const wf_time at = wf_time_add_s(wf_world_now(c->world), -5.0);
  for (int i = 0; !check_pictures_at(c, at, r) && i < COMES_WITHIN_S; i++)
    wf_world_run_until(c->world, wf_time_add_s(wf_world_now(c->world), 1.0));
}

static void check_progress(const storm_check *c, wf_storm_result *r) {
  if (r->settled_s <= SETTLED_WITHIN_S) return;
  r->failed = true;
  snprintf(r->why, sizeof r->why, "5: not everybody had everything %.0f s after the last fault healed", r->settled_s);
}

void storm_check_end(storm_check *c, wf_storm_result *r) {
  storm_check_watch(c);
  r->failed = c->why[0] != '\0';
  snprintf(r->why, sizeof r->why, "%s", c->why);
  if (!r->failed) check_copies(c, r);
  if (!r->failed) check_gaps(c, r);
  if (!r->failed) check_pictures(c, r);
  if (!r->failed) check_progress(c, r);
}
