// A bump arena over one block taken at creation: nothing is freed but the whole.
#ifndef WF_BASE_ARENA_H
#define WF_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct wf_arena {
  uint8_t *base;
  size_t size, used, high_water;
} wf_arena;

// The arena uses the caller's memory and never owns it.
void wf_arena_init(wf_arena *arena, void *memory, size_t size);
// Zeroed, 16-byte aligned; NULL when there is no room (count it and say so, never abort).
void *wf_arena_alloc(wf_arena *arena, size_t size);
void wf_arena_reset(wf_arena *arena);

#endif
