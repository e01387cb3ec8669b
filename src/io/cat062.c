#include "io/cat062.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mat.h"

enum { DATAGRAM_MAX = 1400, NUMBERS_MAX = 1024, LEFT_MAX = 64, REASONS = WF_PUBLISH_STATE + 1 };

#define KNOWN_M 50e3  // a place known no better is no track for others
#define KNOWN_M_S 1e3

struct wf_cat062 {
  wf_cat062_config config;
  uv_udp_t handle;
  struct sockaddr_storage to;
  wf_asterix_editions editions;
  wf_time sent_at;
  struct numbered {
    uint64_t track;
  } number[NUMBERS_MAX];  // I062/040: the place in this ring
  uint32_t next;
  struct left_out {
    char label[WF_COMMON_NUMBER_SIZE];
    uint8_t reason;
  } left[LEFT_MAX];
  uint32_t left_count;
  uint64_t sent, datagrams, failed, unknown, out_by[REASONS];
  wf_asterix_record record;
};

static uint16_t number_of(wf_cat062 *o, uint64_t track) {
  for (uint32_t i = 0; i < NUMBERS_MAX; i++)
    if (o->number[i].track == track) return (uint16_t)(i + 1);
  const uint32_t at = o->next++ % NUMBERS_MAX;
  o->number[at].track = track;
  return (uint16_t)(at + 1);
}

static bool known(const wf_track *t) {
  return t->covariance[0] + t->covariance[7] + t->covariance[14] < KNOWN_M * KNOWN_M &&
         t->covariance[21] + t->covariance[28] + t->covariance[35] < KNOWN_M_S * KNOWN_M_S;
}

static void send_block(wf_cat062 *o, uint8_t *bytes, size_t records) {
  if (records == 0 || wf_asterix_block(62, bytes, records) != WF_OK) return;
  uv_buf_t buffer = uv_buf_init((char *)bytes, (unsigned)(3 + records));
  if (uv_udp_try_send(&o->handle, &buffer, 1, (struct sockaddr *)&o->to) < 0)
    o->failed++;
  else
    o->datagrams++;
}

static void leave_out(wf_cat062 *o, const wf_common_track *t, wf_publish_reason reason) {
  o->out_by[reason]++;
  if (o->left_count == LEFT_MAX) return;
  struct left_out *l = &o->left[o->left_count++];
  memcpy(l->label, t->label, sizeof l->label);
  l->reason = (uint8_t)reason;
}

void wf_cat062_picture(wf_cat062 *o, wf_time now, const wf_common_track *const *tracks, size_t count) {
  uint8_t bytes[DATAGRAM_MAX];
  size_t used = 0;
  if (wf_time_diff_s(now, o->sent_at) < o->config.every_s) return;
  o->sent_at = now;
  o->left_count = 0;
  for (size_t i = 0; i < count; i++) {
    const wf_track *t = &tracks[i]->track;
    if (t->life == WF_LIFE_ENDED || t->life == WF_LIFE_FAILED || t->life == WF_LIFE_LOST) continue;
    if (!known(t)) {  // a launch, not yet a track
      o->unknown++;
      continue;
    }
    wf_publish_track p = {.time = t->time,
                          .number = number_of(o, tracks[i]->number),
                          .tentative = t->life == WF_LIFE_TENTATIVE,
                          .simulated = o->config.mode != WF_MODE_LIVE,
                          .coasting = t->life == WF_LIFE_COASTING};
    size_t length = 0;
    memcpy(p.state, t->state, sizeof p.state);
    const wf_publish_reason reason = wf_publish_062(&o->editions, o->config.sac, o->config.sic, &p, &o->record);
    if (reason != WF_PUBLISH_OK) {
      leave_out(o, tracks[i], reason);
      continue;
    }
    uint8_t one[256];
    if (wf_asterix_encode(&o->record, one, sizeof one, &length) != WF_OK) continue;
    if (3 + used + length > sizeof bytes) {
      send_block(o, bytes, used);
      used = 0;
    }
    memcpy(bytes + 3 + used, one, length);
    used += length;
    o->sent++;
  }
  send_block(o, bytes, used);
}

json_t *wf_cat062_json(const wf_cat062 *o) {
  json_t *by = json_object(), *now = json_array();
  for (int i = 1; i < REASONS; i++)
    if (o->out_by[i] > 0)
      json_object_set_new(by, wf_publish_reason_name((wf_publish_reason)i), json_integer((json_int_t)o->out_by[i]));
  if (o->unknown > 0) json_object_set_new(by, "place_only", json_integer((json_int_t)o->unknown));
  for (uint32_t i = 0; i < o->left_count; i++)
    json_array_append_new(now, json_pack("{s:s,s:s}", "label", o->left[i].label, "reason",
                                         wf_publish_reason_name((wf_publish_reason)o->left[i].reason)));
  return json_pack("{s:I,s:I,s:I,s:o,s:o}", "sent", (json_int_t)o->sent, "datagrams", (json_int_t)o->datagrams,
                   "failed", (json_int_t)o->failed, "left_out", by, "now_left_out", now);
}

static int open_socket(wf_cat062 *o) {
  const wf_cat062_config *c = &o->config;
  const bool six = strchr(c->host, ':') != NULL;
  int code = six ? uv_ip6_addr(c->host, c->port, (struct sockaddr_in6 *)&o->to)
                 : uv_ip4_addr(c->host, c->port, (struct sockaddr_in *)&o->to);
  struct sockaddr_storage any = {0};
  if (code == 0)
    code =
        six ? uv_ip6_addr("::", 0, (struct sockaddr_in6 *)&any) : uv_ip4_addr("0.0.0.0", 0, (struct sockaddr_in *)&any);
  if (code == 0) code = uv_udp_bind(&o->handle, (struct sockaddr *)&any, 0);
  if (code == 0 && c->interface != NULL && c->interface[0] != '\0')
    code = uv_udp_set_multicast_interface(&o->handle, c->interface);
  return code;
}

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

wf_status wf_cat062_open(const wf_cat062_config *config, wf_cat062 **out, char reason[WF_IO_REASON_SIZE]) {
  wf_cat062 *o = calloc(1, sizeof *o);
  if (o == NULL) return WF_ENOMEM;
  o->config = *config;
  wf_asterix_editions_newest(&o->editions);
  uv_udp_init(config->loop, &o->handle);
  o->handle.data = o;
  const int code = open_socket(o);
  if (code == 0) {
    *out = o;
    return WF_OK;
  }
  snprintf(reason, WF_IO_REASON_SIZE, "publish_062 to %.100s port %u: %s", config->host, config->port,
           uv_strerror(code));
  wf_cat062_close(o);
  return WF_EIO;
}

void wf_cat062_close(wf_cat062 *o) {
  uv_close((uv_handle_t *)&o->handle, on_closed);
}
