// What the files of the world share. Nobody outside includes it.
#ifndef WF_SIM_WORLD_INSIDE_H
#define WF_SIM_WORLD_INSIDE_H

#include <sodium.h>

#include "agenda.h"
#include "base/rng.h"
#include "disk.h"
#include "sim/world.h"

#define LANES 2
#define NO_TWIN UINT32_MAX

// One direction of one lane between two nodes.
typedef struct pipe {
  int64_t last_arrival_ns, in_flight;
  uint64_t sent, taken;  // frames are taken in the order they were sent, also after a stall
} pipe;

typedef struct pair {
  bool cut;
  bool away;     // the other of two nodes with one name has this link
  bool hole[2];  // [0: lower index → higher]: what is sent that way waits
  int64_t extra_delay_ns[2];
  bool up[LANES];
  uint32_t generation[LANES];  // counts connections: what was in flight on an older one is lost
  pipe pipe[LANES][2];         // [lane][0: lower index → higher]
} pair;

typedef struct actor {
  wf_node *node;      // a whole node, …
  wf_exchange *bare;  // … or its exchange alone; both NULL while it is down
  uint32_t life;      // counts starts
  uint32_t dies_in;   // effects; 0: not doomed
  uint64_t crashes;
  int64_t advanced_ns;  // when its pictures did last
  bool stalled, disk_full;
  int64_t clock_offset_ns, clock_drift_ppm, drift_from_ns, extra_sync_ns;
  uint8_t membership[WF_WORLD_NODES_MAX];  // of the others in its configuration; 0: as it was at first
  disk disk;
  uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
} actor;

// Every member verifies the same bundles: what was found good once is good for all of them, and again after a restart.
enum { GOOD_MAX = 4096, GOOD_SIZE = 16 };

struct wf_world {
  wf_world_config config;
  int64_t mono_ns;
  wf_rng rng;
  agenda agenda;
  actor actor[WF_WORLD_NODES_MAX];
  uint32_t twin_of;                                   // who has a twin, behind all others; NO_TWIN
  bool twin_has[WF_WORLD_NODES_MAX];                  // whose link
  pair pair[WF_WORLD_NODES_MAX][WF_WORLD_NODES_MAX];  // [lower][higher]
  wf_world_watch *watch;
  void *watch_context;
  wf_world_tap *tap;
  void *tap_context;
  wf_world_tamper *tamper;
  void *tamper_context;
  wf_world_stats stats;
  uint8_t good[GOOD_MAX][GOOD_SIZE];  // hashes of (key, signature, bytes)
};

// world.c
pair *world_pair(wf_world *w, uint32_t a, uint32_t b);
void world_step(wf_world *w, uint32_t i, const wf_input *input);
void world_step_exchange(wf_world *w, uint32_t i, wf_exchange_input input);
void world_want_link(wf_world *w, uint32_t a, uint32_t b, uint8_t lane);
void world_link_down(wf_world *w, uint32_t a, uint32_t b, uint8_t lane);
// world_core.c: a whole node or a bare exchange, by the world's configuration
bool actor_up(const actor *a);
void actor_start(const wf_world *w, actor *a, uint32_t i, uint64_t boot);
void actor_stop(actor *a);
void actor_step(actor *a, wf_clock now, const wf_input *input);
bool actor_effect_next(actor *a, wf_effect *out);
// world_life.c
uint32_t world_ends(const wf_world *w);  // all there are, with a twin
int64_t world_clock_offset_ns(const wf_world *w, uint32_t i);

#endif
