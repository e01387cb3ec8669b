// A node's journal replays to the same pictures, products and effects, to the bit; one changed input is named.
#include <stdlib.h>

#include "../wf_test.h"
#include "nations.h"
#include "node/journal.h"

typedef struct tape {
  uint8_t *data;
  size_t size, cap;
} tape;

static bool keep(void *context, wf_bytes bytes) {
  tape *t = context;
  if (t->size + bytes.size > t->cap) {
    t->cap = 2 * (t->size + bytes.size);
    t->data = realloc(t->data, t->cap);
    assert_non_null(t->data);
  }
  memcpy(t->data + t->size, bytes.data, bytes.size);
  t->size += bytes.size;
  return true;
}

static const char NOTICE[] =
    "2020-01-01 00:00 .. 2039-01-01 00:00 UTC 36-05.5N 123-22.0E, 36-05.5N 123-39.0E, "
    "35-22.5N 123-39.0E";

// Thirty seconds, a crash, a restart, twenty more; an officer says a word.
static void record(tape *t, uint64_t bytes_max) {
  nations n;
  nations_prepare(&n, 2);
  const wf_journal_config config = {.context = t, .write = keep, .bytes_max = bytes_max, .version = "test"};
  wf_journal *journal = wf_journal_new(&config);
  n.c.config.journal[0] = journal;
  nations_start(&n);
  nations_run(&n, 30);
  const wf_product *products[8];
  assert_true(wf_node_products(nations_node(&n, 0), products, 8) > 0);
  (void)wf_world_decide(n.world, 0, products[0]->id, WF_DECISION_CONFIRM, "officer 1");
  nations_run(&n, 5);
  (void)wf_world_notice(n.world, 0, NOTICE, "officer 1");
  const size_t count = wf_node_products(nations_node(&n, 0), products, 8);
  assert_int_equal(products[count - 1]->stage, WF_STAGE_NOTICE);
  wf_world_crash(n.world, 0);
  nations_run(&n, 3);
  wf_world_restart(n.world, 0);
  nations_run(&n, 20);
  nations_end(&n);
  wf_journal_free(journal);
}

typedef struct outcome {
  wf_replay_stats stats;
  wf_replay_result result;
  char text[WF_JOURNAL_TEXT_SIZE];  // of the first difference, or of the end
} outcome;

static outcome replay(const uint8_t *data, size_t size) {
  outcome o = {0};
  wf_status status;
  wf_replay *r = wf_replay_new((wf_bytes){data, size}, &status);
  assert_int_equal(status, WF_OK);
  do {
    o.result = wf_replay_next(r, o.text);
  } while (o.result == WF_REPLAY_STEPPED || o.result == WF_REPLAY_STARTED || o.result == WF_REPLAY_MARKED);
  wf_replay_stats_get(r, &o.stats);
  wf_replay_free(r);
  return o;
}

static void replays_to_the_bit(void **state) {
  tape t = {0};
  record(&t, 0);
  const outcome o = replay(t.data, t.size);
  if (o.result != WF_REPLAY_END) fail_msg("%s", o.text);
  assert_string_equal(o.text, "closed");
  assert_int_equal(o.stats.starts, 2);
  assert_true(o.stats.marks > 50);
  assert_true(o.stats.steps > 1000);
  print_message("%zu bytes for 58 s of record time, %llu inputs\n", t.size, (unsigned long long)o.stats.steps);
  free(t.data);
}

static size_t nth_input(const tape *t, wf_input_kind kind, int exchange_kind, int nth, wf_journal_frame *frame) {
  wf_journal_reader reader;
  assert_int_equal(wf_journal_read_begin((wf_bytes){t->data, t->size}, &reader), WF_OK);
  wf_journal_input_frame in;
  while (wf_journal_read(&reader, frame) == WF_OK) {
    if (frame->kind != WF_JOURNAL_INPUT) continue;
    assert_int_equal(wf_journal_decode_input(frame->payload, NULL, &in), WF_OK);
    if (in.input.kind != kind || (kind == WF_IN_EXCHANGE && (int)in.input.exchange.kind != exchange_kind)) continue;
    if (nth-- == 0) return frame->offset;
  }
  fail_msg("no such input");
  return 0;
}

static void damage_is_named(void **state) {
  tape t = {0};
  record(&t, 0);
  wf_journal_frame f;
  const size_t at = nth_input(&t, WF_IN_SENSOR, 0, 12, &f);
  t.data[at + 30] ^= 1;
  outcome o = replay(t.data, t.size);
  assert_int_equal(o.result, WF_REPLAY_BAD);
  char expected[64];
  snprintf(expected, sizeof expected, "offset %zu: cut or damaged", at);
  assert_memory_equal(o.text, expected, strlen(expected));
  o = replay(t.data, at);  // cut between frames, as by a kill
  assert_int_equal(o.result, WF_REPLAY_END);
  o = replay(t.data, at + 3);
  assert_int_equal(o.result, WF_REPLAY_BAD);
  free(t.data);
}

// Leaves one sensor datagram out: everything in the recording is well-formed, only not what the node was given.
static void a_missing_input_is_named(void **state) {
  tape t = {0};
  record(&t, 0);
  wf_journal_frame f;
  const size_t at = nth_input(&t, WF_IN_SENSOR, 0, 20, &f), size = 5 + f.payload.size + 8;
  memmove(t.data + at, t.data + at + size, t.size - at - size);
  const outcome o = replay(t.data, t.size - size);
  assert_int_equal(o.result, WF_REPLAY_DIFFERENT);
  print_message("%s\n", o.text);
  assert_non_null(strstr(o.text, "differ") != NULL ? o.text : strstr(o.text, "missing"));
  free(t.data);
}

static void a_bound_is_kept_and_said(void **state) {
  tape t = {0};
  record(&t, 200000);
  assert_true(t.size <= 200000);
  const outcome o = replay(t.data, t.size);
  assert_int_equal(o.result, WF_REPLAY_END);
  assert_non_null(strstr(o.text, "full"));
  free(t.data);
}

static void other_bytes_are_refused(void **state) {
  wf_status status;
  assert_null(wf_replay_new((wf_bytes){(const uint8_t *)"SQLite format 3", 15}, &status));
  assert_int_equal(status, WF_EFORMAT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(replays_to_the_bit),       cmocka_unit_test(damage_is_named),
      cmocka_unit_test(a_missing_input_is_named), cmocka_unit_test(a_bound_is_kept_and_said),
      cmocka_unit_test(other_bytes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
