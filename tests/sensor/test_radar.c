#include <math.h>

#include "base/fmath.h"
#include "sensor/envelope.h"
#include "sensor/refraction.h"
#include "wf_test.h"

static wf_asterix_editions editions;
static wf_asterix_record record, scratch;
static wf_sensor sensors[2];
static wf_radar_memory memory[2];
static wf_radar_input input;
static wf_radar_counts counts;
static wf_radar_word words[16];
static uint8_t bytes[1024];

#define NOON_NS (INT64_C(1789992000) * WF_NS_PER_S)  // 2026-09-21T12:00:00Z

static int set_up(void **state) {
  wf_asterix_editions_newest(&editions);
  wf_radar_input_init(&input, &editions, WF_ASTERIX_AUTO);
  for (int i = 0; i < 2; i++) {
    sensors[i] = (wf_sensor){.kind = WF_SENSOR_RADAR, .sigma_range_m = 50, .sigma_az_rad = 1e-3, .sigma_el_rad = 2e-3};
    sensors[i].lla = (wf_lla){40 * WF_DEG, 140 * WF_DEG, 100};
    sensors[i].feed.asterix = true;
    sensors[i].feed.sac = 7;
    sensors[i].feed.sic = (uint8_t)(i + 1);
  }
  return 0;
}

static int fresh(void **state) {
  memset(memory, 0, sizeof memory);
  memset(&counts, 0, sizeof counts);
  return 0;
}

static void put(unsigned category, const char *path, int64_t raw) {
  assert_int_equal(wf_asterix_put(&record, wf_asterix_field(editions.spec[category], path), raw), WF_OK);
}
static void put_si(unsigned category, const char *path, double value) {
  assert_int_equal(wf_asterix_put_si(&record, wf_asterix_field(editions.spec[category], path), value), WF_OK);
}

typedef struct target {
  double tod_s, range_m, az_rad;
  int sic, type, simulated, monitor;
  double height_m, level_m;  // 0: not given
} target;

static size_t block_048(const target *t, uint8_t *out) {
  static const char *const DESCRIPTOR[] = {"020/TYP", "020/SIM", "020/RDP", "020/SPI", "020/RAB"};
  const int values[] = {t->type, t->simulated, 0, 0, t->monitor};
  size_t length;
  wf_asterix_begin(&record, editions.spec[48]);
  put(48, "010/SAC", 7);
  put(48, "010/SIC", t->sic);
  if (t->tod_s >= 0) put_si(48, "140", t->tod_s);
  for (int i = 0; i < 5; i++) put(48, DESCRIPTOR[i], values[i]);
  if (t->range_m > 0) put_si(48, "040/RHO", t->range_m), put_si(48, "040/THETA", t->az_rad);
  if (t->level_m > 0) put(48, "090/V", 0), put(48, "090/G", 0), put_si(48, "090/FL", t->level_m);
  if (t->height_m > 0) put_si(48, "110/3DH", t->height_m);
  assert_int_equal(wf_asterix_encode(&record, out + 3, sizeof bytes - 3, &length), WF_OK);
  assert_int_equal(wf_asterix_block(48, out, length), WF_OK);
  return length + 3;
}

static size_t hear(const uint8_t *data, size_t size, int64_t now_ns, wf_mode mode) {
  const wf_sensor_registry registry = {sensors, 2, mode};
  wf_asterix_fault fault;
  return wf_radar_hear(&input, &registry, memory, (wf_time){now_ns}, (wf_bytes){data, size}, &scratch, words, 16,
                       &counts, &fault);
}

static const target GOOD = {.tod_s = 43200, .range_m = 185200, .az_rad = 1.0, .sic = 2, .type = 1, .height_m = 10668};

static void test_plot_from_height(void **state) {
  assert_int_equal(hear(bytes, block_048(&GOOD, bytes), NOON_NS, WF_MODE_LIVE), 1);
  assert_true(words[0].has_plot);
  assert_int_equal(words[0].sensor, 1);
  const wf_plot *p = &words[0].plot;
  assert_int_equal(p->time.ns, NOON_NS);
  assert_float_equal(p->radar.range_m, 185200, 4);
  assert_float_equal(p->radar.az_rad, 1.0, 5e-5);
  // The place it says is as high as it said.
  wf_site site;
  wf_lla lla;
  double pos_ecef_m[3];
  const double rae[3] = {p->radar.range_m, p->radar.az_rad, p->radar.el_rad};
  wf_site_init(&site, &sensors[1].lla);
  wf_geo_ecef_from_rae(&site, rae, pos_ecef_m, NULL);
  wf_geo_lla_from_ecef(pos_ecef_m, &lla);
  assert_float_equal(lla.h_m, 10668, 0.1);
  // 200 m of height at 185 km; a step of 1/256 NM and one of 1/128 s at 3 km/s are noise.
  assert_float_equal(p->sigma[2], 200.0 / 185200, 2e-5);
  assert_float_equal(p->sigma[0], sqrt(50 * 50 + (7.234375 * 7.234375 + 23.4375 * 23.4375) / 12), 1e-6);
}

// One row per named reason.
static void test_rejects(void **state) {
  struct {
    const char *what;
    target t;
    int64_t now_ns;
    wf_mode mode;
    wf_radar_reject reject;
  } ROWS[] = {
      {"unknown source", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_UNKNOWN_SOURCE},
      {"no time", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_NO_TIME},
      {"no position", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_NO_POSITION},
      {"no height", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_NO_HEIGHT},
      {"higher than it is far", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_BAD_GEOMETRY},
      {"no detection", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_NO_DETECTION},
      {"simulated, live", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_SIMULATED},
      {"simulated, exercise", GOOD, NOON_NS, WF_MODE_EXERCISE, WF_RADAR_OK},
      {"field monitor", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_FIELD_MONITOR},
      {"old", GOOD, NOON_NS + 31 * WF_NS_PER_S, WF_MODE_LIVE, WF_RADAR_STALE},
      {"early", GOOD, NOON_NS - 3 * WF_NS_PER_S, WF_MODE_LIVE, WF_RADAR_AHEAD},
      {"flight level", GOOD, NOON_NS, WF_MODE_LIVE, WF_RADAR_OK},
  };
  ROWS[0].t.sic = 9;
  ROWS[1].t.tod_s = -1;
  ROWS[2].t.range_m = 0;
  ROWS[3].t.height_m = 0;
  ROWS[4].t.range_m = 5000;
  ROWS[5].t.type = 0;
  ROWS[6].t.simulated = ROWS[7].t.simulated = 1;
  ROWS[8].t.monitor = 1;
  ROWS[11].t.height_m = 0;
  ROWS[11].t.level_m = 10000;
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    fresh(NULL);
    const size_t count = hear(bytes, block_048(&ROWS[i].t, bytes), ROWS[i].now_ns, ROWS[i].mode);
    const bool plot = count == 1 && words[0].has_plot;
    if (plot != (ROWS[i].reject == WF_RADAR_OK) || (!plot && counts.rejected[ROWS[i].reject] != 1))
      fail_msg("%s", ROWS[i].what);
    // What gives no plot is a sign of life all the same, when it is known whose.
    if (ROWS[i].reject != WF_RADAR_UNKNOWN_SOURCE) assert_int_equal(count, 1);
    assert_true(strcmp(wf_radar_reject_name(ROWS[i].reject), "?") != 0);
  }
}

static void test_duplicate_and_bad_block(void **state) {
  const size_t size = block_048(&GOOD, bytes);
  assert_int_equal(hear(bytes, size, NOON_NS, WF_MODE_LIVE), 1);
  assert_int_equal(hear(bytes, size, NOON_NS, WF_MODE_LIVE), 1);
  assert_false(words[0].has_plot);
  assert_int_equal(counts.rejected[WF_RADAR_DUPLICATE], 1);
  // A good block, one whose second record breaks off, and a good one: the middle one gives nothing.
  target other = GOOD;
  other.az_rad = 2;
  size_t at = block_048(&other, bytes);
  const size_t begin = at;
  at += block_048(&GOOD, bytes + at);
  bytes[at++] = 0xff;
  bytes[begin + 2]++;
  other.az_rad = 3;
  at += block_048(&other, bytes + at);
  assert_int_equal(hear(bytes, at, NOON_NS, WF_MODE_LIVE), 2);
  assert_true(words[0].has_plot && words[1].has_plot);
  assert_int_equal(counts.rejected[WF_RADAR_BAD_BLOCK], 2);
}

static void test_service(void **state) {
  for (int nogo = 0; nogo < 2; nogo++) {
    static const char *const COM[] = {"NOGO", "RDPC", "RDPR", "OVLRDP", "OVLXMT", "MSC", "TSV"};
    size_t length;
    wf_asterix_begin(&record, editions.spec[34]);
    put(34, "010/SAC", 7);
    put(34, "010/SIC", 1);
    put(34, "000", 1);
    for (int i = 0; i < 7; i++) {
      char path[24];
      snprintf(path, sizeof path, "050/COM/%s", COM[i]);
      put(34, path, i == 0 ? nogo : 0);
    }
    assert_int_equal(wf_asterix_encode(&record, bytes + 3, sizeof bytes - 3, &length), WF_OK);
    wf_asterix_block(34, bytes, length);
    assert_int_equal(hear(bytes, length + 3, NOON_NS, WF_MODE_LIVE), 1);
    assert_false(words[0].has_plot);
    assert_int_equal(words[0].sensor, 0);
    assert_int_equal(words[0].status, 1 + nogo);
  }
}

// The date comes from the receiver, whichever side of midnight each is on.
static void test_time_of_day(void **state) {
  const int64_t midnight_ns = NOON_NS + 43200 * WF_NS_PER_S;
  static const struct {
    double tod_s, now_s, expected_s;
  } ROWS[] = {{86399, 1, -1}, {1, -1, 1}, {0, 0, 0}, {43199, 0, 43199}, {43201, 0, -43199}};
  for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
    const wf_time now = {midnight_ns + (int64_t)ROWS[i].now_s * WF_NS_PER_S};
    const wf_time t = wf_sensor_time_near(ROWS[i].tod_s, 86400, now);
    assert_float_equal((double)(t.ns - midnight_ns) * 1e-9, ROWS[i].expected_s, 1e-6);
  }
  // Category 001 says only the lower 16 bits: 512 s.
  const wf_time t = wf_sensor_time_near(fmod(43200, 512), 512, (wf_time){NOON_NS + 100 * WF_NS_PER_S});
  assert_int_equal((t.ns - NOON_NS) % (512 * WF_NS_PER_S), 0);
  sensors[1].feed.clock_offset_s = 0.5;
  assert_int_equal(hear(bytes, block_048(&GOOD, bytes), NOON_NS, WF_MODE_LIVE), 1);
  assert_int_equal(words[0].plot.time.ns, NOON_NS - WF_NS_PER_S / 2);
  sensors[1].feed.clock_offset_s = 0;
}

// ITU-R P.834-9, equation 9: the bending of a ray from sea level out of the atmosphere, in degrees, for its mean
// atmosphere of N = 315 exp(−h/7.35 km); its own fit is good to a few hundredths of the value.
static void test_refraction(void **state) {
  const wf_lla site = {40 * WF_DEG, 0, 0};
  for (double el_deg = 1; el_deg <= 10; el_deg += 1) {
    double el_rad, range_m;
    wf_sensor_unbend(&site, el_deg * WF_DEG, 3e7, &el_rad, &range_m);
    const double bent_deg = el_deg - el_rad / WF_DEG,
                 fit_deg = 1 / (1.314 + 0.6437 * el_deg + 0.02869 * el_deg * el_deg);
    if (!(fabs(bent_deg - fit_deg) < 0.06 * fit_deg))
      fail_msg("%g°: bent by %g°, ITU-R %g°", el_deg, bent_deg, fit_deg);
  }
  // Straight up: no bending, and 315e-6 · 7350 m of delay.
  double el_rad, range_m;
  wf_sensor_unbend(&site, WF_PI / 2, 500e3, &el_rad, &range_m);
  assert_float_equal(el_rad, WF_PI / 2, 1e-12);
  assert_float_equal(500e3 - range_m, 315e-6 * 7350, 0.01);
  // Near the ground it is what 4/3 of the Earth's radius gives: a quarter of the Earth's curvature away.
  wf_sensor_unbend(&site, 0.01, 20e3, &el_rad, &range_m);
  assert_float_equal(0.01 - el_rad, 20e3 * 315e-6 / 7350 / 2, 2e-5);
  wf_sensor_unbend(&site, -0.2, 1000, &el_rad, &range_m);
  assert_float_equal(el_rad, -0.2, 0);
}

static void test_envelope(void **state) {
  wf_envelope e, again;
  wf_bytes content;
  uint8_t datagram[WF_ENVELOPE_MAX + 2];
  wf_envelope_asterix(&e, WF_ASTERIX_PLAIN);
  assert_int_equal(wf_envelope_edition(&e, "62:0.17"), WF_OK);
  assert_int_equal(wf_envelope_edition(&e, "48:1.21"), WF_OK);
  assert_int_equal(wf_envelope_edition(&e, "62:9.9"), WF_ENOTFOUND);
  assert_int_equal(wf_envelope_edition(&e, "62"), WF_EFORMAT);
  memcpy(datagram, e.bytes, e.size);
  datagram[e.size] = 0x30;
  assert_int_equal(wf_envelope_open((wf_bytes){datagram, e.size + 1u}, &again, &content), WF_OK);
  assert_memory_equal(&again.bytes, &e.bytes, e.size);
  assert_int_equal(content.size, 1);
  static wf_radar_input in;
  assert_int_equal(wf_envelope_input(&again, &in), WF_OK);
  assert_string_equal(wf_asterix_edition(in.editions.spec[62]), "0.17");
  assert_string_equal(wf_asterix_edition(in.editions.spec[48]), "1.21");
  assert_int_equal(wf_envelope_open((wf_bytes){datagram, 5}, &again, &content), WF_EFORMAT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_plot_from_height, fresh),
      cmocka_unit_test(test_rejects),
      cmocka_unit_test_setup(test_duplicate_and_bad_block, fresh),
      cmocka_unit_test_setup(test_service, fresh),
      cmocka_unit_test_setup(test_time_of_day, fresh),
      cmocka_unit_test(test_refraction),
      cmocka_unit_test(test_envelope),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
