#include "base/arena.h"

#include <string.h>

enum { ALIGNMENT = 16 };

// The base is aligned once, here, so that offsets of allocations never depend on where the memory lies.
void wf_arena_init(wf_arena *arena, void *memory, size_t size) {
  const size_t skip = (size_t)(-(uintptr_t)memory & (ALIGNMENT - 1));
  *arena = (wf_arena){0};
  if (memory == NULL || skip > size) return;
  arena->base = (uint8_t *)memory + skip;
  arena->size = size - skip;
}

void *wf_arena_alloc(wf_arena *arena, size_t size) {
  const size_t start = (arena->used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
  if (arena->base == NULL || start > arena->size || size > arena->size - start) return NULL;
  arena->used = start + size;
  if (arena->used > arena->high_water) arena->high_water = arena->used;
  return memset(arena->base + start, 0, size);
}

void wf_arena_reset(wf_arena *arena) {
  arena->used = 0;
}
