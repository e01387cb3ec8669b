// What kind of flight it is, and by which codes areas are known.
#include <math.h>
#include <string.h>

#include "flight.h"
#include "geo/wgs84.h"
#include "geocodes.h"
#include "warn/areas.h"

// At apogee, level and eastward, with the speed at the ground that the longest range of `reach_m` needs (v² r/GM = Q with
// sin(reach/2r) = Q/(2 − Q)); down at range_m from the launch at 39.66 N 124.71 E.
static int likeliest(double apogee_m, double range_m, double reach_m, uint8_t phase, double *share) {
  wf_common_track t = flight_track(1);
  const wf_lla top = {39 * WF_DEG, 130 * WF_DEG, apogee_m};
  wf_site site;
  wf_site_init(&site, &top);
  memcpy(t.track.state, site.pos_ecef_m, sizeof site.pos_ecef_m);
  const double r_m = WF_WGS84_A_M * (1 - WF_WGS84_F * 0.394), s = sin(0.5 * reach_m / r_m);
  const double ground2 = 2 * s / (1 + s) * WF_WGS84_GM_M3_S2 / r_m, top_m = r_m + apogee_m;
  const double v_m_s = sqrt(ground2 - 2 * WF_WGS84_GM_M3_S2 * (1 / r_m - 1 / top_m));
  for (int k = 0; k < 3; k++) t.track.state[3 + k] = site.enu_from_ecef[k] * v_m_s;
  t.track.phase = phase;
  flight_aim(&t, 39.66, 124.71 + range_m / (111320.0 * cos(39.66 * WF_DEG)), 20e3, 900);
  double p[WF_CLASS_COUNT], sum = 0;
  int best = 0;
  wf_warn_classify(&t, p);
  for (int i = 0; i < WF_CLASS_COUNT; i++) {
    assert_true(p[i] >= 0 && p[i] <= 1);
    sum += p[i];
    if (p[i] > p[best]) best = i;
  }
  assert_true(fabs(sum - 1) < 1e-9);
  *share = p[best];
  return best;
}

static void test_classes(void **state) {
  double share;
  assert_int_equal(likeliest(120e3, 500e3, 560e3, WF_PHASE_COAST, &share), WF_CLASS_SHORT_RANGE);
  assert_true(share > 0.9);
  assert_int_equal(likeliest(400e3, 1500e3, 1550e3, WF_PHASE_COAST, &share), WF_CLASS_MEDIUM_RANGE);
  assert_int_equal(likeliest(900e3, 4400e3, 4400e3, WF_PHASE_COAST, &share), WF_CLASS_INTERMEDIATE_RANGE);
  assert_int_equal(likeliest(2800e3, 930e3, 6000e3, WF_PHASE_COAST, &share), WF_CLASS_INTERCONTINENTAL);  // lofted
  assert_int_equal(likeliest(50e3, 700e3, 1200e3, WF_PHASE_COAST, &share), WF_CLASS_NOT_BALLISTIC);
  likeliest(150e3, 900e3, 1000e3, WF_PHASE_COAST, &share);
  assert_true(share < 0.7);  // on the border it says so
  likeliest(120e3, 500e3, 560e3, WF_PHASE_BOOST, &share);
  assert_true(share < 0.6);  // the engine still burns
  wf_common_track t = flight_track(1);
  double p[WF_CLASS_COUNT];
  wf_warn_classify(&t, p);
  assert_true(p[WF_CLASS_UNKNOWN] == 1);
  t.track.not_ballistic = true;
  wf_warn_classify(&t, p);
  assert_true(p[WF_CLASS_NOT_BALLISTIC] == 1);
  t.track.reason = WF_REASON_ORBITAL;
  wf_warn_classify(&t, p);
  assert_true(p[WF_CLASS_SPACE_LAUNCH] == 1);
}

static void test_geocodes(void **state) {
  static const char *const ROWS[][3] = {{"JP-01", "JIS-X-0401", "01"},      {"KR-11", "KR-MOIS", "1100000000"},
                                        {"KR-49", "KR-MOIS", "5000000000"}, {"KR-50", "KR-MOIS", "3600000000"},
                                        {"US-HI", "SAME", "015000"},        {"US-GU", "SAME", "066000"}};
  const char *scheme;
  char code[WARN_GEOCODE_SIZE];
  for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
    assert_true(warn_geocode(ROWS[i][0], &scheme, code));
    assert_string_equal(scheme, ROWS[i][1]);
    assert_string_equal(code, ROWS[i][2]);
  }
  assert_false(warn_geocode("XX-W", &scheme, code));
  const char *const NATIONS[] = {"JPN", "KOR", "USA"};
  for (int n = 0; n < 3; n++) {  // every own area has one
    size_t count;
    wf_nation nation;
    memcpy(nation.code, NATIONS[n], 4);
    const wf_area *areas = wf_areas_of(nation, &count);
    for (size_t i = 0; i < count; i++)
      if (!warn_geocode(areas[i].code, &scheme, code)) fail_msg("%s", areas[i].code);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes), cmocka_unit_test(test_geocodes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
