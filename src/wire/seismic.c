#include "seismic.h"

#include <string.h>

#include "base/fmath.h"

static wf_status take(const char *from, char *out, size_t size, const char *what, char reason[WF_REASON_SIZE]) {
  if (!wf_text_ok(from, size)) return wf_refuse(WF_EFORMAT, reason, "seismic.%s: too long or not UTF-8", what);
  memcpy(out, from, strlen(from) + 1);
  return WF_OK;
}

static wf_status take_texts(const Watchfire__V1__SeismicEvent *in, wf_seismic_event *out, char reason[WF_REASON_SIZE]) {
  if (in->id[0] == '\0') return wf_refuse(WF_EFORMAT, reason, "seismic.id: empty");
  wf_status status = take(in->id, out->id, sizeof out->id, "id", reason);
  if (status == WF_OK) status = take(in->type, out->type, sizeof out->type, "type", reason);
  if (status == WF_OK) status = take(in->agency, out->agency, sizeof out->agency, "agency", reason);
  if (status == WF_OK)
    status = take(in->magnitude_type, out->magnitude_type, sizeof out->magnitude_type, "magnitude_type", reason);
  return status;
}

wf_status wf_seismic_event_decode(const Watchfire__V1__SeismicEvent *in, wf_seismic_event *out,
                                  char reason[WF_REASON_SIZE]) {
  memset(out, 0, sizeof *out);
  const wf_status status = take_texts(in, out, reason);
  if (status != WF_OK) return status;
  if (!wf_time_ok(in->time_ns)) return wf_refuse(WF_ETIME, reason, "seismic.time_ns: not between 1970 and 2200");
  if (!wf_in(in->lat_deg, -90, 90) || !wf_in(in->lon_deg, -180, 180))
    return wf_refuse(WF_EINVAL, reason, "seismic: no place has that latitude and longitude");
  const double sigma[] = {in->horizontal_sigma_m, in->depth_sigma_m, in->magnitude_sigma};
  for (int i = 0; i < 3; i++)
    if (!wf_in(sigma[i], 0, 1e8)) return wf_refuse(WF_EINVAL, reason, "seismic: a sigma is negative or too large");
  out->has_depth = in->depth_case == WATCHFIRE__V1__SEISMIC_EVENT__DEPTH_DEPTH_M;
  out->has_magnitude = in->size_case == WATCHFIRE__V1__SEISMIC_EVENT__SIZE_MAGNITUDE;
  if (out->has_depth && !wf_in(in->depth_m, -1e4, 1e6))
    return wf_refuse(WF_EINVAL, reason, "seismic.depth_m: not in [-1e4, 1e6]");
  if (out->has_magnitude && !wf_in(in->magnitude, -5, 12))
    return wf_refuse(WF_EINVAL, reason, "seismic.magnitude: not in [-5, 12]");
  out->has_time = out->has_place = true;
  out->time.ns = in->time_ns;
  out->lat_rad = in->lat_deg * WF_DEG;
  out->lon_rad = in->lon_deg * WF_DEG;
  out->horizontal_sigma_m = in->horizontal_sigma_m;
  out->depth_m = out->has_depth ? in->depth_m : 0.0;
  out->depth_sigma_m = in->depth_sigma_m;
  out->depth_doubtful = in->depth_doubtful;
  out->magnitude = out->has_magnitude ? in->magnitude : 0.0;
  out->magnitude_sigma = in->magnitude_sigma;
  return WF_OK;
}

static double within(double x, double bound) {
  return x > bound ? bound : x < -bound ? -bound : x;
}

void wf_seismic_event_encode(wf_seismic_event *in, Watchfire__V1__SeismicEvent *out) {
  watchfire__v1__seismic_event__init(out);
  out->id = in->id;
  out->type = in->type;
  out->agency = in->agency;
  out->magnitude_type = in->magnitude_type;
  out->time_ns = in->time.ns;
  out->lat_deg = within(in->lat_rad / WF_DEG, 90);  // the division may round a hair past the pole
  out->lon_deg = within(in->lon_rad / WF_DEG, 180);
  out->horizontal_sigma_m = in->horizontal_sigma_m;
  if (in->has_depth) {
    out->depth_case = WATCHFIRE__V1__SEISMIC_EVENT__DEPTH_DEPTH_M;
    out->depth_m = in->depth_m;
  }
  out->depth_sigma_m = in->depth_sigma_m;
  out->depth_doubtful = in->depth_doubtful;
  if (in->has_magnitude) {
    out->size_case = WATCHFIRE__V1__SEISMIC_EVENT__SIZE_MAGNITUDE;
    out->magnitude = in->magnitude;
  }
  out->magnitude_sigma = in->magnitude_sigma;
}
