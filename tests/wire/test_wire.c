// Vectors both ways, round trips of random values, and one row per reason for which bytes are refused.
#include <sodium.h>
#include <stdlib.h>

#include "../wf_test.h"
#include "base/fmath.h"
#include "base/rng.h"
#include "samples.h"

static char *vector_of(const char *name) {
  static char text[65536];
  char path[512];
  snprintf(path, sizeof path, "%s/%s.hex", getenv("WF_WIRE_VECTORS"), name);
  FILE *f = fopen(path, "r");
  if (!f) fail_msg("no vector %s", path);
  const size_t size = fread(text, 1, sizeof text - 1, f);
  fclose(f);
  text[size] = 0;
  text[strcspn(text, "\n")] = 0;
  return text;
}

static void test_encoding_gives_the_vectors(void **state) {
  static uint8_t bytes[65536];
  static char hex[2 * sizeof bytes + 1];
  for (size_t i = 0; i < sample_count; i++) {
    size_t length = 0;
    assert_int_equal(samples[i].encode(bytes, sizeof bytes, &length), WF_OK);
    wf_hex(bytes, length, hex);
    assert_string_equal(hex, vector_of(samples[i].name));
    for (size_t shorter = 0; shorter < length; shorter++)
      assert_int_equal(samples[i].encode(bytes, shorter, &(size_t){0}), WF_EFULL);
  }
}

static wf_bytes unhex(const char *hex, uint8_t *out) {
  assert_true(wf_unhex(hex, out, strlen(hex) / 2));
  return (wf_bytes){out, strlen(hex) / 2};
}

static void test_decoding_gives_the_samples(void **state) {
  static uint8_t bytes[32768], again[32768];
  static wf_frame frame;
  wf_record_body body;
  char reason[WF_REASON_SIZE];
  size_t length;
  for (size_t i = 0; i < sample_count; i++) {
    const wf_bytes in = unhex(vector_of(samples[i].name), bytes);
    if (strcmp(samples[i].message, "Record") == 0) {
      assert_int_equal(wf_wire_decode_record(in, &body, reason), WF_OK);
      assert_int_equal(wf_wire_encode_record(&body, again, sizeof again, &length), WF_OK);
    } else if (strcmp(samples[i].message, "Frame") == 0) {
      assert_int_equal(wf_frame_decode(in, &frame, reason), WF_OK);
      assert_int_equal(wf_frame_encode(&frame, again, sizeof again, &length), WF_OK);
    } else {
      continue;
    }
    assert_int_equal(length, in.size);
    assert_memory_equal(again, bytes, length);
  }
}

// What version 1 sent is still read, and means the same.
static bool is_later(const char *name) {
  static const char *const LATER[] = {"frame-part", "frame-seal", "record-reported", "record-seismic", "report-told"};
  for (size_t i = 0; i < sizeof LATER / sizeof LATER[0]; i++)
    if (strcmp(name, LATER[i]) == 0) return true;
  return false;
}

static void test_vectors_of_version_1(void **state) {
  static uint8_t bytes[32768], again[32768];
  static wf_frame frame;
  wf_record_body body;
  wf_bundle bundle;
  char reason[WF_REASON_SIZE], name[64];
  size_t length, seen = 0;
  for (size_t i = 0; i < sample_count; i++) {
    snprintf(name, sizeof name, "v1/%s", samples[i].name);
    if (is_later(samples[i].name)) continue;
    const wf_bytes in = unhex(vector_of(name), bytes);
    seen++;
    if (strcmp(samples[i].message, "Record") == 0) {
      assert_int_equal(wf_wire_decode_record(in, &body, reason), WF_OK);
      assert_int_equal(wf_wire_encode_record(&body, again, sizeof again, &length), WF_OK);
    } else if (strcmp(samples[i].message, "Frame") == 0) {
      assert_int_equal(wf_frame_decode(in, &frame, reason), WF_OK);
      assert_int_equal(wf_frame_encode(&frame, again, sizeof again, &length), WF_OK);
      if (frame.kind == WF_FRAME_HELLO) assert_int_equal(frame.hello.version, 1);
    } else {
      if (strcmp(samples[i].message, "Bundle") == 0) assert_int_equal(wf_bundle_parse(in, &bundle, reason), WF_OK);
      continue;
    }
    assert_int_equal(length, in.size);
    assert_memory_equal(again, bytes, length);
  }
  assert_int_equal(seen, 20);
}

static void same_plot(const wf_plot *a, const wf_plot *b) {
  assert_int_equal(a->time.ns, b->time.ns);
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->flags, b->flags);
  assert_int_equal(a->sensor, b->sensor);
  assert_true(a->intensity == b->intensity);
  assert_memory_equal(a->sigma, b->sigma, sizeof a->sigma);
  assert_memory_equal(&a->radar, &b->radar, a->kind == WF_PLOT_RADAR ? sizeof a->radar : sizeof a->los);
}

static void test_reports(void **state) {
  uint8_t bytes[4096];
  char reason[WF_REASON_SIZE];
  wf_plot expected[2], got[2];
  wf_sensor_report in, out = {.plots = got, .plots_cap = 2};
  in = sample_radar_report(expected, 2);
  assert_int_equal(wf_wire_decode_sensor_report(unhex(vector_of("report-radar"), bytes), &out, reason), WF_OK);
  assert_string_equal(out.sensor, "misaki");
  assert_int_equal(out.time.ns, in.time.ns);
  assert_int_equal(out.status, 1);
  assert_int_equal(out.plot_count, 2);
  for (int i = 0; i < 2; i++) same_plot(&got[i], &expected[i]);
  in = sample_los_report(expected, 2);
  assert_int_equal(wf_wire_decode_sensor_report(unhex(vector_of("report-los"), bytes), &out, reason), WF_OK);
  assert_int_equal(out.plot_count, 1);
  same_plot(&got[0], &expected[0]);
  assert_int_equal(out.mode, in.mode);
  out.plots_cap = 0;
  assert_int_equal(wf_wire_decode_sensor_report(unhex(vector_of("report-los"), bytes), &out, reason), WF_EFULL);
}

static void test_bundle(void **state) {
  uint8_t bytes[4096], hash[WF_HASH_SIZE], message[WF_SIGN_MESSAGE_SIZE], public_key[32], secret_key[64];
  char reason[WF_REASON_SIZE];
  wf_bundle b;
  wf_record_view r;
  size_t at = 0;
  assert_int_equal(wf_bundle_parse(unhex(vector_of("bundle"), bytes), &b, reason), WF_OK);
  assert_int_equal(b.first, 1);
  assert_int_equal(b.last, 2);
  assert_int_equal(b.end_count, 2);
  assert_int_equal(b.end[1].end, 4);
  assert_true(wf_bundle_next(&b, &at, &r));
  assert_int_equal(r.payload, WF_PAYLOAD_OPAQUE);
  assert_int_equal(r.flags, 0);
  assert_true(wf_bundle_next(&b, &at, &r));
  assert_int_equal(r.sequence, 2);
  assert_int_equal(r.flags, WF_RECORD_NOT_DURABLE);
  assert_int_equal(r.publish_time.ns - r.valid_time.ns, 1000);
  assert_false(wf_bundle_next(&b, &at, &r));
  wf_bundle_hash(b.body, hash);
  wf_bundle_sign_message(hash, message);
  sample_keys(public_key, secret_key);
  assert_int_equal(crypto_sign_verify_detached(b.signature, message, sizeof message, public_key), 0);
}

static void test_random_tracklets_survive(void **state) {
  wf_rng rng;
  uint8_t bytes[4096];
  char reason[WF_REASON_SIZE];
  const uint64_t seed = 20261123;
  print_message("seed %llu\n", (unsigned long long)seed);
  wf_rng_seed(&rng, seed);
  for (int k = 0; k < 2000; k++) {
    wf_record_body in = sample_tracklet(), out;
    size_t length;
    wf_tracklet *t = &in.contribution.tracklet;
    for (int i = 0; i < 6; i++) t->reference[i] = wf_rng_normal(&rng) * (i < 3 ? 7e6 : 4e3);
    for (int i = 0; i < 21; i++) t->information[i] = wf_rng_uniform(&rng);
    for (int i = 0; i < 6; i++) t->vector[i] = wf_rng_normal(&rng);
    in.contribution.object = wf_rng_u64(&rng);
    assert_int_equal(wf_wire_encode_record(&in, bytes, sizeof bytes, &length), WF_OK);
    assert_int_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_OK);
    assert_memory_equal(&out.contribution.tracklet, t, sizeof *t);
    assert_int_equal(out.contribution.object, in.contribution.object);
  }
}

static void test_unknown_fields_pass(void **state) {
  uint8_t bytes[4096];
  char reason[WF_REASON_SIZE];
  wf_record_body body;
  // A record of a later version: valid and publish time, and field 99, a string.
  const wf_bytes in = unhex("11000000000000001019000000000000001b9a0603616263", bytes);
  bytes[7] = bytes[8] = 0x10;
  bytes[16] = bytes[17] = 0x10;
  assert_int_equal(wf_wire_decode_record(in, &body, reason), WF_OK);
  assert_int_equal(body.kind, WF_BODY_UNKNOWN);
  static wf_frame frame;
  assert_int_equal(wf_frame_decode(unhex("9a0603616263", bytes), &frame, reason), WF_OK);
  assert_int_equal(frame.kind, WF_FRAME_UNKNOWN);
}

// What others told travels so that a node of an older version reads the rest of it: the source bits it does not know
// stand in a field that it steps over.
static void test_reported_for_older_nodes(void **state) {
  static const wf_reported KINDS[] = {WF_REPORTED_SYSTEM, WF_REPORTED_SERVICE, WF_REPORTED_VOICE, WF_REPORTED_UNSAID};
  uint8_t bytes[4096];
  char reason[WF_REASON_SIZE];
  for (int k = 0; k < 4; k++) {
    wf_record_body in = sample_tracklet(), out;
    size_t length;
    in.contribution.reported = wf_reported_of(KINDS[k], (unsigned)k);
    in.contribution.sources = wf_reported_sources(in.contribution.reported);
    in.contribution.tracklet.whole = 1;
    assert_int_equal(wf_wire_encode_record(&in, bytes, sizeof bytes, &length), WF_OK);
    assert_int_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_OK);
    assert_int_equal(out.contribution.reported, in.contribution.reported);
    assert_int_equal(out.contribution.sources, in.contribution.sources);
    in.contribution.reported = 0;  // as the older one sees it, who steps over the field
    in.contribution.sources &= 15;
    wf_record_body old;
    assert_int_equal(wf_wire_encode_record(&in, bytes, sizeof bytes, &length), WF_OK);
    assert_int_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &old, reason), WF_OK);
    assert_int_equal(old.contribution.sources, KINDS[k] == WF_REPORTED_VOICE ? WF_SOURCE_VOICE : 0);
    assert_memory_equal(&old.contribution.tracklet, &out.contribution.tracklet, sizeof old.contribution.tracklet);
  }
  // An increment cannot be somebody else's: nothing says what it would be added to.
  wf_record_body in = sample_tracklet(), out;
  size_t length;
  in.contribution.reported = wf_reported_of(WF_REPORTED_SYSTEM, 0);
  assert_int_equal(wf_wire_encode_record(&in, bytes, sizeof bytes, &length), WF_OK);
  assert_int_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_EINVAL);
}

static void test_seismic_survives(void **state) {
  uint8_t bytes[4096];
  char reason[WF_REASON_SIZE];
  wf_record_body in = sample_seismic(), out;
  size_t length;
  for (int k = 0; k < 4; k++) {
    in.seismic.event.has_depth = k & 1;
    in.seismic.event.has_magnitude = k & 2;
    assert_int_equal(wf_wire_encode_record(&in, bytes, sizeof bytes, &length), WF_OK);
    assert_int_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_OK);
    assert_int_equal(out.kind, WF_BODY_SEISMIC);
    assert_int_equal(out.seismic.event.has_depth, in.seismic.event.has_depth);
    assert_int_equal(out.seismic.event.has_magnitude, in.seismic.event.has_magnitude);
    assert_string_equal(out.seismic.event.id, in.seismic.event.id);
    assert_string_equal(out.seismic.assessment.why, in.seismic.assessment.why);
    assert_float_equal(out.seismic.event.lat_rad, in.seismic.event.lat_rad, 1e-15);
  }
  in.seismic.event.lat_rad = 1.0 / 0.0;
  in.seismic.event.magnitude = 0.0 / 0.0;
  in.seismic.event.has_magnitude = true;
  assert_int_equal(wf_wire_encode_record(&in, bytes, sizeof bytes, &length), WF_OK);
  assert_int_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_EINVAL);
}

// Azimuth and elevation at a satellite: straight down is at the Earth's middle (but for the ellipsoid), east is along
// the parallel.
static void test_line_of_sight_by_angles(void **state) {
  static const struct {
    const char *name;
    double az_rad, el_rad, unit[3];
  } ROWS[] = {{"down", 0, -1.57079632679489662, {-1, 0, 0}},
              {"north", 0, 0, {0, 0, 1}},
              {"east", 1.57079632679489662, 0, {0, 1, 0}}};
  for (int k = 0; k < 3; k++) {
    wf_plot plots[2];
    uint8_t bytes[512];
    char reason[WF_REASON_SIZE];
    size_t length = 0;
    wf_sensor_report head = {.mode = WF_MODE_EXERCISE, .sensor = "sat", .time = {1767225600000000000}, .status = 1};
    assert_int_equal(wf_wire_encode_sensor_report(&head, bytes, sizeof bytes, &length), WF_OK);
    // los: origin (packed doubles, field 2), az_el_rad (field 6)
    uint8_t *p = bytes + length;
    const double numbers[] = {42164e3, 0, 0, ROWS[k].az_rad, ROWS[k].el_rad};
    *p++ = 7 << 3 | 2, *p++ = 2 + 24 + 2 + 16;
    *p++ = 2 << 3 | 2, *p++ = 24;
    memcpy(p, numbers, 24), p += 24;
    *p++ = 6 << 3 | 2, *p++ = 16;
    memcpy(p, numbers + 3, 16), p += 16;
    wf_sensor_report out = {.plots = plots, .plots_cap = 2};
    assert_int_equal(wf_wire_decode_sensor_report((wf_bytes){bytes, (size_t)(p - bytes)}, &out, reason), WF_OK);
    assert_int_equal(out.plot_count, 1);
    for (int i = 0; i < 3; i++) assert_float_equal(plots[0].los.unit_ecef[i], ROWS[k].unit[i], 1e-12);
  }
}

// ---- Refusals ------------------------------------------------------------------------------------------------------
typedef struct record_row {
  const char *reason;
  void (*spoil)(wf_record_body *);
} record_row;
static void nan_reference(wf_record_body *b) {
  b->contribution.tracklet.reference[1] = 0.0 / 0.0;
}
static void far_reference(wf_record_body *b) {
  b->contribution.tracklet.reference[0] = 1e10;
}
static void fast_reference(wf_record_body *b) {
  b->contribution.tracklet.reference[4] = -2e5;
}
static void negative_information(wf_record_body *b) {
  b->contribution.tracklet.information[15] = -1;
}
static void infinite_vector(wf_record_body *b) {
  b->contribution.tracklet.vector[5] = 1.0 / 0.0;
}
static void wrong_phase(wf_record_body *b) {
  b->contribution.tracklet.phase = 9;
}
static void wrong_sources(wf_record_body *b) {
  b->contribution.sources = 16;
}
static void huge_beta(wf_record_body *b) {
  b->contribution.tracklet.ln_beta = 60;
}
static void time_of_dinosaurs(wf_record_body *b) {
  b->valid_time.ns = -5;
}
static void time_of_robots(wf_record_body *b) {
  b->publish_time.ns = INT64_MAX;
}

static void test_records_are_refused_with_a_reason(void **state) {
  static const record_row rows[] = {{"tracklet.reference: out of range", nan_reference},
                                    {"tracklet.reference: out of range", far_reference},
                                    {"tracklet.reference: out of range", fast_reference},
                                    {"tracklet.information: negative diagonal 3", negative_information},
                                    {"tracklet.vector: out of range", infinite_vector},
                                    {"tracklet.phase: 9 is not a phase", wrong_phase},
                                    {"sources: unknown bits in 16", wrong_sources},
                                    {"tracklet.ln_beta: out of range", huge_beta},
                                    {"valid_time_ns: not between 1970 and 2200", time_of_dinosaurs},
                                    {"publish_time_ns: not between 1970 and 2200", time_of_robots}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint8_t bytes[4096];
    size_t length;
    char reason[WF_REASON_SIZE];
    wf_record_body body = sample_tracklet(), out;
    rows[i].spoil(&body);
    assert_int_equal(wf_wire_encode_record(&body, bytes, sizeof bytes, &length), WF_OK);
    assert_int_not_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_OK);
    assert_string_equal(reason, rows[i].reason);
  }
}

typedef struct product_row {
  const char *reason;
  void (*spoil)(wf_product *);
} product_row;
static void no_stage(wf_product *p) {
  p->stage = 0;
}
static void no_state(wf_product *p) {
  p->state = 77;
}
static void past_the_pole(wf_product *p) {
  p->impact.area.lat_rad = 91 * WF_DEG;
}  // the encoder clamps a hair, not this
static void swapped_axes(wf_product *p) {
  p->impact.area.semi_minor_95_m = 30000;
}
static void no_code(wf_product *p) {
  p->area[1].code[0] = 0;
}
static void not_text(wf_product *p) {
  memcpy(p->area[0].code, "\xff\xfe", 3);
}
static void sure_thing(wf_product *p) {
  p->area[0].probability = 1.5;
}
static void underground(wf_product *p) {
  p->area[1].height_m = -1;
}
static void before_time(wf_product *p) {
  p->area[1].latest.ns = -1;
}
static void no_bulletin(wf_product *p) {
  p->bulletin.kind = WF_BULLETIN_LAST + 1;
}
static void backwards(wf_product *p) {
  p->bulletin = (wf_bulletin){.kind = WF_BULLETIN_NOTICE, .from.ns = 2, .to.ns = 1};
}
static void quake(wf_product *p) {
  p->bulletin = (wf_bulletin){.kind = WF_BULLETIN_SEISMIC, .magnitude = 13};
}
static void long_name(wf_product *p) {
  p->bulletin = (wf_bulletin){.kind = WF_BULLETIN_SEISMIC, .origin = "\xff"};
}
static void control(wf_product *p) {
  p->label[0] = '\n';
}

static void test_overflight_goes_both_ways(void **state) {
  uint8_t bytes[4096];
  size_t length;
  char reason[WF_REASON_SIZE];
  wf_record_body body = sample_product(), out;
  body.product.area[1].threat = WF_THREAT_OVERFLIGHT;
  body.product.area[1].latest.ns = body.product.area[1].earliest.ns + 71 * WF_NS_PER_S;
  body.product.area[1].height_m = 873.5e3;
  assert_int_equal(wf_wire_encode_record(&body, bytes, sizeof bytes, &length), WF_OK);
  assert_int_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_OK);
  assert_int_equal(out.product.area[1].latest.ns, body.product.area[1].latest.ns);
  assert_true(out.product.area[1].height_m == 873.5e3 && out.product.area[0].height_m == 0);
}

static void test_bulletins_go_both_ways(void **state) {
  uint8_t bytes[4096];
  size_t length;
  char reason[WF_REASON_SIZE];
  wf_record_body body = sample_product(), out;
  const wf_bulletin b = {.kind = WF_BULLETIN_SEISMIC,
                         .possible_explosion = true,
                         .has_magnitude = true,
                         .magnitude = 6.25,
                         .from = body.product.proposed_at,
                         .to = body.product.proposed_at,
                         .place = {0.5, 2.25, 20000, 10000, 0.25},
                         .origin = "USGS"};
  body.product.bulletin = b;
  assert_int_equal(wf_wire_encode_record(&body, bytes, sizeof bytes, &length), WF_OK);
  assert_int_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_OK);
  assert_int_equal(out.product.bulletin.kind, b.kind);
  assert_true(out.product.bulletin.magnitude == 6.25 && out.product.bulletin.possible_explosion);
  assert_true(out.product.bulletin.has_magnitude && !out.product.bulletin.has_depth);
  assert_true(wf_hypot(out.product.bulletin.place.lat_rad - 0.5, out.product.bulletin.place.lon_rad - 2.25) < 1e-12);
  assert_string_equal(out.product.bulletin.origin, "USGS");
  assert_int_equal(out.product.bulletin.to.ns, b.to.ns);
}

static void test_products_are_refused_with_a_reason(void **state) {
  static const product_row rows[] = {{"product.stage: 0 is not a stage", no_stage},
                                     {"product.state: 77 is not a state", no_state},
                                     {"impact: semi-axes negative, too large or swapped", swapped_axes},
                                     {"product.areas[1].code: empty, too long or not UTF-8", no_code},
                                     {"product.areas[0].code: empty, too long or not UTF-8", not_text},
                                     {"product.areas[0].probability: not in [0, 1]", sure_thing},
                                     {"product.areas[1].height_m: out of range", underground},
                                     {"product.areas[1].latest_ns: out of range", before_time},
                                     {"bulletin.kind: 3 is no kind", no_bulletin},
                                     {"bulletin: its times are out of range or swapped", backwards},
                                     {"bulletin.magnitude: not in [-10, 12]", quake},
                                     {"bulletin.origin: too long or not UTF-8", long_name},
                                     {"product.label: too long or not UTF-8", control}};
  (void)past_the_pole;
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint8_t bytes[4096];
    size_t length;
    char reason[WF_REASON_SIZE];
    wf_record_body body = sample_product(), out;
    rows[i].spoil(&body.product);
    assert_int_equal(wf_wire_encode_record(&body, bytes, sizeof bytes, &length), WF_OK);
    assert_int_not_equal(wf_wire_decode_record((wf_bytes){bytes, length}, &out, reason), WF_OK);
    assert_string_equal(reason, rows[i].reason);
  }
}

static void test_plots_are_refused_with_a_reason(void **state) {
  static const struct {
    const char *reason;
    int field;
    double value;
  } rows[] = {
      {"radar[0].range_m: not in (0, 1e8]", 0, 0},         {"radar[0].range_m: not in (0, 1e8]", 0, -1},
      {"radar[0].range_m: not in (0, 1e8]", 0, 0.0 / 0.0}, {"radar[0].az_rad: not in [-7, 7]", 1, 8},
      {"radar[0].el_rad: not in [-pi/2, pi/2]", 2, 2},     {"radar[0].sigma: all three or none", 3, 5},
      {"radar[0].sigma: negative or too large", 3, -5},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint8_t bytes[4096];
    size_t length;
    char reason[WF_REASON_SIZE];
    wf_plot plots[2], got[2];
    wf_sensor_report in = sample_radar_report(plots, 2), out = {.plots = got, .plots_cap = 2};
    double *const field[] = {&plots[0].radar.range_m, &plots[0].radar.az_rad, &plots[0].radar.el_rad,
                             &plots[0].sigma[0]};
    *field[rows[i].field] = rows[i].value;
    if (rows[i].field == 3) plots[0].flags |= WF_PLOT_HAS_SIGMAS;
    assert_int_equal(wf_wire_encode_sensor_report(&in, bytes, sizeof bytes, &length), WF_OK);
    assert_int_not_equal(wf_wire_decode_sensor_report((wf_bytes){bytes, length}, &out, reason), WF_OK);
    assert_string_equal(reason, rows[i].reason);
    assert_int_equal(out.plot_count, 0);
  }
}

static void test_frames_are_refused_with_a_reason(void **state) {
  static const struct {
    const char *reason, *hex;
  } rows[] = {
      {"frame: two bodies", "4a0042021801"},
      {"frame: not valid protobuf", "0aff"},
      {"frame: body 1 is not a message", "0801"},
      {"hello.version: no range of versions", "0a00"},
      {"deliver.bundle: missing", "1a00"},
      {"stream: missing", "2200"},
      {"nations[0]: not a nation code", "4a040a026a70"},
      {"have: 65 streams, at most 64", NULL},
  };
  static wf_frame frame;
  char reason[WF_REASON_SIZE];
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    uint8_t bytes[256] = {0x12, 130, 1};
    wf_bytes in = {bytes, 133};
    for (int k = 0; k < 65; k++) bytes[3 + 2 * k] = 0x0a;
    if (rows[i].hex) in = unhex(rows[i].hex, bytes);
    assert_int_not_equal(wf_frame_decode(in, &frame, reason), WF_OK);
    assert_string_equal(reason, rows[i].reason);
  }
}

// A short message that asks for much memory: half a million empty plots in a frame's length.
static void test_a_small_message_cannot_ask_for_much_memory(void **state) {
  static uint8_t bytes[WF_REPORT_MAX];
  static wf_plot plots[8];
  char reason[WF_REASON_SIZE];
  wf_sensor_report out = {.plots = plots, .plots_cap = 8};
  for (size_t i = 0; i + 1 < sizeof bytes; i += 2) bytes[i] = 0x32;
  assert_int_equal(wf_wire_decode_sensor_report((wf_bytes){bytes, sizeof bytes}, &out, reason), WF_EFORMAT);
  assert_string_equal(reason, "report: not valid protobuf, or too many elements");
}

int main(void) {
  if (sodium_init() < 0) return 2;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_encoding_gives_the_vectors),
      cmocka_unit_test(test_vectors_of_version_1),
      cmocka_unit_test(test_decoding_gives_the_samples),
      cmocka_unit_test(test_reports),
      cmocka_unit_test(test_bundle),
      cmocka_unit_test(test_random_tracklets_survive),
      cmocka_unit_test(test_unknown_fields_pass),
      cmocka_unit_test(test_reported_for_older_nodes),
      cmocka_unit_test(test_seismic_survives),
      cmocka_unit_test(test_line_of_sight_by_angles),
      cmocka_unit_test(test_records_are_refused_with_a_reason),
      cmocka_unit_test(test_overflight_goes_both_ways),
      cmocka_unit_test(test_bulletins_go_both_ways),
      cmocka_unit_test(test_products_are_refused_with_a_reason),
      cmocka_unit_test(test_plots_are_refused_with_a_reason),
      cmocka_unit_test(test_frames_are_refused_with_a_reason),
      cmocka_unit_test(test_a_small_message_cannot_ask_for_much_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
