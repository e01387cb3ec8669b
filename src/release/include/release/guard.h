// The covariance guard: what leaves tells where the object is, not where it was seen from.
//
// A radar's covariance is short along its line of sight and as wide across as it is far away; so are the errors of its
// means. Rounding the covariance would leave the errors; adding noise to each statement would be averaged away, or make
// the receiver surer than it may be. So the guard measures anew: of what the nation knows it makes the plots of a sensor
// that does not exist, one at every point of a fixed time grid, whose errors have the stated sigma in every direction
// and are independent of each other. Their distribution does not depend on the nation's sensors; a receiver may use each
// as any other increment. docs/release.md derives the draw.
//
// Under thrust nothing is known for long, so there each plot (all plots of a grid step) is given as much noise as makes
// its error a sphere. Lines of sight of infrared satellites have no third dimension and pass.
//
// The noise comes from a secret (an input of the core, so that a replay draws the same) by keyed BLAKE2b. The same
// object at the same time draws the same numbers for every audience: partners that compare notes average nothing away.
#ifndef WF_RELEASE_GUARD_H
#define WF_RELEASE_GUARD_H

#include "base/status.h"
#include "model/contribution.h"

#define WF_GUARD_SECRET_SIZE 32

typedef struct wf_guard wf_guard;

typedef struct wf_guard_level {
  double sigma_m;  // per axis, of a statement
  double grid_s;
  double hold_s;   // what a radar sees is told up to so much later; 0 = at once
} wf_guard_level;

// An object as the own sensors know it.
typedef struct wf_guard_object {
  uint64_t object;
  uint8_t phase, sources;
  double ln_beta, ln_beta_sigma;
  wf_time last_plot;
  void *context;
  // Its state (ECEF m, m/s) and covariance at some time, by all that is known now.
  wf_status (*at)(void *context, uint64_t object, wf_time at, double state[6], double covariance[36]);
} wf_guard_object;

// One per audience. NULL when out of memory. When more objects come than it holds, the one not heard of for longest goes.
wf_guard *wf_guard_new(uint32_t objects_max, const uint8_t secret[WF_GUARD_SECRET_SIZE]);
void wf_guard_free(wf_guard *guard);

// Where radars see an object first and last tells where they stand: on their horizon, or at their reach. So the first and
// the last word about it come later, by a secret that depends on the place alone, the first by 0 to hold_s, the last by 0
// to 4 hold_s: however many flights somebody watches, the edge that he learns is not that of the radars. In between,
// statements are of their time.
// When an object may first be spoken of (radar: one has seen it), as decided at the first question; what was seen by
// satellites alone may at once.
wf_time wf_guard_opens(wf_guard *guard, const wf_guard_level *level, uint64_t object, bool radar, const double pos_ecef_m[3],
                       wf_time now);
// How long after now its last word may be said.
double wf_guard_closes_s(const wf_guard *guard, const wf_guard_level *level, const double pos_ecef_m[3]);

// Whether a new point of the grid has come since the last time this said so.
bool wf_guard_turn(wf_guard *guard, const wf_guard_level *level, wf_time now);
// What is to be told of an object by now, at most one increment per grid point. False: nothing.
bool wf_guard_due(wf_guard *guard, const wf_guard_level *level, const wf_guard_object *object, wf_time now,
                  wf_contribution *out);
// Of which objects it is to be asked: those that are followed, and those just lost.
static inline bool wf_guard_wants(uint8_t life) {
  return life == WF_LIFE_CONFIRMED || life == WF_LIFE_COASTING || life == WF_LIFE_LOST;
}
// The tracker's own increment. True: it may go as it is (a line of sight). False: it was taken in, or is of no further
// use; wf_guard_due tells what it told. Nothing is told about a time before the object was first asked for.
bool wf_guard_take(wf_guard *guard, const wf_guard_level *level, const wf_contribution *increment, wf_time now);
// A place becomes one with an error of the same size in every direction (steps of 2 from sigma_m up).
void wf_guard_place(const wf_guard *guard, double sigma_m, uint64_t object, double pos_ecef_m[3],
                    double covariance_m2[6]);
// So does a launch area: a circle (steps of 2 from 1 km). An object's successive areas share their noise.
void wf_guard_launch(const wf_guard *guard, uint64_t object, wf_launch_area *launch);

// An opaque name for the n-th object: by the secret, so that nobody can tell how many came between two.
uint64_t wf_guard_name(const uint8_t secret[WF_GUARD_SECRET_SIZE], uint64_t n);

#endif
