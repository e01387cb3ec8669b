// The connection to the daemon (or to the recordings' player, or to an exercise's control): a Unix stream socket that is opened again whenever it is lost.
#ifndef WF_GATEWAY_FEED_H
#define WF_GATEWAY_FEED_H

#include <libwebsockets.h>

#include "api.h"
#include "frame.h"
#include "server.h"

#define WF_GATEWAY_FEED_SILENCE_MS 2000  // a daemon speaks at least once a second (docs/console-feed.md)
#define WF_GATEWAY_FEED_RETRY_MS 300
#define WF_GATEWAY_OUTBOX_MAX 64

typedef struct wf_gateway_feed {
  const char *path;
  wf_gateway_target target;  // whose feed it is
  wf_gateway_api *api;
  wf_gateway_server *server;
  struct lws *wsi;  // NULL: not connected
  wf_gateway_framer framer;
  wf_gateway_text *outbox[WF_GATEWAY_OUTBOX_MAX];
  size_t outbox_count, outbox_sent;  // bytes of the first one already written
  bool heard;                        // a message came on this connection
  int64_t retry_at_ms;
  bool complained;  // one log line per outage
} wf_gateway_feed;

void wf_gateway_feed_init(wf_gateway_feed *feed, wf_gateway_target target, const char *path, wf_gateway_api *api);
void wf_gateway_feed_attach(wf_gateway_feed *feed, wf_gateway_server *server);
void wf_gateway_feed_free(wf_gateway_feed *feed);

// Every 100 ms: connects when it is time to, and notices silence.
void wf_gateway_feed_tick(wf_gateway_feed *feed);
// Queues a command; false when the feed is down or too much is queued.
bool wf_gateway_feed_send(wf_gateway_feed *feed, const wf_gateway_command *command);

int wf_gateway_feed_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size);

#endif
