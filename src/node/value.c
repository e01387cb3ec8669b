// The ledger behind "what would each nation have known alone?": first times, kept per event, never revised.
#include <string.h>

#include "core.h"

// A second after a start the restored records are verified; two hundred looks are what may be spent on them at once.
enum { RECALL_AFTER_MS = 1000, RECALL_STEPS = 200 };

static wf_value_event *find(wf_node *node, uint64_t event) {
  for (size_t i = 0; i < node->value_count; i++)
    if (node->value[i].event == event) return &node->value[i];
  return NULL;
}

static wf_value_event *event_of(wf_node *node, const wf_common_track *track) {
  wf_value_event *v = find(node, track->event);
  if (v != NULL) return v;
  if (node->value_count >= WF_VALUE_EVENTS_MAX) return NULL;
  v = &node->value[node->value_count++];
  memset(v, 0, sizeof *v);
  v->event = track->event;
  return v;
}

static wf_value_entry *entry_of(wf_node *node, wf_value_event *v, wf_nation nation) {
  for (int i = 0; i < v->nation_count; i++)
    if (wf_nation_compare(v->nation[i].nation, nation) == 0) return &v->nation[i].alone;
  if (v->nation_count >= WF_NATION_MAX) return NULL;
  const int i = v->nation_count++;
  v->nation[i].nation = nation;
  v->nation[i].own = wf_nation_compare(nation, node->config.exchange.nation) == 0;
  return &v->nation[i].alone;
}

static void first(wf_time *slot, wf_time now, bool known) {
  if (known && slot->ns == 0) *slot = now;
}

// life: a lost track's widening area is no longer a prediction to compare.
static void note(wf_value_entry *e, wf_time now, uint8_t life, const wf_launch_area *launch,
                 const wf_impact_area *impact) {
  first(&e->detected, now, true);
  first(&e->tracked, now, life >= WF_LIFE_CONFIRMED);
  first(&e->launch_known, now, launch->valid);
  first(&e->lost, now, life == WF_LIFE_LOST);
  if (!impact->valid || life == WF_LIFE_LOST) return;
  e->latest = *impact;
  e->latest_at = now;
  if (e->area_known.ns == 0 && impact->area.semi_major_95_m < WF_VALUE_AREA_M) {
    e->area_known = now;
    e->first_area = *impact;
  }
}

static void note_alone(wf_node *node, wf_value_event *v, const wf_common_track *track) {
  for (int i = 0; i < track->contributor_count; i++) {
    wf_value_entry *e = entry_of(node, v, track->contributor[i].nation);
    if (e == NULL) continue;
    const bool own = wf_nation_compare(track->contributor[i].nation, node->config.exchange.nation) == 0;
    if (!own || node->recalling) {
      note(e, node->now.wall, track->contributor[i].has_state ? WF_LIFE_CONFIRMED : WF_LIFE_TENTATIVE,
           &track->contributor[i].launch, &track->contributor[i].impact);
      continue;
    }
    // Own sensors only: the own tracker itself says it, in full detail.
    for (size_t k = 0; k < node->alone_count; k++) {
      const wf_common_track *alone = &node->alone[k];
      if (alone->track.id == track->contributor[i].object)
        note(e, node->now.wall, alone->track.life, &alone->track.launch, &alone->impact);
    }
  }
}

static void earlier(wf_time *slot, wf_time other) {
  if (other.ns != 0 && (slot->ns == 0 || other.ns < slot->ns)) *slot = other;
}

static void fold_entry(wf_value_entry *into, const wf_value_entry *from) {
  earlier(&into->detected, from->detected);
  earlier(&into->tracked, from->tracked);
  earlier(&into->launch_known, from->launch_known);
  earlier(&into->lost, from->lost);
  if (from->area_known.ns != 0 && (into->area_known.ns == 0 || from->area_known.ns < into->area_known.ns))
    into->first_area = from->first_area;
  earlier(&into->area_known, from->area_known);
  if (from->latest_at.ns <= into->latest_at.ns) return;
  into->latest = from->latest;
  into->latest_at = from->latest_at;
}

static void fold_event(wf_node *node, wf_value_event *into, const wf_value_event *from) {
  fold_entry(&into->shared, &from->shared);
  for (int i = 0; i < from->nation_count; i++) {
    wf_value_entry *e = entry_of(node, into, from->nation[i].nation);
    if (e != NULL) fold_entry(e, &from->nation[i].alone);
  }
}

// An event that the picture has since found to be another one was that one all along: what was known of it counts
// there.
static void follow_aliases(wf_node *node) {
  for (size_t i = 0; i < node->value_count;) {
    wf_value_event *v = &node->value[i];
    const uint64_t now = wf_picture_resolve(node->national, v->event);
    wf_value_event *other = now != v->event ? find(node, now) : NULL;
    if (other == NULL) {
      v->event = now;
      i++;
      continue;
    }
    fold_event(node, other, v);
    memmove(v, v + 1, (node->value_count - i - 1) * sizeof *v);
    node->value_count--;
  }
}

void node_value_update(wf_node *node) {
  follow_aliases(node);
  const size_t count = wf_picture_count(node->national);
  for (size_t i = 0; i < count; i++) {
    const wf_common_track *track = wf_picture_outline_at(node->national, i);
    wf_value_event *v = event_of(node, track);
    if (v == NULL) continue;
    memcpy(v->label, track->label, sizeof v->label);
    note(&v->shared, node->now.wall, track->track.life, &track->track.launch, &track->impact);
    note_alone(node, v, track);
  }
}

void node_value_restored(wf_node *node, wf_time published) {
  if (node->recalled || published.ns >= node->started.wall.ns) return;
  if (node->oldest_restored.ns == 0 || published.ns < node->oldest_restored.ns) node->oldest_restored = published;
}

// After a start, when what the store held has been verified, the ledger is made anew: the national picture once more
// from its beginning, in steps of a second. Of own sensors that is what was told of them; the trackers are gone.
void node_value_recall(wf_node *node) {
  if (node->recalled || wf_mono_diff_ns(node->now.mono, node->started.mono) < RECALL_AFTER_MS * WF_NS_PER_MS) return;
  node->recalled = true;
  if (node->oldest_restored.ns == 0) return;
  const wf_time now = node->now.wall;
  const double span_s = wf_time_diff_s(node->started.wall, node->oldest_restored);
  const double step_s = span_s > RECALL_STEPS ? span_s / RECALL_STEPS : 1.0;
  node->recalling = true;
  node->value_count = 0;
  for (double t_s = 0.0; t_s < span_s; t_s += step_s) {
    node->now.wall = wf_time_add_s(node->oldest_restored, t_s);
    wf_picture_advance(node->national, node->now.wall);
    node_value_update(node);
  }
  node->recalling = false;
  node->now.wall = now;
}
