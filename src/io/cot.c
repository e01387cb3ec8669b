#include "cot.h"

#include <math.h>
#include <stdio.h>

#include "base/fmath.h"
#include "geo/wgs84.h"

#define STALE_S 15.0
#define UNKNOWN 9999999.0
#define FAR_M 1e6  // a position known no better is none

static void stamp(wf_time t, char out[WF_TIME_RFC3339_SIZE]) {
  wf_time_format(t, 3, out);  // RFC 3339 in UTC, with Z, as the schema's examples have it
}

static double sigma_of(const wf_track *t, const double unit[3]) {
  double v = 0;
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) v += unit[i] * t->covariance[6 * i + k] * unit[k];
  return v > 0 ? sqrt(v) : UNKNOWN;
}

// 68 % as the schema wants it: a circle of horizontal error, a height's sigma.
static void errors(const wf_track *t, const wf_site *site, double *ce, double *le) {
  const double *r = site->enu_from_ecef;
  const double east = sigma_of(t, r), north = sigma_of(t, r + 3), up = sigma_of(t, r + 6);
  *ce = east < UNKNOWN && north < UNKNOWN ? 1.51 * (east > north ? east : north) : UNKNOWN;
  *le = up;
}

static const char *frame_of(wf_mode mode) {
  return mode == WF_MODE_LIVE ? "" : mode == WF_MODE_TEST ? "TEST " : "EXERCISE ";
}

wf_status wf_cot_event(const wf_common_track *c, wf_mode mode, wf_time now, char *out, size_t size, size_t *length) {
  const wf_track *t = &c->track;
  wf_lla lla;
  wf_site site;
  wf_geo_lla_from_ecef(t->state, &lla);
  wf_site_init(&site, &lla);
  double ce, le, enu[3] = {0};
  errors(t, &site, &ce, &le);
  if (ce > FAR_M || !(lla.h_m > -1e4)) return WF_ENOTFOUND;
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) enu[i] += site.enu_from_ecef[3 * i + k] * t->state[3 + k];
  char start[WF_TIME_RFC3339_SIZE], stale[WF_TIME_RFC3339_SIZE], made[WF_TIME_RFC3339_SIZE];
  stamp(now, made), stamp(t->time, start), stamp(wf_time_add_s(t->time, STALE_S), stale);
  double course_deg = atan2(enu[0], enu[1]) / WF_DEG;
  if (course_deg < 0) course_deg += 360;
  // a-u-A-W: of the picture, unknown, in the air, a weapon (MIL-STD-2525). Type of exercise: o- … is the opex
  // attribute.
  const int n = snprintf(
      out, size,
      "<event version=\"2.0\" uid=\"watchfire-%s-%016llx\" type=\"a-u-A-W\" how=\"m-f\" opex=\"%s\" time=\"%s\" "
      "start=\"%s\" stale=\"%s\"><point lat=\"%.6f\" lon=\"%.6f\" hae=\"%.1f\" ce=\"%.1f\" le=\"%.1f\"/><detail>"
      "<contact callsign=\"%s%s\"/><track course=\"%.2f\" speed=\"%.2f\"/><remarks>%s%s</remarks></detail></event>\n",
      wf_mode_name(mode), (unsigned long long)c->number,
      mode == WF_MODE_LIVE   ? "o"
      : mode == WF_MODE_TEST ? "s"
                             : "e",
      made, start, stale, lla.lat_rad / WF_DEG, wf_wrap_pi(lla.lon_rad) / WF_DEG, lla.h_m, ce, le, frame_of(mode),
      c->label, course_deg, sqrt(enu[0] * enu[0] + enu[1] * enu[1]), frame_of(mode), wf_life_name((wf_life)t->life));
  if (n < 0 || (size_t)n >= size) return WF_EFULL;
  *length = (size_t)n;
  return WF_OK;
}
