// Covariance intersection (Julier & Uhlmann 1997): two estimates of one state whose errors depend on each other in a way
// nobody knows. P⁻¹ = ω Pa⁻¹ + (1 − ω) Pb⁻¹ is never more certain than the truth allows, whatever their correlation, as
// long as each is honest by itself.
#ifndef WF_ESTIMATE_INTERSECT_H
#define WF_ESTIMATE_INTERSECT_H

#include "estimate/filter.h"

// The weight of a that makes det P least, from the eigenvalues of b's information in units of a's covariance:
// with Pa = L Lᵀ those of Lᵀ Pb⁻¹ L. In [0, 1].
double wf_intersect_weight(int n, const double *eigenvalues);
// n ≤ 8. x and p may be xa and pa; *weight (may be NULL) is a's. WF_ESINGULAR when a covariance is not positive.
wf_status wf_intersect(int n, const double *xa, const double *pa, const double *xb, const double *pb, double *x,
                       double *p, double *weight);
// A filter with what somebody else says of position and velocity. States beyond those are not spoken of, so that the
// filter's weight stays above 0. Unchanged unless WF_OK.
wf_status wf_intersect_filter(wf_filter *filter, const double state[6], const double covariance[36], double *weight);

#endif
