// Which epoch the own streams are in: always above every one that was ever used, known before the first send, and
// chosen without waiting for anybody.
#include <string.h>

#include "internal.h"

#define EPOCH_STEPS 1024

static uint64_t max_u64(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

static void epoch_ask(wf_exchange *x) {
  wf_exchange_effect *e = effect_add(x, WF_XE_EPOCH);
  x->epoch_token = token_make(TOKEN_EPOCH, x->epoch);
  x->epoch_asked_ns = x->now.mono.ns;
  if (!e) return;  // asked again by epoch_retry
  e->token = x->epoch_token;
  e->epoch = x->epoch;
}

// Milliseconds rather than seconds of UTC: a node that lost its store may start twice within a second. Where the epochs
// are ahead of the clock it makes none unique, and one that was used without being durable may lie next to the stored
// one: so every life goes on by a step of its own.
static uint64_t epoch_above(const wf_exchange *x, uint64_t above) {
  const uint64_t clock_ms = x->now.wall.ns > 0 ? (uint64_t)(x->now.wall.ns / WF_NS_PER_MS) : 0;
  return above < clock_ms ? clock_ms + 1 : above + 1 + x->config.boot % EPOCH_STEPS;
}

static void epoch_begin(wf_exchange *x, uint64_t above) {
  x->epoch = wf_planted(WF_PLANT_REUSE_EPOCH) && above > 0 ? above : epoch_above(x, above);
  x->epoch_ready = wf_planted(WF_PLANT_SEND_BEFORE_EPOCH);
  for (uint32_t i = 0; i < x->stream_count; i++) {
    stream *s = &x->streams[i];
    if (!s->used || !s->own) continue;
    s->next_sequence = 1;
    memset(s->last_hash, 0, sizeof s->last_hash);
  }
  epoch_ask(x);
}

void epoch_start(wf_exchange *x, uint64_t stored) {
  x->started = true;
  epoch_begin(x, stored);
  x->first_epoch = x->epoch;
}

// Of an own stream, in the present life: numbers up to `top` that this node has not given out.
bool epoch_is_a_twins(const wf_exchange *x, const wf_stream_name *name, uint64_t number, uint64_t top) {
  if (!same_nation(name->origin, x->config.nation) || name->writer != x->config.writer) return false;
  if (number < x->first_epoch || epoch_closed(x, name, number) || wf_planted(WF_PLANT_DEAF_TO_TWIN)) return false;
  if (number > x->epoch) return true;
  const uint32_t slot = epoch_find(x, name, number);
  return top > 0 && (slot == NONE || top > x->epochs[slot].pending_high);
}

// Two nodes of one name would chase each other through all epochs there are: the next one comes two seconds after the
// last, well before anything said meanwhile is taken for an orphan.
void epoch_raise_for_twin(wf_exchange *x, uint64_t above) {
  if (above > x->twins_epoch) x->twins_epoch = above;
  if (x->twins_epoch < x->epoch || (x->twin_raised_ns && x->now.mono.ns - x->twin_raised_ns < TWIN_RAISE_NS)) return;
  x->twin_raised_ns = x->now.mono.ns;
  epoch_raise(x, x->twins_epoch);
}

void epoch_raise(wf_exchange *x, uint64_t at_least) {
  if (at_least >= WF_EPOCH_MAX) return;
  epoch_begin(x, max_u64(x->epoch, at_least));
}

// A failed store does not stop warnings: the epoch is then used without being durable, and every record says so.
void epoch_stored(wf_exchange *x, bool ok) {
  x->epoch_ready = true;
  if (!ok && !x->not_durable)
    alarm_raise(x, WF_ALARM_STORE_FAILED, x->config.nation, "the epoch could not be stored: not durable from now on");
  x->not_durable = !ok;
  x->look_to_store = true;
  x->store_from = 0;
  for (uint32_t i = 0; i < x->stream_count; i++)
    if (x->streams[i].used && x->streams[i].own) publish_open(x, i);
}

// A store that does not answer does not stop them either.
void epoch_retry(wf_exchange *x) {
  if (x->twins_epoch) epoch_raise_for_twin(x, 0);
  if ((!x->not_durable && x->epoch_ready) || x->now.mono.ns - x->epoch_asked_ns < STORE_RETRY_NS) return;
  if (!x->epoch_ready) epoch_stored(x, false);
  epoch_ask(x);
}
