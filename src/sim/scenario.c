#include "sim/scenario.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_read.h"

#define WF_SCENARIO_TEXT_MAX (1u << 20)

static void wf_reading_text(wf_reading *r, const char *key, const char *text, char *out, size_t out_size) {
  if (!text || r->status) return;
  size_t size = strlen(text);
  while (size && (text[size - 1] == '\n' || text[size - 1] == ' ')) size--;
  if (size >= out_size) {
    wf_reading_fail(r, "", key, "is longer than %zu bytes", out_size - 1);
    return;
  }
  memcpy(out, text, size);
  out[size] = 0;
}

static void wf_reading_seed(wf_reading *r, const char *text, uint64_t *out) {
  if (!text || r->status) return;
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (end == text || *end || errno || text[0] == '-') {
    wf_reading_fail(r, "", "seed", "'%.40s' is not a whole number from 0 to 18446744073709551615", text);
  } else {
    *out = value;
  }
}

static void wf_reading_scenario(wf_reading *r, const wf_yaml_scenario *raw, wf_scenario *s) {
  s->seed = 1;
  wf_reading_name(r, "", "name", raw->name, s->name, sizeof s->name);
  wf_reading_text(r, "title", raw->title, s->title, sizeof s->title);
  wf_reading_text(r, "description", raw->description, s->description, sizeof s->description);
  if (!r->status && wf_time_parse(raw->start, &s->start)) {
    wf_reading_fail(r, "", "start", "'%.40s' is not a time like 2026-03-01T21:58:00Z", raw->start);
  }
  s->duration_s = wf_reading_number(r, "", "duration_s", raw->duration_s, 0, 1, 86400, 1);
  wf_reading_seed(r, raw->seed, &s->seed);
  wf_reading_nations(r, raw, s);
  wf_reading_launches(r, raw, s);
  wf_reading_faults(r, raw, s);
}

wf_status wf_scenario_load_yaml(const char *text, size_t size, wf_scenario **out, wf_scenario_error *error) {
  wf_scenario_error unseen;
  wf_yaml_scenario *raw = NULL;
  wf_reading reading = {.error = error ? error : &unseen};
  wf_yaml_where *where = NULL;
  *reading.error = (wf_scenario_error){0};
  *out = NULL;
  if (size > WF_SCENARIO_TEXT_MAX) {
    snprintf(reading.error->text, sizeof reading.error->text, "longer than %u bytes", WF_SCENARIO_TEXT_MAX);
    return WF_EFORMAT;
  }
  wf_status status =
      wf_yaml_where_open(text, size, &where, &reading.error->line, reading.error->text, sizeof reading.error->text);
  if (status) return status;
  reading.where = where;
  status = wf_yaml_scenario_load(text, size, where, &raw, reading.error);
  wf_scenario *scenario = status ? NULL : calloc(1, sizeof *scenario);
  if (!status && !scenario) status = WF_ENOMEM;
  if (!status) {
    wf_reading_scenario(&reading, raw, scenario);
    status = reading.status;
  }
  if (status) {
    wf_scenario_free(scenario);
  } else {
    *out = scenario;
  }
  wf_yaml_scenario_free(raw);
  wf_yaml_where_close(where);
  return status;
}

void wf_scenario_free(wf_scenario *scenario) {
  if (!scenario) return;
  free(scenario->sensor);
  free(scenario->launch);
  free(scenario->link_fault);
  free(scenario->node_fault);
  free(scenario);
}

wf_status wf_scenario_load_builtin(const char *name, wf_scenario **out, wf_scenario_error *error) {
  *out = NULL;
  for (size_t i = 0; i < wf_scenario_builtin_count(); i++) {
    const wf_scenario_builtin *one = wf_scenario_builtin_at(i);
    if (strcmp(one->name, name) == 0) return wf_scenario_load_yaml(one->text, one->size, out, error);
  }
  if (error) {
    error->line = 0;
    snprintf(error->text, sizeof error->text, "no scenario is called '%.60s'", name);
  }
  return WF_ENOTFOUND;
}

int wf_scenario_nation_index(const wf_scenario *scenario, wf_nation nation) {
  for (size_t i = 0; i < scenario->nation_count; i++) {
    if (wf_nation_compare(scenario->nation[i], nation) == 0) return (int)i;
  }
  return -1;
}

size_t wf_scenario_registry(const wf_scenario *scenario, wf_nation nation, wf_sensor *out, size_t max) {
  int index = wf_scenario_nation_index(scenario, nation);
  size_t count = 0;
  for (size_t i = 0; i < scenario->sensor_count; i++) {
    if ((int)scenario->sensor[i].nation != index) continue;
    if (count < max) out[count] = scenario->sensor[i].known;
    count++;
  }
  return count;
}
