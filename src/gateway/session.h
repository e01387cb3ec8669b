// Who is at the screen. In this version a name typed at the sign-in, for exercises only: it is kept in a cookie that
// the browser cannot change, but nothing proves that the person is who they say. Roles and passwords come with
// accounts.
#ifndef WF_GATEWAY_SESSION_H
#define WF_GATEWAY_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"

#define WF_GATEWAY_TOKEN_SIZE 192
#define WF_GATEWAY_SESSION_S (12 * 3600)

typedef struct wf_gateway_keys {
  unsigned char key[32];
} wf_gateway_keys;

// name '.' expiry '.' HMAC-SHA-512-256 over both (libsodium crypto_auth), all in URL-safe characters.
void wf_gateway_session_make(const wf_gateway_keys *keys, const char *person, int64_t now_s,
                             char token[WF_GATEWAY_TOKEN_SIZE]);
// True when the token is ours, whole and not expired.
bool wf_gateway_session_read(const wf_gateway_keys *keys, const char *token, int64_t now_s,
                             char person[WF_GATEWAY_PERSON_SIZE]);
// The value of a cookie in a Cookie header; false when it is not there or does not fit.
bool wf_gateway_cookie_find(const char *header, const char *name, char *out, size_t size);

#endif
