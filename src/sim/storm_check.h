// The invariants every storm must leave whole, as numbered in docs/storm.md.
#ifndef WF_SIM_STORM_CHECK_H
#define WF_SIM_STORM_CHECK_H

#include "disk.h"
#include "sim/storm.h"
#include "sim/world.h"
#include "storm_heard.h"
#include "wire/bundle.h"
#include "wire/link.h"

enum { STORM_LIES_MAX = 8, STORM_TWIN_EPOCHS_MAX = 128 };

// A bundle that its origin gave to one partner with other content.
typedef struct storm_lie {
  uint32_t from, to;
  wf_stream_name stream;
  uint64_t epoch, first, last;
  uint8_t hash[WF_HASH_SIZE];
} storm_lie;

typedef struct storm_check {
  wf_world *world;
  const wf_world_config *config;
  // What each node went through.
  bool lost_disk[WF_WORLD_NODES_MAX], full_disk[WF_WORLD_NODES_MAX], rotten[WF_WORLD_NODES_MAX];
  bool suspended[WF_WORLD_NODES_MAX], revoked[WF_WORLD_NODES_MAX];
  bool corrupts[WF_WORLD_NODES_MAX], lies[WF_WORLD_NODES_MAX];
  uint64_t crashes[WF_WORLD_NODES_MAX];
  bool alarmed[WF_WORLD_NODES_MAX][WF_ALARM_KIND_COUNT];
  storm_lie lie[STORM_LIES_MAX];
  size_t lie_count;
  uint32_t twin_of;     // UINT32_MAX: nobody had a twin
  uint64_t twin_since;  // crashes of its original by then
  uint64_t twin_epochs[STORM_TWIN_EPOCHS_MAX];
  size_t twin_epoch_count;
  storm_heard heard[WF_WORLD_NODES_MAX];      // bare worlds
  size_t exchange_bytes[WF_WORLD_NODES_MAX];  // at the first start
  wf_frame *frame;                            // scratch
  uint64_t frames;
  wf_storm_coverage coverage;
  char why[200];  // the first thing found while it ran
} storm_check;

wf_status storm_check_begin(storm_check *check, wf_world *world, const wf_world_config *config);
void storm_check_watch(storm_check *check);    // bounds, now
void storm_check_crashes(storm_check *check);  // whoever has just stopped: was more acknowledged than is there?
void storm_check_lie(storm_check *check, uint32_t from, uint32_t to, const wf_bundle *said, const uint8_t *hash);
void storm_check_twin(storm_check *check, uint32_t of);
bool storm_check_settled(storm_check *check);  // everybody is linked and has everything
void storm_check_free(storm_check *check);

wf_frame_kind storm_frame_kind(wf_bytes frame);  // as this program's encoder writes it, at a glance
__attribute__((format(printf, 2, 3))) void storm_broken(storm_check *check, const char *format, ...);
const char *storm_code(const storm_check *check, uint32_t node);
bool storm_origin_lied(const storm_check *check, const wf_stream_name *stream);
bool storm_origin_revoked(const storm_check *check, const wf_stream_name *stream);
bool storm_faulty(const storm_check *check);  // somebody has sent what no honest node sends

// storm_final.c: after healing.
void storm_check_end(storm_check *check, wf_storm_result *result);
// storm_cover.c
void storm_cover_effect(storm_check *check, uint32_t node, const wf_effect *effect);
void storm_cover_frame(storm_check *check, wf_frame_kind kind);
void storm_cover_deliver(storm_check *check, const wf_deliver *deliver, const wf_bundle *bundle);

#endif
