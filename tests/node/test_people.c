// Products wait for two different people; the ledger says what sharing was worth.
#include "../wf_test.h"
#include "nations.h"

static const wf_product NO_PRODUCT;
static const wf_value_entry NO_ENTRY;

static const wf_product *newest(nations *n, uint32_t node) {
  const wf_product *products[64];
  const size_t count = wf_node_products(nations_node(n, node), products, 64);
  return count > 0 ? products[count - 1] : &NO_PRODUCT;
}

static const wf_product *first(nations *n, uint32_t node) {
  const wf_product *products[64];
  return wf_node_products(nations_node(n, node), products, 64) > 0 ? products[0] : &NO_PRODUCT;
}

static void two_people_release_a_product(void **state) {
  nations n;
  nations_prepare(&n, 2);
  nations_start(&n);
  nations_run(&n, 30);
  const wf_product *p = first(&n, 0);
  const uint64_t id = p->id;
  assert_true(id != 0);
  assert_int_equal(p->state, WF_PRODUCT_PROPOSED);
  assert_int_equal(wf_world_decide(n.world, 0, id, WF_DECISION_CONFIRM, "first officer"), WF_OK);
  assert_int_equal(first(&n, 0)->state, WF_PRODUCT_FIRST_CONFIRMED);
  wf_world_decide(n.world, 0, id, WF_DECISION_CONFIRM, "first officer");  // the same person again
  assert_int_equal(first(&n, 0)->state, WF_PRODUCT_FIRST_CONFIRMED);
  wf_world_decide(n.world, 0, id, WF_DECISION_CONFIRM, "");  // nobody
  assert_int_equal(first(&n, 0)->state, WF_PRODUCT_FIRST_CONFIRMED);
  wf_world_decide(n.world, 0, id, WF_DECISION_CONFIRM, "second officer");
  assert_int_equal(first(&n, 0)->state, WF_PRODUCT_RELEASED);
  assert_string_equal(first(&n, 0)->second_operator, "second officer");
  // It is the other nation's own to decide.
  assert_int_not_equal(first(&n, 1)->state, WF_PRODUCT_RELEASED);
  assert_int_equal(wf_world_decide(n.world, 0, id ^ 1, WF_DECISION_CONFIRM, "second officer"), WF_ENOTFOUND);
  nations_end(&n);
}

static void withdrawn_product_stays_withdrawn(void **state) {
  nations n;
  nations_prepare(&n, 2);
  nations_start(&n);
  nations_run(&n, 30);
  const uint64_t id = newest(&n, 0)->id;
  wf_world_decide(n.world, 0, id, WF_DECISION_WITHDRAW, "first officer");
  assert_int_equal(newest(&n, 0)->state, WF_PRODUCT_WITHDRAWN);
  wf_world_decide(n.world, 0, id, WF_DECISION_CONFIRM, "first officer");
  wf_world_decide(n.world, 0, id, WF_DECISION_CONFIRM, "second officer");
  assert_int_equal(newest(&n, 0)->state, WF_PRODUCT_WITHDRAWN);
  nations_end(&n);
}

static const wf_value_entry *alone_of(const wf_value_event *e, const char *nation) {
  for (int i = 0; i < e->nation_count; i++)
    if (strcmp(e->nation[i].nation.code, nation) == 0) return &e->nation[i].alone;
  return &NO_ENTRY;
}

static void ledger_says_who_knew_first(void **state) {
  nations n;
  nations_prepare(&n, 2);
  nations_start(&n);
  n.blind[1] = true;
  nations_run(&n, 30);
  n.blind[1] = false;  // KOR sees it half a minute later
  nations_run(&n, 30);
  for (uint32_t i = 0; i < 2; i++) {
    const wf_value_event *events[8];
    assert_int_equal(wf_node_value(nations_node(&n, i), events, 8), 1);
    const wf_value_entry *jpn = alone_of(events[0], "JPN"), *kor = alone_of(events[0], "KOR");
    assert_true(jpn->detected.ns != 0 && kor->detected.ns != 0);
    assert_true(wf_time_diff_s(kor->detected, jpn->detected) > 25.0);
    // Shared is known no later than the better nation alone, but for the way between them.
    assert_true(wf_time_diff_s(events[0]->shared.detected, jpn->detected) < 0.2);
    assert_true(events[0]->shared.tracked.ns != 0 && events[0]->shared.launch_known.ns != 0);
    for (int k = 0; k < events[0]->nation_count; k++)
      assert_int_equal(events[0]->nation[k].own, strcmp(events[0]->nation[k].nation.code, i == 0 ? "JPN" : "KOR") == 0);
  }
  nations_end(&n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_people_release_a_product),
      cmocka_unit_test(withdrawn_product_stays_withdrawn),
      cmocka_unit_test(ledger_says_who_knew_first),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
