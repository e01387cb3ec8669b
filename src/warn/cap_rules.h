// The rules a CAP 1.2 message is held against, and what is found while holding it.
#ifndef WF_WARN_CAP_RULES_H
#define WF_WARN_CAP_RULES_H

#include <libxml/tree.h>
#include <stdbool.h>

#include "warn/cap.h"

// Rules 1 to 14 are those of XML and of the OASIS schema, 15 and up are the text of the standard and ours.
typedef enum cap_rule_number {
  CAP_SIZE = 1,
  CAP_NO_DOCTYPE,
  CAP_WELL_FORMED,
  CAP_ROOT,
  CAP_EXPECTED,
  CAP_REQUIRED,
  CAP_ONCE,
  CAP_ATTRIBUTE,
  CAP_CONTENT,
  CAP_CHOICE,
  CAP_TIME,
  CAP_LANGUAGE,
  CAP_NUMBER,
  CAP_URI,
  CAP_IDENTIFIER,
  CAP_SENDER,
  CAP_ZONE,
  CAP_REFERENCES,
  CAP_REFERENCES_FORM,
  CAP_RESTRICTION,
  CAP_ADDRESSES,
  CAP_EXPIRES,
  CAP_POLYGON_FORM,
  CAP_POLYGON_POINTS,
  CAP_POLYGON_CLOSED,
  CAP_POLYGON_RANGE,
  CAP_POLYGON_SIMPLE,
  CAP_POLYGON_SIZE,
  CAP_CIRCLE_FORM,
  CAP_CIRCLE_RADIUS,
  CAP_CIRCLE_RANGE,
  CAP_CEILING,
  CAP_EMPTY,
  CAP_RULE_END,
} cap_rule_number;

typedef struct cap_findings {
  wf_cap_verdict verdict;
  cap_rule_number rule;
  char detail[160];
  int polygon_points;  // of the whole message: work is bounded
} cap_findings;

// Keeps the first of the worst. node gives the line; NULL when there is none.
__attribute__((format(printf, 4, 5))) void cap_found(cap_findings *f, cap_rule_number rule, const xmlNode *node,
                                                     const char *format, ...);

// Values (cap_values.c): text is that of the element, blanks at its ends removed where the schema's type does so.
void cap_check_time(cap_findings *f, const xmlNode *node, const char *text, wf_time *out);
bool cap_is_language(const char *text);
bool cap_is_integer(const char *text);
bool cap_is_decimal(const char *text);
bool cap_is_uri(const char *text);
void cap_check_name(cap_findings *f, const xmlNode *node, const char *text, cap_rule_number rule);
void cap_check_references(cap_findings *f, const xmlNode *node, const char *text);

// Shapes (cap_geometry.c).
void cap_check_polygon(cap_findings *f, const xmlNode *node, const char *text);
void cap_check_circle(cap_findings *f, const xmlNode *node, const char *text);

// Cuts blanks (XML's four) off both ends in place; returns the new start.
char *cap_trim(char *text);

#endif
