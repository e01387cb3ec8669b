// The judgement: rules in order, the first that speaks decides, and silence denies.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "redact.h"
#include "release/guard.h"
#include "release/policy.h"

static const struct {
  uint32_t kind;
  const char *name;
} kind_names[] = {
    {WF_RELEASE_DETECTION, "detection"},
    {WF_RELEASE_TRACKLET, "tracklet"},
    {WF_RELEASE_LAUNCH, "launch"},
    {WF_RELEASE_STATUS, "status"},
    {WF_RELEASE_PRODUCT, "product"},
    {WF_RELEASE_LINK_STATUS, "link_status"},
    {WF_RELEASE_PLOT, "plot"},
    {WF_RELEASE_SYSTEM_TRACK, "system_track"},
    {WF_RELEASE_LAUNCH_REPORT, "launch_report"},
    {WF_RELEASE_VOICE, "voice"},
    {WF_RELEASE_SEISMIC, "seismic"},
};

const char *wf_release_kind_name(uint32_t kind) {
  for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++)
    if (kind_names[i].kind == kind) return kind_names[i].name;
  return "unknown";
}

const char *wf_release_outcome_name(uint8_t outcome) {
  static const char *const names[] = {"withheld", "told", "held"};
  return outcome <= WF_RELEASE_HELD ? names[outcome] : "unknown";
}

uint32_t wf_release_kind_of(const wf_contribution *c) {
  switch (wf_reported_kind(c->reported)) {
    case WF_REPORTED_NOT:
      break;
    case WF_REPORTED_SYSTEM:
      return WF_RELEASE_SYSTEM_TRACK;
    case WF_REPORTED_SERVICE:
      return WF_RELEASE_LAUNCH_REPORT;
    case WF_REPORTED_VOICE:
      return WF_RELEASE_VOICE;
    default:
      return 0;
  }
  switch (c->kind) {
    case WF_CONTRIBUTION_DETECTION:
      return WF_RELEASE_DETECTION;
    case WF_CONTRIBUTION_TRACKLET:
      return WF_RELEASE_TRACKLET;
    case WF_CONTRIBUTION_LAUNCH:
      return WF_RELEASE_LAUNCH;
    case WF_CONTRIBUTION_STATUS:
      return WF_RELEASE_STATUS;
    default:
      return 0;
  }
}

__attribute__((format(printf, 4, 5))) static bool say(wf_release_verdict *verdict, bool allowed, uint32_t rule,
                                                      const char *format, ...) {
  va_list arguments;
  verdict->allowed = allowed;
  verdict->rule = rule;
  va_start(arguments, format);
  vsnprintf(verdict->why, sizeof verdict->why, format, arguments);
  va_end(arguments);
  return allowed;
}

// 1: the audience must be one the origin belongs to. 2: a rule for exactly this audience must name the kind.
static bool judge_kind(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin, uint32_t kind,
                       wf_release_verdict *verdict) {
  char text[WF_AUDIENCE_TEXT_SIZE];
  wf_audience_format(audience, text);
  if (!wf_audience_has(audience, origin))
    return say(verdict, false, UINT32_MAX, "%.3s is not of the audience %s: denied", origin.code, text);
  for (uint32_t i = 0; kind != 0 && i < policy->rule_count && i < WF_RULES_MAX; i++) {
    const wf_release_rule *rule = &policy->rule[i];
    if ((rule->kinds & kind) == 0 || !wf_audience_equal(&rule->audience, audience)) continue;
    return say(verdict, true, i, "%s allowed to %s by rule \"%s\"", wf_release_kind_name(kind), text, rule->name);
  }
  return say(verdict, false, UINT32_MAX, "no rule lets %s go to %s: denied", wf_release_kind_name(kind), text);
}

void wf_release_judge_kind(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                           uint32_t kind, wf_release_verdict *verdict) {
  (void)judge_kind(policy, audience, origin, kind, verdict);
}

static bool is_withheld(const wf_release_rule *rule, const wf_release_context *context) {
  if (rule->sensors_deny_low == 0) return false;
  return !context->feed_known || (context->fed_by & rule->sensors_deny_low) != 0;
}

static bool too_soon(const wf_release_rule *rule, const wf_release_context *context, const wf_contribution *c) {
  return c->kind == WF_CONTRIBUTION_TRACKLET && rule->min_interval_s > 0.0 && context->last_tracklet.ns != 0 &&
         wf_time_diff_s(c->valid_time, context->last_tracklet) < rule->min_interval_s;
}

static bool inside(const wf_release_region *r, const wf_lla *place) {
  const double lon = wf_wrap_pi(place->lon_rad);
  const bool between = r->lon_rad[0] <= r->lon_rad[1] ? lon >= r->lon_rad[0] && lon <= r->lon_rad[1]
                                                      : lon >= r->lon_rad[0] || lon <= r->lon_rad[1];
  return between && place->lat_rad >= r->lat_rad[0] && place->lat_rad <= r->lat_rad[1];
}

static bool in_any(const wf_release_region *list, int count, bool known, const wf_lla *place) {
  for (int i = 0; known && i < count; i++)
    if (inside(&list[i], place)) return true;
  return false;
}

// NULL: the object's place forbids nothing.
static const char *place_forbids(const wf_release_rule *rule, const wf_release_context *x, const wf_contribution *c) {
  const bool radar = (c->sources & WF_SOURCE_RADAR) != 0, low = rule->only_above_m > 0.0 && radar;
  if (rule->withhold_count == 0 && rule->only_count == 0 && !low) return NULL;
  if (!x->place_known) return "it speaks of places and the object's is not known";
  if (low && x->place.h_m < rule->only_above_m) return "seen by radars, and too low to be told";
  if (in_any(rule->withhold, rule->withhold_count, true, &x->place)) return "in a withheld region";
  if (in_any(rule->withhold, rule->withhold_count, x->launch_known, &x->launch))
    return "launched from a withheld region";
  if (rule->only_count > 0 && !in_any(rule->only, rule->only_count, true, &x->place))
    return "outside the regions it is for";
  return NULL;
}

// A detection is stated as of when it may be spoken of; until then, as all that is said of the object, it waits.
static void hold_back(const wf_release_rule *rule, const wf_guard_level *level, const wf_release_context *x,
                      wf_contribution *c, wf_release_verdict *verdict) {
  double state[6], covariance[36];
  const wf_guard_object *o = x->object;
  const bool radar = (c->sources & WF_SOURCE_RADAR) != 0;
  if (o == NULL || !(level->hold_s > 0.0) || o->at(o->context, c->object, x->now, state, covariance) != WF_OK) return;
  const bool over = c->kind == WF_CONTRIBUTION_STATUS && c->status.life >= WF_LIFE_LOST;
  const wf_time opens = wf_guard_opens(x->guard, level, c->object, radar, state, x->now);
  const wf_time stated = wf_release_coarse_time(opens, rule->time_grain_s);
  if (over && radar) verdict->delay_s += wf_guard_closes_s(x->guard, level, state);
  if (!wf_time_before(x->now, opens)) return;
  verdict->delay_s += wf_time_diff_s(opens, x->now);
  if (wf_time_before(c->valid_time, stated)) c->valid_time = stated;
  if (c->kind != WF_CONTRIBUTION_DETECTION) return;
  c->valid_time = c->detection.first_detection = stated;
  if (!c->detection.has_place || o->at(o->context, c->object, stated, state, covariance) != WF_OK) return;
  double p[9];
  for (int i = 0; i < 9; i++) p[i] = covariance[6 * (i / 3) + i % 3];
  memcpy(c->detection.pos_ecef_m, state, sizeof c->detection.pos_ecef_m);
  wf_mat_pack_upper(3, p, c->detection.covariance_m2);
}

// 7: what tells of sensors indirectly. True: the statement may go, changed or not.
static bool pass_guard(const wf_release_rule *rule, const wf_release_context *context, wf_contribution *c,
                       wf_release_verdict *verdict) {
  if (!(rule->guard_sigma_m > 0.0) || context->guarded) return true;
  if (context->guard == NULL)
    return say(verdict, false, verdict->rule, "rule \"%s\": needs the guard, and there is none", rule->name);
  const wf_guard_level level = wf_release_guard_of(rule);
  if (c->kind == WF_CONTRIBUTION_TRACKLET && c->reported != 0)
    return say(verdict, false, verdict->rule, "rule \"%s\": the guard does not cover another system's tracks",
               rule->name);
  if (c->kind == WF_CONTRIBUTION_TRACKLET) {
    if (wf_guard_take(context->guard, &level, c, context->now)) return true;
    (void)say(verdict, false, verdict->rule, "rule \"%s\": told by the guard, every %g s with %g m", rule->name,
              level.grid_s, level.sigma_m);
    verdict->held = true;
    return false;
  }
  c->valid_time = wf_release_coarse_time(c->valid_time, rule->time_grain_s);
  hold_back(rule, &level, context, c, verdict);
  if (c->kind == WF_CONTRIBUTION_DETECTION && c->detection.has_place) {
    const double sigma = rule->place_grain_m > rule->guard_sigma_m ? rule->place_grain_m : rule->guard_sigma_m;
    wf_guard_place(context->guard, sigma, c->object, c->detection.pos_ecef_m, c->detection.covariance_m2);
  }
  if (c->kind == WF_CONTRIBUTION_LAUNCH) wf_guard_launch(context->guard, c->object, &c->launch);
  return true;
}

void wf_release_judge_in(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                         const wf_release_context *context, wf_contribution *c, wf_release_verdict *verdict) {
  verdict->held = false;
  verdict->delay_s = 0.0;
  // Rules 1 and 2.
  if (!judge_kind(policy, audience, origin, wf_release_kind_of(c), verdict)) return;
  const uint32_t index = verdict->rule;
  const wf_release_rule *rule = &policy->rule[index];
  verdict->delay_s = rule->delay_s;
  // 3: nothing made with partners' data is ever contributed: it would be counted twice.
  if ((c->sources & WF_SOURCE_PARTNER) != 0) {
    (void)say(verdict, false, index, "made with partners' data: never contributed");
    return;
  }
  // 4: objects fed by a withheld sensor, or by nobody knows which.
  if (is_withheld(rule, context)) {
    (void)say(verdict, false, index, "rule \"%s\": %s", rule->name,
              context->feed_known ? "fed by a withheld sensor" : "it withholds sensors and the feed is not known");
    return;
  }
  // 5: objects in, or from, the wrong place.
  const char *forbids = place_forbids(rule, context, c);
  if (forbids != NULL) {
    (void)say(verdict, false, index, "rule \"%s\": %s", rule->name, forbids);
    return;
  }
  // 6: no oftener than agreed; the guard's grid sees to it by itself.
  if (!(rule->guard_sigma_m > 0.0) && too_soon(rule, context, c)) {
    (void)say(verdict, false, index, "rule \"%s\": sooner than %g s after the last", rule->name, rule->min_interval_s);
    return;
  }
  // 7, before the redaction, since it changes what the redaction then rounds.
  if (pass_guard(rule, context, c, verdict)) wf_release_redact(rule, c);
}

void wf_release_judge(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                      wf_contribution *c, wf_release_verdict *verdict) {
  const wf_release_context unknown = {0};
  wf_release_judge_in(policy, audience, origin, &unknown, c, verdict);
}

const wf_release_rule *wf_release_rule_for(const wf_release_policy *policy, const wf_audience *audience,
                                           uint32_t kind) {
  for (uint32_t i = 0; i < policy->rule_count && i < WF_RULES_MAX; i++)
    if ((policy->rule[i].kinds & kind) != 0 && wf_audience_equal(&policy->rule[i].audience, audience))
      return &policy->rule[i];
  return NULL;
}

double wf_release_min_interval_s(const wf_release_policy *policy, const wf_audience *audience) {
  const wf_release_rule *rule = wf_release_rule_for(policy, audience, WF_RELEASE_TRACKLET);
  return rule != NULL ? rule->min_interval_s : 0.0;
}

wf_guard_level wf_release_guard_of(const wf_release_rule *rule) {
  const double grid = rule->guard_grid_s > 0.0 ? rule->guard_grid_s : WF_GUARD_GRID_S;
  return (wf_guard_level){rule->guard_sigma_m, rule->min_interval_s > grid ? rule->min_interval_s : grid,
                          rule->guard_hold_s};
}

// Graded by what a statement is worth beside a plot: a radar of 1 mrad errs by 1 km across at 1,000 km.
bool wf_release_guard_level(const char *text, double *sigma_m, double *hold_s) {
  static const struct {
    const char *name;
    double sigma_m, hold_s;
  } levels[] = {{"off", 0, 0}, {"light", 250, 0}, {"medium", 500, 10}, {"full", WF_GUARD_FULL_M, WF_GUARD_FULL_HOLD_S}};
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
    if (strcmp(levels[i].name, text) == 0) {
      *sigma_m = levels[i].sigma_m;
      *hold_s = levels[i].hold_s;
      return true;
    }
  return false;
}
