// Signing in and out: by password, by certificate, or in an exercise without accounts by name alone.
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "api.h"
#include "base/time.h"

static const char *const WAYS[] = {NULL, "name", "password", "certificate"};

static json_t *ways_in(const wf_gateway_api *api) {
  json_t *ways = json_array();
  if (api->accounts) json_array_append_new(ways, json_string("password"));
  if (api->accounts && api->certificates) json_array_append_new(ways, json_string("certificate"));
  if (!api->accounts && strcmp(wf_gateway_node_mode(api), "exercise") == 0)
    json_array_append_new(ways, json_string("name"));
  return ways;
}

static json_t *peers_of(const wf_gateway_api *api) {
  json_t *peers = json_array();
  for (size_t i = 0; i < api->peer_count; i++)
    json_array_append_new(peers, json_pack("{s:s,s:s}", "nation", api->peer[i].name, "url", api->peer[i].url));
  return peers;
}

void wf_gateway_get_session(wf_gateway_api *api, wf_gateway_session *s, wf_gateway_reply *out) {
  char expires[WF_TIME_RFC3339_SIZE];
  const char *mode = s ? s->mode : wf_gateway_node_mode(api);
  if (s) wf_time_format((wf_time){(api->now_s + wf_gateway_session_left_s(s, api->now_ms)) * WF_NS_PER_S}, 0, expires);
  json_t *root = json_pack("{s:s?,s:s?,s:s?,s:s,s:b,s:o,s:s?,s:b,s:s?,s:I,s:o}", "person", s ? s->person : NULL, "role",
                           s && s->role ? wf_account_role_name(s->role) : NULL, "signed_in_by", s ? WAYS[s->way] : NULL,
                           "identity", api->accounts ? "accounts" : "name-only", "accounts", api->accounts != NULL,
                           "sign_in", ways_in(api), "mode", mode[0] ? mode : NULL, "locked", s && s->locked, "expires",
                           s ? expires : NULL, "idle_s", (json_int_t)api->sessions.idle_s, "peers", peers_of(api));
  wf_gateway_reply_owned(out, 200, "application/json; charset=utf-8", root ? json_dumps(root, JSON_COMPACT) : NULL);
  json_decref(root);
}

static void set_cookie(const wf_gateway_api *api, const char *token, int64_t age_s, wf_gateway_reply *out) {
  snprintf(out->cookie, sizeof out->cookie, "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
           api->cookie_name, token, (long long)age_s, api->secure ? "; Secure" : "");
}

static void let_in(wf_gateway_api *api, const char *person, wf_account_role role, wf_gateway_way way,
                   wf_gateway_reply *out) {
  wf_gateway_session *s =
      wf_gateway_session_open(&api->sessions, person, role, way, wf_gateway_node_mode(api), api->now_ms);
  api->counters.sign_ins++;
  wf_gateway_get_session(api, s, out);
  set_cookie(api, s->token, WF_GATEWAY_SESSION_S, out);
}

static void refuse(wf_gateway_api *api, int code, const char *status, const char *text, wf_gateway_reply *out) {
  api->counters.sign_ins_refused++;
  wf_gateway_reply_status(out, code, status, text);
}

static void by_name(wf_gateway_api *api, const char *person, wf_gateway_reply *out) {
  if (strcmp(wf_gateway_node_mode(api), "exercise") != 0)
    refuse(api, 403, "denied", "signing in by name alone is for exercises; this node is not in exercise mode", out);
  else
    let_in(api, person, 0, WF_GATEWAY_BY_NAME, out);
}

static void by_password(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_check *check,
                        wf_gateway_reply *out) {
  if (wf_gateway_node_mode(api)[0] == 0) {
    refuse(api, 503, "unavailable", "nothing was received from the node yet, so its mode is not known", out);
    return;
  }
  if (!wf_gateway_may_ask(api, WF_GATEWAY_LIMIT_WRONG, check->person, out)) return;
  const wf_account *account = wf_accounts_find(api->accounts, check->person);
  const bool known = account && account->hash[0];
  snprintf(check->hash, sizeof check->hash, "%s", known ? account->hash : api->nobody);
  check->connection = in->connection;
  if (api->check(api->check_context, check)) {
    *out = (wf_gateway_reply){.deferred = true};
    return;
  }
  wf_gateway_limits_give_back(&api->limits, WF_GATEWAY_LIMIT_WRONG, check->person, api->now_ms);
  refuse(api, 503, "full", "too many passwords are being checked: try again", out);
}

void wf_gateway_api_checked(wf_gateway_api *api, const wf_gateway_check *check, wf_gateway_reply *out) {
  const wf_account *account = api->accounts ? wf_accounts_find(api->accounts, check->person) : NULL;
  if (!account || account->disabled || !check->ok || strcmp(account->hash, check->hash) != 0) {
    refuse(api, 401, "denied", "the name or the password is wrong", out);
    return;
  }
  wf_gateway_limits_give_back(&api->limits, WF_GATEWAY_LIMIT_WRONG, check->person, api->now_ms);
  let_in(api, account->name, account->role, WF_GATEWAY_BY_PASSWORD, out);
}

static void by_certificate(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  const wf_account *account =
      api->accounts && in->certificate[0] ? wf_accounts_find(api->accounts, in->certificate) : NULL;
  if (!api->accounts || !api->certificates)
    refuse(api, 403, "denied", "this console asks for no certificates", out);
  else if (wf_gateway_node_mode(api)[0] == 0)
    refuse(api, 503, "unavailable", "nothing was received from the node yet, so its mode is not known", out);
  else if (!in->certificate[0])
    refuse(api, 401, "denied", "the browser gave no operator certificate of this nation", out);
  else if (!account || account->disabled)
    refuse(api, 401, "denied", "nobody of the certificate's name has an account here", out);
  else
    let_in(api, account->name, account->role, WF_GATEWAY_BY_CERTIFICATE, out);
}

static void sign_in(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  wf_gateway_check check = {0};
  const char *why = "";
  if (!wf_gateway_may_ask(api, WF_GATEWAY_LIMIT_SIGN_IN, in->address, out)) return;
  if (wf_gateway_person_read(in->body, in->body_size, check.person, check.password, &why))
    refuse(api, 422, "invalid", why, out);
  else if (!api->accounts)
    by_name(api, check.person, out);
  else if (!check.password[0])
    refuse(api, 401, "denied", "a password is needed", out);
  else
    by_password(api, in, &check, out);
  sodium_memzero(&check, sizeof check);
}

static void stay_active(wf_gateway_api *api, wf_gateway_session *s, wf_gateway_reply *out) {
  if (!s) {
    wf_gateway_reply_status(out, 401, "denied", "sign in first");
    return;
  }
  if (!s->locked) s->active_ms = api->now_ms;
  wf_gateway_get_session(api, s, out);
}

void wf_gateway_post_session(wf_gateway_api *api, const wf_gateway_request_in *in, wf_gateway_reply *out) {
  wf_gateway_session *s = wf_gateway_signed_in(api, in);
  const char *what = in->path + strlen("/api/v1/session");
  if (strcmp(what, "") == 0) {
    sign_in(api, in, out);
  } else if (strcmp(what, "/certificate") == 0) {
    if (wf_gateway_may_ask(api, WF_GATEWAY_LIMIT_SIGN_IN, in->address, out)) by_certificate(api, in, out);
  } else if (strcmp(what, "/active") == 0) {
    stay_active(api, s, out);
  } else if (strcmp(what, "/end") == 0) {
    if (s) wf_gateway_session_close(&api->sessions, s);
    wf_gateway_get_session(api, NULL, out);
    set_cookie(api, "", 0, out);
  } else {
    wf_gateway_reply_status(out, 404, "not-found", "no such action");
  }
}
