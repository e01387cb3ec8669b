#include "command.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static wf_status refuse(wf_status status, const char *text, const char **why) {
  *why = text;
  return status;
}

static bool all_in(const char *text, size_t size, const char *set) {
  for (size_t i = 0; i < size; i++)
    if (!text[i] || !strchr(set, text[i])) return false;
  return true;
}

static bool key_is_good(const char *key) {
  static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  size_t size = key ? strlen(key) : 0;
  return size >= 8 && size < WF_GATEWAY_KEY_SIZE && all_in(key, size, set);
}

// The part of `path` between `before` and `after`, both of which must match whole; NULL otherwise.
static const char *middle(const char *path, const char *before, const char *after, size_t *size) {
  size_t head = strlen(before), tail = strlen(after), length = strlen(path);
  if (length <= head + tail || strncmp(path, before, head) != 0 || strcmp(path + length - tail, after) != 0)
    return NULL;
  *size = length - head - tail;
  return path + head;
}

static bool has_control(const char *text) {
  for (const unsigned char *c = (const unsigned char *)text; *c; c++)
    if (*c < 0x20 || *c == 0x7f) return true;
  return false;
}

// Copies without spaces at the ends. False when it does not fit.
static bool copy_trimmed(char *out, size_t size, const char *text) {
  while (*text == ' ') text++;
  size_t length = strlen(text);
  while (length > 0 && text[length - 1] == ' ') length--;
  if (length >= size) return false;
  memcpy(out, text, length);
  out[length] = 0;
  return true;
}

static wf_status read_decision(const json_t *body, wf_gateway_command *out, const char **why) {
  const char *decision = json_string_value(json_object_get(body, "decision"));
  const char *reason = json_string_value(json_object_get(body, "reason"));
  if (!decision) return refuse(WF_EFORMAT, "the body names no decision", why);
  static const char *const DECISIONS[] = {"confirm", "withdraw", "correct", "cancel", "keep"};
  bool known = false;
  for (size_t i = 0; i < sizeof DECISIONS / sizeof *DECISIONS; i++) known |= strcmp(decision, DECISIONS[i]) == 0;
  if (!known) return refuse(WF_EINVAL, "the decision is not confirm, withdraw, correct, cancel or keep", why);
  memcpy(out->decision, decision, strlen(decision) + 1);
  if (!reason || has_control(reason)) return refuse(WF_EFORMAT, "a reason in one line of text is needed", why);
  if (!copy_trimmed(out->reason, sizeof out->reason, reason)) return refuse(WF_EINVAL, "the reason is too long", why);
  if (strlen(out->reason) < 3) return refuse(WF_EINVAL, "a reason is needed", why);
  return WF_OK;
}

static wf_status read_target(const char *path, wf_gateway_command *out) {
  size_t size;
  const char *id = middle(path, "/api/v1/products/", "/decision", &size);
  if (id) {
    if (size >= sizeof out->product || !all_in(id, size, "0123456789abcdef")) return WF_ENOTFOUND;
    out->kind = WF_GATEWAY_DECIDE;
    memcpy(out->product, id, size);
    return WF_OK;
  }
  id = middle(path, "/api/v1/alarms/", "/acknowledge", &size);
  if (!id || size > 15 || !all_in(id, size, "0123456789")) return WF_ENOTFOUND;
  out->kind = WF_GATEWAY_ACKNOWLEDGE;
  out->alarm = strtoull(id, NULL, 10);
  return WF_OK;
}

wf_status wf_gateway_command_read(const char *path, const char *key, const char *person, const char *body, size_t size,
                                  wf_gateway_command *out, const char **why) {
  *out = (wf_gateway_command){0};
  if (read_target(path, out)) return refuse(WF_ENOTFOUND, "no such action", why);
  if (!person || !*person) return refuse(WF_EDENIED, "sign in first", why);
  if (!key_is_good(key))
    return refuse(WF_EINVAL, "the Idempotency-Key header is missing or not 8 to 64 plain characters", why);
  snprintf(out->request, sizeof out->request, "%s", key);
  if (!copy_trimmed(out->person, sizeof out->person, person)) return refuse(WF_EINVAL, "the name is too long", why);
  if (out->kind == WF_GATEWAY_ACKNOWLEDGE) return WF_OK;
  if (size > WF_GATEWAY_BODY_MAX) return refuse(WF_EINVAL, "the body is too long", why);
  json_t *root = json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
  wf_status status =
      json_is_object(root) ? read_decision(root, out, why) : refuse(WF_EFORMAT, "the body is not a JSON object", why);
  json_decref(root);
  return status;
}

char *wf_gateway_command_text(const wf_gateway_command *command) {
  json_t *root = command->kind == WF_GATEWAY_DECIDE
                     ? json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "command", "decide", "request", command->request,
                                 "product", command->product, "decision", command->decision, "person", command->person,
                                 "reason", command->reason)
                     : json_pack("{s:s,s:s,s:I,s:s}", "command", "acknowledge", "request", command->request, "alarm",
                                 (json_int_t)command->alarm, "person", command->person);
  char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
  json_decref(root);
  return text;
}

bool wf_gateway_command_same(const wf_gateway_command *a, const wf_gateway_command *b) {
  return a->kind == b->kind && strcmp(a->decision, b->decision) == 0 && a->alarm == b->alarm &&
         strcmp(a->request, b->request) == 0 && strcmp(a->person, b->person) == 0 &&
         strcmp(a->product, b->product) == 0 && strcmp(a->reason, b->reason) == 0;
}

wf_status wf_gateway_person_read(const char *body, size_t size, char out[WF_GATEWAY_PERSON_SIZE], const char **why) {
  json_t *root = size <= WF_GATEWAY_BODY_MAX ? json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
  const char *name = json_string_value(json_object_get(root, "name"));
  wf_status status = WF_OK;
  if (!name) {
    status = refuse(WF_EFORMAT, "the body names nobody", why);
  } else if (has_control(name) || !copy_trimmed(out, WF_GATEWAY_PERSON_SIZE, name)) {
    status = refuse(WF_EINVAL, "the name has more than 31 bytes or control characters", why);
  } else if (!out[0]) {
    status = refuse(WF_EINVAL, "the name is empty", why);
  }
  json_decref(root);
  return status;
}
