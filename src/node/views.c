// Read-only views for drivers and screens.
#include <string.h>

#include "core.h"

static size_t list_of(const wf_picture *picture, const wf_common_track **out, size_t cap) {
  const size_t count = wf_picture_count(picture);
  const size_t n = count < cap ? count : cap;
  for (size_t i = 0; i < n; i++) out[i] = wf_picture_at(picture, i);
  return n;
}

// Whether an impact predicted for one still holds for the other: everything it is made of is the same.
static bool same_prediction(const wf_track *a, const wf_track *b) {
  return a->id == b->id && a->time.ns == b->time.ns && a->phase == b->phase && a->ln_beta == b->ln_beta &&
         a->ln_beta_sigma == b->ln_beta_sigma && memcmp(a->state, b->state, sizeof a->state) == 0 &&
         memcmp(a->covariance, b->covariance, sizeof a->covariance) == 0;
}

// Own tracks in the shape of a picture; detections that are not yet tracks do not count as an own picture. A prediction
// to the ground is dear, and made once per new state only.
void node_refresh_alone(wf_node *node) {
  node->alone_count = 0;
  for (size_t i = 0; i < wf_tracker_count(node->tracker) && node->alone_count < node->config.tracks_max; i++) {
    const wf_track *track = wf_tracker_at(node->tracker, i);
    if (track->life < WF_LIFE_CONFIRMED) continue;
    wf_common_track *alone = &node->alone[node->alone_count++];
    const bool same = same_prediction(&alone->track, track);
    alone->number = alone->event = track->id;
    alone->track = *track;
    if (!same && wf_tracker_impact(node->tracker, track->id, &alone->impact) != WF_OK) alone->impact.valid = false;
  }
}

size_t wf_node_sensors(const wf_node *node, wf_sensor_view *out, size_t cap) {
  const size_t n = node->config.sensor_count < cap ? node->config.sensor_count : cap;
  for (size_t i = 0; i < n; i++) {
    const sensor_state *s = &node->sensor_states[i];
    out[i] = (wf_sensor_view){&node->sensors[i], s->last_heard, s->plots, s->rejected, s->lost_datagrams, s->state};
  }
  return n;
}

size_t wf_node_common(const wf_node *node, const wf_common_track **out, size_t cap) {
  return node->share_count > 0 ? list_of(node->shares[0].common, out, cap) : 0;
}

size_t wf_node_national(const wf_node *node, const wf_common_track **out, size_t cap) {
  return list_of(node->national, out, cap);
}

size_t wf_node_alone(const wf_node *node, const wf_common_track **out, size_t cap) {
  const size_t n = node->alone_count < cap ? node->alone_count : cap;
  for (size_t i = 0; i < n; i++) out[i] = &node->alone[i];
  return n;
}

size_t wf_node_products(const wf_node *node, const wf_product **out, size_t cap) {
  const size_t first = wf_warn_first(node->warn), count = wf_warn_count(node->warn) - first;
  const size_t n = count < cap ? count : cap;
  for (size_t i = 0; i < n; i++) out[i] = wf_warn_at(node->warn, first + count - n + i);
  return n;
}

size_t wf_node_value(const wf_node *node, const wf_value_event **out, size_t cap) {
  const size_t n = node->value_count < cap ? node->value_count : cap;
  for (size_t i = 0; i < n; i++) out[i] = &node->value[i];
  return n;
}

size_t wf_node_digests(const wf_node *node, wf_digest_view *out, size_t cap) {
  if (node->share_count == 0) return 0;
  const share *s = &node->shares[0];
  const size_t n = s->view_count < cap ? s->view_count : cap;
  memcpy(out, s->view, n * sizeof *out);
  return n;
}

size_t wf_node_links(const wf_node *node, wf_link_view *out, size_t cap) {
  return wf_exchange_links(node->exchange, out, cap);
}
size_t wf_node_streams(const wf_node *node, wf_stream_view *out, size_t cap) {
  return wf_exchange_streams(node->exchange, out, cap);
}
void wf_node_counters_get(const wf_node *node, wf_node_counters *out) {
  *out = node->counters;
}
wf_time wf_node_time(const wf_node *node) {
  return node->now.wall;
}
uint64_t wf_node_epoch(const wf_node *node) {
  return wf_exchange_epoch(node->exchange);
}
bool wf_node_durable(const wf_node *node) {
  return node->durable;
}

wf_status wf_node_digest_at(wf_node *node, wf_time at, wf_picture_digest *out) {
  return node->share_count > 0 ? wf_picture_digest_at(node->shares[0].common, at, out) : WF_ENOTFOUND;
}

wf_status wf_node_digest_of(wf_node *node, const wf_audience *audience, wf_time at, wf_picture_digest *out) {
  for (uint32_t i = 0; i < node->share_count; i++)
    if (wf_audience_equal(&node->shares[i].audience, audience))
      return wf_picture_digest_at(node->shares[i].common, at, out);
  return WF_ENOTFOUND;
}
size_t wf_node_exchange_bytes(const wf_node *node) {
  return wf_exchange_memory_bytes(node->exchange);
}

wf_nation wf_node_nation(const wf_node *node) {
  return node->config.exchange.nation;
}
wf_mode wf_node_mode(const wf_node *node) {
  return node->config.exchange.mode;
}
const wf_area *wf_node_areas(const wf_node *node, size_t *count) {
  *count = node->config.area_count;
  return node->config.areas;
}

const wf_picture *wf_node_picture(const wf_node *node) {
  return node->national;
}

size_t wf_node_questions(const wf_node *node, wf_warn_question *out, size_t cap) {
  return wf_warn_questions(node->warn, out, cap);
}

wf_status wf_node_prepared(const wf_node *node, const wf_product *alert, wf_product_stage stage, wf_product *out) {
  return wf_warn_prepared(node->warn, alert, stage, out);
}
