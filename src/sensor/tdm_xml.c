#include <libxml/xmlreader.h>
#include <stdio.h>
#include <string.h>

#include "tdm_state.h"

enum { DEPTH_MAX = 8, VALUE_MAX = 8192 };

typedef struct xml {
  tdm_state *s;
  xmlTextReader *reader;
  char path[DEPTH_MAX][48];
  int depth;
  char value[VALUE_MAX];
  size_t length;
  char epoch[64], keyword[48];
  wf_status status;
} xml;

static const char *parent(const xml *x) {
  return x->depth >= 2 ? x->path[x->depth - 2] : "";
}

static wf_status start_element(xml *x) {
  const char *name = x->path[x->depth - 1];
  if (x->depth == 1) {
    if (strcmp(name, "tdm") != 0) return tdm_refuse(x->s, "<%.40s> is no TDM", name);
    xmlChar *version = xmlTextReaderGetAttribute(x->reader, (const xmlChar *)"version");
    const wf_status status = tdm_version(x->s, version != NULL ? (const char *)version : "");
    xmlFree(version);
    return status;
  }
  if (strcmp(name, "metadata") == 0) return tdm_meta_start(x->s);
  if (strcmp(name, "data") == 0) return tdm_data_start(x->s);
  if (strcmp(name, "observation") == 0) x->epoch[0] = x->keyword[0] = '\0';
  return WF_OK;
}

static wf_status end_observation(xml *x) {
  if (x->keyword[0] == '\0') return tdm_refuse(x->s, "an observation without a value");
  return WF_OK;
}

static wf_status in_observation(xml *x, const char *name) {
  if (strcmp(name, "EPOCH") == 0) {
    snprintf(x->epoch, sizeof x->epoch, "%.60s", x->value);
    return WF_OK;
  }
  if (x->epoch[0] == '\0') return tdm_refuse(x->s, "%.40s: an observation without an EPOCH before it", name);
  if (x->keyword[0] != '\0') return tdm_refuse(x->s, "%.40s: a second value in one observation", name);
  snprintf(x->keyword, sizeof x->keyword, "%s", name);
  return tdm_data(x->s, name, x->epoch, x->value);
}

static void trim(xml *x) {
  while (x->length > 0 && strchr(" \t\r\n", x->value[x->length - 1]) != NULL) x->value[--x->length] = '\0';
  const size_t skip = strspn(x->value, " \t\r\n");
  memmove(x->value, x->value + skip, x->length - skip + 1);
}

static wf_status end_element(xml *x) {
  const char *name = x->path[x->depth - 1], *above = parent(x);
  trim(x);
  if (strcmp(name, "COMMENT") == 0) return WF_OK;
  if (strcmp(above, "header") == 0) return tdm_header(x->s, name, x->value);
  if (strcmp(above, "metadata") == 0) return tdm_meta(x->s, name, x->value);
  if (strcmp(above, "observation") == 0) return in_observation(x, name);
  if (strcmp(name, "metadata") == 0) return tdm_meta_stop(x->s);
  if (strcmp(name, "data") == 0) return tdm_data_stop(x->s);
  if (strcmp(name, "observation") == 0) return end_observation(x);
  const bool known =
      x->depth == 1 || strcmp(name, "header") == 0 || strcmp(name, "body") == 0 || strcmp(name, "segment") == 0;
  return known ? WF_OK : tdm_refuse(x->s, "<%.40s> where it cannot be", name);
}

static wf_status open_element(xml *x) {
  const char *name = (const char *)xmlTextReaderConstLocalName(x->reader);
  if (x->depth == DEPTH_MAX || strlen(name) >= sizeof x->path[0])
    return tdm_refuse(x->s, "<%.40s> is no element of a TDM", name);
  snprintf(x->path[x->depth++], sizeof x->path[0], "%s", name);
  x->length = 0;
  x->value[0] = '\0';
  wf_status status = start_element(x);
  if (status == WF_OK && xmlTextReaderIsEmptyElement(x->reader)) {
    status = end_element(x);
    x->depth--;
  }
  return status;
}

static wf_status add_text(xml *x) {
  const char *text = (const char *)xmlTextReaderConstValue(x->reader);
  const size_t size = text != NULL ? strlen(text) : 0;
  if (size >= sizeof x->value - x->length) return tdm_refuse(x->s, "a value longer than %d characters", VALUE_MAX - 1);
  memcpy(x->value + x->length, text != NULL ? text : "", size + 1);
  x->length += size;
  return WF_OK;
}

static wf_status step(xml *x) {
  const long line = xmlGetLineNo(xmlTextReaderCurrentNode(x->reader));  // the parser itself reads ahead
  if (line > 0) x->s->line = (unsigned)line;
  wf_status status;
  switch (xmlTextReaderNodeType(x->reader)) {
    case XML_READER_TYPE_DOCUMENT_TYPE:
      return tdm_refuse(x->s, "a DOCTYPE is refused: nothing outside the message is read");
    case XML_READER_TYPE_ENTITY_REFERENCE:
      return tdm_refuse(x->s, "an entity is refused");
    case XML_READER_TYPE_ELEMENT:
      return open_element(x);
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
      return add_text(x);
    case XML_READER_TYPE_END_ELEMENT:
      status = end_element(x);
      x->depth--;
      x->length = 0;
      x->value[0] = '\0';
      return status;
    default:
      return WF_OK;
  }
}

// The first thing the parser complains of is what is wrong.
static void on_error(void *context, xmlErrorPtr error) {
  xml *x = context;
  if (x->status != WF_OK) return;
  x->s->line = error->line > 0 ? (unsigned)error->line : 1;
  const char *message = error->message != NULL ? error->message : "malformed";
  x->status = tdm_refuse(x->s, "XML: %.*s", (int)strcspn(message, "\n"), message);
}

wf_status tdm_read_xml(tdm_state *s, wf_bytes text) {
  const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES;
  xml x = {.s = s};
  s->line = 1;
  if (text.size > 64u << 20) return tdm_refuse(s, "longer than 64 MiB");
  x.reader = xmlReaderForMemory((const char *)text.data, (int)text.size, NULL, NULL, options);
  if (x.reader == NULL) return WF_ENOMEM;
  xmlTextReaderSetStructuredErrorHandler(x.reader, on_error, &x);
  int more = 1;
  while (x.status == WF_OK && (more = xmlTextReaderRead(x.reader)) == 1) {
    const wf_status status = step(&x);
    if (x.status == WF_OK) x.status = status;
  }
  if (x.status == WF_OK && more < 0) x.status = tdm_refuse(s, "XML: malformed");
  xmlFreeTextReader(x.reader);
  return x.status == WF_OK ? tdm_end(s) : x.status;
}
