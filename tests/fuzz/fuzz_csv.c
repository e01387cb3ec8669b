// CSV files from outside, through all readers: anything is read, or told with its line, and never a crash. The first
// byte chooses the reader.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void tell(void *context, const char *file, unsigned long line, const char *what) {
  if (file == NULL || what == NULL || *what == '\0') abort();
}

static void read_plots(const char *path, wf_diag *diag) {
  wf_csv *csv = NULL;
  wf_csv_plots plots;
  wf_csv_lines lines;
  wf_plot plot;
  wf_site site[2];
  const wf_sensor sensor[2] = {{.name = "R1", .kind = WF_SENSOR_RADAR}, {.name = "S1", .kind = WF_SENSOR_INFRARED}};
  if (wf_csv_open(path, diag, &csv) != WF_OK) return;
  if (wf_csv_plots_bind(csv, sensor, 2, site, &plots) == WF_OK)
    while (wf_csv_plots_next(csv, &plots, &plot))
      if (plot.sensor > 1) abort();
  if (wf_csv_lines_bind(csv, sensor, 2, &lines) == WF_OK)
    while (wf_csv_lines_next(csv, &lines, &plot)) {
    }
  wf_csv_close(csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char path[64];
  static wf_sensor sensors[WF_SENSOR_MAX];
  if (size == 0) return 0;
  if (path[0] == '\0') snprintf(path, sizeof path, "/tmp/fuzz_csv.%ld", (long)getpid());
  FILE *file = fopen(path, "wb");
  if (file == NULL) abort();
  fwrite(data + 1, 1, size - 1, file);
  fclose(file);
  wf_diag diag = {.report = tell};
  wf_status status;
  wf_csv_truth *truth = NULL;
  wf_csv_impact *impacts = NULL;
  size_t count;
  switch (data[0] % 5) {
    case 0:
      count = wf_csv_read_sensors(path, &diag, sensors, WF_SENSOR_MAX, &status);
      if (count > WF_SENSOR_MAX) abort();
      break;
    case 1:
      count = wf_csv_read_infrared(path, &diag, sensors, 0, 4, &status);
      if (count > 4) abort();
      break;
    case 2:
      read_plots(path, &diag);
      break;
    case 3:
      (void)wf_csv_read_truth(path, &diag, &truth, &count);
      break;
    default:
      (void)wf_csv_read_impacts(path, &diag, &impacts, &count);
      break;
  }
  free(truth);
  free(impacts);
  remove(path);
  return 0;
}
