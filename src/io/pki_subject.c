// Identities in certificates, and the stream-signing key.
#include <ctype.h>
#include <openssl/err.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki_files.h"

static const struct {
  wf_pki_role role;
  const char *prefix;
} ROLES[] = {{WF_PKI_NODE, "node "},
             {WF_PKI_OPERATOR, "operator "},
             {WF_PKI_SERVER, "server "},
             {WF_PKI_AUTHORITY, "Watchfire authority"}};

// The one value of a name's field; false when it is absent, double, has odd characters or is too long.
static bool field(const X509_NAME *name, int nid, char *out, size_t size) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0) return false;
  unsigned char *text = NULL;
  const int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  bool ok = length > 0 && (size_t)length < size;
  for (int i = 0; ok && i < length; i++) ok = text[i] >= 0x20 && text[i] < 0x7f;
  if (ok) {
    memcpy(out, text, (size_t)length);
    out[length] = '\0';
  }
  OPENSSL_free(text);
  return ok;
}

static bool parse_mode(const char *text, wf_mode *mode) {
  char lower[16];
  size_t i = 0;
  for (; text[i] != '\0' && i + 1 < sizeof lower; i++) {
    if (!isupper((unsigned char)text[i])) return false;
    lower[i] = (char)tolower((unsigned char)text[i]);
  }
  lower[i] = '\0';
  return wf_mode_parse(lower, mode) == WF_OK && *mode != WF_MODE_NONE;
}

static bool parse_role(const char *common_name, wf_pki_subject *out) {
  for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) {
    const size_t n = strlen(ROLES[i].prefix);
    if (strncmp(common_name, ROLES[i].prefix, n) != 0) continue;
    out->role = ROLES[i].role;
    snprintf(out->name, sizeof out->name, "%s", common_name + n);
    if (out->role != WF_PKI_NODE) return true;
    char *end = NULL;
    const unsigned long writer = strtoul(out->name, &end, 10);
    out->writer = (uint32_t)writer;
    return isdigit((unsigned char)out->name[0]) && *end == '\0' && writer > 0 && writer <= UINT32_MAX;
  }
  return false;
}

// The extension's value is a DER OCTET STRING of 32 bytes: 04 20 and the key.
static bool read_signing_key(X509 *certificate, wf_pki_subject *out) {
  ASN1_OBJECT *object = pki_signing_key_object();
  const int at = X509_get_ext_by_OBJ(certificate, object, -1);
  ASN1_OBJECT_free(object);
  if (at < 0) return true;
  const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(certificate, at));
  const unsigned char *bytes = ASN1_STRING_get0_data(value);
  if (ASN1_STRING_length(value) != 2 + WF_PKI_KEY_SIZE || bytes[0] != 0x04 || bytes[1] != WF_PKI_KEY_SIZE) return false;
  memcpy(out->signing_key, bytes + 2, WF_PKI_KEY_SIZE);
  out->has_signing_key = true;
  return true;
}

wf_status wf_pki_subject_of(X509 *certificate, wf_pki_subject *out, char reason[WF_IO_REASON_SIZE]) {
  char nation[8], mode[16], common_name[WF_PKI_NAME_SIZE];
  const X509_NAME *name = X509_get_subject_name(certificate);
  memset(out, 0, sizeof *out);
  const char *wrong = NULL;
  if (!field(name, NID_organizationName, nation, sizeof nation) || wf_nation_parse(nation, &out->nation) != WF_OK)
    wrong = "O is not one nation code";
  else if (!field(name, NID_organizationalUnitName, mode, sizeof mode) || !parse_mode(mode, &out->mode))
    wrong = "OU is not LIVE, TEST or EXERCISE";
  else if (!field(name, NID_commonName, common_name, sizeof common_name) || !parse_role(common_name, out))
    wrong = "CN is not \"node N\", \"operator NAME\", \"server NAME\" or \"Watchfire authority\"";
  else if (!read_signing_key(certificate, out))
    wrong = "the stream-signing key is malformed";
  ERR_clear_error();
  if (wrong == NULL) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "certificate: %s", wrong);
  return WF_EFORMAT;
}

wf_status wf_signing_key_load(const char *path, wf_signing_key *out, char reason[WF_IO_REASON_SIZE]) {
  EVP_PKEY *key = NULL;
  const wf_status status = wf_pki_private_key_load(path, &key, reason);
  if (status != WF_OK) return status;
  uint8_t seed[crypto_sign_SEEDBYTES];
  size_t size = sizeof seed;
  const bool ok =
      EVP_PKEY_is_a(key, "ED25519") && EVP_PKEY_get_raw_private_key(key, seed, &size) == 1 && size == sizeof seed;
  EVP_PKEY_free(key);
  ERR_clear_error();
  if (ok) crypto_sign_seed_keypair(out->public_key, out->secret, seed);
  sodium_memzero(seed, sizeof seed);
  if (ok) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "%.250s: is not an Ed25519 key", path);
  return WF_EFORMAT;
}

void wf_signing_key_wipe(wf_signing_key *key) {
  sodium_memzero(key, sizeof *key);
}

void wf_sign(const wf_signing_key *key, wf_bytes message, uint8_t signature[64]) {
  crypto_sign_detached(signature, NULL, message.data, message.size, key->secret);
}

bool wf_signature_ok(const uint8_t public_key[WF_PKI_KEY_SIZE], wf_bytes message, const uint8_t signature[64]) {
  return crypto_sign_verify_detached(signature, message.data, message.size, public_key) == 0;
}
