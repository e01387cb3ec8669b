// Numbers that gave way. Which ones depends on the order of arrival here, so this is no part of the picture's state
// nor of its digest; it only answers for what was once shown.
#include "inside.h"

const wf_pic_track *wf_pic_track_by(const wf_pic_world *w, uint64_t number_or_event) {
  for (uint32_t i = 0; i < w->state->tracks_high; i++)
    if (w->track[i].used && (w->track[i].number == number_or_event || w->track[i].event == number_or_event))
      return &w->track[i];
  return NULL;
}

void wf_pic_alias_add(wf_picture *p, uint64_t from, uint64_t to) {
  uint32_t at;
  if (from == to) return;
  if (wf_hashmap_get(&p->alias_map, from, &at) == WF_OK) {
    p->alias[at].to = to;
    return;
  }
  at = p->alias_next;
  if (p->alias_count == p->alias_max) {
    (void)wf_hashmap_remove(&p->alias_map, p->alias[at].from);
    p->alias_count--;
    p->stats.aliases_evicted++;
  }
  if (wf_hashmap_put(&p->alias_map, from, at) != WF_OK) return;
  p->alias[at] = (wf_pic_alias){from, to};
  p->alias_next = (at + 1) % p->alias_max;
  p->alias_count++;
}

// A number in use is itself, whatever it once stood for. Chains are followed; a circle ends after a while.
uint64_t wf_pic_alias_follow(const wf_picture *p, uint64_t number) {
  uint64_t at = number;
  for (int hops = 0; hops < 64; hops++) {
    uint32_t next;
    if (wf_pic_track_by(&p->live, at) != NULL || wf_hashmap_get(&p->alias_map, at, &next) != WF_OK) break;
    at = p->alias[next].to;
  }
  return at;
}

void wf_pic_remember(wf_picture *p) {
  const wf_pic_world *w = &p->live;
  for (uint32_t i = 0; i < w->tracks_max; i++) {
    p->known[i].number = 0;
    if (i >= w->state->tracks_high || !w->track[i].used) continue;
    const wf_pic_member *m = &w->member[w->track[i].first_member];
    p->known[i] = (wf_pic_known){w->track[i].number, w->track[i].event, m->object, m->nation};
  }
}

void wf_pic_recognise(wf_picture *p) {
  const wf_pic_world *w = &p->live;
  for (uint32_t i = 0; i < w->tracks_max; i++) {
    const wf_pic_known *k = &p->known[i];
    if (k->number == 0) continue;
    if (i < w->state->tracks_high && w->track[i].used && w->track[i].number == k->number) continue;
    if (wf_pic_track_by(w, k->number) != NULL) continue;
    const uint32_t member = wf_pic_member_find(w, k->nation, k->object);
    if (member == WF_NIL) continue;
    const wf_pic_track *t = &w->track[w->member[member].track];
    wf_pic_alias_add(p, k->number, t->number);
    wf_pic_alias_add(p, k->event, t->event);
  }
}
