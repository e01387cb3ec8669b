#include "io/driver.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ring.h"
#include "cap_files.h"
#include "io/clock.h"
#include "io/feed.h"
#include "io/link.h"
#include "io/store.h"
#include "io/udp.h"

enum {
  DEFERRED_MAX = 16384,  // results that came while the core was stepping
  VERIFY_MAX = 4096,
  VERIFY_BUDGET_NS = 3000000,  // signatures checked per turn: within the 5 ms that decisions allow
  MESSAGE_MAX = 64,            // what is signed is a short message over a hash
};

typedef struct deferred {
  wf_exchange_input input;
  uint8_t signature[WF_SIGNATURE_SIZE];
} deferred;

typedef struct verify_job {
  uint64_t token;
  wf_nation nation;
  size_t size;
  uint8_t message[MESSAGE_MAX], signature[WF_SIGNATURE_SIZE];
} verify_job;

struct wf_driver {
  const wf_config *config;
  uv_loop_t *loop;
  const wf_log_sink *log;
  wf_io_clock clock;
  wf_signing_key signing;
  wf_pki_trust trust[WF_NATION_MAX];  // by partner
  wf_store *store;
  wf_node *node;
  wf_links *links;
  wf_udp *udp[WF_CONFIG_UDP_MAX];
  wf_feed *feed;
  uv_timer_t tick;
  uv_check_t after_io;
  uv_prepare_t before_wait;
  uv_idle_t more;  // signatures are left over: do not sleep
  unsigned handles;
  bool stepping;
  void (*watch)(void *context, const wf_node *node);
  void *watch_context;
  wf_ring deferred, verify;
  struct {
    uint64_t inputs, signed_count, verified, verify_failed, deferred_lost, cap_files, cap_failed;
  } count;
};

static void driver_perform(wf_driver *d, const wf_effect *effect);

static wf_clock now(const wf_driver *d) {
  return wf_io_clock_now(&d->clock);
}

// ---- The one place where every input passes -----------------------------------------------------------------------
static wf_status step(wf_driver *d, const wf_input *input) {
  wf_effect effect;
  d->count.inputs++;
  const wf_status status = wf_node_step(d->node, now(d), input);
  while (wf_node_effect_next(d->node, &effect)) driver_perform(d, &effect);
  return status;
}

// Effects may have their results at once (a signature, a store that is full): those wait until the core is done with
// the step they belong to.
static void defer(wf_driver *d, const wf_exchange_input *input) {
  deferred item = {.input = *input};
  if (input->bytes.size > 0 && input->bytes.size <= sizeof item.signature)
    memcpy(item.signature, input->bytes.data, input->bytes.size);
  if (wf_ring_push(&d->deferred, &item) != WF_OK) d->count.deferred_lost++;
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

static wf_status driver_input(wf_driver *d, const wf_input *input) {
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

void wf_driver_watch(wf_driver *d, void (*watch)(void *context, const wf_node *node), void *context) {
  d->watch = watch;
  d->watch_context = context;
}

static void exchange_input(wf_driver *d, wf_exchange_input input) {
  const wf_input in = {.kind = WF_IN_EXCHANGE, .exchange = input};
  driver_input(d, &in);
}

// ---- Effects ------------------------------------------------------------------------------------------------------
static void alarm_out(wf_driver *d, wf_alarm_kind kind, wf_nation nation, const char *text) {
  wf_log_write(d->log, WF_LOG_WARN, "alarm: %s%s%s: %s", wf_alarm_name(kind), nation.code[0] ? " " : "", nation.code,
               text != NULL ? text : "");
  if (d->feed != NULL) wf_feed_alarm(d->feed, kind, nation, text);
}

static void sign(wf_driver *d, const wf_exchange_effect *e) {
  uint8_t signature[WF_SIGNATURE_SIZE];
  wf_sign(&d->signing, e->bytes, signature);
  d->count.signed_count++;
  exchange_input(d,
                 (wf_exchange_input){.kind = WF_XI_SIGNED, .token = e->token, .bytes = {signature, sizeof signature}});
}

static void verify_later(wf_driver *d, const wf_exchange_effect *e) {
  verify_job job = {.token = e->token, .nation = e->nation, .size = e->bytes.size};
  const bool fits = e->bytes.size <= sizeof job.message && e->signature != NULL;
  if (fits) {
    memcpy(job.message, e->bytes.data, e->bytes.size);
    memcpy(job.signature, e->signature, sizeof job.signature);
  }
  if (!fits || wf_ring_push(&d->verify, &job) != WF_OK)
    exchange_input(d, (wf_exchange_input){.kind = WF_XI_VERIFIED, .token = e->token, .ok = false});
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
      verify_later(d, e);
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
      alarm_out(d, e->alarm, e->nation, e->text);
      break;
    case WF_XE_DELIVER:
    case WF_XE_RETRACT:
    case WF_XE_ASIDE:
      break;  // the node's own
  }
}

static void product_out(wf_driver *d, const wf_product *p) {
  char reason[WF_IO_REASON_SIZE];
  wf_log_write(d->log, WF_LOG_INFO, "product %s %s: %s", p->label, wf_product_stage_name((wf_product_stage)p->stage),
               wf_product_state_name((wf_product_state)p->state));
  if (d->config->cap[0] == '\0' || p->state != WF_PRODUCT_RELEASED ||
      wf_nation_compare(p->issuer, d->config->nation) != 0)
    return;
  if (wf_cap_file_write(d->config->cap, p, d->config->areas, d->config->area_count, reason) == WF_OK) {
    d->count.cap_files++;
    return;
  }
  d->count.cap_failed++;
  alarm_out(d, WF_ALARM_STORE_FAILED, d->config->nation, reason);
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
      alarm_out(d, effect->alarm, effect->exchange.nation, effect->text);
      break;
  }
}

// ---- Signatures ---------------------------------------------------------------------------------------------------
static bool signature_ok(const wf_driver *d, const verify_job *job) {
  const wf_bytes message = {job->message, job->size};
  if (wf_nation_compare(job->nation, d->config->nation) == 0)
    return wf_signature_ok(d->signing.public_key, message, job->signature);
  for (uint32_t i = 0; i < d->config->partner_count; i++) {
    const wf_pki_trust *trust = &d->trust[i];
    if (wf_nation_compare(trust->nation, job->nation) != 0) continue;
    // A nation has as many keys as nodes, mostly one. Newest last: a renewed key is the likelier one.
    for (uint32_t k = trust->key_count; k-- > 0;)
      if (wf_signature_ok(trust->key[k], message, job->signature)) return true;
  }
  return false;
}

static void verify_some(wf_driver *d) {
  const uint64_t end = uv_hrtime() + VERIFY_BUDGET_NS;
  for (verify_job job; uv_hrtime() < end && wf_ring_pop(&d->verify, &job) == WF_OK;) {
    const bool ok = signature_ok(d, &job);
    d->count.verified++;
    d->count.verify_failed += !ok;
    exchange_input(d, (wf_exchange_input){.kind = WF_XI_VERIFIED, .token = job.token, .ok = ok});
  }
}

static void on_more(uv_idle_t *idle) {}

static void turn_end(wf_driver *d) {
  if (d->links != NULL) wf_links_flush(d->links);
  if (d->verify.count > 0) {
    verify_some(d);
    if (d->links != NULL) wf_links_flush(d->links);
  }
  if (d->verify.count > 0)
    uv_idle_start(&d->more, on_more);
  else
    uv_idle_stop(&d->more);
  if (d->store != NULL) wf_store_submit(d->store);
}

static void on_after_io(uv_check_t *check) {
  turn_end(check->data);
}
static void on_before_wait(uv_prepare_t *prepare) {
  turn_end(prepare->data);
}
static void on_tick(uv_timer_t *timer) {
  exchange_input(timer->data, (wf_exchange_input){.kind = WF_XI_TICK});
}

// ---- What the world says ------------------------------------------------------------------------------------------
static void on_stored(void *context, uint64_t token, bool ok) {
  exchange_input(context, (wf_exchange_input){.kind = WF_XI_STORED, .token = token, .ok = ok});
}

static void on_fetched(void *context, uint64_t token, wf_bytes bundle, bool more) {
  exchange_input(context, (wf_exchange_input){.kind = WF_XI_FETCHED, .token = token, .bytes = bundle, .ok = more});
}

static void on_store_failed(void *context, const char *reason) {
  wf_driver *d = context;
  wf_log_write(d->log, WF_LOG_ERROR, "the store failed and is not written any more: %s", reason);
  alarm_out(d, WF_ALARM_STORE_FAILED, d->config->nation, reason);
}

// A node certificate issued since the bundle was imported: the same authority stands behind its signing key.
static void learn_key(wf_driver *d, const wf_pki_subject *subject) {
  for (uint32_t i = 0; i < d->config->partner_count && subject->has_signing_key; i++) {
    wf_pki_trust *trust = &d->trust[i];
    if (wf_nation_compare(trust->nation, subject->nation) != 0) continue;
    for (uint32_t k = 0; k < trust->key_count; k++)
      if (memcmp(trust->key[k], subject->signing_key, WF_PKI_KEY_SIZE) == 0) return;
    if (trust->key_count < WF_PKI_KEYS_MAX)
      memcpy(trust->key[trust->key_count++], subject->signing_key, WF_PKI_KEY_SIZE);
  }
}

static void on_up(void *context, wf_nation nation, wf_lane lane, const wf_pki_subject *subject) {
  wf_driver *d = context;
  wf_log_write(d->log, WF_LOG_INFO, "link %s lane %d up, node %u", nation.code, (int)lane, subject->writer);
  learn_key(d, subject);
  exchange_input(d, (wf_exchange_input){.kind = WF_XI_LINK_UP, .nation = nation, .lane = lane});
}

static void on_down(void *context, wf_nation nation, wf_lane lane, const char *reason) {
  wf_driver *d = context;
  wf_log_write(d->log, WF_LOG_INFO, "link %s lane %d down: %s", nation.code, (int)lane, reason);
  exchange_input(d, (wf_exchange_input){.kind = WF_XI_LINK_DOWN, .nation = nation, .lane = lane});
}

static void on_frame(void *context, wf_nation nation, wf_lane lane, wf_bytes frame) {
  exchange_input(context, (wf_exchange_input){.kind = WF_XI_FRAME, .nation = nation, .lane = lane, .bytes = frame});
}

static void on_writable(void *context, wf_nation nation, wf_lane lane, size_t credit) {
  exchange_input(context,
                 (wf_exchange_input){.kind = WF_XI_WRITABLE, .nation = nation, .lane = lane, .credit = credit});
}

static void on_refused(void *context, wf_link_refusal refusal, wf_nation nation, const char *address,
                       const char *text) {
  wf_driver *d = context;
  char line[160];
  wf_log_write(d->log, WF_LOG_WARN, "connection %s%s%s refused: %s (%s)", address, nation.code[0] ? " of " : "",
               nation.code, wf_link_refusal_name(refusal), text);
  snprintf(line, sizeof line, "connection refused: %s", wf_link_refusal_name(refusal));
  if (refusal != WF_REFUSED_CLOSED_EARLY && d->feed != NULL)
    wf_feed_alarm(d->feed, WF_ALARM_REFUSED_INPUT, nation, line);
}

static void on_datagram(void *context, wf_bytes bytes) {
  const wf_input in = {.kind = WF_IN_SENSOR, .bytes = bytes};
  driver_input(context, &in);
}

static wf_status on_decide(void *context, uint64_t product, wf_decision decision, const char *person,
                           const char *reason) {
  wf_driver *d = context;
  const wf_input in = {.kind = WF_IN_DECISION, .product = product, .decision = decision, .person = person};
  const wf_status status = driver_input(d, &in);
  wf_log_write(d->log, WF_LOG_INFO, "decision on %016llx by %s: %s, reason \"%s\": %s", (unsigned long long)product,
               person, decision == WF_DECISION_CONFIRM ? "confirm" : "withdraw", reason, wf_status_name(status));
  return status;
}

static wf_time on_now(void *context) {
  return now(context).wall;
}

static json_t *on_count(void *context) {
  wf_driver *d = context;
  wf_store_stats store;
  wf_links_stats links;
  wf_store_stats_get(d->store, &store);
  wf_links_stats_get(d->links, &links);
  json_t *refused = json_object();
  for (int i = 0; i < WF_REFUSED_COUNT; i++)
    if (links.refused[i] > 0)
      json_object_set_new(refused, wf_link_refusal_name((wf_link_refusal)i),
                          json_integer((json_int_t)links.refused[i]));
  return json_pack(
      "{s:{s:I,s:I,s:I,s:I,s:I,s:I,s:b},s:{s:I,s:I,s:I,s:I,s:I,s:o},s:I,s:I,s:I,s:I}", "store", "bundles",
      (json_int_t)store.bundles, "transactions", (json_int_t)store.transactions, "refused", (json_int_t)store.refused,
      "queued_bytes", (json_int_t)store.queued_bytes, "commit_us_last", (json_int_t)store.commit_us_last,
      "commit_us_max", (json_int_t)store.commit_us_max, "failed", (int)store.failed, "links", "frames_in",
      (json_int_t)links.frames_in, "frames_out", (json_int_t)links.frames_out, "bytes_in", (json_int_t)links.bytes_in,
      "bytes_out", (json_int_t)links.bytes_out, "pending", (json_int_t)links.pending, "refused", refused, "inputs",
      (json_int_t)d->count.inputs, "signatures_made", (json_int_t)d->count.signed_count, "signatures_checked",
      (json_int_t)d->count.verified, "signatures_bad", (json_int_t)d->count.verify_failed);
}

// ---- Opening, in order --------------------------------------------------------------------------------------------
static wf_status open_keys(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  wf_status status = wf_signing_key_load(d->config->signing_key, &d->signing, reason);
  for (uint32_t i = 0; i < d->config->partner_count && status == WF_OK; i++)
    status = wf_pki_trust_load(d->config->partner[i].trust, &d->trust[i], reason);
  return status;
}

static wf_status open_store(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  const wf_config *c = d->config;
  const wf_store_config config = {.loop = d->loop,
                                  .path = c->store,
                                  .nation = c->nation,
                                  .mode = c->mode,
                                  .writer = c->writer,
                                  .queue_bytes = c->limits.store_queue_bytes,
                                  .context = d,
                                  .stored = on_stored,
                                  .fetched = on_fetched,
                                  .failed = on_store_failed};
  return wf_store_open(&config, &d->store, reason);
}

static wf_status open_node(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  const wf_config *c = d->config;
  wf_node_config config = {.medium = c->medium,
                           .sensor_count = c->sensor_count,
                           .sensors = c->sensors,
                           .policy = c->policy,
                           .tracks_max = c->limits.tracks,
                           .plots_per_scan_max = c->limits.plots_per_scan,
                           .picture_tracks_max = c->limits.picture_tracks,
                           .picture_contributions_max = c->limits.picture_contributions,
                           .products_max = c->limits.products,
                           .areas = c->areas,
                           .area_count = c->area_count,
                           .sensor_silent_scans = c->limits.sensor_silent_scans,
                           .advance_apart = true};
  wf_exchange_config *x = &config.exchange;
  memcpy(config.automatic, c->automatic, sizeof config.automatic);
  *x = (wf_exchange_config){.nation = c->nation,
                            .writer = c->writer,
                            .mode = c->mode,
                            .partner_count = c->partner_count,
                            .cache_bytes = c->limits.cache_bytes,
                            .partner_queue_bytes = c->limits.partner_queue_bytes,
                            .bundle_records_max = c->limits.bundle_records,
                            .heartbeat_ns = (int64_t)(c->limits.heartbeat_ms * 1e6),
                            .dead_after_ns = (int64_t)(c->limits.dead_after_ms * 1e6)};
  randombytes_buf(&x->boot, sizeof x->boot);
  for (uint32_t i = 0; i < c->partner_count; i++) x->partner[i].nation = c->partner[i].nation;
  d->node = wf_node_new(&config);
  if (d->node == NULL) snprintf(reason, WF_IO_REASON_SIZE, "not enough memory for the limits in the configuration");
  return d->node == NULL ? WF_ENOMEM : WF_OK;
}

static wf_status restore_one(void *context, wf_bytes bundle) {
  exchange_input(context, (wf_exchange_input){.kind = WF_XI_RESTORE, .bytes = bundle});
  return WF_OK;
}

static wf_status restore(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  exchange_input(d, (wf_exchange_input){.kind = WF_XI_START, .epoch_stored = wf_store_epoch(d->store)});
  const uint64_t before = d->count.inputs;
  const wf_status status = wf_store_restore(d->store, restore_one, d);
  wf_log_write(d->log, WF_LOG_INFO, "restored %llu bundles, epoch %llu", (unsigned long long)(d->count.inputs - before),
               (unsigned long long)wf_node_epoch(d->node));
  if (status != WF_OK)
    snprintf(reason, WF_IO_REASON_SIZE, "%.250s: cannot be read back: %s", d->config->store, wf_status_name(status));
  return status;
}

static wf_status open_links(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  const wf_config *c = d->config;
  wf_links_config config = {.loop = d->loop,
                            .nation = c->nation,
                            .mode = c->mode,
                            .certificate_path = c->certificate,
                            .key_path = c->key,
                            .listen_host = c->listens ? c->listen.host : NULL,
                            .listen_port = c->listen.port,
                            .partner_count = c->partner_count,
                            .pending_max = c->limits.pending_connections,
                            .handshake_ms = (uint32_t)c->limits.handshake_ms,
                            .context = d,
                            .up = on_up,
                            .down = on_down,
                            .frame = on_frame,
                            .writable = on_writable,
                            .refused = on_refused};
  for (uint32_t i = 0; i < c->partner_count; i++)
    config.partner[i] =
        (wf_link_partner){c->partner[i].nation, c->partner[i].address.host, c->partner[i].address.port, &d->trust[i]};
  return wf_links_new(&config, &d->links, reason);
}

static wf_status open_udp(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  wf_status status = WF_OK;
  for (uint32_t i = 0; i < d->config->udp_count && status == WF_OK; i++) {
    const struct wf_config_udp *u = &d->config->udp[i];
    const wf_udp_config config = {.loop = d->loop,
                                  .host = u->listen.host,
                                  .port = u->listen.port,
                                  .group = u->group,
                                  .interface = u->interface,
                                  .context = d,
                                  .datagram = on_datagram};
    status = wf_udp_open(&config, &d->udp[i], reason);
  }
  return status;
}

static wf_status open_feed(wf_driver *d, const char *version, char reason[WF_IO_REASON_SIZE]) {
  const wf_config *c = d->config;
  const wf_feed_config config = {.loop = d->loop,
                                 .path = c->feed,
                                 .clients_max = c->limits.feed_clients,
                                 .node = d->node,
                                 .rate = c->rate,
                                 .version = version,
                                 .context = d,
                                 .now = on_now,
                                 .driver = on_count,
                                 .decide = on_decide};
  return wf_feed_open(&config, &d->feed, reason);
}

static void start_turns(wf_driver *d) {
  uv_timer_init(d->loop, &d->tick);
  uv_check_init(d->loop, &d->after_io);
  uv_prepare_init(d->loop, &d->before_wait);
  uv_idle_init(d->loop, &d->more);
  d->tick.data = d->after_io.data = d->before_wait.data = d->more.data = d;
  d->handles = 4;
  const uint64_t every_ms = (uint64_t)d->config->limits.tick_ms;
  uv_timer_start(&d->tick, on_tick, every_ms, every_ms);
  uv_check_start(&d->after_io, on_after_io);
  uv_prepare_start(&d->before_wait, on_before_wait);
}

static bool make_rings(wf_driver *d) {
  void *results = calloc(DEFERRED_MAX, sizeof(deferred)), *jobs = calloc(VERIFY_MAX, sizeof(verify_job));
  wf_ring_init(&d->deferred, results, sizeof(deferred), results != NULL ? DEFERRED_MAX : 0);
  wf_ring_init(&d->verify, jobs, sizeof(verify_job), jobs != NULL ? VERIFY_MAX : 0);
  return results != NULL && jobs != NULL;
}

wf_status wf_driver_new(const wf_config *config, uv_loop_t *loop, const wf_log_sink *log, const char *version,
                        wf_driver **out, char reason[WF_IO_REASON_SIZE]) {
  wf_driver *d = calloc(1, sizeof *d);
  if (d == NULL) return WF_ENOMEM;
  d->config = config;
  d->loop = loop;
  d->log = log;
  d->clock = (wf_io_clock){config->record_epoch, config->real_epoch, config->rate};
  snprintf(reason, WF_IO_REASON_SIZE, "out of memory");
  wf_status status = sodium_init() < 0 || !make_rings(d) ? WF_ENOMEM : WF_OK;
  if (status == WF_OK) status = open_keys(d, reason);
  if (status == WF_OK) status = open_store(d, reason);
  if (status == WF_OK) status = open_node(d, reason);
  if (status == WF_OK) status = restore(d, reason);
  if (status == WF_OK) status = open_links(d, reason);
  if (status == WF_OK) status = open_udp(d, reason);
  if (status == WF_OK) status = open_feed(d, version, reason);
  if (status == WF_OK) {
    start_turns(d);
    *out = d;
  } else {
    wf_driver_free(d);
  }
  return status;
}

static void on_handle_closed(uv_handle_t *handle) {
  ((wf_driver *)handle->data)->handles--;
}

wf_status wf_driver_free(wf_driver *d) {
  wf_status status = WF_OK;
  for (uint32_t i = 0; i < WF_CONFIG_UDP_MAX; i++)
    if (d->udp[i] != NULL) wf_udp_close(d->udp[i]);
  if (d->handles > 0) {
    turn_end(d);
    uv_timer_stop(&d->tick);
  }
  if (d->feed != NULL) wf_feed_close(d->feed);
  d->feed = NULL;
  wf_links_free(d->links);  // runs the loop: results of the store still reach the core
  d->links = NULL;
  if (d->store != NULL) status = wf_store_close(d->store);
  d->store = NULL;
  if (d->handles > 0) {
    uv_close((uv_handle_t *)&d->tick, on_handle_closed);
    uv_close((uv_handle_t *)&d->after_io, on_handle_closed);
    uv_close((uv_handle_t *)&d->before_wait, on_handle_closed);
    uv_close((uv_handle_t *)&d->more, on_handle_closed);
  }
  while (d->handles > 0) uv_run(d->loop, UV_RUN_ONCE);
  wf_node_free(d->node);
  for (uint32_t i = 0; i < WF_NATION_MAX; i++) wf_pki_trust_clear(&d->trust[i]);
  wf_signing_key_wipe(&d->signing);
  free(d->deferred.items);
  free(d->verify.items);
  free(d);
  return status;
}

uint16_t wf_driver_link_port(const wf_driver *driver) {
  return wf_links_port(driver->links);
}
