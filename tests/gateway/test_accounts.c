#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "warn/warn.h"
#include "wf_test.h"

static wf_status parse(const char *text, wf_accounts *out, char reason[WF_ACCOUNTS_REASON_SIZE]) {
  return wf_accounts_parse(text, strlen(text), out, reason);
}

// The account file and the core speak of the same roles by number and by name.
static void test_roles(void **state) {
  wf_account_role role;
  for (int r = WF_ROLE_VIEWER; r <= WF_ROLE_ADMINISTRATOR; r++) {
    assert_string_equal(wf_account_role_name((wf_account_role)r), wf_role_name((wf_role)r));
    assert_true(wf_account_role_parse(wf_role_name((wf_role)r), &role));
    assert_int_equal(role, r);
  }
  assert_null(wf_account_role_name(0));
  assert_null(wf_account_role_name(WF_ROLE_ADMINISTRATOR + 1));
  assert_false(wf_account_role_parse("root", &role));
  assert_int_equal(WF_ACCOUNTS_MAX, WF_OFFICERS_MAX);
  assert_int_equal(WF_ACCOUNT_NAME_SIZE, WF_OPERATOR_SIZE);
}

static void test_text(void **state) {
  wf_accounts a;
  char reason[WF_ACCOUNTS_REASON_SIZE];
  assert_int_equal(
      parse("# a comment\n\nsato yuki\twatch_officer\tactive\t-\nlee\tviewer\tdisabled\t$argon2id$x", &a, reason),
      WF_OK);
  assert_int_equal(a.count, 2);
  assert_string_equal(wf_accounts_find(&a, "SATO Yuki")->name, "sato yuki");
  assert_true(wf_accounts_find(&a, "lee")->disabled);
  assert_null(wf_accounts_find(&a, "sato"));
  static const struct {
    const char *text, *why;
  } bad[] = {{"sato\twatch_officer\tactive\n", "four fields"},
             {"sato\twatch_officer\tactive\t-\tmore\n", "more than four"},
             {"sato\tadmiral\tactive\t-\n", "role"},
             {"sato\tviewer\tasleep\t-\n", "state"},
             {"sato\tviewer\tactive\tplain password\n", "argon2id"},
             {"\tviewer\tactive\t-\n", "name"},
             {" sato\tviewer\tactive\t-\n", "name"},
             {"a name of more than thirty-one bytes\tviewer\tactive\t-\n", "name"},
             {"sato\tviewer\tactive\t-\nSATO\tviewer\tactive\t-\n", "line 2: the name is there"}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(parse(bad[i].text, &a, reason), WF_EFORMAT);
    assert_non_null(strstr(reason, bad[i].why));
    assert_int_equal(a.count, 0);
  }
  char many[64 * 64] = "";
  for (int i = 0; i <= WF_ACCOUNTS_MAX; i++) sprintf(many + strlen(many), "p%d\tviewer\tactive\t-\n", i);
  assert_int_equal(parse(many, &a, reason), WF_EFORMAT);
}

static void test_passwords(void **state) {
  wf_account a = {.name = "sato", .role = WF_ACCOUNT_VIEWER};
  const char *why = NULL;
  assert_int_equal(wf_account_set_password(&a, "eleven byte", &why), WF_EINVAL);
  assert_non_null(strstr(why, "12"));
  assert_int_equal(wf_account_set_password(&a, "correct horse battery", &why), WF_OK);
  assert_int_equal(strncmp(a.hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31), 0);
  assert_true(wf_account_password_ok(a.hash, "correct horse battery"));
  assert_false(wf_account_password_ok(a.hash, "correct horse batterz"));
  assert_false(wf_account_password_ok(a.hash, ""));
  assert_false(wf_account_password_ok("", ""));
  assert_false(wf_account_password_ok("$argon2id$broken", "correct horse battery"));
  char before[WF_ACCOUNT_HASH_SIZE];
  strcpy(before, a.hash);
  assert_int_equal(wf_account_set_password(&a, "correct horse battery", &why), WF_OK);
  assert_string_not_equal(a.hash, before);  // salted
}

static void test_file(void **state) {
  char folder[] = "/tmp/watchfire-accounts-XXXXXX", path[64], reason[WF_ACCOUNTS_REASON_SIZE];
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/accounts", folder);
  wf_accounts a, back;
  assert_int_equal(wf_accounts_load(path, &a, reason), WF_ENOTFOUND);
  assert_int_equal(parse("sato\twatch_officer\tactive\t-\nlee\tviewer\tdisabled\t$argon2id$x\n", &a, reason), WF_OK);
  assert_int_equal(wf_accounts_save(path, &a, reason), WF_OK);
  assert_int_equal(wf_accounts_load(path, &back, reason), WF_OK);
  assert_memory_equal(&a, &back, sizeof a);
  assert_int_equal(chmod(path, 0644), 0);
  assert_int_equal(wf_accounts_load(path, &back, reason), WF_EDENIED);
  assert_int_equal(back.count, 0);
  unlink(path);
  rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_roles), cmocka_unit_test(test_text),
                                     cmocka_unit_test(test_passwords), cmocka_unit_test(test_file)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
