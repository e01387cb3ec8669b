#include "sim/community.h"

#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "motion/dynamics.h"

static const double SIGMA_RANGE_M = 30.0, SIGMA_ANGLE_RAD = 1e-3, HORIZON_RAD = 0.01;

const char *wf_community_code(uint32_t nation) {
  static const char *const codes[WF_COMMUNITY_MAX] = {"JPN", "KOR", "USA", "AUS", "CAN", "NZL", "PHL"};
  return nation < WF_COMMUNITY_MAX ? codes[nation] : "???";
}

static void place_radar(wf_community *c, uint32_t i) {
  wf_sensor *s = &c->sensors[i];
  *s = (wf_sensor){.kind = WF_SENSOR_RADAR,
                   .lla = {(34.0 + 1.5 * i) * WF_DEG, (-139.0 + 2.0 * i) * WF_DEG, 50.0},
                   .sigma_range_m = SIGMA_RANGE_M,
                   .sigma_az_rad = SIGMA_ANGLE_RAD,
                   .sigma_el_rad = SIGMA_ANGLE_RAD,
                   .detection_probability = 0.9,
                   .scan_period_s = 1,
                   .range_max_m = 2e6,
                   .el_min_rad = HORIZON_RAD};
  snprintf(s->name, sizeof s->name, "%s-R1", wf_community_code(i));
  wf_site_init(&c->sites[i], &s->lla);
}

// Past burnout, 90 km up, climbing east: minutes of coast lie ahead.
static void launch(wf_community *c) {
  const wf_lla at = {33.0 * WF_DEG, -140.0 * WF_DEG, 90e3};
  const double v_enu[3] = {2000.0, 300.0, 2100.0};
  wf_site site;
  wf_site_init(&site, &at);
  memcpy(c->object, site.pos_ecef_m, sizeof site.pos_ecef_m);
  wf_mat_t_mul(3, 3, 1, site.enu_from_ecef, v_enu, c->object + 3);
}

static wf_status configure(wf_community *c, uint32_t i, const wf_nation nations[]) {
  wf_node_config *node = &c->config.node[i];
  wf_node_config_limits(node);
  node->tracks_max = 64;
  node->plots_per_scan_max = 16;
  node->picture_tracks_max = 32;
  node->picture_contributions_max = 4096;
  node->medium = WF_MEDIUM_VACUUM;
  node->exchange.cache_bytes = 1u << 20;
  node->exchange.nation = nations[i];
  node->exchange.writer = 1;
  node->exchange.mode = WF_MODE_EXERCISE;
  for (uint32_t k = 0; k < c->count; k++)
    if (k != i) node->exchange.partner[node->exchange.partner_count++].nation = nations[k];
  node->sensor_count = 1;
  node->sensors = &c->sensors[i];
  const wf_status status = wf_release_profile("warning-data", &c->everybody, &node->policy);
  node->policy.rule[0].guard_hold_s = 0.0;  // these worlds are over before a first word that is held back
  return status;
}

wf_status wf_community_init(wf_community *c, uint32_t count, uint64_t seed) {
  memset(c, 0, sizeof *c);
  c->count = count;
  wf_rng_seed(&c->rng, seed);
  c->config =
      (wf_world_config){.seed = seed, .start = {INT64_C(1767225600) * WF_NS_PER_S}, .node_count = count};  // 2026
  wf_nation nations[WF_COMMUNITY_MAX];
  for (uint32_t i = 0; i < count; i++) {
    wf_nation_parse(wf_community_code(i), &nations[i]);
    wf_audience_add(&c->everybody, nations[i]);
    place_radar(c, i);
  }
  wf_status status = WF_OK;
  for (uint32_t i = 0; i < count && status == WF_OK; i++) status = configure(c, i, nations);
  launch(c);
  return status;
}

void wf_community_fly(wf_community *c, double seconds) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0};
  wf_motion_propagate(&vacuum, seconds, 1.0, c->object, NULL, NULL);
}

wf_sensor_report wf_community_report(wf_community *c, uint32_t i, wf_time at, bool sees, wf_plot *plot) {
  double rae[3];
  wf_geo_rae_from_ecef(&c->sites[i], c->object, rae, NULL);
  *plot = (wf_plot){.time = at, .kind = WF_PLOT_RADAR};
  plot->radar.range_m = rae[0] + SIGMA_RANGE_M * wf_rng_normal(&c->rng);
  plot->radar.az_rad = wf_wrap_2pi(rae[1] + SIGMA_ANGLE_RAD * wf_rng_normal(&c->rng));
  plot->radar.el_rad = rae[2] + SIGMA_ANGLE_RAD * wf_rng_normal(&c->rng);
  wf_sensor_report report = {.mode = WF_MODE_EXERCISE,
                             .sequence = ++c->sequence[i],
                             .time = at,
                             .status = 1,
                             .plots = plot,
                             .plots_cap = 1,
                             .plot_count = sees && rae[2] > HORIZON_RAD ? 1 : 0};
  memcpy(report.sensor, c->sensors[i].name, sizeof report.sensor);
  return report;
}
