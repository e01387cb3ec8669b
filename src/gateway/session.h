// Who is at the screen: a bounded table of sessions. The cookie is 32 random bytes; nothing of the person is in it.
//
// A session ends 12 hours after the sign-in, or when nothing asked for it and no stream of it was open for idle_s.
// For those who may act, idle_s without a sign of the person locks it: reading goes on (a watch screen is watched, not
// touched), acting needs a new sign-in.
#ifndef WF_GATEWAY_SESSION_H
#define WF_GATEWAY_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accounts/accounts.h"
#include "command.h"

#define WF_GATEWAY_TOKEN_SIZE 48
#define WF_GATEWAY_SESSION_S (12 * 3600)
#define WF_GATEWAY_IDLE_S 3600
#define WF_GATEWAY_SESSION_MAX 512

typedef enum wf_gateway_way { WF_GATEWAY_BY_NAME = 1, WF_GATEWAY_BY_PASSWORD, WF_GATEWAY_BY_CERTIFICATE } wf_gateway_way;

typedef struct wf_gateway_session {
  char token[WF_GATEWAY_TOKEN_SIZE];  // empty: free
  char person[WF_GATEWAY_PERSON_SIZE];
  char mode[12];         // of the node at the sign-in: one acts on no other
  wf_account_role role;  // 0: signed in by name, nobody gave a role
  wf_gateway_way way;
  int64_t began_ms, seen_ms, active_ms;  // seen: any request or stream; active: the person did something
  bool locked;
} wf_gateway_session;

typedef struct wf_gateway_sessions {
  int64_t idle_s;
  size_t count;
  wf_gateway_session item[WF_GATEWAY_SESSION_MAX];
} wf_gateway_sessions;

// When the table is full, the session unseen for longest makes room. Never NULL.
wf_gateway_session *wf_gateway_session_open(wf_gateway_sessions *sessions, const char *person, wf_account_role role,
                                            wf_gateway_way way, const char *mode, int64_t now_ms);
// NULL: no such session, or over. Compares without telling by its time how much was right.
wf_gateway_session *wf_gateway_session_find(wf_gateway_sessions *sessions, const char *token, int64_t now_ms);
void wf_gateway_session_close(wf_gateway_sessions *sessions, wf_gateway_session *session);
// Frees what is over, locks what is idle, and ends sessions whose account is gone, disabled or of another role
// (accounts NULL: sessions by name).
void wf_gateway_sessions_sweep(wf_gateway_sessions *sessions, wf_accounts *accounts, int64_t now_ms);
int64_t wf_gateway_session_left_s(const wf_gateway_session *session, int64_t now_ms);

// The value of a cookie in a Cookie header; false when it is not there or does not fit.
bool wf_gateway_cookie_find(const char *header, const char *name, char *out, size_t size);

#endif
