// Files of others → reports to a node: QuakeML events, OEM states.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "sensor/oem.h"
#include "sensor/quakeml.h"
#include "sensor/tdm_plots.h"

typedef struct reading {
  wf_cli_telling *t;
  const char *file;
  wf_system_track last;  // of the segment: its newest state that has been, waiting for a covariance
  bool waiting;
} reading;

// ---- QuakeML ------------------------------------------------------------------------------------------------------
static void on_event(void *context, const wf_seismic_event *event) {
  reading *r = context;
  wf_seismic_event one = *event;
  if (!event->has_time || !event->has_place || event->id[0] == '\0') {
    wf_cli_telling_bad(r->t, r->file, 0, "event \"%s\": without %s it is not told", event->id,
                       !event->has_time    ? "a time"
                       : !event->has_place ? "a place"
                                           : "a name");
    return;
  }
  wf_sensor_report report = {.seismic = &one, .seismic_count = 1};
  if (wf_cli_tell(r->t, &report)) r->t->told++;
}

void wf_cli_tell_quakeml(wf_cli_telling *t, const char *file, wf_bytes text) {
  reading r = {.t = t, .file = file};
  wf_ccsds_fault fault = {0};
  if (wf_quakeml_read(text, on_event, &r, &fault) != WF_OK) wf_cli_telling_bad(t, file, fault.line, "%s", fault.reason);
}

// ---- OEM ----------------------------------------------------------------------------------------------------------
static uint64_t number_of(const char *id) {  // FNV-1a: the same object, the same number
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (; *id != '\0'; id++) h = (h ^ (uint8_t)*id) * UINT64_C(0x100000001b3);
  return h;
}

static void on_segment(void *context, const wf_oem_segment *s) {
  reading *r = context;
  r->waiting = false;
  if (!s->earth_fixed || !s->utc)
    wf_cli_telling_bad(r->t, r->file, 0, "%s: frame %s about %s%s is not taken: ITRF about the Earth in UTC is",
                       s->object_id, s->frame, s->center, s->utc ? "" : ", not in UTC,");
}

// An ephemeris goes on into the future: what has been is a track, what will be is somebody's prediction.
static void on_state(void *context, const wf_oem_segment *s, wf_time time, const double state[6], unsigned line) {
  reading *r = context;
  if (!s->earth_fixed || !s->utc || wf_time_before(r->t->now, time)) return;
  r->last = (wf_system_track){.time = time, .number = number_of(s->object_id)};
  memcpy(r->last.state, state, sizeof r->last.state);
  r->waiting = true;
}

static void on_covariance(void *context, const wf_oem_segment *s, wf_time time, const double covariance[21],
                          bool own_frame, unsigned line) {
  reading *r = context;
  if (!r->waiting || time.ns != r->last.time.ns) return;
  if (!own_frame) {
    wf_cli_telling_bad(r->t, r->file, line, "%s: a covariance in another frame than the states is not taken",
                       s->object_id);
    return;
  }
  memcpy(r->last.covariance, covariance, sizeof r->last.covariance);
  wf_sensor_report report = {.tracks = &r->last, .track_count = 1};
  r->waiting = false;
  if (wf_cli_tell(r->t, &report)) r->t->told++;
}

void wf_cli_tell_oem(wf_cli_telling *t, const char *file, wf_bytes text) {
  reading r = {.t = t, .file = file};
  const wf_oem_visitor visitor = {&r, on_segment, on_state, on_covariance};
  wf_ccsds_fault fault = {0};
  const unsigned long before = t->told + t->bad;
  if (wf_oem_read(text, &visitor, &fault) != WF_OK)
    wf_cli_telling_bad(t, file, fault.line, "%s", fault.reason);
  else if (t->told + t->bad == before)
    wf_cli_telling_bad(t, file, 0, "no covariance belongs to the newest state that has been");
}

// ---- TDM ----------------------------------------------------------------------------------------------------------
enum { PLOTS_MOST = 100000, PLOTS_AT_ONCE = 16 };

static void on_refused(void *context, unsigned line, const char *text) {
  const reading *r = context;
  wf_cli_telling_bad(r->t, r->file, line, "%s", text);
}

// A scan's plots have one time; a report takes those that follow each other within it.
void wf_cli_tell_tdm(wf_cli_telling *t, const char *file, wf_bytes text) {
  reading r = {.t = t, .file = file};
  wf_sensor radar = {.kind = WF_SENSOR_RADAR, .sigma_range_m = 100.0};
  const wf_sensor_registry registry = {&radar, 1, t->mode};
  wf_tdm_plots plots = {.registry = &registry,
                        .plot = calloc(PLOTS_MOST, sizeof *plots.plot),
                        .cap = PLOTS_MOST,
                        .context = &r,
                        .refused = on_refused};
  wf_ccsds_fault fault = {0};
  snprintf(radar.name, sizeof radar.name, "%s", t->source);
  if (plots.plot == NULL) return;
  if (wf_tdm_plots_read(text, &plots, &fault) != WF_OK) wf_cli_telling_bad(t, file, fault.line, "%s", fault.reason);
  for (size_t i = 0, n; i < plots.count; i += n) {
    wf_plot some[PLOTS_AT_ONCE];
    for (n = 0; n < PLOTS_AT_ONCE && i + n < plots.count; n++) some[n] = plots.plot[i + n].plot;
    wf_sensor_report report = {.time = some[0].time, .plots = some, .plot_count = n};
    if (wf_cli_tell(t, &report)) t->told += n;
  }
  free(plots.plot);
}
