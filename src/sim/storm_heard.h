// What an exchange has handed to its core, record by record, in its present life.
#ifndef WF_SIM_STORM_HEARD_H
#define WF_SIM_STORM_HEARD_H

#include "exchange/exchange.h"

typedef struct storm_record {
  uint64_t key;       // of stream, epoch and number; 0: free
  uint64_t content;   // hash of its bytes
  int32_t delivered;  // net of retractions
} storm_record;

typedef struct storm_heard {
  storm_record *slots;
  size_t count, size;
} storm_heard;

uint64_t storm_stream_key(const wf_stream_name *stream, uint64_t epoch);
uint64_t storm_content_key(wf_bytes bytes);
// A DELIVER or RETRACT effect. False when it is delivered twice, or memory is short.
bool storm_heard_take(storm_heard *heard, const wf_exchange_effect *effect);
const storm_record *storm_heard_find(const storm_heard *heard, uint64_t stream_key, uint64_t sequence);
size_t storm_heard_count(const storm_heard *heard);  // records the core has now
void storm_heard_clear(storm_heard *heard);          // a new life
void storm_heard_free(storm_heard *heard);

#endif
