// How sure each observer was, over time: the 95 % semi-major axes of the impact areas, per event, so that a console
// opened late still shows what sharing was worth. Bounded: the older half is thinned when an event's rows are full.
#ifndef WF_IO_FEED_SIZES_H
#define WF_IO_FEED_SIZES_H

#include <jansson.h>

#include "node/value.h"

typedef struct feed_sizes feed_sizes;

feed_sizes *feed_sizes_new(void);  // NULL when out of memory
void feed_sizes_free(feed_sizes *sizes);
// A row per event and 4 s of record time, from the first area that anybody knows to the predicted impact.
void feed_sizes_note(feed_sizes *sizes, wf_time now, const wf_value_event *const *events, size_t count);
json_t *feed_sizes_json(const feed_sizes *sizes);

#endif
