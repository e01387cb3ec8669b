#include <stdlib.h>

#include "base/fmath.h"
#include "geo/wgs84.h"
#include "sensor/ccsds.h"
#include "sensor/publish.h"
#include "wf_test.h"

static wf_asterix_editions editions;
static wf_asterix_record record, again;

static double value(const char *path) {
  const uint16_t field = wf_asterix_field(editions.spec[62], path);
  const wf_asterix_value *v = wf_asterix_find(&again, field);
  assert_non_null(v);
  return wf_asterix_si(field, v->raw);
}

// A state at a place with a velocity east, north, up.
static wf_publish_track track_at(double h_m, double east, double north, double up) {
  wf_publish_track t = {.time = {INT64_C(1773179999) * WF_NS_PER_S + WF_NS_PER_S / 2}, .number = 321};
  const wf_lla lla = {38 * WF_DEG, 131 * WF_DEG, h_m};
  double r[9];
  const double enu[3] = {east, north, up};
  wf_geo_ecef_from_lla(&lla, t.state);
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, r);
  for (int i = 0; i < 3; i++) t.state[3 + i] = r[i] * enu[0] + r[3 + i] * enu[1] + r[6 + i] * enu[2];
  return t;
}

static void test_062(void **state) {
  uint8_t bytes[256];
  size_t length;
  wf_asterix_fault fault;
  for (int coasting = 0; coasting < 2; coasting++) {
    wf_publish_track t = track_at(30000, 1500, -2000, 900);
    t.coasting = coasting;
    assert_int_equal(wf_publish_062(&editions, 25, 100, &t, &record), WF_PUBLISH_OK);
    assert_int_equal(wf_asterix_encode(&record, bytes + 3, sizeof bytes - 3, &length), WF_OK);
    assert_int_equal(wf_asterix_block(62, bytes, length), WF_OK);
    wf_asterix_cursor cursor = wf_asterix_cursor_of(&editions, (wf_bytes){bytes, length + 3});
    assert_int_equal(wf_asterix_next(&cursor, &again, &fault), WF_OK);
    assert_float_equal(value("070"), (1773179999 % 86400) + 0.5, 1e-2);
    assert_float_equal(value("105/LAT"), 38 * WF_DEG, 1e-7);
    assert_float_equal(value("105/LON"), 131 * WF_DEG, 1e-7);
    assert_float_equal(value("185/VX"), 1500, 0.13);
    assert_float_equal(value("185/VY"), -2000, 0.13);
    assert_float_equal(value("130"), 30000, 1);
    assert_float_equal(value("220"), 900, 0.02);
    assert_float_equal(value("040"), 321, 0);
    if (coasting) assert_float_equal(value("080/CST"), 1, 0);
  }
}

// One row per reason: the edge below it, and the first value beyond.
static void test_062_leaves_out(void **state) {
  const struct {
    wf_publish_track track;
    wf_publish_reason reason;
  } ROWS[] = {
      {track_at(45719, 0, 0, 0), WF_PUBLISH_OK},           {track_at(45722, 0, 0, 0), WF_PUBLISH_HEIGHT},
      {track_at(1000, 0, 0, 1040), WF_PUBLISH_OK},         {track_at(1000, 0, 0, 1041), WF_PUBLISH_CLIMB},
      {track_at(1000, 0, 0, -1040), WF_PUBLISH_OK},        {track_at(1000, 0, 0, -1041), WF_PUBLISH_CLIMB},
      {track_at(1000, 8191, 0, 0), WF_PUBLISH_OK},         {track_at(1000, 8193, 0, 0), WF_PUBLISH_SPEED},
      {(wf_publish_track){.number = 1}, WF_PUBLISH_STATE},
  };
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    const wf_publish_reason reason = wf_publish_062(&editions, 0, 0, &ROWS[i].track, &record);
    if (reason != ROWS[i].reason) fail_msg("row %zu: %s", i, wf_publish_reason_name(reason));
  }
}

static void test_oem(void **state) {
  char text[2048];
  const wf_time t = {INT64_C(1773179999) * WF_NS_PER_S};
  const double s[6] = {-4000000, 3000000.5, 4100000, 1000, -2000, 3000.25};
  double c[21];
  for (int i = 0; i < 21; i++) c[i] = 1e6 * (i + 1);
  assert_int_equal(wf_oem_state(t, s, text, sizeof text), WF_OK);
  assert_string_equal(
      text,
      "2026-03-10T21:59:59.000000000 -4000.000000 3000.000500 4100.000000 1.000000000 -2.000000000 3.000250000\n");
  assert_int_equal(wf_oem_covariance(t, c, text, sizeof text), WF_OK);
  // Upper triangle by rows: (0,0)=1 (0,1)=2 … (1,1)=7 … (5,5)=21; the OEM has the lower one by rows.
  static const int EXPECTED[] = {1, 2, 7, 3, 8, 12, 4, 9, 13, 16, 5, 10, 14, 17, 19, 6, 11, 15, 18, 20, 21};
  char *at = strstr(text, "ITRF2000\n") + 9;
  for (int i = 0; i < 21; i++) assert_float_equal(strtod(at, &at), EXPECTED[i], 1e-9);
  assert_string_equal(at, "\n");
  assert_int_equal(wf_oem_covariance(t, c, text, 40), WF_EFULL);
  assert_int_equal(wf_oem_covariance(t, c, text, 200), WF_EFULL);
  assert_int_equal(wf_oem_header(WF_OEM_3, t, "X", text, sizeof text), WF_OK);
  assert_non_null(strstr(text, "CCSDS_OEM_VERS = 3.0\nCREATION_DATE = 2026-03-10T21:59:59.000000000\n"));
}

static int set_up(void **state) {
  wf_asterix_editions_newest(&editions);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_062), cmocka_unit_test(test_062_leaves_out),
                                     cmocka_unit_test(test_oem)};
  return cmocka_run_group_tests(tests, set_up, NULL);
}
