// The adversary's test: what one nation with one radar tells of many flights, and where somebody who hears it thinks
// that the radar stands. docs/release.md says how.
#ifndef WF_TEST_ADVERSARY_SHARED_H
#define WF_TEST_ADVERSARY_SHARED_H

#include "geo/wgs84.h"
#include "release/policy.h"
#include "sim/sensing.h"

#define FLIGHTS_MAX 200
#define SPACING_S 900.0
#define PATH_MAX 900

// A flight as it was: a state per second since its launch (the adversary is given the truth; it has radars of its own).
typedef struct path {
  int count;
  double state[PATH_MAX][6];
} path;

typedef struct heard {
  int flight;
  double published_s, valid_s;  // since the flight's launch
  uint8_t kind, whole, position_only;
  double place[3];        // what was told, ECEF
  double information[9];  // about the position
  double error[3];        // of it, against the truth
  bool pointed;           // the information has one sharp axis: this, and the range its size tells
  double axis[3], range_m;
} heard;

typedef struct flights {
  wf_scenario *scenario;
  wf_truth *truth;
  int count;
  path path[FLIGHTS_MAX];
} flights;

typedef struct told {
  heard *item;
  size_t count, cap;
  double first_s[FLIGHTS_MAX], last_s[FLIGHTS_MAX];  // stated first detection; last increment published. < 0: none
} told;

typedef struct radar {
  wf_lla site;
  double range_max_m, el_min_rad, sigma_range_m, sigma_angle_rad, bias_az_rad, bias_el_rad, bias_range_m;
  double scan_s;
} radar;

// flights.c
bool flights_make(flights *f, int count, uint64_t seed);
void flights_free(flights *f);
bool sees(const radar *r, const double pos_ecef_m[3]);
int flights_seen(const flights *f, const radar *r);
bool tell_all(flights *f, const radar *r, const wf_release_rule *rule, told *out);

// guess.c
typedef enum clue {
  CLUE_SHAPE,
  CLUE_SCATTER,
  CLUE_ROTATION,
  CLUE_RATE,
  CLUE_FIRST,
  CLUE_LAST,
  CLUES,
  CLUE_ALL = CLUES
} clue;
typedef struct guess {
  double error_km[CLUES + 1], bearing_deg[CLUES + 1];
} guess;
void guess_site(const flights *f, const told *t, const radar *truth, const wf_release_rule *rule, bool coverage_known,
                guess *out);

#endif
