#include "base/ring.h"

#include <string.h>

void wf_ring_init(wf_ring *ring, void *memory, size_t item_size, size_t capacity) {
  *ring = (wf_ring){.items = memory, .item_size = item_size, .capacity = capacity};
}

static uint8_t *slot(const wf_ring *ring, size_t index) {
  size_t place = ring->head + index;
  if (place >= ring->capacity) place -= ring->capacity;
  return ring->items + place * ring->item_size;
}

wf_status wf_ring_push(wf_ring *ring, const void *item) {
  if (ring->count == ring->capacity) return WF_EFULL;
  memcpy(slot(ring, ring->count), item, ring->item_size);
  ring->count++;
  return WF_OK;
}

static void drop_oldest(wf_ring *ring) {
  ring->head = ring->head + 1 == ring->capacity ? 0 : ring->head + 1;
  ring->count--;
}

void wf_ring_push_evict(wf_ring *ring, const void *item) {
  if (ring->count == ring->capacity) {
    ring->evicted++;
    if (ring->capacity == 0) return;  // the new item itself is what is lost
    drop_oldest(ring);
  }
  (void)wf_ring_push(ring, item);
}

wf_status wf_ring_pop(wf_ring *ring, void *item) {
  if (ring->count == 0) return WF_ENOTFOUND;
  if (item != NULL) memcpy(item, slot(ring, 0), ring->item_size);
  drop_oldest(ring);
  return WF_OK;
}

void *wf_ring_at(const wf_ring *ring, size_t index) {
  return index < ring->count ? slot(ring, index) : NULL;
}
