// watchfire report: what others told, into a node over its feed's socket.
#include "report.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "status_fetch.h"
#include "whole_file.h"

#define FILE_MOST (UINT64_C(32) << 20)
#define TIMEOUT_S 10.0
#define DEFAULT_NODE "/run/watchfire/feed.sock"

static const char HELP[] =
    "Usage: watchfire report RECORDING -o report.html [--lang en|ja|ko]\n"
    "       watchfire report voice   --person NAME --at LAT,LON --radius M --time TIME [OPTION…]\n"
    "       watchfire report quakeml --person NAME --source SENSOR FILE…\n"
    "       watchfire report oem     --person NAME --source SENSOR FILE…\n"
    "       watchfire report tdm     --person NAME --source SENSOR FILE…\n"
    "\n"
    "RECORDING: an after-action report of it (.wfrec), as one HTML file that needs nothing else and prints: what each\n"
    "nation knew alone and together, maps and curves, warnings with who confirmed them and why, the time line. -o - is\n"
    "standard output. Exit status 1: damaged, or it replays differently than it was.\n"
    "\n"
    "voice: a launch that NAME was told of, within M metres (95 %) of the place. It is marked \"voice\" for ever, "
    "whoever\n"
    "hears of it; NAME stays in the nation's own records. Watch officers and release authorities may.\n"
    "quakeml, oem: the events of a file, the newest states of its objects (Earth-fixed, with covariance), as told by\n"
    "SENSOR, which node.yaml has with kind seismic or system. tdm: the plots of a radar by that name.\n"
    "\n"
    "  --node SOCKET   the node's console feed; default: $WATCHFIRE_NODE, else /run/watchfire/feed.sock\n"
    "  --sigma S       of the launch time, seconds (60)\n"
    "  --number HEX    corrects the voice report of this number\n"
    "\n"
    "Exit status: 0 taken; 1 some was refused, each said on standard error; 2 usage, or the node cannot be asked.\n"
    "\n"
    "Example:\n"
    "  watchfire report demo-out/JPN/recordings/night.wfrec -o night.html --lang ja\n"
    "  watchfire report voice --person 'K. Tanaka' --at 39.1,125.8 --radius 30000 --time 2026-03-01T21:58:00Z\n";

void wf_cli_telling_bad(wf_cli_telling *t, const char *file, unsigned line, const char *format, ...) {
  va_list args;
  t->bad++;
  fprintf(stderr, "report: %s:%u: ", file, line);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
}

// A key of its own for each command: sent twice, it is done once.
static json_t *request_key(void) {
  static unsigned count;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return json_sprintf("report-%ld-%lld.%09ld-%u", (long)getpid(), (long long)now.tv_sec, now.tv_nsec, ++count);
}

// 0 taken, 1 refused, 2 not answered.
static int command(const char *node, json_t *what) {
  char why[160];
  json_object_set_new(what, "request", request_key());
  json_t *answer = wf_cli_ask(node, TIMEOUT_S, what, why, sizeof why);
  json_decref(what);
  if (answer == NULL) {
    fprintf(stderr, "watchfire report: %s: %s\n", node, why);
    return WF_CLI_USAGE;
  }
  const char *status = json_string_value(json_object_get(answer, "status")),
             *text = json_string_value(json_object_get(answer, "text"));
  const bool ok = status != NULL && strcmp(status, "ok") == 0;
  if (!ok) fprintf(stderr, "watchfire report: %s: %s\n", status ? status : "no status", text ? text : "");
  json_decref(answer);
  return ok ? WF_CLI_OK : WF_CLI_BAD_INPUT;
}

bool wf_cli_tell(wf_cli_telling *t, wf_sensor_report *report) {
  uint8_t bytes[4096];
  char hex[2 * sizeof bytes + 1];
  size_t length = 0;
  report->mode = t->mode;
  if (report->time.ns == 0) report->time = t->now;
  report->status = 1;
  snprintf(report->sensor, sizeof report->sensor, "%s", t->source);
  if (wf_wire_encode_sensor_report(report, bytes, sizeof bytes, &length) != WF_OK) {
    wf_cli_telling_bad(t, t->source, 0, "numbers that cannot be said");
    return false;
  }
  for (size_t i = 0; i < length; i++) snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
  const int code = command(t->node, json_pack("{s:s,s:s,s:s}", "command", "tell", "person", t->person, "report", hex));
  t->bad += code != WF_CLI_OK;
  return code == WF_CLI_OK;
}

// The node's mode and record time: reports are of one and near the other.
static bool ask_node(wf_cli_telling *t) {
  char why[160];
  json_t *state = wf_cli_fetch_state(t->node, TIMEOUT_S, why, sizeof why);
  const json_t *node = json_object_get(state, "node");
  const char *mode = json_string_value(json_object_get(node, "mode")),
             *time = json_string_value(json_object_get(node, "time"));
  const bool ok =
      mode != NULL && time != NULL && wf_mode_parse(mode, &t->mode) == WF_OK && wf_time_parse(time, &t->now) == WF_OK;
  if (!ok) fprintf(stderr, "watchfire report: %s: %s\n", t->node, state == NULL ? why : "the node says no time");
  json_decref(state);
  return ok;
}

static int tell_files(wf_cli_telling *t, int count, char **files,
                      void (*tell)(wf_cli_telling *t, const char *file, wf_bytes text)) {
  if (t->source == NULL || count == 0) return wf_cli_usage_error("report", "--source and FILE are needed");
  if (!ask_node(t)) return WF_CLI_USAGE;
  for (int i = 0; i < count; i++) {
    size_t size = 0;
    uint8_t *bytes = wf_cli_whole_file(files[i], FILE_MOST, &size);
    if (bytes == NULL || size == FILE_MOST)
      wf_cli_telling_bad(t, files[i], 0, "%s", bytes == NULL ? strerror(errno) : "too large");
    else
      tell(t, files[i], (wf_bytes){bytes, size});
    free(bytes);
  }
  printf("%lu told, %lu refused\n", t->told, t->bad);
  return t->bad == 0 ? WF_CLI_OK : WF_CLI_BAD_INPUT;
}

typedef struct spoken {
  double lat_deg, lon_deg, radius_m, sigma_s;
  const char *time, *number;
  bool placed;
} spoken;

static int tell_voice(const wf_cli_telling *t, const spoken *s) {
  wf_time time;
  if (!s->placed || !(s->radius_m > 0) || s->time == NULL || wf_time_parse(s->time, &time) != WF_OK)
    return wf_cli_usage_error("report", "voice needs --at LAT,LON, --radius M and --time like 2026-03-01T21:58:00Z");
  const int code =
      command(t->node, json_pack("{s:s,s:s,s:f,s:f,s:f,s:s,s:f,s:s*}", "command", "report", "person", t->person,
                                 "lat_deg", s->lat_deg, "lon_deg", s->lon_deg, "radius_m", s->radius_m, "time", s->time,
                                 "time_sigma_s", s->sigma_s, "number", s->number));
  if (code == WF_CLI_OK) puts("taken, marked \"voice\"");
  return code;
}

static bool number(const char *text, double *out) {
  char *end = NULL;
  *out = strtod(text, &end);
  return end != text && *end == '\0';
}

// A word of these tells a node something; anything else is a recording (after_action.c).
static bool tells(int argc, char **argv) {
  static const char *const WORDS[] = {"voice", "quakeml", "oem"};
  for (int i = 1; i < argc; i++)
    for (size_t k = 0; k < sizeof WORDS / sizeof WORDS[0]; k++)
      if (strcmp(argv[i], WORDS[k]) == 0) return true;
  return false;
}

int wf_cli_report(int argc, char **argv) {
  const bool help = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
  if (!help && argc > 1 && !tells(argc, argv)) return wf_cli_after_action(argc, argv);
  static const struct option LONG[] = {{"node", 1, NULL, 'n'},  {"person", 1, NULL, 'p'}, {"source", 1, NULL, 's'},
                                       {"at", 1, NULL, 'a'},    {"radius", 1, NULL, 'r'}, {"time", 1, NULL, 't'},
                                       {"sigma", 1, NULL, 'S'}, {"number", 1, NULL, 'N'}, {"help", 0, NULL, 'h'},
                                       {NULL, 0, NULL, 0}};
  wf_cli_telling t = {.node = getenv("WATCHFIRE_NODE")};
  spoken s = {.sigma_s = 60.0};
  char rest;
  for (int letter; (letter = getopt_long(argc, argv, "h", LONG, NULL)) != -1;) switch (letter) {
      case 'h':
        fputs(HELP, stdout);
        return WF_CLI_OK;
      case 'n':
        t.node = optarg;
        break;
      case 'p':
        t.person = optarg;
        break;
      case 's':
        t.source = optarg;
        break;
      case 'a':
        s.placed = sscanf(optarg, "%lf,%lf%c", &s.lat_deg, &s.lon_deg, &rest) == 2;
        break;
      case 't':
        s.time = optarg;
        break;
      case 'N':
        s.number = optarg;
        break;
      case 'r':
        if (number(optarg, &s.radius_m)) break;
        return wf_cli_usage_error("report", "--radius '%s' is not a number", optarg);
      case 'S':
        if (number(optarg, &s.sigma_s)) break;
        return wf_cli_usage_error("report", "--sigma '%s' is not a number", optarg);
      default:
        return wf_cli_usage_error("report", "see above");
    }
  const char *way = optind < argc ? argv[optind++] : "";
  if (t.node == NULL || t.node[0] == '\0') t.node = DEFAULT_NODE;
  if (t.person == NULL) return wf_cli_usage_error("report", "--person NAME: who reports?");
  if (strcmp(way, "voice") == 0 && optind == argc) return tell_voice(&t, &s);
  if (strcmp(way, "quakeml") == 0) return tell_files(&t, argc - optind, argv + optind, wf_cli_tell_quakeml);
  if (strcmp(way, "oem") == 0) return tell_files(&t, argc - optind, argv + optind, wf_cli_tell_oem);
  if (strcmp(way, "tdm") == 0) return tell_files(&t, argc - optind, argv + optind, wf_cli_tell_tdm);
  return wf_cli_usage_error("report", "voice, quakeml, oem or tdm?");
}
