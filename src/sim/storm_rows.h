// The disks of all nodes in the order of their streams, to compare them.
#ifndef WF_SIM_STORM_ROWS_H
#define WF_SIM_STORM_ROWS_H

#include "storm_check.h"

typedef struct storm_row {
  uint64_t stream_key;
  wf_world_row row;
} storm_row;

typedef struct storm_rows {
  storm_row *rows[WF_WORLD_NODES_MAX];  // by stream and epoch, first number, hash; without torn ones
  size_t count[WF_WORLD_NODES_MAX];
  bool signatures_may_differ;  // a bundle that its successor proves may have come with a spoilt signature
} storm_rows;

bool storm_rows_read(const storm_check *check, storm_rows *rows);  // false when memory is short
size_t storm_rows_count_same(const storm_rows *rows, uint32_t node, const storm_row *like);
void storm_rows_free(storm_rows *rows);

#endif
