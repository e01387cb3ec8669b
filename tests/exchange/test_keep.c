// What the store has no room for, and forks in the middle of a chain.
#include <stdlib.h>

#include "../wf_test.h"
#include "net.h"

#define MS WF_NS_PER_MS
#define S WF_NS_PER_S

static net *started(const net_config *c, uint32_t stores_max) {
  net *n = net_new(c);
  for (uint32_t i = 0; i < c->nodes; i++) {
    if (i == 0) n->node[i].config.stores_max = stores_max;
    net_start(n, i);
  }
  net_run(n, 2 * S);
  return n;
}

static void finished(net *n) {
  if (!n->failure[0]) net_check_all(n);
  if (n->failure[0]) print_error("%s\n", n->failure);
  assert_string_equal(n->failure, "");
  net_free(n);
}

static void say(net *n, uint32_t node, const wf_audience *a, size_t size) {
  static uint8_t payload[4096];
  memset(payload, 'x', size);
  net_publish(n, node, a, WF_STREAM_ALERTS, WF_PRIORITY_LAUNCH, (wf_bytes){payload, size});
}

static wf_stream_view own_stream(const net *n) {
  wf_stream_view v[8];
  assert_int_equal(wf_exchange_streams(n->node[0].x, v, 8), 1);
  return v[0];
}

// ---- The store

// Eight writes at a time, each takes a second, and nobody else to have it from.
static void test_own_records_wait_for_a_slow_store(void **state) {
  net_config c;
  net_defaults(&c);
  c.nodes = 2;
  c.sync_delay_ns = 1 * S;
  net *n = started(&c, 8);
  const wf_audience a = net_audience("JPN KOR");
  net_cut(n, 0, 1, true);
  for (int i = 0; i < 100; i++, net_run(n, 10 * MS)) say(n, 0, &a, 100);
  assert_true(own_stream(n).durable < 40);
  assert_true(n->node[0].alarms[WF_ALARM_OVERLOAD] > 0);
  net_run(n, 40 * S);
  assert_int_equal(n->node[0].alarms[WF_ALARM_STORE_FAILED], 0);
  assert_int_equal(own_stream(n).durable, 100);
  net_cut(n, 0, 1, false);
  net_run(n, 40 * S);
  assert_int_equal(net_delivered(n, 1), 100);
  assert_int_equal(own_stream(n).acknowledged[0], 100);
  finished(n);
}

// The same, and memory is too small for what waits: the node goes on at once under a new epoch and says that it is not
// durable; when the store works again, what it had to let go comes back from a partner.
static void test_memory_full_of_what_waits(void **state) {
  net_config c;
  net_defaults(&c);
  c.nodes = 2;
  net *n = started(&c, 8);
  n->config.sync_delay_ns = 60 * S;
  const wf_audience a = net_audience("JPN KOR");
  const uint64_t epoch = wf_exchange_epoch(n->node[0].x);
  enum { COUNT = 1500 };  // of 2 kB, in 2 MB
  for (int i = 0; i < COUNT; i++, net_run(n, 5 * MS)) say(n, 0, &a, 2000);
  net_run(n, 1 * S);
  assert_true(wf_exchange_epoch(n->node[0].x) > epoch);
  assert_int_equal(n->node[0].alarms[WF_ALARM_STORE_FAILED], 1);
  assert_int_equal(net_delivered(n, 0), COUNT);
  net_run(n, 70 * S);
  assert_int_equal(net_delivered(n, 1), COUNT);
  n->config.sync_delay_ns = 4 * MS;
  net_run(n, 100 * S);
  assert_int_equal(n->node[0].disk.count, n->node[1].disk.count);
  finished(n);
}

// ---- Forks

enum { FORKED = 10, SAID = 30, LATER = 800, MANY = 60 };
static uint64_t forks;  // consecutive bundles that are said otherwise to KOR

// To KOR JPN says some of its bundles otherwise, properly signed and chained, however often they are asked for.
static bool fork_for_kor(net *n, uint32_t from, uint32_t to, uint8_t *bytes, size_t *size) {
  static wf_frame frame;
  static uint8_t told[FORKED + MANY][WF_HASH_SIZE];  // hashes of those that were changed, by number
  char reason[WF_REASON_SIZE];
  uint8_t hash[WF_HASH_SIZE], message[WF_SIGN_MESSAGE_SIZE];
  wf_bundle b;
  if (to == 0 && from == 1 && wf_frame_decode((wf_bytes){bytes, *size}, &frame, reason) == WF_OK &&
      frame.kind == WF_FRAME_HELLO) {
    uint8_t again[256];
    frame.hello.version = 1;  // it gets whole bundles
    assert_int_equal(wf_frame_encode(&frame, again, sizeof again, size), WF_OK);
    memcpy(bytes, again, *size);
  }
  if (from != 0 || to != 1 || wf_frame_decode((wf_bytes){bytes, *size}, &frame, reason) != WF_OK ||
      wf_frame_bundle(&frame, &b, reason) != WF_OK || b.first < FORKED || b.first >= FORKED + forks ||
      wf_nation_compare(b.stream.origin, net_nation(0)) != 0 || b.body.data[b.body.size - 1] != 'x')
    return true;
  uint8_t *body = bytes + (b.body.data - bytes);
  body[b.body.size - 1] ^= 1;  // of the payload
  if (b.first > FORKED)
    for (uint8_t *at = body; at < body + b.body.size - WF_HASH_SIZE; at++)
      if (memcmp(at, b.previous_hash, WF_HASH_SIZE) == 0) {
        memcpy(at, told[b.first - 1], WF_HASH_SIZE);
        break;
      }
  wf_bundle_hash(b.body, hash);
  memcpy(told[b.first], hash, WF_HASH_SIZE);
  wf_bundle_sign_message(hash, message);
  net_sign(net_nation(0), (wf_bytes){message, sizeof message}, bytes + (b.signature - bytes));
  return true;
}

static unsigned versions(const net *n, uint32_t node, uint64_t number) {
  unsigned count = 0;
  for (size_t i = 0; i < n->node[node].disk.count; i++) {
    const wf_stored_row *row = &n->node[node].disk.rows[i].row;
    count += row->first == number && wf_nation_compare(row->stream.origin, net_nation(0)) == 0;
  }
  return count;
}

// KOR and USA do not meet before both versions have long left every memory.
static net *forked(uint64_t bundles, int said, bool ends_there) {
  net_config c;
  net_defaults(&c);
  net *n = net_new(&c);
  forks = bundles;
  n->tamper = fork_for_kor;
  for (uint32_t i = 0; i < 3; i++) net_start(n, i);
  net_cut(n, 1, 2, true);
  net_run(n, 2 * S);
  const wf_audience a = net_audience("JPN KOR USA");
  for (int i = 0; i < said; i++, net_run(n, 10 * MS)) say(n, 0, &a, 100);
  for (int i = 0; i < LATER && !ends_there; i++, net_run(n, 10 * MS)) say(n, 0, &a, 3000);
  net_run(n, 5 * S);
  return n;
}

static void check_evidence(net *n, uint64_t bundles) {
  for (uint32_t i = 0; i < 3; i++) {
    assert_true(n->node[i].alarms[WF_ALARM_EQUIVOCATION] > 0);
    for (uint64_t number = FORKED; number < FORKED + bundles; number++) assert_int_equal(versions(n, i, number), 2);
    assert_int_equal(versions(n, i, FORKED - 1), 1);
    assert_int_equal(net_delivered(n, i), net_delivered(n, 0));
  }
  for (uint64_t number = FORKED; number < FORKED + bundles; number++) {
    const uint8_t *hash[3] = {NULL, NULL, NULL};
    for (uint32_t i = 0; i < 3; i++)
      for (size_t k = 0; k < n->node[i].record_count; k++)
        if (n->node[i].records[k].sequence == number) hash[i] = n->node[i].records[k].delivered_hash;
    assert_memory_equal(hash[0], hash[1], WF_HASH_SIZE);
    assert_memory_equal(hash[0], hash[2], WF_HASH_SIZE);
  }
  assert_string_equal(n->failure, "");
  net_free(n);
}

static void test_fork_in_mid_chain(void **state) {
  net *n = forked(1, SAID, false);
  assert_true(n->node[1].alarms[WF_ALARM_BAD_CHAIN] > 0);
  assert_int_equal(versions(n, 1, FORKED), 1);  // asked for, and told the same again
  assert_int_equal(n->node[2].alarms[WF_ALARM_EQUIVOCATION], 0);
  net_cut(n, 1, 2, false);
  net_run(n, 60 * S);
  check_evidence(n, 1);
}

// A second line of bundles that is whole in itself and comes back to the first at its end.
static void test_fork_of_many_bundles(void **state) {
  net *n = forked(8, SAID, false);
  net_cut(n, 1, 2, false);
  net_run(n, 120 * S);
  check_evidence(n, 8);
}

// … and one that never comes back.
static void test_fork_to_the_end(void **state) {
  net *n = forked(SAID - FORKED + 1, SAID, true);
  net_cut(n, 1, 2, false);
  net_run(n, 120 * S);
  check_evidence(n, SAID - FORKED + 1);
}

// More than there is room for: the rest is alarmed, and does not go round for ever.
static void test_very_many_forks_do_not_echo(void **state) {
  net *n = forked(MANY, FORKED + MANY, false);
  net_cut(n, 1, 2, false);
  net_run(n, 200 * S);
  for (uint32_t i = 0; i < 3; i++) {
    assert_true(n->node[i].alarms[WF_ALARM_EQUIVOCATION] > 0);
    assert_int_equal(net_delivered(n, i), net_delivered(n, 0));
  }
  const uint64_t before = n->bytes;
  net_run(n, 100 * S);
  assert_true(n->bytes - before < 6 * 100 * 2500);  // pings, and a number asked for now and then
  assert_string_equal(n->failure, "");
  net_free(n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_own_records_wait_for_a_slow_store),
      cmocka_unit_test(test_memory_full_of_what_waits),
      cmocka_unit_test(test_fork_in_mid_chain),
      cmocka_unit_test(test_fork_of_many_bundles),
      cmocka_unit_test(test_fork_to_the_end),
      cmocka_unit_test(test_very_many_forks_do_not_echo),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
