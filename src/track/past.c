// What was seen lately, and by which track each plot was taken: so that decisions among close objects can be looked at
// again when more is known (crowd.c).
#include <string.h>

#include "crowd.h"
#include "internal.h"

void wf_track_past_look(wf_tracker *t, const group *g) {
  glance *l = &t->look[t->look_next % LOOKS];
  *l = (glance){g->sensor, g->time, t->past_next, g->count};
  for (uint32_t k = 0; k < g->count; k++) {
    const uint32_t at = (t->past_next + k) & (t->past_max - 1);
    t->past[at] = g->plot[k];
    t->past_owner[at] = 0;
  }
  t->past_next += g->count;
  t->look_next++;
}

const glance *wf_track_past_at(const wf_tracker *t, uint32_t number) {
  if (t->look_next - number > LOOKS || number >= t->look_next) return NULL;
  const glance *l = &t->look[number % LOOKS];
  return t->past_next - l->first <= t->past_max ? l : NULL;
}

void wf_track_past_own(wf_tracker *t, const glance *l, uint32_t plot, uint32_t owner) {
  t->past_owner[(l->first + plot) & (t->past_max - 1)] = owner;
}

// From here on the filter as it is stands for all that was before.
static void anchor_here(const wf_tracker *t, object *o, history *h) {
  h->count = 0;
  h->anchored = true;
  h->anchor = o->slot[wf_track_best_slot(o)];
  h->anchor_time = o->time;
  wf_sensitivity *drift = wf_track_drift(o, wf_track_best_slot(o));
  if (drift != NULL && drift->sensors != 0) {
    double unused[36] = {0};
    wf_registration_apply(&t->registration, drift, h->anchor.x, unused);
  }
}

void wf_track_past_begin(wf_tracker *t, const object *o) {
  history *h = &t->history[o - t->object];
  memset(h, 0, sizeof *h);
  h->slot = SLOT_COAST;
}

void wf_track_past_add(wf_tracker *t, object *o, uint32_t look_number, uint32_t plot) {
  history *h = &t->history[o - t->object];
  const glance *l = wf_track_past_at(t, look_number);
  if (l == NULL || t->watcher[l->sensor].sensor.kind != WF_SENSOR_RADAR) return;
  wf_track_past_own(t, l, plot, (uint32_t)(o - t->object) + 1);
  // Under thrust the plots are kept all the same: among close objects it may have been taken for thrust what was not.
  const bool burnt = !wf_track_has(o, h->slot) && o->active == 1u << SLOT_BURNT && o->crowd == 0;
  if (burnt) h->slot = SLOT_BURNT;
  const bool lost = h->count > 0 && wf_track_past_at(t, h->hit[0].look) == NULL;
  const bool has_drag = wf_track_has(o, h->slot) && o->slot[h->slot].size != 6;
  if (burnt || lost || has_drag || h->count == HISTORY)
    anchor_here(t, o, h);
  else
    h->hit[h->count++] = (past_hit){look_number, plot};
}
