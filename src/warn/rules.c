#include "rules.h"

#include "base/fmath.h"
#include "geo/wgs84.h"

#define Z_05 1.6448536269514722
#define Z_995 2.5758293035489004

wf_time warn_earliest(const wf_impact_area *impact) {
  return wf_time_add_s(impact->time, -Z_05 * impact->time_sigma_s);
}
wf_time warn_latest(const wf_impact_area *impact) {
  return wf_time_add_s(impact->time, Z_995 * impact->time_sigma_s + 1.0);
}

static bool alive(const wf_common_track *t) {
  return t->track.life == WF_LIFE_CONFIRMED || t->track.life == WF_LIFE_COASTING;
}

static bool flies_high(const wf_common_track *t) {
  wf_lla lla;
  wf_geo_lla_from_ecef(t->track.state, &lla);
  return lla.h_m > 30e3;
}

// Rule 1. A launch is seen (infrared), or an object too high to be anything else.
static bool launch_seen(const wf_warn_config *c, wf_time now, const warn_event *e, const wf_common_track *t) {
  if (e->told[WF_STAGE_LAUNCH_NOTICE]) return false;
  return (t->track.sources & WF_SOURCE_INFRARED) != 0 || (alive(t) && flies_high(t));
}

static bool area_good(const wf_warn_config *c, const wf_common_track *t) {
  return t->impact.valid && t->impact.area.semi_major_95_m < c->area_max_semi_major_m;
}

// The told area no longer says it well: the centre left it, or the new one is three times smaller.
static bool area_moved(const warn_event *e, const wf_impact_area *now) {
  const double north_m = (now->area.lat_rad - e->told_area.area.lat_rad) * WF_WGS84_A_M;
  const double east_m =
      wf_wrap_pi(now->area.lon_rad - e->told_area.area.lon_rad) * WF_WGS84_A_M * wf_cos(now->area.lat_rad);
  return wf_hypot(north_m, east_m) > e->told_area.area.semi_major_95_m ||
         now->area.semi_major_95_m * 3.0 < e->told_area.area.semi_major_95_m;
}

// Rule 2. The impact area is known well enough to be said, or must be said anew.
static bool area_known(const wf_warn_config *c, wf_time now, const warn_event *e, const wf_common_track *t) {
  return alive(t) && area_good(c, t) && (!e->told[WF_STAGE_AREA] || area_moved(e, &t->impact));
}

// Rule 3. Own areas are threatened, or more of them than were told.
static bool own_threatened(const wf_warn_config *c, wf_time now, const warn_event *e, const wf_common_track *t) {
  return e->threatened_count > 0 &&
         (!e->told[WF_STAGE_THREATENED_AREAS] || e->threatened_count > e->told_threatened_count);
}

// Rule 4. The earliest time of impact in an own area is near.
static bool own_imminent(const wf_warn_config *c, wf_time now, const warn_event *e, const wf_common_track *t) {
  return e->threatened_count > 0 && e->last_area.valid && !e->told[WF_STAGE_IMMINENT] &&
         wf_time_diff_s(warn_earliest(&e->last_area), now) < c->imminent_s &&
         wf_time_before(now, warn_latest(&e->last_area));
}

// Rule 5. The track is lost: the position is uncertain and the threat stands. Nothing is ever cancelled by this.
static bool track_lost(const wf_warn_config *c, wf_time now, const warn_event *e, const wf_common_track *t) {
  const bool told_something = e->told[WF_STAGE_LAUNCH_NOTICE] || e->told[WF_STAGE_AREA];
  return told_something && !e->told[WF_STAGE_LOST_TRACK] && !e->told[WF_STAGE_ALL_CLEAR] && e->lost_since.ns != 0 &&
         (!e->last_area.valid || wf_time_before(now, warn_latest(&e->last_area)));
}

// Rule 6. The latest time of impact has come and nobody observed the fall.
static bool impact_expected(const wf_warn_config *c, wf_time now, const warn_event *e, const wf_common_track *t) {
  return e->had_area && !e->told[WF_STAGE_IMPACT_EXPECTED] && !e->told[WF_STAGE_ALL_CLEAR] &&
         t->track.reason != WF_REASON_FALL_OBSERVED && !wf_time_before(now, warn_latest(&e->last_area));
}

// Rule 7. The fall was observed, or the latest time of fall passed a minute ago while the area was known to the end:
// the all-clear is proposed. A track that was lost before never reaches it this way.
static bool all_clear(const wf_warn_config *c, wf_time now, const warn_event *e, const wf_common_track *t) {
  if (e->told[WF_STAGE_ALL_CLEAR] || !e->told[WF_STAGE_LAUNCH_NOTICE] || !e->had_area) return false;
  if (t->track.reason == WF_REASON_FALL_OBSERVED) return true;
  return e->lost_since.ns == 0 && wf_time_diff_s(now, warn_latest(&e->last_area)) > 60.0;
}

const warn_rule WARN_RULES[] = {
    {1, WF_STAGE_LAUNCH_NOTICE, "a launch was seen, or an object flies above 30 km", launch_seen},
    {2, WF_STAGE_AREA, "the impact area is known, or moved out of what was told", area_known},
    {3, WF_STAGE_THREATENED_AREAS, "own areas are threatened, or more of them", own_threatened},
    {4, WF_STAGE_IMMINENT, "the earliest impact in an own area is near", own_imminent},
    {5, WF_STAGE_LOST_TRACK, "the track is lost; the threat stands", track_lost},
    {6, WF_STAGE_IMPACT_EXPECTED, "the time of impact has passed, unobserved", impact_expected},
    {7, WF_STAGE_ALL_CLEAR, "the fall was observed, or its latest time passed a minute ago", all_clear},
};
const int WARN_RULE_COUNT = sizeof WARN_RULES / sizeof WARN_RULES[0];
