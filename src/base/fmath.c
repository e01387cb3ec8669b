// Elementary functions. The methods are the classical ones (W. J. Cody and W. Waite, "Software Manual for the
// Elementary Functions", 1980; J.-M. Muller, "Elementary Functions", 3rd ed., 2016, ch. 11 on argument reduction;
// T. J. Dekker, "A floating-point technique for extending the available precision", 1971). The polynomials are
// Chebyshev fits in 60-digit arithmetic, the constants are split there too: fmath_coefficients.py.
#include "base/fmath.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const double NOT_A_NUMBER = __builtin_nan("");
static const double INFINITE = __builtin_inf();

// A number as an unevaluated sum, |lo| at most half an ulp of hi or a little more.
typedef struct pair {
  double hi, lo;
} pair;

static inline double absolute(double x) {
  return __builtin_fabs(x);
}
static inline bool is_finite(double x) {
  return absolute(x) <= 1.7976931348623157e308;
}

static inline uint64_t to_bits(double x) {
  uint64_t u;
  memcpy(&u, &x, sizeof u);
  return u;
}

static inline double from_bits(uint64_t u) {
  double x;
  memcpy(&x, &u, sizeof x);
  return x;
}

// a + b exactly, for |a| ≥ |b|.
static inline pair fast_two_sum(double a, double b) {
  const double s = a + b;
  return (pair){s, b - (s - a)};
}

// a − b exactly, whatever their sizes (Knuth).
static inline pair two_difference(double a, double b) {
  const double s = a - b;
  const double bb = s - a;
  return (pair){s, (a - (s - bb)) - (b + bb)};
}

// a · b exactly (Dekker; Veltkamp's split). No fused multiply-add: it is not everywhere.
static inline pair two_product(double a, double b) {
  const double p = a * b;
  const double ta = 134217729.0 * a, tb = 134217729.0 * b;  // 2^27 + 1
  const double ah = ta - (ta - a), bh = tb - (tb - b);
  const double al = a - ah, bl = b - bh;
  return (pair){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

// Adding and subtracting 1.5 · 2^52 rounds to the nearest integer; the low bits of the sum hold it.
static const double ROUNDER = 0x1.8p52;

double wf_sqrt(double x) {
  return __builtin_sqrt(x);
}

double wf_floor(double x) {
  if (!(absolute(x) < 0x1p52)) return x;
  const double t = (double)(int64_t)x;
  return t > x ? t - 1.0 : t;
}

// ---- sine and cosine ----

// π/2 as 33 + 32 + 31 bits and a tail. n · (each of the first three) is exact for |n| < 2^20.
static const double PIO2_1 = 0x1.921fb54400000p+0, PIO2_2 = 0x1.0b4611a600000p-34, PIO2_3 = 0x1.3198a2e000000p-69,
                    PIO2_4 = 0x1.b839a252049c1p-104;
static const double TWO_OVER_PI = 0x1.45f306dc9c883p-1;
static const double PIO2_HI = 0x1.921fb54442d18p+0, PIO2_LO = 0x1.1a62633145c07p-54;
static const double PI_HI = 0x1.921fb54442d18p+1, PI_LO = 0x1.1a62633145c07p-53;
static const double TWO_PI = 0x1.921fb54442d18p+2;

static const double REDUCIBLE = 0x1p20;  // largest |x| for the exact reduction

// x − n · π/2 for a given n. The first difference is exact by Sterbenz; together the parts are good to 2^-150, and
// no double up to 2^20 comes nearer to a multiple of π/2 than about 2^-58, so all bits of the pair count.
static inline pair minus_quarter_turns(double x, double n) {
  const double t = x - n * PIO2_1;
  const pair a = two_difference(t, n * PIO2_2);
  const pair b = two_difference(a.hi, n * PIO2_3);
  return fast_two_sum(b.hi, (b.lo + a.lo) - n * PIO2_4);
}

// x = n · π/2 + r with |r| ≤ π/4; returns n mod 4.
static inline unsigned reduce(double x, pair *r) {
  if (absolute(x) <= 0.78539816339744828) {
    *r = (pair){x, 0.0};
    return 0;
  }
  if (!(absolute(x) <= REDUCIBLE)) x = wf_fmod_pos(x, TWO_PI);
  const double shifted = x * TWO_OVER_PI + ROUNDER;
  *r = minus_quarter_turns(x, shifted - ROUNDER);
  return (unsigned)to_bits(shifted) & 3;
}

// sin(hi + lo), |hi| ≤ π/4; the fit errs by 2^-56.
static inline double sin_kernel(pair r) {
  const double z = r.hi * r.hi;
  const double z2 = z * z;
  const double p = (-0x1.5555555555555p-3 + z * 0x1.1111111110bb2p-7) +
                   z2 * ((-0x1.a01a019e83816p-13 + z * 0x1.71de379654304p-19) +
                         z2 * (-0x1.ae600aca92c64p-26 + z * 0x1.5e0b05bff20f2p-33));
  return r.hi + (r.hi * z * p + (r.lo - 0.5 * z * r.lo));
}

// cos(hi + lo), |hi| ≤ π/4; the fit errs by 2^-60.
static inline double cos_kernel(pair r) {
  const double z = r.hi * r.hi;
  const double z2 = z * z;
  const double p = (0x1.5555555555555p-5 + z * -0x1.6c16c16c16967p-10) +
                   z2 * ((0x1.a01a019f4e9b4p-16 + z * -0x1.27e4fa17bf139p-22) +
                         z2 * (0x1.1eeb68cd22f56p-29 + z * -0x1.907d8f29fe831p-37));
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  return w + (((1.0 - w) - half) + (z2 * p - r.hi * r.lo));
}

double wf_sin(double x_rad) {
  pair r;
  const unsigned quarter = reduce(x_rad, &r);
  const double v = quarter & 1 ? cos_kernel(r) : sin_kernel(r);
  return quarter & 2 ? -v : v;
}

double wf_cos(double x_rad) {
  pair r;
  const unsigned quarter = reduce(x_rad, &r);
  const double v = quarter & 1 ? sin_kernel(r) : cos_kernel(r);
  return (quarter + 1) & 2 ? -v : v;
}

void wf_sincos(double x_rad, double *s, double *c) {
  pair r;
  const unsigned quarter = reduce(x_rad, &r);
  const double sr = sin_kernel(r), cr = cos_kernel(r);
  const double sv = quarter & 1 ? cr : sr, cv = quarter & 1 ? sr : cr;
  *s = quarter & 2 ? -sv : sv;
  *c = (quarter + 1) & 2 ? -cv : cv;
}

// ---- arc functions ----

// atan(k/8) for k = 2..8 in two parts.
static const pair ATAN_EIGHTH[9] = {
    {0.0, 0.0},
    {0.0, 0.0},
    {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
    {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
    {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
    {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
    {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
    {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
    {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
};

// atan(t) − t for |t| ≤ 3/16; the fit errs by 2^-69 of t.
static inline double atan_beyond_linear(double t) {
  const double z = t * t;
  const double z2 = z * z;
  const double p = (-0x1.5555555555555p-2 + z * 0x1.9999999999995p-3) +
                   z2 * ((-0x1.24924924917d8p-3 + z * 0x1.c71c71c54af0cp-4) +
                         z2 * ((-0x1.745d163afc93ap-4 + z * 0x1.3b135b29ad729p-4) +
                               z2 * ((-0x1.1100b6013e868p-4 + z * 0x1.de3d106189e7dp-5) + z2 * -0x1.7652e50199212p-5)));
  return t * z * p;
}

// atan(q), 0 ≤ q ≤ 1: near 0 directly, else from the nearest eighth by atan q − atan c = atan((q − c)/(1 + q c)).
// The direct zone is wide, so that the rounding of that quotient is always small against the result.
static inline pair atan_first_octant(double q) {
  if (q <= 0.1875) return (pair){q, atan_beyond_linear(q)};
  const int k = (int)(8.0 * q + 0.5);
  const double c = 0.125 * (double)k;
  const double t = (q - c) / (1.0 + q * c);
  pair r = fast_two_sum(ATAN_EIGHTH[k].hi, t);
  r.lo += atan_beyond_linear(t) + ATAN_EIGHTH[k].lo;
  return r;
}

// (hi + lo) − a, for hi ≥ a.hi.
static inline pair minus_pair(double hi, double lo, pair a) {
  pair r = fast_two_sum(hi, -a.hi);
  r.lo += lo - a.lo;
  return r;
}

static inline double with_sign_of(double value, double sign) {
  return sign < 0.0 ? -value : value;
}

double wf_atan(double x) {
  if (x != x) return x;
  const double ax = absolute(x);
  pair r = atan_first_octant(ax > 1.0 ? 1.0 / ax : ax);
  if (ax > 1.0) r = minus_pair(PIO2_HI, PIO2_LO, r);
  return with_sign_of(r.hi + r.lo, x);
}

double wf_atan2(double y, double x) {
  if (x != x || y != y) return NOT_A_NUMBER;
  double ax = absolute(x), ay = absolute(y);
  if (!is_finite(ax) || !is_finite(ay)) {  // the quadrant is all that is left
    ax = is_finite(ax) ? 0.0 : 1.0;
    ay = is_finite(ay) ? 0.0 : 1.0;
  }
  if (ax == 0.0 && ay == 0.0) return 0.0;
  const bool steep = ay > ax;
  pair r = atan_first_octant(steep ? ax / ay : ay / ax);
  if (steep) r = minus_pair(PIO2_HI, PIO2_LO, r);
  if (x < 0.0) r = minus_pair(PI_HI, PI_LO, r);
  return with_sign_of(r.hi + r.lo, y);
}

// asin(x)/x − 1 at z = x² ≤ 1/4; the fit errs by 2^-61.
static inline double asin_ratio(double z) {
  const double z2 = z * z;
  const double z4 = z2 * z2;
  const double low =
      (0x1.5555555555555p-3 + z * 0x1.3333333333388p-4) + z2 * (0x1.6db6db6dac1e0p-5 + z * 0x1.f1c71c7a52ba3p-6);
  const double mid =
      (0x1.6e8ba123e494cp-6 + z * 0x1.1c4efce23019fp-6) + z2 * (0x1.c990ad3d8fdcap-7 + z * 0x1.7b027ee1dd585p-7);
  const double high = (0x1.3b49de7121487p-7 + z * 0x1.31622469ce5adp-7) +
                      z2 * (0x1.8f193743418ffp-9 + z * 0x1.406192d124629p-6) +
                      z4 * (-0x1.3b416bb7d9257p-6 + z * 0x1.e529c6fce9bb4p-6);
  return z * (low + z4 * (mid + z4 * high));
}

// asin(√((1 − ax)/2)) for ax in (½, 1], as a pair: acos(ax) is twice this.
static inline pair half_acos(double ax) {
  const double z = 0.5 * (1.0 - ax);  // exact
  const double s = __builtin_sqrt(z);
  const double head = from_bits(to_bits(s) & ~UINT64_C(0x7ffffff));  // its square is exact
  const double tail = s > 0.0 ? (z - head * head) / (s + head) : 0.0;
  return (pair){head, tail + s * asin_ratio(z)};
}

double wf_asin(double x) {
  const double ax = absolute(x);
  if (x != x) return x;
  if (ax >= 1.0) return with_sign_of(PIO2_HI, x);
  if (ax <= 0.5) return x + x * asin_ratio(x * x);
  const pair h = half_acos(ax);
  const pair r = minus_pair(PIO2_HI, PIO2_LO, (pair){2.0 * h.hi, 2.0 * h.lo});
  return with_sign_of(r.hi + r.lo, x);
}

double wf_acos(double x) {
  const double ax = absolute(x);
  if (x != x) return x;
  if (ax >= 1.0) return x > 0.0 ? 0.0 : PI_HI;
  pair r;
  if (ax <= 0.5) {
    r = minus_pair(PIO2_HI, PIO2_LO, (pair){x, x * asin_ratio(x * x)});
  } else {
    const pair h = half_acos(ax);
    r = (pair){2.0 * h.hi, 2.0 * h.lo};
    if (x < 0.0) r = minus_pair(PI_HI, PI_LO, r);
  }
  return r.hi + r.lo;
}

// ---- exponential and logarithm ----

static const double LOG2_E = 0x1.71547652b82fep+0;
static const double LN2_HI = 0x1.62e42fefa3800p-1, LN2_LO = 0x1.ef35793c76730p-45;  // n · hi is exact, |n| < 2^11

static inline double power_of_two(int n) {
  return from_bits((uint64_t)(n + 1023) << 52);
}  // −1022 ≤ n ≤ 1023

// exp(hi + lo) for |lo| below 1e-3 · |hi| or tiny.
static inline double exp_pair(double hi, double lo) {
  if (hi > 709.79) return INFINITE;
  if (hi < -745.2) return 0.0;
  const double shifted = hi * LOG2_E + ROUNDER;
  const double n = shifted - ROUNDER;
  const double r_hi = hi - n * LN2_HI;  // exact
  const double r_lo = n * LN2_LO - lo;
  const double r = r_hi - r_lo;
  const double c = (r_hi - r) - r_lo;
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double p =
      ((0x1.0000000000000p-1 + r * 0x1.5555555555557p-3) + r2 * (0x1.5555555555556p-5 + r * 0x1.11111111100dcp-7)) +
      r4 * (((0x1.6c16c16c162d4p-10 + r * 0x1.a01a01abe7fe1p-13) +
             r2 * (0x1.a01a01a6d889cp-16 + r * 0x1.71de0231960ebp-19)) +
            r4 * ((0x1.27e4db646b17ep-22 + r * 0x1.af4de97ca4194p-26) + r2 * 0x1.1f730349868cep-29));
  const double value = 1.0 + (r + (r2 * p + (c + c * r)));
  const int k = (int)(int32_t)(uint32_t)to_bits(shifted);
  const int half = k / 2;  // in two steps, so that neither leaves the range of normal numbers
  return value * power_of_two(half) * power_of_two(k - half);
}

double wf_exp(double x) {
  return x != x ? x : exp_pair(x, 0.0);
}

// ln x of a finite x > 0, to about 2^-59 relative. x = 2^k · m with √½ ≤ m < √2, f = m − 1, s = f/(2 + f):
// ln m = 2 atanh s = 2 s + s³ R(s²), with the quotient s in two parts.
static inline pair log_pair(double x) {
  int k = 0;
  if (x < 0x1p-1022) x *= 0x1p54, k = -54;
  const uint64_t bits = to_bits(x);
  const uint64_t above = bits + (UINT64_C(0x3ff0000000000000) - UINT64_C(0x3fe6a09e667f3bcd));
  k += (int)(above >> 52) - 1023;
  const double m = from_bits((above & UINT64_C(0x000fffffffffffff)) + UINT64_C(0x3fe6a09e667f3bcd));
  const double f = m - 1.0;
  const pair d = fast_two_sum(2.0, f);
  const double inverse = 1.0 / d.hi;
  const double s = f * inverse;
  const pair product = two_product(s, d.hi);
  const double s_lo = (((f - product.hi) - product.lo) - s * d.lo) * inverse;
  const double z = s * s;
  const double z2 = z * z;
  const double p =
      ((0x1.5555555555555p-1 + z * 0x1.9999999999a38p-2) + z2 * (0x1.2492492476c87p-2 + z * 0x1.c71c720160b47p-3)) +
      z2 * z2 *
          ((0x1.745cf901605f7p-3 + z * 0x1.3b1c360763b8ap-3) + z2 * (0x1.0fbe83c2cbcf3p-3 + z * 0x1.0c04595972ab8p-3));
  const double kd = (double)k;
  const pair sum = fast_two_sum(kd * LN2_HI, 2.0 * s);  // k = 0 gives 2 s and 0
  return fast_two_sum(sum.hi, sum.lo + (kd * LN2_LO + (2.0 * s_lo + s * z * p)));
}

double wf_log(double x) {
  if (!(x > 0.0)) return x == 0.0 ? -INFINITE : NOT_A_NUMBER;
  if (!is_finite(x)) return x;
  return log_pair(x).hi;
}

double wf_pow(double x, double y) {
  if (x == 1.0 || y == 0.0) return 1.0;
  if (x != x || y != y || x < 0.0) return NOT_A_NUMBER;
  if (x == 0.0 || !is_finite(x)) return (x == 0.0) == (y > 0.0) ? 0.0 : INFINITE;
  const pair l = log_pair(x);
  const double estimate = y * l.hi;
  if (!(absolute(estimate) < 746.0)) return estimate > 0.0 ? INFINITE : 0.0;
  if (absolute(estimate) < 0x1p-60) return 1.0;
  const pair product = two_product(y, l.hi);
  return exp_pair(product.hi, product.lo + y * l.lo);
}

// ---- plane and remainder ----

double wf_hypot(double x, double y) {
  x = absolute(x);
  y = absolute(y);
  const double largest = x > y ? x : y;
  if (!is_finite(x) || !is_finite(y)) return x == INFINITE || y == INFINITE ? INFINITE : NOT_A_NUMBER;
  double scale = 1.0;
  if (largest > 0x1p510) scale = 0x1p-600;
  if (largest < 0x1p-450) scale = 0x1p600;
  x *= scale;
  y *= scale;
  return __builtin_sqrt(x * x + y * y) * (scale == 1.0 ? 1.0 : 1.0 / scale);
}

// |x| as mantissa · 2^exponent, exponent counted from the smallest subnormal.
static uint64_t take_apart(double x, int *exponent) {
  const uint64_t bits = to_bits(x) & UINT64_C(0x7fffffffffffffff);
  const int biased = (int)(bits >> 52);
  *exponent = biased > 0 ? biased - 1 : 0;
  return biased > 0 ? (bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x0010000000000000) : bits;
}

// Long division in integers, eleven bits of quotient at a time; 0 < m ≤ x. Exact.
static double remainder_of(double x, double m) {
  int ex, em;
  uint64_t rest = take_apart(x, &ex);
  const uint64_t divisor = take_apart(m, &em);
  rest %= divisor;
  for (int left = ex - em; left > 0;) {
    const int step = left < 11 ? left : 11;
    rest = (rest << step) % divisor;
    left -= step;
  }
  const int scale = em - 1074;
  return (double)rest * power_of_two(scale / 2) * power_of_two(scale - scale / 2);
}

double wf_fmod_pos(double x, double m) {
  if (!is_finite(x) || !is_finite(m) || !(m > 0.0)) return NOT_A_NUMBER;
  double r = absolute(x);
  if (r >= m) r = remainder_of(r, m);
  if (x < 0.0 && r > 0.0) r = m - r;
  return r < m ? r : 0.0;  // m − r may round up to m
}

// x less the nearest whole number of turns.
static double whole_turns_off(double x) {
  if (!(absolute(x) <= REDUCIBLE)) {
    x = wf_fmod_pos(x, TWO_PI);
    return x > PI_HI ? x - TWO_PI : x;
  }
  const double shifted = x * (0.25 * TWO_OVER_PI) + ROUNDER;
  const pair r = minus_quarter_turns(x, 4.0 * (shifted - ROUNDER));
  return r.hi;
}

double wf_wrap_pi(double x_rad) {
  if (x_rad > -PI_HI && x_rad <= PI_HI) return x_rad;
  const double r = whole_turns_off(x_rad);
  return r <= -PI_HI || r > PI_HI ? PI_HI : r;
}

double wf_wrap_2pi(double x_rad) {
  if (x_rad >= 0.0 && x_rad < TWO_PI) return x_rad;
  double r = whole_turns_off(x_rad);
  if (r < 0.0) {
    const pair sum = fast_two_sum(TWO_PI, r);
    r = sum.hi + (sum.lo + 2.0 * PI_LO);
  }
  return r >= TWO_PI ? 0.0 : r;
}
