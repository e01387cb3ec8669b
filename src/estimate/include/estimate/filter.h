// One Kalman filter: a state, its covariance and the way it moves. Square covariances, Joseph-form updates.
// Deterministic: base/fmath.h only. State: ECEF position m, velocity m/s, then what the model adds.
#ifndef WF_ESTIMATE_FILTER_H
#define WF_ESTIMATE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mat.h"
#include "base/status.h"
#include "motion/dynamics.h"

#define WF_FILTER_MAX 9

typedef enum wf_model {
  // Falls freely: J2 gravity in the rotating frame. 6 states, without process noise; 7 with ln(ballistic coefficient in
  // kg/m²), which brings drag with it.
  WF_MODEL_COAST = 1,
  // Under thrust: 9 states, the last three the acceleration m/s² by everything but gravity. Along the velocity it grows
  // as propellant burns; across it decays (a gravity turn).
  WF_MODEL_BOOST = 2,
  // Flies straight and level (air-breathing): 6 states, white acceleration noise.
  WF_MODEL_AIR = 3,
  // Manoeuvres: 9 states, the last three an acceleration of no preferred direction that decays (Singer).
  WF_MODEL_MANOEUVRE = 4,
} wf_model;

typedef struct wf_filter {
  uint8_t model, size;  // wf_model; 6, 7 or 9
  double x[WF_FILTER_MAX];
  double p[WF_FILTER_MAX * WF_FILTER_MAX];  // size × size, row-major, dense
} wf_filter;

// How the models move and are disturbed. All per second.
typedef struct wf_noise {
  double air_m2_s3;  // white acceleration of AIR
  // Thrust acceleration a: its part along the velocity walks by boost_axial·a per √s; the part across it is a
  // first-order Markov process of 1-sigma boost_across·a (the angle of attack) and time constant boost_decay_s. Both
  // have the floor boost_floor_m_s2 for a.
  double boost_axial, boost_across, boost_decay_s, boost_floor_m_s2;
  double exhaust_m_s;  // effective exhaust velocity: thrust acceleration grows as a²/exhaust
  double manoeuvre_m2_s5, manoeuvre_decay_s;
  double ln_beta_per_s;  // random walk of ln β
  double density_ratio, density_memory_s,
      wind_m_s;     // what drag does beside it (tracking with WF_MODEL_COAST, 7 states)
  uint8_t gravity;  // wf_gravity: J2, or J2..J4
} wf_noise;
extern const wf_noise WF_NOISE_DEFAULT;

// Moves state and covariance by dt_s (either sign; going back adds noise too: honest, not exact, for models with
// noise). stm (6×6, may be NULL) receives the transition matrix of position and velocity.
void wf_filter_predict(wf_filter *filter, const wf_noise *noise, double dt_s, double *stm);
// The same for the state alone.
void wf_filter_move(const wf_filter *filter, const wf_noise *noise, double dt_s, double state[6]);

// ln β before any drag has been felt: anything from a fragment to a slender body.
#define WF_LN_BETA_MEAN 8.0  // about 3,000 kg/m²
#define WF_LN_BETA_SIGMA 0.8
// Adds ln β as seventh state (COAST with 6 only), or forgets it.
void wf_filter_add_ln_beta(wf_filter *filter, double ln_beta, double sigma);
void wf_filter_drop_ln_beta(wf_filter *filter);

// Measurement update with residual r[dim], its Jacobian h[dim × 6] (position, velocity) and independent variances
// r_var[dim]; dim 1..4. s_chol: Cholesky factor of S = H P Hᵀ + R, as wf_filter_innovation gives it.
void wf_filter_update(wf_filter *filter, int dim, const double *residual, const double *h, const double *r_var,
                      const double *s_chol);
// S's Cholesky factor [dim × dim]; returns −½ ln det(2π S). NaN when S is not positive definite.
double wf_filter_innovation(const wf_filter *filter, int dim, const double *h, const double *r_var, double *s_chol);
// rᵀ S⁻¹ r.
double wf_filter_chi2(int dim, const double *s_chol, const double *residual);

// True when the covariance is symmetric and factors; else it is mended (symmetrised, diagonal raised) and false.
bool wf_filter_mend(wf_filter *filter);

#endif
