// A virtual disk: a log of bundles. A row counts as durable once its sync came back; a crash keeps the durable rows
// and, by the dice, a prefix of the others, never a hole; the next one may be there in half, for the next start to
// find.
#ifndef WF_SIM_DISK_H
#define WF_SIM_DISK_H

#include "base/rng.h"
#include "exchange/exchange.h"

typedef struct disk_row {
  wf_stored_row row;
  uint8_t *bytes;
  size_t size;
  bool durable;
  bool torn;    // of a crash: the last write, half of it there
  uint64_t sum;  // of its bytes as written: what is read back is held against it
} disk_row;
typedef struct disk {
  disk_row *rows;
  size_t count, capacity;
  uint64_t epoch;
} disk;

// The index of the row (an equal one is not written twice), or SIZE_MAX when out of memory.
size_t disk_append(disk *d, const wf_stored_row *row, wf_bytes bytes);
bool disk_damaged(const disk_row *row);
void disk_crash(disk *d, wf_rng *rng);
// Takes the torn row off the log; its bytes are the caller's. bytes NULL: there is none.
disk_row disk_take_torn(disk *d);
void disk_lose(disk *d);
void disk_copy(disk *to, const disk *from);  // what is durable, to an empty one
// The durable row with the lowest (number, hash) above `after` (NULL: of all) that holds any of first..last of a stream
// and epoch; SIZE_MAX when none.
size_t disk_find(const disk *d, const wf_stream_name *stream, uint64_t epoch, uint64_t first, uint64_t last,
                 const disk_row *after);
bool stream_name_equal(const wf_stream_name *a, const wf_stream_name *b);

#endif
