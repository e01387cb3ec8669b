#include "state.h"

#include <string.h>

#include "base/hashmap.h"
#include "rules.h"

#define MEMBERS_PER_TRACK 4

static uint32_t buckets_for(uint32_t members) {
  uint32_t n = 16;
  while (n < members && n < (1u << 30)) n *= 2;
  return n;
}

static size_t aligned(size_t size) {
  return (size + 15u) & ~(size_t)15u;
}

size_t wf_pic_world_size(uint32_t tracks_max) {
  const size_t members = (size_t)tracks_max * MEMBERS_PER_TRACK;
  return aligned(sizeof(wf_pic_state)) + aligned(tracks_max * sizeof(wf_pic_track)) +
         aligned(members * sizeof(wf_pic_member)) + buckets_for((uint32_t)members) * sizeof(uint32_t);
}

void wf_pic_world_lay(wf_pic_world *world, void *memory, uint32_t tracks_max) {
  world->tracks_max = tracks_max;
  world->members_max = tracks_max * MEMBERS_PER_TRACK;
  world->buckets = buckets_for(world->members_max);
  uint8_t *at = memory;
  world->state = (wf_pic_state *)at;
  at += aligned(sizeof(wf_pic_state));
  world->track = (wf_pic_track *)at;
  at += aligned(world->tracks_max * sizeof(wf_pic_track));
  world->member = (wf_pic_member *)at;
  at += aligned(world->members_max * sizeof(wf_pic_member));
  world->bucket = (uint32_t *)at;
}

void wf_pic_world_clear(wf_pic_world *world) {
  memset(world->state, 0, sizeof *world->state);
  world->state->time.ns = world->state->tick.ns = INT64_MIN;
  world->state->deadline.ns = INT64_MAX;
  memset(world->bucket, 0xff, world->buckets * sizeof(uint32_t));
}

void wf_pic_world_copy(wf_pic_world *to, const wf_pic_world *from) {
  *to->state = *from->state;
  memcpy(to->track, from->track, from->state->tracks_high * sizeof *from->track);
  memcpy(to->member, from->member, from->state->members_high * sizeof *from->member);
  memcpy(to->bucket, from->bucket, from->buckets * sizeof *from->bucket);
}

static uint32_t bucket_of(const wf_pic_world *w, wf_nation nation, uint64_t object) {
  uint64_t code = 0;
  for (int i = 0; i < 4; i++) code = code << 8 | (uint8_t)nation.code[i];
  return (uint32_t)(wf_mix64(object ^ wf_mix64(code)) & (w->buckets - 1));
}

uint32_t wf_pic_member_find(const wf_pic_world *w, wf_nation nation, uint64_t object) {
  uint32_t i = w->bucket[bucket_of(w, nation, object)];
  while (i != WF_NIL && (w->member[i].object != object || wf_nation_compare(w->member[i].nation, nation) != 0))
    i = w->member[i].next_in_bucket;
  return i;
}

static uint32_t free_member(wf_pic_world *w) {
  wf_pic_state *s = w->state;
  if (s->members < s->members_high)
    for (uint32_t i = 0; i < s->members_high; i++)
      if (!w->member[i].used) return i;
  return s->members_high < w->members_max ? s->members_high++ : WF_NIL;
}

uint32_t wf_pic_member_add(wf_pic_world *w, const wf_contribution *first) {
  const uint32_t i = free_member(w);
  if (i == WF_NIL) {
    w->state->full++;
    return WF_NIL;
  }
  wf_pic_member *m = &w->member[i];
  memset(m, 0, sizeof *m);
  m->used = 1;
  m->nation = first->id.origin;
  m->object = first->object;
  m->reported = first->reported;
  m->first = wf_pic_key_of(first);
  m->first_detection = first->valid_time;
  m->track = m->next_in_track = WF_NIL;
  const uint32_t b = bucket_of(w, m->nation, m->object);
  m->next_in_bucket = w->bucket[b];
  w->bucket[b] = i;
  w->state->members++;
  return i;
}

void wf_pic_member_remove(wf_pic_world *w, uint32_t member) {
  wf_pic_member *m = &w->member[member];
  wf_pic_leave(w, member);
  uint32_t *link = &w->bucket[bucket_of(w, m->nation, m->object)];
  while (*link != member) link = &w->member[*link].next_in_bucket;
  *link = m->next_in_bucket;
  m->used = 0;
  w->state->members--;
}

void wf_pic_join(wf_pic_world *w, uint32_t member, uint32_t track) {
  wf_pic_member *m = &w->member[member];
  m->track = track;
  m->next_in_track = w->track[track].first_member;
  m->strikes = 0;
  w->track[track].first_member = member;
}

void wf_pic_leave(wf_pic_world *w, uint32_t member) {
  wf_pic_member *m = &w->member[member];
  if (m->track == WF_NIL) return;
  uint32_t *link = &w->track[m->track].first_member;
  while (*link != member) link = &w->member[*link].next_in_track;
  *link = m->next_in_track;
  m->track = m->next_in_track = WF_NIL;
}

static void write_label(uint64_t number, char label[WF_COMMON_NUMBER_SIZE]) {
  static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's base 32: no I, L, O, U
  for (int i = 0; i < 6; i++) label[i] = digits[number >> (59 - 5 * i) & 31];
  label[6] = label[7] = '\0';
}

static bool taken(const wf_pic_world *w, uint32_t self, uint64_t number, const char *label) {
  for (uint32_t i = 0; i < w->state->tracks_high; i++)
    if (i != self && w->track[i].used && (w->track[i].number == number || strcmp(w->track[i].label, label) == 0))
      return true;
  return false;
}

// The number is a hash of the founding contribution; the later of two with one label hashes again.
static void give_number(const wf_pic_world *w, uint32_t track) {
  wf_pic_track *t = &w->track[track];
  for (uint32_t attempt = 0; attempt < 16; attempt++) {
    t->number = wf_pic_hash_key(&t->founder, attempt);
    write_label(t->number, t->label);
    if (t->number != 0 && !taken(w, track, t->number, t->label)) return;
  }
}

// Only what is over may give way to something new.
static uint32_t finished_track(const wf_pic_world *w) {
  uint32_t best = WF_NIL;
  for (uint32_t i = 0; i < w->state->tracks_high; i++) {
    const wf_pic_track *t = &w->track[i];
    if (!t->used || (t->life != WF_LIFE_ENDED && t->life != WF_LIFE_FAILED)) continue;
    if (best == WF_NIL || t->last_valid.ns < w->track[best].last_valid.ns) best = i;
  }
  return best;
}

static uint32_t free_track(wf_pic_world *w) {
  wf_pic_state *s = w->state;
  if (s->tracks < s->tracks_high)
    for (uint32_t i = 0; i < s->tracks_high; i++)
      if (!w->track[i].used) return i;
  if (s->tracks_high < w->tracks_max) return s->tracks_high++;
  const uint32_t finished = finished_track(w);
  if (finished != WF_NIL) wf_pic_track_remove(w, finished);
  return finished;
}

uint32_t wf_pic_track_add(wf_pic_world *w, const wf_pic_key *founder, uint64_t event, wf_time now) {
  const uint32_t i = free_track(w);
  if (i == WF_NIL) {
    w->state->full++;
    return WF_NIL;
  }
  wf_pic_track *t = &w->track[i];
  memset(t, 0, sizeof *t);
  t->used = 1;
  t->founder = *founder;
  t->first_member = WF_NIL;
  t->life = WF_LIFE_CONFIRMED;
  t->created = t->last_valid = now;
  give_number(w, i);
  t->event = event != 0 ? event : wf_mix64(t->number);
  w->state->tracks++;
  return i;
}

void wf_pic_track_rename(wf_pic_world *w, uint32_t track, const wf_pic_key *founder) {
  wf_pic_track *t = &w->track[track];
  const bool own_event = t->event == wf_mix64(t->number);
  t->founder = *founder;
  give_number(w, track);
  if (own_event) t->event = wf_mix64(t->number);
}

void wf_pic_track_remove(wf_pic_world *w, uint32_t track) {
  while (w->track[track].first_member != WF_NIL) wf_pic_member_remove(w, w->track[track].first_member);
  w->track[track].used = 0;
  w->state->tracks--;
}

wf_pic_key wf_pic_key_of(const wf_contribution *c) {
  wf_pic_key key;
  memset(&key, 0, sizeof key);
  key.valid = c->valid_time;
  key.id = c->id;
  return key;
}

int wf_pic_key_compare(const wf_pic_key *a, const wf_pic_key *b) {
  wf_contribution x, y;
  x.id = a->id;
  x.valid_time = a->valid;
  y.id = b->id;
  y.valid_time = b->valid;
  return wf_contribution_compare(&x, &y);
}
