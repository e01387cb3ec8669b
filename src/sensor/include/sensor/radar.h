// ASTERIX of radars → plots and signs of life of registered sensors: categories 048, 001 and 015 give plots, 034 and
// 002 tell how a radar is. A block with a fault gives nothing; what is dropped is counted by a named reason. No memory
// is allocated; what must be remembered between datagrams is the caller's.
#ifndef WF_SENSOR_RADAR_H
#define WF_SENSOR_RADAR_H

#include "model/plot.h"
#include "model/report.h"
#include "model/sensor.h"
#include "sensor/asterix.h"
#include "sensor/asterix_framing.h"
#include "sensor/report.h"

typedef enum wf_radar_reject {
  WF_RADAR_OK = 0,
  WF_RADAR_BAD_BLOCK,  // a fault in its block: most likely another edition
  WF_RADAR_UNKNOWN_CATEGORY,
  WF_RADAR_UNUSED_CATEGORY,  // decoded, but nothing here makes use of it
  WF_RADAR_UNKNOWN_SOURCE,   // SAC/SIC of no registered sensor
  WF_RADAR_BEYOND_RANGE,     // a value beyond what the specification states
  WF_RADAR_NO_TIME,
  WF_RADAR_NO_POSITION,
  WF_RADAR_NO_HEIGHT,     // neither elevation nor height
  WF_RADAR_BAD_GEOMETRY,  // no place has that range and height
  WF_RADAR_NO_DETECTION,
  WF_RADAR_SIMULATED,  // simulated or test target in a live node
  WF_RADAR_FIELD_MONITOR,
  WF_RADAR_DUPLICATE,  // the same record again: a second channel
  WF_RADAR_STALE,
  WF_RADAR_AHEAD,  // of the receiver's clock
  WF_RADAR_FULL,   // more plots in one datagram than are taken
  WF_RADAR_NO_VELOCITY,  // a track of category 062 without one: no state
  WF_RADAR_WRONG_KIND,   // plots of what is registered as a system, or tracks of a radar
  WF_RADAR_REJECT_COUNT
} wf_radar_reject;
const char *wf_radar_reject_name(wf_radar_reject reject);

// How one input is read; made once.
typedef struct wf_radar_input {
  wf_asterix_framing framing;
  wf_asterix_editions editions;
  struct wf_radar_fields {
    uint16_t sac, sic, time, range, az, el, el_sigma, az_sigma, range_sigma, height, level, level_bad, level_garbled,
        type, simulated, test, monitor, nogo, doppler;
    double time_period_s;  // after which its time of day begins again
  } plot048, plot001, plot015, service034, service002;
  struct wf_radar_track_fields {
    uint16_t sac, sic, time, number, lat, lon, height, level, vx, vy, climb, tentative, simulated, ended;
    uint16_t sigma_lat, sigma_lon, sigma_height, sigma_vx, sigma_vy, sigma_climb;
  } track062;
} wf_radar_input;
void wf_radar_input_init(wf_radar_input *input, const wf_asterix_editions *editions, wf_asterix_framing framing);

// What was heard of one sensor a short while ago.
typedef struct wf_radar_memory {
  uint64_t recent[256];
  uint8_t next;
} wf_radar_memory;

// A plot, or a sign of life without one.
typedef struct wf_radar_word {
  uint16_t sensor;
  uint8_t status;  // as in a sensor report: 1 alive, 2 degraded
  bool has_plot;
  wf_plot plot;
  bool has_track;         // of a sensor of kind "system"
  wf_system_track track;
} wf_radar_word;

typedef struct wf_radar_counts {
  uint64_t records, rejected[WF_RADAR_REJECT_COUNT];
} wf_radar_counts;

// Words of one datagram in its order; memory by sensor index. fault (may be NULL) receives the last fault of a block.
size_t wf_radar_hear(const wf_radar_input *input, const wf_sensor_registry *registry, wf_radar_memory *memory,
                     wf_time now, wf_bytes datagram, wf_asterix_record *scratch, wf_radar_word *out, size_t cap,
                     wf_radar_counts *counts, wf_asterix_fault *fault);

// A record of category 062 as the state of its object. Accuracies it does not give are the registry's: sigma_range_m of
// each horizontal axis, sigma_height_m, sigma_range_rate_m_s of each velocity (500 m, 200 m, 50 m/s when not stated).
wf_radar_reject wf_sensor_track_062(const wf_radar_input *input, const wf_asterix_record *record, const wf_sensor *sensor,
                                    wf_mode mode, wf_time now, wf_system_track *out);
// The time nearest to the reference that reads so on a clock that begins again after a period.
wf_time wf_sensor_time_near(double seconds, double period_s, wf_time reference);
// Elevation at which a point at that range and azimuth has that height above the ellipsoid. WF_EINVAL: there is none.
wf_status wf_sensor_elevation_of(const wf_site *site, double range_m, double az_rad, double height_m, double *el_rad);

#endif
