#include "agenda.h"

#include <stdlib.h>

static bool earlier(const happening *a, const happening *b) {
  return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void swap(happening *a, happening *b) {
  const happening t = *a;
  *a = *b;
  *b = t;
}

bool agenda_add(agenda *a, happening h) {
  if (a->count == a->capacity) {
    const size_t capacity = a->capacity > 0 ? a->capacity * 2 : 1024;
    happening *heap = realloc(a->heap, capacity * sizeof *heap);
    if (heap == NULL) {
      free(h.bytes);
      return false;
    }
    a->heap = heap;
    a->capacity = capacity;
  }
  h.order = a->orders++;
  size_t i = a->count++;
  a->heap[i] = h;
  for (; i > 0 && earlier(&a->heap[i], &a->heap[(i - 1) / 2]); i = (i - 1) / 2)
    swap(&a->heap[i], &a->heap[(i - 1) / 2]);
  return true;
}

bool agenda_take(agenda *a, int64_t until_ns, happening *out) {
  if (a->count == 0 || a->heap[0].at_ns > until_ns) return false;
  *out = a->heap[0];
  a->heap[0] = a->heap[--a->count];
  for (size_t i = 0;;) {
    size_t least = i;
    for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < a->count; child++)
      if (earlier(&a->heap[child], &a->heap[least])) least = child;
    if (least == i) return true;
    swap(&a->heap[i], &a->heap[least]);
    i = least;
  }
}

void agenda_free(agenda *a) {
  for (size_t i = 0; i < a->count; i++) free(a->heap[i].bytes);
  free(a->heap);
}
