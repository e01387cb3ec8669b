#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "warn/cap.h"

#define OFFICER_1_S 4.0
#define OFFICER_2_S 9.0

static const char *folder;

static wf_scenario *load(const char *name) {
  static char text[1u << 20];
  char path[512];
  wf_scenario *scenario = NULL;
  wf_scenario_error error = {0};
  snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    if (wf_scenario_load_builtin(name, &scenario, &error) != WF_OK) fail_msg("%s: %s", name, error.text);
    return scenario;
  }
  const size_t size = fread(text, 1, sizeof text, file);
  fclose(file);
  if (wf_scenario_load_yaml(text, size, &scenario, &error) != WF_OK)
    fail_msg("%s:%u: %s", path, error.line, error.text);
  return scenario;
}

static void on_effect(void *context, uint32_t node, wf_time at, const wf_effect *effect) {
  run *r = context;
  if (effect->kind != WF_OUT_PRODUCT) return;
  assert_true(r->count < RUN_ENTRIES_MAX);
  r->entry[r->count++] = (run_entry){wf_time_diff_s(at, r->scenario->start), node, *effect->product};
}

static bool is_open(const run *r, const run_entry *e) {
  wf_node *node = wf_world_node(r->world, e->nation);
  const wf_product *products[64];
  const size_t count = node != NULL ? wf_node_products(node, products, 64) : 0;
  for (size_t i = 0; i < count; i++)
    if (products[i]->id == e->product.id) return products[i]->state <= WF_PRODUCT_FIRST_CONFIRMED;
  return false;
}

static bool due(double at_s, double before_s, double now_s) {
  return at_s > before_s && at_s <= now_s;
}

static void decide(run *r, double before_s, double now_s) {
  for (size_t i = 0; i < r->count && r->options.officers; i++) {
    const run_entry *e = &r->entry[i];
    if (e->product.state != WF_PRODUCT_PROPOSED) continue;
    if (due(e->at_s + OFFICER_1_S, before_s, now_s) && is_open(r, e))
      wf_world_decide(r->world, e->nation, e->product.id, WF_DECISION_CONFIRM, "officer 1");
    if (due(e->at_s + OFFICER_2_S, before_s, now_s) && is_open(r, e))
      wf_world_decide(r->world, e->nation, e->product.id, WF_DECISION_CONFIRM, "officer 2");
  }
  for (size_t k = 0; k < r->options.act_count; k++) {
    const run_act *a = &r->options.acts[k];
    const wf_product_state after = a->decision == WF_DECISION_KEEP      ? WF_PRODUCT_PROPOSED
                                   : a->decision == WF_DECISION_CONFIRM ? WF_PRODUCT_FIRST_CONFIRMED
                                                                        : WF_PRODUCT_RELEASED;
    const run_entry *e = r->acted[k] ? NULL : run_first(r, a->nation, a->stage, after);
    if (e == NULL || now_s < e->at_s + a->after_s) continue;
    r->acted[k] = true;
    wf_world_decide(r->world, e->nation, e->product.id, a->decision, a->person);
  }
}

static void faults(run *r, double before_s, double now_s) {
  for (size_t i = 0; i < r->scenario->link_fault_count; i++) {
    const wf_scenario_link_fault *l = &r->scenario->link_fault[i];
    if (due(l->from_s, before_s, now_s)) wf_world_cut(r->world, l->nation[0], l->nation[1], true);
    if (due(l->to_s, before_s, now_s)) wf_world_cut(r->world, l->nation[0], l->nation[1], false);
  }
}

static void run_to(run *r, double *second, double until_s) {
  for (; *second <= until_s; *second += 1.0) {
    wf_world_run_until(r->world, wf_time_add_s(r->scenario->start, *second));
    faults(r, *second - 1.0, *second);
    decide(r, *second - 1.0, *second);
  }
  wf_world_run_until(r->world, wf_time_add_s(r->scenario->start, until_s));
}

static void first_detection(run *r) {
  wf_sensing *sensing = NULL;
  wf_sensed sensed;
  r->first_detection_s = r->first_arrival_s = -1;
  if (wf_sensing_create(r->scenario, r->truth, -1, WF_SENSING_BY_ARRIVAL, &sensing) != WF_OK) return;
  while (r->first_detection_s < 0 && wf_sensing_next(sensing, &sensed))
    if (sensed.object != WF_SENSING_CLUTTER) {
      r->first_detection_s = wf_time_diff_s(sensed.plot.time, r->scenario->start);
      r->first_arrival_s = wf_time_diff_s(sensed.arrival, r->scenario->start);
    }
  wf_sensing_free(sensing);
}

run *run_scenario(const char *name, const run_options *options) {
  run *r = calloc(1, sizeof *r);
  assert_non_null(r);
  r->scenario = load(name);
  r->options = *options;
  assert_int_equal(wf_truth_create(r->scenario, &r->truth, NULL), WF_OK);
  first_detection(r);
  r->config = (wf_world_config){
      .seed = r->scenario->seed, .start = r->scenario->start, .node_count = (uint32_t)r->scenario->nation_count};
  r->sensors = calloc(r->scenario->nation_count * WF_SENSOR_MAX, sizeof *r->sensors);
  for (uint32_t i = 0; i < r->config.node_count; i++) {
    wf_node_config *c = &r->config.node[i];
    assert_int_equal(wf_scenario_node_config(r->scenario, i, WF_MODE_EXERCISE, "warning-data",
                                             r->sensors + (size_t)i * WF_SENSOR_MAX, c),
                     WF_OK);
    memcpy(c->delegated, options->delegated, sizeof c->delegated);
    memcpy(c->automatic, options->automatic, sizeof c->automatic);
  }
  r->world = wf_world_new(&r->config);
  wf_world_on_effect(r->world, on_effect, r);
  wf_feeder *feeder = wf_feeder_new(r->scenario, r->truth, WF_MODE_EXERCISE);
  assert_true(r->world != NULL && feeder != NULL);
  double second = 1;
  wf_fed fed;
  const double end_s = options->until_s > 0 ? options->until_s : r->scenario->duration_s;
  while (wf_feeder_next(feeder, &fed) && wf_time_diff_s(fed.arrival, r->scenario->start) <= end_s) {
    run_to(r, &second, wf_time_diff_s(fed.arrival, r->scenario->start));
    wf_world_sensor(r->world, fed.nation, fed.datagram);
  }
  run_to(r, &second, end_s);
  wf_feeder_free(feeder);
  if (getenv("INCIDENTS_PRINT") != NULL) run_print(r);
  return r;
}

void run_end(run *r) {
  run_check_all(r);
  wf_world_free(r->world);
  wf_truth_free(r->truth);
  wf_scenario_free(r->scenario);
  free(r->sensors);
  free(r);
}

int run_nation(const run *r, const char *code) {
  wf_nation nation;
  assert_int_equal(wf_nation_parse(code, &nation), WF_OK);
  return wf_scenario_nation_index(r->scenario, nation);
}

static bool fits(const run *r, const run_entry *e, const char *nation, uint8_t stage, wf_product_state state) {
  return (nation == NULL || (int)e->nation == run_nation(r, nation)) && (stage == 0 || e->product.stage == stage) &&
         (state == 0 || e->product.state == state);
}

const run_entry *run_first(const run *r, const char *nation, uint8_t stage, wf_product_state state) {
  for (size_t i = 0; i < r->count; i++)
    if (fits(r, &r->entry[i], nation, stage, state)) return &r->entry[i];
  return NULL;
}

double run_first_s(const run *r, const char *nation, uint8_t stage, wf_product_state state) {
  const run_entry *e = run_first(r, nation, stage, state);
  if (e == NULL) fail_msg("%s: no %s", nation, wf_product_stage_name((wf_product_stage)stage));
  return e->at_s;
}

size_t run_count(const run *r, const char *nation, uint8_t stage, wf_product_state state) {
  size_t n = 0;
  for (size_t i = 0; i < r->count; i++) n += fits(r, &r->entry[i], nation, stage, state);
  return n;
}

double run_area_s(const run *r, const char *nation, const char *code, int threat) {
  for (size_t i = 0; i < r->count; i++) {
    const wf_product *p = &r->entry[i].product;
    if (!fits(r, &r->entry[i], nation, 0, 0)) continue;
    for (int k = 0; k < p->area_count; k++)
      if (strcmp(p->area[k].code, code) == 0 && (threat < 0 || p->area[k].threat == threat)) return r->entry[i].at_s;
  }
  return -1;
}

void run_print(const run *r) {
  printf("%s: first detection %.1f s\n", r->scenario->name, r->first_detection_s);
  for (size_t i = 0; i < r->count; i++) {
    const run_entry *e = &r->entry[i];
    const wf_product *p = &e->product;
    printf("%7.1f %s %-16s rule %2u %-15s %s", e->at_s, r->scenario->nation[e->nation].code,
           wf_product_stage_name((wf_product_stage)p->stage), p->rule,
           wf_product_state_name((wf_product_state)p->state), p->label);
    if (p->at_least > 1) printf(" at least %u", p->at_least);
    for (int k = 0; k < p->area_count; k++)
      printf(" %s:%c%.2f", p->area[k].code, "IOD"[p->area[k].threat], p -> area[k].probability);
    printf("\n");
  }
}

// Everything released passes the checker; an exercise says so first in every language; nothing that was lost is past.
static void check_released(const run *r, const run_entry *e) {
  static char xml[192 * 1024];
  char rule[48], detail[160];
  size_t length = 0;
  const wf_node_config *c = &r->config.node[e->nation];
  assert_int_equal(wf_cap_write(&e->product, "node@example.org", c->areas, c->area_count, xml, sizeof xml, &length),
                   WF_OK);
  if (wf_cap_check(xml, length, rule, detail) != WF_CAP_ACCEPT) fail_msg("%s: %s", rule, detail);
  static const char *const FRAMES[] = {"<headline>EXERCISE ", "<headline>【訓練", "<headline>[훈련"};
  for (int i = 0; i < 3; i++) assert_non_null(strstr(xml, FRAMES[i]));
  assert_string_equal(e->product.issuer.code, r->scenario->nation[e->nation].code);
  assert_true(strcmp(e->product.first_operator, e->product.second_operator) != 0 ||
              e->product.first_operator[0] == 'd');
  if (e->product.stage == WF_STAGE_ALL_CLEAR || e->product.stage == WF_STAGE_PASSED ||
      e->product.stage == WF_STAGE_CANCEL)
    return;
  static const char *const PARTS[] = {"<instruction>", "<description>", "<onset>",
                                      "<headline>"};  // what to do, what, when
  for (int i = 0; i < 2; i++) assert_non_null(strstr(xml, PARTS[i]));
}

void run_check_all(const run *r) {
  for (size_t i = 0; i < r->count; i++) {
    const run_entry *e = &r->entry[i];
    if (e->product.state == WF_PRODUCT_RELEASED) check_released(r, e);
    for (int k = 0; k < e->product.area_count; k++)  // a nation warns its own areas alone
      assert_int_equal(strncmp(e->product.area[k].code,
                               strcmp(e->product.issuer.code, "JPN") == 0   ? "JP-"
                               : strcmp(e->product.issuer.code, "KOR") == 0 ? "KR-"
                                                                            : "US-",
                               3),
                       0);
  }
}

void run_folder(const char *path) {
  folder = path;
}
