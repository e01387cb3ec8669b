#include "exercise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "io/feed.h"

enum { AHEAD_MS = 150, LAUNCH_IN_S = 10 };  // a new clock begins so much later, so that every node has heard of it

typedef struct exercise_server {
  uv_loop_t loop;
  wf_feed *feed;
} server;

static wf_time real_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (wf_time){(int64_t)t.tv_sec * WF_NS_PER_S + t.tv_nsec};
}

static wf_time record_at(const exercise *x, wf_time real) {
  return wf_time_add_s(x->record_epoch, wf_time_diff_s(real, x->real_epoch) * (x->paused ? 0 : x->rate));
}

wf_time exercise_now(const exercise *x) {
  const wf_time now = record_at(x, real_now());
  return wf_time_before(now, x->record_epoch) ? x->record_epoch : now;
}

bool exercise_silent(const exercise *x, uint32_t sensor, wf_time at) {
  for (size_t i = 0; i < x->fault_count; i++) {
    const exercise_fault *f = &x->fault[i];
    if (!f->kill && f->sensor == sensor && !wf_time_before(at, f->from) && wf_time_before(at, f->until)) return true;
  }
  return false;
}

// ---- What consoles see ---------------------------------------------------------------------------------------------
static json_t *time_json(wf_time t) {
  char text[WF_TIME_RFC3339_SIZE];
  return json_string(wf_time_format(t, 3, text));
}

static wf_time since_start(const exercise *x, double s) {
  return wf_time_add_s(x->scenario->start, s);
}

static json_t *launches(const exercise *x) {
  json_t *list = json_array();
  for (size_t i = 0; i < x->scenario->launch_count; i++)
    json_array_append_new(list, json_pack("{s:s,s:o,s:b}", "name", x->scenario->launch[i].name, "at",
                                          time_json(since_start(x, x->scenario->launch[i].at_s)), "injected", 0));
  for (size_t i = 0; i < x->launch_count; i++)
    json_array_append_new(list, json_pack("{s:s,s:o,s:b}", "name", x->scenario->launch[x->launch[i].of].name, "at",
                                          time_json(x->launch[i].at), "injected", 1));
  return list;
}

static json_t *fault_json(const char *kind, const char *nation, const char *target, wf_time from, json_t *until,
                          bool injected) {
  return json_pack("{s:s,s:s,s:s,s:o,s:o,s:b}", "kind", kind, "nation", nation, "target", target, "from",
                   time_json(from), "until", until, "injected", (int)injected);
}

static json_t *faults(const exercise *x) {
  const wf_scenario *s = x->scenario;
  json_t *list = json_array();
  for (size_t i = 0; i < s->node_fault_count; i++) {
    const wf_scenario_node_fault *f = &s->node_fault[i];
    json_t *until = f->restart_s < 0 ? json_null() : time_json(since_start(x, f->restart_s));
    const char *code = s->nation[f->nation].code;
    json_array_append_new(list, fault_json("kill_node", code, code, since_start(x, f->kill_s), until, false));
  }
  for (size_t i = 0; i < x->fault_count; i++) {
    const exercise_fault *f = &x->fault[i];
    const char *code = s->nation[f->nation].code;
    json_array_append_new(
        list, fault_json(f->kill ? "kill_node" : "silence_sensor", code,
                         f->kill ? code : s->sensor[f->sensor].known.name, f->from, time_json(f->until), true));
  }
  return list;
}

static json_t *can(const exercise *x) {
  const wf_scenario *s = x->scenario;
  json_t *flights = json_array(), *sensors = json_array(), *nations = json_array();
  for (size_t i = 0; i < s->launch_count; i++) json_array_append_new(flights, json_string(s->launch[i].name));
  for (size_t i = 0; i < s->nation_count; i++) json_array_append_new(nations, json_string(s->nation[i].code));
  for (size_t i = 0; i < s->sensor_count; i++)
    json_array_append_new(sensors, json_pack("{s:s,s:s}", "nation", s->nation[s->sensor[i].nation].code, "name",
                                             s->sensor[i].known.name));
  return json_pack("{s:o,s:o,s:o}", "launches", flights, "sensors", sensors, "nations", nations);
}

static json_t *extra(void *context) {
  const exercise *x = context;
  json_t *all = json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:f,s:o,s:o,s:o}", "scenario", x->scenario->name, "title",
                          x->scenario->title, "state",
                          x->paused ? "paused"
                          : x->over ? "over"
                                    : "running",
                          "time", time_json(exercise_now(x)), "from", time_json(x->scenario->start), "until",
                          time_json(since_start(x, x->scenario->duration_s)), "rate", x->paused ? 0.0 : x->rate,
                          "launches", launches(x), "faults", faults(x), "can", can(x));
  return json_pack("{s:o}", "exercise", all);
}

static wf_time now(void *context) {
  return exercise_now(context);
}
static json_t *count(void *context) {
  return NULL;
}

// ---- What consoles do ----------------------------------------------------------------------------------------------
static const char *set_pause(exercise *x, bool pause, wf_status *status) {
  *status = WF_EEXIST;
  if (x->paused == pause) return pause ? "paused already" : "running already";
  const wf_time from = {real_now().ns + AHEAD_MS * INT64_C(1000000)};
  wf_time record = record_at(x, from);
  if (wf_time_before(record, x->record_epoch)) record = x->record_epoch;
  x->record_epoch = record;
  x->real_epoch = from;
  x->paused = pause;
  x->clock_changed = true;
  *status = WF_OK;
  return pause ? "paused" : "running";
}

static const char *add_launch(exercise *x, const json_t *wanted, wf_status *status) {
  const char *name = json_string_value(json_object_get(wanted, "launch"));
  const wf_scenario *s = x->scenario;
  *status = WF_ENOTFOUND;
  for (size_t i = 0; i < s->launch_count && name != NULL; i++) {
    if (strcmp(s->launch[i].name, name) != 0) continue;
    *status = WF_EFULL;
    if (x->launch_count == EXERCISE_LAUNCHES_MAX) return "as many launches as may be were added";
    x->launch[x->launch_count++] = (exercise_launch){i, wf_time_add_s(exercise_now(x), LAUNCH_IN_S)};
    x->launch_added = true;
    *status = WF_OK;
    return "launched in ten seconds";
  }
  return "no such launch in this scenario";
}

static int sensor_of(const wf_scenario *s, int nation, const char *name) {
  for (size_t i = 0; i < s->sensor_count && name != NULL; i++)
    if (s->sensor[i].nation == nation && strcmp(s->sensor[i].known.name, name) == 0) return (int)i;
  return -1;
}

static const char *add_fault(exercise *x, const json_t *wanted, bool kill, wf_status *status) {
  const char *code = json_string_value(json_object_get(wanted, "nation"));
  const json_t *for_s = json_object_get(wanted, "for_s");
  const double seconds = for_s != NULL ? json_number_value(for_s) : 60;
  wf_nation nation;
  const int index =
      code != NULL && wf_nation_parse(code, &nation) == WF_OK ? wf_scenario_nation_index(x->scenario, nation) : -1;
  const int sensor =
      index < 0 || kill ? 0 : sensor_of(x->scenario, index, json_string_value(json_object_get(wanted, "sensor")));
  *status = WF_ENOTFOUND;
  if (index < 0) return "no such nation in this exercise";
  if (sensor < 0) return "this nation has no such sensor";
  *status = WF_EINVAL;
  if (!(seconds >= 1 && seconds <= 3600)) return "for 1 to 3600 seconds";
  *status = WF_EFULL;
  if (x->fault_count == EXERCISE_FAULTS_MAX) return "as many faults as may be were added";
  const wf_time from = exercise_now(x);
  x->fault[x->fault_count++] = (exercise_fault){.kill = kill,
                                                .nation = (uint32_t)index,
                                                .sensor = (uint32_t)sensor,
                                                .from = from,
                                                .until = wf_time_add_s(from, seconds)};
  *status = WF_OK;
  return "done";
}

static bool on_command(void *context, const wf_feed_question *question, const json_t *command) {
  exercise *x = context;
  const char *name = json_string_value(json_object_get(command, "command")),
             *what = json_string_value(json_object_get(command, "what"));
  const json_t *parameters = json_object_get(command, "parameters");
  const char *action = json_string_value(json_object_get(parameters, "action")),
             *kind = json_string_value(json_object_get(parameters, "kind")), *text = "no such action";
  const char *mode = json_string_value(json_object_get(command, "mode"));
  wf_status status = WF_EINVAL;
  if (name == NULL || strcmp(name, "exercise") != 0 || what == NULL) return false;
  if (mode == NULL || strcmp(mode, "exercise") != 0)
    status = WF_EMODE, text = "this is an exercise: a session of another mode does nothing here";
  else if (strcmp(what, "control") == 0 && action != NULL)
    text = set_pause(x, strcmp(action, "pause") == 0, &status);
  else if (strcmp(what, "inject") == 0 && kind != NULL && strcmp(kind, "launch") == 0)
    text = add_launch(x, parameters, &status);
  else if (strcmp(what, "inject") == 0 && kind != NULL)
    text = add_fault(x, parameters, strcmp(kind, "kill_node") == 0, &status);
  wf_feed_answer(x->server->feed, question, status, text, NULL);
  return true;
}

static wf_status decide(void *context, uint64_t product, wf_decision decision, const wf_feed_person *by,
                        const char *reason) {
  return WF_EDENIED;
}

// ---- Life ----------------------------------------------------------------------------------------------------------
bool exercise_open(exercise *x, const char *socket) {
  char reason[WF_IO_REASON_SIZE] = "out of memory";
  server *s = calloc(1, sizeof *s);
  if (s == NULL) return false;
  uv_loop_init(&s->loop);
  const wf_feed_config config = {.loop = &s->loop,
                                 .path = socket,
                                 .clients_max = 16,
                                 .version = WF_VERSION,
                                 .mode = "exercise",
                                 .context = x,
                                 .now = now,
                                 .driver = count,
                                 .decide = decide,
                                 .extra = extra,
                                 .other = on_command};
  x->server = s;
  if (wf_feed_open(&config, &s->feed, reason) == WF_OK) return true;
  fprintf(stderr, "watchfire demo: %s\n", reason);
  exercise_close(x);
  return false;
}

void exercise_turn(exercise *x) {
  if (x->server != NULL) uv_run(&x->server->loop, UV_RUN_NOWAIT);
}

void exercise_close(exercise *x) {
  if (x->server == NULL) return;
  if (x->server->feed != NULL) wf_feed_close(x->server->feed);
  while (uv_run(&x->server->loop, UV_RUN_NOWAIT) != 0) continue;
  uv_loop_close(&x->server->loop);
  free(x->server);
  x->server = NULL;
}
