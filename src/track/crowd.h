// Close objects: the plots of the last minutes shared out again among all of them together.
#ifndef WF_TRACK_CROWD_H
#define WF_TRACK_CROWD_H

#include "internal.h"

enum {
  CROWD_MEMBERS = 24,
  CROWD_LOOKS = 160,
  CROWD_PLOTS = 48,  // of one look that members may have made
  CROWD_MODES = 6,   // sharings out that are likely and far from each other
};

#define CROWD_QUANTILE_BITS 11
#define NO_PLOT (-1)

// One look as all members see it. States are differences from one common trajectory, velocities in units of
// 1/CROWD_SCALE_S; a plot is what it says of that difference, in sigmas. Each plot adds `information` and its v to what
// is known of the state now, whoever made it.
#define CROWD_SCALE_S 50.0
typedef struct crowd_plot {
  uint16_t index;  // in the look
  double square;
  double r[WF_VIEW_DIM], v[6];
} crowd_plot;

typedef struct crowd_look {
  uint32_t number;
  uint8_t dim, count;
  double miss;  // −ln probability of not being seen
  double gain;  // ln likelihood ratio of a plot on the spot against a miss
  double jac[6 * WF_VIEW_DIM], information[36];
  crowd_plot plot[CROWD_PLOTS];  // in order of r[0]
} crowd_look;

typedef struct crowd_member {
  object *o;   // NULL: one that may be there beside those known
  history *h;  // NULL: nothing is its own yet
  uint32_t crowd;
  double state[6], covariance[36];  // as its track has it, registration taken out
  double prior[36], prior_v[6];     // information before the looks of the scene
  double info[36], v[6];            // with the choices made
  int8_t at[CROWD_LOOKS];           // the choice made in each look, or NO_PLOT
  int8_t best[CROWD_LOOKS];
  double reference[6];           // about which the likeliest is told
  double best_x[6], best_p[36];  // of the likeliest sharing out
  double misfit;                 // its χ² per degree of freedom
  double mean[6], spread[36];    // over all that were sampled: the mean from the likeliest, the covariance
} crowd_member;

// What each plot of a look is worth to a member, against none, all its other choices as they are.
typedef struct crowd_options {
  int count, now;  // now: which is the one it has, −1 none
  double now_value;
  int8_t plot[CROWD_PLOTS];
  double value[CROWD_PLOTS];
  double info[36], v[6];  // without this look
} crowd_options;

typedef struct crowd_mode {
  double score;
  int8_t at[CROWD_MEMBERS][CROWD_LOOKS];
} crowd_mode;

typedef struct wf_crowd {
  int members, known, looks;  // the last member may be one not known yet
  history blank;
  double common[6];
  crowd_look *look;  // CROWD_LOOKS, oldest first
  crowd_member m[CROWD_MEMBERS];
  int8_t owner[CROWD_LOOKS][CROWD_PLOTS];  // the member that made it, or NO_PLOT
  double score, best_score, heat;
  int without;    // a member kept out of it for a while, or −1
  long work;      // members weighed in looks so far
  uint32_t busy;  // crowds shared out in the last look
  crowd_options scratch[CROWD_MEMBERS];
  crowd_mode mode[CROWD_MODES];
  int modes;
  bool collecting;  // modes
  wf_arc_pair pair[CROWD_MEMBERS * CROWD_PLOTS];
  double free_cost[CROWD_MEMBERS];
  wf_assign *assign;
  wf_rng rng;
  double gumbel[1 << CROWD_QUANTILE_BITS];
} wf_crowd;

// crowd_scene.c
bool wf_crowd_gather(wf_tracker *t, wf_crowd *c, wf_time now);
// The state of the likeliest once more, each member seen from where it is itself.
bool wf_crowd_refine(const wf_tracker *t, wf_crowd *c, int index, wf_time now);
// crowd_sample.c
void wf_crowd_open(wf_crowd *c);
// What all would lose if one member were none and its plots the others', beyond what its being there costs.
double wf_crowd_worth(const wf_crowd *c, int index);
void wf_crowd_search(wf_crowd *c);
bool wf_crowd_with(wf_crowd *c, int index, double bonus);
bool wf_crowd_without(wf_crowd *c, int index, double bonus);
void wf_crowd_expel(wf_crowd *c, int index);
bool wf_crowd_sample(wf_crowd *c);

#endif
