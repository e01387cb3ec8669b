// What a nation tells the others about an object: formed from its own sensors only, never from partners' data,
// so nothing is counted twice whatever path it took. The picture is a pure function of these.
#ifndef WF_MODEL_CONTRIBUTION_H
#define WF_MODEL_CONTRIBUTION_H

#include <stdint.h>

#include "model/impact_area.h"
#include "model/nation.h"

typedef enum wf_contribution_kind {
  WF_CONTRIBUTION_DETECTION = 1,  // a launch seen (infrared) or an object detected; place may be very coarse
  WF_CONTRIBUTION_TRACKLET = 2,   // an information increment about the state (see below)
  WF_CONTRIBUTION_LAUNCH = 3,     // launch-point estimate
  WF_CONTRIBUTION_STATUS = 4,     // phase or life of the object changed: burnout, lost, ended …
} wf_contribution_kind;

// Source classes, a bit mask: what may be said about where a number comes from. Never relabelled.
enum {
  WF_SOURCE_INFRARED = 1, WF_SOURCE_RADAR = 2, WF_SOURCE_PARTNER = 4, WF_SOURCE_VOICE = 8,
  WF_SOURCE_SYSTEM = 16,   // a track of another system of the nation
  WF_SOURCE_SERVICE = 32,  // a warning service's report of a launch
  WF_SOURCE_ALL = 63
};

// How the origin came to a statement when it did not form it from its own sensors' plots: what it rests on is then not
// known, and neither is whether something else rests on the same. Fused by covariance intersection, never added.
typedef enum wf_reported {
  WF_REPORTED_NOT = 0,
  WF_REPORTED_SYSTEM,   // from another system's track
  WF_REPORTED_SERVICE,  // from a warning service's report
  WF_REPORTED_VOICE,    // from what a person was told: marked so for ever
  WF_REPORTED_UNSAID,   // reported, and the policy hides by whom
} wf_reported;
#define WF_REPORTED_CHANNEL_MAX 31
// The way it came in one octet: which of the origin's such sources, and of what kind.
static inline uint8_t wf_reported_of(wf_reported kind, unsigned channel) { return (uint8_t)((unsigned)kind | channel << 3); }
static inline wf_reported wf_reported_kind(uint8_t reported) { return (wf_reported)(reported & 7u); }
uint8_t wf_reported_sources(uint8_t reported);  // the WF_SOURCE_ bit that goes with it

typedef enum wf_phase { WF_PHASE_UNKNOWN = 0, WF_PHASE_BOOST = 1, WF_PHASE_COAST = 2, WF_PHASE_REENTRY = 3 } wf_phase;
const char *wf_phase_name(wf_phase phase);  // "boost", "coast", "reentry", "unknown"

typedef enum wf_life {
  WF_LIFE_TENTATIVE = 1, WF_LIFE_CONFIRMED, WF_LIFE_COASTING,
  WF_LIFE_LOST,    // should be seen or may be anywhere: uncertainty only grows, never "passed"
  WF_LIFE_ENDED,   // impact predicted and its time passed while tracked, re-entered, or orbital
  WF_LIFE_FAILED,  // positive evidence of a failed flight
} wf_life;
const char *wf_life_name(wf_life life);

// An increment of information about the ECEF state at valid_time, formed since the previous increment of the same
// object: information matrix Y (6×6, upper triangle by rows, SI units) and vector Y·(z − reference) about a stated
// reference state. Additive: fused Y = ΣY, as long as each increment is used once. May be rank-deficient.
// While thrusting, `position_only` says that it is an equivalent position with isotropic-floor velocity left out.
typedef struct wf_tracklet {
  double reference[6];  // ECEF m, m/s at valid_time
  double information[21];
  double vector[6];
  uint8_t phase;          // wf_phase
  uint8_t position_only;
  uint8_t whole;          // no increment: all that this nation knows of the object, in place of what it said before
  uint16_t plots;         // how many plots are behind it (0 when withheld)
  double ln_beta, ln_beta_sigma;  // sigma 0 = not estimated
  // What the registration errors b (range m, azimuth rad, elevation rad) of the one radar behind it do to all this: with
  // x the state's error about the reference, −2 ln L = xᵀYx − 2 vᵀx + 2 xᵀLb + bᵀDb − 2 wᵀb. Not stated: leans 0.
  uint8_t leans;
  double lean[18], lean_information[6], lean_vector[3];  // L 6×3, D upper triangle by rows, w
} wf_tracklet;

typedef struct wf_contribution_id { wf_nation origin; uint32_t stream; uint64_t epoch, sequence; } wf_contribution_id;

// `stream` is the same number at every node: writer × 4 + class of the stream; class 0 is what no partner was told. In a
// picture over several audiences' streams the upper half tells them apart.
#define WF_STREAM_PRIVATE 0
static inline uint32_t wf_contribution_stream(uint32_t writer, uint32_t stream_class) { return (writer & 0x3fffu) << 2 | stream_class; }
static inline uint32_t wf_contribution_writer(const wf_contribution_id *id) { return id->stream >> 2 & 0x3fffu; }

typedef struct wf_contribution {
  wf_contribution_id id;   // from the record's envelope; total order is (valid_time, origin, stream, epoch, sequence)
  uint8_t kind;            // wf_contribution_kind
  uint8_t sources;         // WF_SOURCE_ mask
  uint8_t reported;        // 0: from own sensors' plots; else wf_reported_of
  uint64_t object;         // the origin's opaque name of the object; not countable, not reused
  wf_time valid_time;      // of the measurement or statement
  wf_time publish_time;    // monotone per stream
  union {
    struct { double pos_ecef_m[3], covariance_m2[6]; uint8_t has_place; wf_time first_detection; } detection;
    wf_tracklet tracklet;
    wf_launch_area launch;
    struct { uint8_t life, phase, reason; } status;  // wf_life, wf_phase, wf_life_reason
  };
} wf_contribution;

int wf_contribution_compare(const wf_contribution *a, const wf_contribution *b);

// Why a life ended or changed; one list for tracks, status records and screens.
typedef enum wf_life_reason {
  WF_REASON_NONE = 0, WF_REASON_BELOW_HORIZON, WF_REASON_OUT_OF_COVERAGE, WF_REASON_NOT_SEEN, WF_REASON_IMPACT_TIME_PASSED,
  WF_REASON_ORBITAL, WF_REASON_FALL_OBSERVED, WF_REASON_IMPLAUSIBLE,
} wf_life_reason;
const char *wf_life_reason_name(wf_life_reason reason);

#define WF_TOO_LATE_S 120  // publish − valid above this: kept and shown, not fused; decided from the record alone

#endif
