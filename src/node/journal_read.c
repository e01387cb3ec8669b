// A recording as frames and what is in them. Everything is checked: a recording comes from outside.
#include <stdlib.h>
#include <string.h>

#include "journal_code.h"

enum { FRAME_HEAD = 5, FRAME_CHECK = 8, RINGS_MOST = 1 << 16, POINTS_MOST = 1 << 20, AREAS_MOST = 4096 };

wf_status wf_journal_read_begin(wf_bytes recording, wf_journal_reader *out) {
  *out = (wf_journal_reader){recording, WF_JOURNAL_HEADER};
  if (recording.size < WF_JOURNAL_HEADER || memcmp(recording.data, WF_JOURNAL_MAGIC, 8) != 0) return WF_EFORMAT;
  return recording.data[8] == 0 && recording.data[9] == WF_JOURNAL_VERSION ? WF_OK : WF_EFORMAT;
}

wf_status wf_journal_read(wf_journal_reader *reader, wf_journal_frame *out) {
  *out = (wf_journal_frame){.offset = reader->offset};
  const size_t left = reader->all.size - reader->offset;
  if (left == 0) return WF_ENOTFOUND;
  const uint8_t *at = reader->all.data + reader->offset;
  if (left < FRAME_HEAD + FRAME_CHECK) return WF_EFORMAT;
  wf_reader head = wf_reader_of(at, FRAME_HEAD);
  const uint64_t kind = wf_read_uint(&head, 1), size = wf_read_uint(&head, 4);
  if (kind < WF_JOURNAL_START || kind > WF_JOURNAL_END || size > left - FRAME_HEAD - FRAME_CHECK) return WF_EFORMAT;
  uint64_t check;
  memcpy(&check, at + FRAME_HEAD + size, sizeof check);
  if (check != journal_fold(0, at, FRAME_HEAD + (size_t)size)) return WF_EFORMAT;
  out->kind = (wf_journal_kind)kind;
  out->payload = (wf_bytes){at + FRAME_HEAD, (size_t)size};
  reader->offset += FRAME_HEAD + (size_t)size + FRAME_CHECK;
  return WF_OK;
}

static char *read_text(wf_reader *r) {
  const uint64_t size = wf_read_uint(r, 4);
  const wf_bytes b = wf_read_bytes(r, (size_t)size);
  char *text = r->failed ? NULL : calloc(1, b.size + 1);
  if (text != NULL && b.size > 0) memcpy(text, b.data, b.size);
  return text;
}

static double *read_outline(wf_reader *r, size_t points) {
  if (points > POINTS_MOST || r->size - r->offset < 16 * points) r->failed = true;
  double *out = r->failed ? NULL : calloc(points > 0 ? 2 * points : 1, sizeof *out);
  journal_code code = {.from = r};
  for (size_t i = 0; out != NULL && i < 2 * points; i++) journal_code_double(&code, &out[i]);
  return out;
}

static bool read_area(wf_reader *r, wf_area *out) {
  journal_code code = {.from = r};
  journal_code_text(&code, out->code, sizeof out->code);
  out->name_en = read_text(r);
  out->name_ja = read_text(r);
  out->name_ko = read_text(r);
  uint32_t rings = 0, *ring_points = NULL;
  journal_code_u32(&code, &rings, RINGS_MOST);
  if (!r->failed && r->size - r->offset >= 4 * (size_t)rings) ring_points = calloc(rings + 1, sizeof *ring_points);
  if (ring_points == NULL) return false;
  out->ring_points = ring_points;
  size_t points = 0;
  for (uint32_t i = 0; i < rings; i++) {
    journal_code_u32(&code, &ring_points[i], POINTS_MOST);
    points += ring_points[i];
  }
  out->lat_lon_rad = read_outline(r, points);
  if (out->lat_lon_rad == NULL) return false;
  out->ring_count = rings;
  return out->name_en != NULL && out->name_ja != NULL && out->name_ko != NULL && !r->failed;
}

static void free_const(const void *memory) {
  void *owned;
  memcpy(&owned, &memory, sizeof owned);  // the area's view of it is const; the memory is ours
  free(owned);
}

void wf_journal_start_free(wf_journal_start_frame *start) {
  for (size_t i = 0; start->areas != NULL && i < start->area_count; i++) {
    const wf_area *a = &start->areas[i];
    free_const(a->name_en);
    free_const(a->name_ja);
    free_const(a->name_ko);
    free_const(a->ring_points);
    free_const(a->lat_lon_rad);
  }
  free(start->areas);
  free(start->sensors);
  start->areas = NULL;
  start->sensors = NULL;
}

static wf_status read_lists(wf_reader *r, wf_journal_start_frame *out) {
  journal_code code = {.from = r};
  uint32_t sensors = 0, areas = 0;
  journal_code_u32(&code, &sensors, WF_SENSOR_MAX);
  if (r->failed) return WF_EFORMAT;
  out->sensors = calloc(sensors + 1, sizeof *out->sensors);
  for (uint32_t i = 0; out->sensors != NULL && i < sensors; i++) journal_code_sensor(&code, &out->sensors[i]);
  journal_code_u32(&code, &areas, AREAS_MOST);
  if (out->sensors == NULL || r->failed) return WF_EFORMAT;
  out->areas = calloc(areas + 1, sizeof *out->areas);
  if (out->areas == NULL) return WF_ENOMEM;
  out->area_count = areas;
  for (uint32_t i = 0; i < areas; i++)
    if (!read_area(r, &out->areas[i])) return WF_EFORMAT;
  out->config.sensors = out->sensors;
  out->config.sensor_count = sensors;
  out->config.areas = areas > 0 ? out->areas : NULL;
  out->config.area_count = areas;
  return r->offset == r->size ? WF_OK : WF_EFORMAT;
}

wf_status wf_journal_decode_start(wf_bytes payload, wf_journal_start_frame *out) {
  memset(out, 0, sizeof *out);
  wf_reader r = wf_reader_of(payload.data, payload.size);
  journal_code code = {.from = &r};
  journal_code_text(&code, out->version, sizeof out->version);
  journal_code_config(&code, &out->config);
  const wf_status status = r.failed ? WF_EFORMAT : read_lists(&r, out);
  if (status != WF_OK) wf_journal_start_free(out);
  return status;
}

wf_status wf_journal_decode_input(wf_bytes payload, wf_release_policy *policy, wf_journal_input_frame *out) {
  memset(out, 0, sizeof *out);
  out->policy = policy;
  wf_reader r = wf_reader_of(payload.data, payload.size);
  journal_code code = {.from = &r};
  journal_code_input(&code, out);
  out->input.person = out->person;
  out->input.action = &out->action;
  return r.failed || r.offset != r.size ? WF_EFORMAT : WF_OK;
}

wf_status wf_journal_decode_mark(wf_bytes payload, wf_journal_mark *out) {
  memset(out, 0, sizeof *out);
  wf_reader r = wf_reader_of(payload.data, payload.size);
  journal_code code = {.from = &r};
  journal_code_mark(&code, out);
  return r.failed || r.offset != r.size ? WF_EFORMAT : WF_OK;
}
