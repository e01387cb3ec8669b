// What a world drives: a whole node, or its exchange alone (cheap enough for very many seeds), behind the same inputs
// and effects. Of a bare exchange the world also shows what it hands to its core: DELIVER, RETRACT, ASIDE.
#include "wire/codec.h"
#include "world_inside.h"

bool actor_up(const actor *a) {
  return a->node != NULL || a->bare != NULL;
}

void actor_start(const wf_world *w, actor *a, uint32_t i, uint64_t boot) {
  wf_node_config config = w->config.node[i];
  config.exchange.boot = boot;
  config.advance_apart = w->config.advance_ns > 0;
  if (w->config.journal[i] != NULL) wf_journal_start(w->config.journal[i], &config);
  if (w->config.bare)
    a->bare = wf_exchange_new(&config.exchange);
  else
    a->node = wf_node_new(&config);
}

void actor_stop(actor *a) {
  wf_node_free(a->node);
  wf_exchange_free(a->bare);
  a->node = NULL;
  a->bare = NULL;
}

void actor_step(actor *a, wf_clock now, const wf_input *input) {
  if (a->node != NULL)
    wf_node_step(a->node, now, input);
  else if (input->kind == WF_IN_EXCHANGE)
    wf_exchange_step(a->bare, now, &input->exchange);
}

bool actor_effect_next(actor *a, wf_effect *out) {
  if (a->node != NULL) return wf_node_effect_next(a->node, out);
  *out = (wf_effect){.kind = WF_OUT_EXCHANGE};
  return wf_exchange_effect_next(a->bare, &out->exchange);
}

bool wf_world_publish(wf_world *w, uint32_t i, const wf_audience *audience, wf_stream_class stream_class,
                      wf_priority priority, wf_bytes payload) {
  uint8_t bytes[4096];
  size_t length;
  uint32_t stream;
  wf_exchange *x = w->actor[i].bare;
  const wf_time now = wf_time_add_ns(wf_world_now(w), world_clock_offset_ns(w, i));
  const wf_record_body body = {.kind = WF_BODY_OPAQUE, .opaque = payload, .valid_time = now};
  if (x == NULL || wf_exchange_open_stream(x, audience, stream_class, &stream) != WF_OK) return false;
  if (wf_wire_encode_record(&body, bytes, sizeof bytes, &length) != WF_OK) return false;
  world_step_exchange(
      w, i,
      (wf_exchange_input){.kind = WF_XI_PUBLISH, .stream = stream, .priority = priority, .bytes = {bytes, length}});
  return true;
}

bool wf_world_up(const wf_world *w, uint32_t i) {
  return actor_up(&w->actor[i]);
}

size_t wf_world_streams(const wf_world *w, uint32_t i, wf_stream_view *out, size_t cap) {
  const actor *a = &w->actor[i];
  if (!actor_up(a)) return 0;
  return a->node != NULL ? wf_node_streams(a->node, out, cap) : wf_exchange_streams(a->bare, out, cap);
}

size_t wf_world_links(const wf_world *w, uint32_t i, wf_link_view *out, size_t cap) {
  const actor *a = &w->actor[i];
  if (!actor_up(a)) return 0;
  return a->node != NULL ? wf_node_links(a->node, out, cap) : wf_exchange_links(a->bare, out, cap);
}

size_t wf_world_exchange_bytes(const wf_world *w, uint32_t i) {
  const actor *a = &w->actor[i];
  if (!actor_up(a)) return 0;
  return a->node != NULL ? wf_node_exchange_bytes(a->node) : wf_exchange_memory_bytes(a->bare);
}

uint64_t wf_world_epoch_used(const wf_world *w, uint32_t i) {
  const actor *a = &w->actor[i];
  if (!actor_up(a)) return 0;
  return a->node != NULL ? wf_node_epoch(a->node) : wf_exchange_epoch(a->bare);
}
