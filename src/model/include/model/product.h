// What a nation tells its people: staged, numbered by rule, a proposal until people confirm.
#ifndef WF_MODEL_PRODUCT_H
#define WF_MODEL_PRODUCT_H

#include "model/impact_area.h"
#include "model/nation.h"

typedef enum wf_product_stage {
  WF_STAGE_LAUNCH_NOTICE = 1,   // a launch was detected; no area yet
  WF_STAGE_AREA,                // predicted impact area
  WF_STAGE_THREATENED_AREAS,    // own areas with time to impact
  WF_STAGE_IMMINENT,            // stay sheltered
  WF_STAGE_LOST_TRACK,          // position uncertain; the threat stands
  WF_STAGE_IMPACT_EXPECTED,     // its time has come, not observed
  WF_STAGE_ALL_CLEAR,
  WF_STAGE_CORRECTION,
  WF_STAGE_OVERFLIGHT,          // it will pass over own areas
  WF_STAGE_PASSED,              // it was seen to pass them: all-clear for those areas alone
  WF_STAGE_DEBRIS,              // stages or pieces come down in own areas
  WF_STAGE_CANCEL,              // what was told was an error: by people alone
  WF_STAGE_SEISMIC,             // information only: a seismic event that may have been an explosion
  WF_STAGE_NOTICE,              // information only: an announced window
  WF_STAGE_LAST = WF_STAGE_NOTICE,
} wf_product_stage;
const char *wf_product_stage_name(wf_product_stage stage);

typedef enum wf_product_state { WF_PRODUCT_PROPOSED = 1, WF_PRODUCT_FIRST_CONFIRMED, WF_PRODUCT_RELEASED, WF_PRODUCT_WITHDRAWN, WF_PRODUCT_SUPERSEDED } wf_product_state;
const char *wf_product_state_name(wf_product_state state);

// What is told as information only, from others' words: nobody is asked to take shelter by it.
typedef enum wf_bulletin_kind { WF_BULLETIN_NONE = 0, WF_BULLETIN_SEISMIC, WF_BULLETIN_NOTICE, WF_BULLETIN_LAST = WF_BULLETIN_NOTICE } wf_bulletin_kind;
#define WF_BULLETIN_ORIGIN_SIZE 48
typedef struct wf_bulletin {
  uint8_t kind;                // wf_bulletin_kind
  bool possible_explosion;     // seismic: near a known test site, and nothing says that it was none
  bool has_magnitude, has_depth;
  double magnitude, depth_m;
  wf_time from, to;            // seismic: both the time of origin; notice: the first and the last moment announced
  wf_ground_ellipse place;     // of it, or around all places announced
  char origin[WF_BULLETIN_ORIGIN_SIZE];  // the agency, or the notice's own number, as it came
} wf_bulletin;

#define WF_PRODUCT_AREA_MAX 64
#define WF_AREA_CODE_SIZE 8    // ISO 3166-2, "JP-01"

// Why an area is named: something may fall there, or it lies under the path (within the corridor of policy).
typedef enum wf_threat { WF_THREAT_IMPACT = 0, WF_THREAT_OVERFLIGHT, WF_THREAT_DEBRIS } wf_threat;
#define WF_OPERATOR_SIZE 32

typedef struct wf_product {
  uint64_t id;                  // unique per node, opaque
  uint64_t event;
  char label[8];                // the track's label when it was made
  uint8_t stage, state, rule;   // rule: its number in the list (warn/rules)
  uint8_t at_least;             // objects of the salvo this one belongs to, 0 or 1 = no salvo: "at least N; more may follow"
  wf_mode mode;
  wf_nation issuer;
  wf_time proposed_at, released_at, expires;
  uint64_t supersedes;          // product id, 0 = none
  wf_time supersedes_sent;      // when that one was released; ns 0 = it never was, so no publication may refer to it
  wf_launch_area launch;
  wf_impact_area impact;
  uint8_t sources;              // WF_SOURCE_ mask of the event
  bool single_source;           // "one trusted source; geometry says the others cannot see it"
  uint16_t area_count;
  // Falls there: the 5 % and the latest time. Passes over: first and last time over it, and the least height meanwhile.
  struct wf_threatened { char code[WF_AREA_CODE_SIZE]; double probability; wf_time earliest, latest; double height_m; uint8_t threat; } area[WF_PRODUCT_AREA_MAX];
  wf_bulletin bulletin;         // of stages SEISMIC and NOTICE, of their corrections and cancellations
  char first_operator[WF_OPERATOR_SIZE], second_operator[WF_OPERATOR_SIZE];
} wf_product;

#endif
