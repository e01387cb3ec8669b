// What the world calls: the store, the links, the sensors and the consoles, each turned into an input of the core.
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "driver_state.h"
#include "questions.h"
#include "warn/windows.h"

static void on_stored(void *context, uint64_t token, bool ok) {
  driver_exchange_input(context, (wf_exchange_input){.kind = WF_XI_STORED, .token = token, .ok = ok});
}

static void on_fetched(void *context, uint64_t token, const wf_store_bundle *bundle, bool more) {
  driver_exchange_input(context, (wf_exchange_input){.kind = WF_XI_FETCHED,
                                                     .token = token,
                                                     .bytes = bundle->bytes,
                                                     .first = bundle->first,
                                                     .last = bundle->last,
                                                     .damaged = bundle->damaged,
                                                     .ok = more});
}

static void on_store_failed(void *context, const char *reason) {
  wf_driver *d = context;
  wf_log_write(d->log, WF_LOG_ERROR, "the store failed and is not written any more: %s", reason);
  driver_alarm(d, WF_ALARM_STORE_FAILED, d->config->nation, reason);
}

// A node certificate issued since the bundle was imported: the same authority stands behind its signing key.
static void learn_key(wf_driver *d, const wf_pki_subject *subject) {
  wf_pki_trust *trust = driver_trust(d, subject->nation);
  if (trust == NULL || !subject->has_signing_key) return;
  for (uint32_t k = 0; k < trust->key_count; k++)
    if (memcmp(trust->key[k], subject->signing_key, WF_PKI_KEY_SIZE) == 0) return;
  if (trust->key_count < WF_PKI_KEYS_MAX) memcpy(trust->key[trust->key_count++], subject->signing_key, WF_PKI_KEY_SIZE);
}

static void on_up(void *context, wf_nation nation, wf_lane lane, const wf_pki_subject *subject) {
  wf_driver *d = context;
  wf_log_write(d->log, WF_LOG_INFO, "link %s lane %d up, node %u", nation.code, (int)lane, subject->writer);
  learn_key(d, subject);
  driver_exchange_input(d, (wf_exchange_input){.kind = WF_XI_LINK_UP, .nation = nation, .lane = lane});
}

static void on_down(void *context, wf_nation nation, wf_lane lane, const char *reason) {
  wf_driver *d = context;
  wf_log_write(d->log, WF_LOG_INFO, "link %s lane %d down: %s", nation.code, (int)lane, reason);
  driver_exchange_input(d, (wf_exchange_input){.kind = WF_XI_LINK_DOWN, .nation = nation, .lane = lane});
}

static void on_frame(void *context, wf_nation nation, wf_lane lane, wf_bytes frame) {
  driver_exchange_input(context,
                        (wf_exchange_input){.kind = WF_XI_FRAME, .nation = nation, .lane = lane, .bytes = frame});
}

static void on_writable(void *context, wf_nation nation, wf_lane lane, size_t credit) {
  driver_exchange_input(context,
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

// What a foreign sensor says is given to the core with the word how to read it in front.
static void on_datagram(void *context, wf_bytes bytes) {
  const struct driver_input *from = context;
  wf_driver *d = from->driver;
  wf_input in = {.kind = WF_IN_SENSOR, .bytes = bytes};
  const size_t head = from->envelope->size;
  if (head > 0 && bytes.size <= sizeof d->enveloped - head) {
    memcpy(d->enveloped, from->envelope->bytes, head);
    memcpy(d->enveloped + head, bytes.data, bytes.size);
    in.bytes = (wf_bytes){d->enveloped, head + bytes.size};
  } else if (wf_envelope_is(bytes)) {
    in.bytes.size = 1;  // nobody outside says how to read it: refused and counted
  }
  driver_input(d, &in);
}

// Every act of a person is a signed record of the nation's own stream, done or refused.
static void record_action(wf_driver *d, const wf_feed_person *by, const char *what, uint64_t subject, const char *reason,
                          wf_status outcome) {
  wf_action a = {.subject = subject};
  snprintf(a.person, sizeof a.person, "%s", by->name);
  snprintf(a.role, sizeof a.role, "%s", by->role);
  snprintf(a.what, sizeof a.what, "%s", what);
  snprintf(a.outcome, sizeof a.outcome, "%s", wf_status_name(outcome));
  snprintf(a.reason, sizeof a.reason, "%s", reason);
  const wf_input in = {.kind = WF_IN_ACTION, .action = &a};
  driver_input(d, &in);
}

static wf_status on_decide(void *context, uint64_t product, wf_decision decision, const wf_feed_person *by,
                           const char *reason) {
  wf_driver *d = context;
  const wf_input in = {.kind = WF_IN_DECISION, .product = product, .decision = decision, .person = by->name};
  const wf_status status = driver_input(d, &in);
  record_action(d, by, wf_decision_name(decision), product, reason, status);
  wf_log_write(d->log, WF_LOG_INFO, "decision on %016llx by %s: %s, reason \"%s\": %s", (unsigned long long)product,
               by->name, wf_decision_name(decision), reason, wf_status_name(status));
  return status;
}

// Over the console feed's socket: a person's word, or a report of a registered source.
static wf_status on_told(void *context, wf_bytes report, const char *person) {
  wf_driver *d = context;
  const wf_input in = {.kind = person != NULL ? WF_IN_REPORT : WF_IN_SENSOR, .bytes = report, .person = person};
  if (wf_envelope_is(report)) return WF_EINVAL;
  const wf_status status = driver_input(d, &in);
  if (person != NULL) wf_log_write(d->log, WF_LOG_INFO, "voice report by %s: %s", person, wf_status_name(status));
  return status;
}

static void on_acknowledged(void *context, uint64_t alarm, const wf_feed_person *by, wf_status status) {
  record_action(context, by, "acknowledge", alarm, "", status);
}

// {"command":"clock","record_epoch":…,"real_epoch":…,"rate":…}: an exercise's control pauses and goes on by giving all
// nodes one and the same clock from a moment on. A node that is not in exercise mode has the real one.
static void set_clock(wf_driver *d, const wf_feed_question *question, const json_t *command) {
  const char *record = json_string_value(json_object_get(command, "record_epoch")),
             *real = json_string_value(json_object_get(command, "real_epoch"));
  wf_io_clock clock = {.rate = json_number_value(json_object_get(command, "rate"))};
  wf_status status = WF_EINVAL;
  if (d->config->mode != WF_MODE_EXERCISE) {
    status = WF_EMODE;
  } else if (record != NULL && real != NULL && wf_time_parse(record, &clock.record_epoch) == WF_OK &&
             wf_time_parse(real, &clock.real_epoch) == WF_OK && json_is_number(json_object_get(command, "rate")) &&
             clock.rate >= 0 && clock.rate <= 1000) {
    status = WF_OK;
    d->next_clock = clock;
    wf_log_write(d->log, WF_LOG_INFO, "exercise clock: record time runs %g times as fast from %s on", clock.rate, real);
  }
  wf_feed_answer(d->feed, question, status, status == WF_OK ? "done" : "no clock for this node", NULL);
}

static bool on_other(void *context, const wf_feed_question *question, const json_t *command) {
  const char *name = json_string_value(json_object_get(command, "command"));
  if (name != NULL && strcmp(name, "ask") == 0) return questions_ask(context, question, command);
  if (name == NULL || strcmp(name, "clock") != 0) return false;
  set_clock(context, question, command);
  return true;
}

static wf_time on_now(void *context) {
  return driver_now(context).wall;
}

static wf_status on_notice(void *context, const char *text, const char *person, char why[96]) {
  wf_driver *d = context;
  wf_window windows[WF_WINDOWS_MAX];
  size_t count;
  const size_t size = strlen(text);
  why[0] = '\0';
  wf_status status = wf_windows_parse(text, size, on_now(d), windows, &count, why);  // here for its words alone
  const wf_input in = {.kind = WF_IN_NOTICE, .bytes = {(const uint8_t *)text, size}, .person = person};
  if (status == WF_OK) status = driver_input(d, &in);
  if (status == WF_ETIME && why[0] == '\0') snprintf(why, 96, "its window is over");
  wf_log_write(d->log, WF_LOG_INFO, "notice given by %s: %s %s", person, wf_status_name(status), why);
  return status;
}

static json_t *on_warnings(wf_driver *d);
static json_t *inputs_json(const wf_driver *d);

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
  json_t *all = json_pack(
      "{s:{s:I,s:I,s:I,s:I,s:I,s:I,s:b},s:{s:I,s:I,s:I,s:I,s:I,s:o},s:I,s:I,s:I,s:I}", "store", "bundles",
      (json_int_t)store.bundles, "transactions", (json_int_t)store.transactions, "refused", (json_int_t)store.refused,
      "queued_bytes", (json_int_t)store.queued_bytes, "commit_us_last", (json_int_t)store.commit_us_last,
      "commit_us_max", (json_int_t)store.commit_us_max, "failed", (int)store.failed, "links", "frames_in",
      (json_int_t)links.frames_in, "frames_out", (json_int_t)links.frames_out, "bytes_in", (json_int_t)links.bytes_in,
      "bytes_out", (json_int_t)links.bytes_out, "pending", (json_int_t)links.pending, "refused", refused, "inputs",
      (json_int_t)d->count.inputs, "signatures_made", (json_int_t)d->count.signed_count, "signatures_checked",
      (json_int_t)d->count.verified, "signatures_bad", (json_int_t)d->count.verify_failed);
  if (d->channels != NULL) json_object_set_new(all, "warnings", on_warnings(d));
  if (d->config->tcp_count + d->config->seismic_count > 0) json_object_set_new(all, "inputs", inputs_json(d));
  if (d->publish_062 != NULL) json_object_set_new(all, "publish_062", wf_cat062_json(d->publish_062));
  return all;
}

static void on_channel_failed(void *context, const char *text) {
  wf_driver *d = context;
  d->count.cap_failed++;
  driver_alarm(d, WF_ALARM_STORE_FAILED, d->config->nation, text);
}

// The common picture; of a node that shares with nobody, its own.
static size_t published(const wf_driver *d, const wf_common_track **tracks, size_t cap) {
  return wf_node_policy(d->node)->rule_count > 0 ? wf_node_common(d->node, tracks, cap)
                                                 : wf_node_national(d->node, tracks, cap);
}

void driver_show_picture(wf_driver *d) {
  const wf_common_track *tracks[256];
  if (d->publish_062 != NULL)
    wf_cat062_picture(d->publish_062, driver_now(d).wall, tracks, published(d, tracks, 256));
  if (d->channels != NULL && d->config->cot.host[0] != '\0')
    wf_channels_picture(d->channels, tracks, wf_node_national(d->node, tracks, 256));
}

wf_channels_config driver_channels_config(wf_driver *d) {
  const wf_config *c = d->config;
  wf_channels_config out = {.loop = d->loop,
                            .nation = c->nation,
                            .mode = c->mode,
                            .directory = c->cap,
                            .key = c->key,
                            .certificate = c->certificate,
                            .post_count = c->post_count,
                            .cot_host = c->cot.host,
                            .cot_port = c->cot.port,
                            .areas = c->areas,
                            .area_count = c->area_count,
                            .context = d,
                            .now = on_now,
                            .failed = on_channel_failed};
  for (uint32_t i = 0; i < c->post_count; i++) out.post[i] = c->post[i];
  return out;
}

// What policy lets out without two people is said for as long as it does.
static json_t *stages(const bool on[16]) {
  json_t *list = json_array();
  for (int s = WF_STAGE_LAUNCH_NOTICE; s <= WF_STAGE_LAST; s++)
    if (on[s]) json_array_append_new(list, json_string(wf_product_stage_name((wf_product_stage)s)));
  return list;
}

static json_t *questions(const wf_node *node) {
  wf_warn_question q[32];
  json_t *list = json_array();
  const size_t count = wf_node_questions(node, q, 32);
  for (size_t i = 0; i < count; i++) {
    char event[20], asked[WF_TIME_RFC3339_SIZE], due[WF_TIME_RFC3339_SIZE];
    snprintf(event, sizeof event, "%016llx", (unsigned long long)q[i].event);
    wf_time_format(q[i].asked, 3, asked), wf_time_format(q[i].due, 3, due);
    json_array_append_new(
        list, json_pack("{s:s,s:s,s:s,s:s,s:b,s:b}", "event", event, "label", q[i].label, "asked", asked, "due", due,
                        "answered", (int)q[i].answered, "escalated", (int)q[i].escalated));
  }
  return list;
}

static json_t *on_warnings(wf_driver *d) {
  return json_pack("{s:o,s:o,s:o,s:o}", "channels", wf_channels_json(d->channels), "automatic",
                   stages(d->config->automatic), "delegated", stages(d->config->delegated), "questions",
                   questions(d->node));
}

// ---- Configurations -----------------------------------------------------------------------------------------------
wf_store_config driver_store_config(wf_driver *d) {
  const wf_config *c = d->config;
  return (wf_store_config){.loop = d->loop,
                           .path = c->store,
                           .nation = c->nation,
                           .mode = c->mode,
                           .writer = c->writer,
                           .queue_bytes = c->limits.store_queue_bytes,
                           .context = d,
                           .stored = on_stored,
                           .fetched = on_fetched,
                           .failed = on_store_failed};
}

wf_links_config driver_links_config(wf_driver *d) {
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
  return config;
}

wf_udp_config driver_udp_config(wf_driver *d, uint32_t index) {
  const struct wf_config_udp *u = &d->config->udp[index];
  d->inputs[index] = (struct driver_input){d, &u->envelope};
  return (wf_udp_config){.loop = d->loop,
                         .host = u->listen.host,
                         .port = u->listen.port,
                         .group = u->group,
                         .interface = u->interface,
                         .context = &d->inputs[index],
                         .datagram = on_datagram};
}

wf_tcp_config driver_tcp_config(wf_driver *d, uint32_t index) {
  const struct wf_config_tcp *t = &d->config->tcp[index];
  struct driver_input *from = &d->inputs[WF_CONFIG_UDP_MAX + index];
  *from = (struct driver_input){d, &t->envelope};
  return (wf_tcp_config){.loop = d->loop,
                         .host = t->listen.host,
                         .port = t->listen.port,
                         .asterix = t->envelope.size > 0,
                         .context = from,
                         .message = on_datagram};
}

static void on_seismic(void *context, wf_bytes report) {
  const wf_input in = {.kind = WF_IN_SENSOR, .bytes = report};
  driver_input(context, &in);
}

static void on_seismic_failed(void *context, const char *text) {
  wf_driver *d = context;
  driver_alarm(d, WF_ALARM_REFUSED_INPUT, d->config->nation, text);
}

wf_fdsn_config driver_fdsn_config(wf_driver *d, uint32_t index) {
  const struct wf_config_seismic *s = &d->config->seismic[index];
  return (wf_fdsn_config){.loop = d->loop,
                          .url = s->url,
                          .source = s->source,
                          .every_s = s->every_s,
                          .mode = d->config->mode,
                          .context = d,
                          .now = on_now,
                          .report = on_seismic,
                          .failed = on_seismic_failed};
}

static json_t *inputs_json(const wf_driver *d) {
  json_t *tcp = json_array(), *seismic = json_array();
  for (uint32_t i = 0; i < d->config->tcp_count; i++) {
    wf_tcp_stats s;
    wf_tcp_stats_get(d->tcp[i], &s);
    json_array_append_new(
        tcp, json_pack("{s:I,s:I,s:I,s:I}", "connections", (json_int_t)s.connections, "refused", (json_int_t)s.refused,
                       "messages", (json_int_t)s.messages, "unsplittable", (json_int_t)s.unsplittable));
  }
  for (uint32_t i = 0; i < d->config->seismic_count; i++) {
    wf_fdsn_stats s;
    wf_fdsn_stats_get(d->seismic[i], &s);
    json_array_append_new(seismic, json_pack("{s:s,s:I,s:I,s:I,s:I}", "source", d->config->seismic[i].source, "polls",
                                             (json_int_t)s.polls, "failures", (json_int_t)s.failures, "events",
                                             (json_int_t)s.events, "incomplete", (json_int_t)s.incomplete));
  }
  return json_pack("{s:o,s:o}", "tcp", tcp, "seismic", seismic);
}

wf_feed_config driver_feed_config(wf_driver *d, const char *version) {
  const wf_config *c = d->config;
  return (wf_feed_config){.loop = d->loop,
                          .path = c->feed,
                          .clients_max = c->limits.feed_clients,
                          .node = d->node,
                          .rate = c->rate,
                          .version = version,
                          .context = d,
                          .now = on_now,
                          .driver = on_count,
                          .decide = on_decide,
                          .told = on_told,
                          .notice = on_notice,
                          .acknowledged = on_acknowledged,
                          .other = on_other};
}
