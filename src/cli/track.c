// watchfire track: plots from files through one tracker, as fast as it goes; one line per track at every scan time.
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "release/policy.h"
#include "track_run.h"
#include "track_tdm.h"

static const char HELP[] =
    "Usage: watchfire track --sensors SENSORS.csv [OPTION…] PLOTS.csv|MESSAGE.tdm\n"
    "\n"
    "Tracks all sensors' plots as one nation and writes one JSON line per confirmed track at every scan time.\n"
    "\n"
    "  --sensors FILE        sensors (required); '-' is stdin\n"
    "  -o, --output FILE     where the lines go (default: standard output)\n"
    "  --medium M            atmosphere (default) or vacuum\n"
    "  --impact-every S      seconds between impact areas of a track (default 10; 0 = at every line)\n"
    "  --infrared FILE       infrared satellites, as `watchfire simulate` writes them; with --los\n"
    "  --los FILE            their lines of sight, taken in order of time with the plots\n"
    "  --lag S               hold each line for S seconds and revise it by what came since (own sensors)\n"
    "  --common              each sensor as its own nation: own tracks, contributions, one common picture\n"
    "  --delay S             with --common: contributions arrive S seconds late (default 0)\n"
    "  --guard LEVEL         with --common: what the covariance guard does to contributions: off (default), light,\n"
    "                        medium, full, on (= full), or the metres a statement errs by\n"
    "  --tdm-round-trip      RANGE of a TDM is the whole path of the signal, there and back\n"
    "  --tentative           tentative tracks too\n"
    "  --lost                lost tracks too, until their flight is over\n"
    "  --stats               counts at the end, on stderr\n"
    "  --help                this text\n"
    "\n"
    "Exit status: 0 done; 1 done, but some input was bad (each place named); 2 usage.\n"
    "\n"
    "Example:\n"
    "  watchfire track --sensors sensors.csv --medium vacuum plots.csv -o tracks.jsonl\n";

static bool parse_seconds(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  return *text != '\0' && *end == '\0' && isfinite(*out) && *out >= 0.0;
}

// A number of metres is a level of its own, without hold.
static bool parse_guard(const char *text, wf_track_options *opt) {
  opt->guard_hold_s = 0.0;
  return wf_release_guard_level(strcmp(text, "on") == 0 ? "full" : text, &opt->guard_sigma_m, &opt->guard_hold_s) ||
         parse_seconds(text, &opt->guard_sigma_m);
}

static int parse(int argc, char **argv, wf_track_options *opt) {
  static const struct option longs[] = {
      {"sensors", required_argument, NULL, 's'},  {"output", required_argument, NULL, 'o'},
      {"medium", required_argument, NULL, 'm'},   {"impact-every", required_argument, NULL, 'i'},
      {"infrared", required_argument, NULL, 'I'}, {"los", required_argument, NULL, 'L'},
      {"tentative", no_argument, NULL, 't'},      {"lost", no_argument, NULL, 'l'},
      {"lag", required_argument, NULL, 'g'},      {"common", no_argument, NULL, 'c'},
      {"delay", required_argument, NULL, 'd'},    {"guard", required_argument, NULL, 'G'},
      {"stats", no_argument, NULL, 'S'},          {"tdm-round-trip", no_argument, NULL, 'R'},
      {"help", no_argument, NULL, 'h'},           {0},
  };
  *opt = (wf_track_options){.output = "-", .impact_every_s = 10.0};
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
      case 'R':
        opt->round_trip = true;
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
      case 'c':
        opt->common = true;
        break;
      case 'g':
        if (!parse_seconds(optarg, &opt->lag_s))
          return wf_cli_usage_error("track", "--lag '%s' is no number of seconds", optarg);
        break;
      case 'd':
        if (!parse_seconds(optarg, &opt->delay_s))
          return wf_cli_usage_error("track", "--delay '%s' is no number of seconds", optarg);
        break;
      case 'G':
        if (!parse_guard(optarg, opt))
          return wf_cli_usage_error("track", "--guard '%s' is not off, light, medium, full, on or metres", optarg);
        break;
      default:
        return wf_cli_usage_error("track", "unknown option or missing value");
    }
  if (opt->sensors == NULL) return wf_cli_usage_error("track", "--sensors is needed");
  if ((opt->infrared == NULL) != (opt->los == NULL))
    return wf_cli_usage_error("track", "--infrared and --los go together");
  if (opt->common && opt->lag_s > 0.0) return wf_cli_usage_error("track", "--lag is for own sensors, not --common");
  if (optind != argc - 1) return wf_cli_usage_error("track", "exactly one plots file is needed");
  opt->plots = argv[optind];
  return WF_CLI_OK;
}

const char *wf_track_status(const wf_track_options *opt, uint8_t life) {
  switch (life) {
    case WF_LIFE_CONFIRMED:
      return "confirmed";
    case WF_LIFE_COASTING:
      return "coasting";
    case WF_LIFE_TENTATIVE:
      return opt->tentative ? "tentative" : NULL;
    case WF_LIFE_LOST:
      return opt->lost ? "lost" : NULL;
    default:
      return NULL;
  }
}

bool wf_impact_due(wf_impact_clock *clock, uint64_t track, wf_time at, double every_s) {
  size_t oldest = 0;
  for (size_t i = 0; i < clock->count; i++) {
    struct wf_impact_told *told = &clock->told[i];
    if (told->track == track) {
      if (wf_time_diff_s(at, told->at) < every_s - 1e-6) return false;
      told->at = at;
      return true;
    }
    if (wf_time_before(told->at, clock->told[oldest].at)) oldest = i;
  }
  if (clock->count < WF_TRACKS_MAX) oldest = clock->count++;
  clock->told[oldest] = (struct wf_impact_told){track, at};
  return true;
}

typedef struct input {
  wf_csv *csv, *los;
  wf_csv_plots bound;
  wf_csv_lines lines;
  wf_track_tdm tdm;
  const char *path;  // of the plots, and the line of the last one
  unsigned long line;
} input;

static void tell_rejects(wf_track_run *r) {
  for (size_t k = 0; k < r->count; k++) {
    if (r->reject[k] == WF_PLOT_OK) continue;
    wf_diag_say(&r->diag, r->file[k], r->line[k], "plot refused: %s",
                wf_plot_reject_name((wf_plot_reject)r->reject[k]));
  }
}

static void flush_scan(wf_track_run *r, const wf_track_way *way, void *state) {
  if (r->count == 0) return;
  way->scan(state, r);
  tell_rejects(r);
  r->count = 0;
}

static void take_plot(wf_track_run *r, const wf_track_way *way, void *state, const wf_plot *plot, const char *file,
                      unsigned long line) {
  if (r->count > 0 && (plot->time.ns != r->scan[0].time.ns || r->count == WF_SCAN_MAX)) flush_scan(r, way, state);
  r->line[r->count] = line;
  r->file[r->count] = file;
  r->scan[r->count++] = *plot;
}

static bool next_plot(input *in, wf_plot *plot) {
  if (in->tdm.plot != NULL) {
    if (in->tdm.at == in->tdm.count) return false;
    *plot = in->tdm.plot[in->tdm.at].plot;
    in->line = in->tdm.plot[in->tdm.at++].line;
    return true;
  }
  if (in->csv == NULL || !wf_csv_plots_next(in->csv, &in->bound, plot)) return false;
  in->path = wf_csv_path(in->csv);
  in->line = wf_csv_line(in->csv);
  return true;
}

// The two files merged by time; each in its own order.
static void track_all(wf_track_run *r, input *in, const wf_track_way *way, void *state) {
  wf_plot plot, line;
  bool more = next_plot(in, &plot);
  bool more_lines = in->los != NULL && wf_csv_lines_next(in->los, &in->lines, &line);
  while (more || more_lines) {
    if (more && (!more_lines || !wf_time_before(line.time, plot.time))) {
      take_plot(r, way, state, &plot, in->path, in->line);
      more = next_plot(in, &plot);
    } else {
      take_plot(r, way, state, &line, wf_csv_path(in->los), wf_csv_line(in->los));
      more_lines = wf_csv_lines_next(in->los, &in->lines, &line);
    }
  }
  flush_scan(r, way, state);
  way->finish(state, r);
}

// A file that cannot be opened is a usage error; one with a column missing has nothing to read, and is told.
static int open_input(wf_track_run *r, input *in) {
  wf_status status;
  r->sensors = wf_csv_read_sensors(r->opt.sensors, &r->diag, r->sensor, WF_SENSOR_MAX, &status);
  if (status == WF_EIO) return WF_CLI_USAGE;
  if (r->opt.infrared != NULL)
    r->sensors = wf_csv_read_infrared(r->opt.infrared, &r->diag, r->sensor, r->sensors, WF_SENSOR_MAX, &status);
  if (status == WF_EIO) return WF_CLI_USAGE;
  in->path = r->opt.plots;
  status = wf_track_tdm_open(r, r->opt.plots, r->opt.round_trip, &in->tdm);
  if (status == WF_ENOTFOUND) status = wf_csv_open(r->opt.plots, &r->diag, &in->csv);
  if (status == WF_EIO || status == WF_ENOMEM) return WF_CLI_USAGE;
  if (r->opt.los != NULL && wf_csv_open(r->opt.los, &r->diag, &in->los) == WF_EIO) return WF_CLI_USAGE;
  if (in->csv != NULL && wf_csv_plots_bind(in->csv, r->sensor, r->sensors, r->site, &in->bound) != WF_OK) {
    wf_csv_close(in->csv);
    in->csv = NULL;
  }
  if (in->los != NULL && wf_csv_lines_bind(in->los, r->sensor, r->sensors, &in->lines) != WF_OK) {
    wf_csv_close(in->los);
    in->los = NULL;
  }
  return WF_CLI_OK;
}

static bool take_memory(wf_track_run *r) {
  r->scan = calloc(WF_SCAN_MAX, sizeof *r->scan);
  r->line = calloc(WF_SCAN_MAX, sizeof *r->line);
  r->file = calloc(WF_SCAN_MAX, sizeof *r->file);
  r->reject = calloc(WF_SCAN_MAX, sizeof *r->reject);
  r->impacts.told = calloc(WF_TRACKS_MAX, sizeof *r->impacts.told);
  return r->scan != NULL && r->line != NULL && r->file != NULL && r->reject != NULL && r->impacts.told != NULL;
}

static void print_stats(const wf_track_way *way, const void *state) {
  wf_tracker_stats s;
  way->stats(state, &s);
  fprintf(stderr, "plots %llu associated %llu initiated %llu confirmed %llu dropped %llu repairs %llu full %llu\n",
          (unsigned long long)s.plots, (unsigned long long)s.associated, (unsigned long long)s.initiated,
          (unsigned long long)s.confirmed, (unsigned long long)s.dropped, (unsigned long long)s.covariance_repairs,
          (unsigned long long)s.full);
}

static int run(wf_track_run *r, input *in) {
  const wf_track_way *way = r->opt.common ? &WF_TRACK_COMMON : &WF_TRACK_OWN;
  const int code = open_input(r, in);
  if (code != WF_CLI_OK) return code;
  void *state = take_memory(r) ? way->open(r) : NULL;
  if (state == NULL) {
    fprintf(stderr, "watchfire track: out of memory\n");
    return WF_CLI_USAGE;
  }
  track_all(r, in, way, state);
  if (r->opt.stats) print_stats(way, state);
  way->close(state);
  if (ferror(r->out) || fflush(r->out) != 0) {
    fprintf(stderr, "watchfire track: %s: cannot be written\n", r->opt.output);
    return WF_CLI_BAD_INPUT;
  }
  return r->diag.count > 0 ? WF_CLI_BAD_INPUT : WF_CLI_OK;
}

int wf_cli_track(int argc, char **argv) {
  wf_track_options opt;
  int code = parse(argc, argv, &opt);
  if (code != WF_CLI_OK) return code;
  if (opt.help) {
    fputs(HELP, stdout);
    return WF_CLI_OK;
  }
  wf_track_run *r = calloc(1, sizeof *r);
  if (r == NULL) return WF_CLI_USAGE;
  input in = {0};
  r->opt = opt;
  r->diag = wf_cli_diag("track");
  r->out = strcmp(opt.output, "-") == 0 ? stdout : fopen(opt.output, "w");
  code = r->out != NULL ? run(r, &in) : wf_cli_usage_error("track", "%s: %s", opt.output, strerror(errno));
  if (r->out != NULL && r->out != stdout) fclose(r->out);
  wf_csv_close(in.csv);
  wf_csv_close(in.los);
  free(in.tdm.plot);
  free(r->scan);
  free(r->line);
  free(r->file);
  free(r->reject);
  free(r->impacts.told);
  free(r);
  return code;
}
