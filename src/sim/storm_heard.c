#include "storm_heard.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ hash >> 29;
}

uint64_t storm_stream_key(const wf_stream_name *s, uint64_t epoch) {
  uint64_t hash = mix((uint64_t)s->mode << 8 | (uint64_t)s->stream_class, s->writer);
  for (int i = 0; i < 3; i++) hash = mix(hash, (uint8_t)s->origin.code[i]);
  for (int m = 0; m < s->audience.count; m++)
    for (int i = 0; i < 3; i++) hash = mix(hash, (uint8_t)s->audience.member[m].code[i]);
  return mix(hash, epoch);
}

uint64_t storm_content_key(wf_bytes bytes) {
  static const uint8_t nobody[crypto_shorthash_KEYBYTES];
  uint64_t key = 0;
  crypto_shorthash((uint8_t *)&key, bytes.data, bytes.size, nobody);
  return key;
}

static storm_record *slot_of(const storm_heard *h, uint64_t key) {
  size_t i = (size_t)key & (h->size - 1);
  while (h->slots[i].key != 0 && h->slots[i].key != key) i = (i + 1) & (h->size - 1);
  return &h->slots[i];
}

static bool grow(storm_heard *h) {
  if (h->size > 0 && h->count * 2 < h->size) return true;
  storm_heard larger = {.size = h->size > 0 ? h->size * 2 : 1024};
  larger.slots = calloc(larger.size, sizeof *larger.slots);
  if (larger.slots == NULL) return false;
  for (size_t i = 0; i < h->size; i++)
    if (h->slots[i].key != 0) *slot_of(&larger, h->slots[i].key) = h->slots[i];
  larger.count = h->count;
  free(h->slots);
  *h = larger;
  return true;
}

static uint64_t record_key(uint64_t stream_key, uint64_t sequence) {
  return mix(stream_key, sequence) | 1;
}

bool storm_heard_take(storm_heard *h, const wf_exchange_effect *e) {
  if (!grow(h)) return false;
  const uint64_t key = record_key(storm_stream_key(&e->row.stream, e->row.epoch), e->sequence);
  storm_record *r = slot_of(h, key);
  if (r->key == 0) {
    *r = (storm_record){.key = key};
    h->count++;
  }
  if (e->kind == WF_XE_DELIVER)
    r->delivered++;
  else if (r->delivered > 0)  // else it was set aside before
    r->delivered--;
  if (e->kind == WF_XE_DELIVER) r->content = storm_content_key(e->bytes);
  return r->delivered <= 1;
}

const storm_record *storm_heard_find(const storm_heard *h, uint64_t stream_key, uint64_t sequence) {
  if (h->size == 0) return NULL;
  const storm_record *r = slot_of(h, record_key(stream_key, sequence));
  return r->key != 0 ? r : NULL;
}

size_t storm_heard_count(const storm_heard *h) {
  size_t count = 0;
  for (size_t i = 0; i < h->size; i++) count += h->slots[i].key != 0 && h->slots[i].delivered > 0;
  return count;
}

void storm_heard_clear(storm_heard *h) {
  if (h->size > 0) memset(h->slots, 0, h->size * sizeof *h->slots);
  h->count = 0;
}

void storm_heard_free(storm_heard *h) {
  free(h->slots);
  *h = (storm_heard){0};
}
