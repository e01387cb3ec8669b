#include "log_aside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/exchange.h"
#include "model/contribution.h"
#include "wire/bundle.h"

// Where an epoch ends, from what later bundles of its stream say (docs/protocol.md §6).
typedef struct epoch_end {
  uint32_t stream;
  uint64_t epoch, end;
  bool stated, begun;  // begun: its first bundle is here
} epoch_end;

typedef struct looking {
  bool (*wanted)(void *, const wf_store_entry *);
  void *context;
  wf_time now;
  bool json, short_of_memory;
  uint64_t found;
  epoch_end *ends;
  size_t end_count, end_capacity;
  bool open;  // before: the row read before this one
  wf_stored_row before;
} looking;

static epoch_end *end_of(looking *l, uint32_t stream, uint64_t epoch) {
  for (size_t i = l->end_count; i-- > 0;)
    if (l->ends[i].stream == stream && l->ends[i].epoch == epoch) return &l->ends[i];
  if (l->end_count == l->end_capacity) {
    const size_t capacity = l->end_capacity > 0 ? 2 * l->end_capacity : 64;
    epoch_end *ends = realloc(l->ends, capacity * sizeof *ends);
    if (ends == NULL) {
      l->short_of_memory = true;
      return NULL;
    }
    l->ends = ends;
    l->end_capacity = capacity;
  }
  l->ends[l->end_count] = (epoch_end){.stream = stream, .epoch = epoch};
  return &l->ends[l->end_count++];
}

static wf_status learn_ends(void *context, const wf_store_entry *e) {
  looking *l = context;
  char reason[WF_REASON_SIZE];
  wf_bundle b;
  if (e->damaged || wf_bundle_parse(e->raw, &b, reason) != WF_OK) return WF_OK;
  epoch_end *own = end_of(l, e->row.stream_index, b.epoch);
  if (own != NULL && b.first == 1) own->begun = true;
  for (uint32_t i = 0; i < b.end_count; i++) {
    epoch_end *end = end_of(l, e->row.stream_index, b.end[i].epoch);
    if (end == NULL || (end->stated && end->end >= b.end[i].end)) continue;
    end->stated = true;
    end->end = b.end[i].end;
  }
  return l->short_of_memory ? WF_ENOMEM : WF_OK;
}

static uint64_t valid_end(looking *l, uint32_t stream, uint64_t epoch) {
  const epoch_end *own = end_of(l, stream, epoch);
  if (own == NULL || own->stated) return own == NULL ? UINT64_MAX : own->end;
  for (size_t i = 0; i < l->end_count; i++)
    if (l->ends[i].stream == stream && l->ends[i].epoch > epoch && l->ends[i].begun) return 0;
  return UINT64_MAX;
}

static const char *class_name(const wf_stream_name *name) {
  static const char *const CLASS[] = {"?", "alerts", "contributions", "status"};
  return CLASS[name->stream_class >= 1 && name->stream_class <= 3 ? name->stream_class : 0];
}

// The two stand behind one another: rows come by number and hash.
static void tell_fork(looking *l, const wf_stored_row *a, const wf_stored_row *b) {
  char in[17], beside[17];
  const bool first_counts = memcmp(a->hash, b->hash, WF_HASH_SIZE) < 0;
  const wf_stored_row *winner = first_counts ? a : b, *loser = first_counts ? b : a;
  for (int i = 0; i < 8; i++) {
    snprintf(in + 2 * i, 3, "%02x", winner->hash[i]);
    snprintf(beside + 2 * i, 3, "%02x", loser->hash[i]);
  }
  l->found++;
  printf(l->json
             ? "{\"aside\":\"evidence\",\"origin\":\"%s\",\"class\":\"%s\",\"epoch\":%llu,\"first\":%llu,\"last\":%llu,"
               "\"in_picture\":\"%s\",\"beside\":\"%s\"}\n"
             : "evidence  %s %s %llu/%llu..%llu  said twice: bundle %s counts, %s is kept beside it\n",
         b->stream.origin.code, class_name(&b->stream), (unsigned long long)b->epoch, (unsigned long long)b->first,
         (unsigned long long)b->last, in, beside);
}

static const char *why_aside(looking *l, const wf_store_entry *e, const wf_record_view *r, uint64_t end,
                             char reason[WF_REASON_SIZE]) {
  wf_record_body body;
  const char *why = wf_exchange_impossible_time(r->valid_time, r->publish_time, l->now);
  if (why != NULL) return why;
  if (r->sequence > end) return "orphan of an ended epoch";
  if (wf_wire_decode_record(r->bytes, &body, reason) != WF_OK) return reason;
  if (e->row.stream.stream_class == WF_STREAM_CONTRIBUTIONS &&
      wf_time_diff_ns(r->publish_time, r->valid_time) > WF_TOO_LATE_S * WF_NS_PER_S)
    return "said too late to be fused";
  return NULL;
}

static void tell_record(looking *l, const wf_store_entry *e, const wf_record_view *r, const char *why) {
  char published[WF_TIME_RFC3339_SIZE], valid[WF_TIME_RFC3339_SIZE];
  l->found++;
  printf(l->json ? "{\"aside\":\"record\",\"origin\":\"%s\",\"class\":\"%s\",\"epoch\":%llu,\"number\":%llu,"
                   "\"published\":\"%s\",\"valid\":\"%s\",\"why\":\"%s\"}\n"
                 : "aside     %s %s %llu/%llu  published %s  valid %s: %s\n",
         e->row.stream.origin.code, class_name(&e->row.stream), (unsigned long long)e->row.epoch,
         (unsigned long long)r->sequence, wf_time_format(r->publish_time, 6, published),
         wf_time_format(r->valid_time, 6, valid), why);
}

static wf_status look(void *context, const wf_store_entry *e) {
  looking *l = context;
  char reason[WF_REASON_SIZE];
  wf_bundle b;
  wf_record_view r;
  const wf_stored_row before = l->before;
  const bool forked = l->open && before.stream_index == e->row.stream_index && before.epoch == e->row.epoch &&
                      e->row.first <= before.last;
  l->open = true;
  l->before = e->row;
  if (!l->wanted(l->context, e)) return WF_OK;
  if (forked) tell_fork(l, &before, &e->row);
  if (e->damaged || wf_bundle_parse(e->raw, &b, reason) != WF_OK) return WF_OK;  // verify names these
  const uint64_t end = valid_end(l, e->row.stream_index, b.epoch);
  for (size_t at = 0; wf_bundle_next(&b, &at, &r);) {
    const char *why = r.payload != 0 ? why_aside(l, e, &r, end, reason) : NULL;
    if (why != NULL) tell_record(l, e, &r, why);
  }
  return WF_OK;
}

uint64_t log_aside(wf_store_reader *reader, bool (*wanted)(void *, const wf_store_entry *), void *context, wf_time now,
                   bool json, char reason[WF_IO_REASON_SIZE]) {
  looking l = {.wanted = wanted, .context = context, .now = now, .json = json};
  wf_status status = wf_store_reader_each(reader, WF_STORE_BY_STREAM, learn_ends, &l, reason);
  if (status == WF_OK) status = wf_store_reader_each(reader, WF_STORE_BY_STREAM, look, &l, reason);
  if (status == WF_ENOMEM) snprintf(reason, WF_IO_REASON_SIZE, "out of memory");
  free(l.ends);
  return status == WF_OK ? l.found : UINT64_MAX;
}
