// The checker's verdicts on files, as their manifest states them; and, with ../shared, what is written against the
// OASIS schema with xmllint. Arguments: the directory with manifest.csv, or "shared".
#include <stdlib.h>
#include <unistd.h>

#include "../shared_dir.h"
#include "../wf_test.h"
#include "products.h"
#include "warn/cap.h"

static char folder[1024], text[1 << 20];
static size_t length;

// A file passes when both the schema and the rules of the text let it pass; n/a is no CAP 1.2 alert.
static const char *expected(const char *schema, const char *rules) {
  return strcmp(schema, "invalid") == 0 || strcmp(rules, "n/a") == 0 ? "reject" : rules;
}

static void check_file(const char *name, const char *want) {
  char path[1400], rule[48], detail[160];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  length = fread(text, 1, sizeof text, file);
  fclose(file);
  const char *got = wf_cap_verdict_name(wf_cap_check(text, length, rule, detail));
  print_message("%-45s %-6s %s\n", name, got, rule);
  assert_string_equal(got, want);
}

static void test_verdicts(void **state) {
  char path[1200], line[2048];
  snprintf(path, sizeof path, "%s/manifest.csv", folder);
  FILE *manifest = fopen(path, "r");
  assert_non_null(manifest);
  int count = 0;
  while (fgets(line, sizeof line, manifest) != NULL) {
    char name[256], version[16], schema[16], own[16], rules[16];
    if (sscanf(line, "%255[^,],%15[^,],%15[^,],%15[^,],%15[^,]", name, version, schema, own, rules) != 5) continue;
    if (strcmp(name, "file") == 0) continue;
    check_file(name, expected(schema, rules));
    count++;
  }
  fclose(manifest);
  print_message("%d files\n", count);
  assert_true(count >= 21);
}

static void write_and_save(const wf_product *p, const char *dir, int number) {
  assert_int_equal(wf_cap_write(p, "watchfire@example.org", TEST_AREAS, TEST_AREA_COUNT, text, sizeof text, &length),
                   WF_OK);
  char path[256];
  snprintf(path, sizeof path, "%s/%d.xml", dir, number);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, length, file), length);
  assert_int_equal(fclose(file), 0);
}

static void test_valid_by_the_schema(void **state) {
  static const char *const NATIONS[] = {"JPN", "KOR", "USA"};
  char dir[] = "/tmp/wf_cap_XXXXXX", command[2048], schema[1100];
  snprintf(schema, sizeof schema, "%s/CAP-v1.2.xsd", folder);
  if (access(schema, R_OK) != 0) skip();
  assert_non_null(mkdtemp(dir));
  int count = 0;
  for (int nation = 0; nation < 3; nation++)
    for (int mode = WF_MODE_LIVE; mode <= WF_MODE_EXERCISE; mode++)
      for (int stage = WF_STAGE_LAUNCH_NOTICE; stage <= WF_STAGE_LAST; stage++) {
        const wf_product p = test_product(NATIONS[nation], mode, stage);
        write_and_save(&p, dir, count++);
      }
  for (int i = 0; i < TEST_PLACE_COUNT; i++) {
    wf_product p = test_product("USA", WF_MODE_EXERCISE, WF_STAGE_AREA);
    p.impact.area = TEST_PLACES[i];
    write_and_save(&p, dir, count++);
  }
  snprintf(command, sizeof command, "xmllint --nonet --noout --schema '%s' %s/*.xml >%s/log 2>&1", schema, dir, dir);
  const int status = system(command);
  if (status != 0) print_message("see %s/log\n", dir);
  assert_int_equal(status, 0);
  snprintf(command, sizeof command, "rm -r %s", dir);
  assert_int_equal(system(command), 0);
  print_message("%d messages validate\n", count);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  if (strcmp(argv[1], "shared") == 0) {
    if (wf_test_shared() == NULL) return WF_TEST_SKIPPED;
    snprintf(folder, sizeof folder, "%s/data/cap", wf_test_shared());
  } else {
    snprintf(folder, sizeof folder, "%s", argv[1]);
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_verdicts), cmocka_unit_test(test_valid_by_the_schema)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
