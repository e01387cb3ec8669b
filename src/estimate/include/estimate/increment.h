// Information gathered since the last contribution, kept beside the filter and never subtracted from it.
//
// For a free fall without process noise the posterior information is the prior's, carried along, plus Hᵀ R⁻¹ H of every
// plot, carried along (Bar-Shalom, Li & Kirubarajan 2001, ch. 7.2). So the increment since an epoch is gathered
// directly
//   Y₀ = Σ (H Φ)ᵀ R⁻¹ (H Φ),  y₀ = Σ (H Φ)ᵀ R⁻¹ (z − h(reference)),  Φ = transition from the epoch to the plot,
// instead of as the difference P_now⁻¹ − P_carried⁻¹ of two near-equal matrices. Same result, no cancellation, no
// covariance needed, singular increments welcome; the sum of all increments is the filter's posterior exactly (to
// linearisation), and nothing of partners' data can be in it.
#ifndef WF_ESTIMATE_INCREMENT_H
#define WF_ESTIMATE_INCREMENT_H

#include "estimate/view.h"
#include "model/contribution.h"

typedef struct wf_increment {
  double stm[36];      // from the epoch to the filter's time
  double offset[6];    // filter's state − the reference trajectory, at the filter's time
  double y[36], v[6];  // Y₀ and y₀, about the reference at the epoch
  double lean[18], lean_information[3], lean_vector[3];  // of radar plots: on their range, azimuth, elevation errors
  uint16_t plots;
} wf_increment;

// Empty, with the filter's present time as epoch and its present state on the reference.
void wf_increment_clear(wf_increment *increment);
// The filter was carried along by stm (the transition of its own linearisation).
void wf_increment_carry(wf_increment *increment, const double stm[36]);
// A plot is about to update the filter: residual and Jacobian at the filter's predicted state.
void wf_increment_gather(wf_increment *increment, const wf_expected *expected, const double *variance,
                         const double *residual);
// The filter's state changed by delta (its update).
void wf_increment_shift(wf_increment *increment, const double delta[6]);
// A whole fit's information about the present state (batch start): reference = state, Y = information.
void wf_increment_seed(wf_increment *increment, const double information[36], uint16_t plots);

// The increment at the filter's present time and state: reference = the present reference trajectory. WF_ESINGULAR
// when the transition cannot be inverted.
wf_status wf_increment_take(const wf_increment *increment, const double filter_state[6], wf_tracklet *out);
// How much it would tell a filter of covariance p (6×6): trace(P Y), 6 = as much as p itself knows. ≥ 0.
double wf_increment_gain(const wf_increment *increment, const double *p_at_epoch);

// One plot alone as a tracklet about the position at its own time: right under any motion.
void wf_increment_of_plot(const wf_expected *expected, const double *variance, const double *residual,
                          const double state[6], wf_tracklet *out);

// An older position goes into a newer one of the same object, dt_s later, as information about the newer time's
// position: carried on with acceleration acc (ECEF, everything in it), the velocity's error (covariance 3×3) taken as
// noise. For short times, against too many statements. position_only both.
void wf_tracklet_absorb(wf_tracklet *newer, const wf_tracklet *older, double dt_s, const double acc_m_s2[3],
                        const double velocity_covariance[9]);

// Fuses a tracklet into a state: P⁻¹ += Y, and back. For tests and for checking a sum of tracklets.
wf_status wf_tracklet_fuse(const wf_tracklet *tracklet, double state[6], double covariance[36]);

#endif
