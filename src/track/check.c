// Which plots are taken, as a numbered list; the first rule that speaks decides.
#include <math.h>
#include <string.h>

#include "internal.h"

#define SIGMA_MIN_M 1e-3
#define SIGMA_MAX_M 1e6
#define SIGMA_MIN_RAD 1e-9
#define SIGMA_MAX_RAD 10.0

const char *wf_plot_reject_name(wf_plot_reject reject) {
  static const char *const name[WF_PLOT_REJECT_COUNT] = {
      "ok",        "not finite", "out of range",        "unknown sensor",   "too old", "in the future",
      "duplicate", "scan full",  "degrees for radians", "implausibly fast",
  };
  return (unsigned)reject < WF_PLOT_REJECT_COUNT ? name[reject] : "unknown";
}

static bool is_finite(const double *x, int n) {
  for (int i = 0; i < n; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

static bool all_finite(const wf_plot *p) {
  if ((p->flags & WF_PLOT_HAS_SIGMAS) && !is_finite(p->sigma, 3)) return false;
  if (p->kind == WF_PLOT_LOS) return is_finite(p->los.origin_ecef_m, 3) && is_finite(p->los.unit_ecef, 3);
  const double rae[3] = {p->radar.range_m, p->radar.az_rad, p->radar.el_rad};
  return is_finite(rae, 3) && (!(p->flags & WF_PLOT_HAS_RANGE_RATE) || isfinite(p->radar.range_rate_m_s));
}

// Neither so exact that a covariance loses its digits, nor so vague that it overflows.
static bool sigmas_in_range(const wf_plot *p) {
  const bool line = p->kind == WF_PLOT_LOS;
  if (!line && !(p->sigma[0] >= SIGMA_MIN_M && p->sigma[0] <= SIGMA_MAX_M)) return false;
  for (int i = line ? 0 : 1; i < (line ? 1 : 3); i++)
    if (!(p->sigma[i] >= SIGMA_MIN_RAD && p->sigma[i] <= SIGMA_MAX_RAD)) return false;
  return true;
}

// An azimuth above 2π or an elevation above π/2 that would be one in degrees.
static bool in_degrees(const wf_plot *p) {
  if (p->kind != WF_PLOT_RADAR) return false;
  const double az = fabs(p->radar.az_rad), el = fabs(p->radar.el_rad);
  return az <= 360.0 && el <= 90.0 && (az > 2.0 * WF_PI + 0.1 || el > 0.5 * WF_PI);
}

static bool in_range(const wf_plot *p, const wf_sensor *s) {
  if ((p->flags & WF_PLOT_HAS_SIGMAS) && !sigmas_in_range(p)) return false;
  if (p->kind == WF_PLOT_LOS) {
    const double unit = wf_vec_norm(p->los.unit_ecef), origin = wf_vec_norm(p->los.origin_ecef_m);
    return fabs(unit - 1.0) < 1e-6 && origin > 6.3e6 && origin < 1e8;
  }
  if (p->kind != WF_PLOT_RADAR || s->kind != WF_SENSOR_RADAR) return false;
  if (p->radar.az_rad < -WF_PI - 0.1 || p->radar.az_rad > 2.0 * WF_PI + 0.1) return false;
  if (fabs(p->radar.el_rad) > 0.5 * WF_PI) return false;
  if ((p->flags & WF_PLOT_HAS_RANGE_RATE) && fabs(p->radar.range_rate_m_s) > 2.0e4) return false;
  return p->radar.range_m > 0.0 && p->radar.range_m < 1e8;
}

static uint64_t fingerprint(const wf_plot *p) {
  uint64_t h = wf_mix64((uint64_t)p->time.ns ^ ((uint64_t)p->sensor << 48) ^ p->kind);
  const double *value = p->kind == WF_PLOT_LOS ? p->los.unit_ecef : &p->radar.range_m;
  for (int i = 0; i < 3; i++) {
    uint64_t bits;
    memcpy(&bits, &value[i], sizeof bits);
    h = wf_mix64(h ^ bits);
  }
  return h | 1u;
}

static bool seen_before(wf_tracker *t, const wf_plot *p) {
  const uint64_t print = fingerprint(p);
  uint64_t *place = &t->recent[print >> 50];
  if (*place == print) return true;
  *place = print;
  return false;
}

uint8_t wf_track_check(wf_tracker *t, const wf_plot *p) {
  if (p->sensor >= t->watchers) return WF_PLOT_UNKNOWN_SENSOR;  // 1
  if (!all_finite(p)) return WF_PLOT_NOT_FINITE;                // 2
  if (!in_range(p, &t->watcher[p->sensor].sensor))              // 3
    return in_degrees(p) ? WF_PLOT_DEGREES : WF_PLOT_OUT_OF_RANGE;
  if (t->has_time && wf_time_diff_s(t->now, p->time) > LATE_MAX_S) return WF_PLOT_TOO_OLD;  // 4
  if (t->clocked && wf_time_diff_s(p->time, t->now) > AHEAD_MAX_S) return WF_PLOT_FUTURE;   // 5
  if (seen_before(t, p)) return WF_PLOT_DUPLICATE;                                          // 6
  return WF_PLOT_OK;
}
