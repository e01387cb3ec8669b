// A person's action: from an HTTP POST (path, headers, body) to one command message for the daemon. Everything a
// browser sends is checked here, before the daemon sees any of it.
#ifndef WF_GATEWAY_COMMAND_H
#define WF_GATEWAY_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define WF_GATEWAY_KEY_SIZE 65     // idempotency key, 8–64 characters of [A-Za-z0-9_-]
#define WF_GATEWAY_PERSON_SIZE 32  // as model/product.h keeps it
#define WF_GATEWAY_REASON_SIZE 241
#define WF_GATEWAY_BODY_MAX 4096

typedef enum wf_gateway_command_kind { WF_GATEWAY_DECIDE = 1, WF_GATEWAY_ACKNOWLEDGE } wf_gateway_command_kind;

typedef struct wf_gateway_command {
  wf_gateway_command_kind kind;
  char request[WF_GATEWAY_KEY_SIZE];
  char person[WF_GATEWAY_PERSON_SIZE];
  char product[17];   // decide: hexadecimal
  char decision[12];  // decide: confirm, withdraw, correct, cancel or keep
  char reason[WF_GATEWAY_REASON_SIZE];
  uint64_t alarm;  // acknowledge
} wf_gateway_command;

// path: "/api/v1/products/<hex>/decision" with {"decision":"confirm"|"withdraw"|"correct"|"cancel"|"keep","reason":"…"}
// or
// "/api/v1/alarms/<number>/acknowledge" with {} or nothing. WF_ENOTFOUND: not such a path; WF_EDENIED: no person;
// WF_EFORMAT or WF_EINVAL: `why` (never NULL on error) says which part, in words for a person.
wf_status wf_gateway_command_read(const char *path, const char *key, const char *person, const char *body, size_t size,
                                  wf_gateway_command *out, const char **why);
// The message for the daemon, to be freed; NULL when out of memory.
char *wf_gateway_command_text(const wf_gateway_command *command);
// Two commands under one idempotency key must be the same command.
bool wf_gateway_command_same(const wf_gateway_command *a, const wf_gateway_command *b);

// A person's name as typed at the sign-in: trimmed, 1 to 31 bytes of UTF-8 without control characters.
wf_status wf_gateway_person_read(const char *body, size_t size, char out[WF_GATEWAY_PERSON_SIZE], const char **why);

#endif
