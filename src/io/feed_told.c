// What others told, as consoles see it: seismic events, launch reports, voice reports.
#include "base/fmath.h"
#include "feed_json.h"
#include "sensor/quakeml.h"

static json_t *or_null(bool known, double value) {
  return known ? json_real(value) : json_null();
}

static json_t *text(const char *value) {
  return value[0] != '\0' ? json_string(value) : json_null();
}

static json_t *seismic_event(const wf_seismic_view *v) {
  const wf_seismic_event *e = &v->event;
  const wf_seismic_assessment *a = &v->assessment;
  json_t *o = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o,s:f,s:f,s:o,s:o,s:o,s:b,s:o,s:o,s:o}", "id", e->id, "origin",
                        v->origin.code, "agency", text(e->agency), "type", text(e->type), "time", feed_time(e->time),
                        "heard", feed_time(v->heard), "lat_deg", e->lat_rad / WF_DEG, "lon_deg", e->lon_rad / WF_DEG,
                        "horizontal_sigma_m", or_null(e->horizontal_sigma_m > 0, e->horizontal_sigma_m), "depth_m",
                        or_null(e->has_depth, e->depth_m), "depth_sigma_m",
                        or_null(e->depth_sigma_m > 0, e->depth_sigma_m), "depth_doubtful", (int)e->depth_doubtful,
                        "magnitude", or_null(e->has_magnitude, e->magnitude), "magnitude_type", text(e->magnitude_type),
                        "magnitude_sigma", or_null(e->magnitude_sigma > 0, e->magnitude_sigma));
  if (o == NULL) return json_null();
  json_object_set_new(o, "verdict",
                      json_string(a->verdict == WF_SEISMIC_POSSIBLE_EXPLOSION ? "possible_explosion" : "nothing"));
  json_object_set_new(o, "verdict_text", json_string(wf_seismic_verdict_text((wf_seismic_verdict)a->verdict)));
  json_object_set_new(o, "site", text(a->site));
  json_object_set_new(o, "distance_m", or_null(a->site[0] != '\0', a->distance_m));
  json_object_set_new(o, "why", json_string(a->why));
  return o;
}

json_t *feed_seismic(const wf_node *node) {
  const wf_seismic_view *views[WF_NODE_SEISMIC_MAX];
  json_t *list = json_array();
  const size_t count = wf_node_seismic(node, views, WF_NODE_SEISMIC_MAX);
  for (size_t i = 0; i < count; i++) json_array_append_new(list, seismic_event(views[i]));
  return list;
}

json_t *feed_reports(const wf_node *node) {
  const wf_report_view *views[WF_NODE_REPORTS_MAX];
  json_t *list = json_array();
  const size_t count = wf_node_reports(node, views, WF_NODE_REPORTS_MAX);
  for (size_t i = 0; i < count; i++) {
    const wf_report_view *v = views[i];
    const bool voice = wf_reported_kind(v->reported) == WF_REPORTED_VOICE;
    json_array_append_new(list, json_pack("{s:o,s:s,s:s,s:o,s:o,s:o,s:o}", "heard", feed_time(v->heard), "class",
                                          voice ? "voice" : "service", "source", v->source, "person", text(v->person),
                                          "number", feed_hex(v->report.number), "object", feed_hex(v->object), "launch",
                                          feed_launch(&v->report.launch)));
  }
  return list;
}
