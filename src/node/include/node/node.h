// The front door: one nation's node as a deterministic core. Input is (time, event), output is a list of effects. It
// opens no socket, reads no clock and holds no key; a driver (daemon, simulator, replay, fuzzer) does the effects and
// brings their results back as inputs. The same inputs in the same order give the same effects, to the bit.
#ifndef WF_NODE_NODE_H
#define WF_NODE_NODE_H

#include <stddef.h>

#include "exchange/exchange.h"
#include "model/action.h"
#include "model/product.h"
#include "model/report.h"
#include "model/seismic.h"
#include "model/sensor.h"
#include "model/track.h"
#include "node/value.h"
#include "picture/picture.h"
#include "release/policy.h"
#include "sensor/radar.h"
#include "track/tracker.h"
#include "warn/warn.h"

typedef struct wf_node_config {
  wf_exchange_config exchange;      // nation, mode, partners, bounds
  wf_medium medium;
  uint32_t sensor_count;
  const wf_sensor *sensors;         // copied
  wf_release_policy policy;         // copied; every audience in it is opened as streams
  uint32_t tracks_max, plots_per_scan_max;
  uint32_t picture_tracks_max, picture_contributions_max;
  uint32_t products_max;
  bool automatic[16];               // products released without people, by wf_product_stage
  bool delegated[16];               // released when it is near and nobody answers, by wf_product_stage
  uint32_t officer_count;           // who may do what; none: everybody may release
  wf_officer officer[WF_OFFICERS_MAX];
  const wf_area *areas;             // own areas, borrowed for the node's life
  size_t area_count;
  double sensor_silent_scans;       // alarm after this many missing scans (3)
  uint8_t guard_secret[WF_GUARD_SECRET_SIZE];  // of the covariance guard's noise and of objects' names; never leaves
  bool advance_apart;               // pictures advance on WF_IN_ADVANCE alone, so that they hold up nothing that is said
} wf_node_config;

typedef enum wf_input_kind {
  WF_IN_EXCHANGE,    // any wf_exchange_input but PUBLISH: start, restore, tick, links, frames, results
  WF_IN_SENSOR,      // one datagram of a sensor: bytes
  WF_IN_DECISION,    // product, decision, person: an operator's word (authenticated by the driver)
  WF_IN_POLICY,      // policy, person: what is released from now on; recorded in the nation's own stream
  WF_IN_ADVANCE,     // with advance_apart: now is the time, wf_node_wants_advance having said so
  WF_IN_TEST_DATA,   // mode test only: bytes that mean nothing, said to the first audience; exchange.priority
  WF_IN_REPORT,      // bytes, person: a sensor report with launches that somebody was told of; marked "voice" for ever
  WF_IN_NOTICE,      // bytes, person: the text of an announced window, to be told as information
  WF_IN_ACTION,      // action: what a person did, for the nation's own signed record
} wf_input_kind;

typedef struct wf_input {
  wf_input_kind kind;
  wf_exchange_input exchange;
  wf_bytes bytes;
  uint64_t product;
  wf_decision decision;
  const char *person;
  const wf_release_policy *policy;
  const wf_action *action;
} wf_input;

typedef enum wf_effect_kind {
  WF_OUT_EXCHANGE,   // send, close, sign, verify, store, epoch, fetch, alarm: `exchange`
  WF_OUT_PRODUCT,    // a product was proposed or changed state: `product`; released ones go to the channels
  WF_OUT_ALARM,      // alarm, text
  WF_OUT_TEST_DATA,  // mode test only: DELIVER or ASIDE of such a record, as the exchange gave it: `exchange`
  WF_OUT_RELEASE,    // one judgement of the release, for the audit
} wf_effect_kind;

typedef struct wf_effect {
  wf_effect_kind kind;
  wf_exchange_effect exchange;
  const wf_product *product;
  wf_alarm_kind alarm;
  const char *text;
  const wf_release_note *release;
} wf_effect;

// Bounds that suit one nation on one machine; a driver's configuration may change each of them.
void wf_node_config_limits(wf_node_config *config);

typedef struct wf_node wf_node;
wf_node *wf_node_new(const wf_node_config *config);  // NULL when out of memory
void wf_node_free(wf_node *node);

wf_status wf_node_step(wf_node *node, wf_clock now, const wf_input *input);
bool wf_node_effect_next(wf_node *node, wf_effect *out);  // borrowed pointers hold until the next step
// With advance_apart, when the effects are out: a driver sends them, brings their results, and then steps WF_IN_ADVANCE.
bool wf_node_wants_advance(const wf_node *node);

// ---- What people look at: read-only views, valid until the next step ---------------------------------------------
typedef struct wf_sensor_view {
  const wf_sensor *sensor;
  wf_time last_heard;
  uint64_t plots, rejected, lost_datagrams;
  uint8_t state;               // 0 never heard, 1 alive, 2 degraded, 3 off, 4 silent
} wf_sensor_view;

typedef struct wf_node_counters {
  uint64_t datagrams, datagrams_refused, plots, plots_rejected[WF_PLOT_REJECT_COUNT], records_in, records_refused, records_too_late, records_aside, records_retracted, records_twice, products, released, withheld, audit_lost;
} wf_node_counters;

size_t wf_node_sensors(const wf_node *node, wf_sensor_view *out, size_t cap);
// Common picture over released contributions (same at every node) and national picture (what warnings come from).
size_t wf_node_common(const wf_node *node, const wf_common_track **out, size_t cap);
size_t wf_node_national(const wf_node *node, const wf_common_track **out, size_t cap);
// "Alone": what own sensors only would know.
size_t wf_node_alone(const wf_node *node, const wf_common_track **out, size_t cap);
size_t wf_node_products(const wf_node *node, const wf_product **out, size_t cap);  // the newest `cap`, oldest first
size_t wf_node_questions(const wf_node *node, wf_warn_question *out, size_t cap);  // a track was lost: keep, correct, cancel?
wf_status wf_node_prepared(const wf_node *node, const wf_product *alert, wf_product_stage stage, wf_product *out);
size_t wf_node_links(const wf_node *node, wf_link_view *out, size_t cap);
size_t wf_node_streams(const wf_node *node, wf_stream_view *out, size_t cap);

// Whether the common pictures agree: compared at the newest time both sides have stated.
typedef enum wf_agreement { WF_AGREE_WAITING = 0, WF_AGREE_EQUAL, WF_AGREE_DIFFERENT, WF_AGREE_NOT_COMPARABLE } wf_agreement;
typedef struct wf_digest_view { wf_nation nation; wf_agreement agreement; wf_time at; } wf_digest_view;
size_t wf_node_digests(const wf_node *node, wf_digest_view *out, size_t cap);

// One entry per event, oldest first.
size_t wf_node_value(const wf_node *node, const wf_value_event **out, size_t cap);

// The national picture itself, for what the lists do not say.
const wf_picture *wf_node_picture(const wf_node *node);
// The digest of the common picture at a time of one's choosing, by the records held now.
wf_status wf_node_digest_at(wf_node *node, wf_time at, wf_picture_digest *out);
wf_status wf_node_digest_of(wf_node *node, const wf_audience *audience, wf_time at, wf_picture_digest *out);
size_t wf_node_exchange_bytes(const wf_node *node);  // what the exchange holds: bounded, whatever partners do

// ---- What others told --------------------------------------------------------------------------------------------
typedef enum wf_told_reject {
  WF_TOLD_OK = 0,
  WF_TOLD_WRONG_KIND,      // of a sensor that is not registered as one that tells such things
  WF_TOLD_STALE,           // older than max_age_s, or not newer than what was told before
  WF_TOLD_AHEAD,           // of the node's clock
  WF_TOLD_IMPOSSIBLE,      // numbers that no flight has
  WF_TOLD_FULL,            // more objects than are kept
  WF_TOLD_NOT_AUTHORISED,  // a person who may not report
  WF_TOLD_REJECT_COUNT
} wf_told_reject;
const char *wf_told_reject_name(wf_told_reject reject);
typedef struct wf_told_counts {
  uint64_t tracks, launches, voice, seismic;  // taken
  uint64_t rejected[WF_TOLD_REJECT_COUNT];
} wf_told_counts;
void wf_node_told_counts(const wf_node *node, wf_told_counts *out);

// Own launch reports and voice reports, as they were taken. The person stays at home.
#define WF_NODE_REPORTS_MAX 64
typedef struct wf_report_view {
  wf_time heard;
  uint8_t reported;                  // WF_REPORTED_SERVICE or _VOICE with its channel
  char source[WF_SENSOR_NAME_SIZE];  // the sensor's name, "voice"
  char person[WF_OPERATOR_SIZE];     // "" when it is a service's
  uint64_t object;                   // the name under which it is told
  wf_launch_report report;
} wf_report_view;
size_t wf_node_reports(const wf_node *node, const wf_report_view **out, size_t cap);  // newest first

#define WF_NODE_SEISMIC_MAX 64
typedef struct wf_seismic_view {
  wf_nation origin;  // who told it
  wf_time heard;     // when this version came
  wf_seismic_event event;
  wf_seismic_assessment assessment;  // as the origin says
} wf_seismic_view;
size_t wf_node_seismic(const wf_node *node, const wf_seismic_view **out, size_t cap);  // newest origin time first

// What radars that speak ASTERIX said, and why some of it was no plot.
void wf_node_radar_counts(const wf_node *node, wf_radar_counts *out);
void wf_node_counters_get(const wf_node *node, wf_node_counters *out);
const wf_release_policy *wf_node_policy(const wf_node *node);
wf_nation wf_node_nation(const wf_node *node);
wf_mode wf_node_mode(const wf_node *node);
const wf_area *wf_node_areas(const wf_node *node, size_t *count);  // own areas
wf_time wf_node_time(const wf_node *node);
uint64_t wf_node_epoch(const wf_node *node);
bool wf_node_durable(const wf_node *node);

#endif
