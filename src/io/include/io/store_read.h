// A node's store read from beside it: also while the node runs, never written. A recording is a store that holds a part.
#ifndef WF_IO_STORE_READ_H
#define WF_IO_STORE_READ_H

#include "io/store.h"

typedef struct wf_store_reader wf_store_reader;
wf_status wf_store_reader_open(const char *path, wf_store_reader **out, char reason[WF_IO_REASON_SIZE]);
void wf_store_reader_close(wf_store_reader *reader);

typedef struct wf_store_identity {
  wf_nation nation;
  wf_mode mode;
  uint32_t writer;
} wf_store_identity;
const wf_store_identity *wf_store_reader_identity(const wf_store_reader *reader);  // whose store it is

typedef struct wf_store_entry {
  wf_stored_row row;  // as the columns say; row.stream_index is the stream's number in the store
  wf_bytes raw;
  bool damaged;
  int64_t position;  // of the bundle in the store; wf_store_reader_newest only
} wf_store_entry;
typedef wf_status (*wf_store_visit)(void *context, const wf_store_entry *entry);
typedef enum wf_store_order { WF_STORE_AS_WRITTEN, WF_STORE_BY_STREAM } wf_store_order;  // by stream, epoch, number
// Stops when visit returns another status than WF_OK, and returns that.
wf_status wf_store_reader_each(wf_store_reader *reader, wf_store_order order, wf_store_visit visit, void *context,
                               char reason[WF_IO_REASON_SIZE]);

// Newest first, from below `before` (0: from the end), at most `most` bundles; without those of class contributions
// unless asked. *rest: the position to go on below; 0: there is no more.
wf_status wf_store_reader_newest(wf_store_reader *reader, int64_t before, bool contributions, uint32_t most,
                                 wf_store_visit visit, void *context, int64_t *rest, char reason[WF_IO_REASON_SIZE]);

// A new store at `path`, of the same node, with every bundle that `wanted` says yes to, as written. WF_EEXIST when there
// is something at that place.
wf_status wf_store_export(wf_store_reader *reader, const char *path, bool (*wanted)(void *, const wf_store_entry *),
                          void *context, uint64_t *count, char reason[WF_IO_REASON_SIZE]);

#endif
