#include "store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define SCHEMA_VERSION 1

struct wf_store_db {
  sqlite3 *sql, *keeper;  // the keeper only moves what the log beside the file holds into the file
  int wal_pages;
  sqlite3_stmt *append, *audit, *audit_trim, *epoch, *begin, *commit, *stream_add, *stream_get, *fetch;
  int lock_fd;
  uint32_t stream_count;
  struct {
    wf_stream_name name;
    int64_t id;
  } stream[WF_STREAMS_MAX];
  char error[WF_IO_REASON_SIZE];
};

// `last, hash` in the key: two bundles with one number (equivocation) are both kept, the same bundle only once, and a
// range is read in order without sorting.
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS stream(id INTEGER PRIMARY KEY, mode INTEGER NOT NULL, origin TEXT NOT NULL,"
    " writer INTEGER NOT NULL, audience TEXT NOT NULL, class INTEGER NOT NULL,"
    " UNIQUE(mode, origin, writer, audience, class));"
    "CREATE TABLE IF NOT EXISTS bundle(position INTEGER PRIMARY KEY AUTOINCREMENT, stream INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, hash BLOB NOT NULL, raw BLOB NOT NULL,"
    " sum INTEGER);"
    "CREATE UNIQUE INDEX IF NOT EXISTS bundle_range ON bundle(stream, epoch, last, hash);"
    "CREATE TABLE IF NOT EXISTS release(position INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
    " until INTEGER NOT NULL, audience TEXT NOT NULL, kind TEXT NOT NULL, object INTEGER NOT NULL,"
    " outcome INTEGER NOT NULL, rule TEXT NOT NULL, policy INTEGER NOT NULL, why TEXT NOT NULL, count INTEGER NOT NULL,"
    " first_valid INTEGER NOT NULL, last_valid INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS release_at ON release(at);";

// SQLite does not notice a bit that changes on the disk. A row without a sum is of a store from before there were sums.
static const char ADD_SUM[] = "ALTER TABLE bundle ADD COLUMN sum INTEGER";

static int64_t sum_of(const void *raw, size_t size) {
  static const uint8_t
      nobody[crypto_shorthash_KEYBYTES];  // against chance, not against malice: that is what signatures
  int64_t sum = 0;                        // are for
  crypto_shorthash((uint8_t *)&sum, raw, size, nobody);
  return sum;
}

bool wf_store_db_damaged(struct sqlite3_stmt *row, int raw, int sum) {
  if (sqlite3_column_type(row, sum) == SQLITE_NULL) return false;
  const size_t size = (size_t)sqlite3_column_bytes(row, raw);
  return sqlite3_column_int64(row, sum) != sum_of(sqlite3_column_blob(row, raw), size);
}

static wf_status keep_error(wf_store_db *db, const char *doing) {
  snprintf(db->error, sizeof db->error, "%s: %s", doing, sqlite3_errmsg(db->sql));
  return WF_EIO;
}

const char *wf_store_db_error(const wf_store_db *db) {
  return db->error;
}

static wf_status run(wf_store_db *db, const char *sql) {
  return sqlite3_exec(db->sql, sql, NULL, NULL, NULL) == SQLITE_OK ? WF_OK : keep_error(db, "store");
}

static wf_status step_done(wf_store_db *db, sqlite3_stmt *statement, const char *doing) {
  const int code = sqlite3_step(statement);
  const wf_status status = code == SQLITE_DONE ? WF_OK : keep_error(db, doing);
  sqlite3_reset(statement);
  return status;
}

// One process per store: a second one would number the same streams.
static wf_status take_lock(wf_store_db *db, const char *path) {
  char lock_path[4096];
  if (snprintf(lock_path, sizeof lock_path, "%s.lock", path) >= (int)sizeof lock_path) return WF_EINVAL;
  db->lock_fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (db->lock_fd < 0) {
    snprintf(db->error, sizeof db->error, "%.300s.lock: %s", path, strerror(errno));
    return WF_EIO;
  }
  if (flock(db->lock_fd, LOCK_EX | LOCK_NB) != 0) {
    snprintf(db->error, sizeof db->error, "%.300s: another process has this store open", path);
    return WF_EEXIST;
  }
  return WF_OK;
}

static wf_status meta_expect(wf_store_db *db, const char *key, const char *value) {
  sqlite3_stmt *get = NULL;
  if (sqlite3_prepare_v2(db->sql, "INSERT OR IGNORE INTO meta VALUES(?1, ?2)", -1, &get, NULL) != SQLITE_OK)
    return keep_error(db, "meta");
  sqlite3_bind_text(get, 1, key, -1, SQLITE_STATIC);
  sqlite3_bind_text(get, 2, value, -1, SQLITE_STATIC);
  wf_status status = step_done(db, get, "meta");
  sqlite3_finalize(get);
  if (status != WF_OK) return status;
  if (sqlite3_prepare_v2(db->sql, "SELECT value FROM meta WHERE key = ?1", -1, &get, NULL) != SQLITE_OK)
    return keep_error(db, "meta");
  sqlite3_bind_text(get, 1, key, -1, SQLITE_STATIC);
  if (sqlite3_step(get) != SQLITE_ROW) {
    status = keep_error(db, "meta");
  } else if (strcmp((const char *)sqlite3_column_text(get, 0), value) != 0) {
    snprintf(db->error, sizeof db->error, "this store's %s is %s, the configuration says %s", key,
             (const char *)sqlite3_column_text(get, 0), value);
    status = WF_EDENIED;
  }
  sqlite3_finalize(get);
  return status;
}

static wf_status check_identity(wf_store_db *db, const wf_store_config *config) {
  char version[16], writer[16];
  snprintf(version, sizeof version, "%d", SCHEMA_VERSION);
  snprintf(writer, sizeof writer, "%" PRIu32, config->writer);
  wf_status status = meta_expect(db, "schema", version);
  if (status == WF_OK) status = meta_expect(db, "nation", config->nation.code);
  if (status == WF_OK) status = meta_expect(db, "mode", wf_mode_name(config->mode));
  if (status == WF_OK) status = meta_expect(db, "writer", writer);
  return status;
}

static wf_status prepare(wf_store_db *db, sqlite3_stmt **out, const char *sql) {
  return sqlite3_prepare_v3(db->sql, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK
             ? WF_OK
             : keep_error(db, "prepare");
}

static wf_status prepare_all(wf_store_db *db) {
  struct {
    sqlite3_stmt **out;
    const char *sql;
  } list[] = {
      {&db->begin, "BEGIN IMMEDIATE"},
      {&db->commit, "COMMIT"},
      {&db->append,
       "INSERT INTO bundle(stream, epoch, first, last, hash, raw, sum) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
       " ON CONFLICT DO UPDATE SET first = excluded.first, raw = excluded.raw, sum = excluded.sum"},
      {&db->audit,
       "INSERT INTO release(at, until, audience, kind, object, outcome, rule, policy, why, count, first_valid,"
       " last_valid) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"},
      {&db->audit_trim, "DELETE FROM release WHERE outcome = 0 AND position <= ?1"},
      {&db->epoch, "INSERT INTO meta VALUES('epoch', ?1) ON CONFLICT(key) DO UPDATE SET value = max(value, ?1)"},
      {&db->stream_add,
       "INSERT OR IGNORE INTO stream(mode, origin, writer, audience, class) VALUES(?1, ?2, ?3, ?4, ?5)"},
      {&db->stream_get,
       "SELECT id FROM stream WHERE mode = ?1 AND origin = ?2 AND writer = ?3 AND audience = ?4 AND class = ?5"},
      {&db->fetch,
       "SELECT last, hash, raw, first, sum FROM bundle WHERE stream = ?1 AND epoch = ?2 AND (last, hash) > (?3, ?4)"
       " ORDER BY last, hash LIMIT 64"},
  };
  for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
    if (prepare(db, list[i].out, list[i].sql) != WF_OK) return WF_EIO;
  return WF_OK;
}

static bool has_sums(wf_store_db *db) {
  return sqlite3_table_column_metadata(db->sql, NULL, "bundle", "sum", NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

static int on_commit(void *context, sqlite3 *sql, const char *name, int pages) {
  ((wf_store_db *)context)->wal_pages = pages;
  return SQLITE_OK;
}

// Moving pages takes tens of milliseconds and would hold up a commit: a second connection does it beside the first.
static wf_status open_keeper(wf_store_db *db, const char *path) {
  sqlite3_wal_hook(db->sql, on_commit, db);  // in the place of SQLite's own, which would do it within a commit
  if (sqlite3_open_v2(path, &db->keeper, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, NULL) != SQLITE_OK)
    return keep_error(db, path);
  return sqlite3_exec(db->keeper, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;", NULL, NULL, NULL) ==
                 SQLITE_OK
             ? WF_OK
             : keep_error(db, path);
}

int wf_store_db_wal_pages(const wf_store_db *db) {
  return db->wal_pages;
}

void wf_store_db_keep(wf_store_db *db) {
  sqlite3_wal_checkpoint_v2(db->keeper, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

// The few pages that came meanwhile; then the next commit starts the log over.
void wf_store_db_keep_rest(wf_store_db *db) {
  sqlite3_wal_checkpoint_v2(db->sql, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static wf_status open_all(wf_store_db *db, const wf_store_config *config) {
  wf_status status = take_lock(db, config->path);
  if (status != WF_OK) return status;
  if (sqlite3_open_v2(config->path, &db->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                      NULL) != SQLITE_OK)
    return keep_error(db, config->path);
  sqlite3_busy_timeout(db->sql, 5000);
  status = run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;");
  if (status == WF_OK) status = run(db, SCHEMA);
  if (status == WF_OK && !has_sums(db)) status = run(db, ADD_SUM);
  if (status == WF_OK) status = check_identity(db, config);
  if (status == WF_OK) status = prepare_all(db);
  if (status == WF_OK) status = open_keeper(db, config->path);
  return status;
}

wf_status wf_store_db_open(const wf_store_config *config, wf_store_db **out, char reason[WF_IO_REASON_SIZE]) {
  wf_store_db *db = calloc(1, sizeof *db);
  if (db == NULL) return WF_ENOMEM;
  db->lock_fd = -1;
  const wf_status status = open_all(db, config);
  if (status != WF_OK) {
    snprintf(reason, WF_IO_REASON_SIZE, "%s", db->error);
    wf_store_db_close(db);
    return status;
  }
  *out = db;
  return WF_OK;
}

void wf_store_db_close(wf_store_db *db) {
  sqlite3_stmt *all[] = {db->append, db->audit,      db->audit_trim, db->epoch, db->begin,
                         db->commit, db->stream_add, db->stream_get, db->fetch};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) sqlite3_finalize(all[i]);
  sqlite3_close(db->keeper);
  sqlite3_close(db->sql);
  if (db->lock_fd >= 0) close(db->lock_fd);
  free(db);
}

wf_status wf_store_db_begin(wf_store_db *db) {
  return step_done(db, db->begin, "begin");
}
wf_status wf_store_db_commit(wf_store_db *db) {
  return step_done(db, db->commit, "commit");
}

void wf_store_db_rollback(wf_store_db *db) {
  if (sqlite3_get_autocommit(db->sql) == 0) sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
}

static bool name_equal(const wf_stream_name *a, const wf_stream_name *b) {
  return a->mode == b->mode && wf_nation_compare(a->origin, b->origin) == 0 && a->writer == b->writer &&
         a->stream_class == b->stream_class && wf_audience_equal(&a->audience, &b->audience);
}

static void bind_name(sqlite3_stmt *statement, const wf_stream_name *name, char audience[WF_AUDIENCE_TEXT_SIZE]) {
  wf_audience_format(&name->audience, audience);
  sqlite3_bind_int64(statement, 1, name->mode);
  sqlite3_bind_text(statement, 2, name->origin.code, -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 3, name->writer);
  sqlite3_bind_text(statement, 4, audience, -1, SQLITE_STATIC);
  sqlite3_bind_int64(statement, 5, name->stream_class);
}

static wf_status stream_lookup(wf_store_db *db, const wf_stream_name *name, int64_t *id) {
  char audience[WF_AUDIENCE_TEXT_SIZE];
  bind_name(db->stream_get, name, audience);
  const int code = sqlite3_step(db->stream_get);
  if (code == SQLITE_ROW) *id = sqlite3_column_int64(db->stream_get, 0);
  sqlite3_reset(db->stream_get);
  if (code == SQLITE_ROW) return WF_OK;
  return code == SQLITE_DONE ? WF_ENOTFOUND : keep_error(db, "stream");
}

static wf_status stream_id(wf_store_db *db, const wf_stream_name *name, bool add, int64_t *id) {
  for (uint32_t i = 0; i < db->stream_count; i++)
    if (name_equal(&db->stream[i].name, name)) {
      *id = db->stream[i].id;
      return WF_OK;
    }
  if (add) {
    char audience[WF_AUDIENCE_TEXT_SIZE];
    bind_name(db->stream_add, name, audience);
    const wf_status added = step_done(db, db->stream_add, "stream");
    if (added != WF_OK) return added;
  }
  const wf_status status = stream_lookup(db, name, id);
  // Remembered only once committed rows exist would be stricter; a rolled-back store is never written again, so no
  // remembered number can outlive its row.
  if (status == WF_OK && db->stream_count < WF_STREAMS_MAX) {
    db->stream[db->stream_count].name = *name;
    db->stream[db->stream_count++].id = *id;
  }
  return status;
}

wf_status wf_store_db_append(wf_store_db *db, const wf_stored_row *row, wf_bytes bundle) {
  int64_t id = 0;
  const wf_status status = stream_id(db, &row->stream, true, &id);
  if (status != WF_OK) return status;
  sqlite3_bind_int64(db->append, 1, id);
  sqlite3_bind_int64(db->append, 2, (int64_t)row->epoch);
  sqlite3_bind_int64(db->append, 3, (int64_t)row->first);
  sqlite3_bind_int64(db->append, 4, (int64_t)row->last);
  sqlite3_bind_blob(db->append, 5, row->hash, WF_HASH_SIZE, SQLITE_STATIC);
  sqlite3_bind_blob64(db->append, 6, bundle.data, bundle.size, SQLITE_STATIC);
  sqlite3_bind_int64(db->append, 7, sum_of(bundle.data, bundle.size));
  return step_done(db, db->append, "append");
}

wf_status wf_store_db_audit(wf_store_db *db, const wf_audit_row *row) {
  const wf_release_note *n = &row->note;
  char audience[WF_AUDIENCE_TEXT_SIZE];
  sqlite3_stmt *s = db->audit;
  sqlite3_bind_int64(s, 1, n->at.ns);
  sqlite3_bind_int64(s, 2, row->until.ns);
  sqlite3_bind_text(s, 3, wf_audience_format(&n->audience, audience), -1, SQLITE_STATIC);
  sqlite3_bind_text(s, 4, wf_release_kind_name(n->kind), -1, SQLITE_STATIC);
  sqlite3_bind_int64(s, 5, (int64_t)n->object);
  sqlite3_bind_int64(s, 6, n->outcome);
  sqlite3_bind_text(s, 7, n->rule, -1, SQLITE_STATIC);
  sqlite3_bind_int64(s, 8, (int64_t)n->policy);
  sqlite3_bind_text(s, 9, n->why, -1, SQLITE_STATIC);
  sqlite3_bind_int64(s, 10, (int64_t)row->count);
  sqlite3_bind_int64(s, 11, n->valid_time.ns);
  sqlite3_bind_int64(s, 12, row->last_valid.ns);
  const wf_status status = step_done(db, s, "audit");
  const int64_t position = sqlite3_last_insert_rowid(db->sql);
  if (status != WF_OK || position % 4096 != 0 || position <= WF_AUDIT_WITHHELD_ROWS_MAX) return status;
  sqlite3_bind_int64(db->audit_trim, 1, position - WF_AUDIT_WITHHELD_ROWS_MAX);
  return step_done(db, db->audit_trim, "audit");
}

wf_status wf_store_db_epoch_put(wf_store_db *db, uint64_t epoch) {
  sqlite3_bind_int64(db->epoch, 1, (int64_t)epoch);
  return step_done(db, db->epoch, "epoch");
}

uint64_t wf_store_db_epoch(wf_store_db *db) {
  sqlite3_stmt *get = NULL;
  uint64_t epoch = 0;
  if (sqlite3_prepare_v2(db->sql, "SELECT value FROM meta WHERE key = 'epoch'", -1, &get, NULL) == SQLITE_OK &&
      sqlite3_step(get) == SQLITE_ROW)
    epoch = (uint64_t)sqlite3_column_int64(get, 0);
  sqlite3_finalize(get);
  return epoch;
}

wf_status wf_store_db_restore(wf_store_db *db, wf_status (*visit)(void *context, const wf_store_bundle *bundle),
                              void *context) {
  sqlite3_stmt *all = NULL;
  if (sqlite3_prepare_v2(db->sql, "SELECT raw, sum, first, last FROM bundle ORDER BY position", -1, &all, NULL) !=
      SQLITE_OK)
    return keep_error(db, "restore");
  wf_status status = WF_OK;
  int code = SQLITE_DONE;
  while (status == WF_OK && (code = sqlite3_step(all)) == SQLITE_ROW) {
    const void *raw = sqlite3_column_blob(all, 0);
    const wf_store_bundle bundle = {.bytes = {raw, (size_t)sqlite3_column_bytes(all, 0)},
                                    .first = (uint64_t)sqlite3_column_int64(all, 2),
                                    .last = (uint64_t)sqlite3_column_int64(all, 3),
                                    .damaged = wf_store_db_damaged(all, 0, 1)};
    status = visit(context, &bundle);
  }
  if (status == WF_OK && code != SQLITE_DONE) status = keep_error(db, "restore");
  sqlite3_finalize(all);
  return status;
}

static void cursor_start(wf_store_cursor *cursor) {
  if (cursor->started) return;
  cursor->started = true;
  cursor->last = cursor->range.first - (cursor->range.first > 0);
  memset(cursor->hash, 0xff, sizeof cursor->hash);
}

static bool chunk_add(wf_store_chunk *chunk, const void *raw, size_t size) {
  if (chunk->used + size > chunk->size) {
    const size_t wanted = chunk->used + size + WF_STORE_CHUNK_BYTES / 4;
    uint8_t *data = realloc(chunk->data, wanted);
    if (data == NULL) return false;
    chunk->data = data;
    chunk->size = wanted;
  }
  memcpy(chunk->data + chunk->used, raw, size);
  chunk->used += size;
  chunk->offset[++chunk->count] = chunk->used;
  return true;
}

// Takes one row into the chunk; sets done when the row is past the range or the limit is passed.
static wf_status take_row(sqlite3_stmt *rows, wf_store_cursor *cursor, wf_store_chunk *chunk) {
  const uint64_t last = (uint64_t)sqlite3_column_int64(rows, 0), first = (uint64_t)sqlite3_column_int64(rows, 3);
  const size_t size = (size_t)sqlite3_column_bytes(rows, 2);
  cursor->done = first > cursor->range.last;
  if (cursor->done) return WF_OK;
  if (!chunk_add(chunk, sqlite3_column_blob(rows, 2), size)) return WF_ENOMEM;
  chunk->row[chunk->count - 1].first = first;
  chunk->row[chunk->count - 1].last = last;
  chunk->row[chunk->count - 1].damaged = wf_store_db_damaged(rows, 2, 4);
  cursor->bytes += size;
  cursor->done = cursor->bytes > cursor->range.limit_bytes;
  cursor->last = last;
  if (sqlite3_column_bytes(rows, 1) == WF_HASH_SIZE) memcpy(cursor->hash, sqlite3_column_blob(rows, 1), WF_HASH_SIZE);
  return WF_OK;
}

wf_status wf_store_db_fetch(wf_store_db *db, wf_store_cursor *cursor, wf_store_chunk *chunk) {
  chunk->count = chunk->used = 0;
  int64_t id = 0;
  wf_status status = stream_id(db, &cursor->range.stream, false, &id);
  if (status == WF_ENOTFOUND) cursor->done = true;
  if (status != WF_OK) return status == WF_ENOTFOUND ? WF_OK : status;
  cursor_start(cursor);
  sqlite3_stmt *rows = db->fetch;
  sqlite3_bind_int64(rows, 1, id);
  sqlite3_bind_int64(rows, 2, (int64_t)cursor->range.epoch);
  sqlite3_bind_int64(rows, 3, (int64_t)cursor->last);
  sqlite3_bind_blob(rows, 4, cursor->hash, WF_HASH_SIZE, SQLITE_TRANSIENT);
  int seen = 0, code = SQLITE_DONE;
  while (status == WF_OK && !cursor->done && chunk->used < WF_STORE_CHUNK_BYTES &&
         (code = sqlite3_step(rows)) == SQLITE_ROW) {
    seen++;
    status = take_row(rows, cursor, chunk);
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) status = keep_error(db, "fetch");
  if (code == SQLITE_DONE && seen < WF_STORE_CHUNK) cursor->done = true;
  sqlite3_reset(rows);
  return status;
}
