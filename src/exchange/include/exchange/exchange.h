// What one nation says, every partner has: streams, bundles, signatures, have-vectors, partner sessions. A pure state
// machine: no sockets, clocks, keys or disk; those are effects whose results come back as inputs. Memory per partner
// is bounded by the configuration. docs/protocol.md is the byte-by-byte truth.
#ifndef WF_EXCHANGE_EXCHANGE_H
#define WF_EXCHANGE_EXCHANGE_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/status.h"
#include "base/time.h"
#include "model/nation.h"
#include "wire/limits.h"
#include "wire/stream.h"

#define WF_STREAMS_MAX 128  // known to one node, all origins
#define WF_STREAMS_PER_ORIGIN 16

typedef enum wf_lane { WF_LANE_ALERT = 1, WF_LANE_BULK = 2 } wf_lane;

// Priorities, best first; what waits is sent in this order, newest first inside TRACKLET for a partner that is behind.
typedef enum wf_priority {
  WF_PRIORITY_WARNING,
  WF_PRIORITY_LAUNCH,
  WF_PRIORITY_CONTRIBUTION,
  WF_PRIORITY_STATUS,
  WF_PRIORITY_BACKFILL,
  WF_PRIORITY_COUNT
} wf_priority;

typedef struct wf_exchange_config {
  wf_nation nation;
  uint32_t writer;
  wf_mode mode;
  uint64_t boot;  // random per start
  uint32_t partner_count;
  struct {
    wf_nation nation;
  } partner[WF_NATION_MAX];
  size_t cache_bytes;           // recent bundles of all streams held in memory for sending and relaying; 0 = 16 MiB
  size_t partner_queue_bytes;   // references waiting per partner; 0 = 64 KiB
  uint32_t bundle_records_max;  // records in one bundle; 0 = 256
  uint32_t stores_max;          // writes to the store under way; what is more waits in memory; 0 = 8192
  int64_t heartbeat_ns, dead_after_ns;  // of the monotonic clock; 0 = 200 ms, 1 s
  int64_t clock_alarm_ns;               // of record time, which an exercise may run faster; 0 = 500 ms
} wf_exchange_config;

// ---- Inputs ------------------------------------------------------------------------------------------------
typedef struct wf_clock {
  wf_time wall;
  wf_mono mono;
} wf_clock;  // "now", given with every input

typedef enum wf_exchange_input_kind {
  WF_XI_START,    // epoch_stored: highest own epoch on disk (0 = none). Must be first
  WF_XI_RESTORE,  // one stored bundle, raw, in log order, before LINK_UP of anyone; bytes
  WF_XI_TICK,
  WF_XI_LINK_UP,    // nation, lane: a mutually authenticated connection
  WF_XI_LINK_DOWN,  // nation, lane
  WF_XI_FRAME,      // nation, lane, bytes: one frame without its length prefix
  WF_XI_WRITABLE,   // nation, lane, credit: bytes the link can take now (replaces what was left of the former credit).
                    // A link starts with none; Hello is sent without. One frame may overshoot it
  WF_XI_SIGNED,     // token, bytes: 64-byte signature
  WF_XI_VERIFIED,   // token, ok
  WF_XI_STORED,     // token, ok: durable now (or the store failed)
  WF_XI_FETCHED,    // token, bytes: one stored bundle asked for with FETCH, ascending; ok = more follow. The last
                    // answer has ok = false and may be empty. damaged (also with RESTORE): numbers first..last are
                  // there, but not as they were written; its bytes are not to be used. It is asked for and stored again
  WF_XI_PUBLISH,  // stream (index from wf_exchange_open_stream), priority, bytes: wf_wire_encode_record with sequence,
                  // publish time and flags zero (they are filled in); valid time set
  WF_XI_PARTNER,  // nation, token (a wf_membership): a new partner, or an old one that is something else from now on
} wf_exchange_input_kind;

typedef struct wf_exchange_input {
  wf_exchange_input_kind kind;
  wf_nation nation;
  wf_lane lane;
  uint64_t token, credit, epoch_stored, first, last;
  uint32_t stream;
  wf_priority priority;
  bool ok, damaged;
  wf_bytes bytes;
} wf_exchange_input;

// What a partner is to this node. Only a member is spoken to and listened to. A suspended one is left out until it is a
// member again, and then gets what it missed; a revoked one stays out: what was verified of it before is kept, and
// nothing more is taken, by whatever way it comes. docs/protocol.md §5.1.
typedef enum wf_membership { WF_MEMBER = 1, WF_MEMBER_SUSPENDED, WF_MEMBER_REVOKED } wf_membership;
const char *wf_membership_name(wf_membership membership);

// ---- Effects -----------------------------------------------------------------------------------------------
typedef enum wf_exchange_effect_kind {
  WF_XE_SEND,     // nation, lane, bytes: one frame without prefix
  WF_XE_CLOSE,    // nation, lane, text: reason
  WF_XE_SIGN,     // token, bytes: exactly what to sign with the own key (51 bytes); answered by SIGNED
  WF_XE_VERIFY,   // token, nation (whose key), bytes: exactly what was signed, signature; answered by VERIFIED
  WF_XE_STORE,    // token, row, bytes (the Bundle as received); answered by STORED when durable. Unique by (stream,
                  // epoch, first, hash): two hashes for one first are evidence of equivocation, both are kept; the
                  // same again takes the place of what is there
  WF_XE_EPOCH,    // token, epoch: make durable before anything is sent; answered by STORED
  WF_XE_FETCH,    // token, row.stream/epoch, first..last, limit_bytes: stored bundles that overlap first..last,
                  // ascending, until limit_bytes is passed (at least one bundle); answered by FETCHED
  WF_XE_DELIVER,  // one record, in any order between streams: row.stream, epoch, sequence, times, bytes = encoded
                  // Record. Own records come back this way too (own = true): feed the picture from these bytes, never
                  // from the struct that was published, so that every node rounds alike
  WF_XE_RETRACT,  // the same fields without bytes, text: a delivered record that must go: its signature failed, or it
                  // lost to another one with its number
  WF_XE_ASIDE,  // the same fields as DELIVER, text = why: kept and shown, outside the picture (impossible time, orphan
                // of an ended epoch, evidence of equivocation). A later DELIVER or RETRACT of the same record may
                // follow
  WF_XE_ALARM,  // alarm, nation, text
} wf_exchange_effect_kind;

typedef enum wf_alarm_kind {
  WF_ALARM_EQUIVOCATION = 1,
  WF_ALARM_BAD_SIGNATURE,
  WF_ALARM_BAD_CHAIN,
  WF_ALARM_MODE_MISMATCH,
  WF_ALARM_MALFORMED,
  WF_ALARM_OUTSIDE_AUDIENCE,
  WF_ALARM_CLOCK,
  WF_ALARM_QUARANTINED_TIME,
  WF_ALARM_TWIN,
  WF_ALARM_STORE_FAILED,
  WF_ALARM_LINK_LOST,
  WF_ALARM_OVERLOAD,
  WF_ALARM_PICTURE_DIFFERS,
  WF_ALARM_SENSOR_SILENT,
  WF_ALARM_REFUSED_INPUT,
  WF_ALARM_STORE_DAMAGED,  // a stored bundle is not what was written
  WF_ALARM_UNATTENDED,  // a question to the officer that nobody answered in time
  WF_ALARM_KIND_COUNT
} wf_alarm_kind;
const char *wf_alarm_name(wf_alarm_kind kind);

typedef struct wf_stored_row {
  wf_stream_name stream;
  uint32_t stream_index;
  uint64_t epoch, first, last;
  uint8_t hash[WF_HASH_SIZE];
} wf_stored_row;

typedef struct wf_exchange_effect {
  wf_exchange_effect_kind kind;
  wf_nation nation;
  wf_lane lane;
  wf_priority priority;
  uint64_t token, epoch;
  size_t limit_bytes;
  wf_stored_row row;
  uint64_t sequence;
  wf_time valid_time, publish_time;
  bool own, relayed, backfill;
  wf_alarm_kind alarm;
  const char *text;
  wf_bytes bytes;
  const uint8_t *signature;
} wf_exchange_effect;

typedef struct wf_exchange wf_exchange;
wf_exchange *wf_exchange_new(const wf_exchange_config *config);
void wf_exchange_free(wf_exchange *exchange);

// The own stream for an audience and class, opened when first asked for.
wf_status wf_exchange_open_stream(wf_exchange *exchange, const wf_audience *audience, wf_stream_class stream_class,
                                  uint32_t *stream);
const wf_stream_name *wf_exchange_stream_name(const wf_exchange *exchange, uint32_t stream);

// One input; all effects of the former one must have been taken (WF_EAGAIN otherwise). TICK at least every 50 ms.
// WF_EFULL when a bound was met (counted and alarmed; nothing good is lost: it is in the store).
wf_status wf_exchange_step(wf_exchange *exchange, wf_clock now, const wf_exchange_input *input);
// Takes the next effect in order; false when there is none. Borrowed pointers hold until the next step.
bool wf_exchange_effect_next(wf_exchange *exchange, wf_exchange_effect *out);

// Why no honest clock makes these times, so that a record is set aside; NULL: it may be.
const char *wf_exchange_impossible_time(wf_time valid, wf_time publish, wf_time now);

// ---- What people look at -----------------------------------------------------------------------------------
typedef struct wf_link_view {
  wf_nation nation;
  bool up[2];  // by lane − 1
  bool relayed_by[WF_NATION_MAX];
  double round_trip_ms, clock_offset_ms, clock_offset_sigma_ms;
  wf_time last_heard;
  wf_membership membership;
  uint64_t queued_bytes, missing_records, backfill_left, received_records, duplicates, sent_records;
} wf_link_view;
size_t wf_exchange_links(const wf_exchange *exchange, wf_link_view *out, size_t cap);
typedef struct wf_stream_view {
  wf_stream_name name;
  uint64_t epoch, contiguous, highest, durable;
  uint64_t acknowledged[WF_NATION_MAX];
} wf_stream_view;
size_t wf_exchange_streams(const wf_exchange *exchange, wf_stream_view *out, size_t cap);
uint64_t wf_exchange_epoch(const wf_exchange *exchange);
size_t wf_exchange_memory_bytes(const wf_exchange *exchange);

#endif
