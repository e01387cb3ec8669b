// The documented flights, flown and watched by the notional sensors of sensors.yaml, and what the tracker said of them.
#ifndef WF_TEST_FLIGHTS_FLY_H
#define WF_TEST_FLIGHTS_FLY_H

#include "sim/sensing.h"
#include "table.h"
#include "track/tracker.h"
#include "warn/warn.h"

#define FLY_SECONDS_MAX 6600
#define FLY_PIECES 4

// One body, a row per second from begins_s.
typedef struct fly_body {
  int begins_s, ends_s;
  double (*state)[6];
  bool *thrusting;
} fly_body;

typedef struct fly_path {
  int bodies;
  fly_body body[FLY_PIECES];
  double burnout_s, down_s;  // of the first body; down_s 0: it does not come down
  double turn_s;             // first lift of what is not ballistic; 0: none
  wf_lla site;
  double down_lat_rad, down_lon_rad;
} fly_path;

typedef struct fly_result {
  double judged_s;  // later of half flight and burnout + 30 s
  bool tracked, burnout_seen;
  double detected_s, confirmed_s, burnout_error_s;
  bool launch_valid, impact_valid;
  double launch_error_m, launch_area_m, impact_error_m, impact_area_m;
  bool launch_inside, impact_inside;
  wf_flight_class found;
  double share;
  // Of what is not ballistic: looks at which the footprint was stated, and held the true fall.
  int footprints, footprints_holding, falls_stated;  // … and impact areas stated after the first turn
  bool not_ballistic_said, failed_said;
  double said_s;
  int numbers;  // of tracks nearest to the first body
  bool passed;  // said to be over by its impact time while above 20 km, or 50 km from where that was said to be
  double last_fall_error_m;
  uint8_t life, reason;
  // Mean error squared against its covariance, of 6, in boost, coast and re-entry (below 90 km), where there was a
  // plot.
  double nees[3];
  int looks[3];
} fly_result;

wf_scenario *fly_sensors(const char *path);
bool fly_path_of(const entry *e, fly_path *out);  // false: no such flight
void fly_path_free(fly_path *path);
void fly_watch(const wf_scenario *sensors, const entry *e, const fly_path *path, uint64_t seed, fly_result *out);
wf_flight_class fly_label(label l);
double fly_distance_m(const wf_ground_ellipse *area, double lat_rad, double lon_rad, bool *inside);

#endif
