// watchfire track: plots from files through one tracker, as fast as it goes; one line per track at every scan time.
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "diag.h"
#include "io/csv.h"
#include "track/tracker.h"
#include "track_output.h"

#define TRACKS_MAX 8192
#define SCAN_MAX 65536

static const char HELP[] =
    "Usage: watchfire track --sensors SENSORS.csv [OPTION…] PLOTS.csv\n"
    "\n"
    "Tracks all sensors' plots as one nation and writes one JSON line per confirmed track at every scan time.\n"
    "\n"
    "  --sensors FILE        sensors (required); '-' is stdin\n"
    "  -o, --output FILE     where the lines go (default: standard output)\n"
    "  --medium M            atmosphere (default) or vacuum\n"
    "  --impact-every S      seconds between impact areas of a track (default 10; 0 = at every line)\n"
    "  --infrared FILE       infrared satellites, as `watchfire simulate` writes them; with --los\n"
    "  --los FILE            their lines of sight, taken in order of time with the plots\n"
    "  --tentative           tentative tracks too\n"
    "  --lost                lost tracks too, until their flight is over\n"
    "  --stats               counts at the end, on stderr\n"
    "  --help                this text\n"
    "\n"
    "Exit status: 0 done; 1 done, but some input was bad (each place named); 2 usage.\n"
    "\n"
    "Example:\n"
    "  watchfire track --sensors sensors.csv --medium vacuum plots.csv -o tracks.jsonl\n";

typedef struct options {
  const char *sensors, *plots, *output, *infrared, *los;
  wf_medium medium;
  double impact_every_s;
  bool tentative, lost, stats, help;
} options;

typedef struct run {
  options opt;
  wf_diag diag;
  wf_sensor sensor[WF_SENSOR_MAX];
  wf_site site[WF_SENSOR_MAX];
  size_t sensors;
  wf_tracker *tracker;
  FILE *out;
  wf_csv *csv, *los;
  wf_csv_plots bound;
  wf_csv_lines lines;
  wf_plot *scan;
  const char **file;
  unsigned long *line;  // of each plot of the scan
  uint8_t *reject;
  size_t count;
  struct told {
    uint64_t track;
    wf_time at;
  } * told;  // when a track's impact was last written
  size_t told_count;
} run;

static bool parse_seconds(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  return *text != '\0' && *end == '\0' && isfinite(*out) && *out >= 0.0;
}

static int parse(int argc, char **argv, options *opt) {
  static const struct option longs[] = {
      {"sensors", required_argument, NULL, 's'},
      {"output", required_argument, NULL, 'o'},
      {"medium", required_argument, NULL, 'm'},
      {"impact-every", required_argument, NULL, 'i'},
      {"infrared", required_argument, NULL, 'I'},
      {"los", required_argument, NULL, 'L'},
      {"tentative", no_argument, NULL, 't'},
      {"lost", no_argument, NULL, 'l'},
      {"stats", no_argument, NULL, 'S'},
      {"help", no_argument, NULL, 'h'},
      {0},
  };
  *opt = (options){.output = "-", .impact_every_s = 10.0};
  for (int c; (c = getopt_long(argc, argv, "o:h", longs, NULL)) != -1;) switch (c) {
      case 's':
        opt->sensors = optarg;
        break;
      case 'o':
        opt->output = optarg;
        break;
      case 'I':
        opt->infrared = optarg;
        break;
      case 'L':
        opt->los = optarg;
        break;
      case 't':
        opt->tentative = true;
        break;
      case 'l':
        opt->lost = true;
        break;
      case 'S':
        opt->stats = true;
        break;
      case 'h':
        opt->help = true;
        return WF_CLI_OK;
      case 'm':
        if (strcmp(optarg, "vacuum") != 0 && strcmp(optarg, "atmosphere") != 0)
          return wf_cli_usage_error("track", "--medium is vacuum or atmosphere, not '%s'", optarg);
        opt->medium = *optarg == 'v' ? WF_MEDIUM_VACUUM : WF_MEDIUM_ATMOSPHERE;
        break;
      case 'i':
        if (!parse_seconds(optarg, &opt->impact_every_s))
          return wf_cli_usage_error("track", "--impact-every '%s' is no number of seconds", optarg);
        break;
      default:
        return wf_cli_usage_error("track", "unknown option or missing value");
    }
  if (opt->sensors == NULL) return wf_cli_usage_error("track", "--sensors is needed");
  if ((opt->infrared == NULL) != (opt->los == NULL))
    return wf_cli_usage_error("track", "--infrared and --los go together");
  if (optind != argc - 1) return wf_cli_usage_error("track", "exactly one plots file is needed");
  opt->plots = argv[optind];
  return WF_CLI_OK;
}

static const char *status_of(const run *r, const wf_track *track) {
  switch (track->life) {
    case WF_LIFE_CONFIRMED:
      return "confirmed";
    case WF_LIFE_COASTING:
      return "coasting";
    case WF_LIFE_TENTATIVE:
      return r->opt.tentative ? "tentative" : NULL;
    case WF_LIFE_LOST:
      return r->opt.lost ? "lost" : NULL;
    default:
      return NULL;
  }
}

// True every impact_every_s per track, and remembers that.
static bool impact_due(run *r, const wf_track *track) {
  struct told *free_place = NULL;
  for (size_t i = 0; i < r->told_count; i++) {
    struct told *told = &r->told[i];
    if (told->track == track->id) {
      if (wf_time_diff_s(track->time, told->at) < r->opt.impact_every_s - 1e-6) return false;
      told->at = track->time;
      return true;
    }
    if (free_place == NULL && wf_tracker_find(r->tracker, told->track) == NULL) free_place = told;
  }
  if (free_place == NULL && r->told_count < TRACKS_MAX) free_place = &r->told[r->told_count++];
  if (free_place != NULL) *free_place = (struct told){track->id, track->time};
  return true;
}

static void write_track(run *r, const wf_track *track, wf_time at) {
  const char *status = status_of(r, track);
  double state[6], covariance[36];
  if (status == NULL || wf_tracker_predict(r->tracker, track->id, at, state, covariance) != WF_OK) return;
  wf_impact_area impact;
  const bool with = wf_tracker_impact(r->tracker, track->id, &impact) == WF_OK && impact.valid && impact_due(r, track);
  const wf_track_line line = {
      .time_s = wf_time_to_s(at),
      .track = track->id,
      .sensor = r->sensor[track->last_sensor].name,
      .status = status,
      .state = state,
      .covariance = covariance,
      .phase = track->phase,
      .impact = with ? &impact : NULL,
  };
  wf_track_line_print(r->out, &line);
}

static void tell_rejects(run *r) {
  for (size_t k = 0; k < r->count; k++) {
    if (r->reject[k] == WF_PLOT_OK) continue;
    const wf_plot *p = &r->scan[k];
    const bool degrees = r->reject[k] == WF_PLOT_OUT_OF_RANGE && p->kind == WF_PLOT_RADAR &&
                         (fabs(p->radar.az_rad) > 6.4 || fabs(p->radar.el_rad) > 1.6);
    wf_diag_say(&r->diag, r->file[k], r->line[k], "plot refused: %s%s",
                wf_plot_reject_name((wf_plot_reject)r->reject[k]), degrees ? " (degrees for radians?)" : "");
  }
}

static void flush_scan(run *r) {
  if (r->count == 0) return;
  const wf_time at = r->scan[0].time;
  wf_tracker_scan(r->tracker, r->scan, r->count, r->reject);
  tell_rejects(r);
  const size_t tracks = wf_tracker_count(r->tracker);
  for (size_t i = 0; i < tracks; i++) write_track(r, wf_tracker_at(r->tracker, i), at);
  r->count = 0;
}

static void take_plot(run *r, const wf_plot *plot, const wf_csv *from) {
  if (r->count > 0 && (plot->time.ns != r->scan[0].time.ns || r->count == SCAN_MAX)) flush_scan(r);
  r->line[r->count] = wf_csv_line(from);
  r->file[r->count] = wf_csv_path(from);
  r->scan[r->count++] = *plot;
}

// The two files merged by time; each in its own order.
static void read_plots(run *r) {
  wf_plot plot, line;
  bool more = wf_csv_plots_next(r->csv, &r->bound, &plot);
  bool more_lines = r->los != NULL && wf_csv_lines_next(r->los, &r->lines, &line);
  while (more || more_lines) {
    if (more && (!more_lines || !wf_time_before(line.time, plot.time))) {
      take_plot(r, &plot, r->csv);
      more = wf_csv_plots_next(r->csv, &r->bound, &plot);
    } else {
      take_plot(r, &line, r->los);
      more_lines = wf_csv_lines_next(r->los, &r->lines, &line);
    }
  }
  flush_scan(r);
}

static int open_all(run *r) {
  wf_status status;
  r->sensors = wf_csv_read_sensors(r->opt.sensors, &r->diag, r->sensor, WF_SENSOR_MAX, &status);
  if (status == WF_EIO) return WF_CLI_USAGE;
  if (r->opt.infrared != NULL)
    r->sensors = wf_csv_read_infrared(r->opt.infrared, &r->diag, r->sensor, r->sensors, WF_SENSOR_MAX, &status);
  if (status == WF_EIO) return WF_CLI_USAGE;
  const wf_tracker_config config = {.tracks_max = TRACKS_MAX,
                                    .plots_per_scan_max = SCAN_MAX,
                                    .medium = r->opt.medium,
                                    .mode = WF_MODE_TEST,
                                    .id_seed = 1};
  r->tracker = wf_tracker_new(&config);
  r->scan = calloc(SCAN_MAX, sizeof *r->scan);
  r->line = calloc(SCAN_MAX, sizeof *r->line);
  r->file = calloc(SCAN_MAX, sizeof *r->file);
  r->reject = calloc(SCAN_MAX, sizeof *r->reject);
  r->told = calloc(TRACKS_MAX, sizeof *r->told);
  if (r->tracker == NULL || r->scan == NULL || r->line == NULL || r->file == NULL || r->reject == NULL ||
      r->told == NULL) {
    fprintf(stderr, "watchfire track: out of memory\n");
    return WF_CLI_USAGE;
  }
  for (size_t i = 0; i < r->sensors; i++) {
    uint16_t index;
    if (wf_tracker_add_sensor(r->tracker, &r->sensor[i], &index) != WF_OK) return WF_CLI_USAGE;
  }
  status = wf_csv_open(r->opt.plots, &r->diag, &r->csv);
  if (status == WF_EIO) return WF_CLI_USAGE;
  if (r->opt.los != NULL) {
    if (wf_csv_open(r->opt.los, &r->diag, &r->los) == WF_EIO) return WF_CLI_USAGE;
    if (r->los != NULL && wf_csv_lines_bind(r->los, r->sensor, r->sensors, &r->lines) != WF_OK) {
      wf_csv_close(r->los);
      r->los = NULL;
    }
  }
  const bool standard = strcmp(r->opt.output, "-") == 0;
  r->out = standard ? stdout : fopen(r->opt.output, "w");
  if (r->out == NULL) return wf_cli_usage_error("track", "%s: %s", r->opt.output, strerror(errno));
  return WF_CLI_OK;
}

static void print_stats(const run *r) {
  wf_tracker_stats s;
  wf_tracker_stats_get(r->tracker, &s);
  fprintf(stderr, "plots %llu associated %llu initiated %llu confirmed %llu dropped %llu repairs %llu full %llu\n",
          (unsigned long long)s.plots, (unsigned long long)s.associated, (unsigned long long)s.initiated,
          (unsigned long long)s.confirmed, (unsigned long long)s.dropped, (unsigned long long)s.covariance_repairs,
          (unsigned long long)s.full);
}

static void close_all(run *r) {
  if (r->out != NULL && r->out != stdout) fclose(r->out);
  wf_csv_close(r->csv);
  wf_csv_close(r->los);
  wf_tracker_free(r->tracker);
  free(r->scan);
  free(r->line);
  free(r->file);
  free(r->reject);
  free(r->told);
  free(r);
}

int wf_cli_track(int argc, char **argv) {
  options opt;
  int code = parse(argc, argv, &opt);
  if (code != WF_CLI_OK) return code;
  if (opt.help) {
    fputs(HELP, stdout);
    return WF_CLI_OK;
  }
  run *r = calloc(1, sizeof *r);
  if (r == NULL) return WF_CLI_USAGE;
  r->opt = opt;
  r->diag = wf_cli_diag("track");
  code = open_all(r);
  if (code == WF_CLI_OK && r->csv != NULL &&
      wf_csv_plots_bind(r->csv, r->sensor, r->sensors, r->site, &r->bound) == WF_OK)
    read_plots(r);
  if (code == WF_CLI_OK && r->opt.stats) print_stats(r);
  if (code == WF_CLI_OK && (ferror(r->out) || fflush(r->out) != 0)) {
    fprintf(stderr, "watchfire track: %s: cannot be written\n", r->opt.output);
    code = WF_CLI_BAD_INPUT;
  }
  if (code == WF_CLI_OK && r->diag.count > 0) code = WF_CLI_BAD_INPUT;
  close_all(r);
  return code;
}
