// Our own elementary functions, so that a result never depends on which libm variant the CPU picks.
// Only + − × ÷ √ (correctly rounded by IEEE 754) and integer operations are used inside.
// Errors: below 2 ulp over the stated ranges (tests/base/test_fmath.c measures them against long double).
// NaN in gives NaN out, and an infinite angle gives NaN. The sign of a zero is not kept.
#ifndef WF_BASE_FMATH_H
#define WF_BASE_FMATH_H

#define WF_PI 3.14159265358979323846
#define WF_DEG (WF_PI / 180.0)  // radians per degree

// |x| ≤ 1e6. Beyond, the period is that of the double nearest to 2π: an absolute error of up to |x| · 4e-17 is added.
double wf_sin(double x_rad);
double wf_cos(double x_rad);
void wf_sincos(double x_rad, double *s, double *c);
double wf_atan(double x);
double wf_atan2(double y, double x);  // (−π, π]; atan2(0,0) = 0, and π for y = ±0 with x < 0
double wf_asin(double x);             // arguments outside [−1, 1] are clamped
double wf_acos(double x);
double wf_exp(double x);            // overflow gives +inf, underflow 0
double wf_log(double x);            // x > 0; 0 gives −inf, negative NaN
double wf_pow(double x, double y);  // x > 0 (0 gives 0, 1 or +inf; negative NaN): exp(y·log x) with a double-double log
double wf_sqrt(double x);           // the hardware's correctly rounded root
double wf_hypot(double x, double y);
double wf_floor(double x);
double wf_fmod_pos(double x, double m);  // exact remainder in [0, m); NaN unless m > 0 and both are finite
double wf_wrap_pi(double x_rad);         // (−π, π]; −π as a double gives π, so a meridian has one name
double wf_wrap_2pi(double x_rad);        // [0, 2π)

// ln Γ(x), x > 0; absolute error below 1e-14 · max(1, |ln Γ|).
double wf_log_gamma(double x);
// χ² of 1..10000 degrees of freedom: the probability below x, and the x below which lies p (0 gives 0, 1 gives +inf).
// Relative error of the quantile below 1e-9 (tests: far below).
double wf_chi2_cdf(int dof, double x);
double wf_chi2_quantile(int dof, double p);
double wf_normal_cdf(double x);
double wf_normal_quantile(double p);  // 0 and 1 give −inf and +inf

#endif
