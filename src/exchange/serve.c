// What a partner asked for: from the cache, or from the store in pieces no larger than its credit, behind all live
// data.
#include "internal.h"

static job *job_of(partner *p, uint32_t slot, uint32_t generation, bool of_evidence) {
  job *empty = NULL;
  for (int i = 0; i < JOBS_MAX; i++) {
    job *j = &p->jobs[i];
    if (j->used && j->epoch_slot == slot && j->generation == generation && j->evidence == of_evidence) return j;
    if (!j->used && !empty) empty = j;
  }
  if (empty && p->jobs_high < (uint32_t)(empty - p->jobs) + 1) p->jobs_high = (uint32_t)(empty - p->jobs) + 1;
  if (empty) *empty = (job){.used = true, .epoch_slot = slot, .generation = generation, .evidence = of_evidence};
  return empty;
}

static job *job_for(partner *p, uint32_t slot, uint32_t generation) {
  return job_of(p, slot, generation, false);
}

static void evidence_job(wf_exchange *x, uint32_t index, uint32_t slot, uint64_t first) {
  partner *p = &x->partner[index];
  job *j = job_of(p, slot, x->epochs[slot].generation, true);
  if (!j) return;
  ranges_add(&j->ranges, first, first);
  j->again = j->again || (p->fetching && &p->jobs[p->fetch_job] == j);
}

// What was passed on when it was found may have been lost with a connection, and a Have does not show it: so every
// session begins with it.
void serve_evidence(wf_exchange *x, uint32_t index) {
  for (uint32_t i = 0; i < x->evidence_count && !wf_planted(WF_PLANT_FORGET_EVIDENCE); i++) {
    const evidence *v = &x->evidence[i];
    const epoch *e = &x->epochs[v->epoch_slot];
    if (!e->used || e->generation != v->generation) continue;
    if (!partner_may_hold(x, index, &x->streams[e->stream].name)) continue;
    evidence_job(x, index, v->epoch_slot, v->first);
  }
}

void serve_evidence_of(wf_exchange *x, uint32_t slot, uint64_t first) {
  for (uint32_t i = 0; i < x->partner_count; i++)
    if (x->partner[i].live && partner_may_hold(x, i, &x->streams[x->epochs[slot].stream].name))
      evidence_job(x, i, slot, first);
}

// Of numbers with two bundles both go out.
static void want_of_evidence(wf_exchange *x, uint32_t index, uint32_t slot, const range_set *asked) {
  for (uint32_t i = 0; i < x->evidence_count; i++) {
    const evidence *v = &x->evidence[i];
    for (uint32_t k = 0; k < asked->count; k++)
      if (v->epoch_slot == slot && v->generation == x->epochs[slot].generation && v->first <= asked->range[k].last &&
          v->last >= asked->range[k].first)
        evidence_job(x, index, slot, v->first);
  }
}

wf_status serve_want(wf_exchange *x, uint32_t index, const wf_want *want) {
  partner *p = &x->partner[index];
  if (want->stream.mode != x->config.mode) {
    alarm_raise(x, WF_ALARM_MODE_MISMATCH, p->nation, "%s asked for a stream of another mode", p->nation.code);
    return WF_EMODE;
  }
  if (!partner_may_hold(x, index, &want->stream)) {
    alarm_raise(x, WF_ALARM_OUTSIDE_AUDIENCE, p->nation, "%s asked for a stream outside its audience", p->nation.code);
    return WF_OK;
  }
  const uint32_t slot = epoch_find(x, &want->stream, want->epoch);
  if (slot == NONE) return WF_OK;
  job *j = job_for(p, slot, x->epochs[slot].generation);
  if (!j) return WF_OK;  // it will ask again
  range_set asked = {.count = want->count}, held, not_held;
  for (uint32_t i = 0; i < want->count; i++) asked.range[i] = want->range[i];
  chain_ranges(&x->epochs[slot].have, &held);
  ranges_subtract(&asked, &held, &not_held);
  ranges_subtract(&asked, &not_held, &j->ranges);
  j->used = j->ranges.count > 0;
  want_of_evidence(x, index, slot, &asked);
  return WF_OK;
}

// What was to go out live but is no longer in memory goes the same way.
void serve_later(wf_exchange *x, uint32_t index, uint32_t slot, uint64_t first, uint64_t last) {
  job *j = job_for(&x->partner[index], slot, x->epochs[slot].generation);
  if (j) ranges_add(&j->ranges, first, last);
}

static void job_done(job *j, uint64_t first, uint64_t last) {
  const range_set done = {.count = 1, .range = {{first, last}}};
  const range_set before = j->ranges;
  ranges_subtract(&before, &done, &j->ranges);
  if (j->ranges.count == 0) j->used = false;
}

static bool job_alive(const wf_exchange *x, const job *j) {
  return j->used && x->epochs[j->epoch_slot].used && x->epochs[j->epoch_slot].generation == j->generation;
}

static job *next_job(wf_exchange *x, partner *p) {
  for (uint32_t i = 0; i < p->jobs_high; i++) {
    job *j = &p->jobs[(p->job_turn + i) % p->jobs_high];
    if (j->used && !job_alive(x, j)) j->used = false;
    if (!j->used) continue;
    p->job_turn = (p->job_turn + i) % p->jobs_high;
    return j;
  }
  return NULL;
}

static bool fetch(wf_exchange *x, uint32_t index, job *j, wf_range range, uint64_t credit) {
  partner *p = &x->partner[index];
  const epoch *e = &x->epochs[j->epoch_slot];
  wf_exchange_effect *out = effect_add(x, WF_XE_FETCH);
  if (!out) return false;
  p->fetching = true;
  p->fetch_serial++;
  p->fetch_job = (uint32_t)(j - p->jobs);
  p->fetch_range = range;
  p->fetch_reached = 0;
  out->token = token_make(TOKEN_FETCH, (uint64_t)index << 32 | p->fetch_serial);
  out->row.stream = x->streams[e->stream].name;
  out->row.stream_index = e->stream;
  out->row.epoch = out->epoch = e->number;
  out->row.first = range.first;
  out->row.last = range.last;
  out->limit_bytes = credit < FETCH_BYTES && !j->evidence ? (size_t)credit : FETCH_BYTES;  // both, or it is none
  out->nation = p->nation;
  return true;
}

// One bundle, or one question to the store. False when there is nothing to do now.
bool serve_next(wf_exchange *x, uint32_t index, wf_lane lane) {
  partner *p = &x->partner[index];
  job *j = p->fetching || p->lane[lane - 1].credit == 0 ? NULL : next_job(x, p);
  if (!j) return false;
  const wf_range range = j->ranges.range[0];
  const entry *e = j->evidence ? NULL : cache_find(x, j->epoch_slot, range.first, NULL);
  if (!e || e->state != ENTRY_READY) {
    fetch(x, index, j, range, p->lane[lane - 1].credit);
    return false;
  }
  if (!send_bundle(x, index, lane, WF_PRIORITY_BACKFILL, j->epoch_slot, cache_bytes(x, e), true)) return false;
  p->sent_records += e->last - e->first + 1;
  job_done(j, e->first, e->last);
  p->job_turn = (p->job_turn + (j->used ? 0 : 1)) % JOBS_MAX;
  return true;
}

// The store does not have it: it was never written, or not yet.
static void nothing_stored(wf_exchange *x, partner *p, job *j) {
  epoch *e = &x->epochs[j->epoch_slot];
  const range_set asked = {.count = 1, .range = {p->fetch_range}};
  range_set lost;
  ranges_subtract(&asked, &e->durable, &lost);
  for (uint32_t i = 0; i < lost.count; i++) ranges_add(&e->lost, lost.range[i].first, lost.range[i].last);
  job_done(j, p->fetch_range.first, p->fetch_range.last);
  epoch_touched(x, (uint32_t)(e - x->epochs));
}

static void evidence_fetched(const partner *p, job *j) {
  if (!j->again) job_done(j, p->fetch_range.first, p->fetch_range.last);
  j->again = false;
}

wf_status serve_fetched(wf_exchange *x, const wf_exchange_input *input) {
  const uint32_t index = (uint32_t)(token_serial(input->token) >> 32);
  if (index >= x->partner_count) return WF_EINVAL;
  partner *p = &x->partner[index];
  if (!p->fetching || (uint32_t)token_serial(input->token) != p->fetch_serial) return WF_OK;  // of an ended session
  job *j = &p->jobs[p->fetch_job];
  wf_bundle b;
  if (input->damaged && job_alive(x, j)) {
    bundle_damaged(x, j->epoch_slot, input->first, input->last);
    p->fetch_reached = input->last;
    job_done(j, input->first, input->last);
    return WF_OK;
  }
  const bool usable = job_alive(x, j) && input->bytes.size && wf_bundle_parse(input->bytes, &b, x->reason) == WF_OK;
  const wf_lane lane = lane_for(x, index, WF_PRIORITY_BACKFILL);
  if (usable && send_bundle(x, index, lane, WF_PRIORITY_BACKFILL, j->epoch_slot, input->bytes, true)) {
    p->sent_records += b.record_count;
    p->fetch_reached = b.last;
    if (!j->evidence) job_done(j, b.first, b.last);
  }
  if (input->ok) return WF_OK;
  if (job_alive(x, j) && j->evidence)
    evidence_fetched(p, j);
  else if (job_alive(x, j) && p->fetch_reached == 0)
    nothing_stored(x, p, j);
  p->fetching = false;
  return WF_OK;
}

void serve_session_end(wf_exchange *x, uint32_t index) {
  partner *p = &x->partner[index];
  for (int i = 0; i < JOBS_MAX; i++) p->jobs[i].used = false;
  p->jobs_high = 0;
  p->fetching = false;
  p->fetch_serial++;
}

uint64_t serve_left(const wf_exchange *x, uint32_t index) {
  uint64_t left = 0;
  for (int i = 0; i < JOBS_MAX; i++) {
    const job *j = &x->partner[index].jobs[i];
    for (uint32_t k = 0; j->used && k < j->ranges.count; k++)
      left += j->ranges.range[k].last - j->ranges.range[k].first + 1;
  }
  return left;
}
