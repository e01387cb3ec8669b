// Faults of a plan: when each begins, comes and goes, and ends; and how all is well again.
#include "storm_inside.h"

static void stop(storm *s, const wf_storm_fault *f) {
  wf_world_crash(s->world, f->a);
  storm_check_crashes(&s->check);
  if (f->kind == WF_STORM_LOSE_DISK) {
    s->check.lost_disk[f->a] = true;
    wf_world_lose_disk(s->world, f->a);
  }
}

// A disk that rots keeps no promise any more.
static void rot(storm *s, const wf_storm_fault *f) {
  s->check.rotten[f->a] = true;
  for (int i = 0; i < (int)f->amount; i++) wf_world_rot(s->world, f->a, wf_rng_u64(&s->tamper_rng) >> 16);
}

// A faulty sender has been replaced: what it said wrong on this connection counts no more.
static void replace_sender(storm *s, const wf_storm_fault *f) {
  s->corrupt[f->a][f->b] = 0.0;
  wf_world_cut(s->world, f->a, f->b, true);
  wf_world_cut(s->world, f->a, f->b, false);
}

static void all_say(storm *s, uint32_t a, wf_membership membership) {
  if (s->check.revoked[a]) return;
  s->check.revoked[a] = membership == WF_MEMBER_REVOKED;
  s->check.suspended[a] = membership == WF_MEMBER_SUSPENDED;
  for (uint32_t i = 0; i < s->plan->nodes; i++)
    if (i != a) wf_world_membership(s->world, i, a, membership);
}

// Half of them were made from a copy of the disk, the others start with nothing.
static void begin_twin(storm *s, const wf_storm_fault *f) {
  const bool same_disk = wf_rng_uniform(&s->rng) < 0.5;
  if (!wf_world_twin(s->world, f->a, same_disk)) return;
  s->community.config.node[s->plan->nodes] = s->community.config.node[f->a];
  s->twin_of = f->a;
  s->twin_publish_s = s->now_s;
  storm_check_twin(&s->check, f->a);
}

static void links_change_hands(storm *s) {
  for (uint32_t i = 0; i < s->plan->nodes; i++) wf_world_twin_takes(s->world, i, wf_rng_uniform(&s->rng) < 0.5);
}

static void end_twin(storm *s) {
  wf_world_twin_ends(s->world);
  s->twin_of = UINT32_MAX;
}

static void begin(storm *s, const wf_storm_fault *f) {
  switch (f->kind) {
    case WF_STORM_TWIN:
      begin_twin(s, f);
      break;
    case WF_STORM_CUT:
    case WF_STORM_FLAP:
      wf_world_cut(s->world, f->a, f->b, true);
      break;
    case WF_STORM_HOLE:
      wf_world_hole(s->world, f->a, f->b, true);
      break;
    case WF_STORM_DELAY:
      wf_world_delay(s->world, f->a, f->b, wf_ns_from_s(f->amount));
      break;
    case WF_STORM_DELAY_ONE_WAY:
      wf_world_delay_one_way(s->world, f->a, f->b, wf_ns_from_s(f->amount));
      break;
    case WF_STORM_STALL:
      wf_world_stall_reader(s->world, f->a, true);
      break;
    case WF_STORM_CRASH:
    case WF_STORM_LOSE_DISK:
    case WF_STORM_ROT:
      stop(s, f);
      break;
    case WF_STORM_DIE:
      wf_world_doom(s->world, f->a, 1 + (uint32_t)f->amount);
      break;
    case WF_STORM_ROT_LIVE:
      rot(s, f);
      break;
    case WF_STORM_SLOW_DISK:
      wf_world_slow_disk(s->world, f->a, wf_ns_from_s(f->amount));
      break;
    case WF_STORM_FULL_DISK:
      wf_world_full_disk(s->world, f->a, true);
      s->check.full_disk[f->a] = true;
      break;
    case WF_STORM_CLOCK_STEP:
      wf_world_step_clock(s->world, f->a, wf_ns_from_s(f->amount));
      break;
    case WF_STORM_CLOCK_DRIFT:
      wf_world_drift_clock(s->world, f->a, (int64_t)f->amount);
      break;
    case WF_STORM_SENSOR:
      s->sensor_trouble_s[f->a] = f->amount;
      break;
    case WF_STORM_CORRUPT:
      s->corrupt[f->a][f->b] = f->amount;
      s->check.corrupts[f->a] = true;
      break;
    case WF_STORM_LIE:
      s->lie[f->a][f->b] = f->amount;
      s->check.lies[f->a] = true;
      break;
    case WF_STORM_SUSPEND:
      all_say(s, f->a, WF_MEMBER_SUSPENDED);
      break;
    case WF_STORM_REVOKE:
      all_say(s, f->a, WF_MEMBER_REVOKED);
      break;
    case WF_STORM_JOIN:
    case WF_STORM_REPEAT:
    case WF_STORM_FAULT_KINDS:
      break;
  }
}

static void end(storm *s, const wf_storm_fault *f) {
  switch (f->kind) {
    case WF_STORM_TWIN:
      end_twin(s);
      break;
    case WF_STORM_CUT:
    case WF_STORM_FLAP:
      wf_world_cut(s->world, f->a, f->b, false);
      break;
    case WF_STORM_HOLE:
      wf_world_hole(s->world, f->a, f->b, false);
      break;
    case WF_STORM_DELAY:
      wf_world_delay(s->world, f->a, f->b, 0);
      break;
    case WF_STORM_DELAY_ONE_WAY:
      wf_world_delay_one_way(s->world, f->a, f->b, 0);
      break;
    case WF_STORM_STALL:
      wf_world_stall_reader(s->world, f->a, false);
      break;
    case WF_STORM_ROT:
      if (!wf_world_up(s->world, f->a)) rot(s, f);
      wf_world_restart(s->world, f->a);
      break;
    case WF_STORM_DIE:
      wf_world_doom(s->world, f->a, 0);
      wf_world_restart(s->world, f->a);
      break;
    case WF_STORM_CRASH:
    case WF_STORM_LOSE_DISK:
    case WF_STORM_JOIN:
      wf_world_restart(s->world, f->a);
      break;
    case WF_STORM_SLOW_DISK:
      wf_world_slow_disk(s->world, f->a, 0);
      break;
    case WF_STORM_FULL_DISK:
      wf_world_full_disk(s->world, f->a, false);
      break;
    case WF_STORM_CLOCK_STEP:
      wf_world_step_clock(s->world, f->a, wf_ns_from_s(-f->amount));
      break;
    case WF_STORM_CLOCK_DRIFT:
      wf_world_drift_clock(s->world, f->a, 0);
      break;
    case WF_STORM_SENSOR:
      s->sensor_trouble_s[f->a] = -1.0;
      break;
    case WF_STORM_CORRUPT:
      replace_sender(s, f);
      break;
    case WF_STORM_LIE:
      s->lie[f->a][f->b] = 0.0;
      break;
    case WF_STORM_SUSPEND:
      all_say(s, f->a, WF_MEMBER);
      break;
    case WF_STORM_REVOKE:
    case WF_STORM_REPEAT:
    case WF_STORM_ROT_LIVE:
    case WF_STORM_FAULT_KINDS:
      break;
  }
}

// Faults that come and go while they last: how far apart.
static double period_s(const wf_storm_fault *f) {
  if (f->kind == WF_STORM_FLAP || f->kind == WF_STORM_TWIN) return f->amount;
  return f->kind == WF_STORM_REPEAT ? 1.0 / f->amount : 0.0;
}

static double next_of(const wf_storm_fault *f, double after_s) {
  const double every_s = period_s(f);
  if (f->from_s > after_s) return f->from_s;
  if (f->to_s <= after_s) return 1e9;
  if (every_s <= 0.0) return f->to_s;
  double at_s = f->from_s + (double)(long)((after_s - f->from_s) / every_s) * every_s;
  while (at_s <= after_s) at_s += every_s;
  return at_s < f->to_s ? at_s : f->to_s;
}

double storm_faults_next(const storm *s) {
  double next_s = 1e9;
  for (size_t i = 0; i < s->plan->fault_count; i++) {
    const double at_s = next_of(&s->plan->fault[i], s->now_s);
    if (at_s < next_s) next_s = at_s;
  }
  return next_s;
}

static void come_and_go(storm *s, const wf_storm_fault *f, double at_s) {
  if (f->kind == WF_STORM_FLAP)
    wf_world_cut(s->world, f->a, f->b, (long)((at_s - f->from_s) / f->amount + 0.5) % 2 == 0);
  else if (f->kind == WF_STORM_TWIN)
    links_change_hands(s);
  else
    storm_repeat(s, f->a, f->b);
}

void storm_faults_at(storm *s, double at_s) {
  for (size_t i = 0; i < s->plan->fault_count; i++) {
    const wf_storm_fault *f = &s->plan->fault[i];
    if (next_of(f, s->now_s) != at_s) continue;
    if (f->from_s == at_s) {
      begin(s, f);
    } else if (f->to_s == at_s) {
      end(s, f);
    } else {
      come_and_go(s, f, at_s);
    }
  }
}

// A disk with damage in it is looked through, as at every start.
static void look_through_disk(storm *s, uint32_t a) {
  if (s->check.rotten[a]) wf_world_crash(s->world, a);
  storm_check_crashes(&s->check);
}

void storm_heal(storm *s) {
  end_twin(s);
  for (uint32_t a = 0; a < s->plan->nodes; a++) {
    wf_world_doom(s->world, a, 0);
    look_through_disk(s, a);
    wf_world_restart(s->world, a);
    wf_world_stall_reader(s->world, a, false);
    wf_world_slow_disk(s->world, a, 0);
    wf_world_full_disk(s->world, a, false);
    wf_world_drift_clock(s->world, a, 0);
    if (s->check.suspended[a]) all_say(s, a, WF_MEMBER);
    for (uint32_t b = 0; b < a; b++) {
      s->corrupt[a][b] = s->corrupt[b][a] = s->lie[a][b] = s->lie[b][a] = 0.0;
      wf_world_cut(s->world, a, b, false);
      wf_world_hole(s->world, a, b, false);
      wf_world_hole(s->world, b, a, false);
      wf_world_delay(s->world, a, b, 0);
    }
  }
}
