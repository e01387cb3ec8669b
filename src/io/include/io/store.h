// The node's own log on disk: every bundle, in the order it came, and the highest epoch. SQLite in WAL mode with
// synchronous=FULL; a bundle is a row.
//
// Concurrency: all calls and all callbacks are on the loop's thread; the disk is touched by one job at a time in a
// worker thread, so nothing that sends or shows waits for it. What is put while a job runs goes into the next job: one
// job is one transaction (group commit). A failed write is final: the file is not written again by this process and
// every later put is answered "not durable".
#ifndef WF_IO_STORE_H
#define WF_IO_STORE_H

#include <stddef.h>
#include <uv.h>

#include "exchange/exchange.h"
#include "io/audit.h"
#include "io/reason.h"

// One bundle read back. damaged: it is not what was written (a sum over its bytes says so).
typedef struct wf_store_bundle {
  wf_bytes bytes;
  uint64_t first, last;
  bool damaged;
} wf_store_bundle;

typedef struct wf_store_config {
  uv_loop_t *loop;
  const char *path;  // created when absent; beside it SQLite keeps -wal and -shm, and we a .lock
  wf_nation nation;  // a store of another nation, mode or writer is refused
  wf_mode mode;
  uint32_t writer;
  size_t queue_bytes;  // waiting for the disk; more is answered "not durable" at once
  void *context;
  // Both may be called from within a put or fetch that cannot be queued.
  void (*stored)(void *context, uint64_t token, bool ok);
  // more: another bundle of this answer follows. An answer ends with an empty bundle and more = false.
  void (*fetched)(void *context, uint64_t token, const wf_store_bundle *bundle, bool more);
  void (*failed)(void *context, const char *reason);  // once, when the store becomes unusable
} wf_store_config;

typedef struct wf_store wf_store;

wf_status wf_store_open(const wf_store_config *config, wf_store **out, char reason[WF_IO_REASON_SIZE]);
// Waits for the running job, writes what is left in one last transaction and closes; no callback comes after.
// WF_EIO when something could not be made durable.
wf_status wf_store_close(wf_store *store);

uint64_t wf_store_epoch(const wf_store *store);  // highest own epoch on disk, 0 = none
// Every stored bundle in log order; before the loop runs. Stops when visit returns another status than WF_OK, and
// returns that.
wf_status wf_store_restore(wf_store *store, wf_status (*visit)(void *context, const wf_store_bundle *bundle),
                           void *context);

void wf_store_put(wf_store *store, uint64_t token, const wf_stored_row *row, wf_bytes bundle);
void wf_store_put_epoch(wf_store *store, uint64_t token, uint64_t epoch);

// One row of the release's audit. No callback; what does not fit the queue is lost and counted.
void wf_store_put_audit(wf_store *store, const wf_audit_row *row);

// Bundles of an epoch that overlap first..last, ascending, until limit_bytes is passed (at least one).
typedef struct wf_store_range {
  wf_stream_name stream;
  uint64_t epoch, first, last;
  size_t limit_bytes;
} wf_store_range;
void wf_store_fetch(wf_store *store, uint64_t token, const wf_store_range *range);

// Hands what was put to the worker; call once at the end of each loop turn.
void wf_store_submit(wf_store *store);

typedef struct wf_store_stats {
  uint64_t bundles, transactions, bytes, refused, fetched, audit_rows, audit_lost;
  uint64_t commit_us_last, commit_us_max;
  size_t queued_bytes;
  bool failed;
} wf_store_stats;
void wf_store_stats_get(const wf_store *store, wf_store_stats *out);

#endif
