#include "io/store_read.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_db.h"

struct wf_store_reader {
  sqlite3 *sql;
  wf_store_identity identity;
};

static wf_status say(wf_store_reader *r, const char *path, char reason[WF_IO_REASON_SIZE]) {
  snprintf(reason, WF_IO_REASON_SIZE, "%.250s: %s", path, r->sql != NULL ? sqlite3_errmsg(r->sql) : "out of memory");
  return WF_EIO;
}

static bool meta(wf_store_reader *r, const char *key, char *out, size_t size) {
  sqlite3_stmt *get = NULL;
  bool found = false;
  if (sqlite3_prepare_v2(r->sql, "SELECT value FROM meta WHERE key = ?1", -1, &get, NULL) == SQLITE_OK) {
    sqlite3_bind_text(get, 1, key, -1, SQLITE_STATIC);
    found = sqlite3_step(get) == SQLITE_ROW;
    if (found) snprintf(out, size, "%s", (const char *)sqlite3_column_text(get, 0));
  }
  sqlite3_finalize(get);
  return found;
}

static bool read_identity(wf_store_reader *r) {
  char nation[16], mode[16], writer[16];
  if (!meta(r, "nation", nation, sizeof nation) || !meta(r, "mode", mode, sizeof mode) ||
      !meta(r, "writer", writer, sizeof writer))
    return false;
  r->identity.writer = (uint32_t)strtoul(writer, NULL, 10);
  return wf_nation_parse(nation, &r->identity.nation) == WF_OK && wf_mode_parse(mode, &r->identity.mode) == WF_OK;
}

wf_status wf_store_reader_open(const char *path, wf_store_reader **out, char reason[WF_IO_REASON_SIZE]) {
  wf_store_reader *r = calloc(1, sizeof *r);
  if (r == NULL) return WF_ENOMEM;
  wf_status status =
      sqlite3_open_v2(path, &r->sql, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK ? WF_OK : say(r, path, reason);
  if (status == WF_OK) sqlite3_busy_timeout(r->sql, 5000);
  if (status == WF_OK && !read_identity(r)) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.250s: not a store of this program", path);
    status = WF_EFORMAT;
  }
  if (status == WF_OK) {
    *out = r;
    return WF_OK;
  }
  wf_store_reader_close(r);
  return status;
}

void wf_store_reader_close(wf_store_reader *r) {
  if (r == NULL) return;
  sqlite3_close(r->sql);
  free(r);
}

const wf_store_identity *wf_store_reader_identity(const wf_store_reader *r) {
  return &r->identity;
}

static const char *text(sqlite3_stmt *row, int column) {
  const char *found = (const char *)sqlite3_column_text(row, column);
  return found != NULL ? found : "";
}

static bool read_row(sqlite3_stmt *row, wf_store_entry *e) {
  *e = (wf_store_entry){.row.stream_index = (uint32_t)sqlite3_column_int64(row, 0),
                        .row.epoch = (uint64_t)sqlite3_column_int64(row, 6),
                        .row.first = (uint64_t)sqlite3_column_int64(row, 7),
                        .row.last = (uint64_t)sqlite3_column_int64(row, 8)};
  wf_stream_name *name = &e->row.stream;
  name->mode = (wf_mode)sqlite3_column_int(row, 1);
  name->writer = (uint32_t)sqlite3_column_int64(row, 3);
  name->stream_class = (wf_stream_class)sqlite3_column_int(row, 5);
  e->raw = (wf_bytes){sqlite3_column_blob(row, 10), (size_t)sqlite3_column_bytes(row, 10)};
  e->damaged = wf_store_db_damaged(row, 10, 11);
  if (sqlite3_column_bytes(row, 9) != WF_HASH_SIZE) return false;
  memcpy(e->row.hash, sqlite3_column_blob(row, 9), WF_HASH_SIZE);
  return wf_nation_parse(text(row, 2), &name->origin) == WF_OK &&
         wf_audience_parse(text(row, 4), &name->audience) == WF_OK;
}

wf_status wf_store_reader_each(wf_store_reader *r, wf_store_order order, wf_store_visit visit, void *context,
                               char reason[WF_IO_REASON_SIZE]) {
  static const char *const QUERY[] = {
      "SELECT s.id, s.mode, s.origin, s.writer, s.audience, s.class, b.epoch, b.first, b.last, b.hash, b.raw, b.sum"
      " FROM bundle b JOIN stream s ON s.id = b.stream ORDER BY b.position",
      "SELECT s.id, s.mode, s.origin, s.writer, s.audience, s.class, b.epoch, b.first, b.last, b.hash, b.raw, b.sum"
      " FROM bundle b JOIN stream s ON s.id = b.stream"
      " ORDER BY s.origin, s.writer, s.audience, s.class, b.epoch, b.first, b.last, b.hash"};
  sqlite3_stmt *rows = NULL;
  if (sqlite3_prepare_v2(r->sql, QUERY[order], -1, &rows, NULL) != SQLITE_OK) return say(r, "store", reason);
  wf_status status = WF_OK;
  int code = SQLITE_DONE;
  while (status == WF_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
    wf_store_entry entry;
    if (read_row(rows, &entry)) {
      status = visit(context, &entry);
    } else {
      snprintf(reason, WF_IO_REASON_SIZE, "row %lld is not a bundle of a stream", (long long)entry.row.first);
      status = WF_EFORMAT;
    }
  }
  if (status == WF_OK && code != SQLITE_DONE) status = say(r, "store", reason);
  sqlite3_finalize(rows);
  return status;
}

wf_status wf_store_reader_newest(wf_store_reader *r, int64_t before, bool contributions, uint32_t most,
                                 wf_store_visit visit, void *context, int64_t *rest, char reason[WF_IO_REASON_SIZE]) {
  static const char QUERY[] =
      "SELECT s.id, s.mode, s.origin, s.writer, s.audience, s.class, b.epoch, b.first, b.last, b.hash, b.raw, b.sum,"
      " b.position FROM bundle b JOIN stream s ON s.id = b.stream WHERE b.position < ?1 AND (?2 OR s.class <> 2)"
      " ORDER BY b.position DESC LIMIT ?3";
  sqlite3_stmt *rows = NULL;
  if (sqlite3_prepare_v2(r->sql, QUERY, -1, &rows, NULL) != SQLITE_OK) return say(r, "store", reason);
  sqlite3_bind_int64(rows, 1, before > 0 ? before : INT64_MAX);
  sqlite3_bind_int(rows, 2, contributions);
  sqlite3_bind_int64(rows, 3, most);
  wf_status status = WF_OK;
  int code = SQLITE_DONE;
  uint32_t seen = 0;
  *rest = 0;
  while (status == WF_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
    wf_store_entry entry;
    seen++;
    if (!read_row(rows, &entry)) continue;
    entry.position = *rest = sqlite3_column_int64(rows, 12);
    status = visit(context, &entry);
  }
  if (status == WF_OK && code != SQLITE_DONE) status = say(r, "store", reason);
  if (status == WF_OK && seen < most) *rest = 0;
  sqlite3_finalize(rows);
  return status;
}

// ---- Export ---------------------------------------------------------------------------------------------------------
typedef struct copy {
  wf_store_db *db;
  bool (*wanted)(void *, const wf_store_entry *);
  void *context;
  uint64_t count;
} copy;

static wf_status copy_one(void *context, const wf_store_entry *entry) {
  copy *c = context;
  if (!c->wanted(c->context, entry)) return WF_OK;
  c->count++;
  return wf_store_db_append(c->db, &entry->row, entry->raw);
}

wf_status wf_store_export(wf_store_reader *r, const char *path, bool (*wanted)(void *, const wf_store_entry *),
                          void *context, uint64_t *count, char reason[WF_IO_REASON_SIZE]) {
  if (access(path, F_OK) == 0) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.250s: there is a file already", path);
    return WF_EEXIST;
  }
  const wf_store_config config = {
      .path = path, .nation = r->identity.nation, .mode = r->identity.mode, .writer = r->identity.writer};
  copy c = {.wanted = wanted, .context = context};
  wf_status status = wf_store_db_open(&config, &c.db, reason);
  if (status != WF_OK) return status;
  status = wf_store_db_begin(c.db);
  if (status == WF_OK) status = wf_store_reader_each(r, WF_STORE_AS_WRITTEN, copy_one, &c, reason);
  if (status == WF_OK) status = wf_store_db_commit(c.db);
  if (status != WF_OK) snprintf(reason, WF_IO_REASON_SIZE, "%s", wf_store_db_error(c.db));
  wf_store_db_close(c.db);
  *count = c.count;
  return status;
}
