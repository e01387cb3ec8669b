#include "server.h"

#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed.h"

enum { DROP_MAX = 1 << 20 };

// One HTTP exchange or one console's stream.
typedef struct connection {
  struct lws *wsi;
  wf_gateway_server *server;
  wf_gateway_request_in in;
  char *body;  // of a POST, WF_GATEWAY_BODY_MAX + 1
  wf_gateway_reply reply;
  bool drop;     // its body is read and not kept
  bool replied;  // reply holds something to send
  bool head_sent;
  size_t sent;
  // stream
  bool is_stream, beat_due;
  wf_gateway_text *sending;
  int64_t sending_since_ms;
  uint64_t generation, seq;
  wf_gateway_target target;
  char session[WF_GATEWAY_TOKEN_SIZE];
  struct connection *previous, *next;
} connection;

struct wf_gateway_server {
  struct lws_context *context;
  wf_gateway_api *api;
  connection *clients;
  const wf_gateway_options *options;
  void (*gone)(void *context, const void *connection);
  void *gone_context;
  uint8_t chunk[LWS_PRE + WF_GATEWAY_CHUNK];
};

// Nothing is loaded from anywhere else, nothing inline, no frame may hold the page.
static const struct lws_protocol_vhost_options security_headers[] = {
    {&security_headers[1], NULL, "content-security-policy:",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
     "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {&security_headers[2], NULL, "x-content-type-options:", "nosniff"},
    {&security_headers[3], NULL, "referrer-policy:", "no-referrer"},
    {&security_headers[4], NULL, "cross-origin-opener-policy:", "same-origin"},
    {&security_headers[5], NULL, "cross-origin-resource-policy:", "same-origin"},
    {&security_headers[6], NULL, "x-frame-options:", "DENY"},
    {NULL, NULL, "permissions-policy:", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"},
};

// ---- HTTP --------------------------------------------------------------------------------------------------------
static void copy_header(struct lws *wsi, enum lws_token_indexes token, char *out, size_t size) {
  if (lws_hdr_copy(wsi, out, (int)size, token) < 0) out[0] = 0;
}

// Decoded by libwebsockets, one "name=value" a piece.
static void copy_query(struct lws *wsi, wf_gateway_request_in *in) {
  size_t at = 0;
  in->query[0] = 0;
  if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) == 0) return;
  for (int piece = 0;; piece++) {
    char text[256];
    const int size = lws_hdr_copy_fragment(wsi, text, sizeof text, WSI_TOKEN_HTTP_URI_ARGS, piece);
    if (size < 0) {
      in->query_too_long = in->query_too_long || size == -2;
      return;
    }
    if ((size_t)size != strlen(text) || strchr(text, '\n') || at + (size_t)size + 2 > sizeof in->query) {
      in->query_too_long = true;
      return;
    }
    at += (size_t)snprintf(in->query + at, sizeof in->query - at, "%s%s", at ? "\n" : "", text);
  }
}

static bool subject_part(X509_NAME *subject, int nid, char *out, size_t size) {
  return X509_NAME_get_text_by_NID(subject, nid, out, (int)size) > 0;
}

// The name in a certificate "O=JPN, OU=MODE, CN=operator NAME" (docs/keys.md) that our own authority stands behind.
static void copy_certificate(struct lws *wsi, const wf_gateway_api *api, char *out, size_t size) {
  char nation[16], mode[16], name[64], wanted[12];
  const wf_gateway_summary *node = wf_gateway_state_summary(api->source[WF_GATEWAY_NODE].state);
  SSL *ssl = lws_get_ssl(wsi);
  X509 *leaf = ssl && api->certificates ? SSL_get_peer_certificate(ssl) : NULL;
  out[0] = 0;
  if (!leaf) return;
  X509_NAME *subject = X509_get_subject_name(leaf);
  for (size_t i = 0; i < sizeof wanted; i++)
    wanted[i] = (char)(node->mode[i] >= 'a' && node->mode[i] <= 'z' ? node->mode[i] - 'a' + 'A' : node->mode[i]);
  if (SSL_get_verify_result(ssl) == X509_V_OK && subject_part(subject, NID_organizationName, nation, sizeof nation) &&
      subject_part(subject, NID_organizationalUnitName, mode, sizeof mode) &&
      subject_part(subject, NID_commonName, name, sizeof name) && strcmp(nation, node->nation) == 0 &&
      strcmp(mode, wanted) == 0 && strncmp(name, "operator ", 9) == 0 && strlen(name + 9) < size)
    strcpy(out, name + 9);
  X509_free(leaf);
}

static void read_request(wf_gateway_request_in *in, struct lws *wsi, const wf_gateway_api *api, const char *path) {
  char encoding[128];
  *in = (wf_gateway_request_in){0};
  const char *method = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI)   ? "POST"
                       : lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI)  ? "GET"
                       : lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) ? "HEAD"
                                                                       : "OTHER";
  strcpy(in->method, method);
  if (strlen(path) < sizeof in->path) strcpy(in->path, path);
  copy_query(wsi, in);
  copy_header(wsi, WSI_TOKEN_HOST, in->host, sizeof in->host);
  copy_header(wsi, WSI_TOKEN_ORIGIN, in->origin, sizeof in->origin);
  copy_header(wsi, WSI_TOKEN_HTTP_COOKIE, in->cookie, sizeof in->cookie);
  copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, in->content_type, sizeof in->content_type);
  copy_header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, in->if_none_match, sizeof in->if_none_match);
  copy_header(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, encoding, sizeof encoding);
  in->accepts_gzip = strstr(encoding, "gzip") != NULL;
  if (lws_hdr_custom_copy(wsi, in->key, sizeof in->key, "idempotency-key:", 16) < 0) in->key[0] = 0;
  if (!lws_get_peer_simple(wsi, in->address, sizeof in->address)) in->address[0] = 0;
  copy_certificate(wsi, api, in->certificate, sizeof in->certificate);
}

static int add_header(connection *c, const char *name, const char *value, uint8_t **at, uint8_t *end) {
  if (!value || !*value) return 0;
  return lws_add_http_header_by_name(c->wsi, (const unsigned char *)name, (const unsigned char *)value,
                                     (int)strlen(value), at, end);
}

static int send_head(connection *c) {
  uint8_t buffer[LWS_PRE + 2048], *start = buffer + LWS_PRE, *at = start, *end = buffer + sizeof buffer - 1;
  wf_gateway_reply *r = &c->reply;
  char retry[16] = "";
  if (r->retry_s > 0) snprintf(retry, sizeof retry, "%d", r->retry_s);
  if (lws_add_http_header_status(c->wsi, (unsigned)r->code, &at, end) ||
      add_header(c, "content-type:", r->type, &at, end) ||
      add_header(c, "cache-control:", r->cache ? r->cache : "no-store", &at, end) ||
      add_header(c, "etag:", r->etag, &at, end) || add_header(c, "set-cookie:", r->cookie, &at, end) ||
      add_header(c, "retry-after:", retry, &at, end) ||
      add_header(c, "content-encoding:", r->gzip ? "gzip" : NULL, &at, end) ||
      add_header(c, "vary:", r->gzip ? "accept-encoding" : NULL, &at, end) ||
      lws_add_http_header_content_length(c->wsi, r->size, &at, end) ||
      lws_finalize_write_http_header(c->wsi, start, &at, end))
    return 1;
  c->head_sent = true;
  if (strcmp(c->in.method, "HEAD") == 0 || r->code == 304) r->size = 0;
  return 0;
}

static int finish_exchange(connection *c) {
  wf_gateway_reply_free(&c->reply);
  c->replied = c->head_sent = false;
  c->sent = 0;
  if (c->in.too_long && !c->drop) return -1;  // its body is still coming: not the next request
  return lws_http_transaction_completed(c->wsi) ? -1 : 0;
}

static int send_reply(connection *c) {
  if (!c->replied) return 0;
  if (!c->head_sent) {
    if (send_head(c)) return -1;
    if (c->reply.size == 0) return finish_exchange(c);
    lws_callback_on_writable(c->wsi);
    return 0;
  }
  size_t left = c->reply.size - c->sent, now = left < WF_GATEWAY_CHUNK ? left : WF_GATEWAY_CHUNK;
  uint8_t *chunk = c->server->chunk + LWS_PRE;
  memcpy(chunk, c->reply.body + c->sent, now);
  if (lws_write(c->wsi, chunk, now, now == left ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0) return -1;
  c->sent += now;
  if (c->sent == c->reply.size) return finish_exchange(c);
  lws_callback_on_writable(c->wsi);
  return 0;
}

static int answer_request(connection *c) {
  wf_gateway_api_handle(c->server->api, &c->in, &c->reply);
  free(c->body);
  c->body = NULL;
  c->in.body = NULL;
  if (c->reply.deferred) {
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, 2 * WF_GATEWAY_REQUEST_WAIT_MS / 1000);
    return 0;
  }
  c->replied = true;
  return send_reply(c);
}

static int on_request(connection *c, struct lws *wsi, wf_gateway_server *server, const char *path) {
  c->wsi = wsi;
  c->server = server;
  read_request(&c->in, wsi, server->api, path);
  c->in.connection = c;
  char length[16] = "";
  copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, length, sizeof length);
  c->in.too_long = strlen(length) > 9 || atol(length) > WF_GATEWAY_BODY_MAX;
  // A body somewhat too long is read and dropped, or closing on it would cut off the answer as well.
  c->drop = c->in.too_long && strlen(length) <= 9 && atol(length) <= DROP_MAX;
  if (c->drop && strcmp(c->in.method, "POST") == 0) return 0;
  if (strcmp(c->in.method, "POST") != 0 || c->in.too_long) return answer_request(c);
  c->body = malloc(WF_GATEWAY_BODY_MAX + 1);
  c->in.body_size = 0;
  return c->body ? 0 : -1;
}

static int on_body(connection *c, const void *bytes, size_t size) {
  if (size == 0 || c->drop) return 0;
  if (!c->body || c->in.body_size + size > WF_GATEWAY_BODY_MAX) return -1;
  memcpy(c->body + c->in.body_size, bytes, size);
  c->in.body_size += size;
  return 0;
}

static int on_body_end(connection *c) {
  c->in.body = c->body ? c->body : "";
  return answer_request(c);
}

void wf_gateway_server_finish(void *waiter, wf_gateway_reply *reply) {
  connection *c = waiter;
  c->reply = *reply;
  c->replied = true;
  lws_set_timeout(c->wsi, NO_PENDING_TIMEOUT, 0);
  lws_callback_on_writable(c->wsi);
}

void wf_gateway_server_on_gone(wf_gateway_server *server, void (*gone)(void *context, const void *connection),
                               void *context) {
  server->gone = gone;
  server->gone_context = context;
}

static void on_http_closed(connection *c) {
  if (!c->server) return;
  wf_gateway_requests_forget(&c->server->api->requests, c);
  if (c->server->gone) c->server->gone(c->server->gone_context, c);
  wf_gateway_reply_free(&c->reply);
  free(c->body);
  c->body = NULL;
}

// ---- Streams -----------------------------------------------------------------------------------------------------
// Before the upgrade: only our own paths, only a page of ours, only who may see, only as many as there is room for.
static int filter_stream(connection *c, struct lws *wsi, wf_gateway_server *server) {
  char path[64];
  wf_gateway_request_in in;
  wf_gateway_reply reply = {0};
  wf_gateway_target target;
  char session[WF_GATEWAY_TOKEN_SIZE];
  copy_header(wsi, WSI_TOKEN_GET_URI, path, sizeof path);
  read_request(&in, wsi, server->api, path);
  bool may = c && wf_gateway_api_may_stream(server->api, &in, &target, session, &reply);
  if (may && server->api->clients >= WF_GATEWAY_CLIENT_MAX) {
    may = false;
    reply.code = 503;
  }
  if (may) {
    c->target = target;
    memcpy(c->session, session, sizeof session);
    return 0;
  }
  server->api->counters.streams_refused++;
  lws_return_http_status(wsi, reply.code ? (unsigned)reply.code : 500, NULL);
  wf_gateway_reply_free(&reply);
  return -1;
}

static int open_stream(connection *c, struct lws *wsi, wf_gateway_server *server) {
  c->wsi = wsi;
  c->server = server;
  c->is_stream = c->beat_due = true;
  c->next = server->clients;
  if (server->clients) server->clients->previous = c;
  server->clients = c;
  server->api->clients++;
  lws_callback_on_writable(wsi);
  return 0;
}

static void close_stream(connection *c) {
  if (!c->is_stream) return;
  if (c->previous)
    c->previous->next = c->next;
  else
    c->server->clients = c->next;
  if (c->next) c->next->previous = c->previous;
  wf_gateway_text_unref(c->sending);
  c->server->api->clients--;
  c->is_stream = false;
}

static int send_beat(connection *c) {
  char *text = (char *)c->server->chunk + LWS_PRE;
  int size = wf_gateway_beat_write(c->server->api, c->target, text, WF_GATEWAY_CHUNK);
  c->beat_due = false;
  lws_callback_on_writable(c->wsi);
  return lws_write(c->wsi, (unsigned char *)text, (size_t)size, LWS_WRITE_TEXT) < 0 ? -1 : 0;
}

static bool take_next(connection *c) {
  wf_gateway_api *api = c->server->api;
  c->sending = wf_gateway_state_next(api->source[c->target].state, c->generation, c->seq);
  c->sent = 0;
  c->sending_since_ms = api->now_ms;
  if (!c->sending) return false;
  bool snapshot = c->sending->generation != c->generation || strncmp(c->sending->bytes, "{\"type\":\"s", 10) == 0;
  if (snapshot)
    api->counters.snapshots_out++;
  else
    api->counters.deltas_out++;
  return true;
}

static int send_stream(connection *c) {
  if (!c->sending && c->beat_due) return send_beat(c);
  if (!c->sending && !take_next(c)) return 0;
  wf_gateway_text *text = c->sending;
  size_t left = text->size - c->sent, now = left < WF_GATEWAY_CHUNK ? left : WF_GATEWAY_CHUNK;
  uint8_t *chunk = c->server->chunk + LWS_PRE;
  memcpy(chunk, text->bytes + c->sent, now);
  int flags = lws_write_ws_flags(LWS_WRITE_TEXT, c->sent == 0, now == left);
  if (lws_write(c->wsi, chunk, now, (enum lws_write_protocol)flags) < 0) return -1;
  c->sent += now;
  c->server->api->counters.bytes_out += now;
  if (c->sent == text->size) {
    c->generation = text->generation;
    c->seq = text->seq;
    wf_gateway_text_unref(text);
    c->sending = NULL;
  }
  lws_callback_on_writable(c->wsi);
  return 0;
}

void wf_gateway_server_wake(wf_gateway_server *server) {
  for (connection *c = server->clients; c; c = c->next) lws_callback_on_writable(c->wsi);
}

void wf_gateway_server_beat(wf_gateway_server *server) {
  for (connection *c = server->clients; c; c = c->next) {
    c->beat_due = true;
    if (!wf_gateway_api_keep(server->api, c->session))
      lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    else if (c->sending && server->api->now_ms - c->sending_since_ms > WF_GATEWAY_STALL_MS)
      lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    else
      lws_callback_on_writable(c->wsi);
  }
}

// Operator certificates: our own authority and its revocation list, as `watchfire pki export` writes them.
static int trust_operators(SSL_CTX *context, const char *bundle) {
  if (!bundle) return 0;
  X509_STORE *store = SSL_CTX_get_cert_store(context);
  X509_LOOKUP *lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (!lookup || X509_load_cert_crl_file(lookup, bundle, X509_FILETYPE_PEM) < 2) {
    lwsl_err("%s: not an exported authority with its revocation list\n", bundle);
    return -1;
  }
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return 0;
}

// ---- libwebsockets -----------------------------------------------------------------------------------------------
static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size) {
  connection *c = user;
  wf_gateway_server *server = lws_context_user(lws_get_context(wsi));
  switch (reason) {
    case LWS_CALLBACK_HTTP:
      return on_request(c, wsi, server, in);
    case LWS_CALLBACK_HTTP_BODY:
      return on_body(c, in, size);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
      return on_body_end(c);
    case LWS_CALLBACK_HTTP_WRITEABLE:
      return send_reply(c);
    case LWS_CALLBACK_CLOSED_HTTP:
      if (c) on_http_closed(c);
      return 0;
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
      return filter_stream(c, wsi, server);
    case LWS_CALLBACK_ESTABLISHED:
      return open_stream(c, wsi, server);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return send_stream(c);
    case LWS_CALLBACK_RECEIVE:
      return -1;  // nothing is ever sent to us on a stream
    case LWS_CALLBACK_CLOSED:
      close_stream(c);
      return 0;
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
      return trust_operators(user, server->options->operators);
    default:
      return 0;
  }
}

static const lws_retry_bo_t idle_policy = {.secs_since_valid_ping = 10, .secs_since_valid_hangup = 25};

static struct lws_protocols protocols[] = {
    {.name = "watchfire-stream",
     .callback = callback,
     .per_session_data_size = sizeof(connection),
     .rx_buffer_size = 4096,
     .tx_packet_size = WF_GATEWAY_CHUNK},
    {.name = "watchfire-feed", .callback = wf_gateway_feed_callback},
    {0},
};

wf_gateway_server *wf_gateway_server_new(wf_gateway_api *api, const wf_gateway_options *options) {
  wf_gateway_server *server = calloc(1, sizeof *server);
  if (!server) return NULL;
  server->api = api;
  server->options = options;
  struct lws_context_creation_info info = {
      .port = options->port,
      .iface = options->host,
      .protocols = protocols,
      .headers = security_headers,
      .gid = (gid_t)-1,
      .uid = (uid_t)-1,
      .user = server,
      .retry_and_idle_policy = &idle_policy,
      .pt_serv_buf_size = WF_GATEWAY_CHUNK,
      .max_http_header_data = 8192,
      .max_http_header_pool = 64,
      .fd_limit_per_thread = WF_GATEWAY_CLIENT_MAX + 200,
      .server_string = "watchfire",
      .alpn = "http/1.1",
      .keepalive_timeout = 60,
      .timeout_secs = 15,
      .options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
  };
  if (options->cert) {
    info.ssl_cert_filepath = options->cert;
    info.ssl_private_key_filepath = options->key;
    info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    if (options->operators)  // asked for; who has none signs in by password
      info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT | LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED;
  }
  server->context = lws_create_context(&info);
  if (server->context) return server;
  free(server);
  return NULL;
}

void wf_gateway_server_free(wf_gateway_server *server) {
  if (!server) return;
  lws_context_destroy(server->context);
  free(server);
}

struct lws_context *wf_gateway_server_context(wf_gateway_server *server) {
  return server->context;
}
