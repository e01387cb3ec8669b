#include "nation.h"

#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "io/pki.h"

enum { VALID_S = 7 * 24 * 3600 };

static bool failed(const demo_nation *n, const char *what, const char *reason) {
  fprintf(stderr, "watchfire demo: %s: %s: %s\n", n->code, what, reason);
  return false;
}

bool demo_nation_keys(demo_nation *n) {
  char pki[600], bundle[700], reason[WF_IO_REASON_SIZE] = "";
  snprintf(pki, sizeof pki, "%s/pki", n->dir);
  snprintf(bundle, sizeof bundle, "%s/%s.pem", n->dir, n->code);
  wf_nation nation;
  if (wf_nation_parse(n->code, &nation) != WF_OK) return failed(n, "nation", "not a code of three capitals");
  const wf_pki_request request = {.role = WF_PKI_NODE, .name = "1", .for_s = VALID_S, .force = true};
  if (wf_pki_init(pki, nation, WF_MODE_EXERCISE, VALID_S, true, reason) != WF_OK) return failed(n, "authority", reason);
  if (wf_pki_issue(pki, &request, reason) != WF_OK) return failed(n, "node certificate", reason);
  if (wf_pki_export(pki, bundle, true, reason) != WF_OK) return failed(n, "export", reason);
  return true;
}

bool demo_nation_trust(const demo_nation *n, const demo_nation *other) {
  char bundle[700], trust[600], reason[WF_IO_REASON_SIZE] = "";
  snprintf(bundle, sizeof bundle, "%s/%s.pem", other->dir, other->code);
  snprintf(trust, sizeof trust, "%s/trust", n->dir);
  wf_pki_trust imported = {0};
  if (!demo_make_dir(trust) || wf_pki_import(bundle, trust, true, &imported, reason) != WF_OK)
    return failed(n, "trust", reason);
  wf_pki_trust_clear(&imported);
  return true;
}

static void write_sensor(FILE *f, const wf_sensor *s) {
  fprintf(f, "  - name: %s\n    kind: %s\n", s->name, s->kind == WF_SENSOR_INFRARED ? "infrared" : "radar");
  fprintf(f, "    lat_deg: %.9f\n    lon_deg: %.9f\n    h_m: %.3f\n", s->lla.lat_rad / WF_DEG, s->lla.lon_rad / WF_DEG,
          s->lla.h_m);
  if (s->sigma_range_m > 0) fprintf(f, "    sigma_range_m: %.6g\n", s->sigma_range_m);
  fprintf(f, "    sigma_az_rad: %.9g\n    sigma_el_rad: %.9g\n", s->sigma_az_rad, s->sigma_el_rad);
  if (s->sigma_range_rate_m_s > 0) fprintf(f, "    sigma_range_rate_m_s: %.6g\n", s->sigma_range_rate_m_s);
  fprintf(f, "    detection_probability: %.6g\n    clutter_mean_per_scan: %.6g\n    scan_period_s: %.6g\n",
          s->detection_probability, s->clutter_mean_per_scan, s->scan_period_s);
  if (s->kind == WF_SENSOR_INFRARED) return;
  if (s->range_max_m > 0) fprintf(f, "    range_max_m: %.6g\n", s->range_max_m);
  fprintf(f, "    el_min_rad: %.9g\n", s->el_min_rad);
  if (s->box_range_m[1] > s->box_range_m[0])
    fprintf(
        f, "    clutter_box:\n      range_m: [%.3f, %.3f]\n      az_rad: [%.9f, %.9f]\n      el_rad: [%.9f, %.9f]\n",
        s->box_range_m[0], s->box_range_m[1], s->box_az_rad[0], s->box_az_rad[1], s->box_el_rad[0], s->box_el_rad[1]);
}

static void write_partners(FILE *f, const demo_nation *n, const demo_nation *all, size_t count) {
  fprintf(f, "partners:\n");
  for (size_t i = 0; i < count; i++)
    if (strcmp(all[i].code, n->code) != 0)
      fprintf(f, "  - nation: %s\n    address: 127.0.0.1:%d\n    trust: trust/%s.pem\n", all[i].code, all[i].link_port,
              all[i].code);
}

bool demo_nation_configure(const demo_nation *n, const demo_nation *all, size_t count, const wf_scenario *scenario,
                           uint32_t index, wf_time real_epoch, double rate) {
  static wf_sensor sensors[WF_SENSOR_MAX];
  const size_t sensor_count = wf_scenario_registry(scenario, scenario->nation[index], sensors, WF_SENSOR_MAX);
  FILE *f = fopen(n->config, "w");
  if (f == NULL) return failed(n, n->config, "cannot be written");
  char record[WF_TIME_RFC3339_SIZE], real[WF_TIME_RFC3339_SIZE];
  fprintf(f, "# Written by watchfire demo. EXERCISE: notional data only.\nnation: %s\nmode: exercise\nwriter: 1\n",
          n->code);
  fprintf(f, "listen: 127.0.0.1:%d\nstore: store.db\nfeed: %s\ncap: cap\njournal: recordings\n", n->link_port, n->feed);
  fprintf(f, "keys:\n  certificate: pki/node-1.pem\n  key: pki/node-1.key\n  signing_key: pki/node-1.sign\n");
  write_partners(f, n, all, count);
  fprintf(f, "udp:\n  - listen: 127.0.0.1:%d\nrelease:\n  profile: warning-data-open\n  audiences: [", n->udp_port);
  for (size_t i = 0; i < count; i++) fprintf(f, "%s%s", i > 0 ? " " : "\"", all[i].code);
  fprintf(f, "\"]\nclock:\n  record_epoch: %s\n  real_epoch: %s\n  rate: %.6g\nsensors:\n",
          wf_time_format(scenario->start, 3, record), wf_time_format(real_epoch, 3, real), rate);
  for (size_t i = 0; i < sensor_count; i++) write_sensor(f, &sensors[i]);
  return fclose(f) == 0 || failed(n, n->config, "cannot be written");
}
