// The console feed: a Unix socket that tells gateways what consoles show (docs/console-feed.md), as a snapshot and then
// deltas of the sections that changed, at most ten times a second. A client that does not keep up gets a fresh snapshot
// instead of a queue; nothing it does or fails to do reaches the core, but the two commands.
#ifndef WF_IO_FEED_H
#define WF_IO_FEED_H

#include <jansson.h>
#include <uv.h>

#include "io/clock.h"
#include "io/reason.h"
#include "node/node.h"

typedef struct wf_feed_config {
  uv_loop_t *loop;
  const char *path;            // socket, mode 0660; a stale one is replaced, a live one is not
  uint32_t clients_max;
  const wf_node *node;
  wf_nation nation;
  wf_mode mode;
  wf_medium medium;
  double rate;
  const wf_area *areas;        // for names
  size_t area_count;
  void *context;
  wf_clock (*now)(void *context);
  // Adds what the driver counts (store, links refused …) to the node section's counters.
  void (*counters)(void *context, json_t *counters);
  wf_status (*decide)(void *context, uint64_t product, wf_decision decision, const char *person, const char *reason);
} wf_feed_config;

typedef struct wf_feed wf_feed;
wf_status wf_feed_open(const wf_feed_config *config, wf_feed **out, char reason[WF_IO_REASON_SIZE]);
void wf_feed_close(wf_feed *feed);  // freed when the loop has run

// The same kind, nation and text again only counts up. Bounded: the oldest acknowledged, then the oldest, gives way.
void wf_feed_alarm(wf_feed *feed, wf_time when, const char *kind, wf_nation nation, const char *text);

#endif
