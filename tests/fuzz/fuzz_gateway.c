// What reaches the gateway from outside: the feed's bytes, a browser's request, a cookie, the account file. The first
// byte chooses.
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "frame.h"
#include "slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(const uint8_t *data, size_t size) {
  wf_gateway_state *state = wf_gateway_state_new();
  wf_gateway_framer framer;
  wf_gateway_framer_init(&framer, 4096);
  for (size_t at = 0; at < size;) {
    size_t piece = 1 + data[at] % 64;
    if (piece > size - at) piece = size - at;
    wf_gateway_framer_add(&framer, data + at, piece);
    at += piece;
    const char *message;
    size_t length;
    while (wf_gateway_framer_next(&framer, &message, &length) == WF_OK) {
      wf_gateway_message kind;
      wf_gateway_answer answer;
      if (wf_gateway_state_apply(state, message, length, &kind, &answer) == WF_OK && kind == WF_GATEWAY_ANSWER)
        wf_gateway_text_unref(answer.body);
    }
  }
  wf_gateway_text_unref(wf_gateway_state_next(state, 1, 3));
  wf_gateway_text_unref(wf_gateway_state_snapshot(state));
  wf_gateway_framer_free(&framer);
  wf_gateway_state_free(state);
}

// Two messages without framing, so that JSON is reached at once; also the slicer on bytes no parser has seen.
static void messages(const uint8_t *data, size_t size) {
  wf_gateway_state *state = wf_gateway_state_new();
  size_t half = size / 2, count;
  wf_gateway_message kind;
  wf_gateway_answer answer;
  wf_gateway_slice slices[4];
  wf_gateway_slice_sections((const char *)data, size, slices, 4, &count);
  for (int part = 0; part < 2; part++) {
    const char *text = (const char *)data + (part ? half : 0);
    if (wf_gateway_state_apply(state, text, part ? size - half : half, &kind, &answer) == WF_OK &&
        kind == WF_GATEWAY_ANSWER)
      wf_gateway_text_unref(answer.body);
  }
  wf_gateway_text_unref(wf_gateway_state_snapshot(state));
  wf_gateway_state_free(state);
}

static bool take_command(void *context, const wf_gateway_command *command) {
  char *text = wf_gateway_command_text(command);
  free(text);
  return true;
}

static bool take_check(void *context, const wf_gateway_check *check) {
  return check->person[0] != 0;
}

static void request(const uint8_t *data, size_t size) {
  static wf_gateway_api api;
  static wf_accounts accounts;
  for (int i = 0; i < WF_GATEWAY_TARGETS; i++)
    if (!api.source[i].state) api.source[i].state = wf_gateway_state_new(), api.source[i].configured = true;
  if (!api.limits.requests_per_s) wf_gateway_limits_init(&api.limits, 1e9);
  api.sessions.idle_s = 3600;
  api.cap_dir = -1;
  api.check = take_check;
  api.accounts = size % 2 ? &accounts : NULL;
  accounts.count = 0;
  api.send = take_command;
  strcpy(api.cookie_name, "w");
  memset(&api.requests, 0, sizeof api.requests);
  wf_gateway_request_in in = {0};
  char *const fields[] = {in.method, in.path, in.host, in.origin, in.cookie, in.content_type, in.key, in.query};
  const size_t sizes[] = {sizeof in.method, sizeof in.path,         sizeof in.host, sizeof in.origin,
                          sizeof in.cookie, sizeof in.content_type, sizeof in.key,  sizeof in.query};
  size_t at = 0;
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    const uint8_t *end = at < size ? memchr(data + at, 0, size - at) : NULL;
    size_t length = end ? (size_t)(end - data) - at : size - at;
    size_t kept = length < sizes[i] ? length : sizes[i] - 1;
    memcpy(fields[i], data + at, kept);
    at += length + (end ? 1 : 0);
  }
  in.body = (const char *)data + at;
  in.body_size = size - at;
  wf_gateway_reply reply;
  wf_gateway_api_handle(&api, &in, &reply);
  wf_gateway_reply_free(&reply);
  char person[WF_GATEWAY_PERSON_SIZE], password[WF_GATEWAY_PASSWORD_SIZE];
  const char *why = "";
  wf_gateway_command command;
  static const char *const paths[] = {"/api/v1/products/1/decision", "/api/v1/replay/control",
                                      "/api/v1/exercise/inject"};
  wf_gateway_session_find(&api.sessions, in.cookie, 0);
  wf_gateway_person_read(in.body, in.body_size, person, password, &why);
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    if (wf_gateway_command_read(paths[i], "12345678", "x", "live", in.body, in.body_size, &command, &why) == WF_OK)
      take_command(NULL, &command);
  if (wf_gateway_question_read("/api/v1/release/explain", in.query, &command, &why) == WF_OK)
    take_command(NULL, &command);
}

static void account_file(const uint8_t *data, size_t size) {
  static wf_accounts accounts;
  char reason[WF_ACCOUNTS_REASON_SIZE];
  if (wf_accounts_parse((const char *)data, size, &accounts, reason) == WF_OK)
    for (size_t i = 0; i < accounts.count; i++)
      if (wf_accounts_find(&accounts, accounts.item[i].name) != &accounts.item[i]) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  switch (data[0] % 4) {
    case 0:
      feed(data + 1, size - 1);
      break;
    case 1:
      messages(data + 1, size - 1);
      break;
    case 2:
      account_file(data + 1, size - 1);
      break;
    default:
      request(data + 1, size - 1);
      break;
  }
  return 0;
}
