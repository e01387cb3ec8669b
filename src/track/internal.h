// What the files of this room share. A tracked object is a handful of filters that explain it in different ways
// ("slots"), with a weight each; everything else is bookkeeping around them. Indexes, not pointers: the whole state
// of a tracker is flat arrays taken at creation.
#ifndef WF_TRACK_INTERNAL_H
#define WF_TRACK_INTERNAL_H

#include "base/fmath.h"
#include "base/hashmap.h"
#include "base/ring.h"
#include "base/rng.h"
#include "estimate/assign.h"
#include "estimate/batch.h"
#include "estimate/fall.h"
#include "estimate/increment.h"
#include "estimate/marginal.h"
#include "estimate/registration.h"
#include "track/tracker.h"

enum {
  SLOT_COAST,  // has fallen freely since the first plot: never mixed with anything, so it stays at the bound
  SLOT_BOOST,  // is under thrust
  SLOT_BURNT,  // has fallen freely since some moment after the first plot: fed by BOOST
  SLOT_AIR,    // flies straight and level
  SLOTS
};

enum {
  START_PLOTS = 4,  // the batch start looks at so many
  PENDING = 6,      // equivalent positions waiting to be sent
  CREDITS = 6,      // sensors whose last look at a track is remembered
  RIVALS = 12,
  REFUSED = 16,  // implausible plots named per call
  CANDIDATES = 64,  // plots in one track's gate
  EVENTS = 4096,
  BLOCKS = 1024,     // scans whose unexplained plots are remembered
  RECENT = 1 << 14,  // plot fingerprints against duplicates
  LOOKS = 512,       // looks remembered with all their plots
  HISTORY = 128,     // plots of a track among them
};

#define PLOTS_TO_CONFIRM 3
#define LLR_TO_CONFIRM 9.2  // ln 10⁴: one false track in 10⁴ accepted
#define LLR_TO_DROP (-12.0)
#define NEW_PER_SCAN 0.01  // expected new objects per scan and sensor
#define SPEED_MAX_M_S 8000.0
#define WEIGHT_MIN 1e-3   // a slot below it is dropped
#define MISFIT 1.9        // running χ² per component: 37 in memory, +4 sigma
#define GROUP_SPAN_S 0.2  // plots this close in time are associated together
#define LATE_MAX_S 60.0   // older plots than this are refused
#define AHEAD_MAX_S 5.0
#define WF_SAY_EVERY_S 0.25  // positions of one object are told at most this often; looks in between are put together
#define BETA_HEIGHT_M 110e3  // drag is modelled below
#define SEA_LEVEL_RADIUS_M 6378137.0

typedef struct credit {
  uint16_t sensor;
  wf_time last;  // look
  wf_time seen;
} credit;

typedef struct object {
  bool used;
  bool seen;       // updated in the present group
  bool eligible;   // could be carried to the present group's time
  uint8_t active;  // bit mask of slots
  wf_time time;    // of all slots
  wf_filter slot[SLOTS];
  double weight[SLOTS];
  double share[SLOTS];      // the weights once more, thrust that is too small to be thrust counted out: what is told
  wf_sensitivity drift[2];  // of COAST and BURNT to the sensors' biases
  double llr;               // ln likelihood ratio, object against clutter
  uint32_t start_id[START_PLOTS];
  wf_plot start[START_PLOTS];
  uint8_t start_count;
  bool starting;  // each plot refits the batch
  uint8_t credit_count;
  credit credit[CREDITS];
  uint16_t misses;        // in a row
  bool visible;           // some sensor could have seen it at the last look
  uint8_t unseen_reason;  // why not, when not
  uint64_t fed_by;        // bit per sensor index below 64
  bool fed_by_others;
  double fit;             // running mean of χ² per component of the leading slot; 1 when it is right
  double brisk;           // the same with a memory of two or three plots
  wf_time drag_doubted;   // when ln β was last made anybody's guess again
  uint8_t turning;        // looks in a row that only a manoeuvre explains
  double air_noise;       // factor on the white acceleration of AIR
  double axial_max_m_s2;  // greatest thrust estimate since the last stage
  wf_time ends_at;        // ns 0 = not known: predicted impact
  // What is owed to the partners.
  wf_increment increment;
  double p_epoch[36];  // covariance at the increment's epoch
  bool blurred;        // the covariance grew by doubt since the last increment: increments would tell too much
  wf_time increment_epoch;
  bool increment_valid;
  uint8_t pending_count;
  struct pending {
    wf_time time;
    uint8_t sources;
    wf_tracklet tracklet;
  } pending[PENDING];
  bool owes_detection, owes_status, owes_launch;
  wf_filter fall;  // as of the last plot: where it falls by what was measured
  wf_time fall_time;
  wf_time said_at;  // when positions were last told; ns 0: never
  wf_time last_launch;
  double launch_variance;  // of the velocity, when the launch was last estimated
  double height_m, climb_m_s;
  uint32_t crowd;  // number of the close group it belongs to; 0: none
  uint32_t crowd_size;
  bool contested;      // in this look another track may have made its plot
  double contest;      // running sum of such chances
  wf_time crowd_time;  // of the last one
  bool unsettled;      // the last sharing out left doubt
  wf_track pub;
} object;

// One look of one sensor with its plots in a ring, and which of them a track has taken.
typedef struct glance {
  uint16_t sensor;
  wf_time time;
  uint32_t first, count;
} glance;
typedef struct past_hit {
  uint32_t look, plot;  // number of the look; index in it
} past_hit;
typedef struct history {
  uint8_t slot;  // the free fall that is told about
  bool anchored;
  uint16_t count;
  past_hit hit[HISTORY];
  wf_filter anchor;  // what was known before them, biases taken out
  wf_time anchor_time;
} history;

// A sensor and what has been learnt of it.
typedef struct watcher {
  wf_sensor sensor;
  wf_site site;
  double clutter_density;  // per unit of measurement volume (m·rad² or rad²)
  double volume;
  double variance[4];
  double period_s;   // stated or learnt; 0 = unknown
  double latency_s;  // from measurement to arrival, the greatest of late; 0 while nobody tells the time
  int8_t bias;       // index in the registration, −1: none
  wf_time last_scan;
  bool has_scanned;
  uint8_t empty_scans;  // supposed since the last plot
  // What the others make of it (distrust.c).
  uint8_t doubt, twins;
  double beside, judged, beside_chi2;  // running counts of looks at tracks that others see, and how far off
  double noise_factor;
  wf_time examined;
} watcher;

// Unexplained plots of one group, sorted by range, kept for a scan or two.
typedef struct block {
  uint16_t sensor;
  wf_time time;
  uint32_t first, count;
} block;
typedef struct start {
  wf_plot plot;
  uint32_t id;
  uint32_t look, at;  // number of the look, index in it
  double pos[3], covariance[9];
  double rate[3], link_s;  // of range, azimuth, elevation since a plot before, if faster than any flight; and how long
} start;

typedef struct arc {
  uint32_t row, column;
  double cost;
  double log_l[SLOTS];
} arc;

// The other plots a track may have made, beside the one it was given.
typedef struct rivals {
  uint32_t count;
  const wf_plot *plot[RIVALS];
  double share[RIVALS];  // probability of each
  double own, none;      // of the one given; of none
} rivals;

// The plots of one sensor associated together, with what they are measured by.
typedef struct group {
  uint16_t sensor;
  wf_time time;
  wf_view view;
  const wf_plot *plot;  // sorted by range (radar)
  uint32_t count;
  double spread_s;  // greatest |plot.time − time|
} group;

struct wf_tracker {
  wf_tracker_config config;
  wf_noise noise;
  double gate[5];  // χ² per dimension
  wf_tracker_stats stats;
  wf_time now;  // newest time seen
  bool has_time;
  bool clocked;  // someone tells the time through wf_tracker_advance
  wf_registration registration;
  bool registration_stale;
  bool
      registration_nominal;  // one radar, taken to be right: only how tracks depend on its errors is kept, for partners
  uint64_t ids;
  uint32_t plot_ids;
  watcher *watcher;  // WF_SENSOR_MAX
  size_t watchers;
  object *object;    // tracks_max
  uint32_t objects;  // slots ever used; free ones are reused lowest first
  uint32_t live;
  // Scratch of the step.
  wf_plot *plot;    // plots_per_scan_max
  uint32_t *order;  // of plots by range
  uint8_t *taken;   // per plot of the group
  uint32_t *plot_id;
  arc *arc;
  wf_arc_pair *pair;
  uint32_t *pair_arc;
  size_t arcs, arcs_max;
  uint32_t *row_object;
  double *free_cost;
  uint32_t *column_of;
  wf_assign *assign;
  wf_marginal *marginal;
  wf_arc_pair *unsure;          // pairs of rows that compete, for the marginals
  double *found, *probability;  // of those pairs; per arc, 1 where nothing competes
  uint32_t *degree;             // per plot: tracks that may have made it
  uint32_t *claim;              // per plot: a track that may well have made it
  // The last looks, and the tracks' histories in them.
  glance look[LOOKS];
  uint32_t look_next;
  wf_plot *past;
  uint32_t *past_owner;  // object + 1
  uint32_t past_max, past_next;
  history *history;  // per object
  struct wf_crowd *crowd;
  uint32_t crowds;  // numbers given so far
  bool crowds_alive;
  wf_plot refused[REFUSED];  // in the present call, as implausible
  uint32_t refused_count;
  // Unexplained plots.
  start *start;
  uint32_t starts_max, start_next;
  block block[BLOCKS];
  uint32_t block_next;
  uint64_t recent[RECENT];
  wf_ring events;
  wf_track_event *event_memory;
  uint32_t contribute_from;  // where the next round of contributions begins
  uint32_t *listed;          // indexes of used objects, for wf_tracker_at
};

// bias.c, for partners: how what is told depends on the one radar's registration errors.
void wf_track_lean(const wf_tracker *t, object *o, wf_tracklet *out);
// check.c
uint8_t wf_track_check(wf_tracker *t, const wf_plot *plot);
// view.c
void wf_track_watcher_init(watcher *w, const wf_sensor *sensor);
void wf_track_look(const watcher *w, const wf_plot *plot, wf_view *view);
bool wf_track_could_see(const watcher *w, const double pos_ecef_m[3], uint8_t *why_not);
double wf_track_detection_probability(const watcher *w, int slot);
// bias.c
void wf_track_bias_enlist(wf_tracker *t);
wf_sensitivity *wf_track_drift(object *o, int slot);  // NULL for slots that have none
void wf_track_bias_expect(const wf_tracker *t, object *o, int slot, const watcher *w, const wf_expected *expected,
                          double shift[3]);
void wf_track_bias_blur(const wf_tracker *t, const watcher *w, wf_view *view);
void wf_track_bias_update(wf_tracker *t, object *o, int slot, const watcher *w, const wf_expected *expected,
                          const double *residual, bool teaches, const double *g);
void wf_track_bias_settle(wf_tracker *t);
bool wf_track_is_biased(const wf_tracker *t, object *o);
void wf_track_bias_refit(wf_tracker *t, object *o, const wf_batch_item *item);
// doubt.c: burnt out and in air, a push is one of wings or fins
bool wf_track_may_turn(const object *o);
// report.c: what falls if nothing pushes it, and where
void wf_track_falling(const object *o, wf_filter *out);
wf_status wf_track_impact_of(const wf_tracker *t, const wf_filter *fall, wf_impact *out);
// reach.c
bool wf_track_is_flat(const double state[6]);
wf_status wf_track_reach(const wf_filter *fall, wf_time time, wf_impact_area *out);
// predict.c
void wf_track_predict(wf_tracker *t, object *o, wf_time time);
void wf_track_blend(const wf_tracker *t, object *o, double state[6], double covariance[36]);
int wf_track_best_slot(const object *o);
void wf_track_slot_off(object *o, int slot);
void wf_track_normalise(object *o);
void wf_track_next_stage(const wf_filter *fall, wf_filter *out);
// gate.c
void wf_track_gate(wf_tracker *t, const group *g, bool confirmed);
// associate.c
void wf_track_associate(wf_tracker *t, const group *g, bool confirmed);
// update.c
void wf_track_update(wf_tracker *t, object *o, const wf_plot *plot, uint32_t plot_id, const double likelihood[SLOTS],
                     const rivals *others);
void wf_track_note_pending(object *o, wf_time time, uint8_t sources, const wf_tracklet *tracklet);
bool wf_track_whole(const wf_tracker *t, object *o, wf_tracklet *out);
void wf_track_restart_increment(const wf_tracker *t, object *o);
// distrust.c
void wf_track_distrust_look(wf_tracker *t, const group *g);
void wf_track_distrust_place(wf_tracker *t, uint16_t sensor);
// initiate.c
void wf_track_initiate(wf_tracker *t, const group *g);
object *wf_track_new_object(wf_tracker *t, wf_time time);
void wf_track_refit(wf_tracker *t, object *o);
// line.c
void wf_track_initiate_lines(wf_tracker *t, const group *g);
// push.c
void wf_track_add_push(wf_filter *f, double sigma_m_s2, double since_s);
void wf_track_pushes(wf_tracker *t, const group *g);
// doubt.c
void wf_track_doubt(wf_tracker *t, object *o);
bool wf_track_flame(object *o, wf_time seen);  // before an infrared plot is taken; whether BOOST was opened
// phase.c
void wf_track_phase(wf_tracker *t, object *o);
// past.c
void wf_track_past_look(wf_tracker *t, const group *g);
const glance *wf_track_past_at(const wf_tracker *t, uint32_t number);  // NULL when it is no longer remembered
void wf_track_past_own(wf_tracker *t, const glance *l, uint32_t plot, uint32_t owner);
void wf_track_past_begin(wf_tracker *t, const object *o);
void wf_track_past_add(wf_tracker *t, object *o, uint32_t look_number, uint32_t plot);
// crowd.c
struct wf_crowd *wf_track_crowd_new(uint64_t seed);
void wf_track_crowd_free(struct wf_crowd *c);
void wf_track_crowd_meet(wf_tracker *t, const group *g);
void wf_track_crowds(wf_tracker *t, const group *g);
// life.c
double wf_track_unseen_s(const object *o, uint16_t sensor, wf_time time);
void wf_track_credit(object *o, uint16_t sensor, wf_time time);
void wf_track_misses(wf_tracker *t, uint16_t sensor, wf_time time);
void wf_track_life(wf_tracker *t, object *o);
void wf_track_confirm(wf_tracker *t, object *o);
void wf_track_drop(wf_tracker *t, object *o);
void wf_track_event_add(wf_tracker *t, wf_track_event_kind kind, const object *o, uint8_t reason);
// report.c
void wf_track_publish(wf_tracker *t, object *o);
double wf_track_height(const double pos_ecef_m[3], double up[3]);

static inline bool wf_track_is_firm(const object *o) {
  return o->pub.life != WF_LIFE_TENTATIVE;
}
static inline bool wf_track_is_gone(const object *o) {
  return o->pub.life == WF_LIFE_ENDED || o->pub.life == WF_LIFE_FAILED;
}
static inline bool wf_track_has(const object *o, int slot) {
  return (o->active >> slot) & 1u;
}

#endif
