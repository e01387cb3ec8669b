#include <string.h>

#include "internal.h"

bool ranges_have(const range_set *set, uint64_t first, uint64_t last) {
  for (uint32_t i = 0; i < set->count; i++)
    if (set->range[i].first <= first && last <= set->range[i].last) return true;
  return false;
}

wf_status ranges_add(range_set *set, uint64_t first, uint64_t last) {
  uint32_t from = 0;
  while (from < set->count && set->range[from].last + 1 < first) from++;
  uint32_t to = from;  // [from, to) touch or overlap the new range
  while (to < set->count && set->range[to].first <= last + 1) to++;
  if (from == to && set->count == CHAIN_RANGES_MAX) return WF_EFULL;
  if (from < to) {
    if (set->range[from].first < first) first = set->range[from].first;
    if (set->range[to - 1].last > last) last = set->range[to - 1].last;
  }
  memmove(&set->range[from + 1], &set->range[to], (set->count - to) * sizeof set->range[0]);
  set->range[from] = (wf_range){first, last};
  set->count = set->count - (to - from) + 1;
  return WF_OK;
}

void ranges_remove(range_set *set, uint64_t first, uint64_t last) {
  const range_set before = *set, less = {.count = 1, .range = {{first, last}}};
  ranges_subtract(&before, &less, set);
}

uint64_t ranges_contiguous(const range_set *set) {
  return set->count > 0 && set->range[0].first == 1 ? set->range[0].last : 0;
}

void ranges_subtract(const range_set *in, const range_set *less, range_set *out) {
  uint32_t k = 0;
  out->count = 0;
  for (uint32_t i = 0; i < in->count; i++) {
    uint64_t first = in->range[i].first;
    const uint64_t last = in->range[i].last;
    while (k < less->count && less->range[k].last < first) k++;
    for (uint32_t j = k; j < less->count && less->range[j].first <= last && first <= last; j++) {
      if (less->range[j].first > first && out->count < CHAIN_RANGES_MAX)
        out->range[out->count++] = (wf_range){first, less->range[j].first - 1};
      first = less->range[j].last + 1;
    }
    if (first <= last && out->count < CHAIN_RANGES_MAX) out->range[out->count++] = (wf_range){first, last};
  }
}

chain_link link_of(const wf_bundle *bundle, const uint8_t hash[WF_HASH_SIZE]) {
  chain_link link = {.first = bundle->first, .last = bundle->last};
  memcpy(link.before, bundle->previous_hash, WF_HASH_SIZE);
  memcpy(link.end, hash, WF_HASH_SIZE);
  return link;
}

bool chain_overlaps(const chain *c, uint64_t first, uint64_t last) {
  for (uint32_t i = 0; i < c->count; i++)
    if (c->piece[i].first <= last && first <= c->piece[i].last) return true;
  return false;
}

bool chain_has(const chain *c, uint64_t first, uint64_t last) {
  for (uint32_t i = c->count; i-- > 0;)
    if (c->piece[i].first <= first && last <= c->piece[i].last) return true;
  return false;
}

// The first bundle of an epoch follows nothing: 32 zero bytes.
static bool starts_right(const chain_link *link) {
  static const uint8_t zero[WF_HASH_SIZE];
  return link->first != 1 || memcmp(link->before, zero, WF_HASH_SIZE) == 0;
}

chain_verdict chain_add(chain *c, const chain_link *bundle) {
  uint32_t at = c->count;
  while (at > 0 && c->piece[at - 1].first > bundle->first) at--;
  const bool joins_left = at > 0 && c->piece[at - 1].last + 1 == bundle->first;
  const bool joins_right = at < c->count && bundle->last + 1 == c->piece[at].first;
  bool good = starts_right(bundle);
  if (joins_left) good = good && memcmp(c->piece[at - 1].end, bundle->before, WF_HASH_SIZE) == 0;
  if (joins_right) good = good && memcmp(bundle->end, c->piece[at].before, WF_HASH_SIZE) == 0;
  if (joins_left && joins_right) {
    c->piece[at - 1].last = c->piece[at].last;
    memcpy(c->piece[at - 1].end, c->piece[at].end, WF_HASH_SIZE);
    memmove(&c->piece[at], &c->piece[at + 1], (c->count - at - 1) * sizeof c->piece[0]);
    c->count--;
  } else if (joins_left) {
    c->piece[at - 1].last = bundle->last;
    memcpy(c->piece[at - 1].end, bundle->end, WF_HASH_SIZE);
  } else if (joins_right) {
    c->piece[at].first = bundle->first;
    memcpy(c->piece[at].before, bundle->before, WF_HASH_SIZE);
  } else {
    if (c->count == CHAIN_RANGES_MAX) return CHAIN_FULL;
    memmove(&c->piece[at + 1], &c->piece[at], (c->count - at) * sizeof c->piece[0]);
    c->piece[at] = *bundle;
    c->count++;
  }
  return good ? CHAIN_OK : CHAIN_BROKEN;
}

bool chain_names(const chain *c, uint64_t last, const uint8_t hash[WF_HASH_SIZE]) {
  for (uint32_t i = 0; i < c->count; i++)
    if (c->piece[i].first == last + 1) return memcmp(c->piece[i].before, hash, WF_HASH_SIZE) == 0;
  return false;
}

void chain_ranges(const chain *c, range_set *out) {
  out->count = c->count;
  for (uint32_t i = 0; i < c->count; i++) out->range[i] = (wf_range){c->piece[i].first, c->piece[i].last};
}

uint64_t chain_contiguous(const chain *c) {
  return c->count > 0 && c->piece[0].first == 1 ? c->piece[0].last : 0;
}
const uint8_t *chain_end_at(const chain *c, uint64_t last) {
  for (uint32_t i = 0; i < c->count; i++)
    if (c->piece[i].last == last) return c->piece[i].end;
  return NULL;
}

const uint8_t *chain_before_at(const chain *c, uint64_t first) {
  for (uint32_t i = 0; i < c->count; i++)
    if (c->piece[i].first == first) return c->piece[i].before;
  return NULL;
}

uint64_t chain_top(const chain *c) {
  return c->count > 0 ? c->piece[c->count - 1].last : 0;
}
