#include "cap_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// "schema": OASIS CAP-v1.2.xsd; "text": the prose of CAP 1.2 (section 3.2), which the schema cannot say; "ours":
// stricter than the standard, because the message would do harm or cannot be acted on.
static const wf_cap_rule RULES[] = {
    {CAP_SIZE, "size", WF_CAP_REJECT, "ours: between 1 byte and 1 MiB"},
    {CAP_NO_DOCTYPE, "no-doctype", WF_CAP_REJECT, "ours: no document type, no entities; nothing is ever fetched"},
    {CAP_WELL_FORMED, "well-formed", WF_CAP_REJECT, "XML: well-formed, namespaces declared"},
    {CAP_ROOT, "root", WF_CAP_REJECT, "schema: the root is <alert> of urn:oasis:names:tc:emergency:cap:1.2"},
    {CAP_EXPECTED, "expected-element", WF_CAP_REJECT, "schema: known elements only, in the schema's order"},
    {CAP_REQUIRED, "required-element", WF_CAP_REJECT, "schema: required elements are there"},
    {CAP_ONCE, "repeated-element", WF_CAP_REJECT, "schema: elements that may come once come once"},
    {CAP_ATTRIBUTE, "attribute", WF_CAP_REJECT, "schema: no attributes but xsi:schemaLocation"},
    {CAP_CONTENT, "content", WF_CAP_REJECT, "schema: text only where text belongs, elements only where they belong"},
    {CAP_CHOICE, "choice", WF_CAP_REJECT, "schema: status, msgType, scope, category, … are words of their lists"},
    {CAP_TIME, "time", WF_CAP_REJECT, "schema: YYYY-MM-DDThh:mm:ss with a numeric zone; no Z, no fractions"},
    {CAP_LANGUAGE, "language", WF_CAP_REJECT, "schema: language is a language tag"},
    {CAP_NUMBER, "number", WF_CAP_REJECT, "schema: size is an integer, altitude and ceiling are decimals"},
    {CAP_URI, "uri", WF_CAP_REJECT, "schema: web and uri are addresses"},
    {CAP_IDENTIFIER, "identifier", WF_CAP_REJECT, "text: identifier is not empty; no blank, comma, < or &"},
    {CAP_SENDER, "sender", WF_CAP_REJECT, "text: sender is not empty; no blank, comma, < or &"},
    {CAP_ZONE, "utc-zone", WF_CAP_WARN, "text: UTC is written -00:00, not +00:00"},
    {CAP_REFERENCES, "references-missing", WF_CAP_REJECT, "text: Update, Cancel, Ack and Error have references"},
    {CAP_REFERENCES_FORM, "references-form", WF_CAP_REJECT, "text: references are triplets sender,identifier,sent"},
    {CAP_RESTRICTION, "restriction-missing", WF_CAP_REJECT, "text: scope Restricted has a restriction"},
    {CAP_ADDRESSES, "addresses-missing", WF_CAP_REJECT, "text: scope Private has addresses"},
    {CAP_EXPIRES, "expires", WF_CAP_REJECT, "ours: expires is after sent"},
    {CAP_POLYGON_FORM, "polygon-form", WF_CAP_REJECT, "text: polygon is a list of lat,lon pairs"},
    {CAP_POLYGON_POINTS, "polygon-points", WF_CAP_REJECT, "text: polygon has four pairs or more"},
    {CAP_POLYGON_CLOSED, "polygon-closed", WF_CAP_REJECT,
     "text: the first and the last pair of a polygon are the same"},
    {CAP_POLYGON_RANGE, "polygon-range", WF_CAP_REJECT, "text: latitudes within ±90, longitudes within ±180 degrees"},
    {CAP_POLYGON_SIMPLE, "polygon-crosses", WF_CAP_REJECT, "ours: no two sides of a polygon cross"},
    {CAP_POLYGON_SIZE, "polygon-size", WF_CAP_REJECT, "ours: at most 20,000 polygon points in a message"},
    {CAP_CIRCLE_FORM, "circle-form", WF_CAP_REJECT, "text: circle is lat,lon radius"},
    {CAP_CIRCLE_RADIUS, "circle-radius", WF_CAP_REJECT,
     "text: a circle's radius is not negative; ours: 20,100 km at most"},
    {CAP_CIRCLE_RANGE, "circle-range", WF_CAP_REJECT, "text: latitudes within ±90, longitudes within ±180 degrees"},
    {CAP_CEILING, "ceiling", WF_CAP_REJECT, "text: ceiling only together with altitude, and not below it"},
    {CAP_EMPTY, "empty", WF_CAP_REJECT, "ours: event and areaDesc say something"},
};

const char *wf_cap_verdict_name(wf_cap_verdict verdict) {
  return verdict == WF_CAP_ACCEPT ? "accept" : verdict == WF_CAP_WARN ? "warn" : "reject";
}

size_t wf_cap_rules(const wf_cap_rule **out) {
  *out = RULES;
  return sizeof RULES / sizeof RULES[0];
}

_Static_assert(sizeof RULES / sizeof RULES[0] == CAP_RULE_END - 1, "every rule has its row");

void cap_found(cap_findings *f, cap_rule_number rule, const xmlNode *node, const char *format, ...) {
  const wf_cap_verdict verdict = RULES[rule - 1].verdict;
  if (verdict <= f->verdict) return;
  f->verdict = verdict;
  f->rule = rule;
  int at = node != NULL ? snprintf(f->detail, sizeof f->detail, "line %ld: ", xmlGetLineNo(node)) : 0;
  va_list args;
  va_start(args, format);
  vsnprintf(f->detail + at, sizeof f->detail - (size_t)at, format, args);
  va_end(args);
  // What is quoted comes from outside: neither control characters nor half a UTF-8 sequence go on.
  size_t length = strlen(f->detail);
  while (length > 0 && length == sizeof f->detail - 1 && (f->detail[length - 1] & 0xC0) == 0x80) length--;
  if (length > 0 && length >= sizeof f->detail - 4 && (f->detail[length - 1] & 0xC0) == 0xC0) length--;
  f->detail[length] = '\0';
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)f->detail[i] < ' ' || f->detail[i] == 0x7F) f->detail[i] = '?';
}
