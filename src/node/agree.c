// One picture, proved: every 10 s each node states the digest of the common picture 15 s ago, and compares.
#include <string.h>

#include "core.h"

enum { DIGEST_EVERY_S = 10, DIGEST_AFTER_S = 15, DIGEST_AGAIN_S = 2 };

// The first track, by number, that is not the same in both; 0 when all that were stated are.
static uint64_t first_track(const wf_picture_digest *a, const wf_picture_digest *b) {
  uint32_t i = 0;
  while (i < a->track_count && i < b->track_count && a->track[i].number == b->track[i].number &&
         a->track[i].hash == b->track[i].hash)
    i++;
  if (i < a->track_count && i < b->track_count)
    return a->track[i].number < b->track[i].number ? a->track[i].number : b->track[i].number;
  return i < a->track_count ? a->track[i].number : i < b->track_count ? b->track[i].number : 0;
}

static void raise_difference(wf_node *node, const share *s, wf_nation nation, const wf_picture_digest *own,
                             const wf_picture_digest *theirs) {
  const uint64_t number = first_track(own, theirs);
  const wf_common_track *track = number != 0 ? wf_picture_find(s->common, number) : NULL;
  wf_contribution_id founder;
  wf_time last;
  if (track == NULL || !wf_picture_founder(s->common, number, &founder, &last))
    node_alarm(node, WF_ALARM_PICTURE_DIFFERS,
               "the common picture differs from %s's over the same records (track %016llx)", nation.code,
               (unsigned long long)number);
  else
    node_alarm(node, WF_ALARM_PICTURE_DIFFERS,
               "the common picture differs from %s's over the same records, first in track %s, begun by %s epoch %llu "
               "number %llu",
               nation.code, track->label, founder.origin.code, (unsigned long long)founder.epoch,
               (unsigned long long)founder.sequence);
}

static void compare(wf_node *node, share *s, uint8_t index) {
  const wf_picture_digest *own = &s->digest, *theirs = &s->theirs[index];
  wf_digest_view *view = &s->view[index];
  if (theirs->at.ns == 0 || own->at.ns != theirs->at.ns) return;  // still waiting for one of the two
  view->at = own->at;
  const bool other_parameters = theirs->parameters != 0 && own->parameters != theirs->parameters;
  if (own->algorithm != theirs->algorithm || other_parameters) {
    view->agreement = WF_AGREE_NOT_COMPARABLE;
  } else if (memcmp(own->record_set, theirs->record_set, WF_DIGEST_SIZE) != 0) {
    view->agreement = WF_AGREE_WAITING;  // not the same records yet: nothing to compare
  } else if (memcmp(own->picture, theirs->picture, WF_DIGEST_SIZE) == 0) {
    view->agreement = WF_AGREE_EQUAL;
  } else {
    if (view->agreement != WF_AGREE_DIFFERENT) raise_difference(node, s, view->nation, own, theirs);
    view->agreement = WF_AGREE_DIFFERENT;
  }
}

static void state_digest(wf_node *node, uint32_t index, wf_time at) {
  share *s = &node->shares[index];
  s->digest_stale = false;
  s->digest_stated = node->now.wall;
  if (wf_picture_digest_at(s->common, at, &s->digest) != WF_OK) return;
  wf_record_body body = {.kind = WF_BODY_DIGEST, .valid_time = at};
  body.digest.at = at;
  body.digest.algorithm = s->digest.algorithm;
  memcpy(body.digest.record_set, s->digest.record_set, WF_DIGEST_SIZE);
  memcpy(body.digest.picture, s->digest.picture, WF_DIGEST_SIZE);
  body.digest.parameters = s->digest.parameters;
  body.digest.track_count = s->digest.track_count;
  for (uint32_t i = 0; i < s->digest.track_count; i++) {
    body.digest.track[2 * i] = s->digest.track[i].number;
    body.digest.track[2 * i + 1] = s->digest.track[i].hash;
  }
  node_publish(node, index, s->status, WF_PRIORITY_STATUS, &body, NULL);
  for (uint8_t i = 0; i < s->view_count; i++) compare(node, s, i);
}

void node_state_digests(wf_node *node) {
  const int64_t every = DIGEST_EVERY_S * WF_NS_PER_S;
  for (uint32_t i = 0; i < node->share_count; i++) {
    share *s = &node->shares[i];
    if (s->digest_due.ns == 0) s->digest_due.ns = (node->now.wall.ns / every + 1) * every;
    if (node->now.wall.ns < s->digest_due.ns + DIGEST_AFTER_S * WF_NS_PER_S) {
      // Late data have changed what the newest one was of: it is stated again.
      if (s->digest_stale && wf_time_diff_s(node->now.wall, s->digest_stated) >= DIGEST_AGAIN_S)
        state_digest(node, i, s->digest.at);
      continue;
    }
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
