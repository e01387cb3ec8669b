// Model structs ⇄ protobuf bytes (proto/watchfire.proto). Decoders check every number and bound and name what is wrong;
// they never keep a pointer into the input.
#ifndef WF_WIRE_CODEC_H
#define WF_WIRE_CODEC_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/status.h"
#include "model/action.h"
#include "model/contribution.h"
#include "model/plot.h"
#include "model/product.h"
#include "model/report.h"
#include "model/seismic.h"
#include "model/sensor.h"

#define WF_REASON_SIZE 96
#define WF_DIGEST_TRACKS 32

// A sensor's datagram. Plots come out with sensor index unset (WF_SENSOR_NONE): the sensor room fills it in.
typedef struct wf_sensor_report {
  wf_mode mode;
  char sensor[WF_SENSOR_NAME_SIZE];
  uint64_t sequence;
  wf_time time;
  uint8_t status;  // 0 not given, 1 alive, 2 degraded, 3 off
  size_t plot_count;
  wf_plot *plots;  // caller's array of plots_cap
  size_t plots_cap;
  // What is no plot: arrays of the caller's, of these sizes; more than fits is refused.
  wf_system_track *tracks;
  wf_launch_report *launches;
  wf_seismic_event *seismic;
  size_t track_count, launch_count, seismic_count, tracks_cap, launches_cap, seismic_cap;
} wf_sensor_report;
wf_status wf_wire_decode_sensor_report(wf_bytes in, wf_sensor_report *out, char reason[WF_REASON_SIZE]);
wf_status wf_wire_encode_sensor_report(const wf_sensor_report *in, uint8_t *out, size_t size, size_t *length);

// A Record. What its envelope does not say comes from its stream and is filled in by the caller: a contribution's id
// (origin, stream, epoch, sequence), a product's mode and issuer. Operators' names never leave their nation.
// Angles travel in degrees: what was decoded differs from what was encoded by a rounding, so feed pictures with decoded
// records only. Encoding leaves out sequence, publish time and flags when they are 0 (the exchange fills them in).
typedef struct wf_record_body {
  enum {
    WF_BODY_NONE,
    WF_BODY_CONTRIBUTION,
    WF_BODY_PRODUCT,
    WF_BODY_NODE_STATUS,
    WF_BODY_DIGEST,
    WF_BODY_POLICY,
    WF_BODY_SEISMIC,
    WF_BODY_ACTION,
    WF_BODY_OPAQUE,
    WF_BODY_UNKNOWN
  } kind;
  union {
    wf_contribution contribution;
    wf_product product;
    struct {
      uint32_t sensors_alive, sensors_total;
      bool durable, unattended;
      char version[24];
    } node_status;
    struct {
      wf_time at;
      uint32_t algorithm;
      uint64_t parameters;  // 0 = not stated
      uint8_t record_set[32], picture[32];
      uint32_t track_count;
      uint64_t track[2 * WF_DIGEST_TRACKS];  // number, hash, number, …
    } digest;
    struct {
      uint64_t version, previous;
      uint32_t rules;
      char by[48];
    } policy;
    struct {
      wf_seismic_event event;
      wf_seismic_assessment assessment;
    } seismic;
    wf_action action;
    wf_bytes opaque;  // encoding only; decoding gives its size and a NULL pointer
  };
  uint64_t sequence;
  wf_time valid_time, publish_time;
  uint32_t flags;
} wf_record_body;
// WF_EFULL when it does not fit, WF_EINVAL when kind is not one that can be encoded. Decoding gives WF_BODY_UNKNOWN for
// a payload of a newer version, WF_EFORMAT or WF_EINVAL and the reason for what must be refused.
wf_status wf_wire_encode_record(const wf_record_body *in, uint8_t *out, size_t size, size_t *length);
wf_status wf_wire_decode_record(wf_bytes in, wf_record_body *out, char reason[WF_REASON_SIZE]);

#endif
