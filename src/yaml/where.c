#include "yaml/where.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct wf_yaml_where {
  yaml_document_t document;
};

static wf_status wf_yaml_syntax_error(const yaml_parser_t *parser, unsigned *line, char *text, size_t text_size) {
  *line = (unsigned)parser->problem_mark.line + 1;
  snprintf(text, text_size, "not YAML: %s", parser->problem ? parser->problem : "cannot be read");
  return parser->error == YAML_MEMORY_ERROR ? WF_ENOMEM : WF_EFORMAT;
}

// The first document; a second one, or none, is an error.
static wf_status wf_yaml_load_single(yaml_parser_t *parser, yaml_document_t *document, unsigned *line, char *text,
                                     size_t text_size) {
  if (!yaml_parser_load(parser, document)) return wf_yaml_syntax_error(parser, line, text, text_size);
  yaml_document_t next;
  if (!yaml_document_get_root_node(document)) {
    yaml_document_delete(document);
    *line = 1;
    snprintf(text, text_size, "the file is empty");
    return WF_EFORMAT;
  }
  wf_status status = WF_OK;
  if (!yaml_parser_load(parser, &next)) {
    status = wf_yaml_syntax_error(parser, line, text, text_size);
  } else {
    if (yaml_document_get_root_node(&next)) {
      *line = (unsigned)yaml_document_get_root_node(&next)->start_mark.line + 1;
      snprintf(text, text_size, "a second YAML document begins here; one is expected");
      status = WF_EFORMAT;
    }
    yaml_document_delete(&next);
  }
  if (status) yaml_document_delete(document);
  return status;
}

wf_status wf_yaml_where_open(const char *yaml, size_t size, wf_yaml_where **out, unsigned *line, char *text,
                             size_t text_size) {
  wf_yaml_where *where = calloc(1, sizeof *where);
  yaml_parser_t parser;
  *out = NULL;
  *line = 0;
  if (!where || !yaml_parser_initialize(&parser)) {
    free(where);
    snprintf(text, text_size, "out of memory");
    return WF_ENOMEM;
  }
  yaml_parser_set_input_string(&parser, (const unsigned char *)yaml, size);
  wf_status status = wf_yaml_load_single(&parser, &where->document, line, text, text_size);
  yaml_parser_delete(&parser);
  if (status) {
    free(where);
    return status;
  }
  *out = where;
  return WF_OK;
}

void wf_yaml_where_close(wf_yaml_where *where) {
  if (!where) return;
  yaml_document_delete(&where->document);
  free(where);
}

// libyaml's accessors take a pointer to non-const but change nothing.
static yaml_document_t *wf_yaml_document(const wf_yaml_where *where) {
  return (yaml_document_t *)(uintptr_t)&where->document;
}

// The pair of a mapping whose key is the first `size` bytes of key; NULL when absent.
static const yaml_node_pair_t *wf_yaml_pair(const wf_yaml_where *where, const yaml_node_t *node, const char *key,
                                            size_t size) {
  if (node->type != YAML_MAPPING_NODE) return NULL;
  for (const yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
    const yaml_node_t *k = yaml_document_get_node(wf_yaml_document(where), p->key);
    if (k && k->type == YAML_SCALAR_NODE && k->data.scalar.length == size &&
        memcmp(k->data.scalar.value, key, size) == 0) {
      return p;
    }
  }
  return NULL;
}

static const yaml_node_t *wf_yaml_item(const wf_yaml_where *where, const yaml_node_t *node, unsigned long index) {
  if (node->type != YAML_SEQUENCE_NODE) return NULL;
  const yaml_node_item_t *start = node->data.sequence.items.start;
  if (index >= (unsigned long)(node->data.sequence.items.top - start)) return NULL;
  return yaml_document_get_node(wf_yaml_document(where), start[index]);
}

unsigned wf_yaml_where_line(const wf_yaml_where *where, const char *path) {
  const yaml_node_t *node = yaml_document_get_root_node(wf_yaml_document(where));
  unsigned line = 1;
  while (node && *path) {
    if (*path == '[') {
      char *end;
      node = wf_yaml_item(where, node, strtoul(path + 1, &end, 10));
      if (node) line = (unsigned)node->start_mark.line + 1;
      path = *end == ']' ? end + 1 : end;
    } else {
      path += *path == '.';
      size_t size = strcspn(path, ".[");
      const yaml_node_pair_t *pair = wf_yaml_pair(where, node, path, size);
      const yaml_node_t *key = pair ? yaml_document_get_node(wf_yaml_document(where), pair->key) : NULL;
      if (key) line = (unsigned)key->start_mark.line + 1;
      node = pair ? yaml_document_get_node(wf_yaml_document(where), pair->value) : NULL;
      path += size;
    }
  }
  return line;
}

unsigned wf_yaml_where_key(const wf_yaml_where *where, const char *key, unsigned line, unsigned column) {
  // Nodes are numbered in the order they were read, so the first match is the first in the text.
  size_t size = strlen(key);
  const yaml_node_t *node;
  unsigned best = 0, best_column = 0;
  for (int id = 1; (node = yaml_document_get_node(wf_yaml_document(where), id)) != NULL; id++) {
    if (node->type != YAML_MAPPING_NODE) continue;
    for (const yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
      const yaml_node_t *k = yaml_document_get_node(wf_yaml_document(where), p->key);
      if (!k || k->type != YAML_SCALAR_NODE || k->data.scalar.length != size ||
          memcmp(k->data.scalar.value, key, size) != 0) {
        continue;
      }
      unsigned at = (unsigned)k->start_mark.line + 1, col = (unsigned)k->start_mark.column + 1;
      bool after = at > line || (at == line && col >= column);
      bool earlier = !best || at < best || (at == best && col < best_column);
      if (after && earlier) best = at, best_column = col;
    }
  }
  return best;
}
