// Bytes → values, by the tables alone.
#include <string.h>

#include "tables.h"

typedef struct walk {
  const uint8_t *data;
  uint32_t at, end;   // where it reads; where the block (or the expansion field) ends
  uint32_t readable;  // eight octets may be loaded from below here
  uint16_t rep;
  wf_asterix_record *record;
  wf_asterix_fault *fault;
} walk;

static bool stop(walk *w, wf_asterix_fault_kind kind, uint16_t field, uint32_t at, int64_t raw) {
  w->fault->kind = kind;
  w->fault->field = field;
  w->fault->at = at;
  w->fault->raw = raw;
  return false;
}

static inline bool put(walk *w, uint16_t field, uint32_t at, int64_t raw) {
  wf_asterix_record *r = w->record;
  if (r->value_count == WF_ASTERIX_VALUES_MAX) return stop(w, WF_ASTERIX_TOO_MUCH, field, at, WF_ASTERIX_VALUES_MAX);
  r->value[r->value_count++] = (wf_asterix_value){field, w->rep, at, raw};
  return true;
}

static inline uint64_t load(const walk *w, uint32_t at) {
  if (at < w->readable) {
    uint64_t v;
    memcpy(&v, w->data + at, sizeof v);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
  }
  uint64_t v = 0;
  for (uint32_t i = 0; i < 8; i++) v = v << 8 | (at + i < w->end ? w->data[at + i] : 0);
  return v;
}

enum { OUTSIDE_MAX = 2 };

// A value out of range does not move what follows it: the first is told, the walk goes on.
static inline void check(walk *w, uint16_t field, uint32_t at, int64_t raw) {
  const ast_node *node = &ast_nodes[field];
  wf_asterix_record *r = w->record;
  if (raw >= node->min && raw <= node->max) return;
  if (r->outside++ == 0) {
    r->outside_field = field;
    r->outside_raw = raw;
  }
  if (w->fault->kind == WF_ASTERIX_FINE && (node->flags & AST_HARD || r->outside > OUTSIDE_MAX))
    stop(w, WF_ASTERIX_OUT_OF_RANGE, field, at, raw);
}

static inline bool take(walk *w, uint16_t first, uint16_t count, uint16_t size, uint16_t owner) {
  const uint32_t at = w->at;
  if (w->end - at < size) return stop(w, WF_ASTERIX_TRUNCATED, owner, at, size);
  wf_asterix_record *r = w->record;
  if (r->value_count + count > WF_ASTERIX_VALUES_MAX)
    return stop(w, WF_ASTERIX_TOO_MUCH, owner, at, WF_ASTERIX_VALUES_MAX);
  wf_asterix_value *value = r->value + r->value_count;
  for (const ast_leaf *leaf = ast_leaves + first, *end = leaf + count; leaf < end; leaf++, value++) {
    const uint64_t top = load(w, at + leaf->bit / 8) << leaf->bit % 8;
    const unsigned down = 64u - leaf->bits;
    const int64_t raw = leaf->flags & AST_SIGNED ? (int64_t)top >> down : (int64_t)(top >> down);
    *value = (wf_asterix_value){leaf->node, w->rep, at, raw};
    if (leaf->flags & AST_CHECKED) check(w, leaf->node, at, raw);
  }
  r->value_count = (uint16_t)(r->value_count + count);
  w->at = at + size;
  return true;
}

static bool take_extended(walk *w, const ast_node *node, uint16_t field) {
  for (uint16_t i = 0; i < node->count; i++) {
    const ast_part *part = &ast_parts[node->first + i];
    if (!take(w, part->first, part->count, part->size, field)) return false;
    if (!(w->data[w->at - 1] & 1)) return true;
  }
  // A later edition may have added octets: each says whether one more follows.
  do {
    if (w->at == w->end) return stop(w, WF_ASTERIX_TRUNCATED, field, w->at, 1);
    w->record->unknown++;
  } while (w->data[w->at++] & 1);
  return true;
}

static bool take_repeat(walk *w, const ast_node *node, uint16_t field) {
  const uint32_t at = w->at;
  uint32_t times = 0;
  if (w->end - at < node->bits) return stop(w, WF_ASTERIX_TRUNCATED, field, at, node->bits);
  for (unsigned i = 0; i < node->bits; i++) times = times << 8 | w->data[w->at++];
  if (!put(w, field, at, times)) return false;
  for (uint32_t i = 0; i < times; i++) {
    w->rep = (uint16_t)i;
    if (!take(w, node->first, node->count, node->size, field)) return false;
  }
  w->rep = 0;
  return true;
}

static bool take_repeat_fx(walk *w, const ast_node *node, uint16_t field) {
  const uint16_t counter = w->record->value_count;
  if (!put(w, field, w->at, 0)) return false;
  bool more = true;
  for (uint16_t i = 0; more; i++) {
    w->rep = i;
    if (!take(w, node->first, node->count, node->size, field)) return false;
    more = w->data[w->at - 1] & 1;
    w->record->value[counter].raw = i + 1;
  }
  w->rep = 0;
  return true;
}

static bool take_node(walk *w, uint16_t field);

// Presence bits: seven to an octet and a continuation bit, or eight.
static bool take_compound(walk *w, const ast_node *node, uint16_t field) {
  const bool one = node->flags & AST_ONE_OCTET;
  const unsigned per = one ? 8 : 7;
  const uint32_t head = w->at;
  uint32_t octets = 0;
  bool more = true;
  while (more) {
    if (w->at == w->end) return stop(w, WF_ASTERIX_TRUNCATED, field, w->at, 1);
    octets++;
    more = !one && (w->data[w->at] & 1);
    w->at++;
  }
  for (uint32_t i = 0; i < octets * per; i++) {
    if (!(w->data[head + i / per] & 0x80u >> i % per)) continue;
    if (i >= node->count || ast_subs[node->first + i] == AST_NONE)
      return stop(w, WF_ASTERIX_UNKNOWN_SUBFIELD, field, head, i + 1);
    if (!take_node(w, ast_subs[node->first + i])) return false;
  }
  return true;
}

static bool is_expansion(const ast_node *node) {
  return node->name[0] == 'R';
}

// What is inside is read where it is described; where that does not come out even, it stays bytes.
static void take_expansion(walk *w, uint16_t root, uint32_t end) {
  walk inner = *w;
  wf_asterix_fault fault = {.kind = WF_ASTERIX_FINE};
  wf_asterix_record *r = w->record;
  const uint16_t values = r->value_count, unknown = r->unknown, outside = r->outside;
  inner.end = end;
  inner.readable = end >= 8 ? end - 7 : 0;
  inner.fault = &fault;
  if (take_node(&inner, root) && inner.at == end && fault.kind == WF_ASTERIX_FINE) return;
  r->value_count = values;
  r->unknown = unknown;
  r->outside = outside;
}

static bool take_explicit(walk *w, const ast_node *node, uint16_t field) {
  if (w->at == w->end) return stop(w, WF_ASTERIX_TRUNCATED, field, w->at, 1);
  const uint32_t size = w->data[w->at];
  if (size == 0 || w->end - w->at < size) return stop(w, WF_ASTERIX_TRUNCATED, field, w->at, size);
  w->at++;
  if (!put(w, field, w->at, size - 1)) return false;
  if (is_expansion(node) && w->record->expansion != AST_NONE) take_expansion(w, w->record->expansion, w->at + size - 1);
  w->at += size - 1;
  return true;
}

static bool take_node(walk *w, uint16_t field) {
  const ast_node *node = &ast_nodes[field];
  switch ((ast_kind)node->kind) {
    case AST_FIXED:
      return take(w, node->first, node->count, node->size, field);
    case AST_EXTENDED:
      return take_extended(w, node, field);
    case AST_REPEAT:
      return take_repeat(w, node, field);
    case AST_REPEAT_FX:
      return take_repeat_fx(w, node, field);
    case AST_COMPOUND:
      return take_compound(w, node, field);
    case AST_EXPLICIT:
      return take_explicit(w, node, field);
    case AST_ELEMENT:
    case AST_NESTED:
      break;
  }
  return stop(w, WF_ASTERIX_UNKNOWN_ITEM, field, w->at, 0);
}

static bool take_item(walk *w, uint16_t field) {
  wf_asterix_record *r = w->record;
  if (r->item_count == WF_ASTERIX_ITEMS_MAX) return stop(w, WF_ASTERIX_TOO_MUCH, field, w->at, WF_ASTERIX_ITEMS_MAX);
  struct wf_asterix_item *item = &r->item[r->item_count++];
  *item = (struct wf_asterix_item){field, r->value_count, w->at, 0};
  if (!take_node(w, field)) return false;
  item->size = w->at - item->at;
  return true;
}

// Random field sequencing: how many, then each with its field reference number.
static bool take_random(walk *w, const struct ast_uap *uap) {
  if (w->at == w->end) return stop(w, WF_ASTERIX_TRUNCATED, AST_NONE, w->at, 1);
  for (unsigned left = w->data[w->at++]; left > 0; left--) {
    if (w->at == w->end) return stop(w, WF_ASTERIX_TRUNCATED, AST_NONE, w->at, 1);
    const unsigned frn = w->data[w->at++];
    if (frn == 0 || frn > uap->count || uap->node[frn - 1] >= AST_RANDOM)
      return stop(w, WF_ASTERIX_UNKNOWN_ITEM, AST_NONE, w->at - 1, frn);
    if (!take_item(w, uap->node[frn - 1])) return false;
  }
  return true;
}

static bool take_frn(walk *w, const struct ast_uap *uap, unsigned frn) {
  const uint16_t field = frn <= uap->count ? uap->node[frn - 1] : AST_NONE;
  if (field == AST_RANDOM) return take_random(w, uap);
  if (field == AST_NONE) return stop(w, WF_ASTERIX_UNKNOWN_ITEM, AST_NONE, w->at, frn);
  return take_item(w, field);
}

static bool second_uap(const wf_asterix_record *r) {
  const wf_asterix_value *v = r->spec->selector == AST_NONE ? NULL : wf_asterix_find(r, r->spec->selector);
  return v != NULL && v->raw == r->spec->second;
}

static bool take_record(walk *w) {
  const wf_asterix_spec *spec = w->record->spec;
  const uint32_t head = w->at;
  uint32_t octets = 0;
  bool more = true, any = false;
  while (more) {
    if (w->at == w->end) return stop(w, WF_ASTERIX_TRUNCATED, AST_NONE, w->at, 1);
    octets++;
    more = w->data[w->at++] & 1;
  }
  const struct ast_uap *uap = &spec->uap[0];
  for (uint32_t i = 0; i < octets; i++)
    for (unsigned place = 1; place <= 7; place++) {
      if (!(w->data[head + i] & 0x100u >> place)) continue;
      any = true;
      if (!take_frn(w, uap, i * 7 + place)) return false;
      if (spec->selector != AST_NONE && second_uap(w->record)) uap = &spec->uap[1];
    }
  return any || stop(w, WF_ASTERIX_NO_ITEMS, AST_NONE, head, 0);
}

// ---- Blocks -------------------------------------------------------------------------------------------------------
static wf_status refuse_block(wf_asterix_cursor *c, wf_asterix_fault *fault, wf_asterix_fault_kind kind, size_t length,
                              size_t next) {
  *fault = (wf_asterix_fault){.kind = kind, .at = c->at, .field = AST_NONE, .raw = (int64_t)length};
  fault->category = c->at < c->data.size ? c->data.data[c->at] : 0;
  c->at = c->block_end = next;
  return WF_EFORMAT;
}

// The head of the next block; WF_OK when its records can be read.
static wf_status open_block(wf_asterix_cursor *c, wf_asterix_fault *fault) {
  const size_t left = c->data.size - c->at;
  if (left == 0) return WF_EAGAIN;
  const uint8_t *p = c->data.data + c->at;
  const size_t length = left < 3 ? 0 : (size_t)p[1] << 8 | p[2];
  if (left < 3) return refuse_block(c, fault, WF_ASTERIX_SHORT_BLOCK, left, c->data.size);
  if (length < 3) return refuse_block(c, fault, WF_ASTERIX_BAD_LENGTH, length, c->data.size);
  if (length > left) return refuse_block(c, fault, WF_ASTERIX_SHORT_BLOCK, length, c->data.size);
  if (c->editions->spec[p[0]] == NULL)
    return refuse_block(c, fault, WF_ASTERIX_UNKNOWN_CATEGORY, length, c->at + length);
  c->block_at = c->at;
  c->block_end = c->at + length;
  c->at += 3;
  return WF_OK;
}

wf_status wf_asterix_next(wf_asterix_cursor *c, wf_asterix_record *record, wf_asterix_fault *fault) {
  fault->kind = WF_ASTERIX_FINE;
  while (c->at >= c->block_end) {
    if (c->data.size > UINT32_MAX) return refuse_block(c, fault, WF_ASTERIX_TOO_MUCH, c->data.size, c->data.size);
    const wf_status status = open_block(c, fault);
    if (status != WF_OK) return status;
  }
  const uint8_t category = c->data.data[c->block_at];
  const uint32_t end = (uint32_t)c->block_end;
  walk w = {.data = c->data.data, .at = (uint32_t)c->at, .end = end, .readable = end >= 8 ? end - 7 : 0};
  w.record = record;
  w.fault = fault;
  record->spec = c->editions->spec[category];
  record->data = c->data;
  record->at = w.at;
  record->expansion = c->editions->expansion[category];
  record->unknown = record->outside = record->item_count = record->value_count = 0;
  const bool whole = take_record(&w);
  record->size = w.at - record->at;
  c->at = whole ? w.at : c->block_end;
  if (fault->kind == WF_ASTERIX_FINE) return WF_OK;
  fault->category = category;
  fault->spec = record->spec;
  return WF_EFORMAT;
}
