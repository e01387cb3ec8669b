// A whole node between a broken sensor and a hostile partner: any datagrams, good reports with impossible plots, signed
// bundles of any records, frames with bytes changed on the way, decisions of anybody, clocks that jump. Nothing breaks,
// and no record leaves to a nation outside its audience.
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "node/node.h"
#include "wire/bundle.h"
#include "wire/codec.h"
#include "wire/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WAITING_MAX = 512, COMMANDS_MAX = 120 };

// What waits to be told to the node (to = 0) or to the partner (1).
typedef struct letter {
  int to;
  wf_exchange_input input;
  uint8_t *bytes;
} letter;

static wf_node *node;
static wf_exchange *partner;
static uint32_t partner_stream[2];
static wf_clock now;
static wf_nation nations[2];
static letter waiting[WAITING_MAX];
static size_t waiting_count;
static wf_reader in;

static void post(int to, wf_exchange_input input, wf_bytes bytes) {
  if (waiting_count == WAITING_MAX) return;  // like a cut: a session must stand that, too
  uint8_t *copy = malloc(bytes.size + 1);
  if (copy == NULL) abort();
  if (bytes.size > 0) memcpy(copy, bytes.data, bytes.size);
  input.bytes = (wf_bytes){copy, bytes.size};
  waiting[waiting_count++] = (letter){to, input, copy};
}

static void check_send(const wf_exchange_effect *e) {
  static wf_frame frame;
  char reason[WF_REASON_SIZE];
  wf_bundle bundle;
  if (wf_frame_decode(e->bytes, &frame, reason) != WF_OK) abort();
  const wf_status status = wf_frame_bundle(&frame, &bundle, reason);
  if (status == WF_ENOTFOUND) return;
  if (status != WF_OK) abort();
  if (!wf_audience_has(&bundle.stream.audience, e->nation)) abort();
}

static void perform(int who, const wf_exchange_effect *e) {
  static const uint8_t signature[WF_SIGNATURE_SIZE];
  const wf_bytes none = {NULL, 0};
  switch (e->kind) {
    case WF_XE_SEND:
      if (who == 0) check_send(e);
      post(!who, (wf_exchange_input){.kind = WF_XI_FRAME, .nation = nations[who], .lane = e->lane}, e->bytes);
      break;
    case WF_XE_SIGN:
      post(who, (wf_exchange_input){.kind = WF_XI_SIGNED, .token = e->token}, (wf_bytes){signature, sizeof signature});
      break;
    case WF_XE_VERIFY:
      post(who, (wf_exchange_input){.kind = WF_XI_VERIFIED, .token = e->token, .ok = true}, none);
      break;
    case WF_XE_STORE:
    case WF_XE_EPOCH:
      post(who, (wf_exchange_input){.kind = WF_XI_STORED, .token = e->token, .ok = true}, none);
      break;
    case WF_XE_FETCH:
      post(who, (wf_exchange_input){.kind = WF_XI_FETCHED, .token = e->token}, none);
      break;
    default:
      break;
  }
}

static void step_node(wf_input input) {
  wf_effect e;
  wf_node_step(node, now, &input);
  while (wf_node_effect_next(node, &e)) {
    if (e.kind == WF_OUT_EXCHANGE) perform(0, &e.exchange);
    if (e.kind == WF_OUT_ALARM && e.text == NULL) abort();
    if (e.kind == WF_OUT_PRODUCT && e.product == NULL) abort();
  }
}

static void step_partner(wf_exchange_input input) {
  wf_exchange_effect e;
  wf_exchange_step(partner, now, &input);
  while (wf_exchange_effect_next(partner, &e)) perform(1, &e);
}

static void tell(int to, wf_exchange_input input) {
  if (to == 0)
    step_node((wf_input){.kind = WF_IN_EXCHANGE, .exchange = input});
  else
    step_partner(input);
}

static void deliver(void) {
  for (size_t i = 0; i < waiting_count; i++) {  // grows while it runs
    tell(waiting[i].to, waiting[i].input);
    free(waiting[i].bytes);
  }
  waiting_count = 0;
}

static void link_both(bool up) {
  for (int lane = 1; lane <= 2; lane++)
    for (int who = 0; who < 2; who++) {
      wf_exchange_input input = {.kind = up ? WF_XI_LINK_UP : WF_XI_LINK_DOWN, .nation = nations[!who], .lane = lane};
      tell(who, input);
      input.kind = WF_XI_WRITABLE;
      input.credit = 1u << 20;
      if (up) tell(who, input);
    }
  deliver();
}

static void begin(void) {
  static const wf_sensor sensor = {.name = "JPN-R1",
                                   .kind = WF_SENSOR_RADAR,
                                   .lla = {0.6, 2.4, 50.0},
                                   .sigma_range_m = 30,
                                   .sigma_az_rad = 1e-3,
                                   .sigma_el_rad = 1e-3,
                                   .detection_probability = 0.9,
                                   .scan_period_s = 1};
  wf_audience both = {0};
  wf_nation_parse("JPN", &nations[0]);
  wf_nation_parse("KOR", &nations[1]);
  for (int i = 0; i < 2; i++) wf_audience_add(&both, nations[i]);
  wf_node_config c = {.medium = WF_MEDIUM_VACUUM, .sensor_count = 1, .sensors = &sensor};
  wf_node_config_limits(&c);
  c.tracks_max = c.plots_per_scan_max = c.picture_tracks_max = c.products_max = 8;
  c.picture_contributions_max = 64;
  c.exchange.cache_bytes = 1u << 18;
  c.exchange.nation = nations[0];
  c.exchange.mode = WF_MODE_EXERCISE;
  c.exchange.partner[c.exchange.partner_count++].nation = nations[1];
  if (wf_release_profile("warning-data", &both, &c.policy) != WF_OK) abort();
  now = (wf_clock){{INT64_C(1795447435000000000)}, {1}};
  node = wf_node_new(&c);
  wf_exchange_config x = c.exchange;
  x.nation = nations[1];
  x.partner[0].nation = nations[0];
  partner = wf_exchange_new(&x);
  if (node == NULL || partner == NULL) abort();
  wf_exchange_open_stream(partner, &both, WF_STREAM_ALERTS, &partner_stream[0]);
  wf_exchange_open_stream(partner, &both, WF_STREAM_CONTRIBUTIONS, &partner_stream[1]);
  for (int who = 0; who < 2; who++) tell(who, (wf_exchange_input){.kind = WF_XI_START});
  deliver();
  link_both(true);
}

static double some(double low, double high) {
  return low + (high - low) * (double)wf_read_uint(&in, 2) / 65535.0;
}

static void raw_datagram(void) {
  const size_t length = (size_t)wf_read_uint(&in, 1), left = in.size - in.offset;
  step_node((wf_input){.kind = WF_IN_SENSOR, .bytes = wf_read_bytes(&in, length < left ? length : left)});
}

// A report as the sensor would make it, of things that may not exist.
static void report(void) {
  wf_plot plots[4];
  uint8_t bytes[2048];
  size_t length = 0;
  wf_sensor_report r = {.mode = WF_MODE_EXERCISE, .time = now.wall, .plots = plots, .plots_cap = 4, .sensor = "JPN-R1"};
  r.sequence = wf_read_uint(&in, 1);
  r.plot_count = wf_read_uint(&in, 1) % 5;
  for (size_t i = 0; i < r.plot_count; i++) {
    plots[i] = (wf_plot){.kind = WF_PLOT_RADAR, .time = wf_time_add_s(now.wall, some(-2.0, 0.1))};
    plots[i].radar.range_m = some(1e3, 3e6);
    plots[i].radar.az_rad = some(0.0, 6.28);
    plots[i].radar.el_rad = some(-0.1, 1.57);
  }
  if (wf_wire_encode_sensor_report(&r, bytes, sizeof bytes, &length) == WF_OK)
    step_node((wf_input){.kind = WF_IN_SENSOR, .bytes = {bytes, length}});
}

// Any record under the partner's good signature.
static void partner_says(void) {
  const uint8_t choice = (uint8_t)wf_read_uint(&in, 1);
  wf_record_body body = {.kind = WF_BODY_CONTRIBUTION, .valid_time = wf_time_add_s(now.wall, some(-200.0, 1.0))};
  wf_contribution *c = &body.contribution;
  uint8_t bytes[2048];
  size_t length = 0;
  c->kind = (uint8_t)(1 + choice % 4);
  c->sources = (uint8_t)(choice & 3);
  c->object = choice / 16u;
  c->valid_time = body.valid_time;
  if (c->kind == WF_CONTRIBUTION_STATUS) c->status.life = (uint8_t)(wf_read_uint(&in, 1) % 8);
  if (c->kind == WF_CONTRIBUTION_TRACKLET) {
    for (int i = 0; i < 6; i++) c->tracklet.reference[i] = some(i < 3 ? -7e6 : -8e3, i < 3 ? 7e6 : 8e3);
    for (int i = 0, at = 0; i < 6; at += 6 - i, i++) c->tracklet.information[at] = some(-1e-6, 1e-3);
    c->tracklet.information[1] = some(-1e-4, 1e-4);
    c->tracklet.whole = choice & 1;
  }
  if (c->kind == WF_CONTRIBUTION_DETECTION) {
    for (int i = 0; i < 3; i++) c->detection.pos_ecef_m[i] = some(-7e6, 7e6);
    c->detection.covariance_m2[0] = c->detection.covariance_m2[3] = c->detection.covariance_m2[5] = some(0, 1e8);
    c->detection.has_place = choice & 1;
  }
  if (c->kind == WF_CONTRIBUTION_LAUNCH)
    c->launch = (wf_launch_area){true, body.valid_time, 3.0, {some(-2, 2), some(-4, 4), some(0, 1e5), 10.0, 1.0}};
  if (wf_wire_encode_record(&body, bytes, sizeof bytes, &length) != WF_OK) return;
  const wf_bytes spoilt = wf_read_bytes(&in, (size_t)wf_read_uint(&in, 1) % 4);
  for (size_t i = 0; spoilt.data != NULL && i < spoilt.size && length > 0; i++)
    bytes[spoilt.data[i] * 7919u % length] ^= 1u << (spoilt.data[i] & 7);
  step_partner((wf_exchange_input){.kind = WF_XI_PUBLISH,
                                   .stream = partner_stream[choice & 1],
                                   .priority = WF_PRIORITY_CONTRIBUTION,
                                   .bytes = {bytes, length}});
}

// The line between them is TLS, so this is the partner's own doing.
static void spoil_letters(void) {
  const uint64_t where = wf_read_uint(&in, 2);
  for (size_t i = 0; i < waiting_count; i++) {
    letter *l = &waiting[i];
    if (l->to == 0 && l->input.kind == WF_XI_FRAME && l->input.bytes.size > 0)
      l->bytes[where % l->input.bytes.size] ^= (uint8_t)(1u << (where % 8));
  }
}

static void raw_frame(void) {
  const size_t length = (size_t)wf_read_uint(&in, 2), left = in.size - in.offset;
  const wf_bytes bytes = wf_read_bytes(&in, length < left ? length : left);
  tell(0, (wf_exchange_input){
              .kind = WF_XI_FRAME, .nation = nations[1], .lane = 1 + (wf_lane)(length & 1), .bytes = bytes});
}

static void decide(void) {
  const wf_product *products[8];
  const size_t count = wf_node_products(node, products, 8), which = wf_read_uint(&in, 1);
  static const char *const people[] = {"one", "two", "",
                                       "a name far longer than any room that was made for names here"};
  step_node((wf_input){.kind = WF_IN_DECISION,
                       .product = count > 0 ? products[which % count]->id : which,
                       .decision = (wf_decision)(which / 16 % 4),
                       .person = people[which % 4]});
}

static void pass_time(void) {
  const uint64_t steps = wf_read_uint(&in, 1);
  const int64_t by_ns = steps > 250 ? INT64_C(-3000000000) : (int64_t)(steps % 64) * 50000000;
  now.wall.ns += by_ns;
  now.mono.ns += by_ns > 0 ? by_ns : 1;
  for (int who = 0; who < 2; who++) tell(who, (wf_exchange_input){.kind = WF_XI_TICK});
}

static void look(void) {
  const wf_common_track *tracks[16];
  const wf_value_event *events[16];
  const size_t count = wf_node_national(node, tracks, 16);
  for (size_t i = 0; i < count; i++)
    if (tracks[i]->contributor_count > WF_NATION_MAX) abort();
  wf_node_value(node, events, 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  in = wf_reader_of(data, size);
  begin();
  for (int i = 0; i < COMMANDS_MAX && in.offset < in.size && !in.failed; i++) {
    static void (*const commands[])(void) = {raw_datagram, report, partner_says, spoil_letters, raw_frame,
                                             decide,       look,   pass_time,    deliver,       report};
    const uint8_t command = (uint8_t)wf_read_uint(&in, 1);
    if (command == 255) link_both(false);
    if (command == 254) link_both(true);
    commands[command % 10]();
    if (command & 64) deliver();
  }
  deliver();
  look();
  wf_node_free(node);
  wf_exchange_free(partner);
  return 0;
}
