#include "log_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/bundle.h"

typedef struct check {
  const log_keys *keys;
  uint64_t wrong, bundles, records, signatures;
  // the stream and epoch being read
  bool open;
  wf_store_entry now;
  uint64_t epoch_bundles, epoch_records, expected, epoch_wrong, forks, gaps;
  uint8_t hash[WF_HASH_SIZE];
  wf_time first_published, last_published;
} check;

static void wrong(check *c, const wf_store_entry *e, const char *format, ...) {
  char text[160];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  c->wrong++;
  c->epoch_wrong++;
  printf("WRONG  %s class %d epoch %llu number %llu: %s\n", e->row.stream.origin.code, (int)e->row.stream.stream_class,
         (unsigned long long)e->row.epoch, (unsigned long long)e->row.first, text);
}

static bool same_epoch(const wf_stored_row *a, const wf_stored_row *b) {
  return a->stream_index == b->stream_index && a->epoch == b->epoch;
}

static void close_epoch(check *c) {
  static const char *const CLASS[] = {"?", "alerts", "contributions", "status"};
  char audience[WF_AUDIENCE_TEXT_SIZE], from[WF_TIME_RFC3339_SIZE], to[WF_TIME_RFC3339_SIZE];
  const wf_stream_name *name = &c->now.row.stream;
  if (!c->open) return;
  printf("%-6s %s to %s, %s, epoch %llu: %llu records in %llu bundles, %s to %s", c->epoch_wrong == 0 ? "ok" : "WRONG",
         name->origin.code, wf_audience_format(&name->audience, audience),
         CLASS[name->stream_class >= 1 && name->stream_class <= 3 ? name->stream_class : 0],
         (unsigned long long)c->now.row.epoch, (unsigned long long)c->epoch_records,
         (unsigned long long)c->epoch_bundles, wf_time_format(c->first_published, 3, from),
         wf_time_format(c->last_published, 3, to));
  if (c->gaps > 0) printf("; %llu numbers are not here", (unsigned long long)c->gaps);
  if (c->forks > 0) printf("; %llu numbers said twice, both kept as evidence", (unsigned long long)c->forks);
  putchar('\n');
}

static void open_epoch(check *c, const wf_store_entry *e) {
  close_epoch(c);
  c->open = true;
  c->epoch_bundles = c->epoch_records = c->epoch_wrong = c->forks = c->gaps = 0;
  c->expected = 1;
  memset(c->hash, 0, sizeof c->hash);
  c->first_published = (wf_time){0};
}

static bool signature_good(const check *c, const wf_bundle *b, const uint8_t hash[WF_HASH_SIZE]) {
  uint8_t message[WF_SIGN_MESSAGE_SIZE];
  wf_bundle_sign_message(hash, message);
  for (uint32_t i = 0; i < c->keys->count; i++)
    if (wf_nation_compare(c->keys->item[i].nation, b->stream.origin) == 0 &&
        wf_signature_ok(c->keys->item[i].key, (wf_bytes){message, sizeof message}, b->signature))
      return true;
  return false;
}

static bool row_tells_the_truth(const wf_store_entry *e, const wf_bundle *b, const uint8_t hash[WF_HASH_SIZE]) {
  const wf_stream_name *said = &b->stream, *row = &e->row.stream;
  return said->mode == row->mode && wf_nation_compare(said->origin, row->origin) == 0 && said->writer == row->writer &&
         said->stream_class == row->stream_class && wf_audience_equal(&said->audience, &row->audience) &&
         b->epoch == e->row.epoch && b->first == e->row.first && b->last == e->row.last &&
         memcmp(hash, e->row.hash, WF_HASH_SIZE) == 0;
}

static void follow_chain(check *c, const wf_store_entry *e, const wf_bundle *b, const uint8_t hash[WF_HASH_SIZE]) {
  if (b->first < c->expected) {
    c->forks++;
    return;
  }
  if (b->first > c->expected)
    c->gaps += b->first - c->expected;
  else if (memcmp(b->previous_hash, c->hash, WF_HASH_SIZE) != 0)
    wrong(c, e, "does not name the bundle before it");
  c->expected = b->last + 1;
  memcpy(c->hash, hash, WF_HASH_SIZE);
}

static void note_times(check *c, const wf_bundle *b) {
  wf_record_view r;
  for (size_t at = 0; wf_bundle_next(b, &at, &r);) {
    if (c->first_published.ns == 0) c->first_published = r.publish_time;
    c->last_published = r.publish_time;
  }
}

static wf_status visit(void *context, const wf_store_entry *e) {
  check *c = context;
  wf_bundle b;
  uint8_t hash[WF_HASH_SIZE];
  char reason[WF_REASON_SIZE];
  if (!c->open || !same_epoch(&c->now.row, &e->row)) open_epoch(c, e);
  c->now = *e;
  c->bundles++;
  c->epoch_bundles++;
  if (e->damaged) {
    wrong(c, e, "is not what was written");
    return WF_OK;
  }
  if (wf_bundle_parse(e->raw, &b, reason) != WF_OK) {
    wrong(c, e, "%s", reason);
    return WF_OK;
  }
  wf_bundle_hash(b.body, hash);
  if (!row_tells_the_truth(e, &b, hash)) wrong(c, e, "its row says something else than the bundle");
  if (c->keys->count > 0) {
    c->signatures++;
    if (!signature_good(c, &b, hash)) wrong(c, e, "not signed by a known key of %s", b.stream.origin.code);
  }
  follow_chain(c, e, &b, hash);
  note_times(c, &b);
  c->records += b.record_count;
  c->epoch_records += b.record_count;
  return WF_OK;
}

uint64_t log_check(wf_store_reader *reader, const log_keys *keys, char reason[WF_IO_REASON_SIZE]) {
  check c = {.keys = keys};
  if (wf_store_reader_each(reader, WF_STORE_BY_STREAM, visit, &c, reason) != WF_OK) return UINT64_MAX;
  close_epoch(&c);
  printf("%llu records in %llu bundles, %llu wrong; ", (unsigned long long)c.records, (unsigned long long)c.bundles,
         (unsigned long long)c.wrong);
  if (keys->count > 0)
    printf("%llu signatures checked\n", (unsigned long long)c.signatures);
  else
    printf("no signature checked: no keys were given\n");
  return c.wrong;
}
