// What one node says to a partner over a session, as the bytes go over the wire: a file for a second implementation to
// read (second.py). Real hashes and Ed25519 signatures, the key of seed 00 01 … 1f, a clock that is counted.
//   record_session > FILE     frames of the alert lane, then of the bulk lane, each with its length, JPN to KOR
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange/exchange.h"
#include "wire/bundle.h"
#include "wire/codec.h"
#include "wire/link.h"

typedef struct row {
  wf_stored_row row;
  uint8_t *bytes;
  size_t size;
} row;

static wf_exchange *x;
static wf_clock now;
static uint8_t public_key[32], secret_key[64], *lane_bytes[2];
static size_t lane_used[2], lane_size[2], row_count;
static uint64_t sign_token[64], sign_made, sign_asked, epoch_stored;
static uint8_t sign_message[64][WF_SIGN_MESSAGE_SIZE];
static row rows[256];

static void step(wf_exchange_input input);

static void say(int lane, const uint8_t *bytes, size_t size) {
  if (lane_used[lane] + size > lane_size[lane])
    lane_bytes[lane] = realloc(lane_bytes[lane], lane_size[lane] = 2 * lane_size[lane] + size);
  memcpy(lane_bytes[lane] + lane_used[lane], bytes, size);
  lane_used[lane] += size;
}

static void send_frame(const wf_exchange_effect *e) {
  const uint32_t size = (uint32_t)e->bytes.size;
  const uint8_t head[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
  say(e->lane - 1, head, sizeof head);
  say(e->lane - 1, e->bytes.data, e->bytes.size);
}

static wf_exchange_input answers[256];
static size_t answer_count;

static void answer(wf_exchange_input input) {
  answers[answer_count++] = input;
}

static void store(const wf_exchange_effect *e) {
  row *r = &rows[row_count++];
  *r = (row){e->row, malloc(e->bytes.size), e->bytes.size};
  memcpy(r->bytes, e->bytes.data, r->size);
  answer((wf_exchange_input){.kind = WF_XI_STORED, .token = e->token, .ok = true});
}

static void perform(const wf_exchange_effect *e) {
  switch (e->kind) {
    case WF_XE_SEND:
      send_frame(e);
      break;
    case WF_XE_SIGN:
      sign_token[sign_asked % 64] = e->token;
      memcpy(sign_message[sign_asked++ % 64], e->bytes.data, WF_SIGN_MESSAGE_SIZE);
      break;
    case WF_XE_STORE:
      store(e);
      break;
    case WF_XE_EPOCH:
      epoch_stored = e->epoch;
      answer((wf_exchange_input){.kind = WF_XI_STORED, .token = e->token, .ok = true});
      break;
    default:
      break;
  }
}

static void step(wf_exchange_input input) {
  wf_exchange_effect e;
  wf_exchange_step(x, now, &input);
  while (wf_exchange_effect_next(x, &e)) perform(&e);
  while (answer_count > 0) {
    const wf_exchange_input next = answers[--answer_count];
    wf_exchange_step(x, now, &next);
    while (wf_exchange_effect_next(x, &e)) perform(&e);
  }
}

static void pass(int64_t ms) {
  for (int64_t i = 0; i < ms; i += 10) {
    now.wall.ns += 10 * WF_NS_PER_MS;
    now.mono.ns += 10 * WF_NS_PER_MS;
    step((wf_exchange_input){.kind = WF_XI_TICK});
  }
}

static void sign_what_waits(void) {
  while (sign_made < sign_asked) {
    uint8_t signature[WF_SIGNATURE_SIZE];
    crypto_sign_detached(signature, NULL, sign_message[sign_made % 64], WF_SIGN_MESSAGE_SIZE, secret_key);
    step((wf_exchange_input){
        .kind = WF_XI_SIGNED, .token = sign_token[sign_made++ % 64], .bytes = {signature, sizeof signature}});
  }
}

static wf_nation nation(const char *code) {
  wf_nation out = {""};
  wf_nation_parse(code, &out);
  return out;
}

static void publish(wf_stream_class stream_class, const char *text) {
  wf_audience audience = {0};
  uint32_t stream;
  uint8_t bytes[512];
  size_t size;
  const wf_record_body body = {
      .kind = WF_BODY_OPAQUE, .valid_time = now.wall, .opaque = {(const uint8_t *)text, strlen(text)}};
  wf_audience_parse("JPN KOR", &audience);
  wf_exchange_open_stream(x, &audience, stream_class, &stream);
  wf_wire_encode_record(&body, bytes, sizeof bytes, &size);
  step((wf_exchange_input){.kind = WF_XI_PUBLISH,
                           .stream = stream,
                           .priority = stream_class == WF_STREAM_ALERTS ? WF_PRIORITY_LAUNCH : WF_PRIORITY_CONTRIBUTION,
                           .bytes = {bytes, size}});
}

static void hear(wf_lane lane, wf_frame *frame) {
  static uint8_t bytes[65536];
  size_t size;
  if (wf_frame_encode(frame, bytes, sizeof bytes, &size) != WF_OK) exit(1);
  step((wf_exchange_input){.kind = WF_XI_FRAME, .nation = nation("KOR"), .lane = lane, .bytes = {bytes, size}});
}

static void connect_korea(void) {
  static wf_frame frame;
  for (int lane = WF_LANE_ALERT; lane <= WF_LANE_BULK; lane++) {
    step((wf_exchange_input){.kind = WF_XI_LINK_UP, .nation = nation("KOR"), .lane = (wf_lane)lane});
    step(
        (wf_exchange_input){.kind = WF_XI_WRITABLE, .nation = nation("KOR"), .lane = (wf_lane)lane, .credit = 1 << 20});
    frame.kind = WF_FRAME_HELLO;
    frame.hello = (wf_hello){.version = 2,
                             .version_min = 1,
                             .mode = WF_MODE_EXERCISE,
                             .nation = nation("KOR"),
                             .writer = 1,
                             .lane = (uint32_t)lane,
                             .wall = now.wall,
                             .boot = 5,
                             .epoch = 1};
    hear((wf_lane)lane, &frame);
  }
}

static void start(void) {
  wf_exchange_config config = {
      .nation = nation("JPN"), .writer = 1, .mode = WF_MODE_EXERCISE, .boot = epoch_stored + 1, .partner_count = 1};
  config.partner[0].nation = nation("KOR");
  x = wf_exchange_new(&config);
  step((wf_exchange_input){.kind = WF_XI_START, .epoch_stored = epoch_stored});
  for (size_t i = 0, count = row_count; i < count; i++)
    step((wf_exchange_input){.kind = WF_XI_RESTORE, .bytes = {rows[i].bytes, rows[i].size}});
}

// Before the partner is there; then to it, one by one and in bursts; then after a restart, and what it asks for.
int main(void) {
  uint8_t seed[32];
  for (uint8_t i = 0; i < sizeof seed; i++) seed[i] = i;
  if (sodium_init() < 0 || crypto_sign_seed_keypair(public_key, secret_key, seed) != 0) return 1;
  now = (wf_clock){{INT64_C(1795447435000000000)}, {1}};
  start();
  for (int i = 0; i < 3; i++) publish(WF_STREAM_ALERTS, "before anybody listened");
  sign_what_waits();
  wf_exchange_free(x);  // a restart: another epoch, which says where this one ended
  now.wall.ns += 5 * WF_NS_PER_S;
  start();
  connect_korea();
  for (int i = 0; i < 4; i++) {
    publish(WF_STREAM_ALERTS, "one by one");
    sign_what_waits();
    pass(50);
  }
  for (int i = 0; i < 40; i++) publish(WF_STREAM_CONTRIBUTIONS, "in a burst, sealed together");
  pass(20);
  sign_what_waits();
  static wf_frame want;
  want.kind = WF_FRAME_WANT;
  want.want = (wf_want){.stream = rows[0].row.stream, .epoch = rows[0].row.epoch, .count = 1, .range = {{1, 3}}};
  hear(WF_LANE_ALERT, &want);
  pass(300);
  for (int lane = 0; lane < 2; lane++) fwrite(lane_bytes[lane], 1, lane_used[lane], stdout);
  wf_exchange_free(x);
  return 0;
}
