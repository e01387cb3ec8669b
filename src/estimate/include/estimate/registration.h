// Registration errors of sensors: constant offsets of range, azimuth and elevation, not known, shared by all tracks.
//
// Friedland (1969), "Treatment of bias in recursive filtering": the track's filter runs as if there were no bias; beside
// it runs the sensitivity U = ∂(estimate)/∂(bias). The innovation then is r = G b + white noise of covariance S with
// G = D − H U, so the biases follow from all innovations of all tracks by plain least squares, and the track's state is
// the filter's minus U b with covariance P + U M Uᵀ. With no data about the biases M stays the prior: that is the
// consider (Schmidt) filter; with data it is the joint estimate. The split is exact for constant biases and free fall.
#ifndef WF_ESTIMATE_REGISTRATION_H
#define WF_ESTIMATE_REGISTRATION_H

#include <stdbool.h>
#include <stdint.h>

#include "estimate/view.h"

#define WF_BIAS_SENSORS 8
#define WF_BIAS_DIM (3 * WF_BIAS_SENSORS)

// Rows: position, velocity; columns: range m, azimuth rad, elevation rad of sensor 0, 1, …
typedef struct wf_sensitivity {
  uint8_t sensors;  // bit mask of those it depends on; columns of others are 0
  double u[6 * WF_BIAS_DIM];
} wf_sensitivity;

typedef struct wf_registration {
  int sensors;
  // The biases are a suspicion, not a statement: perhaps there are none. Both models are kept, weighed by their
  // evidence (Kass & Raftery 1995, eq. 1), and mean and covariance are those of the mixture.
  bool suspected;
  double odds;  // probability that there are biases, of the last solve
  double prior[WF_BIAS_DIM];  // variances
  double information[WF_BIAS_DIM * WF_BIAS_DIM], vector[WF_BIAS_DIM];  // prior included
  double mean[WF_BIAS_DIM], covariance[WF_BIAS_DIM * WF_BIAS_DIM];     // of the last solve
} wf_registration;

// 1-sigma of the sensor's biases before any data. Its index, or −1 when there is no more room.
int wf_registration_add(wf_registration *registration, const double sigma[3]);
// Mean and covariance from what was learnt.
wf_status wf_registration_solve(wf_registration *registration);

// The estimate moved by stm.
void wf_sensitivity_carry(wf_sensitivity *s, const double stm[36]);
// G = D − H U (3 × WF_BIAS_DIM) of a radar plot by sensor `index` (−1: a sensor without bias: G = −H U).
void wf_sensitivity_innovation(const wf_sensitivity *s, int index, const wf_expected *expected, double *g);
// The filter was updated with that plot; p: its covariance after the update, of any size n ≥ 6.
void wf_sensitivity_update(wf_sensitivity *s, int index, const wf_expected *expected, const double *variance,
                           const double *p, int n, const double *g);
// Innovation r with covariance S (Cholesky factor) into the registration.
void wf_registration_learn(wf_registration *registration, const wf_sensitivity *s, int index, const double *g,
                           const double *residual, const double *s_chol);
// g b̂: what the biases known so far make of the innovation.
void wf_registration_expect(const wf_registration *registration, const wf_sensitivity *s, int index, const double *g,
                            double expected[3]);
// state −= U b̂, covariance += U M Uᵀ.
void wf_registration_apply(const wf_registration *registration, const wf_sensitivity *s, double state[6],
                           double covariance[36]);

#endif
