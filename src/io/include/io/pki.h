// Who is who: one certificate authority per nation and mode, node certificates under it, and explicit trust in
// partners.
//
// A certificate's subject is its identity: O = nation, OU = mode in capitals, CN = role and name, e.g.
// "O=JPN, OU=EXERCISE, CN=node 1". A node certificate carries the node's Ed25519 stream-signing public key in the
// extension WF_PKI_SIGNING_KEY_OID, so the authority's signature ties the two together and one revocation ends both.
// docs/keys.md has the files and the bundle format.
#ifndef WF_IO_PKI_H
#define WF_IO_PKI_H

#include <openssl/types.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "io/reason.h"
#include "model/nation.h"

// An OID that needs no registration: 2.25.<UUID as an integer> (ITU-T X.667, section 8).
#define WF_PKI_SIGNING_KEY_OID "2.25.84314749045887777539136689373163398587"
#define WF_PKI_NAME_SIZE 48
#define WF_PKI_KEYS_MAX 16
#define WF_PKI_KEY_SIZE 32

typedef enum wf_pki_role { WF_PKI_NODE = 1, WF_PKI_OPERATOR, WF_PKI_SERVER, WF_PKI_AUTHORITY } wf_pki_role;

typedef struct wf_pki_subject {
  wf_nation nation;
  wf_mode mode;
  wf_pki_role role;
  uint32_t writer;              // nodes: which of the nation's
  char name[WF_PKI_NAME_SIZE];  // the rest of CN: "1", "alice"
  bool has_signing_key;
  uint8_t signing_key[WF_PKI_KEY_SIZE];
} wf_pki_subject;

// Reads the identity; says nothing about whether to believe it.
wf_status wf_pki_subject_of(X509 *certificate, wf_pki_subject *out, char reason[WF_IO_REASON_SIZE]);
wf_status wf_pki_certificate_load(const char *path, X509 **out, char reason[WF_IO_REASON_SIZE]);

// ---- Keys on disk -------------------------------------------------------------------------------------------------
// Refuses a private key that others can read.
wf_status wf_pki_private_key_load(const char *path, EVP_PKEY **out, char reason[WF_IO_REASON_SIZE]);

typedef struct wf_signing_key {
  uint8_t public_key[WF_PKI_KEY_SIZE], secret[64];
} wf_signing_key;
wf_status wf_signing_key_load(const char *path, wf_signing_key *out, char reason[WF_IO_REASON_SIZE]);
void wf_signing_key_wipe(wf_signing_key *key);
void wf_sign(const wf_signing_key *key, wf_bytes message, uint8_t signature[64]);
bool wf_signature_ok(const uint8_t public_key[WF_PKI_KEY_SIZE], wf_bytes message, const uint8_t signature[64]);

// ---- A nation's authority, in a directory -------------------------------------------------------------------------
typedef struct wf_pki_request {
  wf_pki_role role;
  const char *name;       // node: its writer number
  int64_t from_s, for_s;  // validity from now + from_s, for for_s
  const char *dns, *ip;   // servers only; may be NULL
  bool force;             // replace what is there
} wf_pki_request;

wf_status wf_pki_init(const char *dir, wf_nation nation, wf_mode mode, int64_t for_s, bool force,
                      char reason[WF_IO_REASON_SIZE]);
// Writes <role>-<name>.key, .pem and, for nodes, .sign.
wf_status wf_pki_issue(const char *dir, const wf_pki_request *request, char reason[WF_IO_REASON_SIZE]);
// Puts the named certificate's serial on the authority's revocation list; export again and have partners import it.
wf_status wf_pki_revoke(const char *dir, const char *certificate, char reason[WF_IO_REASON_SIZE]);
// One PEM file: authority certificate, revocation list, node certificates. Nothing secret.
wf_status wf_pki_export(const char *dir, const char *out_path, bool force, char reason[WF_IO_REASON_SIZE]);

// ---- Trust in a partner -------------------------------------------------------------------------------------------
typedef struct wf_pki_trust {
  wf_nation nation;
  wf_mode mode;
  X509_STORE *store;
  char fingerprint[65];  // SHA-256 of the authority's certificate, to compare by voice
  uint64_t list_number;  // of the revocation list
  uint32_t key_count;
  uint8_t key[WF_PKI_KEYS_MAX][WF_PKI_KEY_SIZE];  // stream-signing keys of nodes not revoked
} wf_pki_trust;

wf_status wf_pki_trust_load(const char *path, wf_pki_trust *out, char reason[WF_IO_REASON_SIZE]);
void wf_pki_trust_clear(wf_pki_trust *trust);
// Checks a bundle and copies it to <trust_dir>/<NATION>.pem. Refuses one with an older revocation list or, when one is
// there, with another authority, unless forced.
wf_status wf_pki_import(const char *bundle, const char *trust_dir, bool force, wf_pki_trust *out,
                        char reason[WF_IO_REASON_SIZE]);

typedef enum wf_pki_verdict {
  WF_PKI_TRUSTED = 0,
  WF_PKI_UNKNOWN_AUTHORITY,
  WF_PKI_EXPIRED,
  WF_PKI_NOT_YET_VALID,
  WF_PKI_REVOKED,
  WF_PKI_WRONG_NATION,
  WF_PKI_WRONG_MODE,
  WF_PKI_WRONG_ROLE,
  WF_PKI_MALFORMED,
} wf_pki_verdict;
const char *wf_pki_verdict_name(wf_pki_verdict verdict);
// Whether the partner's authority stands behind this certificate now, for this role. as_server: the peer was dialled.
// x509_error (may be NULL) receives OpenSSL's X509_V_ code, for the TLS alert.
wf_pki_verdict wf_pki_judge(const wf_pki_trust *trust, X509 *leaf, wf_pki_role role, bool as_server,
                            wf_pki_subject *subject, int *x509_error);

#endif
