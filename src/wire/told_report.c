#include "told_report.h"

#include <string.h>

#include "launch_area.h"
#include "seismic.h"

#define OFFSET_MAX_NS (INT64_C(3600) * WF_NS_PER_S)

typedef Watchfire__V1__SensorReport report_pb;
typedef Watchfire__V1__SystemTrack track_pb;
typedef Watchfire__V1__LaunchReport launch_pb;
typedef Watchfire__V1__SeismicEvent seismic_pb;

// ---- In -----------------------------------------------------------------------------------------------------------
// Whether it can be a flight's is the picture's to say; here, that numbers are numbers.
static wf_status decode_track(const track_pb *in, wf_time base, wf_system_track *out, size_t i,
                              char reason[WF_REASON_SIZE]) {
  static const uint8_t diagonal[6] = {0, 6, 11, 15, 18, 20};
  if (in->time_offset_ns < -OFFSET_MAX_NS || in->time_offset_ns > OFFSET_MAX_NS)
    return wf_refuse(WF_ETIME, reason, "track[%zu].time_offset_ns: above an hour", i);
  if (in->n_state != 6 || in->n_covariance != 21)
    return wf_refuse(WF_EFORMAT, reason, "track[%zu]: state and covariance need exactly 6 and 21 numbers", i);
  if (!wf_all_finite(in->state, 3, 1e9) || !wf_all_finite(in->state + 3, 3, 1e5))
    return wf_refuse(WF_EINVAL, reason, "track[%zu].state: out of range", i);
  if (!wf_all_finite(in->covariance, 21, 1e18))
    return wf_refuse(WF_EINVAL, reason, "track[%zu].covariance: out of range", i);
  for (int k = 0; k < 6; k++)
    if (!(in->covariance[diagonal[k]] > 0))
      return wf_refuse(WF_EINVAL, reason, "track[%zu].covariance: a variance is not above 0", i);
  if (in->phase > WF_PHASE_REENTRY)
    return wf_refuse(WF_EINVAL, reason, "track[%zu].phase: %u is not a phase", i, in->phase);
  memset(out, 0, sizeof *out);
  out->time = wf_time_add_ns(base, in->time_offset_ns);
  out->number = in->number;
  memcpy(out->state, in->state, sizeof out->state);
  memcpy(out->covariance, in->covariance, sizeof out->covariance);
  out->phase = (uint8_t)in->phase;
  out->ended = in->ended ? 1 : 0;
  return WF_OK;
}

static wf_status decode_launch(const launch_pb *in, wf_launch_report *out, size_t i, char reason[WF_REASON_SIZE]) {
  memset(out, 0, sizeof *out);
  if (!in->launch) return wf_refuse(WF_EFORMAT, reason, "launch[%zu].launch: missing", i);
  out->number = in->number;
  return wf_launch_area_decode(in->launch, &out->launch, reason);
}

static wf_status too_many(const char *what, size_t count, size_t cap, char reason[WF_REASON_SIZE]) {
  return wf_refuse(WF_EFULL, reason, "%zu %s, at most %zu are taken", count, what, cap);
}

wf_status wf_told_decode(const report_pb *in, wf_sensor_report *out, char reason[WF_REASON_SIZE]) {
  if (in->n_track > out->tracks_cap) return too_many("tracks", in->n_track, out->tracks_cap, reason);
  if (in->n_launch > out->launches_cap) return too_many("launches", in->n_launch, out->launches_cap, reason);
  if (in->n_seismic > out->seismic_cap) return too_many("seismic events", in->n_seismic, out->seismic_cap, reason);
  wf_status status = WF_OK;
  for (size_t i = 0; status == WF_OK && i < in->n_track; i++)
    status = decode_track(in->track[i], out->time, &out->tracks[out->track_count++], i, reason);
  for (size_t i = 0; status == WF_OK && i < in->n_launch; i++)
    status = decode_launch(in->launch[i], &out->launches[out->launch_count++], i, reason);
  for (size_t i = 0; status == WF_OK && i < in->n_seismic; i++)
    status = wf_seismic_event_decode(in->seismic[i], &out->seismic[out->seismic_count++], reason);
  return status;
}

// ---- Out: one by one, since the concatenation of two encodings is the encoding of both ----------------------------
static wf_status append(const report_pb *one, uint8_t *out, size_t size, size_t *used) {
  size_t more = 0;
  const wf_status status = wf_pb_pack(&one->base, out + *used, size - *used, &more);
  *used += more;
  return status;
}

static wf_status append_track(const wf_system_track *in, wf_time base, uint8_t *out, size_t size, size_t *used) {
  report_pb one;
  track_pb track, *list = &track;
  wf_system_track copy = *in;  // protobuf-c wants pointers to non-const
  watchfire__v1__sensor_report__init(&one);
  watchfire__v1__system_track__init(&track);
  track.time_offset_ns = wf_time_diff_ns(in->time, base);
  track.number = in->number;
  track.n_state = 6;
  track.state = copy.state;
  track.n_covariance = 21;
  track.covariance = copy.covariance;
  track.phase = in->phase;
  track.ended = in->ended != 0;
  one.n_track = 1;
  one.track = &list;
  return append(&one, out, size, used);
}

static wf_status append_launch(const wf_launch_report *in, uint8_t *out, size_t size, size_t *used) {
  report_pb one;
  launch_pb launch, *list = &launch;
  wf_launch_area_pb memory;
  watchfire__v1__sensor_report__init(&one);
  watchfire__v1__launch_report__init(&launch);
  launch.number = in->number;
  launch.launch = wf_launch_area_encode(&in->launch, &memory);
  one.n_launch = 1;
  one.launch = &list;
  return launch.launch != NULL ? append(&one, out, size, used) : WF_EINVAL;
}

static wf_status append_seismic(const wf_seismic_event *in, uint8_t *out, size_t size, size_t *used) {
  report_pb one;
  seismic_pb event, *list = &event;
  wf_seismic_event copy = *in;
  watchfire__v1__sensor_report__init(&one);
  wf_seismic_event_encode(&copy, &event);
  one.n_seismic = 1;
  one.seismic = &list;
  return in->has_time && in->has_place ? append(&one, out, size, used) : WF_EINVAL;
}

wf_status wf_told_encode(const wf_sensor_report *in, uint8_t *out, size_t size, size_t *used) {
  wf_status status = WF_OK;
  for (size_t i = 0; status == WF_OK && i < in->track_count; i++)
    status = append_track(&in->tracks[i], in->time, out, size, used);
  for (size_t i = 0; status == WF_OK && i < in->launch_count; i++)
    status = append_launch(&in->launches[i], out, size, used);
  for (size_t i = 0; status == WF_OK && i < in->seismic_count; i++)
    status = append_seismic(&in->seismic[i], out, size, used);
  return status;
}
