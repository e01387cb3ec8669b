// What consoles are told, as JSON sections (docs/console-feed.md), made from a node's read-only views. No sockets here.
// Memory is bounded: positions kept per track, tracks remembered, alarms listed.
#ifndef WF_IO_FEED_STATE_H
#define WF_IO_FEED_STATE_H

#include <jansson.h>

#include "node/node.h"

typedef struct wf_feed_state wf_feed_state;

wf_feed_state *wf_feed_state_new(void);  // NULL when out of memory
void wf_feed_state_free(wf_feed_state *state);

// Adds to the alarm list; an equal kind and nation not yet acknowledged counts up instead.
void wf_feed_state_alarm(wf_feed_state *state, wf_time at, wf_alarm_kind kind, wf_nation nation, const char *text);
wf_status wf_feed_state_acknowledge(wf_feed_state *state, uint64_t alarm);  // WF_ENOTFOUND

// What the driver counts itself, shown as node.counters.driver from the next refresh on. Takes the reference.
void wf_feed_state_driver(wf_feed_state *state, json_t *driver);

// Forgets all that was gathered of a node, for another one; numbering goes on.
void wf_feed_state_restart(wf_feed_state *state);

typedef struct wf_feed_look {
  const wf_node *node;  // NULL: none; then `extra` is all there is
  double rate;          // how fast record time runs
  const char *version;
  const char *mode;  // what screens are to say; NULL: the node's own
  json_t *extra;     // further sections; borrowed; NULL: none
} wf_feed_look;
// Looks and makes all sections anew. False when out of memory.
bool wf_feed_state_refresh(wf_feed_state *state, const wf_feed_look *look);

// {"type":"snapshot",…} of the newest sections; a new reference.
json_t *wf_feed_state_snapshot(const wf_feed_state *state);
// {"type":"delta",…} with what changed in the last refresh, empty each fifth time that nothing did; else NULL. A new
// reference.
json_t *wf_feed_state_delta(const wf_feed_state *state);

#endif
