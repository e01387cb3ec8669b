// Editions, fields by name, and values in units.
#include <stdio.h>
#include <string.h>

#include "tables.h"

// ---- Editions -----------------------------------------------------------------------------------------------------
void wf_asterix_editions_newest(wf_asterix_editions *out) {
  memset(out->spec, 0, sizeof out->spec);
  memset(out->expansion, 0xff, sizeof out->expansion);  // AST_NONE
  for (size_t i = 0; i < ast_spec_count; i++) out->spec[ast_specs[i].category] = &ast_specs[i];
  for (size_t i = 0; i < ast_expansion_count; i++) out->expansion[ast_expansions[i].category] = ast_expansions[i].root;
}

wf_status wf_asterix_choose(wf_asterix_editions *editions, unsigned category, const char *edition) {
  for (size_t i = 0; i < ast_spec_count; i++)
    if (ast_specs[i].category == category && strcmp(ast_specs[i].edition, edition) == 0) {
      editions->spec[category] = &ast_specs[i];
      return WF_OK;
    }
  return WF_ENOTFOUND;
}

wf_status wf_asterix_choose_expansion(wf_asterix_editions *editions, unsigned category, const char *edition) {
  for (size_t i = 0; i < ast_expansion_count; i++)
    if (ast_expansions[i].category == category && strcmp(ast_expansions[i].edition, edition) == 0) {
      editions->expansion[category] = ast_expansions[i].root;
      return WF_OK;
    }
  return WF_ENOTFOUND;
}

const wf_asterix_spec *wf_asterix_spec_at(size_t index) {
  return index < ast_spec_count ? &ast_specs[index] : NULL;
}
unsigned wf_asterix_category(const wf_asterix_spec *spec) {
  return spec->category;
}
const char *wf_asterix_edition(const wf_asterix_spec *spec) {
  return spec->edition;
}

// ---- Fields -------------------------------------------------------------------------------------------------------
static bool named(uint16_t field, const char *name, size_t length) {
  const char *own = ast_nodes[field].name;
  return own != NULL && strlen(own) == length && memcmp(own, name, length) == 0;
}

static uint16_t item_named(const wf_asterix_spec *spec, const char *name, size_t length) {
  for (int variant = 0; variant < 2; variant++)
    for (uint16_t i = 0; i < spec->uap[variant].count; i++) {
      const uint16_t field = spec->uap[variant].node[i];
      if (field < AST_RANDOM && named(field, name, length)) return field;
    }
  return AST_NONE;
}

static uint16_t below(uint16_t parent, const char *name, size_t length) {
  for (uint32_t i = parent + 1u; i <= ast_nodes[parent].last; i++)
    if (ast_nodes[i].parent == parent && named((uint16_t)i, name, length)) return (uint16_t)i;
  return AST_NONE;
}

uint16_t wf_asterix_field(const wf_asterix_spec *spec, const char *path) {
  uint16_t field = AST_NONE;
  for (bool first = true; *path != '\0'; first = false) {
    const size_t length = strcspn(path, "/");
    field = first ? item_named(spec, path, length) : below(field, path, length);
    if (field == AST_NONE) return AST_NONE;
    path += length + (path[length] == '/');
  }
  return field;
}

const wf_asterix_value *wf_asterix_find(const wf_asterix_record *record, uint16_t field) {
  if (field == WF_ASTERIX_FIELD_NONE) return NULL;
  for (uint16_t i = 0; i < record->value_count; i++)
    if (record->value[i].field == field) return &record->value[i];
  return NULL;
}

double wf_asterix_si(uint16_t field, int64_t raw) {
  return (double)raw * ast_scales[ast_nodes[field].scale].si;
}

double wf_asterix_number(uint16_t field, int64_t raw) {
  const ast_scale *scale = &ast_scales[ast_nodes[field].scale];
  return (double)raw * (double)scale->num / (double)scale->den;
}

const char *wf_asterix_unit(uint16_t field) {
  return ast_scales[ast_nodes[field].scale].unit;
}

// ---- Faults -------------------------------------------------------------------------------------------------------
const char *wf_asterix_fault_name(wf_asterix_fault_kind kind) {
  static const char *const NAMES[WF_ASTERIX_FAULT_COUNT] = {
      "fine",         "short block",      "bad block length", "unknown category",   "record without items",
      "unknown item", "unknown subfield", "truncated item",   "value out of range", "too many values"};
  return (unsigned)kind < WF_ASTERIX_FAULT_COUNT ? NAMES[kind] : "?";
}

// "105/LAT" of a field.
static void path_of(uint16_t field, char *out, size_t size) {
  uint16_t chain[8];
  int depth = 0;
  for (; field != AST_NONE && depth < 8; field = ast_nodes[field].parent) chain[depth++] = field;
  size_t used = 0;
  out[0] = '\0';
  while (depth-- > 0 && used < size) {
    const char *name = ast_nodes[chain[depth]].name;
    if (name != NULL) used += (size_t)snprintf(out + used, size - used, "%s%s", used > 0 ? "/" : "", name);
  }
}

char *wf_asterix_fault_text(const wf_asterix_fault *f, char out[WF_ASTERIX_TEXT_SIZE]) {
  char field[48] = "", path[40];
  if (f->field != AST_NONE) {
    path_of(f->field, path, sizeof path);
    snprintf(field, sizeof field, " I%03u/%s", f->category, path);
  }
  int n =
      snprintf(out, WF_ASTERIX_TEXT_SIZE, "category %03u%s%s%s: %s", f->category, f->spec != NULL ? " edition " : "",
               f->spec != NULL ? f->spec->edition : "", field, wf_asterix_fault_name(f->kind));
  char *rest = out + n;
  const size_t left = (size_t)(WF_ASTERIX_TEXT_SIZE - n);
  if (f->kind == WF_ASTERIX_OUT_OF_RANGE)
    snprintf(rest, left, ": %.10g %s", wf_asterix_number(f->field, f->raw), wf_asterix_unit(f->field));
  else if (f->kind == WF_ASTERIX_UNKNOWN_ITEM || f->kind == WF_ASTERIX_UNKNOWN_SUBFIELD)
    snprintf(rest, left, ": number %lld", (long long)f->raw);
  else if (f->kind == WF_ASTERIX_SHORT_BLOCK || f->kind == WF_ASTERIX_BAD_LENGTH)
    snprintf(rest, left, ": %lld octets", (long long)f->raw);
  return out;
}
