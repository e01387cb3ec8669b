// What the nations have to say while the storm lasts: radars that watch one object, or opaque records.
#include <string.h>

#include "storm_inside.h"

// ---- Radars, of whole nodes ---------------------------------------------------------------------------------------

// On its way the datagram may be lost, doubled, or held up, so that others overtake it.
static void send_datagram(storm *s, uint32_t node, double now_s, wf_bytes datagram) {
  const double trouble_s = s->sensor_trouble_s[node];
  if (trouble_s < 0.0) {
    wf_world_sensor(s->world, node, datagram);
    return;
  }
  if (wf_rng_uniform(&s->rng) < 0.3) return;
  const int copies = wf_rng_uniform(&s->rng) < 0.3 ? 2 : 1;
  for (int i = 0; i < copies && s->late_count < LATE_MAX; i++) {
    late *l = &s->late[s->late_count++];
    *l = (late){.at_s = now_s + wf_rng_uniform(&s->rng) * trouble_s, .node = node, .size = datagram.size};
    memcpy(l->bytes, datagram.data, datagram.size);
  }
}

static void deliver_late(storm *s, double at_s) {
  for (size_t i = 0; i < s->late_count;) {
    late *l = &s->late[i];
    if (l->at_s > at_s) {
      i++;
      continue;
    }
    wf_world_sensor(s->world, l->node, (wf_bytes){l->bytes, l->size});
    *l = s->late[--s->late_count];
  }
}

static void scan(storm *s, uint32_t node, double now_s) {
  uint8_t bytes[DATAGRAM_MAX];
  wf_plot plot;
  const wf_time at = wf_time_add_s(s->community.config.start, now_s);
  const bool sees = wf_rng_uniform(&s->rng) < s->community.sensors[node].detection_probability;
  const wf_sensor_report report = wf_community_report(&s->community, node, at, sees, &plot);
  size_t length = 0;
  if (wf_wire_encode_sensor_report(&report, bytes, sizeof bytes, &length) == WF_OK)
    send_datagram(s, node, now_s, (wf_bytes){bytes, length});
}

static void scan_all(storm *s, double now_s) {
  s->scanned_s = now_s;
  wf_community_fly(&s->community, 1.0);
  for (uint32_t i = 0; i < s->plan->nodes; i++) scan(s, i, now_s);
}

// ---- Opaque records, of bare exchanges ------------------------------------------------------------------------------

// Whoever is a member for this nation now: an audience never changes, another one is another stream.
static wf_audience audience_now(const storm *s, uint32_t i) {
  wf_audience audience = {0};
  const bool out = s->check.suspended[i] || s->check.revoked[i];  // it does not know, and goes on as before
  for (uint32_t k = 0; k < s->plan->nodes; k++)
    if (k == i || out || !(s->check.suspended[k] || s->check.revoked[k]))
      wf_audience_add(&audience, s->community.config.node[k].exchange.nation);
  return audience;
}

// who: node i, or its twin.
static void publish_one(storm *s, uint32_t i, uint32_t who) {
  uint8_t payload[2048];
  const wf_audience members = audience_now(s, i);
  if (members.count < 2) return;
  const bool apart = s->pact.count > 0 && wf_audience_has(&s->pact, s->community.config.node[i].exchange.nation) &&
                     wf_rng_below(&s->rng, 3) == 0;
  const uint64_t dice = wf_rng_below(&s->rng, 10);
  const wf_stream_class stream_class = dice < 2   ? WF_STREAM_ALERTS
                                       : dice < 3 ? WF_STREAM_STATUS
                                                  : WF_STREAM_CONTRIBUTIONS;
  const wf_priority priority = dice == 0   ? WF_PRIORITY_WARNING
                               : dice == 1 ? WF_PRIORITY_LAUNCH
                               : dice == 2 ? WF_PRIORITY_STATUS
                                           : WF_PRIORITY_CONTRIBUTION;
  const size_t size = 8 + (size_t)wf_rng_below(&s->rng, s->payload_max);
  for (size_t k = 0; k + 8 <= size; k += 8) {
    const uint64_t x = wf_rng_u64(&s->rng);
    memcpy(payload + k, &x, 8);
  }
  wf_world_publish(s->world, who, apart ? &s->pact : &members, stream_class, priority,
                   (wf_bytes){payload, size / 8 * 8});
}

static void publish_due(storm *s, double at_s) {
  for (uint32_t i = 0; i < s->plan->nodes; i++) {
    if (s->publish_s[i] > at_s) continue;
    const uint64_t burst = wf_rng_below(&s->rng, 8) == 0 ? 1 + wf_rng_below(&s->rng, 20) : 1;
    for (uint64_t k = 0; k < burst; k++) publish_one(s, i, i);
    s->publish_s[i] = at_s + s->publish_mean_s * wf_rng_between(&s->rng, 0.1, 1.9);
  }
  if (s->twin_of == UINT32_MAX || s->twin_publish_s > at_s) return;
  publish_one(s, s->twin_of, s->plan->nodes);
  s->twin_publish_s = at_s + s->publish_mean_s * wf_rng_between(&s->rng, 0.1, 1.9);
}

// ---- Both
// -------------------------------------------------------------------------------------------------------------

static wf_status make_pact(storm *s) {
  wf_world_config *c = &s->community.config;
  for (uint32_t i = 0; i < 2 && s->plan->pact; i++) wf_audience_add(&s->pact, c->node[i].exchange.nation);
  for (uint32_t i = 0; i < s->pact.count; i++) {
    const wf_status status = wf_release_profile("plots", &s->pact, &c->node[i].policy);
    if (status != WF_OK) return status;
  }
  return WF_OK;
}

wf_status storm_load_begin(storm *s) {
  s->publish_mean_s = wf_rng_between(&s->rng, 0.3, 2.5);
  s->payload_max = (size_t)16 << wf_rng_below(&s->rng, 7);
  for (uint32_t i = 0; i < STORM_NODES_MAX; i++) {
    s->sensor_trouble_s[i] = -1.0;
    s->publish_s[i] = wf_rng_between(&s->rng, 0.0, 2.0);
  }
  return make_pact(s);
}

double storm_load_next(const storm *s) {
  double next_s = s->plan->bare ? 1e9 : s->scanned_s + 1.0;
  for (uint32_t i = 0; i < s->plan->nodes && s->plan->bare; i++)
    if (s->publish_s[i] < next_s) next_s = s->publish_s[i];
  if (s->twin_of != UINT32_MAX && s->twin_publish_s < next_s) next_s = s->twin_publish_s;
  for (size_t i = 0; i < s->late_count; i++)
    if (s->late[i].at_s < next_s) next_s = s->late[i].at_s;
  return next_s > s->now_s ? next_s : s->now_s;
}

void storm_load_at(storm *s, double at_s) {
  if (s->plan->bare) {
    publish_due(s, at_s);
    return;
  }
  deliver_late(s, at_s);
  if (at_s >= s->scanned_s + 1.0) scan_all(s, s->scanned_s + 1.0);
}
