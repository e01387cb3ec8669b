#include "disk.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

bool stream_name_equal(const wf_stream_name *a, const wf_stream_name *b) {
  return a->mode == b->mode && a->writer == b->writer && a->stream_class == b->stream_class &&
         wf_nation_compare(a->origin, b->origin) == 0 && wf_audience_equal(&a->audience, &b->audience);
}

static bool grow(disk *d) {
  if (d->count < d->capacity) return true;
  const size_t capacity = d->capacity > 0 ? d->capacity * 2 : 256;
  disk_row *rows = realloc(d->rows, capacity * sizeof *rows);
  if (rows == NULL) return false;
  d->rows = rows;
  d->capacity = capacity;
  return true;
}

static size_t find_same(const disk *d, const wf_stored_row *row) {
  for (size_t i = d->count; i-- > 0;) {
    const wf_stored_row *r = &d->rows[i].row;
    if (r->epoch == row->epoch && r->first == row->first && memcmp(r->hash, row->hash, WF_HASH_SIZE) == 0 &&
        stream_name_equal(&r->stream, &row->stream))
      return i;
  }
  return SIZE_MAX;
}

static uint64_t sum_of(const uint8_t *bytes, size_t size) {
  static const uint8_t nobody[crypto_shorthash_KEYBYTES];
  uint64_t sum = 0;
  crypto_shorthash((uint8_t *)&sum, bytes, size, nobody);
  return sum;
}

bool disk_damaged(const disk_row *row) {
  return sum_of(row->bytes, row->size) != row->sum;
}

size_t disk_append(disk *d, const wf_stored_row *row, wf_bytes bytes) {
  const size_t same = find_same(d, row);
  if (same != SIZE_MAX) {  // takes its place: it may have been damaged
    if (bytes.size == d->rows[same].size) memcpy(d->rows[same].bytes, bytes.data, bytes.size);
    return same;
  }
  uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
  if (copy == NULL || !grow(d)) {
    free(copy);
    return SIZE_MAX;
  }
  memcpy(copy, bytes.data, bytes.size);
  d->rows[d->count] = (disk_row){*row, copy, bytes.size, false, false, sum_of(bytes.data, bytes.size)};
  return d->count++;
}

void disk_crash(disk *d, wf_rng *rng) {
  size_t keep = d->count;
  while (keep > 0 && !d->rows[keep - 1].durable && wf_rng_uniform(rng) < 0.5) keep--;
  // A row is durable only with all rows before it: group commit keeps the order of the log.
  for (size_t i = 0; i < keep; i++) d->rows[i].durable = true;
  if (keep < d->count && wf_rng_uniform(rng) < 0.3) {
    d->rows[keep].torn = true;
    d->rows[keep].size = wf_rng_below(rng, d->rows[keep].size);
    keep++;
  }
  for (size_t i = keep; i < d->count; i++) free(d->rows[i].bytes);
  d->count = keep;
}

disk_row disk_take_torn(disk *d) {
  return d->count > 0 && d->rows[d->count - 1].torn ? d->rows[--d->count] : (disk_row){0};
}

void disk_lose(disk *d) {
  for (size_t i = 0; i < d->count; i++) free(d->rows[i].bytes);
  free(d->rows);
  *d = (disk){0};
}

void disk_copy(disk *to, const disk *from) {
  to->epoch = from->epoch;
  for (size_t i = 0; i < from->count; i++) {
    const disk_row *r = &from->rows[i];
    const size_t at = r->durable && !r->torn ? disk_append(to, &r->row, (wf_bytes){r->bytes, r->size}) : SIZE_MAX;
    if (at == SIZE_MAX) continue;
    to->rows[at].durable = true;
    to->rows[at].sum = r->sum;  // what has rotted has rotted in the copy, too
  }
}

static bool before(const wf_stored_row *a, const wf_stored_row *b) {
  return a->first != b->first ? a->first < b->first : memcmp(a->hash, b->hash, WF_HASH_SIZE) < 0;
}

size_t disk_find(const disk *d, const wf_stream_name *stream, uint64_t epoch, uint64_t first, uint64_t last,
                 const disk_row *after) {
  size_t best = SIZE_MAX;
  for (size_t i = 0; i < d->count; i++) {
    const wf_stored_row *row = &d->rows[i].row;
    if (!d->rows[i].durable || row->epoch != epoch || row->last < first || row->first > last) continue;
    if (after != NULL && !before(&after->row, row)) continue;
    if (best != SIZE_MAX && !before(row, &d->rows[best].row)) continue;
    if (stream_name_equal(&row->stream, stream)) best = i;
  }
  return best;
}
