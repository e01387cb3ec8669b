// TDM → JSON Lines: one line per segment with its metadata, one per observation.
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "sensor/tdm.h"

// As the segment's clock shows it; with Z when that is UTC.
static const char *clock_text(const wf_tdm_segment *segment, wf_time time, char out[WF_TIME_RFC3339_SIZE]) {
  wf_time_format(time, 9, out);
  if (!segment->utc) out[strlen(out) - 1] = '\0';
  return out;
}

static void write_line(json_t *line) {
  json_dumpf(line, stdout, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
  putchar('\n');
  json_decref(line);
}

static void on_segment(void *context, const wf_tdm_segment *segment) {
  char text[WF_TIME_RFC3339_SIZE];
  json_t *meta = json_object();
  for (unsigned i = 0; i < segment->count; i++) {
    const wf_tdm_meta *m = &segment->meta[i];
    json_t *value = m->type == WF_TDM_NUMBER ? json_real(m->number)
                    : m->type == WF_TDM_TIME ? json_string(clock_text(segment, m->time, text))
                                             : json_string(m->text);
    json_object_set_new(meta, m->keyword, value != NULL ? value : json_string("(not UTF-8)"));
  }
  wf_time_format(segment->creation_date, 9, text);
  write_line(json_pack("{s:s,s:s,s:s*,s:i,s:o}", "tdm", segment->version, "creation_date", text, "originator",
                       segment->originator, "segment", (int)segment->index, "metadata", meta));
}

static void on_observation(void *context, const wf_tdm_segment *segment, const wf_tdm_observation *o) {
  char text[WF_TIME_RFC3339_SIZE];
  write_line(json_pack("{s:i,s:s,s:s,s:f,s:s}", "segment", (int)segment->index, "keyword", o->keyword,
                       segment->utc ? "time" : "epoch", clock_text(segment, o->time, text), "value", o->value, "unit",
                       o->unit));
}

void wf_decode_tdm(wf_decode *d, wf_bytes data) {
  const wf_tdm_visitor visitor = {d, on_segment, on_observation};
  wf_ccsds_fault fault = {0};
  const wf_status status = wf_tdm_read(data, &visitor, &fault);
  if (status == WF_EFORMAT)
    wf_decode_complain(d, fault.line, "%s", fault.reason);
  else if (status != WF_OK)
    wf_decode_complain(d, 0, "%s", wf_status_name(status));
}
