// A nation's authority from init to revocation, and a partner's trust in it.
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/pki.h"
#include "wf_test.h"

#define DAY 86400
static char dir[64], reason[WF_IO_REASON_SIZE];

static const char *at(const char *name) {
  static char path[4][160];
  static unsigned turn;
  char *p = path[turn++ % 4];
  snprintf(p, sizeof path[0], "%s/%s", dir, name);
  return p;
}

static void ok(wf_status status) {
  if (status != WF_OK) fail_msg("%s: %s", wf_status_name(status), reason);
}

static wf_nation nation(const char *code) {
  wf_nation n;
  assert_int_equal(wf_nation_parse(code, &n), WF_OK);
  return n;
}

static wf_status issue(const char *authority, wf_pki_role role, const char *name, int64_t from_s, int64_t for_s) {
  const wf_pki_request r = {.role = role, .name = name, .from_s = from_s, .for_s = for_s};
  return wf_pki_issue(at(authority), &r, reason);
}

static wf_pki_verdict judge(const wf_pki_trust *trust, const char *certificate, wf_pki_role role) {
  X509 *leaf = NULL;
  wf_pki_subject subject;
  ok(wf_pki_certificate_load(at(certificate), &leaf, reason));
  const wf_pki_verdict verdict = wf_pki_judge(trust, leaf, role, true, &subject, NULL);
  X509_free(leaf);
  return verdict;
}

static int setup(void **state) {
  snprintf(dir, sizeof dir, "/tmp/wf_pki_XXXXXX");
  assert_non_null(mkdtemp(dir));
  ok(wf_pki_init(at("jpn"), nation("JPN"), WF_MODE_EXERCISE, 3650 * DAY, false, reason));
  ok(wf_pki_init(at("kor"), nation("KOR"), WF_MODE_EXERCISE, 3650 * DAY, false, reason));
  ok(wf_pki_init(at("live"), nation("JPN"), WF_MODE_LIVE, 3650 * DAY, false, reason));
  ok(issue("jpn", WF_PKI_NODE, "1", -60, DAY));
  return 0;
}

static int teardown(void **state) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command);
}

static void private_keys_are_private(void **state) {
  const char *names[] = {"jpn/authority.key", "jpn/node-1.key", "jpn/node-1.sign"};
  for (int i = 0; i < 3; i++) {
    struct stat s;
    assert_int_equal(stat(at(names[i]), &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
  }
  EVP_PKEY *key = NULL;
  chmod(at("jpn/node-1.key"), 0640);
  assert_int_equal(wf_pki_private_key_load(at("jpn/node-1.key"), &key, reason), WF_EDENIED);
  assert_non_null(strstr(reason, "chmod 600"));
}

static void nothing_is_overwritten_without_force(void **state) {
  assert_int_equal(wf_pki_init(at("jpn"), nation("JPN"), WF_MODE_EXERCISE, DAY, false, reason), WF_EEXIST);
  assert_int_equal(issue("jpn", WF_PKI_NODE, "1", 0, DAY), WF_EEXIST);
  ok(wf_pki_export(at("jpn"), at("b.pem"), false, reason));
  assert_int_equal(wf_pki_export(at("jpn"), at("b.pem"), false, reason), WF_EEXIST);
  ok(wf_pki_export(at("jpn"), at("b.pem"), true, reason));
}

static void round_trip_carries_the_signing_key(void **state) {
  ok(wf_pki_export(at("jpn"), at("b.pem"), false, reason));
  wf_pki_trust trust;
  ok(wf_pki_import(at("b.pem"), at("trust"), false, &trust, reason));
  assert_string_equal(trust.nation.code, "JPN");
  assert_int_equal(trust.mode, WF_MODE_EXERCISE);
  assert_int_equal(trust.key_count, 1);
  wf_signing_key key;
  ok(wf_signing_key_load(at("jpn/node-1.sign"), &key, reason));
  assert_memory_equal(key.public_key, trust.key[0], WF_PKI_KEY_SIZE);
  uint8_t signature[64];
  const wf_bytes message = {(const uint8_t *)"hello", 5};
  wf_sign(&key, message, signature);
  assert_true(wf_signature_ok(trust.key[0], message, signature));
  signature[3] ^= 1;
  assert_false(wf_signature_ok(trust.key[0], message, signature));
  assert_int_equal(judge(&trust, "jpn/node-1.pem", WF_PKI_NODE), WF_PKI_TRUSTED);
  wf_pki_trust_clear(&trust);
}

static void every_wrong_certificate_has_its_name(void **state) {
  ok(issue("jpn", WF_PKI_NODE, "2", -2 * DAY, DAY));
  ok(issue("jpn", WF_PKI_NODE, "3", DAY, DAY));
  ok(issue("jpn", WF_PKI_OPERATOR, "alice", 0, DAY));
  ok(issue("kor", WF_PKI_NODE, "1", 0, DAY));
  ok(issue("live", WF_PKI_NODE, "1", 0, DAY));
  ok(wf_pki_init(at("fake"), nation("JPN"), WF_MODE_EXERCISE, DAY, false, reason));
  ok(issue("fake", WF_PKI_NODE, "1", 0, DAY));
  ok(wf_pki_export(at("jpn"), at("b.pem"), false, reason));
  wf_pki_trust trust;
  ok(wf_pki_trust_load(at("b.pem"), &trust, reason));
  assert_int_equal(trust.key_count, 1);  // the expired and the future one do not count
  assert_int_equal(judge(&trust, "jpn/node-2.pem", WF_PKI_NODE), WF_PKI_EXPIRED);
  assert_int_equal(judge(&trust, "jpn/node-3.pem", WF_PKI_NODE), WF_PKI_NOT_YET_VALID);
  assert_int_equal(judge(&trust, "jpn/operator-alice.pem", WF_PKI_NODE), WF_PKI_WRONG_ROLE);
  assert_int_equal(judge(&trust, "jpn/authority.pem", WF_PKI_NODE), WF_PKI_WRONG_ROLE);
  assert_int_equal(judge(&trust, "kor/node-1.pem", WF_PKI_NODE), WF_PKI_WRONG_NATION);
  assert_int_equal(judge(&trust, "live/node-1.pem", WF_PKI_NODE), WF_PKI_WRONG_MODE);
  assert_int_equal(judge(&trust, "fake/node-1.pem", WF_PKI_NODE), WF_PKI_UNKNOWN_AUTHORITY);
  wf_pki_trust_clear(&trust);
}

static void revocation_reaches_the_partner(void **state) {
  wf_pki_trust trust;
  ok(wf_pki_export(at("jpn"), at("old.pem"), false, reason));
  ok(wf_pki_revoke(at("jpn"), at("jpn/node-1.pem"), reason));
  assert_int_equal(wf_pki_revoke(at("jpn"), at("jpn/node-1.pem"), reason), WF_EEXIST);
  ok(issue("kor", WF_PKI_NODE, "1", 0, DAY));
  assert_int_equal(wf_pki_revoke(at("jpn"), at("kor/node-1.pem"), reason), WF_EDENIED);
  ok(wf_pki_export(at("jpn"), at("new.pem"), false, reason));
  ok(wf_pki_import(at("new.pem"), at("trust"), false, &trust, reason));
  assert_int_equal(trust.key_count, 0);
  assert_int_equal(judge(&trust, "jpn/node-1.pem", WF_PKI_NODE), WF_PKI_REVOKED);
  wf_pki_trust_clear(&trust);
  assert_int_equal(wf_pki_import(at("old.pem"), at("trust"), false, &trust, reason), WF_EDENIED);  // would un-revoke
}

static void another_authority_is_not_taken_silently(void **state) {
  wf_pki_trust trust;
  ok(wf_pki_export(at("jpn"), at("b.pem"), false, reason));
  ok(wf_pki_import(at("b.pem"), at("trust"), false, &trust, reason));
  wf_pki_trust_clear(&trust);
  ok(wf_pki_init(at("fake"), nation("JPN"), WF_MODE_EXERCISE, DAY, false, reason));
  ok(wf_pki_export(at("fake"), at("f.pem"), false, reason));
  assert_int_equal(wf_pki_import(at("f.pem"), at("trust"), false, &trust, reason), WF_EEXIST);
  assert_non_null(strstr(reason, "fingerprint"));
  ok(wf_pki_import(at("f.pem"), at("trust"), true, &trust, reason));
  wf_pki_trust_clear(&trust);
}

static void bad_bundles_are_named(void **state) {
  const struct {
    const char *files;
    const char *word;
  } cases[] = {
      {"/dev/null", "no authority"},
      {"jpn/node-1.pem", "no authority"},
      {"jpn/authority.pem", "no revocation list"},
      {"jpn/authority.pem kor/authority.crl", "not the authority's"},
      {"jpn/authority.pem jpn/authority.crl jpn/node-1.key", "private key"},
      {"jpn/authority.pem kor/authority.pem jpn/authority.crl", "two authorities"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char command[512];
    snprintf(command, sizeof command, "cd %s && cat %s > x.pem", dir, cases[i].files);
    assert_int_equal(system(command), 0);
    wf_pki_trust trust;
    assert_int_not_equal(wf_pki_trust_load(at("x.pem"), &trust, reason), WF_OK);
    if (strstr(reason, cases[i].word) == NULL)
      fail_msg("case %zu: \"%s\" does not say \"%s\"", i, reason, cases[i].word);
  }
}

static void odd_names_are_refused(void **state) {
  assert_int_equal(issue("jpn", WF_PKI_NODE, "0", 0, DAY), WF_EINVAL);
  assert_int_equal(issue("jpn", WF_PKI_NODE, "one", 0, DAY), WF_EINVAL);
  assert_int_equal(issue("jpn", WF_PKI_OPERATOR, "../x", 0, DAY), WF_EINVAL);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      T(private_keys_are_private),
      T(nothing_is_overwritten_without_force),
      T(round_trip_carries_the_signing_key),
      T(every_wrong_certificate_has_its_name),
      T(revocation_reaches_the_partner),
      T(another_authority_is_not_taken_silently),
      T(bad_bundles_are_named),
      T(odd_names_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
