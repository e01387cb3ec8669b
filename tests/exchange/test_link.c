// One partner's frames, one by one: greetings, refusals, and what is answered. Each row of a table is one rule.
#include <sodium.h>
#include <stdlib.h>

#include "../wf_test.h"
#include "exchange/exchange.h"
#include "wire/bundle.h"
#include "wire/link.h"

#define BOOT 42

typedef struct seen {
  unsigned sends[16], closes, alarms[WF_ALARM_KIND_COUNT], delivered, stores;
  char close_text[128], alarm_text[192];
  wf_frame last[16];  // by kind
} seen;

static wf_exchange *x;
static wf_clock now;
static seen s;
static wf_frame frame;

static wf_nation nation(const char *code) {
  wf_nation n = {""};
  wf_nation_parse(code, &n);
  return n;
}

static void take(const wf_exchange_effect *e) {
  static wf_frame sent;
  char reason[WF_REASON_SIZE];
  if (e->kind == WF_XE_SEND) {
    assert_int_equal(wf_frame_decode(e->bytes, &sent, reason), WF_OK);
    s.sends[sent.kind]++;
    if (sent.kind != WF_FRAME_DELIVER) s.last[sent.kind] = sent;
  }
  if (e->kind == WF_XE_CLOSE) {
    s.closes++;
    snprintf(s.close_text, sizeof s.close_text, "%s", e->text);
  }
  if (e->kind == WF_XE_ALARM) {
    s.alarms[e->alarm]++;
    snprintf(s.alarm_text, sizeof s.alarm_text, "%s", e->text);
  }
  if (e->kind == WF_XE_DELIVER) s.delivered++;
  if (e->kind == WF_XE_STORE) s.stores++;
}

static uint64_t verify_token;
static unsigned verifies;

static void step(wf_exchange_input input) {
  wf_exchange_effect e;
  now.mono.ns += 1000000;
  now.wall.ns += 1000000;
  wf_exchange_step(x, now, &input);
  while (wf_exchange_effect_next(x, &e)) {
    if (e.kind == WF_XE_VERIFY) verify_token = e.token, verifies++;
    if (e.kind == WF_XE_EPOCH) verify_token = e.token;
    take(&e);
  }
}

static void feed_bytes(wf_lane lane, const char *from, wf_bytes bytes) {
  step((wf_exchange_input){.kind = WF_XI_FRAME, .nation = nation(from), .lane = lane, .bytes = bytes});
}

static void feed(wf_lane lane, const char *from) {
  static uint8_t bytes[WF_FRAME_MAX];
  size_t length;
  assert_int_equal(wf_frame_encode(&frame, bytes, sizeof bytes, &length), WF_OK);
  feed_bytes(lane, from, (wf_bytes){bytes, length});
}

static void hello(const char *from, uint64_t boot) {
  frame.kind = WF_FRAME_HELLO;
  frame.hello = (wf_hello){.version = 1,
                           .version_min = 1,
                           .mode = WF_MODE_EXERCISE,
                           .nation = nation(from),
                           .lane = WF_LANE_ALERT,
                           .wall = now.wall,
                           .boot = boot,
                           .epoch = 5};
}

static void up(const char *from, wf_lane lane) {
  step((wf_exchange_input){.kind = WF_XI_LINK_UP, .nation = nation(from), .lane = lane});
  step((wf_exchange_input){.kind = WF_XI_WRITABLE, .nation = nation(from), .lane = lane, .credit = 1 << 20});
}

static int setup(void **state) {
  wf_exchange_config config = {.nation = nation("JPN"),
                               .mode = WF_MODE_EXERCISE,
                               .boot = BOOT,
                               .partner_count = 2,
                               .partner = {{nation("KOR")}, {nation("USA")}}};
  now = (wf_clock){{INT64_C(1795447435000000000)}, {1}};
  memset(&s, 0, sizeof s);
  x = wf_exchange_new(&config);
  step((wf_exchange_input){.kind = WF_XI_START});
  step((wf_exchange_input){.kind = WF_XI_STORED, .token = verify_token, .ok = true});
  return 0;
}

static int teardown(void **state) {
  wf_exchange_free(x);
  return 0;
}

static void greeted(const char *from) {
  up(from, WF_LANE_ALERT);
  hello(from, 7);
  feed(WF_LANE_ALERT, from);
}

static void test_hello_is_answered(void **state) {
  up("KOR", WF_LANE_ALERT);
  assert_int_equal(s.sends[WF_FRAME_HELLO], 1);
  assert_int_equal(s.last[WF_FRAME_HELLO].hello.boot, BOOT);
  hello("KOR", 7);
  feed(WF_LANE_ALERT, "KOR");
  assert_int_equal(s.closes, 0);
  assert_int_equal(s.sends[WF_FRAME_PING], 1);
  wf_link_view v[2];
  assert_int_equal(wf_exchange_links(x, v, 2), 2);
  assert_true(v[0].up[0] && !v[0].up[1] && !v[1].up[0]);
}

static void spoil_mode(void) {
  frame.hello.mode = WF_MODE_LIVE;
}
static void spoil_nation(void) {
  frame.hello.nation = nation("AUS");
}
static void spoil_lane(void) {
  frame.hello.lane = WF_LANE_BULK;
}
static void spoil_old(void) {
  frame.hello.version_min = WF_PROTOCOL_VERSION + 1, frame.hello.version = WF_PROTOCOL_VERSION + 2;
}
static void spoil_twin(void) {
  frame.hello.nation = nation("JPN");
}
static void spoil_kind(void) {
  frame.kind = WF_FRAME_PING, frame.ping = (wf_ping){.sent_wall = now.wall};
}

// Live, test and exercise never meet: not in a Have, an Ack, a Want or a bundle.
static void test_another_mode_closes_the_link(void **state) {
  const wf_frame_kind kinds[] = {WF_FRAME_HAVE, WF_FRAME_ACK, WF_FRAME_WANT};
  for (size_t i = 0; i < 3; i++) {
    const wf_stream_name live = {.mode = WF_MODE_LIVE,
                                 .origin = nation("KOR"),
                                 .stream_class = WF_STREAM_ALERTS,
                                 .audience = {2, {nation("JPN"), nation("KOR")}}};
    memset(&s, 0, sizeof s);
    now.mono.ns += 2 * WF_NS_PER_S;
    greeted("KOR");
    memset(&frame, 0, sizeof frame);
    frame.kind = kinds[i];
    if (kinds[i] == WF_FRAME_WANT)
      frame.want = (wf_want){.stream = live, .epoch = 5, .count = 1, .range = {{1, 1}}};
    else
      frame.have = (wf_have){.count = 1, .entry = {{.stream = live, .epoch = 5, .contiguous = 1}}};
    feed(WF_LANE_ALERT, "KOR");
    assert_int_equal(s.alarms[WF_ALARM_MODE_MISMATCH], 1);
    assert_int_equal(s.closes, 1);
    assert_string_equal(s.close_text, "mode: another mode");
    step((wf_exchange_input){.kind = WF_XI_LINK_DOWN, .nation = nation("KOR"), .lane = WF_LANE_ALERT});
  }
}

static void test_greetings_are_refused_with_a_reason(void **state) {
  static const struct {
    void (*spoil)(void);
    const char *text;
    wf_alarm_kind alarm;
    wf_bye_reason reason;
  } rows[] = {
      {spoil_mode, "mode: another mode", WF_ALARM_MODE_MISMATCH, WF_BYE_MODE},
      {spoil_nation, "identity: not the nation of its certificate", WF_ALARM_MALFORMED, WF_BYE_IDENTITY},
      {spoil_lane, "order: another lane", WF_ALARM_MALFORMED, WF_BYE_ORDER},
      {spoil_old, "version: no common version", WF_ALARM_REFUSED_INPUT, WF_BYE_VERSION},
      {spoil_twin, "twin: a second node with this node's name", WF_ALARM_TWIN, WF_BYE_TWIN},
      {spoil_kind, "order: no hello", WF_ALARM_MALFORMED, WF_BYE_ORDER},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    memset(&s, 0, sizeof s);
    now.mono.ns += 2 * WF_NS_PER_S;  // alarms of a kind come once a second
    up("KOR", WF_LANE_ALERT);
    hello("KOR", 7);
    rows[i].spoil();
    feed(WF_LANE_ALERT, "KOR");
    assert_int_equal(s.closes, 1);
    assert_string_equal(s.close_text, rows[i].text);
    assert_int_equal(s.alarms[rows[i].alarm], 1);
    assert_int_equal(s.last[WF_FRAME_BYE].bye.reason, rows[i].reason);
    assert_int_equal(s.sends[WF_FRAME_PING], 0);
    hello("KOR", 7);  // what still comes on a link that was closed is not looked at
    feed(WF_LANE_ALERT, "KOR");
    assert_int_equal(s.sends[WF_FRAME_PING], 0);
    step((wf_exchange_input){.kind = WF_XI_LINK_DOWN, .nation = nation("KOR"), .lane = WF_LANE_ALERT});
  }
}

static void test_a_newer_version_is_talked_to(void **state) {
  up("KOR", WF_LANE_ALERT);
  hello("KOR", 7);
  frame.hello.version = 9;
  feed(WF_LANE_ALERT, "KOR");
  static const uint8_t later[] = {0x9a, 0x06, 3, 1, 2, 3};  // a frame of kind 99
  feed_bytes(WF_LANE_ALERT, "KOR", (wf_bytes){later, sizeof later});
  assert_int_equal(s.closes, 0);
}

static void test_a_bad_frame_closes(void **state) {
  greeted("KOR");
  static const uint8_t bad[] = {0x0a, 0xff};
  feed_bytes(WF_LANE_ALERT, "KOR", (wf_bytes){bad, sizeof bad});
  assert_int_equal(s.closes, 1);
  assert_string_equal(s.close_text, "malformed: frame: not valid protobuf");
  assert_int_equal(s.alarms[WF_ALARM_MALFORMED], 1);
  assert_int_equal(s.alarms[WF_ALARM_LINK_LOST], 1);
}

static void test_silence_closes_within_its_time(void **state) {
  greeted("KOR");
  now.mono.ns += 990 * WF_NS_PER_MS;
  step((wf_exchange_input){.kind = WF_XI_TICK});
  assert_int_equal(s.closes, 0);
  now.mono.ns += 20 * WF_NS_PER_MS;
  step((wf_exchange_input){.kind = WF_XI_TICK});
  assert_int_equal(s.closes, 1);
  assert_string_equal(s.close_text, "silent: silent for too long");
}

static void test_two_nodes_that_take_turns_are_noticed(void **state) {
  static const uint64_t boots[] = {7, 8, 7};
  for (size_t i = 0; i < 3; i++) {
    up("KOR", WF_LANE_ALERT);
    hello("KOR", boots[i]);
    feed(WF_LANE_ALERT, "KOR");
    assert_int_equal(s.alarms[WF_ALARM_TWIN], i == 2);
  }
}

static void tell_of_own(uint64_t epoch, uint64_t contiguous) {
  frame.kind = WF_FRAME_HAVE;
  frame.have = (wf_have){.count = 1};
  frame.have.entry[0] = (wf_stream_have){.epoch = epoch, .highest_known_epoch = epoch, .contiguous = contiguous};
  wf_stream_name *name = &frame.have.entry[0].stream;
  *name = (wf_stream_name){.mode = WF_MODE_EXERCISE, .origin = nation("JPN"), .stream_class = WF_STREAM_ALERTS};
  assert_int_equal(wf_audience_parse("JPN KOR USA", &name->audience), WF_OK);
  feed(WF_LANE_ALERT, "KOR");
}

static void live(int64_t for_ns) {  // pings, so that nobody is silent
  for (int64_t ns = 0; ns < for_ns; ns += 200 * WF_NS_PER_MS) {
    now.mono.ns += 199 * WF_NS_PER_MS;
    frame.kind = WF_FRAME_PING;
    frame.ping = (wf_ping){.id = 1};
    feed(WF_LANE_ALERT, "KOR");
    step((wf_exchange_input){.kind = WF_XI_TICK});
  }
}

// Epochs of this life are known one by one: an earlier one, too, may be somebody else's. And two that chase each other
// take a new one every two seconds at most.
static void test_a_twin_is_noticed_by_what_it_said(void **state) {
  greeted("KOR");
  const uint64_t first = wf_exchange_epoch(x);
  tell_of_own(first - 1, 9);  // of a former life, as far as this node can know
  tell_of_own(first, 0);
  assert_int_equal(s.alarms[WF_ALARM_TWIN], 0);
  tell_of_own(first, 1);
  assert_int_equal(s.alarms[WF_ALARM_TWIN], 1);
  const uint64_t second = wf_exchange_epoch(x);
  assert_true(second > first);
  tell_of_own(second + 5, 3);
  assert_true(wf_exchange_epoch(x) == second);
  live(2 * WF_NS_PER_S);
  const uint64_t third = wf_exchange_epoch(x);
  assert_true(third > second + 5);
  tell_of_own(second + 1, 1);  // below the present one, and never used here
  assert_int_equal(s.alarms[WF_ALARM_TWIN], 2);
  live(3 * WF_NS_PER_S);
  assert_true(wf_exchange_epoch(x) == third);
}

static void test_a_pong_gives_the_offset(void **state) {
  greeted("KOR");
  const wf_ping ping = s.last[WF_FRAME_PING].ping;
  const int64_t sent_ns = now.wall.ns;
  now.mono.ns += 29 * WF_NS_PER_MS;
  now.wall.ns += 29 * WF_NS_PER_MS;  // feeding adds one more
  frame.kind = WF_FRAME_PONG;
  frame.pong = (wf_pong){ping.id, ping.sent_mono_ns, {sent_ns + 115 * WF_NS_PER_MS}, {sent_ns + 115 * WF_NS_PER_MS}};
  feed(WF_LANE_ALERT, "KOR");
  wf_link_view v[2];
  wf_exchange_links(x, v, 2);
  assert_true(v[0].round_trip_ms == 30);
  assert_true(v[0].clock_offset_ms == 100);
  assert_true(v[0].clock_offset_sigma_ms == 15);
  feed(WF_LANE_ALERT, "KOR");  // the same pong again says nothing
  frame.pong.id = 999;
  feed(WF_LANE_ALERT, "KOR");
  wf_exchange_links(x, v, 2);
  assert_true(v[0].clock_offset_ms == 100);
}

static uint8_t tip[WF_HASH_SIZE];  // of the last bundle made; follows from it when chained
static bool chained;

// A bundle of one record as `origin` would send it; the signature is not looked at by the exchange.
static wf_bytes bundle_of(const char *origin, const char *audience, wf_mode mode, uint64_t epoch, uint64_t sequence) {
  static uint8_t out[2048];
  uint8_t record[256], records[512], body[1024];
  static const uint8_t signature[WF_SIGNATURE_SIZE] = {1};
  size_t length;
  const wf_record_body opaque = {.kind = WF_BODY_OPAQUE, .valid_time = now.wall, .opaque = {(const uint8_t *)"x", 1}};
  wf_bundle head = {.epoch = epoch,
                    .stream = {.mode = mode, .origin = nation(origin), .stream_class = WF_STREAM_ALERTS}};
  wf_audience_parse(audience, &head.stream.audience);
  if (chained && sequence > 1) memcpy(head.previous_hash, tip, sizeof tip);
  wf_wire_encode_record(&opaque, record, sizeof record, &length);
  wf_writer r = wf_writer_of(records, sizeof records), b = wf_writer_of(body, sizeof body),
            w = wf_writer_of(out, sizeof out);
  wf_bundle_put_record(&r, sequence, now.wall, 0, (wf_bytes){record, length});
  wf_bundle_put_body(&b, &head, (wf_bytes){records, r.offset});
  wf_bundle_put(&w, (wf_bytes){body, b.offset}, signature);
  wf_bundle_hash((wf_bytes){body, b.offset}, tip);
  return (wf_bytes){out, w.offset};
}

static void deliver(const char *from, wf_bytes bundle) {
  frame.kind = WF_FRAME_DELIVER;
  frame.deliver = (wf_deliver){.bundle = bundle};
  feed(WF_LANE_ALERT, from);
}

static void test_direct_is_delivered_first_relayed_after(void **state) {
  greeted("KOR");
  greeted("USA");
  deliver("KOR", bundle_of("KOR", "JPN KOR USA", WF_MODE_EXERCISE, 5, 1));
  assert_int_equal(s.delivered, 1);
  assert_int_equal(s.stores, 0);
  assert_int_equal(s.sends[WF_FRAME_DELIVER], 0);
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token, .ok = true});
  assert_int_equal(s.delivered, 1);
  assert_int_equal(s.stores, 1);
  assert_int_equal(s.sends[WF_FRAME_DELIVER], 1);  // an alert: on to USA, not back to KOR
  deliver("USA", bundle_of("KOR", "JPN KOR USA", WF_MODE_EXERCISE, 5, 2));
  assert_int_equal(s.delivered, 1);
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token, .ok = true});
  assert_int_equal(s.delivered, 2);
  assert_int_equal(s.sends[WF_FRAME_DELIVER], 1);  // neither back to USA nor to its origin
  deliver("KOR", bundle_of("KOR", "JPN KOR USA", WF_MODE_EXERCISE, 5, 1));
  assert_int_equal(s.delivered, 2);
}

// What comes while a signature is checked is proven by the newest of it.
static void test_one_check_proves_the_chain_before_it(void **state) {
  greeted("KOR");
  chained = true;
  verifies = 0;
  for (uint64_t i = 1; i <= 6; i++) deliver("KOR", bundle_of("KOR", "JPN KOR", WF_MODE_EXERCISE, 5, i));
  assert_int_equal(s.delivered, 6);
  assert_int_equal(verifies, 1);
  assert_int_equal(s.stores, 0);
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token, .ok = true});
  assert_int_equal(s.stores, 1);
  assert_int_equal(verifies, 2);
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token, .ok = true});
  assert_int_equal(s.stores, 6);
  assert_int_equal(verifies, 2);
  chained = false;
}

// A wrong signature costs nothing but itself: what came before it is checked on its own.
static void test_a_wrong_one_does_not_spoil_those_before_it(void **state) {
  greeted("KOR");
  greeted("USA");
  chained = true;
  verifies = 0;
  for (uint64_t i = 1; i <= 3; i++) deliver("USA", bundle_of("KOR", "JPN KOR USA", WF_MODE_EXERCISE, 5, i));
  // Of an unknown epoch and passed on: each is checked before anything is made of it.
  assert_int_equal(verifies, 3);
  assert_int_equal(s.delivered, 0);
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token, .ok = false});
  assert_int_equal(s.alarms[WF_ALARM_BAD_SIGNATURE], 1);
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token - 1, .ok = true});
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token - 2, .ok = true});
  assert_int_equal(s.delivered, 2);
  for (uint64_t i = 4; i <= 5; i++) deliver("USA", bundle_of("KOR", "JPN KOR USA", WF_MODE_EXERCISE, 5, i));
  assert_int_equal(verifies, 4);
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token, .ok = false});
  assert_int_equal(verifies, 5);
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token, .ok = true});
  assert_int_equal(s.delivered, 3);
  chained = false;
}

static void test_bundles_are_refused_with_a_reason(void **state) {
  static const struct {
    const char *from, *origin, *audience;
    wf_mode mode;
    wf_alarm_kind alarm;
    unsigned closes;
  } rows[] = {
      {"KOR", "KOR", "JPN KOR", WF_MODE_LIVE, WF_ALARM_MODE_MISMATCH, 1},
      {"KOR", "KOR", "KOR USA", WF_MODE_EXERCISE, WF_ALARM_OUTSIDE_AUDIENCE, 0},
      {"KOR", "USA", "JPN USA", WF_MODE_EXERCISE, WF_ALARM_OUTSIDE_AUDIENCE, 0},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    now.mono.ns += 2 * WF_NS_PER_S;
    greeted("KOR");
    memset(&s, 0, sizeof s);
    deliver(rows[i].from, bundle_of(rows[i].origin, rows[i].audience, rows[i].mode, 5, 1));
    assert_int_equal(s.alarms[rows[i].alarm], 1);
    assert_int_equal(s.closes, rows[i].closes);
    assert_int_equal(s.delivered + s.stores, 0);
  }
}

static void test_alarms_come_once_a_second_and_say_how_many(void **state) {
  greeted("KOR");
  for (uint64_t i = 1; i <= 100; i++) deliver("KOR", bundle_of("USA", "JPN USA", WF_MODE_EXERCISE, 5, i));
  assert_int_equal(s.alarms[WF_ALARM_OUTSIDE_AUDIENCE], 1);
  now.mono.ns += WF_NS_PER_S;
  deliver("KOR", bundle_of("USA", "JPN USA", WF_MODE_EXERCISE, 5, 101));
  assert_int_equal(s.alarms[WF_ALARM_OUTSIDE_AUDIENCE], 2);
  assert_string_equal(s.alarm_text, "KOR sent a record its sender may not have (and 99 more)");
}

static void test_wants_outside_the_audience_are_refused(void **state) {
  greeted("KOR");
  frame.kind = WF_FRAME_WANT;
  frame.want =
      (wf_want){.stream = {.mode = WF_MODE_EXERCISE, .origin = nation("JPN"), .stream_class = WF_STREAM_ALERTS},
                .epoch = 5,
                .count = 1,
                .range = {{1, 9}}};
  wf_audience_parse("JPN USA", &frame.want.stream.audience);
  feed(WF_LANE_ALERT, "KOR");
  assert_int_equal(s.alarms[WF_ALARM_OUTSIDE_AUDIENCE], 1);
  assert_int_equal(s.sends[WF_FRAME_DELIVER], 0);
}

static void test_names_without_end_are_bounded(void **state) {
  greeted("KOR");
  const size_t before = wf_exchange_memory_bytes(x);
  for (uint32_t i = 0; i < 2000; i++) {
    frame.kind = WF_FRAME_HAVE;
    frame.have.count = 1;
    frame.have.snapshot = false;
    frame.have.entry[0] = (wf_stream_have){.stream = {.mode = WF_MODE_EXERCISE,
                                                      .origin = nation(i % 2 ? "KOR" : "USA"),
                                                      .writer = i,
                                                      .stream_class = WF_STREAM_STATUS},
                                           .epoch = 1 + i,
                                           .contiguous = 5,
                                           .highest_known_epoch = 1 + i};
    wf_audience_parse("JPN KOR USA", &frame.have.entry[0].stream.audience);
    feed(WF_LANE_ALERT, "KOR");
  }
  wf_stream_view v[WF_STREAMS_MAX];
  assert_true(wf_exchange_streams(x, v, WF_STREAMS_MAX) <= 2 * WF_STREAMS_PER_ORIGIN);
  assert_int_equal(wf_exchange_memory_bytes(x), before);
  // And what is real still finds room.
  deliver("KOR", bundle_of("USA", "JPN KOR USA", WF_MODE_EXERCISE, 5, 1));
  step((wf_exchange_input){.kind = WF_XI_VERIFIED, .token = verify_token, .ok = true});
  assert_int_equal(s.delivered, 1);
}

int main(void) {
#define RULE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
      RULE(test_hello_is_answered),
      RULE(test_another_mode_closes_the_link),
      RULE(test_greetings_are_refused_with_a_reason),
      RULE(test_a_newer_version_is_talked_to),
      RULE(test_a_bad_frame_closes),
      RULE(test_silence_closes_within_its_time),
      RULE(test_two_nodes_that_take_turns_are_noticed),
      RULE(test_a_twin_is_noticed_by_what_it_said),
      RULE(test_a_pong_gives_the_offset),
      RULE(test_direct_is_delivered_first_relayed_after),
      RULE(test_one_check_proves_the_chain_before_it),
      RULE(test_a_wrong_one_does_not_spoil_those_before_it),
      RULE(test_bundles_are_refused_with_a_reason),
      RULE(test_alarms_come_once_a_second_and_say_how_many),
      RULE(test_wants_outside_the_audience_are_refused),
      RULE(test_names_without_end_are_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
