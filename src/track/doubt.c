// What to do when a track stops fitting its plots: the running mean of χ² per component should be 1.
//   1. Straight flight turns: more acceleration noise at once, less again when it fits.
//   2. A free fall that is off by a lot, suddenly, is pushed: it may be under thrust again, or manoeuvre. That
//      hypothesis is opened beside it; if it wins, the track is in boost (above the air) or not ballistic.
//   3. A free fall that is off by a little for long (a plot of a neighbour, an error of the sensor): its covariance
//   grows.
#include <math.h>

#include "internal.h"

#define MISFIT_SUDDEN 3.5  // a dozen components in memory: three in 10⁵
#define TURN_SUDDEN 3.2
#define GROWTH 1.25  // of the covariance, per plot that is a misfit
#define PLOTS_BEFORE 8
#define AIR_NOISE_MAX 1000.0
#define AIR_NOISE_TURN 100.0
#define TURN_M_S2 10.0
#define AIR_CLIMB_MOST_M_S 200.0
#define AIR_SPEED_MOST_M_S 1000.0
#define DRAG_MISFIT 2.2
#define DRAG_LN_SIGMA 0.8
#define DRAG_KNOWN 0.4
#define DRAG_AGAIN_S 15.0
#define PUSH_WEIGHT 0.02
#define PUSH_SIGMA_M_S2 20.0
#define PUSH_SINCE_S 6.0  // it began some plots ago
#define AGAIN_SINCE_S 3.0
#define BALLISTIC_FLOOR_M 80e3
#define FLAME_SINCE_S 2.0  // satellites look every second or two

bool wf_track_may_turn(const object *o) {
  return o->height_m < BALLISTIC_FLOOR_M && o->climb_m_s < 0.0 && o->pub.burnout.ns != 0 && wf_track_is_firm(o);
}

static void widen(wf_filter *f) {
  for (int i = 0; i < f->size * f->size; i++) f->p[i] *= GROWTH;
}

// A hypothesis of any push since a while, in no preferred direction: by wings where air carries, or by an engine.
static void open_push(object *o, int from, double since_s, bool wings) {
  const wf_filter *fall = &o->slot[from];
  wf_filter *push = &o->slot[SLOT_BOOST];
  *push = (wf_filter){.model = wings ? WF_MODEL_MANOEUVRE : WF_MODEL_BOOST, .size = 9};
  for (int i = 0; i < 6; i++) {
    push->x[i] = fall->x[i];
    for (int j = 0; j < 6; j++) push->p[9 * i + j] = fall->p[fall->size * i + j];
  }
  wf_track_add_push(push, PUSH_SIGMA_M_S2, since_s);
  o->active |= 1u << SLOT_BOOST;
  o->weight[SLOT_BOOST] = PUSH_WEIGHT;
  wf_track_normalise(o);
}

// 4. What was taken for burnt out, and is seen by its flame again: the next stage.
bool wf_track_flame(object *o, wf_time seen) {
  const int lead = wf_track_best_slot(o);
  const bool falls = lead == SLOT_COAST || lead == SLOT_BURNT;
  if (!falls || wf_track_has(o, SLOT_BOOST) || !wf_track_is_firm(o)) return false;
  if (o->pub.burnout.ns != 0 && seen.ns <= o->pub.burnout.ns) return false;  // of before, and late
  open_push(o, lead, FLAME_SINCE_S, false);
  return true;
}

// In air a body may have broken or begun to tumble: its drag is anybody's guess again before wings are thought of.
static void doubt_drag(object *o, int slot) {
  wf_filter *f = &o->slot[slot];
  if (f->size != 7 || o->brisk < DRAG_MISFIT || f->p[48] > DRAG_KNOWN * DRAG_KNOWN) return;
  if (o->drag_doubted.ns != 0 && wf_time_diff_s(o->time, o->drag_doubted) < DRAG_AGAIN_S) return;
  f->p[48] += DRAG_LN_SIGMA * DRAG_LN_SIGMA;
  o->drag_doubted = o->time;
}

// Climbs or flies as no wing does: it has an engine to stand on, or falls.
static bool outflies_air(const object *o) {
  const wf_filter *f = &o->slot[SLOT_AIR];
  const double sigma = wf_sqrt(f->p[21] + f->p[28] + f->p[35]);
  return o->climb_m_s - 2.0 * sigma > AIR_CLIMB_MOST_M_S || wf_vec_norm(f->x + 3) - 2.0 * sigma > AIR_SPEED_MOST_M_S;
}

static void doubt_air(object *o) {
  if (o->brisk > TURN_SUDDEN && o->air_noise < AIR_NOISE_TURN) {
    wf_track_add_push(&o->slot[SLOT_AIR], TURN_M_S2, PUSH_SINCE_S);
    o->air_noise = AIR_NOISE_TURN;
    o->brisk = o->fit = 1.0;
  }
  if (o->fit > 1.5 && o->air_noise < AIR_NOISE_MAX) o->air_noise *= 2.0;
  if (o->fit < 1.1 && o->air_noise > 1.0) o->air_noise /= 1.6;
  if (o->air_noise < 1.0) o->air_noise = 1.0;
}

void wf_track_doubt(wf_tracker *t, object *o) {
  if (o->pub.plots < PLOTS_BEFORE) return;
  const int lead = wf_track_best_slot(o);
  if (o->active == 1u << SLOT_AIR) {
    if (outflies_air(o)) {
      open_push(o, SLOT_AIR, PUSH_SINCE_S, false);
      o->weight[SLOT_BOOST] = 1.0 - o->weight[SLOT_BOOST];
      o->weight[SLOT_AIR] = 1.0 - o->weight[SLOT_BOOST];
    } else {
      doubt_air(o);
    }
    return;
  }
  if (lead == SLOT_BOOST && o->slot[lead].model == WF_MODEL_MANOEUVRE && o->brisk > TURN_SUDDEN) {
    wf_track_add_push(&o->slot[lead], PUSH_SIGMA_M_S2, AGAIN_SINCE_S);  // it turns harder
    o->fit = o->brisk = 1.0;
  }
  if (lead != SLOT_COAST && lead != SLOT_BURNT) return;
  if (wf_track_has(o, SLOT_BOOST)) return;
  doubt_drag(o, lead);
  if (o->brisk > MISFIT_SUDDEN) {
    open_push(o, lead, PUSH_SINCE_S, wf_track_may_turn(o));
    o->fit = o->brisk = 1.0;
  } else if (o->fit > MISFIT) {
    widen(&o->slot[lead]);
    o->blurred = true;
  }
}
