// A statement told to several audiences is one statement: in the national picture it counts once, from the version that
// came first (of own ones that is the detailed one).
#include <stdlib.h>

#include "core.h"

static uint64_t mixed(uint64_t hash, uint64_t value) {
  return wf_mix64(hash ^ wf_mix64(value));
}

// What stays the same in every audience's version, whatever is redacted.
static uint64_t name_of(const wf_contribution *c) {
  uint64_t hash = mixed(wf_nation_bits(c->id.origin), wf_contribution_writer(&c->id));
  hash = mixed(hash, c->id.epoch);
  hash = mixed(hash, c->object);
  hash = mixed(hash, (uint64_t)c->valid_time.ns);
  hash = mixed(hash, c->kind);
  if (c->kind == WF_CONTRIBUTION_STATUS) hash = mixed(hash, (uint64_t)c->status.life << 8 | c->status.phase);
  return hash;
}

bool node_once_new(statements *s, uint32_t capacity) {
  size_t slots = 16;
  while (slots < 2 * (size_t)capacity) slots *= 2;
  void *map = calloc(slots, sizeof(wf_hashmap_slot)), *order = calloc(capacity, sizeof(uint64_t));
  s->map.slots = map;
  s->order.items = order;
  if (map == NULL || order == NULL) return false;
  wf_hashmap_init(&s->map, map, slots);
  wf_ring_init(&s->order, order, sizeof(uint64_t), capacity);
  return true;
}

void node_once_free(statements *s) {
  free(s->map.slots);
  free(s->order.items);
}

static void remember(statements *s, uint64_t name, uint32_t value) {
  uint64_t oldest;
  if (s->order.count == s->order.capacity && wf_ring_pop(&s->order, &oldest) == WF_OK)
    (void)wf_hashmap_remove(&s->map, oldest);
  if (wf_ring_push(&s->order, &name) == WF_OK) (void)wf_hashmap_put(&s->map, name, value);
}

bool node_told_narrower(statements *s, const wf_contribution *c, uint8_t members) {
  uint64_t name = mixed(wf_nation_bits(c->id.origin), wf_contribution_writer(&c->id));
  name = mixed(mixed(name, c->id.epoch), ~c->object);
  uint32_t fewest;
  if (wf_hashmap_get(&s->map, name, &fewest) != WF_OK) {
    remember(s, name, members);
    return false;
  }
  if (members < fewest) (void)wf_hashmap_put(&s->map, name, members);
  return members > fewest;
}

// Whether another audience's version of it was here before.
bool node_heard_elsewhere(statements *s, const wf_contribution *c, uint32_t audience) {
  const uint64_t name = name_of(c);
  uint32_t first;
  if (wf_hashmap_get(&s->map, name, &first) == WF_OK) return first != audience;
  remember(s, name, audience);
  return false;
}
