// Elementary functions against the long double library, in ulps of the result.
#include <math.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "base/rng.h"

static const uint64_t SEED = 20261123;

typedef struct worst {
  double ulps, at, at2;
} worst;

// Distance from the truth in units of the last place of a double of that size.
static double ulps(double value, long double truth) {
  if (isnan(value) || isnan(truth)) return isnan(value) && isnan(truth) ? 0.0 : INFINITY;
  const double nearest = (double)truth;
  if (isinf(value) || isinf(nearest)) return value == nearest ? 0.0 : INFINITY;
  int exponent;
  frexp(nearest, &exponent);
  if (exponent < -1021) exponent = -1021;
  return (double)(fabsl((long double)value - truth) / ldexpl(1.0L, exponent - 53));
}

static void note(worst *w, double value, long double truth, double at, double at2) {
  const double u = ulps(value, truth);
  if (u > w->ulps) *w = (worst){u, at, at2};
}

static void report(const char *name, const worst *w, double limit) {
  print_message("%-28s worst %.3f ulp at %.17g %.17g\n", name, w->ulps, w->at, w->at2);
  assert_true(w->ulps < limit);
}

// Any finite double between two powers of two, exponent uniform.
static double any_size(wf_rng *rng, int low, int high) {
  const int e = low + (int)wf_rng_below(rng, (uint64_t)(high - low + 1));
  const double m = ldexp(1.0 + wf_rng_uniform(rng), e);
  return wf_rng_u64(rng) & 1 ? -m : m;
}

static void check_angle(worst w[3], double x) {
  double s, c;
  wf_sincos(x, &s, &c);
  assert_true(s == wf_sin(x) && c == wf_cos(x));
  note(&w[0], s, sinl((long double)x), x, 0);
  note(&w[1], c, cosl((long double)x), x, 0);
}

static void sines_and_cosines(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  worst w[3] = {0};
  for (int i = 0; i < 400000; i++) {
    check_angle(w, wf_rng_between(&rng, -8.0, 8.0));
    check_angle(w, wf_rng_between(&rng, -1e6, 1e6));
    check_angle(w, any_size(&rng, -1074, 19));
  }
  report("sin", &w[0], 1.0);
  report("cos", &w[1], 1.0);
}

// The doubles next to multiples of π/2, where cancellation is worst. The x87 library reduces with 64-bit π at best, so
// the truth is computed here: x − n π/2 with π/2 as three long doubles, the sine and cosine of that from the library.
static void near_quarter_turns(void **state) {
  (void)state;
  const long double part1 = 0x1.921fb544p+0L, part2 = 0x1.0b4611a6p-34L, part3 = 0x1.3198a2e037073449p-69L;
  worst w[2] = {0};
  for (int n = 1; n <= 636619; n += n < 5000 ? 1 : 7) {
    const double nearest = (double)(n * (long double)M_PI_2 + n * 6.123233995736765886130e-17L);
    for (int k = -1; k <= 1; k++) {
      const double x = nearest + k * (nextafter(nearest, 1e9) - nearest);
      const long double r = (((long double)x - n * part1) - n * part2) - n * part3;
      const long double s = sinl(r), c = cosl(r);
      const long double sin_truth[4] = {s, c, -s, -c};
      double sine, cosine;
      wf_sincos(x, &sine, &cosine);
      note(&w[0], sine, sin_truth[n & 3], x, n);
      note(&w[1], cosine, sin_truth[(n + 1) & 3], x, n);
    }
  }
  report("sin near n·pi/2", &w[0], 2.0);
  report("cos near n·pi/2", &w[1], 2.0);
}

static void arcs(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 1);
  worst at = {0}, at2 = {0}, as = {0}, ac = {0};
  for (int i = 0; i < 400000; i++) {
    double x = wf_rng_between(&rng, -4.0, 4.0);
    note(&at, wf_atan(x), atanl((long double)x), x, 0);
    x = any_size(&rng, -1074, 1023);
    note(&at, wf_atan(x), atanl((long double)x), x, 0);
    x = wf_rng_between(&rng, -1.0, 1.0);
    note(&as, wf_asin(x), asinl((long double)x), x, 0);
    note(&ac, wf_acos(x), acosl((long double)x), x, 0);
    x = any_size(&rng, -1074, -1);
    note(&as, wf_asin(x), asinl((long double)x), x, 0);
    note(&ac, wf_acos(x), acosl((long double)x), x, 0);
    x = x < 0 ? -1.0 - x : 1.0 - x;  // close to ±1
    note(&as, wf_asin(x), asinl((long double)x), x, 0);
    note(&ac, wf_acos(x), acosl((long double)x), x, 0);
    double y = any_size(&rng, -3, 3);
    x = any_size(&rng, -3, 3);
    note(&at2, wf_atan2(y, x), atan2l(y, x), y, x);
    y = any_size(&rng, -1074, 1023);
    x = any_size(&rng, -1074, 1023);
    note(&at2, wf_atan2(y, x), atan2l(y, x), y, x);
  }
  report("atan", &at, 2.0);
  report("atan2", &at2, 2.0);
  report("asin", &as, 2.0);
  report("acos", &ac, 2.0);
}

static void exponentials(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 2);
  worst e = {0}, l = {0}, p = {0}, h = {0};
  for (int i = 0; i < 400000; i++) {
    double x = wf_rng_between(&rng, -750.0, 711.0);
    note(&e, wf_exp(x), expl((long double)x), x, 0);
    x = any_size(&rng, -1074, 9);
    note(&e, wf_exp(x), expl((long double)x), x, 0);
    x = fabs(any_size(&rng, -1074, 1023));
    note(&l, wf_log(x), logl((long double)x), x, 0);
    x = 1.0 + any_size(&rng, -52, -2);
    note(&l, wf_log(x), logl((long double)x), x, 0);
    x = fabs(any_size(&rng, -40, 40));
    const double y = wf_rng_between(&rng, -8.0, 8.0);
    note(&p, wf_pow(x, y), powl(x, y), x, y);
    const double a = any_size(&rng, -1074, 1022), b = i & 1 ? any_size(&rng, -1074, 1022) : a * wf_rng_uniform(&rng);
    note(&h, wf_hypot(a, b), hypotl(a, b), a, b);
  }
  report("exp", &e, 2.0);
  report("log", &l, 1.0);
  report("pow", &p, 2.0);
  report("hypot", &h, 2.0);
}

static void special_values(void **state) {
  (void)state;
  const double inf = INFINITY;
  assert_true(isnan(wf_sin(inf)) && isnan(wf_cos(-inf)) && isnan(wf_sin(NAN)));
  assert_true(wf_sin(0.0) == 0.0 && wf_cos(0.0) == 1.0 && wf_sin(5e-324) == 5e-324);
  assert_true(isnan(wf_atan(NAN)) && isnan(wf_atan2(NAN, 1.0)) && isnan(wf_atan2(1.0, NAN)));
  assert_true(wf_atan(inf) == M_PI_2 && wf_atan(-inf) == -M_PI_2);
  assert_true(wf_atan2(0.0, 0.0) == 0.0 && wf_atan2(0.0, -1.0) == M_PI && wf_atan2(-0.0, -1.0) == M_PI);
  assert_true(wf_atan2(1.0, 0.0) == M_PI_2 && wf_atan2(-1.0, 0.0) == -M_PI_2 && wf_atan2(-0.0, 1.0) == 0.0);
  assert_true(wf_atan2(inf, inf) == M_PI_4 && wf_atan2(-inf, -inf) == -3.0 * M_PI_4 && wf_atan2(1.0, -inf) == M_PI);
  assert_true(wf_asin(1.5) == M_PI_2 && wf_asin(-inf) == -M_PI_2 && wf_acos(2.0) == 0.0 && wf_acos(-2.0) == M_PI);
  assert_true(wf_asin(1.0) == M_PI_2 && wf_acos(1.0) == 0.0 && wf_acos(-1.0) == M_PI && isnan(wf_acos(NAN)));
  assert_true(wf_exp(inf) == inf && wf_exp(-inf) == 0.0 && wf_exp(0.0) == 1.0 && isnan(wf_exp(NAN)));
  assert_true(wf_exp(709.8) == inf && wf_exp(-746.0) == 0.0 && wf_exp(-745.0) == 5e-324);
  assert_true(wf_log(0.0) == -inf && isnan(wf_log(-1.0)) && wf_log(inf) == inf && wf_log(1.0) == 0.0);
  assert_true(isnan(wf_log(NAN)) && wf_log(5e-324) == log(5e-324));
  assert_true(wf_pow(0.0, 2.0) == 0.0 && wf_pow(0.0, -1.0) == inf && wf_pow(0.0, 0.0) == 1.0 &&
              wf_pow(inf, -1.0) == 0.0);
  assert_true(wf_pow(2.0, 10.0) == 1024.0 && wf_pow(2.0, 2000.0) == inf && wf_pow(2.0, -2000.0) == 0.0);
  assert_true(isnan(wf_pow(-1.0, 2.0)) && isnan(wf_pow(NAN, 1.0)) && wf_pow(0.5, inf) == 0.0 &&
              wf_pow(1.0, inf) == 1.0);
  assert_true(wf_hypot(inf, NAN) == inf && isnan(wf_hypot(NAN, 1.0)) && wf_hypot(0.0, 0.0) == 0.0);
  assert_true(wf_hypot(3e300, 4e300) == 5e300 && wf_hypot(0.0, 5e-324) == 5e-324);
  assert_true(wf_floor(-0.5) == -1.0 && wf_floor(2.0) == 2.0 && wf_floor(1e300) == 1e300 && wf_floor(-3.0) == -3.0);
  assert_true(isnan(wf_floor(NAN)) && isnan(wf_sqrt(-1.0)) && wf_sqrt(4.0) == 2.0);
}

static void remainders(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 3);
  for (int i = 0; i < 100000; i++) {
    const double x = any_size(&rng, -300, i & 1 ? 40 : 1000), m = fabs(any_size(&rng, -300, 60));
    const double exact = fmod(fabs(x), m);
    double want = x < 0.0 && exact > 0.0 ? m - exact : exact;
    if (want == m) want = 0.0;
    assert_true(wf_fmod_pos(x, m) == want);
  }
  assert_true(wf_fmod_pos(5e-324 * 7, 5e-324 * 4) == 5e-324 * 3);
  assert_true(isnan(wf_fmod_pos(1.0, 0.0)) && isnan(wf_fmod_pos(INFINITY, 1.0)) && isnan(wf_fmod_pos(1.0, -2.0)));
  assert_true(wf_fmod_pos(-1e-300, 360.0) == 0.0 && wf_fmod_pos(-90.0, 360.0) == 270.0);
}

static void wrapping(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 4);
  const long double turn = 2.0L * 3.14159265358979323846264338327950288L;
  for (int i = 0; i < 200000; i++) {
    const double x = wf_rng_between(&rng, -1e6, 1e6);
    const long double r = x - turn * rintl(x / turn);
    const double wrapped = wf_wrap_pi(x), wrapped2 = wf_wrap_2pi(x);
    assert_true(wrapped > -M_PI && wrapped <= M_PI && wrapped2 >= 0.0 && wrapped2 < 2.0 * M_PI);
    assert_true(fabsl(wrapped - r) < 2e-13L || fabsl(fabsl(wrapped - r) - turn) < 2e-13L);
    assert_true(fabs(wrapped2 - (wrapped < 0.0 ? wrapped + 2.0 * M_PI : wrapped)) < 2e-15);
  }
  assert_true(wf_wrap_pi(M_PI) == M_PI && wf_wrap_pi(-M_PI) == M_PI && wf_wrap_pi(0.0) == 0.0);
  assert_true(wf_wrap_pi(3.0 * M_PI) > -M_PI && wf_wrap_2pi(2.0 * M_PI) < 1e-15 && wf_wrap_2pi(-1e-30) == 0.0);
  assert_true(isnan(wf_wrap_pi(NAN)) && isnan(wf_wrap_2pi(INFINITY)));
  assert_true(fabs(wf_wrap_pi(1e9) - (double)(1e9L - turn * rintl(1e9L / turn))) < 1e-7);
}

// χ² quantiles with 60-digit arithmetic (mpmath: gammainc regularised, findroot).
static const struct {
  int dof;
  double p, x;
} CHI2[] = {
    {1, 1e-10, 1.57079632679489673e-20},   {1, 0.001, 1.57079714926248994e-6},   {1, 0.025, 0.000982069117175256021},
    {1, 0.5, 0.454936423119572752},        {1, 0.95, 3.84145882069412447},       {1, 0.99, 6.63489660102121356},
    {1, 0.9973, 8.9998619567496703},       {1, 0.999999, 23.9281269768794691},   {2, 1e-10, 2.00000000010000007e-10},
    {2, 0.001, 0.00200100066716706704},    {2, 0.025, 0.0506356159685797537},    {2, 0.5, 1.38629436111989062},
    {2, 0.95, 5.99146454710798021},        {2, 0.99, 9.21034037197618096},       {2, 0.9973, 11.8290070119436809},
    {2, 0.999999, 27.6310211158710369},    {3, 1e-10, 5.20939762143448033e-7},   {3, 0.001, 0.0242975858156927335},
    {3, 0.025, 0.215795282623897877},      {3, 0.5, 2.36597388437533827},        {3, 0.95, 7.81472790325117797},
    {3, 0.99, 11.34486673014437},          {3, 0.9973, 14.1562525005409005},     {3, 0.999999, 30.6648497061542683},
    {4, 1e-10, 0.0000282844045816594828},  {4, 0.001, 0.0908040355389791146},    {4, 0.025, 0.48441855708792982},
    {4, 0.5, 3.35669398003332131},         {4, 0.95, 9.4877290367811546},        {4, 0.99, 13.2767041359876225},
    {4, 0.9973, 16.2511711522105618},      {4, 0.999999, 33.3768415816588818},   {6, 1e-10, 0.00168722112496945489},
    {6, 0.001, 0.381066755136806384},      {6, 0.025, 1.2373442457912026},       {6, 0.5, 5.34812062744712064},
    {6, 0.95, 12.5915872437439771},        {6, 0.99, 16.8118938297709288},       {6, 0.9973, 20.0619019723755106},
    {6, 0.999999, 38.2583363771458477},    {9, 1e-10, 0.0289680598472213637},    {9, 0.001, 1.15194954622356416},
    {9, 0.025, 2.70038949998035796},       {9, 0.5, 8.34283269225295379},        {9, 0.95, 16.9189776046204471},
    {9, 0.99, 21.6659943334619233},        {9, 0.9973, 25.2566636113565274},     {9, 0.999999, 44.8109378706202588},
    {10, 1e-10, 0.0523310656319054102},    {10, 0.001, 1.47874346383566504},     {10, 0.025, 3.24697278023684112},
    {10, 0.5, 9.34181776559196744},        {10, 0.95, 18.307038053275144},       {10, 0.99, 23.2092511589543571},
    {10, 0.9973, 26.9009117886140659},     {10, 0.999999, 46.8630468467156849},  {50, 1e-10, 9.77111487587712711},
    {50, 0.001, 24.6739052718772624},      {50, 0.025, 32.3573636956586535},     {50, 0.5, 49.3349367339768353},
    {50, 0.95, 67.5048065495411947},       {50, 0.99, 76.1538912490127126},      {50, 0.9973, 82.3186120020903602},
    {50, 0.999999, 112.608092498863477},   {100, 1e-10, 34.3998239091248183},    {100, 0.001, 61.9179392069366232},
    {100, 0.025, 74.2219274749237263},     {100, 0.5, 99.3341292359884558},      {100, 0.95, 124.342113404004075},
    {100, 0.99, 135.806723171026775},      {100, 0.9973, 143.845334016785595},   {100, 0.999999, 182.126777119426143},
    {600, 1e-10, 405.220806388325121},     {600, 0.001, 498.622873546989386},    {600, 0.025, 534.018550465932642},
    {600, 0.5, 599.333465180878485},       {600, 0.95, 658.093573137724732},     {600, 0.99, 683.515590956008551},
    {600, 0.9973, 700.874962025110661},    {600, 0.999999, 779.28460510955767},  {3000, 1e-10, 2533.24971256858582},
    {3000, 0.001, 2766.31948199852615},    {3000, 0.025, 2850.08493651979282},   {3000, 0.5, 2999.33335967719245},
    {3000, 0.95, 3128.53667001280831},     {3000, 0.99, 3183.13391672515295},    {3000, 0.9973, 3220.00062259171243},
    {3000, 0.999999, 3382.69898014915596}, {10000, 1e-10, 9126.5118024232567},   {10000, 0.001, 9568.66849509396817},
    {10000, 0.025, 9724.71837738979823},   {10000, 0.5, 9999.33334123514483},    {10000, 0.95, 10233.7488976779364},
    {10000, 0.99, 10331.9335779294486},    {10000, 0.9973, 10397.9505760809633}, {10000, 0.999999, 10686.6898298660386},
};

static void chi2_quantiles(void **state) {
  (void)state;
  double largest = 0.0;
  for (size_t i = 0; i < sizeof CHI2 / sizeof *CHI2; i++) {
    const double error = fabs(wf_chi2_quantile(CHI2[i].dof, CHI2[i].p) / CHI2[i].x - 1.0);
    if (error > largest) largest = error;
    if (!(error < 1e-11)) print_message("dof %d p %.17g: error %g\n", CHI2[i].dof, CHI2[i].p, error);
  }
  print_message("chi2 quantile: worst relative error %.2g\n", largest);
  assert_true(largest < 1e-11);
  assert_true(wf_chi2_quantile(3, 0.0) == 0.0 && isinf(wf_chi2_quantile(3, 1.0)) && isnan(wf_chi2_quantile(0, 0.5)));
  assert_true(isnan(wf_chi2_quantile(3, NAN)) && isnan(wf_chi2_cdf(3, NAN)));
}

// There and back over the whole range of both arguments.
static void chi2_round_trips(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 5);
  double largest = 0.0;
  for (int i = 0; i < 3000; i++) {
    const int dof = 1 + (int)wf_rng_below(&rng, i & 1 ? 30 : 10000);
    const double p = wf_exp(wf_rng_between(&rng, -30.0, -0.001));
    const double x = wf_chi2_quantile(dof, p);
    const double error = fabs(wf_chi2_cdf(dof, x) / p - 1.0);
    if (error > largest) largest = error;
  }
  print_message("chi2 round trip: worst relative error of p %.2g\n", largest);
  assert_true(largest < 1e-10);
}

static const struct {
  double p, x;
} NORMAL[] = {
    {1e-300, -37.0470962993611992}, {1e-100, -21.2734535609653243},       {1e-20, -9.26234008979840758},
    {1e-09, -5.99780701500768686},  {0.0001, -3.71901648545568055},       {0.00135, -2.99997699270339311},
    {0.025, -1.95996398454005421},  {0.1, -1.28155156554460044},          {0.15, -1.0364333894937896},
    {0.2, -0.841621233572914166},   {0.25, -0.674489750196081743},        {0.4, -0.253347103135799741},
    {0.49, -0.025068908258711058},  {0.4999999, -2.50662827470310651e-7}, {0.5000001, 2.5066282733116483e-7},
    {0.51, 0.025068908258711058},   {0.7, 0.524400512708040656},          {0.79, 0.806421247018240332},
    {0.81, 0.877896295051228792},   {0.9, 1.28155156554460059},           {0.975, 1.95996398454005386},
    {0.99, 2.32634787404084077},    {0.9999, 3.71901648545570839},        {0.999999999, 5.99780701960163743},
};

static void normal_quantiles(void **state) {
  (void)state;
  double largest = 0.0, largest_cdf = 0.0;
  for (size_t i = 0; i < sizeof NORMAL / sizeof *NORMAL; i++) {
    const double error = fabs(wf_normal_quantile(NORMAL[i].p) / NORMAL[i].x - 1.0);
    // Conditioned by the rounding of x in the table: x·|dx| of the density.
    const double cdf_error = fabs(wf_normal_cdf(NORMAL[i].x) / NORMAL[i].p - 1.0);
    if (error > largest) largest = error;
    if (cdf_error > largest_cdf) largest_cdf = cdf_error;
  }
  print_message("normal quantile: worst relative error %.2g; cdf %.2g\n", largest, largest_cdf);
  assert_true(largest < 1e-13 && largest_cdf < 1e-12);
  assert_true(wf_normal_quantile(0.5) == 0.0 && isinf(wf_normal_quantile(0.0)) && isnan(wf_normal_quantile(1.5)));
  assert_true(wf_normal_cdf(0.0) == 0.5 && wf_normal_cdf(-INFINITY) == 0.0 && wf_normal_cdf(1e200) == 1.0);
}

static void gamma_logarithm(void **state) {
  (void)state;
  double largest = 0.0;
  for (double x = 1e-8; x < 1e7; x *= 1.013) {
    const double truth = (double)lgammal((long double)x);
    const double error = fabs(wf_log_gamma(x) - truth) / fmax(1.0, fabs(truth));
    if (error > largest) largest = error;
  }
  print_message("log gamma: worst error %.2g\n", largest);
  assert_true(largest < 1e-14);
  assert_true(isinf(wf_log_gamma(0.0)) && isnan(wf_log_gamma(-1.0)) && wf_log_gamma(1.0) == 0.0);
}

int main(void) {
  print_message("seed %llu\n", (unsigned long long)SEED);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sines_and_cosines), cmocka_unit_test(near_quarter_turns), cmocka_unit_test(arcs),
      cmocka_unit_test(exponentials),      cmocka_unit_test(special_values),     cmocka_unit_test(remainders),
      cmocka_unit_test(wrapping),          cmocka_unit_test(chi2_quantiles),     cmocka_unit_test(chi2_round_trips),
      cmocka_unit_test(normal_quantiles),  cmocka_unit_test(gamma_logarithm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
