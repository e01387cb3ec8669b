// The console feed's server: a Unix socket that tells gateways what consoles show (docs/console-feed.md; the sections
// are feed_state's), a snapshot and then deltas ten times a second. A client that does not keep up gets a fresh
// snapshot instead of a queue; nothing it does or fails to do reaches the core, but the commands.
#ifndef WF_IO_FEED_H
#define WF_IO_FEED_H

#include <uv.h>

#include "io/feed_state.h"
#include "io/reason.h"

typedef struct wf_feed wf_feed;

// Who gave a command, as the gateway authenticated them. Borrowed while the command is carried out.
typedef struct wf_feed_person {
  const char *name, *role;  // role: empty when nobody gave one
} wf_feed_person;

// What an answer is to; may be kept until wf_feed_answer.
typedef struct wf_feed_question {
  uint64_t client;
  char request[80];
} wf_feed_question;

typedef struct wf_feed_config {
  uv_loop_t *loop;
  const char *path;  // socket, mode 0660; a stale one is replaced, a live one is not
  uint32_t clients_max;
  const wf_node *node;  // NULL: none for now (wf_feed_look)
  double rate;
  const char *version;
  const char *mode;  // instead of the node's own; NULL: that
  void *context;
  wf_time (*now)(void *context);
  // What the driver counts itself (store, links refused …), for the node section; a new reference.
  json_t *(*driver)(void *context);
  // A sensor's report that came over this socket: person NULL: as if it had come over the network; else a launch that this
  // person was told of. NULL: such commands are unknown.
  wf_status (*told)(void *context, wf_bytes report, const char *person);
  // The text of an announced window; why it is not taken comes out in words.
  wf_status (*notice)(void *context, const char *text, const char *person, char why[96]);
  wf_status (*decide)(void *context, uint64_t product, wf_decision decision, const wf_feed_person *by,
                      const char *reason);
  // May be NULL. Told of every acknowledgement, done or not.
  void (*acknowledged)(void *context, uint64_t alarm, const wf_feed_person *by, wf_status status);
  // May be NULL. Further sections of the state; a new reference.
  json_t *(*extra)(void *context);
  // May be NULL. Every other command. True: it has been or will be answered by wf_feed_answer, which may come from
  // within. False: there is no such command.
  bool (*other)(void *context, const wf_feed_question *question, const json_t *command);
} wf_feed_config;

wf_status wf_feed_open(const wf_feed_config *config, wf_feed **out, char reason[WF_IO_REASON_SIZE]);
void wf_feed_close(wf_feed *feed);  // frees itself while the loop runs on

// Another core from now on (NULL: none), and how fast its time runs.
void wf_feed_show(wf_feed *feed, const wf_node *node, double rate);
// Only once. text: a sentence for the person; body: what was asked for, takes the reference, may be NULL. Nobody hears it
// when the asker has gone.
void wf_feed_answer(wf_feed *feed, const wf_feed_question *question, wf_status status, const char *text, json_t *body);

void wf_feed_alarm(wf_feed *feed, wf_alarm_kind kind, wf_nation nation, const char *text);

typedef struct wf_feed_stats {
  uint32_t clients;
  uint64_t snapshots, deltas, skipped, commands, refused, bytes;
} wf_feed_stats;
void wf_feed_stats_get(const wf_feed *feed, wf_feed_stats *out);

#endif
