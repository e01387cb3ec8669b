// The ledger behind "what would each nation have known alone?": first times, kept per event, never revised.
#include <string.h>

#include "core.h"

static wf_value_event *event_of(wf_node *node, const wf_common_track *track) {
  for (size_t i = 0; i < node->value_count; i++)
    if (node->value[i].event == track->event) return &node->value[i];
  if (node->value_count >= WF_VALUE_EVENTS_MAX) return NULL;
  wf_value_event *v = &node->value[node->value_count++];
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
    if (!own) {
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

void node_value_update(wf_node *node) {
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
