// What the files of this room share. Nobody outside includes it.
#ifndef WF_NODE_CORE_H
#define WF_NODE_CORE_H

#include "base/hashmap.h"
#include "base/ring.h"
#include "node/node.h"
#include "picture/picture.h"
#include "sensor/report.h"
#include "wire/codec.h"

enum {
  SHARES_MAX = 4,           // audiences one node speaks to
  PENDING_MAX = 4096,       // statements waiting for the exchange within one step
  DETAILS_MAX = 1024,       // own statements per stream between publishing and hearing them back
  DELAYED_MAX = 4096,       // statements that a rule delays, per audience
  NOTES_MAX = 4096,         // judgements of one step waiting for the driver
  NOTICES_MAX = 512,        // effects of the node itself waiting to be taken
  RECORD_BYTES_MAX = 8192,  // one encoded record
};

// One audience: its streams, and the picture its members have in common.
typedef struct share {
  wf_audience audience;
  uint32_t alerts, contributions, status;  // own streams
  wf_picture *common;
  wf_guard *guard;
  wf_ring delayed;           // statement: in order of becoming known
  wf_ring details;           // detailed versions of own contributions, in order of publishing
  wf_picture_digest digest;  // the newest own one
  wf_time digest_due;
  wf_time digest_stated;  // node's time at which it was stated
  bool digest_stale;      // something older than it has come since
  wf_digest_view view[WF_NATION_MAX];
  wf_picture_digest theirs[WF_NATION_MAX];  // newest stated, by view index
  uint8_t view_count;
} share;

// A statement that a rule tells later.
typedef struct delayed {
  wf_time due;
  wf_contribution contribution;
} delayed;

// An own statement between publishing and hearing it back: what the national picture takes in place of what was told.
typedef struct detail {
  wf_time stated;  // valid_time of what was told
  bool national;   // false: the national picture has it already, or takes nothing
  wf_contribution contribution;
} detail;

// A statement on its way to a stream.
typedef struct pending {
  uint32_t stream;
  uint8_t share;  // index
  wf_priority priority;
  bool has_detail;
  wf_record_body body;
  detail detail;
} pending;

typedef struct sensor_state {
  wf_time last_heard;
  wf_mono heard_mono;
  uint64_t plots, rejected, next_sequence, lost_datagrams;
  uint8_t state;
  bool alarmed;
} sensor_state;

typedef struct notice {
  wf_effect_kind kind;
  wf_alarm_kind alarm;
  uint32_t product;
  char text[160];
} notice;

// Names of statements, oldest first, and the audience each was first heard in.
typedef struct statements {
  wf_hashmap map;
  wf_ring order;  // of names
} statements;

typedef struct radar_hearing radar_hearing;
typedef struct told_state told_state;

struct wf_node {
  wf_node_config config;
  wf_sensor *sensors;
  sensor_state *sensor_states;
  wf_sensor_registry registry;
  radar_hearing *radar;  // NULL: no sensor here speaks ASTERIX
  told_state *told;

  wf_exchange *exchange;
  wf_tracker *tracker;
  wf_picture *national;
  wf_warn *warn;
  statements heard;
  share shares[SHARES_MAX];
  uint32_t share_count;

  wf_clock now;
  wf_mono advance_budget_from;
  bool dirty;  // something new since the pictures were last advanced
  bool tick_due, advance_due, advance_now;
  bool durable;

  wf_ring pending;  // pending
  wf_ring notices;  // notice
  wf_ring notes;    // wf_release_note
  wf_release_note note_out;
  uint32_t own_status;  // the stream that only this nation hears
  notice notice_out;    // the one last handed out: its text is borrowed until the next

  wf_plot *plots;  // scratch of one datagram
  uint8_t *rejects;
  wf_contribution *fresh;  // scratch of wf_tracker_contributions
  size_t fresh_cap;
  wf_common_track *alone;  // own tracks in the shape of a picture
  size_t alone_count;
  const wf_common_track **track_list;  // scratch
  uint8_t *product_states;             // last seen, by index
  size_t product_count;
  uint64_t escalated;  // questions of warn known to be unanswered
  uint8_t record[RECORD_BYTES_MAX];

  wf_value_event value[WF_VALUE_EVENTS_MAX];
  size_t value_count;
  wf_clock started;
  wf_time oldest_restored;    // publish time of the oldest contribution from before the start; ns 0 = none
  bool recalled, recalling;   // the ledger was, is being made anew from those
  uint64_t private_sequence;  // names withheld own contributions in the national picture
  wf_node_counters counters;
};

// hear.c: sensor bytes → plots → own tracks.
void node_hear(wf_node *node, wf_bytes datagram);
void node_refuse_datagram(wf_node *node, const char *reason);
void node_heard(wf_node *node, sensor_state *s, uint8_t status);
void node_scan(wf_node *node, sensor_state *s, size_t count);
// hear_radar.c: the same for ASTERIX.
bool node_radar_open(wf_node *node);
void node_hear_radar(wf_node *node, wf_bytes datagram);
void node_watch_sensors(wf_node *node);
// told.c: what others tell: tracks, launches.
bool node_told_open(wf_node *node);
wf_sensor_report node_told_report(wf_node *node);  // with room for everything a report may hold
void node_take_told(wf_node *node, uint16_t sensor, const wf_sensor_report *report);
void node_take_track(wf_node *node, uint16_t sensor, const wf_system_track *track);
wf_status node_report(wf_node *node, const wf_input *input);
void node_told_reject(wf_node *node, wf_told_reject reject, const char *text);
void node_watch_told(wf_node *node);  // who is silent has lost what it held
// seismic.c
void node_take_seismic(wf_node *node, const wf_seismic_event *event);
void node_merge_seismic(wf_node *node, const wf_exchange_effect *record, const wf_record_body *body);
// share.c: own tracks → release → streams.
void node_share(wf_node *node);
// The same for one statement that others told; place: of its object.
void node_share_told(wf_node *node, uint16_t sensor, const wf_contribution *c, const double pos_ecef_m[3]);
// policy.c
wf_status node_open_share(wf_node *node, const wf_audience *audience);
wf_status node_policy_open(wf_node *node);
wf_status node_policy_set(wf_node *node, const wf_release_policy *policy, const char *person);
void node_policy_say(wf_node *node, uint64_t previous, const char *person);
// What an audience is told of an own object's state, on the guard's grid.
void node_share_guarded(wf_node *node);
void node_publish(wf_node *node, uint32_t share_index, uint32_t stream, wf_priority priority,
                  const wf_record_body *body, const detail *detail);
bool node_publish_next(wf_node *node);  // hands one pending statement to the exchange; false when there is none
// merge.c: records, own and partners' → pictures.
void node_merge(wf_node *node, const wf_exchange_effect *record);
// test_data.c: records without meaning, for measurements; in mode test alone.
wf_status node_test_publish(wf_node *node, wf_priority priority, wf_bytes payload);
bool node_test_data(const wf_node *node, const wf_exchange_effect *record);
// once.c: statements told to several audiences.
bool node_once_new(statements *s, uint32_t capacity);
void node_once_free(statements *s);
// Whether increments of this object come to an audience with fewer members, too: those count, since they are no less
// detailed and the others tell the same again.
bool node_told_narrower(statements *s, const wf_contribution *c, uint8_t members);
bool node_heard_elsewhere(statements *s, const wf_contribution *c, uint32_t audience);
// judge.c: pictures → products; decisions.
void node_judge(wf_node *node);
wf_status node_decide(wf_node *node, const wf_input *input);
wf_status node_notice(wf_node *node, const wf_input *input);
void node_record_action(wf_node *node, const wf_action *action);
// An own product as it comes back from the log: what an earlier life of this node released is not told again.
void node_recall(wf_node *node, const wf_product *product);
// agree.c: digests of the common pictures.
void node_state_digests(wf_node *node);
void node_compare_digest(wf_node *node, wf_nation from, const wf_audience *audience, const wf_picture_digest *theirs);
// value.c
void node_value_update(wf_node *node);
void node_value_restored(wf_node *node, wf_time published);  // a contribution came that may be from before the start
void node_value_recall(wf_node *node);  // once after a start: what was known when, from the records restored
// views.c
void node_refresh_alone(wf_node *node);
// node.c
void node_alarm(wf_node *node, wf_alarm_kind alarm, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
