// watchfire replay: a recording through the core again: to standard output, into a console, or compared.
#include "replay.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "cli.h"
#include "io/recording.h"

static const char HELP[] =
    "Usage: watchfire replay RECORDING [--verify] [--feed SOCKET [--speed N]]\n"
    "       watchfire replay --serve DIR --feed SOCKET\n"
    "\n"
    "Gives a node's private journal to the same core again. Without options every second of the picture, every "
    "product\n"
    "and every alarm comes out as one JSON object a line, as it was known then.\n"
    "\n"
    "  RECORDING       a .wfrec file (`journal` in node.yaml; `watchfire demo --out DIR` leaves one per nation)\n"
    "  --verify        compute everything again and compare: one JSON object; the first difference is named\n"
    "  --feed SOCKET   play it into consoles: watchfire-gateway with --feed SOCKET serves them\n"
    "  --serve DIR     with --feed: consoles (watchfire-gateway --replay SOCKET) choose among the recordings in DIR,\n"
    "                  play, pause and go to a time, until this is stopped\n"
    "  --speed N       with --feed: record time runs N times as fast as real time (default 5)\n"
    "\n"
    "Exit status: 0 done, and with --verify no difference; 1 a difference, or a damaged recording; 2 usage.\n"
    "\n"
    "Example:\n"
    "  watchfire demo --speed max --out /tmp/d && watchfire replay /tmp/d/JPN/JPN.wfrec --verify\n";

static void print(json_t *line) {
  json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
  putchar('\n');
  json_decref(line);
}

static json_t *time_json(wf_time t) {
  char text[WF_TIME_RFC3339_SIZE];
  return t.ns == 0 ? json_null() : json_string(wf_time_format(t, 3, text));
}

static void on_effect(void *context, wf_time at, const wf_effect *e) {
  if (e->kind == WF_OUT_PRODUCT && e->product != NULL)
    print(json_pack("{s:s,s:o,s:s,s:s,s:s}", "kind", "product", "time", time_json(at), "track", e->product->label,
                    "stage", wf_product_stage_name((wf_product_stage)e->product->stage), "state",
                    wf_product_state_name((wf_product_state)e->product->state)));
  const bool own = e->kind == WF_OUT_ALARM, exchange = e->kind == WF_OUT_EXCHANGE && e->exchange.kind == WF_XE_ALARM;
  if (!own && !exchange) return;
  const char *text = own ? e->text : e->exchange.text;
  print(json_pack("{s:s,s:o,s:s,s:s}", "kind", "alarm", "time", time_json(at), "alarm",
                  wf_alarm_name(own ? e->alarm : e->exchange.alarm), "text", text != NULL ? text : ""));
}

static json_t *track_json(const wf_common_track *t) {
  json_t *nations = json_array(), *impact = json_null();
  for (uint8_t i = 0; i < t->contributor_count; i++)
    json_array_append_new(nations, json_string(t->contributor[i].nation.code));
  const wf_impact_area *a = &t->impact;
  if (a->valid)
    impact = json_pack("{s:o,s:f,s:f,s:f,s:f,s:f}", "time", time_json(a->time), "lat_deg", a->area.lat_rad / WF_DEG,
                       "lon_deg", a->area.lon_rad / WF_DEG, "semi_major_95_m", a->area.semi_major_95_m,
                       "semi_minor_95_m", a->area.semi_minor_95_m, "azimuth_deg", a->area.azimuth_rad / WF_DEG);
  const double *x = t->track.state;
  return json_pack("{s:s,s:s,s:s,s:[f,f,f],s:[f,f,f],s:o,s:o}", "track", t->label, "life",
                   wf_life_name((wf_life)t->track.life), "phase", wf_phase_name((wf_phase)t->track.phase), "position_m",
                   x[0], x[1], x[2], "velocity_m_s", x[3], x[4], x[5], "contributors", nations, "impact", impact);
}

static void print_picture(wf_replay *replay) {
  const wf_node *node = wf_replay_node(replay);
  const wf_picture *picture = wf_node_picture(node);
  const size_t count = wf_picture_count(picture);
  json_t *tracks = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(tracks, track_json(wf_picture_outline_at(picture, i)));
  print(json_pack("{s:s,s:o,s:s,s:o}", "kind", "picture", "time", time_json(wf_replay_time(replay)), "nation",
                  wf_node_nation(node).code, "tracks", tracks));
}

static int play(wf_replay *replay) {
  char text[WF_JOURNAL_TEXT_SIZE];
  wf_replay_on_effect(replay, on_effect, NULL);
  for (;;) {
    switch (wf_replay_next(replay, text)) {
      case WF_REPLAY_STEPPED:
        break;
      case WF_REPLAY_STARTED:
        print(json_pack("{s:s,s:s}", "kind", "start", "text", text));
        break;
      case WF_REPLAY_MARKED:
        print_picture(replay);
        break;
      case WF_REPLAY_DIFFERENT:
        fprintf(stderr, "watchfire replay: %s\n", text);
        break;
      case WF_REPLAY_END:
        print(json_pack("{s:s,s:s}", "kind", "end", "text", text));
        return WF_CLI_OK;
      case WF_REPLAY_BAD:
        fprintf(stderr, "watchfire replay: %s\n", text);
        return WF_CLI_BAD_INPUT;
    }
  }
}

static int verify(wf_replay *replay) {
  char text[WF_JOURNAL_TEXT_SIZE], first[WF_JOURNAL_TEXT_SIZE] = "", last[WF_JOURNAL_TEXT_SIZE] = "";
  wf_replay_result result;
  do {
    result = wf_replay_next(replay, text);
    if (result == WF_REPLAY_STARTED) strcpy(last, text);
  } while (result == WF_REPLAY_STEPPED || result == WF_REPLAY_MARKED || result == WF_REPLAY_STARTED);
  if (result != WF_REPLAY_END) strcpy(first, text);
  wf_replay_stats stats;
  wf_replay_stats_get(replay, &stats);
  json_t *report =
      json_pack("{s:b,s:s,s:I,s:I,s:I,s:s?,s:s}", "identical", result == WF_REPLAY_END, "node", last, "starts",
                (json_int_t)stats.starts, "inputs", (json_int_t)stats.steps, "marks", (json_int_t)stats.marks,
                "first_difference", first[0] != '\0' ? first : NULL, "end", result == WF_REPLAY_END ? text : "");
  print(report);
  if (result == WF_REPLAY_END) return WF_CLI_OK;
  fprintf(stderr, "watchfire replay: %s\n", first);
  return WF_CLI_BAD_INPUT;
}

static int parse(int argc, char **argv, replay_options *o) {
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (strcmp(argv[i], "--verify") == 0) {
      o->verify = true;
    } else if (argv[i][0] == '-' && value == NULL) {
      return wf_cli_usage_error("replay", "unknown option or missing value: %s", argv[i]);
    } else if (strcmp(argv[i], "--feed") == 0) {
      o->feed = argv[++i];
    } else if (strcmp(argv[i], "--serve") == 0) {
      o->serve = argv[++i];
    } else if (strcmp(argv[i], "--speed") == 0) {
      char *end;
      o->speed = strtod(argv[++i], &end);
      if (*end != '\0' || !(o->speed > 0 && o->speed <= 1000))
        return wf_cli_usage_error("replay", "--speed: '%s' is not a number in 0..1000", value);
    } else if (argv[i][0] == '-') {
      return wf_cli_usage_error("replay", "unknown option: %s", argv[i]);
    } else if (o->path != NULL) {
      return wf_cli_usage_error("replay", "one recording at a time: '%s' and '%s'", o->path, argv[i]);
    } else {
      o->path = argv[i];
    }
  }
  if (o->serve != NULL && (o->path != NULL || o->verify || o->feed == NULL))
    return wf_cli_usage_error("replay", "--serve DIR goes with --feed SOCKET, and with nothing else but --speed");
  if (o->path == NULL && o->serve == NULL) return wf_cli_usage_error("replay", "which recording?");
  return o->verify && o->feed != NULL ? wf_cli_usage_error("replay", "--verify or --feed, one of them") : WF_CLI_OK;
}

int wf_cli_replay(int argc, char **argv) {
  if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
    fputs(HELP, stdout);
    return WF_CLI_OK;
  }
  replay_options options = {.speed = 5};
  const int usage = parse(argc, argv, &options);
  if (usage != WF_CLI_OK) return usage;
  if (options.serve != NULL) return wf_replay_serve(&options);
  char reason[WF_IO_REASON_SIZE];
  wf_bytes recording;
  if (wf_recording_map(options.path, &recording, reason) != WF_OK) {
    fprintf(stderr, "watchfire replay: %s\n", reason);
    return WF_CLI_USAGE;
  }
  wf_status status;
  wf_replay *replay = wf_replay_new(recording, &status);
  int code = WF_CLI_BAD_INPUT;
  if (replay == NULL)
    fprintf(stderr, "watchfire replay: %s: %s\n", options.path,
            status == WF_EFORMAT ? "is no recording, or one of another version" : wf_status_name(status));
  else
    code = options.feed != NULL ? wf_replay_into_feed(&options, replay)
           : options.verify     ? verify(replay)
                                : play(replay);
  wf_replay_free(replay);
  wf_recording_unmap(recording);
  return code;
}
