#include "detections.h"

#include <stdlib.h>

#include "grow.h"

#define NO_LABEL INT64_MIN
#define CLUTTER (-1)

// Labels by line number of their file.
typedef struct labels {
  int64_t *of_line;
  size_t count, cap;
} labels;

static wf_status read_labels(const char *path, wf_diag *diag, labels *out) {
  wf_csv *csv = NULL;
  wf_status status = wf_csv_open(path, diag, &csv);
  if (status != WF_OK) return status;
  const int column = wf_csv_need(csv, "label");
  if (column < 0) status = WF_EFORMAT;
  while (status == WF_OK && wf_csv_next(csv)) {
    long long label;
    if (!wf_csv_integer(csv, column, &label)) continue;
    while (status == WF_OK && out->count <= wf_csv_line(csv)) {
      if (!wf_score_grow((void **)&out->of_line, sizeof *out->of_line, out->count, &out->cap))
        status = WF_ENOMEM;
      else
        out->of_line[out->count++] = NO_LABEL;
    }
    if (status == WF_OK) out->of_line[wf_csv_line(csv)] = label;
  }
  wf_csv_close(csv);
  return status;
}

static int by_time(const void *a, const void *b) {
  const wf_plot *x = &((const wf_score_plot *)a)->plot, *y = &((const wf_score_plot *)b)->plot;
  if (x->time.ns != y->time.ns) return x->time.ns < y->time.ns ? -1 : 1;
  return x->sensor < y->sensor ? -1 : x->sensor > y->sensor;
}

// False: told, leave the plot out.
static bool owner_of(wf_csv *csv, const labels *known, const wf_score_scene *scene, uint32_t *truth) {
  const unsigned long line = wf_csv_line(csv);
  const int64_t label = line < known->count ? known->of_line[line] : NO_LABEL;
  *truth = WF_SCORE_NONE;
  if (label == CLUTTER) return true;
  if (label != NO_LABEL) *truth = wf_score_truth_find(scene, label);
  if (*truth != WF_SCORE_NONE) return true;
  if (label == NO_LABEL)
    wf_diag_say(wf_csv_diag(csv), wf_csv_path(csv), line, "no label on this line of the labels file");
  else
    wf_diag_say(wf_csv_diag(csv), wf_csv_path(csv), line, "label %lld is no object of the truth", (long long)label);
  return false;
}

static wf_status read_plots(const char *path, const labels *known, const wf_score_scene *scene, wf_diag *diag,
                            wf_score_plots *out) {
  wf_csv *csv = NULL;
  wf_csv_plots bound;
  wf_status status = wf_csv_open(path, diag, &csv);
  if (status != WF_OK) return status;
  status = wf_csv_plots_bind(csv, out->sensor, out->sensors, out->site, &bound);
  wf_score_plot p;
  while (status == WF_OK && wf_csv_plots_next(csv, &bound, &p.plot)) {
    if (!owner_of(csv, known, scene, &p.truth)) continue;
    if (!wf_score_grow((void **)&out->plot, sizeof *out->plot, out->count, &out->cap))
      status = WF_ENOMEM;
    else
      out->plot[out->count++] = p;
  }
  wf_csv_close(csv);
  return status;
}

wf_status wf_score_plots_read(const char *sensors, const char *plots, const char *label_file,
                              const wf_score_scene *scene, wf_diag *diag, wf_score_plots *out) {
  labels known = {0};
  wf_status status;
  *out = (wf_score_plots){0};
  out->sensors = wf_csv_read_sensors(sensors, diag, out->sensor, WF_SENSOR_MAX, &status);
  if (status == WF_OK) status = read_labels(label_file, diag, &known);
  if (status == WF_OK) status = read_plots(plots, &known, scene, diag, out);
  free(known.of_line);
  if (status == WF_OK && out->count > 0) qsort(out->plot, out->count, sizeof *out->plot, by_time);
  return status;
}

void wf_score_plots_free(wf_score_plots *plots) {
  free(plots->plot);
  plots->plot = NULL;
  plots->count = plots->cap = 0;
}

static size_t first_from(const wf_score_plots *plots, int64_t time_ns) {
  size_t low = 0, high = plots->count;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (plots->plot[middle].plot.time.ns < time_ns)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

size_t wf_score_plots_at(const wf_score_plots *plots, int64_t time_ns, size_t *first) {
  *first = first_from(plots, time_ns);
  size_t end = *first;
  while (end < plots->count && plots->plot[end].plot.time.ns == time_ns) end++;
  return end - *first;
}

void wf_score_look(const wf_score_plots *plots, const wf_plot *plot, wf_view *view) {
  const wf_sensor *s = &plots->sensor[plot->sensor];
  const bool own = plot->flags & WF_PLOT_HAS_SIGMAS;
  *view = (wf_view){.kind = plot->kind, .dim = 3, .site = &plots->site[plot->sensor]};
  double sigma[3] = {s->sigma_range_m, s->sigma_az_rad, s->sigma_el_rad};
  if (plot->kind == WF_PLOT_LOS) {
    view->dim = 2;
    for (int i = 0; i < 3; i++) view->origin_ecef_m[i] = plot->los.origin_ecef_m[i];
    sigma[0] = own ? plot->sigma[0] : s->sigma_az_rad;
    sigma[1] = own ? plot->sigma[0] : s->sigma_el_rad;
  } else {
    for (int i = 0; own && i < 3; i++) sigma[i] = plot->sigma[i];
    if ((plot->flags & WF_PLOT_HAS_RANGE_RATE) && s->sigma_range_rate_m_s > 0.0) {
      view->dim = 4;
      view->variance[3] = s->sigma_range_rate_m_s * s->sigma_range_rate_m_s;
    }
  }
  for (int i = 0; i < 3 && i < view->dim; i++) view->variance[i] = sigma[i] * sigma[i];
}
