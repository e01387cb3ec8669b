// watchfire export: tracks for other systems.
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "sensor/publish.h"

static const char HELP[] =
    "Usage: watchfire export -f 062|oem [OPTION…] tracks.jsonl\n"
    "\n"
    "Writes tracks (the lines of `watchfire track`) to standard output: as blocks of ASTERIX category 062, one per "
    "line,\n"
    "or as a CCSDS OEM in an Earth-fixed frame with covariances.\n"
    "\n"
    "  -f FORMAT       062 or oem\n"
    "  --epoch TIME    what time_s counts from, RFC 3339 (1970-01-01T00:00:00Z)\n"
    "  --source SAC/SIC  for 062 (0/0)\n"
    "  --oem-version 2|3 (2)\n"
    "\n"
    "A state that 062 cannot say (higher than 45.7 km, climbing faster than 1.04 km/s) is left out and listed on "
    "standard\n"
    "error, once per track and reason; the last line there says how many.\n"
    "\n"
    "Example:\n"
    "  watchfire export -f 062 --epoch 2026-03-10T21:58:00Z tracks.jsonl > tracks.ast\n";

enum { TRACKS_MAX = 4096 };

typedef struct state_line {
  uint32_t track;
  wf_time time;
  double state[6], covariance[21];
  bool has_covariance, coasting, tentative;
} state_line;

typedef struct exporting {
  wf_time epoch;
  uint8_t sac, sic;
  wf_oem_version version;
  char (*name)[32];
  uint32_t tracks;
  uint8_t told[TRACKS_MAX];  // reasons listed, by bit
  state_line *line;
  size_t count, cap, bad;
} exporting;

static bool numbers(const json_t *list, double *out, size_t count) {
  if (json_array_size(list) != count) return false;
  for (size_t i = 0; i < count; i++) {
    const json_t *v = json_array_get(list, i);
    if (!json_is_number(v)) return false;
    out[i] = json_number_value(v);
  }
  return true;
}

static bool track_of(exporting *x, const char *name, uint32_t *out) {
  for (*out = 0; *out < x->tracks; (*out)++)
    if (strcmp(x->name[*out], name) == 0) return true;
  if (x->tracks == TRACKS_MAX || strlen(name) >= sizeof x->name[0]) return false;
  strcpy(x->name[x->tracks++], name);
  return true;
}

static bool read_state(exporting *x, const json_t *o, state_line *s) {
  const char *name = json_string_value(json_object_get(o, "track"));
  const char *status = json_string_value(json_object_get(o, "status"));
  const json_t *time = json_object_get(o, "time_s");
  if (name == NULL || !json_is_number(time) || !track_of(x, name, &s->track)) return false;
  s->time = wf_time_add_s(x->epoch, json_number_value(time));
  s->coasting = status != NULL && strcmp(status, "coasting") == 0;
  s->tentative = status != NULL && strcmp(status, "tentative") == 0;
  s->has_covariance = numbers(json_object_get(o, "covariance"), s->covariance, 21);
  return numbers(json_object_get(o, "position_m"), s->state, 3) &&
         numbers(json_object_get(o, "velocity_m_s"), s->state + 3, 3);
}

static bool read_all(exporting *x, FILE *file, const char *path) {
  char *text = NULL;
  size_t room = 0;
  for (unsigned long line = 1; getline(&text, &room, file) > 0; line++) {
    if (x->count == x->cap) {
      state_line *more = realloc(x->line, (x->cap = 2 * x->cap + 1024) * sizeof *more);
      if (more == NULL) break;
      x->line = more;
    }
    state_line s = {0};
    json_t *o = json_loads(text, 0, NULL);
    if (o != NULL && read_state(x, o, &s))
      x->line[x->count++] = s;
    else if (x->bad++ < 20)
      fprintf(stderr, "export: %s:%lu: is no track with time, position and velocity\n", path, line);
    json_decref(o);
  }
  free(text);
  return x->line != NULL;
}

static void write_062(exporting *x) {
  static wf_asterix_record record;
  wf_asterix_editions editions;
  size_t written = 0, left_out = 0;
  wf_asterix_editions_newest(&editions);
  for (size_t i = 0; i < x->count; i++) {
    const state_line *s = &x->line[i];
    wf_publish_track t = {
        .time = s->time, .number = (uint16_t)(s->track + 1), .coasting = s->coasting, .tentative = s->tentative};
    memcpy(t.state, s->state, sizeof t.state);
    uint8_t bytes[256];
    size_t length;
    const wf_publish_reason reason = wf_publish_062(&editions, x->sac, x->sic, &t, &record);
    if (reason == WF_PUBLISH_OK && wf_asterix_encode(&record, bytes + 3, sizeof bytes - 3, &length) == WF_OK &&
        wf_asterix_block(62, bytes, length) == WF_OK) {
      fwrite(bytes, 1, length + 3, stdout);
      written++;
      continue;
    }
    left_out++;
    if (x->told[s->track] & 1u << reason) continue;
    x->told[s->track] |= (uint8_t)(1u << reason);
    fprintf(stderr, "export: track %s is left out from time_s %.3f: 062 cannot say its %s\n", x->name[s->track],
            wf_time_diff_s(s->time, x->epoch), wf_publish_reason_name(reason));
  }
  fprintf(stderr, "export: %zu records, %zu states left out\n", written, left_out);
}

static void write_object(exporting *x, uint32_t track, char *text, size_t size) {
  wf_time first = {INT64_MAX}, last = {INT64_MIN};
  bool any = false;
  for (size_t i = 0; i < x->count; i++) {
    if (x->line[i].track != track) continue;
    if (x->line[i].time.ns < first.ns) first = x->line[i].time;
    if (x->line[i].time.ns > last.ns) last = x->line[i].time;
    any = any || x->line[i].has_covariance;
  }
  if (wf_oem_metadata(x->name[track], x->name[track], first, last, text, size) == WF_OK) fputs(text, stdout);
  for (size_t i = 0; i < x->count; i++)
    if (x->line[i].track == track && wf_oem_state(x->line[i].time, x->line[i].state, text, size) == WF_OK)
      fputs(text, stdout);
  if (!any) return;
  fputs("COVARIANCE_START\n", stdout);
  for (size_t i = 0; i < x->count; i++)
    if (x->line[i].track == track && x->line[i].has_covariance &&
        wf_oem_covariance(x->line[i].time, x->line[i].covariance, text, size) == WF_OK)
      fputs(text, stdout);
  fputs("COVARIANCE_STOP\n", stdout);
}

static void write_oem(exporting *x) {
  char text[4096];
  const wf_time created = x->count > 0 ? x->line[x->count - 1].time : x->epoch;  // of the data: the same bytes again
  if (wf_oem_header(x->version, created, "WATCHFIRE", text, sizeof text) == WF_OK) fputs(text, stdout);
  for (uint32_t i = 0; i < x->tracks; i++) write_object(x, i, text, sizeof text);
}

int wf_cli_export(int argc, char **argv) {
  static const struct option LONG[] = {{"epoch", 1, NULL, 'e'},  {"source", 1, NULL, 's'},
                                       {"format", 1, NULL, 'f'}, {"oem-version", 1, NULL, 'v'},
                                       {"help", 0, NULL, 'h'},   {NULL, 0, NULL, 0}};
  static exporting x;
  const char *format = NULL;
  unsigned sac, sic;
  for (int letter; (letter = getopt_long(argc, argv, "f:h", LONG, NULL)) != -1;) switch (letter) {
      case 'h':
        fputs(HELP, stdout);
        return WF_CLI_OK;
      case 'f':
        format = optarg;
        break;
      case 'v':
        if (strcmp(optarg, "2") != 0 && strcmp(optarg, "3") != 0) return wf_cli_usage_error("export", "OEM 2 or 3");
        x.version = optarg[0] == '3' ? WF_OEM_3 : WF_OEM_2;
        break;
      case 'e':
        if (wf_time_parse(optarg, &x.epoch) != WF_OK) return wf_cli_usage_error("export", "'%s' is not a time", optarg);
        break;
      case 's':
        if (sscanf(optarg, "%u/%u", &sac, &sic) != 2 || sac > 255 || sic > 255)
          return wf_cli_usage_error("export", "'%s' is not SAC/SIC", optarg);
        x.sac = (uint8_t)sac;
        x.sic = (uint8_t)sic;
        break;
      default:
        return wf_cli_usage_error("export", "see above");
    }
  const bool oem = format != NULL && strcmp(format, "oem") == 0;
  if (!oem && (format == NULL || strcmp(format, "062") != 0))
    return wf_cli_usage_error("export", "-f 062 or -f oem is needed");
  if (optind + 1 != argc) return wf_cli_usage_error("export", "one file of tracks is needed");
  FILE *file = strcmp(argv[optind], "-") == 0 ? stdin : fopen(argv[optind], "r");
  x.name = calloc(TRACKS_MAX, sizeof *x.name);
  if (file == NULL || x.name == NULL) {
    perror(argv[optind]);
    return WF_CLI_USAGE;
  }
  if (read_all(&x, file, argv[optind])) oem ? write_oem(&x) : write_062(&x);
  if (file != stdin) fclose(file);
  free(x.name);
  free(x.line);
  return x.bad > 0 ? WF_CLI_BAD_INPUT : WF_CLI_OK;
}
