#include "log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "geo/geodesic.h"
#include "table.h"

struct demo_log {
  const wf_scenario *scenario;
  const wf_truth *truth;
  FILE *out;
  demo_event events[DEMO_EVENTS_MAX];
  size_t event_count;
  size_t proposed[WF_NATION_MAX], released[WF_NATION_MAX];
  wf_time sampled_at;
  demo_checks checks;
};

demo_log *demo_log_new(const wf_scenario *scenario, const wf_truth *truth, FILE *out) {
  demo_log *log = calloc(1, sizeof *log);
  if (log == NULL) return NULL;
  log->scenario = scenario;
  log->truth = truth;
  log->out = out;
  return log;
}

void demo_log_free(demo_log *log) {
  free(log);
}

void demo_log_say(demo_log *log, wf_time at, const char *format, ...) {
  if (log->out == NULL) return;
  fprintf(log->out, "  T+%6.1f s  ", wf_time_diff_s(at, log->scenario->start));
  va_list arguments;
  va_start(arguments, format);
  vfprintf(log->out, format, arguments);
  va_end(arguments);
  fputc('\n', log->out);
  fflush(log->out);
}

void demo_log_count_product(demo_log *log, uint32_t nation, bool released) {
  if (released)
    log->released[nation]++;
  else
    log->proposed[nation]++;
}

static demo_event *event_of(demo_log *log, uint64_t id) {
  for (size_t i = 0; i < log->event_count; i++)
    if (log->events[i].id == id) return &log->events[i];
  if (log->event_count >= DEMO_EVENTS_MAX) return NULL;
  demo_event *event = &log->events[log->event_count++];
  *event = (demo_event){.id = id};
  return event;
}

static bool is_new(wf_time before, wf_time now) {
  return before.ns == 0 && now.ns != 0;
}

static void say_alone(demo_log *log, const char *nation, const wf_value_entry *before, const wf_value_entry *now) {
  if (is_new(before->detected, now->detected))
    demo_log_say(log, now->detected, "%s alone: launch or object detected", nation);
  if (is_new(before->area_known, now->area_known))
    demo_log_say(log, now->area_known, "%s alone: impact area below 20 km (95 %% semi-major %.1f km)", nation,
                 now->first_area.area.semi_major_95_m / 1e3);
}

static void say_shared(demo_log *log, const char *nation, const char *label, const wf_value_entry *before,
                       const wf_value_entry *now) {
  if (is_new(before->detected, now->detected))
    demo_log_say(log, now->detected, "%s screen: event %s appears", nation, label);
  if (is_new(before->area_known, now->area_known))
    demo_log_say(log, now->area_known, "%s screen: %s impact area below 20 km (95 %% semi-major %.1f km)", nation,
                 label, now->first_area.area.semi_major_95_m / 1e3);
}

static const wf_value_entry *own_entry(const wf_value_event *event) {
  for (int i = 0; i < event->nation_count; i++)
    if (event->nation[i].own) return &event->nation[i].alone;
  return NULL;
}

// A prediction of the present second whose time of impact is still ahead.
static bool fresh(const wf_value_entry *entry, wf_time at) {
  return entry->latest_at.ns != 0 && wf_time_diff_s(at, entry->latest_at) <= 1.0 &&
         wf_time_before(at, entry->latest.time);
}

static double area_m2(const wf_value_entry *entry) {
  return WF_PI * entry->latest.area.semi_major_95_m * entry->latest.area.semi_minor_95_m;
}

// At one second: the largest shared area of any nation over the smallest any nation had alone.
static void compare_areas(demo_log *log, demo_event *event, wf_time at) {
  double best_alone = 0, worst_shared = 0;
  for (size_t i = 0; i < log->scenario->nation_count; i++) {
    const wf_value_entry *alone = &event->alone[i], *shared = &event->shared[i];
    if (fresh(alone, at) && (best_alone == 0 || area_m2(alone) < best_alone)) best_alone = area_m2(alone);
    if (fresh(shared, at) && area_m2(shared) > worst_shared) worst_shared = area_m2(shared);
  }
  if (best_alone <= 0 || worst_shared <= 0) return;
  const double ratio = worst_shared / best_alone;
  event->compared++;
  if (ratio > 1.05) event->larger++;
  if (ratio > event->worst_area_ratio) {
    event->worst_area_ratio = ratio;
    event->worst_area_at = at;
  }
}

static void keep_earlier(wf_time *now, wf_time before) {
  if (before.ns != 0 && (now->ns == 0 || before.ns < now->ns)) *now = before;
}

// A node that was killed begins a new ledger; what its screen had shown before still was shown.
static void remember(wf_value_entry *kept, const wf_value_entry *now) {
  const wf_value_entry before = *kept;
  *kept = *now;
  keep_earlier(&kept->detected, before.detected);
  keep_earlier(&kept->tracked, before.tracked);
  keep_earlier(&kept->launch_known, before.launch_known);
  keep_earlier(&kept->area_known, before.area_known);
  if (kept->area_known.ns != now->area_known.ns) kept->first_area = before.first_area;
  if (kept->latest_at.ns < before.latest_at.ns) {
    kept->latest = before.latest;
    kept->latest_at = before.latest_at;
  }
}

void demo_log_sample(demo_log *log, wf_time at, uint32_t nation, const wf_value_event *const *events, size_t count) {
  const char *name = log->scenario->nation[nation].code;
  if (at.ns != log->sampled_at.ns) {  // the second before is complete
    for (size_t i = 0; i < log->event_count && log->sampled_at.ns != 0; i++)
      compare_areas(log, &log->events[i], log->sampled_at);
    log->sampled_at = at;
  }
  for (size_t i = 0; i < count; i++) {
    demo_event *event = event_of(log, events[i]->event);
    if (event == NULL) continue;
    memcpy(event->label, events[i]->label, sizeof event->label);
    const wf_value_entry *own = own_entry(events[i]);
    if (own != NULL) {
      say_alone(log, name, &event->alone[nation], own);
      remember(&event->alone[nation], own);
    }
    say_shared(log, name, event->label, &event->shared[nation], &events[i]->shared);
    remember(&event->shared[nation], &events[i]->shared);
  }
}

// The true object whose impact an event most likely predicted: the nearest of those in the air when it was detected.
static void match_truth(const demo_log *log, demo_event *event) {
  double best_m = 0;
  event->object = -1;
  for (size_t i = 0; i < wf_truth_count(log->truth); i++) {
    const wf_truth_object *object = wf_truth_object_at(log->truth, i);
    const wf_impact_area *last = demo_event_last_area(event, log->scenario->nation_count);
    if (last == NULL || !object->has_impact) continue;
    const double miss_m = wf_geo_distance_m(last->area.lat_rad, last->area.lon_rad, object->impact_lat_rad,
                                            object->impact_lon_rad, NULL, NULL);
    if (event->object >= 0 && miss_m >= best_m) continue;
    best_m = miss_m;
    event->object = (int)i;
  }
  if (event->object < 0 && wf_truth_count(log->truth) == 1) event->object = 0;
}

// Numbers that were given up for an earlier one before they were on every screen are no events of their own.
static void drop_passing(demo_log *log) {
  size_t kept = 0;
  for (size_t i = 0; i < log->event_count; i++)
    if (demo_event_was_shared(&log->events[i], log->scenario->nation_count)) log->events[kept++] = log->events[i];
  log->event_count = kept;
}

bool demo_log_finish(demo_log *log, const char *report_path) {
  drop_passing(log);
  for (size_t i = 0; i < log->event_count; i++) {
    match_truth(log, &log->events[i]);
    demo_event_check(&log->events[i], log->scenario->nation_count);
    const demo_event *e = &log->events[i];
    log->checks.compared += e->compared;
    log->checks.later = log->checks.later || e->later;
    log->checks.larger = log->checks.larger || e->larger > 0;
    if (e->worst_delay_s > log->checks.worst_delay_s) log->checks.worst_delay_s = e->worst_delay_s;
    if (e->worst_area_ratio > log->checks.worst_area_ratio) log->checks.worst_area_ratio = e->worst_area_ratio;
  }
  const demo_table table = {log->scenario, log->truth, log->events, log->event_count, log->proposed, log->released};
  if (log->out != NULL) demo_table_print(&table, log->out);
  return report_path == NULL || demo_table_write_json(&table, report_path);
}

void demo_log_checks(const demo_log *log, demo_checks *out) {
  *out = log->checks;
}
