#include "io/udp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATAGRAM_MAX = 65536, RECEIVE_BUFFER = 4 * 1024 * 1024 };

struct wf_udp {
  wf_udp_config config;
  uv_udp_t handle;
  wf_udp_stats stats;
  char buffer[DATAGRAM_MAX];
};

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *out) {
  wf_udp *udp = handle->data;
  *out = uv_buf_init(udp->buffer, sizeof udp->buffer);
}

static void on_datagram(uv_udp_t *handle, ssize_t size, const uv_buf_t *buffer, const struct sockaddr *from,
                        unsigned flags) {
  wf_udp *udp = handle->data;
  if (size < 0 || from == NULL) return;  // nothing more to read, or an error of an earlier send by somebody
  udp->stats.datagrams++;
  udp->stats.bytes += (uint64_t)size;
  if (flags & UV_UDP_PARTIAL) {
    udp->stats.truncated++;
    return;
  }
  udp->config.datagram(udp->config.context, (wf_bytes){(const uint8_t *)buffer->base, (size_t)size});
}

static int bind_to(wf_udp *udp) {
  struct sockaddr_storage address = {0};
  const wf_udp_config *c = &udp->config;
  const int parsed = strchr(c->host, ':') != NULL ? uv_ip6_addr(c->host, c->port, (struct sockaddr_in6 *)&address)
                                                  : uv_ip4_addr(c->host, c->port, (struct sockaddr_in *)&address);
  if (parsed != 0) return parsed;
  const bool group = c->group != NULL && c->group[0] != '\0';
  int code = uv_udp_bind(&udp->handle, (struct sockaddr *)&address, group ? UV_UDP_REUSEADDR : 0);
  if (code == 0 && group)
    code = uv_udp_set_membership(&udp->handle, c->group,
                                 c->interface != NULL && c->interface[0] != '\0' ? c->interface : NULL, UV_JOIN_GROUP);
  if (code == 0) code = uv_udp_recv_start(&udp->handle, on_alloc, on_datagram);
  int size = RECEIVE_BUFFER;
  if (code == 0) uv_recv_buffer_size((uv_handle_t *)&udp->handle, &size);  // as much as the system grants
  return code;
}

static void on_closed(uv_handle_t *handle) {
  free(handle->data);
}

wf_status wf_udp_open(const wf_udp_config *config, wf_udp **out, char reason[WF_IO_REASON_SIZE]) {
  wf_udp *udp = calloc(1, sizeof *udp);
  if (udp == NULL) return WF_ENOMEM;
  udp->config = *config;
  uv_udp_init(config->loop, &udp->handle);
  udp->handle.data = udp;
  const int code = bind_to(udp);
  if (code == 0) {
    *out = udp;
    return WF_OK;
  }
  snprintf(reason, WF_IO_REASON_SIZE, "udp %.100s port %u%s%.60s: %s", config->host, config->port,
           config->group ? " group " : "", config->group ? config->group : "", uv_strerror(code));
  uv_close((uv_handle_t *)&udp->handle, on_closed);
  return WF_EIO;
}

void wf_udp_close(wf_udp *udp) {
  uv_udp_recv_stop(&udp->handle);
  uv_close((uv_handle_t *)&udp->handle, on_closed);
}

uint16_t wf_udp_port(const wf_udp *udp) {
  struct sockaddr_storage address;
  int size = sizeof address;
  if (uv_udp_getsockname(&udp->handle, (struct sockaddr *)&address, &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                             : ((struct sockaddr_in *)&address)->sin_port);
}

void wf_udp_stats_get(const wf_udp *udp, wf_udp_stats *out) {
  *out = udp->stats;
}
