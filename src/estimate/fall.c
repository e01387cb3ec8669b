#include "estimate/fall.h"

#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "geo/wgs84.h"

#define CHI2_2_95 5.991
#define STRANGE2 9.0  // (3 sigma)²: a body that is not of the kind that is assumed

// Position, velocity and ln β as filtered together: P = Pc + k kᵀ σ², where k = Cov(x, ln β)/σ² says how the state
// moves when ln β does. What motion/impact.h takes as independent errors is then Pc without β, and two displaced
// flights.
typedef struct joint {
  double state[6], along[6], conditional[36], ln_beta, sigma;
} joint;

// Filters begin with a ln β of anything that flies (filter.h), so that a light fragment is followed as well as a
// warhead. Where it comes down is told of a whole body, β = 5,000 kg/m² ± 30 % before any drag is felt, with or without
// the seventh state: what that knows beyond the filter's own beginning is taken as one more measurement of ln β, unless
// the drag contradicts it.
static void assume_whole_body(wf_filter *f) {
  const double own = 1.0 / (WF_LN_BETA_SIGMA * WF_LN_BETA_SIGMA), ratio = WF_IMPACT_ATMOSPHERE.beta_sigma_ratio;
  const double wanted = 1.0 / (ratio * ratio), variance = 1.0 / (wanted - own);
  const double mean = (wf_log(WF_IMPACT_ATMOSPHERE.beta_kg_m2) * wanted - WF_LN_BETA_MEAN * own) * variance;
  const double s = f->p[48] + variance, r = mean - f->x[6];
  if (r * r > STRANGE2 * s) return;
  double column[7];
  for (int i = 0; i < 7; i++) column[i] = f->p[i * 7 + 6];
  for (int i = 0; i < 7; i++) {
    f->x[i] += column[i] / s * r;
    for (int k = 0; k < 7; k++) f->p[i * 7 + k] -= column[i] * column[k] / s;
  }
}

static bool split(const wf_filter *filter, joint *j) {
  wf_filter f = *filter;
  if (f.size != 7) return false;
  assume_whole_body(&f);
  memcpy(j->state, f.x, sizeof j->state);
  j->ln_beta = f.x[6];
  j->sigma = wf_sqrt(f.p[48]);
  if (!(j->sigma > 0.0)) return false;
  const double variance = j->sigma * j->sigma;
  for (int i = 0; i < 6; i++) j->along[i] = f.p[i * 7 + 6] / variance;
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < 6; k++) j->conditional[i * 6 + k] = f.p[i * 7 + k] - j->along[i] * j->along[k] * variance;
  return true;
}

// East and north of b from a, metres, for places near each other.
static void east_north(const wf_impact *a, const wf_impact *b, double *east_m, double *north_m) {
  const double s = wf_sin(a->lat_rad), w2 = 1.0 - WF_WGS84_E2 * s * s, n = WF_WGS84_A_M / wf_sqrt(w2);
  *north_m = (b->lat_rad - a->lat_rad) * n * (1.0 - WF_WGS84_E2) / w2;
  *east_m = wf_wrap_pi(b->lon_rad - a->lon_rad) * n * wf_cos(a->lat_rad);
}

static wf_status impact_joint(const joint *j, wf_gravity gravity, wf_impact *out) {
  wf_impact_options options = WF_IMPACT_ATMOSPHERE;
  options.gravity = gravity;
  options.beta_kg_m2 = wf_exp(j->ln_beta);
  options.beta_sigma_ratio = 0.0;
  wf_status status = wf_motion_impact(&options, j->state, j->conditional, out);
  if (status != WF_OK || out->reason != WF_IMPACT_OK) return status;
  // Both ways by √3 σ, as motion/impact.c does for a β that is independent of the state.
  double sum[4] = {0};
  for (int sign = -1; sign <= 1; sign += 2) {
    const double step = sign * 1.7320508075688772 * j->sigma;
    double moved[6], e, n;
    wf_impact other;
    for (int i = 0; i < 6; i++) moved[i] = j->state[i] + step * j->along[i];
    options.beta_kg_m2 = wf_exp(j->ln_beta + step);
    status = wf_motion_impact(&options, moved, NULL, &other);
    if (status != WF_OK || other.reason != WF_IMPACT_OK) return WF_EDIVERGED;
    east_north(out, &other, &e, &n);
    const double t = other.delay_s - out->delay_s;
    sum[0] += e * e / 6.0;
    sum[1] += e * n / 6.0;
    sum[2] += n * n / 6.0;
    sum[3] += t * t / 6.0;
  }
  for (int i = 0; i < 3; i++) out->cov_en_m2[i] += sum[i];
  out->delay_sigma_s = wf_sqrt(out->delay_sigma_s * out->delay_sigma_s + sum[3]);
  wf_motion_ellipse(out->cov_en_m2, CHI2_2_95, &out->semi_major_95_m, &out->semi_minor_95_m, &out->azimuth_rad);
  return WF_OK;
}

static wf_status impact_simple(const wf_filter *f, bool vacuum, wf_gravity gravity, wf_impact *out) {
  wf_impact_options options = vacuum ? WF_IMPACT_VACUUM : WF_IMPACT_ATMOSPHERE;
  double covariance[36];
  options.gravity = gravity;
  for (int i = 0; i < 6; i++)
    for (int k = 0; k < 6; k++) covariance[i * 6 + k] = f->p[i * f->size + k];
  return wf_motion_impact(&options, f->x, covariance, out);
}

wf_status wf_filter_impact(const wf_filter *filter, bool vacuum, wf_gravity gravity, wf_impact *out) {
  joint j;
  if (!vacuum && split(filter, &j) && impact_joint(&j, gravity, out) == WF_OK) return WF_OK;
  return impact_simple(filter, vacuum, gravity, out);
}
