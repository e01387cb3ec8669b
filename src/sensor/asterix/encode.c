// Values → bytes, by the same tables: what decode.c made of bytes comes out as those bytes again (but for spare bits
// and octets of a later edition, which are not kept).
#include <string.h>

#include "tables.h"

// ---- Filling a record ---------------------------------------------------------------------------------------------
void wf_asterix_begin(wf_asterix_record *record, const wf_asterix_spec *spec) {
  record->spec = spec;
  record->data = (wf_bytes){NULL, 0};
  record->at = record->size = 0;
  record->expansion = AST_NONE;
  record->unknown = record->outside = record->item_count = record->value_count = 0;
}

static uint16_t root_of(uint16_t field) {
  while (ast_nodes[field].parent != AST_NONE) field = ast_nodes[field].parent;
  return field;
}

static bool fits(const ast_node *node, int64_t raw) {
  if (node->kind == AST_REPEAT) return raw >= 0 && raw < INT64_C(1) << 8 * node->bits;
  if (node->kind == AST_REPEAT_FX) return raw >= 1 && raw <= UINT16_MAX;
  if (node->kind == AST_EXPLICIT) return raw == 0;  // filled by the fields of the expansion
  if (node->bits == 0) return false;
  if (node->flags & AST_CHECKED) return raw >= node->min && raw <= node->max;
  if (node->bits == 64) return true;
  if (node->flags & AST_SIGNED) return raw >= -(INT64_C(1) << (node->bits - 1)) && raw < INT64_C(1) << (node->bits - 1);
  return raw >= 0 && raw < INT64_C(1) << node->bits;
}

wf_status wf_asterix_put(wf_asterix_record *r, uint16_t field, int64_t raw) {
  if (field >= ast_node_count || !fits(&ast_nodes[field], raw)) return WF_EINVAL;
  if (r->value_count == WF_ASTERIX_VALUES_MAX) return WF_EFULL;
  const uint16_t root = root_of(field);
  const uint16_t open = r->item_count > 0 ? r->item[r->item_count - 1].field : AST_NONE;
  const bool expands = root == r->expansion && open != AST_NONE && ast_nodes[open].kind == AST_EXPLICIT;
  uint16_t rep = 0;
  if (root == r->expansion && !expands) return WF_EINVAL;
  if (open != root && !expands) {
    if (r->item_count == WF_ASTERIX_ITEMS_MAX) return WF_EFULL;
    r->item[r->item_count++] = (struct wf_asterix_item){root, r->value_count, 0, 0};
  } else if (r->value_count > 0) {
    // Within an item fields ascend, but for the next repetition.
    const wf_asterix_value *last = &r->value[r->value_count - 1];
    const uint16_t parent = ast_nodes[field].parent, owner = parent == AST_NONE ? field : parent;
    const uint8_t kind = ast_nodes[owner].kind;
    const bool repeats = (kind == AST_REPEAT || kind == AST_REPEAT_FX) && field != owner && last->field != owner;
    if (repeats)
      rep = field > last->field ? last->rep : (uint16_t)(last->rep + 1);
    else if (field <= last->field && last->field != open)
      return WF_EINVAL;
  }
  r->value[r->value_count++] = (wf_asterix_value){field, rep, 0, raw};
  return WF_OK;
}

wf_status wf_asterix_put_si(wf_asterix_record *record, uint16_t field, double value) {
  if (field >= ast_node_count) return WF_EINVAL;
  const double raw = value / ast_scales[ast_nodes[field].scale].si;
  if (!(raw > -9e15 && raw < 9e15)) return WF_EINVAL;
  return wf_asterix_put(record, field, (int64_t)(raw < 0 ? raw - 0.5 : raw + 0.5));
}

// ---- Writing ------------------------------------------------------------------------------------------------------
typedef struct pen {
  const wf_asterix_record *record;
  uint16_t next;  // value
  uint8_t *out;
  size_t at, size;
} pen;

static const wf_asterix_value *peek(const pen *p, uint16_t root) {
  if (p->next >= p->record->value_count) return NULL;
  const wf_asterix_value *value = &p->record->value[p->next];
  return ast_within(value->field, root) ? value : NULL;
}

static uint8_t *room(pen *p, size_t size) {
  if (p->size - p->at < size) return NULL;
  uint8_t *out = p->out + p->at;
  memset(out, 0, size);
  p->at += size;
  return out;
}

static void set_bits(uint8_t *out, unsigned bit, unsigned bits, uint64_t raw) {
  for (unsigned i = 0; i < bits; i++)
    if (raw >> (bits - 1 - i) & 1) out[(bit + i) / 8] |= (uint8_t)(0x80u >> (bit + i) % 8);
}

static uint8_t *write_leaves(pen *p, uint16_t first, uint16_t count, uint16_t size, uint16_t rep) {
  uint8_t *out = room(p, size);
  if (out == NULL) return NULL;
  for (uint16_t i = 0; i < count && p->next < p->record->value_count; i++) {
    const ast_leaf *leaf = &ast_leaves[first + i];
    const wf_asterix_value *value = &p->record->value[p->next];
    if (value->field != leaf->node || value->rep != rep) continue;
    set_bits(out, leaf->bit, leaf->bits, (uint64_t)value->raw);
    p->next++;
  }
  return out + size - 1;
}

static wf_status write_node(pen *p, uint16_t field);

static wf_status write_extended(pen *p, const ast_node *node, uint16_t field) {
  for (uint16_t i = 0; i < node->count; i++) {
    const ast_part *part = &ast_parts[node->first + i];
    uint8_t *last = write_leaves(p, part->first, part->count, part->size, 0);
    if (last == NULL) return WF_EFULL;
    if (peek(p, field) == NULL) return WF_OK;
    if (i + 1 == node->count) return WF_EINVAL;
    *last |= 1;
  }
  return WF_OK;
}

static wf_status write_repeat(pen *p, const ast_node *node, uint16_t field) {
  const wf_asterix_value *head = peek(p, field);
  if (head == NULL || head->field != field) return WF_EINVAL;
  const int64_t times = head->raw;
  p->next++;
  if (node->kind == AST_REPEAT) {
    uint8_t *out = room(p, node->bits);
    if (out == NULL) return WF_EFULL;
    set_bits(out, 0, 8u * node->bits, (uint64_t)times);
  }
  for (int64_t i = 0; i < times; i++) {
    uint8_t *last = write_leaves(p, node->first, node->count, node->size, (uint16_t)i);
    if (last == NULL) return WF_EFULL;
    if (node->kind == AST_REPEAT_FX && i + 1 < times) *last |= 1;
  }
  return WF_OK;
}

// Which subfields have values: those lie one behind the other.
static wf_status write_compound(pen *p, const ast_node *node) {
  const bool one = node->flags & AST_ONE_OCTET;
  const unsigned per = one ? 8 : 7;
  uint8_t head[32] = {0};
  unsigned octets = 1;
  pen ahead = *p;
  for (uint16_t i = 0; i < node->count && i / per < sizeof head; i++) {
    const uint16_t sub = ast_subs[node->first + i];
    if (sub == AST_NONE || peek(&ahead, sub) == NULL) continue;
    while (peek(&ahead, sub) != NULL) ahead.next++;
    head[i / per] |= (uint8_t)(0x80u >> i % per);
    octets = i / per + 1;
  }
  uint8_t *out = room(p, octets);
  if (out == NULL) return WF_EFULL;
  memcpy(out, head, octets);
  for (unsigned i = 0; !one && i + 1 < octets; i++) out[i] |= 1;
  wf_status status = WF_OK;
  for (uint16_t i = 0; i < node->count && status == WF_OK; i++)
    if (head[i / per] & 0x80u >> i % per) status = write_node(p, ast_subs[node->first + i]);
  return status;
}

static wf_status write_explicit(pen *p, uint16_t field) {
  const wf_asterix_value *value = peek(p, field);
  if (value == NULL) return WF_EINVAL;
  const size_t begin = p->at;
  if (room(p, 1) == NULL) return WF_EFULL;
  p->next++;
  const uint16_t expansion = p->record->expansion;
  if (expansion != AST_NONE && peek(p, expansion) != NULL) {
    const wf_status status = write_compound(p, &ast_nodes[expansion]);
    if (status != WF_OK) return status;
  } else if (value->raw > 0) {
    if ((uint64_t)value->at + (uint64_t)value->raw > p->record->data.size) return WF_EINVAL;
    uint8_t *out = room(p, (size_t)value->raw);
    if (out == NULL) return WF_EFULL;
    memcpy(out, p->record->data.data + value->at, (size_t)value->raw);
  }
  if (p->at - begin > 255) return WF_EINVAL;
  p->out[begin] = (uint8_t)(p->at - begin);
  return WF_OK;
}

static wf_status write_node(pen *p, uint16_t field) {
  const ast_node *node = &ast_nodes[field];
  switch ((ast_kind)node->kind) {
    case AST_FIXED:
      return write_leaves(p, node->first, node->count, node->size, 0) ? WF_OK : WF_EFULL;
    case AST_EXTENDED:
      return write_extended(p, node, field);
    case AST_REPEAT:
    case AST_REPEAT_FX:
      return write_repeat(p, node, field);
    case AST_COMPOUND:
      return write_compound(p, node);
    case AST_EXPLICIT:
      return write_explicit(p, field);
    case AST_ELEMENT:
    case AST_NESTED:
      break;
  }
  return WF_EINVAL;
}

static const struct ast_uap *uap_of(const wf_asterix_record *r) {
  const wf_asterix_value *v = r->spec->selector == AST_NONE ? NULL : wf_asterix_find(r, r->spec->selector);
  return &r->spec->uap[v != NULL && v->raw == r->spec->second];
}

wf_status wf_asterix_encode(const wf_asterix_record *r, uint8_t *out, size_t size, size_t *length) {
  const struct ast_uap *uap = uap_of(r);
  uint8_t head[16] = {0};
  unsigned octets = 0, frn = 0;
  for (uint16_t i = 0; i < r->item_count; i++) {
    while (frn < uap->count && uap->node[frn] != r->item[i].field) frn++;
    if (frn >= uap->count || frn / 7 >= sizeof head) return WF_EINVAL;  // not in this edition, or out of order
    head[frn / 7] |= (uint8_t)(0x80u >> frn % 7);
    octets = frn / 7 + 1;
    frn++;
  }
  if (octets == 0) return WF_EINVAL;
  pen p = {r, 0, out, 0, size};
  uint8_t *begin = room(&p, octets);
  if (begin == NULL) return WF_EFULL;
  for (unsigned i = 0; i < octets; i++) begin[i] = head[i] | (i + 1 < octets);
  for (uint16_t i = 0; i < r->item_count; i++) {
    p.next = r->item[i].first;
    const wf_status status = write_node(&p, r->item[i].field);
    if (status != WF_OK) return status;
  }
  *length = p.at;
  return WF_OK;
}

wf_status wf_asterix_block(unsigned category, uint8_t *out, size_t length) {
  if (length == 0 || length + 3 > UINT16_MAX || category > 255) return WF_EINVAL;
  out[0] = (uint8_t)category;
  out[1] = (uint8_t)((length + 3) >> 8);
  out[2] = (uint8_t)(length + 3);
  return WF_OK;
}
