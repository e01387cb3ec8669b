#include "sim/world.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "agenda.h"
#include "base/rng.h"
#include "disk.h"

enum { SIGN_NS = 50000, VERIFY_NS = 150000, RECONNECT_NS = 100000000 };
#define LANES 2

// One direction of one lane between two nodes.
typedef struct pipe {
  int64_t last_arrival_ns, in_flight;
  uint64_t sent, taken;  // frames are taken in the order they were sent, also after a stall
} pipe;

typedef struct pair {
  bool cut;
  int64_t extra_delay_ns;
  bool up[LANES];
  uint32_t generation[LANES];  // counts connections: what was in flight on an older one is lost
  pipe pipe[LANES][2];         // [lane][0: lower index → higher]
} pair;

typedef struct actor {
  wf_node *node;
  uint32_t life;  // counts starts
  bool stalled;
  int64_t clock_offset_ns;
  disk disk;
  uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
} actor;

// Every member verifies the same bundles: what was found good once is good for all of them, and again after a restart.
enum { GOOD_MAX = 4096, GOOD_SIZE = 16 };

struct wf_world {
  wf_world_config config;
  int64_t mono_ns;
  wf_rng rng;
  agenda agenda;
  actor actor[WF_WORLD_NODES_MAX];
  pair pair[WF_WORLD_NODES_MAX][WF_WORLD_NODES_MAX];  // [lower][higher]
  wf_world_watch *watch;
  void *watch_context;
  wf_world_tap *tap;
  void *tap_context;
  wf_world_stats stats;
  uint8_t good[GOOD_MAX][GOOD_SIZE];  // hashes of (key, signature, bytes)
};

static pair *pair_of(wf_world *w, uint32_t a, uint32_t b) {
  return a < b ? &w->pair[a][b] : &w->pair[b][a];
}
static pipe *pipe_of(wf_world *w, uint32_t from, uint32_t to, int lane) {
  return &pair_of(w, from, to)->pipe[lane - 1][from < to ? 0 : 1];
}
static wf_nation nation_of(const wf_world *w, uint32_t i) {
  return w->config.node[i].exchange.nation;
}

static uint32_t index_of(const wf_world *w, wf_nation nation) {
  for (uint32_t i = 0; i < w->config.node_count; i++)
    if (wf_nation_compare(nation_of(w, i), nation) == 0) return i;
  return UINT32_MAX;
}

wf_time wf_world_now(const wf_world *w) {
  return wf_time_add_ns(w->config.start, (int64_t)((double)w->mono_ns * w->config.rate));
}

static wf_clock clock_of(const wf_world *w, uint32_t i) {
  return (wf_clock){wf_time_add_ns(wf_world_now(w), w->actor[i].clock_offset_ns), {w->mono_ns + 1}};
}

// ---- Effects of one node become happenings ------------------------------------------------------------------------

static void step(wf_world *w, uint32_t i, const wf_input *input);

static void step_exchange(wf_world *w, uint32_t i, wf_exchange_input input) {
  const wf_input in = {.kind = WF_IN_EXCHANGE, .exchange = input};
  step(w, i, &in);
}

static uint8_t *copy_of(wf_bytes bytes) {
  uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
  if (copy != NULL && bytes.size > 0) memcpy(copy, bytes.data, bytes.size);
  return copy;
}

static void do_send(wf_world *w, uint32_t from, const wf_exchange_effect *e) {
  const uint32_t to = index_of(w, e->nation);
  if (to == UINT32_MAX || to == from || (int)e->lane < 1 || (int)e->lane > LANES) return;
  if (w->tap != NULL) w->tap(w->tap_context, from, to, e->bytes);
  pair *p = pair_of(w, from, to);
  pipe *line = pipe_of(w, from, to, e->lane);
  w->stats.frames++;
  w->stats.frame_bytes += e->bytes.size;
  if (!p->up[e->lane - 1]) {
    w->stats.frames_lost++;
    return;
  }
  int64_t at = w->mono_ns + w->config.link_delay_ns + p->extra_delay_ns;
  if (w->config.link_jitter_ns > 0) at += (int64_t)wf_rng_below(&w->rng, (uint64_t)w->config.link_jitter_ns);
  if (at <= line->last_arrival_ns) at = line->last_arrival_ns + 1;
  line->last_arrival_ns = at;
  line->in_flight += (int64_t)e->bytes.size;
  agenda_add(&w->agenda, (happening){.at_ns = at,
                                     .kind = HAPPENS_FRAME,
                                     .node = to,
                                     .peer = from,
                                     .lane = (uint8_t)e->lane,
                                     .life = p->generation[e->lane - 1],
                                     .token = line->sent++,
                                     .bytes = copy_of(e->bytes),
                                     .size = e->bytes.size});
}

static void do_sign(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  wf_bytes room = {(const uint8_t[WF_SIGNATURE_SIZE]){0}, WF_SIGNATURE_SIZE};
  uint8_t *signature = copy_of(room);
  crypto_sign_detached(signature, NULL, e->bytes.data, e->bytes.size, w->actor[i].secret_key);
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + SIGN_NS,
                                     .kind = HAPPENS_SIGNED,
                                     .node = i,
                                     .life = w->actor[i].life,
                                     .token = e->token,
                                     .bytes = signature,
                                     .size = WF_SIGNATURE_SIZE});
}

static bool verified(wf_world *w, uint32_t origin, const wf_exchange_effect *e) {
  const uint8_t *key = w->actor[origin].public_key;
  uint8_t hash[GOOD_SIZE];
  crypto_generichash_state state;
  crypto_generichash_init(&state, NULL, 0, sizeof hash);
  crypto_generichash_update(&state, key, sizeof w->actor[origin].public_key);
  crypto_generichash_update(&state, e->signature, WF_SIGNATURE_SIZE);
  crypto_generichash_update(&state, e->bytes.data, e->bytes.size);
  crypto_generichash_final(&state, hash, sizeof hash);
  uint8_t *known = w->good[(hash[0] | (uint32_t)hash[1] << 8) % GOOD_MAX];
  if (memcmp(known, hash, sizeof hash) == 0) return true;
  if (crypto_sign_verify_detached(e->signature, e->bytes.data, e->bytes.size, key) != 0) return false;
  memcpy(known, hash, sizeof hash);
  return true;
}

static void do_verify(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  const uint32_t origin = index_of(w, e->nation);
  const bool ok = origin != UINT32_MAX && verified(w, origin, e);
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + VERIFY_NS,
                                     .kind = HAPPENS_VERIFIED,
                                     .node = i,
                                     .life = w->actor[i].life,
                                     .token = e->token,
                                     .ok = ok});
}

static void do_store(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  const size_t row = disk_append(&w->actor[i].disk, &e->row, e->bytes);
  w->stats.rows++;
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + w->config.sync_delay_ns,
                                     .kind = HAPPENS_STORED,
                                     .node = i,
                                     .life = w->actor[i].life,
                                     .token = e->token,
                                     .row = row,
                                     .ok = row != SIZE_MAX});
}

static void do_epoch(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  w->actor[i].disk.epoch = e->epoch;
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + w->config.sync_delay_ns,
                                     .kind = HAPPENS_STORED,
                                     .node = i,
                                     .life = w->actor[i].life,
                                     .token = e->token,
                                     .row = SIZE_MAX - 1,
                                     .ok = true});
}

// A fetch answers bundle by bundle, ascending, until its limit; an empty answer ends it.
static void do_fetch(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  const disk *d = &w->actor[i].disk;
  int64_t at = w->mono_ns + w->config.sync_delay_ns;
  uint64_t next = e->row.first;
  size_t sent = 0, row;
  while (sent <= e->limit_bytes && (row = disk_find(d, &e->row.stream, e->row.epoch, next, e->row.last)) != SIZE_MAX) {
    const wf_bytes bytes = {d->rows[row].bytes, d->rows[row].size};
    agenda_add(&w->agenda, (happening){.at_ns = at++,
                                       .kind = HAPPENS_FETCH,
                                       .node = i,
                                       .life = w->actor[i].life,
                                       .token = e->token,
                                       .ok = true,
                                       .bytes = copy_of(bytes),
                                       .size = bytes.size});
    sent += bytes.size;
    next = d->rows[row].row.last + 1;
  }
  agenda_add(&w->agenda,
             (happening){.at_ns = at, .kind = HAPPENS_FETCH, .node = i, .life = w->actor[i].life, .token = e->token});
}

static void do_close(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  const uint32_t peer = index_of(w, e->nation);
  if (peer == UINT32_MAX || peer == i) return;
  for (uint8_t lane = 1; lane <= LANES; lane++) {
    if ((e->lane != 0 && e->lane != lane) || !pair_of(w, i, peer)->up[lane - 1]) continue;
    agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + 1,
                                       .kind = HAPPENS_LINK_DOWN,
                                       .node = i,
                                       .peer = peer,
                                       .lane = lane,
                                       .life = pair_of(w, i, peer)->generation[lane - 1]});
  }
}

static void perform(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  switch (e->kind) {
    case WF_XE_SEND:
      do_send(w, i, e);
      break;
    case WF_XE_CLOSE:
      do_close(w, i, e);
      break;
    case WF_XE_SIGN:
      do_sign(w, i, e);
      break;
    case WF_XE_VERIFY:
      do_verify(w, i, e);
      break;
    case WF_XE_STORE:
      do_store(w, i, e);
      break;
    case WF_XE_EPOCH:
      do_epoch(w, i, e);
      break;
    case WF_XE_FETCH:
      do_fetch(w, i, e);
      break;
    case WF_XE_DELIVER:
    case WF_XE_RETRACT:
    case WF_XE_ASIDE:
    case WF_XE_ALARM:
      break;
  }
}

static void step(wf_world *w, uint32_t i, const wf_input *input) {
  wf_node *node = w->actor[i].node;
  if (node == NULL) return;
  wf_node_step(node, clock_of(w, i), input);
  wf_effect effect;
  while (wf_node_effect_next(node, &effect)) {
    if (effect.kind == WF_OUT_EXCHANGE) perform(w, i, &effect.exchange);
    if (w->watch != NULL) w->watch(w->watch_context, i, clock_of(w, i).wall, &effect);
  }
}

// ---- Links --------------------------------------------------------------------------------------------------------

static void want_link(wf_world *w, uint32_t a, uint32_t b, uint8_t lane) {
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + RECONNECT_NS,
                                     .kind = HAPPENS_LINK_UP,
                                     .node = a,
                                     .peer = b,
                                     .lane = lane,
                                     .life = pair_of(w, a, b)->generation[lane - 1]});
}

static void tell_link(wf_world *w, uint32_t i, uint32_t peer, uint8_t lane, bool up) {
  step_exchange(w, i,
                (wf_exchange_input){
                    .kind = up ? WF_XI_LINK_UP : WF_XI_LINK_DOWN, .nation = nation_of(w, peer), .lane = (wf_lane)lane});
  if (up)
    step_exchange(w, i,
                  (wf_exchange_input){.kind = WF_XI_WRITABLE,
                                      .nation = nation_of(w, peer),
                                      .lane = (wf_lane)lane,
                                      .credit = (uint64_t)w->config.link_credit_bytes});
}

static void link_up(wf_world *w, uint32_t a, uint32_t b, uint8_t lane) {
  pair *p = pair_of(w, a, b);
  if (p->up[lane - 1]) return;
  if (p->cut || w->actor[a].node == NULL || w->actor[b].node == NULL) {
    want_link(w, a, b, lane);
    return;
  }
  p->up[lane - 1] = true;
  p->pipe[lane - 1][0] = p->pipe[lane - 1][1] = (pipe){0};
  tell_link(w, a, b, lane, true);
  tell_link(w, b, a, lane, true);
}

static void link_down(wf_world *w, uint32_t a, uint32_t b, uint8_t lane) {
  pair *p = pair_of(w, a, b);
  if (!p->up[lane - 1]) return;
  p->up[lane - 1] = false;
  p->generation[lane - 1]++;
  tell_link(w, a, b, lane, false);
  tell_link(w, b, a, lane, false);
  want_link(w, a, b, lane);
}

static void give_credit(wf_world *w, uint32_t from, uint32_t to, uint8_t lane) {
  const int64_t credit = w->config.link_credit_bytes - pipe_of(w, from, to, lane)->in_flight;
  if (credit > 0)
    step_exchange(
        w, from,
        (wf_exchange_input){
            .kind = WF_XI_WRITABLE, .nation = nation_of(w, to), .lane = (wf_lane)lane, .credit = (uint64_t)credit});
}

static void frame_arrives(wf_world *w, const happening *h) {
  const pair *p = pair_of(w, h->node, h->peer);
  if (!p->up[h->lane - 1] || p->generation[h->lane - 1] != h->life) {
    w->stats.frames_lost++;
    return;
  }
  pipe *line = pipe_of(w, h->peer, h->node, h->lane);
  if (w->actor[h->node].stalled || h->token != line->taken) {  // not read yet: try again later, in order
    happening later = *h;
    later.at_ns = w->mono_ns + RECONNECT_NS / 10;
    later.bytes = copy_of((wf_bytes){h->bytes, h->size});
    agenda_add(&w->agenda, later);
    return;
  }
  line->taken++;
  line->in_flight -= (int64_t)h->size;
  step_exchange(w, h->node,
                (wf_exchange_input){.kind = WF_XI_FRAME,
                                    .nation = nation_of(w, h->peer),
                                    .lane = (wf_lane)h->lane,
                                    .bytes = {h->bytes, h->size}});
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + w->config.link_delay_ns,
                                     .kind = HAPPENS_CREDIT,
                                     .node = h->peer,
                                     .peer = h->node,
                                     .lane = h->lane,
                                     .life = h->life});
}

// ---- What happens -------------------------------------------------------------------------------------------------

static bool alive_since(const wf_world *w, const happening *h) {
  return w->actor[h->node].node != NULL && w->actor[h->node].life == h->life;
}

static void stored(wf_world *w, const happening *h) {
  disk *d = &w->actor[h->node].disk;
  if (h->row < d->count) d->rows[h->row].durable = true;
  step_exchange(w, h->node, (wf_exchange_input){.kind = WF_XI_STORED, .token = h->token, .ok = h->ok});
}

static void happen(wf_world *w, const happening *h) {
  const wf_bytes bytes = {h->bytes, h->size};
  const bool link_holds = h->kind == HAPPENS_CREDIT || h->kind == HAPPENS_LINK_UP || h->kind == HAPPENS_LINK_DOWN
                              ? pair_of(w, h->node, h->peer)->generation[h->lane - 1] == h->life
                              : false;
  switch (h->kind) {
    case HAPPENS_TICK:
      if (!alive_since(w, h)) return;
      step_exchange(w, h->node, (wf_exchange_input){.kind = WF_XI_TICK});
      agenda_add(
          &w->agenda,
          (happening){.at_ns = w->mono_ns + w->config.tick_ns, .kind = HAPPENS_TICK, .node = h->node, .life = h->life});
      return;
    case HAPPENS_FRAME:
      frame_arrives(w, h);
      return;
    case HAPPENS_CREDIT:
      if (link_holds) give_credit(w, h->node, h->peer, h->lane);
      return;
    case HAPPENS_LINK_UP:
      if (link_holds) link_up(w, h->node, h->peer, h->lane);
      return;
    case HAPPENS_LINK_DOWN:
      if (link_holds) link_down(w, h->node, h->peer, h->lane);
      return;
    case HAPPENS_SIGNED:
      if (alive_since(w, h))
        step_exchange(w, h->node, (wf_exchange_input){.kind = WF_XI_SIGNED, .token = h->token, .bytes = bytes});
      return;
    case HAPPENS_VERIFIED:
      if (alive_since(w, h))
        step_exchange(w, h->node, (wf_exchange_input){.kind = WF_XI_VERIFIED, .token = h->token, .ok = h->ok});
      return;
    case HAPPENS_STORED:
      if (alive_since(w, h)) stored(w, h);
      return;
    case HAPPENS_FETCH:
      if (alive_since(w, h))
        step_exchange(w, h->node,
                      (wf_exchange_input){.kind = WF_XI_FETCHED, .token = h->token, .ok = h->ok, .bytes = bytes});
      return;
  }
}

void wf_world_run_until(wf_world *w, wf_time until) {
  const int64_t until_ns = (int64_t)((double)wf_time_diff_ns(until, w->config.start) / w->config.rate);
  happening h;
  while (agenda_take(&w->agenda, until_ns, &h)) {
    w->mono_ns = h.at_ns;
    w->stats.events++;
    happen(w, &h);
    free(h.bytes);
  }
  if (until_ns > w->mono_ns) w->mono_ns = until_ns;
}

// ---- Starting, stopping, faults -----------------------------------------------------------------------------------

void wf_world_restart(wf_world *w, uint32_t i) {
  actor *a = &w->actor[i];
  if (a->node != NULL) return;
  wf_node_config config = w->config.node[i];
  config.exchange.boot = wf_rng_u64(&w->rng);
  a->node = wf_node_new(&config);
  a->life++;
  a->stalled = false;
  if (a->node == NULL) return;
  step_exchange(w, i, (wf_exchange_input){.kind = WF_XI_START, .epoch_stored = a->disk.epoch});
  const size_t stored_rows = a->disk.count;
  for (size_t r = 0; r < stored_rows; r++)
    step_exchange(w, i,
                  (wf_exchange_input){.kind = WF_XI_RESTORE, .bytes = {a->disk.rows[r].bytes, a->disk.rows[r].size}});
  agenda_add(&w->agenda,
             (happening){.at_ns = w->mono_ns + (int64_t)i, .kind = HAPPENS_TICK, .node = i, .life = a->life});
  for (uint32_t peer = 0; peer < w->config.node_count; peer++)
    for (uint8_t lane = 1; lane <= LANES && peer != i; lane++) {
      pair_of(w, i, peer)->generation[lane - 1]++;
      want_link(w, i, peer, lane);
    }
}

void wf_world_crash(wf_world *w, uint32_t i) {
  actor *a = &w->actor[i];
  if (a->node == NULL) return;
  wf_node_free(a->node);
  a->node = NULL;
  a->life++;
  w->stats.crashes++;
  disk_crash(&a->disk, &w->rng);
  for (uint32_t peer = 0; peer < w->config.node_count; peer++)
    for (uint8_t lane = 1; lane <= LANES && peer != i; lane++) link_down(w, i, peer, lane);
}

void wf_world_lose_disk(wf_world *w, uint32_t i) {
  if (w->actor[i].node == NULL) disk_lose(&w->actor[i].disk);
}

void wf_world_cut(wf_world *w, uint32_t a, uint32_t b, bool cut) {
  pair_of(w, a, b)->cut = cut;
  for (uint8_t lane = 1; lane <= LANES && cut; lane++) link_down(w, a, b, lane);
}

void wf_world_delay(wf_world *w, uint32_t a, uint32_t b, int64_t extra_ns) {
  pair_of(w, a, b)->extra_delay_ns = extra_ns;
}
void wf_world_stall_reader(wf_world *w, uint32_t i, bool stalled) {
  w->actor[i].stalled = stalled;
}
void wf_world_step_clock(wf_world *w, uint32_t i, int64_t ns) {
  w->actor[i].clock_offset_ns += ns;
}
wf_node *wf_world_node(wf_world *w, uint32_t i) {
  return w->actor[i].node;
}

void wf_world_sensor(wf_world *w, uint32_t i, wf_bytes datagram) {
  const wf_input input = {.kind = WF_IN_SENSOR, .bytes = datagram};
  step(w, i, &input);
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
  step(w, i, &input);
  return WF_OK;
}

size_t wf_world_rows(const wf_world *w, uint32_t i) {
  return w->actor[i].disk.count;
}

void wf_world_row_at(const wf_world *w, uint32_t i, size_t index, wf_world_row *out) {
  const disk_row *r = &w->actor[i].disk.rows[index];
  *out = (wf_world_row){r->row.stream, r->row.epoch, r->row.first, r->row.last, {0}, {r->bytes, r->size}};
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
  defaults(&w->config);
  wf_rng_seed_stream(&w->rng, config->seed, 0x776f726c64);
  for (uint32_t i = 0; i < config->node_count; i++) {
    uint8_t seed[crypto_sign_SEEDBYTES];
    for (size_t k = 0; k < sizeof seed; k++) seed[k] = (uint8_t)wf_rng_u64(&w->rng);
    crypto_sign_seed_keypair(w->actor[i].public_key, w->actor[i].secret_key, seed);
  }
  for (uint32_t i = 0; i < config->node_count; i++) wf_world_restart(w, i);
  return w;
}

void wf_world_free(wf_world *w) {
  if (w == NULL) return;
  for (uint32_t i = 0; i < w->config.node_count; i++) {
    wf_node_free(w->actor[i].node);
    disk_lose(&w->actor[i].disk);
  }
  agenda_free(&w->agenda);
  free(w);
}
