// Sensor input over TCP: messages one behind the other, each handed over as it came. Watchfire's own reports have their
// length in front (4 bytes big-endian); ASTERIX blocks say it themselves. Who sends what cannot be split is cut off.
#ifndef WF_IO_TCP_H
#define WF_IO_TCP_H

#include <stdbool.h>
#include <uv.h>

#include "base/bytes.h"
#include "base/status.h"
#include "io/reason.h"

typedef struct wf_tcp_config {
  uv_loop_t *loop;
  const char *host;
  uint16_t port;     // 0: any free one (wf_tcp_port says which)
  bool asterix;      // blocks, instead of prefixed messages
  uint32_t clients;  // at once, at most (16)
  void *context;
  void (*message)(void *context, wf_bytes bytes);
} wf_tcp_config;

typedef struct wf_tcp wf_tcp;
wf_status wf_tcp_open(const wf_tcp_config *config, wf_tcp **out, char reason[WF_IO_REASON_SIZE]);
void wf_tcp_close(wf_tcp *tcp);  // freed when the loop has run
uint16_t wf_tcp_port(const wf_tcp *tcp);

typedef struct wf_tcp_stats {
  uint64_t connections, refused, messages, bytes, unsplittable;
} wf_tcp_stats;
void wf_tcp_stats_get(const wf_tcp *tcp, wf_tcp_stats *out);

#endif
