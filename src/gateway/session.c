#include "session.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

static bool is_over(const wf_gateway_sessions *sessions, const wf_gateway_session *s, int64_t now_ms) {
  return now_ms - s->began_ms >= WF_GATEWAY_SESSION_S * INT64_C(1000) || now_ms - s->seen_ms >= sessions->idle_s * 1000;
}

void wf_gateway_session_close(wf_gateway_sessions *sessions, wf_gateway_session *session) {
  if (session->token[0] == 0) return;
  sodium_memzero(session, sizeof *session);
  sessions->count--;
}

static wf_gateway_session *room(wf_gateway_sessions *sessions) {
  wf_gateway_session *oldest = &sessions->item[0];
  for (size_t i = 0; i < WF_GATEWAY_SESSION_MAX; i++) {
    wf_gateway_session *s = &sessions->item[i];
    if (s->token[0] == 0) return s;
    if (s->seen_ms < oldest->seen_ms) oldest = s;
  }
  wf_gateway_session_close(sessions, oldest);
  return oldest;
}

wf_gateway_session *wf_gateway_session_open(wf_gateway_sessions *sessions, const char *person, wf_account_role role,
                                            wf_gateway_way way, const char *mode, int64_t now_ms) {
  wf_gateway_session *s = room(sessions);
  unsigned char secret[32];
  *s = (wf_gateway_session){.role = role, .way = way, .began_ms = now_ms, .seen_ms = now_ms, .active_ms = now_ms};
  randombytes_buf(secret, sizeof secret);
  sodium_bin2base64(s->token, sizeof s->token, secret, sizeof secret, VARIANT);
  snprintf(s->person, sizeof s->person, "%s", person);
  snprintf(s->mode, sizeof s->mode, "%s", mode);
  sessions->count++;
  return s;
}

wf_gateway_session *wf_gateway_session_find(wf_gateway_sessions *sessions, const char *token, int64_t now_ms) {
  char wanted[WF_GATEWAY_TOKEN_SIZE] = {0};
  const size_t length = strlen(token);
  if (length == 0 || length >= sizeof wanted) return NULL;
  memcpy(wanted, token, length);
  for (size_t i = 0; i < WF_GATEWAY_SESSION_MAX; i++) {
    wf_gateway_session *s = &sessions->item[i];
    if (s->token[0] == 0 || sodium_memcmp(s->token, wanted, sizeof wanted) != 0) continue;
    return is_over(sessions, s, now_ms) ? NULL : s;
  }
  return NULL;
}

static bool account_stands(const wf_gateway_session *s, wf_accounts *accounts) {
  if (!accounts) return s->way == WF_GATEWAY_BY_NAME;
  const wf_account *a = wf_accounts_find(accounts, s->person);
  return a && !a->disabled && a->role == s->role && s->way != WF_GATEWAY_BY_NAME;
}

void wf_gateway_sessions_sweep(wf_gateway_sessions *sessions, wf_accounts *accounts, int64_t now_ms) {
  for (size_t i = 0; i < WF_GATEWAY_SESSION_MAX; i++) {
    wf_gateway_session *s = &sessions->item[i];
    if (s->token[0] == 0) continue;
    if (is_over(sessions, s, now_ms) || !account_stands(s, accounts))
      wf_gateway_session_close(sessions, s);
    else if (s->role != WF_ACCOUNT_VIEWER && now_ms - s->active_ms >= sessions->idle_s * 1000)
      s->locked = true;
  }
}

int64_t wf_gateway_session_left_s(const wf_gateway_session *session, int64_t now_ms) {
  return WF_GATEWAY_SESSION_S - (now_ms - session->began_ms) / 1000;
}

bool wf_gateway_cookie_find(const char *header, const char *name, char *out, size_t size) {
  size_t name_size = strlen(name);
  for (const char *at = header; at && *at;) {
    while (*at == ' ' || *at == ';') at++;
    const char *end = strchr(at, ';');
    size_t length = end ? (size_t)(end - at) : strlen(at);
    if (length > name_size && strncmp(at, name, name_size) == 0 && at[name_size] == '=') {
      size_t value = length - name_size - 1;
      if (value >= size) return false;
      memcpy(out, at + name_size + 1, value);
      out[value] = 0;
      return true;
    }
    at = end;
  }
  return false;
}
