#include "track_tdm.h"

#include <stdlib.h>
#include <string.h>

#include "whole_file.h"

#define FILE_MOST ((size_t)256 << 20)
#define PLOTS_MOST 1000000

static bool is_tdm(const char *path) {
  char head[4096];
  FILE *file = strcmp(path, "-") != 0 ? fopen(path, "rb") : NULL;
  if (file == NULL) return false;
  const size_t size = fread(head, 1, sizeof head - 1, file);
  fclose(file);
  head[size] = '\0';
  return strlen(head) == size && (strstr(head, "CCSDS_TDM_VERS") != NULL || strstr(head, "<tdm") != NULL);
}

typedef struct telling {
  wf_track_run *run;
  const char *path;
} telling;

static void on_refused(void *context, unsigned line, const char *text) {
  const telling *t = context;
  wf_diag_say(&t->run->diag, t->path, line, "%s", text);
}

static int by_time(const void *a, const void *b) {
  const wf_tdm_plot *p = a, *q = b;
  if (p->plot.time.ns != q->plot.time.ns) return p->plot.time.ns < q->plot.time.ns ? -1 : 1;
  return p->line < q->line ? -1 : p->line > q->line;
}

wf_status wf_track_tdm_open(wf_track_run *run, const char *path, bool round_trip, wf_track_tdm *out) {
  if (!is_tdm(path)) return WF_ENOTFOUND;
  size_t size = 0;
  uint8_t *bytes = wf_cli_whole_file(path, FILE_MOST, &size);
  out->plot = calloc(PLOTS_MOST, sizeof *out->plot);
  if (bytes == NULL || out->plot == NULL) {
    free(bytes);
    return WF_ENOMEM;
  }
  const wf_sensor_registry registry = {run->sensor, (uint32_t)run->sensors, WF_MODE_TEST};
  telling t = {run, path};
  wf_tdm_plots plots = {.registry = &registry,
                        .round_trip = round_trip,
                        .plot = out->plot,
                        .cap = PLOTS_MOST,
                        .context = &t,
                        .refused = on_refused};
  wf_ccsds_fault fault = {0};
  if (wf_tdm_plots_read((wf_bytes){bytes, size}, &plots, &fault) != WF_OK)
    wf_diag_say(&run->diag, path, fault.line, "%s", fault.reason);
  out->count = plots.count;
  qsort(out->plot, out->count, sizeof *out->plot, by_time);
  free(bytes);
  return WF_OK;
}
