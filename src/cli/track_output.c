#include "track_output.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/fmath.h"
#include "base/mat.h"

static json_t *numbers(const double *x, int count) {
  json_t *array = json_array();
  for (int i = 0; i < count; i++) json_array_append_new(array, json_real(x[i]));
  return array;
}

// The contract knows three phases; straight and level flight is none of them and says so in "model".
static const char *phase_name(uint8_t phase) {
  return phase == WF_PHASE_UNKNOWN ? "coast" : wf_phase_name((wf_phase)phase);
}

static json_t *impact_object(const wf_impact_area *impact) {
  const wf_ground_ellipse *a = &impact->area;
  return json_pack("{s:f,s:f,s:f,s:f,s:f,s:f,s:f}", "time_s", wf_time_to_s(impact->time), "time_sigma_s",
                   impact->time_sigma_s, "lat_deg", a->lat_rad / WF_DEG, "lon_deg", a->lon_rad / WF_DEG,
                   "semi_major_95_m", a->semi_major_95_m, "semi_minor_95_m", a->semi_minor_95_m, "azimuth_deg",
                   a->azimuth_rad / WF_DEG);
}

void wf_track_line_print(FILE *out, const wf_track_line *line) {
  char id[20];
  double upper[21];
  snprintf(id, sizeof id, "%016llx", (unsigned long long)line->track);
  wf_mat_pack_upper(6, line->covariance, upper);
  json_t *object = json_object();
  json_object_set_new(object, "time_s", json_real(line->time_s));
  json_object_set_new(object, "track", json_string(id));
  json_object_set_new(object, "sensor", line->sensor != NULL ? json_string(line->sensor) : json_null());
  json_object_set_new(object, "status", json_string(line->status));
  json_object_set_new(object, "position_m", numbers(line->state, 3));
  json_object_set_new(object, "velocity_m_s", numbers(line->state + 3, 3));
  json_object_set_new(object, "covariance", numbers(upper, 21));
  json_object_set_new(object, "phase", json_string(phase_name(line->phase)));
  if (line->phase == WF_PHASE_UNKNOWN) json_object_set_new(object, "model", json_string("straight"));
  if (line->contributors != NULL) {
    json_t *names = json_array();
    for (int i = 0; i < line->contributor_count; i++) json_array_append_new(names, json_string(line->contributors[i]));
    json_object_set_new(object, "contributors", names);
  }
  if (line->impact != NULL) json_object_set_new(object, "impact", impact_object(line->impact));
  if (line->group_count > 0)
    json_object_set_new(object, "group",
                        json_pack("{s:i,s:i}", "id", (int)line->group, "count", (int)line->group_count));
  if (line->revised) json_object_set_new(object, "revised", json_true());
  json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(12));
  fputc('\n', out);
  json_decref(object);
}
