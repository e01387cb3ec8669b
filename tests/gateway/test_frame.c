#include "frame.h"
#include "wf_test.h"

static wf_status add(wf_gateway_framer *f, const char *bytes, size_t size) {
  return wf_gateway_framer_add(f, bytes, size);
}

// Messages come out whole whatever pieces they came in.
static void test_pieces(void **state) {
  const char stream[] = "\0\0\0\5hello\0\0\0\1x\0\0\0\3end";
  for (size_t piece = 1; piece < sizeof stream; piece++) {
    wf_gateway_framer f;
    wf_gateway_framer_init(&f, 100);
    char seen[32] = "";
    for (size_t at = 0; at < sizeof stream - 1; at += piece) {
      size_t size = sizeof stream - 1 - at < piece ? sizeof stream - 1 - at : piece;
      assert_int_equal(add(&f, stream + at, size), WF_OK);
      const char *message;
      size_t length;
      while (wf_gateway_framer_next(&f, &message, &length) == WF_OK) {
        strncat(seen, message, length);
        strcat(seen, "|");
      }
    }
    assert_string_equal(seen, "hello|x|end|");
    wf_gateway_framer_free(&f);
  }
}

static void test_bounds(void **state) {
  wf_gateway_framer f;
  const char *message;
  size_t size;
  wf_gateway_framer_init(&f, 4);
  assert_int_equal(wf_gateway_framer_next(&f, &message, &size), WF_EAGAIN);
  add(&f, "\0\0\0\4abcd", 8);
  assert_int_equal(wf_gateway_framer_next(&f, &message, &size), WF_OK);
  assert_int_equal(size, 4);
  add(&f, "\0\0\0\5", 4);
  assert_int_equal(wf_gateway_framer_next(&f, &message, &size), WF_EFORMAT);
  wf_gateway_framer_reset(&f);
  add(&f, "\0\0\0\0", 4);
  assert_int_equal(wf_gateway_framer_next(&f, &message, &size), WF_EFORMAT);
  wf_gateway_framer_reset(&f);
  add(&f, "\377\377\377\377", 4);
  assert_int_equal(wf_gateway_framer_next(&f, &message, &size), WF_EFORMAT);
  wf_gateway_framer_free(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces), cmocka_unit_test(test_bounds)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
