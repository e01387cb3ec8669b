// Whole nodes in one process under a virtual clock: links with delay and faults, disks that lose what was not yet
// synced, crashes and restarts. The same seed and calls give the same run. The demo in fast time and the storm use it.
//
// A link is what TCP gives: ordered, reliable until it is cut; a cut loses what is in flight. A disk acknowledges a
// write after its sync delay; a crash keeps what was acknowledged and, by the dice, a prefix of what was not.
#ifndef WF_SIM_WORLD_H
#define WF_SIM_WORLD_H

#include <stddef.h>

#include "node/journal.h"
#include "node/node.h"

#define WF_WORLD_NODES_MAX WF_NATION_MAX

typedef struct wf_world_config {
  uint64_t seed;
  wf_time start;
  double rate;                // record time runs this fast against monotonic time (1)
  int64_t link_delay_ns;      // one way (20 ms)
  int64_t link_jitter_ns;     // added, uniform 0..this; order is kept
  int64_t link_credit_bytes;  // what a link takes before it blocks (256 KiB)
  int64_t sync_delay_ns;      // disk (2 ms)
  int64_t tick_ns;            // 50 ms of monotonic time
  int64_t advance_ns;         // pictures advance no more often than this; 0: as the node itself decides
  bool bare;                  // exchanges alone, without sensors and pictures: records come from wf_world_publish
  bool joins_later[WF_WORLD_NODES_MAX];  // not started by wf_world_new but by wf_world_restart
  wf_journal *journal[WF_WORLD_NODES_MAX];  // borrowed; NULL: the node's inputs are not recorded
  uint32_t node_count;
  wf_node_config node[WF_WORLD_NODES_MAX];  // exchange.boot is set by the world
} wf_world_config;

typedef struct wf_world wf_world;
wf_world *wf_world_new(const wf_world_config *config);
void wf_world_free(wf_world *world);

wf_time wf_world_now(const wf_world *world);
void wf_world_run_until(wf_world *world, wf_time until);

bool wf_world_up(const wf_world *world, uint32_t index);
// NULL while it is down, and in a bare world.
wf_node *wf_world_node(wf_world *world, uint32_t index);
// A sensor's datagram, heard now. Lost while the node is down.
void wf_world_sensor(wf_world *world, uint32_t node, wf_bytes datagram);
// A person's word, as an encoded sensor report; what the node made of it is in its counts.
void wf_world_report(wf_world *world, uint32_t node, wf_bytes report, const char *person);
wf_status wf_world_decide(wf_world *world, uint32_t node, uint64_t product, wf_decision decision, const char *person);
wf_status wf_world_notice(wf_world *world, uint32_t node, const char *text, const char *person);

// An opaque record of a node in a bare world; false when it is down or its exchange refuses.
bool wf_world_publish(wf_world *world, uint32_t node, const wf_audience *audience, wf_stream_class stream_class,
                      wf_priority priority, wf_bytes payload);

// What people look at, of whole nodes and bare exchanges alike; nothing while it is down.
size_t wf_world_streams(const wf_world *world, uint32_t node, wf_stream_view *out, size_t cap);
size_t wf_world_links(const wf_world *world, uint32_t node, wf_link_view *out, size_t cap);
size_t wf_world_exchange_bytes(const wf_world *world, uint32_t node);
uint64_t wf_world_epoch_used(const wf_world *world, uint32_t node);

// Faults. Cutting is per direction-less pair; extra delay is added one way to both. In a hole what is sent waits, in
// order, until it is healed or the connection ends. A full disk refuses what it is given from now on.
void wf_world_cut(wf_world *world, uint32_t a, uint32_t b, bool cut);
void wf_world_delay(wf_world *world, uint32_t a, uint32_t b, int64_t extra_ns);
void wf_world_delay_one_way(wf_world *world, uint32_t from, uint32_t to, int64_t extra_ns);
void wf_world_hole(wf_world *world, uint32_t from, uint32_t to, bool hole);
void wf_world_stall_reader(wf_world *world, uint32_t node, bool stalled);  // takes nothing off its links
void wf_world_crash(wf_world *world, uint32_t node);
void wf_world_doom(wf_world *world, uint32_t node, uint32_t effects);  // it crashes after so many more effects
uint64_t wf_world_crashes(const wf_world *world, uint32_t node);
void wf_world_restart(wf_world *world, uint32_t node);
void wf_world_lose_disk(wf_world *world, uint32_t node);  // only while down
void wf_world_slow_disk(wf_world *world, uint32_t node, int64_t extra_ns);
void wf_world_full_disk(wf_world *world, uint32_t node, bool full);
void wf_world_step_clock(wf_world *world, uint32_t node, int64_t ns);
void wf_world_drift_clock(wf_world *world, uint32_t node, int64_t ppm);

// A second live node with a node's name and keys, and a copy of its disk or an empty one; once in a world's life. It is
// number node_count. Of two nodes with one name a partner has a link with one: with the twin, or not (at first).
bool wf_world_twin(wf_world *world, uint32_t of, bool same_disk);
void wf_world_twin_takes(wf_world *world, uint32_t partner, bool takes);
void wf_world_twin_ends(wf_world *world);

// Node's configuration says from now on that `other` is this: told to it now, and at every later start.
void wf_world_membership(wf_world *world, uint32_t node, uint32_t other, wf_membership membership);

// What a node has on its disk, in log order; durable rows only.
typedef struct wf_world_row { wf_stream_name stream; uint64_t epoch, first, last; uint8_t hash[WF_HASH_SIZE]; wf_bytes bytes; bool torn, damaged; } wf_world_row;
uint64_t wf_world_epoch(const wf_world *world, uint32_t node);  // the highest epoch on it
size_t wf_world_rows(const wf_world *world, uint32_t node);
void wf_world_row_at(const wf_world *world, uint32_t node, size_t index, wf_world_row *out);

// Effects worth knowing about as they happen: alarms and products (the driver's screens). May be NULL.
typedef void wf_world_watch(void *context, uint32_t node, wf_time at, const wf_effect *effect);
void wf_world_on_effect(wf_world *world, wf_world_watch *watch, void *context);

// Every frame that leaves a node, before the network: what the storm's "no byte outside the audience" looks at.
typedef void wf_world_tap(void *context, uint32_t from, uint32_t to, wf_bytes frame);
void wf_world_on_frame(wf_world *world, wf_world_tap *tap, void *context);

// Frames as they go onto the wire: a driver that plays a faulty sender may change the copy (and free and replace it).
typedef void wf_world_tamper(void *context, uint32_t from, uint32_t to, uint8_t **frame, size_t *size);
void wf_world_on_wire(wf_world *world, wf_world_tamper *tamper, void *context);
// A frame the receiver takes for the sender's, past the order of the link; lost when the lane is down.
void wf_world_inject(wf_world *world, uint32_t from, uint32_t to, int lane, wf_bytes frame);
void wf_world_sign(const wf_world *world, uint32_t node, wf_bytes message, uint8_t signature[WF_SIGNATURE_SIZE]);
size_t wf_world_rot(wf_world *world, uint32_t node, uint64_t dice);  // flips a bit of one durable row; how many (0, 1)

typedef struct wf_world_stats { uint64_t events, frames, frame_bytes, frames_lost, rows, crashes, over_credit_bytes /* the most a link was given beyond its credit */; } wf_world_stats;
void wf_world_stats_get(const wf_world *world, wf_world_stats *out);

#endif
