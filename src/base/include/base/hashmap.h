// A fixed-capacity open-addressing map from 64-bit keys to 32-bit indexes, in the caller's memory.
// Iteration is never offered: order would depend on the table, and results must not.
#ifndef WF_BASE_HASHMAP_H
#define WF_BASE_HASHMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wf_hashmap_slot {
  uint64_t key;
  uint32_t value;
  uint32_t state;
} wf_hashmap_slot;
typedef struct wf_hashmap {
  wf_hashmap_slot *slots;
  size_t capacity, count;
} wf_hashmap;  // capacity: power of two

void wf_hashmap_init(wf_hashmap *map, wf_hashmap_slot *slots, size_t capacity);
wf_status wf_hashmap_put(wf_hashmap *map, uint64_t key, uint32_t value);  // WF_EFULL above 7/8
wf_status wf_hashmap_get(const wf_hashmap *map, uint64_t key, uint32_t *value);
wf_status wf_hashmap_remove(wf_hashmap *map, uint64_t key);
uint64_t wf_mix64(uint64_t x);  // a good 64-bit mixer, for hashes of small keys

#endif
