// The judgement: rules in order, the first that speaks decides, and silence denies.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "redact.h"
#include "release/policy.h"

static const struct {
  uint32_t kind;
  const char *name;
} kind_names[] = {
    {WF_RELEASE_DETECTION, "detection"}, {WF_RELEASE_TRACKLET, "tracklet"}, {WF_RELEASE_LAUNCH, "launch"},
    {WF_RELEASE_STATUS, "status"},       {WF_RELEASE_PRODUCT, "product"},   {WF_RELEASE_LINK_STATUS, "link_status"},
    {WF_RELEASE_PLOT, "plot"},
};

const char *wf_release_kind_name(uint32_t kind) {
  for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; i++)
    if (kind_names[i].kind == kind) return kind_names[i].name;
  return "unknown";
}

static uint32_t kind_of(const wf_contribution *c) {
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

void wf_release_judge_in(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                         const wf_release_context *context, wf_contribution *c, wf_release_verdict *verdict) {
  // Rules 1 and 2.
  if (!judge_kind(policy, audience, origin, kind_of(c), verdict)) return;
  const uint32_t index = verdict->rule;
  const wf_release_rule *rule = &policy->rule[index];
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
  // 5: no oftener than agreed.
  if (too_soon(rule, context, c)) {
    (void)say(verdict, false, index, "rule \"%s\": sooner than %g s after the last", rule->name, rule->min_interval_s);
    return;
  }
  // The covariance guard (issue "Exchange", Release) belongs here: after the judgement, before the redaction, since it
  // changes what the redaction then rounds.
  wf_release_redact(rule, c);
}

void wf_release_judge(const wf_release_policy *policy, const wf_audience *audience, wf_nation origin,
                      wf_contribution *c, wf_release_verdict *verdict) {
  const wf_release_context unknown = {0};
  wf_release_judge_in(policy, audience, origin, &unknown, c, verdict);
}

double wf_release_min_interval_s(const wf_release_policy *policy, const wf_audience *audience) {
  for (uint32_t i = 0; i < policy->rule_count && i < WF_RULES_MAX; i++)
    if ((policy->rule[i].kinds & WF_RELEASE_TRACKLET) != 0 && wf_audience_equal(&policy->rule[i].audience, audience))
      return policy->rule[i].min_interval_s;
  return 0.0;
}
