#include "storm_rows.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *pa, const void *pb) {
  const storm_row *a = pa, *b = pb;
  if (a->stream_key != b->stream_key) return a->stream_key < b->stream_key ? -1 : 1;
  if (a->row.first != b->row.first) return a->row.first < b->row.first ? -1 : 1;
  return memcmp(a->row.hash, b->row.hash, WF_HASH_SIZE);
}

bool storm_rows_read(const storm_check *c, storm_rows *out) {
  *out = (storm_rows){.signatures_may_differ = storm_faulty(c)};
  for (uint32_t node = 0; node < c->config->node_count; node++) {
    const size_t count = wf_world_rows(c->world, node);
    out->rows[node] = calloc(count + 1, sizeof *out->rows[node]);
    if (out->rows[node] == NULL) return false;
    for (size_t i = 0; i < count; i++) {
      storm_row *r = &out->rows[node][out->count[node]];
      wf_world_row_at(c->world, node, i, &r->row);
      r->stream_key = storm_stream_key(&r->row.stream, r->row.epoch);
      out->count[node] += !r->row.torn;
    }
    qsort(out->rows[node], out->count[node], sizeof *out->rows[node], compare);
  }
  return true;
}

size_t storm_rows_count_same(const storm_rows *rows, uint32_t node, const storm_row *like) {
  size_t low = 0, high = rows->count[node], count = 0;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (compare(&rows->rows[node][middle], like) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  for (; low < rows->count[node] && compare(&rows->rows[node][low], like) == 0; low++) {
    const wf_bytes theirs = rows->rows[node][low].row.bytes;
    count += rows->signatures_may_differ ||
             (theirs.size == like->row.bytes.size && memcmp(theirs.data, like->row.bytes.data, theirs.size) == 0);
  }
  return count;
}

void storm_rows_free(storm_rows *rows) {
  for (int i = 0; i < WF_WORLD_NODES_MAX; i++) free(rows->rows[i]);
}
