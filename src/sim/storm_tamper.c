// Senders gone wrong: bits that change on the way out, old frames said again, and two things said under one number.
#include <stdlib.h>
#include <string.h>

#include "storm_inside.h"
#include "wire/bundle.h"
#include "wire/link.h"

static void flip_bits(storm *s, uint8_t *bytes, size_t size) {
  const uint64_t flips = 1 + wf_rng_below(&s->tamper_rng, 4);
  for (uint64_t i = 0; i < flips && size > 0; i++)
    bytes[wf_rng_below(&s->tamper_rng, size)] ^= (uint8_t)(1u << wf_rng_below(&s->tamper_rng, 8));
}

static void keep(storm *s, uint32_t from, uint32_t to, const uint8_t *bytes, size_t size) {
  const wf_frame_kind kind = storm_frame_kind((wf_bytes){bytes, size});
  if (size > KEPT_BYTES || (kind != WF_FRAME_DELIVER && kind != WF_FRAME_WANT)) return;
  kept *k = &s->kept[s->kept_next++ % KEPT_MAX];
  *k = (kept){.from = from, .to = to, .size = size};
  memcpy(k->bytes, bytes, size);
}

static bool repeats(const storm *s, uint32_t from, uint32_t to) {
  for (size_t i = 0; i < s->plan->fault_count; i++) {
    const wf_storm_fault *f = &s->plan->fault[i];
    if (f->kind == WF_STORM_REPEAT && f->a == from && f->b == to) return true;
  }
  return false;
}

// Before its hello nothing else is said on a lane.
static bool greeted(const storm *s, uint32_t from, uint32_t to, int lane) {
  wf_link_view links[WF_NATION_MAX];
  const size_t count = wf_world_links(s->world, to, links, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++)
    if (wf_nation_compare(links[i].nation, s->community.config.node[from].exchange.nation) == 0)
      return links[i].up[lane - 1];
  return false;
}

void storm_repeat(storm *s, uint32_t from, uint32_t to) {
  const uint64_t start = wf_rng_u64(&s->tamper_rng);
  for (size_t i = 0; i < KEPT_MAX; i++) {
    const kept *k = &s->kept[(start + i) % KEPT_MAX];
    if (k->size == 0 || k->from != from || k->to != to) continue;
    const int lane = 1 + (int)wf_rng_below(&s->tamper_rng, 2);
    if (greeted(s, from, to, lane)) wf_world_inject(s->world, from, to, lane, (wf_bytes){k->bytes, k->size});
    return;
  }
}

// The same numbers with other content: a bit of a record is changed so that it still can be read.
static bool other_body(storm *s, const wf_bundle *b, uint8_t *body) {
  char reason[WF_REASON_SIZE];
  uint8_t raw[KEPT_BYTES + 128];
  for (int tries = 0; tries < 40; tries++) {
    memcpy(body, b->body.data, b->body.size);
    body[wf_rng_below(&s->tamper_rng, b->body.size)] ^= (uint8_t)(1u << wf_rng_below(&s->tamper_rng, 8));
    wf_writer w = wf_writer_of(raw, sizeof raw);
    wf_bundle changed;
    wf_bundle_put(&w, (wf_bytes){body, b->body.size}, b->signature);
    if (wf_bundle_parse((wf_bytes){raw, w.offset}, &changed, reason) != WF_OK) continue;
    if (changed.first != b->first || changed.last != b->last || changed.epoch != b->epoch) continue;
    if (!stream_name_equal(&changed.stream, &b->stream) || changed.end_count != b->end_count) continue;
    if (memcmp(changed.previous_hash, b->previous_hash, WF_HASH_SIZE) != 0) continue;
    if (memcmp(changed.end, b->end, b->end_count * sizeof b->end[0]) != 0) continue;
    return true;
  }
  return false;
}

static void lie(storm *s, uint32_t from, uint32_t to, uint8_t **frame, size_t *size) {
  char reason[WF_REASON_SIZE];
  wf_frame *f = s->check.frame;
  wf_bundle b;
  uint8_t body[KEPT_BYTES], hash[WF_HASH_SIZE], message[WF_SIGN_MESSAGE_SIZE], signature[WF_SIGNATURE_SIZE];
  if (wf_frame_decode((wf_bytes){*frame, *size}, f, reason) != WF_OK || f->kind != WF_FRAME_DELIVER) return;
  if (wf_bundle_parse(f->deliver.bundle, &b, reason) != WF_OK || b.body.size > sizeof body) return;
  const bool own = wf_nation_compare(b.stream.origin, s->community.config.node[from].exchange.nation) == 0;
  if (!own || s->lies >= LIES_MAX || !other_body(s, &b, body)) return;
  wf_bundle_hash((wf_bytes){body, b.body.size}, hash);
  wf_bundle_sign_message(hash, message);
  wf_world_sign(s->world, from, (wf_bytes){message, sizeof message}, signature);
  uint8_t *bundle = malloc(b.body.size + 128), *out = malloc(*size + 64);
  wf_writer w = wf_writer_of(bundle, b.body.size + 128);
  wf_bundle_put(&w, (wf_bytes){body, b.body.size}, signature);
  f->deliver.bundle = (wf_bytes){bundle, w.offset};
  if (wf_frame_encode(f, out, *size + 64, size) == WF_OK) {
    free(*frame);
    *frame = out;
    out = NULL;
    storm_check_lie(&s->check, from, to, &b, hash);
    s->lies++;
  }
  free(bundle);
  free(out);
}

// The same for a bundle that is said in parts: its first part, whatever follows, and in the end another seal.
static void lie_in_parts(storm *s, uint32_t from, uint32_t to, uint8_t *frame) {
  const wf_part *part = &s->check.frame->part;
  char reason[WF_REASON_SIZE];
  static const uint8_t unsigned_yet[WF_SIGNATURE_SIZE];
  wf_bundle b;
  lying *l = &s->lying[s->lies % LIES_MAX];
  if (s->lies >= LIES_MAX || part->offset > 0 || part->piece.size > KEPT_BYTES ||
      wf_body_parse(part->piece, &b, reason) != WF_OK)
    return;
  b.signature = unsigned_yet;
  if (!other_body(s, &b, l->body)) return;
  memcpy(frame + (part->piece.data - frame), l->body, part->piece.size);
  l->from = from;
  l->to = to;
  l->id = part->id;
  l->size = part->piece.size;
  s->lies++;
}

static lying *lying_in(storm *s, uint32_t from, uint32_t to, uint64_t id) {
  for (size_t i = 0; i < LIES_MAX; i++)
    if (id && s->lying[i].id == id && s->lying[i].from == from && s->lying[i].to == to) return &s->lying[i];
  return NULL;
}

static void go_on_lying(storm *s, uint32_t from, uint32_t to) {
  const wf_part *part = &s->check.frame->part;
  lying *l = lying_in(s, from, to, part->id);
  if (l == NULL || part->offset == 0) return;
  if (part->offset != l->size || part->piece.size > KEPT_BYTES - l->size) {
    l->id = 0;  // too long: it will be found out by its seal
    return;
  }
  memcpy(l->body + l->size, part->piece.data, part->piece.size);
  l->size += part->piece.size;
}

static void seal_lie(storm *s, uint32_t from, uint32_t to, uint8_t *frame, size_t size) {
  lying *l = lying_in(s, from, to, s->check.frame->seal.id);
  char reason[WF_REASON_SIZE];
  uint8_t hash[WF_HASH_SIZE], message[WF_SIGN_MESSAGE_SIZE];
  wf_bundle b;
  if (l == NULL || wf_body_parse((wf_bytes){l->body, l->size}, &b, reason) != WF_OK) return;
  wf_bundle_hash((wf_bytes){l->body, l->size}, hash);
  wf_bundle_sign_message(hash, message);
  wf_world_sign(s->world, from, (wf_bytes){message, sizeof message}, frame + size - WF_SIGNATURE_SIZE);
  storm_check_lie(&s->check, from, to, &b, hash);
  l->id = 0;
}

static void tamper_parts(storm *s, uint32_t from, uint32_t to, uint8_t *frame, size_t size, bool begin) {
  char reason[WF_REASON_SIZE];
  const wf_frame_kind kind = storm_frame_kind((wf_bytes){frame, size});
  if (kind != WF_FRAME_PART && kind != WF_FRAME_SEAL) return;
  if (wf_frame_decode((wf_bytes){frame, size}, s->check.frame, reason) != WF_OK) return;
  if (kind == WF_FRAME_SEAL)
    seal_lie(s, from, to, frame, size);
  else if (s->check.frame->part.offset > 0)
    go_on_lying(s, from, to);
  else if (begin)
    lie_in_parts(s, from, to, frame);
}

static void on_wire(void *context, uint32_t from, uint32_t to, uint8_t **frame, size_t *size) {
  storm *s = context;
  if (from >= s->plan->nodes || to >= s->plan->nodes) return;  // a twin has no faults of its own
  const bool begin = s->lie[from][to] > 0.0 && wf_rng_uniform(&s->tamper_rng) < s->lie[from][to];
  tamper_parts(s, from, to, *frame, *size, begin);
  if (begin) lie(s, from, to, frame, size);
  if (repeats(s, from, to)) keep(s, from, to, *frame, *size);
  if (s->corrupt[from][to] > 0.0 && wf_rng_uniform(&s->tamper_rng) < s->corrupt[from][to]) flip_bits(s, *frame, *size);
}

void storm_tamper_begin(storm *s) {
  wf_rng_seed_stream(&s->tamper_rng, s->plan->seed, 3);
  bool any = false;
  for (size_t i = 0; i < s->plan->fault_count; i++) {
    const wf_storm_fault_kind kind = s->plan->fault[i].kind;
    any = any || kind == WF_STORM_CORRUPT || kind == WF_STORM_REPEAT || kind == WF_STORM_LIE;
  }
  if (any) wf_world_on_wire(s->world, on_wire, s);
}
