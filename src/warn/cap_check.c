// A CAP 1.2 message held against the rules of cap_rules.c. The schema is a table below, walked once.
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <string.h>

#include "cap_rules.h"

#define CAP_NAMESPACE "urn:oasis:names:tc:emergency:cap:1.2"
#define SIGNATURE_NAMESPACE "http://www.w3.org/2000/09/xmldsig#"
#define XSI_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"

// ---- The schema (CAP-v1.2.xsd): elements in their order -----------------------------------------------------------
typedef enum field_kind { TEXT, TIME, CHOICE, LANGUAGE, URI, INTEGER, DECIMAL, GROUP } field_kind;

typedef struct field {
  const char *name;
  bool required, many;
  field_kind kind;
  const char *words;           // CHOICE: " One Two "
  const struct field *inside;  // GROUP: ends with a row without a name
} field;

static const field PAIR[] = {{"valueName", true, false, TEXT}, {"value", true, false, TEXT}, {0}};

static const field AREA[] = {{"areaDesc", true, false, TEXT},
                             {"polygon", false, true, TEXT},
                             {"circle", false, true, TEXT},
                             {"geocode", false, true, GROUP, NULL, PAIR},
                             {"altitude", false, false, DECIMAL},
                             {"ceiling", false, false, DECIMAL},
                             {0}};

static const field RESOURCE[] = {{"resourceDesc", true, false, TEXT},
                                 {"mimeType", true, false, TEXT},
                                 {"size", false, false, INTEGER},
                                 {"uri", false, false, URI},
                                 {"derefUri", false, false, TEXT},
                                 {"digest", false, false, TEXT},
                                 {0}};

static const field INFO[] = {
    {"language", false, false, LANGUAGE},
    {"category", true, true, CHOICE, " Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other "},
    {"event", true, false, TEXT},
    {"responseType", false, true, CHOICE, " Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None "},
    {"urgency", true, false, CHOICE, " Immediate Expected Future Past Unknown "},
    {"severity", true, false, CHOICE, " Extreme Severe Moderate Minor Unknown "},
    {"certainty", true, false, CHOICE, " Observed Likely Possible Unlikely Unknown "},
    {"audience", false, false, TEXT},
    {"eventCode", false, true, GROUP, NULL, PAIR},
    {"effective", false, false, TIME},
    {"onset", false, false, TIME},
    {"expires", false, false, TIME},
    {"senderName", false, false, TEXT},
    {"headline", false, false, TEXT},
    {"description", false, false, TEXT},
    {"instruction", false, false, TEXT},
    {"web", false, false, URI},
    {"contact", false, false, TEXT},
    {"parameter", false, true, GROUP, NULL, PAIR},
    {"resource", false, true, GROUP, NULL, RESOURCE},
    {"area", false, true, GROUP, NULL, AREA},
    {0}};

static const field ALERT[] = {{"identifier", true, false, TEXT},
                              {"sender", true, false, TEXT},
                              {"sent", true, false, TIME},
                              {"status", true, false, CHOICE, " Actual Exercise System Test Draft "},
                              {"msgType", true, false, CHOICE, " Alert Update Cancel Ack Error "},
                              {"source", false, false, TEXT},
                              {"scope", true, false, CHOICE, " Public Restricted Private "},
                              {"restriction", false, false, TEXT},
                              {"addresses", false, false, TEXT},
                              {"code", false, true, TEXT},
                              {"note", false, false, TEXT},
                              {"references", false, false, TEXT},
                              {"incidents", false, false, TEXT},
                              {"info", false, true, GROUP, NULL, INFO},
                              {0}};

// ---- Walking it ---------------------------------------------------------------------------------------------------
static bool in_namespace(const xmlNode *node, const char *namespace) {
  return node->ns != NULL && node->ns->href != NULL && strcmp((const char *)node->ns->href, namespace) == 0;
}

static const char *name_of(const xmlNode *node) {
  return (const char *)node->name;
}

static void check_attributes(cap_findings *f, const xmlNode *node) {
  for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
    const char *name = (const char *)a->name;
    const bool location = strcmp(name, "schemaLocation") == 0 || strcmp(name, "noNamespaceSchemaLocation") == 0;
    if (!location || a->ns == NULL || strcmp((const char *)a->ns->href, XSI_NAMESPACE) != 0)
      cap_found(f, CAP_ATTRIBUTE, node, "<%.40s> has an attribute '%.40s'", name_of(node), name);
  }
}

static bool is_word(const char *text, const char *words) {
  const size_t length = strlen(text);
  if (length == 0 || strchr(text, ' ') != NULL) return false;
  const char *at = strstr(words, text);
  while (at != NULL && (at[-1] != ' ' || at[length] != ' ')) at = strstr(at + 1, text);
  return at != NULL;
}

static void check_typed(cap_findings *f, const xmlNode *node, const field *is, char *text) {
  if (is->kind == CHOICE) {  // blanks count here
    if (!is_word(text, is->words))
      cap_found(f, CAP_CHOICE, node, "%s: '%.40s' is not in the list", name_of(node), text);
    return;
  }
  text = cap_trim(text);
  if (is->kind == TIME) cap_check_time(f, node, text, NULL);
  if (is->kind == LANGUAGE && *text != '\0' && !cap_is_language(text))
    cap_found(f, CAP_LANGUAGE, node, "'%.40s' is not a language tag", text);
  if ((is->kind == INTEGER && !cap_is_integer(text)) || (is->kind == DECIMAL && !cap_is_decimal(text)))
    cap_found(f, CAP_NUMBER, node, "%s: '%.40s' is not a number", name_of(node), text);
  if (is->kind == URI && !cap_is_uri(text))
    cap_found(f, CAP_URI, node, "%s: '%.40s' is not an address", name_of(node), text);
}

static void check_value(cap_findings *f, const xmlNode *node, const field *is) {
  for (const xmlNode *c = node->children; c != NULL; c = c->next)
    if (c->type == XML_ELEMENT_NODE || c->type == XML_ENTITY_REF_NODE) {
      cap_found(f, CAP_CONTENT, c, "<%.40s> holds an element", name_of(node));
      return;
    }
  xmlChar *text = xmlNodeGetContent(node);
  if (text != NULL && is->kind != TEXT) check_typed(f, node, is, (char *)text);
  xmlFree(text);
}

// Steps from the row the sequence has come to up to the row of this element; -1 when it is not to come any more.
static int step_to(cap_findings *f, const xmlNode *parent, const xmlNode *node, const field *rows, int from, int seen) {
  int to = from;
  while (rows[to].name != NULL && strcmp(rows[to].name, name_of(node)) != 0) to++;
  if (rows[to].name == NULL || !in_namespace(node, CAP_NAMESPACE)) {
    cap_found(f, CAP_EXPECTED, node, "<%.40s> is not expected here in <%.40s>", name_of(node), name_of(parent));
    return -1;
  }
  if (to == from && seen > 0 && !rows[to].many) {
    cap_found(f, CAP_ONCE, node, "<%s> is repeated", rows[to].name);
    return -1;
  }
  for (int i = from; i < to; i++)
    if (rows[i].required && (i > from || seen == 0))
      cap_found(f, CAP_REQUIRED, node, "<%s> is missing in <%.40s>", rows[i].name, name_of(parent));
  return to;
}

static bool is_blank_text(const xmlNode *node) {
  return node->content == NULL || strspn((const char *)node->content, " \t\r\n") == strlen((const char *)node->content);
}

// Recursion ends with the table: alert, info, area, geocode.
static void check_group(cap_findings *f, const xmlNode *parent, const field *rows) {
  int row = 0, seen = 0;
  bool closed = false;
  check_attributes(f, parent);
  for (const xmlNode *node = parent->children; node != NULL; node = node->next) {
    if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE) continue;
    if (node->type != XML_ELEMENT_NODE) {
      if (!is_blank_text(node)) cap_found(f, CAP_CONTENT, parent, "<%.40s> holds text", name_of(parent));
      continue;
    }
    if (rows == ALERT && in_namespace(node, SIGNATURE_NAMESPACE)) {
      closed = true;
      continue;
    }
    const int to = closed ? -1 : step_to(f, parent, node, rows, row, seen);
    if (closed) cap_found(f, CAP_EXPECTED, node, "<%.40s> after the signature", name_of(node));
    if (to < 0) return;
    seen = to == row ? seen + 1 : 1;
    row = to;
    if (rows[row].kind == GROUP) {
      check_group(f, node, rows[row].inside);
    } else {
      check_attributes(f, node);
      check_value(f, node, &rows[row]);
    }
  }
  for (int i = row; rows[i].name != NULL; i++)
    if (rows[i].required && (i > row || seen == 0))
      cap_found(f, CAP_REQUIRED, parent, "<%s> is missing in <%.40s>", rows[i].name, name_of(parent));
}

// ---- What the schema does not say -----------------------------------------------------------------------------------
static const xmlNode *child(const xmlNode *parent, const char *name) {
  for (const xmlNode *n = parent->children; n != NULL; n = n->next)
    if (n->type == XML_ELEMENT_NODE && strcmp(name_of(n), name) == 0) return n;
  return NULL;
}

// Text of a child, trimmed; "" when it is not there. To be freed through *keep.
static const char *text_of(const xmlNode *node, xmlChar **keep) {
  *keep = node != NULL ? xmlNodeGetContent(node) : NULL;
  return *keep != NULL ? cap_trim((char *)*keep) : "";
}

static bool says(const xmlNode *parent, const char *name, const char *word) {
  xmlChar *keep;
  const bool same = strcmp(text_of(child(parent, name), &keep), word) == 0;
  xmlFree(keep);
  return same;
}

static void with_text(cap_findings *f, const xmlNode *node,
                      void (*check)(cap_findings *, const xmlNode *, const char *)) {
  xmlChar *keep;
  const char *text = text_of(node, &keep);
  if (node != NULL) check(f, node, text);
  xmlFree(keep);
}

static void check_identifier(cap_findings *f, const xmlNode *node, const char *text) {
  cap_check_name(f, node, text, CAP_IDENTIFIER);
}
static void check_sender(cap_findings *f, const xmlNode *node, const char *text) {
  cap_check_name(f, node, text, CAP_SENDER);
}
static void check_filled(cap_findings *f, const xmlNode *node, const char *text) {
  if (*text == '\0') cap_found(f, CAP_EMPTY, node, "%s is empty", name_of(node));
}

static void check_envelope(cap_findings *f, const xmlNode *alert) {
  static const char *const NEED[] = {"Update", "Cancel", "Ack", "Error"};
  with_text(f, child(alert, "identifier"), check_identifier);
  with_text(f, child(alert, "sender"), check_sender);
  for (int i = 0; i < 4; i++)
    if (says(alert, "references", "") && says(alert, "msgType", NEED[i]))
      cap_found(f, CAP_REFERENCES, alert, "msgType %s without references", NEED[i]);
  with_text(f, child(alert, "references"), cap_check_references);
  if (says(alert, "scope", "Restricted") && says(alert, "restriction", ""))
    cap_found(f, CAP_RESTRICTION, alert, "scope Restricted without restriction");
  if (says(alert, "scope", "Private") && says(alert, "addresses", ""))
    cap_found(f, CAP_ADDRESSES, alert, "scope Private without addresses");
}

static wf_time time_of(cap_findings *f, const xmlNode *node) {
  xmlChar *keep;
  wf_time time;
  const char *text = text_of(node, &keep);
  cap_check_time(f, node, text, &time);
  xmlFree(keep);
  return time;
}

static void check_area(cap_findings *f, const xmlNode *area) {
  with_text(f, child(area, "areaDesc"), check_filled);
  for (const xmlNode *n = area->children; n != NULL; n = n->next) {
    if (n->type != XML_ELEMENT_NODE) continue;
    if (strcmp(name_of(n), "polygon") == 0) with_text(f, n, cap_check_polygon);
    if (strcmp(name_of(n), "circle") == 0) with_text(f, n, cap_check_circle);
  }
  const xmlNode *ceiling = child(area, "ceiling"), *altitude = child(area, "altitude");
  if (ceiling == NULL) return;
  if (altitude == NULL) {
    cap_found(f, CAP_CEILING, ceiling, "ceiling without altitude");
    return;
  }
  xmlChar *low, *high;
  const double low_ft = xmlXPathCastStringToNumber((const xmlChar *)text_of(altitude, &low));
  const double high_ft = xmlXPathCastStringToNumber((const xmlChar *)text_of(ceiling, &high));
  if (high_ft < low_ft) cap_found(f, CAP_CEILING, ceiling, "ceiling is below altitude");
  xmlFree(low);
  xmlFree(high);
}

static void check_info(cap_findings *f, const xmlNode *info, wf_time sent) {
  with_text(f, child(info, "event"), check_filled);
  const xmlNode *expires = child(info, "expires");
  if (expires != NULL && !wf_time_before(sent, time_of(f, expires)))
    cap_found(f, CAP_EXPIRES, expires, "expires is not after sent");
  for (const xmlNode *n = info->children; n != NULL; n = n->next)
    if (n->type == XML_ELEMENT_NODE && strcmp(name_of(n), "area") == 0) check_area(f, n);
}

static void check_meaning(cap_findings *f, const xmlNode *alert) {
  check_envelope(f, alert);
  const wf_time sent = time_of(f, child(alert, "sent"));
  for (const xmlNode *n = alert->children; n != NULL; n = n->next)
    if (n->type == XML_ELEMENT_NODE && strcmp(name_of(n), "info") == 0) check_info(f, n, sent);
}

// ---- Parsing --------------------------------------------------------------------------------------------------------
// A document type is refused as soon as it begins: no entity is ever declared, expanded or fetched.
static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external, const xmlChar *system) {
  xmlParserCtxt *parser = context;
  cap_found(parser->_private, CAP_NO_DOCTYPE, NULL, "the message declares a document type");
  xmlStopParser(parser);
}

static xmlDoc *parse(cap_findings *f, const char *xml, size_t size) {
  xmlParserCtxt *parser = xmlNewParserCtxt();
  if (parser == NULL) {
    cap_found(f, CAP_SIZE, NULL, "no memory to read the message");
    return NULL;
  }
  parser->_private = f;
  parser->sax->internalSubset = refuse_doctype;
  parser->sax->externalSubset = NULL;
  xmlDoc *doc = xmlCtxtReadMemory(parser, xml, (int)size, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES);
  if (f->verdict == WF_CAP_ACCEPT && (doc == NULL || !parser->wellFormed || !parser->nsWellFormed)) {
    const xmlError *e = xmlCtxtGetLastError(parser);
    char message[100];
    snprintf(message, sizeof message, "%s", e != NULL && e->message != NULL ? e->message : "not XML");
    cap_trim(message);
    cap_found(f, CAP_WELL_FORMED, NULL, "line %d: %s", e != NULL ? e->line : 0, message);
  }
  xmlFreeParserCtxt(parser);
  return doc;
}

static void check_document(cap_findings *f, const xmlDoc *doc) {
  const xmlNode *root = xmlDocGetRootElement(doc);
  if (root == NULL || strcmp(name_of(root), "alert") != 0 || !in_namespace(root, CAP_NAMESPACE)) {
    cap_found(f, CAP_ROOT, root, "the root is not an alert of CAP 1.2");
    return;
  }
  check_group(f, root, ALERT);
  if (f->verdict != WF_CAP_REJECT) check_meaning(f, root);
}

wf_cap_verdict wf_cap_check(const char *xml, size_t size, char rule[48], char detail[160]) {
  cap_findings f = {.verdict = WF_CAP_ACCEPT};
  if (size == 0 || size > WF_CAP_CHECK_MAX) {
    cap_found(&f, CAP_SIZE, NULL, size == 0 ? "the message is empty" : "the message is larger than 1 MiB");
  } else {
    xmlDoc *doc = parse(&f, xml, size);
    if (f.verdict == WF_CAP_ACCEPT) check_document(&f, doc);
    xmlFreeDoc(doc);
  }
  const wf_cap_rule *rules;
  wf_cap_rules(&rules);
  rule[0] = '\0';
  if (f.verdict != WF_CAP_ACCEPT) snprintf(rule, 48, "%u-%s", rules[f.rule - 1].number, rules[f.rule - 1].name);
  memcpy(detail, f.detail, sizeof f.detail);
  return f.verdict;
}
