// The front: what comes in is checked, kept in order, and applied by history.c; what is asked is answered by view.c.
#include "picture/picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/plant.h"
#include "inside.h"

#define TRACKS_DEFAULT 256
#define CONTRIBUTIONS_DEFAULT 65536
#define TRACKS_MOST 65536
#define CONTRIBUTIONS_MOST (1u << 24)
#define ALIASES_PER_TRACK 16
#define GATE_DEFAULT 27.9  // 6 degrees of freedom, 1e-4

static void defaults(wf_picture_config *c) {
  if (c->tracks_max == 0) c->tracks_max = TRACKS_DEFAULT;
  if (c->tracks_max > TRACKS_MOST) c->tracks_max = TRACKS_MOST;
  if (c->contributions_max == 0) c->contributions_max = CONTRIBUTIONS_DEFAULT;
  if (c->contributions_max > CONTRIBUTIONS_MOST) c->contributions_max = CONTRIBUTIONS_MOST;
  if (!(c->rollback_s > 0.0)) c->rollback_s = 120.0;
  if (!(c->association_chi2 > 0.0)) c->association_chi2 = GATE_DEFAULT;
  if (!(c->impact_interval_s > 0.0)) c->impact_interval_s = 1.0;
}

static size_t alias_slots(uint32_t aliases) {
  size_t n = 16;
  while (n < 2 * (size_t)aliases) n *= 2;
  return n;
}

// Untouched pages of large blocks cost nothing until they are used.
static bool allocate(wf_picture *p) {
  const uint32_t tracks = p->config.tracks_max;
  const size_t world = wf_pic_world_size(tracks);
  p->alias_max = tracks * ALIASES_PER_TRACK;
  const size_t sizes[9] = {wf_pic_log_size(p->config.contributions_max),
                           world * (WF_PIC_SNAPSHOTS + 2),
                           tracks * sizeof(wf_pic_known),
                           p->alias_max * sizeof(wf_pic_alias),
                           alias_slots(p->alias_max) * sizeof(wf_hashmap_slot),
                           sizeof(wf_pic_view),
                           tracks * sizeof(struct wf_pic_row),
                           tracks * sizeof(wf_common_track),
                           tracks * sizeof(wf_pic_outlooks)};
  for (int i = 0; i < 9; i++)
    if ((p->memory[i] = calloc(1, sizes[i])) == NULL) return false;
  return true;
}

static void lay_world(const wf_picture *p, wf_pic_world *w, size_t index) {
  wf_pic_world_lay(w, (uint8_t *)p->memory[1] + index * wf_pic_world_size(p->config.tracks_max), p->config.tracks_max);
  w->vacuum = p->config.medium_vacuum != 0;
  w->gate_chi2 = p->config.association_chi2;
}

static void lay(wf_picture *p) {
  wf_pic_log_lay(&p->log, p->memory[0], p->config.contributions_max);
  lay_world(p, &p->live, 0);
  lay_world(p, &p->scratch, 1);
  for (size_t i = 0; i < WF_PIC_SNAPSHOTS; i++) lay_world(p, &p->snapshot[i].world, i + 2);
  p->known = p->memory[2];
  p->alias = p->memory[3];
  wf_hashmap_init(&p->alias_map, p->memory[4], alias_slots(p->alias_max));
  p->view = p->memory[5];
  p->view->row = p->memory[6];
  p->view->track = p->memory[7];
  p->view->outlooks = p->memory[8];
}

wf_picture *wf_picture_new(const wf_picture_config *config) {
  wf_picture *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->config = *config;
  defaults(&p->config);
  if (!allocate(p)) {
    wf_picture_free(p);
    return NULL;
  }
  lay(p);
  wf_pic_begin(p);
  return p;
}

void wf_picture_free(wf_picture *p) {
  if (p == NULL) return;
  for (int i = 0; i < 9; i++) free(p->memory[i]);
  free(p);
}

static wf_status refuse(wf_picture *p, wf_picture_refusal why) {
  p->stats.refused++;
  p->stats.refused_by[why]++;
  return WF_EINVAL;
}

// What a change at `valid` makes stale.
static void touch(wf_picture *p, wf_time valid) {
  if (wf_planted(WF_PLANT_LATE_WITHOUT_ROLLBACK)) return;
  if (valid.ns <= p->live.state->time.ns && valid.ns < p->dirty_from.ns) p->dirty_from = valid;
}

static bool reachable(const wf_picture *p, wf_time valid) {
  return valid.ns > p->snapshot[0].world.state->time.ns;
}

wf_status wf_picture_insert(wf_picture *p, const wf_contribution *c) {
  const wf_picture_refusal why = wf_picture_check(c);
  if (why != WF_REFUSAL_NONE) return refuse(p, why);
  if (wf_time_diff_ns(c->publish_time, c->valid_time) > WF_TOO_LATE_S * WF_NS_PER_S) {
    p->stats.too_late++;
    return WF_ETIME;
  }
  if (wf_pic_log_find(&p->log, &c->id) != NULL) {
    p->stats.duplicates++;
    return WF_EEXIST;
  }
  if (!reachable(p, c->valid_time)) {
    p->stats.beyond_window++;
    return WF_EFULL;
  }
  if (p->log.count == p->log.capacity && (!wf_pic_make_room(p) || !reachable(p, c->valid_time))) {
    p->stats.full++;
    return WF_EFULL;
  }
  const wf_status status = wf_pic_log_insert(&p->log, c);
  if (status != WF_OK) {
    p->stats.full++;
    return WF_EFULL;
  }
  touch(p, c->valid_time);
  p->stats.inserted++;
  return WF_OK;
}

wf_status wf_picture_remove(wf_picture *p, const wf_contribution_id *id) {
  const wf_contribution *c = wf_pic_log_find(&p->log, id);
  if (c == NULL) return WF_ENOTFOUND;
  const wf_time valid = c->valid_time;
  if (!reachable(p, valid)) return WF_EFULL;
  wf_pic_log_remove(&p->log, wf_pic_log_place(&p->log, c));
  touch(p, valid);
  p->stats.removed++;
  return WF_OK;
}

void wf_picture_advance(wf_picture *p, wf_time now) {
  wf_pic_bring_to(p, now);
  p->view->sorted = false;
}

uint64_t wf_picture_resolve(const wf_picture *p, uint64_t number) {
  return wf_pic_alias_follow(p, number);
}

static uint64_t parameters_hash(const wf_picture *p) {
  uint64_t gate;
  memcpy(&gate, &p->config.association_chi2, sizeof gate);
  const uint64_t h = wf_mix64(p->config.tracks_max) ^ (p->config.medium_vacuum ? 1u : 2u);
  return wf_mix64(wf_mix64(h) ^ gate);
}

static void digest_of(const wf_picture *p, const wf_pic_world *w, wf_time at, wf_picture_digest *out) {
  memset(out, 0, sizeof *out);
  out->at = at;
  out->algorithm = WF_PICTURE_ALGORITHM;
  out->parameters = parameters_hash(p);
  memcpy(out->record_set, w->state->chain, sizeof out->record_set);
  wf_pic_hash_world(w, out);
}

wf_status wf_picture_digest_at(wf_picture *p, wf_time at, wf_picture_digest *out) {
  if (!wf_pic_scratch_to(p, at)) return WF_ETIME;
  digest_of(p, &p->scratch, at, out);
  return WF_OK;
}

void wf_picture_digest_now(const wf_picture *p, wf_picture_digest *out) {
  digest_of(p, &p->live, p->live.state->time, out);
}

bool wf_picture_founder(const wf_picture *p, uint64_t number, wf_contribution_id *id, wf_time *last_valid) {
  const wf_pic_track *t = wf_pic_track_by(&p->live, number);
  if (t == NULL) return false;
  *id = t->founder.id;
  *last_valid = t->last_valid;
  return true;
}

void wf_picture_stats_get(const wf_picture *p, wf_picture_stats *out) {
  *out = p->stats;
  out->full += p->live.state->full;
  out->unfit = p->live.state->unfit;
}
