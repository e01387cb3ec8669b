// Linear probing with backward-shift deletion (Knuth, TAOCP vol. 3, 6.4, Algorithm R): no tombstones, so a map
// that lives for months does not slow down. At least one slot in eight stays empty, so every search ends.
#include "base/hashmap.h"

#include <string.h>

enum { EMPTY = 0, TAKEN = 1 };

// The finaliser of splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
uint64_t wf_mix64(uint64_t x) {
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

void wf_hashmap_init(wf_hashmap *map, wf_hashmap_slot *slots, size_t capacity) {
  *map = (wf_hashmap){slots, capacity, 0};
  if (capacity > 0) memset(slots, 0, capacity * sizeof *slots);
}

static size_t home(const wf_hashmap *map, uint64_t key) {
  return (size_t)wf_mix64(key) & (map->capacity - 1);
}
static size_t next(const wf_hashmap *map, size_t i) {
  return (i + 1) & (map->capacity - 1);
}

// The slot of the key, or the empty slot where it would go.
static size_t find(const wf_hashmap *map, uint64_t key) {
  size_t i = home(map, key);
  while (map->slots[i].state == TAKEN && map->slots[i].key != key) i = next(map, i);
  return i;
}

wf_status wf_hashmap_put(wf_hashmap *map, uint64_t key, uint32_t value) {
  if (map->capacity == 0) return WF_EFULL;
  const size_t i = find(map, key);
  if (map->slots[i].state == EMPTY) {
    if (map->count + 1 > map->capacity / 8 * 7 + map->capacity % 8 * 7 / 8) return WF_EFULL;
    map->count++;
  }
  map->slots[i] = (wf_hashmap_slot){key, value, TAKEN};
  return WF_OK;
}

wf_status wf_hashmap_get(const wf_hashmap *map, uint64_t key, uint32_t *value) {
  if (map->capacity == 0) return WF_ENOTFOUND;
  const size_t i = find(map, key);
  if (map->slots[i].state == EMPTY) return WF_ENOTFOUND;
  if (value != NULL) *value = map->slots[i].value;
  return WF_OK;
}

wf_status wf_hashmap_remove(wf_hashmap *map, uint64_t key) {
  if (map->capacity == 0) return WF_ENOTFOUND;
  size_t hole = find(map, key);
  if (map->slots[hole].state == EMPTY) return WF_ENOTFOUND;
  const size_t mask = map->capacity - 1;
  for (size_t i = next(map, hole); map->slots[i].state == TAKEN; i = next(map, i)) {
    const size_t from_home = (i - home(map, map->slots[i].key)) & mask;
    if (from_home < ((i - hole) & mask)) continue;  // its home lies after the hole: it must stay
    map->slots[hole] = map->slots[i];
    hole = i;
  }
  map->slots[hole] = (wf_hashmap_slot){0};
  map->count--;
  return WF_OK;
}
