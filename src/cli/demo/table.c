#include "table.h"

#include <jansson.h>
#include <string.h>

#include "base/fmath.h"
#include "geo/geodesic.h"

const wf_impact_area *demo_event_last_area(const demo_event *event, size_t nations) {
  const wf_value_entry *newest = NULL;
  for (size_t i = 0; i < nations; i++) {
    const wf_value_entry *e = &event->shared[i];
    if (e->latest_at.ns != 0 && (newest == NULL || e->latest_at.ns > newest->latest_at.ns)) newest = e;
  }
  return newest != NULL ? &newest->latest : NULL;
}

typedef wf_time field(const wf_value_entry *entry);
static wf_time detected(const wf_value_entry *e) {
  return e->detected;
}
static wf_time area_known(const wf_value_entry *e) {
  return e->area_known;
}

static wf_time earliest(const wf_value_entry *entries, size_t count, field *of) {
  wf_time best = {0};
  for (size_t i = 0; i < count; i++) {
    const wf_time t = of(&entries[i]);
    if (t.ns != 0 && (best.ns == 0 || t.ns < best.ns)) best = t;
  }
  return best;
}

// The last screen to know; 0 when some screen never did.
static wf_time latest(const wf_value_entry *entries, size_t count, field *of) {
  wf_time worst = {0};
  for (size_t i = 0; i < count; i++) {
    const wf_time t = of(&entries[i]);
    if (t.ns == 0) return (wf_time){0};
    if (t.ns > worst.ns) worst = t;
  }
  return worst;
}

bool demo_event_was_shared(const demo_event *event, size_t nations) {
  return latest(event->shared, nations, detected).ns != 0;
}

static void check_field(demo_event *event, size_t nations, field *of) {
  const wf_time alone = earliest(event->alone, nations, of), shared = latest(event->shared, nations, of);
  if (alone.ns == 0) return;
  const double delay_s = shared.ns != 0 ? wf_time_diff_s(shared, alone) : 1e9;
  if (delay_s > event->worst_delay_s) event->worst_delay_s = delay_s;
  event->later = event->later || delay_s > DEMO_LINK_ALLOWANCE_S;
}

void demo_event_check(demo_event *event, size_t nations) {
  check_field(event, nations, detected);
  check_field(event, nations, area_known);
}

static const wf_truth_object *object_of(const demo_table *t, const demo_event *event) {
  return event->object >= 0 ? wf_truth_object_at(t->truth, (size_t)event->object) : NULL;
}

static double miss_m(const demo_table *t, const demo_event *event, const wf_impact_area *area) {
  const wf_truth_object *object = object_of(t, event);
  if (object == NULL || !object->has_impact) return -1;
  return wf_geo_distance_m(area->area.lat_rad, area->area.lon_rad, object->impact_lat_rad, object->impact_lon_rad, NULL,
                           NULL);
}

// ---- Text ---------------------------------------------------------------------------------------------------------

enum { COLUMN = 13 };

static void cell(FILE *out, const char *text) {
  fprintf(out, "%*s", COLUMN, text);
}

static void cell_time(const demo_table *t, FILE *out, wf_time at, wf_time launch) {
  char text[32] = "never";
  if (at.ns != 0) snprintf(text, sizeof text, "%+.1f s", wf_time_diff_s(at, launch));
  cell(out, text);
}

typedef struct column {
  const wf_value_entry *entry;
} column;

static void row_time(const demo_table *t, FILE *out, const char *name, const demo_event *e, wf_time launch, field *of) {
  fprintf(out, "  %-30s", name);
  for (size_t i = 0; i < t->scenario->nation_count; i++) cell_time(t, out, of(&e->alone[i]), launch);
  cell_time(t, out, latest(e->shared, t->scenario->nation_count, of), launch);
  fputc('\n', out);
}

typedef double figure(const demo_table *t, const demo_event *e, const wf_value_entry *entry);  // below 0: none

static double warning_left_s(const demo_table *t, const demo_event *e, const wf_value_entry *entry) {
  const wf_truth_object *object = object_of(t, e);
  if (entry->area_known.ns == 0 || object == NULL || !object->has_impact) return -1;
  return wf_time_diff_s(object->impact_time, entry->area_known);
}

static double first_size_km(const demo_table *t, const demo_event *e, const wf_value_entry *entry) {
  return entry->area_known.ns != 0 ? entry->first_area.area.semi_major_95_m / 1e3 : -1;
}

static double first_error_km(const demo_table *t, const demo_event *e, const wf_value_entry *entry) {
  const double miss = entry->area_known.ns != 0 ? miss_m(t, e, &entry->first_area) : -1;
  return miss >= 0 ? miss / 1e3 : -1;
}

static double last_error_km(const demo_table *t, const demo_event *e, const wf_value_entry *entry) {
  const double miss = entry->latest_at.ns != 0 ? miss_m(t, e, &entry->latest) : -1;
  return miss >= 0 ? miss / 1e3 : -1;
}

// The nation whose screen was last: what the "shared" column states, so that it flatters nobody.
static const wf_value_entry *last_screen(const demo_table *t, const demo_event *e) {
  const wf_value_entry *worst = &e->shared[0];
  for (size_t i = 1; i < t->scenario->nation_count; i++)
    if (e->shared[i].area_known.ns == 0 ||
        (worst->area_known.ns != 0 && e->shared[i].area_known.ns > worst->area_known.ns))
      worst = &e->shared[i];
  return worst;
}

static void row_figure(const demo_table *t, FILE *out, const char *name, const char *format, const demo_event *e,
                       figure *of) {
  fprintf(out, "  %-30s", name);
  for (size_t i = 0; i <= t->scenario->nation_count; i++) {
    const wf_value_entry *entry = i < t->scenario->nation_count ? &e->alone[i] : last_screen(t, e);
    const double value = of(t, e, entry);
    char text[32] = "—";
    if (value >= 0) snprintf(text, sizeof text, format, value);
    // A dash is three bytes of UTF-8 and one column wide.
    fprintf(out, "%*s", value >= 0 ? COLUMN : COLUMN + 2, text);
  }
  fputc('\n', out);
}

static void print_checks(const demo_event *e, wf_time launch, FILE *out) {
  fprintf(out, "  checks: %s;\n",
          e->later ? "SHARED WAS LATER than the best nation alone" : "shared never later than the best nation alone");
  if (e->compared == 0) return;
  fprintf(out, "    shared area at most 1.05 times the best nation's alone in %zu of %zu s", e->compared - e->larger,
          e->compared);
  if (e->larger > 0)
    fprintf(out, "; worst %.2f times, %.0f s after launch", e->worst_area_ratio,
            wf_time_diff_s(e->worst_area_at, launch));
  fputc('\n', out);
}

static void print_event(const demo_table *t, const demo_event *e, FILE *out) {
  const wf_truth_object *object = object_of(t, e);
  const wf_time launch = object != NULL ? object->begins : t->scenario->start;
  fprintf(out, "\nEvent %s", e->label);
  if (object != NULL) fprintf(out, " · %s", t->scenario->launch[object->launch].name);
  if (object != NULL && object->has_impact)
    fprintf(out, " · really fell at %.2f°, %.2f°, %.0f s after launch", object->impact_lat_rad / WF_DEG,
            object->impact_lon_rad / WF_DEG, wf_time_diff_s(object->impact_time, launch));
  fprintf(out, "\n  %-30s", "times after launch");
  for (size_t i = 0; i < t->scenario->nation_count; i++) {
    char head[16];
    snprintf(head, sizeof head, "%s alone", t->scenario->nation[i].code);
    cell(out, head);
  }
  cell(out, "shared");
  fputc('\n', out);
  row_time(t, out, "detected", e, launch, detected);
  row_time(t, out, "impact area below 20 km", e, launch, area_known);
  row_figure(t, out, "  warning time left", "%.0f s", e, warning_left_s);
  row_figure(t, out, "  its 95 % semi-major", "%.1f km", e, first_size_km);
  row_figure(t, out, "  its realised error", "%.1f km", e, first_error_km);
  row_figure(t, out, "last prediction's error", "%.2f km", e, last_error_km);
  print_checks(e, launch, out);
}

void demo_table_print(const demo_table *t, FILE *out) {
  fprintf(out, "\nThe value of sharing — %s\n", t->scenario->title);
  fprintf(out,
          "Alone = a nation's own sensors only. Shared = the last of the %zu screens to know, all three sharing.\n",
          t->scenario->nation_count);
  for (size_t i = 0; i < t->event_count; i++) print_event(t, &t->events[i], out);
  if (t->event_count == 0) fprintf(out, "No event was detected.\n");
  fprintf(out, "\nProducts proposed / released:");
  for (size_t i = 0; i < t->scenario->nation_count; i++)
    fprintf(out, "  %s %zu / %zu", t->scenario->nation[i].code, t->proposed[i], t->released[i]);
  fputc('\n', out);
}

// ---- JSON ---------------------------------------------------------------------------------------------------------

static json_t *json_time(wf_time t) {
  char text[WF_TIME_RFC3339_SIZE];
  return t.ns != 0 ? json_string(wf_time_format(t, 3, text)) : json_null();
}

static json_t *json_area(const wf_impact_area *a) {
  return json_pack("{s:o,s:f,s:f,s:f,s:f,s:f,s:f}", "time", json_time(a->time), "time_sigma_s", a->time_sigma_s,
                   "lat_deg", a->area.lat_rad / WF_DEG, "lon_deg", a->area.lon_rad / WF_DEG, "semi_major_95_m",
                   a->area.semi_major_95_m, "semi_minor_95_m", a->area.semi_minor_95_m, "azimuth_deg",
                   a->area.azimuth_rad / WF_DEG);
}

static json_t *json_entry(const demo_table *t, const demo_event *e, const wf_value_entry *v) {
  const bool area = v->area_known.ns != 0, any = v->latest_at.ns != 0;
  const double first_m = area ? miss_m(t, e, &v->first_area) : -1, last_m = any ? miss_m(t, e, &v->latest) : -1;
  return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "detected", json_time(v->detected), "tracked",
                   json_time(v->tracked), "launch_known", json_time(v->launch_known), "area_below_20_km",
                   json_time(v->area_known), "first_area", area ? json_area(&v->first_area) : json_null(),
                   "first_area_error_m", first_m >= 0 ? json_real(first_m) : json_null(), "last_area",
                   any ? json_area(&v->latest) : json_null(), "last_area_error_m",
                   last_m >= 0 ? json_real(last_m) : json_null());
}

static json_t *json_event(const demo_table *t, const demo_event *e) {
  json_t *alone = json_object(), *shared = json_object();
  for (size_t i = 0; i < t->scenario->nation_count; i++) {
    json_object_set_new(alone, t->scenario->nation[i].code, json_entry(t, e, &e->alone[i]));
    json_object_set_new(shared, t->scenario->nation[i].code, json_entry(t, e, &e->shared[i]));
  }
  char id[17];
  snprintf(id, sizeof id, "%016llx", (unsigned long long)e->id);
  const wf_truth_object *object = object_of(t, e);
  json_t *truth = json_null();
  if (object != NULL)
    truth = json_pack("{s:s,s:o,s:o,s:f,s:f}", "launch", t->scenario->launch[object->launch].name, "launched",
                      json_time(object->begins), "impact",
                      object->has_impact ? json_time(object->impact_time) : json_null(), "lat_deg",
                      object->impact_lat_rad / WF_DEG, "lon_deg", object->impact_lon_rad / WF_DEG);
  return json_pack("{s:s,s:s,s:o,s:o,s:o,s:{s:b,s:f,s:b,s:f,s:I}}", "event", id, "label", e->label, "truth", truth,
                   "alone", alone, "shared", shared, "checks", "shared_later_than_best_alone", (int)e->later,
                   "slowest_screen_behind_best_alone_s", e->worst_delay_s, "shared_area_above_1_05_best_alone",
                   e->larger > 0, "worst_area_ratio", e->worst_area_ratio, "seconds_compared", (json_int_t)e->compared);
}

bool demo_table_write_json(const demo_table *t, const char *path) {
  json_t *events = json_array(), *products = json_object();
  for (size_t i = 0; i < t->event_count; i++) json_array_append_new(events, json_event(t, &t->events[i]));
  for (size_t i = 0; i < t->scenario->nation_count; i++)
    json_object_set_new(
        products, t->scenario->nation[i].code,
        json_pack("{s:I,s:I}", "proposed", (json_int_t)t->proposed[i], "released", (json_int_t)t->released[i]));
  json_t *report = json_pack("{s:s,s:s,s:o,s:o,s:o}", "scenario", t->scenario->name, "title", t->scenario->title,
                             "start", json_time(t->scenario->start), "events", events, "products", products);
  const bool ok = json_dump_file(report, path, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) == 0;
  json_decref(report);
  return ok;
}
