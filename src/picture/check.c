// Which contributions cannot be true of anything. The order of the checks is the order of the refusals' numbers only
// where it matters: finiteness before any arithmetic.
#include "base/fmath.h"
#include "base/mat.h"
#include "rules.h"

#define LEAST_RADIUS_M 6.336e6  // some 20 km below the lowest sea level
#define MOST_RADIUS_M 5e7
#define MOST_SPEED_M_S 12e3
#define MOST_VECTOR 1e15
#define POSITION_INFORMATION_MAX 1e6  // 1/m²: a millimetre
#define VELOCITY_INFORMATION_MAX 1e6  // s²/m²: a millimetre per second
#define INDEFINITE 0.02               // of the unit diagonal: rounding and clamping at the origin, no more
#define AHEAD_OF_PUBLICATION_S 10.0
#define TIME_MAX_NS INT64_C(4102444800000000000)  // 2100
#define STATED_SPAN_S 86400.0

const char *wf_picture_refusal_name(wf_picture_refusal refusal) {
  static const char *const names[WF_REFUSAL_COUNT] = {
      [WF_REFUSAL_NONE] = "none",
      [WF_REFUSAL_NO_ORIGIN] = "no_origin",
      [WF_REFUSAL_KIND] = "kind",
      [WF_REFUSAL_ENUMERATION] = "enumeration",
      [WF_REFUSAL_TIME] = "time",
      [WF_REFUSAL_NOT_FINITE] = "not_finite",
      [WF_REFUSAL_UNDERGROUND] = "underground",
      [WF_REFUSAL_TOO_FAR] = "too_far",
      [WF_REFUSAL_TOO_FAST] = "too_fast",
      [WF_REFUSAL_NOT_POSITIVE] = "not_positive",
      [WF_REFUSAL_TOO_CERTAIN] = "too_certain",
      [WF_REFUSAL_BALLISTIC_COEFFICIENT] = "ballistic_coefficient",
      [WF_REFUSAL_PLACE] = "place",
  };
  return (unsigned)refusal < WF_REFUSAL_COUNT ? names[refusal] : "unknown";
}

static bool finite_all(const double *v, int count) {
  for (int i = 0; i < count; i++)
    if (!(v[i] > -1e300 && v[i] < 1e300)) return false;
  return true;
}

static bool close_in_time(wf_time a, wf_time b) {
  return a.ns >= 0 && a.ns < TIME_MAX_NS && wf_time_diff_s(a, b) <= STATED_SPAN_S &&
         wf_time_diff_s(b, a) <= STATED_SPAN_S;
}

static wf_picture_refusal check_position(const double pos[3]) {
  const double r = wf_vec_norm(pos);
  if (!(r >= LEAST_RADIUS_M)) return WF_REFUSAL_UNDERGROUND;
  return r <= MOST_RADIUS_M ? WF_REFUSAL_NONE : WF_REFUSAL_TOO_FAR;
}

// Positive semi-definite, but for rounding at the origin: `slack` of each diagonal element, and of the largest a
// billionth everywhere (directions that were not measured at all).
static bool positive(int n, const double *full, double slack) {
  double a[36], d[6], largest = 0.0;
  for (int i = 0; i < n; i++)
    if (full[i * n + i] > largest) largest = full[i * n + i];
  for (int i = 0; i < n; i++) {
    const double v = full[i * n + i] * (1.0 + slack) + (slack > 0.0 ? 1e-9 * largest : 0.0);
    if (!(v > 0.0)) return false;
    d[i] = 1.0 / wf_sqrt(v);
  }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) a[i * n + j] = i == j ? 1.0 : full[i * n + j] * d[i] * d[j];
  return finite_all(a, n * n) && wf_mat_cholesky(n, a, a) == WF_OK;
}

static wf_picture_refusal check_detection(const wf_contribution *c) {
  if (c->detection.first_detection.ns != 0 && !close_in_time(c->detection.first_detection, c->valid_time))
    return WF_REFUSAL_TIME;
  if (c->detection.has_place > 1) return WF_REFUSAL_ENUMERATION;
  if (!c->detection.has_place) return WF_REFUSAL_NONE;
  if (!finite_all(c->detection.pos_ecef_m, 3) || !finite_all(c->detection.covariance_m2, 6))
    return WF_REFUSAL_NOT_FINITE;
  double p[9];
  wf_mat_unpack_upper(3, c->detection.covariance_m2, p);
  for (int i = 0; i < 3; i++) {
    if (p[4 * i] > 1e14) return WF_REFUSAL_TOO_FAR;
    if (p[4 * i] < 1.0 / POSITION_INFORMATION_MAX) return WF_REFUSAL_NOT_POSITIVE;
  }
  if (!positive(3, p, 0.0)) return WF_REFUSAL_NOT_POSITIVE;
  return check_position(c->detection.pos_ecef_m);
}

static wf_picture_refusal check_information(const wf_tracklet *t) {
  double y[36];
  wf_mat_unpack_upper(6, t->information, y);
  if (!positive(6, y, INDEFINITE)) return WF_REFUSAL_NOT_POSITIVE;
  for (int i = 0; i < 6; i++) {
    if (y[7 * i] > (i < 3 ? POSITION_INFORMATION_MAX : VELOCITY_INFORMATION_MAX)) return WF_REFUSAL_TOO_CERTAIN;
    if (t->vector[i] > MOST_VECTOR || t->vector[i] < -MOST_VECTOR) return WF_REFUSAL_TOO_FAR;
  }
  return WF_REFUSAL_NONE;
}

static wf_picture_refusal check_tracklet(const wf_tracklet *t) {
  if (t->phase > WF_PHASE_REENTRY || t->position_only > 1 || t->whole > 1) return WF_REFUSAL_ENUMERATION;
  if (!finite_all(t->reference, 6) || !finite_all(t->information, 21) || !finite_all(t->vector, 6) ||
      !finite_all(&t->ln_beta, 1) || !finite_all(&t->ln_beta_sigma, 1))
    return WF_REFUSAL_NOT_FINITE;
  if (t->leans > 1) return WF_REFUSAL_ENUMERATION;
  if (t->leans && (!finite_all(t->lean, 18) || !finite_all(t->lean_information, 6) || !finite_all(t->lean_vector, 3)))
    return WF_REFUSAL_NOT_FINITE;
  if (!(t->ln_beta_sigma >= 0.0)) return WF_REFUSAL_BALLISTIC_COEFFICIENT;
  if (t->ln_beta_sigma > 0.0 && !(t->ln_beta > 2.0 && t->ln_beta < 15.0)) return WF_REFUSAL_BALLISTIC_COEFFICIENT;
  const wf_picture_refusal place = check_position(t->reference);
  if (place != WF_REFUSAL_NONE) return place;
  if (wf_vec_norm(t->reference + 3) > MOST_SPEED_M_S) return WF_REFUSAL_TOO_FAST;
  return check_information(t);
}

// Of an object that others follow: a state, never an increment, and known in all directions.
static wf_picture_refusal check_reported(const wf_tracklet *t) {
  double y[36], p[36];
  const wf_picture_refusal refusal = check_tracklet(t);
  if (refusal != WF_REFUSAL_NONE) return refusal;
  if (!t->whole || t->position_only || t->leans) return WF_REFUSAL_ENUMERATION;
  wf_mat_unpack_upper(6, t->information, y);
  return wf_mat_spd_inverse(6, y, p) == WF_OK ? WF_REFUSAL_NONE : WF_REFUSAL_NOT_POSITIVE;
}

static wf_picture_refusal check_launch(const wf_contribution *c) {
  const wf_launch_area *l = &c->launch;
  if (!l->valid) return WF_REFUSAL_NONE;
  const double numbers[] = {l->time_sigma_s,         l->area.lat_rad,         l->area.lon_rad,
                            l->area.semi_major_95_m, l->area.semi_minor_95_m, l->area.azimuth_rad};
  if (!finite_all(numbers, 6)) return WF_REFUSAL_NOT_FINITE;
  if (!close_in_time(l->time, c->valid_time)) return WF_REFUSAL_TIME;
  const bool on_earth = l->area.lat_rad >= -0.5 * WF_PI && l->area.lat_rad <= 0.5 * WF_PI &&
                        l->area.lon_rad >= -2.0 * WF_PI && l->area.lon_rad <= 2.0 * WF_PI;
  if (!on_earth || l->area.semi_major_95_m > 1e7) return WF_REFUSAL_PLACE;
  if (!(l->area.semi_minor_95_m >= 0.0) || !(l->area.semi_major_95_m >= l->area.semi_minor_95_m) ||
      !(l->time_sigma_s >= 0.0))
    return WF_REFUSAL_NOT_POSITIVE;
  return WF_REFUSAL_NONE;
}

static wf_picture_refusal check_status(const wf_contribution *c) {
  const bool known = c->status.life >= WF_LIFE_TENTATIVE && c->status.life <= WF_LIFE_FAILED &&
                     c->status.phase <= WF_PHASE_REENTRY && c->status.reason <= WF_REASON_IMPLAUSIBLE;
  return known ? WF_REFUSAL_NONE : WF_REFUSAL_ENUMERATION;
}

wf_picture_refusal wf_picture_check(const wf_contribution *c) {
  wf_nation nation;
  if (c->id.origin.code[3] != '\0' || wf_nation_parse(c->id.origin.code, &nation) != WF_OK) return WF_REFUSAL_NO_ORIGIN;
  const uint8_t told = WF_SOURCE_SYSTEM | WF_SOURCE_SERVICE;  // these two go with `reported`, and only so
  if (c->sources > WF_SOURCE_ALL || wf_reported_kind(c->reported) > WF_REPORTED_UNSAID ||
      (c->sources & told) != (wf_reported_sources(c->reported) & told))
    return WF_REFUSAL_ENUMERATION;
  if (c->valid_time.ns < 0 || c->valid_time.ns >= TIME_MAX_NS || c->publish_time.ns < 0 ||
      c->publish_time.ns >= TIME_MAX_NS || wf_time_diff_s(c->valid_time, c->publish_time) > AHEAD_OF_PUBLICATION_S)
    return WF_REFUSAL_TIME;
  switch (c->kind) {
    case WF_CONTRIBUTION_DETECTION:
      return check_detection(c);
    case WF_CONTRIBUTION_TRACKLET:
      return c->reported != 0 ? check_reported(&c->tracklet) : check_tracklet(&c->tracklet);
    case WF_CONTRIBUTION_LAUNCH:
      return check_launch(c);
    case WF_CONTRIBUTION_STATUS:
      return check_status(c);
    default:
      return WF_REFUSAL_KIND;
  }
}
