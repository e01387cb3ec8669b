#include "api.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assets.h"
#include "base/time.h"
#include "cap.h"

static const char type_json[] = "application/json; charset=utf-8";

void wf_gateway_reply_free(wf_gateway_reply *reply) {
  free(reply->owned);
  wf_gateway_text_unref(reply->text);
  *reply = (wf_gateway_reply){0};
}

static void reply_owned(wf_gateway_reply *out, int code, const char *type, char *body) {
  *out = (wf_gateway_reply){.code = body ? code : 500, .type = type, .body = body ? body : "", .owned = body};
  out->size = strlen(out->body);
}

// {"status":…,"text":…}: every refusal in words.
static void reply_status(wf_gateway_reply *out, int code, const char *status, const char *text) {
  json_t *root = json_pack("{s:s,s:s}", "status", status, "text", text);
  reply_owned(out, code, type_json, root ? json_dumps(root, JSON_COMPACT) : NULL);
  json_decref(root);
}

bool wf_gateway_origin_is_ours(const char *origin, const char *host) {
  const char *at = strstr(origin, "://");
  return at && *host && strcmp(at + 3, host) == 0;
}

bool wf_gateway_host_is_loopback(const char *host) {
  static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t size = strlen(names[i]);
    if (strncmp(host, names[i], size) == 0 && (host[size] == 0 || host[size] == ':')) return true;
  }
  return false;
}

int wf_gateway_beat_write(const wf_gateway_api *api, char *out, size_t size) {
  char since[WF_TIME_RFC3339_SIZE], now[WF_TIME_RFC3339_SIZE];
  wf_time_format((wf_time){api->feed_since_s * WF_NS_PER_S}, 0, since);
  wf_time_format((wf_time){api->now_s * WF_NS_PER_S}, 0, now);
  const char *feed = api->feed_up ? "up" : wf_gateway_state_known(api->state) ? "down" : "never";
  return snprintf(out, size, "{\"type\":\"beat\",\"feed\":\"%s\",\"since\":\"%s\",\"time\":\"%s\",\"seq\":%llu}", feed,
                  since, now, (unsigned long long)wf_gateway_state_seq(api->state));
}

// ---- Reading -----------------------------------------------------------------------------------------------------
static void get_state(wf_gateway_api *api, wf_gateway_reply *out) {
  wf_gateway_text *text = wf_gateway_state_snapshot(api->state);
  if (!text) {
    reply_status(out, 503, "unavailable", "nothing was received from the node yet");
    return;
  }
  *out = (wf_gateway_reply){.code = 200, .type = type_json, .body = text->bytes, .size = text->size, .text = text};
}

static bool signed_in(const wf_gateway_api *api, const wf_gateway_request_in *in, char person[WF_GATEWAY_PERSON_SIZE]) {
  char token[WF_GATEWAY_TOKEN_SIZE];
  return wf_gateway_cookie_find(in->cookie, api->cookie_name, token, sizeof token) &&
         wf_gateway_session_read(&api->keys, token, api->now_s, person);
}

static void get_session(wf_gateway_api *api, const char *person, wf_gateway_reply *out) {
  json_t *root = json_pack("{s:s?,s:s,s:[]}", "person", person, "identity", "name-only", "peers");
  json_t *peers = json_object_get(root, "peers");
  for (size_t i = 0; i < api->peer_count; i++)
    json_array_append_new(peers, json_pack("{s:s,s:s}", "nation", api->peer[i].name, "url", api->peer[i].url));
  reply_owned(out, 200, type_json, root ? json_dumps(root, JSON_COMPACT) : NULL);
  json_decref(root);
}

typedef struct metric {
  const char *name, *kind, *help;
  double value;
} metric;

static void get_metrics(wf_gateway_api *api, wf_gateway_reply *out) {
  const wf_gateway_counters *c = &api->counters;
  const wf_gateway_summary *s = wf_gateway_state_summary(api->state);
  const metric list[] = {
      {"feed_up", "gauge", "1 while the node's feed is alive", api->feed_up},
      {"feed_age_seconds", "gauge", "Since the node was last heard", (double)(api->now_ms - api->feed_heard_ms) * 1e-3},
      {"feed_connects_total", "counter", "Connections to the node", (double)c->feed_connects},
      {"feed_messages_total", "counter", "Messages of the feed", (double)c->messages_in},
      {"feed_messages_refused_total", "counter", "Messages that broke the contract", (double)c->messages_refused},
      {"clients", "gauge", "Consoles connected", (double)api->clients},
      {"stream_snapshots_total", "counter", "Snapshots sent to consoles", (double)c->snapshots_out},
      {"stream_deltas_total", "counter", "Deltas sent to consoles", (double)c->deltas_out},
      {"stream_bytes_total", "counter", "Bytes sent to consoles", (double)c->bytes_out},
      {"http_requests_total", "counter", "HTTP requests", (double)c->requests},
      {"http_refused_total", "counter", "HTTP requests answered with 4xx or 5xx", (double)c->refused},
      {"commands_total", "counter", "Commands passed to the node", (double)c->commands},
      {"commands_ok_total", "counter", "Commands the node carried out", (double)c->commands_ok},
      {"tracks", "gauge", "Tracks in the national picture", (double)s->tracks},
      {"products", "gauge", "Products in the list", (double)s->products},
      {"alarms_open", "gauge", "Alarms nobody acknowledged", (double)s->alarms_open},
      {"links", "gauge", "Partner links configured", (double)s->links},
      {"links_up", "gauge", "Partner links up", (double)s->links_up},
  };
  char *body = malloc(8192);
  size_t at = 0;
  for (size_t i = 0; body && i < sizeof list / sizeof *list; i++)
    at += (size_t)snprintf(body + at, 8192 - at,
                           "# HELP watchfire_gateway_%s %s\n# TYPE watchfire_gateway_%s %s\n"
                           "watchfire_gateway_%s %.17g\n",
                           list[i].name, list[i].help, list[i].name, list[i].kind, list[i].name, list[i].value);
  reply_owned(out, 200, "text/plain; version=0.0.4; charset=utf-8", body);
}

static void get_cap(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  const char *name = in->path + strlen("/cap/");
  if (api->cap_dir < 0) {
    reply_status(out, 404, "not-found", "this node has no CAP channel configured");
  } else if (!*name) {
    reply_owned(out, 200, "application/atom+xml; charset=utf-8", wf_gateway_cap_feed(api->cap_dir, api->now_s));
  } else {
    char *body = wf_gateway_cap_read(api->cap_dir, name);
    if (body)
      reply_owned(out, 200, "application/cap+xml; charset=utf-8", body);
    else
      reply_status(out, 404, "not-found", "no such message");
  }
}

static void get_asset(const wf_gateway_request_in *in, wf_gateway_reply *out) {
  const wf_gateway_asset *asset = wf_gateway_asset_find(strcmp(in->path, "/") == 0 ? "/index.html" : in->path);
  if (!asset) {
    reply_status(out, 404, "not-found", "no such page");
    return;
  }
  *out = (wf_gateway_reply){.code = 200, .type = asset->type, .etag = asset->etag};
  out->cache = asset->immutable ? "public, max-age=31536000, immutable" : "no-cache";
  if (strcmp(in->if_none_match, asset->etag) == 0) {
    out->code = 304;
    return;
  }
  out->gzip = asset->gzip && in->accepts_gzip;
  out->body = (const char *)(out->gzip ? asset->gzip : asset->plain);
  out->size = out->gzip ? asset->gzip_size : asset->plain_size;
}

static void handle_get(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  char person[WF_GATEWAY_PERSON_SIZE];
  if (strcmp(in->path, "/api/v1/state") == 0)
    get_state(api, out);
  else if (strcmp(in->path, "/api/v1/session") == 0)
    get_session(api, signed_in(api, in, person) ? person : NULL, out);
  else if (strcmp(in->path, "/metrics") == 0)
    get_metrics(api, out);
  else if (strncmp(in->path, "/cap/", 5) == 0)
    get_cap(api, in, out);
  else
    get_asset(in, out);
}

// ---- Acting ------------------------------------------------------------------------------------------------------
static void cookie_set(const wf_gateway_api *api, const char *token, int64_t age_s, wf_gateway_reply *out) {
  snprintf(out->cookie, sizeof out->cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
           api->cookie_name, token, (long long)age_s, api->secure ? "; Secure" : "");
}

static void post_session(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  char person[WF_GATEWAY_PERSON_SIZE], token[WF_GATEWAY_TOKEN_SIZE];
  const char *why = "";
  if (strcmp(wf_gateway_state_summary(api->state)->mode, "exercise") != 0) {
    reply_status(out, 403, "denied", "signing in by name alone is for exercises; this node is not in exercise mode");
    return;
  }
  if (wf_gateway_person_read(in->body, in->body_size, person, &why)) {
    reply_status(out, 422, "invalid", why);
    return;
  }
  wf_gateway_session_make(&api->keys, person, api->now_s, token);
  get_session(api, person, out);
  cookie_set(api, token, WF_GATEWAY_SESSION_S, out);
}

static void post_command(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  char person[WF_GATEWAY_PERSON_SIZE] = "";
  const char *why = "";
  wf_gateway_command command;
  if (!signed_in(api, in, person)) person[0] = 0;
  wf_status status = wf_gateway_command_read(in->path, in->key, person, in->body, in->body_size, &command, &why);
  if (status) {
    int code = status == WF_ENOTFOUND ? 404 : status == WF_EDENIED ? 401 : 422;
    reply_status(out, code, wf_status_name(status), why);
    return;
  }
  wf_gateway_request *request;
  status = wf_gateway_requests_open(&api->requests, &command, api->now_ms, in->connection, &request);
  if (status == WF_EEXIST && request->state == WF_GATEWAY_REQUEST_ANSWERED) {
    wf_gateway_reply_to_command(&request->answer, out);
  } else if (status == WF_EEXIST) {
    reply_status(out, 409, "waiting", "the same request is still on its way");
  } else if (status == WF_EDENIED) {
    reply_status(out, 422, "invalid", "this idempotency key was used for something else");
  } else if (status) {
    reply_status(out, 503, "full", "too many requests are waiting for the node");
  } else if (!api->send(api->send_context, &command)) {
    request->state = WF_GATEWAY_REQUEST_FREE;
    reply_status(out, 503, "unavailable", "the node does not answer: nothing was done");
  } else {
    api->counters.commands++;
    *out = (wf_gateway_reply){.deferred = true};
  }
}

static void handle_post(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  if (!wf_gateway_origin_is_ours(in->origin, in->host)) {
    reply_status(out, 403, "denied", "the request does not come from this console");
  } else if (strncmp(in->content_type, "application/json", 16) != 0) {
    reply_status(out, 415, "invalid", "the body must be application/json");
  } else if (strcmp(in->path, "/api/v1/session") == 0) {
    post_session(api, in, out);
  } else if (strcmp(in->path, "/api/v1/session/end") == 0) {
    get_session(api, NULL, out);
    cookie_set(api, "", 0, out);
  } else {
    post_command(api, in, out);
  }
}

void wf_gateway_reply_to_command(const wf_gateway_answer *answer, wf_gateway_reply *out) {
  static const struct {
    const char *status;
    int code;
  } map[] = {{"ok", 200}, {"denied", 403}, {"not-found", 404}, {"exists", 409}, {"timeout", 504}, {"unavailable", 503}};
  int code = 422;
  for (size_t i = 0; i < sizeof map / sizeof *map; i++)
    if (strcmp(answer->status, map[i].status) == 0) code = map[i].code;
  const char *text = answer->text;
  if (code >= 503) text = "the node did not answer in time: look at the state before you repeat";
  reply_status(out, code, answer->status, text);
}

void wf_gateway_api_handle(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  *out = (wf_gateway_reply){0};
  api->counters.requests++;
  if (api->loopback && !wf_gateway_host_is_loopback(in->host))
    reply_status(out, 421, "denied", "not a name of this machine");
  else if (in->too_long)
    reply_status(out, 413, "invalid", "the body is too long");
  else if (strcmp(in->method, "POST") == 0)
    handle_post(api, in, out);
  else if (strcmp(in->method, "GET") == 0 || strcmp(in->method, "HEAD") == 0)
    handle_get(api, in, out);
  else
    reply_status(out, 405, "invalid", "only GET, HEAD and POST");
  if (out->code >= 400) api->counters.refused++;
}
