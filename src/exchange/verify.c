// A bundle is proven by its signature, or by a proven bundle that names its hash. So per epoch one verification is out
// at a time; when it comes back, the newest of those that came meanwhile is checked, and proves all it is chained to.
// At low rate every bundle is checked as it comes; under load the cost of a check is shared, as that of signing is.
#include <string.h>

#include "internal.h"

static epoch *epoch_of_entry(wf_exchange *x, const entry *e) {
  epoch *ep = e->epoch_slot == NONE ? NULL : &x->epochs[e->epoch_slot];
  return ep && ep->used && ep->generation == e->generation ? ep : NULL;
}

static bool ask(wf_exchange *x, entry *e, uint64_t serial) {
  wf_bundle b;
  if (!effects_have_room(x, 1, WF_SIGN_MESSAGE_SIZE) || wf_bundle_parse(cache_bytes(x, e), &b, x->reason) != WF_OK)
    return false;
  uint8_t *message = scratch_take(x, WF_SIGN_MESSAGE_SIZE);
  wf_exchange_effect *out = effect_add(x, WF_XE_VERIFY);
  wf_bundle_sign_message(e->hash, message);
  out->token = token_make(TOKEN_VERIFY, serial);
  out->nation = b.stream.origin;
  out->bytes = (wf_bytes){message, WF_SIGN_MESSAGE_SIZE};
  out->signature = b.signature;
  e->asked = true;
  return true;
}

// The newest of an epoch that still waits.
static void ask_next(wf_exchange *x, uint32_t slot) {
  epoch *ep = &x->epochs[slot];
  for (uint32_t i = x->unverified_count; i-- > 0 && !ep->verifying;) {
    entry *e = cache_at(x, x->unverified[i]);
    if (!e || e->asked || e->proven || e->epoch_slot != slot || epoch_of_entry(x, e) != ep) continue;
    if (!ask(x, e, x->unverified[i])) return;
    ep->verifying = x->unverified[i] + 1;
  }
}

static void take_off(wf_exchange *x, uint32_t at) {
  memmove(&x->unverified[at], &x->unverified[at + 1], (x->unverified_count - at - 1) * sizeof x->unverified[0]);
  x->unverified_count--;
}

// Accepts what is proven, oldest first, as far as this step's list of effects reaches; the rest follows in the next.
static void accept_proven(wf_exchange *x) {
  for (uint32_t i = 0; i < x->unverified_count;) {
    const uint64_t serial = x->unverified[i];
    entry *e = cache_at(x, serial);
    if (!e) {
      take_off(x, i);
    } else if (!e->proven) {
      i++;
    } else if (effects_have_room(x, 3 * e->records + 64, 0)) {
      take_off(x, i);
      accept_bundle(x, e, serial);
    } else {
      return;
    }
  }
}

void verify_add(wf_exchange *x, entry *e, uint64_t serial) {
  x->unverified[x->unverified_count++] = serial;
  epoch *ep = epoch_of_entry(x, e);
  if (!ep) {
    ask(x, e, serial);  // of an epoch not heard of before, passed on: it becomes known when it is proven
    return;
  }
  e->proven = chain_names(&ep->have, e->last, e->hash);
  if (e->proven)
    accept_proven(x);
  else
    ask_next(x, e->epoch_slot);
}

// Everything that waits and is chained to e.
static void prove(wf_exchange *x, entry *e) {
  const entry *next = e;
  e->proven = true;
  for (uint32_t i = x->unverified_count; i-- > 0;) {
    entry *before = cache_at(x, x->unverified[i]);
    if (!before || before == e || before->epoch_slot != e->epoch_slot || before->generation != e->generation) continue;
    if (before->last + 1 != next->first || memcmp(before->hash, next->before, WF_HASH_SIZE) != 0) continue;
    before->proven = true;
    next = before;
  }
}

wf_status bundle_verified(wf_exchange *x, const wf_exchange_input *input) {
  const uint64_t serial = token_serial(input->token);
  entry *e = cache_at(x, serial);
  if (!e || e->state != ENTRY_UNVERIFIED || !e->asked) return WF_EINVAL;
  epoch *ep = epoch_of_entry(x, e);
  const uint32_t slot = e->epoch_slot;
  if (ep && ep->verifying == serial + 1) ep->verifying = 0;
  if (input->ok || (ep && chain_names(&ep->have, e->last, e->hash))) {
    prove(x, e);
    accept_proven(x);
  } else if (!e->proven) {
    for (uint32_t i = 0; i < x->unverified_count; i++)
      if (x->unverified[i] == serial) {
        take_off(x, i);
        break;
      }
    refuse_bundle(x, e);
  }
  if (ep) ask_next(x, slot);
  return WF_OK;
}

// What a full list of effects, or an epoch that was closed meanwhile, left behind.
void verify_leftovers(wf_exchange *x) {
  accept_proven(x);
  for (uint32_t i = 0; i < x->unverified_count; i++) {
    entry *e = cache_at(x, x->unverified[i]);
    if (!e || e->asked || e->proven) continue;
    epoch *ep = epoch_of_entry(x, e);
    if (!ep)
      ask(x, e, x->unverified[i]);
    else if (!ep->verifying)
      ask_next(x, e->epoch_slot);
  }
}
