// watchfire score: tracks against the truth, as one JSON report.
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "diag.h"
#include "score/report.h"

#define NAME "score"
#define CUTOFF_M 10000.0

static const char HELP[] =
    "Usage: watchfire score --truth TRUTH.csv [OPTION…] TRACKS.jsonl\n"
    "Measures tracks against the truth and prints one JSON report. '-' is standard input.\n\n"
    "  --truth FILE      where the objects were (required)\n"
    "  --impacts FILE    where they came down: adds the errors of the tracks' impact areas\n"
    "  --plots FILE --labels FILE --sensors FILE   (all three) what the sensors reported, and of whom: adds the\n"
    "                    theoretical bound and efficiencies, and judges each track against the object whose plots it\n"
    "                    follows instead of against the nearest one\n"
    "  --cutoff M        cut-off of GOSPA and OSPA, and the distance within which a track can stand for an object\n"
    "                    (default: 10000 m)\n"
    "  --from-age S      RMSE, NEES and efficiency only of objects in view for at least S seconds (default: 0)\n"
    "  --beside FILE         the tracks another participant reported: adds how much the two pictures are one\n"
    "  --per-scan        the figures of every scan and object too, and who stood for whom\n"
    "  --help            this text\n\n"
    "Exit status: 0 done; 1 done, but some input was bad (each place named); 2 usage.\n\n"
    "Example:\n"
    "  watchfire track --sensors sensors.csv --medium vacuum plots.csv -o tracks.jsonl\n"
    "  watchfire score --truth truth.csv --impacts impacts.csv --plots plots.csv --labels plots_labels.csv \\\n"
    "      --sensors sensors.csv tracks.jsonl\n";

typedef struct options {
  const char *truth, *impacts, *plots, *labels, *sensors, *beside, *tracks;
  double cutoff_m, from_age_s;
  bool per_scan, help;
} options;

static bool parse_number(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  return *text != '\0' && *end == '\0' && isfinite(*out) && *out >= 0.0;
}

static int check(const options *o) {
  const char *const files[] = {o->truth, o->impacts, o->plots, o->labels, o->sensors, o->tracks};
  int standard = 0;
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    standard += files[i] != NULL && strcmp(files[i], "-") == 0;
  const int plots = (o->plots != NULL) + (o->labels != NULL) + (o->sensors != NULL);
  if (o->truth == NULL) return wf_cli_usage_error(NAME, "--truth is needed");
  if (plots != 0 && plots != 3) return wf_cli_usage_error(NAME, "--plots, --labels and --sensors go together");
  if (standard > 1) return wf_cli_usage_error(NAME, "only one file can be standard input");
  return WF_CLI_OK;
}

static int parse(int argc, char **argv, options *o) {
  static const struct option longs[] = {{"truth", required_argument, NULL, 't'},
                                        {"impacts", required_argument, NULL, 'i'},
                                        {"plots", required_argument, NULL, 'p'},
                                        {"labels", required_argument, NULL, 'l'},
                                        {"sensors", required_argument, NULL, 's'},
                                        {"cutoff", required_argument, NULL, 'c'},
                                        {"from-age", required_argument, NULL, 'a'},
                                        {"per-scan", no_argument, NULL, 'n'},
                                        {"beside", required_argument, NULL, 'b'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};
  *o = (options){.cutoff_m = CUTOFF_M};
  const char **const file['t' + 1] = {['t'] = &o->truth,  ['i'] = &o->impacts, ['p'] = &o->plots,
                                      ['l'] = &o->labels, ['s'] = &o->sensors, ['b'] = &o->beside};
  optind = 1;
  opterr = 0;
  for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
    if (c == 'h') {
      o->help = true;
      return WF_CLI_OK;
    } else if (c == 'n') {
      o->per_scan = true;
    } else if (c == 'c') {
      if (!parse_number(optarg, &o->cutoff_m) || !(o->cutoff_m > 0.0))
        return wf_cli_usage_error(NAME, "--cutoff: '%s' is not metres above 0", optarg);
    } else if (c == 'a') {
      if (!parse_number(optarg, &o->from_age_s))
        return wf_cli_usage_error(NAME, "--from-age: '%s' is not seconds", optarg);
    } else if (c == '?') {
      return wf_cli_usage_error(NAME, "'%s' is not an option, or lacks its value", argv[optind - 1]);
    } else {
      *file[c] = optarg;
    }
  }
  if (optind + 1 != argc) return wf_cli_usage_error(NAME, "exactly one TRACKS.jsonl is wanted");
  o->tracks = argv[optind];
  return check(o);
}

// Everything a run holds; each part is freed whether or not it was filled.
typedef struct run {
  options opt;
  wf_diag diag;
  wf_csv_truth *truth;
  wf_csv_impact *impact;
  size_t truths, impacts;
  wf_score_tracks tracks;
  wf_score_plots plots;
  bool has_impacts, has_plots;
  wf_score_scene scene;
  wf_score_matches matches;
  wf_score_siap_run siap;
  wf_score_nearest nearest;
  wf_score_identity identity, assigned;
  wf_score_bounds bounds;
  wf_score_errors errors, assignment_errors;
  wf_score_starts starts;
  wf_score_impacts impact_errors;
  wf_score_tracks beside;
  wf_score_common common;
} run;

// How a file's failure ends the run: not there is the caller's mistake, a missing column is bad input.
static int code_of(wf_status status) {
  if (status == WF_ENOMEM) fputs("watchfire score: out of memory\n", stderr);
  return status == WF_OK ? WF_CLI_OK : status == WF_EFORMAT ? WF_CLI_BAD_INPUT : WF_CLI_USAGE;
}

// Truth and tracks must be there; without a column the others are only left out.
static int read_all(run *r) {
  const options *o = &r->opt;
  wf_status status = wf_csv_read_truth(o->truth, &r->diag, &r->truth, &r->truths);
  if (status == WF_OK) status = wf_score_tracks_read(o->tracks, &r->diag, &r->tracks);
  if (status == WF_OK) status = wf_score_scene_build(r->truth, r->truths, o->truth, &r->tracks, &r->diag, &r->scene);
  if (status == WF_OK && o->beside != NULL) status = wf_score_tracks_read(o->beside, &r->diag, &r->beside);
  if (status == WF_OK && o->impacts != NULL) {
    status = wf_csv_read_impacts(o->impacts, &r->diag, &r->impact, &r->impacts);
    r->has_impacts = status == WF_OK;
    if (status == WF_EFORMAT) status = WF_OK;
  }
  if (status == WF_OK && o->plots != NULL) {
    status = wf_score_plots_read(o->sensors, o->plots, o->labels, &r->scene, &r->diag, &r->plots);
    r->has_plots = status == WF_OK;
    if (status == WF_EFORMAT) status = WF_OK;
  }
  return code_of(status);
}

static wf_status measure_labels(run *r) {
  wf_status status = wf_score_identity_by_label(&r->scene, &r->plots, &r->identity);
  if (status == WF_OK) status = wf_score_bounds_compute(&r->scene, &r->plots, r->opt.plots, &r->diag, &r->bounds);
  if (status == WF_OK) status = wf_score_starts_compute(&r->scene, &r->plots, &r->identity, &r->starts);
  return status;
}

static wf_status measure(run *r) {
  const wf_score_scene *scene = &r->scene;
  wf_status status = wf_score_match(scene, r->opt.cutoff_m, &r->matches);
  if (status == WF_OK) status = wf_score_siap_compute(scene, &r->matches, &r->siap);
  if (status == WF_OK) status = wf_score_nearest_compute(scene, &r->matches, &r->nearest);
  if (status == WF_OK)
    status = r->has_plots ? measure_labels(r) : wf_score_identity_nearest(scene, &r->matches, &r->identity);
  if (status == WF_OK) status = wf_score_identity_assigned(scene, &r->matches, &r->assigned);
  const wf_score_bounds *bounds = r->has_plots ? &r->bounds : NULL;
  if (status == WF_OK)
    status = wf_score_errors_compute(scene, r->identity.target, bounds, r->opt.from_age_s, &r->errors);
  if (status == WF_OK)
    status = wf_score_errors_compute(scene, r->assigned.target, bounds, r->opt.from_age_s, &r->assignment_errors);
  if (status == WF_OK && r->opt.beside != NULL) status = wf_score_common_compute(&r->tracks, &r->beside, &r->common);
  if (status == WF_OK && r->has_impacts)
    status = wf_score_impacts_compute(scene, &r->identity, bounds, r->impact, r->impacts, &r->impact_errors);
  return status;
}

static int print_report(const run *r) {
  const wf_score_result result = {
      .scene = &r->scene,
      .matches = &r->matches,
      .siap = &r->siap,
      .nearest = &r->nearest,
      .identity = &r->identity,
      .errors = &r->errors,
      .assignment_errors = &r->assignment_errors,
      .bounds = r->has_plots ? &r->bounds : NULL,
      .starts = r->has_plots ? &r->starts : NULL,
      .impacts = r->has_impacts ? &r->impact_errors : NULL,
      .common = r->opt.beside != NULL ? &r->common : NULL,
      .from_age_s = r->opt.from_age_s,
      .per_scan = r->opt.per_scan,
  };
  json_t *report = wf_score_report(&result);
  if (report == NULL) return code_of(WF_ENOMEM);
  const int failed = json_dumpf(report, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
  json_decref(report);
  fputc('\n', stdout);
  if (failed == 0 && fflush(stdout) == 0) return WF_CLI_OK;
  fputs("watchfire score: standard output cannot be written\n", stderr);
  return WF_CLI_BAD_INPUT;
}

static void free_all(run *r) {
  wf_score_impacts_free(&r->impact_errors);
  wf_score_errors_free(&r->assignment_errors);
  wf_score_errors_free(&r->errors);
  wf_score_bounds_free(&r->bounds);
  wf_score_identity_free(&r->assigned);
  wf_score_identity_free(&r->identity);
  wf_score_siap_free(&r->siap);
  wf_score_matches_free(&r->matches);
  wf_score_scene_free(&r->scene);
  wf_score_plots_free(&r->plots);
  wf_score_tracks_free(&r->beside);
  wf_score_tracks_free(&r->tracks);
  free(r->truth);
  free(r->impact);
  free(r);
}

int wf_cli_score(int argc, char **argv) {
  options opt;
  int code = parse(argc, argv, &opt);
  if (code != WF_CLI_OK) return code;
  if (opt.help) {
    fputs(HELP, stdout);
    return WF_CLI_OK;
  }
  run *r = calloc(1, sizeof *r);
  if (r == NULL) return code_of(WF_ENOMEM);
  r->opt = opt;
  r->diag = wf_cli_diag(NAME);
  code = read_all(r);
  if (code == WF_CLI_OK) code = code_of(measure(r));
  if (code == WF_CLI_OK) code = print_report(r);
  if (code == WF_CLI_OK && r->diag.count > 0) code = WF_CLI_BAD_INPUT;
  free_all(r);
  return code;
}
