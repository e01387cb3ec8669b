// The project's CSV files (docs/formats.md): one header line, columns found by name, SI units. Every bad place is named
// with file and line through wf_diag and skipped; the good rest is read. Decimal point whatever the locale.
#ifndef WF_IO_CSV_H
#define WF_IO_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "model/plot.h"
#include "model/sensor.h"

// Where bad places are told. `count` is how many there were; report may be NULL.
typedef struct wf_diag {
  void (*report)(void *context, const char *file, unsigned long line, const char *what);
  void *context;
  unsigned long count;
} wf_diag;
__attribute__((format(printf, 4, 5)))
void wf_diag_say(wf_diag *diag, const char *file, unsigned long line, const char *format, ...);

#define WF_CSV_COLUMNS_MAX 64

typedef struct wf_csv wf_csv;

// "-" is stdin. WF_EIO when it cannot be opened (told), WF_EFORMAT when there is no header line (told).
wf_status wf_csv_open(const char *path, wf_diag *diag, wf_csv **out);
void wf_csv_close(wf_csv *csv);
// Index of a named column, −1 when absent. wf_csv_need also tells it.
int wf_csv_column(const wf_csv *csv, const char *name);
int wf_csv_need(wf_csv *csv, const char *name);
// The next line with as many fields as the header; lines with fewer or more are told and skipped, empty ones skipped.
// False at the end.
bool wf_csv_next(wf_csv *csv);
unsigned long wf_csv_line(const wf_csv *csv);
const char *wf_csv_path(const wf_csv *csv);
wf_diag *wf_csv_diag(const wf_csv *csv);
// Field of the present line; "" for column −1. Valid until the next line.
const char *wf_csv_text(const wf_csv *csv, int column);
// A finite number; anything else is told and gives false.
bool wf_csv_number(wf_csv *csv, int column, double *out);
// The same, but an absent column or an empty field gives `otherwise` silently.
bool wf_csv_number_or(wf_csv *csv, int column, double otherwise, double *out);
bool wf_csv_integer(wf_csv *csv, int column, long long *out);

// sensors.csv. Bad lines are told and left out; returns how many are in out. Missing columns are told; where a default
// is harmless (h_m, pd, clutter, box) the sensor is read all the same. A sensor above 1,000 km, or with `kind` =
// infrared, is an infrared satellite: az and el are angles in the local frame under it, no range.
size_t wf_csv_read_sensors(const char *path, wf_diag *diag, wf_sensor *out, size_t cap, wf_status *status);

// plots.csv, streamed: open with wf_csv_open, bind once, then read. An infrared sensor's row has an empty range_m.
typedef struct wf_csv_plots {
  int time, sensor, range, az, el, range_rate, sigma[3];
  const wf_sensor *sensors;
  size_t sensor_count;
  wf_site *sites;  // one per sensor, caller's
} wf_csv_plots;
// WF_EFORMAT when a column is missing (told). sites: sensor_count places to fill.
wf_status wf_csv_plots_bind(wf_csv *csv, const wf_sensor *sensors, size_t sensor_count, wf_site *sites,
                            wf_csv_plots *out);
// False at the end of the file. Unknown sensors and bad numbers are told and skipped; ranges of values are the
// tracker's to judge.
bool wf_csv_plots_next(wf_csv *csv, const wf_csv_plots *bound, wf_plot *out);

// infrared.csv and los.csv as `watchfire simulate` writes them (sensor,lat_deg,lon_deg,h_m,sigma_rad,scan_period_s,pd,
// clutter_mean_per_scan; time_s,sensor,x_m,y_m,z_m,ux,uy,uz,sigma_rad). Sensors are added to the `count` already in out;
// returns how many there are then.
size_t wf_csv_read_infrared(const char *path, wf_diag *diag, wf_sensor *out, size_t count, size_t cap,
                            wf_status *status);
typedef struct wf_csv_lines {
  int time, sensor, origin[3], unit[3], sigma;
  const wf_sensor *sensors;
  size_t sensor_count;
} wf_csv_lines;
wf_status wf_csv_lines_bind(wf_csv *csv, const wf_sensor *sensors, size_t sensor_count, wf_csv_lines *out);
bool wf_csv_lines_next(wf_csv *csv, const wf_csv_lines *bound, wf_plot *out);

// truth.csv and impacts.csv: whole files into memory (free with free()); bad lines told and left out.
typedef struct wf_csv_truth { double time_s; long long id; double state[6]; } wf_csv_truth;
typedef struct wf_csv_impact { long long id; double time_s, lat_rad, lon_rad; } wf_csv_impact;
wf_status wf_csv_read_truth(const char *path, wf_diag *diag, wf_csv_truth **out, size_t *count);
wf_status wf_csv_read_impacts(const char *path, wf_diag *diag, wf_csv_impact **out, size_t *count);

#endif
