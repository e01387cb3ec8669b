// Trust in a partner: its bundle read and checked, and certificates judged against it.
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pki_files.h"

static wf_status malformed(char reason[WF_IO_REASON_SIZE], const char *path, const char *why) {
  snprintf(reason, WF_IO_REASON_SIZE, "%.200s: %.150s", path, why);
  return WF_EFORMAT;
}

// ---- Reading a bundle -----------------------------------------------------------------------------------------------
typedef struct parts {
  X509 *authority;
  X509_CRL *list;
  STACK_OF(X509_INFO) * all;
} parts;

static wf_status find_parts(parts *p, const char *path, char reason[WF_IO_REASON_SIZE]) {
  for (int i = 0; i < sk_X509_INFO_num(p->all); i++) {
    const X509_INFO *info = sk_X509_INFO_value(p->all, i);
    if (info->x_pkey != NULL) return malformed(reason, path, "holds a private key; nobody should have sent you that");
    if (info->crl != NULL && p->list != NULL) return malformed(reason, path, "holds two revocation lists");
    if (info->crl != NULL) p->list = info->crl;
    if (info->x509 == NULL || X509_check_ca(info->x509) != 1) continue;
    if (p->authority != NULL) return malformed(reason, path, "holds two authorities");
    p->authority = info->x509;
  }
  if (p->authority == NULL) return malformed(reason, path, "holds no authority certificate");
  if (p->list == NULL) return malformed(reason, path, "holds no revocation list");
  EVP_PKEY *key = X509_get0_pubkey(p->authority);
  if (X509_self_signed(p->authority, 1) != 1) return malformed(reason, path, "the authority is not self-signed");
  if (X509_CRL_verify(p->list, key) != 1) return malformed(reason, path, "the revocation list is not the authority's");
  return WF_OK;
}

static wf_status make_store(const parts *p, wf_pki_trust *out, char reason[WF_IO_REASON_SIZE]) {
  out->store = X509_STORE_new();
  if (out->store == NULL || X509_STORE_add_cert(out->store, p->authority) != 1 ||
      X509_STORE_add_crl(out->store, p->list) != 1 ||
      X509_STORE_set_flags(out->store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT) != 1)
    return pki_fail(reason, "trust store");
  unsigned char digest[32];
  unsigned size = sizeof digest;
  if (X509_digest(p->authority, EVP_sha256(), digest, &size) != 1) return pki_fail(reason, "fingerprint");
  wf_hex(digest, sizeof digest, out->fingerprint);
  out->list_number = pki_list_number(p->list);
  return WF_OK;
}

static wf_status add_nodes(const parts *p, wf_pki_trust *out, const char *path, char reason[WF_IO_REASON_SIZE]) {
  for (int i = 0; i < sk_X509_INFO_num(p->all); i++) {
    X509 *node = sk_X509_INFO_value(p->all, i)->x509;
    if (node == NULL || node == p->authority) continue;
    wf_pki_subject subject;
    const wf_pki_verdict verdict = wf_pki_judge(out, node, WF_PKI_NODE, true, &subject, NULL);
    if (verdict == WF_PKI_EXPIRED || verdict == WF_PKI_NOT_YET_VALID || verdict == WF_PKI_REVOKED) continue;
    if (verdict != WF_PKI_TRUSTED) return malformed(reason, path, wf_pki_verdict_name(verdict));
    if (!subject.has_signing_key) return malformed(reason, path, "a node certificate without a stream-signing key");
    if (out->key_count == WF_PKI_KEYS_MAX)
      return malformed(reason, path, "more node certificates than the bound of 16");
    memcpy(out->key[out->key_count++], subject.signing_key, WF_PKI_KEY_SIZE);
  }
  return WF_OK;
}

static wf_status load_parts(parts *p, const char *path, wf_pki_trust *out, char reason[WF_IO_REASON_SIZE]) {
  wf_pki_subject subject;
  wf_status status = find_parts(p, path, reason);
  if (status == WF_OK) status = wf_pki_subject_of(p->authority, &subject, reason);
  if (status == WF_OK && subject.role != WF_PKI_AUTHORITY)
    status = malformed(reason, path, "the authority's name is not one");
  if (status == WF_OK) {
    out->nation = subject.nation;
    out->mode = subject.mode;
    status = make_store(p, out, reason);
  }
  if (status == WF_OK) status = add_nodes(p, out, path, reason);
  return status;
}

wf_status wf_pki_trust_load(const char *path, wf_pki_trust *out, char reason[WF_IO_REASON_SIZE]) {
  memset(out, 0, sizeof *out);
  BIO *bio = pki_read(path, reason);
  if (bio == NULL) return WF_ENOTFOUND;
  parts p = {.all = PEM_X509_INFO_read_bio(bio, NULL, NULL, NULL)};
  BIO_free(bio);
  const wf_status status =
      p.all == NULL ? malformed(reason, path, "is not a PEM file") : load_parts(&p, path, out, reason);
  sk_X509_INFO_pop_free(p.all, X509_INFO_free);
  ERR_clear_error();
  if (status != WF_OK) wf_pki_trust_clear(out);
  return status;
}

void wf_pki_trust_clear(wf_pki_trust *trust) {
  X509_STORE_free(trust->store);
  trust->store = NULL;
  trust->key_count = 0;
}

// ---- Import ---------------------------------------------------------------------------------------------------------
static wf_status compare_with_old(const char *path, const wf_pki_trust *fresh, char reason[WF_IO_REASON_SIZE]) {
  wf_pki_trust old;
  const wf_status status = wf_pki_trust_load(path, &old, reason);
  if (status != WF_OK) return status == WF_ENOTFOUND ? WF_OK : status;
  const bool same = strcmp(old.fingerprint, fresh->fingerprint) == 0;
  const bool older = fresh->list_number < old.list_number;
  wf_pki_trust_clear(&old);
  if (!same) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.200s trusts another authority for %s; compare fingerprints, then --force",
             path, fresh->nation.code);
    return WF_EEXIST;
  }
  if (!older) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "%.200s has a newer revocation list than this bundle (--force takes it anyway)",
           path);
  return WF_EDENIED;
}

static wf_status copy_bundle(const char *from, const char *to, char reason[WF_IO_REASON_SIZE]) {
  BIO *in = pki_read(from, reason), *out = BIO_new(BIO_s_mem());
  wf_status status = in == NULL || out == NULL ? WF_EIO : WF_OK;
  char buffer[4096];
  for (int n; status == WF_OK && (n = BIO_read(in, buffer, sizeof buffer)) > 0;)
    if (BIO_write(out, buffer, n) != n) status = WF_ENOMEM;
  if (status == WF_OK) status = pki_write(to, out, 0644, true, reason);
  BIO_free(in);
  BIO_free(out);
  return status;
}

wf_status wf_pki_import(const char *bundle, const char *trust_dir, bool force, wf_pki_trust *out,
                        char reason[WF_IO_REASON_SIZE]) {
  wf_status status = wf_pki_trust_load(bundle, out, reason);
  if (status != WF_OK) return status;
  char name[16], path[PKI_PATH_SIZE];
  snprintf(name, sizeof name, "%s.pem", out->nation.code);
  if (mkdir(trust_dir, 0755) != 0 && errno != EEXIST) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.250s: %s", trust_dir, strerror(errno));
    status = WF_EIO;
  }
  if (status == WF_OK) status = pki_join(trust_dir, name, path, reason);
  if (status == WF_OK && !force) status = compare_with_old(path, out, reason);
  if (status == WF_OK) status = copy_bundle(bundle, path, reason);
  if (status != WF_OK) wf_pki_trust_clear(out);
  return status;
}

// ---- Judging --------------------------------------------------------------------------------------------------------
const char *wf_pki_verdict_name(wf_pki_verdict verdict) {
  static const char *const NAMES[] = {"trusted",      "unknown authority", "expired",    "not yet valid", "revoked",
                                      "wrong nation", "wrong mode",        "wrong role", "malformed"};
  return (size_t)verdict < sizeof NAMES / sizeof NAMES[0] ? NAMES[verdict] : "malformed";
}

static wf_pki_verdict verdict_of(int x509_error) {
  switch (x509_error) {
    case X509_V_OK:
      return WF_PKI_TRUSTED;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return WF_PKI_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return WF_PKI_NOT_YET_VALID;
    case X509_V_ERR_CERT_REVOKED:
      return WF_PKI_REVOKED;
    case X509_V_ERR_INVALID_PURPOSE:
      return WF_PKI_WRONG_ROLE;
    default:
      return WF_PKI_UNKNOWN_AUTHORITY;
  }
}

static int chain_error(const wf_pki_trust *trust, X509 *leaf, bool as_server) {
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  int error = X509_V_ERR_OUT_OF_MEM;
  if (context != NULL && X509_STORE_CTX_init(context, trust->store, leaf, NULL) == 1) {
    X509_STORE_CTX_set_purpose(context, as_server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
    error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
  }
  X509_STORE_CTX_free(context);
  ERR_clear_error();
  return error;
}

wf_pki_verdict wf_pki_judge(const wf_pki_trust *trust, X509 *leaf, wf_pki_role role, bool as_server,
                            wf_pki_subject *subject, int *x509_error) {
  char reason[WF_IO_REASON_SIZE];
  int error = X509_V_ERR_APPLICATION_VERIFICATION;
  wf_pki_verdict verdict = WF_PKI_TRUSTED;
  if (wf_pki_subject_of(leaf, subject, reason) != WF_OK) {
    verdict = WF_PKI_MALFORMED;
  } else if (wf_nation_compare(subject->nation, trust->nation) != 0) {
    verdict = WF_PKI_WRONG_NATION;
  } else if (subject->mode != trust->mode) {
    verdict = WF_PKI_WRONG_MODE;
  } else if (subject->role != role) {
    verdict = WF_PKI_WRONG_ROLE;
  } else {
    error = chain_error(trust, leaf, as_server);
    verdict = verdict_of(error);
  }
  if (x509_error != NULL) *x509_error = error;
  return verdict;
}
