#include "log.h"

#include <string.h>

static size_t aligned(size_t size) {
  return (size + 15u) & ~(size_t)15u;
}

static size_t id_capacity(uint32_t capacity) {
  size_t n = 16;
  while (n < 2 * (size_t)capacity) n *= 2;
  return n;
}

size_t wf_pic_log_size(uint32_t capacity) {
  return aligned(capacity * sizeof(wf_contribution)) + aligned(capacity * sizeof(uint32_t)) +
         id_capacity(capacity) * sizeof(wf_hashmap_slot);
}

void wf_pic_log_lay(wf_pic_log *log, void *memory, uint32_t capacity) {
  uint8_t *at = memory;
  memset(log, 0, sizeof *log);
  log->capacity = capacity;
  log->slot = (wf_contribution *)at;
  at += aligned(capacity * sizeof(wf_contribution));
  log->order = (uint32_t *)at;
  at += aligned(capacity * sizeof(uint32_t));
  for (uint32_t i = 0; i < capacity; i++) log->order[i] = i;
  wf_hashmap_init(&log->ids, (wf_hashmap_slot *)at, id_capacity(capacity));
}

const wf_contribution *wf_pic_log_at(const wf_pic_log *log, uint32_t index) {
  return &log->slot[log->order[index]];
}

static uint64_t hash_id(const wf_contribution_id *id) {
  uint64_t code = 0;
  for (int i = 0; i < 4; i++) code = code << 8 | (uint8_t)id->origin.code[i];
  const uint64_t h = wf_mix64(wf_mix64(code << 32 | id->stream) ^ id->epoch);
  return wf_mix64(h ^ wf_mix64(id->sequence));
}

static bool same_id(const wf_contribution_id *a, const wf_contribution_id *b) {
  return wf_nation_compare(a->origin, b->origin) == 0 && a->stream == b->stream && a->epoch == b->epoch &&
         a->sequence == b->sequence;
}

// Two ids may share a hash: then the next keys are tried, in the same order by all.
static bool find_key(const wf_pic_log *log, const wf_contribution_id *id, uint64_t *key, uint32_t *slot) {
  for (*key = hash_id(id); wf_hashmap_get(&log->ids, *key, slot) == WF_OK; ++*key)
    if (same_id(&log->slot[*slot].id, id)) return true;
  return false;
}

const wf_contribution *wf_pic_log_find(const wf_pic_log *log, const wf_contribution_id *id) {
  uint64_t key;
  uint32_t slot;
  return find_key(log, id, &key, &slot) ? &log->slot[slot] : NULL;
}

uint32_t wf_pic_log_place(const wf_pic_log *log, const wf_contribution *c) {
  uint32_t low = 0, high = log->count;
  // Most come at the end.
  if (high > 0 && wf_contribution_compare(wf_pic_log_at(log, high - 1), c) < 0) return high;
  while (low < high) {
    const uint32_t mid = low + (high - low) / 2;
    if (wf_contribution_compare(wf_pic_log_at(log, mid), c) < 0)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

wf_status wf_pic_log_insert(wf_pic_log *log, const wf_contribution *c) {
  uint64_t key;
  uint32_t slot;
  if (find_key(log, &c->id, &key, &slot)) return WF_EEXIST;
  if (log->count == log->capacity) return WF_EFULL;
  slot = log->order[log->count];
  if (wf_hashmap_put(&log->ids, key, slot) != WF_OK) return WF_EFULL;
  const uint32_t at = wf_pic_log_place(log, c);
  memmove(&log->order[at + 1], &log->order[at], (log->count - at) * sizeof *log->order);
  log->order[at] = slot;
  log->slot[slot] = *c;
  log->count++;
  return WF_OK;
}

static void forget_id(wf_pic_log *log, uint32_t slot) {
  uint64_t key;
  uint32_t found;
  if (find_key(log, &log->slot[slot].id, &key, &found)) (void)wf_hashmap_remove(&log->ids, key);
}

void wf_pic_log_remove(wf_pic_log *log, uint32_t index) {
  const uint32_t slot = log->order[index];
  forget_id(log, slot);
  memmove(&log->order[index], &log->order[index + 1], (log->count - index - 1) * sizeof *log->order);
  log->order[--log->count] = slot;
}

static void reverse(uint32_t *v, uint32_t from, uint32_t to) {
  while (from + 1 < to) {
    const uint32_t x = v[from];
    v[from++] = v[--to];
    v[to] = x;
  }
}

void wf_pic_log_drop_first(wf_pic_log *log, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) forget_id(log, log->order[i]);
  // Rotate, so that the freed slots lie behind the held ones.
  reverse(log->order, 0, count);
  reverse(log->order, count, log->count);
  reverse(log->order, 0, log->count);
  log->count -= count;
}
