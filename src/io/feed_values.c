// Small values of the console feed, and the value of sharing.
#include <stdio.h>

#include "base/fmath.h"
#include "feed_json.h"

json_t *feed_time(wf_time t) {
  char text[WF_TIME_RFC3339_SIZE];
  return t.ns != 0 ? json_string(wf_time_format(t, 3, text)) : json_null();
}

json_t *feed_hex(uint64_t value) {
  return json_sprintf("%016llx", (unsigned long long)value);
}

json_t *feed_sources(uint8_t sources) {
  static const struct {
    uint8_t bit;
    const char *name;
  } NAMES[] = {{WF_SOURCE_INFRARED, "infrared"},
               {WF_SOURCE_RADAR, "radar"},
               {WF_SOURCE_PARTNER, "partner"},
               {WF_SOURCE_VOICE, "voice"},
               {WF_SOURCE_SYSTEM, "system"},
               {WF_SOURCE_SERVICE, "service"}};
  json_t *list = json_array();
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
    if ((sources & NAMES[i].bit) != 0) json_array_append_new(list, json_string(NAMES[i].name));
  return list;
}

static json_t *ellipse(const wf_ground_ellipse *e) {
  return json_pack("{s:f,s:f,s:f,s:f,s:f}", "lat_deg", e->lat_rad / WF_DEG, "lon_deg", e->lon_rad / WF_DEG,
                   "semi_major_95_m", e->semi_major_95_m, "semi_minor_95_m", e->semi_minor_95_m,
                   "azimuth_deg", e->azimuth_rad / WF_DEG);
}

json_t *feed_launch(const wf_launch_area *l) {
  if (!l->valid) return json_null();
  return json_pack("{s:o,s:f,s:o}", "time", feed_time(l->time), "time_sigma_s", l->time_sigma_s, "area",
                   ellipse(&l->area));
}

json_t *feed_impact(const wf_impact_area *i) {
  if (!i->valid) return json_null();
  return json_pack("{s:o,s:f,s:o}", "time", feed_time(i->time), "time_sigma_s", i->time_sigma_s, "area", ellipse(&i->area));
}

static json_t *entry(const wf_value_entry *v) {
  const bool area = v->area_known.ns != 0;
  return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "detected", feed_time(v->detected), "tracked",
                   feed_time(v->tracked), "launch_known", feed_time(v->launch_known), "area20km",
                   feed_time(v->area_known), "area20km_semi_major_m",
                   area ? json_real(v->first_area.area.semi_major_95_m) : json_null(), "first_area",
                   feed_impact(&v->first_area), "latest", feed_impact(&v->latest), "latest_at",
                   feed_time(v->latest_at), "lost", feed_time(v->lost));
}

json_t *feed_value(const wf_value_event *event) {
  json_t *nations = json_object();
  const char *own = NULL;
  for (int i = 0; i < event->nation_count; i++) {
    json_object_set_new(nations, event->nation[i].nation.code, entry(&event->nation[i].alone));
    if (event->nation[i].own) own = event->nation[i].nation.code;
  }
  return json_pack("{s:o,s:s,s:o,s:o,s:o}", "event", feed_hex(event->event), "label", event->label, "nations", nations,
                   "own", own != NULL ? json_string(own) : json_null(), "shared", entry(&event->shared));
}
