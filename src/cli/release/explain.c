// watchfire release explain: one judgement, rule by rule and field by field, in words.
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "cli.h"
#include "diag.h"
#include "io/policy_yaml.h"
#include "release.h"

static const char HELP[] =
    "Usage: watchfire release explain POLICY.yaml --nation NAT --to AUDIENCE --kind KIND [OPTION…]\n"
    "Says whether a record would go to an audience under a policy, and why: every rule that was looked at, the "
    "verdict, and\n"
    "what would be changed in each field.\n"
    "\n"
    "  --nation NAT       whose policy it is\n"
    "  --to AUDIENCE      \"JPN KOR USA\" (the stream's audience, the nation included), or one partner: \"KOR\" means\n"
    "                     every audience of the policy that KOR belongs to\n"
    "  --kind KIND        detection, tracklet, launch, status, product, link_status or plot\n"
    "  --sensors FILE     the nation's sensors (sensors.csv), for rules that withhold some\n"
    "  --sensor NAME      a sensor that feeds the object; may be given several times\n"
    "  --partner-data     the record is made with partners' data\n"
    "  --place LAT,LON    where the object is, degrees; --launched LAT,LON where it came from\n"
    "  --json             one JSON object per audience\n"
    "  --help             this text\n"
    "\n"
    "Exit status: 0 explained (allowed or not); 2 usage, or a policy that is wrong (each place named).\n"
    "\n"
    "Example:\n"
    "  watchfire release explain policy.yaml --nation JPN --to KOR --kind tracklet --place 40.1,130\n";

typedef struct question {
  const char *policy_path, *sensors_path, *sensor[64];
  int sensor_count;
  wf_nation nation;
  wf_audience to;
  uint32_t kind;
  bool has_nation, partner_data, json, help;
  wf_release_context context;
  wf_release_policy policy;
} question;

typedef struct answer {
  bool json;
  json_t *rules, *fields;
} answer;

__attribute__((format(printf, 3, 4))) static void step(answer *a, json_t *list, const char *format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (a->json)
    json_array_append_new(list, json_string(text));
  else
    printf("  %s\n", text);
}

// Which rule speaks, and why the ones before it do not.
static const wf_release_rule *explain_rules(const question *q, const wf_audience *to, answer *a) {
  char text[WF_AUDIENCE_TEXT_SIZE];
  for (uint32_t i = 0; i < q->policy.rule_count; i++) {
    const wf_release_rule *rule = &q->policy.rule[i];
    if (!wf_audience_equal(&rule->audience, to)) {
      step(a, a->rules, "rule %u \"%s\": is for %s, another audience", i + 1, rule->name,
           wf_audience_format(&rule->audience, text));
    } else if ((rule->kinds & q->kind) == 0) {
      step(a, a->rules, "rule %u \"%s\": does not name %s", i + 1, rule->name, wf_release_kind_name(q->kind));
    } else {
      step(a, a->rules, "rule %u \"%s\": speaks of %s to this audience; it decides", i + 1, rule->name,
           wf_release_kind_name(q->kind));
      return rule;
    }
  }
  step(a, a->rules, "no rule is left: what nobody allows is denied");
  return NULL;
}

static void explain_guard(const wf_release_rule *r, uint32_t kind, answer *a) {
  const wf_guard_level level = wf_release_guard_of(r);
  if (!(level.sigma_m > 0.0)) return;
  if (kind == WF_RELEASE_TRACKLET)
    step(a, a->fields, "state: measured anew every %g s, with an error of %g m in every direction (covariance guard)",
         level.grid_s, level.sigma_m);
  if (kind == WF_RELEASE_DETECTION)
    step(a, a->fields, "place: moved at random until its error is a sphere (covariance guard)");
  if (kind == WF_RELEASE_LAUNCH)
    step(a, a->fields, "launch place: moved at random until its error is a circle (covariance guard)");
  if (level.hold_s > 0.0)
    step(a, a->fields,
         "first word of what only radars see: up to %g s later, by a secret of the place; the last one, too",
         level.hold_s);
}

static void explain_fields(const wf_release_rule *r, uint32_t kind, answer *a) {
  explain_guard(r, kind, a);
  if (kind == WF_RELEASE_DETECTION && r->time_grain_s > 0)
    step(a, a->fields, "times: stated on a grid of %g s, rounded down", r->time_grain_s);
  if (kind == WF_RELEASE_DETECTION && r->place_grain_m > 0)
    step(a, a->fields, "place: in the middle of a cell of %g m, with at least that sigma", r->place_grain_m);
  if (kind == WF_RELEASE_TRACKLET && r->hide_plot_count) step(a, a->fields, "number of plots: stated as 0");
  if (kind == WF_RELEASE_STATUS && r->hide_coverage)
    step(a, a->fields, "reason: \"below horizon\" and \"out of coverage\" stated as \"not seen\"");
  if (r->hidden & WF_HIDE_SOURCES) step(a, a->fields, "class of source: not stated");
  if (kind == WF_RELEASE_DETECTION && (r->hidden & WF_HIDE_FIRST_DETECTION))
    step(a, a->fields, "time of first detection: not stated");
  if (kind == WF_RELEASE_TRACKLET && (r->hidden & WF_HIDE_BALLISTIC_COEFFICIENT))
    step(a, a->fields, "ballistic coefficient: not stated");
  if (kind == WF_RELEASE_LAUNCH && (r->hidden & WF_HIDE_LAUNCH_TIME)) step(a, a->fields, "launch time: not stated");
  if (kind == WF_RELEASE_TRACKLET && r->min_interval_s > 0)
    step(a, a->fields, "no oftener than every %g s", r->min_interval_s);
  if (r->delay_s > 0) step(a, a->fields, "told %g s later", r->delay_s);
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
    wf_release_judge_in(&q->policy, to, q->nation, &context, &c, verdict);
  else
    wf_release_judge_kind(&q->policy, to, q->nation, q->kind, verdict);
}

static void explain(const question *q, const wf_audience *to) {
  char text[WF_AUDIENCE_TEXT_SIZE];
  answer a = {.json = q->json, .rules = json_array(), .fields = json_array()};
  wf_release_verdict verdict = {0};
  judge(q, to, &verdict);
  wf_audience_format(to, text);
  if (!q->json) printf("%s from %.3s to %s\n", wf_release_kind_name(q->kind), q->nation.code, text);
  const wf_release_rule *rule = explain_rules(q, to, &a);
  if (!q->json) printf("%s: %s\n", verdict.allowed ? "ALLOWED" : "WITHHELD", verdict.why);
  if (verdict.allowed && rule != NULL) explain_fields(rule, q->kind, &a);
  if (!q->json) {
    json_decref(a.rules);
    json_decref(a.fields);
    return;
  }
  char version[20];
  snprintf(version, sizeof version, "%016" PRIx64, q->policy.version);
  json_t *o =
      json_pack("{s:s,s:s,s:s,s:b,s:s,s:o?,s:o,s:o,s:s}", "kind", wf_release_kind_name(q->kind), "from", q->nation.code,
                "to", text, "allowed", verdict.allowed, "why", verdict.why, "rule",
                rule != NULL ? json_string(rule->name) : NULL, "rules", a.rules, "fields", a.fields, "policy", version);
  json_dumpf(o, stdout, JSON_COMPACT);
  putchar('\n');
  json_decref(o);
}

// ---- The question -------------------------------------------------------------------------------------------------
static bool parse_place(const char *text, wf_lla *out) {
  double lat, lon;
  char rest;
  if (sscanf(text, "%lf,%lf%c", &lat, &lon, &rest) != 2 || !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180))
    return false;
  *out = (wf_lla){lat * WF_DEG, lon * WF_DEG, 0};
  return true;
}

static bool parse_kind(const char *text, uint32_t *out) {
  for (*out = WF_RELEASE_DETECTION; *out <= WF_RELEASE_LAST; *out <<= 1)
    if (strcmp(wf_release_kind_name(*out), text) == 0) return true;
  return false;
}

static int take_option(int c, question *q) {
  switch (c) {
    case 'n':
      q->has_nation = wf_nation_parse(optarg, &q->nation) == WF_OK;
      return q->has_nation ? 0 : wf_cli_usage_error("release explain", "--nation '%s' is no nation", optarg);
    case 't':
      if (wf_audience_parse(optarg, &q->to) == WF_OK && q->to.count > 0) return 0;
      return wf_cli_usage_error("release explain", "--to '%s' is no list of nations", optarg);
    case 'k':
      return parse_kind(optarg, &q->kind) ? 0 : wf_cli_usage_error("release explain", "--kind '%s' is unknown", optarg);
    case 's':
      q->sensors_path = optarg;
      return 0;
    case 'S':
      if (q->sensor_count == 64) return wf_cli_usage_error("release explain", "more than 64 sensors");
      q->sensor[q->sensor_count++] = optarg;
      return 0;
    case 'p':
      q->partner_data = true;
      return 0;
    case 'x':
      q->context.place_known = parse_place(optarg, &q->context.place);
      return q->context.place_known ? 0 : wf_cli_usage_error("release explain", "--place '%s'", optarg);
    case 'l':
      q->context.launch_known = parse_place(optarg, &q->context.launch);
      return q->context.launch_known ? 0 : wf_cli_usage_error("release explain", "--launched '%s'", optarg);
    case 'j':
      q->json = true;
      return 0;
    case 'h':
      q->help = true;
      return 0;
    default:
      return wf_cli_usage_error("release explain", "unknown option or missing value");
  }
}

static int parse(int argc, char **argv, question *q) {
  static const struct option longs[] = {{"nation", 1, NULL, 'n'},
                                        {"to", 1, NULL, 't'},
                                        {"kind", 1, NULL, 'k'},
                                        {"sensors", 1, NULL, 's'},
                                        {"sensor", 1, NULL, 'S'},
                                        {"partner-data", 0, NULL, 'p'},
                                        {"place", 1, NULL, 'x'},
                                        {"launched", 1, NULL, 'l'},
                                        {"json", 0, NULL, 'j'},
                                        {"help", 0, NULL, 'h'},
                                        {0}};
  for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
    const int code = take_option(c, q);
    if (code != 0 || q->help) return code;
  }
  if (optind != argc - 1) return wf_cli_usage_error("release explain", "exactly one policy file is needed");
  if (!q->has_nation || q->to.count == 0 || q->kind == 0)
    return wf_cli_usage_error("release explain", "--nation, --to and --kind are needed");
  q->policy_path = argv[optind];
  return WF_CLI_OK;
}

// The sensors named by --sensors, else those named by --sensor, so that the policy's names are known.
static int read_policy(question *q) {
  static wf_sensor sensors[WF_SENSOR_MAX];
  wf_diag diag = wf_cli_diag("release explain");
  wf_status status = WF_OK;
  size_t count = 0;
  if (q->sensors_path != NULL) {
    count = wf_csv_read_sensors(q->sensors_path, &diag, sensors, WF_SENSOR_MAX, &status);
    if (status != WF_OK) return WF_CLI_USAGE;
  }
  for (int i = 0; i < q->sensor_count; i++) {
    size_t k = 0;
    while (k < count && strcmp(sensors[k].name, q->sensor[i]) != 0) k++;
    if (k == count && q->sensors_path == NULL && strlen(q->sensor[i]) < sizeof sensors[0].name)
      strcpy(sensors[count++].name, q->sensor[i]);
    else if (k == count)
      return wf_cli_usage_error("release explain", "--sensor '%s' is not in %s", q->sensor[i], q->sensors_path);
    if (k < 64) q->context.fed_by |= UINT64_C(1) << k;
    q->context.feed_known = true;
  }
  status = wf_policy_load(q->policy_path, q->nation, sensors, count, &q->policy, &diag);
  return status == WF_OK ? WF_CLI_OK : WF_CLI_USAGE;
}

static bool holds_all(const wf_audience *audience, const wf_audience *wanted) {
  for (int i = 0; i < wanted->count; i++)
    if (!wf_audience_has(audience, wanted->member[i])) return false;
  return true;
}

static void explain_all(const question *q) {
  int told = 0;
  if (q->to.count > 1) {
    explain(q, &q->to);
    return;
  }
  for (uint32_t i = 0; i < q->policy.rule_count; i++) {
    bool before = false;
    for (uint32_t k = 0; k < i; k++)
      before = before || wf_audience_equal(&q->policy.rule[k].audience, &q->policy.rule[i].audience);
    if (before || !holds_all(&q->policy.rule[i].audience, &q->to)) continue;
    if (told++ > 0 && !q->json) putchar('\n');
    explain(q, &q->policy.rule[i].audience);
  }
  wf_audience pair = q->to;
  if (told == 0 && wf_audience_add(&pair, q->nation) == WF_OK) explain(q, &pair);
}

int wf_cli_release_explain(int argc, char **argv) {
  static question q;
  memset(&q, 0, sizeof q);
  int code = parse(argc, argv, &q);
  if (code != WF_CLI_OK || q.help) {
    if (q.help) fputs(HELP, stdout);
    return code;
  }
  code = read_policy(&q);
  if (code == WF_CLI_OK) explain_all(&q);
  return code;
}
