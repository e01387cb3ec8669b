#include "sensor/tdm_plots.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "geo/wgs84.h"

#define EARTH_TURNS_M_S 600.0  // what the turning site adds to a speed in space, at most
#define SHORT_S 30.0           // over longer times a pass bends, and neighbours are compared

enum { RANGE = 1, ANGLE_1 = 2, ANGLE_2 = 4, ALL = 7 };

typedef struct reading {
  wf_tdm_plots *out;
  size_t first;                  // plot of the segment
  size_t cursor[3];              // where the next value of each keyword belongs, most likely
  uint8_t *has;                  // by plot
  uint16_t sensor;               // WF_SENSOR_NONE: this segment gives none
  double range_m, angle_rad[2];  // corrections to be added
  unsigned line;                 // of the segment's first observation
} reading;

__attribute__((format(printf, 3, 4))) static void refuse(reading *r, unsigned line, const char *format, ...) {
  char text[160];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (r->out->refused != NULL) r->out->refused(r->out->context, line, text);
}

// ---- What a segment is of -----------------------------------------------------------------------------------------
// "1,2,1" ends at 1; without a path the first participant measures.
static const char *station_of(const wf_tdm_segment *s) {
  char keyword[] = "PARTICIPANT_1";
  const wf_tdm_meta *path = wf_tdm_find(s, "PATH"), *station;
  if (path != NULL) {
    const size_t length = strlen(path->text);
    if (length > 0 && path->text[length - 1] >= '1' && path->text[length - 1] <= '5')
      keyword[12] = path->text[length - 1];
  }
  station = wf_tdm_find(s, keyword);
  return station != NULL ? station->text : "";
}

static double correction(const wf_tdm_segment *s, const char *keyword) {
  const wf_tdm_meta *applied = wf_tdm_find(s, "CORRECTIONS_APPLIED"), *value = wf_tdm_find(s, keyword);
  return value != NULL && applied != NULL && strcasecmp(applied->text, "NO") == 0 ? value->number : 0.0;
}

// Nothing that leaves the Earth slower than for ever, and nothing that does not leave it, is seen to close in faster.
static bool possible(reading *r, const wf_tdm_plot *a, const wf_tdm_plot *b) {
  const wf_sensor *s = &r->out->registry->sensors[r->sensor];
  const double dt_s = wf_time_diff_s(b->plot.time, a->plot.time);
  if (!(dt_s > 0.0)) return true;
  wf_site site;
  double pos_ecef_m[3];
  wf_site_init(&site, &s->lla);
  const double rae[3] = {a->plot.radar.range_m, a->plot.radar.az_rad, a->plot.radar.el_rad};
  wf_geo_ecef_from_rae(&site, rae, pos_ecef_m, NULL);
  const double rate_m_s = (b->plot.radar.range_m - a->plot.radar.range_m) / dt_s;
  const double escape_m_s = wf_sqrt(2.0 * WF_WGS84_GM_M3_S2 / wf_vec_norm(pos_ecef_m));
  const double most_m_s = escape_m_s + EARTH_TURNS_M_S + 4.3 * s->sigma_range_m / dt_s;  // 3 sigma of two
  if (rate_m_s <= most_m_s && rate_m_s >= -most_m_s) return true;
  const bool half = !r->out->round_trip && rate_m_s <= 2.0 * most_m_s && rate_m_s >= -2.0 * most_m_s;
  refuse(r, b->line,
         "physically implausible: %zu plots in %.1f s with a range rate of %.1f km/s, and nothing near the Earth "
         "exceeds %.1f%s",
         r->out->count - r->first, dt_s, 1e-3 * rate_m_s, 1e-3 * most_m_s,
         half ? " (it would do as a round trip)" : "");
  return false;
}

// Keeps the whole plots of the segment that ends, or none.
static void end_segment(reading *r) {
  wf_tdm_plots *o = r->out;
  size_t kept = r->first;
  for (size_t i = r->first; i < o->count; i++) {
    if (r->has[i] == ALL)
      o->plot[kept++] = o->plot[i];
    else
      refuse(r, o->plot[i].line, "no plot: %s is missing at that time",
             (r->has[i] & RANGE) == 0 ? "RANGE" : "an angle");
  }
  o->count = kept;
  const size_t n = o->count - r->first;
  bool good = true;
  const wf_tdm_plot *p = o->plot + r->first;
  if (n > 1 && wf_time_diff_s(p[n - 1].plot.time, p[0].plot.time) <= SHORT_S)
    good = possible(r, &p[0], &p[n - 1]);
  else
    for (size_t i = 1; good && i < n; i++) good = possible(r, &p[i - 1], &p[i]);
  if (!good) o->count = r->first;
  r->first = o->count;
}

static void on_segment(void *context, const wf_tdm_segment *s) {
  reading *r = context;
  end_segment(r);
  const wf_tdm_meta *angles = wf_tdm_find(s, "ANGLE_TYPE");
  const char *station = station_of(s);
  memset(r->cursor, 0, sizeof r->cursor);
  for (int k = 0; k < 3; k++) r->cursor[k] = r->first;
  r->line = 0;
  r->sensor = wf_sensor_find(r->out->registry, station);
  if (r->sensor != WF_SENSOR_NONE && r->out->registry->sensors[r->sensor].kind != WF_SENSOR_RADAR)
    r->sensor = WF_SENSOR_NONE;
  if (r->sensor == WF_SENSOR_NONE) refuse(r, 0, "segment %u: \"%.40s\" is no registered radar", s->index + 1, station);
  if (!s->utc || angles == NULL || strcasecmp(angles->text, "AZEL") != 0) {
    refuse(r, 0, "segment %u: %s", s->index + 1, s->utc ? "its angles are not AZEL" : "its times are not UTC");
    r->sensor = WF_SENSOR_NONE;
  }
  r->range_m = 1e3 * correction(s, "CORRECTION_RANGE");
  r->angle_rad[0] = WF_DEG * correction(s, "CORRECTION_ANGLE_1");
  r->angle_rad[1] = WF_DEG * correction(s, "CORRECTION_ANGLE_2");
}

// ---- Observations -------------------------------------------------------------------------------------------------
static size_t place_of(reading *r, int k, const wf_tdm_observation *o) {
  wf_tdm_plots *out = r->out;
  size_t i = r->cursor[k];
  while (i < out->count && out->plot[i].plot.time.ns != o->time.ns) i++;
  if (i < out->count) return i;
  if (out->count == out->cap) return SIZE_MAX;
  r->has[i] = 0;
  out->plot[i] = (wf_tdm_plot){.line = o->line};
  out->plot[i].plot.time = o->time;
  out->plot[i].plot.sensor = r->sensor;
  out->plot[i].plot.kind = WF_PLOT_RADAR;
  out->count++;
  return i;
}

static bool metres(const wf_tdm_observation *o, double *out) {
  if (strcmp(o->unit, "km") == 0) *out = 1e3 * o->value;
  if (strcmp(o->unit, "s") == 0) *out = 299792458.0 * o->value;
  return strcmp(o->unit, "km") == 0 || strcmp(o->unit, "s") == 0;
}

static void on_observation(void *context, const wf_tdm_segment *s, const wf_tdm_observation *o) {
  static const char *const KEYWORDS[] = {"RANGE", "ANGLE_1", "ANGLE_2"};
  reading *r = context;
  int k = 0;
  while (k < 3 && strcmp(o->keyword, KEYWORDS[k]) != 0) k++;
  if (k == 3 || r->sensor == WF_SENSOR_NONE) return;  // signal strengths and the like make no plot
  const size_t i = place_of(r, k, o);
  if (i == SIZE_MAX) {
    refuse(r, o->line, "more than %zu plots", r->out->cap);
    r->sensor = WF_SENSOR_NONE;
    return;
  }
  wf_plot *p = &r->out->plot[i].plot;
  double range_m = 0.0;
  r->cursor[k] = i + 1;
  if (k == 0 && !metres(o, &range_m)) {
    refuse(r, o->line, "range units say nothing in metres");
    r->sensor = WF_SENSOR_NONE;
    return;
  }
  if (k == 0) {
    p->radar.range_m = (range_m + r->range_m) * (r->out->round_trip ? 0.5 : 1.0);
    r->out->plot[i].line = o->line;
  }
  if (k == 1) p->radar.az_rad = wf_wrap_2pi(WF_DEG * o->value + r->angle_rad[0]);
  if (k == 2) p->radar.el_rad = WF_DEG * o->value + r->angle_rad[1];
  r->has[i] |= (uint8_t)(1 << k);
}

wf_status wf_tdm_plots_read(wf_bytes text, wf_tdm_plots *out, wf_ccsds_fault *fault) {
  out->count = 0;
  reading r = {.out = out, .sensor = WF_SENSOR_NONE, .has = calloc(out->cap + 1, 1)};
  if (r.has == NULL) return WF_ENOMEM;
  const wf_tdm_visitor visitor = {&r, on_segment, on_observation};
  const wf_status status = wf_tdm_read(text, &visitor, fault);
  end_segment(&r);
  free(r.has);
  return status;
}
