// Where own radars will see what they do not see yet (node/cue.h), made anew every two seconds of record time at most.
#include <stdlib.h>

#include "base/fmath.h"
#include "feed_json.h"
#include "node/cue.h"

enum { CUES_MAX = 256 };
#define EVERY_S 2.0

static json_t *cue_json(const wf_node *node, const wf_cue *c) {
  wf_sensor_view sensors[WF_SENSOR_MAX];
  const size_t count = wf_node_sensors(node, sensors, WF_SENSOR_MAX);
  return json_pack("{s:o,s:s,s:s,s:b,s:o,s:o,s:f,s:f,s:f,s:f,s:f,s:f,s:f}", "track", feed_hex(c->track), "label",
                   c->label, "sensor", c->sensor < count ? sensors[c->sensor].sensor->name : "?", "inside",
                   (int)c->inside, "enters", feed_time(c->enters), "leaves", feed_time(c->leaves), "range_m",
                   c->range_m, "az_deg", c->az_rad / WF_DEG, "el_deg", c->el_rad / WF_DEG, "sigma_range_m",
                   c->sigma_range_m, "sigma_az_deg", c->sigma_az_rad / WF_DEG, "sigma_el_deg", c->sigma_el_rad / WF_DEG,
                   "volume_km3", c->volume_m3 * 1e-9);
}

json_t *feed_cues(const wf_node *node, json_t *before, wf_time *made) {
  const wf_time now = wf_node_time(node);
  const double age_s = wf_time_diff_s(now, *made);
  if (before != NULL && age_s >= 0.0 && age_s < EVERY_S) return json_incref(before);
  *made = now;
  json_t *list = json_array();
  wf_cue *cues = calloc(CUES_MAX, sizeof *cues);
  const size_t count = cues != NULL ? wf_node_cues(node, cues, CUES_MAX) : 0;
  for (size_t i = 0; i < count; i++) json_array_append_new(list, cue_json(node, &cues[i]));
  free(cues);
  return list;
}
