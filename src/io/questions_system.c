// The node as a system: clock, queues, versions, certificates with their expiry.
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "questions.h"

static json_t *time_json(wf_time t, int digits) {
  char text[WF_TIME_RFC3339_SIZE];
  return json_string(wf_time_format(t, digits, text));
}

// ---- Certificates --------------------------------------------------------------------------------------------------
static wf_time time_of(const ASN1_TIME *asn1) {
  struct tm tm = {0};
  return ASN1_TIME_to_tm(asn1, &tm) == 1 ? (wf_time){(int64_t)timegm(&tm) * WF_NS_PER_S} : (wf_time){0};
}

static void add_certificate(json_t *list, const char *what, const char *nation, X509 *certificate) {
  char subject[200] = "";
  const wf_time before = time_of(X509_get0_notBefore(certificate)), after = time_of(X509_get0_notAfter(certificate)),
                now = wf_io_clock_utc();
  const double days = wf_time_diff_s(after, now) / 86400;
  X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof subject);
  json_array_append_new(
      list, json_pack("{s:s,s:s?,s:s,s:o,s:o,s:f,s:s}", "what", what, "nation", nation, "subject", subject,
                      "not_before", time_json(before, 0), "not_after", time_json(after, 0), "days_left", days, "state",
                      days < 0                      ? "expired"
                      : wf_time_before(now, before) ? "not_yet"
                      : days < 30                   ? "soon"
                                                    : "good"));
}

static void add_trusted(json_t *list, const wf_pki_trust *trust) {
  STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(trust->store);
  for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
    X509 *certificate = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
    if (certificate != NULL) add_certificate(list, "partner_authority", trust->nation.code, certificate);
  }
}

static json_t *certificates(const wf_driver *d) {
  json_t *list = json_array();
  X509 *own = NULL;
  char reason[WF_IO_REASON_SIZE];
  if (wf_pki_certificate_load(d->config->certificate, &own, reason) == WF_OK)
    add_certificate(list, "node", d->config->nation.code, own);
  X509_free(own);
  for (uint32_t i = 0; i < d->trust_count; i++) add_trusted(list, &d->trust[i]);
  return list;
}

// ---- Queues --------------------------------------------------------------------------------------------------------
static void add_queue(json_t *list, const char *name, uint64_t used, uint64_t capacity, const char *unit,
                      uint64_t lost) {
  json_array_append_new(list, json_pack("{s:s,s:I,s:I,s:s,s:I}", "name", name, "used", (json_int_t)used, "capacity",
                                        (json_int_t)capacity, "unit", unit, "lost", (json_int_t)lost));
}

static json_t *queues(const wf_driver *d) {
  json_t *list = json_array();
  wf_store_stats store;
  wf_link_view links[WF_NATION_MAX];
  char name[24];
  wf_store_stats_get(d->store, &store);
  add_queue(list, "store", store.queued_bytes, d->config->limits.store_queue_bytes, "bytes",
            store.refused + store.audit_lost);
  const size_t count = wf_node_links(d->node, links, WF_NATION_MAX);
  for (size_t i = 0; i < count; i++) {
    snprintf(name, sizeof name, "partner %.3s", links[i].nation.code);
    add_queue(list, name, links[i].queued_bytes, d->config->limits.partner_queue_bytes, "bytes", 0);
  }
  add_queue(list, "results of signing and storing", d->deferred.count, DEFERRED_MAX, "items", d->count.deferred_lost);
  return list;
}

json_t *questions_system(wf_driver *d) {
  const wf_node *n = d->node;
  char protocol[12], algorithm[12];
  snprintf(protocol, sizeof protocol, "%d", WF_PROTOCOL_VERSION);
  snprintf(algorithm, sizeof algorithm, "%d", WF_PICTURE_ALGORITHM);
  json_t *node =
      json_pack("{s:s,s:s,s:I,s:s,s:I,s:b,s:o,s:f}", "nation", d->config->nation.code, "mode",
                wf_mode_name(d->config->mode), "writer", (json_int_t)d->config->writer, "version", d->version, "epoch",
                (json_int_t)wf_node_epoch(n), "durable", (int)wf_node_durable(n), "time", time_json(wf_node_time(n), 3),
                "uptime_s", 1e-9 * (double)(uv_hrtime() - d->opened_ns));
  json_t *clock = json_pack("{s:o,s:o,s:f}", "utc", time_json(wf_io_clock_utc(), 3), "record",
                            time_json(driver_now(d).wall, 3), "rate", d->clock.rate);
  json_t *versions = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "watchfire", d->version, "protocol", protocol, "picture",
                               algorithm, "openssl", OpenSSL_version(OPENSSL_VERSION), "sqlite", sqlite3_libversion(),
                               "libuv", uv_version_string());
  return json_pack("{s:o,s:o,s:o,s:o,s:o}", "node", node, "clock", clock, "queues", queues(d), "versions", versions,
                   "certificates", certificates(d));
}
