// A mixed crowd of contributions for the tests of order, bounds and pace: three nations, several flights from launch
// to coast, every kind of contribution.
#ifndef WF_TEST_CROWD_H
#define WF_TEST_CROWD_H

#include "base/hashmap.h"
#include "nation.h"

#define CROWD_MAX 8192

typedef struct crowd {
  wf_contribution item[CROWD_MAX];
  size_t count;
} crowd;

static inline void crowd_add(crowd *c, const wf_contribution *item) {
  if (c->count < CROWD_MAX) c->item[c->count++] = *item;
}

// A position with its information only, as is sent under thrust.
static inline void crowd_position(const double truth[6], double sigma_m, uint8_t phase, wf_rng *rng, wf_tracklet *out) {
  memset(out, 0, sizeof *out);
  memcpy(out->reference, truth, sizeof out->reference);
  double y[36] = {0};
  for (int i = 0; i < 3; i++) {
    y[i * 7] = 1.0 / (sigma_m * sigma_m);
    out->vector[i] = y[i * 7] * sigma_m * wf_rng_normal(rng);
  }
  wf_mat_pack_upper(6, y, out->information);
  out->phase = phase;
  out->position_only = 1;
}

static inline void crowd_detection(nation *n, const double truth[6], wf_time at, double sigma_m, crowd *c) {
  wf_contribution d;
  nation_envelope(n, WF_CONTRIBUTION_DETECTION, at, &d);
  d.sources = WF_SOURCE_INFRARED;
  d.detection.has_place = 1;
  d.detection.first_detection = at;
  for (int i = 0; i < 3; i++) d.detection.pos_ecef_m[i] = truth[i];
  d.detection.covariance_m2[0] = d.detection.covariance_m2[3] = d.detection.covariance_m2[5] = sigma_m * sigma_m;
  crowd_add(c, &d);
}

// Constant thrust along the velocity for burn_s from rest, then free fall; state at t.
static inline void crowd_truth(double lat_deg, double lon_deg, double azimuth_rad, double burn_s, double t_s,
                               double x[6]) {
  const wf_dynamics vacuum = {WF_GRAVITY_J2, 0.0};
  wf_site site;
  const wf_lla lla = {lat_deg * WF_DEG, lon_deg * WF_DEG, 0.0};
  wf_site_init(&site, &lla);
  const double enu[3] = {300.0 * wf_cos(1.2) * wf_sin(azimuth_rad), 300.0 * wf_cos(1.2) * wf_cos(azimuth_rad),
                         300.0 * wf_sin(1.2)};
  for (int i = 0; i < 3; i++) {
    x[i] = site.pos_ecef_m[i];
    x[3 + i] = site.enu_from_ecef[i] * enu[0] + site.enu_from_ecef[3 + i] * enu[1] + site.enu_from_ecef[6 + i] * enu[2];
  }
  double t = 0.0;
  while (t < t_s) {
    const double dt = t_s - t < 0.5 ? t_s - t : 0.5;
    if (t < burn_s) {
      const double v = wf_vec_norm(x + 3);
      for (int i = 0; i < 3; i++) x[3 + i] += 38.0 * dt * x[3 + i] / v;
    }
    wf_motion_rk4_step(&vacuum, dt, x, NULL, NULL);
    t += dt;
  }
}

static inline void crowd_status(nation *n, uint8_t life, uint8_t phase, uint8_t reason, wf_time at, crowd *c) {
  wf_contribution s;
  nation_envelope(n, WF_CONTRIBUTION_STATUS, at, &s);
  s.status.life = life;
  s.status.phase = phase;
  s.status.reason = reason;
  crowd_add(c, &s);
}

static inline void crowd_launch(nation *n, double lat_deg, double lon_deg, wf_time at, double size_m, crowd *c) {
  wf_contribution l;
  nation_envelope(n, WF_CONTRIBUTION_LAUNCH, at, &l);
  l.launch.valid = true;
  l.launch.time = wf_time_add_s(at, -60.0);
  l.launch.time_sigma_s = 3.0;
  l.launch.area = (wf_ground_ellipse){lat_deg * WF_DEG, lon_deg * WF_DEG, size_m, 0.5 * size_m, 0.3};
  crowd_add(c, &l);
}

// One flight seen by three nations: USA detects by infrared and follows the boost, KOR joins in boost, JPN in coast.
static inline void crowd_flight(crowd *c, int flight, double start_s, double end_s, wf_rng *rng) {
  const char *codes[3] = {"JPN", "KOR", "USA"};
  const double burn_s = 65.0, lat = 38.5 + 0.15 * flight, lon = 126.0 + 0.1 * flight, azimuth = 1.5 + 0.05 * flight;
  const double from_s[3] = {burn_s + 10.0, 40.0, 0.0};
  nation n[3];
  double x[6];
  for (int i = 0; i < 3; i++) {
    nation_init(&n[i], codes[i], wf_mix64((uint64_t)(flight * 8 + i)), 36.0 + i, 130.0 + 3.0 * i);
    n[i].id.stream = (uint32_t)(10 + flight);  // a stream per flight keeps the numbers simple
  }
  for (double t = 5.0; start_s + t < end_s; t += 1.0) {
    crowd_truth(lat, lon, azimuth, burn_s, t, x);
    for (int i = 0; i < 3; i++) {
      const wf_time at = nation_time(start_s + t + 0.21 * i);
      wf_contribution item;
      if (t < from_s[i]) continue;
      if (i == 2 && t == 5.0) crowd_detection(&n[i], x, at, 8e3, c);
      if (i == 2 && t < 12.0) continue;
      if (i == 2 && t > burn_s + 3.0) {
        if (t == burn_s + 4.0) crowd_status(&n[i], WF_LIFE_LOST, WF_PHASE_COAST, WF_REASON_NOT_SEEN, at, c);
        continue;
      }
      if (i == 1 && t == 70.0) crowd_launch(&n[i], lat, lon, at, 6e3, c);
      nation_envelope(&n[i], WF_CONTRIBUTION_TRACKLET, at, &item);
      double moved[6];
      memcpy(moved, x, sizeof moved);
      for (int k = 0; k < 3; k++) moved[k] += 0.21 * i * x[3 + k];
      crowd_position(moved, i == 2 ? 900.0 : 150.0, t < burn_s ? WF_PHASE_BOOST : WF_PHASE_COAST, rng, &item.tracklet);
      if (i == 2) item.sources = WF_SOURCE_INFRARED;
      crowd_add(c, &item);
    }
  }
}

static inline void crowd_make(crowd *c, int flights, double every_s, double end_s, uint64_t seed) {
  wf_rng rng;
  wf_rng_seed(&rng, seed);
  c->count = 0;
  for (int i = 0; i < flights; i++) crowd_flight(c, i, i * every_s, end_s, &rng);
}

#endif
