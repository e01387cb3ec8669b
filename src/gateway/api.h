// What the gateway answers over HTTP, without any HTTP library: a request in, a reply out. server.c carries both.
#ifndef WF_GATEWAY_API_H
#define WF_GATEWAY_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rates.h"
#include "requests.h"
#include "session.h"
#include "state.h"

#define WF_GATEWAY_PEER_MAX 8

typedef struct wf_gateway_peer {
  char name[8], url[128];
} wf_gateway_peer;

typedef struct wf_gateway_request_in {
  char method[8];   // GET, HEAD, POST
  char path[256];   // without the query
  char query[600];  // decoded, one "name=value" a line
  char host[128], origin[160], cookie[512], content_type[64], key[WF_GATEWAY_KEY_SIZE + 1], if_none_match[48];
  char address[64];      // of the asker
  char certificate[48];  // the name in an operator certificate that TLS has verified; empty: none
  bool accepts_gzip;
  bool too_long;        // the body was announced longer than WF_GATEWAY_BODY_MAX and not read
  bool query_too_long;  // it does not fit, or is not text
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
  int retry_s;       // Retry-After, 0: none
  bool deferred;     // answered later: by the daemon, or when the password has been checked
} wf_gateway_reply;

typedef struct wf_gateway_counters {
  uint64_t messages_in, messages_refused, feed_connects, snapshots_out, deltas_out, bytes_out, requests, refused,
      commands, commands_ok, questions, sign_ins, sign_ins_refused, streams_refused;
} wf_gateway_counters;

// One of the feeds: the node's, the recordings' player's, the exercise's.
typedef struct wf_gateway_source {
  bool configured, up;
  wf_gateway_state *state;
  int64_t since_s, heard_ms;  // up or not up since; last message
} wf_gateway_source;

// A password to check, for a thread of its own.
typedef struct wf_gateway_check {
  void *connection;  // who waits; NULL: gone
  char person[WF_GATEWAY_PERSON_SIZE], hash[WF_ACCOUNT_HASH_SIZE], password[WF_GATEWAY_PASSWORD_SIZE];
  bool ok;
} wf_gateway_check;

typedef struct wf_gateway_api {
  wf_gateway_source source[WF_GATEWAY_TARGETS];
  wf_gateway_requests requests;
  wf_gateway_sessions sessions;
  wf_gateway_limits limits;
  wf_gateway_counters counters;
  uint64_t question_count;
  char cookie_name[32];   // names the port too: cookies do not know ports
  bool loopback;          // reachable from this machine only: then only its own names are answered to
  bool secure;            // HTTPS: cookies say so
  bool certificates;      // operator certificates are asked for
  wf_accounts *accounts;  // NULL: sign-in by name alone, in exercise mode only
  char nobody[WF_ACCOUNT_HASH_SIZE];  // checked when there is no such account, so that the time taken tells nothing
  int cap_dir;            // descriptor, -1: none
  wf_gateway_peer peer[WF_GATEWAY_PEER_MAX];
  size_t peer_count;
  const char *version;
  struct {  // of HTTPS; not_after_s 0: none
    char subject[160];
    int64_t not_before_s, not_after_s;
  } own_certificate;
  // kept by the drivers
  int64_t now_s, now_ms;  // UTC seconds; monotonic ms
  size_t clients;
  uint64_t memory_bytes;
  // Sends a command to its target; false when that feed is down.
  bool (*send)(void *context, const wf_gateway_command *command);
  void *send_context;
  // Has a password checked; wf_gateway_api_checked follows. False: too many are waiting.
  bool (*check)(void *context, const wf_gateway_check *check);
  void *check_context;
} wf_gateway_api;

void wf_gateway_api_handle(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out);
// Whether this request may open the stream of that path; the reply says why not. *target: whose state it is. `session`:
// its token, copied, so that the stream ends with it; empty where none is needed.
bool wf_gateway_api_may_stream(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_target *target,
                               char session[WF_GATEWAY_TOKEN_SIZE], wf_gateway_reply *out);
// Once a second for each open stream: it keeps its session alive. False: that session is over.
bool wf_gateway_api_keep(wf_gateway_api *api, const char *session);
// Once a second.
void wf_gateway_api_sweep(wf_gateway_api *api);
// The reply to a command or a question once it has been answered. Takes over what the answer holds.
void wf_gateway_reply_to_request(wf_gateway_api *api, wf_gateway_request *request, wf_gateway_reply *out);
// The reply to a sign-in once the password has been checked.
void wf_gateway_api_checked(wf_gateway_api *api, const wf_gateway_check *check, wf_gateway_reply *out);
void wf_gateway_reply_free(wf_gateway_reply *reply);
// An Origin header must name this very host, or a page from elsewhere could act with our cookie. Absent is allowed for
// reading only.
bool wf_gateway_origin_is_ours(const char *origin, const char *host);
// A name that somebody else's DNS points at this machine must not make us their page's own host (DNS rebinding).
bool wf_gateway_host_is_loopback(const char *host);
// One line to every console each second: the feed's state, so that silence is never taken for calm.
int wf_gateway_beat_write(const wf_gateway_api *api, wf_gateway_target target, char *out, size_t size);

// ---- Shared by api*.c
void wf_gateway_reply_owned(wf_gateway_reply *out, int code, const char *type, char *body);
void wf_gateway_reply_status(wf_gateway_reply *out, int code, const char *status, const char *text);
wf_gateway_session *wf_gateway_signed_in(wf_gateway_api *api, const wf_gateway_request_in *in);
bool wf_gateway_may_ask(wf_gateway_api *api, wf_gateway_limit kind, const char *who, wf_gateway_reply *out);
const char *wf_gateway_node_mode(const wf_gateway_api *api);
void wf_gateway_get_session(wf_gateway_api *api, wf_gateway_session *session, wf_gateway_reply *out);
void wf_gateway_post_session(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out);
void wf_gateway_get_metrics(wf_gateway_api *api, wf_gateway_reply *out);

#endif
