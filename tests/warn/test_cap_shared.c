// Against the OASIS schema, with xmllint: everything that is written validates. Needs ../shared.
#include <stdlib.h>
#include <unistd.h>

#include "../shared_dir.h"
#include "../wf_test.h"
#include "products.h"
#include "warn/cap.h"

static char out[256 * 1024];
static size_t length;

static void save(const char *dir, int number) {
  char path[256];
  snprintf(path, sizeof path, "%s/%d.xml", dir, number);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(out, 1, length, file), length);
  assert_int_equal(fclose(file), 0);
}

static void write_and_save(const wf_product *p, const char *dir, int number) {
  assert_int_equal(wf_cap_write(p, "watchfire@example.org", TEST_AREAS, TEST_AREA_COUNT, out, sizeof out, &length),
                   WF_OK);
  save(dir, number);
}

static void test_valid_by_the_schema(void **state) {
  static const char *const NATIONS[] = {"JPN", "KOR", "USA"};
  char dir[] = "/tmp/wf_cap_XXXXXX", command[2048];
  assert_non_null(mkdtemp(dir));
  int count = 0;
  for (int nation = 0; nation < 3; nation++)
    for (int mode = WF_MODE_LIVE; mode <= WF_MODE_EXERCISE; mode++)
      for (int stage = WF_STAGE_LAUNCH_NOTICE; stage <= WF_STAGE_CORRECTION; stage++) {
        const wf_product p = test_product(NATIONS[nation], mode, stage);
        write_and_save(&p, dir, count++);
      }
  for (int i = 0; i < TEST_PLACE_COUNT; i++) {
    wf_product p = test_product("USA", WF_MODE_EXERCISE, WF_STAGE_AREA);
    p.impact.area = TEST_PLACES[i];
    write_and_save(&p, dir, count++);
  }
  snprintf(command, sizeof command, "xmllint --nonet --noout --schema '%s/data/cap/CAP-v1.2.xsd' %s/*.xml >%s/log 2>&1",
           wf_test_shared(), dir, dir);
  const int status = system(command);
  if (status != 0) print_message("see %s/log\n", dir);
  assert_int_equal(status, 0);
  snprintf(command, sizeof command, "rm -r %s", dir);
  assert_int_equal(system(command), 0);
  print_message("%d messages validate\n", count);
}

int main(void) {
  if (wf_test_shared() == NULL) return WF_TEST_SKIPPED;
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_valid_by_the_schema)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
