#include "io/feed_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "feed_json.h"
#include "feed_sizes.h"

enum { QUIET_MAX = 5, HISTORIES_MAX = 256, ALARMS_MAX = 200, TRACKS_MAX = 512, PRODUCTS_MAX = 256 };

typedef struct alarm {
  uint64_t id, count;
  wf_time at;
  wf_alarm_kind kind;
  wf_nation nation;
  bool acknowledged;
  char text[160];
} alarm;

struct wf_feed_state {
  flown histories[HISTORIES_MAX];
  size_t history_count, history_next;
  alarm alarms[ALARMS_MAX];
  size_t alarm_count;
  uint64_t alarm_ids;
  json_int_t seq;
  unsigned quiet;  // refreshes without anything new
  bool news;
  json_t *sections, *changed, *driver;
  feed_sizes *sizes;
  wf_time cues_made;
  const wf_common_track *tracks[TRACKS_MAX];
  const wf_product *products[PRODUCTS_MAX];
  const wf_value_event *values[WF_VALUE_EVENTS_MAX];
};

wf_feed_state *wf_feed_state_new(void) {
  wf_feed_state *s = calloc(1, sizeof *s);
  if (s != NULL) s->sizes = feed_sizes_new();
  if (s != NULL && s->sizes == NULL) {
    free(s);
    return NULL;
  }
  return s;
}

void wf_feed_state_free(wf_feed_state *s) {
  if (s == NULL) return;
  json_decref(s->sections);
  json_decref(s->changed);
  json_decref(s->driver);
  feed_sizes_free(s->sizes);
  free(s);
}

// ---- Alarms -------------------------------------------------------------------------------------------------------

static void make_room(wf_feed_state *s) {
  if (s->alarm_count < ALARMS_MAX) return;
  size_t gone = 0;  // the oldest acknowledged one, or the oldest
  for (size_t i = 0; i < s->alarm_count; i++)
    if (s->alarms[i].acknowledged) {
      gone = i;
      break;
    }
  memmove(&s->alarms[gone], &s->alarms[gone + 1], (s->alarm_count - gone - 1) * sizeof s->alarms[0]);
  s->alarm_count--;
}

void wf_feed_state_alarm(wf_feed_state *s, wf_time at, wf_alarm_kind kind, wf_nation nation, const char *text) {
  for (size_t i = 0; i < s->alarm_count; i++) {
    alarm *a = &s->alarms[i];
    if (a->acknowledged || a->kind != kind || wf_nation_compare(a->nation, nation) != 0) continue;
    a->count++;
    a->at = at;
    snprintf(a->text, sizeof a->text, "%s", text != NULL ? text : "");
    return;
  }
  make_room(s);
  alarm *a = &s->alarms[s->alarm_count++];
  *a = (alarm){.id = ++s->alarm_ids, .count = 1, .at = at, .kind = kind, .nation = nation};
  snprintf(a->text, sizeof a->text, "%s", text != NULL ? text : "");
}

wf_status wf_feed_state_acknowledge(wf_feed_state *s, uint64_t id) {
  for (size_t i = 0; i < s->alarm_count; i++)
    if (s->alarms[i].id == id) {
      s->alarms[i].acknowledged = true;
      return WF_OK;
    }
  return WF_ENOTFOUND;
}

// ---- Sections -----------------------------------------------------------------------------------------------------

static flown *history_of(wf_feed_state *s, uint64_t number) {
  for (size_t i = 0; i < s->history_count; i++)
    if (s->histories[i].number == number) return &s->histories[i];
  flown *h = &s->histories[s->history_count < HISTORIES_MAX ? s->history_count++ : s->history_next++ % HISTORIES_MAX];
  h->number = number;
  h->count = 0;
  return h;
}

static json_t *section_tracks(wf_feed_state *s, const wf_node *node) {
  json_t *list = json_array();
  const size_t count = wf_node_national(node, s->tracks, TRACKS_MAX);
  for (size_t i = 0; i < count; i++) {
    flown *h = history_of(s, s->tracks[i]->number);
    flown_note(h, &s->tracks[i]->track);
    json_array_append_new(list, feed_track(s->tracks[i], h, wf_node_time(node), true));
  }
  return list;
}

static json_t *section_alone(wf_feed_state *s, const wf_node *node) {
  json_t *list = json_array();
  const size_t count = wf_node_alone(node, s->tracks, TRACKS_MAX);
  for (size_t i = 0; i < count; i++)
    json_array_append_new(list, feed_track(s->tracks[i], NULL, wf_node_time(node), false));
  return list;
}

static json_t *section_products(wf_feed_state *s, const wf_node *node) {
  json_t *list = json_array();
  size_t area_count;
  const wf_area *areas = wf_node_areas(node, &area_count);
  const size_t count = wf_node_products(node, s->products, PRODUCTS_MAX);
  for (size_t i = count; i-- > 0;) json_array_append_new(list, feed_product(s->products[i], areas, area_count));
  return list;
}

static const char *agreement_of(const wf_node *node, wf_nation nation) {
  static const char *const NAMES[] = {"waiting", "equal", "different", "not_comparable"};
  wf_digest_view views[WF_NATION_MAX];
  const size_t count = wf_node_digests(node, views, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++)
    if (wf_nation_compare(views[i].nation, nation) == 0) return NAMES[views[i].agreement];
  return NAMES[0];
}

// relayed_by[i]: the i-th partner of the same list carries this one's streams to us.
static json_t *link_json(const wf_node *node, const wf_link_view *all, size_t count, const wf_link_view *l) {
  json_t *relays = json_array();
  for (size_t i = 0; i < count; i++)
    if (l->relayed_by[i]) json_array_append_new(relays, json_string(all[i].nation.code));
  return json_pack("{s:s,s:s,s:[b,b],s:f,s:f,s:f,s:o,s:I,s:I,s:I,s:o,s:s}", "nation", l->nation.code, "membership",
                   wf_membership_name(l->membership), "up", (int)l->up[0], (int)l->up[1], "round_trip_ms",
                   l->round_trip_ms, "clock_offset_ms", l->clock_offset_ms, "clock_offset_sigma_ms",
                   l->clock_offset_sigma_ms, "last_heard", feed_time(l->last_heard), "queued_bytes",
                   (json_int_t)l->queued_bytes, "missing_records", (json_int_t)l->missing_records, "backfill_left",
                   (json_int_t)l->backfill_left, "relayed_by", relays, "digest", agreement_of(node, l->nation));
}

static json_t *section_links(const wf_node *node) {
  json_t *list = json_array();
  wf_link_view views[WF_NATION_MAX];
  const size_t count = wf_node_links(node, views, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++) json_array_append_new(list, link_json(node, views, count, &views[i]));
  return list;
}

static json_t *section_sensors(const wf_node *node) {
  static const char *const STATES[] = {"never", "alive", "degraded", "off", "silent"};
  json_t *list = json_array();
  wf_sensor_view views[WF_SENSOR_MAX];
  const size_t count = wf_node_sensors(node, views, WF_SENSOR_MAX);
  for (size_t i = 0; i < count; i++)
    json_array_append_new(
        list,
        json_pack("{s:s,s:s,s:s,s:o,s:I,s:I,s:I}", "name", views[i].sensor->name, "kind",
                  wf_sensor_kind_name(views[i].sensor->kind), "state", STATES[views[i].state < 5 ? views[i].state : 2],
                  "last_heard", feed_time(views[i].last_heard), "plots", (json_int_t)views[i].plots, "rejected",
                  (json_int_t)views[i].rejected, "lost_datagrams", (json_int_t)views[i].lost_datagrams));
  return list;
}

// The catalogues of the screens are keyed by these (docs/console-feed.md).
static const char *kind_name(wf_alarm_kind kind) {
  static const char *const NAMES[WF_ALARM_KIND_COUNT] = {
      "other",         "equivocation",     "bad_signature", "bad_chain",        "mode_mismatch",
      "malformed",     "outside_audience", "clock",         "quarantined_time", "twin",
      "store_failed",  "link_lost",        "overload",      "picture_differs",  "sensor_silent",
      "refused_input", "store_damaged",    "unattended"};
  return (unsigned)kind < WF_ALARM_KIND_COUNT ? NAMES[kind] : NAMES[0];
}

static json_t *section_alarms(const wf_feed_state *s) {
  json_t *list = json_array();
  for (size_t i = s->alarm_count; i-- > 0;) {
    const alarm *a = &s->alarms[i];
    json_array_append_new(list, json_pack("{s:I,s:o,s:s,s:s,s:o,s:I,s:b}", "id", (json_int_t)a->id, "time",
                                          feed_time(a->at), "kind", kind_name(a->kind), "text", a->text, "nation",
                                          a->nation.code[0] != '\0' ? json_string(a->nation.code) : json_null(),
                                          "count", (json_int_t)a->count, "acknowledged", (int)a->acknowledged));
  }
  return list;
}

static json_t *section_value(wf_feed_state *s, const wf_node *node) {
  json_t *list = json_array();
  const size_t count = wf_node_value(node, s->values, WF_VALUE_EVENTS_MAX);
  feed_sizes_note(s->sizes, wf_node_time(node), s->values, count);
  for (size_t i = 0; i < count; i++) json_array_append_new(list, feed_value(s->values[i]));
  return list;
}

void wf_feed_state_driver(wf_feed_state *s, json_t *driver) {
  json_decref(s->driver);
  s->driver = driver;
}

// What others told, and why some of it was not taken.
static json_t *told_counts(const wf_node *node) {
  wf_told_counts c;
  wf_node_told_counts(node, &c);
  json_t *dropped = json_object();
  for (int i = 1; i < WF_TOLD_REJECT_COUNT; i++)
    if (c.rejected[i] > 0)
      json_object_set_new(dropped, wf_told_reject_name((wf_told_reject)i), json_integer((json_int_t)c.rejected[i]));
  return json_pack("{s:I,s:I,s:I,s:I,s:o}", "tracks", (json_int_t)c.tracks, "launches", (json_int_t)c.launches, "voice",
                   (json_int_t)c.voice, "seismic", (json_int_t)c.seismic, "dropped", dropped);
}

static json_t *section_node(const wf_feed_state *s, const wf_feed_look *look) {
  const wf_node *node = look->node;
  wf_node_counters c;
  wf_node_counters_get(node, &c);
  json_t *rejected = json_object();
  for (int i = 1; i < WF_PLOT_REJECT_COUNT; i++)
    json_object_set_new(rejected, wf_plot_reject_name((wf_plot_reject)i),
                        json_integer((json_int_t)c.plots_rejected[i]));
  json_t *counters =
      json_pack("{s:I,s:I,s:I,s:o,s:I,s:I,s:I,s:I,s:I,s:I}", "datagrams", (json_int_t)c.datagrams, "datagrams_refused",
                (json_int_t)c.datagrams_refused, "plots", (json_int_t)c.plots, "plots_rejected", rejected, "records_in",
                (json_int_t)c.records_in, "records_refused", (json_int_t)c.records_refused, "records_too_late",
                (json_int_t)c.records_too_late, "records_aside", (json_int_t)c.records_aside, "records_retracted",
                (json_int_t)c.records_retracted, "products", (json_int_t)c.products);
  wf_radar_counts radar;
  wf_node_radar_counts(node, &radar);
  json_t *dropped = json_object();
  for (int i = 1; i < WF_RADAR_REJECT_COUNT; i++)
    if (radar.rejected[i] > 0)
      json_object_set_new(dropped, wf_radar_reject_name((wf_radar_reject)i),
                          json_integer((json_int_t)radar.rejected[i]));
  json_object_set_new(counters, "asterix",
                      json_pack("{s:I,s:o}", "records", (json_int_t)radar.records, "dropped", dropped));
  json_object_set_new(counters, "told", told_counts(node));
  if (s->driver != NULL) json_object_set(counters, "driver", s->driver);
  return json_pack("{s:s,s:s,s:s,s:I,s:o,s:f,s:b,s:o}", "nation", wf_node_nation(node).code, "mode",
                   look->mode != NULL ? look->mode : wf_mode_name(wf_node_mode(node)), "version", look->version,
                   "epoch", (json_int_t)wf_node_epoch(node), "time", feed_time(wf_node_time(node)), "rate", look->rate,
                   "durable", (int)wf_node_durable(node), "counters", counters);
}

// ---- Refresh, snapshot, delta -------------------------------------------------------------------------------------

static json_t *make_sections(wf_feed_state *s, const wf_feed_look *look) {
  const wf_node *node = look->node;
  if (node == NULL) return json_object();
  json_t *value = section_value(s, node);
  json_t *cues = feed_cues(node, s->sections != NULL ? json_object_get(s->sections, "cues") : NULL, &s->cues_made);
  return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "node", section_node(s, look), "tracks",
                   section_tracks(s, node), "alone", section_alone(s, node), "products", section_products(s, node),
                   "links", section_links(node), "sensors", section_sensors(node), "alarms", section_alarms(s), "value",
                   value, "history", feed_sizes_json(s->sizes), "cues", cues, "seismic", feed_seismic(node), "reports",
                   feed_reports(node));
}

void wf_feed_state_restart(wf_feed_state *s) {
  feed_sizes *fresh = feed_sizes_new();
  if (fresh != NULL) {
    feed_sizes_free(s->sizes);
    s->sizes = fresh;
  }
  s->history_count = s->history_next = s->alarm_count = 0;
  s->cues_made = (wf_time){0};
}

bool wf_feed_state_refresh(wf_feed_state *s, const wf_feed_look *look) {
  json_t *sections = make_sections(s, look);
  if (sections != NULL && look->extra != NULL) json_object_update(sections, look->extra);
  json_t *changed = json_object();
  if (sections == NULL || changed == NULL) {
    json_decref(sections);
    json_decref(changed);
    return false;
  }
  const char *name;
  json_t *section;
  json_object_foreach(sections, name, section) {
    json_t *before = s->sections != NULL ? json_object_get(s->sections, name) : NULL;
    if (before == NULL || !json_equal(before, section)) json_object_set(changed, name, section);
  }
  json_decref(s->sections);
  json_decref(s->changed);
  s->sections = sections;
  s->changed = changed;
  // Even where time stands still, silence would mean that nobody lives here: an empty delta says otherwise.
  s->quiet = json_object_size(changed) > 0 ? 0 : s->quiet + 1;
  s->news = s->quiet == 0 || s->quiet == QUIET_MAX;
  if (s->news) s->seq++, s->quiet = 0;
  return true;
}

json_t *wf_feed_state_snapshot(const wf_feed_state *s) {
  return s->sections == NULL ? NULL
                             : json_pack("{s:s,s:I,s:O}", "type", "snapshot", "seq", s->seq, "state", s->sections);
}

json_t *wf_feed_state_delta(const wf_feed_state *s) {
  if (s->changed == NULL || !s->news) return NULL;
  return json_pack("{s:s,s:I,s:I,s:O}", "type", "delta", "seq", s->seq, "after", s->seq - 1, "state", s->changed);
}
