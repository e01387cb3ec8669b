// Own tracks → contributions → release → streams. This is the only way out of the nation.
#include "core.h"

static wf_priority priority_of(const wf_contribution *c) {
  return c->kind == WF_CONTRIBUTION_DETECTION || c->kind == WF_CONTRIBUTION_LAUNCH ? WF_PRIORITY_LAUNCH
                                                                                   : WF_PRIORITY_CONTRIBUTION;
}

void node_publish(wf_node *node, uint32_t share_index, uint32_t stream, wf_priority priority,
                  const wf_record_body *body, const wf_contribution *detail) {
  pending p = {.stream = stream,
               .share = (uint8_t)share_index,
               .priority = priority,
               .has_detail = detail != NULL,
               .body = *body};
  if (detail != NULL) p.detail = *detail;
  if (wf_ring_push(&node->pending, &p) != WF_OK)
    node_alarm(node, WF_ALARM_OVERLOAD, "more statements in one step than the queue holds (%d)", PENDING_MAX);
}

// A contribution nobody else may have still serves the nation's own picture, under a name of its own.
static void keep_private(wf_node *node, const wf_contribution *c) {
  wf_contribution own = *c;
  const uint32_t stream = wf_contribution_stream(node->config.exchange.writer, WF_STREAM_PRIVATE);
  own.id = (wf_contribution_id){node->config.exchange.nation, stream, wf_exchange_epoch(node->exchange),
                                ++node->private_sequence};
  own.publish_time = node->now.wall;
  wf_picture_insert(node->national, &own);
}

// What the policy may need to know beyond the statement itself: which own sensors fed the object.
static wf_release_context context_of(const wf_node *node, const wf_contribution *c) {
  wf_release_context context = {.feed_known = wf_tracker_find(node->tracker, c->object) != NULL};
  context.fed_by = wf_tracker_fed_by(node->tracker, c->object, &context.fed_by_others);
  return context;
}

static void share_one(wf_node *node, const wf_contribution *c) {
  const wf_release_context context = context_of(node, c);
  bool told = false;
  for (uint32_t i = 0; i < node->share_count; i++) {
    const share *s = &node->shares[i];
    wf_record_body body = {.kind = WF_BODY_CONTRIBUTION, .contribution = *c, .valid_time = c->valid_time};
    wf_release_verdict verdict;
    wf_release_judge_in(&node->config.policy, &s->audience, node->config.exchange.nation, &context, &body.contribution,
                        &verdict);
    if (!verdict.allowed) continue;
    const uint32_t stream = c->kind == WF_CONTRIBUTION_DETECTION ? s->alerts : s->contributions;
    // The detailed version goes into the national picture once, with the first audience that hears of it.
    node_publish(node, i, stream, priority_of(c), &body, told ? NULL : c);
    told = true;
  }
  if (!told) keep_private(node, c);
}

void node_share(wf_node *node) {
  const size_t count = wf_tracker_contributions(node->tracker, node->now.wall, node->fresh, node->fresh_cap);
  for (size_t i = 0; i < count; i++) share_one(node, &node->fresh[i]);
  if (count > 0) node->dirty = true;
}

bool node_publish_next(wf_node *node) {
  pending p;
  if (wf_ring_pop(&node->pending, &p) != WF_OK) return false;
  size_t length = 0;
  if (wf_wire_encode_record(&p.body, node->record, sizeof node->record, &length) != WF_OK) {
    node_alarm(node, WF_ALARM_OVERLOAD, "a statement does not fit a record of %d bytes", RECORD_BYTES_MAX);
    return true;
  }
  if (p.has_detail) wf_ring_push_evict(&node->shares[p.share].details, &p.detail);
  const wf_exchange_input input = {
      .kind = WF_XI_PUBLISH, .stream = p.stream, .priority = p.priority, .bytes = {node->record, length}};
  if (wf_exchange_step(node->exchange, node->now, &input) != WF_OK)
    node_alarm(node, WF_ALARM_OVERLOAD, "the exchange refused an own statement");
  return true;
}
