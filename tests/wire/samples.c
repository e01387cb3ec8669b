#include "samples.h"

#include <sodium.h>
#include <string.h>

#include "base/fmath.h"

#define T0 INT64_C(1795447435123456789)  // 2026-11-23T15:23:55.123456789Z

wf_stream_name sample_stream(void) {
  wf_stream_name name = {.mode = WF_MODE_EXERCISE, .writer = 1, .stream_class = WF_STREAM_CONTRIBUTIONS};
  wf_nation_parse("JPN", &name.origin);
  wf_audience_parse("JPN KOR USA", &name.audience);
  return name;
}

static wf_nation nation(const char *code) {
  wf_nation out = {""};
  wf_nation_parse(code, &out);
  return out;
}

// ---- Sensor reports ----------------------------------------------------------------------------------------------
wf_sensor_report sample_radar_report(wf_plot *plots, size_t cap) {
  wf_sensor_report r = {.mode = WF_MODE_EXERCISE,
                        .sensor = "misaki",
                        .sequence = 41,
                        .time = {T0},
                        .status = 1,
                        .plot_count = 2,
                        .plots = plots,
                        .plots_cap = cap};
  memset(plots, 0, 2 * sizeof *plots);
  plots[0] = (wf_plot){
      .time = {T0 - 1500000}, .sensor = WF_SENSOR_NONE, .kind = WF_PLOT_RADAR, .radar = {812345.5, 5.25, 0.125, 0}};
  plots[1] = (wf_plot){.time = {T0 + 250},
                       .sensor = WF_SENSOR_NONE,
                       .kind = WF_PLOT_RADAR,
                       .flags = WF_PLOT_HAS_RANGE_RATE | WF_PLOT_HAS_SIGMAS,
                       .radar = {1500000, -0.5, 0.75, -3250.5},
                       .sigma = {30, 0.0009765625, 0.00048828125}};
  return r;
}

wf_sensor_report sample_los_report(wf_plot *plots, size_t cap) {
  wf_sensor_report r = {.mode = WF_MODE_LIVE,
                        .sensor = "ir-1",
                        .sequence = 7,
                        .time = {T0},
                        .plot_count = 1,
                        .plots = plots,
                        .plots_cap = cap};
  memset(plots, 0, sizeof *plots);
  plots[0] = (wf_plot){.time = {T0},
                       .sensor = WF_SENSOR_NONE,
                       .kind = WF_PLOT_LOS,
                       .flags = WF_PLOT_HAS_SIGMAS,
                       .intensity = 2.5f,
                       .los = {{-27000000, 32000000.5, 1000}, {0.6, -0.8, 0}},
                       .sigma = {0.00003814697265625}};
  return r;
}

static wf_status radar_report(uint8_t *out, size_t size, size_t *length) {
  wf_plot plots[2];
  const wf_sensor_report r = sample_radar_report(plots, 2);
  return wf_wire_encode_sensor_report(&r, out, size, length);
}
static wf_status los_report(uint8_t *out, size_t size, size_t *length) {
  wf_plot plots[2];
  const wf_sensor_report r = sample_los_report(plots, 2);
  return wf_wire_encode_sensor_report(&r, out, size, length);
}

// ---- Records -----------------------------------------------------------------------------------------------------
static wf_record_body record(int kind, uint64_t sequence) {
  wf_record_body body;
  memset(&body, 0, sizeof body);
  body.kind = kind;
  body.sequence = sequence;
  body.valid_time.ns = T0;
  body.publish_time.ns = T0 + 2000000;
  return body;
}

wf_record_body sample_tracklet(void) {
  wf_record_body body = record(WF_BODY_CONTRIBUTION, 12);
  wf_contribution *c = &body.contribution;
  c->kind = WF_CONTRIBUTION_TRACKLET;
  c->object = UINT64_C(0x1122334455667788);
  c->sources = WF_SOURCE_RADAR;
  for (int i = 0; i < 6; i++) c->tracklet.reference[i] = i < 3 ? -3.5e6 + i * 1.25e6 : 1000.5 - 500 * i;
  for (int i = 0; i < 21; i++)
    c->tracklet.information[i] =
        (i == 0 || i == 6 || i == 11 || i == 15 || i == 18 || i == 20) ? 0.25 + i : -0.015625 * i;
  for (int i = 0; i < 6; i++) c->tracklet.vector[i] = 0.5 * i - 1;
  c->tracklet.phase = WF_PHASE_COAST;
  c->tracklet.plots = 17;
  c->tracklet.ln_beta = 8.5;
  c->tracklet.ln_beta_sigma = 0.25;
  return body;
}

static wf_launch_area launch_area(void) {
  return (wf_launch_area){.valid = true,
                          .time = {T0 - 60 * WF_NS_PER_S},
                          .time_sigma_s = 1.5,
                          .area = {39.5 * WF_DEG, 125.25 * WF_DEG, 12000, 4000, 45 * WF_DEG}};
}

wf_record_body sample_product(void) {
  wf_record_body body = record(WF_BODY_PRODUCT, 3);
  wf_product *p = &body.product;
  p->id = 5;
  p->event = UINT64_C(0xfeedfacecafebeef);
  memcpy(p->label, "K7Q2FM", 7);
  p->stage = WF_STAGE_THREATENED_AREAS;
  p->state = WF_PRODUCT_RELEASED;
  p->rule = 4;
  p->sources = WF_SOURCE_RADAR | WF_SOURCE_INFRARED;
  p->single_source = true;
  p->supersedes = 4;
  p->expires.ns = T0 + 600 * WF_NS_PER_S;
  p->proposed_at.ns = T0 - 1;
  p->released_at.ns = T0;
  p->launch = launch_area();
  p->impact = (wf_impact_area){.valid = true,
                               .time = {T0 + 300 * WF_NS_PER_S},
                               .time_sigma_s = 4,
                               .area = {42.5 * WF_DEG, -170.5 * WF_DEG, 20000, 9000, 90 * WF_DEG}};
  p->area_count = 2;
  memcpy(p->area[0].code, "JP-01", 6);
  p->area[0].probability = 0.75;
  p->area[0].earliest.ns = T0 + 290 * WF_NS_PER_S;
  memcpy(p->area[1].code, "JP-02", 6);
  p->area[1].probability = 0.125;
  p->area[1].earliest.ns = T0 + 295 * WF_NS_PER_S;
  return body;
}

static wf_status put(wf_record_body body, uint8_t *out, size_t size, size_t *length) {
  return wf_wire_encode_record(&body, out, size, length);
}

static wf_status tracklet(uint8_t *out, size_t size, size_t *length) {
  return put(sample_tracklet(), out, size, length);
}
static wf_status product(uint8_t *out, size_t size, size_t *length) {
  return put(sample_product(), out, size, length);
}

static wf_status detection(uint8_t *out, size_t size, size_t *length) {
  wf_record_body body = record(WF_BODY_CONTRIBUTION, 1);
  body.flags = WF_RECORD_NOT_DURABLE;
  body.contribution.kind = WF_CONTRIBUTION_DETECTION;
  body.contribution.object = 9;
  body.contribution.sources = WF_SOURCE_INFRARED;
  body.contribution.detection.first_detection.ns = T0 - 5 * WF_NS_PER_S;
  body.contribution.detection.has_place = 1;
  for (int i = 0; i < 3; i++) body.contribution.detection.pos_ecef_m[i] = -3e6 - 1000 * i;
  for (int i = 0; i < 6; i++) body.contribution.detection.covariance_m2[i] = 1e8 + i;
  return put(body, out, size, length);
}

static wf_status launch(uint8_t *out, size_t size, size_t *length) {
  wf_record_body body = record(WF_BODY_CONTRIBUTION, 2);
  body.contribution.kind = WF_CONTRIBUTION_LAUNCH;
  body.contribution.object = 9;
  body.contribution.sources = WF_SOURCE_INFRARED;
  body.contribution.launch = launch_area();
  return put(body, out, size, length);
}

static wf_status object_status(uint8_t *out, size_t size, size_t *length) {
  wf_record_body body = record(WF_BODY_CONTRIBUTION, 300);
  body.contribution.kind = WF_CONTRIBUTION_STATUS;
  body.contribution.object = 9;
  body.contribution.sources = WF_SOURCE_RADAR;
  body.contribution.status.life = WF_LIFE_LOST;
  body.contribution.status.phase = WF_PHASE_REENTRY;
  body.contribution.status.reason = WF_REASON_BELOW_HORIZON;
  return put(body, out, size, length);
}

static wf_status node_status(uint8_t *out, size_t size, size_t *length) {
  wf_record_body body = record(WF_BODY_NODE_STATUS, 4);
  body.node_status.sensors_alive = 2;
  body.node_status.sensors_total = 3;
  body.node_status.durable = true;
  memcpy(body.node_status.version, "0.1.0", 6);
  return put(body, out, size, length);
}

static wf_status digest(uint8_t *out, size_t size, size_t *length) {
  wf_record_body body = record(WF_BODY_DIGEST, 5);
  body.digest.at.ns = T0;
  body.digest.algorithm = 1;
  for (uint8_t i = 0; i < 32; i++) {
    body.digest.record_set[i] = i;
    body.digest.picture[i] = (uint8_t)(255 - i);
  }
  return put(body, out, size, length);
}

static wf_status reported(uint8_t *out, size_t size, size_t *length) {
  wf_record_body body = sample_tracklet();
  body.contribution.sources = WF_SOURCE_SYSTEM;
  body.contribution.reported = wf_reported_of(WF_REPORTED_SYSTEM, 2);
  body.contribution.tracklet.whole = 1;
  body.contribution.tracklet.plots = 0;
  return put(body, out, size, length);
}

static wf_seismic_event seismic_event(void) {
  wf_seismic_event e = {.id = "smi:example.org/event/17",
                        .type = "earthquake",
                        .agency = "EX",
                        .magnitude_type = "mb",
                        .has_time = true,
                        .has_place = true,
                        .has_depth = true,
                        .has_magnitude = true,
                        .time = {T0 - 3600 * WF_NS_PER_S},
                        .lat_rad = 41.25 * WF_DEG,
                        .lon_rad = 129.125 * WF_DEG,
                        .horizontal_sigma_m = 5500,
                        .depth_m = 0,
                        .depth_sigma_m = 1800,
                        .magnitude = 5.25,
                        .magnitude_sigma = 0.25};
  return e;
}

wf_record_body sample_seismic(void) {
  wf_record_body body = record(WF_BODY_SEISMIC, 6);
  body.valid_time.ns = T0 - 3600 * WF_NS_PER_S;
  body.seismic.event = seismic_event();
  wf_seismic_assessment *a = &body.seismic.assessment;
  a->verdict = WF_SEISMIC_POSSIBLE_EXPLOSION;
  a->distance_m = 4321.5;
  memcpy(a->site, "Punggye-ri", 11);
  memcpy(a->why, "6: magnitude 5.3, not known to be deeper than 2 km", 51);
  return body;
}
static wf_status seismic(uint8_t *out, size_t size, size_t *length) {
  return put(sample_seismic(), out, size, length);
}

static wf_status told_report(uint8_t *out, size_t size, size_t *length) {
  wf_system_track track = {.time = {T0 + 1000}, .number = 812, .phase = WF_PHASE_COAST};
  for (int i = 0; i < 6; i++) track.state[i] = i < 3 ? -3.5e6 + i * 1.25e6 : 1000.5 - 500 * i;
  for (int i = 0; i < 21; i++)
    track.covariance[i] = i == 0 || i == 6 || i == 11 ? 1e6 : i == 15 || i == 18 || i == 20 ? 400 : 0.5 * i;
  wf_launch_report launch_report = {.number = 4, .launch = launch_area()};
  wf_seismic_event event = seismic_event();
  const wf_sensor_report r = {.mode = WF_MODE_EXERCISE,
                              .sensor = "c2",
                              .sequence = 9,
                              .time = {T0},
                              .status = 1,
                              .tracks = &track,
                              .track_count = 1,
                              .launches = &launch_report,
                              .launch_count = 1,
                              .seismic = &event,
                              .seismic_count = 1};
  return wf_wire_encode_sensor_report(&r, out, size, length);
}

// ---- A bundle ----------------------------------------------------------------------------------------------------
void sample_keys(uint8_t public_key[32], uint8_t secret_key[64]) {
  uint8_t seed[32];
  for (uint8_t i = 0; i < 32; i++) seed[i] = i;
  crypto_sign_seed_keypair(public_key, secret_key, seed);
}

// Two records as their author would publish them, the first bundle of an epoch that had two forerunners.
static wf_status bundle(uint8_t *out, size_t size, size_t *length) {
  uint8_t encoded[1024], records[4096], body[4096], hash[WF_HASH_SIZE], message[WF_SIGN_MESSAGE_SIZE], public_key[32],
      secret_key[64], signature[64];
  size_t used;
  wf_record_body opaque = {.kind = WF_BODY_OPAQUE, .valid_time = {T0}, .opaque = {(const uint8_t *)"one", 3}};
  wf_bundle head = {
      .stream = sample_stream(), .epoch = 1795447436, .end_count = 2, .end = {{1795440000, 17}, {1795447000, 4}}};
  wf_writer r = wf_writer_of(records, sizeof records), b = wf_writer_of(body, sizeof body), w = wf_writer_of(out, size);
  wf_wire_encode_record(&opaque, encoded, sizeof encoded, &used);
  wf_bundle_put_record(&r, 1, (wf_time){T0 + 1000}, 0, (wf_bytes){encoded, used});
  opaque.opaque.data = (const uint8_t *)"two";
  wf_wire_encode_record(&opaque, encoded, sizeof encoded, &used);
  wf_bundle_put_record(&r, 2, (wf_time){T0 + 1000}, WF_RECORD_NOT_DURABLE, (wf_bytes){encoded, used});
  wf_bundle_put_body(&b, &head, (wf_bytes){records, r.offset});
  wf_bundle_hash((wf_bytes){body, b.offset}, hash);
  wf_bundle_sign_message(hash, message);
  sample_keys(public_key, secret_key);
  crypto_sign_detached(signature, NULL, message, sizeof message, secret_key);
  wf_bundle_put(&w, (wf_bytes){body, b.offset}, signature);
  *length = w.offset;
  return w.failed || b.failed || r.failed ? WF_EFULL : WF_OK;
}

static wf_status bundle_body(uint8_t *out, size_t size, size_t *length) {
  uint8_t bytes[4096];
  char reason[WF_REASON_SIZE];
  wf_bundle b;
  size_t used = 0;
  wf_status status = bundle(bytes, sizeof bytes, &used);
  if (status == WF_OK) status = wf_bundle_parse((wf_bytes){bytes, used}, &b, reason);
  if (status == WF_OK && b.body.size > size) status = WF_EFULL;
  if (status != WF_OK) return status;
  memcpy(out, b.body.data, b.body.size);
  *length = b.body.size;
  return WF_OK;
}

// ---- Frames ------------------------------------------------------------------------------------------------------
static wf_frame frame;

static wf_status send(wf_frame_kind kind, uint8_t *out, size_t size, size_t *length) {
  frame.kind = kind;
  return wf_frame_encode(&frame, out, size, length);
}

static wf_status hello(uint8_t *out, size_t size, size_t *length) {
  frame.hello = (wf_hello){.version = 2,
                           .version_min = 1,
                           .mode = WF_MODE_EXERCISE,
                           .nation = nation("JPN"),
                           .writer = 1,
                           .lane = 1,
                           .wall = {T0},
                           .boot = UINT64_C(0x0123456789abcdef),
                           .epoch = 1795447436};
  return send(WF_FRAME_HELLO, out, size, length);
}

static void fill_have(void) {
  frame.have.snapshot = false;
  frame.have.count = 2;
  frame.have.entry[0] = (wf_stream_have){.stream = sample_stream(),
                                         .epoch = 1795447436,
                                         .contiguous = 17,
                                         .highest_known_epoch = 1795447436,
                                         .extra_count = 2,
                                         .extra = {{20, 25}, {300, 300}}};
  frame.have.entry[0].has_end_hash = true;
  for (uint8_t i = 0; i < WF_HASH_SIZE; i++) frame.have.entry[0].end_hash[i] = (uint8_t)(i + 1);
  frame.have.entry[1] = (wf_stream_have){
      .stream = sample_stream(), .epoch = 1795447000, .contiguous = 4, .highest_known_epoch = 1795447436};
}
static wf_status have(uint8_t *out, size_t size, size_t *length) {
  fill_have();
  frame.have.snapshot = true;
  return send(WF_FRAME_HAVE, out, size, length);
}
static wf_status ack(uint8_t *out, size_t size, size_t *length) {
  fill_have();
  return send(WF_FRAME_ACK, out, size, length);
}
static wf_status deliver(uint8_t *out, size_t size, size_t *length) {
  uint8_t bytes[4096];
  size_t used = 0;
  const wf_status status = bundle(bytes, sizeof bytes, &used);
  frame.deliver = (wf_deliver){{bytes, used}, true, true};
  return status == WF_OK ? send(WF_FRAME_DELIVER, out, size, length) : status;
}
static wf_status want(uint8_t *out, size_t size, size_t *length) {
  frame.want = (wf_want){.stream = sample_stream(), .epoch = 1795447436, .count = 2, .range = {{18, 19}, {26, 299}}};
  return send(WF_FRAME_WANT, out, size, length);
}
static wf_status ping(uint8_t *out, size_t size, size_t *length) {
  frame.ping = (wf_ping){.id = 77,
                         .sent_mono_ns = 123456789,
                         .sent_wall = {T0},
                         .linked_count = 2,
                         .linked = {nation("KOR"), nation("USA")}};
  return send(WF_FRAME_PING, out, size, length);
}
static wf_status pong(uint8_t *out, size_t size, size_t *length) {
  frame.pong = (wf_pong){77, 123456789, {T0 + 20000000}, {T0 + 20100000}};
  return send(WF_FRAME_PONG, out, size, length);
}
static wf_status bye(uint8_t *out, size_t size, size_t *length) {
  frame.bye = (wf_bye){WF_BYE_MODE, "another mode"};
  return send(WF_FRAME_BYE, out, size, length);
}
static wf_status relay(uint8_t *out, size_t size, size_t *length) {
  frame.relay = (wf_relay){1, {nation("KOR")}};
  return send(WF_FRAME_RELAY, out, size, length);
}

static wf_status part(uint8_t *out, size_t size, size_t *length) {
  uint8_t bytes[4096];
  size_t used = 0;
  const wf_status status = bundle_body(bytes, sizeof bytes, &used);
  frame.part = (wf_part){.id = 9, .offset = 0, .piece = {bytes, used}};
  return status == WF_OK ? send(WF_FRAME_PART, out, size, length) : status;
}
static wf_status seal(uint8_t *out, size_t size, size_t *length) {
  uint8_t bytes[4096];
  char reason[WF_REASON_SIZE];
  wf_bundle b;
  size_t used = 0;
  wf_status status = bundle(bytes, sizeof bytes, &used);
  if (status == WF_OK) status = wf_bundle_parse((wf_bytes){bytes, used}, &b, reason);
  if (status != WF_OK) return status;
  frame.seal.id = 9;
  memcpy(frame.seal.signature, b.signature, WF_SIGNATURE_SIZE);
  return send(WF_FRAME_SEAL, out, size, length);
}

const sample samples[] = {
    {"report-radar", "SensorReport", radar_report},
    {"report-los", "SensorReport", los_report},
    {"report-told", "SensorReport", told_report},
    {"record-detection", "Record", detection},
    {"record-tracklet", "Record", tracklet},
    {"record-launch", "Record", launch},
    {"record-object-status", "Record", object_status},
    {"record-product", "Record", product},
    {"record-node-status", "Record", node_status},
    {"record-digest", "Record", digest},
    {"record-reported", "Record", reported},
    {"record-seismic", "Record", seismic},
    {"bundle", "Bundle", bundle},
    {"bundle-body", "BundleBody", bundle_body},
    {"frame-hello", "Frame", hello},
    {"frame-have", "Frame", have},
    {"frame-deliver", "Frame", deliver},
    {"frame-want", "Frame", want},
    {"frame-ack", "Frame", ack},
    {"frame-ping", "Frame", ping},
    {"frame-pong", "Frame", pong},
    {"frame-bye", "Frame", bye},
    {"frame-relay", "Frame", relay},
    {"frame-part", "Frame", part},
    {"frame-seal", "Frame", seal},
};
const size_t sample_count = sizeof samples / sizeof samples[0];
