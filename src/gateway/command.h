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
#define WF_GATEWAY_PASSWORD_SIZE 129
#define WF_GATEWAY_REASON_SIZE 241
#define WF_GATEWAY_BODY_MAX 4096

#define WF_GATEWAY_PARAMETERS_SIZE 768

typedef enum wf_gateway_command_kind {
  WF_GATEWAY_DECIDE = 1,
  WF_GATEWAY_ACKNOWLEDGE,
  WF_GATEWAY_QUESTION,  // something the node looks up: nothing is done
  WF_GATEWAY_REPLAY,    // to the recordings' player
  WF_GATEWAY_EXERCISE,  // to the exercise's control
  WF_GATEWAY_SHIFT,     // hand over, take over
} wf_gateway_command_kind;

// Where a command goes: each is a feed of its own, over its own socket.
typedef enum wf_gateway_target {
  WF_GATEWAY_NODE = 0,
  WF_GATEWAY_PLAYER,
  WF_GATEWAY_CONTROL,
  WF_GATEWAY_TARGETS
} wf_gateway_target;
wf_gateway_target wf_gateway_target_of(wf_gateway_command_kind kind);

typedef struct wf_gateway_command {
  wf_gateway_command_kind kind;
  char request[WF_GATEWAY_KEY_SIZE];
  char person[WF_GATEWAY_PERSON_SIZE];
  char role[20];                                // empty: nobody gave one
  char mode[12];                                // of the session: the node refuses what is meant for another
  char what[16];                                // the rest: what is asked or done
  char parameters[WF_GATEWAY_PARAMETERS_SIZE];  // the rest: a JSON object
  char product[17];                             // decide: hexadecimal
  char decision[12];                            // decide: confirm, withdraw, correct, cancel or keep
  char reason[WF_GATEWAY_REASON_SIZE];
  uint64_t alarm;  // acknowledge
} wf_gateway_command;

// A POST that acts: path, key, body as docs/openapi.yaml has them. WF_ENOTFOUND: not such a path; WF_EDENIED: no
// person; WF_EMODE: the screen shows another mode than the session is for; WF_EFORMAT or WF_EINVAL: `why` (never NULL
// on error) says which part, in words for a person. `mode` of the session, empty: none is checked.
wf_status wf_gateway_command_read(const char *path, const char *key, const char *person, const char *mode,
                                  const char *body, size_t size, wf_gateway_command *out, const char **why);
// A GET that the node answers: "/api/v1/log" and so on, with its query, decoded, one "name=value" a line. WF_ENOTFOUND:
// not such a path; WF_EINVAL: a parameter that is not known, or not as it should be.
wf_status wf_gateway_question_read(const char *path, const char *query, wf_gateway_command *out, const char **why);
// The message for the daemon, to be freed; NULL when out of memory.
char *wf_gateway_command_text(const wf_gateway_command *command);
// Two commands under one idempotency key must be the same command.
bool wf_gateway_command_same(const wf_gateway_command *a, const wf_gateway_command *b);

// A person's name as typed at the sign-in: trimmed, 1 to 31 bytes of UTF-8 without control characters; and the
// password, empty when there is none. Whoever has it wipes it.
wf_status wf_gateway_person_read(const char *body, size_t size, char out[WF_GATEWAY_PERSON_SIZE],
                                 char password[WF_GATEWAY_PASSWORD_SIZE], const char **why);

#endif
