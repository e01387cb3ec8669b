// Restarts lose nothing, and the same inputs give the same effects to the bit.
#include <sodium.h>

#include "../wf_test.h"
#include "nations.h"

static wf_picture_digest digest_at(nations *n, uint32_t node, double seconds_ago) {
  wf_picture_digest d;
  assert_int_equal(wf_node_digest_at(nations_node(n, node), wf_time_add_s(wf_world_now(n->world), -seconds_ago), &d),
                   WF_OK);
  return d;
}

static void restart_gives_the_same_picture(void **state) {
  nations n;
  nations_prepare(&n, 2);
  nations_start(&n);
  nations_run(&n, 40);
  n.mute[0] = n.mute[1] = true;
  nations_run(&n, 5);
  const wf_picture_digest before = digest_at(&n, 0, 8);
  const uint64_t epoch = wf_node_epoch(nations_node(&n, 0));
  wf_world_cut(n.world, 0, 1, true);  // from its own disk, not from the partner
  wf_world_crash(n.world, 0);
  assert_null(nations_node(&n, 0));
  wf_world_restart(n.world, 0);
  const wf_picture_digest after = digest_at(&n, 0, 8);
  assert_memory_equal(before.record_set, after.record_set, WF_DIGEST_SIZE);
  assert_memory_equal(before.picture, after.picture, WF_DIGEST_SIZE);
  assert_true(wf_node_epoch(nations_node(&n, 0)) > epoch);
  nations_end(&n);
}

// First times, as they were before the restart, to the second by which they are made anew.
static void restart_keeps_the_ledger(void **state) {
  nations n;
  nations_prepare(&n, 2);
  nations_start(&n);
  nations_run(&n, 40);
  const wf_value_event *events[8];
  assert_int_equal(wf_node_value(nations_node(&n, 0), events, 8), 1);
  const wf_value_event before = *events[0];
  wf_world_crash(n.world, 0);
  nations_run(&n, 20);
  wf_world_restart(n.world, 0);
  nations_run(&n, 10);
  assert_int_equal(wf_node_value(nations_node(&n, 0), events, 8), 1);
  const wf_value_event *after = events[0];
  assert_true(before.event == after->event);
  assert_true(before.shared.detected.ns != 0 && before.shared.tracked.ns != 0);
  assert_float_equal(wf_time_diff_s(after->shared.detected, before.shared.detected), 0.0, 1.5);
  assert_float_equal(wf_time_diff_s(after->shared.tracked, before.shared.tracked), 0.0, 1.5);
  assert_int_equal(after->nation_count, before.nation_count);
  for (int i = 0; i < after->nation_count; i++) {
    const double apart_s = wf_time_diff_s(after->nation[i].alone.detected, before.nation[i].alone.detected);
    print_message("%s alone: %.1f s apart\n", after->nation[i].nation.code, apart_s);
    assert_float_equal(apart_s, 0.0, 2.0);
  }
  nations_end(&n);
}

static void lost_disk_is_filled_by_the_partner(void **state) {
  nations n;
  nations_prepare(&n, 2);
  nations_start(&n);
  nations_run(&n, 40);
  wf_world_crash(n.world, 0);
  wf_world_lose_disk(n.world, 0);
  assert_int_equal(wf_world_rows(n.world, 0), 0);
  nations_run(&n, 5);
  wf_world_restart(n.world, 0);
  nations_run(&n, 20);
  assert_true(nations_agree(&n, 5));
  const wf_common_track *tracks[4];
  assert_int_equal(wf_node_common(nations_node(&n, 0), tracks, 4), 1);
  nations_end(&n);
}

static void restart_in_flight_goes_on_with_the_same_event(void **state) {
  nations n;
  nations_prepare(&n, 3);
  nations_start(&n);
  nations_run(&n, 30);
  const wf_common_track *track[4];
  assert_int_equal(wf_node_national(nations_node(&n, 1), track, 4), 1);
  const uint64_t event = track[0]->event;
  wf_world_crash(n.world, 1);
  nations_run(&n, 10);
  wf_world_restart(n.world, 1);
  nations_run(&n, 30);
  assert_true(nations_agree(&n, 5));
  for (uint32_t i = 0; i < 3; i++) {
    assert_int_equal(wf_node_national(nations_node(&n, i), track, 4), 1);
    assert_true(track[0]->event == event);
    const wf_value_event *events[8];
    assert_int_equal(wf_node_value(nations_node(&n, i), events, 8), 1);
    assert_true(events[0]->event == event);
  }
  nations_end(&n);
}

typedef struct hasher {
  crypto_generichash_state state;
  uint64_t effects, frames;
} hasher;

static void hash_effect(void *context, uint32_t node, wf_time at, const wf_effect *effect) {
  hasher *h = context;
  const wf_exchange_effect *e = &effect->exchange;
  const uint64_t head[] = {node, (uint64_t)at.ns, effect->kind, e->kind, e->token, e->epoch, e->sequence, e->row.first};
  h->effects++;
  crypto_generichash_update(&h->state, (const uint8_t *)head, sizeof head);
  if (e->bytes.size > 0) crypto_generichash_update(&h->state, e->bytes.data, e->bytes.size);
  if (effect->text != NULL) crypto_generichash_update(&h->state, (const uint8_t *)effect->text, strlen(effect->text));
  if (effect->product != NULL)
    crypto_generichash_update(&h->state, (const uint8_t *)&effect->product->id, sizeof effect->product->id);
}

static void hash_frame(void *context, uint32_t from, uint32_t to, wf_bytes frame) {
  hasher *h = context;
  h->frames++;
  crypto_generichash_update(&h->state, frame.data, frame.size);
}

static void run_hashed(uint64_t seed, uint8_t out[32], uint64_t *frames) {
  nations n;
  hasher h = {0};
  crypto_generichash_init(&h.state, NULL, 0, 32);
  nations_prepare(&n, 3);
  n.c.config.seed = seed;
  n.c.config.link_jitter_ns = 10 * WF_NS_PER_MS;
  nations_start(&n);
  wf_world_on_effect(n.world, hash_effect, &h);
  wf_world_on_frame(n.world, hash_frame, &h);
  nations_run(&n, 20);
  wf_world_crash(n.world, 2);
  nations_run(&n, 5);
  wf_world_restart(n.world, 2);
  nations_run(&n, 15);
  crypto_generichash_final(&h.state, out, 32);
  assert_true(h.effects > 1000);
  *frames = h.frames;
  nations_end(&n);
}

static void same_run_twice_gives_the_same_effects(void **state) {
  uint8_t first[32], second[32], other[32];
  uint64_t frames[3];
  run_hashed(11, first, &frames[0]);
  run_hashed(11, second, &frames[1]);
  run_hashed(12, other, &frames[2]);
  assert_int_equal(frames[0], frames[1]);
  assert_memory_equal(first, second, 32);
  assert_memory_not_equal(first, other, 32);  // the hash sees what the seed changes
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(restart_gives_the_same_picture),
      cmocka_unit_test(restart_keeps_the_ledger),
      cmocka_unit_test(lost_disk_is_filled_by_the_partner),
      cmocka_unit_test(restart_in_flight_goes_on_with_the_same_event),
      cmocka_unit_test(same_run_twice_gives_the_same_effects),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
