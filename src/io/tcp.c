#include "io/tcp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/frames.h"
#include "wire/limits.h"

enum { CLIENTS_MAX = 16, BUFFER = 4 + WF_REPORT_MAX };

typedef struct client {
  struct wf_tcp *tcp;
  struct client *next;
  uv_tcp_t handle;
  bool closing;
  size_t used;
  uint8_t in[BUFFER];
} client;

struct wf_tcp {
  wf_tcp_config config;
  uv_tcp_t listener;
  unsigned handles;
  uint32_t client_count;
  bool closing;
  client *clients;
  wf_tcp_stats stats;
};

static void freed(wf_tcp *t) {
  if (--t->handles == 0 && t->closing) free(t);
}

static void on_client_closed(uv_handle_t *handle) {
  client *c = handle->data;
  wf_tcp *t = c->tcp;
  free(c);
  freed(t);
}

static void client_close(client *c) {
  if (c->closing) return;
  c->closing = true;
  client **at = &c->tcp->clients;
  while (*at != c) at = &(*at)->next;
  *at = c->next;
  c->tcp->client_count--;
  uv_close((uv_handle_t *)&c->handle, on_client_closed);
}

// The block at *at: its category, and its length in two octets that counts all three.
static wf_status next_block(wf_bytes stream, size_t *at, wf_bytes *block) {
  if (stream.size - *at < 3) return WF_EAGAIN;
  const uint8_t *p = stream.data + *at;
  const size_t size = (size_t)p[1] << 8 | p[2];
  if (size < 3) return WF_EINVAL;
  if (stream.size - *at < size) return WF_EAGAIN;
  *block = (wf_bytes){p, size};
  *at += size;
  return WF_OK;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  client *c = handle->data;
  *out = uv_buf_init((char *)c->in + c->used, (unsigned)(sizeof c->in - c->used));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buffer) {
  client *c = stream->data;
  wf_tcp *t = c->tcp;
  if (got < 0) {
    client_close(c);
    return;
  }
  c->used += (size_t)got;
  t->stats.bytes += (uint64_t)got;
  const wf_bytes all = {c->in, c->used};
  size_t at = 0;
  wf_bytes message = {0};
  wf_status status;
  while ((status = t->config.asterix ? next_block(all, &at, &message)
                                     : wf_frames_next(all, WF_REPORT_MAX, &at, &message)) == WF_OK) {
    t->stats.messages++;
    t->config.message(t->config.context, message);
  }
  if (status == WF_EINVAL) {
    t->stats.unsplittable++;
    client_close(c);
    return;
  }
  c->used -= at;
  memmove(c->in, c->in + at, c->used);
}

static void on_client(uv_stream_t *listener, int status) {
  wf_tcp *t = listener->data;
  client *c = status == 0 ? calloc(1, sizeof *c) : NULL;
  if (c == NULL) return;
  uv_tcp_init(t->config.loop, &c->handle);
  t->handles++;
  c->tcp = t;
  c->handle.data = c;
  c->next = t->clients;
  t->clients = c;
  t->client_count++;
  const uint32_t most = t->config.clients > 0 ? t->config.clients : CLIENTS_MAX;
  if (uv_accept(listener, (uv_stream_t *)&c->handle) != 0 || t->client_count > most) {
    t->stats.refused++;
    client_close(c);
    return;
  }
  t->stats.connections++;
  uv_tcp_keepalive(&c->handle, 1, 10);
  uv_read_start((uv_stream_t *)&c->handle, on_alloc, on_read);
}

static int listen_on(wf_tcp *t) {
  struct sockaddr_storage address = {0};
  const wf_tcp_config *c = &t->config;
  int code = strchr(c->host, ':') != NULL ? uv_ip6_addr(c->host, c->port, (struct sockaddr_in6 *)&address)
                                          : uv_ip4_addr(c->host, c->port, (struct sockaddr_in *)&address);
  if (code == 0) code = uv_tcp_bind(&t->listener, (struct sockaddr *)&address, 0);
  return code == 0 ? uv_listen((uv_stream_t *)&t->listener, 16, on_client) : code;
}

wf_status wf_tcp_open(const wf_tcp_config *config, wf_tcp **out, char reason[WF_IO_REASON_SIZE]) {
  wf_tcp *t = calloc(1, sizeof *t);
  if (t == NULL) return WF_ENOMEM;
  t->config = *config;
  uv_tcp_init(config->loop, &t->listener);
  t->listener.data = t;
  t->handles = 1;
  const int code = listen_on(t);
  if (code == 0) {
    *out = t;
    return WF_OK;
  }
  snprintf(reason, WF_IO_REASON_SIZE, "tcp %.100s port %u: %s", config->host, config->port, uv_strerror(code));
  wf_tcp_close(t);
  return WF_EIO;
}

static void on_closed(uv_handle_t *handle) {
  freed(handle->data);
}

void wf_tcp_close(wf_tcp *t) {
  t->closing = true;
  while (t->clients != NULL) client_close(t->clients);
  uv_close((uv_handle_t *)&t->listener, on_closed);
}

uint16_t wf_tcp_port(const wf_tcp *t) {
  struct sockaddr_storage address;
  int size = sizeof address;
  if (uv_tcp_getsockname(&t->listener, (struct sockaddr *)&address, &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                             : ((struct sockaddr_in *)&address)->sin_port);
}

void wf_tcp_stats_get(const wf_tcp *t, wf_tcp_stats *out) {
  *out = t->stats;
}
