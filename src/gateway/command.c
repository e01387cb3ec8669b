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

wf_gateway_target wf_gateway_target_of(wf_gateway_command_kind kind) {
  return kind == WF_GATEWAY_REPLAY     ? WF_GATEWAY_PLAYER
         : kind == WF_GATEWAY_EXERCISE ? WF_GATEWAY_CONTROL
                                       : WF_GATEWAY_NODE;
}

static wf_status read_reason(const json_t *body, wf_gateway_command *out, const char **why) {
  const char *reason = json_string_value(json_object_get(body, "reason"));
  if (!reason || has_control(reason)) return refuse(WF_EFORMAT, "a reason in one line of text is needed", why);
  if (!copy_trimmed(out->reason, sizeof out->reason, reason)) return refuse(WF_EINVAL, "the reason is too long", why);
  if (strlen(out->reason) < 3) return refuse(WF_EINVAL, "a reason is needed", why);
  return WF_OK;
}

static wf_status read_decision(const json_t *body, wf_gateway_command *out, const char **why) {
  const char *decision = json_string_value(json_object_get(body, "decision"));
  if (!decision) return refuse(WF_EFORMAT, "the body names no decision", why);
  static const char *const DECISIONS[] = {"confirm", "withdraw", "correct", "cancel", "keep"};
  bool known = false;
  for (size_t i = 0; i < sizeof DECISIONS / sizeof *DECISIONS; i++) known |= strcmp(decision, DECISIONS[i]) == 0;
  if (!known) return refuse(WF_EINVAL, "the decision is not confirm, withdraw, correct, cancel or keep", why);
  memcpy(out->decision, decision, strlen(decision) + 1);
  return read_reason(body, out, why);
}

// ---- What goes to the player and to the exercise: members that are known, of the right type, and no others
// -------------
typedef struct member {
  const char *name;
  json_type type;  // JSON_TRUE: either truth value; JSON_REAL: any number
  bool needed;
  const char *words;  // those it may be, between blanks; NULL: any
} member;

static bool fits(const member *m, const json_t *value) {
  if (m->type == JSON_TRUE) return json_is_boolean(value);
  if (m->type == JSON_REAL) return json_is_number(value);
  const char *text = json_string_value(value);
  if (!text || strlen(text) > 120 || has_control(text)) return false;
  char padded[128];
  snprintf(padded, sizeof padded, " %s ", text);
  return !m->words || strstr(m->words, padded) != NULL;
}

static wf_status read_members(const member *list, size_t count, json_t *body, wf_gateway_command *out,
                              const char **why) {
  const char *name;
  json_t *value;
  json_object_foreach(body, name, value) {
    size_t i = 0;
    while (i < count && strcmp(list[i].name, name) != 0) i++;
    if (i == count) return refuse(WF_EINVAL, "the body has a member that is not known here", why);
    if (!fits(&list[i], value)) return refuse(WF_EINVAL, "a member of the body is not as it should be", why);
  }
  for (size_t i = 0; i < count; i++)
    if (list[i].needed && !json_object_get(body, list[i].name))
      return refuse(WF_EFORMAT, "a member of the body is missing", why);
  const size_t size = json_dumpb(body, out->parameters, sizeof out->parameters - 1,
                                 JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
  if (size == 0 || size >= sizeof out->parameters) return refuse(WF_EINVAL, "the body is too long", why);
  return WF_OK;
}

static const struct acting {
  const char *path, *what;
  wf_gateway_command_kind kind;
  member member[5];
} ACTING[] = {
    {"/api/v1/replay/open", "open", WF_GATEWAY_REPLAY, {{"recording", JSON_STRING, true, NULL}}},
    {"/api/v1/replay/control",
     "control",
     WF_GATEWAY_REPLAY,
     {{"playing", JSON_TRUE, false, NULL}, {"position", JSON_STRING, false, NULL}, {"speed", JSON_REAL, false, NULL}}},
    {"/api/v1/replay/close", "close", WF_GATEWAY_REPLAY, {{0}}},
    {"/api/v1/exercise/control", "control", WF_GATEWAY_EXERCISE, {{"action", JSON_STRING, true, " pause resume "}}},
    {"/api/v1/exercise/inject",
     "inject",
     WF_GATEWAY_EXERCISE,
     {{"kind", JSON_STRING, true, " launch silence_sensor kill_node "},
      {"launch", JSON_STRING, false, NULL},
      {"nation", JSON_STRING, false, NULL},
      {"sensor", JSON_STRING, false, NULL},
      {"for_s", JSON_REAL, false, NULL}}},
};

static wf_status read_acting(const struct acting *a, json_t *body, wf_gateway_command *out, const char **why) {
  size_t count = 0;
  while (count < 5 && a->member[count].name) count++;
  return read_members(a->member, count, body, out, why);
}

static const struct acting *acting_of(const char *path) {
  for (size_t i = 0; i < sizeof ACTING / sizeof *ACTING; i++)
    if (strcmp(path, ACTING[i].path) == 0) return &ACTING[i];
  return NULL;
}

static wf_status read_target(const char *path, wf_gateway_command *out) {
  size_t size;
  const struct acting *acting = acting_of(path);
  if (acting) {
    out->kind = acting->kind;
    snprintf(out->what, sizeof out->what, "%s", acting->what);
    return WF_OK;
  }
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

// What the screen shows and what the session is for must be one mode: nobody acts on an exercise from a live session.
static wf_status check_mode(json_t *body, const char *mode, const char **why) {
  const char *shown = json_string_value(json_object_get(body, "mode"));
  if (json_object_get(body, "mode") && !shown) return refuse(WF_EINVAL, "the mode is not a word", why);
  if (shown && *mode && strcmp(shown, mode) != 0)
    return refuse(WF_EMODE, "the screen shows another mode than this session is for: nothing was done", why);
  json_object_del(body, "mode");
  return WF_OK;
}

static wf_status read_body(const char *path, const char *mode, json_t *root, wf_gateway_command *out,
                           const char **why) {
  wf_status status = check_mode(root, mode, why);
  if (status == WF_OK && out->kind == WF_GATEWAY_DECIDE) status = read_decision(root, out, why);
  if (status == WF_OK && acting_of(path)) status = read_acting(acting_of(path), root, out, why);
  return status;
}

wf_status wf_gateway_command_read(const char *path, const char *key, const char *person, const char *mode,
                                  const char *body, size_t size, wf_gateway_command *out, const char **why) {
  *out = (wf_gateway_command){0};
  if (read_target(path, out)) return refuse(WF_ENOTFOUND, "no such action", why);
  if (!person || !*person) return refuse(WF_EDENIED, "sign in first", why);
  if (!key_is_good(key))
    return refuse(WF_EINVAL, "the Idempotency-Key header is missing or not 8 to 64 plain characters", why);
  snprintf(out->request, sizeof out->request, "%s", key);
  snprintf(out->mode, sizeof out->mode, "%s", mode);
  if (!copy_trimmed(out->person, sizeof out->person, person)) return refuse(WF_EINVAL, "the name is too long", why);
  if (size > WF_GATEWAY_BODY_MAX) return refuse(WF_EINVAL, "the body is too long", why);
  const bool may_be_empty = size == 0 && out->kind == WF_GATEWAY_ACKNOWLEDGE;
  json_t *root = may_be_empty ? json_object() : json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL);
  wf_status status = json_is_object(root) ? read_body(path, mode, root, out, why)
                                          : refuse(WF_EFORMAT, "the body is not a JSON object", why);
  json_decref(root);
  return status;
}

static json_t *own_members(const wf_gateway_command *c) {
  switch (c->kind) {
    case WF_GATEWAY_DECIDE:
      return json_pack("{s:s,s:s,s:s,s:s}", "command", "decide", "product", c->product, "decision", c->decision,
                       "reason", c->reason);
    case WF_GATEWAY_ACKNOWLEDGE:
      return json_pack("{s:s,s:I}", "command", "acknowledge", "alarm", (json_int_t)c->alarm);
    default: {
      static const char *const NAMES[] = {[WF_GATEWAY_QUESTION] = "ask",
                                          [WF_GATEWAY_REPLAY] = "replay",
                                          [WF_GATEWAY_EXERCISE] = "exercise",
                                          [WF_GATEWAY_SHIFT] = "shift"};
      json_t *parameters = json_loads(c->parameters, 0, NULL);
      return json_pack("{s:s,s:s,s:o}", "command", NAMES[c->kind], "what", c->what, "parameters",
                       parameters ? parameters : json_object());
    }
  }
}

char *wf_gateway_command_text(const wf_gateway_command *command) {
  json_t *root = own_members(command);
  json_object_set_new(root, "request", json_string(command->request));
  if (command->person[0]) json_object_set_new(root, "person", json_string(command->person));
  if (command->role[0]) json_object_set_new(root, "role", json_string(command->role));
  if (command->mode[0]) json_object_set_new(root, "mode", json_string(command->mode));
  char *text = root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
  json_decref(root);
  return text;
}

bool wf_gateway_command_same(const wf_gateway_command *a, const wf_gateway_command *b) {
  return a->kind == b->kind && strcmp(a->decision, b->decision) == 0 && a->alarm == b->alarm &&
         strcmp(a->request, b->request) == 0 && strcmp(a->person, b->person) == 0 &&
         strcmp(a->product, b->product) == 0 && strcmp(a->reason, b->reason) == 0 && strcmp(a->what, b->what) == 0 &&
         strcmp(a->parameters, b->parameters) == 0;
}

wf_status wf_gateway_person_read(const char *body, size_t size, char out[WF_GATEWAY_PERSON_SIZE],
                                 char password[WF_GATEWAY_PASSWORD_SIZE], const char **why) {
  json_t *root = size <= WF_GATEWAY_BODY_MAX ? json_loadb(body, size, JSON_REJECT_DUPLICATES, NULL) : NULL;
  const json_t *secret = json_object_get(root, "password");
  const char *name = json_string_value(json_object_get(root, "name"));
  wf_status status = WF_OK;
  password[0] = 0;
  if (!name) {
    status = refuse(WF_EFORMAT, "the body names nobody", why);
  } else if (has_control(name) || !copy_trimmed(out, WF_GATEWAY_PERSON_SIZE, name)) {
    status = refuse(WF_EINVAL, "the name has more than 31 bytes or control characters", why);
  } else if (!out[0]) {
    status = refuse(WF_EINVAL, "the name is empty", why);
  } else if (secret && (!json_is_string(secret) || json_string_length(secret) >= WF_GATEWAY_PASSWORD_SIZE)) {
    status = refuse(WF_EINVAL, "the password is not text of at most 128 bytes", why);
  } else if (secret) {
    memcpy(password, json_string_value(secret), json_string_length(secret) + 1);
  }
  json_decref(root);
  return status;
}
