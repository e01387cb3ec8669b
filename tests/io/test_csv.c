// The CSV readers: columns by name, every bad place told with its line, the good rest read.

#include <stdlib.h>
#include <unistd.h>

#include "io/csv.h"
#include "wf_test.h"

typedef struct heard {
  unsigned long line[32];
  char what[32][128];
  int count;
} heard;

static void hear(void *context, const char *file, unsigned long line, const char *what) {
  heard *h = context;
  assert_non_null(file);
  assert_true(h->count < 32);
  h->line[h->count] = line;
  snprintf(h->what[h->count], sizeof h->what[0], "%s", what);
  h->count++;
}

static char path[] = "/tmp/wf_test_csv_XXXXXX";

static void write_file(const char *text) {
  memcpy(path + sizeof path - 7, "XXXXXX", 6);
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  close(fd);
}

#define SENSOR_HEADER \
  "sensor,lat_deg,lon_deg,h_m,sigma_r_m,sigma_az_rad,sigma_el_rad,pd,clutter_mean_per_scan,r0,r1,az0,az1,el0,el1"

static void reads_sensors_and_names_bad_ones(void **state) {
  write_file(SENSOR_HEADER
             ",kind\n"
             "R1,30,-140,0,30,0.001,0.001,0.9,20,5000,200000,-1,1,0,1,radar\n"
             "R1,31,-140,0,30,0.001,0.001,0.9,20,5000,200000,-1,1,0,1,radar\n"
             "R2,131,-140,0,30,0.001,0.001,0.9,20,5000,200000,-1,1,0,1,\n"
             "R3,31,-140,0,nan,0.001,0.001,0.9,20,5000,200000,-1,1,0,1,\n"
             "R4,31,-140,0,30,1,1,0.9,20,5000,200000,-1,1,0,1,\n"
             "S1,0,140,35786000,,5e-5,5e-5,0.95,0,,,,,,,infrared\n"
             "R5,31,-1");
  heard h = {0};
  wf_diag diag = {hear, &h, 0};
  wf_sensor sensor[8];
  wf_status status;
  assert_int_equal(wf_csv_read_sensors(path, &diag, sensor, 8, &status), 2);
  assert_int_equal(status, WF_OK);
  assert_string_equal(sensor[0].name, "R1");
  assert_int_equal(sensor[0].kind, WF_SENSOR_RADAR);
  assert_true(sensor[0].box_az_rad[0] == -1.0 && sensor[0].detection_probability == 0.9);
  assert_int_equal(sensor[1].kind, WF_SENSOR_INFRARED);
  const unsigned long lines[] = {3, 4, 5, 6, 8};
  const char *words[] = {"already", "lat_deg", "not finite", "degrees", "truncated"};
  assert_int_equal(h.count, 5);
  for (int i = 0; i < 5; i++) {
    assert_int_equal(h.line[i], lines[i]);
    assert_non_null(strstr(h.what[i], words[i]));
  }
  unlink(path);
}

static void reads_plots_and_names_bad_lines(void **state) {
  write_file(
      "sensor,time_s,az_rad,range_m,el_rad\n"  // order of columns is free
      "R1,1.5,0.25,1000,0.5\n"
      "R9,1.5,0.25,1000,0.5\r\n"
      "R1,1.5,abc,1000,0.5\n"
      "R1,2,0.25,inf,0.5\n"
      "\n"
      "R1,2,0.25\n"
      "R1,2,0.25,2000,0.5");
  heard h = {0};
  wf_diag diag = {hear, &h, 0};
  wf_sensor sensor = {.name = "R1", .kind = WF_SENSOR_RADAR};
  wf_site site;
  wf_csv *csv;
  wf_csv_plots bound;
  assert_int_equal(wf_csv_open(path, &diag, &csv), WF_OK);
  assert_int_equal(wf_csv_plots_bind(csv, &sensor, 1, &site, &bound), WF_OK);
  wf_plot plot;
  assert_true(wf_csv_plots_next(csv, &bound, &plot));
  assert_int_equal(plot.time.ns, 1500000000);
  assert_true(plot.radar.range_m == 1000.0 && plot.radar.az_rad == 0.25 && plot.radar.el_rad == 0.5);
  assert_true(wf_csv_plots_next(csv, &bound, &plot));
  assert_true(plot.radar.range_m == 2000.0);
  assert_false(wf_csv_plots_next(csv, &bound, &plot));
  wf_csv_close(csv);
  const unsigned long lines[] = {3, 4, 5, 7};
  const char *words[] = {"unknown sensor \"R9\"", "az_rad: \"abc\"", "range_m: inf is not finite", "truncated"};
  assert_int_equal(h.count, 4);
  assert_int_equal(diag.count, 4);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(h.line[i], lines[i]);
    assert_non_null(strstr(h.what[i], words[i]));
  }
  unlink(path);
}

static void tells_a_missing_column(void **state) {
  write_file("time_s,sensor,range_m,az_rad\n0,R1,1,1\n");
  heard h = {0};
  wf_diag diag = {hear, &h, 0};
  wf_sensor sensor = {.name = "R1", .kind = WF_SENSOR_RADAR};
  wf_site site;
  wf_csv *csv;
  wf_csv_plots bound;
  assert_int_equal(wf_csv_open(path, &diag, &csv), WF_OK);
  assert_int_equal(wf_csv_plots_bind(csv, &sensor, 1, &site, &bound), WF_EFORMAT);
  wf_csv_close(csv);
  assert_int_equal(h.count, 1);
  assert_int_equal(h.line[0], 1);
  assert_string_equal(h.what[0], "column el_rad is missing");
  unlink(path);
}

static void reads_a_line_of_sight(void **state) {
  write_file("time_s,sensor,range_m,az_rad,el_rad\n0,S1,,0,-1.5707963267948966\n");
  heard h = {0};
  wf_diag diag = {hear, &h, 0};
  wf_sensor sensor = {.name = "S1", .kind = WF_SENSOR_INFRARED, .lla = {0.0, 0.0, 3.6e7}};
  wf_site site;
  wf_csv *csv;
  wf_csv_plots bound;
  assert_int_equal(wf_csv_open(path, &diag, &csv), WF_OK);
  assert_int_equal(wf_csv_plots_bind(csv, &sensor, 1, &site, &bound), WF_OK);
  wf_plot plot;
  assert_true(wf_csv_plots_next(csv, &bound, &plot));
  assert_int_equal(plot.kind, WF_PLOT_LOS);
  assert_float_equal(plot.los.unit_ecef[0], -1.0, 1e-12);  // straight down from over (0, 0)
  assert_float_equal(plot.los.origin_ecef_m[0], 6378137.0 + 3.6e7, 1e-3);
  wf_csv_close(csv);
  assert_int_equal(h.count, 0);
  unlink(path);
}

static void reads_truth_and_impacts(void **state) {
  write_file("time_s,id,x,y,z,vx,vy,vz\n0,3,1,2,3,4,5,6\n1,x,1,2,3,4,5,6\n2,4,1,2,3,4,5,7\n");
  heard h = {0};
  wf_diag diag = {hear, &h, 0};
  wf_csv_truth *truth;
  size_t count;
  assert_int_equal(wf_csv_read_truth(path, &diag, &truth, &count), WF_OK);
  assert_int_equal(count, 2);
  assert_true(truth[0].id == 3 && truth[1].id == 4 && truth[1].state[5] == 7.0);
  assert_int_equal(h.count, 1);
  assert_int_equal(h.line[0], 3);
  free(truth);
  unlink(path);
  write_file("id,t_impact_s,lat_deg,lon_deg\n7,100,180,-90\n");
  wf_csv_impact *impact;
  assert_int_equal(wf_csv_read_impacts(path, &diag, &impact, &count), WF_OK);
  assert_int_equal(count, 1);
  assert_float_equal(impact[0].lat_rad, 3.14159265358979, 1e-12);
  free(impact);
  unlink(path);
}

static void says_when_a_file_is_absent_or_empty(void **state) {
  heard h = {0};
  wf_diag diag = {hear, &h, 0};
  wf_csv *csv;
  assert_int_equal(wf_csv_open("/nonexistent/x.csv", &diag, &csv), WF_EIO);
  write_file("");
  assert_int_equal(wf_csv_open(path, &diag, &csv), WF_EFORMAT);
  assert_int_equal(h.count, 2);
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_sensors_and_names_bad_ones), cmocka_unit_test(reads_plots_and_names_bad_lines),
      cmocka_unit_test(tells_a_missing_column),           cmocka_unit_test(reads_a_line_of_sight),
      cmocka_unit_test(reads_truth_and_impacts),          cmocka_unit_test(says_when_a_file_is_absent_or_empty),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
