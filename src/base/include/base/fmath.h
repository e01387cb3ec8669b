// Our own elementary functions, so that a result never depends on which libm variant the CPU picks.
// Only + − × ÷ √ (correctly rounded by IEEE 754) and integer operations are used inside.
// Errors: below 2 ulp over the stated ranges (tests/base/test_fmath.c measures them against long double).
#ifndef WF_BASE_FMATH_H
#define WF_BASE_FMATH_H

#define WF_PI 3.14159265358979323846
#define WF_DEG (WF_PI / 180.0)  // radians per degree

double wf_sin(double x_rad);   // |x| ≤ 1e6
double wf_cos(double x_rad);   // |x| ≤ 1e6
void wf_sincos(double x_rad, double *s, double *c);
double wf_atan(double x);
double wf_atan2(double y, double x);  // (−π, π]; atan2(0,0) = 0
double wf_asin(double x);      // arguments outside [−1, 1] are clamped
double wf_acos(double x);
double wf_exp(double x);       // overflow gives +inf, underflow 0
double wf_log(double x);       // x > 0; 0 gives −inf, negative NaN
double wf_pow(double x, double y);  // x > 0: exp(y·log x), relative error below 1e-13 for results within 1e±100
double wf_sqrt(double x);      // the hardware's correctly rounded root
double wf_hypot(double x, double y);
double wf_floor(double x);
double wf_fmod_pos(double x, double m);  // result in [0, m)
double wf_wrap_pi(double x_rad);      // (−π, π]
double wf_wrap_2pi(double x_rad);     // [0, 2π)
// Regularised lower incomplete gamma is not needed: quantiles of χ² are tabulated.
double wf_chi2_quantile(int dof, double p);  // Wilson–Hilferty refined by Newton; dof 1..10000, p in (0,1)
double wf_normal_cdf(double x);
double wf_normal_quantile(double p);

#endif
