#include "state.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slice.h"

typedef struct section {
  char name[WF_GATEWAY_SECTION_NAME];
  char *text;  // one JSON value, NUL at the end
  size_t size;
} section;

struct wf_gateway_state {
  uint64_t generation, seq;
  bool known, want_snapshot;
  size_t section_count;
  section section[WF_GATEWAY_SECTION_MAX];
  wf_gateway_text *ring[WF_GATEWAY_RING];  // by seq modulo WF_GATEWAY_RING; those of this generation only
  size_t ring_bytes;
  uint64_t ring_first;        // lowest seq still held
  wf_gateway_text *snapshot;  // of seq, when asked for
  wf_gateway_summary summary;
};

wf_gateway_text *wf_gateway_text_new(const char *bytes, size_t size) {
  wf_gateway_text *text = malloc(sizeof *text + size + 1);
  if (!text) return NULL;
  *text = (wf_gateway_text){.refs = 1, .size = size};
  if (bytes) memcpy(text->bytes, bytes, size);
  text->bytes[size] = 0;
  return text;
}

wf_gateway_text *wf_gateway_text_ref(wf_gateway_text *text) {
  text->refs++;
  return text;
}

void wf_gateway_text_unref(wf_gateway_text *text) {
  if (text && --text->refs == 0) free(text);
}

wf_gateway_state *wf_gateway_state_new(void) {
  wf_gateway_state *state = calloc(1, sizeof *state);
  if (state) state->generation = 1, state->want_snapshot = true;
  return state;
}

static void ring_clear(wf_gateway_state *state) {
  for (size_t i = 0; i < WF_GATEWAY_RING; i++) {
    wf_gateway_text_unref(state->ring[i]);
    state->ring[i] = NULL;
  }
  state->ring_bytes = 0;
}

static void snapshot_drop(wf_gateway_state *state) {
  wf_gateway_text_unref(state->snapshot);
  state->snapshot = NULL;
}

void wf_gateway_state_free(wf_gateway_state *state) {
  if (!state) return;
  ring_clear(state);
  snapshot_drop(state);
  for (size_t i = 0; i < state->section_count; i++) free(state->section[i].text);
  free(state);
}

void wf_gateway_state_reconnect(wf_gateway_state *state) {
  state->want_snapshot = true;
}
bool wf_gateway_state_known(const wf_gateway_state *state) {
  return state->known;
}
uint64_t wf_gateway_state_seq(const wf_gateway_state *state) {
  return state->seq;
}
const wf_gateway_summary *wf_gateway_state_summary(const wf_gateway_state *state) {
  return &state->summary;
}

// ---- Applying ----------------------------------------------------------------------------------------------------
static size_t section_index(const wf_gateway_state *state, const char *name, size_t size) {
  size_t i = 0;
  while (i < state->section_count &&
         (strlen(state->section[i].name) != size || memcmp(state->section[i].name, name, size) != 0))
    i++;
  return i;
}

static section *section_find(wf_gateway_state *state, const char *name, size_t size) {
  const size_t i = section_index(state, name, size);
  return i < state->section_count ? &state->section[i] : NULL;
}

const char *wf_gateway_state_section(const wf_gateway_state *state, const char *name) {
  const size_t i = section_index(state, name, strlen(name));
  return i < state->section_count ? state->section[i].text : NULL;
}

static wf_status section_put(wf_gateway_state *state, const wf_gateway_slice *slice) {
  section *at = section_find(state, slice->name, slice->name_size);
  if (!at) {
    if (state->section_count == WF_GATEWAY_SECTION_MAX) return WF_EFULL;
    at = &state->section[state->section_count];
    memcpy(at->name, slice->name, slice->name_size);
    at->name[slice->name_size] = 0;
    at->text = NULL;
  }
  char *copy = malloc(slice->size + 1);
  if (!copy) return WF_ENOMEM;
  memcpy(copy, slice->text, slice->size);
  copy[slice->size] = 0;
  if (at == &state->section[state->section_count]) state->section_count++;
  free(at->text);
  at->text = copy;
  at->size = slice->size;
  return WF_OK;
}

static size_t count_new(wf_gateway_state *state, const wf_gateway_slice *slices, size_t count) {
  size_t added = 0;
  for (size_t i = 0; i < count; i++)
    if (!section_find(state, slices[i].name, slices[i].name_size)) added++;
  return added;
}

static void ring_put(wf_gateway_state *state, wf_gateway_text *delta) {
  size_t slot = delta->seq % WF_GATEWAY_RING;
  if (state->ring[slot]) state->ring_bytes -= state->ring[slot]->size, wf_gateway_text_unref(state->ring[slot]);
  state->ring[slot] = delta;
  state->ring_bytes += delta->size;
  for (uint64_t old = delta->seq >= WF_GATEWAY_RING ? delta->seq - WF_GATEWAY_RING + 1 : 0;
       state->ring_bytes > WF_GATEWAY_RING_BYTES && old < delta->seq; old++) {
    wf_gateway_text **at = &state->ring[old % WF_GATEWAY_RING];
    if (!*at || (*at)->seq != old) continue;
    state->ring_bytes -= (*at)->size;
    wf_gateway_text_unref(*at);
    *at = NULL;
  }
}

static size_t array_size(const json_t *parent, const char *key) {
  return json_array_size(json_object_get(parent, key));
}

static void copy_text(char *out, size_t size, const json_t *value) {
  const char *text = json_string_value(value);
  if (text) snprintf(out, size, "%s", text);
}

static void summarise(wf_gateway_summary *summary, const json_t *sections) {
  const json_t *node = json_object_get(sections, "node");
  copy_text(summary->nation, sizeof summary->nation, json_object_get(node, "nation"));
  copy_text(summary->mode, sizeof summary->mode, json_object_get(node, "mode"));
  if (json_object_get(sections, "tracks")) summary->tracks = array_size(sections, "tracks");
  if (json_object_get(sections, "products")) summary->products = array_size(sections, "products");
  const json_t *alarms = json_object_get(sections, "alarms"), *links = json_object_get(sections, "links");
  size_t index;
  json_t *entry;
  if (alarms) {
    summary->alarms_open = 0;
    json_array_foreach(alarms, index, entry) {
      summary->alarms_open += json_is_false(json_object_get(entry, "acknowledged"));
    }
  }
  if (links) {
    summary->links = json_array_size(links);
    summary->links_up = 0;
    json_array_foreach(links, index, entry) {
      summary->links_up += json_is_true(json_array_get(json_object_get(entry, "up"), 0));
    }
  }
}

static wf_status apply_state(wf_gateway_state *state, const json_t *root, const char *message, size_t size,
                             bool is_delta) {
  const json_t *seq = json_object_get(root, "seq"), *after = json_object_get(root, "after");
  const json_t *sections = json_object_get(root, "state");
  if (!json_is_integer(seq) || json_integer_value(seq) < 0 || !json_is_object(sections)) return WF_EFORMAT;
  uint64_t number = (uint64_t)json_integer_value(seq);
  if (is_delta) {
    if (!json_is_integer(after)) return WF_EFORMAT;
    if (state->want_snapshot || (uint64_t)json_integer_value(after) != state->seq || number <= state->seq)
      return WF_ETIME;
  }
  wf_gateway_slice slices[WF_GATEWAY_SECTION_MAX];
  size_t count = 0;
  wf_status status = wf_gateway_slice_sections(message, size, slices, WF_GATEWAY_SECTION_MAX, &count);
  if (status) return status;
  if (state->section_count + count_new(state, slices, count) > WF_GATEWAY_SECTION_MAX) return WF_EFULL;
  wf_gateway_text *delta = is_delta ? wf_gateway_text_new(message, size) : NULL;
  if (is_delta && !delta) return WF_ENOMEM;
  for (size_t i = 0; i < count; i++) {
    status = section_put(state, &slices[i]);
    if (status) return wf_gateway_text_unref(delta), state->want_snapshot = true, status;
  }
  snapshot_drop(state);
  if (is_delta) {
    delta->generation = state->generation;
    delta->seq = number;
    delta->after = state->seq;
    ring_put(state, delta);
  } else {
    ring_clear(state);
    state->generation++;
    state->known = true;
    state->want_snapshot = false;
  }
  state->seq = number;
  summarise(&state->summary, sections);
  return WF_OK;
}

static wf_status read_answer(const json_t *root, wf_gateway_answer *answer) {
  const char *request = json_string_value(json_object_get(root, "request"));
  const char *status = json_string_value(json_object_get(root, "status"));
  if (!request || !status || strlen(request) >= sizeof answer->request) return WF_EFORMAT;
  *answer = (wf_gateway_answer){0};
  copy_text(answer->request, sizeof answer->request, json_object_get(root, "request"));
  copy_text(answer->status, sizeof answer->status, json_object_get(root, "status"));
  copy_text(answer->text, sizeof answer->text, json_object_get(root, "text"));
  const json_t *body = json_object_get(root, "body");
  char *text = json_is_object(body) ? json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
  if (text) answer->body = wf_gateway_text_new(text, strlen(text));
  free(text);
  return WF_OK;
}

wf_status wf_gateway_state_apply(wf_gateway_state *state, const char *message, size_t size, wf_gateway_message *kind,
                                 wf_gateway_answer *answer) {
  *kind = WF_GATEWAY_IGNORED;
  json_t *root = json_loadb(message, size, JSON_REJECT_DUPLICATES, NULL);
  const char *type = json_string_value(json_object_get(root, "type"));
  wf_status status = WF_EFORMAT;
  if (!type) {
    status = WF_EFORMAT;
  } else if (strcmp(type, "snapshot") == 0) {
    *kind = WF_GATEWAY_SNAPSHOT;
    status = apply_state(state, root, message, size, false);
  } else if (strcmp(type, "delta") == 0) {
    *kind = WF_GATEWAY_DELTA;
    status = apply_state(state, root, message, size, true);
  } else if (strcmp(type, "answer") == 0) {
    *kind = WF_GATEWAY_ANSWER;
    status = read_answer(root, answer);
  } else {
    status = WF_OK;  // a type of a later version
  }
  json_decref(root);
  return status;
}

// ---- Giving out --------------------------------------------------------------------------------------------------
wf_gateway_text *wf_gateway_state_snapshot(wf_gateway_state *state) {
  if (!state->known) return NULL;
  if (state->snapshot) return wf_gateway_text_ref(state->snapshot);
  size_t size = 96;
  for (size_t i = 0; i < state->section_count; i++) size += state->section[i].size + WF_GATEWAY_SECTION_NAME + 4;
  wf_gateway_text *text = wf_gateway_text_new(NULL, size);
  if (!text) return NULL;
  size_t at = (size_t)snprintf(text->bytes, size, "{\"type\":\"snapshot\",\"seq\":%llu,\"state\":{",
                               (unsigned long long)state->seq);
  for (size_t i = 0; i < state->section_count; i++) {
    at += (size_t)snprintf(text->bytes + at, size - at, "%s\"%s\":", i ? "," : "", state->section[i].name);
    memcpy(text->bytes + at, state->section[i].text, state->section[i].size);
    at += state->section[i].size;
  }
  memcpy(text->bytes + at, "}}", 3);
  text->size = at + 2;
  text->generation = state->generation;
  text->seq = state->seq;
  state->snapshot = text;
  return wf_gateway_text_ref(text);
}

wf_gateway_text *wf_gateway_state_next(wf_gateway_state *state, uint64_t generation, uint64_t seq) {
  if (!state->known) return NULL;
  if (generation != state->generation) return wf_gateway_state_snapshot(state);
  if (seq == state->seq) return NULL;
  // Numbers may skip (a delta names the one it follows), so the one that follows is looked for.
  for (uint64_t next = seq + 1; state->seq - seq <= WF_GATEWAY_LAG_MAX && next <= state->seq; next++) {
    wf_gateway_text *delta = state->ring[next % WF_GATEWAY_RING];
    if (delta && delta->seq == next && delta->after == seq) return wf_gateway_text_ref(delta);
  }
  return wf_gateway_state_snapshot(state);
}
