// The front door. Read wf_node_step and wf_node_effect_next: together they are the picture in docs/architecture.md.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

// Pictures advance at once when something came, but no more often than this on average: at most ADVANCES at once.
enum { ADVANCE_EVERY_MS = 10, ADVANCES = 10 };

void node_alarm(wf_node *node, wf_alarm_kind alarm, const char *format, ...) {
  notice n = {.kind = WF_OUT_ALARM, .alarm = alarm};
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(n.text, sizeof n.text, format, arguments);
  va_end(arguments);
  wf_ring_push_evict(&node->notices, &n);
}

// Sensor bytes become plots and tracks; tracks become contributions; records become pictures; pictures become products.
wf_status wf_node_step(wf_node *node, wf_clock now, const wf_input *input) {
  node->now = now;
  wf_status status = WF_OK;
  switch (input->kind) {
    case WF_IN_SENSOR:
      node_hear(node, input->bytes);
      node_share(node);
      break;
    case WF_IN_EXCHANGE:
      if (input->exchange.kind == WF_XI_TICK) node->tick_due = true;
      if (input->exchange.kind == WF_XI_START) node->started = now;
      if (input->exchange.kind == WF_XI_STORED) node->durable = input->exchange.ok;
      status = wf_exchange_step(node->exchange, now, &input->exchange);
      if (input->exchange.kind == WF_XI_START) node_policy_say(node, 0, "start");
      break;
    case WF_IN_DECISION:
      status = node_decide(node, input);
      break;
    case WF_IN_NOTICE:
      status = node_notice(node, input);
      break;
    case WF_IN_POLICY:
      status = node_policy_set(node, input->policy, input->person);
      break;
    case WF_IN_REPORT:
      status = node_report(node, input);
      break;
    case WF_IN_ADVANCE:
      node->advance_now = true;
      break;
    case WF_IN_ACTION:
      node_record_action(node, input->action);
      break;
    case WF_IN_TEST_DATA:
      status = node_test_publish(node, input->exchange.priority, input->bytes);
      break;
  }
  return status;
}

static void tick(wf_node *node) {
  node->tick_due = false;
  wf_tracker_advance(node->tracker, node->now.wall);
  node_watch_sensors(node);
  node_watch_told(node);
  node_share(node);
  node_state_digests(node);
  node->advance_due = true;
}

static void advance(wf_node *node) {
  node_value_recall(node);
  for (uint32_t i = 0; i < node->share_count; i++) wf_picture_advance(node->shares[i].common, node->now.wall);
  wf_picture_advance(node->national, node->now.wall);
  node_refresh_alone(node);
  node_value_update(node);
  node_judge(node);
  node->dirty = node->advance_due = false;
  // A bucket of ADVANCES: the time from which on it has filled moves up by one share per advance.
  const int64_t share_ns = ADVANCE_EVERY_MS * WF_NS_PER_MS, oldest_ns = node->now.mono.ns - ADVANCES * share_ns;
  if (node->advance_budget_from.ns < oldest_ns) node->advance_budget_from.ns = oldest_ns;
  node->advance_budget_from.ns += share_ns;
}

static bool advance_is_due(const wf_node *node) {
  return node->advance_due ||
         (node->dirty && wf_mono_diff_ns(node->now.mono, node->advance_budget_from) >= ADVANCE_EVERY_MS * WF_NS_PER_MS);
}

bool wf_node_wants_advance(const wf_node *node) {
  return node->config.advance_apart && advance_is_due(node);
}

static bool take_notice(wf_node *node, wf_effect *out) {
  if (wf_ring_pop(&node->notes, &node->note_out) == WF_OK) {
    *out = (wf_effect){.kind = WF_OUT_RELEASE, .release = &node->note_out};
    return true;
  }
  if (wf_ring_pop(&node->notices, &node->notice_out) != WF_OK) return false;
  const notice *n = &node->notice_out;
  *out = (wf_effect){.kind = n->kind, .alarm = n->alarm, .text = n->text};
  if (n->kind == WF_OUT_PRODUCT) out->product = wf_warn_at(node->warn, n->product);
  return true;
}

// Work is pumped by taking its effects: each statement goes to the exchange when the effects of the one before are out,
// so nothing is copied and the queues stay short.
bool wf_node_effect_next(wf_node *node, wf_effect *out) {
  for (;;) {
    wf_exchange_effect effect;
    while (wf_exchange_effect_next(node->exchange, &effect)) {
      if (effect.kind == WF_XE_DELIVER || effect.kind == WF_XE_RETRACT || effect.kind == WF_XE_ASIDE) {
        if (!node_test_data(node, &effect)) {
          node_merge(node, &effect);
          continue;
        }
        *out = (wf_effect){.kind = WF_OUT_TEST_DATA, .exchange = effect};
        return true;
      }
      *out = (wf_effect){.kind = WF_OUT_EXCHANGE, .exchange = effect};
      return true;
    }
    if (node_publish_next(node)) continue;
    if (node->tick_due) {
      tick(node);
      continue;
    }
    if (advance_is_due(node) && (node->advance_now || !node->config.advance_apart)) {
      advance(node);
      continue;
    }
    node->advance_now = false;
    return take_notice(node, out);
  }
}

void wf_node_config_limits(wf_node_config *config) {
  wf_exchange_config *x = &config->exchange;
  x->cache_bytes = 16u << 20;
  x->partner_queue_bytes = 4u << 20;
  x->bundle_records_max = 64;
  x->heartbeat_ns = 200 * WF_NS_PER_MS;
  x->dead_after_ns = 1000 * WF_NS_PER_MS;
  config->tracks_max = 2000;
  config->plots_per_scan_max = 2048;
  config->picture_tracks_max = 512;
  config->picture_contributions_max = 65536;
  config->products_max = 256;
  config->sensor_silent_scans = 3.0;
}

static bool ring_new(wf_ring *ring, size_t item_size, size_t capacity) {
  void *memory = calloc(capacity, item_size);
  if (memory != NULL) wf_ring_init(ring, memory, item_size, capacity);
  return memory != NULL;
}

static bool allocate(wf_node *node) {
  const wf_node_config *c = &node->config;
  node->fresh_cap = (size_t)c->tracks_max * 2 + 16;
  node->sensors = calloc(c->sensor_count + 1, sizeof *node->sensors);
  node->sensor_states = calloc(c->sensor_count + 1, sizeof *node->sensor_states);
  node->plots = calloc(c->plots_per_scan_max, sizeof *node->plots);
  node->rejects = calloc(c->plots_per_scan_max, 1);
  node->fresh = calloc(node->fresh_cap, sizeof *node->fresh);
  node->alone = calloc(c->tracks_max, sizeof *node->alone);
  node->track_list = calloc(c->picture_tracks_max, sizeof *node->track_list);
  node->product_states = calloc(c->products_max, 1);
  return node->sensors && node->sensor_states && node->plots && node->rejects && node->fresh && node->alone &&
         node->track_list && node->product_states && ring_new(&node->pending, sizeof(pending), PENDING_MAX) &&
         ring_new(&node->notices, sizeof(notice), NOTICES_MAX) &&
         ring_new(&node->notes, sizeof(wf_release_note), NOTES_MAX);
}

static uint64_t current_name(const void *context, uint64_t event) {
  const wf_node *node = context;
  return wf_picture_resolve(node->national, event);
}

static bool make_rooms(wf_node *node) {
  const wf_node_config *c = &node->config;
  const wf_nation nation = c->exchange.nation;
  const wf_tracker_config tracker = {.tracks_max = c->tracks_max,
                                     .plots_per_scan_max = c->plots_per_scan_max,
                                     .medium = c->medium,
                                     .mode = c->exchange.mode,
                                     .id_seed = wf_guard_name(c->guard_secret, c->exchange.boot)};
  const wf_picture_config picture = {.tracks_max = c->picture_tracks_max,
                                     .contributions_max = c->picture_contributions_max,
                                     .medium_vacuum = c->medium == WF_MEDIUM_VACUUM};
  wf_warn_config warn = {.nation = nation,
                         .mode = c->exchange.mode,
                         .events_max = c->picture_tracks_max,
                         .products_max = c->products_max,
                         .area_max_semi_major_m = 100e3,
                         .threatened_probability = 0.01,
                         .imminent_s = 120,
                         .lost_after_s = 24,  // so that the loss is told within half a minute
                         .corridor_m = 50e3,
                         .corridor_sigma_max_m = 60e3,
                         .answer_s = 60,
                         .delegate_after_s = 20,
                         .delegate_within_s = 180,
                         .officers = node->config.officer,
                         .officer_count = c->officer_count,
                         .resolve = current_name,
                         .resolve_context = node};
  memcpy(warn.automatic, c->automatic, sizeof warn.automatic);
  memcpy(warn.delegated, c->delegated, sizeof warn.delegated);
  node->exchange = wf_exchange_new(&c->exchange);
  node->tracker = wf_tracker_new(&tracker);
  node->national = wf_picture_new(&picture);
  node->warn = wf_warn_new(&warn, c->areas, c->area_count);
  if (!node->exchange || !node->tracker || !node->national || !node->warn) return false;
  if (!node_once_new(&node->heard, c->picture_contributions_max > 0 ? c->picture_contributions_max : 1024))
    return false;
  for (uint32_t i = 0; i < c->sensor_count; i++) {
    uint16_t index;
    node->sensors[i] = c->sensors[i];
    if (wf_tracker_add_sensor(node->tracker, &node->sensors[i], &index) != WF_OK || index != i) return false;
  }
  if (!node_radar_open(node) || !node_told_open(node) || node_policy_open(node) != WF_OK) return false;
  const wf_audience self = {.count = 1, .member = {nation}};
  return wf_exchange_open_stream(node->exchange, &self, WF_STREAM_STATUS, &node->own_status) == WF_OK;
}

wf_node *wf_node_new(const wf_node_config *config) {
  wf_node *node = calloc(1, sizeof *node);
  if (node == NULL) return NULL;
  node->config = *config;
  node->durable = true;
  if (!allocate(node) || !make_rooms(node)) {
    wf_node_free(node);
    return NULL;
  }
  node->config.sensors = node->sensors;
  node->registry = (wf_sensor_registry){node->sensors, config->sensor_count, config->exchange.mode};
  return node;
}

void wf_node_free(wf_node *node) {
  if (node == NULL) return;
  for (uint32_t i = 0; i < SHARES_MAX; i++) {
    wf_picture_free(node->shares[i].common);
    free(node->shares[i].details.items);
    free(node->shares[i].delayed.items);
    wf_guard_free(node->shares[i].guard);
  }
  wf_picture_free(node->national);
  wf_warn_free(node->warn);
  node_once_free(&node->heard);
  wf_tracker_free(node->tracker);
  wf_exchange_free(node->exchange);
  free(node->pending.items);
  free(node->notices.items);
  free(node->notes.items);
  free(node->sensors);
  free(node->sensor_states);
  free(node->plots);
  free(node->radar);
  free(node->told);
  free(node->rejects);
  free(node->fresh);
  free(node->alone);
  free(node->track_list);
  free(node->product_states);
  free(node);
}
