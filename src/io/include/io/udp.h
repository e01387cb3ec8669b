// Sensor input: datagrams, unicast and multicast. One datagram is handed over as it came; the sensor room judges it.
#ifndef WF_IO_UDP_H
#define WF_IO_UDP_H

#include <uv.h>

#include "base/bytes.h"
#include "base/status.h"
#include "io/reason.h"

typedef struct wf_udp_config {
  uv_loop_t *loop;
  const char *host;       // "0.0.0.0", "::", or one address
  uint16_t port;          // 0: any free one (wf_udp_port says which)
  const char *group;      // multicast group to join; NULL or empty: none
  const char *interface;  // whose address joins; NULL or empty: the system's choice
  void *context;
  void (*datagram)(void *context, wf_bytes bytes);
} wf_udp_config;

typedef struct wf_udp wf_udp;
wf_status wf_udp_open(const wf_udp_config *config, wf_udp **out, char reason[WF_IO_REASON_SIZE]);
void wf_udp_close(wf_udp *udp);  // freed when the loop has run
uint16_t wf_udp_port(const wf_udp *udp);

typedef struct wf_udp_stats {
  uint64_t datagrams, bytes, truncated;
} wf_udp_stats;
void wf_udp_stats_get(const wf_udp *udp, wf_udp_stats *out);

#endif
