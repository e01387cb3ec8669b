#include <jansson.h>

#include "records.h"
#include "tables.h"
#include "wf_test.h"

static wf_asterix_editions editions;
static wf_asterix_record made, read;
static uint8_t bytes[1 << 17];
static char text[1 << 20];

static int set_up(void **state) {
  wf_asterix_editions_newest(&editions);
  return 0;
}

static size_t block_of(const wf_asterix_record *record) {
  size_t length = 0;
  assert_int_equal(wf_asterix_encode(record, bytes + 3, sizeof bytes - 3, &length), WF_OK);
  assert_int_equal(wf_asterix_block(wf_asterix_category(record->spec), bytes, length), WF_OK);
  return length + 3;
}

// An expansion's length, 0 in what was put, is known only when it is written.
static void assert_same(const wf_asterix_record *put, const wf_asterix_record *got) {
  assert_int_equal(put->item_count, got->item_count);
  assert_int_equal(put->value_count, got->value_count);
  for (uint16_t i = 0; i < put->value_count; i++) {
    const wf_asterix_value *a = &put->value[i], *b = &got->value[i];
    assert_int_equal(a->field, b->field);
    assert_int_equal(a->rep, b->rep);
    const bool explicit = ast_nodes[a->field].kind == AST_EXPLICIT;
    if (!explicit) assert_int_equal(a->raw, b->raw);
  }
}

// Every edition: what was put comes out, value by value, and is one JSON object with as many items.
static void test_round_trip(void **state) {
  const wf_asterix_spec *spec;
  wf_rng rng;
  wf_rng_seed(&rng, 20261123);
  size_t records = 0;
  for (size_t s = 0; (spec = wf_asterix_spec_at(s)) != NULL; s++)
    for (int i = 0; i < 60; i++) {
      const unsigned category = wf_asterix_category(spec);
      assert_int_equal(wf_asterix_choose(&editions, category, wf_asterix_edition(spec)), WF_OK);
      assert_int_equal(test_record(&rng, spec, editions.expansion[category], i == 0 ? 1 : 0.5, &made), WF_OK);
      const size_t size = block_of(&made);
      wf_asterix_cursor cursor = wf_asterix_cursor_of(&editions, (wf_bytes){bytes, size});
      wf_asterix_fault fault;
      assert_int_equal(wf_asterix_next(&cursor, &read, &fault), WF_OK);
      assert_same(&made, &read);
      assert_int_equal(read.outside, 0);
      assert_int_equal(wf_asterix_next(&cursor, &read, &fault), WF_EAGAIN);
      size_t length = 0;
      assert_int_equal(wf_asterix_json(&read, text, sizeof text, &length), WF_OK);
      json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
      assert_non_null(json);
      assert_int_equal(json_object_size(json_object_get(json, "items")), read.item_count);
      json_decref(json);
      records++;
    }
  print_message("%zu records\n", records);
  wf_asterix_editions_newest(&editions);
}

static uint16_t field(unsigned category, const char *path) {
  const uint16_t f = wf_asterix_field(editions.spec[category], path);
  assert_int_not_equal(f, WF_ASTERIX_FIELD_NONE);
  return f;
}

static wf_status decode_hex(const char *hex, wf_asterix_fault *fault) {
  const size_t size = strlen(hex) / 2;
  assert_true(wf_unhex(hex, bytes, size));
  wf_asterix_cursor cursor = wf_asterix_cursor_of(&editions, (wf_bytes){bytes, size});
  return wf_asterix_next(&cursor, &read, fault);
}

// A record written by hand from the specification's bits: I048/010, 140, 020, 040.
static void test_by_hand(void **state) {
  wf_asterix_fault fault;
  // FSPEC 1111 0000; SAC 25 SIC 201; 12:30:00.5 = 45000.5 s = 5760064/128; TYP 1; RHO 100.5 NM = 25728; THETA 90° =
  // 16384
  assert_int_equal(decode_hex("30000e"
                              "f0"
                              "19c9"
                              "57e440"
                              "20"
                              "64804000",
                              &fault),
                   WF_OK);
  assert_int_equal(wf_asterix_find(&read, field(48, "010/SIC"))->raw, 201);
  assert_float_equal(wf_asterix_si(field(48, "140"), wf_asterix_find(&read, field(48, "140"))->raw), 45000.5, 1e-9);
  assert_int_equal(wf_asterix_find(&read, field(48, "020/TYP"))->raw, 1);
  assert_float_equal(wf_asterix_si(field(48, "040/RHO"), 25728), 100.5 * 1852, 1e-6);
  assert_float_equal(wf_asterix_si(field(48, "040/THETA"), 16384), 1.5707963267948966, 1e-12);
  assert_null(wf_asterix_find(&read, field(48, "110/3DH")));
  size_t length;
  assert_int_equal(wf_asterix_json(&read, text, sizeof text, &length), WF_OK);
  text[length] = '\0';
  assert_string_equal(
      text,
      "{\"cat\":48,\"edition\":\"1.32\",\"items\":{\"010\":{\"SAC\":25,\"SIC\":201},\"140\":45000.5,"
      "\"020\":{\"TYP\":1,\"SIM\":0,\"RDP\":0,\"SPI\":0,\"RAB\":0},\"040\":{\"RHO\":100.5,\"THETA\":90}}}");
}

static void test_faults(void **state) {
  static const struct {
    const char *hex;
    wf_asterix_fault_kind kind;
    size_t at;
  } CASES[] = {
      {"30", WF_ASTERIX_SHORT_BLOCK, 0},
      {"300008f019", WF_ASTERIX_SHORT_BLOCK, 0},
      {"300002", WF_ASTERIX_BAD_LENGTH, 0},
      {"15000400", WF_ASTERIX_UNKNOWN_CATEGORY, 0},
      {"30000400", WF_ASTERIX_NO_ITEMS, 3},
      {"3000048f", WF_ASTERIX_TRUNCATED, 4},
      {"30000580"
       "19",
       WF_ASTERIX_TRUNCATED, 4},
      {"30000701010101"
       "80",
       WF_ASTERIX_TRUNCATED, 7},
      {"3e00044000", WF_ASTERIX_UNKNOWN_ITEM, 4},      // 062 has no second item
      {"30000740ffffff", WF_ASTERIX_OUT_OF_RANGE, 4},  // 131072 s after midnight
      {"3e000c08"
       "60000000"
       "00000000",
       WF_ASTERIX_OUT_OF_RANGE, 4},  // latitude 135°
  };
  for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
    wf_asterix_fault fault;
    char told[WF_ASTERIX_TEXT_SIZE];
    wf_status status = decode_hex(CASES[i].hex, &fault);
    assert_int_equal(status, WF_EFORMAT);
    if (fault.kind != CASES[i].kind) fail_msg("%s: %s", CASES[i].hex, wf_asterix_fault_text(&fault, told));
    assert_int_equal(fault.at, CASES[i].at);
    assert_true(strlen(wf_asterix_fault_text(&fault, told)) > 10);
  }
}

// A block of an unknown category is stepped over; a bad record ends its block, not the next.
static void test_goes_on(void **state) {
  const char *hex =
      "15000500aa"
      "30000400"
      "30000e"
      "f0"
      "19c9"
      "57e440"
      "20"
      "64804000";
  const size_t size = strlen(hex) / 2;
  wf_asterix_fault fault;
  assert_true(wf_unhex(hex, bytes, size));
  wf_asterix_cursor cursor = wf_asterix_cursor_of(&editions, (wf_bytes){bytes, size});
  assert_int_equal(wf_asterix_next(&cursor, &read, &fault), WF_EFORMAT);
  assert_int_equal(wf_asterix_next(&cursor, &read, &fault), WF_EFORMAT);
  assert_int_equal(fault.at, 8);
  assert_int_equal(wf_asterix_next(&cursor, &read, &fault), WF_OK);
  assert_int_equal(read.item_count, 4);
  assert_int_equal(wf_asterix_next(&cursor, &read, &fault), WF_EAGAIN);
}

// Octets of I048/020 that only a later edition has are stepped over and told.
static void test_later_extension(void **state) {
  wf_asterix_fault fault;
  assert_int_equal(wf_asterix_choose(&editions, 48, "1.27"), WF_OK);
  assert_int_equal(decode_hex("30000920"
                              "21"
                              "01"
                              "01"
                              "01"
                              "02",
                              &fault),
                   WF_OK);
  assert_int_equal(read.unknown, 3);
  assert_int_equal(wf_asterix_find(&read, field(48, "020/TYP"))->raw, 1);
  wf_asterix_editions_newest(&editions);
}

static void test_put_refuses(void **state) {
  wf_asterix_begin(&made, editions.spec[62]);
  assert_int_equal(wf_asterix_put(&made, field(62, "010/SAC"), 256), WF_EINVAL);
  assert_int_equal(wf_asterix_put(&made, field(62, "105/LAT"), INT64_C(1) << 30), WF_EINVAL);
  assert_int_equal(wf_asterix_put_si(&made, field(62, "130"), 45721.0), WF_EINVAL);  // above 150,000 ft
  assert_int_equal(wf_asterix_put_si(&made, field(62, "130"), 45719.0), WF_OK);
  assert_int_equal(wf_asterix_put_si(&made, field(62, "220"), 1041.0), WF_EINVAL);  // climbs faster than it can say
  assert_int_equal(wf_asterix_put(&made, field(62, "010/SIC"), 1), WF_OK);
  assert_int_equal(wf_asterix_put(&made, field(62, "010/SAC"), 1), WF_EINVAL);  // out of order
  size_t length;
  assert_int_equal(wf_asterix_encode(&made, bytes, sizeof bytes, &length), WF_EINVAL);  // 130 before 010
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip), cmocka_unit_test(test_by_hand),         cmocka_unit_test(test_faults),
      cmocka_unit_test(test_goes_on),    cmocka_unit_test(test_later_extension), cmocka_unit_test(test_put_refuses),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
