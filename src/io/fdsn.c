#include "io/fdsn.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/reason.h"
#include "sensor/quakeml.h"
#include "wire/codec.h"

enum { ANSWER_MAX = 8 << 20, TIMEOUT_S = 20, REPORT_SIZE = 2048 };

struct wf_fdsn {
  wf_fdsn_config config;
  char url[512], source[WF_SENSOR_NAME_SIZE];
  uv_timer_t timer;
  uv_work_t work;
  bool asking, closing, timer_closed, failing;
  uint64_t sequence;
  wf_fdsn_stats stats;
  // Of the thread while it asks.
  char *answer;
  size_t size;
  long code;
  char detail[96];  // empty: it answered
};

static size_t take(char *data, size_t size, size_t count, void *context) {
  wf_fdsn *f = context;
  const size_t more = size * count;
  char *grown = f->size + more <= ANSWER_MAX ? realloc(f->answer, f->size + more + 1) : NULL;
  if (grown == NULL) return 0;
  memcpy(grown + f->size, data, more);
  f->answer = grown;
  f->size += more;
  return more;
}

static void ask(uv_work_t *work) {
  wf_fdsn *f = work->data;
  CURL *curl = curl_easy_init();
  f->detail[0] = '\0';
  f->code = 0;
  curl_easy_setopt(curl, CURLOPT_URL, f->url);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 3L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "watchfire");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, f);
  const CURLcode result = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &f->code);
  if (result != CURLE_OK)
    snprintf(f->detail, sizeof f->detail, "%s", curl_easy_strerror(result));
  else if (f->code != 200 && f->code != 204)
    snprintf(f->detail, sizeof f->detail, "HTTP %ld", f->code);
  curl_easy_cleanup(curl);
}

static void report(wf_fdsn *f, wf_seismic_event *event) {
  uint8_t bytes[REPORT_SIZE];
  size_t length = 0;
  wf_sensor_report r = {.mode = f->config.mode,
                        .sequence = ++f->sequence,
                        .time = f->config.now(f->config.context),
                        .status = 1,
                        .seismic = event,
                        .seismic_count = event != NULL ? 1 : 0};
  memcpy(r.sensor, f->source, sizeof r.sensor);
  if (wf_wire_encode_sensor_report(&r, bytes, sizeof bytes, &length) == WF_OK)
    f->config.report(f->config.context, (wf_bytes){bytes, length});
  else
    f->stats.incomplete++;
}

static void on_event(void *context, const wf_seismic_event *event) {
  wf_fdsn *f = context;
  wf_seismic_event one = *event;
  if (!event->has_time || !event->has_place || event->id[0] == '\0') {
    f->stats.incomplete++;
    return;
  }
  f->stats.events++;
  report(f, &one);
}

// An answer without events still says that the agency is there.
static void read_answer(wf_fdsn *f) {
  wf_ccsds_fault fault = {0};
  const wf_bytes text = {(const uint8_t *)f->answer, f->size};
  if (f->code == 204 || wf_quakeml_read(text, on_event, f, &fault) == WF_OK)
    report(f, NULL);
  else
    snprintf(f->detail, sizeof f->detail, "line %u: %.70s", fault.line, fault.reason);
}

static void finish(wf_fdsn *f) {
  if (f->closing && f->timer_closed && !f->asking) free(f);
}

static void answered(uv_work_t *work, int status) {
  wf_fdsn *f = work->data;
  f->asking = false;
  if (!f->closing) {
    f->stats.polls++;
    if (f->detail[0] == '\0') read_answer(f);
    const bool failed = f->detail[0] != '\0';
    f->stats.failures += failed;
    if (failed && !f->failing) {
      char text[WF_IO_REASON_SIZE];
      snprintf(text, sizeof text, "%s: %.200s: %s", f->source, f->url, f->detail);
      f->config.failed(f->config.context, text);
    }
    f->failing = failed;
  }
  free(f->answer);
  f->answer = NULL;
  f->size = 0;
  finish(f);
}

static void on_timer(uv_timer_t *timer) {
  wf_fdsn *f = timer->data;
  if (!f->asking) f->asking = uv_queue_work(f->config.loop, &f->work, ask, answered) == 0;
}

wf_status wf_fdsn_open(const wf_fdsn_config *config, wf_fdsn **out) {
  wf_fdsn *f = calloc(1, sizeof *f);
  if (f == NULL) return WF_ENOMEM;
  f->config = *config;
  snprintf(f->url, sizeof f->url, "%s", config->url);
  snprintf(f->source, sizeof f->source, "%s", config->source);
  uv_timer_init(config->loop, &f->timer);
  f->timer.data = f->work.data = f;
  const uint64_t every_ms = (uint64_t)(1e3 * (config->every_s > 0.1 ? config->every_s : 60.0));
  uv_timer_start(&f->timer, on_timer, 0, every_ms);
  *out = f;
  return WF_OK;
}

static void on_timer_closed(uv_handle_t *handle) {
  wf_fdsn *f = handle->data;
  f->timer_closed = true;
  finish(f);
}

void wf_fdsn_close(wf_fdsn *f) {
  f->closing = true;
  uv_close((uv_handle_t *)&f->timer, on_timer_closed);
}

void wf_fdsn_stats_get(const wf_fdsn *f, wf_fdsn_stats *out) {
  *out = f->stats;
}
