#include "storm_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "wire/bundle.h"

// Invariant 2: no byte of a record is ever at a nation outside its audience.
static void on_frame(void *context, uint32_t from, uint32_t to, wf_bytes bytes) {
  storm_check *c = context;
  char reason[WF_REASON_SIZE];
  if (wf_frame_decode(bytes, c->frame, reason) != WF_OK || c->frame->kind != WF_FRAME_DELIVER || c->outside[0] != '\0')
    return;
  wf_bundle bundle;
  if (wf_bundle_parse(c->frame->deliver.bundle, &bundle, reason) != WF_OK) return;
  if (!wf_audience_has(&bundle.stream.audience, c->config->node[to].exchange.nation))
    snprintf(c->outside, sizeof c->outside, "2: a record of %s reached %s, outside its audience",
             bundle.stream.origin.code, c->config->node[to].exchange.nation.code);
}

static void on_effect(void *context, uint32_t node, wf_time at, const wf_effect *effect) {
  storm_check *c = context;
  if (effect->kind == WF_OUT_ALARM && effect->alarm == WF_ALARM_PICTURE_DIFFERS && c->differs[0] == '\0')
    snprintf(c->differs, sizeof c->differs, "4: %s: %s", c->config->node[node].exchange.nation.code, effect->text);
}

void storm_check_begin(storm_check *c, wf_world *world, const wf_world_config *config) {
  c->world = world;
  c->config = config;
  c->frame = malloc(sizeof *c->frame);
  wf_world_on_frame(world, on_frame, c);
  wf_world_on_effect(world, on_effect, c);
}

void storm_check_free(storm_check *c) {
  free(c->frame);
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

// Invariant 4: all nodes with the same records have the same common picture.
static void check_pictures(const storm_check *c, wf_storm_result *r) {
  const wf_time at = wf_time_add_s(wf_world_now(c->world), -20.0);
  wf_picture_digest first = {0};
  for (uint32_t node = 0; node < c->config->node_count && !r->failed; node++) {
    wf_picture_digest digest;
    wf_node *n = wf_world_node(c->world, node);
    if (n == NULL || wf_node_digest_at(n, at, &digest) != WF_OK) continue;
    if (node == 0) first = digest;
    const bool same_set = memcmp(digest.record_set, first.record_set, WF_DIGEST_SIZE) == 0;
    if (same_set && memcmp(digest.picture, first.picture, WF_DIGEST_SIZE) == 0) continue;
    r->failed = true;
    snprintf(r->why, sizeof r->why, "4: %s and %s have %s", c->config->node[0].exchange.nation.code,
             c->config->node[node].exchange.nation.code,
             same_set ? "different pictures of the same records" : "different records in the picture after healing");
  }
}

static void fail_with(wf_storm_result *r, const char *why) {
  if (why[0] == '\0' || r->failed) return;
  r->failed = true;
  snprintf(r->why, sizeof r->why, "%s", why);
}

void storm_check_end(storm_check *c, wf_storm_result *r) {
  fail_with(r, c->outside);
  fail_with(r, c->differs);
  if (!r->failed) check_copies(c, r);
  if (!r->failed) check_gaps(c, r);
  if (!r->failed) check_pictures(c, r);
}
