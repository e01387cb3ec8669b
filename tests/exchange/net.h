// Bare exchanges in a simulated world: virtual clock, links that behave like TCP (ordered, reliable until cut; a cut
// loses what is in flight), disks that lose what was not synced. One seed, one run. Whole nodes have sim/world.h; this
// one is for tests that must see every effect of the exchange, and is fast enough for thousands of seeds.
#ifndef WF_TEST_EXCHANGE_NET_H
#define WF_TEST_EXCHANGE_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "exchange/exchange.h"
#include "wire/bundle.h"
#include "wire/link.h"

#define NET_NODES_MAX 8

typedef struct net_row {
  wf_stored_row row;
  uint8_t *bytes;
  size_t size;
  bool durable, torn;
} net_row;

typedef struct net_disk {
  net_row *rows;
  size_t count, capacity;
  uint64_t epoch, epoch_written;
  bool full;
} net_disk;

// What a node's core was given in its present life, by record.
typedef struct net_record {
  wf_stream_name stream;
  uint64_t epoch, sequence;
  int delivered, aside;  // net of retractions
  uint8_t delivered_hash[WF_HASH_SIZE];
} net_record;

typedef struct net_node {
  wf_exchange *x;  // NULL while down
  wf_exchange_config config;
  uint32_t life;
  bool stalled, slow_sign;
  int64_t clock_offset_ns;
  net_disk disk;
  net_record *records;
  size_t record_count, record_capacity;
  uint32_t *index;  // open addressing into records
  size_t index_size;
  uint64_t alarms[WF_ALARM_KIND_COUNT];
  uint64_t published, refused;
} net_node;

typedef struct net_event {
  int64_t at_ns;
  uint64_t order;
  int kind;
  uint32_t node, peer, life;
  uint8_t lane;
  uint64_t token, value;
  bool ok;
  uint8_t *bytes;
  size_t size;
} net_event;

typedef struct net_lane {
  bool up;
  uint32_t generation;
  int64_t last_arrival_ns[2];
  uint64_t in_flight[2], sent[2], taken[2];  // frames are taken in the order they were sent
} net_lane;

typedef struct net_pair {
  bool cut;
  bool hole[2];  // what is sent that way waits (a black hole; TCP would send it again)
  int64_t extra_delay_ns;
  net_lane lane[2];
} net_pair;

typedef struct net_config {
  uint64_t seed;
  uint32_t nodes;
  int64_t link_delay_ns, link_jitter_ns, sync_delay_ns, sign_ns, verify_ns, tick_ns, reconnect_ns;
  uint64_t credit;
  size_t cache_bytes, queue_bytes;
} net_config;

typedef struct net {
  net_config config;
  int64_t mono_ns;
  wf_rng rng;
  net_event *heap;
  size_t heap_count, heap_capacity;
  uint64_t order, events, frames, bytes, duplicates;
  net_node node[NET_NODES_MAX];
  net_pair pair[NET_NODES_MAX][NET_NODES_MAX];  // [lower][higher]
  char failure[256];                            // first violated rule; empty = none
  void (*hook)(struct net *n, uint64_t value);  // a timed call of the test
  bool trace;
  // A frame on its way may be changed or lost by a test: return false to lose it.
  bool (*tamper)(struct net *n, uint32_t from, uint32_t to, uint8_t *bytes, size_t *size);
} net;

void net_defaults(net_config *config);
net *net_new(const net_config *config);
void net_free(net *n);
wf_nation net_nation(uint32_t node);
void net_start(net *n, uint32_t node);
void net_crash(net *n, uint32_t node);
void net_lose_disk(net *n, uint32_t node);
void net_input(net *n, uint32_t node, wf_exchange_input input);
void net_run(net *n, int64_t for_ns);
void net_call_at(net *n, int64_t in_ns, uint64_t value);
void net_cut(net *n, uint32_t a, uint32_t b, bool cut);
void net_hole(net *n, uint32_t from, uint32_t to, bool hole);
net_pair *net_pair_of(net *n, uint32_t a, uint32_t b);
wf_clock net_clock(const net *n, uint32_t node);

// The stream is opened when first used. False when the exchange refused it.
bool net_publish(net *n, uint32_t node, const wf_audience *audience, wf_stream_class stream_class, wf_priority priority,
                 wf_bytes payload);
wf_audience net_audience(const char *text);
void net_sign(wf_nation nation, wf_bytes message, uint8_t signature[WF_SIGNATURE_SIZE]);
// Net deliveries of a record of `origin`'s newest epoch here; 0 when it is not there.
uint64_t net_delivered(const net *n, uint32_t node);  // records delivered in this life, net
void net_fail(net *n, const char *format, ...);
// Every record durable at its author is delivered exactly once, with equal bytes, at every live member; all live
// members hold the same. Sets n->failure otherwise.
void net_check_all(net *n);

#endif
