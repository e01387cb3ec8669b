#include "scenario_read.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void wf_reading_fail(wf_reading *r, const char *base, const char *key, const char *format, ...) {
  if (r->status) return;
  char path[2 * WF_YAML_PATH_SIZE];
  va_list args;
  snprintf(path, sizeof path, "%s%s%s", base, *base && *key ? "." : "", key);
  r->status = WF_EINVAL;
  r->error->line = wf_yaml_where_line(r->where, path);
  int used = *key ? snprintf(r->error->text, sizeof r->error->text, "%s: ", key) : 0;
  va_start(args, format);
  vsnprintf(r->error->text + used, sizeof r->error->text - (size_t)used, format, args);
  va_end(args);
}

double wf_reading_number(wf_reading *r, const char *base, const char *key, const char *text, double fallback,
                         double low, double high, double unit) {
  if (!text || r->status) return fallback;
  char *end;
  double value = strtod(text, &end);
  if (end == text || *end || !isfinite(value)) {
    wf_reading_fail(r, base, key, "'%.40s' is not a number", text);
    return fallback;
  }
  if (value < low || value > high) {
    wf_reading_fail(r, base, key, "%.40s is not within %.15g to %.15g", text, low, high);
    return fallback;
  }
  return value * unit;
}

int wf_reading_integer(wf_reading *r, const char *base, const char *key, const char *text, int fallback, int low,
                       int high) {
  double value = wf_reading_number(r, base, key, text, fallback, low, high, 1.0);
  if (value != (int)value) wf_reading_fail(r, base, key, "%.40s is not a whole number", text);
  return (int)value;
}

void wf_reading_name(wf_reading *r, const char *base, const char *key, const char *text, char *out, size_t out_size) {
  if (!text || r->status) return;
  size_t size = strlen(text);
  if (size == 0 || size >= out_size) {
    wf_reading_fail(r, base, key, "'%.40s' must have 1 to %zu characters", text, out_size - 1);
  } else if (strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") != size) {
    wf_reading_fail(r, base, key, "'%.40s' may only hold letters, digits, '-', '_' and '.'", text);
  } else {
    memcpy(out, text, size + 1);
  }
}

void wf_reading_pair(wf_reading *r, const char *base, const char *key, char *const *pair, double low, double high,
                     double unit, double out[2]) {
  if (!pair || r->status) return;
  out[0] = wf_reading_number(r, base, key, pair[0], 0, low, high, unit);
  out[1] = wf_reading_number(r, base, key, pair[1], 0, low, high, unit);
  if (out[0] >= out[1]) wf_reading_fail(r, base, key, "the first value must be below the second");
}

uint16_t wf_reading_nation(wf_reading *r, const char *base, const char *key, const char *text, const wf_scenario *s) {
  wf_nation nation;
  if (r->status || !text) return 0;
  int index = wf_nation_parse(text, &nation) ? -1 : wf_scenario_nation_index(s, nation);
  if (index < 0) wf_reading_fail(r, base, key, "'%.40s' is not one of this scenario's nations", text);
  return index < 0 ? 0 : (uint16_t)index;
}

static void wf_reading_link(wf_reading *r, const wf_yaml_link *raw, const char *base, const wf_scenario *s,
                            wf_scenario_link_fault *out) {
  out->nation[0] = wf_reading_nation(r, base, "between", raw->between[0], s);
  out->nation[1] = wf_reading_nation(r, base, "between", raw->between[1], s);
  if (out->nation[0] == out->nation[1]) wf_reading_fail(r, base, "between", "needs two different nations");
  out->from_s = wf_reading_number(r, base, "from_s", raw->from_s, 0, 0, 1e6, 1);
  out->to_s = wf_reading_number(r, base, "to_s", raw->to_s, 0, 0, 1e6, 1);
  if (out->from_s >= out->to_s) wf_reading_fail(r, base, "to_s", "must be later than from_s");
  if (strcmp(raw->kind, "cut") == 0) {
    out->kind = WF_LINK_CUT;
  } else if (strcmp(raw->kind, "delay") == 0) {
    out->kind = WF_LINK_DELAY;
    if (!raw->delay_s) wf_reading_fail(r, base, "kind", "a delay needs delay_s");
  } else if (strcmp(raw->kind, "loss") == 0) {
    out->kind = WF_LINK_LOSS;
    if (!raw->loss) wf_reading_fail(r, base, "kind", "a loss needs loss, a probability");
  } else {
    wf_reading_fail(r, base, "kind", "'%.40s' is not one of cut, delay, loss", raw->kind);
  }
  out->delay_s = wf_reading_number(r, base, "delay_s", raw->delay_s, 0, 0, 3600, 1);
  out->loss = wf_reading_number(r, base, "loss", raw->loss, 0, 0, 1, 1);
}

static void wf_reading_node(wf_reading *r, const wf_yaml_node *raw, const char *base, const wf_scenario *s,
                            wf_scenario_node_fault *out) {
  out->nation = wf_reading_nation(r, base, "nation", raw->nation, s);
  out->kill_s = wf_reading_number(r, base, "kill_s", raw->kill_s, 0, 0, 1e6, 1);
  out->restart_s = wf_reading_number(r, base, "restart_s", raw->restart_s, -1, 0, 1e6, 1);
  if (raw->restart_s && out->restart_s <= out->kill_s) {
    wf_reading_fail(r, base, "restart_s", "must be later than kill_s");
  }
}

void wf_reading_faults(wf_reading *r, const wf_yaml_scenario *raw, wf_scenario *s) {
  const wf_yaml_faults *faults = raw->faults;
  char base[WF_YAML_PATH_SIZE];
  if (!faults || r->status) return;
  s->link_fault = calloc(faults->links_count + 1, sizeof *s->link_fault);
  s->node_fault = calloc(faults->nodes_count + 1, sizeof *s->node_fault);
  if (!s->link_fault || !s->node_fault) {
    r->status = WF_ENOMEM;
    return;
  }
  for (unsigned i = 0; i < faults->links_count; i++) {
    snprintf(base, sizeof base, "faults.links[%u]", i);
    wf_reading_link(r, &faults->links[i], base, s, &s->link_fault[s->link_fault_count++]);
  }
  for (unsigned i = 0; i < faults->nodes_count; i++) {
    snprintf(base, sizeof base, "faults.nodes[%u]", i);
    wf_reading_node(r, &faults->nodes[i], base, s, &s->node_fault[s->node_fault_count++]);
  }
}
