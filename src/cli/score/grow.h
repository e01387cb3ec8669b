// An array that doubles when it is full.
#ifndef WF_SCORE_GROW_H
#define WF_SCORE_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

// False when out of memory; the array is then as it was.
static inline bool wf_score_grow(void **array, size_t item, size_t count, size_t *cap) {
  if (count < *cap) return true;
  const size_t wanted = *cap == 0 ? 256 : 2 * *cap;
  void *bigger = realloc(*array, wanted * item);
  if (bigger == NULL) return false;
  *array = bigger;
  *cap = wanted;
  return true;
}

#endif
