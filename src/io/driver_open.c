#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "driver_state.h"

// ---- Opening, in order --------------------------------------------------------------------------------------------
static wf_status open_keys(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  wf_status status = wf_signing_key_load(d->config->signing_key, &d->signing, reason);
  for (uint32_t i = 0; i < d->config->partner_count && status == WF_OK; i++, d->trust_count++)
    status = wf_pki_trust_load(d->config->partner[i].trust, &d->trust[i], reason);
  return status;
}

static wf_status open_store(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  const wf_store_config config = driver_store_config(d);
  return wf_store_open(&config, &d->store, reason);
}

static wf_status open_links(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  const wf_links_config config = driver_links_config(d);
  const wf_status status = wf_links_new(&config, &d->links, reason);
  if (status == WF_OK) driver_memberships(d);
  return status;
}

static wf_status open_udp(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  wf_status status = WF_OK;
  for (uint32_t i = 0; i < d->config->udp_count && status == WF_OK; i++) {
    const wf_udp_config config = driver_udp_config(d, i);
    status = wf_udp_open(&config, &d->udp[i], reason);
  }
  return status;
}

static wf_status open_tcp(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  wf_status status = WF_OK;
  for (uint32_t i = 0; i < d->config->tcp_count && status == WF_OK; i++) {
    const wf_tcp_config config = driver_tcp_config(d, i);
    status = wf_tcp_open(&config, &d->tcp[i], reason);
  }
  return status;
}

static wf_status open_seismic(wf_driver *d) {
  wf_status status = WF_OK;
  for (uint32_t i = 0; i < d->config->seismic_count && status == WF_OK; i++) {
    const wf_fdsn_config config = driver_fdsn_config(d, i);
    status = wf_fdsn_open(&config, &d->seismic[i]);
  }
  return status;
}

static wf_status open_062(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  const struct wf_config_062 *p = &d->config->publish_062;
  const wf_cat062_config config = {.loop = d->loop,
                                   .host = p->to.host,
                                   .port = p->to.port,
                                   .interface = p->interface,
                                   .sac = p->sac,
                                   .sic = p->sic,
                                   .every_s = p->every_s,
                                   .mode = d->config->mode};
  return p->to.host[0] == '\0' ? WF_OK : wf_cat062_open(&config, &d->publish_062, reason);
}

static wf_status open_channels(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  const wf_channels_config config = driver_channels_config(d);
  d->channels = wf_channels_open(&config, reason);
  return d->channels != NULL ? WF_OK : WF_EINVAL;
}

static wf_status open_feed(wf_driver *d, const char *version, char reason[WF_IO_REASON_SIZE]) {
  const wf_feed_config config = driver_feed_config(d, version);
  return wf_feed_open(&config, &d->feed, reason);
}

static wf_status open_recording(wf_driver *d, const wf_node_config *config, const char *version,
                                char reason[WF_IO_REASON_SIZE]);

static wf_status open_node(wf_driver *d, const char *version, char reason[WF_IO_REASON_SIZE]) {
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
  memcpy(config.delegated, c->delegated, sizeof config.delegated);
  config.officer_count = c->officer_count;
  memcpy(config.officer, c->officer, sizeof config.officer);
  *x = (wf_exchange_config){.nation = c->nation,
                            .writer = c->writer,
                            .mode = c->mode,
                            .partner_count = c->partner_count,
                            .cache_bytes = c->limits.cache_bytes,
                            .partner_queue_bytes = c->limits.partner_queue_bytes,
                            .bundle_records_max = c->limits.bundle_records,
                            .clock_alarm_ns = (int64_t)(500e6 * (c->rate > 1.0 ? c->rate : 1.0)),
                            .heartbeat_ns = (int64_t)(c->limits.heartbeat_ms * 1e6),
                            .dead_after_ns = (int64_t)(c->limits.dead_after_ms * 1e6)};
  // The secret of the guard's noise follows from the nation's signing key, and tells nothing of it.
  static const uint8_t PURPOSE[] = "watchfire-guard-1";
  crypto_generichash(config.guard_secret, sizeof config.guard_secret, PURPOSE, sizeof PURPOSE, d->signing.secret, 32);
  randombytes_buf(&x->boot, sizeof x->boot);
  for (uint32_t i = 0; i < c->partner_count; i++) x->partner[i].nation = c->partner[i].nation;
  d->node = wf_node_new(&config);
  if (d->node == NULL) snprintf(reason, WF_IO_REASON_SIZE, "not enough memory for the limits in the configuration");
  const wf_status status = d->node == NULL ? WF_ENOMEM : open_recording(d, &config, version, reason);
  sodium_memzero(config.guard_secret, sizeof config.guard_secret);  // the private journal needs it, nobody after
  return status;
}

static wf_status open_recording(wf_driver *d, const wf_node_config *config, const char *version,
                                char reason[WF_IO_REASON_SIZE]) {
  const wf_config *c = d->config;
  if (c->journal[0] == '\0') return WF_OK;
  const uint64_t bytes_max = c->limits.journal_bytes;
  const wf_status status = wf_recording_start(c->journal, c->nation, driver_now(d).wall, bytes_max, 4 * bytes_max,
                                              version, &d->recording, reason);
  if (status == WF_OK) wf_journal_start(wf_recording_journal(d->recording), config);
  return status;
}

static void write_audit(void *context, const wf_audit_row *row) {
  wf_driver *d = context;
  if (d->store != NULL) wf_store_put_audit(d->store, row);
}

static wf_status restore_one(void *context, const wf_store_bundle *bundle) {
  driver_exchange_input(context, (wf_exchange_input){.kind = WF_XI_RESTORE,
                                                     .bytes = bundle->bytes,
                                                     .first = bundle->first,
                                                     .last = bundle->last,
                                                     .damaged = bundle->damaged});
  return WF_OK;
}

static wf_status restore(wf_driver *d, char reason[WF_IO_REASON_SIZE]) {
  driver_exchange_input(d, (wf_exchange_input){.kind = WF_XI_START, .epoch_stored = wf_store_epoch(d->store)});
  const uint64_t before = d->count.inputs;
  const wf_status status = wf_store_restore(d->store, restore_one, d);
  wf_log_write(d->log, WF_LOG_INFO, "restored %llu bundles, epoch %llu", (unsigned long long)(d->count.inputs - before),
               (unsigned long long)wf_node_epoch(d->node));
  if (status != WF_OK)
    snprintf(reason, WF_IO_REASON_SIZE, "%.250s: cannot be read back: %s", d->config->store, wf_status_name(status));
  return status;
}

static void on_after_io(uv_check_t *check) {
  driver_turn_end(check->data);
}
static void on_before_wait(uv_prepare_t *prepare) {
  driver_turn_end(prepare->data);
}
// A recording that ends before the node does must not go unnoticed.
static void watch_recording(wf_driver *d) {
  if (d->recording == NULL || d->recording_ended) return;
  wf_recording_flush(d->recording);
  if (wf_journal_open(wf_recording_journal(d->recording))) return;
  d->recording_ended = true;
  wf_log_write(d->log, WF_LOG_WARN,
               "the recording has met its bound (limits.journal_mb) or its disk: it goes no further");
  driver_alarm(d, WF_ALARM_STORE_FAILED, d->config->nation, "the private journal goes no further");
}

static void on_tick(uv_timer_t *timer) {
  watch_recording(timer->data);
  driver_show_picture(timer->data);
  driver_exchange_input(timer->data, (wf_exchange_input){.kind = WF_XI_TICK});
}

static void start_turns(wf_driver *d) {
  uv_timer_init(d->loop, &d->tick);
  uv_check_init(d->loop, &d->after_io);
  uv_prepare_init(d->loop, &d->before_wait);
  d->tick.data = d->after_io.data = d->before_wait.data = d;
  d->handles = 3;
  const uint64_t every_ms = (uint64_t)d->config->limits.tick_ms;
  uv_timer_start(&d->tick, on_tick, every_ms, every_ms);
  uv_check_start(&d->after_io, on_after_io);
  uv_prepare_start(&d->before_wait, on_before_wait);
}

static bool make_ring(wf_driver *d) {
  void *results = calloc(DEFERRED_MAX, sizeof(deferred));
  wf_ring_init(&d->deferred, results, sizeof(deferred), results != NULL ? DEFERRED_MAX : 0);
  return results != NULL;
}

static wf_status open_signer(wf_driver *d) {
  const wf_signer_config config = {.loop = d->loop,
                                   .key = &d->signing,
                                   .jobs_max = SIGNER_JOBS_MAX,
                                   .context = d,
                                   .made = driver_signature_made,
                                   .checked = driver_signature_checked};
  return wf_signer_new(&config, &d->signer);
}

wf_status wf_driver_new(const wf_config *config, uv_loop_t *loop, const wf_log_sink *log, const char *version,
                        wf_driver **out, char reason[WF_IO_REASON_SIZE]) {
  wf_driver *d = calloc(1, sizeof *d);
  if (d == NULL) return WF_ENOMEM;
  d->config = config;
  d->loop = loop;
  d->log = log;
  d->audit = (wf_audit){.context = d, .write = write_audit};
  d->next_clock.rate = -1;
  d->version = version;
  d->opened_ns = uv_hrtime();
  d->clock = (wf_io_clock){config->record_epoch, config->real_epoch, config->rate};
  snprintf(reason, WF_IO_REASON_SIZE, "out of memory");
  wf_status status = sodium_init() < 0 || !make_ring(d) ? WF_ENOMEM : WF_OK;
  if (status == WF_OK) status = open_keys(d, reason);
  if (status == WF_OK) status = open_signer(d);
  if (status == WF_OK) status = open_store(d, reason);
  if (status == WF_OK) status = open_node(d, version, reason);
  if (status == WF_OK) status = restore(d, reason);
  if (status == WF_OK) status = open_links(d, reason);
  if (status == WF_OK) status = open_udp(d, reason);
  if (status == WF_OK) status = open_tcp(d, reason);
  if (status == WF_OK) status = open_seismic(d);
  if (status == WF_OK) status = open_062(d, reason);
  if (status == WF_OK) status = open_channels(d, reason);
  if (status == WF_OK) status = open_feed(d, version, reason);
  if (status == WF_OK) {
    start_turns(d);
    *out = d;
  } else {
    wf_driver_free(d);
  }
  return status;
}

// What was said gets its seal before the goodbye.
static void seal_what_was_said(wf_driver *d) {
  enum { WAIT_NS = 50000000 };
  d->closing = true;
  const uint64_t end_ns = uv_hrtime() + WAIT_NS;
  while (d->signer != NULL && wf_signer_busy(d->signer) && uv_hrtime() < end_ns) uv_run(d->loop, UV_RUN_ONCE);
}

static void on_handle_closed(uv_handle_t *handle) {
  ((wf_driver *)handle->data)->handles--;
}

wf_status wf_driver_free(wf_driver *d) {
  wf_status status = WF_OK;
  for (uint32_t i = 0; i < WF_CONFIG_UDP_MAX; i++)
    if (d->udp[i] != NULL) wf_udp_close(d->udp[i]);
  for (uint32_t i = 0; i < WF_CONFIG_UDP_MAX; i++)
    if (d->tcp[i] != NULL) wf_tcp_close(d->tcp[i]);
  for (uint32_t i = 0; i < WF_CONFIG_SEISMIC_MAX; i++)
    if (d->seismic[i] != NULL) wf_fdsn_close(d->seismic[i]);
  if (d->publish_062 != NULL) wf_cat062_close(d->publish_062);
  d->publish_062 = NULL;
  if (d->handles > 0) {
    driver_turn_end(d);
    seal_what_was_said(d);
    uv_timer_stop(&d->tick);
  }
  if (d->feed != NULL) wf_feed_close(d->feed);
  d->feed = NULL;
  while (d->questions > 0) uv_run(d->loop, UV_RUN_ONCE);
  wf_channels_close(d->channels);
  d->channels = NULL;
  wf_links_free(d->links);  // runs the loop: results of the store still reach the core
  d->links = NULL;
  while (d->signer != NULL && d->store != NULL && wf_signer_busy(d->signer)) uv_run(d->loop, UV_RUN_ONCE);
  wf_signer_free(d->signer);
  d->signer = NULL;
  wf_audit_flush(&d->audit, (wf_time){INT64_MAX});
  if (d->store != NULL) status = wf_store_close(d->store);
  d->store = NULL;
  if (d->handles > 0) {
    uv_close((uv_handle_t *)&d->tick, on_handle_closed);
    uv_close((uv_handle_t *)&d->after_io, on_handle_closed);
    uv_close((uv_handle_t *)&d->before_wait, on_handle_closed);
  }
  while (d->handles > 0) uv_run(d->loop, UV_RUN_ONCE);
  if (wf_recording_close(d->recording) != WF_OK)
    wf_log_write(d->log, WF_LOG_ERROR, "the recording could not be written to its end");
  wf_node_free(d->node);
  for (uint32_t i = 0; i < WF_NATION_MAX; i++) wf_pki_trust_clear(&d->trust[i]);
  wf_signing_key_wipe(&d->signing);
  free(d->deferred.items);
  free(d);
  return status;
}

uint16_t wf_driver_link_port(const wf_driver *driver) {
  return wf_links_port(driver->links);
}
