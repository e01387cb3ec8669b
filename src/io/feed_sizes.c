#include "feed_sizes.h"

#include <stdlib.h>

#include "feed_json.h"

#define NOTE_EVERY_S 4.0

enum { EVENTS_MAX = 24, ROWS_MAX = 160 };

typedef struct row {
  float at_s, shared_m, nation_m[WF_NATION_MAX];  // at_s since the event's first row; 0 m: no area known
} row;

typedef struct history {
  uint64_t event;
  wf_time from, last;
  wf_nation nation[WF_NATION_MAX];
  size_t nation_count, row_count;
  row row[ROWS_MAX];
} history;

struct feed_sizes {
  history event[EVENTS_MAX];
  size_t event_count, next;
};

feed_sizes *feed_sizes_new(void) {
  return calloc(1, sizeof(feed_sizes));
}
void feed_sizes_free(feed_sizes *sizes) {
  free(sizes);
}

static float size_of(const wf_value_entry *entry) {
  return entry->latest.valid ? (float)entry->latest.area.semi_major_95_m : 0;
}

// A nation's column: its own from its first row on, so that columns never change their meaning.
static size_t column_of(history *h, wf_nation nation) {
  for (size_t i = 0; i < h->nation_count; i++)
    if (wf_nation_compare(h->nation[i], nation) == 0) return i;
  if (h->nation_count == WF_NATION_MAX) return WF_NATION_MAX;
  h->nation[h->nation_count] = nation;
  return h->nation_count++;
}

static history *history_of(feed_sizes *sizes, uint64_t event) {
  for (size_t i = 0; i < sizes->event_count; i++)
    if (sizes->event[i].event == event) return &sizes->event[i];
  history *h = &sizes->event[sizes->event_count < EVENTS_MAX ? sizes->event_count++ : sizes->next++ % EVENTS_MAX];
  *h = (history){.event = event};
  return h;
}

static void thin(history *h) {
  size_t kept = 0;
  for (size_t i = 0; i < h->row_count; i++)
    if (i >= ROWS_MAX / 2 || i % 2 == 0) h->row[kept++] = h->row[i];
  h->row_count = kept;
}

static void note(history *h, wf_time now, const wf_value_event *event) {
  if (h->row_count > 0 && wf_time_diff_s(now, h->last) < NOTE_EVERY_S) return;
  row r = {.shared_m = size_of(&event->shared)};
  bool any = r.shared_m > 0;
  for (int i = 0; i < event->nation_count; i++) {
    const float size_m = size_of(&event->nation[i].alone);
    const size_t column = column_of(h, event->nation[i].nation);
    if (column < WF_NATION_MAX) r.nation_m[column] = size_m;
    any = any || size_m > 0;
  }
  if (!any) return;
  if (h->row_count == 0) h->from = now;
  if (h->row_count == ROWS_MAX) thin(h);
  r.at_s = (float)wf_time_diff_s(now, h->from);
  h->row[h->row_count++] = r;
  h->last = now;
}

void feed_sizes_note(feed_sizes *sizes, wf_time now, const wf_value_event *const *events, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const wf_impact_area *impact = &events[i]->shared.latest;
    if (impact->valid && wf_time_before(impact->time, now)) continue;  // its time has passed
    note(history_of(sizes, events[i]->event), now, events[i]);
  }
}

static json_t *metres(float size_m) {
  return size_m > 0 ? json_integer((json_int_t)(size_m + 0.5f)) : json_null();
}

static json_t *rows_json(const history *h) {
  json_t *rows = json_array();
  for (size_t i = 0; i < h->row_count; i++) {
    const row *r = &h->row[i];
    json_t *values = json_pack("[i,o]", (int)(r->at_s + 0.5f), metres(r->shared_m));
    for (size_t n = 0; n < h->nation_count; n++) json_array_append_new(values, metres(r->nation_m[n]));
    json_array_append_new(rows, values);
  }
  return rows;
}

json_t *feed_sizes_json(const feed_sizes *sizes) {
  json_t *list = json_array();
  for (size_t i = 0; i < sizes->event_count; i++) {
    const history *h = &sizes->event[i];
    json_t *nations = json_array();
    for (size_t n = 0; n < h->nation_count; n++) json_array_append_new(nations, json_string(h->nation[n].code));
    json_array_append_new(list, json_pack("{s:o,s:o,s:o,s:o}", "event", feed_hex(h->event), "from", feed_time(h->from),
                                          "nations", nations, "rows", rows_json(h)));
  }
  return list;
}
