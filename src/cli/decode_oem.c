// CCSDS OEM → JSON Lines: one per segment, state and covariance.
#include <jansson.h>
#include <stdio.h>

#include "decode.h"
#include "sensor/oem.h"

static void print(json_t *line) {
  json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
  putchar('\n');
  json_decref(line);
}

static json_t *numbers(const double *v, int count) {
  json_t *list = json_array();
  for (int i = 0; i < count; i++) json_array_append_new(list, json_real(v[i]));
  return list;
}

static void on_segment(void *context, const wf_oem_segment *s) {
  print(json_pack("{s:I,s:s,s:s,s:s,s:s,s:b,s:b}", "segment", (json_int_t)s->index, "object_name", s->object_name,
                  "object_id", s->object_id, "center", s->center, "frame", s->frame, "utc", (int)s->utc, "earth_fixed",
                  (int)s->earth_fixed));
}

static void on_state(void *context, const wf_oem_segment *s, wf_time time, const double state[6], unsigned line) {
  char at[WF_TIME_RFC3339_SIZE];
  print(json_pack("{s:I,s:s,s:o,s:o}", "segment", (json_int_t)s->index, "time", wf_time_format(time, 9, at),
                  "position_m", numbers(state, 3), "velocity_m_s", numbers(state + 3, 3)));
}

static void on_covariance(void *context, const wf_oem_segment *s, wf_time time, const double covariance[21],
                          bool own_frame, unsigned line) {
  char at[WF_TIME_RFC3339_SIZE];
  print(json_pack("{s:I,s:s,s:o,s:b}", "segment", (json_int_t)s->index, "time", wf_time_format(time, 9, at),
                  "covariance", numbers(covariance, 21), "own_frame", (int)own_frame));
}

void wf_decode_oem(wf_decode *d, wf_bytes data) {
  const wf_oem_visitor visitor = {d, on_segment, on_state, on_covariance};
  wf_ccsds_fault fault = {0};
  if (wf_oem_read(data, &visitor, &fault) != WF_OK) wf_decode_complain(d, fault.line, "%s", fault.reason);
}
