// A bounded queue of fixed-size items in the caller's memory. Overload policy is the caller's, and explicit:
// push says WF_EFULL; push_evict drops the oldest and counts it.
#ifndef WF_BASE_RING_H
#define WF_BASE_RING_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct wf_ring {
  uint8_t *items;
  size_t item_size, capacity, head, count;
  uint64_t evicted;
} wf_ring;

void wf_ring_init(wf_ring *ring, void *memory, size_t item_size, size_t capacity);
wf_status wf_ring_push(wf_ring *ring, const void *item);
void wf_ring_push_evict(wf_ring *ring, const void *item);
wf_status wf_ring_pop(wf_ring *ring, void *item);
void *wf_ring_at(const wf_ring *ring, size_t index);  // 0 = oldest; NULL past the end

#endif
