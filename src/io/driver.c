#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "driver_state.h"

static void driver_perform(wf_driver *d, const wf_effect *effect);

// An exercise may be paused and go on: from a moment that all its nodes were told, the clock is another. Whoever heard of
// it late has gone ahead by that much, and waits.
wf_clock driver_now(wf_driver *d) {
  if (d->next_clock.rate >= 0 && wf_io_clock_utc().ns >= d->next_clock.real_epoch.ns) {
    d->clock = d->next_clock;
    d->next_clock.rate = -1;
    if (d->feed != NULL) wf_feed_show(d->feed, d->node, d->clock.rate);
  }
  wf_clock now = wf_io_clock_now(&d->clock);
  if (d->config->mode == WF_MODE_EXERCISE) {
    if (wf_time_before(now.wall, d->latest)) now.wall = d->latest;
    d->latest = now.wall;
  }
  return now;
}

// ---- The one place where every input passes -----------------------------------------------------------------------
static wf_status step(wf_driver *d, const wf_input *input) {
  const wf_clock now = driver_now(d);
  wf_journal *journal = d->recording != NULL ? wf_recording_journal(d->recording) : NULL;
  wf_effect effect;
  d->count.inputs++;
  if (journal != NULL) wf_journal_input(journal, now, input);
  const wf_status status = wf_node_step(d->node, now, input);
  while (wf_node_effect_next(d->node, &effect)) {
    if (journal != NULL) wf_journal_effect(journal, &effect);
    driver_perform(d, &effect);
  }
  if (journal != NULL) wf_journal_stepped(journal, d->node);
  return status;
}

// Effects may have their results at once (a signature, a store that is full): those wait until the core is done with
// the step they belong to.
static void defer(wf_driver *d, const wf_exchange_input *input) {
  deferred item = {.input = *input};
  const bool fits = input->bytes.size <= sizeof item.signature;  // signatures are all there is
  if (fits && input->bytes.size > 0) memcpy(item.signature, input->bytes.data, input->bytes.size);
  if (!fits || wf_ring_push(&d->deferred, &item) != WF_OK) d->count.deferred_lost++;
}

static void step_deferred(wf_driver *d) {
  for (deferred item; wf_ring_pop(&d->deferred, &item) == WF_OK;) {
    wf_input later = {.kind = WF_IN_EXCHANGE, .exchange = item.input};
    if (later.exchange.bytes.size > 0) later.exchange.bytes.data = item.signature;
    step(d, &later);
  }
}

// What was said leaves before the pictures advance, which takes several times as long.
static void advance(wf_driver *d) {
  static const wf_input in = {.kind = WF_IN_ADVANCE};
  if (d->links != NULL) wf_links_flush(d->links);
  step(d, &in);
  step_deferred(d);
}

wf_status driver_input(wf_driver *d, const wf_input *input) {
  if (d->stepping) {
    defer(d, &input->exchange);
    return WF_OK;
  }
  d->stepping = true;
  const wf_status status = step(d, input);
  step_deferred(d);
  if (wf_node_wants_advance(d->node)) advance(d);
  d->stepping = false;
  if (d->watch != NULL) d->watch(d->watch_context, d->node);
  return status;
}

// A bad file changes nothing; either way it is said.
wf_status wf_driver_reload_policy(wf_driver *d, const char *person, wf_diag *diag) {
  wf_release_policy policy;
  if (d->config->policy_path[0] == '\0') {
    wf_diag_say(diag, d->config->path, 0, "release: no policy file is named, so there is none to read again");
    return WF_ENOTFOUND;
  }
  wf_status status = wf_config_read_policy(d->config, &policy, diag);
  const wf_input in = {.kind = WF_IN_POLICY, .policy = &policy, .person = person};
  if (status == WF_OK) status = driver_input(d, &in);
  if (status == WF_OK)
    wf_log_write(d->log, WF_LOG_INFO, "release policy %016llx of %s in force, read again by %s",
                 (unsigned long long)policy.version, d->config->policy_path, person);
  else
    driver_alarm(d, WF_ALARM_REFUSED_INPUT, d->config->nation, "the release policy was refused; the old one stays");
  return status;
}

void wf_driver_watch(wf_driver *d, void (*watch)(void *context, const wf_node *node), void *context) {
  d->watch = watch;
  d->watch_context = context;
}

void wf_driver_hear_test_data(wf_driver *d, wf_driver_heard heard, void *context) {
  d->heard = heard;
  d->heard_context = context;
}

wf_status wf_driver_say_test_data(wf_driver *d, wf_priority priority, wf_bytes payload) {
  const wf_input in = {.kind = WF_IN_TEST_DATA, .exchange.priority = priority, .bytes = payload};
  return driver_input(d, &in);
}

const wf_node *wf_driver_node(const wf_driver *d) {
  return d->node;
}

void driver_exchange_input(wf_driver *d, wf_exchange_input input) {
  const wf_input in = {.kind = WF_IN_EXCHANGE, .exchange = input};
  driver_input(d, &in);
}

// ---- Effects ------------------------------------------------------------------------------------------------------
void driver_alarm(wf_driver *d, wf_alarm_kind kind, wf_nation nation, const char *text) {
  wf_log_write(d->log, WF_LOG_WARN, "alarm: %s%s%s: %s", wf_alarm_name(kind), nation.code[0] ? " " : "", nation.code,
               text != NULL ? text : "");
  if (d->feed != NULL) wf_feed_alarm(d->feed, kind, nation, text);
}

static void sign(wf_driver *d, const wf_exchange_effect *e) {
  const bool urgent = d->closing || e->priority <= WF_PRIORITY_LAUNCH;
  if (wf_signer_make(d->signer, e->token, e->bytes, urgent) == WF_OK) return;
  uint8_t signature[WF_SIGNATURE_SIZE];  // more are under way than the signer takes: one by hand
  wf_sign(&d->signing, e->bytes, signature);
  driver_signature_made(d, e->token, signature);
}

void driver_signature_made(void *context, uint64_t token, const uint8_t signature[WF_SIGNATURE_SIZE]) {
  wf_driver *d = context;
  d->count.signed_count++;
  driver_exchange_input(
      d, (wf_exchange_input){.kind = WF_XI_SIGNED, .token = token, .bytes = {signature, WF_SIGNATURE_SIZE}});
}

// A nation has as many keys as nodes, mostly one. Newest last: a renewed key is the likelier one.
static void verify(wf_driver *d, const wf_exchange_effect *e) {
  const wf_pki_trust *trust = driver_trust(d, e->nation);
  const bool own = wf_nation_compare(e->nation, d->config->nation) == 0;
  wf_status status = WF_ENOTFOUND;
  if (own)
    status = wf_signer_check(d->signer, e->token, e->bytes, e->signature, d->signing.public_key, 1);
  else if (trust != NULL)
    status = wf_signer_check(d->signer, e->token, e->bytes, e->signature, trust->key[0], trust->key_count);
  if (status != WF_OK) driver_signature_checked(d, e->token, false);
}

void driver_signature_checked(void *context, uint64_t token, bool ok) {
  wf_driver *d = context;
  d->count.verified++;
  d->count.verify_failed += !ok;
  driver_exchange_input(d, (wf_exchange_input){.kind = WF_XI_VERIFIED, .token = token, .ok = ok});
}

static void fetch(wf_driver *d, const wf_exchange_effect *e) {
  const wf_store_range range = {.stream = e->row.stream,
                                .epoch = e->row.epoch,
                                .first = e->row.first,
                                .last = e->row.last,
                                .limit_bytes = e->limit_bytes};
  wf_store_fetch(d->store, e->token, &range);
}

static void perform_exchange(wf_driver *d, const wf_exchange_effect *e) {
  if (d->links == NULL && (e->kind == WF_XE_SEND || e->kind == WF_XE_CLOSE))
    return;  // not open yet, or closed for good
  switch (e->kind) {
    case WF_XE_SEND:
      wf_links_send(d->links, e->nation, e->lane, e->bytes);
      break;
    case WF_XE_CLOSE:
      wf_log_write(d->log, WF_LOG_INFO, "link %s lane %d closed: %s", e->nation.code, (int)e->lane,
                   e->text != NULL ? e->text : "");
      wf_links_close(d->links, e->nation, e->lane, e->text != NULL ? e->text : "closed");
      break;
    case WF_XE_SIGN:
      sign(d, e);
      break;
    case WF_XE_VERIFY:
      verify(d, e);
      break;
    case WF_XE_STORE:
      wf_store_put(d->store, e->token, &e->row, e->bytes);
      break;
    case WF_XE_EPOCH:
      wf_store_put_epoch(d->store, e->token, e->epoch);
      break;
    case WF_XE_FETCH:
      fetch(d, e);
      break;
    case WF_XE_ALARM:
      driver_alarm(d, e->alarm, e->nation, e->text);
      break;
    case WF_XE_DELIVER:
    case WF_XE_RETRACT:
    case WF_XE_ASIDE:
      break;  // the node's own
  }
}

static void product_out(wf_driver *d, const wf_product *p) {
  wf_log_write(d->log, WF_LOG_INFO, "product %s %s: %s", p->label, wf_product_stage_name((wf_product_stage)p->stage),
               wf_product_state_name((wf_product_state)p->state));
  if (p->state != WF_PRODUCT_RELEASED || wf_nation_compare(p->issuer, d->config->nation) != 0) return;
  d->count.cap_files++;
  if (d->channels != NULL) wf_channels_release(d->channels, p);
}

static void driver_perform(wf_driver *d, const wf_effect *effect) {
  switch (effect->kind) {
    case WF_OUT_EXCHANGE:
      perform_exchange(d, &effect->exchange);
      break;
    case WF_OUT_PRODUCT:
      product_out(d, effect->product);
      break;
    case WF_OUT_ALARM:
      driver_alarm(d, effect->alarm, effect->exchange.nation, effect->text);
      break;
    case WF_OUT_TEST_DATA:
      if (d->heard != NULL) d->heard(d->heard_context, &effect->exchange);
      break;
    case WF_OUT_RELEASE:
      wf_audit_add(&d->audit, effect->release);
      break;
  }
}

void driver_turn_end(wf_driver *d) {
  if (d->store == NULL) return;  // closing
  if (d->links != NULL) wf_links_flush(d->links);
  wf_audit_flush(&d->audit, driver_now(d).wall);
  wf_store_submit(d->store);
}
