// Canonical bytes and their BLAKE2b hashes. Every field is written by itself, big-endian; no padding is ever read.
#include <sodium.h>
#include <string.h>

#include "base/bytes.h"
#include "rules.h"

#define CANONICAL_MAX 1024
#define CONTENT_HASH 32

static void put_u64(wf_writer *w, uint64_t v) {
  wf_write_uint(w, v, 8);
}
static void put_time(wf_writer *w, wf_time t) {
  wf_write_uint(w, (uint64_t)t.ns, 8);
}

static void put_doubles(wf_writer *w, const double *v, int count) {
  for (int i = 0; i < count; i++) {
    uint64_t bits;
    memcpy(&bits, &v[i], sizeof bits);
    put_u64(w, bits);
  }
}

static void put_key(wf_writer *w, const wf_pic_key *key) {
  put_time(w, key->valid);
  wf_write_bytes(w, key->id.origin.code, 4);
  wf_write_uint(w, key->id.stream, 4);
  put_u64(w, key->id.epoch);
  put_u64(w, key->id.sequence);
}

static void put_launch(wf_writer *w, const wf_launch_area *l) {
  wf_write_uint(w, l->valid, 1);
  if (!l->valid) return;
  put_time(w, l->time);
  const double v[] = {l->time_sigma_s,         l->area.lat_rad,         l->area.lon_rad,
                      l->area.semi_major_95_m, l->area.semi_minor_95_m, l->area.azimuth_rad};
  put_doubles(w, v, 6);
}

static void put_tracklet(wf_writer *w, const wf_tracklet *t) {
  put_doubles(w, t->reference, 6);
  put_doubles(w, t->information, 21);
  put_doubles(w, t->vector, 6);
  wf_write_uint(w, t->phase, 1);
  wf_write_uint(w, t->position_only, 1);
  wf_write_uint(w, t->whole, 1);
  wf_write_uint(w, t->plots, 2);
  put_doubles(w, &t->ln_beta, 1);
  put_doubles(w, &t->ln_beta_sigma, 1);
  wf_write_uint(w, t->leans, 1);
  if (!t->leans) return;
  put_doubles(w, t->lean, 18);
  put_doubles(w, t->lean_information, 6);
  put_doubles(w, t->lean_vector, 3);
}

static void put_detection(wf_writer *w, const wf_contribution *c) {
  put_time(w, c->detection.first_detection);
  wf_write_uint(w, c->detection.has_place, 1);
  if (!c->detection.has_place) return;
  put_doubles(w, c->detection.pos_ecef_m, 3);
  put_doubles(w, c->detection.covariance_m2, 6);
}

size_t wf_pic_canonical(const wf_contribution *c, uint8_t *out, size_t size) {
  wf_writer w = wf_writer_of(out, size);
  const wf_pic_key key = wf_pic_key_of(c);
  put_key(&w, &key);
  wf_write_uint(&w, c->kind, 1);
  wf_write_uint(&w, c->sources, 1);
  put_u64(&w, c->object);
  put_time(&w, c->publish_time);
  switch (c->kind) {
    case WF_CONTRIBUTION_DETECTION:
      put_detection(&w, c);
      break;
    case WF_CONTRIBUTION_TRACKLET:
      put_tracklet(&w, &c->tracklet);
      break;
    case WF_CONTRIBUTION_LAUNCH:
      put_launch(&w, &c->launch);
      break;
    default:
      wf_write_uint(&w, c->status.life, 1);
      wf_write_uint(&w, c->status.phase, 1);
      wf_write_uint(&w, c->status.reason, 1);
      break;
  }
  if (c->reported != 0) wf_write_uint(&w, c->reported, 1);
  return w.failed ? 0 : w.offset;
}

// chain = H(chain ‖ H(contribution)): the id is part of the canonical bytes.
void wf_pic_chain(uint8_t chain[WF_CHAIN_SIZE], const wf_contribution *c) {
  uint8_t bytes[CANONICAL_MAX], link[WF_CHAIN_SIZE + CONTENT_HASH];
  const size_t size = wf_pic_canonical(c, bytes, sizeof bytes);
  memcpy(link, chain, WF_CHAIN_SIZE);
  crypto_generichash(link + WF_CHAIN_SIZE, CONTENT_HASH, bytes, size, NULL, 0);
  crypto_generichash(chain, WF_CHAIN_SIZE, link, sizeof link, NULL, 0);
}

static void put_flight(wf_writer *w, const wf_flight *f) {
  wf_write_uint(w, f->mode, 1);
  if (f->mode == WF_FLIGHT_NONE) return;
  wf_write_uint(w, f->wide, 1);
  wf_write_uint(w, f->ground, 1);
  put_time(w, f->time);
  put_time(w, f->measured);
  put_doubles(w, f->lost, 3);
  const int n = f->filter.size;
  wf_write_uint(w, f->filter.model, 1);
  wf_write_uint(w, (uint64_t)n, 1);
  put_doubles(w, f->filter.x, n);
  for (int i = 0; i < n; i++) put_doubles(w, &f->filter.p[i * n + i], n - i);
}

static void hash_member(crypto_generichash_state *hash, const wf_pic_member *m) {
  uint8_t bytes[2048];
  wf_writer w = wf_writer_of(bytes, sizeof bytes);
  put_key(&w, &m->first);
  put_key(&w, &m->told);
  put_u64(&w, m->object);
  const uint8_t small[] = {m->sources, m->life, m->phase, m->reason, m->reported, m->tracklets, m->orphan, m->strikes};
  wf_write_bytes(&w, small, sizeof small);
  wf_write_uint(&w, m->contributions, 4);
  wf_write_uint(&w, m->plots, 4);
  put_time(&w, m->last_valid);
  put_time(&w, m->first_detection);
  put_time(&w, m->said_at);
  put_launch(&w, &m->launch);
  put_flight(&w, &m->alone);
  wf_write_uint(&w, m->lean.known, 1);
  if (m->lean.known) {
    put_doubles(&w, m->lean.v, 6 * WF_LEAN);
    put_doubles(&w, m->lean.information, WF_LEAN * WF_LEAN);
    put_doubles(&w, m->lean.vector, WF_LEAN);
  }
  crypto_generichash_update(hash, bytes, w.offset);
}

static void hash_track(crypto_generichash_state *hash, const wf_pic_world *world, const wf_pic_track *t) {
  uint8_t bytes[1024];
  wf_writer w = wf_writer_of(bytes, sizeof bytes);
  put_u64(&w, t->number);
  put_u64(&w, t->event);
  wf_write_bytes(&w, t->label, 6);
  put_key(&w, &t->founder);
  const uint8_t small[] = {t->life, t->reason, t->sources, t->launch_reported};
  wf_write_bytes(&w, small, sizeof small);
  put_time(&w, t->created);
  put_time(&w, t->last_valid);
  put_time(&w, t->burnout);
  put_launch(&w, &t->launch);
  put_flight(&w, &t->fused);
  crypto_generichash_update(hash, bytes, w.offset);
  for (uint32_t i = t->first_member; i != WF_NIL; i = world->member[i].next_in_track)
    hash_member(hash, &world->member[i]);
}

// Tracks by ascending number: the place in the array depends on history that two nodes need not share.
static const wf_pic_track *next_by_number(const wf_pic_world *w, const wf_pic_track *after) {
  const wf_pic_track *best = NULL;
  for (uint32_t i = 0; i < w->state->tracks_high; i++) {
    const wf_pic_track *t = &w->track[i];
    if (t->used && (after == NULL || t->number > after->number) && (best == NULL || t->number < best->number)) best = t;
  }
  return best;
}

// The picture's hash is that of its tracks' hashes, so that two pictures can be compared track by track.
void wf_pic_hash_world(const wf_pic_world *w, wf_picture_digest *out) {
  crypto_generichash_state all, one;
  uint8_t hash[CONTENT_HASH];
  crypto_generichash_init(&all, NULL, 0, WF_DIGEST_SIZE);
  out->track_count = 0;
  for (const wf_pic_track *t = next_by_number(w, NULL); t != NULL; t = next_by_number(w, t)) {
    crypto_generichash_init(&one, NULL, 0, sizeof hash);
    hash_track(&one, w, t);
    crypto_generichash_final(&one, hash, sizeof hash);
    crypto_generichash_update(&all, hash, sizeof hash);
    if (out->track_count == WF_DIGEST_TRACKS_MAX) continue;
    wf_picture_track_hash *h = &out->track[out->track_count++];
    *h = (wf_picture_track_hash){.number = t->number};
    for (int i = 0; i < 8; i++) h->hash = h->hash << 8 | hash[i];
  }
  crypto_generichash_final(&all, out->picture, WF_DIGEST_SIZE);
}

uint64_t wf_pic_hash_key(const wf_pic_key *key, uint32_t attempt) {
  uint8_t bytes[64], hash[16];
  wf_writer w = wf_writer_of(bytes, sizeof bytes);
  put_key(&w, key);
  wf_write_uint(&w, attempt, 4);
  crypto_generichash(hash, sizeof hash, bytes, w.offset, NULL, 0);
  uint64_t number = 0;
  for (int i = 0; i < 8; i++) number = number << 8 | hash[i];
  return number;
}
