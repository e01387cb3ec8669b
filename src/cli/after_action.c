// watchfire report: an after-action report of a recording: the night once more through the same core, and what it
// showed.
#include "after_action.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "cli.h"
#include "geo/wgs84.h"
#include "io/recording.h"

// ---- Lines ---------------------------------------------------------------------------------------------------------
static report_line *add_line(report *r, wf_time at, int kind) {
  if (r->line_count == REPORT_LINES_MAX) {
    r->lines_lost++;
    return NULL;
  }
  report_line *l = &r->line[r->line_count++];
  *l = (report_line){.at = at, .kind = kind};
  return l;
}

static void keep_product(report *r, const wf_product *p) {
  size_t i = 0;
  while (i < r->product_count && r->product[i].id != p->id) i++;
  if (i == REPORT_PRODUCTS_MAX) return;
  if (i == r->product_count) r->product_count++;
  r->product[i] = *p;
}

static void on_effect(void *context, wf_time at, const wf_effect *e) {
  report *r = context;
  if (e->kind == WF_OUT_PRODUCT && e->product != NULL) {
    report_line *l = add_line(r, at, REPORT_PRODUCT);
    if (l != NULL) l->product = *e->product;
    keep_product(r, e->product);
  }
  const bool own = e->kind == WF_OUT_ALARM, exchange = e->kind == WF_OUT_EXCHANGE && e->exchange.kind == WF_XE_ALARM;
  if (!own && !exchange) return;
  report_line *l = add_line(r, at, REPORT_ALARM);
  if (l == NULL) return;
  const char *text = own ? e->text : e->exchange.text;
  l->alarm = own ? e->alarm : e->exchange.alarm;
  snprintf(l->text, sizeof l->text, "%s", text != NULL ? text : "");
}

// What people did, from the inputs themselves.
static void read_actions(report *r, wf_bytes recording) {
  static wf_release_policy policy;
  static wf_journal_input_frame input;
  wf_journal_reader reader;
  wf_journal_frame frame;
  if (wf_journal_read_begin(recording, &reader) != WF_OK) return;
  while (wf_journal_read(&reader, &frame) == WF_OK) {
    if (frame.kind != WF_JOURNAL_INPUT || wf_journal_decode_input(frame.payload, &policy, &input) != WF_OK ||
        input.input.kind != WF_IN_ACTION)
      continue;
    report_line *l = add_line(r, input.now.wall, REPORT_ACTION);
    if (l != NULL) l->action = input.action;
  }
}

static int by_time(const void *a, const void *b) {
  const report_line *x = a, *y = b;
  return x->at.ns < y->at.ns ? -1 : x->at.ns > y->at.ns;
}

// ---- Samples -------------------------------------------------------------------------------------------------------
static report_event *event_of(report *r, const wf_value_event *value) {
  for (size_t i = 0; i < r->event_count; i++)
    if (r->event[i].value.event == value->event) return &r->event[i];
  if (r->event_count == REPORT_EVENTS_MAX) return NULL;
  report_event *e = &r->event[r->event_count];
  *e = (report_event){.every = 1, .sample = calloc(REPORT_SAMPLES_MAX, sizeof *e->sample)};
  if (e->sample == NULL) return NULL;
  r->event_count++;
  return e;
}

// Every other one goes when they are too many: a long flight is shown more coarsely.
static void thin(report_event *e) {
  for (size_t i = 0; 2 * i < e->sample_count; i++) e->sample[i] = e->sample[2 * i];
  e->sample_count = (e->sample_count + 1) / 2;
  e->every *= 2;
}

static float size_of(const wf_value_entry *v) {
  return v->latest.valid ? (float)v->latest.area.semi_major_95_m : 0;
}

static void place_of(const wf_node *node, uint64_t event, report_sample *s) {
  const wf_common_track *tracks[256];
  const size_t count = wf_node_national(node, tracks, 256);
  s->height_m = -2e6f;
  for (size_t i = 0; i < count; i++) {
    if (tracks[i]->event != event || tracks[i]->track.life == WF_LIFE_ENDED) continue;
    wf_lla at;
    wf_geo_lla_from_ecef(tracks[i]->track.state, &at);
    s->lat_deg = (float)(at.lat_rad / WF_DEG);
    s->lon_deg = (float)(at.lon_rad / WF_DEG);
    s->height_m = (float)at.h_m;
    return;
  }
}

static void sample(report *r, const wf_node *node, wf_time now) {
  const wf_value_event *values[WF_VALUE_EVENTS_MAX];
  const size_t count = wf_node_value(node, values, WF_VALUE_EVENTS_MAX);
  for (size_t i = 0; i < count; i++) {
    report_event *e = event_of(r, values[i]);
    if (e == NULL) continue;
    e->value = *values[i];
    if (e->sample_count > 0 && wf_time_diff_s(now, e->sample[e->sample_count - 1].at) < e->every - 0.5) continue;
    if (e->sample_count == REPORT_SAMPLES_MAX) thin(e);
    report_sample *s = &e->sample[e->sample_count++];
    *s = (report_sample){.at = now, .shared_m = size_of(&values[i]->shared), .shared = values[i]->shared.latest};
    for (uint8_t n = 0; n < values[i]->nation_count; n++) s->alone_m[n] = size_of(&values[i]->nation[n].alone);
    place_of(node, values[i]->event, s);
  }
}

// ---- The replay ----------------------------------------------------------------------------------------------------
static void started(report *r, wf_replay *replay, const char *text) {
  const wf_node *node = wf_replay_node(replay);
  r->nation = wf_node_nation(node);
  r->mode = wf_node_mode(node);
  snprintf(r->version, sizeof r->version, "%.63s", text);
}

static void play(report *r, wf_replay *replay) {
  char text[WF_JOURNAL_TEXT_SIZE];
  bool begun = false;
  r->identical = true;
  wf_replay_on_effect(replay, on_effect, r);
  for (;;) {
    const wf_replay_result result = wf_replay_next(replay, text);
    const wf_time now = wf_replay_time(replay);
    if (result == WF_REPLAY_STARTED) started(r, replay, text);
    if (result == WF_REPLAY_STARTED) begun = false;
    if (result == WF_REPLAY_STEPPED && !begun && now.ns != 0) {
      report_line *l = add_line(r, now, REPORT_START);
      if (l != NULL) snprintf(l->text, sizeof l->text, "%s", r->version);
      if (r->from.ns == 0) r->from = now;
      begun = true;
    }
    if (result == WF_REPLAY_MARKED) sample(r, wf_replay_node(replay), now);
    if (result == WF_REPLAY_DIFFERENT && r->identical) {
      r->identical = false;
      snprintf(r->difference, sizeof r->difference, "%s", text);
    }
    if (now.ns != 0) r->until = now;
    if (result != WF_REPLAY_END && result != WF_REPLAY_BAD) continue;
    snprintf(r->end, sizeof r->end, "%s", text);
    if (result == WF_REPLAY_BAD) r->identical = false;
    return;
  }
}

static int write_file(const report *r, const char *path) {
  FILE *to = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
  if (to != NULL) report_write(r, to);
  const bool ok = to != NULL && fflush(to) == 0 && (to == stdout || fclose(to) == 0);
  if (!ok) fprintf(stderr, "watchfire report: %s: %s\n", path, strerror(errno));
  return ok ? r->identical ? WF_CLI_OK : WF_CLI_BAD_INPUT : WF_CLI_USAGE;
}

static int run(const char *path, const char *out, const char *language) {
  static report r;
  wf_bytes recording;
  wf_status status;
  char reason[WF_IO_REASON_SIZE];
  if (wf_recording_map(path, &recording, reason) != WF_OK) return wf_cli_usage_error("report", "%s", reason);
  const char *slash = strrchr(path, '/');
  r = (report){.name = slash != NULL ? slash + 1 : path, .language = language};
  r.line = calloc(REPORT_LINES_MAX, sizeof *r.line);
  wf_replay *replay = r.line != NULL ? wf_replay_new(recording, &status) : NULL;
  int code = WF_CLI_USAGE;
  if (replay == NULL) {
    fprintf(stderr, "watchfire report: %s: is no recording, or one of another version\n", path);
  } else {
    play(&r, replay);
    read_actions(&r, recording);
    qsort(r.line, r.line_count, sizeof *r.line, by_time);
    r.node = wf_replay_node(replay);
    code = write_file(&r, out);
    if (!r.identical) fprintf(stderr, "watchfire report: %s\n", r.difference[0] ? r.difference : r.end);
  }
  wf_replay_free(replay);
  for (size_t i = 0; i < r.event_count; i++) free(r.event[i].sample);
  free(r.line);
  wf_recording_unmap(recording);
  return code;
}

int wf_cli_after_action(int argc, char **argv) {
  static const struct option LONG[] = {{"output", 1, NULL, 'o'}, {"lang", 1, NULL, 'l'}, {0}};
  const char *out = NULL, *language = "en";
  for (int letter; (letter = getopt_long(argc, argv, "o:", LONG, NULL)) != -1;) {
    if (letter == 'o')
      out = optarg;
    else if (letter == 'l')
      language = optarg;
    else
      return wf_cli_usage_error("report", "see above");
  }
  if (optind != argc - 1) return wf_cli_usage_error("report", "one RECORDING is needed");
  if (out == NULL) return wf_cli_usage_error("report", "-o FILE is needed");
  if (!report_language(language)) return wf_cli_usage_error("report", "--lang '%s' is none of en, ja, ko", language);
  return run(argv[optind], out, language);
}
