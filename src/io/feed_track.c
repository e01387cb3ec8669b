// One track as consoles see it: where it was, is, and will fall.
#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "feed_json.h"
#include "geo/wgs84.h"
#include "motion/dynamics.h"
#include "motion/impact.h"
#include "warn/map.h"
#include "warn/warn.h"

#define FLOWN_EVERY_S 4.0
#define PREDICT_HORIZON_S 5400.0
#define BETA_UNKNOWN_KG_M2 5000.0
#define CHANCE_SAID 0.005

void flown_note(flown *h, const wf_track *track) {
  if (track->time.ns == 0 || (h->count > 0 && wf_time_diff_s(track->time, h->last) < FLOWN_EVERY_S)) return;
  if (h->count == FLOWN_MAX) {  // keep every second one of the older half: the shape stays, the memory too
    size_t kept = 0;
    for (size_t i = 0; i < FLOWN_MAX; i++)
      if (i >= FLOWN_MAX / 2 || i % 2 == 0) h->point[kept++] = h->point[i];
    h->count = kept;
  }
  wf_lla lla;
  wf_geo_lla_from_ecef(track->state, &lla);
  h->last = track->time;
  h->point[h->count].at = track->time;
  h->point[h->count].lat_deg = (float)(lla.lat_rad / WF_DEG);
  h->point[h->count].lon_deg = (float)(lla.lon_rad / WF_DEG);
  h->point[h->count].h_m = (float)lla.h_m;
  h->count++;
}

static json_t *flown_points(const flown *h, wf_time now) {
  json_t *list = json_array();
  for (size_t i = 0; h != NULL && i < h->count; i++)
    json_array_append_new(list, json_pack("[f,f,f,f]", wf_time_diff_s(now, h->point[i].at), (double)h->point[i].lat_deg,
                                          (double)h->point[i].lon_deg, (double)h->point[i].h_m));
  return list;
}

// The arc to come, on the mean: the ellipses say how sure it is.
static json_t *predicted_points(const wf_common_track *t, wf_time now) {
  json_t *list = json_array();
  if (!t->impact.valid) return list;
  double to_impact_s = wf_time_diff_s(t->impact.time, t->track.time);
  if (!(to_impact_s > 0) || to_impact_s > PREDICT_HORIZON_S) return list;
  double state[6];
  memcpy(state, t->track.state, sizeof state);
  const double beta = t->track.ln_beta_sigma > 0 ? wf_exp(t->track.ln_beta) : BETA_UNKNOWN_KG_M2;
  const wf_dynamics dynamics = {WF_GRAVITY_J2, 1.0 / beta};
  const double step_s = to_impact_s / 60.0 > 2.0 ? to_impact_s / 60.0 : 2.0;
  for (double at_s = 0; at_s <= to_impact_s && json_array_size(list) < PREDICTED_MAX; at_s += step_s) {
    wf_lla lla;
    wf_geo_lla_from_ecef(state, &lla);
    json_array_append_new(list, json_pack("[f,f,f,f]", wf_time_diff_s(t->track.time, now) + at_s, lla.lat_rad / WF_DEG,
                                          lla.lon_rad / WF_DEG, lla.h_m));
    if (lla.h_m < 0) break;
    wf_motion_propagate(&dynamics, step_s, 2.0, state, NULL, NULL);
  }
  json_array_append_new(list, json_pack("[f,f,f,f]", wf_time_diff_s(t->impact.time, now),
                                        t->impact.area.lat_rad / WF_DEG, t->impact.area.lon_rad / WF_DEG, 0.0));
  return list;
}

static json_t *contributors(const wf_common_track *t) {
  json_t *list = json_array();
  for (int i = 0; i < t->contributor_count; i++) {
    const struct wf_contributor *c = &t->contributor[i];
    json_array_append_new(
        list,
        json_pack("{s:s,s:o,s:o,s:o,s:I,s:o,s:o}", "nation", c->nation.code, "sources", feed_sources(c->sources),
                  "first_valid", feed_time(c->first_valid), "last_valid", feed_time(c->last_valid), "contributions",
                  (json_int_t)c->contributions, "impact", feed_impact(&c->impact), "launch", feed_launch(&c->launch)));
  }
  return list;
}

static void set_motion(json_t *o, const wf_track *t) {
  wf_lla lla;
  wf_geo_lla_from_ecef(t->state, &lla);
  double rotation[9], enu[3];
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, rotation);
  wf_mat_mul(3, 3, 1, rotation, t->state + 3, enu);
  const double variance_m2 = t->covariance[0] + t->covariance[7] + t->covariance[14];
  json_object_set_new(o, "position_ecef_m", json_pack("[f,f,f]", t->state[0], t->state[1], t->state[2]));
  json_object_set_new(o, "velocity_ecef_m_s", json_pack("[f,f,f]", t->state[3], t->state[4], t->state[5]));
  json_object_set_new(o, "lat_deg", json_real(lla.lat_rad / WF_DEG));
  json_object_set_new(o, "lon_deg", json_real(lla.lon_rad / WF_DEG));
  json_object_set_new(o, "height_m", json_real(lla.h_m));
  json_object_set_new(o, "speed_m_s", json_real(wf_vec_norm(t->state + 3)));
  json_object_set_new(o, "heading_deg", json_real(wf_wrap_2pi(wf_atan2(enu[0], enu[1])) / WF_DEG));
  json_object_set_new(o, "position_sigma_m", json_real(wf_sqrt(variance_m2 > 0 ? variance_m2 : 0)));
}

// What it may be, as far as anything is said: chances above half a per cent.
static json_t *classes(const wf_common_track *t) {
  double chance[WF_CLASS_COUNT];
  json_t *o = json_object();
  wf_warn_classify(t, chance);
  for (int i = 0; i < WF_CLASS_COUNT; i++)
    if (chance[i] >= CHANCE_SAID)
      json_object_set_new(o, wf_flight_class_name((wf_flight_class)i), json_real(chance[i]));
  return o;
}

// Null when it is one ellipse and nothing else: that is `impact`.
static json_t *impact_map(const wf_common_track *t) {
  wf_impact_map map;
  wf_warn_map(t, &map);
  if (map.count == 0 || (map.count == 1 && map.part[0].weight > 1 - CHANCE_SAID)) return json_null();
  json_t *list = json_array();
  for (int i = 0; i < map.count; i++) {
    const wf_ground_ellipse *e = &map.part[i].area;
    json_array_append_new(list, json_pack("{s:f,s:{s:f,s:f,s:f,s:f,s:f}}", "weight", map.part[i].weight, "area",
                                          "lat_deg", e->lat_rad / WF_DEG, "lon_deg", wf_wrap_pi(e->lon_rad) / WF_DEG,
                                          "semi_major_95_m", e->semi_major_95_m, "semi_minor_95_m", e->semi_minor_95_m,
                                          "azimuth_deg", e->azimuth_rad / WF_DEG));
  }
  return list;
}

json_t *feed_track(const wf_common_track *c, const flown *history, wf_time now, bool with_contributors) {
  const wf_track *t = &c->track;
  json_t *o =
      json_pack("{s:o,s:s,s:o,s:s,s:s,s:s,s:o,s:o,s:f,s:o,s:o}", "number", feed_hex(c->number), "label", c->label,
                "event", feed_hex(c->event), "life", wf_life_name((wf_life)t->life), "reason",
                wf_life_reason_name((wf_life_reason)t->reason), "phase", wf_phase_name((wf_phase)t->phase), "sources",
                feed_sources(t->sources), "time", feed_time(t->time), "age_s", wf_time_diff_s(now, t->last_update),
                "first_detection", feed_time(t->first_detection), "last_update", feed_time(t->last_update));
  if (o == NULL) return json_null();
  set_motion(o, t);
  json_object_set_new(o, "launch", feed_launch(&t->launch));
  json_object_set_new(o, "impact", feed_impact(&c->impact));
  json_object_set_new(o, "impact_map", impact_map(c));
  json_object_set_new(o, "class", classes(c));
  json_object_set_new(o, "impact_reason", json_string(wf_impact_reason_name((wf_impact_reason)c->impact.reason)));
  json_object_set_new(o, "flown", flown_points(history, now));
  json_object_set_new(o, "predicted", predicted_points(c, now));
  if (with_contributors) json_object_set_new(o, "contributors", contributors(c));
  return o;
}
