// Close objects: the plots of the last minutes shared out again among all of them together.
#ifndef WF_TRACK_CROWD_H
#define WF_TRACK_CROWD_H

#include "internal.h"

enum {
  CROWD_MEMBERS = 24,
  CROWD_LOOKS = 160,
  CROWD_CHOICES = 12,  // plots one member may have made in one look
};

#define NO_CHOICE (-1)

// One member in one look: what its plots tell of its state now, and which of them it may have made. The state is the
// difference from a reference trajectory, velocities in units of 1/CROWD_SCALE_S; residuals and Jacobian are in sigmas.
#define CROWD_SCALE_S 50.0
typedef struct cell {
  uint8_t dim, count;
  bool open;  // something else than its own is likely enough to be weighed by itself
  int8_t at;  // the choice made, or NO_CHOICE
  uint16_t plot[CROWD_CHOICES];
  double jac[6 * WF_VIEW_DIM];
  double r[CROWD_CHOICES][WF_VIEW_DIM];
} cell;

typedef struct crowd_member {
  object *o;   // NULL: one that may be there beside those known
  history *h;  // NULL: nothing is its own yet
  uint32_t crowd;
  double covariance[36];
  double reference[6];           // where it is thought to be now, registration taken out
  double misfit;                 // χ² per degree of freedom of the likeliest
  double prior[36], prior_v[6];  // information before the looks of the scene
  double info[36], v[6];         // with the choices made
  double best_x[6], best_p[36];  // of the likeliest sharing out
  double mean[6], spread[36];    // over all that were sampled, about best_x
} crowd_member;

typedef struct wf_crowd {
  int members, known, looks;  // the last may be one not known yet
  history blank;
  uint32_t look[CROWD_LOOKS];
  double middle[6];
  double miss[CROWD_LOOKS];  // −ln probability of not being seen
  double gain[CROWD_LOOKS];  // ln likelihood ratio of a plot on the spot against a miss
  crowd_member m[CROWD_MEMBERS];
  cell *cell;  // members × CROWD_LOOKS
  int8_t best[CROWD_MEMBERS][CROWD_LOOKS];
  double score, best_score, heat;
  int sampled;
  wf_rng rng;
  struct contest {
    uint8_t member;
    uint8_t look;
  } contest[CROWD_MEMBERS * CROWD_LOOKS];
  int contests;
  int without;  // a member kept out of it for a while, or −1
} wf_crowd;

static inline cell *wf_crowd_cell(const wf_crowd *c, int member, int look) {
  return &c->cell[member * CROWD_LOOKS + look];
}

// crowd_scene.c
bool wf_crowd_gather(wf_tracker *t, wf_crowd *c, wf_time now);
// crowd_sample.c
void wf_crowd_add(const cell *e, int choice, double sign, double info[36], double v[6]);
// What all would lose if one member were none and its plots the others', beyond what its being there costs.
double wf_crowd_worth(const wf_crowd *c, int index);
void wf_crowd_contests(wf_crowd *c);
void wf_crowd_search(wf_crowd *c);
bool wf_crowd_without(wf_crowd *c, int index, double bonus);
void wf_crowd_expel(wf_crowd *c, int index);
bool wf_crowd_sample(wf_crowd *c, int sweeps);

#endif
