// What is said before it is signed: one rule per test, in the simulated world of net.h.
#include <string.h>

#include "../wf_test.h"
#include "net.h"

#define MS WF_NS_PER_MS
#define S WF_NS_PER_S

static const wf_bytes HELLO = {(const uint8_t *)"hello", 5};

static net *started(uint32_t nodes, int64_t sign_ns) {
  net_config c;
  net_defaults(&c);
  c.nodes = nodes;
  c.seed = 7;
  c.sign_ns = sign_ns;
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

static uint64_t acknowledged(const net *n, uint32_t node) {
  wf_stream_view v[4];
  return wf_exchange_streams(n->node[node].x, v, 4) == 1 ? v[0].acknowledged[0] : UINT64_MAX;
}

static void test_shown_before_signed_stored_after(void **state) {
  net *n = started(2, 300 * MS);
  const wf_audience a = net_audience("JPN KOR");
  for (int i = 0; i < 5; i++) net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_WARNING, HELLO);
  assert_int_equal(net_delivered(n, 0), 5);
  net_run(n, 30 * MS);
  assert_int_equal(net_delivered(n, 1), 5);
  assert_int_equal(n->node[1].disk.count, 0);
  assert_int_equal(acknowledged(n, 0), 0);
  net_run(n, 800 * MS);  // the first, and then the other four under one signature
  assert_int_equal(n->node[1].disk.count, 2);
  assert_int_equal(acknowledged(n, 0), 5);
  assert_int_equal(net_delivered(n, 1), 5);
  finished(n);
}

static void test_never_signed_is_taken_back(void **state) {
  net *n = started(2, 50000);
  n->config.sign_ns = 3600 * S;
  const wf_audience a = net_audience("JPN KOR");
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_WARNING, HELLO);
  net_run(n, 1500 * MS);
  assert_int_equal(net_delivered(n, 1), 1);
  net_run(n, 1 * S);
  assert_int_equal(net_delivered(n, 1), 0);
  assert_int_equal(n->node[1].alarms[WF_ALARM_BAD_SIGNATURE], 1);
  assert_int_equal(n->node[0].alarms[WF_ALARM_LINK_LOST], 1);
  assert_int_equal(n->node[1].disk.count, 0);
  assert_string_equal(n->failure, "");
  net_free(n);
}

static void test_author_dies_before_it_signs(void **state) {
  net *n = started(2, 300 * MS);
  const wf_audience a = net_audience("JPN KOR");
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_WARNING, HELLO);
  net_run(n, 100 * MS);
  net_crash(n, 0);
  assert_int_equal(net_delivered(n, 1), 1);
  net_run(n, 4 * S);
  assert_int_equal(net_delivered(n, 1), 1);  // it may still come another way
  net_run(n, 2 * S);
  assert_int_equal(net_delivered(n, 1), 0);
  assert_int_equal(n->node[1].alarms[WF_ALARM_BAD_SIGNATURE], 0);  // nobody's fault
  net_start(n, 0);
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_WARNING, HELLO);
  net_run(n, 3 * S);
  assert_int_equal(net_delivered(n, 1), 1);
  finished(n);
}

// JPN's link to KOR is cut between part and seal: the bundle comes through USA, and nothing is delivered twice.
static void test_seal_lost_with_its_link(void **state) {
  net *n = started(3, 100 * MS);
  const wf_audience a = net_audience("JPN KOR USA");
  net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_WARNING, HELLO);
  net_run(n, 50 * MS);
  assert_int_equal(net_delivered(n, 1), 1);
  net_cut(n, 0, 1, true);
  net_run(n, 1 * S);
  assert_int_equal(net_delivered(n, 1), 1);
  assert_int_equal(n->node[1].disk.count, 1);
  net_run(n, 10 * S);
  assert_int_equal(net_delivered(n, 1), 1);
  net_cut(n, 0, 1, false);
  net_run(n, 5 * S);
  finished(n);
}

static bool as_version_1(net *n, uint32_t from, uint32_t to, uint8_t *bytes, size_t *size) {
  static wf_frame frame;
  char reason[WF_REASON_SIZE];
  if (wf_frame_decode((wf_bytes){bytes, *size}, &frame, reason) != WF_OK) return true;
  if (to == 1 && (frame.kind == WF_FRAME_PART || frame.kind == WF_FRAME_SEAL))
    net_fail(n, "a partner of version 1 was sent a frame of version 2");
  if (from != 1 || frame.kind != WF_FRAME_HELLO) return true;
  uint8_t again[256];
  frame.hello.version = 1;
  assert_int_equal(wf_frame_encode(&frame, again, sizeof again, size), WF_OK);
  memcpy(bytes, again, *size);
  return true;
}

static void test_version_1_gets_whole_bundles(void **state) {
  net_config c;
  net_defaults(&c);
  net *n = net_new(&c);
  n->tamper = as_version_1;
  for (uint32_t i = 0; i < 3; i++) net_start(n, i);
  net_run(n, 2 * S);
  const wf_audience a = net_audience("JPN KOR USA");
  for (int i = 0; i < 50; i++) {
    for (uint32_t k = 0; k < 3; k++) net_publish(n, k, &a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, HELLO);
    net_run(n, 5 * MS);
  }
  net_run(n, 2 * S);
  for (uint32_t k = 0; k < 3; k++) assert_int_equal(net_delivered(n, k), 150);
  finished(n);
}

// ---- Parts that a partner gets wrong
static uint64_t parts;
static bool skip_second_part(net *n, uint32_t from, uint32_t to, uint8_t *bytes, size_t *size) {
  static wf_frame frame;
  char reason[WF_REASON_SIZE];
  return from != 0 || wf_frame_decode((wf_bytes){bytes, *size}, &frame, reason) != WF_OK ||
         frame.kind != WF_FRAME_PART || ++parts != 3;
}

static void test_a_missing_part_closes_the_link(void **state) {
  net *n = started(2, 300 * MS);
  const wf_audience a = net_audience("JPN KOR");
  parts = 0;
  n->tamper = skip_second_part;
  for (int i = 0; i < 4; i++) net_publish(n, 0, &a, WF_STREAM_ALERTS, WF_PRIORITY_WARNING, HELLO);
  net_run(n, 100 * MS);
  assert_int_equal(n->node[1].alarms[WF_ALARM_MALFORMED], 1);
  assert_int_equal(net_delivered(n, 1), 2);
  net_run(n, 10 * S);
  assert_int_equal(net_delivered(n, 1), 4);
  finished(n);
}

static void test_slow_partner_gets_whole_bundles(void **state) {
  net *n = started(2, 5 * MS);
  const wf_audience a = net_audience("JPN KOR");
  static const uint8_t payload[900];
  n->node[1].stalled = true;
  for (int i = 0; i < 3000; i++) {
    net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION, (wf_bytes){payload, sizeof payload});
    if (i % 10 == 0) net_run(n, 1 * MS);
  }
  n->node[1].stalled = false;
  net_run(n, 10 * S);
  assert_int_equal(net_delivered(n, 1), 3000);
  finished(n);
}

// Records that wait for the epoch go out in several bodies in one step; each as it was said.
static void test_many_at_once(void **state) {
  net_config c;
  net_defaults(&c);
  c.nodes = 2;
  net *n = net_new(&c);
  const wf_audience a = net_audience("JPN KOR");
  net_start(n, 1);
  net_start(n, 0);
  for (int i = 0; i < 900; i++)
    assert_true(net_publish(n, 0, &a, WF_STREAM_CONTRIBUTIONS, WF_PRIORITY_CONTRIBUTION,
                            (wf_bytes){(const uint8_t *)&i, sizeof i}));
  net_run(n, 3 * S);
  for (uint32_t k = 0; k < 2; k++) assert_int_equal(net_delivered(n, k), 900);
  for (uint32_t i = 0; i < 900; i++)
    assert_memory_equal(n->node[0].records[i].delivered_hash, n->node[1].records[i].delivered_hash, WF_HASH_SIZE);
  finished(n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_shown_before_signed_stored_after), cmocka_unit_test(test_never_signed_is_taken_back),
      cmocka_unit_test(test_author_dies_before_it_signs),      cmocka_unit_test(test_seal_lost_with_its_link),
      cmocka_unit_test(test_version_1_gets_whole_bundles),     cmocka_unit_test(test_a_missing_part_closes_the_link),
      cmocka_unit_test(test_slow_partner_gets_whole_bundles),  cmocka_unit_test(test_many_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
