#include "nations.h"

#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "motion/dynamics.h"

static const char *const CODES[NATIONS_MAX] = {"JPN", "KOR", "USA"};

static void place_sensor(nations *n, uint32_t i) {
  wf_sensor *s = &n->sensors[i];
  *s = (wf_sensor){.kind = WF_SENSOR_RADAR,
                   .lla = {(34.0 + 1.5 * i) * WF_DEG, (-139.0 + 2.0 * i) * WF_DEG, 50.0},
                   .sigma_range_m = 30,
                   .sigma_az_rad = 1e-3,
                   .sigma_el_rad = 1e-3,
                   .detection_probability = 0.95,
                   .scan_period_s = 1,
                   .range_max_m = 2e6,
                   .el_min_rad = 0.01};
  snprintf(s->name, sizeof s->name, "%s-R1", CODES[i]);
  wf_site_init(&n->sites[i], &s->lla);
}

static void launch(nations *n) {
  const wf_lla at = {33.0 * WF_DEG, -140.0 * WF_DEG, 90e3};
  const double v_enu[3] = {2000.0, 300.0, 2100.0};
  wf_site site;
  wf_site_init(&site, &at);
  memcpy(n->object, site.pos_ecef_m, sizeof site.pos_ecef_m);
  wf_mat_t_mul(3, 3, 1, site.enu_from_ecef, v_enu, n->object + 3);
}

static void configure(nations *n, uint32_t i, const wf_audience *everybody) {
  wf_node_config *c = &n->config.node[i];
  wf_node_config_limits(c);
  c->tracks_max = 64;
  c->plots_per_scan_max = 16;
  c->picture_tracks_max = 32;
  c->picture_contributions_max = 4096;
  c->medium = WF_MEDIUM_VACUUM;
  c->exchange.cache_bytes = 1u << 20;
  c->exchange.nation = everybody->member[i];
  c->exchange.writer = 1;
  c->exchange.mode = WF_MODE_EXERCISE;
  for (uint32_t k = 0; k < n->count; k++)
    if (k != i) c->exchange.partner[c->exchange.partner_count++].nation = everybody->member[k];
  c->sensor_count = 1;
  c->sensors = &n->sensors[i];
  wf_release_profile("warning-data", everybody, &c->policy);
}

void nations_prepare(nations *n, uint32_t count) {
  memset(n, 0, sizeof *n);
  n->count = count;
  wf_rng_seed(&n->rng, 7);
  n->config = (wf_world_config){.seed = 7, .start = {INT64_C(1767225600) * WF_NS_PER_S}, .node_count = count};
  wf_audience everybody = {0};
  for (uint32_t i = 0; i < count; i++) {
    wf_nation nation;
    wf_nation_parse(CODES[i], &nation);
    wf_audience_add(&everybody, nation);
    place_sensor(n, i);
  }
  for (uint32_t i = 0; i < count; i++) configure(n, i, &everybody);
  launch(n);
}

void nations_start(nations *n) {
  n->world = wf_world_new(&n->config);
}
void nations_end(nations *n) {
  wf_world_free(n->world);
}
wf_node *nations_node(nations *n, uint32_t node) {
  return wf_world_node(n->world, node);
}

wf_sensor_report nations_report(nations *n, uint32_t node, wf_plot *plot) {
  const wf_time at = wf_time_add_s(n->config.start, n->now_s);
  double rae[3];
  wf_geo_rae_from_ecef(&n->sites[node], n->object, rae, NULL);
  *plot = (wf_plot){.time = at, .kind = WF_PLOT_RADAR};
  plot->radar.range_m = rae[0] + 30.0 * wf_rng_normal(&n->rng);
  plot->radar.az_rad = wf_wrap_2pi(rae[1] + 1e-3 * wf_rng_normal(&n->rng));
  plot->radar.el_rad = rae[2] + 1e-3 * wf_rng_normal(&n->rng);
  wf_sensor_report report = {.mode = WF_MODE_EXERCISE,
                             .sequence = ++n->sequence[node],
                             .time = at,
                             .status = 1,
                             .plots = plot,
                             .plots_cap = 1,
                             .plot_count = rae[2] > 0.01 && !n->blind[node] ? 1 : 0};
  memcpy(report.sensor, n->sensors[node].name, sizeof report.sensor);
  return report;
}

void nations_hear(nations *n, uint32_t node, const wf_sensor_report *report) {
  uint8_t bytes[1024];
  size_t length = 0;
  if (wf_wire_encode_sensor_report(report, bytes, sizeof bytes, &length) == WF_OK)
    wf_world_sensor(n->world, node, (wf_bytes){bytes, length});
}

void nations_run(nations *n, double seconds) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0};
  for (double left = seconds; left > 0.0; left -= 1.0) {
    n->now_s += 1.0;
    wf_motion_propagate(&vacuum, 1.0, 1.0, n->object, NULL, NULL);
    for (uint32_t i = 0; i < n->count; i++) {
      if (n->mute[i]) continue;
      wf_plot plot;
      const wf_sensor_report report = nations_report(n, i, &plot);
      nations_hear(n, i, &report);
    }
    wf_world_run_until(n->world, wf_time_add_s(n->config.start, n->now_s + 0.999));
  }
}

bool nations_agree(nations *n, double seconds_ago) {
  const wf_time at = wf_time_add_s(wf_world_now(n->world), -seconds_ago);
  wf_picture_digest first = {0};
  bool any = false;
  for (uint32_t i = 0; i < n->count; i++) {
    wf_picture_digest digest;
    wf_node *node = nations_node(n, i);
    if (node == NULL) continue;
    if (wf_node_digest_at(node, at, &digest) != WF_OK) return false;
    if (any && (memcmp(digest.record_set, first.record_set, WF_DIGEST_SIZE) != 0 ||
                memcmp(digest.picture, first.picture, WF_DIGEST_SIZE) != 0))
      return false;
    first = digest;
    any = true;
  }
  return any;
}
