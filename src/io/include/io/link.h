// Partner links: TLS 1.3 with certificates on both sides over one TCP port, two connections (lanes) per partner. Who
// the peer is comes from its verified certificate, never from what it says. docs/link.md has the bytes.
//
// The lexically lower nation dials both lanes; the lane is the ALPN protocol ("wf1-alerts", "wf1-bulk"). After the
// handshake the acceptor says welcome with an empty frame; the dialler's link is up when that arrives, so a refused
// certificate never looks like a short-lived link. A second connection for a lane replaces the first only then.
//
// Memory: pending_max connections without a partner's name (no frame buffer), two per partner and lane with one;
// a frame buffer grows with what has arrived, up to WF_FRAME_MAX; what waits to be written is bounded by out_max.
// All calls and callbacks are on the loop's thread. A callback may send or close; it may not free the links.
#ifndef WF_IO_LINK_H
#define WF_IO_LINK_H

#include <stddef.h>
#include <uv.h>

#include "exchange/exchange.h"
#include "io/pki.h"

typedef enum wf_link_refusal {
  WF_REFUSED_NOT_TLS = 0,
  WF_REFUSED_TLS_VERSION,
  WF_REFUSED_NO_CERTIFICATE,
  WF_REFUSED_UNKNOWN_AUTHORITY,
  WF_REFUSED_EXPIRED,
  WF_REFUSED_NOT_YET_VALID,
  WF_REFUSED_REVOKED,
  WF_REFUSED_UNKNOWN_NATION,
  WF_REFUSED_WRONG_NATION,
  WF_REFUSED_WRONG_MODE,
  WF_REFUSED_WRONG_ROLE,
  WF_REFUSED_BAD_CERTIFICATE,
  WF_REFUSED_WRONG_DIRECTION,
  WF_REFUSED_PROTOCOL,
  WF_REFUSED_TIMEOUT,
  WF_REFUSED_CROWDED,
  WF_REFUSED_OVERSIZED,
  WF_REFUSED_OVERRUN,
  WF_REFUSED_BY_PEER,
  WF_REFUSED_CLOSED_EARLY,
  WF_REFUSED_TLS,
  WF_REFUSED_COUNT
} wf_link_refusal;
const char *wf_link_refusal_name(wf_link_refusal refusal);

typedef struct wf_link_partner {
  wf_nation nation;
  const char *host;  // where it listens; needed when we dial it
  uint16_t port;
  const wf_pki_trust *trust;  // borrowed for the life of the links
} wf_link_partner;

typedef struct wf_links_config {
  uv_loop_t *loop;
  wf_nation nation;
  wf_mode mode;
  const char *certificate_path, *key_path;
  const char *listen_host;  // NULL: does not listen
  uint16_t listen_port;     // 0: any free one (wf_links_port says which)
  uint32_t partner_count;
  wf_link_partner partner[WF_NATION_MAX];
  uint32_t pending_max;      // connections before they have a name (64)
  uint32_t handshake_ms;     // (5000)
  uint32_t user_timeout_ms;  // TCP_USER_TIMEOUT (5000)
  uint32_t unsent_low;       // TCP_NOTSENT_LOWAT (16 KiB)
  uint32_t credit;           // bytes given to the core at a time (32 KiB)
  uint32_t out_max;          // above this a connection is closed: the core ignored its credit (1 MiB)
  void *context;
  void (*up)(void *context, wf_nation nation, wf_lane lane, const wf_pki_subject *subject);
  void (*down)(void *context, wf_nation nation, wf_lane lane, const char *reason);
  void (*frame)(void *context, wf_nation nation, wf_lane lane, wf_bytes frame);
  void (*writable)(void *context, wf_nation nation, wf_lane lane, size_t credit);
  // nation: who was dialled or named itself in a certificate; all-zero when unknown. address: "192.0.2.1:7000".
  void (*refused)(void *context, wf_link_refusal refusal, wf_nation nation, const char *address, const char *text);
} wf_links_config;

typedef struct wf_links wf_links;
wf_status wf_links_new(const wf_links_config *config, wf_links **out, char reason[WF_IO_REASON_SIZE]);
// Says goodbye on every connection, waits for the last to end (at most about half a second) and frees. Runs the loop.
void wf_links_free(wf_links *links);
// A new partner, or one that has another address from now on; its trust is borrowed. Of one that is not active nothing is
// dialled and nobody is let in; what is open is closed by wf_links_close.
wf_status wf_links_set(wf_links *links, const wf_link_partner *partner, bool active);
uint16_t wf_links_port(const wf_links *links);

// Queues one frame; WF_ENOTFOUND when that lane is not up. The bytes are copied.
wf_status wf_links_send(wf_links *links, wf_nation nation, wf_lane lane, wf_bytes frame);
void wf_links_close(wf_links *links, wf_nation nation, wf_lane lane, const char *reason);
// Writes what was queued; call once at the end of each loop turn.
void wf_links_flush(wf_links *links);

typedef struct wf_links_stats {
  uint64_t refused[WF_REFUSED_COUNT], accepted, dialled, opened, frames_in, frames_out, bytes_in, bytes_out;
  uint32_t pending, open;
} wf_links_stats;
void wf_links_stats_get(const wf_links *links, wf_links_stats *out);

#endif
