#include "io/explain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef wf_explain_question question;

__attribute__((format(printf, 2, 3))) static void step(json_t *list, const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  json_array_append_new(list, json_string(text));
}

// Which rule speaks, and why the ones before it do not.
static const wf_release_rule *explain_rules(const question *q, const wf_audience *to, json_t *rules) {
  char text[WF_AUDIENCE_TEXT_SIZE];
  for (uint32_t i = 0; i < q->policy->rule_count; i++) {
    const wf_release_rule *rule = &q->policy->rule[i];
    if (!wf_audience_equal(&rule->audience, to)) {
      step(rules, "rule %u \"%s\": is for %s, another audience", i + 1, rule->name,
           wf_audience_format(&rule->audience, text));
    } else if ((rule->kinds & q->kind) == 0) {
      step(rules, "rule %u \"%s\": does not name %s", i + 1, rule->name, wf_release_kind_name(q->kind));
    } else {
      step(rules, "rule %u \"%s\": speaks of %s to this audience; it decides", i + 1, rule->name,
           wf_release_kind_name(q->kind));
      return rule;
    }
  }
  step(rules, "no rule is left: what nobody allows is denied");
  return NULL;
}

static void explain_guard(const wf_release_rule *r, uint32_t kind, json_t *fields) {
  const wf_guard_level level = wf_release_guard_of(r);
  if (!(level.sigma_m > 0.0)) return;
  if (kind == WF_RELEASE_TRACKLET)
    step(fields, "state: measured anew every %g s, with an error of %g m in every direction (covariance guard)",
         level.grid_s, level.sigma_m);
  if (kind == WF_RELEASE_DETECTION)
    step(fields, "place: moved at random until its error is a sphere (covariance guard)");
  if (kind == WF_RELEASE_LAUNCH)
    step(fields, "launch place: moved at random until its error is a circle (covariance guard)");
  if (level.hold_s > 0.0)
    step(fields, "first word of what only radars see: up to %g s later, by a secret of the place; the last one, too",
         level.hold_s);
}

static void explain_fields(const wf_release_rule *r, uint32_t kind, json_t *fields) {
  explain_guard(r, kind, fields);
  if (kind == WF_RELEASE_DETECTION && r->time_grain_s > 0)
    step(fields, "times: stated on a grid of %g s, rounded down", r->time_grain_s);
  if (kind == WF_RELEASE_DETECTION && r->place_grain_m > 0)
    step(fields, "place: in the middle of a cell of %g m, with at least that sigma", r->place_grain_m);
  if (kind == WF_RELEASE_TRACKLET && r->hide_plot_count) step(fields, "number of plots: stated as 0");
  if (kind == WF_RELEASE_STATUS && r->hide_coverage)
    step(fields, "reason: \"below horizon\" and \"out of coverage\" stated as \"not seen\"");
  if (r->hidden & WF_HIDE_SOURCES) step(fields, "class of source: not stated");
  if (kind == WF_RELEASE_DETECTION && (r->hidden & WF_HIDE_FIRST_DETECTION))
    step(fields, "time of first detection: not stated");
  if (kind == WF_RELEASE_TRACKLET && (r->hidden & WF_HIDE_BALLISTIC_COEFFICIENT))
    step(fields, "ballistic coefficient: not stated");
  if (kind == WF_RELEASE_LAUNCH && (r->hidden & WF_HIDE_LAUNCH_TIME)) step(fields, "launch time: not stated");
  if (kind == WF_RELEASE_TRACKLET && r->min_interval_s > 0)
    step(fields, "no oftener than every %g s", r->min_interval_s);
  if (r->delay_s > 0) step(fields, "told %g s later", r->delay_s);
}

// A record of the kind with nothing in it: the judgement looks at its kind and sources alone.
static void judge(const question *q, const wf_audience *to, wf_release_verdict *verdict) {
  static const uint8_t kinds[][2] = {{WF_RELEASE_DETECTION, WF_CONTRIBUTION_DETECTION},
                                     {WF_RELEASE_TRACKLET, WF_CONTRIBUTION_TRACKLET},
                                     {WF_RELEASE_LAUNCH, WF_CONTRIBUTION_LAUNCH},
                                     {WF_RELEASE_STATUS, WF_CONTRIBUTION_STATUS}};
  wf_contribution c;
  memset(&c, 0, sizeof c);
  c.sources = (uint8_t)(WF_SOURCE_RADAR | (q->partner_data ? WF_SOURCE_PARTNER : 0));
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (kinds[i][0] == q->kind) c.kind = kinds[i][1];
  wf_release_context context = q->context;
  context.guarded = true;  // explained by itself
  if (c.kind != 0)
    wf_release_judge_in(q->policy, to, q->nation, &context, &c, verdict);
  else
    wf_release_judge_kind(q->policy, to, q->nation, q->kind, verdict);
}

static json_t *explain(const question *q, const wf_audience *to) {
  char text[WF_AUDIENCE_TEXT_SIZE], version[20];
  json_t *rules = json_array(), *fields = json_array();
  wf_release_verdict verdict = {0};
  judge(q, to, &verdict);
  wf_audience_format(to, text);
  const wf_release_rule *rule = explain_rules(q, to, rules);
  if (verdict.allowed && rule != NULL) explain_fields(rule, q->kind, fields);
  snprintf(version, sizeof version, "%016" PRIx64, q->policy->version);
  return json_pack("{s:s,s:s,s:s,s:b,s:s,s:s?,s:o,s:o,s:s}", "kind", wf_release_kind_name(q->kind), "from",
                   q->nation.code, "to", text, "allowed", (int)verdict.allowed, "why", verdict.why, "rule",
                   rule != NULL ? rule->name : NULL, "rules", rules, "fields", fields, "policy", version);
}

bool wf_explain_kind(const char *name, uint32_t *out) {
  for (*out = WF_RELEASE_DETECTION; *out <= WF_RELEASE_LAST; *out <<= 1)
    if (strcmp(wf_release_kind_name(*out), name) == 0) return true;
  return false;
}

json_t *wf_explain_effects(const wf_release_rule *rule) {
  json_t *all = json_array(), *fields = json_array(), *text;
  size_t i;
  for (uint32_t kind = WF_RELEASE_DETECTION; kind <= WF_RELEASE_LAST; kind <<= 1)
    if (rule->kinds & kind) explain_fields(rule, kind, fields);
  if (rule->sensors_deny_low != 0) step(all, "what some sensors feed is withheld");
  if (rule->withhold_count > 0)
    step(all, "objects in, or launched from, %u regions are withheld", rule->withhold_count);
  if (rule->only_count > 0) step(all, "objects outside %u regions are withheld", rule->only_count);
  json_array_foreach(fields, i, text) {
    size_t k = 0;
    while (k < json_array_size(all) && !json_equal(json_array_get(all, k), text)) k++;
    if (k == json_array_size(all)) json_array_append(all, text);
  }
  json_decref(fields);
  return all;
}

static bool holds_all(const wf_audience *audience, const wf_audience *wanted) {
  for (int i = 0; i < wanted->count; i++)
    if (!wf_audience_has(audience, wanted->member[i])) return false;
  return true;
}

json_t *wf_explain(const question *q) {
  json_t *answers = json_array();
  if (q->to.count > 1) {
    json_array_append_new(answers, explain(q, &q->to));
    return answers;
  }
  for (uint32_t i = 0; i < q->policy->rule_count; i++) {
    bool before = false;
    for (uint32_t k = 0; k < i; k++)
      before = before || wf_audience_equal(&q->policy->rule[k].audience, &q->policy->rule[i].audience);
    if (!before && holds_all(&q->policy->rule[i].audience, &q->to))
      json_array_append_new(answers, explain(q, &q->policy->rule[i].audience));
  }
  wf_audience pair = q->to;
  if (json_array_size(answers) == 0 && wf_audience_add(&pair, q->nation) == WF_OK)
    json_array_append_new(answers, explain(q, &pair));
  return answers;
}
