// The contributions held, in their total order, and by id. All memory is the caller's.
#ifndef WF_PICTURE_LOG_H
#define WF_PICTURE_LOG_H

#include <stddef.h>

#include "base/hashmap.h"
#include "model/contribution.h"

typedef struct wf_pic_log {
  wf_contribution *slot;
  uint32_t *order;  // slots in order; the rest of the array holds the free slots
  uint32_t count, capacity;
  wf_hashmap ids;  // hash of id → slot
} wf_pic_log;

size_t wf_pic_log_size(uint32_t capacity);
void wf_pic_log_lay(wf_pic_log *log, void *memory, uint32_t capacity);
const wf_contribution *wf_pic_log_at(const wf_pic_log *log, uint32_t index);
// NULL when not held.
const wf_contribution *wf_pic_log_find(const wf_pic_log *log, const wf_contribution_id *id);
// Index where it is, or would be put in.
uint32_t wf_pic_log_place(const wf_pic_log *log, const wf_contribution *c);
wf_status wf_pic_log_insert(wf_pic_log *log, const wf_contribution *c);  // WF_EEXIST, WF_EFULL
void wf_pic_log_remove(wf_pic_log *log, uint32_t index);
void wf_pic_log_drop_first(wf_pic_log *log, uint32_t count);

#endif
