// Sends a scenario's sensor datagrams to nodes over UDP, each when its record time comes.
// usage: send_scenario SCENARIO REAL_EPOCH_NS RATE STOP_S NATION=PORT…
//        send_scenario SCENARIO NATION      prints start: and sensors: of node.yaml
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/fmath.h"
#include "sim/feeder.h"

static int port_of(int argc, char **argv, const char *nation) {
  for (int i = 5; i < argc; i++)
    if (strncmp(argv[i], nation, 3) == 0 && argv[i][3] == '=') return atoi(argv[i] + 4);
  return 0;
}

static void wait_until(long long utc_ns) {
  const struct timespec t = {utc_ns / 1000000000, utc_ns % 1000000000};
  clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL);
}

static int print_sensors(const wf_scenario *scenario, const char *code) {
  static wf_sensor sensors[WF_SENSOR_MAX];
  wf_nation nation;
  char start[WF_TIME_RFC3339_SIZE];
  if (wf_nation_parse(code, &nation) != WF_OK) return 2;
  printf("# start %s\nsensors:\n", wf_time_format(scenario->start, 9, start));
  const size_t count = wf_scenario_registry(scenario, nation, sensors, WF_SENSOR_MAX);
  for (size_t i = 0; i < count; i++) {
    const wf_sensor *s = &sensors[i];
    printf(
        "  - {name: %s, kind: %s, lat_deg: %.12g, lon_deg: %.12g, h_m: %.12g, sigma_range_m: %.9g, sigma_az_rad: %.9g, "
        "sigma_el_rad: %.9g, "
        "detection_probability: %.6g, clutter_mean_per_scan: %.6g, scan_period_s: %.6g}\n",
        s->name, s->kind == WF_SENSOR_INFRARED ? "infrared" : "radar", s->lla.lat_rad / WF_DEG, s->lla.lon_rad / WF_DEG,
        s->lla.h_m, s->sigma_range_m, s->sigma_az_rad, s->sigma_el_rad, s->detection_probability,
        s->clutter_mean_per_scan, s->scan_period_s);
  }
  return 0;
}

int main(int argc, char **argv) {
  wf_scenario *scenario = NULL;
  wf_truth *truth = NULL;
  if (argc < 3 || wf_scenario_load_builtin(argv[1], &scenario, NULL) != WF_OK) return 2;
  if (argc == 3) {
    const int code = print_sensors(scenario, argv[2]);
    wf_scenario_free(scenario);
    return code;
  }
  if (argc < 6 || wf_truth_create(scenario, &truth, NULL) != WF_OK) return 2;
  const long long real_epoch_ns = atoll(argv[2]);
  const double rate = atof(argv[3]), stop_s = atof(argv[4]);
  wf_feeder *feeder = wf_feeder_new(scenario, truth, WF_MODE_EXERCISE);
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  unsigned sent[WF_NATION_MAX] = {0};
  for (wf_fed fed; wf_feeder_next(feeder, &fed);) {
    const double at_s = wf_time_diff_s(fed.arrival, scenario->start);
    if (at_s > stop_s) break;
    const int port = port_of(argc, argv, scenario->nation[fed.nation].code);
    if (port == 0) continue;
    wait_until(real_epoch_ns + (long long)(at_s / rate * 1e9));
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sendto(fd, fed.datagram.data, fed.datagram.size, 0, (const struct sockaddr *)&to, sizeof to);
    sent[fed.nation]++;
  }
  for (size_t i = 0; i < scenario->nation_count; i++) printf("%s %u\n", scenario->nation[i].code, sent[i]);
  wf_feeder_free(feeder);
  wf_truth_free(truth);
  wf_scenario_free(scenario);
  return 0;
}
