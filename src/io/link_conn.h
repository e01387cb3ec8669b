// One TLS connection of the links, and what the parts of the links share.
#ifndef WF_IO_LINK_CONN_H
#define WF_IO_LINK_CONN_H

#include <openssl/ssl.h>

#include "io/link.h"

typedef enum conn_state {
  CONN_CONNECTING,  // TCP on its way (dialled)
  CONN_HANDSHAKE,
  CONN_WELCOME,  // dialled, waiting for the acceptor's empty frame
  CONN_OPEN,
  CONN_LINGER,  // said goodbye; reads until the peer has ours, so that no reset destroys it
  CONN_DEAD,
} conn_state;

typedef struct conn {
  wf_links *links;
  struct conn *next;
  uv_poll_t poll;
  int fd, events;
  SSL *ssl;
  conn_state state;
  bool dialled, dirty;
  int partner;  // index, −1 while unknown
  wf_lane lane;
  uint64_t deadline_ms, opened_ms;
  wf_link_refusal refusal;  // set by the certificate callback
  bool refusal_set;
  wf_pki_subject subject;
  char address[64];
  uint8_t *in, *out;
  size_t in_size, in_used, out_size, out_used, out_done, credit_left;
} conn;

typedef struct link_slot {  // one lane of one partner
  conn *open, *dialling;
  uint64_t next_dial_ms;
  uint32_t backoff_ms;
  uv_getaddrinfo_t resolve;
  bool resolving;
  struct wf_links *links;
  int partner;
  wf_lane lane;
} link_slot;

struct wf_links {
  wf_links_config config;
  SSL_CTX *server, *client;
  uv_poll_t listener;
  int listen_fd;
  uint16_t port;
  uv_timer_t sweep;
  uv_idle_t again;  // a connection stopped reading at its budget and may hold decrypted data
  bool closing;
  uint32_t handles;  // open libuv handles and requests
  conn *conns;
  bool left_out[WF_NATION_MAX];  // partners that are not active
  link_slot slot[WF_NATION_MAX][2];
  wf_links_stats stats;
};

// ---- link_tls.c
wf_status link_tls_contexts(wf_links *links, char reason[WF_IO_REASON_SIZE]);
bool link_tls_offer_lane(SSL *ssl, wf_lane lane);
bool link_tls_lane(SSL *ssl, wf_lane *lane);
// Why the TLS library failed just now, by its error queue.
wf_link_refusal link_tls_refusal(const conn *c, char text[128]);

// ---- link_conn.c
conn *conn_new(wf_links *links, int fd, bool dialled);
void conn_start_handshake(conn *c);
bool conn_append(conn *c, wf_bytes frame);
void conn_flush(conn *c);
void conn_read(conn *c);
void conn_watch(conn *c, int events);
void conn_drop(conn *c);                      // at once, without a goodbye
void conn_lost(conn *c, const char *reason);  // tells, then drops
void conn_goodbye(conn *c);                   // close_notify, then linger
void conn_refuse(conn *c, wf_link_refusal refusal, const char *text);

// ---- link.c
void link_conn_open(conn *c);                      // handshake and welcome are done
void link_conn_lost(conn *c, const char *reason);  // an open or dialling connection is no more
uint64_t link_now_ms(const wf_links *links);

#endif
