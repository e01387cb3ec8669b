// Arena, ring, bytes, hash map, log, status.
#include <stdlib.h>

#include "../wf_test.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/hashmap.h"
#include "base/log.h"
#include "base/ring.h"
#include "base/rng.h"
#include "base/status.h"

static const uint64_t SEED = 64;

static void arena(void **state) {
  (void)state;
  _Alignas(16) uint8_t memory[256];
  memset(memory, 0xff, sizeof memory);
  size_t offsets[2];
  for (int shift = 0; shift < 2; shift++) {  // the same offsets wherever the memory lies
    wf_arena a;
    wf_arena_init(&a, memory + shift, 200);
    uint8_t *first = wf_arena_alloc(&a, 5), *second = wf_arena_alloc(&a, 17);
    assert_true((uintptr_t)first % 16 == 0 && (uintptr_t)second % 16 == 0);
    for (int i = 0; i < 17; i++) assert_true(second[i] == 0);
    offsets[shift] = (size_t)(second - first);
    assert_true(a.used == 33 && a.high_water == 33);
    assert_null(wf_arena_alloc(&a, 200));
    assert_null(wf_arena_alloc(&a, SIZE_MAX));
    assert_non_null(wf_arena_alloc(&a, a.size - 48));
    assert_null(wf_arena_alloc(&a, 1));
    memset(second, 0xee, 17);
    wf_arena_reset(&a);
    assert_true(a.used == 0 && a.high_water == a.size);
    assert_ptr_equal(wf_arena_alloc(&a, 64), first);
    for (int i = 0; i < 64; i++) assert_true(first[i] == 0);
  }
  assert_int_equal(offsets[0], offsets[1]);
  wf_arena a;
  wf_arena_init(&a, memory + 1, 3);  // nothing left after alignment
  assert_null(wf_arena_alloc(&a, 1));
  wf_arena_init(&a, NULL, 100);
  assert_null(wf_arena_alloc(&a, 1));
}

static void ring(void **state) {
  (void)state;
  uint32_t memory[5], got;
  wf_ring r;
  wf_ring_init(&r, memory, sizeof(uint32_t), 5);
  assert_int_equal(wf_ring_pop(&r, &got), WF_ENOTFOUND);
  assert_null(wf_ring_at(&r, 0));
  for (uint32_t i = 0; i < 5; i++) assert_int_equal(wf_ring_push(&r, &i), WF_OK);
  assert_int_equal(wf_ring_push(&r, &(uint32_t){9}), WF_EFULL);
  assert_true(r.evicted == 0 && r.count == 5);
  wf_ring_push_evict(&r, &(uint32_t){5});
  assert_true(r.evicted == 1 && r.count == 5);
  for (uint32_t i = 0; i < 5; i++) assert_int_equal(*(uint32_t *)wf_ring_at(&r, i), i + 1);
  assert_null(wf_ring_at(&r, 5));
  for (uint32_t i = 1; i <= 5; i++) {
    assert_int_equal(wf_ring_pop(&r, &got), WF_OK);
    assert_int_equal(got, i);
  }
  assert_int_equal(wf_ring_pop(&r, NULL), WF_ENOTFOUND);
  wf_ring_init(&r, NULL, 4, 0);
  assert_int_equal(wf_ring_push(&r, &got), WF_EFULL);
  wf_ring_push_evict(&r, &got);
  assert_true(r.evicted == 1 && r.count == 0);
}

// A ring against a plain array, over many turns.
static void ring_model(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED);
  uint16_t memory[7], model[7], next = 0;
  size_t count = 0;
  wf_ring r;
  wf_ring_init(&r, memory, sizeof *memory, 7);
  for (int i = 0; i < 100000; i++) {
    if (wf_rng_below(&rng, 5) < 3) {
      if (count == 7) memmove(model, model + 1, 6 * sizeof *model), count--;
      model[count++] = next;
      wf_ring_push_evict(&r, &next);
      next++;
    } else if (count > 0) {
      uint16_t got;
      assert_int_equal(wf_ring_pop(&r, &got), WF_OK);
      assert_int_equal(got, model[0]);
      memmove(model, model + 1, --count * sizeof *model);
    }
    assert_int_equal(r.count, count);
    for (size_t k = 0; k < count; k++) assert_int_equal(*(uint16_t *)wf_ring_at(&r, k), model[k]);
  }
}

static void bytes(void **state) {
  (void)state;
  uint8_t buffer[16];
  wf_writer w = wf_writer_of(buffer, sizeof buffer);
  wf_write_uint(&w, 0x12, 1);
  wf_write_uint(&w, 0x345678, 3);
  wf_write_uint(&w, UINT64_C(0xfedcba9876543210), 8);
  wf_write_bytes(&w, "ab", 2);
  assert_true(!w.failed && w.offset == 14);
  assert_memory_equal(buffer,
                      "\x12\x34\x56\x78\xfe\xdc\xba\x98\x76\x54\x32\x10"
                      "ab",
                      14);
  wf_writer small = w;
  wf_write_uint(&small, 1, 4);  // no room
  assert_true(small.failed && small.offset == 14);
  wf_write_uint(&small, 1, 1);  // stays failed
  assert_true(small.offset == 14);
  wf_writer narrow = w;
  wf_write_uint(&narrow, 256, 1);  // does not fit its field
  assert_true(narrow.failed && narrow.offset == 14);

  wf_reader r = wf_reader_of(buffer, 14);
  assert_true(wf_read_uint(&r, 1) == 0x12 && wf_read_uint(&r, 3) == 0x345678);
  assert_true(wf_read_uint(&r, 8) == UINT64_C(0xfedcba9876543210));
  const wf_bytes two = wf_read_bytes(&r, 2);
  assert_true(two.size == 2 && two.data == buffer + 12 && !r.failed && r.offset == 14);
  assert_true(wf_read_uint(&r, 1) == 0 && r.failed);
  wf_reader again = wf_reader_of(buffer, 14);
  assert_true(wf_read_bytes(&again, 15).data == NULL && again.failed && wf_read_uint(&again, 1) == 0);
  wf_reader wide = wf_reader_of(buffer, 14);
  assert_true(wf_read_uint(&wide, 9) == 0 && wide.failed);
  wf_reader none = wf_reader_of(buffer, 14);
  assert_true(wf_read_bytes(&none, SIZE_MAX).size == 0 && none.failed);
}

static void hexadecimal(void **state) {
  (void)state;
  char text[9];
  uint8_t back[4];
  wf_hex("\x00\x7f\xab\xff", 4, text);
  assert_string_equal(text, "007fabff");
  assert_true(wf_unhex(text, back, 4) && memcmp(back, "\x00\x7f\xab\xff", 4) == 0);
  assert_true(wf_unhex("007FABFF", back, 4) && memcmp(back, "\x00\x7f\xab\xff", 4) == 0);
  assert_false(wf_unhex("007fabf", back, 4));
  assert_false(wf_unhex("007fabff0", back, 4));
  assert_false(wf_unhex("007fabfg", back, 4));
  assert_false(wf_unhex("", back, 4));
  assert_true(wf_unhex("", back, 0));
}

// The map against an array indexed by key, with keys that collide and many removals.
static void hashmap_model(void **state) {
  (void)state;
  wf_rng rng;
  wf_rng_seed(&rng, SEED + 1);
  enum { CAPACITY = 64, KEYS = 90 };
  wf_hashmap_slot slots[CAPACITY];
  wf_hashmap m;
  wf_hashmap_init(&m, slots, CAPACITY);
  int64_t model[KEYS];
  size_t count = 0;
  for (int i = 0; i < KEYS; i++) model[i] = -1;
  unsigned full = 0;
  for (int i = 0; i < 200000; i++) {
    const uint64_t key = wf_rng_below(&rng, KEYS);
    const uint32_t value = (uint32_t)wf_rng_u64(&rng);
    uint32_t got = 0;
    if (wf_rng_below(&rng, 20) < (i / 2000 % 2 ? 13u : 8u)) {
      const bool room = model[key] >= 0 || count + 1 <= CAPACITY / 8 * 7;
      const wf_status status = wf_hashmap_put(&m, key, value);
      assert_int_equal(status, room ? WF_OK : WF_EFULL);
      if (!room) full++;
      if (room && model[key] < 0) count++;
      if (room) model[key] = value;
    } else {
      assert_int_equal(wf_hashmap_remove(&m, key), model[key] >= 0 ? WF_OK : WF_ENOTFOUND);
      if (model[key] >= 0) count--;
      model[key] = -1;
    }
    assert_int_equal(m.count, count);
    const uint64_t other = wf_rng_below(&rng, KEYS);
    assert_int_equal(wf_hashmap_get(&m, other, &got), model[other] >= 0 ? WF_OK : WF_ENOTFOUND);
    if (model[other] >= 0) assert_true(got == (uint32_t)model[other]);
  }
  assert_true(full > 100);
  for (uint64_t key = 0; key < KEYS; key++) (void)wf_hashmap_remove(&m, key);
  for (int i = 0; i < CAPACITY; i++) assert_true(slots[i].state == 0);  // no traces: equal content, equal bytes
  wf_hashmap_init(&m, NULL, 0);
  assert_int_equal(wf_hashmap_put(&m, 1, 1), WF_EFULL);
  assert_int_equal(wf_hashmap_get(&m, 1, NULL), WF_ENOTFOUND);
  assert_int_equal(wf_hashmap_remove(&m, 1), WF_ENOTFOUND);
}

typedef struct lines {
  int count;
  wf_log_level level;
  char last[2048];
} lines;

static void keep(void *context, wf_log_level level, const char *line) {
  lines *l = context;
  l->count++;
  l->level = level;
  snprintf(l->last, sizeof l->last, "%s", line);
}

static void logging(void **state) {
  (void)state;
  lines l = {0};
  const wf_log_sink sink = {keep, &l};
  wf_log_write(&sink, WF_LOG_WARN, "sensor %s: %d", "radar\n2026 ERROR forged\x7f", 7);
  assert_true(l.count == 1 && l.level == WF_LOG_WARN);
  assert_string_equal(l.last, "sensor radar 2026 ERROR forged : 7");
  char large[3000];
  memset(large, 'x', sizeof large - 1);
  large[sizeof large - 1] = '\0';
  wf_log_write(&sink, WF_LOG_INFO, "%s", large);
  assert_true(strlen(l.last) == 1023 && strcmp(l.last + 1020, "...") == 0);
  wf_log_write(NULL, WF_LOG_INFO, "dropped");
  wf_log_write(&(wf_log_sink){NULL, NULL}, WF_LOG_INFO, "dropped");
  assert_int_equal(l.count, 2);
}

static void status_names(void **state) {
  (void)state;
  for (int i = 0; i < WF_STATUS_COUNT; i++) {
    assert_true(strcmp(wf_status_name((wf_status)i), "unknown") != 0);
    for (int j = 0; j < i; j++) assert_true(strcmp(wf_status_name((wf_status)i), wf_status_name((wf_status)j)) != 0);
  }
  assert_string_equal(wf_status_name(WF_EDENIED), "denied");
  assert_string_equal(wf_status_name(WF_STATUS_COUNT), "unknown");
  assert_string_equal(wf_status_name((wf_status)-1), "unknown");
}

int main(void) {
  print_message("seed %llu\n", (unsigned long long)SEED);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arena),   cmocka_unit_test(ring),         cmocka_unit_test(ring_model),
      cmocka_unit_test(bytes),   cmocka_unit_test(hexadecimal),  cmocka_unit_test(hashmap_model),
      cmocka_unit_test(logging), cmocka_unit_test(status_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
