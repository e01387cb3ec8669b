#include "io/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_db.h"

enum { KEEP_PAGES = 2000 };  // 8 MB of the log beside the file

// One thing to write: a bundle, or (row.epoch alone, no bytes) an epoch.
typedef struct put {
  struct put *next;
  uint64_t token, epoch;
  bool is_epoch, is_audit;
  wf_stored_row row;
  size_t size;
  uint8_t bytes[];
} put;

typedef struct fetch {
  struct fetch *next;
  uint64_t token;
  wf_store_cursor cursor;
} fetch;

struct wf_store {
  wf_store_config config;
  wf_store_db *db;
  put *head, **tail;  // waiting for the next job
  fetch *fetch_head, **fetch_tail;
  uv_work_t work, keep_work;
  bool busy, keeping, kept, closing, failed;  // kept: the writer has the rest to do
  put *job;                                   // being written; the worker owns it while busy
  bool job_ok, job_keeps_rest;
  fetch *job_fetch;
  wf_status fetch_status;
  wf_store_chunk chunk;
  uint64_t job_us, epoch;
  wf_store_stats stats;
};

static wf_status write_one(wf_store_db *db, const put *p) {
  if (p->is_audit) {
    wf_audit_row row;
    memcpy(&row, p->bytes, sizeof row);
    return wf_store_db_audit(db, &row);
  }
  return p->is_epoch ? wf_store_db_epoch_put(db, p->epoch)
                     : wf_store_db_append(db, &p->row, (wf_bytes){p->bytes, p->size});
}

static bool write_batch(wf_store_db *db, const put *list) {
  if (list == NULL) return true;
  bool ok = wf_store_db_begin(db) == WF_OK;
  for (const put *p = list; p != NULL && ok; p = p->next) ok = write_one(db, p) == WF_OK;
  if (ok) ok = wf_store_db_commit(db) == WF_OK;
  if (!ok) wf_store_db_rollback(db);
  return ok;
}

static void keep_run(uv_work_t *work) {
  wf_store_db_keep(((wf_store *)work->data)->db);
}

static void keep_done(uv_work_t *work, int status) {
  wf_store *store = work->data;
  store->keeping = false;
  store->kept = true;
}

static void keep_if_due(wf_store *store) {
  if (store->keeping || store->kept || store->closing || wf_store_db_wal_pages(store->db) < KEEP_PAGES) return;
  store->keeping = true;
  store->keep_work.data = store;
  uv_queue_work(store->config.loop, &store->keep_work, keep_run, keep_done);
}

static void work_run(uv_work_t *work) {
  wf_store *store = work->data;
  if (store->job_keeps_rest) wf_store_db_keep_rest(store->db);
  const uint64_t start = uv_hrtime();
  store->job_ok = !store->failed && write_batch(store->db, store->job);
  store->job_us = (uv_hrtime() - start) / 1000;
  if (store->job_fetch != NULL)
    store->fetch_status = wf_store_db_fetch(store->db, &store->job_fetch->cursor, &store->chunk);
}

static void fail(wf_store *store) {
  if (store->failed) return;
  store->failed = store->stats.failed = true;
  if (store->config.failed != NULL) store->config.failed(store->config.context, wf_store_db_error(store->db));
}

static void count_batch(wf_store *store, const put *list, bool ok) {
  for (const put *p = list; p != NULL; p = p->next) {
    store->stats.queued_bytes -= sizeof *p + p->size;
    if (p->is_audit) {
      *(ok ? &store->stats.audit_rows : &store->stats.audit_lost) += 1;
    } else if (!ok) {
      store->stats.refused++;
    } else if (p->is_epoch) {
      if (p->epoch > store->epoch) store->epoch = p->epoch;
    } else {
      store->stats.bundles++;
      store->stats.bytes += p->size;
    }
  }
  if (list == NULL || !ok) return;
  store->stats.transactions++;
  store->stats.commit_us_last = store->job_us;
  if (store->job_us > store->stats.commit_us_max) store->stats.commit_us_max = store->job_us;
}

static void answer_batch(wf_store *store, put *list, bool ok) {
  while (list != NULL) {
    put *p = list;
    list = p->next;
    if (!store->closing && !p->is_audit) store->config.stored(store->config.context, p->token, ok);
    free(p);
  }
}

// Hands a chunk to the core; a fetch that is not finished goes to the end of the line, so that several take turns.
static void answer_fetch(wf_store *store, fetch *f) {
  const wf_store_chunk *c = &store->chunk;
  for (size_t i = 0; i < c->count; i++)
    store->config.fetched(store->config.context, f->token,
                          &(wf_store_bundle){{c->data + c->offset[i], c->offset[i + 1] - c->offset[i]},
                                             c->row[i].first,
                                             c->row[i].last,
                                             c->row[i].damaged},
                          true);
  store->stats.fetched += c->count;
  if (store->fetch_status == WF_OK && !f->cursor.done) {
    *store->fetch_tail = f;
    store->fetch_tail = &f->next;
    return;
  }
  store->config.fetched(store->config.context, f->token, &(wf_store_bundle){0}, false);
  free(f);
}

static void work_done(uv_work_t *work, int status) {
  wf_store *store = work->data;
  put *list = store->job;
  fetch *f = store->job_fetch;
  store->busy = false;
  store->job = NULL;
  store->job_fetch = NULL;
  const bool ok = status == 0 && store->job_ok;
  count_batch(store, list, ok);
  if (!ok && list != NULL) fail(store);
  answer_batch(store, list, ok);
  keep_if_due(store);
  if (f != NULL && !store->closing) answer_fetch(store, f);
  if (f != NULL && store->closing) free(f);
  if (!store->closing) wf_store_submit(store);
}

void wf_store_submit(wf_store *store) {
  if (store->busy || (store->head == NULL && store->fetch_head == NULL)) return;
  store->job = store->head;
  store->head = NULL;
  store->tail = &store->head;
  store->job_fetch = store->fetch_head;
  if (store->job_fetch != NULL) {
    store->fetch_head = store->job_fetch->next;
    store->job_fetch->next = NULL;
    if (store->fetch_head == NULL) store->fetch_tail = &store->fetch_head;
  }
  store->job_keeps_rest = store->kept;
  store->kept = false;
  store->work.data = store;
  store->busy = true;
  // uv_queue_work fails only for a missing callback.
  uv_queue_work(store->config.loop, &store->work, work_run, work_done);
}

static void queue_put(wf_store *store, put *p) {
  store->stats.queued_bytes += sizeof *p + p->size;
  p->next = NULL;
  *store->tail = p;
  store->tail = &p->next;
}

static void refuse(wf_store *store, uint64_t token) {
  store->stats.refused++;
  store->config.stored(store->config.context, token, false);
}

void wf_store_put(wf_store *store, uint64_t token, const wf_stored_row *row, wf_bytes bundle) {
  const size_t size = sizeof(put) + bundle.size;
  put *p = store->failed || store->stats.queued_bytes + size > store->config.queue_bytes ? NULL : malloc(size);
  if (p == NULL) {
    refuse(store, token);
    return;
  }
  *p = (put){.token = token, .row = *row, .size = bundle.size};
  memcpy(p->bytes, bundle.data, bundle.size);
  queue_put(store, p);
}

void wf_store_put_audit(wf_store *store, const wf_audit_row *row) {
  const size_t size = sizeof(put) + sizeof *row;
  put *p = store->failed || store->stats.queued_bytes + size > store->config.queue_bytes ? NULL : malloc(size);
  if (p == NULL) {
    store->stats.audit_lost++;
    return;
  }
  *p = (put){.is_audit = true, .size = sizeof *row};
  memcpy(p->bytes, row, sizeof *row);
  queue_put(store, p);
}

void wf_store_put_epoch(wf_store *store, uint64_t token, uint64_t epoch) {
  put *p = store->failed ? NULL : malloc(sizeof *p);
  if (p == NULL) {
    refuse(store, token);
    return;
  }
  *p = (put){.token = token, .epoch = epoch, .is_epoch = true};
  queue_put(store, p);
}

void wf_store_fetch(wf_store *store, uint64_t token, const wf_store_range *range) {
  fetch *f = calloc(1, sizeof *f);
  if (f == NULL) {
    store->config.fetched(store->config.context, token, &(wf_store_bundle){0}, false);
    return;
  }
  f->token = token;
  f->cursor.range = *range;
  *store->fetch_tail = f;
  store->fetch_tail = &f->next;
}

wf_status wf_store_open(const wf_store_config *config, wf_store **out, char reason[WF_IO_REASON_SIZE]) {
  wf_store *store = calloc(1, sizeof *store);
  if (store == NULL) return WF_ENOMEM;
  store->config = *config;
  store->tail = &store->head;
  store->fetch_tail = &store->fetch_head;
  const wf_status status = wf_store_db_open(config, &store->db, reason);
  if (status != WF_OK) {
    free(store);
    return status;
  }
  store->config.path = NULL;  // was the caller's, and is not needed again
  store->epoch = wf_store_db_epoch(store->db);
  *out = store;
  return WF_OK;
}

wf_status wf_store_close(wf_store *store) {
  store->closing = true;
  while (store->busy || store->keeping) uv_run(store->config.loop, UV_RUN_ONCE);
  const bool ok = !store->failed && write_batch(store->db, store->head);
  answer_batch(store, store->head, ok);
  for (fetch *f = store->fetch_head; f != NULL;) {
    fetch *next = f->next;
    free(f);
    f = next;
  }
  wf_store_db_close(store->db);
  free(store->chunk.data);
  free(store);
  return ok ? WF_OK : WF_EIO;
}

uint64_t wf_store_epoch(const wf_store *store) {
  return store->epoch;
}

wf_status wf_store_restore(wf_store *store, wf_status (*visit)(void *context, const wf_store_bundle *bundle),
                           void *context) {
  return wf_store_db_restore(store->db, visit, context);
}

void wf_store_stats_get(const wf_store *store, wf_store_stats *out) {
  *out = store->stats;
}
