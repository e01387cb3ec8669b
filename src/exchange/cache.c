// Recent bundles of all streams, in the order they came: a ring of bytes, the oldest go first. What waits for its
// signature or verification is pinned, and what is own and not yet given to the store; anything else can be had from
// the store again.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static size_t power_of_two(size_t n) {
  size_t p = 64;
  while (p < n) p *= 2;
  return p;
}

wf_status cache_new(wf_exchange *x) {
  cache *c = &x->cache;
  c->size = x->config.cache_bytes;
  c->capacity = power_of_two(c->size / 512);
  const size_t slots = c->capacity * 2;
  c->bytes = malloc(c->size);
  c->entries = calloc(c->capacity, sizeof *c->entries);
  wf_hashmap_slot *index = calloc(slots, sizeof *index);
  wf_hashmap_init(&c->index, index, slots);
  x->memory_bytes += c->size + c->capacity * sizeof *c->entries + slots * sizeof *index;
  return c->bytes && c->entries && index ? WF_OK : WF_ENOMEM;
}

void cache_free(wf_exchange *x) {
  free(x->cache.bytes);
  free(x->cache.entries);
  free(x->cache.index.slots);
}

static uint64_t key_of(uint32_t epoch_slot, uint64_t first) {
  return (uint64_t)epoch_slot << 48 | first;
}

static void unindex(wf_exchange *x, entry *e) {
  uint32_t at;
  const uint64_t key = key_of(e->epoch_slot, e->first);
  if (e->indexed && wf_hashmap_get(&x->cache.index, key, &at) == WF_OK && &x->cache.entries[at] == e)
    wf_hashmap_remove(&x->cache.index, key);
  e->indexed = false;
}

static bool evict_oldest(wf_exchange *x) {
  cache *c = &x->cache;
  entry *e = &c->entries[c->oldest % c->capacity];
  if (c->oldest == c->next || (e->pinned && !store_gives_way(x, e))) return false;
  if (e->waits) store_missed(x, e);
  unindex(x, e);
  c->oldest++;
  return true;
}

// Where `size` bytes fit in one piece: behind the newest entry, or at the start again. SIZE_MAX = not yet.
static size_t place(const cache *c, size_t size) {
  if (c->oldest == c->next) return size <= c->size ? 0 : SIZE_MAX;
  const size_t tail = c->entries[c->oldest % c->capacity].offset;
  if (c->head > tail) {
    if (c->size - c->head >= size) return c->head;
    return tail > size ? 0 : SIZE_MAX;
  }
  return tail - c->head > size ? c->head : SIZE_MAX;
}

entry *cache_insert(wf_exchange *x, size_t size, uint64_t *serial) {
  cache *c = &x->cache;
  size_t offset;
  while ((offset = place(c, size)) == SIZE_MAX || c->next - c->oldest >= c->capacity)
    if (!evict_oldest(x)) return NULL;
  *serial = c->next++;
  entry *e = &c->entries[*serial % c->capacity];
  *e = (entry){.pinned = true, .epoch_slot = NONE, .source = NONE, .offset = offset, .size = size};
  c->head = offset + size;
  return e;
}

entry *cache_at(wf_exchange *x, uint64_t serial) {
  cache *c = &x->cache;
  return serial >= c->oldest && serial < c->next ? &c->entries[serial % c->capacity] : NULL;
}

uint64_t cache_serial(const wf_exchange *x, const entry *e) {
  const uint64_t newest = x->cache.next - 1, at = (uint64_t)(e - x->cache.entries);
  return newest - (newest - at) % x->cache.capacity;
}

entry *cache_find(wf_exchange *x, uint32_t epoch_slot, uint64_t first, uint64_t *serial) {
  cache *c = &x->cache;
  uint32_t at;
  if (first > WF_SEQUENCE_MAX || wf_hashmap_get(&c->index, key_of(epoch_slot, first), &at) != WF_OK) return NULL;
  entry *e = &c->entries[at];
  if (e->epoch_slot != epoch_slot || e->generation != x->epochs[epoch_slot].generation)
    return NULL;  // of a slot's former life
  if (serial) *serial = cache_serial(x, e);
  return e;
}

void cache_index(wf_exchange *x, entry *e, uint64_t serial) {
  e->indexed =
      wf_hashmap_put(&x->cache.index, key_of(e->epoch_slot, e->first), (uint32_t)(serial % x->cache.capacity)) == WF_OK;
}

// Under another slot than before, if its epoch was closed and made again meanwhile.
void cache_move(wf_exchange *x, entry *e, uint32_t epoch_slot) {
  if (e->epoch_slot != epoch_slot || e->generation != x->epochs[epoch_slot].generation) unindex(x, e);
  e->epoch_slot = epoch_slot;
  e->generation = x->epochs[epoch_slot].generation;
}

void cache_drop(wf_exchange *x, entry *e) {
  unindex(x, e);
  e->pinned = false;
  e->epoch_slot = NONE;
  e->state = 0;
}
