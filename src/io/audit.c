#include "io/audit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

// ---- Writing ------------------------------------------------------------------------------------------------------
static bool same(const wf_release_note *a, const wf_release_note *b) {
  return a->object == b->object && a->kind == b->kind && a->outcome == b->outcome && a->policy == b->policy &&
         wf_audience_equal(&a->audience, &b->audience) && strcmp(a->rule, b->rule) == 0 && strcmp(a->why, b->why) == 0;
}

static void hand_on(wf_audit *audit, size_t index) {
  audit->write(audit->context, &audit->open[index]);
  audit->count--;
  memmove(&audit->open[index], &audit->open[index + 1], (audit->count - index) * sizeof audit->open[0]);
}

void wf_audit_add(wf_audit *audit, const wf_release_note *note) {
  for (size_t i = 0; i < audit->count; i++) {
    wf_audit_row *row = &audit->open[i];
    if (!same(&row->note, note)) continue;
    row->count++;
    row->until = note->at;
    if (note->valid_time.ns < row->note.valid_time.ns) row->note.valid_time = note->valid_time;
    if (note->valid_time.ns > row->last_valid.ns) row->last_valid = note->valid_time;
    return;
  }
  if (audit->count == WF_AUDIT_OPEN_MAX) hand_on(audit, 0);
  audit->open[audit->count++] = (wf_audit_row){*note, note->at, note->valid_time, 1, 0};
}

void wf_audit_flush(wf_audit *audit, wf_time now) {
  for (size_t i = 0; i < audit->count;)
    if (now.ns == INT64_MAX || wf_time_diff_s(now, audit->open[i].note.at) >= 1.0)
      hand_on(audit, i);
    else
      i++;
}

// ---- Reading ------------------------------------------------------------------------------------------------------
static void text_of(sqlite3_stmt *row, int column, char *out, size_t size) {
  const unsigned char *text = sqlite3_column_text(row, column);
  snprintf(out, size, "%s", text != NULL ? (const char *)text : "");
}

static uint32_t kind_named(const char *name) {
  for (uint32_t kind = WF_RELEASE_DETECTION; kind <= WF_RELEASE_LAST; kind <<= 1)
    if (strcmp(wf_release_kind_name(kind), name) == 0) return kind;
  return 0;
}

static bool decode(sqlite3_stmt *s, wf_audit_row *out) {
  char audience[WF_AUDIENCE_TEXT_SIZE], kind[24];
  memset(out, 0, sizeof *out);
  out->note.at.ns = sqlite3_column_int64(s, 0);
  out->until.ns = sqlite3_column_int64(s, 1);
  text_of(s, 2, audience, sizeof audience);
  text_of(s, 3, kind, sizeof kind);
  out->note.kind = kind_named(kind);
  out->note.object = (uint64_t)sqlite3_column_int64(s, 4);
  out->note.outcome = (uint8_t)sqlite3_column_int64(s, 5);
  text_of(s, 6, out->note.rule, sizeof out->note.rule);
  out->note.policy = (uint64_t)sqlite3_column_int64(s, 7);
  text_of(s, 8, out->note.why, sizeof out->note.why);
  out->count = (uint64_t)sqlite3_column_int64(s, 9);
  out->note.valid_time.ns = sqlite3_column_int64(s, 10);
  out->last_valid.ns = sqlite3_column_int64(s, 11);
  out->position = sqlite3_column_int64(s, 12);
  return out->note.outcome <= WF_RELEASE_HELD && wf_audience_parse(audience, &out->note.audience) == WF_OK;
}

static bool all_in(const wf_audience *within, const wf_audience *audience) {
  for (int i = 0; within != NULL && i < within->count; i++)
    if (!wf_audience_has(audience, within->member[i])) return false;
  return true;
}

static wf_status read_rows(sqlite3_stmt *s, const wf_audit_query *query,
                           bool (*visit)(void *context, const wf_audit_row *row), void *context,
                           char reason[WF_IO_REASON_SIZE]) {
  sqlite3_bind_int64(s, 1, query->from.ns);
  sqlite3_bind_int64(s, 2, query->until.ns != 0 ? query->until.ns : INT64_MAX);
  sqlite3_bind_int64(s, 3, query->before > 0 ? query->before : INT64_MAX);
  int code;
  while ((code = sqlite3_step(s)) == SQLITE_ROW) {
    wf_audit_row row;
    if (!decode(s, &row)) {
      snprintf(reason, WF_IO_REASON_SIZE, "a row of the audit is damaged");
      return WF_EFORMAT;
    }
    if (all_in(query->within, &row.note.audience) && !visit(context, &row)) return WF_OK;
  }
  if (code == SQLITE_DONE) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "%s", sqlite3_errmsg(sqlite3_db_handle(s)));
  return WF_EIO;
}

wf_status wf_audit_read(const char *path, const wf_audit_query *query,
                        bool (*visit)(void *context, const wf_audit_row *row), void *context,
                        char reason[WF_IO_REASON_SIZE]) {
#define SELECT_ROWS                                                                                                  \
  "SELECT at, until, audience, kind, object, outcome, rule, policy, why, count, first_valid, last_valid, position" \
  " FROM release WHERE at >= ?1 AND at < ?2 AND position < ?3 ORDER BY position"
  static const char OLDEST[] = SELECT_ROWS, NEWEST[] = SELECT_ROWS " DESC";
  sqlite3 *sql = NULL;
  sqlite3_stmt *s = NULL;
  wf_status status = WF_OK;
  if (sqlite3_open_v2(path, &sql, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
    status = WF_ENOTFOUND;
  } else {
    sqlite3_busy_timeout(sql, 5000);
    if (sqlite3_prepare_v2(sql, query->newest_first ? NEWEST : OLDEST, -1, &s, NULL) != SQLITE_OK) status = WF_EFORMAT;
  }
  if (status != WF_OK)
    snprintf(reason, WF_IO_REASON_SIZE, "%s", sqlite3_errmsg(sql));
  else
    status = read_rows(s, query, visit, context, reason);
  sqlite3_finalize(s);
  sqlite3_close(sql);
  return status;
}
