// One rule of the exchange per test, in the simulated world of net.h.
#include <stdlib.h>

#include "../wf_test.h"
#include "net.h"

#define MS WF_NS_PER_MS
#define S WF_NS_PER_S

static const wf_bytes HELLO = {(const uint8_t *)"hello", 5};

static net *started(uint32_t nodes) {
  net_config c;
  net_defaults(&c);
  c.nodes = nodes;
  c.seed = 7;
  net *n = net_new(&c);
  for (uint32_t i = 0; i < nodes; i++) net_start(n, i);
  net_run(n, 2 * S);
  return n;
}

static void finished(net *n) {
  if (!n->failure[0]) net_check_all(n);
  if (n->failure[0]) print_error("%s\n", n->failure);
  assert_string_equal(n->failure, "");
  net_free(n);
}

static void test_two_nodes(void **state) {
  net *n = started(2);
  const wf_audience a = net_audience("JPN KOR");
  for (int i = 0; i < 10; i++)
    assert_true(net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO));
  net_run(n, 30 * MS);
  assert_int_equal(net_delivered(n, 1), 10);  // one way is 20 to 25 ms
  net_run(n, 1 * S);
  wf_stream_view v[4];
  assert_int_equal(wf_exchange_streams(n->node[0].x, v, 4), 1);
  assert_int_equal(v[0].acknowledged[0], 10);
  assert_int_equal(v[0].durable, 10);
  wf_link_view l[2];
  assert_int_equal(wf_exchange_links(n->node[0].x, l, 2), 1);
  assert_true(l[0].up[0] && l[0].up[1]);
  assert_true(l[0].round_trip_ms >= 40 && l[0].round_trip_ms < 55);
  assert_true(l[0].clock_offset_ms > -10 && l[0].clock_offset_ms < 10);
  finished(n);
}

static void test_no_duplicates_when_healthy(void **state) {
  net *n = started(3);
  const wf_audience a = net_audience("JPN KOR USA");
  for (int i = 0; i < 500; i++) {
    for (uint32_t k = 0; k < 3; k++) net_publish(n, k, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
    net_run(n, 10 * MS);
  }
  net_run(n, 3 * S);
  wf_link_view l[2];
  for (uint32_t k = 0; k < 3; k++) {
    assert_int_equal(wf_exchange_links(n->node[k].x, l, 2), 2);
    assert_int_equal(l[0].duplicates + l[1].duplicates, 0);
    assert_int_equal(net_delivered(n, k), 1500);
  }
  finished(n);
}

static void test_audience(void **state) {
  net *n = started(3);
  const wf_audience a = net_audience("JPN USA");
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_WARNING, HELLO);
  net_run(n, 2 * S);
  assert_int_equal(net_delivered(n, 1), 0);
  assert_int_equal(net_delivered(n, 2), 1);
  finished(n);
}

static void test_relay_within_a_second(void **state) {
  net *n = started(3);
  const wf_audience a = net_audience("JPN KOR USA");
  net_cut(n, 0, 1, true);
  net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 60 * MS);  // the alert floods: two hops
  assert_true(net_delivered(n, 1) >= 1);
  net_run(n, 240 * MS);
  assert_int_equal(net_delivered(n, 1), 2);
  net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
  net_run(n, 60 * MS);  // and now everything is passed on as it comes
  assert_int_equal(net_delivered(n, 1), 3);
  net_cut(n, 0, 1, false);
  net_run(n, 2 * S);
  wf_link_view l[2];
  wf_exchange_links(n->node[1].x, l, 2);
  const uint64_t before = l[0].duplicates + l[1].duplicates;
  for (int i = 0; i < 100; i++) {
    net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
    net_run(n, 10 * MS);
  }
  wf_exchange_links(n->node[1].x, l, 2);
  assert_int_equal(l[0].duplicates + l[1].duplicates, before);
  net_run(n, 2 * S);
  finished(n);
}

static void test_outage_and_backfill(void **state) {
  net *n = started(2);
  const wf_audience a = net_audience("JPN KOR");
  net_cut(n, 0, 1, true);
  for (int i = 0; i < 6000; i++) {
    net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
    net_run(n, 10 * MS);
  }
  assert_int_equal(net_delivered(n, 1), 0);
  net_cut(n, 0, 1, false);
  net_run(n, 1 * S);
  net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
  net_run(n, 10 * S);
  assert_int_equal(net_delivered(n, 1), 6001);
  finished(n);
}

static void test_restart(void **state) {
  net *n = started(3);
  const wf_audience a = net_audience("JPN KOR USA");
  for (int i = 0; i < 50; i++) {
    net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
    net_run(n, 7 * MS);
  }
  const uint64_t before = wf_exchange_epoch(n->node[0].x);
  net_crash(n, 0);
  net_run(n, 100 * MS);
  net_start(n, 0);
  assert_true(wf_exchange_epoch(n->node[0].x) > before);
  for (int i = 0; i < 50; i++) {
    net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
    net_run(n, 7 * MS);
  }
  net_run(n, 15 * S);
  finished(n);
}

static void test_lost_store(void **state) {
  net *n = started(3);
  const wf_audience a = net_audience("JPN KOR USA");
  for (int i = 0; i < 20; i++) net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 1 * S);
  net_crash(n, 0);
  net_lose_disk(n, 0);
  net_run(n, 1 * S);
  net_start(n, 0);
  net_run(n, 10 * MS);
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);  // warns at once
  net_run(n, 20 * S);
  assert_int_equal(net_delivered(n, 0), net_delivered(n, 1));
  assert_true(net_delivered(n, 1) >= 21);
  finished(n);
}

static void test_lost_store_and_slow_clock(void **state) {
  net *n = started(2);
  const wf_audience a = net_audience("JPN KOR");
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 1 * S);
  const uint64_t before = wf_exchange_epoch(n->node[0].x);
  net_crash(n, 0);
  net_lose_disk(n, 0);
  n->node[0].clock_offset_ns = -1000 * S;
  net_start(n, 0);
  net_run(n, 5 * S);
  assert_true(wf_exchange_epoch(n->node[0].x) > before);  // told by its partner
  assert_true(n->node[0].alarms[WF_ALARM_TWIN] > 0);
  assert_true(n->node[1].alarms[WF_ALARM_CLOCK] > 0);
  n->node[0].clock_offset_ns = 0;
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 10 * S);
  finished(n);
}

// A node that lost its store and its clock says two things under one number, to two partners that are apart.
static void test_equivocation_is_found_and_settled(void **state) {
  for (int who_first = 0; who_first < 2; who_first++) {
    net_config c;
    net_defaults(&c);
    c.seed = 3;
    net *n = net_new(&c);
    const wf_audience a = net_audience("JPN KOR USA");
    const char *const said[2] = {"the one", "the other"};
    net_start(n, 1);
    net_start(n, 2);
    net_cut(n, 1, 2, true);
    net_cut(n, 0, 1, true);
    net_start(n, 0);
    const int64_t began_ns = n->mono_ns;
    net_run(n, 2 * S);
    net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH,
                (wf_bytes){(const uint8_t *)said[who_first], strlen(said[who_first])});
    net_run(n, 1 * S);
    const uint64_t epoch = wf_exchange_epoch(n->node[0].x);
    net_crash(n, 0);
    net_lose_disk(n, 0);
    net_cut(n, 0, 2, true);
    net_cut(n, 0, 1, false);
    net_run(n, 1 * S);
    n->node[0].clock_offset_ns = began_ns - n->mono_ns;
    net_start(n, 0);
    assert_int_equal(wf_exchange_epoch(n->node[0].x), epoch);
    net_run(n, 2 * S);
    net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH,
                (wf_bytes){(const uint8_t *)said[!who_first], strlen(said[!who_first])});
    net_run(n, 1 * S);
    assert_int_equal(net_delivered(n, 1) + net_delivered(n, 2), 2);
    net_cut(n, 0, 2, false);
    net_cut(n, 1, 2, false);
    net_run(n, 5 * S);
    const net_record *winner = &n->node[1].records[0];
    for (uint32_t i = 0; i < 3; i++) {
      assert_int_equal(n->node[i].alarms[WF_ALARM_EQUIVOCATION], 1);
      assert_int_equal(net_delivered(n, i), 1);
      assert_int_equal(n->node[i].record_count, 1);
      assert_memory_equal(n->node[i].records[0].delivered_hash, winner->delivered_hash, WF_HASH_SIZE);
      assert_int_equal(n->node[i].disk.count, 2);  // both are kept
    }
    assert_string_equal(n->failure, "");
    net_free(n);
  }
}

static void test_slow_reader_costs_little(void **state) {
  net *n = started(3);
  const wf_audience a = net_audience("JPN KOR USA");
  static const uint8_t payload[200];
  net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, (wf_bytes){payload, sizeof payload});
  const size_t before = wf_exchange_memory_bytes(n->node[0].x);
  n->node[1].stalled = true;
  for (int i = 1; i < 20000; i++) {
    net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, (wf_bytes){payload, sizeof payload});
    net_run(n, 2 * MS);
  }
  wf_link_view l[2];
  wf_exchange_links(n->node[0].x, l, 2);
  assert_true(l[0].queued_bytes <= n->config.queue_bytes);
  assert_int_equal(wf_exchange_memory_bytes(n->node[0].x), before);
  net_run(n, 100 * MS);
  assert_int_equal(net_delivered(n, 2), 20000);
  n->node[1].stalled = false;
  net_run(n, 30 * S);
  assert_int_equal(net_delivered(n, 1), 20000);
  finished(n);
}

static bool spoil_signature(net *n, uint32_t from, uint32_t to, uint8_t *bytes, size_t *size) {
  char reason[WF_REASON_SIZE];
  static wf_frame frame;
  if (from != 0 || wf_frame_decode((wf_bytes){bytes, *size}, &frame, reason) != WF_OK) return true;
  if (frame.kind == WF_FRAME_DELIVER || frame.kind == WF_FRAME_SEAL) bytes[*size - 1] ^= 1;  // the signature is last
  return true;
}

static void test_bad_signature_is_retracted(void **state) {
  net *n = started(2);
  const wf_audience a = net_audience("JPN KOR");
  n->tamper = spoil_signature;
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 100 * MS);
  assert_true(n->node[1].alarms[WF_ALARM_BAD_SIGNATURE] > 0);
  assert_int_equal(net_delivered(n, 1), 0);
  assert_int_equal(n->node[1].disk.count, 0);
  n->tamper = NULL;
  net_run(n, 5 * S);
  assert_int_equal(net_delivered(n, 1), 1);
  finished(n);
}

static void test_mode_mismatch(void **state) {
  net_config c;
  net_defaults(&c);
  c.nodes = 2;
  net *n = net_new(&c);
  n->node[1].config.mode = WF_MODE_LIVE;
  net_start(n, 0);
  net_start(n, 1);
  net_run(n, 3 * S);
  const wf_audience a = net_audience("JPN KOR");
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 3 * S);
  assert_true(n->node[0].alarms[WF_ALARM_MODE_MISMATCH] > 0);
  assert_true(n->node[1].alarms[WF_ALARM_MODE_MISMATCH] > 0);
  assert_int_equal(net_delivered(n, 1), 0);
  net_free(n);
}

static void test_full_disk_does_not_stop_warnings(void **state) {
  net *n = started(2);
  const wf_audience a = net_audience("JPN KOR");
  n->node[0].disk.full = true;
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 1 * S);
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 1 * S);
  assert_int_equal(n->node[0].alarms[WF_ALARM_STORE_FAILED], 1);
  assert_int_equal(net_delivered(n, 1), 2);
  n->node[0].disk.full = false;
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 10 * S);
  assert_int_equal(net_delivered(n, 1), 3);
  finished(n);
}

static void test_impossible_times_are_set_aside(void **state) {
  net *n = started(2);
  const wf_audience a = net_audience("JPN KOR");
  n->node[0].clock_offset_ns = 2 * 3600 * S;
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
  net_run(n, 1 * S);
  assert_int_equal(n->node[1].alarms[WF_ALARM_QUARANTINED_TIME], 1);
  assert_int_equal(net_delivered(n, 1), 0);
  assert_int_equal(n->node[1].disk.count, 1);  // kept all the same
  net_free(n);
}

static void test_bundles_grow_under_load(void **state) {
  net *n = started(2);
  const wf_audience a = net_audience("JPN KOR");
  for (int i = 0; i < 100; i++) net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, HELLO);
  net_run(n, 1 * S);
  assert_true(n->node[1].disk.count <= 3);  // one record at once, the others while its signature was made
  assert_int_equal(net_delivered(n, 1), 100);
  finished(n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two_nodes),
      cmocka_unit_test(test_no_duplicates_when_healthy),
      cmocka_unit_test(test_audience),
      cmocka_unit_test(test_relay_within_a_second),
      cmocka_unit_test(test_outage_and_backfill),
      cmocka_unit_test(test_restart),
      cmocka_unit_test(test_lost_store),
      cmocka_unit_test(test_lost_store_and_slow_clock),
      cmocka_unit_test(test_equivocation_is_found_and_settled),
      cmocka_unit_test(test_slow_reader_costs_little),
      cmocka_unit_test(test_bad_signature_is_retracted),
      cmocka_unit_test(test_mode_mismatch),
      cmocka_unit_test(test_full_disk_does_not_stop_warnings),
      cmocka_unit_test(test_impossible_times_are_set_aside),
      cmocka_unit_test(test_bundles_grow_under_load),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
