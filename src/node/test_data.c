// Records without meaning, said and heard in mode test alone: what the exchange, the links and the store do with a real
// load is measured and tested with them, through the same steps that a warning takes.
#include "core.h"
#include "wire/bundle.h"

static uint32_t stream_for(const share *s, wf_priority priority) {
  if (priority <= WF_PRIORITY_LAUNCH) return s->alerts;
  return priority == WF_PRIORITY_STATUS ? s->status : s->contributions;
}

wf_status node_test_publish(wf_node *node, wf_priority priority, wf_bytes payload) {
  if (node->config.exchange.mode != WF_MODE_TEST) return WF_EMODE;
  if (node->share_count == 0) return WF_ENOTFOUND;
  const wf_record_body body = {.kind = WF_BODY_OPAQUE, .valid_time = node->now.wall, .opaque = payload};
  size_t length = 0;
  const wf_status status = wf_wire_encode_record(&body, node->record, sizeof node->record, &length);
  if (status != WF_OK) return status;
  const wf_exchange_input input = {.kind = WF_XI_PUBLISH,
                                   .stream = stream_for(&node->shares[0], priority),
                                   .priority = priority,
                                   .bytes = {node->record, length}};
  return wf_exchange_step(node->exchange, node->now, &input);
}

// A retraction has no bytes to tell by: it goes to the pictures, which pass over what they have not got, and is
// counted.
bool node_test_data(const wf_node *node, const wf_exchange_effect *record) {
  wf_record_view view;
  char reason[WF_REASON_SIZE];
  return node->config.exchange.mode == WF_MODE_TEST && record->kind != WF_XE_RETRACT &&
         wf_record_view_parse(record->bytes, &view, reason) == WF_OK && view.payload == WF_PAYLOAD_OPAQUE;
}
