// The national picture → products; people's decisions; what is released is told to partners as information.
#include "core.h"

static bool may_tell(const wf_node *node, const wf_audience *audience) {
  wf_release_verdict verdict;
  wf_release_judge_kind(&node->config.policy, audience, node->config.exchange.nation, WF_RELEASE_PRODUCT, &verdict);
  return verdict.allowed;
}

static void tell_partners(wf_node *node, const wf_product *product) {
  for (uint32_t i = 0; i < node->share_count; i++) {
    if (!may_tell(node, &node->shares[i].audience)) continue;
    const wf_record_body body = {.kind = WF_BODY_PRODUCT, .product = *product, .valid_time = node->now.wall};
    node_publish(node, i, node->shares[i].alerts, WF_PRIORITY_WARNING, &body, NULL);
  }
}

// Says what is new or changed since the last look.
static void notice_changes(wf_node *node) {
  const size_t count = wf_warn_count(node->warn);
  for (size_t i = wf_warn_first(node->warn); i < count; i++) {
    const wf_product *product = wf_warn_at(node->warn, i);
    uint8_t *seen = &node->product_states[i % node->config.products_max];
    if (i < node->product_count && *seen == product->state) continue;
    *seen = product->state;
    const notice n = {.kind = WF_OUT_PRODUCT, .product = (uint32_t)i};
    wf_ring_push_evict(&node->notices, &n);
    if (product->state == WF_PRODUCT_RELEASED) tell_partners(node, product);
  }
  node->product_count = count;
  node->counters.products = count;
}

void node_recall(wf_node *node, const wf_product *product) {
  wf_product own = *product;
  own.mode = node->config.exchange.mode;
  own.issuer = node->config.exchange.nation;
  notice_changes(node);
  if (wf_warn_restore(node->warn, &own) != WF_OK) return;  // most of all: it is of this life and known
  const size_t count = wf_warn_count(node->warn);
  node->product_states[(count - 1) % node->config.products_max] = own.state;
  node->product_count = count;
  node->counters.products = count;
}

// A question that nobody answered calls the next.
static void notice_silence(wf_node *node) {
  wf_warn_stats stats;
  wf_warn_stats_get(node->warn, &stats);
  if (stats.escalated == node->escalated) return;
  node->escalated = stats.escalated;
  node_alarm(node, WF_ALARM_UNATTENDED, "a track was lost and nobody answered: what was told is kept, widened");
}

void node_judge(wf_node *node) {
  const size_t most = node->config.picture_tracks_max;
  size_t count = wf_picture_count(node->national);
  if (count > most) count = most;
  for (size_t i = 0; i < count; i++) node->track_list[i] = wf_picture_outline_at(node->national, i);
  wf_warn_assess(node->warn, node->now.wall, node->track_list, count);
  notice_silence(node);
  notice_changes(node);
}

// Signed like everything the nation says, and said to nobody else.
void node_record_action(wf_node *node, const wf_action *action) {
  wf_record_body body = {.kind = WF_BODY_ACTION, .valid_time = node->now.wall};
  if (action == NULL) return;
  body.action = *action;
  node_publish(node, 0, node->own_status, WF_PRIORITY_STATUS, &body, NULL);
}

wf_status node_decide(wf_node *node, const wf_input *input) {
  const wf_status status = wf_warn_decide(node->warn, node->now.wall, input->product, input->decision, input->person);
  notice_changes(node);
  return status;
}

wf_status node_notice(wf_node *node, const wf_input *input) {
  char reason[96];
  const wf_status status = wf_warn_notice(node->warn, node->now.wall, (const char *)input->bytes.data,
                                          input->bytes.size, input->person, reason);
  notice_changes(node);
  return status;
}
