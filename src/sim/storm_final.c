// What must hold when everything is well again.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storm_rows.h"

#define SETTLED_WITHIN_S 25.0  // invariant 5: progress after the last fault healed
#define COMES_WITHIN_S 5       // a record said just before the end, to everybody

static bool member(const storm_check *c, uint32_t node, const wf_stream_name *stream) {
  return !c->revoked[node] && wf_audience_has(&stream->audience, c->config->node[node].exchange.nation);
}

// ---- Settled --------------------------------------------------------------------------------------------------------

static const wf_stream_view *find_view(const wf_stream_view *views, size_t count, const wf_stream_view *like) {
  for (size_t i = 0; i < count; i++)
    if (stream_name_equal(&views[i].name, &like->name)) return &views[i];
  return NULL;
}

// A disk that rots may have had the only copy: such a gap is told of by its alarm, and stays.
static bool may_be_lost(const storm_check *c) {
  for (uint32_t i = 0; i < c->config->node_count; i++)
    if (c->rotten[i]) return true;
  return false;
}

static bool linked(const storm_check *c, uint32_t node) {
  wf_link_view links[WF_NATION_MAX];
  const size_t count = wf_world_links(c->world, node, links, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++)
    if (links[i].membership == WF_MEMBER && (!links[i].up[0] || !links[i].up[1])) return false;
  return wf_world_up(c->world, node);
}

// What a node has of a stream, it has on its disk.
static bool is_stored(const storm_check *c, const wf_stream_view *view) {
  return view->durable == view->contiguous || may_be_lost(c) || storm_origin_revoked(c, &view->name);
}

// Every own stream of this node stands at the same epoch and number, without a gap, at every member. What others hold
// of it beyond that (say, an epoch a faulty partner spoke of) does not matter here.
static bool has_all(const storm_check *c, uint32_t node, const wf_stream_view *views, size_t count) {
  wf_stream_view theirs[WF_STREAMS_MAX];
  for (size_t i = 0; i < count; i++)
    if (!is_stored(c, &views[i])) return false;
  for (uint32_t other = 0; other < c->config->node_count; other++) {
    const size_t their_count = other == node ? 0 : wf_world_streams(c->world, other, theirs, WF_STREAMS_MAX);
    for (size_t i = 0; i < count && other != node; i++) {
      if (wf_nation_compare(views[i].name.origin, c->config->node[node].exchange.nation) != 0) continue;
      if (views[i].contiguous != views[i].highest && !may_be_lost(c)) return false;
      if (!member(c, other, &views[i].name) || views[i].highest == 0) continue;
      const wf_stream_view *t = find_view(theirs, their_count, &views[i]);
      if (t == NULL || t->epoch < views[i].epoch) return false;
      if (t->epoch == views[i].epoch && t->contiguous != views[i].contiguous) return false;
    }
  }
  return true;
}

// Damaged rows, what a revoked nation has, and what it said, which some had verified in time and others not.
static bool does_not_count(const storm_check *c, uint32_t holder, const storm_row *r) {
  return r->row.damaged || c->revoked[holder] || storm_origin_revoked(c, &r->row.stream);
}

// Everything that lies on any disk lies on every member's.
static bool disks_agree(const storm_check *c) {
  storm_rows rows;
  bool agree = storm_rows_read(c, &rows);
  for (uint32_t a = 0; a < c->config->node_count && agree; a++)
    for (size_t i = 0; i < rows.count[a] && agree; i++) {
      const storm_row *r = &rows.rows[a][i];
      if (does_not_count(c, a, r) || storm_origin_lied(c, &r->row.stream)) continue;
      for (uint32_t node = 0; node < c->config->node_count && agree; node++)
        agree = !member(c, node, &r->row.stream) || storm_rows_count_same(&rows, node, r) == 1;
    }
  storm_rows_free(&rows);
  return agree;
}

bool storm_check_settled(storm_check *c) {
  for (uint32_t i = 0; i < c->config->node_count; i++) {
    wf_stream_view views[WF_STREAMS_MAX];
    if (c->revoked[i]) continue;
    if (!linked(c, i) || !has_all(c, i, views, wf_world_streams(c->world, i, views, WF_STREAMS_MAX))) return false;
  }
  return disks_agree(c);
}

// ---- 1: exactly once, bytes identical, readable in order
// --------------------------------------------------------------

__attribute__((format(printf, 2, 3))) static void fail(wf_storm_result *r, const char *format, ...) {
  if (r->failed) return;
  r->failed = true;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(r->why, sizeof r->why, format, arguments);
  va_end(arguments);
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

// Of a number that was lied about, check_lies knows more.
static bool lied_about(const storm_check *c, const storm_row *r) {
  for (size_t k = 0; k < c->lie_count; k++) {
    const storm_lie *l = &c->lie[k];
    if (r->row.first <= l->last && r->row.last >= l->first && storm_stream_key(&l->stream, l->epoch) == r->stream_key)
      return true;
  }
  return false;
}

static void check_copies_of(const storm_check *c, const storm_rows *rows, uint32_t holder, const storm_row *r,
                            wf_storm_result *out) {
  for (uint32_t node = 0; node < c->config->node_count && !out->failed; node++) {
    if (!member(c, node, &r->row.stream)) continue;
    const size_t count = storm_rows_count_same(rows, node, r);
    if (count == 1 || said_just_now(c, &r->row)) continue;
    fail(out, "1: record %llu..%llu of %s (class %d, epoch %llu), on the disk of %s, is %zu times at %s",
         (unsigned long long)r->row.first, (unsigned long long)r->row.last, r->row.stream.origin.code,
         (int)r->row.stream.stream_class, (unsigned long long)r->row.epoch, storm_code(c, holder), count,
         storm_code(c, node));
  }
}

static void check_copies(const storm_check *c, const storm_rows *rows, wf_storm_result *out) {
  for (uint32_t a = 0; a < c->config->node_count; a++)
    for (size_t i = 0; i < rows->count[a] && !out->failed; i++)
      if (!does_not_count(c, a, &rows->rows[a][i]) && !lied_about(c, &rows->rows[a][i]))
        check_copies_of(c, rows, a, &rows->rows[a][i], out);
}

// The log of one node can be read in order: each bundle is what it says it is and names the one before.
static void check_log(const storm_check *c, const storm_rows *rows, uint32_t node, wf_storm_result *out) {
  char reason[WF_REASON_SIZE];
  for (size_t i = 0; i < rows->count[node] && !out->failed; i++) {
    const storm_row *r = &rows->rows[node][i], *before = i > 0 ? r - 1 : NULL;
    wf_bundle b;
    uint8_t hash[WF_HASH_SIZE];
    if (r->row.damaged) continue;  // nobody has it any more, or check_copies would have said so
    if (wf_bundle_parse(r->row.bytes, &b, reason) != WF_OK) {
      fail(out, "1: a bundle on the disk of %s cannot be read: %s", storm_code(c, node), reason);
      return;
    }
    wf_bundle_hash(b.body, hash);
    if (b.first != r->row.first || b.last != r->row.last || memcmp(hash, r->row.hash, WF_HASH_SIZE) != 0)
      fail(out, "1: a bundle on the disk of %s is not what it was stored as", storm_code(c, node));
    if (before == NULL || before->stream_key != r->stream_key || storm_origin_lied(c, &r->row.stream)) continue;
    if (before->row.last >= b.first)
      fail(out, "3: number %llu of %s is twice on the disk of %s", (unsigned long long)b.first, b.stream.origin.code,
           storm_code(c, node));
    if (before->row.last + 1 == b.first && memcmp(b.previous_hash, before->row.hash, WF_HASH_SIZE) != 0)
      fail(out, "3: the chain of %s breaks at number %llu on the disk of %s", b.stream.origin.code,
           (unsigned long long)b.first, storm_code(c, node));
  }
}

// Of a bare exchange every delivery is known: each record on a disk once, and as it was said.
static void check_heard_of(const storm_check *c, const storm_row *r, wf_storm_result *out) {
  char reason[WF_REASON_SIZE];
  wf_bundle b;
  wf_record_view record;
  if (wf_bundle_parse(r->row.bytes, &b, reason) != WF_OK) return;
  for (size_t at = 0; wf_bundle_next(&b, &at, &record) && !out->failed;) {
    for (uint32_t node = 0; node < c->config->node_count && record.payload != 0; node++) {
      if (!member(c, node, &b.stream)) continue;
      const storm_record *h = storm_heard_find(&c->heard[node], r->stream_key, record.sequence);
      if (h == NULL || h->delivered != 1)
        fail(out, "1: record %llu of %s (class %d, epoch %llu) was delivered %d times at %s",
             (unsigned long long)record.sequence, b.stream.origin.code, (int)b.stream.stream_class,
             (unsigned long long)b.epoch, h == NULL ? 0 : h->delivered, storm_code(c, node));
      else if (h->content != storm_content_key(record.bytes))
        fail(out, "1: record %llu of %s came to the core of %s with other bytes", (unsigned long long)record.sequence,
             b.stream.origin.code, storm_code(c, node));
    }
  }
}

static void check_heard(const storm_check *c, const storm_rows *rows, wf_storm_result *out) {
  for (uint32_t a = 0; a < c->config->node_count && c->config->bare; a++)
    for (size_t i = 0; i < rows->count[a] && !out->failed; i++)
      if (!does_not_count(c, a, &rows->rows[a][i]) && !said_just_now(c, &rows->rows[a][i].row) &&
          !lied_about(c, &rows->rows[a][i]))
        check_heard_of(c, &rows->rows[a][i], out);
}

// How many of the records in its log the core of a node was given.
static size_t heard_in_log(const storm_check *c, const storm_rows *rows, uint32_t node) {
  char reason[WF_REASON_SIZE];
  size_t count = 0;
  for (size_t i = 0; i < rows->count[node]; i++) {
    const storm_row *r = &rows->rows[node][i];
    wf_bundle b;
    wf_record_view record;
    if (wf_bundle_parse(r->row.bytes, &b, reason) != WF_OK) continue;
    for (size_t at = 0; wf_bundle_next(&b, &at, &record);) {
      const storm_record *h = storm_heard_find(&c->heard[node], r->stream_key, record.sequence);
      count += h != NULL && h->delivered > 0;
    }
  }
  return count;
}

// Said early, never signed: it must have been taken back, or the core knows what no log does.
static void check_unlogged(const storm_check *c, const storm_rows *rows, uint32_t node, wf_storm_result *out) {
  const size_t given = storm_heard_count(&c->heard[node]), logged = heard_in_log(c, rows, node);
  if (c->config->bare && c->lie_count == 0 && !c->rotten[node] && !c->revoked[node] && given > logged)
    fail(out, "1: the core of %s has %zu records that are not in its log", storm_code(c, node), given - logged);
}

// ---- 3: no gap, no fork that is not reported
// -----------------------------------------------------------------------------

// After healing, what is known is held.
static void check_gaps(const storm_check *c, wf_storm_result *r) {
  for (uint32_t node = 0; node < c->config->node_count && !may_be_lost(c); node++) {
    wf_stream_view views[WF_STREAMS_MAX];
    const size_t count = wf_world_streams(c->world, node, views, WF_STREAMS_MAX);
    for (size_t i = 0; i < count && !c->revoked[node]; i++)
      if (views[i].contiguous != views[i].highest && !storm_origin_revoked(c, &views[i].name))
        fail(r, "3: %s holds %s class %d up to %llu of %llu", storm_code(c, node), views[i].name.origin.code,
             (int)views[i].name.stream_class, (unsigned long long)views[i].contiguous,
             (unsigned long long)views[i].highest);
  }
}

// How many versions of a bundle that was lied about a node has: bit 0 the lie, bit 1 another.
static unsigned versions_at(const storm_rows *rows, uint32_t node, const storm_lie *l) {
  const uint64_t key = storm_stream_key(&l->stream, l->epoch);
  unsigned versions = 0;
  for (size_t i = 0; i < rows->count[node]; i++) {
    const storm_row *r = &rows->rows[node][i];
    if (r->stream_key != key || r->row.first != l->first || r->row.damaged) continue;
    versions |= memcmp(r->row.hash, l->hash, WF_HASH_SIZE) == 0 ? 1 : 2;
  }
  return versions;
}

// Where two versions of a bundle are left in the world, everybody but the liar has both as evidence and has raised the
// alarm.
static void check_lie(const storm_check *c, const storm_rows *rows, const storm_lie *l, wf_storm_result *out) {
  bool noticed = false;
  unsigned left = 0;
  for (uint32_t node = 0; node < c->config->node_count; node++) {
    const unsigned versions = versions_at(rows, node, l);
    left |= c->revoked[node] ? 0 : versions;
    noticed = noticed || c->alarmed[node][WF_ALARM_EQUIVOCATION] || c->alarmed[node][WF_ALARM_BAD_CHAIN];
  }
  for (uint32_t node = 0; node < c->config->node_count && left == 3; node++) {
    if (!member(c, node, &l->stream) || node == l->from) continue;
    if (!c->alarmed[node][WF_ALARM_EQUIVOCATION])
      fail(out, "3: %s said two things under number %llu and %s raised no alarm", storm_code(c, l->from),
           (unsigned long long)l->first, storm_code(c, node));
    const bool could_store = !c->full_disk[node] && !c->rotten[node];  // evidence is written once
    if (versions_at(rows, node, l) != 3 && could_store)
      fail(out, "3: %s said two things under number %llu and %s lacks the evidence", storm_code(c, l->from),
           (unsigned long long)l->first, storm_code(c, node));
  }
  if (left == 3 && !noticed)
    fail(out, "3: %s said two things under number %llu and nobody noticed", storm_code(c, l->from),
         (unsigned long long)l->first);
}

static void check_lies(const storm_check *c, const storm_rows *rows, wf_storm_result *out) {
  for (size_t k = 0; k < c->lie_count; k++)
    if (!c->revoked[c->lie[k].from]) check_lie(c, rows, &c->lie[k], out);
}

// Where another node has spoken under the name of a node that lived on, and was heard, that node has said so.
static bool is_twins(const storm_check *c, const storm_row *r) {
  bool epoch = false;
  for (size_t i = 0; i < c->twin_epoch_count; i++) epoch = epoch || c->twin_epochs[i] == r->row.epoch;
  return epoch && wf_nation_compare(r->row.stream.origin, c->config->node[c->twin_of].exchange.nation) == 0;
}

static void check_twin(const storm_check *c, const storm_rows *rows, wf_storm_result *out) {
  const uint32_t of = c->twin_of;
  if (of == UINT32_MAX || c->revoked[of] || storm_faulty(c) || may_be_lost(c)) return;
  if (wf_world_crashes(c->world, of) != c->twin_since || c->alarmed[of][WF_ALARM_TWIN]) return;
  for (size_t i = 0; i < rows->count[of]; i++)
    if (is_twins(c, &rows->rows[of][i]))
      fail(out, "3: another node has spoken as %s and it raised no alarm", storm_code(c, of));
}

// ---- 4: one picture
// ----------------------------------------------------------------------------------------------------

// All members with the same records have the same common picture; after healing they have the same records.
static void check_audience(const storm_check *c, const wf_audience *audience, wf_time at, wf_storm_result *r,
                           bool *may_come) {
  wf_picture_digest first = {0};
  uint32_t compared_to = UINT32_MAX;
  for (uint32_t node = 0; node < c->config->node_count && !r->failed; node++) {
    wf_picture_digest digest;
    wf_node *n = wf_world_node(c->world, node);
    if (!wf_audience_has(audience, c->config->node[node].exchange.nation)) continue;
    if (n == NULL || wf_node_digest_of(n, audience, at, &digest) != WF_OK) {
      fail(r, "4: %s cannot say what its picture was", storm_code(c, node));
      return;
    }
    if (compared_to == UINT32_MAX) {
      compared_to = node;
      first = digest;
    }
    const bool same_set = memcmp(digest.record_set, first.record_set, WF_DIGEST_SIZE) == 0;
    if (same_set && memcmp(digest.picture, first.picture, WF_DIGEST_SIZE) == 0) continue;
    *may_come = !same_set;
    fail(r, "4: %s and %s have %s", storm_code(c, compared_to), storm_code(c, node),
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

// ---- All
// ----------------------------------------------------------------------------------------------------------------

static void check_progress(const storm_check *c, wf_storm_result *r) {
  if (r->settled_s > SETTLED_WITHIN_S)
    fail(r, "5: not everybody had everything %.0f s after the last fault healed", r->settled_s);
}

static void check_disks(const storm_check *c, wf_storm_result *r) {
  storm_rows rows;
  if (storm_rows_read(c, &rows)) {
    check_copies(c, &rows, r);
    for (uint32_t node = 0; node < c->config->node_count; node++) check_log(c, &rows, node, r);
    for (uint32_t node = 0; node < c->config->node_count; node++) check_unlogged(c, &rows, node, r);
    check_heard(c, &rows, r);
    check_lies(c, &rows, r);
    check_twin(c, &rows, r);
  } else {
    fail(r, "0: out of memory");
  }
  storm_rows_free(&rows);
}

void storm_check_end(storm_check *c, wf_storm_result *r) {
  storm_check_watch(c);
  r->failed = c->why[0] != '\0';
  snprintf(r->why, sizeof r->why, "%s", c->why);
  if (!r->failed) check_disks(c, r);
  if (!r->failed) check_gaps(c, r);
  if (!r->failed && !c->config->bare && c->lie_count == 0) check_pictures(c, r);  // one picture of two stories?
  if (!r->failed) check_progress(c, r);
  r->coverage = c->coverage;
}
