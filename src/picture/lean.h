// How what a nation knows of an object alone depends on the registration errors b of its one radar (range, azimuth,
// elevation) and of its clock: given b, the state is N(x̂ + V b, P), with x̂ and P those of the member's own filter.
// Friedland (1969), in information form; estimate/registration.h does the same beside plots.
#ifndef WF_PICTURE_LEAN_H
#define WF_PICTURE_LEAN_H

#include <stdbool.h>
#include <stdint.h>

#include "model/contribution.h"

#define WF_LEAN 4  // range m, azimuth rad, elevation rad, clock s (its stamps are late by so much)

typedef struct wf_lean {
  uint8_t known;  // everything in the filter has said how it depends
  double v[6 * WF_LEAN];
  // What its own increments say of b by themselves: −2 ln L = bᵀ information b − 2 vectorᵀ b.
  double information[WF_LEAN * WF_LEAN], vector[WF_LEAN];
} wf_lean;

void wf_lean_carry(wf_lean *lean, const double stm[36]);
// Beside the filter's update by that increment: its state before, its covariance after (n×n, n ≥ 6). fresh: the filter
// began with it, and `before` is its reference.
void wf_lean_measure(wf_lean *lean, const wf_tracklet *tracklet, bool vacuum, bool fresh, const double before[6],
                     const double *p_after, int n);

#endif
