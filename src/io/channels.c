#include "io/channels.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cap_files.h"
#include "cot.h"
#include "io/xml_sign.h"

enum { RECEIPTS_MAX = 256, CAP_MAX = 192 * 1024, COT_BACKLOG_MAX = 1 << 20, LOOK_EVERY_MS = 200, POST_TIMEOUT_S = 5 };
enum { FILES, FEED, COT, AGENCIES, POSTS };  // channels by number; POSTS + n is a receiver
#define COT_RETRY_S 2.0
#define COT_EVERY_S 1.0

typedef enum state { PENDING, DELIVERED, FAILED } state;

typedef struct receipt {
  uint64_t product;
  int channel, attempts;
  state state;
  wf_time at;
  char detail[96];
} receipt;

typedef struct job {
  uv_work_t work;
  wf_channels *channels;
  int channel, attempts;
  uint64_t product;
  uint64_t due_ms;
  bool running, ok;
  char *xml;
  size_t size;
  char detail[96];
  struct job *next;
} job;

struct wf_channels {
  wf_channels_config config;
  char directory[512], url[WF_CHANNELS_POST_MAX][WF_CHANNELS_URL_SIZE], host[64];
  wf_xml_signer *signer;
  wf_cap_feed *feed;
  uv_timer_t timer;
  uv_tcp_t cot;
  uv_connect_t connecting;
  bool cot_open, cot_up, cot_closing, closing, timer_closed;
  uint64_t cot_due_ms, cot_sent_ms;
  char cot_detail[96];
  job *jobs;
  receipt receipts[RECEIPTS_MAX];
  size_t receipt_count;
};

static void note(wf_channels *c, int channel, uint64_t product, state s, int attempts, const char *detail) {
  receipt *r = NULL;
  const size_t kept = c->receipt_count < RECEIPTS_MAX ? c->receipt_count : RECEIPTS_MAX;
  for (size_t i = 0; i < kept && r == NULL; i++)
    if (c->receipts[i].product == product && c->receipts[i].channel == channel) r = &c->receipts[i];
  if (r == NULL) r = &c->receipts[c->receipt_count++ % RECEIPTS_MAX];
  *r = (receipt){product, channel, attempts, s, c->config.now(c->config.context), ""};
  snprintf(r->detail, sizeof r->detail, "%s", detail);
}

// ---- POST ----------------------------------------------------------------------------------------------------------
static size_t discard(char *data, size_t size, size_t count, void *context) {
  return size * count;
}

static void post(uv_work_t *work) {
  job *j = work->data;
  CURL *curl = curl_easy_init();
  long code = 0;
  struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/cap+xml");
  curl_easy_setopt(curl, CURLOPT_URL, j->channels->url[j->channel - POSTS]);
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, j->xml);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)j->size);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)POST_TIMEOUT_S);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
  const CURLcode result = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  j->ok = result == CURLE_OK && code >= 200 && code < 300;
  if (result != CURLE_OK)
    snprintf(j->detail, sizeof j->detail, "%s", curl_easy_strerror(result));
  else
    snprintf(j->detail, sizeof j->detail, "HTTP %ld", code);
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
}

static void remove_job(wf_channels *c, job *j) {
  job **at = &c->jobs;
  while (*at != j) at = &(*at)->next;
  *at = j->next;
  free(j->xml);
  free(j);
}

static void finish(wf_channels *c) {
  if (!c->closing || !c->timer_closed || c->cot_open) return;
  for (const job *j = c->jobs; j != NULL; j = j->next)
    if (j->running) return;
  while (c->jobs != NULL) remove_job(c, c->jobs);
  wf_cap_feed_close(c->feed);
  wf_xml_signer_free(c->signer);
  free(c);
}

static void posted(uv_work_t *work, int status) {
  job *j = work->data;
  wf_channels *c = j->channels;
  j->running = false;
  j->attempts++;
  const bool given_up = !j->ok && j->attempts >= c->config.attempts;
  note(c, j->channel, j->product, j->ok ? DELIVERED : given_up ? FAILED : PENDING, j->attempts, j->detail);
  if (!j->ok && !c->closing && (given_up || j->attempts == 1)) {
    char text[WF_IO_REASON_SIZE];
    snprintf(text, sizeof text, "warning %016" PRIx64 " not delivered to %.120s: %s%s", j->product,
             c->url[j->channel - POSTS], j->detail, given_up ? "; given up" : "; tried again");
    c->config.failed(c->config.context, text);
  }
  j->due_ms = uv_now(c->config.loop) + (uint64_t)(1000.0 * c->config.retry_s * (double)(1u << (j->attempts - 1)));
  if (j->ok || given_up) remove_job(c, j);
  finish(c);
}

static void start_due(wf_channels *c) {
  for (job *j = c->jobs; j != NULL; j = j->next) {
    if (j->running || uv_now(c->config.loop) < j->due_ms) continue;
    j->running = uv_queue_work(c->config.loop, &j->work, post, posted) == 0;
  }
}

static void send_to(wf_channels *c, int channel, uint64_t product, const char *xml, size_t size) {
  job *j = calloc(1, sizeof *j);
  char *copy = malloc(size);
  if (j == NULL || copy == NULL) {
    free(j);
    free(copy);
    return;
  }
  memcpy(copy, xml, size);
  *j = (job){.channels = c, .channel = channel, .product = product, .xml = copy, .size = size, .next = c->jobs};
  j->work.data = j;
  c->jobs = j;
  note(c, channel, product, PENDING, 0, "");
}

// ---- Cursor on Target ----------------------------------------------------------------------------------------------
static void cot_closed(uv_handle_t *handle) {
  wf_channels *c = handle->data;
  c->cot_open = c->cot_up = c->cot_closing = false;
  c->cot_due_ms = uv_now(c->config.loop) + (uint64_t)(1000 * COT_RETRY_S);
  finish(c);
}

static void cot_end(wf_channels *c, int why) {
  if (why < 0) snprintf(c->cot_detail, sizeof c->cot_detail, "%s", uv_strerror(why));
  if (!c->cot_open || c->cot_closing) return;
  c->cot_up = false;
  c->cot_closing = true;
  uv_close((uv_handle_t *)&c->cot, cot_closed);
}

static void cot_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  static char sink[4096];
  *out = uv_buf_init(sink, sizeof sink);
}

static void cot_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer) {
  if (size < 0) cot_end(stream->data, (int)size);  // what a server says is not for us; that it went is
}

static void cot_connected(uv_connect_t *request, int status) {
  wf_channels *c = request->data;
  if (status < 0) {
    cot_end(c, status);
    return;
  }
  c->cot_up = true;
  c->cot_detail[0] = '\0';
  uv_read_start((uv_stream_t *)&c->cot, cot_room, cot_read);
}

static void cot_connect(wf_channels *c) {
  struct sockaddr_storage at;
  const bool known = uv_ip4_addr(c->host, c->config.cot_port, (struct sockaddr_in *)&at) == 0 ||
                     uv_ip6_addr(c->host, c->config.cot_port, (struct sockaddr_in6 *)&at) == 0;
  if (!known || uv_tcp_init(c->config.loop, &c->cot) != 0) return;
  c->cot.data = c->connecting.data = c;
  c->cot_open = true;
  const int status = uv_tcp_connect(&c->connecting, &c->cot, (const struct sockaddr *)&at, cot_connected);
  if (status < 0) cot_end(c, status);
}

typedef struct cot_write {
  uv_write_t request;
  char text[];
} cot_write;

static void cot_written(uv_write_t *request, int status) {
  free(request);
}

void wf_channels_picture(wf_channels *c, const wf_common_track *const *tracks, size_t count) {
  const uint64_t now_ms = uv_now(c->config.loop);
  if (!c->cot_up || now_ms - c->cot_sent_ms < (uint64_t)(1000 * COT_EVERY_S)) return;
  c->cot_sent_ms = now_ms;
  for (size_t i = 0; i < count; i++) {
    if (uv_stream_get_write_queue_size((uv_stream_t *)&c->cot) > COT_BACKLOG_MAX) return;  // newer ones will do
    cot_write *w = malloc(sizeof *w + WF_COT_EVENT_SIZE);
    size_t length = 0;
    if (w == NULL) return;
    if (wf_cot_event(tracks[i], c->config.mode, c->config.now(c->config.context), w->text, WF_COT_EVENT_SIZE,
                     &length) != WF_OK) {
      free(w);
      continue;
    }
    uv_buf_t buffer = uv_buf_init(w->text, (unsigned)length);
    if (uv_write(&w->request, (uv_stream_t *)&c->cot, &buffer, 1, cot_written) != 0) free(w);
  }
}

// ---- Release -------------------------------------------------------------------------------------------------------
static void to_files(wf_channels *c, const wf_product *p, const char *xml, size_t size) {
  char reason[WF_IO_REASON_SIZE] = "";
  if (c->directory[0] == '\0') return;
  wf_status status = wf_cap_file_put(c->directory, p->id, xml, size, reason);
  note(c, FILES, p->id, status == WF_OK ? DELIVERED : FAILED, 1, reason);
  if (status != WF_OK) c->config.failed(c->config.context, reason);
  status = wf_cap_feed_put(c->feed, c->config.now(c->config.context), reason);
  note(c, FEED, p->id, status == WF_OK ? DELIVERED : FAILED, 1, status == WF_OK ? "" : reason);
  if (status != WF_OK) c->config.failed(c->config.context, reason);
}

// To the agencies of own areas that are not named: a file beside the message, which the public feed never lists.
static void to_agencies(wf_channels *c, const wf_product *p) {
  static const char *const LANGUAGES[] = {"en", "ja", "ko"};
  char reason[WF_IO_REASON_SIZE] = "", text[512], id[20], name[48];
  json_t *list = json_array();
  for (size_t i = 0; i < c->config.area_count; i++) {
    json_t *words = json_object();
    for (int k = 0; k < 3; k++)
      if (wf_cap_agency_notice(p, &c->config.areas[i], LANGUAGES[k], text, sizeof text) == WF_OK)
        json_object_set_new(words, LANGUAGES[k], json_string(text));
    if (json_object_size(words) > 0)
      json_array_append_new(list, json_pack("{s:s,s:O}", "area", c->config.areas[i].code, "notice", words));
    json_decref(words);
  }
  snprintf(id, sizeof id, "%016" PRIx64, p->id);
  json_t *all = json_pack("{s:s,s:s,s:o}", "message", id, "mode", wf_mode_name(p->mode), "not_warned", list);
  char *dumped = json_dumps(all, JSON_INDENT(1));
  snprintf(name, sizeof name, "%s.agencies.json", id);
  const wf_status status =
      dumped != NULL ? wf_cap_named_put(c->directory, name, dumped, strlen(dumped), reason) : WF_ENOMEM;
  note(c, AGENCIES, p->id, status == WF_OK ? DELIVERED : FAILED, 1, reason);
  if (status != WF_OK) c->config.failed(c->config.context, reason);
  free(dumped);
  json_decref(all);
}

void wf_channels_release(wf_channels *c, const wf_product *p) {
  char sender[64], reason[WF_IO_REASON_SIZE], *text = malloc(CAP_MAX), *signed_text = NULL;
  size_t size = 0, signed_size = 0;
  snprintf(sender, sizeof sender, "watchfire-%s", p->issuer.code);
  wf_status status =
      text != NULL ? wf_cap_write(p, sender, c->config.areas, c->config.area_count, text, CAP_MAX, &size) : WF_ENOMEM;
  if (status != WF_OK) {
    snprintf(reason, sizeof reason, "CAP message of %s: %s", p->label, wf_status_name(status));
    c->config.failed(c->config.context, reason);
    free(text);
    return;
  }
  // A message that cannot be signed goes out all the same, and the operator is told.
  if (c->signer != NULL && wf_xml_sign(c->signer, text, size, &signed_text, &signed_size, reason) != WF_OK)
    c->config.failed(c->config.context, reason);
  const char *out = signed_text != NULL ? signed_text : text;
  const size_t out_size = signed_text != NULL ? signed_size : size;
  for (uint32_t i = 0; i < c->config.post_count; i++) send_to(c, POSTS + (int)i, p->id, out, out_size);
  start_due(c);
  to_files(c, p, out, out_size);
  if (c->directory[0] != '\0' && p->area_count > 0) to_agencies(c, p);
  free(signed_text);
  free(text);
}

// ---- Open, look, close ---------------------------------------------------------------------------------------------
static void look(uv_timer_t *timer) {
  wf_channels *c = timer->data;
  start_due(c);
  if (c->host[0] != '\0' && !c->cot_open && uv_now(c->config.loop) >= c->cot_due_ms) cot_connect(c);
}

wf_channels *wf_channels_open(const wf_channels_config *config, char reason[WF_IO_REASON_SIZE]) {
  wf_channels *c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->config = *config;
  if (c->config.retry_s <= 0) c->config.retry_s = 1;
  if (c->config.attempts <= 0) c->config.attempts = 8;
  snprintf(c->directory, sizeof c->directory, "%s", config->directory != NULL ? config->directory : "");
  snprintf(c->host, sizeof c->host, "%s", config->cot_host != NULL ? config->cot_host : "");
  for (uint32_t i = 0; i < config->post_count; i++) snprintf(c->url[i], sizeof c->url[i], "%s", config->post[i]);
  if (config->key != NULL && config->key[0] != '\0') {
    c->signer = wf_xml_signer_new(config->key, config->certificate, reason);
    if (c->signer == NULL) {
      free(c);
      return NULL;
    }
  }
  c->feed = wf_cap_feed_open(c->directory, config->nation, c->signer);
  if (c->feed == NULL) {
    wf_xml_signer_free(c->signer);
    free(c);
    return NULL;
  }
  if (config->post_count > 0) curl_global_init(CURL_GLOBAL_DEFAULT);
  uv_timer_init(config->loop, &c->timer);
  c->timer.data = c;
  uv_timer_start(&c->timer, look, 0, LOOK_EVERY_MS);
  return c;
}

static void timer_closed(uv_handle_t *handle) {
  wf_channels *c = handle->data;
  c->timer_closed = true;
  finish(c);
}

void wf_channels_close(wf_channels *c) {
  if (c == NULL || c->closing) return;
  c->closing = true;
  cot_end(c, 0);
  uv_close((uv_handle_t *)&c->timer, timer_closed);
}

// ---- For people ----------------------------------------------------------------------------------------------------
static const char *state_name(state s) {
  static const char *const NAMES[] = {"pending", "delivered", "failed"};
  return NAMES[s];
}

static json_t *channel_json(const wf_channels *c, int channel, const char *name, const char *kind) {
  json_t *list = json_array();
  const size_t kept = c->receipt_count < RECEIPTS_MAX ? c->receipt_count : RECEIPTS_MAX;
  state newest = DELIVERED;
  for (size_t i = 0; i < kept; i++) {
    const receipt *r = &c->receipts[(c->receipt_count - 1 - i) % RECEIPTS_MAX];
    if (r->channel != channel) continue;
    if (json_array_size(list) == 0) newest = r->state;
    char id[20], at[WF_TIME_RFC3339_SIZE];
    snprintf(id, sizeof id, "%016" PRIx64, r->product);
    wf_time_format(r->at, 3, at);
    json_array_append_new(list, json_pack("{s:s,s:s,s:i,s:s,s:s}", "product", id, "state", state_name(r->state),
                                          "attempts", r->attempts, "at", at, "detail", r->detail));
  }
  return json_pack("{s:s,s:s,s:s,s:s,s:o}", "name", name, "kind", kind, "state", state_name(newest), "detail", "",
                   "receipts", list);
}

json_t *wf_channels_json(const wf_channels *c) {
  json_t *list = json_array();
  if (c->directory[0] != '\0') {
    json_array_append_new(list, channel_json(c, FILES, "CAP files", "files"));
    json_array_append_new(list, channel_json(c, FEED, "/cap/", "atom"));
    json_array_append_new(list, channel_json(c, AGENCIES, "areas not warned", "agencies"));
  }
  for (uint32_t i = 0; i < c->config.post_count; i++)
    json_array_append_new(list, channel_json(c, POSTS + (int)i, c->url[i], "post"));
  if (c->host[0] != '\0') {
    json_t *cot = channel_json(c, COT, c->host, "cot");
    json_object_set_new(cot, "state", json_string(c->cot_up ? "delivered" : "failed"));
    json_object_set_new(cot, "detail", json_string(c->cot_detail));
    json_array_append_new(list, cot);
  }
  return list;
}
