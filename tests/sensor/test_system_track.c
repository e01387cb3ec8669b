// Category 062 as another system's tracks: the state comes out as it went in, with the covariance it gives or the
// registry's; what gives none is refused by name.
#include <math.h>

#include "base/fmath.h"
#include "base/mat.h"
#include "sensor/publish.h"
#include "sensor/radar.h"
#include "wf_test.h"

static wf_radar_input input;
static wf_asterix_editions editions;
static wf_asterix_record record, scratch;
static wf_radar_memory memory[2];
static const wf_time NOW = {INT64_C(1773143999) * WF_NS_PER_S};  // a second before midnight

static wf_sensor sensors[2] = {{.name = "c2", .kind = WF_SENSOR_SYSTEM, .feed = {.asterix = true, .sac = 7, .sic = 8}},
                               {.name = "R", .kind = WF_SENSOR_RADAR, .feed = {.asterix = true, .sac = 7, .sic = 9}}};

static wf_publish_track track_at(double lat_deg, double h_m) {
  wf_publish_track t = {.time = wf_time_add_s(NOW, -1.5), .number = 812};
  const wf_lla lla = {lat_deg * WF_DEG, 134.0 * WF_DEG, h_m};
  const double enu[3] = {1200.0, -300.0, 450.0};
  double rotation[9];
  wf_geo_ecef_from_lla(&lla, t.state);
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, rotation);
  wf_mat_t_mul(3, 3, 1, rotation, enu, t.state + 3);
  return t;
}

static void hear(wf_mode mode, wf_radar_word *word, wf_radar_counts *counts) {
  uint8_t bytes[512];
  size_t length = 0;
  const wf_sensor_registry registry = {sensors, 2, mode};
  assert_int_equal(wf_asterix_encode(&record, bytes + 3, sizeof bytes - 3, &length), WF_OK);
  assert_int_equal(wf_asterix_block(62, bytes, length), WF_OK);
  *counts = (wf_radar_counts){0};
  memset(memory, 0, sizeof memory);
  (void)wf_radar_hear(&input, &registry, memory, NOW, (wf_bytes){bytes, length + 3}, &scratch, word, 1, counts, NULL);
}

static wf_radar_word heard(const wf_publish_track *t, uint8_t sic, wf_mode mode, wf_radar_reject why) {
  wf_radar_word word = {0};
  wf_radar_counts counts;
  assert_int_equal(wf_publish_062(&editions, 7, sic, t, &record), WF_PUBLISH_OK);
  hear(mode, &word, &counts);
  for (int i = 1; i < WF_RADAR_REJECT_COUNT; i++) assert_int_equal(counts.rejected[i], i == (int)why);
  assert_int_equal(word.has_track, why == WF_RADAR_OK);
  assert_false(word.has_plot);
  return word;
}

static void the_state_comes_out_as_it_went_in(void **state) {
  const wf_publish_track t = track_at(38.0, 30e3);
  const wf_radar_word word = heard(&t, 8, WF_MODE_LIVE, WF_RADAR_OK);
  assert_int_equal(word.sensor, 0);
  assert_int_equal(word.track.number, 812);
  assert_int_equal(word.track.phase, WF_PHASE_UNKNOWN);
  assert_float_equal(wf_time_diff_s(word.track.time, t.time), 0.0, 1.0 / 128);
  for (int i = 0; i < 3; i++) assert_float_equal(word.track.state[i], t.state[i], 2.0);  // steps of 0.6 m and 6.25 ft
  for (int i = 3; i < 6; i++) assert_float_equal(word.track.state[i], t.state[i], 0.3);
  double p[36], trace = 0.0;
  wf_mat_unpack_upper(6, word.track.covariance, p);
  for (int i = 0; i < 3; i++) trace += p[7 * i];
  // Two horizontal axes of 500 m, a height of 200 m, and what moves in 1/128 s.
  assert_float_equal(sqrt(trace), sqrt(500.0 * 500 * 2 + 200.0 * 200), 1.0);
  assert_int_equal(wf_mat_cholesky(6, p, p), WF_OK);
}

static void the_registrys_accuracy_counts(void **state) {
  const wf_publish_track t = track_at(38.0, 30e3);
  sensors[0].sigma_range_m = 60.0;
  sensors[0].sigma_range_rate_m_s = 3.0;
  sensors[0].feed.sigma_height_m = 25.0;
  const wf_radar_word word = heard(&t, 8, WF_MODE_LIVE, WF_RADAR_OK);
  sensors[0].sigma_range_m = sensors[0].sigma_range_rate_m_s = sensors[0].feed.sigma_height_m = 0.0;
  double p[36], trace = 0.0, speed = 0.0;
  wf_mat_unpack_upper(6, word.track.covariance, p);
  for (int i = 0; i < 3; i++) trace += p[7 * i], speed += p[7 * (i + 3)];
  assert_float_equal(sqrt(trace), sqrt(60.0 * 60 * 2 + 25.0 * 25), 1.0);
  assert_float_equal(sqrt(speed), sqrt(27.0), 0.1);
}

static void what_is_none_is_refused_by_name(void **state) {
  wf_publish_track t = track_at(38.0, 30e3);
  (void)heard(&t, 9, WF_MODE_LIVE, WF_RADAR_WRONG_KIND);  // of a radar
  (void)heard(&t, 1, WF_MODE_LIVE, WF_RADAR_UNKNOWN_SOURCE);
  t.tentative = true;
  (void)heard(&t, 8, WF_MODE_LIVE, WF_RADAR_NO_DETECTION);
  t = track_at(38.0, 30e3);
  t.simulated = true;
  (void)heard(&t, 8, WF_MODE_LIVE, WF_RADAR_SIMULATED);
  (void)heard(&t, 8, WF_MODE_EXERCISE, WF_RADAR_OK);
  t = track_at(38.0, 30e3);
  t.time = wf_time_add_s(NOW, -40.0);
  (void)heard(&t, 8, WF_MODE_LIVE, WF_RADAR_STALE);
  t.time = wf_time_add_s(NOW, 5.0);  // tomorrow's first seconds
  (void)heard(&t, 8, WF_MODE_LIVE, WF_RADAR_AHEAD);
  t.time = wf_time_add_s(NOW, 1.5);
  const wf_radar_word word = heard(&t, 8, WF_MODE_LIVE, WF_RADAR_OK);
  assert_float_equal(wf_time_diff_s(word.track.time, NOW), 1.5, 1.0 / 128);
}

static int make(void **state) {
  wf_asterix_editions_newest(&editions);
  wf_radar_input_init(&input, &editions, WF_ASTERIX_PLAIN);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_state_comes_out_as_it_went_in),
      cmocka_unit_test(the_registrys_accuracy_counts),
      cmocka_unit_test(what_is_none_is_refused_by_name),
  };
  return cmocka_run_group_tests(tests, make, NULL);
}
