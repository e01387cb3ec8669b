// The SQLite half of the store: statements and nothing else. Used by one thread at a time.
#ifndef WF_IO_STORE_DB_H
#define WF_IO_STORE_DB_H

#include "io/audit.h"
#include "io/store.h"

typedef struct wf_store_db wf_store_db;

wf_status wf_store_db_open(const wf_store_config *config, wf_store_db **out, char reason[WF_IO_REASON_SIZE]);
void wf_store_db_close(wf_store_db *db);

wf_status wf_store_db_begin(wf_store_db *db);
wf_status wf_store_db_append(wf_store_db *db, const wf_stored_row *row, wf_bytes bundle);
wf_status wf_store_db_audit(wf_store_db *db, const wf_audit_row *row);
wf_status wf_store_db_epoch_put(wf_store_db *db, uint64_t epoch);
wf_status wf_store_db_commit(wf_store_db *db);
void wf_store_db_rollback(wf_store_db *db);
uint64_t wf_store_db_epoch(wf_store_db *db);
wf_status wf_store_db_restore(wf_store_db *db, wf_status (*visit)(void *context, const wf_store_bundle *bundle),
                              void *context);
// The log beside the file (WAL) in pages, and moving it into the file: most of it by keep, from any thread beside the
// writer's; the rest by the writer between two transactions.
int wf_store_db_wal_pages(const wf_store_db *db);
void wf_store_db_keep(wf_store_db *db);
void wf_store_db_keep_rest(wf_store_db *db);
const char *wf_store_db_error(const wf_store_db *db);
// Of a row with a bundle and its sum in these columns.
struct sqlite3_stmt;
bool wf_store_db_damaged(struct sqlite3_stmt *row, int raw, int sum);

// Up to WF_STORE_CHUNK bundles (and about WF_STORE_CHUNK_BYTES) of a range; the cursor remembers where to go on.
#define WF_STORE_CHUNK 64
#define WF_STORE_CHUNK_BYTES (512 * 1024)
typedef struct wf_store_cursor {
  wf_store_range range;
  bool started, done;
  uint64_t last;
  size_t bytes;
  uint8_t hash[WF_HASH_SIZE];
} wf_store_cursor;
typedef struct wf_store_chunk {
  size_t count, used, size;
  uint8_t *data;
  size_t offset[WF_STORE_CHUNK + 1];
  struct {
    uint64_t first, last;
    bool damaged;
  } row[WF_STORE_CHUNK];
} wf_store_chunk;
wf_status wf_store_db_fetch(wf_store_db *db, wf_store_cursor *cursor, wf_store_chunk *chunk);

#endif
