// The schema's simple types and the standard's rules on single values.
#include <libxml/uri.h>
#include <string.h>

#include "cap_rules.h"

static bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
static bool digit(char c) {
  return c >= '0' && c <= '9';
}
static bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char *cap_trim(char *text) {
  while (blank(*text)) text++;
  size_t length = strlen(text);
  while (length > 0 && blank(text[length - 1])) text[--length] = '\0';
  return text;
}

// YYYY-MM-DDThh:mm:ss±hh:mm, the zone up to 14 hours (XML Schema part 2, 3.2.7.3).
static bool time_shape(const char *text) {
  static const char SHAPE[] = "dddd-dd-ddTdd:dd:ddzdd:dd";
  for (size_t i = 0; i < sizeof SHAPE - 1; i++) {
    const char c = text[i];
    const bool ok = SHAPE[i] == 'd' ? digit(c) : SHAPE[i] == 'z' ? c == '+' || c == '-' : c == SHAPE[i];
    if (!ok) return false;
  }
  if (text[sizeof SHAPE - 1] != '\0') return false;
  const int zone_min = ((text[20] - '0') * 10 + text[21] - '0') * 60 + (text[23] - '0') * 10 + text[24] - '0';
  return zone_min <= 14 * 60 && memcmp(text + 17, "60", 2) != 0;
}

void cap_check_time(cap_findings *f, const xmlNode *node, const char *text, wf_time *out) {
  wf_time time = {0};
  if (!time_shape(text) || wf_time_parse(text, &time) != WF_OK)
    cap_found(f, CAP_TIME, node, "%s is not YYYY-MM-DDThh:mm:ss with a numeric zone: '%.40s'", (const char *)node->name,
              text);
  else if (strcmp(text + 19, "+00:00") == 0)
    cap_found(f, CAP_ZONE, node, "%s: UTC must be written -00:00", (const char *)node->name);
  if (out != NULL) *out = time;
}

bool cap_is_language(const char *text) {
  int run = 0;
  bool first = true;
  for (;; text++) {
    if (*text == '-' || *text == '\0') {
      if (run < 1 || run > 8) return false;
      if (*text == '\0') return true;
      run = 0;
      first = false;
    } else if (letter(*text) || (!first && digit(*text))) {
      run++;
    } else {
      return false;
    }
  }
}

static bool is_number(const char *text, bool point_allowed) {
  if (*text == '+' || *text == '-') text++;
  int digits = 0;
  for (; *text != '\0'; text++) {
    if (*text == '.' && point_allowed)
      point_allowed = false;
    else if (digit(*text))
      digits++;
    else
      return false;
  }
  return digits > 0;
}

bool cap_is_integer(const char *text) {
  return is_number(text, false);
}
bool cap_is_decimal(const char *text) {
  return is_number(text, true);
}

// XML Schema's anyURI takes nearly everything after escaping what RFC 3986 does not allow.
bool cap_is_uri(const char *text) {
  xmlChar *escaped = xmlURIEscapeStr((const xmlChar *)text, (const xmlChar *)"_.-!~*'();/?:@&=+$,[]#%");
  xmlURI *uri = escaped != NULL ? xmlParseURI((const char *)escaped) : NULL;
  const bool ok = uri != NULL || *text == '\0';
  xmlFreeURI(uri);
  xmlFree(escaped);
  return ok;
}

void cap_check_name(cap_findings *f, const xmlNode *node, const char *text, cap_rule_number rule) {
  const char *name = (const char *)node->name;
  if (*text == '\0') cap_found(f, rule, node, "%s is empty", name);
  for (; *text != '\0'; text++)
    if (blank(*text) || strchr(",<&", *text) != NULL) {
      cap_found(f, rule, node, "%s contains a blank, comma, < or &", name);
      return;
    }
}

static bool triplet(char *text) {
  char *identifier = strchr(text, ','), *sent = identifier != NULL ? strchr(identifier + 1, ',') : NULL;
  wf_time time;
  return sent != NULL && identifier > text && sent > identifier + 1 && strchr(sent + 1, ',') == NULL &&
         time_shape(sent + 1) && wf_time_parse(sent + 1, &time) == WF_OK;
}

void cap_check_references(cap_findings *f, const xmlNode *node, const char *text) {
  for (;;) {
    while (blank(*text)) text++;
    if (*text == '\0') return;
    size_t length = 0;
    while (text[length] != '\0' && !blank(text[length])) length++;
    char one[512] = "";
    if (length < sizeof one) memcpy(one, text, length);
    if (length >= sizeof one || !triplet(one)) {
      cap_found(f, CAP_REFERENCES_FORM, node, "references are not sender,identifier,sent triplets");
      return;
    }
    text += length;
  }
}
