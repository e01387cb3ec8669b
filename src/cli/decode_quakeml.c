// QuakeML → JSON Lines: one line per event, with what may be said of it.
#include <jansson.h>
#include <stdio.h>

#include "base/fmath.h"
#include "decode.h"
#include "sensor/quakeml.h"

static json_t *number(bool known, double value) {
  return known ? json_real(value) : json_null();
}

static void on_event(void *context, const wf_seismic_event *e) {
  char time[WF_TIME_RFC3339_SIZE];
  wf_seismic_assessment a;
  wf_seismic_assess(e, &a);
  json_t *line = json_pack(
      "{s:s*,s:s*,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o,s:s*,s:s*,s:s,s:s*,s:o,s:s*}", "event", e->id, "type", e->type,
      "time", e->has_time ? json_string(wf_time_format(e->time, 3, time)) : json_null(), "lat_deg",
      number(e->has_place, e->lat_rad / WF_DEG), "lon_deg", number(e->has_place, e->lon_rad / WF_DEG),
      "horizontal_sigma_m", number(e->has_place && e->horizontal_sigma_m > 0, e->horizontal_sigma_m), "depth_m",
      number(e->has_depth, e->depth_m), "depth_sigma_m", number(e->has_depth && e->depth_sigma_m > 0, e->depth_sigma_m),
      "depth_doubtful", (int)e->depth_doubtful, "magnitude", number(e->has_magnitude, e->magnitude), "magnitude_type",
      e->magnitude_type, "agency", e->agency, "assessment", wf_seismic_verdict_text(a.verdict), "site",
      a.site[0] != '\0' ? a.site : NULL,
      "distance_m", number(a.site[0] != '\0', a.distance_m), "why", a.why);
  json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
  putchar('\n');
  json_decref(line);
}

void wf_decode_quakeml(wf_decode *d, wf_bytes data) {
  wf_ccsds_fault fault = {0};
  const wf_status status = wf_quakeml_read(data, on_event, d, &fault);
  if (status == WF_EFORMAT)
    wf_decode_complain(d, fault.line, "%s", fault.reason);
  else if (status != WF_OK)
    wf_decode_complain(d, 0, "%s", wf_status_name(status));
}
