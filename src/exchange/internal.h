// What the files of this room share. exchange.c is the front door; each other file is one idea:
//   ranges    sets of sequence numbers, and the same with the hashes that chain them
//   streams   names ⇄ slots, epochs of a stream, where an epoch ends
//   cache     recent bundles in memory, found by (epoch, first)
//   publish   own records → said in parts, bundled, signed   epoch     which epoch the own streams are in
//   early     what a partner says before it is signed
//   receive   foreign bundles → checked → delivered → verified → stored     deliver   records to the core
//   verify    one signature for as many chained bundles as wait             fork      two bundles, one number
//   keep      bundles to the store, and what it had no room for
//   have      who holds what: Have and Ack                    want      what is missing, and whom to ask
//   serve     what a partner asked for, from cache or store   queue     what waits for a partner, by priority
//   relay     floods and passing on                           session   hello, heartbeat, bye
//   clock     round trip and clock offset                     effects   the list of effects of a step
// Concurrency: none. One step at a time; all memory is taken in wf_exchange_new.
#ifndef WF_EXCHANGE_INTERNAL_H
#define WF_EXCHANGE_INTERNAL_H

#include "base/arena.h"
#include "base/hashmap.h"
#include "base/plant.h"
#include "base/ring.h"
#include "exchange/exchange.h"
#include "wire/bundle.h"
#include "wire/link.h"

#define EPOCHS_MAX 512        // (stream, epoch) pairs known at once
#define EPOCHS_PER_STREAM 64  // older ones are closed: neither asked for nor accepted
#define CHAIN_RANGES_MAX 64   // disjoint pieces of one epoch held at once
#define STORES_MAX 8192       // writes under way, at most
#define UNVERIFIED_MAX 1024   // foreign bundles under verification
#define EVIDENCE_MAX 64
#define SUSPECTS_MAX 32  // numbers under which another bundle may be elsewhere
#define JOBS_MAX 64      // epochs a partner may be filling up at once
#define OWN_STREAMS_MAX WF_STREAMS_PER_ORIGIN
#define OPEN_BYTES (96 * 1024)           // records waiting to be numbered; also the longest body
#define SAID_AHEAD_MAX 4                 // bodies of one stream said in parts and not yet sealed
#define BUNDLE_TARGET_BYTES (16 * 1024)  // under load a bundle is closed at this size: small enough for priorities
#define EFFECTS_MAX 4096
#define SCRATCH_BYTES (4 * 1024 * 1024)
#define FETCH_BYTES (128 * 1024)
#define NONE UINT32_MAX

#define HAVE_EVERY_NS (500 * WF_NS_PER_MS)
#define LIVE_AGE_MAX_NS (2 * WF_NS_PER_S)       // older contributions in a queue give way to newer ones
#define WANT_QUIET_NS (2 * WF_NS_PER_S)         // nothing came: ask again, elsewhere
#define WANT_STARVED_NS (10 * WF_NS_PER_S)      // live data came, but not what was asked for
#define THIRD_PARTY_AFTER_NS (1 * WF_NS_PER_S)  // what the origin should bring is asked of others only after this
#define ORPHAN_AFTER_NS (5 * WF_NS_PER_S)       // an epoch's end is usually extended within a round trip
#define FUTURE_MAX_NS (3600 * WF_NS_PER_S)      // published this far ahead of the own clock: impossible
#define VALID_AHEAD_MAX_NS (60 * WF_NS_PER_S)   // valid this long after it was published: impossible
#define UNSEALED_MAX_NS (2 * WF_NS_PER_S)       // said, and no signature; a stalled link is found silent before this
#define UNSEALED_CUT_NS (5 * WF_NS_PER_S)       // the same when its connection ended: it may still come another way
#define EPOCH_AHEAD_MAX_MS \
  UINT64_C(315360000000)  // ten years: what a partner says of own epochs beyond this is not followed
#define STORE_RETRY_NS (5 * WF_NS_PER_S)
#define TWIN_RAISE_NS (2 * WF_NS_PER_S)
#define CLOCK_ALARM_NS (500 * WF_NS_PER_MS)

// ---- ranges.c
typedef struct range_set {
  uint32_t count;
  wf_range range[CHAIN_RANGES_MAX];
} range_set;  // ascending, never touching
void ranges_remove(range_set *set, uint64_t first, uint64_t last);
bool ranges_have(const range_set *set, uint64_t first, uint64_t last);
wf_status ranges_add(range_set *set, uint64_t first, uint64_t last);  // WF_EFULL: nothing changed
uint64_t ranges_contiguous(const range_set *set);                     // from 1
// out = what of `in` is not in `less`; keeps the lowest pieces when there are too many.
void ranges_subtract(const range_set *in, const range_set *less, range_set *out);

typedef struct chain_link {
  uint64_t first, last;
  uint8_t before[WF_HASH_SIZE], end[WF_HASH_SIZE];
} chain_link;
chain_link link_of(const wf_bundle *bundle, const uint8_t hash[WF_HASH_SIZE]);
typedef struct chain {
  uint32_t count;
  chain_link piece[CHAIN_RANGES_MAX];
} chain;
typedef enum chain_verdict { CHAIN_OK, CHAIN_BROKEN, CHAIN_FULL } chain_verdict;
// Adds a bundle none of whose numbers is there. CHAIN_BROKEN: added, but its hashes do not meet its neighbours'.
chain_verdict chain_add(chain *c, const chain_link *bundle);
bool chain_overlaps(const chain *c, uint64_t first, uint64_t last);
bool chain_has(const chain *c, uint64_t first, uint64_t last);
void chain_ranges(const chain *c, range_set *out);
uint64_t chain_contiguous(const chain *c);
uint64_t chain_top(const chain *c);
bool chain_names(const chain *c, uint64_t last,
                 const uint8_t hash[WF_HASH_SIZE]);          // is the bundle that ends at last named by the next one?
const uint8_t *chain_end_at(const chain *c, uint64_t last);  // hash of the bundle that ends a piece at `last`; NULL
const uint8_t *chain_before_at(const chain *c, uint64_t first);  // what a piece that starts at `first` follows; NULL

// ---- streams.c
typedef struct peer_knowledge {  // what one partner holds of one epoch, as far as it said
  range_set has;
  uint64_t durable;  // contiguous
} peer_knowledge;

typedef struct epoch {
  bool used, proven;    // proven: a verified bundle of it is here (else only hearsay)
  uint32_t generation;  // of the slot
  uint32_t stream;
  uint32_t hearsay_of;  // partner that first spoke of it, while not proven
  uint64_t number;
  uint64_t end;            // highest valid number by its successors; UINT64_MAX = not stated
  int64_t review_mono_ns;  // when to see whether orphans are to be set aside or taken back; 0 = no need
  uint64_t aside_above;    // numbers above this are orphans; UINT64_MAX = none are
  range_set aside;         // delivered as orphans
  uint64_t pending_high;   // own: highest number given out
  chain have;              // verified
  range_set durable;       // on the own disk
  range_set unstored;      // held, but writing it failed: written again, or asked for again, when the store works
  range_set lost;          // held once, never stored, no longer in memory: not offered to anybody
  peer_knowledge peer[WF_NATION_MAX];
  uint32_t want_from;  // partner asked, or NONE
  range_set wanted;
  uint64_t verifying;  // serial + 1 of the bundle whose signature is being checked
  int64_t want_progress_ns, want_sent_ns;
  uint32_t want_avoid;     // partner that did not deliver
  uint64_t lacking_first;  // lowest number another nation has and we lack
  int64_t lacking_since_ns;
  bool broken_told;
} epoch;

typedef struct open_bundle {  // own records not yet in a bundle: [4-byte size][encoded record]…
  uint8_t *bytes;
  size_t used;
  uint32_t records;
  wf_priority priority;  // best of its records
} open_bundle;

// The body that is being written: its records are numbered and said, its signature is still to come.
typedef struct open_body {
  uint8_t *bytes;
  size_t used;
  uint32_t records;  // 0 = none is being written
  uint64_t id, epoch, first, last;
  uint32_t epoch_slot, generation;
  wf_priority priority;               // best of its records
  uint16_t told, told_on_alert_lane;  // partners that are told it in parts, as bits
} open_body;

typedef struct stream {
  wf_stream_name name;
  bool used, own;
  uint32_t epoch_count, epoch_slot[EPOCHS_PER_STREAM];  // ascending by number
  uint64_t floor_epoch;                                 // below this: closed
  // own streams
  open_bundle open;
  open_body body;
  uint32_t signing;        // bundles out for signature
  uint64_t next_sequence;  // in the current epoch
  wf_time last_publish;
  uint8_t last_hash[WF_HASH_SIZE];
} stream;

// ---- cache.c
typedef enum entry_state { ENTRY_SIGNING = 1, ENTRY_UNVERIFIED, ENTRY_READY } entry_state;
typedef struct entry {
  entry_state state;
  bool pinned, indexed, delivered, relayed, backfill, own;
  bool waits;                       // to be written: the store had no room
  bool asked, proven;               // its verification is out; or it is known to be the origin's word
  uint32_t epoch_slot, generation;  // NONE while not known to be real
  uint32_t source;                  // partner index; NONE = own
  uint64_t body_id;                 // own, until signed
  uint16_t told, told_on_alert_lane;
  wf_priority priority;
  uint64_t first, last;
  uint32_t records;
  size_t offset, size;
  uint8_t hash[WF_HASH_SIZE], before[WF_HASH_SIZE];
} entry;
typedef struct cache {
  uint8_t *bytes;
  size_t size, head;  // next write
  entry *entries;
  size_t capacity;
  uint64_t next, oldest;  // serials; entry of serial s is entries[s % capacity]
  wf_hashmap index;       // (epoch slot, first) → s % capacity
} cache;

// ---- partners
typedef struct lane_state {
  bool up, greeted, closing;
  uint64_t boot;
  uint64_t credit;
  int64_t up_ns, heard_ns, ping_sent_ns;
  bool pong_due;
  wf_pong pong;
} lane_state;

typedef struct queued {
  uint64_t serial, first, last;
  uint32_t epoch_slot, generation;
  int64_t since_ns;
} queued;
typedef struct job {
  bool used;
  bool evidence;  // of equivocations: all there is under a number, from the store
  bool again;     // more has come under a number that is being fetched
  uint32_t epoch_slot, generation;
  range_set ranges;
} job;

#define PINGS_MAX 8
#define CLOCK_SAMPLES 16
#define CLOCK_SAMPLES_LEAST 4
typedef struct clock_filter {
  struct {
    uint64_t id;
    int64_t mono_ns, wall_ns;
  } sent[PINGS_MAX];
  struct {
    int64_t round_trip_ns, offset_ns;
  } sample[CLOCK_SAMPLES];
  uint32_t count, next;
  uint64_t next_id;
  bool alarmed;
} clock_filter;

// A body as its origin says it, before its signature is here.
typedef struct early {
  bool used;
  bool shown;   // its records were delivered, and are to be taken back if it is never signed
  bool sealed;  // the signature came, but the same bundle had come another way
  bool cut;     // its connection ended
  wf_lane lane;
  uint64_t id, first, last;
  uint32_t epoch_slot, generation, records;
  int64_t since_ns;
  size_t size;
  uint8_t *bytes;
} early;

typedef struct partner {
  wf_nation nation;
  wf_membership membership;
  bool refusal_told;  // that records of it still come, though it is no member
  uint32_t version;   // of the session
  uint32_t unsealed;  // bodies it was told in parts that still lack their seal
  early early[WF_PARTS_MAX];
  lane_state lane[2];
  bool live;          // alert lane greeted and not silent
  bool heard_live;    // … and so it is on the partner's side: it has said more than hello there
  uint64_t boots[4];  // newest first
  uint32_t linked_count;
  wf_nation linked[WF_NATION_MAX];
  bool passes_on[WF_NATION_MAX];  // index of partner as origin: we pass that nation's bundles on to this one
  wf_relay asked, wanted;         // origins asked of it, and to be asked of it
  wf_ring queue[WF_PRIORITY_BACKFILL];
  job jobs[JOBS_MAX];
  uint32_t jobs_high;  // places used in this session
  uint32_t job_turn;
  bool fetching;
  uint32_t fetch_serial, fetch_job;
  uint64_t fetch_reached;
  wf_range fetch_range;
  uint64_t have_dirty[EPOCHS_MAX / 64], ack_dirty[EPOCHS_MAX / 64], snapshot_dirty[EPOCHS_MAX / 64],
      want_dirty[EPOCHS_MAX / 64];
  int64_t have_sent_ns, heard_data_ns, backfill_ns;
  clock_filter clock;
  wf_time last_heard_wall;
  uint64_t received_records, duplicates, sent_records, dropped;
} partner;

typedef struct store_write {
  uint64_t token;
  uint32_t epoch_slot, generation, source;
  uint64_t first, last;
  bool own;
  uint8_t hash[WF_HASH_SIZE];
} store_write;
typedef struct evidence {
  uint32_t epoch_slot, generation;
  uint64_t first, last;
  uint8_t hash[WF_HASH_SIZE];
  bool unstored;  // writing it failed
} evidence;
typedef struct suspect {  // a number under which others may hold another bundle than this node
  bool used, unsure;      // unsure: nothing says so but that it could not be compared with what is in memory
  bool own_known, other_here;
  uint32_t epoch_slot, generation;
  uint64_t first, last;  // both end at `last`
  uint8_t own[WF_HASH_SIZE], other[WF_HASH_SIZE];
  uint32_t ask, asked;  // partner that is next; how often
  int64_t since_ns, compared_ns, asked_ns, every_ns;
} suspect;

typedef struct alarm_gate {
  int64_t last_ns;
  uint64_t held_back;
} alarm_gate;

struct wf_exchange {
  wf_exchange_config config;
  wf_clock now;
  bool started, epoch_ready, not_durable, look_for_gaps, look_to_store;
  uint64_t epoch;        // of the own streams
  uint64_t first_epoch;  // of the present life
  uint64_t twins_epoch;  // the highest that another node under this name has used
  int64_t twin_raised_ns;
  uint64_t epoch_token;
  int64_t epoch_asked_ns;
  uint32_t stream_count, own_count;
  stream streams[WF_STREAMS_MAX];
  epoch *epochs;        // EPOCHS_MAX
  uint32_t epoch_high;  // slots ever used
  cache cache;
  partner partner[WF_NATION_MAX];
  uint32_t partner_count;
  store_write stores[STORES_MAX];
  uint64_t next_store, next_body, store_from;
  size_t waiting_bytes;  // of bundles that wait for the store
  uint32_t early_count;
  wf_bundle head;  // of records that are in no finished bundle yet
  evidence evidence[EVIDENCE_MAX];
  uint32_t evidence_count;
  suspect suspect[SUSPECTS_MAX];
  struct {  // the one FETCH that looks what is held under a suspect's number
    bool busy;
    uint32_t serial, suspect;
    int64_t since_ns;
  } compare;
  uint64_t unverified[UNVERIFIED_MAX];  // serials, in the order they came
  uint32_t unverified_count;
  struct {  // the one FETCH that re-delivers what was set aside, or sets it aside
    bool busy, progressed;
    uint32_t serial, epoch_slot, generation;
    uint64_t reached;
    range_set ranges;
  } recast;
  int64_t looked_mono_ns;
  // effects of this step
  wf_exchange_effect effects[EFFECTS_MAX];
  uint32_t effect_count, effect_taken;
  uint8_t *scratch;
  size_t scratch_used;
  wf_frame in, out;
  char reason[WF_REASON_SIZE];
  size_t memory_bytes;
  alarm_gate alarms[WF_ALARM_KIND_COUNT][WF_NATION_MAX + 1];  // by partner; last: own and others
};

// ---- effects.c
wf_exchange_effect *effect_add(wf_exchange *x, wf_exchange_effect_kind kind);  // NULL when the list is full
uint8_t *scratch_take(wf_exchange *x, size_t size);                            // for this step; NULL when there is none
bool effects_have_room(const wf_exchange *x, uint32_t effects, size_t bytes);
__attribute__((format(printf, 4, 5))) void alarm_raise(wf_exchange *x, wf_alarm_kind alarm, wf_nation nation,
                                                       const char *format, ...);
void send_bytes(wf_exchange *x, uint32_t partner_index, wf_lane lane, wf_priority priority, wf_bytes frame);
wf_status send_frame(wf_exchange *x, uint32_t partner_index, wf_lane lane, wf_priority priority);  // x->out
enum { TOKEN_EPOCH = 1, TOKEN_SIGN, TOKEN_VERIFY, TOKEN_STORE, TOKEN_FETCH, TOKEN_RECAST, TOKEN_COMPARE };
static inline uint64_t token_make(unsigned kind, uint64_t serial) {
  return (uint64_t)kind << 56 | (serial & ((UINT64_C(1) << 56) - 1));
}
static inline unsigned token_kind(uint64_t token) {
  return (unsigned)(token >> 56);
}
static inline uint64_t token_serial(uint64_t token) {
  return token & ((UINT64_C(1) << 56) - 1);
}

static inline bool bit_get(const uint64_t *bits, uint32_t i) {
  return bits[i / 64] >> (i % 64) & 1;
}
static inline void bit_set(uint64_t *bits, uint32_t i) {
  bits[i / 64] |= UINT64_C(1) << (i % 64);
}
static inline void bit_clear(uint64_t *bits, uint32_t i) {
  bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}
static inline bool same_nation(wf_nation a, wf_nation b) {
  return wf_nation_compare(a, b) == 0;
}

// streams.c
bool stream_same(const wf_stream_name *a, const wf_stream_name *b);
uint32_t stream_find(const wf_exchange *x, const wf_stream_name *name);  // NONE
uint32_t stream_make(wf_exchange *x, const wf_stream_name *name);        // found or new; NONE = no room
uint32_t epoch_find(const wf_exchange *x, const wf_stream_name *name, uint64_t number);
uint32_t epoch_of(const wf_exchange *x, uint32_t stream, uint64_t number);
// Found or new. hearsay_of: the partner that speaks of it, NONE when a verified bundle or its origin proves it.
uint32_t epoch_make(wf_exchange *x, const wf_stream_name *name, uint64_t number, uint32_t hearsay_of);
bool epoch_closed(const wf_exchange *x, const wf_stream_name *name, uint64_t number);
static inline stream *stream_of(wf_exchange *x, const epoch *e) {
  return &x->streams[e->stream];
}
uint32_t partner_index(const wf_exchange *x, wf_nation nation);  // NONE
bool partner_may_hold(const wf_exchange *x, uint32_t partner_index, const wf_stream_name *name);
uint64_t epoch_valid_end(const wf_exchange *x, const epoch *e);  // numbers above it are orphans
void epoch_state_end(wf_exchange *x, const wf_bundle *bundle);   // takes a verified bundle's word on its predecessor
void epoch_touched(wf_exchange *x, uint32_t slot);               // what is held changed: partners are to be told

// cache.c
wf_status cache_new(wf_exchange *x);
void cache_free(wf_exchange *x);
entry *cache_insert(wf_exchange *x, size_t size, uint64_t *serial);  // pinned, not indexed; NULL = no room
uint64_t cache_serial(const wf_exchange *x, const entry *e);         // of an entry that lives
entry *cache_at(wf_exchange *x, uint64_t serial);                    // NULL when gone
entry *cache_find(wf_exchange *x, uint32_t epoch_slot, uint64_t first, uint64_t *serial);
void cache_index(wf_exchange *x, entry *e, uint64_t serial);
void cache_move(wf_exchange *x, entry *e, uint32_t epoch_slot);
void cache_drop(wf_exchange *x, entry *e);  // forget it: its bytes go when their turn comes
static inline wf_bytes cache_bytes(const wf_exchange *x, const entry *e) {
  return (wf_bytes){x->cache.bytes + e->offset, e->size};
}

// epoch.c
void epoch_start(wf_exchange *x, uint64_t stored);
void epoch_raise(wf_exchange *x, uint64_t at_least);  // a new epoch above this
bool epoch_is_a_twins(const wf_exchange *x, const wf_stream_name *name, uint64_t number, uint64_t top);
void epoch_raise_for_twin(wf_exchange *x, uint64_t above);
void epoch_stored(wf_exchange *x, bool ok);
void epoch_retry(wf_exchange *x);  // while not durable: does the store work again?
// publish.c
wf_status publish(wf_exchange *x, const wf_exchange_input *input);
void publish_statements(wf_exchange *x);
void publish_open(wf_exchange *x, uint32_t stream);  // closes the open bundle if it may be closed
wf_status bundle_signed(wf_exchange *x, const wf_exchange_input *input);
void publish_lane_down(wf_exchange *x, uint32_t partner_index, wf_lane lane);
// early.c
wf_status early_part(wf_exchange *x, uint32_t partner_index, wf_lane lane, const wf_part *part);
wf_status early_seal(wf_exchange *x, uint32_t partner_index, wf_lane lane, const wf_seal *seal);
void early_take_back(wf_exchange *x, early *e, const char *why);
void early_free(wf_exchange *x, early *e);
// Up to which number of the bundle its records were delivered already, from these very bytes; 0 = none. Others under
// the same numbers are taken back.
uint64_t early_said(wf_exchange *x, uint32_t slot, const wf_bundle *bundle);
void early_ranges(const wf_exchange *x, uint32_t slot, range_set *out);
void early_lane_down(wf_exchange *x, uint32_t partner_index, wf_lane lane);
void early_expire(wf_exchange *x);
// receive.c
// said: the body it was told as before, NULL = none.
wf_status receive_bundle(wf_exchange *x, uint32_t partner_index, const wf_deliver *deliver, early *said);
// What is wrong with a bundle as such, before its content matters. NULL = nothing.
const char *receive_refusal(const wf_exchange *x, uint32_t partner_index, const wf_bundle *b, wf_alarm_kind *alarm);
// verify.c
void verify_add(wf_exchange *x, entry *e, uint64_t serial);
wf_status bundle_verified(wf_exchange *x, const wf_exchange_input *input);
void verify_leftovers(wf_exchange *x);
// receive.c
void accept_bundle(wf_exchange *x, entry *e, uint64_t serial);
void refuse_bundle(wf_exchange *x, entry *e);
wf_status bundle_restore(wf_exchange *x, const wf_exchange_input *input);
// keep.c
bool store_takes_more(const wf_exchange *x);
// Whether it is on its way to the store, or waits for it.
bool store_writes(const wf_exchange *x, const entry *e);
void bundle_store(wf_exchange *x, entry *e, uint32_t source);  // now, or when there is room
wf_status bundle_stored(wf_exchange *x, const wf_exchange_input *input);
void bundle_damaged(wf_exchange *x, uint32_t slot, uint64_t first, uint64_t last);  // on the own disk
void store_again(wf_exchange *x);
void store_missed(wf_exchange *x, entry *e);
bool store_gives_way(wf_exchange *x, const entry *oldest);
// fork.c
bool evidence_has(const wf_exchange *x, uint32_t slot, const uint8_t hash[WF_HASH_SIZE]);
// Others may hold another bundle that ends at `last`. own: hash of the one here, NULL = to be looked up; from: partner
// to be asked first, or NONE.
void fork_suspect(wf_exchange *x, uint32_t slot, uint64_t last, const uint8_t other[WF_HASH_SIZE], const uint8_t *own,
                  uint32_t from);
// A bundle that is about to join its chain: do its hashes meet those of its neighbours?
void fork_neighbours(wf_exchange *x, uint32_t slot, const wf_bundle *bundle, const uint8_t hash[WF_HASH_SIZE]);
bool fork_expects(const wf_exchange *x, uint32_t slot, uint64_t last, const uint8_t hash[WF_HASH_SIZE]);
void fork_session_start(wf_exchange *x, uint32_t partner_index);
void fork_look(wf_exchange *x);
wf_status fork_fetched(wf_exchange *x, const wf_exchange_input *input);
void fork_found(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *bundle);
void fork_restored(wf_exchange *x, entry *e, uint64_t serial, const wf_bundle *bundle);
// deliver.c
void deliver_bundle(wf_exchange *x, const wf_bundle *bundle, const entry *e);
// Records of a body that is not finished: whole fields, as written.
void deliver_piece(wf_exchange *x, const wf_stream_name *name, uint64_t epoch_number, const entry *as, wf_bytes piece);
void retract_bundle(wf_exchange *x, const wf_bundle *bundle, const entry *e, const char *why);
void aside_bundle(wf_exchange *x, const wf_bundle *bundle, const entry *e, const char *why);
void recast_due(wf_exchange *x);
wf_status recast_fetched(wf_exchange *x, const wf_exchange_input *input);
// have.c
wf_status have_received(wf_exchange *x, uint32_t partner_index, const wf_have *have, bool durable);
void have_acknowledge(wf_exchange *x, uint32_t partner_index);
void have_send(wf_exchange *x, uint32_t partner_index);
void have_session_start(wf_exchange *x, uint32_t partner_index);
void have_tell_all_of(wf_exchange *x, uint32_t partner_index, wf_nation origin);
void have_tell_bulk(wf_exchange *x, uint32_t partner_index);
// want.c
void want_look(wf_exchange *x);
void want_send(wf_exchange *x, uint32_t partner_index);
void want_progress(wf_exchange *x, uint32_t slot, uint32_t partner_index, bool backfill);
void want_session_end(wf_exchange *x, uint32_t partner_index);
// serve.c
wf_status serve_want(wf_exchange *x, uint32_t partner_index, const wf_want *want);
bool serve_next(wf_exchange *x, uint32_t partner_index,
                wf_lane lane);  // sends one bundle or asks the store; false: nothing to do
wf_status serve_fetched(wf_exchange *x, const wf_exchange_input *input);
void serve_later(wf_exchange *x, uint32_t partner_index, uint32_t slot, uint64_t first, uint64_t last);
uint64_t serve_left(const wf_exchange *x, uint32_t partner_index);
void serve_session_end(wf_exchange *x, uint32_t partner_index);
// queue.c
void queue_bundle(wf_exchange *x, uint32_t partner_index, const entry *e, uint64_t serial);
void queue_flush(wf_exchange *x);
void queue_clear(wf_exchange *x, uint32_t partner_index);
void queue_lowest(const wf_exchange *x, uint32_t partner_index,
                  uint64_t lowest[EPOCHS_MAX]);  // lowest number waiting, by epoch slot; UINT64_MAX = none
uint64_t queue_bytes(const wf_exchange *x, uint32_t partner_index);
wf_lane lane_for(const wf_exchange *x, uint32_t partner_index, wf_priority priority);
wf_priority priority_of(const wf_bundle *bundle);
bool send_bundle(wf_exchange *x, uint32_t partner_index, wf_lane lane, wf_priority priority, uint32_t slot,
                 wf_bytes bundle, bool backfill);
// relay.c
void relay_bundle(wf_exchange *x, const entry *e, uint64_t serial);
void serve_evidence(wf_exchange *x, uint32_t partner_index);            // at the start of a session
void serve_evidence_of(wf_exchange *x, uint32_t slot, uint64_t first);  // to everybody, from the store
void relay_evidence(wf_exchange *x, const entry *e);
void relay_send(wf_exchange *x, uint32_t partner_index);
void relay_received(wf_exchange *x, uint32_t partner_index, const wf_relay *relay);
void relay_choose(wf_exchange *x);
// members.c
wf_status partner_new(wf_exchange *x, wf_nation nation);
wf_status partner_change(wf_exchange *x, wf_nation nation, wf_membership membership);
// Whether a nation may be spoken to and listened to: only one that is configured and no member may not.
bool is_member(const wf_exchange *x, wf_nation nation);
bool audience_is_whole(const wf_exchange *x, const wf_audience *audience, wf_nation *outsider);
// session.c
wf_status link_up(wf_exchange *x, uint32_t partner_index, wf_lane lane);
wf_status link_down(wf_exchange *x, uint32_t partner_index, wf_lane lane);
wf_status link_frame(wf_exchange *x, uint32_t partner_index, wf_lane lane, wf_bytes bytes);
void link_close(wf_exchange *x, uint32_t partner_index, wf_lane lane, wf_bye_reason reason, const char *text);
void session_tick(wf_exchange *x);
void session_control(wf_exchange *x, uint32_t partner_index);  // pings and pongs that are due
// clock_offset.c
void clock_ping(wf_exchange *x, partner *p, wf_ping *ping);
void clock_pong(wf_exchange *x, uint32_t partner_index, const wf_pong *pong);
bool clock_estimate(const clock_filter *c, int64_t *round_trip_ns, int64_t *offset_ns, int64_t *sigma_ns);
void clock_reset(clock_filter *c);

#endif
