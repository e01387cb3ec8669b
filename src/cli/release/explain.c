// watchfire release explain: one judgement, rule by rule and field by field, in words.
#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "cli.h"
#include "diag.h"
#include "io/explain.h"
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
  bool has_nation, json, help;
  wf_explain_question explain;
  wf_release_policy policy;
} question;

// ---- The question -------------------------------------------------------------------------------------------------
static bool parse_place(const char *text, wf_lla *out) {
  double lat, lon;
  char rest;
  if (sscanf(text, "%lf,%lf%c", &lat, &lon, &rest) != 2 || !(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180))
    return false;
  *out = (wf_lla){lat * WF_DEG, lon * WF_DEG, 0};
  return true;
}

static int take_option(int c, question *q) {
  switch (c) {
    case 'n':
      q->has_nation = wf_nation_parse(optarg, &q->explain.nation) == WF_OK;
      return q->has_nation ? 0 : wf_cli_usage_error("release explain", "--nation '%s' is no nation", optarg);
    case 't':
      if (wf_audience_parse(optarg, &q->explain.to) == WF_OK && q->explain.to.count > 0) return 0;
      return wf_cli_usage_error("release explain", "--to '%s' is no list of nations", optarg);
    case 'k':
      return wf_explain_kind(optarg, &q->explain.kind) ? 0 : wf_cli_usage_error("release explain", "--kind '%s' is unknown", optarg);
    case 's':
      q->sensors_path = optarg;
      return 0;
    case 'S':
      if (q->sensor_count == 64) return wf_cli_usage_error("release explain", "more than 64 sensors");
      q->sensor[q->sensor_count++] = optarg;
      return 0;
    case 'p':
      q->explain.partner_data = true;
      return 0;
    case 'x':
      q->explain.context.place_known = parse_place(optarg, &q->explain.context.place);
      return q->explain.context.place_known ? 0 : wf_cli_usage_error("release explain", "--place '%s'", optarg);
    case 'l':
      q->explain.context.launch_known = parse_place(optarg, &q->explain.context.launch);
      return q->explain.context.launch_known ? 0 : wf_cli_usage_error("release explain", "--launched '%s'", optarg);
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
  if (!q->has_nation || q->explain.to.count == 0 || q->explain.kind == 0)
    return wf_cli_usage_error("release explain", "--nation, --to and --kind are needed");
  q->policy_path = argv[optind];
  q->explain.policy = &q->policy;
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
    if (k < 64) q->explain.context.fed_by |= UINT64_C(1) << k;
    q->explain.context.feed_known = true;
  }
  status = wf_policy_load(q->policy_path, q->explain.nation, sensors, count, &q->policy, &diag);
  return status == WF_OK ? WF_CLI_OK : WF_CLI_USAGE;
}

static void print_lines(const json_t *lines) {
  json_t *line;
  size_t i;
  json_array_foreach(lines, i, line) printf("  %s\n", json_string_value(line));
}

static void print(const question *q) {
  json_t *answers = wf_explain(&q->explain), *a;
  size_t i;
  json_array_foreach(answers, i, a) {
    const char *to = json_string_value(json_object_get(a, "to")), *why = json_string_value(json_object_get(a, "why"));
    if (q->json) {
      json_dumpf(a, stdout, JSON_COMPACT);
      putchar('\n');
      continue;
    }
    printf("%s%s from %.3s to %s\n", i > 0 ? "\n" : "", wf_release_kind_name(q->explain.kind), q->explain.nation.code, to);
    print_lines(json_object_get(a, "rules"));
    printf("%s: %s\n", json_is_true(json_object_get(a, "allowed")) ? "ALLOWED" : "WITHHELD", why);
    print_lines(json_object_get(a, "fields"));
  }
  json_decref(answers);
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
  if (code == WF_CLI_OK) print(&q);
  return code;
}
