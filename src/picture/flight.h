// One object's filter inside the picture: estimate/filter.h's models, fed with information increments instead of plots.
// The same filter serves the fused track and what one nation alone would know; only the increments given to it differ.
#ifndef WF_PICTURE_FLIGHT_H
#define WF_PICTURE_FLIGHT_H

#include <stdbool.h>

#include "estimate/filter.h"
#include "lean.h"
#include "model/contribution.h"

typedef enum wf_flight_mode {
  WF_FLIGHT_NONE = 0,  // nothing is known of place or motion
  WF_FLIGHT_SEED,      // a coarse place at one time; how it moves is a guess that widens with age
  WF_FLIGHT_BOOST,     // position, velocity, acceleration by thrust
  WF_FLIGHT_COAST,     // position, velocity; in air also ln of the ballistic coefficient
} wf_flight_mode;

typedef enum wf_flight_ground {
  WF_FLIGHT_UP = 0,
  WF_FLIGHT_LANDING,  // about to come down: kept as it is, since what it says of its impact is wanted afterwards
  WF_FLIGHT_DOWN,     // the prediction has met the ground: the state stays there
} wf_flight_ground;

typedef struct wf_flight {
  wf_time time;      // of the state
  wf_time measured;  // of the newest measurement in it
  uint8_t mode;      // wf_flight_mode
  uint8_t wide;      // lost: may have manoeuvred or broken up
  uint8_t ground;    // wf_flight_ground
  // What being lost adds to the filter's covariance, along each axis: m², m²/s, m²/s². Beside it and not in it: found
  // again where free fall put it, the object has done nothing else, and the filter goes on as if it had been seen all
  // along.
  double lost[3];
  wf_filter filter;
} wf_flight;

// A coarse place: covariance of the position, upper triangle by rows.
void wf_flight_seed(wf_flight *f, const double pos_ecef_m[3], const double covariance_m2[6], wf_time at);
// To a later time (an earlier one does nothing). A boost that nobody has measured for 10 s is taken as burnt out.
void wf_flight_predict(wf_flight *f, bool vacuum, wf_time to);
// The same with what depends on it; NULL: nothing does.
void wf_flight_predict_leaning(wf_flight *f, wf_lean *lean, bool vacuum, wf_time to);
// The same for good, so that long silences are not predicted again and again; a flight that would be down is left as it
// is and marked LANDING.
void wf_flight_settle(wf_flight *f, wf_lean *lean, bool vacuum, wf_time to);
// Adds one increment; starts the filter when it has no state. `mode` is the mode after it (BOOST or COAST).
// WF_ESINGULAR or WF_EINVAL: the increment fits no flight, the filter is unchanged.
// *shift2 (may be NULL): how far it moved the state, squared, in units of what was known before; 0 for a fresh start.
wf_status wf_flight_measure(wf_flight *f, bool vacuum, const wf_tracklet *tracklet, wf_time at, wf_flight_mode mode,
                            double *shift2);
// The same of a member that leans.
wf_status wf_flight_measure_leaning(wf_flight *f, wf_lean *lean, bool vacuum, const wf_tracklet *tracklet, wf_time at,
                                    wf_flight_mode mode, double *shift2);
// Begins anew from one tracklet, whatever was known.
wf_status wf_flight_begin(wf_flight *f, wf_lean *lean, bool vacuum, const wf_tracklet *tracklet, wf_time at,
                          wf_flight_mode mode);
// Adds what `other` knows of position and velocity; both must have the same time and independent data. What a lost one
// knew counts in full where it agrees.
wf_status wf_flight_join(wf_flight *f, const wf_flight *other);
// The same when it is not known whether the data are independent (estimate/intersect.h).
wf_status wf_flight_intersect(wf_flight *f, const wf_flight *other);
void wf_flight_to_coast(wf_flight *f, bool stated);
void wf_flight_to_boost(wf_flight *f);

// Squared Mahalanobis distance of two predicted flights of the same time over position and velocity, each axis
// loosened by the given sigmas; cost adds ln det S, for choosing between candidates.
wf_status wf_flight_distance(const wf_flight *a, const wf_flight *b, double pos_sigma_m, double vel_sigma_m_s,
                             double *chi2, double *cost);
// Whether position and velocity are known well enough to call it a state (50 km, 1 km/s).
bool wf_flight_has_state(const wf_flight *f);
// These four with what being lost adds.
double wf_flight_position_variance(const wf_flight *f);  // trace, m²
double wf_flight_velocity_variance(const wf_flight *f);
void wf_flight_covariance6(const wf_flight *f, double out[36]);
void wf_flight_take_loss(wf_flight *f);  // into the filter itself, for good
// False when it is not estimated: in vacuum, far above the air, under thrust.
bool wf_flight_ln_beta(const wf_flight *f, double *ln_beta, double *sigma);
double wf_flight_thrust_m_s2(const wf_flight *f);  // along the velocity, 0 when not thrusting

#endif
