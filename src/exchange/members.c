// Who belongs: partners join, are suspended and revoked while the node runs. A stream's audience never changes, so a
// stream whose audience has a nation that is no member is not written any more: the others would pass it on.
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const char *wf_membership_name(wf_membership membership) {
  static const char *const name[] = {"unknown", "active", "suspended", "revoked"};
  return membership >= WF_MEMBER && membership <= WF_MEMBER_REVOKED ? name[membership] : name[0];
}

wf_status partner_new(wf_exchange *x, wf_nation nation) {
  partner *p = &x->partner[x->partner_count++];
  const size_t each = x->config.partner_queue_bytes / WF_PRIORITY_BACKFILL / sizeof(queued);
  p->nation = nation;
  p->membership = WF_MEMBER;
  for (int i = 0; i < WF_PRIORITY_BACKFILL; i++) {
    const size_t capacity = each < 16 ? 16 : each;
    void *memory = calloc(capacity, sizeof(queued));
    if (!memory) return WF_ENOMEM;
    wf_ring_init(&p->queue[i], memory, sizeof(queued), capacity);
    x->memory_bytes += capacity * sizeof(queued);
  }
  for (int i = 0; i < WF_PARTS_MAX; i++) {
    p->early[i].bytes = malloc(WF_PARTS_BODY_MAX);
    if (!p->early[i].bytes) return WF_ENOMEM;
    x->memory_bytes += WF_PARTS_BODY_MAX;
  }
  return WF_OK;
}

bool is_member(const wf_exchange *x, wf_nation nation) {
  const uint32_t index = partner_index(x, nation);
  return index == NONE || x->partner[index].membership == WF_MEMBER;
}

bool audience_is_whole(const wf_exchange *x, const wf_audience *audience, wf_nation *outsider) {
  for (uint32_t i = 0; i < audience->count; i++) {
    *outsider = audience->member[i];
    if (!is_member(x, *outsider)) return false;
  }
  return true;
}

// What it said and did not sign goes now: its signature would not be taken any more.
static void forget_unsigned(wf_exchange *x, partner *p) {
  for (int i = 0; i < WF_PARTS_MAX; i++) {
    if (!p->early[i].used) continue;
    early_take_back(x, &p->early[i], "its nation is no member any more");
    early_free(x, &p->early[i]);
  }
}

static void leave(wf_exchange *x, uint32_t index) {
  partner *p = &x->partner[index];
  const bool revoked = p->membership == WF_MEMBER_REVOKED;
  for (int lane = WF_LANE_ALERT; lane <= WF_LANE_BULK; lane++)
    link_close(x, index, (wf_lane)lane, revoked ? WF_BYE_REVOKED : WF_BYE_SUSPENDED,
               revoked ? "your nation was revoked here" : "your nation is suspended here");
  forget_unsigned(x, p);
  for (uint32_t slot = 0; slot < x->epoch_high; slot++) {
    epoch *e = &x->epochs[slot];
    if (!e->used || !same_nation(x->streams[e->stream].name.origin, p->nation)) continue;
    if (e->want_from != NONE) bit_set(x->partner[e->want_from].want_dirty, slot);  // nobody need bring it
    e->want_from = NONE;
  }
  relay_choose(x);
}

wf_status partner_change(wf_exchange *x, wf_nation nation, wf_membership membership) {
  uint32_t index = partner_index(x, nation);
  if (membership < WF_MEMBER || membership > WF_MEMBER_REVOKED || same_nation(nation, x->config.nation))
    return WF_EINVAL;
  if (index == NONE) {
    if (x->partner_count == WF_NATION_MAX - 1) return WF_EFULL;
    const wf_status status = partner_new(x, nation);
    if (status != WF_OK) return status;
    index = x->partner_count - 1;
  }
  partner *p = &x->partner[index];
  if (wf_planted(WF_PLANT_KEEP_REVOKED) && membership == WF_MEMBER_REVOKED) return WF_OK;
  const bool same = p->membership == membership;
  p->membership = membership;
  p->refusal_told = false;
  if (!same && membership != WF_MEMBER) leave(x, index);
  if (membership == WF_MEMBER) x->look_for_gaps = true;
  return WF_OK;
}
