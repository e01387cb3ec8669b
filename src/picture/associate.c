// Whose object is whose: a new object against the tracks there are, members against the rest of their track, tracks
// against each other. Candidates within a gate are ranked by d² + ln det S (the log likelihood, without constants).
#include "base/fmath.h"
#include "base/mat.h"
#include "geo/wgs84.h"
#include "rules.h"

#define GATE_CHI2 27.9    // 6 degrees of freedom, 1e-4
#define SPLIT_FACTOR 2.0  // further out to leave a track than to come in
#define SPLIT_STRIKES 3
#define RECHECK_EVERY 5  // s; young members every second
#define YOUNG_CONTRIBUTIONS 10
#define YOUNG_S 60.0
#define SIGMA_MAX_M 300e3  // two things this vague are not told to be one
#define PAIRS_MAX 512
// Nations' registration is not aligned: 0.5 mrad at 1,000 km and 20 m in each of two radars, and what follows for
// the velocity. In boost the model itself lags at pitch-over and staging.
#define LOOSE_POS_M 700.0
#define LOOSE_VEL_M_S 5.0
#define LOOSE_BOOST_POS_M 1500.0
#define LOOSE_BOOST_VEL_M_S 100.0
#define LOOSE_SEED_VEL_M_S 4000.0  // a coarse place says nothing about velocity

static wf_status compare(const wf_flight *a, const wf_flight *b, double *chi2, double *cost) {
  const bool boost = a->mode == WF_FLIGHT_BOOST || b->mode == WF_FLIGHT_BOOST;
  const bool seed = a->mode == WF_FLIGHT_SEED || b->mode == WF_FLIGHT_SEED;
  const double pos = boost || seed ? LOOSE_BOOST_POS_M : LOOSE_POS_M;
  const double vel = seed ? LOOSE_SEED_VEL_M_S : (boost ? LOOSE_BOOST_VEL_M_S : LOOSE_VEL_M_S);
  return wf_flight_distance(a, b, pos, vel, chi2, cost);
}

// Cheap and generous: may these two be within each other's gate at all?
static bool near(const wf_flight *a, const wf_flight *b, wf_time at) {
  const double dt = wf_time_diff_s(at, a->time), du = wf_time_diff_s(at, b->time);
  const double reach = 6.0 * SIGMA_MAX_M;
  double d2 = 0.0;
  for (int i = 0; i < 3; i++) {
    const double d = a->filter.x[i] + (a->mode >= WF_FLIGHT_BOOST ? a->filter.x[i + 3] * dt : 0.0) - b->filter.x[i] -
                     (b->mode >= WF_FLIGHT_BOOST ? b->filter.x[i + 3] * du : 0.0);
    d2 += d * d;
  }
  const double slack = 50e3 + 10.0 * (dt * dt + du * du);  // gravity and thrust bend the straight line
  const double vague2 = 36.0 * (wf_flight_position_variance(a) + wf_flight_position_variance(b)) +
                        36.0 * (dt * dt * wf_flight_velocity_variance(a) + du * du * wf_flight_velocity_variance(b));
  const double bound2 = vague2 < reach * reach ? vague2 : reach * reach;
  return d2 < 2.0 * (slack * slack + bound2);
}

static bool vague(const wf_flight *a, const wf_flight *b) {
  return wf_flight_position_variance(a) + wf_flight_position_variance(b) > SIGMA_MAX_M * SIGMA_MAX_M;
}

// Both of one nation and from one source of it: such a source tells its objects apart. What a nation's sensors follow
// and what others told it may well be one.
static bool one_teller(const wf_pic_member *a, const wf_pic_member *b) {
  return wf_nation_compare(a->nation, b->nation) == 0 && a->reported == b->reported &&
         wf_reported_kind(a->reported) != WF_REPORTED_VOICE;
}

// Whether the teller of m follows another object in this track. What a node followed before it started anew it no
// longer holds (orphans, apply.c).
static bool follows(const wf_pic_world *w, const wf_pic_track *t, const wf_pic_member *m, wf_time at) {
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_member *o = &w->member[i];
    if (one_teller(o, m) && wf_pic_holds(o, at)) return true;
  }
  return false;
}

static bool open_for_more(const wf_pic_track *t) {
  return t->used && t->fused.mode != WF_FLIGHT_NONE && t->life != WF_LIFE_ENDED && t->life != WF_LIFE_FAILED;
}

#define LAUNCH_LOOSE_M 10e3  // a launch estimate from boost is off by as much, and places are told by name
#define LAUNCH_LOOSE_S 20.0
#define LAUNCH_SIGMAS 3.0
#define CHI2_2_95 5.991

bool wf_pic_better_launch(const wf_pic_track *t, const wf_launch_area *l, bool reported) {
  if (!l->valid) return false;
  if (t->launch.valid && (t->launch_reported != 0) != reported) return !reported;
  return !t->launch.valid || l->area.semi_major_95_m <= t->launch.area.semi_major_95_m;
}

bool wf_pic_same_launch(const wf_launch_area *a, const wf_launch_area *b) {
  if (!a->valid || !b->valid) return false;
  const double unsure_s = LAUNCH_SIGMAS * (a->time_sigma_s + b->time_sigma_s) + LAUNCH_LOOSE_S;
  const double apart_s = wf_time_diff_s(a->time, b->time);
  const double north_m = (a->area.lat_rad - b->area.lat_rad) * WF_WGS84_A_M;
  const double east_m = wf_wrap_pi(a->area.lon_rad - b->area.lon_rad) * WF_WGS84_A_M * wf_cos(a->area.lat_rad);
  const double sigma2 =
      (a->area.semi_major_95_m * a->area.semi_major_95_m + b->area.semi_major_95_m * b->area.semi_major_95_m) /
          CHI2_2_95 +
      LAUNCH_LOOSE_M * LAUNCH_LOOSE_M;
  return apart_s < unsure_s && apart_s > -unsure_s &&
         north_m * north_m + east_m * east_m < LAUNCH_SIGMAS * LAUNCH_SIGMAS * sigma2;
}

// A reported launch that came late belongs to the object whose launch was estimated there and then; of several, the
// nearest in time, then the earliest named.
static uint32_t launched_there(const wf_pic_world *w, const wf_pic_member *m, wf_time at) {
  uint32_t best = WF_NIL;
  double best_s = 0.0;
  for (uint32_t i = 0; i < w->state->tracks_high; i++) {
    const wf_pic_track *t = &w->track[i];
    if (!open_for_more(t) || !wf_pic_same_launch(&t->launch, &m->launch) || follows(w, t, m, at)) continue;
    double s = wf_time_diff_s(t->launch.time, m->launch.time);
    if (s < 0.0) s = -s;
    if (best != WF_NIL && (s > best_s || (s == best_s && t->number > w->track[best].number))) continue;
    best = i;
    best_s = s;
  }
  return best;
}

// A nation that follows two objects says that they are two: such tracks are not candidates.
uint32_t wf_pic_candidate(const wf_pic_world *w, uint32_t member, wf_time at) {
  const wf_pic_member *m = &w->member[member];
  uint32_t best = WF_NIL;
  double best_cost = 0.0;
  if (m->alone.mode == WF_FLIGHT_NONE) return WF_NIL;
  for (uint32_t i = 0; i < w->state->tracks_high; i++) {
    const wf_pic_track *t = &w->track[i];
    if (!open_for_more(t) || !near(&t->fused, &m->alone, at) || follows(w, t, m, at)) continue;
    wf_flight f = t->fused;
    double chi2, cost;
    wf_flight_predict(&f, w->vacuum, at);
    if (vague(&f, &m->alone) || compare(&f, &m->alone, &chi2, &cost) != WF_OK || chi2 > w->gate_chi2) continue;
    if (best != WF_NIL && (cost > best_cost || (cost == best_cost && t->number > w->track[best].number))) continue;
    best = i;
    best_cost = cost;
  }
  if (best == WF_NIL && m->reported != 0 && m->launch.valid) best = launched_there(w, m, at);
  return best;
}

static bool summand(const wf_pic_world *w, const wf_pic_member *m, uint8_t mode, wf_time at, wf_flight *f) {
  if (!m->tracklets || m->reported != 0 || m->alone.ground == WF_FLIGHT_DOWN || m->strikes > 0) return false;
  *f = m->alone;
  wf_flight_predict(f, w->vacuum, at);
  return f->mode == mode;
}

static uint32_t best_member(const wf_pic_world *w, const wf_pic_track *t, uint8_t mode, wf_time at, wf_flight *out) {
  uint32_t best = WF_NIL;
  wf_flight f;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    if (!summand(w, &w->member[i], mode, at, &f)) continue;
    if (best != WF_NIL && wf_flight_position_variance(&f) >= wf_flight_position_variance(out)) continue;
    best = i;
    *out = f;
  }
  return best;
}

void wf_pic_intersect(const wf_pic_world *w, const wf_pic_track *t, wf_time at, wf_flight *f) {
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_pic_member *m = &w->member[i];
    wf_flight g = m->alone;
    double chi2, cost;
    if (m->reported == 0 || !m->tracklets || g.ground == WF_FLIGHT_DOWN || m->strikes > 0) continue;
    wf_flight_predict(&g, w->vacuum, at);
    if (f->mode < WF_FLIGHT_BOOST)
      *f = g;
    else if (compare(f, &g, &chi2, &cost) == WF_OK && chi2 <= SPLIT_FACTOR * w->gate_chi2)
      (void)wf_flight_intersect(f, &g);
  }
}

bool wf_pic_sum(const wf_pic_world *w, const wf_pic_track *t, uint8_t mode, wf_time at, wf_flight *out) {
  out->mode = WF_FLIGHT_NONE;
  const uint32_t best = best_member(w, t, mode, at, out);
  const wf_flight anchor = *out;
  wf_flight f;
  if (best == WF_NIL) return false;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    double chi2, cost;
    if (i == best || !summand(w, &w->member[i], mode, at, &f)) continue;
    if (compare(&anchor, &f, &chi2, &cost) == WF_OK && chi2 <= SPLIT_FACTOR * w->gate_chi2)
      (void)wf_flight_join(out, &f);
  }
  wf_pic_intersect(w, t, at, out);
  return true;
}

// The mode of the member that knows the velocity best.
static wf_flight_mode leading_mode(const wf_pic_world *w, const wf_pic_track *t, wf_time at) {
  wf_flight_mode mode = WF_FLIGHT_NONE;
  double least = 0.0;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    wf_flight f = w->member[i].alone;
    if (!w->member[i].tracklets || w->member[i].reported != 0 || f.ground == WF_FLIGHT_DOWN || w->member[i].strikes > 0)
      continue;
    wf_flight_predict(&f, w->vacuum, at);
    const double variance = wf_flight_velocity_variance(&f);
    if (mode != WF_FLIGHT_NONE && variance >= least) continue;
    mode = (wf_flight_mode)f.mode;
    least = variance;
  }
  return mode;
}

void wf_pic_rebuild(wf_pic_world *w, uint32_t track, wf_time at) {
  wf_pic_track *t = &w->track[track];
  wf_flight f;
  if (wf_pic_sum(w, t, leading_mode(w, t, at), at, &f)) {
    t->fused = f;
    return;
  }
  f.mode = WF_FLIGHT_NONE;
  wf_pic_intersect(w, t, at, &f);
  if (f.mode != WF_FLIGHT_NONE) {  // only others follow it
    t->fused = f;
    return;
  }
  if (t->fused.mode >= WF_FLIGHT_BOOST) return;  // what there is stays, rather than nothing
  t->fused.mode = WF_FLIGHT_NONE;
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    const wf_flight *seed = &w->member[i].alone;
    if (seed->mode == WF_FLIGHT_SEED &&
        (t->fused.mode == WF_FLIGHT_NONE || wf_flight_position_variance(seed) < wf_flight_position_variance(&t->fused)))
      t->fused = *seed;
  }
}

static void detach(wf_pic_world *w, uint32_t member, wf_time at) {
  const uint32_t old = w->member[member].track;
  const uint32_t track = wf_pic_track_add(w, &w->member[member].first, w->track[old].event, at);
  if (track == WF_NIL) return;
  wf_pic_leave(w, member);
  wf_pic_join(w, member, track);
  w->track[track].last_valid = w->member[member].last_valid;
  w->track[track].sources = w->member[member].sources;
  w->track[track].launch = w->member[member].launch;
  w->track[track].launch_reported = w->member[member].reported != 0;
  wf_pic_rebuild(w, track, at);
  wf_pic_rebuild(w, old, at);
  wf_pic_life(w, track, at);
  wf_pic_life(w, old, at);
}

static bool is_founder(const wf_pic_world *w, const wf_pic_member *m) {
  return wf_pic_key_compare(&m->first, &w->track[m->track].founder) == 0;
}

// A member strays that disagrees with most of the others who follow the object now. Of two, the later one: the
// founder keeps the number. Compared one by one, since a sum with a stray in it agrees with nobody.
static bool strays(const wf_pic_world *w, uint32_t member, wf_time at) {
  const wf_pic_member *m = &w->member[member];
  const wf_pic_track *t = &w->track[m->track];
  wf_flight own = m->alone;
  int others = 0, against = 0;
  wf_flight_predict(&own, w->vacuum, at);
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track) {
    wf_flight other = w->member[i].alone;
    double chi2, cost;
    if (i == member || !w->member[i].tracklets || !wf_pic_active(&w->member[i], at)) continue;
    if (w->member[i].reported != 0 && m->reported == 0) continue;  // what is told does not overrule what is seen
    wf_flight_predict(&other, w->vacuum, at);
    if (other.mode != own.mode || compare(&own, &other, &chi2, &cost) != WF_OK) continue;
    others++;
    against += chi2 > SPLIT_FACTOR * w->gate_chi2;
  }
  return 2 * against > others && (others > 1 || !is_founder(w, m));
}

static void check_member(wf_pic_world *w, uint32_t member, wf_time at) {
  wf_pic_member *m = &w->member[member];
  const bool left_out = m->strikes >= SPLIT_STRIKES;
  if (strays(w, member, at)) {
    if (++m->strikes >= SPLIT_STRIKES) detach(w, member, at);
    return;
  }
  // Increments were left out, yet its own state agrees with the others': the fused state is the wrong one.
  m->strikes = 0;
  if (left_out) wf_pic_rebuild(w, m->track, at);
}

void wf_pic_recheck(wf_pic_world *w, wf_time at) {
  for (uint32_t i = 0; i < w->state->members_high; i++) {
    const wf_pic_member *m = &w->member[i];
    if (!m->used || !m->tracklets || !wf_pic_active(m, at)) continue;
    const wf_pic_track *t = &w->track[m->track];
    if (w->member[t->first_member].next_in_track == WF_NIL) continue;
    const bool turn = (uint64_t)(at.ns / WF_NS_PER_S) % RECHECK_EVERY == t->number % RECHECK_EVERY;
    if (m->contributions <= YOUNG_CONTRIBUTIONS || m->strikes > 0 || turn) check_member(w, i, at);
  }
}

typedef struct pair {
  double cost;
  uint32_t older, younger;
} pair;

static bool exclusive(const wf_pic_world *w, const wf_pic_track *a, const wf_pic_track *b, wf_time at) {
  for (uint32_t i = a->first_member; i != WF_NIL; i = w->member[i].next_in_track)
    if (wf_pic_holds(&w->member[i], at) && follows(w, b, &w->member[i], at)) return true;
  return false;
}

// A launch that somebody told of, and nothing that was seen.
static bool only_reported(const wf_pic_world *w, const wf_pic_track *t) {
  for (uint32_t i = t->first_member; i != WF_NIL; i = w->member[i].next_in_track)
    if (w->member[i].reported == 0 || w->member[i].tracklets) return false;
  return true;
}

static bool mergeable(const wf_pic_world *w, uint32_t i, uint32_t j, wf_time at, double *cost) {
  const wf_pic_track *a = &w->track[i], *b = &w->track[j];
  const bool told = a->launch_reported != b->launch_reported && only_reported(w, a) != only_reported(w, b) &&
                    wf_pic_same_launch(&a->launch, &b->launch);
  if ((!told && !near(&a->fused, &b->fused, at)) || exclusive(w, a, b, at)) return false;
  if (a->life != WF_LIFE_CONFIRMED && b->life != WF_LIFE_CONFIRMED) return false;
  wf_flight f = a->fused, g = b->fused;
  double chi2;
  *cost = 0.0;
  if (told) return true;
  wf_flight_predict(&f, w->vacuum, at);
  wf_flight_predict(&g, w->vacuum, at);
  return !vague(&f, &g) && compare(&f, &g, &chi2, cost) == WF_OK && chi2 <= w->gate_chi2;
}

static bool unsettled(const wf_pic_track *t, wf_time at) {
  return wf_time_diff_s(at, t->created) < YOUNG_S ||
         (uint64_t)(at.ns / WF_NS_PER_S) % RECHECK_EVERY == t->number % RECHECK_EVERY;
}

static size_t find_pairs(const wf_pic_world *w, wf_time at, pair pairs[PAIRS_MAX]) {
  size_t count = 0;
  for (uint32_t i = 0; i < w->state->tracks_high; i++) {
    if (!open_for_more(&w->track[i])) continue;
    for (uint32_t j = i + 1; j < w->state->tracks_high; j++) {
      const wf_pic_track *a = &w->track[i], *b = &w->track[j];
      double cost;
      if (!open_for_more(b) || (!unsettled(a, at) && !unsettled(b, at)) || !mergeable(w, i, j, at, &cost)) continue;
      const bool first = wf_pic_key_compare(&a->founder, &b->founder) < 0;
      pairs[count++] = (pair){cost, first ? i : j, first ? j : i};
      if (count == PAIRS_MAX) return count;
    }
  }
  return count;
}

static bool any_reported(const wf_pic_world *w, uint32_t track) {
  for (uint32_t i = w->track[track].first_member; i != WF_NIL; i = w->member[i].next_in_track)
    if (w->member[i].reported != 0) return true;
  return false;
}

static void merge(wf_pic_world *w, uint32_t older, uint32_t younger, wf_time at, const wf_pic_witness *witness) {
  wf_pic_track *a = &w->track[older], *b = &w->track[younger];
  if (witness != NULL) {
    witness->superseded(witness->context, b->number, a->number);
    if (a->event != b->event) witness->superseded(witness->context, b->event, a->event);
  }
  wf_flight_predict(&a->fused, w->vacuum, at);
  wf_flight_predict(&b->fused, w->vacuum, at);
  while (b->first_member != WF_NIL) {
    const uint32_t m = b->first_member;
    wf_pic_leave(w, m);
    wf_pic_join(w, m, older);
  }
  if (a->fused.mode != b->fused.mode || a->fused.mode < WF_FLIGHT_BOOST || any_reported(w, older) ||
      wf_flight_join(&a->fused, &b->fused) != WF_OK)
    wf_pic_rebuild(w, older, at);
  if (a->last_valid.ns < b->last_valid.ns) a->last_valid = b->last_valid;
  if (a->created.ns > b->created.ns) a->created = b->created;
  if (a->burnout.ns == 0) a->burnout = b->burnout;
  if (wf_pic_better_launch(a, &b->launch, b->launch_reported)) {
    a->launch = b->launch;
    a->launch_reported = b->launch_reported;
  }
  a->sources |= b->sources;
  wf_pic_track_remove(w, younger);
  wf_pic_life(w, older, at);
}

// Best pairs first; each track takes part once in a second, so that no chain forms on stale distances.
void wf_pic_merge(wf_pic_world *w, wf_time at, const wf_pic_witness *witness) {
  pair pairs[PAIRS_MAX];
  const size_t count = find_pairs(w, at, pairs);
  for (size_t done = 0; done < count; done++) {
    size_t best = count;
    for (size_t k = 0; k < count; k++) {
      if (pairs[k].older == WF_NIL) continue;
      if (best == count || pairs[k].cost < pairs[best].cost) best = k;
    }
    if (best == count) return;
    const pair p = pairs[best];
    merge(w, p.older, p.younger, at, witness);
    for (size_t k = 0; k < count; k++)
      if (pairs[k].older == p.older || pairs[k].older == p.younger || pairs[k].younger == p.older ||
          pairs[k].younger == p.younger)
        pairs[k].older = WF_NIL;
  }
}
