#include "sensor/quakeml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fmath.h"

enum { TEXT_MAX = 32 << 20 };

// ---- Reading the tree ---------------------------------------------------------------------------------------------
// Names without their namespaces: those of old versions differ, the words do not.
static xmlNode *child(const xmlNode *node, const char *name) {
  for (xmlNode *n = node != NULL ? node->children : NULL; n != NULL; n = n->next)
    if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0) return n;
  return NULL;
}

static xmlNode *following(const xmlNode *node) {
  for (xmlNode *n = node->next; n != NULL; n = n->next)
    if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, (const char *)node->name) == 0) return n;
  return NULL;
}

// Without the spaces around it, cut to whole characters.
static void copy(const xmlChar *from, char *out, size_t size) {
  const char *text = from != NULL ? (const char *)from : "";
  text += strspn(text, " \t\r\n");
  size_t length = strcspn(text, "\r\n");
  while (length > 0 && strchr(" \t", text[length - 1]) != NULL) length--;
  if (length >= size)
    for (length = size - 1; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;) length--;
  memcpy(out, text, length);
  out[length] = '\0';
}

static void text_of(const xmlNode *node, char *out, size_t size) {
  xmlChar *content = node != NULL ? xmlNodeGetContent(node) : NULL;
  copy(content, out, size);
  xmlFree(content);
}

static void attribute(const xmlNode *node, const char *name, char *out, size_t size) {
  xmlChar *value = xmlGetProp(node, (const xmlChar *)name);
  copy(value, out, size);
  xmlFree(value);
}

static bool number_of(const xmlNode *node, const char *name, double *out) {
  char text[64];
  text_of(child(node, name), text, sizeof text);
  return wf_ccsds_number(text, out) == WF_OK;
}

// <what><value>…</value><uncertainty>…</uncertainty></what>
static bool quantity(const xmlNode *parent, const char *what, double *value, double *sigma) {
  const xmlNode *node = child(parent, what);
  if (node == NULL || !number_of(node, "value", value)) return false;
  if (!number_of(node, "uncertainty", sigma) || *sigma < 0) *sigma = 0;
  return true;
}

static bool time_of(const xmlNode *origin, wf_time *out) {
  char text[64], zoned[72];
  text_of(child(child(origin, "time"), "value"), text, sizeof text);
  if (wf_time_parse(text, out) == WF_OK) return true;
  snprintf(zoned, sizeof zoned, "%sZ", text);  // without a zone: UTC, as the standard has it
  return wf_time_parse(zoned, out) == WF_OK;
}

// The one the event prefers, else the first.
static xmlNode *preferred(const xmlNode *event, const char *what, const char *by) {
  char wanted[WF_SEISMIC_ID_SIZE], id[WF_SEISMIC_ID_SIZE];
  text_of(child(event, by), wanted, sizeof wanted);
  xmlNode *first = child(event, what);
  for (xmlNode *n = first; n != NULL && wanted[0] != '\0'; n = following(n)) {
    attribute(n, "publicID", id, sizeof id);
    if (strcmp(id, wanted) == 0) return n;
  }
  return first;
}

static void read_place(const xmlNode *origin, wf_seismic_event *e) {
  double lat, lon, lat_sigma, lon_sigma;
  e->has_time = time_of(origin, &e->time);
  e->has_place = quantity(origin, "latitude", &lat, &lat_sigma) && quantity(origin, "longitude", &lon, &lon_sigma) &&
                 fabs(lat) <= 90 && fabs(lon) <= 360;
  if (e->has_place) {
    e->lat_rad = lat * WF_DEG;
    e->lon_rad = wf_wrap_pi(lon * WF_DEG);
    if (!number_of(child(origin, "originUncertainty"), "horizontalUncertainty", &e->horizontal_sigma_m))
      e->horizontal_sigma_m = 111e3 * (lat_sigma > lon_sigma ? lat_sigma : lon_sigma);
  }
  e->has_depth = quantity(origin, "depth", &e->depth_m, &e->depth_sigma_m) && e->depth_m > -1e4 && e->depth_m < 1e6;
  e->depth_doubtful = e->has_depth && e->depth_m > 0 && e->depth_m < 800;
}

static void read_event(const xmlNode *node, wf_seismic_event *e) {
  const xmlNode *origin = preferred(node, "origin", "preferredOriginID");
  const xmlNode *magnitude = preferred(node, "magnitude", "preferredMagnitudeID");
  *e = (wf_seismic_event){.id = ""};
  attribute(node, "publicID", e->id, sizeof e->id);
  text_of(child(node, "type"), e->type, sizeof e->type);
  for (char *c = e->type; *c != '\0'; c++) *c = *c == '_' ? ' ' : *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
  if (strcmp(e->type, "null") == 0) e->type[0] = '\0';
  const xmlNode *info = child(origin, "creationInfo");
  text_of(child(info, "agencyID") ? child(info, "agencyID") : child(info, "author"), e->agency, sizeof e->agency);
  if (origin != NULL) read_place(origin, e);
  e->has_magnitude = magnitude != NULL && quantity(magnitude, "mag", &e->magnitude, &e->magnitude_sigma) &&
                     e->magnitude > -5 && e->magnitude < 12;
  text_of(child(magnitude, "type"), e->magnitude_type, sizeof e->magnitude_type);
}

static wf_status refuse(wf_ccsds_fault *fault, long line, const char *what) {
  fault->line = line > 0 ? (unsigned)line : 1;
  snprintf(fault->reason, sizeof fault->reason, "%.*s", (int)strcspn(what, "\n"), what);
  return WF_EFORMAT;
}

wf_status wf_quakeml_read(wf_bytes text, wf_seismic_visitor *visit, void *context, wf_ccsds_fault *fault) {
  if (text.size > TEXT_MAX) return refuse(fault, 1, "longer than 32 MiB");
  xmlParserCtxt *parser = xmlNewParserCtxt();
  if (parser == NULL) return WF_ENOMEM;
  const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  xmlDoc *doc = xmlCtxtReadMemory(parser, (const char *)text.data, (int)text.size, NULL, NULL, options);
  wf_status status = WF_OK;
  const xmlNode *root = doc != NULL ? xmlDocGetRootElement(doc) : NULL;
  if (root == NULL)
    status = refuse(fault, parser->lastError.line,
                    parser->lastError.message != NULL ? parser->lastError.message : "not XML");
  else if (doc->intSubset != NULL)
    status = refuse(fault, 1, "a DOCTYPE is refused: nothing outside the message is read");
  else if (strcmp((const char *)root->name, "quakeml") != 0)
    status = refuse(fault, xmlGetLineNo(root), "is no QuakeML");
  for (const xmlNode *p = status == WF_OK ? child(root, "eventParameters") : NULL; p != NULL; p = following(p))
    for (const xmlNode *n = child(p, "event"); n != NULL; n = following(n)) {
      wf_seismic_event event;
      read_event(n, &event);
      visit(context, &event);
    }
  xmlFreeDoc(doc);
  xmlFreeParserCtxt(parser);
  return status;
}
