#include "rules.h"

#include "base/fmath.h"
#include "geo/wgs84.h"

#define Z_05 1.6448536269514722
#define Z_995 2.5758293035489004
#define CLEAR_AFTER_S 60.0          // after the latest time of a fall that was followed
#define CLEAR_LOST_AFTER_S 300.0    // of one that was lost
#define CLEAR_FAILED_AFTER_S 900.0  // of a failed flight without a prediction: from 300 km a fall takes five minutes
#define LONGEST_FLIGHT_S 7200.0     // no ballistic flight that comes down is longer
#define MOVED_M 10e3
#define WIDE_M 20e3
#define RENEW_BEFORE_S 120.0
#define ANSWER_S 60.0
#define RECOGNISED_S 15.0
#define AREA_EVERY_S 60.0
#define OUT_OF_REACH_S 30.0

wf_time warn_earliest(const wf_impact_area *impact) {
  return wf_time_add_s(impact->time, -Z_05 * impact->time_sigma_s);
}
wf_time warn_latest(const wf_impact_area *impact) {
  return wf_time_add_s(impact->time, Z_995 * impact->time_sigma_s + 1.0);
}

static bool lost(const warn_event *e) {
  return e->lost_since.ns != 0;
}
static bool told_something(const warn_event *e) {
  return e->told[WF_STAGE_LAUNCH_NOTICE] || e->told[WF_STAGE_AREA] || e->told[WF_STAGE_THREATENED_AREAS];
}

// Rule 1. A launch is seen (infrared), or a warning service reports it, or an object too high to be anything else.
static bool launch_seen(const wf_warn_config *c, wf_time now, const warn_event *e) {
  if (e->told[WF_STAGE_LAUNCH_NOTICE] || e->over) return false;
  if ((e->sources & (WF_SOURCE_INFRARED | WF_SOURCE_SERVICE)) != 0) return true;
  // Beside others it may be one of them, seen again by somebody else: the picture gets a moment to say so.
  return e->alive && e->high && (!e->others || wf_time_diff_s(now, e->first_seen) > RECOGNISED_S);
}

// The told area no longer says it well: the centre left it, or it was wide and the new one is three times smaller.
// People are not told again for what makes no difference to them.
static bool area_moved(const warn_event *e) {
  const wf_ground_ellipse *was = &e->told_area.area, *is = &e->area.area;
  const double north_m = (is->lat_rad - was->lat_rad) * WF_WGS84_A_M;
  const double east_m = wf_wrap_pi(is->lon_rad - was->lon_rad) * WF_WGS84_A_M * wf_cos(is->lat_rad);
  const double moved_m = wf_hypot(north_m, east_m);
  if (moved_m > was->semi_major_95_m && moved_m > MOVED_M) return true;
  return was->semi_major_95_m > WIDE_M && is->semi_major_95_m * 3.0 < was->semi_major_95_m;
}

// Rule 2. The impact area is known well enough to be said, or must be said anew.
static bool area_known(const wf_warn_config *c, wf_time now, const warn_event *e) {
  if (!e->alive || lost(e) || !e->had_area || e->area.area.semi_major_95_m >= c->area_max_semi_major_m) return false;
  return wf_time_before(now, e->latest) &&
         (!e->told[WF_STAGE_AREA] || (area_moved(e) && wf_time_diff_s(now, e->told_area_at) > AREA_EVERY_S));
}

static bool near(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return e->had_area && wf_time_diff_s(warn_earliest(&e->area), now) < c->imminent_s;
}
static bool threat_stands(wf_time now, const warn_event *e) {
  return e->falls > 0 && !e->over && !lost(e) && e->had_area && wf_time_before(now, e->latest);
}

// Rule 3. Own areas are threatened, or others than were told.
static bool own_threatened(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return threat_stands(now, e) && !near(c, now, e) && (!e->told[WF_STAGE_THREATENED_AREAS] || e->news);
}

// Rule 4. The earliest time of impact in an own area is near.
static bool own_imminent(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return threat_stands(now, e) && near(c, now, e) && (!e->told[WF_STAGE_IMMINENT] || e->news);
}

static bool may_pass(wf_time now, const warn_event *e) {
  return e->alive && !lost(e) && e->had_area && wf_time_before(now, e->latest);
}

// Rule 14. It will pass over own areas, and nothing of it falls in any.
static bool own_passing(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return may_pass(now, e) && e->falls == 0 && e->passings > 0 && (!e->told[WF_STAGE_OVERFLIGHT] || e->news);
}

// Rule 15. It was seen beyond every own area that was told that it passes over. By plots: nothing that is extrapolated
// passes anything.
static bool seen_past(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return e->alive && !lost(e) && e->falls == 0 && e->debris == 0 && e->to_pass > 0 && e->passed == e->to_pass &&
         e->passings == 0;
}

// Rule 16. Pieces alone may fall in own areas.
static bool pieces_fall(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return may_pass(now, e) && e->falls == 0 && e->debris > 0 && (!e->told[WF_STAGE_DEBRIS] || e->news);
}

// Rule 17. "Keep, correct or cancel?" was not answered in time: what was told is kept, widened, and others are called.
static bool unanswered(const wf_warn_config *c, wf_time now, const warn_event *e) {
  const double answer_s = c->answer_s > 0 ? c->answer_s : ANSWER_S;
  return lost(e) && e->told[WF_STAGE_LOST_TRACK] && !e->told[WF_STAGE_ALL_CLEAR] && !e->answered && !e->escalated &&
         e->asked.ns != 0 && wf_time_diff_s(now, e->asked) > answer_s;
}

// Rule 5. The track is lost: the position is uncertain and the threat stands. Nothing is ever cancelled by this.
static bool track_lost(const wf_warn_config *c, wf_time now, const warn_event *e) {
  if (!lost(e) || !told_something(e) || e->told[WF_STAGE_ALL_CLEAR]) return false;
  return !e->told[WF_STAGE_LOST_TRACK] || e->news;
}

// Rule 6. It was followed to its end, the latest time of impact has come and nobody observed the fall. Never of a lost
// track: where that fell, and whether, is not known.
static bool impact_expected(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return e->had_area && e->over && !lost(e) && told_something(e) && !e->told[WF_STAGE_IMPACT_EXPECTED] &&
         !e->told[WF_STAGE_ALL_CLEAR] && e->reason != WF_REASON_FALL_OBSERVED && e->reason != WF_REASON_ORBITAL &&
         !wf_time_before(now, e->latest);
}

// Rule 7. The fall was observed.
static bool fall_observed(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return !e->told[WF_STAGE_ALL_CLEAR] && e->over && e->reason == WF_REASON_FALL_OBSERVED;
}

// Rule 8. It was followed to its end, and the latest time of its fall was over a minute ago.
static bool time_over(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return !e->told[WF_STAGE_ALL_CLEAR] && e->over && !lost(e) && e->had_area && e->reason != WF_REASON_ORBITAL &&
         wf_time_diff_s(now, e->latest) > CLEAR_AFTER_S;
}

// Rule 9. It was lost, and even so the latest time at which it can have fallen was over five minutes ago; without any
// prediction, two hours after it was first seen.
static bool lost_time_over(const wf_warn_config *c, wf_time now, const warn_event *e) {
  if (e->told[WF_STAGE_ALL_CLEAR] || !lost(e)) return false;
  return e->had_area ? wf_time_diff_s(now, e->latest) > CLEAR_LOST_AFTER_S
                     : wf_time_diff_s(now, e->first_seen) > LONGEST_FLIGHT_S;
}

// Rule 10. It is in orbit.
static bool in_orbit(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return !e->told[WF_STAGE_ALL_CLEAR] && e->over && e->reason == WF_REASON_ORBITAL;
}

// Rule 11. Positive evidence of a failed flight that no fall was ever predicted for, and what is left of it is down.
static bool failed_time_over(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return !e->told[WF_STAGE_ALL_CLEAR] && e->over && !e->had_area && e->life == WF_LIFE_FAILED &&
         wf_time_diff_s(now, e->over_since) > CLEAR_FAILED_AFTER_S;
}

// Rule 21. It is followed, and for half a minute has been able to reach none of the areas that were told: they need not
// wait until it is down somewhere else.
static bool out_of_reach(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return e->alive && !lost(e) && !e->told[WF_STAGE_ALL_CLEAR] && e->released != 0 && e->out_of_reach_since.ns != 0 &&
         wf_time_diff_s(now, e->out_of_reach_since) > OUT_OF_REACH_S;
}

// Rule 12. What was told lapses soon and nothing newer is proposed: an alert that lapses is no all-clear.
static bool lapses(const wf_warn_config *c, wf_time now, const warn_event *e) {
  return e->released != 0 && e->open == 0 && e->released_stage != WF_STAGE_ALL_CLEAR &&
         wf_time_diff_s(e->released_expires, now) < RENEW_BEFORE_S;
}

const warn_rule WARN_RULES[] = {
    // Number, stage, when. Numbers are names: they stay when rules are added.
    {1, WF_STAGE_LAUNCH_NOTICE, "a launch was seen, or an object flies above 30 km", launch_seen},
    {2, WF_STAGE_AREA, "the impact area is known, or moved out of what was told", area_known},
    {3, WF_STAGE_THREATENED_AREAS, "own areas are threatened, or others than were told", own_threatened},
    {4, WF_STAGE_IMMINENT, "the earliest impact in an own area is near", own_imminent},
    {5, WF_STAGE_LOST_TRACK, "the track is lost; the threat stands", track_lost},
    {6, WF_STAGE_IMPACT_EXPECTED, "the time of impact is over, unobserved", impact_expected},
    {WARN_RULE_FALL_OBSERVED, WF_STAGE_ALL_CLEAR, "the fall was observed", fall_observed},
    {WARN_RULE_TIME_OVER, WF_STAGE_ALL_CLEAR, "the latest time of the fall was over a minute ago", time_over},
    {WARN_RULE_LOST_TIME_OVER, WF_STAGE_ALL_CLEAR, "lost, and the latest possible fall was over five minutes ago",
     lost_time_over},
    {WARN_RULE_ORBIT, WF_STAGE_ALL_CLEAR, "it is in orbit", in_orbit},
    {11, WF_STAGE_ALL_CLEAR, "the flight failed, and what was left of it is down", failed_time_over},
    {WARN_RULE_RENEW, 0, "what was told lapses soon", lapses},
    {14, WF_STAGE_OVERFLIGHT, "it will pass over own areas", own_passing},
    {WARN_RULE_PASSED, WF_STAGE_PASSED, "it was seen beyond the areas it was to pass over", seen_past},
    {16, WF_STAGE_DEBRIS, "pieces alone may fall in own areas", pieces_fall},
    {WARN_RULE_UNANSWERED, WF_STAGE_LOST_TRACK, "lost, and nobody answered in time: kept, widened", unanswered},
    {WARN_RULE_OUT_OF_REACH, WF_STAGE_ALL_CLEAR, "it is followed and can reach no area that was told", out_of_reach},
};
const int WARN_RULE_COUNT = sizeof WARN_RULES / sizeof WARN_RULES[0];

size_t wf_warn_rules(wf_warn_rule *out, size_t cap) {
  static const wf_warn_rule BY_WORD[] = {
      {WARN_RULE_CORRECTION, WF_STAGE_CORRECTION, "a person asked for a correction"},
      {WARN_RULE_CANCEL, WF_STAGE_CANCEL, "a person says that it was an error"},
      {WARN_RULE_SEISMIC, WF_STAGE_SEISMIC, "a seismic event may have been an explosion near a test site"},
      {WARN_RULE_NOTICE, WF_STAGE_NOTICE, "a window was announced"},
  };
  size_t n = 0;
  for (uint8_t number = 1; number <= WARN_RULE_LAST && n < cap; number++) {
    for (int i = 0; i < WARN_RULE_COUNT; i++)
      if (WARN_RULES[i].number == number) out[n++] = (wf_warn_rule){number, WARN_RULES[i].stage, WARN_RULES[i].says};
    for (size_t i = 0; i < sizeof BY_WORD / sizeof BY_WORD[0]; i++)
      if (BY_WORD[i].number == number) out[n++] = BY_WORD[i];
  }
  return n;
}
