#include "launch_area.h"

#include <string.h>

#include "base/fmath.h"

wf_status wf_ellipse_decode(const Watchfire__V1__GroundEllipse *in, wf_ground_ellipse *out, const char *what,
                            char reason[WF_REASON_SIZE]) {
  if (!in) return wf_refuse(WF_EFORMAT, reason, "%s.area: missing", what);
  if (!wf_in(in->lat_deg, -90, 90)) return wf_refuse(WF_EINVAL, reason, "%s.lat_deg: not in [-90, 90]", what);
  if (!wf_in(in->lon_deg, -180, 180)) return wf_refuse(WF_EINVAL, reason, "%s.lon_deg: not in [-180, 180]", what);
  if (!wf_in(in->semi_minor_95_m, 0, 4e7) || !wf_in(in->semi_major_95_m, in->semi_minor_95_m, 4e7))
    return wf_refuse(WF_EINVAL, reason, "%s: semi-axes negative, too large or swapped", what);
  if (!wf_in(in->azimuth_deg, -360, 360))
    return wf_refuse(WF_EINVAL, reason, "%s.azimuth_deg: not in [-360, 360]", what);
  out->lat_rad = in->lat_deg * WF_DEG;
  out->lon_rad = in->lon_deg * WF_DEG;
  out->semi_major_95_m = in->semi_major_95_m;
  out->semi_minor_95_m = in->semi_minor_95_m;
  out->azimuth_rad = in->azimuth_deg * WF_DEG;
  return WF_OK;
}

static double clamp(double x, double bound) {
  return x > bound ? bound : x < -bound ? -bound : x;
}

Watchfire__V1__GroundEllipse *wf_ellipse_encode(const wf_ground_ellipse *in, Watchfire__V1__GroundEllipse *out) {
  watchfire__v1__ground_ellipse__init(out);
  out->lat_deg = clamp(in->lat_rad / WF_DEG, 90);  // the division may round a hair past the pole
  out->lon_deg = clamp(in->lon_rad / WF_DEG, 180);
  out->semi_major_95_m = in->semi_major_95_m;
  out->semi_minor_95_m = in->semi_minor_95_m;
  out->azimuth_deg = in->azimuth_rad / WF_DEG;
  return out;
}

wf_status wf_time_sigma_check(int64_t ns, double sigma_s, const char *what, char reason[WF_REASON_SIZE]) {
  if (!wf_time_ok(ns)) return wf_refuse(WF_ETIME, reason, "%s.time_ns: not between 1970 and 2200", what);
  if (!wf_in(sigma_s, 0, 1e6)) return wf_refuse(WF_EINVAL, reason, "%s.time_sigma_s: not in [0, 1e6]", what);
  return WF_OK;
}

wf_status wf_launch_area_decode(const Watchfire__V1__LaunchArea *in, wf_launch_area *out, char reason[WF_REASON_SIZE]) {
  memset(out, 0, sizeof *out);
  if (!in) return WF_OK;
  wf_status status = wf_time_sigma_check(in->time_ns, in->time_sigma_s, "launch", reason);
  if (status == WF_OK) status = wf_ellipse_decode(in->area, &out->area, "launch", reason);
  out->valid = true;
  out->time.ns = in->time_ns;
  out->time_sigma_s = in->time_sigma_s;
  return status;
}

Watchfire__V1__LaunchArea *wf_launch_area_encode(const wf_launch_area *in, wf_launch_area_pb *memory) {
  if (!in->valid) return NULL;
  watchfire__v1__launch_area__init(&memory->area);
  memory->area.time_ns = in->time.ns;
  memory->area.time_sigma_s = in->time_sigma_s;
  memory->area.area = wf_ellipse_encode(&in->area, &memory->ellipse);
  return &memory->area;
}
