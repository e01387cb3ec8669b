// A sensor's datagram: the one format that every driver of a sensor can speak.
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "geo/wgs84.h"
#include "pb.h"
#include "told_report.h"
#include "wire/limits.h"

#define OFFSET_MAX_NS (INT64_C(3600) * WF_NS_PER_S)
#define RANGE_MAX_M 1e8

typedef Watchfire__V1__SensorReport report_pb;
typedef Watchfire__V1__RadarPlot radar_pb;
typedef Watchfire__V1__LineOfSight los_pb;

static wf_status decode_radar(const radar_pb *in, wf_plot *out, size_t i, char reason[WF_REASON_SIZE]) {
  out->kind = WF_PLOT_RADAR;
  out->radar.range_m = in->range_m;
  out->radar.az_rad = in->az_rad;
  out->radar.el_rad = in->el_rad;
  if (!(in->range_m > 0 && in->range_m <= RANGE_MAX_M))
    return wf_refuse(WF_EINVAL, reason, "radar[%zu].range_m: not in (0, 1e8]", i);
  if (!wf_in(in->az_rad, -7, 7)) return wf_refuse(WF_EINVAL, reason, "radar[%zu].az_rad: not in [-7, 7]", i);
  if (!wf_in(in->el_rad, -WF_PI / 2, WF_PI / 2))
    return wf_refuse(WF_EINVAL, reason, "radar[%zu].el_rad: not in [-pi/2, pi/2]", i);
  if (in->rate_case == WATCHFIRE__V1__RADAR_PLOT__RATE_RANGE_RATE_M_S) {
    if (!wf_in(in->range_rate_m_s, -2e4, 2e4))
      return wf_refuse(WF_EINVAL, reason, "radar[%zu].range_rate_m_s: above 20 km/s", i);
    out->radar.range_rate_m_s = in->range_rate_m_s;
    out->flags |= WF_PLOT_HAS_RANGE_RATE;
  }
  const float sigma[3] = {in->sigma_range_m, in->sigma_az_rad, in->sigma_el_rad};
  const float bound[3] = {1e6f, 1.0f, 1.0f};
  int given = 0;
  for (int k = 0; k < 3; k++) {
    if (!wf_in(sigma[k], 0, bound[k]))
      return wf_refuse(WF_EINVAL, reason, "radar[%zu].sigma: negative or too large", i);
    out->sigma[k] = sigma[k];
    given += sigma[k] > 0;
  }
  if (given != 0 && given != 3) return wf_refuse(WF_EINVAL, reason, "radar[%zu].sigma: all three or none", i);
  if (given) out->flags |= WF_PLOT_HAS_SIGMAS;
  return WF_OK;
}

// From azimuth and elevation at a satellite: about its own north and vertical.
static void unit_of(const double origin_ecef_m[3], const double az_el_rad[2], double unit_ecef[3]) {
  const double az = az_el_rad[0], el = az_el_rad[1];
  const double enu[3] = {wf_sin(az) * wf_cos(el), wf_cos(az) * wf_cos(el), wf_sin(el)};
  double rotation[9];
  wf_lla lla;
  wf_geo_lla_from_ecef(origin_ecef_m, &lla);
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, rotation);
  wf_mat_t_mul(3, 3, 1, rotation, enu, unit_ecef);
}

static wf_status decode_direction(const los_pb *in, double unit_ecef[3], size_t i, char reason[WF_REASON_SIZE]) {
  if (in->n_unit_ecef == 0 && in->n_az_el_rad == 2) {
    if (!wf_in(in->az_el_rad[0], -7, 7) || !wf_in(in->az_el_rad[1], -WF_PI / 2, WF_PI / 2))
      return wf_refuse(WF_EINVAL, reason, "los[%zu].az_el_rad: out of range", i);
    if (!(wf_vec_norm(in->origin_ecef_m) > 6.3e6))
      return wf_refuse(WF_EINVAL, reason, "los[%zu].origin_ecef_m: within the Earth", i);
    unit_of(in->origin_ecef_m, in->az_el_rad, unit_ecef);
    return WF_OK;
  }
  if (in->n_unit_ecef != 3 || in->n_az_el_rad != 0)
    return wf_refuse(WF_EFORMAT, reason, "los[%zu]: either 3 numbers of a unit or 2 of azimuth and elevation", i);
  if (!wf_all_finite(in->unit_ecef, 3, 2)) return wf_refuse(WF_EINVAL, reason, "los[%zu].unit_ecef: out of range", i);
  const double norm2 = wf_vec_dot(in->unit_ecef, in->unit_ecef);
  if (!wf_in(norm2, 1 - 1e-6, 1 + 1e-6)) return wf_refuse(WF_EINVAL, reason, "los[%zu].unit_ecef: not of length 1", i);
  memcpy(unit_ecef, in->unit_ecef, 3 * sizeof *unit_ecef);
  return WF_OK;
}

static wf_status decode_los(const los_pb *in, wf_plot *out, size_t i, char reason[WF_REASON_SIZE]) {
  out->kind = WF_PLOT_LOS;
  if (in->n_origin_ecef_m != 3) return wf_refuse(WF_EFORMAT, reason, "los[%zu]: origin needs exactly 3 numbers", i);
  if (!wf_all_finite(in->origin_ecef_m, 3, RANGE_MAX_M))
    return wf_refuse(WF_EINVAL, reason, "los[%zu].origin_ecef_m: out of range", i);
  const wf_status status = decode_direction(in, out->los.unit_ecef, i, reason);
  if (status != WF_OK) return status;
  if (!wf_in(in->sigma_rad, 0, 1)) return wf_refuse(WF_EINVAL, reason, "los[%zu].sigma_rad: negative or above 1", i);
  if (!wf_in(in->intensity, 0, 1e30))
    return wf_refuse(WF_EINVAL, reason, "los[%zu].intensity: negative or not finite", i);
  memcpy(out->los.origin_ecef_m, in->origin_ecef_m, sizeof out->los.origin_ecef_m);
  out->intensity = in->intensity;
  if (in->sigma_rad > 0) {
    out->sigma[0] = in->sigma_rad;
    out->flags |= WF_PLOT_HAS_SIGMAS;
  }
  return WF_OK;
}

static wf_status decode_head(const report_pb *in, wf_sensor_report *out, char reason[WF_REASON_SIZE]) {
  if (in->version != 1) return wf_refuse(WF_EVERSION, reason, "version: %u, only 1 is known", in->version);
  if (in->mode < 1 || in->mode > 3) return wf_refuse(WF_EMODE, reason, "mode: %d is not a mode", (int)in->mode);
  if (in->sensor[0] == 0 || !wf_text_ok(in->sensor, WF_SENSOR_NAME_SIZE))
    return wf_refuse(WF_EFORMAT, reason, "sensor: empty, longer than %d bytes or not UTF-8", WF_SENSOR_NAME_SIZE - 1);
  if (!wf_time_ok(in->time_ns)) return wf_refuse(WF_ETIME, reason, "time_ns: not between 1970 and 2200");
  if (in->status && (in->status->state < 1 || in->status->state > 3))
    return wf_refuse(WF_EINVAL, reason, "status.state: %u is not a state", in->status->state);
  if (in->n_radar + in->n_los > out->plots_cap)
    return wf_refuse(WF_EFULL, reason, "%zu plots, at most %zu are taken", in->n_radar + in->n_los, out->plots_cap);
  out->mode = (wf_mode)in->mode;
  memcpy(out->sensor, in->sensor, strlen(in->sensor) + 1);
  out->sequence = in->sequence;
  out->time.ns = in->time_ns;
  out->status = in->status ? (uint8_t)in->status->state : 0;
  return WF_OK;
}

// The plot's place in the caller's array with its time, or NULL when the offset is out of range.
static wf_plot *next_plot(wf_sensor_report *out, int64_t offset_ns) {
  if (offset_ns < -OFFSET_MAX_NS || offset_ns > OFFSET_MAX_NS) return NULL;
  wf_plot *plot = &out->plots[out->plot_count++];
  memset(plot, 0, sizeof *plot);
  plot->time = wf_time_add_ns(out->time, offset_ns);
  plot->sensor = WF_SENSOR_NONE;
  return plot;
}

wf_status wf_wire_decode_sensor_report(wf_bytes bytes, wf_sensor_report *out, char reason[WF_REASON_SIZE]) {
  out->plot_count = out->track_count = out->launch_count = out->seismic_count = 0;
  reason[0] = 0;
  if (bytes.size > WF_REPORT_MAX) return wf_refuse(WF_EFORMAT, reason, "report: longer than %d bytes", WF_REPORT_MAX);
  const report_pb *in = wf_pb_unpack(&watchfire__v1__sensor_report__descriptor, bytes, "report", reason);
  if (!in) return WF_EFORMAT;
  wf_status status = decode_head(in, out, reason);
  for (size_t i = 0; status == WF_OK && i < in->n_radar; i++) {
    wf_plot *plot = next_plot(out, in->radar[i]->time_offset_ns);
    status = plot ? decode_radar(in->radar[i], plot, i, reason)
                  : wf_refuse(WF_ETIME, reason, "radar[%zu].time_offset_ns: above an hour", i);
  }
  for (size_t i = 0; status == WF_OK && i < in->n_los; i++) {
    wf_plot *plot = next_plot(out, in->los[i]->time_offset_ns);
    status = plot ? decode_los(in->los[i], plot, i, reason)
                  : wf_refuse(WF_ETIME, reason, "los[%zu].time_offset_ns: above an hour", i);
  }
  if (status == WF_OK) status = wf_told_decode(in, out, reason);
  if (status != WF_OK) out->plot_count = out->track_count = out->launch_count = out->seismic_count = 0;
  return status;
}

static void encode_radar(const wf_plot *in, wf_time base, radar_pb *out) {
  watchfire__v1__radar_plot__init(out);
  out->time_offset_ns = wf_time_diff_ns(in->time, base);
  out->range_m = in->radar.range_m;
  out->az_rad = in->radar.az_rad;
  out->el_rad = in->radar.el_rad;
  if (in->flags & WF_PLOT_HAS_RANGE_RATE) {
    out->rate_case = WATCHFIRE__V1__RADAR_PLOT__RATE_RANGE_RATE_M_S;
    out->range_rate_m_s = in->radar.range_rate_m_s;
  }
  if (!(in->flags & WF_PLOT_HAS_SIGMAS)) return;
  out->sigma_range_m = (float)in->sigma[0];
  out->sigma_az_rad = (float)in->sigma[1];
  out->sigma_el_rad = (float)in->sigma[2];
}

static void encode_los(const wf_plot *in, wf_time base, double numbers[6], los_pb *out) {
  watchfire__v1__line_of_sight__init(out);
  memcpy(numbers, in->los.origin_ecef_m, 3 * sizeof(double));
  memcpy(numbers + 3, in->los.unit_ecef, 3 * sizeof(double));
  out->time_offset_ns = wf_time_diff_ns(in->time, base);
  out->n_origin_ecef_m = out->n_unit_ecef = 3;
  out->origin_ecef_m = numbers;
  out->unit_ecef = numbers + 3;
  out->intensity = in->intensity;
  if (in->flags & WF_PLOT_HAS_SIGMAS) out->sigma_rad = (float)in->sigma[0];
}

// Packs a report of one plot or none: plots are appended one by one, because in protobuf the concatenation of two
// encodings is the encoding of both; so no array of messages is needed.
static wf_status append_plot(const wf_plot *plot, wf_time base, uint8_t *out, size_t size, size_t *length) {
  report_pb one;
  radar_pb radar, *radar_list = &radar;
  los_pb los, *los_list = &los;
  double numbers[6];
  watchfire__v1__sensor_report__init(&one);
  if (plot->kind == WF_PLOT_RADAR) {
    encode_radar(plot, base, &radar);
    one.n_radar = 1;
    one.radar = &radar_list;
  } else if (plot->kind == WF_PLOT_LOS) {
    encode_los(plot, base, numbers, &los);
    one.n_los = 1;
    one.los = &los_list;
  } else {
    return WF_EINVAL;
  }
  return wf_pb_pack(&one.base, out, size, length);
}

wf_status wf_wire_encode_sensor_report(const wf_sensor_report *in, uint8_t *out, size_t size, size_t *length) {
  report_pb head;
  Watchfire__V1__SensorStatus state;
  char name[WF_SENSOR_NAME_SIZE];
  memcpy(name, in->sensor, sizeof name);
  if (memchr(name, 0, sizeof name) == NULL) return WF_EINVAL;
  watchfire__v1__sensor_report__init(&head);
  watchfire__v1__sensor_status__init(&state);
  head.version = 1;
  head.mode = (Watchfire__V1__Mode)in->mode;
  head.sensor = name;
  head.sequence = in->sequence;
  head.time_ns = in->time.ns;
  state.state = in->status;
  if (in->status) head.status = &state;
  size_t used = 0;
  wf_status status = wf_pb_pack(&head.base, out, size, &used);
  for (size_t i = 0; status == WF_OK && i < in->plot_count; i++) {
    size_t more = 0;
    status = append_plot(&in->plots[i], in->time, out + used, size - used, &more);
    used += more;
  }
  if (status == WF_OK) status = wf_told_encode(in, out, size, &used);
  if (status == WF_OK) *length = used;
  return status;
}
