// plots → own-sensor tracks: predict, gate, associate, update, initiate, drop; phases; life; tracklets to share.
// A pure state machine: the same plots in the same order give the same tracks, to the bit. All memory is taken at
// creation. Positions ECEF.
#ifndef WF_TRACK_TRACKER_H
#define WF_TRACK_TRACKER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "model/contribution.h"
#include "model/plot.h"
#include "model/sensor.h"
#include "model/track.h"

typedef enum wf_medium { WF_MEDIUM_ATMOSPHERE = 0, WF_MEDIUM_VACUUM = 1 } wf_medium;

typedef struct wf_tracker_config {
  uint32_t tracks_max;         // tentative included
  uint32_t plots_per_scan_max;
  wf_medium medium;
  wf_mode mode;
  double gate_chi2;            // 0 = default
  uint64_t id_seed;            // track ids are drawn from it (opaque outside)
} wf_tracker_config;

typedef enum wf_plot_reject {
  WF_PLOT_OK = 0, WF_PLOT_NOT_FINITE, WF_PLOT_OUT_OF_RANGE, WF_PLOT_UNKNOWN_SENSOR,
  WF_PLOT_TOO_OLD, WF_PLOT_FUTURE, WF_PLOT_DUPLICATE, WF_PLOT_SCAN_FULL, WF_PLOT_DEGREES,
  WF_PLOT_IMPLAUSIBLE /* the third in a row that only something faster than any flight could have made */,
  WF_PLOT_REJECT_COUNT
} wf_plot_reject;
const char *wf_plot_reject_name(wf_plot_reject reject);

typedef enum wf_track_event_kind {
  WF_TRACK_DETECTED = 1, WF_TRACK_CONFIRMED, WF_TRACK_STAGING, WF_TRACK_BURNOUT, WF_TRACK_LOST, WF_TRACK_FOUND,
  WF_TRACK_ENDED, WF_TRACK_FAILED, WF_TRACK_NOT_BALLISTIC, WF_TRACK_DROPPED
} wf_track_event_kind;
typedef struct wf_track_event { wf_track_event_kind kind; uint64_t track; wf_time time; uint8_t reason; } wf_track_event;

// What the other sensors make of one: wf_tracker_sensor_doubt.
typedef enum wf_sensor_doubt { WF_SENSOR_TRUSTED = 0, WF_SENSOR_NOISY, WF_SENSOR_MISPLACED } wf_sensor_doubt;
const char *wf_sensor_doubt_name(wf_sensor_doubt doubt);  // "noisier than stated", …

typedef struct wf_tracker wf_tracker;

wf_tracker *wf_tracker_new(const wf_tracker_config *config);  // NULL when out of memory
void wf_tracker_free(wf_tracker *tracker);

// Index of the sensor, in order of adding; WF_EEXIST for a name already there.
wf_status wf_tracker_add_sensor(wf_tracker *tracker, const wf_sensor *sensor, uint16_t *index);
const wf_sensor *wf_tracker_sensor(const wf_tracker *tracker, uint16_t index);

// Whether a sensor is what it is said to be, by what others see. noise_factor (may be NULL): by what its sigmas are
// multiplied now.
wf_sensor_doubt wf_tracker_sensor_doubt(const wf_tracker *tracker, uint16_t sensor, double *noise_factor);

// One scan: plots of one sensor with one time (or a group a driver collected within the scan; sorted by time inside).
// rejects (may be NULL) receives one wf_plot_reject per plot. Good plots are always processed.
wf_status wf_tracker_scan(wf_tracker *tracker, const wf_plot *plots, size_t count, uint8_t *rejects);
// Time goes on without plots: tracks coast, get lost (with a reason), end.
void wf_tracker_advance(wf_tracker *tracker, wf_time now);

size_t wf_tracker_count(const wf_tracker *tracker);
const wf_track *wf_tracker_at(const wf_tracker *tracker, size_t index);  // valid until the next call that changes it
const wf_track *wf_tracker_find(const wf_tracker *tracker, uint64_t id);
// The state of a track at another time (prediction).
wf_status wf_tracker_predict(const wf_tracker *tracker, uint64_t id, wf_time at, double state[6], double covariance[36]);
// Impact area of a track, by the tracker's medium and the track's own ballistic coefficient. WF_EAGAIN while it may still
// be under thrust or flying straight: then nobody knows where it will fall.
wf_status wf_tracker_impact(const wf_tracker *tracker, uint64_t id, wf_impact_area *out);
// Of a track that is not ballistic, instead, and of one so flat that it may glide, beside it: the ground that its energy
// reaches with wings, by what the last plot told. WF_EAGAIN of others.
wf_status wf_tracker_footprint(const wf_tracker *tracker, uint64_t id, wf_impact_area *out);

// Which own sensors have fed a track: a bit per sensor index below 64; *others (may be NULL) tells of higher ones. 0 for an
// unknown track.
uint64_t wf_tracker_fed_by(const wf_tracker *tracker, uint64_t id, bool *others);

// Takes events in order; at most cap; the rest stay (bounded, oldest evicted and counted).
size_t wf_tracker_events(wf_tracker *tracker, wf_track_event *out, size_t cap);

// Decorrelated increments since the last call, for each confirmed track that has news worth sending (adaptive rate), and
// detections, launch estimates and status changes. id.* and publish_time are left zero: the node fills them in.
// Only from own sensors, by construction.
size_t wf_tracker_contributions(wf_tracker *tracker, wf_time now, wf_contribution *out, size_t cap);

typedef struct wf_tracker_stats {
  uint64_t plots, rejected[WF_PLOT_REJECT_COUNT], associated, initiated, confirmed, dropped, covariance_repairs, full;
} wf_tracker_stats;
void wf_tracker_stats_get(const wf_tracker *tracker, wf_tracker_stats *out);

#endif
