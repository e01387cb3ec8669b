// The same scenario in virtual time: every node in this process, no sockets, as fast as it computes.
#include <stdio.h>
#include <stdlib.h>

#include "io/recording.h"
#include "options.h"
#include "sim/feeder.h"
#include "sim/world.h"

enum { DECISIONS_MAX = 1024 };

typedef struct decision {
  wf_time at;
  uint32_t nation;
  uint64_t product;
  const char *person;
} decision;

typedef struct fast {
  const demo_options *options;
  const wf_scenario *scenario;
  demo_log *log;
  wf_world *world;
  wf_world_config config;
  decision decisions[DECISIONS_MAX];
  size_t decision_count;
  wf_recording *recording[WF_NATION_MAX];
  uint64_t alarms;
  int status;
} fast;

// DIR/<nation>/<nation>.wfrec: what each node was given, for `watchfire replay`.
static void record(fast *f, uint32_t nation) {
  char dir[900], path[1024], reason[WF_IO_REASON_SIZE];
  const char *code = f->scenario->nation[nation].code;
  snprintf(dir, sizeof dir, "%s/%s", f->options->out_dir, code);
  snprintf(path, sizeof path, "%s/%s%s", dir, code, WF_RECORDING_SUFFIX);
  if (demo_make_dir(dir) && wf_recording_create(path, 0, WF_VERSION, &f->recording[nation], reason) == WF_OK) {
    f->config.journal[nation] = wf_recording_journal(f->recording[nation]);
    return;
  }
  fprintf(stderr, "watchfire demo: no recording %s\n", path);
  f->status = 1;
}

static void close_recordings(fast *f) {
  for (uint32_t i = 0; i < f->scenario->nation_count; i++)
    if (wf_recording_close(f->recording[i]) != WF_OK) f->status = 1;
}

static void plan_decision(fast *f, uint32_t nation, uint64_t product, wf_time at, const char *person) {
  if (f->decision_count < DECISIONS_MAX) f->decisions[f->decision_count++] = (decision){at, nation, product, person};
}

static void on_product(fast *f, uint32_t nation, wf_time at, const wf_product *p) {
  const char *code = f->scenario->nation[nation].code;
  if (p->state == WF_PRODUCT_PROPOSED) {
    demo_log_count_product(f->log, nation, false);
    demo_log_say(f->log, at, "%s: %s proposed for %s", code, wf_product_stage_name((wf_product_stage)p->stage),
                 p->label);
    if (f->options->officers) {
      plan_decision(f, nation, p->id, wf_time_add_s(at, DEMO_OFFICER_1_S), "exercise officer 1");
      plan_decision(f, nation, p->id, wf_time_add_s(at, DEMO_OFFICER_2_S), "exercise officer 2");
    }
  }
  if (p->state == WF_PRODUCT_RELEASED) {
    demo_log_count_product(f->log, nation, true);
    demo_log_say(f->log, at, "%s: %s for %s released by two persons", code,
                 wf_product_stage_name((wf_product_stage)p->stage), p->label);
    const wf_node_config *c = &f->config.node[nation];
    if (!demo_write_cap(f->options->out_dir, code, p, c->areas, c->area_count)) f->status = 1;
  }
}

static void on_effect(void *context, uint32_t node, wf_time at, const wf_effect *effect) {
  fast *f = context;
  if (effect->kind == WF_OUT_PRODUCT) on_product(f, node, at, effect->product);
  const bool alarm =
      effect->kind == WF_OUT_ALARM || (effect->kind == WF_OUT_EXCHANGE && effect->exchange.kind == WF_XE_ALARM);
  if (!alarm) return;
  f->alarms++;
  const char *text = effect->kind == WF_OUT_ALARM ? effect->text : effect->exchange.text;
  const wf_alarm_kind kind = effect->kind == WF_OUT_ALARM ? effect->alarm : effect->exchange.alarm;
  demo_log_say(f->log, at, "%s alarm, %s: %s", f->scenario->nation[node].code, wf_alarm_name(kind),
               text != NULL ? text : "");
}

static void sample(fast *f, wf_time at) {
  for (uint32_t i = 0; i < f->scenario->nation_count; i++) {
    wf_node *node = wf_world_node(f->world, i);
    const wf_value_event *events[WF_VALUE_EVENTS_MAX];
    if (node != NULL) demo_log_sample(f->log, at, i, events, wf_node_value(node, events, WF_VALUE_EVENTS_MAX));
  }
}

static void decide_due(fast *f, wf_time now) {
  for (size_t i = 0; i < f->decision_count; i++) {
    decision *d = &f->decisions[i];
    if (d->person == NULL || wf_time_before(now, d->at)) continue;
    const char *person = d->person;
    d->person = NULL;
    wf_world_decide(f->world, d->nation, d->product, WF_DECISION_CONFIRM, person);
  }
}

static bool crossed(double at_s, double before_s, double now_s) {
  return at_s >= 0 && at_s > before_s && at_s <= now_s;
}

static void faults_due(fast *f, double before_s, double now_s) {
  for (size_t i = 0; i < f->scenario->link_fault_count; i++) {
    const wf_scenario_link_fault *l = &f->scenario->link_fault[i];
    for (int end = 0; end < 2; end++) {
      if (!crossed(end == 0 ? l->from_s : l->to_s, before_s, now_s)) continue;
      if (l->kind == WF_LINK_CUT) wf_world_cut(f->world, l->nation[0], l->nation[1], end == 0);
      // A link is TCP: loss shows as delay, about one retransmission time per loss.
      if (l->kind != WF_LINK_CUT)
        wf_world_delay(f->world, l->nation[0], l->nation[1],
                       end == 1 ? 0 : wf_ns_from_s(l->kind == WF_LINK_DELAY ? l->delay_s : 0.2 * l->loss));
    }
  }
  for (size_t i = 0; i < f->scenario->node_fault_count; i++) {
    const wf_scenario_node_fault *n = &f->scenario->node_fault[i];
    if (crossed(n->kill_s, before_s, now_s)) wf_world_crash(f->world, n->nation);
    if (crossed(n->restart_s, before_s, now_s)) wf_world_restart(f->world, n->nation);
  }
}

static void run_to(fast *f, wf_time *second, wf_time until) {
  while (second->ns <= until.ns) {
    wf_world_run_until(f->world, *second);
    const double now_s = wf_time_diff_s(*second, f->scenario->start);
    faults_due(f, now_s - 1.0, now_s);
    decide_due(f, *second);
    sample(f, *second);
    *second = wf_time_add_ns(*second, WF_NS_PER_S);
  }
  wf_world_run_until(f->world, until);
}

int demo_run_fast(const demo_options *options, const wf_scenario *scenario, const wf_truth *truth, demo_log *log) {
  fast *f = calloc(1, sizeof *f);
  wf_sensor *sensors = calloc((size_t)scenario->nation_count * WF_SENSOR_MAX, sizeof *sensors);
  wf_feeder *feeder = wf_feeder_new(scenario, truth, WF_MODE_EXERCISE);
  if (f == NULL || sensors == NULL || feeder == NULL) return 2;
  *f = (fast){.options = options, .scenario = scenario, .log = log};
  f->config = (wf_world_config){
      .seed = scenario->seed, .start = scenario->start, .node_count = (uint32_t)scenario->nation_count};
  for (uint32_t i = 0; i < f->config.node_count; i++)
    wf_scenario_node_config(scenario, i, WF_MODE_EXERCISE, "warning-data-open", sensors + (size_t)i * WF_SENSOR_MAX,
                            &f->config.node[i]);
  for (uint32_t i = 0; i < f->config.node_count; i++) record(f, i);
  f->world = wf_world_new(&f->config);
  if (f->world == NULL) return 2;
  wf_world_on_effect(f->world, on_effect, f);
  wf_time second = wf_time_add_ns(scenario->start, WF_NS_PER_S);
  wf_fed fed;
  while (wf_feeder_next(feeder, &fed)) {
    run_to(f, &second, fed.arrival);
    wf_world_sensor(f->world, fed.nation, fed.datagram);
  }
  run_to(f, &second, wf_time_add_s(scenario->start, scenario->duration_s));
  wf_world_free(f->world);
  close_recordings(f);
  const int status = f->status;
  wf_feeder_free(feeder);
  free(sensors);
  free(f);
  return status;
}
