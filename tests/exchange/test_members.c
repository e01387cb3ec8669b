// Nations that join, are suspended and are revoked while the others go on: one rule per test.
#include "../wf_test.h"
#include "net.h"

#define MS WF_NS_PER_MS
#define S WF_NS_PER_S

static const wf_bytes HELLO = {(const uint8_t *)"hello", 5};
enum { JPN, KOR, USA, AUS };

static net *started(uint32_t nodes) {
  net_config c;
  net_defaults(&c);
  c.nodes = nodes;
  c.seed = 11;
  net *n = net_new(&c);
  for (uint32_t i = 0; i < nodes; i++) net_start(n, i);
  net_run(n, 2 * S);
  return n;
}

static void is(net *n, uint32_t at, uint32_t who, wf_membership membership) {
  net_input(n, at, (wf_exchange_input){.kind = WF_XI_PARTNER, .nation = net_nation(who), .token = membership});
}

static bool say(net *n, uint32_t who, const char *audience) {
  const wf_audience a = net_audience(audience);
  return net_publish(n, who, &a, WF_STREAM_ALERTS, WF_PRIORITY_WARNING, HELLO);
}

static wf_membership membership_of(net *n, uint32_t at, uint32_t who) {
  wf_link_view l[8];
  const size_t count = wf_exchange_links(n->node[at].x, l, 8);
  for (size_t i = 0; i < count; i++)
    if (wf_nation_compare(l[i].nation, net_nation(who)) == 0) return l[i].membership;
  return 0;
}

static void fine(net *n) {
  if (n->failure[0]) print_error("%s\n", n->failure);
  assert_string_equal(n->failure, "");
  net_free(n);
}

static void test_a_fourth_joins(void **state) {
  net_config c;
  net_defaults(&c);
  c.nodes = 4;
  net *n = net_new(&c);
  for (uint32_t i = JPN; i <= USA; i++) {  // they do not know of AUS; partners are in the order of nodes, AUS last
    n->node[i].config.partner_count = 2;
    net_start(n, i);
  }
  net_run(n, 2 * S);
  for (int i = 0; i < 20; i++) {
    say(n, JPN, "JPN KOR USA");
    say(n, JPN, "AUS JPN KOR USA");  // said before it is a partner: it gets it later
    net_run(n, 10 * MS);
  }
  for (uint32_t i = JPN; i <= USA; i++) is(n, i, AUS, WF_MEMBER);
  net_start(n, AUS);
  net_run(n, 3 * S);
  assert_int_equal(net_delivered(n, AUS), 20);
  for (uint32_t i = JPN; i <= AUS; i++) assert_true(say(n, i, "AUS JPN KOR USA"));
  net_run(n, 1 * S);
  assert_int_equal(net_delivered(n, AUS), 24);
  assert_int_equal(net_delivered(n, JPN), 44);
  assert_int_equal(membership_of(n, JPN, AUS), WF_MEMBER);
  net_check_all(n);
  fine(n);
}

static void test_suspended_and_back(void **state) {
  net *n = started(3);
  say(n, JPN, "JPN KOR USA");
  say(n, KOR, "JPN KOR USA");
  net_run(n, 1 * S);
  is(n, JPN, KOR, WF_MEMBER_SUSPENDED);
  is(n, USA, KOR, WF_MEMBER_SUSPENDED);
  net_run(n, 1 * S);
  assert_true(n->node[KOR].alarms[WF_ALARM_LINK_LOST] >= 2);
  assert_false(say(n, JPN, "JPN KOR USA"));  // the others would pass it on
  assert_true(say(n, JPN, "JPN USA"));
  say(n, KOR, "JPN KOR USA");
  net_run(n, 3 * S);
  assert_int_equal(net_delivered(n, JPN), 3);
  assert_int_equal(net_delivered(n, USA), 3);
  assert_int_equal(net_delivered(n, KOR), 3);
  is(n, JPN, KOR, WF_MEMBER);
  is(n, USA, KOR, WF_MEMBER);
  net_run(n, 3 * S);
  assert_true(say(n, JPN, "JPN KOR USA"));
  net_run(n, 2 * S);
  assert_int_equal(net_delivered(n, JPN), 5);  // what was said meanwhile, and the last
  assert_int_equal(net_delivered(n, KOR), 4);
  net_check_all(n);
  fine(n);
}

// JPN alone revokes: USA goes on with KOR and passes its alerts on, which JPN does not take any more.
static void test_revoked(void **state) {
  net *n = started(3);
  say(n, KOR, "JPN KOR USA");
  net_run(n, 1 * S);
  assert_int_equal(net_delivered(n, JPN), 1);
  is(n, JPN, KOR, WF_MEMBER_REVOKED);
  say(n, KOR, "JPN KOR USA");
  net_run(n, 3 * S);
  say(n, KOR, "JPN KOR USA");
  net_run(n, 3 * S);
  assert_int_equal(net_delivered(n, USA), 3);
  assert_int_equal(net_delivered(n, JPN), 1);  // what was verified before stays
  assert_int_equal(n->node[JPN].disk.count, 1);
  assert_int_equal(n->node[JPN].alarms[WF_ALARM_REFUSED_INPUT], 1);
  assert_int_equal(membership_of(n, JPN, KOR), WF_MEMBER_REVOKED);
  assert_true(n->node[USA].x && membership_of(n, USA, KOR) == WF_MEMBER);
  fine(n);
}

// What was said and not yet signed when its nation was revoked is taken back.
static void test_revoked_between_part_and_seal(void **state) {
  net_config c;
  net_defaults(&c);
  c.nodes = 2;
  c.sign_ns = 300 * MS;
  net *n = net_new(&c);
  net_start(n, JPN);
  net_start(n, KOR);
  net_run(n, 2 * S);
  say(n, KOR, "JPN KOR");
  net_run(n, 100 * MS);
  assert_int_equal(net_delivered(n, JPN), 1);
  is(n, JPN, KOR, WF_MEMBER_REVOKED);
  assert_int_equal(net_delivered(n, JPN), 0);
  net_run(n, 3 * S);
  assert_int_equal(net_delivered(n, JPN), 0);
  fine(n);
}

static void test_nobody_revokes_itself(void **state) {
  net *n = started(2);
  is(n, JPN, JPN, WF_MEMBER_REVOKED);
  is(n, JPN, KOR, 7);
  assert_true(say(n, JPN, "JPN KOR"));
  net_run(n, 1 * S);
  assert_int_equal(net_delivered(n, KOR), 1);
  fine(n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_fourth_joins),
      cmocka_unit_test(test_suspended_and_back),
      cmocka_unit_test(test_revoked),
      cmocka_unit_test(test_revoked_between_part_and_seal),
      cmocka_unit_test(test_nobody_revokes_itself),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
