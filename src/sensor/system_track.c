// ASTERIX 062, another system's tracks → states with covariance.
#include "system_track.h"

#include <string.h>

#include "base/fmath.h"
#include "base/mat.h"

#define SIGMA_M 500.0
#define SIGMA_HEIGHT_M 200.0
#define SIGMA_M_S 50.0
#define MAX_AGE_S 30.0
#define TIME_STEP_S (1.0 / 128)

static uint16_t field(const wf_asterix_editions *e, const char *path) {
  return e->spec[62] == NULL ? WF_ASTERIX_FIELD_NONE : wf_asterix_field(e->spec[62], path);
}

void wf_sensor_track_fields(const wf_asterix_editions *e, struct wf_radar_track_fields *out) {
  *out = (struct wf_radar_track_fields){.sac = field(e, "010/SAC"),
                                        .sic = field(e, "010/SIC"),
                                        .time = field(e, "070"),
                                        .number = field(e, "040"),
                                        .lat = field(e, "105/LAT"),
                                        .lon = field(e, "105/LON"),
                                        .height = field(e, "130"),
                                        .level = field(e, "136"),
                                        .vx = field(e, "185/VX"),
                                        .vy = field(e, "185/VY"),
                                        .climb = field(e, "220"),
                                        .tentative = field(e, "080/CNF"),
                                        .simulated = field(e, "080/SIM"),
                                        .ended = field(e, "080/TSE"),
                                        .sigma_lat = field(e, "500/APW/LAT"),
                                        .sigma_lon = field(e, "500/APW/LON"),
                                        .sigma_height = field(e, "500/AGA"),
                                        .sigma_vx = field(e, "500/ATV/X"),
                                        .sigma_vy = field(e, "500/ATV/Y"),
                                        .sigma_climb = field(e, "500/ARC")};
}

static bool get(const wf_asterix_record *r, uint16_t f, double *out) {
  const wf_asterix_value *v = wf_asterix_find(r, f);
  if (v != NULL) *out = wf_asterix_si(f, v->raw);
  return v != NULL;
}

static bool set(const wf_asterix_record *r, uint16_t f) {
  const wf_asterix_value *v = wf_asterix_find(r, f);
  return v != NULL && v->raw != 0;
}

static wf_radar_reject time_of(const struct wf_radar_track_fields *f, const wf_asterix_record *r, const wf_sensor *s,
                               wf_time now, wf_time *out) {
  double seconds;
  if (!get(r, f->time, &seconds)) return WF_RADAR_NO_TIME;
  *out = wf_time_add_s(wf_sensor_time_near(seconds, 86400, now), -s->feed.clock_offset_s);
  const double age_s = wf_time_diff_s(now, *out);
  if (age_s > (s->feed.max_age_s > 0 ? s->feed.max_age_s : MAX_AGE_S)) return WF_RADAR_STALE;
  return age_s < -2 ? WF_RADAR_AHEAD : WF_RADAR_OK;
}

static double sigma_or(const wf_asterix_record *r, uint16_t f, double registered, double otherwise) {
  double given;
  if (get(r, f, &given) && given > 0) return given;
  return registered > 0 ? registered : otherwise;
}

// East, north, up at the place. The time stands in steps of 1/128 s, in which it moves.
static void sigmas_of(const struct wf_radar_track_fields *f, const wf_asterix_record *r, const wf_sensor *s,
                      const wf_lla *lla, double speed_m_s, double out[6]) {
  out[0] = sigma_or(r, f->sigma_lon, 0, 0) * WF_WGS84_A_M * wf_cos(lla->lat_rad);
  out[1] = sigma_or(r, f->sigma_lat, 0, 0) * WF_WGS84_A_M;
  const double level = s->sigma_range_m > 0 ? s->sigma_range_m : SIGMA_M, step = speed_m_s * TIME_STEP_S;
  if (!(out[0] > 0)) out[0] = level;
  if (!(out[1] > 0)) out[1] = level;
  out[2] = sigma_or(r, f->sigma_height, s->feed.sigma_height_m, SIGMA_HEIGHT_M);
  out[3] = sigma_or(r, f->sigma_vx, s->sigma_range_rate_m_s, SIGMA_M_S);
  out[4] = sigma_or(r, f->sigma_vy, s->sigma_range_rate_m_s, SIGMA_M_S);
  out[5] = sigma_or(r, f->sigma_climb, s->sigma_range_rate_m_s, SIGMA_M_S);
  for (int i = 0; i < 3; i++) out[i] = wf_sqrt(out[i] * out[i] + step * step / 12 + 1.0);
  for (int i = 3; i < 6; i++) out[i] = wf_sqrt(out[i] * out[i] + 0.01);
}

static void covariance_of(const double rotation[9], const double sigma[6], double covariance[21]) {
  double p[36] = {0};
  for (int block = 0; block < 6; block += 3)
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++)
        for (int k = 0; k < 3; k++)
          p[6 * (block + i) + block + j] +=
              rotation[3 * k + i] * sigma[block + k] * sigma[block + k] * rotation[3 * k + j];
  wf_mat_pack_upper(6, p, covariance);
}

wf_radar_reject wf_sensor_track_062(const wf_radar_input *in, const wf_asterix_record *r, const wf_sensor *s,
                                    wf_mode mode, wf_time now, wf_system_track *out) {
  const struct wf_radar_track_fields *f = &in->track062;
  const wf_asterix_value *number = wf_asterix_find(r, f->number);
  double v_enu[3] = {0}, rotation[9], sigma[6];
  wf_lla lla;
  *out = (wf_system_track){0};
  if (number == NULL) return WF_RADAR_NO_DETECTION;
  if (set(r, f->simulated) && mode == WF_MODE_LIVE) return WF_RADAR_SIMULATED;
  const wf_radar_reject reject = time_of(f, r, s, now, &out->time);
  if (reject != WF_RADAR_OK) return reject;
  out->number = (uint64_t)number->raw;
  out->ended = set(r, f->ended);
  if (out->ended) return WF_RADAR_OK;
  if (set(r, f->tentative)) return WF_RADAR_NO_DETECTION;
  if (!get(r, f->lat, &lla.lat_rad) || !get(r, f->lon, &lla.lon_rad)) return WF_RADAR_NO_POSITION;
  if (!get(r, f->height, &lla.h_m) && !get(r, f->level, &lla.h_m)) return WF_RADAR_NO_HEIGHT;
  if (!get(r, f->vx, &v_enu[0]) || !get(r, f->vy, &v_enu[1])) return WF_RADAR_NO_VELOCITY;
  (void)get(r, f->climb, &v_enu[2]);  // not stated: level, as far as its sigma says
  wf_geo_ecef_from_lla(&lla, out->state);
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, rotation);
  wf_mat_t_mul(3, 3, 1, rotation, v_enu, out->state + 3);
  sigmas_of(f, r, s, &lla, wf_vec_norm(v_enu), sigma);
  if (wf_asterix_find(r, f->climb) == NULL) sigma[5] = wf_sqrt(sigma[5] * sigma[5] + 500.0 * 500.0);
  covariance_of(rotation, sigma, out->covariance);
  return WF_RADAR_OK;
}
