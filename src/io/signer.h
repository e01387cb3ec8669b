// Signing and checking signatures beside the loop: a thread of its own, so that no frame waits for curve arithmetic.
// Own signatures go first; jobs come back in the order they were given, each kind for itself, on the loop's thread.
//
// Under load signatures are made in batches, WF_SIGNER_PACE_NS apart: meanwhile bundles grow, and fewer of them are to
// be signed, checked and stored. What is urgent, or comes after a pause, is signed at once.
#ifndef WF_IO_SIGNER_H
#define WF_IO_SIGNER_H

#include <uv.h>

#include "base/bytes.h"
#include "base/status.h"
#include "io/pki.h"
#include "wire/stream.h"

#define WF_SIGNER_PACE_NS 1000000
#define WF_SIGNED_MAX 64  // what is signed is a short message over a hash

typedef struct wf_signer_config {
  uv_loop_t *loop;
  const wf_signing_key *key;  // borrowed
  size_t jobs_max;            // of each kind under way
  void *context;
  void (*made)(void *context, uint64_t token, const uint8_t signature[WF_SIGNATURE_SIZE]);
  void (*checked)(void *context, uint64_t token, bool ok);
} wf_signer_config;

typedef struct wf_signer wf_signer;
wf_status wf_signer_new(const wf_signer_config *config, wf_signer **out);
// Ends the thread; what it had not done is not answered. The loop must still run its closing callbacks.
void wf_signer_free(wf_signer *signer);
bool wf_signer_busy(const wf_signer *signer);  // something is under way

// WF_EFULL: too many under way. WF_EINVAL: longer than WF_SIGNED_MAX. Keys (one behind the other) are copied; any will
// do, the last is tried first.
wf_status wf_signer_make(wf_signer *signer, uint64_t token, wf_bytes message, bool urgent);
wf_status wf_signer_check(wf_signer *signer, uint64_t token, wf_bytes message, const uint8_t *signature,
                          const uint8_t *keys, uint32_t key_count);

#endif
