// A player of recordings for consoles: whoever is joined to its socket lists a folder's recordings, opens one, plays,
// pauses, goes to a time. One recording at a time; all who look see the same. What comes out takes the live path: the
// same core, the same feed, with the mode "replay".
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv.h>

#include "cli.h"
#include "io/feed.h"
#include "io/recording.h"
#include "replay.h"

enum { TURN_MS = 20, WORK_MS = 15, LOOK_AGAIN_MS = 2000, RECORDINGS_MAX = 200, MOMENTS_MAX = 200 };

typedef struct moment {
  wf_time at;
  const char *kind;
  char text[80];
} moment;

typedef struct player {
  const replay_options *options;
  uv_loop_t loop;
  uv_timer_t turn, look;
  uv_signal_t stop;
  wf_feed *feed;
  json_t *recordings;
  // of the one that is open
  char name[128];  // empty: none
  wf_bytes bytes;
  wf_replay *replay;
  wf_nation nation;
  wf_mode mode;
  wf_time from, until, goal;  // goal: on the way there; ns 0: not
  bool playing, ended, identical;
  double speed;
  wf_time began;  // record time when it last began to play, and the loop's time then
  uint64_t began_ms;
  moment moments[MOMENTS_MAX];
  size_t moment_count;
} player;

// ---- What consoles see ---------------------------------------------------------------------------------------------
static json_t *time_json(wf_time t, int digits) {
  char text[WF_TIME_RFC3339_SIZE];
  return json_string(wf_time_format(t, digits, text));
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_recording(const char *name) {
  const size_t size = strlen(name), suffix = strlen(WF_RECORDING_SUFFIX);
  return name[0] != '.' && size > suffix && size < 120 && strcmp(name + size - suffix, WF_RECORDING_SUFFIX) == 0;
}

static void look_again(uv_timer_t *timer) {
  player *p = timer->data;
  char *names[RECORDINGS_MAX];
  size_t count = 0;
  DIR *dir = opendir(p->options->serve);
  for (const struct dirent *e; dir != NULL && count < RECORDINGS_MAX && (e = readdir(dir)) != NULL;)
    if (is_recording(e->d_name)) names[count++] = strdup(e->d_name);
  if (dir != NULL) closedir(dir);
  qsort(names, count, sizeof names[0], by_name);
  json_decref(p->recordings);
  p->recordings = json_array();
  for (size_t i = 0; i < count; i++) {
    char path[1200];
    struct stat s;
    snprintf(path, sizeof path, "%s/%s", p->options->serve, names[i]);
    if (lstat(path, &s) == 0 && S_ISREG(s.st_mode))
      json_array_append_new(p->recordings, json_pack("{s:s,s:I,s:o}", "name", names[i], "bytes", (json_int_t)s.st_size,
                                                     "modified", time_json((wf_time){s.st_mtime * WF_NS_PER_S}, 0)));
    free(names[i]);
  }
}

static wf_time position(const player *p) {
  const wf_time at = p->replay != NULL ? wf_replay_time(p->replay) : (wf_time){0};
  return wf_time_before(at, p->from) ? p->from : at;
}

static json_t *replay_json(const player *p) {
  if (p->name[0] == '\0') return json_null();
  json_t *moments = json_array();
  for (size_t i = 0; i < p->moment_count; i++)
    json_array_append_new(moments, json_pack("{s:o,s:s,s:s}", "at", time_json(p->moments[i].at, 3), "kind",
                                             p->moments[i].kind, "text", p->moments[i].text));
  return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:b,s:f,s:b,s:b,s:b,s:o}", "recording", p->name, "nation", p->nation.code,
                   "recorded_mode", wf_mode_name(p->mode), "from", time_json(p->from, 3), "until",
                   time_json(p->until, 3), "position", time_json(position(p), 3), "playing", (int)p->playing, "speed",
                   p->speed, "busy", (int)(p->goal.ns != 0), "ended", (int)p->ended, "identical", (int)p->identical,
                   "moments", moments);
}

static json_t *extra(void *context) {
  player *p = context;
  return json_pack("{s:O,s:o}", "recordings", p->recordings, "replay", replay_json(p));
}

static wf_time now(void *context) {
  return position(context);
}

static json_t *count(void *context) {
  return json_pack("{s:b}", "replay", 1);
}

static void note(player *p, wf_time at, const char *kind, const char *text) {
  if (p->moment_count == MOMENTS_MAX) return;
  if (p->moment_count > 0 && !wf_time_before(p->moments[p->moment_count - 1].at, at)) {
    for (size_t i = 0; i < p->moment_count; i++)  // seen before: the recording was gone back in
      if (p->moments[i].at.ns == at.ns && strncmp(p->moments[i].text, text, sizeof p->moments[i].text - 1) == 0) return;
    if (wf_time_before(at, p->moments[p->moment_count - 1].at)) return;
  }
  moment *m = &p->moments[p->moment_count++];
  *m = (moment){.at = at, .kind = kind};
  snprintf(m->text, sizeof m->text, "%s", text);
}

static void on_effect(void *context, wf_time at, const wf_effect *e) {
  player *p = context;
  char text[80];
  if (e->kind == WF_OUT_PRODUCT && e->product != NULL) {
    snprintf(text, sizeof text, "%s %s %s", e->product->label,
             wf_product_stage_name((wf_product_stage)e->product->stage),
             wf_product_state_name((wf_product_state)e->product->state));
    note(p, at, "product", text);
  }
  const bool own = e->kind == WF_OUT_ALARM, exchange = e->kind == WF_OUT_EXCHANGE && e->exchange.kind == WF_XE_ALARM;
  if (!own && !exchange) return;
  const char *said = own ? e->text : e->exchange.text;
  wf_feed_alarm(p->feed, own ? e->alarm : e->exchange.alarm, e->exchange.nation, said);
  note(p, at, "alarm", said != NULL ? said : "");
}

// ---- Opening and going ---------------------------------------------------------------------------------------------
static void close_recording(player *p) {
  wf_feed_show(p->feed, NULL, 0);
  wf_replay_free(p->replay);
  if (p->bytes.data != NULL) wf_recording_unmap(p->bytes);
  p->replay = NULL;
  p->bytes = (wf_bytes){0};
  p->name[0] = '\0';
  p->moment_count = 0;
  p->goal.ns = 0;
  p->playing = p->ended = false;
}

// From when to when: by its marks, once a second of record time. A recording that is still being written ends where it
// was when it was opened.
static bool measure(player *p) {
  wf_journal_reader reader;
  wf_journal_frame frame;
  wf_journal_mark mark;
  p->from = p->until = (wf_time){0};
  if (wf_journal_read_begin(p->bytes, &reader) != WF_OK) return false;
  while (wf_journal_read(&reader, &frame) == WF_OK) {
    if (frame.kind != WF_JOURNAL_MARK || wf_journal_decode_mark(frame.payload, &mark) != WF_OK) continue;
    if (p->from.ns == 0) p->from = mark.at;
    p->until = mark.at;
  }
  return p->from.ns != 0;
}

static bool begin(player *p) {
  wf_status status;
  wf_feed_show(p->feed, NULL, 0);
  wf_replay_free(p->replay);
  p->replay = wf_replay_new(p->bytes, &status);
  p->ended = false;
  p->identical = true;
  if (p->replay != NULL) wf_replay_on_effect(p->replay, on_effect, p);
  return p->replay != NULL;
}

static void go_on_from(player *p, wf_time at) {
  p->began = at;
  p->began_ms = uv_now(&p->loop);
}

static void go_to(player *p, wf_time goal) {
  if (wf_time_before(goal, p->from)) goal = p->from;
  if (wf_time_before(p->until, goal)) goal = p->until;
  if (wf_time_before(goal, position(p))) begin(p);
  p->goal = goal;
}

static const char *open_recording(player *p, const char *name, wf_status *status) {
  char path[1200], reason[WF_IO_REASON_SIZE];
  *status = WF_ENOTFOUND;
  if (strchr(name, '/') != NULL || !is_recording(name)) return "no such recording";
  snprintf(path, sizeof path, "%s/%s", p->options->serve, name);
  wf_bytes bytes;
  if (wf_recording_map(path, &bytes, reason) != WF_OK) return "no such recording";
  close_recording(p);
  p->bytes = bytes;
  *status = WF_EFORMAT;
  if (!measure(p) || !begin(p)) {
    close_recording(p);
    return "this is no recording that can be played";
  }
  snprintf(p->name, sizeof p->name, "%s", name);
  p->speed = p->options->speed;
  go_to(p, p->from);
  *status = WF_OK;
  return "open";
}

static const char *control(player *p, const json_t *wanted, wf_status *status) {
  const json_t *playing = json_object_get(wanted, "playing"), *speed = json_object_get(wanted, "speed");
  const char *text = json_string_value(json_object_get(wanted, "position"));
  wf_time goal = {0};
  *status = WF_ENOTFOUND;
  if (p->name[0] == '\0') return "no recording is open";
  *status = WF_EINVAL;
  if (text != NULL && wf_time_parse(text, &goal) != WF_OK) return "the position is not a time";
  if (speed != NULL && !(json_number_value(speed) > 0 && json_number_value(speed) <= 1000))
    return "the speed is not above 0 and at most 1000";
  if (speed != NULL) p->speed = json_number_value(speed);
  if (playing != NULL) p->playing = json_is_true(playing);
  if (text != NULL) go_to(p, goal);
  go_on_from(p, position(p));
  wf_feed_show(p->feed, wf_replay_node(p->replay), p->playing ? p->speed : 0);
  *status = WF_OK;
  return "done";
}

static bool on_command(void *context, const wf_feed_question *question, const json_t *command) {
  player *p = context;
  const char *name = json_string_value(json_object_get(command, "command")),
             *what = json_string_value(json_object_get(command, "what"));
  const json_t *parameters = json_object_get(command, "parameters");
  const char *recording = json_string_value(json_object_get(parameters, "recording")), *text = "done";
  wf_status status = WF_OK;
  if (name == NULL || strcmp(name, "replay") != 0 || what == NULL) return false;
  if (strcmp(what, "open") == 0 && recording != NULL)
    text = open_recording(p, recording, &status);
  else if (strcmp(what, "control") == 0)
    text = control(p, parameters, &status);
  else if (strcmp(what, "close") == 0)
    close_recording(p);
  else
    return false;
  wf_feed_answer(p->feed, question, status, text, NULL);
  return true;
}

static wf_status decide(void *context, uint64_t product, wf_decision decision, const wf_feed_person *by,
                        const char *reason) {
  return WF_EDENIED;  // what was decided then is in the recording
}

// ---- Turning -------------------------------------------------------------------------------------------------------
static bool due(const player *p) {
  if (p->ended || p->replay == NULL) return false;
  const wf_time at = wf_replay_time(p->replay);
  if (p->goal.ns != 0) return wf_time_before(at, p->goal);
  if (!p->playing) return false;
  return wf_time_diff_s(at, p->began) <= p->speed * 1e-3 * (double)(uv_now(&p->loop) - p->began_ms);
}

static void take_one(player *p) {
  char text[WF_JOURNAL_TEXT_SIZE];
  const wf_replay_result result = wf_replay_next(p->replay, text);
  if (result == WF_REPLAY_STARTED) {  // another core: the feed must not look at the one that is gone
    wf_node *node = wf_replay_node(p->replay);
    wf_feed_show(p->feed, NULL, 0);
    wf_feed_show(p->feed, node, p->playing ? p->speed : 0);
    p->nation = wf_node_nation(node);
    p->mode = wf_node_mode(node);
    note(p, position(p), "start", text);
  }
  if (result == WF_REPLAY_DIFFERENT) p->identical = false;
  if (result == WF_REPLAY_END || result == WF_REPLAY_BAD) p->ended = true;
}

static void on_turn(uv_timer_t *timer) {
  player *p = timer->data;
  const uint64_t until_ns = uv_hrtime() + WORK_MS * UINT64_C(1000000);
  while (due(p) && uv_hrtime() < until_ns) take_one(p);
  if (p->goal.ns != 0 && !due(p)) {
    p->goal.ns = 0;
    go_on_from(p, position(p));
  }
  if (p->ended && p->playing) {
    p->playing = false;
    wf_feed_show(p->feed, wf_replay_node(p->replay), 0);
  }
}

static void on_stop(uv_signal_t *signal, int number) {
  uv_stop(&((player *)signal->data)->loop);
}

static void tear_down(player *p) {
  if (p->feed != NULL) {
    close_recording(p);
    wf_feed_close(p->feed);
  }
  uv_close((uv_handle_t *)&p->turn, NULL);
  uv_close((uv_handle_t *)&p->look, NULL);
  uv_close((uv_handle_t *)&p->stop, NULL);
  while (uv_run(&p->loop, UV_RUN_NOWAIT) != 0) continue;
  uv_loop_close(&p->loop);
  json_decref(p->recordings);
}

int wf_replay_serve(const replay_options *options) {
  static player p;
  char reason[WF_IO_REASON_SIZE] = "";
  p = (player){.options = options};
  uv_loop_init(&p.loop);
  uv_timer_init(&p.loop, &p.turn);
  uv_timer_init(&p.loop, &p.look);
  uv_signal_init(&p.loop, &p.stop);
  p.turn.data = p.look.data = p.stop.data = &p;
  const wf_feed_config config = {.loop = &p.loop,
                                 .path = options->feed,
                                 .clients_max = 8,
                                 .version = WF_VERSION,
                                 .mode = "replay",
                                 .context = &p,
                                 .now = now,
                                 .driver = count,
                                 .decide = decide,
                                 .extra = extra,
                                 .other = on_command};
  look_again(&p.look);
  int code = WF_CLI_OK;
  if (wf_feed_open(&config, &p.feed, reason) != WF_OK) {
    fprintf(stderr, "watchfire replay: %s\n", reason);
    code = WF_CLI_USAGE;
  } else {
    uv_signal_start(&p.stop, on_stop, SIGTERM);
    uv_timer_start(&p.look, look_again, LOOK_AGAIN_MS, LOOK_AGAIN_MS);
    uv_timer_start(&p.turn, on_turn, 0, TURN_MS);
    printf("Recordings of %s at %s; join consoles with: watchfire-gateway --replay %s …\n", options->serve,
           options->feed, options->feed);
    fflush(stdout);
    uv_run(&p.loop, UV_RUN_DEFAULT);
  }
  tear_down(&p);
  return code;
}
