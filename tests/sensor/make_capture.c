// A flight's plots as the radars would send them: category 015 (range, azimuth, elevation) and north marks (034), in
// UDP packets of a pcap file with their times. SAC is 1, SIC the sensor's place in sensors.csv. usage: make_capture
// sensors.csv plots.csv EPOCH_S OUT.pcap [048]
//   048: category 048 with 3D height, as far as its range and height reach.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "io/csv.h"
#include "sensor/asterix.h"

static wf_asterix_editions editions;
static wf_asterix_record record;
static wf_sensor sensors[WF_SENSOR_MAX];
static wf_site sites[WF_SENSOR_MAX];
static FILE *out;

static void u32(uint32_t v) {
  fwrite(&v, 4, 1, out);
}

static void packet(wf_time time, const uint8_t *payload, size_t size) {
  const uint16_t ip = (uint16_t)(28 + size), udp = (uint16_t)(8 + size);
  uint8_t head[42] = {1, 0, 0x5e, 0x40, 0, 1, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, (uint8_t)(ip >> 8), (uint8_t)ip};
  memcpy(head + 22, "\x01\x11\0\0\x7f\0\0\x01\xef\xc0\0\x01", 12);
  memcpy(head + 34, "\x21\x34\x21\x34", 4);
  head[38] = (uint8_t)(udp >> 8);
  head[39] = (uint8_t)udp;
  u32((uint32_t)(time.ns / WF_NS_PER_S));
  u32((uint32_t)(time.ns % WF_NS_PER_S / 1000));
  u32((uint32_t)(sizeof head + size));
  u32((uint32_t)(sizeof head + size));
  fwrite(head, 1, sizeof head, out);
  fwrite(payload, 1, size, out);
}

static void put(unsigned category, const char *path, int64_t raw) {
  if (wf_asterix_put(&record, wf_asterix_field(editions.spec[category], path), raw) != WF_OK) abort();
}
static bool put_si(unsigned category, const char *path, double value) {
  return wf_asterix_put_si(&record, wf_asterix_field(editions.spec[category], path), value) == WF_OK;
}

static void send(wf_time time, unsigned category) {
  uint8_t bytes[512];
  size_t length;
  if (wf_asterix_encode(&record, bytes + 3, sizeof bytes - 3, &length) != WF_OK ||
      wf_asterix_block(category, bytes, length) != WF_OK)
    abort();
  packet(time, bytes, length + 3);
}

static double time_of_day(wf_time t) {
  return (double)(t.ns % (86400 * WF_NS_PER_S)) * 1e-9;
}

static void begin(unsigned category, uint16_t sensor) {
  wf_asterix_begin(&record, editions.spec[category]);
  put(category, "010/SAC", 1);
  put(category, "010/SIC", sensor + 1);
}

static void north_mark(wf_time time, uint16_t sensor) {
  begin(34, sensor);
  put(34, "000", 1);
  put_si(34, "030", time_of_day(time));
  put_si(34, "041", sensors[sensor].scan_period_s);
  send(time, 34);
}

static bool plot_015(wf_time time, const wf_plot *p) {
  begin(15, p->sensor);
  put(15, "000/MT", 1);
  put(15, "000/RG", 0);
  put_si(15, "145", time_of_day(time));
  if (!put_si(15, "625/R", p->radar.range_m)) return false;  // 838.8 km at most
  // 360° is 0°: the field has no step for it.
  put(15, "627/AZ", (int64_t)(wf_wrap_2pi(p->radar.az_rad) / (2 * WF_PI) * 65536 + 0.5) % 65536);
  put_si(15, "628/EL", p->radar.el_rad);
  send(time, 15);
  return true;
}

static bool plot_048(wf_time time, const wf_plot *p) {
  const double rae[3] = {p->radar.range_m, p->radar.az_rad, p->radar.el_rad};
  double pos_ecef_m[3];
  wf_lla lla;
  wf_geo_ecef_from_rae(&sites[p->sensor], rae, pos_ecef_m, NULL);
  wf_geo_lla_from_ecef(pos_ecef_m, &lla);
  begin(48, p->sensor);
  put_si(48, "140", time_of_day(time));
  static const char *const TYPE[] = {"020/TYP", "020/SIM", "020/RDP", "020/SPI", "020/RAB"};
  for (int i = 0; i < 5; i++) put(48, TYPE[i], i == 0);
  if (!put_si(48, "040/RHO", p->radar.range_m)) return false;
  put(48, "040/THETA", (int64_t)(wf_wrap_2pi(p->radar.az_rad) / (2 * WF_PI) * 65536 + 0.5) % 65536);
  if (!put_si(48, "110/3DH", lla.h_m)) return false;
  send(time, 48);
  return true;
}

int main(int argc, char **argv) {
  if (argc < 5 || (out = fopen(argv[4], "wb")) == NULL) return 2;
  const bool monoradar = argc > 5;
  wf_diag diag = {0};
  wf_status status;
  const size_t count = wf_csv_read_sensors(argv[1], &diag, sensors, WF_SENSOR_MAX, &status);
  wf_asterix_editions_newest(&editions);
  wf_csv *csv = NULL;
  wf_csv_plots bound;
  wf_plot plot;
  double marked_s[WF_SENSOR_MAX] = {0};
  size_t sent = 0, beyond = 0;
  if (wf_csv_open(argv[2], &diag, &csv) != WF_OK || wf_csv_plots_bind(csv, sensors, count, sites, &bound) != WF_OK)
    return 2;
  u32(0xa1b2c3d4);
  u32(4u << 16 | 2u);
  u32(0), u32(0), u32(65535), u32(1);
  while (wf_csv_plots_next(csv, &bound, &plot)) {
    const wf_time time = wf_time_add_s(plot.time, atof(argv[3]));
    const double at_s = wf_time_to_s(time);
    if (at_s - marked_s[plot.sensor] >= sensors[plot.sensor].scan_period_s) north_mark(time, plot.sensor);
    if (at_s - marked_s[plot.sensor] >= sensors[plot.sensor].scan_period_s) marked_s[plot.sensor] = at_s;
    const bool said = monoradar ? plot_048(time, &plot) : plot_015(time, &plot);
    sent += said;
    beyond += !said;
  }
  wf_csv_close(csv);
  printf("%zu plots, %zu beyond what the category can say\n", sent, beyond);
  return fclose(out) == 0 && diag.count == 0 ? 0 : 1;
}
