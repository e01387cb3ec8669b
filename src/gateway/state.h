// What the gateway knows: the newest text of every section of the daemon's state, and the last deltas. It passes text
// on as it came; it reads only what it must (type, numbers, section names). Nothing here opens a socket or reads a
// clock.
//
// A client has seen (generation, seq) or nothing. It gets the delta that follows while the ring still holds it, else a
// fresh snapshot: newest wins, alerts are part of the state and cannot be lost by skipping. A generation is one
// connection to the daemon; numbers of different generations are not compared.
#ifndef WF_GATEWAY_STATE_H
#define WF_GATEWAY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define WF_GATEWAY_SECTION_MAX 24
#define WF_GATEWAY_SECTION_NAME 32
#define WF_GATEWAY_RING 32  // deltas kept
#define WF_GATEWAY_RING_BYTES (8u << 20)
#define WF_GATEWAY_LAG_MAX 8  // a client further behind gets a snapshot instead

// A message ready to send, shared by all clients that are sending it.
typedef struct wf_gateway_text {
  uint32_t refs;
  uint64_t generation, seq, after;  // after: of a delta, the seq it follows
  size_t size;
  char bytes[];
} wf_gateway_text;

wf_gateway_text *wf_gateway_text_new(const char *bytes, size_t size);  // one reference; NULL when out of memory
wf_gateway_text *wf_gateway_text_ref(wf_gateway_text *text);
void wf_gateway_text_unref(wf_gateway_text *text);  // NULL is fine

typedef enum wf_gateway_message {
  WF_GATEWAY_IGNORED = 0,
  WF_GATEWAY_SNAPSHOT,
  WF_GATEWAY_DELTA,
  WF_GATEWAY_ANSWER,
} wf_gateway_message;

// The answer of the daemon to a command, copied out of the message.
typedef struct wf_gateway_answer {
  char request[65];
  char status[24];
  char text[256];
  wf_gateway_text *body;  // what was asked for, as JSON; whoever has the answer unrefs it. NULL: none
} wf_gateway_answer;

// What /metrics and the log want to know without reading the state again.
typedef struct wf_gateway_summary {
  char nation[8], mode[12];
  size_t tracks, products, alarms_open, links, links_up;
} wf_gateway_summary;

typedef struct wf_gateway_state wf_gateway_state;
wf_gateway_state *wf_gateway_state_new(void);
void wf_gateway_state_free(wf_gateway_state *state);

// A new connection to the daemon: a snapshot must come first. What was known stays readable (and old) until then.
void wf_gateway_state_reconnect(wf_gateway_state *state);

// One message of the feed. WF_EFORMAT: not JSON or not of the contract; WF_ETIME: a delta that does not follow what is
// held (the caller reconnects to get a snapshot); WF_EFULL: too many sections. The state is unchanged after an error.
wf_status wf_gateway_state_apply(wf_gateway_state *state, const char *message, size_t size, wf_gateway_message *kind,
                                 wf_gateway_answer *answer);

bool wf_gateway_state_known(const wf_gateway_state *state);  // a snapshot was ever received
uint64_t wf_gateway_state_seq(const wf_gateway_state *state);
const char *wf_gateway_state_section(const wf_gateway_state *state, const char *name);  // JSON; NULL: there is none
const wf_gateway_summary *wf_gateway_state_summary(const wf_gateway_state *state);

// The whole state as one snapshot message; a new reference, or NULL when nothing is known or memory is out.
wf_gateway_text *wf_gateway_state_snapshot(wf_gateway_state *state);
// What a client that has seen (generation, seq) gets next; seen nothing: generation 0. A new reference, or NULL when
// it has everything.
wf_gateway_text *wf_gateway_state_next(wf_gateway_state *state, uint64_t generation, uint64_t seq);

#endif
