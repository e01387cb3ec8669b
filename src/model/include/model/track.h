// An object as one nation's own sensors know it, and as all of them together do.
#ifndef WF_MODEL_TRACK_H
#define WF_MODEL_TRACK_H

#include "model/contribution.h"

typedef struct wf_track {
  uint64_t id;             // never reused within a node's life; opaque outside
  uint8_t life, phase, reason;   // wf_life, wf_phase, wf_life_reason
  uint8_t sources;         // WF_SOURCE_ mask of what it was made of
  uint16_t last_sensor;    // index, WF_SENSOR_NONE before the first
  wf_time time;            // of the state
  wf_time first_detection, confirmed_at, last_update;
  double state[6];         // ECEF m, m/s
  double covariance[36];
  double ln_beta, ln_beta_sigma;  // kg/m², sigma 0 = not estimated
  double thrust_m_s2;      // along the velocity; 0 when not thrusting
  wf_time burnout;         // ns 0 = not seen
  bool not_ballistic;      // has turned or glided: where it comes down is a footprint, not an impact area
  uint32_t plots;          // updates in all
  wf_launch_area launch;
  // Objects too close to say for sure which plot is whose: the number of their group and how many it has; 0 = none.
  uint32_t group, group_count;
} wf_track;

#define WF_COMMON_NUMBER_SIZE 8  // "K7Q2FM" and NUL

// One object of a picture. `alone[i]` says what each contributing nation's own data would have told.
typedef struct wf_common_track {
  uint64_t number;                      // derived from the earliest contribution; the same at every node
  char label[WF_COMMON_NUMBER_SIZE];    // how people say it
  uint64_t event;                       // event id: stable over splits and renumbering; products cite it
  wf_track track;                       // track.id = number
  wf_impact_area impact;
  uint8_t contributor_count;
  struct wf_contributor {
    wf_nation nation;
    uint64_t object;                    // the origin's opaque name (of its latest contribution)
    uint8_t sources;
    wf_time first_valid, last_valid;    // of its contributions
    uint32_t contributions;
    bool has_state;                     // own contributions alone give a full state
    double state[6], covariance[36];    // at track.time, from this nation alone
    wf_impact_area impact;              // from this nation alone
    wf_launch_area launch;
  } contributor[WF_NATION_MAX];
} wf_common_track;

#endif
