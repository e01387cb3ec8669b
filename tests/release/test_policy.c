// One row per rule of judgement; and what leaves under `warning-data` holds nothing of the sensors.
#include "../wf_test.h"
#include "base/fmath.h"
#include "base/mat.h"
#include "base/rng.h"
#include "geo/wgs84.h"
#include "release/policy.h"

static wf_nation nation(const char *code) {
  wf_nation n;
  assert_int_equal(wf_nation_parse(code, &n), WF_OK);
  return n;
}

static wf_audience audience(const char *text) {
  wf_audience a = {0};
  assert_int_equal(wf_audience_parse(text, &a), WF_OK);
  return a;
}

static wf_contribution contribution(uint8_t kind) {
  wf_contribution c;
  memset(&c, 0, sizeof c);
  c.kind = kind;
  c.sources = WF_SOURCE_RADAR;
  c.object = 5;
  c.valid_time = wf_time_from_s(1.8e9 + 12.75);
  return c;
}

typedef struct row {
  const char *what, *origin, *to;
  uint8_t kind, sources;
  wf_release_context context;
  bool allowed;
  uint32_t rule;
  const char *says;  // part of the sentence
} row;

// Rules: 0 warning-data JPN KOR USA; 1 only detections JPN USA, from all but sensor 3; 2 slow tracklets JPN KOR; 3 what
// radars see only above 100 km, AUS JPN.
static wf_release_policy table_policy(void) {
  wf_release_policy p = {0};
  const wf_audience three = audience("JPN KOR USA");
  assert_int_equal(wf_release_profile("warning-data", &three, &p), WF_OK);
  p.rule[0].guard_sigma_m = 0.0;  // test_guard.c has the guard
  p.rule[p.rule_count++] = (wf_release_rule){.name = "two",
                                             .audience = audience("JPN USA"),
                                             .kinds = WF_RELEASE_DETECTION | WF_RELEASE_TRACKLET,
                                             .sensors_deny_low = 1u << 3};
  p.rule[p.rule_count++] = (wf_release_rule){
      .name = "slow", .audience = audience("JPN KOR"), .kinds = WF_RELEASE_TRACKLET, .min_interval_s = 10.0};
  p.rule[p.rule_count++] = (wf_release_rule){
      .name = "high", .audience = audience("AUS JPN"), .kinds = WF_RELEASE_TRACKLET, .only_above_m = 100e3};
  return p;
}

#define T(s) \
  { (int64_t)((1.8e9 + (s)) * 1e9) }
#define RADAR WF_SOURCE_RADAR
static const row rows[] = {
    {"1 origin not of the audience",
     "AUS",
     "JPN KOR USA",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {0},
     false,
     UINT32_MAX,
     "AUS is not of the audience"},
    {"2 allowed by profile",
     "JPN",
     "JPN KOR USA",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {0},
     true,
     0,
     "\"warning-data JPN KOR USA\""},
    {"2 launch", "KOR", "JPN KOR USA", WF_CONTRIBUTION_LAUNCH, RADAR, {0}, true, 0, "launch allowed"},
    {"2 status", "USA", "JPN KOR USA", WF_CONTRIBUTION_STATUS, RADAR, {0}, true, 0, "status allowed"},
    {"2 a subset of an audience is another audience",
     "KOR",
     "KOR USA",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {0},
     false,
     UINT32_MAX,
     "no rule lets tracklet go to KOR USA"},
    {"2 a wider audience is another audience",
     "JPN",
     "AUS JPN KOR USA",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {0},
     false,
     UINT32_MAX,
     "no rule"},
    {"2 the kind is not named",
     "JPN",
     "JPN KOR",
     WF_CONTRIBUTION_DETECTION,
     RADAR,
     {0},
     false,
     UINT32_MAX,
     "no rule lets detection"},
    {"2 an unknown kind", "JPN", "JPN KOR USA", 99, RADAR, {0}, false, UINT32_MAX, "no rule lets unknown"},
    {"3 partners' data",
     "JPN",
     "JPN KOR USA",
     WF_CONTRIBUTION_TRACKLET,
     RADAR | WF_SOURCE_PARTNER,
     {0},
     false,
     0,
     "partners' data"},
    {"5 too low for radars",
     "JPN",
     "AUS JPN",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {.place_known = true, .place = {0.6, 2.4, 99e3}},
     false,
     3,
     "too low to be told"},
    {"5 high enough",
     "JPN",
     "AUS JPN",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {.place_known = true, .place = {0.6, 2.4, 101e3}},
     true,
     3,
     "tracklet allowed"},
    {"5 what a satellite sees is told at any height",
     "JPN",
     "AUS JPN",
     WF_CONTRIBUTION_TRACKLET,
     WF_SOURCE_INFRARED,
     {.place_known = true, .place = {0.6, 2.4, 20e3}},
     true,
     3,
     "tracklet allowed"},
    {"5 nobody knows how high", "JPN", "AUS JPN", WF_CONTRIBUTION_TRACKLET, RADAR, {0}, false, 3, "is not known"},
    {"4 feed not known", "JPN", "JPN USA", WF_CONTRIBUTION_TRACKLET, RADAR, {0}, false, 1, "feed is not known"},
    {"4 withheld sensor",
     "JPN",
     "JPN USA",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {.feed_known = true, .fed_by = 1u << 3 | 1},
     false,
     1,
     "withheld sensor"},
    {"4 other sensors",
     "JPN",
     "JPN USA",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {.feed_known = true, .fed_by = 1},
     true,
     1,
     "allowed"},
    {"5 the first", "JPN", "JPN KOR", WF_CONTRIBUTION_TRACKLET, RADAR, {0}, true, 2, "allowed"},
    {"5 too soon",
     "JPN",
     "JPN KOR",
     WF_CONTRIBUTION_TRACKLET,
     RADAR,
     {.last_tracklet = T(5.0)},
     false,
     2,
     "sooner than 10 s"},
    {"5 late enough", "JPN", "JPN KOR", WF_CONTRIBUTION_TRACKLET, RADAR, {.last_tracklet = T(2.0)}, true, 2, "allowed"},
};

static void every_rule(void **state) {
  const wf_release_policy policy = table_policy();
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const row *r = &rows[i];
    const wf_audience to = audience(r->to);
    wf_contribution c = contribution(r->kind);
    wf_release_verdict v;
    c.sources = r->sources;
    wf_release_judge_in(&policy, &to, nation(r->origin), &r->context, &c, &v);
    if (v.allowed != r->allowed || v.rule != r->rule || strstr(v.why, r->says) == NULL)
      fail_msg("%s: allowed %d by rule %u: %s", r->what, v.allowed, v.rule, v.why);
  }
}

static void nothing_without_policy(void **state) {
  const wf_release_policy empty = {0};
  const wf_audience to = audience("JPN KOR USA");
  for (int kind = 0; kind < 256; kind++) {
    wf_contribution c = contribution((uint8_t)kind);
    wf_release_verdict v;
    wf_release_judge(&empty, &to, nation("JPN"), &c, &v);
    assert_false(v.allowed);
    assert_int_equal(v.rule, UINT32_MAX);
  }
  for (uint32_t kind = 0; kind < 256; kind++) {
    wf_release_verdict v;
    wf_release_judge_kind(&empty, &to, nation("JPN"), kind, &v);
    assert_false(v.allowed);
  }
}

static void profiles(void **state) {
  const wf_audience three = audience("JPN KOR USA"), one = audience("JPN");
  wf_release_policy p = {0};
  wf_release_verdict v;
  assert_int_equal(wf_release_profile("everything", &three, &p), WF_ENOTFOUND);
  assert_int_equal(wf_release_profile("plots", &one, &p), WF_EINVAL);
  assert_int_equal(p.rule_count, 0);
  assert_int_equal(wf_release_profile("warning-data", &three, &p), WF_OK);
  wf_release_judge_kind(&p, &three, nation("JPN"), WF_RELEASE_PLOT, &v);
  assert_false(v.allowed);
  wf_release_judge_kind(&p, &three, nation("JPN"), WF_RELEASE_PRODUCT, &v);
  assert_true(v.allowed);
  assert_int_equal(wf_release_profile("plots", &three, &p), WF_OK);
  wf_release_judge_kind(&p, &three, nation("JPN"), WF_RELEASE_PLOT, &v);
  assert_true(v.allowed);
  assert_int_equal(v.rule, 1);
  while (p.rule_count < WF_RULES_MAX) assert_int_equal(wf_release_profile("plots", &three, &p), WF_OK);
  assert_int_equal(wf_release_profile("plots", &three, &p), WF_EFULL);
}

// Under warning-data no field that tells of a sensor gets out.
static void warning_data_tells_nothing_of_sensors(void **state) {
  const wf_audience three = audience("JPN KOR USA");
  wf_release_policy p = {0};
  wf_release_verdict v;
  assert_int_equal(wf_release_profile("warning-data-open", &three, &p), WF_OK);
  wf_contribution c = contribution(WF_CONTRIBUTION_TRACKLET);
  c.tracklet.plots = 17;
  wf_release_judge(&p, &three, nation("JPN"), &c, &v);
  assert_true(v.allowed);
  assert_int_equal(c.tracklet.plots, 0);
  const uint8_t coverage[] = {WF_REASON_BELOW_HORIZON, WF_REASON_OUT_OF_COVERAGE};
  for (int i = 0; i < 2; i++) {
    c = contribution(WF_CONTRIBUTION_STATUS);
    c.status.life = WF_LIFE_LOST;
    c.status.reason = coverage[i];
    wf_release_judge(&p, &three, nation("JPN"), &c, &v);
    assert_int_equal(c.status.reason, WF_REASON_NOT_SEEN);
  }
  c.status.reason = WF_REASON_IMPACT_TIME_PASSED;
  wf_release_judge(&p, &three, nation("JPN"), &c, &v);
  assert_int_equal(c.status.reason, WF_REASON_IMPACT_TIME_PASSED);
}

// Times and places go to a fixed grid; many true places share one stated place, and the stated error still covers it.
static void detections_are_coarse(void **state) {
  const wf_audience three = audience("JPN KOR USA");
  wf_release_policy p = {0};
  wf_rng rng;
  wf_rng_seed(&rng, 3);
  assert_int_equal(wf_release_profile("warning-data-open", &three, &p), WF_OK);
  const double grain = p.rule[0].place_grain_m;
  double worst = 0.0;
  int same = 0;
  double first[3] = {0};
  for (int n = 0; n < 500; n++) {
    const wf_lla lla = {(39.0 + 0.002 * wf_rng_uniform(&rng)) * WF_DEG, (127.5 + 0.002 * wf_rng_uniform(&rng)) * WF_DEG,
                        2000.0 * wf_rng_uniform(&rng)};
    wf_contribution c = contribution(WF_CONTRIBUTION_DETECTION);
    wf_release_verdict v;
    double truth[3];
    wf_geo_ecef_from_lla(&lla, truth);
    memcpy(c.detection.pos_ecef_m, truth, sizeof truth);
    // A needle that points somewhere.
    const double needle[6] = {4e6, 3.9e6, 0, 4e6, 0, 100};
    memcpy(c.detection.covariance_m2, needle, sizeof needle);
    c.detection.has_place = 1;
    c.detection.first_detection = c.valid_time;
    wf_release_judge(&p, &three, nation("JPN"), &c, &v);
    assert_true(v.allowed);
    assert_int_equal(c.valid_time.ns % WF_NS_PER_S, 0);
    assert_int_equal(c.detection.first_detection.ns, c.valid_time.ns);
    const double *q = c.detection.covariance_m2;
    assert_true(q[0] == q[3] && q[3] == q[5] && q[1] == 0.0 && q[2] == 0.0 && q[4] == 0.0);
    assert_true(q[0] >= grain * grain && q[0] >= 7.9e6);
    double d2 = 0.0;
    for (int i = 0; i < 3; i++) d2 += (c.detection.pos_ecef_m[i] - truth[i]) * (c.detection.pos_ecef_m[i] - truth[i]);
    if (wf_sqrt(d2) > worst) worst = wf_sqrt(d2);
    if (n == 0) memcpy(first, c.detection.pos_ecef_m, sizeof first);
    same += memcmp(first, c.detection.pos_ecef_m, sizeof first) == 0;
  }
  print_message("grain %.0f m: moved by at most %.0f m; %d of 500 places within 200 m share one\n", grain, worst, same);
  assert_true(worst < grain);
  assert_true(same > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_rule),
      cmocka_unit_test(nothing_without_policy),
      cmocka_unit_test(profiles),
      cmocka_unit_test(warning_data_tells_nothing_of_sensors),
      cmocka_unit_test(detections_are_coarse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
