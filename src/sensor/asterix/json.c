// Values → JSON. Written straight into the caller's bytes, digits from whole numbers: a library that builds the
// document first reaches a tenth of the rate that a recording of days needs.
#include <stdio.h>
#include <string.h>

#include "tables.h"

typedef struct text {
  char *at, *end;
  bool full;
} text;

typedef struct reader {
  const wf_asterix_record *record;
  uint16_t next;
  text t;
} reader;

static inline void add(text *t, const char *bytes, size_t size) {
  if ((size_t)(t->end - t->at) < size) {
    t->full = true;
    return;
  }
  memcpy(t->at, bytes, size);
  t->at += size;
}
static inline void add_char(text *t, char c) {
  add(t, &c, 1);
}
static inline void add_text(text *t, const char *s) {
  add(t, s, strlen(s));
}

static void add_uint(text *t, uint64_t v) {
  char digits[20];
  int n = 20;
  do digits[--n] = (char)('0' + v % 10);
  while ((v /= 10) != 0);
  add(t, digits + n, (size_t)(20 - n));
}

__extension__ typedef unsigned __int128 wide_uint;

// raw · num / den to the scale's decimals, rounded, zeros at the end left out.
static void add_scaled(text *t, int64_t raw, const ast_scale *scale) {
  static const uint64_t POWER[] = {1,       10,       100,       1000,       10000,      100000,
                                   1000000, 10000000, 100000000, 1000000000, 10000000000};
  int decimals = scale->decimals > 10 ? 10 : scale->decimals;
  const uint64_t magnitude = raw < 0 ? 0 - (uint64_t)raw : (uint64_t)raw, den = (uint64_t)scale->den;
  const wide_uint wide = (wide_uint)magnitude * (uint64_t)scale->num * POWER[decimals] + den / 2;
  uint64_t v = wide >> 64 == 0 ? (uint64_t)wide / den : (uint64_t)(wide / den);
  if (raw < 0 && v != 0) add_char(t, '-');
  while (decimals > 0 && v % 10 == 0) {
    v /= 10;
    decimals--;
  }
  const uint64_t power = POWER[decimals];
  add_uint(t, v / power);
  if (decimals == 0) return;
  char digits[12] = ".";
  uint64_t rest = v % power;
  for (int i = decimals; i > 0; i--, rest /= 10) digits[i] = (char)('0' + rest % 10);
  add(t, digits, (size_t)decimals + 1);
}

static void add_hex(text *t, const uint8_t *bytes, size_t size) {
  static const char DIGITS[] = "0123456789ABCDEF";
  add_char(t, '"');
  for (size_t i = 0; i < size; i++) {
    const char pair[2] = {DIGITS[bytes[i] >> 4], DIGITS[bytes[i] & 15]};
    add(t, pair, 2);
  }
  add_char(t, '"');
}

static void add_hex_number(text *t, uint64_t raw, unsigned bits) {
  uint8_t bytes[8];
  const unsigned size = (bits + 7) / 8;
  for (unsigned i = 0; i < size; i++) bytes[i] = (uint8_t)(raw >> 8 * (size - 1 - i));
  add_hex(t, bytes, size);
}

// ICAO Annex 10, volume III, 3.1.2.9: A–Z, space, 0–9; what is not assigned is written '?'.
static char icao_char(unsigned code) {
  if (code >= 1 && code <= 26) return (char)('A' + code - 1);
  if (code >= 48 && code <= 57) return (char)('0' + code - 48);
  return code == 32 || code == 0 ? ' ' : '?';
}

static void add_characters(text *t, uint64_t raw, unsigned bits, unsigned each) {
  add_char(t, '"');
  for (unsigned shift = bits; shift >= each; shift -= each) {
    const unsigned code = (unsigned)(raw >> (shift - each)) & ((1u << each) - 1);
    char c = each == 3 ? (char)('0' + code) : each == 6 ? icao_char(code) : (char)code;
    if (each == 8 && (code < 32 || code > 126)) c = code == 0 ? ' ' : '?';
    if (c == '"' || c == '\\') add_char(t, '\\');
    add_char(t, c);
  }
  add_char(t, '"');
}

static void add_bds(text *t, uint8_t number, uint64_t bits56);

static void add_value(reader *r, const wf_asterix_value *value) {
  const ast_node *node = &ast_nodes[value->field];
  text *t = &r->t;
  const uint64_t raw = (uint64_t)value->raw;
  switch ((ast_type)node->type) {
    case AST_BITS:
      if (node->bits >= 24)
        add_hex_number(t, raw, node->bits);
      else
        add_uint(t, raw);
      break;
    case AST_NUMBER:
      add_scaled(t, value->raw, &ast_scales[node->scale]);
      break;
    case AST_CASE: {
      const bool second = value > r->record->value && value[-1].field == node->selector && value[-1].raw == 1;
      add_scaled(t, value->raw, &ast_scales[second ? node->scale2 : node->scale]);
      break;
    }
    case AST_OCTAL:
      add_characters(t, raw, node->bits, 3);
      break;
    case AST_ICAO:
      add_characters(t, raw, node->bits, 6);
      break;
    case AST_ASCII:
      add_characters(t, raw, node->bits, 8);
      break;
    case AST_BDS:
      if (node->bds != 0)
        add_bds(t, node->bds, raw);
      else
        add_bds(t, (uint8_t)raw, raw >> 8);
      break;
  }
}

// {"BDS":"40","MB":"…", fields when the register is known}
static void add_bds_fields(text *t, uint8_t number, uint64_t bits56) {
  for (size_t i = 0; i < ast_register_count; i++) {
    if (ast_registers[i].number != number) continue;
    const ast_node *root = &ast_nodes[ast_registers[i].root];
    for (const ast_leaf *leaf = ast_leaves + root->first, *end = leaf + root->count; leaf < end; leaf++) {
      const uint64_t top = bits56 << 8 << leaf->bit;
      wf_asterix_value value = {.field = leaf->node};
      value.raw = leaf->flags & AST_SIGNED ? (int64_t)top >> (64 - leaf->bits) : (int64_t)(top >> (64 - leaf->bits));
      if (leaf->bit == 0 && leaf->bits == 8) continue;  // the register's own number
      add_text(t, ",\"");
      add_text(t, ast_nodes[leaf->node].name);
      add_text(t, "\":");
      const ast_node *node = &ast_nodes[leaf->node];
      if (node->type == AST_NUMBER)
        add_scaled(t, value.raw, &ast_scales[node->scale]);
      else if (node->type == AST_ICAO)
        add_characters(t, (uint64_t)value.raw, node->bits, 6);
      else
        add_uint(t, (uint64_t)value.raw);
    }
  }
}

static void add_bds(text *t, uint8_t number, uint64_t bits56) {
  add_text(t, "{\"BDS\":");
  add_hex_number(t, number, 8);
  add_text(t, ",\"MB\":");
  add_hex_number(t, bits56, 56);
  add_bds_fields(t, number, bits56);
  add_char(t, '}');
}

static void add_name(text *t, const char *name, bool first) {
  if (!first) add_char(t, ',');
  add_char(t, '"');
  add_text(t, name);
  add_text(t, "\":");
}

static const wf_asterix_value *peek(const reader *r, uint16_t root) {
  if (r->next >= r->record->value_count) return NULL;
  const wf_asterix_value *value = &r->record->value[r->next];
  return ast_within(value->field, root) ? value : NULL;
}

// Leaves of `root` that come next and belong to one repetition, nested groups as objects of their own. After MBDATA,
// BDS1 and BDS2 (category 048 and old 062) the register is told as well.
static void write_leaves(reader *r, uint16_t root, uint16_t rep) {
  text *t = &r->t;
  uint16_t open = root;
  bool first = true;
  for (const wf_asterix_value *v; (v = peek(r, root)) != NULL && v->rep == rep && v->field != root;) {
    const ast_node *node = &ast_nodes[v->field];
    while (open != root && !ast_within(v->field, open)) {
      add_char(t, '}');
      open = ast_nodes[open].parent;
    }
    if (node->parent != open) {
      add_name(t, ast_nodes[node->parent].name, first);
      add_char(t, '{');
      open = node->parent;
      first = true;
    }
    add_name(t, node->name, first);
    add_value(r, v);
    first = false;
    r->next++;
    if (v->field == ast_nodes[root].last && strcmp(node->name, "BDS2") == 0 && v - r->record->value >= 2)
      add_bds_fields(t, (uint8_t)(v[-1].raw << 4 | v->raw), (uint64_t)v[-2].raw);
  }
  for (; open != root; open = ast_nodes[open].parent) add_char(t, '}');
}

static void write_node(reader *r, uint16_t field);

static void write_repeat(reader *r, uint16_t field) {
  const ast_node *node = &ast_nodes[field];
  const int64_t times = r->record->value[r->next++].raw;
  add_char(&r->t, '[');
  for (int64_t i = 0; i < times && !r->t.full; i++) {
    if (i > 0) add_char(&r->t, ',');
    if (node->flags & AST_SCALAR) {
      add_value(r, &r->record->value[r->next++]);
    } else {
      add_char(&r->t, '{');
      write_leaves(r, field, (uint16_t)i);
      add_char(&r->t, '}');
    }
  }
  add_char(&r->t, ']');
}

static void write_compound(reader *r, const ast_node *node) {
  bool first = true;
  add_char(&r->t, '{');
  for (uint16_t i = 0; i < node->count; i++) {
    const uint16_t sub = ast_subs[node->first + i];
    if (sub == AST_NONE || peek(r, sub) == NULL) continue;
    add_name(&r->t, ast_nodes[sub].name, first);
    write_node(r, sub);
    first = false;
  }
  add_char(&r->t, '}');
}

static void write_explicit(reader *r) {
  const wf_asterix_value *value = &r->record->value[r->next++];
  const uint16_t expansion = r->record->expansion;
  if (expansion != AST_NONE && peek(r, expansion) != NULL)
    write_compound(r, &ast_nodes[expansion]);
  else
    add_hex(&r->t, r->record->data.data + value->at, (size_t)value->raw);
}

static void write_node(reader *r, uint16_t field) {
  const ast_node *node = &ast_nodes[field];
  switch ((ast_kind)node->kind) {
    case AST_FIXED:
    case AST_EXTENDED:
      if (node->flags & AST_SCALAR) {
        add_value(r, &r->record->value[r->next++]);
        break;
      }
      add_char(&r->t, '{');
      write_leaves(r, field, 0);
      add_char(&r->t, '}');
      break;
    case AST_REPEAT:
    case AST_REPEAT_FX:
      write_repeat(r, field);
      break;
    case AST_COMPOUND:
      write_compound(r, node);
      break;
    case AST_EXPLICIT:
      write_explicit(r);
      break;
    case AST_ELEMENT:
    case AST_NESTED:
      break;
  }
}

wf_status wf_asterix_json(const wf_asterix_record *record, char *out, size_t size, size_t *length) {
  reader r = {record, 0, {out, out + size, false}};
  add_text(&r.t, "{\"cat\":");
  add_uint(&r.t, record->spec->category);
  add_text(&r.t, ",\"edition\":\"");
  add_text(&r.t, record->spec->edition);
  add_text(&r.t, "\",\"items\":{");
  for (uint16_t i = 0; i < record->item_count; i++) {
    r.next = record->item[i].first;
    add_name(&r.t, ast_nodes[record->item[i].field].name, i == 0);
    write_node(&r, record->item[i].field);
  }
  add_text(&r.t, "}}");
  *length = (size_t)(r.t.at - out);
  return r.t.full ? WF_EFULL : WF_OK;
}

wf_status wf_asterix_json_raw(const wf_asterix_record *record, char *out, size_t size, size_t *length) {
  reader r = {record, 0, {out, out + size, false}};
  text *t = &r.t;
  add_text(t, "{\"cat\":");
  add_uint(t, record->spec->category);
  add_text(t, ",\"hex\":");
  add_hex(t, record->data.data + record->at, record->size);
  add_text(t, ",\"items\":[");
  for (uint16_t i = 0; i < record->item_count; i++) {
    const struct wf_asterix_item *item = &record->item[i];
    const uint16_t end = i + 1 < record->item_count ? item[1].first : record->value_count;
    add_text(t, i == 0 ? "{\"item\":\"" : ",{\"item\":\"");
    add_text(t, ast_nodes[item->field].name);
    add_text(t, "\",\"hex\":");
    add_hex(t, record->data.data + item->at, item->size);
    add_text(t, ",\"values\":[");
    for (uint16_t k = item->first; k < end; k++) {
      const wf_asterix_value *v = &record->value[k];
      const ast_node *node = &ast_nodes[v->field];
      char number[32];
      snprintf(number, sizeof number, "\",%lld,", (long long)v->raw);
      add_text(t, k == item->first ? "[\"" : ",[\"");
      add_text(t, node->name != NULL ? node->name : "");
      add_text(t, number);
      if (node->kind == AST_REPEAT || node->kind == AST_REPEAT_FX || node->kind == AST_EXPLICIT)
        add_text(t, "\"many\"");
      else
        add_value(&r, v);
      add_char(t, ']');
    }
    add_text(t, "]}");
  }
  add_text(t, "]}");
  *length = (size_t)(t->at - out);
  return t->full ? WF_EFULL : WF_OK;
}
