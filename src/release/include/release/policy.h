// What leaves the nation, to whom, in what form. The only room that sees both the nation's full data and an audience.
// Default deny. Policy is data, parsed by the driver (io/config) into these structs; this room judges.
#ifndef WF_RELEASE_POLICY_H
#define WF_RELEASE_POLICY_H

#include <stddef.h>

#include "base/status.h"
#include "model/contribution.h"
#include "model/sensor.h"
#include "release/guard.h"

#define WF_RULES_MAX 64
#define WF_RULE_NAME_SIZE 32

// Record kinds a rule can speak of, a bit mask.
enum {
  WF_RELEASE_DETECTION = 1, WF_RELEASE_TRACKLET = 2, WF_RELEASE_LAUNCH = 4, WF_RELEASE_STATUS = 8,
  WF_RELEASE_PRODUCT = 16, WF_RELEASE_LINK_STATUS = 32, WF_RELEASE_PLOT = 64,
  // What others told the nation, whatever the kind of statement: theirs to pass on only where a rule says so.
  WF_RELEASE_SYSTEM_TRACK = 128, WF_RELEASE_LAUNCH_REPORT = 256, WF_RELEASE_VOICE = 512, WF_RELEASE_SEISMIC = 1024,
  WF_RELEASE_LAST = WF_RELEASE_SEISMIC
};

// A box of latitudes and longitudes, radians; lon_rad[0] > lon_rad[1] crosses the date line.
#define WF_RELEASE_REGIONS_MAX 8
typedef struct wf_release_region { double lat_rad[2], lon_rad[2]; } wf_release_region;

// Fields a rule can hide, a bit mask: stated as unknown (0).
enum {
  WF_HIDE_SOURCES = 1,                // class of source
  WF_HIDE_FIRST_DETECTION = 2,        // stated as the time of the record
  WF_HIDE_BALLISTIC_COEFFICIENT = 4,
  WF_HIDE_LAUNCH_TIME = 8,            // stated as the time of the record, with a minute's sigma
};

typedef struct wf_release_rule {
  char name[WF_RULE_NAME_SIZE];       // cited in every explanation and audit row
  wf_audience audience;               // exactly the stream's audience
  uint32_t kinds;                     // WF_RELEASE_ mask
  uint64_t sensors_deny_low;          // bit per own sensor index < 64: tracks fed by it are withheld
  double min_interval_s;              // between two tracklets of an object; 0 = as formed
  double time_grain_s;                // first-detection times are stated on this grid; 0 = exact
  double place_grain_m;               // detection places are stated with at least this sigma; 0 = exact
  uint8_t hide_plot_count;
  uint8_t hide_coverage;              // "below horizon" and "out of coverage" are stated as "not seen"
  uint32_t hidden;                    // WF_HIDE_ mask
  double delay_s;                     // between knowing and telling; above 120 nobody fuses it any more
  double guard_sigma_m;               // covariance guard (release/guard.h): what an increment is stated with; 0 = off
  double guard_grid_s;                // … and how often
  double guard_hold_s;                // … and how much later the first and last word about it come, at most
  double only_above_m;                // what radars tell of an object lower than this stays here; 0 = nothing does
  uint8_t withhold_count, only_count; // objects in, or launched from, one of these are withheld; in none of those, too
  wf_release_region withhold[WF_RELEASE_REGIONS_MAX], only[WF_RELEASE_REGIONS_MAX];
} wf_release_rule;

typedef struct wf_release_policy { uint32_t rule_count; wf_release_rule rule[WF_RULES_MAX]; char profile[WF_RULE_NAME_SIZE]; uint64_t version; } wf_release_policy;

// Adds one rule for an audience by a built-in profile: "warning-data" (guarded), "warning-data-open" or "plots". WF_ENOTFOUND for another name, WF_EFULL,
// WF_EINVAL for an audience of fewer than two.
wf_status wf_release_profile(const char *profile, const wf_audience *audience, wf_release_policy *policy);

typedef struct wf_release_verdict {
  bool allowed;
  bool held;              // not denied: the guard tells it in another form, on its grid
  uint32_t rule;          // index; UINT32_MAX = no rule: denied by default
  double delay_s;         // to be told so much later
  char why[96];           // one sentence for a person
} wf_release_verdict;

// One judgement, for the audit: what was (not) told to whom, under which rule of which policy.
typedef enum wf_release_outcome { WF_RELEASE_WITHHELD = 0, WF_RELEASE_TOLD, WF_RELEASE_HELD /* told by the guard later */ } wf_release_outcome;
typedef struct wf_release_note {
  wf_time at, valid_time;
  wf_audience audience;
  uint64_t object, policy;
  uint32_t kind;          // WF_RELEASE_
  uint8_t outcome;        // wf_release_outcome
  char rule[WF_RULE_NAME_SIZE], why[96];
} wf_release_note;
const char *wf_release_outcome_name(uint8_t outcome);  // "withheld", "told", "held"

// What the contribution itself does not say.
typedef struct wf_release_context {
  bool feed_known;           // whether the next is known
  uint64_t fed_by;           // bit per own sensor index < 64 that fed the object
  bool fed_by_others;        // a sensor of index ≥ 64 did, too
  wf_time last_tracklet;     // valid_time of the object's last increment to this audience; ns 0 = none yet
  bool place_known;          // of the object now
  wf_lla place;
  bool launch_known;         // where it was launched
  wf_lla launch;
  wf_guard *guard;           // of this audience; NULL: what needs the guard is denied
  const wf_guard_object *object;  // for the guard; NULL: nothing is known of it any more
  wf_time now;                    // for the guard
  bool guarded;              // this contribution comes from the guard itself
} wf_release_context;

// Judges one contribution for one audience, and redacts it in place when allowed. The rules of judgement, in order, are
// in judge.c and docs/release.md. Without a context the feed is unknown, so a rule that withholds sensors denies.
void wf_release_judge_in(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                         const wf_release_context *context, wf_contribution *contribution, wf_release_verdict *verdict);
void wf_release_judge(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                      wf_contribution *contribution, wf_release_verdict *verdict);
// The same for what is not a contribution: one WF_RELEASE_ kind, nothing to redact.
void wf_release_judge_kind(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin, uint32_t kind,
                           wf_release_verdict *verdict);
uint32_t wf_release_kind_of(const wf_contribution *contribution);  // WF_RELEASE_, 0 for an unknown kind
const char *wf_release_kind_name(uint32_t kind);  // "detection", "tracklet", …; "unknown" for several or none
// The first rule that lets this kind go to this audience; NULL when none does.
const wf_release_rule *wf_release_rule_for(const wf_release_policy *policy, const wf_audience *audience, uint32_t kind);
// The guard's levels by name, "off", "light", "medium", "full" → sigma and hold; false for another.
bool wf_release_guard_level(const char *text, double *sigma_m, double *hold_s);
#define WF_GUARD_GRID_S 2.0
#define WF_GUARD_FULL_M 1000.0
#define WF_GUARD_FULL_HOLD_S 45.0
wf_guard_level wf_release_guard_of(const wf_release_rule *rule);
// How far apart increments to this audience are wanted, s: the origin then gathers longer instead of losing any.
double wf_release_min_interval_s(const wf_release_policy *policy, const wf_audience *audience);

#endif
