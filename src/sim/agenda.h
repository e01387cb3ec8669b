// The world's agenda: what happens next, by (time, order of asking).
#ifndef WF_SIM_AGENDA_H
#define WF_SIM_AGENDA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum happening_kind {
  HAPPENS_TICK,
  HAPPENS_FRAME,
  HAPPENS_CREDIT,
  HAPPENS_LINK_UP,
  HAPPENS_LINK_DOWN,
  HAPPENS_SIGNED,
  HAPPENS_VERIFIED,
  HAPPENS_STORED,
  HAPPENS_FETCH,
} happening_kind;

typedef struct happening {
  int64_t at_ns;
  uint64_t order;
  happening_kind kind;
  uint32_t node, peer;  // whose input it is, and the other end
  uint32_t life;        // of the node, or generation of the link: a later one makes it void
  uint8_t lane;
  uint64_t token, row, first, last;
  uint32_t stream;
  bool ok, damaged;
  uint8_t *bytes;  // owned; freed by whoever takes the happening
  size_t size;
} happening;

typedef struct agenda {
  happening *heap;
  size_t count, capacity;
  uint64_t orders;
} agenda;

bool agenda_add(agenda *a, happening h);  // false when out of memory (bytes are freed)
bool agenda_take(agenda *a, int64_t until_ns, happening *out);
void agenda_free(agenda *a);

#endif
