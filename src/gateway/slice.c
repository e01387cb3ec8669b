#include "slice.h"

#include <stdbool.h>
#include <string.h>

#include "state.h"

typedef struct cursor {
  const char *text;
  size_t size, at;
} cursor;

static void skip_space(cursor *c) {
  while (c->at < c->size && strchr(" \t\r\n", c->text[c->at]) && c->text[c->at]) c->at++;
}

static bool take(cursor *c, char wanted) {
  skip_space(c);
  if (c->at >= c->size || c->text[c->at] != wanted) return false;
  c->at++;
  return true;
}

static bool skip_string(cursor *c) {
  if (!take(c, '"')) return false;
  while (c->at < c->size && c->text[c->at] != '"') c->at += c->text[c->at] == '\\' ? 2 : 1;
  if (c->at >= c->size) return false;
  c->at++;
  return true;
}

// Any value: a string, a bracketed one (brackets inside strings do not count), or a bare word up to , ] } or space.
static bool skip_value(cursor *c) {
  skip_space(c);
  if (c->at >= c->size) return false;
  if (c->text[c->at] == '"') return skip_string(c);
  size_t depth = 0;
  do {
    if (c->at >= c->size) return false;
    char here = c->text[c->at];
    if (here == '"') {
      if (!skip_string(c)) return false;
      continue;
    }
    if (here == '{' || here == '[') depth++;
    if (here == '}' || here == ']') {
      if (depth == 0) return true;
      depth--;
    }
    c->at++;
  } while (depth > 0 || (c->at < c->size && !strchr(",]} \t\r\n", c->text[c->at])));
  return true;
}

static bool take_key(cursor *c, const char **name, size_t *size) {
  skip_space(c);
  size_t from = c->at + 1;
  if (!skip_string(c)) return false;
  *name = c->text + from;
  *size = c->at - 1 - from;
  return take(c, ':');
}

static bool name_is_plain(const char *name, size_t size) {
  if (size == 0 || size >= WF_GATEWAY_SECTION_NAME) return false;
  for (size_t i = 0; i < size; i++)
    if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= '0' && name[i] <= '9') || name[i] == '_')) return false;
  return true;
}

static wf_status slice_object(cursor *c, wf_gateway_slice *out, size_t max, size_t *count) {
  if (!take(c, '{')) return WF_EFORMAT;
  skip_space(c);
  if (take(c, '}')) return WF_OK;
  do {
    const char *name;
    size_t size;
    if (!take_key(c, &name, &size) || !name_is_plain(name, size)) return WF_EFORMAT;
    skip_space(c);
    size_t from = c->at;
    if (!skip_value(c) || c->at == from) return WF_EFORMAT;
    if (*count == max) return WF_EFULL;
    out[(*count)++] = (wf_gateway_slice){name, size, c->text + from, c->at - from};
  } while (take(c, ','));
  return take(c, '}') ? WF_OK : WF_EFORMAT;
}

wf_status wf_gateway_slice_sections(const char *text, size_t size, wf_gateway_slice *out, size_t max, size_t *count) {
  cursor c = {text, size, 0};
  *count = 0;
  if (!take(&c, '{')) return WF_EFORMAT;
  do {
    const char *name;
    size_t name_size;
    if (!take_key(&c, &name, &name_size)) return WF_EFORMAT;
    if (name_size == 5 && memcmp(name, "state", 5) == 0) return slice_object(&c, out, max, count);
    if (!skip_value(&c)) return WF_EFORMAT;
  } while (take(&c, ','));
  return WF_EFORMAT;
}
