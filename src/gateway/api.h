// What the gateway answers over HTTP, without any HTTP library: a request in, a reply out. server.c carries both.
#ifndef WF_GATEWAY_API_H
#define WF_GATEWAY_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "requests.h"
#include "session.h"
#include "state.h"

#define WF_GATEWAY_PEER_MAX 8

typedef struct wf_gateway_peer {
  char name[8], url[128];
} wf_gateway_peer;

typedef struct wf_gateway_request_in {
  char method[8];  // GET, HEAD, POST
  char path[256];  // without the query
  char host[128], origin[160], cookie[512], content_type[64], key[WF_GATEWAY_KEY_SIZE + 1], if_none_match[48];
  bool accepts_gzip;
  bool too_long;  // the body was announced longer than WF_GATEWAY_BODY_MAX and not read
  const char *body;
  size_t body_size;
  void *connection;  // who waits when the reply is deferred
} wf_gateway_request_in;

typedef struct wf_gateway_reply {
  int code;
  const char *type;  // Content-Type
  const char *body;  // static, or owned, or inside text
  size_t size;
  char *owned;            // freed after sending
  wf_gateway_text *text;  // released after sending
  const char *cache;      // Cache-Control; NULL: no-store
  const char *etag;
  bool gzip;
  char cookie[320];  // Set-Cookie, empty: none
  bool deferred;     // answered later, when the daemon has
} wf_gateway_reply;

typedef struct wf_gateway_counters {
  uint64_t messages_in, messages_refused, feed_connects, snapshots_out, deltas_out, bytes_out, requests, refused,
      commands, commands_ok;
} wf_gateway_counters;

typedef struct wf_gateway_api {
  wf_gateway_state *state;
  wf_gateway_requests requests;
  wf_gateway_keys keys;
  wf_gateway_counters counters;
  char cookie_name[32];  // names the port too: cookies do not know ports
  bool loopback;         // reachable from this machine only: then only its own names are answered to
  bool secure;           // HTTPS: cookies say so
  int cap_dir;           // descriptor, -1: none
  wf_gateway_peer peer[WF_GATEWAY_PEER_MAX];
  size_t peer_count;
  // kept by the drivers
  bool feed_up;
  int64_t now_s, now_ms, feed_since_s, feed_heard_ms;  // UTC seconds; monotonic ms
  size_t clients;
  // Sends a command to the daemon; false when the feed is down.
  bool (*send)(void *context, const wf_gateway_command *command);
  void *send_context;
} wf_gateway_api;

void wf_gateway_api_handle(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out);
// The reply to a command once the daemon has answered.
void wf_gateway_reply_to_command(const wf_gateway_answer *answer, wf_gateway_reply *out);
void wf_gateway_reply_free(wf_gateway_reply *reply);
// An Origin header must name this very host, or a page from elsewhere could act with our cookie. Absent is allowed for
// reading only.
bool wf_gateway_origin_is_ours(const char *origin, const char *host);
// A name that somebody else's DNS points at this machine must not make us their page's own host (DNS rebinding).
bool wf_gateway_host_is_loopback(const char *host);
// One line to every console each second: the feed's state, so that silence is never taken for calm.
int wf_gateway_beat_write(const wf_gateway_api *api, char *out, size_t size);

#endif
