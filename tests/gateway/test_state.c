#include <stdio.h>
#include <stdlib.h>

#include "slice.h"
#include "state.h"
#include "wf_test.h"

static wf_gateway_message kind;
static wf_gateway_answer answer;

static wf_status apply(wf_gateway_state *s, const char *message) {
  return wf_gateway_state_apply(s, message, strlen(message), &kind, &answer);
}

static void apply_delta(wf_gateway_state *s, unsigned seq, const char *sections) {
  char message[20000];
  snprintf(message, sizeof message, "{\"type\":\"delta\",\"seq\":%u,\"after\":%u,\"state\":{%s}}", seq, seq - 1,
           sections);
  assert_int_equal(apply(s, message), WF_OK);
}

static void assert_snapshot(wf_gateway_state *s, const char *expected) {
  wf_gateway_text *text = wf_gateway_state_snapshot(s);
  assert_non_null(text);
  assert_string_equal(text->bytes, expected);
  assert_int_equal(text->size, strlen(expected));
  wf_gateway_text_unref(text);
}

static void test_sections(void **state) {
  wf_gateway_state *s = wf_gateway_state_new();
  assert_null(wf_gateway_state_snapshot(s));
  assert_int_equal(
      apply(s,
            "{\"type\":\"snapshot\",\"seq\":5,\"state\":{\"node\":{\"nation\":\"JPN\",\"mode\":\"exercise\"},"
            "\"tracks\":[1,{\"a\":\"]}\\\"\"}]}}"),
      WF_OK);
  assert_int_equal(kind, WF_GATEWAY_SNAPSHOT);
  apply_delta(s, 6, "\"tracks\" : [ 2 ] , \"alarms\":[{\"acknowledged\":false},{\"acknowledged\":true}]");
  assert_int_equal(kind, WF_GATEWAY_DELTA);
  assert_snapshot(s,
                  "{\"type\":\"snapshot\",\"seq\":6,\"state\":{\"node\":{\"nation\":\"JPN\",\"mode\":\"exercise\"},"
                  "\"tracks\":[ 2 ],\"alarms\":[{\"acknowledged\":false},{\"acknowledged\":true}]}}");
  const wf_gateway_summary *summary = wf_gateway_state_summary(s);
  assert_string_equal(summary->nation, "JPN");
  assert_string_equal(summary->mode, "exercise");
  assert_int_equal(summary->tracks, 1);
  assert_int_equal(summary->alarms_open, 1);
  wf_gateway_state_free(s);
}

// A delta that does not follow is refused and changes nothing; so is anything that is not of the contract.
static void test_refusals(void **state) {
  wf_gateway_state *s = wf_gateway_state_new();
  assert_int_equal(apply(s, "{\"type\":\"delta\",\"seq\":1,\"after\":0,\"state\":{}}"), WF_ETIME);
  assert_false(wf_gateway_state_known(s));
  assert_int_equal(apply(s, "{\"type\":\"snapshot\",\"seq\":5,\"state\":{\"node\":{}}}"), WF_OK);
  static const struct {
    const char *message;
    wf_status status;
  } rows[] = {
      {"", WF_EFORMAT},
      {"[]", WF_EFORMAT},
      {"{\"type\":\"snapshot\"", WF_EFORMAT},
      {"{\"type\":7}", WF_EFORMAT},
      {"{\"type\":\"snapshot\",\"seq\":-1,\"state\":{}}", WF_EFORMAT},
      {"{\"type\":\"snapshot\",\"seq\":1}", WF_EFORMAT},
      {"{\"type\":\"snapshot\",\"seq\":1,\"state\":[]}", WF_EFORMAT},
      {"{\"type\":\"snapshot\",\"seq\":1,\"state\":{\"Node\":1}}", WF_EFORMAT},
      {"{\"type\":\"snapshot\",\"seq\":1,\"state\":{\"a-long-name-of-more-than-31-characters\":1}}", WF_EFORMAT},
      {"{\"type\":\"snapshot\",\"seq\":1,\"seq\":2,\"state\":{}}", WF_EFORMAT},
      {"{\"type\":\"delta\",\"seq\":6,\"state\":{}}", WF_EFORMAT},
      {"{\"type\":\"delta\",\"seq\":7,\"after\":6,\"state\":{}}", WF_ETIME},
      {"{\"type\":\"delta\",\"seq\":5,\"after\":5,\"state\":{}}", WF_ETIME},
      {"{\"type\":\"answer\",\"status\":\"ok\"}", WF_EFORMAT},
      {"{\"type\":\"something of a later version\"}", WF_OK},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_int_equal(apply(s, rows[i].message), rows[i].status);
    assert_snapshot(s, "{\"type\":\"snapshot\",\"seq\":5,\"state\":{\"node\":{}}}");
  }
  char many[2000] = "{\"type\":\"snapshot\",\"seq\":9,\"state\":{";
  for (int i = 0; i <= WF_GATEWAY_SECTION_MAX; i++)
    snprintf(many + strlen(many), 40, "%s\"s%d\":%d", i ? "," : "", i, i);
  strcat(many, "}}");
  assert_int_equal(apply(s, many), WF_EFULL);
  assert_snapshot(s, "{\"type\":\"snapshot\",\"seq\":5,\"state\":{\"node\":{}}}");
  wf_gateway_state_free(s);
}

static uint64_t next_seq(wf_gateway_state *s, uint64_t generation, uint64_t seq, bool *snapshot) {
  wf_gateway_text *text = wf_gateway_state_next(s, generation, seq);
  if (!text) return 0;
  *snapshot = strstr(text->bytes, "\"type\":\"snapshot\"") != NULL;
  uint64_t got = text->seq;
  wf_gateway_text_unref(text);
  return got;
}

// A client follows delta by delta; one that fell behind gets a snapshot; after a new connection to the node, all do.
static void test_clients(void **state) {
  wf_gateway_state *s = wf_gateway_state_new();
  bool snapshot = false;
  assert_null(wf_gateway_state_next(s, 0, 0));
  apply(s, "{\"type\":\"snapshot\",\"seq\":100,\"state\":{\"node\":{}}}");
  wf_gateway_text *first = wf_gateway_state_next(s, 0, 0);
  uint64_t generation = first->generation;
  assert_int_equal(first->seq, 100);
  wf_gateway_text_unref(first);
  assert_int_equal(next_seq(s, generation, 100, &snapshot), 0);
  for (unsigned i = 101; i <= 104; i++) apply_delta(s, i, "\"node\":{}");
  for (unsigned i = 100; i < 104; i++) {
    assert_int_equal(next_seq(s, generation, i, &snapshot), i + 1);
    assert_false(snapshot);
  }
  for (unsigned i = 105; i <= 100 + WF_GATEWAY_LAG_MAX + 1; i++) apply_delta(s, i, "\"node\":{}");
  assert_int_equal(next_seq(s, generation, 100, &snapshot), 100 + WF_GATEWAY_LAG_MAX + 1);
  assert_true(snapshot);
  assert_int_equal(next_seq(s, generation, 101, &snapshot), 102);
  assert_false(snapshot);
  wf_gateway_state_reconnect(s);
  assert_int_equal(apply(s, "{\"type\":\"delta\",\"seq\":110,\"after\":109,\"state\":{}}"), WF_ETIME);
  apply(s, "{\"type\":\"snapshot\",\"seq\":109,\"state\":{\"node\":{\"nation\":\"KOR\"}}}");
  assert_int_equal(next_seq(s, generation, 109, &snapshot), 109);
  assert_true(snapshot);
  wf_gateway_state_free(s);
}

// Large deltas push older ones out by bytes, not only by number: then a snapshot replaces them.
static void test_ring_bytes(void **state) {
  wf_gateway_state *s = wf_gateway_state_new();
  apply(s, "{\"type\":\"snapshot\",\"seq\":0,\"state\":{\"node\":{}}}");
  wf_gateway_text *first = wf_gateway_state_next(s, 0, 0);
  size_t size = WF_GATEWAY_RING_BYTES / 3;
  char *message = malloc(size + 200);
  for (unsigned i = 1; i <= 5; i++) {
    int head = sprintf(message, "{\"type\":\"delta\",\"seq\":%u,\"after\":%u,\"state\":{\"tracks\":\"", i, i - 1);
    memset(message + head, 'x', size);
    strcpy(message + (size_t)head + size, "\"}}");
    assert_int_equal(apply(s, message), WF_OK);
  }
  bool snapshot;
  assert_int_equal(next_seq(s, first->generation, 2, &snapshot), 5);
  assert_true(snapshot);
  assert_int_equal(next_seq(s, first->generation, 4, &snapshot), 5);
  assert_false(snapshot);
  wf_gateway_text_unref(first);
  free(message);
  wf_gateway_state_free(s);
}

static void test_answer(void **state) {
  wf_gateway_state *s = wf_gateway_state_new();
  assert_int_equal(
      apply(s, "{\"type\":\"answer\",\"request\":\"abc\",\"status\":\"denied\",\"text\":\"the same person\"}"), WF_OK);
  assert_int_equal(kind, WF_GATEWAY_ANSWER);
  assert_string_equal(answer.request, "abc");
  assert_string_equal(answer.status, "denied");
  assert_string_equal(answer.text, "the same person");
  wf_gateway_state_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sections), cmocka_unit_test(test_refusals),
                                     cmocka_unit_test(test_clients), cmocka_unit_test(test_ring_bytes),
                                     cmocka_unit_test(test_answer)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
