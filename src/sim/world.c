#include <stdlib.h>
#include <string.h>

#include "world_inside.h"

enum { SIGN_NS = 50000, VERIFY_NS = 150000, RECONNECT_NS = 100000000 };

pair *world_pair(wf_world *w, uint32_t a, uint32_t b) {
  return a < b ? &w->pair[a][b] : &w->pair[b][a];
}
static pipe *pipe_of(wf_world *w, uint32_t from, uint32_t to, int lane) {
  return &world_pair(w, from, to)->pipe[lane - 1][from < to ? 0 : 1];
}
static wf_nation nation_of(const wf_world *w, uint32_t i) {
  return w->config.node[i].exchange.nation;
}

static uint32_t index_of(const wf_world *w, wf_nation nation) {
  for (uint32_t i = 0; i < w->config.node_count; i++)
    if (wf_nation_compare(nation_of(w, i), nation) == 0) return i;
  return UINT32_MAX;
}

// Who answers to a nation's name on the links of node i.
static uint32_t peer_of(const wf_world *w, uint32_t i, wf_nation nation) {
  const uint32_t index = index_of(w, nation);
  return index != UINT32_MAX && index == w->twin_of && w->twin_has[i] ? w->config.node_count : index;
}

wf_time wf_world_now(const wf_world *w) {
  return wf_time_add_ns(w->config.start, (int64_t)((double)w->mono_ns * w->config.rate));
}

static wf_clock clock_of(const wf_world *w, uint32_t i) {
  return (wf_clock){wf_time_add_ns(wf_world_now(w), world_clock_offset_ns(w, i)), {w->mono_ns + 1}};
}

// ---- Effects of one node become happenings ------------------------------------------------------------------------

void world_step_exchange(wf_world *w, uint32_t i, wf_exchange_input input) {
  const wf_input in = {.kind = WF_IN_EXCHANGE, .exchange = input};
  world_step(w, i, &in);
}

static uint8_t *copy_of(wf_bytes bytes) {
  uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
  if (copy != NULL && bytes.size > 0) memcpy(copy, bytes.data, bytes.size);
  return copy;
}

static void do_send(wf_world *w, uint32_t from, const wf_exchange_effect *e) {
  const uint32_t to = peer_of(w, from, e->nation);
  if (to == UINT32_MAX || to == from || (int)e->lane < 1 || (int)e->lane > LANES) return;
  if (w->tap != NULL) w->tap(w->tap_context, from, to, e->bytes);
  pair *p = world_pair(w, from, to);
  pipe *line = pipe_of(w, from, to, e->lane);
  w->stats.frames++;
  w->stats.frame_bytes += e->bytes.size;
  if (!p->up[e->lane - 1]) {
    w->stats.frames_lost++;
    return;
  }
  uint8_t *bytes = copy_of(e->bytes);
  size_t size = e->bytes.size;
  if (w->tamper != NULL && bytes != NULL) w->tamper(w->tamper_context, from, to, &bytes, &size);
  int64_t at = w->mono_ns + w->config.link_delay_ns + p->extra_delay_ns[from < to ? 0 : 1];
  if (w->config.link_jitter_ns > 0) at += (int64_t)wf_rng_below(&w->rng, (uint64_t)w->config.link_jitter_ns);
  if (at <= line->last_arrival_ns) at = line->last_arrival_ns + 1;
  line->last_arrival_ns = at;
  const int64_t over = line->in_flight - w->config.link_credit_bytes;  // before this frame, which may overshoot
  if (over > 0 && (uint64_t)over > w->stats.over_credit_bytes) w->stats.over_credit_bytes = (uint64_t)over;
  line->in_flight += (int64_t)size;
  agenda_add(&w->agenda, (happening){.at_ns = at,
                                     .kind = HAPPENS_FRAME,
                                     .node = to,
                                     .peer = from,
                                     .lane = (uint8_t)e->lane,
                                     .life = p->generation[e->lane - 1],
                                     .token = line->sent++,
                                     .bytes = bytes,
                                     .size = size});
}

// A signature this world has made or checked is known by its hash: checking is most of the work otherwise.
static uint8_t *good_place(wf_world *w, uint32_t origin, const uint8_t *signature, wf_bytes message,
                           uint8_t hash[GOOD_SIZE]) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, NULL, 0, GOOD_SIZE);
  crypto_generichash_update(&state, w->actor[origin].public_key, sizeof w->actor[origin].public_key);
  crypto_generichash_update(&state, signature, WF_SIGNATURE_SIZE);
  crypto_generichash_update(&state, message.data, message.size);
  crypto_generichash_final(&state, hash, GOOD_SIZE);
  return w->good[(hash[0] | (uint32_t)hash[1] << 8) % GOOD_MAX];
}

static void remember_good(wf_world *w, uint32_t origin, const uint8_t *signature, wf_bytes message) {
  uint8_t hash[GOOD_SIZE];
  uint8_t *place = good_place(w, origin, signature, message, hash);
  memcpy(place, hash, sizeof hash);
}

static void do_sign(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  wf_bytes room = {(const uint8_t[WF_SIGNATURE_SIZE]){0}, WF_SIGNATURE_SIZE};
  uint8_t *signature = copy_of(room);
  crypto_sign_detached(signature, NULL, e->bytes.data, e->bytes.size, w->actor[i].secret_key);
  remember_good(w, i, signature, e->bytes);
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + SIGN_NS,
                                     .kind = HAPPENS_SIGNED,
                                     .node = i,
                                     .life = w->actor[i].life,
                                     .token = e->token,
                                     .bytes = signature,
                                     .size = WF_SIGNATURE_SIZE});
}

static bool verified(wf_world *w, uint32_t origin, const wf_exchange_effect *e) {
  uint8_t hash[GOOD_SIZE];
  if (memcmp(good_place(w, origin, e->signature, e->bytes, hash), hash, sizeof hash) == 0) return true;
  if (crypto_sign_verify_detached(e->signature, e->bytes.data, e->bytes.size, w->actor[origin].public_key) != 0)
    return false;
  remember_good(w, origin, e->signature, e->bytes);
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
  const actor *a = &w->actor[i];
  const size_t row = a->disk_full ? SIZE_MAX : disk_append(&w->actor[i].disk, &e->row, e->bytes);
  w->stats.rows++;
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + w->config.sync_delay_ns + a->extra_sync_ns,
                                     .kind = HAPPENS_STORED,
                                     .node = i,
                                     .life = w->actor[i].life,
                                     .token = e->token,
                                     .row = row,
                                     .ok = row != SIZE_MAX});
}

static void do_epoch(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  const actor *a = &w->actor[i];
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + w->config.sync_delay_ns + a->extra_sync_ns,
                                     .kind = HAPPENS_STORED,
                                     .node = i,
                                     .life = a->life,
                                     .token = e->token,
                                     .row = SIZE_MAX,
                                     .last = a->disk_full ? 0 : e->epoch,
                                     .ok = !a->disk_full});
}

// A fetch answers bundle by bundle, ascending, until its limit; an empty answer ends it.
static void do_fetch(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  const disk *d = &w->actor[i].disk;
  int64_t at = w->mono_ns + w->config.sync_delay_ns;
  const disk_row *after = NULL;
  size_t sent = 0, row;
  while (sent <= e->limit_bytes &&
         (row = disk_find(d, &e->row.stream, e->row.epoch, e->row.first, e->row.last, after)) != SIZE_MAX) {
    const wf_bytes bytes = {d->rows[row].bytes, d->rows[row].size};
    const bool damaged = disk_damaged(&d->rows[row]);
    agenda_add(&w->agenda, (happening){.at_ns = at++,
                                       .kind = HAPPENS_FETCH,
                                       .node = i,
                                       .life = w->actor[i].life,
                                       .token = e->token,
                                       .ok = true,
                                       .damaged = damaged,
                                       .first = d->rows[row].row.first,
                                       .last = d->rows[row].row.last,
                                       .bytes = copy_of(bytes),
                                       .size = bytes.size});
    sent += bytes.size;
    after = &d->rows[row];
  }
  agenda_add(&w->agenda,
             (happening){.at_ns = at, .kind = HAPPENS_FETCH, .node = i, .life = w->actor[i].life, .token = e->token});
}

static void do_close(wf_world *w, uint32_t i, const wf_exchange_effect *e) {
  const uint32_t peer = peer_of(w, i, e->nation);
  if (peer == UINT32_MAX || peer == i) return;
  for (uint8_t lane = 1; lane <= LANES; lane++) {
    if ((e->lane != 0 && e->lane != lane) || !world_pair(w, i, peer)->up[lane - 1]) continue;
    agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + 1,
                                       .kind = HAPPENS_LINK_DOWN,
                                       .node = i,
                                       .peer = peer,
                                       .lane = lane,
                                       .life = world_pair(w, i, peer)->generation[lane - 1]});
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

void world_step(wf_world *w, uint32_t i, const wf_input *input) {
  actor *a = &w->actor[i];
  if (!actor_up(a)) return;
  wf_journal *const journal = w->config.journal[i];
  const wf_clock now = clock_of(w, i);
  if (journal != NULL) wf_journal_input(journal, now, input);
  actor_step(a, now, input);
  wf_effect effect;
  while (actor_effect_next(a, &effect)) {
    if (journal != NULL) wf_journal_effect(journal, &effect);
    if (effect.kind == WF_OUT_EXCHANGE) perform(w, i, &effect.exchange);
    if (w->watch != NULL) w->watch(w->watch_context, i, clock_of(w, i).wall, &effect);
    if (a->dies_in == 0 || --a->dies_in > 0) continue;
    wf_world_crash(w, i);  // in the middle of what it was doing
    return;
  }
  if (journal != NULL) wf_journal_stepped(journal, a->node);
}

// ---- Links --------------------------------------------------------------------------------------------------------

void world_want_link(wf_world *w, uint32_t a, uint32_t b, uint8_t lane) {
  agenda_add(&w->agenda, (happening){.at_ns = w->mono_ns + RECONNECT_NS,
                                     .kind = HAPPENS_LINK_UP,
                                     .node = a,
                                     .peer = b,
                                     .lane = lane,
                                     .life = world_pair(w, a, b)->generation[lane - 1]});
}

static void tell_link(wf_world *w, uint32_t i, uint32_t peer, uint8_t lane, bool up) {
  world_step_exchange(
      w, i,
      (wf_exchange_input){
          .kind = up ? WF_XI_LINK_UP : WF_XI_LINK_DOWN, .nation = nation_of(w, peer), .lane = (wf_lane)lane});
  if (up)
    world_step_exchange(w, i,
                        (wf_exchange_input){.kind = WF_XI_WRITABLE,
                                            .nation = nation_of(w, peer),
                                            .lane = (wf_lane)lane,
                                            .credit = (uint64_t)w->config.link_credit_bytes});
}

static void link_up(wf_world *w, uint32_t a, uint32_t b, uint8_t lane) {
  pair *p = world_pair(w, a, b);
  if (p->up[lane - 1]) return;
  if (p->cut || p->away || !actor_up(&w->actor[a]) || !actor_up(&w->actor[b])) {
    world_want_link(w, a, b, lane);
    return;
  }
  p->up[lane - 1] = true;
  p->pipe[lane - 1][0] = p->pipe[lane - 1][1] = (pipe){0};
  tell_link(w, a, b, lane, true);
  tell_link(w, b, a, lane, true);
}

void world_link_down(wf_world *w, uint32_t a, uint32_t b, uint8_t lane) {
  pair *p = world_pair(w, a, b);
  if (!p->up[lane - 1]) return;
  p->up[lane - 1] = false;
  p->generation[lane - 1]++;
  tell_link(w, a, b, lane, false);
  tell_link(w, b, a, lane, false);
  world_want_link(w, a, b, lane);
}

static void give_credit(wf_world *w, uint32_t from, uint32_t to, uint8_t lane) {
  const int64_t credit = w->config.link_credit_bytes - pipe_of(w, from, to, lane)->in_flight;
  if (credit > 0)
    world_step_exchange(
        w, from,
        (wf_exchange_input){
            .kind = WF_XI_WRITABLE, .nation = nation_of(w, to), .lane = (wf_lane)lane, .credit = (uint64_t)credit});
}

static void frame_arrives(wf_world *w, const happening *h) {
  const pair *p = world_pair(w, h->node, h->peer);
  if (!p->up[h->lane - 1] || p->generation[h->lane - 1] != h->life) {
    w->stats.frames_lost++;
    return;
  }
  pipe *line = pipe_of(w, h->peer, h->node, h->lane);
  const bool waits = w->actor[h->node].stalled || p->hole[h->peer < h->node ? 0 : 1];
  if (waits || h->token != line->taken) {  // not read yet: try again later, in order
    happening later = *h;
    later.at_ns = w->mono_ns + RECONNECT_NS / 10;
    later.bytes = copy_of((wf_bytes){h->bytes, h->size});
    agenda_add(&w->agenda, later);
    return;
  }
  line->taken++;
  line->in_flight -= (int64_t)h->size;
  world_step_exchange(w, h->node,
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

void wf_world_inject(wf_world *w, uint32_t from, uint32_t to, int lane, wf_bytes frame) {
  if (!world_pair(w, from, to)->up[lane - 1]) return;
  world_step_exchange(
      w, to,
      (wf_exchange_input){.kind = WF_XI_FRAME, .nation = nation_of(w, from), .lane = (wf_lane)lane, .bytes = frame});
}

// ---- What happens -------------------------------------------------------------------------------------------------

static bool alive_since(const wf_world *w, const happening *h) {
  return actor_up(&w->actor[h->node]) && w->actor[h->node].life == h->life;
}

static void stored(wf_world *w, const happening *h) {
  disk *d = &w->actor[h->node].disk;
  if (h->row < d->count) d->rows[h->row].durable = true;
  if (h->last > d->epoch) d->epoch = h->last;  // an epoch, when it is one
  world_step_exchange(w, h->node, (wf_exchange_input){.kind = WF_XI_STORED, .token = h->token, .ok = h->ok});
}

// A driver advances the pictures when there is time for it.
static void advance(wf_world *w, uint32_t i) {
  actor *a = &w->actor[i];
  if (w->config.advance_ns == 0 || a->node == NULL || !wf_node_wants_advance(a->node)) return;
  if (w->mono_ns - a->advanced_ns < w->config.advance_ns) return;
  a->advanced_ns = w->mono_ns;
  world_step(w, i, &(wf_input){.kind = WF_IN_ADVANCE});
}

static void tick(wf_world *w, const happening *h) {
  world_step_exchange(w, h->node, (wf_exchange_input){.kind = WF_XI_TICK});
  advance(w, h->node);
  agenda_add(
      &w->agenda,
      (happening){.at_ns = w->mono_ns + w->config.tick_ns, .kind = HAPPENS_TICK, .node = h->node, .life = h->life});
}

static void happen(wf_world *w, const happening *h) {
  const wf_bytes bytes = {h->bytes, h->size};
  const bool link_holds = h->kind == HAPPENS_CREDIT || h->kind == HAPPENS_LINK_UP || h->kind == HAPPENS_LINK_DOWN
                              ? world_pair(w, h->node, h->peer)->generation[h->lane - 1] == h->life
                              : false;
  switch (h->kind) {
    case HAPPENS_TICK:
      if (alive_since(w, h)) tick(w, h);
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
      if (link_holds) world_link_down(w, h->node, h->peer, h->lane);
      return;
    case HAPPENS_SIGNED:
      if (alive_since(w, h))
        world_step_exchange(w, h->node, (wf_exchange_input){.kind = WF_XI_SIGNED, .token = h->token, .bytes = bytes});
      return;
    case HAPPENS_VERIFIED:
      if (alive_since(w, h))
        world_step_exchange(w, h->node, (wf_exchange_input){.kind = WF_XI_VERIFIED, .token = h->token, .ok = h->ok});
      return;
    case HAPPENS_STORED:
      if (alive_since(w, h)) stored(w, h);
      return;
    case HAPPENS_FETCH:
      if (alive_since(w, h))
        world_step_exchange(w, h->node,
                            (wf_exchange_input){.kind = WF_XI_FETCHED,
                                                .token = h->token,
                                                .ok = h->ok,
                                                .damaged = h->damaged,
                                                .first = h->first,
                                                .last = h->last,
                                                .bytes = bytes});
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
