// Round trip and clock offset of a partner, as NTP does it (RFC 5905 §8): of the last samples the one with the
// shortest round trip is trusted most, because queues only ever lengthen it.
#include <string.h>

#include "internal.h"

void clock_reset(clock_filter *c) {
  const uint64_t next_id = c->next_id;
  memset(c, 0, sizeof *c);
  c->next_id = next_id;
}

void clock_ping(wf_exchange *x, partner *p, wf_ping *ping) {
  clock_filter *c = &p->clock;
  ping->id = ++c->next_id;
  ping->sent_mono_ns = x->now.mono.ns;
  ping->sent_wall = x->now.wall;
  c->sent[ping->id % PINGS_MAX].id = ping->id;
  c->sent[ping->id % PINGS_MAX].mono_ns = x->now.mono.ns;
  c->sent[ping->id % PINGS_MAX].wall_ns = x->now.wall.ns;
}

bool clock_estimate(const clock_filter *c, int64_t *round_trip_ns, int64_t *offset_ns, int64_t *sigma_ns) {
  if (c->count == 0) return false;
  uint32_t best = 0;
  for (uint32_t i = 1; i < c->count; i++)
    if (c->sample[i].round_trip_ns < c->sample[best].round_trip_ns) best = i;
  *round_trip_ns = c->sample[best].round_trip_ns;
  *offset_ns = c->sample[best].offset_ns;
  *sigma_ns = c->sample[best].round_trip_ns / 2;  // the bound: all of the trip on one way
  return true;
}

// What is compared is our own memory of the ping, never what the partner echoes.
void clock_pong(wf_exchange *x, uint32_t index, const wf_pong *pong) {
  partner *p = &x->partner[index];
  clock_filter *c = &p->clock;
  const uint32_t slot = pong->id % PINGS_MAX;
  if (pong->id == 0 || c->sent[slot].id != pong->id) return;
  c->sent[slot].id = 0;
  const int64_t trip_ns = x->now.mono.ns - c->sent[slot].mono_ns;
  if (trip_ns < 0) return;
  // ((t2 − t1) + (t3 − t4)) / 2, halves first: the sum could overflow.
  const int64_t offset_ns =
      (pong->received_wall.ns - c->sent[slot].wall_ns) / 2 + (pong->replied_wall.ns - x->now.wall.ns) / 2;
  c->sample[c->next].round_trip_ns = trip_ns;
  c->sample[c->next].offset_ns = offset_ns;
  c->next = (c->next + 1) % CLOCK_SAMPLES;
  if (c->count < CLOCK_SAMPLES) c->count++;
  int64_t best_trip_ns = 0, best_ns = 0, sigma_ns = 0;
  clock_estimate(c, &best_trip_ns, &best_ns, &sigma_ns);
  if (c->count < CLOCK_SAMPLES_LEAST) return;  // a busy start says nothing about a clock
  const int64_t surely_ns = (best_ns < 0 ? -best_ns : best_ns) - sigma_ns;
  const int64_t alarm_ns = x->config.clock_alarm_ns > 0 ? x->config.clock_alarm_ns : CLOCK_ALARM_NS;
  if (surely_ns > alarm_ns && !c->alarmed)
    alarm_raise(x, WF_ALARM_CLOCK, p->nation, "the clock of %s differs by %lld ms", p->nation.code,
                (long long)(best_ns / WF_NS_PER_MS));
  if (surely_ns > alarm_ns) c->alarmed = true;
  if (surely_ns < alarm_ns / 2) c->alarmed = false;
}
