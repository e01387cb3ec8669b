// What the configuration names outside itself: keys, certificates, trust, places to write.
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/config.h"
#include "io/pki.h"

static void check_subject(const wf_config *c, const wf_pki_subject *s, wf_diag *diag) {
  if (wf_nation_compare(s->nation, c->nation) != 0)
    wf_diag_say(diag, c->certificate, 0, "is a certificate of %s, this node is of %s", s->nation.code, c->nation.code);
  if (s->mode != c->mode)
    wf_diag_say(diag, c->certificate, 0, "is a certificate for %s, this node runs in %s", wf_mode_name(s->mode),
                wf_mode_name(c->mode));
  if (s->role != WF_PKI_NODE)
    wf_diag_say(diag, c->certificate, 0, "is not a node's certificate");
  else if (s->writer != c->writer)
    wf_diag_say(diag, c->certificate, 0, "is of node %u, this is writer %u", s->writer, c->writer);
}

static void check_times(const wf_config *c, X509 *certificate, wf_diag *diag) {
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
    wf_diag_say(diag, c->certificate, 0, "is not valid yet");
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) wf_diag_say(diag, c->certificate, 0, "has expired");
}

static void check_keys(const wf_config *c, wf_diag *diag) {
  char reason[WF_IO_REASON_SIZE];
  X509 *certificate = NULL;
  EVP_PKEY *key = NULL;
  wf_signing_key signing = {0};
  wf_pki_subject subject = {0};
  // These reasons begin with the file's name themselves.
  const bool has_certificate = wf_pki_certificate_load(c->certificate, &certificate, reason) == WF_OK;
  if (!has_certificate) wf_diag_say(diag, NULL, 0, "%s", reason);
  const bool has_key = wf_pki_private_key_load(c->key, &key, reason) == WF_OK;
  if (!has_key) wf_diag_say(diag, NULL, 0, "%s", reason);
  const bool has_signing = wf_signing_key_load(c->signing_key, &signing, reason) == WF_OK;
  if (!has_signing) wf_diag_say(diag, NULL, 0, "%s", reason);
  if (has_certificate && wf_pki_subject_of(certificate, &subject, reason) != WF_OK) {
    wf_diag_say(diag, c->certificate, 0, "%s", reason);
  } else if (has_certificate) {
    check_subject(c, &subject, diag);
    check_times(c, certificate, diag);
    if (has_key && X509_check_private_key(certificate, key) != 1)
      wf_diag_say(diag, c->key, 0, "does not belong to %s", c->certificate);
    if (has_signing &&
        (!subject.has_signing_key || memcmp(subject.signing_key, signing.public_key, WF_PKI_KEY_SIZE) != 0))
      wf_diag_say(diag, c->signing_key, 0, "is not the stream-signing key that %s names", c->certificate);
  }
  ERR_clear_error();
  X509_free(certificate);
  EVP_PKEY_free(key);
  wf_signing_key_wipe(&signing);
}

static void check_trust(const wf_config *c, const struct wf_config_partner *p, wf_diag *diag) {
  char reason[WF_IO_REASON_SIZE];
  wf_pki_trust trust;
  if (wf_pki_trust_load(p->trust, &trust, reason) != WF_OK) {
    wf_diag_say(diag, c->path, p->line, "trust in %s: %s", p->nation.code, reason);
    return;
  }
  if (wf_nation_compare(trust.nation, p->nation) != 0)
    wf_diag_say(diag, c->path, p->line, "%s is a bundle of %s, not of %s", p->trust, trust.nation.code, p->nation.code);
  if (trust.mode != c->mode)
    wf_diag_say(diag, c->path, p->line, "%s is a bundle for %s, this node runs in %s", p->trust,
                wf_mode_name(trust.mode), wf_mode_name(c->mode));
  if (trust.key_count == 0) wf_diag_say(diag, c->path, p->line, "%s names no node with a valid certificate", p->trust);
  wf_pki_trust_clear(&trust);
}

static void check_directory_of(const char *path, wf_diag *diag) {
  char dir[WF_CONFIG_PATH_SIZE];
  snprintf(dir, sizeof dir, "%s", path);
  char *slash = strrchr(dir, '/');
  if (slash == NULL)
    strcpy(dir, ".");
  else if (slash == dir)
    slash[1] = '\0';
  else
    *slash = '\0';
  if (access(dir, W_OK | X_OK) != 0) wf_diag_say(diag, path, 0, "cannot write in %s: %s", dir, strerror(errno));
}

unsigned long wf_config_check(const wf_config *c, wf_diag *diag) {
  const unsigned long before = diag->count;
  check_keys(c, diag);
  for (uint32_t i = 0; i < c->partner_count; i++) check_trust(c, &c->partner[i], diag);
  check_directory_of(c->store, diag);
  check_directory_of(c->feed, diag);
  if (c->cap[0] != '\0' && access(c->cap, W_OK | X_OK) != 0) wf_diag_say(diag, c->cap, 0, "%s", strerror(errno));
  return diag->count - before;
}
