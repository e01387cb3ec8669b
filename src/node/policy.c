// The policy in force: its audiences, its changes, and their record.
#include <stdlib.h>
#include <string.h>

#include "core.h"

static bool ring_of(wf_ring *ring, size_t item_size, size_t capacity) {
  void *memory = calloc(capacity, item_size);
  if (memory != NULL) wf_ring_init(ring, memory, item_size, capacity);
  return memory != NULL;
}

static wf_status open_streams(wf_node *node, const wf_audience *audience, share *s) {
  wf_status status = wf_exchange_open_stream(node->exchange, audience, WF_STREAM_ALERTS, &s->alerts);
  if (status == WF_OK)
    status = wf_exchange_open_stream(node->exchange, audience, WF_STREAM_CONTRIBUTIONS, &s->contributions);
  if (status == WF_OK) status = wf_exchange_open_stream(node->exchange, audience, WF_STREAM_STATUS, &s->status);
  return status;
}

wf_status node_open_share(wf_node *node, const wf_audience *audience) {
  for (uint32_t i = 0; i < node->share_count; i++)
    if (wf_audience_equal(&node->shares[i].audience, audience)) return WF_OK;
  if (node->share_count >= SHARES_MAX) return WF_EFULL;
  share *s = &node->shares[node->share_count];
  s->audience = *audience;
  const wf_status status = open_streams(node, audience, s);
  if (status != WF_OK) return status;
  const wf_picture_config picture = {.tracks_max = node->config.picture_tracks_max,
                                     .contributions_max = node->config.picture_contributions_max,
                                     .medium_vacuum = node->config.medium == WF_MEDIUM_VACUUM};
  s->common = wf_picture_new(&picture);
  s->guard = wf_guard_new(node->config.tracks_max, node->config.guard_secret);
  if (s->common == NULL || s->guard == NULL || !ring_of(&s->details, sizeof(detail), DETAILS_MAX)) return WF_ENOMEM;
  for (int i = 0; i < audience->count; i++)
    if (wf_nation_compare(audience->member[i], node->config.exchange.nation) != 0)
      s->view[s->view_count++].nation = audience->member[i];
  node->share_count++;
  return WF_OK;
}

// A rule that delays needs a place to wait in; others do without.
static wf_status make_waiting_rooms(wf_node *node) {
  for (uint32_t i = 0; i < node->share_count; i++) {
    share *s = &node->shares[i];
    bool delays = false;
    for (uint32_t k = 0; k < node->config.policy.rule_count; k++) {
      const wf_release_rule *rule = &node->config.policy.rule[k];
      delays = delays || (rule->delay_s + rule->guard_hold_s > 0.0 && wf_audience_equal(&rule->audience, &s->audience));
    }
    if (delays && s->delayed.items == NULL && !ring_of(&s->delayed, sizeof(delayed), DELAYED_MAX)) return WF_ENOMEM;
  }
  return WF_OK;
}

wf_status node_policy_open(wf_node *node) {
  for (uint32_t i = 0; i < node->config.policy.rule_count; i++) {
    const wf_status status = node_open_share(node, &node->config.policy.rule[i].audience);
    if (status != WF_OK) return status;
  }
  return make_waiting_rooms(node);
}

void node_policy_say(wf_node *node, uint64_t previous, const char *person) {
  wf_record_body body = {.kind = WF_BODY_POLICY, .valid_time = node->now.wall};
  body.policy.version = node->config.policy.version;
  body.policy.previous = previous;
  body.policy.rules = node->config.policy.rule_count;
  for (size_t i = 0; i + 1 < sizeof body.policy.by && person[i] != '\0'; i++) body.policy.by[i] = person[i];
  node_publish(node, 0, node->own_status, WF_PRIORITY_STATUS, &body, NULL);
}

// Streams of an audience that the new policy does not name stay open, with nothing more in them.
wf_status node_policy_set(wf_node *node, const wf_release_policy *policy, const char *person) {
  if (policy == NULL || policy->rule_count > WF_RULES_MAX) return WF_EINVAL;
  const wf_release_policy before = node->config.policy;
  node->config.policy = *policy;
  const wf_status status = node_policy_open(node);
  if (status != WF_OK) {
    node->config.policy = before;
    return status;
  }
  node_policy_say(node, before.version, person != NULL ? person : "");
  return WF_OK;
}

const wf_release_policy *wf_node_policy(const wf_node *node) {
  return &node->config.policy;
}
