// Gamma function and the χ² and normal distributions, for gates and consistency bounds. None of it is on a hot path.
// Methods: Abramowitz and Stegun 1964, 6.1.40 (Stirling), 6.5.29 (series), 6.5.31 (continued fraction), evaluated as
// Lentz does; quantiles by Newton on the logarithm of the smaller tail, which is concave in the variable used, so that
// the iteration approaches from one side and cannot cycle.
#include <stdbool.h>

#include "base/fmath.h"

static const double NOT_A_NUMBER = __builtin_nan("");
static const double INFINITE = __builtin_inf();
static const double HALF_LOG_2PI = 0x1.d67f1c864beb5p-1;

// ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π], x ≥ 10: the tail of Stirling's series, cut below 1e-17.
static double stirling_tail(double x) {
  const double z = 1.0 / (x * x);
  return (1.0 / 12.0 + z * (-1.0 / 360.0 +
                            z * (1.0 / 1260.0 + z * (-1.0 / 1680.0 + z * (1.0 / 1188.0 + z * (-691.0 / 360360.0 +
                                                                                              z * (1.0 / 156.0))))))) /
         x;
}

static double log_gamma_large(double x) {
  return (x - 0.5) * wf_log(x) - x + HALF_LOG_2PI + stirling_tail(x);
}

double wf_log_gamma(double x) {
  if (!(x > 0.0)) return x == 0.0 ? INFINITE : NOT_A_NUMBER;
  if (x == 1.0 || x == 2.0) return 0.0;
  double product = 1.0;
  for (; x < 10.0; x += 1.0) product *= x;
  return log_gamma_large(x) - wf_log(product);
}

// λ − 1 − ln λ without cancellation near λ = 1 (δ = λ − 1 known exactly).
static double excess(double lambda, double delta) {
  if (delta < -0.3 || delta > 0.4) return delta - wf_log(lambda);
  // δ − 2 atanh(s) with s = δ/(2 + δ): δ − 2 s = δ s, then the series of atanh from s³ on.
  const double s = delta / (2.0 + delta);
  const double z = s * s;
  double sum = 0.0;
  for (int k = 25; k >= 3; k -= 2) sum = sum * z + 2.0 / k;
  return delta * s - s * z * sum;
}

// x^a e^-x / Γ(a + 1).
static double gamma_front(double a, double x) {
  const double exponent = -a * excess(x / a, (x - a) / a);
  if (a >= 10.0) return wf_exp(exponent - stirling_tail(a)) / wf_sqrt(2.0 * WF_PI * a);
  // Γ(a + 1) against Stirling's main term a^a e^-a.
  return wf_exp(exponent + (a * wf_log(a) - a - wf_log_gamma(a + 1.0)));
}

static double lower_series(double a, double x) {
  double term = 1.0, sum = 1.0;
  for (int n = 1; n < 10000 && term > 1e-17 * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

// Γ(a, x) / (x^a e^-x).
static double upper_fraction(double a, double x) {
  double b = x + 1.0 - a;
  double c = 1e300, d = 1.0 / b, h = d;
  for (int i = 1; i < 10000; i++) {
    const double an = -i * (i - a);
    b += 2.0;
    d = 1.0 / (an * d + b);
    c = b + an / c;
    const double step = c * d;
    h *= step;
    if (step > 1.0 - 2e-16 && step < 1.0 + 2e-16) break;
  }
  return h;
}

typedef struct tails {
  double lower, upper, front;
} tails;

// Both regularised tails of Γ(a), the smaller one accurate in relative terms.
static tails gamma_tails(double a, double x) {
  tails t = {0.0, 1.0, 0.0};
  if (x <= 0.0) return t;
  t.front = gamma_front(a, x);
  if (x < a + 1.0) {
    t.lower = t.front * lower_series(a, x);
    t.upper = 1.0 - t.lower;
  } else {
    t.upper = t.front * a * upper_fraction(a, x);
    t.lower = 1.0 - t.upper;
  }
  return t;
}

double wf_chi2_cdf(int dof, double x) {
  if (dof < 1 || x != x) return NOT_A_NUMBER;
  if (x == INFINITE) return 1.0;
  return gamma_tails(0.5 * dof, 0.5 * x).lower;
}

// Wilson and Hilferty 1931; far down the lower tail the first term of the series.
static double chi2_start(double a, double p) {
  const double v = 1.0 / (9.0 * a * 2.0);
  const double cube = 1.0 - 2.0 * v + wf_normal_quantile(p) * wf_sqrt(2.0 * v);
  if (cube > 0.3) return a * cube * cube * cube;
  return wf_exp((wf_log(p) + wf_log_gamma(a + 1.0)) / a);
}

double wf_chi2_quantile(int dof, double p) {
  if (dof < 1 || p != p) return NOT_A_NUMBER;
  if (p <= 0.0) return 0.0;
  if (p >= 1.0) return INFINITE;
  const double a = 0.5 * dof;
  const bool low = p <= 0.5;
  const double log_target = wf_log(low ? p : 1.0 - p);
  double x = chi2_start(a, p);
  for (int i = 0; i < 100; i++) {
    const tails t = gamma_tails(a, x);
    const double tail = low ? t.lower : t.upper;
    // x · density = a · front, so this is Newton's step in ln x on the logarithm of the tail.
    double step = (log_target - wf_log(tail)) * tail / (a * t.front);
    if (!low) step = -step;
    if (step != step) break;
    step = step > 1.0 ? 1.0 : step < -1.0 ? -1.0 : step;
    x *= wf_exp(step);
    if (step < 1e-14 && step > -1e-14) break;
  }
  return 2.0 * x;
}

// Φ(x) = ½ Q(½, x²/2) on the left.
double wf_normal_cdf(double x) {
  if (x != x) return x;
  if (x * x == INFINITE) return x < 0.0 ? 0.0 : 1.0;
  const tails t = gamma_tails(0.5, 0.5 * x * x);
  return x < 0.0 ? 0.5 * t.upper : 0.5 + 0.5 * t.lower;
}

static double normal_density(double x) {
  return wf_exp(-0.5 * x * x) / wf_sqrt(2.0 * WF_PI);
}

// x > 0 with Φ(x) − ½ = area: so that a p near ½ keeps its digits.
static double central_quantile(double area) {
  double x = area * wf_sqrt(2.0 * WF_PI);
  for (int i = 0; i < 50; i++) {
    const double step = (area - 0.5 * gamma_tails(0.5, 0.5 * x * x).lower) / normal_density(x);
    x += step;
    if (step < 1e-15 * x && step > -1e-15 * x) break;
  }
  return x;
}

// x < 0 with Φ(x) = p, from the left: Φ(x) ≤ ½ exp(−x²/2).
static double tail_quantile(double p) {
  const double log_p = wf_log(p);
  double x = -wf_sqrt(-2.0 * log_p);
  for (int i = 0; i < 50; i++) {
    const double tail = wf_normal_cdf(x);
    const double step = (log_p - wf_log(tail)) * tail / normal_density(x);
    if (step != step) break;
    x += step;
    if (step < 1e-15 * -x && step > 1e-15 * x) break;
  }
  return x;
}

double wf_normal_quantile(double p) {
  if (p != p || p < 0.0 || p > 1.0) return NOT_A_NUMBER;
  if (p == 0.0) return -INFINITE;
  if (p == 1.0) return INFINITE;
  if (p > 0.5) return p < 0.8 ? central_quantile(p - 0.5) : -tail_quantile(1.0 - p);
  if (p == 0.5) return 0.0;
  return p > 0.2 ? -central_quantile(0.5 - p) : tail_quantile(p);
}
