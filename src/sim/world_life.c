// Nodes starting and stopping, faults, and what a driver may look at.
#include <stdlib.h>
#include <string.h>

#include "world_inside.h"

static void tell_membership(wf_world *w, uint32_t i, uint32_t other) {
  world_step_exchange(w, i,
                      (wf_exchange_input){.kind = WF_XI_PARTNER,
                                          .nation = w->config.node[other].exchange.nation,
                                          .token = w->actor[i].membership[other]});
}

void wf_world_membership(wf_world *w, uint32_t i, uint32_t other, wf_membership membership) {
  w->actor[i].membership[other] = (uint8_t)membership;
  tell_membership(w, i, other);
  if (i == w->twin_of) wf_world_membership(w, w->config.node_count, other, membership);
}

void wf_world_restart(wf_world *w, uint32_t i) {
  actor *a = &w->actor[i];
  if (actor_up(a)) return;
  actor_start(w, a, i, wf_rng_u64(&w->rng));
  a->life++;
  a->stalled = false;
  a->dies_in = 0;
  a->advanced_ns = w->mono_ns;
  if (!actor_up(a)) return;
  const disk_row torn = disk_take_torn(&a->disk);
  world_step_exchange(w, i, (wf_exchange_input){.kind = WF_XI_START, .epoch_stored = a->disk.epoch});
  for (uint32_t other = 0; other < w->config.node_count; other++)
    if (a->membership[other] != 0) tell_membership(w, i, other);
  const size_t stored_rows = a->disk.count;
  for (size_t r = 0; r < stored_rows; r++) {
    const disk_row *row = &a->disk.rows[r];
    world_step_exchange(w, i,
                        (wf_exchange_input){.kind = WF_XI_RESTORE,
                                            .bytes = {row->bytes, row->size},
                                            .damaged = disk_damaged(row),
                                            .first = row->row.first,
                                            .last = row->row.last});
  }
  if (torn.bytes != NULL)
    world_step_exchange(w, i, (wf_exchange_input){.kind = WF_XI_RESTORE, .bytes = {torn.bytes, torn.size}});
  free(torn.bytes);
  agenda_add(&w->agenda,
             (happening){.at_ns = w->mono_ns + (int64_t)i, .kind = HAPPENS_TICK, .node = i, .life = a->life});
  for (uint32_t peer = 0; peer < world_ends(w); peer++)
    for (uint8_t lane = 1; lane <= LANES && peer != i; lane++) {
      world_pair(w, i, peer)->generation[lane - 1]++;
      world_want_link(w, i, peer, lane);
    }
}

void wf_world_crash(wf_world *w, uint32_t i) {
  actor *a = &w->actor[i];
  if (!actor_up(a)) return;
  actor_stop(a);
  a->life++;
  a->crashes++;
  a->dies_in = 0;
  w->stats.crashes++;
  disk_crash(&a->disk, &w->rng);
  for (uint32_t peer = 0; peer < world_ends(w); peer++)
    for (uint8_t lane = 1; lane <= LANES && peer != i; lane++) world_link_down(w, i, peer, lane);
}

// ---- Two live nodes under one name
uint32_t world_ends(const wf_world *w) {
  return w->config.node_count + (w->twin_of != NO_TWIN);
}

static void hand_over(wf_world *w, uint32_t loser, uint32_t taker, uint32_t partner) {
  world_pair(w, loser, partner)->away = true;
  world_pair(w, taker, partner)->away = false;
  for (uint8_t lane = 1; lane <= LANES; lane++) world_link_down(w, loser, partner, lane);
}

void wf_world_twin_takes(wf_world *w, uint32_t partner, bool takes) {
  const uint32_t twin = w->config.node_count;
  if (w->twin_of == NO_TWIN || partner == w->twin_of || w->twin_has[partner] == takes) return;
  w->twin_has[partner] = takes;
  hand_over(w, takes ? w->twin_of : twin, takes ? twin : w->twin_of, partner);
}

bool wf_world_twin(wf_world *w, uint32_t of, bool same_disk) {
  const uint32_t twin = w->config.node_count;
  if (w->twin_of != NO_TWIN || twin >= WF_WORLD_NODES_MAX) return false;
  actor *a = &w->actor[twin];
  w->twin_of = of;
  w->config.node[twin] = w->config.node[of];
  memcpy(a->public_key, w->actor[of].public_key, sizeof a->public_key);
  memcpy(a->secret_key, w->actor[of].secret_key, sizeof a->secret_key);
  memcpy(a->membership, w->actor[of].membership, sizeof a->membership);
  if (same_disk) disk_copy(&a->disk, &w->actor[of].disk);
  for (uint32_t i = 0; i < twin; i++) {
    w->twin_has[i] = false;
    world_pair(w, twin, i)->away = true;
  }
  wf_world_restart(w, twin);
  return true;
}

void wf_world_twin_ends(wf_world *w) {
  if (w->twin_of == NO_TWIN) return;
  for (uint32_t i = 0; i < w->config.node_count; i++) wf_world_twin_takes(w, i, false);
  wf_world_crash(w, w->config.node_count);
}

void wf_world_doom(wf_world *w, uint32_t i, uint32_t effects) {
  w->actor[i].dies_in = effects;
}

uint64_t wf_world_crashes(const wf_world *w, uint32_t i) {
  return w->actor[i].crashes;
}

void wf_world_lose_disk(wf_world *w, uint32_t i) {
  if (!actor_up(&w->actor[i])) disk_lose(&w->actor[i].disk);
}

void wf_world_cut(wf_world *w, uint32_t a, uint32_t b, bool cut) {
  world_pair(w, a, b)->cut = cut;
  for (uint8_t lane = 1; lane <= LANES && cut; lane++) world_link_down(w, a, b, lane);
}

void wf_world_delay(wf_world *w, uint32_t a, uint32_t b, int64_t extra_ns) {
  world_pair(w, a, b)->extra_delay_ns[0] = world_pair(w, a, b)->extra_delay_ns[1] = extra_ns;
}
void wf_world_delay_one_way(wf_world *w, uint32_t from, uint32_t to, int64_t extra_ns) {
  world_pair(w, from, to)->extra_delay_ns[from < to ? 0 : 1] = extra_ns;
}
void wf_world_hole(wf_world *w, uint32_t from, uint32_t to, bool hole) {
  world_pair(w, from, to)->hole[from < to ? 0 : 1] = hole;
}
void wf_world_slow_disk(wf_world *w, uint32_t i, int64_t extra_ns) {
  w->actor[i].extra_sync_ns = extra_ns;
}
void wf_world_full_disk(wf_world *w, uint32_t i, bool full) {
  w->actor[i].disk_full = full;
}
void wf_world_stall_reader(wf_world *w, uint32_t i, bool stalled) {
  w->actor[i].stalled = stalled;
}
void wf_world_step_clock(wf_world *w, uint32_t i, int64_t ns) {
  w->actor[i].clock_offset_ns += ns;
}

int64_t world_clock_offset_ns(const wf_world *w, uint32_t i) {
  const actor *a = &w->actor[i];
  return a->clock_offset_ns + (w->mono_ns - a->drift_from_ns) / 1000000 * a->clock_drift_ppm;
}

void wf_world_drift_clock(wf_world *w, uint32_t i, int64_t ppm) {
  actor *a = &w->actor[i];
  a->clock_offset_ns = world_clock_offset_ns(w, i);
  a->clock_drift_ppm = ppm;
  a->drift_from_ns = w->mono_ns;
}
wf_node *wf_world_node(wf_world *w, uint32_t i) {
  return w->actor[i].node;
}

void wf_world_sensor(wf_world *w, uint32_t i, wf_bytes datagram) {
  const wf_input input = {.kind = WF_IN_SENSOR, .bytes = datagram};
  world_step(w, i, &input);
}

void wf_world_report(wf_world *w, uint32_t i, wf_bytes report, const char *person) {
  const wf_input input = {.kind = WF_IN_REPORT, .bytes = report, .person = person};
  world_step(w, i, &input);
}

wf_status wf_world_decide(wf_world *w, uint32_t i, uint64_t product, wf_decision decision, const char *person) {
  wf_node *node = w->actor[i].node;
  if (node == NULL) return WF_ENOTFOUND;
  const wf_product *before[64];
  const size_t count = wf_node_products(node, before, 64);
  bool known = false;
  for (size_t k = 0; k < count; k++) known = known || before[k]->id == product;
  if (!known) return WF_ENOTFOUND;
  const wf_input input = {.kind = WF_IN_DECISION, .product = product, .decision = decision, .person = person};
  world_step(w, i, &input);
  return WF_OK;
}

wf_status wf_world_notice(wf_world *w, uint32_t i, const char *text, const char *person) {
  if (w->actor[i].node == NULL) return WF_ENOTFOUND;
  const wf_input input = {.kind = WF_IN_NOTICE, .bytes = {(const uint8_t *)text, strlen(text)}, .person = person};
  world_step(w, i, &input);
  return WF_OK;
}

uint64_t wf_world_epoch(const wf_world *w, uint32_t i) {
  return w->actor[i].disk.epoch;
}

size_t wf_world_rows(const wf_world *w, uint32_t i) {
  return w->actor[i].disk.count;
}

void wf_world_row_at(const wf_world *w, uint32_t i, size_t index, wf_world_row *out) {
  const disk_row *r = &w->actor[i].disk.rows[index];
  *out = (wf_world_row){r->row.stream, r->row.epoch,        r->row.first, r->row.last,
                        {0},           {r->bytes, r->size}, r->torn,      disk_damaged(r)};
  memcpy(out->hash, r->row.hash, WF_HASH_SIZE);
}

void wf_world_on_effect(wf_world *w, wf_world_watch *watch, void *context) {
  w->watch = watch;
  w->watch_context = context;
}

void wf_world_on_frame(wf_world *w, wf_world_tap *tap, void *context) {
  w->tap = tap;
  w->tap_context = context;
}

void wf_world_on_wire(wf_world *w, wf_world_tamper *tamper, void *context) {
  w->tamper = tamper;
  w->tamper_context = context;
}

void wf_world_sign(const wf_world *w, uint32_t i, wf_bytes message, uint8_t signature[WF_SIGNATURE_SIZE]) {
  crypto_sign_detached(signature, NULL, message.data, message.size, w->actor[i].secret_key);
}

size_t wf_world_rot(wf_world *w, uint32_t i, uint64_t at) {
  disk *d = &w->actor[i].disk;
  for (size_t tries = 0; tries < d->count; tries++) {
    disk_row *r = &d->rows[(at + tries) % d->count];
    if (!r->durable || r->torn || disk_damaged(r)) continue;
    r->bytes[at % r->size] ^= (uint8_t)(1u << (at / 7 % 8));
    return 1;
  }
  return 0;
}

void wf_world_stats_get(const wf_world *w, wf_world_stats *out) {
  *out = w->stats;
}

static void defaults(wf_world_config *c) {
  if (c->rate <= 0) c->rate = 1.0;
  if (c->link_delay_ns <= 0) c->link_delay_ns = 20 * WF_NS_PER_MS;
  if (c->link_credit_bytes <= 0) c->link_credit_bytes = 256 * 1024;
  if (c->sync_delay_ns <= 0) c->sync_delay_ns = 2 * WF_NS_PER_MS;
  if (c->tick_ns <= 0) c->tick_ns = 50 * WF_NS_PER_MS;
}

wf_world *wf_world_new(const wf_world_config *config) {
  wf_world *w = calloc(1, sizeof *w);
  if (w == NULL || sodium_init() < 0) {
    free(w);
    return NULL;
  }
  w->config = *config;
  w->twin_of = NO_TWIN;
  defaults(&w->config);
  wf_rng_seed_stream(&w->rng, config->seed, 0x776f726c64);
  for (uint32_t i = 0; i < config->node_count; i++) {
    uint8_t seed[crypto_sign_SEEDBYTES];
    for (size_t k = 0; k < sizeof seed; k++) seed[k] = (uint8_t)wf_rng_u64(&w->rng);
    crypto_sign_seed_keypair(w->actor[i].public_key, w->actor[i].secret_key, seed);
  }
  for (uint32_t i = 0; i < config->node_count; i++)
    if (!config->joins_later[i]) wf_world_restart(w, i);
  return w;
}

void wf_world_free(wf_world *w) {
  if (w == NULL) return;
  for (uint32_t i = 0; i < world_ends(w); i++) {
    actor_stop(&w->actor[i]);
    disk_lose(&w->actor[i].disk);
  }
  agenda_free(&w->agenda);
  free(w);
}
