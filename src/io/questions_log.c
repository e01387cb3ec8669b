// Pages of the store, newest first: what people did and what was said, and what the release judged. Each page looks at
// no more than so many rows, found or not.
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "io/store_read.h"
#include "questions.h"
#include "wire/bundle.h"

enum { IN_BUNDLE = 65536 };  // a record's place: its bundle's position times this, and which record of it

static json_t *time_json(wf_time t) {
  char text[WF_TIME_RFC3339_SIZE];
  return json_string(wf_time_format(t, 3, text));
}

static json_t *hex(uint64_t value) {
  char text[20];
  snprintf(text, sizeof text, "%016" PRIx64, value);
  return json_string(text);
}

static json_t *audience_json(const wf_audience *audience) {
  json_t *list = json_array();
  for (int i = 0; i < audience->count; i++) json_array_append_new(list, json_string(audience->member[i].code));
  return list;
}

static const char *text_of(const json_t *parameters, const char *name) {
  return json_string_value(json_object_get(parameters, name));
}

static wf_time time_of(const json_t *parameters, const char *name, int64_t otherwise_ns) {
  wf_time t = {otherwise_ns};
  const char *text = text_of(parameters, name);
  if (text == NULL || wf_time_parse(text, &t) != WF_OK) t.ns = otherwise_ns;
  return t;
}

static size_t limit_of(const json_t *parameters) {
  const json_int_t limit = json_integer_value(json_object_get(parameters, "limit"));
  return limit < 1 ? 50 : limit > QUESTION_ROWS_MAX ? QUESTION_ROWS_MAX : (size_t)limit;
}

// ---- The signed record ---------------------------------------------------------------------------------------------
typedef struct log_page {
  const question_keys *keys;
  const char *kind, *origin, *text;
  wf_time from, until;
  int64_t before;
  size_t limit;
  json_t *rows;
  int64_t next;  // 0: go on with the store's
} log_page;

static const struct {
  uint32_t payload;
  const char *name;
} KINDS[] = {{10, "detection"},   {11, "tracklet"}, {12, "launch"},        {13, "object_status"}, {20, "product"},
             {30, "node_status"}, {31, "digest"},   {32, "policy_change"}, {33, "seismic"},       {34, "action"}};

static const char *kind_of(uint32_t payload) {
  for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
    if (KINDS[i].payload == payload) return KINDS[i].name;
  return NULL;
}

static bool kind_wanted(const log_page *p, const char *kind) {
  if (kind == NULL) return false;
  if (p->kind == NULL)
    return strcmp(kind, "product") == 0 || strcmp(kind, "action") == 0 || strcmp(kind, "policy_change") == 0;
  return strcmp(p->kind, "all") == 0 || strcmp(p->kind, kind) == 0;
}

static void summarise(const wf_record_body *b, char *out, size_t size) {
  const wf_action *a = &b->action;
  const wf_product *p = &b->product;
  switch (b->kind) {
    case WF_BODY_PRODUCT:
      snprintf(out, size, "%s %s %s", p->label, wf_product_stage_name((wf_product_stage)p->stage),
               wf_product_state_name((wf_product_state)p->state));
      break;
    case WF_BODY_ACTION:
      snprintf(out, size, "%s%s%s%s %s %016" PRIx64 ": %s (%s)", a->person, a->role[0] ? " (" : "", a->role,
               a->role[0] ? ")" : "", a->what, a->subject, a->outcome, a->reason);
      break;
    case WF_BODY_POLICY:
      snprintf(out, size, "policy %016" PRIx64 " in place of %016" PRIx64 ", %u rules, by %s", b->policy.version,
               b->policy.previous, b->policy.rules, b->policy.by);
      break;
    case WF_BODY_NODE_STATUS:
      snprintf(out, size, "%u of %u sensors%s%s", b->node_status.sensors_alive, b->node_status.sensors_total,
               b->node_status.durable ? "" : ", not durable", b->node_status.unattended ? ", unattended" : "");
      break;
    case WF_BODY_CONTRIBUTION:
      snprintf(out, size, "object %016" PRIx64, b->contribution.object);
      break;
    case WF_BODY_DIGEST:
      snprintf(out, size, "picture of %u tracks", b->digest.track_count);
      break;
    case WF_BODY_SEISMIC:
      snprintf(out, size, "%s", "seismic event");
      break;
    default:
      snprintf(out, size, "%s", "cannot be read");
  }
}

static bool holds(const char *text, const char *part) {
  const size_t length = strlen(part);
  for (; *text != '\0'; text++)
    if (strncasecmp(text, part, length) == 0) return true;
  return length == 0;
}

static const char *signature_of(const log_page *p, const wf_bundle *b) {
  uint8_t hash[WF_HASH_SIZE], message[WF_SIGN_MESSAGE_SIZE];
  bool known = false;
  wf_bundle_hash(b->body, hash);
  wf_bundle_sign_message(hash, message);
  for (uint32_t i = 0; i < p->keys->count; i++) {
    if (wf_nation_compare(p->keys->item[i].nation, b->stream.origin) != 0) continue;
    known = true;
    if (wf_signature_ok(p->keys->item[i].key, (wf_bytes){message, sizeof message}, b->signature)) return "good";
  }
  return known ? "bad" : "no_key";
}

static void add_details(json_t *row, const wf_record_body *b) {
  const wf_product *p = &b->product;
  const wf_action *a = &b->action;
  if (b->kind == WF_BODY_PRODUCT)
    json_object_set_new(row, "product",
                        json_pack("{s:o,s:o,s:s,s:s,s:s}", "id", hex(p->id), "event", hex(p->event), "label", p->label,
                                  "stage", wf_product_stage_name((wf_product_stage)p->stage), "state",
                                  wf_product_state_name((wf_product_state)p->state)));
  if (b->kind == WF_BODY_ACTION)
    json_object_set_new(
        row, "action",
        json_pack("{s:s,s:s?,s:s,s:o,s:s,s:s}", "person", a->person, "role", a->role[0] != '\0' ? a->role : NULL,
                  "what", a->what, "subject", hex(a->subject), "reason", a->reason, "outcome", a->outcome));
}

static void consider(log_page *p, const wf_store_entry *e, const wf_bundle *b, const wf_record_view *r, int64_t place) {
  static const char *const CLASSES[] = {"status", "alerts", "contributions", "status"};
  const char *kind = kind_of(r->payload);
  wf_record_body body;
  char reason[WF_REASON_SIZE], summary[480];
  if (!kind_wanted(p, kind) || wf_time_before(r->publish_time, p->from) || !wf_time_before(r->publish_time, p->until))
    return;
  if (wf_wire_decode_record(r->bytes, &body, reason) != WF_OK) return;
  summarise(&body, summary, sizeof summary);
  if (p->text != NULL && !holds(summary, p->text)) return;
  const wf_stream_name *name = &e->row.stream;
  json_t *row = json_pack(
      "{s:I,s:o,s:o,s:s,s:I,s:o,s:s,s:I,s:I,s:s,s:s,s:b,s:s}", "position", (json_int_t)place, "published",
      time_json(r->publish_time), "valid", time_json(r->valid_time), "origin", name->origin.code, "writer",
      (json_int_t)name->writer, "audience", audience_json(&name->audience), "class",
      CLASSES[name->stream_class >= 1 && name->stream_class <= 3 ? name->stream_class : 0], "epoch",
      (json_int_t)e->row.epoch, "number", (json_int_t)r->sequence, "kind", kind, "summary", summary, "durable",
      (int)!(r->flags & WF_RECORD_NOT_DURABLE), "signature", e->damaged ? "bad" : signature_of(p, b));
  add_details(row, &body);
  json_array_append_new(p->rows, row);
}

// A bundle holds few records; the newest stand last.
static wf_status look_into(void *context, const wf_store_entry *e) {
  log_page *p = context;
  wf_bundle b;
  wf_record_view r;
  char reason[WF_REASON_SIZE];
  if (p->origin != NULL && strcmp(p->origin, e->row.stream.origin.code) != 0) return WF_OK;
  if (wf_bundle_parse(e->raw, &b, reason) != WF_OK) return WF_OK;
  for (int64_t wanted = (int64_t)b.record_count - 1; wanted >= 0; wanted--) {
    const int64_t place = e->position * IN_BUNDLE + wanted;
    size_t at = 0;
    if (wanted >= IN_BUNDLE || (p->before > 0 && place >= p->before)) continue;
    for (int64_t i = 0; i <= wanted; i++)
      if (!wf_bundle_next(&b, &at, &r)) return WF_OK;
    consider(p, e, &b, &r, place);
    if (json_array_size(p->rows) < p->limit) continue;
    p->next = place;
    return WF_EFULL;  // enough
  }
  return WF_OK;
}

json_t *questions_log(const char *store, const question_keys *keys, const json_t *parameters,
                      char reason[WF_IO_REASON_SIZE]) {
  log_page p = {.keys = keys,
                .kind = text_of(parameters, "kind"),
                .origin = text_of(parameters, "origin"),
                .text = text_of(parameters, "text"),
                .from = time_of(parameters, "from", INT64_MIN),
                .until = time_of(parameters, "until", INT64_MAX),
                .before = json_integer_value(json_object_get(parameters, "before")),
                .limit = limit_of(parameters),
                .rows = json_array()};
  const bool contributions = p.kind != NULL && strcmp(p.kind, "product") != 0 && strcmp(p.kind, "action") != 0 &&
                             strcmp(p.kind, "policy_change") != 0 && strcmp(p.kind, "digest") != 0;
  wf_store_reader *reader = NULL;
  int64_t rest = 0;
  wf_status status = wf_store_reader_open(store, &reader, reason);
  if (status == WF_OK)  // the bundle that `before` points into is looked at again
    status = wf_store_reader_newest(reader, p.before > 0 ? p.before / IN_BUNDLE + 1 : 0, contributions,
                                    QUESTION_SCAN_MAX, look_into, &p, &rest, reason);
  wf_store_reader_close(reader);
  if (status != WF_OK && status != WF_EFULL) {
    json_decref(p.rows);
    return NULL;
  }
  const int64_t next = p.next != 0 ? p.next : rest * IN_BUNDLE;
  return json_pack("{s:o,s:o}", "rows", p.rows, "next", next > 0 ? json_integer(next) : json_null());
}

// ---- What went to whom ---------------------------------------------------------------------------------------------
typedef struct release_page {
  const char *outcome, *kind;
  size_t limit, seen;
  json_t *rows;
  int64_t next;
} release_page;

static bool add_release(void *context, const wf_audit_row *row) {
  release_page *p = context;
  const wf_release_note *n = &row->note;
  const bool wanted = (p->outcome == NULL || strcmp(p->outcome, wf_release_outcome_name(n->outcome)) == 0) &&
                      (p->kind == NULL || strcmp(p->kind, wf_release_kind_name(n->kind)) == 0);
  if (wanted)
    json_array_append_new(
        p->rows, json_pack("{s:I,s:o,s:o,s:o,s:s,s:o,s:s,s:s,s:o,s:s,s:I,s:o,s:o}", "position",
                           (json_int_t)row->position, "at", time_json(n->at), "until", time_json(row->until),
                           "audience", audience_json(&n->audience), "kind", wf_release_kind_name(n->kind), "object",
                           hex(n->object), "outcome", wf_release_outcome_name(n->outcome), "rule", n->rule, "policy",
                           hex(n->policy), "why", n->why, "count", (json_int_t)row->count, "first_valid",
                           time_json(n->valid_time), "last_valid", time_json(row->last_valid)));
  if (json_array_size(p->rows) < p->limit && ++p->seen < QUESTION_SCAN_MAX) return true;
  p->next = row->position;
  return false;
}

json_t *questions_releases(const char *store, const json_t *parameters, char reason[WF_IO_REASON_SIZE]) {
  const char *to = text_of(parameters, "to");
  wf_audience within;
  release_page p = {.outcome = text_of(parameters, "outcome"),
                    .kind = text_of(parameters, "kind"),
                    .limit = limit_of(parameters),
                    .rows = json_array()};
  wf_audit_query query = {.from = time_of(parameters, "from", INT64_MIN),
                          .until = time_of(parameters, "until", INT64_MAX),
                          .newest_first = true,
                          .before = json_integer_value(json_object_get(parameters, "before"))};
  if (to != NULL && wf_audience_parse(to, &within) == WF_OK) query.within = &within;
  if (wf_audit_read(store, &query, add_release, &p, reason) != WF_OK) {
    json_decref(p.rows);
    return NULL;
  }
  return json_pack("{s:o,s:o}", "rows", p.rows, "next", p.next > 0 ? json_integer(p.next) : json_null());
}
