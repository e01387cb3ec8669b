// What a page asks the node: each path with the parameters it takes, and nothing else.
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "command.h"

typedef enum kind {
  NATION,
  NATIONS,
  TIME,
  WHOLE,
  DEGREES_90,
  DEGREES_180,
  YES_NO,
  RELEASE_KIND,
  OUTCOME,
  LOG_KIND,
  WORDS
} kind;

typedef struct parameter {
  const char *name;
  kind kind;
  bool needed;
  long most;  // WHOLE: 1 to this; WORDS: bytes
} parameter;

#define PAGE                                                                      \
  {"from", TIME}, {"until", TIME}, {"before", WHOLE, false, 9007199254740991L}, { \
    "limit", WHOLE, false, 200                                                    \
  }

static const struct {
  const char *path, *what;
  parameter parameter[9];
} PATHS[] = {
    {"/api/v1/release/policy", "policy", {{0}}},
    {"/api/v1/release/list", "releases", {{"to", NATION}, {"outcome", OUTCOME}, {"kind", RELEASE_KIND}, PAGE}},
    {"/api/v1/release/explain",
     "explain",
     {{"to", NATIONS, true},
      {"kind", RELEASE_KIND, true},
      {"lat", DEGREES_90},
      {"lon", DEGREES_180},
      {"launch_lat", DEGREES_90},
      {"launch_lon", DEGREES_180},
      {"partner_data", YES_NO}}},
    {"/api/v1/log", "log", {{"kind", LOG_KIND}, {"origin", NATION}, {"text", WORDS, false, 64}, PAGE}},
    {"/api/v1/system", "system", {{0}}},
};

static bool one_of(const char *text, const char *const *names) {
  for (; *names; names++)
    if (strcmp(text, *names) == 0) return true;
  return false;
}

static bool is_nations(const char *text, size_t most) {
  size_t count = 0;
  for (;; text++) {
    for (int i = 0; i < 3; i++, text++)
      if (*text < 'A' || *text > 'Z') return false;
    if (++count > most) return false;
    if (*text == 0) return true;
    if (*text != ' ') return false;
  }
}

static json_t *number_in(const char *text, double least, double most) {
  char *end;
  const double value = strtod(text, &end);
  const bool plain = strspn(text, "0123456789.-") == strlen(text);  // no hex, no infinity, no spaces
  return plain && end != text && *end == 0 && value >= least && value <= most ? json_real(value) : NULL;
}

static json_t *whole_in(const char *text, long most) {
  const size_t length = strlen(text);
  if (length == 0 || length > 16 || strspn(text, "0123456789") != length) return NULL;
  const long long value = strtoll(text, NULL, 10);
  return value >= 1 && value <= most ? json_integer(value) : NULL;
}

static bool is_plain(const char *text) {
  for (const unsigned char *c = (const unsigned char *)text; *c; c++)
    if (*c < 0x20 || *c == 0x7f) return false;
  return true;
}

// NULL: not such a value.
static json_t *value_of(const parameter *p, const char *text) {
  static const char *const RELEASE_KINDS[] = {"detection",   "tracklet", "launch",  "status", "product",
                                              "link_status", "plot",     "seismic", NULL};
  static const char *const LOG_KINDS[] = {"product",  "action", "policy_change", "node_status", "digest", "detection",
                                          "tracklet", "launch", "object_status", "seismic",     "all",    NULL};
  static const char *const OUTCOMES[] = {"told", "withheld", "held", NULL};
  wf_time t;
  switch (p->kind) {
    case NATION:
      return is_nations(text, 1) ? json_string(text) : NULL;
    case NATIONS:
      return is_nations(text, 16) ? json_string(text) : NULL;
    case TIME:
      return strlen(text) < 40 && wf_time_parse(text, &t) == WF_OK ? json_string(text) : NULL;
    case WHOLE:
      return whole_in(text, p->most);
    case DEGREES_90:
      return number_in(text, -90, 90);
    case DEGREES_180:
      return number_in(text, -180, 180);
    case YES_NO:
      return strcmp(text, "true") == 0 ? json_true() : strcmp(text, "false") == 0 ? json_false() : NULL;
    case RELEASE_KIND:
      return one_of(text, RELEASE_KINDS) ? json_string(text) : NULL;
    case OUTCOME:
      return one_of(text, OUTCOMES) ? json_string(text) : NULL;
    case LOG_KIND:
      return one_of(text, LOG_KINDS) ? json_string(text) : NULL;
    case WORDS:
      return strlen(text) <= (size_t)p->most && is_plain(text) ? json_string(text) : NULL;
  }
  return NULL;
}

static const parameter *find(const parameter *list, const char *name, size_t size) {
  for (; list->name; list++)
    if (strlen(list->name) == size && strncmp(list->name, name, size) == 0) return list;
  return NULL;
}

static wf_status refuse(const char *text, const char **why) {
  *why = text;
  return WF_EINVAL;
}

static wf_status read_line(const parameter *list, const char *line, size_t size, json_t *out, const char **why) {
  char value[192];
  const char *equals = memchr(line, '=', size);
  const parameter *p = equals ? find(list, line, (size_t)(equals - line)) : NULL;
  if (!p) return refuse("a parameter that is not known here", why);
  const size_t length = size - (size_t)(equals + 1 - line);
  if (length >= sizeof value) return refuse("a parameter is too long", why);
  memcpy(value, equals + 1, length);
  value[length] = 0;
  if (json_object_get(out, p->name)) return refuse("a parameter is given twice", why);
  json_t *read = value_of(p, value);
  if (!read) return refuse("a parameter's value is not as it should be (docs/openapi.yaml)", why);
  json_object_set_new(out, p->name, read);
  return WF_OK;
}

static wf_status read_query(const parameter *list, const char *query, json_t *out, const char **why) {
  while (*query) {
    const size_t size = strcspn(query, "\n");
    const wf_status status = size > 0 ? read_line(list, query, size, out, why) : WF_OK;
    if (status) return status;
    query += size + (query[size] ? 1 : 0);
  }
  for (const parameter *p = list; p->name; p++)
    if (p->needed && !json_object_get(out, p->name)) return refuse("a needed parameter is missing", why);
  if (!json_object_get(out, "lat") != !json_object_get(out, "lon") ||
      !json_object_get(out, "launch_lat") != !json_object_get(out, "launch_lon"))
    return refuse("latitude and longitude belong together", why);
  return WF_OK;
}

wf_status wf_gateway_question_read(const char *path, const char *query, wf_gateway_command *out, const char **why) {
  *out = (wf_gateway_command){.kind = WF_GATEWAY_QUESTION};
  for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
    if (strcmp(path, PATHS[i].path) != 0) continue;
    snprintf(out->what, sizeof out->what, "%s", PATHS[i].what);
    json_t *parameters = json_object();
    wf_status status = read_query(PATHS[i].parameter, query, parameters, why);
    const size_t size = json_dumpb(parameters, out->parameters, sizeof out->parameters - 1, JSON_COMPACT);
    if (status == WF_OK && (size == 0 || size >= sizeof out->parameters)) status = refuse("too many parameters", why);
    json_decref(parameters);
    return status;
  }
  *why = "no such page";
  return WF_ENOTFOUND;
}
