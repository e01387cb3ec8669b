// One picture, proved: every 10 s each node states the digest of the common picture 15 s ago, and compares.
#include <string.h>

#include "core.h"

enum { DIGEST_EVERY_S = 10, DIGEST_AFTER_S = 15 };

static void compare(wf_node *node, share *s, uint8_t index) {
  const wf_picture_digest *own = &s->digest, *theirs = &s->theirs[index];
  wf_digest_view *view = &s->view[index];
  if (theirs->at.ns == 0 || own->at.ns != theirs->at.ns) return;  // still waiting for one of the two
  view->at = own->at;
  if (own->algorithm != theirs->algorithm) {
    view->agreement = WF_AGREE_NOT_COMPARABLE;
  } else if (memcmp(own->record_set, theirs->record_set, WF_DIGEST_SIZE) != 0) {
    view->agreement = WF_AGREE_WAITING;  // not the same records yet: nothing to compare
  } else if (memcmp(own->picture, theirs->picture, WF_DIGEST_SIZE) == 0) {
    view->agreement = WF_AGREE_EQUAL;
  } else {
    if (view->agreement != WF_AGREE_DIFFERENT)
      node_alarm(node, WF_ALARM_PICTURE_DIFFERS, "the common picture differs from %s's over the same records",
                 view->nation.code);
    view->agreement = WF_AGREE_DIFFERENT;
  }
}

static void state_digest(wf_node *node, uint32_t index, wf_time at) {
  share *s = &node->shares[index];
  if (wf_picture_digest_at(s->common, at, &s->digest) != WF_OK) return;
  wf_record_body body = {.kind = WF_BODY_DIGEST, .valid_time = at};
  body.digest.at = at;
  body.digest.algorithm = s->digest.algorithm;
  memcpy(body.digest.record_set, s->digest.record_set, WF_DIGEST_SIZE);
  memcpy(body.digest.picture, s->digest.picture, WF_DIGEST_SIZE);
  node_publish(node, index, s->status, WF_PRIORITY_STATUS, &body, NULL);
  for (uint8_t i = 0; i < s->view_count; i++) compare(node, s, i);
}

void node_state_digests(wf_node *node) {
  const int64_t every = DIGEST_EVERY_S * WF_NS_PER_S;
  for (uint32_t i = 0; i < node->share_count; i++) {
    share *s = &node->shares[i];
    if (s->digest_due.ns == 0) s->digest_due.ns = (node->now.wall.ns / every + 1) * every;
    if (node->now.wall.ns < s->digest_due.ns + DIGEST_AFTER_S * WF_NS_PER_S) continue;
    state_digest(node, i, s->digest_due);
    // After a jump of the clock the grid goes on from now, not through every point missed.
    while (s->digest_due.ns + DIGEST_AFTER_S * WF_NS_PER_S <= node->now.wall.ns) s->digest_due.ns += every;
  }
}

void node_compare_digest(wf_node *node, wf_nation from, const wf_audience *audience, const wf_picture_digest *theirs) {
  for (uint32_t i = 0; i < node->share_count; i++) {
    share *s = &node->shares[i];
    if (!wf_audience_equal(&s->audience, audience)) continue;
    for (uint8_t k = 0; k < s->view_count; k++) {
      if (wf_nation_compare(s->view[k].nation, from) != 0) continue;
      s->theirs[k] = *theirs;
      compare(node, s, k);
    }
  }
}
