// Passing on. Alerts flood: every new one goes to every member over every live path. Anything else is passed on to who
// asks for it: a node whose link to a nation is down asks a partner that still has one. The receiver decides, because
// only it knows which way is dead; so nothing is sent twice while the links are healthy.
#include <string.h>

#include "internal.h"

static bool asked_for(const wf_exchange *x, uint32_t index, wf_nation origin) {
  const uint32_t o = partner_index(x, origin);
  return o != NONE && x->partner[index].passes_on[o];
}

// A newly verified bundle that came in live.
void relay_bundle(wf_exchange *x, const entry *e, uint64_t serial) {
  const wf_stream_name *name = &x->streams[x->epochs[e->epoch_slot].stream].name;
  if (e->backfill) return;  // who lacks it too sees it in our Have
  for (uint32_t i = 0; i < x->partner_count; i++) {
    if (i == e->source || same_nation(x->partner[i].nation, name->origin) || !partner_may_hold(x, i, name)) continue;
    if (name->stream_class == WF_STREAM_ALERTS || asked_for(x, i, name->origin)) queue_bundle(x, i, e, serial);
  }
}

// Both bundles of an equivocation go to everybody, past the rule that a number is sent once.
void relay_evidence(wf_exchange *x, const entry *e) {
  const wf_stream_name *name = &x->streams[x->epochs[e->epoch_slot].stream].name;
  for (uint32_t i = 0; i < x->partner_count; i++) {
    const partner *p = &x->partner[i];
    if (i == e->source || !p->live || !partner_may_hold(x, i, name)) continue;
    send_bundle(x, i, WF_LANE_ALERT, WF_PRIORITY_LAUNCH, e->epoch_slot, cache_bytes(x, e), false);
  }
}

void relay_received(wf_exchange *x, uint32_t index, const wf_relay *relay) {
  partner *p = &x->partner[index];
  bool now[WF_NATION_MAX] = {false};
  for (uint32_t i = 0; i < relay->count; i++) {
    const uint32_t origin = partner_index(x, relay->origin[i]);
    if (origin != NONE && origin != index) now[origin] = true;
  }
  for (uint32_t o = 0; o < x->partner_count; o++) {
    if (now[o] && !p->passes_on[o]) have_tell_all_of(x, index, x->partner[o].nation);
    p->passes_on[o] = now[o];
  }
}

static bool links_to(const partner *p, wf_nation nation) {
  for (uint32_t i = 0; i < p->linked_count; i++)
    if (same_nation(p->linked[i], nation)) return true;
  return false;
}

// The partner to ask for a nation's bundles: one that has a link to it, the nearest by round trip.
static uint32_t choose_for(const wf_exchange *x, wf_nation origin) {
  uint32_t best = NONE;
  int64_t best_ns = 0;
  for (uint32_t i = 0; i < x->partner_count; i++) {
    int64_t trip_ns = INT64_MAX, offset_ns, sigma_ns;
    if (!x->partner[i].live || !links_to(&x->partner[i], origin)) continue;
    clock_estimate(&x->partner[i].clock, &trip_ns, &offset_ns, &sigma_ns);
    if (best != NONE && trip_ns >= best_ns) continue;
    best = i;
    best_ns = trip_ns;
  }
  return best;
}

// Keeps to the partner that is asked already while it will do, so that a wavering round trip moves nothing.
static uint32_t keep_or_choose(const wf_exchange *x, wf_nation origin) {
  for (uint32_t i = 0; i < x->partner_count; i++)
    for (uint32_t k = 0; x->partner[i].live && k < x->partner[i].wanted.count; k++)
      if (same_nation(x->partner[i].wanted.origin[k], origin) && links_to(&x->partner[i], origin)) return i;
  return choose_for(x, origin);
}

void relay_choose(wf_exchange *x) {
  wf_relay wanted[WF_NATION_MAX];
  memset(wanted, 0, sizeof wanted);
  for (uint32_t o = 0; o < x->partner_count; o++) {
    const wf_nation origin = x->partner[o].nation;
    if (x->partner[o].live || x->partner[o].membership != WF_MEMBER) continue;
    const uint32_t best = keep_or_choose(x, origin);
    for (uint32_t i = 0; i < x->partner_count; i++)  // nobody says it has a link: everybody is asked
      if (i != o && (i == best || (best == NONE && x->partner[i].live))) wanted[i].origin[wanted[i].count++] = origin;
  }
  for (uint32_t i = 0; i < x->partner_count; i++) x->partner[i].wanted = wanted[i];
}

void relay_send(wf_exchange *x, uint32_t index) {
  partner *p = &x->partner[index];
  if (memcmp(&p->wanted, &p->asked, sizeof p->wanted) == 0 || p->lane[0].credit == 0) return;
  x->out.kind = WF_FRAME_RELAY;
  x->out.relay = p->wanted;
  if (send_frame(x, index, WF_LANE_ALERT, WF_PRIORITY_LAUNCH) == WF_OK) p->asked = p->wanted;
}
