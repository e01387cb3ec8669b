// The front door: one input, what follows from it at once, then what is due, then whatever may go out.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define LOOK_EVERY_NS (5 * WF_NS_PER_MS)

static void set_defaults(wf_exchange_config *c) {
  if (!c->cache_bytes) c->cache_bytes = 16u << 20;
  if (c->cache_bytes < 2u << 20) c->cache_bytes = 2u << 20;
  if (!c->partner_queue_bytes) c->partner_queue_bytes = 256u << 10;
  if (!c->bundle_records_max) c->bundle_records_max = 256;
  if (c->bundle_records_max > WF_BUNDLE_RECORDS_MAX) c->bundle_records_max = WF_BUNDLE_RECORDS_MAX;
  if (!c->stores_max || c->stores_max > STORES_MAX) c->stores_max = STORES_MAX;
  if (!c->heartbeat_ns) c->heartbeat_ns = 200 * WF_NS_PER_MS;
  if (!c->dead_after_ns) c->dead_after_ns = WF_NS_PER_S;
}

wf_exchange *wf_exchange_new(const wf_exchange_config *config) {
  wf_exchange *x = calloc(1, sizeof *x);
  if (!x) return NULL;
  x->config = *config;
  set_defaults(&x->config);
  x->epochs = calloc(EPOCHS_MAX, sizeof *x->epochs);
  x->scratch = malloc(SCRATCH_BYTES);
  x->memory_bytes = sizeof *x + EPOCHS_MAX * sizeof *x->epochs + SCRATCH_BYTES;
  wf_status status = x->epochs && x->scratch ? cache_new(x) : WF_ENOMEM;
  if (config->partner_count > WF_NATION_MAX) status = WF_EINVAL;
  for (uint32_t i = 0; status == WF_OK && i < config->partner_count; i++)
    status = partner_new(x, config->partner[i].nation);
  if (status == WF_OK) return x;
  wf_exchange_free(x);
  return NULL;
}

void wf_exchange_free(wf_exchange *x) {
  if (!x) return;
  for (uint32_t i = 0; i < x->partner_count; i++)
    for (int k = 0; k < WF_PRIORITY_BACKFILL; k++) free(x->partner[i].queue[k].items);
  for (uint32_t i = 0; i < x->partner_count; i++)
    for (int k = 0; k < WF_PARTS_MAX; k++) free(x->partner[i].early[k].bytes);
  for (uint32_t i = 0; i < WF_STREAMS_MAX; i++) {
    free(x->streams[i].open.bytes);
    free(x->streams[i].body.bytes);
  }
  cache_free(x);
  free(x->epochs);
  free(x->scratch);
  free(x);
}

wf_status wf_exchange_open_stream(wf_exchange *x, const wf_audience *audience, wf_stream_class stream_class,
                                  uint32_t *out) {
  const wf_stream_name name = {.mode = x->config.mode,
                               .origin = x->config.nation,
                               .writer = x->config.writer,
                               .audience = *audience,
                               .stream_class = stream_class};
  if (!wf_audience_has(audience, x->config.nation) || stream_class < WF_STREAM_ALERTS ||
      stream_class > WF_STREAM_STATUS)
    return WF_EINVAL;
  const uint32_t slot = stream_make(x, &name);
  if (slot == NONE) return WF_EFULL;
  *out = slot;
  return WF_OK;
}

const wf_stream_name *wf_exchange_stream_name(const wf_exchange *x, uint32_t slot) {
  return slot < x->stream_count && x->streams[slot].used ? &x->streams[slot].name : NULL;
}

static wf_status stored(wf_exchange *x, const wf_exchange_input *input) {
  if (token_kind(input->token) == TOKEN_STORE) return bundle_stored(x, input);
  if (input->token != x->epoch_token) return WF_OK;  // an epoch that was raised again meanwhile
  epoch_stored(x, input->ok);
  return WF_OK;
}

static wf_status fetched(wf_exchange *x, const wf_exchange_input *input) {
  switch (token_kind(input->token)) {
    case TOKEN_RECAST:
      return recast_fetched(x, input);
    case TOKEN_COMPARE:
      return fork_fetched(x, input);
    default:
      return serve_fetched(x, input);
  }
}

static wf_status link_input(wf_exchange *x, const wf_exchange_input *input) {
  const uint32_t index = partner_index(x, input->nation);
  if (input->lane != WF_LANE_ALERT && input->lane != WF_LANE_BULK) return WF_EINVAL;
  if (index == NONE) return WF_ENOTFOUND;
  switch (input->kind) {
    case WF_XI_LINK_UP:
      return link_up(x, index, input->lane);
    case WF_XI_LINK_DOWN:
      return link_down(x, index, input->lane);
    case WF_XI_FRAME:
      return link_frame(x, index, input->lane, input->bytes);
    default:
      x->partner[index].lane[input->lane - 1].credit =
          wf_planted(WF_PLANT_IGNORE_CREDIT) ? UINT64_MAX / 2 : input->credit;
      return WF_OK;
  }
}

static wf_status handle(wf_exchange *x, const wf_exchange_input *input) {
  if (!x->started && input->kind != WF_XI_START) return WF_EINVAL;
  switch (input->kind) {
    case WF_XI_START:
      epoch_start(x, input->epoch_stored);
      return WF_OK;
    case WF_XI_RESTORE:
      return bundle_restore(x, input);
    case WF_XI_TICK:
      session_tick(x);
      early_expire(x);
      verify_leftovers(x);
      recast_due(x);
      epoch_retry(x);
      store_again(x);
      fork_look(x);
      publish_statements(x);
      x->look_for_gaps = true;
      return WF_OK;
    case WF_XI_LINK_UP:
    case WF_XI_LINK_DOWN:
    case WF_XI_FRAME:
    case WF_XI_WRITABLE:
      return link_input(x, input);
    case WF_XI_SIGNED:
      return bundle_signed(x, input);
    case WF_XI_VERIFIED:
      return bundle_verified(x, input);
    case WF_XI_STORED:
      return stored(x, input);
    case WF_XI_FETCHED:
      return fetched(x, input);
    case WF_XI_PUBLISH:
      return publish(x, input);
    case WF_XI_PARTNER:
      return partner_change(x, input->nation, (wf_membership)input->token);
  }
  return WF_EINVAL;
}

wf_status wf_exchange_step(wf_exchange *x, wf_clock now, const wf_exchange_input *input) {
  if (x->effect_taken < x->effect_count) return WF_EAGAIN;
  x->effect_taken = x->effect_count = 0;
  x->scratch_used = 0;
  x->now = now;
  const wf_status status = handle(x, input);
  if (!x->started) return status;
  if (x->look_for_gaps && now.mono.ns - x->looked_mono_ns >= LOOK_EVERY_NS) want_look(x);
  queue_flush(x);
  return status;
}

bool wf_exchange_effect_next(wf_exchange *x, wf_exchange_effect *out) {
  if (x->effect_taken == x->effect_count) return false;
  *out = x->effects[x->effect_taken++];
  return true;
}
