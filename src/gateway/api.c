#include "api.h"

#include <jansson.h>
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

void wf_gateway_reply_owned(wf_gateway_reply *out, int code, const char *type, char *body) {
  *out = (wf_gateway_reply){.code = body ? code : 500, .type = type, .body = body ? body : "", .owned = body};
  out->size = strlen(out->body);
}

// {"status":…,"text":…}: every refusal in words.
void wf_gateway_reply_status(wf_gateway_reply *out, int code, const char *status, const char *text) {
  json_t *root = json_pack("{s:s,s:s}", "status", status, "text", text);
  wf_gateway_reply_owned(out, code, type_json, root ? json_dumps(root, JSON_COMPACT) : NULL);
  json_decref(root);
}
#define reply_status wf_gateway_reply_status

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

static const char *feed_word(const wf_gateway_source *source) {
  return source->up ? "up" : wf_gateway_state_known(source->state) ? "down" : "never";
}

int wf_gateway_beat_write(const wf_gateway_api *api, wf_gateway_target target, char *out, size_t size) {
  const wf_gateway_source *source = &api->source[target];
  char since[WF_TIME_RFC3339_SIZE], now[WF_TIME_RFC3339_SIZE];
  wf_time_format((wf_time){source->since_s * WF_NS_PER_S}, 0, since);
  wf_time_format((wf_time){api->now_s * WF_NS_PER_S}, 0, now);
  return snprintf(out, size, "{\"type\":\"beat\",\"feed\":\"%s\",\"since\":\"%s\",\"time\":\"%s\",\"seq\":%llu}",
                  feed_word(source), since, now, (unsigned long long)wf_gateway_state_seq(source->state));
}

const char *wf_gateway_node_mode(const wf_gateway_api *api) {
  return wf_gateway_state_summary(api->source[WF_GATEWAY_NODE].state)->mode;
}

// ---- Who asks, and how often ---------------------------------------------------------------------------------------
wf_gateway_session *wf_gateway_signed_in(wf_gateway_api *api, const wf_gateway_request_in *in) {
  char token[WF_GATEWAY_TOKEN_SIZE];
  if (!wf_gateway_cookie_find(in->cookie, api->cookie_name, token, sizeof token)) return NULL;
  wf_gateway_session *s = wf_gateway_session_find(&api->sessions, token, api->now_ms);
  if (s) s->seen_ms = api->now_ms;
  return s;
}

bool wf_gateway_may_ask(wf_gateway_api *api, wf_gateway_limit kind, const char *who, wf_gateway_reply *out) {
  int retry_s = 1;
  if (wf_gateway_limits_take(&api->limits, kind, who, api->now_ms, &retry_s)) return true;
  char text[96];
  snprintf(text, sizeof text, "too many %s: again in %d s", wf_gateway_limit_name(kind), retry_s);
  reply_status(out, 429, "too-many", text);
  out->retry_s = retry_s;
  return false;
}

static bool is_loopback_address(const char *address) {
  return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 || strncmp(address, "::ffff:127.", 11) == 0;
}

// With accounts: all but the pages themselves, this interface's own document, and what is public anyway.
static bool needs_session(const wf_gateway_api *api, const wf_gateway_request_in *in) {
  if (!api->accounts) return false;
  if (strcmp(in->path, "/metrics") == 0) return !is_loopback_address(in->address);
  return strncmp(in->path, "/api/v1/", 8) == 0 && strcmp(in->path, "/api/v1/session") != 0 &&
         strcmp(in->path, "/api/v1/openapi.yaml") != 0;
}

bool wf_gateway_api_keep(wf_gateway_api *api, const char *session) {
  if (!session[0]) return true;
  wf_gateway_session *s = wf_gateway_session_find(&api->sessions, session, api->now_ms);
  if (s) s->seen_ms = api->now_ms;
  return s != NULL;
}

void wf_gateway_api_sweep(wf_gateway_api *api) {
  wf_gateway_sessions_sweep(&api->sessions, api->accounts, api->now_ms);
}

// ---- Reading -----------------------------------------------------------------------------------------------------
static bool is_configured(const wf_gateway_api *api, wf_gateway_target target, wf_gateway_reply *out) {
  static const char *const MISSING[] = {"", "this console is joined to no player of recordings",
                                        "this console is joined to no exercise"};
  if (api->source[target].configured || target == WF_GATEWAY_NODE) return true;
  reply_status(out, 404, "not-found", MISSING[target]);
  return false;
}

static void get_state(wf_gateway_api *api, wf_gateway_target target, wf_gateway_reply *out) {
  if (!is_configured(api, target, out)) return;
  const char *replay = wf_gateway_state_section(api->source[target].state, "replay");
  if (target == WF_GATEWAY_PLAYER && replay && strcmp(replay, "null") == 0) {
    reply_status(out, 404, "not-found", "no recording is open");
    return;
  }
  wf_gateway_text *text = wf_gateway_state_snapshot(api->source[target].state);
  if (!text) {
    reply_status(out, 503, "unavailable", "nothing was received from the node yet");
    return;
  }
  *out = (wf_gateway_reply){.code = 200, .type = type_json, .body = text->bytes, .size = text->size, .text = text};
}

static const char *or_null(const char *text) {
  return text ? text : "null";
}

static void get_replay(wf_gateway_api *api, wf_gateway_reply *out) {
  const wf_gateway_source *player = &api->source[WF_GATEWAY_PLAYER];
  if (!is_configured(api, WF_GATEWAY_PLAYER, out)) return;
  const char *recordings = wf_gateway_state_section(player->state, "recordings");
  if (!player->up || !recordings) {
    reply_status(out, 503, "unavailable", "the player of recordings does not answer");
    return;
  }
  const char *replay = or_null(wf_gateway_state_section(player->state, "replay"));
  const size_t size = strlen(recordings) + strlen(replay) + 64;
  char *body = malloc(size);
  if (body) snprintf(body, size, "{\"recordings\":%s,\"replay\":%s}", recordings, replay);
  wf_gateway_reply_owned(out, 200, type_json, body);
}

static void get_exercise(wf_gateway_api *api, wf_gateway_reply *out) {
  const wf_gateway_source *control = &api->source[WF_GATEWAY_CONTROL];
  if (!is_configured(api, WF_GATEWAY_CONTROL, out)) return;
  const char *exercise = wf_gateway_state_section(control->state, "exercise");
  if (!control->up || !exercise)
    reply_status(out, 503, "unavailable", "the exercise's control does not answer");
  else
    wf_gateway_reply_owned(out, 200, type_json, strdup(exercise));
}

static void get_cap(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  const char *name = in->path + strlen("/cap/");
  if (api->cap_dir < 0) {
    reply_status(out, 404, "not-found", "this node has no CAP channel configured");
  } else if (!*name) {
    wf_gateway_reply_owned(out, 200, "application/atom+xml; charset=utf-8",
                           wf_gateway_cap_feed(api->cap_dir, api->now_s));
  } else {
    char *body = wf_gateway_cap_read(api->cap_dir, name);
    if (body)
      wf_gateway_reply_owned(out, 200, "application/cap+xml; charset=utf-8", body);
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

// ---- Questions to the node -----------------------------------------------------------------------------------------
static void open_request(wf_gateway_api *api, const wf_gateway_request_in *in, const wf_gateway_command *command,
                         wf_gateway_reply *out) {
  wf_gateway_request *request;
  const wf_status status = wf_gateway_requests_open(&api->requests, command, api->now_ms, in->connection, &request);
  if (status == WF_EEXIST && request->state == WF_GATEWAY_REQUEST_ANSWERED) {
    wf_gateway_reply_to_request(api, request, out);
  } else if (status == WF_EEXIST) {
    reply_status(out, 409, "waiting", "the same request is still on its way");
  } else if (status == WF_EDENIED) {
    reply_status(out, 422, "invalid", "this idempotency key was used for something else");
  } else if (status) {
    reply_status(out, 503, "full", "too many requests are waiting for the node");
  } else if (!api->send(api->send_context, command)) {
    request->state = WF_GATEWAY_REQUEST_FREE;
    reply_status(out, 503, "unavailable", "the node does not answer: nothing was done");
  } else {
    *out = (wf_gateway_reply){.deferred = true};
  }
}

static void ask_node(wf_gateway_api *api, const wf_gateway_request_in *in, const wf_gateway_session *s,
                     wf_gateway_command *command, wf_gateway_reply *out) {
  if (!wf_gateway_may_ask(api, WF_GATEWAY_LIMIT_ASK, s ? s->person : in->address, out)) return;
  // A key that no browser can send, so that it is nobody else's.
  snprintf(command->request, sizeof command->request, ".question-%llu", (unsigned long long)++api->question_count);
  api->counters.questions++;
  open_request(api, in, command, out);
}

static void get_page(wf_gateway_api *api, const wf_gateway_request_in *in, const wf_gateway_session *s,
                     wf_gateway_reply *out) {
  wf_gateway_command command;
  const char *why = "";
  const wf_status status = wf_gateway_question_read(in->path, in->query, &command, &why);
  if (status == WF_ENOTFOUND)
    reply_status(out, 404, "not-found", why);
  else if (status)
    reply_status(out, 422, "invalid", why);
  else
    ask_node(api, in, s, &command, out);
}

static const struct {
  const char *path;
  wf_gateway_target target;
} STREAMS[] = {{"/api/v1/stream", WF_GATEWAY_NODE}, {"/api/v1/replay/stream", WF_GATEWAY_PLAYER}};

static bool is_stream(const char *path, wf_gateway_target *target) {
  for (size_t i = 0; i < sizeof STREAMS / sizeof *STREAMS; i++) {
    if (strcmp(path, STREAMS[i].path) != 0) continue;
    *target = STREAMS[i].target;
    return true;
  }
  return false;
}

static void handle_get(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  wf_gateway_session *s = wf_gateway_signed_in(api, in);
  wf_gateway_target target;
  if (in->query_too_long)
    reply_status(out, 422, "invalid", "the query is too long");
  else if (needs_session(api, in) && !s)
    reply_status(out, 401, "denied", "sign in first");
  else if (strcmp(in->path, "/api/v1/state") == 0)
    get_state(api, WF_GATEWAY_NODE, out);
  else if (strcmp(in->path, "/api/v1/session") == 0)
    wf_gateway_get_session(api, s, out);
  else if (strcmp(in->path, "/api/v1/replay") == 0)
    get_replay(api, out);
  else if (strcmp(in->path, "/api/v1/replay/state") == 0)
    get_state(api, WF_GATEWAY_PLAYER, out);
  else if (strcmp(in->path, "/api/v1/exercise") == 0)
    get_exercise(api, out);
  else if (strcmp(in->path, "/metrics") == 0)
    wf_gateway_get_metrics(api, out);
  else if (strncmp(in->path, "/cap/", 5) == 0)
    get_cap(api, in, out);
  else if (is_stream(in->path, &target))
    reply_status(out, 426, "invalid", "a WebSocket of subprotocol watchfire-stream is served here");
  else if (strncmp(in->path, "/api/", 5) == 0 && strcmp(in->path, "/api/v1/openapi.yaml") != 0)
    get_page(api, in, s, out);
  else
    get_asset(in, out);
}

bool wf_gateway_api_may_stream(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_target *target,
                               char session[WF_GATEWAY_TOKEN_SIZE], wf_gateway_reply *out) {
  const wf_gateway_session *s = wf_gateway_signed_in(api, in);
  session[0] = 0;
  if (api->loopback && !wf_gateway_host_is_loopback(in->host))
    reply_status(out, 421, "denied", "not a name of this machine");
  else if (!is_stream(in->path, target))
    reply_status(out, 404, "not-found", "no stream is served here");
  else if (in->origin[0] && !wf_gateway_origin_is_ours(in->origin, in->host))
    reply_status(out, 403, "denied", "the request does not come from this console");
  else if (api->accounts && !s)
    reply_status(out, 401, "denied", "sign in first");
  else if (!is_configured(api, *target, out) || !wf_gateway_may_ask(api, WF_GATEWAY_LIMIT_REQUESTS, in->address, out))
    return false;
  else {
    if (api->accounts) memcpy(session, s->token, WF_GATEWAY_TOKEN_SIZE);
    return true;
  }
  return false;
}

// ---- Acting ------------------------------------------------------------------------------------------------------
static bool may_act(const wf_gateway_api *api, const wf_gateway_session *s, const wf_gateway_command *c,
                    wf_gateway_reply *out) {
  const bool watching = c->kind == WF_GATEWAY_REPLAY;
  if (s->locked)
    reply_status(out, 401, "locked", "nobody was at this screen for long: sign in again to act");
  else if (s->role == WF_ACCOUNT_VIEWER && !watching)
    reply_status(out, 403, "denied", "a viewer looks and does nothing");
  else if (c->kind == WF_GATEWAY_EXERCISE && strcmp(s->mode, "exercise") != 0)
    reply_status(out, 403, "wrong-mode", "this session is not for an exercise: nothing was done");
  else if (!watching && strcmp(s->mode, wf_gateway_node_mode(api)) != 0)
    reply_status(out, 403, "wrong-mode", "the node is in another mode than this session is for: nothing was done");
  else
    return true;
  return false;
}

static void post_command(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  const char *why = "";
  wf_gateway_command command;
  wf_gateway_session *s = wf_gateway_signed_in(api, in);
  const wf_status status = wf_gateway_command_read(in->path, in->key, s ? s->person : "", s ? s->mode : "", in->body,
                                                   in->body_size, &command, &why);
  if (status == WF_EMODE) {
    reply_status(out, 403, "wrong-mode", why);
    return;
  }
  if (status) {
    const int code = status == WF_ENOTFOUND ? 404 : status == WF_EDENIED ? 401 : 422;
    const char *word = status == WF_ENOTFOUND ? "not-found" : status == WF_EDENIED ? "denied" : "invalid";
    reply_status(out, code, word, why);
    return;
  }
  if (!may_act(api, s, &command, out) || !is_configured(api, wf_gateway_target_of(command.kind), out) ||
      !wf_gateway_may_ask(api, WF_GATEWAY_LIMIT_ACT, s->person, out))
    return;
  if (s->role) snprintf(command.role, sizeof command.role, "%s", wf_account_role_name(s->role));
  s->active_ms = api->now_ms;
  open_request(api, in, &command, out);
  if (out->deferred) api->counters.commands++;
}

static void handle_post(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  if (!wf_gateway_origin_is_ours(in->origin, in->host))
    reply_status(out, 403, "denied", "the request does not come from this console");
  else if (strncmp(in->content_type, "application/json", 16) != 0)
    reply_status(out, 415, "invalid", "the body must be application/json");
  else if (strncmp(in->path, "/api/v1/session", 15) == 0)
    wf_gateway_post_session(api, in, out);
  else
    post_command(api, in, out);
}

// ---- Answers -----------------------------------------------------------------------------------------------------
static void reply_to_answer(const wf_gateway_answer *answer, wf_gateway_reply *out) {
  static const struct {
    const char *status;
    int code;
    const char *word;
  } map[] = {{"ok", 200, "ok"},
             {"denied", 403, "denied"},
             {"mode", 403, "wrong-mode"},
             {"not-found", 404, "not-found"},
             {"exists", 409, "exists"},
             {"timeout", 504, "timeout"},
             {"full", 503, "full"},
             {"io", 503, "unavailable"},
             {"unavailable", 503, "unavailable"}};
  int code = 422;
  const char *word = "invalid", *text = answer->text;
  for (size_t i = 0; i < sizeof map / sizeof *map; i++)
    if (strcmp(answer->status, map[i].status) == 0) code = map[i].code, word = map[i].word;
  if (code == 504) text = "the node did not answer in time: look at the state before you repeat";
  reply_status(out, code, word, text);
}

static json_t *time_text(int64_t at_s) {
  char text[WF_TIME_RFC3339_SIZE];
  return json_string(wf_time_format((wf_time){at_s * WF_NS_PER_S}, 0, text));
}

static void add_own_certificate(const wf_gateway_api *api, json_t *list) {
  const int64_t after_s = api->own_certificate.not_after_s, before_s = api->own_certificate.not_before_s;
  if (after_s == 0) return;
  const double days = (double)(after_s - api->now_s) / 86400;
  const char *state = days < 0 ? "expired" : api->now_s < before_s ? "not_yet" : days < 30 ? "soon" : "good";
  json_array_append_new(list, json_pack("{s:s,s:n,s:s,s:o,s:o,s:f,s:s}", "what", "console", "nation", "subject",
                                        api->own_certificate.subject, "not_before", time_text(before_s), "not_after",
                                        time_text(after_s), "days_left", days, "state", state));
}

// The node says what it knows of itself; this process adds its own part.
static char *with_gateway(const wf_gateway_api *api, const char *body) {
  json_t *root = json_loads(body, 0, NULL);
  add_own_certificate(api, json_object_get(root, "certificates"));
  json_object_set_new(
      root, "gateway",
      json_pack("{s:s,s:I,s:I,s:s,s:I}", "version", api->version ? api->version : "", "clients",
                (json_int_t)api->clients, "sessions", (json_int_t)api->sessions.count, "feed",
                feed_word(&api->source[WF_GATEWAY_NODE]), "memory_bytes", (json_int_t)api->memory_bytes));
  char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
  json_decref(root);
  return text;
}

void wf_gateway_reply_to_request(wf_gateway_api *api, wf_gateway_request *request, wf_gateway_reply *out) {
  wf_gateway_text *body = request->answer.body;
  if (strcmp(request->answer.status, "ok") != 0 || request->command.kind != WF_GATEWAY_QUESTION || !body) {
    reply_to_answer(&request->answer, out);
    if (out->code == 200) api->counters.commands_ok++;
  } else if (strcmp(request->command.what, "system") == 0) {
    wf_gateway_reply_owned(out, 200, type_json, with_gateway(api, body->bytes));
  } else {
    *out = (wf_gateway_reply){.code = 200, .type = type_json, .body = body->bytes, .size = body->size};
    out->text = wf_gateway_text_ref(body);
  }
  if (request->command.kind == WF_GATEWAY_QUESTION) wf_gateway_request_free(request);
}

void wf_gateway_api_handle(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  *out = (wf_gateway_reply){0};
  api->counters.requests++;
  if (api->loopback && !wf_gateway_host_is_loopback(in->host))
    reply_status(out, 421, "denied", "not a name of this machine");
  else if (!wf_gateway_may_ask(api, WF_GATEWAY_LIMIT_REQUESTS, in->address, out))
    ;
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
