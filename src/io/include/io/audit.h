// The audit of the release: what was told to whom under which rule, and what was withheld and why. Rows are judgements
// of one kind about one object under one rule within about a second, with their count; they lie in the node's own store
// (docs/release.md), never in a stream. Rows of what was withheld are bounded: the oldest make room.
#ifndef WF_IO_AUDIT_H
#define WF_IO_AUDIT_H

#include "io/reason.h"
#include "release/policy.h"

#define WF_AUDIT_WITHHELD_ROWS_MAX 200000

typedef struct wf_audit_row {
  wf_release_note note;  // of the first judgement
  wf_time until, last_valid;
  uint64_t count;
  int64_t position;  // in the store, rising; only when read
} wf_audit_row;

// ---- Writing: rows gather until they are handed on ---------------------------------------------------------------------
#define WF_AUDIT_OPEN_MAX 256
typedef struct wf_audit {
  size_t count;
  wf_audit_row open[WF_AUDIT_OPEN_MAX];
  void *context;
  void (*write)(void *context, const wf_audit_row *row);
} wf_audit;
void wf_audit_add(wf_audit *audit, const wf_release_note *note);
// Hands on what was opened a second ago or longer; all of it when now.ns is INT64_MAX.
void wf_audit_flush(wf_audit *audit, wf_time now);

// ---- Reading a store, also one in use ------------------------------------------------------------------------------------
typedef struct wf_audit_query {
  const wf_audience *within;  // NULL: all; else audiences that hold all these nations
  wf_time from, until;        // judged at; until.ns 0 = no end
  bool newest_first;
  int64_t before;  // positions below this only; 0 = all
} wf_audit_query;
// WF_ENOTFOUND: no such file. WF_EFORMAT: not a store, or one from before the audit. visit returns false to stop.
wf_status wf_audit_read(const char *store_path, const wf_audit_query *query,
                        bool (*visit)(void *context, const wf_audit_row *row), void *context,
                        char reason[WF_IO_REASON_SIZE]);

#endif
