// A nation's certificate authority: a directory with authority.key, authority.pem, authority.crl and what it issued.
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pki_files.h"

static wf_status write_key(const char *path, EVP_PKEY *key, bool force, char reason[WF_IO_REASON_SIZE]) {
  BIO *bio = BIO_new(BIO_s_secmem());
  wf_status status = WF_OK;
  if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
    status = pki_fail(reason, "encode a private key");
  else
    status = pki_write(path, bio, 0600, force, reason);
  BIO_free(bio);
  return status;
}

static wf_status write_certificate(const char *path, X509 *certificate, bool force, char reason[WF_IO_REASON_SIZE]) {
  BIO *bio = BIO_new(BIO_s_mem());
  wf_status status = WF_OK;
  if (bio == NULL || PEM_write_bio_X509(bio, certificate) != 1)
    status = pki_fail(reason, "encode a certificate");
  else
    status = pki_write(path, bio, 0644, force, reason);
  BIO_free(bio);
  return status;
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  const bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return ok;
}

static bool add_signing_key(X509 *certificate, const uint8_t public_key[WF_PKI_KEY_SIZE]) {
  uint8_t der[2 + WF_PKI_KEY_SIZE] = {0x04, WF_PKI_KEY_SIZE};
  memcpy(der + 2, public_key, WF_PKI_KEY_SIZE);
  ASN1_OBJECT *object = pki_signing_key_object();
  ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
  X509_EXTENSION *extension = NULL;
  bool ok = object != NULL && value != NULL && ASN1_OCTET_STRING_set(value, der, sizeof der) == 1;
  if (ok) extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, value);
  ok = ok && extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(object);
  return ok;
}

static bool set_subject(X509_NAME *name, wf_nation nation, wf_mode mode, const char *common_name) {
  char unit[16];
  snprintf(unit, sizeof unit, "%s", wf_mode_name(mode));
  for (char *c = unit; *c != '\0'; c++) *c = (char)toupper((unsigned char)*c);
  return X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_UTF8, (const unsigned char *)nation.code, -1,
                                    -1, 0) &&
         X509_NAME_add_entry_by_NID(name, NID_organizationalUnitName, MBSTRING_UTF8, (const unsigned char *)unit, -1,
                                    -1, 0) &&
         X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0);
}

static bool set_serial(X509 *certificate) {
  uint8_t bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40);  // positive, and of one length
  BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
  const bool ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
  BN_free(number);
  return ok;
}

static X509 *blank(wf_nation nation, wf_mode mode, const char *common_name, int64_t from_s, int64_t for_s,
                   EVP_PKEY *key) {
  X509 *certificate = X509_new();
  const bool ok = certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1 &&
                  set_serial(certificate) && X509_gmtime_adj(X509_getm_notBefore(certificate), (long)from_s) != NULL &&
                  X509_gmtime_adj(X509_getm_notAfter(certificate), (long)(from_s + for_s)) != NULL &&
                  set_subject(X509_get_subject_name(certificate), nation, mode, common_name) &&
                  X509_set_pubkey(certificate, key) == 1;
  if (ok) return certificate;
  X509_free(certificate);
  return NULL;
}

// ---- The authority --------------------------------------------------------------------------------------------------
typedef struct authority {
  X509 *certificate;
  EVP_PKEY *key;
  wf_pki_subject subject;
} authority;

static void authority_clear(authority *a) {
  X509_free(a->certificate);
  EVP_PKEY_free(a->key);
}

static wf_status authority_load(const char *dir, authority *out, char reason[WF_IO_REASON_SIZE]) {
  char path[PKI_PATH_SIZE];
  memset(out, 0, sizeof *out);
  wf_status status = pki_join(dir, "authority.pem", path, reason);
  if (status == WF_OK) status = wf_pki_certificate_load(path, &out->certificate, reason);
  if (status == WF_OK) status = pki_join(dir, "authority.key", path, reason);
  if (status == WF_OK) status = wf_pki_private_key_load(path, &out->key, reason);
  if (status == WF_OK) status = wf_pki_subject_of(out->certificate, &out->subject, reason);
  if (status == WF_OK && X509_check_private_key(out->certificate, out->key) != 1) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.200s: authority.key does not belong to authority.pem", dir);
    status = WF_EDENIED;
  }
  if (status != WF_OK) authority_clear(out);
  return status;
}

// Signs the list as its next number, valid as long as the authority itself: it travels by explicit import.
static wf_status list_write(const char *dir, const authority *a, X509_CRL *list, uint64_t number,
                            char reason[WF_IO_REASON_SIZE]) {
  ASN1_INTEGER *serial = ASN1_INTEGER_new();
  ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
  BIO *bio = BIO_new(BIO_s_mem());
  char path[PKI_PATH_SIZE];
  wf_status status = pki_join(dir, "authority.crl", path, reason);
  const bool ok = serial && now && bio && ASN1_INTEGER_set_uint64(serial, number) == 1 &&
                  X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
                  X509_CRL_set_issuer_name(list, X509_get_subject_name(a->certificate)) == 1 &&
                  X509_CRL_set1_lastUpdate(list, now) == 1 &&
                  X509_CRL_set1_nextUpdate(list, X509_get0_notAfter(a->certificate)) == 1 &&
                  X509_CRL_add1_ext_i2d(list, NID_crl_number, serial, 0, X509V3_ADD_REPLACE) == 1 &&
                  X509_CRL_sort(list) == 1 && X509_CRL_sign(list, a->key, EVP_sha256()) > 0 &&
                  PEM_write_bio_X509_CRL(bio, list) == 1;
  if (status == WF_OK) status = ok ? pki_write(path, bio, 0644, true, reason) : pki_fail(reason, "revocation list");
  BIO_free(bio);
  ASN1_TIME_free(now);
  ASN1_INTEGER_free(serial);
  return status;
}

static wf_status authority_write(const char *dir, const authority *a, bool force, char reason[WF_IO_REASON_SIZE]) {
  char path[PKI_PATH_SIZE];
  wf_status status = pki_join(dir, "authority.key", path, reason);
  if (status == WF_OK) status = write_key(path, a->key, force, reason);
  if (status == WF_OK) status = pki_join(dir, "authority.pem", path, reason);
  if (status == WF_OK) status = write_certificate(path, a->certificate, force, reason);
  X509_CRL *list = X509_CRL_new();
  if (status == WF_OK) status = list != NULL ? list_write(dir, a, list, 1, reason) : WF_ENOMEM;
  X509_CRL_free(list);
  return status;
}

wf_status wf_pki_init(const char *dir, wf_nation nation, wf_mode mode, int64_t for_s, bool force,
                      char reason[WF_IO_REASON_SIZE]) {
  if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.250s: %s", dir, strerror(errno));
    return WF_EIO;
  }
  authority a = {.key = EVP_EC_gen("P-256")};
  if (a.key != NULL) a.certificate = blank(nation, mode, "Watchfire authority", -300, for_s, a.key);
  const bool ok = a.certificate != NULL &&
                  X509_set_issuer_name(a.certificate, X509_get_subject_name(a.certificate)) == 1 &&
                  add_extension(a.certificate, a.certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                  add_extension(a.certificate, a.certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                  add_extension(a.certificate, a.certificate, NID_subject_key_identifier, "hash") &&
                  X509_sign(a.certificate, a.key, EVP_sha256()) > 0;
  const wf_status status = ok ? authority_write(dir, &a, force, reason) : pki_fail(reason, "make an authority");
  authority_clear(&a);
  return status;
}

// ---- Issuing --------------------------------------------------------------------------------------------------------
static const char *role_word(wf_pki_role role) {
  return role == WF_PKI_NODE ? "node" : role == WF_PKI_OPERATOR ? "operator" : "server";
}

static wf_status check_request(const wf_pki_request *r, char reason[WF_IO_REASON_SIZE]) {
  bool ok = r->name[0] != '\0' && strlen(r->name) < 32 && r->role != WF_PKI_AUTHORITY;
  for (const char *c = r->name; *c != '\0'; c++)
    ok = ok && (r->role == WF_PKI_NODE ? isdigit((unsigned char)*c)
                                       : isalnum((unsigned char)*c) || strchr("._-", *c) != NULL);
  if (ok && r->role == WF_PKI_NODE) ok = strtoull(r->name, NULL, 10) > 0 && strtoull(r->name, NULL, 10) <= UINT32_MAX;
  if (ok) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE,
           "\"%.40s\": a node's name is its number (1 or higher), others are letters, digits, . _ -", r->name);
  return WF_EINVAL;
}

static bool add_role_extensions(X509 *certificate, const authority *a, const wf_pki_request *r) {
  const char *usage = r->role == WF_PKI_NODE       ? "clientAuth,serverAuth"
                      : r->role == WF_PKI_OPERATOR ? "clientAuth"
                                                   : "serverAuth";
  bool ok = add_extension(certificate, a->certificate, NID_basic_constraints, "critical,CA:FALSE") &&
            add_extension(certificate, a->certificate, NID_key_usage, "critical,digitalSignature") &&
            add_extension(certificate, a->certificate, NID_ext_key_usage, usage) &&
            add_extension(certificate, a->certificate, NID_subject_key_identifier, "hash") &&
            add_extension(certificate, a->certificate, NID_authority_key_identifier, "keyid");
  if (r->dns == NULL && r->ip == NULL) return ok;
  char names[256];
  snprintf(names, sizeof names, "%s%s%s%s%s", r->dns ? "DNS:" : "", r->dns ? r->dns : "", r->dns && r->ip ? "," : "",
           r->ip ? "IP:" : "", r->ip ? r->ip : "");
  return ok && add_extension(certificate, a->certificate, NID_subject_alt_name, names);
}

static wf_status write_issued(const char *dir, const wf_pki_request *r, X509 *certificate, EVP_PKEY *key,
                              EVP_PKEY *signing, char reason[WF_IO_REASON_SIZE]) {
  char name[64], path[PKI_PATH_SIZE];
  wf_status status = WF_OK;
  if (signing != NULL) {
    snprintf(name, sizeof name, "%s-%s.sign", role_word(r->role), r->name);
    status = pki_join(dir, name, path, reason);
    if (status == WF_OK) status = write_key(path, signing, r->force, reason);
  }
  snprintf(name, sizeof name, "%s-%s.key", role_word(r->role), r->name);
  if (status == WF_OK) status = pki_join(dir, name, path, reason);
  if (status == WF_OK) status = write_key(path, key, r->force, reason);
  snprintf(name, sizeof name, "%s-%s.pem", role_word(r->role), r->name);
  if (status == WF_OK) status = pki_join(dir, name, path, reason);
  if (status == WF_OK) status = write_certificate(path, certificate, r->force, reason);
  return status;
}

wf_status wf_pki_issue(const char *dir, const wf_pki_request *r, char reason[WF_IO_REASON_SIZE]) {
  authority a;
  wf_status status = check_request(r, reason);
  if (status == WF_OK) status = authority_load(dir, &a, reason);
  if (status != WF_OK) return status;
  char common_name[WF_PKI_NAME_SIZE];
  snprintf(common_name, sizeof common_name, "%s %s", role_word(r->role), r->name);
  EVP_PKEY *key = EVP_EC_gen("P-256"),
           *signing = r->role == WF_PKI_NODE ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : NULL;
  X509 *certificate =
      key == NULL ? NULL : blank(a.subject.nation, a.subject.mode, common_name, r->from_s, r->for_s, key);
  bool ok = certificate != NULL && X509_set_issuer_name(certificate, X509_get_subject_name(a.certificate)) == 1 &&
            add_role_extensions(certificate, &a, r);
  uint8_t public_key[WF_PKI_KEY_SIZE];
  size_t size = sizeof public_key;
  if (ok && r->role == WF_PKI_NODE)
    ok = signing != NULL && EVP_PKEY_get_raw_public_key(signing, public_key, &size) == 1 &&
         add_signing_key(certificate, public_key);
  ok = ok && X509_sign(certificate, a.key, EVP_sha256()) > 0;
  status = ok ? write_issued(dir, r, certificate, key, signing, reason) : pki_fail(reason, "issue a certificate");
  X509_free(certificate);
  EVP_PKEY_free(key);
  EVP_PKEY_free(signing);
  authority_clear(&a);
  return status;
}

// ---- Revoking -------------------------------------------------------------------------------------------------------
static bool list_add(X509_CRL *list, X509 *certificate) {
  X509_REVOKED *entry = X509_REVOKED_new();
  ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
  const bool ok = entry && now && X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate)) == 1 &&
                  X509_REVOKED_set_revocationDate(entry, now) == 1 && X509_CRL_add0_revoked(list, entry) == 1;
  if (!ok) X509_REVOKED_free(entry);
  ASN1_TIME_free(now);
  return ok;
}

static wf_status revoke(const char *dir, const authority *a, X509 *certificate, X509_CRL *list,
                        char reason[WF_IO_REASON_SIZE]) {
  X509_REVOKED *entry = NULL;
  if (X509_verify(certificate, a->key) != 1) {
    ERR_clear_error();
    snprintf(reason, WF_IO_REASON_SIZE, "this authority did not issue that certificate");
    return WF_EDENIED;
  }
  if (X509_CRL_get0_by_cert(list, &entry, certificate) == 1) {
    snprintf(reason, WF_IO_REASON_SIZE, "already revoked");
    return WF_EEXIST;
  }
  if (!list_add(list, certificate)) return pki_fail(reason, "revoke");
  return list_write(dir, a, list, pki_list_number(list) + 1, reason);
}

wf_status wf_pki_revoke(const char *dir, const char *path, char reason[WF_IO_REASON_SIZE]) {
  authority a;
  char list_path[PKI_PATH_SIZE];
  X509 *certificate = NULL;
  wf_status status = authority_load(dir, &a, reason);
  if (status != WF_OK) return status;
  X509_CRL *list = NULL;
  status = wf_pki_certificate_load(path, &certificate, reason);
  if (status == WF_OK) status = pki_join(dir, "authority.crl", list_path, reason);
  if (status == WF_OK && (list = pki_list_load(list_path, reason)) == NULL) status = WF_EFORMAT;
  if (status == WF_OK) status = revoke(dir, &a, certificate, list, reason);
  X509_CRL_free(list);
  X509_free(certificate);
  authority_clear(&a);
  return status;
}

// ---- Export ---------------------------------------------------------------------------------------------------------
static int is_node_certificate(const struct dirent *entry) {
  const size_t length = strlen(entry->d_name);
  return strncmp(entry->d_name, "node-", 5) == 0 && length > 9 && strcmp(entry->d_name + length - 4, ".pem") == 0;
}

static wf_status append_nodes(const char *dir, BIO *bio, X509_CRL *list, char reason[WF_IO_REASON_SIZE]) {
  struct dirent **names = NULL;
  const int count = scandir(dir, &names, is_node_certificate, alphasort);
  wf_status status = count < 0 ? WF_EIO : WF_OK;
  for (int i = 0; i < count; i++) {
    char path[PKI_PATH_SIZE];
    X509 *certificate = NULL;
    X509_REVOKED *entry = NULL;
    if (status == WF_OK) status = pki_join(dir, names[i]->d_name, path, reason);
    if (status == WF_OK) status = wf_pki_certificate_load(path, &certificate, reason);
    if (status == WF_OK && X509_CRL_get0_by_cert(list, &entry, certificate) != 1 &&
        PEM_write_bio_X509(bio, certificate) != 1)
      status = pki_fail(reason, "encode a certificate");
    X509_free(certificate);
    free(names[i]);
  }
  free(names);
  return status;
}

wf_status wf_pki_export(const char *dir, const char *out_path, bool force, char reason[WF_IO_REASON_SIZE]) {
  authority a;
  char path[PKI_PATH_SIZE];
  wf_status status = authority_load(dir, &a, reason);
  if (status != WF_OK) return status;
  X509_CRL *list = NULL;
  BIO *bio = BIO_new(BIO_s_mem());
  status = pki_join(dir, "authority.crl", path, reason);
  if (status == WF_OK && (list = pki_list_load(path, reason)) == NULL) status = WF_EFORMAT;
  if (status == WF_OK) {
    BIO_printf(bio, "# Watchfire trust bundle: nation %s, mode %s, revocation list %llu\n", a.subject.nation.code,
               wf_mode_name(a.subject.mode), (unsigned long long)pki_list_number(list));
    if (PEM_write_bio_X509(bio, a.certificate) != 1 || PEM_write_bio_X509_CRL(bio, list) != 1)
      status = pki_fail(reason, "encode");
  }
  if (status == WF_OK) status = append_nodes(dir, bio, list, reason);
  if (status == WF_OK) status = pki_write(out_path, bio, 0644, force, reason);
  BIO_free(bio);
  X509_CRL_free(list);
  authority_clear(&a);
  return status;
}
