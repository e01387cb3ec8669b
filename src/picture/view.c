// What people and rules read: tracks predicted to the picture's time, nation by nation, built when asked for.
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "impact.h"
#include "inside.h"

#define UNKNOWN_POS_M 6.4e6
#define UNKNOWN_VEL_M_S 1e4
#define IMPACT_SOON_S 60.0  // so near the ground every look counts, and a prediction costs little
#define IMPACT_STANDS \
  0.9  // an area stands for its interval while no more of the velocity's variance than this has gone

static int by_number(const void *a, const void *b) {
  const struct wf_pic_row *x = a, *y = b;
  return (x->number > y->number) - (x->number < y->number);
}

static void sort_rows(const wf_picture *p) {
  wf_pic_view *v = p->view;
  if (v->sorted) return;
  const wf_pic_world *w = &p->live;
  v->count = 0;
  for (uint32_t i = 0; i < w->state->tracks_high; i++)
    if (w->track[i].used) v->row[v->count++] = (struct wf_pic_row){w->track[i].number, i, 0};
  qsort(v->row, v->count, sizeof *v->row, by_number);
  v->sorted = true;
}

static void state_of(const wf_flight *f, double state[6], double covariance[36]) {
  memset(state, 0, 6 * sizeof *state);
  if (f->mode == WF_FLIGHT_NONE) {
    memset(covariance, 0, 36 * sizeof *covariance);
    for (int i = 0; i < 6; i++) {
      const double sigma = i < 3 ? UNKNOWN_POS_M : UNKNOWN_VEL_M_S;
      covariance[i * 7] = sigma * sigma;
    }
    return;
  }
  for (int i = 0; i < 6; i++) state[i] = f->mode == WF_FLIGHT_SEED && i >= 3 ? 0.0 : f->filter.x[i];
  wf_flight_covariance6(f, covariance);
}

// What a nation's own sensors say, before what it was told; then the newer.
static bool speaks_before(const wf_pic_member *m, const wf_pic_member *other) {
  if (other == NULL) return true;
  if ((m->reported == 0) != (other->reported == 0)) return m->reported == 0;
  return m->last_valid.ns > other->last_valid.ns;
}

// One row per nation: the object it spoke of last stands for it.
static void add_member(const wf_pic_member *m, wf_common_track *t, const wf_pic_member *speaker[WF_NATION_MAX]) {
  uint8_t k = 0;
  while (k < t->contributor_count && wf_nation_compare(t->contributor[k].nation, m->nation) < 0) k++;
  const bool known = k < t->contributor_count && wf_nation_compare(t->contributor[k].nation, m->nation) == 0;
  if (!known) {
    if (t->contributor_count == WF_NATION_MAX) return;
    for (uint8_t j = t->contributor_count++; j > k; j--) {
      t->contributor[j] = t->contributor[j - 1];
      speaker[j] = speaker[j - 1];
    }
    memset(&t->contributor[k], 0, sizeof t->contributor[k]);
    t->contributor[k].nation = m->nation;
    t->contributor[k].first_valid = m->first.valid;
    speaker[k] = NULL;
  }
  struct wf_contributor *c = &t->contributor[k];
  c->sources |= m->sources;
  c->contributions += m->contributions;
  if (m->first.valid.ns < c->first_valid.ns) c->first_valid = m->first.valid;
  if (c->last_valid.ns < m->last_valid.ns) c->last_valid = m->last_valid;
  const bool speaks = speaks_before(m, speaker[k]);
  if (m->launch.valid && (!c->launch.valid || speaks)) c->launch = m->launch;
  if (speaks) speaker[k] = m;
}

static void build_contributors(const wf_picture *p, const wf_pic_track *s, wf_common_track *t,
                               const wf_pic_member *speaker[WF_NATION_MAX]) {
  const wf_pic_world *w = &p->live;
  for (uint32_t i = s->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_member *m = &w->member[i];
    add_member(m, t, speaker);
    t->track.plots += m->plots;
    if (m->first_detection.ns < t->track.first_detection.ns) t->track.first_detection = m->first_detection;
  }
  for (uint8_t k = 0; k < t->contributor_count; k++) {
    t->contributor[k].object = speaker[k]->object;
    t->contributor[k].has_state = wf_flight_has_state(&speaker[k]->alone);
  }
}

// Each contributor's own state, predicted to the picture's time: for readers, not for rules.
static void build_states(const wf_picture *p, wf_pic_outlooks *o, wf_common_track *t,
                         const wf_pic_member *const speaker[WF_NATION_MAX]) {
  for (uint8_t k = 0; k < t->contributor_count; k++) {
    wf_flight f;
    wf_pic_outlook_at(&o->alone[k], &speaker[k]->alone, p->live.vacuum, p->live.state->time, &f);
    state_of(&f, t->contributor[k].state, t->contributor[k].covariance);
  }
}

static uint8_t phase_of(const wf_pic_world *w, const wf_pic_track *s, const wf_flight *f) {
  if (f->mode == WF_FLIGHT_NONE) return WF_PHASE_UNKNOWN;
  if (f->mode != WF_FLIGHT_COAST) return WF_PHASE_BOOST;
  const wf_pic_member *newest = NULL;
  for (uint32_t i = s->first_member; i != WF_NIL; i = w->member[i].next_in_track)
    if (w->member[i].tracklets && (newest == NULL || w->member[i].last_valid.ns > newest->last_valid.ns))
      newest = &w->member[i];
  return newest != NULL && newest->phase == WF_PHASE_REENTRY ? WF_PHASE_REENTRY : WF_PHASE_COAST;
}

static void build_track(const wf_picture *p, const wf_pic_track *s, const wf_flight *fused, wf_pic_outlook *o,
                        wf_common_track *t) {
  const wf_pic_world *w = &p->live;
  wf_flight f;
  wf_pic_outlook_at(o, fused, w->vacuum, w->state->time, &f);
  wf_track *k = &t->track;
  k->id = s->number;
  k->life = s->life;
  k->reason = s->reason;
  k->sources = s->sources;
  k->last_sensor = UINT16_MAX;
  k->phase = phase_of(w, s, &f);
  k->time = w->state->time;
  k->first_detection = k->confirmed_at = s->created;
  k->last_update = s->last_valid;
  state_of(&f, k->state, k->covariance);
  k->thrust_m_s2 = wf_flight_thrust_m_s2(&f);
  (void)wf_flight_ln_beta(&f, &k->ln_beta, &k->ln_beta_sigma);
  k->burnout = s->burnout;
  k->launch = s->launch;
}

// Predictions down to the ground are dear: once per interval of picture time, all of a track at once, so that what
// the nations know alone and together is compared at one moment.
static void refresh_impacts(const wf_picture *p, const wf_pic_track *s, const wf_flight *fused, wf_pic_outlooks *o,
                            const wf_common_track *t, const wf_pic_member *const speaker[WF_NATION_MAX]) {
  const bool vacuum = p->live.vacuum;
  const wf_time now = p->live.state->time;
  const double age_s = wf_time_diff_s(now, o->at);
  const bool same = o->from.ns == s->fused.time.ns && o->mode == s->fused.mode;
  // A first area is shown at once; a new one for an old one can wait, but for the last minute.
  const bool soon = o->fused.area.valid && wf_time_diff_s(o->fused.area.time, now) < IMPACT_SOON_S;
  const double variance = wf_flight_velocity_variance(fused);
  bool fresh = age_s >= 0.0 && age_s < p->config.impact_interval_s && (same || (o->fused.area.valid && !soon)) &&
               variance > IMPACT_STANDS * o->variance_m2_s2;
  for (uint8_t k = 0; fresh && k < t->contributor_count; k++)
    fresh = o->count == t->contributor_count && wf_nation_compare(o->nation[k], t->contributor[k].nation) == 0;
  if (fresh) return;
  o->at = now;
  o->from = s->fused.time;
  o->mode = s->fused.mode;
  o->variance_m2_s2 = variance;
  o->count = t->contributor_count;
  wf_pic_outlook_impact(&o->fused, fused, vacuum, now);
  for (uint8_t k = 0; k < t->contributor_count; k++) {
    o->nation[k] = t->contributor[k].nation;
    if (wf_pic_same_flight(&speaker[k]->alone, fused))
      o->alone[k] = o->fused;
    else
      wf_pic_outlook_impact(&o->alone[k], &speaker[k]->alone, vacuum, now);
  }
}

static void build(const wf_picture *p, uint32_t slot, bool states, wf_common_track *t) {
  const wf_pic_track *s = &p->live.track[slot];
  const wf_pic_member *speaker[WF_NATION_MAX] = {NULL};
  wf_pic_outlooks *o = &p->view->outlooks[slot];
  wf_flight fused = s->fused;
  (void)wf_pic_unlean(&p->live, s, &fused);
  if (o->number != s->number) memset(o, 0, sizeof *o);
  o->number = s->number;
  memset(t, 0, sizeof *t);
  t->number = s->number;
  t->event = s->event;
  memcpy(t->label, s->label, sizeof t->label);
  build_track(p, s, &fused, &o->fused, t);
  build_contributors(p, s, t, speaker);
  if (states) build_states(p, o, t, speaker);
  refresh_impacts(p, s, &fused, o, t, speaker);
  t->impact = o->fused.area;
  for (uint8_t k = 0; k < t->contributor_count; k++) t->contributor[k].impact = o->alone[k].area;
}

size_t wf_picture_count(const wf_picture *p) {
  return p->live.state->tracks;
}

static const wf_common_track *track_at(const wf_picture *p, size_t index, uint8_t level) {
  sort_rows(p);
  if (index >= p->view->count) return NULL;
  struct wf_pic_row *row = &p->view->row[index];
  wf_common_track *t = &p->view->track[index];
  if (row->built < level) {
    build(p, row->slot, level > 1, t);
    row->built = level;
  }
  return t;
}

const wf_common_track *wf_picture_at(const wf_picture *p, size_t index) {
  return track_at(p, index, 2);
}

const wf_common_track *wf_picture_outline_at(const wf_picture *p, size_t index) {
  return track_at(p, index, 1);
}

const wf_common_track *wf_picture_find(const wf_picture *p, uint64_t number) {
  const wf_pic_track *t = wf_pic_track_by(&p->live, wf_picture_resolve(p, number));
  if (t == NULL) return NULL;
  sort_rows(p);
  const struct wf_pic_row key = {.number = t->number};
  const struct wf_pic_row *row = bsearch(&key, p->view->row, p->view->count, sizeof key, by_number);
  return row == NULL ? NULL : wf_picture_at(p, (size_t)(row - p->view->row));
}
